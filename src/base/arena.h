/*
 * arena.h: memory of one unit of work (a request, an attempt, a verb), freed whole.
 *
 * One owner, one thread at a time. Everything an arena hands out lives until arena_free or arena_reset. An arena is
 * opened with a maximum in bytes; asking beyond it aborts, so callers bound their inputs first.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena;

__attribute__((returns_nonnull)) struct arena *arena_new(size_t max_bytes);
void arena_free(struct arena *a);  /* NULL is fine */
void arena_auto(struct arena **a); /* for AUTO */
void arena_reset(struct arena *a); /* forget everything, keep the first block for the next use */
size_t arena_used(const struct arena *a);
size_t arena_room(const struct arena *a);     /* how much may still be asked for, at once */
void *arena_bytes(struct arena *a, size_t n); /* not zeroed, 16-byte aligned */
void *arena_zero(struct arena *a, size_t n);
#define ARENA_NEW(a, type)      ((type *)arena_zero((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
void *arena_array(struct arena *a, size_t n, size_t item); /* zeroed; aborts on overflow */

char *arena_text(struct arena *a, const char *text); /* a copy; NULL gives NULL */
char *arena_str(struct arena *a, struct str s);      /* a terminated copy */
PRINTF(2, 3) char *arena_fmt(struct arena *a, const char *format, ...);

#endif
