"""Everything that uses the pool, at once: questions and reloads while deliveries are taken. Under TSan, races show."""
import concurrent.futures
import signal

from harness import bug, delivery, until

DELIVERIES, ASKERS = 60, 4


def ask(daemon):
    for i in range(1, 31):
        assert daemon.get('/api/v1/events?limit=20').status == 200
        assert daemon.get(f'/api/v1/events/{i}').status in (200, 404)
        assert daemon.get('/metrics').status == 200


def reload(daemon):
    def times():
        return sum(row.get('message') == 'configuration read again' for row in daemon.log())
    for n in range(1, 6):
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda n=n: times() >= n, 'the configuration to be read again')


def test_questions_and_reloads_while_deliveries_are_taken(serve, sandbox):
    daemon = serve()
    with concurrent.futures.ThreadPoolExecutor(ASKERS + 1) as pool:
        others = [pool.submit(ask, daemon) for _ in range(ASKERS)] + [pool.submit(reload, daemon)]
        events = []
        for i in range(DELIVERIES):
            sandbox.put_bug(bug(5000 + i % 10))
            events.append(daemon.send(delivery(bug(5000 + i % 10))))
        for other in others:
            other.result()
    assert {daemon.verdict(event)['verdict'] for event in events} <= {'applied', 'unchanged', 'discarded'}
