/*
 * catalog-info.yaml, which says who owns a repository. People write it for another program: whatever it holds, it must
 * not stop what we do.
 */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "conf/yaml.h"

static const char *catalog_text(const struct yaml *map, const char *key)
{
    const struct yaml *v = yaml_get(map, key);
    bool is_text = v && v->kind == YAML_SCALAR && !yaml_is_null(v);
    return is_text && !text_blank(v->text) ? v->text : NULL;
}

/* The tree is built apart: what aliases unfold to would be too much for each of the rounds of an attempt. */
enum { CATALOG_BYTES = 256 * 1024, CATALOG_ARENA_BYTES = 64 << 20 };

/* "group:x", "user:x", or a name as it is. */
static void catalog_owner(const struct contrib_case *c, const char *owner, struct contrib_catalog *ret)
{
    const char *colon = owner ? strchr(owner, ':') : NULL;
    ret->owner = owner;
    if (!colon)
        return;
    const char *name = colon + 1;
    if (text_starts(owner, "group:"))
        ret->owner = arena_fmt(c->a, "%s%s", c->own->group_prefix ? c->own->group_prefix : "", name);
    else if (text_starts(owner, "user:"))
        ret->owner = name;
    else
        ret->trouble = arena_fmt(c->a, "catalog-info.yaml: the owner %s is neither a group nor a user",
                                 problem_quote(c->a, owner));
    ret->is_person = text_starts(owner, "user:");
    if (text_blank(name))
        ret->owner = NULL;
}

static void catalog_take(const struct contrib_case *c, const struct yaml *root, struct contrib_catalog *ret)
{
    const struct yaml *spec = yaml_get(root, "spec"), *metadata = yaml_get(root, "metadata");
    ret->is_known = true;
    ret->lifecycle = arena_text(c->a, catalog_text(spec, "lifecycle"));
    ret->boards = arena_text(c->a, catalog_text(yaml_get(metadata, "annotations"), c->own->boards_annotation));
    catalog_owner(c, arena_text(c->a, catalog_text(spec, "owner")), ret);
}

/* "catalog-info.yaml:3:5: what is wrong" */
static const char *catalog_trouble(struct arena *a, const struct problems *p)
{
    enum { TROUBLE_BYTES = 500 };
    AUTO(text_auto) struct text t;
    text_init(&t, TROUBLE_BYTES);
    for (size_t i = 0; i < p->n && !t.n; i++)
        if (!p->v[i].is_warning)
            problem_write(&p->v[i], &t);
    return t.n ? arena_str(a, str_trim(text_str(&t))) : "catalog-info.yaml: it cannot be read";
}

void contrib_read_catalog(const struct contrib_case *c, const struct fact *file, struct contrib_catalog *ret)
{
    *ret = (struct contrib_catalog){.is_known = true};
    if (file->state != FACT_HERE || text_blank(file->text))
        return; /* most repositories have none */
    ret->is_known = false;
    struct str content = str_of(file->text);
    if (content.n > CATALOG_BYTES) {
        ret->trouble = "catalog-info.yaml: it is too large";
        return;
    }
    AUTO(arena_auto) struct arena *scratch = arena_new(CATALOG_ARENA_BYTES);
    struct problems problems;
    problems_init(&problems, scratch);
    const struct yaml *root = yaml_read(scratch, "catalog-info.yaml", content, &problems);
    if (root && root->kind == YAML_MAP)
        catalog_take(c, root, ret);
    else
        ret->trouble = catalog_trouble(c->a, &problems);
}
