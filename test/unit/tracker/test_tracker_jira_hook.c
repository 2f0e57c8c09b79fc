/* Webhook deliveries of Jira: who sends them, what they say, which one it is. */
#include "base/base.h"

#include "base/digest.h"
#include "talk.h"

static const char body[] = "{\"webhookEvent\":\"jira:issue_updated\"}";

/* --- who --- */

#define SECRETS "user: u\ntoken: t\nhook_secret: [old, new]\n"
#define KEYS    "user: u\ntoken: t\n"
#define SHA     "sha256="

static const struct {
    const char *options, *key;          /* key: hook_key, NULL: none */
    const char *url;                    /* behind the tracker's name */
    const char *header, *value, *signs; /* signs: the secret that the value is the signature by */
    const char *error;
} senders[] = {
    {SECRETS, NULL, "", NULL, NULL, "old", NULL},
    {SECRETS, NULL, "", NULL, NULL, "new", NULL},
    {SECRETS, NULL, "", NULL, NULL, "other", "incorrect signature"},
    {SECRETS, NULL, "", NULL, NULL, NULL, "no signature given"},
    {SECRETS, NULL, "", "X-Hub-Signature", "sha256=12", NULL, "malformed signature"},
    {SECRETS, NULL, "", "X-Hub-Signature", "", NULL, "malformed signature"},
    {SECRETS, NULL, "?key=new", NULL, NULL, NULL, "no signature given"},
    {SECRETS, "sekrit", "?key=sekrit", NULL, NULL, NULL, NULL},
    {SECRETS, "sekrit", "?key=sekrit", NULL, NULL, "other", "incorrect signature"},
    {KEYS, "sekrit", "", "X-Api-Key", "sekrit", NULL, NULL},
    {KEYS, "sekrit", "", "X-Api-Key", "wrong", NULL, "incorrect key"},
    {KEYS, "sekrit", "?key=sekri", NULL, NULL, NULL, "incorrect key"},
    {KEYS, "sekrit", "?key=wrong", "X-Api-Key", "sekrit", NULL, NULL},
    {KEYS, "sekrit", "", NULL, NULL, NULL, "no key given"},
    {KEYS, "sekrit", "", NULL, NULL, "sekrit", "no key given"}, /* a signature that nobody here can check */
    {KEYS, NULL, "?key=", NULL, NULL, NULL, "no hook_key configured"},
};

static const char *signature(struct arena *a, const char *secret)
{
    uint8_t sum[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    hmac_sha256(str_of(secret), str_of(body), sum);
    hex_write(sum, sizeof sum, hex);
    return arena_fmt(a, SHA "%s", hex);
}

static void test_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(senders); i++) {
        struct place p;
        struct err e = {0};
        place_open(&p, &tracker_jira, "https://example.net", senders[i].options);
        struct secret *key = senders[i].key ? secret_new(str_of(senders[i].key)) : NULL;
        p.conf.hook_key = (struct secrets){&key, key ? 1 : 0};
        struct http_request r = {
            .method = "POST", .url = arena_fmt(p.arena, "/hooks/jira%s", senders[i].url), .body = str_of(body)};
        if (senders[i].header)
            http_header_add(p.arena, &r.headers, senders[i].header, senders[i].value);
        if (senders[i].signs)
            http_header_add(p.arena, &r.headers, "X-Hub-Signature", signature(p.arena, senders[i].signs));
        int rc = tracker_jira.verify(&p.conf, p.arena, &r, &e);
        if (rc != (senders[i].error ? -ERR_AUTH : 0) || (rc && !strstr(e.text, senders[i].error)))
            talk_fail("sender %zu: %d %s", i, rc, e.text);
        secret_free(key);
        place_close(&p, &tracker_jira);
    }
}

/* --- what --- */

#define ISSUE             "\"issue\":{\"id\":\"10007\",\"key\":\"OSPR-7\",\"fields\":{\"status\":{\"name\":\"Merged\"}}}"
#define EVENT(name, more) "{\"timestamp\":1795194156000,\"webhookEvent\":\"" name "\"" more "}"

static const struct {
    const char *body, *error, *routing, *ref, *actor;
} bodies[] = {
    {EVENT("jira:issue_updated",
           "," ISSUE
           ",\"user\":{\"accountId\":\"5b:1\"},\"changelog\":{\"items\":[{\"field\":\"status\",\"fromString\":"
           "\"Open\",\"toString\":\"Merged\"},{\"field\":\"Key\",\"fromString\":\"A-1\",\"toString\":null}]}"),
     NULL, "issue.updated:status,Key", "OSPR-7", "5b:1"},
    {EVENT("jira:issue_deleted", "," ISSUE ",\"user\":{\"name\":\"ann\"}"), NULL, "issue.deleted", "OSPR-7", "ann"},
    {EVENT("comment_created",
           "," ISSUE ",\"comment\":{\"id\":\"9\",\"body\":\"x\",\"author\":{\"accountId\":\"5b:2\"}}"),
     NULL, "comment.created", "OSPR-7", "5b:2"},
    {EVENT("jira:version_released", ",\"version\":{}"), NULL, "version.released", "", NULL},
    {EVENT("issuelink_created", ""), NULL, "issuelink.created", "", NULL},
    {EVENT("odd", ",\"issue\":null,\"user\":null,\"changelog\":null,\"comment\":null"), NULL, "odd", "", NULL},
    {"{\"webhookEvent\":\"jira:issue_updated\",\"timestamp\":\"x\"," ISSUE "}", NULL, "issue.updated", "OSPR-7", NULL},
    {EVENT("jira:issue_updated", ",\"issue\":{\"fields\":{}}"), "issue", NULL, NULL, NULL},
    {EVENT("jira:issue_updated", ",\"changelog\":{\"items\":{}}"), "changelog.items", NULL, NULL, NULL},
    {EVENT("jira:issue_updated", ",\"changelog\":{\"items\":[{}]}"), "field", NULL, NULL, NULL},
    {"{}", "webhookEvent", NULL, NULL, NULL},
    {"[]", "expected an object, got an array", NULL, NULL, NULL},
    {"null", "expected an object", NULL, NULL, NULL},
    {"", "webhook", NULL, NULL, NULL},
    {"{", "webhook", NULL, NULL, NULL},
};

static int decode(struct arena *a, const char *text, const char *name, struct event *ret, struct err *e)
{
    const struct conf_tracker conf = {.name = "jira"};
    struct http_request r = {.method = "POST", .body = str_of(text)};
    if (name)
        http_header_add(a, &r.headers, "X-Atlassian-Webhook-Identifier", name);
    *ret = (struct event){0};
    return tracker_jira.decode(&conf, a, &r, ret, e);
}

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(4 << 20);
        struct event ev;
        struct err e = {0};
        int rc = decode(a, bodies[i].body, NULL, &ev, &e);
        if (rc != (bodies[i].error ? -ERR_INPUT : 0) || (rc && !strstr(e.text, bodies[i].error)))
            talk_fail("%s: %d %s", bodies[i].body, rc, e.text);
        if (rc < 0)
            continue;
        assert_string_equal(ev.routing, bodies[i].routing);
        assert_string_equal(ev.issue.ref, bodies[i].ref);
        assert_true(text_same(ev.actor.id, bodies[i].actor));
    }
}

static void test_full(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(4 << 20);
    struct event ev;
    struct err e = {0};
    assert_int_equal(decode(a, bodies[0].body, "id-1", &ev, &e), 0);
    assert_int_equal(ev.happened_ms, 1795194156000);
    assert_string_equal(ev.issue.status, "Merged");
    const struct delta *d = event_delta(&ev, "status");
    assert_non_null(d);
    assert_string_equal(d->removed, "Open");
    assert_string_equal(d->added, "Merged");
    assert_false(ev.has_comment);
    assert_int_equal(decode(a, bodies[2].body, "id-2", &ev, &e), 0);
    assert_true(ev.has_comment && !ev.comment.is_private);
    assert_int_equal(
        decode(a, EVENT("comment_created", "," ISSUE ",\"comment\":{\"id\":\"9\",\"visibility\":{}}"), "id-3", &ev, &e),
        0);
    assert_true(ev.comment.is_private);
}

/* --- which --- */

static const char *name_of(struct arena *a, const char *text, const char *name)
{
    AUTO(text_auto) struct text t;
    struct event ev;
    struct err e = {0};
    assert_int_equal(decode(a, text, name, &ev, &e), 0);
    text_init(&t, 1000);
    tracker_jira.identify(&ev, &t);
    return arena_text(a, text_z(&t));
}

static void test_identify(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(4 << 20);
    assert_string_equal(name_of(a, bodies[0].body, "one"), name_of(a, bodies[1].body, "one"));
    assert_string_not_equal(name_of(a, bodies[0].body, "one"), name_of(a, bodies[0].body, "two"));
    assert_string_equal(name_of(a, bodies[0].body, NULL), name_of(a, bodies[0].body, NULL));
    assert_string_not_equal(name_of(a, bodies[0].body, NULL), name_of(a, bodies[1].body, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verify), cmocka_unit_test(test_bodies),
                                       cmocka_unit_test(test_full), cmocka_unit_test(test_identify)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
