/*
 * GitHub and GitHub Enterprise Server: REST for nearly everything, GraphQL for boards. A redirect is followed on the
 * same host alone (repositories are renamed); whatever is asked of another host goes without credentials.
 */
#include "base/base.h"

#include "tracker/github_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"

enum { GITHUB_NAME_BYTES = 100, GITHUB_PAGES_MOST = DRIVER_STEPS - 4 };

static const struct opt github_rows[] = {
    OPTION_SECRET(struct github_conf, token, OPT_RELOAD, "Personal access token of the account that lockstep uses"),
    OPTION_TEXT(struct github_conf, app_id, OPT_RELOAD, NULL,
                "Number or client id of the GitHub App that lockstep is, instead of a token"),
    OPTION_SECRET(struct github_conf, private_key, OPT_RELOAD,
                  "The App's private key, as PEM: ${file:PATH} reads it from a file"),
    OPTION_INT(struct github_conf, installation, OPT_RELOAD, NULL, 0, INT64_MAX,
               "Number of the App's installation; without it the App must be installed in one place only"),
    OPTION_SECRETS(struct github_conf, hook_secret, OPT_RELOAD,
                   "Secret of the webhooks, whose signature each delivery must bear; a list while it is being changed"),
    OPTION_BOOL(struct github_conf, allow_sha1, OPT_RELOAD, "false",
                "Take the signature X-Hub-Signature (SHA-1) too, from senders that have no X-Hub-Signature-256"),
    OPTION_URL(struct github_conf, html, OPT_RELOAD, NULL,
               "Where people see GitHub; without it, as url says: https://github.com of https://api.github.com, "
               "https://HOST of https://HOST/api/v3"),
    OPTION_TIME(struct github_conf, search_lag, OPT_RELOAD, "5s", 0, 3600000,
                "How long a new comment or issue may be missing from lists; one whose answer was lost is not made "
                "again sooner"),
};
static const struct opt_table github_table = OPT_TABLE_OF("tracker github", struct github_conf, github_rows);

static void github_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    const struct github_conf *own = of;
    github_app_check(own, at, r);
    if (own->hook_secret.n == 0)
        yaml_warning(r->problems, at, r->key, NULL, "without hook_secret every webhook of GitHub is refused");
}

/* --- refs --- */

/* A part of a path: whatever it holds, it stays one part. */
static bool github_name_is_good(struct str s)
{
    return s.n > 0 && s.n <= GITHUB_NAME_BYTES && !str_same(s, STR(".")) && !str_same(s, STR("..")) &&
           !memchr(s.p, '/', s.n) && !memchr(s.p, '#', s.n);
}

bool github_ref_read(struct arena *a, const char *ref, struct github_ref *ret)
{
    struct github_ref to = {0};
    const char *slash = ref ? strchr(ref, '/') : NULL;
    if (!slash)
        return false;
    const char *hash = strchr(slash, '#'), *end = hash ? hash : slash + strlen(slash);
    struct str owner = {ref, (size_t)(slash - ref)}, name = {slash + 1, (size_t)(end - slash - 1)};
    if (!github_name_is_good(owner) || !github_name_is_good(name))
        return false;
    if (hash && (!str_int(str_of(hash + 1), &to.number) || to.number <= 0 || hash[1] == '+'))
        return false;
    to.owner = tracker_escape(a, arena_str(a, owner));
    to.name = tracker_escape(a, arena_str(a, name));
    to.repository = arena_fmt(a, "%s/%s", to.owner, to.name);
    *ret = to;
    return true;
}

int github_ref_of(struct walk *r, struct github_ref *ret, struct err *e)
{
    const char *ref = r->c->want ? r->c->want->ref : r->c->change->issue.ref;
    if (!github_ref_read(r->arena, ref, ret) || ret->number == 0)
        return fail(e, ERR_INPUT, "\"%.200s\" is no issue of GitHub's: expected OWNER/REPO#NUMBER", ref ? ref : "");
    return 0;
}

int github_to(struct walk *r, const char *path)
{
    r->next->url = http_join(r->arena, r->c->conf->url, path);
    return STEP_SEND;
}

bool github_is_home(const struct walk *r, const char *url)
{
    return tracker_is_own(r->c->conf, r->arena, url);
}

/* --- lists --- */

/*
 * A proxy in between has another address than GitHub gives out. Where such a page is counts, not which host has it: a
 * list cut short would look whole, and what is missing in it be made again.
 */
static const char *github_page_here(const struct walk *r, const char *url)
{
    struct url home, there;
    if (github_is_home(r, url) || !url_parse(r->arena, r->c->conf->url, &home) || !url_parse(r->arena, url, &there))
        return url;
    size_t n = strlen(home.path);
    n -= n > 0 && home.path[n - 1] == '/';
    const char *path = strncmp(there.path, home.path, n) == 0 && there.path[n] == '/' ? there.path + n : there.path;
    return http_join(r->arena, r->c->conf->url,
                     arena_fmt(r->arena, "%s%s%s", path, there.query[0] ? "?" : "", there.query));
}

/* <ADDRESS>; rel="next", <ADDRESS>; rel="last" */
const char *github_next_page(const struct walk *r)
{
    const char *links = http_header_get(&r->prev->headers, "Link");
    for (const char *at = links ? strchr(links, '<') : NULL; at; at = strchr(at + 1, '<')) {
        size_t n = strcspn(at, ">"), rest = n + strcspn(at + n, "<");
        const char *url = github_page_here(r, arena_str(r->arena, (struct str){at + 1, n ? n - 1 : 0}));
        if (strstr(arena_str(r->arena, (struct str){at + n, rest - n}), "rel=\"next\""))
            return github_is_home(r, url) ? url : NULL;
    }
    return NULL;
}

bool github_page(struct walk *r)
{
    r->next->url = json_text(json_get(walk_noted(r), "page"));
    return r->next->url != NULL;
}

int github_further(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const char *page = github_next_page(r), *what = r->work->phases[0].what;
    int64_t pages = 1;
    if (!page)
        return STEP_DONE;
    json_int(json_get(walk_noted(r), "pages"), &pages);
    if (pages >= GITHUB_PAGES_MOST)
        return fail(e, ERR_INPUT, "%s: there are more than %d pages", what, GITHUB_PAGES_MOST);
    walk_open(&t, &o);
    json_put_text(&o, "page", page);
    json_put_int(&o, "pages", pages + 1);
    int rc = walk_note(r, &t, &o, e);
    return rc < 0 ? rc : walk_next(r, 0);
}

/* --- addresses --- */

/* https://api.github.com → https://github.com; https://HOST/api/v3, …/api → https://HOST; anything else is itself. */
static const char *github_html(const struct conf_tracker *conf, struct arena *a)
{
    const struct github_conf *own = conf->own;
    const char *host = strstr(conf->url, "://"), *const ends[] = {"/api/v3", "/api"};
    size_t n = strlen(conf->url);
    if (!text_blank(own->html))
        return own->html;
    for (size_t i = 0; i < COUNT(ends); i++)
        if (text_ends(conf->url, ends[i]))
            return arena_str(a, (struct str){conf->url, n - strlen(ends[i])});
    if (host && text_starts(host + 3, "api."))
        return arena_fmt(a, "%.*s%s", (int)(host + 3 - conf->url), conf->url, host + 3 + strlen("api."));
    return conf->url;
}

/* GitHub leads on from there when it is an issue and no pull request. */
static const char *github_issue_url(const struct conf_tracker *conf, struct arena *a, const char *ref)
{
    struct github_ref of;
    const char *html = github_html(conf, a);
    if (!github_ref_read(a, ref, &of))
        return html;
    const char *end = of.number ? arena_fmt(a, "/pull/%" PRId64, of.number) : "";
    return http_join(a, html, arena_fmt(a, "/%s%s", of.repository, end));
}

/* The path behind the place where people see GitHub; NULL when the address is elsewhere. */
static const char *github_path(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    struct url home, there;
    const char *html = github_html(conf, a);
    if (!tracker_at_home(a, html, url, &there) || !url_parse(a, html, &home))
        return NULL;
    size_t n = strlen(home.path);
    while (n > 0 && home.path[n - 1] == '/')
        n--;
    return strncmp(there.path, home.path, n) == 0 && there.path[n] == '/' ? there.path + n : NULL;
}

/* /OWNER/REPO/pull/12, /OWNER/REPO/issues/12, and what people see below them (/pull/12/files). */
static const char *github_issue_ref(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    const char *path = github_path(conf, a, url), *part[4];
    size_t length[4];
    for (size_t i = 0; i < COUNT(part); i++) {
        if (!path || *path != '/')
            return NULL;
        part[i] = path + 1;
        length[i] = strcspn(part[i], "/");
        path = part[i] + length[i];
    }
    struct str kind = {part[2], length[2]};
    if (!str_same(kind, STR("pull")) && !str_same(kind, STR("issues")))
        return NULL;
    struct github_ref of;
    const char *owner = http_unescape(a, (struct str){part[0], length[0]}, false);
    const char *name = http_unescape(a, (struct str){part[1], length[1]}, false);
    const char *ref = arena_fmt(a, "%s/%s#%.*s", owner, name, (int)length[3], part[3]);
    return github_ref_read(a, ref, &of) ? ref : NULL;
}

/* --- what GitHub says when it refuses --- */

enum { GITHUB_SAID_BYTES = 600 };

static bool github_is_among(const char *said, const char *const *words, size_t n)
{
    for (size_t i = 0; said && i < n; i++)
        if (strcasestr(said, words[i]))
            return true;
    return false;
}

/* {"message": text, "errors": [text or {"message"} or {"resource", "field", "code"}…]} → one text. */
static void github_said(const struct json *answer, struct text *to)
{
    text_addz(to, json_text(json_get(answer, "message")));
    JSON_EACH (one, json_get(answer, "errors")) {
        const char *text = json_text(one) ? json_text(one) : json_text(json_get(one, "message"));
        const char *field = json_text(json_get(one, "field")), *code = json_text(json_get(one, "code"));
        text_addz(to, to->n ? "; " : "");
        if (text)
            text_addz(to, text);
        else
            text_addf(to, "%s %s", field ? field : "?", code ? code : "?");
    }
}

/*
 * Limits beside the hourly allowance are told by words alone. 403 in GitHub's own words is about rights in one
 * repository or organisation, except when the account as a whole is meant: the token is good, nobody else must wait.
 */
static enum err_class github_class(const struct walk *r, const char *said, enum err_class class)
{
    static const char *const limits[] = {"rate limit", "abuse detection", "submitted too quickly"};
    static const char *const accounts[] = {"login attempts", "suspended", "administrative rules", "bad credentials"};
    int status = r->prev->status;
    if (status == 403 && github_is_among(said, limits, COUNT(limits)))
        return ERR_LIMITED;
    if (status == 403 && class == ERR_AUTH && !text_blank(said) && !github_is_among(said, accounts, COUNT(accounts)))
        return ERR_INPUT;
    return status == 451 || status == 304 ? ERR_MISSING : class;
}

/* The words of GraphQL's errors; an error without one of these is about what was asked. */
static const struct {
    const char *type;
    enum err_class class;
} github_faults[] = {
    {"RATE_LIMITED", ERR_LIMITED},          {"RATE_LIMIT", ERR_LIMITED}, {"NOT_FOUND", ERR_MISSING},
    {"SERVICE_UNAVAILABLE", ERR_TRANSIENT}, {"INTERNAL", ERR_TRANSIENT}, {"MAX_NODE_LIMIT_EXCEEDED", ERR_INPUT},
};

/* FORBIDDEN and INSUFFICIENT_SCOPES are among the rest: rights on boards, without which all else goes on. */
static enum err_class github_fault(const struct json *error)
{
    static const char *const passing[] = {"something went wrong", "timeout", "timed out"};
    const char *type = json_text(json_get(error, "type"));
    for (size_t i = 0; i < COUNT(github_faults); i++)
        if (text_same(type, github_faults[i].type))
            return github_faults[i].class;
    bool is_passing = !type && github_is_among(json_text(json_get(error, "message")), passing, COUNT(passing));
    return is_passing ? ERR_TRANSIENT : ERR_INPUT;
}

/* 200, with errors. The last of them to say so decides on waiting; else the first. */
static int github_faulty(const struct walk *r, const struct walk_phase *p, const char *said, struct err *why)
{
    enum err_class class = ERR_NONE;
    JSON_EACH (one, json_get(r->answer, "errors")) {
        enum err_class its = github_fault(one);
        if (class == ERR_NONE || its == ERR_LIMITED || its == ERR_TRANSIENT)
            class = its;
    }
    int rc = fail_code(why, class, r->prev->status, "%s: %.300s", p->what, text_blank(said) ? "errors" : said);
    if (class == ERR_LIMITED)
        why->retry_at_ms = tracker_retry_at(r->prev);
    return rc;
}

static bool github_is_faulty(const struct walk *r)
{
    return json_kind(r->answer) == JSON_OBJECT && json_count(json_get(r->answer, "errors")) > 0;
}

static int github_refusal(const struct walk *r, const struct walk_phase *p, struct err *why)
{
    AUTO(text_auto) struct text said = {0};
    struct http_request sent = {.method = p->method, .effect = p->effect};
    text_init(&said, GITHUB_SAID_BYTES);
    github_said(r->answer, &said);
    if (r->prev->status >= 200 && r->prev->status < 300)
        return github_faulty(r, p, text_z(&said), why);
    tracker_refusal(&sent, r->prev, p->what, text_z(&said), why);
    why->class = github_class(r, text_z(&said), why->class);
    if (why->class == ERR_LIMITED)
        why->retry_at_ms = tracker_retry_at(r->prev);
    return -(int)why->class;
}

/* --- the driver --- */

static const struct walk_kind github_kind = {
    .name = "GitHub",
    .accept = "application/vnd.github+json",
    .facts = github_facts,
    .changes = github_changes,
    .looks = github_looks,
    .refusal = github_refusal,
    .is_refusal = github_is_faulty,
    .follows = true,
};

static int github_step(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                       struct http_request *next, struct tracker_result *ret, struct err *e)
{
    struct walk r = {&github_kind, NULL, c, c->arena, st, prev, NULL, next, ret};
    return walk_step(&r, e);
}

static int github_look(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                       struct http_request *next, struct tracker_result *ret, struct err *e)
{
    struct walk r = {&github_kind, NULL, c, c->arena, st, prev, NULL, next, ret};
    return walk_look(&r, e);
}

/* Comments are read from where they are written; a search index would lag. */
static int64_t github_look_lag(const struct conf_tracker *conf)
{
    return ((const struct github_conf *)conf->own)->search_lag;
}

static int github_grant(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                        struct http_request *next, struct tracker_result *ret, struct err *e)
{
    const struct github_conf *own = c->conf->own;
    struct walk r = {&github_kind, NULL, c, c->arena, st, prev, NULL, next, ret};
    return walk_own(&r, own->installation ? &github_app_grant : &github_app_found, e);
}

static void github_sign(const struct conf_tracker *conf, const struct secret *granted, int64_t now_ms, struct arena *a,
                        struct http_request *r)
{
    const struct github_conf *own = conf->own;
    const struct secret *token = github_is_app(conf) ? granted : own->token;
    if (!tracker_is_own(conf, a, r->url))
        return;
    const char *shown = github_is_app_path(conf, a, r->url) ? github_app_proof(conf, a, now_ms)
                        : token                             ? arena_str(a, secret_reveal(token))
                                                            : NULL;
    http_header_add(a, &r->headers, "X-GitHub-Api-Version", "2022-11-28");
    if (shown)
        http_header_add_secret(a, &r->headers, "Authorization", arena_fmt(a, "Bearer %s", shown));
}

const struct tracker_driver tracker_github = {
    .kind = {.name = "github",
             .opts = &github_table,
             .check = github_check,
             .help = "GitHub, and GitHub Enterprise Server",
             /* GitHub's advice, and less than the 500 an hour that it lets be created: of that limit nobody tells. */
             .writes = {.per_second = 1, .at_once = 1, .creations = 400}},
    .can = TRACKER_WEBHOOK | TRACKER_CREATE | TRACKER_COMMENTS | TRACKER_HOOK_LIST | TRACKER_LAGS | TRACKER_LIST |
           TRACKER_LOG,
    .step = github_step,
    .look = github_look,
    .look_lag_ms = github_look_lag,
    .is_granted = github_is_app,
    .grant = github_grant,
    .sign = github_sign,
    .verify = github_verify,
    .decode = github_decode,
    .identify = github_identify,
    .hook_header = "X-GitHub-Hook-ID",
    .delivery_header = "X-GitHub-Delivery",
    .own_place = github_app_place,
    .joins = github_joins,
    .issue_url = github_issue_url,
    .issue_ref = github_issue_ref,
};
