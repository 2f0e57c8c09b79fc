#include "base/base.h"
#include "../base/unit.h"
#include "base/arena.h"
#include "base/secret.h"
#include "engine/redact.h"

#define TOKEN "s3cret \"to/ken\\+\xc3\xa9=="

static const struct {
    const char *name, *text, *expect; /* NULL: as it was */
} cases[] = {
    {"nothing", "harmless", NULL},
    {"empty", "", NULL},
    {"as it is", "a " TOKEN " b " TOKEN, "a *** b ***"},
    {"alone", TOKEN, "***"},
    {"in an address", "x?k=s3cret%20%22to%2Fken%5C%2B%C3%A9%3D%3D&y", "x?k=***&y"},
    {"in an address, small", "x?k=s3cret+%22to/ken%5c%2b%c3%a9%3d%3D&y", "x?k=***&y"},
    {"in JSON", "{\"k\":\"s3cret \\\"to/ken\\\\+\xc3\xa9==\"}", "{\"k\":\"***\"}"},
    {"in JSON, all escaped", "{\"k\":\"s3cret \\u0022to\\/ken\\\\+\\u00e9==\"}", "{\"k\":\"***\"}"},
    {"in basic authentication", "Basic Ym90OnMzY3JldCAidG8va2VuXCvDqT09", "Basic Ym90On***"},
    {"cut at the end", "bad token s3cret \"to/k", "bad token ***"},
    {"cut inside", "(s3cret \"to/ke) to", "(***) to"},
    {"a short beginning is a word", "s3cret and", NULL},
    {"less than half", "s3cret \"t and", NULL},
    {"behind a line break of JSON", "{\"k\":\"\\n1234abcd\"}", "{\"k\":\"***\"}"},
    {"behind a backslash of JSON", "{\"k\":\"\\\\n1234abcd\"}", "{\"k\":\"\\\\***\"}"},
    {"short ones are whole or not at all", "pin 4711, 471", "pin ***, 471"},
    {"too short to hide", "ab", NULL},
    {"a bad escape", "%", NULL},
    {"a bad escape in JSON", "\\u00", NULL},
};

static const char *const secrets[] = {TOKEN, "n1234abcd", "4711", "ab"};

static void test_redact(void **state)
{
    (void)state;
    struct conf_tracker trackers[COUNT(secrets)], *places[COUNT(secrets)];
    struct secret *one[COUNT(secrets)];
    static const struct opt none[1];
    const struct opt_table empty = {.opts = none, .n = 0};
    const struct conf_kind kind = {.name = "test", .opts = &empty};
    for (size_t i = 0; i < COUNT(secrets); i++) {
        one[i] = secret_new(str_of(secrets[i]));
        trackers[i] = (struct conf_tracker){.kind = &kind, .hook_key = {.v = &one[i], .n = 1}};
        places[i] = &trackers[i];
    }
    const struct config config = {.trackers = places, .n_trackers = COUNT(secrets)};
    struct redact *r = redact_new();
    redact_config(r, &config);
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str was = str_of(cases[i].text), got = redact_text(r, a, was);
        const char *expect = cases[i].expect ? cases[i].expect : cases[i].text;
        bool is_good = str_same(got, str_of(expect)) && (cases[i].expect || got.p == was.p);
        if (!is_good)
            print_error("%s: %.*s\n", cases[i].name, (int)got.n, got.p);
        assert_true(is_good);
    }
    arena_free(a);
    redact_free(r);
    for (size_t i = 0; i < COUNT(secrets); i++)
        secret_free(one[i]);
}

static bool hides(const struct redact *r, const char *text)
{
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    return strstr(redact_text(r, a, str_of(text)).p, "***") != NULL;
}

static void test_learn(void **state)
{
    (void)state;
    struct redact *r = redact_new();
    redact_learn(r, STR("ghs_firstfirstfirst"), 0, 100);
    redact_learn(r, STR("ghs_secondsecond"), 50, 200);
    redact_learn(r, STR("ghs_thirdthirdthird"), 60, 70);
    assert_true(hides(r, "a ghs_firstfirstfirst b") && hides(r, "a ghs_thirdthirdthird b"));
    assert_true(hides(r, "eDpnaHNfZmlyc3RmaXJzdGZpcnN0")); /* x:ghs_firstfirstfirst */
    redact_learn(r, STR("ghs_firstfirstfirst"), 80, 120);  /* lives longer now; the third has ended */
    assert_false(hides(r, "ghs_thirdthirdthird"));
    redact_learn(r, STR("ghs_fourthfourth"), 110, 300);
    assert_true(hides(r, "ghs_firstfirstfirst") && hides(r, "ghs_secondsecond") && hides(r, "ghs_fourthfourth"));
    redact_learn(r, STR("55555_ghs"), 250, 300);
    assert_false(hides(r, "ghs_firstfirstfirst"));
    assert_false(hides(r, "ghs_secondsecond"));
    assert_false(hides(r, "eDpnaHNfZmlyc3RmaXJzdGZpcnN0"));
    assert_true(hides(r, "ghs_fourthfourth") && hides(r, "55555_ghs"));
    for (int64_t i = 0; i < 1000; i++) {
        char text[32];
        snprintf(text, sizeof text, "ghs_of_%" PRId64 "_many", i);
        redact_learn(r, str_of(text), 300 + i, 301 + i);
        assert_true(hides(r, text));
    }
    assert_false(hides(r, "ghs_of_7_many"));
    redact_free(r);
}

/* A key's lines are hidden each by itself, as in JSON. */
static void test_lines(void **state)
{
    (void)state;
    static const char pem[] =
        "-----BEGIN X-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\r\nb2lkc29tZXRoaW5nZWxzZW9mdGhlc2FtZWtpbmQ=\n"
        "-----END X-----\n";
    struct secret *key = secret_new(str_of(pem));
    static const struct opt none[1];
    const struct opt_table empty = {.opts = none, .n = 0};
    const struct conf_kind kind = {.name = "test", .opts = &empty};
    struct conf_tracker tracker = {.kind = &kind, .hook_key = {.v = &key, .n = 1}}, *places[] = {&tracker};
    const struct config config = {.trackers = places, .n_trackers = 1};
    struct redact *r = redact_new();
    redact_config(r, &config);
    assert_true(hides(r, "{\"k\":\"-----BEGIN X-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\\n\"}"));
    assert_true(hides(r, "b2lkc29tZXRoaW5nZWxzZW9mdGhlc2FtZWtpbmQ="));
    assert_false(hides(r, "-----BEGIN X----- of another"));
    redact_free(r);
    secret_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_redact), cmocka_unit_test(test_learn),
                                       cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
