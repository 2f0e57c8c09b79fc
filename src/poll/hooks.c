#include "base/base.h"
#include "poll/hooks.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/redact.h"
#include "poll/reconcile_private.h"
#include "rule/decide.h"
#include "store/people.h"
#include "tracker/driver.h"

enum { HOOKS_REPOSITORIES = 200 }; /* of an organisation, one after the other while a person waits */

static void hooks_look(struct hooks_deed *d);
static void hooks_step(struct hooks_deed *d);

static struct hooks_place *hooks_here(const struct hooks_deed *d)
{
    return (struct hooks_place *)d->places.v + d->at;
}

static void hooks_durable(struct store_wait *w, const struct err *e)
{
    struct hooks_deed *d = CONTAINER(w, struct hooks_deed, wait);
    d->done(d, e);
}

/* Who did it is on disk before it is told. */
static void hooks_end(struct hooks_deed *d, const struct err *e)
{
    config_put(TAKE(d->config));
    d->wait.durable = hooks_durable;
    if (e || d->what == HOOKS_LIST || d->is_dry)
        d->done(d, e);
    else
        store_when_durable(d->reconciler->parts.store, &d->wait);
}

static void hooks_next(struct hooks_deed *d)
{
    d->at++;
    hooks_look(d);
}

static const char *hooks_redacted(const struct hooks_deed *d, const char *why)
{
    const struct redact *r = engine_redact(d->reconciler->parts.engine);
    return redact_text(r, d->arena, str_of(arena_text(d->arena, why))).p;
}

static void hooks_fail(struct hooks_deed *d, const char *why)
{
    hooks_here(d)->trouble = hooks_redacted(d, why);
    hooks_next(d);
}

/* --- what is needed --- */

static void hooks_need(struct arena *a, const char *events, struct texts *ret)
{
    for (const char *at = events; at && *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        const char *one = arena_str(a, (struct str){at, n});
        if (!texts_have(ret, one))
            texts_add(a, ret, one);
        at += n;
    }
}

/* By all bridges that read this tracker. */
static struct texts hooks_needed(const struct hooks_deed *d, const char *tracker)
{
    struct texts needed = {0};
    for (size_t i = 0; i < d->config->n_bridges; i++) {
        const struct conf_bridge *b = &d->config->bridges[i];
        if (text_same(b->from->name, tracker))
            hooks_need(d->arena, rule_kind(b)->hook_events, &needed);
    }
    return needed;
}

/* --- what there is --- */

static const struct hooks_row *hooks_best(const struct hooks_place *p)
{
    const struct hooks_row *best = NULL;
    MANY_EACH(const struct hooks_row, h, &p->rows)
    if (h->is_ours && (!best || h->is_enabled || !best->is_enabled))
        best = h;
    return best;
}

static void hooks_take(struct hooks_deed *d, const struct fact *f)
{
    struct hooks_place *p = hooks_here(d);
    const struct conf_tracker *t = config_tracker(d->config, p->tracker);
    const struct hook *ours = NULL;
    p->state = gap_our_hook(d->arena, t, d->config->server.public_url, f, &ours);
    MANY_EACH(const struct hook, h, &f->hooks)
    *MANY_ADD(d->arena, &p->rows, struct hooks_row) = (struct hooks_row){
        .id = arena_text(d->arena, h->id),
        .url = arena_text(d->arena, h->url),
        .events = arena_text(d->arena, h->event),
        .is_enabled = h->enabled,
        .is_failing = h->errors > 0,
        .is_ours = gap_is_our_hook(d->arena, t, d->config->server.public_url, h->url),
    };
    struct texts tells = {0}, needed = hooks_needed(d, p->tracker);
    hooks_need(d->arena, ours ? ours->event : NULL, &tells);
    for (size_t i = 0; ours && !texts_have(&tells, "*") && i < needed.n; i++)
        if (!texts_have(&tells, needed.v[i]))
            texts_add(d->arena, &p->lacks, needed.v[i]);
}

/* --- what is to be done --- */

static void hooks_plan(struct hooks_deed *d, const char *what, const struct change *change)
{
    struct hooks_step *s = MANY_ADD(d->arena, &hooks_here(d)->steps, struct hooks_step);
    *s = (struct hooks_step){.what = what, .id = change->id, .change = *change};
    s->change.project = hooks_here(d)->name;
}

/*
 * Its secret cannot be seen, so it is given again. What else it tells of is left to it. Doubles go first: GitHub takes
 * no webhook that is like another one.
 */
static int hooks_plan_install(struct hooks_deed *d, struct err *e)
{
    struct hooks_place *p = hooks_here(d);
    const struct hooks_row *best = hooks_best(p);
    const char *home = d->config->server.public_url;
    struct change put = {.kind = CHANGE_HOOK, .id = best ? best->id : NULL, .add = hooks_needed(d, p->tracker)};
    if (!best && text_blank(home))
        return fail(e, ERR_CONFIG, "server.public_url is not set: nobody knows where a webhook should lead");
    size_t n = best ? 0 : strlen(home);
    n -= n > 0 && home[n - 1] == '/';
    put.url = best ? best->url : arena_fmt(d->arena, "%.*s/hooks/%s", (int)n, home, p->tracker);
    hooks_need(d->arena, best ? best->events : NULL, &put.add);
    MANY_EACH(const struct hooks_row, h, &p->rows)
    if (h->is_ours && h != best)
        hooks_plan(d, "remove", &(struct change){.kind = CHANGE_REMOVE_HOOK, .id = h->id});
    hooks_plan(d, best ? "edit" : "create", &put);
    return 0;
}

static int hooks_plan_ping(struct hooks_deed *d, struct err *e)
{
    const struct hooks_row *best = hooks_best(hooks_here(d));
    if (!best)
        return fail(e, ERR_MISSING, "no webhook there leads to us");
    hooks_plan(d, "ping", &(struct change){.kind = CHANGE_PING_HOOK, .id = best->id});
    return 0;
}

static int hooks_audit(const struct hooks_deed *d, struct err *e)
{
    static const char *const verbs[HOOKS_DOS] = {"hooks list", "hooks install", "hooks ping"};
    const struct hooks_place *p = hooks_here(d);
    const struct audit_record r = {.at_ms = loop_now_ms(d->reconciler->parts.loop),
                                   .who = d->who,
                                   .verb = verbs[d->what],
                                   .note = arena_fmt(d->arena, "%s:%s", p->tracker, p->name)};
    log_line(LOG_INFO, "hooks", "done by a person", LOG_STR("who", d->who), LOG_STR("verb", r.verb),
             LOG_STR("tracker", p->tracker), LOG_STR("place", p->name));
    return store_add_audit(d->reconciler->parts.store, &r, e);
}

/* --- doing it --- */

static void hooks_stepped(struct question *q, const struct fact *f, const struct err *e)
{
    struct hooks_deed *d = CONTAINER(q, struct hooks_deed, question);
    struct hooks_step *s = (struct hooks_step *)hooks_here(d)->steps.v + d->step;
    (void)f;
    if (e) {
        hooks_fail(d, e->text);
        return;
    }
    if (q->work.result.ref)
        s->id = arena_text(d->arena, q->work.result.ref);
    d->step++;
    hooks_step(d);
}

static void hooks_step(struct hooks_deed *d)
{
    struct hooks_place *p = hooks_here(d);
    if (d->step < p->steps.n && !d->is_dry) {
        d->question.done = hooks_stepped;
        question_change(d->reconciler->parts.engine, &d->question, p->tracker,
                        &((const struct hooks_step *)p->steps.v + d->step)->change);
        return;
    }
    if (d->what == HOOKS_INSTALL && !d->is_dry)
        reconciler_note_place(d->reconciler, p->tracker, p->name);
    hooks_next(d);
}

/* --- the repositories of an organisation, or App, that has none --- */

static void hooks_add(struct hooks_deed *d, const char *tracker, const char *name)
{
    *MANY_ADD(d->arena, &d->places, struct hooks_place) =
        (struct hooks_place){.tracker = arena_text(d->arena, tracker), .name = arena_text(d->arena, name)};
}

static void hooks_told_repositories(struct question *q, const struct fact *f, const struct err *e)
{
    struct hooks_deed *d = CONTAINER(q, struct hooks_deed, question);
    struct hooks_place *p = hooks_here(d);
    const char *tracker = p->tracker;
    size_t n = f ? f->names.n : 0, most = n < HOOKS_REPOSITORIES ? n : HOOKS_REPOSITORIES;
    const char *why = e ? e->text : f ? f->why : NULL;
    if (n > most)
        why = arena_fmt(d->arena, "%zu more repositories: ask for them by name", n - most);
    if (!p->trouble && !text_blank(why))
        p->trouble = hooks_redacted(d, why);
    for (size_t i = 0; f && i < most; i++)
        hooks_add(d, tracker, ((const struct named *)f->names.v)[i].name);
    hooks_next(d);
}

/* Has it repositories, of which no webhook tells, so that each of them needs its own? */
static bool hooks_is_deaf(const struct hooks_deed *d)
{
    const struct hooks_place *p = hooks_here(d);
    return d->what == HOOKS_LIST && d->target && !strchr(p->name, '/') && p->state != GAP_HOOK_WORKING && !p->by;
}

static void hooks_looked(struct hooks_deed *d)
{
    struct hooks_place *p = hooks_here(d);
    p->by = p->state == GAP_HOOK_WORKING
                ? NULL
                : arena_text(d->arena, reconciler_stand_in(d->reconciler, p->tracker, p->name));
    if (!hooks_is_deaf(d)) {
        hooks_step(d);
        return;
    }
    const struct fact_key want = {.kind = FACT_REPOSITORIES, .tracker = p->tracker, .ref = p->name};
    d->question.done = hooks_told_repositories;
    question_ask(d->reconciler->parts.engine, &d->question, &want);
}

static void hooks_told(struct question *q, const struct fact *f, const struct err *e)
{
    struct hooks_deed *d = CONTAINER(q, struct hooks_deed, question);
    struct err why = {0};
    d->step = 0;
    if (e || f->state != FACT_HERE) {
        hooks_here(d)->trouble = hooks_redacted(d, e ? e->text : f->why ? f->why : "its webhooks cannot be seen");
        if (d->what == HOOKS_LIST)
            hooks_looked(d);
        else
            hooks_next(d);
        return;
    }
    hooks_take(d, f);
    int rc = d->what == HOOKS_INSTALL ? hooks_plan_install(d, &why)
             : d->what == HOOKS_PING  ? hooks_plan_ping(d, &why)
                                      : 0;
    if (rc == 0 && d->what != HOOKS_LIST && !d->is_dry)
        rc = hooks_audit(d, &why);
    if (rc < 0)
        hooks_fail(d, why.text);
    else if (d->what == HOOKS_LIST)
        hooks_looked(d);
    else
        hooks_step(d);
}

static void hooks_look(struct hooks_deed *d)
{
    if (d->at == d->places.n) {
        hooks_end(d, NULL);
        return;
    }
    const struct hooks_place *p = hooks_here(d);
    const struct fact_key want = {.kind = FACT_HOOKS, .tracker = p->tracker, .ref = p->name};
    d->question.done = hooks_told;
    question_ask(d->reconciler->parts.engine, &d->question, &want);
}

/* --- which places --- */

static const char *hooks_own_place(const struct hooks_deed *d, const char *tracker)
{
    const struct conf_tracker *t = config_tracker(d->config, tracker);
    return t && tracker_driver(t)->own_place ? tracker_driver(t)->own_place(t) : NULL;
}

static void hooks_add_all(struct hooks_deed *d)
{
    struct many trackers = {0};
    reconciler_view(d->reconciler, d->arena, &trackers);
    MANY_EACH(const struct gaps_view, v, &trackers)
    {
        const char *own = hooks_own_place(d, v->tracker);
        if (own)
            hooks_add(d, v->tracker, own);
        MANY_EACH(const struct place_view, p, &v->places)
        if (strchr(p->name, '/'))
            hooks_add(d, v->tracker, p->name);
    }
}

static int hooks_add_target(struct hooks_deed *d, struct err *e)
{
    size_t n = strcspn(d->target, ":");
    const char *tracker = arena_str(d->arena, (struct str){d->target, n}),
               *name = d->target + n + (d->target[n] == ':');
    const struct conf_tracker *t = config_tracker(d->config, tracker);
    if (!d->target[n] || text_blank(name) || strchr(name, '#'))
        return fail(e, ERR_INPUT, "\"%.200s\" is not a target like github:OWNER/REPO or github:ORG", d->target);
    if (!t)
        return fail(e, ERR_INPUT, "there is no tracker \"%.60s\"", tracker);
    if (!(tracker_driver(t)->can & TRACKER_LOG))
        return fail(e, ERR_INPUT, "%s is of kind %s, whose webhooks are not looked after from here", t->name,
                    t->kind->name);
    hooks_add(d, tracker, name);
    return 0;
}

void hooks_do(struct reconciler *r, struct hooks_deed *d)
{
    struct err e = {0};
    d->reconciler = r;
    d->config = engine_hold_config(r->parts.engine);
    if (!d->target && d->what == HOOKS_LIST)
        hooks_add_all(d);
    else if (!d->target)
        fail(&e, ERR_INPUT, "target: say which: github:OWNER/REPO or github:ORG");
    else
        (void)(hooks_add_target(d, &e) < 0);
    if (e.class != ERR_NONE)
        hooks_end(d, &e);
    else
        hooks_look(d);
}
