"""Links between issues, from the relations between their bugs."""
import json

import pytest

from harness import Scene, action

STEPS = ['sync_dependencies', 'sync_see_also', 'sync_duplicates', 'sync_regressions']


def links_action(**parameters):
    return action(steps={'new': ['create_issue', 'add_link_to_jira', *STEPS], 'existing': STEPS}, **parameters)


# field, link type, on which side of our issue the other one stands
FIELDS = [
    ('depends_on', 'Blocks', 'inward'),
    ('blocks', 'Blocks', 'outward'),
    ('duplicates', 'Duplicate', 'inward'),
    ('regressions', 'Problem/Incident', 'outward'),
    ('regressed_by', 'Problem/Incident', 'inward'),
]
OTHER = {'inward': 'outward', 'outward': 'inward'}


@pytest.mark.parametrize('field, kind, side', FIELDS)
def test_a_relation_that_came(serve, sandbox, field, kind, side):
    scene = Scene(serve, sandbox, links_action())
    other, theirs = scene.linked()
    of, ours = scene.linked(**{field: [other['id']]})
    row = scene.tell(of, (field, '', str(other['id'])))
    assert row['verdict'] == 'applied' and 'reason' not in row
    assert scene.links(ours) == {(kind, side, theirs)}
    assert scene.links(theirs) == {(kind, OTHER[side], ours)}


@pytest.mark.parametrize('field, kind, side', FIELDS)
def test_a_relation_that_went(serve, sandbox, field, kind, side):
    scene = Scene(serve, sandbox, links_action())
    other, theirs = scene.linked()
    of, ours = scene.linked(**{field: [other['id']]})
    scene.tell(of, (field, '', str(other['id'])))
    sandbox.put_bug({'id': of['id'], field: []})
    assert scene.tell(of, (field, str(other['id']), ''))['verdict'] == 'applied'
    assert scene.links(ours) == set()
    assert scene.tell(of, (field, str(other['id']), ''), at='2026-11-20T12:00:00')['verdict'] == 'unchanged'


@pytest.mark.parametrize('field, kind, side', [row for row in FIELDS if row[0] != 'duplicates'])
def test_relations_of_a_new_issue(serve, sandbox, field, kind, side):
    scene = Scene(serve, sandbox, links_action())
    others = [scene.linked() for _ in range(3)]
    of = scene.bug(**{field: [one['id'] for one, _ in others]})
    row = scene.tell(of)
    ours = row['target'].removeprefix('jira:')
    assert scene.links(ours) == {(kind, side, theirs) for _, theirs in others}


def test_the_original_of_a_duplicate(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    original, theirs = scene.linked()
    of, ours = scene.linked(dupe_of=original['id'])
    scene.tell(of, ('dupe_of', '', str(original['id'])))
    assert scene.links(ours) == {('Duplicate', 'outward', theirs)}


def test_duplicates_are_not_linked_on_create_without_changes(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    other, _ = scene.linked()
    scene.tell(scene.bug(duplicates=[other['id']]))
    assert scene.links('DEV-3') == set()
    scene.tell(scene.bug(duplicates=[other['id']]), ('whiteboard', '', '[dev]'))
    assert len(scene.links('DEV-4')) == 1


def test_all_of_a_touched_field_are_linked_and_what_is_there_is_left_alone(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    one, first = scene.linked()
    two, second = scene.linked()
    of, ours = scene.linked(depends_on=[one['id']])
    scene.tell(of, ('depends_on', '', str(one['id'])))
    sandbox.put_bug({'id': of['id'], 'depends_on': [one['id'], two['id']]})
    scene.tell(of, ('depends_on', '', str(two['id'])))
    assert [write[0] for write in scene.writes] == ['POST']
    assert {key for _, _, key in scene.links(ours)} == {first, second}


def test_one_goes_and_another_comes(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    one, first = scene.linked()
    two, second = scene.linked()
    of, ours = scene.linked(blocks=[one['id']])
    scene.tell(of, ('blocks', '', str(one['id'])))
    sandbox.put_bug({'id': of['id'], 'blocks': [two['id']]})
    scene.tell(of, ('blocks', str(one['id']), str(two['id'])))
    assert [write[0] for write in scene.writes] == ['DELETE', 'POST']
    assert scene.links(ours) == {('Blocks', 'outward', second)}


def test_links_of_people_are_kept(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    other, theirs = scene.linked()
    of, ours = scene.linked()
    scene.jira('POST', 'issueLink', {'type': {'name': 'Relates'}, 'inwardIssue': {'key': ours},
                                     'outwardIssue': {'key': theirs}})
    assert scene.tell(of, ('depends_on', str(other['id']), ''))['verdict'] == 'unchanged'
    assert len(scene.links(ours)) == 1


def test_other_changes_touch_no_links(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    other, _ = scene.linked()
    of, ours = scene.linked(depends_on=[other['id']], blocks=[other['id']])
    assert scene.tell(of, ('summary', 'a', 'b'))['verdict'] == 'unchanged'
    assert scene.links(ours) == set()


# --- see_also ---

@pytest.mark.parametrize('swap', [False, True])
def test_see_also_of_a_bug_and_of_an_issue(serve, sandbox, swap):
    scene = Scene(serve, sandbox, links_action())
    other, theirs = scene.linked()
    web = scene.make_issue('AA' if swap else 'WEB') if not swap else None
    page = f'{sandbox.bugzilla}/show_bug.cgi?id={other["id"]}'
    of, ours = scene.linked()
    urls = [scene.url(ours), page] + ([scene.url(web)] if web else [])
    sandbox.put_bug({'id': of['id'], 'see_also': urls})
    scene.tell(of, ('see_also', scene.url(ours), ', '.join(urls)))
    wanted = {theirs, web} if web else {theirs}
    assert {(kind, key) for kind, _, key in scene.links(ours)} == {('Relates', key) for key in wanted}
    for write in scene.writes:  # the smaller key stands inward
        assert write[2]['inwardIssue']['key'] < write[2]['outwardIssue']['key']


def test_only_what_came_to_see_also_is_linked(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    old, new = scene.make_issue('WEB'), scene.make_issue('WEB')
    of, ours = scene.linked()
    sandbox.put_bug({'id': of['id'], 'see_also': [scene.url(key) for key in (ours, old, new)]})
    scene.tell(of, ('see_also', '', scene.url(new)))
    assert {key for _, _, key in scene.links(ours)} == {new}


def test_what_went_from_see_also_is_unlinked(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    theirs = scene.make_issue('WEB')
    of, ours = scene.linked()
    sandbox.put_bug({'id': of['id'], 'see_also': [scene.url(key) for key in (ours, theirs)]})
    scene.tell(of, ('see_also', '', scene.url(theirs)))
    assert len(scene.links(ours)) == 1
    sandbox.put_bug({'id': of['id'], 'see_also': [scene.url(ours)]})
    assert scene.tell(of, ('see_also', scene.url(theirs), ''))['verdict'] == 'applied'
    assert scene.links(ours) == set()


@pytest.mark.parametrize('url', ['https://github.com/a/b/issues/1', 'https://other.atlassian.net/browse/WEB-1',
                                 'https://bugzilla.example.org/show_bug.cgi?id=1', 'nonsense', 'http://'])
def test_other_addresses_in_see_also_are_left_alone(serve, sandbox, url):
    scene = Scene(serve, sandbox, links_action())
    of, ours = scene.linked()
    sandbox.put_bug({'id': of['id'], 'see_also': [scene.url(ours), url]})
    assert scene.tell(of, ('see_also', '', url))['verdict'] == 'unchanged'
    assert scene.writes == []


@pytest.mark.parametrize('excludes, linked', [(None, True), ([], True), (['WEB'], False), (['web'], True)])
def test_projects_may_be_left_out(serve, sandbox, excludes, linked):
    scene = Scene(serve, sandbox, links_action(**({} if excludes is None else {'linked_project_excludes': excludes})))
    theirs = scene.make_issue('WEB')
    other = scene.bug(whiteboard='', see_also=[scene.url(theirs)])
    of, ours = scene.linked(depends_on=[other['id']])
    sandbox.put_bug({'id': of['id'], 'see_also': [scene.url(ours), scene.url(theirs)]})
    scene.tell(of, ('depends_on', '', str(other['id'])), ('see_also', '', scene.url(theirs)))
    assert {kind for kind, _, _ in scene.links(ours)} == ({'Blocks', 'Relates'} if linked else set())


def test_bzffx_is_left_out_unless_said_otherwise(serve, sandbox):
    for scene, writes in ((Scene(serve, sandbox, links_action()), 0),):
        of, ours = scene.linked()
        url = scene.url('BZFFX-7')
        sandbox.put_bug({'id': of['id'], 'see_also': [scene.url(ours), url]})
        scene.tell(of, ('see_also', '', url))
        assert len(scene.writes) == writes


# --- what cannot be linked ---

def test_related_bugs_without_an_issue_or_that_are_not_there(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    plain = scene.bug(whiteboard='')
    of, ours = scene.linked(depends_on=[plain['id'], 999999])
    row = scene.tell(of, ('depends_on', '', f'{plain["id"]}, 999999'))
    assert (row['verdict'], row['reason']) == ('unchanged', 'bug 999999 is not accessible: no links for it')
    assert scene.links(ours) == set()


@pytest.mark.parametrize('creator', ['security@example.org', 'bot@example.org'])
def test_a_private_related_bug_is_not_linked(serve, sandbox, creator):
    scene = Scene(serve, sandbox, links_action())
    secret, theirs = scene.linked(is_private=True, groups=['core-security'], creator=creator)
    of, ours = scene.linked(blocks=[secret['id']])
    row = scene.tell(of, ('blocks', '', str(secret['id'])))
    assert row['verdict'] == 'unchanged' and 'is not accessible' in row['reason']
    assert scene.links(ours) == set() and scene.writes == []


@pytest.mark.parametrize('status, words', [(404, ''), (400, ''), (403, '')])
def test_a_link_that_jira_refuses_is_noted_and_the_rest_goes_on(serve, sandbox, status, words):
    scene = Scene(serve, sandbox, links_action())
    one, first = scene.linked()
    two, second = scene.linked()
    of, ours = scene.linked(depends_on=[one['id'], two['id']])
    sandbox.fault(kind='status', status=status, service='jira', method='POST', path='*/issueLink',
                  body=json.dumps({'errorMessages': ['No Link Issue Permission'], 'errors': {}}))
    row = scene.tell(of, ('depends_on', '', f'{one["id"]}, {two["id"]}'))
    assert row['verdict'] == 'applied' and 'No Link Issue Permission' in row['reason']
    assert scene.links(ours) == {('Blocks', 'inward', second)}


def test_a_link_to_itself_is_not_tried(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    of, ours = scene.linked()
    other = scene.bug(see_also=[scene.url(ours)])
    sandbox.put_bug({'id': of['id'], 'depends_on': [other['id'], of['id']]})
    assert scene.tell(of, ('depends_on', '', f'{other["id"]}'))['verdict'] == 'unchanged'


def test_a_relation_told_from_both_ends_is_one_link(serve, sandbox):
    scene = Scene(serve, sandbox, links_action())
    one, theirs = scene.linked()
    two, ours = scene.linked(depends_on=[one['id']])
    sandbox.put_bug({'id': one['id'], 'blocks': [two['id']]})
    assert scene.tell(two, ('depends_on', '', str(one['id'])))['verdict'] == 'applied'
    assert scene.tell(one, ('blocks', '', str(two['id'])))['verdict'] == 'unchanged'
    assert len(scene.issue(ours)['fields']['issuelinks']) == 1
