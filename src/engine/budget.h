/*
 * budget.h: how much may be created at a tracker in a time, such as 400 comments and issues an hour: what GitHub limits
 * without ever saying how much is left. Pure: monotonic times in.
 *
 * A creation takes a place before it is sent, and the place comes free a window after its answer: so in no window are
 * there more, however long one was on its way. Who finds no place is promised one, and the time of it: each its own, so
 * that they do not all come back at once. The numbers of places are small and stay, to be kept as rows on disk.
 */
#ifndef ENGINE_BUDGET_H
#define ENGINE_BUDGET_H

#include "base/base.h"

enum { BUDGET_KEPT_MS = 60 * 1000 /* how long a promise outlives its time */ };

struct budget_place {
    int64_t until_ms; /* when it comes free again */
    bool is_taken;    /* by a creation that has no answer yet: that time is not known */
};
struct budget_promise {
    int64_t event, at_ms;
};
struct budget {
    int64_t most, window_ms; /* most 0: without limit */
    struct budget_place *places;
    size_t n_places, room;
    struct budget_promise *promises; /* in the order that they were made in */
    size_t n_promises, promise_room;
    bool is_loaded; /* for who keeps the places */
};

void budget_configure(struct budget *b, int64_t most, int64_t window_ms);
void budget_free(struct budget *b);
/* The number of a place for a creation of this event; -1: there is none before *ret_at_ms, which it is promised. */
int64_t budget_take(struct budget *b, int64_t event, int64_t now_ms, int64_t *ret_at_ms);
/* It was answered, or before a start it was sent, at that time. */
void budget_answered(struct budget *b, size_t place, int64_t at_ms);
void budget_return(struct budget *b, size_t place); /* nothing was sent */
int64_t budget_used(const struct budget *b, int64_t now_ms);

#endif
