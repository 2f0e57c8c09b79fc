/* reader.c: lists and single events for pages and the API, beside the loop. */
#include "base/base.h"
#include "store/store.h"
#include "base/arena.h"
#include "store/store_private.h"

struct store_reader {
    struct store_link link;
};

enum {
    READER_LIMIT = 1000,
    READER_ANY = -2,
    READER_PENDING = -1,
    READER_SCRATCH_BYTES = 16 << 20,
    READER_BITE = 64,
    READER_HEADS = 1024
};

int store_reader_open(struct store_reader **ret, const char *url, struct err *e)
{
    AUTO(store_reader_auto) struct store_reader *r = mem_zero(sizeof *r);
    int rc = store_link_open(&r->link, url, DB_READ, e);
    if (rc == 0)
        rc = schema_check(r->link.db, e);
    if (rc < 0)
        return rc;
    *ret = TAKE(r);
    return 0;
}

void store_reader_close(struct store_reader *r)
{
    if (!r)
        return;
    store_link_close(&r->link);
    mem_free(r);
}

int store_check(struct store_reader *r, const struct store_going *g, struct store_checked *ret, struct err *e)
{
    return check_link(&r->link, g, ret, e);
}

int store_check_file(const char *path, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(READER_SCRATCH_BYTES);
    struct store_checked found;
    struct store_link link = {.db = NULL};
    int rc = store_link_open(&link, arena_fmt(a, "sqlite:%s", path), DB_STILL, e);
    if (rc == 0)
        rc = schema_check(link.db, e);
    if (rc == 0)
        rc = check_link(&link, NULL, &found, e);
    store_link_close(&link);
    return rc;
}

int store_copy(struct store_reader *r, const char *path, struct db_watch *w, struct err *e)
{
    return db_copy(r->link.db, path, w, e);
}

void store_reader_auto(struct store_reader **r)
{
    store_reader_close(*r);
}

static int reader_verdict(const char *word, int *ret, struct err *e)
{
    enum verdict v = VERDICTS;
    *ret = READER_ANY;
    if (!word)
        return 0;
    *ret = READER_PENDING;
    if (strcmp(word, "pending") == 0)
        return 0;
    if (!verdict_parse(word, &v) || v == VERDICT_RUNNING || v == VERDICT_BEHIND)
        return fail(e, ERR_INPUT, "events cannot be listed by verdict \"%.40s\"", word);
    *ret = (int)v;
    return 0;
}

static void reader_bind(struct db_stmt *st, const struct event_filter *f, int verdict)
{
    db_bind_int(st, 1, f->before > 0 ? f->before : INT64_MAX);
    db_bind_int(st, 2, f->after);
    db_bind_int(st, 3, f->limit < 1 ? 1 : f->limit > READER_LIMIT ? READER_LIMIT : f->limit);
    if (verdict != READER_ANY)
        db_bind_int(st, 4, verdict);
    if (f->subject)
        db_bind_int(st, 5, subject_hash(f->subject));
    db_bind_text(st, 6, f->subject);
}

static void reader_event_row(struct db_stmt *st, struct arena *a, struct event_row *ret)
{
    *ret = (struct event_row){
        .id = db_int(st, 0),
        .ended_ms = db_int(st, 1),
        .attempts = db_int(st, 2),
        .retry_at_ms = db_int(st, 3),
        .verdict = (enum verdict)db_int(st, 4),
        .tracker = row_text(st, 5, a),
        .kind = row_text(st, 6, a),
        .subject = row_text(st, 7, a),
        .target = row_text(st, 8, a),
        .reason = row_text(st, 9, a),
        .request_id = row_text(st, 10, a),
        .received_ms = db_int(st, 11),
        .source = (enum event_source)db_int(st, 12),
        .lane = (uint64_t)db_int(st, 13),
        .replay_of = db_int(st, 14),
        .replayed_as = db_int(st, 15),
        .is_recovered = db_int(st, 16) != 0,
    };
}

int store_list_events(struct store_reader *r, const struct event_filter *f, struct arena *a, struct many *ret,
                      struct err *e)
{
    struct many rows = {NULL, 0};
    struct db_stmt *st = NULL;
    int verdict = READER_ANY;
    int rc = reader_verdict(f->verdict, &verdict, e);
    if (rc == 0)
        rc = store_stmt(&r->link, SQL_LIST_EVENTS, &st, e);
    if (rc < 0)
        return rc;
    reader_bind(st, f, verdict);
    while ((rc = db_next(st, e)) == 1)
        reader_event_row(st, a, many_add(a, &rows, sizeof(struct event_row)));
    if (rc < 0)
        return rc;
    *ret = rows;
    return 0;
}

int store_list_ids(struct store_reader *r, const int64_t *ids, size_t n, struct arena *a, struct many *ret,
                   struct err *e)
{
    struct many rows = {NULL, 0};
    struct db_stmt *st = NULL;
    int rc = store_stmt(&r->link, SQL_LIST_EVENTS, &st, e);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct event_filter one = {.before = ids[i] + 1, .after = ids[i] - 1, .limit = 1};
        reader_bind(st, &one, READER_ANY);
        while ((rc = db_next(st, e)) == 1)
            reader_event_row(st, a, many_add(a, &rows, sizeof(struct event_row)));
    }
    if (rc < 0)
        return rc;
    *ret = rows;
    return 0;
}

/* The first event at or above an id, INT64_MAX and no time when there is none. */
static int reader_event_from(struct store_reader *r, int64_t id, int64_t *ret_id, int64_t *ret_ms, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&r->link, SQL_EVENT_FROM, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, id);
    rc = db_next(st, e);
    if (rc < 0)
        return rc;
    *ret_id = rc ? db_int(st, 0) : INT64_MAX;
    *ret_ms = rc ? db_int(st, 1) : INT64_MAX;
    db_reset(st);
    return 0;
}

/* The id before the first event that was received at that time or later: ids grow with the time. */
static int reader_before(struct store_reader *r, int64_t since_ms, int64_t *ret, struct err *e)
{
    int64_t low = 0, high = 0;
    int rc = store_first_int(&r->link, SQL_LAST_ID, &high, e);
    while (rc == 0 && low < high) {
        int64_t middle = low + (high - low) / 2, id = INT64_MAX, ms = INT64_MAX;
        rc = reader_event_from(r, middle + 1, &id, &ms, e);
        if (ms >= since_ms)
            high = middle;
        else
            low = id;
    }
    *ret = low;
    return rc;
}

static int reader_walk(struct db_stmt *st, int64_t since_ms,
                       int (*each)(void *ctx, const struct event_row *row, struct str trace), void *ctx, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(READER_SCRATCH_BYTES);
    int rc;
    while ((rc = db_next(st, e)) == 1) {
        struct event_row row;
        arena_reset(a);
        reader_event_row(st, a, &row);
        rc = row.received_ms < since_ms ? 0 : each(ctx, &row, db_blob(st, EVENT_ROW_COLUMNS));
        if (rc != 0)
            break;
    }
    db_reset(st);
    return rc;
}

int store_each_ended(struct store_reader *r, const struct ended_filter *f,
                     int (*each)(void *ctx, const struct event_row *row, struct str trace), void *ctx, struct err *e)
{
    struct db_stmt *st = NULL;
    int verdict = READER_ANY;
    int64_t after = 0;
    int rc = reader_verdict(f->verdict, &verdict, e);
    if (rc == 0 && (verdict == READER_PENDING || verdict >= (int)VERDICT_QUEUED))
        return fail(e, ERR_INPUT, "verdict %s is not one of an event that has ended", f->verdict);
    if (rc == 0)
        rc = reader_before(r, f->since_ms, &after, e);
    if (rc == 0)
        rc = store_stmt(&r->link, SQL_EACH_ENDED, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, f->after > after ? f->after : after);
    if (verdict != READER_ANY)
        db_bind_int(st, 2, verdict);
    return reader_walk(st, f->since_ms, each, ctx, e);
}

/* Row, and entry, whose texts are those of the row or in the arena; the body is the statement's. */
static void reader_history(struct db_stmt *st, struct arena *a, struct history *ret)
{
    reader_event_row(st, a, &ret->row);
    ret->raw = (struct entry){
        .id = ret->row.id,
        .tracker = ret->row.tracker,
        .source = ret->row.source,
        .request_id = ret->row.request_id,
        .is_recovered = db_int(st, EVENT_ROW_COLUMNS - 1) != 0,
        .received_ms = ret->row.received_ms,
        .kind = ret->row.kind,
        .subject = ret->row.subject,
        .lane = ret->row.lane,
        .headers = row_text(st, EVENT_ROW_COLUMNS, a),
        .body = db_blob(st, EVENT_ROW_COLUMNS + 1),
    };
    ret->raw.is_damaged = journal_is_damaged(&ret->raw, db_int(st, EVENT_ROW_COLUMNS + 3));
    ret->trace = db_blob(st, EVENT_ROW_COLUMNS + 2);
}

struct history_walk {
    int64_t at, last; /* ids: where it is, where it ends */
    int64_t since_ms, until_ms;
    int (*each)(void *ctx, const struct history *h);
    void *ctx;
};

/* The next events, in a transaction of their own. */
static int reader_bite(struct store_reader *r, struct history_walk *w, bool *ret_more, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(READER_SCRATCH_BYTES);
    struct db_stmt *st = NULL;
    int n = 0, rc = store_stmt(&r->link, SQL_EACH_EVENT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, w->at);
    db_bind_int(st, 2, w->last);
    db_bind_int(st, 3, READER_BITE);
    while ((rc = db_next(st, e)) == 1) {
        struct history h;
        arena_reset(a);
        reader_history(st, a, &h);
        w->at = h.row.id;
        n++;
        rc = h.row.received_ms < w->since_ms || h.row.received_ms >= w->until_ms ? 0 : w->each(w->ctx, &h);
        if (rc != 0)
            break;
    }
    db_reset(st);
    *ret_more = n == READER_BITE;
    return rc;
}

int store_each_event(struct store_reader *r, int64_t since_ms, int64_t until_ms,
                     int (*each)(void *ctx, const struct history *h), void *ctx, struct err *e)
{
    struct history_walk w = {.since_ms = since_ms, .until_ms = until_ms, .each = each, .ctx = ctx};
    int rc = reader_before(r, since_ms, &w.at, e);
    if (rc == 0)
        rc = reader_before(r, until_ms, &w.last, e);
    for (bool more = true; rc == 0 && more;)
        rc = reader_bite(r, &w, &more, e);
    return rc;
}

struct head_walk {
    int64_t at, since_ms;
    int (*each)(void *ctx, const struct event_head *h);
    void *ctx;
};

static int reader_heads(struct store_reader *r, struct head_walk *w, bool *ret_more, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(READER_SCRATCH_BYTES);
    struct db_stmt *st = NULL;
    int n = 0, rc = store_stmt(&r->link, SQL_EACH_HEAD, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, w->at);
    db_bind_int(st, 2, READER_HEADS);
    while ((rc = db_next(st, e)) == 1) {
        arena_reset(a);
        const struct event_head h = {.id = db_int(st, 0),
                                     .tracker = row_text(st, 1, a),
                                     .subject = row_text(st, 2, a),
                                     .received_ms = db_int(st, 3),
                                     .headers = row_text(st, 4, a),
                                     .verdict = (enum verdict)db_int(st, 5),
                                     .ended_ms = db_int(st, 6),
                                     .source = (enum event_source)db_int(st, 7)};
        w->at = h.id;
        n++;
        rc = h.received_ms < w->since_ms ? 0 : w->each(w->ctx, &h);
        if (rc != 0)
            break;
    }
    db_reset(st);
    *ret_more = n == READER_HEADS;
    return rc;
}

int store_each_head(struct store_reader *r, int64_t after, int64_t since_ms,
                    int (*each)(void *ctx, const struct event_head *h), void *ctx, struct err *e)
{
    struct head_walk w = {.since_ms = since_ms, .each = each, .ctx = ctx};
    int rc = since_ms > 0 ? reader_before(r, since_ms, &w.at, e) : 0;
    w.at = w.at > after ? w.at : after;
    for (bool more = true; rc == 0 && more;)
        rc = reader_heads(r, &w, &more, e);
    return rc;
}

int store_list_audit(struct store_reader *r, const struct audit_filter *f, struct arena *a, struct many *ret,
                     struct err *e)
{
    return audit_list(&r->link, f, a, ret, e);
}

int store_list_jobs(struct store_reader *r, const struct job_page *page, struct arena *a, struct many *ret,
                    struct err *e)
{
    return job_list(&r->link, page, a, ret, e);
}

int store_read_job(struct store_reader *r, int64_t id, struct arena *a, struct job_row *ret, struct err *e)
{
    return job_read(&r->link, id, a, ret, e);
}

int store_job_events(struct store_reader *r, const struct job_events *want, struct arena *a, struct many *ret,
                     struct err *e)
{
    return job_events(&r->link, want, a, ret, e);
}

static void reader_attempt_row(struct db_stmt *st, struct arena *a, size_t *traces, struct attempt_row *ret)
{
    struct str trace = db_blob(st, 8);
    *ret = (struct attempt_row){
        .number = db_int(st, 0) % (1 << ATTEMPT_BITS),
        .started_ms = db_int(st, 1),
        .ended_ms = db_int(st, 2),
        .verdict = (enum verdict)db_int(st, 3),
        .class = row_text(st, 4, a),
        .retry_at_ms = db_int(st, 5),
        .target = row_text(st, 6, a),
        .reason = row_text(st, 7, a),
    };
    if (trace.p && trace.n <= STORE_TRACES_BYTES - *traces) {
        ret->trace = (struct str){arena_str(a, trace), trace.n};
        *traces += trace.n;
    }
}

/* Read newest first, so that the bounds leave out the oldest; given oldest first. */
static int reader_attempts(struct store_reader *r, int64_t event, struct arena *a, struct many *ret, struct err *e)
{
    struct many rows = {NULL, 0};
    struct db_stmt *st = NULL;
    size_t traces = 0;
    int rc = store_stmt(&r->link, SQL_LIST_ATTEMPTS, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, event);
    db_bind_int(st, 2, STORE_ATTEMPTS_READ);
    while ((rc = db_next(st, e)) == 1)
        reader_attempt_row(st, a, &traces, many_add(a, &rows, sizeof(struct attempt_row)));
    if (rc < 0)
        return rc;
    struct attempt_row *v = rows.v;
    for (size_t i = 0; i < rows.n / 2; i++) {
        struct attempt_row swap = v[i];
        v[i] = v[rows.n - 1 - i];
        v[rows.n - 1 - i] = swap;
    }
    *ret = rows;
    return 0;
}

static int reader_event(struct store_reader *r, int64_t id, struct arena *a, struct event_row *ret, struct err *e)
{
    struct event_filter one = {.before = id + 1, .after = id - 1, .limit = 1};
    struct many rows = {NULL, 0};
    int rc = store_list_events(r, &one, a, &rows, e);
    if (rc < 0)
        return rc;
    if (rows.n != 1)
        return fail(e, ERR_MISSING, "there is no event %" PRId64, id);
    *ret = *(const struct event_row *)rows.v;
    return 0;
}

int store_read_event(struct store_reader *r, int64_t id, struct arena *a, struct event_story *ret, struct err *e)
{
    if (id < 1 || id == INT64_MAX)
        return fail(e, ERR_MISSING, "there is no event %" PRId64, id);
    const struct audit_filter of_it = {.event = id, .limit = READER_LIMIT};
    int rc = db_begin(r->link.db, e); /* one picture for the four */
    if (rc == 0)
        rc = reader_event(r, id, a, &ret->row, e);
    if (rc == 0)
        rc = journal_read(&r->link, id, a, &ret->raw, e);
    if (rc == 0)
        rc = reader_attempts(r, id, a, &ret->attempts, e);
    if (rc == 0)
        rc = audit_list(&r->link, &of_it, a, &ret->audit, e);
    db_rollback(r->link.db);
    return rc;
}

int store_counts(struct store_reader *r, struct store_figures *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int64_t last = 0;
    int rc = store_first_int(&r->link, SQL_LAST_ID, &last, e);
    if (rc == 0)
        rc = store_stmt(&r->link, SQL_COUNTS, &st, e);
    if (rc == 0)
        rc = db_next(st, e);
    if (rc < 0)
        return rc;
    *ret = (struct store_figures){
        .pending = db_int(st, 0),
        .parked = db_int(st, 1),
        .oldest_pending_ms = db_int(st, 2),
        .last_id = last,
        .bytes = db_bytes(r->link.db),
    };
    db_reset(st);
    return 0;
}
