/* Hooks and their deliveries over REST, of repositories, of organisations, and the one that an App may have. */
#include "base/base.h"

#include "sandbox/github_hooks_private.h"

enum { SG_DELIVERY_PAGE = 30 };

static bool rest_is_org(const struct sandbox_call *c)
{
    return text_starts(c->path, "/github/api/orgs/");
}

static bool rest_is_app(const struct sandbox_call *c)
{
    return text_starts(c->path, "/github/api/app/");
}

static const char *rest_scope(const struct sandbox_call *c)
{
    return rest_is_org(c) ? "admin:org_hook" : "admin:repo_hook";
}

/* Whose hooks the path speaks of. False: an error is answered. */
static bool rest_owner(struct sandbox_call *c, struct sg_repo **ret_repo, struct sg_user **ret_org)
{
    *ret_repo = NULL;
    *ret_org = NULL;
    if (!sg_may_write(c, rest_scope(c)))
        return false;
    if (!rest_is_org(c))
        return (*ret_repo = sg_asked_repo(c)) != NULL;
    *ret_org = sg_user_find(c->s->github, c->part[0]);
    if (*ret_org && text_same((*ret_org)->type, "Organization"))
        return true;
    sg_error(c, 404, "Not Found");
    return false;
}

static struct sg_hook *rest_asked_hook(struct sandbox_call *c)
{
    struct sg_repo *repo = NULL;
    struct sg_user *org = NULL;
    if (!rest_is_app(c) && !rest_owner(c, &repo, &org))
        return NULL;
    struct sg_hook *h = rest_is_app(c) ? sg_hook_of_app(c->s->github, c->github_app)
                                       : sg_hook_find(c->s->github, sg_digits(c->part[repo ? 2 : 1]));
    if (h && (h->app || (h->repo == repo && h->org == org)))
        return h;
    sg_error(c, 404, "Not Found");
    return NULL;
}

static const char *rest_hook_url(struct sandbox_call *c, const struct sg_hook *h)
{
    if (h->app)
        return arena_fmt(c->arena, "%s/github/api/app/hook", c->base);
    const char *owner =
        h->repo ? sg_repo_url(c, h->repo) : arena_fmt(c->arena, "%s/github/api/orgs/%s", c->base, h->org->login);
    return arena_fmt(c->arena, "%s/hooks/%" PRIu64, owner, h->id);
}

static void rest_put_config(struct json_out *o, const char *key, const struct sg_hook *h)
{
    json_open(o, key, '{');
    json_put_text(o, "url", h->url);
    json_put_text(o, "content_type", h->is_form ? "form" : "json");
    json_put_text(o, "insecure_ssl", "0");
    if (!text_blank(h->secret))
        json_put_text(o, "secret", "********");
    json_close(o);
}

void sg_put_hook(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_hook *h)
{
    const char *url = rest_hook_url(c, h);
    bool is_unused = !h->last_words, is_fine = h->last_status >= 200 && h->last_status < 300;
    json_open(o, key, '{');
    json_put_text(o, "type", h->repo ? "Repository" : h->org ? "Organization" : "App");
    json_put_int(o, "id", (int64_t)h->id);
    json_put_text(o, "name", "web");
    json_put_bool(o, "active", h->is_active);
    json_open(o, "events", '[');
    for (size_t i = 0; i < h->events.n; i++)
        json_put_text(o, NULL, h->events.v[i]);
    json_close(o);
    rest_put_config(o, "config", h);
    json_put_text(o, "updated_at", sg_time(c, h->updated_ms));
    json_put_text(o, "created_at", sg_time(c, h->created_ms));
    if (h->app)
        json_put_int(o, "app_id", (int64_t)h->app->id);
    json_put_text(o, "url", url);
    if (h->repo)
        json_put_text(o, "test_url", arena_fmt(c->arena, "%s/test", url));
    json_put_text(o, "ping_url", arena_fmt(c->arena, "%s/pings", url));
    json_put_text(o, "deliveries_url", arena_fmt(c->arena, "%s/deliveries", url));
    if (h->repo) {
        json_open(o, "last_response", '{');
        if (is_unused || !h->last_status)
            json_put_null(o, "code");
        else
            json_put_int(o, "code", h->last_status);
        json_put_text(o, "status", is_unused ? "unused" : is_fine ? "active" : "invalid_response");
        json_put_text(o, "message", h->last_words);
        json_close(o);
    }
    json_close(o);
}

static bool rest_hook_is_double(const struct sg_hook *h, const char *url)
{
    for (size_t i = 0; i < h->site->hooks.n; i++) {
        const struct sg_hook *it = h->site->hooks.v[i];
        if (it != h && it->repo == h->repo && it->org == h->org && it->app == h->app && strcmp(it->url, url) == 0)
            return true;
    }
    return false;
}

static void rest_read_events(struct sg_hook *h, const struct json *from)
{
    if (json_kind(json_get(from, "events")) == JSON_ARRAY) {
        sandbox_words_clear(&h->events);
        sandbox_words_read(&h->events, json_get(from, "events"));
    }
    sandbox_words_read(&h->events, json_get(from, "add_events"));
    JSON_EACH (it, json_get(from, "remove_events"))
        sandbox_words_remove(&h->events, json_text(it));
}

/* Of an App the configuration is all that can be set. */
bool sg_hook_read(struct sandbox_call *c, struct sg_hook *h, const struct json *from)
{
    const struct json *config = h->app ? from : json_get(from, "config");
    const char *url = sg_text(config, "url", h->url), *type = sg_text(config, "content_type", NULL);
    struct url parts;
    if (!url_parse(c->arena, url, &parts)) {
        sg_invalid(c, "Hook", "url", *url ? "invalid" : "missing_field", NULL);
        return false;
    }
    if (rest_hook_is_double(h, url)) {
        sg_invalid(c, "Hook", NULL, "custom", "Hook already exists on this repository");
        return false;
    }
    sandbox_set_text(&h->url, url);
    if (type)
        h->is_form = strcmp(type, "json") != 0;
    if (config) /* a configuration is replaced as a whole */
        sandbox_set_text(&h->secret, sg_text(config, "secret", NULL));
    rest_read_events(h, from);
    h->is_active = json_bool(json_get(from, "active"), h->is_active);
    h->updated_ms = c->now_ms;
    return true;
}

void sg_hook_list(struct sandbox_call *c)
{
    struct sg_repo *repo = NULL;
    struct sg_user *org = NULL;
    struct sg_page p = sg_page_read(c);
    size_t total = 0;
    if (!rest_owner(c, &repo, &org))
        return;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t i = 0; i < c->s->github->hooks.n; i++) {
        const struct sg_hook *h = c->s->github->hooks.v[i];
        if (h->repo != repo || h->org != org)
            continue;
        if (total >= p.first && total < p.end)
            sg_put_hook(c, &c->json, NULL, h);
        total++;
    }
    json_close(&c->json);
    sg_page_links(c, &p, total);
}

void sg_hook_get(struct sandbox_call *c)
{
    const struct sg_hook *h = rest_asked_hook(c);
    if (h)
        sg_put_hook(c, sandbox_json(c, 200), NULL, h);
}

static void rest_ping(struct sandbox_call *c, struct sg_hook *h)
{
    struct sg_event ev = {.name = "ping", .repo = h->repo, .pinged = h};
    sg_hook_push(c, h, &ev, sg_event_body(c, &ev));
}

void sg_hook_post(struct sandbox_call *c)
{
    struct sg_repo *repo = NULL;
    struct sg_user *org = NULL;
    if (!rest_owner(c, &repo, &org))
        return;
    struct sg_hook *h = sg_hook_new(c->s->github, repo, org, c->now_ms);
    if (!sg_hook_read(c, h, c->body)) {
        sg_hook_free(h);
        return;
    }
    sg_put_hook(c, sandbox_json(c, 201), NULL, h);
    if (h->is_active)
        rest_ping(c, h);
}

void sg_hook_patch(struct sandbox_call *c)
{
    struct sg_hook *h = rest_asked_hook(c);
    if (h && sg_hook_read(c, h, c->body))
        sg_put_hook(c, sandbox_json(c, 200), NULL, h);
}

void sg_hook_delete(struct sandbox_call *c)
{
    struct sg_hook *h = rest_asked_hook(c);
    if (!h)
        return;
    sg_hook_free(h);
    sandbox_empty(c, 204);
}

void sg_hook_ping(struct sandbox_call *c)
{
    struct sg_hook *h = rest_asked_hook(c);
    if (!h)
        return;
    rest_ping(c, h);
    sandbox_empty(c, 204);
}

void sg_app_hook_get(struct sandbox_call *c)
{
    const struct sg_hook *h = rest_asked_hook(c);
    if (h)
        rest_put_config(sandbox_json(c, 200), NULL, h);
}

void sg_app_hook_patch(struct sandbox_call *c)
{
    struct sg_hook *h = rest_asked_hook(c);
    if (h && sg_hook_read(c, h, c->body))
        rest_put_config(sandbox_json(c, 200), NULL, h);
}

/* --- deliveries --- */

static void rest_put_headers(struct json_out *o, const struct http_headers *h)
{
    json_open(o, "headers", '{');
    for (size_t i = 0; i < h->n; i++)
        json_put_text(o, h->v[i].name, h->v[i].value);
    json_close(o);
}

static void rest_put_whole(struct sandbox_call *c, struct json_out *o, const struct sg_delivery *d)
{
    AUTO(text_auto) struct text form;
    text_init(&form, 4 * SANDBOX_BODY_BYTES);
    struct http_headers headers = sg_delivery_headers(d, c->arena, sg_delivery_bytes(d, &form));
    json_put_text(o, "url", d->hook->url);
    json_open(o, "request", '{');
    rest_put_headers(o, &headers);
    json_put_raw(o, "payload", str_of(d->body));
    json_close(o);
    json_open(o, "response", '{');
    json_open(o, "headers", '{');
    json_close(o);
    json_put_text(o, "payload", d->answer);
    json_close(o);
}

void sg_put_delivery(struct sandbox_call *c, const struct sg_delivery *d, bool is_whole)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)d->id);
    json_put_text(o, "guid", d->guid);
    json_put_text(o, "delivered_at", sg_time(c, d->sent_ms));
    json_put_bool(o, "redelivery", d->is_again);
    json_put_real(o, "duration", (double)d->took_ms / 1000);
    json_put_text(o, "status", d->words);
    json_put_int(o, "status_code", d->status);
    json_put_text(o, "event", d->event);
    json_put_text(o, "action", d->action);
    json_put_null(o, "installation_id");
    if (d->repo)
        json_put_int(o, "repository_id", (int64_t)d->repo);
    else
        json_put_null(o, "repository_id");
    json_put_null(o, "throttled_at");
    if (is_whole)
        rest_put_whole(c, o, d);
    json_close(o);
}

/* Newest first; the cursor is the number of the first that is not wanted. What has not been sent yet is not in it. */
void sg_delivery_list(struct sandbox_call *c)
{
    const struct sg_hook *h = rest_asked_hook(c);
    const char *cursor = http_query(c->arena, c->request->url, "cursor");
    uint64_t before = cursor && text_starts(cursor, "v1_") ? sg_digits(cursor + 3) : UINT64_MAX;
    int64_t size = sandbox_query_int(c, "per_page", SG_DELIVERY_PAGE, SG_PAGE_MAX);
    if (!h)
        return;
    size = size ? size : SG_DELIVERY_PAGE;
    if (before == 0) {
        sg_error(c, 422, "Invalid cursor");
        return;
    }
    uint64_t last = 0;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t i = h->log.n; i > 0; i--) {
        const struct sg_delivery *d = h->log.v[i - 1];
        if (d->id >= before || !d->words)
            continue;
        if (size-- <= 0) {
            sg_link_add(c, "cursor", arena_fmt(c->arena, "v1_%" PRIu64, last), "next");
            break;
        }
        sg_put_delivery(c, d, false);
        last = d->id;
    }
    json_close(&c->json);
}

static struct sg_delivery *rest_asked_delivery(struct sandbox_call *c)
{
    const struct sg_hook *h = rest_asked_hook(c);
    struct sg_delivery *d = h ? sg_delivery_find(h, sg_digits(c->part[h->repo ? 3 : h->org ? 2 : 0])) : NULL;
    if (h && (!d || !d->body || !d->words))
        sg_error(c, 404, "Not Found");
    return d && d->body && d->words ? d : NULL;
}

void sg_delivery_get(struct sandbox_call *c)
{
    const struct sg_delivery *d = rest_asked_delivery(c);
    if (!d)
        return;
    sandbox_json(c, 200);
    sg_put_delivery(c, d, true);
}

void sg_delivery_again(struct sandbox_call *c)
{
    const struct sg_delivery *d = rest_asked_delivery(c);
    if (!d)
        return;
    sg_hook_again(c, d);
    json_open(sandbox_json(c, 202), NULL, '{');
    json_close(&c->json);
}
