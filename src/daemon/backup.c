/* backup.c: the command `backup`. To restore: stop the daemon, put the copy in the store's place, start the daemon. */
#include "base/base.h"
#include "base/arena.h"
#include "cli/source.h"
#include "daemon/commands.h"
#include "io/file.h"
#include "store/store.h"

enum { BACKUP_CONFIG };

/* Under another name until it is whole and on disk. */
static int backup_write(struct arena *a, const char *store, const char *file, struct err *e)
{
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    const char *part = arena_fmt(a, "%s.part", file);
    if (path_exists(file))
        return fail(e, ERR_CONFIG, "%s exists already", file);
    int rc = store_reader_open(&r, store, e);
    if (rc < 0)
        return rc;
    file_remove(part);
    rc = store_copy(r, part, e);
    if (rc == 0)
        rc = file_settle(part, file, e);
    if (rc < 0)
        file_remove(part);
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
