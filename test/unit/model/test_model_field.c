#include "base/base.h"
#include "model/field.h"
#include "same.h"

enum colour { RED, GREEN };
struct inner {
    const char *name;
    int64_t n;
};
struct outer {
    const char *text;
    bool yes;
    int64_t n;
    size_t count;
    int64_t at_ms;
    enum colour colour;
    struct texts texts;
    struct inner one;
    struct many many; /* struct inner */
    const char *deep;
};

static const char *const colours[] = {"red", "green"};
static const struct words colour_words = {colours, COUNT(colours)};
static const struct field inner_fields[] = {F_TEXT(struct inner, name, "name"), F_INT_MUST(struct inner, n, "n")};
static const struct field_table inner_table = FIELD_TABLE("inner", struct inner, inner_fields);
static const struct field outer_fields[] = {
    F_TEXT(struct outer, text, "text"),
    F_BOOL(struct outer, yes, "yes"),
    F_INT(struct outer, n, "n"),
    F_COUNT(struct outer, count, "count"),
    F_WHEN(struct outer, at_ms, "at"),
    F_WORD(struct outer, colour, "colour", colour_words),
    F_TEXTS(struct outer, texts, "texts"),
    F_ONE(struct outer, one, "one", inner_table),
    F_MANY(struct outer, many, "many", inner_table),
    F_TEXT(struct outer, deep, "a.b.0.c"),
};
static const struct field_table outer_table = FIELD_TABLE("outer", struct outer, outer_fields);

static int read_outer(struct arena *a, const char *text, struct outer *to, struct err *e)
{
    const struct json *v = NULL;
    assert_int_equal(json_parse(a, str_of(text), &v, NULL), 0);
    *to = (struct outer){0};
    return field_read(&outer_table, v, a, to, e);
}

static void test_all_types(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct outer o;
    struct err e = {0};
    assert_int_equal(
        read_outer(a,
                   "{\"text\":\"t\",\"yes\":true,\"n\":-7,\"count\":3,\"at\":\"2026-11-20T17:02:36.123Z\","
                   "\"colour\":\"green\",\"texts\":[\"a\",2,1.5],\"one\":{\"name\":\"x\",\"n\":1},"
                   "\"many\":[{\"n\":1},{\"n\":\"2\"},{\"n\":3,\"name\":4}],\"a\":{\"b\":[{\"c\":\"deep\"}]},"
                   "\"unknown\":[]}",
                   &o, &e),
        0);
    assert_string_equal(o.text, "t");
    assert_true(o.yes);
    assert_int_equal(o.n, -7);
    assert_int_equal(o.count, 3);
    assert_int_equal(o.at_ms, INT64_C(1795194156123));
    assert_int_equal(o.colour, GREEN);
    assert_int_equal(o.texts.n, 3);
    assert_string_equal(o.texts.v[1], "2");
    assert_string_equal(o.texts.v[2], "1.5");
    assert_string_equal(o.one.name, "x");
    assert_int_equal(o.many.n, 3);
    const struct inner *many = o.many.v;
    assert_int_equal(many[1].n, 2);
    assert_string_equal(many[2].name, "4");
    assert_string_equal(o.deep, "deep");
}

static void test_lenient_values(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text;
    } texts[] = {{"\"\"", ""},     {"17", "17"},       {"-0", "0"},         {"1.5", "1.5"},
                 {"true", "true"}, {"false", "false"}, {"1e300", "1e+300"}, {"9007199254740991", "9007199254740991"}};
    static const struct {
        const char *json;
        bool value;
    } bools[] = {{"true", true},     {"\"Yes\"", true}, {"\"on\"", true}, {"\"1\"", true},
                 {"1", true},        {"1.0", true},     {"false", false}, {"\"no\"", false},
                 {"\"OFF\"", false}, {"\"0\"", false},  {"0", false},     {"null", false}};
    static const struct {
        const char *json;
        int64_t ms;
    } times[] = {{"\"\"", 0}, {"null", 0}, {"5", 5000}, {"\"5\"", 5000}, {"\"1970-01-01T00:00:01\"", 1000}};
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct outer o;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(read_outer(a, arena_fmt(a, "{\"text\":%s}", texts[i].json), &o, NULL), 0);
        assert_string_equal(o.text, texts[i].text);
    }
    for (size_t i = 0; i < COUNT(bools); i++) {
        assert_int_equal(read_outer(a, arena_fmt(a, "{\"yes\":%s}", bools[i].json), &o, NULL), 0);
        assert_int_equal(o.yes, bools[i].value);
    }
    for (size_t i = 0; i < COUNT(times); i++) {
        assert_int_equal(read_outer(a, arena_fmt(a, "{\"at\":%s}", times[i].json), &o, NULL), 0);
        assert_int_equal(o.at_ms, times[i].ms);
    }
}

#define ALL_NULL                                                                                                       \
    "{\"text\":null,\"yes\":null,\"n\":null,\"count\":null,\"at\":null,\"colour\":null,\"texts\":null,\"one\":null,"   \
    "\"many\":null,\"a\":null}"

static void test_absent(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    static const char *const empty[] = {"{}", ALL_NULL, "{\"texts\":[],\"many\":[],\"a\":{\"b\":[]}}", "{\"a\":7}",
                                        "{\"a\":[[]]}"};
    const struct outer zero = {0};
    for (size_t i = 0; i < COUNT(empty); i++) {
        struct outer o;
        assert_int_equal(read_outer(a, empty[i], &o, NULL), 0);
        assert_true(same(&outer_table, &o, &zero));
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } rows[] = {
        {"[]", "outer: expected an object, not an array"},
        {"null", "outer: expected an object, not null"},
        {"{\"text\":[]}", "text: expected a text, not an array"},
        {"{\"text\":{}}", "text: expected a text, not an object"},
        {"{\"yes\":\"maybe\"}", "yes: expected true or false, not 'maybe'"},
        {"{\"yes\":2}", "yes: expected true or false, not a number"},
        {"{\"n\":1.5}", "n: expected a whole number, not a number"},
        {"{\"n\":true}", "n: expected a whole number, not a boolean"},
        {"{\"n\":\"1x\"}", "n: expected a whole number, not '1x'"},
        {"{\"n\":\"99999999999999999999\"}", "n: expected a whole number, not '99999999999999999999'"},
        {"{\"n\":1e300}", "n: expected a whole number, not a number"},
        {"{\"count\":-1}", "count: expected a whole number from 0, not a number"},
        {"{\"at\":\"soon\"}", "at: 'soon' is not a time like 2026-11-20T17:02:36Z"},
        {"{\"at\":true}", "at: expected a time, not a boolean"},
        {"{\"at\":[]}", "at: expected a time, not an array"},
        {"{\"colour\":\"blue\"}", "colour: expected one of its words, not 'blue'"},
        {"{\"colour\":1}", "colour: expected one of its words, not a number"},
        {"{\"texts\":\"a\"}", "texts: expected a list of texts, not 'a'"},
        {"{\"texts\":[[]]}", "texts: expected a list of nothing but texts, not an array"},
        {"{\"texts\":[null]}", "texts: expected a list of nothing but texts, not an array"},
        {"{\"one\":[]}", "one: expected an object, not an array"},
        {"{\"one\":{}}", "one: inner: 'n' is missing"},
        {"{\"one\":{\"n\":null}}", "one: inner: 'n' is missing"},
        {"{\"many\":{}}", "many: expected a list of objects, not an object"},
        {"{\"many\":[1]}", "many: expected a list of nothing but objects, not an array"},
        {"{\"many\":[{\"n\":1},{\"n\":[]}]}", "many.1: n: expected a whole number, not an array"},
    };
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outer o;
        struct err e = {0};
        assert_int_equal(read_outer(a, rows[i].json, &o, &e), -ERR_INPUT);
        assert_string_equal(e.text, rows[i].message);
    }
}

static void test_write(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    const char *list[] = {"a", "b"};
    struct inner items[] = {{"x", 1}, {NULL, 2}};
    const struct outer o = {.text = "",
                            .yes = true,
                            .n = -1,
                            .at_ms = 1,
                            .colour = GREEN,
                            .texts = {list, 2},
                            .many = {items, 2},
                            .deep = "paths with dots are for reading"};
    struct json_out out;
    json_start(&out, &t);
    json_open(&out, NULL, '{');
    field_write(&outer_table, &o, &out);
    json_close(&out);
    assert_string_equal(text_z(&t), "{\"text\":\"\",\"yes\":true,\"n\":-1,\"at\":\"1970-01-01T00:00:00.001Z\","
                                    "\"colour\":\"green\",\"texts\":[\"a\",\"b\"],\"many\":[{\"name\":\"x\",\"n\":1},"
                                    "{\"n\":2}]}");
    text_reset(&t);
    json_start(&out, &t);
    json_open(&out, NULL, '{');
    field_write(&outer_table, &(const struct outer){0}, &out);
    json_close(&out);
    assert_string_equal(text_z(&t), "{\"colour\":\"red\"}");
}

static void test_lists_grow(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct texts texts = {0};
    struct many many = {0};
    for (int i = 0; i < 1000; i++) {
        texts_add(a, &texts, arena_fmt(a, "%d", i));
        struct inner *item = MANY_ADD(a, &many, struct inner);
        assert_true(item->n == 0 && !item->name);
        item->n = i;
    }
    assert_int_equal(texts.n, 1000);
    for (int i = 0; i < 1000; i++)
        assert_true(texts_have(&texts, arena_fmt(a, "%d", i)));
    assert_false(texts_have(&texts, "1000"));
    assert_false(texts_have(&(struct texts){0}, "0"));
    int64_t n = 0;
    MANY_EACH(struct inner, item, &many)
    {
        assert_int_equal(item->n, n);
        n++;
    }
    assert_int_equal(n, 1000);
    struct many none = {0};
    MANY_EACH(struct inner, item, &none)
    {
        assert_null(item);
    }
}

/* What was read may be added to. */
static void test_read_lists_grow(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct outer o;
    assert_int_equal(read_outer(a, "{\"texts\":[1,2,3],\"many\":[{\"n\":1},{\"n\":2},{\"n\":3},{\"n\":4}]}", &o, NULL),
                     0);
    for (int i = 0; i < 20; i++) {
        texts_add(a, &o.texts, "x");
        MANY_ADD(a, &o.many, struct inner)->n = 9;
    }
    assert_string_equal(o.texts.v[2], "3");
    assert_int_equal(((struct inner *)o.many.v)[3].n, 4);
    assert_int_equal(((struct inner *)o.many.v)[4].n, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_types),      cmocka_unit_test(test_lenient_values),
                                       cmocka_unit_test(test_absent),         cmocka_unit_test(test_refuses),
                                       cmocka_unit_test(test_write),          cmocka_unit_test(test_lists_grow),
                                       cmocka_unit_test(test_read_lists_grow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
