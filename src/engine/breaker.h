/*
 * breaker.h: when a tracker is not worth asking. Pure: outcomes and times in, permission out.
 *
 * It opens at once when our credentials are refused (AUTH) or the tracker is wrongly configured (CONFIG), and when at
 * least half of the last BREAKER_WINDOW exchanges got no sensible answer. While it is open nobody asks; after a pause
 * one probe may, and its outcome closes the breaker or opens it for twice as long.
 */
#ifndef ENGINE_BREAKER_H
#define ENGINE_BREAKER_H

#include "base/base.h"

enum {
    BREAKER_WINDOW = 20,
    BREAKER_LEAST = 10, /* outcomes before a share means anything */
    BREAKER_CAP_MS = 10 * 60 * 1000
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_PROBING };
const char *breaker_state_name(enum breaker_state s); /* "closed", "open", "probing" */

struct breaker {
    enum breaker_state state;
    int64_t first_ms, pause_ms;
    int64_t probe_ms;          /* OPEN: when a probe may go */
    uint32_t bad;              /* the last outcomes, newest in bit 0: 1 was bad */
    unsigned known;            /* how many of them there are */
    enum err_class why;        /* OPEN, PROBING: what opened it */
    char text[ERR_TEXT_BYTES]; /* likewise */
};

/* Closed, nothing known: at first, and when the configuration changes. first_ms: the first pause, doubled by each
 * failing probe up to BREAKER_CAP_MS. */
void breaker_reset(struct breaker *b, int64_t first_ms);
/* May an exchange go now? When it is due, the first to ask becomes the probe. */
bool breaker_allows(struct breaker *b, int64_t now_ms);
/* The outcome of an exchange: e NULL, or what went wrong. True when it opened or closed the breaker. */
bool breaker_outcome(struct breaker *b, const struct err *e, int64_t now_ms);
/* The probe was given up without an outcome. */
void breaker_unprobed(struct breaker *b);

#endif
