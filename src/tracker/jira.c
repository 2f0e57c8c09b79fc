/*
 * Jira, Cloud and Server or Data Center, through /rest/api/2: the version that takes and gives wiki markup and that
 * both have. They differ in how people are named, and in how one searches and lists projects.
 */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "tracker/tracker_private.h"

enum { JIRA_AUTO, JIRA_CLOUD, JIRA_SERVER };
static const char *const jira_deployments[] = {"auto", "cloud", "server", NULL};
static const char *const jira_apis[] = {"2", NULL};

static const struct opt jira_rows[] = {
    OPTION_SECRETS(
        struct jira_conf, hook_secret, OPT_RELOAD,
        "Secret of the webhook in Jira, by which it signs what it sends; a list while it is being changed. A "
        "Jira that does not sign is known by hook_key, in X-Api-Key or at the end of the address: ?key="),
    OPTION_TEXT(struct jira_conf, user, OPT_RELOAD, NULL,
                "Account of the token; without it the token is sent as a bearer's"),
    OPTION_SECRET(struct jira_conf, token, OPT_REQUIRED | OPT_RELOAD, "API token, password or personal access token"),
    OPTION_WORD(struct jira_conf, api, OPT_RELOAD, "2", jira_apis, "Version of Jira's REST interface"),
    OPTION_WORD(
        struct jira_conf, deployment, OPT_RELOAD, "auto", jira_deployments,
        "Cloud, server (also Data Center), or auto: cloud when url is below atlassian.net or jira.com, or when user "
        "is set"),
    OPTION_TIME(
        struct jira_conf, search_lag, OPT_RELOAD, "60s", 0, 3600000,
        "How long a new issue may be missing from searches; a creation whose answer was lost is not sent again sooner"),
    OPTION_MAP(struct jira_conf, groups, OPT_RELOAD,
               "Groups, each with the end of the mail addresses of those who belong into it, or several: "
               "{partner-ubc: \"@ubc.ca\"}; sync-users puts them there"),
};
static const struct opt_table jira_table = OPT_TABLE_OF("tracker jira", struct jira_conf, jira_rows);

static bool jira_is_atlassian(const char *url)
{
    static const char *const ends[] = {".atlassian.net", ".jira.com", "api.atlassian.com"};
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    struct str s = {host, strcspn(host, ":/")};
    for (size_t i = 0; i < COUNT(ends); i++) {
        size_t n = strlen(ends[i]);
        if (s.n >= n && memcmp(s.p + s.n - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

bool jira_is_cloud(const struct conf_tracker *conf)
{
    const struct jira_conf *own = conf->own;
    if (own->deployment != JIRA_AUTO)
        return own->deployment == JIRA_CLOUD;
    return !text_blank(own->user) || jira_is_atlassian(conf->url);
}

bool jira_is_guessed(const struct conf_tracker *conf)
{
    return ((const struct jira_conf *)conf->own)->deployment == JIRA_AUTO;
}

/* --- helpers of the phases --- */

int jira_to(struct walk *r, const char *path)
{
    r->next->url = http_join(r->arena, r->c->conf->url, arena_fmt(r->arena, "/rest/api/2/%s", path));
    return STEP_SEND;
}

int jira_to_search(struct walk *r, bool is_cloud)
{
    const char *path = is_cloud ? "/rest/api/3/search/jql" : "/rest/api/2/search";
    r->next->url = http_join(r->arena, r->c->conf->url, path);
    return STEP_SEND;
}

void jira_put_quoted(struct text *t, const char *value)
{
    text_addc(t, '"');
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\')
            text_addc(t, '\\');
        text_addc(t, *p);
    }
    text_addc(t, '"');
}

const char *jira_key(struct walk *r)
{
    const char *ref = r->c->want ? r->c->want->ref : r->c->change->issue.ref;
    return tracker_escape(r->arena, ref ? ref : "");
}

/* The end of a link that is not this issue, when it is on that side. */
static const char *jira_link_end(const struct json *link, bool is_inward)
{
    return json_text(json_path(link, is_inward ? "inwardIssue.key" : "outwardIssue.key"));
}

const char *jira_link_id(const struct json *links, const char *type, const char *other, bool is_inward)
{
    JSON_EACH (link, links) {
        const struct json *kind = json_get(link, "type");
        const char *in = json_text(json_get(kind, "inward"));
        bool is_same_both_ways = in && text_same(in, json_text(json_get(kind, "outward")));
        const char *end = jira_link_end(link, is_inward);
        if (!end && is_same_both_ways) /* "relates to" */
            end = jira_link_end(link, !is_inward);
        if (text_same(json_text(json_get(kind, "name")), type) && text_same(end, other))
            return json_text(json_get(link, "id"));
    }
    return NULL;
}

/* --- what Jira says when it refuses --- */

enum { JIRA_SAID_BYTES = 400 };

/* {"errorMessages": [text…], "errors": {field: text…}} → "text; field: text". */
static void jira_said(const struct json *answer, struct text *to)
{
    JSON_EACH (one, json_get(answer, "errorMessages")) {
        text_addz(to, to->n ? "; " : "");
        text_addz(to, json_text(one));
    }
    JSON_EACH (one, json_get(answer, "errors"))
        if (json_text(one))
            text_addf(to, "%s%s: %s", to->n ? "; " : "", json_key(one), json_text(one));
    if (to->n == 0)
        text_addz(to, json_text(json_get(answer, "message")));
}

/*
 * 403 in Jira's own words is about our rights in one project; the credentials are good, and no other issue must wait.
 * After failed logins Server wants a person to solve a CAPTCHA, and says so in headers.
 */
static bool jira_is_about_rights(const struct walk *r, const struct err *why)
{
    const struct http_headers *h = &r->prev->headers;
    const char *login = http_header_get(h, "X-Seraph-LoginReason");
    bool is_login = http_header_get(h, "X-Authentication-Denied-Reason") || (login && !text_same(login, "OK"));
    return why->class == ERR_AUTH && r->prev->status == 403 && !is_login &&
           (json_count(json_get(r->answer, "errorMessages")) || json_count(json_get(r->answer, "errors")));
}

static int jira_refusal(const struct walk *r, const struct walk_phase *p, struct err *why)
{
    AUTO(text_auto) struct text said = {0};
    struct http_request sent = {.method = p->method, .effect = p->effect};
    text_init(&said, JIRA_SAID_BYTES);
    jira_said(r->answer, &said);
    const char *captcha = http_header_get(&r->prev->headers, "X-Authentication-Denied-Reason");
    if (!text_blank(captcha))
        text_addf(&said, "%s%.100s", said.n ? "; " : "", captcha);
    int rc = tracker_refusal(&sent, r->prev, p->what, text_z(&said), why);
    if (!jira_is_about_rights(r, why))
        return rc;
    why->class = ERR_INPUT;
    return -ERR_INPUT;
}

/* --- the walk --- */

static const struct walk_kind jira_kind = {
    .name = "Jira",
    .accept = "application/json",
    .facts = jira_facts,
    .changes = jira_changes,
    .looks = jira_looks,
    .refusal = jira_refusal,
};

static int jira_step(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                     struct http_request *next, struct tracker_result *ret, struct err *e)
{
    struct walk r = {&jira_kind, NULL, c, c->arena, st, prev, NULL, next, ret};
    return walk_step(&r, e);
}

static int jira_look(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                     struct http_request *next, struct tracker_result *ret, struct err *e)
{
    struct walk r = {&jira_kind, NULL, c, c->arena, st, prev, NULL, next, ret};
    return walk_look(&r, e);
}

static int64_t jira_look_lag(const struct conf_tracker *conf)
{
    return ((const struct jira_conf *)conf->own)->search_lag;
}

static bool jira_is_hooked(const struct conf_tracker *conf)
{
    return ((const struct jira_conf *)conf->own)->hook_secret.n > 0 || conf->hook_key.n > 0;
}

static void jira_sign(const struct conf_tracker *conf, UNUSED const struct secret *granted, UNUSED int64_t now_ms,
                      struct arena *a, struct http_request *r)
{
    AUTO(text_auto) struct text t = {0};
    const struct jira_conf *own = conf->own;
    struct str token = secret_reveal(own->token);
    if (!tracker_is_own(conf, a, r->url))
        return;
    text_init(&t, TRACKER_NOTE_BYTES);
    if (!text_blank(own->user)) {
        text_addf(&t, "%s:", own->user);
        text_add(&t, token);
        const char *pair = base64_text(a, text_str(&t));
        text_reset(&t);
        text_addf(&t, "Basic %s", pair);
    } else {
        text_addz(&t, "Bearer ");
        text_add(&t, token);
    }
    http_header_add_secret(a, &r->headers, "Authorization", text_z(&t));
}

/* --- addresses --- */

static const char *jira_issue_url(const struct conf_tracker *conf, struct arena *a, const char *ref)
{
    return http_join(a, conf->url, arena_fmt(a, "/browse/%s", tracker_escape(a, ref)));
}

/* JB-7, A_1-20: a letter, letters, digits and _, then - and a number. Server allows keys that are not all capitals. */
static bool jira_is_key(const char *s)
{
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    if (n == 0 || strspn(s, "_0123456789") > 0 || s[n] != '-' || s[n + 1] < '1' || s[n + 1] > '9')
        return false;
    return s[n + 1 + strspn(s + n + 1, "0123456789")] == '\0' && strlen(s) <= 255;
}

static const char *jira_issue_ref(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    struct url u;
    if (!tracker_at_home(a, conf->url, url, &u) || !u.path)
        return NULL;
    char *path = arena_text(a, u.path);
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        path[--n] = '\0';
    const char *last = strrchr(path, '/');
    return last && jira_is_key(last + 1) ? last + 1 : NULL;
}

static const struct opt_pairs *jira_groups(const struct conf_tracker *conf)
{
    return &((const struct jira_conf *)conf->own)->groups;
}

/* Where a user belongs is told by the whole domain. */
static void jira_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    const struct jira_conf *own = of;
    const struct yaml *groups = yaml_get(at, "groups");
    for (size_t i = 0; i < own->groups.n; i++)
        for (size_t k = 0; k < own->groups.v[i].values.n; k++) {
            const char *domain = own->groups.v[i].values.v[k];
            const char *name = domain + (domain[0] == '@');
            if (strchr(name, '.') && name[0] != '.' && !strpbrk(name, "@ \t,;"))
                continue;
            yaml_problem(r->problems, yaml_get(groups, own->groups.v[i].name),
                         problem_key(r->arena, arena_fmt(r->arena, "%s.groups", r->key), own->groups.v[i].name), NULL,
                         "expected the end of mail addresses such as @example.org, got %s",
                         problem_quote(r->arena, domain));
        }
}

const struct tracker_driver tracker_jira = {
    .kind = {.name = "jira", .opts = &jira_table, .check = jira_check},
    .can = TRACKER_WEBHOOK | TRACKER_CREATE | TRACKER_WORKFLOW | TRACKER_USERS | TRACKER_FOLLOW,
    .groups = jira_groups,
    .step = jira_step,
    .look = jira_look,
    .look_lag_ms = jira_look_lag,
    .is_hooked = jira_is_hooked,
    .sign = jira_sign,
    .verify = jira_verify,
    .decode = jira_decode,
    .identify = jira_identify,
    .issue_url = jira_issue_url,
    .issue_ref = jira_issue_ref,
};
