/*
 * remote.h: the turns of one tracker: how many exchanges at once, how fast (pace.h), and whether at all (breaker.h).
 * Everything that is sent to a tracker waits here for its turn, first come first served. Loop thread.
 */
#ifndef ENGINE_REMOTE_H
#define ENGINE_REMOTE_H

#include "base/list.h"
#include "conf/config.h"
#include "engine/breaker.h"
#include "engine/budget.h"
#include "engine/pace.h"
#include "io/loop.h"

struct grant;

struct remote {
    char *name; /* owned */
    struct loop *loop;
    struct pace pace; /* by the monotonic clock */
    int64_t concurrency;
    int64_t running;
    int64_t sent; /* exchanges so far */
    struct list waiting;
    struct loop_timer timer;
    struct remote_writes { /* a gate that writes pass first, where the tracker's kind asks for it */
        struct pace pace;
        int64_t at_once; /* 0: there is none */
        int64_t running;
        struct list waiting;
        struct loop_timer timer;
    } writes;
    struct budget creations; /* by the monotonic clock; kept by creations.c */
    struct breaker breaker;
    struct loop_timer probe; /* while the breaker is open: when somebody is to try */
    struct remote_watch *watch;
    struct grant *grant; /* owned; NULL: none is needed */
};

struct remote_watch { /* who wants to know of breakers; a member of its object */
    void (*changed)(struct remote_watch *w, struct remote *r); /* it opened or closed */
    void (*probe)(struct remote_watch *w, struct remote *r);   /* let somebody ask, again and again until it closes */
};

struct remote_turn { /* a member of who waits */
    struct list link;
    bool is_write;
    bool has_passed;                                             /* the gate of writes */
    void (*granted)(struct remote_turn *t);                      /* called from remote_ask itself when there is room */
    void (*refused)(struct remote_turn *t, const struct err *e); /* there are no credentials to send it with */
};

void remote_init(struct remote *r, struct loop *loop, const char *name, struct remote_watch *watch);
/* Also closes its breaker; first_ms is the breaker's first pause. */
void remote_configure(struct remote *r, const struct conf_tracker *c, int64_t first_ms);
/* The credentials that are granted, from now on; owned. What those of before have begun is given up. */
void remote_use_grant(struct remote *r, struct grant *g);
void remote_stop(struct remote *r); /* stops its timer and frees what it owns; those who wait are forgotten */
void remote_ask(struct remote *r, struct remote_turn *t);
void remote_give_up(struct remote *r, struct remote_turn *t); /* no longer wants its turn */
/* An exchange that was granted has ended; was_write: what its turn's has_passed was then. */
void remote_finish(struct remote *r, bool was_write);
void remote_take(struct remote *r); /* a place for an exchange of the grant's own, given back by remote_finish */
/* Nothing can be sent: everybody who waits is told. */
void remote_refuse(struct remote *r, const struct err *e);
void remote_pause(struct remote *r, int64_t until_ms); /* wall time */
int64_t remote_pause_left(const struct remote *r);     /* ms; 0: it is not paused */
/* A limit is near: see pace_slow; until_ms is wall time. True when it was not slow before. */
bool remote_slow(struct remote *r, int64_t gap_ms, int64_t until_ms);
bool remote_allows(struct remote *r);                       /* its breaker: may an exchange go now? */
void remote_outcome(struct remote *r, const struct err *e); /* of an exchange; e NULL: it was answered sensibly */

#endif
