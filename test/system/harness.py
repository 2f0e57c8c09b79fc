"""The real programs, started for a test: a sandbox, a daemon, and deliveries as Bugzilla sends them."""
import base64
import http.client
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / 'shared' / 'data'
LOCKSTEP = os.environ.get('LOCKSTEP', str(PROJECT / 'build' / 'lockstep'))
HOOK_KEY = 'planted-hook-key-7f3a'
API_KEY = 'planted-operator-key-91bc'
WAIT = 30  # seconds; only ever reached when something is broken


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


def free_port():
    """A port at which nobody listens."""
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Program:
    """A child whose standard error is read line by line as it comes."""

    def __init__(self, *args, env=None):
        self.lines = []
        self.process = subprocess.Popen([LOCKSTEP, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip('\n'))

    def stop(self, number=signal.SIGTERM, seconds=20):
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
        line = self.process.stdout.readline()
        assert 'http://' in line, line + '\n'.join(self.lines)
        self.url = line.split()[1].removesuffix('/jira/')
        self.jira = self.url + '/jira'
        self.bugzilla = self.url + '/bugzilla'

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


class Daemon(Program):
    """The daemon of a configuration. `expected` are words of warnings and errors that the test is about."""

    def __init__(self, folder, config, env=None, args=()):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / 'lockstep.yaml'
        if config is not None:
            self.config.write_text(config)
        self.expected = []
        super().__init__('serve', '--config', self.config, *args, env=env)
        self.url = until(self._address, 'the daemon to be ready')

    def _address(self):
        if self.process.poll() is not None:
            self.reader.join(5)
            raise AssertionError('the daemon ended:\n' + '\n'.join(self.lines))
        return next((row['address'] for row in self.log() if row.get('message') == 'ready'), None)

    def log(self):
        rows = []
        for line in list(self.lines):
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

    def check_log(self):
        assert not self.unexpected(), self.unexpected()
        whole = '\n'.join(self.lines)
        for secret in (HOOK_KEY, API_KEY, 'sandbox-jira-token', 'sandbox-bugzilla-key'):
            assert secret not in whole, f'{secret} is in the log'


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
