/*
 * The tree is built by recursion over libyaml's events, at most YAML_DEPTH deep. An alias shares its anchor's nodes, so
 * memory stays small whatever aliases unfold to; but readers of the tree walk it unfolded, and therefore each anchor
 * knows its unfolded weight and height, and aliases are charged for them. libyaml stops at the first syntax error;
 * problems of the tree (equal keys) are collected.
 */
#include "base/base.h"

#include "conf/yaml.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/text.h"
#include "base/utf8.h"

#include <yaml.h>

struct yaml_anchor {
    const char *name;
    const struct yaml *node; /* NULL while the node is still being read */
    size_t weight;
    unsigned height;
    struct yaml_anchor *next; /* of the same hash */
};

/* A node, and what it costs when an alias repeats it. */
struct yaml_built {
    const struct yaml *node;
    size_t weight;   /* nodes in it, unfolded */
    unsigned height; /* levels in it, unfolded; a scalar has 1 */
};

struct yaml_reader {
    struct arena *arena;
    struct problems *problems;
    const char *file;
    struct str content;
    yaml_parser_t parser;
    struct map *anchors;
    size_t weight;
};

struct yaml_items {
    const struct yaml **v;
    size_t n, room;
};

/* Line and column count from 0 here, as in libyaml. Always false, to be returned. */
static bool yaml_fail_at(struct yaml_reader *r, size_t line, size_t column, const char *text)
{
    problem_add(r->problems,
                (struct problem){.file = r->file, .line = (int)line + 1, .column = (int)column + 1, .text = text});
    return false;
}

static bool yaml_fail_event(struct yaml_reader *r, const yaml_event_t *ev, const char *text)
{
    return yaml_fail_at(r, ev->start_mark.line, ev->start_mark.column, text);
}

/* ---- before libyaml: what it says without a place, or would accept ---- */

/* Bytes of the valid character at i; 0 when there is none. */
static size_t yaml_char_bytes(struct str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (n > s.n - i || !utf8_valid((struct str){s.p + i, n}))
        return 0;
    return n;
}

/* The characters that YAML does not allow; libyaml would refuse them by a byte offset only. */
static const char *yaml_char_refusal(struct arena *a, uint32_t point)
{
    if (point == 0xfeff)
        return "a byte order mark may only stand at the very start";
    if (point == '\t' || point == '\n' || point == '\r' || point == 0x85)
        return NULL;
    if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xfffe || point == 0xffff)
        return arena_fmt(a, "the control character U+%04X is not allowed", (unsigned)point);
    return NULL;
}

/* Every character of the content, for the place of the first bad one. False: refused. */
static bool yaml_scan(struct yaml_reader *r)
{
    struct str s = r->content;
    size_t line = 0, column = 0;
    for (size_t i = 0; i < s.n;) {
        size_t n = yaml_char_bytes(s, i), at = i;
        if (!n)
            return yaml_fail_at(r, line, column, "not UTF-8; save the file as UTF-8");
        const char *why = yaml_char_refusal(r->arena, utf8_next(s, &at));
        if (why)
            return yaml_fail_at(r, line, column, why);
        bool is_break = s.p[i] == '\n' || (s.p[i] == '\r' && !(i + 1 < s.n && s.p[i + 1] == '\n'));
        line += is_break;
        column = is_break ? 0 : column + 1;
        i += n;
    }
    return true;
}

/* libyaml would decode UTF-16; our other readers would not, so such a file is refused with a hint. */
static bool yaml_prepare(struct yaml_reader *r)
{
    struct str *s = &r->content;
    if (s->n > YAML_BYTES)
        return yaml_fail_at(r, 0, 0, "the file is larger than 4 MiB");
    if (s->n >= 2 && (memcmp(s->p, "\xff\xfe", 2) == 0 || memcmp(s->p, "\xfe\xff", 2) == 0))
        return yaml_fail_at(r, 0, 0, "the file is UTF-16; save it as UTF-8");
    if (s->n >= 3 && memcmp(s->p, "\xef\xbb\xbf", 3) == 0)
        *s = (struct str){s->p + 3, s->n - 3};
    return yaml_scan(r);
}

/* ---- libyaml's own errors ---- */

/* The column of a tab in the indentation of that line. */
static bool yaml_tab_in(struct str s, size_t line, size_t *ret_column)
{
    size_t i = 0;
    for (; line && i < s.n; i++)
        line -= s.p[i] == '\n';
    for (size_t start = i; i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'); i++) {
        *ret_column = i - start;
        if (s.p[i] == '\t')
            return true;
    }
    return false;
}

/* What stands there up to white space or punctuation: for a star that was meant as a text. */
static const char *yaml_word_at(const struct yaml_reader *r, size_t line, size_t column)
{
    struct str s = r->content;
    while (line && s.n) {
        line -= s.p[0] == '\n';
        s = (struct str){s.p + 1, s.n - 1};
    }
    for (size_t n; column && s.n; column--) {
        n = yaml_char_bytes(s, 0);
        s = (struct str){s.p + n, s.n - n};
    }
    size_t n = 0;
    while (n < s.n && !strchr(" \t\r\n,]}", s.p[n]))
        n++;
    return problem_quote(r->arena, arena_str(r->arena, (struct str){s.p, n}));
}

/* The next commonest mistake: a pattern without quotes is an alias. */
static bool yaml_fail_star(struct yaml_reader *r, size_t line, size_t column)
{
    return yaml_fail_at(
        r, line, column,
        arena_fmt(r->arena, "a text that begins with * needs quotes: %s", yaml_word_at(r, line, column)));
}

/* libyaml's words for a tab are obscure ("cannot start any token"), and tabs are the commonest mistake. */
static bool yaml_fail_syntax(struct yaml_reader *r)
{
    const yaml_parser_t *y = &r->parser;
    size_t line = y->problem_mark.line, column = y->problem_mark.column, tab = 0;
    if (yaml_tab_in(r->content, line, &tab))
        return yaml_fail_at(r, line, tab, "a tab cannot indent; use spaces");
    if (y->context && strcmp(y->context, "while scanning an alias") == 0)
        return yaml_fail_star(r, y->context_mark.line, y->context_mark.column);
    const char *text = arena_fmt(r->arena, "not valid YAML: %s", y->problem ? y->problem : "it cannot be read");
    if (y->context)
        text = arena_fmt(r->arena, "%s, %s from line %zu on", text, y->context, y->context_mark.line + 1);
    return yaml_fail_at(r, line, column, text);
}

/* The event must be released by yaml_event_delete. */
static bool yaml_next(struct yaml_reader *r, yaml_event_t *ret)
{
    return yaml_parser_parse(&r->parser, ret) ? true : yaml_fail_syntax(r);
}

/* ---- anchors ---- */

/* NULL when there is none; its node is NULL while it is open. */
static struct yaml_anchor *yaml_anchor_find(const struct yaml_reader *r, const char *name)
{
    struct yaml_anchor *at = map_get(r->anchors, hash_stable(str_of(name)));
    while (at && strcmp(at->name, name) != 0)
        at = at->next;
    return at;
}

/* The anchor of this name, ready to take a node; NULL when there is no name. A name may be used again. */
static struct yaml_anchor *yaml_anchor_open(struct yaml_reader *r, const yaml_char_t *name)
{
    if (!name)
        return NULL;
    const char *text = arena_text(r->arena, (const char *)name);
    struct yaml_anchor *at = yaml_anchor_find(r, text);
    if (!at) {
        uint64_t hash = hash_stable(str_of(text));
        at = ARENA_NEW(r->arena, struct yaml_anchor);
        at->name = text;
        at->next = map_get(r->anchors, hash);
        (void)map_put(r->anchors, hash, at);
    }
    at->node = NULL;
    return at;
}

/* From here on aliases may use it. */
static void yaml_anchor_close(struct yaml_anchor *at, const struct yaml_built *b)
{
    if (!at)
        return;
    at->node = b->node;
    at->weight = b->weight;
    at->height = b->height;
}

/* ---- nodes ---- */

/* Charge for nodes, written or unfolded. False: the file has used up what it may. */
static bool yaml_spend(struct yaml_reader *r, const yaml_event_t *ev, size_t weight)
{
    r->weight += weight;
    if (r->weight > YAML_NODES)
        return yaml_fail_event(r, ev, "the file unfolds to more than 200000 values");
    return true;
}

/* A node that stands where the event does. */
static struct yaml *yaml_new(struct yaml_reader *r, const yaml_event_t *ev, enum yaml_kind kind)
{
    struct yaml *y = ARENA_NEW(r->arena, struct yaml);
    y->kind = kind;
    y->file = r->file;
    y->line = (int)ev->start_mark.line + 1;
    y->column = (int)ev->start_mark.column + 1;
    return y;
}

static void yaml_items_add(struct yaml_reader *r, struct yaml_items *items, const struct yaml *one)
{
    if (items->n == items->room) {
        size_t room = items->room ? 2 * items->room : 8;
        const struct yaml **v = arena_array(r->arena, room, sizeof *v);
        for (size_t i = 0; i < items->n; i++)
            v[i] = items->v[i];
        items->v = v;
        items->room = room;
    }
    items->v[items->n++] = one;
}

/* The tags of YAML's core schema; any other asks for a type of some programming language. */
static bool yaml_tag_known(const char *tag, enum yaml_kind kind)
{
    static const char *const tags[][6] = {
        [YAML_SCALAR] = {"str", "int", "bool", "null", "float", NULL},
        [YAML_LIST] = {"seq", NULL},
        [YAML_MAP] = {"map", NULL},
    };
    static const char prefix[] = "tag:yaml.org,2002:";
    if (strcmp(tag, "!") == 0)
        return true;
    if (!text_starts(tag, prefix))
        return false;
    for (const char *const *t = tags[kind]; *t; t++)
        if (strcmp(tag + sizeof prefix - 1, *t) == 0)
            return true;
    return false;
}

static bool yaml_tag_check(struct yaml_reader *r, const yaml_event_t *ev, const yaml_char_t *tag, enum yaml_kind kind)
{
    if (!tag || yaml_tag_known((const char *)tag, kind))
        return true;
    const char *quoted = problem_quote(r->arena, (const char *)tag);
    return yaml_fail_event(r, ev, arena_fmt(r->arena, "the tag %s is not supported here", quoted));
}

/* Tags win over quotes: `!!str 1` is a text, `!!int "1"` a number. */
static bool yaml_scalar_is_plain(const yaml_event_t *ev)
{
    const char *tag = (const char *)ev->data.scalar.tag;
    if (!tag)
        return ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return strcmp(tag, "!") != 0 && strcmp(tag, YAML_STR_TAG) != 0;
}

/* "\0" in double quotes is the only way in for a NUL; our texts are terminated by one. */
static bool yaml_build_scalar(struct yaml_reader *r, const yaml_event_t *ev, struct yaml_built *ret)
{
    if (!yaml_spend(r, ev, 1) || !yaml_tag_check(r, ev, ev->data.scalar.tag, YAML_SCALAR))
        return false;
    struct str value = {(const char *)ev->data.scalar.value, ev->data.scalar.length};
    if (value.n && memchr(value.p, '\0', value.n))
        return yaml_fail_event(r, ev, "a text may not hold a NUL character");
    struct yaml *y = yaml_new(r, ev, YAML_SCALAR);
    y->plain = yaml_scalar_is_plain(ev);
    y->text = arena_str(r->arena, value);
    y->number = y->plain && yaml_is_number(y);
    *ret = (struct yaml_built){y, 1, 1};
    yaml_anchor_close(yaml_anchor_open(r, ev->data.scalar.anchor), ret);
    return true;
}

/* The shared node, charged as if it were written out here. */
static bool yaml_build_alias(struct yaml_reader *r, const yaml_event_t *ev, unsigned depth, struct yaml_built *ret)
{
    const char *name = (const char *)ev->data.alias.anchor;
    const struct yaml_anchor *at = yaml_anchor_find(r, name);
    const char *quoted = problem_quote(r->arena, name);
    if (!at)
        return yaml_fail_event(
            r, ev,
            arena_fmt(r->arena, "there is no anchor %s before this alias; a text that begins with * needs quotes",
                      quoted));
    if (!at->node)
        return yaml_fail_event(r, ev, arena_fmt(r->arena, "the anchor %s contains itself", quoted));
    if (depth + at->height > YAML_DEPTH)
        return yaml_fail_event(r, ev, "nested deeper than 64 levels");
    if (!yaml_spend(r, ev, at->weight))
        return false;
    *ret = (struct yaml_built){at->node, at->weight, at->height};
    return true;
}

static bool yaml_build(struct yaml_reader *r, const yaml_event_t *ev, unsigned depth, struct yaml_built *ret);

/* The nodes up to the event `end`. */
static bool yaml_build_items(struct yaml_reader *r, unsigned depth, yaml_event_type_t end, struct yaml_items *items,
                             struct yaml_built *sum)
{
    for (;;) {
        AUTO(yaml_event_delete) yaml_event_t ev = {0};
        struct yaml_built one;
        if (!yaml_next(r, &ev))
            return false;
        if (ev.type == end)
            return true;
        if (!yaml_build(r, &ev, depth, &one))
            return false;
        yaml_items_add(r, items, one.node);
        sum->weight += one.weight;
        if (sum->height < one.height + 1)
            sum->height = one.height + 1;
    }
}

/* ---- maps: duplicate keys and merges ---- */

/* A key of a map being put together. */
struct yaml_entry {
    const struct yaml *key, *value;
    size_t rank;    /* the lower one wins */
    bool is_merged; /* came by << */
    bool is_dropped;
};
struct yaml_entries {
    struct yaml_entry *v;
    size_t n;
};

/* In quotes it is a key like any other. */
static bool yaml_is_merge(const struct yaml *key)
{
    return key->kind == YAML_SCALAR && key->plain && strcmp(key->text, "<<") == 0;
}

/* Adds the entries of what << points at: one map, or a list of maps. False when it is neither. */
static bool yaml_merge_count(const struct yaml *value, size_t *n)
{
    if (value->kind == YAML_MAP) {
        *n += value->n;
        return true;
    }
    if (value->kind != YAML_LIST)
        return false;
    for (size_t i = 0; i < value->n; i++) {
        if (value->items[i]->kind != YAML_MAP)
            return false;
        *n += value->items[i]->n;
    }
    return true;
}

/* Entries that were merged earlier have the lower rank and win. */
static void yaml_merge_map(struct yaml_entries *e, const struct yaml *map)
{
    for (size_t i = 0; i < map->n; i++, e->n++)
        e->v[e->n] = (struct yaml_entry){map->items[2 * i], map->items[2 * i + 1], e->n, true, false};
}

/* The first map of a list wins over the later ones. */
static void yaml_merge(struct yaml_entries *e, const struct yaml *value)
{
    if (value->kind == YAML_MAP)
        yaml_merge_map(e, value);
    for (size_t i = 0; value->kind == YAML_LIST && i < value->n; i++)
        yaml_merge_map(e, value->items[i]);
}

/* Equal keys become neighbours, the winner first. Sorting keeps a map of any width cheap. */
static int yaml_entry_by_key(const void *a, const void *b)
{
    const struct yaml_entry *const *x = a, *const *y = b;
    int order = strcmp((*x)->key->text, (*y)->key->text);
    if (order)
        return order;
    return ((*x)->rank > (*y)->rank) - ((*x)->rank < (*y)->rank);
}

/* Of equal keys the first in rank stays; two of the map's own are a problem. */
static void yaml_drop_equal(struct yaml_reader *r, struct yaml_entries *e)
{
    if (e->n < 2)
        return;
    struct yaml_entry **sorted = arena_array(r->arena, e->n, sizeof *sorted);
    for (size_t i = 0; i < e->n; i++)
        sorted[i] = &e->v[i];
    qsort(sorted, e->n, sizeof *sorted, yaml_entry_by_key);
    const struct yaml_entry *first = sorted[0];
    for (size_t i = 1; i < e->n; i++) {
        if (strcmp(first->key->text, sorted[i]->key->text) != 0) {
            first = sorted[i];
            continue;
        }
        sorted[i]->is_dropped = true;
        if (!sorted[i]->is_merged)
            yaml_problem(r->problems, sorted[i]->key, first->key->text, NULL, "the key is there already, in line %d",
                         first->key->line);
    }
}

/* Keys must be scalars, and what << names must be maps. Counts the entries after merging. */
static bool yaml_map_check(struct yaml_reader *r, const struct yaml_items *items, size_t *ret_n)
{
    size_t n = items->n / 2;
    for (size_t i = 0; i + 1 < items->n; i += 2) {
        const struct yaml *key = items->v[i], *value = items->v[i + 1];
        if (key->kind != YAML_SCALAR) {
            yaml_problem(r->problems, key, "", NULL, "a key must be a text, got %s", yaml_kind_name(key));
            return false;
        }
        if (yaml_is_merge(key) && !yaml_merge_count(value, &n)) {
            yaml_problem(r->problems, key, "<<", NULL, "expected a map or a list of maps to merge, got %s",
                         yaml_kind_name(value));
            return false;
        }
    }
    *ret_n = n;
    return true;
}

/* The map's own entries first, then what it merges. */
static bool yaml_map_fill(struct yaml_reader *r, const struct yaml_items *items, struct yaml *map)
{
    size_t room = 0;
    if (!yaml_map_check(r, items, &room))
        return false;
    struct yaml_entries e = {.v = arena_array(r->arena, room, sizeof *e.v)};
    for (size_t i = 0; i + 1 < items->n; i += 2, e.n++)
        e.v[e.n] = (struct yaml_entry){items->v[i], items->v[i + 1], e.n, false, false};
    size_t own = e.n;
    for (size_t i = 0; i < own; i++)
        if (yaml_is_merge(e.v[i].key))
            yaml_merge(&e, e.v[i].value);
    yaml_drop_equal(r, &e);
    map->items = arena_array(r->arena, 2 * e.n, sizeof *map->items);
    for (size_t i = 0; i < e.n; i++) {
        if (e.v[i].is_dropped || (!e.v[i].is_merged && yaml_is_merge(e.v[i].key)))
            continue;
        map->items[2 * map->n] = e.v[i].key;
        map->items[2 * map->n + 1] = e.v[i].value;
        map->n++;
    }
    return true;
}

/* A list or a map. Its anchor is open while its items are read, so that it cannot contain itself. */
static bool yaml_build_nest(struct yaml_reader *r, const yaml_event_t *ev, unsigned depth, struct yaml_built *ret)
{
    bool is_map = ev->type == YAML_MAPPING_START_EVENT;
    enum yaml_kind kind = is_map ? YAML_MAP : YAML_LIST;
    const yaml_char_t *tag = is_map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag;
    const yaml_char_t *name = is_map ? ev->data.mapping_start.anchor : ev->data.sequence_start.anchor;
    struct yaml_items items = {0};
    struct yaml_built sum = {NULL, 1, 1};
    if (depth >= YAML_DEPTH)
        return yaml_fail_event(r, ev, "nested deeper than 64 levels");
    if (!yaml_spend(r, ev, 1) || !yaml_tag_check(r, ev, tag, kind))
        return false;
    struct yaml *y = yaml_new(r, ev, kind);
    struct yaml_anchor *anchor = yaml_anchor_open(r, name);
    if (!yaml_build_items(r, depth + 1, is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT, &items, &sum))
        return false;
    if (is_map && !yaml_map_fill(r, &items, y))
        return false;
    if (!is_map) {
        y->items = items.v;
        y->n = items.n;
    }
    sum.node = y;
    yaml_anchor_close(anchor, &sum);
    *ret = sum;
    return true;
}

static bool yaml_build(struct yaml_reader *r, const yaml_event_t *ev, unsigned depth, struct yaml_built *ret)
{
    if (ev->type == YAML_ALIAS_EVENT)
        return yaml_build_alias(r, ev, depth, ret);
    if (ev->type == YAML_SCALAR_EVENT)
        return yaml_build_scalar(r, ev, ret);
    return yaml_build_nest(r, ev, depth, ret);
}

/* ---- the document ---- */

/* An event that carries nothing. */
static bool yaml_expect(struct yaml_reader *r, yaml_event_type_t type)
{
    AUTO(yaml_event_delete) yaml_event_t ev = {0};
    return yaml_next(r, &ev) && ev.type == type;
}

/* After the root: its end, and no other document. */
static bool yaml_finish(struct yaml_reader *r)
{
    AUTO(yaml_event_delete) yaml_event_t ev = {0};
    if (!yaml_expect(r, YAML_DOCUMENT_END_EVENT) || !yaml_next(r, &ev))
        return false;
    if (ev.type != YAML_STREAM_END_EVENT)
        return yaml_fail_event(r, &ev, "a second document begins here; a file holds one");
    return true;
}

/* NULL when it is empty, and also when there was a problem. */
static const struct yaml *yaml_document(struct yaml_reader *r)
{
    AUTO(yaml_event_delete) yaml_event_t begin = {0};
    AUTO(yaml_event_delete) yaml_event_t root = {0};
    struct yaml_built b = {0};
    if (!yaml_expect(r, YAML_STREAM_START_EVENT) || !yaml_next(r, &begin))
        return NULL;
    if (begin.type == YAML_STREAM_END_EVENT)
        return NULL;
    if (!yaml_next(r, &root) || !yaml_build(r, &root, 0, &b) || !yaml_finish(r))
        return NULL;
    return b.node;
}

/* libyaml is told the encoding, or it would guess it again from the bytes. */
const struct yaml *yaml_read(struct arena *a, const char *file, struct str content, struct problems *p)
{
    struct yaml_reader r = {.arena = a, .problems = p, .file = arena_text(a, file), .content = content};
    size_t errors = p->errors;
    if (!yaml_prepare(&r))
        return NULL;
    check(yaml_parser_initialize(&r.parser));
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(r.content.n ? r.content.p : ""), r.content.n);
    r.anchors = map_new();
    const struct yaml *root = yaml_document(&r);
    map_free(r.anchors);
    yaml_parser_delete(&r.parser);
    return p->errors == errors && !yaml_is_null(root) ? root : NULL;
}
