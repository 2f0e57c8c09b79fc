"""The demo: what people see first."""
import shutil
import subprocess

from harness import LOCKSTEP, PROJECT


def play(*args):
    return subprocess.run([LOCKSTEP, 'demo', *args], capture_output=True, text=True, timeout=60, cwd=PROJECT,
                          stdin=subprocess.DEVNULL)


def test_the_demo_ends_as_expected():
    done = play('--once')
    assert (done.returncode, done.stderr) == (0, ''), done.stdout
    rows = [line.split() for line in done.stdout.splitlines() if line.endswith(' ms')]
    seen = {(row[2].split(':')[0], row[3]) for row in rows}
    assert {('bug.create', 'applied'), ('bug.modify', 'applied'), ('comment.create', 'applied'),
            ('attachment.create', 'applied'), ('comment.create', 'discarded'),
            ('bug.create', 'discarded')} <= seen, seen
    assert 'duplicate' in {row[3] for row in rows}
    assert f'{len(rows)} deliveries, {len(rows)} as expected, 0 not' in done.stdout
    assert all(row[4].startswith('DEV-') or ':' in row[4] or row[4] == '-' for row in rows)
    assert 'recovered: no webhook told of it' in done.stdout
    changes = [line.strip('· ') for line in done.stdout.splitlines() if line.startswith('        · ')]
    assert {'commit_status', 'labels', 'comment', 'board_add', 'board_field', 'create:', 'see_also', 'status'} <= {
        line.split()[0] for line in changes}, changes
    assert 'commit_status github:openedx/demo#1: openedx/cla = failure, "We need a signed Contributor Agreement"' in changes


def test_the_demo_says_what_it_cannot_find(tmp_path):
    done = play('--once', '--examples', str(tmp_path))
    assert done.returncode == 1
    assert str(tmp_path) + '/deliveries.http' in done.stderr and done.stderr.count('\n') == 1


def test_the_demo_fails_when_an_event_ends_otherwise(tmp_path):
    text = (PROJECT / 'examples' / 'deliveries.http').read_text()
    shutil.copytree(PROJECT / 'examples', tmp_path, dirs_exist_ok=True)
    (tmp_path / 'deliveries.http').write_text(text.replace('# expect: duplicate', '# expect: applied'))
    done = play('--once', '--examples', str(tmp_path))
    assert done.returncode == 1
    assert 'NOT AS EXPECTED' in done.stdout and ', 1 not' in done.stdout
