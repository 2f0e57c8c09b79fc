"""The thinnest run through the whole path."""
from harness import bug, comment, delivery


def test_a_tagged_bug_becomes_an_issue(serve, sandbox):
    daemon = serve()
    sandbox.put_bug({**bug(900, summary='Crash on start'), 'comments': [comment(9000, 'It **crashes**', 0)]})
    row = daemon.deliver(delivery(bug(900, summary='Crash on start')))
    assert row['verdict'] == 'applied', row
    tracker, key = row['target'].split(':')
    assert tracker == 'jira' and key.startswith('DEV-')
    issue = sandbox.issue(key)
    assert issue['fields']['summary'] == 'Crash on start'
    assert issue['fields']['description'] == 'It *crashes*'
    assert sandbox.bug(900)['see_also'] == [f'{sandbox.jira}/browse/{key}']
