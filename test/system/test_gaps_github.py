"""What GitHub's webhook did not bring: read from its log of deliveries, or seen by what has changed."""
import signal
import time

import pytest

from harness import API_KEY, GITHUB_SECRET, GITHUB_TOKEN, until
from test_gaps import ended, events, gaps, places

REPO = 'ours/app'


def config(sandbox, every='250ms', server=''):
    return f'''
server: {{listen: "127.0.0.1:0", api_key: {API_KEY}{', ' + server if server else ''}}}
store: sqlite:lockstep.db
trackers:
  github: {{kind: github, url: "{sandbox.github.api}", token: {GITHUB_TOKEN}, hook_secret: {GITHUB_SECRET}, rate: 1000/s}}
bridges:
  - {{kind: github-contributions, from: github, people: people.csv, orgs: orgs.yaml, reconcile: {every}}}
'''


@pytest.fixture
def github(tmp_path, sandbox, daemons):
    """Start daemons that look after the sandbox's GitHub."""
    (tmp_path / 'people.csv').write_text('GitHub Username,Account Name,Is Core Contributor\nnobody,Nobody,\n')
    (tmp_path / 'orgs.yaml').write_text('{}\n')
    sandbox.github.repo(REPO)
    return lambda text=None, again=False: daemons(None if again else text or config(sandbox))


def looked(daemon, times=1, place=REPO):
    row = None
    for _ in range(times):
        before = (row or places(daemon, 'github').get(place, {})).get('checked')
        row = until(lambda: next((now for name, now in places(daemon, 'github').items()
                                  if name == place and now.get('checked') and now['checked'] != before), None),
                    f'a look at {place}')
    return row


def settled(daemon):
    until(lambda: all(one.get('ended') for one in events(daemon)), 'all events to end')


def greeted(sandbox, ref):
    return sum('comment:external_pr' in text for text in sandbox.github.comments(ref))


def begin(github, sandbox, **more):
    """A daemon with a webhook that has told of one pull request."""
    daemon = github(**more)
    hook = sandbox.github.hook(daemon, REPO)
    ref = sandbox.github.pull(REPO, title='The first')
    until(lambda: greeted(sandbox, ref) == 1, 'the first to be greeted')
    sandbox.github.idle()
    settled(daemon)
    looked(daemon, 2)
    return daemon, hook, ref


def test_deliveries_that_failed_are_read_from_the_log(github, sandbox):
    daemon, hook, _ = begin(github, sandbox)
    daemon.expect('no webhook told of it', 'a webhook is out of order')
    assert gaps(daemon, 'github')['missed'] == 0, gaps(daemon, 'github')
    sandbox.github.astray(hook, lose=2)
    refs = [sandbox.github.pull(REPO, title=f'Lost {n}', author=f'outsider{n}') for n in range(2)]
    for ref in refs:
        until(lambda ref=ref: greeted(sandbox, ref) == 1, 'the lost ones to be greeted')
    settled(daemon)
    state = looked(daemon, 3)
    assert (state['missed'], state['recovered']) == (2, 2), state
    told = events(daemon, kind='pull_request.opened')
    assert [one['source'] for one in told] == ['webhook'] * 3, told
    assert not events(daemon, kind='pull_request.recovered')
    # sent after all, each is the delivery that is there already
    n = len(events(daemon))
    for one in sandbox.github.deliveries(hook):
        if one['status_code'] != 200:
            sandbox.github.control('POST', f'hooks/{hook}/deliveries/{one["id"]}')
    sandbox.github.idle()
    looked(daemon, 2)
    assert len(events(daemon)) == n and gaps(daemon, 'github')['missed'] == 2
    assert [greeted(sandbox, ref) for ref in refs] == [1, 1]


def test_what_comes_twice_late_and_out_of_order_is_no_gap(github, sandbox):
    daemon, hook, first = begin(github, sandbox)
    sandbox.github.astray(hook, twice=2)
    sandbox.github.act(first, 'edit', title='Another title', by='ada')
    sandbox.github.idle()
    sandbox.github.astray(hook, hold=3)
    for n in range(3):
        sandbox.github.act(first, 'comment', body=f'Comment {n}', by='ada')
    sandbox.github.idle()
    settled(daemon)
    looked(daemon, 3)
    state = gaps(daemon, 'github')
    assert state['missed'] == state['recovered'], state
    assert greeted(sandbox, first) == 1


def test_what_left_no_trace_in_the_log_is_seen_by_its_change(github, sandbox):
    daemon, hook, _ = begin(github, sandbox)
    daemon.expect('no webhook told of it')
    sandbox.github.astray(hook, forget=1)
    ref = sandbox.github.pull(REPO, title='Never sent', author='outsider')
    until(lambda: greeted(sandbox, ref) == 1, 'it to be greeted')
    settled(daemon)
    looked(daemon, 4)
    told = events(daemon, subject=f'github:{ref}', kind='pull_request.recovered')
    assert len(told) == 1 and told[0]['source'] == 'poll', told
    assert gaps(daemon, 'github')['missed'] == 1
    assert greeted(sandbox, ref) == 1


def test_without_rights_to_webhooks_changes_are_seen_and_told_once(github, sandbox):
    daemon, hook, first = begin(github, sandbox)
    daemon.expect('no webhook told of it')
    daemon.stop(signal.SIGKILL)
    sandbox.fault(service='github', kind='status', status=403, times=0, path='*/hooks*',
                  body='{"message":"Resource not accessible by personal access token","status":"403"}')
    sandbox.github.astray(hook, active=False)
    ref = sandbox.github.pull(REPO, title='In the dark', author='outsider')
    again = github(again=True)
    again.expect('no webhook told of it', 'cut off', 'not closed')
    until(lambda: greeted(sandbox, ref) == 1, 'it to be greeted')
    settled(again)
    state = looked(again, 6)
    settled(again)
    n = len(events(again))
    looked(again, 4)
    assert len(events(again)) == n, events(again)  # our own writes changed it: told once more, and no more
    assert state['hook'] == 'unknown' and 'Resource not accessible' in state['note'], state
    assert greeted(sandbox, ref) == 1


def test_an_outage_is_made_up_for(github, sandbox):
    """The daemon is killed; things happen; another one takes over its store."""
    daemon, hook, first = begin(github, sandbox)
    before = gaps(daemon, 'github')
    daemon.stop(signal.SIGKILL)
    refs = [sandbox.github.pull(REPO, title=f'Unheard {n}', author=f'outsider{n}') for n in range(5)]
    sandbox.github.label(first, 'help wanted', by='ada')
    sandbox.github.idle()
    again = github(again=True)
    again.expect('no webhook told of it', 'cut off', 'not closed', 'a webhook is out of order')
    for ref in refs:
        until(lambda ref=ref: greeted(sandbox, ref) == 1, 'all to be greeted')
    settled(again)
    looked(again, 2)
    after = gaps(again, 'github')
    assert after['complete_since'] == before['complete_since']
    assert after['complete_until'] > before['complete_until']
    assert after['missed'] == after['recovered'] >= 6, after
    assert [greeted(sandbox, ref) for ref in refs] == [1] * 5


def test_killed_while_it_recovers(github, sandbox):
    daemon, hook, _ = begin(github, sandbox)
    daemon.stop(signal.SIGKILL)
    refs = [sandbox.github.pull(REPO, title=f'Unheard {n}', author=f'outsider{n}') for n in range(12)]
    sandbox.github.idle()
    for wait in (0.15, 0.3, 0.45):
        one = github(again=True)
        one.expect('no webhook told of it', 'cut off', 'not closed', 'a webhook is out of order',
                   'an answer was lost')
        time.sleep(wait)  # any moment will do
        one.stop(signal.SIGKILL)
    last = github(again=True)
    last.expect('no webhook told of it', 'cut off', 'not closed', 'a webhook is out of order',
                'an answer was lost')
    for ref in refs:
        until(lambda ref=ref: greeted(sandbox, ref) == 1, 'all to be greeted')
    settled(last)
    looked(last, 2)
    opened = [one['subject'] for one in events(last, kind='pull_request.opened')]
    assert len(opened) == len(set(opened)) == 13, opened
    assert [greeted(sandbox, ref) for ref in refs] == [1] * 12


def test_a_lost_store_is_filled_again_and_makes_nothing_twice(github, sandbox, tmp_path):
    daemon, hook, first = begin(github, sandbox)
    second = sandbox.github.pull(REPO, title='The second', author='outsider')
    until(lambda: greeted(sandbox, second) == 1, 'the second to be greeted')
    sandbox.github.idle()
    settled(daemon)
    assert daemon.stop() == 0
    for file in tmp_path.glob('lockstep.db*'):
        file.unlink()
    again = github(again=True)
    again.expect('no webhook told of it', 'a webhook is out of order')
    moved = {'url': again.url + '/github/hook-receiver', 'content_type': 'json', 'secret': GITHUB_SECRET}
    answer = sandbox.github.rest('PATCH', f'repos/{REPO}/hooks/{hook}', {'config': moved})
    assert answer.status == 200, answer.body
    third = sandbox.github.pull(REPO, title='The third', author='outsider')  # tells the new store of the repository
    until(lambda: greeted(sandbox, third) == 1, 'the third to be greeted')
    until(lambda: len(events(again, kind='pull_request.opened')) == 3, 'the log to be read')
    settled(again)
    assert [greeted(sandbox, ref) for ref in (first, second, third)] == [1, 1, 1]


def test_a_webhook_that_is_switched_off(github, sandbox):
    daemon, hook, first = begin(github, sandbox)
    daemon.expect('no webhook told of it', 'a webhook is out of order')
    assert looked(daemon)['hook'] == 'working'
    sandbox.github.astray(hook, active=False)
    daemon.stop(signal.SIGKILL)
    again = github(again=True)
    again.expect('no webhook told of it', 'a webhook is out of order', 'cut off', 'not closed')
    ref = sandbox.github.pull(REPO, title='Unheard', author='outsider')
    until(lambda: greeted(sandbox, ref) == 1, 'it to be greeted')


def test_nothing_new_costs_nothing(github, sandbox):
    """Where nothing has changed a look is one conditional request, whose answer is 304."""
    daemon, hook, _ = begin(github, sandbox)
    looked(daemon, 3)
    last = sandbox.control('GET', 'exchanges?after=999999999')['last']
    looked(daemon, 3)
    asked = [(one['method'], one['url'].split('?')[0], one['status']) for one in sandbox.github.exchanges(last)
             if one['url'].startswith('/repos/')]
    assert asked and set(asked) == {('GET', f'/repos/{REPO}/issues', 304)}, asked
