#include "base/base.h"
#include "engine/breaker.h"

static const char *const breaker_states[] = {"closed", "open", "probing"};

const char *breaker_state_name(enum breaker_state s)
{
    return breaker_states[s];
}

void breaker_reset(struct breaker *b, int64_t first_ms)
{
    *b = (struct breaker){.first_ms = first_ms, .pause_ms = first_ms};
}

bool breaker_allows(struct breaker *b, int64_t now_ms)
{
    if (b->state == BREAKER_OPEN && now_ms >= b->probe_ms) {
        b->state = BREAKER_PROBING;
        return true;
    }
    return b->state == BREAKER_CLOSED;
}

void breaker_unprobed(struct breaker *b)
{
    if (b->state == BREAKER_PROBING)
        b->state = BREAKER_OPEN;
}

enum breaker_mark { BREAKER_GOOD, BREAKER_BAD, BREAKER_FATAL };

/* An answer that we do not like is still an answer: only what says that asking is pointless counts against it. */
static enum breaker_mark breaker_mark(const struct err *e)
{
    switch (e ? e->class : ERR_NONE) {
    case ERR_AUTH:
    case ERR_CONFIG:
        return BREAKER_FATAL;
    case ERR_TRANSIENT:
    case ERR_UNCERTAIN:
        return BREAKER_BAD;
    case ERR_NONE:
    case ERR_BUG:
    case ERR_INPUT:
    case ERR_MISSING:
    case ERR_CONFLICT:
    case ERR_LIMITED:
    case ERR_PACED:
    case ERR_PERMANENT:
    case ERR_CLASSES:
        break;
    }
    return BREAKER_GOOD;
}

static void breaker_open(struct breaker *b, const struct err *e, int64_t now_ms)
{
    bool was_probe = b->state == BREAKER_PROBING;
    b->pause_ms = was_probe && b->pause_ms < BREAKER_CAP_MS / 2 ? 2 * b->pause_ms
                  : was_probe                                   ? BREAKER_CAP_MS
                                                                : b->pause_ms;
    b->state = BREAKER_OPEN;
    b->probe_ms = now_ms + b->pause_ms;
    b->why = e->class;
    snprintf(b->text, sizeof b->text, "%s", e->text);
}

static bool breaker_share_is_bad(const struct breaker *b)
{
    return b->known >= BREAKER_LEAST && 2 * (unsigned)__builtin_popcount(b->bad) >= b->known;
}

bool breaker_outcome(struct breaker *b, const struct err *e, int64_t now_ms)
{
    enum breaker_mark mark = breaker_mark(e);
    if (mark == BREAKER_GOOD && b->state != BREAKER_CLOSED) { /* a probe, or one sent before it opened: it is there */
        breaker_reset(b, b->first_ms);
        return true;
    }
    if (b->state == BREAKER_OPEN) /* known already */
        return false;
    b->bad = ((b->bad << 1) | (mark != BREAKER_GOOD)) & ((UINT32_C(1) << BREAKER_WINDOW) - 1);
    b->known += b->known < BREAKER_WINDOW;
    bool is_closed = b->state == BREAKER_CLOSED;
    if (mark == BREAKER_GOOD || (is_closed && mark == BREAKER_BAD && !breaker_share_is_bad(b)))
        return false;
    breaker_open(b, e, now_ms);
    return is_closed;
}
