/*
 * Webhook deliveries of GitHub: who sends them, what they say, which one it is; and every example that Octokit has of
 * them, where $OCTOKIT names the folder of its packages.
 */
#include "base/base.h"

#include "talk.h"

#include "base/digest.h"

#define API "https://api.github.com"

/* --- who --- */

#define SAID "{\"zen\":\"x\"}"

static const struct {
    const char *yaml;
    const char *key256, *key1; /* of the signatures that are sent; NULL: not sent */
    const char *error;         /* NULL: accepted */
} senders[] = {
    {"hook_secret: a", "a", NULL, NULL},
    {"hook_secret: [old, a]", "a", NULL, NULL},
    {"hook_secret: [old, a]", "old", NULL, NULL},
    {"hook_secret: a", "b", NULL, "incorrect signature"},
    {"hook_secret: a", NULL, NULL, "no signature given"},
    {"hook_secret: a", NULL, "a", "no signature given"},
    {"hook_secret: a\nallow_sha1: true", NULL, "a", NULL},
    {"hook_secret: [old, a]\nallow_sha1: true", NULL, "a", NULL},
    {"hook_secret: a\nallow_sha1: true", NULL, "b", "incorrect signature"},
    {"hook_secret: a\nallow_sha1: true", "a", "b", NULL}, /* SHA-256 decides */
    {"hook_secret: a\nallow_sha1: true", "b", "a", "incorrect signature"},
    {"hook_secret: a\nallow_sha1: true", NULL, NULL, "no signature given"},
    {"", "a", NULL, "no hook_secret"},
};

static const char *signature(struct arena *a, const char *prefix, const char *key, struct str body)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    bool is_256 = strcmp(prefix, "sha256=") == 0;
    if (is_256)
        hmac_sha256(str_of(key), body, digest);
    else
        hmac_sha1(str_of(key), body, digest);
    hex_write(digest, is_256 ? SHA256_BYTES : SHA1_BYTES, hex);
    return arena_fmt(a, "%s%s", prefix, hex);
}

static void test_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(senders); i++) {
        struct place p;
        AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
        place_open(&p, &tracker_github, API, arena_fmt(a, "token: t\n%s\n", senders[i].yaml));
        struct http_request r = {.method = "POST", .url = "/", .body = str_of(SAID)};
        struct err e = {0};
        if (senders[i].key256)
            http_header_add(p.arena, &r.headers, "x-hub-signature-256",
                            signature(p.arena, "sha256=", senders[i].key256, r.body));
        if (senders[i].key1)
            http_header_add(p.arena, &r.headers, "X-Hub-Signature",
                            signature(p.arena, "sha1=", senders[i].key1, r.body));
        int rc = tracker_github.verify(&p.conf, p.arena, &r, &e);
        if (rc != (senders[i].error ? -ERR_AUTH : 0) || (rc && !strstr(e.text, senders[i].error)))
            talk_fail("sender %zu: %d %s", i, rc, e.text);
        place_close(&p, &tracker_github);
    }
}

/* The well-known pair of GitHub's documentation. */
static void test_known_signature(void **state)
{
    (void)state;
    static const char good[] = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const char *const bad[] = {
        "", "sha256=", "sha1=", "sha256", good, "SHA256=x", "sha256=757107ea", "sha256=zz", "\xff", "sha256= ",
    };
    struct place p;
    place_open(&p, &tracker_github, API, "token: t\nhook_secret: \"It's a Secret to Everybody\"\n");
    for (size_t i = 0; i <= COUNT(bad) + 2; i++) {
        struct http_request r = {.method = "POST", .url = "/", .body = str_of("Hello, World!")};
        struct err e = {0};
        char *text = arena_fmt(p.arena, "sha256=%s", good);
        if (i == COUNT(bad) + 1) /* in capitals it is the same */
            for (char *c = text + strlen("sha256="); *c; c++)
                *c = (char)(*c >= 'a' ? *c - 'a' + 'A' : *c);
        if (i == COUNT(bad) + 2)
            text = arena_fmt(p.arena, "%s0", text);
        http_header_add(p.arena, &r.headers, "X-Hub-Signature-256", i < COUNT(bad) ? bad[i] : text);
        int rc = tracker_github.verify(&p.conf, p.arena, &r, &e);
        bool is_good = i == COUNT(bad) || i == COUNT(bad) + 1;
        if (rc != (is_good ? 0 : -ERR_AUTH))
            talk_fail("signature %zu: %d %s", i, rc, e.text);
    }
    place_close(&p, &tracker_github);
}

/* --- what --- */

static int decode(struct arena *a, const char *kind, const char *body, struct event *ret, struct err *e)
{
    const struct conf_tracker conf = {.name = "github", .url = API};
    struct http_request r = {.method = "POST", .url = "/", .body = str_of(body)};
    if (kind)
        http_header_add(a, &r.headers, "X-GitHub-Event", kind);
    http_header_add(a, &r.headers, "x-github-delivery", "0b98");
    http_header_add(a, &r.headers, "x-github-hook-id", "7");
    return tracker_github.decode(&conf, a, &r, ret, e);
}

#define REPO "\"repository\":{\"full_name\":\"openedx/edx-platform\",\"private\":false}"
#define PULL                                                                                                           \
    "\"pull_request\":{\"number\":12,\"node_id\":\"PR_1\",\"state\":\"open\",\"title\":\"T\",\"body\":null,"           \
    "\"user\":{\"login\":\"Ann\",\"type\":\"Bot\"},\"labels\":[{\"name\":\"a\"},null,{\"name\":null},7],"              \
    "\"updated_at\":\"2026-11-20T10:00:00Z\",\"head\":{\"sha\":\"abc\"},\"base\":{\"repo\":{\"full_name\":"            \
    "\"openedx/edx-platform\",\"private\":true}}}"

static void test_pull_request(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct event ev = {0};
    struct err e = {0};
    assert_int_equal(
        decode(a, "pull_request",
               "{\"action\":\"unlabeled\",\"label\":{\"name\":\"jira:X\"},\"changes\":{\"title\":{\"from\":"
               "\"old\"},\"base\":{\"ref\":{}}}," PULL "," REPO ",\"sender\":{\"id\":5,\"login\":\"Bob\"}}",
               &ev, &e),
        0);
    assert_string_equal(ev.target, "pull_request");
    assert_string_equal(ev.action, "unlabeled");
    assert_string_equal(ev.routing, "pull_request.unlabeled");
    assert_string_equal(ev.hook, "7");
    assert_string_equal(ev.delivery, "0b98");
    assert_string_equal(ev.actor.id, "5");
    assert_string_equal(ev.actor.login, "Bob");
    assert_string_equal(ev.issue.ref, "openedx/edx-platform#12");
    assert_string_equal(ev.issue.id, "PR_1");
    assert_string_equal(ev.issue.type, "pull request");
    assert_string_equal(ev.issue.creator_kind, "Bot");
    assert_true(ev.issue.is_private);
    assert_int_equal(ev.issue.labels.n, 1);
    assert_int_equal(ev.happened_ms, 1795168800000);
    assert_false(ev.has_comment);
    assert_int_equal(ev.deltas.n, 3);
    assert_string_equal(event_delta(&ev, "labels")->removed, "jira:X");
    assert_string_equal(event_delta(&ev, "title")->removed, "old");
    assert_null(event_delta(&ev, "base")->removed);
}

/* A comment's event carries the pull request as an issue. */
static void test_comment(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct event ev = {0};
    struct err e = {0};
    assert_int_equal(
        decode(a, "issue_comment",
               "{\"action\":\"created\",\"issue\":{\"number\":3,\"state\":\"closed\",\"user\":null,\"labels\":[],"
               "\"pull_request\":{\"merged_at\":\"2026-11-20T10:00:00Z\"},\"repository_url\":\"" API
               "/repos/openedx/edx-platform\",\"closed_at\":\"2026-11-20T10:00:00Z\"},\"comment\":{\"id\":99,\"user\":"
               "{\"login\":\"Ann\"},\"body\":\"b <!-- lockstep: m -->\",\"created_at\":\"2026-11-20T10:00:00Z\","
               "\"updated_at\":\"2026-11-20T11:00:00Z\"}," REPO ",\"sender\":null}",
               &ev, &e),
        0);
    assert_string_equal(ev.issue.ref, "openedx/edx-platform#3");
    assert_string_equal(ev.issue.type, "pull request");
    assert_string_equal(ev.issue.status, "merged");
    assert_null(ev.issue.creator);
    assert_null(ev.actor.login);
    assert_true(ev.has_comment);
    assert_string_equal(ev.comment.id, "99");
    assert_string_equal(ev.comment.author, "Ann");
    assert_string_equal(ev.comment.marker, "m");
    assert_int_equal(ev.comment.number, -1);
    assert_int_equal(ev.happened_ms, 1795172400000);
}

static const struct {
    const char *kind, *body;
    const char *ref, *type, *routing; /* ref NULL: refused */
} bodies[] = {
    {"ping", "{\"zen\":\"x\",\"hook_id\":7,\"hook\":{}}", "", NULL, "ping"},
    {"ping", "{\"zen\":\"x\",\"organization\":{\"login\":\"openedx\"}}", "openedx", NULL, "ping"},
    {"push", "{\"ref\":\"refs/heads/main\"," REPO "}", "openedx/edx-platform", NULL, "push"},
    {"issues", "{\"action\":\"opened\",\"issue\":{\"number\":1,\"pull_request\":null}," REPO "}",
     "openedx/edx-platform#1", "issue", "issues.opened"},
    {"pull_request_review", "{\"action\":\"submitted\"," PULL ",\"review\":{\"submitted_at\":null}," REPO "}",
     "openedx/edx-platform#12", "pull request", "pull_request_review.submitted"},
    {"pull_request", "{\"action\":\"opened\",\"pull_request\":null," REPO "}", "openedx/edx-platform", NULL,
     "pull_request.opened"},
    {"pull_request", "{\"action\":\"opened\",\"pull_request\":{\"number\":\"x\"}," REPO "}", "openedx/edx-platform",
     NULL, "pull_request.opened"},
    {"pull_request", "{\"action\":null,\"repository\":null,\"organization\":null,\"comment\":null}", "", NULL,
     "pull_request"},
    {"star", "{\"action\":7,\"repository\":\"x\",\"sender\":\"y\",\"changes\":[1,{}]}", "", NULL, "star"},
    {"a new one", "{\"action\":\"x\"}", "", NULL, "a new one.x"},
    {"issues", "{\"issue\":{\"number\":1,\"updated_at\":\"soon\"}," REPO "}", NULL, NULL, NULL},
    {"issues", "{\"issue\":{\"number\":1,\"title\":{}}," REPO "}", NULL, NULL, NULL},
    {"issues", "{\"issue\":{\"number\":-1}," REPO "}", NULL, NULL, NULL},
    {"issues", "{\"issue\":{\"number\":1}}", NULL, NULL, NULL},
    {"issues", "[]", NULL, NULL, NULL},
    {"issues", "[{\"issue\":{}}]", NULL, NULL, NULL},
    {"issues", "", NULL, NULL, NULL},
    {"issues", "null", NULL, NULL, NULL},
    {"issues", "{\"issue\":", NULL, NULL, NULL},
    {"", "{}", NULL, NULL, NULL},
    {NULL, "{}", NULL, NULL, NULL},
};

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
        struct event ev = {0};
        struct err e = {0};
        int rc = decode(a, bodies[i].kind, bodies[i].body, &ev, &e);
        if (rc != (bodies[i].ref ? 0 : -ERR_INPUT) || (rc && !text_starts(e.text, "webhook: ")))
            talk_fail("[%zu]: %d %s", i, rc, e.text);
        if (rc)
            continue;
        if (!text_same(ev.issue.ref, bodies[i].ref) || !text_same(ev.issue.type, bodies[i].type) ||
            !text_same(ev.routing, bodies[i].routing))
            talk_fail("[%zu]: %s, %s, %s", i, ev.issue.ref, ev.issue.type, ev.routing);
    }
}

static void test_form(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    const char *const forms[] = {"payload=%7B%22action%22%3A%22a+b%22%7D",
                                 "x=1&payload=%7B%22action%22:%22a%20b%22%7D",
                                 "",
                                 "payload",
                                 "payload=",
                                 "{\"action\":\"a b\"}"};
    for (size_t i = 0; i < COUNT(forms); i++) {
        const struct conf_tracker conf = {.name = "github", .url = API};
        struct http_request r = {.method = "POST", .url = "/", .body = str_of(forms[i])};
        struct event ev = {0};
        struct err e = {0};
        http_header_add(a, &r.headers, "X-GitHub-Event", "star");
        http_header_add(a, &r.headers, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        assert_int_equal(tracker_github.decode(&conf, a, &r, &ev, &e), i < 2 ? 0 : -ERR_INPUT);
        if (i < 2)
            assert_string_equal(ev.action, "a b");
        if (i < 2) /* a sender that gives no name: its words stand in */
            assert_int_equal(strlen(ev.delivery), 64);
    }
}

/* --- which --- */

static const char *identity(struct arena *a, const char *hook, const char *delivery)
{
    struct text t;
    const struct event ev = {.hook = hook, .delivery = delivery};
    text_init(&t, 1 << 16);
    tracker_github.identify(&ev, &t);
    const char *text = arena_text(a, text_z(&t));
    text_free(&t);
    return text;
}

static void test_identity(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    assert_string_equal(identity(a, "7", "g"), identity(a, "7", "g"));
    assert_string_not_equal(identity(a, "7", "g"), identity(a, "8", "g"));
    assert_string_not_equal(identity(a, "7", "g"), identity(a, "7", "h"));
    assert_string_not_equal(identity(a, "", "7g"), identity(a, "7", "g"));
}

/* --- every example there is --- */

static char *whole_file(const char *name)
{
    FILE *f = fopen(name, "rb");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    char *p = malloc(n + 1);
    rewind(f);
    assert_int_equal(fread(p, 1, n, f), n);
    p[n] = '\0';
    fclose(f);
    return p;
}

static void one_example(const char *kind, const struct json *example)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct event ev = {0};
    struct err e = {0};
    int64_t number = 0;
    text_init(&t, 1 << 24);
    json_start(&o, &t);
    json_put(&o, NULL, example);
    if (decode(a, kind, text_z(&t), &ev, &e) < 0)
        talk_fail("%s: %s", kind, e.text);
    bool is_numbered = json_int(json_path(example, "issue.number"), &number) ||
                       json_int(json_path(example, "pull_request.number"), &number);
    assert_true(!is_numbered == !ev.issue.type);
    assert_true(is_numbered == (strchr(ev.issue.ref, '#') != NULL));
    if (json_text(json_path(example, "repository.full_name")) && strcmp(ev.action, "transferred") != 0)
        assert_true(text_starts(ev.issue.ref, json_text(json_path(example, "repository.full_name"))));
}

static void test_examples(void **state)
{
    (void)state;
    static const char *const sets[] = {"api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"};
    const char *folder = getenv("OCTOKIT");
    size_t n = 0;
    if (!folder)
        skip();
    for (size_t i = 0; i < COUNT(sets); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(512 << 20);
        char *text = whole_file(arena_fmt(a, "%s/webhooks-examples/%s/index.json", folder, sets[i]));
        const struct json *all = NULL;
        assert_non_null(text);
        assert_int_equal(json_parse(a, str_of(text), &all, NULL), 0);
        JSON_EACH (kind, all)
            JSON_EACH (one, json_get(kind, "examples")) {
                one_example(json_text(json_get(kind, "name")), one);
                n++;
            }
        free(text);
    }
    print_message("%zu examples\n", n);
    assert_true(n > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify),   cmocka_unit_test(test_known_signature), cmocka_unit_test(test_pull_request),
        cmocka_unit_test(test_comment),  cmocka_unit_test(test_bodies),          cmocka_unit_test(test_form),
        cmocka_unit_test(test_identity), cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
