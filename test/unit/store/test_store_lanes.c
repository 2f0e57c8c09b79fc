/* Issues that share a lane: new events go there, old ones are moved, and a restart finds them together. */
#include "base/base.h"
#include "unit_store.h"

static uint64_t lane_of(struct place *p, uint64_t issue)
{
    uint64_t lane = 0;
    int rc = store_lane_of(p->s, issue, &lane, &p->e);
    assert_in_range(rc, 0, 1);
    return rc ? lane : issue;
}

static int64_t add_to(struct place *p, int number, uint64_t lane, uint64_t expect)
{
    struct entry en = place_entry(p, number);
    en.lane = lane;
    assert_int_equal(store_add_event(p->s, &en, &p->e), 1);
    assert_true(en.lane == expect);
    return en.id;
}

static int each_lane(void *ctx, const struct pending *pending)
{
    uint64_t *lanes = ctx;
    lanes[pending->id] = pending->lane;
    return 0;
}

static void test_joining(void **state)
{
    struct place *p = *state;
    enum { BUG1 = 101, BUG2 = 102, BUG3 = 103, ISSUE = 201, OTHER = 202 };
    int64_t first = add_to(p, 1, BUG1, BUG1), second = add_to(p, 2, BUG2, BUG2);
    assert_int_equal(store_join_lane(p->s, ISSUE, BUG1, &p->e), 0);
    assert_int_equal(store_join_lane(p->s, OTHER, BUG2, &p->e), 0);
    assert_true(lane_of(p, ISSUE) == BUG1);
    assert_true(lane_of(p, BUG3) == BUG3);
    /* bug 2 turns out to be about the same issue: all that followed bug 2 follows bug 1 now */
    assert_int_equal(store_merge_lanes(p->s, BUG2, BUG1, &p->e), 0);
    assert_int_equal(store_move_event(p->s, second, BUG1, &p->e), 0);
    assert_true(lane_of(p, BUG2) == BUG1);
    assert_true(lane_of(p, OTHER) == BUG1);
    int64_t third = add_to(p, 3, BUG2, BUG1), fourth = add_to(p, 4, BUG3, BUG3);
    place_reopen(p);
    uint64_t lanes[8] = {0};
    assert_int_equal(store_each_pending(p->s, each_lane, lanes, &p->e), 0);
    assert_true(lanes[first] == BUG1 && lanes[second] == BUG1 && lanes[third] == BUG1 && lanes[fourth] == BUG3);
    assert_true(lane_of(p, OTHER) == BUG1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_joining),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
