/* Events come in once, keep what they brought, and get ids that grow. */
#include "base/base.h"
#include "unit_store.h"
#include <sys/mman.h>

static void test_round_trip(void **state)
{
    struct place *p = *state;
    struct entry en = place_entry(p, 7), back;
    en.is_recovered = true;
    en.source = SOURCE_POLL;
    en.lane = UINT64_MAX - 1;
    en.body = (struct str){"\0raw\xff", 5};
    assert_int_equal(store_add_event(p->s, &en, &p->e), 1);
    for (int round = 0; round < 2; round++) { /* in the batch, and after a restart */
        assert_int_equal(store_get_event(p->s, en.id, p->a, &back, &p->e), 0);
        assert_int_equal(back.id, en.id);
        assert_string_equal(back.tracker, "bugzilla");
        assert_int_equal(back.source, SOURCE_POLL);
        assert_string_equal(back.request_id, "r");
        assert_true(back.is_recovered);
        assert_int_equal(back.received_ms, 7000);
        assert_string_equal(back.kind, "bug.modify:status");
        assert_string_equal(back.subject, "bugzilla:7");
        assert_true(back.lane == UINT64_MAX - 1);
        assert_string_equal(back.headers, "{\"a\":\"b\"}");
        assert_int_equal(back.body.n, 5);
        assert_memory_equal(back.body.p, "\0raw\xff", 5);
        place_reopen(p);
    }
    assert_int_equal(store_get_event(p->s, en.id + 1, p->a, &back, &p->e), -ERR_MISSING);
}

static void test_least(void **state)
{
    struct place *p = *state;
    struct entry en = {.tracker = "t"}, back;
    assert_int_equal(store_add_event(p->s, &en, &p->e), 1);
    assert_int_equal(store_get_event(p->s, en.id, p->a, &back, &p->e), 0);
    assert_string_equal(back.subject, "");
    assert_string_equal(back.kind, "");
    assert_null(back.headers);
    assert_int_equal(back.body.n, 0);
    assert_non_null(back.body.p);
}

static void test_large(void **state)
{
    struct place *p = *state;
    struct entry en = place_entry(p, 1), back;
    char *body = arena_bytes(p->a, 25 << 20);
    for (size_t i = 0; i < 25 << 20; i++)
        body[i] = (char)(i * 7 % 251);
    en.body = (struct str){body, 25 << 20};
    assert_int_equal(store_add_event(p->s, &en, &p->e), 1);
    place_reopen(p);
    assert_int_equal(store_get_event(p->s, en.id, p->a, &back, &p->e), 0);
    assert_true(str_same(back.body, en.body));
}

/* Whatever a disk does to a row that leaves the table in order is found, and not taken for the event. */
static void test_damaged(void **state)
{
    struct place *p = *state;
    static const char *const changes[] = {
        "body = CAST('{\"number\":8}' AS BLOB)",
        "body = NULL",
        "headers = '{\"a\":\"c\"}'",
        "headers = NULL",
        "tracker = 'bugzillb'",
        "subject = 'bugzilla:17'",
        "kind = 'bug.modify:statut'",
        "request_id = NULL",
        "received_ms = received_ms + 1",
        "source = 3",
        "recovered = 1",
        "id = id + 1000",
        "checksum = checksum + 1",
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        AUTO(db_auto) struct db *d = NULL;
        struct entry back = {.id = -1};
        int64_t id = place_add(p, 7 + (int64_t)i);
        store_close(TAKE(p->s));
        assert_int_equal(db_open(&d, p->url, DB_WRITE, &p->e), 0);
        assert_int_equal(db_exec(d, arena_fmt(p->a, "UPDATE event SET %s WHERE id = %" PRId64, changes[i], id), &p->e),
                         0);
        db_close(TAKE(d));
        place_open(p);
        id += strstr(changes[i], "1000") ? 1000 : 0;
        if (store_get_event(p->s, id, p->a, &back, &p->e) != -ERR_PERMANENT)
            fail_msg("%s was not found", changes[i]);
        assert_int_equal(back.id, -1);
        assert_non_null(strstr(p->e.text, arena_fmt(p->a, "event %" PRId64 " is damaged", id)));
    }
}

static void test_same_delivery(void **state)
{
    struct place *p = *state;
    struct entry en = place_entry(p, 1);
    int64_t id = place_add(p, 1);
    assert_int_equal(store_add_event(p->s, &en, &p->e), 0); /* in one turn */
    assert_int_equal(en.id, id);
    store_commit(p->s);
    en.id = 0;
    assert_int_equal(store_add_event(p->s, &en, &p->e), 0); /* in another */
    assert_int_equal(en.id, id);
    assert_true(store_dirty(p->s));
    store_commit(p->s);
    assert_false(store_dirty(p->s));
    place_reopen(p);
    en.id = 0;
    assert_int_equal(store_add_event(p->s, &en, &p->e), 0); /* after a restart */
    assert_int_equal(en.id, id);
    assert_int_equal(place_pending(p).n, 1);
    en.dedup[STORE_DEDUP_BYTES - 1] ^= 1; /* each byte of the key counts */
    assert_int_equal(store_add_event(p->s, &en, &p->e), 1);
}

/* One that cannot be stored leaves nothing behind, and harms neither the one before nor the one after it. */
static void test_bad_row(void **state)
{
    struct place *p = *state;
    int64_t before = place_add(p, 1);
    struct entry bad = place_entry(p, 2);
    bad.tracker = NULL;
    assert_int_equal(store_add_event(p->s, &bad, &p->e), -ERR_CONFLICT);
    bad = place_entry(p, 2);
    bad.body.n = (size_t)1 << 30; /* refused by its length */
    bad.body.p = mmap(NULL, bad.body.n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(bad.body.p, MAP_FAILED);
    assert_int_equal(store_add_event(p->s, &bad, &p->e), -ERR_INPUT);
    munmap((void *)(uintptr_t)bad.body.p, bad.body.n);
    int64_t after = place_add(p, 3);
    store_commit(p->s);
    place_reopen(p);
    assert_true(place_has(p, before));
    assert_true(place_has(p, after));
    assert_int_equal(place_pending(p).n, 2);
    assert_true(place_add(p, 2) > after); /* its key is not taken */
}

static void test_ids_grow(void **state)
{
    struct place *p = *state;
    int64_t last = 0;
    for (int64_t i = 0; i < 30; i++) {
        int64_t id = place_add(p, i);
        assert_true(id > last);
        last = id;
        if (i % 7 == 0)
            place_reopen(p);
    }
}

static void test_pending(void **state)
{
    struct place *p = *state;
    int64_t ids[5];
    for (int64_t i = 0; i < 5; i++)
        ids[i] = place_add(p, i);
    assert_int_equal(place_attempt(p, ids[1], 1, VERDICT_DISCARDED), 0);
    assert_int_equal(place_attempt(p, ids[3], 1, VERDICT_PARKED), 0);
    assert_int_equal(place_attempt(p, ids[3], 2, VERDICT_PARKED), 0);
    place_reopen(p);
    struct pending_list l = place_pending(p);
    static const int expected[] = {0, 2, 3, 4};
    assert_int_equal(l.n, COUNT(expected));
    for (size_t i = 0; i < l.n; i++) {
        assert_int_equal(l.ids[i], ids[expected[i]]);
        assert_true(l.lanes[i] == place_entry(p, expected[i]).lane);
        assert_int_equal(l.attempts[i], expected[i] == 3 ? 2 : 0);
        assert_int_equal(l.why[i], expected[i] == 3 ? ERR_TRANSIENT : ERR_NONE);
        assert_int_equal(l.retry_at_ms[i], expected[i] == 3 ? 5002 : 0);
    }
    struct pending_list stopped = {.stop_after = 2};
    assert_int_equal(store_each_pending(p->s, pending_each, &stopped, &p->e), -ERR_BUG);
    assert_int_equal(stopped.n, 2);
    assert_int_equal(place_pending(p).n, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_round_trip),    PLACE_TEST(test_least),   PLACE_TEST(test_large),
        PLACE_TEST(test_same_delivery), PLACE_TEST(test_bad_row), PLACE_TEST(test_ids_grow),
        PLACE_TEST(test_pending),       PLACE_TEST(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
