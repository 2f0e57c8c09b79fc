/* What a request wants of an issue: read and checked field by field, applied only when all of it is fine. */
#include "base/base.h"

#include "base/utf8.h"
#include "sandbox/jira_private.h"

struct draft_row {
    const char *name;
    void (*set)(struct sj_draft *d, const struct json *v);
    void (*change)(struct sj_draft *d, const char *op, const struct json *v); /* add, remove; NULL: only set */
};

static void draft_error(struct sj_draft *d, const char *field, const char *message)
{
    sj_errors_add(&d->errors, field, message);
}

static bool draft_is_null(const struct json *v)
{
    return json_kind(v) == JSON_NULL || json_kind(v) == JSON_ABSENT;
}

static void draft_summary(struct sj_draft *d, const struct json *v)
{
    const char *text = json_text(v);
    d->has_summary = true;
    d->summary = text ? arena_str(d->c->arena, str_trim(str_of(text))) : NULL;
    if (!text && !draft_is_null(v))
        draft_error(d, "summary", "Operation value must be a string");
    else if (!text || str_trim(str_of(text)).n == 0)
        draft_error(d, "summary", "You must specify a summary of the issue.");
    else if (strpbrk(text, "\r\n"))
        draft_error(d, "summary", "The summary is invalid because it contains newline characters.");
    else if (utf8_units(str_of(text)) > SJ_SUMMARY_UNITS)
        draft_error(d, "summary", "Summary can't exceed 255 characters.");
}

static void draft_description(struct sj_draft *d, const struct json *v)
{
    d->has_description = true;
    d->description = NULL;
    if (draft_is_null(v))
        return;
    d->description = sj_read_rich(d->c, v);
    if (!d->description)
        draft_error(d, "description",
                    d->c->adf ? "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
                              : "Operation value must be a string");
    else if (sj_text_problem(d->description))
        draft_error(d, "description", sj_text_problem(d->description));
}

static void draft_type(struct sj_draft *d, const struct json *v)
{
    int64_t id = -1;
    int found = sandbox_words_find(&d->project->types, json_text(json_get(v, "name")));
    if (found < 0 && sandbox_body_int(json_get(v, "id"), &id)) {
        id -= (int64_t)(10000 + 100 * (d->project->id - 10000));
        found = id >= 0 && (size_t)id < d->project->types.n ? (int)id : -1;
    }
    d->has_type = true;
    d->type = found < 0 ? 0 : (size_t)found;
    if (found < 0)
        draft_error(d, "issuetype", "Specify a valid issue type");
}

static struct sj_user *draft_user(struct sj_draft *d, const char *field, const struct json *v)
{
    if (draft_is_null(v))
        return NULL;
    const char *id = json_text(json_get(v, d->c->s->jira->is_cloud ? "accountId" : "name"));
    struct sj_user *u = sj_user_find(d->c->s->jira, id);
    if (json_kind(v) != JSON_OBJECT)
        draft_error(d, field, "expected Object containing an 'accountId' property");
    else if (!u || !u->is_active)
        draft_error(d, field, arena_fmt(d->c->arena, "User '%s' cannot be assigned issues.", id ? id : ""));
    return u;
}

static void draft_assignee(struct sj_draft *d, const struct json *v)
{
    d->has_assignee = true;
    d->assignee = draft_user(d, "assignee", v);
}

static void draft_reporter(struct sj_draft *d, const struct json *v)
{
    d->has_reporter = true;
    d->reporter = draft_user(d, "reporter", v);
}

/* One of a site's names: priority, resolution. */
static int draft_named(struct sj_draft *d, const char *field, const char *title, const struct json *v)
{
    const struct sandbox_words *names =
        strcmp(field, "priority") == 0 ? &d->c->s->jira->priorities : &d->c->s->jira->resolutions;
    const char *name = json_text(json_get(v, "name"));
    int64_t id = -1;
    if (draft_is_null(v))
        return -1;
    int found = sandbox_words_find(names, name);
    if (!name && sandbox_body_int(json_get(v, "id"), &id))
        found = id >= 10000 && (size_t)(id - 10000) < names->n ? (int)(id - 10000) : -1;
    if (found < 0 && !name)
        draft_error(d, field, arena_fmt(d->c->arena, "Specify a valid 'id' or 'name' for %s", title));
    else if (found < 0)
        draft_error(d, field, arena_fmt(d->c->arena, "%s name '%s' is not valid", title, name));
    return found;
}

static void draft_priority(struct sj_draft *d, const struct json *v)
{
    d->has_priority = true;
    d->priority = draft_named(d, "priority", "Priority", v);
}

static void draft_resolution(struct sj_draft *d, const struct json *v)
{
    d->has_resolution = true;
    d->resolution = draft_named(d, "resolution", "Resolution", v);
}

static void draft_label_check(struct sj_draft *d, const struct json *v)
{
    const char *label = json_text(v);
    if (!label)
        draft_error(d, "labels", "string expected at index 0");
    else if (!*label)
        draft_error(d, "labels", "The label '' can't be empty.");
    else if (strpbrk(label, " \t\r\n"))
        draft_error(d, "labels", arena_fmt(d->c->arena, "The label '%s' contains spaces which is invalid.", label));
    else if (utf8_units(str_of(label)) > SJ_LABEL_UNITS)
        draft_error(d, "labels", "The label exceeds the maximum of 255 characters.");
}

static void draft_labels_begin(struct sj_draft *d)
{
    if (!d->has_labels && d->issue)
        sandbox_words_copy(&d->labels, &d->issue->labels);
    d->has_labels = true;
}

static void draft_labels(struct sj_draft *d, const struct json *v)
{
    d->has_labels = true;
    sandbox_words_clear(&d->labels);
    if (json_kind(v) != JSON_ARRAY && !draft_is_null(v))
        draft_error(d, "labels", "data was not an array");
    JSON_EACH (it, v) {
        draft_label_check(d, it);
        sandbox_words_add(&d->labels, json_text(it));
    }
}

static void draft_labels_change(struct sj_draft *d, const char *op, const struct json *v)
{
    draft_labels_begin(d);
    draft_label_check(d, v);
    if (strcmp(op, "add") == 0)
        sandbox_words_add(&d->labels, json_text(v));
    else
        sandbox_words_remove(&d->labels, json_text(v));
}

static void draft_component_drop(struct sj_draft *d, const struct sj_component *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->components.n; i++)
        if (d->components.v[i] != m)
            d->components.v[kept++] = d->components.v[i];
    d->components.n = kept;
}

static void draft_components_change(struct sj_draft *d, const char *op, const struct json *v)
{
    if (!d->has_components && d->issue)
        for (size_t i = 0; i < d->issue->components.n; i++)
            SANDBOX_ADD(&d->components, d->issue->components.v[i]);
    d->has_components = true;
    const char *name = json_text(json_get(v, "name"));
    struct sj_component *m = sj_component_find(d->project, v);
    if (!m) {
        draft_error(d, "components",
                    name ? arena_fmt(d->c->arena, "Component name '%s' is not valid", name)
                         : "Specify a valid 'id' or 'name' for Component");
        return;
    }
    draft_component_drop(d, m);
    if (strcmp(op, "add") == 0)
        SANDBOX_ADD(&d->components, m);
}

static void draft_components(struct sj_draft *d, const struct json *v)
{
    d->has_components = true;
    d->components.n = 0;
    if (json_kind(v) != JSON_ARRAY && !draft_is_null(v))
        draft_error(d, "components", "data was not an array");
    JSON_EACH (it, v)
        draft_components_change(d, "add", it);
}

static void draft_project(struct sj_draft *d, const struct json *v)
{
    const char *key = json_text(json_get(v, "key"));
    if (d->issue && (!key || !text_same_nocase(key, d->project->key)))
        draft_error(d, "project", "Field 'project' cannot be set. It is not on the appropriate screen, or unknown.");
}

static const struct draft_row draft_rows[] = {
    {"project", draft_project, NULL},
    {"summary", draft_summary, NULL},
    {"description", draft_description, NULL},
    {"issuetype", draft_type, NULL},
    {"assignee", draft_assignee, NULL},
    {"reporter", draft_reporter, NULL},
    {"priority", draft_priority, NULL},
    {"resolution", draft_resolution, NULL},
    {"labels", draft_labels, draft_labels_change},
    {"components", draft_components, draft_components_change},
};

static const struct draft_row *draft_row_find(const char *name)
{
    for (size_t i = 0; i < COUNT(draft_rows); i++)
        if (strcmp(draft_rows[i].name, name) == 0)
            return &draft_rows[i];
    return NULL;
}

static int draft_custom_find(const struct sj_site *j, const char *id)
{
    for (size_t i = 0; i < j->fields.n; i++)
        if (strcmp(j->fields.v[i].id, id) == 0)
            return (int)i;
    return -1;
}

static const char *draft_as_json(struct sj_draft *d, const struct json *v)
{
    char *owned = sj_json_text(v);
    const char *text = owned ? arena_text(d->c->arena, owned) : "null";
    mem_free(owned);
    return text;
}

/* {"value": V} or {"name": V} of a select list, kept as Jira shows it. */
static const char *draft_option(struct sj_draft *d, const struct sj_field *f, const struct json *v)
{
    const char *key = f->kind == SJ_OPTION ? "value" : "name";
    const char *value = json_text(json_get(v, key));
    int at = sandbox_words_find(&f->values, value);
    if (!value) {
        draft_error(d, f->id, arena_fmt(d->c->arena, "Specify a valid 'id' or '%s' for %s", key, f->name));
        return NULL;
    }
    if (at < 0 && f->values.n) {
        draft_error(d, f->id, arena_fmt(d->c->arena, "Option value '%s' is not valid", value));
        return NULL;
    }
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, SANDBOX_BODY_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "self", sj_self(d->c, "customFieldOption", sj_id(d->c, 10000 + (uint64_t)(at + 1))));
    json_put_text(&o, key, at < 0 ? value : f->values.v[at]);
    json_put_text(&o, "id", sj_id(d->c, 10000 + (uint64_t)(at + 1)));
    json_close(&o);
    return arena_text(d->c->arena, text_z(&t));
}

static const char *draft_custom_value(struct sj_draft *d, const struct sj_field *f, const struct json *v)
{
    if (draft_is_null(v))
        return "null";
    switch (f->kind) {
    case SJ_OPTION:
    case SJ_NAMED:
        return draft_option(d, f, v);
    case SJ_NUMBER:
        if (json_kind(v) != JSON_NUMBER)
            draft_error(d, f->id, "Operation value must be a number");
        break;
    case SJ_TEXT:
        if (json_kind(v) != JSON_STRING)
            draft_error(d, f->id, "Operation value must be a string");
        break;
    case SJ_ANY:
        break;
    }
    return draft_as_json(d, v);
}

static void draft_unknown(struct sj_draft *d, const char *name)
{
    draft_error(
        d, name,
        arena_fmt(d->c->arena, "Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name));
}

static bool draft_is_on_screen(const struct sj_draft *d, const char *name)
{
    return !d->is_screen || (d->has_screen_resolution && strcmp(name, "resolution") == 0);
}

static void draft_set(struct sj_draft *d, const char *name, const struct json *v)
{
    const struct sj_site *j = d->c->s->jira;
    const struct draft_row *row = draft_row_find(name);
    int custom = row ? -1 : draft_custom_find(j, name);
    if (!draft_is_on_screen(d, name) || (!row && custom < 0))
        draft_unknown(d, name);
    else if (row)
        row->set(d, v);
    else
        d->custom[custom] = draft_custom_value(d, &j->fields.v[custom], v);
}

static void draft_add_comment(struct sj_draft *d, const struct json *v)
{
    const char *body = sj_read_rich(d->c, json_get(v, "body"));
    if (text_blank(body))
        draft_error(d, "comment", "Comment body can not be empty!");
    else if (sj_text_problem(body))
        draft_error(d, "comment", sj_text_problem(body));
    else if (d->n_comments < COUNT(d->comments))
        d->comments[d->n_comments++] = body;
}

/* One {"add": V} of one field. */
static void draft_operation(struct sj_draft *d, const char *name, const struct json *op)
{
    const char *verb = json_key(op);
    const struct draft_row *row = draft_row_find(name);
    bool is_change = strcmp(verb, "add") == 0 || strcmp(verb, "remove") == 0;
    if (strcmp(name, "comment") == 0 && strcmp(verb, "add") == 0)
        draft_add_comment(d, op);
    else if (strcmp(verb, "set") == 0)
        draft_set(d, name, op);
    else if (is_change && row && row->change && draft_is_on_screen(d, name))
        row->change(d, verb, op);
    else if (!row && draft_custom_find(d->c->s->jira, name) < 0)
        draft_unknown(d, name);
    else
        draft_error(d, name, arena_fmt(d->c->arena, "Field does not support update '%s'", verb));
}

static void draft_update(struct sj_draft *d, const struct json *field)
{
    const char *name = json_key(field);
    if (json_kind(field) != JSON_ARRAY)
        draft_error(d, name, "Operations must be an array");
    JSON_EACH (it, field) {
        if (json_count(it) == 1 && json_kind(it) == JSON_OBJECT)
            draft_operation(d, name, json_first(it));
        else
            draft_error(d, name, "Each operation must have exactly one verb");
    }
}

void sj_draft_init(struct sj_draft *d, struct sandbox_call *c, struct sj_project *p, struct sj_issue *i)
{
    *d = (struct sj_draft){.c = c, .project = p, .issue = i, .priority = -1, .resolution = -1};
    d->custom = ARENA_ARRAY(c->arena, const char *, c->s->jira->fields.n + 1);
}

void sj_draft_read(struct sj_draft *d, const struct json *body)
{
    const struct json *fields = json_get(body, "fields"), *update = json_get(body, "update");
    JSON_EACH (it, fields) {
        if (json_get(update, json_key(it)))
            draft_error(d, json_key(it), "Field appears in both 'fields' and 'update'");
        else
            draft_set(d, json_key(it), it);
    }
    JSON_EACH (it, update)
        draft_update(d, it);
}

static void draft_apply_custom(const struct sj_draft *d, struct sj_issue *i)
{
    for (size_t n = 0; n < d->c->s->jira->fields.n; n++)
        if (d->custom[n])
            sandbox_set_text(&i->custom[n], strcmp(d->custom[n], "null") == 0 ? NULL : d->custom[n]);
}

static void draft_apply_lists(const struct sj_draft *d, struct sj_issue *i)
{
    if (d->has_labels)
        sandbox_words_copy(&i->labels, &d->labels);
    if (!d->has_components)
        return;
    i->components.n = 0;
    for (size_t n = 0; n < d->components.n; n++)
        SANDBOX_ADD(&i->components, d->components.v[n]);
}

void sj_draft_apply(struct sj_draft *d, struct sj_issue *i)
{
    if (d->has_summary)
        sandbox_set_text(&i->summary, d->summary);
    if (d->has_description)
        sandbox_set_text(&i->description, d->description);
    if (d->has_type)
        i->type = d->type;
    if (d->has_assignee)
        i->assignee = d->assignee;
    if (d->has_reporter)
        i->reporter = d->reporter;
    if (d->has_priority)
        i->priority = d->priority;
    if (d->has_resolution) {
        i->resolution = d->resolution;
        i->resolved_ms = d->c->now_ms;
    }
    draft_apply_lists(d, i);
    draft_apply_custom(d, i);
    for (size_t n = 0; n < d->n_comments; n++)
        sj_comment_add(d->c, i, d->comments[n]);
    i->updated_ms = d->c->now_ms;
}

void sj_draft_clear(struct sj_draft *d)
{
    sandbox_words_clear(&d->labels);
    mem_free(d->components.v);
    d->components.v = NULL;
    d->components.n = d->components.room = 0;
}
