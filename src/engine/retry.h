/*
 * retry.h: the whole retry policy: what becomes of an attempt that failed. Pure; one switch over the class.
 */
#ifndef ENGINE_RETRY_H
#define ENGINE_RETRY_H

#include "conf/config.h"

struct retry_case {
    const struct err *error;
    int64_t attempts; /* so far, with the one that failed: 1, 2, … */
    int64_t age_ms;   /* of the event, by a clock that does not jump, without what it waited for its turn */
    int64_t now_ms;
    uint32_t random; /* for the jitter; any value */
};
enum retry_what { RETRY_LATER, RETRY_EXPIRE };

/* LATER sets *ret_at_ms. The event expires when its age has reached give_up, or at once for PERMANENT. */
enum retry_what retry_decide(const struct conf_retry *policy, const struct retry_case *c, int64_t *ret_at_ms);

#endif
