/* Changes in Jira. Whatever takes several requests reads first, so that it may begin again at any point. */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "tracker/tracker_private.h"

/* --- pieces of bodies --- */

void jira_put_named(struct json_out *o, const char *member, const char *name, const char *value)
{
    json_open(o, member, '{');
    json_put_text(o, name, value);
    json_close(o);
}

static void change_put_marker(struct json_out *o, const char *marker)
{
    if (!marker)
        return;
    json_open(o, "properties", '[');
    json_open(o, NULL, '{');
    json_put_text(o, "key", JIRA_MARKER_KEY);
    jira_put_named(o, "value", "marker", marker);
    json_close(o);
    json_close(o);
}

static int change_put_issue(struct walk *r)
{
    return jira_to(r, arena_fmt(r->arena, "issue/%s?notifyUsers=true", jira_key(r)));
}

static int change_note_text(struct walk *r, const char *key, const char *text, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    walk_open(&t, &o);
    json_put_text(&o, key, text);
    return walk_note(r, &t, &o, e);
}

static const char *change_noted_text(struct walk *r, const char *key)
{
    const char *text = json_text(json_get(walk_noted(r), key));
    return text ? text : "";
}

/* --- create, delete --- */

/* Those that an issue is made with. */
static void change_put_first_labels(struct json_out *o, const struct texts *labels)
{
    if (labels->n == 0)
        return;
    json_open(o, "labels", '[');
    for (size_t i = 0; i < labels->n; i++)
        json_put_text(o, NULL, labels->v[i]);
    json_close(o);
}

static int change_create_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    if (text_blank(c->project))
        return fail(e, ERR_BUG, "create issue: no project is named");
    jira_to(r, "issue?updateHistory=false");
    walk_open(&t, &o);
    json_open(&o, "fields", '{');
    jira_put_named(&o, "project", "key", c->project);
    MANY_EACH(const struct field_value, v, &c->fields)
    tracker_put_value(&o, v);
    change_put_first_labels(&o, &c->add);
    json_close(&o);
    change_put_marker(&o, c->marker);
    return walk_send(r, &t, &o, e);
}

static int change_create_take(struct walk *r, struct err *e)
{
    const struct json *one = json_kind(r->answer) == JSON_ARRAY ? json_first(r->answer) : r->answer;
    return walk_made(r, one, "key", "create issue", e);
}

static int change_delete_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, arena_fmt(r->arena, "issue/%s?deleteSubtasks=true", jira_key(r)));
}

/* --- fields, labels, comment, web link --- */

static int change_fields_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    if (c->fields.n == 0)
        return walk_nothing(r, NULL);
    change_put_issue(r);
    walk_open(&t, &o);
    json_open(&o, "fields", '{');
    MANY_EACH(const struct field_value, v, &c->fields)
    tracker_put_value(&o, v);
    json_close(&o);
    return walk_send(r, &t, &o, e);
}

static size_t change_put_labels(struct json_out *o, const char *verb, const struct texts *labels)
{
    size_t n = 0;
    for (size_t i = 0; i < labels->n; i++) {
        if (text_blank(labels->v[i])) /* Jira would refuse the whole request */
            continue;
        jira_put_named(o, NULL, verb, labels->v[i]);
        n++;
    }
    return n;
}

static int change_labels_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    jira_to(r, arena_fmt(r->arena, "issue/%s", jira_key(r)));
    walk_open(&t, &o);
    json_open(&o, "update", '{');
    json_open(&o, "labels", '[');
    size_t n = change_put_labels(&o, "add", &c->add);
    n += change_put_labels(&o, "remove", &c->remove);
    json_close(&o);
    json_close(&o);
    return n ? walk_send(r, &t, &o, e) : walk_nothing(r, NULL);
}

static int change_comment_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    jira_to(r, arena_fmt(r->arena, "issue/%s/comment", jira_key(r)));
    walk_open(&t, &o);
    json_put_text(&o, "body", r->c->change->text ? r->c->change->text : "");
    change_put_marker(&o, r->c->change->marker);
    return walk_send(r, &t, &o, e);
}

static int change_comment_take(struct walk *r, struct err *e)
{
    return walk_made(r, r->answer, "id", "add comment", e);
}

/* A second POST with the same globalId updates the link and empties what it does not name: all fields, always. */
static int change_web_link_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    jira_to(r, arena_fmt(r->arena, "issue/%s/remotelink", jira_key(r)));
    walk_open(&t, &o);
    json_open(&o, "object", '{');
    json_put_text(&o, "url", c->url);
    json_put_text(&o, "title", text_blank(c->name) ? c->url : c->name);
    json_open(&o, "status", '{');
    json_put_bool(&o, "resolved", c->is_resolved);
    json_close(&o);
    if (!text_blank(c->icon)) {
        json_open(&o, "icon", '{');
        json_put_text(&o, "url16x16", c->icon);
        json_put_text(&o, "title", c->icon);
        json_close(&o);
    }
    json_close(&o);
    if (!text_blank(c->global_id))
        json_put_text(&o, "globalId", c->global_id);
    return walk_send(r, &t, &o, e);
}

/* --- assignee --- */

enum { ASSIGN_PUT, ASSIGN_NOBODY };

static int change_assign_to(struct walk *r, const char *account, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    change_put_issue(r);
    walk_open(&t, &o);
    json_open(&o, "fields", '{');
    if (account)
        jira_put_named(&o, "assignee", jira_is_cloud(r->c->conf) ? "accountId" : "name", account);
    else
        json_put_null(&o, "assignee");
    json_close(&o);
    return walk_send(r, &t, &o, e);
}

static int change_assign_ask(struct walk *r, struct err *e)
{
    return change_assign_to(r, r->c->change->name, e);
}

static int change_assign_refused(struct walk *r, struct err *why)
{
    const struct change *c = r->c->change;
    if (why->class != ERR_INPUT || !c->name || !c->or_nobody)
        return -(int)why->class;
    return change_note_text(r, "why", why->text, why) < 0 ? -(int)why->class : walk_next(r, ASSIGN_NOBODY);
}

static int change_nobody_ask(struct walk *r, struct err *e)
{
    return change_assign_to(r, NULL, e);
}

static int change_nobody_take(struct walk *r, struct err *e)
{
    (void)e;
    r->ret->note = arena_fmt(r->arena, "%s; unassigned instead", change_noted_text(r, "why"));
    return STEP_DONE;
}

/* --- components --- */

enum { PARTS_PROJECT, PARTS_ISSUE, PARTS_CREATE, PARTS_AGAIN, PARTS_PUT };
enum { PARTS_CREATE_MOST = DRIVER_STEPS - 4 };

struct change_parts {     /* remembered between the requests */
    struct texts ids;     /* what the issue shall have */
    struct texts missing; /* names the project has not */
    struct texts refused; /* of these, what it would not make: perhaps it has them by now */
    struct texts lacks;   /* and what it has not in the end */
    bool differs;         /* from what the issue has */
};

void jira_read_texts(struct walk *r, const struct json *list, struct texts *to)
{
    JSON_EACH (one, list)
        if (json_text(one))
            texts_add(r->arena, to, json_text(one));
}

static struct change_parts parts_load(struct walk *r)
{
    struct change_parts p = {0};
    const struct json *note = walk_noted(r);
    jira_read_texts(r, json_get(note, "ids"), &p.ids);
    jira_read_texts(r, json_get(note, "missing"), &p.missing);
    jira_read_texts(r, json_get(note, "refused"), &p.refused);
    jira_read_texts(r, json_get(note, "lacks"), &p.lacks);
    p.differs = json_bool(json_get(note, "differs"), false);
    return p;
}

void jira_put_texts(struct json_out *o, const char *member, const struct texts *t)
{
    json_open(o, member, '[');
    for (size_t i = 0; i < t->n; i++)
        json_put_text(o, NULL, t->v[i]);
    json_close(o);
}

static int parts_save(struct walk *r, const struct change_parts *p, int64_t phase, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    walk_open(&t, &o);
    jira_put_texts(&o, "ids", &p->ids);
    jira_put_texts(&o, "missing", &p->missing);
    jira_put_texts(&o, "refused", &p->refused);
    jira_put_texts(&o, "lacks", &p->lacks);
    json_put_bool(&o, "differs", p->differs);
    return walk_note(r, &t, &o, e) < 0 ? -(int)ERR_PERMANENT : walk_next(r, phase);
}

/* The change's project, else the one that the issue's key names. */
static const char *parts_project(const struct walk *r)
{
    const struct change *c = r->c->change;
    if (!text_blank(c->project))
        return c->project;
    const char *ref = c->issue.ref ? c->issue.ref : "", *dash = strrchr(ref, '-');
    return arena_str(r->arena, (struct str){ref, dash ? (size_t)(dash - ref) : strlen(ref)});
}

static const char *parts_note(struct walk *r, const struct change_parts *p)
{
    AUTO(text_auto) struct text t = {0};
    if (p->lacks.n == 0)
        return NULL;
    text_init(&t, 4096);
    text_addf(&t, "project %s has no component ", parts_project(r));
    for (size_t i = 0; i < p->lacks.n; i++)
        text_addf(&t, "%s\"%s\"", i ? ", " : "", p->lacks.v[i]);
    return arena_text(r->arena, text_z(&t));
}

/* What is to be done now that the issue's components are known: make a missing one, write, or nothing. */
static int parts_go(struct walk *r, struct change_parts *p, struct err *e)
{
    const struct change *c = r->c->change;
    size_t made = c->add.n > p->missing.n ? c->add.n - p->missing.n : 0;
    if (c->may_create && p->missing.n > 0 && made < PARTS_CREATE_MOST)
        return parts_save(r, p, PARTS_CREATE, e);
    if (p->refused.n > 0)
        return parts_save(r, p, PARTS_AGAIN, e);
    for (size_t i = 0; i < p->missing.n; i++)
        texts_add(r->arena, &p->lacks, p->missing.v[i]);
    p->missing.n = 0;
    return p->differs ? parts_save(r, p, PARTS_PUT, e) : walk_nothing(r, parts_note(r, p));
}

static int parts_project_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, arena_fmt(r->arena, "project/%s/components", tracker_escape(r->arena, parts_project(r))));
}

static const char *parts_id(const struct json *list, const char *name)
{
    JSON_EACH (one, list) {
        const char *its = json_text(json_get(one, "name"));
        if (its && text_same_nocase(its, name)) /* Jira does not allow two that differ in case alone */
            return json_text(json_get(one, "id"));
    }
    return NULL;
}

static int parts_project_take(struct walk *r, struct err *e)
{
    struct change_parts p = {0};
    const struct change *c = r->c->change;
    for (size_t i = 0; i < c->add.n; i++) {
        const char *id = parts_id(r->answer, c->add.v[i]);
        texts_add(r->arena, id ? &p.ids : &p.missing, id ? id : c->add.v[i]);
    }
    if (p.ids.n == 0 && c->remove.n == 0 && (p.missing.n == 0 || !c->may_create))
        return parts_go(r, &p, e);
    return parts_save(r, &p, PARTS_ISSUE, e);
}

static int parts_issue_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, arena_fmt(r->arena, "issue/%s?fields=components", jira_key(r)));
}

/* Components that people have put there stay. */
static int parts_issue_take(struct walk *r, struct err *e)
{
    struct change_parts p = parts_load(r);
    struct texts ids = {0};
    JSON_EACH (one, json_path(r->answer, "fields.components")) {
        const char *id = json_text(json_get(one, "id")), *name = json_text(json_get(one, "name"));
        bool goes = texts_have(&r->c->change->remove, name) && !texts_have(&p.ids, id);
        p.differs |= goes;
        if (id && !goes)
            texts_add(r->arena, &ids, id);
    }
    for (size_t i = 0; i < p.ids.n; i++)
        if (!texts_have(&ids, p.ids.v[i])) {
            texts_add(r->arena, &ids, p.ids.v[i]);
            p.differs = true;
        }
    p.ids = ids;
    return parts_go(r, &p, e);
}

static int parts_create_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct change_parts p = parts_load(r);
    if (p.missing.n == 0)
        return fail(e, ERR_BUG, "create component: none is missing");
    jira_to(r, "component");
    walk_open(&t, &o);
    json_put_text(&o, "name", p.missing.v[0]);
    json_put_text(&o, "project", parts_project(r));
    return walk_send(r, &t, &o, e);
}

static int parts_made(struct walk *r, const char *id, struct err *e)
{
    struct change_parts p = parts_load(r);
    if (p.missing.n == 0)
        return fail(e, ERR_BUG, "create component: none was missing");
    texts_add(r->arena, id ? &p.ids : &p.refused, id ? id : p.missing.v[0]);
    p.differs |= id != NULL;
    p.missing.v++;
    p.missing.n--;
    return parts_go(r, &p, e);
}

static int parts_create_take(struct walk *r, struct err *e)
{
    return parts_made(r, json_text(json_get(r->answer, "id")), e);
}

static int parts_create_refused(struct walk *r, struct err *why)
{
    return parts_made(r, NULL, why);
}

/* One that another attempt has made meanwhile, or this very request when it had to be sent twice, is refused too. */
static int parts_again_take(struct walk *r, struct err *e)
{
    struct change_parts p = parts_load(r);
    for (size_t i = 0; i < p.refused.n; i++) {
        const char *id = parts_id(r->answer, p.refused.v[i]);
        texts_add(r->arena, id ? &p.ids : &p.lacks, id ? id : p.refused.v[i]);
        p.differs |= id != NULL;
    }
    p.refused.n = 0;
    return parts_go(r, &p, e);
}

static int parts_put_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct change_parts p = parts_load(r);
    change_put_issue(r);
    walk_open(&t, &o);
    json_open(&o, "fields", '{');
    json_open(&o, "components", '[');
    for (size_t i = 0; i < p.ids.n; i++)
        jira_put_named(&o, NULL, "id", p.ids.v[i]);
    json_close(&o);
    json_close(&o);
    return walk_send(r, &t, &o, e);
}

static int parts_put_take(struct walk *r, struct err *e)
{
    (void)e;
    struct change_parts p = parts_load(r);
    r->ret->note = parts_note(r, &p);
    return STEP_DONE;
}

/* --- links between issues --- */

enum { LINK_POST, LINK_READ };
enum { UNLINK_READ, UNLINK_DELETE };

static int change_link_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    jira_to(r, "issueLink");
    walk_open(&t, &o);
    jira_put_named(&o, "type", "name", c->name);
    jira_put_named(&o, "inwardIssue", "key", c->issue.ref);
    jira_put_named(&o, "outwardIssue", "key", c->other.ref);
    return walk_send(r, &t, &o, e);
}

/* "Exists already" is one of the reasons for which Jira refuses, and it does not always say which. */
static int change_link_refused(struct walk *r, struct err *why)
{
    if (why->class != ERR_INPUT)
        return -(int)why->class;
    return change_note_text(r, "why", why->text, why) < 0 ? -(int)why->class : walk_next(r, LINK_READ);
}

static int change_links_of(struct walk *r, const char *ref)
{
    return jira_to(r, arena_fmt(r->arena, "issue/%s?fields=issuelinks", tracker_escape(r->arena, ref ? ref : "")));
}

static int change_link_read_ask(struct walk *r, struct err *e)
{
    (void)e;
    return change_links_of(r, r->c->change->issue.ref);
}

static int change_link_read_take(struct walk *r, struct err *e)
{
    const struct change *c = r->c->change;
    if (jira_link_id(json_path(r->answer, "fields.issuelinks"), c->name, c->other.ref, false))
        return walk_nothing(r, NULL);
    return fail(e, ERR_INPUT, "%s", change_noted_text(r, "why"));
}

static int change_unlink_read_ask(struct walk *r, struct err *e)
{
    (void)e;
    return change_links_of(r, r->c->change->other.ref);
}

static int change_unlink_read_take(struct walk *r, struct err *e)
{
    const struct change *c = r->c->change;
    const char *id = jira_link_id(json_path(r->answer, "fields.issuelinks"), c->name, c->issue.ref, true);
    if (!id)
        return walk_nothing(r, NULL);
    return change_note_text(r, "id", id, e) < 0 ? -(int)ERR_PERMANENT : walk_next(r, UNLINK_DELETE);
}

static int change_unlink_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, arena_fmt(r->arena, "issueLink/%s", tracker_escape(r->arena, change_noted_text(r, "id"))));
}

/* --- the lists --- */

static const struct walk_phase change_create[] = {
    {"create issue", "POST", HTTP_CREATE, change_create_ask, change_create_take, NULL}};
static const struct walk_phase change_delete[] = {
    {"delete issue", "DELETE", HTTP_IDEMPOTENT, change_delete_ask, NULL, walk_gone}};
static const struct walk_phase change_set_fields[] = {
    {"set fields", "PUT", HTTP_IDEMPOTENT, change_fields_ask, NULL, NULL}};
static const struct walk_phase change_labels[] = {
    {"set labels", "PUT", HTTP_IDEMPOTENT, change_labels_ask, NULL, NULL}};
static const struct walk_phase change_assign[] = {
    [ASSIGN_PUT] = {"assign", "PUT", HTTP_IDEMPOTENT, change_assign_ask, NULL, change_assign_refused},
    [ASSIGN_NOBODY] = {"unassign", "PUT", HTTP_IDEMPOTENT, change_nobody_ask, change_nobody_take, NULL}};
static const struct walk_phase change_components[] = {
    [PARTS_PROJECT] = {"list components", "GET", HTTP_READ, parts_project_ask, parts_project_take, NULL},
    [PARTS_ISSUE] = {"read components", "GET", HTTP_READ, parts_issue_ask, parts_issue_take, NULL},
    /* a name that is there already is refused, so a second one is not made; then its id is looked for */
    [PARTS_CREATE] = {"create component", "POST", HTTP_IDEMPOTENT, parts_create_ask, parts_create_take,
                      parts_create_refused},
    [PARTS_AGAIN] = {"list components", "GET", HTTP_READ, parts_project_ask, parts_again_take, NULL},
    [PARTS_PUT] = {"set components", "PUT", HTTP_IDEMPOTENT, parts_put_ask, parts_put_take, NULL}};
static const struct walk_phase change_comment[] = {
    {"add comment", "POST", HTTP_CREATE, change_comment_ask, change_comment_take, NULL}};
static const struct walk_phase change_web_link[] = {
    {"add web link", "POST", HTTP_IDEMPOTENT, change_web_link_ask, NULL, NULL}};
static const struct walk_phase change_link[] = {
    [LINK_POST] = {"link issues", "POST", HTTP_IDEMPOTENT, change_link_ask, NULL, change_link_refused},
    [LINK_READ] = {"read links", "GET", HTTP_READ, change_link_read_ask, change_link_read_take, NULL}};
static const struct walk_phase change_unlink[] = {
    [UNLINK_READ] = {"read links", "GET", HTTP_READ, change_unlink_read_ask, change_unlink_read_take, NULL},
    [UNLINK_DELETE] = {"unlink issues", "DELETE", HTTP_IDEMPOTENT, change_unlink_ask, NULL, walk_gone}};

const struct walk_work jira_changes[CHANGE_KINDS] = {
    [CHANGE_CREATE] = WALK_WORK(change_create),         [CHANGE_DELETE] = WALK_WORK(change_delete),
    [CHANGE_FIELDS] = WALK_WORK(change_set_fields),     [CHANGE_LABELS] = WALK_WORK(change_labels),
    [CHANGE_STATUS] = WALK_WORK(jira_status),           [CHANGE_ASSIGN] = WALK_WORK(change_assign),
    [CHANGE_COMPONENTS] = WALK_WORK(change_components), [CHANGE_COMMENT] = WALK_WORK(change_comment),
    [CHANGE_WEB_LINK] = WALK_WORK(change_web_link),     [CHANGE_LINK] = WALK_WORK(change_link),
    [CHANGE_UNLINK] = WALK_WORK(change_unlink),         [CHANGE_GROUP_ADD] = WALK_WORK(jira_group_add),
};
