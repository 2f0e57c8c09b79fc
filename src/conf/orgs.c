/* The organisations whose people are internal, in the old bot's format. */
#include "base/base.h"

#include "conf/contributions.h"

#include "base/arena.h"
#include "base/text.h"

struct orgs_at { /* the entry being read */
    struct arena *arena;
    struct problems *problems;
    const char *key;
    const struct yaml *map;
};

/* The last four are known and of no use: nothing asks for them any more. */
static const char *const orgs_keys[] = {"name",      "internal-ghorgs", "internal", "agreement",
                                        "committer", "contractor",      "contact"};

static void orgs_unknown(const struct orgs_at *at)
{
    for (size_t i = 0; i < at->map->n; i++) {
        const struct yaml *name = at->map->items[2 * i];
        bool is_known = false;
        for (size_t k = 0; k < COUNT(orgs_keys); k++)
            is_known |= strcmp(orgs_keys[k], name->text) == 0;
        if (!is_known)
            yaml_warning(at->problems, name, problem_key(at->arena, at->key, name->text),
                         problem_near(name->text, orgs_keys, COUNT(orgs_keys)), "unknown key");
    }
}

/* A member that cannot be read is as good as absent. */
static void orgs_pass_over(const struct orgs_at *at, const struct yaml *value, const char *name, const char *expected)
{
    yaml_warning(at->problems, value, problem_key(at->arena, at->key, name), NULL, "expected %s, got %s; it is ignored",
                 expected, yaml_kind_name(value));
}

static const char *orgs_name(const struct orgs_at *at)
{
    const struct yaml *name = yaml_get(at->map, "name");
    if (yaml_is_null(name))
        return NULL;
    if (name->kind == YAML_SCALAR)
        return name->text;
    orgs_pass_over(at, name, "name", "a text");
    return NULL;
}

/* One or a list. */
static void orgs_internal_orgs(const struct orgs_at *at, struct org *org)
{
    const struct yaml *all = yaml_get(at->map, "internal-ghorgs");
    if (yaml_is_null(all))
        return;
    if (all->kind == YAML_SCALAR)
        texts_add(at->arena, &org->internal_orgs, all->text);
    else if (all->kind == YAML_MAP)
        orgs_pass_over(at, all, "internal-ghorgs", "a list of organisations at GitHub");
    for (size_t i = 0; all->kind == YAML_LIST && i < all->n; i++) {
        if (all->items[i]->kind == YAML_SCALAR && all->items[i]->text[0])
            texts_add(at->arena, &org->internal_orgs, all->items[i]->text);
        else
            orgs_pass_over(at, all->items[i], "internal-ghorgs", "the name of an organisation at GitHub");
    }
}

/* The old way to say "everywhere", with the words of YAML 1.1. */
static void orgs_old_internal(const struct orgs_at *at, struct org *org)
{
    const struct yaml *internal = yaml_get(at->map, "internal");
    bool is = false;
    if (yaml_is_null(internal))
        return;
    bool is_scalar = internal->kind == YAML_SCALAR;
    bool is_yes = is_scalar && (text_same_nocase(internal->text, "yes") || text_same_nocase(internal->text, "on"));
    bool is_no = is_scalar && (text_same_nocase(internal->text, "no") || text_same_nocase(internal->text, "off"));
    if (!is_yes && !is_no && !yaml_bool(internal, &is))
        orgs_pass_over(at, internal, "internal", "true or false");
    if (is || is_yes)
        texts_add(at->arena, &org->internal_orgs, "*");
}

void orgs_read(struct arena *a, const char *file, struct str content, struct problems *p, struct orgs *ret)
{
    const struct yaml *all = yaml_read(a, file, content, p);
    *ret = (struct orgs){0};
    if (!all)
        return;
    if (all->kind != YAML_MAP) {
        yaml_problem(p, all, "", NULL, "expected a map of organisations, got %s", yaml_kind_name(all));
        return;
    }
    ret->v = ARENA_ARRAY(a, struct org, all->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        const struct orgs_at at = {a, p, problem_key(a, "", all->items[2 * i]->text), all->items[2 * i + 1]};
        struct org *org = &ret->v[ret->n++];
        org->key = all->items[2 * i]->text;
        if (at.map->kind != YAML_MAP) {
            if (!yaml_is_null(at.map))
                yaml_warning(p, at.map, at.key, NULL, "expected a map, got %s; it is ignored", yaml_kind_name(at.map));
            continue;
        }
        orgs_unknown(&at);
        org->name = orgs_name(&at);
        orgs_internal_orgs(&at, org);
        orgs_old_internal(&at, org);
    }
}

/* GitHub does not tell capitals apart in names of organisations. */
static bool orgs_has(const struct org *org, const char *github_org)
{
    for (size_t i = 0; i < org->internal_orgs.n; i++)
        if (strcmp(org->internal_orgs.v[i], "*") == 0 || text_same_nocase(org->internal_orgs.v[i], github_org))
            return true;
    return false;
}

bool orgs_internal(const struct orgs *all, const char *institution, const char *github_org)
{
    for (size_t i = 0; institution && i < all->n; i++) {
        const struct org *org = &all->v[i];
        if ((strcmp(org->key, institution) == 0 || text_same(org->name, institution)) && orgs_has(org, github_org))
            return true;
    }
    return false;
}
