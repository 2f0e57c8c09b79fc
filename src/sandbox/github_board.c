/* Boards ("projects"), their fields and items. */
#include "base/base.h"

#include "sandbox/github_private.h"

struct sg_board *sg_board_find(const struct sg_site *g, const char *org, int64_t number)
{
    const struct sg_user *u = sg_user_find(g, org);
    for (size_t i = 0; u && i < u->boards.n; i++)
        if (u->boards.v[i]->number == number)
            return u->boards.v[i];
    return NULL;
}

static struct sg_field *board_field(const struct sg_board *b, const char *name)
{
    for (size_t i = 0; i < b->fields.n; i++)
        if (strcmp(b->fields.v[i]->name, name) == 0)
            return b->fields.v[i];
    return NULL;
}

/* A field is {"name", "type", "options"}, or a name alone: a text. */
static void board_fill_field(struct sg_site *g, struct sg_board *b, const struct json *from)
{
    const char *name = json_text(from) ? json_text(from) : sg_text(from, "name", NULL);
    if (text_blank(name))
        return;
    struct sg_field *f = board_field(b, name);
    if (!f) {
        f = mem_zero(sizeof *f);
        f->id = sg_id(g);
        f->name = mem_text(name);
        SANDBOX_ADD(&b->fields, f);
    }
    sandbox_set_text(&f->type, sg_text(from, "type", f->type ? f->type : "TEXT"));
    sandbox_words_read(&f->options, json_get(from, "options"));
}

struct sg_board *sg_board_fill(struct sg_site *g, const char *org, int64_t number, const struct json *from)
{
    struct sg_board *b = sg_board_find(g, org, number);
    if (!b) {
        b = mem_zero(sizeof *b);
        b->id = sg_id(g);
        b->number = number;
        b->owner = sg_user_ensure(g, org);
        sandbox_set_text(&b->owner->type, "Organization");
        b->title = mem_text("A board");
        SANDBOX_ADD(&b->owner->boards, b);
        map_put(g->boards, b->id, b);
    }
    sandbox_set_text(&b->title, sg_text(from, "title", b->title));
    b->is_hidden = json_bool(json_get(from, "hidden"), b->is_hidden);
    JSON_EACH (it, json_get(from, "fields"))
        board_fill_field(g, b, it);
    return b;
}

struct sg_item *sg_item_ensure(struct sg_site *g, struct sg_board *b, struct sg_issue *i)
{
    for (size_t n = 0; n < i->items.n; n++)
        if (i->items.v[n]->board == b)
            return i->items.v[n];
    struct sg_item *item = mem_zero(sizeof *item);
    item->id = sg_id(g);
    item->board = b;
    item->issue = i;
    SANDBOX_ADD(&i->items, item);
    SANDBOX_ADD(&b->items, item);
    map_put(g->items, item->id, item);
    return item;
}

const char *sg_item_value(const struct sg_item *item, size_t field)
{
    return field < item->values.n ? item->values.v[field] : NULL;
}

void sg_item_set(struct sg_item *item, size_t field, const char *value)
{
    while (item->values.n <= field)
        SANDBOX_ADD(&item->values, NULL);
    sandbox_set_text(&item->values.v[field], value);
}

static void board_item_free(struct sg_item *item)
{
    for (size_t i = 0; i < item->values.n; i++)
        mem_free(item->values.v[i]);
    mem_free(item->values.v);
    mem_free(item);
}

void sg_board_free(struct sg_board *b)
{
    for (size_t i = 0; i < b->items.n; i++)
        board_item_free(b->items.v[i]);
    for (size_t i = 0; i < b->fields.n; i++) {
        struct sg_field *f = b->fields.v[i];
        mem_free(f->name);
        mem_free(f->type);
        sandbox_words_clear(&f->options);
        mem_free(f);
    }
    mem_free(b->items.v);
    mem_free(b->fields.v);
    mem_free(b->title);
    mem_free(b);
}
