"""Files that the configuration names are read again by themselves; what is refused changes nothing and is seen."""
import harness
from harness import bug, comment, delivery, until

REFUSED = 'the new configuration is refused, the old one stays'


def said(daemon, message):
    return sum(row['message'] == message for row in daemon.log())


def verdict(daemon, sandbox, number, tag):
    sandbox.put_bug({**bug(number, whiteboard=f'[{tag}]'), 'comments': [comment(1, 'Description', 0)]})
    return daemon.deliver(delivery(bug(number, whiteboard=f'[{tag}]')))['verdict']


def refused(daemon):
    return '\nlockstep_configuration_refused 1\n' in daemon.get('/metrics').body.decode()


def test_a_file_that_changed_is_read_by_itself(serve, sandbox):
    daemon = serve(server='refresh: 200ms')
    assert verdict(daemon, sandbox, 901, 'fresh') == 'discarded'
    (daemon.folder / 'actions.yaml').write_text(harness.ACTIONS.replace('whiteboard_tag: dev', 'whiteboard_tag: fresh'))
    until(lambda: said(daemon, 'files of the configuration read again'), 'the change to be seen')
    assert verdict(daemon, sandbox, 902, 'fresh') == 'applied'


def test_one_that_is_refused_changes_nothing_and_is_seen(serve, sandbox):
    daemon = serve(server='refresh: 200ms')
    daemon.expect(REFUSED)
    (daemon.folder / 'actions.yaml').write_text('- whiteboard_tag: [\n')
    until(lambda: refused(daemon), 'the metric')
    assert verdict(daemon, sandbox, 903, 'dev') == 'applied'
    (daemon.folder / 'actions.yaml').write_text(harness.ACTIONS)
    until(lambda: not refused(daemon), 'the metric to go back')
    assert said(daemon, 'files of the configuration read again') == 0


def test_the_configuration_itself_waits_until_it_is_told(serve, sandbox):
    daemon = serve(server='refresh: 200ms')
    before = daemon.config.read_text()
    daemon.config.write_text(before.replace('concurrency: 8', 'concurrency: 7') + '\n# half-way\n')
    (daemon.folder / 'actions.yaml').write_text(harness.ACTIONS.replace('whiteboard_tag: dev', 'whiteboard_tag: other'))
    until(lambda: 'outcome="waiting"' in daemon.get('/metrics').body.decode(), 'a look at it')
    assert verdict(daemon, sandbox, 904, 'dev') == 'applied'
    daemon.reload()
    assert verdict(daemon, sandbox, 905, 'other') == 'applied'
