#include "base/base.h"
#include "../base/unit.h"
#include "engine/lanes.h"

static void test_order_in_a_lane(void **state)
{
    (void)state;
    struct lanes ls;
    lanes_init(&ls);
    lanes_add(&ls, 1, (struct lane_event){10, 0});
    lanes_add(&ls, 2, (struct lane_event){11, 0});
    for (int64_t id = 12; id < 40; id++)
        lanes_add(&ls, 1, (struct lane_event){id, 0});
    struct lane *one = lanes_take(&ls), *two = lanes_take(&ls);
    assert_int_equal(one->head.id, 10);
    assert_int_equal(two->head.id, 11);
    assert_null(lanes_take(&ls)); /* one event of a lane at a time */
    assert_int_equal(lane_place(one, 12), 1);
    assert_int_equal(lane_place(one, 39), 28);
    assert_int_equal(lane_place(one, 11), -1);
    lanes_end(&ls, two);
    assert_null(lanes_find(&ls, 2)); /* a lane without events does not exist */
    for (int64_t id = 12; id < 40; id++) {
        lanes_end(&ls, one);
        one = lanes_take(&ls);
        assert_int_equal(one->head.id, id);
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
    lanes_add(&ls, 1, (struct lane_event){10, 0});
    lanes_park(&ls, lanes_take(&ls), (struct lane_wait){.until_ms = 5000});
    lanes_add(&ls, 1, (struct lane_event){11, 0});
    lanes_add(&ls, 2, (struct lane_event){12, 0});
    struct lane *healthy = lanes_take(&ls);
    assert_int_equal(healthy->head.id, 12);
    lanes_end(&ls, healthy);
    assert_null(lanes_take(&ls));
    assert_int_equal(lanes_wake_due(&ls, 4999), 5000);
    assert_null(lanes_take(&ls));
    assert_int_equal(lanes_wake_due(&ls, 5000), INT64_MAX);
    struct lane *woken = lanes_take(&ls);
    assert_int_equal(woken->head.id, 10); /* the head again, not the one behind it */
    lanes_free(&ls);
}

static void test_waking(void **state)
{
    (void)state;
    struct lanes ls;
    lanes_init(&ls);
    for (uint64_t key = 1; key <= 3; key++) {
        lanes_add(&ls, key, (struct lane_event){(int64_t)key, 0});
        struct lane *l = lanes_take(&ls);
        enum err_class why = key == 2 ? ERR_CONFIG : ERR_TRANSIENT;
        lanes_park(&ls, l, (struct lane_wait){.until_ms = INT64_MAX - 1, .why = why});
    }
    lanes_wake_class(&ls, ERR_CONFIG);
    assert_int_equal(lanes_take(&ls)->head.id, 2);
    assert_null(lanes_take(&ls));
    lanes_wake(&ls, lanes_find(&ls, 3));
    lanes_wake(&ls, lanes_find(&ls, 3)); /* ready already: no-op */
    assert_int_equal(lanes_take(&ls)->head.id, 3);
    assert_null(lanes_take(&ls));
    lanes_free(&ls);
}

/* a, b: the ids of two lanes, the first of b running; then what the merged lane holds, in order. */
static void merge_case(const int64_t *a, const int64_t *b, enum lane_state state, bool goes_on)
{
    struct lanes ls;
    lanes_init(&ls);
    for (size_t i = 0; b[i]; i++)
        lanes_add(&ls, 2, (struct lane_event){b[i], 0});
    struct lane *from = lanes_take(&ls);
    for (size_t i = 0; a[i]; i++)
        lanes_add(&ls, 1, (struct lane_event){a[i], 0});
    struct lane *into = lanes_find(&ls, 1);
    if (state == LANE_RUNNING)
        assert_ptr_equal(lanes_take(&ls), into);
    if (state == LANE_PARKED)
        lanes_park(&ls, into, (struct lane_wait){1000, ERR_LIMITED, &ls});
    into->head.attempts = 7;
    int64_t running = state == LANE_RUNNING ? a[0] : b[0], attempted = a[0];
    size_t events = ls.events;
    assert_int_equal(lanes_merge(&ls, into, from), goes_on);
    assert_ptr_equal(lanes_find(&ls, 2), into); /* for what is on its way there */
    assert_int_equal(ls.events, events);
    assert_int_equal(ls.running, state == LANE_RUNNING || goes_on);
    assert_int_equal(into->state, goes_on ? LANE_RUNNING : state);
    assert_int_equal(into->head.id, goes_on || state == LANE_RUNNING ? running : a[0]);
    bool waits = into->state == LANE_PARKED; /* and only then does it for anything */
    assert_int_equal(into->wait.why, waits ? ERR_LIMITED : ERR_NONE);
    assert_ptr_equal(into->wait.held_by, waits ? &ls : NULL);
    if (into->state == LANE_PARKED) {
        assert_int_equal(lanes_wake_due(&ls, 999), 1000);
        lanes_wake(&ls, into);
    }
    if (into->state == LANE_READY)
        assert_ptr_equal(lanes_take(&ls), into);
    int64_t last = state == LANE_RUNNING ? 0 : into->head.id;
    for (size_t n = 0; n + 1 < events; n++) {
        assert_int_equal(into->head.attempts, into->head.id == attempted ? 7 : 0);
        lanes_end(&ls, into);
        into = lanes_take(&ls);
        assert_true(into->head.id > last);
        last = into->head.id;
    }
    assert_int_equal(into->head.attempts, into->head.id == attempted ? 7 : 0);
    lanes_end(&ls, into);
    assert_int_equal(ls.events + lanes_count(&ls) + ls.running, 0);
    lanes_free(&ls);
}

static void test_merging(void **state)
{
    (void)state;
    static const int64_t low[] = {1, 4, 5, 9, 0}, high[] = {2, 3, 6, 7, 8, 0}, one[] = {10, 0};
    for (enum lane_state s = LANE_READY; s <= LANE_PARKED; s++) {
        merge_case(low, high, s, false);
        merge_case(high, low, s, s != LANE_RUNNING);
        merge_case(low, one, s, false);
        merge_case(one, low, s, s != LANE_RUNNING);
    }
}

static void test_returning(void **state)
{
    (void)state;
    struct lanes ls;
    lanes_init(&ls);
    lanes_add(&ls, 1, (struct lane_event){5, 2}); /* its lane is gone */
    struct lane *l = lanes_take(&ls);
    lanes_add(&ls, 1, (struct lane_event){3, 1}); /* the lane has gone on to the next */
    lanes_add(&ls, 1, (struct lane_event){4, 0});
    lanes_add(&ls, 1, (struct lane_event){6, 0});
    assert_int_equal(l->head.id, 5);
    for (int64_t id = 3; id <= 6; id += id == 4 ? 2 : 1) {
        lanes_end(&ls, l);
        l = lanes_take(&ls);
        assert_int_equal(l->head.id, id);
    }
    lanes_park(&ls, l, (struct lane_wait){.until_ms = 1000});
    lanes_add(&ls, 1, (struct lane_event){2, 4}); /* before a head that waits */
    assert_int_equal(l->head.id, 2);
    assert_int_equal(l->head.attempts, 4);
    assert_int_equal(lane_place(l, 6), 1);
    assert_int_equal(ls.events, 2);
    lanes_free(&ls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_in_a_lane), cmocka_unit_test(test_a_parked_lane_holds_only_itself),
        cmocka_unit_test(test_waking),          cmocka_unit_test(test_merging),
        cmocka_unit_test(test_returning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
