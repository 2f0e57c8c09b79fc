"""Files that the configuration names are read again by themselves; what is refused changes nothing and is seen."""
import re
import signal

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


# --- files of a bridge of pull requests ---

UNUSABLE, AGAIN = 'a file is not usable, what it said before is used', 'a file is usable again'
SITES = 'jira.all_sites_are_usable'


def beat(daemon, check, level):
    """The check's messages, once it is of that level."""
    def ask():
        beat = daemon.get('/__heartbeat__')
        is_so = beat.status == 200 and beat.json['checks'].get(check) == level
        return beat.json['details'].get(check, {'messages': {}}) if is_so else None
    return until(ask, f'{check} to be {level}')['messages']


def placed(p):
    """Open a pull request that asks for an issue, and read where that was made."""
    before = p.sandbox.control('GET', 'jira/issues?limit=0')['total']
    ref = p.open('openedx/web', author='sid', labels=['jira:acme'])
    p.until_done(ref)
    issue, = p.sandbox.control('GET', f'jira/issues?start={before}')['issues']
    return issue['fields']['project']['key'], issue['fields']['issuetype']['name']


def shown(p):
    """By which files a pull request is treated: mapping and Jira info, people, texts."""
    place, ref = placed(p), p.events()[0]['subject'].removeprefix('github:')
    return (*place, p.status(ref)[0], re.search(r'Hello \w+', p.ours(ref)[0]['body'])[0])


BEFORE = ('WEB', 'Story', 'success', 'Hello sid')


def mapping(p, text):
    p.github.file('acme/.github', 'jira-mapping.yaml', text)


BREAKS = {
    'no YAML': ('repos:\n- name: *\n', 'jira-mapping.yaml:2:9: '),
    'another shape': ('[]', 'expected a map with defaults and repos, got a list'),
    'an entry of another shape': ('repos: [{name: other/x, project: []}]', 'jira-mapping.yaml:1:34: project: '),
    'nothing': (' ', 'got nothing'),
    'gone': (None, 'HTTP 404'),
    'the host in trouble': (dict(kind='status', status=503), 'HTTP 503'),
    'no answer': (dict(kind='close'), 'fact file'),
}


def test_a_mapping_that_breaks(alone):
    """A company's, at an address: the last one that was usable serves until there is another, and that is seen."""
    p = alone()
    p.expect(UNUSABLE)
    assert placed(p) == ('WEB', 'Story')
    for n, (how, why) in enumerate(BREAKS.values()):
        if isinstance(how, dict):
            p.sandbox.heal()
            p.sandbox.fault(service='github', method='GET', path='*/jira-mapping.yaml', times=0, **how)
        else:
            mapping(p, how)
        p.daemon.reload()
        assert placed(p) == ('WEB', 'Story')
        opened = max(row['id'] for row in p.events() if row['kind'] == 'pull_request.opened')
        notes = [note for unit in p.daemon.units(opened) for note in unit.get('notes', [])]
        assert any(why in note and 'what it said before is used' in note for note in notes), (why, notes)
        assert beat(p.daemon, SITES, 'warning') == {'jira.site.Acme': 'its mapping is not usable'}  # for anybody to see
        assert said(p.daemon, UNUSABLE) == min(n, 4) + 1  # once for each change: not to be had is one
        assert f'\nlockstep_health{{check="{SITES}"}} 1\n' in p.daemon.get('/metrics').body.decode()
    code, out, _ = p.daemon.command('check', '--online')
    assert code == 0, out
    assert f'warning  {SITES}\n         jira.site.Acme: its mapping is not usable: the mapping of Acme cannot' in out, out
    p.sandbox.heal()
    mapping(p, harness.MAPPING.replace('Story', 'Bug'))
    assert placed(p) == ('WEB', 'Bug')  # nobody said that it is mended
    assert beat(p.daemon, SITES, 'ok') == {} and said(p.daemon, AGAIN) == 1
    assert f'\nlockstep_health{{check="{SITES}"}} 0\n' in p.daemon.get('/metrics').body.decode()


def test_where_a_mapping_is_says_nothing_of_its_jira(alone):
    p = alone()
    p.expect(UNUSABLE)
    placed(p)
    p.sandbox.fault(service='github', method='GET', path='*/jira-mapping.yaml', times=0, kind='status',
                    status=503)
    p.daemon.reload()
    for _ in range(12):  # as many as would open a breaker, if it counted them
        p.github.pull('edx/open', author='olga', labels=['jira:acme'])
    p.settle()
    assert placed(p) == ('WEB', 'Story')


LABELS = 'bug: {color: d73a4a}\n'
FILES = {  # how each breaks, and the place that is told
    'people.csv': ('Login\nsid\n', 'people.csv:1'),
    'orgs.yaml': ('Acme: [\n', 'orgs.yaml:2:1: '),
    'jira-info.yaml': ('- Acme\n', 'jira-info.yaml:1:1: '),
    'mapping.yaml': ('repos:\n- {name: a, project: []}\n', 'mapping.yaml:2:22: '),
    'texts/welcome.md': ('Hello {{nobody}}\n', 'welcome.md:1:'),
    'labels.yaml': ('bug: {color: red}\n', 'labels.yaml:1:'),
}


class Files:
    """The files of a bridge, all of them in order at first; labels.yaml is at an address."""

    def __init__(self, folder, sandbox):
        self.folder, self.sandbox = folder, sandbox
        (folder / 'texts').mkdir()
        self.good = {**harness.pull_files(sandbox), 'mapping.yaml': harness.MAPPING, 'labels.yaml': LABELS,
                     'texts/welcome.md': 'Hello {{author}}\n'}
        self.good['jira-info.yaml'] = self.good['jira-info.yaml'].replace(
            f'{sandbox.github.url}/raw/acme/.github/HEAD/jira-mapping.yaml', 'mapping.yaml')
        for name in self.good:
            self.mend(name)
        self.bridge = f'templates: texts\n    labels_file: {sandbox.github.url}/raw/acme/labels/HEAD/labels.yaml'

    def put(self, name, text):
        if name == 'labels.yaml':
            self.sandbox.github.repo('acme/labels', files={name: text})
        else:  # at once, since it may be read at any time
            (self.folder / 'next').write_text(text)
            (self.folder / 'next').rename(self.folder / name)

    def mend(self, name):
        self.put(name, self.good[name])


def looks(daemon, outcome):
    found = re.search(rf'lockstep_configuration_reads_total{{outcome="{outcome}"}} (\d+)',
                      daemon.get('/metrics').body.decode())
    return int(found[1]) if found else 0


def look_twice(daemon, outcome):
    before = looks(daemon, outcome)
    until(lambda: looks(daemon, outcome) >= before + 2, 'two more looks')


def test_files_of_pull_requests_that_break(alone, sandbox, tmp_path):
    """Refused at a start, with the place; later what was read before stays, and that is seen."""
    files = Files(tmp_path, sandbox)
    p = alone(bridge=files.bridge)
    p.expect(REFUSED)
    for name, (bad, place) in FILES.items():
        files.put(name, bad)
        code, _, told = p.daemon.command('check')
        assert code == 1 and place in told, (name, told)
        files.mend(name)
    p.again(server=', refresh: 20ms')
    for n, (name, (bad, place)) in enumerate(FILES.items()):
        files.put(name, bad)
        told = until(lambda: [row for row in p.daemon.log() if row['message'] == REFUSED][n:], name)
        assert place in told[-1]['problems'], (name, told)
        assert shown(p) == BEFORE and refused(p.daemon), name
        assert 'configuration.refused' in beat(p.daemon, 'configuration.accepted', 'warning')
        look_twice(p.daemon, 'refused')
        assert said(p.daemon, REFUSED) == n + 1  # once for each change …
        files.mend(name)
        assert beat(p.daemon, 'configuration.accepted', 'ok') == {} and not refused(p.daemon)
    assert said(p.daemon, 'the configuration is sound again') == len(FILES)
    files.put(name, bad)
    until(lambda: refused(p.daemon), name)
    p.daemon.process.send_signal(signal.SIGHUP)
    until(lambda: said(p.daemon, REFUSED) == len(FILES) + 2, 'an answer')  # … and for each who asks
    assert shown(p) == BEFORE


def test_files_that_cannot_be_had(alone, sandbox, tmp_path):
    """Neither is what was read before forgotten while a file is away."""
    files = Files(tmp_path, sandbox)
    p = alone(bridge=files.bridge, server=', refresh: 20ms')
    p.expect(REFUSED)
    for name in ('people.csv', 'orgs.yaml', 'jira-info.yaml', 'mapping.yaml', 'texts/welcome.md'):
        (tmp_path / name).unlink()
        until(lambda: refused(p.daemon), name)
        files.mend(name)
        until(lambda: not refused(p.daemon), name)
    for fault in (dict(kind='status', status=404), dict(kind='status', status=503), dict(kind='close')):
        sandbox.fault(service='github', method='GET', path='*/labels.yaml', times=0, **fault)
        until(lambda: refused(p.daemon), fault)
        sandbox.heal()
        until(lambda: not refused(p.daemon), fault)
    assert shown(p) == BEFORE and said(p.daemon, 'files of the configuration read again') == 0


def test_a_site_that_loses_what_it_needs(alone):
    """One bad entry takes no other with it: it is known, what needs it waits, and that is seen."""
    p = alone(extra='retry: {first: 1h}')
    p.expect('"verdict": "parked"')
    info = p.folder / 'jira-info.yaml'
    good = info.read_text()
    info.write_text(good.replace('  email:', '  mail:'))
    p.daemon.reload()
    ref = p.open('openedx/web', author='sid', labels=['jira:acme'])
    row = p.last_event(ref, 'opened')
    assert row['verdict'] == 'parked' and 'Acme.email: is required' in row['reason'], row
    assert p.status(ref)[0] == 'success'
    assert beat(p.daemon, SITES, 'warning') == {'jira.site.Acme': 'it is not usable'}
    told = [row['problems'] for row in p.daemon.log() if row['message'] == 'configuration read again']
    assert 'warning: Acme.email: is required' in told[-1], told
    info.write_text(good)
    p.daemon.reload()
    p.until_done(ref)
    assert beat(p.daemon, SITES, 'ok') == {}


def test_told_to_read_it_while_that_is_under_way(alone, sandbox, tmp_path):
    files = Files(tmp_path, sandbox)
    p = alone(bridge=files.bridge, server=', refresh: 1ms')
    sandbox.fault(service='github', method='GET', path='*/labels.yaml', times=0, kind='slow', delay_ms=50)
    for _ in range(3):
        p.daemon.reload()
