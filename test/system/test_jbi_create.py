"""A tagged bug becomes an issue: its fields, its links, and which actions are carried out."""
import pytest

from harness import Scene, action, bug, comment, delivery

PLAIN = ['create_issue', 'add_link_to_bugzilla', 'add_link_to_jira']


def described(scene, text, **fields):
    of = scene.bug(**fields)
    scene.sandbox.put_bug({'id': of['id'], 'comments': [comment(of['id'] * 10, text, 0)]})
    return of


def test_the_default_steps_write_this_and_nothing_else(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = described(scene, 'It **crashes**', summary='Crash on start', whiteboard='[dev] [other]')
    row = scene.tell(of)
    assert (row['verdict'], row['target'], row.get('reason')) == ('applied', 'jira:DEV-2', None)
    page = f'{sandbox.bugzilla}/show_bug.cgi?id={of["id"]}'
    icon = f'{sandbox.bugzilla}/favicon.ico'
    create, web_link, see_also, labels = scene.writes
    assert create[:2] == ('POST', 'issue')
    assert create[2]['fields'] == {'project': {'key': 'DEV'}, 'summary': 'Crash on start',
                                   'issuetype': {'name': 'Bug'}, 'description': 'It *crashes*'}
    assert web_link == ('POST', 'issue/DEV-2/remotelink', {
        'globalId': str(of['id']),
        'object': {'url': page, 'title': page, 'status': {'resolved': False},
                   'icon': {'url16x16': icon, 'title': icon}}})
    assert see_also == ('PUT', f'bug/{of["id"]}', {'see_also': {'add': [scene.url('DEV-2')]}})
    assert labels[:2] == ('PUT', 'issue/DEV-2')
    assert labels[2]['update']['labels'] == [{'add': 'bugzilla'}, {'add': 'dev'}, {'add': 'other'}]


def test_only_see_also_is_ever_written_to_bugzilla(serve, sandbox):
    everything = action(steps={'new': [*PLAIN, 'maybe_assign_jira_user', 'sync_whiteboard_labels'],
                               'existing': ['update_issue_summary', 'add_jira_comments_for_changes']})
    scene = Scene(serve, sandbox, everything)
    of = scene.bug(assigned_to='ada@example.org')
    scene.tell(of)
    of['summary'] = 'New words'
    sandbox.put_bug({'id': of['id'], 'summary': 'New words'})
    scene.tell(of, ('summary', 'a', 'New words'), ('status', 'NEW', 'ASSIGNED'))
    scene.say(of, comment(77, 'Hello'))
    at_bugzilla = [write for write in sandbox.writes() if write['service'] == 'bugzilla']
    assert [list(write['body']) for write in at_bugzilla] == [['see_also']]


MARKDOWN = [  # comment 0, the issue's description
    ('Plain.', 'Plain.'),
    ('', None),
    ('  \n Edges. \n\n', 'Edges.'),
    ('# Title\n\n**b** _i_ ~~s~~ `c`', 'h1. {anchor:title}Title\n*b* _i_ -s- {{c}}'),
    ('one\ntwo  \nthree', 'one two\nthree'),
    ('- a\n  - b\n1. c', '* a\n** b\n\n# c'),
    ('```c\nint x;\n```', '{code:c}\nint x;\n{code}'),
    ('> quoted', 'bq. quoted'),
    ('[t](http://u.org) and https://v.org.', '[t|http://u.org] and [https://v.org].'),
    ('| a | b |\n|---|---|\n| 1 | 2 |', '|| a || b ||\n| 1 | 2 |'),
    ('a*b snake_case {x} [y]', 'a*b snake_case \\{x\\} \\[y\\]'),
]


@pytest.mark.parametrize('text, becomes', MARKDOWN)
def test_the_description_is_converted(serve, sandbox, text, becomes):
    scene = Scene(serve, sandbox)
    assert scene.tell(described(scene, text))['verdict'] == 'applied'
    assert (scene.fields('DEV-2')['description'] or None) == becomes


def test_single_line_breaks_are_kept_when_the_bridge_says_so(serve, sandbox):
    scene = Scene(serve, sandbox, bridge='line_breaks: keep')
    scene.tell(described(scene, 'one\ntwo'))
    assert scene.fields('DEV-2')['description'] == 'one\ntwo'


@pytest.mark.parametrize('text, parameters, becomes', [
    ('one two three four', {'jira_char_limit': 10}, 'one two'),
    ('x' * 30, {'jira_char_limit': 10}, 'x' * 10),
    ('x' * 40000, {}, 'x' * 32667),
    ('😀' * 20000, {}, '😀' * 16383),
], ids=['at a word', 'one word', 'Jira counts no more', 'Jira counts UTF-16'])
def test_the_description_is_cut_at_a_word(serve, sandbox, text, parameters, becomes):
    scene = Scene(serve, sandbox, action(**parameters))
    assert scene.tell(described(scene, text))['verdict'] == 'applied'
    assert scene.fields('DEV-2')['description'] == becomes


def test_a_macro_is_not_left_open_by_the_cut(serve, sandbox):
    scene = Scene(serve, sandbox, action(jira_char_limit=60))
    scene.tell(described(scene, '```\n' + 'code and code\n' * 20 + '```'))
    description = scene.fields('DEV-2')['description']
    assert description.count('{noformat}') == 2 and len(description) <= 60


@pytest.mark.parametrize('summary, becomes', [
    ('Crash', 'Crash'),
    ('Line one\nline two\r\nline three', 'Line one line two  line three'),
    ('x' * 400, 'x' * 255),
    ('word ' * 80, ' '.join(['word'] * 50)),
    ('é' * 300, 'é' * 255),
    ('a | b {c} *d*', 'a | b {c} *d*'),
], ids=['plain', 'lines', 'one word', 'words', 'accents', 'no markup'])
def test_the_summary_is_one_line_of_at_most_255(serve, sandbox, summary, becomes):
    scene = Scene(serve, sandbox)
    assert scene.tell(scene.bug(summary=summary))['verdict'] == 'applied'
    assert scene.fields('DEV-2')['summary'] == becomes


def test_a_private_description_is_not_copied(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug()
    sandbox.put_bug({'id': of['id'], 'comments': [comment(5, 'Secret words', 0, is_private=True),
                                                  comment(6, 'Not the description', 1)]})
    row = scene.tell(of)
    assert (row['verdict'], row['reason']) == ('applied', 'the bug has no public description')
    assert not scene.fields('DEV-2')['description']


@pytest.mark.parametrize('how', [{}, {'action': 'modify', 'changes': [{'field': 'url', 'removed': '', 'added': 'x'}]}])
def test_any_event_of_a_tagged_bug_creates(serve, sandbox, how):
    scene = Scene(serve, sandbox)
    assert scene.tell(scene.bug(), **how)['target'] == 'jira:DEV-2'


def test_two_events_create_one_issue(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug()
    first, second = (scene.daemon.send(delivery(of, at=f'2026-11-20T10:00:0{i}')) for i in range(2))
    assert scene.daemon.verdict(first)['verdict'] == 'applied'
    assert scene.daemon.verdict(second)['verdict'] == 'unchanged'
    assert len([one for one in sandbox.issues() if one['key'].startswith('DEV-')]) == 2


def test_see_also_is_not_written_when_that_step_is_left_out_and_the_link_is_remembered(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'new': ['create_issue']}))
    of = scene.bug()
    assert scene.tell(of)['target'] == 'jira:DEV-2'
    assert [write[:2] for write in scene.writes] == [('POST', 'issue')]
    assert sandbox.bug(of['id'])['see_also'] == []
    sandbox.put_bug({'id': of['id'], 'summary': 'New words'})
    scene.tell(of, ('summary', 'a', 'New words'))
    assert scene.fields('DEV-2')['summary'] == 'New words'


# --- resync: the tag comes to a bug that has an issue already ---

def test_the_tag_coming_to_a_linked_bug_brings_everything_over(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={
        'new': [*PLAIN, 'maybe_assign_jira_user', 'maybe_update_issue_priority', 'sync_whiteboard_labels']}))
    of, key = scene.linked(assigned_to='ada@example.org', priority='P1', summary='Now')
    row = scene.tell(of, ('whiteboard', 'other', '[dev] other'))
    assert (row['verdict'], row['target']) == ('applied', f'jira:{key}')
    fields = scene.fields(key)
    assert (fields['summary'], fields['priority']['name']) == ('Now', 'P1')
    assert fields['assignee']['accountId'] == '712020:ada'
    assert fields['labels'] == ['bugzilla', 'dev']
    assert scene.issue(key)['remotelinks'][0]['globalId'] == str(of['id'])
    assert ('POST', 'issue') not in [write[:2] for write in scene.writes]
    assert not [write for write in scene.writes if write[1].startswith('bug/')]


@pytest.mark.parametrize('removed, added, is_resync', [
    ('', '[dev]', True), ('[DEV-x]', '[dev]', False), ('[dev]', '[dev] [x]', False), ('[dev] [x]', '[x]', False),
    ('[x]', '[x] [dev-y]', True)])
def test_only_a_tag_that_came_is_a_resync(serve, sandbox, removed, added, is_resync):
    scene = Scene(serve, sandbox, action(steps={'existing': []}))
    of, key = scene.linked(summary='Now')
    row = scene.tell(of, ('whiteboard', removed, added))
    assert (scene.fields(key)['summary'] == 'Now') == is_resync
    assert row['verdict'] == ('applied' if is_resync else 'unchanged')


# --- which actions are carried out ---

@pytest.mark.parametrize('whiteboard, matches', [
    ('[dev]', True), ('[DEV]', True), ('[dev-]', True), ('[dev-x-y z]', True), ('text [dev] text', True),
    ('[[dev]]', True), ('[x][dev]', True), ('[dev', False), ('dev', False), ('dev]', False), ('[x-dev]', False),
    ('[devx]', False), ('[ dev]', False), ('[dev ]', False), ('', False), ('[dev-open', False), ('[dev [dev]', True),
])
def test_tags(serve, sandbox, whiteboard, matches):
    scene = Scene(serve, sandbox)
    row = scene.tell(scene.bug(whiteboard=whiteboard))
    assert row['verdict'] == ('applied' if matches else 'discarded')
    if not matches:
        assert row['reason'] == 'no bug whiteboard matching action tags: dev'
        assert scene.writes == []


@pytest.mark.parametrize('tag', ['a.b', 'a+b', 'a(b', 'a*'])
def test_a_tag_is_literal_text(serve, sandbox, tag):
    scene = Scene(serve, sandbox, action(tag))
    assert scene.tell(scene.bug(whiteboard=f'[{tag}]'))['verdict'] == 'applied'
    assert scene.tell(scene.bug(whiteboard='[aab]'))['verdict'] == 'discarded'


def test_every_matching_action_makes_its_own_issue(serve, sandbox):
    scene = Scene(serve, sandbox, action('dev'), action('web', 'WEB'), action('third', 'OPS'))
    of = scene.bug(whiteboard='[dev][web-now]')
    assert scene.tell(of)['verdict'] == 'applied'
    assert sandbox.bug(of['id'])['see_also'] == [scene.url('DEV-2'), scene.url('WEB-2')]


def test_a_tag_matches_longer_tags_after_a_dash(serve, sandbox):
    scene = Scene(serve, sandbox, action('nimbus', 'DEV'), action('nimbus-sdk', 'WEB'))
    of = scene.bug(whiteboard='[nimbus-sdk]')
    scene.tell(of)
    assert sandbox.bug(of['id'])['see_also'] == [scene.url('DEV-2'), scene.url('WEB-2')]


def test_a_failing_action_does_not_stop_the_others(serve, sandbox):
    scene = Scene(serve, sandbox, action('dev'), action('web', 'WEB'))
    scene.daemon.expect('503', 'Service Unavailable')
    sandbox.fault(kind='status', status=503, service='jira', path='*/issue/DEV-2/remotelink')
    of = scene.bug(whiteboard='[dev][web]')
    row = scene.tell(of, wanted=['parked'])
    assert 'add_link_to_bugzilla' in row['reason'] and '[dev]' in row['reason']
    assert sandbox.bug(of['id'])['see_also'] == [scene.url('WEB-2')]
    units = {unit['rule']: unit for unit in scene.daemon.units(row['id'])}
    assert set(units) == {'bugzilla-to-jira[dev]', 'bugzilla-to-jira[web]'}


def test_a_refused_action_does_not_stop_the_others(serve, sandbox):
    scene = Scene(serve, sandbox, action('dev'), action('web', 'WEB'))
    of = scene.bug(whiteboard='[dev][web]', see_also=[scene.url('DEV-404')])
    row = scene.tell(of)
    assert (row['verdict'], row['reason']) == ('discarded', 'ignore unreadable issue DEV-404')
    assert scene.url('WEB-2') in sandbox.bug(of['id'])['see_also']


@pytest.mark.parametrize('others', [[], [action('web', 'WEB')]])
def test_an_action_that_is_not_enabled_does_nothing(serve, sandbox, others):
    scene = Scene(serve, sandbox, action(enabled=False), *others)
    row = scene.tell(scene.bug())
    assert row['verdict'] == 'discarded' and row['reason'].startswith('no bug whiteboard matching action tags: ')
    of, key = scene.linked(summary='Now')
    assert scene.tell(of, ('summary', 'a', 'Now'))['verdict'] == 'discarded'
    assert scene.writes == []


# --- an issue that people linked ---

@pytest.mark.parametrize('form', ['{}', '{}/', '{}?focusedCommentId=5', '{}#x', '{}/?a=b'])
def test_an_issue_that_is_in_see_also_is_taken(serve, sandbox, form):
    scene = Scene(serve, sandbox)
    key = scene.make_issue()
    of = scene.bug(see_also=['not an address', 'https://github.com/a/b/issues/1', form.format(scene.url(key))],
                   summary='New words')
    row = scene.tell(of, ('summary', 'a', 'New words'))
    assert row['target'] == f'jira:{key}'
    assert scene.fields(key)['summary'] == 'New words'


def test_the_first_issue_of_the_project_in_see_also_counts(serve, sandbox):
    scene = Scene(serve, sandbox)
    other, first, second = scene.make_issue('WEB'), scene.make_issue(), scene.make_issue()
    of = scene.bug(see_also=[scene.url(key) for key in (other, first, second)], summary='New words')
    assert scene.tell(of, ('summary', 'a', 'New words'))['target'] == f'jira:{first}'


@pytest.mark.parametrize('url', [
    'https://other.atlassian.net/browse/DEV-1', 'https://jira.example.org/browse/DEV-1',
    'https://127.0.0.1.example.org/browse/DEV-1', '{jira}/browse/dev-1', '{jira}/browse/DEVX-1', '{jira}/browse/XDEV-1',
])
def test_a_foreign_key_in_see_also_is_not_adopted(serve, sandbox, url):
    scene = Scene(serve, sandbox)
    of = scene.bug(see_also=[url.format(jira=sandbox.jira)])
    assert scene.tell(of)['target'] == 'jira:DEV-2'


def test_a_bug_whose_link_people_took_away_gets_a_new_issue(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug()
    assert scene.tell(of)['target'] == 'jira:DEV-2'
    sandbox.put_bug({'id': of['id'], 'see_also': []})
    assert scene.tell(of, ('see_also', scene.url('DEV-2'), ''))['target'] == 'jira:DEV-3'


def test_maybe_delete_duplicate_is_accepted_and_deletes_nothing(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'new': ['create_issue', 'maybe_delete_duplicate', 'add_link_to_jira'],
                                                'existing': ['maybe_delete_duplicate']}))
    of = scene.bug()
    assert scene.tell(of)['verdict'] == 'applied'
    assert scene.tell(of, ('summary', 'a', 'b'))['verdict'] == 'unchanged'
    assert not [one for one in sandbox.issues() if one['deleted']]


def test_create_comes_first_wherever_it_stands(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'new': ['add_link_to_jira', 'sync_whiteboard_labels', 'create_issue']}))
    of = scene.bug()
    assert scene.tell(of)['verdict'] == 'applied'
    assert scene.writes[0][:2] == ('POST', 'issue')
    assert sandbox.bug(of['id'])['see_also'] == [scene.url('DEV-2')]


def test_steps_that_do_not_create_make_no_issue(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'new': ['add_link_to_jira']}))
    row = scene.tell(scene.bug())
    assert row['verdict'] == 'discarded' and 'do not create it' in row['reason']
    assert scene.writes == []


def test_the_payload_may_be_older_than_the_bug(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug(summary='Newest', type='task')
    scene.tell(bug(of['id'], summary='Old', type='defect'))
    fields = scene.fields('DEV-2')
    assert (fields['summary'], fields['issuetype']['name']) == ('Newest', 'Task')
