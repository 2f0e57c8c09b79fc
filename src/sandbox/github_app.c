/*
 * GitHub Apps: they prove who they are by a JSON web token, and are granted tokens that live for a while, with which
 * they act as the account SLUG[bot]. What one is installed on is not looked at: it may all that a token may. Control:
 *
 *   PUT    apps/SLUG         {id, client_id, public_key, lifetime_ms, installations: [{id, account, suspended}]}
 *   DELETE apps/SLUG/tokens  all that was granted to it is refused from now on
 */
#include "base/base.h"

#include "base/digest.h"
#include "base/rsa.h"
#include "sandbox/github_handlers_private.h"
#include "sandbox/github_hooks_private.h"

enum { SG_PROOF_S = 600, SG_GRANTED = 10000, SG_APP_HOUR_MS = 3600000 };

/* --- set up by control --- */

struct sg_app *sg_app_find(const struct sg_site *g, const char *slug)
{
    for (size_t i = 0; i < g->apps.n; i++)
        if (strcmp(g->apps.v[i]->slug, slug) == 0)
            return g->apps.v[i];
    return NULL;
}

static struct sg_app *ghapps_ensure(struct sandbox_call *c, const char *slug)
{
    struct sg_site *g = c->s->github;
    struct sg_app *app = sg_app_find(g, slug);
    if (app)
        return app;
    app = mem_zero(sizeof *app);
    app->id = sg_id(g);
    app->slug = mem_text(slug);
    app->bot = sg_user_ensure(g, arena_fmt(c->arena, "%s[bot]", slug));
    app->lifetime_ms = SG_APP_HOUR_MS;
    app->created_ms = c->now_ms;
    sandbox_words_split(&app->bot->scopes, "repo,read:user,admin:repo_hook,admin:org_hook,project");
    SANDBOX_ADD(&g->apps, app);
    return app;
}

static uint64_t ghapps_number(const struct json *from, const char *key, uint64_t otherwise)
{
    int64_t n = 0;
    return json_int(json_get(from, key), &n) && n > 0 ? (uint64_t)n : otherwise;
}

void sg_control_app(struct sandbox_call *c)
{
    struct sg_app *app = ghapps_ensure(c, c->part[0]);
    app->id = ghapps_number(c->body, "id", app->id);
    app->lifetime_ms = (int64_t)ghapps_number(c->body, "lifetime_ms", (uint64_t)app->lifetime_ms);
    if (sg_text(c->body, "client_id", NULL))
        sandbox_set_text(&app->client_id, sg_text(c->body, "client_id", NULL));
    if (sg_text(c->body, "public_key", NULL))
        sandbox_set_text(&app->public_key, sg_text(c->body, "public_key", NULL));
    if (json_get(c->body, "installations"))
        app->installations.n = 0;
    JSON_EACH (it, json_get(c->body, "installations")) {
        struct sg_installation one = {.id = ghapps_number(it, "id", 0)};
        one.id = one.id ? one.id : sg_id(c->s->github);
        one.account = sg_user_ensure(c->s->github, sg_text(it, "account", "ghost"));
        one.is_suspended = json_bool(json_get(it, "suspended"), false);
        SANDBOX_ADD(&app->installations, one);
    }
    sandbox_empty(c, 204);
}

void sg_control_app_withdraw(struct sandbox_call *c)
{
    const struct sg_site *g = c->s->github;
    for (size_t i = 0; i < g->granted.n; i++)
        if (strcmp(g->granted.v[i].app->slug, c->part[0]) == 0)
            g->granted.v[i].expires_ms = 0;
    sandbox_empty(c, 204);
}

void sg_apps_free(struct sg_site *g)
{
    for (size_t i = 0; i < g->granted.n; i++)
        mem_free(g->granted.v[i].token);
    for (size_t i = 0; i < g->apps.n; i++) {
        struct sg_app *app = g->apps.v[i];
        mem_free(app->slug);
        mem_free(app->client_id);
        mem_free(app->public_key);
        mem_free(app->installations.v);
        mem_free(app);
    }
    mem_free(g->granted.v);
    mem_free(g->apps.v);
}

/* --- who asks --- */

struct ghapps_proof { /* a JSON web token, taken apart */
    struct str text, signature;
    const struct json *head, *claims;
};

static const struct json *ghapps_part(struct arena *a, struct str coded)
{
    const struct json *ret = NULL;
    struct str plain;
    return base64url_read(a, coded, &plain, NULL) == 0 && json_parse(a, plain, &ret, NULL) == 0 ? ret : NULL;
}

static bool ghapps_read(struct arena *a, const char *token, struct ghapps_proof *ret)
{
    const char *first = token ? strchr(token, '.') : NULL, *second = first ? strchr(first + 1, '.') : NULL;
    if (!second)
        return false;
    ret->text = (struct str){token, (size_t)(second - token)};
    ret->head = ghapps_part(a, (struct str){token, (size_t)(first - token)});
    ret->claims = ghapps_part(a, (struct str){first + 1, (size_t)(second - first) - 1});
    return ret->head && ret->claims && base64url_read(a, str_of(second + 1), &ret->signature, NULL) == 0 &&
           text_same(json_text(json_get(ret->head, "alg")), "RS256");
}

static struct sg_app *ghapps_issuer(struct sandbox_call *c, const struct json *claims)
{
    const struct sg_site *g = c->s->github;
    const char *said = json_text(json_get(claims, "iss"));
    uint64_t id = said ? sg_digits(said) : ghapps_number(claims, "iss", 0);
    for (size_t i = 0; i < g->apps.n; i++)
        if (g->apps.v[i]->id == id || (said && text_same(said, g->apps.v[i]->client_id)))
            return g->apps.v[i];
    return NULL;
}

/* What GitHub says of its times; NULL: they are good. */
static const char *ghapps_times(struct sandbox_call *c, const struct json *claims)
{
    int64_t issued = 0, expires = 0, now = c->now_ms / 1000;
    if (!json_int(json_get(claims, "iat"), &issued) || issued > now)
        return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
    if (!json_int(json_get(claims, "exp"), &expires) || expires <= now)
        return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
               "assertion expires";
    return expires > now + SG_PROOF_S ? "'Expiration time' claim ('exp') is too far in the future" : NULL;
}

static bool ghapps_prove(struct sandbox_call *c, const char *token)
{
    struct ghapps_proof p = {0};
    bool can_read = ghapps_read(c->arena, token, &p);
    struct sg_app *app = can_read ? ghapps_issuer(c, p.claims) : NULL;
    const char *times = can_read ? ghapps_times(c, p.claims) : NULL;
    if (can_read && !app)
        sg_error(c, 404, "Integration not found");
    else if (!can_read || !rsa_verify(str_of(app->public_key), p.text, p.signature))
        sg_error(c, 401, "A JSON web token could not be decoded");
    else if (times)
        sg_error(c, 401, times);
    else
        c->github_app = app;
    return c->github_app;
}

bool sg_app_login(struct sandbox_call *c, const char *below, const char *token, bool *ret_is_app)
{
    const struct sg_site *g = c->s->github;
    bool is_own = strcmp(below, "app") == 0 || text_starts(below, "app/");
    *ret_is_app = is_own || (token && text_starts(token, "ghs_"));
    if (is_own)
        return ghapps_prove(c, token);
    if (!*ret_is_app)
        return false;
    for (size_t i = 0; i < g->granted.n; i++) {
        const struct sg_granted *one = &g->granted.v[i];
        if (strcmp(one->token, token) != 0 || one->expires_ms <= c->now_ms)
            continue;
        c->github_app = one->app;
        c->github_user = one->app->bot;
        return true;
    }
    sg_error(c, 401, "Bad credentials");
    return false;
}

/* --- what it asks --- */

static void ghapps_put_rights(struct sandbox_call *c)
{
    static const char *const rights[] = {"contents", "issues", "metadata", "pull_requests", "statuses"};
    json_open(&c->json, "permissions", '{');
    for (size_t i = 0; i < COUNT(rights); i++)
        json_put_text(&c->json, rights[i],
                      strcmp(rights[i], "metadata") == 0 || strcmp(rights[i], "contents") == 0 ? "read" : "write");
    json_close(&c->json);
}

static void ghapps_put_common(struct sandbox_call *c, const struct sg_app *app)
{
    struct json_out *o = &c->json;
    const struct sg_hook *h = sg_hook_of_app(c->s->github, app);
    ghapps_put_rights(c);
    json_open(o, "events", '[');
    for (size_t i = 0; h && i < h->events.n; i++)
        json_put_text(o, NULL, h->events.v[i]);
    json_close(o);
    json_put_text(o, "created_at", sg_time(c, app->created_ms));
    json_put_text(o, "updated_at", sg_time(c, app->created_ms));
}

void sg_app_get(struct sandbox_call *c)
{
    const struct sg_app *app = c->github_app;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)app->id);
    json_put_text(o, "slug", app->slug);
    json_put_text(o, "node_id", sg_node(c->arena, "A", app->id));
    if (app->client_id)
        json_put_text(o, "client_id", app->client_id);
    sg_put_user(c, o, "owner", app->bot);
    json_put_text(o, "name", app->slug);
    json_put_null(o, "description");
    json_put_text(o, "external_url", c->base);
    json_put_text(o, "html_url", arena_fmt(c->arena, "%s/github/apps/%s", c->base, app->slug));
    ghapps_put_common(c, app);
    json_put_int(o, "installations_count", (int64_t)app->installations.n);
    json_close(o);
}

static void ghapps_put_installation(struct sandbox_call *c, const struct sg_installation *one)
{
    struct json_out *o = &c->json;
    const struct sg_app *app = c->github_app;
    const char *api = arena_fmt(c->arena, "%s/github/api", c->base);
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)one->id);
    sg_put_user(c, o, "account", one->account);
    json_put_text(o, "repository_selection", "all");
    json_put_text(o, "access_tokens_url",
                  arena_fmt(c->arena, "%s/app/installations/%" PRIu64 "/access_tokens", api, one->id));
    json_put_text(o, "repositories_url", arena_fmt(c->arena, "%s/installation/repositories", api));
    json_put_text(o, "html_url", arena_fmt(c->arena, "%s/github/settings/installations/%" PRIu64, c->base, one->id));
    json_put_int(o, "app_id", (int64_t)app->id);
    json_put_text(o, "app_slug", app->slug);
    json_put_int(o, "target_id", (int64_t)one->account->id);
    json_put_text(o, "target_type", one->account->type);
    ghapps_put_common(c, app);
    json_put_null(o, "single_file_name");
    json_put_null(o, "suspended_by");
    json_put_text(o, "suspended_at", one->is_suspended ? sg_time(c, app->created_ms) : NULL);
    json_close(o);
}

void sg_app_installations(struct sandbox_call *c)
{
    const struct sg_app *app = c->github_app;
    struct sg_page p = sg_page_read(c);
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '[');
    for (size_t i = p.first; i < app->installations.n && i < p.end; i++)
        ghapps_put_installation(c, &app->installations.v[i]);
    json_close(o);
    sg_page_links(c, &p, app->installations.n);
}

static const char *ghapps_token(struct sandbox_call *c)
{
    enum { SECRET_BYTES = 18 };
    uint8_t secret[SECRET_BYTES];
    char hex[2 * SECRET_BYTES + 1];
    random_bytes(secret, sizeof secret);
    hex_write(secret, sizeof secret, hex);
    return arena_fmt(c->arena, "ghs_%s", hex);
}

static void ghapps_give(struct sandbox_call *c)
{
    struct sg_site *g = c->s->github;
    /* GitHub's times have whole seconds */
    int64_t expires_ms = (c->now_ms + c->github_app->lifetime_ms + 999) / 1000 * 1000;
    const char *token = ghapps_token(c);
    struct sg_granted one = {.token = mem_text(token), .app = c->github_app, .expires_ms = expires_ms};
    SANDBOX_ADD(&g->granted, one);
    struct json_out *o = sandbox_json(c, 201);
    json_open(o, NULL, '{');
    json_put_text(o, "token", token);
    json_put_text(o, "expires_at", sg_time(c, expires_ms));
    ghapps_put_rights(c);
    json_put_text(o, "repository_selection", "all");
    json_close(o);
}

void sg_app_grant(struct sandbox_call *c)
{
    const struct sg_app *app = c->github_app;
    const struct sg_installation *found = NULL;
    for (size_t i = 0; i < app->installations.n; i++)
        if (app->installations.v[i].id == sg_digits(c->part[0]))
            found = &app->installations.v[i];
    if (!found)
        sg_error(c, 404, "Not Found");
    else if (found->is_suspended)
        sg_error(c, 403, "This installation has been suspended");
    else if (c->s->github->granted.n >= SG_GRANTED)
        sg_error(c, 403, "You have exceeded a secondary rate limit.");
    else
        ghapps_give(c);
}

/* Of all accounts that it is installed on: which of them a token is for is not looked at. */
void sg_app_repositories(struct sandbox_call *c)
{
    const struct sg_app *app = c->github_app;
    struct sg_page p = sg_page_read(c);
    size_t total = 0;
    if (!app) {
        sg_error(c, 403, "You must authenticate with an installation access token in order to list repositories.");
        return;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "repositories", '[');
    for (size_t i = 0; i < app->installations.n; i++) {
        const struct sg_user *u = app->installations.v[i].account;
        for (size_t n = 0; n < u->repos.n; n++, total++)
            if (total >= p.first && total < p.end)
                sg_put_repo(c, o, NULL, u->repos.v[n]);
    }
    json_close(o);
    json_put_int(o, "total_count", (int64_t)total);
    json_close(o);
    sg_page_links(c, &p, total);
}
