"""A tracker that is not worth asking is not asked, and every event waits for it without using up its tries."""
from harness import bug, delivery, until

RETRY = 'retry: {first: 1s}'


def jira_writes(sandbox):
    return [w for w in sandbox.writes() if w['service'] == 'jira']


def metric(daemon, line):
    return line in daemon.get('/metrics').body.decode()


def test_refused_credentials_open_the_breaker_and_one_probe_closes_it(serve, sandbox):
    daemon = serve(extra=RETRY)
    daemon.expect('breaker opened', 'parked')
    sandbox.fault(service='jira', kind='status', status=401, times=1000, apply=False)
    for n in range(900, 905):
        sandbox.put_bug(bug(n))
    first = daemon.deliver(delivery(bug(900)), 'parked')
    assert 'class' not in first and '401' in first['reason']
    until(lambda: metric(daemon, 'lockstep_breaker_open{tracker="jira"} 1'), 'the breaker to open')
    asked = len(jira_writes(sandbox))
    events = [daemon.send(delivery(bug(n))) for n in range(901, 905)]
    for event in events:
        daemon.verdict(event, 'parked')
        daemon.verdict(event, 'parked')
    assert len(jira_writes(sandbox)) - asked <= 4  # probes, not each event's try
    sandbox.heal()
    for event in [first['id'], *events]:
        row = daemon.verdict(event, 'applied')
        assert row['attempts'] <= 6
    assert metric(daemon, 'lockstep_breaker_open{tracker="jira"} 0')
    assert len(sandbox.issues()) >= 5
    keys = [key for n in range(900, 905) for key in sandbox.bug(n)['see_also']]
    assert len(keys) == len(set(keys)) == 5
    opened = [row for row in daemon.log() if row['message'] == 'breaker opened']
    assert opened and opened[0]['tracker'] == 'jira' and opened[0]['class'] == 'auth'
    assert any(row['message'] == 'breaker closed' for row in daemon.log())


def test_a_healthy_tracker_goes_on_meanwhile(serve, sandbox):
    daemon = serve(extra=RETRY)
    daemon.expect('breaker opened', 'parked')
    sandbox.fault(service='jira', kind='status', status=401, times=1000, apply=False)
    sandbox.put_bug(bug(910))
    sandbox.put_bug(bug(911, whiteboard=''))
    daemon.deliver(delivery(bug(910)), 'parked')
    row = daemon.deliver(delivery(bug(911, whiteboard='')), 'discarded')
    assert row['reason'].startswith('no bug whiteboard')
    sandbox.heal()


def test_news_brings_a_parked_event_forward(serve, sandbox):
    daemon = serve(extra='retry: {first: 1h}')
    daemon.expect('parked')
    sandbox.put_bug(bug(920))
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', kind='status', status=400, times=1,
                  apply=False)
    first = daemon.deliver(delivery(bug(920)), 'parked')
    second = daemon.send(delivery(bug(920, summary='news'), 'modify'))
    assert daemon.verdict(first['id'], 'applied')['attempts'] == 2
    daemon.verdict(second, 'applied', 'unchanged')
