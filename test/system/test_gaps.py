"""What no webhook told of is found all the same: Bugzilla's changes, by comparing what it says with the journal."""
import signal

import pytest

import harness
from harness import Daemon, HOOK_KEY, comment, request, until

EVERY = 'reconcile: 250ms'
PERSON = {'X-BUGZILLA-API-KEY': 'sandbox-bugzilla-key'}


@pytest.fixture
def start(serve):
    """A daemon for bugs with a tag that none of those has that the sandbox begins with, as they change then, too."""
    return lambda: serve(bridge=EVERY, actions=harness.ACTIONS.replace('whiteboard_tag: dev', 'whiteboard_tag: quiet'))


def bug(number, **fields):
    return harness.bug(number, **{'whiteboard': '[quiet]', **fields})


def gaps(daemon, tracker='bugzilla'):
    rows = daemon.get('/api/v1/gaps').json['trackers']
    return next((row for row in rows if row['tracker'] == tracker), None)


def places(daemon, tracker='bugzilla'):
    return {row['place']: row for row in gaps(daemon, tracker)['places']}


def looked(daemon, times=1, tracker='bugzilla', place=''):
    """Wait until the place has been looked at so often from now on; its row."""
    row = None
    for _ in range(times):
        before = (row or places(daemon, tracker).get(place, {})).get('checked')
        row = until(lambda: next((now for name, now in places(daemon, tracker).items()
                                  if name == place and now.get('checked') and now['checked'] != before), None),
                    f'a look at {tracker}:{place}')
    return row


def events(daemon, **wanted):
    rows = daemon.get('/api/v1/events?limit=1000').json['events']
    return [row for row in reversed(rows) if all(row.get(name) == value for name, value in wanted.items())]


def hooks(sandbox, daemon=None, **more):
    """One webhook, which leads to that daemon."""
    url = (daemon.url if daemon else 'http://127.0.0.1:9') + '/bugzilla_webhook'
    sandbox.control('PUT', 'bugzilla/webhooks', [{'id': 1, 'name': 'bridge', 'url': url, 'key': HOOK_KEY, **more}])


def put(sandbox, number, tell=False, **fields):
    """A bug as it is from now on; its last change is now."""
    plain = bug(number, **{'comments': [comment(number * 10, 'Description', 0)], **fields})
    plain = {name: value for name, value in plain.items() if name != 'last_change_time'}
    return sandbox.control('PUT', f'bugzilla/bugs/{number}' + ('?hooks=1' if tell else ''), plain)


def edit(sandbox, number, **fields):
    answer = request('PUT', f'{sandbox.bugzilla}/rest/bug/{number}', fields, PERSON)
    assert answer.status == 200, answer.body


def say(sandbox, number, text, **more):
    answer = request('POST', f'{sandbox.bugzilla}/rest/bug/{number}/comment', {'comment': text, **more}, PERSON)
    assert answer.status == 201, answer.body


def ended(daemon, n, **wanted):
    return until(lambda: [row for row in events(daemon, **wanted) if row.get('ended')][n - 1:] and
                 events(daemon, **wanted), f'{n} events to end')


def test_a_change_that_no_webhook_told_is_recovered_once(start, sandbox):
    hooks(sandbox, deliver=False)
    daemon = start()
    daemon.expect('no webhook told of it')
    looked(daemon)
    put(sandbox, 12)
    row = ended(daemon, 1, subject='bugzilla:12')[0]
    assert (row['source'], row['kind'], row['verdict']) == ('poll', 'bug.modify', 'applied'), row
    assert daemon.explain(row['id'])['event']['target'] == row['target']
    looked(daemon, 4)  # our own write has changed the bug since: told once more, nothing to be done, nothing missed
    told = events(daemon, subject='bugzilla:12')
    assert [one['verdict'] for one in told[1:]] in ([], ['unchanged']), told
    assert len(sandbox.issues()) == len({one['key'] for one in sandbox.issues()})
    state = gaps(daemon)
    assert (state['missed'], state['recovered']) == (1, 1), state
    assert state['complete_since'] <= state['complete_until']
    metrics = daemon.get('/metrics').body.decode()
    assert 'lockstep_missed_events_total{tracker="bugzilla"} 1' in metrics
    assert 'lockstep_recovered_events_total{tracker="bugzilla"} 1' in metrics
    assert 'lockstep_complete_since_seconds{tracker="bugzilla"} ' in metrics


def test_what_webhooks_told_is_no_gap(start, sandbox):
    daemon = start()
    hooks(sandbox, daemon)
    looked(daemon)
    for number in range(20, 25):
        put(sandbox, number, tell=True)
    until(lambda: len([one for one in events(daemon) if one.get('ended')]) >= 5, 'the webhooks to be worked on')
    looked(daemon, 4)
    assert not events(daemon, source='poll'), events(daemon, source='poll')
    assert (gaps(daemon)['missed'], gaps(daemon)['recovered']) == (0, 0)


def test_of_no_concern(start, sandbox):
    """Other bugs than those that an action's tag names are not told of, nor private ones."""
    hooks(sandbox, deliver=False)
    daemon = start()
    looked(daemon)
    put(sandbox, 31, whiteboard='[other]')
    put(sandbox, 32, groups=['core-security'])
    looked(daemon, 4)
    assert not events(daemon) and gaps(daemon)['missed'] == 0


def test_comments_of_the_silence_are_copied_once(start, sandbox):
    hooks(sandbox, deliver=False)
    daemon = start()
    daemon.expect('no webhook told of it')
    looked(daemon)
    put(sandbox, 41)
    first = ended(daemon, 1, subject='bugzilla:41', verdict='applied')[0]
    key = first['target'].split(':')[1]
    looked(daemon, 3)
    say(sandbox, 41, 'said in the silence')
    say(sandbox, 41, 'said in private', is_private=True)
    until(lambda: [one for one in sandbox.issue(key)['comments'] if 'said in the silence' in one['body']],
          'the comment to be copied')
    looked(daemon, 3)
    number = [one for one in request('GET', f'{sandbox.bugzilla}/rest/bug/41/comment', headers=PERSON)
              .json['bugs']['41']['comments'] if one['text'] == 'said in the silence'][0]
    late = {'id': number['id'], 'body': number['text'], 'number': number['count'], 'is_private': False,
            'creation_time': number['time'].rstrip('Z')}
    daemon.deliver({'bug': {**bug(41), 'comment': late}, 'webhook_id': 1, 'webhook_name': 'bridge',
                    'event': {'action': 'create', 'target': 'comment', 'routing_key': 'comment.create',
                              'time': number['time'].rstrip('Z'),
                              'user': {'id': 2, 'login': 'ada@example.org', 'real_name': 'Ada'}}})
    bodies = [one['body'] for one in sandbox.issue(key)['comments']]
    assert sum('said in the silence' in one for one in bodies) == 1, bodies
    assert not any('said in private' in one for one in bodies), bodies


def test_what_happened_while_the_daemon_was_down_is_recovered(start, sandbox, tmp_path):
    hooks(sandbox, deliver=False)
    daemon = start()
    daemon.expect('no webhook told of it')
    looked(daemon)
    put(sandbox, 51)
    key = ended(daemon, 1, subject='bugzilla:51', verdict='applied')[0]['target'].split(':')[1]
    looked(daemon, 3)
    before = gaps(daemon)
    daemon.stop(signal.SIGKILL)
    edit(sandbox, 51, summary='Changed while nobody listened')
    put(sandbox, 52)
    again = Daemon(tmp_path, None)
    try:
        again.expect('no webhook told of it', 'not closed properly', 'cut off')
        until(lambda: sandbox.issue(key)['fields']['summary'] == 'Changed while nobody listened', 'the change')
        ended(again, 1, subject='bugzilla:52', verdict='applied')
        looked(again, 2)
        after = gaps(again)
        assert after['complete_since'] == before['complete_since'], (before, after)
        assert after['complete_until'] > before['complete_until']
        # the first bug may have been changed by ourselves, for all that can be told so soon after we did
        assert before['missed'] + 2 >= after['missed'] == after['recovered'] > before['missed'], after
    finally:
        assert again.stop() == 0
    again.check_log()


def test_a_disabled_webhook_is_said_and_made_up_for(start, sandbox):
    hooks(sandbox, enabled=False)
    daemon = start()
    daemon.expect('a webhook is out of order', 'no webhook told of it')
    assert looked(daemon)['hook'] == 'disabled'
    put(sandbox, 61, tell=True)
    ended(daemon, 1, subject='bugzilla:61', verdict='applied')
    beat = daemon.get('/__heartbeat__').json
    assert beat['checks']['bugzilla.complete'] == 'warning', beat
    assert 'bugzilla.webhook.disabled' in beat['details']['bugzilla.complete']['messages'], beat
    said = [row for row in daemon.log() if row['message'] == 'a webhook is out of order']
    assert len(said) == 1, said
    hooks(sandbox, daemon)
    until(lambda: looked(daemon)['hook'] == 'working', 'the webhook to be seen at work')
    assert daemon.get('/__heartbeat__').json['checks']['bugzilla.complete'] == 'ok'


def test_a_tracker_that_does_not_answer_is_not_complete(start, sandbox):
    hooks(sandbox, deliver=False)
    daemon = start()
    daemon.expect('gaps cannot be looked for', 'no webhook told of it', 'breaker', 'bugzilla')
    good = looked(daemon)
    sandbox.fault(service='bugzilla', kind='status', status=503, times=0, path='*/rest/bug')
    put(sandbox, 71)
    until(lambda: looked(daemon).get('trouble'), 'the trouble to be told')
    bad = looked(daemon)
    assert 'list changed bugs' in bad['trouble'], bad
    assert bad['complete_until'] <= until(lambda: places(daemon)[''], 'a row')['checked']
    code, out, _ = daemon.command('gaps')
    assert code == 0 and 'list changed bugs' in out, out
    sandbox.heal()
    ended(daemon, 1, subject='bugzilla:71', verdict='applied')
    fine = until(lambda: (lambda row: row if not row.get('trouble') else None)(looked(daemon)), 'the end of the trouble')
    assert fine['complete_until'] > good['complete_until']


def test_gaps_on_the_command_line(start, sandbox):
    hooks(sandbox, deliver=False)
    daemon = start()
    looked(daemon)
    code, out, err = daemon.command('gaps')
    assert (code, err) == (0, ''), (code, err)
    assert out.startswith('bugzilla: complete from 20') and '0 missed, 0 recovered' in out, out
    code, out, _ = daemon.command('gaps', '--json')
    assert code == 0 and '"complete_since"' in out, out
