/* cancel.c: a job that is not wanted any more: its events that have not begun are dropped, a bite at a time. */
#include "base/base.h"
#include "base/arena.h"
#include "poll/poll_private.h"

enum { CANCEL_BITE = 64, CANCEL_AGAIN_MS = 1000, CANCEL_ARENA_BYTES = 1 << 20 };

struct job_drop_one {
    struct deed deed;
    struct job_drop *all;
};
struct job_drop { /* those under way */
    struct job_run *run;
    size_t n_open;
    int64_t after; /* ids up to that have been seen to */
    bool is_again; /* the store could not take one of them */
    struct job_drop_one one[CANCEL_BITE];
};

void cancel_free(struct job_run *r)
{
    mem_free(TAKE(r->drops));
}

static void cancel_due(struct loop_timer *t)
{
    cancel_go_on(CONTAINER(t, struct job_run, timer));
}

static void cancel_bitten(struct job_drop *d)
{
    struct job_run *r = d->run;
    if (--d->n_open > 0)
        return;
    if (d->is_again)
        loop_timer_start(r->poll->parts.loop, &r->timer, CANCEL_AGAIN_MS, cancel_due);
    else
        cancel_go_on(r);
}

/* One that has begun to write, or has just ended, is let be. */
static void cancel_dropped(struct deed *deed, const struct err *e)
{
    struct job_drop *d = CONTAINER(deed, struct job_drop_one, deed)->all;
    d->is_again = d->is_again || (e && (e->class == ERR_TRANSIENT || e->class == ERR_UNCERTAIN));
    cancel_bitten(d);
}

static void cancel_bite(struct job_run *r, const int64_t *ids, size_t n)
{
    struct job_drop *d = r->drops;
    const char *reason = arena_fmt(r->arena, "job %" PRId64 " was cancelled", r->job.id);
    d->n_open = n + 1;
    d->is_again = false;
    for (size_t i = 0; i < n; i++) {
        d->one[i].all = d;
        if (engine_call_off(r->poll->parts.engine, ids[i], reason)) {
            d->n_open--;
            continue;
        }
        d->one[i].deed = (struct deed){.who = r->job.who, .done = cancel_dropped};
        deed_drop(r->poll->parts.engine, &d->one[i].deed, ids[i], reason);
    }
    if (!d->is_again && n > 0)
        d->after = ids[n - 1];
    cancel_bitten(d);
}

void cancel_go_on(struct job_run *r)
{
    AUTO(arena_auto) struct arena *a = arena_new(CANCEL_ARENA_BYTES);
    struct many ids = {0};
    struct err e = {0};
    question_cancel(&r->question);
    loop_timer_stop(&r->timer);
    r->is_listing = false;
    if (r->poll->is_stopping)
        return;
    if (!r->drops) {
        r->drops = mem_zero(sizeof *r->drops);
        r->drops->run = r;
    }
    const struct job_events want = {.job = r->job.id, .after = r->drops->after, .limit = CANCEL_BITE};
    if (store_job_pending(r->poll->parts.store, &want, a, &ids, &e) < 0)
        loop_timer_start(r->poll->parts.loop, &r->timer, CANCEL_AGAIN_MS, cancel_due);
    else if (ids.n > 0)
        cancel_bite(r, ids.v, ids.n);
    else
        job_run_end(r, JOB_CANCELLED);
}
