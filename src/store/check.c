/*
 * check.c: is a store whole? Read from end to end, a bite at a time, so that the log of a running daemon can be emptied
 * meanwhile. Beside the order of the tables it looks at what only we know: each event's sum, and that each event either
 * waits or has ended.
 */
#include "base/base.h"
#include "store/store.h"
#include "base/arena.h"
#include "store/store_private.h"

enum { CHECK_IDS = 256, CHECK_KEYS = 4096, CHECK_SCRATCH_BYTES = 16 << 20 };

/* Read in one go each: a short row an issue or an event, if that. The three long ones are read in bites. */
static const char *const check_tables[] = {"meta",   "queue", "outcome", "effect",    "link",  "audit",
                                           "replay", "lane",  "job",     "job_event", "cursor"};

struct checking {
    struct store_link *link;
    struct arena *arena;
    struct store_checked *found;
    int64_t at; /* the last id of the bite before */
};

static int check_stmt(struct checking *c, enum store_sql which, struct db_stmt **ret, struct err *e)
{
    int rc = store_stmt(c->link, which, ret, e);
    if (rc < 0)
        return rc;
    db_bind_int(*ret, 1, c->at);
    db_bind_int(*ret, 2, c->at + CHECK_IDS);
    return 0;
}

static int check_events(struct checking *c, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = check_stmt(c, SQL_CHECK_EVENTS, &st, e);
    while (rc == 0 && (rc = db_next(st, e)) == 1) {
        struct entry en;
        arena_reset(c->arena);
        journal_row(st, c->arena, &en);
        c->found->events++;
        if (en.is_damaged && c->found->damaged++ == 0)
            c->found->first_damaged = en.id;
        rc = 0;
    }
    return rc;
}

static int check_attempts(struct checking *c, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = check_stmt(c, SQL_CHECK_ATTEMPTS, &st, e);
    while (rc == 0 && (rc = db_next(st, e)) == 1) {
        (void)db_blob(st, 0); /* follows its pages */
        rc = 0;
    }
    return rc;
}

/* An event that is in neither, or a row whose event is gone, was lost by the disk. */
static int check_places(struct checking *c, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = check_stmt(c, SQL_CHECK_PLACES, &st, e);
    if (rc == 0)
        rc = db_next(st, e);
    if (rc < 0)
        return rc;
    int64_t events = db_int(st, 0), places = db_int(st, 1);
    db_reset(st);
    if (events == places)
        return 0;
    return fail(e, ERR_PERMANENT,
                "store %s is damaged: of the events from %" PRId64 " to %" PRId64 " there are %" PRId64 ", but %" PRId64
                " that wait or have ended",
                db_name(c->link->db), c->at + 1, c->at + CHECK_IDS, events, places);
}

static int check_bite(struct checking *c, struct err *e)
{
    int rc = db_begin(c->link->db, e);
    if (rc == 0)
        rc = check_events(c, e);
    if (rc == 0)
        rc = check_attempts(c, e);
    if (rc == 0)
        rc = check_places(c, e);
    db_rollback(c->link->db);
    c->at += CHECK_IDS;
    return rc;
}

/* The keys behind that one; it becomes the last of them. 1: there are more. */
static int check_keys(struct checking *c, uint8_t key[STORE_DEDUP_BYTES], struct err *e)
{
    struct db_stmt *st = NULL;
    int n = 0, rc = store_stmt(c->link, SQL_CHECK_SEEN, &st, e);
    if (rc < 0)
        return rc;
    uint8_t after[STORE_DEDUP_BYTES];
    memcpy(after, key, sizeof after);
    db_bind_blob(st, 1, (struct str){(const char *)after, sizeof after});
    db_bind_int(st, 2, CHECK_KEYS);
    while ((rc = db_next(st, e)) == 1) {
        struct str k = db_blob(st, 0);
        if (k.n == STORE_DEDUP_BYTES)
            memcpy(key, k.p, k.n);
        n++;
    }
    return rc < 0 ? rc : n == CHECK_KEYS;
}

static int check_go_on(const struct store_going *g, struct err *e)
{
    return !g || g->go_on(g) ? 0 : fail(e, ERR_TRANSIENT, "the look through the store was broken off");
}

static int check_all_keys(struct checking *c, const struct store_going *g, struct err *e)
{
    uint8_t key[STORE_DEDUP_BYTES] = {0};
    int rc = 1;
    while (rc == 1) {
        rc = check_go_on(g, e);
        if (rc == 0)
            rc = check_keys(c, key, e);
    }
    return rc;
}

static int check_tables_of(struct checking *c, const struct store_going *g, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < COUNT(check_tables); i++) {
        rc = check_go_on(g, e);
        if (rc == 0)
            rc = db_check(c->link->db, check_tables[i], e);
    }
    return rc;
}

static int check_all_events(struct checking *c, const struct store_going *g, struct err *e)
{
    int64_t last = 0;
    int rc = store_first_int(c->link, SQL_CHECK_LAST, &last, e);
    while (rc == 0 && c->at < last) {
        rc = check_go_on(g, e);
        if (rc == 0)
            rc = check_bite(c, e);
    }
    return rc;
}

int check_link(struct store_link *l, const struct store_going *g, struct store_checked *ret, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(CHECK_SCRATCH_BYTES);
    struct checking c = {.link = l, .arena = a, .found = ret};
    *ret = (struct store_checked){0};
    int rc = check_tables_of(&c, g, e);
    if (rc == 0)
        rc = check_all_keys(&c, g, e);
    if (rc == 0)
        rc = check_all_events(&c, g, e);
    if (rc < 0 || ret->damaged == 0)
        return rc;
    return fail(e, ERR_PERMANENT,
                "store %s is damaged: %" PRId64 " events are not what was taken in, the first is event %" PRId64
                "; look for them in a backup",
                db_name(l->db), ret->damaged, ret->first_damaged);
}
