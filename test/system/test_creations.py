"""So much may be created at GitHub in an hour and no more, over restarts too: what finds no room waits for its own time,
all else goes on, and waiting is no failure."""
import re

import pytest

from harness import GITHUB_SECRET, Pulls, seconds, until

HOUR = 3600
COMMENT = {'service': 'github', 'method': 'POST', 'path': '*/comments'}


@pytest.fixture
def begin(tmp_path, sandbox, clock):
    made = []

    def start(creations, extra=''):
        github = f'rate: 1000/s\n    concurrency: 16\n    creations: {creations}'
        made.append(Pulls(tmp_path, sandbox, env=clock.env, github=github, projects='{}', extra=extra,
                          bridge='reconcile: 24h'))  # nothing is under way when the clock jumps
        return made[0]

    yield start
    for one in made:
        one.end()


def state(pulls):
    """Used, of how many; and how many events wait."""
    return [pulls.daemon.metric('lockstep_creations', tracker='github', state=one) for one in ('used', 'most', 'waiting')]


def last_attempt(pulls, ref):
    return pulls.daemon.explain(pulls.last_event(ref, 'opened')['id'])['attempts'][-1]


def test_what_finds_no_room_waits_for_its_own_time_and_all_else_goes_on(begin, clock):
    pulls = begin('2/h')
    done = [pulls.open(author='sid') for _ in range(2)]
    assert state(pulls) == [2, 2, 0]
    held = [pulls.open(author='sid') for _ in range(3)]
    waits = [last_attempt(pulls, ref) for ref in held]
    for ref, one in zip(held, waits):
        assert not pulls.ours(ref) and pulls.status(ref)[0] == 'success' and pulls.github.labels(ref)
        assert one['class'] == 'paced' and one['verdict'] == 'parked'
        assert re.search(r'github: 2 creations an hour are used up; goes on at \d{4}-\d\d-\d\dT\d\d:\d\dZ', one['reason'])
    times = [seconds(one['retry_at']) - seconds(waits[0]['ended']) for one in waits]
    assert HOUR - 10 < times[0] <= times[1] <= HOUR < 2 * HOUR - 10 < times[2] <= 2 * HOUR
    assert state(pulls) == [2, 2, 3] and pulls.daemon.metric('lockstep_limits_total', tracker='github', limit='creations') == 3
    pulls.act(done[0], 'edit', by='sid', title='WIP: more')
    assert 'end_of_wip' in str(pulls.kinds(done[0])) and state(pulls) == [2, 2, 3]
    clock.passes(HOUR, pulls.daemon)
    until(lambda: [len(pulls.ours(ref)) for ref in held] == [1, 1, 0], 'the next hour')
    pulls.settle()
    assert state(pulls) == [2, 2, 1] and [len(pulls.ours(ref)) for ref in done] == [1, 1]
    assert pulls.last_event(held[0], 'opened')['attempts'] == 2 and pulls.last_event(held[2], 'opened')['attempts'] == 1


def test_it_is_kept_over_kill_9_before_the_answer(begin, sandbox, clock):
    pulls = begin('1/h')
    sandbox.fault(**COMMENT, kind='hang', times=1, apply=True)
    ref = pulls.github.pull('openedx/web', author='sid')
    until(lambda: pulls.ours(ref), 'the comment')
    pulls.again(kill=True)
    pulls.until_done(ref)
    assert len(pulls.ours(ref)) == 1 and state(pulls) == [1, 1, 0]
    other = pulls.open('openedx/web', author='sid')
    assert last_attempt(pulls, other)['class'] == 'paced' and not pulls.ours(other)
    clock.passes(HOUR // 2, pulls.daemon)
    pulls.again(kill=True)
    assert state(pulls)[0] == 1
    clock.passes(HOUR // 2, pulls.daemon)
    pulls.until_done(other)
    assert len(pulls.ours(other)) == 1


def test_waiting_is_not_counted_against_giving_up(begin, sandbox, clock):
    pulls = begin('1/h', extra='retry: {every: 1m, give_up: 30m}')
    pulls.open('openedx/web', author='sid')
    ref = pulls.open('openedx/web', author='sid')
    assert last_attempt(pulls, ref)['class'] == 'paced'
    pulls.expect('"verdict": "parked"')
    sandbox.fault(**COMMENT, kind='status', status=422, times=1, apply=False)
    clock.passes(HOUR, pulls.daemon)
    until(lambda: last_attempt(pulls, ref)['class'] == 'input', 'the refusal')
    clock.passes(60, pulls.daemon)
    until(lambda: pulls.last_event(ref, 'opened')['attempts'] == 3, 'the retry')
    assert last_attempt(pulls, ref)['class'] == 'paced' and not pulls.ours(ref)  # what was refused had its place too
    clock.passes(HOUR, pulls.daemon)
    until(lambda: pulls.last_event(ref, 'opened')['verdict'] == 'expired' or pulls.ours(ref), 'its end')
    assert len(pulls.ours(ref)) == 1


def test_without_a_rate_it_is_githubs_advice_and_a_rate_lifts_it(tmp_path, sandbox):
    pulls = Pulls(tmp_path, sandbox, github='', projects='{}')
    assert state(pulls) == [0, 400, 0]
    config = pulls.daemon.config.read_text().replace(f'hook_secret: {GITHUB_SECRET}', f'hook_secret: {GITHUB_SECRET}\n    rate: 1000/s')
    pulls.daemon.config.write_text(config.replace('rate: 1000/s', 'rate: 1000/s\n    creations: 1/h'))
    pulls.daemon.reload()
    pulls.open('openedx/web', author='sid')
    held = pulls.open('openedx/web', author='sid')
    assert state(pulls) == [1, 1, 1] and not pulls.ours(held)
    pulls.daemon.config.write_text(config)
    pulls.daemon.reload()
    pulls.until_done(held)
    assert len(pulls.ours(held)) == 1 and state(pulls)[1] == 0
    pulls.end()
