/* markup_inline.c: emphasis, code, links, images, breaks and inline HTML into wiki markup. */
#include "base/base.h"

#include "rule/markup_private.h"

#include "base/arena.h"
#include "rule/markup.h"

static void mkinline_add(struct markup *m, cmark_node *node);

static struct str mkinline_url(cmark_node *node)
{
    return str_of(cmark_node_get_url(node));
}

/* What becomes of an inline HTML construct. */
static enum markup_tag mkinline_tag(cmark_node *node)
{
    size_t length;
    enum markup_tag tag = markup_tag(markup_literal(node), &length);
    return tag == TAG_LINE || tag == TAG_SPACE ? TAG_DROP : tag;
}

static bool mkinline_is_dropped(cmark_node *node)
{
    return markup_kind(node) == KIND_HTML && mkinline_tag(node) == TAG_DROP;
}

static cmark_node *mkinline_previous(cmark_node *node)
{
    do
        node = cmark_node_previous(node);
    while (node && mkinline_is_dropped(node));
    return node;
}

static cmark_node *mkinline_next(cmark_node *node)
{
    do
        node = cmark_node_next(node);
    while (node && mkinline_is_dropped(node));
    return node;
}

/* The text that a neighbour shows next to us; empty for what is no text. */
static struct str mkinline_shown(cmark_node *node)
{
    enum markup_kind kind = node ? markup_kind(node) : KIND_OTHER;
    bool is_text = kind == KIND_TEXT || (kind == KIND_HTML && mkinline_tag(node) == TAG_TEXT);
    return is_text ? markup_literal(node) : (struct str){0};
}

static bool mkinline_keeps_lines(const struct markup *m)
{
    return (m->flags & MARKUP_KEEP_LINES) && !m->in_link;
}

static enum markup_edge mkinline_edge(const struct markup *m, cmark_node *neighbour, bool is_before)
{
    if (!neighbour)
        return EDGE_OTHER;
    if (markup_kind(neighbour) == KIND_SOFT_BREAK)
        return mkinline_keeps_lines(m) ? EDGE_OTHER : EDGE_SPACE;
    struct str s = mkinline_shown(neighbour);
    return s.n == 0 ? EDGE_OTHER : markup_edge_of(s.p[is_before ? s.n - 1 : 0]);
}

static void mkinline_text(struct markup *m, cmark_node *node)
{
    markup_text(m, (struct markup_run){.text = markup_literal(node),
                                       .before = mkinline_edge(m, mkinline_previous(node), true),
                                       .after = mkinline_edge(m, mkinline_next(node), false)});
}

static void mkinline_space(struct markup *m)
{
    if (m->out.n > m->start && m->out.p[m->out.n - 1] != ' ' && m->out.p[m->out.n - 1] != '\n')
        text_addc(&m->out, ' ');
}

/* Never two line ends in a row: a blank line would end the paragraph, and the list around it. */
static void mkinline_break(struct markup *m)
{
    if (m->in_link)
        mkinline_space(m);
    else if (m->one_line)
        text_addz(&m->out, " \\\\ ");
    else if (!markup_at_start(m))
        text_addc(&m->out, '\n');
}

static void mkinline_soft_break(struct markup *m)
{
    if (mkinline_keeps_lines(m))
        mkinline_break(m);
    else
        mkinline_space(m);
}

/* Jira sees a mark only beside a blank or punctuation, unless it is in braces. */
static bool mkinline_touches(cmark_node *node)
{
    struct str before = mkinline_shown(mkinline_previous(node));
    struct str after = mkinline_shown(mkinline_next(node));
    return (before.n > 0 && markup_edge_of(before.p[before.n - 1]) == EDGE_WORD) || markup_alnum(after, 0);
}

static void mkinline_styled(struct markup *m, cmark_node *node, char mark)
{
    char text[4] = {mark};
    if (mkinline_touches(node))
        memcpy(text, (char[]){'{', mark, '}', '\0'}, sizeof text);
    text_addz(&m->out, text);
    markup_inlines(m, node);
    text_addz(&m->out, text);
}

static void mkinline_code(struct markup *m, cmark_node *node)
{
    text_addz(&m->out, "{{");
    markup_text(m, (struct markup_run){.text = markup_literal(node), .is_code = true});
    text_addz(&m->out, "}}");
}

static void mkinline_html(struct markup *m, cmark_node *node)
{
    enum markup_tag tag = mkinline_tag(node);
    if (tag == TAG_BREAK)
        mkinline_break(m);
    else if (tag == TAG_TEXT)
        mkinline_text(m, node);
}

/* An address that is its own text, or none: [u]. */
static bool mkinline_is_bare(cmark_node *node, struct str url)
{
    cmark_node *child = cmark_node_first_child(node);
    if (!child)
        return true;
    if (cmark_node_next(child) || markup_kind(child) != KIND_TEXT)
        return false;
    struct str text = markup_literal(child), mail = STR("mailto:");
    bool is_mail = url.n == mail.n + text.n && memcmp(url.p, mail.p, mail.n) == 0;
    return str_same(text, is_mail ? (struct str){url.p + mail.n, text.n} : url);
}

static void mkinline_link(struct markup *m, cmark_node *node)
{
    struct str url = mkinline_url(node);
    if (url.n == 0) {
        markup_inlines(m, node);
        return;
    }
    text_addc(&m->out, '[');
    if (!mkinline_is_bare(node, url)) {
        bool was_in_link = m->in_link;
        size_t from = m->out.n;
        m->in_link = true;
        markup_inlines(m, node);
        m->in_link = was_in_link;
        if (m->out.n > from)
            text_addc(&m->out, '|');
    }
    markup_url(m, url, false);
    text_addc(&m->out, ']');
}

/* Append the text below a node, without markup or escapes. */
static void mkinline_collect(struct text *ret, cmark_node *top)
{
    cmark_iter *iter = cmark_iter_new(top);
    while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        enum markup_kind kind = markup_kind(node);
        if (cmark_iter_get_event_type(iter) != CMARK_EVENT_ENTER)
            continue;
        if (kind == KIND_TEXT || kind == KIND_CODE || (kind == KIND_HTML && mkinline_tag(node) == TAG_TEXT))
            text_add(ret, markup_literal(node));
        else if (kind == KIND_SOFT_BREAK || kind == KIND_HARD_BREAK || kind == KIND_HTML)
            text_addc(ret, ' ');
    }
    cmark_iter_free(iter);
}

static void mkinline_image(struct markup *m, cmark_node *node)
{
    struct str url = mkinline_url(node), title = str_of(cmark_node_get_title(node));
    AUTO(text_auto) struct text alt;
    text_init(&alt, m->out.max);
    mkinline_collect(&alt, node);
    if (url.n == 0) {
        markup_text(m, (struct markup_run){.text = text_str(&alt)});
        return;
    }
    text_addc(&m->out, '!');
    markup_url(m, url, true);
    if (title.n > 0) {
        text_addz(&m->out, "|title=");
        markup_attr(m, title);
    }
    if (alt.n > 0) {
        text_addz(&m->out, title.n > 0 ? ", alt=" : "|alt=");
        markup_attr(m, text_str(&alt));
    }
    text_addc(&m->out, '!');
}

static void mkinline_note_ref(struct markup *m, cmark_node *node)
{
    text_addf(&m->out, m->in_link ? "\\[%s\\]" : "[%s]", cmark_node_get_literal(node));
}

static void mkinline_add(struct markup *m, cmark_node *node)
{
    switch ((int)markup_kind(node)) {
    case KIND_TEXT:
        mkinline_text(m, node);
        break;
    case KIND_SOFT_BREAK:
        mkinline_soft_break(m);
        break;
    case KIND_HARD_BREAK:
        mkinline_break(m);
        break;
    case KIND_CODE:
        mkinline_code(m, node);
        break;
    case KIND_HTML:
        mkinline_html(m, node);
        break;
    case KIND_EMPH:
        mkinline_styled(m, node, '_');
        break;
    case KIND_STRONG:
        mkinline_styled(m, node, '*');
        break;
    case KIND_STRIKE:
        mkinline_styled(m, node, '-');
        break;
    case KIND_LINK:
        mkinline_link(m, node);
        break;
    case KIND_IMAGE:
        mkinline_image(m, node);
        break;
    case KIND_NOTE_REF:
        mkinline_note_ref(m, node);
        break;
    default:
        markup_inlines(m, node);
        break;
    }
}

void markup_inlines(struct markup *m, cmark_node *parent)
{
    if (m->depth >= MARKUP_DEPTH) {
        markup_flat(m, parent);
        return;
    }
    m->depth++;
    for (cmark_node *child = cmark_node_first_child(parent); child; child = cmark_node_next(child))
        mkinline_add(m, child);
    m->depth--;
}

bool markup_has_break(const struct markup *m, cmark_node *paragraph)
{
    bool found = false;
    cmark_iter *iter = cmark_iter_new(paragraph);
    while (!found && cmark_iter_next(iter) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        enum markup_kind kind = markup_kind(node);
        found = kind == KIND_HARD_BREAK || (kind == KIND_SOFT_BREAK && mkinline_keeps_lines(m)) ||
                (kind == KIND_HTML && mkinline_tag(node) == TAG_BREAK);
    }
    cmark_iter_free(iter);
    return found;
}

/* One node of a flattened tree; ends of blocks and breaks become blanks. */
static void mkinline_flat_node(struct markup *m, cmark_node *node)
{
    enum markup_kind kind = markup_kind(node);
    AUTO(text_auto) struct text plain;
    text_init(&plain, m->out.max);
    if (kind == KIND_HTML_BLOCK || kind == KIND_HTML)
        markup_html_text(&plain, markup_literal(node));
    struct str s =
        kind == KIND_TEXT || kind == KIND_CODE || kind == KIND_CODE_BLOCK ? markup_literal(node) : text_str(&plain);
    if (s.n > 0)
        markup_text(m, (struct markup_run){.text = s, .is_code = kind != KIND_TEXT});
    else if (kind == KIND_NOTE_REF)
        mkinline_note_ref(m, node);
    if (kind == KIND_SOFT_BREAK || kind == KIND_HARD_BREAK)
        mkinline_space(m);
}

void markup_flat(struct markup *m, cmark_node *node)
{
    cmark_iter *iter = cmark_iter_new(node);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *at = cmark_iter_get_node(iter);
        bool is_block = (cmark_node_get_type(at) & CMARK_NODE_TYPE_MASK) == CMARK_NODE_TYPE_BLOCK;
        if (event == CMARK_EVENT_ENTER)
            mkinline_flat_node(m, at);
        if (is_block)
            mkinline_space(m);
    }
    cmark_iter_free(iter);
}
