#include "base/base.h"
#include "api/events.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/when.h"
#include "engine/engine.h"
#include "engine/redact.h"
#include "store/store.h"

enum { EVENTS_VERDICT, EVENTS_SUBJECT, EVENTS_BEFORE, EVENTS_AFTER, EVENTS_LIMIT };

int events_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    const struct event_filter f = {
        .verdict = c->args[EVENTS_VERDICT].text,
        .subject = c->args[EVENTS_SUBJECT].text,
        .before = c->args[EVENTS_BEFORE].number,
        .after = c->args[EVENTS_AFTER].number,
        .limit = (int)c->args[EVENTS_LIMIT].number,
    };
    struct many *rows = ARENA_NEW(c->arena, struct many);
    c->found = rows;
    return store_list_events(r, &f, c->arena, rows, e);
}

static void events_put_time(struct json_out *o, const char *key, int64_t ms)
{
    char at[WHEN_TEXT_BYTES];
    if (ms > 0)
        json_put_text(o, key, when_text(ms, at));
}

static void events_put_some(struct json_out *o, const char *key, const char *text)
{
    if (text && text[0])
        json_put_text(o, key, text);
}

static void events_put_row(struct json_out *o, const struct event_row *row, const struct engine *g)
{
    json_put_int(o, "id", row->id);
    json_put_text(o, "tracker", row->tracker);
    json_put_text(o, "source", event_source_name(row->source));
    events_put_some(o, "subject", row->subject);
    json_put_text(o, "kind", row->kind);
    json_put_text(o, "verdict", verdict_name(engine_pending_verdict(g, row->lane, row->id, row->verdict)));
    events_put_some(o, "reason", row->reason);
    events_put_some(o, "target", row->target);
    events_put_time(o, "received", row->received_ms);
    events_put_time(o, "ended", row->ended_ms);
    json_put_int(o, "attempts", row->attempts);
    if (!verdict_ended(row->verdict))
        events_put_time(o, "retry_at", row->retry_at_ms);
    json_put_text(o, "request_id", row->request_id);
}

void events_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    const struct many *rows = c->found;
    json_open(o, "events", '[');
    for (size_t i = 0; i < rows->n; i++) {
        json_open(o, NULL, '{');
        events_put_row(o, (const struct event_row *)rows->v + i, g);
        json_close(o);
    }
    json_close(o);
}

int explain_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    struct event_story *found = ARENA_NEW(c->arena, struct event_story);
    c->found = found;
    return store_read_event(r, c->args[0].number, c->arena, found, e);
}

static void explain_put_attempt(struct json_out *o, const struct attempt_row *at)
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
        json_put_raw(o, "trace", at->trace);
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
        json_put_raw(o, "headers", str_of(found->raw.headers));
    explain_put_body(o, c, g, found->raw.body);
    json_close(o);
    json_open(o, "attempts", '[');
    for (size_t i = 0; i < found->attempts.n; i++)
        explain_put_attempt(o, (const struct attempt_row *)found->attempts.v + i);
    json_close(o);
}
