#include "base/base.h"
#include "engine/course.h"

void course_added(struct lanes *ls, uint64_t key, int64_t event)
{
    struct lane *l = lanes_find(ls, key);
    if (l && !l->wait.held_by && l->wait.why != ERR_LIMITED && l->wait.why != ERR_PACED)
        lanes_wake(ls, l);
    lanes_add(ls, key, (struct lane_event){event, 0});
}

void course_loaded(struct lanes *ls, uint64_t key, struct lane_event event, const struct lane_wait *wait)
{
    struct lane *l = lanes_add(ls, key, event);
    if (wait && l->head.id == event.id)
        lanes_park(ls, l, *wait);
}

bool course_join(struct lanes *ls, struct lane **own, uint64_t into)
{
    struct lane *from = *own, *other = lanes_find(ls, into);
    if (other == from) /* already, but a commit that failed undid it in the store */
        return true;
    if (!other) {
        lanes_rename(ls, from, lanes_root(ls, into));
        return true;
    }
    *own = other;
    return lanes_merge(ls, other, from);
}

void course_aside(struct lanes *ls, struct course_end *end)
{
    end->key = end->lane->key;
    lanes_end(ls, TAKE(end->lane));
}

void course_recorded(struct lanes *ls, const struct course_end *end, const struct lane_wait *wait)
{
    if (!end->lane)
        return;
    if (!wait) {
        lanes_end(ls, end->lane);
        return;
    }
    end->lane->head.attempts = end->event.attempts; /* still the one that ran */
    lanes_park(ls, end->lane, *wait);
}

void course_unrecorded(struct lanes *ls, const struct course_end *end, const struct lane_wait *wait)
{
    if (end->lane)
        lanes_park(ls, end->lane, *wait);
    else
        lanes_add(ls, end->key, (struct lane_event){end->event.id, end->event.attempts - 1});
}

void course_drop(struct lanes *ls, struct lane *l, struct lane_event event, struct course_drop *ret)
{
    bool is_head = l->head.id == event.id;
    *ret = (struct course_drop){.claimed = is_head ? l : NULL, .key = l->key, .event = event};
    if (!is_head) {
        lanes_forget(ls, l, event.id);
        return;
    }
    ret->was_parked = l->state == LANE_PARKED;
    ret->wait = l->wait;
    lanes_claim(ls, l);
}

void course_dropped(struct lanes *ls, const struct course_drop *d, bool is_good)
{
    if (!d->claimed) {
        if (!is_good)
            lanes_add(ls, d->key, d->event);
        return;
    }
    if (is_good) {
        lanes_end(ls, d->claimed);
        return;
    }
    lanes_park(ls, d->claimed, d->wait);
    if (!d->was_parked || d->wait.held_by) /* what held it may be over: that was not told to a claimed lane */
        lanes_wake(ls, d->claimed);
}

void course_retried(struct lanes *ls, uint64_t key, int64_t event)
{
    struct lane *l = lanes_find(ls, key);
    if (l && lane_place(l, event) >= 0)
        lanes_wake(ls, l);
}
