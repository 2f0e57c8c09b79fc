/* The state of the pretend GitHub: made from a seed; people, repositories, their labels, files and commits. */
#include "base/base.h"

#include "http/client.h"
#include "sandbox/github_handlers_private.h"
#include "sandbox/github_hooks_private.h"
#include "sandbox/serve_private.h"

static const char sg_all_scopes[] = "repo,read:user,admin:repo_hook,admin:org_hook,project";

const char *sg_text(const struct json *from, const char *key, const char *otherwise)
{
    const char *text = json_text(json_get(from, key));
    return text ? text : otherwise;
}

int64_t sg_when(const struct json *from, const char *key, int64_t otherwise)
{
    int64_t ms = otherwise;
    const char *text = sg_text(from, key, NULL);
    return text && when_parse(text, &ms, NULL) == 0 ? ms : otherwise;
}

uint64_t sg_id(struct sg_site *g)
{
    return ++g->last_id;
}

uint64_t sg_digits(const char *text)
{
    int64_t n = 0;
    return text && str_int(str_of(text), &n) && n > 0 ? (uint64_t)n : 0;
}

/* The same for names that differ in case alone; what is found is compared once more. */
static uint64_t site_key(const char *name)
{
    struct text t;
    text_init(&t, 4096);
    for (const char *p = name; *p; p++)
        text_addc(&t, *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p);
    uint64_t key = hash_stable(text_str(&t));
    text_free(&t);
    return key;
}

struct sg_user *sg_user_find(const struct sg_site *g, const char *login)
{
    struct sg_user *u = login ? map_get(g->by_login, site_key(login)) : NULL;
    return u && text_same_nocase(u->login, login) ? u : NULL;
}

struct sg_user *sg_user_ensure(struct sg_site *g, const char *login)
{
    struct sg_user *u = sg_user_find(g, login);
    if (u)
        return u;
    u = mem_zero(sizeof *u);
    u->id = sg_id(g);
    u->login = mem_text(login);
    u->type = mem_text(text_ends(login, "[bot]") ? "Bot" : "User");
    SANDBOX_ADD(&g->users, u);
    map_put(g->by_login, site_key(login), u);
    return u;
}

struct sg_user *sg_user_fill(struct sg_site *g, const char *login, const struct json *from)
{
    struct sg_user *u = sg_user_ensure(g, login);
    if (json_get(from, "name"))
        sandbox_set_text(&u->name, sg_text(from, "name", NULL));
    if (sg_text(from, "type", NULL))
        sandbox_set_text(&u->type, sg_text(from, "type", NULL));
    const char *token = sg_text(from, "token", NULL);
    if (!token)
        return u;
    sandbox_set_text(&u->token, token);
    sandbox_words_clear(&u->scopes);
    sandbox_words_split(&u->scopes, sg_text(from, "scopes", sg_all_scopes));
    map_put(g->by_token, hash_stable(str_of(token)), u);
    return u;
}

struct sg_repo *sg_repo_find(const struct sg_site *g, const char *full)
{
    return full ? map_get(g->by_name, site_key(full)) : NULL;
}

static void site_name_repo(struct sg_site *g, struct sg_repo *r, const char *full)
{
    sandbox_set_text(&r->full, full);
    sandbox_set_text(&r->name, strchr(full, '/') + 1);
    map_put(g->by_name, site_key(full), r);
}

static bool site_is_full_name(const char *full)
{
    const char *slash = full ? strchr(full, '/') : NULL;
    return slash && slash != full && slash[1] && !strchr(slash + 1, '/') && strlen(full) < 200;
}

struct sg_repo *sg_repo_ensure(struct sg_site *g, const char *full)
{
    struct sg_repo *r = sg_repo_find(g, full);
    if (r || !site_is_full_name(full))
        return r;
    r = mem_zero(sizeof *r);
    struct text owner;
    text_init(&owner, 256);
    text_add(&owner, (struct str){full, strcspn(full, "/")});
    bool is_new = !sg_user_find(g, text_z(&owner));
    r->owner = sg_user_ensure(g, text_z(&owner));
    text_free(&owner);
    if (is_new)
        sandbox_set_text(&r->owner->type, "Organization");
    r->id = sg_id(g);
    r->branch = mem_text("main");
    r->created_ms = r->updated_ms = loop_now_ms(g->s->loop);
    r->by_number = map_new();
    r->commits = map_new();
    list_init(&r->by_change);
    site_name_repo(g, r, full);
    SANDBOX_ADD(&g->repos, r);
    SANDBOX_ADD(&r->owner->repos, r);
    map_put(g->by_id, r->id, r);
    return r;
}

void sg_repo_rename(struct sg_site *g, struct sg_repo *r, const char *full)
{
    if (site_is_full_name(full) && !sg_repo_find(g, full))
        site_name_repo(g, r, full);
}

static struct sg_file *site_file(const struct sg_repo *r, const char *path)
{
    for (size_t i = 0; path && i < r->files.n; i++)
        if (strcmp(r->files.v[i].path, path) == 0)
            return &r->files.v[i];
    return NULL;
}

const char *sg_file_text(const struct sg_repo *r, const char *path)
{
    const struct sg_file *f = site_file(r, path);
    return f ? f->text : NULL;
}

void sg_file_put(struct sg_repo *r, const char *path, const char *text)
{
    struct sg_file *f = site_file(r, path);
    if (f)
        sandbox_set_text(&f->text, text);
    else if (text)
        SANDBOX_ADD(&r->files, ((struct sg_file){mem_text(path), mem_text(text)}));
}

struct sg_label *sg_label_find(const struct sg_repo *r, const char *name)
{
    for (size_t i = 0; name && i < r->labels.n; i++)
        if (text_same_nocase(r->labels.v[i]->name, name))
            return r->labels.v[i];
    return NULL;
}

struct sg_label *sg_label_ensure(struct sg_site *g, struct sg_repo *r, const char *name)
{
    struct sg_label *label = sg_label_find(r, name);
    if (label)
        return label;
    label = mem_zero(sizeof *label);
    label->id = sg_id(g);
    label->name = mem_text(name);
    label->color = mem_text("ededed");
    SANDBOX_ADD(&r->labels, label);
    return label;
}

static void site_label_free(struct sg_label *label)
{
    mem_free(label->name);
    mem_free(label->color);
    mem_free(label->description);
    mem_free(label);
}

void sg_label_remove(struct sg_repo *r, struct sg_label *label)
{
    size_t at = 0;
    for (size_t i = 0; i < r->issues.n; i++)
        sandbox_words_remove(&r->issues.v[i]->labels, label->name);
    while (r->labels.v[at] != label)
        at++;
    for (r->labels.n--; at < r->labels.n; at++)
        r->labels.v[at] = r->labels.v[at + 1];
    site_label_free(label);
}

struct sg_commit *sg_commit_find(const struct sg_repo *r, const char *sha)
{
    struct sg_commit *at = sha ? map_get(r->commits, hash_stable(str_of(sha))) : NULL;
    return at && strcmp(at->sha, sha) == 0 ? at : NULL;
}

struct sg_commit *sg_commit_ensure(struct sg_repo *r, const char *sha)
{
    struct sg_commit *at = sg_commit_find(r, sha);
    if (at)
        return at;
    at = mem_zero(sizeof *at);
    at->sha = mem_text(sha);
    map_put(r->commits, hash_stable(str_of(sha)), at);
    return at;
}

static void site_fill_labels(struct sg_site *g, struct sg_repo *r, const struct json *from)
{
    JSON_EACH (it, from) {
        const char *name = json_text(it) ? json_text(it) : sg_text(it, "name", NULL);
        if (text_blank(name))
            continue;
        struct sg_label *label = sg_label_ensure(g, r, name);
        if (sg_text(it, "color", NULL))
            sandbox_set_text(&label->color, sg_text(it, "color", NULL));
        if (sg_text(it, "description", NULL))
            sandbox_set_text(&label->description, sg_text(it, "description", NULL));
    }
}

static void site_fill_issues(struct sg_site *g, struct sg_repo *r, bool is_pull, const struct json *from)
{
    JSON_EACH (it, from)
        (void)sg_issue_new(g, r, is_pull, it);
}

void sg_repo_fill(struct sg_site *g, struct sg_repo *r, const struct json *from)
{
    r->is_private = json_bool(json_get(from, "private"), r->is_private);
    r->is_archived = json_bool(json_get(from, "archived"), r->is_archived);
    if (sg_text(from, "description", NULL))
        sandbox_set_text(&r->description, sg_text(from, "description", NULL));
    sandbox_set_text(&r->branch, sg_text(from, "default_branch", r->branch));
    site_fill_labels(g, r, json_get(from, "labels"));
    JSON_EACH (it, json_get(from, "files"))
        sg_file_put(r, json_key(it), json_text(it));
    site_fill_issues(g, r, true, json_get(from, "pulls"));
    site_fill_issues(g, r, false, json_get(from, "issues"));
}

static void site_read_hook(struct sg_site *g, const struct json *it)
{
    struct arena *a = arena_new(SIZE_MAX / 2);
    struct sandbox_call c = {.s = g->s, .arena = a, .base = g->s->base, .now_ms = loop_now_ms(g->s->loop)};
    sg_hook_put(&c, it);
    arena_free(a);
}

struct sg_site *sg_site_new(struct sandbox *s, const struct json *seed)
{
    struct sg_site *g = mem_zero(sizeof *g);
    struct map **const maps[] = {&g->by_login, &g->by_token, &g->by_name, &g->by_id,
                                 &g->issues,   &g->comments, &g->boards,  &g->items};
    g->s = s;
    g->last_id = SG_FIRST_ID;
    for (size_t i = 0; i < COUNT(maps); i++)
        *maps[i] = map_new();
    g->client = http_client_new(s->loop);
    (void)sg_user_ensure(g, "ghost");
    JSON_EACH (it, json_get(seed, "users"))
        if (!text_blank(sg_text(it, "login", NULL)))
            (void)sg_user_fill(g, sg_text(it, "login", NULL), it);
    JSON_EACH (it, json_get(seed, "repos")) {
        struct sg_repo *r = sg_repo_ensure(g, sg_text(it, "full_name", NULL));
        if (r)
            sg_repo_fill(g, r, it);
    }
    JSON_EACH (it, json_get(seed, "boards")) {
        int64_t number = 0;
        (void)json_int(json_get(it, "number"), &number);
        (void)sg_board_fill(g, sg_text(it, "org", "ghost"), number, it);
    }
    s->github = g; /* where the reading of hooks looks */
    JSON_EACH (it, json_get(seed, "hooks"))
        site_read_hook(g, it);
    return g;
}

static void site_commit_free(struct sg_commit *at)
{
    for (size_t i = 0; i < at->statuses.n; i++) {
        struct sg_status *s = at->statuses.v[i];
        mem_free(s->state);
        mem_free(s->description);
        mem_free(s->target);
        mem_free(s->context);
        mem_free(s);
    }
    mem_free(at->statuses.v);
    mem_free(at->sha);
    mem_free(at);
}

static void site_repo_free(struct sg_repo *r)
{
    size_t at = 0;
    uint64_t key = 0;
    void *commit = NULL;
    while (map_next(r->commits, &at, &key, &commit))
        site_commit_free(commit);
    for (size_t i = 0; i < r->issues.n; i++)
        sg_issue_free(r->issues.v[i]);
    for (size_t i = 0; i < r->labels.n; i++)
        site_label_free(r->labels.v[i]);
    for (size_t i = 0; i < r->files.n; i++) {
        mem_free(r->files.v[i].path);
        mem_free(r->files.v[i].text);
    }
    char *const texts[] = {r->name, r->full, r->description, r->branch};
    for (size_t i = 0; i < COUNT(texts); i++)
        mem_free(texts[i]);
    mem_free(r->issues.v);
    mem_free(r->labels.v);
    mem_free(r->files.v);
    map_free(r->commits);
    map_free(r->by_number);
    mem_free(r);
}

static void site_user_free(struct sg_user *u)
{
    for (size_t i = 0; i < u->boards.n; i++)
        sg_board_free(u->boards.v[i]);
    char *const texts[] = {u->login, u->name, u->type, u->token};
    for (size_t i = 0; i < COUNT(texts); i++)
        mem_free(texts[i]);
    sandbox_words_clear(&u->scopes);
    mem_free(u->boards.v);
    mem_free(u->repos.v);
    mem_free(u);
}

void sg_site_free(struct sg_site *g)
{
    if (!g)
        return;
    sg_hooks_free(g);
    sg_apps_free(g);
    http_client_free(g->client);
    for (size_t i = 0; i < g->repos.n; i++)
        site_repo_free(g->repos.v[i]);
    for (size_t i = 0; i < g->users.n; i++)
        site_user_free(g->users.v[i]);
    struct map *const maps[] = {g->by_login, g->by_token, g->by_name, g->by_id,
                                g->issues,   g->comments, g->boards,  g->items};
    for (size_t i = 0; i < COUNT(maps); i++)
        map_free(maps[i]);
    mem_free(g->repos.v);
    mem_free(g->users.v);
    mem_free(g->hooks.v);
    mem_free(g);
}
