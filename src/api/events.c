#include "base/base.h"
#include "api/events.h"
#include "api/rows.h"
#include "base/arena.h"
#include "base/json.h"
#include "engine/engine.h"
#include "engine/redact.h"
#include "store/store.h"

enum { EVENTS_VERDICT, EVENTS_DEAD, EVENTS_SUBJECT, EVENTS_BEFORE, EVENTS_AFTER, EVENTS_LIMIT };
enum { EVENTS_MAX = 1000 };

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
    if (f.subject && !strchr(f.subject, ':'))
        return fail(e, ERR_INPUT, "subject: expected TRACKER:ISSUE, as in bugzilla:1709, got \"%.100s\"", f.subject);
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
        rows_put_event(o, row, g);
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
    rows_put_time(o, "started", at->started_ms);
    rows_put_time(o, "ended", at->ended_ms);
    json_put_text(o, "verdict", verdict_name(at->verdict));
    rows_put_some(o, "reason", at->reason);
    if (at->class && strcmp(at->class, err_class_name(ERR_NONE)) != 0)
        rows_put_some(o, "class", at->class);
    rows_put_time(o, "retry_at", at->retry_at_ms);
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
    rows_put_event(o, &found->row, g);
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
    rows_put_audit(o, &found->audit);
}
