/* What people do while the store is full, the daemon ends, or lanes go on: nothing is half done. */
#include "base/base.h"
#include "base/arena.h"
#include "base/map.h"
#include "engine/deed.h"
#include "engine/engine_private.h"
#include "engine/metrics.h"
#include "io/file.h"
#include "io/loop.h"
#include <errno.h>
#include <setjmp.h>
#undef fail
#include <cmocka.h>

struct scene {
    struct arena *a;
    const char *folder;
    struct engine g;
    struct config config;
    int64_t ids[4]; /* of one lane, the first parked until 5000 */
    struct lane *lane;
    struct deed deed;
    unsigned done;
    struct err said; /* class NONE: it is on disk */
};

static void scene_done(struct deed *d, const struct err *e)
{
    struct scene *s = CONTAINER(d, struct scene, deed);
    s->done++;
    s->said = e ? *e : (struct err){.class = ERR_NONE};
}

static void scene_add(struct scene *s, size_t i)
{
    struct err e;
    struct entry en = {.tracker = "bugzilla", .request_id = "r", .headers = "{}", .lane = 7, .body = STR("{}")};
    en.dedup[0] = (uint8_t)i;
    en.received_ms = loop_now_ms(s->g.parts.loop);
    assert_int_equal(store_add_event(s->g.parts.store, &en, &e), 1);
    s->ids[i] = en.id;
    s->lane = lanes_add(&s->g.lanes, 7, (struct lane_event){en.id, 0});
}

static int scene_make(void **state)
{
    struct scene *s = mem_zero(sizeof *s);
    struct err e;
    s->a = arena_new(1 << 20);
    assert_int_equal(folder_temp(s->a, "deed-test", &s->folder, &e), 0);
    s->g.parts.loop = loop_new();
    s->g.parts.metrics = metrics_new();
    s->g.config = &s->config;
    assert_int_equal(store_open(&s->g.parts.store, arena_fmt(s->a, "sqlite:%s/t.db", s->folder), &e), 0);
    lanes_init(&s->g.lanes);
    list_init(&s->g.attempts);
    for (size_t i = 0; i < COUNT(s->ids); i++)
        scene_add(s, i);
    const struct attempt_record r = {.event = s->ids[0],
                                     .number = 1,
                                     .verdict = VERDICT_PARKED,
                                     .class = ERR_INPUT,
                                     .retry_at_ms = INT64_MAX / 2,
                                     .trace = STR("{}")};
    assert_int_equal(store_add_attempt(s->g.parts.store, &r, &e), 0);
    store_commit(s->g.parts.store);
    lanes_park(&s->g.lanes, s->lane, (struct lane_wait){.until_ms = 5000});
    s->deed = (struct deed){.who = "ada", .done = scene_done, .made = mem_zero(sizeof(int64_t))};
    *state = s;
    return 0;
}

static int scene_drop(void **state)
{
    struct scene *s = *state;
    mem_free(s->deed.made);
    lanes_free(&s->g.lanes);
    store_close(s->g.parts.store);
    metrics_free(s->g.parts.metrics);
    loop_free(s->g.parts.loop);
    folder_remove(s->folder);
    arena_free(s->a);
    mem_free(s);
    return 0;
}

static enum err_class commit(struct scene *s)
{
    store_commit(s->g.parts.store);
    assert_int_equal(s->done, 1);
    return s->said.class;
}

static bool pending(struct scene *s, size_t i, struct pending *ret)
{
    struct err e;
    int rc = store_get_pending(s->g.parts.store, s->ids[i], ret, &e);
    assert_true(rc >= 0);
    return rc == 1;
}

static void test_drop_of_the_head(void **state)
{
    struct scene *s = *state;
    struct pending p;
    deed_drop(&s->g, &s->deed, s->ids[0], "why");
    assert_int_equal(s->done, 0);         /* not before it is on disk */
    assert_null(lanes_take(&s->g.lanes)); /* and nothing begins meanwhile */
    lanes_wake_due(&s->g.lanes, INT64_MAX);
    assert_null(lanes_take(&s->g.lanes));
    assert_int_equal(commit(s), ERR_NONE);
    assert_false(pending(s, 0, &p));
    assert_ptr_equal(lanes_take(&s->g.lanes), s->lane);
    assert_int_equal(s->lane->head.id, s->ids[1]);
    assert_int_equal(s->g.lanes.events, 3);
}

static void test_drop_of_the_head_and_a_full_disk(void **state)
{
    struct scene *s = *state;
    struct pending p;
    store_fault(s->g.parts.store, 1, ENOSPC);
    deed_drop(&s->g, &s->deed, s->ids[0], "why");
    assert_int_not_equal(commit(s), ERR_NONE);
    store_fault(s->g.parts.store, 0, 0);
    assert_true(pending(s, 0, &p));
    assert_int_equal(p.attempts, 1);
    assert_int_equal(s->lane->state, LANE_PARKED);
    assert_int_equal(lanes_wake_due(&s->g.lanes, 0), 5000); /* until when it was */
    assert_int_equal(s->g.lanes.running, 0);
}

static void test_drop_of_a_head_that_was_ready_and_a_full_disk(void **state)
{
    struct scene *s = *state;
    lanes_wake(&s->g.lanes, s->lane);
    store_fault(s->g.parts.store, 1, ENOSPC);
    deed_drop(&s->g, &s->deed, s->ids[0], "why");
    assert_int_not_equal(commit(s), ERR_NONE);
    store_fault(s->g.parts.store, 0, 0);
    assert_ptr_equal(lanes_take(&s->g.lanes), s->lane);
}

static void test_drop_of_one_behind(void **state)
{
    struct scene *s = *state;
    struct pending p;
    deed_drop(&s->g, &s->deed, s->ids[2], "why");
    assert_int_equal(commit(s), ERR_NONE);
    assert_false(pending(s, 2, &p));
    assert_int_equal(s->lane->state, LANE_PARKED);
    assert_int_equal(s->lane->n_behind, 2);
    assert_int_equal(lane_event_at(s->lane, 2), s->ids[3]);
}

/* Its lane may go on before the drop is on disk: the event must not begin then. */
static void test_drop_of_one_behind_whose_turn_comes(void **state)
{
    struct scene *s = *state;
    struct pending p;
    deed_drop(&s->g, &s->deed, s->ids[1], "why");
    lanes_wake(&s->g.lanes, s->lane);
    lanes_end(&s->g.lanes, lanes_take(&s->g.lanes));
    assert_int_equal(lanes_take(&s->g.lanes)->head.id, s->ids[2]);
    assert_int_equal(commit(s), ERR_NONE);
    assert_false(pending(s, 1, &p));
    assert_int_equal(s->lane->head.id, s->ids[2]);
    assert_int_equal(lane_place(s->lane, s->ids[1]), -1);
}

static void test_drop_of_one_behind_and_a_full_disk(void **state)
{
    struct scene *s = *state;
    store_fault(s->g.parts.store, 1, ENOSPC);
    deed_drop(&s->g, &s->deed, s->ids[2], "why");
    assert_int_not_equal(commit(s), ERR_NONE);
    store_fault(s->g.parts.store, 0, 0);
    for (int64_t i = 0; i < 4; i++)
        assert_int_equal(lane_place(s->lane, s->ids[i]), i);
}

static void test_drop_of_one_whose_lane_has_another_name_by_then(void **state)
{
    struct scene *s = *state;
    deed_drop(&s->g, &s->deed, s->ids[1], "why");
    lanes_wake(&s->g.lanes, s->lane);
    lanes_rename(&s->g.lanes, lanes_take(&s->g.lanes), 8);
    assert_int_equal(commit(s), ERR_NONE);
    assert_int_equal(lane_place(s->lane, s->ids[1]), -1);
    assert_int_equal(s->lane->n_behind, 2);
}

static void test_retry(void **state)
{
    struct scene *s = *state;
    struct pending p;
    deed_retry(&s->g, &s->deed, s->ids[3]);
    assert_int_equal(s->lane->state, LANE_PARKED);
    assert_int_equal(commit(s), ERR_NONE);
    assert_int_equal(s->deed.head, s->ids[0]);
    assert_int_equal(s->deed.was, VERDICT_PARKED);
    assert_int_equal(s->lane->state, LANE_READY);
    assert_true(pending(s, 0, &p));
    assert_true(p.retry_at_ms <= loop_now_ms(s->g.parts.loop)); /* also after a restart */
}

/* The lane of the event joins an earlier one before the retry is on disk: what is first there goes at once. */
static void test_retry_of_one_whose_lane_is_joined_meanwhile(void **state)
{
    struct scene *s = *state;
    struct err e;
    deed_retry(&s->g, &s->deed, s->ids[1]); /* 0 is before it */
    struct lane *early = lanes_add(&s->g.lanes, 6, (struct lane_event){s->ids[0] - 1, 3});
    assert_ptr_equal(lanes_take(&s->g.lanes), early);
    lanes_park(&s->g.lanes, early, (struct lane_wait){9000, ERR_TRANSIENT, NULL});
    lanes_claim(&s->g.lanes, s->lane);
    for (size_t i = 0; i < COUNT(s->ids); i++)
        assert_int_equal(store_move_event(s->g.parts.store, s->ids[i], 6, &e), 0);
    assert_false(course_join(&s->g.lanes, &s->lane, 6));
    assert_int_equal(commit(s), ERR_NONE);
    assert_int_equal(s->lane->state, LANE_READY);
    assert_ptr_equal(lanes_take(&s->g.lanes), early);
}

static void test_retry_and_a_full_disk(void **state)
{
    struct scene *s = *state;
    store_fault(s->g.parts.store, 1, ENOSPC);
    deed_retry(&s->g, &s->deed, s->ids[0]);
    assert_int_not_equal(commit(s), ERR_NONE);
    store_fault(s->g.parts.store, 0, 0);
    assert_int_equal(s->lane->state, LANE_PARKED);
}

static void test_refusals(void **state)
{
    struct scene *s = *state;
    struct pending p;
    lanes_wake(&s->g.lanes, s->lane);
    lanes_take(&s->g.lanes);
    deed_drop(&s->g, &s->deed, s->ids[0], "why");
    assert_int_equal(s->said.class, ERR_CONFLICT); /* it runs */
    deed_drop(&s->g, &s->deed, 4711, "why");
    assert_int_equal(s->said.class, ERR_MISSING);
    deed_replay(&s->g, &s->deed, &s->ids[0], 1);
    assert_int_equal(s->said.class, ERR_CONFLICT); /* has not ended */
    s->g.is_stopping = true;
    deed_retry(&s->g, &s->deed, s->ids[0]);
    assert_int_equal(s->said.class, ERR_TRANSIENT);
    assert_int_equal(s->done, 4);
    assert_false(store_dirty(s->g.parts.store) && !pending(s, 0, &p));
}

static void test_replay_without_its_tracker(void **state)
{
    struct scene *s = *state;
    deed_drop(&s->g, &s->deed, s->ids[0], "why");
    assert_int_equal(commit(s), ERR_NONE);
    struct deed again = {.who = "ada", .done = scene_done, .made = s->deed.made};
    s->deed = again;
    deed_replay(&s->g, &s->deed, &s->ids[0], 1);
    assert_int_equal(s->done, 2);
    assert_int_equal(s->said.class, ERR_CONFIG);
    assert_non_null(strstr(s->said.text, "not configured any more"));
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_make, scene_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_drop_of_the_head),
        SCENE_TEST(test_drop_of_the_head_and_a_full_disk),
        SCENE_TEST(test_drop_of_a_head_that_was_ready_and_a_full_disk),
        SCENE_TEST(test_drop_of_one_behind),
        SCENE_TEST(test_drop_of_one_behind_whose_turn_comes),
        SCENE_TEST(test_drop_of_one_behind_and_a_full_disk),
        SCENE_TEST(test_drop_of_one_whose_lane_has_another_name_by_then),
        SCENE_TEST(test_retry),
        SCENE_TEST(test_retry_of_one_whose_lane_is_joined_meanwhile),
        SCENE_TEST(test_retry_and_a_full_disk),
        SCENE_TEST(test_refusals),
        SCENE_TEST(test_replay_without_its_tracker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
