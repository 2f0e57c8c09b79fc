/* attempt.c: what was tried, and how events end. */
#include "base/base.h"
#include "store/store.h"
#include "store/store_private.h"

/* 1 or 0 */
static int attempt_has(struct store *s, enum store_sql which, int64_t event, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, which, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, event);
    rc = db_next(st, e);
    db_reset(st);
    return rc;
}

/* 0 when the event may have an attempt. */
static int attempt_allowed(struct store *s, const struct attempt_record *r, struct err *e)
{
    if (!verdict_ended(r->verdict) && r->verdict != VERDICT_PARKED)
        return fail(e, ERR_BUG, "an attempt cannot end as %s", verdict_name(r->verdict));
    if (r->number < 1 || r->number >= 1 << ATTEMPT_BITS)
        return fail(e, ERR_BUG, "event %" PRId64 " cannot have an attempt %" PRId64, r->event, r->number);
    int rc = attempt_has(s, SQL_IS_PENDING, r->event, e);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = attempt_has(s, SQL_HAS_EVENT, r->event, e);
    if (rc < 0)
        return rc;
    return rc ? fail(e, ERR_CONFLICT, "event %" PRId64 " has ended already", r->event)
              : fail(e, ERR_MISSING, "there is no event %" PRId64, r->event);
}

static int attempt_add_row(struct store *s, const struct attempt_record *r, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_ATTEMPT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, attempt_id(r->event, r->number));
    db_bind_int(st, 2, r->started_ms);
    db_bind_int(st, 3, r->ended_ms);
    db_bind_int(st, 4, (int64_t)r->verdict);
    db_bind_text(st, 5, r->class == ERR_NONE ? NULL : err_class_name(r->class));
    db_bind_int(st, 6, r->verdict == VERDICT_PARKED ? r->retry_at_ms : 0);
    db_bind_text(st, 7, r->target);
    db_bind_text(st, 8, r->reason);
    db_bind_blob(st, 9, r->trace);
    return store_run(s, st, e);
}

static int attempt_end(struct store *s, const struct attempt_record *r, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_OUTCOME, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, r->event);
    db_bind_int(st, 2, (int64_t)r->verdict);
    db_bind_int(st, 3, r->ended_ms);
    db_bind_int(st, 4, r->number);
    rc = store_run(s, st, e);
    if (rc == 0)
        rc = store_write(s, SQL_END_QUEUE, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, r->event);
    return store_run(s, st, e);
}

static int attempt_park(struct store *s, const struct attempt_record *r, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_PARK_QUEUE, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, r->event);
    db_bind_int(st, 2, r->number);
    db_bind_int(st, 3, r->retry_at_ms > 0 ? r->retry_at_ms : 1); /* 0 would mean: not parked */
    return store_run(s, st, e);
}

int store_get_pending(struct store *s, int64_t id, struct pending *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_GET_PENDING, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, id);
    rc = db_next(st, e);
    if (rc == 1) {
        *ret = pending_row(st);
        db_reset(st);
    }
    if (rc != 0)
        return rc;
    rc = store_stmt(&s->link, SQL_HAS_EVENT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, id);
    rc = db_next(st, e);
    db_reset(st);
    return rc == 0 ? fail(e, ERR_MISSING, "there is no event %" PRId64, id) : rc < 0 ? rc : 0;
}

int store_hasten(struct store *s, int64_t id, int64_t at_ms, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_HASTEN_QUEUE, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, id);
    db_bind_int(st, 2, at_ms);
    return store_run(s, st, e);
}

int store_add_attempt(struct store *s, const struct attempt_record *r, struct err *e)
{
    int rc = attempt_allowed(s, r, e);
    if (rc == 0)
        rc = attempt_add_row(s, r, e);
    if (rc == 0)
        rc = verdict_ended(r->verdict) ? attempt_end(s, r, e) : attempt_park(s, r, e);
    return rc;
}

int store_paced_ms(struct store *s, int64_t event, int64_t *ret_ms, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_PACED_MS, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, event);
    rc = db_next(st, e);
    if (rc == 1)
        *ret_ms = db_int(st, 0);
    db_reset(st);
    return rc < 0 ? rc : 0;
}
