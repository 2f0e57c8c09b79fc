/*
 * join.c: lanes follow links. Two bugs that are linked with the same Jira issue share one lane, so that nothing happens
 * to that issue side by side or out of order. It is settled when an attempt knows which issues it is about and has not
 * yet written to any of them.
 */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/map.h"

/* In the store: all that the lane `from` stands for, and its events that wait. */
static int join_record(struct engine *g, const struct lane *from, uint64_t into, struct err *e)
{
    int rc = store_merge_lanes(g->parts.store, from->key, into, e);
    for (size_t i = 0; rc == 0 && i < from->n_behind + 1; i++)
        rc = store_move_event(g->parts.store, lane_event_at(from, i), into, e);
    return rc;
}

/* The attempt's lane becomes part of the lane `into`. 1: the attempt goes on, 0: earlier events come first. */
static int join_merge(struct attempt *at, uint64_t into, struct err *e)
{
    int rc = join_record(at->engine, at->lane, into, e);
    return rc < 0 ? rc : course_join(&at->engine->lanes, &at->lane, into);
}

static int join_issue(struct attempt *at, const char *issue, bool *ret_news, struct err *e)
{
    uint64_t lane = 0, hash = hash_stable(str_of(issue));
    int rc = store_lane_of(at->engine->parts.store, hash, &lane, e);
    if (rc < 0)
        return rc;
    if (rc == 1 && lane == at->lane->key)
        return 1;
    *ret_news = true;
    if (rc == 1)
        return join_merge(at, lane, e);
    rc = store_join_lane(at->engine->parts.store, hash, at->lane->key, e);
    return rc < 0 ? rc : 1;
}

int join_lanes(struct attempt *at, bool *ret_news, struct err *e)
{
    const struct unit *units = at->decision.units.v;
    int rc = 1;
    for (size_t i = 0; rc == 1 && i < at->decision.units.n; i++)
        if (units[i].matched && !units[i].discarded && units[i].target)
            rc = join_issue(at, units[i].target, ret_news, e);
    return rc;
}
