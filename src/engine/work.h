/*
 * work.h: one call of a tracker driver carried to its end: a fact fetched, a change made, a lost effect looked for.
 * Here is everything that drivers do not do: turns (remote.h), credentials, sending, timeouts, the trace, and what a
 * lost answer means. It does not retry. Loop thread.
 */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "engine/remote.h"
#include "http/message.h"
#include "tracker/driver.h"

struct http_call;
struct http_client;
struct metrics;
struct redact;
struct trace;

enum work_kind { WORK_FETCH, WORK_CHANGE, WORK_LOOK };

struct work_tools { /* what all works of an engine share */
    struct loop *loop;
    struct http_client *client;
    struct metrics *metrics;
    struct redact *redact;
};

struct work {
    /* Filled by who starts it; all of it outlives the work. */
    const struct work_tools *tools;
    struct remote *remote;
    struct trace *trace; /* may be NULL */
    size_t *bytes_left;  /* how much more may be received in answers; shared by the works of an attempt */
    enum work_kind kind;
    bool ignores_breaker; /* asks also when the tracker is not worth asking: health checks, whose answer closes it */
    struct tracker_call call;
    /* Called once, perhaps from work_start itself. e NULL: done, see result. May free or restart the work. */
    void (*done)(struct work *w, const struct err *e);

    /* Results. */
    struct tracker_result result;
    bool is_held; /* the tracker's breaker was open: this exchange was not sent */
    /* Private. */
    struct tracker_state state;
    struct http_request request;
    struct remote_turn turn;
    struct http_call *http;
    unsigned exchanges;
    uint64_t pass;    /* number of the granted credentials that it was sent with; 0: none */
    bool was_renewed; /* they were refused once and got anew */
    bool is_probe;
    int64_t sent_ms, sent_mono_ms;
};

void work_start(struct work *w);
void work_cancel(struct work *w); /* done is not called; what was sent stays sent */

#endif
