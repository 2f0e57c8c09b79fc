/*
 * Groups of Jira, and the list of all users.
 */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "sandbox/jira_groups_private.h"
#include "sandbox/jira_handlers_private.h"

enum { GROUPS_PAGE = 50, GROUPS_USERS = 1000 };

struct sj_group *sj_group_find(const struct sj_site *j, const char *name)
{
    for (size_t i = 0; name && i < j->groups.n; i++)
        if (strcasecmp(j->groups.v[i]->name, name) == 0)
            return j->groups.v[i];
    return NULL;
}

void sj_groups_free(struct sj_site *j)
{
    for (size_t i = 0; i < j->groups.n; i++) {
        mem_free(j->groups.v[i]->name);
        sandbox_words_clear(&j->groups.v[i]->members);
        mem_free(j->groups.v[i]);
    }
    mem_free(j->groups.v);
}

/* --- as programs see them --- */

/* Of Cloud; inactive ones and programs are in it. */
void sj_users_all(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    size_t start = (size_t)sandbox_query_int(c, "startAt", 0, INT32_MAX);
    size_t max = (size_t)sandbox_query_int(c, "maxResults", GROUPS_PAGE, GROUPS_USERS);
    if (!j->is_cloud) {
        sj_error(c, 404, "There is no such resource");
        return;
    }
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t i = start; i < j->users.n && i - start < max; i++)
        sj_put_user(c, j->users.v[i], NULL);
    json_close(&c->json);
}

/* The one that groupname names; NULL: the error is answered. */
static struct sj_group *group_asked(struct sandbox_call *c)
{
    const char *name = http_query(c->arena, c->request->url, "groupname");
    struct sj_group *g = sj_group_find(c->s->jira, name);
    if (!g)
        sj_error(c, 404, arena_fmt(c->arena, "The group named '%s' does not exist", name ? name : ""));
    return g;
}

void sj_group_members(struct sandbox_call *c)
{
    const struct sj_group *g = group_asked(c);
    size_t start = (size_t)sandbox_query_int(c, "startAt", 0, INT32_MAX);
    size_t max = (size_t)sandbox_query_int(c, "maxResults", GROUPS_PAGE, GROUPS_PAGE);
    if (!g)
        return;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "maxResults", (int64_t)max);
    json_put_int(o, "startAt", (int64_t)start);
    json_put_int(o, "total", (int64_t)g->members.n);
    json_put_bool(o, "isLast", start + max >= g->members.n);
    json_open(o, "values", '[');
    for (size_t i = start; i < g->members.n && i - start < max; i++)
        sj_put_user(c, sj_user_find(c->s->jira, g->members.v[i]), NULL);
    json_close(o);
    json_close(o);
}

void sj_group_add(struct sandbox_call *c)
{
    struct sj_group *g = group_asked(c);
    const char *member = c->s->jira->is_cloud ? "accountId" : "name", *id = json_text(json_get(c->body, member));
    const struct sj_user *u = sj_user_find(c->s->jira, id);
    if (!g)
        return;
    if (!u) {
        sj_error(c, 404, "The user does not exist");
    } else if (!sandbox_words_add(&g->members, u->account_id)) {
        sj_error(c, 400,
                 arena_fmt(c->arena, "Cannot add user. '%s' is already a member of '%s'", u->account_id, g->name));
    } else {
        json_open(sandbox_json(c, 201), NULL, '{');
        json_put_text(&c->json, "name", g->name);
        json_close(&c->json);
    }
}

/* --- as tests set them up --- */

void sj_control_user(struct sandbox_call *c)
{
    struct sj_user *u = sj_user_ensure(c->s->jira, c->part[0]);
    const struct {
        const char *name;
        char **at;
    } rows[] = {{"name", &u->name}, {"email", &u->email}, {"type", &u->type}};
    for (size_t i = 0; i < COUNT(rows); i++)
        if (json_text(json_get(c->body, rows[i].name)))
            sandbox_set_text(rows[i].at, json_text(json_get(c->body, rows[i].name)));
    u->is_active = json_bool(json_get(c->body, "active"), u->is_active);
    sandbox_empty(c, 204);
}

static void group_put(struct sandbox_call *c, const struct sj_group *g)
{
    json_open(sandbox_json(c, 200), NULL, '{');
    json_open(&c->json, "members", '[');
    for (size_t i = 0; g && i < g->members.n; i++)
        json_put_text(&c->json, NULL, g->members.v[i]);
    json_close(&c->json);
    json_close(&c->json);
}

void sj_control_group_get(struct sandbox_call *c)
{
    group_put(c, sj_group_find(c->s->jira, c->part[0]));
}

void sj_control_group_put(struct sandbox_call *c)
{
    struct sj_site *j = c->s->jira;
    struct sj_group *g = sj_group_find(j, c->part[0]);
    if (!g) {
        g = mem_zero(sizeof *g);
        g->name = mem_text(c->part[0]);
        SANDBOX_ADD(&j->groups, g);
    }
    sandbox_words_clear(&g->members);
    sandbox_words_read(&g->members, json_get(c->body, "members"));
    group_put(c, g);
}
