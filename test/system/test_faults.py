"""Trackers that fail, and a daemon that dies: nothing is lost, nothing happens twice, nobody else waits."""
import http.client
import json
import signal
import time
import types

import pytest

import harness
from harness import Sandbox, Scene, action, bug, comment, delivery, free_port, seconds, until

QUICK = {'jira': 'timeout: 1s\n    search_lag: 1s', 'extra': 'retry: {first: 1s, cap: 1s}'}
STEPS = {'new': ['create_issue', 'add_link_to_bugzilla', 'add_link_to_jira', 'maybe_assign_jira_user',
                 'maybe_update_components', 'maybe_update_issue_priority', 'maybe_update_issue_status',
                 'sync_whiteboard_labels'],
         'existing': ['update_issue_summary', 'maybe_update_issue_status'], 'comment': ['create_comment']}
RULE = action(steps=STEPS, status_map={'NEW': 'To Do', 'ASSIGNED': 'In Progress', 'FIXED': 'Done'},
              jira_components={'use_bug_component': True})


def scene(serve, sandbox, *words, **more):
    """A scene whose daemon may log what the faults are about."""
    made = Scene(serve, sandbox, RULE, **{**QUICK, **more})
    made.daemon.expect('"verdict": "parked"', *words)
    return made


# --- one write fails ---

class Create:
    ends = ['applied']
    rule = {'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue'}

    def __init__(self, s):
        self.s, self.bug = s, s.bug()
        self.delivery = delivery(self.bug)

    def check(self):
        made = [one for one in self.s.sandbox.issues() if one['fields']['summary'] == self.bug['summary']]
        assert len(made) == 1
        assert self.s.sandbox.bug(self.bug['id'])['see_also'] == [self.s.url(made[0]['key'])]


class Comment:
    ends = ['applied']
    rule = {'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue/*/comment'}

    def __init__(self, s):
        self.s = s
        self.bug, self.key = s.linked()
        said = comment(77, 'Once only', user='ada@example.org')
        s.sandbox.put_bug({'id': self.bug['id'], 'comment': said})
        self.delivery = delivery({**self.bug, 'comment': said}, target='comment')

    def check(self):
        assert len(self.s.comments(self.key)) == 1


class Status:
    ends = ['applied', 'unchanged']  # the status is there already, and who set it is not known
    rule = {'service': 'jira', 'method': 'POST', 'path': '/rest/api/2/issue/*/transitions'}

    def __init__(self, s):
        self.s = s
        self.bug, self.key = s.linked(status='ASSIGNED')
        self.delivery = delivery(self.bug, 'modify', changes=[harness.change('status', 'NEW', 'ASSIGNED')])

    def check(self):
        assert self.s.fields(self.key)['status']['name'] == 'In Progress'
        moves = [w for w in self.s.issue(self.key)['writes'] if w['path'].endswith('/transitions') and w['applied']]
        assert len(moves) == 1


WORK = [Create, Comment, Status]


def attempts(s, event):
    return s.daemon.explain(event)['attempts']


def pause_kept(tried):
    """The second attempt waited for its time; two clocks are at work, so a few milliseconds are nobody's fault."""
    return seconds(tried[1]['started']) - seconds(tried[0]['retry_at']) > -0.005


def fails_once(s, work, wanted, **fault):
    """Deliver with the fault in the way: parked, with class and time, then done. The attempts."""
    job = work(s)
    s.sandbox.fault(**work.rule, **fault)
    row = s.daemon.deliver(job.delivery, *work.ends)
    job.check()
    tried = attempts(s, row['id'])
    assert len(tried) == row['attempts'] > 1
    assert tried[0]['class'] == wanted
    assert tried[0]['ended'] < tried[0]['retry_at'] and pause_kept(tried), tried[0]
    assert [one['number'] for one in tried] == list(range(1, len(tried) + 1))
    assert [one['verdict'] for one in tried[:-1]] == ['parked'] * (len(tried) - 1)
    return tried


LOST = {'close': {'kind': 'close', 'apply': True}, 'late': {'kind': 'late', 'delay_ms': 60000},
        'cut': {'kind': 'cut'}, '502': {'kind': 'status', 'status': 502, 'apply': True},
        '504': {'kind': 'status', 'status': 504, 'apply': True}}


@pytest.mark.parametrize('work, fault', [(w, f) for w in WORK for f in LOST
                                         if not (w is Status and f == 'cut')])  # that answer has no body to cut
def test_the_answer_is_lost_after_the_effect(serve, sandbox, work, fault):
    s = scene(serve, sandbox)
    tried = fails_once(s, work, 'uncertain', **LOST[fault])
    assert len(tried) == 2  # what was made is found at once


REFUSED = {'503': ({'kind': 'status', 'status': 503}, 'uncertain'),
           '500': ({'kind': 'status', 'status': 500}, 'uncertain'),
           '503 until': ({'kind': 'status', 'status': 503, 'retry_after': 1}, 'limited'),
           '429': ({'kind': 'status', 'status': 429, 'retry_after': 1}, 'limited'),
           '429 at once': ({'kind': 'status', 'status': 429, 'retry_after': 0}, 'limited'),
           'close': ({'kind': 'close'}, 'uncertain'), 'hang': ({'kind': 'hang'}, 'uncertain')}


@pytest.mark.parametrize('work', WORK)
@pytest.mark.parametrize('fault', REFUSED)
def test_the_request_fails_before_the_effect(serve, sandbox, work, fault):
    s = scene(serve, sandbox)
    rule, wanted = REFUSED[fault]
    fails_once(s, work, wanted, **rule)


def test_connection_refused(serve, sandbox):
    """Nobody listens at Jira's port, then Jira is back there."""
    port = free_port()
    two = types.SimpleNamespace(bugzilla=sandbox.bugzilla, jira=f'http://127.0.0.1:{port}/jira')
    daemon = serve_pair(serve, two)
    for number in (501, 502):
        see = [two.jira + '/browse/DEV-1'] if number == 502 else []
        sandbox.put_bug({**bug(number, see_also=see), 'comments': [comment(number, 'Description', 0)]})
    sandbox.put_bug({'id': 502, 'comment': comment(9, 'Said', user='ada@example.org')})
    new = daemon.deliver(delivery(bug(501)))
    said = daemon.deliver(delivery({**bug(502), 'comment': comment(9, 'Said')}, target='comment'))
    for row in (new, said):
        assert row['verdict'] == 'parked' and attempts_of(daemon, row)[0]['class'] == 'transient', row
    back = Sandbox(port=port)
    try:
        for row in (new, said):
            daemon.verdict(row['id'], 'applied')
        made = [one['fields']['summary'] for one in back.issues() if one['key'].startswith('DEV-')]
        assert made[1:] == ['Summary of 501']
        assert len(back.issue('DEV-1')['comments']) == 1
        assert daemon.stop() == 0
    finally:
        back.stop()


def serve_pair(serve, two):
    daemon = serve(sites=two, **QUICK)
    daemon.expect('"verdict": "parked"')
    return daemon


def attempts_of(daemon, row):
    return daemon.explain(row['id'])['attempts']


@pytest.mark.parametrize('work', [Create, Comment])
def test_what_cannot_be_found_is_not_sent_again_before_searches_must_show_it(serve, sandbox, work):
    s = scene(serve, sandbox, jira='search_lag: 2s')
    job = work(s)
    sandbox.fault(**work.rule, kind='close')
    event = s.daemon.deliver(job.delivery)['id']
    tried = until(lambda: (got := attempts(s, event))[1:] and got, 'a second attempt')
    assert tried[1]['class'] == 'limited' and 'looking again' in tried[1]['reason']
    assert tried[1]['retry_at'] > tried[0]['started']
    s.daemon.verdict(event, 'applied')
    job.check()
    writes = [w for w in sandbox.writes() if w['path'].endswith(work.rule['path'].rsplit('/', 1)[1]) and
              w['method'] == 'POST' and w['time'] >= tried[0]['started']]
    assert [w['applied'] for w in writes] == [False, True]
    assert pause_kept(attempts(s, event)[1:])


def test_by_default_searches_must_show_it_within_a_minute(serve, sandbox):
    s = scene(serve, sandbox, jira='')
    sandbox.fault(**Create.rule, kind='close')
    event = s.daemon.deliver(Create(s).delivery)['id']
    tried = until(lambda: (got := attempts(s, event))[1:] and got, 'a second attempt')
    assert tried[1]['class'] == 'limited'
    sent = next(seconds(one['time']) for one in sandbox.writes())
    assert seconds(tried[0]['started']) - 0.01 <= seconds(tried[1]['retry_at']) - 60 <= sent + 0.01


def test_a_lagging_search_makes_no_second_issue(serve, sandbox):
    """The issue was made, its answer lost, and searches do not show it yet."""
    s = scene(serve, sandbox, jira='search_lag: 3s')
    sandbox.control('POST', 'settings', {'index_lag_ms': 1500})
    tried = fails_once(s, Create, 'uncertain', kind='close', apply=True)
    assert tried[1]['class'] == 'limited'


# --- lanes ---

def test_later_events_of_the_bug_wait_and_other_bugs_go_on(serve, sandbox):
    s = scene(serve, sandbox, extra='retry: {first: 1h}')
    of, key = s.linked()
    other, other_key = s.linked()
    sandbox.fault(**Comment.rule, kind='status', status=503, retry_after=2)
    events = []
    for n in range(1, 5):
        said = comment(100 + n, f'number {n}', n, user='ada@example.org')
        sandbox.put_bug({'id': of['id'], 'comment': said})
        events.append(s.daemon.send(delivery({**of, 'comment': said}, target='comment')))
        if n == 1:
            s.daemon.verdict(events[0], 'parked')
    assert [s.daemon.explain(e)['event']['verdict'] for e in events] == ['parked', 'behind', 'behind', 'behind']
    assert sandbox.issue(key)['comments'] == []
    for e in events:
        s.daemon.verdict(e, 'applied')
    assert [body.rsplit('\n', 1)[-1] for body in s.comments(key)] == [f'number {n}' for n in range(1, 5)]


def test_a_bug_that_fails_holds_up_nobody_else(serve, sandbox):
    s = scene(serve, sandbox, extra='retry: {first: 1h}')
    bad, bad_key = s.linked()
    sandbox.fault(service='jira', method='GET', path=f'/rest/api/2/issue/{bad_key}', kind='status', status=500, times=0)
    said = comment(1, 'bad', user='ada@example.org')
    sandbox.put_bug({'id': bad['id'], 'comment': said})
    stuck = [s.daemon.send(delivery({**bad, 'comment': said}, target='comment', hook=h)) for h in (1, 2, 3)]
    s.daemon.verdict(stuck[0], 'parked')
    for _ in range(5):
        good, key = s.linked()
        assert s.say(good, comment(good['id'] * 10 + 1, 'good', user='ada@example.org'))['verdict'] == 'applied'
        assert len(s.comments(key)) == 1
    assert [s.daemon.explain(e)['event']['verdict'] for e in stuck] == ['parked', 'behind', 'behind']
    assert len(attempts(s, stuck[0])) <= 3  # once by itself, and once for each of those that came behind it


def test_a_hanging_write_holds_up_nobody_else(serve, sandbox):
    s = scene(serve, sandbox, jira='timeout: 20s\n    search_lag: 1s')
    sandbox.fault(**Create.rule, kind='hang')
    hanging = s.daemon.send(delivery(s.bug()))
    until(lambda: sandbox.writes(), 'the write to hang')
    assert s.tell(s.bug())['verdict'] == 'applied'
    assert s.daemon.explain(hanging)['event']['verdict'] == 'running'
    sandbox.heal()
    s.daemon.verdict(hanging, 'applied')


# --- limits ---

@pytest.mark.parametrize('after', [0, 2])
@pytest.mark.parametrize('concurrency', [1, 4])
def test_nothing_is_sent_while_jira_wants_a_pause(serve, sandbox, after, concurrency):
    s = scene(serve, sandbox, jira=f'concurrency: {concurrency}', extra='retry: {first: 1s, cap: 1s}')
    bugs = [s.bug() for _ in range(8)]
    sandbox.control('POST', 'settings', {'latency_ms': 20})
    sandbox.fault(**Create.rule, kind='status', status=429, retry_after=after, after=2)
    for event in [s.daemon.send(delivery(one)) for one in bugs]:
        s.daemon.verdict(event, 'applied')
    asked = s.daemon.exchanges('jira')
    refused, = [x for x in asked if x['answer']['status'] == 429]
    early = [x for x in asked if 0.005 < x['sent'] - refused['told'] < max(after, 1) - 0.01]
    assert early == [] and asked[-1]['sent'] > refused['told'], (refused, early)
    assert len([one for one in sandbox.issues() if one['fields']['summary'].startswith('Summary of')]) == len(bugs)


# --- credentials and configuration ---

def reload(daemon, config=None, actions=None):
    if config:
        daemon.config.write_text(config)
    if actions is not None:
        (daemon.folder / 'actions.yaml').write_text(actions)
    before = sum(said_of(row) for row in daemon.log())
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: sum(said_of(row) for row in daemon.log()) > before, 'the reload')


def said_of(row):
    return row.get('message') in ('configuration read again', 'the new configuration is refused, the old one stays')


HOURLY = 'retry: {first: 1h}'


def parked_by_a_wrong_token(serve, sandbox, number):
    """A daemon whose token Jira refuses, known by its health before the event comes, and that event."""
    daemon = serve(token='wrong-token-1234', extra=HOURLY)
    daemon.expect('breaker opened', '"verdict": "parked"')
    failing = until(lambda: (a := daemon.get('/__heartbeat__')).status == 503 and a.json, 'the check to fail')
    assert failing['checks']['jira.up'] == 'error', failing
    sandbox.put_bug({**bug(number), 'comments': [comment(1, 'Description', 0)]})
    row = daemon.deliver(delivery(bug(number)))
    assert row['verdict'] == 'parked' and '401' in row['reason'] and 'jira' in row['reason'], row
    return daemon, row


def test_a_wrong_token_parks_and_a_reload_with_the_right_one_goes_on(serve, sandbox):
    daemon, row = parked_by_a_wrong_token(serve, sandbox, 601)
    reload(daemon, harness.config_of(sandbox, extra=HOURLY))
    daemon.verdict(row['id'], 'applied')


def test_a_restart_with_the_right_token_goes_on(serve, sandbox):
    daemon, row = parked_by_a_wrong_token(serve, sandbox, 602)
    daemon.stop()
    daemon = serve(folder=daemon.folder, extra=HOURLY)
    daemon.verdict(row['id'], 'applied')


def test_an_attempt_that_jira_does_not_let_in_says_so(serve, sandbox):
    daemon = serve(extra=HOURLY)
    daemon.expect('breaker opened', '"verdict": "parked"')
    sandbox.fault(**Create.rule, kind='status', status=401)
    sandbox.put_bug({**bug(607), 'comments': [comment(1, 'Description', 0)]})
    row = daemon.deliver(delivery(bug(607)))
    assert row['verdict'] == 'parked' and attempts_of(daemon, row)[0]['class'] == 'auth', row


def test_what_the_configuration_parked_a_reload_wakes(serve, sandbox):
    daemon = serve(extra=HOURLY)
    daemon.expect('breaker opened', '"verdict": "parked"')
    sandbox.fault(**Create.rule, kind='status', status=302, headers={'Location': 'https://elsewhere.example.org/'})
    sandbox.put_bug({**bug(603), 'comments': [comment(1, 'Description', 0)]})
    row = daemon.deliver(delivery(bug(603)))
    assert row['verdict'] == 'parked' and attempts_of(daemon, row)[0]['class'] == 'config', row
    reload(daemon)
    assert daemon.verdict(row['id'], 'applied')['attempts'] == 2


def test_a_reload_leaves_what_waits_for_other_reasons(serve, sandbox):
    s = scene(serve, sandbox, extra=HOURLY)
    sandbox.fault(**Status.rule, kind='status', status=503)
    row = s.daemon.deliver(Status(s).delivery)
    reload(s.daemon)
    assert s.tell(s.bug())['verdict'] == 'applied'
    assert s.daemon.explain(row['id'])['event']['verdict'] == 'parked'


def test_a_reload_reads_the_actions_again(serve, sandbox):
    s = scene(serve, sandbox)
    assert s.tell(s.bug(whiteboard='[web]'))['verdict'] == 'discarded'
    reload(s.daemon, actions=json.dumps([action('web', 'WEB')]))
    assert s.tell(s.bug(whiteboard='[web]'))['target'].startswith('jira:WEB-')
    assert s.tell(s.bug())['verdict'] == 'discarded'


@pytest.mark.parametrize('bad', ['config', 'actions'])
def test_a_reload_that_is_refused_changes_nothing(serve, sandbox, bad):
    s = scene(serve, sandbox, 'the new configuration is refused')
    config = s.daemon.config.read_text()
    if bad == 'config':
        reload(s.daemon, config.replace('kind: jira', 'kind: jirra'))
    else:
        reload(s.daemon, actions='- whiteboard_tag: dev\n  bugzilla_user_id: 1\n  description: x\n'
                                 '  parameters: {steps: {new: [create_isue]}, jira_project_key: DEV}\n')
    row = next(r for r in s.daemon.log() if said_of(r))
    assert row['level'] == 'error'
    assert {'config': 'lockstep.yaml:12:11', 'actions': 'actions.yaml:4:'}[bad] in row['problems']
    assert 'did you mean' in row['problems']
    assert s.tell(s.bug())['verdict'] == 'applied'


# --- the daemon dies ---

def plan(s):
    """What an event of a new bug writes, as fault rules that each name one of the writes."""
    last = s.sandbox.control('GET', 'writes?after=999999999')['last']
    assert s.tell(s.bug(status='ASSIGNED', assigned_to='ada@example.org'))['verdict'] == 'applied'
    rules, seen = [], {}
    for one in s.sandbox.writes(last):
        rule = (one['service'], one['method'], one['path'].split('/', 2)[2])
        path = '/' + rule[2].replace('DEV-2', 'DEV-*').replace('1001', '*')
        rules.append({'service': rule[0], 'method': rule[1], 'path': path, 'after': seen.get(rule, 0)})
        seen[rule] = seen.get(rule, 0) + 1
    return rules


@pytest.mark.parametrize('applied', [True, False], ids=['effect', 'no effect'])
def test_kill_at_each_write_of_a_new_bug(serve, sandbox, tmp_path, applied):
    rules = plan(scene(serve, sandbox))
    assert len(rules) >= 7
    for number, rule in enumerate(rules):
        sandbox.control('POST', 'reset')
        folder = tmp_path / f'killed-{number}'
        folder.mkdir()
        s = scene(serve, sandbox, folder=folder, jira='search_lag: 1s\n    timeout: 60s', bugzilla='timeout: 60s')
        of = s.bug(status='ASSIGNED', assigned_to='ada@example.org')
        sandbox.fault(**rule, kind='hang', apply=applied)
        event = s.daemon.send(delivery(of))
        until(lambda: len(sandbox.writes()) > number, f'write {number} to hang')
        s.daemon.stop(signal.SIGKILL)
        sandbox.heal()
        s.daemon = serve(folder=folder, actions=json.dumps([RULE]), **QUICK)
        s.daemon.expect('"verdict": "parked"')
        s.daemon.verdict(event, 'applied')
        check_new_bug(s, of, rule)
        assert s.daemon.stop() == 0


def check_new_bug(s, of, rule):
    made = [one for one in s.sandbox.issues() if one['fields']['summary'] == of['summary']]
    assert len(made) == 1, rule
    fields = made[0]['fields']
    assert s.sandbox.bug(of['id'])['see_also'] == [s.url(made[0]['key'])], rule
    assert len(made[0]['remotelinks']) == 1, rule
    assert set(fields['labels']) == {'bugzilla', 'dev'}, rule
    assert fields['status']['name'] == 'In Progress', rule
    assert fields['assignee']['emailAddress'] == 'ada@example.org', rule
    assert [c['name'] for c in fields['components']] == ['General'], rule


@pytest.mark.parametrize('work', [Comment, Status])
@pytest.mark.parametrize('applied', [True, False], ids=['effect', 'no effect'])
def test_kill_at_the_write_of_a_change(serve, sandbox, work, applied):
    s = scene(serve, sandbox, jira='search_lag: 1s\n    timeout: 60s')
    job = work(s)
    sandbox.fault(**work.rule, kind='hang', apply=applied)
    before = len(sandbox.writes())
    event = s.daemon.send(job.delivery)
    until(lambda: len(sandbox.writes()) > before, 'the write to hang')
    s.daemon.stop(signal.SIGKILL)
    sandbox.heal()
    s.daemon = serve(folder=s.daemon.folder, actions=json.dumps([RULE]), **QUICK)
    s.daemon.expect('"verdict": "parked"')
    s.daemon.verdict(event, *work.ends)
    job.check()


def test_what_was_acknowledged_is_run_after_a_kill(serve, sandbox):
    """Many bugs, killed at once after the last 200; the first attempts hang at their first question."""
    s = scene(serve, sandbox, bugzilla='timeout: 60s')
    bugs = [s.bug() for _ in range(20)]
    sandbox.fault(service='bugzilla', method='GET', path='/rest/bug/*', kind='hang', times=0)
    events = [s.daemon.send(delivery(one)) for one in bugs]
    s.daemon.stop(signal.SIGKILL)
    sandbox.heal()
    s.daemon = serve(folder=s.daemon.folder, actions=json.dumps([RULE]), **QUICK)
    for event in events:
        s.daemon.verdict(event, 'applied')
    for one in bugs:
        assert len(sandbox.bug(one['id'])['see_also']) == 1
    assert len([one for one in sandbox.issues() if one['fields']['summary'].startswith('Summary of')]) == len(bugs)


def test_parked_and_behind_survive_a_kill(serve, sandbox):
    s = scene(serve, sandbox, extra='retry: {first: 1h}')
    of, key = s.linked(status='ASSIGNED')
    sandbox.fault(**Status.rule, kind='status', status=503, retry_after=3)
    first = s.daemon.deliver(delivery(of, 'modify', changes=[harness.change('status', 'NEW', 'ASSIGNED')]))
    second = s.daemon.send(delivery(of, 'modify', changes=[harness.change('status', 'NEW', 'ASSIGNED')]))
    s.daemon.stop(signal.SIGKILL)
    s.daemon = serve(folder=s.daemon.folder, actions=json.dumps([RULE]), **QUICK)
    again = s.daemon.explain(first['id'])['event']
    assert (again['verdict'], again['retry_at']) == ('parked', first['retry_at'])
    assert s.daemon.explain(second)['event']['verdict'] == 'behind'
    ended = s.daemon.verdict(first['id'], 'applied')
    assert ended['attempts'] == 2 and seconds(ended['ended']) > seconds(first['retry_at']) - 0.005
    s.daemon.verdict(second, 'applied', 'unchanged')
    assert s.fields(key)['status']['name'] == 'In Progress'


# --- it is told to stop ---

def test_stop_waits_for_what_is_under_way(serve, sandbox):
    s = scene(serve, sandbox, jira='timeout: 20s')
    of = s.bug()
    sandbox.fault(**Create.rule, kind='late', delay_ms=700)
    event = s.daemon.send(delivery(of))
    until(lambda: sandbox.writes(), 'the write')
    assert s.daemon.stop() == 0
    s.daemon = serve(folder=s.daemon.folder)
    row = s.daemon.explain(event)['event']
    assert (row['verdict'], row['attempts']) == ('applied', 1)


def test_stop_cuts_what_hangs_and_loses_nothing(serve, sandbox):
    s = scene(serve, sandbox, 'exchanges under way are cut', jira='timeout: 60s')
    of = s.bug()
    sandbox.fault(**Create.rule, kind='hang', apply=True)
    event = s.daemon.send(delivery(of))
    until(lambda: sandbox.writes(), 'the write')
    began = time.monotonic()
    assert s.daemon.stop() == 0
    assert time.monotonic() - began < harness.WAIT / 2
    sandbox.heal()
    s.daemon = serve(folder=s.daemon.folder, **QUICK)
    s.daemon.expect('"verdict": "parked"')
    s.daemon.verdict(event, 'applied')
    assert len([one for one in sandbox.issues() if one['fields']['summary'] == of['summary']]) == 1


def test_what_comes_with_the_signal_is_kept(serve, sandbox):
    """A delivery and the wish that it ends, found by the same turn of the loop."""
    s = scene(serve, sandbox)
    sender = http.client.HTTPConnection(s.daemon.url.removeprefix('http://'), timeout=harness.WAIT)
    told, key = [delivery(s.bug()) for _ in range(2)], {'X-Api-Key': harness.HOOK_KEY}
    sender.request('POST', '/bugzilla_webhook', json.dumps(told[0]), key)
    first = json.loads(sender.getresponse().read())['id']
    s.daemon.verdict(first, 'applied')
    s.daemon.process.send_signal(signal.SIGSTOP)
    sender.request('POST', '/bugzilla_webhook', json.dumps(told[1]), key)
    s.daemon.process.send_signal(signal.SIGTERM)
    s.daemon.process.send_signal(signal.SIGCONT)
    answer = sender.getresponse()
    assert (answer.status, json.loads(answer.read())) == (200, {'id': first + 1})
    sender.close()
    assert s.daemon.stop() == 0, s.daemon.lines
    s.daemon = serve(folder=s.daemon.folder)
    s.daemon.verdict(first + 1, 'applied')


def test_a_second_signal_changes_nothing(serve, sandbox):
    s = scene(serve, sandbox, jira='timeout: 20s')
    sandbox.fault(**Create.rule, kind='late', delay_ms=500)
    event = s.daemon.send(delivery(s.bug()))
    until(lambda: sandbox.writes(), 'the write')
    s.daemon.process.send_signal(signal.SIGINT)
    s.daemon.process.send_signal(signal.SIGHUP)
    assert s.daemon.stop() == 0
    s.daemon = serve(folder=s.daemon.folder)
    assert s.daemon.explain(event)['event']['verdict'] == 'applied'
