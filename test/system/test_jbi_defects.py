"""What JBI got wrong (reference, section 17), by the number there: each test is named after what must be."""
import json
import signal

import pytest

from harness import Scene, action, bug, change, comment, delivery, seconds, until

SOON = 'retry: {first: 1s, factor: 1}'


def made(sandbox, project='DEV', before=1):
    """Issues of the project that were not there at first."""
    return [one['key'] for one in sandbox.issues() if one['key'].startswith(project + '-')][before:]


# 1, 5

@pytest.mark.parametrize('path, method', [('*/remotelink', 'POST'), ('*/issue/DEV-2', 'PUT'), ('*/rest/bug/1001', 'PUT')])
def test_01_a_failure_after_the_creation_goes_on_with_the_same_issue(serve, sandbox, path, method):
    scene = Scene(serve, sandbox, extra=SOON)
    scene.daemon.expect('503', 'Service Unavailable')
    sandbox.fault(kind='status', status=503, path=path, method=method)
    of = scene.bug()
    event = scene.daemon.send(delivery(of))
    scene.daemon.verdict(event, 'parked')
    assert scene.daemon.verdict(event, 'applied')['attempts'] >= 2
    assert made(sandbox) == ['DEV-2']
    assert sandbox.bug(of['id'])['see_also'] == [scene.url('DEV-2')]
    assert len(scene.issue('DEV-2')['remotelinks']) == 1
    assert scene.fields('DEV-2')['labels'] == ['bugzilla', 'dev']


@pytest.mark.parametrize('kind, took_effect', [('close', True), ('cut', True), ('late', True), ('close', False)])
def test_01_a_lost_answer_to_a_creation_makes_no_second_issue(serve, sandbox, kind, took_effect):
    sandbox.control('POST', 'settings', {'index_lag_ms': 0})
    scene = Scene(serve, sandbox, extra=SOON, jira='timeout: 1s')
    scene.daemon.expect('verdict')
    sandbox.fault(kind=kind, apply=took_effect, delay_ms=3000, service='jira', method='POST', path='*/rest/api/2/issue')
    of = scene.bug()
    event = scene.daemon.send(delivery(of))
    scene.daemon.verdict(event, 'parked')
    if took_effect:
        scene.daemon.verdict(event, 'applied')
        assert made(sandbox) == ['DEV-2']
        assert sandbox.bug(of['id'])['see_also'] == [scene.url('DEV-2')]
    else:  # not found so soon proves nothing: it is looked for again before it is sent again
        until(lambda: scene.daemon.explain(event)['event']['attempts'] >= 2, 'a second attempt')
        row = scene.daemon.explain(event)['event']
        assert row['verdict'] in ('parked', 'running') and made(sandbox) == []
        assert 'looking again' in row['reason']


@pytest.mark.parametrize('kind', ['close', 'cut'])
def test_01_a_lost_answer_to_a_comment_makes_no_second_comment(serve, sandbox, kind):
    scene = Scene(serve, sandbox, extra=SOON)
    scene.daemon.expect('verdict')
    of, key = scene.linked()
    sandbox.fault(kind=kind, apply=True, service='jira', method='POST', path='*/comment')
    said = comment(70, 'Hello')
    sandbox.put_bug({'id': of['id'], 'comment': said})
    event = scene.daemon.send(delivery({**of, 'comment': said}, target='comment'))
    scene.daemon.verdict(event, 'applied')
    assert len(scene.comments(key)) == 1


# 2

def test_02_events_of_the_same_second_are_all_kept(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    at, sent = '2026-11-20T12:00:00', []
    for number in range(1, 6):
        said = comment(70 + number, f'Number {number}', number)
        sandbox.put_bug({'id': of['id'], 'comment': said})
        sent.append(scene.daemon.send(delivery({**of, 'comment': said}, target='comment', at=at)))
    for field in ('priority', 'severity', 'url'):
        sent.append(scene.daemon.send(delivery(of, action='modify', changes=[change(field, 'a', 'b')], at=at)))
    assert len(set(sent)) == 8
    for event in sent:
        scene.daemon.verdict(event)
    assert len(scene.comments(key)) == 5


def test_02_the_same_delivery_twice_is_one_event(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    said = comment(70, 'Hello')
    sandbox.put_bug({'id': of['id'], 'comment': said})
    sent = delivery({**of, 'comment': said}, target='comment')
    first = scene.daemon.send(sent)
    scene.daemon.verdict(first)
    assert [scene.daemon.send(sent) for _ in range(4)] == [first] * 4
    assert len(scene.comments(key)) == 1


# 3, 6

def test_06_a_failed_event_is_seen_and_those_behind_it_wait_in_order(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 2s, factor: 1}')
    scene.daemon.expect('verdict')
    of, key = scene.linked(summary='New words')
    other, others = scene.linked(summary='Other words')
    sandbox.fault(kind='status', status=503, times=0, service='jira', path=f'*/issue/{key}')
    first = scene.daemon.send(delivery(of, action='modify', changes=[change('summary', 'a', 'New words')]))
    scene.daemon.verdict(first, 'parked')
    said = comment(70, 'Hello')
    sandbox.put_bug({'id': of['id'], 'comment': said})
    second = scene.daemon.send(delivery({**of, 'comment': said}, target='comment'))
    scene.daemon.verdict(second, 'behind')
    row = scene.daemon.explain(first)['event']
    assert '503' in row['reason'] and row['retry_at']
    assert scene.tell(other, ('summary', 'a', 'Other words'))['verdict'] == 'applied', 'nobody else waits'
    sandbox.heal()
    assert scene.daemon.verdict(second, 'applied')
    assert scene.daemon.verdict(first)['verdict'] == 'applied'
    assert scene.fields(key)['summary'] == 'New words' and len(scene.comments(key)) == 1


# 7, 8, 9: test_jbi_comments.py, test_jbi_ignored.py

def test_09_a_bug_that_is_hidden_while_its_event_waits_is_not_copied(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 1h}')
    scene.daemon.expect('verdict')
    of = scene.bug(creator='bot@example.org')
    sandbox.fault(kind='status', status=503, service='jira', method='POST', path='*/rest/api/2/issue', apply=False)
    event = scene.daemon.send(delivery(of))
    scene.daemon.verdict(event, 'parked')
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security']})
    assert scene.daemon.command('retry', event)[0] == 0
    row = scene.daemon.verdict(event, 'discarded', 'applied')
    assert (row['verdict'], row['reason']) == ('discarded', 'private bugs are not supported')
    assert made(sandbox) == []


def test_09_the_two_deliveries_of_a_bug_that_is_hidden(serve, sandbox):
    """As Bugzilla sends them: the first one still shows the bug as it was."""
    scene = Scene(serve, sandbox)
    of, key = scene.linked(creator='bot@example.org', summary='Secret by now')
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security']})
    rows = [scene.tell(of, ('is_private', '0', '1')), scene.deliver(delivery({'id': of['id'], 'is_private': True}))]
    assert [row['verdict'] for row in rows] == ['discarded'] * 2
    assert scene.fields(key)['summary'] == 'Made by hand'


# 11: test_jbi_status.py

def test_12_a_hostile_whiteboard_takes_no_time(serve, sandbox):
    scene = Scene(serve, sandbox)
    scene.tell(scene.bug(whiteboard='[dev' + '-' * 20000), wanted=['discarded'])
    assert scene.tell(scene.bug(whiteboard='[dev-' * 5000 + ']'))['verdict'] == 'applied'


# 13, 14, 15, 16: test_jbi_fields.py, test_jbi_labels.py, test_jbi_comments.py, test_jbi_create.py
# 17: test_jbi_create.py

def test_18_an_old_event_does_not_act_on_a_tag_that_is_gone(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug()
    sandbox.put_bug({'id': of['id'], 'whiteboard': 'no more'})
    row = scene.tell(of)
    assert (row['verdict'], row['reason']) == ('discarded', 'no bug whiteboard matching action tags: dev')
    assert made(sandbox) == []


def test_18_a_tag_that_is_only_in_the_fresh_whiteboard_counts(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug()
    assert scene.tell({**of, 'whiteboard': ''})['verdict'] == 'applied'


# 19, 20: test_jbi_comments.py, test_jbi_status.py

def test_20_a_change_of_status_and_resolution_is_one_comment(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked(status='RESOLVED', resolution='FIXED')
    scene.tell(of, ('resolution', '', 'FIXED'), ('status', 'NEW', 'RESOLVED'))
    assert len(scene.comments(key)) == 1


def test_21_a_slow_jira_holds_up_neither_intake_nor_health(serve, sandbox):
    scene = Scene(serve, sandbox, jira='timeout: 60s')
    sandbox.fault(kind='hang', times=0, service='jira', path='*/issue*')
    sent = [scene.daemon.send(delivery(scene.bug())) for _ in range(3)]
    assert scene.daemon.get('/__lbheartbeat__').status == 200
    assert scene.daemon.get('/__heartbeat__').status in (200, 503)
    scene.daemon.stop(signal.SIGKILL)
    sandbox.heal()
    again = serve(folder=scene.daemon.folder, jira='search_lag: 0s')
    again.expect('looking again')
    for event in sent:
        again.verdict(event, 'applied')


def test_22_the_heartbeat_does_not_call_the_trackers(serve, sandbox):
    scene = Scene(serve, sandbox)
    last = sandbox.control('GET', 'state')['exchanges']
    for _ in range(20):
        scene.daemon.get('/__heartbeat__')
    assert sandbox.control('GET', 'state')['exchanges'] == last


def test_23_no_step_works_on_an_issue_that_is_not_kept(serve, sandbox):
    """A person linked another issue between the event and the attempt that goes on: ours is not deleted, theirs is used."""
    scene = Scene(serve, sandbox, extra=SOON)
    scene.daemon.expect('verdict')
    theirs = scene.make_issue()
    of = scene.bug()
    sandbox.fault(kind='status', status=503, service='bugzilla', method='PUT', path='*/rest/bug/*')
    event = scene.daemon.send(delivery(of))
    scene.daemon.verdict(event, 'parked')
    sandbox.put_bug({'id': of['id'], 'see_also': [scene.url(theirs)]})
    row = scene.daemon.verdict(event, 'applied', 'unchanged')
    assert f'see_also names {theirs}' in row['reason']
    assert sandbox.bug(of['id'])['see_also'] == [scene.url(theirs)]
    assert not [one for one in sandbox.issues() if one['deleted']]


# 24: test_jbi_create.py

def test_25_every_write_is_in_the_trace_with_its_answer(serve, sandbox):
    scene = Scene(serve, sandbox)
    row = scene.tell(scene.bug())
    trace = scene.daemon.explain(row['id'])['attempts'][-1]['trace']
    seen = [(one['method'], one['answer']['status']) for one in trace['exchanges'] if one['method'] != 'GET']
    assert seen == [('POST', 201), ('POST', 201), ('PUT', 200), ('PUT', 204)]
    steps = ['create_issue', 'add_link_to_bugzilla', 'add_link_to_jira', 'sync_whiteboard_labels']
    assert [line.split(':')[0] for line in trace['effects']] == steps


@pytest.mark.parametrize('service, path', [('bugzilla', '*/rest/bug/*'), ('jira', '*/issue*')])
def test_26_a_refused_key_opens_the_breaker_instead_of_asking_for_every_event(serve, sandbox, service, path):
    scene = Scene(serve, sandbox)
    scene.daemon.expect('verdict', 'breaker', '401')
    bodies = {'bugzilla': '{"error":true,"code":306,"message":"The API key you specified is invalid."}',
              'jira': '{"message":"Client must be authenticated"}'}
    sandbox.fault(kind='status', status=401, times=0, service=service, path=path, body=bodies[service])
    bugs = [scene.bug() for _ in range(12)]
    event = scene.daemon.send(delivery(bugs[0]))
    assert scene.daemon.verdict(event, 'parked')
    before = sandbox.control('GET', 'state')['requests']
    sent = [scene.daemon.send(delivery(of)) for of in bugs[1:]]
    for event in sent:
        scene.daemon.verdict(event, 'parked')
    at_service = [one for one in sandbox.exchanges() if one['service'] == service and one['status'] == 401]
    assert len(at_service) <= 4, len(at_service)
    assert sandbox.control('GET', 'state')['requests'] - before <= 60
    assert made(sandbox) == []


def test_26_a_bug_that_cannot_be_read_costs_one_question(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug(groups=['core-security'], is_private=True, creator='security@example.org')
    before = sandbox.control('GET', 'state')['exchanges']
    row = scene.tell({**of, 'is_private': False, 'groups': []})
    assert row['verdict'] == 'discarded'
    asked = [one['path'] for one in sandbox.exchanges(before) if '/rest/bug/' in one['path']]  # checks ask as well
    assert len(asked) == 1, asked


# --- retry figures, limits ---

def test_retry_after_is_obeyed_and_a_limit_loses_nothing(serve, sandbox):
    scene = Scene(serve, sandbox)
    scene.daemon.expect('verdict')
    sandbox.fault(kind='status', status=429, retry_after=2, service='jira', method='POST', path='*/rest/api/2/issue')
    event = scene.daemon.send(delivery(scene.bug()))
    scene.daemon.verdict(event, 'applied')
    first, second = scene.daemon.explain(event)['attempts']
    assert first['retry_at'] > first['ended'] and seconds(second['started']) > seconds(first['retry_at']) - 0.005, second
    assert made(sandbox) == ['DEV-2']


def test_an_event_that_never_succeeds_expires_and_the_lane_moves_on(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 1s, factor: 1, cap: 1s, give_up: 2s}')
    scene.daemon.expect('verdict')
    of, key = scene.linked(summary='New words')
    sandbox.fault(kind='status', status=400, times=0, service='jira', method='PUT', path=f'*/issue/{key}',
                  body=json.dumps({'errors': {'summary': 'refused'}}))
    row = scene.tell(of, ('summary', 'a', 'New words'), wanted=['expired'])
    assert 'refused' in row['reason'] and row['attempts'] >= 2
    assert scene.say(of, comment(70, 'Hello'))['verdict'] == 'applied'
    assert len(scene.comments(key)) == 1


def test_events_survive_a_restart(serve, sandbox, tmp_path):
    scene = Scene(serve, sandbox)
    scene.daemon.expect('verdict', 'Service Unavailable')
    sandbox.fault(kind='status', status=503, times=0, service='jira', path='*')
    of = scene.bug()
    event = scene.daemon.send(delivery(of))
    scene.daemon.verdict(event, 'parked')
    scene.daemon.stop()
    sandbox.heal()
    again = Scene(serve, sandbox, extra=SOON)
    again.daemon.expect('verdict')
    row = again.daemon.verdict(event, 'applied', 'parked')
    assert row['id'] == event
    assert again.daemon.post(delivery(bug(of['id']), at='2026-11-20T13:00:00')).status == 200
