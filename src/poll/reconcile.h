/*
 * reconcile.h: compares what trackers say happened with the journal, place by place, and puts what is missing there:
 * deliveries from a webhook's log as they were sent; of what has changed without one, an event of our own making. So
 * that it can be said since when nothing was lost. Loop thread.
 *
 * Nothing waits for it: it asks one thing at a time of each tracker, in its turn, heeds limits and breaker, and spreads
 * the places over the bridge's interval (`reconcile`).
 */
#ifndef POLL_RECONCILE_H
#define POLL_RECONCILE_H

#include "poll/gaps.h"

struct engine;
struct health_report;
struct loop;
struct metrics;
struct reconciler;
struct store;

struct reconciler_parts { /* given, not owned */
    struct loop *loop;
    struct store *store;
    struct engine *engine;
    struct metrics *metrics;
    const char *store_url; /* pool jobs open their own readers */
};
__attribute__((returns_nonnull)) struct reconciler *reconciler_new(const struct reconciler_parts *parts);
void reconciler_free(struct reconciler *r); /* after the last commit, and not while it is busy; NULL is fine */
void reconciler_start(struct reconciler *r);
void reconciler_stop(struct reconciler *r);
bool reconciler_busy(const struct reconciler *r); /* a job of the pool is under way */

struct place_view {
    const char *name;
    struct place_state state;
};
struct gaps_view { /* of one tracker */
    const char *tracker;
    int64_t since_ms, until_ms; /* nothing that it tells of is missing from the one to the other; 0: not known yet */
    int64_t checked_ms;         /* the place that was looked at the longest ago; 0: there is none */
    int64_t missed, recovered;
    struct many places; /* struct place_view */
};
/* As it is now; texts are copied. */
void reconciler_view(const struct reconciler *r, struct arena *a, struct many *ret /* struct gaps_view */);
/* There is something to be looked at now: its webhook was set. */
void reconciler_note_place(struct reconciler *r, const char *tracker, const char *name);
/* The place whose webhook works, as it was seen last, and tells of this one too: the owner of a repository, or what our
 * credentials have of their own. NULL: none. */
const char *reconciler_stand_in(const struct reconciler *r, const char *tracker, const char *name);
/* Adds a check for each tracker. */
void reconciler_health(const struct reconciler *r, struct arena *a, struct health_report *ret);

#endif
