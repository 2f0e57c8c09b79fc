/* audit.c: what people did: who, when, what, to which event, why; and which event came from replaying which. */
#include "base/base.h"
#include "store/people.h"
#include "store/store_private.h"

enum { AUDIT_ROWS_MAX = 1000 };

int store_add_audit(struct store *s, const struct audit_record *r, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_AUDIT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, r->at_ms);
    db_bind_text(st, 2, r->who);
    db_bind_text(st, 3, r->verb);
    db_bind_int(st, 4, r->event);
    db_bind_text(st, 5, r->note);
    return store_run(s, st, e);
}

int store_add_replay(struct store *s, int64_t event, int64_t original, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_REPLAY, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, event);
    db_bind_int(st, 2, original);
    return store_run(s, st, e);
}

static void audit_row(struct db_stmt *st, struct arena *a, struct audit_record *ret)
{
    *ret = (struct audit_record){
        .id = db_int(st, 0),
        .at_ms = db_int(st, 1),
        .who = row_text(st, 2, a),
        .verb = row_text(st, 3, a),
        .event = db_int(st, 4),
        .note = row_text(st, 5, a),
    };
}

int audit_list(struct store_link *l, const struct audit_filter *f, struct arena *a, struct many *ret, struct err *e)
{
    struct many rows = {NULL, 0};
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, SQL_LIST_AUDIT, &st, e);
    if (rc < 0)
        return rc;
    if (f->event > 0)
        db_bind_int(st, 1, f->event);
    db_bind_int(st, 2, f->before > 0 ? f->before : INT64_MAX);
    db_bind_int(st, 3, f->limit < 1 ? 1 : f->limit > AUDIT_ROWS_MAX ? AUDIT_ROWS_MAX : f->limit);
    while ((rc = db_next(st, e)) == 1)
        audit_row(st, a, many_add(a, &rows, sizeof(struct audit_record)));
    if (rc < 0)
        return rc;
    *ret = rows;
    return 0;
}
