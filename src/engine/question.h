/*
 * question.h: one fact asked of a tracker outside any event: by those who list, compare and look after hooks. It takes
 * its turn, heeds limits and the breaker, and is counted like every exchange; it is not retried. Loop thread.
 */
#ifndef ENGINE_QUESTION_H
#define ENGINE_QUESTION_H

#include "engine/work.h"
#include "model/fact.h"

struct engine;

struct question { /* a member of who asks, zeroed; `done` is filled, the rest is private */
    /* Once, perhaps at once; may free or ask again. The fact lives until it returns. CONFIG: no such tracker. */
    void (*done)(struct question *q, const struct fact *f, const struct err *e);

    struct config *config;
    struct arena *arena;
    struct fact_key want;
    struct work work;
    size_t bytes_left;
};
/* The key is copied. */
void question_ask(struct engine *g, struct question *q, const struct fact_key *want);
/* A change to make instead, outside any event: what concerns no issue. Its fact is NULL, its result in q->work.result.
 * What the change points to lives until done. */
void question_change(struct engine *g, struct question *q, const char *tracker, const struct change *change);
bool question_is_open(const struct question *q);
void question_cancel(struct question *q); /* done is not called; no-op when it is not open */

#endif
