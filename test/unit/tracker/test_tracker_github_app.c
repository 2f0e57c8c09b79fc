/* The driver of GitHub as an App: what proves who it is, and how it is granted a token. */
#include "base/base.h"

#include "base/digest.h"
#include "base/rsa.h"
#include "talk.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#define API  "https://api.github.com"
#define APP  "app_id: 4711\nhook_secret: x\nprivate_key: |\n"
#define ID12 "installation: 12\n"

static char private_key[8192], public_key[8192];

static int make_key(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *one = BIO_new(BIO_s_mem()), *two = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(one, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(PEM_write_bio_PUBKEY(two, key), 1);
    assert_true(BIO_read(one, private_key, sizeof private_key - 1) > 0);
    assert_true(BIO_read(two, public_key, sizeof public_key - 1) > 0);
    BIO_free_all(one);
    BIO_free_all(two);
    EVP_PKEY_free(key);
    return 0;
}

/* The key stands in the YAML as a block, two columns further in. */
static void app_open(struct place *p, const char *more)
{
    AUTO(text_auto) struct text t = {0};
    text_init(&t, 1 << 16);
    text_addz(&t, more);
    text_addz(&t, APP);
    for (const char *at = private_key; *at;) {
        size_t n = strcspn(at, "\n");
        text_addf(&t, "  %.*s\n", (int)n, at);
        at += n + (at[n] == '\n');
    }
    place_open(p, &tracker_github, API, text_z(&t));
    assert_int_equal(p->problems.errors, 0);
}

/* --- the proof --- */

static const struct json *part(struct arena *a, const char *from, const char *to)
{
    struct str plain;
    const struct json *ret;
    assert_int_equal(base64url_read(a, (struct str){from, (size_t)(to - from)}, &plain, NULL), 0);
    assert_int_equal(json_parse(a, plain, &ret, NULL), 0);
    return ret;
}

static void test_proof(void **state)
{
    (void)state;
    struct place p;
    struct str signature;
    int64_t issued = 0, expires = 0;
    app_open(&p, "");
    struct http_request r = {.method = "GET", .url = API "/app"};
    tracker_github.sign(&p.conf, NULL, TALK_NOW_MS, p.arena, &r);
    const char *shown = http_header_get(&r.headers, "Authorization");
    assert_true(r.headers.v[r.headers.n - 1].is_secret);
    assert_true(text_starts(shown, "Bearer "));
    shown += strlen("Bearer ");
    const char *first = strchr(shown, '.'), *second = strchr(first + 1, '.');
    const struct json *head = part(p.arena, shown, first), *claims = part(p.arena, first + 1, second);
    assert_string_equal(json_text(json_get(head, "alg")), "RS256");
    assert_string_equal(json_text(json_get(claims, "iss")), "4711");
    assert_true(json_int(json_get(claims, "iat"), &issued) && json_int(json_get(claims, "exp"), &expires));
    assert_int_equal(issued, TALK_NOW - 60);
    assert_true(expires > TALK_NOW && expires <= TALK_NOW + 600 && expires <= issued + 600);
    assert_int_equal(base64url_read(p.arena, str_of(second + 1), &signature, NULL), 0);
    assert_true(rsa_verify(str_of(public_key), (struct str){shown, (size_t)(second - shown)}, signature));
    place_close(&p, &tracker_github);
}

static const struct {
    const char *url;
    enum { NOTHING, PROOF, GRANTED } bears;
} signings[] = {
    {API "/app", PROOF},
    {API "/app/installations?per_page=100", PROOF},
    {API "/app?x", PROOF},
    {API "/apps/keeper", GRANTED},
    {API "/repos/o/r", GRANTED},
    {API "/graphql", GRANTED},
    {"https://evil.example/app", NOTHING},
    {"http://api.github.com/app", NOTHING},
    {"https://api.github.com.evil.example/app", NOTHING},
    {"https://evil.example/repos/o/r", NOTHING},
};

static void test_sign(void **state)
{
    (void)state;
    struct place p;
    struct secret *granted = secret_new(STR("ghs_granted"));
    app_open(&p, "");
    for (size_t i = 0; i < COUNT(signings); i++) {
        struct http_request r = {.method = "GET", .url = signings[i].url};
        tracker_github.sign(&p.conf, granted, TALK_NOW_MS, p.arena, &r);
        const char *got = http_header_get(&r.headers, "Authorization");
        bool is_granted = text_same(got, "Bearer ghs_granted"), is_proof = got && text_starts(got, "Bearer eyJ");
        if (is_granted != (signings[i].bears == GRANTED) || is_proof != (signings[i].bears == PROOF))
            talk_fail("%s: %s", r.url, got ? got : "(none)");
    }
    struct http_request early = {.method = "GET", .url = API "/repos/o/r"};
    tracker_github.sign(&p.conf, NULL, TALK_NOW_MS, p.arena, &early);
    assert_null(http_header_get(&early.headers, "Authorization"));
    secret_free(granted);
    place_close(&p, &tracker_github);
}

/* --- the grant --- */

#define LIST     "GET", "/app/installations?per_page=100", "", HTTP_READ
#define POST(id) "POST", "/app/installations/" id "/access_tokens", "", HTTP_READ
#define TOKEN    "{\"token\":\"ghs_x\",\"expires_at\":\"2026-11-20T12:00:00Z\"}"
#define ONE      "[{\"id\":34,\"account\":{\"login\":\"acme\"}}]"
#define TWO      "[{\"id\":34,\"account\":{\"login\":\"acme\"}},{\"id\":35,\"account\":null}]"

static const struct grant_row {
    const char *name, *more;
    struct exchange said[3];
    int rc;
    const char *error;
} grants[] = {
    {"a known installation", ID12, {{POST("12"), 201, TOKEN}}, STEP_DONE, NULL},
    {"the only one", "", {{LIST, 200, ONE}, {POST("34"), 201, TOKEN}}, STEP_DONE, NULL},
    {"two", "", {{LIST, 200, TWO}}, -ERR_CONFIG, "in 2 places: say with installation which is meant (acme 34, ? 35)"},
    {"none", "", {{LIST, 200, "[]"}}, -ERR_CONFIG, "installed nowhere"},
    {"a list that is none", "", {{LIST, 200, "{}"}}, -ERR_TRANSIENT, "no list"},
    {"without a number", "", {{LIST, 200, "[{}]"}}, -ERR_TRANSIENT, "without a number"},
    {"the App is unknown",
     "",
     {{LIST, 404, "{\"message\":\"Integration not found\"}"}},
     -ERR_CONFIG,
     "Integration not found: are url, app_id and installation right?"},
    {"not there", ID12, {{POST("12"), 404, "{\"message\":\"Not Found\"}"}}, -ERR_CONFIG, "are url, app_id"},
    {"a wrong key",
     ID12,
     {{POST("12"), 401, "{\"message\":\"A JSON web token could not be decoded\"}"}},
     -ERR_AUTH,
     "could not be decoded"},
    {"suspended",
     ID12,
     {{POST("12"), 403, "{\"message\":\"This installation has been suspended\"}"}},
     -ERR_AUTH,
     "suspended"},
    {"refused", ID12, {{POST("12"), 422, "{\"message\":\"no\"}"}}, -ERR_CONFIG, "422"},
    {"down", ID12, {{POST("12"), 503, ""}}, -ERR_TRANSIENT, "503"},
    {"a gateway", ID12, {{POST("12"), 502, ""}}, -ERR_TRANSIENT, "502"},
    {"no token", ID12, {{POST("12"), 201, "{\"expires_at\":\"2026-11-20T12:00:00Z\"}"}}, -ERR_TRANSIENT, "has none"},
    {"no end", ID12, {{POST("12"), 201, "{\"token\":\"ghs_x\"}"}}, -ERR_TRANSIENT, "has none"},
    {"a strange end", ID12, {{POST("12"), 201, "{\"token\":\"g\",\"expires_at\":\"soon\"}"}}, -ERR_TRANSIENT, "none"},
    {"a header",
     ID12,
     {{POST("12"), 201, "{\"token\":\"g\\r\\nX: y\",\"expires_at\":\"2026-11-20T12:00:00Z\"}"}},
     -ERR_TRANSIENT,
     "has none"},
    {"no JSON", ID12, {{POST("12"), 201, "<html>"}}, -ERR_TRANSIENT, "not JSON"},
};

static void grant_run(const struct conf_tracker *conf, const struct grant_row *row)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    const struct talk t = {.name = row->name, .said = {row->said[0], row->said[1], row->said[2]}};
    struct tracker_call c = {.conf = conf, .arena = a, .now_ms = TALK_NOW_MS};
    struct tracker_state st = {0};
    struct tracker_result ret = {0};
    struct http_request next = {0};
    struct http_response answer, *prev = NULL;
    struct err e = {0};
    int rc;
    size_t i = 0;
    for (; (rc = tracker_github.grant(&c, &st, prev, &next, &ret, &e)) == STEP_SEND; prev = &answer, i++) {
        talk_compare(a, &t, conf, i, &next);
        talk_record(&next, &row->said[i]);
        talk_answer(a, &t, i, &answer);
    }
    if (rc != row->rc || row->said[i].method || (rc < 0 && (!strstr(e.text, row->error) || rc != -(int)e.class)))
        talk_fail("%s: %d after %zu exchanges: %s", row->name, rc, i, e.text);
    if (rc == STEP_DONE) {
        assert_string_equal(ret.token, "ghs_x");
        assert_int_equal(ret.expires_ms, 1795176000000);
    }
}

static void test_grants(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(grants); i++) {
        struct place p;
        app_open(&p, grants[i].more);
        assert_true(tracker_github.is_granted(&p.conf));
        grant_run(&p.conf, &grants[i]);
        place_close(&p, &tracker_github);
    }
}

static void test_a_token_needs_no_grant(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_github, API, "token: s3cret\nhook_secret: x\n");
    assert_int_equal(p.problems.errors, 0);
    assert_false(tracker_github.is_granted(&p.conf));
    place_close(&p, &tracker_github);
}

/* --- who we are --- */

static void holds_bot(const struct fact *f)
{
    const struct person *who = f->people.v;
    assert_int_equal(f->people.n, 1);
    assert_string_equal(who->login, "keeper[bot]");
    assert_string_equal(who->id, "99");
}

static void holds_login(const struct fact *f)
{
    const struct person *who = f->people.v;
    assert_int_equal(f->people.n, 1);
    assert_string_equal(who->login, "keeper[bot]");
    assert_null(who->id);
}

static void holds_hook(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->hooks.n, 1);
    const struct hook *h = f->hooks.v;
    assert_true(h->enabled && h->id);
    assert_string_equal(h->url, "https://x.example/hooks/github");
    assert_string_equal(h->event, "issues,pull_request");
}

static void holds_no_hook(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->hooks.n, 0);
}

static void holds_deliveries(const struct fact *f)
{
    assert_int_equal(f->deliveries.n, 1);
    assert_string_equal(((const struct hook_delivery *)f->deliveries.v)->guid, "g");
    assert_string_equal(f->text, "https://api.github.com/app/hook/deliveries?cursor=v1_2");
}

static void holds_payload(const struct fact *f)
{
    assert_string_equal(f->text, "{\"zen\":1}");
}

static void holds_repositories(const struct fact *f)
{
    assert_int_equal(f->names.n, 1);
    assert_string_equal(((const struct named *)f->names.v)->name, "o/a");
}

#define ABOUT(kind_of, of) .want = {.kind = kind_of, .tracker = "github", .ref = of}
#define WHO                .want = {.kind = FACT_WHOAMI, .tracker = "github", .ref = ""}
#define SLUG               "{\"id\":4711,\"slug\":\"keeper\",\"name\":\"The Keeper\"}"
#define GET(place)         "GET", place, "", HTTP_READ

static const struct talk talks[] = {
    {.name = "an account",
     WHO,
     .said = {{GET("/app"), 200, SLUG}, {GET("/users/keeper%5Bbot%5D"), 200, "{\"id\":99,\"login\":\"keeper[bot]\"}"}},
     .rc = STEP_DONE,
     .holds = holds_bot},
    {.name = "no account yet",
     WHO,
     .said = {{GET("/app"), 200, SLUG}, {GET("/users/keeper%5Bbot%5D"), 404, "{\"message\":\"Not Found\"}"}},
     .rc = STEP_DONE,
     .holds = holds_login},
    {.name = "without a slug",
     WHO,
     .said = {{GET("/app"), 200, "{}"}},
     .rc = -ERR_TRANSIENT,
     .error = "without a slug"},
    {.name = "no GitHub", WHO, .said = {{GET("/app"), 404, ""}}, .rc = -ERR_CONFIG, .error = "is url the address"},
    {.name = "its webhook",
     ABOUT(FACT_HOOKS, "@app"),
     .said = {{GET("/app/hook/config"), 200, "{\"url\":\"https://x.example/hooks/github\",\"secret\":\"********\"}"},
              {GET("/app"), 200, "{\"slug\":\"keeper\",\"events\":[\"issues\",\"pull_request\"]}"}},
     .rc = STEP_DONE,
     .holds = holds_hook},
    {.name = "a webhook without an address",
     ABOUT(FACT_HOOKS, "@app"),
     .said = {{GET("/app/hook/config"), 200, "{\"url\":null}"}},
     .rc = STEP_DONE,
     .holds = holds_no_hook},
    {.name = "no webhook",
     ABOUT(FACT_HOOKS, "@app"),
     .said = {{GET("/app/hook/config"), 404, "{\"message\":\"Not Found\"}"}},
     .rc = STEP_DONE,
     .holds = holds_no_hook},
    {.name = "its log",
     ABOUT(FACT_DELIVERIES, "@app/hooks/app"),
     .said = {{GET("/app/hook/deliveries?per_page=100"), 200, "[{\"id\":7,\"guid\":\"g\"}]"}},
     .links = {"<https://api.github.com/app/hook/deliveries?cursor=v1_2>; rel=\"next\""},
     .rc = STEP_DONE,
     .holds = holds_deliveries},
    {.name = "a delivery of it",
     ABOUT(FACT_DELIVERY, "@app/hooks/12/deliveries/7"),
     .said = {{GET("/app/hook/deliveries/7"), 200, "{\"request\":{\"payload\":{\"zen\":1}}}"}},
     .rc = STEP_DONE,
     .holds = holds_payload},
    {.name = "what it is installed on",
     ABOUT(FACT_REPOSITORIES, "@app"),
     .said = {{GET("/installation/repositories?per_page=100"), 200,
               "{\"total_count\":2,\"repositories\":[{\"full_name\":\"o/a\"},{\"full_name\":\"o/"
               "old\",\"archived\":true}]}"}},
     .rc = STEP_DONE,
     .holds = holds_repositories},
    {.name = "no list of it",
     ABOUT(FACT_REPOSITORIES, "@app"),
     .said = {{GET("/installation/repositories?per_page=100"), 200, "{}"}},
     .rc = -ERR_TRANSIENT,
     .error = "no list"},
    {.name = "it is not set from here",
     .change = &(const struct change){.kind = CHANGE_HOOK, .project = "@app", .id = "app", .url = "x"},
     .rc = -ERR_INPUT,
     .error = "is set at GitHub"},
};

static void test_who(void **state)
{
    (void)state;
    struct place p;
    app_open(&p, ID12);
    talk_all(&tracker_github, &p.conf, talks, COUNT(talks));
    place_close(&p, &tracker_github);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_proof), cmocka_unit_test(test_sign),
                                       cmocka_unit_test(test_grants), cmocka_unit_test(test_a_token_needs_no_grant),
                                       cmocka_unit_test(test_who)};
    return cmocka_run_group_tests(tests, make_key, NULL);
}
