/* markup_block.c: headings, lists, quotes, tables, code and notes into wiki markup. */
#include "base/base.h"

#include "rule/markup_private.h"

#include <cmark-gfm-core-extensions.h>

#include "base/map.h"
#include "base/utf8.h"
#include "rule/markup.h"

/* Line ends after a block. */
enum { MKBLOCK_LINE = 1, MKBLOCK_BLANK = 2 };
enum { MKBLOCK_LANGUAGE = 60 /* bytes */ };

static const struct mkblock_alert {
    const char *mark, *title;
} mkblock_alerts[] = {{"[!NOTE]", "Note"},
                      {"[!TIP]", "Tip"},
                      {"[!IMPORTANT]", "Important"},
                      {"[!WARNING]", "Warning"},
                      {"[!CAUTION]", "Caution"}};

static void mkblock_add(struct markup *m, cmark_node *node);

void markup_block_begin(struct markup *m)
{
    for (; m->gap > 0; m->gap--)
        text_addc(&m->out, '\n');
}

/* A paragraph, list or table is over; within a list a blank line would end the list. */
static void mkblock_end(struct markup *m, size_t from)
{
    size_t n = m->out.n;
    while (n > from && (m->out.p[n - 1] == ' ' || m->out.p[n - 1] == '\n'))
        n--;
    text_cut(&m->out, n);
    m->gap = m->in_list ? MKBLOCK_LINE : MKBLOCK_BLANK;
}

static void mkblock_start_here(struct markup *m)
{
    m->start = m->out.n;
}

/* Inlines in a place that ends with the line. */
static void mkblock_one_line(struct markup *m, cmark_node *node)
{
    bool was = m->one_line;
    m->one_line = true;
    mkblock_start_here(m);
    markup_inlines(m, node);
    m->one_line = was;
}

static void mkblock_paragraph(struct markup *m, cmark_node *node)
{
    markup_block_begin(m);
    mkblock_start_here(m);
    markup_inlines(m, node);
    mkblock_end(m, m->start);
}

static void mkblock_anchor(struct markup *m, cmark_node *node)
{
    AUTO(text_auto) struct text title;
    AUTO(text_auto) struct text slug;
    text_init(&title, m->out.max);
    text_init(&slug, m->out.max);
    cmark_iter *iter = cmark_iter_new(node);
    while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
        cmark_node *at = cmark_iter_get_node(iter);
        enum markup_kind kind = markup_kind(at);
        if (kind == KIND_TEXT || kind == KIND_CODE)
            text_add(&title, markup_literal(at));
        else if (kind == KIND_SOFT_BREAK || kind == KIND_HARD_BREAK)
            text_addc(&title, ' ');
    }
    cmark_iter_free(iter);
    markup_slug(&slug, text_str(&title));
    uint64_t key = hash_stable(text_str(&slug));
    uintptr_t used = (uintptr_t)map_get(m->anchors, key);
    map_put(m->anchors, key, (void *)(used + 1));
    text_addf(&m->out, "{anchor:%s", text_z(&slug));
    text_addf(&m->out, used > 0 ? "-%zu}" : "}", (size_t)used);
}

static void mkblock_heading(struct markup *m, cmark_node *node)
{
    markup_block_begin(m);
    text_addf(&m->out, "h%d. ", cmark_node_get_heading_level(node));
    mkblock_anchor(m, node);
    mkblock_one_line(m, node);
    m->gap = MKBLOCK_LINE;
}

static void mkblock_rule(struct markup *m)
{
    markup_block_begin(m);
    text_addz(&m->out, "----");
    m->gap = MKBLOCK_LINE;
}

static bool mkblock_holds(struct str s, const char *word)
{
    return s.n > 0 && memmem(s.p, s.n, word, strlen(word)) != NULL;
}

/* The content with the macro's own name broken by a zero-width space, so that it cannot end the macro. */
static void mkblock_disarmed(struct text *out, struct str code, const char *opening)
{
    size_t n = strlen(opening);
    for (size_t i = 0; i < code.n; i++) {
        text_addc(out, code.p[i]);
        if (code.p[i] == '{' && code.n - i >= n && memcmp(code.p + i, opening, n) == 0)
            text_addz(out, "\xe2\x80\x8b");
    }
}

/* The first word of a fence's info, without what would end the macro's tag or add parameters to it. */
static struct str mkblock_language(struct str info, char room[static MKBLOCK_LANGUAGE])
{
    size_t n = 0;
    if (info.n > 0 && info.p[0] == '{') /* attributes, not a language */
        return (struct str){room, 0};
    for (size_t i = 0, step; i < info.n && !strchr(" \t\r\n", info.p[i]); i += step) {
        step = utf8_step((struct str){info.p + i, info.n - i});
        if (step == 0 || n + step > MKBLOCK_LANGUAGE)
            break;
        if (!strchr("{}|", info.p[i])) {
            memcpy(room + n, info.p + i, step);
            n += step;
        }
    }
    return (struct str){room, n};
}

void markup_code_block(struct markup *m, struct str code, struct str language)
{
    char room[MKBLOCK_LANGUAGE];
    struct str name = mkblock_language(language, room);
    if (code.n > 0 && code.p[code.n - 1] == '\n')
        code.n--;
    bool ends_code = mkblock_holds(code, "{code"), ends_plain = mkblock_holds(code, "{noformat");
    bool is_code = (name.n > 0 && !(ends_code && !ends_plain)) || (name.n == 0 && ends_plain && !ends_code);
    markup_block_begin(m);
    text_addz(&m->out, is_code ? "{code" : "{noformat");
    if (is_code && name.n > 0) {
        text_addc(&m->out, ':');
        text_add(&m->out, name);
    }
    text_addz(&m->out, "}\n");
    mkblock_disarmed(&m->out, code, is_code ? "{code" : "{noformat");
    /* A backslash before the closing brace would take its meaning away. */
    bool ends_line = is_code || (code.n > 0 && code.p[code.n - 1] == '\\');
    text_addf(&m->out, "%s%s", ends_line ? "\n" : "", is_code ? "{code}" : "{noformat}");
    m->gap = MKBLOCK_LINE;
}

static void mkblock_code(struct markup *m, cmark_node *node)
{
    markup_code_block(m, markup_literal(node), str_of(cmark_node_get_fence_info(node)));
}

void markup_plain(struct markup *m, struct str lines)
{
    size_t begun = 0;
    for (size_t at = 0; at < lines.n;) {
        const char *end = memchr(lines.p + at, '\n', lines.n - at);
        size_t n = end ? (size_t)(end - lines.p) - at : lines.n - at;
        struct str line = str_trim((struct str){lines.p + at, n});
        at += n + 1;
        if (line.n == 0)
            continue;
        if (begun++ == 0) {
            markup_block_begin(m);
            mkblock_start_here(m);
        } else {
            text_addc(&m->out, '\n');
        }
        markup_text(m, (struct markup_run){.text = line, .is_code = true});
    }
    if (begun > 0)
        mkblock_end(m, m->start);
}

static void mkblock_html(struct markup *m, cmark_node *node)
{
    AUTO(text_auto) struct text plain;
    text_init(&plain, m->out.max);
    markup_html_text(&plain, markup_literal(node));
    markup_plain(m, text_str(&plain));
}

/* The alert that a quote is, its mark taken off; NULL for a quote. */
static const char *mkblock_alert(cmark_node *quote)
{
    cmark_node *paragraph = cmark_node_first_child(quote);
    cmark_node *mark = paragraph && markup_kind(paragraph) == KIND_PARAGRAPH ? cmark_node_first_child(paragraph) : NULL;
    cmark_node *after = mark ? cmark_node_next(mark) : NULL;
    if (!mark || markup_kind(mark) != KIND_TEXT || (after && markup_kind(after) != KIND_SOFT_BREAK))
        return NULL;
    for (size_t i = 0; i < COUNT(mkblock_alerts); i++)
        if (text_same_nocase(cmark_node_get_literal(mark), mkblock_alerts[i].mark)) {
            cmark_node_free(mark);
            if (after)
                cmark_node_free(after);
            if (!cmark_node_first_child(paragraph))
                cmark_node_free(paragraph);
            return mkblock_alerts[i].title;
        }
    return NULL;
}

static void mkblock_alert_add(struct markup *m, cmark_node *node, const char *title)
{
    markup_block_begin(m);
    text_addz(&m->out, title);
    mkblock_end(m, m->out.n);
    markup_blocks(m, node);
}

static void mkblock_quote_line(struct markup *m, cmark_node *paragraph)
{
    markup_block_begin(m);
    text_addz(&m->out, "bq. ");
    mkblock_one_line(m, paragraph);
    m->gap = MKBLOCK_LINE;
}

/* {quote} does not nest: in it, the paragraphs of an inner quote are marked one by one. */
static void mkblock_inner_quote(struct markup *m, cmark_node *node)
{
    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child))
        if (markup_kind(child) == KIND_PARAGRAPH)
            mkblock_quote_line(m, child);
        else
            mkblock_add(m, child);
}

static void mkblock_long_quote(struct markup *m, cmark_node *node)
{
    struct text marker = m->marker;
    text_init(&m->marker, marker.max);
    markup_block_begin(m);
    text_addz(&m->out, "{quote}\n");
    m->in_quote = true;
    markup_blocks(m, node);
    m->in_quote = false;
    if (m->out.p && m->out.p[m->out.n - 1] != '\n')
        text_addc(&m->out, '\n');
    text_addz(&m->out, "{quote}");
    m->gap = MKBLOCK_LINE;
    text_free(&m->marker);
    m->marker = marker;
}

static void mkblock_quote(struct markup *m, cmark_node *node)
{
    const char *alert = mkblock_alert(node);
    cmark_node *first = cmark_node_first_child(node);
    if (alert)
        mkblock_alert_add(m, node, alert);
    else if (!first)
        return;
    else if (!cmark_node_next(first) && markup_kind(first) == KIND_PARAGRAPH && !markup_has_break(m, first))
        mkblock_quote_line(m, first);
    else if (m->in_quote)
        mkblock_inner_quote(m, node);
    else
        mkblock_long_quote(m, node);
}

static void mkblock_item(struct markup *m, cmark_node *item)
{
    cmark_node *first = cmark_node_first_child(item);
    bool is_task = strcmp(cmark_node_get_type_string(item), "tasklist") == 0;
    /* An item that begins with a list has its marker written by that list's items. */
    if (!first || markup_kind(first) != KIND_LIST || is_task) {
        markup_block_begin(m);
        text_add(&m->out, text_str(&m->marker));
        text_addc(&m->out, ' ');
        if (is_task)
            text_addz(&m->out, cmark_gfm_extensions_get_tasklist_item_checked(item) ? "☒ " : "☐ ");
        mkblock_start_here(m);
    }
    markup_blocks(m, item);
    m->gap = MKBLOCK_LINE;
}

static void mkblock_list(struct markup *m, cmark_node *list)
{
    bool was_in_list = m->in_list;
    m->in_list = true;
    text_addc(&m->marker, cmark_node_get_list_type(list) == CMARK_ORDERED_LIST ? '#' : '*');
    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item))
        mkblock_item(m, item);
    text_cut(&m->marker, m->marker.n - 1);
    m->in_list = was_in_list;
    m->gap = m->in_list ? MKBLOCK_LINE : MKBLOCK_BLANK;
}

static void mkblock_row(struct markup *m, cmark_node *row)
{
    const char *wall = markup_kind(row) == KIND_HEAD_ROW ? "||" : "|";
    markup_block_begin(m);
    text_addz(&m->out, wall);
    for (cmark_node *cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell)) {
        text_addc(&m->out, ' ');
        mkblock_one_line(m, cell);
        text_addc(&m->out, ' ');
        text_addz(&m->out, wall);
    }
    m->gap = MKBLOCK_LINE;
}

static void mkblock_table(struct markup *m, cmark_node *table)
{
    m->in_cell = true;
    for (cmark_node *row = cmark_node_first_child(table); row; row = cmark_node_next(row))
        mkblock_row(m, row);
    m->in_cell = false;
    m->gap = m->in_list ? MKBLOCK_LINE : MKBLOCK_BLANK;
}

static void mkblock_note(struct markup *m, cmark_node *note)
{
    cmark_node *first = cmark_node_first_child(note);
    m->gap++;
    markup_block_begin(m);
    text_addf(&m->out, "\\[%u]", ++m->notes);
    if (first && markup_kind(first) != KIND_PARAGRAPH)
        m->gap = MKBLOCK_LINE;
    else
        text_addc(&m->out, ' ');
    mkblock_start_here(m);
    markup_blocks(m, note);
}

/* Too deep to be shown as what it is. */
static void mkblock_flat(struct markup *m, cmark_node *node)
{
    markup_block_begin(m);
    mkblock_start_here(m);
    markup_flat(m, node);
    mkblock_end(m, m->start);
}

static void mkblock_shallow(struct markup *m, cmark_node *node)
{
    switch ((int)markup_kind(node)) {
    case KIND_PARAGRAPH:
        mkblock_paragraph(m, node);
        break;
    case KIND_HEADING:
        mkblock_heading(m, node);
        break;
    case KIND_RULE:
        mkblock_rule(m);
        break;
    case KIND_CODE_BLOCK:
        mkblock_code(m, node);
        break;
    case KIND_HTML_BLOCK:
        mkblock_html(m, node);
        break;
    case KIND_QUOTE:
        mkblock_quote(m, node);
        break;
    case KIND_LIST:
        mkblock_list(m, node);
        break;
    case KIND_TABLE:
        mkblock_table(m, node);
        break;
    case KIND_NOTE:
        mkblock_note(m, node);
        break;
    default:
        markup_blocks(m, node);
        break;
    }
}

static void mkblock_add(struct markup *m, cmark_node *node)
{
    m->depth++;
    if (m->depth < MARKUP_DEPTH)
        mkblock_shallow(m, node);
    else
        mkblock_flat(m, node);
    m->depth--;
}

void markup_blocks(struct markup *m, cmark_node *parent)
{
    for (cmark_node *child = cmark_node_first_child(parent); child; child = cmark_node_next(child))
        mkblock_add(m, child);
}
