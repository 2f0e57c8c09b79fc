"""Everything that is sent to Jira, and everything that the sandbox answers, against Atlassian's own description."""
import importlib.util
import json

import pytest

from harness import PROJECT, SHARED, Scene, action, comment, until
from test_tickets import REPO, WAYS, World

FILE = SHARED / 'jira' / 'cloud-v3.openapi.json'
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f'{FILE} is not there')

spec = importlib.util.spec_from_file_location('jira_openapi', PROJECT / 'test' / 'contract' / 'jira_openapi.py')
checker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(checker)

RULE = action(steps={
    'new': ['create_issue', 'add_link_to_bugzilla', 'add_link_to_jira', 'maybe_assign_jira_user',
            'maybe_update_components', 'maybe_update_issue_type', 'maybe_update_issue_priority',
            'maybe_update_issue_severity', 'maybe_update_issue_status', 'maybe_update_issue_resolution',
            'sync_whiteboard_labels', 'sync_keywords_labels', 'sync_dependencies', 'sync_see_also', 'sync_duplicates',
            'sync_regressions'],
    'existing': ['update_issue_summary', 'maybe_assign_jira_user', 'maybe_update_components', 'maybe_update_issue_type',
                 'maybe_update_issue_priority', 'maybe_update_issue_severity', 'maybe_update_issue_status',
                 'maybe_update_issue_resolution', 'add_jira_comments_for_changes', 'sync_whiteboard_labels',
                 'sync_keywords_labels', 'sync_dependencies', 'sync_see_also', 'sync_duplicates', 'sync_regressions'],
    'comment': ['create_comment'], 'attachment': ['create_comment', 'maybe_add_phabricator_link']},
    status_map={'NEW': 'To Do', 'ASSIGNED': 'In Progress', 'FIXED': 'Done', 'INVALID': 'Cancelled'},
    resolution_map={'FIXED': 'Done', 'INVALID': "Won't Do"},
    jira_components={'use_bug_component': True, 'set_custom_components': ['Triage'], 'create_components': True})


def scene(serve, sandbox, **more):
    made = Scene(serve, sandbox, RULE, jira='search_lag: 1s', extra='retry: {first: 1s, cap: 1s}', **more)
    made.daemon.expect('"verdict": "parked"')
    return made


def play(s):
    """Events that make use of every step and of every operation; and a lost answer, so that things are looked for."""
    other, _ = s.linked()
    of = s.bug(status='ASSIGNED', assigned_to='ada@example.org', keywords=['perf', 'crash'], component='Brand New',
               depends_on=[other['id']], whiteboard='[dev] [team one]')
    s.sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', kind='close', apply=True)
    s.tell(of, wanted=['applied'])
    key = s.sandbox.bug(of['id'])['see_also'][0].rsplit('/', 1)[1]

    def now(**fields):
        of.update(fields)
        s.sandbox.put_bug({**of, 'see_also': [s.url(key)]})
        return {**of, 'see_also': [s.url(key)]}

    s.tell(now(summary='Another summary', priority='P1', severity='S1', type='task'),
           ('summary', 'Summary', 'Another summary'), ('priority', 'P2', 'P1'),
           ('severity', 'S3', 'S1'), ('type', 'defect', 'task'))
    s.tell(now(whiteboard='[dev]', keywords=['perf'], component='General'), ('whiteboard', '[dev] [team one]', '[dev]'),
           ('keywords', 'perf, crash', 'perf'), ('component', 'Brand New', 'General'))
    s.tell(now(depends_on=[], blocks=[other['id']]), ('depends_on', str(other['id']), ''),
           ('blocks', '', str(other['id'])))
    s.tell(now(assigned_to='nobody@mozilla.org'), ('assigned_to', 'ada@example.org', 'nobody@mozilla.org'))
    s.tell(now(status='RESOLVED', resolution='INVALID'),
           ('status', 'ASSIGNED', 'RESOLVED'), ('resolution', '', 'INVALID'))
    s.tell(now(status='RESOLVED', resolution='FIXED'), ('resolution', 'INVALID', 'FIXED'))
    s.sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue/*/comment', kind='close', apply=True)
    s.daemon.verdict(s.say(now(), comment(91, 'Some *words* and `code`'))['id'], 'applied')
    attachment = {'id': 5, 'content_type': 'text/x-phabricator-request', 'description': 'Bug - a patch',
                  'is_obsolete': False, 'is_patch': False, 'is_private': False,
                  'file_name': 'phabricator-D123-url.txt', 'flags': [],
                  'creation_time': '2026-11-20T09:10:00', 'last_change_time': '2026-11-20T09:10:00',
                  'data': 'https://phabricator.services.mozilla.com/D123'}
    s.sandbox.put_bug({'id': of['id'], 'attachment': attachment})
    s.tell({**now(), 'attachment': attachment}, target='attachment')


def jira_exchanges(sandbox, after=0):
    base = sandbox.jira.removeprefix(sandbox.url)
    for one in sandbox.exchanges(after):
        if one['service'] == 'jira':
            query = '?' + one['query'] if one['query'] else ''
            yield {**one, 'url': one['path'].removeprefix(base) + query}


def answer_problems(description, one):
    """What of the answer the description does not know. Texts are plain in version 2 where 3 has documents."""
    path = one['url'].split('?')[0].replace('/rest/api/2/', '/rest/api/3/', 1)
    template, operations = description.find(path)
    answers = operations[one['method'].lower()]['responses']
    status = str(one['status'])
    if status not in answers and 'default' not in answers:
        return [f'{status} is not described']
    content = answers.get(status, answers.get('default', {})).get('content', {})
    schema = content.get('application/json', {}).get('schema')
    if schema is None:
        return []
    return description.errors(schema, one['answer'])


@pytest.fixture(scope='module')
def description():
    with open(FILE, encoding='utf-8') as f:
        return checker.Description(json.load(f))


@pytest.fixture
def played(serve, sandbox):
    s = scene(serve, sandbox)
    play(s)
    return list(jira_exchanges(sandbox))


def test_requests_and_answers(played, description):
    """One test, since making the traffic is what takes the time."""
    kinds = {}
    for one in played:
        template, _ = description.find(one['url'].split('?')[0].replace('/rest/api/2/', '/rest/api/3/', 1))
        kinds.setdefault((one['method'], template), one['status'])
        assert checker.check_request(description, one) == [], (one['method'], one['url'], one['body'])
        if not one['withheld']:
            assert answer_problems(description, one) == [], (one['method'], one['url'], one['status'], one['answer'])
    used = {(method, template.replace('/rest/api/3/', '')) for method, template in kinds}
    assert {('POST', 'issue'), ('PUT', 'issue/{issueIdOrKey}'), ('GET', 'issue/{issueIdOrKey}'),
            ('POST', 'issue/{issueIdOrKey}/comment'), ('GET', 'issue/{issueIdOrKey}/comment'),
            ('POST', 'issue/{issueIdOrKey}/remotelink'), ('POST', 'issue/{issueIdOrKey}/transitions'),
            ('GET', 'issue/{issueIdOrKey}/transitions'), ('POST', 'issueLink'), ('DELETE', 'issueLink/{linkId}'),
            ('GET', 'user/search'), ('POST', 'component'), ('POST', 'search/jql'), ('GET', 'project/search'),
            ('POST', 'permissions/project'), ('GET', 'serverInfo')} <= used, used
    spoil = [one for one in played if one['method'] == 'POST' and one['url'] == '/rest/api/2/issueLink'][0]
    bad = {**spoil, 'body': {name: value for name, value in spoil['body'].items() if name != 'type'}}
    assert checker.check_request(description, bad) != []
    assert checker.check_request(description, {**spoil, 'url': '/rest/api/2/issueLinks'}) != []
    assert checker.check_request(description, {**spoil, 'method': 'PUT'}) != []
    assert checker.check_request(description, {**spoil, 'url': spoil['url'] + '?nonsense=1'}) != []


def test_polling(tmp_path, sandbox, description):
    """What is asked for since a time, and the past in the answer; tickets are what the poll looks for."""
    world = World(sandbox, tmp_path)
    world.start(WAYS + '\n    reconcile: 250ms', hooks=False)
    world.github.hook(world.daemon, REPO)
    ref = world.pull()
    world.move(world.tickets()[0]['key'], 'Product Review')
    until(lambda: world.status_labels(ref) == {'Product Review'}, 'the label')
    asked = [one for one in jira_exchanges(sandbox) if one['url'].endswith('search/jql')]
    assert world.daemon.stop() == 0
    assert any(one['body'].get('expand') == 'changelog' for one in asked)
    assert any(issue['changelog']['histories'] for one in asked for issue in one['answer']['issues'])
    for one in asked:
        assert checker.check_request(description, one) == [], one['body']
        assert answer_problems(description, one) == [], one['answer']


def test_a_wrong_answer_is_noticed(description):
    good = {'method': 'GET', 'url': '/rest/api/2/issue/DEV-1/transitions', 'status': 200, 'answer': {'transitions': []}}
    assert answer_problems(description, good) == []
    assert answer_problems(description, {**good, 'answer': {'transitions': {}}}) != []
    assert answer_problems(description, {**good, 'status': 299}) != []


def test_the_checker_itself(description):
    assert checker.self_test(description) == 0
