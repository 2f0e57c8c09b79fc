/*
 * event.h: something that happened, as decoded from its raw form in the journal. Data only.
 */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include "model/issue.h"

/* Where an event came from; the words are stored and shown. */
enum event_source { SOURCE_WEBHOOK, SOURCE_POLL, SOURCE_CLOCK, SOURCE_PERSON, SOURCES };
const char *event_source_name(enum event_source s);

struct delta {         /* one field that the event says has changed */
    const char *field; /* name in the tracker's own API */
    const char *removed;
    const char *added;
};

struct event {
    int64_t id; /* place in the journal; 0 before it is there */
    const char *tracker;
    enum event_source source;
    const char *request_id; /* kept through retries */
    bool is_recovered;      /* found by a reconciler */
    bool is_dry;            /* decide, and say what would be done; change nothing */
    int64_t received_ms;
    int64_t happened_ms; /* by the tracker's own clock; received_ms when it does not say */
    const char *target;  /* "bug", "comment", "attachment"… in the tracker's words */
    const char *action;  /* "create", "modify"… */
    const char *routing; /* "bug.modify:status,resolution" */
    const char *hook;    /* the webhook's number or name at the sender */
    const char *hook_name;
    const char *delivery; /* what its sender calls it, the same when it is sent again; NULL: it has no name for it */
    struct person actor;  /* all NULL when unknown */
    struct many deltas;   /* struct delta */
    bool has_comment, has_attachment;
    struct issue issue; /* the payload's picture of it; may be as little as ref and is_private */
    struct comment comment;
    struct attachment attachment;
};

extern const struct field_table delta_table, event_table;

/* The delta of that field, or NULL. */
const struct delta *event_delta(const struct event *ev, const char *field);

#endif
