/*
 * yaml.h: YAML as a tree that knows where each node stands. Pure, over libyaml's parser.
 *
 * One document. Anchors, aliases and merge keys (<<) work; what aliases unfold to is bounded (YAML_NODES). Duplicate
 * keys are problems. Scalars stay text; `plain` says whether they were written without quotes, and yaml_is_* read the
 * words of YAML 1.2 (only true and false are booleans, only null, ~ and nothing are null).
 * What a file can cost is bounded by YAML_BYTES, YAML_NODES and YAML_DEPTH; an arena of 64 MiB holds any of them.
 */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include "conf/problem.h"

enum { YAML_BYTES = 4 << 20, YAML_NODES = 200000, YAML_DEPTH = 64 };
enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_kind kind;
    bool plain;
    bool number;      /* decided once: aliases can name one long text many times */
    const char *text; /* scalar */
    const char *file;
    int line, column;
    const struct yaml **items; /* list: n items; map: n keys and n values in turn (2 n) */
    size_t n;
};

/* NULL when there are errors (added to p) or when the document is empty (no problem added). */
const struct yaml *yaml_read(struct arena *a, const char *file, struct str content, struct problems *p);

const struct yaml *yaml_get(const struct yaml *map, const char *key); /* NULL when absent or not a map */
bool yaml_is_null(const struct yaml *y);                              /* also when y is NULL */
bool yaml_is_text(const struct yaml *y);   /* a string by YAML 1.2: quoted, or no number, boolean or null */
bool yaml_is_number(const struct yaml *y); /* as it is written; what `number` of a node is set from */
bool yaml_bool(const struct yaml *y, bool *ret);
bool yaml_int(const struct yaml *y, int64_t *ret);
const char *yaml_kind_name(const struct yaml *y); /* "a list", "a map", "a text", "a number", "nothing"… */

/* Add a problem at this node. */
PRINTF(5, 6)
void yaml_problem(struct problems *p, const struct yaml *at, const char *key, const char *near, const char *format,
                  ...);
PRINTF(5, 6)
void yaml_warning(struct problems *p, const struct yaml *at, const char *key, const char *near, const char *format,
                  ...);

#endif
