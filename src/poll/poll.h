/*
 * poll.h: what looks at trackers without being told: rescans of issues, labels and users, asked for by people or by
 * schedules. Each is a job of the store: it lists issues (repositories, users) page by page and puts an event for each
 * into the journal; its place is on disk, so that it goes on after a crash, and nothing is done twice or left out. Loop
 * thread.
 *
 * Those of issues and labels take drivers that can TRACKER_LIST. Errors of what people ask: INPUT: not a target;
 * MISSING: no such job; CONFLICT: it has ended; TRANSIENT: the store cannot take it, or there are too many jobs.
 */
#ifndef POLL_POLL_H
#define POLL_POLL_H

#include "store/jobs.h"

struct engine;
struct loop;
struct metrics;
struct poll;
struct reconciler;

struct poll_parts { /* given, not owned */
    struct loop *loop;
    struct store *store;
    struct engine *engine;
    struct metrics *metrics;
    const char *store_url; /* pool jobs open their own readers */
    const char *version;   /* of this program: another one may decide otherwise about what is unchanged */
};
__attribute__((returns_nonnull)) struct poll *poll_new(const struct poll_parts *parts);
void poll_free(struct poll *p);                /* after the last commit; NULL is fine */
int poll_start(struct poll *p, struct err *e); /* goes on with what had not ended, and begins the schedules */
void poll_reload(struct poll *p);              /* the engine has another configuration */
void poll_stop(struct poll *p);                /* lists no more; what was listed is in the journal */
bool poll_busy(const struct poll *p);          /* a job of the pool is under way */
struct reconciler *poll_reconciler(const struct poll *p); /* what looks for gaps: reconcile.h */

struct poll_deed { /* a member of who asks, zeroed and filled as follows; it and what it points to stay until done */
    const char *who;
    void (*done)(struct poll_deed *d, const struct err *e); /* once, perhaps at once. e NULL: it is on disk */
    int64_t job;                                            /* ask: the job that was made; cancel: given */

    /* Private. */
    struct poll *poll;
    struct store_wait wait;
    struct job_run *run;
};

struct job_ask {
    const char *kind;   /* "rescan"; "labels": those of repositories become as the labels file says; "users":
                           those of a tracker are put into its groups, by their mail addresses */
    const char *target; /* "github:OWNER/REPO", "github:OWNER/REPO#1" (rescan), "github:OWNER"; "jira" (users) */
    bool is_dry;        /* only say what would be done */
    bool all;           /* from here on of rescans only: closed ones too */
    bool is_forced;     /* look also at what has not changed since the last time */
    int64_t since_ms, until_ms; /* those created then or later, and before then; 0: any */
};
void poll_ask(struct poll *p, struct poll_deed *d, const struct job_ask *what);
/* Lists no more, and drops its events that have not begun to write. */
void poll_cancel(struct poll *p, struct poll_deed *d);

#endif
