#!/usr/bin/python3
"""Check requests to Jira against Atlassian's OpenAPI description.

usage: jira_openapi.py OPENAPI.json EXCHANGES.jsonl [--base PATH]
       jira_openapi.py OPENAPI.json --self-test

Each line of EXCHANGES is one request: {"method", "url", "body"}; the body is JSON or a text that holds JSON; other
members are ignored. Version 2 of the interface has the same operations as version 3, but for texts, which are plain
there. --base is a path that stands before /rest. Exit status: 0 all fit, 1 some do not, 2 wrong usage.
"""
import json
import re
import sys
from urllib.parse import parse_qsl, urlsplit

import jsonschema

# Parameters that Jira takes and the description leaves out; each with the reason for sending it.
UNDESCRIBED = {
    ("get", "/rest/api/3/user/search"): {"includeActive", "includeInactive"},  # Server's words; Cloud ignores them
    ("get", "/rest/api/3/serverInfo"): {"doHealthCheck"},  # Server's
}


def as_json_schema(schema):
    """OpenAPI 3.0 as JSON schema: nullable is a type; the rest of what differs does not matter here."""
    if isinstance(schema, list):
        return [as_json_schema(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {k: as_json_schema(v) for k, v in schema.items() if k not in ("example", "examples", "discriminator")}
    if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        if "enum" in out:
            out["enum"] = out["enum"] + [None]
    return out


class Description:
    whole = ()  # parameters of a path that hold slashes

    def __init__(self, document):
        self.document = as_json_schema(document)
        self.resolver = jsonschema.RefResolver("", self.document)
        self.templates = []
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\\\{([^}]*)\\\}", lambda m: "(.+)" if m[1] in self.whole else "([^/]+)",
                             re.escape(template))
            self.templates.append((template.count("{"), re.compile(pattern + "$"), template, operations))
        self.templates.sort(key=lambda t: t[0])  # the more literal path first

    def find(self, path):
        for _, pattern, template, operations in self.templates:
            if pattern.match(path):
                return template, operations
        return None, None

    def resolve(self, part):
        """What a reference points to; anything else is itself."""
        return self.resolver.resolve(part["$ref"])[1] if "$ref" in part else part

    def errors(self, schema, value):
        validator = jsonschema.Draft4Validator(schema, resolver=self.resolver)
        return ["%s: %s" % ("/".join(str(p) for p in e.path) or "body", e.message[:200])
                for e in validator.iter_errors(value)]


def as_type(schema, text):
    """The value of a query parameter, as its schema sees it."""
    kind = schema.get("type")
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "array":
        return [as_type(schema.get("items", {}), part) for part in text.split(",")]
    return text


def check_query(description, method, template, parameters, query):
    known = {p["name"]: p for p in parameters if p["in"] == "query"}
    given = parse_qsl(query, keep_blank_values=True)
    problems = []
    for name, text in given:
        if name not in known:
            if name not in UNDESCRIBED.get((method, template), ()):
                problems.append("query %s is not described" % name)
            continue
        schema = known[name].get("schema", {})
        problems += ["query %s: %s" % (name, e) for e in description.errors(schema, as_type(schema, text))]
    names = {name for name, _ in given}
    problems += ["query %s is required" % n for n, p in known.items() if p.get("required") and n not in names]
    return problems


def check_body(description, operation, body):
    wanted = operation.get("requestBody")
    if isinstance(body, str) and body:
        try:
            body = json.loads(body)
        except ValueError as e:
            return ["the body is not JSON: %s" % e]
    if body is None or body == "":
        return ["a body is required"] if wanted and wanted.get("required") else []
    if not wanted:
        return ["no body is described"]
    return description.errors(wanted["content"]["application/json"].get("schema", {}), body)


def check_request(description, request, base=""):
    url = urlsplit(request["url"])
    path = url.path[len(base):] if base and url.path.startswith(base) else url.path
    method = request["method"].lower()
    template, operations = description.find(path.replace("/rest/api/2/", "/rest/api/3/", 1))
    if not template:
        return ["no such path: %s" % path]
    operation = operations.get(method)
    if not operation:
        return ["%s is not described for %s" % (request["method"], template)]
    parameters = [description.resolve(p) for p in operations.get("parameters", []) + operation.get("parameters", [])]
    return (check_query(description, method, template, parameters, url.query) +
            check_body(description, operation, request.get("body")))


GOOD = [
    {"method": "POST", "url": "/rest/api/2/issueLink",
     "body": {"type": {"name": "Blocks"}, "inwardIssue": {"key": "A-1"}, "outwardIssue": {"key": "A-2"}}},
    {"method": "POST", "url": "/rest/api/2/issue/A-1/remotelink",
     "body": '{"globalId": "1", "object": {"url": "u", "title": "t"}}'},
    {"method": "GET", "url": "/rest/api/2/issue/A-1?updateHistory=true&fields=status,labels"},
    {"method": "GET", "url": "/rest/api/3/project/search?startAt=0&maxResults=100"},
    {"method": "DELETE", "url": "/rest/api/2/issueLink/1"},
]
BAD = [
    ({"method": "POST", "url": "/rest/api/2/issueLink", "body": {"type": {"name": "Blocks"}}}, "required"),
    ({"method": "POST", "url": "/rest/api/2/issueLink",
      "body": {"type": {"name": "B"}, "inwardIssue": {"key": "A-1"}, "outwardIssue": {"key": "A-2"}, "x": 1}}, "x"),
    ({"method": "POST", "url": "/rest/api/2/issueLink",
      "body": {"type": {"name": 1}, "inwardIssue": {"key": "A-1"}, "outwardIssue": {"key": "A-2"}}}, "type/name"),
    ({"method": "POST", "url": "/rest/api/2/issue/A-1/remotelink", "body": {"object": {"url": "u"}}}, "title"),
    ({"method": "POST", "url": "/rest/api/2/issue/A-1/remotelink", "body": "{"}, "not JSON"),
    ({"method": "POST", "url": "/rest/api/2/issueLink"}, "a body is required"),
    ({"method": "PUT", "url": "/rest/api/2/issue/A-1?notifyUsers=maybe", "body": {"fields": {}}}, "notifyUsers"),
    ({"method": "GET", "url": "/rest/api/2/issue/A-1?nonsense=1"}, "nonsense"),
    ({"method": "GET", "url": "/rest/api/2/issue/A-1", "body": {"x": 1}}, "no body"),
    ({"method": "PATCH", "url": "/rest/api/2/issue/A-1"}, "not described"),
    ({"method": "GET", "url": "/rest/api/2/isue/A-1"}, "no such path"),
    ({"method": "POST", "url": "/rest/api/3/search/jql", "body": {"jql": "x", "startAt": 0}}, "startAt"),
]


def self_test(description):
    wrong = ["refused, though it is good: %s: %s" % (r, p) for r in GOOD for p in check_request(description, r)]
    for request, word in BAD:
        problems = check_request(description, request)
        if not any(word in p for p in problems):
            wrong.append("not refused for '%s': %s: %s" % (word, request, problems))
    print("\n".join(wrong) if wrong else "%d good ones pass, %d bad ones are refused" % (len(GOOD), len(BAD)))
    return 1 if wrong else 0


def check_file(description, file, base):
    bad = count = 0
    with open(file, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            request = json.loads(line)
            problems = check_request(description, request, base)
            count += 1
            bad += bool(problems)
            for problem in problems:
                print("%s:%d: %s %s: %s" % (file, number, request["method"], request["url"], problem))
    print("%d requests, %d do not fit" % (count, bad))
    return 1 if bad or not count else 0


def main(arguments):
    base = ""
    if "--base" in arguments[:-1]:
        at = arguments.index("--base")
        base = arguments[at + 1].rstrip("/")
        del arguments[at:at + 2]
    if len(arguments) != 2:
        sys.stderr.write(__doc__)
        return 2
    with open(arguments[0], encoding="utf-8") as f:
        description = Description(json.load(f))
    if arguments[1] == "--self-test":
        return self_test(description)
    return self_test(description) or check_file(description, arguments[1], base)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
