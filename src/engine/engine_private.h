/* engine_private.h: what the files of the engine share: the engine itself and an attempt. */
#ifndef ENGINE_ENGINE_PRIVATE_H
#define ENGINE_ENGINE_PRIVATE_H

#include "engine/age.h"
#include "engine/engine.h"
#include "engine/course.h"
#include "engine/fresh.h"
#include "engine/known.h"
#include "engine/lanes.h"
#include "engine/redact.h"
#include "engine/remote.h"
#include "engine/trace.h"
#include "engine/work.h"
#include "store/store.h"

enum {
    ENGINE_RUNNING_MAX = 2048,               /* attempts at once */
    ENGINE_STARTS_A_TURN = 128,              /* so that a long queue does not starve the rest of the loop */
    ENGINE_REMOTES = 256,                    /* trackers, over all reloads */
    ENGINE_BREAKER_MS = 30 * 1000,           /* a breaker's first pause where the policy has none */
    ENGINE_LIMITED_MS = 24 * 60 * 60 * 1000, /* the longest that a tracker's limit may make a lane wait */
    ENGINE_LAG_MS = 60 * 1000,               /* how long a tracker's API may not know of what its webhook told */
    ENGINE_LAG_OLD_MS = 5 * 1000,            /* the same, of an issue that is not new */
    ENGINE_LAG_NEW_MS = 60 * 60 * 1000,      /* how old an issue is by then, at most, that is new */
    ENGINE_LAG_PAUSE_MS = 500,               /* before it is asked again; doubled each time */
    ENGINE_LAG_DOUBLED = 4,                  /* so often at most */
    ENGINE_PICTURE_MS = 60 * 1000,           /* how long a list's picture of an issue serves */
    ENGINE_NEED_ROUNDS = 8,                  /* how often deciding may ask for more facts */
    ENGINE_TRACE_BYTES = 4 * 1024 * 1024,
    ENGINE_ANSWER_BYTES = 16 * 1024 * 1024, /* of all answers that one attempt reads */
    ENGINE_ARENA_BYTES = 1024 * 1024 * 1024 /* a parsed answer may take many times its size */
};

struct health;

struct engine {
    struct engine_parts parts;
    struct work_tools tools;
    struct config *config;
    struct redact *redact;
    struct lanes lanes;
    struct fresh fresh;
    struct known known;
    struct known pictures;  /* of issues, as lists showed them: see engine_picture */
    struct known files;     /* the last word on those that rules judge: files.c */
    struct remote *remotes; /* in the order of first use; never removed */
    size_t n_remotes;
    struct remote_watch watch;
    struct list attempts;
    struct loop_hook hook;
    struct loop_timer due; /* the first parked lane */
    struct loop_timer upkeep;
    char store_trouble[ERR_TEXT_BYTES]; /* why the last commit failed; "": it did not */
    struct health *health;
    bool is_started, is_stopping;
    int64_t born_ms, born_mono_ms; /* when it was made, by both clocks */
    void (*idle)(void *ctx);
    void *idle_ctx;
};

/* For ages: so that a clock that is set makes nothing expire, and removes no records. */
struct age_clocks engine_clocks(const struct engine *g);
/* A wall time, as it is now, by the monotonic clock: waits are measured by that. */
int64_t engine_mono(const struct engine *g, int64_t wall_ms);

struct remote *engine_remote(struct engine *g, const char *tracker);
void engine_went_idle(struct engine *g); /* an attempt has ended: tell who waits for the last one */

struct attempt {
    struct list link;
    struct engine *engine;
    struct lane *lane; /* NULL: the lane went on already */
    struct course_end end;
    struct arena *arena;
    struct config *config; /* held */
    int64_t number, started_ms;
    struct entry entry;
    const struct conf_tracker *tracker;
    struct event *event;
    struct trace trace;
    size_t bytes_left;

    /* gather.c */
    struct facts facts;
    struct decision decision;
    unsigned rounds;
    struct work *fetches;
    size_t n_fetches, fetching;

    /* apply.c */
    size_t unit, change;
    struct change current; /* with its targets resolved */
    const char **refs;     /* what each change of this unit created */
    struct work work;
    bool is_working;  /* work is under way */
    int64_t place;    /* among its tracker's creations; negative: none */
    int64_t sent_ago; /* look: how long at least before it began the lost request was sent */
    bool wrote;
    const char *wrote_to; /* "jira:DEV-1" */
    struct texts effects;

    struct err error;             /* the first that happened; class NONE: none */
    const struct remote *held_by; /* its tracker, when that is not worth asking now: the lane waits for it */
    struct store_wait wait;       /* for the intent, then for the outcome */
    bool is_waiting, is_applying;
    const char *called_off; /* why it is to end as it is; NULL: it is not */
    int64_t retry_at_ms;
    enum verdict verdict;
};

/* What the journal holds of a delivery, as the request that it was. */
int entry_request(struct arena *a, const struct entry *en, struct http_request *ret, struct err *e);
/* Is it an event of our own making, in our own words? No request of the network's may be asked. */
bool entry_is_own(const struct http_request *r);
int entry_decode(const struct conf_tracker *t, struct arena *a, const struct http_request *r, struct event *ret,
                 struct err *e);
/* Headers and body of such an event. */
int entry_put_own(struct arena *a, const struct event *ev, struct entry *ret, struct err *e);
/* The event of a journal's entry, decoded by its tracker's driver. INPUT: undecodable, which is a decision as well. */
int entry_event(const struct conf_tracker *t, struct arena *a, const struct entry *en, struct event **ret,
                struct err *e);
/* What its entry says of a decoded event. */
void entry_stamp(const struct entry *en, const struct conf_tracker *t, struct event *ret);
void entry_undecodable(struct arena *a, const struct err *e, struct decision *ret);
/* All bridges' decision about an event of this tracker. Pure. */
struct gather_case {
    const struct config *config;
    const struct conf_tracker *tracker; /* of that configuration */
    const struct event *event;
    const struct facts *facts;
    struct arena *arena;
};
void gather_ask_rules(const struct gather_case *c, struct decision *ret);
/* Kind, subject, lane and identity of a delivery for the journal: also when it cannot be decoded, which is INPUT. */
int intake_name(const struct conf_tracker *t, struct arena *a, const struct http_request *r, struct entry *en,
                struct event *ret, struct err *e);
/* What a list showed of this issue may be so no more; likewise, now that there is this event. */
void engine_forget_picture(struct engine *g, const char *tracker, const char *ref);
void intake_is_news(struct engine *g, const struct entry *en);
/* Kind, subject and lane of an event. */
void intake_describe(struct arena *a, const struct event *ev, struct entry *en);
/* What the place in a lane (0: its head) says of an event. */
enum verdict lane_verdict(const struct lane *l, size_t place);

void attempt_start(struct engine *g, struct lane *l);
void attempt_cancel(struct attempt *at);                    /* forget it; the event stays in the queue */
void attempt_fail(struct attempt *at, const struct err *e); /* remember the first error */
void attempt_fail_work(struct attempt *at, const struct work *w, const struct err *e); /* likewise, of a work */
void attempt_finish(struct attempt *at); /* all is done, or it has failed: record the outcome */
void gather_decide(struct attempt *at);  /* → apply_start or attempt_finish */
void gather_cancel(struct attempt *at);
/*
 * Before anything is written: join the lanes of the issues that the attempt is about. 1: go on, 0: give way to earlier
 * events of the joined lane (at->lane is that one), -class. *ret_news: that was not known and is in the open batch.
 */
int join_lanes(struct attempt *at, bool *ret_news, struct err *e);
void attempt_give_way(struct attempt *at); /* forget it; its event waits in its lane */
void apply_start(struct attempt *at);      /* → attempt_finish */
void apply_cancel(struct attempt *at);
bool apply_call_off(struct attempt *at); /* true: nothing has been sent, and nothing will be */

/*
 * Creations, as many as the tracker's budget has places for; its places are rows of the store (in the batch). take:
 * at->place for the current change, PACED when it has to wait. end: is_sent false: it was called off before.
 */
int creations_load(struct engine *g, struct err *e);
int creations_take(struct attempt *at, struct err *e);
void creations_end(struct attempt *at, bool is_sent);
void creations_measure(const struct engine *g);

/* The work of fetching one fact; its trace may be NULL. */
struct fetch_parts {
    const struct conf_tracker *conf;
    const struct fact_key *also; /* see tracker_call */
    struct arena *arena;
    struct trace *trace;
    size_t *bytes_left;
    void (*done)(struct work *w, const struct err *e);
    bool ignores_breaker;
};
void engine_fetch(struct engine *g, struct work *w, const struct fact_key *want, const struct fetch_parts *parts);

/* Addresses of issues for the rules, by the tracker's driver. */
struct rule_urls;
void engine_urls(const struct conf_tracker *t, struct rule_urls *ret); /* t NULL: none */

void upkeep_start(struct engine *g);
/* The store took a batch (e NULL), or could not. */
void engine_stored(struct engine *g, const struct err *e);

/* Remember what was fetched, or could not be. What the rules are to go by: f, or what the file was when it was usable.
 */
struct fact *engine_keep(struct engine *g, const struct config *c, struct fact *f, struct arena *a);

struct health *health_new(struct engine *g);
void health_free(struct health *h);
void health_start(struct health *h);
void health_doubt(struct health *h); /* something was found amiss, or well again: start, unless a run is under way */

#endif
