"""A store that lies where nothing may be written, such as a snapshot of a disk, can be read."""
import os
import shutil
import signal
import subprocess

import pytest

from harness import LOCKSTEP, WAIT, delivery

# A mount that may only be read stops root, too.
MOUNT = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def sealed(folder, *command):
    """The command where that folder can only be read."""
    return subprocess.run(['unshare', '-rm', 'sh', '-c', MOUNT, 'sh', str(folder), *map(str, command)], text=True,
                          capture_output=True, timeout=WAIT)


@pytest.fixture
def snapshot(serve, tmp_path):
    """Make a copy of a store with one event, whose daemon has stopped or is about to be killed; its folder."""
    if not shutil.which('unshare') or sealed(tmp_path, 'true').returncode != 0:
        pytest.skip('no folder can be mounted here so that it can only be read')

    def make(number, *leave_out):
        daemon = serve()
        daemon.verdict(daemon.send(delivery({'id': 1, 'is_private': True})), 'discarded')
        daemon.stop(number)
        folder = tmp_path / 'snap#shot 100%?'
        shutil.copytree(tmp_path, folder, ignore=shutil.ignore_patterns(*leave_out, 'snap*', '*.sock'))
        return folder
    return make


def read(folder, tmp_path):
    """Both ways in which a command reads a store; what simulate says."""
    before = sorted(os.listdir(folder))
    done = sealed(folder, LOCKSTEP, 'simulate', '--config', tmp_path / 'lockstep.yaml', '--store',
                  f'sqlite:{folder}/lockstep.db')
    copied = sealed(folder, LOCKSTEP, 'backup', tmp_path / 'copy.db', '--config', folder / 'lockstep.yaml')
    assert sorted(os.listdir(folder)) == before
    assert copied.returncode == done.returncode, copied.stderr
    return done


def test_closed_in_good_order(snapshot, tmp_path):
    folder = snapshot(signal.SIGTERM)
    assert not (folder / 'lockstep.db-wal').exists()
    done = read(folder, tmp_path)
    assert done.returncode == 0 and '1 events since' in done.stdout, done.stderr


def test_log_and_shared_memory(snapshot, tmp_path):
    folder = snapshot(signal.SIGKILL)
    done = read(folder, tmp_path)
    assert done.returncode == 0 and '1 events since' in done.stdout, done.stderr


def test_log_alone(snapshot, tmp_path):
    """As after a restart of the machine: what the log holds cannot be read beside nothing."""
    folder = snapshot(signal.SIGKILL, '*-shm')
    done = read(folder, tmp_path)
    assert done.returncode == 1 and 'lockstep.db-wal; copy both into another folder' in done.stderr, done.stderr
    other = tmp_path / 'other'
    other.mkdir()
    for name in ('lockstep.db', 'lockstep.db-wal', 'lockstep.yaml', 'actions.yaml'):
        shutil.copy(folder / name, other / name)
    done = subprocess.run([LOCKSTEP, 'simulate', '--config', str(other / 'lockstep.yaml')], capture_output=True, text=True)
    assert done.returncode == 0 and '1 events since' in done.stdout, done.stderr
