#include "base/base.h"
#include "../base/unit.h"
#include "engine/lanes.h"

static void test_order_in_a_lane(void **state)
{
    (void)state;
    struct lanes ls;
    lanes_init(&ls);
    lanes_add(&ls, 1, 10);
    lanes_add(&ls, 2, 11);
    for (int64_t id = 12; id < 40; id++)
        lanes_add(&ls, 1, id);
    struct lane *one = lanes_take(&ls), *two = lanes_take(&ls);
    assert_int_equal(one->head, 10);
    assert_int_equal(two->head, 11);
    assert_null(lanes_take(&ls)); /* one event of a lane at a time */
    assert_int_equal(lane_place(one, 12), 1);
    assert_int_equal(lane_place(one, 39), 28);
    assert_int_equal(lane_place(one, 11), -1);
    lanes_end(&ls, two);
    assert_null(lanes_find(&ls, 2)); /* a lane without events does not exist */
    for (int64_t id = 12; id < 40; id++) {
        lanes_end(&ls, one);
        one = lanes_take(&ls);
        assert_int_equal(one->head, id);
    }
    lanes_end(&ls, one);
    assert_int_equal(lanes_count(&ls), 0);
    assert_int_equal(ls.events, 0);
    assert_int_equal(ls.running, 0);
    lanes_free(&ls);
}

static void test_a_parked_lane_holds_only_itself(void **state)
{
    (void)state;
    struct lanes ls;
    lanes_init(&ls);
    lanes_add(&ls, 1, 10);
    lanes_park(&ls, lanes_take(&ls), 5000);
    lanes_add(&ls, 1, 11);
    lanes_add(&ls, 2, 12);
    struct lane *healthy = lanes_take(&ls);
    assert_int_equal(healthy->head, 12);
    lanes_end(&ls, healthy);
    assert_null(lanes_take(&ls));
    assert_int_equal(lanes_wake_due(&ls, 4999), 5000);
    assert_null(lanes_take(&ls));
    assert_int_equal(lanes_wake_due(&ls, 5000), INT64_MAX);
    struct lane *woken = lanes_take(&ls);
    assert_int_equal(woken->head, 10); /* the head again, not the one behind it */
    lanes_free(&ls);
}

static void test_waking(void **state)
{
    (void)state;
    struct lanes ls;
    lanes_init(&ls);
    for (uint64_t key = 1; key <= 3; key++) {
        lanes_add(&ls, key, (int64_t)key);
        struct lane *l = lanes_take(&ls);
        l->why = key == 2 ? ERR_CONFIG : ERR_TRANSIENT;
        lanes_park(&ls, l, INT64_MAX - 1);
    }
    lanes_wake_class(&ls, ERR_CONFIG);
    assert_int_equal(lanes_take(&ls)->head, 2);
    assert_null(lanes_take(&ls));
    lanes_wake(&ls, lanes_find(&ls, 3));
    lanes_wake(&ls, lanes_find(&ls, 3)); /* ready already: no-op */
    assert_int_equal(lanes_take(&ls)->head, 3);
    assert_null(lanes_take(&ls));
    lanes_free(&ls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_in_a_lane),
        cmocka_unit_test(test_a_parked_lane_holds_only_itself),
        cmocka_unit_test(test_waking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
