#include "base/base.h"
#include "base/text.h"
#include "base/arena.h"
#include "unit.h"

static void test_append(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    assert_string_equal(text_z(&t), "");
    assert_int_equal(text_str(&t).n, 0);
    text_addz(&t, NULL);
    text_addf(&t, "%d", 42);
    text_addc(&t, ' ');
    text_add(&t, STR("a\0b"));
    text_addz(&t, "!");
    assert_str_is(text_str(&t), "42 a\0b!");
    text_cut(&t, 2);
    text_cut(&t, 90);
    assert_string_equal(text_z(&t), "42");
    text_reset(&t);
    assert_string_equal(text_z(&t), "");
}

/* Each way to append stops exactly at the maximum and stays terminated. */
static void test_maximum(void **state)
{
    (void)state;
    for (size_t max = 0; max < 200; max += 13) {
        struct text t[4];
        for (size_t i = 0; i < COUNT(t); i++)
            text_init(&t[i], max);
        for (size_t i = 0; i < 200; i++) {
            text_addc(&t[0], 'x');
            text_addz(&t[1], "xxx");
            text_addf(&t[2], "%s", "xxxxxxx");
        }
        text_addf(&t[3], "%0*d", (int)max + 1, 7);
        for (size_t i = 0; i < COUNT(t); i++) {
            assert_true(text_full(&t[i]));
            assert_int_equal(t[i].n, max);
            assert_int_equal(strlen(text_z(&t[i])), max);
            text_reset(&t[i]);
            assert_false(text_full(&t[i]));
            text_free(&t[i]);
        }
    }
}

static void test_exactly_full(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 10);
    text_addz(&t, "0123456789");
    assert_false(text_full(&t));
    text_addz(&t, "");
    assert_false(text_full(&t));
    text_addf(&t, "%s", "");
    assert_false(text_full(&t));
    text_addc(&t, 'x');
    assert_true(text_full(&t));
    assert_string_equal(text_z(&t), "0123456789");
}

static void test_formats_grow(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 100000);
    for (int i = 0; i < 1000; i++)
        text_addf(&t, "%05d", i);
    assert_int_equal(t.n, 5000);
    assert_memory_equal(t.p + 4995, "00999", 5);
}

static void test_helpers(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    assert_string_equal(text_lower(a, "AbC-ÄZ[@"), "abc-Äz[@");
    assert_null(text_lower(a, NULL));
    assert_str_is(str_trim(STR(" \t\r\n\v\fx y\n ")), "x y");
    assert_int_equal(str_trim(STR(" \n ")).n, 0);
    assert_true(text_starts("abc", "ab") && text_starts("abc", "") && !text_starts("ab", "abc"));
    assert_true(text_ends("abc", "bc") && text_ends("abc", "") && !text_ends("bc", "abc"));
    assert_true(text_matches("acme/web/x", "acme/*") && text_matches("a\\b", "a\\?") && text_matches("b", "[!a]"));
    assert_true(!text_matches("Acme/web", "acme/*") && !text_matches("acme/web", "acme") && text_matches(".a", "*"));
    assert_true(text_same_nocase("Yes", "yES") && !text_same_nocase("yes", "yess") && !text_same_nocase("yess", "yes"));
    assert_false(text_same_nocase("[", "{"));
    assert_true(text_same_nocase(NULL, NULL) && !text_same_nocase(NULL, ""));
}

static void test_int(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        int64_t value;
    } rows[] = {{"0", true, 0},
                {"007", true, 7},
                {"-12", true, -12},
                {"9223372036854775807", true, INT64_MAX},
                {"-9223372036854775808", true, INT64_MIN},
                {"9223372036854775808", false, 0},
                {"-9223372036854775809", false, 0},
                {"99999999999999999999", false, 0},
                {"", false, 0},
                {"-", false, 0},
                {"+1", false, 0},
                {" 1", false, 0},
                {"1 ", false, 0},
                {"0x1", false, 0},
                {"1.0", false, 0},
                {"--1", false, 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t n = 55;
        assert_int_equal(str_int(str_of(rows[i].text), &n), rows[i].valid);
        assert_int_equal(n, rows[i].valid ? rows[i].value : 55);
    }
}

static void test_hex(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    for (int i = 0; i < 32; i++)
        assert_int_equal(hex_digit(digits[i]), i % 16);
    for (const char *p = "/:@G`g \xe4"; *p; p++)
        assert_int_equal(hex_digit(*p), -1);
    assert_int_equal(hex_digit('\0'), -1);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"tracker", "trackers", "bridges", "listen", "url", "concurrency"};
    static const struct {
        const char *given;
        const char *nearest;
    } rows[] = {{"traker", "tracker"},         {"Trackers", "trackers"}, {"brigdes", "bridges"}, {"lisen", "listen"},
                {"concurency", "concurrency"}, {"ulr", "url"},           {"xyzzy", NULL},        {"completely", NULL},
                {"LISTEN", "listen"},          {"listenabc", "listen"},  {"listabcd", NULL}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = text_nearest(rows[i].given, words, COUNT(words));
        if (rows[i].nearest)
            assert_string_equal(got, rows[i].nearest);
        else
            assert_null(got);
    }
    char huge[1000];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_null(text_nearest(huge, words, COUNT(words)));
    const char *const long_words[] = {huge};
    assert_null(text_nearest("x", long_words, 1));
    assert_null(text_nearest("x", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_append),       cmocka_unit_test(test_maximum),
                                       cmocka_unit_test(test_exactly_full), cmocka_unit_test(test_formats_grow),
                                       cmocka_unit_test(test_helpers),      cmocka_unit_test(test_int),
                                       cmocka_unit_test(test_hex),          cmocka_unit_test(test_nearest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
