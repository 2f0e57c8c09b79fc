/*
 * verb.h: what people can ask of a daemon, as rows from which the routes below /api/v1, the command line and their help
 * are made. A verb reads on the pool (its own read-only connection) and answers on the loop, where lanes are known.
 */
#ifndef API_VERB_H
#define API_VERB_H

#include "base/base.h"

struct arena;
struct engine;
struct json_out;
struct store_reader;

enum { VERB_ARGS = 8 };

enum verb_arg_type { VERB_TEXT, VERB_NUMBER, VERB_TIME };
struct verb_arg {
    const char *name;
    enum verb_arg_type type;
    bool in_path; /* takes the place of {name} in the path; positional on the command line */
    int64_t low, high;
    const char *otherwise; /* default; NULL: absent */
    const char *help;
};
struct verb_value {
    const char *text; /* NULL: absent */
    int64_t number;
};
struct verb_call {
    struct arena *arena;
    struct verb_value args[VERB_ARGS]; /* in the order of the row */
    void *found;                       /* what read leaves for answer; in the arena */
};
struct verb {
    const char *name;
    const char *method, *path; /* "/events/{id}", below /api/v1 */
    const char *help;
    struct verb_arg args[VERB_ARGS];                                         /* name NULL ends */
    int (*read)(struct verb_call *c, struct store_reader *r, struct err *e); /* pool */
    void (*answer)(const struct verb_call *c, const struct engine *g,
                   struct json_out *o); /* loop: members of an object */
};
extern const struct verb verbs[]; /* name NULL ends */

/* The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);
/* Check and convert one argument; INPUT says what was expected. */
int verb_value_read(const struct verb_arg *arg, const char *text, struct verb_value *ret, struct err *e);

#endif
