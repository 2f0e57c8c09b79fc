/* Jira's front: login, routes, errors, and what all its answers share. */
#include "base/base.h"

#include "base/utf8.h"
#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_history_private.h"
#include "sandbox/serve_private.h"

static const struct sandbox_route sj_routes[] = {
    {"POST", "issue", sj_issue_post, 0},
    {"GET", "issue/{}", sj_issue_get, 0},
    {"PUT", "issue/{}", sj_issue_put, 0},
    {"DELETE", "issue/{}", sj_issue_delete, 0},
    {"GET", "issue/{}/properties", sj_property_list, 0},
    {"GET", "issue/{}/properties/{}", sj_property_get, 0},
    {"PUT", "issue/{}/properties/{}", sj_property_put, 0},
    {"DELETE", "issue/{}/properties/{}", sj_property_delete, 0},
    {"GET", "issue/{}/comment", sj_comment_list, 0},
    {"POST", "issue/{}/comment", sj_comment_post, 0},
    {"GET", "issue/{}/comment/{}", sj_comment_get, 0},
    {"GET", "issue/{}/transitions", sj_transition_list, 0},
    {"POST", "issue/{}/transitions", sj_transition_post, 0},
    {"GET", "issue/{}/remotelink", sj_remote_list, 0},
    {"POST", "issue/{}/remotelink", sj_remote_post, 0},
    {"DELETE", "issue/{}/remotelink", sj_remote_delete, 0},
    {"DELETE", "issue/{}/remotelink/{}", sj_remote_delete_one, 0},
    {"POST", "issueLink", sj_link_post, 0},
    {"GET", "issueLink/{}", sj_link_get, 0},
    {"DELETE", "issueLink/{}", sj_link_delete, 0},
    {"GET", "issueLinkType", sj_link_types, 0},
    {"GET", "project", sj_project_list, 0},
    {"GET", "project/search", sj_project_search, 0},
    {"GET", "project/{}", sj_project_get, 0},
    {"GET", "project/{}/components", sj_component_list, 0},
    {"POST", "component", sj_component_post, 0},
    {"GET", "field", sj_field_list, 0},
    {"POST", "permissions/project", sj_permitted, SANDBOX_READS},
    {"GET", "mypermissions", sj_mypermissions, 0},
    {"GET", "user/search", sj_user_search, 0},
    {"GET", "users/search", sj_users_all, 0},
    {"GET", "group/member", sj_group_members, 0},
    {"POST", "group/user", sj_group_add, 0},
    {"GET", "myself", sj_myself, 0},
    {"GET", "serverInfo", sj_server_info, 0},
    {"POST", "search/jql", sj_search_jql, SANDBOX_READS},
    {"GET", "search/jql", sj_search_jql, 0},
    {"POST", "search", sj_search_old, SANDBOX_READS},
    {"GET", "search", sj_search_old, 0},
};

void sj_error(struct sandbox_call *c, int status, const char *message)
{
    struct json_out *o = sandbox_json(c, status);
    json_open(o, NULL, '{');
    json_open(o, "errorMessages", '[');
    json_put_text(o, NULL, message);
    json_close(o);
    json_open(o, "errors", '{');
    json_close(o);
    json_close(o);
}

void sj_errors_add(struct sj_errors *e, const char *field, const char *message)
{
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->field[i], field) == 0)
            return;
    if (e->n == SJ_ERRORS)
        return;
    e->field[e->n] = field;
    e->message[e->n++] = message;
}

void sj_errors_reply(struct sandbox_call *c, const struct sj_errors *e)
{
    struct json_out *o = sandbox_json(c, 400);
    json_open(o, NULL, '{');
    json_open(o, "errorMessages", '[');
    json_close(o);
    json_open(o, "errors", '{');
    for (size_t i = 0; i < e->n; i++)
        json_put_text(o, e->field[i], e->message[i]);
    json_close(o);
    json_close(o);
}

bool sj_may(const struct sj_project *p, unsigned permission)
{
    return (p->permissions & permission) == permission;
}

struct sj_issue *sj_asked_issue(struct sandbox_call *c)
{
    struct sj_issue *i = sj_issue_find(c->s->jira, c->arena, c->part[0]);
    if (i && !i->is_deleted && sj_may(i->project, SJ_BROWSE_PROJECTS))
        return i;
    sj_error(c, 404, "Issue does not exist or you do not have permission to see it.");
    return NULL;
}

const char *sj_self(struct sandbox_call *c, const char *what, const char *id)
{
    return arena_fmt(c->arena, "%s/jira/rest/api/%s/%s/%s", c->base, c->adf ? "3" : "2", what, id);
}

const char *sj_id(struct sandbox_call *c, uint64_t id)
{
    return arena_fmt(c->arena, "%" PRIu64, id);
}

const char *sj_time(struct sandbox_call *c, int64_t ms)
{
    char time[WHEN_TEXT_BYTES];
    when_text(ms, time);
    return arena_fmt(c->arena, "%.*s+0000", (int)(strlen(time) - 1), time);
}

/* One paragraph a line: enough to be a valid document. */
void sj_put_rich(struct sandbox_call *c, const char *key, const char *text)
{
    struct json_out *o = &c->json;
    if (!c->adf || !text) {
        json_put_text(o, key, text);
        return;
    }
    json_open(o, key, '{');
    json_put_text(o, "type", "doc");
    json_put_int(o, "version", 1);
    json_open(o, "content", '[');
    while (*text) {
        size_t n = strcspn(text, "\n");
        json_open(o, NULL, '{');
        json_put_text(o, "type", "paragraph");
        json_open(o, "content", '[');
        if (n) {
            json_open(o, NULL, '{');
            json_put_text(o, "type", "text");
            json_put_str(o, "text", (struct str){text, n});
            json_close(o);
        }
        json_close(o);
        json_close(o);
        text += n + (text[n] == '\n');
    }
    json_close(o);
    json_close(o);
}

/* The texts of a document; each block on its own line. Depth is bounded by JSON_DEPTH. */
static void sj_flatten(struct text *to, const struct json *node)
{
    text_addz(to, json_text(json_get(node, "text")));
    if (text_same(json_text(json_get(node, "type")), "hardBreak"))
        text_addc(to, '\n');
    JSON_EACH (it, json_get(node, "content")) {
        if (it != json_first(json_get(node, "content")) && !text_same(json_text(json_get(it, "type")), "text") &&
            !text_same(json_text(json_get(it, "type")), "hardBreak"))
            text_addc(to, '\n');
        sj_flatten(to, it);
    }
}

const char *sj_read_rich(struct sandbox_call *c, const struct json *v)
{
    if (!c->adf)
        return json_text(v);
    if (!text_same(json_text(json_get(v, "type")), "doc"))
        return NULL;
    AUTO(text_auto) struct text t;
    text_init(&t, SANDBOX_BODY_BYTES);
    sj_flatten(&t, v);
    return arena_text(c->arena, text_z(&t));
}

const char *sj_text_problem(const char *text)
{
    if (utf8_units(str_of(text)) <= SJ_TEXT_UNITS)
        return NULL;
    return "The entered text is too long. It exceeds the allowed limit of 32,767 characters.";
}

static bool sj_is_public(const char *below)
{
    return strcmp(below, "serverInfo") == 0;
}

static void sj_refuse(struct sandbox_call *c)
{
    http_header_add(c->arena, &c->headers, "WWW-Authenticate", "OAuth realm=\"https%3A%2F%2Fjira\"");
    http_header_add(c->arena, &c->headers, "X-Seraph-LoginReason", "AUTHENTICATED_FAILED");
    struct json_out *o = sandbox_json(c, 401);
    json_open(o, NULL, '{');
    json_put_text(o, "message", "Client must be authenticated to access this resource.");
    json_put_int(o, "status-code", 401);
    json_close(o);
}

static struct sj_user *sj_login(const struct sandbox_call *c)
{
    const char *given = http_header_get(&c->request->headers, "Authorization");
    struct sj_user *u = given ? map_get(c->s->jira->by_login, hash_stable(str_of(given))) : NULL;
    return u && strcmp(u->authorization, given) == 0 ? u : NULL;
}

/* "issue/OSPR-7/transitions" → "OSPR-7"; NULL: the path names no issue. */
static const char *sj_key_below(const struct sandbox_call *c, const char *below)
{
    const char *key = text_starts(below, "issue/") ? below + strlen("issue/") : NULL;
    return key ? arena_str(c->arena, (struct str){key, strcspn(key, "/")}) : NULL;
}

static bool sj_run(struct sandbox_call *c, const char *below, bool *ret_known)
{
    struct sj_before was;
    bool is_read = text_same(c->request->method, "GET");
    sj_hooks_before(c, is_read ? NULL : sj_key_below(c, below), &was);
    bool is_run = sandbox_run_route(c, sj_routes, COUNT(sj_routes), below, ret_known);
    if (is_run && !is_read)
        sj_hooks_after(c, &was);
    return is_run;
}

void sj_serve(struct sandbox_call *c, const char *below)
{
    bool is_known = false;
    struct err e = {0};
    c->jira_user = sj_login(c);
    bool has_tried = http_header_get(&c->request->headers, "Authorization") != NULL;
    if (!c->jira_user && (has_tried || !sj_is_public(below)))
        sj_refuse(c);
    else if (c->request->body.n && json_parse(c->arena, c->request->body, &c->body, &e) != 0)
        sj_error(c, 400, "There was an error parsing JSON. Check that your request body is valid.");
    else if (!sj_run(c, below, &is_known))
        sj_error(c, is_known ? 405 : 404, is_known ? "Method Not Allowed" : "null for uri: no such resource");
}
