"""How far long work is: on a terminal, on standard error, and gone at the end."""
import json
import os
import pty
import re
import select
import subprocess

import pytest

from harness import LOCKSTEP, WAIT, bug, delivery

CLEARED = '\r\x1b[K'
SINCE = ['--since', '2020-01-01T00:00:00Z']


def on_terminal(daemon, *args, out_too=False, **env):
    """Run a command with standard error (and output) on a terminal: exit code, output, what the terminal got."""
    near, far = pty.openpty()
    program = subprocess.Popen([LOCKSTEP, *map(str, args), '--config', daemon.config], stdin=subprocess.DEVNULL,
                               stdout=far if out_too else subprocess.PIPE, stderr=far,
                               env={**os.environ, 'TERM': 'xterm', **env})
    os.close(far)
    told, out = b'', b''
    pipe = None if out_too else program.stdout.fileno()
    reading = [near] + ([pipe] if pipe is not None else [])
    while reading:
        ready, _, _ = select.select(reading, [], [], WAIT)
        assert ready, 'the command hangs'
        for fd in ready:
            try:
                got = os.read(fd, 65536)
            except OSError:  # what a terminal says at its end
                got = b''
            if not got:
                reading.remove(fd)
            elif fd == near:
                told += got
            else:
                out += got
    code = program.wait(WAIT)
    os.close(near)
    if program.stdout:
        program.stdout.close()
    return code, out.decode(), told.decode()


def seen(told):
    """What is on the terminal at last, and every line that was there for a while."""
    lines, drawn = [''], []
    for part in re.split(r'(\r\x1b\[K|\r\n|\r|\x1b\[K)', told):
        if part == CLEARED or part == '\r':
            drawn.append(lines[-1])
            lines[-1] = ''
        elif part == '\r\n':
            lines.append('')
        elif part != '\x1b[K':
            lines[-1] += part
    return [line for line in lines if line], [line for line in drawn if line]


@pytest.fixture
def told(serve, sandbox):
    """A daemon with 250 events that have ended, three of which a rule was about."""
    daemon = serve()
    for number in range(247):
        daemon.send(delivery({'id': 3000 + number, 'is_private': True}))
    for number in range(950, 953):
        sandbox.put_bug(bug(number))
        last = daemon.deliver(delivery(bug(number)), 'applied')
    assert last['id'] == 250
    for event in range(1, 248):
        daemon.verdict(event, 'discarded')
    return daemon


def test_backup(told, tmp_path):
    code, out, told_on = on_terminal(told, 'backup', tmp_path / 'copy.db')
    last, drawn = seen(told_on)
    assert (code, out, last) == (0, '', [])
    # A small store is copied in one bite.
    assert all(re.fullmatch(r'backup \[[#.]+\] +\d+ % [\d.]+ [KM]?i?B of [\d.]+ [KM]i?B.*', line) for line in drawn)
    assert told_on == '' or told_on.endswith(CLEARED)


def test_a_large_backup(told, tmp_path):
    for number in range(60):
        told.send(delivery({'id': 5000 + number, 'is_private': True, 'filler': os.urandom(100000).hex()}))
    code, out, told_on = on_terminal(told, 'backup', tmp_path / 'copy.db')
    last, drawn = seen(told_on)
    assert (code, out, last) == (0, '', [])
    assert drawn and all(re.fullmatch(r'backup \[[#.]+\] +\d+ % [\d.]+ MiB of [\d.]+ MiB.*', line) for line in drawn)
    assert told_on.endswith(CLEARED)


def test_simulate(told):
    code, out, told_on = on_terminal(told, 'simulate')
    last, drawn = seen(told_on)
    assert (code, last) == (0, []) and '250 events since' in out
    assert drawn and re.fullmatch(r'simulate \[\.+\] +0 % 1 of 250', drawn[0]), drawn
    plain = told.command('simulate')
    assert plain[0] == 0 and plain[2] == ''
    assert re.sub('since .*', '', plain[1]) == re.sub('since .*', '', out)


def test_simulate_until_a_time(told):
    code, out, told_on = on_terminal(told, 'simulate', '--until', '2100-01-01T00:00:00Z')
    last, drawn = seen(told_on)
    assert (code, last, drawn[0]) == (0, [], 'simulate 1') and '250 events since' in out


def test_replay_of_many(told):
    code, out, told_on = on_terminal(told, 'replay', *SINCE, '--limit', '240')
    last, drawn = seen(told_on)
    assert (code, last) == (0, []) and '240 of 240 events replayed' in out, out
    assert 'go on with --after 240' in out
    assert len(re.findall(r'^\d+ +\d{4}-', out, re.M)) == 240
    assert 'replay 0' in drawn
    replays = [told.explain(event)['event'] for event in (1, 100, 101, 240, 241)]
    assert [bool(row.get('replayed_as')) for row in replays] == [True, True, True, True, False]
    row = json.loads(told.command('replay', *SINCE, '--json')[1])
    assert [one['id'] for one in row['events'] if one['id'] <= 250] == list(range(241, 251))


def test_replay_of_a_rule(told):
    code, out, told_on = on_terminal(told, 'replay', *SINCE, '--rule', 'dev', out_too=True)
    last, drawn = seen(told_on)
    assert code == 0 and re.search(r'3 of \d+ events replayed', '\n'.join(last)), last
    assert not any('replay ' in line for line in last)
    assert [bool(told.explain(event)['event'].get('replayed_as')) for event in (247, 248, 249, 250)] == \
        [False, True, True, True]


def test_replay_of_ids(told):
    code, out, told_on = on_terminal(told, 'replay', *range(1, 31))
    last, drawn = seen(told_on)
    assert (code, last) == (0, []) and len(out.splitlines()) == 30
    assert re.fullmatch(r'replay \[\.+\] +0 % 0 of 30', drawn[0]), drawn


def test_a_refusal_stands_alone(told):
    code, out, told_on = on_terminal(told, 'replay', 1, 99999, out_too=True)
    assert code == 3
    last, drawn = seen(told_on)
    assert len(last) == 2 and last[1] == 'lockstep: there is no event 99999' and drawn, (last, drawn)


@pytest.mark.parametrize('args, env', [
    (['simulate', '--json'], {}), (['replay', *SINCE, '--json'], {}), (['replay', 1, 2, '--json'], {}),
    (['simulate'], {'TERM': 'dumb'}), (['replay', *SINCE], {'TERM': 'dumb'}), (['replay', 1], {}),
    (['replay', *SINCE, '--dry-run'], {}), (['events'], {})])
def test_nothing_where_it_would_be_in_the_way(told, args, env):
    code, out, told_on = on_terminal(told, *args, **env)
    assert (code, told_on) == (0, '') and out


def test_nothing_without_a_terminal(told, tmp_path):
    for args in (['backup', tmp_path / 'copy.db'], ['simulate'], ['replay', *SINCE], ['replay', 1, 2]):
        code, out, err = told.command(*args)
        assert (code, err) == (0, ''), (args, err)
