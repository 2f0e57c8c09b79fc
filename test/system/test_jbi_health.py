"""The checks of /__heartbeat__ and of `lockstep check --online`, in each of their states."""
import json

import pytest

from harness import action, request, until

CHECKS = ['bugzilla.up', 'bugzilla.all_webhooks_enabled', 'jira.up', 'jira.all_projects_are_visible',
          'jira.all_projects_have_permissions', 'jira.all_project_custom_components_exist',
          'jira.all_project_issue_types_exist']


def hooks(*rows):
    """What Bugzilla's list of webhooks answers."""
    plain = {'id': 1, 'name': 'bridge', 'url': 'https://lockstep.example.org/bugzilla_webhook', 'event': 'create',
             'product': 'Any', 'component': 'Any', 'enabled': True, 'errors': 0}
    return json.dumps({'webhooks': [{**plain, **row} for row in rows]})


def fault(path, status=500, body='{}', **more):
    return {'kind': 'status', 'status': status, 'times': 0, 'path': path, 'body': body, **more}


# name: (faults, action's parameters, check, level, message's id)
STATES = {
    'whoami without a number': ([fault('*/whoami', 200)], {}, 'bugzilla.up', 'error', 'bugzilla.login'),
    'Bugzilla refuses the key': (
        [fault('*/whoami', 401, '{"error":true,"code":306,"message":"The API key you specified is invalid."}')],
        {}, 'bugzilla.up', 'error', 'bugzilla.login'),
    'Bugzilla is down': ([fault('*/whoami', 503)], {}, 'bugzilla.up', 'error', 'bugzilla.login'),
    'webhooks cannot be listed': (
        [fault('*/webhooks/list')], {}, 'bugzilla.all_webhooks_enabled', 'error', 'bugzilla.webhooks.fetch'),
    'no webhook': (
        [fault('*/webhooks/list', 200, hooks())], {}, 'bugzilla.all_webhooks_enabled', 'warning',
        'bugzilla.webhooks.empty'),
    'only webhooks of others': (
        [fault('*/webhooks/list', 200, hooks({'url': 'https://example.org/other', 'enabled': False}))], {},
        'bugzilla.all_webhooks_enabled', 'warning', 'bugzilla.webhooks.empty'),
    'a webhook is disabled': (
        [fault('*/webhooks/list', 200, hooks({}, {'enabled': False, 'name': 'second'}))], {},
        'bugzilla.all_webhooks_enabled', 'error', 'bugzilla.webhooks.disabled'),
    'a webhook has errors': (
        [fault('*/webhooks/list', 200, hooks({'errors': 3}))], {}, 'bugzilla.all_webhooks_enabled', 'warning',
        'bugzilla.webhooks.errors'),
    'Jira is down': ([fault('*/serverInfo', 503)], {}, 'jira.up', 'error', 'jira.server.down'),
    'Jira refuses the token': ([fault('*/serverInfo', 401)], {}, 'jira.up', 'error', 'jira.server.down'),
    'Jira says nothing': ([fault('*/serverInfo', 200)], {}, 'jira.up', 'error', 'login.fail'),
    'projects cannot be listed': (
        [fault('*/project/search')], {}, 'jira.all_projects_are_visible', 'error', 'jira.visible.error'),
    'a project is missing': (
        [], {'project': 'NOWHERE'}, 'jira.all_projects_are_visible', 'warning', 'jira.projects.missing'),
    'permissions cannot be read': (
        [fault('*/permissions/project')], {}, 'jira.all_projects_have_permissions', 'error', 'jira.permitted.error'),
    'permissions are lacking': (
        [], {'project': 'NOPERM'}, 'jira.all_projects_have_permissions', 'warning', 'jira.permitted.missing'),
    'components cannot be read': (
        [fault('*/project/*/components')], {'jira_components': {'set_custom_components': ['Main']}},
        'jira.all_project_custom_components_exist', 'error', 'jira.components.error'),
    'a component is missing': (
        [], {'jira_components': {'set_custom_components': ['Main', 'Nowhere']}},
        'jira.all_project_custom_components_exist', 'warning', 'jira.components.missing'),
    'issue types cannot be read': (
        [fault('*/project/search', after=1)], {}, 'jira.all_project_issue_types_exist', 'error', 'jira.projects.error'),
    'an issue type is missing': (
        [], {'issue_type_map': {'task': 'Nothing'}}, 'jira.all_project_issue_types_exist', 'warning',
        'jira.types.missing'),
}


def acts(parameters):
    return json.dumps([action(**{'project': 'DEV', **parameters})])


def heartbeat(daemon):
    def ask():
        answer = daemon.get('/__heartbeat__')
        return answer if set(CHECKS) <= set(answer.json['checks']) else None
    return until(ask, 'all checks')


def told(output):
    """What `check --online` prints: {check: (level, [ids])}."""
    found = {}
    for line in output.splitlines():
        word = line.split()
        if line[:1].isspace() and found:
            found[list(found)[-1]][1].append(word[0].rstrip(':'))
        elif word[0] in ('ok', 'warning', 'error'):
            found[word[1]] = (word[0], [])
    return found


def test_all_is_well(serve, sandbox):
    daemon = serve(actions=json.dumps([action(jira_components={'set_custom_components': ['Main']})]))
    answer = heartbeat(daemon)
    assert answer.status == 200
    assert answer.json == {'status': 'ok', 'checks': {name: 'ok' for name in ['queue.writable', 'store.intact', 'configuration.accepted', *CHECKS, 'bugzilla.complete']}, 'details': {}}
    code, out, _ = daemon.command('check', '--online')
    assert code == 0 and told(out) == {name: ('ok', []) for name in CHECKS}


@pytest.mark.parametrize('state', STATES)
def test_the_heartbeat(serve, sandbox, state):
    faults, parameters, check, level, message = STATES[state]
    for rule in faults:
        sandbox.fault(**rule)
    daemon = serve(actions=acts(parameters))
    daemon.expect('breaker opened')
    answer = heartbeat(daemon)
    assert answer.json['checks'][check] == level, answer.json
    assert list(answer.json['details'][check]['messages']) == [message]
    assert answer.json['details'][check]['status'] == level
    assert answer.json['details'][check]['level'] == {'warning': 30, 'error': 40}[level]
    others = {name: value for name, value in answer.json['checks'].items() if value == 'error' and name != check}
    worst = 'error' if level == 'error' or others else level
    assert answer.json['status'] == worst
    assert answer.status == (503 if worst == 'error' else 200)
    assert request('HEAD', daemon.url + '/__heartbeat__').status == answer.status


@pytest.mark.parametrize('state', STATES)
def test_the_command(serve, sandbox, state):
    faults, parameters, check, level, message = STATES[state]
    daemon = serve(actions=acts(parameters))
    heartbeat(daemon)
    for rule in faults:
        sandbox.fault(**rule)
    code, out, _ = daemon.command('check', '--online')
    found = told(out)
    assert list(found) == CHECKS
    assert found[check] == (level, [message]), out
    assert code == (1 if 'error' in [row[0] for row in found.values()] else 0)


def test_an_action_that_is_not_enabled_is_not_checked(serve, sandbox):
    daemon = serve(actions=json.dumps([action(), action('off', 'NOWHERE', enabled=False)]))
    assert heartbeat(daemon).json['status'] == 'ok'


def test_no_secret_is_told(serve, sandbox):
    sandbox.fault(**fault('*/whoami', 401, '{"error":true,"code":306,"message":"bad key sandbox-bugzilla-key"}'))
    daemon = serve()
    daemon.expect('breaker opened')
    answer = heartbeat(daemon)
    assert b'sandbox-bugzilla-key' not in answer.body
    code, out, err = daemon.command('check', '--online')
    assert 'sandbox-bugzilla-key' not in out + err


@pytest.mark.parametrize('path', ['/__lbheartbeat__', '/__version__', '/robots.txt', '/', '/metrics'])
@pytest.mark.parametrize('method', ['GET', 'HEAD'])
def test_the_other_addresses_that_need_no_key(serve, sandbox, path, method):
    daemon = serve()
    answer = request(method, daemon.url + path)
    assert answer.status == 200
    assert (answer.body == b'') == (method == 'HEAD')


def test_what_they_say(serve, sandbox):
    daemon = serve()
    assert daemon.get('/__lbheartbeat__').json == {'status': 'ok'}
    assert {'commit', 'version', 'source', 'build'} <= set(daemon.get('/__version__').json)
    index = daemon.get('/').json
    assert index['configuration'] == {'bugzilla_base_url': sandbox.bugzilla, 'jira_base_url': sandbox.jira}
