/*
 * pace.h: how fast one tracker may be asked: by our own rate, by the pause it asked for, and slower for a while when it
 * says that a limit of its own is near. Pure: monotonic times in, waiting times out.
 */
#ifndef ENGINE_PACE_H
#define ENGINE_PACE_H

#include "conf/config.h"

enum {
    PACE_WHILE_MS = 10 * 1000, /* halved for so long, when the tracker does not say for how long */
    PACE_LEAST_MS = 20,        /* bounds of the gap that halving makes */
    PACE_MOST_MS = 2000
};

struct pace {
    struct rate rate;
    double tokens;     /* of the rate's bucket */
    int64_t filled_ms; /* when tokens was right */
    int64_t paused_ms; /* nothing is sent before */
    int64_t slow_ms;   /* until then … */
    int64_t gap_ms;    /* … requests are so far apart */
    int64_t sent_ms;   /* the last request */
    double mean_ms;    /* between requests, of late */
};

void pace_configure(struct pace *p, struct rate rate, int64_t now_ms); /* what the tracker asked for stays */
int64_t pace_delay(struct pace *p, int64_t now_ms);                    /* until the next may be sent; 0: now */
void pace_sent(struct pace *p, int64_t now_ms);                        /* one is sent */
void pace_pause(struct pace *p, int64_t until_ms);
/*
 * A limit is near: a gap between requests until a time, or, with a gap of 0, half of the present pace for a while; and
 * half of that when the limit is still near then. True when it was not slow before.
 */
bool pace_slow(struct pace *p, int64_t gap_ms, int64_t until_ms, int64_t now_ms);

#endif
