/* The registry, and the common reading of an answer. */
#include "base/base.h"

#include "talk.h"

static void test_registry(void **state)
{
    (void)state;
    tracker_drivers_check();
    struct conf_tracker conf = {.kind = &tracker_jira.kind};
    const struct conf_kind foreign = {.name = "jira"};
    assert_ptr_equal(tracker_driver(&conf), &tracker_jira);
    conf.kind = &tracker_bugzilla.kind;
    assert_ptr_equal(tracker_driver(&conf), &tracker_bugzilla);
    conf.kind = &foreign;
    assert_null(tracker_driver(&conf));
    for (size_t i = 0; tracker_kinds[i]; i++)
        for (size_t j = 0; j < tracker_kinds[i]->opts->n; j++)
            assert_false(text_blank(tracker_kinds[i]->opts->opts[j].help));
}

static const struct {
    int status;
    const char *header, *value;
    enum err_class read, write, create;
} refusals[] = {
    {200, NULL, NULL, ERR_NONE, ERR_NONE, ERR_NONE},
    {204, NULL, NULL, ERR_NONE, ERR_NONE, ERR_NONE},
    {299, NULL, NULL, ERR_NONE, ERR_NONE, ERR_NONE},
    {301, NULL, NULL, ERR_CONFIG, ERR_CONFIG, ERR_CONFIG},
    {302, "Location", "https://login.example/", ERR_CONFIG, ERR_CONFIG, ERR_CONFIG},
    {400, NULL, NULL, ERR_INPUT, ERR_INPUT, ERR_INPUT},
    {401, NULL, NULL, ERR_AUTH, ERR_AUTH, ERR_AUTH},
    {403, NULL, NULL, ERR_AUTH, ERR_AUTH, ERR_AUTH},
    {403, "Retry-After", "5", ERR_LIMITED, ERR_LIMITED, ERR_LIMITED},
    {403, "X-RateLimit-Remaining", "0", ERR_LIMITED, ERR_LIMITED, ERR_LIMITED},
    {403, "X-RateLimit-Remaining", "7", ERR_AUTH, ERR_AUTH, ERR_AUTH},
    {404, NULL, NULL, ERR_MISSING, ERR_MISSING, ERR_MISSING},
    {405, NULL, NULL, ERR_INPUT, ERR_INPUT, ERR_INPUT},
    {408, NULL, NULL, ERR_TRANSIENT, ERR_TRANSIENT, ERR_TRANSIENT},
    {409, NULL, NULL, ERR_CONFLICT, ERR_CONFLICT, ERR_CONFLICT},
    {410, NULL, NULL, ERR_MISSING, ERR_MISSING, ERR_MISSING},
    {412, NULL, NULL, ERR_CONFLICT, ERR_CONFLICT, ERR_CONFLICT},
    {413, NULL, NULL, ERR_INPUT, ERR_INPUT, ERR_INPUT},
    {422, NULL, NULL, ERR_INPUT, ERR_INPUT, ERR_INPUT},
    {425, NULL, NULL, ERR_TRANSIENT, ERR_TRANSIENT, ERR_TRANSIENT},
    {429, NULL, NULL, ERR_LIMITED, ERR_LIMITED, ERR_LIMITED},
    {500, NULL, NULL, ERR_TRANSIENT, ERR_TRANSIENT, ERR_UNCERTAIN},
    {502, NULL, NULL, ERR_TRANSIENT, ERR_UNCERTAIN, ERR_UNCERTAIN},
    {503, NULL, NULL, ERR_TRANSIENT, ERR_TRANSIENT, ERR_UNCERTAIN},
    {503, "Retry-After", "5", ERR_LIMITED, ERR_LIMITED, ERR_LIMITED},
    {504, NULL, NULL, ERR_TRANSIENT, ERR_UNCERTAIN, ERR_UNCERTAIN},
    {599, NULL, NULL, ERR_TRANSIENT, ERR_TRANSIENT, ERR_UNCERTAIN},
    {999, NULL, NULL, ERR_TRANSIENT, ERR_TRANSIENT, ERR_UNCERTAIN},
};

static void expect_class(struct arena *a, size_t row, enum http_effect effect, enum err_class class)
{
    struct http_request sent = {.method = "POST", .effect = effect};
    struct http_response r = {.status = refusals[row].status, .received_ms = TALK_NOW_MS};
    struct err e = {0};
    if (refusals[row].header)
        http_header_add(a, &r.headers, refusals[row].header, refusals[row].value);
    int rc = tracker_refusal(&sent, &r, "do it", NULL, &e);
    if (rc != -(int)class || e.class != class)
        talk_fail("HTTP %d, effect %d: %s, expected %s", r.status, (int)effect, err_class_name(e.class),
                  err_class_name(class));
    if (rc < 0)
        assert_int_equal(e.code, r.status);
    if (class == ERR_LIMITED)
        assert_true(e.retry_at_ms >= TALK_NOW_MS + 1000);
    assert_int_equal(tracker_refusal(&sent, &r, "do it", "said", NULL), rc); /* nobody wants the error */
}

static void test_classes(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(refusals); i++) {
        expect_class(a, i, HTTP_READ, refusals[i].read);
        expect_class(a, i, HTTP_IDEMPOTENT, refusals[i].write);
        expect_class(a, i, HTTP_CREATE, refusals[i].create);
    }
}

/* TALK_NOW is 2026-11-18T11:06:40Z. */
static const struct {
    const char *after, *reset;
    int64_t pause_ms;
} pauses[] = {
    {NULL, NULL, 60000},
    {"", NULL, 60000},
    {"0", NULL, 1000},
    {"1", NULL, 1000},
    {"120", NULL, 120000},
    {"120", "2026-11-18T11:16:40Z", 120000}, /* Retry-After first */
    {"99999999999999999999999", NULL, 86400000},
    {"-5", NULL, 60000},
    {"1.5", NULL, 60000},
    {"soon", NULL, 60000},
    {"Wed, 18 Nov 2026 11:08:40 GMT", NULL, 120000},
    {"Wed, 18 Nov 2026 11:06:00 GMT", NULL, 1000}, /* in the past */
    {"Fri, 01 Jan 2100 00:00:00 GMT", NULL, 86400000},
    {NULL, "2026-11-18T11:16:40Z", 600000},
    {NULL, "2026-11-18T11:16:40.000+0000", 600000},
    {NULL, "1795000600", 600000}, /* epoch seconds */
    {NULL, "2020-01-01T00:00:00Z", 1000},
    {NULL, "never", 60000},
    {"soon", "2026-11-18T11:16:40Z", 600000},
};

static void test_pauses(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(pauses); i++) {
        struct http_request sent = {.method = "GET"};
        struct http_response r = {.status = 429, .received_ms = TALK_NOW_MS};
        struct err e = {0};
        if (pauses[i].after)
            http_header_add(a, &r.headers, "retry-after", pauses[i].after);
        if (pauses[i].reset)
            http_header_add(a, &r.headers, "X-RateLimit-Reset", pauses[i].reset);
        assert_int_equal(tracker_refusal(&sent, &r, "do it", NULL, &e), -ERR_LIMITED);
        if (e.retry_at_ms - TALK_NOW_MS != pauses[i].pause_ms)
            talk_fail("[%zu] Retry-After %s, reset %s: %" PRId64, i, pauses[i].after ? pauses[i].after : "(none)",
                      pauses[i].reset ? pauses[i].reset : "(none)", e.retry_at_ms - TALK_NOW_MS);
    }
}

/* Something is left, so it was another limit, and the reset is not its end. */
static void test_a_limit_beside_the_allowance(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct http_request sent = {.method = "GET"};
    struct http_response r = {.status = 429, .received_ms = TALK_NOW_MS};
    struct err e = {0};
    http_header_add(a, &r.headers, "x-ratelimit-remaining", "4000");
    http_header_add(a, &r.headers, "x-ratelimit-reset", "1795000600");
    assert_int_equal(tracker_refusal(&sent, &r, "do it", NULL, &e), -ERR_LIMITED);
    assert_int_equal(e.retry_at_ms - TALK_NOW_MS, 60000);
}

static const struct {
    const char *what, *headers[8]; /* name, value, name… */
    bool is_near;
    int64_t gap_ms, until_ms; /* until: from now */
    bool is_of_issue;
} limits[] = {
    {.what = "nothing is said"},
    {.what = "far", .headers = {"X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "20"}},
    {.what = "not near", .headers = {"X-RateLimit-NearLimit", "false"}},
    {.what = "near, that is all", .headers = {"X-RateLimit-NearLimit", "true"}, .is_near = true},
    {.what = "near by the figures",
     .headers = {"X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "19"},
     .is_near = true},
    {.what = "what is left is spread",
     .headers = {"x-ratelimit-nearlimit", "True", "x-ratelimit-remaining", "9", "x-ratelimit-reset",
                 "2026-11-18T11:07:40Z"},
     .is_near = true,
     .gap_ms = 6101,
     .until_ms = 61000},
    {.what = "GitHub's seconds since 1970",
     .headers = {"X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "600", "X-RateLimit-Reset", "1795000600"},
     .is_near = true,
     .gap_ms = 1001,
     .until_ms = 601000},
    {.what = "nothing is left",
     .headers = {"X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1795000600"},
     .is_near = true,
     .gap_ms = 601001,
     .until_ms = 601000},
    {.what = "not for longer than a day",
     .headers = {"X-RateLimit-NearLimit", "true", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset",
                 "2100-01-01T00:00:00Z"},
     .is_near = true,
     .gap_ms = 86400001,
     .until_ms = 86400000},
    {.what = "by their clock, which is an hour ahead",
     .headers = {"X-RateLimit-NearLimit", "true", "X-RateLimit-Remaining", "9", "X-RateLimit-Reset",
                 "2026-11-18T12:07:40Z", "Date", "Wed, 18 Nov 2026 12:06:40 GMT"},
     .is_near = true,
     .gap_ms = 6101,
     .until_ms = 61000},
    {.what = "its time is over",
     .headers = {"X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "3", "X-RateLimit-Reset", "1795000000"}},
    {.what = "its time is over, but it is near",
     .headers = {"X-RateLimit-NearLimit", "true", "X-RateLimit-Remaining", "3", "X-RateLimit-Reset", "1795000000"},
     .is_near = true},
    {.what = "a bucket",
     .headers = {"X-RateLimit-Limit", "50", "X-RateLimit-Remaining", "9", "X-RateLimit-Interval-Seconds", "10",
                 "X-RateLimit-FillRate", "5"},
     .is_near = true,
     .gap_ms = 2001,
     .until_ms = 60000},
    {.what = "nonsense",
     .headers = {"X-RateLimit-Limit", "many", "X-RateLimit-Remaining", "-1", "X-RateLimit-Reset", "soon",
                 "X-RateLimit-NearLimit", "yes"}},
    {.what = "of one issue", .headers = {"RateLimit-Reason", "jira-per-issue-on-write"}, .is_of_issue = true},
    {.what = "of an endpoint", .headers = {"RateLimit-Reason", "jira-burst-based"}},
};

static void test_limits(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct http_response r = {.status = 200, .received_ms = TALK_NOW_MS};
        struct tracker_limits got;
        for (size_t k = 0; k < 8 && limits[i].headers[k]; k += 2)
            http_header_add(a, &r.headers, limits[i].headers[k], limits[i].headers[k + 1]);
        tracker_limits(&r, &got);
        int64_t until = limits[i].until_ms ? TALK_NOW_MS + limits[i].until_ms : 0;
        if (got.is_near != limits[i].is_near || got.gap_ms != limits[i].gap_ms || got.until_ms != until ||
            got.is_of_issue != limits[i].is_of_issue)
            talk_fail("%s: near %d, gap %" PRId64 ", until %" PRId64 ", of one issue %d", limits[i].what, got.is_near,
                      got.gap_ms, got.until_ms ? got.until_ms - TALK_NOW_MS : 0, got.is_of_issue);
    }
}

static void test_text(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct http_request sent = {.method = "GET"};
    struct http_response r = {.status = 429};
    struct err e = {0};
    http_header_add(a, &r.headers, "RateLimit-Reason", "jira-burst-based");
    assert_int_equal(tracker_refusal(&sent, &r, "create issue", "Rate limit exceeded", &e), -ERR_LIMITED);
    assert_string_equal(e.text, "create issue: HTTP 429 Too Many Requests (jira-burst-based): Rate limit exceeded");

    char *endless = arena_bytes(a, 100001);
    memset(endless, 'x', 100000);
    endless[100000] = '\0';
    r = (struct http_response){.status = 400};
    assert_int_equal(tracker_refusal(&sent, &r, "create issue", endless, &e), -ERR_INPUT);
    assert_int_equal(strlen(e.text), strlen("create issue: HTTP 400 Bad Request: ") + 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry), cmocka_unit_test(test_classes),
        cmocka_unit_test(test_pauses),   cmocka_unit_test(test_a_limit_beside_the_allowance),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
