#include "base/base.h"
#include "db/db.h"
#include "base/text.h"
#include "db/db_private.h"

static const struct db_driver *const db_drivers[] = {&sqlite_driver};

/* The engine of "SCHEME:WHERE"; NULL when there is none of that name. */
static const struct db_driver *db_driver_find(const char *url, const char **ret_where)
{
    for (size_t i = 0; i < COUNT(db_drivers); i++) {
        size_t n = strlen(db_drivers[i]->scheme);
        if (text_starts(url, db_drivers[i]->scheme) && url[n] == ':') {
            *ret_where = url + n + 1;
            return db_drivers[i];
        }
    }
    return NULL;
}

int db_open(struct db **ret, const char *url, enum db_mode mode, struct err *e)
{
    const char *where = NULL;
    const struct db_driver *driver = db_driver_find(url, &where);
    /* The url itself is not shown: it may hold a password. */
    if (!driver)
        return fail(e, ERR_CONFIG, "the store must be given as sqlite:PATH");
    return driver->open(ret, where, mode, e);
}

void db_close(struct db *d)
{
    if (d)
        d->driver->close(d);
}

void db_auto(struct db **d)
{
    db_close(*d);
}

const char *db_name(const struct db *d)
{
    return d->driver->name(d);
}

bool db_was_cut(const struct db *d)
{
    return d->driver->was_cut(d);
}

int db_trust(struct db *d, struct err *e)
{
    return d->driver->trust(d, e);
}

int db_check(struct db *d, const char *table, struct err *e)
{
    return d->driver->look(d, table, e);
}

const char *db_damage(const struct db *d)
{
    return d->driver->damage(d);
}

int64_t db_bytes(struct db *d)
{
    return d->driver->bytes(d);
}

int db_exec(struct db *d, const char *sql, struct err *e)
{
    return d->driver->exec(d, sql, e);
}

int db_copy(struct db *d, const char *path, struct db_watch *w, struct err *e)
{
    return d->driver->copy(d, path, w, e);
}

int db_schema(struct db *d, int64_t *ret, struct err *e)
{
    return d->driver->schema(d, ret, e);
}

int db_set_schema(struct db *d, int64_t number, struct err *e)
{
    return d->driver->set_schema(d, number, e);
}

int db_begin(struct db *d, struct err *e)
{
    return d->driver->begin(d, e);
}

int db_commit(struct db *d, struct err *e)
{
    return d->driver->commit(d, e);
}

void db_rollback(struct db *d)
{
    if (db_in_transaction(d))
        d->driver->rollback(d);
}

bool db_in_transaction(const struct db *d)
{
    return d->driver->in_transaction(d);
}

int64_t db_changes(const struct db *d)
{
    return d->driver->changes(d);
}

int db_prepare(struct db *d, const char *sql, struct db_stmt **ret, struct err *e)
{
    return d->driver->prepare(d, sql, ret, e);
}

void db_finish(struct db_stmt *s)
{
    if (s)
        s->db->driver->finish(s);
}

void db_stmt_auto(struct db_stmt **s)
{
    db_finish(*s);
}

void db_bind_int(struct db_stmt *s, int at, int64_t v)
{
    s->db->driver->bind_int(s, at, v);
}

void db_bind_str(struct db_stmt *s, int at, struct str v)
{
    s->db->driver->bind_str(s, at, v.p ? v : STR(""));
}

void db_bind_blob(struct db_stmt *s, int at, struct str v)
{
    if (v.p)
        s->db->driver->bind_blob(s, at, v);
    else
        db_bind_null(s, at);
}

void db_bind_text(struct db_stmt *s, int at, const char *v)
{
    if (v)
        db_bind_str(s, at, str_of(v));
    else
        db_bind_null(s, at);
}

void db_bind_null(struct db_stmt *s, int at)
{
    s->db->driver->bind_null(s, at);
}

int db_next(struct db_stmt *s, struct err *e)
{
    return s->db->driver->next(s, e);
}

int db_run(struct db_stmt *s, struct err *e)
{
    int rc = db_next(s, e);
    if (rc < 0)
        return rc;
    db_reset(s);
    return 0;
}

void db_reset(struct db_stmt *s)
{
    s->db->driver->reset(s);
}

int64_t db_int(struct db_stmt *s, int column)
{
    return s->db->driver->get_int(s, column);
}

struct str db_text(struct db_stmt *s, int column)
{
    return s->db->driver->get_text(s, column);
}

struct str db_blob(struct db_stmt *s, int column)
{
    return s->db->driver->get_blob(s, column);
}

void db_fault(struct db *d, unsigned after, int error)
{
    if (d->driver->fault)
        d->driver->fault(d, after, error);
}
