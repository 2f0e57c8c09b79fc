/*
 * trace.h: what an attempt saw and did, as JSON for `explain` and for deciding again: facts, decision, exchanges.
 * The event itself is not repeated: the journal has it, raw, and outlives the trace. Secrets are redacted as it is
 * written; bodies and the whole are bounded, and a cut says so.
 */
#ifndef ENGINE_TRACE_H
#define ENGINE_TRACE_H

#include "base/json.h"
#include "base/text.h"
#include "http/message.h"
#include "model/fact.h"
#include "model/plan.h"

struct redact;

struct trace {
    struct text exchanges; /* items of a JSON array, without the brackets */
    const struct redact *redact;
    size_t n_exchanges, n_dropped;
};

struct exchange { /* one request and its answer */
    const char *tracker;
    const char *purpose; /* "fact issue bugzilla:12", "change create", "look create" */
    const struct http_request *request;
    const struct http_response *response; /* NULL: no answer */
    const struct err *error;              /* then: why */
    int64_t at_ms, took_ms;
};

void trace_init(struct trace *t, const struct redact *redact);
void trace_free(struct trace *t);
void trace_exchange(struct trace *t, const struct exchange *x);

struct trace_parts {
    const struct facts *facts;
    const struct decision *decision;
    const struct texts *effects; /* what each change came to, in order: "create: jira:DEV-1" */
};
/* The whole as one JSON object into `to`. */
void trace_write(const struct trace *t, const struct trace_parts *parts, struct text *to);

#endif
