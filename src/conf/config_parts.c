/* The trackers and bridges of lockstep.yaml: common options by our tables, the rest by their kind's. */
#include "base/base.h"

#include "conf/config_private.h"

#include "base/arena.h"
#include "base/text.h"

enum { CONF_NAME_BYTES = 40, CONF_TRACKERS_MAX = 200, CONF_BRIDGES_MAX = 1000 };

/* For every kind of tracker, beside the kind's own table. */
static const struct opt conf_tracker_opts[] = {
    OPTION_URL(struct conf_tracker, url, OPT_REQUIRED | OPT_RELOAD, NULL, "Base address of the tracker"),
    OPTION_RATE(struct conf_tracker, rate, OPT_RELOAD, NULL,
                "Most requests in a time; without it there is no limit of ours"),
    OPTION_RATE(struct conf_tracker, creations, OPT_RELOAD, NULL,
                "Most new issues and comments in a time, also over restarts; what finds no room waits, and all else "
                "goes on. Of GitHub without a rate 400/h, else without limit"),
    OPTION_INT(struct conf_tracker, concurrency, OPT_RELOAD, "8", 1, 1000, "Requests under way at the same time"),
    OPTION_TIME(struct conf_tracker, timeout, OPT_RELOAD, "10s", 100, 600000, "Longest time for one request"),
    OPTION_SECRETS(struct conf_tracker, hook_key, OPT_RELOAD,
                   "What an incoming webhook must bear as its key; a list while keys are being changed"),
};
const struct opt_table conf_tracker_table = OPT_TABLE_OF("a tracker", struct conf_tracker, conf_tracker_opts);

/* A bridge as written, before its names are looked up. */
struct conf_bridge_words {
    const char *kind, *name, *from, *to;
    int64_t reconcile;
};
static const struct opt conf_bridge_opts[] = {
    OPTION_TEXT(struct conf_bridge_words, kind, OPT_REQUIRED | OPT_RELOAD, NULL, "Which rules the bridge follows"),
    OPTION_TEXT(struct conf_bridge_words, name, OPT_RELOAD, NULL, "What the bridge is called; without it, as its kind"),
    OPTION_TEXT(struct conf_bridge_words, from, OPT_REQUIRED | OPT_RELOAD, NULL,
                "Name of the tracker whose events are used"),
    OPTION_TEXT(struct conf_bridge_words, to, OPT_RELOAD, NULL,
                "Name of the tracker that is written to; may be left out where the kind says so"),
    OPTION_TIME(struct conf_bridge_words, reconcile, OPT_RELOAD, "5m", 250, INT64_C(86400000),
                "How often gaps are looked for, and the Jira of tickets is polled"),
};
const struct opt_table conf_bridge_table = OPT_TABLE_OF("a bridge", struct conf_bridge_words, conf_bridge_opts);

/* ---- words ---- */

/* Lists of kinds end in NULL; there may be none at all. */
static size_t conf_kinds_count(const struct conf_kind *const *kinds)
{
    size_t n = 0;
    while (kinds && kinds[n])
        n++;
    return n;
}

/* The kind of that name; else a problem at `at` with the nearest one. */
static const struct conf_kind *conf_kind_find(const struct conf_kind *const *kinds, const char *name,
                                              const struct yaml *at, const char *key, const struct opt_read *r)
{
    size_t n = conf_kinds_count(kinds);
    const char **names = arena_array(r->arena, n + 1, sizeof *names);
    AUTO(text_auto) struct text all;
    text_init(&all, 4096);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
        names[i] = kinds[i]->name;
        text_addf(&all, "%s%s", i ? ", " : "", names[i]);
    }
    yaml_problem(r->problems, at, key, problem_near(name, names, n), "unknown kind %s; expected one of %s",
                 problem_quote(r->arena, at->text), text_z(&all));
    return NULL;
}

/* Names are part of addresses (/hooks/NAME), of metrics and of `tracker:ref`, so their letters are few. */
static bool conf_name_is_valid(const char *s)
{
    size_t n = strnlen(s, CONF_NAME_BYTES + 1);
    if (n == 0 || n > CONF_NAME_BYTES || s[0] == '_' || s[0] == '-')
        return false;
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

/* The words of a table and one more, as an ignore list. */
static const char *const *conf_names_of(struct arena *a, const struct opt_table *t, const char *more)
{
    const char **names = arena_array(a, t->n + 2, sizeof *names);
    for (size_t i = 0; i < t->n; i++)
        names[i] = t->opts[i].name;
    names[t->n] = more;
    return names;
}

/*
 * Fill `common` and the kind's own struct from one map. The common table answers for unknown words, with the words of
 * both; then every key counts as known. False when the kind's own struct has errors.
 */
static bool conf_read_both(const struct opt_table *table, const struct conf_kind *kind, const struct yaml *map,
                           const struct opt_read *r, void *common, void **ret_own)
{
    struct opt_read first = *r, second = *r;
    const char **keys = arena_array(r->arena, map->n + 1, sizeof *keys);
    for (size_t i = 0; i < map->n; i++)
        keys[i] = map->items[2 * i]->text;
    first.ignore = conf_names_of(r->arena, kind->opts, "kind");
    second.ignore = keys;
    opts_read(table, map, &first, common);
    *ret_own = arena_zero(r->arena, kind->opts->size);
    size_t errors = r->problems->errors;
    opts_read(kind->opts, map, &second, *ret_own);
    return r->problems->errors == errors;
}

/* Aliases make long lists cheap to write; each item costs memory here. */
static bool conf_are_too_many(const struct conf_reader *c, const struct yaml *all, const char *what, int most)
{
    if (all->n <= (size_t)most)
        return false;
    yaml_problem(c->read.problems, all, what, NULL, "at most %d %s, got %zu", most, what, all->n);
    return true;
}

/* ---- trackers ---- */

/* Read before the rest, as it says which table reads the rest. NULL: refused. */
static const struct conf_kind *conf_tracker_kind(const struct conf_reader *c, const struct yaml *map,
                                                 const struct opt_read *r)
{
    const struct yaml *at = yaml_get(map, "kind");
    const char *key = arena_fmt(r->arena, "%s.kind", r->key);
    size_t errors = r->problems->errors;
    if (yaml_is_null(at) || at->kind != YAML_SCALAR) {
        yaml_problem(r->problems, at ? at : map, key, NULL, "is required: the kind of tracker");
        return NULL;
    }
    const char *name = opts_expand(at, key, r);
    return r->problems->errors == errors ? conf_kind_find(c->kinds->trackers, name, at, key, r) : NULL;
}

/* Bridges hold pointers to trackers: only the array of pointers may move. */
static struct conf_tracker *conf_tracker_new(struct conf_reader *c, const char *name, const struct yaml *at)
{
    struct config *config = c->config;
    if (config->n_trackers == c->tracker_room) {
        c->tracker_room = 2 * c->tracker_room + 8;
        struct conf_tracker **all = ARENA_ARRAY(c->read.arena, struct conf_tracker *, c->tracker_room);
        for (size_t i = 0; i < config->n_trackers; i++)
            all[i] = config->trackers[i];
        config->trackers = all;
    }
    struct conf_tracker *t = ARENA_NEW(c->read.arena, struct conf_tracker);
    t->name = name;
    t->line = at->line;
    config->trackers[config->n_trackers++] = t;
    return t;
}

static void conf_tracker_fill(const struct conf_reader *c, struct conf_tracker *t, const struct yaml *map,
                              const struct opt_read *r)
{
    t->kind = conf_tracker_kind(c, map, r);
    if (!t->kind)
        return;
    if (conf_read_both(&conf_tracker_table, t->kind, map, r, t, &t->own) && t->kind->check)
        (t->kind->check)(t->own, map, r);
}

/* A refused tracker keeps its place by name, so that bridges that name it are not refused as well. */
static void conf_read_tracker(struct conf_reader *c, const struct yaml *name, const struct yaml *map)
{
    struct opt_read r = c->read;
    r.key = problem_key(r.arena, "trackers", name->text);
    if (!conf_name_is_valid(name->text)) {
        yaml_problem(r.problems, name, r.key, NULL,
                     "expected a name of at most 40 small letters, digits, - and _ that begins with a letter or digit");
        return;
    }
    struct conf_tracker *t = conf_tracker_new(c, name->text, name);
    if (map->kind != YAML_MAP) {
        yaml_problem(r.problems, map, r.key, NULL, "expected a map with the tracker's options, got %s",
                     yaml_kind_name(map));
        return;
    }
    conf_tracker_fill(c, t, map, &r);
}

void conf_read_trackers(struct conf_reader *c)
{
    const struct yaml *all = yaml_get(c->root, "trackers");
    if (yaml_is_null(all) || all->kind != YAML_MAP || all->n == 0) {
        yaml_problem(c->read.problems, all ? all : c->root, "trackers", NULL,
                     "is required: a map of names to trackers, got %s",
                     all && all->kind == YAML_MAP ? "an empty one" : yaml_kind_name(all));
        return;
    }
    if (conf_are_too_many(c, all, "trackers", CONF_TRACKERS_MAX))
        return;
    for (size_t i = 0; i < all->n; i++)
        conf_read_tracker(c, all->items[2 * i], all->items[2 * i + 1]);
}

/* ---- bridges ---- */

struct conf_bridge_at { /* the bridge being read */
    struct conf_reader *reader;
    struct opt_read r;
    const struct yaml *map;
    struct conf_bridge *bridge;
};

/* Dotted path of a member of the bridge. */
static const char *conf_bridge_key(const struct conf_bridge_at *b, const char *name)
{
    return arena_fmt(b->r.arena, "%s.%s", b->r.key, name);
}

/* The tracker that `from` or `to` names; a problem when there is none, or one of a kind that does not fit. */
static const struct conf_tracker *conf_bridge_end(const struct conf_bridge_at *b, const char *which, const char *name,
                                                  const char *kind)
{
    const struct config *c = b->reader->config;
    const struct yaml *at = yaml_get(b->map, which);
    if (!name || !at)
        return NULL;
    const struct conf_tracker *t = config_tracker(c, name);
    if (!t) {
        const char **names = arena_array(b->r.arena, c->n_trackers + 1, sizeof *names);
        for (size_t i = 0; i < c->n_trackers; i++)
            names[i] = c->trackers[i]->name;
        yaml_problem(b->r.problems, at, conf_bridge_key(b, which), problem_near(name, names, c->n_trackers),
                     "there is no tracker %s", problem_quote(b->r.arena, at->text));
    } else if (kind && t->kind && strcmp(t->kind->name, kind) != 0) {
        yaml_problem(b->r.problems, at, conf_bridge_key(b, which), NULL,
                     "expected a tracker of kind %s, %s is of kind %s", kind, t->name, t->kind->name);
    }
    return t;
}

/* Bridges that were refused have no name yet. */
static bool conf_bridge_name_taken(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->n_bridges; i++)
        if (text_same(c->bridges[i].name, name))
            return true;
    return false;
}

/* The given name, or the kind's with a number when that is taken: the order in the file decides. */
static const char *conf_bridge_name(const struct conf_bridge_at *b, const char *given)
{
    const struct config *c = b->reader->config;
    const char *name = given ? given : b->bridge->kind->name;
    const struct yaml *at = yaml_get(b->map, "name");
    if (given && at && !conf_name_is_valid(given))
        yaml_problem(b->r.problems, at, conf_bridge_key(b, "name"), NULL,
                     "expected a name of at most 40 small letters, digits, - and _");
    else if (given && at && conf_bridge_name_taken(c, given))
        yaml_problem(b->r.problems, at, conf_bridge_key(b, "name"), NULL, "another bridge has this name");
    for (unsigned i = 2; !given && conf_bridge_name_taken(c, name); i++)
        name = arena_fmt(b->r.arena, "%s-%u", b->bridge->kind->name, i);
    return name;
}

/* As for trackers: selects the table. NULL: refused. */
static const struct conf_kind *conf_bridge_kind(const struct conf_bridge_at *b)
{
    const struct yaml *at = yaml_get(b->map, "kind");
    const char *key = conf_bridge_key(b, "kind");
    size_t errors = b->r.problems->errors;
    if (yaml_is_null(at) || at->kind != YAML_SCALAR) {
        yaml_problem(b->r.problems, at ? at : b->map, key, NULL, "is required: the kind of bridge");
        return NULL;
    }
    const char *name = opts_expand(at, key, &b->r);
    return b->r.problems->errors == errors ? conf_kind_find(b->reader->kinds->bridges, name, at, key, &b->r) : NULL;
}

/* ---- trackers that a bridge brings along ---- */

/* The same words: the same entry, named by two bridges. */
static bool conf_brought_same(const struct yaml *a, const struct yaml *b)
{
    if (!a || a->n != b->n)
        return false;
    for (size_t i = 0; i < 2 * a->n; i++)
        if (!text_same(a->items[i]->text, b->items[i]->text))
            return false;
    return true;
}

/* Whether the name is free; when it is not, what follows from it has been said. */
static bool conf_brought_is_new(const struct conf_bridge_at *b, const struct conf_brought *one)
{
    const struct conf_tracker *other = config_tracker(b->reader->config, one->name);
    if (!other)
        return true;
    *one->ret_tracker = NULL;
    if (!other->brought) {
        yaml_problem(b->r.problems, one->options, one->key, NULL,
                     "its tracker would be %s, a name that one under trackers has already (line %d); rename either",
                     one->name, other->line);
    } else if (conf_brought_same(other->brought, one->options)) {
        *one->ret_tracker = other->name;
    } else {
        *one->ret_why = arena_fmt(b->r.arena, "its tracker would be %s, as that of another entry (%s line %d)",
                                  one->name, other->brought->file, other->line);
        yaml_warning(b->r.problems, one->options, one->key, NULL, "%s; it is not used", *one->ret_why);
    }
    return false;
}

/* What is wrong with it harms nobody else, so its problems become warnings. */
static void conf_read_one_brought(struct conf_bridge_at *b, const struct conf_brought *one)
{
    struct conf_reader *c = b->reader;
    struct problems own;
    struct opt_read r = b->r;
    problems_init(&own, b->r.arena);
    r.problems = &own;
    r.key = one->key;
    struct conf_tracker *t = conf_tracker_new(c, one->name, one->options);
    t->brought = one->options;
    conf_tracker_fill(c, t, one->options, &r);
    *one->ret_tracker = own.errors ? NULL : t->name;
    for (size_t i = 0; i < own.n; i++) {
        if (own.errors && !*one->ret_why && !own.v[i].is_warning)
            *one->ret_why = arena_fmt(b->r.arena, "%s: %s", own.v[i].key, own.v[i].text);
        own.v[i].is_warning = true;
        problem_add(b->r.problems, own.v[i]);
    }
    if (own.errors) {
        conf_tracker_release(t);
        c->config->n_trackers--;
    }
}

static void conf_read_brought(struct conf_bridge_at *b)
{
    struct conf_brought one = {0};
    for (size_t i = 0; b->bridge->kind->brings(b->bridge->own, i, &one); i++) {
        if (b->reader->config->n_trackers >= CONF_TRACKERS_MAX) {
            yaml_problem(b->r.problems, b->map, b->r.key, NULL,
                         "there are more than %d trackers, with those of its files", CONF_TRACKERS_MAX);
            return;
        }
        if (one.options && conf_brought_is_new(b, &one))
            conf_read_one_brought(b, &one);
    }
}

/* ---- */

/* The kind's check runs unless the kind's own options are wrong, since it may follow every pointer in them. */
static void conf_read_bridge(struct conf_bridge_at *b)
{
    struct conf_bridge_words words = {0};
    struct conf_bridge *bridge = b->bridge;
    bridge->line = b->map->line;
    if (b->map->kind != YAML_MAP) {
        yaml_problem(b->r.problems, b->map, b->r.key, NULL, "expected a map with the bridge's options, got %s",
                     yaml_kind_name(b->map));
        return;
    }
    bridge->kind = conf_bridge_kind(b);
    if (!bridge->kind)
        return;
    bool own_is_good = conf_read_both(&conf_bridge_table, bridge->kind, b->map, &b->r, &words, &bridge->own);
    bridge->reconcile = words.reconcile;
    bridge->name = conf_bridge_name(b, words.name);
    bridge->from = conf_bridge_end(b, "from", words.from, bridge->kind->from);
    bridge->to = conf_bridge_end(b, "to", words.to, bridge->kind->to);
    if (!bridge->kind->may_lack_to && yaml_is_null(yaml_get(b->map, "to")))
        yaml_problem(b->r.problems, b->map, conf_bridge_key(b, "to"), NULL, "is required: the name of a tracker");
    if (bridge->kind->check && own_is_good)
        (bridge->kind->check)(bridge->own, b->map, &b->r);
    if (bridge->kind->brings && own_is_good)
        conf_read_brought(b);
}

/* A bridge that is refused keeps its index, so that keys in messages agree with the file. */
void conf_read_bridges(struct conf_reader *c)
{
    const struct yaml *all = yaml_get(c->root, "bridges");
    if (yaml_is_null(all) || (all->kind == YAML_LIST && all->n == 0)) {
        yaml_warning(c->read.problems, all ? all : c->root, "bridges", NULL,
                     "there is none: events are kept, and nothing follows from them");
        return;
    }
    if (all->kind != YAML_LIST) {
        yaml_problem(c->read.problems, all, "bridges", NULL, "expected a list of bridges, got %s", yaml_kind_name(all));
        return;
    }
    if (conf_are_too_many(c, all, "bridges", CONF_BRIDGES_MAX))
        return;
    c->config->bridges = ARENA_ARRAY(c->read.arena, struct conf_bridge, all->n);
    for (size_t i = 0; i < all->n; i++) {
        struct conf_bridge_at b = {c, c->read, all->items[i], &c->config->bridges[i]};
        b.r.key = arena_fmt(b.r.arena, "bridges[%zu]", i);
        conf_read_bridge(&b);
        c->config->n_bridges++;
    }
}
