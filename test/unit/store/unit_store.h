/* unit_store.h: what the tests of the store share: a folder with a store in it, and events to put there. */
#ifndef UNIT_STORE_UNIT_STORE_H
#define UNIT_STORE_UNIT_STORE_H

#include "base/base.h"
#include "base/arena.h"
#include "base/map.h"
#include "db/db.h"
#include "io/file.h"
#include "store/store.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka has a macro called as ours. */
#undef fail
#include <cmocka.h>

struct place {
    struct arena *a;
    const char *folder;
    const char *url;
    struct store *s;
    struct err e;
};

static inline void place_open(struct place *p)
{
    if (store_open(&p->s, p->url, &p->e) < 0)
        fail_msg("%s", p->e.text);
}

static inline void place_reopen(struct place *p)
{
    store_close(TAKE(p->s));
    place_open(p);
}

static inline int place_make(void **state)
{
    struct place *p = mem_zero(sizeof *p);
    p->a = arena_new(256 << 20);
    assert_int_equal(folder_temp(p->a, "store-test", &p->folder, &p->e), 0);
    p->url = arena_fmt(p->a, "sqlite:%s/t.db", p->folder);
    place_open(p);
    *state = p;
    return 0;
}

static inline int place_drop(void **state)
{
    struct place *p = *state;
    store_close(p->s);
    folder_remove(p->folder);
    arena_free(p->a);
    mem_free(p);
    return 0;
}
#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, place_make, place_drop)

/* The event of that number; its delivery id and body follow from the number. */
static inline struct entry place_entry(struct place *p, int64_t number)
{
    struct entry en = {
        .tracker = "bugzilla",
        .source = SOURCE_WEBHOOK,
        .request_id = "r",
        .received_ms = 1000 * number,
        .kind = "bug.modify:status",
        .subject = arena_fmt(p->a, "bugzilla:%d", (int)(number % 10)),
        .headers = "{\"a\":\"b\"}",
    };
    en.lane = hash_stable(str_of(en.subject));
    en.body = str_of(arena_fmt(p->a, "{\"number\":%" PRId64 "}", number));
    memcpy(en.dedup, &number, sizeof number);
    return en;
}

static inline int64_t place_add(struct place *p, int64_t number)
{
    struct entry en = place_entry(p, number);
    int rc = store_add_event(p->s, &en, &p->e);
    if (rc < 0)
        fail_msg("%s", p->e.text);
    assert_int_equal(rc, 1);
    return en.id;
}

static inline int place_attempt(struct place *p, int64_t event, int64_t number, enum verdict verdict)
{
    struct attempt_record r = {
        .event = event,
        .number = number,
        .started_ms = 100 * event,
        .ended_ms = 100 * event + number,
        .verdict = verdict,
        .reason = "because",
        .class = verdict == VERDICT_PARKED ? ERR_TRANSIENT : ERR_NONE,
        .retry_at_ms = verdict == VERDICT_PARKED ? 5000 + number : 0,
        .target = "jira:JB-7",
        .trace = STR("{\"facts\":[]}"),
    };
    return store_add_attempt(p->s, &r, &p->e);
}

static inline bool place_has(struct place *p, int64_t id)
{
    struct entry en;
    int rc = store_get_event(p->s, id, p->a, &en, &p->e);
    assert_true(rc == 0 || rc == -ERR_MISSING);
    return rc == 0;
}

struct pending_list {
    int64_t ids[64], attempts[64], retry_at_ms[64];
    uint64_t lanes[64];
    enum err_class why[64];
    size_t n;
    size_t stop_after;
};
static inline int pending_each(void *ctx, const struct pending *p)
{
    struct pending_list *l = ctx;
    assert_true(l->n < COUNT(l->ids));
    l->ids[l->n] = p->id;
    l->lanes[l->n] = p->lane;
    l->attempts[l->n] = p->attempts;
    l->why[l->n] = p->why;
    l->retry_at_ms[l->n++] = p->retry_at_ms;
    return l->stop_after == l->n ? -ERR_BUG : 0;
}
static inline struct pending_list place_pending(struct place *p)
{
    struct pending_list l = {.n = 0};
    assert_int_equal(store_each_pending(p->s, pending_each, &l, &p->e), 0);
    return l;
}

#endif
