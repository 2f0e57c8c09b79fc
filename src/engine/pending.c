/* pending.c: which events that have not ended are in some state now. */
#include "base/base.h"
#include "engine/engine.h"
#include "engine/engine_private.h"

struct newest { /* the largest ids so far: a heap with the smallest of them first */
    int64_t *v;
    size_t n, room;
};

static void newest_sink(struct newest *h, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < h->n; at = child) {
        child += child + 1 < h->n && h->v[child + 1] < h->v[child];
        if (h->v[at] <= h->v[child])
            return;
        int64_t swap = h->v[at];
        h->v[at] = h->v[child];
        h->v[child] = swap;
    }
}

static void newest_add(struct newest *h, int64_t id)
{
    if (h->n < h->room) {
        h->v[h->n++] = id;
        for (size_t i = h->n == h->room ? h->n / 2 : 0; i > 0; i--) /* filled: order it once */
            newest_sink(h, i - 1);
    } else if (id > h->v[0]) {
        h->v[0] = id;
        newest_sink(h, 0);
    }
}

static int newest_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void newest_add_lane(struct newest *h, const struct lane *l, enum verdict wanted, const struct id_range *between)
{
    for (size_t place = 0; place <= l->n_behind; place++) {
        int64_t id = lane_event_at(l, place);
        if (id < between->before && id > between->after && lane_verdict(l, place) == wanted)
            newest_add(h, id);
    }
}

size_t engine_pending_ids(const struct engine *g, enum verdict wanted, const struct id_range *between, int64_t *ret,
                          size_t room)
{
    struct newest h = {.v = ret, .room = room};
    const struct lane *l;
    for (size_t at = 0; lanes_each(&g->lanes, &at, &l);)
        newest_add_lane(&h, l, wanted, between);
    qsort(ret, h.n, sizeof *ret, newest_order);
    return h.n;
}

enum verdict lane_verdict(const struct lane *l, size_t place)
{
    static const enum verdict of_head[] = {
        [LANE_READY] = VERDICT_QUEUED, [LANE_RUNNING] = VERDICT_RUNNING, [LANE_PARKED] = VERDICT_PARKED};
    if (place == 0)
        return of_head[l->state];
    return l->state == LANE_PARKED ? VERDICT_BEHIND : VERDICT_QUEUED;
}

enum verdict engine_pending_verdict(const struct engine *g, uint64_t lane, int64_t event, enum verdict recorded)
{
    const struct lane *l = verdict_ended(recorded) ? NULL : lanes_find(&g->lanes, lane);
    int64_t place = l ? lane_place(l, event) : -1;
    if (place < 0)
        return recorded;
    enum verdict now = lane_verdict(l, (size_t)place);
    /* What was recorded was read before the attempt was, whose reason is not there: as it stood then. */
    bool is_newer = now == VERDICT_PARKED && recorded == VERDICT_QUEUED && !l->wait.held_by;
    return is_newer ? VERDICT_RUNNING : now;
}
