/*
 * deed.h: what people do about events: retry, drop, replay. Who did it, when and why is kept beside it (the store's
 * audit), and all of it is on disk before `done` says so. Loop thread.
 *
 * Errors: MISSING: no such event; CONFLICT: not in its state; INPUT: the new body cannot be decoded; CONFIG: its
 * tracker is not configured any more; TRANSIENT: the store cannot take it, or the daemon is ending.
 */
#ifndef ENGINE_DEED_H
#define ENGINE_DEED_H

#include "engine/course.h"
#include "engine/engine.h"
#include "store/people.h"

enum { DEED_BITE = 64 };

struct deed { /* a member of who asks, zeroed and filled as follows; it and what it points to stay until done */
    const char *who;
    void (*done)(struct deed *d, const struct err *e); /* once, perhaps at once. e NULL: it is on disk */
    bool skips; /* replay of several: leave out those that cannot be replayed instead of ending there */

    /* What came of it. */
    int64_t head;        /* retry: the event that comes next in its lane */
    enum verdict was;    /* retry: what that was: brought forward if PARKED, else there was nothing to do */
    const char *held_by; /* retry: the tracker whose open breaker it waits for; NULL: none */
    int64_t *made;       /* replay: given: for each event the new one, 0 so far */

    /* Private. */
    struct engine *engine;
    struct store_wait wait;
    int64_t event;
    struct course_drop drop;
    const int64_t *events;
    size_t n_events, next;
    struct str body;
    struct deed_made {
        size_t place;
        int64_t id;
        uint64_t lane;
    } bite[DEED_BITE];
    size_t n_bite;
};

/* Bring the head of the event's lane forward: at once if it is parked. */
void deed_retry(struct engine *g, struct deed *d, int64_t event);
/* End an event that has not ended and does not run; its lane goes on. */
void deed_drop(struct engine *g, struct deed *d, int64_t event, const char *reason);
/* Put ended events into the journal again, as new ones, a bounded bite a turn. */
void deed_replay(struct engine *g, struct deed *d, const int64_t *events, size_t n);
/* Likewise one event with another body, which must be one that can be decoded. */
void deed_replay_edited(struct engine *g, struct deed *d, const int64_t *event, struct str body);

#endif
