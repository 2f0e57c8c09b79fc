/* show_private.h: what those share who show answers to people. */
#ifndef CLI_SHOW_PRIVATE_H
#define CLI_SHOW_PRIVATE_H

#include "cli/show.h"

const char *show_text(const struct json *v, const char *path); /* "" when there is none */
int64_t show_number(const struct json *v, const char *path);   /* 0 when there is none */
/* Without what would do something to a terminal, and no longer than that. */
void show_cut(struct text *to, const char *text, size_t points);
void show_padded(struct text *to, const char *text, size_t width);

enum { SHOW_COLUMNS = 8 };
struct show_column {
    const char *title;
    const char *path;                                       /* of a text or a number in the row; or… */
    void (*write)(const struct json *row, struct text *to); /* …what it says */
    size_t most;                                            /* characters */
    bool keeps_end, is_time;                                /* cut at its front; a time, shown to the second */
};
/* Nothing when there are no rows. The last column is not padded. */
void show_table(const struct json *rows, const struct show_column *columns, size_t n, struct text *to);

#endif
