#!/usr/bin/python3
"""Check what goes to GitHub and what comes back against GitHub's own descriptions (npm, see install).

usage: github_openapi.py EXCHANGES.jsonl [--base PATH]

Each line of EXCHANGES is one exchange: {"method", "url", "body", "status", "answer"}; other members are ignored.
Requests and answers of REST, and what hooks are told, are held against the OpenAPI description; GraphQL against the
schema, by graphql_check.mjs. Exit status: 0 all fit, 1 some do not, 2 wrong usage.
"""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import jira_openapi as common  # noqa: E402

# Answers that GitHub gives and its description leaves out; each with where it is documented.
UNDESCRIBED = {
    401: 'bad credentials: "Troubleshooting the REST API"',
    403: 'limits and rights: "Rate limits for the REST API"',
    404: 'what a token may not see: "Troubleshooting the REST API"',
    307: 'a write to a renamed repository: "Best practices for using the REST API"',
    422: 'validation: "Troubleshooting the REST API"',
    429: 'secondary limits: "Rate limits for the REST API"',
}


def packages():
    """The folder of the @octokit packages, or None."""
    for folder in (os.environ.get('OCTOKIT'), HERE / 'node_modules' / '@octokit'):
        if folder and (pathlib.Path(folder) / 'openapi').is_dir():
            return pathlib.Path(folder)
    return None


class Description(common.Description):
    whole = ('path',)

    def payload_problems(self, event, payload):
        """What is wrong with what a hook was told."""
        name = event.replace('_', '-')
        name = f'{name}-{payload["action"].replace("_", "-")}' if 'action' in payload else name
        operation = self.document['x-webhooks'].get(name)
        if not operation:
            return [f'no such event: {name}']
        return self.errors(operation['post']['requestBody']['content']['application/json']['schema'], payload)

    def answer_problems(self, one):
        template, operations = self.find(one['url'].split('?')[0])
        answers = operations[one['method'].lower()]['responses']
        if str(one['status']) not in answers:
            return [] if one['status'] in UNDESCRIBED else [f'{one["status"]} is not described for {template}']
        kinds = self.resolve(answers[str(one['status'])]).get('content', {})
        schema = kinds.get('application/json', {}).get('schema')
        if schema is None or not isinstance(one['answer'], (dict, list)):  # a file as it is, or nothing
            return []
        return self.errors(schema, one['answer'])


def load(folder):
    with open(folder / 'openapi' / 'generated' / 'api.github.com.json', encoding='utf-8') as f:
        return Description(json.load(f))


def graphql_problems(folder, exchanges):
    """A list of problems for each exchange, whose bodies are {query, variables}."""
    lines = '\n'.join(json.dumps({**one['body'], 'answer': one.get('answer')}) for one in exchanges)
    done = subprocess.run(['node', HERE / 'graphql_check.mjs', folder], input=lines, capture_output=True, text=True,
                          timeout=120)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def problems(folder, description, exchanges):
    """[(exchange, what is wrong with it)], of REST and GraphQL."""
    bad, asked = [], []
    for one in exchanges:
        if one['url'].split('?')[0] == '/graphql':
            asked.append(one)
            continue
        found = common.check_request(description, one)
        if not found and not one.get('withheld'):
            found = description.answer_problems(one)
        bad += [(one, each) for each in found]
    for one, found in zip(asked, graphql_problems(folder, asked) if asked else []):
        bad += [(one, each) for each in found]
    return bad


def main(arguments):
    base = ''
    if '--base' in arguments[:-1]:
        at = arguments.index('--base')
        base = arguments[at + 1].rstrip('/')
        del arguments[at:at + 2]
    folder = packages()
    if len(arguments) != 1 or not folder:
        sys.stderr.write(__doc__ if folder else 'the descriptions are not there: run test/contract/install\n')
        return 2
    with open(arguments[0], encoding='utf-8') as lines:
        exchanges = [json.loads(line) for line in lines if line.strip()]
    for one in exchanges:
        one['url'] = one['url'].removeprefix(base)
    bad = problems(folder, load(folder), exchanges)
    for one, what in bad:
        print(f'{one["method"]} {one["url"]}: {what}')
    print(f'{len(exchanges)} exchanges, {len(bad)} problems')
    return 1 if bad or not exchanges else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
