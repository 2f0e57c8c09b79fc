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
    r->rate = c->rate;
    r->concurrency = c->concurrency;
    r->tokens = (double)r->rate.burst;
    r->filled_ms = loop_mono_ms(r->loop);
}

void remote_stop(struct remote *r)
{
    loop_timer_stop(&r->timer);
    loop_timer_stop(&r->probe);
    list_init(&r->waiting);
    mem_free(r->name);
}

static void remote_refill(struct remote *r)
{
    int64_t now = loop_mono_ms(r->loop);
    r->tokens += (double)(now - r->filled_ms) * r->rate.per_second / 1000.0;
    if (r->tokens > (double)r->rate.burst)
        r->tokens = (double)r->rate.burst;
    r->filled_ms = now;
}

/* How long until one more may be sent; 0: now. */
static int64_t remote_delay(struct remote *r)
{
    int64_t pause = r->paused_ms - loop_mono_ms(r->loop);
    if (pause > 0)
        return pause;
    if (!(r->rate.per_second > 0))
        return 0;
    remote_refill(r);
    return r->tokens >= 1 ? 0 : 1 + (int64_t)((1 - r->tokens) * 1000.0 / r->rate.per_second);
}

static void remote_serve(struct remote *r);

static void remote_timer_fired(struct loop_timer *t)
{
    remote_serve(CONTAINER(t, struct remote, timer));
}

static void remote_serve(struct remote *r)
{
    while (!list_empty(&r->waiting) && r->running < r->concurrency) {
        int64_t delay = remote_delay(r);
        if (delay > 0) {
            loop_timer_start(r->loop, &r->timer, delay, remote_timer_fired);
            return;
        }
        struct remote_turn *t = CONTAINER(r->waiting.next, struct remote_turn, link);
        list_remove(&t->link);
        r->tokens -= 1;
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

void remote_pause(struct remote *r, int64_t until_ms)
{
    int64_t until_mono_ms = loop_mono_ms(r->loop) + until_ms - loop_now_ms(r->loop);
    if (until_mono_ms > r->paused_ms)
        r->paused_ms = until_mono_ms;
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
