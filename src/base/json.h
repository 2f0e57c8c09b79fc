/*
 * json.h: the one face of JSON. Reading gives a tree in an arena; writing streams into a struct text.
 *
 * Reading is strict (RFC 8259, no byte order mark) and refuses also: invalid UTF-8, nesting over JSON_DEPTH, numbers of
 * more than 63 characters, and what does not fit into the arena. The first of two equal keys counts. `\u0000` and lone
 * surrogates inside a string are read as U+FFFD, since our texts are terminated UTF-8. Numbers are doubles. Any thread.
 * Accessors accept NULL and values of another kind and then answer "absent", so that optional parts need no tests.
 * All texts are terminated UTF-8 and live as long as the arena.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/base.h"

struct arena;
struct text;
struct json; /* one value of a tree */

enum { JSON_DEPTH = 64 };

enum json_kind { JSON_ABSENT, JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* ERR_INPUT with the byte offset when s is not one JSON value. */
int json_parse(struct arena *a, struct str s, const struct json **ret, struct err *e);

enum json_kind json_kind(const struct json *v);
const char *json_kind_name(enum json_kind kind);                    /* "a string", "an object"… for messages */
const struct json *json_get(const struct json *v, const char *key); /* member of an object */
/* Follows a dotted path, "fields.status.name"; a part that is a number indexes an array. */
const struct json *json_path(const struct json *v, const char *path);
const char *json_text(const struct json *v);          /* a string's text, else NULL */
bool json_bool(const struct json *v, bool otherwise); /* true/false, else otherwise */
bool json_int(const struct json *v, int64_t *ret);    /* a whole number between ±(2^53 - 1) */
bool json_real(const struct json *v, double *ret);    /* any number; infinite when it is beyond a double */
size_t json_count(const struct json *v);              /* items of an array or members of an object */
const struct json *json_first(const struct json *v);  /* first item or member; NULL at the end */
const struct json *json_next(const struct json *item);
const char *json_key(const struct json *member); /* name of a member of an object */
#define JSON_EACH(it, v) for (const struct json *it = json_first(v); it; it = json_next(it))

/*
 * Writing. Commas and quoting are done here; json_open('{') … json_close. key is NULL inside an array or at the top.
 * Invalid UTF-8 in a text is written as U+FFFD, and a real that is no number as null, so the output is always valid.
 * Nesting by json_open is at most JSON_DEPTH; a tree may add as much again.
 */
struct json_out {
    struct text *to;
    bool comma;                 /* the next item needs a comma before it */
    char close[2 * JSON_DEPTH]; /* stack of closing brackets */
    unsigned depth;
    unsigned indent; /* 0: compact; else spaces a level. Set after json_start */
    bool ascii;      /* write all beyond ASCII as \u escapes. Set after json_start */
};
void json_start(struct json_out *o, struct text *to);
void json_open(struct json_out *o, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_out *o);
void json_put_text(struct json_out *o, const char *key, const char *text); /* NULL writes null */
void json_put_str(struct json_out *o, const char *key, struct str s);
void json_put_int(struct json_out *o, const char *key, int64_t n);
void json_put_real(struct json_out *o, const char *key, double d);
void json_put_bool(struct json_out *o, const char *key, bool b);
void json_put_null(struct json_out *o, const char *key);
void json_put(struct json_out *o, const char *key, const struct json *v); /* a tree; NULL writes null */
void json_put_raw(struct json_out *o, const char *key, struct str json);  /* text that is JSON already */

#endif
