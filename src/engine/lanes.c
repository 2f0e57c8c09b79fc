#include "base/base.h"
#include "engine/lanes.h"
#include "base/map.h"

struct lane_joined {
    uint64_t into;
};

void lanes_init(struct lanes *ls)
{
    *ls = (struct lanes){.by_key = map_new(), .joined = map_new()};
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
    void *lane, *joined;
    heap_free(&ls->parked); /* it lets its items know, so they must be there still */
    while (map_next(ls->by_key, &at, &key, &lane))
        lane_free(lane);
    map_free(ls->by_key);
    for (at = 0; map_next(ls->joined, &at, &key, &joined);)
        mem_free(joined);
    map_free(ls->joined);
}

size_t lanes_count(const struct lanes *ls)
{
    return map_count(ls->by_key);
}

uint64_t lanes_root(const struct lanes *ls, uint64_t key)
{
    for (const struct lane_joined *j; (j = map_get(ls->joined, key));)
        key = j->into;
    return key;
}

/* Both are roots, and not the same: so there is never a ring. */
static void lanes_put_joined(struct lanes *ls, uint64_t from, uint64_t into)
{
    check(from != into && lanes_root(ls, into) == into);
    struct lane_joined *j = mem_zero(sizeof *j);
    j->into = into;
    check(!map_put(ls->joined, from, j));
}

struct lane *lanes_find(const struct lanes *ls, uint64_t key)
{
    return map_get(ls->by_key, lanes_root(ls, key));
}

static struct lane_event *lane_behind(const struct lane *l, size_t i)
{
    return &l->behind[(l->first + i) % l->room];
}

static void lane_make_room(struct lane *l, size_t room)
{
    struct lane_event *grown = mem_grow(NULL, room, sizeof *grown);
    for (size_t i = 0; i < l->n_behind; i++)
        grown[i] = *lane_behind(l, i);
    mem_free(l->behind);
    l->behind = grown;
    l->first = 0;
    l->room = room;
}

static void lane_push(struct lane *l, struct lane_event event)
{
    if (l->n_behind == l->room)
        lane_make_room(l, l->room ? 2 * l->room : 4);
    l->n_behind++;
    *lane_behind(l, l->n_behind - 1) = event;
}

/* Behind the head, in the order of ids. */
static void lane_insert(struct lane *l, struct lane_event event)
{
    lane_push(l, event);
    for (size_t i = l->n_behind - 1; i > 0 && lane_behind(l, i - 1)->id > event.id; i--) {
        *lane_behind(l, i) = *lane_behind(l, i - 1);
        *lane_behind(l, i - 1) = event;
    }
}

static struct lane_event lane_shift(struct lane *l)
{
    struct lane_event first = *lane_behind(l, 0);
    l->first = (l->first + 1) % l->room;
    l->n_behind--;
    return first;
}

static void lanes_ready(struct lanes *ls, struct lane *l)
{
    l->state = LANE_READY;
    list_add(&ls->ready, &l->ready);
}

static struct lane *lane_new(struct lanes *ls, uint64_t key, struct lane_event event)
{
    struct lane *l = mem_zero(sizeof *l);
    l->key = key;
    l->head = event;
    map_put(ls->by_key, key, l);
    lanes_ready(ls, l);
    return l;
}

struct lane *lanes_add(struct lanes *ls, uint64_t key, struct lane_event event)
{
    struct lane *l = lanes_find(ls, key);
    ls->events++;
    if (!l)
        return lane_new(ls, lanes_root(ls, key), event);
    bool comes_first = l->state != LANE_RUNNING && event.id < l->head.id;
    lane_insert(l, comes_first ? l->head : event);
    if (comes_first)
        l->head = event;
    return l;
}

/* Off the list or heap of its state; what it waited for is over. */
static void lanes_detach(struct lanes *ls, struct lane *l)
{
    if (l->state == LANE_RUNNING)
        ls->running--;
    else if (l->state == LANE_READY)
        list_remove(&l->ready);
    else
        heap_remove(&ls->parked, &l->due);
    l->wait = (struct lane_wait){0};
}

/* All of both, oldest first, into `all`; returns how many. */
static size_t lanes_zip(struct lane *a, struct lane *b, struct lane_event *all)
{
    size_t n = 0;
    while (a->n_behind > 0 || b->n_behind > 0) {
        bool from_a = b->n_behind == 0 || (a->n_behind > 0 && lane_behind(a, 0)->id < lane_behind(b, 0)->id);
        all[n++] = lane_shift(from_a ? a : b);
    }
    return n;
}

bool lanes_merge(struct lanes *ls, struct lane *into, struct lane *from)
{
    check(from->state == LANE_RUNNING && into != from);
    bool goes_on = into->state != LANE_RUNNING && from->head.id < into->head.id;
    struct lane_event waits = goes_on ? into->head : from->head;
    size_t room = into->n_behind + from->n_behind + 2;
    struct lane_event *all = mem_grow(NULL, room, sizeof *all);
    size_t n = lanes_zip(into, from, all), at = n;
    for (; at > 0 && all[at - 1].id > waits.id; at--)
        all[at] = all[at - 1];
    all[at] = waits;
    if (goes_on) {
        lanes_detach(ls, into);
        into->state = LANE_RUNNING;
        into->head = from->head;
    } else {
        ls->running--;
    }
    mem_free(into->behind);
    into->behind = all;
    into->first = 0;
    into->n_behind = n + 1;
    into->room = room;
    map_remove(ls->by_key, from->key);
    lanes_put_joined(ls, from->key, into->key);
    lane_free(from);
    return goes_on;
}

void lanes_rename(struct lanes *ls, struct lane *l, uint64_t key)
{
    map_remove(ls->by_key, l->key);
    lanes_put_joined(ls, l->key, key);
    l->key = key;
    map_put(ls->by_key, key, l);
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
    l->head = lane_shift(l);
    lanes_ready(ls, l);
}

void lanes_claim(struct lanes *ls, struct lane *l)
{
    check(l->state != LANE_RUNNING);
    lanes_detach(ls, l);
    l->state = LANE_RUNNING;
    ls->running++;
}

void lanes_forget(struct lanes *ls, struct lane *l, int64_t event)
{
    int64_t place = lane_place(l, event);
    if (place < 1)
        return;
    for (size_t i = (size_t)place; i < l->n_behind; i++)
        *lane_behind(l, i - 1) = *lane_behind(l, i);
    l->n_behind--;
    ls->events--;
}

/* What joined the lane, or came back, while a later event ran comes before that now. */
static void lane_order(struct lane *l)
{
    if (l->n_behind == 0 || lane_behind(l, 0)->id > l->head.id)
        return;
    struct lane_event first = lane_shift(l);
    lane_insert(l, l->head);
    l->head = first;
}

void lanes_park(struct lanes *ls, struct lane *l, struct lane_wait wait)
{
    if (l->state != LANE_PARKED)
        lanes_detach(ls, l);
    lane_order(l);
    l->state = LANE_PARKED;
    l->wait = wait;
    heap_put(&ls->parked, &l->due, wait.until_ms);
}

void lanes_wake(struct lanes *ls, struct lane *l)
{
    if (l->state != LANE_PARKED)
        return;
    lanes_detach(ls, l);
    lanes_ready(ls, l);
}

void lanes_wake_class(struct lanes *ls, enum err_class why)
{
    size_t at = 0;
    uint64_t key;
    void *lane;
    while (map_next(ls->by_key, &at, &key, &lane))
        if (((struct lane *)lane)->wait.why == why)
            lanes_wake(ls, lane);
}

size_t lanes_wake_held(struct lanes *ls, const void *held_by, size_t most)
{
    size_t at = 0, woken = 0;
    uint64_t key;
    void *lane;
    while (woken < most && map_next(ls->by_key, &at, &key, &lane)) {
        struct lane *l = lane;
        if (l->state != LANE_PARKED || l->wait.held_by != held_by)
            continue;
        lanes_wake(ls, l);
        woken++;
    }
    return woken;
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

bool lanes_each(const struct lanes *ls, size_t *at, const struct lane **ret)
{
    uint64_t key;
    void *lane;
    if (!map_next(ls->by_key, at, &key, &lane))
        return false;
    *ret = lane;
    return true;
}

int64_t lane_event_at(const struct lane *l, size_t place)
{
    return place == 0 ? l->head.id : lane_behind(l, place - 1)->id;
}

int64_t lane_place(const struct lane *l, int64_t event)
{
    if (l->head.id == event)
        return 0;
    for (size_t i = 0; i < l->n_behind; i++)
        if (lane_behind(l, i)->id == event)
            return (int64_t)i + 1;
    return -1;
}
