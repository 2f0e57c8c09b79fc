/*
 * store.h: the durable state: journal, queue, attempts, effects, links. Written once, over db.
 *
 * Loop thread only, but for struct store_reader, which a pool job opens for itself. Writing calls join the batch of
 * this turn; nothing is durable until store_commit, which the daemon calls at the end of a turn and which then calls
 * back those who wait (store_when_durable), in order; what those write or wait for belongs to the next batch. When a
 * commit fails, all of the batch is undone, the waiters are told the error, and the store stays usable: the engine
 * answers 503 and parks what it did. When a write fails for a reason that is not its own (disk full), the rest of the
 * batch is refused with the same error.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "model/event.h"
#include "model/fact.h"
#include "model/plan.h"

struct store;

enum { STORE_SCHEMA = 5, STORE_DEDUP_BYTES = 24 };

/*
 * Opens or creates, migrates older schemas. CONFIG: newer schema, cannot be written, no such folder; PERMANENT: not a
 * database, corrupt (says what to do), see damage.h.
 */
int store_open(struct store **ret, const char *url, struct err *e);
void store_close(struct store *s); /* commits; NULL is fine */
void store_auto(struct store **s);

struct store_wait {                                             /* a member of who waits */
    void (*durable)(struct store_wait *w, const struct err *e); /* e NULL: it is on disk */
    struct store_wait *next;                                    /* private */
};
void store_when_durable(struct store *s, struct store_wait *w);
/* Like it, for what nobody outside waits for: the batch may stay open for others, who then share its way to disk. */
void store_when_durable_later(struct store *s, struct store_wait *w);
bool store_dirty(const struct store *s);
bool store_hurried(const struct store *s); /* somebody waits who is to wait no longer than this turn */
void store_commit(struct store *s);        /* no-op when nothing waits and nothing was written */

/* --- journal --- */
struct entry { /* an event in its raw form */
    int64_t id;
    const char *tracker;
    enum event_source source;
    const char *request_id;
    bool is_recovered;
    int64_t received_ms;
    const char *kind;    /* short word for lists: "bug.modify:status", "undecodable" */
    const char *subject; /* issue, "bugzilla:12"; "" when unknown */
    uint64_t lane;       /* hash_stable of the subject; adding it puts the lane that this has joined here */
    const char *headers; /* JSON object of those that matter */
    struct str body;     /* raw */
    uint8_t dedup[STORE_DEDUP_BYTES]; /* 8 bytes of the sender's time (big-endian seconds), then a digest: so the index
                                         grows at its right edge */
    bool is_damaged; /* set when it is read: it is not what was added, so its content is not to be trusted */
};
/*
 * 1 added (id set), 0 the same delivery is there already (id is the earlier one's, which may belong to this very batch:
 * wait for the commit before answering), -class. INPUT: this event cannot be stored, those before and after it can.
 * Ids grow and are never given twice.
 */
int store_add_event(struct store *s, struct entry *en, struct err *e);
/*
 * MISSING when there is none, PERMANENT when it is not what was added: the disk lost or changed some of it. Body and
 * texts in the arena.
 */
int store_get_event(struct store *s, int64_t id, struct arena *a, struct entry *ret, struct err *e);

struct pending { /* an event that has not ended */
    int64_t id;
    uint64_t lane;
    int64_t attempts;
    int64_t retry_at_ms; /* 0 unless it is parked until then */
    enum err_class why;  /* of its last attempt */
};
/*
 * All that are pending, oldest first. What each returns other than 0 ends the walk and is returned. No call of the
 * store inside it.
 */
int store_each_pending(struct store *s, int (*each)(void *ctx, const struct pending *p), void *ctx, struct err *e);

/* 1; 0: it has ended; MISSING: there is no such event. */
int store_get_pending(struct store *s, int64_t id, struct pending *ret, struct err *e);
/* A parked event is due no later than this. */
int store_hasten(struct store *s, int64_t id, int64_t at_ms, struct err *e);

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
/*
 * Records the attempt; when the verdict is an ended one the event leaves the queue. CONFLICT: the event has ended
 * already or has an attempt of that number; MISSING: no such event.
 */
int store_add_attempt(struct store *s, const struct attempt_record *r, struct err *e);
int store_paced_ms(struct store *s, int64_t event, int64_t *ret_ms, struct err *e); /* so long it was parked as PACED */

/* --- effects: what makes a creation happen once --- */
enum effect_state { EFFECT_NONE, EFFECT_INTENT, EFFECT_DONE };
struct effect {
    const char *key; /* the change's marker; one that begins with "EVENT/" goes when that event is pruned */
    int64_t event;
    enum effect_state state;
    const char *result; /* DONE: the created thing's ref */
    int64_t at_ms;
};
int store_get_effect(struct store *s, const char *key, struct arena *a, struct effect *ret,
                     struct err *e); /* 1 / 0 / -class */
int store_put_effect(struct store *s, const struct effect *f, struct err *e);

/* --- lanes: the ordering keys of issues --- */
/*
 * An issue's lane is hash_stable of its name until links join it to another's: then both have one lane. Which lane an
 * event has is settled when it is added, and again when its lane joins another.
 */
int store_lane_of(struct store *s, uint64_t issue, uint64_t *ret,
                  struct err *e); /* 1 it was joined, 0 its own, -class */
int store_join_lane(struct store *s, uint64_t issue, uint64_t lane, struct err *e);
/* All issues of the lane `from`, and that of its name, belong to `into` now; its pending events are moved one by one.
 */
int store_merge_lanes(struct store *s, uint64_t from, uint64_t into, struct err *e);
int store_move_event(struct store *s, int64_t id, uint64_t lane, struct err *e);

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

/* --- retention --- */
/*
 * Removes events received before the first time that have ended, with their attempts (dead letters, expired or
 * dropped: those that ended before it), and what people did before it; and empties the traces of attempts that ended
 * before the second. Looks at up to limit of the oldest of each, so a call is bounded; returns how many it removed or
 * emptied (0: nothing left to do now) or -class. Part of the batch. What is pending, links, the effects that name what
 * was created and the dedup keys stay for ever.
 */
int store_prune(struct store *s, int64_t events_before_ms, int64_t traces_before_ms, int limit, struct err *e);

/* For tests, here and in the modules below: see db_fault. */
void store_fault(struct store *s, unsigned after, int error);

/* --- reading beside the loop --- */
struct store_reader; /* own read-only connection; one thread at a time; sees what was committed */
int store_reader_open(struct store_reader **ret, const char *url, struct err *e);
void store_reader_close(struct store_reader *r); /* NULL is fine */
void store_reader_auto(struct store_reader **r);

/* A whole, consistent copy of the store as a new file, made beside the daemon; not synced. See db_copy. */
struct db_watch;
int store_copy(struct store_reader *r, const char *path, struct db_watch *w, struct err *e);

struct event_filter {
    int64_t before;      /* ids below; 0: newest */
    int64_t after;       /* ids above; 0: all */
    int limit;           /* 1..1000 */
    const char *verdict; /* word or NULL. "pending": any that has not ended; of these the store knows queued and parked,
                            running and behind live in memory and are INPUT here */
    const char *subject; /* "bugzilla:12" or NULL */
};
struct event_row {
    int64_t id;
    const char *tracker, *kind, *subject, *target, *reason, *request_id;
    int64_t received_ms, ended_ms, attempts, retry_at_ms;
    enum verdict verdict; /* QUEUED or PARKED while pending, as the store knows it */
    enum event_source source;
    uint64_t lane;
    bool is_recovered;              /* no webhook told of it: a log or a list of the tracker did */
    int64_t replay_of, replayed_as; /* the event that it is again, the newest that is it again; 0: none */
};                                  /* target and reason are the last attempt's */
/* Newest first. With verdict or subject it walks a narrow table, about a million events in 0.1 s. */
int store_list_events(struct store_reader *r, const struct event_filter *f, struct arena *a,
                      struct many *ret /* event_row */, struct err *e);
struct attempt_row {
    int64_t number, started_ms, ended_ms, retry_at_ms;
    enum verdict verdict;
    const char *reason, *class, *target; /* class: word of enum err_class; NULL when there was no error */
    struct str trace;                    /* p NULL: pruned, or beyond STORE_TRACES_BYTES */
};
enum { STORE_ATTEMPTS_READ = 1000, STORE_TRACES_BYTES = 16 * 1024 * 1024 };
struct event_story { /* all that is known of one event */
    struct event_row row;
    struct entry raw;
    struct many attempts; /* attempt_row, oldest first */
    struct many audit;    /* audit_record, newest first; up to 1000 */
};
/*
 * MISSING when there is no such event. Of many attempts the newest are given: up to
 * STORE_ATTEMPTS_READ, with traces of STORE_TRACES_BYTES together.
 */
int store_read_event(struct store_reader *r, int64_t id, struct arena *a, struct event_story *ret, struct err *e);

/* The rows of these events, in this order; those that are not there are left out. */
int store_list_ids(struct store_reader *r, const int64_t *ids, size_t n, struct arena *a, struct many *ret,
                   struct err *e);

/*
 * Every event received between two times (since_ms <= t < until_ms) that is there when this is called, oldest first:
 * as it is listed, raw, and with the trace of its last attempt (p NULL: there was none, or it was pruned; being dropped
 * is no attempt). All of it lives until `each` returns; what that returns other than 0 ends the walk and is returned.
 * Reads a bounded bite at a time, so that a long walk does not keep the log of a running daemon from being emptied.
 */
struct history {
    struct event_row row;
    struct entry raw;
    struct str trace;
};
int store_each_event(struct store_reader *r, int64_t since_ms, int64_t until_ms,
                     int (*each)(void *ctx, const struct history *h), void *ctx, struct err *e);

/* When the oldest event that has not ended was received; 0: there is none. */
int store_oldest_pending(struct store *s, int64_t *ret_ms, struct err *e);

struct event_head { /* what is quickly read of an event */
    int64_t id, received_ms, ended_ms;
    const char *tracker, *subject, *headers;
    enum verdict verdict; /* QUEUED while it has not ended */
    enum event_source source;
};
/* Those behind both an id and a time, oldest first, also those that come in meanwhile. Each lives until `each` returns;
 * what that returns other than 0 ends the walk and is returned. A bounded bite at a time. */
int store_each_head(struct store_reader *r, int64_t after, int64_t since_ms,
                    int (*each)(void *ctx, const struct event_head *h), void *ctx, struct err *e);

struct store_figures { /* for metrics; 30 ms with a million pending */
    int64_t pending, parked;
    int64_t oldest_pending_ms; /* when it was received; 0: none */
    int64_t last_id;           /* of the newest event; also bounds the number of dedup keys, one an event for ever */
    int64_t bytes;
};
int store_counts(struct store_reader *r, struct store_figures *ret, struct err *e);

#endif
