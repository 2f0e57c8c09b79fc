/*
 * Reading a map by a table. A row's type selects its parser; a parser gets the expanded text and fills the member, or
 * says no, and then the message is made from the same row. Nothing here knows a particular option.
 */
#include "base/base.h"

#include "conf/opt.h"

#include "base/arena.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/when.h"

/* One value on its way into its member. */
struct opt_value {
    const struct opt *opt;
    const struct yaml *at; /* NULL: the default */
    const char *key;       /* dotted path */
    const struct opt_read *r;
    const char *text; /* expanded */
    void *to;
};

/* ---- types: each turns a text into its member, or says no ---- */

/* Rows without bounds refuse negative numbers, since none of ours may be negative. */
static bool opt_is_within(const struct opt *o, int64_t n)
{
    if (o->low == 0 && o->high == 0)
        return n >= 0;
    return n >= o->low && n <= o->high;
}

/* The end of all parsers of numbers. */
static bool opt_put_int(const struct opt_value *v, int64_t n)
{
    int64_t *to = v->to;
    if (!opt_is_within(v->opt, n))
        return false;
    *to = n;
    return true;
}

/* Any scalar is a text here: `user: 123` needs no quotes. */
static bool opt_read_text(const struct opt_value *v)
{
    const char **to = v->to;
    *to = v->text;
    return true;
}

/* The text decides, whether it was quoted or came from a variable. */
static bool opt_read_bool(const struct opt_value *v)
{
    bool *to = v->to;
    return yaml_bool(&(struct yaml){.kind = YAML_SCALAR, .plain = true, .text = v->text}, to);
}

static bool opt_read_int(const struct opt_value *v)
{
    int64_t n;
    return yaml_int(&(struct yaml){.kind = YAML_SCALAR, .plain = true, .text = v->text}, &n) && opt_put_int(v, n);
}

static bool opt_read_duration(const struct opt_value *v)
{
    int64_t ms;
    return duration_parse(v->text, &ms, NULL) == 0 && opt_put_int(v, ms);
}

static bool opt_read_size(const struct opt_value *v)
{
    int64_t bytes;
    return size_parse(v->text, &bytes, NULL) == 0 && opt_put_int(v, bytes);
}

/* "12" or "0.5", at most a million; moves *s past it. Negative: not a number. */
static double opt_decimal(const char **s)
{
    double n = 0, place = 1;
    const char *at = *s;
    for (; *at >= '0' && *at <= '9' && n <= 1e6; at++)
        n = 10 * n + (*at - '0');
    if (at == *s || n > 1e6)
        return -1;
    if (*at == '.' && at[1] >= '0' && at[1] <= '9')
        for (at++; *at >= '0' && *at <= '9'; at++)
            n += (*at - '0') * (place /= 10);
    *s = at;
    return n;
}

/* The burst is a second's worth, at least one request. */
static bool opt_read_rate(const struct opt_value *v)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"/s", 1}, {"/m", 60}, {"/h", 3600}};
    struct rate *to = v->to;
    const char *s = v->text;
    double n = opt_decimal(&s);
    for (size_t i = 0; n > 0 && i < COUNT(units); i++) {
        if (strcmp(s, units[i].unit) != 0)
            continue;
        to->per_second = n / units[i].seconds;
        to->burst = to->per_second > 1 ? (int64_t)to->per_second : 1;
        to->most = n > 1 ? (int64_t)n : 1;
        to->window_ms = (int64_t)((double)to->most / to->per_second * 1000);
        return true;
    }
    return false;
}

/* The member is the index of the word, which callers name by an enum in the same order. */
static bool opt_read_word(const struct opt_value *v)
{
    int *to = v->to;
    for (int i = 0; v->opt->words[i]; i++) {
        if (strcmp(v->text, v->opt->words[i]) == 0) {
            *to = i;
            return true;
        }
    }
    return false;
}

/* Drivers append paths to it: a query or fragment would swallow them, and a user belongs into its own option. */
bool opts_is_address(const char *s)
{
    size_t scheme = text_starts(s, "http://") ? 7 : text_starts(s, "https://") ? 8 : 0;
    if (!scheme || s[scheme] == '\0' || s[scheme] == '/' || s[scheme] == ':')
        return false;
    for (const char *c = s; *c; c++)
        if ((unsigned char)*c <= 0x20 || strchr("@?#\\\"<>\x7f", *c))
            return false;
    return true;
}

/* Without slashes at the end, so that appending `/rest` is right for both ways to write it. */
static bool opt_read_url(const struct opt_value *v)
{
    const char **to = v->to;
    if (!opts_is_address(v->text))
        return false;
    size_t n = strlen(v->text);
    while (n && v->text[n - 1] == '/')
        n--;
    *to = arena_str(v->r->arena, (struct str){v->text, n});
    return true;
}

/* Beside the file that it stands in; a default stays as it is. */
static bool opt_read_path(const struct opt_value *v)
{
    const char **to = v->to;
    if (v->text[0] == '\0')
        return false;
    *to = v->at ? opts_beside(v->r->arena, v->at->file, v->text) : v->text;
    return true;
}

/* An empty key would let everybody in: no secret may be empty. NULL: refused. */
static struct secret *opt_secret(const char *text)
{
    return text[0] ? secret_new(str_of(text)) : NULL;
}

/* The struct owns it from here on: opts_release. */
static bool opt_read_secret(const struct opt_value *v)
{
    struct secret **to = v->to;
    *to = opt_secret(v->text);
    return *to != NULL;
}

/* Called for each item; the array was made by opt_value_secrets. */
static bool opt_read_secrets(const struct opt_value *v)
{
    struct secrets *to = v->to;
    struct secret *one = opt_secret(v->text);
    if (one)
        to->v[to->n++] = one;
    return one != NULL;
}

/* Our own defaults, "[one, two]": no item holds a comma. */
static void opt_default_texts(const struct opt_value *v, struct texts *to)
{
    const char *at = v->text + 1;
    check(v->text[0] == '[' && text_ends(at, "]"));
    while (*at != ']') {
        size_t n = strcspn(at, ",]");
        texts_add(v->r->arena, to, arena_str(v->r->arena, (struct str){at, n}));
        at += n + strspn(at + n, ", ");
    }
}

/* Called for each item. */
static bool opt_read_texts(const struct opt_value *v)
{
    struct texts *to = v->to;
    if (!v->at)
        opt_default_texts(v, to);
    else if (v->text[0])
        texts_add(v->r->arena, to, v->text);
    return !v->at || v->text[0];
}

/* What each type of option is read by and called. */
static const struct opt_kind {
    bool (*read)(const struct opt_value *v);
    const char *expected;
    bool is_secret;
} opt_kinds[] = {
    [OPT_TEXT] = {opt_read_text, "a text", false},
    [OPT_SECRET] = {opt_read_secret, "a secret, which may not be empty", true},
    [OPT_SECRETS] = {opt_read_secrets, "a secret or a list of secrets, which may not be empty", true},
    [OPT_MAP] = {opt_read_texts, "a map of names to texts or lists of texts", false},
    [OPT_TEXTS] = {opt_read_texts, "a text or a list of texts, none of them empty", false},
    [OPT_BOOL] = {opt_read_bool, "true or false", false},
    [OPT_INT] = {opt_read_int, "a whole number", false},
    [OPT_DURATION] = {opt_read_duration, "a duration such as 30s, 5m, 12h or 7d", false},
    [OPT_SIZE] = {opt_read_size, "a size such as 64KiB or 25MiB", false},
    [OPT_RATE] = {opt_read_rate, "a rate such as 10/s, 600/m or 1000/h", false},
    [OPT_WORD] = {opt_read_word, "one of ", false},
    [OPT_URL] = {opt_read_url, "an http or https address without user, query and fragment", false},
    [OPT_PATH] = {opt_read_path, "a file or an http or https address", false},
    [OPT_TABLE] = {NULL, "a map", false},
};

/* ---- messages ---- */

/* A bound as an operator would write it. */
static void opt_bound_text(const struct opt *o, int64_t bound, struct text *to)
{
    char buf[WHEN_TEXT_BYTES];
    if (o->type == OPT_DURATION)
        text_addz(to, duration_text(bound, buf));
    else if (o->type == OPT_SIZE && bound % (1 << 20) == 0)
        text_addf(to, "%" PRId64 "MiB", bound >> 20);
    else if (o->type == OPT_SIZE && bound % (1 << 10) == 0)
        text_addf(to, "%" PRId64 "KiB", bound >> 10);
    else
        text_addf(to, "%" PRId64, bound);
}

void opt_expected(const struct opt *o, struct text *to)
{
    text_addz(to, opt_kinds[o->type].expected);
    for (int i = 0; o->type == OPT_WORD && o->words[i]; i++)
        text_addf(to, "%s%s", i ? ", " : "", o->words[i]);
    if (o->low == 0 && o->high == 0)
        return;
    text_addz(to, ", from ");
    opt_bound_text(o, o->low, to);
    if (o->high == INT64_MAX) {
        text_addz(to, " on");
        return;
    }
    text_addz(to, " to ");
    opt_bound_text(o, o->high, to);
}

/* NULL is an empty list. */
static size_t opt_word_count(const char *const *words)
{
    size_t n = 0;
    while (words && words[n])
        n++;
    return n;
}

/* What was written is shown, never what a ${…} in it stands for, nor an address with a password. */
static void opt_refuse(const struct opt_value *v)
{
    AUTO(text_auto) struct text expected;
    struct arena *a = v->r->arena;
    const char *got = NULL, *near = NULL;
    text_init(&expected, 1024);
    opt_expected(v->opt, &expected);
    if (v->at->kind != YAML_SCALAR)
        got = yaml_kind_name(v->at);
    else if (!opt_kinds[v->opt->type].is_secret && !(v->opt->type == OPT_URL && strchr(v->at->text, '@')))
        got = problem_quote(a, v->at->text);
    if (v->at->kind == YAML_SCALAR && v->opt->type == OPT_WORD)
        near = problem_near(v->at->text, v->opt->words, opt_word_count(v->opt->words));
    yaml_problem(v->r->problems, v->at, v->key, near, "expected %s%s%s", text_z(&expected), got ? ", got " : "",
                 got ? got : "");
}

/* ---- one option ---- */

/* The option's place in the file, for messages. */
static const char *opt_key(const struct opt_read *r, const char *name)
{
    return problem_key(r->arena, r->key, name);
}

/* The value at v->at, which must be one scalar. */
static void opt_value_scalar(struct opt_value *v)
{
    if (v->at->kind != YAML_SCALAR || yaml_is_null(v->at)) {
        opt_refuse(v);
        return;
    }
    size_t errors = v->r->problems->errors;
    v->text = opts_expand(v->at, v->key, v->r);
    if (v->r->problems->errors == errors && !opt_kinds[v->opt->type].read(v))
        opt_refuse(v);
}

/* One value, or each of a list. */
static void opt_value_each(struct opt_value *v)
{
    const struct yaml *list = v->at;
    size_t n = list->kind == YAML_LIST ? list->n : 1;
    for (size_t i = 0; i < n; i++) {
        v->at = list->kind == YAML_LIST ? list->items[i] : list;
        opt_value_scalar(v);
    }
}

/* Of each name, one text or a list. */
static void opt_value_map(const struct opt_value *v)
{
    struct opt_pairs *to = v->to;
    if (v->at->kind != YAML_MAP) {
        opt_refuse(v);
        return;
    }
    to->v = arena_array(v->r->arena, v->at->n + 1, sizeof *to->v);
    for (size_t i = 0; i < v->at->n; i++) {
        struct opt_pair *pair = &to->v[to->n++];
        struct opt_value one = *v;
        pair->name = v->at->items[2 * i]->text;
        one.at = v->at->items[2 * i + 1];
        one.key = problem_key(v->r->arena, v->key, pair->name);
        one.to = &pair->values;
        opt_value_each(&one);
    }
}

/* One secret, or a list with at least one. */
static void opt_value_secrets(struct opt_value *v)
{
    struct secrets *to = v->to;
    size_t n = v->at->kind == YAML_LIST ? v->at->n : 1;
    to->v = arena_array(v->r->arena, n ? n : 1, sizeof *to->v);
    if (n == 0)
        opt_refuse(v);
    opt_value_each(v);
}

/* A default that its own parser refuses is our mistake. */
static void opt_value_default(struct opt_value *v)
{
    v->text = v->opt->otherwise;
    if (v->text)
        check(opt_kinds[v->opt->type].read(v));
}

/* At the map that lacks it; of the file as a whole when there is no map. */
static void opt_missing(const struct opt_value *v, const struct yaml *map)
{
    AUTO(text_auto) struct text expected;
    text_init(&expected, 1024);
    opt_expected(v->opt, &expected);
    struct problem one = {.key = v->key, .text = arena_fmt(v->r->arena, "is required: %s", text_z(&expected))};
    if (map) {
        one.file = map->file;
        one.line = map->line;
        one.column = map->column;
    }
    problem_add(v->r->problems, one);
}

/* A key with nothing behind it is as good as absent: that is how people comment out a value. */
static void opt_read_one(const struct opt *o, const struct yaml *map, const struct opt_read *r, void *to)
{
    struct opt_value v = {.opt = o, .at = yaml_get(map, o->name), .key = opt_key(r, o->name), .r = r, .to = to};
    if (o->type == OPT_TABLE) {
        struct opt_read inside = {r->arena, r->problems, r->source, v.key, NULL};
        opts_read(o->sub, v.at, &inside, to);
    } else if (yaml_is_null(v.at)) {
        v.at = NULL;
        opt_value_default(&v);
        if (o->flags & OPT_REQUIRED)
            opt_missing(&v, map);
    } else if (o->type == OPT_SECRETS) {
        opt_value_secrets(&v);
    } else if (o->type == OPT_MAP) {
        opt_value_map(&v);
    } else if (o->type == OPT_TEXTS) {
        opt_value_each(&v);
    } else {
        opt_value_scalar(&v);
    }
}

/* ---- tables ---- */

static bool opt_word_in(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* The nearest word is looked for among all words that are valid here, read by this table or not. */
static void opts_refuse_unknown(const struct opt_table *t, const struct yaml *map, const struct opt_read *r)
{
    size_t n = 0;
    const char **words = arena_array(r->arena, t->n + opt_word_count(r->ignore) + 1, sizeof *words);
    for (size_t i = 0; i < t->n; i++)
        words[n++] = t->opts[i].name;
    for (const char *const *word = r->ignore; word && *word; word++)
        words[n++] = *word;
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml *key = map->items[2 * i];
        if (!opt_word_in(key->text, words, n))
            yaml_problem(r->problems, key, opt_key(r, key->text), problem_near(key->text, words, n),
                         "unknown option of %s", t->name);
    }
}

/* After a problem the defaults are read all the same, so that required ones are reported too. */
void opts_read(const struct opt_table *t, const struct yaml *map, const struct opt_read *r, void *to)
{
    if (yaml_is_null(map))
        map = NULL;
    if (map && map->kind != YAML_MAP) {
        yaml_problem(r->problems, map, r->key, NULL, "expected a map, got %s", yaml_kind_name(map));
        map = NULL;
    }
    if (map)
        opts_refuse_unknown(t, map, r);
    for (size_t i = 0; i < t->n; i++)
        opt_read_one(&t->opts[i], map, r, (char *)to + t->opts[i].at);
}

/* Fit for a struct that was only partly read. */
static void opt_release_one(const struct opt *o, void *at)
{
    if (o->type == OPT_TABLE) {
        opts_release(o->sub, at);
    } else if (o->type == OPT_SECRET) {
        struct secret **one = at;
        secret_free(TAKE(*one));
    } else if (o->type == OPT_SECRETS) {
        struct secrets *all = at;
        for (size_t i = 0; i < all->n; i++)
            secret_free(all->v[i]);
        *all = (struct secrets){0};
    }
}

void opts_release(const struct opt_table *t, void *of)
{
    for (size_t i = 0; i < t->n; i++)
        opt_release_one(&t->opts[i], (char *)of + t->opts[i].at);
}
