"""Other servers than the usual two: stock Bugzilla, Jira Server; the given action files; recorded deliveries."""
import json
import re

import pytest

from harness import HOOK_KEY, SHARED, Scene, action, bug, comment, delivery, request, until

JIRA = {
    'statuses': [{'name': 'Backlog', 'category': 'new'}, {'name': 'Done', 'category': 'done'}],
    'priorities': ['P1', 'P2', 'None'], 'resolutions': ['Done', 'Fixed'],
    'link_types': [{'name': 'Blocks', 'inward': 'is blocked by', 'outward': 'blocks'}],
    'projects': [{'key': 'DEV', 'types': ['Task', 'Bug'], 'components': ['Main']}],
    'issues': [{'project': 'DEV', 'summary': 'Here before'}],
}
BUGZILLA = {'users': [
    {'login': 'reporter@example.org'}, {'login': 'bot@example.org', 'api_key': 'sandbox-bugzilla-key'},
    {'login': 'ada@example.org'}]}


def reset(sandbox, jira=None, bugzilla=None):
    bot = {'accountId': 'bot', 'email': 'bot@example.org', 'token': 'sandbox-jira-token'}
    users = [{**bot, **(jira or {}).pop('bot', {})}, {'accountId': 'ada', 'email': 'ada@example.org'}]
    sandbox.control('POST', 'reset', {'jira': {**JIRA, 'users': users, **(jira or {})},
                                      'bugzilla': {**BUGZILLA, **(bugzilla or {})}})


# --- stock Bugzilla: the header is ignored, there is no whoami, the key goes in the query ---

def stock(serve, sandbox, *actions, **more):
    reset(sandbox, bugzilla={'flavour': 'stock'})
    return Scene(serve, sandbox, *actions, **more)


def asked(sandbox, last=0):
    return [one for one in sandbox.exchanges(last) if one['service'] == 'bugzilla']


@pytest.mark.parametrize('where, keyless', [('auto', True), ('query', False)])
def test_stock_bugzilla_gets_the_key_in_the_query(serve, sandbox, where, keyless):
    scene = stock(serve, sandbox, bugzilla=f'api_key_in: {where}')
    if where == 'query':
        scene.daemon.expect('api_key_in: query')
    of = scene.bug(creator='bot@example.org', groups=[], priority='P1')
    row = scene.tell(of)
    assert (row['verdict'], row['target']) == ('applied', 'jira:DEV-2'), row
    of_bug = [one['query'] for one in asked(sandbox) if '/rest/bug/' in one['path']]
    assert any('sandbox-bugzilla-key' in query for query in of_bug), of_bug
    assert any('sandbox-bugzilla-key' not in query for query in of_bug) == keyless
    assert b'sandbox-bugzilla-key' not in scene.daemon.get(f'/api/v1/events/{row["id"]}').body


def test_stock_bugzilla_and_a_private_bug(serve, sandbox):
    scene = stock(serve, sandbox)
    of = scene.bug(creator='bot@example.org')
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security']})
    row = scene.tell(of)
    assert (row['verdict'], row['reason']) == ('discarded', 'private bugs are not supported')


def test_stock_bugzilla_and_a_bug_of_others(serve, sandbox):
    scene = stock(serve, sandbox)
    of = scene.bug(creator='ada@example.org')
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security']})
    row = scene.tell(of)
    assert row['verdict'] == 'discarded' and 'not authorized to access bug' in row['reason']


def test_stock_bugzilla_gives_addresses_and_comments(serve, sandbox):
    scene = stock(serve, sandbox, action(steps={
        'new': ['create_issue', 'add_link_to_jira', 'maybe_assign_jira_user'], 'comment': ['create_comment']}))
    of = scene.bug(assigned_to='ada@example.org')
    assert scene.tell(of)['verdict'] == 'applied'
    assert scene.fields('DEV-2')['assignee']['accountId'] == 'ada'
    assert scene.fields('DEV-2')['description'] == 'Description'
    of['see_also'] = [scene.url('DEV-2')]
    assert scene.say(of, comment(70, 'Hello'))['verdict'] == 'applied'


def test_stock_bugzilla_gives_attachments(serve, sandbox):
    scene = stock(serve, sandbox, action(steps={'attachment': ['create_comment']}))
    of, key = scene.linked()
    log = {'id': 5, 'content_type': 'text/plain', 'description': 'A log', 'file_name': 'log.txt', 'is_private': False}
    sandbox.put_bug({'id': of['id'], 'attachment': log})
    assert scene.deliver(delivery({**of, 'attachment': log}, target='attachment'))['verdict'] == 'applied'
    assert len(scene.comments(key)) == 1
    queries = [one['query'] for one in asked(sandbox) if one['path'].endswith('/attachment')]
    assert queries == ['exclude_fields=data', 'exclude_fields=data&api_key=sandbox-bugzilla-key'], queries
    sandbox.put_bug({'id': of['id'], 'attachment': {**log, 'is_private': True}})
    row = scene.deliver(delivery({**of, 'attachment': log}, target='attachment'))
    assert (row['verdict'], row['reason']) == ('discarded', 'the attachment is not there, or not for everybody')
    assert len(scene.comments(key)) == 1


def test_stock_bugzilla_and_a_wrong_key(serve, sandbox):
    reset(sandbox, bugzilla={'flavour': 'stock', 'users': [
        {'login': 'reporter@example.org'}, {'login': 'bot@example.org', 'api_key': 'another key'}]})
    scene = Scene(serve, sandbox)
    scene.daemon.expect('verdict', 'breaker')
    of = bug(1001, creator='bot@example.org')
    sandbox.put_bug(of)
    assert scene.tell(of, wanted=['parked'])['held_by'] == 'bugzilla'
    why = until(lambda: [row for row in scene.daemon.log() if row['message'] == 'breaker opened'], 'the breaker to open')
    assert (why[0]['tracker'], why[0]['class']) == ('bugzilla', 'auth') and 'API key' in why[0]['reason']
    assert sandbox.writes() == []


def test_the_health_of_stock_bugzilla(serve, sandbox):
    scene = stock(serve, sandbox)
    code, out, _ = scene.daemon.command('check', '--online')
    assert re.search(r'^ok +bugzilla\.up', out, re.M), out
    assert re.search(r'^(error|warning) +bugzilla\.all_webhooks_enabled', out, re.M), out


# --- an account that sees everything ---

def all_seeing(serve, sandbox):
    reset(sandbox, bugzilla={'users': [
        {'login': 'reporter@example.org'},
        {'login': 'bot@example.org', 'api_key': 'sandbox-bugzilla-key', 'privileged': True}]})
    return Scene(serve, sandbox, action(steps={'existing': ['sync_dependencies']}))


def test_an_all_seeing_account_copies_no_private_bug(serve, sandbox):
    scene = all_seeing(serve, sandbox)
    of = scene.bug()
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security']})
    assert scene.tell(of)['reason'] == 'private bugs are not supported'
    assert sandbox.writes() == []


def test_an_all_seeing_account_copies_no_private_description(serve, sandbox):
    scene = all_seeing(serve, sandbox)
    of = scene.bug()
    sandbox.put_bug({'id': of['id'], 'comments': [comment(5, 'Secret words', 0, is_private=True)]})
    assert scene.tell(of)['reason'] == 'the bug has no public description'
    assert not scene.fields('DEV-2')['description']


def test_an_all_seeing_account_copies_no_comment_that_is_private_by_now(serve, sandbox):
    scene = all_seeing(serve, sandbox)
    of, key = scene.linked()
    sandbox.put_bug({'id': of['id'], 'comment': comment(70, 'Secret words', is_private=True)})
    row = scene.deliver(delivery({**of, 'comment': comment(70, 'Secret words')}, target='comment'))
    assert row['reason'] == 'private comments are not supported'
    assert scene.comments(key) == []


def test_an_all_seeing_account_links_no_private_bug(serve, sandbox):
    scene = all_seeing(serve, sandbox)
    secret, _ = scene.linked(groups=['core-security'], is_private=True)
    of, key = scene.linked(depends_on=[secret['id']])
    assert 'is not accessible' in scene.tell(of, ('depends_on', '', str(secret['id'])))['reason']
    assert scene.links(key) == set()


# --- Jira Server and Data Center: a bearer token, people by name ---

@pytest.fixture
def server(serve, sandbox):
    def start(*actions):
        reset(sandbox, jira={'deployment': 'Server', 'bot': {'bearer': True}})
        scene = Scene(serve, sandbox, *actions, user=None)
        scene.jira = bearer_jira(sandbox)
        return scene
    return start


def bearer_jira(sandbox):
    def call(method, path, body=None):
        answer = request(method, f'{sandbox.jira}/rest/api/2/{path}', body,
                         {'Authorization': 'Bearer sandbox-jira-token'})
        assert answer.status < 300, (path, answer.status, answer.body)
        return answer.json if answer.body else None
    return call


def test_jira_server(server, sandbox):
    scene = server(action(steps={
        'new': ['create_issue', 'add_link_to_bugzilla', 'add_link_to_jira', 'maybe_assign_jira_user',
                'maybe_update_components', 'sync_whiteboard_labels'],
        'existing': ['update_issue_summary', 'maybe_assign_jira_user'], 'comment': ['create_comment']}))
    of = scene.bug(assigned_to='ada@example.org', component='Main')
    row = scene.tell(of)
    assert (row['verdict'], row['target'], row.get('reason')) == ('applied', 'jira:DEV-2', None)
    fields = scene.fields('DEV-2')
    assert fields['assignee']['name'] == 'ada' and fields['labels'] == ['bugzilla', 'dev']
    assert [one['name'] for one in fields['components']] == ['Main']
    of['see_also'] = [scene.url('DEV-2')]
    sandbox.put_bug({'id': of['id'], 'summary': 'New words', 'assigned_to': 'nobody@mozilla.org'})
    scene.tell(of, ('summary', 'a', 'New words'), ('assigned_to', 'ada@example.org', 'nobody@mozilla.org'))
    assert (scene.fields('DEV-2')['summary'], scene.fields('DEV-2')['assignee']) == ('New words', None)
    assert scene.say(of, comment(70, 'Hello'))['verdict'] == 'applied'


def test_a_lost_answer_of_jira_server_makes_no_second_issue(server, sandbox):
    scene = server()
    scene.daemon.expect('verdict')
    sandbox.fault(kind='close', apply=True, service='jira', method='POST', path='*/rest/api/2/issue')
    event = scene.daemon.send(delivery(scene.bug()))
    scene.daemon.verdict(event, 'parked')
    issues = [one['key'] for one in sandbox.issues()]
    assert issues == ['DEV-1', 'DEV-2']


def test_a_lost_answer_of_a_jira_server_that_nobody_calls_one(serve, sandbox):
    """With a user it is taken for Cloud, until a search finds out."""
    reset(sandbox, jira={'deployment': 'Server'})
    scene = Scene(serve, sandbox, jira='search_lag: 0s')
    scene.daemon.expect('"verdict": "parked"')
    sandbox.fault(kind='close', apply=True, service='jira', method='POST', path='*/rest/api/2/issue')
    event = scene.daemon.send(delivery(scene.bug()))
    scene.daemon.verdict(event, 'parked')
    assert scene.daemon.command('retry', event)[0] == 0
    assert scene.daemon.verdict(event, 'applied', 'unchanged')['target'] == 'jira:DEV-2'
    assert [one['key'] for one in sandbox.issues()] == ['DEV-1', 'DEV-2']


def test_the_health_of_jira_server(server):
    scene = server(action(jira_components={'set_custom_components': ['Main']}))
    code, out, _ = scene.daemon.command('check', '--online')
    for check in ('jira.up', 'jira.all_projects_are_visible', 'jira.all_projects_have_permissions',
                  'jira.all_project_custom_components_exist', 'jira.all_project_issue_types_exist'):
        assert re.search(rf'^ok +{re.escape(check)}$', out, re.M), out


# --- a project's key need not be in capitals ---

def test_a_project_key_in_small_letters(serve, sandbox):
    scene = Scene(serve, sandbox, action('devtest', 'DevTest'))
    of = scene.bug(whiteboard='[devtest]')
    assert scene.tell(of)['target'] == 'jira:DevTest-1'
    sandbox.put_bug({'id': of['id'], 'summary': 'New words'})
    row = scene.tell(of, ('summary', 'a', 'New words'))
    assert row['target'] == 'jira:DevTest-1'
    assert scene.fields('DevTest-1')['summary'] == 'New words'


# --- the action files that JBI ships ---

def given(name):
    path = SHARED / 'jbi' / name
    if not path.exists():
        pytest.skip(f'{path} is not here')
    return path.read_text()


@pytest.mark.parametrize('name, whiteboard, project', [
    ('config.local.yaml', '[devtest]', 'DevTest'),
    *[('config.nonprod.yaml', f'[{tag}]', 'JB') for tag in
      ('nonprodtest', 'fxcm', 'fxdroid', 'fxp', 'sp3', 'dataplatform', 'dataquality')]])
def test_the_given_action_files(serve, sandbox, name, whiteboard, project):
    daemon = serve(actions=given(name))
    daemon.expect('not JSON')  # the contacts that are "tbd"
    scene = Scene(lambda **_: daemon, sandbox)
    of = scene.bug(whiteboard=whiteboard, severity='S2', status='ASSIGNED', assigned_to='ada@example.org',
                   component='Performance')
    row = scene.tell(of)
    assert (row['verdict'], row['target']) == ('applied', f'jira:{project}-1'), row
    sandbox.put_bug({'id': of['id'], 'summary': 'New words', 'status': 'RESOLVED', 'resolution': 'FIXED'})
    row = scene.tell(of, ('summary', 'a', 'New words'), ('status', 'ASSIGNED', 'RESOLVED'),
                     ('resolution', '', 'FIXED'))
    assert (row['verdict'], row['target']) == ('applied', f'jira:{project}-1'), row
    fields = scene.fields(f'{project}-1')
    assert fields['summary'] == 'New words'
    if whiteboard not in ('[devtest]', '[nonprodtest]'):
        assert fields['status']['name'] == ('Closed' if whiteboard == '[fxdroid]' else 'Done')
    assert scene.say(of, comment(70, 'Hello'))['verdict'] == 'applied'
    code, out, err = daemon.command('check', '--online')
    assert 'fine' in out and code == 0, out + err


# --- deliveries as a real Bugzilla sent them ---

def recorded():
    path = SHARED / 'captures' / 'bmo-webhooks.txt'
    if not path.exists():
        return []
    found = []
    for text in path.read_text().split('----\n'):
        head, _, body = text.partition('\n\n')
        if body.strip():
            found.append((head.splitlines()[1:], body.strip()))
    return found


RECORDED = recorded()


def post(daemon, head, body):
    headers = dict(line.split(': ', 1) for line in head)
    assert headers.pop('X-Api-Key') and headers.pop('Content-Length') == str(len(body.encode()))
    answer = request('POST', daemon.url + '/bugzilla_webhook', body, {**headers, 'X-Api-Key': HOOK_KEY})
    assert answer.status == 200, answer.body
    return daemon.verdict(answer.json['id'])


@pytest.mark.skipif(not RECORDED, reason='no recorded deliveries here')
@pytest.mark.parametrize('place', range(len(RECORDED)))
def test_recorded_deliveries_as_they_are(serve, sandbox, place):
    scene = Scene(serve, sandbox)
    row = post(scene.daemon, *RECORDED[place])
    assert row['verdict'] == 'discarded'
    assert row['reason'] == 'no bug whiteboard matching action tags: dev'
    assert sandbox.writes() == []


@pytest.mark.skipif(not RECORDED, reason='no recorded deliveries here')
@pytest.mark.parametrize('place', range(len(RECORDED)))
def test_recorded_deliveries_with_an_action_for_their_whiteboard(serve, sandbox, place):
    head, body = RECORDED[place]
    sent = json.loads(body)
    scene = Scene(serve, sandbox, action('xy479', severity_map={'major': 'S1'}, steps={
        'existing': ['maybe_update_issue_severity', 'update_issue_summary'], 'comment': ['create_comment']}))
    target, is_comment = sent['event']['target'], 'comment' in sent['bug']
    key = scene.make_issue() if target == 'comment' or sent['event']['action'] == 'modify' else None
    sandbox.put_bug({**{name: value for name, value in sent['bug'].items() if name != 'bug'},
                     'whiteboard': '[xy479]', 'see_also': [scene.url(key)] if key else []})
    row = post(scene.daemon, head, body)
    assert (row['verdict'], row.get('reason')) == ('applied', None)
    if is_comment:
        assert scene.comments(key) == ['*admin@example.com* commented: \nmulti line 😀 comment']
    elif key:
        assert scene.fields(key)['customfield_10319']['value'] == 'S1'
    else:
        assert scene.fields('DEV-2')['summary'] == sent['bug']['summary']
