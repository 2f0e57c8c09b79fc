#include "base/base.h"
#include "poll/sightings.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "engine/engine.h"
#include "poll/gaps.h"
#include "store/store.h"

enum { SIGHTINGS_BYTES = 1 << 30, SIGHTINGS_HEADERS_BYTES = 16 << 20 };

void sightings_init(struct sightings *s)
{
    *s = (struct sightings){.arena = arena_new(SIGHTINGS_BYTES)};
    s->deliveries = map_new();
    s->issues = map_new();
    s->named = map_new();
}

void sightings_free(struct sightings *s)
{
    map_free(s->deliveries);
    map_free(s->issues);
    map_free(s->named);
    arena_free(s->arena);
    *s = (struct sightings){.arena = NULL};
}

static uint64_t sightings_delivery_key(struct arena *a, const char *hook, const char *guid)
{
    return hash_stable(str_of(arena_fmt(a, "%s %s", hook, guid)));
}

const struct sighting *sightings_issue(const struct sightings *s, const char *ref)
{
    return map_get(s->issues, hash_stable(str_of(ref)));
}

bool sightings_delivery(const struct sightings *s, const char *hook, const char *guid)
{
    return map_get(s->deliveries, sightings_delivery_key(s->arena, hook, guid)) != NULL;
}

void sightings_note_delivery(struct sightings *s, const char *hook, const char *guid)
{
    map_put(s->deliveries, sightings_delivery_key(s->arena, hook, guid), s);
}

static const char *sightings_header(const struct json *headers, const char *name)
{
    JSON_EACH (h, headers)
        if (text_same_nocase(json_key(h), name))
            return json_text(h);
    return NULL;
}

static void sightings_add_delivery(struct sightings *s, const struct sightings_want *want, const char *headers)
{
    AUTO(arena_auto) struct arena *a = arena_new(SIGHTINGS_HEADERS_BYTES);
    const struct json *root = NULL;
    struct err e = {0};
    if (!want->delivery_header || !headers || json_parse(a, str_of(headers), &root, &e) < 0)
        return;
    const char *hook = sightings_header(root, want->hook_header), *guid = sightings_header(root, want->delivery_header);
    if (guid)
        sightings_note_delivery(s, hook ? hook : "", guid);
}

static void sightings_add_issue(struct sightings *s, const char *ref, const struct event_head *h)
{
    uint64_t key = hash_stable(str_of(ref));
    struct sighting *one = map_get(s->issues, key);
    if (!one) {
        one = ARENA_NEW(s->arena, struct sighting);
        map_put(s->issues, key, one);
    }
    if (h->received_ms > one->received_ms)
        one->received_ms = h->received_ms;
    if (h->verdict != VERDICT_DISCARDED && h->received_ms > one->heeded_ms)
        one->heeded_ms = h->received_ms;
    if (h->verdict == VERDICT_APPLIED && h->ended_ms > one->applied_ms)
        one->applied_ms = h->ended_ms;
    one->is_open |= h->verdict == VERDICT_QUEUED;
}

static void sightings_add_place(struct sightings *s, const char *ref)
{
    const char *place = gap_place(s->arena, ref);
    if (place && !map_put(s->named, hash_stable(str_of(place)), s))
        texts_add(s->arena, &s->places, place);
}

void sightings_add(struct sightings *s, const struct sightings_want *want, const struct event_head *h)
{
    size_t n = strlen(want->tracker);
    s->last = h->id;
    bool is_its = text_same(h->tracker, want->tracker);
    s->is_told |= is_its && h->source == SOURCE_WEBHOOK;
    if (engine_is_dry(h->headers)) /* nothing came of it */
        return;
    if (!is_its && want->others)
        sightings_add_issue(s, h->subject, h);
    if (!is_its || !text_starts(h->subject, want->tracker) || h->subject[n] != ':')
        return;
    sightings_add_delivery(s, want, h->headers);
    sightings_add_issue(s, h->subject + n + 1, h);
    sightings_add_place(s, h->subject + n + 1);
}

/* --- the job --- */

static int sightings_each(void *ctx, const struct event_head *h)
{
    struct sightings_job *j = ctx;
    sightings_add(&j->found, &j->want, h);
    return 0;
}

static void sightings_work(struct loop_job *job)
{
    struct sightings_job *j = CONTAINER(job, struct sightings_job, job);
    AUTO(store_reader_auto) struct store_reader *reader = NULL;
    struct err e = {0};
    int rc = store_reader_open(&reader, j->store_url, &e);
    if (rc == 0)
        rc = store_each_head(reader, j->want.after, j->want.since_ms, sightings_each, j, &e);
    if (rc < 0)
        j->error = e;
}

static void sightings_worked(struct loop_job *job)
{
    struct sightings_job *j = CONTAINER(job, struct sightings_job, job);
    j->done(j, j->error.class == ERR_NONE ? NULL : &j->error);
}

void sightings_look(struct loop *loop, struct sightings_job *j, const char *store_url,
                    const struct sightings_want *want)
{
    sightings_free(&j->found);
    sightings_init(&j->found);
    j->want = *want;
    j->store_url = store_url;
    j->error = (struct err){.class = ERR_NONE};
    j->job = (struct loop_job){.work = sightings_work, .done = sightings_worked};
    loop_job_start(loop, &j->job);
}
