#include "base/base.h"
#include "base/map.h"
#include "unit.h"

enum { KEYS = 2000 };

static uint32_t seed = 99;
static uint32_t draw(uint32_t below)
{
    seed = (uint32_t)((uint64_t)seed * 1664525 + 1013904223);
    return (seed >> 8) % below;
}

/* Keys that fall together without mixing: small numbers, and multiples of a large power of two. */
static uint64_t key_of(size_t i)
{
    return i % 2 ? (uint64_t)i << 40 : i;
}

static void test_against_array(void **state)
{
    (void)state;
    struct map *m = map_new();
    static void *expected[KEYS];
    static char values[KEYS];
    size_t here = 0;
    assert_null(map_get(m, 0));
    assert_null(map_remove(m, 0));
    for (int round = 0; round < 100000; round++) {
        size_t i = draw(KEYS);
        void *was = expected[i];
        if (draw(2)) {
            void *value = &values[draw(KEYS)];
            assert_ptr_equal(map_put(m, key_of(i), value), was);
            expected[i] = value;
            here += !was;
        } else {
            assert_ptr_equal(map_remove(m, key_of(i)), was);
            expected[i] = NULL;
            here -= was != NULL;
        }
        assert_int_equal(map_count(m), here);
        assert_ptr_equal(map_get(m, key_of(i)), expected[i]);
    }
    for (size_t i = 0; i < KEYS; i++)
        assert_ptr_equal(map_get(m, key_of(i)), expected[i]);
    map_free(m);
    map_free(NULL);
}

static void test_visits_each_once(void **state)
{
    (void)state;
    struct map *m = map_new();
    static bool seen[KEYS];
    size_t at = 0, n = 0;
    uint64_t key;
    void *value;
    assert_false(map_next(m, &at, &key, &value));
    for (size_t i = 0; i < KEYS; i++)
        assert_null(map_put(m, i, &seen[i]));
    for (at = 0; map_next(m, &at, &key, &value); n++) {
        assert_ptr_equal(value, &seen[key]);
        assert_false(seen[key]);
        seen[key] = true;
    }
    assert_int_equal(n, KEYS);
    map_free(m);
}

static void test_edge_keys(void **state)
{
    (void)state;
    struct map *m = map_new();
    int a, b;
    assert_null(map_put(m, 0, &a));
    assert_null(map_put(m, UINT64_MAX, &b));
    assert_ptr_equal(map_get(m, 0), &a);
    assert_ptr_equal(map_put(m, 0, &b), &a);
    assert_ptr_equal(map_remove(m, UINT64_MAX), &b);
    assert_null(map_get(m, UINT64_MAX));
    assert_int_equal(map_count(m), 1);
    map_free(m);
}

static void put_null(void)
{
    (void)map_put(map_new(), 1, NULL);
}

static void test_refuses_null(void **state)
{
    (void)state;
    assert_true(dies(put_null));
}

/* Stored keys must never change: these values are part of the format on disk. */
static void test_hash_is_stable(void **state)
{
    (void)state;
    assert_true(hash_stable(STR("")) == UINT64_C(0xF52A15E9A9B5E89B));
    assert_true(hash_stable(STR("bugzilla:1709")) == UINT64_C(0xCE9BF471BFBDEF8A));
    assert_true(hash_stable(STR("a")) != hash_stable(STR("b")));
    assert_true(hash_stable(STR("a\0")) != hash_stable(STR("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_array), cmocka_unit_test(test_visits_each_once),
                                       cmocka_unit_test(test_edge_keys), cmocka_unit_test(test_refuses_null),
                                       cmocka_unit_test(test_hash_is_stable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
