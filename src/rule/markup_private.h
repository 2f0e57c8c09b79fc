/*
 * markup_private.h: what the parts of the markup renderer share. One struct markup is one conversion, used by one
 * thread. Blocks (markup_block.c) call inlines (markup_inline.c), which call the escaping of text (markup_escape.c).
 */
#ifndef RULE_MARKUP_PRIVATE_H
#define RULE_MARKUP_PRIVATE_H

#include <cmark-gfm.h>

#include "base/text.h"

struct map;

enum {
    MARKUP_DEPTH = 100,          /* nesting rendered as such; what is deeper becomes plain text */
    MARKUP_PARSE_BYTES = 1 << 20 /* longer documents become plain text, unparsed: a node costs some 200 bytes */
};

/* The kinds of nodes, those of the extensions included. */
enum markup_kind {
    KIND_OTHER,
    KIND_QUOTE,
    KIND_LIST,
    KIND_ITEM,
    KIND_CODE_BLOCK,
    KIND_HTML_BLOCK,
    KIND_PARAGRAPH,
    KIND_HEADING,
    KIND_RULE,
    KIND_NOTE,
    KIND_TABLE,
    KIND_ROW,
    KIND_HEAD_ROW,
    KIND_CELL,
    KIND_TEXT,
    KIND_SOFT_BREAK,
    KIND_HARD_BREAK,
    KIND_CODE,
    KIND_HTML,
    KIND_EMPH,
    KIND_STRONG,
    KIND_STRIKE,
    KIND_LINK,
    KIND_IMAGE,
    KIND_NOTE_REF
};

struct markup {
    struct text out;
    struct text marker;  /* the markers of the open lists, "*#" */
    struct map *anchors; /* hash of an anchor → how often it was used */
    unsigned flags;      /* MARKUP_… */
    unsigned depth;
    unsigned gap; /* line ends owed before the next block */
    size_t start; /* what is written from here counts as the start of a line */
    unsigned notes;
    bool in_list;
    bool in_quote; /* inside {quote}, which does not nest */
    bool in_cell;
    bool in_link;
    bool one_line; /* heading, cell, bq.: a line end would end the block */
};

/* How to parse a document, seen before. */
struct markup_cost {
    bool is_too_deep;     /* not parsed at all */
    bool has_huge_tables; /* parsed without tables */
    bool has_notes;       /* parsed with notes: they are sound */
};
struct markup_cost markup_cost(struct str s);

enum markup_kind markup_kind(cmark_node *node);
struct str markup_literal(cmark_node *node); /* borrowed from the node */

/* Blocks. */
void markup_blocks(struct markup *m, cmark_node *parent);
void markup_code_block(struct markup *m, struct str code, struct str language);
void markup_block_begin(struct markup *m); /* pay the line ends that are owed */
/* Lines of plain text as a paragraph: white space collapsed, blank lines dropped, all escaped. */
void markup_plain(struct markup *m, struct str lines);

/* Inlines. */
void markup_inlines(struct markup *m, cmark_node *parent);
/* Would a line break be written within this paragraph? */
bool markup_has_break(const struct markup *m, cmark_node *paragraph);
/* All text below the node, unstyled: for what is nested too deeply. */
void markup_flat(struct markup *m, cmark_node *node);

/* What stands beside a run of text; decides whether a special character at its edge needs a backslash. */
enum markup_edge { EDGE_OTHER, EDGE_SPACE, EDGE_WORD };
struct markup_run {
    struct str text;
    enum markup_edge before, after;
    bool is_code; /* no emoji names and no formulas in it */
};
void markup_text(struct markup *m, struct markup_run run);
enum markup_edge markup_edge_of(char c);
bool markup_alnum(struct str s, size_t at); /* does a letter or digit of any script begin at this byte? */
bool markup_at_start(const struct markup *m);
/* The escaped text as Jira reads it without markup: entity-like references for what would end an attribute. */
void markup_attr(struct markup *m, struct str value);
void markup_url(struct markup *m, struct str url, bool is_image);
/* The anchor of a heading: lower case, punctuation dropped, spaces to hyphens. */
void markup_slug(struct text *ret, struct str title);

/* The emoji of a name without colons; NULL when the name is not in the table. */
const char *markup_emoji(struct str name);

/* HTML. */
enum markup_tag { TAG_TEXT /* no tag of HTML: text */, TAG_DROP, TAG_BREAK /* <br> */, TAG_LINE, TAG_SPACE };
/* The construct at the start of s, which begins with '<'; sets its length. TAG_TEXT: only the '<' itself. */
enum markup_tag markup_tag(struct str s, size_t *ret_length);
/* The text of a piece of HTML: tags and comments dropped, entities decoded, blocks and cells set apart. */
void markup_html_text(struct text *ret, struct str html);

#endif
