/* effects.c: the ledger of what was begun and done at the trackers. */
#include "base/base.h"
#include "store/store.h"
#include "base/arena.h"
#include "store/store_private.h"

int store_get_effect(struct store *s, const char *key, struct arena *a, struct effect *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_GET_EFFECT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_text(st, 1, key);
    rc = db_next(st, e);
    if (rc == 1) {
        *ret = (struct effect){
            .key = arena_text(a, key),
            .event = db_int(st, 0),
            .state = (enum effect_state)db_int(st, 1),
            .result = row_text(st, 2, a),
            .at_ms = db_int(st, 3),
        };
        db_reset(st);
    }
    return rc;
}

int store_put_effect(struct store *s, const struct effect *f, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_PUT_EFFECT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_text(st, 1, f->key);
    db_bind_int(st, 2, f->event);
    db_bind_int(st, 3, (int64_t)f->state);
    db_bind_text(st, 4, f->result);
    db_bind_int(st, 5, f->at_ms);
    return store_run(s, st, e);
}
