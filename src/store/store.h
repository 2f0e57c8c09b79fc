/*
 * store.h: the durable state: journal, queue, attempts, effects, links. Written once, over db.
 *
 * Loop thread only, but for struct store_reader, which a pool job opens for itself. Writing calls join the batch of
 * this turn; nothing is durable until store_commit, which the daemon calls at the end of a turn and which then calls
 * back those who wait (store_when_durable), in order. When a commit fails, all of the batch is undone, the waiters are
 * told the error, and the store stays usable: the engine answers 503 and parks what it did.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "model/event.h"
#include "model/fact.h"
#include "model/plan.h"

struct store;

enum { STORE_SCHEMA = 1, STORE_DEDUP_BYTES = 24 };

/*
 * Opens or creates, migrates older schemas. CONFIG: newer schema, cannot be written, no such folder; PERMANENT: not a
 * database, corrupt (says what to do).
 */
int store_open(struct store **ret, const char *url, struct err *e);
void store_close(struct store *s); /* commits; NULL is fine */

struct store_wait {                                             /* a member of who waits */
    void (*durable)(struct store_wait *w, const struct err *e); /* e NULL: it is on disk */
    struct store_wait *next;                                    /* private */
};
void store_when_durable(struct store *s, struct store_wait *w);
bool store_dirty(const struct store *s);
void store_commit(struct store *s); /* no-op when nothing waits and nothing was written */

/* --- journal --- */
struct entry { /* an event in its raw form */
    int64_t id;
    const char *tracker;
    enum event_source source;
    const char *request_id;
    bool is_recovered;
    int64_t received_ms;
    const char *kind;                 /* short word for lists: "bug.modify:status", "undecodable" */
    const char *subject;              /* issue, "bugzilla:12"; "" when unknown */
    uint64_t lane;                    /* hash_stable of the lane's name */
    const char *headers;              /* JSON object of those that matter */
    struct str body;                  /* raw */
    uint8_t dedup[STORE_DEDUP_BYTES]; /* 8 bytes of the sender's time (big-endian seconds), then a digest: so the index
                                         grows at its right edge */
};
/* 1 added (id set), 0 the same delivery is there already (id is the earlier one's), -class. */
int store_add_event(struct store *s, struct entry *en, struct err *e);
/* MISSING when there is none. Body and texts in the arena. */
int store_get_event(struct store *s, int64_t id, struct arena *a, struct entry *ret, struct err *e);

/* All events that have not ended, oldest first. */
int store_each_pending(struct store *s, int (*each)(void *ctx, int64_t id, uint64_t lane, int64_t attempts), void *ctx,
                       struct err *e);

/* --- outcome and attempts --- */
struct attempt_record {
    int64_t event;
    int64_t number; /* from 1 */
    int64_t started_ms, ended_ms;
    enum verdict verdict; /* ended ones, or VERDICT_PARKED */
    const char *reason;   /* the discard reason or the error's text; may be NULL */
    enum err_class class; /* ERR_NONE unless parked or expired */
    int64_t retry_at_ms;  /* PARKED */
    const char *target;   /* what it was done to, "jira:JB-7"; may be NULL */
    struct str trace;     /* JSON */
};
/* Records the attempt; when the verdict is an ended one the event leaves the queue. */
int store_add_attempt(struct store *s, const struct attempt_record *r, struct err *e);

/* --- effects: what makes a creation happen once, and a multi-step write resumable --- */
enum effect_state { EFFECT_NONE, EFFECT_INTENT, EFFECT_DONE };
struct effect {
    const char *key; /* the change's marker, or "EVENT/unit/…" for one that only resumes */
    int64_t event;
    enum effect_state state;
    int64_t phase;      /* the driver's saved step state */
    const char *note;   /* likewise */
    const char *result; /* DONE: the created thing's ref */
    int64_t at_ms;
};
int store_get_effect(struct store *s, const char *key, struct arena *a, struct effect *ret,
                     struct err *e); /* 1 / 0 / -class */
int store_put_effect(struct store *s, const struct effect *f, struct err *e);

/* --- links --- */
struct link_record {
    const char *from_tracker, *from_ref, *to_tracker, *to_ref;
    int64_t event;
    bool is_confirmed;
    int64_t at_ms;
};
int store_put_link(struct store *s, const struct link_record *l, struct err *e);
int store_remove_links_to(struct store *s, const char *tracker, const char *ref, struct err *e);
/* Links of an issue, in either direction, as FACT_LINKED holds them. */
int store_get_links(struct store *s, const char *tracker, const char *ref, struct arena *a, struct many *ret,
                    struct err *e);

/* --- reading beside the loop --- */
struct store_reader; /* own read-only connection; one thread at a time */
int store_reader_open(struct store_reader **ret, const char *url, struct err *e);
void store_reader_close(struct store_reader *r);

struct event_filter {
    int64_t before;      /* ids below; 0: newest */
    int64_t after;       /* ids above; 0: all */
    int limit;           /* 1..1000 */
    const char *verdict; /* word or NULL; queued, running, behind and parked live in memory: "pending" means any */
    const char *subject; /* "bugzilla:12" or NULL */
};
struct event_row {
    int64_t id;
    const char *tracker, *kind, *subject, *target, *reason, *request_id;
    int64_t received_ms, ended_ms, attempts, retry_at_ms;
    enum verdict verdict; /* QUEUED or PARKED while pending, as the store knows it */
    enum event_source source;
};
int store_list_events(struct store_reader *r, const struct event_filter *f, struct arena *a,
                      struct many *ret /* event_row */, struct err *e);
struct attempt_row {
    int64_t number, started_ms, ended_ms, retry_at_ms;
    enum verdict verdict;
    const char *reason, *class, *target;
    struct str trace;
};
/* One event with its raw form and all attempts, oldest first; MISSING. */
int store_read_event(struct store_reader *r, int64_t id, struct arena *a, struct event_row *ret, struct entry *raw,
                     struct many *attempts /* attempt_row */, struct err *e);

#endif
