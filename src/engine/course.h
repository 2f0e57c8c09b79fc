/*
 * course.h: how events go through their lanes: in, aside, parked, joined, dropped, as the disk takes it. Pure, over
 * lanes.h; the engine and the search through all interleavings (test_engine_model.c) call the same functions.
 */
#ifndef ENGINE_COURSE_H
#define ENGINE_COURSE_H

#include "engine/lanes.h"

/* A new event is on disk. It is news for a lane that waits: perhaps what stood in the way is gone. */
void course_added(struct lanes *ls, uint64_t key, int64_t event);
/* At a start, in the order of ids: what waits in the store. wait: how its last attempt parked it; NULL: not, or over.
 */
void course_loaded(struct lanes *ls, uint64_t key, struct lane_event event, const struct lane_wait *wait);

/* The attempt that runs in *own turns out to belong into another lane. True: it goes on; false: its event waits there,
 * behind earlier ones. *own is that lane. */
bool course_join(struct lanes *ls, struct lane **own, uint64_t into);

struct course_end {          /* of an attempt; its outcome is in the batch */
    struct lane *lane;       /* where it ran; NULL: that went on already, see course_aside */
    uint64_t key;            /* of that lane then */
    struct lane_event event; /* this attempt counted */
};
/* Its event came to nothing: the lane goes on without waiting for the disk, and may end several in one commit. */
void course_aside(struct lanes *ls, struct course_end *end);
/* The outcome is on disk. wait: the event is parked; NULL: it has ended. */
void course_recorded(struct lanes *ls, const struct course_end *end, const struct lane_wait *wait);
/* The outcome could not be stored: the event has not ended, and this attempt does not count. */
void course_unrecorded(struct lanes *ls, const struct course_end *end, const struct lane_wait *wait);

/*
 * Until a drop is on disk its event must not begin: a head's lane is claimed; one behind leaves its lane, which may go
 * on or join another meanwhile, and comes back should the drop fail.
 */
struct course_drop {
    struct lane *claimed; /* NULL: it was behind */
    uint64_t key;
    struct lane_event event;
    bool was_parked;
    struct lane_wait wait; /* was_parked: as it was */
};
void course_drop(struct lanes *ls, struct lane *l, struct lane_event event, struct course_drop *ret);
void course_dropped(struct lanes *ls, const struct course_drop *d, bool is_good);

/* A person wants this event tried at once, and that is on disk: whatever is before it goes first. */
void course_retried(struct lanes *ls, uint64_t key, int64_t event);

#endif
