#include "base/base.h"
#include "engine/age.h"

/* The wall clock as it would be had nobody set it since the start. */
static int64_t age_steady_ms(const struct age_clocks *c)
{
    return c->born_ms + c->up_ms;
}

/*
 * A time that one clock has not reached was told by the other. Where both have passed it the shorter age is right, or
 * too short by no more than the jump. One that both have still before them is from an earlier run: it counts from our
 * start.
 */
int64_t age_ms(const struct age_clocks *c, int64_t since_ms)
{
    int64_t by_wall = c->now_ms - since_ms, by_steady = age_steady_ms(c) - since_ms;
    if (by_wall < 0 && by_steady < 0)
        return c->up_ms;
    if (by_wall < 0 || by_steady < 0)
        return by_wall < 0 ? by_steady : by_wall;
    return by_wall < by_steady ? by_wall : by_steady;
}

/* What is from an earlier run is at least as old as this one. */
struct age_span age_span(const struct age_clocks *c, int64_t since_ms)
{
    int64_t age = age_ms(c, since_ms), now = c->now_ms > age_steady_ms(c) ? c->now_ms : age_steady_ms(c);
    struct age_span ages = {.least = age < c->up_ms ? age : c->up_ms, .most = now - since_ms};
    if (ages.most < 0)
        ages.most = c->now_ms;
    else if (since_ms < c->born_ms)
        ages.most += AGE_LEEWAY_MS;
    return ages;
}

int64_t age_tried_ms(const struct age_clocks *c, int64_t since_ms, int64_t give_up_ms)
{
    int64_t grace = give_up_ms / 2 < AGE_TRUST_MS ? give_up_ms / 2 : AGE_TRUST_MS;
    int64_t age = age_ms(c, since_ms), most = give_up_ms - grace + c->up_ms;
    return age < most ? age : most;
}

bool age_may_forget(const struct age_clocks *c, int64_t *ret_now_ms)
{
    int64_t steady = age_steady_ms(c);
    *ret_now_ms = c->now_ms < steady ? c->now_ms : steady;
    return c->up_ms >= AGE_TRUST_MS;
}
