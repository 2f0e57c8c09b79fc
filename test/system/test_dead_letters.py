"""When something fails: what people see, and what they may do about it: retry, replay, edit, drop, from outside."""
import getpass
import json
import re
import time

import pytest

from harness import API_KEY, bug, change, delivery, request, until

SOON = 'retry: {first: 1s, give_up: 2s}'
LATER = 'retry: {first: 1h}'
CREATE = {'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue'}


def refuse(sandbox, times=0):
    """Jira takes no new issue: a refusal that only time or people can cure."""
    sandbox.fault(**CREATE, kind='status', status=400, times=times, apply=False)


def stuck(serve, sandbox, *numbers, extra=LATER, **more):
    """A daemon with an event of each bug that is parked; their ids."""
    daemon = serve(extra=extra, **more)
    daemon.expect('parked', 'expired')
    refuse(sandbox)
    events = []
    for number in numbers:
        sandbox.put_bug(bug(number))
        events.append(daemon.deliver(delivery(bug(number)), 'parked')['id'])
    return daemon, events


def behind(daemon, number, parked):
    """One more event of a bug whose first one is parked, once that is parked again: news brings it forward."""
    attempts = len(daemon.explain(parked)['attempts'])
    event = daemon.send(delivery(bug(number), action='modify', changes=[change('priority', 'P3', 'P2')]))
    until(lambda: len(daemon.explain(parked)['attempts']) > attempts, 'the attempt that news bring')
    daemon.verdict(event, 'behind')
    return event


def dead(serve, sandbox, number=800, **more):
    """An event that has expired; a daemon that does without warnings about it."""
    daemon, events = stuck(serve, sandbox, number, extra=SOON, **more)
    daemon.verdict(events[0], 'expired')
    return daemon, events[0]


def post(daemon, path, body=None, **headers):
    return request('POST', f'{daemon.url}/api/v1{path}', body, {'X-Api-Key': API_KEY, **headers})


def listed(daemon, query):
    answer = daemon.get(f'/api/v1/events?{query}')
    assert answer.status == 200, answer.body
    return [row['id'] for row in answer.json['events']]


def problem(answer, status):
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers['Content-Type'] == 'application/problem+json' and answer.json['status'] == status
    return answer.json['detail']


# --- lists ---

def test_dead_letters_are_listed_with_their_last_error(serve, sandbox):
    daemon, event = dead(serve, sandbox)
    sandbox.heal()
    sandbox.put_bug(bug(801))
    fine = daemon.deliver(delivery(bug(801)), 'applied')['id']
    assert listed(daemon, 'dead=true') == [event]
    assert fine in listed(daemon, 'dead=false')
    code, out, err = daemon.command('events', '--dead')
    assert (code, err) == (0, '')
    assert re.search(rf'^{event} .*expired.*HTTP 400', out, re.M) and not re.search(rf'^{fine} ', out, re.M), out
    assert 'exclude each other' in problem(daemon.get('/api/v1/events?dead=true&verdict=parked'), 400)


def test_an_expired_event_is_logged_at_error_level_and_counted(serve, sandbox):
    daemon, event = dead(serve, sandbox)
    lines = [row for row in daemon.log() if row['level'] == 'error' and row.get('event') == event]
    assert len(lines) == 1 and lines[0]['verdict'] == 'expired' and '400' in lines[0]['reason']
    assert 'lockstep_verdicts_total{tracker="bugzilla",verdict="expired"} 1' in daemon.get('/metrics').body.decode()


def test_what_waits_is_listed_by_what_the_lanes_say(serve, sandbox):
    daemon, (first, other) = stuck(serve, sandbox, 810, 811)
    second = behind(daemon, 810, first)
    assert listed(daemon, 'verdict=behind') == [second]
    assert listed(daemon, 'verdict=parked') == [other, first]
    assert listed(daemon, 'verdict=queued') == listed(daemon, 'verdict=running') == []
    assert listed(daemon, 'verdict=pending') == [second, other, first]
    assert listed(daemon, 'verdict=behind&subject=bugzilla:810') == [second]
    assert listed(daemon, 'verdict=behind&subject=bugzilla:811') == []
    assert listed(daemon, f'verdict=behind&before={second}') == []
    assert listed(daemon, f'verdict=behind&after={second - 1}') == [second]
    code, out, _ = daemon.command('events', '--verdict', 'behind')
    assert code == 0 and re.search(rf'^{second} .*behind', out, re.M)


def test_what_runs_is_listed(serve, sandbox):
    daemon = serve(extra=LATER)
    sandbox.fault(**CREATE, kind='late', delay_ms=1500, times=1)
    sandbox.put_bug(bug(815))
    event = daemon.send(delivery(bug(815)))
    until(lambda: listed(daemon, 'verdict=running') == [event], 'the event to run')
    assert listed(daemon, 'verdict=running&subject=bugzilla:815') == [event]
    answer = post(daemon, f'/events/{event}/drop', {'reason': 'too late'})
    assert f'event {event} is running' in problem(answer, 409)
    answer = post(daemon, f'/events/{event}/retry')
    assert answer.status == 200 and answer.json['did'] == 'runs already'
    daemon.verdict(event, 'applied')


def test_the_newest_of_many_that_wait(serve, sandbox):
    daemon, (first,) = stuck(serve, sandbox, 816)
    behind(daemon, 816, first)
    events = [daemon.send(delivery(bug(816), action='modify', changes=[change('priority', 'P3', 'P2')]))
              for _ in range(20)]
    until(lambda: daemon.explain(first)['event']['verdict'] == 'parked', 'the lane to be parked again')
    until(lambda: set(events) <= set(listed(daemon, 'verdict=behind&limit=1000')), 'all to wait')
    assert listed(daemon, 'verdict=behind&limit=5') == events[:-6:-1]
    assert listed(daemon, f'verdict=behind&limit=3&before={events[10]}') == events[9:6:-1]


# --- retry ---

def test_retry_brings_a_parked_event_forward(serve, sandbox):
    daemon, (event,) = stuck(serve, sandbox, 820)
    sandbox.heal()
    code, out, err = daemon.command('retry', event)
    assert (code, out, err) == (0, f'event {event}: brought forward\n', '')
    assert daemon.verdict(event, 'applied')['attempts'] == 2


def test_retry_of_an_event_behind_brings_the_head_of_its_lane_forward(serve, sandbox):
    daemon, (first,) = stuck(serve, sandbox, 821)
    second = behind(daemon, 821, first)
    sandbox.heal()
    answer = post(daemon, f'/events/{second}/retry', {})
    assert answer.status == 200, answer.body
    assert answer.json == {'event': second, 'head': first, 'did': 'brought forward'}
    daemon.verdict(first, 'applied')
    daemon.verdict(second, 'applied', 'unchanged')
    notes = {of: [row['note'] for row in daemon.explain(of)['audit']] for of in (first, second)}
    assert notes == {first: [f'for event {second} behind it'], second: [f'event {first} is before it']}


def test_retry_of_what_has_ended_or_never_was_is_refused(serve, sandbox):
    daemon = serve()
    sandbox.put_bug(bug(822))
    event = daemon.deliver(delivery(bug(822)), 'applied')['id']
    assert 'has ended' in problem(post(daemon, f'/events/{event}/retry'), 409)
    assert 'there is no event 4711' in problem(post(daemon, '/events/4711/retry'), 404)
    assert 'expected a number' in problem(post(daemon, '/events/x/retry'), 400)
    assert daemon.get('/api/v1/audit').json['audit'] == []


def test_a_retry_is_kept_over_a_kill(serve, sandbox, tmp_path):
    daemon, (event,) = stuck(serve, sandbox, 823)
    hanging = {'service': 'bugzilla', 'method': 'GET', 'path': '/rest/bug/823'}
    sandbox.heal()
    sandbox.fault(**hanging, kind='hang', times=0)
    assert post(daemon, f'/events/{event}/retry').status == 200
    daemon.stop(9)
    sandbox.heal()
    again = serve(extra=LATER)
    again.verdict(event, 'applied')  # no hour has passed


# --- replay ---

def test_replay_makes_a_new_event_of_the_same_delivery(serve, sandbox):
    daemon, event = dead(serve, sandbox, 830)
    old = daemon.explain(event)
    sandbox.heal()
    code, out, err = daemon.command('replay', event)
    assert (code, err) == (0, '')
    new = int(re.fullmatch(rf'event {event}: replayed as (\d+)\n', out).group(1))
    assert new > event
    assert daemon.verdict(new, 'applied')['source'] == 'person'
    made, kept = daemon.explain(new), daemon.explain(event)
    assert made['delivery'] == old['delivery']
    assert made['event']['request_id'] == old['event']['request_id']
    assert made['event']['replay_of'] == event and kept['event']['replayed_as'] == new
    assert kept['event']['verdict'] == 'expired' and kept['attempts'] == old['attempts']
    code, out, _ = daemon.command('explain', new)
    assert code == 0 and f'replay of   {event}' in out
    assert f'replayed as {new}' in daemon.command('explain', event)[1]


def test_a_replay_comes_behind_what_came_meanwhile(serve, sandbox):
    daemon, event = dead(serve, sandbox, 831)
    hang = {'service': 'bugzilla', 'method': 'GET', 'path': '/rest/bug/831'}
    sandbox.heal()
    sandbox.fault(**hang, kind='slow', delay_ms=600, times=1)
    newer = daemon.send(delivery(bug(831), action='modify', changes=[change('priority', 'P3', 'P2')]))
    new = post(daemon, f'/events/{event}/replay').json['replayed_as']
    assert new > newer
    ended = [daemon.verdict(one, 'applied', 'unchanged', 'discarded')['ended'] for one in (newer, new)]
    assert ended == sorted(ended)


def test_replay_again_and_again_makes_one_issue(serve, sandbox):
    daemon = serve()
    sandbox.put_bug(bug(832))
    event = daemon.deliver(delivery(bug(832)), 'applied')['id']
    before = len(sandbox.issues())
    news = [post(daemon, f'/events/{event}/replay').json['replayed_as'] for _ in range(3)]
    assert len(set(news)) == 3
    for new in news:
        daemon.verdict(new, 'applied', 'unchanged', 'discarded')
    assert len(sandbox.issues()) == before
    assert daemon.explain(event)['event']['replayed_as'] == news[-1]


def test_replay_of_what_has_not_ended_is_refused(serve, sandbox):
    daemon, (event,) = stuck(serve, sandbox, 833)
    assert 'has not ended' in problem(post(daemon, f'/events/{event}/replay'), 409)
    assert 'no event 99999' in problem(post(daemon, '/events/99999/replay'), 404)
    assert daemon.get('/api/v1/events?limit=1').json['events'][0]['id'] == event


def test_edit_and_replay(serve, sandbox, tmp_path):
    daemon, event = dead(serve, sandbox, 834, actions=json.dumps([
        {'whiteboard_tag': tag, 'bugzilla_user_id': 1, 'description': tag, 'parameters': {'jira_project_key': 'DEV'}}
        for tag in ('dev',)]))
    sandbox.heal()
    body = daemon.explain(event)['delivery']['body']
    sandbox.put_bug(bug(835))
    body['bug']['id'] = 835
    edited = tmp_path / 'edited.json'
    edited.write_text(json.dumps(body))
    code, out, err = daemon.command('replay', event, '--edit', edited)
    assert (code, err) == (0, '')
    new = daemon.verdict(int(out.split()[-1]), 'applied')
    assert new['subject'] == 'bugzilla:835' and new['replay_of'] == event
    assert daemon.explain(new['id'])['delivery']['body'] == body
    assert [row['note'] for row in daemon.explain(event)['audit']] == [f'as event {new["id"]}, edited']


def test_an_edited_body_may_be_json_itself(serve, sandbox):
    daemon, event = dead(serve, sandbox, 836)
    sandbox.heal()
    body = daemon.explain(event)['delivery']['body']
    answer = post(daemon, f'/events/{event}/replay', {'edit': body})
    assert answer.status == 200, answer.body
    assert daemon.verdict(answer.json['replayed_as'], 'applied')['subject'] == 'bugzilla:836'


@pytest.mark.parametrize('body', ['not JSON at all', '{"bug": 7}', '[]'])
def test_an_edited_body_that_cannot_be_decoded_is_refused(serve, sandbox, tmp_path, body):
    daemon, event = dead(serve, sandbox, 837)
    edited = tmp_path / 'edited.json'
    edited.write_text(body)
    code, out, err = daemon.command('replay', event, '--edit', edited)
    assert (code, out) == (3, '') and 'the new body cannot be decoded: ' in err
    assert 'replayed_as' not in daemon.explain(event)['event'] and daemon.explain(event)['audit'] == []


def test_an_undecodable_delivery_is_repaired_by_edit_and_replay(serve, sandbox, tmp_path):
    daemon = serve()
    event = daemon.send('{"bug": ')
    row = daemon.verdict(event, 'discarded')
    assert row['reason'].startswith('undecodable') and row['kind'] == 'undecodable'
    sandbox.put_bug(bug(838))
    repaired = tmp_path / 'repaired.json'
    repaired.write_text(json.dumps(delivery(bug(838))))
    code, out, _ = daemon.command('replay', event, '--edit', repaired)
    assert code == 0
    new = daemon.verdict(int(out.split()[-1]), 'applied')
    assert (new['subject'], new['kind']) == ('bugzilla:838', 'bug.create')


# --- replay of those that match a rule ---

def two_rules():
    return json.dumps([{'whiteboard_tag': tag, 'bugzilla_user_id': 1, 'description': tag,
                        'parameters': {'jira_project_key': 'DEV'}} for tag in ('dev', 'other')])


def at(moment):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(moment))


def test_replay_of_all_that_a_rule_decided_since(serve, sandbox):
    daemon = serve(actions=two_rules())
    start = time.time() - 1
    events = {}
    for number, tag in ((840, 'dev'), (841, 'other'), (842, 'dev'), (843, 'none')):
        made = bug(number, whiteboard=f'[{tag}]')
        sandbox.put_bug(made)
        events[number] = daemon.deliver(delivery(made), 'applied', 'discarded')['id']
    rule = next(unit['rule'] for unit in daemon.units(events[840]))
    wanted = [events[840], events[842]]

    dry = post(daemon, '/replay', {'rule': rule, 'since': at(start), 'dry-run': True}).json
    assert [row['id'] for row in dry['events']] == wanted and dry['dry_run'] is True and dry['looked_at'] == 4
    assert all('replayed_as' not in row for row in dry['events'])
    assert daemon.get('/api/v1/audit').json['audit'] == []
    code, out, _ = daemon.command('replay', '--rule', 'dev', '--since', at(start), '--dry-run')
    assert code == 0 and out.endswith('2 of 4 events would be replayed\n')

    code, out, err = daemon.command('replay', '--rule', rule, '--since', at(start))
    assert (code, err) == (0, '') and out.endswith('2 of 4 events replayed\n')
    news = [daemon.explain(event)['event']['replayed_as'] for event in wanted]
    assert news == sorted(news)
    for new in news:
        daemon.verdict(new, 'applied', 'unchanged', 'discarded')
    assert 'replayed_as' not in daemon.explain(events[841])['event']


def test_what_was_replayed_is_not_chosen_again(serve, sandbox):
    daemon, event = dead(serve, sandbox, 845)
    chosen = {'since': '2000-01-01', 'verdict': 'expired'}
    first = post(daemon, '/replay', chosen).json
    assert [row['id'] for row in first['events']] == [event]
    new = first['events'][0]['replayed_as']
    assert post(daemon, '/replay', chosen).json['events'] == []
    daemon.verdict(new, 'expired')  # it failed again, so it is one to be replayed
    sandbox.heal()
    again = post(daemon, '/replay', chosen).json
    assert [row['id'] for row in again['events']] == [new]
    daemon.verdict(again['events'][0]['replayed_as'], 'applied')


def test_replay_chooses_by_time_verdict_and_place(serve, sandbox):
    daemon = serve()
    events, times = [], []
    for number in range(850, 854):
        sandbox.put_bug(bug(number))
        row = daemon.deliver(delivery(bug(number)), 'applied')
        events.append(row['id'])
        times.append(row['received'])
        time.sleep(0.01)

    def dry(**choice):
        answer = post(daemon, '/replay', {'since': times[0], 'dry-run': True, **choice})
        assert answer.status == 200, answer.body
        return [row['id'] for row in answer.json['events']], answer.json.get('next_after')
    assert dry() == (events, None)
    assert dry(since=times[2]) == (events[2:], None)
    assert dry(until=times[2]) == (events[:2], None)
    assert dry(verdict='discarded') == ([], None)
    assert dry(verdict='applied', after=events[0]) == (events[1:], None)
    found, after = dry(limit=2)
    assert (found, after) == (events[:2], events[1])
    assert dry(after=after) == (events[2:], None)
    assert dry(since='2099-01-01') == ([], None)
    assert dry(rule='no such rule') == ([], None)


@pytest.mark.parametrize('choice, words', [
    ({}, 'since is missing'),
    ({'since': 'yesterday'}, 'since'),
    ({'since': '2026-01-01', 'verdict': 'parked'}, 'parked'),
    ({'since': '2026-01-01', 'verdict': 'pending'}, 'pending'),
    ({'since': '2026-01-01', 'verdict': 'x'}, '"x"'),
    ({'since': '2026-01-01', 'limit': 0}, 'from 1 to'),
    ({'since': '2026-01-01', 'dry-run': 'perhaps'}, 'true or false'),
    ({'since': '2026-01-01', 'dry_run': True}, 'did you mean "dry-run"')])
def test_a_choice_that_says_nothing_is_refused(serve, choice, words):
    daemon = serve()
    assert words in problem(post(daemon, '/replay', choice), 400)


def test_many_are_replayed_in_bites(serve, sandbox):
    daemon = serve()
    events = [daemon.send(delivery(bug(number, whiteboard=''))) for number in range(2000, 2200)]
    for event in events:
        daemon.verdict(event, 'discarded')
    answer = post(daemon, '/replay', {'since': '2000-01-01'}).json
    news = [row['replayed_as'] for row in answer['events']]
    assert [row['id'] for row in answer['events']] == events
    assert news == sorted(set(news)) and min(news) > max(events)
    for new in news:
        daemon.verdict(new, 'discarded')
    assert 'lockstep_events_total{tracker="bugzilla",result="replayed"} 200' in daemon.get('/metrics').body.decode()


# --- drop ---

def test_drop_ends_a_parked_event_and_its_lane_goes_on(serve, sandbox):
    daemon, (first,) = stuck(serve, sandbox, 860)
    second = behind(daemon, 860, first)
    sandbox.heal()
    code, out, err = daemon.command('drop', first, '--reason', 'the project was closed')
    assert (code, out, err) == (0, f'event {first}: dropped\n', '')
    row = daemon.explain(first)['event']
    assert (row['verdict'], row['reason']) == ('dropped', 'the project was closed') and row['ended']
    daemon.verdict(second, 'applied', 'unchanged', 'discarded')
    assert 'lockstep_verdicts_total{tracker="bugzilla",verdict="dropped"} 1' in daemon.get('/metrics').body.decode()
    assert listed(daemon, 'verdict=dropped') == [first] and listed(daemon, 'dead=true') == []


def test_drop_of_an_event_behind_leaves_the_rest_as_it_is(serve, sandbox):
    daemon, (first,) = stuck(serve, sandbox, 861)
    second = behind(daemon, 861, first)
    third = behind(daemon, 861, first)
    assert post(daemon, f'/events/{second}/drop', {'reason': 'twice'}).status == 200
    assert daemon.explain(second)['event']['verdict'] == 'dropped'
    assert [daemon.explain(one)['event']['verdict'] for one in (first, third)] == ['parked', 'behind']
    sandbox.heal()
    post(daemon, f'/events/{third}/retry')
    daemon.verdict(first, 'applied')
    daemon.verdict(third, 'applied', 'unchanged', 'discarded')
    assert len(daemon.explain(second)['attempts']) == 1  # the drop itself


def test_a_dropped_event_stays_dropped_over_a_restart(serve, sandbox):
    daemon, (first,) = stuck(serve, sandbox, 862)
    assert post(daemon, f'/events/{first}/drop', {'reason': 'no'}).status == 200
    daemon.stop(9)
    sandbox.heal()
    again = serve(extra=LATER)
    assert again.explain(first)['event']['verdict'] == 'dropped'
    assert listed(again, 'verdict=pending') == []
    assert sandbox.issues() == [] or all('862' not in issue['fields']['summary'] for issue in sandbox.issues())


def test_a_dropped_event_can_be_replayed(serve, sandbox):
    daemon, (first,) = stuck(serve, sandbox, 863)
    post(daemon, f'/events/{first}/drop', {'reason': 'a mistake'})
    sandbox.heal()
    new = post(daemon, f'/events/{first}/replay').json['replayed_as']
    daemon.verdict(new, 'applied')


@pytest.mark.parametrize('body', [{}, {'reason': ''}, {'reason': '  '}, {'reason': None}, {'reason': 'x' * 501},
                                  {'reason': 'x', 'raeson': 'y'}])
def test_drop_wants_a_reason(serve, sandbox, body):
    daemon, (event,) = stuck(serve, sandbox, 864)
    assert 'reason' in problem(post(daemon, f'/events/{event}/drop', body), 400)
    assert daemon.explain(event)['event']['verdict'] == 'parked'


def test_drop_without_a_reason_is_wrong_usage(serve, sandbox):
    daemon, (event,) = stuck(serve, sandbox, 865)
    code, out, err = daemon.command('drop', event)
    assert (code, out) == (2, '') and '--reason is missing' in err


def test_drop_of_what_has_ended_is_refused(serve, sandbox):
    daemon = serve()
    event = daemon.deliver(delivery(bug(866, whiteboard='')), 'discarded')['id']
    assert 'has ended' in problem(post(daemon, f'/events/{event}/drop', {'reason': 'x'}), 409)


# --- several at once, exit codes, JSON ---

def test_one_that_is_refused_does_not_stop_the_rest(serve, sandbox):
    daemon, (first, second) = stuck(serve, sandbox, 870, 871)
    code, out, err = daemon.command('drop', first, 4711, second, '--reason', 'spring cleaning')
    assert code == 3
    assert out == f'event {first}: dropped\nevent {second}: dropped\n'
    assert err == 'lockstep: there is no event 4711\n'
    assert {daemon.explain(one)['event']['verdict'] for one in (first, second)} == {'dropped'}


def test_answers_as_json(serve, sandbox):
    daemon, (first, second) = stuck(serve, sandbox, 872, 873)
    code, out, _ = daemon.command('retry', first, second, '--json')
    assert code == 0
    assert [json.loads(line)['event'] for line in out.splitlines()] == [first, second]
    code, out, _ = daemon.command('audit', '--json')
    assert code == 0 and {row['event'] for row in json.loads(out)['audit']} == {first, second}


@pytest.mark.parametrize('args, words', [
    (['retry'], 'needs an ID'),
    (['retry', 'x'], 'expected a number'),
    (['retry', '1', '--since', '2026-01-01'], 'unknown option --since'),
    (['replay'], '--since is missing'),
    (['replay', '1', '--since', '2026-01-01'], '--since is not for IDs'),
    (['replay', '--edit', 'x'], '--edit needs an ID'),
    (['replay', '1', '--edit', '/nowhere/at/all'], 'cannot read /nowhere/at/all'),
    (['drop', '--reason', 'x'], 'needs an ID'),
    (['audit', '1'], 'unexpected "1"')])
def test_wrong_usage(serve, args, words):
    code, out, err = serve().command(*args)
    assert (code, out) == (2, '') and words in err and err.count('\n') == 1, err


# --- who did it ---

def test_who_did_what_when_and_why_is_kept(serve, sandbox):
    daemon, (first, second) = stuck(serve, sandbox, 880, 881)
    start = time.time() - 1
    assert daemon.command('retry', first)[0] == 0
    assert post(daemon, f'/events/{second}/drop', {'reason': 'closed'}).status == 200
    rows = daemon.get('/api/v1/audit').json['audit']
    assert [(row['who'], row['verb'], row['event'], row.get('note')) for row in rows] == [
        ('server.api_key', 'drop', second, 'closed'), (getpass.getuser(), 'retry', first, None)]
    assert all(row['at'] >= at(start) for row in rows)
    assert daemon.get(f'/api/v1/audit?event={second}').json['audit'] == rows[:1]
    assert daemon.get(f'/api/v1/audit?limit=1&before={rows[0]["id"]}').json['audit'] == rows[1:]
    assert daemon.explain(second)['audit'] == rows[:1]
    code, out, _ = daemon.command('audit', '--event', second)
    assert code == 0 and out.count('\n') == 2 and re.search(rf'server.api_key +drop +{second} +closed\n', out)
    out = daemon.command('explain', second)[1]
    assert 'what people did' in out and 'closed' in out
    lines = [row for row in daemon.log() if row['message'] == 'done by a person']
    assert [(row['who'], row['verb'], row['event']) for row in lines] == [
        (getpass.getuser(), 'retry', first), ('server.api_key', 'drop', second)]


def test_what_was_refused_is_not_in_the_record(serve, sandbox):
    daemon, (event,) = stuck(serve, sandbox, 882)
    post(daemon, f'/events/{event}/replay')
    post(daemon, f'/events/{event}/drop')
    post(daemon, '/events/4711/retry')
    assert daemon.get('/api/v1/audit').json['audit'] == []


# --- access ---

@pytest.mark.parametrize('verb', ['retry', 'drop', 'replay'])
def test_nobody_without_the_key_may(serve, sandbox, verb):
    daemon, (event,) = stuck(serve, sandbox, 890)
    path = f'{daemon.url}/api/v1/events/{event}/{verb}'
    assert request('POST', path, {'reason': 'x'}).status == 401
    assert request('POST', path, {'reason': 'x'}, {'X-Api-Key': 'wrong'}).status == 401
    assert request('POST', f'{daemon.url}/api/v1/replay', {'since': '2000-01-01'}).status == 401
    assert daemon.explain(event)['event']['verdict'] == 'parked' and daemon.explain(event)['audit'] == []


def test_pages_of_other_sites_may_not(serve, sandbox):
    daemon, (event,) = stuck(serve, sandbox, 891, server='public_url: "https://lockstep.example.org/here"')
    for origin in ('https://evil.example.org', 'null', 'https://lockstep.example.org.evil.example.org',
                   'https://lockstep.example'):
        answer = post(daemon, f'/events/{event}/retry', Origin=origin)
        assert 'another site' in problem(answer, 403), origin
    for origin in ('https://lockstep.example.org', daemon.url):
        assert post(daemon, f'/events/{event}/retry', Origin=origin).status == 200, origin


def test_only_post_changes_anything(serve, sandbox):
    daemon, (event,) = stuck(serve, sandbox, 892)
    for verb in ('retry', 'drop', 'replay'):
        answer = daemon.get(f'/api/v1/events/{event}/{verb}')
        assert answer.status == 405 and answer.headers['Allow'] == 'POST'
    assert request('POST', f'{daemon.url}/api/v1/events', {}, {'X-Api-Key': API_KEY}).status == 405
    assert request('POST', f'{daemon.url}/api/v1/events/{event}/shred', {}, {'X-Api-Key': API_KEY}).status == 404


@pytest.mark.parametrize('body, words', [
    ('{', 'not JSON'), ('[]', 'expected an object'), ('7', 'expected an object'), ('{"x": 1}', 'knows no')])
def test_a_body_that_is_none_is_refused(serve, sandbox, body, words):
    daemon, (event,) = stuck(serve, sandbox, 893)
    assert words in problem(post(daemon, f'/events/{event}/retry', body), 400)
