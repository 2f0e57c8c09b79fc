#include "base/base.h"
#include "engine/retry.h"

/* first × factor^(attempts-1), at most cap. */
static int64_t retry_ceiling(const struct conf_retry *p, int64_t attempts)
{
    int64_t pause = p->first;
    for (int64_t i = 1; i < attempts && pause < p->cap; i++)
        if (__builtin_mul_overflow(pause, p->factor, &pause))
            return p->cap;
    return pause < p->cap ? pause : p->cap;
}

/* Full jitter: anywhere up to the ceiling, so that lanes that failed together do not come back together. */
static int64_t retry_pause(const struct conf_retry *p, const struct retry_case *c)
{
    if (p->every > 0)
        return p->every;
    int64_t ceiling = retry_ceiling(p, c->attempts);
    return 1 + (int64_t)((double)(ceiling - 1) * ((double)c->random / (double)UINT32_MAX));
}

enum retry_what retry_decide(const struct conf_retry *policy, const struct retry_case *c, int64_t *ret_at_ms)
{
    int64_t at = c->now_ms + retry_pause(policy, c);
    switch (c->error->class) {
    case ERR_PERMANENT:
        return RETRY_EXPIRE;
    case ERR_PACED: /* it only waits for its turn */
        *ret_at_ms = c->error->retry_at_ms;
        return RETRY_LATER;
    case ERR_LIMITED:   /* the other side said when: never sooner, nor later if the rest has waited for it already */
    case ERR_TRANSIENT: /* as long as it takes, where that is known */
        if (c->error->retry_at_ms)
            at = c->error->retry_at_ms > c->now_ms ? c->error->retry_at_ms : c->now_ms;
        break;
    case ERR_CONFLICT: /* gathering again is the cure; only a repeated conflict backs off */
        at = c->attempts <= 3 ? c->now_ms : at;
        break;
    case ERR_NONE:
    case ERR_BUG:
    case ERR_CONFIG:
    case ERR_INPUT: /* people repair what the other side refuses; until give_up nothing is lost */
    case ERR_AUTH:
    case ERR_MISSING:
    case ERR_UNCERTAIN:
    case ERR_CLASSES:
        break;
    }
    if (c->age_ms >= policy->give_up)
        return RETRY_EXPIRE;
    int64_t end = c->now_ms + policy->give_up - c->age_ms;
    *ret_at_ms = at < end ? at : end;
    return RETRY_LATER;
}
