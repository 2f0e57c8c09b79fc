/*
 * Jira's webhooks: what happens to an issue is told to each address, signed where it has a secret, one delivery at a
 * time, in order. What is refused is sent again, at most five times, under the same name; then it is dropped.
 */
#include "base/base.h"

#include "base/digest.h"
#include "http/client.h"
#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_history_private.h"

enum { SJ_HOOK_TRIES = 5, SJ_HOOK_ANSWER_BYTES = 64 * 1024 * 1024, SJ_HOOKS = 16 };
static const int64_t SJ_HOOK_TIMEOUT_MS = 30000;

struct sj_delivery {
    struct list link;
    char name[UUID_TEXT_BYTES];
    int64_t tries;
    size_t n;
    char body[];
};
struct sj_hook {
    struct sj_site *site;
    char *url, *secret;
    struct list queue;
    int64_t waiting, delivered, refused;
    struct loop_timer timer;
    struct http_call *call;
    struct arena *arena;
};

static void jirahook_send(struct sj_hook *h);

static void jirahook_drop(struct sj_hook *h)
{
    struct sj_delivery *d = CONTAINER(h->queue.next, struct sj_delivery, link);
    list_remove(&d->link);
    h->waiting--;
    mem_free(d);
}

static void jirahook_free(void *p)
{
    struct sj_hook *h = p;
    while (!list_empty(&h->queue))
        jirahook_drop(h);
    arena_free(h->arena);
    mem_free(h->url);
    mem_free(h->secret);
    mem_free(h);
}

void sj_hooks_free(struct sj_site *j)
{
    for (size_t i = 0; i < j->hooks.n; i++) {
        struct sj_hook *h = j->hooks.v[i];
        loop_timer_stop(&h->timer);
        if (h->call)
            http_cancel(h->call);
        h->call = NULL;
        loop_free_later(j->s->loop, h, jirahook_free);
    }
    mem_free(j->hooks.v);
    j->hooks.v = NULL;
    j->hooks.n = j->hooks.room = 0;
}

/* --- sending --- */

static void jirahook_again(struct loop_timer *t)
{
    jirahook_send(CONTAINER(t, struct sj_hook, timer));
}

static void jirahook_answered(void *ctx, const struct http_response *r, UNUSED const struct err *e)
{
    struct sj_hook *h = ctx;
    struct sj_delivery *d = CONTAINER(h->queue.next, struct sj_delivery, link);
    bool is_good = r && r->status >= 200 && r->status < 300;
    h->call = NULL;
    h->delivered += is_good;
    h->refused += !is_good;
    if (is_good || ++d->tries > SJ_HOOK_TRIES) {
        jirahook_drop(h);
        jirahook_send(h);
    } else {
        loop_timer_start(h->site->s->loop, &h->timer, h->site->s->settings.hook_retry_ms, jirahook_again);
    }
}

static void jirahook_sign(const struct sj_hook *h, struct str body, struct http_headers *to)
{
    uint8_t sum[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    if (text_blank(h->secret))
        return;
    hmac_sha256(str_of(h->secret), body, sum);
    hex_write(sum, SHA256_BYTES, hex);
    http_header_add(h->arena, to, "X-Hub-Signature", arena_fmt(h->arena, "sha256=%s", hex));
}

static void jirahook_send(struct sj_hook *h)
{
    struct http_request r = {.method = "POST", .url = h->url, .effect = HTTP_CREATE};
    const struct sj_delivery *d = CONTAINER(h->queue.next, const struct sj_delivery, link);
    if (h->call || list_empty(&h->queue))
        return;
    arena_reset(h->arena);
    r.body = (struct str){d->body, d->n};
    http_header_add(h->arena, &r.headers, "Content-Type", "application/json; charset=UTF-8");
    http_header_add(h->arena, &r.headers, "User-Agent", "Atlassian Webhook HTTP Client");
    http_header_add(h->arena, &r.headers, "X-Atlassian-Webhook-Identifier", d->name);
    http_header_add(h->arena, &r.headers, "X-Atlassian-Webhook-Flow", "Primary");
    if (d->tries)
        http_header_add(h->arena, &r.headers, "X-Atlassian-Webhook-Retry", arena_fmt(h->arena, "%" PRId64, d->tries));
    jirahook_sign(h, r.body, &r.headers);
    h->call = http_send(h->site->client, &r, SJ_HOOK_TIMEOUT_MS, h->arena, jirahook_answered, h);
}

static void jirahook_push(struct sj_hook *h, struct str body)
{
    struct sj_delivery *d = mem_zero(sizeof *d + body.n + 1);
    d->n = body.n;
    memcpy(d->body, body.p, body.n);
    uuid_text(d->name);
    list_add(&h->queue, &d->link);
    h->waiting++;
    if (d->link.prev == &h->queue) /* what waits for another try holds back what is behind it */
        jirahook_send(h);
}

/* --- what they are told --- */

static void jirahook_item(struct json_out *o, const char *field, const char *from, const char *to)
{
    if (text_same(from, to))
        return;
    json_open(o, NULL, '{');
    json_put_text(o, "field", field);
    json_put_text(o, "fieldtype", "jira");
    json_put_text(o, "fromString", from);
    json_put_text(o, "toString", to);
    json_close(o);
}

static void jirahook_put(struct sandbox_call *c, const struct sj_issue *i, const struct sj_before *was,
                         const char *event)
{
    const struct sj_fields all = {.is_all = true};
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_int(o, "timestamp", c->now_ms);
    json_put_text(o, "webhookEvent", arena_fmt(c->arena, "jira:%s", event));
    if (c->jira_user)
        sj_put_user(c, c->jira_user, "user");
    sj_put_issue(c, i, &all, "issue");
    json_close(o);
    if (was->issue) {
        json_open(o, "changelog", '{');
        json_put_text(o, "id", sj_id(c, i->id));
        json_open(o, "items", '[');
        jirahook_item(o, "status", c->s->jira->statuses.v[was->status].name, c->s->jira->statuses.v[i->status].name);
        jirahook_item(o, "summary", was->summary, i->summary);
        jirahook_item(o, "Key", was->key, i->key);
        json_close(o);
        json_close(o);
    }
    json_close(o);
}

void sj_hooks_before(const struct sandbox_call *c, const char *key, struct sj_before *ret)
{
    *ret = (struct sj_before){.had = c->s->jira->issues.n};
    struct sj_issue *i = key ? sj_issue_find(c->s->jira, c->arena, key) : NULL;
    if (!i)
        return;
    ret->issue = i;
    ret->status = i->status;
    ret->summary = arena_text(c->arena, i->summary);
    ret->key = arena_text(c->arena, i->key);
}

void sj_hooks_after(struct sandbox_call *c, const struct sj_before *was)
{
    struct sj_site *j = c->s->jira;
    bool is_new = j->issues.n > was->had;
    const struct sj_issue *i = is_new ? j->issues.v[j->issues.n - 1] : was->issue;
    if (c->status >= 300)
        return;
    if (was->issue)
        sj_history_add(c, was->issue, was);
    if (!j->hooks.n || !i)
        return;
    AUTO(text_auto) struct text t;
    struct json_out answer = c->json; /* which is written already */
    text_init(&t, SANDBOX_ANSWER_BYTES);
    json_start(&c->json, &t);
    jirahook_put(c, i, was, is_new ? "issue_created" : i->is_deleted ? "issue_deleted" : "issue_updated");
    c->json = answer;
    for (size_t n = 0; n < j->hooks.n; n++)
        jirahook_push(j->hooks.v[n], text_str(&t));
}

/* --- control --- */

void sj_control_hooks_get(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "webhooks", '[');
    for (size_t i = 0; i < j->hooks.n; i++) {
        json_open(o, NULL, '{');
        json_put_text(o, "url", j->hooks.v[i]->url);
        json_put_int(o, "waiting", j->hooks.v[i]->waiting);
        json_put_int(o, "delivered", j->hooks.v[i]->delivered);
        json_put_int(o, "refused", j->hooks.v[i]->refused);
        json_close(o);
    }
    json_close(o);
    json_close(o);
}

void sj_control_hooks_put(struct sandbox_call *c)
{
    struct sj_site *j = c->s->jira;
    sj_hooks_free(j);
    if (!j->client)
        j->client = http_client_new(c->s->loop);
    JSON_EACH (it, json_get(c->body, "webhooks")) {
        const char *url = json_text(json_get(it, "url")), *secret = json_text(json_get(it, "secret"));
        if (!url || j->hooks.n >= SJ_HOOKS)
            continue;
        struct sj_hook *h = mem_zero(sizeof *h);
        h->site = j;
        h->url = mem_text(url);
        h->secret = mem_text(secret ? secret : "");
        h->arena = arena_new(SJ_HOOK_ANSWER_BYTES);
        list_init(&h->queue);
        SANDBOX_ADD(&j->hooks, h);
    }
    sj_control_hooks_get(c);
}

/* A person moves the issue to another project: it has another key, and is found by the old one too. */
void sj_control_move(struct sandbox_call *c)
{
    struct sj_before was;
    struct sj_site *j = c->s->jira;
    struct sj_issue *i = sj_issue_find(j, c->arena, c->part[0]);
    struct sj_project *to = sj_project_find(j, c->arena, json_text(json_get(c->body, "project")));
    if (!i || !to) {
        text_addz(sandbox_plain(c, 404, "text/plain"), "no such issue or project\n");
        return;
    }
    sj_hooks_before(c, i->key, &was);
    sj_issue_rename(j, i, to);
    i->updated_ms = c->now_ms;
    sandbox_empty(c, 204);
    sj_hooks_after(c, &was);
}
