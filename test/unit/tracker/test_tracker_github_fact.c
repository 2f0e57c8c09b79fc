/* Conversations with GitHub: every fact but boards; refusals; redirects; credentials; addresses. */
#include "base/base.h"

#include "talk.h"

#define OWN "token: s3cret\nhook_secret: k\n"
#define API "https://api.github.com"

#define ASK(kind_of, of) .want = {.kind = kind_of, .tracker = "github", .ref = of}
#define GET(path)        "GET", path, "", HTTP_READ
#define PULLS            "/repos/openedx/edx-platform/pulls/12"
#define ISSUES           "/repos/openedx/edx-platform/issues/12"
#define REF              "openedx/edx-platform#12"
#define NEXT(page)       "<" API page ">; rel=\"next\", <" API "/x?page=9>; rel=\"last\""

#define AT(type, list, i) (assert_true((i) < (list).n), (const type *)(list).v + (i))

static void holds_no_hooks(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->hooks.n, 0);
}

static void holds_missing(const struct fact *f)
{
    assert_int_equal(f->state, FACT_MISSING);
    assert_non_null(f->why);
}

static void holds_forbidden(const struct fact *f)
{
    assert_int_equal(f->state, FACT_FORBIDDEN);
    assert_non_null(f->why);
}

static void holds_pull(const struct fact *f)
{
    const struct issue *i = &f->issue;
    assert_int_equal(f->state, FACT_HERE);
    assert_string_equal(i->ref, "openedx/Edx-Platform#12"); /* as GitHub spells it */
    assert_string_equal(i->project, "openedx/Edx-Platform");
    assert_string_equal(i->id, "PR_1");
    assert_string_equal(i->type, "pull request");
    assert_string_equal(i->status, "merged");
    assert_string_equal(i->url, "https://github.com/openedx/Edx-Platform/pull/12");
    assert_string_equal(i->summary, "T");
    assert_null(i->description);
    assert_string_equal(i->creator, "Ann");
    assert_string_equal(i->creator_kind, "User");
    assert_int_equal(i->labels.n, 2);
    assert_string_equal(i->labels.v[0], "jira:Acme");
    assert_true(i->is_private && i->pull.is_draft);
    assert_string_equal(i->pull.head, "abc");
    assert_string_equal(i->pull.association, "FIRST_TIMER");
    assert_int_equal(i->pull.merged_ms, 1795168800000);
    assert_int_equal(i->created_ms, 1795165200000);
    assert_int_equal(i->closed_ms, 1795168800000);
}

static void holds_ghost(const struct fact *f)
{
    assert_string_equal(f->issue.status, "closed");
    assert_null(f->issue.creator);
    assert_null(f->issue.pull.head);
    assert_false(f->issue.is_private);
    assert_int_equal(f->issue.labels.n, 0);
}

static void holds_issue(const struct fact *f)
{
    assert_string_equal(f->issue.ref, "openedx/renamed#12");
    assert_string_equal(f->issue.type, "issue");
    assert_string_equal(f->issue.status, "open");
    assert_true(f->issue.is_private);
    assert_string_equal(f->issue.labels.v[0], "a");
}

#define PULL_BASE(full, private) "\"base\":{\"repo\":{\"full_name\":\"" full "\",\"private\":" private "}}"

static const struct talk issues[] = {
    {.name = "pull request, merged, of a renamed repository",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 200,
               "{\"number\":12,\"node_id\":\"PR_1\",\"html_url\":\"https://github.com/openedx/Edx-Platform/pull/12\","
               "\"state\":\"closed\",\"title\":\"T\",\"body\":null,\"user\":{\"login\":\"Ann\",\"type\":\"User\"},"
               "\"labels\":[{\"name\":\"jira:Acme\"},{\"name\":\"b\"}],\"draft\":true,\"merged\":true,"
               "\"author_association\":\"FIRST_TIMER\",\"merged_at\":\"2026-11-20T10:00:00Z\","
               "\"created_at\":\"2026-11-20T09:00:00Z\",\"closed_at\":\"2026-11-20T10:00:00Z\","
               "\"head\":{\"sha\":\"abc\",\"repo\":null}," PULL_BASE("openedx/Edx-Platform", "true") "}"}},
     .rc = STEP_DONE,
     .holds = holds_pull},
    {.name = "pull request of a deleted account",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 200,
               "{\"number\":12,\"state\":\"closed\",\"merged_at\":null,\"user\":null,\"labels\":null,\"head\":null,"
               "\"assignee\":null," PULL_BASE("o/r", "false") "}"}},
     .rc = STEP_DONE,
     .holds = holds_ghost},
    {.name = "a plain issue, in a private repository",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 404, "{\"message\":\"Not Found\"}"},
              {GET(ISSUES), 200,
               "{\"number\":12,\"state\":\"open\",\"labels\":[\"a\"],\"repository_url\":\"" API
               "/repos/openedx/renamed\"}"},
              {GET("/repos/openedx/renamed"), 200, "{\"private\":true}"}},
     .rc = STEP_DONE,
     .holds = holds_issue},
    {.name = "a pull request that was not there a moment ago",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 404, ""},
              {GET(ISSUES), 200,
               "{\"number\":12,\"pull_request\":{},\"repository_url\":\"" API "/repos/openedx/edx-platform\"}"}},
     .rc = -ERR_TRANSIENT,
     .error = "not there yet"},
    {.name = "neither",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 404, ""}, {GET(ISSUES), 404, ""}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "deleted",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 404, ""}, {GET(ISSUES), 410, "{\"message\":\"This issue was deleted\"}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "blocked by law",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 451, "{\"message\":\"Repository access blocked\"}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "not for us",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 403, "{\"message\":\"Resource not accessible by personal access token\"}"}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "no issue: a repository", ASK(FACT_ISSUE, "o/r"), .rc = -ERR_INPUT, .error = "OWNER/REPO#NUMBER"},
    {.name = "no issue: a way out", ASK(FACT_ISSUE, "o/..#1"), .rc = -ERR_INPUT, .error = "OWNER/REPO#NUMBER"},
    {.name = "no issue: nothing", ASK(FACT_ISSUE, ""), .rc = -ERR_INPUT, .error = "OWNER/REPO#NUMBER"},
    {.name = "an odd name stays one part of the path",
     ASK(FACT_ISSUE, "a?b/c d#1"),
     .said = {{GET("/repos/a%3Fb/c%20d/pulls/1"), 401, "{\"message\":\"Bad credentials\"}"}},
     .rc = -ERR_AUTH,
     .error = "Bad credentials"},
    {.name = "maintenance page", ASK(FACT_ISSUE, REF), .said = {{GET(PULLS), 200, "<html>"}}, .rc = -ERR_TRANSIENT},
    {.name = "an answer without a number",
     ASK(FACT_ISSUE, REF),
     .said = {{GET(PULLS), 200, "{\"state\":\"open\"}"}},
     .rc = -ERR_INPUT,
     .error = "number"},
};

/* --- redirects --- */

static void holds_here(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
}

#define GOOD_PULL "{\"number\":12,\"state\":\"open\"," PULL_BASE("o/r", "false") "}"

static const struct talk redirects[] = {
    {.name = "renamed repository",
     ASK(FACT_ISSUE, REF),
     .header = "Location",
     .value = API "/repositories/7/pulls/12",
     .said = {{GET(PULLS), 301, "{\"message\":\"Moved Permanently\"}"},
              {GET("/repositories/7/pulls/12"), 200, GOOD_PULL}},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "without a host",
     ASK(FACT_ISSUE, REF),
     .header = "Location",
     .value = "/repositories/7/pulls/12",
     .said = {{GET(PULLS), 307, ""}, {GET("/repositories/7/pulls/12"), 200, GOOD_PULL}},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "to another host",
     ASK(FACT_ISSUE, REF),
     .header = "Location",
     .value = "https://evil.example/repos/o/r/pulls/12",
     .said = {{GET(PULLS), 302, ""}},
     .rc = -ERR_CONFIG,
     .error = "evil.example"},
    {.name = "to another host without a scheme",
     ASK(FACT_ISSUE, REF),
     .header = "Location",
     .value = "//evil.example/",
     .said = {{GET(PULLS), 302, ""}},
     .rc = -ERR_CONFIG},
    {.name = "to plain text",
     ASK(FACT_ISSUE, REF),
     .header = "Location",
     .value = "http://api.github.com:443/x",
     .said = {{GET(PULLS), 302, ""}},
     .rc = -ERR_CONFIG},
    {.name = "in circles",
     ASK(FACT_ISSUE, REF),
     .header = "Location",
     .value = API "/x",
     .said = {{GET(PULLS), 301, ""},
              {GET("/x"), 301, ""},
              {GET("/x"), 301, ""},
              {GET("/x"), 301, ""},
              {GET("/x"), 301, ""},
              {GET("/x"), 301, ""}},
     .rc = -ERR_CONFIG},
};

/* --- lists --- */

#define COMMENTS ISSUES "/comments?per_page=100"

static void holds_comments(const struct fact *f)
{
    assert_int_equal(f->comments.n, 3);
    assert_string_equal(AT(struct comment, f->comments, 0)->id, "5");
    assert_string_equal(AT(struct comment, f->comments, 0)->author, "Bot");
    assert_string_equal(AT(struct comment, f->comments, 0)->text, "one");
    assert_null(AT(struct comment, f->comments, 0)->marker);
    assert_string_equal(AT(struct comment, f->comments, 1)->marker, "github:o/r#1--x");
    assert_string_equal(AT(struct comment, f->comments, 2)->id, "9");
    assert_null(AT(struct comment, f->comments, 2)->author);
    assert_null(AT(struct comment, f->comments, 2)->text);
}

static void holds_own_comments(const struct fact *f)
{
    assert_int_equal(f->comments.n, 2);
    assert_string_equal(AT(struct comment, f->comments, 0)->id, "1");
    assert_string_equal(AT(struct comment, f->comments, 1)->id, "4");
}

static void holds_statuses(const struct fact *f)
{
    assert_int_equal(f->statuses.n, 3);
    assert_string_equal(AT(struct commit_status, f->statuses, 0)->description, "new");
    assert_string_equal(AT(struct commit_status, f->statuses, 1)->description, "old, listed first");
    assert_string_equal(AT(struct commit_status, f->statuses, 2)->description, "old");
    assert_null(AT(struct commit_status, f->statuses, 0)->url);
    assert_string_equal(AT(struct commit_status, f->statuses, 2)->context, "openedx/cla");
}

static void holds_hooks(const struct fact *f)
{
    const struct hook *h = f->hooks.v;
    assert_int_equal(f->hooks.n, 2);
    assert_string_equal(h[0].id, "7");
    assert_string_equal(h[0].url, "https://l.example/hooks/github");
    assert_string_equal(h[0].event, "pull_request,issues");
    assert_true(h[0].enabled && h[0].errors == 1);
    assert_true(!h[1].enabled && h[1].errors == 0);
}

static void holds_repositories(const struct fact *f)
{
    assert_int_equal(f->names.n, 2);
    assert_string_equal(AT(struct named, f->names, 1)->name, "o/d");
}

static void holds_palette(const struct fact *f)
{
    assert_int_equal(f->labels.n, 2);
    assert_string_equal(AT(struct label, f->labels, 0)->name, "bug");
    assert_string_equal(AT(struct label, f->labels, 0)->color, "d73a4a");
    assert_null(AT(struct label, f->labels, 0)->description);
    assert_string_equal(AT(struct label, f->labels, 1)->description, "D");
    assert_int_equal(f->names.n, 0);
}

static const struct talk lists[] = {
    {.name = "comments of everybody, two pages",
     ASK(FACT_COMMENTS, REF),
     .said = {{GET(COMMENTS), 200,
               "[{\"id\":5,\"user\":{\"login\":\"Bot\"},\"body\":\"one\",\"created_at\":\"2026-11-20T10:00:00Z\"},"
               "{\"id\":6,\"user\":{\"login\":\"x\"},\"body\":\"a <!-- lockstep: github%3Ao%2Fr%231%2D%2Dx --> b\"}]"},
              {GET("/page2"), 200, "[{\"id\":9,\"user\":null,\"body\":null}]"}},
     .links = {NEXT("/page2"), "<" API "/x>; rel=\"prev\""},
     .rc = STEP_DONE,
     .holds = holds_comments},
    {.name = "comments of some",
     .want = {.kind = FACT_COMMENTS, .tracker = "github", .ref = REF, .by = "bot, Old-Bot"},
     .said = {{GET(COMMENTS), 200,
               "[{\"id\":1,\"user\":{\"login\":\"BOT\"}},{\"id\":2,\"user\":{\"login\":\"bo\"}},{\"id\":3,\"user\":"
               "null},{\"id\":4,\"user\":{\"login\":\"old-bot\"}},{\"id\":5,\"user\":{\"login\":\"bot,\"}}]"}},
     .rc = STEP_DONE,
     .holds = holds_own_comments},
    {.name = "the next page is said to be elsewhere",
     ASK(FACT_COMMENTS, REF),
     .said = {{GET(COMMENTS), 200, "[]"}, {GET("/page2?a=b"), 200, "[]"}},
     .links = {"<https://evil.example/page2?a=b>; rel=\"next\""},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "the next page has no address",
     ASK(FACT_COMMENTS, REF),
     .said = {{GET(COMMENTS), 200, "[]"}},
     .links = {"<page2>; rel=\"next\""},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "comments: no list", ASK(FACT_COMMENTS, REF), .said = {{GET(COMMENTS), 200, "{}"}}, .rc = -ERR_TRANSIENT},
    {.name = "statuses are sorted by time",
     ASK(FACT_STATUSES, "o/r@abc"),
     .said = {{GET("/repos/o/r/commits/abc/statuses?per_page=100"), 200,
               "[{\"context\":\"openedx/cla\",\"state\":\"success\",\"description\":\"old, listed first\","
               "\"target_url\":\"u\",\"created_at\":\"2026-11-20T10:00:00Z\"},{\"context\":\"openedx/cla\","
               "\"description\":\"old\",\"created_at\":\"2026-11-20T10:00:00Z\"},{\"description\":\"new\","
               "\"target_url\":null,\"created_at\":\"2026-11-20T10:00:01Z\"}]"}},
     .rc = STEP_DONE,
     .holds = holds_statuses},
    {.name = "statuses of nothing", ASK(FACT_STATUSES, "o/r@"), .rc = -ERR_INPUT, .error = "COMMIT"},
    {.name = "hooks of a repository",
     ASK(FACT_HOOKS, "o/r"),
     .said = {{GET("/repos/o/r/hooks?per_page=100"), 200,
               "[{\"id\":7,\"name\":\"web\",\"active\":true,\"events\":[\"pull_request\",\"issues\"],\"config\":{"
               "\"url\":\"https://l.example/hooks/github\"},\"last_response\":{\"code\":502}},"
               "{\"id\":8,\"active\":false,\"last_response\":{\"code\":null}}]"}},
     .rc = STEP_DONE,
     .holds = holds_hooks},
    {.name = "hooks of an organisation, not for us",
     ASK(FACT_HOOKS, "openedx"),
     .said = {{GET("/orgs/openedx/hooks?per_page=100"), 404, "{\"message\":\"Not Found\"}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "hooks of an App that we are not", ASK(FACT_HOOKS, "@app"), .rc = STEP_DONE, .holds = holds_no_hooks},
    {.name = "its log", ASK(FACT_DELIVERIES, "@app/hooks/7"), .rc = STEP_DONE, .holds = holds_missing},
    {.name = "a delivery", ASK(FACT_DELIVERY, "@app/hooks/7/deliveries/9"), .rc = STEP_DONE, .holds = holds_missing},
    {.name = "its repositories", ASK(FACT_REPOSITORIES, "@app"), .rc = -ERR_INPUT, .error = "the App"},
    {.name = "hooks of nobody", ASK(FACT_HOOKS, ""), .rc = STEP_DONE, .holds = holds_missing},
    {.name = "hooks of a way out", ASK(FACT_HOOKS, ".."), .rc = -ERR_INPUT, .error = "organisation"},
    {.name = "labels of a repository",
     ASK(FACT_LABELS, "o/r"),
     .said = {{GET("/repos/o/r/labels?per_page=100"), 200, "[{\"name\":\"bug\"}]"},
              {GET("/2"), 200, "[{\"name\":\"o/d\"}]"}},
     .links = {NEXT("/2")},
     .rc = STEP_DONE,
     .holds = holds_repositories},
    {.name = "labels of no repository", ASK(FACT_LABELS, "o"), .rc = -ERR_INPUT, .error = "is no repository"},
    {.name = "repositories",
     ASK(FACT_REPOSITORIES, "o"),
     .said = {{GET("/orgs/o/repos?per_page=100"), 200,
               "[{\"full_name\":\"o/a\"},{\"full_name\":\"o/b\",\"archived\":true},{\"full_name\":\"o/c\","
               "\"disabled\":true}]"},
              {GET("/2"), 200, "[{\"full_name\":\"o/d\",\"archived\":false}]"}},
     .links = {NEXT("/2")},
     .rc = STEP_DONE,
     .holds = holds_repositories},
    {.name = "labels of a repository, whole",
     ASK(FACT_PALETTE, "o/r"),
     .said = {{GET("/repos/o/r/labels?per_page=100"), 200,
               "[{\"name\":\"bug\",\"color\":\"d73a4a\",\"description\":null}]"},
              {GET("/2"), 200, "[{\"name\":\"wip\",\"color\":\"ededed\",\"description\":\"D\"}]"}},
     .links = {NEXT("/2")},
     .rc = STEP_DONE,
     .holds = holds_palette},
    {.name = "labels of no repository", ASK(FACT_PALETTE, "o"), .rc = -ERR_INPUT, .error = "OWNER/REPO"},
    {.name = "repositories of a repository", ASK(FACT_REPOSITORIES, "o/r"), .rc = -ERR_INPUT, .error = "organisation"},
};

/* --- pages --- */

static void holds_page(const struct fact *f)
{
    assert_int_equal(f->issues.n, 2);
    assert_string_equal(AT(struct issue, f->issues, 0)->ref, "o/r#3");
    assert_string_equal(AT(struct issue, f->issues, 0)->type, "pull request");
    assert_string_equal(AT(struct issue, f->issues, 0)->status, "merged");
    assert_string_equal(AT(struct issue, f->issues, 1)->type, "issue");
    assert_string_equal(f->text, API "/2");
    assert_string_equal(f->tag, "W/\"e\"");
}

static void holds_same(const struct fact *f)
{
    assert_int_equal(f->state, FACT_SAME);
    assert_string_equal(f->tag, "W/\"e\"");
}

static void holds_log(const struct fact *f)
{
    const struct hook_delivery *d = AT(struct hook_delivery, f->deliveries, 0);
    assert_string_equal(d->id, "12345678901");
    assert_string_equal(d->guid, "0b98");
    assert_string_equal(d->event, "issues");
    assert_null(d->action);
    assert_true(d->is_again && d->status == 502 && d->at_ms == 1795168800000);
    assert_string_equal(f->text, API "/2?cursor=v1_3");
}

static void holds_delivery(const struct fact *f)
{
    assert_string_equal(f->text, "{\"action\":\"opened\",\"n\":[1,null]}");
    assert_int_equal(f->names.n, 2);
    assert_string_equal(AT(struct named, f->names, 0)->id, "X-GitHub-Event");
    assert_string_equal(AT(struct named, f->names, 0)->name, "issues");
}

#define ALL_ISSUES "/repos/o/r/issues?state=all&sort=updated&direction=desc&per_page=100"

static const struct talk pages[] = {
    {.name = "a page of issues",
     ASK(FACT_ISSUES, "o/r all"),
     .header = "ETag",
     .value = "W/\"e\"",
     .said = {{GET(ALL_ISSUES), 200,
               "[{\"number\":3,\"state\":\"closed\",\"pull_request\":{\"merged_at\":\"2026-11-20T10:00:00Z\"},"
               "\"repository_url\":\"" API "/repos/o/r\"},{\"number\":2,\"state\":\"open\",\"repository_url\":\"" API
               "/repos/o/r\"}]"}},
     .links = {NEXT("/2")},
     .rc = STEP_DONE,
     .holds = holds_page},
    {.name = "a further page", ASK(FACT_ISSUES, API "/2"), .said = {{GET("/2"), 200, "[]"}}, .rc = STEP_DONE},
    {.name = "a further page elsewhere", ASK(FACT_ISSUES, "https://evil.example/2"), .rc = -ERR_INPUT},
    {.name = "open pull requests",
     ASK(FACT_ISSUES, "o/r open"),
     .said = {{GET("/repos/o/r/pulls?state=open&sort=created&direction=asc&per_page=100"), 200, "[" GOOD_PULL "]"}},
     .rc = STEP_DONE},
    {.name = "what it was",
     .want = {.kind = FACT_ISSUES, .tracker = "github", .ref = "o/r all", .unless = "W/\"e\""},
     .said = {{GET(ALL_ISSUES), 304, ""}},
     .rc = STEP_DONE,
     .holds = holds_same},
    {.name = "no list", ASK(FACT_ISSUES, "o/r some"), .rc = -ERR_INPUT, .error = "open, pulls or all"},
    {.name = "pull requests, closed ones too",
     ASK(FACT_ISSUES, "o/r pulls"),
     .said = {{GET("/repos/o/r/pulls?state=all&sort=created&direction=asc&per_page=100"), 200, "[" GOOD_PULL "]"}},
     .rc = STEP_DONE},
    {.name = "deliveries of a repository's hook",
     ASK(FACT_DELIVERIES, "o/r/hooks/7"),
     .said = {{GET("/repos/o/r/hooks/7/deliveries?per_page=100"), 200,
               "[{\"id\":12345678901,\"guid\":\"0b98\",\"delivered_at\":\"2026-11-20T10:00:00Z\",\"redelivery\":true,"
               "\"status\":\"Bad Gateway\",\"status_code\":502,\"event\":\"issues\",\"action\":null,"
               "\"repository_id\":1}]"}},
     .links = {NEXT("/2?cursor=v1_3")},
     .rc = STEP_DONE,
     .holds = holds_log},
    {.name = "deliveries of an organisation's hook",
     ASK(FACT_DELIVERIES, "openedx/hooks/7"),
     .said = {{GET("/orgs/openedx/hooks/7/deliveries?per_page=100"), 403,
               "{\"message\":\"You must be an org admin\"}"}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "a delivery",
     ASK(FACT_DELIVERY, "o/r/hooks/7/deliveries/9"),
     .said = {{GET("/repos/o/r/hooks/7/deliveries/9"), 200,
               "{\"request\":{\"headers\":{\"X-GitHub-Event\":\"issues\",\"X-GitHub-Delivery\":\"0b98\",\"n\":1},"
               "\"payload\":{\"action\":\"opened\",\"n\":[1, null]}}}"}},
     .rc = STEP_DONE,
     .holds = holds_delivery},
    {.name = "a delivery without its body",
     ASK(FACT_DELIVERY, "o/hooks/7/deliveries/9"),
     .said = {{GET("/orgs/o/hooks/7/deliveries/9"), 200, "{\"request\":{\"payload\":null}}"}},
     .rc = -ERR_INPUT},
    {.name = "no hook", ASK(FACT_DELIVERIES, "o/r/hooks/../x"), .rc = -ERR_INPUT, .error = "names no webhook"},
};

/* --- people, files, health --- */

static void holds_person(const struct fact *f)
{
    const struct person *p = AT(struct person, f->people, 0);
    assert_string_equal(p->id, "9");
    assert_string_equal(p->login, "Bot");
    assert_null(p->name);
}

static void holds_text(const struct fact *f)
{
    assert_string_equal(f->text, "spec: {owner: x}\n");
}

static void holds_health(const struct fact *f)
{
    assert_string_equal(f->text, "GitHub");
}

#define ACCOUNT       "{\"id\":9,\"login\":\"Bot\",\"name\":null}"
#define FILE_OF(path) GET("/repos/openedx/.github/contents/" path), 200, "spec: {owner: x}\n"

static const struct talk others[] = {
    {.name = "who we are",
     ASK(FACT_WHOAMI, ""),
     .said = {{GET("/user"), 200, ACCOUNT}},
     .rc = STEP_DONE,
     .holds = holds_person},
    {.name = "who we are: no GitHub", ASK(FACT_WHOAMI, ""), .said = {{GET("/user"), 404, ""}}, .rc = -ERR_CONFIG},
    {.name = "an account",
     ASK(FACT_PERSON, "a/b"),
     .said = {{GET("/users/a%2Fb"), 200, ACCOUNT}},
     .rc = STEP_DONE,
     .holds = holds_person},
    {.name = "no account",
     ASK(FACT_PERSON, "x"),
     .said = {{GET("/users/x"), 404, ""}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "a file",
     ASK(FACT_FILE, "openedx/.github:dir/catalog info.yaml"),
     .said = {{FILE_OF("dir/catalog%20info.yaml")}},
     .rc = STEP_DONE,
     .holds = holds_text},
    {.name = "a file by its public address",
     ASK(FACT_FILE, "https://raw.githubusercontent.com/openedx/.github/HEAD/dir/m%20.yaml"),
     .said = {{FILE_OF("dir/m%20.yaml")}},
     .rc = STEP_DONE,
     .holds = holds_text},
    {.name = "a file of another host",
     ASK(FACT_FILE, "https://files.example/m.yaml"),
     .said = {{GET("https://files.example/m.yaml"), 200, "spec: {owner: x}\n"}},
     .rc = STEP_DONE,
     .holds = holds_text},
    {.name = "what another host refuses does not hold the tracker",
     ASK(FACT_FILE, "https://files.example/m.yaml"),
     .said = {{GET("https://files.example/m.yaml"), 401, ""}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "what another host limits neither",
     ASK(FACT_FILE, "https://files.example/m.yaml"),
     .said = {{GET("https://files.example/m.yaml"), 429, ""}},
     .rc = -ERR_TRANSIENT},
    {.name = "another host does not have us ask ours",
     ASK(FACT_FILE, "https://files.example/m.yaml"),
     .header = "Location",
     .value = API "/repos/o/private/contents/x",
     .said = {{GET("https://files.example/m.yaml"), 302, ""}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "no file",
     ASK(FACT_FILE, "o/r:catalog-info.yaml"),
     .said = {{GET("/repos/o/r/contents/catalog-info.yaml"), 404, "{\"message\":\"Not Found\"}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "a way out", ASK(FACT_FILE, "o/r:a/../../x"), .rc = -ERR_INPUT, .error = "\"..\""},
    {.name = "nothing named", ASK(FACT_FILE, "o/r"), .rc = -ERR_INPUT, .error = "OWNER/REPO:PATH"},
    {.name = "health",
     ASK(FACT_HEALTH, ""),
     .said = {{GET("/zen"), 200, "Half measures"}},
     .rc = STEP_DONE,
     .holds = holds_health},
    {.name = "no such fact", ASK(FACT_COMPONENTS, "o/r"), .rc = -ERR_BUG, .error = "GitHub has no components"},
};

static void talks(const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_github, API, OWN);
    talk_all(&tracker_github, &p.conf, t, n);
    place_close(&p, &tracker_github);
}

#define TALKS(test, table)                                                                                             \
    static void test(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        talks(table, COUNT(table));                                                                                    \
    }
TALKS(test_issues, issues)
TALKS(test_redirects, redirects)
TALKS(test_lists, lists)
TALKS(test_pages, pages)
TALKS(test_others, others)

/* --- refusals --- */

static const struct {
    int status;
    const char *message, *header, *value;
    enum err_class class;
    int64_t pause_ms;
} refusals[] = {
    {401, "Bad credentials", NULL, NULL, ERR_AUTH, 0},
    {403, "Bad credentials", NULL, NULL, ERR_AUTH, 0},
    {403, "Maximum number of login attempts exceeded", NULL, NULL, ERR_AUTH, 0},
    {403, "Sorry. Your account was suspended.", NULL, NULL, ERR_AUTH, 0},
    {403, "", NULL, NULL, ERR_AUTH, 0},
    {403, "Resource not accessible by integration", NULL, NULL, ERR_INPUT, 0},
    {403, "Repository was archived so is read-only.", NULL, NULL, ERR_INPUT, 0},
    {403, "You have exceeded a secondary rate limit", NULL, NULL, ERR_LIMITED, 60000},
    {403, "You have exceeded a secondary rate limit", "Retry-After", "120", ERR_LIMITED, 120000},
    {403, "You have triggered an abuse detection mechanism", NULL, NULL, ERR_LIMITED, 60000},
    {403, "was submitted too quickly", NULL, NULL, ERR_LIMITED, 60000},
    {403, "API rate limit exceeded", "X-RateLimit-Remaining", "0", ERR_LIMITED, 60000},
    {429, "slow down", "Retry-After", "7", ERR_LIMITED, 7000},
    {404, "Not Found", NULL, NULL, ERR_MISSING, 0},
    {410, "Gone", NULL, NULL, ERR_MISSING, 0},
    {409, "Git Repository is empty.", NULL, NULL, ERR_CONFLICT, 0},
    {422, "Validation Failed", NULL, NULL, ERR_INPUT, 0},
    {451, "Repository access blocked", NULL, NULL, ERR_MISSING, 0},
    {500, "", NULL, NULL, ERR_UNCERTAIN, 0},
    {502, "", NULL, NULL, ERR_UNCERTAIN, 0},
    {503, "", "Retry-After", "5", ERR_LIMITED, 5000},
};

static void test_refusals(void **state)
{
    (void)state;
    static const struct change c = {.kind = CHANGE_COMMENT, .issue = {"github", REF, 0}, .text = "t"};
    struct place p;
    place_open(&p, &tracker_github, API, OWN);
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct tracker_call call = {.conf = &p.conf, .arena = p.arena, .change = &c};
        struct tracker_state st = {0};
        struct tracker_result ret = {0};
        struct http_request next;
        struct http_response r = {.status = refusals[i].status, .received_ms = TALK_NOW_MS};
        struct err e = {0};
        assert_int_equal(tracker_github.step(&call, &st, NULL, &next, &ret, &e), STEP_SEND);
        r.body = str_of(arena_fmt(p.arena,
                                  "{\"message\":\"%s\",\"errors\":[{\"resource\":\"R\",\"field\":\"f\","
                                  "\"code\":\"c\"},\"more\"]}",
                                  refusals[i].message));
        if (!refusals[i].message[0])
            r.body = str_of("<html>");
        if (refusals[i].header)
            http_header_add(p.arena, &r.headers, refusals[i].header, refusals[i].value);
        int rc = tracker_github.step(&call, &st, &r, &next, &ret, &e);
        if (rc != -(int)refusals[i].class)
            talk_fail("HTTP %d %s: %d, %s", r.status, refusals[i].message, rc, e.text);
        if (refusals[i].message[0])
            assert_non_null(strstr(e.text, refusals[i].message));
        if (refusals[i].message[0])
            assert_non_null(strstr(e.text, "; f c; more"));
        if (refusals[i].pause_ms)
            assert_int_equal(e.retry_at_ms - TALK_NOW_MS, refusals[i].pause_ms);
    }
    place_close(&p, &tracker_github);
}

/* A thread of comments that never ends is refused, not read for ever. */
static void test_endless(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_github, API, OWN);
    const struct fact_key want = {.kind = FACT_COMMENTS, .tracker = "github", .ref = REF};
    struct tracker_call call = {.conf = &p.conf, .arena = p.arena, .want = &want};
    struct tracker_state st = {0};
    struct tracker_result ret = {0};
    struct http_request next;
    struct http_response r = {.status = 200, .body = str_of("[{\"id\":1}]")}, *prev = NULL;
    struct err e = {0};
    int sent = 0, rc;
    http_header_add(p.arena, &r.headers, "Link", NEXT("/2"));
    while ((rc = tracker_github.step(&call, &st, prev, &next, &ret, &e)) == STEP_SEND) {
        sent++;
        prev = &r;
    }
    assert_int_equal(rc, -ERR_INPUT);
    assert_in_range(sent, 30, DRIVER_STEPS - 1);
    assert_int_equal(ret.fact->comments.n, sent);
    place_close(&p, &tracker_github);
}

/* --- credentials --- */

static const struct {
    const char *url;
    bool is_signed;
} signings[] = {
    {API "/repos/o/r", true},
    {"https://API.github.com:443/x", true},
    {"https://api.github.com.evil.example/", false},
    {"https://evil.example/", false},
    {"http://api.github.com/", false},
    {"http://api.github.com:443/", false},
    {"https://api.github.com:8443/", false},
    {"https://api.github.com@evil.example/", false},
    {"https://raw.githubusercontent.com/o/r/HEAD/x", false},
};

static void test_sign(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_github, API, OWN);
    for (size_t i = 0; i < COUNT(signings); i++) {
        struct http_request r = {.method = "GET", .url = signings[i].url};
        tracker_github.sign(&p.conf, NULL, 0, p.arena, &r);
        const char *given = http_header_get(&r.headers, "authorization");
        if (!text_same(given, signings[i].is_signed ? "Bearer s3cret" : NULL))
            talk_fail("%s: %s", r.url, given ? given : "(none)");
        if (given)
            assert_true(r.headers.v[r.headers.n - 1].is_secret);
    }
    place_close(&p, &tracker_github);
}

/* --- addresses --- */

#define SERVER "https://git.example/api/v3"

static const struct {
    const char *api, *url, *ref;
} addresses[] = {
    {API, "https://github.com/o/r/pull/12", "o/r#12"},
    {API, "https://github.com/o/r/issues/12/", "o/r#12"},
    {API, "https://GitHub.com/o/r/pull/12/files?w=1#d", "o/r#12"},
    {API, "https://github.com/o/r/pulls/12", NULL},
    {API, "https://github.com/o/r/pull/", NULL},
    {API, "https://github.com/o/r/pull/0", NULL},
    {API, "https://github.com/o/r/pull/+1", NULL},
    {API, "https://github.com/o/r/pull/1x", NULL},
    {API, "https://github.com/o/../pull/1", NULL},
    {API, "https://github.com/o%2Fp/r/pull/1", NULL},
    {API, "https://github.com/o/r", NULL},
    {API, "https://github.com", NULL},
    {API, "https://git.example/o/r/pull/12", NULL},
    {API, "nonsense", NULL},
    {SERVER, "https://git.example/o/r/pull/12", "o/r#12"},
    {SERVER, "https://github.com/o/r/pull/12", NULL},
    {"http://127.0.0.1:9/github", "http://127.0.0.1:9/github/o/r/pull/12", "o/r#12"},
    {"http://127.0.0.1:9/github", "http://127.0.0.1:9/o/r/pull/12", NULL},
    {"http://127.0.0.1:9/github/api", "http://127.0.0.1:9/github/o/r/pull/12", "o/r#12"},
};

static void test_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        struct place p;
        place_open(&p, &tracker_github, addresses[i].api, OWN);
        const char *ref = tracker_github.issue_ref(&p.conf, p.arena, addresses[i].url);
        if (!text_same(ref, addresses[i].ref))
            talk_fail("%s: %s", addresses[i].url, ref ? ref : "(none)");
        if (ref)
            assert_string_equal(
                tracker_github.issue_ref(&p.conf, p.arena, tracker_github.issue_url(&p.conf, p.arena, ref)), ref);
        place_close(&p, &tracker_github);
    }
}

static void test_issue_url(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_github, API, OWN "html: https://see.example/gh/\n");
    assert_string_equal(tracker_github.issue_url(&p.conf, p.arena, "o/r#12"), "https://see.example/gh/o/r/pull/12");
    assert_string_equal(tracker_github.issue_url(&p.conf, p.arena, "o/r"), "https://see.example/gh/o/r");
    assert_string_equal(tracker_github.issue_url(&p.conf, p.arena, ""), "https://see.example/gh");
    place_close(&p, &tracker_github);
}

/* On Enterprise Server GraphQL stands beside the REST root. */
static void test_graphql_address(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_github, SERVER, OWN);
    const struct fact_key want = {.kind = FACT_BOARD, .tracker = "github", .ref = "o:1"};
    struct tracker_call call = {.conf = &p.conf, .arena = p.arena, .want = &want};
    struct tracker_state st = {0};
    struct tracker_result ret = {0};
    struct http_request next;
    assert_int_equal(tracker_github.step(&call, &st, NULL, &next, &ret, NULL), STEP_SEND);
    assert_string_equal(next.url, "https://git.example/api/graphql");
    tracker_github.sign(&p.conf, NULL, 0, p.arena, &next);
    assert_non_null(http_header_get(&next.headers, "authorization"));
    place_close(&p, &tracker_github);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issues),          cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_lists),           cmocka_unit_test(test_pages),
        cmocka_unit_test(test_others),          cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_endless),         cmocka_unit_test(test_sign),
        cmocka_unit_test(test_addresses),       cmocka_unit_test(test_issue_url),
        cmocka_unit_test(test_graphql_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
