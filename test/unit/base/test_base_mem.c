#include "base/base.h"
#include "unit.h"

static void test_zero_and_text(void **state)
{
    (void)state;
    AUTO(mem_free_auto) char *p = mem_zero(100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
    AUTO(mem_free_auto) char *none = mem_zero(0);
    assert_non_null(none);
    AUTO(mem_free_auto) char *text = mem_text("häse");
    assert_string_equal(text, "häse");
    mem_free(NULL);
}

static void test_grow_keeps(void **state)
{
    (void)state;
    int *v = mem_grow(NULL, 4, sizeof *v);
    for (int i = 0; i < 4; i++)
        v[i] = i;
    v = mem_grow(v, 4000, sizeof *v);
    for (int i = 0; i < 4; i++)
        assert_int_equal(v[i], i);
    mem_free(v);
}

static void grow_overflow(void)
{
    mem_free(mem_grow(NULL, SIZE_MAX / 2, 3));
}

static void check_false(void)
{
    check(1 > 2);
}

static void check_true(void)
{
    check(2 > 1);
}

static void test_aborts(void **state)
{
    (void)state;
    assert_true(dies(grow_overflow));
    assert_true(dies(check_false));
    assert_false(dies(check_true));
}

static void test_wipe(void **state)
{
    (void)state;
    char buf[] = "secret";
    mem_wipe(buf, sizeof buf);
    for (size_t i = 0; i < sizeof buf; i++)
        assert_int_equal(buf[i], 0);
    mem_wipe(NULL, 0);
}

static void test_macros(void **state)
{
    (void)state;
    struct pair {
        int a;
        int b;
    } pair = {1, 2};
    assert_ptr_equal(CONTAINER(&pair.b, struct pair, b), &pair);
    char *p = mem_text("x"), *q = TAKE(p);
    assert_null(p);
    assert_string_equal(q, "x");
    mem_free(q);
    assert_true(str_same(STR("a\0b"), STR("a\0b")));
    assert_false(str_same(STR("a\0b"), STR("a\0c")));
    assert_true(str_same(str_of(NULL), STR("")));
    assert_true(text_same(NULL, NULL));
    assert_false(text_same(NULL, ""));
    assert_true(text_blank(NULL) && text_blank("") && !text_blank(" "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_zero_and_text), cmocka_unit_test(test_grow_keeps),
                                       cmocka_unit_test(test_aborts), cmocka_unit_test(test_wipe),
                                       cmocka_unit_test(test_macros)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
