"""Two bugs that are linked with one Jira issue are one line of events: in order, never side by side."""
import signal

from harness import ACTIONS, bug, comment, delivery, until

COMMENTS = ACTIONS + '    steps: {comment: [create_comment]}\n'


def linked_pair(sandbox, daemon, key='DEV-1'):
    pair = []
    for number in (701, 702):
        of = bug(number, see_also=[f'{sandbox.jira}/browse/{key}'])
        sandbox.put_bug({**of, 'comments': [comment(number * 10, 'Description', 0)]})
        pair.append(of)
    return pair


def say(sandbox, of, number, text):
    said = comment(number, text)
    sandbox.put_bug({'id': of['id'], 'comment': {**said, 'creator': 'ada@example.org'}})
    return delivery({**of, 'comment': said}, target='comment')


def texts(sandbox, key='DEV-1'):
    return [one['body'].split('\n', 1)[1] for one in sandbox.issue(key)['comments'] if 'commented' in one['body']]


def test_events_of_both_bugs_keep_their_order(serve, sandbox):
    daemon = serve(actions=COMMENTS, jira='concurrency: 32')
    one, two = linked_pair(sandbox, daemon)
    sandbox.control('POST', 'latency', {'ms': 20})
    sent = []
    for i in range(12):
        of = one if i % 3 else two
        sent.append(daemon.send(say(sandbox, of, 70000 + i, f'text {i}')))
    for event in sent:
        daemon.verdict(event, 'applied')
    assert texts(sandbox) == [f'text {i}' for i in range(12)]


def test_a_parked_event_of_one_holds_the_other_from_then_on(serve, sandbox):
    daemon = serve(actions=COMMENTS, extra='retry: {first: 1h}')
    daemon.expect('"verdict": "parked"')
    one, two = linked_pair(sandbox, daemon)
    daemon.deliver(say(sandbox, one, 1, 'first'), 'applied')
    daemon.deliver(say(sandbox, two, 2, 'second'), 'applied')  # from here on they are one lane
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue/DEV-1/comment', kind='status', status=400,
                  times=1, apply=False)
    stuck = daemon.deliver(say(sandbox, one, 3, 'third'), 'parked')
    daemon.stop(signal.SIGKILL)
    daemon = serve(folder=daemon.folder, actions=COMMENTS, extra='retry: {first: 1h}')
    later = daemon.send(say(sandbox, two, 4, 'fourth'))  # news of the joined lane brings the parked one forward
    daemon.verdict(later, 'applied')
    assert daemon.verdict(stuck['id'])['verdict'] == 'applied'
    assert texts(sandbox) == ['first', 'second', 'third', 'fourth']


def test_an_older_event_that_finds_the_other_lane_busy_waits_its_turn(serve, sandbox):
    daemon = serve(actions=COMMENTS, jira='timeout: 20s', extra='retry: {first: 1s}')
    daemon.expect('"verdict": "parked"')
    one, two = linked_pair(sandbox, daemon)
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue/DEV-1/comment', kind='hang', delay_ms=1500,
                  times=1, apply=True)
    first = daemon.send(say(sandbox, one, 11, 'a'))
    until(lambda: len(sandbox.writes()) > 0, 'the first comment to hang')
    second = daemon.send(say(sandbox, two, 12, 'b'))
    third = daemon.send(say(sandbox, one, 13, 'c'))
    assert daemon.explain(second)['event']['verdict'] in ('queued', 'running')
    sandbox.heal()
    for event in (first, second, third):
        daemon.verdict(event, 'applied', 'unchanged')
    assert texts(sandbox) == ['a', 'b', 'c']
