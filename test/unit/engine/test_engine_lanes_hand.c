/* Lanes that people reach into: a head that is ended by hand, an event behind it that goes. */
#include "base/base.h"
#include "engine/lanes.h"
#include <setjmp.h>
#undef fail
#include <cmocka.h>

static struct lane *filled(struct lanes *ls, size_t n)
{
    struct lane *l = NULL;
    lanes_init(ls);
    for (size_t i = 0; i < n; i++)
        l = lanes_add(ls, 7, (struct lane_event){10 * (int64_t)(i + 1), 0});
    return l;
}

static void test_claim(void **state)
{
    (void)state;
    struct lanes ls;
    struct lane *l = filled(&ls, 2);
    lanes_claim(&ls, l); /* READY */
    assert_int_equal(l->state, LANE_RUNNING);
    assert_int_equal(ls.running, 1);
    assert_null(lanes_take(&ls));
    lanes_park(&ls, l, (struct lane_wait){.until_ms = 500}); /* it came to nothing */
    assert_int_equal(ls.running, 0);
    lanes_claim(&ls, l); /* PARKED */
    assert_int_equal(lanes_wake_due(&ls, 1000), INT64_MAX);
    assert_int_equal(l->state, LANE_RUNNING);
    lanes_end(&ls, l);
    assert_int_equal(l->head.id, 20);
    assert_ptr_equal(lanes_take(&ls), l);
    lanes_end(&ls, l);
    assert_int_equal(lanes_count(&ls) + ls.events + ls.running, 0);
    lanes_free(&ls);
}

static void test_forget(void **state)
{
    static const struct {
        int64_t event;
        int64_t left[4]; /* behind the head, 0 ends */
    } rows[] = {
        {20, {30, 40}}, {30, {20, 40}}, {40, {20, 30}}, {10, {20, 30, 40}}, {99, {20, 30, 40}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t shift = 0; shift < 4; shift++) { /* wherever the ring begins */
            struct lanes ls;
            struct lane *l = filled(&ls, shift + 4);
            for (size_t k = 0; k < shift; k++) {
                lanes_take(&ls);
                lanes_end(&ls, l);
            }
            int64_t moved = 10 * (int64_t)shift;
            lanes_forget(&ls, l, rows[i].event + moved);
            size_t n = 0;
            for (; n < 4 && rows[i].left[n]; n++)
                assert_int_equal(lane_event_at(l, n + 1), rows[i].left[n] + moved);
            assert_int_equal(l->n_behind, n);
            assert_int_equal(ls.events, n + 1);
            assert_int_equal(lane_event_at(l, 0), 10 + moved);
            lanes_free(&ls);
        }
}

static void test_each(void **state)
{
    (void)state;
    struct lanes ls;
    size_t at = 0, seen = 0;
    const struct lane *l;
    lanes_init(&ls);
    assert_false(lanes_each(&ls, &at, &l));
    for (uint64_t key = 1; key <= 50; key++)
        lanes_add(&ls, key, (struct lane_event){(int64_t)key, 0});
    for (at = 0; lanes_each(&ls, &at, &l); seen++)
        assert_int_equal(l->head.id, l->key);
    assert_int_equal(seen, 50);
    lanes_free(&ls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claim),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
