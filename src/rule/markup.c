/* markup.c: one conversion from end to end: parse, render, strip. */
#include "base/base.h"

#include "rule/markup.h"

#include <cmark-gfm-core-extensions.h>
#include <pthread.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/utf8.h"
#include "rule/markup_private.h"

enum {
    MKMAIN_OPTIONS = CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE,
    MKMAIN_GROWTH = 8, /* times the input; escapes, anchors and markers stay far below */
    MKMAIN_ROOM = 1 << 16
};

/* While it parses, cmark keeps the special characters of its extensions in a global table: one parser at a time. */
static pthread_mutex_t mkmain_parser_lock = PTHREAD_MUTEX_INITIALIZER;

static const struct mkmain_kind {
    int type;
    enum markup_kind kind;
} mkmain_kinds[] = {
    {CMARK_NODE_TEXT, KIND_TEXT},
    {CMARK_NODE_SOFTBREAK, KIND_SOFT_BREAK},
    {CMARK_NODE_PARAGRAPH, KIND_PARAGRAPH},
    {CMARK_NODE_LINEBREAK, KIND_HARD_BREAK},
    {CMARK_NODE_CODE, KIND_CODE},
    {CMARK_NODE_HTML_INLINE, KIND_HTML},
    {CMARK_NODE_EMPH, KIND_EMPH},
    {CMARK_NODE_STRONG, KIND_STRONG},
    {CMARK_NODE_LINK, KIND_LINK},
    {CMARK_NODE_IMAGE, KIND_IMAGE},
    {CMARK_NODE_FOOTNOTE_REFERENCE, KIND_NOTE_REF},
    {CMARK_NODE_LIST, KIND_LIST},
    {CMARK_NODE_ITEM, KIND_ITEM},
    {CMARK_NODE_BLOCK_QUOTE, KIND_QUOTE},
    {CMARK_NODE_CODE_BLOCK, KIND_CODE_BLOCK},
    {CMARK_NODE_HTML_BLOCK, KIND_HTML_BLOCK},
    {CMARK_NODE_HEADING, KIND_HEADING},
    {CMARK_NODE_THEMATIC_BREAK, KIND_RULE},
    {CMARK_NODE_FOOTNOTE_DEFINITION, KIND_NOTE},
};

/* The types of the extensions are numbered at run time. */
static const struct mkmain_name {
    const char *name;
    enum markup_kind kind;
} mkmain_names[] = {
    {"strikethrough", KIND_STRIKE},  {"table_cell", KIND_CELL}, {"table_row", KIND_ROW},
    {"table_header", KIND_HEAD_ROW}, {"table", KIND_TABLE},
};

enum markup_kind markup_kind(cmark_node *node)
{
    int type = (int)cmark_node_get_type(node);
    for (size_t i = 0; i < COUNT(mkmain_kinds); i++)
        if (type == mkmain_kinds[i].type)
            return mkmain_kinds[i].kind;
    const char *name = cmark_node_get_type_string(node);
    for (size_t i = 0; i < COUNT(mkmain_names); i++)
        if (strcmp(name, mkmain_names[i].name) == 0)
            return mkmain_names[i].kind;
    return KIND_OTHER;
}

struct str markup_literal(cmark_node *node)
{
    return str_of(cmark_node_get_literal(node));
}

static cmark_node *mkmain_parse(struct str markdown, struct markup_cost cost)
{
    static const char *const extensions[] = {"strikethrough", "autolink", "tasklist", "table"};
    check(pthread_mutex_lock(&mkmain_parser_lock) == 0);
    cmark_gfm_core_extensions_ensure_registered();
    cmark_parser *parser = cmark_parser_new(MKMAIN_OPTIONS | (cost.has_notes ? CMARK_OPT_FOOTNOTES : 0));
    for (size_t i = 0; i < COUNT(extensions) - (cost.has_huge_tables ? 1 : 0); i++)
        cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(extensions[i]));
    cmark_parser_feed(parser, markdown.p, markdown.n);
    cmark_node *document = cmark_parser_finish(parser);
    cmark_parser_free(parser);
    check(pthread_mutex_unlock(&mkmain_parser_lock) == 0);
    cmark_consolidate_text_nodes(document);
    return document;
}

/* The bytes as valid UTF-8 with plain line ends; what is not UTF-8 becomes U+FFFD, as the parser has it. */
static void mkmain_repair(struct text *ret, struct str s)
{
    for (size_t at = 0, n; at < s.n; at += n) {
        struct str rest = {s.p + at, s.n - at};
        bool is_valid = (n = utf8_step(rest)) > 0;
        if (!is_valid) {
            text_addz(ret, "\xef\xbf\xbd");
            n = 1;
        } else if (s.p[at] != '\r') {
            text_add(ret, (struct str){rest.p, n});
        } else if (rest.n == 1 || rest.p[1] != '\n') {
            text_addc(ret, '\n');
        }
    }
}

/* Is this line of a front block YAML: a key, a comment, or more of what is above? */
static bool mkmain_is_yaml(struct str line, bool is_first)
{
    size_t i = 0;
    while (i < line.n && (line.p[i] == '_' || line.p[i] == '-' || line.p[i] == '.' || markup_alnum(line, i)))
        i++;
    bool has_key = i > 0 && i < line.n && line.p[i] == ':' && (i + 1 == line.n || line.p[i + 1] == ' ');
    return has_key || (!is_first && (line.n == 0 || strchr(" \t#-", line.p[0])));
}

/* Length of the YAML block between --- lines that the text begins with, 0 when there is none; its lines in *ret. */
static size_t mkmain_front(struct str s, struct str *ret)
{
    if (s.n < 4 || memcmp(s.p, "---\n", 4) != 0)
        return 0;
    for (size_t at = 4; at < s.n;) {
        const char *end = memchr(s.p + at, '\n', s.n - at);
        size_t n = (end ? (size_t)(end - s.p) : s.n) - at;
        struct str line = {s.p + at, n};
        if (at > 4 && (str_same(line, STR("---")) || str_same(line, STR("...")))) {
            *ret = (struct str){s.p + 4, at - 4};
            return at + n + (end ? 1 : 0);
        }
        if (!mkmain_is_yaml(line, at == 4))
            return 0;
        at += n + 1;
    }
    return 0;
}

static void mkmain_init(struct markup *m, size_t input, unsigned flags)
{
    *m = (struct markup){.flags = flags, .anchors = map_new()};
    text_init(&m->out, input * MKMAIN_GROWTH + MKMAIN_ROOM);
    text_init(&m->marker, MARKUP_DEPTH + 1);
}

static void mkmain_done(struct markup *m)
{
    text_free(&m->out);
    text_free(&m->marker);
    map_free(m->anchors);
}

static void mkmain_render(struct markup *m, struct str s, struct markup_cost cost)
{
    struct str front = {0};
    size_t skip = mkmain_front(s, &front);
    if (skip > 0)
        markup_code_block(m, front, (struct str){0});
    cmark_node *document = mkmain_parse((struct str){s.p + skip, s.n - skip}, cost);
    markup_blocks(m, document);
    cmark_node_free(document);
}

/* Without blanks, line ends and no-break spaces at both ends. */
static struct str mkmain_strip(struct str s)
{
    static const char hard_space[] = "\xc2\xa0";
    for (size_t before = s.n + 1; s.n != before;) {
        before = s.n;
        s = str_trim(s);
        if (s.n >= 2 && memcmp(s.p, hard_space, 2) == 0)
            s = (struct str){s.p + 2, s.n - 2};
        if (s.n >= 2 && memcmp(s.p + s.n - 2, hard_space, 2) == 0)
            s.n -= 2;
    }
    return s;
}

const char *markup_to_jira(struct arena *a, const char *markdown, unsigned flags)
{
    struct str input = str_of(markdown);
    AUTO(text_auto) struct text clean;
    text_init(&clean, input.n * 3);
    mkmain_repair(&clean, input);
    struct markup m;
    mkmain_init(&m, clean.n, flags);
    struct markup_cost cost = markup_cost(text_str(&clean));
    bool is_parsed = clean.n <= MARKUP_PARSE_BYTES && !cost.is_too_deep;
    if (is_parsed && clean.n > 0)
        mkmain_render(&m, text_str(&clean), cost);
    if (!is_parsed || text_full(&m.out)) {
        mkmain_done(&m);
        mkmain_init(&m, clean.n, flags);
        markup_plain(&m, text_str(&clean));
    }
    const char *result = arena_str(a, mkmain_strip(text_str(&m.out)));
    mkmain_done(&m);
    return result;
}
