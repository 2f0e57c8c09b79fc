/* prune.c: what has been kept long enough goes. */
#include "base/base.h"
#include "store/store.h"
#include "store/store_private.h"

enum { PRUNE_MAX = 1000 }; /* rows of one call */

struct prune_found {
    int64_t ids[PRUNE_MAX];
    size_t n;
};

/* Rows (id, time) of a statement that is bound, as far as they are older than before_ms. */
static int prune_find(struct db_stmt *st, int64_t before_ms, struct prune_found *ret, struct err *e)
{
    int rc = 0;
    ret->n = 0;
    while ((rc = db_next(st, e)) == 1)
        if (db_int(st, 1) < before_ms && ret->n < PRUNE_MAX)
            ret->ids[ret->n++] = db_int(st, 0);
    return rc;
}

static int prune_run(struct store *s, enum store_sql which, int64_t value, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, which, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, value);
    return store_run(s, st, e);
}

static int prune_event(struct store *s, int64_t id, struct err *e)
{
    static const enum store_sql steps[] = {SQL_PRUNE_ATTEMPTS, SQL_PRUNE_EFFECTS, SQL_PRUNE_OUTCOME,
                                           SQL_PRUNE_EVENT,    SQL_PRUNE_REPLAY,  SQL_PRUNE_JOB_EVENT};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < COUNT(steps); i++)
        rc = prune_run(s, steps[i], id, e);
    return rc;
}

/* Rows (id, time) of a statement that takes a limit. */
static int prune_oldest(struct store *s, enum store_sql which, int64_t before_ms, int limit, struct prune_found *ret,
                        struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, which, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, limit);
    return prune_find(st, before_ms, ret, e);
}

/* `which` is SQL_OLD_EVENTS, by when they were received, or SQL_OLD_DEAD, by when they ended. */
static int prune_events(struct store *s, enum store_sql which, int64_t before_ms, int limit, struct err *e)
{
    struct prune_found found;
    int rc = prune_oldest(s, which, before_ms, limit, &found, e);
    if (rc == 0 && found.n > 0) /* the newest may go too: its id must not come again after a restart */
        rc = prune_run(s, SQL_SET_FLOOR, s->last_id, e);
    for (size_t i = 0; rc == 0 && i < found.n; i++)
        rc = prune_event(s, found.ids[i], e);
    return rc < 0 ? rc : (int)found.n;
}

static int prune_audit(struct store *s, int64_t before_ms, int limit, struct err *e)
{
    struct prune_found found;
    int rc = prune_oldest(s, SQL_OLD_AUDIT, before_ms, limit, &found, e);
    for (size_t i = 0; rc == 0 && i < found.n; i++)
        rc = prune_run(s, SQL_PRUNE_AUDIT, found.ids[i], e);
    return rc < 0 ? rc : (int)found.n;
}

/*
 * Traces go in the order of ids from a mark on. The mark passes what is too young between older ones (late attempts of
 * old events); that goes with its event.
 */
static int prune_traces(struct store *s, int64_t before_ms, int limit, struct err *e)
{
    struct prune_found found;
    struct db_stmt *st = NULL;
    int64_t mark = 0;
    int rc = store_first_int(&s->link, SQL_TRACE_FLOOR, &mark, e);
    if (rc == 0)
        rc = store_write(s, SQL_OLD_TRACES, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, mark);
    db_bind_int(st, 2, limit);
    rc = prune_find(st, before_ms, &found, e);
    for (size_t i = 0; rc == 0 && i < found.n; i++)
        rc = prune_run(s, SQL_PRUNE_TRACE, found.ids[i], e);
    if (rc == 0 && found.n > 0)
        rc = prune_run(s, SQL_SET_TRACE_FLOOR, found.ids[found.n - 1], e);
    return rc < 0 ? rc : (int)found.n;
}

int store_prune(struct store *s, int64_t events_before_ms, int64_t traces_before_ms, int limit, struct err *e)
{
    int most = limit < 1 ? 1 : limit > PRUNE_MAX ? PRUNE_MAX : limit;
    int events = prune_events(s, SQL_OLD_EVENTS, events_before_ms, most, e);
    int dead = events < 0 ? events : prune_events(s, SQL_OLD_DEAD, events_before_ms, most, e);
    int audit = dead < 0 ? dead : prune_audit(s, events_before_ms, most, e);
    int traces = audit < 0 ? audit : prune_traces(s, traces_before_ms, most, e);
    return traces < 0 ? traces : events + dead + audit + traces;
}
