"""The sandbox's GitHub against GitHub's own descriptions: what it answers, and what its hooks are told. What the daemon
asks of it is held against the same by `check`."""
import http.server
import json
import sys
import threading

import pytest

from harness import PROJECT, until

sys.path.insert(0, str(PROJECT / 'test' / 'contract'))

import github_openapi  # noqa: E402

FOLDER = github_openapi.packages()
pytestmark = pytest.mark.skipif(not FOLDER, reason='GitHub\'s descriptions are not there: run test/contract/install')

ITEMS = '''query ProjectsForPr($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { projectItems(first: 100) {
    pageInfo { hasNextPage endCursor }
    nodes { id project { number owner { ... on Organization { login } } } fieldValues(first: 50) { nodes {
      ... on ProjectV2ItemFieldTextValue { text field { ... on ProjectV2FieldCommon { name } } }
      ... on ProjectV2ItemFieldNumberValue { number field { ... on ProjectV2FieldCommon { name } } }
      ... on ProjectV2ItemFieldDateValue { date field { ... on ProjectV2FieldCommon { name } } }
      ... on ProjectV2ItemFieldSingleSelectValue { name optionId field { ... on ProjectV2FieldCommon { name } } }
    } } } } } } }'''
STATUSES = ITEMS.replace('$number: Int!)', '$number: Int!, $commit: GitObjectID!)').replace(
    'pullRequest(', '''object(oid: $commit) { ... on Commit { status { contexts {
      context state description targetUrl createdAt } } } } pullRequest(''')
BOARD_ID = '''query OrgProjectId($owner: String!, $number: Int!) {
  organization(login: $owner) { projectV2(number: $number) { id } } }'''
BOARD = '''query OrgProjectMetadata($orgname: String!, $number: Int!) {
  organization(login: $orgname) { projectV2(number: $number) { id fields(first: 100) { nodes {
    ... on ProjectV2FieldCommon { id name dataType }
    ... on ProjectV2SingleSelectField { options { id name } } } } } } }'''
ADD = '''mutation AddProjectItem($projectId: ID!, $prNodeId: ID!) {
  addProjectV2ItemById(input: {projectId: $projectId, contentId: $prNodeId}) { item { id } } }'''
SET = '''mutation UpdateProjectItem($projectId: ID!, $itemId: ID!, $fieldId: ID!, $value: %s!) {
  updateProjectV2ItemFieldValue(input: {projectId: $projectId, itemId: $itemId, fieldId: $fieldId,
    value: {%s: $value}}) { projectV2Item { id } } }'''
CLEAR = '''mutation ClearProjectItem($projectId: ID!, $itemId: ID!, $fieldId: ID!) {
  clearProjectV2ItemFieldValue(input: {projectId: $projectId, itemId: $itemId, fieldId: $fieldId}) {
    projectV2Item { id } } }'''


@pytest.fixture(scope='module')
def description():
    return github_openapi.load(FOLDER)


def check(description, exchanges):
    """Each request and each answer fits; how many there were."""
    exchanges = list(exchanges)
    bad = github_openapi.problems(FOLDER, description, exchanges)
    assert not bad, [(one['method'], one['url'], one['status'], what) for one, what in bad[:10]]
    return len(exchanges)


def play_boards(github, ref):
    def ask(query, **variables):
        answer = github.rest('POST', 'graphql', {'query': query, 'variables': variables})
        assert answer.status == 200
        return answer.json

    pull = github.get(ref)['pull']['node_id']
    assert 'errors' not in ask(BOARD_ID, owner='example', number=1)
    board = ask(BOARD, orgname='example', number=1)['data']['organization']['projectV2']
    fields = {one['name']: one for one in board['fields']['nodes']}
    item = ask(ADD, projectId=board['id'], prNodeId=pull)['data']['addProjectV2ItemById']['item']['id']
    choice = fields['Status']['options'][1]['id']
    values = {'Date opened': ('Date', 'date', '2026-11-20'), 'Repo Owner / Owning Team': ('String', 'text', 'Ada'),
              'Weight': ('Float', 'number', 2.5), 'Status': ('String', 'singleSelectOptionId', choice)}
    for name, (kind, key, value) in values.items():
        of = {'projectId': board['id'], 'itemId': item, 'fieldId': fields[name]['id']}
        assert 'errors' not in ask(SET % (kind, key), value=value, **of), name
    assert 'errors' in ask(SET % ('Date', 'date'), value='2026-11-20', projectId=board['id'], itemId=item,
                           fieldId=fields['Weight']['id'])
    assert 'errors' not in ask(CLEAR, projectId=board['id'], itemId=item, fieldId=fields['Title']['id'])
    assert 'errors' in ask(ADD, projectId='PVT_x', prNodeId=pull)
    assert 'errors' in ask(BOARD, orgname='example', number=77)
    assert 'errors' not in ask(ITEMS, owner='example', name='app', number=int(ref.split('#')[1]))
    assert 'errors' in ask(ITEMS, owner='example', name='app', number=4711)
    said = ask(STATUSES, owner='example', name='app', number=int(ref.split('#')[1]),
               commit=github.get(ref)['pull']['head']['sha'])['data']['repository']['object']['status']['contexts']
    assert [(one['context'], one['state']) for one in said] == [('cla', 'FAILURE')]
    assert github.items(ref) == {'example:1': {'Date opened': '2026-11-20', 'Repo Owner / Owning Team': 'Ada',
                                               'Weight': '2.5', 'Status': 'Done'}}


def play_rest(github, ref):
    number = ref.split('#')[1]
    issue, sha = f'repos/example/app/issues/{number}', github.get(ref)['pull']['head']['sha']
    status = {'state': 'failure', 'context': 'cla', 'description': 'Not yet', 'target_url': 'https://example.org/'}
    comment = github.rest('POST', f'{issue}/comments', {'body': 'Hello'}).json['id']
    hook = github.rest('POST', 'repos/example/app/hooks', {'name': 'web', 'events': ['*'], 'config': {
        'url': 'http://127.0.0.1:1/', 'content_type': 'json', 'secret': 'x'}}).json['id']
    org = github.rest('POST', 'orgs/example/hooks',
                      {'name': 'web', 'config': {'url': 'http://127.0.0.1:1/'}}).json['id']
    github.idle()
    log = github.rest('GET', f'repos/example/app/hooks/{hook}/deliveries?per_page=100').json
    rows = [
        (200, 'GET', 'user'), (200, 'GET', 'users/ada'), (404, 'GET', 'users/nobody-at-all'), (200, 'GET', 'meta'),
        (200, 'GET', 'rate_limit'), (200, 'GET', 'orgs/example/repos?per_page=100'), (200, 'GET', 'repos/example/app'),
        (200, 'GET', 'repos/example/app/pulls?state=all&sort=updated&direction=desc&per_page=100&page=1'),
        (200, 'GET', f'repos/example/app/pulls/{number}'), (404, 'GET', 'repos/example/app/pulls/4711'),
        (200, 'GET', 'repos/example/app/issues?since=2020-01-01T00:00:00Z&state=all'), (200, 'GET', issue),
        (200, 'PATCH', issue, {'title': 'Another title'}), (200, 'PATCH', issue, {'state': 'closed'}),
        (200, 'POST', f'{issue}/labels', {'labels': ['one', 'two/three']}), (200, 'GET', f'{issue}/labels'),
        (200, 'DELETE', f'{issue}/labels/two%2Fthree'), (404, 'DELETE', f'{issue}/labels/two%2Fthree'),
        (200, 'PUT', f'{issue}/labels', {'labels': ['three']}), (200, 'GET', f'{issue}/comments?per_page=100'),
        (200, 'GET', f'repos/example/app/issues/comments/{comment}'),
        (200, 'PATCH', f'repos/example/app/issues/comments/{comment}', {'body': 'Hello again'}),
        (204, 'DELETE', f'repos/example/app/issues/comments/{comment}'),
        (422, 'POST', f'{issue}/comments', {'body': ''}), (200, 'GET', 'repos/example/app/labels'),
        (201, 'POST', 'repos/example/app/labels', {'name': 'new', 'color': 'ffffff'}),
        (200, 'PATCH', 'repos/example/app/labels/new', {'new_name': 'newer', 'description': 'That one'}),
        (204, 'DELETE', 'repos/example/app/labels/newer'), (201, 'POST', f'repos/example/app/statuses/{sha}', status),
        (200, 'GET', f'repos/example/app/commits/{sha}/statuses?per_page=100'),
        (200, 'GET', 'repos/example/app/contents/catalog-info.yaml'), (200, 'GET', 'repos/example/app/hooks'),
        (200, 'GET', f'repos/example/app/hooks/{hook}'), (200, 'PATCH', f'repos/example/app/hooks/{hook}',
                                                          {'active': True, 'events': ['pull_request']}),
        (204, 'POST', f'repos/example/app/hooks/{hook}/pings'), (200, 'GET', 'orgs/example/hooks'),
        (200, 'GET', f'orgs/example/hooks/{org}'), (200, 'GET', f'orgs/example/hooks/{org}/deliveries'),
        (200, 'GET', f'repos/example/app/hooks/{hook}/deliveries/{log[0]["id"]}'),
        (202, 'POST', f'repos/example/app/hooks/{hook}/deliveries/{log[0]["id"]}/attempts'),
        (204, 'DELETE', f'repos/example/app/hooks/{hook}'), (204, 'DELETE', f'orgs/example/hooks/{org}'),
    ]
    for wanted, method, path, *body in rows:
        answer = github.rest(method, path, *body)
        assert answer.status == wanted, (method, path, answer.status, answer.body)
    raw = github.rest('GET', 'repos/example/app/contents/catalog-info.yaml', Accept='application/vnd.github.raw+json')
    assert b'lifecycle: production' in raw.body
    assert github.rest('GET', 'user', token='wrong').status == 401
    assert github.rest('GET', 'repos/example/secret', token='sandbox-reader-token').status == 404


def test_answers(sandbox, description):
    github = sandbox.github
    github.label('example/app#1', 'bug')
    play_rest(github, 'example/app#1')
    play_boards(github, 'example/app#1')
    issue = github.issue('example/app', title='An issue', labels=['bug'])
    github.act(issue, 'close')
    github.rest('GET', 'repos/example/app/issues/' + issue.split('#')[1])
    assert check(description, github.exchanges()) > 50


def test_what_does_not_fit_is_noticed(description):
    good = {'method': 'POST', 'url': '/repos/a/b/issues/1/comments', 'status': 201, 'body': {'body': 'x'},
            'withheld': True}
    assert github_openapi.problems(FOLDER, description, [good]) == []
    for spoilt in ({'body': {}}, {'body': {'body': 1}}, {'url': '/repos/a/b/isues'}, {'method': 'PUT'},
                   {'url': good['url'] + '?nonsense=1'}, {'withheld': False, 'answer': {'id': 1}},
                   {'withheld': False, 'status': 299, 'answer': {}}):
        assert github_openapi.problems(FOLDER, description, [{**good, **spoilt}]) != [], spoilt
    asked = {'method': 'POST', 'url': '/graphql', 'status': 200, 'body': {
        'query': BOARD_ID, 'variables': {'owner': 'a', 'number': 1}},
        'answer': {'data': {'organization': {'projectV2': {'id': 'x'}}}}}
    assert github_openapi.problems(FOLDER, description, [asked]) == []
    for spoilt in ({'body': {'query': BOARD_ID.replace('projectV2', 'projectV3')}}, {'body': {'query': '{'}},
                   {'body': {'query': BOARD_ID, 'variables': {'owner': 'a', 'number': 'one'}}},
                   {'answer': {'data': {'organization': {'projectV2': {}}}}}):
        assert github_openapi.problems(FOLDER, description, [{**asked, **spoilt}]) != [], spoilt


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        self.server.told.append((self.headers['X-GitHub-Event'], json.loads(body)))
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    with http.server.HTTPServer(('127.0.0.1', 0), Receiver) as server:
        server.told = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_hooks(sandbox, receiver, description):
    """Every kind of event, held against the description of what GitHub sends."""
    github = sandbox.github
    url = f'http://127.0.0.1:{receiver.server_port}'
    config = {'url': url, 'content_type': 'json', 'secret': 'x'}
    assert github.rest('POST', 'repos/example/app/hooks', {'events': ['*'], 'config': config}).status == 201
    pull = github.pull('example/app', title='A change', body=None, association='FIRST_TIMER')
    issue = github.issue('example/app', title='An issue')
    for what, body in (('label', {'name': 'bug'}), ('unlabel', {'name': 'bug'}), ('edit', {'title': 'Other'}),
                       ('comment', {'body': 'Hello'}), ('draft', {}), ('ready', {}), ('push', {}),
                       ('review', {'state': 'approved'}), ('close', {}), ('reopen', {}), ('merge', {})):
        github.act(pull, what, by='grace', **body)
    for what, body in (('label', {'name': 'bug'}), ('unlabel', {'name': 'bug'}), ('edit', {'body': 'Other'}),
                       ('comment', {'body': 'Hello'}), ('close', {}), ('reopen', {})):
        github.act(issue, what, by='ada', **body)
    comment = github.get(issue)['comments'][0]['id']
    github.act(issue, 'edit_comment', id=comment, body='Hello again', by='ada')
    github.act(issue, 'delete_comment', id=comment, by='ada')
    until(lambda: len(receiver.told) == 22, 'all to be told')
    for event, payload in receiver.told:
        assert description.payload_problems(event, payload) == [], (event, payload.get('action'))
    kinds = {f'{event}.{payload.get("action", "")}' for event, payload in receiver.told}
    assert {'ping.', 'pull_request.opened', 'pull_request.synchronize', 'pull_request_review.submitted',
            'issue_comment.deleted', 'issues.reopened'} <= kinds
    event, payload = receiver.told[1]
    assert description.payload_problems(event, {**payload, 'pull_request': {}}) != []
