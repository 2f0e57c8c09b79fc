"""Trackers with limits: a limit that is near slows us down, one that is hit holds up only those whom it is about."""
import datetime
import re

import pytest

from harness import Scene, comment, delivery, seconds, until

COMMENT = {'service': 'jira', 'method': 'POST'}


def last_exchange(sandbox):
    return sandbox.control('GET', 'exchanges?after=999999999')['last']


def jira_exchanges(sandbox, after):
    return [x for x in sandbox.exchanges(after) if x['service'] == 'jira']


def metric(daemon, name, **labels):
    """The value of a series; 0 when there is none."""
    wanted = '{' + ','.join(f'{key}="{value}"' for key, value in labels.items()) + '}'
    found = re.search(rf'^{name}{re.escape(wanted)} (\S+)$', daemon.get('/metrics').body.decode(), re.M)
    return float(found[1]) if found else 0


def slowed(daemon):
    return [row for row in daemon.log() if row['message'] == 'near a limit, slower']


def say(s, of, number):
    said = comment(number, f'said {number}', user='ada@example.org')
    s.sandbox.put_bug({'id': of['id'], 'comment': said})
    return s.daemon.send(delivery({**of, 'comment': said}, target='comment'))


def path_of(key):
    return f'/rest/api/2/issue/{key}/comment'


# --- near ---

@pytest.mark.parametrize('concurrency', [1, 4])
def test_what_is_left_is_spread_and_the_limit_is_never_hit(serve, sandbox, concurrency):
    s = Scene(serve, sandbox, jira=f'concurrency: {concurrency}')
    last = last_exchange(sandbox)
    bugs = [s.bug() for _ in range(30)]
    sandbox.control('POST', 'settings', {'jira_limit': 25, 'jira_window_ms': 500, 'latency_ms': 2})
    for event in [s.daemon.send(delivery(one)) for one in bugs]:
        assert s.daemon.verdict(event, 'applied', 'parked')['attempts'] == 1
    asked = jira_exchanges(sandbox, last)
    assert len(asked) > 3 * 25
    assert [x['path'] for x in asked if x['status'] == 429] == []
    assert slowed(s.daemon) and slowed(s.daemon)[0]['tracker'] == 'jira'
    assert metric(s.daemon, 'lockstep_limits_total', tracker='jira', limit='near') > 0
    assert metric(s.daemon, 'lockstep_limits_total', tracker='jira', limit='tracker') == 0


def test_without_figures_the_pace_is_halved(serve, sandbox):
    s = Scene(serve, sandbox, jira='concurrency: 1')
    sandbox.control('POST', 'settings', {'latency_ms': 40})
    for event in [s.daemon.send(delivery(s.bug())) for _ in range(3)]:
        s.daemon.verdict(event, 'applied')
    sandbox.fault(service='jira', kind='headers', headers={'X-RateLimit-NearLimit': 'true'}, times=0)
    events = [s.daemon.deliver(delivery(s.bug()), 'applied')['id'] for _ in range(3)]
    gap = slowed(s.daemon)[0]['gap_ms'] / 1000
    assert 0.08 <= gap <= 2
    times = [x['sent'] for x in s.daemon.exchanges('jira', events)]
    gaps = [after - before for before, after in zip(times, times[1:])]
    assert len(gaps) > 5 and min(gaps) > 0.07, (gap, gaps)  # at full pace some are hardly longer than the latency


def test_when_nothing_is_left_we_wait_until_there_is_more(serve, sandbox):
    s = Scene(serve, sandbox, jira='concurrency: 1')
    of, key = s.linked()
    reset = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)).isoformat(timespec='milliseconds')
    sandbox.fault(service='jira', method='GET', path=f'/rest/api/2/issue/{key}*', kind='headers',
                  headers={'X-RateLimit-Limit': '100', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': reset})
    s.daemon.verdict(say(s, of, 1), 'applied')
    asked = s.daemon.exchanges('jira')
    told = next(i for i, x in enumerate(asked) if f'/issue/{key}' in x['url'])
    assert asked[told + 1]['sent'] > seconds(reset) - 0.05


# --- hit ---

def test_a_limit_of_one_issue_holds_up_its_lane_alone(serve, sandbox):
    s = Scene(serve, sandbox)
    s.daemon.expect('"verdict": "parked"')
    of, key = s.linked()
    sandbox.fault(**COMMENT, path=path_of(key), kind='status', status=429, retry_after=3600,
                  headers={'RateLimit-Reason': 'jira-per-issue-on-write'})
    held = [say(s, of, 1), say(s, of, 2)]
    s.daemon.verdict(held[0], 'parked')
    for n in range(3, 8):
        other, other_key = s.linked()
        s.daemon.verdict(say(s, other, n), 'applied')
        assert len(s.comments(other_key)) == 1
    whole = s.daemon.explain(held[0])
    (tried,) = whole['attempts']
    assert tried['class'] == 'limited' and '(jira-per-issue-on-write)' in tried['reason']
    assert 3590 < seconds(tried['retry_at']) - seconds(tried['ended']) < 3610
    assert whole['event']['verdict'] == 'parked' and s.daemon.explain(held[1])['event']['verdict'] == 'behind'
    assert metric(s.daemon, 'lockstep_limits_total', tracker='jira', limit='issue') == 1
    assert metric(s.daemon, 'lockstep_limits_total', tracker='jira', limit='tracker') == 0
    assert metric(s.daemon, 'lockstep_pause_seconds', tracker='jira') == 0
    assert s.daemon.command('retry', held[1])[0] == 0
    for event in held:
        s.daemon.verdict(event, 'applied')
    assert [body.rsplit('\n', 1)[-1] for body in s.comments(key)] == ['said 1', 'said 2']


@pytest.mark.parametrize('reason', [None, 'jira-burst-based', 'jira-something-new'])
def test_any_other_limit_holds_up_the_tracker(serve, sandbox, reason):
    s = Scene(serve, sandbox)
    s.daemon.expect('"verdict": "parked"')
    of, key = s.linked()
    other, other_key = s.linked()
    sandbox.fault(**COMMENT, path=path_of(key), kind='status', status=429, retry_after=2,
                  headers={'RateLimit-Reason': reason} if reason else {})
    first = say(s, of, 1)
    tried = s.daemon.verdict(first, 'parked') and s.daemon.explain(first)['attempts'][0]
    assert metric(s.daemon, 'lockstep_limits_total', tracker='jira', limit='tracker') == 1
    assert 0 < metric(s.daemon, 'lockstep_pause_seconds', tracker='jira') <= 2
    second = say(s, other, 2)
    s.daemon.verdict(second, 'applied')
    assert seconds(s.daemon.explain(second)['event']['ended']) > seconds(tried['retry_at']) - 0.01
    s.daemon.verdict(first, 'applied')
