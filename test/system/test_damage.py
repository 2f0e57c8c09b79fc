"""A store that the disk has damaged: a clear refusal that says what to do, or a dead letter; never a loss without a word."""
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess

import pytest

import harness
from harness import LOCKSTEP, bug, delivery, until

PAGE = 16384
DEAL = 200
LATER = 'retry: {first: 1h}'


def private(number):
    return delivery({'id': number, 'is_private': True, 'padding': f'{number} ' * 300})


class Kept:
    """A store that was closed in good order, with what is in it; each test damages a copy of its own."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder
        daemon = self.daemon(folder)
        daemon.expect('parked')
        self.seen = [private(1000 + i) for i in range(DEAL)]
        self.ended = [daemon.send(one) for one in self.seen]
        for event in self.ended:
            daemon.verdict(event, 'discarded')
        sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', kind='status', status=400,
                      times=0, apply=False)
        self.parked = [self.park(daemon, number) for number in (801, 802)]
        assert daemon.stop() == 0
        daemon.check_log()
        self.all = self.ended + self.parked

    def park(self, daemon, number):
        self.sandbox.put_bug(bug(number))
        return daemon.deliver(delivery(bug(number, summary=f'the body of {number}')), 'parked')['id']

    def daemon(self, folder):
        (folder / 'actions.yaml').write_text(harness.ACTIONS)
        return harness.Daemon(folder, harness.config_of(self.sandbox, extra=LATER))

    def copy(self, folder):
        for name in ('lockstep.db', 'lockstep.db-lock', 'lockstep.yaml', 'actions.yaml'):
            shutil.copy(self.folder / name, folder / name)
        return folder / 'lockstep.db'


@pytest.fixture(scope='module')
def kept(tmp_path_factory):
    sandbox = harness.Sandbox()
    yield Kept(sandbox, tmp_path_factory.mktemp('kept'))
    assert sandbox.stop() == 0, '\n'.join(sandbox.lines)


@pytest.fixture
def store(kept, tmp_path):
    return kept.copy(tmp_path)


@pytest.fixture
def start(kept, tmp_path):
    """Start the daemon on the damaged store; it ends in good order, whatever it found."""
    started = []

    def one():
        daemon = kept.daemon(tmp_path)
        daemon.expect('verdict', 'damaged', 'malformed', 'record')
        started.append(daemon)
        return daemon

    yield one
    for daemon in started:
        daemon.end()


def run(folder, *args):
    done = subprocess.run([LOCKSTEP, *map(str, args), '--config', str(folder / 'lockstep.yaml')], capture_output=True,
                          text=True, timeout=harness.WAIT)
    return done.returncode, done.stderr


def refused(store, *words, touches=False):
    """The daemon does not start, as often as it is tried, says what is wrong and what to do, and changes nothing."""
    files = [store.with_name(store.name + end) for end in ('', '-wal')]

    def content():
        return [hashlib.sha256(one.read_bytes()).hexdigest() if one.exists() else None for one in files]
    before = content()
    for _ in range(2):
        code, said = run(store.parent, 'serve')
        assert code == 1, said
        for word in words:
            assert word in said, said
        assert touches or content() == before


def write(path, at, what):
    with open(path, 'r+b') as f:
        f.seek(at)
        f.write(what)


def sql(path, *statements):
    with sqlite3.connect(path) as db:
        for one in statements:
            rows = db.execute(one).fetchall()
    db.close()
    return rows


def leaf(path, table):
    """Where a leaf of that table is in the file."""
    rows = sql(path, f"SELECT min(pageno) FROM dbstat WHERE name = '{table}' AND pagetype = 'leaf'")
    return (rows[0][0] - 1) * PAGE


GARBAGE = bytes((i * 131 + 17) % 251 for i in range(PAGE))
TABLES = ('event', 'attempt', 'outcome', 'queue', 'seen')


@pytest.mark.parametrize('what', [GARBAGE, bytes(PAGE)], ids=['garbage', 'zeroes'])
@pytest.mark.parametrize('table', TABLES)
def test_page_after_unclean_end(store, table, what):
    sql(store, "INSERT INTO meta VALUES ('unchecked', 1)")
    write(store, leaf(store, table), what)
    refused(store, 'damaged', 'restore a backup', '.recover')


def test_page_found_beside_a_log(kept, store, start, tmp_path):
    """The real thing: killed, damaged, and started again by a supervisor, several times."""
    page = leaf(store, 'event')
    daemon = start()
    daemon.send(private(5000))
    daemon.stop(signal.SIGKILL)
    write(store, page, GARBAGE)
    refused(store, 'damaged', 'restore a backup')
    kept.copy(tmp_path)  # a backup is restored, as docs/operating.md says
    for end in ('-wal', '-shm'):
        store.with_name(store.name + end).unlink()
    assert start().verdict(kept.parked[0])['verdict'] == 'parked'


@pytest.mark.parametrize('what', [GARBAGE, bytes(PAGE)], ids=['garbage', 'zeroes'])
@pytest.mark.parametrize('table', TABLES)
def test_page_after_clean_end(kept, store, start, table, what):
    """Nobody looks at such a start; what is damaged is met later, and then everybody is told."""
    write(store, leaf(store, table), what)
    if table == 'queue':  # without it nobody knows what is to be done
        return refused(store, 'restore a backup', touches=True)  # it notes that there is damage
    daemon = start()
    for event in kept.all:
        assert daemon.get(f'/api/v1/events/{event}').status in (200, 500)
    known = [daemon.post(one).status for one in kept.seen]
    assert set(known) <= {200, 503}, known
    daemon.get('/api/v1/events?limit=1000')
    if table in ('event', 'attempt'):  # of these, what comes in touches other pages
        assert daemon.verdict(daemon.send(private(6000)))['verdict'] == 'discarded'
    answer = daemon.get('/__heartbeat__')
    assert answer.status == 503 and answer.json['checks']['store.intact'] == 'error', answer.body
    assert 'restore a backup' in json.dumps(answer.json['details']['store.intact'])
    assert 'lockstep_store_damaged 1' in daemon.get('/metrics').body.decode()
    assert daemon.stop() == 0
    refused(store, 'damaged', 'restore a backup')  # it remembers
    code, said = run(store.parent, 'backup', store.with_name('copy.db'))
    assert code == 1 and 'damaged' in said, said
    assert not store.with_name('copy.db').exists() and not store.with_name('copy.db.part').exists()


def header_noise(store):
    write(store, 0, GARBAGE)


def other_file(store):
    store.write_text('These are the notes of somebody else.\n' * 100)


def cut_short(store):
    os.truncate(store, store.stat().st_size // 2)


def cut_in_a_page(store):
    os.truncate(store, 3 * PAGE + 100)


def emptied(store):
    os.truncate(store, 0)


def vanished(store):
    store.unlink()


def newer(store):
    sql(store, 'PRAGMA user_version=99')


def older(store):
    sql(store, 'PRAGMA user_version=2')


def without_schema(store):
    sql(store, 'PRAGMA user_version=0')


def table_lost(store):
    sql(store, 'DROP TABLE effect')


@pytest.mark.parametrize('damage, words', [
    (header_noise, ['not a database', 'restore a backup']),
    (other_file, ['not a database', 'give another path']),
    (cut_short, ['malformed', 'restore a backup']),
    (cut_in_a_page, ['malformed', 'restore a backup']),
    (emptied, ['gone or empty', 'restore a backup', 'lockstep.db-lock']),
    (vanished, ['gone or empty', 'restore a backup', 'lockstep.db-lock']),
    (newer, ['schema 99', 'use a newer lockstep']),
    (older, ['schema number', 'restore a backup']),
    (without_schema, ['schema number', 'restore a backup']),
    (table_lost, ['schema number', 'restore a backup', 'effect']),
], ids=lambda it: it.__name__ if callable(it) else '')
def test_file(store, damage, words):
    damage(store)
    refused(store, *words)


FRAME = PAGE + 24


def wal_cut(wal):
    os.truncate(wal, 32 + 2 * FRAME)


def wal_empty(wal):
    os.truncate(wal, 0)


def wal_gone(wal):
    wal.unlink()


def wal_header(wal):
    write(wal, 0, bytes(32))


def wal_middle(wal):
    write(wal, 32 + FRAME + 24 + 1000, GARBAGE[:100])


def wal_noise(wal):
    size = wal.stat().st_size
    write(wal, 0, GARBAGE * (size // PAGE) + GARBAGE[:size % PAGE])


@pytest.mark.parametrize('damage', [wal_cut, wal_empty, wal_gone, wal_header, wal_middle, wal_noise],
                         ids=lambda it: it.__name__)
def test_log(store, start, damage):
    """What was answered 200 is in the log alone. SQLite by itself takes what it can of a damaged one, and says nothing."""
    daemon = start()
    events = [daemon.send(private(7000 + i)) for i in range(10)]
    daemon.stop(signal.SIGKILL)
    damage(store.with_name(store.name + '-wal'))
    refused(store, 'its log', 'restore a backup', 'lockstep.db-shm')
    code, said = run(store.parent, 'backup', store.with_name('copy.db'))  # a reader does not wipe out what is known
    assert code == 1 and 'its log' in said, said
    refused(store, 'its log')
    store.with_name(store.name + '-shm').unlink()  # as it says, by somebody who can do without
    daemon = start()
    assert daemon.get(f'/api/v1/events/{events[-1]}').status == 404


def flip(store, text):
    """One bit of a text that is somewhere in the file; the tables stay in order."""
    whole = store.read_bytes()
    assert whole.count(text) == 1
    write(store, whole.index(text), bytes([whole[whole.index(text)] ^ 1]))
    assert sql(store, 'PRAGMA integrity_check') == [('ok',)]


def test_bit_of_a_body(kept, store, start):
    event = kept.parked[0]
    flip(store, b'the body of 801')
    sql(store, f'UPDATE queue SET retry_at_ms = 1 WHERE id = {event}')
    daemon = start()
    row = daemon.verdict(event, 'expired')
    assert 'damaged' in row['reason'] and 'backup' in row['reason']
    assert event in [one['id'] for one in daemon.get('/api/v1/events?dead=true').json['events']]
    assert daemon.explain(event)['delivery']['damaged'] is True
    code, out, _ = daemon.command('explain', event)
    assert code == 0 and 'damaged' in out
    code, _, said = daemon.command('replay', event)
    assert code == 3 and 'damaged' in said, said
    code, out, _ = daemon.command('simulate')
    assert code == 0 and '       1  that the store does not hold as they were taken in' in out, out
    code, said = run(store.parent, 'backup', store.with_name('copy.db'))
    assert code == 1 and f'the first is event {event}' in said, said
    answer = daemon.get('/__heartbeat__')
    assert answer.status == 503 and f'event {event} is damaged' in json.dumps(answer.json['details']['store.intact'])


def test_bit_of_an_ended_event(kept, store, start):
    """Nobody reads it by itself; a look through all of it, after an unclean end, finds it."""
    event = kept.ended[7]
    flip(store, b'1007 1007 1007 ' + b'1007 ' * 296)
    daemon = start()
    assert 'damaged' not in daemon.explain(kept.ended[8])['delivery']
    assert daemon.explain(event)['delivery']['damaged'] is True
    daemon.send(private(8000))
    daemon.stop(signal.SIGKILL)
    daemon = start()
    line = until(lambda: next((row for row in daemon.log() if 'the store is damaged' in row['message']), None), 'the look')
    assert f'the first is event {event}' in line['damage'] and 'docs/operating.md' in line['do']
    assert daemon.get('/__heartbeat__').status == 503


SAVE = """
sqlite3 lockstep.db .dump | sed 's/^ROLLBACK.*/COMMIT;/' | sqlite3 new.db
sqlite3 new.db "PRAGMA user_version=$(sqlite3 lockstep.db 'PRAGMA user_version')"
"""


def test_dump(kept, store, start, tmp_path):
    """What sqlite3 can save is a store again, as docs/operating.md says."""
    write(store, leaf(store, 'attempt'), GARBAGE)
    assert sql(store, 'PRAGMA quick_check(1)') != [('ok',)]
    subprocess.run(['sh', '-c', SAVE], cwd=tmp_path, check=True, capture_output=True, timeout=harness.WAIT)
    (tmp_path / 'new.db').rename(store)
    daemon = start()
    for event in kept.all:
        assert daemon.explain(event)['event']['verdict'] in ('discarded', 'parked')
    assert daemon.explain(kept.parked[0])['attempts'][0]['verdict'] == 'parked'
    assert daemon.verdict(daemon.send(private(6100)))['verdict'] == 'discarded'


# --- stores that are too large to look through before they are served ---

LARGE = 70 << 20


@pytest.fixture
def large(store):
    sql(store, "INSERT INTO event SELECT 1000, 'bugzilla', 0, NULL, 0, 0, 'undecodable', '', 0, '{}',"
               f" zeroblob({LARGE}), NULL",
        'INSERT INTO outcome VALUES (1000, 1, 0, 0, 0)')
    return store


def metric(daemon, name):
    return next(line.split()[1] for line in daemon.get('/metrics').body.decode().split('\n')
                if line.startswith(name + ' '))


def test_large_is_looked_through_while_it_is_served(large, start):
    daemon = start()
    assert metric(daemon, 'lockstep_store_unchecked') == '0'  # it was closed in good order
    event = daemon.send(private(9000))
    daemon.stop(signal.SIGKILL)
    daemon = start()
    line = until(lambda: next((row for row in daemon.log() if 'it is in order' in row['message']), None), 'the look')
    assert line['events'] == event - 1000 + DEAL + 3
    until(lambda: metric(daemon, 'lockstep_store_unchecked') == '0', 'the note')
    assert metric(daemon, 'lockstep_store_damaged') == '0'
    assert daemon.stop() == 0
    daemon = start()
    assert daemon.stop() == 0
    assert not [row for row in daemon.log() if row.get('module') == 'store']


def test_large_and_damaged(kept, large, start):
    daemon = start()
    daemon.send(private(9000))
    daemon.stop(signal.SIGKILL)
    write(large, large.stat().st_size - 100 * PAGE, bytes(PAGE))  # in the middle of the large body
    for again in range(2):  # the second start is after a clean end
        daemon = start()
        line = until(lambda: next((row for row in daemon.log() if 'the store is damaged' in row['message']), None),
                     'the look')
        assert line['level'] == 'error' and 'restore a backup' in line['do'] and 'malformed' in line['damage']
        answer = daemon.get('/__heartbeat__')
        assert answer.status == 503 and answer.json['checks']['store.intact'] == 'error'
        assert metric(daemon, 'lockstep_store_damaged') == '1' and metric(daemon, 'lockstep_store_unchecked') == '1'
        assert daemon.verdict(daemon.send(private(9100 + again)))['verdict'] == 'discarded'
        assert daemon.explain(kept.parked[0])['event']['verdict'] == 'parked'
        assert daemon.stop() == 0
