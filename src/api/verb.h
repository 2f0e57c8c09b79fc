/*
 * verb.h: what people can ask of a daemon, as rows from which the routes below /api/v1, the command line and their help
 * are made. A verb reads on the pool (its own read-only connection), acts and answers on the loop, where lanes are
 * known. Rows of one name are one command (unless the program has one of its own of that name): given IDs it means the
 * row with {id} in its path, without them the other.
 *
 * Errors of read and act become statuses: INPUT 400, MISSING 404, CONFLICT and CONFIG 409, TRANSIENT and UNCERTAIN 503,
 * others 500; the text is the problem's detail.
 */
#ifndef API_VERB_H
#define API_VERB_H

#include "base/base.h"

struct arena;
struct engine;
struct json_out;
struct poll;
struct store_reader;

enum { VERB_ARGS = 8 };

enum verb_arg_type {
    VERB_TEXT,   /* low, high: its length in bytes; high 0: any */
    VERB_NUMBER, /* low, high: its bounds */
    VERB_TIME,   /* ISO 8601; a day alone is its beginning. number: ms since 1970 */
    VERB_SWITCH, /* "true" or "false"; number is 1 or 0 */
    /* One of some words, which help tells: */
    VERB_VERDICT,   /* applied…, pending… */
    VERB_END,       /* applied…: a verdict that ends an event */
    VERB_JOB,       /* rescan… */
    VERB_HOOK_DEED, /* install… */
    VERB_FILE       /* on the command line the name of a file, whose content is sent; in JSON a text, or JSON itself */
};
enum verb_arg_place {
    VERB_OPTION,   /* may be absent. In the query of a GET, in the JSON object that is the body of all else */
    VERB_REQUIRED, /* likewise, but must be there */
    VERB_IN_PATH   /* takes the place of {name} in the path; positional on the command line */
};
struct verb_arg {
    const char *name;
    enum verb_arg_type type;
    enum verb_arg_place place;
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
    struct poll *poll;                 /* for what acts */
    const char *who;                   /* asks: a user of this machine, or the name of a credential. From read on */
    void *found;                       /* what the functions of a verb leave for each other; in the arena */
    void (*acted)(struct verb_call *c, const struct err *e); /* ends the call: e NULL: answer it */
};
struct verb {
    const char *name;
    const char *method, *path; /* "/events/{id}", below /api/v1 */
    const char *help;
    int status;                                                 /* of its answer; 0: 200 */
    struct verb_arg args[VERB_ARGS];                            /* name NULL ends */
    void (*begin)(struct verb_call *c, const struct engine *g); /* loop: what read needs to know; may be NULL */
    int (*read)(struct verb_call *c, struct store_reader *r, struct err *e); /* pool; may be NULL */
    /* Loop: do it, then call c->acted, once, when it is on disk or refused; perhaps at once. NULL: it only tells. */
    void (*act)(struct verb_call *c, struct engine *g);
    void (*answer)(const struct verb_call *c, const struct engine *g,
                   struct json_out *o);              /* loop: members of an object */
    const char *(*place)(const struct verb_call *c); /* loop: the Location of the answer; may be NULL */
};
extern const struct verb verbs[]; /* name NULL ends */

/* The first verb of that name, or NULL. */
const struct verb *verb_find(const char *name);
/* Check and convert one argument; INPUT says what was expected. */
int verb_value_read(const struct verb_arg *arg, const char *text, struct verb_value *ret, struct err *e);

#endif
