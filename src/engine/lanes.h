/*
 * lanes.h: which event may run now. Events of one lane run in order, one at a time; lanes run side by side; a parked
 * lane holds only itself. In memory, over the store's queue; pure data, no clock, no I/O. Loop thread.
 *
 * A lane is in one state, and on the one list that belongs to it: READY (a list, first come first served), RUNNING
 * (with its attempt), PARKED (a heap by time). A lane without events does not exist.
 */
#ifndef ENGINE_LANES_H
#define ENGINE_LANES_H

#include "base/heap.h"
#include "base/list.h"

struct map;

enum lane_state { LANE_READY, LANE_RUNNING, LANE_PARKED };

struct lane_event {
    int64_t id;
    int64_t attempts; /* so far */
};

struct lane_wait {
    int64_t until_ms;    /* monotonic, when the head runs again */
    enum err_class why;  /* the class of the error */
    const void *held_by; /* what must change before that; NULL: nothing but time */
};

struct lane {
    uint64_t key;
    enum lane_state state;
    struct lane_wait wait;     /* PARKED; else zero */
    struct lane_event head;    /* the event that runs or comes next */
    int64_t wrote;             /* the event of which an attempt that failed has written something; 0: none is known */
    struct lane_event *behind; /* later events, in order: a ring */
    size_t first, n_behind, room;
    struct list ready;
    struct heap_item due; /* PARKED */
};

struct lanes {
    struct map *by_key;
    struct map *joined; /* keys that lanes no longer have, see lanes_root */
    struct list ready;
    struct heap parked;
    size_t events, running;
};

void lanes_init(struct lanes *ls);
void lanes_free(struct lanes *ls);
size_t lanes_count(const struct lanes *ls);

/*
 * The key that a lane has now: once merged or renamed, a lane is found by its former key as well. So what was on its
 * way under that key, or comes back since a commit failed, is still in order with the rest.
 */
uint64_t lanes_root(const struct lanes *ls, uint64_t key);
struct lane *lanes_find(const struct lanes *ls, uint64_t key);
/* Add an event that is new, or has not ended after all, behind those of its lane that are earlier or run. */
struct lane *lanes_add(struct lanes *ls, uint64_t key, struct lane_event event);
/*
 * Two lanes turn out to be about the same issue: the events of `from`, which is RUNNING, join `into` in the order of
 * their ids, and `from` is freed. True: its running event is the first of all and goes on, as the head of `into`, which
 * is RUNNING now. False: `into` keeps its state and head, and the event waits its turn there.
 */
bool lanes_merge(struct lanes *ls, struct lane *into, struct lane *from);
void lanes_rename(struct lanes *ls, struct lane *l, uint64_t key); /* a root, of which there is no lane */
struct lane *lanes_take(struct lanes *ls);                         /* the next READY lane, now RUNNING; NULL: none */
void lanes_end(struct lanes *ls, struct lane *l);                  /* the RUNNING head has ended; frees an empty lane */
/* READY or PARKED → RUNNING, but without an attempt: its head is about to be ended by hand. */
void lanes_claim(struct lanes *ls, struct lane *l);
void lanes_forget(struct lanes *ls, struct lane *l, int64_t event); /* one of those behind the head; else no-op */
/* READY or RUNNING → PARKED; its head is its first event then, which need not be the one that ran. */
void lanes_park(struct lanes *ls, struct lane *l, struct lane_wait wait);
void lanes_wake(struct lanes *ls, struct lane *l);           /* PARKED → READY; else no-op */
void lanes_wake_class(struct lanes *ls, enum err_class why); /* all that are PARKED for it */
/* Wake up to `most` that are held by that; how many there were. */
size_t lanes_wake_held(struct lanes *ls, const void *held_by, size_t most);
/* Wake all that are due; the time of the next one, or INT64_MAX. */
int64_t lanes_wake_due(struct lanes *ls, int64_t now_ms);
/* Visit all: start with *at = 0; false at the end. */
bool lanes_each(const struct lanes *ls, size_t *at, const struct lane **ret);
/* The event at a place up to n_behind; 0: the head. */
int64_t lane_event_at(const struct lane *l, size_t place);
/* Is the event the head of its lane, behind it (1, 2, …), or not there (-1)? */
int64_t lane_place(const struct lane *l, int64_t event);

#endif
