#include "base/base.h"
#include "base/heap.h"

enum { HEAP_FIRST = 16 };

void heap_free(struct heap *h)
{
    for (size_t i = 0; i < h->n; i++)
        h->v[i]->place = 0;
    mem_free(h->v);
    *h = (struct heap){0};
}

static void heap_set(struct heap *h, size_t place, struct heap_item *item)
{
    h->v[place - 1] = item;
    item->place = place;
}

static void heap_up(struct heap *h, struct heap_item *item)
{
    size_t at = item->place;
    for (; at > 1 && h->v[at / 2 - 1]->key > item->key; at /= 2)
        heap_set(h, at, h->v[at / 2 - 1]);
    heap_set(h, at, item);
}

static void heap_down(struct heap *h, struct heap_item *item)
{
    size_t at = item->place;
    for (size_t child; (child = 2 * at) <= h->n; at = child) {
        if (child < h->n && h->v[child]->key < h->v[child - 1]->key)
            child++;
        if (h->v[child - 1]->key >= item->key)
            break;
        heap_set(h, at, h->v[child - 1]);
    }
    heap_set(h, at, item);
}

void heap_put(struct heap *h, struct heap_item *item, int64_t key)
{
    item->key = key;
    if (!item->place) {
        if (h->n == h->room) {
            h->room = h->room ? 2 * h->room : HEAP_FIRST;
            h->v = mem_grow(h->v, h->room, sizeof(h->v[0]));
        }
        h->n++;
        heap_set(h, h->n, item);
    }
    heap_up(h, item);
    heap_down(h, item);
}

void heap_remove(struct heap *h, struct heap_item *item)
{
    if (!item->place)
        return;
    struct heap_item *last = h->v[--h->n];
    if (last != item) {
        heap_set(h, item->place, last);
        heap_up(h, last);
        heap_down(h, last);
    }
    item->place = 0;
}

struct heap_item *heap_first(const struct heap *h)
{
    return h->n ? h->v[0] : NULL;
}
