/* lanes.c: which issues share a lane. */
#include "base/base.h"
#include "store/store.h"
#include "store/store_private.h"

int store_lane_of(struct store *s, uint64_t issue, uint64_t *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_LANE_OF, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, (int64_t)issue);
    rc = db_next(st, e);
    if (rc == 1)
        *ret = (uint64_t)db_int(st, 0);
    if (rc == 1)
        db_reset(st);
    return rc;
}

/* One of the statements that take two numbers. */
static int lanes_write(struct store *s, enum store_sql which, int64_t first, uint64_t second, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, which, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, first);
    db_bind_int(st, 2, (int64_t)second);
    return store_run(s, st, e);
}

int store_join_lane(struct store *s, uint64_t issue, uint64_t lane, struct err *e)
{
    return lanes_write(s, SQL_JOIN_LANE, (int64_t)issue, lane, e);
}

int store_merge_lanes(struct store *s, uint64_t from, uint64_t into, struct err *e)
{
    int rc = lanes_write(s, SQL_MERGE_LANES, (int64_t)from, into, e);
    return rc == 0 ? store_join_lane(s, from, into, e) : rc;
}

int store_move_event(struct store *s, int64_t id, uint64_t lane, struct err *e)
{
    return lanes_write(s, SQL_MOVE_EVENT, id, lane, e);
}
