/* Sending what the hooks are told, and remembering how it went. */
#include "base/base.h"

#include "http/client.h"
#include "sandbox/github_hooks_private.h"

enum { SG_ANSWER_BYTES = 64 * 1024 * 1024, SG_ANSWER_KEPT = 4096 };
static const int64_t SG_TIMEOUT_MS = 10000;

static void hook_pump(struct sg_hook *h);

struct sg_hook *sg_hook_find(const struct sg_site *g, uint64_t id)
{
    for (size_t i = 0; i < g->hooks.n; i++)
        if (g->hooks.v[i]->id == id)
            return g->hooks.v[i];
    return NULL;
}

struct sg_hook *sg_hook_of_app(const struct sg_site *g, const struct sg_app *app)
{
    for (size_t i = 0; i < g->hooks.n; i++)
        if (g->hooks.v[i]->app && g->hooks.v[i]->app == app)
            return g->hooks.v[i];
    return NULL;
}

struct sg_hook *sg_hook_new(struct sg_site *g, struct sg_repo *repo, struct sg_user *org, int64_t now_ms)
{
    struct sg_hook *h = mem_zero(sizeof *h);
    h->site = g;
    h->id = sg_id(g);
    h->repo = repo;
    h->org = repo ? NULL : org;
    h->url = mem_text("");
    h->is_active = true;
    h->is_form = true;
    h->parallel = 1;
    h->created_ms = h->updated_ms = now_ms;
    list_init(&h->queue);
    list_init(&h->held);
    sandbox_words_add(&h->events, "push");
    SANDBOX_ADD(&g->hooks, h);
    return h;
}

static void delivery_free(void *p)
{
    struct sg_delivery *d = p;
    char *const texts[] = {d->action, d->body, d->answer, d->words};
    for (size_t i = 0; i < COUNT(texts); i++)
        mem_free(texts[i]);
    arena_free(d->arena);
    mem_free(d);
}

static void hook_free_parts(void *p)
{
    struct sg_hook *h = p;
    for (size_t i = 0; i < h->log.n; i++)
        delivery_free(h->log.v[i]);
    mem_free(h->log.v);
    sandbox_words_clear(&h->events);
    mem_free(h->url);
    mem_free(h->secret);
    mem_free(h->last_words);
    mem_free(h);
}

static void hook_end(struct sg_hook *h)
{
    for (size_t i = 0; i < h->log.n; i++) {
        struct sg_delivery *d = h->log.v[i];
        loop_timer_stop(&d->timer);
        if (d->call)
            http_cancel(d->call);
        d->call = NULL;
    }
    loop_free_later(h->site->s->loop, h, hook_free_parts);
}

void sg_hook_free(struct sg_hook *h)
{
    struct sg_site *g = h->site;
    size_t at = 0;
    while (g->hooks.v[at] != h)
        at++;
    for (g->hooks.n--; at < g->hooks.n; at++)
        g->hooks.v[at] = g->hooks.v[at + 1];
    hook_end(h);
}

void sg_hooks_free(struct sg_site *g)
{
    for (size_t i = 0; i < g->hooks.n; i++)
        hook_end(g->hooks.v[i]);
    g->hooks.n = 0;
}

bool sg_hook_wants(const struct sg_hook *h, const char *event)
{
    return h->is_active && (sandbox_words_has(&h->events, "*") || sandbox_words_has(&h->events, event));
}

/* An App's hears of all that it is installed on. */
bool sg_hook_hears_of(const struct sg_hook *h, const struct sg_repo *r)
{
    if (!h->app)
        return h->repo ? h->repo == r : r && h->org == r->owner;
    for (size_t i = 0; r && i < h->app->installations.n; i++)
        if (h->app->installations.v[i].account == r->owner && !h->app->installations.v[i].is_suspended)
            return true;
    return false;
}

const char *sg_hook_owner(const struct sg_hook *h)
{
    return h->repo ? h->repo->full : h->org ? h->org->login : h->app->slug;
}

struct sg_delivery *sg_delivery_find(const struct sg_hook *h, uint64_t id)
{
    size_t low = 0, high = h->log.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->log.v[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < h->log.n && h->log.v[low]->id == id ? h->log.v[low] : NULL;
}

struct str sg_delivery_bytes(const struct sg_delivery *d, struct text *room)
{
    if (!d->hook->is_form)
        return str_of(d->body);
    text_addz(room, "payload=");
    http_escape(room, d->body);
    return text_str(room);
}

static void delivery_sign(const struct sg_delivery *d, struct arena *a, struct str body, struct http_headers *to)
{
    uint8_t sum[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    if (text_blank(d->hook->secret))
        return;
    struct str secret = str_of(d->hook->secret);
    hmac_sha1(secret, body, sum);
    hex_write(sum, SHA1_BYTES, hex);
    http_header_add(a, to, "X-Hub-Signature", arena_fmt(a, "sha1=%s", hex));
    hmac_sha256(secret, body, sum);
    hex_write(sum, SHA256_BYTES, hex);
    http_header_add(a, to, "X-Hub-Signature-256", arena_fmt(a, "sha256=%s", hex));
}

struct http_headers sg_delivery_headers(const struct sg_delivery *d, struct arena *a, struct str body)
{
    const struct sg_hook *h = d->hook;
    struct http_headers to = {0};
    http_header_add(a, &to, "Accept", "*/*");
    http_header_add(a, &to, "Content-Type", h->is_form ? "application/x-www-form-urlencoded" : "application/json");
    http_header_add(a, &to, "User-Agent", "GitHub-Hookshot/5ec1e27");
    http_header_add(a, &to, "X-GitHub-Delivery", d->guid);
    http_header_add(a, &to, "X-GitHub-Event", d->event);
    http_header_add(a, &to, "X-GitHub-Hook-ID", arena_fmt(a, "%" PRIu64, h->id));
    uint64_t owner = h->repo ? h->repo->id : h->org ? h->org->id : h->app->id;
    http_header_add(a, &to, "X-GitHub-Hook-Installation-Target-ID", arena_fmt(a, "%" PRIu64, owner));
    http_header_add(a, &to, "X-GitHub-Hook-Installation-Target-Type",
                    h->repo  ? "repository"
                    : h->org ? "organization"
                             : "integration");
    delivery_sign(d, a, body, &to);
    return to;
}

/* How a try ended, in the words of GitHub's log. */
static void delivery_end(struct sg_delivery *d, int status, const char *words)
{
    struct sg_hook *h = d->hook;
    d->status = status;
    d->took_ms = loop_now_ms(h->site->s->loop) - d->sent_ms;
    sandbox_set_text(&d->words, words);
    h->last_status = status;
    sandbox_set_text(&h->last_words, words);
}

static void delivery_answered(void *ctx, const struct http_response *r, const struct err *e)
{
    struct sg_delivery *d = ctx;
    struct sg_hook *h = d->hook;
    d->call = NULL;
    if (r && r->status >= 200 && r->status < 300)
        delivery_end(d, r->status, "OK");
    else if (r)
        delivery_end(d, r->status, arena_fmt(d->arena, "Invalid HTTP Response: %d", r->status));
    else
        delivery_end(d, 0, e && e->class == ERR_TRANSIENT ? "failed to connect to host" : "timed out");
    if (r) {
        struct str kept = {r->body.p, r->body.n < SG_ANSWER_KEPT ? r->body.n : SG_ANSWER_KEPT};
        sandbox_set_text(&d->answer, arena_str(d->arena, kept));
    }
    if (d->copies > 0) {
        d->copies--;
        list_push(&h->queue, &d->link);
        h->n_queue++;
    } else {
        arena_free(d->arena);
        d->arena = NULL;
    }
    h->flying--;
    hook_pump(h);
}

static void delivery_send(struct sg_delivery *d)
{
    struct sg_site *g = d->hook->site;
    AUTO(text_auto) struct text form;
    text_init(&form, 4 * SANDBOX_BODY_BYTES);
    if (!d->arena)
        d->arena = arena_new(SG_ANSWER_BYTES);
    arena_reset(d->arena);
    struct http_request r = {.method = "POST", .url = d->hook->url, .effect = HTTP_CREATE};
    r.body = sg_delivery_bytes(d, &form);
    r.headers = sg_delivery_headers(d, d->arena, r.body);
    d->sent_ms = loop_now_ms(g->s->loop);
    d->call = http_send(g->client, &r, SG_TIMEOUT_MS, d->arena, delivery_answered, d);
}

static void hook_pump(struct sg_hook *h)
{
    while (h->flying < h->parallel && !list_empty(&h->queue)) {
        struct sg_delivery *d = CONTAINER(h->queue.next, struct sg_delivery, link);
        list_remove(&d->link);
        h->n_queue--;
        h->flying++;
        delivery_send(d);
    }
}

static void hook_queue(struct sg_hook *h, struct sg_delivery *d)
{
    list_add(&h->queue, &d->link);
    h->n_queue++;
    hook_pump(h);
}

/* What was gathered goes out, the last first. */
static void hook_reverse(struct sg_hook *h)
{
    LIST_EACH (it, &h->held) {
        list_remove(it);
        list_push(&h->queue, it);
        h->n_queue++;
    }
    h->n_held = 0;
    h->hold = 0;
    hook_pump(h);
}

static void delivery_due(struct loop_timer *t)
{
    struct sg_delivery *d = CONTAINER(t, struct sg_delivery, timer);
    loop_timer_stop(t);
    d->hook->n_late--;
    hook_queue(d->hook, d);
}

static void hook_dispatch(struct sg_hook *h, struct sg_delivery *d)
{
    if (h->lose > 0) {
        h->lose--;
        delivery_end(d, 0, "failed to connect to host");
        return;
    }
    if (h->twice > 0) {
        h->twice--;
        d->copies = 1;
    }
    if (h->hold > 0) {
        list_add(&h->held, &d->link);
        if (++h->n_held >= (size_t)h->hold)
            hook_reverse(h);
    } else if (h->delay_ms > 0) {
        h->n_late++;
        loop_timer_start(h->site->s->loop, &d->timer, h->delay_ms, delivery_due);
    } else {
        hook_queue(h, d);
    }
}

static struct sg_delivery *delivery_new(struct sg_hook *h, const char *body, int64_t now_ms)
{
    struct sg_delivery *d = mem_zero(sizeof *d);
    d->hook = h;
    d->id = sg_id(h->site);
    d->at_ms = d->sent_ms = now_ms;
    d->body = mem_text(body);
    list_init(&d->link);
    SANDBOX_ADD(&h->log, d);
    if (h->log.n > SG_KEPT && h->log.v[h->log.n - SG_KEPT - 1]->words)
        sandbox_set_text(&h->log.v[h->log.n - SG_KEPT - 1]->body, NULL);
    return d;
}

void sg_hook_push(struct sandbox_call *c, struct sg_hook *h, const struct sg_event *ev, const char *body)
{
    if (h->forget > 0) {
        h->forget--;
        return;
    }
    struct sg_delivery *d = delivery_new(h, body, c->now_ms);
    uuid_text(d->guid);
    d->event = ev->name; /* a literal */
    d->action = ev->action ? mem_text(ev->action) : NULL;
    d->repo = ev->repo ? ev->repo->id : 0;
    hook_dispatch(h, d);
}

void sg_hook_again(struct sandbox_call *c, const struct sg_delivery *former)
{
    struct sg_delivery *d = delivery_new(former->hook, former->body, c->now_ms);
    memcpy(d->guid, former->guid, sizeof d->guid);
    d->event = former->event;
    d->action = former->action ? mem_text(former->action) : NULL;
    d->repo = former->repo;
    d->is_again = true;
    hook_dispatch(former->hook, d);
}
