"""What is not for us: the verdict is discarded, the reason says why in JBI's words, and nothing is written."""
import json

import pytest

from harness import HOOK_KEY, Scene, action, bug, comment, delivery, request


def discarded(scene, row, reason):
    assert row['verdict'] == 'discarded', row
    assert reason == row['reason'] if isinstance(reason, str) else reason[0] in row['reason'], row
    assert scene.writes == []


def test_a_private_bug(serve, sandbox):
    scene = Scene(serve, sandbox)
    discarded(scene, scene.deliver(delivery({'id': 5, 'is_private': True})), 'private bugs are not supported')
    asked = [one for one in sandbox.exchanges() if one['path'].endswith('/rest/bug/5')]
    assert asked == [], 'what is private is not asked for'


def test_a_bug_that_is_private_by_now(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug(creator='bot@example.org')  # whose key may see it
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security']})
    discarded(scene, scene.tell(of), 'private bugs are not supported')


@pytest.mark.parametrize('added', ['1', 'true', 1])
def test_hiding_a_bug_copies_nothing_though_it_still_looks_public(serve, sandbox, added):
    scene = Scene(serve, sandbox)
    discarded(scene, scene.tell(scene.bug(), ('is_private', 0, added)), 'private bugs are not supported')


def test_a_bug_that_becomes_public_is_taken(serve, sandbox):
    scene = Scene(serve, sandbox)
    assert scene.tell(scene.bug(), ('is_private', '1', '0'))['verdict'] == 'applied'


def test_no_tag(serve, sandbox):
    scene = Scene(serve, sandbox, action('dev'), action('web', 'WEB'), action('off', enabled=False))
    discarded(scene, scene.tell(scene.bug(whiteboard='[other]')),
              'no bug whiteboard matching action tags: dev, web, off')


def test_a_bug_that_may_not_be_read(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug()
    sandbox.put_bug({'id': of['id'], 'groups': ['core-security'], 'creator': 'security@example.org'})
    row = scene.tell(of)
    discarded(scene, row, [f'You are not authorized to access bug #{of["id"]}.'])


def test_a_bug_that_does_not_exist(serve, sandbox):
    scene = Scene(serve, sandbox)
    discarded(scene, scene.deliver(delivery(bug(999999))), ['Bug #999999 does not exist.'])


def test_an_issue_that_cannot_be_read(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug(see_also=[scene.url('DEV-404')])
    discarded(scene, scene.tell(of), 'ignore unreadable issue DEV-404')
    discarded(scene, scene.say(of, comment(70, 'Hello')), 'ignore unreadable issue DEV-404')


def moved(sandbox, key, to, project):
    """Jira answers under the old key with the new one."""
    sandbox.fault(kind='status', status=200, times=0, service='jira', method='GET', path=f'*/issue/{key}',
                  body=json.dumps({'id': '1', 'key': to, 'fields': {
                      'project': {'key': project}, 'status': {'name': 'To Do'}, 'labels': [], 'components': [],
                      'issuelinks': [], 'summary': 'Moved', 'issuetype': {'name': 'Task'}}}))


def test_an_issue_that_was_moved_to_another_project(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked(summary='New words')
    moved(sandbox, key, 'OPS-1', 'OPS')
    discarded(scene, scene.tell(of, ('summary', 'a', 'New words')), "ignore linked project 'OPS' (!='DEV')")


def test_an_issue_that_was_given_another_key_is_followed(serve, sandbox):
    scene = Scene(serve, sandbox)
    to = scene.make_issue()
    of, key = scene.linked(summary='New words')
    moved(sandbox, key, to, 'DEV')
    assert scene.tell(of, ('summary', 'a', 'New words'))['verdict'] == 'applied'
    assert scene.fields(to)['summary'] == 'New words'


@pytest.mark.parametrize('target, reason', [
    ('flag', "ignore event target 'flag'"), ('comment', "ignore event target 'comment'"),
    ('attachment', "ignore event target 'attachment'"), (None, "ignore event target 'None'")])
@pytest.mark.parametrize('is_linked', [False, True])
def test_event_targets(serve, sandbox, target, reason, is_linked):
    scene = Scene(serve, sandbox)
    of = scene.linked()[0] if is_linked else scene.bug()
    sent = delivery(of)
    sent['event']['target'] = target
    row = scene.deliver(sent)
    if is_linked and target in ('comment', 'attachment'):
        assert row['verdict'] == 'unchanged', 'an event without what it is about'
        return
    discarded(scene, row, reason)


def test_several_actions_that_are_ignored_for_different_reasons(serve, sandbox):
    scene = Scene(serve, sandbox, action('dev'), action('web', 'WEB'))
    of = scene.bug(whiteboard='[dev][web]', see_also=[scene.url('DEV-404')])
    row = scene.say(of, comment(70, 'Hello'))
    discarded(scene, row, 'bugzilla-to-jira[dev]: ignore unreadable issue DEV-404; '
                          "bugzilla-to-jira[web]: ignore event target 'comment'")


# --- the payload: what JBI takes, and what it refused with an error ---

TOLERATED = [
    lambda d: d.update(webhook_id='12'),
    lambda d: d.update(webhook_id=12.0),
    lambda d: d['bug'].update(id=str(d['bug']['id'])),
    lambda d: d['bug'].update(is_private='no'),
    lambda d: d['bug'].update(is_private=0),
    lambda d: d['event'].update(time='2026-11-20 10:00:00'),
    lambda d: d['event'].update(time='2026-11-20T10:00:00.123456-08:00'),
    lambda d: d['event'].update(time='1795165200'),
    lambda d: d['event'].update(user=None),
    lambda d: d['event'].pop('user'),
    lambda d: d['event'].update(changes=None),
    lambda d: d['event'].update(changes=[{'field': 'x', 'removed': 1, 'added': 2.5}]),
    lambda d: d['event'].pop('routing_key'),
    lambda d: d.update(unknown={'a': [1]}),
    lambda d: d.update(bug={'id': d['bug']['id']}),
    lambda d: d['bug'].update({key: None for key in d['bug'] if key != 'id'}),
    lambda d: d['bug'].update(bug={}),
]


@pytest.mark.parametrize('change', TOLERATED, ids=range(len(TOLERATED)))
def test_payloads_that_are_taken(serve, sandbox, change):
    scene = Scene(serve, sandbox)
    sent = delivery(scene.bug())
    change(sent)
    assert scene.deliver(sent)['verdict'] == 'applied'


UNDECODABLE = [
    b'', b'no JSON', b'[]', b'{}', b'"x"', b'{"bug": {"id": 1}', b'\xff\xfe', b'{"webhook_id": 1}',
    lambda d: d.pop('webhook_id'), lambda d: d.pop('webhook_name'), lambda d: d.pop('event'), lambda d: d.pop('bug'),
    lambda d: d['bug'].pop('id'), lambda d: d['bug'].update(id='x'),
    lambda d: d['bug'].update(keywords='x'), lambda d: d['event'].pop('action'), lambda d: d['event'].pop('time'),
    lambda d: d['event'].update(time=1795165200), lambda d: d['event'].update(time='2026-11-20'),
    lambda d: d['event'].update(changes=[{'field': 'x'}]), lambda d: d['event'].update(user={'id': 1}),
    lambda d: d['bug'].update(attachment={'description': 'without a number'}),
]


@pytest.mark.parametrize('what', UNDECODABLE, ids=range(len(UNDECODABLE)))
def test_what_cannot_be_decoded_is_an_event_too(serve, sandbox, what):
    scene = Scene(serve, sandbox)
    sent = what
    if callable(what):
        sent = delivery(scene.bug())
        what(sent)
    answer = scene.daemon.post(sent)
    assert answer.status == 200, answer.body
    row = scene.daemon.verdict(answer.json['id'])
    assert row['verdict'] == 'discarded' and row['reason'].startswith('undecodable: '), row


@pytest.mark.parametrize('path', ['/bugzilla_webhook', '/bugzilla_webhook/', '/hooks/bugzilla'])
def test_the_addresses_that_take_deliveries(serve, sandbox, path):
    scene = Scene(serve, sandbox)
    answer = scene.daemon.post(delivery(scene.bug()), path)
    if answer.status == 307:
        assert answer.headers['Location'].endswith('/bugzilla_webhook')
    else:
        assert answer.status == 200 and scene.daemon.verdict(answer.json['id'])['verdict'] == 'applied'


def test_the_key_as_a_password(serve, sandbox):
    import base64
    scene = Scene(serve, sandbox)
    basic = 'Basic ' + base64.b64encode(f'anybody:{HOOK_KEY}'.encode()).decode()
    answer = request('POST', scene.daemon.url + '/bugzilla_webhook', delivery(scene.bug()), {'Authorization': basic})
    assert answer.status == 200
