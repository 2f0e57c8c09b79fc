/* deed.c: retry and drop: what people do about events that have not ended. */
#include "base/base.h"
#include "engine/deed.h"
#include "base/arena.h"
#include "base/log.h"
#include "engine/deed_private.h"
#include "engine/engine_private.h"
#include "engine/metrics.h"

int deed_begin(struct engine *g, struct deed *d, struct err *e)
{
    d->engine = g;
    return g->is_stopping ? fail(e, ERR_TRANSIENT, "shutting down") : 0;
}

int deed_audit(struct deed *d, const char *verb, int64_t event, const char *note, struct err *e)
{
    const struct audit_record r = {
        .at_ms = loop_now_ms(d->engine->parts.loop), .who = d->who, .verb = verb, .event = event, .note = note};
    int rc = store_add_audit(d->engine->parts.store, &r, e);
    if (rc == 0)
        log_line(LOG_INFO, "engine", "done by a person", LOG_STR("who", d->who), LOG_STR("verb", verb),
                 LOG_INT("event", event), LOG_STR("note", note));
    return rc;
}

/* The event must be pending and in its lane. */
static int deed_find(struct engine *g, struct deed *d, int64_t event, struct pending *ret, struct err *e)
{
    int rc = deed_begin(g, d, e);
    if (rc == 0)
        rc = store_get_pending(g->parts.store, event, ret, e);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return fail(e, ERR_CONFLICT, "event %" PRId64 " has ended; only a replay runs it again", event);
    const struct lane *l = lanes_find(&g->lanes, ret->lane);
    if (!l || lane_place(l, event) < 0)
        return fail(e, ERR_TRANSIENT, "event %" PRId64 " is just being taken in", event);
    d->event = event;
    return 0;
}

/* --- retry --- */

static void deed_retried(struct store_wait *w, const struct err *e)
{
    struct deed *d = CONTAINER(w, struct deed, wait);
    struct engine *g = d->engine;
    struct pending p;
    struct err gone;
    /* Its lane may have joined another since it was asked for. */
    if (!e && store_get_pending(g->parts.store, d->event, &p, &gone) == 1)
        course_retried(&g->lanes, p.lane, d->event);
    loop_again(g->parts.loop);
    d->done(d, e);
}

/* Told in the rows of both, when it is another event that is in the way. */
static int deed_write_retry(struct deed *d, struct err *e)
{
    struct engine *g = d->engine;
    AUTO(arena_auto) struct arena *a = arena_new(ENGINE_ARENA_BYTES);
    bool is_other = d->head != d->event;
    int rc = store_hasten(g->parts.store, d->head, loop_now_ms(g->parts.loop), e);
    if (rc == 0)
        rc = deed_audit(d, "retry", d->event, is_other ? arena_fmt(a, "event %" PRId64 " is before it", d->head) : NULL,
                        e);
    if (rc == 0 && is_other)
        rc = deed_audit(d, "retry", d->head, arena_fmt(a, "for event %" PRId64 " behind it", d->event), e);
    return rc;
}

void deed_retry(struct engine *g, struct deed *d, int64_t event)
{
    struct pending p = {0};
    struct err e = {0};
    int rc = deed_find(g, d, event, &p, &e);
    if (rc == 0) {
        const struct lane *l = lanes_find(&g->lanes, p.lane);
        d->head = l->head.id;
        d->was = lane_verdict(l, 0);
        d->held_by = engine_held(g, p.lane);
        rc = deed_write_retry(d, &e);
    }
    d->wait.durable = deed_retried;
    if (rc < 0)
        d->done(d, &e);
    else
        store_when_durable(g->parts.store, &d->wait);
}

/* --- drop --- */

static void deed_dropped(struct store_wait *w, const struct err *e)
{
    struct deed *d = CONTAINER(w, struct deed, wait);
    course_dropped(&d->engine->lanes, &d->drop, !e);
    loop_again(d->engine->parts.loop);
    d->done(d, e);
}

static int deed_write_drop(struct deed *d, const struct pending *p, const char *reason, struct err *e)
{
    struct engine *g = d->engine;
    AUTO(arena_auto) struct arena *a = arena_new(ENGINE_ARENA_BYTES);
    struct entry en;
    int64_t now = loop_now_ms(g->parts.loop);
    const struct attempt_record r = {
        .event = d->event,
        .number = p->attempts + 1,
        .started_ms = now,
        .ended_ms = now,
        .verdict = VERDICT_DROPPED,
        .reason = reason,
        .trace = STR("{}"),
    };
    int rc = store_get_event(g->parts.store, d->event, a, &en, e);
    if (rc == 0)
        rc = store_add_attempt(g->parts.store, &r, e);
    if (rc == 0)
        rc = deed_audit(d, "drop", d->event, reason, e);
    if (rc == 0)
        metrics_add(g->parts.metrics, METRIC_VERDICTS, en.tracker, verdict_name(VERDICT_DROPPED), 1);
    return rc;
}

void deed_drop(struct engine *g, struct deed *d, int64_t event, const char *reason)
{
    struct pending p = {0};
    struct err e = {0};
    int rc = deed_find(g, d, event, &p, &e);
    struct lane *l = rc == 0 ? lanes_find(&g->lanes, p.lane) : NULL;
    if (l && l->head.id == event && l->state == LANE_RUNNING)
        rc = fail(&e, ERR_CONFLICT, "event %" PRId64 " is running", event);
    if (rc == 0)
        rc = deed_write_drop(d, &p, reason, &e);
    if (rc < 0) {
        d->done(d, &e);
        return;
    }
    course_drop(&g->lanes, l, (struct lane_event){event, p.attempts}, &d->drop);
    d->wait.durable = deed_dropped;
    store_when_durable(g->parts.store, &d->wait);
}
