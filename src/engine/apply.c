/*
 * apply.c: a plan carried out, unit by unit, change by change. A unit that fails does not stop the others.
 *
 * A creation (a change with a marker) happens once: its intent is on disk before it is sent; when its answer was lost
 * it is looked for by its marker before it is sent again; when it is done, that is remembered for good under the
 * marker. Other changes are safe to send again, since they are planned from facts gathered by the same attempt.
 */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "base/map.h"
#include "base/text.h"
#include "engine/metrics.h"

enum { APPLY_TEXT_BYTES = 4 * 1024 * 1024 };

static void apply_next(struct attempt *at);

static struct unit *apply_unit(const struct attempt *at)
{
    return (struct unit *)at->decision.units.v + at->unit;
}

static void apply_note(struct attempt *at, const char *outcome, const char *text)
{
    const struct change *c = &at->current;
    metrics_add(at->engine->parts.metrics, METRIC_STEPS, c->step, outcome, 1);
    const char *ref = c->issue.ref ? c->issue.ref : c->project;
    texts_add(at->arena, &at->effects,
              arena_fmt(at->arena, "%s: %s %s:%s: %s%s%s", c->step, change_kind_name(c->kind), c->issue.tracker,
                        ref ? ref : "", outcome, text ? ": " : "", text ? text : ""));
}

/* --- remembering --- */

static int apply_put_effect(struct attempt *at, enum effect_state state, const char *result, struct err *e)
{
    const struct effect f = {
        .key = at->current.marker,
        .event = at->entry.id,
        .state = state,
        .result = result,
        .at_ms = loop_now_ms(at->engine->parts.loop),
    };
    return store_put_effect(at->engine->parts.store, &f, e);
}

static int apply_put_link(struct attempt *at, const char *to_tracker, const char *to_ref, bool confirmed, struct err *e)
{
    const struct link_record l = {
        .from_tracker = at->tracker->name,
        .from_ref = at->event->issue.ref,
        .to_tracker = to_tracker,
        .to_ref = to_ref,
        .event = at->entry.id,
        .is_confirmed = confirmed,
        .at_ms = loop_now_ms(at->engine->parts.loop),
    };
    return store_put_link(at->engine->parts.store, &l, e);
}

/* Where people see an issue; NULL when its tracker is not configured. */
static const char *apply_url(const struct attempt *at, const struct target *t)
{
    const struct conf_tracker *conf = config_tracker(at->config, t->tracker);
    return conf ? tracker_driver(conf)->issue_url(conf, at->arena, t->ref) : NULL;
}

/* "jira:DEV-1" */
static const char *apply_name(const struct attempt *at, const char *ref)
{
    return arena_fmt(at->arena, "%s:%s", at->current.issue.tracker, ref);
}

/* "jira:DEV-1", which the trackers say belongs to the event's issue. */
static int apply_learn(struct attempt *at, const char *target, struct err *e)
{
    size_t n = strcspn(target, ":");
    const char *tracker = arena_str(at->arena, (struct str){target, n});
    return apply_put_link(at, tracker, target[n] ? target + n + 1 : "", true, e);
}

/* What the store must know of a change that is done. */
static int apply_remember(struct attempt *at, const char *ref, struct err *e)
{
    const struct change *c = &at->current;
    int rc = 0;
    if (c->marker && ref)
        rc = apply_put_effect(at, EFFECT_DONE, ref, e);
    if (rc == 0 && c->kind == CHANGE_CREATE && ref)
        rc = apply_put_link(at, c->issue.tracker, ref, false, e);
    if (rc == 0 && c->kind == CHANGE_CREATE && ref)
        rc = store_join_lane(at->engine->parts.store, hash_stable(str_of(apply_name(at, ref))), at->lane->key, e);
    if (rc == 0 && c->kind == CHANGE_SEE_ALSO && c->other.ref)
        rc = apply_put_link(at, c->other.tracker, c->other.ref, true, e);
    if (rc == 0 && c->kind == CHANGE_DELETE)
        rc = store_remove_links_to(at->engine->parts.store, c->issue.tracker, c->issue.ref, e);
    return rc;
}

/* --- ends of a change --- */

static void apply_go_on(struct attempt *at)
{
    at->change++;
    apply_next(at);
}

/* w: the work that failed; NULL: it was something of our own. */
static void apply_unit_failed(struct attempt *at, const struct work *w, const struct err *e)
{
    struct err why = *e;
    err_within(&why, "%s %s", apply_unit(at)->rule, at->current.step);
    attempt_fail_work(at, w, &why);
    apply_note(at, e->class == ERR_PACED ? "waits" : "failed", why.text);
    at->unit++;
    at->change = 0;
    apply_next(at);
}

static void apply_created_durable(struct store_wait *wait, const struct err *e)
{
    struct attempt *at = CONTAINER(wait, struct attempt, wait);
    at->is_waiting = false;
    if (e)
        apply_unit_failed(at, NULL, e);
    else
        apply_go_on(at);
}

/*
 * What follows a creation tells the world of it, and then the rules would take it for old: that this event made it must
 * be on disk before, or an attempt after a crash would leave the rest undone.
 */
static void apply_settle(struct attempt *at)
{
    at->wait.durable = apply_created_durable;
    at->is_waiting = true;
    store_when_durable(at->engine->parts.store, &at->wait);
}

static void apply_succeeded(struct attempt *at, const char *ref, bool wrote, const char *note)
{
    struct err e = {0};
    const struct change *c = &at->current;
    at->refs[at->change] = ref;
    if (apply_remember(at, ref, &e) < 0) {
        apply_unit_failed(at, NULL, &e);
        return;
    }
    at->wrote = at->wrote || wrote;
    if (note) /* what the tracker left undone is worth saying as much as what the rule did */
        texts_add(at->arena, &apply_unit(at)->undone, note);
    if (apply_unit(at)->target)
        at->wrote_to = apply_unit(at)->target;
    else if (c->kind == CHANGE_CREATE && ref)
        at->wrote_to = apply_name(at, ref);
    else if (wrote && !at->wrote_to)
        at->wrote_to = apply_name(at, c->issue.ref);
    apply_note(at, note ? "noted" : wrote ? "applied" : "unchanged", note ? note : ref);
    if (c->kind == CHANGE_CREATE)
        apply_settle(at);
    else
        apply_go_on(at);
}

static void apply_done(struct work *w, const struct err *e)
{
    struct attempt *at = CONTAINER(w, struct attempt, work);
    at->is_working = false;
    creations_end(at, !w->is_held);
    if (!e) {
        apply_succeeded(at, w->result.ref, !w->result.unchanged, w->result.note);
        return;
    }
    struct err why = *e;
    /* It certainly did not happen: the next attempt need not look for it. */
    if (at->current.marker && e->class != ERR_UNCERTAIN)
        (void)(apply_put_effect(at, EFFECT_NONE, NULL, &why) < 0);
    apply_unit_failed(at, w, e);
}

/* --- creations --- */

static void apply_work(struct attempt *at, enum work_kind kind, void (*done)(struct work *, const struct err *))
{
    const struct change *c = &at->current;
    const struct conf_tracker *conf = config_tracker(at->config, c->issue.tracker);
    at->work = (struct work){
        .tools = &at->engine->tools,
        .remote = engine_remote(at->engine, c->issue.tracker),
        .trace = &at->trace,
        .bytes_left = &at->bytes_left,
        .kind = kind,
        .call = {.conf = conf, .arena = at->arena, .change = c},
        .done = done,
    };
    if (c->other.ref)
        at->work.call.other_url = apply_url(at, &c->other);
    at->is_working = true;
}

static void apply_send(struct attempt *at)
{
    if (at->current.issue.ref)
        engine_forget_picture(at->engine, at->current.issue.tracker, at->current.issue.ref);
    apply_work(at, WORK_CHANGE, apply_done);
    work_start(&at->work);
}

static void apply_intent_durable(struct store_wait *wait, const struct err *e)
{
    struct attempt *at = CONTAINER(wait, struct attempt, wait);
    at->is_waiting = false;
    if (e) {
        creations_end(at, false);
        apply_unit_failed(at, NULL, e);
    } else {
        apply_send(at);
    }
}

static void apply_intend(struct attempt *at)
{
    struct err e = {0};
    if (creations_take(at, &e) < 0 || apply_put_effect(at, EFFECT_INTENT, NULL, &e) < 0) {
        creations_end(at, false);
        apply_unit_failed(at, NULL, &e);
        return;
    }
    at->wait.durable = apply_intent_durable;
    at->is_waiting = true;
    store_when_durable(at->engine->parts.store, &at->wait);
}

/* Not found proves nothing while the other side's search may lag behind. */
static void apply_not_found(struct attempt *at)
{
    const struct work *w = &at->work;
    int64_t lag = tracker_driver(w->call.conf)->look_lag_ms(w->call.conf);
    if (at->sent_ago >= lag) {
        if (w->result.note)
            texts_add(at->arena, &apply_unit(at)->undone, w->result.note);
        apply_intend(at);
        return;
    }
    struct err e = {0};
    fail(&e, ERR_LIMITED,
         w->call.is_first
             ? "our store has lost what was done here, and searches may lag: looking again before making it"
             : "an answer was lost and the effect cannot be found yet: looking again before sending again");
    e.retry_at_ms = loop_now_ms(at->engine->parts.loop) + lag - at->sent_ago;
    apply_unit_failed(at, NULL, &e);
}

static void apply_looked(struct work *w, const struct err *e)
{
    struct attempt *at = CONTAINER(w, struct attempt, work);
    at->is_working = false;
    if (e)
        apply_unit_failed(at, w, e);
    else if (w->result.ref)
        apply_succeeded(at, w->result.ref, true, NULL);
    else
        apply_not_found(at);
}

static void apply_look(struct attempt *at, int64_t sent_ms)
{
    const struct age_clocks clocks = engine_clocks(at->engine);
    const struct age_span sent = age_span(&clocks, sent_ms);
    at->sent_ago = sent.least;
    apply_work(at, WORK_LOOK, apply_looked);
    at->work.call.since_ms = clocks.now_ms - sent.most;
    at->work.call.until_ms = clocks.now_ms - sent.least;
    work_start(&at->work);
}

/* --- what a lost store did --- */

/* When the event's own issue began: nothing that was made for it is older. 0: nobody says. */
static int64_t apply_born_ms(const struct attempt *at)
{
    for (size_t i = 0; i < at->facts.n; i++) {
        const struct fact *f = at->facts.v[i];
        if (f->key.kind == FACT_ISSUE && f->state == FACT_HERE && text_same(f->key.tracker, at->tracker->name) &&
            text_same(f->key.ref, at->event->issue.ref))
            return f->issue.created_ms;
    }
    return 0;
}

/* Is there a comment of ours that our store does not know? */
static bool apply_is_forgotten(const struct attempt *at)
{
    struct err e = {0};
    struct effect known;
    for (size_t i = 0; i < at->facts.n; i++) {
        MANY_EACH(const struct comment, c, &at->facts.v[i]->comments)
        if (c->marker && store_get_effect(at->engine->parts.store, c->marker, at->arena, &known, &e) == 0)
            return true;
    }
    return false;
}

/*
 * Our store knows of no such creation. A store before it may have made the issue, and nobody been told of it: so look
 * once. Where that store shows to have been there it may have been just before our start.
 */
static void apply_look_first(struct attempt *at)
{
    const struct age_clocks clocks = engine_clocks(at->engine);
    at->sent_ago = apply_is_forgotten(at) ? clocks.up_ms : INT64_MAX;
    apply_work(at, WORK_LOOK, apply_looked);
    at->work.call.is_first = true;
    at->work.call.since_ms = apply_born_ms(at);
    at->work.call.until_ms = clocks.now_ms;
    work_start(&at->work);
}

/* A creation that was begun before: done, lost, or not begun after all. Of comments the rules know what is there. */
static void apply_creation(struct attempt *at)
{
    struct err e = {0};
    struct effect f = {0};
    int rc = store_get_effect(at->engine->parts.store, at->current.marker, at->arena, &f, &e);
    if (rc < 0)
        apply_unit_failed(at, NULL, &e);
    else if (rc == 0 && at->current.may_exist)
        apply_look_first(at);
    else if (rc == 0 || f.state == EFFECT_NONE)
        apply_intend(at);
    else if (f.state == EFFECT_DONE)
        apply_succeeded(at, f.result, f.event == at->entry.id, NULL);
    else
        apply_look(at, f.at_ms);
}

/* --- in order --- */

static bool apply_resolve(const struct attempt *at, struct target *t)
{
    if (t->tracker && !t->ref && t->made_by < at->change)
        t->ref = at->refs[t->made_by];
    return t->ref != NULL;
}

/* `${ref}` and `${url}` in what is said of an issue that had no name when it was planned. */
static const char *apply_fill(const struct attempt *at, const char *said)
{
    AUTO(text_auto) struct text t = {0};
    const struct target *other = &at->current.other;
    if (!said || !strstr(said, "${"))
        return said;
    text_init(&t, APPLY_TEXT_BYTES);
    for (const char *p = said, *next; *p; p = next) {
        bool is_ref = strncmp(p, "${ref}", 6) == 0, is_url = strncmp(p, "${url}", 6) == 0;
        next = is_ref || is_url ? p + 6 : strchrnul(p + 1, '$');
        if (is_ref || is_url)
            text_addz(&t, is_ref ? other->ref : apply_url(at, other));
        else
            text_add(&t, (struct str){p, (size_t)(next - p)});
    }
    return arena_text(at->arena, text_z(&t));
}

static void apply_change(struct attempt *at)
{
    struct change *c = &at->current;
    const struct change *planned = (const struct change *)apply_unit(at)->changes.v + at->change;
    *c = *planned;
    bool is_known = c->kind == CHANGE_CREATE || apply_resolve(at, &c->issue);
    if (c->other.tracker) {
        is_known = apply_resolve(at, &c->other) && is_known;
        c->text = is_known ? apply_fill(at, c->text) : NULL;
        c->data = is_known ? apply_fill(at, c->data) : NULL;
    }
    if (!is_known) {
        apply_note(at, "skipped", "the issue was not made");
        apply_go_on(at);
    } else if (c->marker) {
        apply_creation(at);
    } else {
        apply_send(at);
    }
}

static void apply_unit_begins(struct attempt *at)
{
    const struct unit *u = apply_unit(at);
    at->refs = ARENA_ARRAY(at->arena, const char *, u->changes.n + 1);
    struct err e = {0};
    if (u->is_learnt && u->target && apply_learn(at, u->target, &e) < 0)
        attempt_fail(at, &e);
    if (u->matched && u->operation)
        metrics_add(at->engine->parts.metrics, METRIC_OPERATIONS, u->operation, NULL, 1);
}

/* The rules know that it cannot be done now: nothing is sent. */
static void apply_unit_cannot(struct attempt *at)
{
    struct err e = {0};
    const struct unit *u = apply_unit(at);
    fail(&e, err_class_parse(u->fails), "%s: %s", u->rule, u->reason ? u->reason : "cannot be carried out");
    attempt_fail(at, &e);
    at->unit++;
}

static void apply_next(struct attempt *at)
{
    while (at->unit < at->decision.units.n) {
        if (apply_unit(at)->fails) {
            apply_unit_cannot(at);
            continue;
        }
        if (at->change == 0)
            apply_unit_begins(at);
        if (at->change < apply_unit(at)->changes.n) {
            apply_change(at);
            return;
        }
        at->unit++;
        at->change = 0;
    }
    attempt_finish(at);
}

/* What it is about is news: on disk before anything is written, or another event would not know of it. */
static void apply_joined_durable(struct store_wait *wait, const struct err *e)
{
    struct attempt *at = CONTAINER(wait, struct attempt, wait);
    at->is_waiting = false;
    if (e) {
        attempt_fail(at, e);
        attempt_finish(at);
    } else {
        apply_next(at);
    }
}

void apply_start(struct attempt *at)
{
    at->is_applying = true;
    struct err e = {0};
    bool is_news = false;
    int rc = join_lanes(at, &is_news, &e);
    if (rc == 0) {
        attempt_give_way(at);
    } else if (rc < 0) {
        attempt_fail(at, &e);
        attempt_finish(at);
    } else if (is_news) {
        at->wait.durable = apply_joined_durable;
        at->is_waiting = true;
        store_when_durable(at->engine->parts.store, &at->wait);
    } else {
        apply_next(at);
    }
}

/* Its first change still waits for its turn: it has not been sent, and so need not be looked for. */
bool apply_call_off(struct attempt *at)
{
    const struct work *w = &at->work;
    struct err e = {0};
    if (!at->is_working || w->kind != WORK_CHANGE || w->http || w->exchanges > 1 || at->wrote || at->effects.n > 0)
        return false;
    work_cancel(&at->work);
    at->is_working = false;
    creations_end(at, false);
    if (at->current.marker)
        (void)(apply_put_effect(at, EFFECT_NONE, NULL, &e) < 0);
    return true;
}

void apply_cancel(struct attempt *at)
{
    if (at->is_working)
        work_cancel(&at->work);
}
