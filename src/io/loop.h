/*
 * loop.h: the one loop, and the only clock. A thin face over libuv; other modules include uv.h only through io and
 * http.
 *
 * All callbacks run on the thread that called loop_run, except a pool job's `work`. A process that has a loop ignores
 * SIGPIPE. A turn is: I/O that is ready, timers that are due, then the turn hooks in the order in which they were added
 * (the group commit and the replies that waited for it live there), then deferred frees. A hook returns true when it
 * made new work, also for a hook that has had its turn, and then the next turn does not block.
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include "base/base.h"

struct loop;

__attribute__((returns_nonnull)) struct loop *loop_new(void);
void loop_free(struct loop *l); /* all timers, polls and jobs must have been stopped */
void loop_run(struct loop *l);  /* until loop_stop */
void loop_stop(struct loop *l);

int64_t loop_now_ms(const struct loop *l);  /* wall clock, ms since 1970, read once a turn */
int64_t loop_mono_ms(const struct loop *l); /* monotonic, for intervals, read once a turn */
int64_t clock_now_ms(void);                 /* wall clock, read now: for programs without a loop */
int64_t clock_mono_us(void);                /* monotonic microseconds, read now: for measuring */

/* A timer is a member of its object; start again to move it. The callback finds its object by CONTAINER. */
struct loop_timer {
    void *uv; /* private */
    void (*fire)(struct loop_timer *t);
};
void loop_timer_start(struct loop *l, struct loop_timer *t, int64_t after_ms, void (*fire)(struct loop_timer *t));
void loop_timer_stop(struct loop_timer *t); /* no-op when it is not running */

/* Called at the end of each turn. */
struct loop_hook {
    bool (*turn)(struct loop_hook *h);
    struct loop_hook *next; /* private */
};
void loop_hook_add(struct loop *l, struct loop_hook *h);
void loop_hook_remove(struct loop *l, struct loop_hook *h);
void loop_again(struct loop *l); /* the next turn does not block */

/* A descriptor to watch until loop_poll_stop; ready is called as long as it can be read without blocking. */
struct loop_poll {
    void *uv; /* private */
    void (*ready)(struct loop_poll *p);
};
void loop_poll_start(struct loop *l, struct loop_poll *p, int fd, void (*ready)(struct loop_poll *p));
void loop_poll_stop(struct loop_poll *p); /* before the descriptor is closed; no-op when it is not watched */

/* Signals as events. */
enum { SIGNAL_HUP = 1, SIGNAL_INT = 2, SIGNAL_TERM = 15 }; /* POSIX's numbers */
struct loop_signal {
    void *uv;
    void (*got)(struct loop_signal *s, int number);
};
void loop_signal_start(struct loop *l, struct loop_signal *s, int number, void (*got)(struct loop_signal *, int));
void loop_signal_stop(struct loop_signal *s);
void loop_signal_ignore(int number); /* by the whole process, from now on */

/* Run work on libuv's pool, then done on the loop. The job owns its input and output; nothing is shared. */
struct loop_job {
    void *uv;
    void (*work)(struct loop_job *j); /* pool thread */
    void (*done)(struct loop_job *j); /* loop thread */
};
void loop_job_start(struct loop *l, struct loop_job *j);

/* Free p when the turn has ended: for what a callback up the stack may still see. */
void loop_free_later(struct loop *l, void *p, void (*free_it)(void *p));

/* The libuv loop, for io and http only. */
void *loop_uv(struct loop *l);

#endif
