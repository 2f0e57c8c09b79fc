/* attempt.c: the life of an attempt: begun from the journal, ended by a verdict that is on disk. */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/log.h"
#include "engine/metrics.h"
#include "engine/retry.h"
#include "rule/decide.h"

enum { ATTEMPT_STORE_PAUSE_MS = 5000 };

/* All but what waiting for the disk needs: many may wait at once. */
static void attempt_shed(struct attempt *at)
{
    trace_free(&at->trace);
    config_put(TAKE(at->config));
    at->n_fetches = 0; /* they are in the arena */
    arena_free(TAKE(at->arena));
}

static void attempt_free(struct attempt *at)
{
    struct engine *g = at->engine;
    list_remove(&at->link);
    attempt_shed(at);
    mem_free(at);
    engine_went_idle(g);
}

static struct attempt *attempt_new(struct engine *g, struct lane *l)
{
    struct attempt *at = mem_zero(sizeof *at);
    at->engine = g;
    at->lane = l;
    at->config = config_get(g->config);
    at->number = l->head.attempts + 1;
    at->started_ms = loop_now_ms(g->parts.loop);
    at->bytes_left = ENGINE_ANSWER_BYTES;
    at->place = -1;
    trace_init(&at->trace, g->redact);
    list_add(&g->attempts, &at->link);
    return at;
}

/* The event as intake decoded it a moment ago; false: it has to be read. */
static bool attempt_take_fresh(struct attempt *at, struct fresh_event *f)
{
    at->arena = f ? f->arena : arena_new(ENGINE_ARENA_BYTES);
    if (!f)
        return false;
    config_put(TAKE(f->config)); /* it is the attempt's */
    at->entry = f->entry;
    at->event = &f->event;
    at->tracker = config_tracker(at->config, at->entry.tracker);
    return true;
}

/* 0, or why there is nothing to decide about. */
static int attempt_read(struct attempt *at, int64_t id, struct err *e)
{
    int rc = store_get_event(at->engine->parts.store, id, at->arena, &at->entry, e);
    if (rc < 0) {
        at->entry = (struct entry){.id = id, .tracker = "", .received_ms = at->started_ms};
        return rc;
    }
    at->tracker = config_tracker(at->config, at->entry.tracker);
    if (!at->tracker)
        return fail(e, ERR_CONFIG, "tracker %s is not configured any more", at->entry.tracker);
    return 0;
}

/* The event to decide on; else the attempt has its outcome. */
static bool attempt_open(struct attempt *at, int64_t id)
{
    struct err e = {0};
    if (attempt_take_fresh(at, fresh_take(&at->engine->fresh, id, at->config)))
        return true;
    if (attempt_read(at, id, &e) < 0) {
        attempt_fail(at, &e);
        return false;
    }
    if (entry_event(at->tracker, at->arena, &at->entry, &at->event, &e) == 0)
        return true;
    entry_undecodable(at->arena, &e, &at->decision);
    return false;
}

void attempt_start(struct engine *g, struct lane *l)
{
    struct attempt *at = attempt_new(g, l);
    if (attempt_open(at, l->head.id))
        gather_decide(at);
    else
        attempt_finish(at);
}

void attempt_fail(struct attempt *at, const struct err *e)
{
    bool is_worse = at->error.class == ERR_PACED && e->class != ERR_PACED;
    if (at->error.class == ERR_NONE || is_worse)
        at->error = *e;
}

void attempt_fail_work(struct attempt *at, const struct work *w, const struct err *e)
{
    if (at->error.class == ERR_NONE && w && w->remote->breaker.state != BREAKER_CLOSED)
        at->held_by = w->remote;
    attempt_fail(at, e);
}

/* --- the outcome --- */

/* Nothing was asked of anybody: no try is used up, and the lane waits for the tracker, not for a time. */
static void attempt_hold(struct attempt *at)
{
    const struct lane_wait wait = {INT64_MAX, at->error.class, at->held_by};
    lanes_park(&at->engine->lanes, at->lane, wait);
    attempt_free(at);
}

/* What it waited for its turn is no time of trying. Asked only where that decides something. */
static int64_t attempt_age_ms(const struct attempt *at)
{
    struct err e = {0};
    int64_t waited = 0, give_up = at->config->retry.give_up;
    const struct age_clocks clocks = engine_clocks(at->engine);
    int64_t age = age_tried_ms(&clocks, at->entry.received_ms, give_up);
    if (age < give_up || store_paced_ms(at->engine->parts.store, at->entry.id, &waited, &e) < 0)
        return age;
    return age > waited ? age - waited : 0;
}

static void attempt_judge_failure(struct attempt *at, struct attempt_record *r)
{
    uint32_t random;
    random_bytes(&random, sizeof random);
    const struct retry_case c = {
        .error = &at->error,
        .attempts = at->number,
        .age_ms = attempt_age_ms(at),
        .now_ms = loop_now_ms(at->engine->parts.loop),
        .random = random,
    };
    bool later = retry_decide(&at->config->retry, &c, &at->retry_at_ms) == RETRY_LATER;
    r->verdict = later ? VERDICT_PARKED : VERDICT_EXPIRED;
    r->retry_at_ms = later ? at->retry_at_ms : 0;
    r->class = at->error.class;
    r->reason = at->error.text;
    if (at->error.class != ERR_PACED)
        metrics_add(at->engine->parts.metrics, METRIC_ATTEMPT_ERRORS, err_class_name(at->error.class), NULL, 1);
}

static const char *attempt_would(const struct attempt *at, const char *reason)
{
    size_t n = 0;
    MANY_EACH(const struct unit, u, &at->decision.units)
    n += u->changes.n;
    return arena_fmt(at->arena, "dry run: %zu changes would be made%s%s", n, reason ? "; " : "", reason ? reason : "");
}

/* This attempt, or one before it that failed in the end, since the start. */
static bool attempt_has_written(const struct attempt *at)
{
    return at->wrote || at->lane->wrote == at->entry.id;
}

static void attempt_judge(struct attempt *at, struct attempt_record *r)
{
    if (at->called_off) {
        at->verdict = r->verdict = VERDICT_DROPPED;
        r->reason = at->called_off;
        return;
    }
    if (at->error.class != ERR_NONE)
        attempt_judge_failure(at, r);
    else
        r->verdict = decision_verdict(&at->decision, attempt_has_written(at), &r->reason, at->arena);
    if (at->wrote && r->verdict == VERDICT_PARKED)
        at->lane->wrote = at->entry.id;
    if (at->error.class == ERR_NONE && at->event && at->event->is_dry)
        r->reason = attempt_would(at, r->reason);
    if (r->reason)
        r->reason = redact_text(at->engine->redact, at->arena, str_of(r->reason)).p;
    at->verdict = r->verdict;
}

/* The rules that matched and what each did: "bugzilla-to-jira[dev] create, …". */
static const char *attempt_rules(const struct attempt *at)
{
    const char *all = "";
    const struct unit *units = at->decision.units.v;
    for (size_t i = 0; i < at->decision.units.n; i++)
        if (units[i].matched)
            all = arena_fmt(at->arena, "%s%s%s %s", all, all[0] ? ", " : "", units[i].rule,
                            units[i].operation ? units[i].operation : "discarded");
    return all;
}

/* The one line that the log has of a unit of work. */
static void attempt_log(const struct attempt *at, const struct attempt_record *r)
{
    enum log_level level = r->verdict == VERDICT_EXPIRED                           ? LOG_ERROR
                           : r->verdict == VERDICT_PARKED && r->class != ERR_PACED ? LOG_WARNING
                                                                                   : LOG_INFO;
    const char *whiteboard = at->event && at->event->issue.whiteboard ? at->event->issue.whiteboard : "";
    whiteboard = redact_text(at->engine->redact, at->arena, str_of(whiteboard)).p;
    log_line(level, "engine", "verdict", LOG_INT("event", at->entry.id), LOG_STR("rid", at->entry.request_id),
             LOG_STR("tracker", at->entry.tracker), LOG_STR("subject", at->entry.subject),
             LOG_STR("kind", at->entry.kind), LOG_STR("whiteboard", whiteboard), LOG_STR("rules", attempt_rules(at)),
             LOG_STR("verdict", verdict_name(r->verdict)), LOG_STR("target", r->target), LOG_STR("reason", r->reason),
             LOG_STR("class", err_class_name(r->class)), LOG_INT("attempt", at->number),
             LOG_INT("took_ms", r->ended_ms - r->started_ms));
}

/* An event that came to nothing keeps nobody waiting for the disk. */
static void attempt_step_aside(struct attempt *at)
{
    if (at->wrote || (at->verdict != VERDICT_UNCHANGED && at->verdict != VERDICT_DISCARDED))
        return;
    course_aside(&at->engine->lanes, &at->end);
    at->lane = NULL;
    loop_again(at->engine->parts.loop);
}

static void attempt_recorded(struct store_wait *w, const struct err *e)
{
    struct attempt *at = CONTAINER(w, struct attempt, wait);
    struct engine *g = at->engine;
    engine_stored(g, e);
    if (e) {
        log_line(LOG_ERROR, "engine", "cannot record a verdict", LOG_INT("event", at->entry.id),
                 LOG_STR("error", e->text));
        const struct lane_wait again = {loop_mono_ms(g->parts.loop) + ATTEMPT_STORE_PAUSE_MS, e->class, NULL};
        course_unrecorded(&g->lanes, &at->end, &again);
    } else {
        const struct lane_wait wait = {engine_mono(g, at->retry_at_ms), at->error.class, at->held_by};
        course_recorded(&g->lanes, &at->end, at->verdict == VERDICT_PARKED ? &wait : NULL);
    }
    loop_again(g->parts.loop);
    attempt_free(at);
}

static void attempt_count(const struct attempt *at)
{
    struct metrics *m = at->engine->parts.metrics;
    if (verdict_ended(at->verdict))
        metrics_add(m, METRIC_VERDICTS, at->entry.tracker, verdict_name(at->verdict), 1);
    const struct unit *units = at->decision.units.v;
    for (size_t i = 0; i < at->decision.units.n; i++)
        if (units[i].matched)
            metrics_add(m, METRIC_RULES, units[i].rule, verdict_name(at->verdict), 1);
}

/* What was written to; else the issue that the first rule is about. */
static const char *attempt_target(const struct attempt *at)
{
    const struct unit *units = at->decision.units.v;
    for (size_t i = 0; !at->wrote_to && !at->decision.needs.n && i < at->decision.units.n; i++)
        if (units[i].matched && units[i].target)
            return units[i].target;
    return at->wrote_to;
}

void attempt_finish(struct attempt *at)
{
    if (!at->called_off && at->held_by && at->trace.n_exchanges + at->trace.n_dropped == 0) {
        attempt_hold(at);
        return;
    }
    struct attempt_record r = {
        .event = at->entry.id,
        .number = at->number,
        .started_ms = at->started_ms,
        .ended_ms = loop_now_ms(at->engine->parts.loop),
        .target = attempt_target(at),
    };
    attempt_judge(at, &r);
    AUTO(text_auto) struct text trace;
    text_init(&trace, ENGINE_TRACE_BYTES);
    const struct trace_parts parts = {&at->facts, &at->decision, &at->effects};
    trace_write(&at->trace, &parts, &trace);
    r.trace = text_str(&trace);
    attempt_count(at);
    attempt_log(at, &r);
    struct err e = {0};
    at->end = (struct course_end){.lane = at->lane, .event = {at->entry.id, at->number}};
    at->wait.durable = attempt_recorded;
    if (store_add_attempt(at->engine->parts.store, &r, &e) < 0) {
        attempt_recorded(&at->wait, &e);
        return;
    }
    attempt_step_aside(at);
    attempt_shed(at);
    /* Should it be lost, the event runs again and finds everything done. */
    store_when_durable_later(at->engine->parts.store, &at->wait);
}

void attempt_give_way(struct attempt *at)
{
    loop_again(at->engine->parts.loop);
    attempt_free(at);
}

/* At its questions, or before its first change; while it waits for the disk it is let be. */
static bool attempt_call_off(struct attempt *at, const char *reason)
{
    bool is_early = !at->is_applying && at->fetching > 0;
    if (at->is_waiting || !(is_early || (at->is_applying && apply_call_off(at))))
        return false;
    gather_cancel(at);
    at->n_fetches = at->fetching = 0;
    at->called_off = arena_text(at->arena, reason);
    attempt_finish(at);
    return true;
}

bool engine_call_off(struct engine *g, int64_t event, const char *reason)
{
    LIST_EACH (it, &g->attempts) {
        struct attempt *at = CONTAINER(it, struct attempt, link);
        if (at->entry.id == event && at->lane && at->arena)
            return attempt_call_off(at, reason);
    }
    return false;
}

void attempt_cancel(struct attempt *at)
{
    gather_cancel(at);
    apply_cancel(at);
    attempt_free(at);
}
