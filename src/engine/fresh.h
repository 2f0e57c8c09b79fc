/*
 * fresh.h: what intake has decoded, kept for the attempt that follows at once, so that a delivery is read once. The
 * journal stays the source: what is not here any more is read from there. Few and small ones are kept. Loop thread.
 */
#ifndef ENGINE_FRESH_H
#define ENGINE_FRESH_H

#include "model/event.h"
#include "store/store.h"

struct arena;
struct config;

enum { FRESH_EVENTS = 32, FRESH_BYTES = 64 * 1024 /* of each */ };

struct fresh_event {
    struct arena *arena;   /* holds all of it, this too */
    struct config *config; /* held: by which it was decoded */
    struct entry entry;    /* without the body */
    struct event event;
};
struct fresh {
    struct fresh_event *events[FRESH_EVENTS]; /* by id */
};

struct fresh_event *fresh_new(struct config *config, size_t max_bytes);
void fresh_drop(struct fresh_event *f); /* NULL is fine */
void fresh_auto(struct fresh_event **f);
void fresh_keep(struct fresh *all, struct fresh_event *f);                                  /* takes it over */
struct fresh_event *fresh_take(struct fresh *all, int64_t id, const struct config *config); /* the caller's; or NULL */
void fresh_free(struct fresh *all);

#endif
