/*
 * markup.h: GitHub-flavoured Markdown → Jira wiki markup, and cutting to a service's length. Pure, over cmark-gfm's
 * parser; the renderer is ours. Nothing of the text is lost, and nothing comes alive that was plain text.
 */
#ifndef RULE_MARKUP_H
#define RULE_MARKUP_H

#include "base/base.h"

struct arena;

enum { MARKUP_KEEP_LINES = 1 /* a single line break stays one */ };

/*
 * Result in the arena, white space stripped at both ends; the arena needs room for 8 times the input and 64 KiB. Linear
 * in the input; input of any bytes. What is over 1 MiB, or nested without reason, is kept as plain text. Any thread.
 */
const char *markup_to_jira(struct arena *a, const char *markdown, unsigned flags);

/*
 * At most `limit` code points: cut at the last white space before the limit, hard when there is none; a {code},
 * {noformat} or {quote} that the cut leaves open is closed within the limit. Never more than the limit.
 */
const char *markup_cut(struct arena *a, const char *text, size_t limit);
/* The same for plain text. */
const char *text_cut_words(struct arena *a, const char *text, size_t limit);

#endif
