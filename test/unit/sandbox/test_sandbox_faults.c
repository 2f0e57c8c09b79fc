#include "rig.h"

#define NEW_ISSUE "{\"fields\":{\"project\":{\"key\":\"JB\"},\"issuetype\":{\"name\":\"Task\"},\"summary\":\"s\"}}"

static void fault(struct rig *r, const char *rule)
{
    assert_int_equal(ask(r, "POST", "/_sandbox/faults", rule), 200);
}

static int64_t issues(struct rig *r)
{
    assert_int_equal(ask(r, "GET", "/_sandbox/state", NULL), 200);
    return number(r, "jira.issues") - 3; /* without those of the seed */
}

static void test_status(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    fault(&r, "{\"kind\":\"status\",\"service\":\"jira\",\"method\":\"POST\",\"path\":\"/rest/api/2/issue\","
              "\"status\":429,\"retry_after\":3,\"headers\":{\"RateLimit-Reason\":\"jira-burst-based\"},\"times\":2}");
    assert_int_equal(ask(&r, "GET", "jira:myself", NULL), 200);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 429);
        assert_string_equal(http_header_get(&r.response->headers, "Retry-After"), "3");
        assert_string_equal(http_header_get(&r.response->headers, "RateLimit-Reason"), "jira-burst-based");
    }
    assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 201);
    assert_int_equal(issues(&r), 1);
    fault(&r, "[{\"kind\":\"status\",\"status\":502,\"apply\":true,\"service\":\"jira\"}]");
    assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 502);
    assert_int_equal(issues(&r), 2); /* took effect, the answer was lost */
    assert_int_equal(ask(&r, "GET", "/_sandbox/faults", NULL), 200);
    assert_int_equal(number(&r, "faults.0.fired"), 2);
    assert_int_equal(ask(&r, "DELETE", "/_sandbox/faults", NULL), 204);
    assert_int_equal(ask(&r, "POST", "/_sandbox/faults", "{\"kind\":\"explode\"}"), 400);
    assert_int_equal(ask(&r, "POST", "/_sandbox/faults", "[{\"kind\":\"status\"},{}]"), 400);
    rig_close(&r);
}

/* after, times, globs and services. */
static void test_matching(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    fault(&r,
          "{\"kind\":\"status\",\"service\":\"bugzilla\",\"path\":\"/bugzilla/rest/bug/*\",\"after\":2,\"times\":1}");
    static const int expected[] = {200, 200, 503, 200};
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_int_equal(ask(&r, "GET", "bugzilla:version", NULL), 200);
        assert_int_equal(ask(&r, "GET", "bugzilla:bug/1?x=y", NULL), expected[i]);
    }
    fault(&r, "{\"kind\":\"status\",\"times\":0,\"path\":\"*/comment\"}");
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(&r, "GET", "jira:issue/DEV-1/comment", NULL), 503);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1/comment", NULL), 503);
    assert_int_equal(ask(&r, "GET", "jira:issue/DEV-1", NULL), 200);
    rig_close(&r);
}

/* Answers that never come whole: with and without effect, and what the log of writes says of them. */
static void test_lost_answers(UNUSED void **state)
{
    static const struct {
        const char *rule;
        int64_t made;
    } rows[] = {{"{\"kind\":\"close\"}", 0},
                {"{\"kind\":\"close\",\"apply\":true}", 1},
                {"{\"kind\":\"cut\"}", 1},
                {"{\"kind\":\"cut\",\"apply\":false}", 0},
                {"{\"kind\":\"hang\",\"delay_ms\":50}", 0},
                {"{\"kind\":\"hang\",\"delay_ms\":50,\"apply\":true}", 1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig r;
        rig_open(&r);
        fault(&r, rows[i].rule);
        assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 0);
        assert_int_equal(r.e.class, ERR_UNCERTAIN);
        assert_int_equal(issues(&r), rows[i].made);
        assert_int_equal(ask(&r, "GET", "/_sandbox/writes?after=0", NULL), 200);
        assert_int_equal(json_count(json_get(r.json, "writes")), 1);
        assert_true(json_bool(json_path(r.json, "writes.0.withheld"), false));
        assert_true(json_bool(json_path(r.json, "writes.0.applied"), false) == (rows[i].made > 0));
        assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 201);
        rig_close(&r);
    }
}

static void test_delays(UNUSED void **state)
{
    static const char *const rules[] = {"{\"kind\":\"late\",\"delay_ms\":60}", "{\"kind\":\"slow\",\"delay_ms\":60}"};
    struct rig r;
    rig_open(&r);
    for (size_t i = 0; i < COUNT(rules); i++) {
        fault(&r, rules[i]);
        int64_t start = clock_mono_us();
        assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 201);
        assert_true(clock_mono_us() - start >= 50000);
        assert_non_null(json_get(r.json, "key"));
        assert_int_equal(issues(&r), (int64_t)i + 1);
    }
    assert_int_equal(ask(&r, "POST", "/_sandbox/latency", "{\"ms\":60}"), 200);
    int64_t start = clock_mono_us();
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1", NULL), 200);
    assert_true(clock_mono_us() - start >= 50000);
    assert_int_equal(number(&r, "bugs.0.id"), 1);
    rig_close(&r);
}

static void hung_done(void *ctx, const struct http_response *response, UNUSED const struct err *e)
{
    int *status = ctx;
    *status = response ? response->status : 0;
}

static void test_hang_is_released(UNUSED void **state)
{
    struct rig r;
    int status = -1;
    rig_open(&r);
    fault(&r, "{\"kind\":\"hang\"}");
    struct http_request q = {.method = "GET", .url = rig_url(&r, "/bugzilla/rest/version"), .effect = HTTP_CREATE};
    http_send(r.client, &q, 60000, r.arena, hung_done, &status);
    rig_turns(&r, 30);
    assert_int_equal(status, -1);
    assert_int_equal(ask(&r, "DELETE", "/_sandbox/faults", NULL), 204);
    rig_turns(&r, 30);
    assert_int_equal(status, 0);
    fault(&r, "{\"kind\":\"hang\"}"); /* and one that is still open at the end */
    http_send(r.client, &q, 60000, r.arena, hung_done, &status);
    rig_turns(&r, 30);
    rig_close(&r);
}

static void test_logs(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 201);
    assert_int_equal(ask(&r, "PUT", "jira:issue/JB-1", "{\"fields\":{\"labels\":[\"a\"]}}"), 204);
    assert_int_equal(ask(&r, "PUT", "jira:issue/JB-1", "{\"fields\":{\"nope\":1}}"), 400);
    assert_int_equal(ask(&r, "POST", "jira:permissions/project", "{\"permissions\":[\"EDIT_ISSUES\"]}"), 200);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", "{\"whiteboard\":\"\"}"), 200);
    assert_int_equal(ask(&r, "GET", "/_sandbox/writes?after=1", NULL), 200);
    assert_int_equal(number(&r, "last"), 4); /* asking for permissions writes nothing */
    assert_int_equal(json_count(json_get(r.json, "writes")), 3);
    assert_int_equal(number(&r, "writes.0.seq"), 2);
    assert_string_equal(said(&r, "writes.0.body.fields.labels.0"), "a");
    assert_int_equal(number(&r, "writes.1.status"), 400);
    assert_false(json_bool(json_path(r.json, "writes.1.applied"), true));
    assert_string_equal(said(&r, "writes.2.service"), "bugzilla");
    assert_int_equal(ask(&r, "GET", "/_sandbox/exchanges?after=0&limit=1", NULL), 200);
    assert_string_equal(said(&r, "exchanges.0.answer.key"), "JB-1");
    assert_true(json_bool(json_get(r.json, "more"), false));
    assert_int_equal(ask(&r, "GET", "/_sandbox/jira/issues/JB-1", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "writes")), 3);
    assert_string_equal(said(&r, "writes.0.method"), "POST");
    assert_int_equal(ask(&r, "GET", "/_sandbox/jira/issues?start=3", NULL), 200);
    assert_int_equal(number(&r, "total"), 4);
    assert_int_equal(json_count(json_get(r.json, "issues")), 1);
    rig_close(&r);
}

static void test_reset(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 201);
    assert_int_equal(ask(&r, "POST", "/_sandbox/reset", NULL), 204);
    assert_int_equal(issues(&r), 0);
    assert_int_equal(number(&r, "writes"), 0);
    assert_int_equal(ask(&r, "POST", "/_sandbox/reset",
                         "{\"jira\":{\"users\":[{\"email\":\"bot@example.org\",\"token\":\"sandbox-jira-token\"}],"
                         "\"projects\":[{\"key\":\"ONLY\"}]},\"settings\":{\"index_lag_ms\":5}}"),
                     204);
    assert_int_equal(ask(&r, "GET", "jira:project/search", NULL), 200);
    assert_int_equal(number(&r, "total"), 1);
    assert_int_equal(ask(&r, "GET", "/_sandbox/settings", NULL), 200);
    assert_int_equal(number(&r, "index_lag_ms"), 5);
    assert_int_equal(ask(&r, "POST", "/_sandbox/reset", "[]"), 400);
    assert_int_equal(ask(&r, "POST", "/_sandbox/reset", "{bad"), 400);
    rig_close(&r);
}

static void test_bad_seed(UNUSED void **state)
{
    struct loop *loop = loop_new();
    struct sandbox *s = NULL;
    struct err e = {0};
    struct sandbox_conf conf = {.listen = "127.0.0.1:0", .seed = "{oops"};
    assert_int_equal(sandbox_new(&s, loop, &conf, &e), -ERR_INPUT);
    assert_true(text_starts(e.text, "sandbox seed: "));
    assert_null(s);
    loop_free(loop);
}

static void test_pages(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "PUT", "jira:issue/DEV-1",
                         "{\"fields\":{\"summary\":\"<script>alert('x')</script>\",\"description\":\"a & b\"}}"),
                     204);
    assert_int_equal(ask(&r, "POST", "jira:issue/DEV-1/remotelink",
                         "{\"globalId\":\"1\",\"object\":{\"url\":\"https://b.example/\\\"x\",\"title\":\"Bug 1\"}}"),
                     201);
    assert_int_equal(ask(&r, "PUT", "bugzilla:bug/1", "{\"summary\":\"<b>bold</b>\"}"), 200);
    const struct {
        const char *path;
        int status;
        const char *has;
    } rows[] = {{"/", 200, "/_sandbox/writes"},
                {"/jira/", 200, "/jira/browse/DEV-1"},
                {"/jira/browse/DEV-1", 200, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
                {"/jira/browse/DEV-1", 200, "a &amp; b"},
                {"/jira/browse/DEV-1", 200, "https://b.example/&quot;x"},
                {"/jira/browse/DEV-99", 404, "No such issue"},
                {"/bugzilla/", 200, "show_bug.cgi?id=1"},
                {"/bugzilla/show_bug.cgi?id=1", 200, "&lt;b&gt;bold&lt;/b&gt;"},
                {"/bugzilla/show_bug.cgi?id=99", 404, "No such bug"},
                {"/nothing", 404, "not found"},
                {"/jira/browse/..%2f..", 404, "No such issue"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(ask(&r, "GET", rows[i].path, NULL), rows[i].status);
        if (!strstr(r.body, rows[i].has))
            fail_msg("%s has no %s", rows[i].path, rows[i].has);
        assert_null(strstr(r.body, "<script>"));
    }
    assert_int_equal(ask(&r, "POST", "/jira/", "{}"), 405);
    rig_close(&r);
}

/* More headers on a true answer; and Jira's own limit, told in every answer and kept. */
static void test_limits(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    fault(&r, "{\"kind\":\"headers\",\"service\":\"jira\",\"headers\":{\"X-RateLimit-NearLimit\":\"true\"}}");
    assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 201);
    assert_string_equal(http_header_get(&r.response->headers, "X-RateLimit-NearLimit"), "true");
    assert_int_equal(ask(&r, "GET", "jira:myself", NULL), 200);
    assert_null(http_header_get(&r.response->headers, "X-RateLimit-Limit"));
    assert_int_equal(ask(&r, "POST", "/_sandbox/settings", "{\"jira_limit\":6,\"jira_window_ms\":3600000}"), 200);
    for (int left = 5; left >= 0; left--) {
        char text[2] = {(char)('0' + left), '\0'};
        assert_int_equal(ask(&r, "GET", "jira:myself", NULL), 200);
        assert_string_equal(http_header_get(&r.response->headers, "X-RateLimit-Remaining"), text);
        assert_string_equal(http_header_get(&r.response->headers, "X-RateLimit-NearLimit"),
                            left < 2 ? "true" : "false");
    }
    assert_int_equal(ask(&r, "POST", "jira:issue", NEW_ISSUE), 429);
    assert_non_null(http_header_get(&r.response->headers, "Retry-After"));
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/1", NULL), 200);
    assert_int_equal(issues(&r), 1);
    rig_close(&r);
}

/* Finding by key, searching the newest and writing cost the same when there are many. */
static void test_many(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "/_sandbox/fill", "{\"issues\":20000,\"bugs\":20000,\"project\":\"WEB\"}"), 204);
    assert_int_equal(ask(&r, "GET", "/_sandbox/state", NULL), 200);
    assert_int_equal(number(&r, "jira.issues"), 20003);
    assert_int_equal(number(&r, "bugzilla.bugs"), 20005);
    assert_int_equal(ask(&r, "GET", "jira:issue/WEB-20001?fields=status", NULL), 200);
    assert_int_equal(ask(&r, "GET", "bugzilla:bug/20005", NULL), 200);
    assert_int_equal(ask(&r, "POST", "/_sandbox/fill", "{\"issues\":1}"), 400);
    assert_int_equal(ask(&r, "POST", "/_sandbox/fill", "{\"bugs\":300000}"), 400);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status), cmocka_unit_test(test_matching),         cmocka_unit_test(test_lost_answers),
        cmocka_unit_test(test_delays), cmocka_unit_test(test_hang_is_released), cmocka_unit_test(test_logs),
        cmocka_unit_test(test_reset),  cmocka_unit_test(test_bad_seed),         cmocka_unit_test(test_pages),
        cmocka_unit_test(test_many),   cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
