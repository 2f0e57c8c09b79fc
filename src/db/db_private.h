/*
 * db_private.h: for those who implement an engine. An engine is one row: its scheme and its functions, with the
 * contracts of db.h. Its connection and statement begin with struct db and struct db_stmt.
 */
#ifndef DB_DB_PRIVATE_H
#define DB_DB_PRIVATE_H

#include "db/db.h"

struct db_driver {
    const char *scheme; /* "sqlite" */
    int (*open)(struct db **ret, const char *where, enum db_mode mode, struct err *e);
    void (*close)(struct db *d);
    const char *(*name)(const struct db *d);
    bool (*was_cut)(const struct db *d);
    int (*trust)(struct db *d, struct err *e);
    int (*look)(struct db *d, const char *table, struct err *e);
    const char *(*damage)(const struct db *d);
    int64_t (*bytes)(struct db *d);
    int (*exec)(struct db *d, const char *sql, struct err *e);
    int (*copy)(struct db *d, const char *path, struct db_watch *w, struct err *e);
    int (*schema)(struct db *d, int64_t *ret, struct err *e);
    int (*set_schema)(struct db *d, int64_t number, struct err *e);
    int (*begin)(struct db *d, struct err *e);
    int (*commit)(struct db *d, struct err *e);
    void (*rollback)(struct db *d);
    bool (*in_transaction)(const struct db *d);
    int64_t (*changes)(const struct db *d);
    int (*prepare)(struct db *d, const char *sql, struct db_stmt **ret, struct err *e);
    void (*finish)(struct db_stmt *s);
    void (*bind_int)(struct db_stmt *s, int at, int64_t v);
    void (*bind_str)(struct db_stmt *s, int at, struct str v); /* p never NULL */
    void (*bind_blob)(struct db_stmt *s, int at, struct str v);
    void (*bind_null)(struct db_stmt *s, int at);
    int (*next)(struct db_stmt *s, struct err *e);
    void (*reset)(struct db_stmt *s);
    int64_t (*get_int)(struct db_stmt *s, int column);
    struct str (*get_text)(struct db_stmt *s, int column);
    struct str (*get_blob)(struct db_stmt *s, int column);
    void (*fault)(struct db *d, unsigned after, int error); /* NULL: has none */
};

struct db {
    const struct db_driver *driver;
};
struct db_stmt {
    struct db *db;
};

extern const struct db_driver sqlite_driver;

#endif
