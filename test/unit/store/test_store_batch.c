/* The batch of a turn: who waits, in which order, and what a failed commit leaves behind. */
#include "base/base.h"
#include "unit_store.h"

struct waiter {
    struct store_wait wait;
    struct place *p;
    int order; /* when it was told, from 1 */
    int class; /* what it was told */
    int code;
    struct waiter *again; /* waits when this one is told */
};
static int told;

static void waiter_told(struct store_wait *w, const struct err *e)
{
    struct waiter *me = CONTAINER(w, struct waiter, wait);
    me->order = ++told;
    me->class = e ? (int)e->class : 0;
    me->code = e ? e->code : 0;
    if (me->again) {
        place_add(me->p, 900);
        store_when_durable(me->p->s, &me->again->wait);
    }
}

static struct waiter waiter_of(struct place *p)
{
    return (struct waiter){.wait = {.durable = waiter_told}, .p = p, .class = -1};
}

static void test_order(void **state)
{
    struct place *p = *state;
    struct waiter w[3] = {waiter_of(p), waiter_of(p), waiter_of(p)};
    told = 0;
    assert_false(store_dirty(p->s));
    store_commit(p->s);
    for (size_t i = 0; i < 3; i++) {
        place_add(p, (int64_t)i);
        store_when_durable(p->s, &w[i].wait);
    }
    assert_true(store_dirty(p->s));
    assert_int_equal(told, 0);
    store_commit(p->s);
    assert_false(store_dirty(p->s));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(w[i].order, i + 1);
        assert_int_equal(w[i].class, 0);
    }
    store_commit(p->s);
    assert_int_equal(told, 3);
}

/* Who waits with nothing written is told at once by the next commit. */
static void test_nothing_written(void **state)
{
    struct place *p = *state;
    struct waiter w = waiter_of(p);
    told = 0;
    store_when_durable(p->s, &w.wait);
    assert_true(store_dirty(p->s));
    store_commit(p->s);
    assert_int_equal(w.class, 0);
    assert_int_equal(told, 1);
}

/* Those who can wait are told in order with the others, and do not hurry anybody. */
static void test_hurry(void **state)
{
    struct place *p = *state;
    struct waiter later = waiter_of(p), now = waiter_of(p);
    told = 0;
    place_add(p, 1);
    store_when_durable_later(p->s, &later.wait);
    assert_true(store_dirty(p->s));
    assert_false(store_hurried(p->s));
    store_when_durable(p->s, &now.wait);
    assert_true(store_hurried(p->s));
    store_commit(p->s);
    assert_int_equal(later.order, 1);
    assert_int_equal(now.order, 2);
    assert_false(store_hurried(p->s));
}

static void test_wait_again(void **state)
{
    struct place *p = *state;
    struct waiter first = waiter_of(p), second = waiter_of(p), later = waiter_of(p);
    told = 0;
    first.again = &later;
    place_add(p, 1);
    store_when_durable(p->s, &first.wait);
    store_when_durable(p->s, &second.wait);
    store_commit(p->s);
    assert_int_equal(second.order, 2);
    assert_int_equal(later.class, -1);
    assert_true(store_dirty(p->s));
    store_commit(p->s);
    assert_int_equal(later.order, 3);
}

static void test_close_commits(void **state)
{
    struct place *p = *state;
    struct waiter w = waiter_of(p);
    int64_t id = place_add(p, 1);
    store_when_durable(p->s, &w.wait);
    place_reopen(p);
    assert_int_equal(w.class, 0);
    assert_true(place_has(p, id));
}

static void test_disk_full_and_space_again(void **state)
{
    struct place *p = *state;
    struct waiter w[2] = {waiter_of(p), waiter_of(p)};
    int64_t kept = place_add(p, 1);
    store_commit(p->s);
    told = 0;
    store_fault(p->s, 1, ENOSPC);
    int64_t lost = place_add(p, 2);
    store_when_durable(p->s, &w[0].wait);
    assert_int_equal(place_attempt(p, kept, 1, VERDICT_APPLIED), 0);
    store_when_durable(p->s, &w[1].wait);
    store_commit(p->s);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(w[i].order, i + 1);
        assert_int_equal(w[i].class, ERR_TRANSIENT);
        assert_int_equal(w[i].code, ENOSPC);
    }
    assert_false(store_dirty(p->s));
    assert_false(place_has(p, lost));
    assert_int_equal(place_pending(p).n, 1);
    store_fault(p->s, 0, 0);
    int64_t again = place_add(p, 2); /* the sender tries again: not a duplicate, and a new id */
    assert_true(again > lost);
    struct waiter ok = waiter_of(p);
    store_when_durable(p->s, &ok.wait);
    store_commit(p->s);
    assert_int_equal(ok.class, 0);
    place_reopen(p);
    assert_true(place_has(p, again));
    assert_false(place_has(p, lost));
}

/* A batch larger than the cache writes before its commit; then the failing call says so and the rest is refused. */
static void test_full_in_the_middle(void **state)
{
    struct place *p = *state;
    struct waiter w = waiter_of(p);
    struct entry en = place_entry(p, 0);
    int rc = 1;
    int64_t number = 1;
    en.body = (struct str){arena_zero(p->a, 4 << 20), 4 << 20};
    store_when_durable(p->s, &w.wait);
    store_fault(p->s, 1, ENOSPC);
    for (; rc == 1 && number < 30; number++) {
        memcpy(en.dedup, &number, sizeof number);
        rc = store_add_event(p->s, &en, &p->e);
    }
    assert_int_equal(rc, -ERR_TRANSIENT);
    assert_int_equal(p->e.code, ENOSPC);
    struct effect f = {.key = "k", .event = 1, .state = EFFECT_INTENT};
    p->e.code = 0;
    assert_int_equal(store_put_effect(p->s, &f, &p->e), -ERR_TRANSIENT); /* the same batch */
    assert_int_equal(p->e.code, ENOSPC);
    assert_int_equal(store_put_effect(p->s, &f, NULL), -ERR_TRANSIENT);
    assert_int_equal(w.class, -1);
    store_fault(p->s, 0, 0);
    assert_int_equal(store_put_effect(p->s, &f, &p->e), -ERR_TRANSIENT);
    store_commit(p->s);
    assert_int_equal(w.class, ERR_TRANSIENT);
    assert_int_equal(w.code, ENOSPC);
    assert_int_equal(place_pending(p).n, 0);
    assert_int_equal(store_put_effect(p->s, &f, &p->e), 0);
    store_commit(p->s);
    assert_int_equal(store_get_effect(p->s, "k", p->a, &f, &p->e), 1);
}

/* Whichever write or sync fails: all of the batch or nothing of it, as the waiter was told, also after a restart. */
static void test_every_fault(void **state)
{
    struct place *p = *state;
    unsigned failed = 0, kept = 0;
    for (int64_t n = 1; n <= 60; n++) {
        struct waiter w = waiter_of(p), next = waiter_of(p);
        int64_t old = place_add(p, 10 * n);
        store_commit(p->s);
        store_fault(p->s, (unsigned)(n % 30 + 1), n <= 30 ? EIO : ENOSPC);
        struct entry en = place_entry(p, 10 * n + 1);
        en.body = (struct str){arena_zero(p->a, 60000), 60000};
        assert_int_equal(store_add_event(p->s, &en, &p->e), 1);
        assert_int_equal(place_attempt(p, old, 1, VERDICT_APPLIED), 0);
        store_when_durable(p->s, &w.wait);
        store_commit(p->s);
        store_fault(p->s, 0, 0);
        failed += w.class != 0;
        kept += w.class == 0;
        assert_int_equal(place_has(p, en.id), w.class == 0);
        assert_int_equal(place_attempt(p, old, 1, VERDICT_APPLIED), w.class == 0 ? -ERR_CONFLICT : 0);
        store_when_durable(p->s, &next.wait);
        store_commit(p->s);
        assert_int_equal(next.class, 0);
        if (n % 10 == 0)
            place_reopen(p);
        assert_int_equal(place_has(p, en.id), w.class == 0);
        assert_int_equal(place_pending(p).n, kept);
    }
    assert_true(failed >= 10);
    assert_true(kept >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_order),
        PLACE_TEST(test_nothing_written),
        PLACE_TEST(test_wait_again),
        PLACE_TEST(test_close_commits),
        PLACE_TEST(test_disk_full_and_space_again),
        PLACE_TEST(test_full_in_the_middle),
        PLACE_TEST(test_every_fault),
        PLACE_TEST(test_hurry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
