/* What a request gives to a verb: paths, queries, bodies, values; and rows that make sense. */
#include "base/base.h"
#include "api/args.h"
#include "base/arena.h"
#include <setjmp.h>
#undef fail
#include <cmocka.h>

static void test_match(void **state)
{
    static const struct {
        const char *pattern, *path, *wanted; /* NULL: no match */
    } rows[] = {
        {"/events", "/events", ""},
        {"/events", "/events?limit=5", ""},
        {"/events", "/events/", NULL},
        {"/events", "/event", NULL},
        {"/events/{id}", "/events/7", "7"},
        {"/events/{id}", "/events/7?x=/y", "7"},
        {"/events/{id}", "/events/", NULL},
        {"/events/{id}", "/events/7/retry", NULL},
        {"/events/{id}", "/events/a%2Fb", "a/b"},
        {"/events/{id}/retry", "/events/7/retry", "7"},
        {"/events/{id}/retry", "/events/7/retry?x", "7"},
        {"/events/{id}/retry", "/events/7/drop", NULL},
        {"/events/{id}/retry", "/events/7", NULL},
        {"/events/{id}/retry", "/events//retry", NULL},
        {"/events/{id}/retry", "/events/retry", NULL},
        {"/events/{id}/retry", "/events/7/8/retry", NULL},
        {"/events/{id}/retry", "", NULL},
    };
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct verb v = {.path = rows[i].pattern};
        const char *got = args_match(a, &v, rows[i].path);
        if (rows[i].wanted)
            assert_string_equal(got, rows[i].wanted);
        else
            assert_null(got);
    }
}

static int no_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    (void)c;
    (void)r;
    (void)e;
    return 0;
}

static const struct verb sample = {
    .name = "sample",
    .method = "POST",
    .path = "/sample/{id}",
    .args = {{"id", VERB_NUMBER, VERB_IN_PATH, 1, 100, NULL, "which"},
             {"reason", VERB_TEXT, VERB_REQUIRED, 1, 10, NULL, "why"},
             {"since", VERB_TIME, VERB_OPTION, 0, 0, NULL, "when"},
             {"dry-run", VERB_SWITCH, VERB_OPTION, 0, 0, NULL, "only look"},
             {"limit", VERB_NUMBER, VERB_OPTION, 1, 9, "5", "how many"},
             {"edit", VERB_FILE, VERB_OPTION, 1, 0, NULL, "a body"}},
    .read = no_read,
};
enum { SAMPLE_ID, SAMPLE_REASON, SAMPLE_SINCE, SAMPLE_DRY, SAMPLE_LIMIT, SAMPLE_EDIT };

static int read_body(struct arena *a, const char *id, const char *body, struct verb_call *c, struct err *e)
{
    const struct http_request r = {.method = "POST", .url = "/sample", .body = str_of(body)};
    *c = (struct verb_call){.arena = a};
    return args_read(&sample, c, &r, id, e);
}

static void test_body(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct verb_call c;
    struct err e = {0};
    const char *body = "{\"reason\": \"because\", \"since\": \"2026-11-20\", \"dry-run\": true, \"limit\": 3,"
                       " \"edit\": {\"bug\": [1, \"ä\"]}}";
    assert_int_equal(read_body(a, "42", body, &c, &e), 0);
    assert_int_equal(c.args[SAMPLE_ID].number, 42);
    assert_string_equal(c.args[SAMPLE_REASON].text, "because");
    assert_int_equal(c.args[SAMPLE_SINCE].number, 1795132800000);
    assert_int_equal(c.args[SAMPLE_DRY].number, 1);
    assert_int_equal(c.args[SAMPLE_LIMIT].number, 3);
    assert_string_equal(c.args[SAMPLE_EDIT].text, "{\"bug\":[1,\"ä\"]}");
    assert_int_equal(read_body(a, "42", "{\"reason\":\"x\",\"edit\":null,\"limit\":\"7\",\"dry-run\":false}", &c, &e),
                     0);
    assert_null(c.args[SAMPLE_EDIT].text);
    assert_null(c.args[SAMPLE_SINCE].text);
    assert_int_equal(c.args[SAMPLE_LIMIT].number, 7);
    assert_int_equal(c.args[SAMPLE_DRY].number, 0);
}

static void test_refused(void **state)
{
    static const struct {
        const char *id, *body, *words;
    } rows[] = {
        {"1", "", "reason is missing: why"},
        {"1", " \n ", "reason is missing"},
        {"1", "{}", "reason is missing"},
        {"1", "{\"reason\": \"\"}", "reason: expected a text"},
        {"1", "{\"reason\": \"  \"}", "reason: expected a text"},
        {"1", "{\"reason\": \"12345678901\"}", "at most 10 bytes, got 11"},
        {"1", "{\"reason\": \"x\", \"limt\": 3}", "knows no"},
        {"1", "{\"reason\": \"x\", \"limt\": 3}", "did you mean \"limit\""},
        {"1", "{\"reason\": \"x\", \"id\": 3}", "knows no"},
        {"1", "{\"reason\": \"x\", \"limit\": 10}", "from 1 to 9"},
        {"1", "{\"reason\": \"x\", \"limit\": 1.5}", "from 1 to 9"},
        {"1", "{\"reason\": \"x\", \"limit\": -1}", "from 1 to 9"},
        {"1", "{\"reason\": \"x\", \"dry-run\": 1}", "true or false"},
        {"1", "{\"reason\": \"x\", \"since\": \"2026-13-20\"}", "since: "},
        {"1", "{\"reason\": \"x\", \"since\": \"\"}", "since: "},
        {"0", "{\"reason\": \"x\"}", "id: expected a number from 1 to 100"},
        {"x", "{\"reason\": \"x\"}", "id: expected a number"},
        {"1", "[]", "expected an object, got an array"},
        {"1", "{\"reason\": \"x\"", "the body is not JSON"},
    };
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct verb_call c;
        struct err e = {0};
        assert_int_equal(read_body(a, rows[i].id, rows[i].body, &c, &e), -ERR_INPUT);
        if (!strstr(e.text, rows[i].words))
            fail_msg("%s: %s", rows[i].words, e.text);
    }
}

static void test_query(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    const struct verb *events = verb_find("events");
    struct verb_call c = {.arena = a};
    struct err e = {0};
    struct http_request r = {.method = "GET", .url = "/events?dead=true&limit=7&subject=bugzilla%3A5"};
    assert_int_equal(args_read(events, &c, &r, "", &e), 0);
    assert_int_equal(c.args[1].number, 1);
    assert_string_equal(c.args[2].text, "bugzilla:5");
    assert_int_equal(c.args[5].number, 7);
    r.url = "/events?ded=true";
    assert_int_equal(args_read(events, &c, &r, "", &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "did you mean \"dead\""));
}

/* The command line and the documentation rely on these. */
static void test_rows(void **state)
{
    (void)state;
    for (const struct verb *v = verbs; v->name; v++) {
        bool is_read = strcmp(v->method, "GET") == 0;
        assert_true(v->help && v->answer && v->path[0] == '/');
        assert_true(is_read || v->act);
        for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++) {
            assert_non_null(v->args[i].help);
            assert_int_equal(v->args[i].place == VERB_IN_PATH, i == 0 && strchr(v->path, '{'));
        }
    }
    assert_null(verb_find("no such verb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match), cmocka_unit_test(test_body), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_query), cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
