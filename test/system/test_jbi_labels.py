"""Labels from the whiteboard and from the keywords: single adds and removals, never the whole set."""
import pytest

from harness import Scene, action

WHITEBOARDS = [  # brackets, whiteboard, labels
    ('no', '[dev]', ['dev']),
    ('yes', '[dev]', ['[dev]']),
    ('both', '[dev]', ['dev', '[dev]']),
    ('no', '[dev][x] [y z]', ['dev', 'x', 'y.z']),
    ('yes', '[dev][y z]', ['[dev]', '[y.z]']),
    ('both', '[dev] [x]', ['dev', 'x', '[dev]', '[x]']),
    ('no', 'foo [dev] bar [baz]', ['foo.dev', 'bar.baz']),
    ('no', '[dev] tail', ['dev', 'tail']),
    ('no', '[dev]  ', ['dev']),
    ('no', '[dev][][ ]', ['dev']),
    ('no', '[[dev]]', ['dev']),
    ('no', '[dev] [bugzilla]', ['dev']),
    ('no', '[dev] a\tb', ['dev', 'a.b']),
]


@pytest.mark.parametrize('brackets, whiteboard, labels', WHITEBOARDS)
@pytest.mark.parametrize('group', ['new', 'existing'])
def test_labels_of_the_whiteboard(serve, sandbox, brackets, whiteboard, labels, group):
    scene = Scene(serve, sandbox, action(labels_brackets=brackets))
    if group == 'new':
        row, key = scene.tell(scene.bug(whiteboard=whiteboard)), 'DEV-2'
    else:
        of, key = scene.linked(issue={'labels': ['people']}, whiteboard=whiteboard)
        row = scene.tell(of, ('whiteboard', '[dev] ', whiteboard))
    assert row['verdict'] == 'applied' and 'reason' not in row
    assert scene.fields(key)['labels'] == (['people'] if group == 'existing' else []) + ['bugzilla', *labels]


def test_a_yes_without_quotes_is_a_word(serve, sandbox):
    actions = ('- whiteboard_tag: dev\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n'
               '    jira_project_key: DEV\n    labels_brackets: yes\n')
    daemon = serve(actions=actions)
    scene = Scene(lambda **_: daemon, sandbox)
    scene.tell(scene.bug())
    assert scene.fields('DEV-2')['labels'] == ['bugzilla', '[dev]']


CHANGED = [  # brackets, removed, now, the issue's labels before, after
    ('no', '[dev][old]', '[dev][new]', ['bugzilla', 'dev', 'old', 'people'], ['bugzilla', 'dev', 'people', 'new']),
    ('both', '[dev][old]', '[dev]', ['bugzilla', 'dev', 'old', '[dev]', '[old]'], ['bugzilla', 'dev', '[dev]']),
    ('no', '[dev][bugzilla]', '[dev]', ['bugzilla', 'dev'], ['bugzilla', 'dev']),
    ('no', '[dev][b][a]', '[dev]', ['a', 'b', 'dev', 'bugzilla'], ['dev', 'bugzilla']),
]


@pytest.mark.parametrize('brackets, removed, now, before, after', CHANGED)
def test_labels_of_a_changed_whiteboard(serve, sandbox, brackets, removed, now, before, after):
    scene = Scene(serve, sandbox, action(labels_brackets=brackets))
    of, key = scene.linked(issue={'labels': before}, whiteboard=now)
    scene.tell(of, ('whiteboard', removed, now))
    assert scene.fields(key)['labels'] == after
    for write in scene.writes:
        assert set(write[2]) == {'update'}, 'never the whole set'


def test_labels_that_are_right_are_not_written(serve, sandbox):
    scene = Scene(serve, sandbox)
    of, _ = scene.linked(issue={'labels': ['bugzilla', 'dev']})
    assert scene.tell(of, ('whiteboard', '[dev] ', '[dev]'))['verdict'] == 'unchanged'
    assert scene.writes == []


def test_labels_are_left_alone_when_the_whiteboard_did_not_change(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['sync_whiteboard_labels', 'sync_keywords_labels']}))
    of, key = scene.linked(keywords=['perf'])
    assert scene.tell(of, ('priority', 'P1', 'P2'))['verdict'] == 'unchanged'
    assert scene.fields(key)['labels'] == []


def test_a_very_long_piece_is_cut_to_what_jira_takes(serve, sandbox):
    scene = Scene(serve, sandbox, action(labels_brackets='both'))
    assert scene.tell(scene.bug(whiteboard='[dev][' + 'x' * 300 + ']'))['verdict'] == 'applied'
    assert scene.fields('DEV-2')['labels'] == ['bugzilla', 'dev', 'x' * 255, '[dev]', '[' + 'x' * 253 + ']']


def test_labels_that_jira_refuses_are_noted(serve, sandbox):
    scene = Scene(serve, sandbox, action(steps={'existing': ['sync_whiteboard_labels', 'update_issue_summary']}))
    of, key = scene.linked(summary='New words')
    sandbox.fault(kind='status', status=400, service='jira', method='PUT', path=f'*/issue/{key}',
                  body='{"errors":{"labels":"not on the screen"}}')
    row = scene.tell(of, ('whiteboard', '[dev] ', '[dev]'), ('summary', 'a', 'New words'))
    assert row['verdict'] == 'applied' and 'not on the screen' in row['reason']
    assert scene.fields(key)['summary'] == 'New words'


KEYWORDS = action(steps={'new': ['create_issue', 'sync_keywords_labels'], 'existing': ['sync_keywords_labels']})


@pytest.mark.parametrize('keywords', [['perf'], ['good-first-bug', 'perf'], ['two words'], []])
def test_labels_of_keywords_on_create(serve, sandbox, keywords):
    scene = Scene(serve, sandbox, KEYWORDS)
    assert scene.tell(scene.bug(keywords=keywords))['verdict'] == 'applied'
    assert scene.fields('DEV-2')['labels'] == [word.replace(' ', '.') for word in keywords]


@pytest.mark.parametrize('now, removed, added, before, after', [
    (['perf'], '', 'perf', [], ['perf']),
    (['perf', 'crash'], '', 'perf, crash', ['people'], ['people', 'perf', 'crash']),
    (['crash'], 'perf', 'crash', ['perf', 'people'], ['people', 'crash']),
    ([], 'perf', '', ['perf', 'people'], ['people']),
    ([], 'perf', '', ['people'], ['people']),
    (['perf'], 'perf', '', ['perf'], ['perf']),
])
def test_labels_of_changed_keywords(serve, sandbox, now, removed, added, before, after):
    scene = Scene(serve, sandbox, KEYWORDS)
    of, key = scene.linked(issue={'labels': before}, keywords=now)
    row = scene.tell(of, ('keywords', removed, added))
    assert scene.fields(key)['labels'] == after
    assert row['verdict'] == ('unchanged' if before == after else 'applied')
    for write in scene.writes:
        assert '' not in [label for one in write[2]['update']['labels'] for label in one.values()]
