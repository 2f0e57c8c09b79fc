"""The real programs, started for a test: a sandbox, a daemon, and deliveries as Bugzilla sends them."""
import atexit
import base64
import datetime
import functools
import hmac
import http.client
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / 'shared' / 'data'
LOCKSTEP = os.environ.get('LOCKSTEP', str(PROJECT / 'build' / 'lockstep'))
HOOK_KEY = 'planted-hook-key-7f3a'
API_KEY = 'planted-operator-key-91bc'
GITHUB_SECRET = 'planted-github-secret-5d20'
GITHUB_TOKEN = 'sandbox-github-token'
WAIT = 60  # seconds; only ever reached when something is broken


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def request(method, url, body=None, headers=None, timeout=WAIT):
    """One HTTP request on a connection of its own; any status is an answer. A dict or list is sent as JSON."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
        headers.setdefault('Content-Type', 'application/json')
    if isinstance(body, str):
        body = body.encode()
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        path = parts.path + ('?' + parts.query if parts.query else '')
        connection.request(method, path, body=body, headers=headers)
        got = connection.getresponse()
        return Answer(got.status, got.headers, got.read())
    finally:
        connection.close()


def until(ask, what, seconds=WAIT):
    """Ask until the answer is true; the answer."""
    end, pause = time.monotonic() + seconds, 0.001
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(pause)
        pause = min(2 * pause, 0.01)
    raise AssertionError(f'waited {seconds} s for {what}')


def seconds(when):
    """A time of the log, the API or the sandbox, as a number."""
    return datetime.datetime.fromisoformat(when).timestamp()


def free_port():
    """A port at which nobody listens, and which the kernel gives to nobody who asks for any."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as s:
            try:
                s.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue


@functools.cache
def preloaded(name):
    """The environment in which a program has that library of test/fault, which is built once."""
    to = pathlib.Path(tempfile.mkdtemp(prefix='lockstep-fault-')) / f'{name}.so'
    atexit.register(shutil.rmtree, to.parent)
    subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-g', '-Wall', '-Wextra', '-o', to,
                    PROJECT / 'test' / 'fault' / f'{name}.c', '-ldl', '-pthread'], check=True)
    return {'LD_PRELOAD': str(to), 'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}


class Program:
    """A child whose standard error is read line by line as it comes; what it has said so far is in `lines`."""

    def __init__(self, *args, env=None):
        self.process = subprocess.Popen([LOCKSTEP, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={**os.environ, **(env or {})})
        self.said, self.half, self.lock = [], b'', threading.Lock()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while self._take():
            select.select([self.process.stderr], [], [])

    def _take(self):
        """Take what there is; false at its end."""
        with self.lock:
            while not self.process.stderr.closed and select.select([self.process.stderr], [], [], 0)[0]:
                piece = os.read(self.process.stderr.fileno(), 65536)
                *whole, self.half = (self.half + piece).split(b'\n')
                self.said += [line.decode(errors='replace') for line in whole]
                if not piece:
                    return False
        return True

    @property
    def lines(self):
        self._take()
        return list(self.said)

    def stop(self, number=signal.SIGTERM, seconds=WAIT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f'{self.process.args[1]} did not stop in {seconds} s:\n' + '\n'.join(self.lines[-20:]))
        self.reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


class Sandbox(Program):
    def __init__(self, seed=None, port=0):
        super().__init__('sandbox', '--listen', f'127.0.0.1:{port}', *(['--seed', seed] if seed else []))
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT)
        assert ready, 'the sandbox did not start'
        line = self.process.stdout.readline().decode()
        assert 'http://' in line, line + '\n'.join(self.lines)
        self.url = line.split()[1].removesuffix('/jira/')
        self.jira = self.url + '/jira'
        self.bugzilla = self.url + '/bugzilla'
        self.github = GitHub(self)

    def control(self, method, path, body=None):
        answer = request(method, self.url + '/_sandbox/' + path, body)
        assert answer.status < 300, (path, answer.status, answer.body)
        return json.loads(answer.body) if answer.body else None

    def put_bug(self, bug):
        return self.control('PUT', f'bugzilla/bugs/{bug["id"]}', bug)

    def bug(self, number):
        """The bug as REST tells it to the privileged key."""
        return request('GET', f'{self.bugzilla}/rest/bug/{number}',
                       headers={'X-BUGZILLA-API-KEY': 'sandbox-bugzilla-key'}).json['bugs'][0]

    def issues(self):
        return self.control('GET', 'jira/issues')['issues']

    def issue(self, key):
        return self.control('GET', f'jira/issues/{key}')

    def writes(self, after=0):
        return self.control('GET', f'writes?after={after}')['writes']

    def exchanges(self, after=0):
        return self.control('GET', f'exchanges?after={after}')['exchanges']

    def fault(self, **rule):
        return self.control('POST', 'faults', rule)

    def heal(self):
        return self.control('DELETE', 'faults')


class GitHub:
    """The sandbox's GitHub. A pull request or issue is named by its ref, OWNER/REPO#N."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.url = sandbox.url + '/github'
        self.api = self.url + '/api'

    def control(self, method, path, body=None):
        return self.sandbox.control(method, 'github/' + path, body)

    def rest(self, method, path, body=None, token=GITHUB_TOKEN, **headers):
        """A request as a program sends it; `token` None: nobody."""
        login = {'Authorization': f'Bearer {token}'} if token else {}
        return request(method, f'{self.api}/{path}', body, {'User-Agent': 'test', **login, **headers})

    def user(self, login, **fields):
        return self.control('PUT', f'users/{urllib.parse.quote(login)}', fields)

    def repo(self, name, **fields):
        return self.control('PUT', f'repos/{name}', fields)

    def rename(self, name, to):
        return self.control('POST', f'repos/{name}/rename', {'to': to})

    def file(self, name, path, text):
        """Put a file, or, with None, take it away."""
        return self.control('DELETE' if text is None else 'PUT', f'repos/{name}/files/{path}', text and {'text': text})

    def board(self, name, **fields):
        """A board ORG:NUMBER; fields are names, of text, or {name, type, options}."""
        return self.control('PUT', 'boards/' + name.replace(':', '/'), fields)

    def pull(self, repo, **fields):
        """Open a pull request as its author; its ref."""
        return self.control('POST', f'repos/{repo}/pulls', {'author': 'ada', **fields})['ref']

    def issue(self, repo, **fields):
        return self.control('POST', f'repos/{repo}/issues', {'author': 'ada', **fields})['ref']

    def _place(self, ref):
        repo, number = ref.split('#')
        return f'repos/{repo}/issues/{number}'

    def act(self, ref, what, **body):
        """What a person does to it: see control_acts in github_control.c. by=LOGIN, quiet=True."""
        return self.control('POST', f'{self._place(ref)}/{what}', body)

    def label(self, ref, *names, **more):
        for name in names:
            self.act(ref, 'label', name=name, **more)

    def unlabel(self, ref, *names, **more):
        for name in names:
            self.act(ref, 'unlabel', name=name, **more)

    def get(self, ref):
        """All that is known of it."""
        return self.control('GET', self._place(ref))

    def all(self, repo):
        return self.control('GET', f'repos/{repo}/issues?limit=10000')['issues']

    def labels(self, ref):
        return set(self.get(ref)['labels'])

    def comments(self, ref, by=None):
        """Their texts; of one login alone with `by`."""
        return [one['body'] for one in self.get(ref)['comments'] if by in (None, one['user']['login'])]

    def statuses(self, ref):
        """Of its head, the newest first: (context, state, description, target address)."""
        return [(one['context'], one['state'], one['description'], one['target_url'])
                for one in self.get(ref)['statuses']]

    def items(self, ref):
        """{board: {field: value}}."""
        return {one['board']: one['values'] for one in self.get(ref)['items']}

    def hook(self, daemon, of='example/app', path='/github/hook-receiver', secret=GITHUB_SECRET, **more):
        """A webhook of a repository OWNER/REPO, an organisation, or an App @SLUG, at the daemon; its number."""
        whose = {'app': of[1:]} if of[0] == '@' else {'repo' if '/' in of else 'org': of}
        url = (daemon if isinstance(daemon, str) else daemon.url) + path
        return self.control('POST', 'hooks', {**whose, 'url': url, 'secret': secret, **more})['id']

    def astray(self, hook, **how):
        """Make the hook's next deliveries go astray: lose, forget, twice, hold, delay_ms, parallel, active."""
        return self.control('PUT', f'hooks/{hook}', how)

    def deliveries(self, hook):
        """All that the hook was told, the oldest first, with bodies and answers."""
        return self.control('GET', f'hooks/{hook}/deliveries')['deliveries']

    def events(self, hook):
        """The numbers that the daemon gave what it was told, once nothing is under way any more."""
        self.idle()
        return [json.loads(one['response']['payload'])['id'] for one in self.deliveries(hook)
                if one['status_code'] == 200]

    def idle(self):
        return until(lambda: self.sandbox.control('GET', 'state')['github']['waiting_deliveries'] == 0,
                     'the deliveries of hooks to end')

    def exchanges(self, after=0):
        """What programs asked of it, with `url` as its descriptions have it."""
        for one in self.sandbox.exchanges(after):
            if one['service'] == 'github' and one['path'].startswith('/github/api/'):
                query = '?' + one['query'] if one['query'] else ''
                yield {**one, 'url': one['path'].removeprefix('/github/api') + query}

    def writes(self, after=0):
        """What programs changed: (method, path below the interface, body), refused ones with their status."""
        rows = []
        for one in self.sandbox.writes(after):
            if one['service'] == 'github':
                row = (one['method'], one['path'].removeprefix('/github/api/'), one.get('body'))
                rows.append(row if one['status'] < 300 else (*row, one['status']))
        return rows


class Daemon(Program):
    """The daemon of a configuration, once it has looked at its trackers' health for the first time: what a test does to
    them is to meet what the test is about. `expected` are words of warnings and errors that the test is about."""

    def __init__(self, folder, config, env=None, args=(), looks=True):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / 'lockstep.yaml'
        if config is not None:
            self.config.write_text(config)
        self.expected = ['gaps cannot be looked for'] if 'CLOCK_FILE' in (env or {}) else []  # as hours pass meanwhile
        super().__init__('serve', '--config', self.config, *args, env=env)
        self.url = until(self._address, 'the daemon to be ready')
        if looks and self.url.startswith('http') and 'kind: bugzilla-to-jira' in self.config.read_text():
            until(lambda: 'jira.up' in self.get('/__heartbeat__').json['checks'], 'its first look at the trackers')

    def _address(self):
        if self.process.poll() is not None:
            self.reader.join(5)
            raise AssertionError('the daemon ended:\n' + '\n'.join(self.lines))
        return next((row['address'] for row in self.log() if row.get('message') == 'ready'), None)

    def log(self):
        rows = []
        for line in self.lines:
            try:
                rows.append(json.loads(line))
            except ValueError:
                rows.append({'level': 'error', 'message': 'not JSON: ' + line})
        return rows

    def post(self, delivery, path='/bugzilla_webhook', key=HOOK_KEY, **headers):
        return request('POST', self.url + path, delivery, {'X-Api-Key': key, **headers})

    def send(self, delivery):
        """A delivery that must be taken; the event's id."""
        answer = self.post(delivery)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json['id']

    def reload(self):
        """Read the configuration again."""
        done = 'configuration read again'
        before = sum(row['message'] == done for row in self.log())
        self.process.send_signal(signal.SIGHUP)
        until(lambda: sum(row['message'] == done for row in self.log()) > before, 'the reload')

    def get(self, path, **headers):
        return request('GET', self.url + path, headers={'X-Api-Key': API_KEY, **headers})

    def explain(self, event):
        answer = self.get(f'/api/v1/events/{event}')
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json

    def verdict(self, event, *wanted):
        """The event's row once it has ended or, with words, once its verdict is one of them; to be parked may have
        passed already when we look, and then its attempts tell."""
        wanted = wanted or ('applied', 'unchanged', 'discarded', 'expired', 'dropped', 'parked')

        def ask():
            whole = self.explain(event)
            was_parked = wanted == ('parked',) and any(one['verdict'] == 'parked' for one in whole['attempts'])
            return whole['event'] if was_parked or whole['event']['verdict'] in wanted else None
        return until(ask, f'event {event} to be {" or ".join(wanted)}')

    def deliver(self, delivery, *wanted):
        return self.verdict(self.send(delivery), *wanted)

    def metric(self, name, **labels):
        """The value of a series; None when there is none."""
        wanted = '{' + ','.join(f'{key}="{value}"' for key, value in labels.items()) + '}'
        found = re.search(rf'^{name}{re.escape(wanted)} (\S+)$', self.get('/metrics').body.decode(), re.M)
        return float(found[1]) if found else None

    def exchanges(self, tracker, events=None):
        """What was asked of the tracker for the events (all, if none are given), in the order of sending; `sent` and
        `told` say when, by the daemon's own clock: what a busy machine delays on the way is nobody's haste."""
        events = events or [row['id'] for row in self.get('/api/v1/events?limit=1000').json['events']]
        found = [one for event in events for tried in self.explain(event)['attempts'] if 'trace' in tried
                 for one in tried['trace'].get('exchanges', []) if one['tracker'] == tracker]
        for one in found:
            one['sent'] = seconds(one['at'])
            one['told'] = one['sent'] + one['took_ms'] / 1000
        return sorted(found, key=lambda one: one['sent'])

    def units(self, event):
        """The decision's units of the last attempt, those that matched."""
        trace = self.explain(event)['attempts'][-1]['trace']
        return [unit for unit in trace['decision'].get('units', []) if unit.get('matched')]

    def command(self, *args):
        done = subprocess.run([LOCKSTEP, *map(str, args), '--config', str(self.config)], capture_output=True, text=True,
                              timeout=WAIT)
        return done.returncode, done.stdout, done.stderr

    def expect(self, *words):
        """Warnings and errors with one of these words are what the test is about."""
        self.expected += words

    def unexpected(self):
        bad = [row for row in self.log() if row.get('level') in ('warning', 'error')]
        return [row for row in bad if not any(word in json.dumps(row, ensure_ascii=False) for word in self.expected)]

    def end(self):
        """It ends well, however it was told to, and has said nothing that was not to be expected."""
        if self.process.poll() is None:
            assert self.stop() == 0, '\n'.join(self.lines[-200:])
        self.check_log()

    def check_log(self):
        assert not self.unexpected(), self.unexpected()
        whole = '\n'.join(self.lines)
        for secret in (HOOK_KEY, API_KEY, GITHUB_SECRET, GITHUB_TOKEN, 'sandbox-jira-token', 'sandbox-bugzilla-key'):
            assert secret not in whole, f'{secret} is in the log'


class Clock:
    """The daemon's clocks: what the wall clock is set wrong by, and the time that has passed for both."""

    def __init__(self, folder):
        self.folder, self.wrong, self.passed = folder, 0, 0
        self.env = {**preloaded('clock'), 'CLOCK_FILE': str(folder / 'clock')}
        self.write()

    def write(self):
        new = self.folder / 'clock.new'
        new.write_text(f'{self.wrong * 1000} {self.passed * 1000}')
        os.rename(new, self.folder / 'clock')

    def set(self, seconds):
        """The wall clock is wrong by so much; 0: it is right again."""
        self.wrong = seconds
        self.write()

    def passes(self, seconds, daemon=None):
        self.passed += seconds
        self.write()
        for _ in range(2 if daemon else 0):  # a loop that sleeps learns of it when it is woken; then its timers are due
            try:
                assert daemon.get('/__lbheartbeat__').status == 200
            except ConnectionResetError:  # its connection was too old all at once: it was woken, though
                pass


RARELY = 'reconcile: 24h'  # a look in search of gaps is to meet no test but those that are about it
ACTIONS = '''
- whiteboard_tag: dev
  bugzilla_user_id: 1
  description: all that can be kept in step
  parameters:
    jira_project_key: DEV
'''


def config_of(sandbox, actions='actions.yaml', server='', jira='', bugzilla='', extra='', bridge='',
              token='sandbox-jira-token', user='bot@example.org', bugzilla_key='sandbox-bugzilla-key'):
    who = f'user: {user}' if user else ''  # without: a bearer's token
    bridge = bridge if 'reconcile' in bridge else f'{RARELY}\n    {bridge}'
    return f'''
server: {{listen: "127.0.0.1:0", api_key: {API_KEY}{', ' + server if server else ''}}}
store: sqlite:lockstep.db
trackers:
  bugzilla:
    kind: bugzilla
    url: {sandbox.bugzilla}
    api_key: {bugzilla_key}
    hook_key: {HOOK_KEY}
    {bugzilla}
  jira:
    kind: jira
    url: {sandbox.jira}
    {who}
    token: {token}
    {jira}
bridges:
  - kind: bugzilla-to-jira
    from: bugzilla
    to: jira
    actions: {actions}
    {bridge}
{extra}
'''


# --- deliveries ---

USER = {'id': 2, 'login': 'ada@example.org', 'real_name': 'Ada'}


def bug(number, **fields):
    """A public bug as a delivery shows it."""
    return {'alias': '', 'assigned_to': 'nobody@mozilla.org', 'classification': 'Client Software', 'component': 'General',
            'creation_time': '2026-11-20T09:00:00', 'creator': 'ada@example.org', 'flags': [], 'id': number,
            'is_private': False, 'keywords': [], 'last_change_time': '2026-11-20T09:00:00', 'operating_system': 'All',
            'platform': 'All', 'priority': 'P2', 'product': 'Browser', 'qa_contact': '', 'resolution': '', 'see_also': [],
            'severity': 'S3', 'status': 'NEW', 'summary': f'Summary of {number}', 'target_milestone': '---',
            'type': 'defect', 'url': '', 'version': 'unspecified', 'whiteboard': '[dev]', **fields}


_seconds = [0]


def moment():
    """A time that no other delivery of this run has."""
    _seconds[0] += 1
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(1795165200 + _seconds[0]))


def delivery(of, action='create', target='bug', changes=None, hook=1, user=USER, at=None):
    routing = f'{target}.{action}' + (':' + ','.join(c['field'] for c in changes) if changes else '')
    event = {'action': action, 'routing_key': routing, 'target': target, 'time': at or moment(), 'user': user}
    if changes is not None:
        event['changes'] = changes
    return {'bug': of, 'event': event, 'webhook_id': hook, 'webhook_name': 'lockstep'}


def change(field, removed, added):
    return {'field': field, 'removed': removed, 'added': added}


def comment(number, body, place=1, **more):
    return {'body': body, 'creation_time': '2026-11-20T09:10:00', 'id': number, 'is_private': False, 'number': place, **more}


# --- actions, and bugs told to a daemon ---

BOT = {'Authorization': 'Basic ' + base64.b64encode(b'bot@example.org:sandbox-jira-token').decode()}


def action(tag='dev', project='DEV', steps=None, enabled=True, **parameters):
    """One entry of an action file; steps are {group: [name…]}."""
    if steps is not None:
        parameters['steps'] = steps
    return {'whiteboard_tag': tag, 'bugzilla_user_id': 1, 'description': f'for {tag}', 'enabled': enabled,
            'parameters': {'jira_project_key': project, **parameters}}


class Scene:
    """A daemon with actions on a sandbox: bugs are put there and told to the daemon, the writes that follow are kept."""

    def __init__(self, serve, sandbox, *actions, **more):
        self.sandbox = sandbox
        self.daemon = serve(actions=json.dumps(actions or [action()]), **more)
        self.number, self.writes, self.event = 1000, [], None

    def bug(self, **fields):
        self.number += 1
        made = bug(self.number, **fields)
        self.sandbox.put_bug({'comments': [comment(self.number * 10, 'Description', 0)], **made})
        return {name: value for name, value in made.items() if name != 'comments'}

    def jira(self, method, path, body=None):
        answer = request(method, f'{self.sandbox.jira}/rest/api/2/{path}', body, BOT)
        assert answer.status < 300, (path, answer.status, answer.body)
        return answer.json if answer.body else None

    def make_issue(self, project='DEV', **fields):
        fields = {'project': {'key': project}, 'summary': 'Made by hand', 'issuetype': {'name': 'Task'}, **fields}
        return self.jira('POST', 'issue', {'fields': fields})['key']

    def url(self, key):
        return f'{self.sandbox.jira}/browse/{key}'

    def linked(self, project='DEV', issue=None, **fields):
        """A bug that is linked with an issue; both."""
        key = self.make_issue(project, **(issue or {}))
        return self.bug(**{'see_also': [self.url(key)], **fields}), key

    def tell(self, of, *changes, wanted=(), **more):
        """Deliver an event of the bug; its row. A change is a triple (field, removed, added)."""
        if changes:
            more = {'action': 'modify', 'changes': [change(*c) for c in changes], **more}
        return self.deliver(delivery(of, **more), *wanted)

    def say(self, of, said, **more):
        """Deliver a comment, which the bug gets in the sandbox too."""
        self.sandbox.put_bug({'id': of['id'], 'comment': said})
        return self.deliver(delivery({**of, 'comment': said}, target='comment', **more))

    def deliver(self, what, *wanted):
        last = self.sandbox.control('GET', 'writes?after=999999999')['last']
        row = self.daemon.deliver(what, *wanted)
        self.event = row['id']
        self.writes = [plain_write(one) for one in self.sandbox.writes(last)]
        return row

    def issue(self, key):
        return self.sandbox.issue(key)

    def fields(self, key):
        return self.sandbox.issue(key)['fields']

    def comments(self, key):
        return [one['body'] for one in self.sandbox.issue(key)['comments']]

    def links(self, key):
        """The issue's links: {(type, side of the other end, its key)}."""
        return {(link['type']['name'], side, link[side + 'Issue']['key'])
                for link in self.fields(key)['issuelinks'] for side in ('inward', 'outward') if side + 'Issue' in link}


def plain_write(one):
    """A write as (method, path below REST, body), refused ones with their status."""
    path = one['path'].split('/rest/', 1)[1].removeprefix('api/2/')
    plain = (one['method'], path, one.get('body'))
    return plain if one['status'] < 300 else (*plain, one['status'])


# --- a bridge of GitHub, and pull requests told to a daemon ---

PEOPLE = '''First Name,Last Name,Account Name,GitHub Username,Is Core Contributor
Ada,Outside,,ada,0
Sid,Signed,Individual Contributors,Sid,0
Cora,Core,"Acme, Inc.",cora,1
Ivy,Inside,Example University,ivy,0
Ned,Named,"Named, Ltd.",ned,0
Olga,Old,Old Firm,olga,0
'''
ORGS = '''
Example University: {internal-ghorgs: [openedx]}
Named: {name: "Named, Ltd.", internal-ghorgs: [OpenEdx]}
Old Firm: {internal: true}
Acme: {name: "Acme, Inc."}
'''
JIRA_INFO = '''
Acme:
  server: {jira}
  email: bot@example.org
  token: sandbox-jira-token
  mapping: {github}/raw/acme/.github/HEAD/jira-mapping.yaml
  description: the Jira of Acme
  contact: Ann Other (ann@acme.example)
'''
MAPPING = '''
defaults: {type: Task}
repos:
  - {name: openedx/web, project: WEB, type: Story}
  - {name: "openedx/*", project: DEV}
'''
CATALOG = '''
metadata: {name: platform, annotations: {openedx.org/add-to-projects: "openedx:23, edx:24"}}
spec: {owner: "group:wranglers", lifecycle: production}
'''
DAYS = [{'name': 'Date opened', 'type': 'DATE'}, {'name': 'Date merged/closed', 'type': 'DATE'},
        'Repo Owner / Owning Team', 'Primary PM']


def pull_files(sandbox, jira=''):
    """What the configuration of a bridge of GitHub names, by file; `jira` is one more line about Acme's."""
    return {'people.csv': PEOPLE, 'orgs.yaml': ORGS,
            'jira-info.yaml': JIRA_INFO.format(jira=sandbox.jira, github=sandbox.github.url) + jira}


def pull_world(github):
    """People, repositories and boards, put into the sandbox."""
    for login, name in (('ada', 'Ada'), ('sid', 'Sid'), ('cora', 'Cora'), ('ivy', 'Ivy'), ('pat', 'Pat Person')):
        github.user(login, name=name)
    for repo, fields in (('openedx/platform', {'files': {'catalog-info.yaml': CATALOG}}), ('openedx/web', {}),
                         ('openedx/hidden', {'private': True}), ('edx/open', {}), ('edx/hidden', {'private': True}),
                         ('other/app', {}), ('acme/.github', {'files': {'jira-mapping.yaml': MAPPING}})):
        github.repo(repo, **fields)
    for board, fields in (('openedx:19', DAYS), ('openedx:23', []), ('edx:9', DAYS), ('edx:24', [])):
        github.board(board, fields=fields)


def pull_config(sandbox, github='rate: 1000/s\n    concurrency: 16', bridge='', extra='', token=GITHUB_TOKEN,
                projects='{ospr: "openedx:19", blended: "edx:9"}', server='', reads=None):
    reads = reads or f'''people: people.csv
    orgs: orgs.yaml
    jira_info: jira-info.yaml
    projects: {projects}'''
    bridge = bridge if 'reconcile' in bridge else f'{RARELY}\n    {bridge}'
    return f'''
server: {{listen: "127.0.0.1:0", api_key: {API_KEY}{server}}}
store: sqlite:lockstep.db
trackers:
  github:
    kind: github
    url: {sandbox.github.api}
    html: {sandbox.github.url}
    token: {token}
    hook_secret: {GITHUB_SECRET}
    {github}
bridges:
  - kind: github-contributions
    from: github
    {reads}
    {bridge}
{extra}
'''


class Pulls:
    """A daemon that looks after pull requests on a sandbox, where hooks of two organisations tell it of them."""

    def __init__(self, folder, sandbox, env=None, **config):
        self.sandbox, self.github, self.folder, self.config, self.env = sandbox, sandbox.github, folder, config, env
        self.daemons, self.last, self.expected = [], 0, []
        for name, text in pull_files(sandbox).items():
            if not (folder / name).exists():
                (folder / name).write_text(text)
        pull_world(self.github)
        self.daemon = self.begin()
        self.hooks = [self.github.hook(self.daemon, of=of) for of in ('openedx', 'edx')]

    def begin(self, folder=None, **config):
        self.config = {**self.config, **config}
        self.daemon = Daemon(folder or self.folder, pull_config(self.sandbox, **self.config), env=self.env)
        self.daemon.expect(*self.expected)
        self.daemons.append(self.daemon)
        return self.daemon

    def again(self, folder=None, kill=False, **config):
        """The next life of the daemon, which the hooks are told of."""
        assert self.daemon.stop(signal.SIGKILL if kill else signal.SIGTERM) == (-signal.SIGKILL if kill else 0)
        self.begin(folder, **config)
        self.github.control('DELETE', f'hooks/{self.hooks[0]}')
        self.github.control('DELETE', f'hooks/{self.hooks[1]}')
        self.hooks = [self.github.hook(self.daemon, of=of) for of in ('openedx', 'edx')]
        return self.daemon

    def end(self):
        for daemon in self.daemons:
            daemon.end()

    def expect(self, *words):
        self.expected += words
        self.daemon.expect(*words)

    # --- what happens ---

    def events(self):
        self.github.idle()
        return self.daemon.get('/api/v1/events?limit=1000').json['events']

    def settle(self):
        """Wait until all that was told, and all that followed from it, has ended or waits for its time."""
        def is_over():
            rows = self.events()
            waiting = {row['subject'] for row in rows if row['verdict'] == 'parked'}
            return all(row['verdict'] not in ('queued', 'running', 'behind') or
                       (row['verdict'] == 'behind' and row['subject'] in waiting) for row in rows)
        until(is_over, 'what was told to be worked on')

    def retry(self, row):
        request('POST', f'{self.daemon.url}/api/v1/events/{row["id"]}/retry', headers={'X-Api-Key': API_KEY})

    def until_done(self, ref, action='opened'):
        def is_done():
            self.settle()
            return self.last_event(ref, action)['verdict'] in ('applied', 'unchanged')
        until(is_done, f'{action} of {ref} to be worked on')

    def mark(self):
        self.last = self.sandbox.control('GET', 'writes?after=999999999')['last']

    def writes(self):
        """What the daemon wrote to GitHub since the last thing that happened there."""
        return self.github.writes(self.last)

    def open(self, repo='openedx/platform', **fields):
        self.mark()
        ref = self.github.pull(repo, **fields)
        self.settle()
        return ref

    def act(self, ref, what, **body):
        self.mark()
        self.github.act(ref, what, **{'by': 'grace', **body})
        self.settle()
        return ref

    def label(self, ref, *names):
        self.mark()
        self.github.label(ref, *names, by='grace')
        self.settle()

    def nudge(self, ref):
        """An event that says nothing new."""
        return self.act(ref, 'tell', action='enqueued')

    # --- what has come of it ---

    def status(self, ref):
        """State and description of the newest status of ours."""
        rows = [row for row in self.github.statuses(ref) if row[0] == 'openedx/cla']
        return rows[0][1:3] if rows else None

    def ours(self, ref):
        return [one for one in self.github.get(ref)['comments'] if one['user']['login'] == 'sync-bot']

    def kinds(self, ref):
        """For each comment of ours the set of its marks."""
        return [set(re.findall(r'<!-- comment:(\S+) -->', one['body'])) for one in self.ours(ref)]

    def data(self, ref):
        """The data hidden in our comments."""
        return [json.loads(base64.b64decode(text)) for one in self.ours(ref)
                for text in re.findall(r'\n<!-- data: (\S+) -->\n', one['body'])]

    def last_event(self, ref, action=None):
        rows = [row for row in self.events() if row['subject'] == f'github:{ref}' and
                (not action or row['kind'].endswith(action))]
        return max(rows, key=lambda row: row['id'])


def github_delivery(event, body, secret=GITHUB_SECRET, guid=None, hook='1', sha256=True, sha1=False, **headers):
    """Headers and body of a delivery as GitHub sends it; a dict is sent as JSON."""
    body = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    signed = {'Content-Type': 'application/json', 'X-GitHub-Event': event, 'X-GitHub-Hook-ID': hook,
              'X-GitHub-Delivery': guid or str(uuid.uuid4())}
    if sha256:
        signed['X-Hub-Signature-256'] = 'sha256=' + hmac.new(secret.encode(), body, 'sha256').hexdigest()
    if sha1:
        signed['X-Hub-Signature'] = 'sha1=' + hmac.new(secret.encode(), body, 'sha1').hexdigest()
    return {name: text for name, text in {**signed, **headers}.items() if text is not None}, body
