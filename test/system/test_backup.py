"""A copy of the store is whole, made beside the daemon, and a daemon starts from it."""
import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import threading

import pytest

from harness import LOCKSTEP, WAIT, bug, delivery, preloaded, until


def private(number):
    return delivery({'id': number, 'is_private': True})


def test_backup_under_load_and_restore(serve, sandbox, tmp_path):
    daemon = serve()
    sandbox.put_bug(bug(801))
    made = daemon.deliver(delivery(bug(801)), 'applied')
    stop = threading.Event()
    sent = []

    def load():
        number = 10000
        while not stop.is_set():
            number += 1
            sent.append(daemon.send(private(number)))

    thread = threading.Thread(target=load)
    thread.start()
    try:
        before = len(sent)
        code, out, err = daemon.command('backup', tmp_path / 'copy.db')
        assert code == 0, err
    finally:
        stop.set()
        thread.join()
    assert sqlite3.connect(tmp_path / 'copy.db').execute('pragma integrity_check').fetchone() == ('ok',)
    kept = sent[:before]
    code, out, err = daemon.command('backup', tmp_path / 'copy.db')
    assert code == 1 and 'exists already' in err
    assert not (tmp_path / 'copy.db.part').exists()
    assert daemon.stop() == 0
    code, out, err = daemon.command('backup', tmp_path / 'cold.db')  # without a daemon
    assert code == 0, err

    restored = tmp_path / 'restored'
    restored.mkdir()
    shutil.copy(tmp_path / 'copy.db', restored / 'lockstep.db')
    daemon = serve(folder=restored)
    assert daemon.explain(made['id'])['event']['verdict'] == 'applied'
    for event in kept:
        assert daemon.verdict(event)['verdict'] == 'discarded'
    # What was done before is known: nothing is done twice.
    row = daemon.deliver(delivery(bug(801), 'modify'), 'unchanged', 'applied')
    assert row['verdict'] == 'unchanged'
    assert len([one for one in sandbox.issues() if one['fields']['summary'] == 'Summary of 801']) == 1


def test_backup_refusals(serve, tmp_path):
    daemon = serve()
    assert daemon.command('backup')[0] == 2
    code, out, err = daemon.command('backup', tmp_path / 'nowhere' / 'copy.db')
    assert code == 1 and 'nowhere' in err, err


# --- a disk that fails (test/fault/disk.c) ---

def backup(daemon, to, plan):
    done = subprocess.run([LOCKSTEP, 'backup', to, '--config', daemon.config], capture_output=True, text=True,
                          timeout=WAIT, env={**os.environ, **preloaded('disk'), 'DISK_PLAN': plan})
    return done.returncode, done.stderr


def stored(serve):
    """A daemon whose store has more than one bite."""
    daemon = serve()
    for number in range(30):
        daemon.send(delivery({'id': 5000 + number, 'is_private': True, 'filler': os.urandom(100000).hex()}))
    return daemon


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize('plan, said', [
    ('write 1 0 ENOSPC', 'full'), ('write 5 0 ENOSPC', 'full'), ('write 5 0 short', 'full'),
    ('write 1 0 EIO', 'I/O error'), ('write 5 0 EIO', 'I/O error'), ('sync 1 0 EIO', 'Input/output error|I/O error'),
    ('sync 3 0 EIO', 'Input/output error|I/O error'), ('sync 3 0 ENOSPC', 'No space left|I/O error|full'),
    ('rename 1 0 EIO', 'Input/output error'), ('rename 1 0 ENOSPC', 'No space left')])
def test_a_disk_that_fails_leaves_no_half_copy(serve, tmp_path, plan, said):
    daemon = stored(serve)
    to = tmp_path / 'copies'
    to.mkdir()
    code, err = backup(daemon, to / 'copy.db', plan)
    assert code == 1 and 'copy.db' in err and any(words in err for words in said.split('|')), (code, err)
    assert err.startswith('lockstep: backup: ') and err.count('\n') == 1, err
    assert files(to) == []
    assert daemon.command('backup', to / 'copy.db')[0] == 0  # the disk is well again
    whole(to / 'copy.db')


@pytest.mark.parametrize('plan', ['write 1 0 kill', 'write 40 0 kill', 'sync 1 0 kill', 'sync 3 0 kill', 'rename 1 0 kill',
                                  'write 40 0 cut', 'sync 3 0 cut', 'rename 1 0 cut'])
def test_what_dies_leaves_nothing_under_the_name(serve, tmp_path, plan):
    daemon = stored(serve)
    to = tmp_path / 'copies'
    to.mkdir()
    code, err = backup(daemon, to / 'copy.db', plan)
    assert code in (-signal.SIGKILL, 137), (code, err)
    assert 'copy.db' not in files(to)
    assert daemon.command('backup', to / 'copy.db')[0] == 0
    assert files(to) == ['copy.db']
    whole(to / 'copy.db')


def test_a_power_cut_after_success_takes_nothing_back(serve, tmp_path):
    daemon = stored(serve)
    code, err = backup(daemon, tmp_path / 'copy.db', 'rename 1 1 cutted')
    assert code == 137, err
    whole(tmp_path / 'copy.db')


def whole(path):
    assert sqlite3.connect(path).execute('pragma integrity_check').fetchone() == ('ok',)


@pytest.mark.parametrize('plan', ['heal', 'write 1 0 EIO', 'rename 1 0 EIO'])
def test_a_file_that_is_there_is_not_touched(serve, tmp_path, plan):
    daemon = serve()
    (tmp_path / 'copy.db').write_text('precious')
    code, err = backup(daemon, tmp_path / 'copy.db', plan)
    assert code == 1 and 'exists already' in err
    assert (tmp_path / 'copy.db').read_text() == 'precious'


def test_two_at_once_take_turns(serve, tmp_path):
    daemon = stored(serve)
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # as a backup that is under way does
    (tmp_path / 'copy.db.part').write_text('half')
    second = subprocess.Popen([LOCKSTEP, 'backup', tmp_path / 'copy.db', '--config', daemon.config],
                              stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: f'FLOCK  ADVISORY  WRITE {second.pid}' in waiting(), 'it to wait')
        assert (tmp_path / 'copy.db.part').read_text() == 'half'
        os.rename(tmp_path / 'copy.db.part', tmp_path / 'copy.db')
    finally:
        os.close(folder)
    assert 'exists already' in second.communicate(timeout=WAIT)[1] and second.returncode == 1
    assert (tmp_path / 'copy.db').read_text() == 'half'


def waiting():
    with open('/proc/locks') as locks:
        return '\n'.join(line for line in locks if '->' in line)
