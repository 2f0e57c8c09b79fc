#include "base/base.h"
#include "api/rows.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/when.h"
#include "engine/engine.h"
#include "store/people.h"
#include "store/store.h"

enum { ROWS_HELD_BYTES = 64 * 1024 };

void rows_put_time(struct json_out *o, const char *key, int64_t ms)
{
    char at[WHEN_TEXT_BYTES];
    if (ms > 0)
        json_put_text(o, key, when_text(ms, at));
}

void rows_put_some(struct json_out *o, const char *key, const char *text)
{
    if (text && text[0])
        json_put_text(o, key, text);
}

/* A tracker that is not to be asked now, and why. */
static void rows_put_holder(struct json_out *o, const struct event_row *row, const struct engine *g)
{
    const char *by = engine_held(g, row->lane);
    if (!by)
        return;
    AUTO(arena_auto) struct arena *a = arena_new(ROWS_HELD_BYTES);
    json_put_text(o, "held_by", by);
    rows_put_some(o, "held_why", engine_held_why(g, row->lane, a));
}

/* Of its last attempt; of one that waits for a tracker before its first, why that is not asked. */
static void rows_put_reason(struct json_out *o, const struct event_row *row, const struct engine *g)
{
    const char *by = row->reason || verdict_ended(row->verdict) ? NULL : engine_held(g, row->lane);
    if (!by) {
        rows_put_some(o, "reason", row->reason);
        return;
    }
    AUTO(arena_auto) struct arena *a = arena_new(ROWS_HELD_BYTES);
    json_put_text(o, "reason", arena_fmt(a, "%s is not asked for now: %s", by, engine_held_why(g, row->lane, a)));
}

void rows_put_event(struct json_out *o, const struct event_row *row, const struct engine *g)
{
    json_put_int(o, "id", row->id);
    json_put_text(o, "tracker", row->tracker);
    json_put_text(o, "source", event_source_name(row->source));
    if (row->is_recovered)
        json_put_bool(o, "recovered", true);
    rows_put_some(o, "subject", row->subject);
    json_put_text(o, "kind", row->kind);
    json_put_text(o, "verdict", verdict_name(engine_pending_verdict(g, row->lane, row->id, row->verdict)));
    rows_put_reason(o, row, g);
    rows_put_some(o, "target", row->target);
    rows_put_time(o, "received", row->received_ms);
    rows_put_time(o, "ended", row->ended_ms);
    json_put_int(o, "attempts", row->attempts);
    if (!verdict_ended(row->verdict)) {
        rows_put_time(o, "retry_at", row->retry_at_ms);
        rows_put_holder(o, row, g);
    }
    json_put_text(o, "request_id", row->request_id);
    if (row->replay_of > 0)
        json_put_int(o, "replay_of", row->replay_of);
    if (row->replayed_as > 0)
        json_put_int(o, "replayed_as", row->replayed_as);
}

void rows_put_audit(struct json_out *o, const struct many *rows)
{
    const struct audit_record *v = rows->v;
    json_open(o, "audit", '[');
    for (size_t i = 0; i < rows->n; i++) {
        json_open(o, NULL, '{');
        json_put_int(o, "id", v[i].id);
        rows_put_time(o, "at", v[i].at_ms);
        json_put_text(o, "who", v[i].who);
        json_put_text(o, "verb", v[i].verb);
        if (v[i].event > 0) /* else it was done to a job, which the note names */
            json_put_int(o, "event", v[i].event);
        rows_put_some(o, "note", v[i].note);
        json_close(o);
    }
    json_close(o);
}
