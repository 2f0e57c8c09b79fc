#include "base/base.h"
#include "engine/engine.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "base/log.h"
#include "engine/grant.h"
#include "engine/metrics.h"
#include "rule/decide.h"
#include "store/damage.h"

static bool engine_turn(struct loop_hook *h);
static void engine_breaker_changed(struct remote_watch *w, struct remote *r);
static void engine_probe(struct remote_watch *w, struct remote *r);

static void engine_measure_breaker(struct engine *g, const struct remote *r)
{
    metrics_set(g->parts.metrics, METRIC_BREAKER, r->name, NULL, r->breaker.state != BREAKER_CLOSED);
}

static void engine_configure_remotes(struct engine *g)
{
    for (size_t i = 0; i < g->config->n_trackers; i++) {
        struct remote *r = engine_remote(g, g->config->trackers[i]->name);
        remote_configure(r, g->config->trackers[i],
                         g->config->retry.every ? ENGINE_BREAKER_MS : g->config->retry.first);
        remote_use_grant(r, grant_new(&g->tools, r, g->config, g->config->trackers[i]));
        lanes_wake_held(&g->lanes, r, SIZE_MAX);
        engine_measure_breaker(g, r);
    }
}

struct engine *engine_new(const struct engine_parts *parts, struct config *config)
{
    struct engine *g = mem_zero(sizeof *g);
    g->parts = *parts;
    g->config = config_get(config);
    g->born_ms = loop_now_ms(parts->loop);
    g->born_mono_ms = loop_mono_ms(parts->loop);
    g->redact = redact_new();
    redact_config(g->redact, config);
    g->tools = (struct work_tools){parts->loop, parts->client, parts->metrics, g->redact};
    lanes_init(&g->lanes);
    known_init(&g->known);
    known_init(&g->pictures);
    known_init(&g->files);
    list_init(&g->attempts);
    /* Their places never change, since works point at them. */
    g->remotes = mem_zero(ENGINE_REMOTES * sizeof *g->remotes);
    g->watch = (struct remote_watch){engine_breaker_changed, engine_probe};
    engine_configure_remotes(g);
    g->health = health_new(g);
    g->hook.turn = engine_turn;
    loop_hook_add(parts->loop, &g->hook);
    return g;
}

void engine_free(struct engine *g)
{
    if (!g)
        return;
    g->idle = NULL; /* nobody waits any more: what is left is cut */
    LIST_EACH (it, &g->attempts)
        attempt_cancel(CONTAINER(it, struct attempt, link));
    health_free(g->health);
    loop_hook_remove(g->parts.loop, &g->hook);
    loop_timer_stop(&g->due);
    loop_timer_stop(&g->upkeep);
    for (size_t i = 0; i < g->n_remotes; i++)
        remote_stop(&g->remotes[i]);
    mem_free(g->remotes);
    lanes_free(&g->lanes);
    fresh_free(&g->fresh);
    known_free(&g->known);
    known_free(&g->pictures);
    known_free(&g->files);
    redact_free(g->redact);
    config_put(g->config);
    mem_free(g);
}

struct remote *engine_remote(struct engine *g, const char *tracker)
{
    for (size_t i = 0; i < g->n_remotes; i++)
        if (strcmp(g->remotes[i].name, tracker) == 0)
            return &g->remotes[i];
    check(g->n_remotes < ENGINE_REMOTES);
    struct remote *r = &g->remotes[g->n_remotes++];
    remote_init(r, g->parts.loop, tracker, &g->watch);
    return r;
}

const struct config *engine_config(const struct engine *g)
{
    return g->config;
}

struct config *engine_hold_config(const struct engine *g)
{
    return config_get(g->config);
}

struct redact *engine_redact(const struct engine *g)
{
    return g->redact;
}

int64_t engine_now_ms(const struct engine *g)
{
    return loop_now_ms(g->parts.loop);
}

/* The clock may have been set back since the time was recorded: then no longer than such a pause can be. */
static int64_t engine_bound(const struct engine *g, const struct pending *p)
{
    const struct conf_retry *policy = &g->config->retry;
    int64_t longest = p->why == ERR_LIMITED || p->why == ERR_PACED ? ENGINE_LIMITED_MS
                      : policy->every                              ? policy->every
                                                                   : policy->cap;
    int64_t last = loop_now_ms(g->parts.loop) + longest;
    return p->retry_at_ms < last ? p->retry_at_ms : last;
}

/* A start reads the configuration anew, so it retries what a reload would. */
static int engine_load(void *ctx, const struct pending *p)
{
    struct engine *g = ctx;
    bool waits = p->attempts > 0 && p->why != ERR_CONFIG && p->why != ERR_AUTH;
    const struct lane_wait wait = {.until_ms = engine_mono(g, engine_bound(g, p)), .why = p->why};
    course_loaded(&g->lanes, p->lane, (struct lane_event){p->id, p->attempts}, waits ? &wait : NULL);
    return 0;
}

struct age_clocks engine_clocks(const struct engine *g)
{
    const struct loop *l = g->parts.loop;
    return (struct age_clocks){g->born_ms, loop_mono_ms(l) - g->born_mono_ms, loop_now_ms(l)};
}

int64_t engine_mono(const struct engine *g, int64_t wall_ms)
{
    return loop_mono_ms(g->parts.loop) + wall_ms - loop_now_ms(g->parts.loop);
}

int engine_start(struct engine *g, struct err *e)
{
    int rc = store_each_pending(g->parts.store, engine_load, g, e);
    if (rc == 0)
        rc = creations_load(g, e);
    if (rc < 0)
        return rc;
    g->is_started = true;
    health_start(g->health);
    upkeep_start(g);
    loop_again(g->parts.loop);
    return 0;
}

static void engine_due(struct loop_timer *t)
{
    (void)t; /* the hook of this turn wakes what is due */
}

/* One timer serves all parked lanes: it stands at the first that is due. */
static void engine_wake(struct engine *g)
{
    int64_t now = loop_mono_ms(g->parts.loop);
    int64_t next = lanes_wake_due(&g->lanes, now);
    if (next == INT64_MAX)
        loop_timer_stop(&g->due);
    else
        loop_timer_start(g->parts.loop, &g->due, next - now, engine_due);
}

static bool engine_turn(struct loop_hook *h)
{
    struct engine *g = CONTAINER(h, struct engine, hook);
    if (!g->is_started || g->is_stopping)
        return false;
    engine_wake(g);
    for (int i = 0; i < ENGINE_STARTS_A_TURN && g->lanes.running < ENGINE_RUNNING_MAX; i++) {
        struct lane *l = lanes_take(&g->lanes);
        if (!l)
            return false;
        attempt_start(g, l);
    }
    return !list_empty(&g->lanes.ready) && g->lanes.running < ENGINE_RUNNING_MAX;
}

void engine_reload(struct engine *g, struct config *config)
{
    config_put(g->config);
    g->config = config_get(config);
    redact_config(g->redact, config);
    engine_configure_remotes(g);
    known_forget(&g->known);
    known_forget(&g->pictures);
    lanes_wake_class(&g->lanes, ERR_CONFIG);
    lanes_wake_class(&g->lanes, ERR_AUTH);
    lanes_wake_class(&g->lanes, ERR_PACED);
    health_start(g->health);
    loop_again(g->parts.loop);
}

/* --- breakers --- */

static void engine_breaker_changed(struct remote_watch *w, struct remote *r)
{
    struct engine *g = CONTAINER(w, struct engine, watch);
    const struct breaker *b = &r->breaker;
    engine_measure_breaker(g, r);
    if (b->state == BREAKER_CLOSED) {
        size_t woken = lanes_wake_held(&g->lanes, r, SIZE_MAX);
        log_line(LOG_INFO, "engine", "breaker closed", LOG_STR("tracker", r->name), LOG_INT("lanes", (int64_t)woken));
    } else {
        AUTO(arena_auto) struct arena *a = arena_new(ENGINE_ARENA_BYTES);
        log_line(LOG_WARNING, "engine", "breaker opened", LOG_STR("tracker", r->name),
                 LOG_STR("class", err_class_name(b->why)),
                 LOG_STR("reason", redact_text(g->redact, a, str_of(b->text)).p));
    }
    loop_again(g->parts.loop);
}

static void engine_probe(struct remote_watch *w, struct remote *r)
{
    struct engine *g = CONTAINER(w, struct engine, watch);
    lanes_wake_held(&g->lanes, r, 1);
}

static const struct remote *engine_holder(const struct engine *g, uint64_t lane)
{
    const struct lane *l = lanes_find(&g->lanes, lane);
    for (size_t i = 0; l && i < g->n_remotes; i++)
        if (l->wait.held_by == &g->remotes[i])
            return &g->remotes[i];
    return NULL;
}

const char *engine_held(const struct engine *g, uint64_t lane)
{
    const struct remote *r = engine_holder(g, lane);
    return r ? r->name : NULL;
}

const char *engine_held_why(const struct engine *g, uint64_t lane, struct arena *a)
{
    const struct remote *r = engine_holder(g, lane);
    return r ? redact_text(g->redact, a, str_of(r->breaker.text)).p : NULL;
}

void engine_stop(struct engine *g, void (*idle)(void *ctx), void *ctx)
{
    g->is_stopping = true;
    g->idle = idle;
    g->idle_ctx = ctx;
    engine_went_idle(g);
}

void engine_went_idle(struct engine *g)
{
    if (!g->is_stopping || !g->idle || !list_empty(&g->attempts))
        return;
    void (*idle)(void *ctx) = g->idle;
    g->idle = NULL;
    idle(g->idle_ctx);
}

void engine_stored(struct engine *g, const struct err *e)
{
    snprintf(g->store_trouble, sizeof g->store_trouble, "%s", e ? e->text : "");
}

const char *engine_store_trouble(const struct engine *g)
{
    return g->store_trouble[0] ? g->store_trouble : NULL;
}

void engine_note_damage(struct engine *g, const struct err *why)
{
    store_note_damage(g->parts.store, why);
}

const char *engine_store_damage(const struct engine *g)
{
    return store_damage(g->parts.store);
}

static void engine_measure_age(struct engine *g)
{
    struct err e = {0};
    int64_t oldest_ms = 0;
    int rc = store_oldest_pending(g->parts.store, &oldest_ms, &e);
    const struct age_clocks clocks = engine_clocks(g);
    int64_t oldest = rc == 0 && oldest_ms > 0 ? age_ms(&clocks, oldest_ms) : 0;
    metrics_set(g->parts.metrics, METRIC_OLDEST_SECONDS, NULL, NULL, (double)oldest / 1000);
}

void engine_measure(struct engine *g)
{
    struct metrics *m = g->parts.metrics;
    engine_measure_age(g);
    metrics_set(m, METRIC_STORE_DAMAGED, NULL, NULL, store_damage(g->parts.store) != NULL);
    metrics_set(m, METRIC_STORE_UNCHECKED, NULL, NULL, store_unchecked(g->parts.store));
    size_t ready = lanes_count(&g->lanes) - g->lanes.running - g->lanes.parked.n;
    metrics_set(m, METRIC_LANES, "ready", NULL, (double)ready);
    metrics_set(m, METRIC_LANES, "running", NULL, (double)g->lanes.running);
    metrics_set(m, METRIC_LANES, "parked", NULL, (double)g->lanes.parked.n);
    metrics_set(m, METRIC_PENDING, NULL, NULL, (double)g->lanes.events);
    for (size_t i = 0; i < g->n_remotes; i++)
        metrics_set(m, METRIC_PAUSE, g->remotes[i].name, NULL, (double)remote_pause_left(&g->remotes[i]) / 1000);
    creations_measure(g);
}

void engine_urls(const struct conf_tracker *t, struct rule_urls *ret)
{
    const struct tracker_driver *d = t ? tracker_driver(t) : NULL;
    *ret = (struct rule_urls){0};
    if (d)
        *ret = (struct rule_urls){.issue_url = d->issue_url, .issue_ref = d->issue_ref};
}
