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

/* Texts in order; v may be NULL when n is 0. */
struct texts {
    const char **v;
    size_t n;
};
bool texts_have(const struct texts *t, const char *text);
void texts_add(struct arena *a, struct texts *t, const char *text); /* keeps room by doubling */

enum field_type {
    FIELD_TEXT,  /* const char *: a string; a number or boolean is turned into its text; null leaves NULL */
    FIELD_BOOL,  /* bool: true/false; also the words yes/true/on/1 and no/false/off/0 and the numbers 1 and 0 */
    FIELD_INT,   /* int64_t: a whole number, or a text of digits */
    FIELD_WHEN,  /* int64_t ms since 1970: when_parse */
    FIELD_TEXTS, /* struct texts: an array of strings or numbers */
    FIELD_ONE,   /* a struct inside, by sub */
    FIELD_MANY   /* struct many: an array of structs, by sub */
};

struct many { /* an array of structs of one kind; the items' type is named where it is declared */
    void *v;
    size_t n;
};

struct field_table;
struct field {
    const char *path;
    enum field_type type;
    bool required; /* reading fails with ERR_INPUT when it is absent */
    size_t at;     /* offset of the member */
    const struct field_table *sub;
};
struct field_table {
    const char *name; /* for messages: "event" */
    size_t size;      /* of the struct */
    const struct field *fields;
    size_t n;
};

/* The macros refuse a member of another C type. */
#define FIELD_IS(s, m, type) (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((s *)0)->m), type) ? 1 : -1]))
#define F_TEXT(s, m, p)                                                                                                \
    {                                                                                                                  \
        (p), FIELD_TEXT, false, offsetof(s, m) + FIELD_IS(s, m, const char *), NULL                                    \
    }
#define F_BOOL(s, m, p)                                                                                                \
    {                                                                                                                  \
        (p), FIELD_BOOL, false, offsetof(s, m) + FIELD_IS(s, m, bool), NULL                                            \
    }
#define F_INT(s, m, p)                                                                                                 \
    {                                                                                                                  \
        (p), FIELD_INT, false, offsetof(s, m) + FIELD_IS(s, m, int64_t), NULL                                          \
    }
#define F_WHEN(s, m, p)                                                                                                \
    {                                                                                                                  \
        (p), FIELD_WHEN, false, offsetof(s, m) + FIELD_IS(s, m, int64_t), NULL                                         \
    }
#define F_TEXTS(s, m, p)                                                                                               \
    {                                                                                                                  \
        (p), FIELD_TEXTS, false, offsetof(s, m) + FIELD_IS(s, m, struct texts), NULL                                   \
    }
#define F_ONE(s, m, p, t)                                                                                              \
    {                                                                                                                  \
        (p), FIELD_ONE, false, offsetof(s, m), &(t)                                                                    \
    }
#define F_MANY(s, m, p, t)                                                                                             \
    {                                                                                                                  \
        (p), FIELD_MANY, false, offsetof(s, m) + FIELD_IS(s, m, struct many), &(t)                                     \
    }
#define FIELD_TABLE(title, s, rows)                                                                                    \
    {                                                                                                                  \
        (title), sizeof(s), (rows), COUNT(rows)                                                                        \
    }

/* Fill the struct at `to` (zeroed by the caller) from an object. ERR_INPUT names the path and what was expected. */
int field_read(const struct field_table *t, const struct json *from, struct arena *a, void *to, struct err *e);
/* Write the members (not the brackets) to o, paths without dots only; absent texts and empty lists are left out. */
void field_write(const struct field_table *t, const void *from, struct json_out *o);

#endif
