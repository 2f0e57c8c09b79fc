/* replay.c: ended events run again, each as a new one: same delivery, same request id, its own id and order. */
#include "base/base.h"
#include "base/arena.h"
#include "base/digest.h"
#include "engine/deed_private.h"
#include "engine/engine_private.h"
#include "engine/metrics.h"

enum { REPLAY_BITE_BYTES = 4 * 1024 * 1024 };

/* It is no delivery again, so it has an identity of its own; the time in front keeps the index growing at its edge. */
static void replay_identity(struct entry *en)
{
    uint64_t seconds = (uint64_t)(en->received_ms / 1000);
    for (int i = 0; i < 8; i++)
        en->dedup[i] = (uint8_t)(seconds >> (56 - 8 * i));
    random_bytes(en->dedup + 8, STORE_DEDUP_BYTES - 8);
}

/* Named anew: this program may know better than the one that took it in. */
static int replay_name(struct deed *d, struct arena *a, struct entry *en, struct err *e)
{
    const struct conf_tracker *t = config_tracker(d->engine->config, en->tracker);
    struct http_request r;
    struct event ev = {0};
    struct err undecodable = {0};
    if (!t)
        return fail(e, ERR_CONFIG, "tracker %s is not configured any more", en->tracker);
    int rc = entry_request(a, en, &r, e);
    if (rc < 0)
        return rc;
    if (entry_is_own(&r)) {
        rc = entry_decode(t, a, &r, &ev, e);
        if (rc == 0)
            intake_describe(a, &ev, en);
        return rc;
    }
    if (intake_name(t, a, &r, en, &ev, &undecodable) == 0 || !d->body.p)
        return 0;
    *e = undecodable;
    return err_within(e, "the new body cannot be decoded");
}

static int replay_read(struct deed *d, int64_t event, struct arena *a, struct entry *ret, struct err *e)
{
    struct store *s = d->engine->parts.store;
    struct pending p;
    int rc = store_get_pending(s, event, &p, e);
    if (rc == 1)
        return fail(e, ERR_CONFLICT, "event %" PRId64 " has not ended; a retry brings it forward", event);
    if (rc == 0)
        rc = store_get_event(s, event, a, ret, e);
    if (rc < 0)
        return rc;
    if (d->body.p)
        ret->body = d->body;
    ret->source = SOURCE_PERSON;
    ret->received_ms = loop_now_ms(d->engine->parts.loop);
    return replay_name(d, a, ret, e);
}

static int replay_add(struct deed *d, int64_t event, struct entry *en, struct err *e)
{
    struct store *s = d->engine->parts.store;
    AUTO(arena_auto) struct arena *a = arena_new(ENGINE_ARENA_BYTES);
    replay_identity(en);
    intake_is_news(d->engine, en);
    int rc = store_add_event(s, en, e);
    if (rc < 0)
        return rc;
    check(rc == 1);
    rc = store_add_replay(s, en->id, event, e);
    if (rc == 0)
        rc = deed_audit(d, "replay", event, arena_fmt(a, "as event %" PRId64 "%s", en->id, d->body.p ? ", edited" : ""),
                        e);
    if (rc == 0)
        rc = deed_audit(d, "replay", en->id, arena_fmt(a, "of event %" PRId64, event), e);
    return rc;
}

/* One event into the batch; how many bytes it has, in *bytes. */
static int replay_one(struct deed *d, size_t place, size_t *bytes, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(ENGINE_ARENA_BYTES);
    struct entry en = {0};
    int rc = replay_read(d, d->events[place], a, &en, e);
    if (rc == 0)
        rc = replay_add(d, d->events[place], &en, e);
    if (rc < 0)
        return rc;
    *bytes += en.body.n;
    d->bite[d->n_bite++] = (struct deed_made){place, en.id, en.lane};
    metrics_add(d->engine->parts.metrics, METRIC_EVENTS, en.tracker, "replayed", 1);
    return 0;
}

/* Its own state is in the way, not the store. */
static bool replay_may_skip(const struct deed *d, const struct err *e)
{
    return d->skips && e->class != ERR_TRANSIENT && e->class != ERR_UNCERTAIN;
}

static int replay_bite(struct deed *d, struct err *e)
{
    size_t bytes = 0;
    int rc = deed_begin(d->engine, d, e);
    d->n_bite = 0;
    while (rc == 0 && d->next < d->n_events && d->n_bite < DEED_BITE && bytes < REPLAY_BITE_BYTES) {
        rc = replay_one(d, d->next++, &bytes, e);
        if (rc < 0 && replay_may_skip(d, e))
            rc = 0;
    }
    return rc;
}

static void replay_durable(struct store_wait *w, const struct err *e);

static void replay_go_on(struct deed *d)
{
    struct err e = {0};
    d->wait.durable = replay_durable;
    if (replay_bite(d, &e) < 0)
        d->done(d, &e);
    else
        store_when_durable(d->engine->parts.store, &d->wait);
}

static void replay_durable(struct store_wait *w, const struct err *e)
{
    struct deed *d = CONTAINER(w, struct deed, wait);
    struct engine *g = d->engine;
    for (size_t i = 0; !e && i < d->n_bite; i++) {
        const struct deed_made *m = &d->bite[i];
        d->made[m->place] = m->id;
        lanes_add(&g->lanes, m->lane, (struct lane_event){m->id, 0});
    }
    loop_again(g->parts.loop);
    if (e || d->next == d->n_events)
        d->done(d, e);
    else
        replay_go_on(d);
}

void deed_replay(struct engine *g, struct deed *d, const int64_t *events, size_t n)
{
    d->engine = g;
    d->events = events;
    d->n_events = n;
    replay_go_on(d);
}

void deed_replay_edited(struct engine *g, struct deed *d, const int64_t *event, struct str body)
{
    d->body = body;
    deed_replay(g, d, event, 1);
}
