/*
 * heap.h: a binary heap of items ordered by an int64 (a time in ms), whose places are members of the items, so that
 * removing or moving one is O(log n). Owns its array, never the items.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/base.h"

struct heap_item {
    int64_t key;
    size_t place; /* 1-based; 0: in no heap */
};
struct heap {
    struct heap_item **v;
    size_t n, room;
};

void heap_free(struct heap *h);
void heap_put(struct heap *h, struct heap_item *item, int64_t key); /* adds, or moves when it is there */
void heap_remove(struct heap *h, struct heap_item *item);           /* no-op when it is in no heap */
struct heap_item *heap_first(const struct heap *h);                 /* smallest key; NULL when empty */

#endif
