/* store_private.h: what the files of the store share: statements, the batch, the layout of ids. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include "db/db.h"
#include "store/jobs.h"
#include "store/damage.h"
#include "store/people.h"

/* Statements, prepared when first used; their SQL is in sql.c. */
enum store_sql {
    SQL_LAST_ID,
    SQL_SET_FLOOR,
    SQL_FIND_SEEN,
    SQL_ADD_SEEN,
    SQL_ADD_EVENT,
    SQL_ADD_QUEUE,
    SQL_GET_EVENT,
    SQL_EACH_PENDING,
    SQL_GET_PENDING,
    SQL_HASTEN_QUEUE,
    SQL_OLDEST_PENDING,
    SQL_ADD_ATTEMPT,
    SQL_ADD_OUTCOME,
    SQL_END_QUEUE,
    SQL_PARK_QUEUE,
    SQL_HAS_EVENT,
    SQL_IS_PENDING,
    SQL_GET_EFFECT,
    SQL_PUT_EFFECT,
    SQL_LANE_OF,
    SQL_JOIN_LANE,
    SQL_MERGE_LANES,
    SQL_MOVE_EVENT,
    SQL_PUT_LINK,
    SQL_REMOVE_LINKS,
    SQL_GET_LINKS,
    SQL_OLD_EVENTS,
    SQL_OLD_DEAD,
    SQL_OLD_AUDIT,
    SQL_PACED_MS,
    SQL_PRUNE_ATTEMPTS,
    SQL_PRUNE_EFFECTS,
    SQL_PRUNE_OUTCOME,
    SQL_PRUNE_EVENT,
    SQL_PRUNE_REPLAY,
    SQL_PRUNE_AUDIT,
    SQL_TRACE_FLOOR,
    SQL_SET_TRACE_FLOOR,
    SQL_OLD_TRACES,
    SQL_PRUNE_TRACE,
    SQL_LIST_EVENTS,
    SQL_LIST_ATTEMPTS,
    SQL_EVENT_FROM,
    SQL_EACH_ENDED,
    SQL_EACH_EVENT,
    SQL_EACH_HEAD,
    SQL_CHECK_LAST,
    SQL_CHECK_EVENTS,
    SQL_CHECK_ATTEMPTS,
    SQL_CHECK_PLACES,
    SQL_CHECK_SEEN,
    SQL_IS_UNCHECKED,
    SQL_SET_UNCHECKED,
    SQL_SET_CHECKED,
    SQL_ADD_AUDIT,
    SQL_ADD_REPLAY,
    SQL_LIST_AUDIT,
    SQL_COUNTS,
    SQL_LAST_JOB,
    SQL_ADD_JOB,
    SQL_PUT_JOB,
    SQL_GET_JOB,
    SQL_OPEN_JOBS,
    SQL_LIST_JOBS,
    SQL_ADD_JOB_EVENT,
    SQL_PRUNE_JOB_EVENT,
    SQL_JOB_LEFT,
    SQL_JOB_PENDING,
    SQL_JOB_VERDICTS,
    SQL_JOB_EVENTS,
    SQL_GET_CURSOR,
    SQL_PUT_CURSOR,
    SQL_REMOVE_CURSOR,
    SQL_EACH_CURSOR,
    SQLS
};
struct store_link { /* a connection and its statements */
    struct db *db;
    struct db_stmt *stmts[SQLS];
};
int store_link_open(struct store_link *l, const char *url, enum db_mode mode, struct err *e);
void store_link_close(struct store_link *l);
int store_stmt(struct store_link *l, enum store_sql which, struct db_stmt **ret, struct err *e);
const char *store_sql_text(enum store_sql which);
/* The first column of the only row; 0 when there is none. */
int store_first_int(struct store_link *l, enum store_sql which, int64_t *ret, struct err *e);

struct store {
    struct store_link link;
    struct store_wait *waits, **waits_end;
    bool is_dirty;      /* the batch has begun */
    bool is_hurried;    /* somebody waits for it who is to wait no longer than this turn */
    struct err refused; /* class not NONE: why the batch was undone; the rest of it is refused */
    int64_t last_id;
    bool is_open;
    bool is_unchecked;           /* as in the table meta */
    char damage[ERR_TEXT_BYTES]; /* "": none was found */
};
/* Joins the batch; every writing call begins with it. */
int store_write(struct store *s, enum store_sql which, struct db_stmt **ret, struct err *e);
/* Runs a statement of the batch. A failure that is not the row's own undoes the batch. */
int store_run(struct store *s, struct db_stmt *st, struct err *e);

/* check.c */
int check_link(struct store_link *l, const struct store_going *g, struct store_checked *ret, struct err *e);

/* schema.c */
int schema_known(struct db *d, int64_t *ret, struct err *e); /* CONFIG: newer than ours */
int schema_migrate(struct db *d, struct err *e);
int schema_check(struct db *d, struct err *e); /* for readers: CONFIG unless it is ours */

/* An attempt's id is event << ATTEMPT_BITS | number, so that those of an event are neighbours. */
enum { ATTEMPT_BITS = 20, STORE_CHECK_BYTES = 64 << 20 /* looked through before it is served */ };
static inline int64_t attempt_id(int64_t event, int64_t number)
{
    return event * ((int64_t)1 << ATTEMPT_BITS) + number;
}

/* The row of SQL_EACH_PENDING and SQL_GET_PENDING. */
struct pending pending_row(struct db_stmt *st);
/* Columns of SQL_LIST_COLUMNS. */
enum { EVENT_ROW_COLUMNS = 17 };
enum { STORE_JOBS_BYTES = 64 * 1024 * 1024 };
int job_read(struct store_link *l, int64_t id, struct arena *a, struct job_row *ret, struct err *e);
int job_list(struct store_link *l, const struct job_page *page, struct arena *a, struct many *ret, struct err *e);
int job_events(struct store_link *l, const struct job_events *want, struct arena *a, struct many *ret, struct err *e);
int audit_list(struct store_link *l, const struct audit_filter *f, struct arena *a, struct many *ret, struct err *e);
/* journal.c: a row of SQL_ENTRY_COLUMNS; texts are copied, the body is the statement's. */
void journal_row(struct db_stmt *st, struct arena *a, struct entry *ret);
/* journal.c: the row of SQL_GET_EVENT, damaged or not; texts and body are copied. */
int journal_read(struct store_link *l, int64_t id, struct arena *a, struct entry *ret, struct err *e); /* MISSING */
/* Is this not what was added with that checksum? 0: unknown, then no. */
bool journal_is_damaged(const struct entry *en, int64_t sum);
int journal_damaged(int64_t id, struct err *e); /* the error for it */
/* A copy of a column; NULL for null. */
const char *row_text(struct db_stmt *st, int column, struct arena *a);
int64_t subject_hash(const char *subject); /* stored, compared by lists */

#endif
