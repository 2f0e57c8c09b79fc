/* intake.c: a delivery → the journal. Decoding names it: its lane, its subject, its identity. */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "engine/metrics.h"

enum { INTAKE_HEADERS_BYTES = 32 * 1024, INTAKE_IDENTITY_BYTES = 32 * 1024 * 1024 };

int engine_verify(struct engine *g, const struct conf_tracker *t, struct arena *a, const struct http_request *r,
                  struct err *e)
{
    int rc = tracker_driver(t)->verify(t, a, r, e);
    if (rc < 0)
        metrics_add(g->parts.metrics, METRIC_EVENTS, t->name, "refused", 1);
    return rc;
}

/* Headers that decoding or a person may need; credentials are not among them. */
static bool intake_keeps(const char *name)
{
    static const char *const kept[] = {"content-type", "user-agent", "x-request-id"};
    static const char *const families[] = {"x-github-", "x-atlassian-", "x-gitlab-"};
    for (size_t i = 0; i < COUNT(kept); i++)
        if (text_same_nocase(name, kept[i]))
            return true;
    for (size_t i = 0; i < COUNT(families); i++)
        if (strncasecmp(name, families[i], strlen(families[i])) == 0)
            return true;
    return false;
}

static const char *intake_headers(struct arena *a, const struct http_headers *h)
{
    AUTO(text_auto) struct text to;
    text_init(&to, INTAKE_HEADERS_BYTES);
    struct json_out o;
    json_start(&o, &to);
    json_open(&o, NULL, '{');
    for (size_t i = 0; i < h->n; i++)
        if (intake_keeps(h->v[i].name))
            json_put_text(&o, h->v[i].name, h->v[i].value);
    json_close(&o);
    return text_full(&to) ? "{}" : arena_str(a, text_str(&to));
}

/* The sender's seconds in front keep the index of identities growing at its right edge. */
static void intake_identity(struct entry *en, int64_t sender_ms, struct str identity)
{
    uint8_t digest[SHA256_BYTES];
    uint64_t seconds = (uint64_t)(sender_ms / 1000);
    sha256(identity, digest);
    for (int i = 0; i < 8; i++)
        en->dedup[i] = (uint8_t)(seconds >> (56 - 8 * i));
    memcpy(en->dedup + 8, digest, STORE_DEDUP_BYTES - 8);
}

void intake_describe(struct arena *a, const struct event *ev, struct entry *en)
{
    en->kind = ev->routing ? ev->routing : arena_fmt(a, "%s.%s", ev->target, ev->action);
    en->subject = arena_fmt(a, "%s:%s", en->tracker, ev->issue.ref);
    en->lane = hash_stable(str_of(en->subject));
}

static void intake_known(struct entry *en, const struct tracker_driver *d, struct arena *a, const struct event *ev)
{
    AUTO(text_auto) struct text identity;
    text_init(&identity, INTAKE_IDENTITY_BYTES);
    text_addf(&identity, "%s\n", en->tracker);
    d->identify(ev, &identity);
    intake_identity(en, ev->happened_ms, text_str(&identity));
    intake_describe(a, ev, en);
}

/* Nobody can say which issue it is about, so it has a lane of its own. */
static void intake_undecodable(struct entry *en, struct str body)
{
    AUTO(text_auto) struct text identity;
    text_init(&identity, INTAKE_IDENTITY_BYTES + body.n);
    text_addf(&identity, "%s\n", en->tracker);
    text_add(&identity, body);
    intake_identity(en, 0, text_str(&identity));
    en->kind = "undecodable";
    en->subject = "";
    en->lane = hash_stable((struct str){(const char *)en->dedup, sizeof en->dedup});
}

void intake_is_news(struct engine *g, const struct entry *en)
{
    const char *colon = strchr(en->subject, ':');
    if (colon)
        engine_forget_picture(g, en->tracker, colon + 1);
}

int intake_name(const struct conf_tracker *t, struct arena *a, const struct http_request *r, struct entry *en,
                struct event *ret, struct err *e)
{
    const struct tracker_driver *d = tracker_driver(t);
    *ret = (struct event){.received_ms = en->received_ms};
    int rc = d->decode(t, a, r, ret, e);
    if (rc == 0)
        intake_known(en, d, a, ret);
    else
        intake_undecodable(en, r->body);
    return rc;
}

struct intake { /* a delivery that waits for the disk */
    struct store_wait wait;
    struct engine *engine;
    uint64_t lane;
    struct receipt receipt;
    struct intake_told told;
};

static void intake_durable(struct store_wait *w, const struct err *e)
{
    struct intake *in = CONTAINER(w, struct intake, wait);
    struct engine *g = in->engine;
    if (!g->is_stopping)
        engine_stored(g, e);
    if (!e && !in->receipt.is_duplicate) {
        course_added(&g->lanes, in->lane, in->receipt.id);
        loop_again(g->parts.loop);
    }
    in->told.done(in->told.ctx, &in->receipt, e);
    mem_free(in);
}

static int intake_add(struct engine *g, struct entry *en, struct intake *in, struct err *e)
{
    int rc = store_add_event(g->parts.store, en, e);
    if (rc < 0)
        return rc;
    in->lane = en->lane;
    in->receipt = (struct receipt){.id = en->id, .is_duplicate = rc == 0};
    metrics_add(g->parts.metrics, METRIC_EVENTS, en->tracker, rc == 0 ? "duplicate" : "accepted", 1);
    return rc;
}

/* wrong: why it cannot be kept; NULL: it can. True: it is new. */
static bool intake_keep(struct engine *g, struct entry *en, const struct intake_told *told, const struct err *wrong)
{
    struct err e = {0};
    int rc = 0;
    struct intake *in = mem_zero(sizeof *in);
    *in = (struct intake){.wait.durable = intake_durable, .engine = g, .told = *told};
    if (!wrong)
        rc = g->is_stopping ? fail(&e, ERR_TRANSIENT, "shutting down") : intake_add(g, en, in, &e);
    if (wrong || rc < 0)
        intake_durable(&in->wait, wrong ? wrong : &e);
    else
        store_when_durable(g->parts.store, &in->wait);
    return rc > 0;
}

/* Only what can run at once: an event whose lane is busy may wait for hours. */
static void intake_remember(struct engine *g, const struct conf_tracker *t, struct fresh_event **f)
{
    struct entry *en = &(*f)->entry;
    if (lanes_find(&g->lanes, en->lane) || config_tracker((*f)->config, en->tracker) != t)
        return;
    en->body = (struct str){NULL, 0};
    en->request_id = arena_text((*f)->arena, en->request_id);
    entry_stamp(en, t, &(*f)->event);
    fresh_keep(&g->fresh, TAKE(*f));
}

void engine_take(struct engine *g, const struct conf_tracker *t, const struct intake_delivery *d,
                 const struct intake_told *told)
{
    AUTO(fresh_auto) struct fresh_event *f = fresh_new(g->config, ENGINE_ARENA_BYTES);
    f->entry = (struct entry){
        .tracker = t->name,
        .source = SOURCE_WEBHOOK,
        .is_recovered = d->is_recovered,
        .request_id = d->request_id,
        .received_ms = loop_now_ms(g->parts.loop),
        .headers = intake_headers(f->arena, &d->request->headers),
        .body = d->request->body,
    };
    struct err e = {0};
    int rc = intake_name(t, f->arena, d->request, &f->entry, &f->event, &e); /* undecodable: it is an event too */
    intake_is_news(g, &f->entry);
    if (intake_keep(g, &f->entry, told, NULL) && rc == 0)
        intake_remember(g, t, &f);
}

void engine_tell(struct engine *g, const struct event *ev, const char *identity, const struct intake_told *told)
{
    AUTO(arena_auto) struct arena *a = arena_new(ENGINE_ARENA_BYTES);
    struct entry en = {
        .tracker = ev->tracker,
        .source = ev->source,
        .is_recovered = ev->is_recovered,
        .request_id = ev->request_id,
        .received_ms = loop_now_ms(g->parts.loop),
    };
    struct err e = {0};
    int rc = entry_put_own(a, ev, &en, &e);
    intake_describe(a, ev, &en);
    intake_identity(&en, ev->happened_ms, str_of(arena_fmt(a, "%s\n%s", ev->tracker, identity)));
    intake_is_news(g, &en);
    (void)intake_keep(g, &en, told, rc < 0 ? &e : NULL);
}
