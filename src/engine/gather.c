/* gather.c: facts and decisions in turn, until the rules need nothing more. Missing facts are fetched side by side. */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "rule/decide.h"
#include "rule/members.h"

void engine_fetch(struct engine *g, struct work *w, const struct fact_key *want, const struct fetch_parts *parts)
{
    *w = (struct work){
        .tools = &g->tools,
        .remote = engine_remote(g, parts->conf->name),
        .trace = parts->trace,
        .bytes_left = parts->bytes_left,
        .kind = WORK_FETCH,
        .ignores_breaker = parts->ignores_breaker,
        .call = {.conf = parts->conf, .arena = parts->arena, .want = want, .also = parts->also},
        .done = parts->done,
    };
    work_start(w);
}

static void gather_go_on(struct attempt *at)
{
    if (at->fetching > 0)
        return;
    if (at->error.class != ERR_NONE)
        attempt_finish(at);
    else
        gather_decide(at);
}

/* How long what an event tells of may be unknown: what is not new was there before. */
static int64_t gather_lag_ms(const struct event *ev)
{
    bool is_old = ev->issue.created_ms && ev->received_ms - ev->issue.created_ms > ENGINE_LAG_NEW_MS;
    return is_old ? ENGINE_LAG_OLD_MS : ENGINE_LAG_MS;
}

/* The issue that a fresh event is about is not there: some trackers tell of it before their API knows it. */
static bool gather_is_early(const struct attempt *at, const struct fact *f)
{
    const struct age_clocks clocks = engine_clocks(at->engine);
    return f->key.kind == FACT_ISSUE && f->state == FACT_MISSING && (tracker_driver(at->tracker)->can & TRACKER_LAGS) &&
           text_same(f->key.tracker, at->tracker->name) && text_same(f->key.ref, at->event->issue.ref) &&
           age_ms(&clocks, at->entry.received_ms) < gather_lag_ms(at->event);
}

/* It is a matter of moments mostly, whatever the policy is for what fails. */
static void gather_fail_early(struct attempt *at, const struct fact_key *of)
{
    struct err e = {0};
    int64_t doubled = at->number - 1 < ENGINE_LAG_DOUBLED ? at->number - 1 : ENGINE_LAG_DOUBLED;
    fail(&e, ERR_TRANSIENT, "%s does not know %s yet", of->tracker, of->ref);
    e.retry_at_ms = loop_now_ms(at->engine->parts.loop) + (ENGINE_LAG_PAUSE_MS << doubled);
    attempt_fail(at, &e);
}

static void gather_took(struct attempt *at, struct fact *f)
{
    if (gather_is_early(at, f)) {
        gather_fail_early(at, &f->key);
        return;
    }
    facts_add(at->arena, &at->facts, engine_keep(at->engine, at->config, f, at->arena));
}

static struct fact *gather_failed(const struct attempt *at, const struct fact_key *want, const struct err *e)
{
    struct fact *f = ARENA_NEW(at->arena, struct fact);
    f->key = *want;
    f->state = FACT_FAILED;
    f->why = arena_text(at->arena, e->text);
    f->class = err_class_name(e->class);
    return f;
}

static bool gather_known(struct attempt *at, const struct fact_key *want)
{
    struct engine *g = at->engine;
    struct known *k = want->kind == FACT_ISSUE ? &g->pictures : &g->known;
    bool is_asked_again = want->kind == FACT_ISSUE && at->number > 1; /* perhaps it failed for being old */
    struct fact *f = is_asked_again ? NULL : known_get(k, want, loop_mono_ms(g->parts.loop), at->arena);
    if (f)
        facts_add(at->arena, &at->facts, f);
    return f != NULL;
}

void engine_picture(struct engine *g, const struct fact *f)
{
    known_put_for(&g->pictures, f, loop_mono_ms(g->parts.loop), ENGINE_PICTURE_MS);
}

void engine_forget_picture(struct engine *g, const char *tracker, const char *ref)
{
    known_remove(&g->pictures, &(const struct fact_key){.kind = FACT_ISSUE, .tracker = tracker, .ref = ref});
}

/* What our own store knows is a fact as well, and is recorded like one. */
static int gather_linked(struct attempt *at, const struct fact_key *want, struct err *e)
{
    struct fact *f = ARENA_NEW(at->arena, struct fact);
    f->key = *want;
    int rc = store_get_links(at->engine->parts.store, want->tracker, want->ref, at->arena, &f->links, e);
    if (rc == 0)
        facts_add(at->arena, &at->facts, f);
    return rc;
}

static void gather_fetched(struct work *w, const struct err *e);

/* Counts itself among those under way: its answer may be there before this returns. */
static void gather_fetch(struct attempt *at, struct work *w, const struct fact_key *want, const struct fact_key *also)
{
    const struct fetch_parts parts = {
        .conf = config_tracker(at->config, want->tracker),
        .also = also,
        .arena = at->arena,
        .trace = &at->trace,
        .bytes_left = &at->bytes_left,
        .done = gather_fetched,
    };
    if (parts.conf) {
        at->fetching++;
        engine_fetch(at->engine, w, want, &parts);
        return;
    }
    struct err e = {0};
    fail(&e, ERR_BUG, "a rule wants a fact of %s, which is not configured", want->tracker);
    attempt_fail(at, &e);
}

/* What was asked along: when the answer has it not, it is asked for by itself. */
static void gather_fetched_along(struct attempt *at, struct work *w)
{
    const struct fact_key *also = w->call.also;
    if (also && w->result.also) {
        w->result.also->key = *also;
        gather_took(at, w->result.also);
    } else if (also && at->error.class == ERR_NONE) {
        gather_fetch(at, w, also, NULL);
    }
}

static void gather_fetched(struct work *w, const struct err *e)
{
    struct attempt *at = CONTAINER(w->bytes_left, struct attempt, bytes_left);
    const struct fact_key *want = w->call.want;
    w->call.conf = NULL; /* ended: nothing to cancel */
    if (e && want->may_fail) {
        gather_took(at, gather_failed(at, want, e));
    } else if (e) {
        attempt_fail_work(at, w, e);
    } else {
        w->result.fact->key = *want;
        gather_took(at, w->result.fact);
    }
    gather_fetched_along(at, w);
    at->fetching--;
    gather_go_on(at);
}

/* Does the engine have it already, or can have it without asking? */
static bool gather_has(struct attempt *at, const struct fact_key *want)
{
    struct err e = {0};
    if (want->kind != FACT_LINKED)
        return gather_known(at, want);
    if (gather_linked(at, want, &e) < 0)
        attempt_fail(at, &e);
    return true;
}

static bool gather_joins(const struct attempt *at, const struct fact_key *want, const struct fact_key *also)
{
    const struct conf_tracker *t = config_tracker(at->config, want->tracker);
    return t && tracker_driver(t)->joins && text_same(want->tracker, also->tracker) &&
           tracker_driver(t)->joins(want, also);
}

/* Another one that can be asked for along with the i-th of these, which then is not open any more; NULL: none. */
static const struct fact_key *gather_partner(const struct attempt *at, const struct fact_key *wants, bool *is_open,
                                             size_t n, size_t i)
{
    for (size_t j = 0; j < n; j++)
        if (j != i && is_open[j] && gather_joins(at, &wants[i], &wants[j])) {
            is_open[j] = false;
            return &wants[j];
        }
    return NULL;
}

/* One extra in `fetching` keeps the last answer from going on while others are still being started. */
static void gather_fetch_all(struct attempt *at, const struct fact_key *wants, size_t n)
{
    bool *is_open = ARENA_ARRAY(at->arena, bool, n);
    const struct fact_key **also = ARENA_ARRAY(at->arena, const struct fact_key *, n);
    at->fetches = ARENA_ARRAY(at->arena, struct work, n);
    at->n_fetches = n;
    at->fetching = 1;
    for (size_t i = 0; i < n; i++)
        is_open[i] = !gather_has(at, &wants[i]);
    for (size_t i = 0; i < n; i++)
        also[i] = is_open[i] ? gather_partner(at, wants, is_open, n, i) : NULL;
    for (size_t i = 0; i < n; i++)
        if (is_open[i])
            gather_fetch(at, &at->fetches[i], &wants[i], also[i]);
    at->fetching--;
    gather_go_on(at);
}

void gather_ask_rules(const struct gather_case *c, struct decision *ret)
{
    *ret = (struct decision){0};
    if (members_decide(c->event, c->arena, ret))
        return;
    for (size_t i = 0; i < c->config->n_bridges; i++) {
        const struct conf_bridge *b = &c->config->bridges[i];
        if (b->from != c->tracker && !(b->to == c->tracker && rule_kind(b)->hears_to))
            continue;
        struct rule_question q = {.bridge = b, .event = c->event, .facts = c->facts, .arena = c->arena};
        engine_urls(b->from, &q.from);
        engine_urls(b->to, &q.to);
        rule_kind(b)->decide(&q, ret);
    }
}

void gather_decide(struct attempt *at)
{
    const struct gather_case c = {at->config, at->tracker, at->event, &at->facts, at->arena};
    gather_ask_rules(&c, &at->decision);
    if (at->decision.needs.n == 0 && at->event->is_dry) {
        attempt_finish(at);
    } else if (at->decision.needs.n == 0) {
        apply_start(at);
    } else if (at->rounds++ < ENGINE_NEED_ROUNDS) {
        gather_fetch_all(at, at->decision.needs.v, at->decision.needs.n);
    } else {
        struct err e = {0};
        fail(&e, ERR_BUG, "the rules ask for facts without end");
        attempt_fail(at, &e);
        attempt_finish(at);
    }
}

void gather_cancel(struct attempt *at)
{
    for (size_t i = 0; i < at->n_fetches; i++)
        if (at->fetches[i].call.conf)
            work_cancel(&at->fetches[i]);
}
