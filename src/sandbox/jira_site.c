/* The state of the pretend Jira: made from a seed, found by key, id and name. */
#include "base/base.h"

#include "base/digest.h"
#include "http/client.h"
#include "sandbox/jira_groups_private.h"
#include "sandbox/jira_history_private.h"
#include "sandbox/serve_private.h"

const struct sj_permission_row sj_permissions[] = {
    {"BROWSE_PROJECTS", "Browse Projects", SJ_BROWSE_PROJECTS},
    {"CREATE_ISSUES", "Create Issues", SJ_CREATE_ISSUES},
    {"EDIT_ISSUES", "Edit Issues", SJ_EDIT_ISSUES},
    {"ADD_COMMENTS", "Add Comments", SJ_ADD_COMMENTS},
    {"DELETE_ISSUES", "Delete Issues", SJ_DELETE_ISSUES},
    {"TRANSITION_ISSUES", "Transition Issues", SJ_TRANSITION_ISSUES},
    {"LINK_ISSUES", "Link Issues", SJ_LINK_ISSUES},
    {"ASSIGN_ISSUES", "Assign Issues", SJ_ASSIGN_ISSUES},
    {"RESOLVE_ISSUES", "Resolve Issues", SJ_RESOLVE_ISSUES},
    {"ADMINISTER_PROJECTS", "Administer Projects", SJ_ADMINISTER_PROJECTS},
};
const size_t sj_permission_count = COUNT(sj_permissions);

enum { SJ_FIRST_ID = 10000, SJ_NUMBER_DIGITS = 18 };

char *sj_json_text(const struct json *v)
{
    if (json_kind(v) == JSON_ABSENT || json_kind(v) == JSON_NULL)
        return NULL;
    struct text t;
    struct json_out o;
    text_init(&t, SANDBOX_BODY_BYTES * 2);
    json_start(&o, &t);
    json_put(&o, NULL, v);
    char *text = mem_text(text_z(&t));
    text_free(&t);
    return text;
}

static uint64_t site_text_key(struct arena *a, const char *text)
{
    return hash_stable(str_of(sandbox_fold(a, text)));
}

/* Digits only, or 0. */
static uint64_t site_number(const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n > SJ_NUMBER_DIGITS || text[strspn(text, "0123456789")])
        return 0;
    uint64_t id = 0;
    for (; *text; text++)
        id = id * 10 + (uint64_t)(*text - '0');
    return id;
}

struct sj_project *sj_project_find(const struct sj_site *j, struct arena *a, const char *key_or_id)
{
    if (!key_or_id)
        return NULL;
    struct sj_project *p = map_get(j->by_project, site_text_key(a, key_or_id));
    if (p && text_same_nocase(p->key, key_or_id))
        return p;
    uint64_t id = site_number(key_or_id);
    for (size_t i = 0; id && i < j->projects.n; i++)
        if (j->projects.v[i]->id == id)
            return j->projects.v[i];
    return NULL;
}

struct sj_issue *sj_issue_find(const struct sj_site *j, struct arena *a, const char *key_or_id)
{
    if (!key_or_id)
        return NULL;
    uint64_t id = site_number(key_or_id);
    if (id)
        return map_get(j->by_id, id);
    struct sj_issue *i = map_get(j->by_key, site_text_key(a, key_or_id));
    bool is_it = i && (text_same_nocase(i->key, key_or_id) || sandbox_words_find(&i->former, key_or_id) >= 0);
    return is_it ? i : NULL;
}

struct sj_user *sj_user_find(const struct sj_site *j, const char *account_id)
{
    for (size_t i = 0; account_id && i < j->users.n; i++)
        if (strcmp(j->users.v[i]->account_id, account_id) == 0)
            return j->users.v[i];
    return NULL;
}

struct sj_component *sj_component_find(const struct sj_project *p, const struct json *by_id_or_name)
{
    const char *name = json_text(json_get(by_id_or_name, "name"));
    int64_t id = -1;
    bool has_id = sandbox_body_int(json_get(by_id_or_name, "id"), &id);
    for (size_t i = 0; i < p->components.n; i++) {
        struct sj_component *m = p->components.v[i];
        if (has_id ? m->id == (uint64_t)id : name && text_same_nocase(m->name, name))
            return m;
    }
    return NULL;
}

struct sj_component *sj_component_new(struct sj_site *j, struct sj_project *p, const char *name, const char *about)
{
    struct sj_component *m = mem_zero(sizeof *m);
    m->id = SJ_FIRST_ID + ++j->ids;
    m->name = mem_text(name);
    m->description = about ? mem_text(about) : NULL;
    SANDBOX_ADD(&p->components, m);
    return m;
}

int sj_status_find(const struct sj_site *j, const char *name)
{
    for (size_t i = 0; name && i < j->statuses.n; i++)
        if (text_same_nocase(j->statuses.v[i].name, name))
            return (int)i;
    return -1;
}

int sj_link_type_find(const struct sj_site *j, const struct json *by_id_or_name)
{
    const char *name = json_text(json_get(by_id_or_name, "name"));
    int64_t id = -1;
    if (!name && sandbox_body_int(json_get(by_id_or_name, "id"), &id))
        id -= SJ_FIRST_ID;
    for (size_t i = 0; i < j->link_types.n; i++)
        if (name ? text_same_nocase(j->link_types.v[i].name, name) : (int64_t)i == id)
            return (int)i;
    return -1;
}

void sj_issue_rename(struct sj_site *j, struct sj_issue *i, struct sj_project *to)
{
    AUTO(arena_auto) struct arena *a = arena_new(SANDBOX_ANSWER_BYTES);
    size_t at = 0;
    while (i->project->issues.v[at] != i)
        at++;
    for (i->project->issues.n--; at < i->project->issues.n; at++)
        i->project->issues.v[at] = i->project->issues.v[at + 1];
    sandbox_words_add(&i->former, i->key);
    i->project = to;
    i->type = i->type < to->types.n ? i->type : 0;
    sandbox_set_text(&i->key, arena_fmt(a, "%s-%" PRIu64, to->key, ++to->numbers));
    SANDBOX_ADD(&to->issues, i);
    map_put(j->by_key, site_text_key(a, i->key), i);
}

struct sj_issue *sj_issue_new(struct sj_site *j, struct sj_project *p, int64_t now_ms)
{
    struct text key;
    struct sj_issue *i = mem_zero(sizeof *i);
    text_init(&key, 300);
    text_addf(&key, "%s-%" PRIu64, p->key, ++p->numbers);
    i->key = mem_text(text_z(&key));
    text_free(&key);
    i->id = SJ_FIRST_ID + ++j->ids;
    i->project = p;
    i->status = p->initial;
    i->priority = i->resolution = -1;
    i->created_ms = i->updated_ms = now_ms;
    i->custom = mem_zero((j->fields.n + 1) * sizeof *i->custom);
    SANDBOX_ADD(&j->issues, i);
    SANDBOX_ADD(&p->issues, i);
    map_put(j->by_id, i->id, i);
    map_put(j->by_key, site_text_key(j->s->arena, i->key), i);
    return i;
}

void sj_issue_link(struct sj_site *j, struct sj_link *link)
{
    SANDBOX_ADD(&link->inward->links, link);
    SANDBOX_ADD(&link->outward->links, link);
    map_put(j->by_link, link->id, link);
}

static void site_forget_link(struct sj_issue *i, const struct sj_link *link)
{
    size_t kept = 0;
    for (size_t at = 0; at < i->links.n; at++)
        if (i->links.v[at] != link)
            i->links.v[kept++] = i->links.v[at];
    i->links.n = kept;
}

void sj_issue_unlink(struct sj_site *j, struct sj_link *link)
{
    site_forget_link(link->inward, link);
    site_forget_link(link->outward, link);
    map_remove(j->by_link, link->id);
    mem_free(link);
}

void sj_properties_put(struct sj_properties *p, const char *key, struct str json, bool *ret_new)
{
    struct text value;
    text_init(&value, json.n + 1);
    text_add(&value, json);
    char *owned = mem_text(text_z(&value));
    text_free(&value);
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->v[i].key, key) != 0)
            continue;
        mem_free(p->v[i].json);
        p->v[i].json = owned;
        *ret_new = false;
        return;
    }
    struct sj_property added = {mem_text(key), owned};
    SANDBOX_ADD(p, added);
    *ret_new = true;
}

const struct sj_property *sj_properties_get(const struct sj_properties *p, const char *key)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->v[i].key, key) == 0)
            return &p->v[i];
    return NULL;
}

bool sj_properties_remove(struct sj_properties *p, const char *key)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->v[i].key, key) != 0)
            continue;
        mem_free(p->v[i].key);
        mem_free(p->v[i].json);
        p->v[i] = p->v[--p->n];
        return true;
    }
    return false;
}

void sj_properties_clear(struct sj_properties *p)
{
    for (size_t i = 0; i < p->n; i++) {
        mem_free(p->v[i].key);
        mem_free(p->v[i].json);
    }
    mem_free(p->v);
    *p = (struct sj_properties){0};
}

void sj_comment_free(struct sj_comment *m)
{
    mem_free(m->body);
    mem_free(m->visibility);
    sj_properties_clear(&m->properties);
    mem_free(m);
}

void sj_remote_free(struct sj_remote *r)
{
    mem_free(r->global_id);
    mem_free(r->relationship);
    mem_free(r->application);
    mem_free(r->object);
    mem_free(r);
}

static void site_issue_free(const struct sj_site *j, struct sj_issue *i)
{
    for (size_t n = 0; n < i->comments.n; n++)
        sj_comment_free(i->comments.v[n]);
    for (size_t n = 0; n < i->remotes.n; n++)
        sj_remote_free(i->remotes.v[n]);
    for (size_t n = 0; n < j->fields.n; n++)
        mem_free(i->custom[n]);
    sj_properties_clear(&i->properties);
    sandbox_words_clear(&i->labels);
    mem_free(i->custom);
    mem_free(i->components.v);
    mem_free(i->comments.v);
    mem_free(i->remotes.v);
    mem_free(i->links.v);
    sj_history_clear(i);
    mem_free(i->writes.v);
    sandbox_words_clear(&i->former);
    mem_free(i->key);
    mem_free(i->summary);
    mem_free(i->description);
    mem_free(i);
}

static void site_project_free(struct sj_project *p)
{
    for (size_t i = 0; i < p->components.n; i++) {
        mem_free(p->components.v[i]->name);
        mem_free(p->components.v[i]->description);
        mem_free(p->components.v[i]);
    }
    for (size_t i = 0; i < p->moves.n; i++)
        mem_free(p->moves.v[i].name);
    sandbox_words_clear(&p->types);
    mem_free(p->components.v);
    mem_free(p->moves.v);
    mem_free(p->issues.v);
    mem_free(p->key);
    mem_free(p->name);
    mem_free(p);
}

static void site_tables_free(struct sj_site *j)
{
    for (size_t i = 0; i < j->users.n; i++) {
        struct sj_user *u = j->users.v[i];
        mem_free(u->account_id);
        mem_free(u->email);
        mem_free(u->name);
        mem_free(u->authorization);
        mem_free(u->type);
        mem_free(u);
    }
    for (size_t i = 0; i < j->statuses.n; i++)
        mem_free(j->statuses.v[i].name);
    for (size_t i = 0; i < j->link_types.n; i++) {
        mem_free(j->link_types.v[i].name);
        mem_free(j->link_types.v[i].inward);
        mem_free(j->link_types.v[i].outward);
    }
    for (size_t i = 0; i < j->fields.n; i++) {
        mem_free(j->fields.v[i].id);
        mem_free(j->fields.v[i].name);
        sandbox_words_clear(&j->fields.v[i].values);
    }
}

void sj_site_free(struct sj_site *j)
{
    if (!j)
        return;
    sj_hooks_free(j);
    if (j->client)
        http_client_free(j->client);
    for (size_t i = 0; i < j->issues.n; i++) /* each link is on two issues */
        while (j->issues.v[i]->links.n)
            sj_issue_unlink(j, j->issues.v[i]->links.v[0]);
    for (size_t i = 0; i < j->issues.n; i++)
        site_issue_free(j, j->issues.v[i]);
    for (size_t i = 0; i < j->projects.n; i++)
        site_project_free(j->projects.v[i]);
    site_tables_free(j);
    sandbox_words_clear(&j->priorities);
    sandbox_words_clear(&j->resolutions);
    sj_groups_free(j);
    mem_free(j->users.v);
    mem_free(j->statuses.v);
    mem_free(j->link_types.v);
    mem_free(j->fields.v);
    mem_free(j->projects.v);
    mem_free(j->issues.v);
    map_free(j->by_key);
    map_free(j->by_id);
    map_free(j->by_link);
    map_free(j->by_login);
    map_free(j->by_project);
    mem_free(j);
}

/* "Basic base64(email:token)", or "Bearer token" for a user of whom the seed says so. */
static char *site_authorization(struct arena *a, const struct json *user)
{
    const char *token = json_text(json_get(user, "token")), *email = json_text(json_get(user, "email"));
    if (text_blank(token))
        return NULL;
    if (json_bool(json_get(user, "bearer"), false))
        return mem_text(arena_fmt(a, "Bearer %s", token));
    return mem_text(arena_fmt(a, "Basic %s", base64_text(a, str_of(arena_fmt(a, "%s:%s", email ? email : "", token)))));
}

struct sj_user *sj_user_ensure(struct sj_site *j, const char *account_id)
{
    struct sj_user *u = sj_user_find(j, account_id);
    if (u)
        return u;
    u = mem_zero(sizeof *u);
    u->account_id = mem_text(account_id);
    u->email = mem_text("");
    u->name = mem_text(account_id);
    u->type = mem_text("atlassian");
    u->is_active = true;
    SANDBOX_ADD(&j->users, u);
    return u;
}

static void site_read_users(struct sj_site *j, struct arena *a, const struct json *users)
{
    JSON_EACH (it, users) {
        const char *id = json_text(json_get(it, "accountId")), *name = json_text(json_get(it, "name"));
        const char *email = json_text(json_get(it, "email"));
        struct sj_user *u = sj_user_ensure(j, id ? id : arena_fmt(a, "712020:%zu", j->users.n + 1));
        sandbox_set_text(&u->email, email ? email : "");
        sandbox_set_text(&u->name, name ? name : u->account_id);
        u->authorization = site_authorization(a, it);
        u->is_active = json_bool(json_get(it, "active"), true);
        if (u->authorization)
            map_put(j->by_login, hash_stable(str_of(u->authorization)), u);
    }
}

static const char *site_category(const char *name)
{
    static const char *const known[] = {"new", "indeterminate", "done"};
    for (size_t i = 0; i < COUNT(known); i++)
        if (text_same(name, known[i]))
            return known[i];
    return "indeterminate";
}

static void site_read_statuses(struct sj_site *j, const struct json *list)
{
    JSON_EACH (it, list) {
        const char *name = json_text(json_get(it, "name"));
        if (!name || j->statuses.n >= SJ_STATUSES)
            continue;
        struct sj_status status = {mem_text(name), site_category(json_text(json_get(it, "category")))};
        SANDBOX_ADD(&j->statuses, status);
    }
}

static void site_read_link_types(struct sj_site *j, const struct json *list)
{
    JSON_EACH (it, list) {
        const char *name = json_text(json_get(it, "name")), *in = json_text(json_get(it, "inward"));
        const char *out = json_text(json_get(it, "outward"));
        if (!name)
            continue;
        struct sj_link_type type = {mem_text(name), mem_text(in ? in : name), mem_text(out ? out : name)};
        SANDBOX_ADD(&j->link_types, type);
    }
}

static enum sj_kind site_kind(const char *name)
{
    static const char *const kinds[] = {
        [SJ_OPTION] = "option", [SJ_NAMED] = "named", [SJ_NUMBER] = "number", [SJ_TEXT] = "text", [SJ_ANY] = "any"};
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (text_same(name, kinds[i]))
            return (enum sj_kind)i;
    return SJ_ANY;
}

static void site_read_fields(struct sj_site *j, const struct json *list)
{
    JSON_EACH (it, list) {
        const char *id = json_text(json_get(it, "id")), *name = json_text(json_get(it, "name"));
        if (!id)
            continue;
        struct sj_field field = {.id = mem_text(id), .name = mem_text(name ? name : id)};
        field.kind = site_kind(json_text(json_get(it, "kind")));
        sandbox_words_read(&field.values, json_get(it, "values"));
        SANDBOX_ADD(&j->fields, field);
    }
}

static uint32_t site_status_mask(const struct sj_site *j, const struct json *names)
{
    uint32_t mask = 0;
    JSON_EACH (it, names) {
        int status = sj_status_find(j, json_text(it));
        if (status >= 0)
            mask |= UINT32_C(1) << status;
    }
    return mask;
}

static void site_read_moves(struct sj_site *j, struct sj_project *p, const struct json *moves)
{
    JSON_EACH (it, moves) {
        int to = sj_status_find(j, json_text(json_get(it, "to")));
        const char *name = json_text(json_get(it, "name")), *screen = json_text(json_get(it, "resolution"));
        if (to < 0)
            continue;
        struct sj_move m = {.id = 11 + 10 * p->moves.n, .to = (size_t)to};
        m.name = mem_text(name ? name : j->statuses.v[to].name);
        m.from = json_get(it, "from") ? site_status_mask(j, json_get(it, "from")) : UINT32_MAX;
        m.needs_resolution = text_same(screen, "required");
        m.has_resolution = m.needs_resolution || text_same(screen, "optional");
        SANDBOX_ADD(&p->moves, m);
    }
}

static unsigned site_permissions(const struct json *names)
{
    unsigned bits = 0;
    for (size_t i = 0; i < COUNT(sj_permissions); i++) {
        if (!names)
            bits |= sj_permissions[i].bit;
        JSON_EACH (it, names)
            if (text_same(json_text(it), sj_permissions[i].name))
                bits |= sj_permissions[i].bit;
    }
    return bits;
}

/* Without transitions of its own a project has one from everywhere to each status. */
static void site_default_moves(struct sj_site *j, struct sj_project *p)
{
    for (size_t i = 0; i < j->statuses.n; i++) {
        struct sj_move m = {.id = 11 + 10 * i, .name = mem_text(j->statuses.v[i].name), .from = UINT32_MAX, .to = i};
        SANDBOX_ADD(&p->moves, m);
    }
}

static void site_read_project(struct sj_site *j, struct arena *a, const struct json *it)
{
    const char *key = json_text(json_get(it, "key")), *name = json_text(json_get(it, "name"));
    struct sj_project *p = mem_zero(sizeof *p);
    p->id = SJ_FIRST_ID + j->projects.n;
    p->key = mem_text(key);
    p->name = mem_text(name ? name : key);
    p->permissions = site_permissions(json_get(it, "permissions"));
    sandbox_words_read(&p->types, json_get(it, "types"));
    if (p->types.n == 0) {
        sandbox_words_add(&p->types, "Task");
        sandbox_words_add(&p->types, "Bug");
    }
    int initial = sj_status_find(j, json_text(json_get(it, "initial")));
    p->initial = initial < 0 ? 0 : (size_t)initial;
    if (json_get(it, "transitions"))
        site_read_moves(j, p, json_get(it, "transitions"));
    else
        site_default_moves(j, p);
    JSON_EACH (component, json_get(it, "components"))
        if (json_text(component))
            sj_component_new(j, p, json_text(component), NULL);
    SANDBOX_ADD(&j->projects, p);
    map_put(j->by_project, site_text_key(a, key), p);
}

static void site_read_issue(struct sj_site *j, struct arena *a, const struct json *it)
{
    struct sj_project *p = sj_project_find(j, a, json_text(json_get(it, "project")));
    if (!p)
        return;
    struct sj_issue *i = sj_issue_new(j, p, loop_now_ms(j->s->loop));
    const char *summary = json_text(json_get(it, "summary"));
    int type = sandbox_words_find(&p->types, json_text(json_get(it, "type")));
    int status = sj_status_find(j, json_text(json_get(it, "status")));
    i->summary = mem_text(summary ? summary : "(no summary)");
    sandbox_set_text(&i->description, json_text(json_get(it, "description")));
    i->type = type < 0 ? 0 : (size_t)type;
    i->status = status < 0 ? p->initial : (size_t)status;
    i->reporter = i->creator = j->users.n ? j->users.v[0] : NULL;
    sandbox_words_read(&i->labels, json_get(it, "labels"));
}

struct sj_site *sj_site_new(struct sandbox *s, const struct json *seed)
{
    struct sj_site *j = mem_zero(sizeof *j);
    j->s = s;
    j->by_key = map_new();
    j->by_id = map_new();
    j->by_link = map_new();
    j->by_login = map_new();
    j->by_project = map_new();
    j->is_cloud = !text_same(json_text(json_get(seed, "deployment")), "Server");
    AUTO(arena_auto) struct arena *a = arena_new(SANDBOX_ANSWER_BYTES);
    site_read_users(j, a, json_get(seed, "users"));
    site_read_statuses(j, json_get(seed, "statuses"));
    if (j->statuses.n == 0) {
        struct sj_status only = {mem_text("To Do"), "new"};
        SANDBOX_ADD(&j->statuses, only);
    }
    site_read_link_types(j, json_get(seed, "link_types"));
    site_read_fields(j, json_get(seed, "fields"));
    sandbox_words_read(&j->priorities, json_get(seed, "priorities"));
    sandbox_words_read(&j->resolutions, json_get(seed, "resolutions"));
    JSON_EACH (it, json_get(seed, "projects"))
        if (json_text(json_get(it, "key")))
            site_read_project(j, a, it);
    JSON_EACH (it, json_get(seed, "issues"))
        site_read_issue(j, a, it);
    return j;
}
