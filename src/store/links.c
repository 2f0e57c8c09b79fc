/* links.c: which issues belong together. */
#include "base/base.h"
#include "store/store.h"
#include "base/arena.h"
#include "store/store_private.h"

int store_put_link(struct store *s, const struct link_record *l, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_PUT_LINK, &st, e);
    if (rc < 0)
        return rc;
    db_bind_text(st, 1, l->from_tracker);
    db_bind_text(st, 2, l->from_ref);
    db_bind_text(st, 3, l->to_tracker);
    db_bind_text(st, 4, l->to_ref);
    db_bind_int(st, 5, l->event);
    db_bind_int(st, 6, l->is_confirmed);
    db_bind_int(st, 7, l->at_ms);
    return store_run(s, st, e);
}

int store_remove_links_to(struct store *s, const char *tracker, const char *ref, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_REMOVE_LINKS, &st, e);
    if (rc < 0)
        return rc;
    db_bind_text(st, 1, tracker);
    db_bind_text(st, 2, ref);
    return store_run(s, st, e);
}

int store_get_links(struct store *s, const char *tracker, const char *ref, struct arena *a, struct many *ret,
                    struct err *e)
{
    struct many links = {NULL, 0};
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_GET_LINKS, &st, e);
    if (rc < 0)
        return rc;
    db_bind_text(st, 1, tracker);
    db_bind_text(st, 2, ref);
    while ((rc = db_next(st, e)) == 1) {
        struct linked *l = many_add(a, &links, sizeof *l);
        l->tracker = row_text(st, 0, a);
        l->ref = row_text(st, 1, a);
        l->event = db_int(st, 2);
        l->is_confirmed = db_int(st, 3) != 0;
    }
    if (rc < 0)
        return rc;
    *ret = links;
    return 0;
}
