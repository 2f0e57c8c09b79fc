"""Planted secrets, and everywhere that they could come to light."""
import base64
import json
import subprocess
import urllib.parse

import pytest

import harness
from harness import API_KEY, HOOK_KEY, LOCKSTEP, WAIT, Scene, delivery, request, until

JIRA_TOKEN = 'planted+jira/token=4c1e"x'
BUGZILLA_KEY = 'planted bugzilla&key?aa90/é'
SECRETS = {'hook key': HOOK_KEY, 'operator key': API_KEY, 'Jira token': JIRA_TOKEN, 'Bugzilla key': BUGZILLA_KEY}


def forms(secret):
    """A secret as it is and as HTTP, JSON and basic authentication write it."""
    as_bytes = secret.encode()
    pair = b'bot@example.org:' + as_bytes
    yield as_bytes
    yield urllib.parse.quote(secret, safe='').encode()
    yield urllib.parse.quote(secret).encode()
    yield urllib.parse.quote_plus(secret).encode()
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield json.dumps(secret)[1:-1].replace('/', '\\/').encode()
    yield base64.b64encode(pair)
    yield base64.b64encode(as_bytes)


def leaks(content):
    content = content.encode() if isinstance(content, str) else content
    return [name for name, secret in SECRETS.items() if any(form in content for form in forms(secret))]


def clean(content, where):
    assert leaks(content) == [], (where, leaks(content))


def seed(stock=False):
    """The sandbox's own world with our keys in it."""
    base = [{'login': 'reporter@example.org', 'real_name': 'Rita'},
            {'login': 'bot@example.org', 'real_name': 'Bot', 'api_key': BUGZILLA_KEY}]
    types = ['Task', 'Bug', 'Story', 'Epic']
    return {'jira': {'deployment': 'Cloud',
                     'users': [{'accountId': '712020:bot', 'name': 'Bot', 'email': 'bot@example.org',
                                'token': JIRA_TOKEN}],
                     'projects': [{'key': 'DEV', 'name': 'Development', 'types': types, 'components': ['Main']}]},
            'bugzilla': {'flavour': 'stock' if stock else 'mozilla', 'users': base}}


def start(serve, sandbox, stock=False, bugzilla='', **more):
    sandbox.control('POST', 'reset', seed(stock))
    env = {'PLANTED_TOKEN': JIRA_TOKEN, 'PLANTED_KEY': BUGZILLA_KEY}
    s = Scene(serve, sandbox, token='${PLANTED_TOKEN}', env=env, bugzilla_key='${PLANTED_KEY}', bugzilla=bugzilla,
              **{'extra': 'retry: {first: 1h}', **more})
    s.daemon.expect('"verdict": "parked"', 'delivery refused', 'breaker opened')
    return s


def look_everywhere(s, health=False):
    """All that the daemon shows and keeps; with health, once its checks have met the trackers as they are now."""
    daemon = s.daemon
    if health:
        daemon.process.send_signal(1)
        until(lambda: [r for r in daemon.log() if r['message'] == 'configuration read again'], 'the reload')
        until(lambda: 'jira.up' in request('GET', daemon.url + '/__heartbeat__').json['details'] or
              'bugzilla.up' in request('GET', daemon.url + '/__heartbeat__').json['details'], 'the checks to fail')
    for row in daemon.get('/api/v1/events?limit=1000').json['events']:
        clean(daemon.get(f'/api/v1/events/{row["id"]}').body, f'API explain {row}')
        clean(daemon.command('explain', row['id'])[1], 'explain')
        clean(daemon.command('explain', row['id'], '--json')[1], 'explain --json')
    for path in ('/', '/__heartbeat__', '/__version__', '/metrics', '/nowhere', '/api/v1/events', '/api/v1/nothing',
                 '/api/v1/events?limit=x', '/api/v1/events/4711'):
        clean(daemon.get(path).body, path)
        clean(request('GET', daemon.url + path).body, path)
    clean(daemon.command('events')[1], 'events')
    clean('\n'.join(daemon.lines), 'the log')
    assert daemon.stop() == 0
    clean('\n'.join(daemon.lines), 'the log')
    kept = list(daemon.folder.glob('lockstep.db*'))
    assert kept
    for file in kept:
        if file.is_file():
            clean(file.read_bytes(), file.name)


def echo(secret):
    """An answer that throws a credential back, in every form."""
    pair = base64.b64encode(f'bot@example.org:{secret}'.encode()).decode()
    said = ' '.join([secret, urllib.parse.quote(secret, safe=''), pair])
    return {'body': json.dumps({'errorMessages': [f'bad token: {said}'], 'errors': {'token': said}, 'message': said,
                                'error': True, 'code': 4711}),
            'headers': {'X-Echo': urllib.parse.quote(secret), 'RateLimit-Reason': urllib.parse.quote(secret)}}


def test_the_search_finds_what_is_planted():
    for name, secret in SECRETS.items():
        for form in forms(secret):
            assert name in leaks(b'xx' + form + b'yy')
    clean(b'harmless', 'nothing')


def test_events_that_go_well(serve, sandbox):
    s = start(serve, sandbox)
    assert s.tell(s.bug())['verdict'] == 'applied'
    assert s.tell(s.bug(whiteboard=''))['verdict'] == 'discarded'
    look_everywhere(s)


@pytest.mark.parametrize('status', [400, 401, 403, 404, 429, 500, 503, 302])
def test_jira_echoes_credentials(serve, sandbox, status):
    s = start(serve, sandbox)
    of = s.bug()
    sandbox.fault(service='jira', kind='status', status=status, times=0, **echo(JIRA_TOKEN))
    row = s.tell(of)
    assert row['verdict'] == 'parked'
    look_everywhere(s, health=status != 429)  # 429 holds the checks back as well


@pytest.mark.parametrize('status', [400, 401, 404, 429, 500])
def test_bugzilla_echoes_credentials(serve, sandbox, status):
    s = start(serve, sandbox)
    of = s.bug()
    sandbox.fault(service='bugzilla', kind='status', status=status, times=0, **echo(BUGZILLA_KEY))
    s.tell(of)
    look_everywhere(s, health=status != 429)  # 429 holds the checks back as well


def test_a_good_answer_echoes_credentials(serve, sandbox):
    s = start(serve, sandbox)
    of = s.bug()
    body = json.dumps({'bugs': [{**of, 'summary': f'My key is {BUGZILLA_KEY} and {JIRA_TOKEN}', 'is_open': True,
                                 'groups': []}]})
    sandbox.fault(service='bugzilla', method='GET', path=f'/rest/bug/{of["id"]}', kind='status', status=200, body=body,
                  times=0)
    s.tell(of)
    look_everywhere(s)


def test_a_delivery_bears_a_secret(serve, sandbox):
    """Somebody pastes a key into a summary: the copy in Jira is not ours to change, what we show is."""
    s = start(serve, sandbox)
    row = s.tell(s.bug(summary=f'see {JIRA_TOKEN}', whiteboard=f'[dev] {API_KEY}'))
    body = s.daemon.get(f'/api/v1/events/{row["id"]}').body
    clean(body, 'API explain')
    clean('\n'.join(s.daemon.lines), 'the log')
    clean(s.daemon.command('explain', row['id'])[1], 'explain')


@pytest.mark.parametrize('fault', [{'kind': 'close'}, {'kind': 'cut'}, {'kind': 'hang'},
                                   {'kind': 'status', 'status': 502}])
def test_answers_are_lost(serve, sandbox, fault):
    s = start(serve, sandbox, jira='timeout: 1s')
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', **fault)
    assert s.tell(s.bug())['verdict'] == 'parked'
    look_everywhere(s)


@pytest.mark.parametrize('where', ['query', 'auto'])
def test_a_key_in_the_address(serve, sandbox, where):
    """Stock Bugzilla takes the key in the query only."""
    s = start(serve, sandbox, stock=True, bugzilla=f'api_key_in: {where}')
    s.daemon.expect('api_key_in')
    of = s.bug()
    s.tell(of)
    sandbox.fault(service='bugzilla', kind='close', times=0)
    s.tell(s.bug())
    sandbox.heal()
    sandbox.fault(service='bugzilla', kind='status', status=302, times=1,
                  headers={'Location': sandbox.bugzilla + '/x?api_key=' + urllib.parse.quote(BUGZILLA_KEY, safe='')})
    s.tell(s.bug())
    used = [x for x in sandbox.exchanges() if 'api_key=' in (x['query'] or '')]
    assert used, 'the key was never in an address'
    look_everywhere(s)


def test_a_sender_with_a_wrong_key_learns_nothing(serve, sandbox):
    s = start(serve, sandbox)
    s.daemon.post(delivery({'id': 1, 'is_private': True}), key=API_KEY)
    for key in ('wrong', HOOK_KEY[:-1], API_KEY):
        answer = s.daemon.post(delivery({'id': 1, 'is_private': True}), key=key)
        assert answer.status == 401
        clean(answer.body + str(answer.headers).encode(), 'the refusal')
    answer = request('GET', s.daemon.url + '/api/v1/events', headers={'X-Api-Key': HOOK_KEY})
    clean(answer.body + str(answer.headers).encode(), 'the refusal')
    answer = request('POST', s.daemon.url + '/bugzilla_webhook?api_key=' + urllib.parse.quote(HOOK_KEY), b'{}')
    assert answer.status == 401
    look_everywhere(s)


def test_a_delivery_keeps_no_credentials(serve, sandbox):
    s = start(serve, sandbox)
    event = s.daemon.post(delivery({'id': 1, 'is_private': True}), Authorization='Bearer ' + API_KEY,
                          Cookie='session=' + API_KEY).json['id']
    s.daemon.verdict(event)
    look_everywhere(s)


def test_health_and_check(serve, sandbox):
    s = start(serve, sandbox)
    sandbox.fault(service='jira', kind='status', status=401, times=0, **echo(JIRA_TOKEN))
    sandbox.fault(service='bugzilla', kind='status', status=400, times=0, **echo(BUGZILLA_KEY))
    env = {'PLANTED_TOKEN': JIRA_TOKEN, 'PLANTED_KEY': BUGZILLA_KEY, 'PATH': '/usr/bin:/bin'}
    done = subprocess.run([LOCKSTEP, 'check', '--online', '--config', str(s.daemon.config)], env=env, text=True,
                          capture_output=True, timeout=WAIT)
    assert done.returncode == 1 and 'error' in done.stdout
    clean(done.stdout + done.stderr, 'check --online')
    s.daemon.process.send_signal(1)
    until(lambda: [r for r in s.daemon.log() if r['message'] == 'configuration read again'], 'the reload')
    until(lambda: request('GET', s.daemon.url + '/__heartbeat__').status == 503, 'the heartbeat to fail')
    look_everywhere(s)


def run(command, folder, **env):
    return subprocess.run([LOCKSTEP, command, '--config', str(folder / 'lockstep.yaml')], text=True, timeout=WAIT,
                          env={'PATH': '/usr/bin:/bin', **env}, capture_output=True)


WRONG = [
    ('    timeout: {secret}\n', 'bugzilla timeout'), ('    unknown: {secret}\n', 'unknown option'),
    ('    concurrency: "{secret}"\n', 'number'), ('    hook_key: ["{secret}", {{}}]\n', 'list of secrets')]


@pytest.mark.parametrize('line, what', WRONG)
def test_wrong_configurations(tmp_path, sandbox, line, what):
    """A secret in the environment that lands in a wrong place is not shown in the refusal."""
    (tmp_path / 'actions.yaml').write_text(harness.ACTIONS)
    text = harness.config_of(sandbox).replace('    api_key: sandbox-bugzilla-key\n',
                                              '    api_key: ${PLANTED_KEY}\n' + line.format(secret='${PLANTED_KEY}'))
    (tmp_path / 'lockstep.yaml').write_text(text)
    for command in ('check', 'serve'):
        done = run(command, tmp_path, PLANTED_KEY=BUGZILLA_KEY)
        assert done.returncode == 1, (what, done.stderr)
        clean(done.stdout + done.stderr, what)


@pytest.mark.parametrize('secret', ['[]', '{}', '[planted-list-item]', '{planted: map}', '""', '~'])
def test_a_secret_of_a_wrong_type(tmp_path, sandbox, secret):
    (tmp_path / 'actions.yaml').write_text(harness.ACTIONS)
    (tmp_path / 'lockstep.yaml').write_text(harness.config_of(sandbox, token=secret))
    done = run('check', tmp_path)
    assert done.returncode == 1 and 'trackers.jira.token' in done.stderr
    assert 'planted' not in done.stderr + done.stdout


def test_a_url_with_a_password_is_not_shown(tmp_path, sandbox):
    (tmp_path / 'actions.yaml').write_text(harness.ACTIONS)
    text = harness.config_of(sandbox).replace('url: http://', 'url: http://me:planted-password@')
    (tmp_path / 'lockstep.yaml').write_text(text)
    done = run('check', tmp_path)
    assert done.returncode == 1 and 'trackers.jira.url' in done.stderr
    assert 'planted-password' not in done.stderr


def test_a_secret_that_was_replaced_stays_hidden(serve, sandbox):
    s = start(serve, sandbox)
    sandbox.fault(service='jira', kind='status', status=400, times=0, **echo(JIRA_TOKEN))
    text = s.daemon.config.read_text()
    s.daemon.config.write_text(text.replace('${PLANTED_TOKEN}', 'another-token-777'))
    s.daemon.process.send_signal(1)
    until(lambda: [r for r in s.daemon.log() if r['message'] == 'configuration read again'], 'the reload')
    assert s.tell(s.bug())['verdict'] == 'parked'
    look_everywhere(s)
