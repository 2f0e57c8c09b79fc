/*
 * The embedded engine: SQLite in WAL mode, each commit on disk before it returns.
 *
 * Beside PATH lie PATH-wal and PATH-shm (SQLite's own) and PATH-lock, an empty file whose flock says that a process has
 * the store; it is never removed, so that two processes cannot hold two files of one name. It is not empty any more
 * once there was a store, so that one that vanished is missed.
 */
#include "base/base.h"
#include "db/db_private.h"
#include "db/sqlite_private.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SQLITE_PATH_MAX = 4000,
    SQLITE_BUSY_MS = 5000,
    SQLITE_COPY_BITE = 256 /* pages */
};

struct sqlite_db {
    struct db db;
    sqlite3 *handle;
    struct text path;
    enum db_mode mode;
    int lock; /* descriptor of PATH-lock; -1 for readers */
    bool was_cut;
    char damage[ERR_TEXT_BYTES];
    struct sqlite_fault fault;
};

struct sqlite_stmt {
    struct db_stmt stmt;
    sqlite3_stmt *handle;
    int bind_rc; /* the first failure to bind since the last reset */
};

/*
 * 16 KiB pages hold five events of 3 KB, so that a batch dirties few pages. The log is kept at its size when it starts
 * over: overwriting needs no change of the file's metadata, which halves the time of a sync. Freed content is zeroed
 * only where that costs no further page.
 */
static const char sqlite_write_setup[] = "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                         "PRAGMA wal_autocheckpoint=200; PRAGMA journal_size_limit=67108864;"
                                         "PRAGMA foreign_keys=OFF; PRAGMA secure_delete=FAST; PRAGMA temp_store=MEMORY;"
                                         "PRAGMA cache_size=-4096;";
static const char sqlite_read_setup[] = "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192;";

static struct sqlite_db *sqlite_of(const struct db *d)
{
    return CONTAINER(d, struct sqlite_db, db);
}

static struct sqlite_stmt *sqlite_stmt_of(const struct db_stmt *s)
{
    return CONTAINER(s, struct sqlite_stmt, stmt);
}

/* --- errors --- */

static const struct sqlite_code {
    int code;
    enum err_class class;
    const char *advice;
} sqlite_codes[] = {
    {SQLITE_FULL, ERR_TRANSIENT, "; free some space, nothing else is needed"},
    {SQLITE_IOERR, ERR_TRANSIENT, ""},
    {SQLITE_BUSY, ERR_TRANSIENT, ""},
    {SQLITE_LOCKED, ERR_TRANSIENT, ""},
    {SQLITE_NOMEM, ERR_TRANSIENT, ""},
    {SQLITE_PROTOCOL, ERR_TRANSIENT, ""},
    {SQLITE_CORRUPT, ERR_PERMANENT,
     "; keep copies of it and of its -wal and -shm, then restore a backup, or what sqlite3's .dump or .recover can "
     "save"},
    {SQLITE_NOTADB, ERR_PERMANENT, "; give another path; if it was a store, keep a copy of it, then restore a backup"},
    {SQLITE_CANTOPEN, ERR_CONFIG, ""},
    {SQLITE_READONLY, ERR_CONFIG, ""},
    {SQLITE_PERM, ERR_CONFIG, ""},
    {SQLITE_CONSTRAINT, ERR_CONFLICT, ""},
    {SQLITE_TOOBIG, ERR_INPUT, ""},
};

static const struct sqlite_code *sqlite_code_find(int rc)
{
    static const struct sqlite_code other = {SQLITE_ERROR, ERR_BUG, ""};
    for (size_t i = 0; i < COUNT(sqlite_codes); i++)
        if (sqlite_codes[i].code == (rc & 0xff))
            return &sqlite_codes[i];
    return &other;
}

/* SQLite does not keep the errno of every failure; the two that matter follow from its own codes. */
static int sqlite_errno(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_IOERR:
        return EIO;
    default:
        return 0;
    }
}

static int sqlite_fail(struct sqlite_db *q, int rc, struct err *e)
{
    const struct sqlite_code *c = sqlite_code_find(rc);
    const char *what = sqlite3_extended_errcode(q->handle) == rc ? sqlite3_errmsg(q->handle) : sqlite3_errstr(rc);
    if (c->class == ERR_PERMANENT && !q->damage[0])
        snprintf(q->damage, sizeof q->damage, "store %s: %s%s", text_z(&q->path), what, c->advice);
    return fail_code(e, c->class, sqlite_errno(rc), "store %s: %s%s", text_z(&q->path), what, c->advice);
}

/* --- open and close --- */

static void sqlite_close(struct db *d)
{
    struct sqlite_db *q = sqlite_of(d);
    sqlite_fault_set(&q->fault, q->handle, 0, 0);
    sqlite3_close(q->handle);
    if (q->lock >= 0)
        close(q->lock);
    text_free(&q->path);
    mem_free(q);
}

static void sqlite_auto(struct sqlite_db **q)
{
    if (*q)
        sqlite_close(&(*q)->db);
}

/* The lock of the process on the store. */
static int sqlite_lock(struct sqlite_db *q, struct err *e)
{
    AUTO(text_auto) struct text path;
    text_init(&path, SQLITE_PATH_MAX + 8);
    text_addf(&path, "%s-lock", text_z(&q->path));
    q->lock = open(text_z(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (q->lock < 0)
        return fail_code(e, ERR_CONFIG, errno, "cannot write the store: %s: %m", text_z(&path));
    if (flock(q->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return fail_code(e, ERR_CONFIG, errno, "store %s: store is in use by another process", text_z(&q->path));
    return fail_code(e, ERR_CONFIG, errno, "cannot lock the store: %s: %m", text_z(&path));
}

static bool sqlite_is_empty(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size == 0 : errno == ENOENT;
}

/* What people report may be private: a new store is its owner's alone. SQLite gives its other files the same mode. */
static int sqlite_create(const struct sqlite_db *q, struct err *e)
{
    struct stat lock;
    if (fstat(q->lock, &lock) == 0 && lock.st_size > 0 && sqlite_is_empty(text_z(&q->path)))
        return fail(e, ERR_PERMANENT,
                    "store %s is gone or empty, and there was one: restore a backup, or remove %s-lock to begin anew",
                    text_z(&q->path), text_z(&q->path));
    int fd = open(text_z(&q->path), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST)
        return fail_code(e, ERR_CONFIG, errno, "cannot create the store: %s: %m", text_z(&q->path));
    return 0;
}

/* What a killed process left in the log is read as committed, so it must be on disk before anybody is told of it. */
static int sqlite_sync_log(const struct sqlite_db *q, struct err *e)
{
    AUTO(text_auto) struct text path;
    text_init(&path, SQLITE_PATH_MAX + 8);
    text_addf(&path, "%s-wal", text_z(&q->path));
    int fd = open(text_z(&path), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return is_synced ? 0 : fail_code(e, ERR_CONFIG, why, "cannot sync the store: %s: %m", text_z(&path));
}

static int sqlite_first_int(struct db *d, const char *sql, int64_t *ret, struct err *e)
{
    AUTO(db_stmt_auto) struct db_stmt *s = NULL;
    int rc = db_prepare(d, sql, &s, e);
    if (rc == 0)
        rc = db_next(s, e);
    if (rc < 0)
        return rc;
    *ret = rc ? db_int(s, 0) : 0;
    return 0;
}

static int64_t sqlite_bytes(struct db *d)
{
    int64_t pages = 0, page = 0;
    if (sqlite_first_int(d, "PRAGMA page_count", &pages, NULL) < 0 ||
        sqlite_first_int(d, "PRAGMA page_size", &page, NULL) < 0)
        return 0;
    return pages * page;
}

/* A clean end removes the log; one that has content means that the last owner was cut off. */
static bool sqlite_has_log(const struct sqlite_db *q)
{
    AUTO(text_auto) struct text path;
    struct stat st;
    text_init(&path, SQLITE_PATH_MAX + 8);
    text_addf(&path, "%s-wal", text_z(&q->path));
    return stat(text_z(&path), &st) == 0 && st.st_size > 0;
}

/* The address by which SQLite reads a file and nothing else, as if on a disk that cannot be written. */
static void sqlite_still_url(const struct sqlite_db *q, struct text *to)
{
    text_addz(to, "file:");
    for (const char *p = text_z(&q->path); *p; p++)
        text_addf(to, strchr("?#%", *p) ? "%%%02x" : "%c", (unsigned char)*p);
    text_addz(to, "?immutable=1");
}

static bool sqlite_lies_there(const struct sqlite_db *q, const char *end)
{
    AUTO(text_auto) struct text path;
    text_init(&path, SQLITE_PATH_MAX + 8);
    text_addf(&path, "%s%s", text_z(&q->path), end);
    return access(text_z(&path), F_OK) == 0;
}

static bool sqlite_may_add_files(const struct sqlite_db *q)
{
    AUTO(text_auto) struct text folder;
    const char *path = text_z(&q->path), *slash = strrchr(path, '/');
    text_init(&folder, SQLITE_PATH_MAX + 8);
    text_add(&folder, slash ? (struct str){path, (size_t)(slash - path) + 1} : STR("."));
    return access(text_z(&folder), W_OK) == 0;
}

/*
 * Reading needs a file for what is shared with the writer, which cannot be made where nothing may be written. Without a
 * log there is no writer, and the file alone is the store; a log can be read only beside such a file.
 */
static int sqlite_settle_mode(struct sqlite_db *q, struct err *e)
{
    if (q->mode != DB_READ || sqlite_lies_there(q, "-shm") || sqlite_may_add_files(q))
        return 0;
    if (sqlite_has_log(q))
        return fail(e, ERR_CONFIG,
                    "store %s cannot be read in a folder that cannot be written: a part of it is in %s-wal; copy both "
                    "into another folder",
                    text_z(&q->path), text_z(&q->path));
    q->mode = DB_STILL;
    return 0;
}

static int sqlite_open_handle(struct sqlite_db *q, struct err *e)
{
    AUTO(text_auto) struct text still;
    text_init(&still, 3 * SQLITE_PATH_MAX + 32);
    sqlite_still_url(q, &still);
    int flags = q->mode == DB_WRITE   ? SQLITE_OPEN_READWRITE
                : q->mode == DB_STILL ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                      : SQLITE_OPEN_READONLY;
    const char *path = q->mode == DB_STILL ? text_z(&still) : text_z(&q->path);
    int rc = sqlite3_open_v2(path, &q->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(q->handle, 1);
        sqlite3_busy_timeout(q->handle, SQLITE_BUSY_MS);
        return 0;
    }
    errno = sqlite3_system_errno(q->handle);
    if (errno != 0)
        return fail_code(e, ERR_CONFIG, errno, "cannot open the store: %s: %m", text_z(&q->path));
    return sqlite_fail(q, rc, e);
}

static int sqlite_setup(struct sqlite_db *q, struct err *e)
{
    if (q->mode != DB_WRITE)
        return db_exec(&q->db, sqlite_read_setup, e);
    if (q->was_cut)
        (void)sqlite3_db_config(q->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return db_exec(&q->db, sqlite_write_setup, e);
}

/* What the writer does before SQLite sees the file. */
static int sqlite_own(struct sqlite_db *q, struct err *e)
{
    int rc = sqlite_lock(q, e);
    if (rc == 0)
        rc = sqlite_create(q, e);
    if (rc == 0)
        rc = sqlite_sync_log(q, e);
    q->was_cut = rc == 0 && sqlite_has_log(q);
    return rc;
}

/* Has a writer, this process or another? */
static bool sqlite_is_owned(const struct sqlite_db *q)
{
    AUTO(text_auto) struct text path;
    text_init(&path, SQLITE_PATH_MAX + 8);
    text_addf(&path, "%s-lock", text_z(&q->path));
    int fd = open(text_z(&path), O_RDONLY | O_CLOEXEC);
    bool is_owned = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
    if (fd >= 0)
        close(fd);
    return is_owned;
}

static int sqlite_open_files(struct sqlite_db *q, struct err *e)
{
    int rc = q->mode == DB_WRITE ? sqlite_own(q, e) : sqlite_settle_mode(q, e);
    /* SQLite's own look at the log would wipe out what is known of it. */
    if (rc == 0 && (q->mode == DB_WRITE || (q->mode == DB_READ && !sqlite_is_owned(q))))
        rc = sqlite_log_check(text_z(&q->path), e);
    if (rc == 0)
        rc = sqlite_open_handle(q, e);
    return rc == 0 ? sqlite_setup(q, e) : rc;
}

static int sqlite_open(struct db **ret, const char *where, enum db_mode mode, struct err *e)
{
    AUTO(sqlite_auto) struct sqlite_db *q = mem_zero(sizeof *q);
    q->db.driver = &sqlite_driver;
    q->mode = mode;
    q->lock = -1;
    text_init(&q->path, SQLITE_PATH_MAX);
    /* SQLite would read "file:…" and ":memory:" its own way. */
    text_addz(&q->path, text_starts(where, "file:") || where[0] == ':' ? "./" : "");
    text_addz(&q->path, where);
    if (where[0] == '\0' || text_full(&q->path))
        return fail(e, ERR_CONFIG, "sqlite: needs the path of a file, of at most %d bytes", SQLITE_PATH_MAX);
    int rc = sqlite_open_files(q, e);
    if (rc < 0)
        return rc;
    *ret = &TAKE(q)->db;
    return 0;
}

static bool sqlite_was_cut(const struct db *d)
{
    return sqlite_of(d)->was_cut;
}

static const char *sqlite_damage(const struct db *d)
{
    const struct sqlite_db *q = sqlite_of(d);
    return q->damage[0] ? q->damage : NULL;
}

static int sqlite_trust(struct db *d, struct err *e)
{
    static const char note[] = "there is a store beside this file\n";
    const struct sqlite_db *q = sqlite_of(d);
    (void)sqlite3_db_config(q->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    struct stat lock;
    ssize_t n = (ssize_t)sizeof note - 1;
    if (fstat(q->lock, &lock) == 0 && lock.st_size > 0)
        return 0;
    if (pwrite(q->lock, note, (size_t)n, 0) == n && fsync(q->lock) == 0)
        return 0;
    return fail_code(e, ERR_CONFIG, errno, "cannot write the store: %s-lock: %m", text_z(&q->path));
}

static int sqlite_check(struct db *d, const char *table, struct err *e)
{
    struct sqlite_db *q = sqlite_of(d);
    AUTO(text_auto) struct text sql;
    AUTO(db_stmt_auto) struct db_stmt *s = NULL;
    text_init(&sql, 256);
    text_addf(&sql, table ? "PRAGMA quick_check('%s')" : "PRAGMA quick_check(1)", table);
    int rc = db_prepare(d, text_z(&sql), &s, e);
    if (rc == 0)
        rc = db_next(s, e);
    if (rc < 0)
        return rc;
    const char *said = rc ? db_text(s, 0).p : "no answer";
    if (text_same(said, "ok"))
        return 0;
    return fail(e, ERR_PERMANENT, "store %s is damaged: %.200s%s", text_z(&q->path), said ? said : "",
                sqlite_code_find(SQLITE_CORRUPT)->advice);
}

static const char *sqlite_name(const struct db *d)
{
    return text_z(&sqlite_of(d)->path);
}

/* --- transactions --- */

static int sqlite_exec(struct db *d, const char *sql, struct err *e)
{
    struct sqlite_db *q = sqlite_of(d);
    int rc = sqlite3_exec(q->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : sqlite_fail(q, rc, e);
}

/* In bites, so that it can be told how far it is. SQLITE_OK only if all is copied: sqlite3_backup_finish alone takes a
 * locked file for none of its business. */
static int sqlite_copy_all(struct sqlite_db *q, sqlite3_backup *copy, struct db_watch *w)
{
    int64_t page_bytes = 0;
    int rc, end;
    (void)(sqlite_first_int(&q->db, "PRAGMA page_size", &page_bytes, NULL) < 0);
    while ((rc = sqlite3_backup_step(copy, SQLITE_COPY_BITE)) == SQLITE_OK) {
        int64_t all = sqlite3_backup_pagecount(copy), left = sqlite3_backup_remaining(copy);
        if (w)
            w->copied(w, (all - left) * page_bytes, all * page_bytes);
    }
    end = sqlite3_backup_finish(copy);
    return rc == SQLITE_DONE ? end : rc;
}

static int sqlite_copy_to(struct sqlite_db *q, const char *path, struct db_watch *w, struct err *e)
{
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    sqlite3_backup *copy = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", q->handle, "main") : NULL;
    rc = copy ? sqlite_copy_all(q, copy, w) : sqlite3_errcode(to);
    int result = rc == SQLITE_OK ? 0 : fail(e, ERR_TRANSIENT, "copy to %s: %s", path, sqlite3_errstr(rc));
    (void)sqlite3_close(to);
    return result;
}

/* One picture for all bites: without the transaction each write of another process would begin the copy anew. */
static int sqlite_copy(struct db *d, const char *path, struct db_watch *w, struct err *e)
{
    int64_t unused;
    int rc = sqlite_exec(d, "BEGIN", e);
    if (rc == 0)
        rc = sqlite_first_int(d, "PRAGMA user_version", &unused, e); /* the first read takes the picture */
    if (rc == 0)
        rc = sqlite_copy_to(sqlite_of(d), path, w, e);
    (void)sqlite_exec(d, "ROLLBACK", NULL);
    return rc;
}

static int sqlite_schema(struct db *d, int64_t *ret, struct err *e)
{
    return sqlite_first_int(d, "PRAGMA user_version", ret, e);
}

static int sqlite_set_schema(struct db *d, int64_t number, struct err *e)
{
    AUTO(text_auto) struct text sql;
    text_init(&sql, 64);
    text_addf(&sql, "PRAGMA user_version=%" PRId64, number);
    return sqlite_exec(d, text_z(&sql), e);
}

static int sqlite_begin(struct db *d, struct err *e)
{
    return sqlite_exec(d, sqlite_of(d)->mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", e);
}

static int sqlite_commit(struct db *d, struct err *e)
{
    return sqlite_exec(d, "COMMIT", e);
}

static void sqlite_rollback(struct db *d)
{
    /* Its only failure is that there is nothing to roll back. */
    (void)sqlite_exec(d, "ROLLBACK", NULL);
}

static bool sqlite_in_transaction(const struct db *d)
{
    return sqlite3_get_autocommit(sqlite_of(d)->handle) == 0;
}

static int64_t sqlite_changes(const struct db *d)
{
    return sqlite3_changes64(sqlite_of(d)->handle);
}

/* --- statements --- */

static int sqlite_prepare(struct db *d, const char *sql, struct db_stmt **ret, struct err *e)
{
    struct sqlite_db *q = sqlite_of(d);
    sqlite3_stmt *handle = NULL;
    int rc = sqlite3_prepare_v3(q->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (rc != SQLITE_OK)
        return sqlite_fail(q, rc, e);
    struct sqlite_stmt *s = mem_zero(sizeof *s);
    s->stmt.db = d;
    s->handle = handle;
    *ret = &s->stmt;
    return 0;
}

static void sqlite_finish(struct db_stmt *stmt)
{
    struct sqlite_stmt *s = sqlite_stmt_of(stmt);
    sqlite3_finalize(s->handle);
    mem_free(s);
}

static void sqlite_bound(struct sqlite_stmt *s, int rc)
{
    if (s->bind_rc == SQLITE_OK)
        s->bind_rc = rc;
}

static void sqlite_bind_int(struct db_stmt *stmt, int at, int64_t v)
{
    struct sqlite_stmt *s = sqlite_stmt_of(stmt);
    sqlite_bound(s, sqlite3_bind_int64(s->handle, at, v));
}

static void sqlite_bind_str(struct db_stmt *stmt, int at, struct str v)
{
    struct sqlite_stmt *s = sqlite_stmt_of(stmt);
    sqlite_bound(s, sqlite3_bind_text64(s->handle, at, v.p, v.n, SQLITE_STATIC, SQLITE_UTF8));
}

static void sqlite_bind_blob(struct db_stmt *stmt, int at, struct str v)
{
    struct sqlite_stmt *s = sqlite_stmt_of(stmt);
    sqlite_bound(s, sqlite3_bind_blob64(s->handle, at, v.p, v.n, SQLITE_STATIC));
}

static void sqlite_bind_null(struct db_stmt *stmt, int at)
{
    struct sqlite_stmt *s = sqlite_stmt_of(stmt);
    sqlite_bound(s, sqlite3_bind_null(s->handle, at));
}

static void sqlite_reset(struct db_stmt *stmt)
{
    struct sqlite_stmt *s = sqlite_stmt_of(stmt);
    sqlite3_reset(s->handle);
    sqlite3_clear_bindings(s->handle);
    s->bind_rc = SQLITE_OK;
}

static int sqlite_next(struct db_stmt *stmt, struct err *e)
{
    struct sqlite_stmt *s = sqlite_stmt_of(stmt);
    int rc = s->bind_rc == SQLITE_OK ? sqlite3_step(s->handle) : s->bind_rc;
    if (rc == SQLITE_ROW)
        return 1;
    int ret = rc == SQLITE_DONE ? 0 : sqlite_fail(sqlite_of(stmt->db), rc, e);
    sqlite_reset(stmt);
    return ret;
}

static int64_t sqlite_get_int(struct db_stmt *stmt, int column)
{
    return sqlite3_column_int64(sqlite_stmt_of(stmt)->handle, column);
}

static struct str sqlite_get_text(struct db_stmt *stmt, int column)
{
    sqlite3_stmt *handle = sqlite_stmt_of(stmt)->handle;
    const unsigned char *p = sqlite3_column_text(handle, column);
    return (struct str){(const char *)p, (size_t)sqlite3_column_bytes(handle, column)};
}

static struct str sqlite_get_blob(struct db_stmt *stmt, int column)
{
    sqlite3_stmt *handle = sqlite_stmt_of(stmt)->handle;
    const void *p = sqlite3_column_blob(handle, column);
    return (struct str){p, (size_t)sqlite3_column_bytes(handle, column)};
}

static void sqlite_fault(struct db *d, unsigned after, int error)
{
    sqlite_fault_set(&sqlite_of(d)->fault, sqlite_of(d)->handle, after, error);
}

const struct db_driver sqlite_driver = {
    .scheme = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .name = sqlite_name,
    .was_cut = sqlite_was_cut,
    .trust = sqlite_trust,
    .look = sqlite_check,
    .damage = sqlite_damage,
    .bytes = sqlite_bytes,
    .exec = sqlite_exec,
    .copy = sqlite_copy,
    .schema = sqlite_schema,
    .set_schema = sqlite_set_schema,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .in_transaction = sqlite_in_transaction,
    .changes = sqlite_changes,
    .prepare = sqlite_prepare,
    .finish = sqlite_finish,
    .bind_int = sqlite_bind_int,
    .bind_str = sqlite_bind_str,
    .bind_blob = sqlite_bind_blob,
    .bind_null = sqlite_bind_null,
    .next = sqlite_next,
    .reset = sqlite_reset,
    .get_int = sqlite_get_int,
    .get_text = sqlite_get_text,
    .get_blob = sqlite_get_blob,
    .fault = sqlite_fault,
};
