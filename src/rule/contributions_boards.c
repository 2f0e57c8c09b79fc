/*
 * Project boards: contributions from outside are put on them and never taken off, each board a unit of its own. On the
 * board for them, fields tell when they came and went and who owns the repository.
 */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/when.h"

enum { BOARDS_MOST = 20, DAY_CHARS = 10 /* of 2026-08-01T… */ };

/* One board, being planned. */
struct board {
    const char *name;              /* "ORG:NUMBER" */
    const struct board_item *item; /* its place there; NULL: it has none yet */
    const struct fact *fact;       /* read only when there is something to write; NULL: not yet */
};

/* A field that should have a value. */
struct board_wish {
    const char *field;
    enum value_kind kind;
    const char *text;
};

static bool board_is_name(struct str name)
{
    const char *colon = memchr(name.p, ':', name.n);
    int64_t number;
    return colon && colon > name.p &&
           str_int((struct str){colon + 1, name.n - (size_t)(colon + 1 - name.p)}, &number) && number > 0;
}

static bool board_is_listed(const struct texts *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (text_same_nocase(names->v[i], name))
            return true;
    return false;
}

static void board_list(struct contrib_case *c, struct texts *names, const char *name)
{
    if (!text_blank(name) && names->n < BOARDS_MOST && !board_is_listed(names, name))
        texts_add(c->a, names, name);
}

/* The repository's own, from its annotation; `bad` gets those that are no names of boards. */
static void board_list_own(struct contrib_case *c, struct texts *names, struct texts *bad)
{
    for (const char *p = c->catalog.boards; p && *p;) {
        size_t n = strcspn(p, ",");
        struct str one = str_trim((struct str){p, n});
        if (board_is_name(one))
            board_list(c, names, arena_str(c->a, one));
        else if (one.n && bad->n < BOARDS_MOST)
            texts_add(c->a, bad, arena_str(c->a, one));
        p += p[n] ? n + 1 : n;
    }
}

/* --- the place on it --- */

static const struct board_item *board_find_item(const struct fact *items, const char *name)
{
    MANY_EACH(const struct board_item, item, &items->items)
    if (item->board && text_same_nocase(item->board, name))
        return item;
    return NULL;
}

/* Read the board. False: not yet, or it cannot be seen, which is said. */
static bool board_read(struct contrib_case *c, struct board *b)
{
    b->fact = contrib_want(c, c->tracker, FACT_BOARD, b->name);
    if (b->fact && b->fact->state != FACT_HERE)
        contrib_note(c, arena_fmt(c->a, "board %s is not there for us%s%s", b->name, b->fact->why ? ": " : "",
                                  b->fact->why ? b->fact->why : ""));
    return contrib_here(b->fact);
}

static bool board_add(struct contrib_case *c, struct board *b)
{
    if (b->item)
        return true;
    if (!board_read(c, b))
        return false;
    struct change *change = contrib_change(c, CHANGE_BOARD_ADD);
    change->id = b->fact->text;
    change->content = c->issue->id;
    change->name = b->name;
    return true;
}

/* --- its fields --- */

static const char *board_value(const struct board *b, const char *field)
{
    if (!b->item)
        return NULL;
    MANY_EACH(const struct board_value, value, &b->item->values)
    if (text_same(value->field, field))
        return value->value;
    return NULL;
}

static bool board_has(const struct board *b, const struct board_wish *w)
{
    const char *now = board_value(b, w->field);
    if (!now)
        return false;
    return w->kind == VALUE_DATE ? strncmp(now, w->text, DAY_CHARS) == 0 : text_same(now, w->text);
}

static const struct board_field *board_find_field(const struct board *b, const char *name)
{
    MANY_EACH(const struct board_field, field, &b->fact->fields)
    if (text_same(field->name, name))
        return field;
    return NULL;
}

/* Its type rules how the value is written; a text takes a day as well. False: it takes no such value. */
static bool board_takes(const struct board_field *field, enum value_kind *kind)
{
    if (text_same(field->type, "TEXT"))
        *kind = VALUE_TEXT;
    return text_same(field->type, *kind == VALUE_DATE ? "DATE" : "TEXT");
}

static void board_set(struct contrib_case *c, struct board *b, const struct board_wish *w)
{
    if (text_blank(w->field) || board_has(b, w) || !(b->fact || board_read(c, b)))
        return;
    enum value_kind kind = w->kind;
    const struct board_field *field = board_find_field(b, w->field);
    if (!field || !board_takes(field, &kind)) {
        contrib_note(c, arena_fmt(c->a, field ? "board %s: the field %s is of type %s" : "board %s has no field %s%s",
                                  b->name, w->field, field && field->type ? field->type : ""));
        return;
    }
    struct change *change = contrib_change(c, CHANGE_BOARD_FIELD);
    change->id = b->fact->text;
    change->name = w->field;
    change->other = (struct target){.tracker = c->tracker, .ref = b->item ? b->item->id : NULL};
    plan_field(c->a, change, (struct field_value){field->id, kind, w->text, 0});
}

static void board_set_day(struct contrib_case *c, struct board *b, const char *field, int64_t ms)
{
    char buf[WHEN_TEXT_BYTES];
    if (!ms) {
        contrib_note(c, arena_fmt(c->a, "board %s: no day for the field %s", b->name, field));
        return;
    }
    when_text(ms, buf);
    board_set(c, b, &(struct board_wish){field, VALUE_DATE, arena_str(c->a, (struct str){buf, DAY_CHARS})});
}

/* A person is written with the name; a team as it is called. NULL: none, or not known yet. */
static const char *board_owner(struct contrib_case *c)
{
    const struct contrib_catalog *catalog = &c->catalog;
    if (text_blank(catalog->owner) || !catalog->is_person)
        return catalog->owner;
    const struct fact *f = contrib_want(c, c->tracker, FACT_PERSON, catalog->owner);
    if (!f)
        return NULL;
    const struct person *who = f->state == FACT_HERE ? f->people.v : NULL;
    if (!who || !f->people.n) {
        contrib_note(c, arena_fmt(c->a, "the owner, @%s, is not known to the tracker", catalog->owner));
        return NULL;
    }
    if (text_blank(who->name))
        return arena_fmt(c->a, "@%s", catalog->owner);
    return arena_fmt(c->a, "%s (@%s)", who->name, catalog->owner);
}

static void board_set_all(struct contrib_case *c, struct board *b)
{
    const struct contrib_fields *names = &c->own->fields;
    if (c->state == CONTRIB_OPEN) {
        const char *owner = board_owner(c);
        board_set_day(c, b, names->opened, c->issue->created_ms);
        if (!text_blank(owner))
            board_set(c, b, &(struct board_wish){names->owner, VALUE_TEXT, owner});
    } else if (c->state == CONTRIB_MERGED) {
        board_set_day(c, b, names->closed, c->issue->pull.merged_ms);
    } else if (c->state == CONTRIB_CLOSED) {
        board_set_day(c, b, names->closed, c->issue->closed_ms);
    }
}

/* --- all of them --- */

static void board_plan(struct contrib_case *c, const char *name)
{
    struct unit unit;
    contrib_begin(c, &unit, arena_fmt(c->a, "board %s", name), "update");
    const struct fact *items = contrib_want(c, c->tracker, FACT_BOARD_ITEMS, c->issue->ref);
    struct board b = {.name = name, .item = items ? board_find_item(items, name) : NULL};
    if (!items) {
        /* still to be read, or it cannot be */
    } else if (items->state != FACT_HERE) {
        contrib_note(c, arena_fmt(c->a, "board %s: the places on boards cannot be read", name));
    } else if (board_add(c, &b) && !c->is_blended && text_same(name, c->own->projects.ospr)) {
        board_set_all(c, &b);
    }
    contrib_end(c);
}

static void board_say_bad(struct contrib_case *c, const struct texts *bad)
{
    struct unit unit;
    contrib_begin(c, &unit, "board", "update");
    for (size_t i = 0; i < bad->n; i++)
        contrib_note(c,
                     arena_fmt(c->a, "catalog-info.yaml: %s is no board, ORG:NUMBER", problem_quote(c->a, bad->v[i])));
    contrib_end(c);
}

void contrib_boards(struct contrib_case *c)
{
    if (c->author.class != CONTRIB_OSPR)
        return;
    struct texts names = {0}, bad = {0};
    board_list(c, &names, c->is_blended ? c->own->projects.blended : c->own->projects.ospr);
    if (!c->is_draft)
        board_list_own(c, &names, &bad);
    for (size_t i = 0; i < names.n; i++)
        board_plan(c, names.v[i]);
    if (bad.n)
        board_say_bad(c, &bad);
}
