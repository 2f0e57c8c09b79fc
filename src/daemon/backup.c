/* backup.c: the command `backup`. To restore: stop the daemon, put the copy in the store's place, start the daemon. */
#include "base/base.h"
#include "base/arena.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "daemon/commands.h"
#include "db/db.h"
#include "io/file.h"
#include "store/damage.h"

enum { BACKUP_CONFIG };

struct backup {
    struct progress progress;
    struct db_watch watch;
};

static void backup_copied(struct db_watch *w, int64_t done_bytes, int64_t all_bytes)
{
    struct backup *b = CONTAINER(w, struct backup, watch);
    progress_at(&b->progress, done_bytes, all_bytes);
}

static int backup_copy(const char *store, const char *part, struct err *e)
{
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    struct backup b = {.watch = {backup_copied}};
    int rc = store_reader_open(&r, store, e);
    if (rc < 0)
        return rc;
    progress_start(&b.progress, "backup", true);
    b.progress.unit = PROGRESS_BYTES;
    rc = store_copy(r, part, &b.watch, e);
    progress_clear(&b.progress);
    return rc;
}

/*
 * Under another name until it is whole and on disk. Two at once take turns: else the second would remove what the first
 * is writing, and the first would give its name to what the second has so far.
 */
static int backup_write(struct arena *a, const char *store, const char *file, struct err *e)
{
    AUTO(folder_release) int held = -1;
    const char *part = arena_fmt(a, "%s.part", file), *journal = arena_fmt(a, "%s-journal", part);
    int rc = folder_hold(file, &held, e);
    if (rc < 0)
        return rc;
    if (path_exists(file))
        return fail(e, ERR_CONFIG, "%s exists already", file);
    file_remove(part); /* of one that was killed */
    file_remove(journal);
    rc = backup_copy(store, part, e);
    if (rc == 0) /* else it would take the place of good ones, in time */
        rc = store_check_file(part, e);
    if (rc == -ERR_PERMANENT)
        rc = err_within(e, "the store is damaged, nothing was written");
    if (rc == 0)
        rc = file_settle(part, file, e);
    if (rc < 0) {
        file_remove(part);
        file_remove(journal);
    }
    return rc;
}

enum exit_code command_backup(const struct command *c, const struct command_line *line)
{
    struct err e = {0};
    const char *store;
    if (line->n_rest != 1) {
        complain("%s: expected one FILE", c->name);
        return EXIT_USAGE;
    }
    int rc = source_store(line->arena, line->values[BACKUP_CONFIG], &store, &e);
    if (rc == 0)
        rc = backup_write(line->arena, store, line->rest[0], &e);
    if (rc < 0)
        complain("backup: %s", e.text);
    return rc < 0 ? EXIT_FAILED : EXIT_DONE;
}
