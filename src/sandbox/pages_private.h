/* pages_private.h: the pieces of a page, each escaping what it is given. */
#ifndef SANDBOX_PAGES_PRIVATE_H
#define SANDBOX_PAGES_PRIVATE_H

#include "sandbox/sandbox_private.h"

struct text *page_begin(struct sandbox_call *c, int status, const char *title);
void page_end(struct text *t);
void page_text(struct text *t, const char *s);
void page_row(struct text *t, const char *name, const char *value);
void page_link(struct text *t, const char *url, const char *title);
void page_tags(struct text *t, const char *name, const struct sandbox_words *words);
void page_said(struct sandbox_call *c, const char *who, int64_t at_ms, const char *text);
void page_missing(struct sandbox_call *c, const char *title);

#endif
