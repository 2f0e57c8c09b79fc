"""The commands: what they print, what they refuse and how, and their exit codes."""
import functools
import http.server
import json
import os
import pathlib
import socket
import sqlite3
import subprocess
import threading

import pytest

import harness
from harness import LOCKSTEP, WAIT, bug, comment, delivery, free_port, request

DONE, FAILED, USAGE, REFUSED = range(4)


def run(*args, folder=None, env=None):
    done = subprocess.run([LOCKSTEP, *map(str, args)], capture_output=True, text=True, timeout=WAIT, cwd=folder,
                          env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def one_line(err):
    assert err.startswith('lockstep: ') and err.count('\n') == 1 and len(err) < 400, err
    return err


# --- usage ---

COMMANDS = ['serve', 'check', 'simulate', 'sandbox', 'demo', 'docs', 'version', 'events', 'explain']


@pytest.mark.parametrize('flag', ['help', '--help', '-h'])
def test_help(flag):
    code, out, err = run(flag)
    assert (code, err) == (DONE, '')
    assert all(f'\n  {name} ' in out for name in COMMANDS)


@pytest.mark.parametrize('name', COMMANDS)
@pytest.mark.parametrize('flag', ['--help', '-h'])
def test_help_of_each_command(name, flag):
    code, out, err = run(name, flag)
    assert (code, err) == (DONE, '')
    assert out.startswith(f'usage: lockstep {name}')
    assert run('help', name) == (DONE, out, '')


def test_without_a_command():
    code, out, _ = run()
    assert code == USAGE and 'usage: lockstep COMMAND' in out


def test_version():
    assert run('version')[0] == DONE
    assert run('--version')[:2] == run('version')[:2]
    assert run('version')[1].startswith('lockstep ')


@pytest.mark.parametrize('args, words', [
    (['evnts'], ['unknown command "evnts"', 'did you mean "events"']),
    (['wholly-else'], ['unknown command "wholly-else"']),
    (['events', '--verdikt', 'x'], ['unknown option --verdikt', 'did you mean --verdict']),
    (['check', '--config'], ['--config needs a value']),
    (['check', '--online=yes'], ['--online takes no value']),
    (['check', 'x'], ['unexpected "x"']),
    (['serve', '--log', 'xml'], ['expected json or text', '"xml"']),
    (['serve', '--log-level', 'loud'], ['--log-level', 'loud', 'debug']),
    (['explain'], ['explain', 'ID']),
    (['explain', 'one'], ['expected a number', '"one"']),
    (['explain', '0'], ['expected a number']),
    (['explain', '1', '2'], ['unexpected "2"']),
    (['explain', '99999999999999999999'], ['expected a number']),
    (['events', '--limit', '1001'], ['from 1 to 1000', '"1001"']),
    (['events', '--verdict', 'aplied'], ['one of applied, unchanged', 'did you mean "applied"']),
    (['replay', '--since', '2026-11-20', '--verdict', 'parked'], ['one of applied', '"parked"']),
    (['docs'], ['lockstep.1']),
    (['docs', 'elsewhere'], ['lockstep.1']),
    (['sandbox', 'nonsense'], ['unexpected "nonsense"']),
    (['sandbox', 'fault'], ['--fault', '--clear'])])
def test_wrong_usage(args, words):
    code, out, err = run(*args)
    assert (code, out) == (USAGE, '')
    assert all(word in one_line(err) for word in words), err


@pytest.mark.parametrize('page', ['lockstep.1', 'lockstep.yaml.5'])
def test_docs(page):
    code, out, err = run('docs', page)
    assert (code, err) == (DONE, '') and out.startswith('.TH LOCKSTEP')
    words = ['lockstep explain', 'lockstep sandbox', 'DATABASE_URL'] if page == 'lockstep.1' else [
        'search_lag', 'whiteboard_tag', 'maybe_update_issue_status', 'retry', 'give_up']
    assert all(word.replace('-', '\\-') in out for word in words)


# --- check ---

BAD = '''\
server: {listen: nowhere, body_limit: 5 cats}
stor: sqlite:x.db
retry: {first: soon}
trackers:
  bugzilla: {kind: bugzila, url: https://b.example.org}
  jira:
    kind: jira
    url: ftp://x
    tokn: x
    token: ${NO_SUCH_VARIABLE}
bridges:
  - kind: bugzilla-to-jira
    from: bugzill
    to: jira
    actions: actions.yaml
'''
BAD_ACTIONS = '''\
- whiteboard_tag: dev
  bugzilla_user_id: 1
  description: x
  parameters:
    jira_project_key: DEV
    labels_bracket: both
    steps:
      new:
        - create_isue
- whiteboard_tag: [a]
  bugzilla_user_id: 1
  description: y
  parameters: {}
'''
PROBLEMS = [
    ('lockstep.yaml:1:18: server.listen: ', 'expected HOST:PORT', '"nowhere"'),
    ('lockstep.yaml:1:39: server.body_limit: ', 'expected a size', '"5 cats"'),
    ('lockstep.yaml:2:1: stor: ', 'unknown option', 'did you mean "store"?'),
    ('lockstep.yaml:3:16: retry.first: ', 'expected a duration', '"soon"'),
    ('lockstep.yaml:5:20: trackers.bugzilla.kind: ', 'unknown kind', 'did you mean "bugzilla"?'),
    ('lockstep.yaml:8:10: trackers.jira.url: ', 'expected an http or https address', '"ftp://x"'),
    ('lockstep.yaml:9:5: trackers.jira.tokn: ', 'unknown option', 'did you mean "token"?'),
    ('lockstep.yaml:10:12: trackers.jira.token: ', 'NO_SUCH_VARIABLE', ''),
    ('lockstep.yaml:13:11: bridges[0].from: ', 'there is no tracker "bugzill"', 'did you mean "bugzilla"?'),
    ('actions.yaml:6:5: warning: ', 'labels_bracket', 'did you mean "labels_brackets"?'),
    ('actions.yaml:9:11: [0].parameters.steps.new[0]: ', 'create_isue', 'did you mean "create_issue"?'),
    ('actions.yaml:10:19: [1].whiteboard_tag: ', 'expected', ''),
    ('actions.yaml:13:15: [1].parameters.jira_project_key: ', 'required', ''),
]


@pytest.fixture
def bad(tmp_path):
    (tmp_path / 'lockstep.yaml').write_text(BAD)
    (tmp_path / 'actions.yaml').write_text(BAD_ACTIONS)
    return tmp_path


@pytest.mark.parametrize('command', ['check', 'serve'])
def test_every_refusal_at_once(bad, command):
    code, out, err = run(command, folder=bad)
    assert (code, out) == (FAILED, '')
    lines = err.splitlines()
    for words in PROBLEMS:
        assert [line for line in lines if line.startswith(words[0]) and all(w in line for w in words)], (words, err)
    assert len(lines) == len(PROBLEMS), err


def test_problems_do_not_reach_the_terminal_as_they_are(tmp_path, sandbox):
    write(tmp_path, sandbox, extra=r'"re\e[31md \x9b31m \n forged": 1')
    code, out, err = run('check', folder=tmp_path)
    assert (code, out) == (FAILED, '') and err.count('\n') == 1
    assert r're\x1b[31md \xc2\x9b31m \x0a forged' in err


def test_check_of_a_good_one(tmp_path, sandbox):
    write(tmp_path, sandbox)
    code, out, err = run('check', folder=tmp_path)
    assert (code, err) == (DONE, '')
    assert '2 trackers, 1 bridge, 0 warnings' in out
    assert run('check', '--config', tmp_path / 'lockstep.yaml')[0] == DONE
    assert run('check', f'--config={tmp_path}/lockstep.yaml')[0] == DONE
    assert sorted(p.name for p in tmp_path.iterdir()) == ['actions.yaml', 'lockstep.yaml']


def test_warnings_are_no_refusal(tmp_path, sandbox):
    write(tmp_path, sandbox, actions=harness.ACTIONS + '    labels_bracket: both\n')
    code, out, err = run('check', folder=tmp_path)
    assert code == DONE and ', 1 warning\n' in out
    assert 'actions.yaml:7:5: warning: ' in err


@pytest.mark.parametrize('content, words', [
    (b'', 'empty'), (b'\xff\xfe\x00', 'UTF-8'), (b'a: [', 'lockstep.yaml:'), (b'- x\n', 'expected a map'),
    (b'a: 1\na: 2\n', 'lockstep.yaml:2:1'), (b'a: &x [*x]\n', 'lockstep.yaml'), (b'\t\n', 'lockstep.yaml'),
    (b'x: ' + b'[' * 5000, 'lockstep.yaml')])
def test_check_of_what_is_no_configuration(tmp_path, content, words):
    (tmp_path / 'lockstep.yaml').write_bytes(content)
    code, out, err = run('check', folder=tmp_path)
    assert (code, out) == (FAILED, '') and words in err, err
    assert 'Sanitizer' not in err


def write(folder, sandbox, actions=harness.ACTIONS, change=lambda text: text, **more):
    (folder / 'actions.yaml').write_text(actions)
    (folder / 'lockstep.yaml').write_text(change(harness.config_of(sandbox, **more)))


def test_check_online(tmp_path, sandbox):
    write(tmp_path, sandbox)
    code, out, err = run('check', '--online', folder=tmp_path)
    assert (code, err) == (DONE, '')
    assert 'ok       jira.up' in out and 'ok       bugzilla.up' in out


def test_check_online_tells_of_rights_and_projects(tmp_path, sandbox):
    write(tmp_path, sandbox, actions=json.dumps([harness.action('a', 'NOPERM'), harness.action('b', 'NOWHERE')]))
    code, out, _ = run('check', '--online', folder=tmp_path)
    assert code == DONE and 'warning' in out
    assert 'NOPERM' in out and 'NOWHERE' in out


@pytest.mark.parametrize('wrong, check', [({'token': 'wrong-token'}, 'jira.up'), ({}, 'bugzilla.up')])
def test_check_online_with_a_wrong_key(tmp_path, sandbox, wrong, check):
    write(tmp_path, sandbox, change=lambda t: t if wrong else t.replace('sandbox-bugzilla-key', 'wrong-key'), **wrong)
    code, out, _ = run('check', '--online', folder=tmp_path)
    assert code == FAILED and f'error    {check}' in out
    assert 'wrong-' not in out


@pytest.mark.parametrize('token, info, expected', [
    ('sandbox-github-token', 'sandbox-jira-token', (DONE, 'github.up\n         as sync-bot\n', 'ok       jira-acme.up')),
    ('wrong-token', 'sandbox-jira-token', (FAILED, 'error    github.up', 'ok       jira-acme.up')),
    ('sandbox-github-token', 'wrong-token', (DONE, 'ok       github.up', 'warning  jira-acme.up'))])
def test_check_online_of_pull_requests(tmp_path, sandbox, token, info, expected):
    harness.pull_world(sandbox.github)
    for name, text in harness.pull_files(sandbox).items():
        (tmp_path / name).write_text(text.replace('sandbox-jira-token', info))
    (tmp_path / 'lockstep.yaml').write_text(harness.pull_config(sandbox, token=token))
    code, out, err = run('check', '--online', folder=tmp_path)
    assert (code, err) == (expected[0], '') and all(words in out for words in expected[1:]), out
    assert 'wrong-' not in out


# --- serve ---

def refused(folder, *words, env=None):
    code, out, err = run('serve', folder=folder, env=env)
    assert (code, out) == (FAILED, ''), err
    assert all(word in one_line(err) for word in words), err


def test_port_taken(tmp_path, sandbox):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        write(tmp_path, sandbox, change=lambda t: t.replace('127.0.0.1:0', f'127.0.0.1:{port}'))
        refused(tmp_path, str(port), 'in use')


def test_store_in_no_folder(tmp_path, sandbox):
    write(tmp_path, sandbox, change=lambda t: t.replace('sqlite:lockstep.db', 'sqlite:nowhere/lockstep.db'))
    refused(tmp_path, 'nowhere/lockstep.db', 'No such file or directory')


def test_store_that_cannot_be_written(tmp_path, sandbox):
    (tmp_path / 'lockstep.db').mkdir()
    write(tmp_path, sandbox)
    refused(tmp_path, 'lockstep.db')


@pytest.mark.skipif(os.geteuid() == 0, reason='root may write everywhere')
def test_store_in_a_folder_that_cannot_be_written(tmp_path, sandbox):
    write(tmp_path, sandbox)
    tmp_path.chmod(0o500)
    refused(tmp_path, 'lockstep.db')


def test_store_of_a_newer_version(tmp_path, sandbox):
    write(tmp_path, sandbox)
    with sqlite3.connect(tmp_path / 'lockstep.db') as db:
        db.execute('PRAGMA user_version = 99')
    refused(tmp_path, 'schema 99', 'newer')


@pytest.mark.parametrize('content', [b'This is a letter to my aunt.\n' * 200, b'SQLite format 3\0' + b'\xff' * 5000])
def test_store_that_is_no_database(tmp_path, sandbox, content):
    write(tmp_path, sandbox)
    (tmp_path / 'lockstep.db').write_bytes(content)
    refused(tmp_path, 'lockstep.db')
    assert (tmp_path / 'lockstep.db').read_bytes() == content


def test_second_daemon_on_one_store(serve):
    daemon = serve()
    refused(daemon.folder, 'lockstep.db', 'another')
    assert daemon.command('events')[0] == DONE  # the first one's socket is still its own


def test_a_killed_daemon_leaves_no_lock(serve):
    daemon = serve()
    daemon.stop(9)
    assert (daemon.folder / 'lockstep.db.sock').exists()
    again = serve(folder=daemon.folder)
    assert again.command('events')[0] == DONE


@pytest.mark.parametrize('port', ['0x50', '-1', '70000', 'http'])
def test_wrong_port_in_the_environment(tmp_path, sandbox, port):
    write(tmp_path, sandbox)
    code, _, err = run('serve', folder=tmp_path, env={'PORT': port})
    assert code == FAILED and '$PORT' in err and err.count('\n') == 1


def test_port_and_database_from_the_environment(serve, tmp_path):
    port = free_port()
    other = tmp_path / 'elsewhere.db'
    daemon = serve(env={'PORT': str(port), 'DATABASE_URL': f'sqlite:{other}'})
    assert daemon.url == f'http://127.0.0.1:{port}'
    assert other.exists() and not (tmp_path / 'lockstep.db').exists()
    assert run('events', '--config', daemon.config, env={'DATABASE_URL': f'sqlite:{other}'})[0] == DONE
    assert run('events', '--socket', f'{other}.sock')[0] == DONE


@pytest.mark.parametrize('url', ['postgresql://someone:planted-password@db.example.org/x', 'mysql:x', 'sqlite:'])
def test_database_that_is_not_supported(tmp_path, sandbox, url):
    write(tmp_path, sandbox)
    for command in ('check', 'serve'):
        code, out, err = run(command, folder=tmp_path, env={'DATABASE_URL': url})
        assert (code, out) == (FAILED, '') and '$DATABASE_URL' in err
        assert 'planted-password' not in err


def test_listen_at_a_unix_socket(tmp_path, sandbox):
    write(tmp_path, sandbox, change=lambda t: t.replace('"127.0.0.1:0"', 'unix:here.sock'))
    daemon = harness.Daemon(tmp_path, None)
    assert daemon.url == f'unix:{tmp_path}/here.sock'
    # What a proxy forwards to is for everybody; only the socket beside the store needs no key.
    for name, path, expect in (('here.sock', '/__lbheartbeat__', b'200'), ('here.sock', '/api/v1/events', b'401'),
                               ('lockstep.db.sock', '/api/v1/events', b'200')):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(f'{tmp_path}/{name}')
            s.sendall(f'GET {path} HTTP/1.0\r\n\r\n'.encode())
            assert expect in s.recv(4096).split(b'\r\n')[0], (name, path)
    assert daemon.stop() == DONE
    daemon.check_log()


def test_the_log_as_text(tmp_path, sandbox):
    write(tmp_path, sandbox)
    log = subprocess.Popen([LOCKSTEP, 'serve', '--log', 'text', '--log-level', 'info'], cwd=tmp_path, text=True,
                           stderr=subprocess.PIPE)
    line = log.stderr.readline()
    log.terminate()
    assert 'ready' in line and not line.startswith('{')
    assert log.wait(WAIT) == DONE
    log.stderr.close()


# --- the daemon's verbs ---

def test_no_daemon(tmp_path, sandbox):
    write(tmp_path, sandbox)
    code, out, err = run('events', folder=tmp_path)
    assert (code, out) == (FAILED, '')
    assert 'no daemon' in one_line(err) and 'lockstep.db.sock' in err


def test_no_such_event(serve):
    daemon = serve()
    code, out, err = daemon.command('explain', 4711)
    assert (code, out) == (REFUSED, '')
    assert '4711' in one_line(err)


def test_a_refusal_is_the_daemons_own_words(serve):
    daemon = serve()
    code, out, err = daemon.command('events', '--subject', 'nonsense')
    assert (code, out) == (REFUSED, '')
    assert '"nonsense"' in one_line(err) and 'bugzilla:1709' in err


def test_an_empty_list_says_so(serve):
    daemon = serve()
    assert daemon.command('events', '--dead') == (DONE, 'there are no such events\n', '')
    code, out, err = daemon.command('events', '--dead', '--json')
    assert (code, json.loads(out), out[-1]) == (DONE, {'events': []}, '\n')


def test_nobody_answers(tmp_path):
    code, out, err = run('events', '--socket', tmp_path / 'none.sock')
    assert (code, out) == (FAILED, '') and 'none.sock' in one_line(err) and 'lockstep serve' in err
    code, out, err = run('gaps', folder=tmp_path)
    assert (code, out, err) == (FAILED, '', 'lockstep: cannot read lockstep.yaml: No such file or directory\n')


# --- sandbox ---

def test_sandbox_fault(sandbox):
    rule = '{"service":"jira","kind":"status","status":418,"times":1}'
    code, out, err = run('sandbox', 'fault', '--url', sandbox.url, '--fault', rule)
    assert (code, err) == (DONE, '') and json.loads(out)['faults'][0]['status'] == 418
    assert request('GET', sandbox.jira + '/rest/api/2/serverInfo').status == 418
    assert run('sandbox', 'fault', '--url', sandbox.url, '--fault', '{"kind":"rude"}')[0] == REFUSED
    assert run('sandbox', 'fault', '--url', sandbox.url, '--fault', rule)[0] == DONE
    assert run('sandbox', 'fault', '--url', sandbox.url, '--clear')[0] == DONE
    assert sandbox.control('GET', 'faults')['faults'] == []
    code, _, err = run('sandbox', 'fault', '--url', f'http://127.0.0.1:{free_port()}', '--clear')
    assert code == FAILED and one_line(err)


def test_sandbox_port_taken(sandbox):
    code, out, err = run('sandbox', '--listen', sandbox.url.removeprefix('http://'))
    assert (code, out) == (FAILED, '') and 'in use' in one_line(err)


@pytest.mark.parametrize('seed', ['{', '[]', '7'])
def test_sandbox_with_a_bad_seed(tmp_path, seed):
    (tmp_path / 'seed.json').write_text(seed)
    code, out, err = run('sandbox', '--listen', '127.0.0.1:0', '--seed', tmp_path / 'seed.json')
    assert (code, out) == (FAILED, '') and one_line(err)


# --- actions behind an address ---

@pytest.fixture
def files(tmp_path):
    """A plain web server over a folder of its own."""
    folder = tmp_path / 'web'
    folder.mkdir()
    quiet = type('Quiet', (http.server.SimpleHTTPRequestHandler,), {'log_message': lambda *a: None})
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02})
    thread.start()
    yield folder, f'http://127.0.0.1:{server.server_address[1]}'
    server.shutdown()
    thread.join()
    server.server_close()


def test_actions_from_an_address(serve, sandbox, files):
    folder, url = files
    (folder / 'there.yaml').write_text(harness.ACTIONS)
    daemon = serve(actions='', config_actions=url + '/there.yaml')
    sandbox.put_bug({**bug(700), 'comments': [comment(1, 'Description', 0)]})
    assert daemon.deliver(delivery(bug(700)))['verdict'] == 'applied'


def test_problems_of_actions_from_an_address(tmp_path, sandbox, files):
    folder, url = files
    (folder / 'there.yaml').write_text(harness.ACTIONS.replace('description', 'descripton'))
    write(tmp_path, sandbox, change=lambda t: t.replace('actions.yaml', url + '/there.yaml'))
    code, _, err = run('check', folder=tmp_path)
    assert code == FAILED and f'{url}/there.yaml:' in err and 'descripton' in err


@pytest.mark.parametrize('where, words', [
    ('/missing.yaml', ['404']), (None, ['connect'])])
def test_actions_that_cannot_be_fetched(tmp_path, sandbox, files, where, words):
    url = files[1] + where if where else f'http://127.0.0.1:{free_port()}/x.yaml'
    write(tmp_path, sandbox, change=lambda t: t.replace('actions.yaml', url))
    code, out, err = run('check', folder=tmp_path)
    assert (code, out) == (FAILED, '')
    assert err.startswith('lockstep.yaml:') and 'bridges[0].actions: ' in err and url in err
    assert all(word in err for word in words), err
    assert err.count('\n') == 1


def test_the_examples_are_good():
    code, out, err = run('check', '--config', pathlib.Path('examples') / 'lockstep.yaml', folder=harness.PROJECT,
                         env={'BUGZILLA_API_KEY': 'x' * 8, 'JIRA_USERNAME': 'x' * 8, 'JIRA_API_KEY': 'x' * 8,
                              'JBI_API_KEY': 'x' * 8})
    assert code == DONE, err
