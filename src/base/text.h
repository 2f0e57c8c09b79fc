/*
 * text.h: a growing, terminated buffer with a stated maximum.
 *
 * struct text is owned by its holder: text_init, then text_free. Reaching the maximum drops what does not fit and
 * sets `full`; the writer asks text_full once at the end instead of checking each append.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/base.h"

struct text {
    char *p; /* always terminated once something was added; NULL before */
    size_t n;
    size_t room;
    size_t max; /* bytes, without the terminator */
    bool full;
};

void text_init(struct text *t, size_t max_bytes);
void text_free(struct text *t);
void text_auto(struct text *t);  /* for AUTO on a struct text */
void text_reset(struct text *t); /* empty, keep the room */
void text_add(struct text *t, struct str s);
void text_addz(struct text *t, const char *s); /* NULL adds nothing */
void text_addc(struct text *t, char c);
PRINTF(2, 3) void text_addf(struct text *t, const char *format, ...);
void text_cut(struct text *t, size_t n); /* shorten to n bytes */
bool text_full(const struct text *t);
const char *text_z(const struct text *t); /* never NULL */
static inline struct str text_str(const struct text *t)
{
    return (struct str){t->p, t->n};
}

/* Small helpers over terminated texts; results in the arena. */
struct arena;
/* Lower-cased in ASCII only. */
char *text_lower(struct arena *a, const char *s);
/* Without white space at both ends (ASCII space, tab, CR, LF, VT, FF). */
struct str str_trim(struct str s);
int hex_digit(char c); /* its value; -1 when it is none */
/* A whole number in decimal, nothing else around it; false also when it does not fit. */
bool str_int(struct str s, int64_t *ret);
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
/* Shell pattern: * (also over slashes), ?, [abc], [!a-c]; a backslash is itself; case counts. */
bool text_matches(const char *s, const char *pattern);
/* Equality without ASCII case. */
bool text_same_nocase(const char *a, const char *b);
/* The word nearest to `word` by edit distance, at most a third of its length (at least 2) away; NULL when none is near.
 */
const char *text_nearest(const char *word, const char *const *words, size_t n);

#endif
