"""What people and monitors see: lists, explanations, the API, health, metrics, the log."""
import base64
import datetime
import json
import shutil
import socket
import subprocess

import pytest

import harness
from harness import API_KEY, HOOK_KEY, Scene, action, comment, delivery, pull_config, pull_files, request, until


@pytest.fixture
def told(serve, sandbox):
    """A daemon that has had one event of each end; events by what they are."""
    s = Scene(serve, sandbox, action(), action('web', 'WEB'), extra='retry: {first: 1h}')
    s.daemon.expect('"verdict": "parked"')
    s.bugs = {'applied': s.bug(), 'discarded': s.bug(whiteboard='[none]'), 'parked': s.bug()}
    s.events = {}
    s.events['applied'] = s.tell(s.bugs['applied'])
    s.events['discarded'] = s.tell(s.bugs['discarded'])
    s.events['unchanged'] = s.tell(s.bugs['applied'], ('priority', 'P3', 'P2'))
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', kind='status', status=503, retry_after=3600,
                  body='{"errorMessages":["Jira is being mended"],"errors":{}}')
    s.events['parked'] = s.tell(s.bugs['parked'])
    s.events['behind'] = s.daemon.explain(s.daemon.send(delivery(s.bugs['parked'], 'modify')))['event']
    assert {name: row['verdict'] for name, row in s.events.items()} == {name: name for name in s.events}
    return s


# --- events ---

def listed(s, *args):
    code, out, err = s.daemon.command('events', *args, '--json')
    assert (code, err) == (0, '')
    rows = json.loads(out)['events']
    assert rows == sorted(rows, key=lambda row: -row['id'])
    names = {row['id']: name for name, row in s.events.items()}
    return [names[row['id']] for row in rows]


def test_events(told):
    s = told
    of = f"bugzilla:{s.bugs['parked']['id']}"
    middle = s.events['unchanged']['id']
    assert listed(s) == ['behind', 'parked', 'unchanged', 'discarded', 'applied']
    for name in ('applied', 'unchanged', 'discarded', 'parked'):
        assert listed(s, '--verdict', name) == [name]
    assert listed(s, '--verdict', 'expired') == listed(s, '--verdict', 'dropped') == []
    assert listed(s, '--verdict', 'pending') == ['behind', 'parked']
    assert listed(s, '--verdict', 'behind') == ['behind']
    assert listed(s, '--subject', of) == ['behind', 'parked']
    assert listed(s, '--subject', of, '--verdict', 'parked') == ['parked']
    assert listed(s, '--subject', 'bugzilla:4711') == []
    assert listed(s, '--before', middle) == ['discarded', 'applied']
    assert listed(s, '--after', middle) == ['behind', 'parked']
    assert listed(s, '--after', middle, '--before', middle + 2) == ['parked']
    assert listed(s, '--limit', 2) == ['behind', 'parked']
    assert listed(s, '--limit=2', f'--before={middle + 1}') == ['unchanged', 'discarded']
    whole = json.loads(s.daemon.command('events', '--json')[1])
    assert whole == s.daemon.get('/api/v1/events').json


def test_events_as_a_table(told):
    s = told
    code, out, err = s.daemon.command('events')
    head, *rows = out.splitlines()
    assert (code, err) == (0, '')
    assert head.split() == ['EVENT', 'RECEIVED', 'ISSUE', 'WHAT', 'VERDICT', 'TARGET', 'REASON']
    cells = [row.split(None, 6) for row in rows]
    assert [row[0] for row in cells] == ['5', '4', '3', '2', '1']
    assert [row[4] for row in cells] == ['behind', 'parked', 'unchanged', 'discarded', 'applied']
    last = s.events['applied']
    assert cells[-1][2:6] == [last['subject'], 'bug.create', 'applied', last['target']]
    assert 'HTTP 503' in rows[1] and rows[1].endswith('…')


def test_texts_from_outside_do_not_reach_the_terminal(serve, sandbox):
    s = Scene(serve, sandbox)
    of = s.bug(summary='red \x1b[31m and \u009b31m more', whiteboard='[dev] \x1b]0;title\x07')
    rows = [s.tell(of), s.tell(of, target='strange\x1b[2J\u009b31m')]
    for args in (['events'], *(['explain', row['id']] for row in rows)):
        code, out, err = s.daemon.command(*args)
        assert code == 0 and not any(ord(c) < 32 and c != '\n' for c in out + err)
        assert '\x9b' not in out


# --- explain ---

def explained(s, name):
    code, out, err = s.daemon.command('explain', s.events[name]['id'])
    assert (code, err) == (0, '')
    whole = json.loads(s.daemon.command('explain', s.events[name]['id'], '--json')[1])
    assert whole == s.daemon.explain(s.events[name]['id'])
    return out, whole


def test_explain_what_was_applied(told):
    s, key = told, told.events['applied']['target'].removeprefix('jira:')
    out, whole = explained(s, 'applied')
    bug = s.bugs['applied']['id']
    for words in (f'event 1  bugzilla:{bug}  bug.create', 'verdict     applied', f'target      jira:{key}',
                  'bugzilla-to-jira[dev]: matched, operation create', 'plan: create_issue → create',
                  'bugzilla-to-jira[web]: did not match: ', f'create_issue: create jira:DEV: applied: {key}',
                  f'issue bugzilla:{bug}', f'comments bugzilla:{bug}',
                  f'POST {s.sandbox.jira}/rest/api/2/issue', '→ 201 in ', f'"summary":"Summary of {bug}"'):
        assert words in out, words
    trace = whole['attempts'][0]['trace']
    assert [x['method'] for x in trace['exchanges']] == ['GET', 'GET', 'POST', 'POST', 'PUT', 'PUT']
    assert all(x['answer']['status'] < 300 for x in trace['exchanges'])
    assert {f['key']['kind'] for f in trace['facts']} == {'linked', 'issue', 'comments'}
    assert whole['delivery']['body']['bug']['id'] == bug


def test_explain_what_was_discarded(told):
    out, whole = explained(told, 'discarded')
    assert 'verdict     discarded' in out and 'tags: dev, web' in out
    assert out.count('did not match: the whiteboard does not have its tag') == 2
    assert [u.get('matched', False) for u in whole['attempts'][0]['trace']['decision']['units']] == [False, False]
    assert whole['event']['reason'] == whole['attempts'][0]['reason']


def test_explain_what_is_parked(told):
    out, whole = explained(told, 'parked')
    event, (attempt,) = whole['event'], whole['attempts']
    assert event['retry_at'] == attempt['retry_at'] and attempt['class'] == 'limited'
    for words in ('verdict     parked', 'class       limited', f"retry at    {event['retry_at']}", '→ 503 in ',
                  'got  {"errorMessages":["Jira is being mended"]', 'create_issue: create jira:DEV: failed: '):
        assert words in out, words
    late = datetime.datetime.fromisoformat(event['retry_at']) - datetime.datetime.fromisoformat(attempt['started'])
    assert 3599 < late.total_seconds() < 3605


def test_explain_what_waits_behind(told):
    out, whole = explained(told, 'behind')
    assert 'verdict     behind' in out
    assert whole['attempts'] == []


def test_explain_an_answer_that_never_came(serve, sandbox):
    s = Scene(serve, sandbox, extra='retry: {first: 1h}')
    s.daemon.expect('"verdict": "parked"')
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', kind='close')
    row = s.tell(s.bug())
    out = s.daemon.command('explain', row['id'])[1]
    assert 'class       uncertain' in out and '→ no answer: ' in out


def test_explain_cuts_a_large_body(serve, sandbox):
    s = Scene(serve, sandbox)
    row = s.tell(s.bug(summary='x' * 60000))
    trace = s.daemon.explain(row['id'])['attempts'][0]['trace']
    asked = trace['exchanges'][0]
    assert asked['cut_bytes' if 'cut_bytes' in asked else 'answer']
    assert len(json.dumps(asked)) < 40000
    assert len(s.daemon.command('explain', row['id'])[1]) < 20000


# --- the API ---

def basic(password):
    return {'Authorization': 'Basic ' + base64.b64encode(f'me:{password}'.encode()).decode()}


@pytest.mark.parametrize('headers, status', [
    ({'X-Api-Key': API_KEY}, 200), ({'Authorization': f'Bearer {API_KEY}'}, 200), (basic(API_KEY), 200),
    ({}, 401), ({'X-Api-Key': ''}, 401), ({'X-Api-Key': 'wrong'}, 401), ({'X-Api-Key': HOOK_KEY}, 401),
    ({'X-Api-Key': API_KEY[:-1]}, 401), ({'X-Api-Key': API_KEY + 'x'}, 401),
    ({'Authorization': 'Bearer wrong'}, 401), ({'Authorization': API_KEY}, 401), (basic('wrong'), 401)])
def test_access(serve, headers, status):
    daemon = serve()
    for path in ('/api/v1/events', '/api/v1/events/1', '/api/v1/nothing'):
        answer = request('GET', daemon.url + path, headers=headers)
        assert (answer.status == 401) == (status == 401)
        if status == 401:
            problem(answer, 401)
            assert answer.headers['WWW-Authenticate'].startswith('Basic ')
    assert request('GET', daemon.url + '/api/v1/events', headers=headers).status == status


def problem(answer, status):
    """An RFC 9457 document; its detail."""
    assert answer.status == status
    assert answer.headers['Content-Type'] == 'application/problem+json'
    body = answer.json
    assert body['type'] == 'about:blank' and body['status'] == status and body['title'] and body['detail']
    return body['detail']


def over_socket(path, target, method='GET'):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.sendall(f'{method} {target} HTTP/1.0\r\nHost: x\r\n\r\n'.encode())
        got = b''
        while piece := s.recv(65536):
            got += piece
    head, _, body = got.partition(b'\r\n\r\n')
    return int(head.split()[1]), body


def test_the_socket_needs_no_key_and_is_the_owners_alone(serve):
    daemon = serve()
    where = daemon.folder / 'lockstep.db.sock'
    assert over_socket(where, '/api/v1/events') == (200, b'{"events":[]}')
    assert where.stat().st_mode & 0o077 == 0
    assert over_socket(where, '/api/v1/events/7')[0] == 404


def test_without_a_key_only_the_socket(serve, tmp_path, sandbox):
    (tmp_path / 'actions.yaml').write_text(harness.ACTIONS)
    text = harness.config_of(sandbox).replace(f', api_key: {API_KEY}', '')
    daemon = harness.Daemon(tmp_path, text)
    for headers in ({}, {'X-Api-Key': ''}, {'X-Api-Key': API_KEY}, basic('')):
        assert 'socket' in problem(request('GET', daemon.url + '/api/v1/events', headers=headers), 403)
    assert over_socket(tmp_path / 'lockstep.db.sock', '/api/v1/events')[0] == 200
    assert daemon.stop() == 0
    daemon.check_log()


@pytest.mark.parametrize('path, status, words', [
    ('/events?limit=0', 400, ['limit', '1 to 1000', '"0"']), ('/events?limit=1001', 400, ['1 to 1000']),
    ('/events?limit=x', 400, ['limit', '"x"']), ('/events?limit=', 400, ['limit']),
    ('/events?before=-1', 400, ['before']), ('/events?after=1.5', 400, ['after']),
    ('/events?after=99999999999999999999', 400, ['after']),
    ('/events?verdict=aplied', 400, ['aplied']),
    ('/events?nonsense=1', 400, ['nonsense']), ('/events?verdit=applied', 400, ['verdit', 'did you mean "verdict"']),
    ('/events/x', 400, ['"x"']), ('/events/0', 400, ['id']), ('/events/4711', 404, ['4711']),
    ('/events/1/2', 404, []), ('/nothing', 404, []), ('/', 404, []), ('/events/', 404, [])])
def test_bad_questions(serve, path, status, words):
    daemon = serve()
    detail = problem(daemon.get('/api/v1' + path), status)
    assert all(word in detail for word in words), detail


@pytest.mark.parametrize('method, path, allowed', [
    ('POST', '/api/v1/events', 'GET'), ('DELETE', '/api/v1/events/1', 'GET'), ('POST', '/metrics', 'GET, HEAD'),
    ('GET', '/bugzilla_webhook', 'POST')])
def test_methods(serve, method, path, allowed):
    answer = request(method, serve().url + path, headers={'X-Api-Key': API_KEY})
    problem(answer, 405)
    assert answer.headers['Allow'] == allowed


# --- monitors ---

def test_small_pages(serve):
    daemon = serve()
    assert request('GET', daemon.url + '/__lbheartbeat__').json == {'status': 'ok'}
    version = request('GET', daemon.url + '/__version__').json
    assert set(version) == {'source', 'version', 'commit', 'build'}
    robots = request('GET', daemon.url + '/robots.txt')
    assert robots.headers['Content-Type'].startswith('text/plain') and b'Disallow: /' in robots.body
    index = request('GET', daemon.url + '/').json
    assert index['version'] == version['version']
    assert set(index['configuration']) == {'bugzilla_base_url', 'jira_base_url'}
    head = request('HEAD', daemon.url + '/__version__')
    assert head.status == 200 and head.body == b''
    problem(request('GET', daemon.url + '/elsewhere'), 404)


def test_nobody_is_told_of_other_trackers(serve, sandbox):
    """The sites of a jira_info file above all are somebody's own."""
    sandbox.github.repo('acme/.github', files={'jira-mapping.yaml': '['})
    daemon = serve(config=pull_config(sandbox), files=pull_files(sandbox))
    daemon.expect('a file is not usable')
    index = request('GET', daemon.url + '/')
    assert index.json['configuration'] == {} and b'127.0.0.1' not in index.body
    beat = until(lambda: (a := request('GET', daemon.url + '/__heartbeat__')).json['details'] and a, 'a mapping to fail')
    assert 'jira.site.Acme' in beat.body.decode() and b'127.0.0.1' not in beat.body


def heartbeat(daemon, wanted):
    def ask():
        answer = request('GET', daemon.url + '/__heartbeat__')
        return answer if 'jira.up' in answer.json['checks'] and answer.json['status'] == wanted else None
    return until(ask, f'the heartbeat to be {wanted}')


def test_heartbeat(serve, sandbox):
    daemon = serve()
    answer = heartbeat(daemon, 'ok')
    assert answer.status == 200 and answer.json['details'] == {}
    assert {'bugzilla.up', 'bugzilla.all_webhooks_enabled', 'jira.up', 'jira.all_projects_are_visible',
            'jira.all_projects_have_permissions', 'jira.all_project_custom_components_exist',
            'jira.all_project_issue_types_exist'} <= set(answer.json['checks'])
    before = len(sandbox.exchanges())
    for _ in range(5):
        heartbeat(daemon, 'ok')
    assert len(sandbox.exchanges()) == before  # asking costs the trackers nothing


def test_heartbeat_warns(serve):
    daemon = serve(actions=json.dumps([action(project='NOPERM')]))
    answer = heartbeat(daemon, 'warning')
    assert answer.status == 200
    detail = answer.json['details']['jira.all_projects_have_permissions']
    assert detail['level'] == 30 and 'NOPERM' in detail['messages']['jira.permitted.missing']


def test_heartbeat_fails(serve, sandbox):
    sandbox.fault(service='jira', kind='status', status=500, times=0)
    answer = heartbeat(serve(), 'error')
    assert answer.status == 503
    detail = answer.json['details']['jira.up']
    assert detail['level'] == 40 and detail['status'] == 'error' and 'jira.server.down' in detail['messages']


def metrics(daemon):
    answer = request('GET', daemon.url + '/metrics')
    assert answer.status == 200 and answer.headers['Content-Type'].startswith('text/plain; version=0.0.4')
    return answer.body.decode()


def figures(text):
    rows = [line.rsplit(' ', 1) for line in text.splitlines() if not line.startswith('#')]
    return {name: float(value) for name, value in rows}


@pytest.mark.skipif(not shutil.which('promtool'), reason='promtool (Debian: prometheus) is not installed')
def test_metrics_are_well_formed(told):
    done = subprocess.run(['promtool', 'check', 'metrics'], input=metrics(told.daemon), capture_output=True, text=True,
                          timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, '')


def test_metrics_count_what_happened(told):
    s = told
    s.daemon.expect('delivery refused')
    s.daemon.post(delivery(s.bugs['applied']), key='wrong')
    again = delivery(s.bugs['discarded'])
    s.daemon.deliver(again)
    s.daemon.post(again)
    seen = figures(metrics(s.daemon))
    for name, value in {
            'lockstep_events_total{tracker="bugzilla",result="accepted"}': 6,
            'lockstep_events_total{tracker="bugzilla",result="duplicate"}': 1,
            'lockstep_events_total{tracker="bugzilla",result="refused"}': 1,
            'lockstep_verdicts_total{tracker="bugzilla",verdict="applied"}': 1,
            'lockstep_verdicts_total{tracker="bugzilla",verdict="unchanged"}': 1,
            'lockstep_verdicts_total{tracker="bugzilla",verdict="discarded"}': 2,
            'lockstep_attempt_errors_total{class="limited"}': 1,
            'lockstep_exchanges_total{tracker="jira",answer="5xx"}': 1,
            'lockstep_steps_total{step="create_issue",outcome="applied"}': 1,
            'lockstep_steps_total{step="create_issue",outcome="failed"}': 1,
            'lockstep_operations_total{operation="create"}': 2,
            'lockstep_rules_total{rule="bugzilla-to-jira[dev]",outcome="applied"}': 1,
            'lockstep_lanes{state="parked"}': 1, 'lockstep_lanes{state="running"}': 0,
            'lockstep_pending_events': 2}.items():
        assert seen[name] == value, (name, seen.get(name))
    assert seen['lockstep_exchange_seconds_total{tracker="jira"}'] > 0
    assert seen['lockstep_start_time_seconds'] > 1.7e9


# --- the log ---

def verdicts(daemon, event):
    return [row for row in daemon.log() if row.get('message') == 'verdict' and row['event'] == event]


def test_one_line_a_verdict(told):
    s = told
    for name, row in s.events.items():
        lines = verdicts(s.daemon, row['id'])
        assert len(lines) == (name != 'behind')
    (line,) = verdicts(s.daemon, s.events['applied']['id'])
    assert line['level'] == 'info'
    assert line['rid'] == s.events['applied']['request_id']
    assert line['subject'] == f"bugzilla:{s.bugs['applied']['id']}"
    assert line['whiteboard'] == '[dev]' and line['target'] == s.events['applied']['target']
    assert line['kind'] == 'bug.create' and line['attempt'] == 1 and line['verdict'] == 'applied'
    assert 'bugzilla-to-jira[dev]' in line['rules'] and 'create' in line['rules']
    (line,) = verdicts(s.daemon, s.events['discarded']['id'])
    assert line['whiteboard'] == '[none]' and 'tags: dev, web' in line['reason']
    (line,) = verdicts(s.daemon, s.events['parked']['id'])
    assert (line['level'], line['class']) == ('warning', 'limited') and 'Jira is being mended' in line['reason']
    for row in s.daemon.log():
        assert row['time'] and row['level'] and row['module'] and row['message'], row


def test_the_request_id_stays_through_retries_and_restarts(serve, sandbox):
    more = {'extra': 'retry: {first: 1s, cap: 1s}'}
    s = Scene(serve, sandbox, **more)
    s.daemon.expect('"verdict": "parked"')
    of, key = s.linked()
    sandbox.put_bug({'id': of['id'], 'comment': comment(1, 'said')})
    sandbox.fault(service='jira', method='POST', path=f'/rest/api/2/issue/{key}/comment', kind='status', status=429,
                  retry_after=1, times=2)
    event = s.daemon.post(delivery({**of, 'comment': comment(1, 'said')}, target='comment'),
                          **{'X-Request-Id': 'sender-4711'}).json['id']
    until(lambda: len(verdicts(s.daemon, event)) == 2, 'the second attempt')
    first = verdicts(s.daemon, event)
    s.daemon.stop()
    s.daemon = serve(folder=s.daemon.folder, **more)
    s.daemon.verdict(event, 'applied')
    lines = first + verdicts(s.daemon, event)
    assert [(line['rid'], line['attempt'], line['verdict']) for line in lines] == [
        ('sender-4711', 1, 'parked'), ('sender-4711', 2, 'parked'), ('sender-4711', 3, 'applied')]
