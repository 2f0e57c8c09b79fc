/*
 * field.h: a struct's members as rows, so that one reader and one writer serve every neutral shape and every service.
 *
 * A row binds a JSON path ("fields.status.name") to a member. The same struct may have several tables: one with our
 * own names (traces, API) and one for each service. Pure; values live in the arena that was given.
 */
#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include "base/base.h"

struct arena;
struct json;
struct json_out;
struct text;

/* Texts in order; v may be NULL when n is 0. */
struct texts {
    const char **v;
    size_t n;
};
bool texts_have(const struct texts *t, const char *text);
void texts_add(struct arena *a, struct texts *t, const char *text); /* room doubles, as with many_add */

enum field_type {
    FIELD_TEXT,  /* const char *: a string; a number or boolean is turned into its text; null leaves NULL */
    FIELD_BOOL,  /* bool: true/false; also the words yes/true/on/1 and no/false/off/0 and the numbers 1 and 0 */
    FIELD_INT,   /* int64_t: a whole number, or a text of digits */
    FIELD_COUNT, /* size_t: the same, not negative */
    FIELD_WHEN,  /* int64_t ms since 1970: when_parse; a number is seconds; an empty text is none (0) */
    FIELD_WORD,  /* an enum, by words: one of its words, written always */
    FIELD_TEXTS, /* struct texts: an array of strings or numbers */
    FIELD_ONE,   /* a struct inside, by sub */
    FIELD_MANY   /* struct many: an array of structs, by sub */
};

struct many { /* an array of structs of one kind; the items' type is named where it is declared */
    void *v;
    size_t n;
};

/* A new zeroed item at the end; it may move the others. Room doubles: only for lists that begin empty and grow by this.
 */
void *many_add(struct arena *a, struct many *m, size_t size);
#define MANY_ADD(a, m, type)   ((type *)many_add((a), (m), sizeof(type)))
#define MANY_EACH(type, it, m) for (type *it = (m)->v, *it##_end = it ? it + (m)->n : it; it != it##_end; it++)

struct words { /* those of an enum, in its order from 0 */
    const char *const *v;
    size_t n;
};
/* The word's place; -1 when it is none of them. */
int words_find(const struct words *w, const char *word);

struct field_table;
struct field {
    const char *path;
    enum field_type type;
    bool required; /* reading fails with ERR_INPUT when it is absent */
    size_t at;     /* offset of the member */
    const struct field_table *sub;
    const struct words *words;
};
struct field_table {
    const char *name; /* for messages: "event" */
    size_t size;      /* of the struct */
    const struct field *fields;
    size_t n;
};

/* The macros refuse a member of another C type. */
#define FIELD_IS(s, m, type) (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((s *)0)->m), type) ? 1 : -1]))
#define FIELD_ENUM(s, m)     (0 * sizeof(char[sizeof(((s *)0)->m) == sizeof(unsigned) ? 1 : -1]))
#define F_PLAIN(s, m, p, t, c, must)                                                                                   \
    {                                                                                                                  \
        (p), (t), (must), offsetof(s, m) + FIELD_IS(s, m, c), NULL, NULL                                               \
    }
#define F_TEXT(s, m, p)  F_PLAIN(s, m, p, FIELD_TEXT, const char *, false)
#define F_BOOL(s, m, p)  F_PLAIN(s, m, p, FIELD_BOOL, bool, false)
#define F_INT(s, m, p)   F_PLAIN(s, m, p, FIELD_INT, int64_t, false)
#define F_COUNT(s, m, p) F_PLAIN(s, m, p, FIELD_COUNT, size_t, false)
#define F_WHEN(s, m, p)  F_PLAIN(s, m, p, FIELD_WHEN, int64_t, false)
#define F_TEXTS(s, m, p) F_PLAIN(s, m, p, FIELD_TEXTS, struct texts, false)
/* Required ones. */
#define F_TEXT_MUST(s, m, p) F_PLAIN(s, m, p, FIELD_TEXT, const char *, true)
#define F_INT_MUST(s, m, p)  F_PLAIN(s, m, p, FIELD_INT, int64_t, true)
#define F_WORD(s, m, p, w)                                                                                             \
    {                                                                                                                  \
        (p), FIELD_WORD, false, offsetof(s, m) + FIELD_ENUM(s, m), NULL, &(w)                                          \
    }
#define F_ONE(s, m, p, t)                                                                                              \
    {                                                                                                                  \
        (p), FIELD_ONE, false, offsetof(s, m), &(t), NULL                                                              \
    }
#define F_MANY(s, m, p, t)                                                                                             \
    {                                                                                                                  \
        (p), FIELD_MANY, false, offsetof(s, m) + FIELD_IS(s, m, struct many), &(t), NULL                               \
    }
#define FIELD_TABLE(title, s, rows)                                                                                    \
    {                                                                                                                  \
        (title), sizeof(s), (rows), COUNT(rows)                                                                        \
    }

/* Fill the struct at `to` (zeroed by the caller) from an object. ERR_INPUT names the path and what was expected. */
int field_read(const struct field_table *t, const struct json *from, struct arena *a, void *to, struct err *e);
/*
 * Write the members (not the brackets) to o, paths without dots only. What is as in a zeroed struct is left out, except
 * words; reading gives the same struct again (times within the years 0 to 9999).
 */
void field_write(const struct field_table *t, const void *from, struct json_out *o);
/* The same as one JSON object. */
void field_write_whole(const struct field_table *t, const void *from, struct text *to);

#endif
