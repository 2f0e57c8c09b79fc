/*
 * engine.h: what turns events into verdicts. Owns the lanes, the attempts under way, the pacing of trackers and the
 * health checks; the only place that retries. Everything on the loop thread.
 *
 * An attempt: read the event from the journal, decode, gather facts and decide until nothing is missing (gather.c),
 * carry out the plan (apply.c), record verdict and trace (attempt.c). A lane goes on when that record is on disk.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "conf/config.h"
#include "http/message.h"
#include "model/event.h"
#include "model/plan.h"
#include "rule/health.h"

struct engine;
struct http_client;
struct loop;
struct metrics;
struct redact;
struct store;

struct engine_parts { /* given, not owned */
    struct loop *loop;
    struct store *store;
    struct http_client *client;
    struct metrics *metrics;
};
/* Takes a hold of the configuration. Nothing runs before engine_start. */
__attribute__((returns_nonnull)) struct engine *engine_new(const struct engine_parts *parts, struct config *config);
void engine_free(struct engine *g); /* cancels what is under way, which stays in the journal; NULL is fine */
int engine_start(struct engine *g, struct err *e);           /* loads the lanes and begins */
void engine_reload(struct engine *g, struct config *config); /* and retries at once what a configuration error parked */
/* Begin no more attempts; `idle` is called when none runs any more, perhaps at once. */
void engine_stop(struct engine *g, void (*idle)(void *ctx), void *ctx);

const struct config *engine_config(const struct engine *g);
struct config *engine_hold_config(const struct engine *g); /* the caller gives it back: config_put */
struct redact *engine_redact(const struct engine *g);
int64_t engine_now_ms(const struct engine *g); /* wall clock, as of this turn */

/* --- intake --- */
/* A delivery for this tracker by its credentials? AUTH otherwise. Counts the refusals. */
int engine_verify(struct engine *g, const struct conf_tracker *t, struct arena *a, const struct http_request *r,
                  struct err *e);
struct receipt { /* the answer to a delivery */
    int64_t id;
    bool is_duplicate;
};
struct intake_told { /* who is told when it is on disk (e NULL) or cannot be (TRANSIENT), perhaps at once */
    void (*done)(void *ctx, const struct receipt *receipt, const struct err *e);
    void *ctx;
};
struct intake_delivery {
    const struct http_request *request;
    const char *request_id;
    bool is_recovered; /* it never came; its sender's log had it */
};
/* Put a verified delivery into the journal. Its body must last until `done`. */
void engine_take(struct engine *g, const struct conf_tracker *t, const struct intake_delivery *d,
                 const struct intake_told *told);
/*
 * Put an event of our own making there: a gap that was found, a rescan. tracker (configured), source, target, action,
 * happened_ms and issue.ref must be set. The same identity at the same happened_ms again is a duplicate.
 */
void engine_tell(struct engine *g, const struct event *ev, const char *identity, const struct intake_told *told);
/* Do these headers, as the journal has them, belong to an event that only said what would be done? Any thread. */
bool engine_is_dry(const char *headers);
/*
 * A list has just shown this issue (a FACT_ISSUE, as asking for it alone would have given): for a minute, or until an
 * event of it comes in or it is written to, attempts need not ask. After engine_tell, which is such an event.
 */
void engine_picture(struct engine *g, const struct fact *f);

/*
 * An event that runs, but has changed nothing so far, ends as dropped. False: it does not run, or too late. In the
 * batch.
 */
bool engine_call_off(struct engine *g, int64_t event, const char *reason);

/* --- for people --- */
/* What the lanes say of an event that has not ended; `recorded` when they do not know it. */
enum verdict engine_pending_verdict(const struct engine *g, uint64_t lane, int64_t event, enum verdict recorded);
/* The newest events between two ids that are in this state now, newest first; how many. Walks all lanes. */
struct id_range {
    int64_t after, before; /* both excluded */
};
size_t engine_pending_ids(const struct engine *g, enum verdict wanted, const struct id_range *between, int64_t *ret,
                          size_t room);
/* The tracker whose open breaker holds this lane; NULL: none. */
const char *engine_held(const struct engine *g, uint64_t lane);
const char *engine_held_why(const struct engine *g, uint64_t lane, struct arena *a); /* what opened it, redacted */
void engine_measure(struct engine *g); /* bring the gauges of its metrics up to date */

/* --- health --- */
/* Why the store could not take the last batch; NULL when it could. */
const char *engine_store_trouble(const struct engine *g);
void engine_note_damage(struct engine *g, const struct err *why);  /* found by who reads beside the loop */
const char *engine_store_damage(const struct engine *g);           /* what was found to be damaged; NULL: nothing */
const struct health_report *engine_health(const struct engine *g); /* the last results; never NULL */
/* Run the checks now; done is called with the report once. */
void engine_check_health(struct engine *g, void (*done)(void *ctx, const struct health_report *report), void *ctx);

#endif
