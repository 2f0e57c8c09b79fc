/*
 * Webhooks: each has a queue and sends one delivery at a time, in strict order. What is refused is sent again after
 * growing pauses and holds back all that is behind it; after too many tries the webhook is switched off, and what
 * happens while it is off is not sent.
 */
#include "base/base.h"

#include "http/client.h"
#include "sandbox/bugzilla_private.h"

enum { HOOK_ANSWER_BYTES = 64 * 1024 * 1024 };
static const int64_t HOOK_TIMEOUT_MS = 30000;

static const struct hook_event_row {
    const char *name;
    unsigned bit;
} hook_events[] = {{"create", SB_ON_CREATE},
                   {"change", SB_ON_CHANGE},
                   {"comment", SB_ON_COMMENT},
                   {"attachment", SB_ON_ATTACHMENT},
                   {"attachment_change", SB_ON_ATTACHMENT_CHANGE}};

static void hook_send(struct sb_hook *h);

static unsigned hook_events_read(const char *list)
{
    struct sandbox_words words = {0};
    unsigned bits = 0;
    sandbox_words_split(&words, list);
    for (size_t i = 0; i < COUNT(hook_events); i++)
        if (sandbox_words_has(&words, hook_events[i].name))
            bits |= hook_events[i].bit;
    sandbox_words_clear(&words);
    return bits;
}

static const char *hook_events_text(struct arena *a, const struct sb_hook *h)
{
    const char *text = "";
    for (size_t i = 0; i < COUNT(hook_events); i++)
        if (h->events & hook_events[i].bit)
            text = arena_fmt(a, "%s%s%s", text, *text ? "," : "", hook_events[i].name);
    return text;
}

static const char *hook_text(const struct json *it, const char *key, const char *otherwise)
{
    const char *text = json_text(json_get(it, key));
    return text ? text : otherwise;
}

static char *hook_url(const struct sb_site *b, const char *url)
{
    struct text t;
    text_init(&t, 8192);
    if (text_starts(url, "$BASE"))
        text_addf(&t, "%s%s", b->s->base, url + 5);
    else
        text_addz(&t, url);
    char *owned = mem_text(text_z(&t));
    text_free(&t);
    return owned;
}

static struct sb_hook *hook_new(struct sb_site *b, const struct json *it)
{
    struct sb_hook *h = mem_zero(sizeof *h);
    h->site = b;
    h->id = (int64_t)b->hooks.n + 1;
    (void)json_int(json_get(it, "id"), &h->id);
    h->name = mem_text(hook_text(it, "name", "bridge"));
    h->url = hook_url(b, hook_text(it, "url", ""));
    h->header = mem_text(hook_text(it, "header", "X-Api-Key"));
    h->key = mem_text(hook_text(it, "key", ""));
    h->product = mem_text(hook_text(it, "product", "Any"));
    h->component = mem_text(hook_text(it, "component", "Any"));
    h->events = hook_events_read(hook_text(it, "event", "create,change,comment,attachment,attachment_change"));
    h->is_enabled = json_bool(json_get(it, "enabled"), true);
    h->is_delivering = json_bool(json_get(it, "deliver"), true);
    h->arena = arena_new(HOOK_ANSWER_BYTES);
    list_init(&h->queue);
    return h;
}

static void hook_drop_first(struct sb_hook *h)
{
    struct sb_delivery *d = CONTAINER(h->queue.next, struct sb_delivery, link);
    list_remove(&d->link);
    h->n_queue--;
    mem_free(d);
}

static void hook_free(void *p)
{
    struct sb_hook *h = p;
    while (!list_empty(&h->queue))
        hook_drop_first(h);
    arena_free(h->arena);
    mem_free(h->name);
    mem_free(h->url);
    mem_free(h->header);
    mem_free(h->key);
    mem_free(h->product);
    mem_free(h->component);
    mem_free(h);
}

void sb_hooks_free(struct sb_site *b)
{
    for (size_t i = 0; i < b->hooks.n; i++) {
        struct sb_hook *h = b->hooks.v[i];
        loop_timer_stop(&h->timer);
        if (h->call)
            http_cancel(h->call);
        h->call = NULL;
        loop_free_later(b->s->loop, h, hook_free);
    }
    mem_free(b->hooks.v);
    b->hooks.v = NULL;
    b->hooks.n = b->hooks.room = 0;
}

void sb_hooks_read(struct sb_site *b, const struct json *list)
{
    sb_hooks_free(b);
    if (b->is_stock)
        return;
    JSON_EACH (it, list)
        SANDBOX_ADD(&b->hooks, hook_new(b, it));
}

static bool hook_place_is(const char *wanted, const char *now, const char *former)
{
    return text_blank(wanted) || strcmp(wanted, "Any") == 0 || strcmp(wanted, now) == 0 || text_same(wanted, former);
}

/* A bug that leaves the product or component still sends that change. */
bool sb_hook_wants(const struct sb_hook *h, const struct sb_event *ev)
{
    return (h->events & ev->kind) && hook_place_is(h->product, sb_bug_text(ev->bug, SB_PRODUCT), ev->former_product) &&
           hook_place_is(h->component, sb_bug_text(ev->bug, SB_COMPONENT), ev->former_component);
}

void sb_hook_push(struct sb_hook *h, struct str body)
{
    if (!h->is_enabled || !h->is_delivering || h->n_queue >= SB_QUEUE) {
        h->dropped++;
        return;
    }
    struct sb_delivery *d = mem_zero(sizeof *d + body.n + 1);
    d->n = body.n;
    memcpy(d->body, body.p, body.n);
    list_add(&h->queue, &d->link);
    h->n_queue++;
    if (!h->call && !h->is_failing)
        hook_send(h);
}

static void hook_again(struct loop_timer *t)
{
    hook_send(CONTAINER(t, struct sb_hook, timer));
}

/* At once, then after 1, 5, 25, 125 times the first pause, then every 180 times. */
static int64_t hook_pause(const struct sb_hook *h, int64_t tries)
{
    int64_t first = h->site->s->settings.hook_retry_ms, pause = first;
    if (tries <= 1)
        return 0;
    for (int64_t i = 2; i < tries && pause < 180 * first; i++)
        pause *= 5;
    return pause < 180 * first ? pause : 180 * first;
}

static void hook_refused(struct sb_hook *h)
{
    struct sb_delivery *d = CONTAINER(h->queue.next, struct sb_delivery, link);
    h->is_failing = true;
    h->refused++;
    d->tries++;
    if (d->tries >= h->site->s->settings.hook_error_limit)
        h->is_enabled = false;
    else
        loop_timer_start(h->site->s->loop, &h->timer, hook_pause(h, d->tries), hook_again);
}

static void hook_answered(void *ctx, const struct http_response *r, UNUSED const struct err *e)
{
    struct sb_hook *h = ctx;
    h->call = NULL;
    if (!r || r->status < 200 || r->status > 299) {
        hook_refused(h);
        return;
    }
    h->delivered++;
    h->is_failing = false;
    hook_drop_first(h);
    if (!list_empty(&h->queue))
        hook_send(h);
}

static void hook_send(struct sb_hook *h)
{
    struct http_request r = {.method = "POST", .url = h->url, .effect = HTTP_CREATE};
    const struct sb_delivery *d = CONTAINER(h->queue.next, const struct sb_delivery, link);
    if (list_empty(&h->queue) || !h->is_enabled)
        return;
    arena_reset(h->arena);
    http_header_add(h->arena, &r.headers, "Accept", "application/json");
    http_header_add(h->arena, &r.headers, "Content-Type", "application/json");
    http_header_add(h->arena, &r.headers, "User-Agent", "Bugzilla");
    if (!text_blank(h->key))
        http_header_add_secret(h->arena, &r.headers, h->header, h->key);
    r.body = (struct str){d->body, d->n};
    h->call = http_send(h->site->client, &r, HOOK_TIMEOUT_MS, h->arena, hook_answered, h);
}

/* As Bugzilla lists them: errors is the number of events that wait behind a refused one. */
static void hook_put(struct sandbox_call *c, const struct sb_hook *h)
{
    struct json_out *o = &c->json;
    json_put_int(o, "id", h->id);
    json_put_text(o, "name", h->name);
    json_put_text(o, "url", h->url);
    json_put_text(o, "event", hook_events_text(c->arena, h));
    json_put_text(o, "product", h->product);
    json_put_text(o, "component", h->component);
    json_put_bool(o, "enabled", h->is_enabled);
    json_put_int(o, "errors", h->is_failing ? (int64_t)h->n_queue : 0);
}

static void hooks_put(struct sandbox_call *c, bool is_control)
{
    const struct sb_site *b = c->s->bugzilla;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "webhooks", '[');
    for (size_t i = 0; i < b->hooks.n; i++) {
        const struct sb_hook *h = b->hooks.v[i];
        json_open(o, NULL, '{');
        hook_put(c, h);
        if (is_control) {
            json_put_bool(o, "deliver", h->is_delivering);
            json_put_int(o, "waiting", (int64_t)h->n_queue);
            json_put_int(o, "delivered", h->delivered);
            json_put_int(o, "refused", h->refused);
            json_put_int(o, "dropped", h->dropped);
        }
        json_close(o);
    }
    json_close(o);
    json_close(o);
}

void sb_hook_list(struct sandbox_call *c)
{
    if (sb_logged_in(c))
        hooks_put(c, false);
}

void sb_hooks_show(struct sandbox_call *c)
{
    hooks_put(c, true);
}
