/*
 * Jira sites by short name, and the mapping that each of them keeps. An entry of the info file becomes a tracker, made
 * of the same options as one under `trackers`; one that cannot be used stays known, so that a label for it can be
 * answered.
 */
#include "base/base.h"

#include "conf/contributions.h"

#include "base/arena.h"
#include "base/text.h"

enum { JINFO_NAME_BYTES = 40, JINFO_MAX = 1000, JINFO_PATTERN_BYTES = 1000 };

struct jinfo_at { /* the entry being read */
    struct arena *arena;
    struct problems *problems;
    const char *file, *key;
    const struct yaml *name, *map;
    struct jira_nick *nick;
};

/* Members of an entry, and the option of a tracker that each becomes. */
static const struct jinfo_member {
    const char *name, *option;
    bool is_optional;
    bool may_expand; /* ${NAME} means something in it, in a file of our own */
} jinfo_members[] = {
    {"server", "url", false, false},           {"email", "user", false, true},      {"token", "token", false, true},
    {"mapping", NULL, false, false},           {"description", NULL, false, false}, {"contact", NULL, true, false},
    {"search_lag", "search_lag", true, false},
};

/* The first reason is the one that stays. */
static void jinfo_unusable(const struct jinfo_at *at, const struct yaml *place, const char *member, const char *text)
{
    const char *key = member ? problem_key(at->arena, at->key, member) : at->key;
    yaml_warning(at->problems, place, key, NULL, "%s; issues for it cannot be made", text);
    if (!at->nick->why)
        at->nick->why = arena_fmt(at->arena, "%s: %s", key, text);
}

/* key: that of the map itself, or NULL. */
static void jinfo_unknown(struct problems *p, const struct yaml *map, const char *key, const char *const *names,
                          size_t n)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml *name = map->items[2 * i];
        bool is_known = false;
        for (size_t k = 0; k < n; k++)
            is_known |= strcmp(names[k], name->text) == 0;
        if (!is_known)
            yaml_warning(p, name, key ? problem_key(p->arena, key, name->text) : name->text,
                         problem_near(name->text, names, n), "unknown key");
    }
}

static void jinfo_unknown_members(const struct jinfo_at *at)
{
    const char *names[COUNT(jinfo_members)];
    for (size_t k = 0; k < COUNT(jinfo_members); k++)
        names[k] = jinfo_members[k].name;
    jinfo_unknown(at->problems, at->map, at->key, names, COUNT(names));
}

/* The node of a member that can be used; NULL when it cannot, or is absent. What it says is never shown. */
static const struct yaml *jinfo_node(const struct jinfo_at *at, const struct jinfo_member *m)
{
    const struct yaml *y = yaml_get(at->map, m->name);
    if (yaml_is_null(y) || (y->kind == YAML_SCALAR && y->text[0] == '\0')) {
        if (!m->is_optional)
            jinfo_unusable(at, y ? y : at->name, m->name, "is required");
        return NULL;
    }
    if (y->kind == YAML_SCALAR)
        return y;
    const char *text = arena_fmt(at->arena, "expected a text, got %s", yaml_kind_name(y));
    if (m->is_optional)
        yaml_warning(at->problems, y, problem_key(at->arena, at->key, m->name), NULL, "%s; it is ignored", text);
    else
        jinfo_unusable(at, y, m->name, text);
    return NULL;
}

/* ${ stands for itself, as in the old bot, where the text is not ours. */
static const char *jinfo_literal(struct arena *a, const char *text)
{
    AUTO(text_auto) struct text t;
    text_init(&t, YAML_BYTES);
    for (const char *c = text; *c; c++)
        text_addf(&t, "%s%c", text_starts(c, "${") ? "$" : "", *c);
    return arena_text(a, text_z(&t));
}

/* One more option of the nick's tracker. */
static void jinfo_option(const struct jinfo_at *at, struct yaml *map, const char *name, const char *text,
                         const struct yaml *place)
{
    struct yaml *key = ARENA_NEW(at->arena, struct yaml), *value = ARENA_NEW(at->arena, struct yaml);
    *key = *place;
    key->text = name;
    *value = *place;
    value->text = text;
    map->items[2 * map->n] = key;
    map->items[2 * map->n++ + 1] = value;
}

/* Letters of the tracker's name: those that conf allows. */
static const char *jinfo_tracker(struct arena *a, const char *nick)
{
    char *name = arena_fmt(a, "jira-%.*s", JINFO_NAME_BYTES - (int)strlen("jira-"), nick);
    for (char *c = name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
        else if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '_')
            *c = '-';
    }
    return name;
}

static void jinfo_members_read(const struct jinfo_at *at)
{
    struct jira_nick *nick = at->nick;
    bool is_remote = text_starts(at->file, "http://") || text_starts(at->file, "https://");
    struct yaml *options = ARENA_NEW(at->arena, struct yaml);
    const struct yaml *nodes[COUNT(jinfo_members)];
    *options =
        (struct yaml){.kind = YAML_MAP, .file = at->map->file, .line = at->name->line, .column = at->name->column};
    options->items = arena_array(at->arena, 2 * COUNT(jinfo_members) + 2, sizeof *options->items);
    jinfo_option(at, options, "kind", "jira", at->name);
    for (size_t i = 0; i < COUNT(jinfo_members); i++) {
        const struct jinfo_member *m = &jinfo_members[i];
        const struct yaml *y = nodes[i] = jinfo_node(at, m);
        if (y && m->option)
            jinfo_option(at, options, m->option,
                         m->may_expand && !is_remote ? y->text : jinfo_literal(at->arena, y->text), y);
    }
    nick->server = nodes[0] ? nodes[0]->text : NULL;
    nick->mapping = nodes[3] ? opts_beside(at->arena, at->file, nodes[3]->text) : NULL;
    nick->description = nodes[4] ? nodes[4]->text : NULL;
    nick->contact = nodes[5] ? nodes[5]->text : NULL;
    nick->options = options;
    if (nick->server && !opts_is_address(nick->server))
        jinfo_unusable(at, nodes[0], "server", "expected an http or https address without user, query and fragment");
}

static const struct jira_nick *jinfo_same(const struct jira_nicks *all, const char *nick, const char *tracker)
{
    for (size_t i = 0; i < all->n; i++)
        if (text_same_nocase(all->v[i].nick, nick) || text_same(all->v[i].tracker, tracker))
            return &all->v[i];
    return NULL;
}

static void jinfo_entry(struct jinfo_at *at, const struct jira_nicks *before)
{
    const char *tracker = jinfo_tracker(at->arena, at->name->text);
    const struct jira_nick *other = jinfo_same(before, at->name->text, tracker);
    at->nick->nick = at->name->text;
    if (at->map->kind != YAML_MAP) {
        jinfo_unusable(at, at->map, NULL, arena_fmt(at->arena, "expected a map, got %s", yaml_kind_name(at->map)));
        return;
    }
    jinfo_unknown_members(at);
    jinfo_members_read(at);
    if (other)
        jinfo_unusable(at, at->name, NULL,
                       arena_fmt(at->arena, "there is %s already, and both would be called %s",
                                 problem_quote(at->arena, other->nick), tracker));
    if (!at->nick->why)
        at->nick->tracker = tracker;
}

void jira_info_read(struct arena *a, const char *file, struct str content, struct problems *p, struct jira_nicks *ret)
{
    const struct yaml *all = yaml_read(a, file, content, p);
    *ret = (struct jira_nicks){0};
    if (!all)
        return;
    if (all->kind != YAML_MAP) {
        yaml_problem(p, all, "", NULL, "expected a map of names to Jira sites, got %s", yaml_kind_name(all));
        return;
    }
    if (all->n > JINFO_MAX) {
        yaml_problem(p, all, "", NULL, "at most %d entries, got %zu", JINFO_MAX, all->n);
        return;
    }
    ret->v = ARENA_ARRAY(a, struct jira_nick, all->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        struct jinfo_at at = {
            a,         p, file, problem_key(a, "", all->items[2 * i]->text), all->items[2 * i], all->items[2 * i + 1],
            &ret->v[i]};
        jinfo_entry(&at, ret);
        ret->n++;
    }
}

const struct jira_nick *jira_nick_find(const struct jira_nicks *all, const char *nick)
{
    for (size_t i = 0; i < all->n; i++)
        if (text_same_nocase(all->v[i].nick, nick))
            return &all->v[i];
    return NULL;
}

/* ---- mapping ---- */

/* The place is a part of the message: people see it in a verdict or an incident. */
static int jmap_refuse(const struct yaml *at, const char *key, const char *expected, struct err *e)
{
    return fail(e, ERR_INPUT, "%s:%d:%d: %s: expected %s, got %s", at->file, at->line, at->column, key, expected,
                yaml_kind_name(at));
}

/* Overlay what the entry says. */
static int jmap_overlay(const struct yaml *entry, struct jira_place *to, struct err *e)
{
    static const char *const names[] = {"project", "type"};
    const char **members[] = {&to->project, &to->type};
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct yaml *y = yaml_get(entry, names[i]);
        if (yaml_is_null(y) || (y->kind == YAML_SCALAR && y->text[0] == '\0'))
            continue;
        if (y->kind != YAML_SCALAR)
            return jmap_refuse(y, names[i], "a text", e);
        *members[i] = y->text;
    }
    return 0;
}

/* An entry that cannot match this repository is passed over, whatever else is wrong with it. */
static bool jmap_matches(const struct yaml *entry, const char *repository)
{
    const struct yaml *name = yaml_get(entry, "name");
    return name && name->kind == YAML_SCALAR && strnlen(name->text, JINFO_PATTERN_BYTES + 1) <= JINFO_PATTERN_BYTES &&
           text_matches(repository, name->text);
}

/* Whatever repository it is for. */
static int jmap_check(const struct yaml *entry, struct err *e)
{
    const struct yaml *name = yaml_get(entry, "name");
    struct jira_place place = {0};
    if (entry->kind != YAML_MAP)
        return jmap_refuse(entry, "repos", "a map with name, project and type", e);
    if (yaml_is_null(name))
        return fail(e, ERR_INPUT, "%s:%d:%d: name: is required", entry->file, entry->line, entry->column);
    if (name->kind != YAML_SCALAR)
        return jmap_refuse(name, "name", "a text", e);
    return jmap_overlay(entry, &place, e);
}

/* Only of what is sound. */
static void jmap_unknown(const struct yaml *root, struct problems *p)
{
    static const char *const members[] = {"defaults", "repos"}, *const place[] = {"name", "project", "type"};
    const struct yaml *defaults = yaml_get(root, "defaults"), *repos = yaml_get(root, "repos");
    jinfo_unknown(p, root, NULL, members, COUNT(members));
    if (!yaml_is_null(defaults))
        jinfo_unknown(p, defaults, "defaults", place + 1, COUNT(place) - 1);
    for (size_t i = 0; !yaml_is_null(repos) && i < repos->n; i++)
        jinfo_unknown(p, repos->items[i], arena_fmt(p->arena, "repos[%zu]", i), place, COUNT(place));
}

/* repository NULL: of each. */
static int jmap_read(const struct yaml *root, const char *repository, struct jira_place *to, struct err *e)
{
    const struct yaml *defaults = yaml_get(root, "defaults"), *repos = yaml_get(root, "repos");
    if (root->kind != YAML_MAP)
        return jmap_refuse(root, "mapping", "a map with defaults and repos", e);
    if (!yaml_is_null(defaults) && defaults->kind != YAML_MAP)
        return jmap_refuse(defaults, "defaults", "a map", e);
    if (!yaml_is_null(repos) && repos->kind != YAML_LIST)
        return jmap_refuse(repos, "repos", "a list", e);
    int rc = jmap_overlay(defaults, to, e);
    for (size_t i = 0; rc == 0 && !yaml_is_null(repos) && i < repos->n; i++)
        if (!repository)
            rc = jmap_check(repos->items[i], e);
        else if (jmap_matches(repos->items[i], repository))
            return jmap_overlay(repos->items[i], to, e);
    return rc;
}

/* NULL with 0: it is empty. */
static int jmap_parse(struct arena *a, const char *file, struct str content, const struct yaml **ret, struct err *e)
{
    struct problems p;
    problems_init(&p, a);
    *ret = yaml_read(a, file, content, &p);
    if (p.errors == 0)
        return 0;
    AUTO(text_auto) struct text t;
    text_init(&t, ERR_TEXT_BYTES);
    problem_write(&p.v[0], &t);
    return fail(e, ERR_INPUT, "%.*s", (int)str_trim(text_str(&t)).n, text_z(&t));
}

int jira_mapping(struct arena *a, const char *file, struct str content, const char *repository, struct jira_place *ret,
                 struct err *e)
{
    const struct yaml *root;
    struct jira_place place = {0};
    int rc = jmap_parse(a, file, content, &root, e);
    if (rc == 0 && root)
        rc = jmap_read(root, repository, &place, e);
    if (rc == 0)
        *ret = place;
    return rc;
}

int jira_mapping_check(struct arena *a, const char *file, struct str content, struct problems *warnings, struct err *e)
{
    const struct yaml *root;
    struct jira_place place = {0};
    int rc = jmap_parse(a, file, content, &root, e);
    if (rc == 0 && !root)
        return fail(e, ERR_INPUT, "%s: expected a map with defaults and repos, got nothing", file);
    if (rc == 0)
        rc = jmap_read(root, NULL, &place, e);
    if (rc == 0 && warnings)
        jmap_unknown(root, warnings);
    return rc;
}
