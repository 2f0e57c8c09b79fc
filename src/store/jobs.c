/* jobs.c: jobs, which events are theirs, and cursors. */
#include "base/base.h"
#include "store/jobs.h"
#include "base/arena.h"
#include "store/store_private.h"

enum { JOBS_ROWS_MAX = 1000 };

const char *job_state_name(enum job_state s)
{
    static const char *const names[JOB_STATES] = {[JOB_LISTING] = "listing",
                                                  [JOB_RUNNING] = "running",
                                                  [JOB_DONE] = "done",
                                                  [JOB_FAILED] = "failed",
                                                  [JOB_CANCELLED] = "cancelled"};
    return s < JOB_STATES ? names[s] : "unknown";
}

static void job_bind(struct db_stmt *st, const struct job *j)
{
    db_bind_int(st, 1, j->id);
    db_bind_int(st, 2, (int64_t)j->state);
    db_bind_text(st, 3, j->options);
    db_bind_text(st, 4, j->place);
    db_bind_int(st, 5, j->found);
    db_bind_int(st, 6, j->skipped);
    db_bind_text(st, 7, j->note);
    db_bind_int(st, 8, j->began_ms);
    db_bind_int(st, 9, j->ended_ms);
}

int store_add_job(struct store *s, struct job *j, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_first_int(&s->link, SQL_LAST_JOB, &j->id, e);
    if (rc == 0)
        rc = store_write(s, SQL_ADD_JOB, &st, e);
    if (rc < 0)
        return rc;
    j->id++;
    job_bind(st, j);
    db_bind_text(st, 10, j->kind);
    db_bind_text(st, 11, j->tracker);
    db_bind_text(st, 12, j->target);
    db_bind_text(st, 13, j->who);
    return store_run(s, st, e);
}

int store_put_job(struct store *s, const struct job *j, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_PUT_JOB, &st, e);
    if (rc < 0)
        return rc;
    job_bind(st, j);
    return store_run(s, st, e);
}

static struct job job_of(struct db_stmt *st, struct arena *a)
{
    return (struct job){
        .id = db_int(st, 0),
        .state = (enum job_state)db_int(st, 1),
        .options = row_text(st, 2, a),
        .place = row_text(st, 3, a),
        .found = db_int(st, 4),
        .skipped = db_int(st, 5),
        .note = row_text(st, 6, a),
        .began_ms = db_int(st, 7),
        .ended_ms = db_int(st, 8),
        .kind = row_text(st, 9, a),
        .tracker = row_text(st, 10, a),
        .target = row_text(st, 11, a),
        .who = row_text(st, 12, a),
    };
}

static int job_get(struct store_link *l, int64_t id, struct arena *a, struct job *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, SQL_GET_JOB, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, id);
    rc = db_next(st, e);
    if (rc == 0)
        return fail(e, ERR_MISSING, "there is no job %" PRId64, id);
    if (rc < 0)
        return rc;
    *ret = job_of(st, a);
    db_reset(st);
    return 0;
}

int store_get_job(struct store *s, int64_t id, struct arena *a, struct job *ret, struct err *e)
{
    return job_get(&s->link, id, a, ret, e);
}

int store_add_job_event(struct store *s, int64_t job, int64_t event, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_JOB_EVENT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, job);
    db_bind_int(st, 2, event);
    rc = store_run(s, st, e);
    return rc < 0 ? rc : db_changes(s->link.db) > 0;
}

static int job_read_many(struct store_link *l, struct arena *a, struct many *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, SQL_OPEN_JOBS, &st, e);
    while (rc >= 0 && (rc = db_next(st, e)) == 1)
        *MANY_ADD(a, ret, struct job) = job_of(st, a);
    return rc;
}

int store_each_job(struct store *s, int (*each)(void *ctx, const struct job *j), void *ctx, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(STORE_JOBS_BYTES);
    struct many jobs = {0};
    int rc = job_read_many(&s->link, a, &jobs, e);
    MANY_EACH(const struct job, j, &jobs)
    if (rc == 0)
        rc = each(ctx, j);
    return rc;
}

int store_job_left(struct store *s, int64_t job, struct job_left *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_JOB_LEFT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, job);
    rc = db_next(st, e);
    if (rc == 1)
        *ret = (struct job_left){.events = db_int(st, 0), .parked = db_int(st, 1), .failed = db_int(st, 2)};
    db_reset(st);
    return rc < 0 ? rc : 0;
}

/* --- for people --- */

static int job_count(struct store_link *l, struct job_row *row, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, SQL_JOB_VERDICTS, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, row->job.id);
    while ((rc = db_next(st, e)) == 1) {
        int64_t verdict = db_int(st, 0), n = db_int(st, 1);
        row->events += n;
        if (verdict >= 0 && verdict < VERDICTS)
            row->verdicts[verdict] += n;
    }
    return rc;
}

int job_read(struct store_link *l, int64_t id, struct arena *a, struct job_row *ret, struct err *e)
{
    *ret = (struct job_row){0};
    int rc = job_get(l, id, a, &ret->job, e);
    return rc < 0 ? rc : job_count(l, ret, e);
}

static int job_limit(int limit)
{
    return limit < 1 ? 1 : limit > JOBS_ROWS_MAX ? JOBS_ROWS_MAX : limit;
}

int job_list(struct store_link *l, const struct job_page *page, struct arena *a, struct many *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, SQL_LIST_JOBS, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, page->before > 0 ? page->before : INT64_MAX);
    db_bind_int(st, 2, job_limit(page->limit));
    while ((rc = db_next(st, e)) == 1)
        MANY_ADD(a, ret, struct job_row)->job = job_of(st, a);
    MANY_EACH(struct job_row, row, ret)
    if (rc == 0)
        rc = job_count(l, row, e);
    return rc;
}

static int job_ids(struct store_link *l, enum store_sql which, const struct job_events *want, struct arena *a,
                   struct many *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, which, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, want->job);
    db_bind_int(st, 2, want->after);
    db_bind_int(st, 3, job_limit(want->limit));
    while ((rc = db_next(st, e)) == 1)
        *MANY_ADD(a, ret, int64_t) = db_int(st, 0);
    return rc;
}

int job_events(struct store_link *l, const struct job_events *want, struct arena *a, struct many *ret, struct err *e)
{
    return job_ids(l, SQL_JOB_EVENTS, want, a, ret, e);
}

int store_job_pending(struct store *s, const struct job_events *want, struct arena *a, struct many *ret, struct err *e)
{
    return job_ids(&s->link, SQL_JOB_PENDING, want, a, ret, e);
}

/* --- cursors --- */

int store_get_cursor(struct store *s, const char *name, struct arena *a, const char **ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_GET_CURSOR, &st, e);
    if (rc < 0)
        return rc;
    db_bind_text(st, 1, name);
    rc = db_next(st, e);
    if (rc == 1) {
        *ret = row_text(st, 0, a);
        db_reset(st);
    }
    return rc;
}

int store_put_cursor(struct store *s, const char *name, const char *value, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, value ? SQL_PUT_CURSOR : SQL_REMOVE_CURSOR, &st, e);
    if (rc < 0)
        return rc;
    db_bind_text(st, 1, name);
    if (value)
        db_bind_text(st, 2, value);
    return store_run(s, st, e);
}

struct cursor_row {
    const char *name, *value;
};

static int cursor_read_many(struct store_link *l, const char *prefix, struct arena *a, struct many *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    char *end = arena_text(a, prefix);
    int rc = store_stmt(l, SQL_EACH_CURSOR, &st, e);
    if (rc < 0)
        return rc;
    end[strlen(end) - 1]++; /* the slash: what comes next in the order of names */
    db_bind_text(st, 1, prefix);
    db_bind_text(st, 2, end);
    while ((rc = db_next(st, e)) == 1)
        *MANY_ADD(a, ret, struct cursor_row) = (struct cursor_row){row_text(st, 0, a), row_text(st, 1, a)};
    return rc;
}

int store_each_cursor(struct store *s, const char *prefix, int (*each)(void *ctx, const char *name, const char *value),
                      void *ctx, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(STORE_JOBS_BYTES);
    struct many rows = {0};
    int rc = cursor_read_many(&s->link, prefix, a, &rows, e);
    MANY_EACH(const struct cursor_row, row, &rows)
    if (rc == 0)
        rc = each(ctx, row->name, row->value);
    return rc;
}
