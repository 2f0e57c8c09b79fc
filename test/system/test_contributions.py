"""Pull requests through the front door: what each class of them gets, and what follows when something changes. Row by
row as the bot did that this replaces, and without its defects."""
import base64
import itertools
import json
import time

import pytest

import harness
from harness import CATALOG, JIRA_INFO, MAPPING, PEOPLE, Pulls, until

PAGE = 'https://docs.openedx.org/en/latest/developers/quickstarts/so_you_want_to_contribute.html#id175'
GOOD = ('openedx/cla', 'success', 'The author is authorized to contribute', PAGE)
BAD = ('openedx/cla', 'failure', 'We need a signed Contributor Agreement', PAGE)
BOT = ('openedx/cla', 'success', "Bots don't need contributor agreements", None)
PRIVATE = ('openedx/cla', 'success', 'No contributor agreement is needed in a private repo', PAGE)
REFUSED = ('openedx/cla', 'failure', 'This repo does not accept outside contributions except under contract', None)
OUTSIDE, CORE, BLENDED = 'open-source-contribution', 'core contributor', 'blended'
WELCOME, UNSIGNED, DRAFT = {'external_pr'}, {'external_pr', 'no_cla'}, {'external_pr', 'no_cla', 'end_of_wip'}
CLOSED = {'external_pr', 'welcome_closed', 'no_survey_needed'}
BOARDS = {'openedx:19', 'openedx:23', 'edx:24'}  # the one for all, and those that platform's catalog lists
ISSUE = 'jira_issues'


@pytest.fixture(scope='module')
def pulls(tmp_path_factory):
    """One daemon for all that needs no configuration of its own."""
    sandbox = harness.Sandbox()
    one = Pulls(tmp_path_factory.mktemp('pulls'), sandbox)
    yield one
    one.end()
    assert sandbox.stop() == 0, '\n'.join(sandbox.lines)


def shown(p, ref):
    """Statuses, labels, marks of our comments, boards."""
    return p.github.statuses(ref), p.github.labels(ref), p.kinds(ref), set(p.github.items(ref))


# --- classes ---

CLASSES = [
    # repository, the pull request, and the status, labels, marks and boards that it gets
    ('openedx/platform', {'author': 'robot[bot]'}, BOT, set(), [], set()),
    ('edx/hidden', {'author': 'ada'}, PRIVATE, set(), [], set()),
    ('edx/hidden', {'author': 'robot[bot]'}, BOT, set(), [], set()),
    ('openedx/hidden', {'author': 'ada'}, BAD, {OUTSIDE}, [UNSIGNED], {'openedx:19'}),
    ('openedx/platform', {'author': 'ivy'}, GOOD, set(), [], set()),
    ('openedx/platform', {'author': 'IVY'}, GOOD, set(), [], set()),
    ('openedx/platform', {'author': 'ned'}, GOOD, set(), [], set()),
    ('openedx/platform', {'author': 'olga'}, GOOD, set(), [], set()),
    ('openedx/platform', {'author': 'ivy', 'title': '[BD-12] x'}, GOOD, set(), [], set()),
    ('edx/open', {'author': 'ivy'}, REFUSED, set(), [{'no-contributions'}], set()),
    ('edx/open', {'author': 'olga'}, GOOD, set(), [], set()),
    ('edx/open', {'author': 'sid', 'title': '[BD-12] x'}, REFUSED, set(), [{'no-contributions'}], set()),
    ('openedx/platform', {'author': 'ada'}, BAD, {OUTSIDE}, [UNSIGNED], BOARDS),
    ('openedx/platform', {'author': 'nobody-knows'}, BAD, {OUTSIDE}, [UNSIGNED], BOARDS),
    ('openedx/platform', {'author': 'sid'}, GOOD, {OUTSIDE}, [WELCOME], BOARDS),
    ('openedx/platform', {'author': 'cora'}, GOOD, {OUTSIDE, CORE}, [WELCOME], BOARDS),
    ('openedx/web', {'author': 'sid'}, GOOD, {OUTSIDE}, [WELCOME], {'openedx:19'}),
    ('openedx/platform', {'author': 'ada', 'draft': True}, BAD, {OUTSIDE}, [DRAFT], {'openedx:19'}),
    ('openedx/platform', {'author': 'ada', 'title': 'WIP: more'}, BAD, {OUTSIDE}, [DRAFT], {'openedx:19'}),
    ('openedx/platform', {'author': 'ada', 'title': 'more (wip)'}, BAD, {OUTSIDE}, [DRAFT], {'openedx:19'}),
    ('openedx/platform', {'author': 'ada', 'title': 'Wip, wiped'}, BAD, {OUTSIDE}, [UNSIGNED], BOARDS),
    ('openedx/web', {'author': 'ada', 'title': '[BD-12] x'}, BAD, {BLENDED}, [{'welcome-blended'}], {'edx:9'}),
    ('openedx/web', {'author': 'sid', 'title': 'x [ BD - 7 ]'}, GOOD, {BLENDED}, [{'welcome-blended'}], {'edx:9'}),
    ('openedx/web', {'author': 'cora', 'title': '[BD-1]', 'draft': True}, GOOD, {BLENDED, CORE},
     [{'welcome-blended', 'end_of_wip'}], {'edx:9'}),
    ('openedx/platform', {'author': 'sid', 'title': '[BD-1]'}, GOOD, {BLENDED}, [{'welcome-blended'}],
     {'edx:9', 'openedx:23', 'edx:24'}),
    ('openedx/web', {'author': 'sid', 'title': '[bd-12] [BD-x]'}, GOOD, {OUTSIDE}, [WELCOME], {'openedx:19'}),
    ('openedx/platform', {'author': 'ada', 'state': 'closed'}, GOOD, set(), [], set()),
    ('openedx/platform', {'author': 'ada', 'state': 'closed', 'labels': [OUTSIDE]}, BAD, {OUTSIDE}, [CLOSED], BOARDS),
    ('openedx/platform', {'author': 'sid', 'merged': True, 'labels': [OUTSIDE]}, GOOD, {OUTSIDE}, [CLOSED], BOARDS),
    ('edx/open', {'author': 'ada', 'state': 'closed', 'labels': [OUTSIDE]}, REFUSED, {OUTSIDE}, [], set()),
]


def test_what_each_class_gets(pulls):
    refs = [pulls.github.pull(repo, **fields) for repo, fields, *_ in CLASSES]
    pulls.settle()
    for ref, (_, fields, status, *wanted) in zip(refs, CLASSES):
        assert shown(pulls, ref) == ([status], *wanted), (ref, fields)
    pulls.mark()
    for ref in refs:
        pulls.github.act(ref, 'tell', action='enqueued')
    pulls.settle()
    assert pulls.writes() == []  # nothing has changed
    for ref in refs:
        row = pulls.last_event(ref, 'enqueued')
        assert (row['verdict'], 'class ' in row['reason']) == ('unchanged', True), row


def test_the_boards_fields(pulls):
    day = pulls.github.get
    ref = pulls.open(author='ada')
    opened = day(ref)['pull']['created_at'][:10]
    values = {'Date opened': opened, 'Repo Owner / Owning Team': 'openedx/wranglers'}
    assert pulls.github.items(ref) == {'openedx:19': values, 'openedx:23': {}, 'edx:24': {}}
    pulls.act(ref, 'close')
    closed = {**values, 'Date merged/closed': day(ref)['pull']['closed_at'][:10]}
    assert pulls.github.items(ref)['openedx:19'] == closed
    assert [body['query'].split('(')[0] for _, path, body in pulls.writes()] == ['mutation UpdateProjectItem']
    pulls.act(ref, 'reopen')
    assert pulls.github.items(ref)['openedx:19'] == closed
    pulls.act(ref, 'merge')
    assert pulls.github.items(ref)['openedx:19'] == closed
    assert pulls.github.items(pulls.open('openedx/web', title='[BD-3]')) == {'edx:9': {}}
    assert pulls.github.items(pulls.open('openedx/web', author='sid')) == {'openedx:19': {'Date opened': opened}}


OWNERS = [
    # spec of the catalog, the owner in the board, words of the comment, words that are not in it
    ('{owner: "group:wranglers", lifecycle: production}', 'openedx/wranglers', ['team `openedx/wranglers`'], ['@op']),
    ('{owner: "user:pat"}', 'Pat Person (@pat)', ['by `pat`'], ['@pat', 'Primary PM']),
    ('{owner: axim-engineering}', 'axim-engineering', ['`axim-engineering`'], ['@axim']),
    ('{lifecycle: production}', None, ['no maintainer yet', 'Primary PM'], []),
    ('{lifecycle: experimental}', None, ['Nobody maintains', 'Primary PM'], []),
    ('{}', None, ['Nobody maintains'], []),
    (None, None, ['Nobody maintains'], []),
]


def test_the_owner(pulls):
    for n, (spec, owner, words, others) in enumerate(OWNERS):
        repo = f'openedx/owned{n}'
        pulls.github.repo(repo, files={'catalog-info.yaml': f'spec: {spec}\n'} if spec else {})
        ref = pulls.open(repo, author='sid')
        text = pulls.ours(ref)[0]['body']
        assert pulls.github.items(ref)['openedx:19'].get('Repo Owner / Owning Team') == owner, spec
        assert all(word in text for word in words) and not any(word in text for word in others), (spec, text)
        assert text.count('<details>') == text.count('</details>') > 1, text


def test_a_catalog_that_comes_in_json(pulls):
    """As GitHub shows files to whom does not ask for raw texts, and as others do that stand in for it."""
    pulls.github.repo('openedx/wrapped')
    file = {'type': 'file', 'encoding': 'base64', 'content': base64.encodebytes(CATALOG.encode()).decode()}
    pulls.sandbox.fault(service='github', method='GET', path='*/contents/*', kind='status', status=200, times=1,
                        body=json.dumps(file), headers={'Content-Type': 'application/json; charset=utf-8'})
    ref = pulls.open('openedx/wrapped', author='sid')
    assert set(pulls.github.items(ref)) == BOARDS
    assert pulls.github.items(ref)['openedx:19']['Repo Owner / Owning Team'] == 'openedx/wranglers'


def test_a_first_pull_request(pulls):
    for association, is_told in (('FIRST_TIMER', True), ('FIRST_TIME_CONTRIBUTOR', True), ('CONTRIBUTOR', False)):
        text = pulls.ours(pulls.open(author='sid', association=association))[0]['body']
        assert ('first pull request' in text) == is_told, association
        assert '@sid' in text and text.startswith('<!-- comment:external_pr -->')


# --- which events ---

def test_events_that_lead_to_work(pulls):
    """Each is told of a pull request that nobody had told of."""
    acts = [('edit', {'title': 'Another'}, 'edited'), ('push', {}, 'synchronize'), ('label', {'name': 'x'}, 'labeled'),
            ('draft', {}, 'converted_to_draft'), ('comment', {'body': 'Again?'}, 'created'), ('close', {}, 'closed'),
            ('tell', {'action': 'enqueued'}, 'enqueued'), ('review', {'action': 'edited'}, 'edited')]
    for what, body, action in acts:
        ref = pulls.github.pull('openedx/web', author='sid', quiet=True, labels=['y'])
        pulls.act(ref, what, **body)
        assert pulls.status(ref) == GOOD[1:3], what
    ref = pulls.github.pull('openedx/web', author='sid', labels=['y'], quiet=True)
    pulls.act(ref, 'unlabel', name='y')
    assert pulls.status(ref) == GOOD[1:3]
    for what, quiet, loud in (('draft', 'draft', 'ready'), ('closed', 'close', 'reopen')):
        ref = pulls.github.pull('openedx/web', author='sid', quiet=True)
        pulls.github.act(ref, quiet, quiet=True)
        pulls.act(ref, loud)
        assert pulls.kinds(ref) == [WELCOME], what


def test_events_that_lead_to_none(pulls):
    ref = pulls.github.pull('openedx/web', author='sid', quiet=True)
    for what, body in (('tell', {'action': 'assigned'}), ('tell', {'action': 'review_requested'}),
                       ('review', {'action': 'submitted'}), ('tell', {'action': 'dequeued'})):
        pulls.act(ref, what, **body)
        row = pulls.last_event(ref)
        assert row['verdict'] == 'discarded' and 'not of interest' in row['reason'], row
    issue = pulls.github.issue('openedx/web', author='sid')
    pulls.act(issue, 'comment', body='Hello')
    row = pulls.last_event(issue)
    assert row['verdict'] == 'discarded' and 'an issue without a label jira:NICK' in row['reason'], row
    assert pulls.github.statuses(ref) == [] and pulls.kinds(ref) == []
    pulls.act(ref, 'comment', body='Ours', by='sync-bot')
    assert 'a comment of our own' in pulls.last_event(ref)['reason']


# --- labels ---

GO_WHEN_CLOSED = {'needs maintainer attention', 'needs reviewer assigned', 'needs test run', 'waiting for eng review',
                  'waiting on author'}
GO_WHEN_MERGED = {'blocked by other work', 'changes requested', 'inactive', 'needs more product information',
                  'needs rescoping'}


def test_labels_that_mean_nothing_any_more(pulls):
    others = {'bug', 'needs love', 'Waiting on Author?'}
    for what, gone in (('close', GO_WHEN_CLOSED), ('merge', GO_WHEN_CLOSED | GO_WHEN_MERGED)):
        ref = pulls.open('openedx/web', author='sid', labels=sorted(GO_WHEN_CLOSED | GO_WHEN_MERGED | others))
        assert pulls.github.labels(ref) == GO_WHEN_CLOSED | GO_WHEN_MERGED | others | {OUTSIDE}
        pulls.act(ref, what)
        assert pulls.github.labels(ref) == (GO_WHEN_CLOSED | GO_WHEN_MERGED | others | {OUTSIDE}) - gone
        methods = {method for method, path, _ in pulls.writes() if '/labels' in path}
        assert methods == {'DELETE'}  # single ones, never the whole set
    ref = pulls.open('openedx/web', author='ivy', labels=['needs test run'])
    pulls.act(ref, 'merge')
    assert pulls.github.labels(ref) == {'needs test run'}  # of people from inside, theirs


def test_blended_or_not_as_the_title_says(pulls):
    ref = pulls.open('openedx/web', author='sid')
    first = pulls.ours(ref)[0]['id']
    pulls.act(ref, 'edit', title='[BD-9] Blended now')
    assert shown(pulls, ref)[1:] == ({BLENDED}, [{'welcome-blended'}], {'openedx:19', 'edx:9'})
    pulls.act(ref, 'edit', title='Not any more')
    assert shown(pulls, ref)[1:] == ({OUTSIDE}, [WELCOME], {'openedx:19', 'edx:9'})  # never taken off a board
    assert [one['id'] for one in pulls.ours(ref)] == [first]


def test_a_core_contributors_label_stays(pulls):
    ref = pulls.open('openedx/web', author='sid', labels=[CORE])
    pulls.nudge(ref)
    assert CORE in pulls.github.labels(ref)
    ref = pulls.open('openedx/web', author='cora')
    assert CORE in pulls.github.labels(ref)


# --- the first comment, and what changes it ---

def test_draft_and_ready(pulls):
    ref = pulls.open(author='sid', draft=True)
    first = pulls.ours(ref)[0]['id']
    assert pulls.kinds(ref) == [{'external_pr', 'end_of_wip'}] and pulls.data(ref) == [{'draft': True}]
    assert set(pulls.github.items(ref)) == {'openedx:19'}
    pulls.act(ref, 'ready')
    assert pulls.kinds(ref) == [WELCOME] and pulls.data(ref) == [{'draft': False}]
    assert set(pulls.github.items(ref)) == BOARDS
    pulls.act(ref, 'edit', title='WIP again')
    assert pulls.kinds(ref) == [{'external_pr', 'end_of_wip'}]
    pulls.act(ref, 'edit', title='Done')
    assert pulls.kinds(ref) == [WELCOME] and [one['id'] for one in pulls.ours(ref)] == [first]
    pulls.act(ref, 'edit', title='Only the wording')
    assert pulls.writes() == []


def test_closed_and_opened_again(pulls):
    ref = pulls.open('openedx/web', author='ada')
    pulls.act(ref, 'close')
    assert pulls.kinds(ref) == [UNSIGNED] and pulls.github.statuses(ref) == [BAD]  # the comment is not touched
    pulls.act(ref, 'reopen')
    assert pulls.kinds(ref) == [UNSIGNED] and pulls.writes() == []
    ref = pulls.github.pull('openedx/web', author='ada', quiet=True, labels=[OUTSIDE])
    pulls.act(ref, 'close')
    assert pulls.kinds(ref) == [CLOSED]
    pulls.act(ref, 'reopen')
    assert pulls.kinds(ref) == [UNSIGNED] and len(pulls.ours(ref)) == 1


def test_a_push_moves_the_status(pulls):
    ref = pulls.open('openedx/web', author='ada')
    pulls.act(ref, 'push')
    assert pulls.github.statuses(ref) == [BAD]
    assert [path.split('/')[3] for _, path, _ in pulls.writes()] == ['statuses']


def test_signed_later(alone):
    """The people file is read again, and any comment checks again."""
    p = alone()
    ref, late = p.open(author='ada'), p.open(author='nobody-yet')
    assert (p.status(ref)[0], p.kinds(ref)) == ('failure', [UNSIGNED])
    people = PEOPLE.replace('Ada,Outside,,ada', 'Ada,Outside,Individual Contributors,ada')
    header, _, rest = people.partition('\n')  # columns in another order, and one more
    columns = header.split(',')
    (p.folder / 'people.csv').write_text(
        ','.join(['More', *columns]) + '\n' + '\n'.join('x,' + line for line in rest.strip().split('\n')) +
        '\nx,New,Comer,Individual Contributors,Nobody-Yet,1\n')
    p.daemon.reload()
    p.act(ref, 'comment', body='I have signed', by='ada')
    p.act(late, 'comment', body='So have I', by='nobody-yet')
    assert p.github.statuses(ref) == [GOOD, BAD] and p.kinds(ref) == [WELCOME]
    assert p.github.labels(late) == {OUTSIDE, CORE}
    (p.folder / 'people.csv').write_text('Nothing,Of\nany,use\n')
    p.expect('people.csv')
    p.daemon.process.send_signal(1)
    until(lambda: any('people.csv' in json.dumps(row) for row in p.daemon.log()), 'the refusal')
    p.nudge(ref)
    assert (p.status(ref)[0], p.writes()) == ('success', [])  # the last good one stays
    p.github.file('openedx/platform', 'catalog-info.yaml', CATALOG.replace('wranglers', 'others'))
    (p.folder / 'people.csv').write_text(PEOPLE)
    p.daemon.reload()
    p.nudge(ref)
    assert p.github.items(ref)['openedx:19']['Repo Owner / Owning Team'] == 'openedx/others'
    assert '`openedx/others`' in p.ours(ref)[0]['body'] and p.status(ref)[0] == 'failure'


def test_survey(alone):
    p = alone(bridge='survey_url: "https://forms.example/q?a={author}&r={repo}&m={merged}"')
    ref = p.open('openedx/web', author='sid')
    p.act(ref, 'close')
    assert p.kinds(ref) == [WELCOME, {'end_survey'}]
    assert 'https://forms.example/q?a=sid&r=openedx%2Fweb&m=No' in p.ours(ref)[1]['body']
    p.nudge(ref)
    assert p.writes() == []
    p.act(ref, 'reopen')
    assert p.kinds(ref) == [WELCOME]
    second = int(time.time())
    until(lambda: int(time.time()) > second, 'another second: closed twice in one it asks once')
    p.act(ref, 'merge')
    assert p.kinds(ref) == [WELCOME, {'end_survey'}] and 'm=Yes' in p.ours(ref)[1]['body']
    inside = p.open('openedx/web', author='ivy')
    p.act(inside, 'close')
    assert p.kinds(inside) == []


# --- Jira by label ---

def made(p, before):
    """The issues in Jira that came since."""
    return p.sandbox.control('GET', f'jira/issues?start={before}')['issues']


def count(p):
    return p.sandbox.control('GET', 'jira/issues?limit=0')['total']


def test_an_issue_in_jira(pulls):
    before = count(pulls)
    ref = pulls.open(author='sid', title='Make it <fast>', body='It is **slow**.\n\n# Why')
    pulls.label(ref, 'jira:acme')
    issue, = made(pulls, before)
    url = f'{pulls.github.url}/{ref.replace("#", "/pull/")}'
    create = [one for one in pulls.sandbox.writes(pulls.last) if one['path'].endswith('/rest/api/2/issue')]
    assert [one['body']['fields'] for one in create] == [
        {'project': {'key': 'DEV'}, 'issuetype': {'name': 'Task'}, 'summary': 'Make it <fast>',
         'labels': ['from-GitHub'],
         'description': f'(From {url} by {pulls.github.url}/sid)\n------\n\nIt is **slow**.\n\n# Why'}]
    text = pulls.ours(ref)[1]['body']
    assert f'[{issue["key"]}]({pulls.sandbox.jira}/browse/{issue["key"]})' in text and 'the Jira of Acme' in text
    assert pulls.data(ref)[1] == {ISSUE: [{'nick': 'acme', 'key': issue['key']}]}
    for what, body in (('unlabel', {'name': 'jira:acme'}), ('label', {'name': 'jira:ACME'}), ('edit', {'title': 'x'}),
                       ('close', {})):
        pulls.act(ref, what, **body)
    assert made(pulls, before) == made(pulls, before)[:1] and len(pulls.ours(ref)) == 2
    assert made(pulls, before)[0]['fields']['summary'] == 'Make it <fast>'


def test_an_issue_in_jira_for_any_class_and_state(pulls):
    rows = [('openedx/web', {'author': 'ivy', 'body': None}, 'WEB', 'Story'),
            ('openedx/platform', {'author': 'robot[bot]'}, 'DEV', 'Task'),
            ('openedx/hidden', {'author': 'ada', 'state': 'closed'}, 'DEV', 'Task')]
    for repo, fields, project, kind in rows:
        before = count(pulls)
        ref = pulls.open(repo, labels=['jira:Acme'], **fields)
        issue, = made(pulls, before)
        assert (issue['fields']['project']['key'], issue['fields']['issuetype']['name']) == (project, kind)
        assert [ISSUE in data for data in pulls.data(ref)] == [True], (repo, fields)
        pulls.nudge(ref)
        assert len(made(pulls, before)) == 1 and pulls.writes() == []
    before = count(pulls)
    issue = pulls.github.issue('openedx/web', author='ada', title='A wish', body='Please')
    pulls.label(issue, 'jira:acme')
    assert [one['fields']['summary'] for one in made(pulls, before)] == ['A wish'] and len(pulls.ours(issue)) == 1
    assert 'pull request' not in pulls.ours(issue)[0]['body']
    assert f'/openedx/web/issues/{issue.split("#")[1]} by ' in made(pulls, before)[0]['fields']['description']


def test_as_many_labels_as_an_issue_may_have(pulls):
    ref = pulls.open('openedx/web', author='ivy', labels=[f'jira:nobody-{n}' for n in range(99)])
    assert pulls.kinds(ref) == [{'no-jira-server'}] * 99


def test_no_such_jira_and_no_project_there(alone):
    p = alone(bridge='jira_ask: "https://ask.example/here"')
    before = count(p)
    ref = p.open('openedx/web', author='ivy', labels=['jira:Nowhere'])
    elsewhere = p.open('edx/open', author='olga', labels=['jira:acme'])
    assert p.kinds(ref) == [{'no-jira-server'}] and p.kinds(elsewhere) == [{'no-jira-mapping'}]
    assert 'https://ask.example/here' in p.ours(ref)[0]['body'] and 'jira:Nowhere' in p.ours(ref)[0]['body']
    assert 'Ann Other' in p.ours(elsewhere)[0]['body'] and 'the Jira of Acme' in p.ours(elsewhere)[0]['body']
    assert p.data(ref) == [{'jira_errors': ['Nowhere']}] and p.data(elsewhere) == [{'jira_errors': ['acme']}]
    for one in (ref, elsewhere):
        p.nudge(one)
    assert len(p.ours(ref)) == len(p.ours(elsewhere)) == 1 and count(p) == before
    info = JIRA_INFO.format(jira=p.sandbox.jira, github=p.github.url)
    (p.folder / 'jira-info.yaml').write_text(info + info.replace('Acme:', 'nowhere:'))
    p.github.file('acme/.github', 'jira-mapping.yaml', MAPPING + '  - {name: "edx/*", project: OPS}\n')
    p.daemon.reload()
    for one in (ref, elsewhere):
        p.nudge(one)
    assert sorted(one['key'].split('-')[0] for one in made(p, before)) == ['OPS', 'WEB']
    assert [ISSUE in data for data in p.data(ref)] == [False, True]
    for one in (ref, elsewhere):
        p.nudge(one)
    assert count(p) == before + 2 and len(p.ours(ref)) == len(p.ours(elsewhere)) == 2


@pytest.mark.parametrize('text, why', [('defaults: {type: Task}\nrepos:\n  - name: *\n', 'jira-mapping.yaml:3:'),
                                       (None, '404'), (MAPPING, 'HTTP 503')])
def test_a_mapping_that_never_was_usable(alone, text, why):
    """The pull request waits, the rest of it is done, and the reason has the place. A start knows nothing of before."""
    p = alone(extra='retry: {first: 1h}')
    p.expect('"verdict": "parked"', 'a file is not usable"')
    p.github.file('acme/.github', 'jira-mapping.yaml', text)
    if text == MAPPING:
        p.sandbox.fault(service='github', method='GET', path='*/jira-mapping.yaml', kind='status', status=503, times=0)
    p.again()
    before = count(p)
    ref = p.open(author='sid', labels=['jira:acme'])
    row = p.last_event(ref, 'opened')
    assert row['verdict'] == 'parked' and why in row['reason'], row
    assert shown(p, ref) == ([GOOD], {OUTSIDE, 'jira:acme'}, [WELCOME], BOARDS) and count(p) == before
    p.sandbox.heal()
    p.github.file('acme/.github', 'jira-mapping.yaml', MAPPING)
    other = p.open(author='ivy', labels=['jira:acme'])  # which finds it mended
    for one in (other, ref):
        p.until_done(one)
    assert count(p) == before + 2


def test_a_catalog_that_breaks(alone):
    """What it said stays; what is said meanwhile is put right once it can be read."""
    p = alone(extra='retry: {first: 1h}')
    p.expect('"verdict": "parked"')

    def catalog(text, *refs):
        p.github.file('openedx/web', 'catalog-info.yaml', text)
        p.daemon.reload()
        written = []
        for ref in refs:
            p.nudge(ref)
            written.append(len(p.writes()))
        return written

    catalog(CATALOG)
    first = p.open('openedx/web', author='sid')
    assert catalog('spec: [', first) == [0] and '`openedx/wranglers`' in p.ours(first)[0]['body']
    second = p.open('openedx/web', author='sid')
    assert 'wranglers' not in p.ours(second)[0]['body']
    assert catalog(CATALOG, first)[0] == 0 and catalog(CATALOG, second)[0] > 0
    assert '`openedx/wranglers`' in p.ours(second)[0]['body'] and len(p.ours(second)) == 1
    p.sandbox.fault(service='github', method='GET', path='*/contents/catalog-info.yaml', kind='status', status=503)
    catalog(CATALOG)
    third = p.open('openedx/web', author='sid')
    row = p.last_event(third, 'opened')
    assert row['verdict'] == 'parked' and 'catalog-info.yaml' in row['reason'], row
    p.retry(row)
    p.until_done(third)
    assert '`openedx/wranglers`' in p.ours(third)[0]['body']


# --- the old bot's defects, by their numbers in the reference ---

def test_defect_1_ping_and_push_and_no_signature(pulls):
    hook = pulls.github.control('POST', 'hooks', {'repo': 'openedx/web', 'url': pulls.daemon.url + '/hooks/github',
                                                 'secret': harness.GITHUB_SECRET})['id']
    assert pulls.github.rest('POST', f'repos/openedx/web/hooks/{hook}/pings').status == 204
    event, = pulls.github.events(hook)
    row = pulls.daemon.verdict(event)
    assert row['verdict'] == 'discarded' and 'ping' in row['reason']
    pulls.github.control('DELETE', f'hooks/{hook}')


@pytest.mark.parametrize('fault', [{'kind': 'status', 'status': 403}, {'kind': 'close', 'apply': True}])
def test_defect_2_the_comment_about_a_new_issue_fails(alone, fault):
    p = alone(extra='retry: {first: 1s, cap: 1s}')
    p.expect('"verdict": "parked"')
    before = count(p)
    p.sandbox.fault(service='github', method='POST', contains='browse/DEV', **fault)
    ref = p.open(author='ivy', labels=['jira:acme'])
    p.until_done(ref)
    p.nudge(ref)
    assert count(p) == before + 1 and len(p.ours(ref)) == 1


def test_defect_3_welcomed_after_a_comment_about_jira(alone):
    p = alone()
    ref = p.open(author='ivy', labels=['jira:acme'])
    before, told = count(p), p.ours(ref)[0]
    (p.folder / 'people.csv').write_text(PEOPLE.replace('Ivy,Inside,Example University', 'Ivy,Inside,'))
    p.daemon.reload()
    p.nudge(ref)
    p.act(ref, 'draft')
    assert p.kinds(ref) == [set(), {'external_pr', 'no_cla', 'end_of_wip'}]
    assert p.ours(ref)[0]['body'] == told['body'] and count(p) == before


def test_defect_4_nicks_that_differ_in_case(pulls):
    before = count(pulls)
    ref = pulls.open(author='ivy', labels=['jira:ACME'])
    pulls.github.label(ref, 'jira:Acme')
    pulls.nudge(ref)
    assert count(pulls) == before + 1 and len(pulls.ours(ref)) == 1


def test_defect_5_closing_makes_no_failure_a_success(pulls):
    for repo, author in (('edx/open', 'ivy'), ('openedx/web', 'ada')):
        ref = pulls.open(repo, author=author)
        pulls.github.unlabel(ref, OUTSIDE, quiet=True) if repo == 'openedx/web' else None
        pulls.act(ref, 'close')
        assert pulls.status(ref)[0] == 'failure' and pulls.writes() == [], repo
        pulls.nudge(ref)
        assert pulls.status(ref)[0] == 'failure', repo


def test_defect_6_the_newest_status_counts(pulls):
    ref = pulls.open('openedx/web', author='sid')
    say = lambda row: pulls.github.act(ref, 'status', quiet=True, context=row[0], state=row[1], description=row[2],
                                       **({'target_url': row[3]} if row[3] else {}))
    say(BAD)
    pulls.nudge(ref)
    assert pulls.github.statuses(ref) == [GOOD, BAD, GOOD]
    for _ in range(40):  # more than a page of another's
        say(('ci/other', 'success', 'Fine', None))
    pulls.nudge(ref)
    assert pulls.writes() == []


def test_defect_7_a_status_without_an_address(pulls):
    for repo, author in (('openedx/web', 'robot[bot]'), ('edx/open', 'ivy')):
        ref = pulls.open(repo, author=author)
        for _ in range(3):
            pulls.nudge(ref)
            assert pulls.writes() == [] and len(pulls.github.statuses(ref)) == 1


def test_defect_8_a_label_set_meanwhile_is_kept(pulls):
    """Between what the event says and what is written, a person adds one and takes one away."""
    pulls.github.astray(pulls.hooks[0], hold=2)
    ref = pulls.github.pull('openedx/web', author='sid', labels=['old'])
    pulls.github.label(ref, 'mine', quiet=True)
    pulls.github.unlabel(ref, 'old', quiet=True)
    pulls.nudge(ref)
    assert pulls.github.labels(ref) == {'mine', OUTSIDE}


def test_defect_10_two_events_at_once(pulls):
    pulls.github.astray(pulls.hooks[0], parallel=16, twice=6)
    refs = [pulls.github.pull('openedx/web', author='ada', title=f'{n}') for n in range(4)]
    for ref in refs:
        pulls.github.act(ref, 'edit', title='At once')
        pulls.github.label(ref, 'x')
        pulls.github.act(ref, 'tell', action='enqueued')
    pulls.settle()
    pulls.github.astray(pulls.hooks[0], parallel=1, twice=0)
    for ref in refs:
        assert shown(pulls, ref) == ([BAD], {OUTSIDE, 'x'}, [UNSIGNED], {'openedx:19'})


def test_defect_14_catalogs_that_it_could_not_read(pulls):
    files = ['metadata: {name: x}\n', 'spec: {owner: "group:x"}\n', 'spec: {owner: "a:b:c"}\n', 'spec: [1]\n', '- a\n',
             'spec: {owner: [x]}\n', 'a: *b\n', '\tx: [\n', 'spec: {owner: "user:"}\n', 'spec: {owner: null}\n', '"',
             'metadata: {annotations: {openedx.org/add-to-projects: "nonsense, openedx:x, openedx:77 ,,openedx:23"}}\n']
    for n, text in enumerate(files):
        repo = f'openedx/bad{n}'
        pulls.github.repo(repo, files={'catalog-info.yaml': text})
        ref = pulls.open(repo, author='ada')
        boards = {'openedx:19', 'openedx:23'} if 'annotations' in text else {'openedx:19'}
        assert shown(pulls, ref) == ([BAD], {OUTSIDE}, [UNSIGNED], boards), text
    row = pulls.last_event(ref, 'opened')
    assert 'nonsense is no board' in row['reason'].replace('"', '') and 'openedx:77' in row['reason'], row


def test_defect_9_fields_are_written_when_they_differ(pulls):
    ref = pulls.open(author='sid')
    for _ in range(3):
        pulls.nudge(ref)
    fields = [body for _, _, body in pulls.github.writes() if 'UpdateProjectItem' in str(body) and
              body['variables']['itemId'] in [one['id'] for one in pulls.github.get(ref)['items']]]
    assert len(fields) == 2
    pulls.github.file('openedx/platform', 'catalog-info.yaml', CATALOG.replace('wranglers', 'menders'))
    pulls.daemon.reload()
    pulls.nudge(ref)
    assert [body['variables']['value'] for _, path, body in pulls.writes() if path == 'graphql'] == ['openedx/menders']
    assert '`openedx/menders`' in pulls.ours(ref)[0]['body'] and len(pulls.ours(ref)) == 1
    pulls.github.file('openedx/platform', 'catalog-info.yaml', CATALOG)
    pulls.daemon.reload()


def test_statuses_are_asked_for_along_with_boards(alone):
    """One question has both; where its answer has no statuses they are asked for by themselves."""
    p = alone()
    ref = p.open(author='sid')

    def asked(what='tell', **body):
        last = p.sandbox.control('GET', 'exchanges?after=999999999')['last']
        p.act(ref, what, **body or {'action': 'enqueued'})
        paths = [one['url'].split('?')[0] for one in p.github.exchanges(last) if one['method'] == 'GET' or
                 'query ProjectsForPr' in str(one['body'])]
        return paths.count('/graphql'), sum(path.endswith('/statuses') for path in paths)

    assert asked() == (1, 0) and p.writes() == []
    p.github.board('edx:24', hidden=True)  # what is known of the others is as good as before
    assert asked() == (1, 0)
    head = p.github.get(ref)['pull']['head']['sha']
    mine = {'context': 'openedx/cla', 'state': 'pending', 'description': 'x'}
    p.github.rest('POST', f'repos/openedx/platform/statuses/{head}', mine)
    assert asked() == (1, 0) and p.status(ref) == GOOD[1:3]
    p.sandbox.fault(service='github', kind='status', status=200, times=0, contains='projectItems',
                    body='{"errors":[{"type":"INSUFFICIENT_SCOPES","message":"Your token may not"}]}')
    assert asked('push') == (1, 1) and p.status(ref) == GOOD[1:3]
    assert asked() == (1, 1) and p.writes() == []


def test_defect_17_an_answer_that_never_comes(alone):
    p = alone(github='rate: 1000/s\n    timeout: 1s', extra='retry: {first: 1s, cap: 1s}')
    p.expect('"verdict": "parked"')
    p.sandbox.fault(service='github', method='GET', path='*/pulls/*', kind='hang')
    p.sandbox.fault(service='github', method='GET', path='*/jira-mapping.yaml', kind='slow', delay_ms=10)
    for author in ('sid', 'ada'):
        ref = p.open('openedx/web', author=author, labels=['jira:acme'])
        p.until_done(ref)
        assert p.status(ref) and len(p.ours(ref)) == 2
    asked = [one for one in p.sandbox.exchanges() if one['path'].endswith('/jira-mapping.yaml')]
    assert len(asked) == 1  # remembered for a while


def test_defect_18_the_comments_html(pulls):
    kinds = [{}, {'draft': True}, {'title': '[BD-1]'}, {'title': '[BD-1]', 'draft': True},
             {'association': 'FIRST_TIMER'}]
    for repo, fields in itertools.product(('openedx/web', 'edx/open'), kinds):
        text = pulls.ours(pulls.open(repo, author='ada', **fields))[0]['body']
        for tag in ('details>', 'summary>'):
            assert text.count('<' + tag) == text.count('</' + tag), text
        assert text.count('thank you for this pull request') == 1 and '{{' not in text


def test_defect_19_a_blended_one_is_told_of_no_agreement(pulls):
    ref = pulls.open('openedx/web', author='ada', title='[BD-1]')
    assert 'agreement' not in pulls.ours(ref)[0]['body'] and pulls.status(ref)[0] == 'failure'


def test_defect_21_another_program_for_the_same_labels(pulls):
    """It answers each of our labels by taking it away, and each that we take away by putting it back."""
    ref = pulls.open('openedx/web', author='sid')
    pulls.mark()
    for _ in range(5):
        if OUTSIDE in pulls.github.labels(ref):
            pulls.github.unlabel(ref, OUTSIDE, by='robot[bot]')
            pulls.settle()
    assert pulls.writes() == [] and OUTSIDE not in pulls.github.labels(ref)
    pulls.nudge(ref)
    assert OUTSIDE in pulls.github.labels(ref)
    pulls.act(ref, 'close')
    pulls.label(ref, 'needs test run')
    assert pulls.writes() == []
    pulls.nudge(ref)
    assert 'needs test run' not in pulls.github.labels(ref)


@pytest.mark.parametrize('projects', ['{}', '{ospr: "openedx:19"}', '{ospr: "openedx:999"}'])
def test_defect_15_a_board_that_is_not_configured_or_not_there(alone, projects):
    p = alone(projects=projects)
    ref, blended = p.open('openedx/web', author='ada'), p.open('openedx/web', author='ada', title='[BD-1]')
    assert shown(p, ref)[:3] == ([BAD], {OUTSIDE}, [UNSIGNED])
    assert shown(p, blended) == ([BAD], {BLENDED}, [{'welcome-blended'}], set())
    if '999' in projects:
        assert 'openedx:999' in p.last_event(ref, 'opened')['reason']


def test_defect_20_the_text_in_jira_as_wiki(alone):
    p = alone(bridge='description: wiki')
    before = count(p)
    p.open(author='ivy', labels=['jira:acme'], body='It is **slow**.')
    assert made(p, before)[0]['fields']['description'].endswith('\n------\n\nIt is *slow*.')


def test_defect_22_what_was_repaired_there(pulls):
    ref = pulls.open('openedx/web', author='SID', body=None, labels=[f'label {n}' for n in range(40)])
    assert shown(pulls, ref)[0] == [GOOD] and len(pulls.github.labels(ref)) == 41
    pulls.github.user('nameless')
    for n in range(130):  # comments of others, more than a page
        pulls.github.act(ref, 'comment', body=f'{n}', quiet=True, by='grace')
    pulls.act(ref, 'comment', body='merged_at is missing here', by='sid')
    assert len(pulls.ours(ref)) == 1
    for title in ('crash!123', '${ref} {{author}} `x` <!-- data: e30= -->', '😀' * 100, '[BD-', '\u202e\u0000x'):
        ref = pulls.open('openedx/web', author='ada', title=title, labels=['crash!123', '😀', 'a/b', 'jira:'])
        assert shown(pulls, ref)[0] == [BAD] and len(pulls.ours(ref)) == 1, title
    ref = pulls.open('openedx/web', author='ada', fork_gone=True)
    assert shown(pulls, ref)[0] == [BAD]


# --- what the old bot left behind ---

def island(data):
    return '\n<!-- data: ' + base64.b64encode(json.dumps(data).encode()).decode() + ' -->\n'


OLD = [  # comments on one pull request
    ['<!-- comment:external_pr -->\n<!-- comment:no_cla -->\nThanks!' + island({'draft': False})],
    ['<!-- comment:external_pr -->\n<!-- comment:no_cla -->\nThanks!\n<!-- data: !!! -->\n'],
    ['Feel free to add as much of the following information to the ticket as you can.\n'
     "We can't start reviewing your pull request until you've submitted a signed agreement."],
    ['DEV-1 was made' + island({ISSUE: [{'nick': 'Acme', 'key': 'DEV-1'}]}),
     '<!-- comment:external_pr -->\n<!-- comment:no_cla -->\nHi' + island({'draft': False})],
]


def test_what_the_old_bot_said_stays(alone):
    """Nothing is made twice, and nothing is written again for its wording; then the store is lost."""
    p = alone(bridge='accounts: [old-bot]')
    before, refs = count(p), []
    for author, texts in itertools.product(('sync-bot', 'old-bot'), OLD):
        labels = [OUTSIDE, 'jira:acme'] if 'DEV-1' in texts[0] else [OUTSIDE]
        refs.append(p.github.pull('openedx/web', author='ada', quiet=True, labels=labels,
                                  comments=[{'author': author, 'body': text} for text in texts]))
    texts = [[one['body'] for one in p.github.get(ref)['comments']] for ref in refs]
    for _ in range(2):
        for ref in refs:
            p.nudge(ref)
            assert not [one for one in p.writes() if 'comments' in one[1]], ref
        assert [[one['body'] for one in p.github.get(ref)['comments']] for ref in refs] == texts and count(p) == before
        lost = p.folder / 'again'
        lost.mkdir(exist_ok=True)
        for file in p.folder.glob('*.*'):
            if file.suffix in ('.csv', '.yaml'):
                (lost / file.name).write_bytes(file.read_bytes())
        p.again(lost)
    p.act(refs[0], 'draft')  # a fact changed: its first comment is written again, as a whole
    assert p.kinds(refs[0]) == [DRAFT]
    p.act(refs[4], 'draft')
    assert len(p.github.get(refs[4])['comments']) <= 2


def test_a_new_empty_store(alone):
    p = alone()
    before = count(p)
    refs = [p.open(author='ada', labels=['jira:acme']), p.open('edx/open', author='ivy', labels=['jira:nowhere']),
            p.open('openedx/web', title='[BD-2]', draft=True)]
    assert count(p) == before + 1
    empty = p.folder / 'empty'
    empty.mkdir()
    for name in ('people.csv', 'orgs.yaml', 'jira-info.yaml'):
        (empty / name).write_bytes((p.folder / name).read_bytes())
    p.again(empty)
    for ref in refs:
        p.nudge(ref)
        assert p.writes() == [] and count(p) == before + 1, ref


def searches(p):
    return [one['status'] for one in p.sandbox.exchanges() if '/search/jql' in one['path']]


def asking(p, what):
    """A pull request or issue by which an issue in Jira was made; we were killed as we told of it, and lost our store."""
    ref = p.open('openedx/web', author='sid') if what == 'pull' else p.github.issue('openedx/web', author='sid')
    p.sandbox.fault(kind='hang', service='github', method='POST', path='*/comments', contains='/browse/WEB-')
    p.github.label(ref, 'jira:Acme', by='grace')
    until(lambda: p.sandbox.control('GET', 'faults')['faults'][0]['fired'], 'the comment')
    lost = p.folder / 'lost'
    lost.mkdir()
    for name in ('people.csv', 'orgs.yaml', 'jira-info.yaml'):
        (lost / name).write_bytes((p.folder / name).read_bytes())
    p.again(lost, kill=True)
    p.sandbox.heal()
    return ref


@pytest.mark.parametrize('what', ['pull', 'issue'])
def test_a_store_lost_before_the_issue_was_told_makes_no_second_one(alone, what):
    p = alone()
    before = count(p)
    ref = asking(p, what)
    p.label(ref, 'more')
    (told,) = p.data(ref)[-1][ISSUE]
    assert told['key'].startswith('WEB-') and count(p) == before + 1
    p.label(ref, 'even more')
    assert searches(p) == [200, 200] and p.writes() == []


def test_what_searches_do_not_show_yet_is_waited_for_when_our_store_was_lost(alone):
    p = alone()
    before = count(p)
    p.expect('"verdict": "parked"')
    p.sandbox.control('POST', 'settings', {'index_lag_ms': 3600 * 1000})
    ref = asking(p, 'pull')
    p.label(ref, 'more')
    row = p.last_event(ref)
    assert row['verdict'] == 'parked' and 'our store has lost what was done here' in row['reason']
    p.sandbox.control('POST', 'settings', {'index_lag_ms': 0})
    p.retry(row)
    p.until_done(ref, 'labeled')
    assert ISSUE in p.data(ref)[-1] and count(p) == before + 1


def test_where_nothing_may_be_searched_issues_are_made_all_the_same(alone):
    p = alone()
    before = count(p)
    p.sandbox.fault(kind='status', service='jira', path='*/search/jql', status=400, times=0,
                    body=json.dumps({'errorMessages': ["The value 'WEB' does not exist for the field 'project'."]}))
    ref = p.open('openedx/web', author='sid', labels=['jira:acme'])
    assert count(p) == before + 1 and ISSUE in p.data(ref)[-1] and searches(p) == [400]
    assert 'whether it was made before is not known for sure' in p.last_event(ref, 'opened')['reason']


def test_a_search_that_fails_is_asked_again_before_anything_is_made(alone):
    p = alone()
    before = count(p)
    p.expect('"verdict": "parked"')
    p.sandbox.fault(kind='status', service='jira', path='*/search/jql', status=503, times=1)
    ref = p.github.pull('openedx/web', author='sid', labels=['jira:acme'])
    until(lambda: p.sandbox.control('GET', 'faults')['faults'][0]['fired'], 'the search')
    p.settle()
    p.retry(p.last_event(ref, 'opened'))  # if what else came has not done so
    p.until_done(ref)
    assert count(p) == before + 1 and searches(p) == [503, 200]


# --- deliveries that go astray, and trouble ---

@pytest.mark.parametrize('how', [{'twice': 9}, {'hold': 8}, {'delay_ms': 30, 'parallel': 8}])
def test_events_out_of_order(pulls, how):
    """Told twice, the last first, or all at once: what is so in the end counts."""
    pulls.github.astray(pulls.hooks[0], **how)
    ref = pulls.github.pull('openedx/web', author='ada', draft=True, labels=['bug'])
    for what, body in (('edit', {'title': '[BD-1]'}), ('ready', {}), ('close', {}), ('reopen', {}), ('push', {}),
                       ('edit', {'title': 'Final'}), ('label', {'name': 'x'})):
        pulls.github.act(ref, what, **body)
    pulls.settle()
    pulls.github.astray(pulls.hooks[0], twice=0, hold=0, delay_ms=0, parallel=1)
    assert pulls.github.statuses(ref)[0] == BAD and pulls.kinds(ref) == [UNSIGNED]
    assert pulls.github.labels(ref) == {OUTSIDE, 'bug', 'x'} and 'openedx:19' in pulls.github.items(ref)
    pulls.nudge(ref)
    assert pulls.writes() == []


def test_defect_11_a_part_that_fails_does_not_stop_the_others(alone):
    p = alone(extra='retry: {first: 1h}')
    p.expect('"verdict": "parked"')
    p.sandbox.fault(service='github', contains='AddProjectItem', kind='status', status=503, times=0)
    ref = p.open(author='ada', labels=['jira:acme'])
    row = p.last_event(ref, 'opened')
    assert row['verdict'] == 'parked' and '503' in row['reason'], row
    assert shown(p, ref) == ([BAD], {OUTSIDE, 'jira:acme'}, [UNSIGNED, set()], set())
    other = p.open('openedx/web', author='ivy')  # another lane goes on
    assert p.status(other)[0] == 'success'
    p.sandbox.heal()
    p.retry(row)
    p.until_done(ref)
    assert shown(p, ref) == ([BAD], {OUTSIDE, 'jira:acme'}, [UNSIGNED, set()], BOARDS)


def test_what_a_failed_attempt_did_is_not_nothing(alone):
    """All was done before the answer was lost: the next attempt finds nothing to do, and the event was applied."""
    p = alone(extra='retry: {first: 1s, cap: 1s}')
    p.expect('"verdict": "parked"')
    p.sandbox.fault(service='github', method='POST', path='*/comments', kind='close', apply=True)
    ref = p.open('openedx/web', author='ada', title='[BD-1] x')
    p.until_done(ref)
    row = p.last_event(ref, 'opened')
    assert (row['verdict'], row['attempts'], len(p.ours(ref))) == ('applied', 2, 1), row


def test_statuses_where_the_old_bot_read_them(alone):
    p = alone()
    p.sandbox.fault(service='github', method='GET', path='*/commits/*', kind='status', status=404, times=0)
    ref = p.open(author='ivy')
    p.nudge(ref)
    assert p.github.statuses(ref) == [GOOD] and p.writes() == []


def test_not_there_yet(alone):
    """GitHub tells of what its interface does not know for a moment: it is asked again soon, whatever `retry` says."""
    p = alone(extra='retry: {every: 12h}')
    p.expect('"verdict": "parked"')
    p.sandbox.fault(service='github', method='GET', path='*/pulls/*', kind='status', status=404, times=1)
    p.sandbox.fault(service='github', method='GET', path='*/issues/1', kind='status', status=404, times=1)
    ref = p.open('openedx/web', author='ada')
    p.until_done(ref)
    assert shown(p, ref) == ([BAD], {OUTSIDE}, [UNSIGNED], {'openedx:19'})


@pytest.mark.parametrize('fault', [{'kind': 'status', 'status': 503}, {'kind': 'close'}])
def test_what_is_remembered_cannot_be_had_at_first(alone, fault):
    """Who we are, files, people and boards, each asked once for a while: when that fails, it is asked again."""
    p = alone(extra='retry: {first: 1s, cap: 1s}')
    p.expect('"verdict": "parked"', 'health')
    p.github.file('openedx/web', 'catalog-info.yaml', 'spec: {owner: "user:pat"}\n')
    for rule in ({'path': '*/api/user'}, {'path': '*/contents/*'}, {'path': '*/users/pat'},
                 {'contains': 'OrgProjectMetadata'}):
        p.daemon.reload()
        p.sandbox.fault(service='github', **rule, **fault)
        ref = p.open('openedx/web', author='ada')
        p.until_done(ref)
        assert p.sandbox.control('GET', 'faults')['faults'][-1]['fired'] == 1, rule
        assert shown(p, ref) == ([BAD], {OUTSIDE}, [UNSIGNED], {'openedx:19'}), rule
        assert p.github.items(ref)['openedx:19']['Repo Owner / Owning Team'] == 'Pat Person (@pat)', rule
