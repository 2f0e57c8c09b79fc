/*
 * age.h: how old something is when the wall clock may have been set meanwhile: forwards, backwards, before a restart or
 * after it. Pure. A clock that is set never makes anything older than it is by the clock that is more lenient.
 */
#ifndef ENGINE_AGE_H
#define ENGINE_AGE_H

#include "base/base.h"

enum {
    AGE_TRUST_MS = 60 * 60 * 1000,      /* how long after a start the clock may still be wrong */
    AGE_LEEWAY_MS = 24 * 60 * 60 * 1000 /* by how much it may have been set back over a restart, unless it shows */
};

struct age_clocks {
    int64_t born_ms; /* the wall clock when we started */
    int64_t up_ms;   /* since then, by the monotonic clock */
    int64_t now_ms;  /* the wall clock */
};

/* Of what is marked with this wall time; never negative. */
int64_t age_ms(const struct age_clocks *c, int64_t since_ms);
/* Between which ages something is, as far as that can be known: for what must not be missed. */
struct age_span {
    int64_t least, most;
};
struct age_span age_span(const struct age_clocks *c, int64_t since_ms);
/*
 * As an event's age is held against give_up: what was there when we started has an hour from then (half of give_up, if
 * that is less), since the clock may be wrong, and the trackers may be starting as well.
 */
int64_t age_tried_ms(const struct age_clocks *c, int64_t since_ms, int64_t give_up_ms);
/* Whether, and by which time, old records may be removed: only after an hour, and by the clock that is behind. */
bool age_may_forget(const struct age_clocks *c, int64_t *ret_now_ms);

#endif
