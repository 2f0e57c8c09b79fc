/* Webhook deliveries of Bugzilla: who sends them, what they say, which one it is; and answers of real servers. */
#include "base/base.h"

#include "talk.h"

/* --- who --- */

static const struct {
    const char *header, *authorization;
    const char *keys[2];
    const char *error; /* NULL: accepted */
} senders[] = {
    {"sekrit", NULL, {"sekrit"}, NULL},
    {"new", NULL, {"old", "new"}, NULL},
    {"old", NULL, {"old", "new"}, NULL},
    {NULL, "Basic eDpzZWtyaXQ=", {"sekrit"}, NULL}, /* x:sekrit */
    {"", "Basic eDpzZWtyaXQ=", {"sekrit"}, NULL},
    {"sekrit", "Basic eDp3cm9uZw==", {"sekrit"}, NULL},
    {"wrong", "Basic eDpzZWtyaXQ=", {"sekrit"}, "incorrect key"}, /* the header counts when it is there */
    {"sekri", NULL, {"sekrit"}, "incorrect key"},
    {"sekrit ", NULL, {"sekrit"}, "incorrect key"},
    {"SEKRIT", NULL, {"sekrit"}, "incorrect key"},
    {NULL, NULL, {"sekrit"}, "no key given"},
    {"", NULL, {"sekrit"}, "no key given"},
    {"", NULL, {""}, "no key given"},
    {NULL, "Bearer sekrit", {"sekrit"}, "no key given"},
    {NULL, "Basic ???", {"sekrit"}, "no key given"},
    {NULL, "Basic eDo=", {""}, "no key given"},
    {"caf\xc3\xa9", NULL, {"sekrit"}, "incorrect key"},
    {"\xff\xfe", NULL, {"sekrit"}, "incorrect key"},
    {"caf\xc3\xa9", NULL, {"caf\xc3\xa9"}, "incorrect key"},
    {"sekrit", NULL, {NULL}, "no hook_key configured"},
};

static void test_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(senders); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
        struct secret *keys[2];
        struct conf_tracker conf = {.hook_key = {keys, 0}};
        struct http_request r = {.method = "POST", .url = "/hooks/bugzilla"};
        struct err e = {0};
        for (size_t k = 0; k < 2 && senders[i].keys[k]; k++)
            keys[conf.hook_key.n++] = secret_new(str_of(senders[i].keys[k]));
        if (senders[i].header)
            http_header_add(a, &r.headers, "x-api-key", senders[i].header);
        if (senders[i].authorization)
            http_header_add(a, &r.headers, "Authorization", senders[i].authorization);
        int rc = tracker_bugzilla.verify(&conf, a, &r, &e);
        if (rc != (senders[i].error ? -ERR_AUTH : 0) || (rc && !strstr(e.text, senders[i].error)))
            talk_fail("sender %zu: %d %s", i, rc, e.text);
        for (size_t k = 0; k < conf.hook_key.n; k++)
            secret_free(keys[k]);
    }
}

/* --- what --- */

static int decode(struct arena *a, struct str body, struct event *ret, struct err *e)
{
    const struct conf_tracker conf = {.name = "bugzilla"};
    const struct http_request r = {.method = "POST", .body = body};
    *ret = (struct event){0};
    return tracker_bugzilla.decode(&conf, a, &r, ret, e);
}

#define EVENT(more) "\"event\":{\"action\":\"modify\",\"time\":\"2026-11-20T17:02:36\"" more "}"
#define HOOK        "\"webhook_id\":1,\"webhook_name\":\"n\""
#define GOOD(bug)   "{" HOOK "," EVENT("") ",\"bug\":{\"id\":12" bug "}}"
#define WITH(event) "{" HOOK "," EVENT(event) ",\"bug\":{\"id\":12}}"
#define TIMED(time) "{" HOOK ",\"event\":{\"action\":\"modify\",\"time\":" time "},\"bug\":{\"id\":12}}"

static const struct {
    const char *body;
    const char *error; /* NULL: accepted */
} bodies[] = {
    {GOOD(""), NULL},
    {GOOD(",\"is_private\":null,\"type\":null,\"keywords\":null,\"dupe_of\":null,\"comment\":null,\"attachment\":null"),
     NULL},
    {GOOD(",\"unknown\":{\"x\":[1]},\"alias\":\"\",\"flags\":[{}],\"assigned_to_detail\":{}"), NULL},
    {GOOD(",\"is_private\":\"yes\""), NULL},
    {GOOD(",\"is_private\":0,\"depends_on\":[1,\"2\"]"), NULL},
    {GOOD(",\"is_private\":\"perhaps\""), "is_private"},
    {GOOD(",\"keywords\":\"a\""), "keywords"},
    {GOOD(",\"summary\":{}"), "summary"},
    {GOOD(",\"comment\":[]"), "bug.comment"},
    {GOOD(",\"comment\":{\"number\":\"x\"}"), "number"},
    {GOOD(",\"attachment\":{\"is_private\":true}"), "bug.attachment.id"},
    {GOOD(",\"attachment\":{\"id\":\"7\",\"is_private\":true}"), NULL},
    {WITH(",\"user\":null,\"changes\":null,\"target\":null,\"routing_key\":null"), NULL},
    {WITH(",\"user\":{\"id\":\"1\",\"login\":\"a\",\"real_name\":\"\"}"), NULL},
    {WITH(",\"user\":{\"id\":1}"), "event.user"},
    {WITH(",\"user\":\"a\""), "event.user"},
    {WITH(",\"changes\":[{\"field\":\"a\",\"removed\":1,\"added\":2.5}]"), NULL},
    {WITH(",\"changes\":[{\"field\":\"a\",\"removed\":\"\"}]"), "added"},
    {WITH(",\"changes\":{}"), "changes"},
    {TIMED("\"2026-11-20 17:02:36\""), NULL},
    {TIMED("\"2026-11-20T17:02:36.5+02:00\""), NULL},
    {TIMED("\"1795194156\""), NULL},
    {TIMED("1795194156"), "event.time"},
    {TIMED("\"2026-11-20\""), "event.time"},
    {TIMED("\"\""), "event.time"},
    {TIMED("null"), "event.time"},
    {"{\"webhook_id\":\"1\",\"webhook_name\":\"n\"," EVENT("") ",\"bug\":{\"id\":12.0}}", NULL},
    {"{\"webhook_name\":\"n\"," EVENT("") ",\"bug\":{\"id\":12}}", "webhook_id"},
    {"{\"webhook_id\":1," EVENT("") ",\"bug\":{\"id\":12}}", "webhook_name"},
    {"{" HOOK ",\"bug\":{\"id\":12}}", "event.action"},
    {"{" HOOK "," EVENT("") "}", "bug.id"},
    {"{" HOOK "," EVENT("") ",\"bug\":{\"id\":1.5}}", "bug.id"},
    {"{" HOOK "," EVENT("") ",\"bug\":{\"id\":0}}", "bug.id"},
    {"{" HOOK "," EVENT("") ",\"bug\":{\"id\":-3}}", "bug.id"},
    {"{" HOOK "," EVENT("") ",\"bug\":{\"id\":99999999999999999999}}", "bug.id"},
    {"{" HOOK "," EVENT("") ",\"bug\":[12]}", "bug"},
    {"[]", "expected an object"},
    {"null", "expected an object"},
    {"", "webhook"},
    {"{", "webhook"},
    {"\xff{}", "webhook"},
    {GOOD(",\"summary\":\"\xc3\""), "webhook"},
    {"payload=%7B%7D", "webhook"},
};

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(4 << 20);
        struct event ev;
        struct err e = {0};
        int rc = decode(a, str_of(bodies[i].body), &ev, &e);
        if (rc != (bodies[i].error ? -ERR_INPUT : 0) || (rc && !strstr(e.text, bodies[i].error)))
            talk_fail("%s: %d %s", bodies[i].body, rc, e.text);
        if (rc == 0)
            assert_string_equal(ev.issue.ref, "12");
    }
}

static const char full[] =
    "{\"webhook_id\":34,\"webhook_name\":\"bridge\",\"event\":{\"action\":\"modify\",\"time\":\"2026-11-20T17:02:36\","
    "\"target\":\"bug\",\"routing_key\":\"bug.modify:status,whiteboard\",\"user\":{\"id\":5,\"login\":\"a@x.org\","
    "\"real_name\":\"A\"},\"changes\":[{\"field\":\"status\",\"removed\":\"NEW\",\"added\":\"RESOLVED\"},{\"field\":"
    "\"x\",\"removed\":0,\"added\":1}]},\"bug\":{\"id\":\"12\",\"is_private\":false,\"type\":\"defect\",\"product\":"
    "\"P\",\"component\":\"C\",\"whiteboard\":\"[t]\",\"status\":\"RESOLVED\",\"resolution\":\"FIXED\",\"summary\":"
    "\"S\\u0000é\",\"severity\":\"\",\"priority\":\"P1\",\"creator\":\"c\",\"assigned_to\":\"d\",\"cf_fx_points\":\"?"
    "\","
    "\"keywords\":[\"k\"],\"groups\":[],\"see_also\":[\"https://j/browse/JB-7\"],\"depends_on\":[1],\"blocks\":[2],"
    "\"duplicates\":[3],\"regressions\":[4],\"regressed_by\":[5],\"dupe_of\":6,\"last_change_time\":"
    "\"2026-11-20T17:01:54\",\"comment\":{\"id\":9,\"number\":0,\"body\":\"hi\",\"is_private\":\"1\",\"creation_time\":"
    "\"2026-11-20T17:02:36\"},\"attachment\":{\"id\":8,\"content_type\":\"text/x-phabricator-request\",\"description\":"
    "\"D\",\"file_name\":\"phabricator-D123-url.txt\",\"flags\":[{\"id\":1,\"name\":\"r\",\"value\":\"?\"}],"
    "\"is_obsolete\":true,\"is_patch\":0,\"is_private\":false,\"creation_time\":\"2026-11-20T17:02:36\"}}}";

static void test_full(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(4 << 20);
    struct event ev;
    struct err e = {0};
    assert_int_equal(decode(a, str_of(full), &ev, &e), 0);
    assert_string_equal(ev.hook, "34");
    assert_string_equal(ev.hook_name, "bridge");
    assert_int_equal(ev.happened_ms, 1795194156000);
    assert_string_equal(ev.target, "bug");
    assert_string_equal(ev.routing, "bug.modify:status,whiteboard");
    assert_string_equal(ev.actor.id, "5");
    assert_string_equal(ev.actor.login, "a@x.org");
    assert_string_equal(event_delta(&ev, "status")->added, "RESOLVED");
    assert_string_equal(event_delta(&ev, "x")->removed, "0");
    assert_string_equal(ev.issue.ref, "12");
    assert_string_equal(ev.issue.summary, "S\xef\xbf\xbdé");
    assert_string_equal(ev.issue.severity, "");
    assert_string_equal(ev.issue.points, "?");
    assert_string_equal(ev.issue.dupe_of, "6");
    assert_string_equal(ev.issue.regressed_by.v[0], "5");
    assert_int_equal(ev.issue.changed_ms, 1795194114000);
    assert_true(ev.has_comment && ev.has_attachment);
    assert_string_equal(ev.comment.id, "9");
    assert_string_equal(ev.comment.text, "hi");
    assert_string_equal(ev.comment.author, "a@x.org");
    assert_int_equal(ev.comment.number, 0);
    assert_true(ev.comment.is_private);
    assert_string_equal(ev.attachment.id, "8");
    assert_string_equal(ev.attachment.file_name, "phabricator-D123-url.txt");
    assert_true(ev.attachment.is_obsolete && !ev.attachment.is_patch);
}

static void test_private_forms(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(4 << 20);
    struct event ev;
    struct err e = {0};
    assert_int_equal(decode(a, STR(GOOD(",\"is_private\":true")), &ev, &e), 0);
    assert_true(ev.issue.is_private);
    assert_null(ev.issue.whiteboard);
    assert_int_equal(ev.deltas.n, 0);
    assert_false(ev.has_comment || ev.has_attachment);
    assert_int_equal(ev.comment.number, -1);
    assert_int_equal(decode(a, STR(GOOD(",\"is_private\":false,\"comment\":{\"id\":3,\"is_private\":true}")), &ev, &e),
                     0);
    assert_true(ev.has_comment && ev.comment.is_private);
    assert_null(ev.comment.text);
    assert_int_equal(ev.comment.number, -1);
    assert_int_equal(decode(a, STR(GOOD(",\"attachment\":{\"id\":4,\"is_private\":true}")), &ev, &e), 0);
    assert_true(ev.has_attachment && ev.attachment.is_private);
    assert_null(ev.attachment.file_name);
    assert_int_equal(decode(a, STR(GOOD(",\"groups\":[\"core-security\"]")), &ev, &e), 0);
    assert_true(ev.issue.is_private); /* whatever the flag says */
}

/* --- which --- */

static const char *identity(struct arena *a, const char *body)
{
    AUTO(text_auto) struct text t = {0};
    struct event ev;
    struct err e = {0};
    if (decode(a, str_of(body), &ev, &e) < 0)
        talk_fail("%s: %s", body, e.text);
    text_init(&t, 1 << 20);
    tracker_bugzilla.identify(&ev, &t);
    assert_false(text_full(&t));
    return arena_text(a, text_z(&t));
}

#define CHANGED(f, r, x) WITH(",\"changes\":[{\"field\":\"" f "\",\"removed\":\"" r "\",\"added\":\"" x "\"}]")

static const struct {
    const char *one, *other;
    bool is_same;
} pairs[] = {
    {GOOD(""), GOOD(",\"summary\":\"S\""), true}, /* the bug's picture is no part of it */
    {GOOD(""), "{\"webhook_id\":\"1\",\"webhook_name\":\"other\"," EVENT("") ",\"bug\":{\"id\":\"12\"}}", true},
    {GOOD(""), "{\"webhook_id\":2,\"webhook_name\":\"n\"," EVENT("") ",\"bug\":{\"id\":12}}", false},
    {GOOD(""), "{" HOOK "," EVENT("") ",\"bug\":{\"id\":13}}", false},
    {GOOD(""), TIMED("\"2026-11-20T17:02:37\""), false},
    {GOOD(""), WITH(",\"target\":\"bug\""), false},
    {WITH(",\"target\":\"\""), GOOD(""), false},
    {GOOD(""), WITH(",\"routing_key\":\"bug.modify:x\""), false},
    {GOOD(""), WITH(",\"user\":{\"id\":1,\"login\":\"a\",\"real_name\":\"\"}"), false},
    {CHANGED("a", "b", "c"), CHANGED("a", "b", "d"), false},
    {CHANGED("a", "b\\\",\\\"c", "d"), CHANGED("a", "b", "c\\\",\\\"d"), false},
    {CHANGED("a", "", "b"), CHANGED("a", "b", ""), false},
    {GOOD(",\"comment\":{\"id\":1}"), GOOD(",\"comment\":{\"id\":2}"), false},
    {GOOD(",\"comment\":{\"id\":1}"), GOOD(",\"attachment\":{\"id\":1}"), false},
    {GOOD(",\"comment\":{\"id\":1,\"body\":\"x\"}"), GOOD(",\"comment\":{\"id\":1,\"body\":\"y\"}"), true},
};

static void test_identity(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        const char *one = identity(a, pairs[i].one), *other = identity(a, pairs[i].other);
        if ((strcmp(one, other) == 0) != pairs[i].is_same)
            talk_fail("pair %zu: %s and %s", i, one, other);
    }
}

/* --- real servers --- */

/* A capture, or NULL with a message when captures are not beside the project. */
static const char *capture(struct arena *a, const char *name)
{
    const char *project = getenv("PROJECT");
    const char *path = arena_fmt(a, "%s/../shared/data/captures/%s", project ? project : ".", name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        print_message("%s is not there: skipped\n", path);
        return NULL;
    }
    char *all = arena_zero(a, 1 << 20);
    size_t n = fread(all, 1, (1 << 20) - 1, f);
    fclose(f);
    assert_true(n > 0);
    return all;
}

static void test_captured_hooks(void **state)
{
    (void)state;
    static const struct {
        const char *ref, *target, *action, *comment;
        size_t deltas;
    } said[] = {{"2", "bug", "create", NULL, 0}, {"1", "comment", "create", "4", 0}, {"1", "bug", "modify", NULL, 1}};
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    const char *at = capture(a, "bmo-webhooks.txt");
    size_t n = 0;
    if (!at)
        skip();
    while ((at = strstr(at, "\n\n{")) != NULL || n == 0) {
        const char *end = at ? strchr(at + 2, '\n') : NULL;
        if (!at || n >= COUNT(said))
            break;
        struct str body = {at + 2, end ? (size_t)(end - at - 2) : strlen(at + 2)};
        struct event ev;
        struct err e = {0};
        if (decode(a, body, &ev, &e) < 0)
            talk_fail("capture %zu: %s", n, e.text);
        assert_string_equal(ev.issue.ref, said[n].ref);
        assert_string_equal(ev.target, said[n].target);
        assert_string_equal(ev.action, said[n].action);
        assert_true(text_same(ev.comment.id, said[n].comment));
        assert_int_equal(ev.deltas.n, said[n].deltas);
        assert_string_equal(ev.actor.login, "admin@example.com");
        assert_string_equal(ev.issue.product, "TestProduct");
        assert_int_equal(ev.happened_ms, 1795194156000);
        if (ev.has_comment) {
            assert_string_equal(ev.comment.text, "multi\nline 😀 comment");
            assert_int_equal(ev.comment.number, 3);
        }
        n++;
        at += 2;
    }
    assert_int_equal(n, COUNT(said));
}

static void test_captured_bugs(void **state)
{
    (void)state;
    static const struct {
        const char *file, *status, *summary, *priority, *type;
        size_t see_also;
    } rows[] = {
        {"bmo-bug.json", "RESOLVED", "Crash on start ?", "High", "defect", 0},
        {"bugzilla504-bug.json", "RESOLVED", "Crash on start é", "---", NULL, 2},
        {"bugzilla52-bug.json", "CONFIRMED", "Crash on start é", "---", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct place p;
        place_open(&p, &tracker_bugzilla, "https://b.example", "api_key: k");
        const char *body = capture(p.arena, rows[i].file);
        struct fact_key want = {.kind = FACT_ISSUE, .tracker = "bugzilla", .ref = "1"};
        struct tracker_call c = {.conf = &p.conf, .arena = p.arena, .want = &want};
        struct tracker_state st = {0};
        struct tracker_result ret = {0};
        struct http_request next;
        struct http_response r = {.status = 200, .body = str_of(body)};
        struct err e = {0};
        if (!body) {
            place_close(&p, &tracker_bugzilla);
            skip();
        }
        assert_int_equal(tracker_bugzilla.step(&c, &st, NULL, &next, &ret, &e), STEP_SEND);
        if (tracker_bugzilla.step(&c, &st, &r, &next, &ret, &e) != STEP_DONE)
            talk_fail("%s: %s", rows[i].file, e.text);
        const struct issue *bug = &ret.fact->issue;
        assert_string_equal(bug->ref, "1");
        assert_string_equal(bug->status, rows[i].status);
        assert_string_equal(bug->summary, rows[i].summary);
        assert_string_equal(bug->priority, rows[i].priority);
        assert_true(text_same(bug->type, rows[i].type));
        assert_int_equal(bug->see_also.n, rows[i].see_also);
        assert_string_equal(bug->assignee, "admin@example.com");
        assert_null(bug->dupe_of);
        assert_false(bug->is_private);
        assert_true(bug->changed_ms > 1795190000000);
        place_close(&p, &tracker_bugzilla);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify),        cmocka_unit_test(test_bodies),   cmocka_unit_test(test_full),
        cmocka_unit_test(test_private_forms), cmocka_unit_test(test_identity), cmocka_unit_test(test_captured_hooks),
        cmocka_unit_test(test_captured_bugs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
