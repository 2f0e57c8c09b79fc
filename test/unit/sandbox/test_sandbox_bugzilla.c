#include "rig.h"

/* A receiver of webhooks: keeps the bodies, answers what it is told. */
struct receiver {
    struct rig *rig;
    struct http_server *server;
    const struct json *bodies[100];
    const char *raw[100];
    const char *key, *agent;
    size_t n, enough;
    int status;
    size_t refusals; /* the first answers are 500 */
};

static void receiver_on_body(void *ctx, struct http_exchange *x, const struct http_request *q)
{
    struct receiver *v = ctx;
    struct arena *a = v->rig->arena;
    assert_true(v->n < COUNT(v->bodies));
    v->key = arena_text(a, http_header_get(&q->headers, "X-Api-Key"));
    v->agent = arena_text(a, http_header_get(&q->headers, "User-Agent"));
    v->raw[v->n] = arena_str(a, q->body);
    assert_int_equal(json_parse(a, str_of(v->raw[v->n]), &v->bodies[v->n], NULL), 0);
    v->n++;
    http_reply_json(x, v->n <= v->refusals ? 500 : v->status, STR("{}"));
    if (v->n >= v->enough)
        loop_stop(v->rig->loop);
}

static void receiver_open(struct receiver *v, struct rig *r)
{
    struct err e = {0};
    *v = (struct receiver){.rig = r, .status = 200, .enough = SIZE_MAX};
    struct http_server_conf conf = {.listen = "127.0.0.1:0",
                                    .header_bytes = 8192,
                                    .body_bytes = 1 << 20,
                                    .connections = 10,
                                    .request_ms = 5000,
                                    .idle_ms = 5000,
                                    .body = receiver_on_body,
                                    .ctx = v};
    if (http_server_new(&v->server, r->loop, &conf, &e) != 0)
        fail_msg("%s", e.text);
    static const char hook[] =
        "[{\"id\":7,\"name\":\"bridge\",\"url\":\"http://127.0.0.1:%d/hook\",\"key\":\"sekrit\"}]";
    assert_int_equal(
        ask(r, "PUT", "/_sandbox/bugzilla/webhooks", arena_fmt(r->arena, hook, http_server_port(v->server))), 200);
    assert_int_equal(ask(r, "POST", "/_sandbox/settings", "{\"hook_retry_ms\":1,\"hook_error_limit\":5}"), 200);
}

/* Run until that many deliveries have come, and a little longer, so that one too many would be seen. */
static void receiver_wait(struct receiver *v, size_t n)
{
    v->enough = n;
    if (v->n < n)
        rig_turns(v->rig, 5000);
    v->enough = SIZE_MAX;
    rig_turns(v->rig, 30);
    assert_int_equal(v->n, n);
}

static const char *got(const struct receiver *v, size_t at, const char *path)
{
    const char *text = json_text(json_path(v->bodies[at], path));
    return text ? text : "(none)";
}

static void test_login(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask_as(&r, BUGZILLA_WRONG, "GET", "/bugzilla/rest/bug/1", NULL), 400);
    assert_int_equal(number(&r, "code"), 306);
    assert_int_equal(ask_as(&r, NOBODY, "GET", "/bugzilla/rest/whoami", NULL), 401);
    assert_int_equal(number(&r, "code"), 410);
    assert_int_equal(ask(&r, "GET", "bugzilla:whoami", NULL), 200);
    assert_string_equal(said(&r, "name"), "bot@example.org");
    assert_true(number(&r, "id") > 0);
    assert_int_equal(ask(&r, "GET", "bugzilla:valid_login?login=bot@example.org", NULL), 200);
    assert_true(json_bool(json_get(r.json, "result"), false));
    assert_int_equal(ask(&r, "GET", "bugzilla:version", NULL), 200);
    assert_int_equal(ask(&r, "GET", "bugzilla:nonsense", NULL), 404);
    assert_int_equal(number(&r, "code"), 32614);
    assert_int_equal(ask(&r, "GET", "bugzilla:webhooks/list", NULL), 200);
    assert_string_equal(said(&r, "webhooks.0.name"), "bridge");
    assert_int_equal(number(&r, "webhooks.0.errors"), 0);
    assert_int_equal(ask_as(&r, NOBODY, "PUT", "/bugzilla/rest/bug/1", "{}"), 401);
    rig_close(&r);
}

static void test_stock(UNUSED void **state)
{
    struct rig r;
    rig_open_seed(&r, "{\"bugzilla\":{\"flavour\":\"stock\",\"users\":[{\"login\":\"bot@example.org\",\"api_key\":"
                      "\"sandbox-bugzilla-key\"}],\"bugs\":[{\"id\":1,\"summary\":\"s\"}]}}");
    assert_int_equal(ask(&r, "GET", "bugzilla:whoami", NULL), 404);
    assert_int_equal(number(&r, "code"), 32614);
    assert_int_equal(ask(&r, "GET", "bugzilla:webhooks/list", NULL), 404);
    assert_int_equal(ask(&r, "GET", "bugzilla:valid_login?login=bot@example.org", NULL), 200);
    assert_false(json_bool(json_get(r.json, "result"), true)); /* the header is not looked at */
    assert_int_equal(ask(&r, "GET", "bugzilla:valid_login?login=bot@example.org&api_key=sandbox-bugzilla-key", NULL),
                     200);
    assert_true(json_bool(json_get(r.json, "result"), false));
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", "{\"whiteboard\":\"x\"}"), 401);
    assert_int_equal(
        ask(&r, "PUT", "bugzilla:bug/1", "{\"whiteboard\":\"x\",\"Bugzilla_api_key\":\"sandbox-bugzilla-key\"}"), 200);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1", NULL), 200);
    assert_int_equal(json_kind(json_path(r.json, "bugs.0.alias")), JSON_ARRAY);
    assert_null(json_path(r.json, "bugs.0.regressed_by"));
    rig_close(&r);
}

/* The keys of an answer are those of the recorded one, where it can be read. */
static void test_recorded_bug(UNUSED void **state)
{
    static const char *const keys[] = {"component",
                                       "target_milestone",
                                       "cf_tracking_thunderbird_nightly",
                                       "resolution",
                                       "is_creator_accessible",
                                       "cf_last_resolved",
                                       "blocks",
                                       "cf_status_firefox_nightly",
                                       "mentors",
                                       "flags",
                                       "groups",
                                       "regressed_by",
                                       "regressions",
                                       "cf_status_firefox_beta",
                                       "creator",
                                       "is_cc_accessible",
                                       "creation_time",
                                       "alias",
                                       "cf_tracking_thunderbird_beta",
                                       "is_confirmed",
                                       "cc",
                                       "cf_status_thunderbird_release",
                                       "cf_tracking_firefox_esr",
                                       "id",
                                       "dupe_of",
                                       "cf_status_thunderbird_nightly",
                                       "op_sys",
                                       "depends_on",
                                       "severity",
                                       "creator_detail",
                                       "qa_contact",
                                       "whiteboard",
                                       "cc_detail",
                                       "url",
                                       "classification",
                                       "platform",
                                       "cf_status_firefox_release",
                                       "keywords",
                                       "votes",
                                       "summary",
                                       "cf_status_thunderbird_beta",
                                       "assigned_to_detail",
                                       "cf_tracking_firefox_release",
                                       "mentors_detail",
                                       "cf_user_story",
                                       "is_open",
                                       "comment_count",
                                       "version",
                                       "duplicates",
                                       "cf_tracking_firefox_nightly",
                                       "product",
                                       "assigned_to",
                                       "cf_status_firefox_esr",
                                       "priority",
                                       "cf_tracking_thunderbird_release",
                                       "last_change_time",
                                       "type",
                                       "cf_tracking_firefox_beta",
                                       "status",
                                       "see_also"};
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1", NULL), 200);
    for (size_t i = 0; i < COUNT(keys); i++)
        if (!json_get(json_path(r.json, "bugs.0"), keys[i]))
            fail_msg("%s is missing", keys[i]);
    assert_int_equal(json_count(json_path(r.json, "bugs.0")), COUNT(keys) + 1); /* cf_fx_points */
    assert_string_equal(said(&r, "bugs.0.creator_detail.email"), "reporter@example.org");
    assert_int_equal(number(&r, "bugs.0.blocks.0"), 3);
    assert_int_equal(ask_as(&r, NOBODY, "GET", "/bugzilla/rest/bug/1", NULL), 200);
    assert_string_equal(said(&r, "bugs.0.creator"), "reporter"); /* no addresses without login */
    rig_close(&r);
}

static void test_read(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    const struct {
        const char *path;
        int status;
        int64_t code;
    } errors[] = {{"bugzilla:bug/999", 404, 101},
                  {"bugzilla:bug/5", 401, 102},
                  {"bugzilla:bug/abc", 400, 100},
                  {"bugzilla:bug/999/comment", 404, 101},
                  {"bugzilla:bug/5/comment", 401, 102}};
    for (size_t i = 0; i < COUNT(errors); i++) {
        assert_int_equal(ask(&r, "GET", errors[i].path, NULL), errors[i].status);
        assert_int_equal(number(&r, "code"), errors[i].code);
        assert_true(json_bool(json_get(r.json, "error"), false));
    }
    const struct {
        const char *path;
        size_t n;
    } searches[] = {{"bugzilla:bug?id=1,2,5,99", 2},
                    {"bugzilla:bug?id=1&id=3", 2},
                    {"bugzilla:bug?product=Firefox", 3},
                    {"bugzilla:bug?product=Firefox&component=Sync", 1},
                    {"bugzilla:bug?whiteboard=devtest", 1},
                    {"bugzilla:bug?status=ASSIGNED&status=RESOLVED", 2},
                    {"bugzilla:bug?limit=2&offset=3", 1},
                    {"bugzilla:bug?last_change_time=2099-01-01T00:00:00Z", 0},
                    {"bugzilla:bug?last_change_time=2020-01-01T00:00:00Z", 4}};
    for (size_t i = 0; i < COUNT(searches); i++) {
        assert_int_equal(ask(&r, "GET", searches[i].path, NULL), 200);
        assert_int_equal(json_count(json_get(r.json, "bugs")), searches[i].n);
    }
    assert_int_equal(ask_as(&r, BUGZILLA_PRIVILEGED, "GET", "/bugzilla/rest/bug/5", NULL), 200);
    assert_string_equal(said(&r, "bugs.0.groups.0"), "core-security");
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1?include_fields=id,summary", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "bugs.0")), 2);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1/comment", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "bugs.1.comments")), 2);
    assert_string_equal(said(&r, "bugs.1.comments.1.text"), "I see it too.");
    rig_close(&r);
}

static void test_change(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    const char *link = "{\"see_also\":{\"add\":[\"https://x.atlassian.net/browse/JB-1\"]}}";
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", link), 200);
    assert_string_equal(said(&r, "bugs.0.changes.see_also.added"), "https://x.atlassian.net/browse/JB-1");
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", link), 200);
    assert_int_equal(json_count(json_path(r.json, "bugs.0.changes")), 0); /* it was there */
    const struct {
        const char *body;
        int status;
        int64_t code;
    } rows[] = {{"{\"see_also\":{\"add\":[\"no url\"]}}", 400, 112},
                {"{\"status\":\"NONSENSE\"}", 404, 51},
                {"{\"status\":\"RESOLVED\"}", 400, 121},
                {"{\"resolution\":\"FIXED\"}", 400, 122},
                {"{\"depends_on\":{\"add\":[99]}}", 404, 101},
                {"{\"blocks\":{\"add\":[1]}}", 400, 116},
                {"{\"dupe_of\":1}", 400, 118},
                {"[]", 400, 32000},
                {"{broken", 400, 32000},
                {"{\"status\":\"RESOLVED\",\"resolution\":\"FIXED\"}", 200, -1},
                {"{\"status\":\"REOPENED\",\"keywords\":{\"set\":[\"a\",\"b\"]}}", 200, -1},
                {"{\"keywords\":{\"remove\":[\"a\"],\"add\":[\"c\"]},\"assigned_to\":\"ada@example.org\"}", 200, -1},
                {"{\"dupe_of\":2}", 200, -1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", rows[i].body), rows[i].status);
        assert_int_equal(number(&r, "code"), rows[i].code);
    }
    assert_string_equal(said(&r, "bugs.0.changes.resolution.added"), "DUPLICATE");
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1", NULL), 200);
    assert_string_equal(said(&r, "bugs.0.status"), "RESOLVED");
    assert_string_equal(said(&r, "bugs.0.keywords.0"), "b");
    assert_int_equal(json_count(json_path(r.json, "bugs.0.keywords")), 2);
    assert_int_equal(number(&r, "bugs.0.dupe_of"), 2);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/2", NULL), 200);
    assert_int_equal(number(&r, "bugs.0.duplicates.0"), 1);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1/history", NULL), 200);
    assert_string_equal(said(&r, "bugs.0.history.0.changes.0.field_name"), "see_also");
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/5", "{\"whiteboard\":\"x\"}"), 401);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/2", "{\"depends_on\":{\"add\":[3]}}"), 200);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/3", NULL), 200);
    assert_int_equal(number(&r, "bugs.0.blocks.0"), 2); /* the other side says it too */
    rig_close(&r);
}

static void test_create(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug", "{\"product\":\"Firefox\",\"component\":\"General\"}"), 400);
    assert_int_equal(number(&r, "code"), 50);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug",
                         "{\"product\":\"Firefox\",\"component\":\"General\",\"summary\":\"new\",\"version\":\"1\","
                         "\"description\":\"text\",\"whiteboard\":\"[devtest]\"}"),
                     200);
    assert_int_equal(number(&r, "id"), 6);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/6/comment", "{\"comment\":\"more\"}"), 201);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/6/comment", "{\"comment\":\"\"}"), 400);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/6/comment", NULL), 200);
    assert_int_equal(number(&r, "bugs.6.comments.0.count"), 0);
    assert_string_equal(said(&r, "bugs.6.comments.0.text"), "text");
    assert_string_equal(said(&r, "bugs.6.comments.1.text"), "more");
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/6/comment", "{\"comment\":\"secret\",\"is_private\":true}"), 201);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/6/comment", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "bugs.6.comments")), 2);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/6/attachment", "{\"data\":\"QQ==\"}"), 400);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/6/attachment",
                         "{\"data\":\"QQ==\",\"file_name\":\"a.txt\",\"summary\":\"an A\"}"),
                     201);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/attachment/1", "{\"is_obsolete\":true}"), 200);
    assert_string_equal(said(&r, "attachments.0.changes.is_obsolete.added"), "1");
    rig_close(&r);
}

static const char *const recorded_keys[] = {"alias",
                                            "assigned_to",
                                            "assigned_to_detail",
                                            "bug",
                                            "cf_fx_points",
                                            "cf_last_resolved",
                                            "cf_status_firefox_beta",
                                            "cf_status_firefox_esr",
                                            "cf_status_firefox_nightly",
                                            "cf_status_firefox_release",
                                            "cf_status_thunderbird_beta",
                                            "cf_status_thunderbird_nightly",
                                            "cf_status_thunderbird_release",
                                            "cf_tracking_firefox_beta",
                                            "cf_tracking_firefox_esr",
                                            "cf_tracking_firefox_nightly",
                                            "cf_tracking_firefox_release",
                                            "cf_tracking_thunderbird_beta",
                                            "cf_tracking_thunderbird_nightly",
                                            "cf_tracking_thunderbird_release",
                                            "cf_user_story",
                                            "classification",
                                            "component",
                                            "creation_time",
                                            "creator",
                                            "creator_detail",
                                            "flags",
                                            "id",
                                            "is_private",
                                            "keywords",
                                            "last_change_time",
                                            "operating_system",
                                            "platform",
                                            "priority",
                                            "product",
                                            "qa_contact",
                                            "resolution",
                                            "see_also",
                                            "severity",
                                            "status",
                                            "summary",
                                            "target_milestone",
                                            "type",
                                            "url",
                                            "version",
                                            "whiteboard"};

/* A new bug: its description first, then itself, in the recorded form and order of keys. */
static void test_hook_of_create(UNUSED void **state)
{
    struct rig r;
    struct receiver v;
    rig_open(&r);
    receiver_open(&v, &r);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug",
                         "{\"product\":\"Firefox\",\"component\":\"General\",\"summary\":\"new\",\"version\":\"1\","
                         "\"description\":\"text\"}"),
                     200);
    receiver_wait(&v, 2);
    assert_string_equal(v.key, "sekrit");
    assert_string_equal(v.agent, "Bugzilla");
    assert_string_equal(got(&v, 0, "event.routing_key"), "comment.create");
    assert_string_equal(got(&v, 0, "bug.comment.body"), "text");
    assert_int_equal(json_kind(json_path(v.bodies[0], "bug.comment.number")), JSON_NUMBER);
    assert_string_equal(got(&v, 1, "event.routing_key"), "bug.create");
    assert_string_equal(got(&v, 1, "event.action"), "create");
    assert_string_equal(got(&v, 1, "event.target"), "bug");
    assert_string_equal(got(&v, 1, "event.user.login"), "bot@example.org");
    assert_int_equal(strlen(got(&v, 1, "event.time")), strlen("2026-11-20T17:02:36"));
    assert_string_equal(got(&v, 1, "webhook_name"), "bridge");
    assert_string_equal(got(&v, 1, "bug.priority"), ""); /* "--" over REST */
    size_t i = 0;
    JSON_EACH (it, json_get(v.bodies[1], "bug")) {
        assert_true(i < COUNT(recorded_keys));
        assert_string_equal(json_key(it), recorded_keys[i++]);
    }
    assert_int_equal(i, COUNT(recorded_keys));
    http_server_free(v.server);
    rig_close(&r);
}

static void test_hook_of_change(UNUSED void **state)
{
    struct rig r;
    struct receiver v;
    rig_open(&r);
    receiver_open(&v, &r);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/2",
                         "{\"status\":\"RESOLVED\",\"resolution\":\"FIXED\",\"priority\":\"P2\","
                         "\"comment\":{\"body\":\"done\"}}"),
                     200);
    receiver_wait(&v, 2);
    assert_string_equal(got(&v, 0, "event.routing_key"), "comment.create");
    assert_string_equal(got(&v, 1, "event.routing_key"), "bug.modify:status,resolution,priority,cf_last_resolved");
    assert_string_equal(got(&v, 1, "event.changes.0.removed"), "ASSIGNED");
    assert_string_equal(got(&v, 1, "event.changes.2.removed"), "");
    assert_string_equal(got(&v, 1, "bug.resolution"), "FIXED");
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/2", "{\"resolution\":\"FIXED\"}"), 200);
    receiver_wait(&v, 2); /* nothing has changed */
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/2", "{\"depends_on\":{\"add\":[3]}}"), 200);
    receiver_wait(&v, 4);
    assert_string_equal(got(&v, 3, "event.indirect_change.type"), "related");
    assert_string_equal(got(&v, 3, "event.routing_key"), "bug.modify:blocks");
    const char *url =
        arena_fmt(r.arena, "{\"see_also\":{\"add\":[\"%s\"]}}", rig_url(&r, "/bugzilla/show_bug.cgi?id=3"));
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/2", url), 200);
    receiver_wait(&v, 6); /* mirrored: two events */
    assert_string_equal(got(&v, 5, "event.routing_key"), "bug.modify:see_also");
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/2/attachment",
                         "{\"data\":\"QQ==\",\"file_name\":\"a\",\"summary\":\"A\",\"content_type\":\"text/x\"}"),
                     201);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/attachment/1", "{\"is_obsolete\":1}"), 200);
    receiver_wait(&v, 8);
    assert_string_equal(got(&v, 6, "event.routing_key"), "attachment.create");
    assert_string_equal(got(&v, 6, "bug.attachment.content_type"), "text/x");
    assert_string_equal(got(&v, 7, "event.routing_key"), "attachment.modify:is_obsolete");
    http_server_free(v.server);
    rig_close(&r);
}

static void test_hook_of_private(UNUSED void **state)
{
    struct rig r;
    struct receiver v;
    rig_open(&r);
    receiver_open(&v, &r);
    assert_int_equal(ask_as(&r, BUGZILLA_PRIVILEGED, "PUT", "/bugzilla/rest/bug/5", "{\"whiteboard\":\"[x]\"}"), 200);
    receiver_wait(&v, 1);
    assert_int_equal(json_count(json_get(v.bodies[0], "bug")), 2);
    assert_true(json_bool(json_path(v.bodies[0], "bug.is_private"), false));
    assert_null(json_path(v.bodies[0], "event.changes"));
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/1/comment", "{\"comment\":\"secret\",\"is_private\":true}"), 201);
    receiver_wait(&v, 2);
    assert_null(strstr(v.raw[1], "secret"));
    assert_int_equal(json_count(json_path(v.bodies[1], "bug.comment")), 2);
    assert_false(json_bool(json_path(v.bodies[1], "bug.is_private"), true));
    assert_int_equal(
        ask_as(&r, BUGZILLA_PRIVILEGED, "PUT", "/bugzilla/rest/bug/1", "{\"groups\":{\"add\":[\"core-security\"]}}"),
        200);
    receiver_wait(&v, 4); /* as it was, then reduced */
    assert_string_equal(got(&v, 2, "event.changes.0.field"), "is_private");
    assert_string_equal(got(&v, 2, "bug.summary"), "Crash on start");
    assert_false(json_bool(json_path(v.bodies[2], "bug.is_private"), true));
    assert_int_equal(json_count(json_get(v.bodies[3], "bug")), 2);
    http_server_free(v.server);
    rig_close(&r);
}

/* Refused deliveries are sent again, in order; after too many tries the webhook is off and drops what happens. */
static void test_hook_retry(UNUSED void **state)
{
    struct rig r;
    struct receiver v;
    rig_open(&r);
    receiver_open(&v, &r);
    v.refusals = 3;
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", "{\"summary\":\"a\"}"), 200);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", "{\"summary\":\"b\"}"), 200);
    receiver_wait(&v, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(got(&v, i, "bug.summary"), i < 4 ? "a" : "b");
    v.status = 503;
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", "{\"summary\":\"c\"}"), 200);
    receiver_wait(&v, 10);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", "{\"summary\":\"d\"}"), 200);
    receiver_wait(&v, 10);
    assert_int_equal(ask(&r, "GET", "bugzilla:webhooks/list", NULL), 200);
    assert_false(json_bool(json_path(r.json, "webhooks.0.enabled"), true));
    assert_int_equal(number(&r, "webhooks.0.errors"), 1);
    assert_int_equal(ask(&r, "GET", "/_sandbox/bugzilla/webhooks", NULL), 200);
    assert_int_equal(number(&r, "webhooks.0.delivered"), 2);
    assert_int_equal(number(&r, "webhooks.0.dropped"), 1);
    http_server_free(v.server);
    rig_close(&r);
}

static void test_control_bugs(UNUSED void **state)
{
    struct rig r;
    struct receiver v;
    rig_open(&r);
    receiver_open(&v, &r);
    const char *payload = "{\"id\":77,\"product\":\"Firefox\",\"component\":\"General\",\"operating_system\":\"Linux\","
                          "\"summary\":\"From a payload\",\"is_private\":false,\"creator\":\"new@example.org\","
                          "\"creation_time\":\"2026-01-02T03:04:05\",\"comments\":[{\"text\":\"first\"}]}";
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/77", payload), 201);
    receiver_wait(&v, 0);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/77", NULL), 200);
    assert_string_equal(said(&r, "bugs.0.op_sys"), "Linux");
    assert_string_equal(said(&r, "bugs.0.creation_time"), "2026-01-02T03:04:05Z");
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/77?hooks=1", "{\"summary\":\"changed\"}"), 200);
    receiver_wait(&v, 1);
    assert_string_equal(got(&v, 0, "event.routing_key"), "bug.modify:summary");
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/78?hooks=1", payload), 201);
    receiver_wait(&v, 3);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/77", "{\"is_private\":true}"), 200);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/77", NULL), 401);
    assert_int_equal(ask(&r, "GET", "/_sandbox/bugzilla/bugs/77", NULL), 200);
    assert_string_equal(said(&r, "comments.0.text"), "first");
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/x", "{}"), 400);
    assert_int_equal(ask(&r, "GET", "/_sandbox/bugzilla/bugs/12345", NULL), 404);
    http_server_free(v.server);
    rig_close(&r);
}

static void test_control_attachments(UNUSED void **state)
{
    static const char in_webhook[] =
        "{\"attachment\":{\"id\":500,\"content_type\":\"text/x\",\"description\":\"a log\","
        "\"file_name\":\"a.log\",\"is_obsolete\":false,\"is_private\":false}}";
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/1", in_webhook), 200);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/1", in_webhook), 200);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1/attachment?exclude_fields=data", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "bugs.1")), 1);
    assert_int_equal(number(&r, "bugs.1.0.id"), 500);
    assert_string_equal(said(&r, "bugs.1.0.summary"), "a log");
    assert_string_equal(said(&r, "bugs.1.0.content_type"), "text/x");
    assert_int_equal(number(&r, "bugs.1.0.is_obsolete"), 0);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/1", "{\"attachment\":{\"id\":500,\"is_obsolete\":1}}"),
                     200);
    assert_int_equal(number(&r, "attachments.0.is_obsolete"), 1);
    assert_string_equal(said(&r, "attachments.0.file_name"), "a.log");
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/1", "{\"attachment\":{\"id\":501,\"is_private\":true}}"),
                     200);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1/attachment", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "bugs.1")), 1);
    assert_int_equal(ask_as(&r, BUGZILLA_PRIVILEGED, "GET", "/bugzilla/rest/bug/1/attachment", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "bugs.1")), 2);
    assert_int_equal(ask(&r, "POST", "bugzilla:bug/1/attachment",
                         "{\"data\":\"QQ==\",\"file_name\":\"a.txt\",\"summary\":\"an A\"}"),
                     201);
    assert_int_equal(number(&r, "ids.0"), 502);
    assert_int_equal(ask(&r, "PUT", "/_sandbox/bugzilla/bugs/1", "{\"attachments\":[{\"id\":7,\"summary\":\"s\"}]}"),
                     200);
    assert_int_equal(json_count(json_path(r.json, "attachments")), 1);
    assert_string_equal(said(&r, "attachments.0.summary"), "s");
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/attachment/500", "{\"is_obsolete\":0}"), 400);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/attachment/7", "{\"is_obsolete\":1}"), 200);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login),           cmocka_unit_test(test_stock),
        cmocka_unit_test(test_recorded_bug),    cmocka_unit_test(test_read),
        cmocka_unit_test(test_change),          cmocka_unit_test(test_create),
        cmocka_unit_test(test_hook_of_create),  cmocka_unit_test(test_hook_of_change),
        cmocka_unit_test(test_hook_of_private), cmocka_unit_test(test_hook_retry),
        cmocka_unit_test(test_control_bugs),    cmocka_unit_test(test_control_attachments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
