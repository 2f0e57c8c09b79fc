#include "base/base.h"
#include "engine/known.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"

enum { KNOWN_ONE_BYTES = 256 * 1024, KNOWN_BYTES = 16 * 1024 * 1024, KNOWN_MINUTE_MS = 60 * 1000 };

static const int64_t known_for_ms[FACT_KINDS] = {
    [FACT_WHOAMI] = 60 * KNOWN_MINUTE_MS, [FACT_PERSON] = 60 * KNOWN_MINUTE_MS, [FACT_BOARD] = 30 * KNOWN_MINUTE_MS,
    [FACT_FILE] = 15 * KNOWN_MINUTE_MS,   [FACT_LABELS] = 15 * KNOWN_MINUTE_MS, [FACT_FIELDS] = 30 * KNOWN_MINUTE_MS,
};

struct known_fact {
    struct list age;
    uint64_t key;
    int64_t until_ms;
    size_t n;
    char json[]; /* by fact_table: a copy that belongs to no arena */
};

void known_init(struct known *k)
{
    k->by_key = map_new();
    list_init(&k->by_age);
    k->bytes = 0;
}

static void known_drop(struct known *k, struct known_fact *f)
{
    list_remove(&f->age);
    map_remove(k->by_key, f->key);
    k->bytes -= f->n;
    mem_free(f);
}

void known_forget(struct known *k)
{
    LIST_EACH (it, &k->by_age)
        known_drop(k, CONTAINER(it, struct known_fact, age));
}

void known_free(struct known *k)
{
    known_forget(k);
    map_free(k->by_key);
}

static uint64_t known_key(const struct fact_key *key)
{
    AUTO(text_auto) struct text t;
    text_init(&t, KNOWN_ONE_BYTES);
    text_addf(&t, "%d\n%s\n%s\n%s", (int)key->kind, key->tracker, key->ref, key->by ? key->by : "");
    return hash_stable(text_str(&t));
}

struct fact *known_get(struct known *k, const struct fact_key *key, int64_t mono_ms, struct arena *a)
{
    if (k->bytes == 0)
        return NULL;
    struct known_fact *f = map_get(k->by_key, known_key(key));
    if (!f)
        return NULL;
    const struct json *root = NULL;
    struct fact *ret = ARENA_NEW(a, struct fact);
    bool is_good = f->until_ms > mono_ms && json_parse(a, (struct str){f->json, f->n}, &root, NULL) == 0 &&
                   field_read(&fact_table, root, a, ret, NULL) == 0 && fact_key_same(&ret->key, key);
    if (!is_good)
        known_drop(k, f);
    return is_good ? ret : NULL;
}

void known_put(struct known *k, const struct fact *f, int64_t mono_ms)
{
    if (known_for_ms[f->key.kind] && f->state != FACT_SAME && f->state != FACT_FAILED)
        known_put_for(k, f, mono_ms, known_for_ms[f->key.kind]);
}

void known_remove(struct known *k, const struct fact_key *key)
{
    struct known_fact *f = k->bytes == 0 ? NULL : map_get(k->by_key, known_key(key));
    if (f)
        known_drop(k, f);
}

void known_put_for(struct known *k, const struct fact *f, int64_t mono_ms, int64_t for_ms)
{
    AUTO(text_auto) struct text t;
    text_init(&t, KNOWN_ONE_BYTES);
    field_write_whole(&fact_table, f, &t);
    uint64_t key = known_key(&f->key);
    struct known_fact *former = map_get(k->by_key, key);
    if (former)
        known_drop(k, former);
    if (text_full(&t))
        return;
    struct known_fact *kept = mem_zero(sizeof *kept + t.n);
    kept->key = key;
    kept->until_ms = mono_ms + for_ms;
    kept->n = t.n;
    memcpy(kept->json, text_str(&t).p, t.n);
    map_put(k->by_key, kept->key, kept);
    list_add(&k->by_age, &kept->age);
    k->bytes += t.n;
    while (k->bytes > KNOWN_BYTES)
        known_drop(k, CONTAINER(k->by_age.next, struct known_fact, age));
}
