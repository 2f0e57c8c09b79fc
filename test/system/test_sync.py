"""Label sync: labels of repositories become as the labels file says, by hand, over HTTP and on a schedule."""
import base64
import json
import signal

import pytest

import harness
from harness import API_KEY, until

LABELS = '''
bug: {color: "#D73A4A", description: "Something is broken"}
needs test run: {color: 000000}
a/b & c: {color: ffffff, description: "100 %"}
wip: {delete: true}
'''
REPO = 'openedx/platform'


def config(sandbox, extra=''):
    return harness.pull_config(sandbox, reads='people: people.csv\n    labels_file: labels.yaml',
                               extra='retry: {first: 1s, cap: 2s}\n' + extra)


@pytest.fixture
def begin(tmp_path, sandbox, daemons):
    (tmp_path / 'people.csv').write_text('GitHub Username,Account Name\nada,Individual Contributors\n')
    (tmp_path / 'labels.yaml').write_text(LABELS)
    return lambda extra='': daemons(config(sandbox, extra))


def palette(sandbox, repo=REPO):
    """{name: (color, description)}"""
    rows = json.loads(sandbox.github.rest('GET', f'repos/{repo}/labels?per_page=100').body)
    return {row['name']: (row['color'], row['description']) for row in rows}


def add(sandbox, name, repo=REPO, **fields):
    assert sandbox.github.rest('POST', f'repos/{repo}/labels', {'name': name, **fields}).status == 201


def sync(daemon, target, *args):
    """The exit code, {repository: item}, and the job."""
    code, out, err = daemon.command('sync-labels', target, '--json', *args)
    answer = json.loads(out) if out else {'items': [], 'job': {}}
    return code, {item['subject'].removeprefix('github:'): item for item in answer['items']}, answer['job'] or err


def make(sandbox, repo=REPO):
    """Labels as people have them: one with other words, one in other letters, one to go, and theirs."""
    sandbox.github.repo(repo)
    add(sandbox, 'bug', repo, color='d73a4a', description='?')
    add(sandbox, 'Needs Test Run', repo, color='000000', description='kept')
    add(sandbox, 'WIP', repo)
    add(sandbox, 'theirs', repo, color='123456', description='ours')


WANTED = {'bug': ('D73A4A', 'Something is broken'), 'needs test run': ('000000', 'kept'),
          'a/b & c': ('ffffff', '100 %'), 'theirs': ('123456', 'ours')}


def same(found, wanted=None):
    return {name: (color.lower(), words) for name, (color, words) in found.items()} == \
        {name: (color.lower(), words) for name, (color, words) in (wanted or WANTED).items()}


def test_dry_run_real_and_again(begin, sandbox):
    make(sandbox)
    ref = sandbox.github.pull(REPO, labels=['Needs Test Run', 'wip'], quiet=True)
    before, writes = palette(sandbox), len(sandbox.github.writes())
    daemon = begin()
    code, items, job = sync(daemon, f'github:{REPO}', '--dry-run')
    assert code == 0 and job['kind'] == 'labels' and job['found'] == 1, job
    assert items[REPO]['plan'] == [
        'label bug: becomes "Something is broken"', 'label Needs Test Run: becomes needs test run',
        'label a/b & c: create #ffffff "100 %"', 'label WIP: delete'], items
    code, shown, _ = daemon.command('sync-labels', f'github:{REPO}', '--dry-run')
    assert code == 0 and 'label WIP: delete' in shown and '(dry run)' in shown, shown
    assert palette(sandbox) == before and len(sandbox.github.writes()) == writes
    code, items, job = sync(daemon, f'github:{REPO}')
    assert code == 0 and job['verdicts'] == {'applied': 1}, (job, items)
    assert same(palette(sandbox)), palette(sandbox)
    assert sandbox.github.writes()[writes:] == [
        ('PATCH', f'repos/{REPO}/labels/bug', {'description': 'Something is broken'}),
        ('PATCH', f'repos/{REPO}/labels/Needs%20Test%20Run', {'new_name': 'needs test run'}),
        ('POST', f'repos/{REPO}/labels', {'name': 'a/b & c', 'color': 'ffffff', 'description': '100 %'}),
        ('DELETE', f'repos/{REPO}/labels/WIP', None)]
    assert sandbox.github.labels(ref) == {'needs test run'}
    writes = len(sandbox.github.writes())
    code, items, job = sync(daemon, f'github:{REPO}')
    assert code == 0 and job['verdicts'] == {'unchanged': 1}, (job, items)
    assert len(sandbox.github.writes()) == writes
    # What somebody changes meanwhile is seen at once: labels are not read from what was known before.
    sandbox.github.rest('DELETE', f'repos/{REPO}/labels/bug')
    code, items, job = sync(daemon, f'github:{REPO}')
    assert job['verdicts'] == {'applied': 1} and same(palette(sandbox), {**WANTED, 'bug': ('D73A4A', 'Something is broken')})


def test_organisation(begin, sandbox):
    repos = [f'acme/r{i}' for i in range(5)]
    for repo in repos:
        make(sandbox, repo)
    sandbox.github.repo('acme/old', archived=True)
    daemon = begin()
    code, items, job = sync(daemon, 'github:acme')
    assert code == 0 and job['verdicts'] == {'applied': 5} and sorted(items) == repos, (job, items)
    assert all(same(palette(sandbox, repo)) for repo in repos)
    code, items, job = sync(daemon, 'github:acme')
    assert job['verdicts'] == {'unchanged': 5}


def test_many_labels_on_pages(begin, sandbox, tmp_path):
    sandbox.github.repo(REPO)
    (tmp_path / 'labels.yaml').write_text(''.join(f'label {i}: {{color: {i:06x}}}\n' for i in range(230)))
    daemon = begin()
    code, _, job = sync(daemon, f'github:{REPO}')
    assert code == 0 and job['verdicts'] == {'applied': 1}, job
    code, _, job = sync(daemon, f'github:{REPO}')
    assert code == 0 and job['verdicts'] == {'unchanged': 1}, job


def test_made_by_somebody_else_meanwhile(begin, sandbox):
    """Both read that there is none; the second is refused, reads again, and goes on."""
    sandbox.github.repo(REPO)
    daemon = begin()
    sandbox.fault(service='github', method='POST', path=f'*/repos/{REPO}/labels', kind='status', status=422, times=1,
                  apply=False, body=json.dumps(
        {'message': 'Validation Failed', 'errors': [{'resource': 'Label', 'code': 'already_exists', 'field': 'name'}]}))
    daemon.expected.append('already_exists')
    code, _, job = sync(daemon, f'github:{REPO}')
    assert code == 0 and job['verdicts'] == {'applied': 1}, job
    assert set(palette(sandbox)) == {'bug', 'needs test run', 'a/b & c'}


def test_refused(begin, sandbox, tmp_path):
    sandbox.github.repo(REPO)
    daemon = begin()
    for target, word in (('github:openedx/none', 'Not Found'), ('github:none', 'Not Found')):
        code, items, job = sync(daemon, target)
        said = json.dumps(items) + json.dumps(job)
        assert word in said and sandbox.github.writes() == [], said
    for target, word in ((f'github:{REPO}#1', 'is an issue'), ('gitlab:o/r', 'no tracker'), ('github', 'not a target')):
        code, _, err = daemon.command('sync-labels', target)
        assert code == 3 and word in err, err
    assert daemon.command('sync-labels')[0] == 2
    (tmp_path / 'labels.yaml').write_text('bug: {color: crimson}\n')
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: any('crimson' in line for line in list(daemon.lines)), 'the refusal')
    daemon.expected.append('crimson')
    code, _, job = sync(daemon, f'github:{REPO}')  # with the last good file
    assert code == 0 and palette(sandbox)['bug'][0].lower() == 'd73a4a'
    (tmp_path / 'labels.yaml').write_text('bug: {color: 00ff00}\n')
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: sync(daemon, f'github:{REPO}')[0] == 0 and palette(sandbox)['bug'][0] == '00ff00', 'the new file')


def test_over_http_and_on_a_schedule(begin, sandbox):
    make(sandbox)
    daemon = begin()
    login = {'Authorization': 'Basic ' + base64.b64encode(f'x:{API_KEY}'.encode()).decode()}
    body = {'kind': 'labels', 'target': f'github:{REPO}', 'dry_run': True}
    assert harness.request('POST', daemon.url + '/api/v1/jobs', body).status == 401
    before = palette(sandbox)
    answer = harness.request('POST', daemon.url + '/api/v1/jobs', body, login)
    assert answer.status == 202, answer.body
    place = daemon.url + json.loads(answer.body)['place']
    until(lambda: json.loads(harness.request('GET', place, None, login).body)['job']['state'] == 'done', 'the job')
    assert palette(sandbox) == before
    daemon.stop()
    again = begin(f'jobs: [{{labels: "github:{REPO}", every: 1s}}]')
    until(lambda: same(palette(sandbox)), 'the labels')
    assert again.stop() == 0


# --- users of a Jira ---

def users_config(sandbox, groups='{partner-ubc: "@ubc.ca"}', extra='', user='user: bot@example.org'):
    return f'''
server: {{listen: "127.0.0.1:0", api_key: {API_KEY}}}
store: sqlite:lockstep.db
retry: {{first: 1s, cap: 2s}}
trackers:
  jira: {{kind: jira, url: {sandbox.jira}, token: sandbox-jira-token, {user}, rate: 1000/s, groups: {groups}}}
{extra}
'''


@pytest.fixture
def users(sandbox, daemons):
    """A daemon with that Jira alone."""
    return lambda **how: daemons(users_config(sandbox, **how), 'bridges: there is none')


def person(sandbox, account, email, **more):
    sandbox.control('PUT', f'jira/users/{account}', {'email': email, **more})


def members(sandbox, group='partner-ubc', put=None):
    path = f'jira/groups/{group}'
    got = sandbox.control('GET', path) if put is None else sandbox.control('PUT', path, {'members': put})
    return set(got['members'])


def sync_users(daemon, *args):
    code, out, err = daemon.command('sync-users', 'jira', '--json', *args)
    answer = json.loads(out) if out else {'items': [], 'job': {}}
    return code, {item['subject']: item for item in answer['items']}, answer['job'] or err


def people(sandbox):
    person(sandbox, 'in', 'in@ubc.ca')
    person(sandbox, 'new', 'New@UBC.ca')
    person(sandbox, 'sub', 'sub@mail.ubc.ca')
    person(sandbox, 'like', 'like@notubc.ca')
    person(sandbox, 'behind', 'x@ubc.ca@evil.example')
    person(sandbox, 'hidden', '')
    person(sandbox, 'gone', 'gone@ubc.ca', active=False)
    person(sandbox, 'app', 'app@ubc.ca', type='app')
    members(sandbox, put=['in'])


def test_users(users, sandbox):
    people(sandbox)
    daemon = users()
    code, items, job = sync_users(daemon, '--dry-run')
    assert code == 0 and job['kind'] == 'users' and job['target'] == 'jira:users' and job['found'] == 1, job
    assert items['jira:user/new']['plan'] == ['group partner-ubc: add the user'], items
    assert members(sandbox) == {'in'}
    code, items, job = sync_users(daemon)
    assert code == 0 and job['verdicts'] == {'applied': 1}, (job, items)
    assert members(sandbox) == {'in', 'new'}
    code, items, job = sync_users(daemon)
    assert code == 0 and job['found'] == 0 and items == {}, job
    assert 'New@UBC.ca' not in '\n'.join(daemon.lines)


def test_users_on_many_pages(users, sandbox):
    members(sandbox, 'a', put=[f'u{i}' for i in range(0, 450, 3)])
    members(sandbox, 'b', put=[])
    for i in range(450):
        person(sandbox, f'u{i}', f'u{i}@{"a" if i % 2 else "b"}.example')
    daemon = users(groups='{a: [a.example, "@b.example"], b: "@b.example"}')
    code, _, job = sync_users(daemon)
    assert code == 0 and set(job['verdicts']) == {'applied'}, job
    assert members(sandbox, 'a') == {f'u{i}' for i in range(450)}
    assert members(sandbox, 'b') == {f'u{i}' for i in range(0, 450, 2)}


def test_users_who_are_members_meanwhile_or_gone(users, sandbox):
    people(sandbox)
    daemon = users()
    empty = json.dumps({'values': [], 'isLast': True})
    sandbox.fault(service='jira', method='GET', path='*/group/member', kind='status', status=200, times=1, apply=False,
                  body=empty)
    code, items, job = sync_users(daemon)  # as if nobody were in it
    assert code == 0 and job['verdicts'] == {'applied': 1, 'unchanged': 1}, (job, items)
    sandbox.fault(service='jira', method='POST', path='*/group/user', kind='status', status=404, times=1, apply=False,
                  body=json.dumps({'errorMessages': ['The user does not exist'], 'errors': {}}))
    person(sandbox, 'late', 'late@ubc.ca')
    code, items, job = sync_users(daemon)
    assert 'does not exist' in ' '.join(items['jira:user/late'].get('notes', [])), items
    code, items, job = sync_users(daemon)
    assert members(sandbox) == {'in', 'new', 'late'}


def test_users_refused(users, sandbox, tmp_path):
    daemon = users(groups='{nobody: "@ubc.ca"}')
    code, _, job = sync_users(daemon)
    assert code == 1
    code, shown, _ = daemon.command('jobs')
    assert "The group named 'nobody' does not exist" in shown, shown
    for args, word in ((('jenkins',), 'no tracker'), (('jira:x',), 'no tracker')):
        code, _, err = daemon.command('sync-users', *args)
        assert code == 3 and word in err, err
    for groups, word in (('{g: ubc}', '@example.org'), ('{g: "a@b.ca"}', '@example.org'), ('{g: "@.ca"}', '@example.org')):
        bad = tmp_path / 'bad.yaml'
        bad.write_text(users_config(sandbox, groups=groups))
        done = harness.subprocess.run([harness.LOCKSTEP, 'check', '--config', str(bad)], capture_output=True, text=True)
        assert done.returncode == 1 and word in done.stderr and 'groups.g' in done.stderr, done.stderr


def test_users_nobody_shows_an_address(users, sandbox):
    members(sandbox, put=[])
    for row in ('712020:bot', '712020:ada', '712020:grace', '712020:linus', '712020:gone'):
        person(sandbox, row, '')
    daemon = users()
    code, _, job = sync_users(daemon)
    assert job['found'] == 0 and 'no mail address' in job['note'], job


def test_users_by_the_bots_address_and_on_a_schedule(users, sandbox):
    people(sandbox)
    daemon = users()
    login = {'Authorization': 'Basic ' + base64.b64encode(f'x:{API_KEY}'.encode()).decode()}
    url = daemon.url + '/jira/user/rescan'
    assert harness.request('POST', url).status == 401
    assert harness.request('GET', url, None, login).status == 405
    answer = harness.request('POST', url, b'', login)
    assert answer.status == 202 and answer.headers['Location'], answer.body
    until(lambda: members(sandbox) == {'in', 'new'}, 'the group')
    answer = harness.request('POST', url, b'tracker=jenkins', login)
    assert answer.status == 400 and b'no tracker' in answer.body, answer.body
    daemon.stop()
    again = users(extra='jobs: [{users: jira, every: 1s}]')
    person(sandbox, 'later', 'later@ubc.ca')
    until(lambda: members(sandbox) == {'in', 'new', 'later'}, 'the group by itself')
    jobs = again.get('/api/v1/jobs').json['jobs']
    assert {one['who'] for one in jobs} >= {'schedule'} and jobs[0]['target'] == 'jira:users'
