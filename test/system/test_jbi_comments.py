"""Comments and attachments."""
import pytest

from harness import Scene, action, comment, delivery, request

ALL = action(steps={'existing': [], 'comment': ['create_comment'],
                    'attachment': ['create_comment', 'maybe_add_phabricator_link']})
PHABRICATOR = 'https://phabricator.services.mozilla.com'


@pytest.mark.parametrize('text, becomes', [
    ('Plain', 'Plain'), ('It **crashes** in `main()`', 'It *crashes* in {{main()}}'),
    ('one\ntwo', 'one two'), ('# T', 'h1. {anchor:t}T'), ('> q', 'bq. q'), ('😀 é', '😀 é'),
])
def test_a_comment(serve, sandbox, text, becomes):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    assert scene.say(of, comment(70, text))['verdict'] == 'applied'
    assert scene.comments(key) == [f'*ada@example.org* commented: \n{becomes}']
    assert [write[:2] for write in scene.writes] == [('POST', f'issue/{key}/comment')]


def test_a_comment_by_an_unknown_person(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    scene.say(of, comment(70, 'Hello', creator='grace@example.org'), user=None)
    assert scene.comments(key) == ['*grace@example.org* commented: \nHello']


@pytest.mark.parametrize('text', ['', '  \n ', '<!-- only a remark -->'])
def test_a_comment_without_text_is_not_made(serve, sandbox, text):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    row = scene.say(of, comment(70, text))
    assert (row['verdict'], row['reason'], row['target']) == ('unchanged', 'nothing to change', f'jira:{key}')
    assert scene.comments(key) == []


def test_the_limit_counts_the_prefix_too(serve, sandbox):
    scene = Scene(serve, sandbox, action(jira_char_limit=50))
    of, key = scene.linked()
    scene.say(of, comment(70, 'word ' * 40))
    before = '*ada@example.org* commented: \n'
    assert scene.comments(key) == [before + 'word word word']
    assert len(scene.comments(key)[0]) <= 50


def test_a_comment_of_any_size_is_taken(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    assert scene.say(of, comment(70, '😀' * 60000))['verdict'] == 'applied'
    assert len(scene.comments(key)[0].encode('utf-16-le')) // 2 <= 32767


def test_the_description_is_not_copied_as_a_comment(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    row = scene.deliver(delivery({**of, 'comment': comment(of['id'] * 10, 'Description', 0)}, target='comment'))
    assert row['verdict'] == 'discarded' and 'comment 0 is the description' in row['reason']
    assert scene.comments(key) == []


def test_a_comment_that_came_before_the_issue_is_made(serve, sandbox):
    scene = Scene(serve, sandbox)
    of = scene.bug()
    row = scene.say(of, comment(70, 'Hello'))
    assert (row['verdict'], row['reason']) == ('discarded', "ignore event target 'comment'")
    assert scene.writes == []


def test_one_comment_told_by_two_webhooks_is_one_comment(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    rows = [scene.say(of, comment(70, 'Hello'), hook=hook, at='2026-11-20T12:00:00') for hook in (1, 2)]
    assert [row['verdict'] for row in rows] == ['applied', 'unchanged'] and rows[0]['id'] != rows[1]['id']
    assert len(scene.comments(key)) == 1


def test_a_comment_goes_to_the_issue_of_each_action(serve, sandbox):
    scene = Scene(serve, sandbox, action('dev'), action('web', 'WEB'))
    keys = [scene.make_issue('DEV'), scene.make_issue('WEB')]
    of = scene.bug(whiteboard='[dev][web]', see_also=[scene.url(key) for key in keys])
    assert scene.say(of, comment(70, 'Hello'))['verdict'] == 'applied'
    assert [len(scene.comments(key)) for key in keys] == [1, 1]


def test_comments_stay_in_order(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    sent = []
    for number in range(1, 9):
        said = comment(70 + number, f'Number {number}', number)
        sandbox.put_bug({'id': of['id'], 'comment': said})
        sent.append(scene.daemon.send(delivery({**of, 'comment': said}, target='comment')))
    for event in sent:
        assert scene.daemon.verdict(event)['verdict'] == 'applied'
    assert [one.split('\n')[1] for one in scene.comments(key)] == [f'Number {n}' for n in range(1, 9)]


# --- what is private ---

def test_a_private_comment_is_not_copied_though_its_text_was_sent(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    row = scene.say(of, comment(70, 'Secret words', is_private=True))
    assert (row['verdict'], row['reason']) == ('discarded', 'private comments are not supported')
    assert scene.comments(key) == []


def test_a_comment_that_was_made_private_meanwhile_is_not_copied(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    sandbox.put_bug({'id': of['id'], 'comment': comment(70, 'Secret words', is_private=True)})
    row = scene.deliver(delivery({**of, 'comment': comment(70, 'Secret words')}, target='comment'))
    assert row['verdict'] == 'discarded' and scene.comments(key) == []


def test_a_comment_that_is_gone_is_not_copied(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    row = scene.deliver(delivery({**of, 'comment': comment(99999, 'Gone')}, target='comment'))
    assert row['verdict'] == 'discarded' and 'not there, or not for everybody' in row['reason']
    assert scene.comments(key) == []


@pytest.mark.parametrize('what', ['comment', 'attachment'])
def test_the_reduced_form_of_something_private_is_discarded(serve, sandbox, what):
    scene = Scene(serve, sandbox)
    of, key = scene.linked()
    reduced = {'id': of['id'], 'is_private': False, what: {'id': 70, 'is_private': True}}
    row = scene.deliver(delivery(reduced, target=what))
    assert (row['verdict'], row['reason']) == ('discarded', f'private {what}s are not supported')
    assert scene.comments(key) == []


# --- attachments ---

def attachment(number=5, **more):
    return {'id': number, 'content_type': 'text/plain', 'creation_time': '2026-11-20T10:00:00', 'description': 'A log',
            'file_name': 'log.txt', 'flags': [], 'is_obsolete': False, 'is_patch': False, 'is_private': False, **more}


def revision(**more):
    return attachment(content_type='text/x-phabricator-request', file_name='phabricator-D1234-url.txt',
                      description='Bug 1 - Fix it', **more)


def attach(scene, of, what, routing='attachment.create', now=None, **more):
    """Deliver an attachment, which the bug has in the sandbox as well: as delivered or, with `now`, as it is by now."""
    scene.sandbox.put_bug({'id': of['id'], 'attachment': now or what})
    return scene.deliver(attached(of, what, routing, **more))


def attached(of, what, routing='attachment.create', **more):
    sent = delivery({**of, 'attachment': what}, target='attachment', **more)
    sent['event']['routing_key'] = routing
    if not routing.startswith('attachment.create'):
        sent['event']['action'] = 'modify'
    return sent


@pytest.mark.parametrize('routing, verb', [
    ('attachment.create', 'created'), ('attachment.modify', 'modified'),
    ('attachment.modify:is_obsolete', 'modified'), ('attachment.modify:is_obsolete,description', 'modified'),
    ('attachment.delete', 'deleted')])
def test_an_attachment(serve, sandbox, routing, verb):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    assert attach(scene, of, attachment(), routing)['verdict'] == 'applied'
    assert scene.comments(key) == [
        f'*ada@example.org* {verb} an attachment:\n*Description*: A log\n*Filename*: log.txt (text/plain)']
    assert scene.issue(key)['remotelinks'] == []


def test_a_phabricator_revision(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    assert attach(scene, of, revision())['verdict'] == 'applied'
    assert scene.comments(key) == [
        '*ada@example.org* created an attachment:\n*Description*: Bug 1 - Fix it\n'
        f'*Filename*: phabricator-D1234-url.txt (text/x-phabricator-request)\n*Phabricator URL*: {PHABRICATOR}/D1234']
    link, = scene.issue(key)['remotelinks']
    assert link['globalId'] == f'{of["id"]}-5'
    assert link['object'] == {'url': f'{PHABRICATOR}/D1234', 'title': 'Bug 1 - Fix it', 'status': {'resolved': False}}


def test_the_address_of_phabricator_is_configured(serve, sandbox):
    scene = Scene(serve, sandbox, ALL, bridge='phabricator_url: https://review.example.org/')
    of, key = scene.linked()
    attach(scene, of, revision())
    assert scene.issue(key)['remotelinks'][0]['object']['url'] == 'https://review.example.org/D1234'


def test_an_abandoned_revision_keeps_one_link_with_another_title(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    attach(scene, of, revision())
    attach(scene, of, revision(is_obsolete=True), 'attachment.modify:is_obsolete')
    link, = scene.issue(key)['remotelinks']
    assert link['object']['title'] == 'Abandoned - Bug 1 - Fix it'


@pytest.mark.parametrize('more', [{'content_type': 'text/plain'}, {'file_name': 'no-number.txt'},
                                  {'file_name': 'phabricator-Dx-url.txt'}])
def test_what_is_no_revision_gets_no_link(serve, sandbox, more):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    attach(scene, of, {**revision(), **more})
    assert scene.issue(key)['remotelinks'] == [] and 'Phabricator' not in scene.comments(key)[0]


def test_the_link_step_does_nothing_in_other_groups(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['maybe_add_phabricator_link']}))
    of, _ = scene.linked()
    assert scene.tell(of, ('summary', 'a', 'b'))['verdict'] == 'unchanged'


@pytest.mark.parametrize('more', [{}, {'description': 'Secret words', 'file_name': 'secret.txt'}])
def test_a_private_attachment_is_not_copied(serve, sandbox, more):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    row = attach(scene, of, attachment(is_private=True, **more))
    assert (row['verdict'], row['reason']) == ('discarded', 'private attachments are not supported')
    assert scene.comments(key) == []


# --- an attachment is told of as it is by the time of the attempt ---

NOT_THERE = 'the attachment is not there, or not for everybody'
PRIVATE = 'private attachments are not supported'


def nothing_came_of(scene, row, key, reason):
    assert (row['verdict'], row['reason'], row['target']) == ('discarded', reason, f'jira:{key}')
    assert scene.writes == [] and scene.comments(key) == [] and scene.issue(key)['remotelinks'] == []


def test_an_attachment_that_was_made_private_meanwhile_is_not_copied(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    nothing_came_of(scene, attach(scene, of, revision(), now=revision(is_private=True)), key, NOT_THERE)


def test_an_account_that_sees_private_attachments_does_not_copy_them(serve, sandbox):
    scene = Scene(serve, sandbox, ALL, bugzilla_key='sandbox-privileged-key')
    of, key = scene.linked()
    nothing_came_of(scene, attach(scene, of, revision(), now=revision(is_private=True)), key, PRIVATE)
    assert attach(scene, of, revision())['verdict'] == 'applied'


@pytest.mark.parametrize('left', [[], [attachment(6)]])
def test_an_attachment_that_is_gone_is_not_copied(serve, sandbox, left):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    sandbox.put_bug({'id': of['id'], 'attachments': left})
    nothing_came_of(scene, scene.deliver(attached(of, revision())), key, NOT_THERE)


def test_an_attachment_of_a_bug_that_was_hidden_meanwhile_is_not_copied(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    sandbox.put_bug({'id': of['id'], 'attachment': revision(), 'groups': ['core-security']})
    assert scene.deliver(attached(of, revision()))['verdict'] == 'discarded'
    assert scene.comments(key) == [] and scene.issue(key)['remotelinks'] == []


def test_a_revision_that_was_abandoned_and_renamed_meanwhile(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    now = {**revision(is_obsolete=True), 'description': 'Bug 1 - Mend it', 'file_name': 'phabricator-D99-url.txt'}
    assert attach(scene, of, revision(), now=now)['verdict'] == 'applied'
    link, = scene.issue(key)['remotelinks']
    assert (link['object']['title'], link['object']['url']) == ('Abandoned - Bug 1 - Mend it', f'{PHABRICATOR}/D99')
    assert scene.comments(key) == [
        '*ada@example.org* created an attachment:\n*Description*: Bug 1 - Mend it\n'
        f'*Filename*: phabricator-D99-url.txt (text/x-phabricator-request)\n*Phabricator URL*: {PHABRICATOR}/D99']


def edit_attachment(sandbox, **fields):
    answer = request('PUT', f'{sandbox.bugzilla}/rest/bug/attachment/5', fields,
                     {'X-BUGZILLA-API-KEY': 'sandbox-privileged-key'})
    assert answer.status == 200, answer.body


@pytest.mark.parametrize('edit, verdict, reason', [
    (lambda sandbox, of: edit_attachment(sandbox, is_private=True), 'discarded', NOT_THERE),
    (lambda sandbox, of: sandbox.put_bug({'id': of['id'], 'attachments': []}), 'discarded', NOT_THERE),
    (lambda sandbox, of: edit_attachment(sandbox, is_obsolete=True), 'applied', None)])
def test_each_attempt_looks_at_the_attachment_anew(serve, sandbox, edit, verdict, reason):
    scene = Scene(serve, sandbox, ALL, extra='retry: {first: 1s, cap: 1s}')
    scene.daemon.expect('"verdict": "parked"')
    of, key = scene.linked()
    sandbox.put_bug({'id': of['id'], 'attachment': revision()})
    sandbox.fault(kind='status', status=503, service='jira', method='GET', path='*/rest/api/2/issue/*',
                  times=0)
    event = scene.daemon.send(attached(of, revision()))
    scene.daemon.verdict(event, 'parked')
    edit(sandbox, of)
    sandbox.heal()
    row = scene.daemon.verdict(event, 'applied', 'discarded')
    assert (row['verdict'], row.get('reason'), row['target']) == (verdict, reason, f'jira:{key}')
    assert [one['object']['title'] for one in scene.issue(key)['remotelinks']] == \
        ([] if reason else ['Abandoned - Bug 1 - Fix it'])
    assert len(scene.comments(key)) == (0 if reason else 1)


def test_attachments_that_cannot_be_read_for_now_are_asked_for_again(serve, sandbox):
    scene = Scene(serve, sandbox, ALL, extra='retry: {first: 1s, cap: 1s}')
    scene.daemon.expect('"verdict": "parked"')
    of, key = scene.linked()
    sandbox.put_bug({'id': of['id'], 'attachment': attachment()})
    sandbox.fault(kind='status', status=502, service='bugzilla', method='GET', path='*/attachment', times=1)
    event = scene.daemon.send(attached(of, attachment()))
    assert scene.daemon.verdict(event, 'applied')['attempts'] == 2
    assert len(scene.comments(key)) == 1


def test_the_content_of_attachments_is_not_asked_for(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    of, _ = scene.linked()
    attach(scene, of, attachment())
    asked, = [one for one in sandbox.exchanges() if one['path'].endswith(f'/bug/{of["id"]}/attachment')]
    assert asked['query'] == 'exclude_fields=data'


def test_one_attachment_told_by_two_webhooks_is_one_comment(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    of, key = scene.linked()
    rows = [attach(scene, of, attachment(), hook=hook, at='2026-11-20T12:00:00') for hook in (1, 2)]
    assert [row['verdict'] for row in rows] == ['applied', 'unchanged']
    assert len(scene.comments(key)) == 1


def test_an_attachment_to_a_bug_without_an_issue(serve, sandbox):
    scene = Scene(serve, sandbox, ALL)
    row = attach(scene, scene.bug(), attachment())
    assert (row['verdict'], row['reason']) == ('discarded', "ignore event target 'attachment'")


# --- every step may stand in every group ---

@pytest.mark.parametrize('step, fields, field, becomes', [
    ('maybe_update_issue_priority', {'priority': 'P1'}, 'priority', 'P1'),
    ('maybe_update_issue_severity', {'severity': 'S2'}, 'customfield_10319', 'S2'),
    ('maybe_update_issue_points', {'cf_fx_points': '8'}, 'customfield_10037', 8),
    ('maybe_update_components', {'component': 'Backend'}, 'components', ['Backend']),
    ('sync_whiteboard_labels', {'whiteboard': '[dev]'}, 'labels', ['bugzilla', 'dev']),
    ('sync_keywords_labels', {'keywords': ['perf']}, 'labels', ['perf']),
])
def test_a_step_of_another_group_runs_for_a_comment(serve, sandbox, step, fields, field, becomes):
    scene = Scene(serve, sandbox, action(steps={'comment': [step]}))
    of, key = scene.linked(**fields)
    assert scene.say(of, comment(70, 'Hello'))['verdict'] == 'applied'
    value = scene.fields(key)[field]
    if isinstance(value, dict):
        value = value.get('name', value.get('value'))
    elif isinstance(value, list):
        value = [one['name'] if isinstance(one, dict) else one for one in value]
    assert value == becomes and scene.comments(key) == []
