"""`lockstep hooks`: which webhooks there are, whether ours works, setting it, pinging it."""
import json

from harness import GITHUB_SECRET, until
from test_gaps import events
from test_gaps_github import REPO, config, github, places  # noqa: F401

PUBLIC = 'https://lockstep.example.org'


def hooks(sandbox):
    return sandbox.github.rest('GET', f'repos/{REPO}/hooks').json


def start(github, sandbox):  # noqa: F811
    return github(config(sandbox, every='1h', server=f'public_url: "{PUBLIC}/"'))


def test_install_list_check_ping(github, sandbox):  # noqa: F811
    daemon = start(github, sandbox)
    sandbox.github.hook('http://127.0.0.1:9', REPO, path='/of/others')
    code, out, err = daemon.command('hooks', 'check', f'github:{REPO}')
    assert (code, err) == (1, '') and out == f'github:{REPO}: none: nothing from it can arrive\n', (code, out, err)

    code, out, _ = daemon.command('hooks', 'install', f'github:{REPO}', '--dry-run')
    assert code == 0 and f'would create  {PUBLIC}/hooks/github' in out, out
    assert len(hooks(sandbox)) == 1

    code, out, _ = daemon.command('hooks', 'install', f'github:{REPO}')
    assert code == 0 and 'create' in out, out
    ours = [one for one in hooks(sandbox) if one['config']['url'] == f'{PUBLIC}/hooks/github']
    assert len(hooks(sandbox)) == 2 and len(ours) == 1, hooks(sandbox)
    assert set(ours[0]['events']) == {'pull_request', 'issue_comment', 'issues'} and ours[0]['active'], ours
    assert ours[0]['config']['content_type'] == 'json'
    sent = [body for method, path, body in sandbox.github.writes() if path.endswith('/hooks')][-1]
    assert sent['config']['secret'] == GITHUB_SECRET and sent['name'] == 'web'

    code, out, _ = daemon.command('hooks', 'list', f'github:{REPO}')
    assert code == 0 and out.count(f'{PUBLIC}/hooks/github') == 1 and '/of/others' in out, out
    code, out, _ = daemon.command('hooks', 'list', f'github:{REPO}', '--json')
    rows = json.loads(out)['places'][0]['hooks']
    assert [row['ours'] for row in sorted(rows, key=lambda row: row['url'])] == [False, True], rows

    told = len(sandbox.github.deliveries(ours[0]['id']))
    code, out, _ = daemon.command('hooks', 'ping', f'github:{REPO}')
    assert code == 0 and 'ping' in out, out
    assert len(sandbox.github.deliveries(ours[0]['id'])) == told + 1
    assert sandbox.github.deliveries(ours[0]['id'])[-1]['event'] == 'ping'
    notes = [(row['verb'], row['note']) for row in daemon.get('/api/v1/audit').json['audit']]
    assert notes == [('hooks ping', f'github:{REPO}'), ('hooks install', f'github:{REPO}')], notes
    assert REPO in places(daemon, 'github')  # looked after from now on


def test_install_edits_the_newest_active_one_and_removes_doubles(github, sandbox):  # noqa: F811
    daemon = start(github, sandbox)
    old, new, off = (sandbox.github.hook(PUBLIC, REPO, events=['pull_request', 'status'], active=active)
                     for active in (True, True, False))
    code, out, _ = daemon.command('hooks', 'check', f'github:{REPO}')
    assert code == 1 and 'does not tell of issue_comment, issues' in out, out
    code, out, _ = daemon.command('hooks', 'install', f'github:{REPO}')
    assert code == 0, out
    left = hooks(sandbox)
    assert [one['id'] for one in left] == [new], left
    assert set(left[0]['events']) == {'pull_request', 'issue_comment', 'issues', 'status'}
    assert left[0]['config']['url'] == PUBLIC + '/github/hook-receiver'
    assert not any('/of/others' in one['config']['url'] for one in left)
    code, out, _ = daemon.command('hooks', 'install', f'github:{REPO}')
    assert code == 0 and [one['id'] for one in hooks(sandbox)] == [new], out


def test_what_was_installed_works(github, sandbox):  # noqa: F811
    """A daemon that people reach by its own address is told of what happens."""
    daemon = github(config(sandbox))
    hook = sandbox.github.hook(daemon, REPO, events=['pull_request'])
    code, out, _ = daemon.command('hooks', 'install', f'github:{REPO}')
    assert code == 0 and 'edit' in out, out
    code, out, _ = daemon.command('hooks', 'check', f'github:{REPO}')
    ref = sandbox.github.pull(REPO, title='Told')
    until(lambda: [one for one in events(daemon) if one['subject'] == f'github:{ref}'], 'it to be told')
    code, out, _ = daemon.command('hooks', 'check', f'github:{REPO}')
    assert (code, out) == (0, f'github:{REPO}: working\n'), (code, out)
    assert [one['id'] for one in hooks(sandbox)] == [hook]


def test_an_organisation_without_a_webhook(github, sandbox):  # noqa: F811
    sandbox.github.user('ours', type='Organization')
    sandbox.github.repo('ours/quiet')
    daemon = github(config(sandbox))
    sandbox.github.hook(daemon, REPO)
    code, out, _ = daemon.command('hooks', 'check', 'github:ours')
    assert code == 1 and sorted(out.splitlines()) == [
        f'github:{REPO}: working', 'github:ours/quiet: none: nothing from it can arrive', 'github:ours: none'], out
    sandbox.github.pull(REPO, title='Told')
    row = until(lambda: next((row for name, row in places(daemon, 'github').items() if name == 'ours' and
                              row.get('note')), None), 'a look at it')
    assert row['hook'] == 'none' and row['note'] == 'no webhook is known to tell of ours/quiet (1)', row
    assert 'no webhook is known to tell of ours/quiet (1)' in daemon.command('gaps')[1]
    sandbox.github.hook(daemon, 'ours')
    assert daemon.command('hooks', 'check', 'github:ours')[:2] == (0, 'github:ours: working\n')


def test_the_webhook_of_the_organisation_tells_of_its_repositories(github, sandbox):  # noqa: F811
    sandbox.github.hook('http://127.0.0.1:9', 'ours')
    daemon = github(config(sandbox) + 'jobs: [{rescan: "github:ours", every: 1d}]\n')
    until(lambda: places(daemon, 'github').get('ours', {}).get('hook') == 'working', 'a look at it')
    code, out, _ = daemon.command('hooks', 'check', f'github:{REPO}')
    assert (code, out) == (0, f'github:{REPO}: none, that of ours tells of it\n')
    assert 'note' not in places(daemon, 'github')['ours']


def test_refusals(github, sandbox):  # noqa: F811
    daemon = github(config(sandbox, every='1h'))
    for words, code, said in [
        ((), 2, 'expected list'), (('dance',), 2, 'expected list'), (('install',), 2, 'expected list'),
        (('list', REPO), 3, 'is not a target'), (('list', 'elsewhere:o/r'), 3, 'no tracker'),
        (('list', f'github:{REPO}#1'), 3, 'is not a target'),
        (('install', f'github:{REPO}'), 1, 'public_url is not set'),
        (('ping', f'github:{REPO}'), 1, 'no webhook there leads to us'),
        (('check', 'github:nobody/nothing'), 1, 'Not Found'),
    ]:
        got, out, err = daemon.command('hooks', *words)
        assert got == code and said in out + err, (words, got, out, err)
    assert daemon.command('hooks', 'list')[0] == 0
