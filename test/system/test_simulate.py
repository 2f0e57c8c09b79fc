"""Recorded events under another configuration: what would differ, what cannot be said, and that nothing is touched."""
import hashlib
import json
import re
import signal
import sqlite3
import subprocess

import pytest

import harness
from harness import LOCKSTEP, PROJECT, WAIT, Scene, action, comment, delivery

DONE, FAILED, USAGE = 0, 1, 2
STEPS = {'new': ['create_issue', 'add_link_to_bugzilla', 'add_link_to_jira', 'maybe_update_issue_status'],
         'existing': ['update_issue_summary', 'maybe_update_issue_status'], 'comment': ['create_comment']}
MAP = {'NEW': 'To Do', 'FIXED': 'Done'}
COUNTS = ('same', 'different', 'facts_missing', 'no_tracker', 'no_trace', 'damaged', 'undecided')


def run(*args, env=None):
    done = subprocess.run([LOCKSTEP, 'simulate', *map(str, args)], capture_output=True, text=True, timeout=WAIT,
                          env=env, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def report(*args):
    code, out, err = run(*args, '--json')
    assert (code, err) == (DONE, ''), err
    return json.loads(out)


def counts(of):
    return {name: n for name, n in of['counts'].items() if n and name != 'looked_at'}


def only(of):
    [event] = of['events']
    return event


class Past:
    """A daemon that has had events, and its configuration changed beside it."""

    def __init__(self, serve, sandbox, *actions, **more):
        self.scene = Scene(serve, sandbox, *(actions or [action(steps=STEPS, status_map=MAP)]), **more)
        self.daemon, self.sandbox, self.folder = self.scene.daemon, sandbox, self.scene.daemon.folder
        self.config, self.new = self.daemon.config, self.folder / 'new.yaml'

    def changed(self, *actions, change=lambda text: text):
        """The same configuration with other actions, as a file of its own."""
        text = self.config.read_text().replace('actions.yaml', 'new-actions.yaml')
        assert 'new-actions.yaml' in text
        self.new.write_text(change(text))
        (self.folder / 'new-actions.yaml').write_text(json.dumps(actions))
        return self.new

    def simulate(self, *actions, args=(), **more):
        return report('--config', self.changed(*actions, **more), *args)


@pytest.fixture
def past(serve, sandbox):
    """Three events: 1 creates an issue, 2 finishes it, 3 is for nobody."""
    p = Past(serve, sandbox)
    of = p.scene.bug()
    assert p.scene.tell(of)['verdict'] == 'applied'
    p.sandbox.put_bug({'id': of['id'], 'status': 'RESOLVED', 'resolution': 'FIXED'})
    assert p.scene.tell(of, ('status', 'NEW', 'RESOLVED'), ('resolution', '', 'FIXED'))['verdict'] == 'applied'
    assert p.scene.tell(p.scene.bug(whiteboard='[none]'))['verdict'] == 'discarded'
    return p


# --- the same configuration gives no difference ---

def test_the_same_configuration(past):
    whole = report('--config', past.config)
    assert whole['events'] == [] and counts(whole) == {'same': 3} and whole['rules'] == {}
    assert set(whole['counts']) == {'looked_at', *COUNTS} and whole['left_out'] == 0
    code, out, err = run('--config', past.config)
    assert (code, err) == (DONE, '')
    assert re.fullmatch(r'3 events since \S+Z\n +3  the same\n +0  different\n', out), out


def test_the_same_configuration_after_everything(serve, sandbox):
    """All kinds of events; a decision about each, repeated from what was recorded, is the same decision."""
    s = Scene(serve, sandbox, action(project='DEV', jira_components={'use_bug_product': True}, status_map=MAP, priority_map={'P1': 'High'},
                                     steps={'new': ['create_issue', 'maybe_assign_jira_user', 'sync_whiteboard_labels',
                                                    'maybe_update_components', 'sync_dependencies', 'sync_see_also'],
                                            'existing': ['update_issue_summary', 'maybe_update_issue_status',
                                                         'maybe_assign_jira_user', 'maybe_update_issue_priority',
                                                         'sync_dependencies', 'add_jira_comments_for_changes'],
                                            'comment': ['create_comment'], 'attachment': ['create_comment']}),
              action('web', 'WEB', steps=STEPS, status_map=MAP), extra='retry: {first: 1h}')
    first, second = s.bug(whiteboard='[dev] [web]', keywords=['perf', 'ünï "code"']), s.bug(assigned_to='ada@example.org')
    for of in (first, second):
        assert s.tell(of)['verdict'] == 'applied'
    s.sandbox.put_bug({'id': first['id'], 'depends_on': [second['id']], 'summary': 'New\ttext \U0001f512 "x"\\',
                       'status': 'RESOLVED', 'resolution': 'FIXED', 'priority': 'P1'})
    s.tell(first, ('depends_on', '', str(second['id'])), ('summary', 'x', 'y'), ('priority', 'P2', 'P1'),
           ('status', 'NEW', 'RESOLVED'))
    s.tell(second, ('assigned_to', 'ada@example.org', 'nobody@mozilla.org'))
    s.say(first, comment(900, '# Title\n* one\n* two', 1))
    s.say(first, comment(901, 'a secret', 2, is_private=True))
    s.tell(s.bug(is_private=True))
    s.tell(s.bug(whiteboard='[none]'))
    assert s.deliver({'no': 'delivery'})['reason'].startswith('undecodable')
    s.daemon.expect('"verdict": "parked"')
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', kind='status', status=503, retry_after=3600)
    assert s.tell(s.bug())['verdict'] == 'parked'
    sandbox.heal()
    sandbox.fault(service='bugzilla', kind='status', status=503, retry_after=3600)
    assert s.tell(s.bug())['verdict'] == 'parked'
    sandbox.heal()
    whole = report('--config', s.daemon.config)
    assert whole['events'] == [] and counts(whole) == {'same': 10, 'undecided': 1}, whole


def test_what_a_tracker_left_undone_is_no_part_of_the_decision(serve, sandbox):
    p = Past(serve, sandbox, action(steps=STEPS, status_map={'NEW': 'Nowhere'}))
    row = p.scene.tell(p.scene.bug())
    assert 'Nowhere' in row['reason']
    assert f"note: {row['reason']}\n" in p.daemon.command('explain', row['id'])[1]
    assert counts(report('--config', p.config)) == {'same': 1}


def test_the_same_configuration_after_the_demo():
    demo = subprocess.Popen([LOCKSTEP, 'demo'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=PROJECT,
                            stdin=subprocess.DEVNULL)
    try:
        lines = []
        for line in demo.stdout:
            lines.append(line)
            if line.startswith('Running'):
                break
        config = re.search(r'--config (\S+)', ''.join(lines)).group(1)
        whole = report('--config', config)
        assert whole['events'] == [] and set(counts(whole)) == {'same'}
        assert whole['counts']['same'] >= 6
    finally:
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
        demo.stdout.close()
        assert demo.wait(WAIT) == 0


# --- what differs ---

def test_a_status_map_that_changes(past):
    whole = past.simulate(action(steps=STEPS, status_map={**MAP, 'FIXED': 'Closed'}))
    event = only(whole)
    assert counts(whole) == {'same': 2, 'different': 1}
    assert (event['id'], event['kind'], event['result']) == (2, 'bug.modify:status,resolution', 'different')
    [unit] = event['units']
    assert (unit['rule'], unit['what']) == ('bugzilla-to-jira[dev]', 'changed')
    assert [c['name'] for c in unit['removed']] == ['Done'] and [c['name'] for c in unit['added']] == ['Closed']
    assert whole['rules'] == {'bugzilla-to-jira[dev]': 1}

    code, out, err = run('--config', past.new)
    assert (code, err) == (DONE, '')
    key = unit['before']['target']
    assert out.startswith(f"event 2  {event['subject']}  bug.modify:status,resolution\n"
                          f'  - bugzilla-to-jira[dev] update: status {key} → Done\n'
                          f'  + bugzilla-to-jira[dev] update: status {key} → Closed\n\n3 events since '), out
    assert '\n       2  the same\n       1  different\n' in out
    assert out.endswith('rules that differ, and in how many events\n       1  bugzilla-to-jira[dev]\n')


@pytest.mark.parametrize('new, why', [
    (action('develop', steps=STEPS, status_map=MAP), 'there is no such rule'),
    (action(steps=STEPS, status_map=MAP, enabled=False), 'the action is not enabled')])
def test_a_rule_that_goes(past, new, why):
    whole = past.simulate(new)
    assert counts(whole) == {'same': 1, 'different': 2}
    created, finished = [event['units'][0] for event in whole['events']]
    assert created['what'] == finished['what'] == 'removed'
    assert [c['kind'] for c in created['removed']] == ['create', 'web_link', 'see_also', 'status']
    assert [c['name'] for c in finished['removed']] == ['Done']
    out = run('--config', past.new)[1]
    assert out.count(f'    now: {why}\n') == 2 and '  + ' not in out
    assert '  - bugzilla-to-jira[dev] create: see_also bugzilla:1001 → the new issue\n' in out


def test_a_step_more(past):
    steps = {**STEPS, 'existing': [*STEPS['existing'], 'add_link_to_bugzilla']}
    unit = only(past.simulate(action(steps=steps, status_map=MAP)))['units'][0]
    assert unit['removed'] == [] and [c['kind'] for c in unit['added']] == ['web_link']


def test_another_project(past):
    whole = past.simulate(action(project='WEB', steps=STEPS, status_map=MAP))
    created, finished = whole['events']
    assert [c['project'] for c in created['units'][0]['removed'][:1]] == ['DEV']
    assert [c['project'] for c in created['units'][0]['added'][:1]] == ['WEB']
    assert finished['result'] == 'facts_missing'
    assert finished['missing'] == [{'kind': 'comments', 'tracker': 'bugzilla', 'ref': '1001'}]


def test_a_rule_more_needs_what_was_not_recorded(past):
    whole = past.simulate(action(steps=STEPS, status_map=MAP), action('none', 'WEB', steps=STEPS, status_map=MAP))
    event = only(whole)
    assert counts(whole) == {'same': 2, 'facts_missing': 1}
    assert (event['id'], event['missing']) == (3, [{'kind': 'linked', 'tracker': 'bugzilla', 'ref': '1002'}])
    assert '  the recorded facts do not suffice: linked bugzilla:1002\n' in run('--config', past.new)[1]


def test_a_person_who_was_not_looked_up(serve, sandbox):
    p = Past(serve, sandbox)
    p.scene.tell(p.scene.bug(assigned_to='ada@example.org'))
    steps = {**STEPS, 'new': [*STEPS['new'], 'maybe_assign_jira_user']}
    event = only(p.simulate(action(steps=steps, status_map=MAP)))
    assert event['missing'] == [{'kind': 'users', 'tracker': 'jira', 'ref': 'ada@example.org'}]


def test_a_tracker_of_another_name(past):
    whole = past.simulate(action(), change=lambda t: t.replace('  bugzilla:\n', '  other:\n')
                          .replace('from: bugzilla', 'from: other'))
    assert counts(whole) == {'no_tracker': 3} and [event['id'] for event in whole['events']] == [1, 2, 3]
    assert '  tracker bugzilla is not in the new configuration\n' in run('--config', past.new)[1]


def test_what_was_dropped_before_it_could_be_done(past, sandbox):
    s = past.scene
    s.daemon.expect('"verdict": "parked"')
    sandbox.fault(service='jira', method='POST', path='/rest/api/2/issue', kind='status', status=503, retry_after=3600)
    event = s.tell(s.bug(), wanted=('parked',))['id']
    assert s.daemon.command('drop', event, '--reason', 'no longer wanted')[0] == DONE
    whole = past.simulate(action(project='WEB', steps=STEPS, status_map=MAP))
    assert whole['events'][-1]['id'] == event and whole['events'][-1]['verdict'] == 'dropped'
    assert whole['events'][-1]['units'][0]['added'][0]['project'] == 'WEB'


# --- which events, and against what ---

def test_against_an_old_configuration(past):
    """What was decided then is by neither of the two."""
    past.changed(action(steps=STEPS, status_map={**MAP, 'FIXED': 'Closed'}))
    third = past.folder / 'third.yaml'
    third.write_text(past.new.read_text().replace('new-actions.yaml', 'third-actions.yaml').replace('lockstep.db', 'elsewhere.db'))
    (past.folder / 'third-actions.yaml').write_text(json.dumps([action(steps=STEPS, status_map={**MAP, 'FIXED': 'Backlog'})]))
    whole = report('--config', third, '--against', past.new)
    [unit] = only(whole)['units']
    assert whole['against'] == str(past.new)
    assert ([c['name'] for c in unit['removed']], [c['name'] for c in unit['added']]) == (['Closed'], ['Backlog'])
    assert counts(report('--config', past.new, '--against', past.new)) == {'same': 3}
    store = f"sqlite:{past.folder / 'lockstep.db'}"
    [unit] = only(report('--config', third, '--store', store))['units']
    assert ([c['name'] for c in unit['removed']], [c['name'] for c in unit['added']]) == (['Done'], ['Backlog'])


def test_since_and_until(past):
    times = [past.daemon.explain(event)['event']['received'] for event in (1, 2, 3)]
    new = past.changed(action('develop'))

    def looked(*args):
        return report('--config', new, *args)['counts']['looked_at']
    assert looked('--since', '1h') == looked('--since', times[0]) == 3
    assert looked('--since', times[1]) == 2
    assert looked('--since', times[1], '--until', times[2]) == 1
    assert looked('--until', times[0]) == 0
    assert looked('--since', '0s') == 0
    some = report('--config', new, '--most', 1)
    assert [event['id'] for event in some['events']] == [1]
    assert (some['left_out'], some['counts']['different']) == (1, 2)
    assert report('--config', new, '--most', 0)['left_out'] == 2
    assert 'and 1 more events; --most shows them\n' in run('--config', new, '--most', '1')[1]


def test_pruned_traces(past):
    past.daemon.stop()
    with sqlite3.connect(past.folder / 'lockstep.db') as db:
        db.execute('UPDATE attempt SET trace = NULL WHERE id / 1048576 = 2')
    db.close()
    whole = past.simulate(action('develop'))
    assert counts(whole) == {'same': 1, 'different': 1, 'no_trace': 1} and only(whole)['id'] == 1
    assert '       1  without a trace' in run('--config', past.new)[1]


# --- nothing is touched ---

def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_is_written_or_asked(past, sandbox):
    writes, asked = sandbox.writes(), sandbox.exchanges()
    was = [past.daemon.explain(event) for event in (1, 2, 3)]
    new = past.changed(action('develop'), action('none', 'WEB'))
    running = report('--config', new)
    assert [past.daemon.explain(event) for event in (1, 2, 3)] == was
    assert past.daemon.stop() == 0
    store, names = past.folder / 'lockstep.db', {path.name for path in past.folder.iterdir()}
    before = digest(store)
    stopped = report('--config', new)
    assert digest(store) == before
    left = {path.name for path in past.folder.iterdir()} - names
    assert left <= {'lockstep.db-wal', 'lockstep.db-shm'} # what SQLite needs beside it; the daemon takes them away
    assert [event['id'] for event in running['events']] == [event['id'] for event in stopped['events']] == [1, 2, 3]
    assert sandbox.writes() == writes and sandbox.exchanges() == asked


def test_a_daemon_that_was_killed(past):
    """What is in the log of the store only, is read as well."""
    past.daemon.stop(9)
    log = past.folder / 'lockstep.db-wal'
    before = digest(past.folder / 'lockstep.db'), log.stat().st_size
    assert counts(report('--config', past.config)) == {'same': 3}
    assert (digest(past.folder / 'lockstep.db'), log.stat().st_size) == before


def test_secrets_and_control_characters(serve, sandbox):
    p = Past(serve, sandbox)
    p.scene.tell(p.scene.bug(summary='planted sandbox-jira-token and \x1b[31m red \u009b31m'))
    assert counts(report('--config', p.config)) == {'same': 1}
    whole = p.simulate(action(project='WEB', steps=STEPS, status_map=MAP))
    assert counts(whole) == {'different': 1} and 'sandbox-jira-token' not in json.dumps(whole)
    out = run('--config', p.new)[1]
    assert 'planted *** and' in out and '\x1b' not in out and '\u009b' not in out


# --- what is refused ---

@pytest.mark.parametrize('args, words', [
    (['--since', 'soon'], ['--since', '"soon"', '7d']), (['--until', '2026-13-40'], ['--until', '"2026-13-40"']),
    (['--most', 'all'], ['--most', '"all"']), (['--most', '-1'], ['--most']), (['more'], ['unexpected "more"']),
    (['--sins', '7d'], ['unknown option --sins', 'did you mean --since'])])
def test_wrong_usage(args, words):
    code, out, err = run(*args)
    assert (code, out) == (USAGE, '') and err.startswith('lockstep: simulate: ')
    assert all(word in err for word in words), err


def test_a_configuration_that_is_refused(past):
    new = past.changed({**action(), 'whiteboard_tagg': 'x'}, change=lambda t: t.replace('kind: jira', 'kind: jirra'))
    code, out, err = run('--config', new)
    assert (code, out) == (FAILED, '') and 'jirra' in err and 'did you mean "jira"' in err
    assert run('--config', past.config, '--against', new)[:2] == (FAILED, '')
    assert run('--config', past.folder / 'missing.yaml')[:2] == (FAILED, '')


def test_a_store_that_cannot_be_read(past, tmp_path):
    nowhere = tmp_path / 'nowhere.db'
    code, out, err = run('--config', past.config, '--store', f'sqlite:{nowhere}')
    assert (code, out) == (FAILED, '') and 'nowhere.db' in err and err.count('\n') == 1
    assert not nowhere.exists()
    (tmp_path / 'letter.db').write_text('Dear aunt,\n' * 1000)
    assert run('--config', past.config, '--store', f"sqlite:{tmp_path / 'letter.db'}")[:2] == (FAILED, '')
    assert run('--config', past.config, '--store', 'mysql:x')[:2] == (FAILED, '')


def test_help():
    code, out, _ = run('--help')
    assert code == DONE and all(word in out for word in ('--against FILE', '--since TIME', '--json'))
