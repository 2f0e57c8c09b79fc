#include "base/base.h"
#include "engine/fresh.h"
#include "base/arena.h"
#include "conf/config.h"

struct fresh_event *fresh_new(struct config *config, size_t max_bytes)
{
    struct arena *a = arena_new(max_bytes);
    struct fresh_event *f = ARENA_NEW(a, struct fresh_event);
    f->arena = a;
    f->config = config_get(config);
    return f;
}

void fresh_drop(struct fresh_event *f)
{
    if (!f)
        return;
    config_put(f->config);
    arena_free(f->arena);
}

void fresh_auto(struct fresh_event **f)
{
    fresh_drop(*f);
}

static struct fresh_event **fresh_place(struct fresh *all, int64_t id)
{
    return &all->events[(uint64_t)id % FRESH_EVENTS];
}

void fresh_keep(struct fresh *all, struct fresh_event *f)
{
    struct fresh_event **place = fresh_place(all, f->entry.id);
    bool is_small = arena_used(f->arena) <= FRESH_BYTES;
    fresh_drop(*place);
    *place = is_small ? f : NULL;
    if (!is_small)
        fresh_drop(f);
}

struct fresh_event *fresh_take(struct fresh *all, int64_t id, const struct config *config)
{
    struct fresh_event **place = fresh_place(all, id);
    if (!*place || (*place)->entry.id != id)
        return NULL;
    AUTO(fresh_auto) struct fresh_event *f = TAKE(*place);
    return f->config == config ? TAKE(f) : NULL;
}

void fresh_free(struct fresh *all)
{
    for (size_t i = 0; i < FRESH_EVENTS; i++)
        fresh_drop(TAKE(all->events[i]));
}
