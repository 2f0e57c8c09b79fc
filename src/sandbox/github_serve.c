/* GitHub's front: login, routes, errors, pages of lists, and what all its answers share. */
#include "base/base.h"

#include "base/digest.h"
#include "sandbox/github_handlers_private.h"
#include "sandbox/github_hooks_private.h"
#include "sandbox/serve_private.h"

enum { SG_PAGE = 30 };

static const struct sandbox_route sg_routes[] = {
    {"GET", "app", sg_app_get, 0},
    {"GET", "app/installations", sg_app_installations, 0},
    {"POST", "app/installations/{}/access_tokens", sg_app_grant, SANDBOX_READS},
    {"GET", "app/hook/config", sg_app_hook_get, 0},
    {"PATCH", "app/hook/config", sg_app_hook_patch, 0},
    {"GET", "app/hook/deliveries", sg_delivery_list, 0},
    {"GET", "app/hook/deliveries/{}", sg_delivery_get, 0},
    {"POST", "app/hook/deliveries/{}/attempts", sg_delivery_again, 0},
    {"GET", "installation/repositories", sg_app_repositories, 0},
    {"GET", "user", sg_me, 0},
    {"GET", "users/{}", sg_user_get, 0},
    {"GET", "meta", sg_meta, 0},
    {"GET", "zen", sg_zen, 0},
    {"GET", "rate_limit", sg_rate_limit, 0},
    {"POST", "graphql", sg_graphql, 0},
    {"GET", "orgs/{}/repos", sg_repo_list, 0},
    {"GET", "repos/{}/{}", sg_repo_get, 0},
    {"GET", "repos/{}/{}/contents/{...}", sg_contents, 0},
    {"GET", "repos/{}/{}/pulls", sg_pull_list, 0},
    {"GET", "repos/{}/{}/pulls/{}", sg_pull_get, 0},
    {"PATCH", "repos/{}/{}/pulls/{}", sg_pull_patch, 0},
    {"GET", "repos/{}/{}/issues", sg_issue_list, 0},
    {"POST", "repos/{}/{}/issues", sg_issue_post, 0},
    {"GET", "repos/{}/{}/issues/comments/{}", sg_comment_get, 0},
    {"PATCH", "repos/{}/{}/issues/comments/{}", sg_comment_patch, 0},
    {"DELETE", "repos/{}/{}/issues/comments/{}", sg_comment_delete, 0},
    {"GET", "repos/{}/{}/issues/{}", sg_issue_get, 0},
    {"PATCH", "repos/{}/{}/issues/{}", sg_issue_patch, 0},
    {"GET", "repos/{}/{}/issues/{}/comments", sg_comment_list, 0},
    {"POST", "repos/{}/{}/issues/{}/comments", sg_comment_post, 0},
    {"GET", "repos/{}/{}/issues/{}/labels", sg_issue_labels, 0},
    {"POST", "repos/{}/{}/issues/{}/labels", sg_issue_labels_post, 0},
    {"PUT", "repos/{}/{}/issues/{}/labels", sg_issue_labels_put, 0},
    {"DELETE", "repos/{}/{}/issues/{}/labels", sg_issue_labels_delete, 0},
    {"DELETE", "repos/{}/{}/issues/{}/labels/{}", sg_issue_label_delete, 0},
    {"GET", "repos/{}/{}/labels", sg_label_list, 0},
    {"POST", "repos/{}/{}/labels", sg_label_post, 0},
    {"GET", "repos/{}/{}/labels/{}", sg_label_get, 0},
    {"PATCH", "repos/{}/{}/labels/{}", sg_label_patch, 0},
    {"DELETE", "repos/{}/{}/labels/{}", sg_label_delete, 0},
    {"GET", "repos/{}/{}/commits/{}/statuses", sg_status_list, 0},
    {"GET", "repos/{}/{}/statuses/{}", sg_status_list, 0},
    {"POST", "repos/{}/{}/statuses/{}", sg_status_post, 0},
    {"GET", "repos/{}/{}/hooks", sg_hook_list, 0},
    {"POST", "repos/{}/{}/hooks", sg_hook_post, 0},
    {"GET", "repos/{}/{}/hooks/{}", sg_hook_get, 0},
    {"PATCH", "repos/{}/{}/hooks/{}", sg_hook_patch, 0},
    {"DELETE", "repos/{}/{}/hooks/{}", sg_hook_delete, 0},
    {"POST", "repos/{}/{}/hooks/{}/pings", sg_hook_ping, 0},
    {"GET", "repos/{}/{}/hooks/{}/deliveries", sg_delivery_list, 0},
    {"GET", "repos/{}/{}/hooks/{}/deliveries/{}", sg_delivery_get, 0},
    {"POST", "repos/{}/{}/hooks/{}/deliveries/{}/attempts", sg_delivery_again, 0},
    {"GET", "orgs/{}/hooks", sg_hook_list, 0},
    {"POST", "orgs/{}/hooks", sg_hook_post, 0},
    {"GET", "orgs/{}/hooks/{}", sg_hook_get, 0},
    {"PATCH", "orgs/{}/hooks/{}", sg_hook_patch, 0},
    {"DELETE", "orgs/{}/hooks/{}", sg_hook_delete, 0},
    {"POST", "orgs/{}/hooks/{}/pings", sg_hook_ping, 0},
    {"GET", "orgs/{}/hooks/{}/deliveries", sg_delivery_list, 0},
    {"GET", "orgs/{}/hooks/{}/deliveries/{}", sg_delivery_get, 0},
    {"POST", "orgs/{}/hooks/{}/deliveries/{}/attempts", sg_delivery_again, 0},
};

static void serve_open_error(struct sandbox_call *c, int status, const char *message)
{
    struct json_out *o = sandbox_json(c, status);
    json_open(o, NULL, '{');
    json_put_text(o, "message", message);
    json_put_text(o, "documentation_url", "https://docs.github.com/rest");
    json_put_text(o, "status", arena_fmt(c->arena, "%d", status));
}

void sg_error(struct sandbox_call *c, int status, const char *message)
{
    serve_open_error(c, status, message);
    json_close(&c->json);
}

void sg_invalid(struct sandbox_call *c, const char *resource, const char *field, const char *code, const char *message)
{
    serve_open_error(c, 422, "Validation Failed");
    json_open(&c->json, "errors", '[');
    json_open(&c->json, NULL, '{');
    json_put_text(&c->json, "resource", resource);
    json_put_text(&c->json, "code", code);
    json_put_text(&c->json, "field", field);
    if (message)
        json_put_text(&c->json, "message", message);
    json_close(&c->json);
    json_close(&c->json);
    json_close(&c->json);
}

const char *sg_time(struct sandbox_call *c, int64_t ms)
{
    return ms ? sandbox_time(c, ms) : NULL;
}

bool sg_has_scope(const struct sandbox_call *c, const char *scope)
{
    return c->github_user && sandbox_words_has(&c->github_user->scopes, scope);
}

bool sg_can_see(const struct sandbox_call *c, const struct sg_repo *r)
{
    return !r->is_private || sg_has_scope(c, "repo");
}

bool sg_may_write(struct sandbox_call *c, const char *scope)
{
    if (!c->github_user)
        sg_error(c, 401, "Requires authentication");
    else if (!sg_has_scope(c, scope) && strcmp(scope, "repo") == 0)
        sg_error(c, 403, "Resource not accessible by personal access token");
    else if (!sg_has_scope(c, scope))
        sg_error(c, 404, "Not Found");
    return sg_has_scope(c, scope);
}

/* To where a renamed repository is found by its number. */
static void serve_moved(struct sandbox_call *c, const struct sg_repo *r)
{
    const char *rest = c->path;
    for (int slashes = 0; *rest && slashes < 6; rest++)
        slashes += *rest == '/';
    const char *query = strchr(c->request->url, '?');
    const char *url = arena_fmt(c->arena, "%s/github/api/repositories/%" PRIu64 "%s%s%s", c->base, r->id,
                                *rest ? "/" : "", rest, query ? query : "");
    bool is_read = !c->is_write;
    http_header_add(c->arena, &c->headers, "Location", url);
    serve_open_error(c, is_read ? 301 : 307, is_read ? "Moved Permanently" : "Temporary Redirect");
    json_put_text(&c->json, "url", url);
    json_close(&c->json);
}

struct sg_repo *sg_asked_repo(struct sandbox_call *c)
{
    const char *full = arena_fmt(c->arena, "%s/%s", c->part[0], c->part[1]);
    struct sg_repo *r = sg_repo_find(c->s->github, full);
    if (!r || !sg_can_see(c, r))
        sg_error(c, 404, "Not Found");
    else if (!text_same_nocase(r->full, full))
        serve_moved(c, r);
    else if (c->is_write && r->is_archived)
        sg_error(c, 403, "Repository was archived so is read-only.");
    else
        return r;
    return NULL;
}

struct sg_issue *sg_asked_issue(struct sandbox_call *c)
{
    struct sg_repo *r = sg_asked_repo(c);
    struct sg_issue *i = r ? sg_issue_find(r, sg_digits(c->part[2])) : NULL;
    if (i && !i->is_deleted)
        return i;
    if (r)
        sg_error(c, i ? 410 : 404, i ? "This issue was deleted" : "Not Found");
    return NULL;
}

struct sg_page sg_page_read(struct sandbox_call *c)
{
    struct sg_page p = {.number = (size_t)sandbox_query_int(c, "page", 1, 1000000),
                        .size = (size_t)sandbox_query_int(c, "per_page", SG_PAGE, SG_PAGE_MAX)};
    p.number = p.number ? p.number : 1;
    p.size = p.size ? p.size : SG_PAGE;
    p.first = (p.number - 1) * p.size;
    p.end = p.first + p.size;
    return p;
}

/* The address that was asked, with one parameter changed. */
static const char *serve_link(struct sandbox_call *c, const char *param, const char *value, const char *rel)
{
    AUTO(text_auto) struct text t;
    text_init(&t, 16384);
    text_addf(&t, "<%s%s?", c->base, c->path);
    const char *at = c->request->url + strcspn(c->request->url, "?");
    size_t n = strlen(param);
    at += *at == '?';
    while (*at && *at != '#') {
        size_t length = strcspn(at, "&#");
        if (strncmp(at, param, n) != 0 || at[n] != '=')
            text_addf(&t, "%.*s&", (int)length, at);
        at += length + (at[length] == '&');
    }
    text_addf(&t, "%s=%s>; rel=\"%s\"", param, value, rel);
    return arena_text(c->arena, text_z(&t));
}

void sg_link_add(struct sandbox_call *c, const char *param, const char *value, const char *rel)
{
    http_header_add(c->arena, &c->headers, "Link", serve_link(c, param, value, rel));
}

void sg_page_links(struct sandbox_call *c, const struct sg_page *p, size_t total)
{
    size_t last = total ? (total + p->size - 1) / p->size : 1;
    const struct {
        const char *rel;
        size_t page;
        bool is_there;
    } rows[] = {{"prev", p->number - 1, p->number > 1},
                {"next", p->number + 1, p->number < last},
                {"last", last, p->number < last},
                {"first", 1, p->number > 1}};
    const char *all = NULL;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!rows[i].is_there)
            continue;
        const char *one = serve_link(c, "page", arena_fmt(c->arena, "%zu", rows[i].page), rows[i].rel);
        all = all ? arena_fmt(c->arena, "%s, %s", all, one) : one;
    }
    if (all)
        http_header_add(c->arena, &c->headers, "Link", all);
}

static const char *serve_token(struct sandbox_call *c)
{
    const struct http_headers *h = &c->request->headers;
    const char *given = http_header_get(h, "Authorization");
    if (!given)
        return NULL;
    if (text_starts(given, "token "))
        return given + strlen("token ");
    const char *token = http_bearer(c->arena, h);
    token = token ? token : http_basic_password(c->arena, h);
    return token ? token : "";
}

static bool serve_token_login(struct sandbox_call *c, const char *below)
{
    const char *token = serve_token(c);
    bool is_app = false, may_app = sg_app_login(c, below, token, &is_app);
    if (is_app)
        return may_app;
    struct sg_user *u = token ? map_get(c->s->github->by_token, hash_stable(str_of(token))) : NULL;
    if (token && (!u || !text_same(u->token, token))) {
        sg_error(c, 401, "Bad credentials");
        return false;
    }
    c->github_user = u;
    return true;
}

/* repositories/ID/… is repos/OWNER/NAME/…. */
static const char *serve_by_number(struct sandbox_call *c, const char *below)
{
    const char *start = "repositories/";
    if (!text_starts(below, start))
        return below;
    const char *id = below + strlen(start);
    size_t n = strcspn(id, "/");
    uint64_t number = sg_digits(arena_str(c->arena, (struct str){id, n}));
    const struct sg_repo *r = number ? map_get(c->s->github->by_id, number) : NULL;
    return r ? arena_fmt(c->arena, "repos/%s%s", r->full, id + n) : below;
}

static void serve_tag(struct sandbox_call *c)
{
    if (strcmp(c->request->method, "GET") != 0 || c->status != 200)
        return;
    const char *tag = arena_fmt(c->arena, "W/\"%016" PRIx64 "\"", checksum(text_str(c->out), 0));
    const char *known = http_header_get(&c->request->headers, "If-None-Match");
    http_header_add(c->arena, &c->headers, "ETag", tag);
    if (known && strstr(known, tag + 2)) {
        sandbox_empty(c, 304);
        sg_limits_give_back(c);
    }
}

static void serve_asked(struct sandbox_call *c, const char *below)
{
    struct err e = {0};
    bool is_known = false;
    if (c->request->body.n && json_parse(c->arena, c->request->body, &c->body, &e) != 0)
        sg_error(c, 400, "Problems parsing JSON");
    else if (!sandbox_run_route(c, sg_routes, COUNT(sg_routes), serve_by_number(c, below), &is_known))
        sg_error(c, 404, "Not Found");
    serve_tag(c);
}

void sg_serve(struct sandbox_call *c, const char *below)
{
    char id[UUID_TEXT_BYTES];
    if (text_blank(http_header_get(&c->request->headers, "User-Agent"))) {
        text_addz(
            sandbox_plain(c, 403, "text/html"),
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.\n");
        return;
    }
    if (serve_token_login(c, below) && (strcmp(below, "rate_limit") == 0 || sg_limits_take(c)))
        serve_asked(c, below);
    sg_limits_headers(c);
    http_header_add(c->arena, &c->headers, "X-GitHub-Request-Id", arena_text(c->arena, uuid_text(id)));
    http_header_add(c->arena, &c->headers, "X-GitHub-Media-Type", "github.v3; format=json");
    if (c->github_user)
        http_header_add(c->arena, &c->headers, "X-OAuth-Scopes",
                        sandbox_words_join(c->arena, &c->github_user->scopes, ", "));
}
