/* creations.c: budgets of creations, kept over restarts: a cursor's row is a place and the time that it was taken at.
 */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/when.h"
#include "engine/metrics.h"
#include "store/jobs.h"

enum { CREATIONS_PLACES = 1000 * 1000 };

static const char *creations_row(struct arena *a, const struct remote *r, const char *place)
{
    return arena_fmt(a, "creations/%s/%s", r->name, place);
}

/* --- over a start --- */

struct creations_load {
    struct engine *engine;
    struct remote *remote;
};

/* By a clock that was set back since, it was just now. */
static int creations_load_one(void *ctx, const char *name, const char *value)
{
    const struct creations_load *l = ctx;
    int64_t place = 0, taken_ms = 0, now = loop_now_ms(l->engine->parts.loop);
    if (!str_int(str_of(strrchr(name, '/') + 1), &place) || place < 0 || place >= CREATIONS_PLACES ||
        !str_int(str_of(value), &taken_ms))
        return 0;
    budget_answered(&l->remote->creations, (size_t)place, engine_mono(l->engine, taken_ms < now ? taken_ms : now));
    return 0;
}

/* A tracker may get its budget with a reload. */
static int creations_load_of(struct engine *g, struct remote *r, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(ENGINE_ARENA_BYTES);
    struct creations_load l = {g, r};
    if (r->creations.most == 0 || r->creations.is_loaded)
        return 0;
    int rc = store_each_cursor(g->parts.store, creations_row(a, r, ""), creations_load_one, &l, e);
    r->creations.is_loaded = rc == 0;
    return rc;
}

int creations_load(struct engine *g, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < g->n_remotes; i++)
        rc = creations_load_of(g, &g->remotes[i], e);
    return rc;
}

/* --- taking places --- */

static int creations_put(struct attempt *at, const struct remote *r, struct err *e)
{
    const char *place = arena_fmt(at->arena, "%" PRId64, at->place);
    const char *now = arena_fmt(at->arena, "%" PRId64, loop_now_ms(at->engine->parts.loop));
    return store_put_cursor(at->engine->parts.store, creations_row(at->arena, r, place), now, e);
}

static const char *creations_window(const struct remote *r, char buf[WHEN_TEXT_BYTES])
{
    static const struct {
        int64_t ms;
        const char *words;
    } windows[] = {{1000, "a second"}, {60 * 1000, "a minute"}, {60 * 60 * 1000, "an hour"}};
    for (size_t i = 0; i < COUNT(windows); i++)
        if (windows[i].ms == r->creations.window_ms)
            return windows[i].words;
    return duration_text(r->creations.window_ms, buf);
}

static int creations_wait(struct attempt *at, const struct remote *r, int64_t at_mono_ms, struct err *e)
{
    char window[WHEN_TEXT_BYTES], then[WHEN_TEXT_BYTES];
    const struct loop *l = at->engine->parts.loop;
    int64_t at_ms = loop_now_ms(l) + at_mono_ms - loop_mono_ms(l);
    metrics_add(at->engine->parts.metrics, METRIC_LIMITS, r->name, "creations", 1);
    fail(e, ERR_PACED, "%s: %" PRId64 " creations %s are used up; goes on at %.16sZ", r->name, r->creations.most,
         creations_window(r, window), when_text(at_ms, then));
    e->retry_at_ms = at_ms;
    return -ERR_PACED;
}

int creations_take(struct attempt *at, struct err *e)
{
    struct remote *r = engine_remote(at->engine, at->current.issue.tracker);
    int64_t then = 0;
    if (r->creations.most == 0)
        return 0;
    if (creations_load_of(at->engine, r, e) < 0)
        return -(int)e->class;
    at->place = budget_take(&r->creations, at->entry.id, loop_mono_ms(at->engine->parts.loop), &then);
    return at->place < 0 ? creations_wait(at, r, then, e) : creations_put(at, r, e);
}

/* Its row may stay as it is when it was not sent, or cannot be written: too much is counted then, for a while. */
void creations_end(struct attempt *at, bool is_sent)
{
    struct err e = {0};
    if (at->place < 0)
        return;
    struct remote *r = engine_remote(at->engine, at->current.issue.tracker);
    if (is_sent) {
        budget_answered(&r->creations, (size_t)at->place, loop_mono_ms(at->engine->parts.loop));
        (void)(creations_put(at, r, &e) < 0);
    } else {
        budget_return(&r->creations, (size_t)at->place);
    }
    at->place = -1;
}

void creations_measure(const struct engine *g)
{
    struct metrics *m = g->parts.metrics;
    int64_t now = loop_mono_ms(g->parts.loop);
    for (size_t i = 0; i < g->n_remotes; i++) {
        const struct budget *b = &g->remotes[i].creations;
        if (b->most == 0 && !b->is_loaded)
            continue;
        metrics_set(m, METRIC_CREATIONS, g->remotes[i].name, "most", (double)b->most);
        metrics_set(m, METRIC_CREATIONS, g->remotes[i].name, "used", (double)budget_used(b, now));
        metrics_set(m, METRIC_CREATIONS, g->remotes[i].name, "waiting", (double)b->n_promises);
    }
}
