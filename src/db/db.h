/*
 * db.h: an SQL engine behind one face. SQL is written once, with ?1 ?2 … parameters.
 *
 * A connection belongs to one thread at a time. Texts and blobs from db_text and db_blob are borrowed until the next
 * db_next, db_reset or db_finish of that statement. Errors: TRANSIENT (locked, busy, I/O), PERMANENT (corrupt, not a
 * database), CONFIG (cannot open, in use by another process), CONFLICT (a unique key is there already), INPUT (a value
 * is too big), LIMITED never; a full disk is TRANSIENT with code ENOSPC; db_commit returns UNCERTAIN when the
 * connection dies under it. TRANSIENT and worse may have ended the transaction: db_in_transaction tells.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/base.h"

struct db;
struct db_stmt;

enum db_mode {
    DB_WRITE, /* creates the file; only one process and one connection at a time may have it */
    DB_READ,  /* any number, beside the writer; nothing can be changed */
    DB_STILL  /* likewise, of a file that nobody writes: makes no files beside it */
};

/* url: "sqlite:PATH". */
int db_open(struct db **ret, const char *url, enum db_mode mode, struct err *e);
void db_close(struct db *d); /* NULL is fine; statements must have been finished */
void db_auto(struct db **d);
const char *db_name(const struct db *d); /* for messages: the path */
/*
 * Was the owner before this writer cut off? What its log holds then stays there when this one closes, too, until
 * db_trust: who refuses the file leaves it as it was found. db_trust also notes that there is a store here, so that a
 * file that is gone or empty later is not taken for a new one.
 */
bool db_was_cut(const struct db *d);
int db_trust(struct db *d, struct err *e);
/* Reads one table, or with NULL all of the file, in one transaction. PERMANENT: not in order; says how. */
int db_check(struct db *d, const char *table, struct err *e);
const char *db_damage(const struct db *d);                 /* the first that was found by this connection; NULL: none */
int64_t db_bytes(struct db *d);                            /* size of the data; 0 when it cannot be told */
int db_exec(struct db *d, const char *sql, struct err *e); /* one or more statements without rows */

struct db_watch { /* a member of who wants to know how far a copy is */
    void (*copied)(struct db_watch *w, int64_t done_bytes, int64_t all_bytes);
};
/* A whole, consistent copy as a new file, made beside a writer; not synced. The file must not exist. */
int db_copy(struct db *d, const char *path, struct db_watch *w, struct err *e); /* w may be NULL */

/* The schema's number, 0 in a new database. Setting it joins the transaction. */
int db_schema(struct db *d, int64_t *ret, struct err *e);
int db_set_schema(struct db *d, int64_t number, struct err *e);

/* A transaction: a writer's takes the write lock at once, a reader's is a steady picture. */
int db_begin(struct db *d, struct err *e);
int db_commit(struct db *d, struct err *e); /* after an error the transaction may be open still: roll back */
void db_rollback(struct db *d);             /* no-op outside a transaction */
bool db_in_transaction(const struct db *d);

int db_prepare(struct db *d, const char *sql, struct db_stmt **ret, struct err *e);
void db_finish(struct db_stmt *s); /* NULL is fine */
void db_stmt_auto(struct db_stmt **s);
void db_bind_int(struct db_stmt *s, int at, int64_t v);
void db_bind_str(struct db_stmt *s, int at, struct str v);   /* as text; borrowed until the statement is reset */
void db_bind_blob(struct db_stmt *s, int at, struct str v);  /* likewise; p NULL binds null */
void db_bind_text(struct db_stmt *s, int at, const char *v); /* likewise; NULL binds null */
void db_bind_null(struct db_stmt *s, int at);
int db_next(struct db_stmt *s, struct err *e); /* 1 a row, 0 the end, -class; at 0 and -class it has been reset */
int db_run(struct db_stmt *s, struct err *e);  /* for statements without rows: next, then reset */
void db_reset(struct db_stmt *s);              /* also forgets what was bound */
int64_t db_int(struct db_stmt *s, int column);
struct str db_text(struct db_stmt *s, int column); /* terminated; p NULL for null */
struct str db_blob(struct db_stmt *s, int column);
int64_t db_changes(const struct db *d); /* rows that the last statement changed */

/*
 * Fault injection for tests: the n-th write or sync from now (1: the next one) and all after it fail with this errno,
 * until 0 0 switches it off. An engine without faults ignores it. ENOSPC gives a full disk, any other errno code EIO.
 */
void db_fault(struct db *d, unsigned after, int error);

#endif
