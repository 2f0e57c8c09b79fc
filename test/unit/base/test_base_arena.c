#include "base/base.h"
#include "base/arena.h"
#include "unit.h"

static void test_pieces(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    assert_int_equal(arena_used(a), 0);
    unsigned char *pieces[200];
    for (size_t i = 0; i < COUNT(pieces); i++) {
        pieces[i] = arena_bytes(a, i * 7);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < COUNT(pieces); i++)
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(pieces[i][j], i);
    assert_true(arena_used(a) >= 199 * 200 / 2 * 7);
}

static void test_zero_and_arrays(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    memset(arena_bytes(a, 3000), 0xAA, 3000);
    arena_reset(a);
    const unsigned char *z = arena_zero(a, 3000);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(z[i], 0);
    const int64_t *v = ARENA_ARRAY(a, int64_t, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(v[i], 0);
}

static void test_texts(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    assert_null(arena_text(a, NULL));
    assert_string_equal(arena_text(a, ""), "");
    assert_string_equal(arena_str(a, (struct str){"abcdef", 3}), "abc");
    assert_string_equal(arena_str(a, (struct str){NULL, 0}), "");
    assert_string_equal(arena_fmt(a, "%s-%d", "JB", 7), "JB-7");
    char long_text[5000];
    memset(long_text, 'y', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(strlen(arena_fmt(a, "%s!", long_text)), 5000);
}

static void test_reset(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(100000);
    char *first = arena_bytes(a, 10);
    for (int round = 0; round < 50; round++) {
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
        assert_ptr_equal(arena_bytes(a, 10), first);
        memset(arena_bytes(a, 50000), 1, 50000);
    }
}

static void test_room(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1000);
    assert_int_equal(arena_room(a), 992); /* whole units of 16 */
    (void)arena_bytes(a, 1);
    assert_int_equal(arena_room(a), 976);
    (void)arena_bytes(a, 976);
    assert_int_equal(arena_room(a), 0);
    (void)arena_bytes(a, 0);
    arena_reset(a);
    assert_int_equal(arena_room(a), 992);
    arena_free(NULL);
}

static void ask_too_much(void)
{
    (void)arena_bytes(arena_new(1000), 993);
}

static void ask_often(void)
{
    struct arena *a = arena_new(100000);
    for (size_t i = 0; i < 101; i++)
        (void)arena_bytes(a, 1000);
}

static void ask_overflow(void)
{
    (void)arena_array(arena_new(SIZE_MAX), SIZE_MAX / 4, 8);
}

static void test_limits_abort(void **state)
{
    (void)state;
    assert_true(dies(ask_too_much));
    assert_true(dies(ask_often));
    assert_true(dies(ask_overflow));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces), cmocka_unit_test(test_zero_and_arrays),
                                       cmocka_unit_test(test_texts),  cmocka_unit_test(test_reset),
                                       cmocka_unit_test(test_room),   cmocka_unit_test(test_limits_abort)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
