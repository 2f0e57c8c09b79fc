/* show_private.h: what those share who show answers to people. */
#ifndef CLI_SHOW_PRIVATE_H
#define CLI_SHOW_PRIVATE_H

#include "cli/show.h"

const char *show_text(const struct json *v, const char *path); /* "" when there is none */
int64_t show_number(const struct json *v, const char *path);   /* 0 when there is none */
/* Without what would do something to a terminal, and no longer than that. */
void show_cut(struct text *to, const char *text, size_t points);
void show_padded(struct text *to, const char *text, size_t width);

#endif
