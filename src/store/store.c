/* store.c: opening, the batch of a turn, and those who wait for it. */
#include "base/base.h"
#include "store/store.h"
#include "base/arena.h"
#include "store/store_private.h"

/* --- connection and statements --- */

int store_link_open(struct store_link *l, const char *url, enum db_mode mode, struct err *e)
{
    return db_open(&l->db, url, mode, e);
}

void store_link_close(struct store_link *l)
{
    for (size_t i = 0; i < SQLS; i++)
        db_finish(TAKE(l->stmts[i]));
    db_close(TAKE(l->db));
}

int store_stmt(struct store_link *l, enum store_sql which, struct db_stmt **ret, struct err *e)
{
    if (!l->stmts[which]) {
        int rc = db_prepare(l->db, store_sql_text(which), &l->stmts[which], e);
        if (rc < 0)
            return rc;
    }
    *ret = l->stmts[which];
    return 0;
}

int store_first_int(struct store_link *l, enum store_sql which, int64_t *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, which, &st, e);
    if (rc == 0)
        rc = db_next(st, e);
    if (rc < 0)
        return rc;
    *ret = rc ? db_int(st, 0) : 0;
    db_reset(st);
    return 0;
}

const char *row_text(struct db_stmt *st, int column, struct arena *a)
{
    struct str s = db_text(st, column);
    return s.p ? arena_str(a, s) : NULL;
}

/* --- open and close --- */

/* Before anything is changed: what an owner left who was cut off is looked through, unless that would take long. */
static int store_look(struct store *s, struct err *e)
{
    int64_t schema = 0, is_unchecked = 0;
    int rc = schema_known(s->link.db, &schema, e);
    if (rc == 0 && schema > 0)
        rc = store_first_int(&s->link, SQL_IS_UNCHECKED, &is_unchecked, e);
    s->is_unchecked = is_unchecked != 0 || db_was_cut(s->link.db);
    if (rc == 0 && s->is_unchecked && db_bytes(s->link.db) <= STORE_CHECK_BYTES)
        rc = db_check(s->link.db, NULL, e);
    return rc;
}

/* All statements are prepared: tables that are not ours are found now, not with the first event. */
static int store_prepare(struct store *s, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = schema_migrate(s->link.db, e);
    for (unsigned i = 0; rc == 0 && i < SQLS; i++)
        rc = store_stmt(&s->link, (enum store_sql)i, &st, e);
    if (rc == -ERR_BUG)
        return err_within(e, "somebody changed the store's tables or its schema number; restore a backup");
    return rc;
}

/* That it is to be looked through must outlast this process. */
static int store_mark(struct store *s, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_SET_UNCHECKED, &st, e);
    return rc == 0 ? db_run(st, e) : rc;
}

static int store_start(struct store *s, const char *url, struct err *e)
{
    int rc = store_link_open(&s->link, url, DB_WRITE, e);
    if (rc == 0)
        rc = store_look(s, e);
    if (rc == 0)
        rc = store_prepare(s, e);
    if (rc == 0 && s->is_unchecked)
        rc = store_mark(s, e);
    if (rc == 0)
        rc = db_trust(s->link.db, e);
    if (rc == 0)
        rc = store_first_int(&s->link, SQL_LAST_ID, &s->last_id, e);
    return rc;
}

int store_open(struct store **ret, const char *url, struct err *e)
{
    AUTO(store_auto) struct store *s = mem_zero(sizeof *s);
    s->waits_end = &s->waits;
    int rc = store_start(s, url, e);
    if (rc < 0)
        return rc;
    s->is_open = true;
    *ret = TAKE(s);
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->link.db)
        store_commit(s);
    if (s->is_open && store_damage(s)) /* to be looked through at the next start */
        (void)(store_mark(s, NULL) < 0);
    store_link_close(&s->link);
    mem_free(s);
}

void store_auto(struct store **s)
{
    store_close(*s);
}

void store_fault(struct store *s, unsigned after, int error)
{
    db_fault(s->link.db, after, error);
}

/* --- damage --- */

bool store_unchecked(const struct store *s)
{
    return s->is_unchecked;
}

int store_set_checked(struct store *s, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_SET_CHECKED, &st, e);
    if (rc == 0)
        rc = store_run(s, st, e);
    if (rc == 0)
        s->is_unchecked = false;
    return rc;
}

void store_note_damage(struct store *s, const struct err *why)
{
    if (!s->damage[0])
        snprintf(s->damage, sizeof s->damage, "%s", why->text);
}

const char *store_damage(const struct store *s)
{
    return s->damage[0] ? s->damage : db_damage(s->link.db);
}

/* --- the batch --- */

/* The batch cannot be kept: undo it, and remember why for those who wait and for the rest of it. */
static void store_undo(struct store *s, const struct err *why)
{
    db_rollback(s->link.db);
    s->refused = *why;
}

int store_write(struct store *s, enum store_sql which, struct db_stmt **ret, struct err *e)
{
    struct err why = {.class = ERR_NONE};
    int rc = 0;
    if (s->refused.class != ERR_NONE) {
        if (e)
            *e = s->refused;
        return -(int)s->refused.class;
    }
    s->is_dirty = true; /* even when it only comes to reading: what was begun must be ended */
    if (!db_in_transaction(s->link.db))
        rc = db_begin(s->link.db, &why);
    if (rc == 0)
        rc = store_stmt(&s->link, which, ret, &why);
    if (rc == 0)
        return 0;
    store_undo(s, &why);
    if (e)
        *e = why;
    return rc;
}

int store_run(struct store *s, struct db_stmt *st, struct err *e)
{
    struct err why = {.class = ERR_NONE};
    int rc = db_run(st, &why);
    if (rc == 0)
        return 0;
    if ((why.class != ERR_INPUT && why.class != ERR_CONFLICT) || !db_in_transaction(s->link.db))
        store_undo(s, &why);
    if (e)
        *e = why;
    return rc;
}

void store_when_durable_later(struct store *s, struct store_wait *w)
{
    w->next = NULL;
    *s->waits_end = w;
    s->waits_end = &w->next;
}

void store_when_durable(struct store *s, struct store_wait *w)
{
    store_when_durable_later(s, w);
    s->is_hurried = true;
}

bool store_hurried(const struct store *s)
{
    return s->is_hurried;
}

bool store_dirty(const struct store *s)
{
    return s->is_dirty || s->waits;
}

/* Ends the batch on disk; on failure nothing of it is left. */
static int store_settle(struct store *s, struct err *e)
{
    int rc = 0;
    if (s->refused.class != ERR_NONE) {
        *e = s->refused;
        rc = -(int)s->refused.class;
    } else if (db_in_transaction(s->link.db)) {
        rc = db_commit(s->link.db, e);
    }
    if (rc < 0)
        db_rollback(s->link.db);
    s->refused = (struct err){.class = ERR_NONE};
    s->is_dirty = s->is_hurried = false;
    return rc;
}

void store_commit(struct store *s)
{
    struct err e = {.class = ERR_NONE};
    if (!store_dirty(s))
        return;
    int rc = store_settle(s, &e);
    /* Detached first: who is called may wait again, for the next batch, or go away. */
    struct store_wait *w = TAKE(s->waits);
    s->waits_end = &s->waits;
    while (w) {
        struct store_wait *next = w->next;
        w->durable(w, rc < 0 ? &e : NULL);
        w = next;
    }
}
