"""What people do to tickets in Jira is found by polling too: their status becomes the label, told of or not."""
import datetime
import signal
import time

import harness
from harness import until
from test_gaps import events, gaps, looked, places
from test_tickets import JIRA_SECRET, REPO, WAYS, config, world  # noqa: F401

POLL = WAYS + '\n    reconcile: 250ms'


def hooked(world, *daemons):
    world.sandbox.control('PUT', 'jira/webhooks', {'webhooks': [
        {'url': daemon.url + '/hooks/jira', 'secret': JIRA_SECRET} for daemon in daemons]})


def begin(world, hears=False):
    """A pull request with its ticket; GitHub's webhook leads here, Jira's only if it is to be heard."""
    world.start(POLL, hooks=False)
    world.github.hook(world.daemon, REPO)
    if hears:
        hooked(world, world.daemon)
    ref = world.pull()
    ticket, = world.tickets()
    if hears:
        until(lambda: place(world).get('hook') == 'heard', 'the webhook to be heard')
    return ref, ticket['key']


def place(world):
    return places(world.daemon, 'jira').get('', {})


def look(world):
    return looked(world.daemon, 1, 'jira')


def compared(world):
    """All that has happened up to now has been looked at."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='milliseconds')[:23]
    until(lambda: place(world).get('complete_until', '') > now, 'a look at all of it')


def move(world, key, *path):
    """Without waiting for what comes of it."""
    for to in path:
        offered = world.jira('GET', f'issue/{key}/transitions')['transitions']
        one = next(one['id'] for one in offered if one['to']['name'] == to)
        world.jira('POST', f'issue/{key}/transitions', {'transition': {'id': one}})


def labelled(world, ref, *labels):
    until(lambda: world.status_labels(ref) == set(labels), f'the labels {labels}')


def told(world, key):
    return events(world.daemon, subject=f'jira:{key}')


def worked(world, key):
    return until(lambda: all(row.get('ended') for row in told(world, key)) and told(world, key), 'the events to end')


def asked(world):
    return [one for one in world.sandbox.exchanges() if one['service'] == 'jira']


def counted(world):
    state = gaps(world.daemon, 'jira')
    return state['missed'], state['recovered'], state['places'][0]['hook']


def test_a_status_that_nobody_told_becomes_the_label(world):
    """And a poll without news is one request, no event and no write."""
    ref, key = begin(world)
    move(world, key, 'Product Review')
    labelled(world, ref, 'Product Review')
    row, = worked(world, key)
    assert (row['source'], row['kind'], row['verdict']) == ('poll', 'issue.updated', 'applied'), row
    event = world.daemon.explain(row['id'])['delivery']['body']
    assert event['deltas'] == [{'field': 'status', 'removed': 'Needs Triage', 'added': 'Product Review'}], event
    world.jira('POST', f'issue/{key}/comment', {'body': 'What people say is no news for the label.'})
    world.settle()
    compared(world)
    before, writes = len(asked(world)), world.sandbox.control('GET', 'state')['writes']
    look(world)
    made = asked(world)[before:]
    assert 1 <= len(made) <= 2 and {one['path'].split('/rest/')[1] for one in made} == {'api/3/search/jql'}, made
    assert len(told(world, key)) == 1 and world.sandbox.control('GET', 'state')['writes'] == writes
    state = gaps(world.daemon, 'jira')
    assert state['complete_since'] <= state['complete_until'], state
    code, out, _ = world.daemon.command('gaps')
    assert code == 0 and 'jira: complete from 20' in out and 'hook none' in out, out


def test_our_own_moves_become_the_label_and_are_not_missed(world):
    ref, key = begin(world)
    world.github.act(ref, 'merge')
    labelled(world, ref, 'merged')
    world.github.act(ref, 'edit', title='Another')
    until(lambda: world.sandbox.issue(key)['fields']['summary'] == 'Another', 'the title')
    before = len(told(world, key))
    compared(world)
    assert len(told(world, key)) == before  # another summary is of no interest
    assert counted(world) == (0, 0, 'none')


def test_what_the_webhook_told_is_no_second_event(world):
    ref, key = begin(world, hears=True)
    move(world, key, 'Product Review', 'Rejected')
    labelled(world, ref, 'rejected')
    compared(world)
    assert {row['source'] for row in told(world, key)} == {'webhook'}, told(world, key)
    assert counted(world) == (0, 0, 'heard')


def test_killed_between_finding_and_working_on_it(world):
    ref, key = begin(world)
    world.sandbox.fault(kind='hang', service='jira', method='GET', path=f'*/issue/{key}', times=0)
    move(world, key, 'Product Review')
    until(lambda: told(world, key), 'the event')
    world.daemon.stop(signal.SIGKILL)
    world.sandbox.heal()
    move(world, key, 'Engineering Review')  # while nobody looks
    again = harness.Daemon(world.folder, None)
    world.daemons.append(again)
    world.daemon = again
    again.expect('not closed properly', 'cut off', '"tracker": "github"')
    labelled(world, ref, 'engineering review')
    compared(world)
    world.settle()
    rows = told(world, key)
    assert 1 <= len(rows) <= 2 and all(row['verdict'] in ('applied', 'unchanged') for row in rows), rows
    labels = [write for write in world.github.writes() if write[0] == 'POST' and write[1].endswith('/labels')]
    assert len([write for write in labels if 'engineering review' in str(write[2])]) == 1, labels


def test_moved_and_deleted_by_hand(world):
    ref, key = begin(world)
    world.sandbox.control('POST', f'jira/issues/{key}/move', {'project': 'OTHER'})
    moved, = world.tickets('OTHER')
    move(world, moved['key'], 'Product Review')
    labelled(world, ref, 'Product Review')
    assert worked(world, moved['key'])[-1]['verdict'] == 'applied'
    move(world, moved['key'], 'Rejected')
    labelled(world, ref, 'rejected')
    world.jira('DELETE', f'issue/{moved["key"]}')
    compared(world)
    world.settle()
    assert not world.tickets() and not world.tickets('OTHER') and world.status_labels(ref) == {'rejected'}


def test_a_jira_that_limits_us_is_polled_on_and_nothing_is_missed(world):
    """As no webhook was ever heard. The pause of two seconds also sets the change apart from our own writes."""
    ref, key = begin(world)
    world.daemon.expect('gaps cannot be looked for', '"tracker": "jira"')
    world.sandbox.fault(service='jira', kind='status', status=429, retry_after=2, times=1, path='*/search/jql')
    until(lambda: 'HTTP 429' in place(world).get('trouble', ''), 'the limit to be told')
    until(lambda: not place(world).get('trouble'), 'the end of the pause')
    move(world, key, 'Product Review')
    labelled(world, ref, 'Product Review')
    until(lambda: counted(world) == (0, 1, 'none'), 'the count')
    assert 'lockstep_recovered_events_total{tracker="jira"} 1' in world.daemon.get('/metrics').body.decode()
    assert [row for row in world.daemon.log() if row['message'] == 'found by polling']


def test_what_a_webhook_should_have_told_is_missed(world):
    """And a Jira that does not answer is said, and asked again."""
    ref, key = begin(world, hears=True)
    world.daemon.expect('gaps cannot be looked for', 'no webhook told of it', 'breaker', '"tracker": "jira"')
    hooked(world)
    quiet = time.monotonic() + 2.1
    world.sandbox.fault(service='jira', kind='status', status=503, times=0, path='*/search/jql')
    row = until(lambda: (lambda row: row if row.get('trouble') else None)(look(world)), 'the trouble to be told')
    assert 'list changed issues: HTTP 503' in row['trouble'], row
    until(lambda: time.monotonic() > quiet, 'our own writes to be over')
    move(world, key, 'Product Review')
    world.sandbox.heal()
    labelled(world, ref, 'Product Review')
    until(lambda: counted(world) == (1, 1, 'heard'), 'the count')
    assert not place(world).get('trouble')
    assert 'lockstep_missed_events_total{tracker="jira"} 1' in world.daemon.get('/metrics').body.decode()


def test_a_jira_without_tickets_is_not_asked(world):
    text = config(world.sandbox, POLL)
    text = text[:text.index('    tickets:')] + '    reconcile: 250ms\n'
    world.daemon = harness.Daemon(world.folder, text)
    world.daemons.append(world.daemon)
    world.github.hook(world.daemon, REPO)
    world.github.pull(REPO, author='ada', title='Add a thing')
    world.settle()
    looked(world.daemon, 1, 'github', REPO)
    assert gaps(world.daemon, 'jira') is None
    assert not [one for one in asked(world) if 'search' in one['path']], asked(world)
