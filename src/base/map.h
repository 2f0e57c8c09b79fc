/*
 * map.h: hash maps from 64-bit keys to pointers; and the hash that turns texts into such keys.
 *
 * Open addressing, grows by doubling, never shrinks below what it holds. The map owns its table, never the values.
 * Each map mixes keys with a seed of its own, so that strangers who choose keys cannot aim at a place in the table.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/base.h"

struct map;

__attribute__((returns_nonnull)) struct map *map_new(void);
void map_free(struct map *m);                            /* NULL is fine */
void *map_get(const struct map *m, uint64_t key);        /* NULL when absent */
void *map_put(struct map *m, uint64_t key, void *value); /* value not NULL; returns the former one or NULL */
void *map_remove(struct map *m, uint64_t key);           /* the removed value or NULL */
size_t map_count(const struct map *m);
/* Visit all: start with *at = 0; false at the end. No put or remove meanwhile. */
bool map_next(const struct map *m, size_t *at, uint64_t *ret_key, void **ret_value);

/* Stable across processes (FNV-1a finished by a mixer): for keys that are stored, such as lanes. */
uint64_t hash_stable(struct str s);

#endif
