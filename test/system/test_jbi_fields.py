"""The steps that set fields: summary, type, priority, severity, resolution, points, assignee, components."""
import json

import pytest

from harness import Scene, action, bug, comment, delivery

NEW = ['create_issue', 'add_link_to_jira']


def value_of(fields, name):
    """A field as people see it."""
    value = fields[name]
    return value.get('name', value.get('value')) if isinstance(value, dict) else value


# step, the bug's field, Jira's field, the values: bug → Jira (None: nothing is written)
MAPS = {
    'maybe_update_issue_priority': ('priority', 'priority', [
        ('P1', 'P1'), ('P5', 'P5'), ('--', 'None')]),
    'maybe_update_issue_severity': ('severity', 'customfield_10319', [
        ('S1', 'S1'), ('S4', 'S4'), ('N/A', 'N/A')]),
    'maybe_update_issue_points': ('cf_fx_points', 'customfield_10037', [
        ('1', 1), ('13', 13), ('?', 0)]),
}
MAPPED = [(step, *row[:2], *pair) for step, row in MAPS.items() for pair in row[2]]


@pytest.mark.parametrize('step, field, at_jira, value, becomes', MAPPED)
def test_default_maps_on_create(serve, sandbox, step, field, at_jira, value, becomes):
    scene = Scene(serve, sandbox, action(steps={'new': [*NEW, step]}))
    row = scene.tell(scene.bug(**{field: value}))
    assert row['verdict'] == 'applied' and 'reason' not in row
    assert value_of(scene.fields('DEV-2'), at_jira) == becomes


@pytest.mark.parametrize('step, field, at_jira, value, becomes', MAPPED)
def test_default_maps_on_update(serve, sandbox, step, field, at_jira, value, becomes):
    scene = Scene(serve, sandbox, action(steps={'existing': [step]}))
    of, key = scene.linked(**{field: value})
    row = scene.tell(of, (field, 'before', value))
    assert row['verdict'] == 'applied' and 'reason' not in row
    assert value_of(scene.fields(key), at_jira) == becomes
    assert len(scene.writes) == 1 and scene.writes[0][:2] == ('PUT', f'issue/{key}')


@pytest.mark.parametrize('step', MAPS)
@pytest.mark.parametrize('value', ['', '---'])
def test_an_empty_value_sets_nothing_on_create(serve, sandbox, step, value):
    field, at_jira, _ = MAPS[step]
    scene = Scene(serve, sandbox, action(steps={'new': [*NEW, step]}))
    row = scene.tell(scene.bug(**{field: value}))
    assert row['verdict'] == 'applied' and 'reason' not in row
    assert [write[0] for write in scene.writes] == ['POST', 'PUT']
    assert scene.fields('DEV-2')[at_jira] is None


@pytest.mark.parametrize('step, field, value, at_jira, before, after', [
    ('maybe_update_issue_priority', 'priority', '', 'priority', {'name': 'P1'}, 'None'),
    ('maybe_update_issue_severity', 'severity', '--', 'customfield_10319', {'value': 'S1'}, None),
    ('maybe_update_issue_severity', 'severity', '', 'customfield_10319', {'value': 'S1'}, None),
    ('maybe_update_issue_points', 'cf_fx_points', '---', 'customfield_10037', 8, 0),
])
def test_an_emptied_value_is_mapped_on_update(serve, sandbox, step, field, value, at_jira, before, after):
    scene = Scene(serve, sandbox, action(steps={'existing': [step]}))
    of, key = scene.linked(issue={at_jira: before}, **{field: value})
    assert scene.tell(of, (field, 'before', value))['verdict'] == 'applied'
    assert value_of(scene.fields(key), at_jira) == after


@pytest.mark.parametrize('step', MAPS)
def test_a_change_of_another_field_sets_nothing(serve, sandbox, step):
    scene = Scene(serve, sandbox, action(steps={'existing': [step]}))
    of, _ = scene.linked(cf_fx_points='3')
    assert scene.tell(of, ('url', '', 'http://x'))['verdict'] == 'unchanged'
    assert scene.writes == []


@pytest.mark.parametrize('step, field, value, name', [
    ('maybe_update_issue_priority', 'priority', 'High', 'priority_map'),
    ('maybe_update_issue_severity', 'severity', 'blocker', 'severity_map'),
    ('maybe_update_issue_points', 'cf_fx_points', '4', 'cf_fx_points_map'),
])
@pytest.mark.parametrize('group', ['new', 'existing'])
def test_a_value_that_is_not_in_the_map_is_noted_and_the_rest_goes_on(serve, sandbox, step, field, value, name, group):
    steps = [*NEW, step, 'sync_whiteboard_labels'] if group == 'new' else [step, 'update_issue_summary']
    scene = Scene(serve, sandbox, action(steps={group: steps}))
    if group == 'new':
        row, key = scene.tell(scene.bug(**{field: value})), 'DEV-2'
        assert 'bugzilla' in scene.fields(key)['labels']
    else:
        of, key = scene.linked(summary='New words', **{field: value})
        row = scene.tell(of, (field, 'before', value), ('summary', 'Old words', 'New words'))
        assert scene.fields(key)['summary'] == 'New words'
    assert row['verdict'] == 'applied'
    assert row['reason'] == f'{field} "{value}" is not in {name}'


@pytest.mark.parametrize('parameters, bug_fields, at_jira, becomes', [
    ({'priority_map': {'P1': 'Highest'}}, {'priority': 'P1'}, 'priority', 'Highest'),
    ({'priority_map': {'': 'Lowest'}}, {'priority': ''}, 'priority', 'Lowest'),
    ({'severity_map': {'major': 'S2'}}, {'severity': 'major'}, 'customfield_10319', 'S2'),
    ({'cf_fx_points_map': {'XL': 40}}, {'cf_fx_points': 'XL'}, 'customfield_10037', 40),
    ({'resolution_map': {'FIXED': 'Done'}}, {'status': 'RESOLVED', 'resolution': 'FIXED'}, 'resolution', 'Done'),
    ({'jira_priority_field': 'customfield_10319', 'priority_map': {'P1': 'S1'}}, {'priority': 'P1'}, None, None),
])
def test_given_maps_and_field_names(serve, sandbox, parameters, bug_fields, at_jira, becomes):
    steps = ['maybe_update_issue_priority', 'maybe_update_issue_severity', 'maybe_update_issue_points']
    steps += ['maybe_update_issue_resolution'] if 'resolution_map' in parameters else []
    scene = Scene(serve, sandbox, action(steps={'existing': steps}, **parameters))
    of, key = scene.linked(**bug_fields)
    field = list(bug_fields)[-1]
    if at_jira is None:  # {"name": …} is not what this field takes: refused, and the event waits for people
        scene.daemon.expect('customfield_10319')
        row = scene.tell(of, (field, 'before', bug_fields[field]))
        assert row['verdict'] == 'parked' and 'customfield_10319' in row['reason']
        assert scene.writes[0][2] == {'fields': {'customfield_10319': {'name': 'S1'}}}
        return
    assert scene.tell(of, (field, 'before', bug_fields[field]))['verdict'] == 'applied'
    assert value_of(scene.fields(key), at_jira) == becomes


def test_points_and_severity_go_to_the_configured_fields(serve, sandbox):
    scene = Scene(serve, sandbox, action(
        steps={'existing': ['maybe_update_issue_points']}, jira_cf_fx_points_field='customfield_99'))
    of, key = scene.linked(cf_fx_points='5')
    scene.daemon.expect('customfield_99')
    assert scene.tell(of, ('cf_fx_points', '---', '5'))['verdict'] == 'parked'
    assert scene.writes == [('PUT', f'issue/{key}', {'fields': {'customfield_99': 5}}, 400)]


@pytest.mark.parametrize('resolution, becomes, note', [
    ('WONTFIX', "Won't Do", None), ('INACTIVE', None, 'resolution "INACTIVE" is not in resolution_map')])
def test_resolution(serve, sandbox, resolution, becomes, note):
    scene = Scene(serve, sandbox, action(
        steps={'existing': ['maybe_update_issue_resolution']}, resolution_map={'WONTFIX': "Won't Do"}))
    of, key = scene.linked(status='RESOLVED', resolution=resolution)
    row = scene.tell(of, ('resolution', '', resolution))
    assert row.get('reason') == note
    assert value_of(scene.fields(key), 'resolution') == becomes


def test_a_field_that_is_right_already_is_not_written(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['maybe_update_issue_priority', 'update_issue_summary',
                                                             'maybe_update_issue_type']}))
    of, _ = scene.linked(issue={'priority': {'name': 'P1'}, 'summary': 'Same', 'issuetype': {'name': 'Bug'}},
                         priority='P1', summary='Same')
    row = scene.tell(of, ('priority', 'P2', 'P1'), ('summary', 'x', 'Same'), ('type', 'task', 'defect'))
    assert (row['verdict'], scene.writes) == ('unchanged', [])


def test_an_old_event_never_overwrites_newer_data(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['maybe_update_issue_priority', 'update_issue_summary']}))
    of, key = scene.linked(priority='P3', summary='Newest')
    scene.tell({**of, 'priority': 'P1', 'summary': 'Old'}, ('priority', 'P2', 'P1'), ('summary', 'x', 'Old'))
    assert value_of(scene.fields(key), 'priority') == 'P3'
    assert scene.fields(key)['summary'] == 'Newest'


# --- summary and type ---

@pytest.mark.parametrize('summary, parameters, becomes', [
    ('New words', {}, 'New words'),
    ('two\nlines\tand a tab', {}, 'two lines and a tab'),
    ('word ' * 60, {}, ' '.join(['word'] * 50)),
    ('x' * 300, {}, 'x' * 255),
    ('one two three four', {'jira_char_limit': 9}, 'one two'),
    ('😀' * 200, {}, '😀' * 127),
], ids=['plain', 'lines', 'words', 'one word', 'limit', 'UTF-16'])
def test_summary(serve, sandbox, summary, parameters, becomes):
    scene = Scene(serve, sandbox, action(**parameters))
    of, key = scene.linked(summary=summary)
    assert scene.tell(of, ('summary', 'Old', summary))['verdict'] == 'applied'
    assert scene.fields(key)['summary'] == becomes


def test_summary_is_left_alone_when_it_did_not_change(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['update_issue_summary']}))
    of, key = scene.linked(issue={'summary': 'Renamed by people'})
    assert scene.tell(of, ('priority', 'P1', 'P2'))['verdict'] == 'unchanged'
    assert scene.fields(key)['summary'] == 'Renamed by people'


@pytest.mark.parametrize('kind, parameters, becomes', [
    ('defect', {}, 'Bug'), ('task', {}, 'Task'), ('enhancement', {}, 'Task'),
    ('enhancement', {'issue_type_map': {'enhancement': 'Story'}}, 'Story'),
    ('defect', {'issue_type_map': {'enhancement': 'Story'}}, 'Task'),
])
@pytest.mark.parametrize('group', ['new', 'existing'])
def test_issue_type(serve, sandbox, kind, parameters, becomes, group):
    scene = Scene(serve, sandbox, action(steps={'new': NEW, 'existing': ['maybe_update_issue_type']}, **parameters))
    if group == 'new':
        scene.tell(scene.bug(type=kind))
        assert scene.fields('DEV-2')['issuetype']['name'] == becomes
        return
    of, key = scene.linked(issue={'issuetype': {'name': 'Epic'}}, type=kind)
    scene.tell(of, ('type', 'before', kind))
    assert scene.fields(key)['issuetype']['name'] == becomes


def test_issue_type_is_left_alone_when_it_did_not_change(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['maybe_update_issue_type']}))
    of, key = scene.linked(issue={'issuetype': {'name': 'Epic'}})
    assert scene.tell(of, ('summary', 'a', 'b'))['verdict'] == 'unchanged'
    assert scene.fields(key)['issuetype']['name'] == 'Epic'


# --- assignee ---

ASSIGN = action(steps={'new': [*NEW, 'maybe_assign_jira_user'], 'existing': ['maybe_assign_jira_user'],
                       'comment': ['maybe_assign_jira_user']})
TWINS = [('712020:t1', 'Twin One'), ('712020:t2', 'Twin Two')]


def twins(sandbox):
    """A Jira with two accounts of one address, instead of the usual one."""
    users = [{'accountId': '712020:bot', 'email': 'bot@example.org', 'token': 'sandbox-jira-token'}]
    users += [{'accountId': number, 'name': name, 'email': 'twin@example.org'} for number, name in TWINS]
    sandbox.control('POST', 'reset', {
        'jira': {'users': users, 'projects': [{'key': 'DEV', 'types': ['Task', 'Bug']}],
                 'issues': [{'project': 'DEV'}]},
        'bugzilla': {'users': [{'login': 'reporter@example.org'},
                               {'login': 'bot@example.org', 'api_key': 'sandbox-bugzilla-key'}]}})


def account(fields):
    return fields['assignee'] and fields['assignee']['accountId']


@pytest.mark.parametrize('mail, who, note', [
    ('ada@example.org', '712020:ada', None),
    ('ADA@example.org', '712020:ada', None),
    ('nobody@mozilla.org', None, None),
    ('unknown@example.org', None, 'jira has no single account for unknown@example.org'),
    ('gone@example.org', None, 'jira has no single account for gone@example.org'),
    ('twin@example.org', None, 'jira has no single account for twin@example.org'),
])
@pytest.mark.parametrize('group', ['new', 'existing'])
def test_assignee(serve, sandbox, mail, who, note, group):
    if mail.startswith('twin'):
        twins(sandbox)
    scene = Scene(serve, sandbox, ASSIGN)
    if group == 'new':
        row, key = scene.tell(scene.bug(assigned_to=mail)), 'DEV-2'
    else:
        before = TWINS[0][0] if mail.startswith('twin') else '712020:grace'
        of, key = scene.linked(issue={'assignee': {'accountId': before}}, assigned_to=mail)
        row = scene.tell(of, ('assigned_to', 'grace@example.org', mail))
        assert [write[1] for write in scene.writes] == [f'issue/{key}']
    assert row['verdict'] == 'applied' and row.get('reason') == note
    assert account(scene.fields(key)) == who


@pytest.mark.parametrize('group, who', [('new', None), ('existing', None)])
def test_an_assignee_that_jira_refuses_is_noted(serve, sandbox, group, who):
    scene = Scene(serve, sandbox, ASSIGN)
    of, key = (scene.bug(assigned_to='ada@example.org'), 'DEV-2') if group == 'new' else scene.linked(
        issue={'assignee': {'accountId': '712020:grace'}}, assigned_to='ada@example.org')
    sandbox.fault(kind='status', status=400, service='jira', method='PUT', path=f'*/issue/{key}',
                  body=json.dumps({'errors': {'assignee': "User 'ada' cannot be assigned issues."}}))
    row = scene.tell(of, *([] if group == 'new' else [('assigned_to', 'grace@example.org', 'ada@example.org')]))
    assert row['verdict'] == 'applied' and 'cannot be assigned' in row['reason']
    assert account(scene.fields(key)) == who


def test_the_assignee_is_left_alone_when_it_did_not_change_or_only_a_comment_came(serve, sandbox):
    scene = Scene(serve, sandbox, ASSIGN)
    of, key = scene.linked(issue={'assignee': {'accountId': '712020:grace'}}, assigned_to='ada@example.org')
    assert scene.tell(of, ('summary', 'a', 'b'))['verdict'] == 'unchanged'
    assert scene.say(of, comment(5, 'Hello'))['verdict'] == 'unchanged'
    assert account(scene.fields(key)) == '712020:grace'


# --- components ---

def parts(scene, key):
    return {one['name'] for one in scene.fields(key)['components']}


COMPONENTS = [  # jira_components, the bug's product and component, the issue's components, note
    ({}, 'Core', 'Backend', {'Backend'}, None),
    ({'use_bug_component': False}, 'Core', 'Backend', set(), None),
    ({'use_bug_component': False, 'use_bug_product': True}, 'Main', 'Backend', {'Main'}, None),
    ({'use_bug_product': True}, 'Main', 'Backend', {'Main', 'Backend'}, None),
    ({'set_custom_components': ['Main', 'Frontend'], 'use_bug_component': False}, 'x', 'y', {'Main', 'Frontend'}, None),
    ({}, 'Core', 'Graphics', set(), 'project DEV has no component "Graphics"'),
    ({'set_custom_components': ['Main']}, 'Core', 'Graphics', {'Main'}, 'project DEV has no component "Graphics"'),
    ({'use_bug_component': False, 'use_bug_component_with_product_prefix': True}, 'Core', 'Backend', set(),
     'project DEV has no component "Core::Backend"'),
    ({'create_components': True}, 'Core', 'Graphics', {'Graphics'}, None),
    ({'create_components': True, 'set_custom_components': ['Main']}, 'Core', 'Graphics', {'Main', 'Graphics'}, None),
    ({'create_components': True, 'use_bug_component_with_product_prefix': True}, 'Core', 'Backend',
     {'Backend', 'Core::Backend'}, None),
]


@pytest.mark.parametrize('given, product, component, becomes, note', COMPONENTS)
@pytest.mark.parametrize('group', ['new', 'existing'])
def test_components(serve, sandbox, given, product, component, becomes, note, group):
    scene = Scene(serve, sandbox, action(
        steps={'new': [*NEW, 'maybe_update_components'], 'existing': ['maybe_update_components']},
        jira_components=given))
    fields = {'product': product, 'component': component}
    if group == 'new':
        row, key = scene.tell(scene.bug(**fields)), 'DEV-2'
    else:
        of, key = scene.linked(**fields)
        row = scene.tell(of, ('priority', 'P1', 'P2'))
    assert parts(scene, key) == becomes
    assert row.get('reason') == (note or ('nothing to change' if row['verdict'] == 'unchanged' else None))


UPDATE_PARTS = {'existing': ['maybe_update_components']}


def test_components_of_people_are_kept(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps=UPDATE_PARTS))
    of, key = scene.linked(issue={'components': [{'name': 'Main'}]}, component='Backend')
    assert scene.tell(of, ('component', 'Old', 'Backend'))['verdict'] == 'applied'
    assert parts(scene, key) == {'Main', 'Backend'}


def test_the_component_that_the_bug_left_is_removed(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps=UPDATE_PARTS))
    of, key = scene.linked(issue={'components': [{'name': 'Main'}, {'name': 'Backend'}]}, component='Frontend')
    scene.tell(of, ('component', 'Backend', 'Frontend'))
    assert parts(scene, key) == {'Main', 'Frontend'}


def test_components_that_are_there_are_not_written_again(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps=UPDATE_PARTS))
    of, _ = scene.linked(issue={'components': [{'name': 'Backend'}]}, component='Backend')
    assert scene.tell(of, ('summary', 'a', 'b'))['verdict'] == 'unchanged'
    assert scene.writes == []


def test_components_that_jira_refuses_are_noted_and_the_rest_goes_on(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['maybe_update_components', 'update_issue_summary']}))
    of, key = scene.linked(component='Backend', summary='New words')
    sandbox.fault(kind='status', status=400, service='jira', method='PUT', path=f'*/issue/{key}',
                  body=json.dumps({'errors': {'components': 'not on the screen'}}))
    row = scene.tell(of, ('summary', 'a', 'New words'))
    assert row['verdict'] == 'applied' and 'not on the screen' in row['reason']
    assert scene.fields(key)['summary'] == 'New words'
