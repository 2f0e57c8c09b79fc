"""GitHub's webhooks: who is let in, what is made of every kind of delivery, limits of GitHub's, and where tokens go."""
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse
import uuid

import pytest

import harness
from harness import GITHUB_SECRET, GITHUB_TOKEN, PROJECT, Pulls, github_delivery, request, seconds, until

sys.path.insert(0, str(PROJECT / 'test' / 'contract'))

import github_openapi  # noqa: E402
from test_contract_github import check  # noqa: E402
from test_secrets import leaks  # noqa: E402

FOLDER = github_openapi.packages()
described = pytest.mark.skipif(not FOLDER, reason='GitHub\'s descriptions are not there: run test/contract/install')
OUTSIDE = 'open-source-contribution'
PING = {'zen': 'Keep it logically awesome.', 'hook_id': 1, 'hook': {'type': 'Repository'},
        'repository': {'full_name': 'openedx/web', 'private': False}}


@pytest.fixture(scope='module')
def pulls(tmp_path_factory):
    sandbox = harness.Sandbox()
    one = Pulls(tmp_path_factory.mktemp('hooks'), sandbox)
    one.expect('gaps cannot be looked for')  # in the repositories of GitHub's examples, which the sandbox does not have
    yield one
    one.end()
    assert sandbox.stop() == 0, '\n'.join(sandbox.lines)


def post(p, event, body, path='/hooks/github', **more):
    headers, body = github_delivery(event, body, **more)
    return request('POST', p.daemon.url + path, body, headers)


def ended(p, event, body, **more):
    """The row of a delivery that is taken."""
    answer = post(p, event, body, **more)
    assert answer.status == 200, (event, answer.status, answer.body)
    return p.daemon.verdict(answer.json['id'])


# --- who is let in ---

def test_signatures(alone):
    p = alone(github='rate: 1000/s')
    p.expect('delivery refused')
    whole = 'sha256=' + '0' * 64
    refused = [
        {'sha256': False}, {'secret': 'another'}, {'sha256': False, 'sha1': True}, {'secret': ''},
        *[{'X-Hub-Signature-256': text} for text in (
            whole, whole[:-1], whole + '0', whole.replace('0', 'g'), 'sha256=', '', 'sha1=' + '0' * 40, '0' * 64,
            whole.replace('=', ' '), 'SHA256=' + '0' * 64, whole.replace('0', '\xe9'))],
        {'sha256': False, 'sha1': True, 'X-Hub-Signature-256': whole},  # with both, SHA-256 decides
    ]
    for path in ('/hooks/github', '/github/hook-receiver'):
        for how in refused:
            answer = post(p, 'ping', PING, path=path, **how)
            assert answer.status in (401, 403), (how, answer.status)
    assert p.events() == []
    assert post(p, 'ping', PING, path='/hooks/github', sha1=True).status == 200
    assert post(p, 'ping', PING, path='/github/hook-receiver').status == 200
    upper = github_delivery('ping', PING)[0]['X-Hub-Signature-256'].upper().replace('SHA', 'sha')
    assert post(p, 'ping', PING, **{'X-Hub-Signature-256': upper}).status == 200
    assert len(p.events()) == 3
    assert f'{{tracker="github",result="refused"}} {2 * len(refused)}' in p.daemon.get('/metrics').body.decode()


def test_sha1_and_rotation(alone):
    p = alone(github='rate: 1000/s\n    allow_sha1: true')
    text = p.daemon.config.read_text()
    secret = f'hook_secret: {GITHUB_SECRET}'
    p.daemon.config.write_text(text.replace(secret, f'hook_secret: [{GITHUB_SECRET}, new-secret-77]'))
    p.daemon.reload()
    p.expect('delivery refused')
    for key, status in ((GITHUB_SECRET, 200), ('new-secret-77', 200), ('wrong', 401)):
        assert post(p, 'ping', PING, secret=key).status == status
        assert post(p, 'ping', PING, secret=key, sha256=False, sha1=True).status == status
    wrong = {'X-Hub-Signature-256': 'sha256=' + '0' * 64}
    assert post(p, 'ping', PING, sha1=True, **wrong).status == 401
    p.daemon.config.write_text(text.replace(secret, 'hook_secret: new-secret-77'))
    p.daemon.reload()
    assert post(p, 'ping', PING).status == 401 and post(p, 'ping', PING, secret='new-secret-77').status == 200


def test_no_secret_lets_nobody_in(alone):
    p = alone()
    p.daemon.config.write_text(p.daemon.config.read_text().replace(f'hook_secret: {GITHUB_SECRET}', ''))
    p.expect('delivery refused', 'without hook_secret')
    p.daemon.reload()
    assert post(p, 'ping', PING).status == 401 and post(p, 'ping', PING, secret='').status == 401


# --- what is made of it ---

def test_forms(pulls):
    ref = pulls.github.pull('openedx/web', author='sid', quiet=True)
    hook = pulls.github.hook(pulls.daemon, of='openedx/web', content_type='form')
    pulls.github.act(ref, 'edit', title='50% & more + "ü" 😀', by='grace')
    pulls.settle()
    event = pulls.github.events(hook)[0]
    pulls.github.control('DELETE', f'hooks/{hook}')
    row = pulls.daemon.verdict(event)
    assert row['kind'] == 'pull_request.edited' and row['subject'] == f'github:{ref}', row
    assert pulls.status(ref)[0] == 'success'
    form = 'payload=' + urllib.parse.quote(json.dumps(PING))
    for kind in ('application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=utf-8'):
        row = ended(pulls, 'ping', form, **{'Content-Type': kind})
        assert row['verdict'] == 'discarded' and 'ping' in row['reason']
    for body in ('', 'payload=', 'payload=%', 'other=1', 'payload={'):
        row = ended(pulls, 'ping', body, **{'Content-Type': 'application/x-www-form-urlencoded'})
        assert row['verdict'] == 'discarded' and 'undecodable' in row['reason'], row


def test_bodies_that_are_no_events(pulls):
    for body in ('', '[]', '[1]', 'null', '1', '"x"', '{', b'\xff\xfe', '{"a":' * 5000, b'{"a":"\xff"}', '{}{}'):
        row = ended(pulls, 'pull_request', body)
        assert row['verdict'] == 'discarded' and 'undecodable' in row['reason'], (body[:20], row)
    row = ended(pulls, 'x', '{}', **{'X-GitHub-Event': None})
    assert 'X-GitHub-Event is missing' in row['reason'], row
    odd = [{'pull_request': None}, {'pull_request': []}, {'pull_request': {'number': 'x'}}, {'issue': {'number': -1}},
           {'issue': {'number': 2**63}}, {'sender': 7}, {'action': 5}, {'label': []}, {'changes': [1, 2]},
           {'repository': 'x'}, {'repository': {'full_name': '../..'}}, {'pull_request': {
               'number': 1, 'base': {'repo': {'full_name': '../..'}}}}, {'comment': 'x'}, {}]
    for body in odd:
        row = ended(pulls, 'pull_request', {'action': 'opened', **body})
        assert row['verdict'] == 'discarded' and row['reason'], (body, row)
    big = ended(pulls, 'push', {'repository': {'full_name': 'openedx/web'}, 'commits': ['x' * 1000] * 3000})
    assert big['verdict'] == 'discarded' and 'push: not of interest' in big['reason']


def test_how_large_a_body_may_be(pulls):
    whole = 25 * 1024 * 1024
    body = '{"repository": {"full_name": "openedx/web"}, "x": "' + 'x' * whole
    fits = (body[:whole - 2] + '"}').encode()
    assert len(fits) == whole
    row = ended(pulls, 'push', fits)
    assert row['verdict'] == 'discarded' and 'push: not of interest' in row['reason'], row
    try:
        assert post(pulls, 'push', fits + b' ').status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # the answer may overtake the body
    assert pulls.daemon.get('/__lbheartbeat__').status == 200


def test_told_twice_is_one_event(pulls):
    guid = str(uuid.uuid4())
    first = post(pulls, 'ping', PING, guid=guid).json
    again = post(pulls, 'ping', PING, guid=guid, path='/github/hook-receiver').json
    assert again == {'id': first['id'], 'duplicate': True}
    assert post(pulls, 'ping', PING, guid=guid, hook='2').json['id'] != first['id']  # another hook's


def examples():
    """(event, what a hook was told) of all that GitHub's own collection has."""
    everything = json.loads((FOLDER / 'webhooks-examples' / 'api.github.com' / 'index.json').read_text())
    return [(event['name'], body) for event in everything for body in event['examples']]


def put_there(github, body):
    """What the delivery is about, as the sandbox has it."""
    for name in re.findall(r'(?:/repos/|"full_name": ")([\w.-]+/[\w.-]+)"', json.dumps(body)):
        github.repo(name)
    repository = (body.get('repository') or {}).get('full_name')
    if repository:
        github.repo(repository, private=bool(body['repository'].get('private')))
    for kind in ('pull_request', 'issue'):
        what = body.get(kind) or {}
        if not repository or not isinstance(what.get('number'), int):
            continue
        is_pull = kind == 'pull_request' or 'pull_request' in what
        user = what.get('user') or {'login': 'ghost', 'type': 'User'}
        github.user(user['login'], type=user['type'])
        if not any(one['ref'] == f'{repository}#{what["number"]}' for one in github.all(repository)):
            (github.pull if is_pull else github.issue)(
                repository, number=what['number'], title=what.get('title', ''), body=what.get('body'), quiet=True,
                author=user['login'], state=what.get('state', 'open'))


@described
def test_every_example_of_github(pulls):
    """Each is stored and ends with a verdict that says why; none is a warning."""
    sent = []
    pulls.daemon.expect('does not know nobody/nothing#1 yet')
    gone = {'action': 'opened', 'repository': {'full_name': 'nobody/nothing'},
            'pull_request': {'number': 1, 'created_at': '2019-05-15T15:20:33Z'}}  # since long: it is not waited for
    unknown = post(pulls, 'pull_request', gone).json['id']
    for event, body in examples():
        put_there(pulls.github, body)
        for path in ('/hooks/github', '/github/hook-receiver'):
            answer = post(pulls, event, body, path=path)
            assert answer.status == 200, (event, answer.body)
            sent.append((event, body.get('action'), answer.json['id']))
    assert len({event for event, _, _ in sent}) > 50 and len(sent) > 600
    pulls.settle()
    verdicts = {}
    for event, action, number in sent:
        row = pulls.daemon.verdict(number)
        assert row['verdict'] in ('applied', 'unchanged', 'discarded') and row['reason'], (event, action, row)
        assert 'undecodable' not in row['reason'], row
        verdicts.setdefault(row['verdict'], set()).add(event)
    worked_on = verdicts['applied'] | verdicts['unchanged']
    assert 'pull_request' in worked_on and worked_on <= {
        'pull_request', 'issue_comment', 'pull_request_review', 'pull_request_review_comment', 'issues'}, verdicts
    assert '404' in pulls.daemon.verdict(unknown, 'discarded')['reason']


# --- what the daemon asks ---

@described
def test_what_it_asks_fits_githubs_descriptions(alone):
    p = alone()
    description = github_openapi.load(FOLDER)
    for login in ('ada', 'cora', 'ivy'):
        ref = p.open(author=login, draft=login == 'ada', association='FIRST_TIMER',
                     labels=['jira:acme', 'needs test run'])
        for what, body in (('ready', {}), ('edit', {'title': '[BD-1] x'}), ('push', {}), ('comment', {'body': 'x'}),
                           ('close', {}), ('reopen', {}), ('edit', {'title': 'x'}), ('merge', {})):
            p.act(ref, what, **body)
    p.open('edx/open', author='ivy')
    p.open('openedx/web', author='ada', labels=['jira:nowhere'])
    p.label(p.github.issue('openedx/web', author='ada', quiet=True), 'jira:acme')
    code, out, err = p.daemon.command('rescan', 'github:openedx', '--all', '--force')
    assert code == 0, (out, err)
    p.github.file('openedx/web', 'catalog-info.yaml', 'spec: {owner: "user:pat"}\n')
    p.open('openedx/web', author='sid')
    assert check(description, p.github.exchanges()) > 150
    kinds = {one['body']['query'].split('(')[0].split()[-1] for one in p.github.exchanges() if one['url'] == '/graphql'}
    assert kinds == {'ProjectsForPr', 'OrgProjectMetadata', 'AddProjectItem', 'UpdateProjectItem'}


# --- where tokens go ---

class Elsewhere(http.server.BaseHTTPRequestHandler):
    def do(self):
        self.rfile.read(int(self.headers['Content-Length'] or 0))
        self.server.told.append((self.command, self.path, dict(self.headers)))
        text = self.server.files.get(self.path)
        self.send_response(404 if text is None else 200)
        self.send_header('Content-Length', str(len(text or '')))
        self.end_headers()
        self.wfile.write((text or '').encode())

    do_GET = do_POST = do_PATCH = do_DELETE = do

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    """Another host, which remembers what it was told."""
    with http.server.ThreadingHTTPServer(('127.0.0.2', 0), Elsewhere) as server:
        server.told, server.files, server.url = [], {}, f'http://127.0.0.2:{server.server_port}'
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize('status', [301, 302, 307, 308])
def test_a_redirect_to_another_host(alone, elsewhere, status):
    p = alone(extra='retry: {first: 1h}')
    p.expect('"verdict": "parked"', 'breaker opened')
    for place in (elsewhere.url, elsewhere.url.replace('127.0.0.2', 'localhost'),
                  p.github.api.replace('127.0.0.1', 'localhost'),
                  p.github.api.replace('http://', 'http://127.0.0.1@x:'), '//127.0.0.2:%d' % elsewhere.server_port):
        for method, path in (('GET', '*/pulls/*'), ('POST', '*/statuses/*'), ('POST', '*/comments')):
            ref = p.github.pull('openedx/web', author='ada', quiet=True)
            p.sandbox.fault(service='github', method=method, path=path, kind='status', status=status,
                            headers={'Location': place + '/repos/openedx/web'})
            p.nudge(ref)
            assert p.last_event(ref)['verdict'] == 'parked', (place, path)
            p.sandbox.heal()
    for method, path, headers in elsewhere.told:
        assert 'Authorization' not in headers and GITHUB_TOKEN not in str(headers), (method, path)
        assert method == 'GET'


def test_a_list_that_is_said_to_go_on_at_another_host(alone, elsewhere):
    """As behind a proxy: it goes on here, and nothing is made twice for what could not be seen."""
    p = alone()
    ref = p.github.pull('openedx/web', author='sid', quiet=True)
    p.github.act(ref, 'comment', by='sync-bot', body='<!-- comment:external_pr -->', quiet=True)
    for base in ('', '/github/api'):
        page = f'{elsewhere.url}{base}/repos/openedx/web/issues/1/comments?per_page=100'
        p.sandbox.fault(service='github', method='GET', path='*/comments', kind='status', status=200, body='[]', times=1,
                        headers={'Link': f'<{page}>; rel="next"'})
        p.nudge(ref)
    assert len(p.ours(ref)) == 1 and elsewhere.told == []


def test_a_renamed_repository(alone):
    """Which redirects on the same host: it is followed, and nothing is made twice."""
    p = alone()
    ref = p.open('openedx/web', author='ada')
    p.github.rename('openedx/web', 'openedx/site')
    answer = post(p, 'pull_request', {'action': 'edited', 'repository': {'full_name': 'openedx/web'}, 'pull_request': {
        'number': 1, 'user': {'login': 'ada', 'type': 'User'}, 'base': {'repo': {'full_name': 'openedx/web'}}}})
    row = p.daemon.verdict(answer.json['id'])
    assert row['verdict'] == 'unchanged', row
    assert len(p.github.comments('openedx/site#1', by='sync-bot')) == 1 and ref == 'openedx/web#1'


def test_defect_16_a_mapping_on_another_host(alone, elsewhere):
    elsewhere.files['/mapping.yaml'] = harness.MAPPING
    p = alone()
    info = p.folder / 'jira-info.yaml'
    info.write_text(info.read_text().replace(f'{p.github.url}/raw/acme/.github/HEAD/jira-mapping.yaml',
                                             elsewhere.url + '/mapping.yaml'))
    p.daemon.reload()
    ref = p.open('openedx/web', author='ivy', labels=['jira:acme'])
    assert len(p.ours(ref)) == 1
    assert {(method, path) for method, path, _ in elsewhere.told} == {('GET', '/mapping.yaml')}
    headers = str([headers for _, _, headers in elsewhere.told])
    assert 'Authorization' not in headers and 'sandbox-jira-token' not in headers, headers


def test_secrets_are_never_shown(alone):
    """Planted in the configuration and thrown back by GitHub and Jira in every answer that goes wrong."""
    p = alone(extra='retry: {first: 1h}')
    p.expect('"verdict": "parked"', 'breaker opened', 'delivery refused')
    planted = [GITHUB_TOKEN, GITHUB_SECRET, 'sandbox-jira-token', harness.API_KEY]
    said = ' '.join(planted)
    refs = [p.open(author='ada', title=f'Look: {said}', labels=['jira:acme'])]
    for status in (400, 401, 403, 404, 422, 500):
        for contains in ('AddProjectItem', 'mutation', 'sandbox', 'description'):
            p.sandbox.fault(service='github', contains=contains, kind='status', status=status,
                            body=json.dumps({'message': said, 'errors': [{'message': said}]}))
        p.sandbox.fault(service='jira', method='POST', kind='status', status=status,
                        body=json.dumps({'errorMessages': [said]}))
        refs.append(p.open('openedx/web', author='ada', labels=['jira:acme']))
        p.sandbox.heal()
        p.daemon.reload()
    post(p, 'ping', PING, secret='wrong', **{'X-Hub-Signature': said})
    shown = ['\n'.join(p.daemon.lines)]
    for row in p.events():
        shown += [p.daemon.get(f'/api/v1/events/{row["id"]}').body.decode()]
    for row in (p.last_event(refs[0], 'opened'), p.last_event(refs[1])):
        shown += p.daemon.command('explain', row['id']) + p.daemon.command('explain', row['id'], '--json')
    for path in ('/__heartbeat__', '/metrics', '/api/v1/events', '/nowhere'):
        shown.append(p.daemon.get(path).body.decode())
    shown += p.daemon.command('check')
    for text in map(str, shown):
        assert not [one for one in planted if one in text], text[:2000]


# --- GitHub's limits ---

PRIMARY = 'API rate limit exceeded for user ID 1.'
SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
LIMITS = {
    # which request meets it; what GitHub says; which header tells until when
    'primary': ({'method': 'GET', 'path': '*/comments'}, 403, {'message': PRIMARY}, 'X-RateLimit-Reset'),
    'primary, of writes': ({'method': 'POST', 'path': '*/statuses/*'}, 403, {'message': PRIMARY}, 'X-RateLimit-Reset'),
    'secondary': ({'method': 'POST', 'path': '*/comments'}, 403, {'message': SECONDARY}, 'Retry-After'),
    'secondary, as 429': ({'method': 'POST', 'path': '*/labels'}, 429, {'message': SECONDARY}, 'Retry-After'),
    'of GraphQL, in a good answer': ({'contains': 'AddProjectItem'}, 200, {
        'errors': [{'type': 'RATE_LIMITED', 'message': PRIMARY}]}, 'X-RateLimit-Reset'),
}


@pytest.mark.parametrize('name', LIMITS)
def test_limits_are_waited_for(alone, name):
    """Nobody asks anything before the time that GitHub named, and nothing is lost."""
    p = alone()
    p.expect('"verdict": "parked"')
    where, status, said, header = LIMITS[name]
    reset = int(time.time()) + 3
    until_then = {'Retry-After': '2'} if header == 'Retry-After' else {
        'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': str(reset)}
    p.sandbox.fault(service='github', kind='status', status=status, body=json.dumps(said), headers=until_then, **where)
    ref = p.open('openedx/web', author='ada')
    rows = [row for row in p.daemon.log() if 'rate limit' in str(row.get('reason'))]
    assert rows and rows[0]['class'] == 'limited', p.daemon.log()
    p.until_done(ref)
    exchanges = p.daemon.exchanges('github')
    hit, = [one for one in exchanges if 'rate limit' in json.dumps(one['answer'])]
    then = hit['told'] + 2 if header == 'Retry-After' else reset
    early = [one for one in exchanges if hit['told'] + 0.005 < one['sent'] < then - 0.05]
    assert early == [] and exchanges[-1]['sent'] > then - 0.05, (hit, early)
    assert p.status(ref)[0] == 'failure' and len(p.ours(ref)) == 1 and 'openedx:19' in p.github.items(ref)
    assert OUTSIDE in p.github.labels(ref)


@pytest.mark.parametrize('status', [403, 429])
def test_a_limit_told_by_words_alone(alone, status):
    """A minute, as GitHub advises, which is not waited for here; everybody else at this tracker waits as well."""
    p = alone()
    p.expect('"verdict": "parked"')
    p.sandbox.fault(service='github', kind='status', status=status, path='*/pulls/*',
                    body=json.dumps({'message': SECONDARY}))
    row = p.last_event(p.open('openedx/web', author='ivy'))
    assert row['verdict'] == 'parked', row
    said, = [one for one in p.daemon.log() if 'secondary rate limit' in str(one.get('reason'))]
    assert said['class'] == 'limited', said
    wait = seconds(row['retry_at']) - seconds(said['time'])
    assert 55 < wait < 65, row


def test_the_pace_when_none_is_set(alone):
    """About one write a second, as GitHub advises; questions are not held up by it."""
    p = alone(github='')
    refs = [p.github.pull('openedx/web', author='ivy') for _ in range(6)]
    until(lambda: all(p.github.statuses(ref) for ref in refs), 'all statuses')
    p.settle()
    at = [one['sent'] for one in p.daemon.exchanges('github') if one['method'] != 'GET']
    gaps = [after - first for first, after in zip(at, at[1:])]
    assert len(at) == 6 and all(gap > 0.9 for gap in gaps[1:]) and sum(gaps) < 20, gaps
    questions = [one['sent'] for one in p.daemon.exchanges('github') if one['method'] == 'GET' and '/pulls/' in one['url']]
    assert max(questions, default=at[0]) < at[-2], (questions, at)
