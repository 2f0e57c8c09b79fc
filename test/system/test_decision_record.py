"""The decision record of the bridge that lockstep takes the place of: each arrow of its flow chart, each of its rules."""
import json
import os
import signal
import time

import pytest

from harness import Scene, action, bug, change, comment, delivery, seconds, until

DAY = 24 * 3600
CREATE = {'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue'}
EVERY = 'retry: {every: 12h, give_up: 7d}'


def discarded_and_logged(scene, row, reason):
    """Ended, nothing was written, and the log says why in one line with the event's ids."""
    assert row['verdict'] == 'discarded' and reason in row['reason'], row
    assert scene.writes == []
    lines = [line for line in scene.daemon.log() if line.get('event') == row['id'] and line['message'] == 'verdict']
    assert len(lines) == 1 and lines[0]['verdict'] == 'discarded' and reason in lines[0]['reason'], lines
    assert lines[0]['rid'] == row['request_id']


def refused(sandbox, **more):
    sandbox.fault(**CREATE, kind='status', status=400, times=0, apply=False, **more)


# --- the answer to the sender ---

@pytest.mark.parametrize('body', [
    'no JSON', '{}', '[]', json.dumps({'bug': {'id': 5, 'is_private': True}}), json.dumps(delivery(bug(424242))),
    json.dumps(delivery(bug(5, whiteboard=''))), json.dumps(delivery(bug(5), target='flag'))])
def test_every_delivery_is_answered_200(serve, sandbox, body):
    daemon = serve()
    answer = daemon.post(body)
    assert (answer.status, list(answer.json)) == (200, ['id'])
    assert daemon.verdict(answer.json['id'])['verdict'] == 'discarded'


def test_an_error_behind_it_is_none_of_the_senders_business(serve, sandbox):
    daemon = serve(extra=EVERY)
    daemon.expect('parked', 'breaker')
    sandbox.fault(service='jira', kind='status', status=503, times=0)
    sandbox.put_bug(bug(5))
    answer = daemon.post(delivery(bug(5)))
    assert answer.status == 200
    daemon.verdict(answer.json['id'], 'parked')


def test_what_is_not_answered_200_is_not_stored(serve, sandbox):
    daemon = serve(server='body_limit: 64KiB')
    daemon.expect('delivery refused')
    assert daemon.post(delivery(bug(5)), key='wrong').status == 401
    assert daemon.post(delivery(bug(5, summary='x' * 70000))).status == 413
    assert daemon.get('/api/v1/events').json['events'] == []


# --- the flow chart: discarded, with the reason in the log ---

def test_private_bug_is_discarded_and_logged(serve, sandbox):
    scene = Scene(serve, sandbox)
    row = scene.deliver(delivery({'id': 5, 'is_private': True}))
    discarded_and_logged(scene, row, 'private bugs are not supported')


def test_bug_that_is_private_by_the_time_of_sending_is_discarded_and_logged(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug(creator='bot@example.org')
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security']})
    discarded_and_logged(scene, scene.tell(of), 'private bugs are not supported')


def test_bug_not_found_is_discarded_and_logged(serve, sandbox):
    scene = Scene(serve, sandbox)
    discarded_and_logged(scene, scene.deliver(delivery(bug(999999))), 'Bug #999999 does not exist.')


def test_bug_without_an_action_is_discarded_and_logged(serve, sandbox):
    scene = Scene(serve, sandbox)
    row = scene.tell(scene.bug(whiteboard='[other]'))
    discarded_and_logged(scene, row, 'no bug whiteboard matching action tags: dev')


def test_event_without_an_issue_that_creates_none_is_discarded_and_logged(serve, sandbox):
    scene = Scene(serve, sandbox)
    row = scene.say(scene.bug(), comment(70, 'Hello'))
    discarded_and_logged(scene, row, "ignore event target 'comment'")


def test_project_that_does_not_match_is_discarded_and_logged(serve, sandbox):
    scene = Scene(serve, sandbox, action('dev'), action('web', 'WEB'))
    key = scene.make_issue('WEB')
    sandbox.fault(kind='status', status=200, times=0, service='jira', method='GET', path=f'*/issue/{key}',
                  body=json.dumps({'id': '1', 'key': 'OPS-1', 'fields': {
                      'project': {'key': 'OPS'}, 'status': {'name': 'To Do'}, 'labels': [], 'components': [],
                      'issuelinks': [], 'summary': 'Moved', 'issuetype': {'name': 'Task'}}}))
    row = scene.tell(scene.bug(whiteboard='[web]', see_also=[scene.url(key)]), ('summary', 'a', 'b'))
    discarded_and_logged(scene, row, "ignore linked project 'OPS' (!='WEB')")


# --- the flow chart: postponed, done, failed ---

def test_an_event_for_a_bug_that_waits_is_postponed(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 1h}')
    scene.daemon.expect('parked')
    refused(sandbox)
    of = scene.bug()
    first = scene.tell(of, wanted=['parked'])
    second = scene.daemon.send(delivery(of, action='modify', changes=[change('priority', 'P1', 'P2')]))
    scene.daemon.verdict(second, 'behind')
    other = scene.bug(whiteboard='')
    assert scene.tell(other)['verdict'] == 'discarded', 'other bugs go on'
    sandbox.heal()
    scene.daemon.command('retry', second)
    ended = [scene.daemon.verdict(event, 'applied', 'unchanged')['ended'] for event in (first['id'], second)]
    assert ended == sorted(ended)
    assert len(sandbox.bug(of['id'])['see_also']) == 1


def test_success_ends_what_waited_and_its_story_is_kept(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 1s}')
    scene.daemon.expect('parked')
    refused(sandbox)
    row = scene.tell(scene.bug(), wanted=['parked'])
    sandbox.heal()
    assert scene.daemon.verdict(row['id'], 'applied')['attempts'] >= 2
    assert scene.daemon.get('/api/v1/events?verdict=pending').json['events'] == []
    story = scene.daemon.explain(row['id'])
    assert [one['verdict'] for one in story['attempts']][-1] == 'applied' and len(story['attempts']) >= 2
    assert story['delivery']['body']['bug']['id'] == scene.number


def test_an_error_is_logged_and_the_event_kept_while_it_is_young(serve, sandbox):
    scene = Scene(serve, sandbox, extra=EVERY)
    scene.daemon.expect('parked')
    refused(sandbox)
    row = scene.tell(scene.bug(), wanted=['parked'])
    lines = [line for line in scene.daemon.log() if line.get('event') == row['id']]
    assert [(line['level'], line['verdict']) for line in lines] == [('warning', 'parked')] and '400' in lines[0]['reason']
    assert [one['id'] for one in scene.daemon.get('/api/v1/events?verdict=parked').json['events']] == [row['id']]


def test_an_event_that_is_too_old_expires_and_is_kept_for_people(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {every: 1s, give_up: 2s}')
    scene.daemon.expect('parked', 'expired')
    refused(sandbox)
    row = scene.tell(scene.bug(), wanted=['expired'])
    assert 2 <= seconds(row['ended']) - seconds(row['received']) < DAY
    assert [line['verdict'] for line in scene.daemon.log() if line['level'] == 'error'] == ['expired']
    assert [one['id'] for one in scene.daemon.get('/api/v1/events?dead=true').json['events']] == [row['id']]
    assert scene.daemon.explain(row['id'])['delivery']['body']['bug']['id'] == scene.number


def test_when_one_is_given_up_the_next_of_its_bug_is_tried(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {every: 1s, give_up: 3s}')
    scene.daemon.expect('parked', 'expired')
    of, key = scene.linked(summary='New words')
    sandbox.fault(kind='status', status=400, times=0, service='jira', method='PUT', path=f'*/issue/{key}', apply=False)
    first = scene.tell(of, ('summary', 'a', 'New words'), wanted=['parked'])
    said = comment(70, 'Hello')
    sandbox.put_bug({'id': of['id'], 'comment': said})
    second = scene.daemon.send(delivery({**of, 'comment': said}, target='comment'))
    scene.daemon.verdict(first['id'], 'expired')
    scene.daemon.verdict(second, 'applied')
    assert len(scene.comments(key)) == 1


# --- retries ---

def test_its_own_policy_of_every_12_hours_for_7_days_is_accepted(serve, sandbox):
    scene = Scene(serve, sandbox, extra=EVERY)
    scene.daemon.expect('parked')
    refused(sandbox)
    row = scene.tell(scene.bug(), wanted=['parked'])
    attempt = scene.daemon.explain(row['id'])['attempts'][0]
    assert abs(seconds(attempt['retry_at']) - seconds(attempt['ended']) - DAY / 2) < 5
    assert row['retry_at'] == attempt['retry_at']


def test_by_default_it_is_tried_again_within_30_seconds(serve, sandbox):
    scene = Scene(serve, sandbox)
    scene.daemon.expect('parked')
    refused(sandbox)
    attempt = scene.daemon.explain(scene.tell(scene.bug(), wanted=['parked'])['id'])['attempts'][0]
    assert 0 < seconds(attempt['retry_at']) - seconds(attempt['ended']) <= 30


def test_what_waits_is_retried_oldest_first(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 1h}')
    scene.daemon.expect('parked')
    refused(sandbox)
    of = scene.bug()
    first = scene.tell(of, wanted=['parked'])['id']
    later = [scene.daemon.send(delivery(of, action='modify', changes=[change('priority', 'P1', 'P2')]))
             for _ in range(3)]
    scene.daemon.verdict(later[-1], 'behind')
    until(lambda: scene.daemon.explain(first)['event']['verdict'] == 'parked', 'it to be parked again')
    sandbox.heal()
    assert scene.daemon.command('retry', later[-1])[0] == 0
    ended = [scene.daemon.verdict(event, 'applied', 'unchanged', 'discarded')['ended'] for event in [first, *later]]
    assert ended == sorted(ended)


def test_a_reload_retries_at_once_what_the_configuration_parked(serve, sandbox):
    scene = Scene(serve, sandbox, extra=EVERY)
    scene.daemon.expect('parked', 'breaker')
    sandbox.fault(**CREATE, kind='status', status=302, headers={'Location': 'https://elsewhere.example.org/'}, times=1)
    row = scene.tell(scene.bug(), wanted=['parked'])
    os.kill(scene.daemon.process.pid, signal.SIGHUP)
    assert scene.daemon.verdict(row['id'], 'applied')['attempts'] == 2


def test_newer_data_are_never_overwritten_by_older(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 1h}')
    scene.daemon.expect('parked')
    of, key = scene.linked(summary='Old words')
    sandbox.fault(kind='status', status=400, times=1, service='jira', method='PUT', path=f'*/issue/{key}', apply=False)
    row = scene.tell(of, ('summary', 'a', 'Old words'), wanted=['parked'])
    sandbox.put_bug({'id': of['id'], 'summary': 'Newest words'})
    assert scene.daemon.command('retry', row['id'])[0] == 0
    scene.daemon.verdict(row['id'], 'applied')
    assert scene.fields(key)['summary'] == 'Newest words'
    assert all('Old words' not in json.dumps(write) for write in sandbox.writes() if write['method'] == 'PUT'
               and write['status'] < 300)


def test_retried_events_are_marked_as_such(serve, sandbox):
    scene = Scene(serve, sandbox, extra='retry: {first: 1s}')
    scene.daemon.expect('parked')
    refused(sandbox)
    row = scene.tell(scene.bug(), wanted=['parked'])
    until(lambda: len(scene.daemon.explain(row['id'])['attempts']) >= 2, 'a retry')
    sandbox.heal()
    row = scene.daemon.verdict(row['id'], 'applied')
    attempts = scene.daemon.explain(row['id'])['attempts']
    assert [one['number'] for one in attempts] == list(range(1, row['attempts'] + 1))
    lines = [line for line in scene.daemon.log() if line.get('event') == row['id'] and line['message'] == 'verdict']
    assert [line['attempt'] for line in lines] == [one['number'] for one in attempts]
    assert {line['rid'] for line in lines} == {row['request_id']}


def test_nobody_has_to_repair_data_by_hand(serve, sandbox):
    """The reason for a week: a setting that is repaired within it loses nothing, in order, with no further doing."""
    scene = Scene(serve, sandbox, extra='retry: {every: 1s, give_up: 7d}')
    scene.daemon.expect('parked')
    refused(sandbox)
    bugs = [scene.bug() for _ in range(3)]
    events = [scene.tell(of, wanted=['parked'])['id'] for of in bugs]
    time.sleep(1.5)
    sandbox.heal()
    for event, of in zip(events, bugs):
        scene.daemon.verdict(event, 'applied')
        assert len(sandbox.bug(of['id'])['see_also']) == 1
