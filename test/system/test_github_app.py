"""Lockstep as a GitHub App: short-lived tokens, had when they are needed, shown to nobody."""
import base64
import json
import signal
import subprocess

import pytest

import harness
from harness import API_KEY, GITHUB_SECRET, LOCKSTEP, WAIT, request, until
from test_contract_github import FOLDER, check, description  # noqa: F401
from test_gaps import gaps, looked, places

REPO, APP, BOT = 'openedx/edx-platform', 'keeper', 'keeper[bot]'
CONFIG = '''
server: {{listen: "127.0.0.1:0", api_key: {key}}}
store: sqlite:lockstep.db
retry: {retry}
trackers:
  github: {{kind: github, url: "{api}", {login}, hook_secret: "{secret}", rate: 1000/s}}
bridges:
  - {{kind: github-contributions, from: github, people: people.csv, orgs: orgs.yaml, jira_info: jira-info.yaml,
     reconcile: {reconcile}}}
'''
LOGIN = 'app_id: 4711, private_key: "${file:app.pem}"'


def openssl(*args, given=None):
    return subprocess.run(['openssl', *args], input=given, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope='module')
def keys():
    """Two private keys, and a short one."""
    return [openssl('genrsa', str(bits)) for bits in (2048, 2048, 1024)]


def public(key):
    return openssl('rsa', '-pubout', given=key)


class Scene:
    """A pretend GitHub with an App, and daemons that are it."""

    def __init__(self, folder, sandbox, key):
        self.folder, self.sandbox, self.github, self.key = folder, sandbox, sandbox.github, key
        self.daemon, self.hook, self.expected = None, None, []
        self.github.repo(REPO)
        self.app(id=4711, public_key=public(key), installations=[{'id': 12, 'account': 'openedx'}])
        for name, text in {'people.csv': 'GitHub Username,Account Name\nsigned,Acme\n', 'orgs.yaml': '{}\n',
                           'jira-info.yaml': '{}\n', 'app.pem': key}.items():
            (folder / name).write_text(text)

    def app(self, **fields):
        self.github.control('PUT', f'apps/{APP}', fields)

    def config(self, login=LOGIN, retry='{first: 1s}', reconcile='24h'):
        return CONFIG.format(key=API_KEY, api=self.github.api, login=login, secret=GITHUB_SECRET, retry=retry,
                             reconcile=reconcile)

    def start(self, port=None, **more):
        port = port or self.daemon and int(self.daemon.url.rsplit(':', 1)[1])
        text = self.config(**more)
        self.daemon = harness.Daemon(self.folder, text.replace('127.0.0.1:0', f'127.0.0.1:{port}') if port else text)
        self.daemon.expect(*self.expected)
        self.hook = self.hook or self.github.hook(self.daemon, of='openedx')
        return self.daemon

    def open(self):
        """A pull request is opened; its ref, and the events that the daemon was told of so far."""
        ref = self.github.pull(REPO, author='signed')
        return ref, self.github.events(self.hook)

    def done(self, ref, events):
        for one in events:
            assert self.daemon.verdict(one, 'applied', 'unchanged', 'discarded')
        assert [row[:2] for row in self.github.statuses(ref)] == [('openedx/cla', 'success')]
        assert len(self.github.comments(ref)) == len(self.github.comments(ref, by=BOT)) == 1

    def first(self, ref, events):
        """The event of its opening."""
        return next(one for one in events if self.daemon.explain(one)['event']['subject'] == 'github:' + ref)

    def held(self, event):
        """Why the tracker that the event waits for is not asked."""
        return until(lambda: self.daemon.explain(event)['event'].get('held_why'), 'the breaker')

    def asked(self, path=''):
        return [one for one in self.github.exchanges() if path in one['path']]

    def tokens(self):
        """All that were granted."""
        return [one['answer']['token'] for one in self.asked('/access_tokens') if one['status'] == 201]


@pytest.fixture
def scene(tmp_path, sandbox, keys):
    one = Scene(tmp_path, sandbox, keys[0])
    yield one
    if one.daemon:
        one.daemon.end()


@pytest.mark.parametrize('login, lists', [(LOGIN, 1), (LOGIN + ', installation: 12', 0)])
def test_everything_is_done_as_the_app(scene, login, lists):
    scene.start(login=login)
    scene.done(*scene.open())
    scene.done(*scene.open())
    assert len(scene.tokens()) == 1
    assert len([one for one in scene.asked('/app/installations') if one['method'] == 'GET']) == lists
    assert all(one['status'] < 300 or one['status'] == 404 for one in scene.asked())


@pytest.mark.skipif(not FOLDER, reason='GitHub\'s descriptions are not there: run test/contract/install')
def test_all_of_it_fits_githubs_description(scene, description):
    """But for the list of installations, whose account it takes for a user and an enterprise at once."""
    scene.start()
    scene.done(*scene.open())
    rows = [one for one in scene.github.exchanges() if not one['url'].startswith('/app/installations?')]
    assert check(description, rows) > 5


def test_what_the_apps_own_webhook_lost_is_read_from_its_log(scene, request):
    port = harness.free_port()
    scene.hook = scene.github.hook(f'http://127.0.0.1:{port}', of='@' + APP)
    daemon = scene.start(port, reconcile='250ms')
    daemon.expect('no webhook told of it')
    scene.done(*scene.open())
    known = scene.github.events(scene.hook)
    looked(daemon, 2, 'github', '@app')  # at an empty log perhaps, and at what is known already
    assert gaps(daemon, 'github')['missed'] == 0
    assert scene.asked('/app/hook/deliveries')
    scene.github.astray(scene.hook, lose=2)
    refs = [scene.github.pull(REPO, author='signed') for _ in range(2)]
    for ref in refs:
        until(lambda ref=ref: scene.github.statuses(ref), 'the lost ones to be worked on')
    rows = daemon.get('/api/v1/events?limit=100').json['events']
    opened = [row for row in rows if row['kind'] == 'pull_request.opened']
    assert [row['source'] for row in opened] == ['webhook'] * 3 and len(rows) >= len(known) + 2, rows
    until(lambda: (places(daemon, 'github')['@app']['missed'], places(daemon, 'github')['@app']['recovered']) == (2, 2),
          'them to be counted')
    assert len(scene.asked('/app/hook/deliveries/')) <= 3  # these two, and one for the webhook's number
    for words, code, said in [(('check', 'github:@app'), 0, 'github:@app: working'),
                              (('check',), 0, f'github:{REPO}: none, that of @app tells of it'),
                              (('check', 'github:openedx'), 0, 'github:openedx: none, that of @app tells of it'),
                              (('list',), 0, daemon.url + '/github/hook-receiver  *'),
                              (('install', 'github:@app'), 1, 'is set at GitHub')]:
        got, out, err = daemon.command('hooks', *words)
        assert got == code and said in out + err, (words, got, out, err)
    if FOLDER:
        about_hook = [one for one in scene.github.exchanges() if one['url'].startswith('/app/hook')]
        assert check(request.getfixturevalue('description'), about_hook) > 5


def test_an_apps_webhook_that_leads_elsewhere_is_not_ours(scene, request):
    scene.hook = scene.github.hook('http://127.0.0.1:9', of='@' + APP, path='/of/others')
    daemon = scene.start(reconcile='250ms')
    row = looked(daemon, 1, 'github', '@app')
    assert (row['hook'], row['note']) == ('none', f'no webhook is known to tell of {REPO} (1)')
    code, out, err = daemon.command('hooks', 'check', 'github:@app')
    assert (code, out) == (1, f'github:@app: none\ngithub:{REPO}: none: nothing from it can arrive\n'), (code, out, err)
    assert not scene.asked('/app/hook/deliveries')
    if FOLDER:
        assert check(request.getfixturevalue('description'),
                     [one for one in scene.github.exchanges() if one['url'].startswith('/installation/')]) > 1


def test_many_events_wait_for_one_token(scene):
    scene.sandbox.fault(service='github', path='*/access_tokens', kind='slow', delay_ms=300)
    scene.start()
    refs = [scene.open()[0] for _ in range(8)]
    events = scene.github.events(scene.hook)
    for ref in refs:
        scene.done(ref, events)
    assert len(scene.tokens()) == 1


def test_a_comment_of_our_own_is_no_news(scene):
    daemon = scene.start()
    ref, events = scene.open()
    scene.done(ref, events)
    row = [daemon.verdict(one) for one in scene.github.events(scene.hook)
           if daemon.explain(one)['event']['kind'].startswith('issue_comment')]
    assert row and all('a comment of our own' in one['reason'] for one in row)


def test_a_token_that_expires_is_renewed_before(scene):
    scene.app(lifetime_ms=3000)
    scene.start()
    scene.done(*scene.open())
    first = scene.tokens()[0]
    until(lambda: scene.github.rest('GET', 'zen', token=first).status == 401, 'the token to expire')
    refused = len([one for one in scene.asked() if one['status'] == 401])
    scene.done(*scene.open())
    assert len(scene.tokens()) > 1
    assert len([one for one in scene.asked() if one['status'] == 401]) == refused


def test_a_token_that_is_refused_is_got_anew_and_nothing_is_lost(scene):
    daemon = scene.start()
    scene.done(*scene.open())
    scene.github.control('DELETE', f'apps/{APP}/tokens')
    ref, events = scene.open()
    scene.done(ref, events)
    assert len(scene.tokens()) == 2
    assert any(one['status'] == 401 for one in scene.asked())
    assert all(daemon.explain(one)['event']['attempts'] == 1 for one in events)


def test_a_token_that_is_always_refused_opens_the_breaker(scene):
    daemon = scene.start()
    daemon.expect('breaker opened', 'parked')
    scene.sandbox.fault(service='github', path='*/repos/*', kind='status', status=401, times=0,
                        body='{"message":"Bad credentials"}')
    ref, events = scene.open()
    assert '401' in scene.held(events[0])
    until(lambda: 'lockstep_breaker_open{tracker="github"} 1' in daemon.get('/metrics').body.decode(), 'the breaker')
    scene.sandbox.heal()
    scene.done(ref, events)


def test_a_wrong_key_opens_the_breaker_and_says_so(scene, keys):
    daemon = scene.start()
    scene.app(public_key=public(keys[1]))
    daemon.expect('breaker opened', 'parked')
    ref, events = scene.open()
    reason = scene.held(events[0])
    assert reason.startswith('github credentials: list installations: HTTP 401')
    assert 'JSON web token could not be decoded' in reason
    assert reason in daemon.command('explain', events[0])[1]
    opened = until(lambda: [row for row in daemon.log() if row['message'] == 'breaker opened'], 'the breaker')
    assert opened[0]['class'] == 'auth' and 'JSON web token' in opened[0]['reason']
    scene.app(public_key=public(scene.key))
    scene.done(ref, events)


@pytest.mark.parametrize('installations, words', [
    ([], 'installed nowhere'),
    ([{'id': 12, 'account': 'openedx'}, {'id': 13, 'account': 'acme'}], 'openedx 12, acme 13'),
    ([{'id': 12, 'account': 'openedx', 'suspended': True}], 'suspended')])
def test_an_installation_that_is_not_clear(scene, installations, words):
    scene.app(installations=installations)
    daemon = scene.start()
    daemon.expect('breaker opened', 'parked')
    ref, events = scene.open()
    assert words in scene.held(events[0])
    scene.app(installations=[{'id': 12, 'account': 'openedx'}])
    scene.done(ref, events)


def test_an_installation_that_is_not_there(scene):
    daemon = scene.start(login=LOGIN + ', installation: 99')
    daemon.expect('breaker opened', 'parked')
    _, events = scene.open()
    assert 'are url, app_id and installation right?' in scene.held(events[0])


def test_no_token_for_a_while(scene):
    daemon = scene.start()
    daemon.expect('breaker opened', 'parked')
    scene.sandbox.fault(service='github', path='*/access_tokens', kind='status', status=503, times=2)
    scene.sandbox.fault(service='github', path='*/access_tokens', kind='cut')
    ref, events = scene.open()
    daemon.verdict(events[0], 'parked')
    scene.done(ref, events)


def test_killed_while_it_waits_for_a_token(scene):
    scene.start()
    scene.sandbox.fault(service='github', path='*/access_tokens', kind='hang')
    ref, events = scene.open()
    until(lambda: scene.asked('/app/installations'), 'the token to be asked for')
    scene.daemon.stop(signal.SIGKILL)
    scene.sandbox.heal()
    scene.start()
    scene.done(ref, events)


@pytest.mark.parametrize('after', range(1, 12, 2))
def test_killed_in_between(scene, after):
    """The token is gone with the process, which gets another one and does nothing twice."""
    scene.start()
    scene.sandbox.fault(service='github', kind='hang', path='*/repos/*', after=after, times=1)
    ref, events = scene.open()
    until(lambda: scene.sandbox.control('GET', 'faults')['faults'][0]['fired'] or
          scene.daemon.explain(events[0])['event']['verdict'] != 'running', 'the fault')
    scene.daemon.stop(signal.SIGKILL)
    scene.sandbox.heal()
    scene.start()
    scene.done(ref, events)
    assert len(scene.tokens()) in (1, 2)  # one, when nothing was left to do


def lines(key):
    return [line for line in key.splitlines() if len(line) > 40]


def forms(secret):
    yield secret
    yield base64.b64encode(secret.encode()).decode()


def test_neither_key_nor_tokens_are_shown(scene):
    daemon = scene.start(retry='{first: 1h}')
    daemon.expect('parked', 'breaker opened')
    scene.done(*scene.open())
    token = scene.tokens()[0]
    said = json.dumps({'message': f'no: {token} {scene.key}', 'errors': [token]})
    scene.sandbox.fault(service='github', method='POST', path='*/comments', kind='status', status=400, body=said,
                        times=0)
    daemon.verdict(scene.first(*scene.open()), 'parked')
    scene.github.control('DELETE', f'apps/{APP}/tokens')
    scene.sandbox.fault(service='github', path='/github/api/app*', kind='status', status=401, body=said, times=0)
    assert '***' in scene.held(scene.first(*scene.open()))
    shown = {path: daemon.get(path).body.decode() for path in
             ('/metrics', '/__heartbeat__', '/', '/api/v1/events?limit=100')}
    for event in scene.github.events(scene.hook):
        shown[f'explain {event}'] = daemon.get(f'/api/v1/events/{event}').body.decode()
        shown[f'explain of the command {event}'] = daemon.command('explain', event)[1]
    shown['check'] = ''.join(map(str, daemon.command('check')))
    assert daemon.stop() == 0
    shown['log'] = '\n'.join(daemon.lines)
    for file in scene.folder.glob('lockstep.db*'):
        shown[file.name] = file.read_bytes().decode('latin-1')
    assert any('***' in text for text in shown.values())
    for where, text in shown.items():
        for secret in [*scene.tokens(), *lines(scene.key)]:
            assert not any(form in text for form in forms(secret)), where
        assert 'eyJhbGciOiJSUzI1NiIs' not in text, where


WRONG = {'both': ('token: t0ken, ' + LOGIN, 'not both'),
         'none': ('timeout: 10s', 'give a token, or app_id and private_key'),
         'no key': ('app_id: 4711', 'both app_id and private_key'),
         'no id': ('private_key: "${file:app.pem}"', 'both app_id and private_key'),
         'a strange id': (LOGIN.replace('4711', '"a b"'), 'client id'),
         'an installation of no App': ('token: t0ken, installation: 12', 'installation is an App'),
         'no key at all': ('app_id: 4711, private_key: planted-nonsense', 'private key of RSA in PEM'),
         'a public key': ('app_id: 4711, private_key: "${file:public.pem}"', 'private key of RSA in PEM'),
         'a key with a passphrase': ('app_id: 4711, private_key: "${file:locked.pem}"', 'private key of RSA in PEM'),
         'no RSA': ('app_id: 4711, private_key: "${file:curve.pem}"', 'private key of RSA in PEM'),
         'a short key': ('app_id: 4711, private_key: "${file:short.pem}"', 'less than 2048 bits')}


@pytest.mark.parametrize('name', WRONG)
def test_what_check_refuses(scene, keys, name):
    login, words = WRONG[name]
    files = {'public.pem': public(scene.key), 'short.pem': keys[2],
             'locked.pem': openssl('rsa', '-aes256', '-passout', 'pass:planted', given=scene.key),
             'curve.pem': openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256')}
    for file, text in files.items():
        (scene.folder / file).write_text(text)
    (scene.folder / 'lockstep.yaml').write_text(scene.config(login=login))
    done = subprocess.run([LOCKSTEP, 'check', '--config', str(scene.folder / 'lockstep.yaml')], text=True,
                          capture_output=True, timeout=WAIT, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and words in done.stderr and 'trackers.github.' in done.stderr, done.stderr
    said = done.stdout + done.stderr
    assert 'planted' not in said and 'BEGIN' not in said
    assert not any(line in said for text in [scene.key, *files.values()] for line in lines(text))


def test_check_online(scene):
    scene.start()
    code, out, err = scene.daemon.command('check', '--online')
    assert code == 0, out + err


def test_another_key_after_a_reload(scene, keys):
    daemon = scene.start()
    scene.done(*scene.open())
    scene.app(public_key=public(keys[1]))
    scene.github.control('DELETE', f'apps/{APP}/tokens')
    (scene.folder / 'app.pem').write_text(keys[1])
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: [row for row in daemon.log() if row['message'] == 'configuration read again'], 'the reload')
    scene.done(*scene.open())
    assert request('GET', daemon.url + '/__heartbeat__').status in (200, 503)
