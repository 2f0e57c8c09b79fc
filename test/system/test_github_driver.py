"""What the daemon asks and changes at GitHub, seen from GitHub's side."""
import hashlib
import hmac
import json

import pytest

import harness
from harness import GITHUB_SECRET, GITHUB_TOKEN, request

REPO, BOARD = 'openedx/edx-platform', 'openedx:19'
CONFIG = '''
server: {{listen: "127.0.0.1:0", api_key: {key}}}
store: sqlite:lockstep.db
trackers:
  github: {{kind: github, url: "{api}", token: "{token}", hook_secret: ["of-before", "{secret}"], rate: 1000/s}}
bridges:
  - {{kind: github-contributions, from: github, people: people.csv, orgs: orgs.yaml, jira_info: jira-info.yaml, projects: {{ospr: "{board}"}}}}
'''


@pytest.fixture
def github(sandbox):
    sandbox.github.board(BOARD, fields=['Date opened', {'name': 'Date merged/closed', 'type': 'DATE'}])
    sandbox.github.repo(REPO)
    return sandbox.github


@pytest.fixture
def daemon(tmp_path, sandbox):
    (tmp_path / 'people.csv').write_text('GitHub Username,Account Name,Is Core Contributor\nsigned,Acme,0\n')
    (tmp_path / 'orgs.yaml').write_text('{}\n')
    (tmp_path / 'jira-info.yaml').write_text('{}\n')
    one = harness.Daemon(tmp_path, CONFIG.format(key=harness.API_KEY, api=sandbox.github.api, token=GITHUB_TOKEN,
                                                 secret=GITHUB_SECRET, board=BOARD))
    yield one
    assert one.stop() == 0, '\n'.join(one.lines[-20:])
    one.check_log()


def deliver(daemon, kind, body, secret=GITHUB_SECRET, form=None, **headers):
    raw = (form or json.dumps(body)).encode()
    signed = {'X-Hub-Signature-256': 'sha256=' + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}
    kinds = {'X-GitHub-Event': kind, 'X-GitHub-Delivery': 'a-guid', 'X-GitHub-Hook-ID': '7',
             'Content-Type': 'application/x-www-form-urlencoded' if form else 'application/json'}
    return request('POST', daemon.url + '/hooks/github', raw, {**(signed if secret else {}), **kinds, **headers})


def test_who_may_tell(daemon):
    daemon.expect('delivery refused')
    zen = {'zen': 'z', 'hook_id': 7}
    assert deliver(daemon, 'ping', zen, secret='of-before').status == 200
    for secret, headers in (('wrong', {}), ('', {}), (GITHUB_SECRET, {'X-Hub-Signature-256': 'sha256=00'})):
        assert deliver(daemon, 'ping', zen, secret=secret, **headers).status in (401, 403)
    body = json.dumps(zen).encode()
    old = 'sha1=' + hmac.new(GITHUB_SECRET.encode(), body, hashlib.sha1).hexdigest()
    assert deliver(daemon, 'ping', zen, secret='', **{'X-Hub-Signature': old}).status in (401, 403)


def test_form_and_the_same_twice(daemon):
    form = 'payload=%7B%22zen%22%3A%22z%22%7D'
    one, two = deliver(daemon, 'ping', None, form=form), deliver(daemon, 'ping', None, form=form)
    other = deliver(daemon, 'ping', None, form=form, **{'X-GitHub-Hook-ID': '8'})
    assert one.json['id'] == two.json['id'] != other.json['id']
    assert daemon.verdict(one.json['id'])['verdict'] == 'discarded'


@pytest.mark.parametrize('moved', [False, True])
def test_a_pull_request_gets_everything_once(daemon, github, moved):
    hook = github.hook(daemon, of='openedx')
    github.astray(hook, hold=moved)
    ref = github.pull(REPO, author='signed')
    if moved:  # before the daemon hears of it
        github.rename(REPO, 'openedx/platform')
        ref = ref.replace(REPO, 'openedx/platform')
        github.astray(hook, hold=False)
    assert {daemon.verdict(one)['verdict'] for one in github.events(hook)} <= {'applied', 'unchanged', 'discarded'}
    assert [row[:2] for row in github.statuses(ref)] == [('openedx/cla', 'success')]
    assert 'open-source-contribution' in github.labels(ref)
    assert len(github.comments(ref)) == 1
    assert github.items(ref)[BOARD]['Date opened']
    assert moved == any(one['status'] == 301 for one in github.exchanges())
    before = len(github.writes())
    github.act(ref, 'comment', body='again, please', by='signed')
    assert {daemon.verdict(one)['verdict'] for one in github.events(hook)} <= {'applied', 'unchanged', 'discarded'}
    assert len(github.writes()) == before
