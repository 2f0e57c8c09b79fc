/* Projects, components, permissions, users, the server itself. */
#include "base/base.h"

#include "base/utf8.h"
#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_private.h"

enum { PROJECT_PAGE = 50, PROJECT_PAGE_MAX = 100, PROJECT_USERS_MAX = 1000 };

static struct sj_project *project_asked(struct sandbox_call *c, const char *key)
{
    struct sj_project *p = sj_project_find(c->s->jira, c->arena, key);
    if (p && sj_may(p, SJ_BROWSE_PROJECTS))
        return p;
    sj_error(c, 404, arena_fmt(c->arena, "No project could be found with key '%s'.", key));
    return NULL;
}

static void project_put_types(struct sandbox_call *c, const struct sj_project *p)
{
    json_open(&c->json, "issueTypes", '[');
    for (size_t i = 0; i < p->types.n; i++)
        sj_put_type(c, p, i, NULL);
    json_close(&c->json);
}

/* Leaves the object open. */
static void project_put(struct sandbox_call *c, const struct sj_project *p)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_text(o, "expand", "description,lead,issueTypes,url,projectKeys,permissions,insight");
    sj_put_project_head(c, p);
    json_put_text(o, "style", "classic");
    json_put_bool(o, "isPrivate", false);
}

void sj_project_get(struct sandbox_call *c)
{
    const struct sj_project *p = project_asked(c, c->part[0]);
    if (!p)
        return;
    struct json_out *o = sandbox_json(c, 200);
    project_put(c, p);
    json_open(o, "components", '[');
    for (size_t i = 0; i < p->components.n; i++)
        sj_put_component(c, p, p->components.v[i], false);
    json_close(o);
    project_put_types(c, p);
    json_close(o);
}

static bool project_is_wanted(const struct sj_project *p, const struct sandbox_words *keys, const char *query)
{
    if (!sj_may(p, SJ_BROWSE_PROJECTS))
        return false;
    if (keys->n && sandbox_words_find(keys, p->key) < 0)
        return false;
    return text_blank(query) || strstr(p->name, query) || strstr(p->key, query);
}

static void project_put_page(struct sandbox_call *c, const struct sandbox_words *keys, size_t start, size_t max)
{
    const struct sj_site *j = c->s->jira;
    struct json_out *o = &c->json;
    const char *expand = http_query(c->arena, c->request->url, "expand");
    const char *query = http_query(c->arena, c->request->url, "query");
    bool with_types = expand && strstr(expand, "issueTypes");
    size_t total = 0;
    json_open(o, "values", '[');
    for (size_t i = 0; i < j->projects.n; i++) {
        if (!project_is_wanted(j->projects.v[i], keys, query))
            continue;
        if (total >= start && total - start < max) {
            project_put(c, j->projects.v[i]);
            if (with_types)
                project_put_types(c, j->projects.v[i]);
            json_close(o);
        }
        total++;
    }
    json_close(o);
    json_put_int(o, "total", (int64_t)total);
    json_put_bool(o, "isLast", start + max >= total);
}

void sj_project_search(struct sandbox_call *c)
{
    struct sandbox_words keys = {0};
    sandbox_query_all(c, "keys", &keys);
    if (keys.n > PROJECT_PAGE) { /* the real one takes at most 50 */
        sj_error(c, 400, "The maximum number of project keys is 50.");
        sandbox_words_clear(&keys);
        return;
    }
    size_t start = (size_t)sandbox_query_int(c, "startAt", 0, INT32_MAX);
    size_t max = (size_t)sandbox_query_int(c, "maxResults", PROJECT_PAGE, PROJECT_PAGE_MAX);
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "self", arena_fmt(c->arena, "%s%s", c->base, c->request->url));
    json_put_int(o, "maxResults", (int64_t)max);
    json_put_int(o, "startAt", (int64_t)start);
    project_put_page(c, &keys, start, max);
    json_close(o);
    sandbox_words_clear(&keys);
}

/* All at once: what Server has, and Cloud had before project/search. */
void sj_project_list(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t i = 0; i < j->projects.n; i++) {
        if (!sj_may(j->projects.v[i], SJ_BROWSE_PROJECTS))
            continue;
        project_put(c, j->projects.v[i]);
        json_close(&c->json);
    }
    json_close(&c->json);
}

void sj_component_list(struct sandbox_call *c)
{
    const struct sj_project *p = project_asked(c, c->part[0]);
    if (!p)
        return;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '[');
    for (size_t i = 0; i < p->components.n; i++)
        sj_put_component(c, p, p->components.v[i], true);
    json_close(o);
}

static const char *component_problem(const struct sj_project *p, const struct json *body)
{
    const char *name = json_text(json_get(body, "name"));
    if (text_blank(name))
        return "The component name specified is invalid - cannot be an empty string.";
    if (utf8_units(str_of(name)) > 255)
        return "The component name must not exceed 255 characters in length.";
    return sj_component_find(p, body) ? "A component with this name already exists in this project." : NULL;
}

void sj_component_post(struct sandbox_call *c)
{
    const char *key = json_text(json_get(c->body, "project"));
    struct sj_errors e = {0};
    if (!key) {
        sj_errors_add(&e, "project", "The project is required.");
        sj_errors_reply(c, &e);
        return;
    }
    struct sj_project *p = project_asked(c, key);
    if (!p)
        return;
    const char *problem = component_problem(p, c->body);
    if (!sj_may(p, SJ_ADMINISTER_PROJECTS)) {
        sj_error(c, 403, "The user does not have permission to complete this operation.");
    } else if (problem) {
        sj_errors_add(&e, "name", problem);
        sj_errors_reply(c, &e);
    } else {
        const char *name = json_text(json_get(c->body, "name")), *about = json_text(json_get(c->body, "description"));
        struct sj_component *m = sj_component_new(c->s->jira, p, name, about);
        sandbox_json(c, 201);
        sj_put_component(c, p, m, true);
    }
}

static unsigned permission_bit(const char *name)
{
    for (size_t i = 0; name && i < sj_permission_count; i++)
        if (strcmp(sj_permissions[i].name, name) == 0)
            return sj_permissions[i].bit;
    return 0;
}

void sj_permitted(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    unsigned wanted = 0;
    JSON_EACH (it, json_get(c->body, "permissions")) {
        unsigned bit = permission_bit(json_text(it));
        if (!bit) {
            sj_error(c, 400, arena_fmt(c->arena, "Unrecognized permission: %s", json_text(it) ? json_text(it) : ""));
            return;
        }
        wanted |= bit;
    }
    if (!wanted) {
        sj_error(c, 400, "'permissions' must not be empty.");
        return;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "projects", '[');
    for (size_t i = 0; i < j->projects.n; i++) {
        const struct sj_project *p = j->projects.v[i];
        if (!sj_may(p, wanted | SJ_BROWSE_PROJECTS))
            continue;
        json_open(o, NULL, '{');
        json_put_int(o, "id", (int64_t)p->id);
        json_put_text(o, "key", p->key);
        json_close(o);
    }
    json_close(o);
    json_close(o);
}

static unsigned permissions_of_all(const struct sj_site *j)
{
    unsigned bits = 0;
    for (size_t i = 0; i < j->projects.n; i++)
        bits |= j->projects.v[i]->permissions;
    return bits;
}

/* Of a project, of an issue's project, or anywhere. */
static bool mypermissions_scope(struct sandbox_call *c, unsigned *ret_bits)
{
    const struct sj_site *j = c->s->jira;
    const char *key = http_query(c->arena, c->request->url, "projectKey");
    const char *issue = http_query(c->arena, c->request->url, "issueKey");
    const struct sj_issue *i = issue ? sj_issue_find(j, c->arena, issue) : NULL;
    const struct sj_project *p = i && !i->is_deleted ? i->project : NULL;
    if (issue && !p) {
        sj_error(c, 404, "Issue does not exist or you do not have permission to see it.");
        return false;
    }
    if (!p && key)
        p = project_asked(c, key);
    if (key && !p)
        return false;
    *ret_bits = p ? p->permissions : permissions_of_all(j);
    return true;
}

void sj_mypermissions(struct sandbox_call *c)
{
    struct sandbox_words wanted = {0};
    unsigned bits = 0;
    if (!mypermissions_scope(c, &bits))
        return;
    sandbox_query_all(c, "permissions", &wanted);
    if (wanted.n == 0) {
        sj_error(c, 400, "The 'permissions' query parameter is required.");
        return;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "permissions", '{');
    for (size_t i = 0; i < sj_permission_count; i++) {
        const struct sj_permission_row *row = &sj_permissions[i];
        if (!sandbox_words_has(&wanted, row->name))
            continue;
        json_open(o, row->name, '{');
        json_put_text(o, "id", sj_id(c, i + 10));
        json_put_text(o, "key", row->name);
        json_put_text(o, "name", row->title);
        json_put_text(o, "type", "PROJECT");
        json_put_text(o, "description", "");
        json_put_bool(o, "havePermission", (bits & row->bit) != 0);
        json_close(o);
    }
    json_close(o);
    json_close(o);
    sandbox_words_clear(&wanted);
}

static bool user_matches(const struct sj_user *u, const char *query)
{
    size_t n = strlen(query);
    return strcmp(query, ".") == 0 || /* it is in every address */
           text_same_nocase(u->email, query) || text_same(u->account_id, query) ||
           (n && strncasecmp(u->name, query, n) == 0) || (n && strncasecmp(u->email, query, n) == 0);
}

void sj_user_search(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    const char *name = j->is_cloud ? "query" : "username";
    const char *query = http_query(c->arena, c->request->url, name);
    const char *id = http_query(c->arena, c->request->url, "accountId");
    if (!query && !id) {
        sj_error(c, 400, arena_fmt(c->arena, "The %s query parameter was not provided", name));
        return;
    }
    size_t start = (size_t)sandbox_query_int(c, "startAt", 0, INT32_MAX);
    size_t max = (size_t)sandbox_query_int(c, "maxResults", PROJECT_PAGE, PROJECT_USERS_MAX), seen = 0;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '[');
    for (size_t i = 0; i < j->users.n; i++) {
        const struct sj_user *u = j->users.v[i];
        if (!u->is_active || (query ? !user_matches(u, query) : strcmp(u->account_id, id) != 0))
            continue;
        if (seen >= start && seen - start < max)
            sj_put_user(c, u, NULL);
        seen++;
    }
    json_close(o);
}

void sj_myself(struct sandbox_call *c)
{
    sandbox_json(c, 200);
    sj_put_user(c, c->jira_user, NULL);
}

void sj_server_info(struct sandbox_call *c)
{
    static const int cloud[] = {1001, 0, 0}, server[] = {9, 12, 0};
    const struct sj_site *j = c->s->jira;
    const int *version = j->is_cloud ? cloud : server;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "baseUrl", arena_fmt(c->arena, "%s/jira", c->base));
    json_put_text(o, "version", j->is_cloud ? "1001.0.0-SNAPSHOT" : "9.12.0");
    json_open(o, "versionNumbers", '[');
    for (size_t i = 0; i < COUNT(cloud); i++)
        json_put_int(o, NULL, version[i]);
    json_close(o);
    json_put_text(o, "deploymentType", j->is_cloud ? "Cloud" : "Server");
    json_put_int(o, "buildNumber", 100281);
    json_put_text(o, "buildDate", "2026-08-17T09:00:00.000+0000");
    json_put_text(o, "serverTime", sj_time(c, c->now_ms));
    json_put_text(o, "scmInfo", "sandbox");
    json_put_text(o, "serverTitle", "Sandbox Jira");
    json_close(o);
}

/* --- fields --- */

static void field_put(struct json_out *o, const char *id, const char *name, const char *type)
{
    json_open(o, NULL, '{');
    json_put_text(o, "id", id);
    json_put_text(o, "key", id);
    json_put_text(o, "name", name);
    json_put_bool(o, "custom", text_starts(id, "customfield_"));
    json_open(o, "schema", '{');
    json_put_text(o, "type", type);
    json_close(o);
    json_close(o);
}

void sj_field_list(struct sandbox_call *c)
{
    static const char *const types[] = {[SJ_OPTION] = "option",
                                        [SJ_NAMED] = "priority",
                                        [SJ_NUMBER] = "number",
                                        [SJ_TEXT] = "string",
                                        [SJ_ANY] = "any"};
    const struct sj_site *j = c->s->jira;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '[');
    field_put(o, "summary", "Summary", "string");
    field_put(o, "description", "Description", "string");
    field_put(o, "resolution", "Resolution", "resolution");
    field_put(o, "priority", "Priority", "priority");
    for (size_t i = 0; i < j->fields.n; i++)
        field_put(o, j->fields.v[i].id, j->fields.v[i].name, types[j->fields.v[i].kind]);
    json_close(o);
}
