/* The labels that repositories shall have, in the old bot's format. */
#include "base/base.h"

#include "conf/contributions.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

enum { LABEL_NAME_POINTS = 50, LABEL_WORDS_POINTS = 100, LABEL_COLOR_DIGITS = 6 }; /* GitHub's limits */

struct labels_at { /* the entry being read */
    struct arena *arena;
    struct problems *problems;
    const char *key;
    const struct yaml *name, *map;
    struct wanted_label *to;
};

static const char *const labels_keys[] = {"color", "description", "delete"};

static const char *labels_key(const struct labels_at *at, const char *member)
{
    return problem_key(at->arena, at->key, member);
}

static void labels_unknown(const struct labels_at *at)
{
    for (size_t i = 0; i < at->map->n; i++) {
        const struct yaml *name = at->map->items[2 * i];
        bool is_known = false;
        for (size_t k = 0; k < COUNT(labels_keys); k++)
            is_known |= strcmp(labels_keys[k], name->text) == 0;
        if (!is_known)
            yaml_warning(at->problems, name, labels_key(at, name->text),
                         problem_near(name->text, labels_keys, COUNT(labels_keys)), "unknown key");
    }
}

/* Six digits, which YAML may take for a number; people write the # that GitHub does not. */
static void labels_color(const struct labels_at *at)
{
    const struct yaml *color = yaml_get(at->map, "color");
    if (yaml_is_null(color))
        return;
    const char *text = color->kind == YAML_SCALAR ? color->text + (color->text[0] == '#') : "";
    bool is_good = strlen(text) == LABEL_COLOR_DIGITS && strspn(text, "0123456789abcdefABCDEF") == LABEL_COLOR_DIGITS;
    if (is_good)
        at->to->color = text;
    else
        yaml_problem(at->problems, color, labels_key(at, "color"), NULL,
                     "expected six hexadecimal digits such as d73a4a, got %s",
                     color->kind == YAML_SCALAR ? problem_quote(at->arena, color->text) : yaml_kind_name(color));
}

static void labels_description(const struct labels_at *at)
{
    const struct yaml *words = yaml_get(at->map, "description");
    if (yaml_is_null(words))
        return;
    bool is_good = words->kind == YAML_SCALAR && utf8_points(str_of(words->text)) <= LABEL_WORDS_POINTS &&
                   !strpbrk(words->text, "\r\n");
    if (is_good)
        at->to->description = words->text;
    else
        yaml_problem(at->problems, words, labels_key(at, "description"), NULL,
                     "expected one line of at most %d characters", LABEL_WORDS_POINTS);
}

static void labels_delete(const struct labels_at *at)
{
    const struct yaml *gone = yaml_get(at->map, "delete");
    if (yaml_is_null(gone))
        return;
    if (!yaml_bool(gone, &at->to->is_deleted))
        yaml_problem(at->problems, gone, labels_key(at, "delete"), NULL, "expected true or false, got %s",
                     gone->kind == YAML_SCALAR ? problem_quote(at->arena, gone->text) : yaml_kind_name(gone));
    else if (at->to->is_deleted && (at->to->color || at->to->description))
        yaml_warning(at->problems, at->name, at->key, NULL, "it is deleted: its color and description are of no use");
}

/* GitHub does not tell capitals apart in names of labels. */
static void labels_name(const struct labels_at *at, const struct wanted_labels *all)
{
    const char *name = at->to->name;
    if (text_blank(name) || utf8_points(str_of(name)) > LABEL_NAME_POINTS || strpbrk(name, "\r\n"))
        yaml_problem(at->problems, at->name, at->key, NULL, "expected the name of a label, of at most %d characters",
                     LABEL_NAME_POINTS);
    for (const struct wanted_label *v = all->v; v < at->to; v++)
        if (text_same_nocase(v->name, name))
            yaml_problem(at->problems, at->name, at->key, NULL, "is there already, as %s",
                         problem_quote(at->arena, v->name));
}

static void labels_entry(const struct labels_at *at, const struct wanted_labels *all)
{
    labels_name(at, all);
    if (yaml_is_null(at->map))
        return; /* it shall be there, whatever it looks like */
    if (at->map->kind != YAML_MAP) {
        yaml_problem(at->problems, at->map, at->key, NULL, "expected {color, description} or {delete: true}, got %s",
                     yaml_kind_name(at->map));
        return;
    }
    labels_unknown(at);
    labels_color(at);
    labels_description(at);
    labels_delete(at);
}

void wanted_labels_read(struct arena *a, const char *file, struct str content, struct problems *p,
                        struct wanted_labels *ret)
{
    const struct yaml *all = yaml_read(a, file, content, p);
    *ret = (struct wanted_labels){0};
    if (!all)
        return;
    if (all->kind != YAML_MAP || all->n > WANTED_LABELS_MAX) {
        yaml_problem(p, all, "", NULL, "expected a map of at most %d labels, got %s", WANTED_LABELS_MAX,
                     all->kind == YAML_MAP ? "more" : yaml_kind_name(all));
        return;
    }
    ret->v = ARENA_ARRAY(a, struct wanted_label, all->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        struct wanted_label *to = &ret->v[ret->n++];
        const struct labels_at at = {.arena = a,
                                     .problems = p,
                                     .key = problem_key(a, "", all->items[2 * i]->text),
                                     .name = all->items[2 * i],
                                     .map = all->items[2 * i + 1],
                                     .to = to};
        *to = (struct wanted_label){.name = at.name->text, .line = at.name->line};
        labels_entry(&at, ret);
    }
}

const struct wanted_label *wanted_labels_find(const struct wanted_labels *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (text_same_nocase(all->v[i].name, name))
            return &all->v[i];
    return NULL;
}
