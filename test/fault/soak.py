#!/usr/bin/python3
"""Nothing is lost and nothing is done twice: deliveries under load, while the daemon is killed and its disk fails.

    soak.py [--kills 50] [--power-cuts 12] [--disk-faults 3] [--seed N] [--lockstep PROGRAM]

Posters send deliveries of about fifty bugs at a time, each again until it is acknowledged, as Bugzilla does, and keep
every id that they were given. The daemon is killed at random moments, at each kind of commit point, at its writes to
Jira and while it starts; its power is cut, its disk is full for a while (disk.c); and the sandbox misbehaves. Then
all is put right, the queue runs empty, and what Jira holds is compared with what was acknowledged. Ends with one line
of figures and status 0, or with what is wrong, status 1 and the folder kept.
"""
import argparse
import collections
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'system'))

import harness  # noqa: E402
from harness import action, bug, change, comment, delivery, request, until  # noqa: E402

STEPS = {'new': ['create_issue', 'add_link_to_bugzilla', 'add_link_to_jira', 'maybe_update_issue_status',
                 'sync_whiteboard_labels'],
         'existing': ['update_issue_summary', 'maybe_update_issue_status', 'sync_whiteboard_labels'],
         'comment': ['create_comment']}
STATUS = {('NEW', ''): 'To Do', ('ASSIGNED', ''): 'In Progress', ('RESOLVED', 'FIXED'): 'Done'}
PROJECTS = {'dev': 'DEV', 'jb': 'JB', 'web': 'WEB'}
POSTERS, BUGS_EACH = 4, 13
BUGS_MOST = 220     # of each poster: what is looked for in a project must not be among too many
PENDING_MOST = 150  # posters wait while there are more
DAEMON_START = 60   # seconds; a start after a cut may have a long log to read, and machines are slow


def moment_of(text):
    return datetime.datetime.fromisoformat(text).timestamp()


class Bug:
    """What is true of a bug at Bugzilla; only one poster changes it."""

    def __init__(self, number, tags, is_private):
        self.number, self.tags, self.is_private = number, tags, is_private
        self.rev, self.status, self.word = 0, ('NEW', ''), ''
        self.comments = []  # (id, event's id) of those that are to be copied, in the order of their events
        self.events = []    # ids, in the order of their acknowledgement
        self.hidden = 0     # private comments

    @property
    def whiteboard(self):
        return ''.join(f'[{tag}]' for tag in self.tags) + self.word

    def shown(self):
        status, resolution = self.status
        return bug(self.number, summary=f'bug {self.number} rev {self.rev}', status=status, resolution=resolution,
                   whiteboard=self.whiteboard, is_private=self.is_private)

    def state(self):
        """For the sandbox, which keeps see_also by itself."""
        shown = self.shown()
        del shown['see_also']
        return shown


class Ledger:
    """Every acknowledged id, and of what."""

    def __init__(self):
        self.lock = threading.Lock()
        self.of = {}  # id → (bug, kind)
        self.wrong = []
        self.acks = self.repeats = self.refused = self.lost_answers = self.lost = 0
        self.acked = threading.Event()

    def complain(self, text):
        with self.lock:
            self.wrong.append(text)

    def add(self, event, number, kind):
        with self.lock:
            if event in self.of:
                self.lost += 1  # the former one's, or it would not have been given again
                self.wrong.append(f'event {event} of bug {number} ({kind}) has the id of {self.of[event]}')
            self.of[event] = (number, kind)
            self.acks += 1
        self.acked.set()


class Poster(threading.Thread):
    """Sends the deliveries of its own bugs in order, each until it is acknowledged."""

    def __init__(self, soak, number):
        super().__init__(daemon=True)
        self.soak, self.random = soak, random.Random(soak.args.seed * 100 + number)
        self.bugs, self.first = [], 10000 * (number + 1)
        self.active = [self.new_bug() for _ in range(BUGS_EACH)]
        self.sent = []  # (delivery, id): some are sent again
        self.next_comment = 1000000 * (number + 1)
        self.stopping = False
        self.failure = None

    def new_bug(self):
        i = len(self.bugs)
        tags = (('dev', 'jb')[i % 2], *(('web',) if i % 4 < 2 else ()))
        self.bugs.append(Bug(self.first + i, tags, i % 13 == 7))
        return self.bugs[-1]

    def run(self):
        try:
            while not self.stopping:
                if self.soak.pending > PENDING_MOST and not self.soak.disk_fails:
                    time.sleep(0.05)
                    continue
                if self.random.random() < 0.1 and len(self.bugs) < BUGS_MOST:  # nobody speaks of that bug any more
                    self.active[self.random.randrange(BUGS_EACH)] = self.new_bug()
                self.one(self.random.choice(self.active))
                time.sleep(self.random.random() * self.soak.args.pause)
        except Exception as e:  # the checker's own trouble must not look like a quiet end
            self.failure = e
            self.soak.ledger.complain(f'a poster ended: {e!r}')

    def one(self, of):
        if not of.events:
            self.create(of)
        else:
            self.random.choice([self.modify, self.modify, self.say, self.say, self.say, self.repeat])(of)

    def create(self, of):
        self.soak.sandbox.put_bug({**of.state(), 'comments': [comment(of.number * 10, f'About {of.number}', 0)]})
        self.send(of, delivery(of.shown()), 'create')

    def modify(self, of):
        before = of.shown()
        what = self.random.choice(['summary', 'status', 'whiteboard'])
        if what == 'summary':
            of.rev += 1
        elif what == 'status':
            of.status = self.random.choice([s for s in STATUS if s != of.status])
        else:
            of.word = self.random.choice([w for w in ('', '[alpha]', '[beta]', '[alpha][gamma]') if w != of.word])
        after = of.shown()
        self.soak.sandbox.put_bug(of.state())
        fields = [f for f in ('summary', 'status', 'resolution', 'whiteboard') if before[f] != after[f]]
        self.send(of, delivery(after, 'modify', changes=[change(f, before[f], after[f]) for f in fields]), 'modify')

    def say(self, of):
        self.next_comment += 1
        number, is_private = self.next_comment, self.random.random() < 0.15
        text = f'hidden-{number}.' if is_private else f'said-{number}.'
        said = comment(number, text, number % 1000000, is_private=is_private, user='ada@example.org')
        self.soak.sandbox.put_bug({'id': of.number, 'comment': said})
        what = delivery({**of.shown(), 'comment': said}, target='comment')
        event = self.send(of, what, 'private comment' if is_private else 'comment')
        if not is_private:
            of.comments.append((number, event))
        if self.random.random() < 0.2:  # through another webhook too: an event of its own, but the same comment
            self.send(of, {**what, 'webhook_id': 2}, 'private comment' if is_private else 'comment again')

    def repeat(self, of):
        if not self.sent:
            return
        what, event = self.random.choice(self.sent[-200:])
        got = self.post(what)
        if got != event:
            self.soak.ledger.complain(f'event {event}, delivered again, is {got}')
        with self.soak.ledger.lock:
            self.soak.ledger.repeats += 1

    def send(self, of, what, kind):
        event = self.post(what)
        self.soak.ledger.add(event, of.number, kind)
        of.events.append(event)
        self.sent.append((what, event))
        return event

    def post(self, what):
        ledger = self.soak.ledger
        while True:
            try:
                got = request('POST', self.soak.url + '/bugzilla_webhook', what, {'X-Api-Key': harness.HOOK_KEY},
                              timeout=20)
            except (OSError, harness.http.client.HTTPException):
                ledger.lost_answers += 1
                time.sleep(0.02)
                continue
            if got.status == 200:
                return got.json['id']
            if got.status != 503:
                ledger.complain(f'a delivery was answered {got.status}: {got.body[:200]}')
            ledger.refused += 1
            self.soak.last_refusal = time.monotonic()
            time.sleep(0.05)


# --- trouble ---

FAULTS = [{'kind': 'status', 'status': 503}, {'kind': 'status', 'status': 503, 'retry_after': 1},
          {'kind': 'status', 'status': 429, 'retry_after': 1}, {'kind': 'status', 'status': 500, 'apply': True},
          {'kind': 'status', 'status': 502, 'apply': True}, {'kind': 'close'}, {'kind': 'close', 'apply': True},
          {'kind': 'late', 'delay_ms': 2500}, {'kind': 'cut'}, {'kind': 'hang', 'apply': True}, {'kind': 'hang'}]
PLACES = [{'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue'},
          {'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue/*/comment'},
          {'service': 'jira', 'method': 'POST', 'path': '*/transitions'}, {'service': 'jira', 'method': 'PUT'},
          {'service': 'jira', 'method': 'POST', 'path': '*/remotelink'}, {'service': 'jira', 'method': 'GET'},
          {'service': 'bugzilla', 'method': 'PUT'}, {'service': 'bugzilla', 'method': 'GET'}]


class Trouble(threading.Thread):
    """Lets the sandbox misbehave now and then."""

    def __init__(self, soak):
        super().__init__(daemon=True)
        self.soak, self.random = soak, random.Random(soak.args.seed + 7)
        self.stopping = threading.Event()
        self.made = 0

    def run(self):
        while not self.stopping.wait(0.2 + self.random.random()):
            if self.random.random() < 0.3:
                self.soak.sandbox.heal()
                continue
            self.soak.sandbox.fault(**self.random.choice(PLACES), **self.random.choice(FAULTS),
                                    times=self.random.choice([1, 1, 1, 3]))
            self.made += 1
        self.soak.sandbox.heal()


class Life(harness.Program):
    """One life of the daemon, with a disk that does as it is told."""

    def __init__(self, soak, plan=''):
        self.soak = soak
        self.began = time.monotonic()
        env = {**harness.preloaded('disk'), 'DISK_CONTROL': str(soak.folder / 'disk.fifo'),
               'DISK_LOG': str(soak.folder / 'cuts.txt'), 'DISK_HEIR': str(soak.folder / 'heir'), 'DISK_PLAN': plan}
        super().__init__('serve', '--config', soak.folder / 'lockstep.yaml', env=env)

    def is_ready(self):
        return any('"message":"ready"' in line.replace(' ', '') for line in self.lines)

    def wait_ready(self, seconds=DAEMON_START):
        """True: it answers. False: it is dead."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.is_ready():
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.003)
        raise AssertionError('the daemon does not start:\n' + '\n'.join(self.lines[-20:]))

    def dies(self, seconds):
        try:
            self.process.wait(max(seconds, 0.001))
            return True
        except subprocess.TimeoutExpired:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)

    def bury(self):
        """Its exit code; its log is kept."""
        code = self.process.wait(60)
        self.reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        with open(self.soak.folder / 'daemon.log', 'a') as log:
            log.write('\n'.join(self.lines) + f'\n# exit {code}\n')
        self.soak.read_log(self.lines)
        return code


class Soak:
    def __init__(self, args):
        self.args = args
        self.random = random.Random(args.seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='lockstep-soak-'))
        self.ledger = Ledger()
        self.kills = collections.Counter()
        self.pending, self.last_refusal = 0, 0.0
        self.odd, self.disk_failed, self.disk_fails = [], False, False
        self.stopping = threading.Event()
        self.writes = 0
        self.life = None
        os.mkfifo(self.folder / 'disk.fifo')
        self.sandbox = harness.Sandbox()
        self.sandbox.control('POST', 'settings', {'latency_ms': args.latency})
        port = harness.free_port()
        self.url = f'http://127.0.0.1:{port}'
        self.configure(port)

    def configure(self, port):
        tracker = 'rate: 2000/s\n    timeout: 2s\n    concurrency: 8'
        config = harness.config_of(self.sandbox, jira=tracker + '\n    search_lag: 1s', bugzilla=tracker,
                                   extra='retry: {first: 1s, cap: 1s}')
        (self.folder / 'lockstep.yaml').write_text(config.replace('127.0.0.1:0', f'127.0.0.1:{port}'))
        maps = {'status_map': {'NEW': 'To Do', 'ASSIGNED': 'In Progress', 'FIXED': 'Done'}}
        rules = [action(tag, project, STEPS, **maps) for tag, project in PROJECTS.items()]
        (self.folder / 'actions.yaml').write_text(json.dumps(rules))

    # --- lives ---

    def disk(self, command):
        with open(self.folder / 'disk.fifo', 'w') as fifo:
            fifo.write(command + '\n')

    def start(self, plan=''):
        self.life = Life(self, plan)
        return self.life

    def until_dead(self, how, *fine):
        """Bury the daemon; it must have died in a way that was wanted."""
        code = self.life.bury()
        if code not in fine:
            self.ledger.complain(f'{how}: the daemon ended by itself with {code}: {self.life.lines[-5:]}')
        self.kills[how] += 1
        if code == 137:  # as after a reboot
            for shared in self.folder.glob('*.db-shm'):
                shared.unlink()

    def kill_random(self):
        if self.start().wait_ready():
            self.life.dies(self.random.random() * self.args.life)
        self.life.kill()

    def kill_at_start(self):
        self.start().dies(self.random.random() * self.args.start)
        self.life.kill()

    def kill_at_write(self):
        """When Jira or Bugzilla has just been written to; often its answer is still on its way."""
        if self.start().wait_ready():
            self.life.dies(self.random.random() * self.args.life / 3)
            last = self.last_write()
            end = time.monotonic() + self.args.life
            while self.last_write() == last and time.monotonic() < end:
                time.sleep(0.001)
        self.life.kill()

    def kill_at_ack(self):
        """When an id has just been given."""
        if self.start().wait_ready():
            self.life.dies(self.random.random() * self.args.life / 3)
            self.ledger.acked.clear()
            self.ledger.acked.wait(self.args.life)
        self.life.kill()

    def by_plan(self, plan):
        """The disk ends the daemon's life; if it gets no occasion, we do."""
        self.start(plan)
        if not self.life.dies(2 * self.args.life + 1):
            self.life.kill()

    def kill_at_commit(self):
        self.by_plan(f'sync {self.random.randint(1, 60)} 1 {self.random.choice(["kill", "killed"])}')

    def kill_in_write(self):
        self.by_plan(f'write {self.random.randint(1, 200)} 1 {self.random.choice(["kill", "killed", "tear"])}')

    def cut_power(self):
        kind = self.random.choice(['sync', 'write', 'any'])
        if kind != 'any':
            most = {'sync': 60, 'write': 200}[kind]
            self.by_plan(f'{kind} {self.random.randint(1, most)} 1 {self.random.choice(["cut", "cutted"])}')
            return
        if self.start().wait_ready():
            self.life.dies(self.random.random() * self.args.life)
            self.disk('cut')
            self.life.dies(5)
        if self.life.process.poll() is None:
            self.life.kill()

    def cut_after_kill(self):
        """Killed with a batch written and not synced, which the next life reads; then its power goes."""
        self.by_plan(f'sync {self.random.randint(1, 60)} 1 kill')
        self.until_dead('kill_at_commit', -signal.SIGKILL)
        self.by_plan(f'sync {self.random.randint(1, 3)} 1 cut')

    def fail_disk(self):
        """A disk that takes nothing for a while: deliveries are refused, and taken again without a restart."""
        if not self.start().wait_ready():
            self.ledger.complain('the daemon did not start: ' + '\n'.join(self.life.lines[-5:]))
            return
        self.life.dies(0.3)
        self.disk_failed = self.disk_fails = True
        self.disk(self.random.choice(['write 1 0 ENOSPC', 'write 1 0 short', 'write 1 0 EIO', 'sync 1 0 EIO',
                                      'sync 1 0 ENOSPC']))
        broke = time.monotonic()
        refused = self.waits_for(lambda: self.last_refusal > broke, 10)
        self.life.dies(self.random.random())
        self.disk('heal')
        self.ledger.acked.clear()
        self.take_again(refused)
        self.disk_fails = False

    def take_again(self, refused):
        if not refused:
            self.ledger.complain('no delivery was refused while the disk was full')
        if self.life.process.poll() is None and not self.ledger.acked.wait(20):
            self.ledger.complain('no delivery was taken within 20 s after the disk was healed')
        self.life.dies(0.5)
        self.life.kill()

    def waits_for(self, ask, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.life.process.poll() is None:
            if ask():
                return True
            time.sleep(0.01)
        return False

    def last_write(self):
        return self.sandbox.control('GET', 'writes?after=999999999')['last']

    def lives(self):
        """The whole sequence, mixed."""
        kinds = [self.kill_random, self.kill_at_start, self.kill_at_write, self.kill_at_write, self.kill_at_ack,
                 self.kill_at_commit, self.kill_at_commit, self.kill_in_write]
        plan = [kinds[i % len(kinds)] for i in range(self.args.kills)]
        cuts = [self.cut_power, self.cut_power, self.cut_after_kill]
        plan += [cuts[i % len(cuts)] for i in range(self.args.power_cuts)] + [self.fail_disk] * self.args.disk_faults
        self.random.shuffle(plan)
        for i, kind in enumerate(plan):
            kind()
            fine = (-signal.SIGKILL, 137) if kind in (self.cut_power, self.cut_after_kill) else (-signal.SIGKILL,)
            self.until_dead(kind.__name__, *fine)
            if i % 50 == 49:
                self.say(f'{i + 1} of {len(plan)}')
            if self.ledger.wrong and not self.args.go_on:
                return

    def say(self, what):
        print(f'soak: {what}; acknowledged {self.ledger.acks}, pending {self.pending}, '
              f'writes {self.last_write()}', file=sys.stderr, flush=True)

    # --- beside it ---

    def watch_pending(self):
        """How much waits, so that posters do not run away from a daemon that hardly lives."""
        while not self.stopping.wait(0.2):
            try:
                text = request('GET', self.url + '/metrics', headers={'X-Api-Key': harness.API_KEY}, timeout=5).body
                found = re.search(rb'^lockstep_pending_events (\d+)', text, re.M)
                self.pending = int(found[1]) if found else self.pending
            except (OSError, harness.http.client.HTTPException):
                pass

    FINE = ('"verdict":"parked"', '"repeats"', 'breaker opened', 'health', 'does not answer')
    OF_DISK = ('cannot record a verdict', 'disk', 'I/O error', 'full')

    def read_log(self, lines):
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                self.odd.append(line)
                continue
            if row.get('level') not in ('warning', 'error'):
                continue
            plain = json.dumps(row, separators=(',', ':'))
            fine = self.FINE + (self.OF_DISK if self.disk_failed else ())
            if not any(word in plain for word in fine):
                self.odd.append(line)

    # --- the end ---

    def settle(self):
        """Nothing misbehaves any more: the queue must run empty."""
        self.start()
        assert self.life.wait_ready(), 'the daemon does not start any more:\n' + '\n'.join(self.life.lines[-20:])
        for poster in self.posters:
            poster.stopping = True
        for poster in self.posters:
            poster.join(60)
            if poster.is_alive():
                self.ledger.complain('a delivery was not taken within 60 s though nothing was in the way')
        self.trouble.stopping.set()
        self.trouble.join(30)
        end = time.monotonic() + self.args.settle
        while time.monotonic() < end:
            waiting = self.events('verdict=pending&limit=1000')
            if not waiting:
                return
            time.sleep(0.2)
        self.ledger.complain(f'{len(waiting)} events have not ended after {self.args.settle} s: {waiting[-3:]}')

    def events(self, query):
        got = request('GET', f'{self.url}/api/v1/events?{query}', headers={'X-Api-Key': harness.API_KEY})
        assert got.status == 200, (got.status, got.body)
        return got.json['events']

    def all_events(self):
        rows, before = {}, ''
        while True:
            page = self.events('limit=1000' + before)
            if not page:
                return rows
            rows.update((row['id'], row) for row in page)
            before = f'&before={page[-1]["id"]}'

    def all_issues(self):
        """Of the bugs: {(bug, project): [issue…]}. Found by their summaries, which say whose they are."""
        found, start = collections.defaultdict(list), 0
        while True:
            page = self.sandbox.control('GET', f'jira/issues?start={start}&limit=500')['issues']
            if not page:
                return found
            start += len(page)
            for issue in page:
                whose = re.match(r'bug (\d+) rev \d+$', issue['fields']['summary'])
                if whose:
                    found[int(whose[1]), issue['key'].split('-')[0]].append(issue)

    def check(self):
        rows, issues = self.all_events(), self.all_issues()
        lost = self.check_events(rows)
        doubles = 0
        for poster in self.posters:
            for of in poster.bugs:
                if of.events:
                    doubles += self.check_bug(of, rows, issues)
        return lost, doubles

    ENDS = {'create': {'applied'}, 'modify': {'applied', 'unchanged'}, 'comment': {'applied'},
            'comment again': {'applied', 'unchanged'}, 'private comment': {'discarded'}}

    def check_events(self, rows):
        lost = self.ledger.lost
        private = {of.number for poster in self.posters for of in poster.bugs if of.is_private}
        for event, (number, kind) in self.ledger.of.items():
            row = rows.get(event)
            wanted = {'discarded'} if number in private else self.ENDS[kind]
            if not row:
                lost += 1
                self.ledger.complain(f'event {event} ({kind} of bug {number}) was acknowledged and is not there')
            elif row['subject'] != f'bugzilla:{number}':
                lost += 1
                self.ledger.complain(f'event {event} is of {row["subject"]}, not of bug {number}')
            elif row['verdict'] not in wanted:
                lost += 1
                self.ledger.complain(f'event {event} ({kind} of bug {number}) ended as {row}')
        for event in rows.keys() - self.ledger.of.keys():
            self.ledger.complain(f'event {event} was never acknowledged: {rows[event]}')
        return lost

    def check_bug(self, of, rows, issues):
        """Returns how many things are there twice."""
        doubles = self.check_order(of, rows) or 0
        keys = []
        for tag, project in PROJECTS.items():
            made = issues.get((of.number, project), [])
            wanted = 1 if tag in of.tags and not of.is_private else 0
            if len(made) != wanted:
                doubles += max(0, len(made) - wanted)
                self.ledger.complain(f'bug {of.number} has {[one["key"] for one in made]} in {project}, not {wanted}')
            for issue in made:
                keys.append(issue['key'])
                doubles += self.check_issue(of, issue)
        see = sorted(url.rsplit('/', 1)[1] for url in self.bug_now(of.number).get('see_also') or [])
        if see != sorted(keys):
            self.ledger.complain(f'bug {of.number} names {see} in see_also, made were {keys}')
        return doubles

    def bug_now(self, number):
        shown = self.sandbox.control('GET', f'bugzilla/bugs/{number}')
        return shown.get('bug') or shown['bugs'][0]

    def check_order(self, of, rows):
        """Of a bug, no event ends before an earlier one."""
        if of.events != sorted(of.events):
            self.ledger.complain(f'bug {of.number}: the ids do not grow: {of.events}')
        ended = [(event, rows[event]['ended']) for event in of.events if event in rows and rows[event].get('ended')]
        for (first, a), (second, b) in zip(ended, ended[1:]):
            came_to_nothing = rows[first]['verdict'] in ('unchanged', 'discarded')
            late_ms = 1000 * (moment_of(a) - moment_of(b))  # one is what the clock may jump by
            if late_ms > 2 and not (came_to_nothing and self.disk_failed):  # its lane had gone on, then the disk failed
                self.ledger.complain(f'bug {of.number}: event {first} ended at {a}, after {second} at {b}')

    def check_issue(self, of, issue):
        fields, doubles = issue['fields'], 0
        said = [int(n) for one in issue['comments'] for n in re.findall(r'said-(\d+)\.', one['body'])]
        wanted = [number for number, _ in sorted(of.comments, key=lambda pair: pair[1])]
        twice = [n for n, times in collections.Counter(said).items() if times > 1]
        if twice:
            doubles += len(twice)
            self.ledger.complain(f'{issue["key"]} of bug {of.number} has comments twice: {twice}')
        elif sorted(said) != sorted(wanted):
            self.ledger.complain(f'{issue["key"]} of bug {of.number}: comments {sorted(set(wanted) - set(said))} are '
                                 f'missing, {sorted(set(said) - set(wanted))} too many')
        elif said != wanted:
            self.ledger.complain(f'{issue["key"]} of bug {of.number}: comments in the order {said}, not {wanted}')
        if any('hidden-' in one['body'] for one in issue['comments']):
            self.ledger.complain(f'{issue["key"]}: a private comment was copied')
        labels = {'bugzilla', *re.findall(r'\[(\w+)\]', of.whiteboard)}
        now = (fields['summary'], fields['status']['name'], set(fields['labels']))
        if now != (f'bug {of.number} rev {of.rev}', STATUS[of.status], labels):
            self.ledger.complain(f'{issue["key"]} is {now}, bug {of.number} is {of.rev}, {of.status}, {labels}')
        if len(issue['remotelinks']) != 1:
            self.ledger.complain(f'{issue["key"]} has {len(issue["remotelinks"])} remote links')
        return doubles

    # --- all of it ---

    def run(self):
        began = time.monotonic()
        self.posters = [Poster(self, n) for n in range(POSTERS)]
        self.trouble = Trouble(self)
        watcher = threading.Thread(target=self.watch_pending, daemon=True)
        for thread in (*self.posters, self.trouble, watcher):
            thread.start()
        lost = doubles = 0
        try:
            self.lives()
            if not self.ledger.wrong or self.args.go_on:
                self.settle()
                lost, doubles = self.check()
                self.life.process.send_signal(signal.SIGTERM)
                self.until_dead('stop', 0)
        except AssertionError as e:
            self.ledger.complain(str(e))
        finally:
            self.stopping.set()
            for poster in self.posters:
                poster.stopping = True
            self.trouble.stopping.set()
            if self.life and self.life.process.poll() is None:
                self.life.kill()
        for line in self.odd[:20]:
            self.ledger.complain('in the log: ' + line)
        return self.report(lost, doubles, time.monotonic() - began)

    def report(self, lost, doubles, seconds):
        kills = sum(n for how, n in self.kills.items() if how.startswith('kill'))
        cuts = self.folder / 'cuts.txt'
        cuts = cuts.read_text().splitlines() if cuts.exists() else []
        dropped = sum(int(re.search(r'\d+', line)[0]) > 0 for line in cuts)
        writes, lost = self.last_write(), lost or self.ledger.lost
        for text in self.ledger.wrong[:30]:
            print('soak: ' + text)
        if len(self.ledger.wrong) > 30:
            print(f'soak: … and {len(self.ledger.wrong) - 30} more')
        kinds = ', '.join(f'{how} {n}' for how, n in sorted(self.kills.items()))
        print(f'soak: {kinds}; cuts that had something to drop {dropped} of {len(cuts)}; repeated deliveries '
              f'{self.ledger.repeats}; 503s {self.ledger.refused}; lost answers {self.ledger.lost_answers}; faults of '
              f'trackers {self.trouble.made}; {seconds:.0f} s; seed {self.args.seed}')
        print(f'kills {kills}, power cuts {len(cuts)}, disk faults {self.kills["fail_disk"]}, '
              f'acknowledged {self.ledger.acks}, writes {writes}, duplicates {doubles}, lost {lost}')
        is_good = not self.ledger.wrong
        try:
            self.sandbox.stop()
        except AssertionError as e:
            print(f'soak: {e}')
        if is_good and not self.args.keep:
            shutil.rmtree(self.folder)
        else:
            print(f'soak: {"kept" if is_good else "FAILED; kept"}: {self.folder}')
        return 0 if is_good else 1


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--kills', type=int, default=50)
    p.add_argument('--power-cuts', type=int, default=12)
    p.add_argument('--disk-faults', type=int, default=3)
    p.add_argument('--seed', type=int, default=int(time.time()))
    p.add_argument('--life', type=float, default=0.8, help='seconds: the most that a daemon lives')
    p.add_argument('--start', type=float, default=0.15, help='seconds within which a kill at start comes')
    p.add_argument('--pause', type=float, default=0.1, help='seconds: the most between two deliveries of a poster')
    p.add_argument('--latency', type=int, default=3, help='ms of each answer of the sandbox')
    p.add_argument('--settle', type=float, default=120, help='seconds within which the queue must run empty')
    p.add_argument('--lockstep', help='the program; else $LOCKSTEP, else build/lockstep')
    p.add_argument('--keep', action='store_true', help='keep the folder')
    p.add_argument('--go-on', action='store_true', help='go on after the first violation')
    return p.parse_args()


if __name__ == '__main__':
    args = arguments()
    if args.lockstep:
        harness.LOCKSTEP = args.lockstep
    sys.exit(Soak(args).run())
