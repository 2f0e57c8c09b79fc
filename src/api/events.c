#include "base/base.h"
#include "api/events.h"
#include "api/deeds.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/when.h"
#include "engine/engine.h"
#include "engine/redact.h"
#include "store/store.h"

enum { EVENTS_VERDICT, EVENTS_DEAD, EVENTS_SUBJECT, EVENTS_BEFORE, EVENTS_AFTER, EVENTS_LIMIT };
enum { EVENTS_MAX = 1000, EVENTS_HELD_BYTES = 64 * 1024 };

struct events_found {
    struct many rows;    /* event_row */
    bool is_live;        /* only the lanes know who has the verdict that is wanted */
    enum verdict wanted; /* then */
    int64_t ids[EVENTS_MAX];
    size_t n;
};

/* The store knows which events are parked and how they ended, the lanes which of the others run, wait or come next. */
static bool events_live(const char *word, enum verdict *ret)
{
    return word && verdict_parse(word, ret) && !verdict_ended(*ret) && *ret != VERDICT_PARKED;
}

void events_begin(struct verb_call *c, const struct engine *g)
{
    struct events_found *found = ARENA_NEW(c->arena, struct events_found);
    const struct verb_value *args = c->args;
    const struct id_range between = {.after = args[EVENTS_AFTER].number,
                                     .before = args[EVENTS_BEFORE].number ? args[EVENTS_BEFORE].number : INT64_MAX};
    c->found = found;
    found->is_live = events_live(args[EVENTS_VERDICT].text, &found->wanted);
    if (found->is_live && !args[EVENTS_SUBJECT].text)
        found->n = engine_pending_ids(g, found->wanted, &between, found->ids, (size_t)args[EVENTS_LIMIT].number);
}

int events_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    struct events_found *found = c->found;
    struct event_filter f = {
        .verdict = c->args[EVENTS_VERDICT].text,
        .subject = c->args[EVENTS_SUBJECT].text,
        .before = c->args[EVENTS_BEFORE].number,
        .after = c->args[EVENTS_AFTER].number,
        .limit = (int)c->args[EVENTS_LIMIT].number,
    };
    if (c->args[EVENTS_DEAD].number && f.verdict)
        return fail(e, ERR_INPUT, "dead and verdict exclude each other");
    if (c->args[EVENTS_DEAD].number)
        f.verdict = verdict_name(VERDICT_EXPIRED);
    if (found->is_live && !f.subject)
        return store_list_ids(r, found->ids, found->n, c->arena, &found->rows, e);
    if (found->is_live) {
        f.verdict = "pending";
        f.limit = EVENTS_MAX;
    }
    return store_list_events(r, &f, c->arena, &found->rows, e);
}

void events_put_time(struct json_out *o, const char *key, int64_t ms)
{
    char at[WHEN_TEXT_BYTES];
    if (ms > 0)
        json_put_text(o, key, when_text(ms, at));
}

void events_put_some(struct json_out *o, const char *key, const char *text)
{
    if (text && text[0])
        json_put_text(o, key, text);
}

/* A tracker that is not to be asked now, and why. */
static void events_put_holder(struct json_out *o, const struct event_row *row, const struct engine *g)
{
    const char *by = engine_held(g, row->lane);
    if (!by)
        return;
    AUTO(arena_auto) struct arena *a = arena_new(EVENTS_HELD_BYTES);
    json_put_text(o, "held_by", by);
    events_put_some(o, "held_why", engine_held_why(g, row->lane, a));
}

/* Of its last attempt; of one that waits for a tracker before its first, why that is not asked. */
static void events_put_reason(struct json_out *o, const struct event_row *row, const struct engine *g)
{
    const char *by = row->reason || verdict_ended(row->verdict) ? NULL : engine_held(g, row->lane);
    if (!by) {
        events_put_some(o, "reason", row->reason);
        return;
    }
    AUTO(arena_auto) struct arena *a = arena_new(EVENTS_HELD_BYTES);
    json_put_text(o, "reason", arena_fmt(a, "%s is not asked for now: %s", by, engine_held_why(g, row->lane, a)));
}

void events_put_row(struct json_out *o, const struct event_row *row, const struct engine *g)
{
    json_put_int(o, "id", row->id);
    json_put_text(o, "tracker", row->tracker);
    json_put_text(o, "source", event_source_name(row->source));
    if (row->is_recovered)
        json_put_bool(o, "recovered", true);
    events_put_some(o, "subject", row->subject);
    json_put_text(o, "kind", row->kind);
    json_put_text(o, "verdict", verdict_name(engine_pending_verdict(g, row->lane, row->id, row->verdict)));
    events_put_reason(o, row, g);
    events_put_some(o, "target", row->target);
    events_put_time(o, "received", row->received_ms);
    events_put_time(o, "ended", row->ended_ms);
    json_put_int(o, "attempts", row->attempts);
    if (!verdict_ended(row->verdict)) {
        events_put_time(o, "retry_at", row->retry_at_ms);
        events_put_holder(o, row, g);
    }
    json_put_text(o, "request_id", row->request_id);
    if (row->replay_of > 0)
        json_put_int(o, "replay_of", row->replay_of);
    if (row->replayed_as > 0)
        json_put_int(o, "replayed_as", row->replayed_as);
}

void events_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    const struct events_found *found = c->found;
    int64_t left = c->args[EVENTS_LIMIT].number;
    json_open(o, "events", '[');
    for (size_t i = 0; i < found->rows.n && left > 0; i++) {
        const struct event_row *row = (const struct event_row *)found->rows.v + i;
        if (found->is_live && engine_pending_verdict(g, row->lane, row->id, row->verdict) != found->wanted)
            continue; /* it went on meanwhile */
        json_open(o, NULL, '{');
        events_put_row(o, row, g);
        json_close(o);
        left--;
    }
    json_close(o);
}

int explain_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    struct event_story *found = ARENA_NEW(c->arena, struct event_story);
    c->found = found;
    return store_read_event(r, c->args[0].number, c->arena, found, e);
}

/* What was recorded as JSON; a disk may have made something else of it, which must not break the answer. */
static void explain_put_recorded(struct json_out *o, const struct verb_call *c, const char *key, struct str recorded)
{
    struct err e = {0};
    const struct json *parsed;
    if (json_parse(c->arena, recorded, &parsed, &e) == 0)
        json_put_raw(o, key, recorded);
    else
        json_put_str(o, key, recorded);
}

static void explain_put_attempt(struct json_out *o, const struct verb_call *c, const struct attempt_row *at)
{
    json_open(o, NULL, '{');
    json_put_int(o, "number", at->number);
    events_put_time(o, "started", at->started_ms);
    events_put_time(o, "ended", at->ended_ms);
    json_put_text(o, "verdict", verdict_name(at->verdict));
    events_put_some(o, "reason", at->reason);
    if (at->class && strcmp(at->class, err_class_name(ERR_NONE)) != 0)
        events_put_some(o, "class", at->class);
    events_put_time(o, "retry_at", at->retry_at_ms);
    if (at->trace.n > 0)
        explain_put_recorded(o, c, "trace", at->trace);
    json_close(o);
}

/* The delivery as it came: JSON as JSON, all else as text, with what is not UTF-8 replaced. */
static void explain_put_body(struct json_out *o, const struct verb_call *c, const struct engine *g, struct str body)
{
    struct err e = {0};
    const struct json *parsed;
    struct str shown = redact_text(engine_redact(g), c->arena, body);
    if (json_parse(c->arena, shown, &parsed, &e) == 0)
        json_put(o, "body", parsed);
    else
        json_put_str(o, "body", shown);
}

void explain_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    const struct event_story *found = c->found;
    json_open(o, "event", '{');
    events_put_row(o, &found->row, g);
    json_close(o);
    json_open(o, "delivery", '{');
    if (found->raw.headers)
        explain_put_recorded(o, c, "headers", str_of(found->raw.headers));
    explain_put_body(o, c, g, found->raw.body);
    if (found->raw.is_damaged)
        json_put_bool(o, "damaged", true);
    json_close(o);
    json_open(o, "attempts", '[');
    for (size_t i = 0; i < found->attempts.n; i++)
        explain_put_attempt(o, c, (const struct attempt_row *)found->attempts.v + i);
    json_close(o);
    audit_put(o, &found->audit);
}
