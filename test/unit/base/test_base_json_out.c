#include "base/base.h"
#include "base/json.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"
#include "unit.h"

/* What fill writes without indents. */
#define FILLED                                                                                                         \
    "{\"text\":\"a\\\"b\",\"list\":[1,{},[]],\"inner\":{\"yes\":true,\"nothing\":null,\"none\":null},\"raw\":[1, 2]}"

static void fill(struct json_out *o)
{
    json_open(o, NULL, '{');
    json_put_text(o, "text", "a\"b");
    json_open(o, "list", '[');
    json_put_int(o, NULL, 1);
    json_open(o, NULL, '{');
    json_close(o);
    json_open(o, NULL, '[');
    json_close(o);
    json_close(o);
    json_open(o, "inner", '{');
    json_put_bool(o, "yes", true);
    json_put_null(o, "nothing");
    json_put_text(o, "none", NULL);
    json_close(o);
    json_put_raw(o, "raw", STR("[1, 2]"));
    json_close(o);
}

static void test_compact(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 10000);
    struct json_out o;
    json_start(&o, &t);
    fill(&o);
    assert_string_equal(text_z(&t), FILLED);
    assert_int_equal(o.depth, 0);
}

static void test_indent(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 10000);
    struct json_out o;
    json_start(&o, &t);
    o.indent = 4;
    fill(&o);
    assert_string_equal(text_z(&t), "{\n"
                                    "    \"text\": \"a\\\"b\",\n"
                                    "    \"list\": [\n"
                                    "        1,\n"
                                    "        {},\n"
                                    "        []\n"
                                    "    ],\n"
                                    "    \"inner\": {\n"
                                    "        \"yes\": true,\n"
                                    "        \"nothing\": null,\n"
                                    "        \"none\": null\n"
                                    "    },\n"
                                    "    \"raw\": [1, 2]\n"
                                    "}");
}

static void test_strings(void **state)
{
    (void)state;
    static const struct {
        struct str in;
        const char *plain, *ascii;
    } rows[] = {
        {STR(""), "\"\"", "\"\""},
        {STR("\"\\/"), "\"\\\"\\\\/\"", "\"\\\"\\\\/\""},
        {STR("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"", "\"\\b\\t\\n\\f\\r\""},
        {STR("\0\x01\x1F"), "\"\\u0000\\u0001\\u001f\"", "\"\\u0000\\u0001\\u001f\""},
        {STR("\x7F"), "\"\x7F\"", "\"\\u007f\""},
        {STR("\xC3\xA4\xE2\x82\xAC"), "\"\xC3\xA4\xE2\x82\xAC\"", "\"\\u00e4\\u20ac\""},
        {STR("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"", "\"\\ud83d\\ude00\""},
        {STR("\xF4\x8F\xBF\xBF"), "\"\xF4\x8F\xBF\xBF\"", "\"\\udbff\\udfff\""},
        {STR("a\xFFz"), "\"a\xEF\xBF\xBDz\"", "\"a\\ufffdz\""},
        {STR("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", "\"\\ufffd\\ufffd\""},
        {STR("\xED\xA0\x80x"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx\"", "\"\\ufffd\\ufffd\\ufffdx\""},
    };
    AUTO(text_auto) struct text t;
    text_init(&t, 10000);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int ascii = 0; ascii < 2; ascii++) {
            struct json_out o;
            text_reset(&t);
            json_start(&o, &t);
            o.ascii = ascii;
            json_put_str(&o, NULL, rows[i].in);
            assert_string_equal(text_z(&t), ascii ? rows[i].ascii : rows[i].plain);
        }
}

static const char *real(struct text *t, double d)
{
    struct json_out o;
    text_reset(t);
    json_start(&o, t);
    json_put_real(&o, NULL, d);
    return text_z(t);
}

static void test_numbers(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    assert_string_equal(real(&t, 0.1), "0.1");
    assert_string_equal(real(&t, 1.0 / 3), "0.3333333333333333");
    assert_string_equal(real(&t, 5e-324), "4.94065645841247e-324");
    assert_string_equal(real(&t, 1e300 * 1e300), "null");
    assert_string_equal(real(&t, 1e300 * 1e300 * 0), "null");
    struct json_out o;
    text_reset(&t);
    json_start(&o, &t);
    json_open(&o, NULL, '[');
    json_put_int(&o, NULL, INT64_MIN);
    json_put_int(&o, NULL, INT64_MAX);
    json_close(&o);
    assert_string_equal(text_z(&t), "[-9223372036854775808,9223372036854775807]");
}

/* What was written is read as the same tree and written as the same text. */
static void test_tree_again(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":[1,-2,0.5,1e+300,true,false,null,\"\\u0001\xC3\xA4\"],\"b\":{\"\":{}}}",
                                        "[]",
                                        "7",
                                        "\"x\"",
                                        "9007199254740991",
                                        "[[[[[1]]]]]"};
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct json *v = NULL;
        assert_int_equal(json_parse(a, str_of(texts[i]), &v, NULL), 0);
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        struct json_out o;
        json_start(&o, &t);
        json_put(&o, NULL, v);
        assert_string_equal(text_z(&t), texts[i]);
    }
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    struct json_out o;
    json_start(&o, &t);
    json_put(&o, NULL, NULL);
    assert_string_equal(text_z(&t), "null");
}

/* The deepest tree that can be read fits below a few brackets of ours. */
static void test_deep_tree(void **state)
{
    (void)state;
    char deep[2 * JSON_DEPTH];
    memset(deep, '[', JSON_DEPTH);
    memset(deep + JSON_DEPTH, ']', JSON_DEPTH);
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    const struct json *v = NULL;
    assert_int_equal(json_parse(a, (struct str){deep, sizeof deep}, &v, NULL), 0);
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    struct json_out o;
    json_start(&o, &t);
    for (int i = 0; i < JSON_DEPTH; i++)
        json_open(&o, NULL, '[');
    json_put(&o, NULL, v);
    for (int i = 0; i < JSON_DEPTH; i++)
        json_close(&o);
    assert_int_equal(t.n, 4 * JSON_DEPTH);
}

static void close_too_often(void)
{
    struct text t;
    text_init(&t, 10);
    struct json_out o;
    json_start(&o, &t);
    json_close(&o);
}

static void open_too_often(void)
{
    struct text t;
    text_init(&t, 1000);
    struct json_out o;
    json_start(&o, &t);
    for (int i = 0; i < 3 * JSON_DEPTH; i++)
        json_open(&o, NULL, '[');
}

static void test_misuse_aborts(void **state)
{
    (void)state;
    assert_true(dies(close_too_often));
    assert_true(dies(open_too_often));
}

static void test_full_text(void **state)
{
    (void)state;
    size_t whole = sizeof FILLED - 1;
    for (size_t max = 0; max < whole + 10; max++) {
        AUTO(text_auto) struct text t;
        text_init(&t, max);
        struct json_out o;
        json_start(&o, &t);
        fill(&o);
        assert_true(t.n <= max);
        assert_int_equal(text_full(&t), max < whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_compact),       cmocka_unit_test(test_indent),
                                       cmocka_unit_test(test_strings),       cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_tree_again),    cmocka_unit_test(test_deep_tree),
                                       cmocka_unit_test(test_misuse_aborts), cmocka_unit_test(test_full_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
