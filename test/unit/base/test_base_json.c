#include "base/base.h"
#include "base/json.h"
#include "base/arena.h"
#include "base/text.h"
#include "unit.h"

#include <pthread.h>

static const char *const good[] = {
    "null",
    "true",
    " \t\r\n false\n",
    "0",
    "-0",
    "1e999",
    "-1.5E+10",
    "0.1e-7",
    "123456789012345678901234567890123456789012345678901234567890123", /* 63 characters */
    "\"\"",
    "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"",
    "\"\x7F\"",
    "[]",
    "{}",
    "[[],{},[1,2,[3]]]",
    "{\"a\":{\"b\":[true,null]},\"\":1}",
    "\"\\ud83d\\ude00\"",
    "[1 , 2\n,3 ]",
};

static const struct {
    struct str s;
    size_t at; /* the byte that the message names */
} bad[] = {
    {STR(""), 0},
    {STR("   "), SIZE_MAX},
    {STR("{"), SIZE_MAX},
    {STR("["), SIZE_MAX},
    {STR("[1"), SIZE_MAX},
    {STR("[1,]"), SIZE_MAX},
    {STR("[,1]"), SIZE_MAX},
    {STR("[1 2]"), SIZE_MAX},
    {STR("{\"a\"}"), SIZE_MAX},
    {STR("{\"a\":}"), SIZE_MAX},
    {STR("{\"a\":1,}"), SIZE_MAX},
    {STR("{a:1}"), SIZE_MAX},
    {STR("{1:2}"), SIZE_MAX},
    {STR("}"), SIZE_MAX},
    {STR("]]"), SIZE_MAX},
    {STR("[1}"), SIZE_MAX},
    {STR("1 2"), 2},
    {STR("{} {}"), 3},
    {STR("{}x"), 2},
    {STR("nulll"), 4},
    {STR("nul"), SIZE_MAX},
    {STR("True"), 0},
    {STR("NaN"), 0},
    {STR("nan"), SIZE_MAX},
    {STR("Infinity"), 0},
    {STR("-Infinity"), 1},
    {STR("+1"), 0},
    {STR("01"), 1},
    {STR("-01"), 2},
    {STR("1."), 2},
    {STR(".5"), 0},
    {STR("-.5"), 1},
    {STR("1.e5"), 2},
    {STR("1e"), 2},
    {STR("1e+"), 3},
    {STR("-"), 1},
    {STR("--1"), 1},
    {STR("1.2.3"), 3},
    {STR("0x10"), SIZE_MAX},
    {STR("1e5e5"), SIZE_MAX},
    {STR("1234567890123456789012345678901234567890123456789012345678901234"), 64},
    {STR("\"abc"), 4},
    {STR("\""), 1},
    {STR("\"\\"), 3},
    {STR("\"\\\""), 3},
    {STR("\"\\x\""), SIZE_MAX},
    {STR("\"\\u12\""), 1},
    {STR("\"\\u12g4\""), 1},
    {STR("\"\\u"), 1},
    {STR("\"\\U0041\""), SIZE_MAX},
    {STR("'a'"), 0},
    {STR("\"a\nb\""), 2},
    {STR("\"a\tb\""), 2},
    {STR("\"\x1F\""), 1},
    {STR("\"a\0b\""), 2},
    {STR("1\0"), 1},
    {STR("\0"), 0},
    {STR("1\x01"), 1},
    {STR("1\f"), 1},
    {STR("1\v"), 1},
    {STR("\xEF\xBB\xBF{}"), 0}, /* byte order mark */
    {STR("\xC2\xA0{}"), 0},     /* not the white space of JSON */
    {STR("\"\xFF\""), 1},
    {STR("\"\xC0\x80\""), 1},
    {STR("\"\xED\xA0\x80\""), 1},
    {STR("\"\xE2\x82\""), 1},
    {STR("\"\xE2\x82"), 1},
    {STR("// x\n1"), 0},
    {STR("/**/1"), 0},
};

/* A copy that ends where its memory ends, so that the sanitizer sees each read beyond. */
static int parse_exact(struct arena *a, struct str s, const struct json **ret, struct err *e)
{
    char *copy = mem_grow(NULL, s.n, 1);
    if (s.n)
        memcpy(copy, s.p, s.n);
    int r = json_parse(a, (struct str){copy, s.n}, ret, e);
    mem_free(copy);
    return r;
}

static const struct json *parse(struct arena *a, const char *text)
{
    const struct json *v = NULL;
    struct err e = {0};
    if (parse_exact(a, str_of(text), &v, &e) < 0)
        print_error("%s: %s\n", text, e.text);
    return v;
}

static void test_accepts(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_not_equal(json_kind(parse(a, good[i])), JSON_ABSENT);
}

static void test_refuses(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct json *v = NULL;
        struct err e = {0};
        int r = parse_exact(a, bad[i].s, &v, &e);
        if (r != -ERR_INPUT)
            print_error("accepted: %.*s\n", (int)bad[i].s.n, bad[i].s.p);
        assert_int_equal(r, -ERR_INPUT);
        assert_null(v);
        char place[64];
        (void)snprintf(place, sizeof place, "not JSON at byte %zu: ", bad[i].at);
        if (bad[i].at != SIZE_MAX && !text_starts(e.text, place))
            assert_string_equal(e.text, place);
    }
    assert_int_equal(json_parse(a, (struct str){NULL, 0}, &(const struct json *){NULL}, NULL), -ERR_INPUT);
}

/* Every beginning of a valid document is refused without reading beyond it; every single changed byte is survived. */
static void test_prefixes_and_changes(void **state)
{
    (void)state;
    static const char doc[] =
        "{\"event\":{\"user\":{\"id\":123456,\"login\":\"n\\u00e4\\ud83d\\ude00\"},\"x\":[1.5e3,-0,"
        "true,false,null,{}]},\"\\u0000k\":\"\xE2\x82\xAC\"}";
    for (size_t n = 0; n < sizeof doc - 1; n++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
        const struct json *v = NULL;
        assert_int_equal(parse_exact(a, (struct str){doc, n}, &v, NULL), -ERR_INPUT);
    }
    for (size_t i = 0; i < sizeof doc - 1; i++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
        char copy[sizeof doc];
        memcpy(copy, doc, sizeof doc);
        for (int byte = 0; byte < 256; byte++) {
            const struct json *v = NULL;
            copy[i] = (char)byte;
            arena_reset(a);
            (void)parse_exact(a, (struct str){copy, sizeof doc - 1}, &v, NULL);
        }
    }
}

static void test_depth(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    char deep[2 * JSON_DEPTH + 2];
    memset(deep, '[', JSON_DEPTH);
    memset(deep + JSON_DEPTH, ']', JSON_DEPTH);
    const struct json *v = NULL;
    assert_int_equal(json_parse(a, (struct str){deep, 2 * (size_t)JSON_DEPTH}, &v, NULL), 0);
    memset(deep, '[', JSON_DEPTH + 1);
    memset(deep + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
    struct err e = {0};
    assert_int_equal(json_parse(a, (struct str){deep, sizeof deep}, &v, &e), -ERR_INPUT);
    assert_string_equal(e.text, "not JSON at byte 64: nested too deeply");
    v = parse(
        a,
        "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\",[],[],[],[],[],[],[],[],[],[],[],"
        "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
        "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]");
    assert_int_equal(json_kind(v), JSON_ARRAY);
}

static void test_mended_escapes(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"\"a\\u0000b\"", "a\xEF\xBF\xBD"
                          "b"},
        {"\"\\\\u0000\"", "\\u0000"},
        {"\"\\\\\\u0000\"", "\\\xEF\xBF\xBD"},
        {"\"\\ud83d\"", "\xEF\xBF\xBD"},
        {"\"\\ude00\"", "\xEF\xBF\xBD"},
        {"\"\\ud83dx\"", "\xEF\xBF\xBDx"},
        {"\"\\ud83d\\n\"", "\xEF\xBF\xBD\n"},
        {"\"\\ud83d\\u0041\"", "\xEF\xBF\xBD"
                               "A"},
        {"\"\\ud83d\\ud83d\\ude00\"", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
        {"\"\\ude00\\ud83d\"", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\"\\uD83D\\uDE00\"", "\xF0\x9F\x98\x80"},
        {"\"\\u00E4\\u20ac\"", "ä€"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(json_text(parse(a, rows[i].in)), rows[i].out);
    assert_string_equal(json_key(json_first(parse(a, "{\"\\u0000\":1}"))), "\xEF\xBF\xBD");
}

/* What is special is found wherever it stands, and beside whatever. */
static void test_every_place(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* out NULL: refused */
    } rows[] = {{"\\\"", "\""},   {"\\n", "\n"},    {"\xC3\xA4", "\xC3\xA4"},
                {"\x7F", "\x7F"}, {"!#[]", "!#[]"}, {"\\ud83d", "\xEF\xBF\xBD"},
                {"\x1F", NULL},   {"\xC3", NULL},   {"\xFF", NULL}};
    static const char fill[] = "abcdefghijklmnopqr";
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int before = 0; before < 18; before++)
            for (int after = 0; after < 18; after += 3) {
                AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
                char in[100], out[100];
                (void)snprintf(in, sizeof in, "[\"%.*s%s%.*s\",0]", before, fill, rows[i].in, after, fill);
                (void)snprintf(out, sizeof out, "%.*s%s%.*s", before, fill, rows[i].out ? rows[i].out : "", after,
                               fill);
                const struct json *v = NULL;
                assert_int_equal(parse_exact(a, str_of(in), &v, NULL), rows[i].out ? 0 : -ERR_INPUT);
                if (rows[i].out)
                    assert_string_equal(json_text(json_first(v)), out);
                assert_int_equal(json_count(v), rows[i].out ? 2 : 0);
            }
}

static void test_numbers(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    static const struct {
        const char *text;
        bool whole;
        int64_t value;
    } rows[] = {{"0", true, 0},
                {"-0", true, 0},
                {"-17", true, -17},
                {"1e3", true, 1000},
                {"2.0", true, 2},
                {"2147483648", true, INT64_C(2147483648)},
                {"-999999999999999", true, INT64_C(-999999999999999)},
                {"1234567890123456", true, INT64_C(1234567890123456)},
                {"9007199254740991", true, INT64_C(9007199254740991)},
                {"-9007199254740991", true, INT64_C(-9007199254740991)},
                {"9007199254740992", false, 0},
                {"9007199254740993", false, 0},
                {"1.5", false, 0},
                {"1e-400", true, 0},
                {"1e999", false, 0},
                {"-1e999", false, 0},
                {"1e300", false, 0},
                {"\"1\"", false, 0},
                {"true", false, 0},
                {"null", false, 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t n = 99;
        assert_int_equal(json_int(parse(a, rows[i].text), &n), rows[i].whole);
        assert_int_equal(n, rows[i].whole ? rows[i].value : 99);
    }
    double d = 0;
    assert_true(json_real(parse(a, "-2.5"), &d) && d == -2.5);
    assert_true(json_real(parse(a, "1e999"), &d) && d > 1e308);
    assert_false(json_real(parse(a, "\"2\""), &d));
}

static void test_access(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    const struct json *v =
        parse(a, "{\"fields\":{\"status\":{\"name\":\"To Do\"}},\"list\":[{\"x\":1},2,\"s\"],\"b\":true,"
                 "\"n\":null,\"twice\":1,\"twice\":2,\"0\":\"zero\",\"Key\":1,\"key\":2}");
    int64_t n;
    assert_string_equal(json_text(json_path(v, "fields.status.name")), "To Do");
    assert_true(json_int(json_path(v, "list.0.x"), &n) && n == 1);
    assert_true(json_int(json_path(v, "list.1"), &n) && n == 2);
    assert_string_equal(json_text(json_path(v, "0")), "zero");
    static const char *const absent[] = {
        "",      "x", "fields.x",       "fields.status.name.x",      "list.3", "list.-1", "list.x",
        "list.", ".", "fields..status", "list.99999999999999999999", "n.x"};
    for (size_t i = 0; i < COUNT(absent); i++)
        assert_null(json_path(v, absent[i]));
    assert_true(json_int(json_get(v, "twice"), &n) && n == 1);
    assert_true(json_int(json_get(v, "key"), &n) && n == 2);
    assert_int_equal(json_count(v), 9);
    assert_int_equal(json_count(json_get(v, "list")), 3);
    assert_int_equal(json_kind(json_get(v, "n")), JSON_NULL);
    assert_true(json_bool(json_get(v, "b"), false));
    assert_true(json_bool(json_get(v, "n"), true) && !json_bool(json_get(v, "n"), false));
}

static void test_absent_is_fine(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    const struct json *others[] = {NULL, parse(a, "null"), parse(a, "7"), parse(a, "\"s\"")};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_null(json_get(others[i], "x"));
        assert_null(json_path(others[i], "x.y"));
        assert_null(json_first(others[i]));
        assert_int_equal(json_count(others[i]), 0);
        assert_false(json_bool(others[i], false));
    }
    assert_null(json_text(NULL));
    assert_null(json_next(NULL));
    assert_null(json_key(NULL));
    assert_null(json_get(parse(a, "[1]"), "x"));
    assert_string_equal(json_kind_name(json_kind(NULL)), "nothing");
    assert_string_equal(json_kind_name(JSON_OBJECT), "an object");
}

/* A tree is larger than its text: too little memory is an error of the input, not the end of the program. */
static void test_arena_too_small(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 100000);
    text_addz(&t, "[\"\\u0000\"");
    for (int i = 0; i < 3000; i++)
        text_addz(&t, ",\"xyz\"");
    text_addz(&t, "]");
    for (size_t room = 0; room < 400000; room = room * 2 + 16) {
        AUTO(arena_auto) struct arena *a = arena_new(room);
        const struct json *v = NULL;
        struct err e = {0};
        if (json_parse(a, text_str(&t), &v, &e) == 0)
            assert_true(room > 192000);
        else
            assert_non_null(strstr(e.text, "too much for the memory allowed"));
    }
}

static void *parse_often(void *arg)
{
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    size_t *ok = arg;
    for (int i = 0; i < 300; i++) {
        arena_reset(a);
        const struct json *v = parse(a, "{\"a\":[1,2,{\"b\":\"text\"}]}");
        *ok += text_same(json_text(json_path(v, "a.2.b")), "text");
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    size_t ok[COUNT(threads)] = {0};
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, parse_often, &ok[i]), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(ok[i], 300);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepts),
                                       cmocka_unit_test(test_refuses),
                                       cmocka_unit_test(test_prefixes_and_changes),
                                       cmocka_unit_test(test_depth),
                                       cmocka_unit_test(test_mended_escapes),
                                       cmocka_unit_test(test_every_place),
                                       cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_access),
                                       cmocka_unit_test(test_absent_is_fine),
                                       cmocka_unit_test(test_arena_too_small),
                                       cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
