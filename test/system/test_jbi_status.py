"""maybe_update_issue_status: the map, the workflow, Cancelled; and comments for changes."""
import json

import pytest

from harness import Scene, action

MAP = {'NEW': 'To Do', 'ASSIGNED': 'In Progress', 'FIXED': 'Done', 'WONTFIX': 'Cancelled', 'IN_PROGRESS': 'in review'}


def by_status(project='DEV', **parameters):
    return action(project=project, **{'status_map': MAP, 'steps': {
        'new': ['create_issue', 'add_link_to_jira', 'maybe_update_issue_status'],
        'existing': ['maybe_update_issue_status'], 'comment': ['maybe_update_issue_status']}, **parameters})


def status(scene, key):
    return scene.fields(key)['status']['name']


CASES = [  # status, resolution, becomes
    ('NEW', '', 'To Do'), ('ASSIGNED', '', 'In Progress'), ('RESOLVED', 'FIXED', 'Done'),
    ('VERIFIED', 'FIXED', 'Done'), ('ASSIGNED', '---', 'In Progress'), ('IN_PROGRESS', '', 'In Review'),
]


@pytest.mark.parametrize('at_bug, resolution, becomes', CASES)
def test_status_on_create(serve, sandbox, at_bug, resolution, becomes):
    scene = Scene(serve, sandbox, by_status())
    row = scene.tell(scene.bug(status=at_bug, resolution=resolution))
    assert row['verdict'] == 'applied' and 'reason' not in row
    assert status(scene, 'DEV-2') == becomes


@pytest.mark.parametrize('at_bug, resolution, becomes', CASES)
@pytest.mark.parametrize('changed', ['status', 'resolution'])
def test_status_on_update(serve, sandbox, at_bug, resolution, becomes, changed):
    scene = Scene(serve, sandbox, by_status())
    of, key = scene.linked(status=at_bug, resolution=resolution)
    row = scene.tell(of, (changed, 'before', of[changed]))
    assert row['verdict'] == 'applied' and 'reason' not in row
    assert status(scene, key) == becomes
    assert len(scene.writes) == 1 and set(scene.writes[0][2]) == {'transition'}


@pytest.mark.parametrize('at_bug, resolution, note', [
    ('REOPENED', '', 'status "REOPENED" is not in status_map'),
    ('RESOLVED', 'MOVED', 'resolution "MOVED" is not in status_map')])
@pytest.mark.parametrize('group', ['new', 'existing', 'other field'])
def test_a_status_that_is_not_in_the_map_is_noted(serve, sandbox, at_bug, resolution, note, group):
    scene = Scene(serve, sandbox, by_status())
    if group == 'new':
        row = scene.tell(scene.bug(status=at_bug, resolution=resolution))
    else:
        of, key = scene.linked(status=at_bug, resolution=resolution)
        row = scene.tell(of, ('status' if group == 'existing' else 'summary', 'before', 'after'))
    assert row['verdict'] == ('applied' if group == 'new' else 'unchanged')
    assert row['reason'] == note


def test_a_change_of_another_field_leaves_the_status_alone(serve, sandbox):
    scene = Scene(serve, sandbox, by_status())
    of, key = scene.linked(status='ASSIGNED')
    assert scene.tell(of, ('summary', 'a', 'b'))['verdict'] == 'unchanged'
    assert status(scene, key) == 'Backlog'


def test_an_issue_that_is_there_already_is_left_alone(serve, sandbox):
    scene = Scene(serve, sandbox, by_status())
    of, key = scene.linked(status='ASSIGNED')
    scene.tell(of, ('status', 'NEW', 'ASSIGNED'))
    row = scene.tell(of, ('status', 'NEW', 'ASSIGNED'))
    assert (row['verdict'], row['reason'], scene.writes) == ('unchanged', 'nothing to change', [])
    assert row['target'] == f'jira:{key}'
    assert status(scene, key) == 'In Progress'


def test_a_new_issue_that_begins_in_the_wanted_status(serve, sandbox):
    scene = Scene(serve, sandbox, by_status(status_map={'NEW': 'backlog'}))
    row = scene.tell(scene.bug(status='NEW'))
    assert (row['verdict'], row.get('reason')) == ('applied', None)
    assert not [write for write in scene.writes if write[1].endswith('/transitions')]


def test_a_status_that_the_workflow_does_not_offer_is_said_once_and_the_rest_goes_on(serve, sandbox):
    scene = Scene(serve, sandbox, by_status('OPS', steps={'existing': [
        'maybe_update_issue_status', 'update_issue_summary']}))
    of, key = scene.linked('OPS', status='RESOLVED', resolution='FIXED', summary='New words')
    row = scene.tell(of, ('resolution', '', 'FIXED'), ('status', 'NEW', 'RESOLVED'), ('summary', 'a', 'New words'))
    assert row['verdict'] == 'applied'
    assert row['reason'] == 'status "Done" is not offered from "To Do"; offered: In Progress, Cancelled'
    assert status(scene, key) == 'To Do'
    assert scene.fields(key)['summary'] == 'New words'


def test_a_transition_that_wants_more_than_we_have_is_noted(serve, sandbox):
    scene = Scene(serve, sandbox, by_status('OPS'))
    of, key = scene.linked('OPS', status='RESOLVED', resolution='FIXED')
    for step in ('Start', 'Review'):
        offered = scene.jira('GET', f'issue/{key}/transitions')['transitions']
        number = next(one['id'] for one in offered if one['name'] == step)
        scene.jira('POST', f'issue/{key}/transitions', {'transition': {'id': number}})
    row = scene.tell(of, ('status', 'NEW', 'RESOLVED'))
    assert row['verdict'] == 'unchanged' and 'Resolution is required' in row['reason']
    assert status(scene, key) == 'In Review'


@pytest.mark.parametrize('project, resolution', [('JB', 'Invalid'), ('DEV', 'Done')])
@pytest.mark.parametrize('group', ['new', 'existing'])
def test_cancelled_says_so_and_resolves_where_the_screen_lets_it(serve, sandbox, project, resolution, group):
    scene = Scene(serve, sandbox, by_status(project))
    fields = {'status': 'RESOLVED', 'resolution': 'WONTFIX'}
    if group == 'new':
        key = scene.tell(scene.bug(**fields))['target'].removeprefix('jira:')
    else:
        of, key = scene.linked(project, **fields)
        assert scene.tell(of, ('resolution', '', 'WONTFIX'))['verdict'] == 'applied'
    assert status(scene, key) == 'Cancelled'
    assert scene.comments(key) == ['Issue was cancelled.']
    body = scene.writes[-1][2]
    assert body.get('fields') == ({'resolution': {'name': 'Invalid'}} if project == 'JB' else None)
    assert scene.fields(key)['resolution']['name'] == resolution  # without one the sandbox's workflow takes its first


def test_status_then_resolution(serve, sandbox):
    scene = Scene(serve, sandbox, action(
        status_map={'FIXED': 'Done'}, resolution_map={'FIXED': 'Fixed'},
        steps={'existing': ['maybe_update_issue_status', 'maybe_update_issue_resolution']}))
    of, key = scene.linked(status='RESOLVED', resolution='FIXED')
    assert scene.tell(of, ('status', 'NEW', 'RESOLVED'), ('resolution', '', 'FIXED'))['verdict'] == 'applied'
    fields = scene.fields(key)
    assert (fields['status']['name'], fields['resolution']['name']) == ('Done', 'Fixed')


# --- add_jira_comments_for_changes ---

CHANGES = [  # the bug, what changed, the comments
    ({'status': 'ASSIGNED'}, [('status', 'NEW', 'ASSIGNED')],
     [{'modified by': 'ada@example.org', 'resolution': '', 'status': 'ASSIGNED'}]),
    ({'status': 'RESOLVED', 'resolution': 'FIXED'}, [('resolution', '', 'FIXED')],
     [{'modified by': 'ada@example.org', 'resolution': 'FIXED', 'status': 'RESOLVED'}]),
    ({'status': 'RESOLVED', 'resolution': 'FIXED'}, [('resolution', '', 'FIXED'), ('status', 'NEW', 'RESOLVED')],
     [{'modified by': 'ada@example.org', 'resolution': 'FIXED', 'status': 'RESOLVED'}]),
    ({'assigned_to': 'grace@example.org'}, [('assigned_to', 'nobody@mozilla.org', 'grace@example.org')],
     [{'assignee': 'grace@example.org'}]),
    ({'assigned_to': 'grace@example.org', 'status': 'ASSIGNED'},
     [('assigned_to', 'nobody@mozilla.org', 'grace@example.org'), ('status', 'NEW', 'ASSIGNED')],
     [{'assignee': 'grace@example.org'},
      {'modified by': 'ada@example.org', 'resolution': '', 'status': 'ASSIGNED'}]),
    ({}, [('priority', 'P1', 'P2'), ('summary', 'a', 'b')], []),
]


@pytest.mark.parametrize('fields, changes, wanted', CHANGES)
def test_comments_for_changes(serve, sandbox, fields, changes, wanted):
    scene = Scene(serve, sandbox, action(steps={'existing': ['add_jira_comments_for_changes']}))
    of, key = scene.linked(**fields)
    row = scene.tell(of, *changes)
    assert row['verdict'] == ('applied' if wanted else 'unchanged')
    assert scene.comments(key) == [json.dumps(one, indent=4) for one in wanted]


def test_a_comment_for_a_change_by_nobody_and_with_accents(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['add_jira_comments_for_changes']}))
    of, key = scene.linked(assigned_to='élise@example.org', status='ASSIGNED')
    scene.tell(of, ('status', 'NEW', 'ASSIGNED'), user=None)
    scene.tell(of, ('assigned_to', 'x', 'élise@example.org'))
    assert [json.loads(one) for one in scene.comments(key)] == [
        {'modified by': 'unknown', 'resolution': '', 'status': 'ASSIGNED'}, {'assignee': 'élise@example.org'}]
    assert '\\u00e9lise' in scene.comments(key)[1]


def test_a_change_told_by_two_webhooks_is_commented_once(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['add_jira_comments_for_changes']}))
    of, key = scene.linked(status='ASSIGNED')
    rows = [scene.tell(of, ('status', 'NEW', 'ASSIGNED'), hook=hook, at='2026-11-20T12:00:00') for hook in (1, 2)]
    assert [row['verdict'] for row in rows] == ['applied', 'unchanged']
    assert rows[0]['id'] != rows[1]['id']
    assert len(scene.comments(key)) == 1


def test_each_change_of_status_is_commented(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['add_jira_comments_for_changes']}))
    of, key = scene.linked(status='ASSIGNED')
    scene.tell(of, ('status', 'NEW', 'ASSIGNED'), at='2026-11-20T12:00:00')
    scene.tell(of, ('status', 'ASSIGNED', 'NEW'), at='2026-11-20T12:00:00')
    scene.tell(of, ('status', 'NEW', 'ASSIGNED'), at='2026-11-20T12:00:09')
    assert len(scene.comments(key)) == 3
