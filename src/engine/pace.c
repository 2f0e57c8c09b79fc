#include "base/base.h"
#include "engine/pace.h"

enum { PACE_IDLE_MS = 1000, PACE_MEMORY = 8 }; /* a longer gap says nothing of the pace; requests that the mean is of */

void pace_configure(struct pace *p, struct rate rate, int64_t now_ms)
{
    p->rate = rate;
    p->tokens = (double)rate.burst;
    p->filled_ms = now_ms;
}

static void pace_refill(struct pace *p, int64_t now_ms)
{
    p->tokens += (double)(now_ms - p->filled_ms) * p->rate.per_second / 1000.0;
    if (p->tokens > (double)p->rate.burst)
        p->tokens = (double)p->rate.burst;
    p->filled_ms = now_ms;
}

static int64_t pace_rate_delay(struct pace *p, int64_t now_ms)
{
    if (!(p->rate.per_second > 0))
        return 0;
    pace_refill(p, now_ms);
    return p->tokens >= 1 ? 0 : 1 + (int64_t)((1 - p->tokens) * 1000.0 / p->rate.per_second);
}

static int64_t pace_slow_delay(const struct pace *p, int64_t now_ms)
{
    int64_t next = p->sent_ms + p->gap_ms;
    return (next < p->slow_ms ? next : p->slow_ms) - now_ms;
}

int64_t pace_delay(struct pace *p, int64_t now_ms)
{
    int64_t delays[] = {0, p->paused_ms - now_ms, pace_slow_delay(p, now_ms), pace_rate_delay(p, now_ms)};
    int64_t most = 0;
    for (size_t i = 0; i < COUNT(delays); i++)
        most = delays[i] > most ? delays[i] : most;
    return most;
}

void pace_sent(struct pace *p, int64_t now_ms)
{
    int64_t gap = now_ms - p->sent_ms;
    p->mean_ms += ((double)(gap < PACE_IDLE_MS ? gap : PACE_IDLE_MS) - p->mean_ms) / PACE_MEMORY;
    p->sent_ms = now_ms;
    p->tokens -= 1;
}

void pace_pause(struct pace *p, int64_t until_ms)
{
    if (until_ms > p->paused_ms)
        p->paused_ms = until_ms;
}

static int64_t pace_half(const struct pace *p)
{
    int64_t gap = (int64_t)(2 * p->mean_ms);
    return gap < PACE_LEAST_MS ? PACE_LEAST_MS : gap > PACE_MOST_MS ? PACE_MOST_MS : gap;
}

bool pace_slow(struct pace *p, int64_t gap_ms, int64_t until_ms, int64_t now_ms)
{
    bool was_slow = p->slow_ms > now_ms;
    if (gap_ms == 0 && was_slow) /* once in a while is enough */
        return false;
    p->gap_ms = gap_ms ? gap_ms : pace_half(p);
    p->slow_ms = gap_ms ? until_ms : now_ms + PACE_WHILE_MS;
    return !was_slow;
}
