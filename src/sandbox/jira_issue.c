/* Issues: create, read, change, delete; and their properties. */
#include "base/base.h"

#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_private.h"

void sandbox_touched(struct sj_issue *issue, uint64_t seq)
{
    if (issue)
        SANDBOX_ADD(&issue->writes, seq);
}

bool sj_properties_read(struct sandbox_call *c, struct sj_properties *to, const struct json *list)
{
    bool is_new = false;
    JSON_EACH (it, list) {
        const char *key = json_text(json_get(it, "key"));
        const struct json *value = json_get(it, "value");
        char *json = sj_json_text(value);
        bool is_fine = !text_blank(key) && strlen(key) <= 255 && json && strlen(json) <= SJ_PROPERTY_BYTES;
        if (is_fine)
            sj_properties_put(to, key, str_of(json), &is_new);
        mem_free(json);
        if (!is_fine) {
            sj_error(c, 400, "The property key or value is not valid.");
            return false;
        }
    }
    return true;
}

static struct sj_project *issue_wanted_project(struct sandbox_call *c, struct sj_errors *e)
{
    const struct json *wanted = json_path(c->body, "fields.project");
    const char *key = json_text(json_get(wanted, "key"));
    int64_t id = 0;
    if (!key && sandbox_body_int(json_get(wanted, "id"), &id))
        key = sj_id(c, (uint64_t)id);
    struct sj_project *p = sj_project_find(c->s->jira, c->arena, key);
    if (!p || !sj_may(p, SJ_BROWSE_PROJECTS))
        sj_errors_add(e, "project", "Specify a valid project ID or key");
    else if (!sj_may(p, SJ_CREATE_ISSUES))
        sj_errors_add(e, "project", "You cannot create issues in this project.");
    else
        return p;
    return NULL;
}

static void issue_created(struct sandbox_call *c, const struct sj_issue *i)
{
    struct json_out *o = sandbox_json(c, 201);
    json_open(o, NULL, '{');
    json_put_text(o, "id", sj_id(c, i->id));
    json_put_text(o, "key", i->key);
    json_put_text(o, "self", sj_self(c, "issue", sj_id(c, i->id)));
    json_close(o);
}

static void issue_create(struct sandbox_call *c, struct sj_draft *d)
{
    struct sj_site *j = c->s->jira;
    struct sj_properties properties = {0};
    if (!sj_properties_read(c, &properties, json_get(c->body, "properties"))) {
        sj_properties_clear(&properties);
        return;
    }
    struct sj_issue *i = sj_issue_new(j, d->project, c->now_ms);
    i->creator = i->reporter = c->jira_user;
    i->properties = properties;
    sj_draft_apply(d, i);
    sandbox_touch(c, i);
    issue_created(c, i);
}

void sj_issue_post(struct sandbox_call *c)
{
    struct sj_errors errors = {0};
    struct sj_draft d;
    struct sj_project *p = issue_wanted_project(c, &errors);
    if (!p) {
        sj_errors_reply(c, &errors);
        return;
    }
    sj_draft_init(&d, c, p, NULL);
    sj_draft_read(&d, c->body);
    if (!d.has_summary)
        sj_errors_add(&d.errors, "summary", "You must specify a summary of the issue.");
    if (!d.has_type)
        sj_errors_add(&d.errors, "issuetype", "Specify an issue type");
    if (d.errors.n)
        sj_errors_reply(c, &d.errors);
    else if (c->s->jira->issues.n >= SJ_ISSUES)
        sj_error(c, 422, "The sandbox holds no more issues.");
    else
        issue_create(c, &d);
    sj_draft_clear(&d);
}

void sj_put_properties(struct sandbox_call *c, const struct sj_issue *i, const char *list)
{
    struct sandbox_words wanted = {0};
    sandbox_words_split(&wanted, list);
    bool is_all = sandbox_words_has(&wanted, "*all");
    if (wanted.n) {
        json_open(&c->json, "properties", '{');
        for (size_t n = 0; n < i->properties.n; n++)
            if (is_all || sandbox_words_has(&wanted, i->properties.v[n].key))
                json_put_raw(&c->json, i->properties.v[n].key, str_of(i->properties.v[n].json));
        json_close(&c->json);
    }
    sandbox_words_clear(&wanted);
}

static void issue_put_expanded(struct sandbox_call *c, const struct sj_issue *i)
{
    struct sandbox_words expand = {0};
    sandbox_words_split(&expand, http_query(c->arena, c->request->url, "expand"));
    if (sandbox_words_has(&expand, "transitions"))
        sj_put_transitions(c, i, false, NULL);
    if (sandbox_words_has(&expand, "names")) {
        const struct sj_site *j = c->s->jira;
        json_open(&c->json, "names", '{');
        json_put_text(&c->json, "summary", "Summary");
        for (size_t n = 0; n < j->fields.n; n++)
            json_put_text(&c->json, j->fields.v[n].id, j->fields.v[n].name);
        json_close(&c->json);
    }
    sandbox_words_clear(&expand);
}

void sj_issue_get(struct sandbox_call *c)
{
    struct sj_fields fields;
    const struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    sj_fields_read(&fields, http_query(c->arena, c->request->url, "fields"), true);
    sandbox_json(c, 200);
    sj_put_issue(c, i, &fields, NULL);
    sj_put_properties(c, i, http_query(c->arena, c->request->url, "properties"));
    issue_put_expanded(c, i);
    json_close(&c->json);
    sj_fields_clear(&fields);
}

static void issue_change(struct sandbox_call *c, struct sj_issue *i)
{
    struct sj_draft d;
    sj_draft_init(&d, c, i->project, i);
    sj_draft_read(&d, c->body);
    if (d.errors.n) {
        sj_errors_reply(c, &d.errors);
    } else if (sj_properties_read(c, &i->properties, json_get(c->body, "properties"))) {
        sj_draft_apply(&d, i);
        sandbox_empty(c, 204);
    }
    sj_draft_clear(&d);
}

void sj_issue_put(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    sandbox_touch(c, i);
    if (json_kind(c->body) != JSON_OBJECT)
        sj_error(c, 400, "No content to map due to end-of-input");
    else if (!sj_may(i->project, SJ_EDIT_ISSUES))
        sj_error(c, 403, "You do not have permission to edit issues in this project.");
    else
        issue_change(c, i);
}

void sj_issue_delete(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    sandbox_touch(c, i);
    if (!sj_may(i->project, SJ_DELETE_ISSUES)) {
        sj_error(c, 403, "You do not have permission to delete issues in this project.");
        return;
    }
    i->is_deleted = true;
    while (i->links.n)
        sj_issue_unlink(c->s->jira, i->links.v[0]);
    sandbox_empty(c, 204);
}

void sj_property_list(struct sandbox_call *c)
{
    const struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "keys", '[');
    for (size_t n = 0; n < i->properties.n; n++) {
        json_open(o, NULL, '{');
        json_put_text(o, "self",
                      sj_self(c, arena_fmt(c->arena, "issue/%s/properties", i->key), i->properties.v[n].key));
        json_put_text(o, "key", i->properties.v[n].key);
        json_close(o);
    }
    json_close(o);
    json_close(o);
}

static void property_missing(struct sandbox_call *c)
{
    sj_error(c, 404, arena_fmt(c->arena, "The property with key '%s' does not exist.", c->part[1]));
}

void sj_property_get(struct sandbox_call *c)
{
    const struct sj_issue *i = sj_asked_issue(c);
    const struct sj_property *p = i ? sj_properties_get(&i->properties, c->part[1]) : NULL;
    if (!i)
        return;
    if (!p) {
        property_missing(c);
        return;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "key", p->key);
    json_put_raw(o, "value", str_of(p->json));
    json_close(o);
}

void sj_property_put(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    bool is_new = false;
    if (!i)
        return;
    sandbox_touch(c, i);
    if (!sj_may(i->project, SJ_EDIT_ISSUES)) {
        sj_error(c, 403, "You do not have permission to edit issues in this project.");
    } else if (c->request->body.n == 0 || c->request->body.n > SJ_PROPERTY_BYTES || strlen(c->part[1]) > 255) {
        sj_error(c, 400, "The property key or value is not valid.");
    } else {
        sj_properties_put(&i->properties, c->part[1], c->request->body, &is_new);
        struct json_out *o = sandbox_json(c, is_new ? 201 : 200);
        json_open(o, NULL, '{');
        json_put_text(o, "self", sj_self(c, arena_fmt(c->arena, "issue/%s/properties", i->key), c->part[1]));
        json_close(o);
    }
}

void sj_property_delete(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    sandbox_touch(c, i);
    if (sj_properties_remove(&i->properties, c->part[1]))
        sandbox_empty(c, 204);
    else
        property_missing(c);
}
