/*
 * driver.h: what lockstep knows of a kind of tracker. Drivers are sans-I/O: bytes in, bytes out. No socket, clock,
 * database, thread, sleep or log; time, where needed, is in the call. So a driver is tested with two files.
 *
 * One resumable function serves all outgoing work. It is called with prev == NULL at first; each time it writes the
 * next request or says DONE; its state lives as long as the attempt. A later attempt starts over, on fresh facts: so
 * what takes several steps reads before it writes, and creations bear a marker. At most DRIVER_STEPS exchanges a call.
 * A driver never decides about retrying: it names the class of what went wrong.
 */
#ifndef TRACKER_DRIVER_H
#define TRACKER_DRIVER_H

#include "conf/config.h"
#include "http/message.h"
#include "model/event.h"
#include "model/plan.h"

struct secret;

enum { DRIVER_STEPS = 64 };
enum step { STEP_SEND = 1, STEP_DONE = 2 }; /* or -class */

/* What a tracker of this kind can do; the core asks for bits, never for a name. */
enum {
    TRACKER_WEBHOOK = 1,     /* verify, decode */
    TRACKER_VERIFY_HEAD = 2, /* verify needs the headers only: refused before the body is read */
    TRACKER_CREATE = 4,      /* makes issues or comments: look */
    TRACKER_COMMENTS = 8,    /* FACT_COMMENTS, FACT_ATTACHMENTS */
    TRACKER_WORKFLOW = 16,   /* CHANGE_STATUS */
    TRACKER_HOOK_LIST = 32,  /* FACT_HOOKS */
    TRACKER_LAGS = 64,       /* its webhooks may tell of what its API does not know yet */
    TRACKER_LIST = 128,      /* FACT_ISSUES of a repository, FACT_REPOSITORIES: it can be rescanned */
    TRACKER_SINCE = 256,     /* FACT_ISSUES "since MS": what has changed, over all of it */
    TRACKER_LOG = 512,       /* FACT_DELIVERIES, FACT_DELIVERY; FACT_HOOKS and FACT_ISSUES "OWNER/REPO all" */
    TRACKER_FOLLOW = 2048,   /* FACT_ISSUES "since MS" of some projects: for bridges that write to it */
    TRACKER_USERS = 1024     /* groups, FACT_ACCOUNTS, FACT_MEMBERS, CHANGE_GROUP_ADD */
};

struct tracker_call {
    const struct conf_tracker *conf;
    struct arena *arena;
    int64_t now_ms;
    const struct fact_key *want; /* a fact to fetch, or NULL and … */
    const struct fact_key *also; /* (with want) another one that the same question may fetch, see joins; or NULL */
    const struct change *change; /* … a change to make; issue.ref and other.ref are resolved */
    const char *other_url;       /* address of change->other in its own tracker; NULL when there is none */
    int64_t since_ms, until_ms;  /* look only: when the lost request was sent; since 0: who knows */
    bool is_first;               /* look only: nobody says that it was ever begun, see look */
};

struct tracker_state { /* between the exchanges of one call */
    int64_t phase;     /* 0 at first */
    const char *note;  /* driver's own; NULL at first; in the call's arena */
};

struct tracker_result { /* zeroed before the first step, the same at each: a driver may gather in it */
    struct fact *fact;  /* of a fetch: allocated by the driver, key filled by the engine */
    struct fact *also;  /* likewise of call.also, also when the fetch fails; NULL: it is to be fetched by itself */
    const char *ref;    /* of a creation: what it is called */
    const char *note;   /* done, but something is worth saying: "transition Done is not offered from Backlog" */
    bool unchanged;     /* nothing had to be written */
    /* Of a grant. */
    const char *token; /* secret */
    int64_t expires_ms;
};

struct tracker_driver {
    struct conf_kind kind; /* its name, options and check */
    unsigned can;

    int (*step)(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                struct http_request *next, struct tracker_result *ret, struct err *e);
    /*
     * The twin of step for a creation whose answer was lost: find the effect by the change's marker. When DONE,
     * ret->ref is what was found, NULL when it is surely not there yet. When is_first, it should cost one request where
     * it can, and that it cannot be known (the tracker refuses, there is too much to read) is no failure but a note.
     */
    int (*look)(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                struct http_request *next, struct tracker_result *ret, struct err *e);
    /* How long a lost creation may take to show up for look, in ms. */
    int64_t (*look_lag_ms)(const struct conf_tracker *conf);

    /*
     * Optional, both or none. Does this configuration name short-lived credentials, which the tracker grants? And the
     * talk by which they are had: as step, with neither want nor change. It may be cut and begun anew at any time: all
     * of its requests are READs.
     */
    bool (*is_granted)(const struct conf_tracker *conf);
    int (*grant)(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                 struct http_request *next, struct tracker_result *ret, struct err *e);

    /*
     * Add credentials to a request: those of the configuration, or what was granted (NULL: nothing yet, or it was grant
     * that made the request). Called just before sending; its values are secret.
     */
    void (*sign)(const struct conf_tracker *conf, const struct secret *granted, int64_t now_ms, struct arena *a,
                 struct http_request *r);

    /* Is this delivery from who it says? AUTH otherwise. `r->body` is empty when VERIFY_HEAD. Constant time. */
    int (*verify)(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e);
    /*
     * Raw delivery → event, and what intake needs to know of it: lane and dedup identity. INPUT: undecodable.
     * ret is zeroed by the caller and lives in the arena: nothing of it lies in r, which may end sooner. id, tracker,
     * source, request_id, received_ms are the caller's.
     */
    int (*decode)(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                  struct err *e);
    /* The fields that identify a delivery, in order, to `to`; for dedup. After a successful decode. */
    void (*identify)(const struct event *ev, struct text *to);

    /* LOG: the headers of a delivery that name its webhook and itself, as FACT_HOOKS and FACT_DELIVERIES do. */
    const char *hook_header, *delivery_header;
    /* Optional: what FACT_HOOKS and the others call the place of the one webhook that belongs to our credentials
     * themselves; NULL: they have none. Its number is known by its deliveries alone. */
    const char *(*own_place)(const struct conf_tracker *conf);

    /* FOLLOW: does the configuration hold what a webhook of it would prove itself by? */
    bool (*is_hooked)(const struct conf_tracker *conf);

    /* Groups of users by the domains of their mail addresses; never NULL. Of TRACKER_USERS. */
    const struct opt_pairs *(*groups)(const struct conf_tracker *conf);

    /* Optional: can one question fetch `also` along with `want`? */
    bool (*joins)(const struct fact_key *want, const struct fact_key *also);

    /* The address where people see an issue. */
    const char *(*issue_url)(const struct conf_tracker *conf, struct arena *a, const char *ref);
    /* The ref in such an address, or NULL when it is not one of this tracker's issues. */
    const char *(*issue_ref)(const struct conf_tracker *conf, struct arena *a, const char *url);
};

extern const struct tracker_driver tracker_bugzilla, tracker_github, tracker_jira;

/* All drivers, NULL-terminated, and the driver of a configured tracker. */
extern const struct tracker_driver *const tracker_drivers[];
extern const struct conf_kind *const tracker_kinds[];
const struct tracker_driver *tracker_driver(const struct conf_tracker *conf);
/* Asserts what the bits imply; called once at start. */
void tracker_drivers_check(void);

/*
 * The common reading of an answer, for drivers to fall back on: 0 for 2xx; else the class by status and limit headers:
 * 401 AUTH; 403 AUTH unless limits say otherwise; 404 410 MISSING; 409 412 CONFLICT; 408 425 TRANSIENT; 429, and 503
 * with Retry-After, LIMITED; 400 413 422 and other 4xx INPUT; 502 504 to a write UNCERTAIN; other 5xx TRANSIENT (to a
 * CREATE UNCERTAIN); 3xx CONFIG. `what` says what was being done; `said` is the tracker's own words, may be NULL.
 */
int tracker_refusal(const struct http_request *sent, const struct http_response *r, const char *what, const char *said,
                    struct err *e);

/*
 * What any answer tells of the tracker's limits, by the headers that Jira and GitHub share. Little is left when it says
 * so, or when less than a fifth of the allowance is.
 */
struct tracker_limits {
    bool is_near;     /* little is left: go slower */
    int64_t gap_ms;   /* near: how far apart requests would make what is left last; 0: it does not say */
    int64_t until_ms; /* near, with a gap: until when, wall time */
    bool is_of_issue; /* refused: only writes to this one issue are, nobody else need wait */
};
void tracker_limits(const struct http_response *r, struct tracker_limits *ret);

#endif
