#include "base/base.h"
#include "engine/remote.h"

enum { REMOTE_PROBE_MS = 1000 };

void remote_init(struct remote *r, struct loop *loop, const char *name, struct remote_watch *watch)
{
    *r = (struct remote){.name = mem_text(name), .loop = loop, .concurrency = 1, .watch = watch};
    list_init(&r->waiting);
}

void remote_configure(struct remote *r, const struct conf_tracker *c, int64_t first_ms)
{
    breaker_reset(&r->breaker, first_ms);
    loop_timer_stop(&r->probe);
    r->concurrency = c->concurrency;
    pace_configure(&r->pace, c->rate, loop_mono_ms(r->loop));
}

void remote_stop(struct remote *r)
{
    loop_timer_stop(&r->timer);
    loop_timer_stop(&r->probe);
    list_init(&r->waiting);
    mem_free(r->name);
}

static void remote_serve(struct remote *r);

static void remote_timer_fired(struct loop_timer *t)
{
    remote_serve(CONTAINER(t, struct remote, timer));
}

static void remote_serve(struct remote *r)
{
    while (!list_empty(&r->waiting) && r->running < r->concurrency) {
        int64_t delay = pace_delay(&r->pace, loop_mono_ms(r->loop));
        if (delay > 0) {
            loop_timer_start(r->loop, &r->timer, delay, remote_timer_fired);
            return;
        }
        struct remote_turn *t = CONTAINER(r->waiting.next, struct remote_turn, link);
        list_remove(&t->link);
        pace_sent(&r->pace, loop_mono_ms(r->loop));
        r->running++;
        r->sent++;
        t->granted(t);
    }
}

void remote_ask(struct remote *r, struct remote_turn *t)
{
    list_add(&r->waiting, &t->link);
    remote_serve(r);
}

void remote_give_up(struct remote *r, struct remote_turn *t)
{
    (void)r;
    if (list_linked(&t->link))
        list_remove(&t->link);
}

void remote_finish(struct remote *r)
{
    r->running--;
    remote_serve(r);
}

static int64_t remote_mono(const struct remote *r, int64_t wall_ms)
{
    return loop_mono_ms(r->loop) + wall_ms - loop_now_ms(r->loop);
}

void remote_pause(struct remote *r, int64_t until_ms)
{
    pace_pause(&r->pace, remote_mono(r, until_ms));
}

int64_t remote_pause_left(const struct remote *r)
{
    int64_t left = r->pace.paused_ms - loop_mono_ms(r->loop);
    return left > 0 ? left : 0;
}

bool remote_slow(struct remote *r, int64_t gap_ms, int64_t until_ms)
{
    return pace_slow(&r->pace, gap_ms, remote_mono(r, until_ms), loop_mono_ms(r->loop));
}

/* --- its breaker --- */

static void remote_probe_due(struct loop_timer *t);

static void remote_plan_probe(struct remote *r)
{
    int64_t wait = r->breaker.probe_ms - loop_mono_ms(r->loop);
    loop_timer_start(r->loop, &r->probe, wait > REMOTE_PROBE_MS ? wait : REMOTE_PROBE_MS, remote_probe_due);
}

/* Who is woken may find that it has nothing to ask: go on until the breaker knows better. */
static void remote_probe_due(struct loop_timer *t)
{
    struct remote *r = CONTAINER(t, struct remote, probe);
    if (r->breaker.state == BREAKER_CLOSED)
        return;
    remote_plan_probe(r);
    r->watch->probe(r->watch, r);
}

bool remote_allows(struct remote *r)
{
    return breaker_allows(&r->breaker, loop_mono_ms(r->loop));
}

void remote_outcome(struct remote *r, const struct err *e)
{
    bool changed = breaker_outcome(&r->breaker, e, loop_mono_ms(r->loop));
    if (r->breaker.state == BREAKER_OPEN)
        remote_plan_probe(r);
    if (changed)
        r->watch->changed(r->watch, r);
}
