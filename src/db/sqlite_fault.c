#include "base/base.h"
#include "db/sqlite_private.h"
#include <errno.h>

static struct sqlite_fault_file *sqlite_fault_of(const sqlite3_file *file)
{
    return CONTAINER(file->pMethods, struct sqlite_fault_file, methods);
}

/* Counts one operation; true when it is to fail. */
static bool sqlite_fault_due(struct sqlite_fault *f)
{
    if (f->after > 1) {
        f->after--;
        return false;
    }
    return true;
}

static int sqlite_fault_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    struct sqlite_fault_file *f = sqlite_fault_of(file);
    if (sqlite_fault_due(f->owner))
        return f->owner->error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return f->real->xWrite(file, from, n, at);
}

static int sqlite_fault_sync(sqlite3_file *file, int flags)
{
    struct sqlite_fault_file *f = sqlite_fault_of(file);
    if (sqlite_fault_due(f->owner))
        return SQLITE_IOERR_FSYNC;
    return f->real->xSync(file, flags);
}

static void sqlite_fault_file_set(struct sqlite_fault_file *f, sqlite3_file *file)
{
    if (f->file || !file || !file->pMethods)
        return;
    f->file = file;
    f->real = file->pMethods;
    f->methods = *f->real;
    f->methods.xWrite = sqlite_fault_write;
    f->methods.xSync = sqlite_fault_sync;
    file->pMethods = &f->methods;
}

static void sqlite_fault_file_clear(struct sqlite_fault_file *f)
{
    if (f->file)
        f->file->pMethods = f->real;
    f->file = NULL;
}

void sqlite_fault_set(struct sqlite_fault *f, sqlite3 *handle, unsigned after, int error)
{
    static const int which[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};
    f->after = after;
    f->error = error;
    for (size_t i = 0; i < COUNT(f->files); i++) {
        sqlite3_file *file = NULL;
        f->files[i].owner = f;
        if (after == 0)
            sqlite_fault_file_clear(&f->files[i]);
        else if (sqlite3_file_control(handle, "main", which[i], &file) == SQLITE_OK)
            sqlite_fault_file_set(&f->files[i], file);
    }
}
