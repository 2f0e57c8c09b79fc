#include "base/base.h"
#include "engine/lanes.h"
#include "base/map.h"

void lanes_init(struct lanes *ls)
{
    *ls = (struct lanes){.by_key = map_new()};
    list_init(&ls->ready);
}

static void lane_free(struct lane *l)
{
    mem_free(l->behind);
    mem_free(l);
}

void lanes_free(struct lanes *ls)
{
    size_t at = 0;
    uint64_t key;
    void *lane;
    heap_free(&ls->parked); /* it lets its items know, so they must be there still */
    while (map_next(ls->by_key, &at, &key, &lane))
        lane_free(lane);
    map_free(ls->by_key);
}

size_t lanes_count(const struct lanes *ls)
{
    return map_count(ls->by_key);
}

struct lane *lanes_find(const struct lanes *ls, uint64_t key)
{
    return map_get(ls->by_key, key);
}

static int64_t lane_behind(const struct lane *l, size_t i)
{
    return l->behind[(l->first + i) % l->room];
}

static void lane_push(struct lane *l, int64_t event)
{
    if (l->n_behind == l->room) {
        size_t room = l->room ? 2 * l->room : 4;
        int64_t *grown = mem_grow(NULL, room, sizeof *grown);
        for (size_t i = 0; i < l->n_behind; i++)
            grown[i] = lane_behind(l, i);
        mem_free(l->behind);
        l->behind = grown;
        l->first = 0;
        l->room = room;
    }
    l->behind[(l->first + l->n_behind++) % l->room] = event;
}

static void lanes_ready(struct lanes *ls, struct lane *l)
{
    l->state = LANE_READY;
    list_add(&ls->ready, &l->ready);
}

struct lane *lanes_add(struct lanes *ls, uint64_t key, int64_t event)
{
    struct lane *l = map_get(ls->by_key, key);
    ls->events++;
    if (l) {
        lane_push(l, event);
        return l;
    }
    l = mem_zero(sizeof *l);
    l->key = key;
    l->head = event;
    map_put(ls->by_key, key, l);
    lanes_ready(ls, l);
    return l;
}

struct lane *lanes_take(struct lanes *ls)
{
    if (list_empty(&ls->ready))
        return NULL;
    struct lane *l = CONTAINER(ls->ready.next, struct lane, ready);
    list_remove(&l->ready);
    l->state = LANE_RUNNING;
    ls->running++;
    return l;
}

void lanes_end(struct lanes *ls, struct lane *l)
{
    check(l->state == LANE_RUNNING);
    ls->running--;
    ls->events--;
    if (l->n_behind == 0) {
        map_remove(ls->by_key, l->key);
        lane_free(l);
        return;
    }
    l->head = lane_behind(l, 0);
    l->first = (l->first + 1) % l->room;
    l->n_behind--;
    l->attempts = 0;
    lanes_ready(ls, l);
}

void lanes_park(struct lanes *ls, struct lane *l, int64_t until_ms)
{
    if (l->state == LANE_RUNNING)
        ls->running--;
    else if (l->state == LANE_READY)
        list_remove(&l->ready);
    l->state = LANE_PARKED;
    heap_put(&ls->parked, &l->due, until_ms);
}

void lanes_wake(struct lanes *ls, struct lane *l)
{
    if (l->state != LANE_PARKED)
        return;
    heap_remove(&ls->parked, &l->due);
    lanes_ready(ls, l);
}

void lanes_wake_class(struct lanes *ls, enum err_class why)
{
    size_t at = 0;
    uint64_t key;
    void *lane;
    while (map_next(ls->by_key, &at, &key, &lane))
        if (((struct lane *)lane)->why == why)
            lanes_wake(ls, lane);
}

int64_t lanes_wake_due(struct lanes *ls, int64_t now_ms)
{
    for (struct heap_item *first; (first = heap_first(&ls->parked));) {
        if (first->key > now_ms)
            return first->key;
        lanes_wake(ls, CONTAINER(first, struct lane, due));
    }
    return INT64_MAX;
}

int64_t lane_place(const struct lane *l, int64_t event)
{
    if (l->head == event)
        return 0;
    for (size_t i = 0; i < l->n_behind; i++)
        if (lane_behind(l, i) == event)
            return (int64_t)i + 1;
    return -1;
}
