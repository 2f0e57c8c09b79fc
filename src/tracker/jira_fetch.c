/* Facts from Jira. */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "tracker/tracker_private.h"

/* --- rows --- */

static const struct field jira_named_rows[] = {F_TEXT(struct named, id, "id"), F_TEXT(struct named, name, "name")};
static const struct field_table jira_named = FIELD_TABLE("entry", struct named, jira_named_rows);

static const struct field jira_issue_rows[] = {
    F_TEXT_MUST(struct issue, ref, "key"), /* the new one when the issue was moved */
    F_TEXT(struct issue, id, "id"),
    F_TEXT(struct issue, project, "fields.project.key"),
    F_TEXT(struct issue, type, "fields.issuetype.name"),
    F_TEXT(struct issue, summary, "fields.summary"),
    F_TEXT(struct issue, description, "fields.description"),
    F_TEXT(struct issue, status, "fields.status.name"),
    F_TEXT(struct issue, resolution, "fields.resolution.name"),
    F_TEXT(struct issue, priority, "fields.priority.name"),
    F_TEXT(struct issue, assignee, "fields.assignee.name"), /* Server */
    F_TEXT(struct issue, assignee, "fields.assignee.accountId"),
    F_TEXT(struct issue, creator, "fields.creator.name"),
    F_TEXT(struct issue, creator, "fields.creator.accountId"),
    F_TEXTS(struct issue, labels, "fields.labels"),
    F_MANY(struct issue, components, "fields.components", jira_named),
    F_WHEN(struct issue, changed_ms, "fields.updated"),
};
const struct field_table jira_issue = FIELD_TABLE("issue", struct issue, jira_issue_rows);

static const struct field jira_person_rows[] = {
    F_TEXT(struct person, id, "name"), /* Server */
    F_TEXT(struct person, id, "accountId"),
    F_TEXT(struct person, login, "name"),
    F_TEXT(struct person, login, "emailAddress"),
    F_TEXT(struct person, name, "displayName"),
};
const struct field_table jira_person = FIELD_TABLE("account", struct person, jira_person_rows);

/* --- common ends --- */

/* Asked for what every Jira has. */
static int fetch_no_jira(struct walk *r, struct err *why)
{
    if (r->prev->status != 404)
        return walk_absent(r, why);
    return fail(why, ERR_CONFIG, "%.300s: is url the address of a Jira?", arena_text(r->arena, why->text));
}

static int fetch_named(struct walk *r, const struct json *list, struct err *e)
{
    struct fact *f = walk_here(r);
    JSON_EACH (one, list)
        if (field_read(&jira_named, one, r->arena, MANY_ADD(r->arena, &f->names, struct named), e) < 0)
            return -ERR_INPUT;
    return STEP_DONE;
}

static void fetch_add_name(struct walk *r, struct fact *f, const char *name)
{
    if (text_blank(name))
        return;
    struct named *to = MANY_ADD(r->arena, &f->names, struct named);
    to->id = to->name = arena_text(r->arena, name);
}

/* --- issue --- */

static int fetch_issue_ask(struct walk *r, struct err *e)
{
    (void)e;
    const char *more = text_blank(r->c->want->by) ? "" : arena_fmt(r->arena, ",%s", r->c->want->by);
    return jira_to(r, arena_fmt(r->arena,
                                "issue/%s?updateHistory=true&fields=project,issuetype,summary,status,resolution,"
                                "priority,labels,components,assignee,creator,issuelinks,security,updated%s",
                                jira_key(r), more));
}

static void fetch_link(struct walk *r, const struct json *link, struct issue *to)
{
    const char *in = json_text(json_path(link, "inwardIssue.key"));
    const char *out = json_text(json_path(link, "outwardIssue.key"));
    if (!in && !out)
        return;
    *MANY_ADD(r->arena, &to->links, struct issue_link) = (struct issue_link){
        .id = arena_text(r->arena, json_text(json_get(link, "id"))),
        .type = arena_text(r->arena, json_text(json_path(link, "type.name"))),
        .is_inward = in != NULL,
        .other = arena_text(r->arena, in ? in : out),
    };
}

static int fetch_issue_take(struct walk *r, struct err *e)
{
    struct fact *f = walk_here(r);
    const struct json *fields = json_get(r->answer, "fields");
    if (field_read(&jira_issue, r->answer, r->arena, &f->issue, e) < 0)
        return err_within(e, "read issue");
    f->issue.is_private = json_kind(json_get(fields, "security")) == JSON_OBJECT;
    JSON_EACH (link, json_get(fields, "issuelinks"))
        fetch_link(r, link, &f->issue);
    return STEP_DONE;
}

/* --- people --- */

static int fetch_users_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(
        r, arena_fmt(r->arena, "user/search?includeActive=true&includeInactive=false&startAt=0&maxResults=50&%s=%s",
                     jira_is_cloud(r->c->conf) ? "query" : "username", tracker_escape(r->arena, r->c->want->ref)));
}

/*
 * The search matches beginnings of names and addresses too. An address that is shown decides; one that is hidden
 * leaves it open, and such people count only when nobody bears the address openly.
 */
static int fetch_users_take(struct walk *r, struct err *e)
{
    struct many open = {0}, hidden = {0};
    JSON_EACH (one, r->answer) {
        const char *mail = json_text(json_get(one, "emailAddress"));
        struct person who = {0};
        if (!json_bool(json_get(one, "active"), true))
            continue;
        if (!text_blank(mail) && !text_same_nocase(mail, r->c->want->ref))
            continue;
        if (field_read(&jira_person, one, r->arena, &who, e) < 0)
            return err_within(e, "search users");
        if (!text_blank(who.id))
            *MANY_ADD(r->arena, text_blank(mail) ? &hidden : &open, struct person) = who;
    }
    walk_here(r)->people = open.n ? open : hidden;
    return STEP_DONE;
}

static int fetch_myself_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, "myself");
}

static int fetch_myself_take(struct walk *r, struct err *e)
{
    struct fact *f = walk_here(r);
    struct person *who = MANY_ADD(r->arena, &f->people, struct person);
    if (field_read(&jira_person, r->answer, r->arena, who, e) < 0)
        return err_within(e, "ask who we are");
    return text_blank(who->id) ? fail(e, ERR_AUTH, "ask who we are: Jira does not know us") : STEP_DONE;
}

/* --- projects --- */

enum { FETCH_PROJECTS_AT_ONCE = 100 };

static int fetch_projects_ask(struct walk *r, struct err *e)
{
    (void)e;
    if (!jira_is_cloud(r->c->conf))
        return jira_to(r, "project");
    int64_t start = 0;
    json_int(json_get(walk_noted(r), "start"), &start);
    return jira_to(
        r, arena_fmt(r->arena, "project/search?startAt=%" PRId64 "&maxResults=%d", start, FETCH_PROJECTS_AT_ONCE));
}

static int fetch_projects_more(struct walk *r, const struct json *page, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    int64_t start = 0;
    const struct json *note = walk_noted(r);
    json_int(json_get(note, "start"), &start);
    walk_open(&t, &o);
    json_put_int(&o, "start", start + (int64_t)json_count(page));
    json_open(&o, "keys", '[');
    JSON_EACH (key, json_get(note, "keys"))
        json_put(&o, NULL, key);
    JSON_EACH (one, page)
        json_put(&o, NULL, json_get(one, "key"));
    json_close(&o);
    int rc = walk_note(r, &t, &o, e);
    return rc < 0 ? rc : walk_next(r, 0);
}

static int fetch_projects_take(struct walk *r, struct err *e)
{
    const struct json *page = jira_is_cloud(r->c->conf) ? json_get(r->answer, "values") : r->answer;
    bool is_last = !jira_is_cloud(r->c->conf) ||
                   json_bool(json_get(r->answer, "isLast"), json_count(page) < FETCH_PROJECTS_AT_ONCE);
    if (!is_last && json_count(page) > 0)
        return fetch_projects_more(r, page, e);
    struct fact *f = walk_here(r);
    JSON_EACH (key, json_get(walk_noted(r), "keys"))
        fetch_add_name(r, f, json_text(key));
    JSON_EACH (one, page)
        fetch_add_name(r, f, json_text(json_get(one, "key")));
    return STEP_DONE;
}

static int fetch_permissions_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    jira_to(r, "permissions/project");
    walk_open(&t, &o);
    json_open(&o, "permissions", '[');
    for (const char *at = r->c->want->ref; *at; at += strspn(at, ",")) {
        size_t n = strcspn(at, ",");
        json_put_str(&o, NULL, str_trim((struct str){at, n}));
        at += n;
    }
    json_close(&o);
    return walk_send(r, &t, &o, e);
}

static int fetch_permissions_take(struct walk *r, struct err *e)
{
    (void)e;
    struct fact *f = walk_here(r);
    JSON_EACH (one, json_get(r->answer, "projects"))
        fetch_add_name(r, f, json_text(json_get(one, "key")));
    return STEP_DONE;
}

static int fetch_components_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, arena_fmt(r->arena, "project/%s/components", jira_key(r)));
}

static int fetch_components_take(struct walk *r, struct err *e)
{
    return fetch_named(r, r->answer, e);
}

static int fetch_types_ask(struct walk *r, struct err *e)
{
    (void)e;
    const char *format = jira_is_cloud(r->c->conf) ? "project/search?keys=" : "project/";
    return jira_to(
        r, arena_fmt(r->arena, "%s%s%s", format, jira_key(r), jira_is_cloud(r->c->conf) ? "&expand=issueTypes" : ""));
}

static int fetch_types_take(struct walk *r, struct err *e)
{
    if (!jira_is_cloud(r->c->conf))
        return fetch_named(r, json_get(r->answer, "issueTypes"), e);
    JSON_EACH (one, json_get(r->answer, "values"))
        if (text_same(json_text(json_get(one, "key")), r->c->want->ref))
            return fetch_named(r, json_get(one, "issueTypes"), e);
    r->ret->fact = tracker_fact(r->arena, FACT_MISSING, "there is no such project, or we may not see it");
    return STEP_DONE;
}

/* --- fields --- */

static int fetch_fields_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, "field");
}

static int fetch_fields_take(struct walk *r, struct err *e)
{
    (void)e;
    struct fact *f = walk_here(r);
    JSON_EACH (one, r->answer) {
        const char *id = json_text(json_get(one, "id")), *name = json_text(json_get(one, "name"));
        const char *type = json_text(json_path(one, "schema.type")), *items = json_text(json_path(one, "schema.items"));
        if (!id || !name)
            continue;
        *MANY_ADD(r->arena, &f->fields, struct board_field) = (struct board_field){
            .id = arena_text(r->arena, id),
            .name = arena_text(r->arena, name),
            .type = items ? arena_fmt(r->arena, "array of %s", items) : arena_text(r->arena, type ? type : ""),
        };
    }
    return STEP_DONE;
}

/* --- health --- */

static int fetch_health_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, "serverInfo?doHealthCheck=true");
}

/* "Jira 1001.0.0 (Cloud)", and the health checks that failed. No text when the answer is empty. */
static int fetch_health_take(struct walk *r, struct err *e)
{
    (void)e;
    AUTO(text_auto) struct text t = {0};
    struct fact *f = walk_here(r);
    if (json_count(r->answer) == 0)
        return STEP_DONE;
    const char *version = json_text(json_get(r->answer, "version"));
    const char *deployment = json_text(json_get(r->answer, "deploymentType"));
    text_init(&t, 4096);
    text_addf(&t, "Jira %s (%s)", version ? version : "without a version", deployment ? deployment : "Server");
    JSON_EACH (one, json_get(r->answer, "healthChecks"))
        if (!json_bool(json_get(one, "passed"), true)) {
            const char *name = json_text(json_get(one, "name"));
            text_addf(&t, "; health check failed: %s", name ? name : "without a name");
        }
    f->text = arena_text(r->arena, text_z(&t));
    return STEP_DONE;
}

/* --- the lists --- */

static const struct walk_phase fetch_issue[] = {
    {"read issue", "GET", HTTP_READ, fetch_issue_ask, fetch_issue_take, walk_absent}};
static const struct walk_phase fetch_users[] = {
    {"search users", "GET", HTTP_READ, fetch_users_ask, fetch_users_take, fetch_no_jira}};
static const struct walk_phase fetch_myself[] = {
    {"ask who we are", "GET", HTTP_READ, fetch_myself_ask, fetch_myself_take, fetch_no_jira}};
static const struct walk_phase fetch_projects[] = {
    {"list projects", "GET", HTTP_READ, fetch_projects_ask, fetch_projects_take, fetch_no_jira}};
static const struct walk_phase fetch_permissions[] = {
    {"ask for permissions", "POST", HTTP_READ, fetch_permissions_ask, fetch_permissions_take, walk_absent}};
static const struct walk_phase fetch_components[] = {
    {"list components", "GET", HTTP_READ, fetch_components_ask, fetch_components_take, walk_absent}};
static const struct walk_phase fetch_types[] = {
    {"list issue types", "GET", HTTP_READ, fetch_types_ask, fetch_types_take, walk_absent}};
static const struct walk_phase fetch_fields[] = {
    {"list fields", "GET", HTTP_READ, fetch_fields_ask, fetch_fields_take, fetch_no_jira}};
static const struct walk_phase fetch_health[] = {
    {"ask for its health", "GET", HTTP_READ, fetch_health_ask, fetch_health_take, fetch_no_jira}};
/* The mapping that a company keeps beside its Jira. */
static const struct walk_phase fetch_file[] = {
    {"read file", "GET", HTTP_READ, walk_file_ask, walk_file_take, walk_file_refused}};

const struct walk_work jira_facts[FACT_KINDS] = {
    [FACT_ISSUE] = WALK_WORK(fetch_issue),
    [FACT_USERS] = WALK_WORK(fetch_users),
    [FACT_WHOAMI] = WALK_WORK(fetch_myself),
    [FACT_PROJECTS] = WALK_WORK(fetch_projects),
    [FACT_PERMISSIONS] = WALK_WORK(fetch_permissions),
    [FACT_COMPONENTS] = WALK_WORK(fetch_components),
    [FACT_ISSUE_TYPES] = WALK_WORK(fetch_types),
    [FACT_HEALTH] = WALK_WORK(fetch_health),
    [FACT_FILE] = WALK_PLAIN(fetch_file, "*/*"),
    [FACT_FIELDS] = WALK_WORK(fetch_fields),
    [FACT_ISSUES] = WALK_WORK(jira_since),
    [FACT_ACCOUNTS] = WALK_WORK(jira_accounts),
    [FACT_MEMBERS] = WALK_WORK(jira_members),
};
