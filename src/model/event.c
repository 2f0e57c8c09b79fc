#include "base/base.h"
#include "model/event.h"

static const char *const source_words[SOURCES] = {
    [SOURCE_WEBHOOK] = "webhook", [SOURCE_POLL] = "poll", [SOURCE_CLOCK] = "clock", [SOURCE_PERSON] = "person"};
static const struct words source_list = {source_words, SOURCES};

static const struct field delta_fields[] = {
    F_TEXT(struct delta, field, "field"),
    F_TEXT(struct delta, removed, "removed"),
    F_TEXT(struct delta, added, "added"),
};
const struct field_table delta_table = FIELD_TABLE("delta", struct delta, delta_fields);

static const struct field event_fields[] = {
    F_INT(struct event, id, "id"),
    F_TEXT(struct event, tracker, "tracker"),
    F_WORD(struct event, source, "source", source_list),
    F_TEXT(struct event, request_id, "request_id"),
    F_BOOL(struct event, is_recovered, "is_recovered"),
    F_BOOL(struct event, is_dry, "is_dry"),
    F_WHEN(struct event, received_ms, "received"),
    F_WHEN(struct event, happened_ms, "happened"),
    F_TEXT(struct event, target, "target"),
    F_TEXT(struct event, action, "action"),
    F_TEXT(struct event, routing, "routing"),
    F_TEXT(struct event, hook, "hook"),
    F_TEXT(struct event, hook_name, "hook_name"),
    F_TEXT(struct event, delivery, "delivery"),
    F_ONE(struct event, actor, "actor", person_table),
    F_MANY(struct event, deltas, "deltas", delta_table),
    F_BOOL(struct event, has_comment, "has_comment"),
    F_BOOL(struct event, has_attachment, "has_attachment"),
    F_ONE(struct event, issue, "issue", issue_table),
    F_ONE(struct event, comment, "comment", comment_table),
    F_ONE(struct event, attachment, "attachment", attachment_table),
};
const struct field_table event_table = FIELD_TABLE("event", struct event, event_fields);

const char *event_source_name(enum event_source s)
{
    return s < SOURCES ? source_words[s] : "unknown";
}

const struct delta *event_delta(const struct event *ev, const char *field)
{
    const struct delta *deltas = ev->deltas.v;
    for (size_t i = 0; i < ev->deltas.n; i++)
        if (text_same(deltas[i].field, field))
            return &deltas[i];
    return NULL;
}
