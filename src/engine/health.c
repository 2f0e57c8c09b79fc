/* health.c: the bridges' checks, run on a schedule; the last results are kept for those who ask. */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "engine/metrics.h"
#include "rule/decide.h"

enum { HEALTH_EVERY_MS = 5 * 60 * 1000, HEALTH_ROUNDS = 4 };

struct health_asker { /* who waits for a run that is under way */
    struct health_asker *next;
    void (*done)(void *ctx, const struct health_report *report);
    void *ctx;
};

struct health {
    struct engine *engine;
    struct loop_timer timer;
    struct health_asker *askers;
    /* The last results. */
    struct arena *arena;
    struct health_report report;
    /* The run under way; next_arena NULL: none. */
    struct arena *next_arena;
    struct config *config;
    struct health_report next;
    struct facts facts;
    struct work *fetches;
    size_t n_fetches, fetching, bytes_left;
    unsigned rounds;
};

static void health_ask(struct health *h);

struct health *health_new(struct engine *g)
{
    struct health *h = mem_zero(sizeof *h);
    h->engine = g;
    return h;
}

static void health_cancel(struct health *h)
{
    for (size_t i = 0; i < h->n_fetches; i++)
        if (h->fetches[i].call.conf)
            work_cancel(&h->fetches[i]);
    h->n_fetches = 0;
    arena_free(h->next_arena);
    h->next_arena = NULL;
    config_put(h->config);
    h->config = NULL;
}

void health_free(struct health *h)
{
    loop_timer_stop(&h->timer);
    health_cancel(h);
    while (h->askers) {
        struct health_asker *a = h->askers;
        h->askers = a->next;
        mem_free(a);
    }
    arena_free(h->arena);
    mem_free(h);
}

const struct health_report *engine_health(const struct engine *g)
{
    return &g->health->report;
}

static void health_measure(const struct health *h)
{
    struct metrics *m = h->engine->parts.metrics;
    const struct health_check *checks = h->report.checks.v;
    for (size_t i = 0; i < h->report.checks.n; i++)
        metrics_set(m, METRIC_HEALTH, checks[i].name, NULL,
                    checks[i].level == HEALTH_OK        ? 0
                    : checks[i].level == HEALTH_WARNING ? 1
                                                        : 2);
    for (size_t i = 0; i < h->facts.n; i++) {
        const struct fact *f = h->facts.v[i];
        const struct hook *hooks = f->hooks.v;
        for (size_t k = 0; k < f->hooks.n; k++)
            metrics_set(m, METRIC_HOOK_ERRORS, f->key.tracker, hooks[k].name, (double)hooks[k].errors);
    }
}

static void health_fire(struct loop_timer *t)
{
    health_start(CONTAINER(t, struct health, timer));
}

static void health_done(struct health *h)
{
    arena_free(h->arena);
    h->arena = TAKE(h->next_arena);
    h->report = h->next;
    h->n_fetches = 0;
    config_put(h->config);
    h->config = NULL;
    health_measure(h);
    loop_timer_start(h->engine->parts.loop, &h->timer, HEALTH_EVERY_MS, health_fire);
    for (struct health_asker *a = TAKE(h->askers), *next; a; a = next) {
        next = a->next;
        a->done(a->ctx, &h->report);
        mem_free(a);
    }
}

/* What cannot be fetched is a finding, not a failure of the check. */
static void health_fetched(struct work *w, const struct err *e)
{
    struct health *h = CONTAINER(w->bytes_left, struct health, bytes_left);
    struct fact *f = w->result.fact;
    w->call.conf = NULL;
    if (e) {
        f = ARENA_NEW(h->next_arena, struct fact);
        f->state = FACT_FORBIDDEN;
        f->why = arena_text(h->next_arena, e->text);
    }
    if (f->why) /* it may be in the tracker's own words */
        f->why = redact_text(h->engine->redact, h->next_arena, str_of(f->why)).p;
    f->key = *w->call.want;
    if (f->key.kind == FACT_FILE)
        f = engine_keep(h->engine, h->config, f, h->next_arena);
    facts_add(h->next_arena, &h->facts, f);
    if (--h->fetching == 0)
        health_ask(h);
}

static void health_fetch_all(struct health *h, const struct fact_key *wants, size_t n)
{
    h->fetches = ARENA_ARRAY(h->next_arena, struct work, n);
    h->n_fetches = n;
    h->fetching = n + 1;
    for (size_t i = 0; i < n; i++) {
        const struct fetch_parts parts = {
            .conf = config_tracker(h->config, wants[i].tracker),
            .arena = h->next_arena,
            .bytes_left = &h->bytes_left,
            .done = health_fetched,
            .ignores_breaker = true,
        };
        engine_fetch(h->engine, &h->fetches[i], &wants[i], &parts);
    }
    if (--h->fetching == 0)
        health_ask(h);
}

static void health_ask(struct health *h)
{
    h->next = (struct health_report){0};
    for (size_t i = 0; i < h->config->n_bridges; i++) {
        const struct conf_bridge *b = &h->config->bridges[i];
        if (rule_kind(b)->health)
            rule_kind(b)->health(b, &h->facts, h->next_arena, &h->next);
    }
    if (h->next.needs.n > 0 && h->rounds++ < HEALTH_ROUNDS)
        health_fetch_all(h, h->next.needs.v, h->next.needs.n);
    else
        health_done(h);
}

/* A run that is under way is given up: its configuration may be the old one. */
void health_start(struct health *h)
{
    health_cancel(h);
    loop_timer_stop(&h->timer);
    h->next_arena = arena_new(ENGINE_ARENA_BYTES);
    h->config = config_get(h->engine->config);
    h->facts = (struct facts){0};
    h->rounds = 0;
    h->bytes_left = 4 * (size_t)ENGINE_ANSWER_BYTES;
    health_ask(h);
}

void health_doubt(struct health *h)
{
    if (!h->next_arena)
        health_start(h);
}

void engine_check_health(struct engine *g, void (*done)(void *ctx, const struct health_report *report), void *ctx)
{
    struct health_asker *a = mem_zero(sizeof *a);
    *a = (struct health_asker){.next = g->health->askers, .done = done, .ctx = ctx};
    g->health->askers = a;
    health_doubt(g->health);
}
