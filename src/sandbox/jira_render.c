/* How issues and their parts look in Jira's answers. */
#include "base/base.h"

#include "sandbox/jira_private.h"

void sj_fields_read(struct sj_fields *f, const char *list, bool otherwise_all)
{
    *f = (struct sj_fields){0};
    struct sandbox_words given = {0};
    sandbox_words_split(&given, list);
    f->is_all = given.n == 0 && otherwise_all;
    for (size_t i = 0; i < given.n; i++) {
        const char *word = given.v[i];
        if (strcmp(word, "*all") == 0 || strcmp(word, "*navigable") == 0)
            f->is_all = true;
        else if (word[0] == '-')
            sandbox_words_add(&f->without, word + 1);
        else
            sandbox_words_add(&f->only, word);
    }
    if (f->only.n == 0 && f->without.n && otherwise_all)
        f->is_all = true;
    sandbox_words_clear(&given);
}

void sj_fields_clear(struct sj_fields *f)
{
    sandbox_words_clear(&f->only);
    sandbox_words_clear(&f->without);
}

static bool render_wants(const struct sj_fields *f, const char *name)
{
    return (f->is_all || sandbox_words_has(&f->only, name)) && !sandbox_words_has(&f->without, name);
}

static void render_avatars(struct sandbox_call *c)
{
    static const char *const sizes[] = {"16x16", "24x24", "32x32", "48x48"};
    struct json_out *o = &c->json;
    json_open(o, "avatarUrls", '{');
    for (size_t i = 0; i < COUNT(sizes); i++)
        json_put_text(o, sizes[i], arena_fmt(c->arena, "%s/jira/avatar?size=%s", c->base, sizes[i]));
    json_close(o);
}

void sj_put_user(struct sandbox_call *c, const struct sj_user *u, const char *key)
{
    struct json_out *o = &c->json;
    if (!u) {
        json_put_null(o, key);
        return;
    }
    json_open(o, key, '{');
    json_put_text(o, "self", arena_fmt(c->arena, "%s/jira/rest/api/2/user?accountId=%s", c->base, u->account_id));
    if (c->s->jira->is_cloud) {
        json_put_text(o, "accountId", u->account_id);
        json_put_text(o, "accountType", u->type);
    } else {
        json_put_text(o, "name", u->account_id);
        json_put_text(o, "key", u->account_id);
    }
    if (u->email[0] || !c->s->jira->is_cloud) /* people may hide it */
        json_put_text(o, "emailAddress", u->email);
    render_avatars(c);
    json_put_text(o, "displayName", u->name);
    json_put_bool(o, "active", u->is_active);
    json_put_text(o, "timeZone", "Etc/UTC");
    json_close(o);
}

static void render_category(struct sandbox_call *c, const char *category)
{
    static const struct {
        const char *key, *name, *color;
        int id;
    } rows[] = {
        {"new", "To Do", "blue-gray", 2}, {"indeterminate", "In Progress", "yellow", 4}, {"done", "Done", "green", 3}};
    struct json_out *o = &c->json;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(rows[i].key, category) != 0)
            continue;
        json_open(o, "statusCategory", '{');
        json_put_text(o, "self", sj_self(c, "statuscategory", sj_id(c, (uint64_t)rows[i].id)));
        json_put_int(o, "id", rows[i].id);
        json_put_text(o, "key", rows[i].key);
        json_put_text(o, "colorName", rows[i].color);
        json_put_text(o, "name", rows[i].name);
        json_close(o);
    }
}

void sj_put_status(struct sandbox_call *c, size_t status, const char *key)
{
    const struct sj_status *st = &c->s->jira->statuses.v[status];
    struct json_out *o = &c->json;
    const char *id = sj_id(c, 10000 + status);
    json_open(o, key, '{');
    json_put_text(o, "self", sj_self(c, "status", id));
    json_put_text(o, "description", "");
    json_put_text(o, "iconUrl", arena_fmt(c->arena, "%s/jira/images/icons/statuses/generic.png", c->base));
    json_put_text(o, "name", st->name);
    json_put_text(o, "id", id);
    render_category(c, st->category);
    json_close(o);
}

void sj_put_named(struct sandbox_call *c, const char *key, const char *what, int id, const char *name)
{
    struct json_out *o = &c->json;
    if (id < 0) {
        json_put_null(o, key);
        return;
    }
    json_open(o, key, '{');
    json_put_text(o, "self", sj_self(c, what, sj_id(c, 10000 + (uint64_t)id)));
    json_put_text(o, "id", sj_id(c, 10000 + (uint64_t)id));
    json_put_text(o, "name", name);
    json_close(o);
}

void sj_put_type(struct sandbox_call *c, const struct sj_project *p, size_t type, const char *key)
{
    struct json_out *o = &c->json;
    const char *id = sj_id(c, 10000 + 100 * (p->id - 10000) + type);
    json_open(o, key, '{');
    json_put_text(o, "self", sj_self(c, "issuetype", id));
    json_put_text(o, "id", id);
    json_put_text(o, "description", "");
    json_put_text(o, "iconUrl", arena_fmt(c->arena, "%s/jira/images/icons/issuetypes/generic.png", c->base));
    json_put_text(o, "name", p->types.v[type]);
    json_put_bool(o, "subtask", false);
    json_put_int(o, "hierarchyLevel", text_same_nocase(p->types.v[type], "Epic") ? 1 : 0);
    json_close(o);
}

void sj_put_component(struct sandbox_call *c, const struct sj_project *p, const struct sj_component *m, bool is_full)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_text(o, "self", sj_self(c, "component", sj_id(c, m->id)));
    json_put_text(o, "id", sj_id(c, m->id));
    json_put_text(o, "name", m->name);
    if (m->description)
        json_put_text(o, "description", m->description);
    if (is_full) {
        json_put_text(o, "assigneeType", "PROJECT_DEFAULT");
        json_put_text(o, "realAssigneeType", "PROJECT_DEFAULT");
        json_put_bool(o, "isAssigneeTypeValid", false);
        json_put_text(o, "project", p->key);
        json_put_int(o, "projectId", (int64_t)p->id);
    }
    json_close(o);
}

static void render_visible_properties(struct sandbox_call *c, const struct sj_properties *p)
{
    struct json_out *o = &c->json;
    json_open(o, "properties", '[');
    for (size_t i = 0; i < p->n; i++) {
        json_open(o, NULL, '{');
        json_put_text(o, "key", p->v[i].key);
        json_put_raw(o, "value", str_of(p->v[i].json));
        json_close(o);
    }
    json_close(o);
}

void sj_put_comment(struct sandbox_call *c, const struct sj_issue *i, const struct sj_comment *m, bool with_properties)
{
    struct json_out *o = &c->json;
    const char *id = sj_id(c, m->id);
    json_open(o, NULL, '{');
    json_put_text(o, "self", sj_self(c, arena_fmt(c->arena, "issue/%" PRIu64 "/comment", i->id), id));
    json_put_text(o, "id", id);
    sj_put_user(c, m->author, "author");
    sj_put_rich(c, "body", m->body);
    sj_put_user(c, m->author, "updateAuthor");
    json_put_text(o, "created", sj_time(c, m->created_ms));
    json_put_text(o, "updated", sj_time(c, m->updated_ms));
    if (m->visibility)
        json_put_raw(o, "visibility", str_of(m->visibility));
    json_put_bool(o, "jsdPublic", true);
    if (with_properties)
        render_visible_properties(c, &m->properties);
    json_close(o);
}

void sj_put_remote(struct sandbox_call *c, const struct sj_issue *i, const struct sj_remote *r)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)r->id);
    json_put_text(o, "self", sj_self(c, arena_fmt(c->arena, "issue/%s/remotelink", i->key), sj_id(c, r->id)));
    if (r->global_id)
        json_put_text(o, "globalId", r->global_id);
    json_put_raw(o, "application", str_of(r->application ? r->application : "{}"));
    if (r->relationship)
        json_put_text(o, "relationship", r->relationship);
    json_put_raw(o, "object", str_of(r->object));
    json_close(o);
}

void sj_put_project_head(struct sandbox_call *c, const struct sj_project *p)
{
    struct json_out *o = &c->json;
    json_put_text(o, "self", sj_self(c, "project", sj_id(c, p->id)));
    json_put_text(o, "id", sj_id(c, p->id));
    json_put_text(o, "key", p->key);
    json_put_text(o, "name", p->name);
    json_put_text(o, "projectTypeKey", "software");
    json_put_bool(o, "simplified", false);
}

static void render_project(struct sandbox_call *c, const struct sj_project *p)
{
    json_open(&c->json, "project", '{');
    sj_put_project_head(c, p);
    render_avatars(c);
    json_close(&c->json);
}

static void render_priority(struct sandbox_call *c, const struct sj_issue *i, const char *key)
{
    const struct sandbox_words *names = &c->s->jira->priorities;
    sj_put_named(c, key, "priority", i->priority, i->priority < 0 ? NULL : names->v[i->priority]);
}

/* The other end of a link: each issue shows only that. */
static void render_linked(struct sandbox_call *c, const struct sj_issue *i, const char *key)
{
    struct json_out *o = &c->json;
    json_open(o, key, '{');
    json_put_text(o, "id", sj_id(c, i->id));
    json_put_text(o, "key", i->key);
    json_put_text(o, "self", sj_self(c, "issue", sj_id(c, i->id)));
    json_open(o, "fields", '{');
    json_put_text(o, "summary", i->summary);
    sj_put_status(c, i->status, "status");
    render_priority(c, i, "priority");
    sj_put_type(c, i->project, i->type, "issuetype");
    json_close(o);
    json_close(o);
}

static void render_links(struct sandbox_call *c, const struct sj_issue *i)
{
    struct json_out *o = &c->json;
    json_open(o, "issuelinks", '[');
    for (size_t n = 0; n < i->links.n; n++) {
        const struct sj_link *l = i->links.v[n];
        const struct sj_link_type *t = &c->s->jira->link_types.v[l->type];
        bool is_outward = l->outward == i; /* the other end is then the inward issue */
        json_open(o, NULL, '{');
        json_put_text(o, "id", sj_id(c, l->id));
        json_put_text(o, "self", sj_self(c, "issueLink", sj_id(c, l->id)));
        json_open(o, "type", '{');
        json_put_text(o, "id", sj_id(c, 10000 + l->type));
        json_put_text(o, "name", t->name);
        json_put_text(o, "inward", t->inward);
        json_put_text(o, "outward", t->outward);
        json_put_text(o, "self", sj_self(c, "issueLinkType", sj_id(c, 10000 + l->type)));
        json_close(o);
        render_linked(c, is_outward ? l->inward : l->outward, is_outward ? "inwardIssue" : "outwardIssue");
        json_close(o);
    }
    json_close(o);
}

static void render_labels(struct sandbox_call *c, const struct sj_issue *i)
{
    json_open(&c->json, "labels", '[');
    for (size_t n = 0; n < i->labels.n; n++)
        json_put_text(&c->json, NULL, i->labels.v[n]);
    json_close(&c->json);
}

static void render_components(struct sandbox_call *c, const struct sj_issue *i)
{
    json_open(&c->json, "components", '[');
    for (size_t n = 0; n < i->components.n; n++)
        sj_put_component(c, i->project, i->components.v[n], false);
    json_close(&c->json);
}

static void render_comments(struct sandbox_call *c, const struct sj_issue *i)
{
    struct json_out *o = &c->json;
    json_open(o, "comment", '{');
    json_open(o, "comments", '[');
    for (size_t n = 0; n < i->comments.n; n++)
        sj_put_comment(c, i, i->comments.v[n], false);
    json_close(o);
    json_put_text(o, "self", sj_self(c, "issue", arena_fmt(c->arena, "%" PRIu64 "/comment", i->id)));
    json_put_int(o, "maxResults", (int64_t)i->comments.n);
    json_put_int(o, "total", (int64_t)i->comments.n);
    json_put_int(o, "startAt", 0);
    json_close(o);
}

static void render_type(struct sandbox_call *c, const struct sj_issue *i)
{
    sj_put_type(c, i->project, i->type, "issuetype");
}
static void render_status(struct sandbox_call *c, const struct sj_issue *i)
{
    sj_put_status(c, i->status, "status");
}
static void render_of_project(struct sandbox_call *c, const struct sj_issue *i)
{
    render_project(c, i->project);
}
static void render_summary(struct sandbox_call *c, const struct sj_issue *i)
{
    json_put_text(&c->json, "summary", i->summary);
}
static void render_description(struct sandbox_call *c, const struct sj_issue *i)
{
    sj_put_rich(c, "description", i->description);
}
static void render_priority_field(struct sandbox_call *c, const struct sj_issue *i)
{
    render_priority(c, i, "priority");
}
static void render_resolution(struct sandbox_call *c, const struct sj_issue *i)
{
    const struct sandbox_words *names = &c->s->jira->resolutions;
    sj_put_named(c, "resolution", "resolution", i->resolution, i->resolution < 0 ? NULL : names->v[i->resolution]);
}
static void render_resolved(struct sandbox_call *c, const struct sj_issue *i)
{
    json_put_text(&c->json, "resolutiondate", i->resolution < 0 ? NULL : sj_time(c, i->resolved_ms));
}
static void render_assignee(struct sandbox_call *c, const struct sj_issue *i)
{
    sj_put_user(c, i->assignee, "assignee");
}
static void render_reporter(struct sandbox_call *c, const struct sj_issue *i)
{
    sj_put_user(c, i->reporter, "reporter");
}
static void render_creator(struct sandbox_call *c, const struct sj_issue *i)
{
    sj_put_user(c, i->creator, "creator");
}
static void render_created(struct sandbox_call *c, const struct sj_issue *i)
{
    json_put_text(&c->json, "created", sj_time(c, i->created_ms));
}
static void render_updated(struct sandbox_call *c, const struct sj_issue *i)
{
    json_put_text(&c->json, "updated", sj_time(c, i->updated_ms));
}

static const struct {
    const char *name;
    void (*put)(struct sandbox_call *c, const struct sj_issue *i);
} render_rows[] = {
    {"summary", render_summary},         {"issuetype", render_type},        {"project", render_of_project},
    {"status", render_status},           {"resolution", render_resolution}, {"resolutiondate", render_resolved},
    {"priority", render_priority_field}, {"labels", render_labels},         {"components", render_components},
    {"assignee", render_assignee},       {"reporter", render_reporter},     {"creator", render_creator},
    {"created", render_created},         {"updated", render_updated},       {"description", render_description},
    {"issuelinks", render_links},        {"comment", render_comments},
};

void sj_put_issue(struct sandbox_call *c, const struct sj_issue *i, const struct sj_fields *f, const char *key)
{
    struct json_out *o = &c->json;
    const struct sj_site *j = c->s->jira;
    json_open(o, key, '{');
    json_put_text(o, "expand", "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations");
    json_put_text(o, "id", sj_id(c, i->id));
    json_put_text(o, "self", sj_self(c, "issue", sj_id(c, i->id)));
    json_put_text(o, "key", i->key);
    if (f->is_all || f->only.n) {
        json_open(o, "fields", '{');
        for (size_t n = 0; n < COUNT(render_rows); n++)
            if (render_wants(f, render_rows[n].name))
                render_rows[n].put(c, i);
        for (size_t n = 0; n < j->fields.n; n++)
            if (render_wants(f, j->fields.v[n].id))
                json_put_raw(o, j->fields.v[n].id, str_of(i->custom[n] ? i->custom[n] : "null"));
        json_close(o);
    }
}
