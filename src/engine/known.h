/*
 * known.h: facts that stay true for a while (who we are, a board's columns, a repository's files), kept between
 * attempts so that not each of them asks again. In memory, bounded, forgotten by a reload. Loop thread.
 */
#ifndef ENGINE_KNOWN_H
#define ENGINE_KNOWN_H

#include "base/list.h"
#include "model/fact.h"

struct map;

struct known {
    struct map *by_key;
    struct list by_age; /* oldest first */
    size_t bytes;
};

void known_init(struct known *k);
void known_forget(struct known *k); /* all of it */
void known_free(struct known *k);
/* The fact in the arena, when it was read not too long ago for its kind; else NULL. */
struct fact *known_get(struct known *k, const struct fact_key *key, int64_t mono_ms, struct arena *a);
/* No-op for kinds that change at any time. */
void known_put(struct known *k, const struct fact *f, int64_t mono_ms);
/* Whatever its kind: who puts it there sees to it that it is removed when it may have changed. */
void known_put_for(struct known *k, const struct fact *f, int64_t mono_ms, int64_t for_ms);
void known_remove(struct known *k, const struct fact_key *key);

#endif
