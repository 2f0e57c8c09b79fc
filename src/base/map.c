#include "base/base.h"
#include "base/map.h"
#include "base/digest.h"

enum { MAP_FIRST = 16 };

struct map_slot {
    uint64_t key;
    void *value; /* NULL: empty */
};

struct map {
    struct map_slot *slots;
    size_t room, n; /* room is 0 or a power of two; at most three quarters are filled */
    uint64_t seed;
};

/* The finalizer of splitmix64: each bit of the key moves all bits of the result. */
static uint64_t map_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static size_t map_home(const struct map *m, uint64_t key)
{
    return (size_t)map_mix(key ^ m->seed) & (m->room - 1);
}

/* Where the key is, or the empty slot where it belongs; the map must have slots. */
static size_t map_find(const struct map *m, uint64_t key)
{
    size_t i = map_home(m, key);
    while (m->slots[i].value && m->slots[i].key != key)
        i = (i + 1) & (m->room - 1);
    return i;
}

struct map *map_new(void)
{
    struct map *m = mem_zero(sizeof *m);
    random_bytes(&m->seed, sizeof m->seed);
    return m;
}

void map_free(struct map *m)
{
    if (!m)
        return;
    mem_free(m->slots);
    mem_free(m);
}

void *map_get(const struct map *m, uint64_t key)
{
    return m->n ? m->slots[map_find(m, key)].value : NULL;
}

static void map_grow(struct map *m)
{
    struct map_slot *old = m->slots;
    size_t n = m->room;
    m->room = n ? 2 * n : MAP_FIRST;
    check(m->room <= SIZE_MAX / sizeof *old);
    m->slots = mem_zero(m->room * sizeof *old);
    for (size_t i = 0; i < n; i++)
        if (old[i].value)
            m->slots[map_find(m, old[i].key)] = old[i];
    mem_free(old);
}

void *map_put(struct map *m, uint64_t key, void *value)
{
    check(value != NULL);
    if (m->n >= m->room / 4 * 3)
        map_grow(m);
    struct map_slot *slot = &m->slots[map_find(m, key)];
    void *former = slot->value;
    *slot = (struct map_slot){key, value};
    m->n += !former;
    return former;
}

void *map_remove(struct map *m, uint64_t key)
{
    if (!m->n)
        return NULL;
    size_t gap = map_find(m, key), mask = m->room - 1;
    void *value = m->slots[gap].value;
    if (!value)
        return NULL;
    /* Move back those behind the gap that it would cut off from their home. */
    for (size_t i = (gap + 1) & mask; m->slots[i].value; i = (i + 1) & mask) {
        size_t home = map_home(m, m->slots[i].key);
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            m->slots[gap] = m->slots[i];
            gap = i;
        }
    }
    m->slots[gap].value = NULL;
    m->n--;
    return value;
}

size_t map_count(const struct map *m)
{
    return m->n;
}

bool map_next(const struct map *m, size_t *at, uint64_t *ret_key, void **ret_value)
{
    while (*at < m->room) {
        const struct map_slot *slot = &m->slots[(*at)++];
        if (!slot->value)
            continue;
        *ret_key = slot->key;
        *ret_value = slot->value;
        return true;
    }
    return false;
}

uint64_t hash_stable(struct str s)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001B3);
    return map_mix(h);
}
