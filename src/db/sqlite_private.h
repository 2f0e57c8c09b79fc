/*
 * sqlite_private.h: what sqlite.c has beside it. A look at the log that an owner left who was cut off; and faults of
 * the disk, made on demand for tests. While a fault is set, the database file and its log have a table of methods in
 * which write and sync count down; otherwise nothing stands between SQLite and the disk.
 */
#ifndef DB_SQLITE_PRIVATE_H
#define DB_SQLITE_PRIVATE_H

#include "base/base.h"
#include <sqlite3.h>

struct sqlite_fault_file {
    sqlite3_file *file; /* NULL: not replaced */
    const sqlite3_io_methods *real;
    sqlite3_io_methods methods;
    struct sqlite_fault *owner;
};
struct sqlite_fault {
    unsigned after; /* operations until the first that fails; 0: off */
    int error;
    struct sqlite_fault_file files[2];
};

/* f must not move while a fault is set. 0 0 puts the real methods back. */
void sqlite_fault_set(struct sqlite_fault *f, sqlite3 *handle, unsigned after, int error);

/* PERMANENT: the log lacks what was committed. For a store without an owner, before SQLite opens it. */
int sqlite_log_check(const char *path, struct err *e);

#endif
