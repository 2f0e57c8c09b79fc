#include "base/base.h"
#include "engine/remote.h"
#include "engine/grant.h"

enum { REMOTE_PROBE_MS = 1000, REMOTE_HOUR_MS = 60 * 60 * 1000 };

void remote_init(struct remote *r, struct loop *loop, const char *name, struct remote_watch *watch)
{
    *r = (struct remote){.name = mem_text(name), .loop = loop, .concurrency = 1, .watch = watch};
    list_init(&r->waiting);
    list_init(&r->writes.waiting);
}

void remote_configure(struct remote *r, const struct conf_tracker *c, int64_t first_ms)
{
    breaker_reset(&r->breaker, first_ms);
    loop_timer_stop(&r->probe);
    r->concurrency = c->concurrency;
    pace_configure(&r->pace, c->rate, loop_mono_ms(r->loop));
    const struct conf_pacing *writes = &c->kind->writes;
    r->writes.at_once = c->rate.per_second > 0 ? 0 : writes->at_once;
    pace_configure(&r->writes.pace,
                   (struct rate){.per_second = (double)writes->per_second, .burst = writes->per_second},
                   loop_mono_ms(r->loop));
    if (c->creations.most > 0)
        budget_configure(&r->creations, c->creations.most, c->creations.window_ms);
    else
        budget_configure(&r->creations, c->rate.per_second > 0 ? 0 : writes->creations, REMOTE_HOUR_MS);
}

void remote_stop(struct remote *r)
{
    loop_timer_stop(&r->timer);
    loop_timer_stop(&r->probe);
    loop_timer_stop(&r->writes.timer);
    list_init(&r->waiting);
    list_init(&r->writes.waiting);
    (void)grant_free(r->grant);
    budget_free(&r->creations);
    mem_free(r->name);
}

static void remote_serve(struct remote *r);

void remote_use_grant(struct remote *r, struct grant *g)
{
    struct grant *former = r->grant;
    r->grant = g;
    if (grant_free(former))
        remote_finish(r, false);
}

static void remote_timer_fired(struct loop_timer *t)
{
    remote_serve(CONTAINER(t, struct remote, timer));
}

static void remote_write_due(struct loop_timer *t)
{
    remote_serve(CONTAINER(t, struct remote, writes.timer));
}

/* Writes that may go on to wait with the reads. */
static void remote_pass_writes(struct remote *r)
{
    struct remote_writes *w = &r->writes;
    while (!list_empty(&w->waiting) && (w->at_once == 0 || w->running < w->at_once)) {
        int64_t delay = w->at_once ? pace_delay(&w->pace, loop_mono_ms(r->loop)) : 0;
        if (delay > 0) {
            loop_timer_start(r->loop, &w->timer, delay, remote_write_due);
            return;
        }
        struct remote_turn *t = CONTAINER(w->waiting.next, struct remote_turn, link);
        list_remove(&t->link);
        t->has_passed = true;
        w->running++;
        pace_sent(&w->pace, loop_mono_ms(r->loop));
        list_add(&r->waiting, &t->link);
    }
}

static void remote_serve(struct remote *r)
{
    remote_pass_writes(r);
    while (!list_empty(&r->waiting) && r->running < r->concurrency) {
        int64_t delay = pace_delay(&r->pace, loop_mono_ms(r->loop));
        if (delay > 0) {
            loop_timer_start(r->loop, &r->timer, delay, remote_timer_fired);
            return;
        }
        if (!grant_is_ready(r->grant))
            return;
        struct remote_turn *t = CONTAINER(r->waiting.next, struct remote_turn, link);
        list_remove(&t->link);
        remote_take(r);
        t->granted(t);
    }
}

void remote_take(struct remote *r)
{
    pace_sent(&r->pace, loop_mono_ms(r->loop));
    r->running++;
    r->sent++;
}

static void remote_gather(struct list *to, struct list *from)
{
    LIST_EACH (it, from) {
        list_remove(it);
        list_add(to, it);
    }
}

/* Those who wait now, and no one who comes back at once. */
void remote_refuse(struct remote *r, const struct err *e)
{
    struct list all;
    list_init(&all);
    remote_gather(&all, &r->waiting);
    remote_gather(&all, &r->writes.waiting);
    while (!list_empty(&all)) {
        struct remote_turn *t = CONTAINER(all.next, struct remote_turn, link);
        list_remove(&t->link);
        r->writes.running -= t->has_passed;
        t->has_passed = false;
        t->refused(t, e);
    }
}

void remote_ask(struct remote *r, struct remote_turn *t)
{
    t->has_passed = false;
    list_add(t->is_write ? &r->writes.waiting : &r->waiting, &t->link);
    remote_serve(r);
}

void remote_give_up(struct remote *r, struct remote_turn *t)
{
    if (!list_linked(&t->link))
        return;
    list_remove(&t->link);
    r->writes.running -= t->has_passed;
    if (t->has_passed && !list_empty(&r->writes.waiting))
        loop_timer_start(r->loop, &r->writes.timer, 0, remote_write_due);
}

void remote_finish(struct remote *r, bool was_write)
{
    r->writes.running -= was_write;
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
