"""Rescans: pull requests are looked at again as jobs, by hand, by the old bot's form, and on a schedule."""
import base64
import json
import signal
import time

import pytest

import harness
from harness import API_KEY, until
from test_progress import on_terminal, seen

PEOPLE = '''First Name,Last Name,Account Name,GitHub Username,Is Core Contributor
Ada,Outside,Individual Contributors,ada,0
Ivy,Inside,Example University,ivy,0
'''
ORGS = 'Example University: {internal-ghorgs: [openedx]}\n'
JIRA_INFO = '''
Acme:
  server: {jira}
  email: bot@example.org
  token: sandbox-jira-token
  mapping: mapping.yaml
  description: Acme's Jira
'''
MAPPING = 'defaults: {project: DEV, type: Task}\n'
REPO = 'openedx/platform'


def config(sandbox, extra=''):
    return harness.pull_config(sandbox, projects='{ospr: "openedx:19"}', extra='retry: {first: 1s, cap: 2s}\n' + extra)


@pytest.fixture
def begin(tmp_path, sandbox, daemons):
    (tmp_path / 'people.csv').write_text(PEOPLE)
    (tmp_path / 'orgs.yaml').write_text(ORGS)
    (tmp_path / 'mapping.yaml').write_text(MAPPING)
    (tmp_path / 'jira-info.yaml').write_text(JIRA_INFO.format(jira=sandbox.jira))
    sandbox.github.repo(REPO)
    sandbox.github.board('openedx:19', **{'Date opened': {'type': 'DATE'}, 'Repo Owner / Owning Team': {'type': 'TEXT'}})
    return lambda extra='': daemons(config(sandbox, extra))


def rescan(daemon, target, *args):
    """The exit code, {ref: item}, and the job."""
    code, out, err = daemon.command('rescan', target, '--json', *args)
    answer = json.loads(out) if out else {'items': [], 'job': {}}
    return code, {item['subject'].removeprefix('github:'): item for item in answer['items']}, answer['job'] or err


def asked(sandbox, since):
    return [one for one in sandbox.github.exchanges(since)]


def last(sandbox):
    return sandbox.control('GET', 'exchanges?after=999999999')['last']


def some(sandbox, n, repo=REPO, **fields):
    return [sandbox.github.pull(repo, quiet=True, **fields) for _ in range(n)]


def test_dry_run_then_real(begin, sandbox):
    outside = sandbox.github.pull(REPO, author='ada', title='From outside', labels=['jira:acme'])
    robot = sandbox.github.pull(REPO, author='robot[bot]')
    sandbox.github.pull(REPO, author='ivy')  # internal: not looked at …
    asking = sandbox.github.pull(REPO, author='ivy', labels=['Jira:Acme'])  # … unless a label asks for an issue
    daemon, issues = begin(), len(sandbox.issues())
    code, items, job = rescan(daemon, f'github:{REPO}', '--dry-run')
    assert code == 0 and job['state'] == 'done' and job['found'] == 3, job
    assert any('project DEV of jira-acme' in line for line in items[asking]['plan'])
    plan = '\n'.join(items[outside]['plan'])
    for word in ('labels: add open-source-contribution', 'status openedx/cla', 'comment: add', 'board item: put it on openedx:19',
                 'project DEV of jira-acme'):
        assert word in plan, plan
    assert any('status' in line for line in items[robot]['plan'])
    assert sandbox.github.writes() == [] and len(sandbox.issues()) == issues
    code, shown, _ = daemon.command('rescan', f'github:{REPO}', '--dry-run')
    assert code == 0 and outside in shown and 'DEV' in shown and 'open-source-contribution' in shown, shown
    code, items, job = rescan(daemon, f'github:{REPO}')
    assert code == 0 and job['verdicts'] == {'applied': 3}, job
    assert 'open-source-contribution' in sandbox.github.labels(outside)
    assert len(sandbox.github.comments(outside)) == 2 and len(sandbox.issues()) == issues + 2
    assert 'openedx:19' in sandbox.github.items(outside)
    writes = len(sandbox.github.writes())
    code, items, job = rescan(daemon, f'github:{REPO}')
    assert code == 0 and job['verdicts'] == {'unchanged': 3}, (job, items)
    assert len(sandbox.github.writes()) == writes and len(sandbox.issues()) == issues + 2


def test_unchanged_costs_a_question_a_page(begin, sandbox):
    some(sandbox, 230, author='robot[bot]')
    daemon = begin()
    for _ in range(2):  # the first writes statuses, which changes no pull request
        code, _, job = rescan(daemon, f'github:{REPO}')
        assert code == 0 and job['found'] == 230, job
        before = last(sandbox)
    code, _, job = rescan(daemon, f'github:{REPO}')
    assert code == 0 and job['skipped'] == job['found'] == 230, job
    assert [one['status'] for one in asked(sandbox, before)] == [304] * 3
    sandbox.github.act(f'{REPO}#7', 'edit', title='Another', quiet=True)
    code, items, job = rescan(daemon, f'github:{REPO}')
    assert code == 0 and f'{REPO}#7' in items and job['found'] - job['skipped'] <= 100, job
    code, items, job = rescan(daemon, f'github:{REPO}', '--force')
    assert len(items) == 230 and job['skipped'] == 0


def test_few_requests(begin, sandbox):
    """A list shows pull requests whole: none of them is asked for again."""
    refs = some(sandbox, 20, author='ada')
    daemon = begin()
    rescan(daemon, f'github:{REPO}')
    before = last(sandbox)
    code, _, job = rescan(daemon, f'github:{REPO}', '--force')
    assert code == 0 and job['verdicts'] == {'unchanged': 20}, job
    urls = [one['url'] for one in asked(sandbox, before)]
    assert not any(url.endswith(f'/pulls/{ref.split("#")[1]}') for url in urls for ref in refs), urls
    assert len(urls) <= 1 + 2 * 20 + 5, urls


def test_one_is_closed_while_the_list_is_read(begin, sandbox):
    """The others move up, one of them over the edge of the page that was read already."""
    refs = some(sandbox, 101, author='robot[bot]')
    daemon = begin()
    sandbox.fault(service='github', method='GET', path='*/pulls', kind='status', status=503, after=1, times=0)
    job = json.loads(daemon.command('rescan', f'github:{REPO}', '--dry-run', '--detach', '--json')[1])['id']
    until(lambda: sandbox.control('GET', 'faults')['faults'][0]['fired'], 'the second page to be asked for')
    sandbox.github.act(refs[0], 'close', quiet=True)
    sandbox.heal()
    until(lambda: daemon.get(f'/api/v1/jobs/{job}').json['job']['state'] == 'done', 'the job to end')
    answer = daemon.get(f'/api/v1/jobs/{job}?limit=1000').json
    assert {one['subject'] for one in answer['items']} == {f'github:{ref}' for ref in refs}
    assert len(answer['items']) == answer['job']['found'] == 101


def test_what_a_list_showed_is_not_taken_for_new(begin, sandbox):
    ref = sandbox.github.pull(REPO, author='robot[bot]')
    daemon, issues = begin(), len(sandbox.issues())
    sandbox.github.hook(daemon, of=REPO)
    assert rescan(daemon, f'github:{REPO}', '--dry-run')[0] == 0  # now its labels are known, for a minute
    sandbox.github.label(ref, 'jira:acme')
    until(lambda: len(sandbox.issues()) == issues + 1, 'the issue')


def test_organisation_and_filters(begin, sandbox):
    sandbox.github.repo('openedx/other')
    old = sandbox.github.pull(REPO, created_at='2026-01-05T23:30:00Z', quiet=True)
    new = sandbox.github.pull('openedx/other', created_at='2026-03-01T10:00:00Z', quiet=True)
    closed = sandbox.github.pull('openedx/other', created_at='2026-03-02T10:00:00Z', quiet=True)
    sandbox.github.pull(REPO, created_at='2017-12-31T23:00:00Z', quiet=True)  # before rescan_since
    internal = sandbox.github.pull(REPO, author='IVY', quiet=True)
    sandbox.github.act(closed, 'close', quiet=True)
    daemon = begin()
    code, items, _ = rescan(daemon, 'github:openedx', '--dry-run')
    assert code == 0 and set(items) == {old, new}
    assert set(rescan(daemon, 'github:openedx', '--dry-run', '--all')[1]) == {old, new, closed}
    assert set(rescan(daemon, 'github:openedx', '--dry-run', '--until', '2026-01-05')[1]) == {old}  # that day included
    assert set(rescan(daemon, 'github:openedx', '--dry-run', '--until', '2026-01-04')[1]) == set()
    assert set(rescan(daemon, 'github:openedx', '--dry-run', '--since', '2026-02-01')[1]) == {new}
    for one in (closed, internal):  # by its name whatever it is
        assert set(rescan(daemon, f'github:{one}', '--dry-run')[1]) == {one}


def test_what_is_not_there(begin, sandbox):
    daemon = begin()
    for target in ('github:openedx/nothing', f'github:{REPO}#999', 'github:nobody-at-all'):
        code, _, error = daemon.command('rescan', target)
        assert code == 1 and 'rescan: failed' in error, (target, code, error)
    for target in ('gitlab:openedx', 'github:', 'nonsense', 'jira-acme:DEV'):
        code, _, error = daemon.command('rescan', target)
        assert code == 3, (target, code, error)
    assert daemon.command('rescan')[0] == 2
    assert daemon.command('rescan', f'github:{REPO}', '--since', 'yesterday')[0] == 2
    assert daemon.command('jobs', '999')[0] == 3


def test_killed_while_it_lists(begin, sandbox):
    refs = some(sandbox, 320, author='robot[bot]')
    sandbox.fault(service='github', method='GET', path='*/pulls*', kind='slow', delay_ms=300, times=0)
    for number in range(3):
        daemon = begin()
        if number == 0:
            code, out, _ = daemon.command('rescan', f'github:{REPO}', '--detach', '--json')
            assert code == 0
            job = json.loads(out)['id']
        found = daemon.get(f'/api/v1/jobs/{job}').json['job']['found']
        until(lambda: daemon.get(f'/api/v1/jobs/{job}').json['job']['found'] > found, 'a page')
        daemon.process.kill()
        daemon.process.wait()
    sandbox.heal()
    daemon = begin()
    until(lambda: daemon.get(f'/api/v1/jobs/{job}').json['job']['state'] == 'done', 'the job to end')
    items = daemon.get(f'/api/v1/jobs/{job}?limit=1000').json['items']
    assert sorted(one['subject'] for one in items) == sorted(f'github:{ref}' for ref in refs)
    assert all(one['verdict'] in ('applied', 'unchanged') for one in items)
    statuses = [path for method, path, *_ in sandbox.github.writes() if '/statuses/' in path]
    assert all(len(sandbox.github.statuses(ref)) >= 1 for ref in refs[::40])
    assert len(statuses) < 320 + 3 * 16 + 1  # what was under way when it was killed may be written again


def test_tracker_in_trouble(begin, sandbox):
    some(sandbox, 3, author='robot[bot]')
    sandbox.fault(service='github', method='GET', path='*/pulls*', kind='status', status=503, times=2)
    daemon = begin()
    code, items, job = rescan(daemon, f'github:{REPO}')
    assert code == 0 and len(items) == 3, job


def test_the_old_form(begin, sandbox):
    pull = sandbox.github.pull(REPO, author='ada', quiet=True)
    daemon = begin()
    form = {'Content-Type': 'application/x-www-form-urlencoded'}
    url, body = daemon.url + '/github/rescan', f'repo={REPO.replace("/", "%2F")}&dry_run=1'
    assert harness.request('POST', url, body, form).status == 401
    assert harness.request('POST', url, body, {**form, 'Authorization': 'Bearer wrong'}).status == 401
    basic = 'Basic ' + base64.b64encode(f'user:{API_KEY}'.encode()).decode()
    for login in ({'Authorization': basic}, {'Authorization': f'Bearer {API_KEY}'}):
        answer = harness.request('POST', url, body, {**form, **login})
        assert answer.status == 202 and answer.headers['Location'] == answer.json['place']
        job = until(lambda: (lambda one: one if one['job']['state'] == 'done' else None)(
            daemon.get(answer.json['place']).json), 'the job to end')
        assert [one['subject'] for one in job['items']] == [f'github:{pull}']
        assert job['job']['options'] == {'dry_run': True} and job['job']['who'] == 'server.api_key'
    assert sandbox.github.writes() == []
    login = {**form, 'Authorization': basic}
    answer = harness.request('POST', url, 'repo=all:openedx&allpr=on&earliest=2018-01-01&latest=2030-01-01', login)
    assert answer.status == 202
    assert harness.request('POST', url, 'repo=', login).status == 400
    assert harness.request('POST', url, f'repo={REPO}', {**login, 'Origin': 'https://evil.example'}).status == 403
    assert harness.request('GET', url, headers=login).status == 405
    until(lambda: all(one['state'] == 'done' for one in daemon.get('/api/v1/jobs').json['jobs']), 'all jobs to end')


def test_cancel(begin, sandbox):
    some(sandbox, 150, author='robot[bot]')
    sandbox.fault(service='github', path='*', kind='slow', delay_ms=200, times=0)
    daemon = begin()
    code, out, _ = daemon.command('rescan', f'github:{REPO}', '--detach', '--json')
    job = json.loads(out)['id']
    until(lambda: daemon.get(f'/api/v1/jobs/{job}').json['job']['events'] >= 100, 'a page')
    code, out, _ = daemon.command('cancel', job)
    assert code == 0, out
    sandbox.heal()
    row = until(lambda: (lambda one: one if one['state'] == 'cancelled' and one['left'] == 0 else None)(
        daemon.get(f'/api/v1/jobs/{job}').json['job']), 'the job to end')
    assert row['verdicts'].get('dropped', 0) > 0, row
    assert daemon.command('cancel', job)[0] == 3
    assert daemon.command('cancel', 999)[0] == 3
    verbs = [(row['verb'], row['note']) for row in daemon.get('/api/v1/audit?limit=1000').json['audit']]
    assert sum(1 for verb, _ in verbs if verb == 'cancel') == 1
    assert any(verb == 'rescan' and f'job {job}: rescan github:{REPO}' in note for verb, note in verbs)
    code, out, _ = daemon.command('jobs')
    assert code == 0 and 'cancelled' in out and REPO in out


def test_progress_on_a_terminal(begin, sandbox):
    some(sandbox, 60, author='ada')
    sandbox.fault(service='github', path='*', kind='slow', delay_ms=150, times=0)
    daemon = begin()
    code, out, told = on_terminal(daemon, 'rescan', f'github:{REPO}', '--dry-run')
    left, drawn = seen(told)
    assert code == 0 and 'dry run' in out and not left, (out, left)
    assert any('of 60' in line and '[' in line for line in drawn), drawn
    assert any(' left' in line for line in drawn), drawn


def test_schedule(begin, sandbox):
    pull = sandbox.github.pull(REPO, author='ada', quiet=True)
    daemon = begin('jobs:\n  - {rescan: "github:openedx", every: 1s}\n')
    until(lambda: len(daemon.get('/api/v1/jobs').json['jobs']) >= 2, 'two jobs')
    jobs = daemon.get('/api/v1/jobs').json['jobs']
    assert {one['who'] for one in jobs} == {'schedule'}
    until(lambda: 'open-source-contribution' in sandbox.github.labels(pull), 'the label')
    until(lambda: len(sandbox.github.comments(pull)) == 1, 'the comment')


def test_refused_configuration(tmp_path, sandbox, begin):
    begin()
    for jobs, word in (('[{rescan: "github:o"}]', 'either every or cron'),
                       ('[{rescan: "github:o", every: 1h, cron: "* * * * *"}]', 'either every or cron'),
                       ('[{rescan: "github:o", cron: "61 * * * *"}]', 'minute'),
                       ('[{rescan: "gitlab:o", every: 1h}]', 'no tracker'),
                       ('[{every: 1h}]', 'expected one of rescan, labels and users'),
                       ('[{rescan: "github:o", labels: "github:o", every: 1h}]', 'expected one of rescan, labels and users'),
                       ('[{labels: "gitlab:o", every: 1h}]', 'no tracker'),
                       ('[{labels: "github:o", every: 1h, all: true}]', 'for rescans'),
                       ('{a: b}', 'expected a list')):
        bad = tmp_path / 'bad.yaml'
        bad.write_text(config(sandbox, f'jobs: {jobs}\n'))
        done = harness.subprocess.run([harness.LOCKSTEP, 'check', '--config', str(bad)], capture_output=True, text=True)
        assert done.returncode == 1 and 'jobs' in done.stderr and word in done.stderr, done.stderr


def test_stopped_while_it_lists(begin, sandbox):
    some(sandbox, 120, author='robot[bot]')
    sandbox.fault(service='github', method='GET', path='*/pulls*', kind='slow', delay_ms=500, times=0)
    daemon = begin()
    _, out, _ = daemon.command('rescan', f'github:{REPO}', '--detach', '--json')
    job = json.loads(out)['id']
    began = time.monotonic()
    assert daemon.stop(signal.SIGTERM) == 0 and time.monotonic() - began < 9
    sandbox.heal()
    daemon = begin()
    until(lambda: daemon.get(f'/api/v1/jobs/{job}').json['job']['state'] == 'done', 'the job to end')
    assert daemon.get(f'/api/v1/jobs/{job}').json['job']['found'] == 120
