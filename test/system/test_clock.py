"""Clocks that jump: somebody sets the daemon's wall clock (test/fault/clock.c), days pass in a moment. Nothing is lost,
nothing expires or is removed because of it, and nothing waits for a time that the clock takes years to reach."""
import pytest

from harness import bug, delivery, until

HOURLY = 'retry: {every: 1h, give_up: 7d}'
CREATE = {'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue'}
HOUR = 3600
DAY = 24 * HOUR
YEAR = 365 * DAY


def refuse(sandbox):
    """Jira takes no new issue until it is healed."""
    sandbox.heal()
    sandbox.fault(**CREATE, kind='status', status=400, times=0, apply=False)


def parked(serve, sandbox, clock, number, extra=HOURLY):
    """A daemon under the clock, and an event that is parked for an hour."""
    daemon = serve(extra=extra, env=clock.env)
    return daemon, park(daemon, sandbox, number)


def park(daemon, sandbox, number):
    daemon.expect('"verdict": "parked"')
    refuse(sandbox)
    sandbox.put_bug(bug(number))
    return daemon.deliver(delivery(bug(number)), 'parked')['id']


def attempts(daemon, event):
    return len(daemon.explain(event)['attempts'])


def retried(daemon, event, before):
    """Its row once it was tried again."""
    until(lambda: attempts(daemon, event) > before and daemon.explain(event)['event']['verdict'] != 'running',
          'the retry')
    return daemon.explain(event)['event']


def applied(daemon, sandbox, number):
    sandbox.put_bug(bug(number))
    return daemon.deliver(delivery(bug(number)), 'applied')['id']


def restart(serve, daemon, clock, extra=HOURLY, **more):
    assert daemon.stop() == 0
    again = serve(extra=extra, env=clock.env, **more)
    again.expect('"verdict": "parked"')
    return again


def issues_of(sandbox, number):
    return [one for one in sandbox.issues() if one['fields']['summary'] == f'Summary of {number}']


# --- while it runs ---

def test_set_forward_nothing_expires_and_retries_come(serve, sandbox, clock):
    daemon, event = parked(serve, sandbox, clock, 901)
    clock.set(10 * DAY)
    later = park(daemon, sandbox, 902)  # the wrong clock is all that it knows
    assert attempts(daemon, event) == 1
    clock.passes(HOUR, daemon)
    for one in (event, later):
        assert retried(daemon, one, 1)['verdict'] == 'parked'
    sandbox.heal()
    clock.passes(HOUR, daemon)
    assert daemon.verdict(event, 'applied')['attempts'] == daemon.verdict(later, 'applied')['attempts'] == 3


def test_set_back_retries_come_and_news_work(serve, sandbox, clock):
    daemon, event = parked(serve, sandbox, clock, 903)
    clock.set(-DAY)
    sandbox.heal()
    new = [applied(daemon, sandbox, 904), applied(daemon, sandbox, 905)]
    assert event < new[0] < new[1] and attempts(daemon, event) == 1
    assert [row['id'] for row in daemon.get('/api/v1/events').json['events']] == [new[1], new[0], event]
    clock.passes(HOUR, daemon)
    assert daemon.verdict(event, 'applied')['attempts'] == 2


def test_what_comes_after_the_clock_was_set_back_is_not_old(serve, sandbox, clock):
    clock.set(10 * DAY)  # the machine came up with a wrong clock, which was then put right
    daemon = serve(extra=HOURLY, env=clock.env)
    clock.set(0)
    event = park(daemon, sandbox, 906)
    clock.passes(HOUR, daemon)
    assert retried(daemon, event, 1)['verdict'] == 'parked'


@pytest.mark.parametrize('wrong', [-20 * YEAR, 0, 20 * YEAR])
def test_an_event_is_given_up_after_its_week_whatever_the_clock_says(serve, sandbox, clock, wrong):
    daemon = serve(extra=HOURLY, env=clock.env)
    daemon.expect('"verdict": "expired"')
    clock.set(wrong)
    event = park(daemon, sandbox, 907)
    clock.passes(6 * DAY, daemon)
    assert retried(daemon, event, 1)['verdict'] == 'parked'
    clock.passes(DAY, daemon)
    assert daemon.verdict(event, 'expired')['attempts'] == 3


MINUTELY = 'retry: {every: 1m, give_up: 7d}'


def lost(serve, sandbox, clock, number):
    """An issue that was made, though the answer was lost, and that searches do not show yet. (The sandbox has its own
    clock: what is asked for there by its age must not be older than half an hour here.)"""
    daemon = serve(extra=MINUTELY, jira='search_lag: 20m', env=clock.env)
    daemon.expect('"verdict": "parked"')
    sandbox.control('POST', 'settings', {'index_lag_ms': DAY * 1000})
    sandbox.fault(**CREATE, kind='close', times=1, apply=True)
    sandbox.put_bug(bug(number))
    return daemon, daemon.deliver(delivery(bug(number)), 'parked')['id']


@pytest.mark.parametrize('wrong', [-20 * YEAR, -2 * HOUR, DAY])
def test_an_uncertain_creation_is_not_sent_again_because_the_clock_jumped(serve, sandbox, clock, wrong):
    daemon, event = lost(serve, sandbox, clock, 908)
    clock.set(wrong)
    clock.passes(60, daemon)
    assert 'looking again' in retried(daemon, event, 1)['reason']
    sandbox.control('POST', 'settings', {'index_lag_ms': 0})
    clock.passes(20 * 60, daemon)
    assert daemon.verdict(event, 'applied')['attempts'] == 3
    assert len(issues_of(sandbox, 908)) == 1


@pytest.mark.parametrize('wrong', [-20 * YEAR, -2 * HOUR, DAY])
def test_an_uncertain_creation_is_not_sent_again_because_the_clock_jumped_over_a_restart(serve, sandbox, clock, wrong):
    daemon, event = lost(serve, sandbox, clock, 909)
    clock.set(wrong)
    daemon = restart(serve, daemon, clock, extra=MINUTELY, jira='search_lag: 20m')
    if wrong < 0:
        clock.passes(60, daemon)
    assert 'looking again' in retried(daemon, event, 1)['reason']
    sandbox.control('POST', 'settings', {'index_lag_ms': 0})
    clock.passes(20 * 60, daemon)
    daemon.verdict(event, 'applied')
    assert len(issues_of(sandbox, 909)) == 1


# --- over a restart ---

def test_set_back_over_a_restart_a_retry_is_not_years_away(serve, sandbox, clock):
    daemon, event = parked(serve, sandbox, clock, 910)
    clock.set(-20 * YEAR)
    daemon = restart(serve, daemon, clock)
    assert attempts(daemon, event) == 1
    clock.passes(HOUR, daemon)
    assert retried(daemon, event, 1)['verdict'] == 'parked'
    sandbox.heal()
    clock.passes(HOUR, daemon)
    assert daemon.verdict(event, 'applied')['attempts'] == 3


def test_set_forward_over_a_restart_there_is_an_hour_to_put_it_right(serve, sandbox, clock):
    daemon, event = parked(serve, sandbox, clock, 911)
    clock.set(10 * DAY)
    daemon = restart(serve, daemon, clock)
    assert retried(daemon, event, 1)['verdict'] == 'parked'
    clock.set(0)
    clock.passes(HOUR, daemon)
    assert retried(daemon, event, 2)['verdict'] == 'parked'
    clock.passes(HOUR, daemon)
    assert retried(daemon, event, 3)['verdict'] == 'parked'


def test_a_clock_that_stays_wrong_makes_dead_letters_not_losses(serve, sandbox, clock):
    daemon, event = parked(serve, sandbox, clock, 912)
    clock.set(10 * DAY)
    daemon = restart(serve, daemon, clock)
    daemon.expect('"verdict": "expired"')
    assert retried(daemon, event, 1)['verdict'] == 'parked'
    clock.passes(HOUR, daemon)
    daemon.verdict(event, 'expired')
    sandbox.heal()
    code, out, err = daemon.command('replay', event)
    assert code == 0, err
    daemon.verdict(int(out.split()[-1]), 'applied')


# --- records ---

KEPT = HOURLY + '\nretention: {events: 1d, traces: 1d}'


def is_there(daemon, event):
    return daemon.get(f'/api/v1/events/{event}').status == 200


def test_set_forward_no_history_goes(serve, sandbox, clock):
    daemon = serve(extra=KEPT, env=clock.env)
    ended = applied(daemon, sandbox, 920)
    waits = park(daemon, sandbox, 921)
    clock.set(10 * YEAR)
    clock.passes(2 * HOUR, daemon)
    assert retried(daemon, waits, 1)['verdict'] == 'parked'
    clock.passes(HOUR, daemon)  # by now the loop knows of both
    assert retried(daemon, waits, 2)['verdict'] == 'parked'
    assert is_there(daemon, ended)
    clock.set(0)
    clock.passes(2 * DAY, daemon)
    until(lambda: not is_there(daemon, ended), 'the end of its retention')
    assert is_there(daemon, waits)


def test_set_forward_over_a_restart_no_history_goes_for_an_hour(serve, sandbox, clock):
    daemon = serve(extra=KEPT, env=clock.env)
    ended = applied(daemon, sandbox, 922)
    waits = park(daemon, sandbox, 923)
    clock.set(10 * YEAR)
    daemon = restart(serve, daemon, clock, extra=KEPT)
    daemon.expect('"verdict": "expired"')  # by a clock that is wrong again
    clock.passes(HOUR // 2, daemon)
    assert is_there(daemon, ended)
    clock.set(0)
    clock.passes(HOUR // 4, daemon)  # so that it is seen in time
    clock.passes(2 * HOUR, daemon)
    assert is_there(daemon, ended)
    clock.set(10 * YEAR)
    daemon = restart(serve, daemon, clock, extra=KEPT)  # and nobody puts it right
    daemon.expect('"verdict": "expired"')
    clock.passes(HOUR, daemon)
    until(lambda: not is_there(daemon, ended), 'the end of its retention')
    assert is_there(daemon, waits)


def test_a_delivery_is_known_again_whatever_the_clock_says(serve, sandbox, clock):
    daemon = serve(extra=HOURLY, env=clock.env)
    sandbox.put_bug(bug(930))
    told = delivery(bug(930))
    first = daemon.deliver(told, 'applied')['id']
    for wrong in (10 * YEAR, -10 * YEAR, 0):
        clock.set(wrong)
        assert daemon.send(told) == first
        daemon = restart(serve, daemon, clock)
        assert daemon.send(told) == first
    assert len(issues_of(sandbox, 930)) == 1
