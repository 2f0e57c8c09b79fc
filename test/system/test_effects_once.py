"""Every effect happens once: whichever exchange of a change fails, and wherever in it the daemon dies, the trackers end
up as if nothing had happened, and nothing is written twice or out of order.

Each plot below is told once without a fault; the trace of that gives its exchanges. Then it is told again for each of
them and each fault, and once more for each commit of the store, every time with a bug and issues of its own.
"""
import base64
import collections
import dataclasses
import fnmatch
import http.client
import itertools
import json
import re
import signal
import urllib.parse

import pytest

import harness
from harness import PROJECT, Scene, action, change, comment, delivery, github_delivery, request, until

FAULTS = {'its answer is lost': {'kind': 'close', 'apply': True}, 'it is cut off': {'kind': 'close'},
          'it is answered 503': {'kind': 'status', 'status': 503}}
KILLS = {'killed before its effect': {'kind': 'hang'}, 'killed after its effect': {'kind': 'hang', 'apply': True}}
LATER = 'Said afterwards'
FIRST_NUMBER = 70000  # of a bug; the ids of its comments begin with it

# --- what is told: each returns the bug and a delivery about it ---

NEW = ['create_issue', 'maybe_delete_duplicate', 'add_link_to_bugzilla', 'add_link_to_jira', 'maybe_assign_jira_user',
       'maybe_update_components', 'maybe_update_issue_priority', 'maybe_update_issue_severity',
       'maybe_update_issue_points', 'maybe_update_issue_status', 'sync_whiteboard_labels', 'sync_keywords_labels',
       'sync_dependencies', 'sync_see_also', 'sync_duplicates', 'sync_regressions']
MAPS = {'status_map': {'NEW': 'To Do', 'ASSIGNED': 'In Progress', 'FIXED': 'Done', 'INVALID': 'Cancelled'},
        'resolution_map': {'FIXED': 'Fixed'}}


def rule(tag='dev', project='JB', new=('create_issue', 'add_link_to_jira'), existing=(), **parameters):
    steps = {'new': list(new), 'existing': list(existing), 'comment': ['create_comment'],
             'attachment': ['create_comment', 'maybe_add_phabricator_link']}
    return action(tag, project, steps, **MAPS, **parameters)


def new_bug(s):
    of = s.bug()
    return of, delivery(of)


def new_bug_of_two_rules(s):
    of = s.bug(whiteboard='[dev][web]')
    return of, delivery(of)


def new_bug_with_everything(s):
    other, _ = s.linked()
    of = s.bug(status='ASSIGNED', assigned_to='ada@example.org', component='Main', severity='S2', cf_fx_points='3',
               keywords=['perf'], depends_on=[other['id']], see_also=[s.url(s.make_issue('WEB'))])
    return of, delivery(of)


def bug_that_gets_the_tag(s):
    """Steps of new bugs, on an issue that is there."""
    of, _ = s.linked(assigned_to='ada@example.org')
    return of, modified(of, ('whiteboard', '', '[dev]'))


def modified(of, *changes):
    return delivery(of, 'modify', changes=[change(*one) for one in changes])


def new_comment(s):
    of, _ = s.linked()
    return of, s.said(of, 1, 'Once only')


def attachment(s):
    of, _ = s.linked()
    number = of['id'] * 10 + 5
    what = {'id': number, 'content_type': 'text/x-phabricator-request', 'creation_time': '2026-11-20T10:00:00',
            'description': 'A revision', 'file_name': 'phabricator-D12-url.txt', 'flags': [], 'is_obsolete': False,
            'is_patch': False, 'is_private': False}
    s.sandbox.put_bug({'id': of['id'], 'attachment': what})
    return of, delivery({**of, 'attachment': what}, target='attachment')


def resolved(s):
    of, _ = s.linked(status='RESOLVED', resolution='FIXED')
    return of, modified(of, ('status', 'NEW', 'RESOLVED'), ('resolution', '', 'FIXED'))


def cancelled(s):
    """One transition that also sets a field and adds a comment."""
    of, _ = s.linked(status='RESOLVED', resolution='INVALID')
    return of, modified(of, ('resolution', '', 'INVALID'))


def fields(s):
    of, key = s.linked(priority='P1', severity='S1', cf_fx_points='5', type='defect')
    return of, modified(of, ('summary', 'a', 'b'), ('type', 'task', 'defect'), ('priority', 'P2', 'P1'),
                        ('severity', 'S2', 'S1'), ('cf_fx_points', '3', '5'))


def labels(s):
    of, _ = s.linked(whiteboard='[dev][beta]', keywords=['perf'],
                     issue={'labels': ['bugzilla', 'dev', 'alpha', 'regression', 'mine']})
    return of, modified(of, ('whiteboard', '[dev][alpha]', '[dev][beta]'), ('keywords', 'regression', 'perf'))


def components(s):
    """Two that the project lacks, one that it has; one of ours goes, one of other people's stays."""
    ours, theirs = {'name': 'Performance'}, {'name': 'Data Quality'}
    of, _ = s.linked(component='Main', issue={'components': [ours, theirs]})
    of['product'] = f'Product {of["id"]}'
    s.sandbox.put_bug({'id': of['id'], 'product': of['product']})
    return of, modified(of, ('component', 'Performance', 'Main'))


def assigned(s):
    of, _ = s.linked(assigned_to='ada@example.org')
    return of, modified(of, ('assigned_to', 'nobody@mozilla.org', 'ada@example.org'))


def assigned_to_nobody(s):
    of, _ = s.linked(issue={'assignee': {'accountId': '712020:ada'}})
    return of, modified(of, ('assigned_to', 'ada@example.org', 'nobody@mozilla.org'))


def relations(s):
    """Of each kind one that comes; of dependencies one that goes as well."""
    others = [s.linked() for _ in range(6)]
    bugs = [str(one['id']) for one, _ in others]
    web = s.url(s.make_issue('WEB'))
    of, key = s.linked()
    now = {'depends_on': [int(bugs[1])], 'blocks': [int(bugs[2])], 'regressions': [int(bugs[3])],
           'regressed_by': [int(bugs[4])], 'dupe_of': int(bugs[5]), 'see_also': [s.url(key), web]}
    s.jira('POST', 'issueLink', {'type': {'name': 'Blocks'}, 'inwardIssue': {'key': others[0][1]},
                                 'outwardIssue': {'key': key}})
    s.sandbox.put_bug({'id': of['id'], **now})
    return {**of, **now}, modified(
        {**of, **now}, ('depends_on', bugs[0], bugs[1]), ('blocks', '', bugs[2]), ('regressions', '', bugs[3]),
        ('regressed_by', '', bugs[4]), ('dupe_of', '', bugs[5]), ('see_also', '', web))


def dependency(s):
    other, _ = s.linked()
    of, _ = s.linked(depends_on=[other['id']])
    return of, modified(of, ('depends_on', '', str(other['id'])))


@dataclasses.dataclass
class Plot:
    tell: object
    rules: list = ()
    ahead: dict = None   # a fault that is a part of the plot, so that what follows it has faults of its own
    always: dict = None  # what is so whenever it is asked
    seed: dict = None    # of the sandbox
    jira: str = ''       # of the configuration


CREATE = {'service': 'jira', 'method': 'POST', 'path': '/jira/rest/api/2/issue'}
COMMENT = {**CREATE, 'path': '/jira/rest/api/2/issue/*/comment'}
LOST, CUT_OFF = FAULTS['its answer is lost'], FAULTS['it is cut off']
USERS = {'users': [{'login': 'bot@example.org', 'api_key': 'sandbox-bugzilla-key'}, {'login': 'ada@example.org'}]}
JIRA = {'users': [{'accountId': 'bot', 'email': 'bot@example.org', 'token': 'sandbox-jira-token'}],
        'statuses': [{'name': 'Backlog', 'category': 'new'}], 'projects': [{'key': 'JB', 'types': ['Task', 'Bug']}]}
SERVER = {'jira': {**JIRA, 'deployment': 'Server'}, 'bugzilla': {**USERS, 'flavour': 'stock'}}

PLOTS = {
    'a new bug with everything': Plot(new_bug_with_everything, [rule(new=NEW)]),
    'a new bug of two rules': Plot(new_bug_of_two_rules, [rule(), rule('web', 'WEB')]),
    'a new bug, the issue alone': Plot(new_bug, [rule(new=['create_issue'])]),
    'a new bug, the issue is made and not told of': Plot(new_bug, [rule()], {**CREATE, **LOST}),
    'a new bug, the issue is not made at first': Plot(new_bug, [rule()], {**CREATE, **CUT_OFF}),
    'a new bug between stock Bugzilla and Jira Server': Plot(
        new_bug, [rule()], {**CREATE, **LOST}, seed=SERVER, jira='deployment: server'),
    'a bug that gets the tag': Plot(bug_that_gets_the_tag, [rule(new=NEW)]),
    'a comment': Plot(new_comment, [rule()]),
    'a comment, made and not told of': Plot(new_comment, [rule()], {**COMMENT, **LOST}),
    'a comment, not made at first': Plot(new_comment, [rule()], {**COMMENT, **CUT_OFF}),
    'an attachment': Plot(attachment, [rule()]),
    'resolved': Plot(resolved, [rule(existing=['add_jira_comments_for_changes', 'maybe_update_issue_status',
                                               'maybe_update_issue_resolution'])]),
    'cancelled': Plot(cancelled, [rule(existing=['maybe_update_issue_status'])]),
    'fields': Plot(fields, [rule(existing=[
        'update_issue_summary', 'maybe_update_issue_type', 'maybe_update_issue_priority',
        'maybe_update_issue_severity', 'maybe_update_issue_points'])]),
    'labels': Plot(labels, [rule(existing=['sync_whiteboard_labels', 'sync_keywords_labels'])]),
    'components': Plot(components, [rule(existing=['maybe_update_components'], jira_components={
        'use_bug_component': True, 'use_bug_product': True, 'use_bug_component_with_product_prefix': True,
        'create_components': True})]),
    'assigned': Plot(assigned, [rule(existing=['add_jira_comments_for_changes', 'maybe_assign_jira_user'])]),
    'assigned to one who may not be': Plot(assigned, [rule(existing=['maybe_assign_jira_user'])], always={
        'service': 'jira', 'method': 'GET', 'path': '/jira/rest/api/2/user/search', 'kind': 'status', 'status': 200,
        'times': 0, 'body': json.dumps([{'accountId': '712020:gone', 'accountType': 'atlassian', 'active': True,
                                         'displayName': 'Ada', 'emailAddress': 'ada@example.org'}])}),
    'assigned to nobody': Plot(assigned_to_nobody, [rule(existing=['maybe_assign_jira_user'])]),
    'relations': Plot(relations, [rule(existing=['sync_dependencies', 'sync_see_also', 'sync_duplicates',
                                                 'sync_regressions'])]),
    'a relation that is there after all': Plot(dependency, [rule(existing=['sync_dependencies'])], {
        **CREATE, 'path': '/jira/rest/api/2/issueLink', 'kind': 'status', 'status': 400, 'apply': True}),
}


# --- telling it ---

@dataclasses.dataclass
class Step:
    """One exchange of a plot."""
    service: str  # of the sandbox
    purpose: str
    method: str
    path: str  # with names for the bugs and issues of one telling, and * for what only its end can name

    def __str__(self):
        return f'{self.service} {self.purpose}: {self.method} {self.path}'

    @property
    def is_write(self):
        return self.purpose.startswith('change') and self.method != 'GET'

    def is_met_by(self, rule):
        return (self.service, self.method) == (rule['service'], rule['method']) and fnmatch.fnmatchcase(
            self.path, rule['path'])


class Stage(Scene):
    """A daemon on a sandbox, and one plot that is told there again and again."""
    hides = ()  # what differs from one telling to the next: (pattern, what stands for it)

    def __init__(self, serve, sandbox, plot, length):
        if plot.seed:
            sandbox.control('POST', 'reset', plot.seed)
        self.serve, self.plot, self.length = serve, plot, length
        self.config = {'jira': f'timeout: 60s\n    search_lag: 0s\n    {plot.jira}', 'bugzilla': 'timeout: 60s',
                       'extra': 'retry: {first: 1h}'}
        super().__init__(serve, sandbox, *plot.rules, **self.config)
        self.number, self.names = FIRST_NUMBER, {}
        self.daemon.expect('"verdict": "parked"')

    def begin(self, **more):
        """The next life of the daemon."""
        self.daemon = self.serve(folder=self.daemon.folder, actions=json.dumps(self.plot.rules), **self.config, **more)
        self.daemon.expect('"verdict": "parked"')

    def kill(self):
        self.daemon.stop(signal.SIGKILL)
        faults = self.sandbox.control('GET', 'faults')['faults']
        self.sandbox.heal()
        for rule, now in zip(self.armed, faults):
            if not now['times'] or now['fired'] < now['times']:
                self.sandbox.fault(**rule)
        self.begin()

    def bug(self, **more):
        of = super().bug(**more)
        self.names[str(of['id'])] = f'<bug {len(self.names)}>'
        return of

    def make_issue(self, project='JB', **more):
        key = super().make_issue(project, **more)
        self.names[key] = f'<issue {len(self.names)}>'
        return key

    def linked(self, **more):
        return super().linked('JB', **more)

    def said(self, of, place, text):
        """A delivery of a comment, which the bug has in the sandbox as well."""
        what = comment(of['id'] * 10 + place, text, place, user='ada@example.org')
        self.sandbox.put_bug({'id': of['id'], 'comment': what})
        return delivery({**of, 'comment': what}, target='comment')

    def set_up(self):
        """What is there before the events: the one that the plot is about and, with length 2, a comment after it."""
        self.names, self.events, self.armed = {}, [], []
        self.issues_before = self.sandbox.control('GET', 'jira/issues?limit=0')['total']
        of, about = self.plot.tell(self)
        self.deliveries = [about, self.said(of, 7, LATER)][:self.length]
        self.last = self.sandbox.control('GET', 'writes?after=999999999')['last']

    def arm(self, *rules):
        for one in rules:
            self.armed.append(one)
            self.sandbox.fault(**one)

    def send(self):
        """As Bugzilla does: what was not acknowledged is sent again."""
        for what in self.deliveries[len(self.events):]:
            self.events.append(self.deliver_once(what))

    def deliver_once(self, what):
        return self.daemon.send(what)

    def rows(self):
        return self.daemon.get(f'/api/v1/events?after={self.events[0] - 1}').json['events']

    def has_ended(self):
        """What is parked is brought forward by a person; that it waits for its time is tested elsewhere."""
        rows = self.rows()
        for row in rows:
            if row['verdict'] == 'parked':
                request('POST', f'{self.daemon.url}/api/v1/events/{row["id"]}/retry',
                        headers={'X-Api-Key': harness.API_KEY})
        return len(rows) == len(self.events) and all(row['verdict'] in ('applied', 'unchanged') for row in rows)

    def has_fired(self, rule):
        self.has_ended()  # what is parked must go on, or it does not get there
        return self.sandbox.control('GET', 'faults')['faults'][self.armed.index(rule)]['fired']

    def steps(self):
        """The exchanges of the first event."""
        attempts = self.daemon.explain(self.events[0])['attempts']
        exchanges = [(x, urllib.parse.urlsplit(x['url']).path) for one in attempts for x in one['trace']['exchanges']]
        return [Step(path.split('/')[1], x['purpose'], x['method'], self.plain(path)) for x, path in exchanges]

    def plan(self):
        """The changes that the first event planned, in any of its attempts."""
        return [one for attempt in self.daemon.explain(self.events[0])['attempts']
                for unit in attempt['trace']['decision'].get('units', []) for one in unit.get('changes', [])]

    # --- what has come of it ---

    def plain(self, text):
        """Without what differs from one telling to the next."""
        for name, plain in self.names.items():
            text = re.sub(rf'(?<!\d){name}(?=\d?\b)' if name.isdigit() else rf'\b{name}\b', plain, text)
        for pattern, instead in self.hides:
            text = re.sub(pattern, instead, text)
        return re.sub(r'@\d+|\b\d{5,}\b|\b(JB|WEB)-\d+\b', '*', text)

    def reasons(self):
        return {row.get('reason') for row in self.rows()}

    def real(self, path):
        for name, plain in self.names.items():
            path = path.replace(plain, name)
        return path

    def outcome(self):
        """What the trackers hold; the writes to each issue in order, without repetitions, and all that come from the
        later event's first one on; how often that was written which must not be repeated."""
        made = self.sandbox.control('GET', f'jira/issues?start={self.issues_before}')['issues']
        made.sort(key=lambda one: one['key'].split('-')[0])  # rules do not wait for each other
        writes = [self.written(one) for one in self.sandbox.writes(self.last) if one['applied']]
        once = collections.Counter(one for one in writes if ONCE.match(one))
        held = {'issues': [shown(one) for one in made],
                'bugs': [sorted(self.sandbox.bug(name)['see_also']) for name in self.names if name.isdigit()]}
        orders = [[self.written(w) for w in one['writes'] if w['applied']] for one in made]
        return {**json.loads(self.plain(json.dumps(held))), 'once': dict(once), 'writes': sorted(set(writes)),
                'order': [list(dict.fromkeys(one)) for one in orders],
                'later': [list(itertools.dropwhile(lambda text: LATER not in text, one)) for one in orders]}

    def written(self, one):
        return self.plain(f'{one["method"]} {one["path"]} {json.dumps(one["body"], sort_keys=True)}')


ONCE = re.compile(r'POST \S*/(issue|comment|transitions|component) ')


def shown(issue):
    """An issue without ids and times, and without an order where there is none."""
    f = issue['fields']
    links = [(one['type']['name'], side, one[side + 'Issue']['key'])
             for one in f['issuelinks'] for side in ('inward', 'outward') if side + 'Issue' in one]
    return {**{key: f[key] and f[key]['name'] for key in ('status', 'resolution', 'issuetype', 'priority')},
            **{key: value for key, value in f.items() if key.startswith('customfield_')},
            'key': issue['key'], 'summary': f['summary'], 'description': f['description'],
            'labels': sorted(f['labels']), 'components': sorted(one['name'] for one in f['components']),
            'links': sorted(links), 'assignee': f['assignee'] and f['assignee']['displayName'],
            'properties': issue['properties'],
            'comments': [(one['body'], one['properties']) for one in issue['comments']],
            'remotelinks': [(one['globalId'], one['object']) for one in issue['remotelinks']]}


def differences(got, wanted, at=''):
    """Where two outcomes differ, in lines that people can read."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        return [line for key in {**got, **wanted} for line in differences(got.get(key), wanted.get(key), f'{at}.{key}')]
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        return [line for i in range(len(got)) for line in differences(got[i], wanted[i], f'{at}[{i}]')]
    return [] if got == wanted else [f'{at}: {got!r}, wanted {wanted!r}']


# --- pull requests ---

def pull(s, repo='openedx/platform', act=None, **fields):
    """One that the daemon has not been told of; what happened to it last, and the event of that."""
    ref = s.pull(repo, **{'author': 'ada', **fields})
    for what, body in act or []:
        s.github.act(ref, what, quiet=True, **body)
    return ref, s.told(ref, 'opened' if not act else 'closed')


def opened_again(s):
    """The survey goes, the first comment is written again."""
    ref = s.pull('openedx/web', author='ada', comments=[
        {'author': 'sync-bot', 'body': '<!-- comment:external_pr -->\n<!-- comment:welcome_closed -->\nHello'},
        {'author': 'sync-bot', 'body': '<!-- comment:end_survey -->\nHow was it?'}])
    return ref, s.told(ref, 'reopened')


def closed(s):
    """Labels go, the board tells when, the survey is asked for."""
    return pull(s, 'openedx/web', [('board', {'org': 'openedx', 'number': 19}), ('close', {})], author='sid',
                labels=['open-source-contribution', 'needs test run', 'waiting on author'],
                comments=[{'author': 'sync-bot', 'body': '<!-- comment:external_pr -->\nHello'}])


def asking_issue(s):
    ref = s.issue_of_github('openedx/web', title='A wish', labels=['jira:acme'])
    return ref, s.told(ref, 'labeled', 'issues', 'issue')


PULL_PLOTS = {
    'a pull request from outside': Plot(pull),
    'a pull request that is refused': Plot(lambda s: pull(s, 'edx/open')),
    'a pull request that asks for an issue in Jira': Plot(lambda s: pull(s, author='ivy', labels=['jira:acme'])),
    'a pull request for which there is no Jira': Plot(lambda s: pull(s, author='ivy', labels=['jira:no'])),
    'an issue that asks for one in Jira': Plot(asking_issue),
    'a pull request is closed': Plot(closed),
    'a pull request is opened again': Plot(opened_again),
}


class PullStage(Stage):
    """The same for a bridge of GitHub, as if its hooks told again what was not acknowledged."""
    hides = [(r'\b(DEV|WEB)-\d+\b', '*'), (r'%23\d+', '%23*'), (r'%40\d+', '%40*'), (r'\b[0-9a-f]{40}\b', '*'),
             (r'\b\w+_kwDO\d+', '*')]

    def __init__(self, serve, sandbox, plot, length):
        self.plot, self.sandbox, self.github, self.length = plot, sandbox, sandbox.github, length
        self.number, self.names = FIRST_NUMBER, {}
        harness.pull_world(self.github)
        bridge = 'survey_url: "https://forms.example/q?r={repo}"'
        github = 'rate: 1000/s\n    timeout: 60s\n    search_lag: 0s'
        self.config = {'config': harness.pull_config(sandbox, github, bridge, extra='retry: {first: 1h}'),
                       'files': harness.pull_files(sandbox, '  search_lag: 0s\n')}
        self.serve = lambda actions=None, **more: serve(**more)
        self.daemon = self.serve(**self.config)
        self.daemon.expect('"verdict": "parked"')

    def set_up(self):
        self.names, self.events, self.armed = {}, [], []
        self.issues_before = self.sandbox.control('GET', 'jira/issues?limit=0')['total']
        self.ref, about = self.plot.tell(self)
        self.deliveries = [about, self.told(self.ref, 'edited', *self.kind(self.ref))][:self.length]
        self.last = self.sandbox.control('GET', 'writes?after=999999999')['last']

    def kind(self, ref):
        return ('pull_request', 'pull') if 'pull' in self.github.get(ref) else ('issues', 'issue')

    def named(self):
        self.number += 1
        self.names[str(self.number)] = f'<pull {len(self.names)}>'
        return {'number': self.number, 'quiet': True, 'title': 'A change'}

    def pull(self, repo, **fields):
        return self.github.pull(repo, **{**self.named(), **fields})

    def issue_of_github(self, repo, **fields):
        return self.github.issue(repo, **{**self.named(), **fields})

    def told(self, ref, action, event='pull_request', key='pull'):
        repo = ref.split('#')[0]
        body = {'action': action, 'repository': {'full_name': repo, 'private': False}, 'sender': {'login': 'grace'},
                'pull_request' if key == 'pull' else key: self.github.get(ref)[key]}
        return github_delivery(event, body)

    def deliver_once(self, what):
        headers, body = what
        answer = request('POST', self.daemon.url + '/hooks/github', body, headers)
        assert answer.status == 200, answer.body
        return answer.json['id']

    def reasons(self):
        """What is there already is said as well, by those who find it."""
        return {(row.get('reason') or '').split(';')[0] for row in self.rows() if 'class ' in (row.get('reason') or '')}

    def outcome(self):
        held = self.github.get(self.ref)
        made = self.sandbox.control('GET', f'jira/issues?start={self.issues_before}')['issues']
        writes = [self.written(one) for one in self.sandbox.writes(self.last) if one['applied']]
        held = {'labels': sorted(held['labels']), 'comments': [said(one['body']) for one in held['comments']],
                'statuses': list(dict.fromkeys(self.github.statuses(self.ref))), 'items': self.github.items(self.ref),
                'issues': [shown(one) for one in made]}
        once = collections.Counter(one for one in writes if re.match(r'POST \S*/(issue|comments) ', one))
        return {**json.loads(self.plain(json.dumps(held))), 'once': dict(once), 'writes': sorted(set(writes))}

    def written(self, one):
        return self.plain(f'{one["method"]} {one["path"]} {said(json.dumps(one["body"], sort_keys=True))}')


def said(text):
    """With the data that are hidden in it as they are."""
    return re.sub(r'<!-- data: (\S+) -->', lambda found: base64.b64decode(found[1]).decode(), text)


# --- what must be so ---

class Telling:
    """Tells a plot with faults, and compares its end with that of one without any."""

    def __init__(self, serve, sandbox, name, length=2):
        plot = PLOTS.get(name) or PULL_PLOTS[name]
        self.s = (Stage if name in PLOTS else PullStage)(serve, sandbox, plot, length)
        self.wanted, self.reasons, self.ahead = None, None, []
        for _ in range(2):  # the second finds what is remembered of the trackers for a while
            self.tell('nothing')
        if plot.ahead:
            self.ahead = [plot.ahead]
            self.tell('what the plot has ahead')
        self.steps = self.s.steps()
        met = [k for k, step in enumerate(self.steps) if self.ahead and step.is_met_by(plot.ahead)]
        self.met = met[0] if met else None

    def tell(self, what, k=None, fault=None):
        """With a fault at the k-th exchange; where that hangs the daemon is killed."""
        s = self.s
        s.set_up()
        s.arm(*self.ahead)
        rule = k is not None and {**self.place(k), **fault}
        if rule:
            s.arm(rule)
        if s.plot.always:
            s.arm(s.plot.always)
        s.send()
        if rule:
            until(lambda: s.has_fired(rule), f'{self.steps[k]} to meet its fault')
            if rule['kind'] == 'hang':
                s.kill()
        self.compare(what)

    def compare(self, what):
        """Verdicts may say that nothing was left to be done, and nothing else that they did not say without faults."""
        until(self.s.has_ended, f'the end after {what}')
        self.s.sandbox.heal()
        outcome, reasons = self.s.outcome(), self.s.reasons()
        self.wanted, self.reasons = self.wanted or outcome, self.reasons or reasons | {None, 'nothing to change'}
        wrong = [*differences(outcome, self.wanted), *(reasons - self.reasons)]
        assert not wrong, f'after {what}:\n' + '\n'.join(wrong)

    def place(self, k):
        """What meets the k-th exchange and no other: the others that look the same go first."""
        step = self.steps[k]
        rule = {'service': step.service, 'method': step.method, 'path': step.path}
        before = [j for j in range(k) if j != self.met and self.steps[j].is_met_by(rule)]
        return {**rule, 'path': self.s.real(step.path), 'after': len(before)}

    def each(self, faults):
        """The fault of each that may happen, at each exchange. Nothing can be lost after the effect of a question."""
        for k, step in enumerate(self.steps):
            for what, fault in faults.items():
                if k != self.met and (step.is_write or not fault.get('apply')):
                    self.tell(f'{what} at exchange {k}, {step}', k, fault)

    def at_commit(self, n, action):
        """With a disk that ends the daemon at the n-th commit from its start. False when there are not so many."""
        s = self.s
        s.daemon.stop()  # which leaves nothing to be done at the start
        s.set_up()
        s.arm(*self.ahead, *([s.plot.always] if s.plot.always else []))
        env = {**harness.preloaded('disk'), 'DISK_PLAN': f'sync {n} 1 {action}'}
        died = not self.lives(env)
        if died:
            s.daemon.process.wait(harness.WAIT)
            for shared in s.daemon.folder.glob('*.db-shm'):  # as after a reboot
                shared.unlink()
            s.begin()
            s.send()
        self.compare(f'{action} at commit {n}')
        if not died:
            s.daemon.stop(signal.SIGKILL)
        return died

    def lives(self, env):
        """Does a daemon with this disk see the end?"""
        s = self.s
        try:
            s.begin(env=env)
            s.send()
            until(s.has_ended, 'an end')
            return True
        except GONE:
            return False


GONE = (OSError, http.client.HTTPException)


@pytest.mark.parametrize('name', [*PLOTS, *PULL_PLOTS])
def test_whatever_exchange_fails_the_end_is_the_same(serve, sandbox, name):
    Telling(serve, sandbox, name).each(FAULTS)


@pytest.mark.parametrize('name', [*PLOTS, *PULL_PLOTS])
def test_at_whatever_exchange_the_daemon_is_killed_the_end_is_the_same(serve, sandbox, name):
    Telling(serve, sandbox, name).each(KILLS)


@pytest.mark.parametrize('action', ['cut', 'killed'])  # the power before a commit is on disk; the process after it
@pytest.mark.parametrize('name', [*PLOTS, *PULL_PLOTS])
def test_at_whatever_commit_it_ends_the_end_is_the_same(serve, sandbox, name, action):
    telling = Telling(serve, sandbox, name, length=1)
    n = 1
    while telling.at_commit(n, action):
        n += 1
    assert n > 3  # two for the delivery, one for the end, at least


def table(source, pattern):
    """What a table of the program has, by the name of the place."""
    return dict(re.findall(pattern, (PROJECT / 'src' / source).read_text()))


def test_the_plots_cover_every_kind_of_change_and_every_step(serve, sandbox, tmp_path):
    plan = []
    for name in [*PLOTS, *PULL_PLOTS]:
        folder = tmp_path / str(len(plan))
        folder.mkdir()
        sandbox.control('POST', 'reset')
        telling = Telling(lambda folder=folder, **more: serve(folder=folder, **more), sandbox, name)
        plan += telling.s.plan()
        assert telling.s.daemon.stop() == 0
    kinds = table('model/plan.c', r'\[(CHANGE_\w+)\] = "(\w+)"')
    rules = ''.join(path.read_text() for path in (PROJECT / 'src' / 'rule').rglob('*.c'))
    wanted = {word for kind, word in kinds.items() if re.search(rf'\b{kind}\b', rules)}
    by_jobs = {'label_set', 'label_delete', 'group_add'}  # which are tested in test_sync.py
    assert wanted and wanted - by_jobs == {one['kind'] for one in plan}
    steps = set(table('conf/jbi.c', r'\[(JBI_\w+)\] = "(\w+_\w+)"').values())
    assert steps - {one['step'] for one in plan} == {'maybe_delete_duplicate'}  # which plans nothing
