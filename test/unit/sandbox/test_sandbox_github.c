#include "rig.h"

/* --- a receiver of hooks --- */

struct sink {
    struct rig *rig;
    struct http_server *server;
    struct {
        const char *event, *guid, *hook, *sum, *old_sum, *type, *raw;
        const struct json *body;
    } got[64];
    size_t n, enough;
    int status;
};

static void sink_body(void *ctx, struct http_exchange *x, const struct http_request *q)
{
    struct sink *s = ctx;
    struct arena *a = s->rig->arena;
    assert_true(s->n < COUNT(s->got));
    const struct http_headers *h = &q->headers;
    __typeof__(s->got[0]) *g = &s->got[s->n++];
    g->event = arena_text(a, http_header_get(h, "X-GitHub-Event"));
    g->guid = arena_text(a, http_header_get(h, "X-GitHub-Delivery"));
    g->hook = arena_text(a, http_header_get(h, "X-GitHub-Hook-ID"));
    g->sum = arena_text(a, http_header_get(h, "X-Hub-Signature-256"));
    g->old_sum = arena_text(a, http_header_get(h, "X-Hub-Signature"));
    g->type = arena_text(a, http_header_get(h, "Content-Type"));
    g->raw = arena_str(a, q->body);
    g->body = NULL;
    const char *json = g->raw;
    if (text_starts(json, "payload="))
        json = http_unescape(a, str_of(json + 8), true);
    assert_int_equal(json_parse(a, str_of(json), &g->body, NULL), 0);
    http_reply_json(x, s->status, STR("{\"id\":1}"));
    if (s->n >= s->enough)
        loop_stop(s->rig->loop);
}

static const char *sink_open(struct sink *s, struct rig *r)
{
    struct err e = {0};
    *s = (struct sink){.rig = r, .status = 200, .enough = SIZE_MAX};
    struct http_server_conf conf = {.listen = "127.0.0.1:0",
                                    .header_bytes = 8192,
                                    .body_bytes = 1 << 20,
                                    .connections = 10,
                                    .request_ms = 5000,
                                    .idle_ms = 5000,
                                    .body = sink_body,
                                    .ctx = s};
    if (http_server_new(&s->server, r->loop, &conf, &e) != 0)
        fail_msg("%s", e.text);
    return arena_fmt(r->arena, "http://127.0.0.1:%d/hook", http_server_port(s->server));
}

/* Until so many have come, and a little longer, so that one too many would be seen. */
static void sink_wait(struct sink *s, size_t n)
{
    s->enough = n;
    if (s->n < n)
        rig_turns(s->rig, 5000);
    s->enough = SIZE_MAX;
    rig_turns(s->rig, 30);
    assert_int_equal(s->n, n);
}

static const char *told(const struct sink *s, size_t at, const char *path)
{
    const char *text = json_text(json_path(s->got[at].body, path));
    return text ? text : "(none)";
}

/* A hook of example/app at the receiver; its number. */
static int64_t hook_of(struct rig *r, const char *url, const char *more)
{
    assert_int_equal(ask(r, "POST", "/_sandbox/github/hooks",
                         arena_fmt(r->arena, "{\"repo\":\"example/app\",\"url\":\"%s\"%s}", url, more)),
                     201);
    return number(r, "id");
}

static void act(struct rig *r, int n, const char *what, const char *body)
{
    assert_int_equal(
        ask(r, "POST", arena_fmt(r->arena, "/_sandbox/github/repos/example/app/issues/%d/%s", n, what), body), 200);
}

/* --- who may what --- */

static void test_github_login(UNUSED void **state)
{
    static const struct {
        enum who who;
        const char *method, *path, *body;
        int status;
        const char *message;
    } rows[] = {
        {GITHUB_WRONG, "GET", "user", NULL, 401, "Bad credentials"},
        {NOBODY, "GET", "user", NULL, 401, "Requires authentication"},
        {NOBODY, "GET", "repos/example/app", NULL, 200, NULL},
        {GITHUB_BOT, "GET", "repos/EXAMPLE/App/pulls/1", NULL, 200, NULL},
        {GITHUB_BOT, "GET", "repos/example/secret", NULL, 200, NULL},
        {GITHUB_READER, "GET", "repos/example/secret", NULL, 404, "Not Found"},
        {NOBODY, "GET", "repos/example/secret/issues", NULL, 404, "Not Found"},
        {NOBODY, "POST", "repos/example/app/issues/1/comments", "{\"body\":\"x\"}", 401, "Requires authentication"},
        {GITHUB_READER, "POST", "repos/example/app/issues/1/comments", "{\"body\":\"x\"}", 403,
         "Resource not accessible by personal access token"},
        {GITHUB_READER, "GET", "repos/example/app/hooks", NULL, 404, "Not Found"},
        {GITHUB_READER, "GET", "orgs/example/hooks", NULL, 404, "Not Found"},
        {GITHUB_BOT, "GET", "orgs/example/hooks", NULL, 200, NULL},
        {GITHUB_BOT, "GET", "orgs/ada/hooks", NULL, 404, "Not Found"},
        {GITHUB_BOT, "GET", "repos/example/app/pulls/2", NULL, 404, "Not Found"},
        {GITHUB_BOT, "GET", "repos/example/app/issues/99", NULL, 404, "Not Found"},
        {GITHUB_BOT, "GET", "users/nobody-at-all", NULL, 404, "Not Found"},
        {NOBODY, "GET", "zen", NULL, 200, NULL},
        {GITHUB_BOT, "GET", "nonsense", NULL, 404, "Not Found"},
        {GITHUB_BOT, "POST", "repos/example/app/issues/1/labels", "{\"labels\":", 400, "Problems parsing JSON"},
        {GITHUB_BOT, "POST", "repos/example/app/issues/1/labels", "{\"labels\":[\"\"]}", 422, "Validation Failed"},
        {GITHUB_BOT, "POST", "repos/example/app/issues/1/comments", "{\"body\":null}", 422, "Validation Failed"},
        {GITHUB_BOT, "PATCH", "repos/example/app/issues/1", "{\"state\":\"gone\"}", 422, "Validation Failed"},
        {GITHUB_BOT, "POST", "repos/example/app/statuses/123", "{\"state\":\"success\"}", 422,
         "No commit found for SHA: 123"},
    };
    struct rig r;
    rig_open(&r);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *path = arena_fmt(r.arena, "/github/api/%s", rows[i].path);
        if (ask_as(&r, rows[i].who, rows[i].method, path, rows[i].body) != rows[i].status)
            fail_msg("row %zu: %s: %d %s", i, rows[i].path, r.status, r.body);
        if (rows[i].message)
            assert_string_equal(said(&r, "message"), rows[i].message);
        if (rows[i].message && rows[i].status != 400)
            assert_string_equal(said(&r, "status"), arena_fmt(r.arena, "%d", rows[i].status));
        assert_non_null(http_header_get(&r.response->headers, "X-GitHub-Request-Id"));
    }
    rig_close(&r);
}

static void test_github_gone(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    act(&r, 2, "delete", "{}");
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/issues/2", NULL), 410);
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/repos/example/app/rename", "{\"to\":\"example/new\"}"), 200);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/pulls/1?x=y", NULL), 301);
    const char *to = http_header_get(&r.response->headers, "Location");
    assert_true(text_ends(to, "/pulls/1?x=y"));
    assert_int_equal(ask(&r, "GET", arena_fmt(r.arena, "github:%s", strstr(to, "/api/") + 5), NULL), 200);
    assert_string_equal(said(&r, "base.repo.full_name"), "example/new");
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/issues/1/labels", "{\"labels\":[\"x\"]}"), 307);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/github/repos/example/new", "{\"archived\":true}"), 200);
    assert_int_equal(ask(&r, "POST", "github:repos/example/new/issues/1/labels", "{\"labels\":[\"x\"]}"), 403);
    rig_close(&r);
}

/* --- lists --- */

static void test_github_lists(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/fill", "{\"repo\":\"example/big\",\"pulls\":250}"), 204);
    assert_int_equal(ask(&r, "GET", "github:repos/example/big/pulls?per_page=100&state=all&page=2", NULL), 200);
    assert_int_equal(json_count(r.json), 100);
    assert_int_equal(number(&r, "0.number"), 150); /* newest first */
    const char *links = http_header_get(&r.response->headers, "Link");
    assert_non_null(strstr(links, "per_page=100&state=all&page=3>; rel=\"next\""));
    assert_non_null(strstr(links, "page=1>; rel=\"first\""));
    assert_int_equal(ask(&r, "GET", "github:repos/example/big/pulls?per_page=100&page=3", NULL), 200);
    assert_int_equal(json_count(r.json), 50);
    assert_null(strstr(http_header_get(&r.response->headers, "Link"), "rel=\"next\""));
    assert_int_equal(ask(&r, "GET", "github:repos/example/big/pulls", NULL), 200);
    assert_int_equal(json_count(r.json), 30);
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/repos/example/big/issues/7/close", "{}"), 200);
    assert_int_equal(ask(&r, "GET", "github:repos/example/big/pulls?sort=updated&direction=desc&state=all", NULL), 200);
    assert_int_equal(number(&r, "0.number"), 7);
    assert_int_equal(ask(&r, "GET", "github:repos/example/big/pulls?state=closed", NULL), 200);
    assert_int_equal(json_count(r.json), 1);
    assert_int_equal(ask(&r, "GET", "github:repos/example/big/issues?state=all&since=2099-01-01T00:00:00Z", NULL), 200);
    assert_int_equal(json_count(r.json), 0);
    rig_close(&r);
}

/* Times that were set by hand are kept in order too. */
static void test_github_since(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    static const char *const days[] = {"2024-03-01", "2024-01-01", "2024-02-01"};
    for (size_t i = 0; i < COUNT(days); i++)
        assert_int_equal(
            ask(&r, "POST", "/_sandbox/github/repos/example/old/issues",
                arena_fmt(r.arena, "{\"title\":\"%s\",\"created_at\":\"%sT00:00:00Z\"}", days[i], days[i])),
            201);
    const char *list = "github:repos/example/old/issues?sort=updated&direction=asc&since=2024-01-15T00:00:00Z";
    assert_int_equal(ask(&r, "GET", list, NULL), 200);
    assert_int_equal(json_count(r.json), 2);
    assert_string_equal(said(&r, "0.title"), "2024-02-01");
    assert_string_equal(said(&r, "1.title"), "2024-03-01");
    rig_close(&r);
}

static void test_github_conditional(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/pulls/1", NULL), 200);
    http_header_add(r.arena, &r.more, "If-None-Match", http_header_get(&r.response->headers, "ETag"));
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/pulls/1", NULL), 304);
    assert_string_equal(r.body, "");
    act(&r, 1, "label", "{\"name\":\"bug\"}");
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/pulls/1", NULL), 200);
    rig_close(&r);
}

/* --- limits --- */

static void test_github_limits(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "GET", "github:user", NULL), 200);
    assert_string_equal(http_header_get(&r.response->headers, "X-RateLimit-Remaining"), "4999");
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/settings", "{}"), 404);
    assert_int_equal(ask(&r, "POST", "/_sandbox/reset", NULL), 204);
    assert_int_equal(ask(&r, "POST", "/_sandbox/settings", "{\"github_limit\":2}"), 200);
    assert_int_equal(ask(&r, "GET", "github:user", NULL), 200);
    http_header_add(r.arena, &r.more, "If-None-Match", http_header_get(&r.response->headers, "ETag"));
    assert_int_equal(ask(&r, "GET", "github:user", NULL), 304); /* does not count */
    r.more.n = 0;
    assert_int_equal(ask(&r, "GET", "github:user", NULL), 200);
    assert_string_equal(http_header_get(&r.response->headers, "X-RateLimit-Remaining"), "0");
    assert_int_equal(ask(&r, "GET", "github:user", NULL), 403);
    assert_string_equal(said(&r, "message"), "API rate limit exceeded for user ID 1.");
    assert_non_null(http_header_get(&r.response->headers, "X-RateLimit-Reset"));
    assert_int_equal(ask(&r, "GET", "github:rate_limit", NULL), 200);
    assert_int_equal(number(&r, "resources.core.remaining"), 0);
    assert_int_equal(number(&r, "resources.graphql.remaining"), 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(&r, "POST", "github:graphql", "{\"query\":\"{nothing}\"}"), i < 2 ? 400 : 200);
    assert_string_equal(said(&r, "errors.0.type"), "RATE_LIMITED");
    assert_int_equal(ask(&r, "POST", "/_sandbox/settings", "{\"github_limit\":0,\"github_writes\":1}"), 200);
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/issues/1/comments", "{\"body\":\"1\"}"), 201);
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/issues/1/comments", "{\"body\":\"2\"}"), 403);
    assert_non_null(strstr(said(&r, "message"), "secondary rate limit"));
    assert_non_null(http_header_get(&r.response->headers, "Retry-After"));
    assert_int_equal(ask(&r, "GET", "github:user", NULL), 200);
    rig_close(&r);
}

static void test_github_faults(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "/_sandbox/faults",
                         "{\"kind\":\"close\",\"apply\":true,\"service\":\"github\",\"method\":\"POST\","
                         "\"path\":\"/api/repos/*/comments\"}"),
                     200);
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/issues/1/comments", "{\"body\":\"lost\"}"), 0);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/issues/1/comments", NULL), 200);
    assert_string_equal(said(&r, "0.body"), "lost");
    assert_int_equal(ask(&r, "GET", "/_sandbox/writes", NULL), 200);
    assert_string_equal(said(&r, "writes.0.service"), "github");
    assert_string_equal(said(&r, "writes.0.body.body"), "lost");
    assert_true(json_bool(json_path(r.json, "writes.0.withheld"), false));
    assert_int_equal(ask(&r, "POST", "/_sandbox/faults", "{\"kind\":\"status\",\"contains\":\"projectItems\"}"), 200);
    assert_int_equal(ask(&r, "POST", "github:graphql", "{\"query\":\"{projectV2}\"}"), 200);
    assert_int_equal(ask(&r, "POST", "github:graphql", "{\"query\":\"{projectItems}\"}"), 503);
    assert_int_equal(ask(&r, "GET", "/_sandbox/writes", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "writes")), 1); /* what was refused would have read */
    assert_int_equal(ask(&r, "POST", "/_sandbox/faults", "{\"kind\":\"status\",\"status\":502}"), 200);
    assert_int_equal(ask(&r, "GET", "github:user", NULL), 502);
    assert_string_equal(said(&r, "status"), "502");
    rig_close(&r);
}

/* --- what is written --- */

static void test_github_labels(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    const char *of = "github:repos/example/app/issues/1/labels";
    assert_int_equal(ask(&r, "POST", of, "{\"labels\":[\"core contributor\",\"Bug\"]}"), 200);
    assert_string_equal(said(&r, "1.name"), "bug"); /* the repository's spelling */
    assert_int_equal(ask(&r, "POST", of, "[\"BUG\",\"a/b\"]"), 200);
    assert_int_equal(json_count(r.json), 3);
    assert_int_equal(ask(&r, "DELETE", "github:repos/example/app/issues/1/labels/a%2Fb", NULL), 200);
    assert_int_equal(ask(&r, "DELETE", "github:repos/example/app/issues/1/labels/a%2Fb", NULL), 404);
    assert_string_equal(said(&r, "message"), "Label does not exist");
    assert_int_equal(ask(&r, "PUT", of, "{\"labels\":[\"x\"]}"), 200);
    assert_int_equal(json_count(r.json), 1);
    assert_int_equal(ask(&r, "PATCH", "github:repos/example/app/labels/x", "{\"new_name\":\"y\",\"color\":\"ff0000\"}"),
                     200);
    assert_int_equal(ask(&r, "GET", of, NULL), 200);
    assert_string_equal(said(&r, "0.name"), "y");
    assert_string_equal(said(&r, "0.color"), "ff0000");
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/labels", "{\"name\":\"Y\"}"), 422);
    assert_string_equal(said(&r, "errors.0.code"), "already_exists");
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/labels", "{\"name\":\"new\"}"), 201);
    assert_int_equal(ask(&r, "DELETE", "github:repos/example/app/labels/y", NULL), 204);
    assert_int_equal(ask(&r, "GET", of, NULL), 200);
    assert_int_equal(json_count(r.json), 0);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/labels/y", NULL), 404);
    rig_close(&r);
}

static void test_github_comments(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    const char *of = "github:repos/example/app/issues/1/comments";
    for (int i = 0; i < 105; i++)
        assert_int_equal(ask(&r, "POST", of, arena_fmt(r.arena, "{\"body\":\"%d\"}", i)), 201);
    const char *one = arena_fmt(r.arena, "github:repos/example/app/issues/comments/%" PRId64, number(&r, "id"));
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/issues/1/comments?per_page=100&page=2", NULL), 200);
    assert_int_equal(json_count(r.json), 5);
    assert_string_equal(said(&r, "0.body"), "100");
    assert_string_equal(said(&r, "0.user.login"), "sync-bot");
    assert_int_equal(ask(&r, "PATCH", one, "{\"body\":\"other\"}"), 200);
    assert_int_equal(ask(&r, "GET", one, NULL), 200);
    assert_string_equal(said(&r, "body"), "other");
    assert_int_equal(ask(&r, "DELETE", one, NULL), 204);
    assert_int_equal(ask(&r, "DELETE", one, NULL), 404);
    assert_int_equal(ask(&r, "GET", of, NULL), 200);
    assert_int_equal(json_count(r.json), 30);
    rig_close(&r);
}

static void test_github_statuses(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/pulls/1", NULL), 200);
    const char *sha = arena_text(r.arena, said(&r, "head.sha"));
    const char *to = arena_fmt(r.arena, "github:repos/example/app/statuses/%s", sha);
    assert_int_equal(ask(&r, "POST", to, "{\"state\":\"failure\",\"context\":\"cla\"}"), 201);
    assert_int_equal(json_kind(json_get(r.json, "target_url")), JSON_NULL);
    assert_int_equal(ask(&r, "POST", to, "{\"state\":\"success\",\"context\":\"cla\",\"target_url\":\"https://x/\"}"),
                     201);
    assert_int_equal(ask(&r, "POST", to, "{\"state\":\"fine\"}"), 422);
    assert_int_equal(ask(&r, "GET", arena_fmt(r.arena, "github:repos/example/app/commits/%s/statuses", sha), NULL),
                     200);
    assert_int_equal(json_count(r.json), 2);
    assert_string_equal(said(&r, "0.state"), "success"); /* newest first */
    act(&r, 1, "push", "{\"by\":\"grace\"}");
    assert_string_not_equal(said(&r, "pull.head.sha"), sha);
    assert_int_equal(json_count(json_get(r.json, "statuses")), 0);
    rig_close(&r);
}

static void test_github_contents(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/github/repos/example/app/files/a/b/c.yaml", "{\"text\":\"x: 1\\n\"}"),
                     204);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/contents/a/b/c.yaml", NULL), 200);
    assert_string_equal(said(&r, "content"), "eDogMQo=\n");
    assert_string_equal(said(&r, "name"), "c.yaml");
    http_header_add(r.arena, &r.more, "Accept", "application/vnd.github.raw+json");
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/contents/a/b/c.yaml", NULL), 200);
    assert_string_equal(r.body, "x: 1\n");
    assert_int_equal(ask(&r, "GET", "/github/raw/example/app/HEAD/a/b/c.yaml", NULL), 200);
    assert_int_equal(ask(&r, "DELETE", "/_sandbox/github/repos/example/app/files/a/b/c.yaml", NULL), 204);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/contents/a/b/c.yaml", NULL), 404);
    rig_close(&r);
}

/* --- boards --- */

#define QUERY_ITEMS "query ProjectsForPr { repository { pullRequest { projectItems { nodes { id } } } } }"
#define QUERY_BOARD "query OrgProjectMetadata { organization { projectV2 { id fields { nodes { id } } } } }"
#define QUERY_ADD   "mutation AddProjectItem { addProjectV2ItemById(input: {}) { item { id } } }"
#define QUERY_SET                                                                                                      \
    "mutation UpdateProjectItem { updateProjectV2ItemFieldValue(input: {value: {%s: $value}}) { projectV2Item { id } " \
    "} }"

static int graphql(struct rig *r, const char *query, const char *variables)
{
    return ask(r, "POST", "github:graphql",
               arena_fmt(r->arena, "{\"query\":\"%s\",\"variables\":%s}", query, variables));
}

static void set_value(struct rig *r, const char *key, const char *ids, const char *value)
{
    assert_int_equal(
        graphql(r, arena_fmt(r->arena, QUERY_SET, key), arena_fmt(r->arena, "{%s,\"value\":%s}", ids, value)), 200);
}

static const char *value_place(struct rig *r, const char *board, const char *item, const char *field)
{
    return arena_fmt(r->arena, "\"projectId\":\"%s\",\"itemId\":\"%s\",\"fieldId\":\"%s\"", board, item, field);
}

static void test_github_boards(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(graphql(&r, QUERY_BOARD, "{\"orgname\":\"example\",\"number\":1}"), 200);
    const char *board = arena_text(r.arena, said(&r, "data.organization.projectV2.id"));
    const char *day = arena_text(r.arena, said(&r, "data.organization.projectV2.fields.nodes.2.id"));
    const char *choice = arena_text(r.arena, said(&r, "data.organization.projectV2.fields.nodes.1.options.1.id"));
    const char *status = arena_text(r.arena, said(&r, "data.organization.projectV2.fields.nodes.1.id"));
    const char *weight = arena_text(r.arena, said(&r, "data.organization.projectV2.fields.nodes.5.id"));
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/pulls/1", NULL), 200);
    const char *add = arena_fmt(r.arena, "{\"projectId\":\"%s\",\"prNodeId\":\"%s\"}", board, said(&r, "node_id"));
    assert_int_equal(graphql(&r, QUERY_ADD, add), 200);
    const char *item = arena_text(r.arena, said(&r, "data.addProjectV2ItemById.item.id"));
    assert_int_equal(graphql(&r, QUERY_ADD, add), 200); /* the same item */
    assert_string_equal(said(&r, "data.addProjectV2ItemById.item.id"), item);
    const char *of_day = value_place(&r, board, item, day);
    set_value(&r, "date", of_day, "\"2026-11-20\"");
    assert_null(json_get(r.json, "errors"));
    set_value(&r, "text", of_day, "\"2026-11-21\"");
    assert_string_equal(said(&r, "errors.0.message"), "Did not receive a date value to update a field of type date");
    set_value(&r, "date", of_day, "\"yesterday\"");
    assert_non_null(json_get(r.json, "errors"));
    set_value(&r, "number", value_place(&r, board, item, weight), "2.5");
    assert_null(json_get(r.json, "errors"));
    set_value(&r, "singleSelectOptionId", value_place(&r, board, item, status), arena_fmt(r.arena, "\"%s\"", choice));
    assert_null(json_get(r.json, "errors"));
    set_value(&r, "date", value_place(&r, board, "PVTI_kwDO000000009", day), "\"2026-11-20\"");
    assert_string_equal(said(&r, "errors.0.type"), "NOT_FOUND");
    assert_int_equal(graphql(&r, QUERY_ITEMS, "{\"owner\":\"example\",\"name\":\"app\",\"number\":1}"), 200);
    const char *node = "data.repository.pullRequest.projectItems.nodes.0.fieldValues.nodes";
    assert_int_equal(json_count(json_path(r.json, node)), 3);
    assert_string_equal(said(&r, arena_fmt(r.arena, "%s.1.date", node)), "2026-11-20");
    assert_string_equal(said(&r, arena_fmt(r.arena, "%s.0.name", node)), "Done");
    assert_int_equal(graphql(&r, "mutation { clearProjectV2ItemFieldValue }", arena_fmt(r.arena, "{%s}", of_day)), 200);
    assert_null(json_get(r.json, "errors"));
    assert_int_equal(ask(&r, "GET", "/_sandbox/github/boards/example/1", NULL), 200);
    assert_string_equal(said(&r, "items.0.values.Date opened"), "(none)");
    set_value(&r, "date", of_day, "\"2026-11-20\"");
    assert_int_equal(ask(&r, "GET", "/_sandbox/github/boards/example/1", NULL), 200);
    assert_string_equal(said(&r, "items.0.values.Weight"), "2.5");
    assert_int_equal(ask(&r, "GET", "/github/example/app/pull/1", NULL), 200);
    assert_non_null(strstr(r.body, "2026-11-20"));
    rig_close(&r);
}

static void test_github_board_errors(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(graphql(&r, QUERY_BOARD, "{\"orgname\":\"example\",\"number\":9}"), 200);
    assert_string_equal(said(&r, "errors.0.message"), "Could not resolve to a ProjectV2 with the number 9.");
    assert_int_equal(graphql(&r, QUERY_BOARD, "{\"orgname\":\"ada\",\"number\":1}"), 200);
    assert_string_equal(said(&r, "errors.0.type"), "NOT_FOUND");
    assert_int_equal(graphql(&r, QUERY_ITEMS, "{\"owner\":\"example\",\"name\":\"app\",\"number\":99}"), 200);
    assert_string_equal(said(&r, "errors.0.path.1"), "pullRequest");
    const char *body = "{\"query\":\"" QUERY_BOARD "\",\"variables\":{\"orgname\":\"example\",\"number\":1}}";
    assert_int_equal(ask_as(&r, GITHUB_READER, "POST", "/github/api/graphql", body), 200);
    assert_string_equal(said(&r, "errors.0.type"), "INSUFFICIENT_SCOPES");
    assert_int_equal(ask_as(&r, NOBODY, "POST", "/github/api/graphql", body), 401);
    assert_int_equal(ask(&r, "GET", "/_sandbox/writes", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "writes")), 0); /* asking is no write */
    rig_close(&r);
}

/* The newest of each context, where statuses are asked for as well. */
static void test_github_statuses_along(UNUSED void **state)
{
    static const char query[] = "query ProjectsForPr { repository { object(oid: $commit) { ... on Commit { status { "
                                "contexts { state } } } } pullRequest { projectItems { nodes { id } } } } }";
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "GET", "github:repos/example/app/pulls/1", NULL), 200);
    const char *sha = arena_text(r.arena, said(&r, "head.sha"));
    const char *variables =
        arena_fmt(r.arena, "{\"owner\":\"example\",\"name\":\"app\",\"number\":1,\"commit\":\"%s\"}", sha);
    assert_int_equal(graphql(&r, query, variables), 200);
    assert_int_equal(json_kind(json_path(r.json, "data.repository.object.status")), JSON_NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(&r, "POST", arena_fmt(r.arena, "github:repos/example/app/statuses/%s", sha),
                             i == 1 ? "{\"state\":\"error\",\"context\":\"ci\"}"
                             : i    ? "{\"state\":\"success\",\"context\":\"cla\",\"description\":\"Fine\"}"
                                    : "{\"state\":\"failure\",\"context\":\"cla\"}"),
                         201);
    assert_int_equal(graphql(&r, query, variables), 200);
    assert_int_equal(json_count(json_path(r.json, "data.repository.object.status.contexts")), 2);
    assert_string_equal(said(&r, "data.repository.object.status.contexts.0.state"), "ERROR");
    assert_string_equal(said(&r, "data.repository.object.status.contexts.1.description"), "Fine");
    assert_int_equal(json_kind(json_path(r.json, "data.repository.pullRequest.projectItems")), JSON_OBJECT);
    variables = "{\"owner\":\"example\",\"name\":\"app\",\"number\":1,\"commit\":\"abc\"}";
    assert_int_equal(graphql(&r, query, variables), 200);
    assert_int_equal(json_kind(json_path(r.json, "data.repository.object")), JSON_NULL);
    rig_close(&r);
}

/* What of several boards is hidden is null, and an error tells it beside the rest. */
static void test_github_hidden_board(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/github/boards/other/5", "{\"hidden\":true,\"fields\":[\"x\"]}"), 200);
    act(&r, 1, "board", "{\"org\":\"other\",\"number\":5}");
    act(&r, 1, "board", "{\"org\":\"example\",\"number\":1}");
    assert_int_equal(graphql(&r, QUERY_ITEMS, "{\"owner\":\"example\",\"name\":\"app\",\"number\":1}"), 200);
    assert_int_equal(json_kind(json_path(r.json, "data.repository.pullRequest.projectItems.nodes.0")), JSON_NULL);
    assert_int_equal(number(&r, "data.repository.pullRequest.projectItems.nodes.1.project.number"), 1);
    assert_string_equal(said(&r, "errors.0.type"), "FORBIDDEN");
    assert_int_equal(graphql(&r, QUERY_BOARD, "{\"orgname\":\"other\",\"number\":5}"), 200);
    assert_string_equal(said(&r, "errors.0.type"), "NOT_FOUND");
    rig_close(&r);
}

/* --- hooks --- */

/* Every act, and what the hook is told of it. */
static void test_github_events(UNUSED void **state)
{
    static const struct {
        int issue;
        const char *act, *body, *event, *action;
    } rows[] = {
        {1, "label", "{\"name\":\"bug\",\"by\":\"ada\"}", "pull_request", "labeled"},
        {1, "unlabel", "{\"name\":\"bug\"}", "pull_request", "unlabeled"},
        {1, "edit", "{\"title\":\"Other\"}", "pull_request", "edited"},
        {1, "push", "{}", "pull_request", "synchronize"},
        {1, "draft", "{}", "pull_request", "converted_to_draft"},
        {1, "ready", "{}", "pull_request", "ready_for_review"},
        {1, "review", "{\"state\":\"approved\"}", "pull_request_review", "submitted"},
        {1, "comment", "{\"body\":\"hm\",\"by\":\"ada\"}", "issue_comment", "created"},
        {1, "close", "{}", "pull_request", "closed"},
        {1, "reopen", "{}", "pull_request", "reopened"},
        {1, "merge", "{}", "pull_request", "closed"},
        {1, "tell", "{\"action\":\"enqueued\"}", "pull_request", "enqueued"},
        {2, "label", "{\"name\":\"jira:x\"}", "issues", "labeled"},
        {2, "close", "{}", "issues", "closed"},
    };
    struct rig r;
    struct sink s;
    rig_open(&r);
    hook_of(&r, sink_open(&s, &r), ",\"secret\":\"It's a Secret to Everybody\"");
    for (size_t i = 0; i < COUNT(rows); i++)
        act(&r, rows[i].issue, rows[i].act, rows[i].body);
    sink_wait(&s, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(s.got[i].event, rows[i].event);
        assert_string_equal(told(&s, i, "action"), rows[i].action);
        assert_string_equal(told(&s, i, "repository.full_name"), "example/app");
        assert_string_equal(told(&s, i, "organization.login"), "example");
    }
    assert_string_equal(told(&s, 0, "sender.login"), "ada");
    assert_string_equal(told(&s, 0, "label.name"), "bug");
    assert_string_equal(told(&s, 2, "changes.title.from"), "Make it faster");
    assert_string_equal(told(&s, 3, "after"), told(&s, 3, "pull_request.head.sha"));
    assert_string_equal(told(&s, 7, "comment.body"), "hm");
    assert_non_null(json_path(s.got[7].body, "issue.pull_request")); /* no head, no base */
    assert_null(json_path(s.got[7].body, "issue.head"));
    assert_false(json_bool(json_path(s.got[8].body, "pull_request.merged"), true));
    assert_true(json_bool(json_path(s.got[10].body, "pull_request.merged"), false));
    http_server_free(s.server);
    rig_close(&r);
}

static void test_github_signature(UNUSED void **state)
{
    struct rig r;
    struct sink s;
    uint8_t sum[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    rig_open(&r);
    const char *url = sink_open(&s, &r);
    hook_of(&r, url, ",\"secret\":\"sekrit\"");
    hook_of(&r, arena_fmt(r.arena, "%s2", url), ",\"content_type\":\"form\",\"events\":[\"issues\"]");
    act(&r, 2, "edit", "{\"title\":\"ä & b\"}");
    sink_wait(&s, 2);
    size_t signed_one = s.got[0].sum ? 0 : 1;
    hmac_sha256(STR("sekrit"), str_of(s.got[signed_one].raw), sum);
    hex_write(sum, SHA256_BYTES, hex);
    assert_string_equal(s.got[signed_one].sum, arena_fmt(r.arena, "sha256=%s", hex));
    hmac_sha1(STR("sekrit"), str_of(s.got[signed_one].raw), sum);
    hex_write(sum, SHA1_BYTES, hex);
    assert_string_equal(s.got[signed_one].old_sum, arena_fmt(r.arena, "sha1=%s", hex));
    assert_null(s.got[1 - signed_one].sum);
    assert_string_equal(s.got[1 - signed_one].type, "application/x-www-form-urlencoded");
    assert_string_equal(told(&s, 1 - signed_one, "issue.title"), "ä & b");
    assert_string_not_equal(s.got[0].guid, s.got[1].guid);
    act(&r, 1, "edit", "{\"title\":\"c\"}"); /* the form hook wants issues alone */
    sink_wait(&s, 3);
    act(&r, 1, "edit", "{\"title\":\"d\",\"quiet\":true}");
    sink_wait(&s, 3);
    http_server_free(s.server);
    rig_close(&r);
}

/* Made over REST: a ping; the log; again by request. */
static void test_github_hook_rest(UNUSED void **state)
{
    struct rig r;
    struct sink s;
    rig_open(&r);
    const char *url = sink_open(&s, &r);
    const char *make = arena_fmt(r.arena,
                                 "{\"name\":\"web\",\"events\":[\"pull_request\"],\"config\":{\"url\":\"%s\","
                                 "\"content_type\":\"json\",\"secret\":\"x\"}}",
                                 url);
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/hooks", "{\"config\":{}}"), 422);
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/hooks", make), 201);
    assert_string_equal(said(&r, "config.secret"), "********");
    const char *hook = arena_fmt(r.arena, "github:repos/example/app/hooks/%" PRId64, number(&r, "id"));
    assert_int_equal(ask(&r, "POST", "github:repos/example/app/hooks", make), 422);
    sink_wait(&s, 1);
    assert_string_equal(s.got[0].event, "ping");
    assert_null(json_get(s.got[0].body, "action"));
    s.status = 503;
    act(&r, 1, "label", "{\"name\":\"bug\"}");
    act(&r, 2, "label", "{\"name\":\"other\"}"); /* not asked for */
    sink_wait(&s, 2);
    assert_int_equal(ask(&r, "GET", arena_fmt(r.arena, "%s/deliveries?per_page=1", hook), NULL), 200);
    assert_int_equal(number(&r, "0.status_code"), 503);
    assert_string_equal(said(&r, "0.action"), "labeled");
    const char *one = arena_fmt(r.arena, "%s/deliveries/%" PRId64, hook, number(&r, "0.id"));
    const char *next = http_header_get(&r.response->headers, "Link");
    const char *from = strstr(next, "/api/") + 5;
    const char *rest = arena_str(r.arena, (struct str){from, strcspn(from, ">")});
    assert_int_equal(ask(&r, "GET", arena_fmt(r.arena, "github:%s", rest), NULL), 200);
    assert_string_equal(said(&r, "0.event"), "ping");
    assert_null(http_header_get(&r.response->headers, "Link"));
    assert_int_equal(ask(&r, "GET", one, NULL), 200);
    assert_string_equal(said(&r, "request.headers.X-GitHub-Event"), "pull_request");
    assert_string_equal(said(&r, "request.payload.label.name"), "bug");
    s.status = 200;
    assert_int_equal(ask(&r, "POST", arena_fmt(r.arena, "%s/attempts", one), NULL), 202);
    sink_wait(&s, 3);
    assert_string_equal(s.got[2].guid, s.got[1].guid);
    assert_string_equal(s.got[2].raw, s.got[1].raw);
    assert_int_equal(ask(&r, "PATCH", hook, "{\"active\":false,\"add_events\":[\"issues\"]}"), 200);
    assert_int_equal(json_count(json_get(r.json, "events")), 2);
    act(&r, 1, "unlabel", "{\"name\":\"bug\"}");
    sink_wait(&s, 3);
    assert_int_equal(ask(&r, "GET", hook, NULL), 200);
    assert_int_equal(number(&r, "last_response.code"), 200);
    assert_int_equal(ask(&r, "DELETE", hook, NULL), 204);
    assert_int_equal(ask(&r, "GET", hook, NULL), 404);
    http_server_free(s.server);
    rig_close(&r);
}

/* Lost, never sent, twice, in another order, late. */
static void test_github_astray(UNUSED void **state)
{
    struct rig r;
    struct sink s;
    rig_open(&r);
    int64_t id = hook_of(&r, sink_open(&s, &r), ",\"lose\":1,\"events\":[\"issues\"]");
    const char *hook = arena_fmt(r.arena, "/_sandbox/github/hooks/%" PRId64, id);
    act(&r, 2, "label", "{\"name\":\"lost\"}");
    sink_wait(&s, 0);
    assert_int_equal(ask(&r, "PUT", hook, "{\"forget\":1}"), 200);
    act(&r, 2, "label", "{\"name\":\"forgotten\"}");
    assert_int_equal(ask(&r, "PUT", hook, "{\"twice\":1}"), 200);
    act(&r, 2, "label", "{\"name\":\"twice\"}");
    sink_wait(&s, 2);
    assert_string_equal(s.got[0].guid, s.got[1].guid);
    assert_int_equal(ask(&r, "PUT", hook, "{\"hold\":3}"), 200);
    static const char *const labels[] = {"first", "second", "third"};
    for (size_t i = 0; i < COUNT(labels); i++) {
        sink_wait(&s, 2);
        act(&r, 2, "label", arena_fmt(r.arena, "{\"name\":\"%s\"}", labels[i]));
    }
    sink_wait(&s, 5);
    for (size_t i = 0; i < COUNT(labels); i++)
        assert_string_equal(told(&s, 2 + i, "label.name"), labels[2 - i]);
    assert_int_equal(ask(&r, "PUT", hook, "{\"delay_ms\":100}"), 200);
    act(&r, 2, "label", "{\"name\":\"late\"}");
    sink_wait(&s, 5);
    sink_wait(&s, 6);
    assert_int_equal(ask(&r, "GET", arena_fmt(r.arena, "%s/deliveries", hook), NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "deliveries")), 6); /* all but the forgotten one */
    assert_int_equal(number(&r, "deliveries.0.status_code"), 0);
    assert_string_equal(said(&r, "deliveries.0.status"), "failed to connect to host");
    assert_int_equal(ask(&r, "GET", "/_sandbox/state", NULL), 200);
    assert_int_equal(number(&r, "github.waiting_deliveries"), 0);
    http_server_free(s.server);
    rig_close(&r);
}

/* A hook that goes while its delivery is under way; a site that goes with everything in flight. */
static void test_github_end(UNUSED void **state)
{
    struct rig r;
    struct sink s;
    rig_open(&r);
    const char *url = sink_open(&s, &r);
    int64_t id = hook_of(&r, url, ",\"parallel\":4");
    for (int i = 0; i < 20; i++)
        act(&r, 1, "tell", "{}");
    assert_int_equal(ask(&r, "DELETE", arena_fmt(r.arena, "/_sandbox/github/hooks/%" PRId64, id), NULL), 204);
    hook_of(&r, url, ",\"delay_ms\":60000");
    act(&r, 1, "tell", "{}");
    assert_int_equal(ask(&r, "POST", "/_sandbox/reset", NULL), 204);
    assert_int_equal(ask(&r, "GET", "/_sandbox/github/hooks", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "hooks")), 0);
    hook_of(&r, url, ",\"hold\":9");
    act(&r, 1, "tell", "{}");
    http_server_free(s.server);
    rig_close(&r);
}

static void test_github_seed(UNUSED void **state)
{
    struct rig r;
    rig_open_seed(&r,
                  "{\"github\":{\"repos\":[{\"full_name\":\"a/b\",\"pulls\":[{\"number\":7,\"merged\":true,"
                  "\"labels\":[\"x\"],\"fork_gone\":true,\"comments\":[{\"author\":\"c\",\"body\":\"d\"}]}]},"
                  "{\"full_name\":\"nonsense\"}],\"hooks\":[{\"url\":\"x\"},{\"repo\":\"a/b\",\"url\":\"$BASE/h\"}]}}");
    assert_int_equal(ask_as(&r, NOBODY, "GET", "/github/api/repos/a/b/pulls/7", NULL), 200);
    assert_true(json_bool(json_get(r.json, "merged"), false));
    assert_int_equal(json_kind(json_path(r.json, "head.repo")), JSON_NULL);
    assert_string_equal(said(&r, "user.login"), "ghost");
    assert_int_equal(ask(&r, "GET", "/_sandbox/github/hooks", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "hooks")), 1);
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/hooks", "{\"url\":\"x\"}"), 400);
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/repos/a/b/issues/7/explode", "{}"), 404);
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/repos/a/b/issues/7/unlabel", "{\"name\":\"y\"}"), 400);
    assert_int_equal(ask(&r, "POST", "/_sandbox/github/repos/a/b/issues/8/close", "{}"), 404);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/github/boards/a/x", "{}"), 400);
    rig_close(&r);
}

static void test_github_pages(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    act(&r, 1, "comment", "{\"by\":\"ada\",\"body\":\"<b>bold</b>\"}");
    act(&r, 1, "status", "{\"state\":\"failure\",\"context\":\"ci\",\"description\":\"It broke\"}");
    static const char *const pages[] = {"/github", "/github/", "/github/example/app/pull/1",
                                        "/github/example/app/issues/2"};
    for (size_t i = 0; i < COUNT(pages); i++) {
        assert_int_equal(ask(&r, "GET", pages[i], NULL), 200);
        assert_non_null(strstr(r.body, "Sandbox GitHub"));
    }
    assert_int_equal(ask(&r, "GET", "/github/example/app/pull/1", NULL), 200);
    assert_non_null(strstr(r.body, "&lt;b&gt;bold"));
    assert_non_null(strstr(r.body, "failure: It broke"));
    assert_int_equal(ask(&r, "GET", "/github/example/app/pull/99", NULL), 404);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_github_login),          cmocka_unit_test(test_github_gone),
        cmocka_unit_test(test_github_lists),          cmocka_unit_test(test_github_since),
        cmocka_unit_test(test_github_conditional),    cmocka_unit_test(test_github_limits),
        cmocka_unit_test(test_github_faults),         cmocka_unit_test(test_github_labels),
        cmocka_unit_test(test_github_comments),       cmocka_unit_test(test_github_statuses),
        cmocka_unit_test(test_github_contents),       cmocka_unit_test(test_github_boards),
        cmocka_unit_test(test_github_board_errors),   cmocka_unit_test(test_github_hidden_board),
        cmocka_unit_test(test_github_statuses_along), cmocka_unit_test(test_github_events),
        cmocka_unit_test(test_github_signature),      cmocka_unit_test(test_github_hook_rest),
        cmocka_unit_test(test_github_astray),         cmocka_unit_test(test_github_end),
        cmocka_unit_test(test_github_seed),           cmocka_unit_test(test_github_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
