/* show_table.c: rows below their titles, each column as wide as what it holds; one that holds nothing is left out. */
#include "base/base.h"
#include "base/utf8.h"
#include "cli/show_private.h"

enum { SHOW_CELL_BYTES = 64 * 1024, SHOW_TIME_POINTS = 19 };

static void show_cell(const struct json *row, const struct show_column *c, struct text *to)
{
    int64_t n;
    text_reset(to);
    if (c->write)
        c->write(row, to);
    else if (json_int(json_path(row, c->path), &n))
        text_addf(to, "%" PRId64, n);
    else if (c->is_time) /* seconds are enough in a list */
        text_addf(to, "%.*s", SHOW_TIME_POINTS, show_text(row, c->path));
    else
        text_addz(to, show_text(row, c->path));
}

void show_padded(struct text *to, const char *text, size_t width)
{
    size_t n = utf8_points(str_of(text));
    show_cut(to, text, n > width ? width - 1 : width);
    for (; n < width; n++)
        text_addc(to, ' ');
}

/* Of the name of an issue the end says most. */
static void show_padded_end(struct text *to, const char *text, size_t width)
{
    size_t points = utf8_points(str_of(text));
    if (points <= width) {
        show_padded(to, text, width);
        return;
    }
    size_t skip = utf8_prefix(str_of(text), points - width + 1);
    text_addz(to, "…");
    show_cut(to, text + skip, width);
}

static size_t show_width(const struct json *rows, const struct show_column *c, struct text *cell)
{
    size_t title = strlen(c->title), width = 0;
    JSON_EACH (row, rows) {
        show_cell(row, c, cell);
        size_t points = utf8_points(text_str(cell));
        width = points > width ? points : width;
    }
    width = width > c->most ? c->most : width;
    return width > 0 && width < title ? title : width;
}

static void show_columns(const struct json *row, const struct show_column *columns, const size_t *widths, size_t n,
                         struct text *cell, struct text *to)
{
    size_t last = n - 1;
    while (last > 0 && widths[last] == 0)
        last--;
    for (size_t i = 0; i <= last; i++) {
        if (widths[i] == 0)
            continue;
        text_reset(cell);
        if (row)
            show_cell(row, &columns[i], cell);
        const char *text = row ? text_z(cell) : columns[i].title;
        if (i == last)
            show_cut(to, text, columns[i].most);
        else
            (row && columns[i].keeps_end ? show_padded_end : show_padded)(to, text, widths[i]);
        text_addz(to, i == last ? "" : "  ");
    }
    while (to->n > 0 && to->p[to->n - 1] == ' ')
        text_cut(to, to->n - 1);
    text_addc(to, '\n');
}

void show_table(const struct json *rows, const struct show_column *columns, size_t n, struct text *to)
{
    size_t widths[SHOW_COLUMNS];
    AUTO(text_auto) struct text cell;
    text_init(&cell, SHOW_CELL_BYTES);
    check(n > 0 && n <= SHOW_COLUMNS);
    for (size_t i = 0; i < n; i++)
        widths[i] = show_width(rows, &columns[i], &cell);
    if (json_count(rows) > 0)
        show_columns(NULL, columns, widths, n, &cell, to);
    JSON_EACH (row, rows)
        show_columns(row, columns, widths, n, &cell, to);
}

void show_fit(struct text *to, struct str table, size_t columns)
{
    while (table.n > 0) {
        const char *end = memchr(table.p, '\n', table.n);
        struct str line = {table.p, end ? (size_t)(end - table.p) : table.n};
        size_t n = utf8_points(line) > columns ? utf8_prefix(line, columns - 1) : line.n;
        text_add(to, (struct str){line.p, n});
        text_addz(to, n < line.n ? "…\n" : "\n");
        table.p += line.n + (end != NULL);
        table.n -= line.n + (end != NULL);
    }
}
