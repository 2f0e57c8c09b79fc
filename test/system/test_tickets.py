"""Ticket mode: each pull request from outside has one issue in Jira, kept in step with it both ways."""
import hashlib
import hmac
import json
import signal

import pytest

import harness
from harness import API_KEY, GITHUB_SECRET, GITHUB_TOKEN, until

REPO = 'openedx/platform'
PEOPLE = 'GitHub Username,Account Name,Is Core Contributor\nada,Individual Contributors,0\ncora,Individual Contributors,1\n'
JIRA_SECRET = 'jira-hook-secret'
STATUSES = ['Needs Triage', 'Community Manager Review', 'Waiting on Author', 'Product Review', 'Engineering Review',
            'Rejected', 'Merged']


def hop(*path, **more):
    return [{'from': [a], 'to': b, **more} for a, b in zip(path, path[1:])]


SEED = {'github': {'users': [{'login': 'sync-bot', 'token': GITHUB_TOKEN}, {'login': 'ada'}, {'login': 'oldbot'}],
                   'repos': [{'full_name': REPO, 'labels': [
                       'needs triage', 'community manager review', 'Product Review', 'engineering review', 'rejected', 'merged']}]},
        'jira': {
    'users': [{'accountId': '712020:bot', 'name': 'Sync Bot', 'email': 'bot@example.org', 'token': 'sandbox-jira-token'},
              {'accountId': '712020:ann', 'name': 'Ann', 'email': 'ann@example.org', 'token': 'ann-token'}],
    'statuses': [{'name': name, 'category': 'done' if name in ('Rejected', 'Merged') else 'new'} for name in STATUSES],
    'resolutions': ['Done', "Won't Do"],
    'fields': [{'id': 'customfield_10904', 'name': 'URL', 'kind': 'text'},
               {'id': 'customfield_10905', 'name': 'PR Number', 'kind': 'number'}],
    'projects': [
        {'key': 'OSPR', 'types': ['Pull Request Review'], 'initial': 'Needs Triage', 'transitions': [
            *hop('Needs Triage', 'Community Manager Review'), *hop('Needs Triage', 'Waiting on Author'),
            *hop('Needs Triage', 'Product Review', 'Engineering Review'),
            *hop('Community Manager Review', 'Product Review'), *hop('Waiting on Author', 'Needs Triage'),
            *hop('Engineering Review', 'Merged', resolution='required'),
            *hop('Product Review', 'Rejected'), *hop('Rejected', 'Product Review')]},
        {'key': 'BLENDED', 'types': ['Pull Request Review'], 'initial': 'Needs Triage'},
        {'key': 'OTHER', 'types': ['Task'], 'initial': 'Needs Triage'}]}}
WAYS = '''
      transitions:
        Needs Triage: [Community Manager Review, Waiting on Author, Product Review]
        Community Manager Review: Product Review
        Waiting on Author: Needs Triage
        Product Review: [Engineering Review, Rejected]
        Engineering Review: Merged
        Rejected: Product Review
      merged_fields: {Resolution: Done}'''


def config(sandbox, tickets, jira=''):
    return f'''
server: {{listen: "127.0.0.1:0", api_key: {API_KEY}}}
store: sqlite:lockstep.db
retry: {{first: 1s, cap: 2s}}
trackers:
  github: {{kind: github, url: "{sandbox.github.api}", token: {GITHUB_TOKEN}, hook_secret: {GITHUB_SECRET}, rate: 1000/s, concurrency: 16}}
  jira: {{kind: jira, url: "{sandbox.jira}", user: bot@example.org, token: sandbox-jira-token, hook_secret: {JIRA_SECRET}, search_lag: 0s{jira}}}
bridges:
  - kind: github-contributions
    from: github
    to: jira
    people: people.csv
    accounts: [oldbot]
    {'' if 'reconcile' in tickets else harness.RARELY}
    tickets:
      project: OSPR
      blended_project: BLENDED
      fields: {{URL: "{{{{url}}}}", PR Number: "{{{{number}}}}"}}{tickets}
'''


class World:
    """A daemon between the sandbox's GitHub and Jira, both with webhooks."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder, self.github, self.hook = sandbox, folder, sandbox.github, None
        self.jira_options = ''
        (folder / 'people.csv').write_text(PEOPLE)
        sandbox.control('POST', 'reset', SEED)
        self.daemons = []

    def start(self, tickets=WAYS, hooks=True):
        self.daemon = harness.Daemon(self.folder, config(self.sandbox, tickets, self.jira_options))
        self.daemons.append(self.daemon)
        if hooks:
            self.hook = self.github.hook(self.daemon, REPO)
            self.sandbox.control('PUT', 'jira/webhooks', {'webhooks': [
                {'url': self.daemon.url + '/hooks/jira', 'secret': JIRA_SECRET}]})
        return self

    def lose_the_store(self):
        self.daemon.stop(signal.SIGKILL)
        self.github.control('DELETE', f'hooks/{self.hook}')
        for file in self.folder.glob('lockstep.db*'):
            file.unlink()

    def settle(self):
        """All that was told has been worked on, what that made the trackers tell too."""
        def is_quiet():
            waiting = sum(hook['waiting'] for hook in self.sandbox.control('GET', 'jira/webhooks')['webhooks'])
            state = self.sandbox.control('GET', 'state')
            events = self.daemon.get('/api/v1/events?limit=500').json['events']
            ended = all(one['verdict'] in ('applied', 'unchanged', 'discarded', 'expired', 'dropped') for one in events)
            return (ended and not waiting and not state['github']['waiting_deliveries'],
                    len(events), state['writes']) if ended and not waiting else None
        before = None
        while True:
            now = until(is_quiet, 'all to be quiet')
            if now == before and now[0]:
                return
            before = now

    def events(self, subject):
        self.settle()
        rows = self.daemon.get('/api/v1/events?limit=500').json['events']
        return [one for one in rows if one['subject'] == subject]

    def pull(self, **fields):
        ref = self.github.pull(REPO, **{'author': 'ada', 'title': 'Add a thing', **fields})
        self.settle()
        return ref

    def act(self, ref, what, **more):
        self.github.act(ref, what, **more)
        self.settle()

    def tickets(self, project='OSPR'):
        return [one for one in self.sandbox.issues() if one['fields']['project']['key'] == project and not one['deleted']]

    def status(self, key):
        return self.sandbox.issue(key)['fields']['status']['name']

    def jira(self, method, path, body=None):
        token = 'Basic YW5uQGV4YW1wbGUub3JnOmFubi10b2tlbg=='  # ann's
        answer = harness.request(method, f'{self.sandbox.jira}/rest/api/2/{path}', body, {'Authorization': token})
        assert answer.status < 300, (answer.status, answer.body)
        return json.loads(answer.body) if answer.body else None

    def move(self, key, *path):
        for to in path:
            offered = self.jira('GET', f'issue/{key}/transitions')['transitions']
            one = next(one['id'] for one in offered if one['to']['name'] == to)
            self.jira('POST', f'issue/{key}/transitions', {'transition': {'id': one}})
        self.settle()

    def status_labels(self, ref):
        return {label for label in self.github.labels(ref) if label.lower() in {name.lower() for name in STATUSES}}

    def rescan(self):
        code, out, err = self.daemon.command('rescan', f'github:{REPO}', '--json', '--force', '--all')
        assert code == 0, (out, err)
        self.settle()


@pytest.fixture
def world(tmp_path, sandbox):
    one = World(sandbox, tmp_path)
    yield one
    for daemon in one.daemons:
        daemon.end()


def test_one_ticket_with_its_fields_comment_and_label(world):
    ref = world.start().pull(body='It **adds**.')
    ticket, = world.tickets()
    fields = ticket['fields']
    assert fields['summary'] == 'Add a thing' and fields['issuetype']['name'] == 'Pull Request Review'
    assert fields['description'].endswith('------\n\nIt **adds**.') and f'/{REPO}/pull/' in fields['description']
    assert f'/{REPO}/pull/' in fields['customfield_10904'] and fields['customfield_10905'] == int(ref.split('#')[1])
    assert world.status(ticket['key']) == 'Needs Triage'
    told = [text for text in world.github.comments(ref) if f'/browse/{ticket["key"]}' in text]
    assert len(told) == 1 and ticket['key'] in told[0]
    assert world.status_labels(ref) == {'needs triage'}
    world.act(ref, 'push')
    world.rescan()
    assert len(world.tickets()) == 1 and len(world.github.comments(ref)) == 2


@pytest.mark.parametrize('fields, status', [
    ({'author': 'stranger'}, 'Community Manager Review'), ({'author': 'cora'}, 'Waiting on Author'),
    ({'draft': True}, 'Waiting on Author')])
def test_first_status(world, fields, status):
    world.start().pull(**fields)
    ticket, = world.tickets()
    assert world.status(ticket['key']) == status


def test_a_jointly_funded_one_goes_to_its_own_project(world):
    world.start().pull(title='Add [BD-12]')
    assert not world.tickets() and len(world.tickets('BLENDED')) == 1


def test_title_and_text_follow(world):
    ref = world.start().pull(body='Old.')
    ticket, = world.tickets()
    world.act(ref, 'edit', title='Another', body='New.')
    fields = world.sandbox.issue(ticket['key'])['fields']
    assert fields['summary'] == 'Another' and fields['description'].endswith('\n\nNew.')
    assert world.events(f'github:{ref}')[0]['verdict'] in ('applied', 'unchanged')


def test_merged_by_several_hops_with_the_field_that_one_needs(world):
    ref = world.start().pull()
    ticket, = world.tickets()
    world.act(ref, 'merge')
    issue = world.sandbox.issue(ticket['key'])
    assert issue['fields']['status']['name'] == 'Merged' and issue['fields']['resolution']['name'] == 'Done'
    hops = [write for write in world.sandbox.writes() if write['path'].endswith('/transitions')]
    assert len(hops) == 3 and world.status_labels(ref) == {'merged'}


def test_closed_and_opened_again(world):
    ref = world.start().pull()
    ticket, = world.tickets()
    world.move(ticket['key'], 'Product Review')
    assert world.status_labels(ref) == {'Product Review'}
    world.act(ref, 'close')
    assert world.status(ticket['key']) == 'Rejected' and world.status_labels(ref) == {'rejected'}
    world.act(ref, 'reopen')
    assert world.status(ticket['key']) == 'Product Review' and world.status_labels(ref) == {'Product Review'}


def test_a_status_given_by_hand_stays(world):
    ref = world.start().pull()
    ticket, = world.tickets()
    world.move(ticket['key'], 'Product Review')
    world.act(ref, 'close')
    world.move(ticket['key'], 'Product Review')
    world.act(ref, 'comment', by='ada', body='Why?')
    world.rescan()
    assert world.status(ticket['key']) == 'Product Review'


def test_the_way_is_learnt_from_other_tickets(world):
    """Nothing is configured: what other tickets are offered tells, and nothing moves before the way is known."""
    world.start('\n      merged_fields: {Resolution: Done}')
    ref = world.pull()
    ticket, = world.tickets()
    world.act(ref, 'merge')
    assert world.status(ticket['key']) == 'Needs Triage'
    row = next(one for one in world.events(f'github:{ref}') if 'Merged' in one.get('reason', ''))
    assert 'status "Merged" is not offered from "Needs Triage"; offered: ' in row['reason']
    for place in (['Product Review'], ['Product Review', 'Engineering Review']):
        made = world.jira('POST', 'issue', {'fields': {
            'project': {'key': 'OSPR'}, 'issuetype': {'name': 'Pull Request Review'}, 'summary': 'By hand'}})
        world.move(made['key'], *place)
    other = world.pull(title='Another')
    key = next(one['key'] for one in world.tickets() if one['fields']['summary'] == 'Another')
    world.act(other, 'merge')
    assert world.status(key) == 'Merged'


def test_a_field_that_nobody_configured_is_named(world):
    ref = world.start(WAYS.replace('merged_fields: {Resolution: Done}', 'search: false')).pull()
    ticket, = world.tickets()
    world.act(ref, 'merge')
    assert world.status(ticket['key']) == 'Engineering Review'
    reasons = ' '.join(one.get('reason', '') for one in world.events(f'github:{ref}'))
    assert 'Merged needs the field resolution (Resolution), which is not configured' in reasons


def test_deleted_by_hand_is_not_made_again(world):
    ref = world.start().pull()
    ticket, = world.tickets()
    world.jira('DELETE', f'issue/{ticket["key"]}')
    world.settle()
    world.act(ref, 'edit', title='Another')
    world.rescan()
    assert not world.tickets()
    assert 'is not there any more: it is not made again' in world.events(f'github:{ref}')[0]['reason']
    assert world.events(f'jira:{ticket["key"]}')[0]['verdict'] in ('unchanged', 'applied')


@pytest.mark.parametrize('learnt', ['by Jira`s webhook', 'by reading it'])
def test_moved_by_hand_is_followed(world, learnt):
    ref = world.start().pull()
    ticket, = world.tickets()
    hooks = {'webhooks': [{'url': world.daemon.url + '/hooks/jira', 'secret': JIRA_SECRET}]}
    if learnt == 'by reading it':
        world.sandbox.control('PUT', 'jira/webhooks', {'webhooks': []})
    world.sandbox.control('POST', f'jira/issues/{ticket["key"]}/move', {'project': 'OTHER'})
    world.settle()
    moved, = world.tickets('OTHER')
    if learnt == 'by reading it':
        world.act(ref, 'edit', title='Another')
        assert world.sandbox.issue(moved['key'])['fields']['summary'] == 'Another'
        world.sandbox.control('PUT', 'jira/webhooks', hooks)
    world.move(moved['key'], 'Product Review')
    assert world.status_labels(ref) == {'Product Review'} and not world.tickets()


def test_a_lost_store_makes_nothing_twice_and_hears_jira_again(world):
    ref = world.start().pull()
    ticket, = world.tickets()
    assert world.daemon.stop() == 0
    for file in world.folder.glob('lockstep.db*'):
        file.unlink()
    world.start(hooks=False)
    world.sandbox.control('PUT', 'jira/webhooks', {'webhooks': [
        {'url': world.daemon.url + '/hooks/jira', 'secret': JIRA_SECRET}]})
    world.rescan()
    assert len(world.tickets()) == 1 and len(world.github.comments(ref)) == 2
    world.move(ticket['key'], 'Product Review')
    assert world.status_labels(ref) == {'Product Review'}


def test_a_ticket_of_the_old_bot_is_known_by_its_link(world):
    made = world.jira('POST', 'issue', {'fields': {
        'project': {'key': 'OSPR'}, 'issuetype': {'name': 'Pull Request Review'}, 'summary': 'Old title'}})
    ref = world.github.pull(REPO, author='ada', title='Add a thing', quiet=True)
    text = f'<!-- comment:external_pr -->\nI made [{made["key"]}]({world.sandbox.jira}/browse/{made["key"]}).'
    world.github.act(ref, 'comment', by='oldbot', body=text, quiet=True)
    world.start()
    world.rescan()
    assert [one['key'] for one in world.tickets()] == [made['key']]
    assert world.sandbox.issue(made['key'])['fields']['summary'] == 'Add a thing'
    world.act(ref, 'close')
    assert world.status(made['key']) == 'Rejected'


def test_an_answer_that_is_lost_makes_no_second_ticket(world):
    world.start()
    world.daemon.expect('an answer was lost', 'create issue', 'verdict')
    world.sandbox.fault(kind='close', service='jira', method='POST', path='*/issue', times=1, apply=True)
    ref = world.pull()
    assert len(world.tickets()) == 1 and world.events(f'github:{ref}')[-1]['attempts'] > 1


@pytest.mark.parametrize('deployment', ['cloud', 'server'])
def test_a_store_lost_before_the_ticket_was_told_makes_no_second_one(world, deployment):
    """Killed between making the ticket and saying so in a comment, and the store is gone: Jira knows the marker."""
    if deployment == 'server':
        world.sandbox.control('POST', 'reset', {**SEED, 'jira': {**SEED['jira'], 'deployment': 'Server'}})
        world.jira_options = ', deployment: server'
    world.start()
    world.sandbox.fault(kind='hang', service='github', method='POST', path='*/comments', contains='OSPR-1')
    ref = world.github.pull(REPO, author='ada', title='Add a thing')
    until(lambda: world.sandbox.control('GET', 'faults')['faults'][0]['fired'], 'the comment')
    world.lose_the_store()
    world.sandbox.heal()
    world.start()
    world.act(ref, 'push')
    ticket, = world.tickets()
    told = [text for text in world.github.comments(ref) if f'/browse/{ticket["key"]}' in text]
    assert len(told) == 1 and len(world.github.comments(ref)) == 2
    searches = [one for one in world.sandbox.exchanges() if '/search' in one['path']]
    world.act(ref, 'edit', title='Another')
    assert world.sandbox.issue(ticket['key'])['fields']['summary'] == 'Another'
    assert len(searches) == 2 == len([one for one in world.sandbox.exchanges() if '/search' in one['path']])


@pytest.mark.parametrize('headers', [{}, {'X-Hub-Signature': 'sha256=' + 64 * '0'}, {'X-Api-Key': 'x'}])
def test_a_stranger_is_refused(world, headers):
    world.start(hooks=False)
    world.daemon.expect('delivery refused')
    answer = harness.request('POST', world.daemon.url + '/hooks/jira', {'webhookEvent': 'jira:issue_updated'}, headers)
    assert answer.status == 401
    assert world.daemon.get('/api/v1/events').json['events'] == []


def test_what_jira_tells_of_other_issues_comes_to_nothing(world):
    world.start()
    made = world.jira('POST', 'issue', {'fields': {
        'project': {'key': 'OTHER'}, 'issuetype': {'name': 'Task'}, 'summary': 'By hand'}})
    row, = world.events(f'jira:{made["key"]}')
    assert (row['verdict'], row['reason']) == ('discarded', f'{made["key"]} is no ticket of a pull request')


def test_the_same_delivery_twice_is_one_event(world):
    world.start()
    body = json.dumps({'webhookEvent': 'jira:issue_updated', 'timestamp': 1795194156000, 'issue': {'key': 'OTHER-1'}})
    signature = 'sha256=' + hmac.new(JIRA_SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
    sent = [harness.request('POST', world.daemon.url + '/hooks/jira', body, {
        'X-Hub-Signature': signature, 'X-Atlassian-Webhook-Identifier': 'one', 'X-Atlassian-Webhook-Retry': str(retry)})
        for retry in range(2)]
    assert [answer.status for answer in sent] == [200, 200]
    assert sent[1].json == {'id': sent[0].json['id'], 'duplicate': True}
