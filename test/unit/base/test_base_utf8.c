#include "base/base.h"
#include "base/utf8.h"
#include "unit.h"

static void test_valid(void **state)
{
    (void)state;
    static const struct {
        struct str s;
        bool valid;
    } rows[] = {{STR(""), true},
                {STR("a\0b"), true},
                {STR("\x7F"), true},
                {STR("\x80"), false},
                {STR("\xC0\x80"), false}, /* overlong NUL */
                {STR("\xC1\xBF"), false},
                {STR("\xC2\x80"), true},
                {STR("\xDF\xBF"), true},
                {STR("\xE0\x9F\xBF"), false}, /* overlong */
                {STR("\xE0\xA0\x80"), true},
                {STR("\xED\x9F\xBF"), true},
                {STR("\xED\xA0\x80"), false}, /* surrogates */
                {STR("\xED\xBF\xBF"), false},
                {STR("\xEE\x80\x80"), true},
                {STR("\xEF\xBF\xBF"), true},
                {STR("\xF0\x8F\xBF\xBF"), false}, /* overlong */
                {STR("\xF0\x90\x80\x80"), true},
                {STR("\xF4\x8F\xBF\xBF"), true},
                {STR("\xF4\x90\x80\x80"), false}, /* over U+10FFFF */
                {STR("\xF5\x80\x80\x80"), false},
                {STR("\xFF"), false},
                {STR("\xC2"), false}, /* cut */
                {STR("\xE2\x82"), false},
                {STR("\xF0\x9F\x98"), false},
                {STR("\xE2\x82z"), false},
                {STR("z\xE2\x82\xACz\xC3"), false}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(utf8_valid(rows[i].s), rows[i].valid);
}

static bool is_scalar(uint32_t point)
{
    return point < 0xD800 || (point >= 0xE000 && point <= 0x10FFFF);
}

static void test_every_point(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x110000; point++) {
        char buf[4];
        struct str s = {buf, utf8_put(buf, point)};
        assert_int_equal(utf8_valid(s), is_scalar(point));
        if (!is_scalar(point))
            continue;
        size_t at = 0;
        assert_int_equal(utf8_next(s, &at), point);
        assert_int_equal(at, s.n);
        assert_int_equal(utf8_points(s), 1);
        assert_int_equal(utf8_units(s), point < 0x10000 ? 1 : 2);
    }
}

static void test_counts(void **state)
{
    (void)state;
    struct str s = STR("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z");
    assert_int_equal(utf8_points(s), 5);
    assert_int_equal(utf8_units(s), 6);
    static const size_t prefixes[] = {0, 1, 3, 6, 10, 11, 11};
    for (size_t i = 0; i < COUNT(prefixes); i++)
        assert_int_equal(utf8_prefix(s, i), prefixes[i]);
    assert_int_equal(utf8_prefix(STR(""), 5), 0);
}

static void test_next_goes_on(void **state)
{
    (void)state;
    struct str s = STR("\xFFz\xE2\x82");
    size_t at = 0;
    assert_int_equal(utf8_next(s, &at), 0xFFFD);
    assert_int_equal(utf8_next(s, &at), 'z');
    assert_int_equal(utf8_next(s, &at), 0xFFFD);
    assert_int_equal(utf8_next(s, &at), 0xFFFD);
    assert_int_equal(at, s.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_valid), cmocka_unit_test(test_every_point),
                                       cmocka_unit_test(test_counts), cmocka_unit_test(test_next_goes_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
