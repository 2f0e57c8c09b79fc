/*
 * walk_private.h: how a driver's work gets done. A piece of work (a fact, a change, a look) is a list of phases; each
 * phase is one request and what its answer means. A driver has the lists and says how its service refuses; walk.c goes
 * from phase to phase.
 */
#ifndef TRACKER_WALK_PRIVATE_H
#define TRACKER_WALK_PRIVATE_H

#include "tracker/tracker_private.h"

struct json_out;
struct text;
struct walk_kind;

struct walk { /* one piece of work on its way */
    const struct walk_kind *kind;
    const struct walk_work *work; /* filled by walk_step and walk_look */
    const struct tracker_call *c;
    struct arena *arena; /* of the call */
    struct tracker_state *st;
    const struct http_response *prev;
    const struct json *answer; /* of prev; NULL when it has no body, or is no JSON */
    struct http_request *next;
    struct tracker_result *ret; /* the same at each step: what is long may grow here */
};

struct walk_phase {
    const char *what; /* "create issue", for messages */
    const char *method;
    enum http_effect effect;
    /* Completes r->next. STEP_SEND; STEP_DONE when there is nothing to ask; or -class. */
    int (*ask)(struct walk *r, struct err *e);
    /* The answer is good. STEP_DONE; STEP_SEND after setting r->st->phase (and note); or -class. NULL: done. */
    int (*take)(struct walk *r, struct err *e);
    /* It was refused (INPUT, MISSING) for the reason in why. As take; -class of why to let it stand. NULL: it stands.
     */
    int (*refused)(struct walk *r, struct err *why);
};
struct walk_work {
    const struct walk_phase *phases;
    size_t n;
    const char *accept; /* what is asked for when it is not JSON: take reads r->prev->body; else NULL */
};
#define WALK_WORK(rows)                                                                                                \
    {                                                                                                                  \
        (rows), COUNT(rows), NULL                                                                                      \
    }
#define WALK_PLAIN(rows, type_name)                                                                                    \
    {                                                                                                                  \
        (rows), COUNT(rows), (type_name)                                                                               \
    }

struct walk_kind {      /* what is a driver's own */
    const char *name;   /* "Jira" */
    const char *accept; /* the kind of JSON that is asked for */
    const struct walk_work *facts, *changes, *looks;
    /* The class of an answer that is not 2xx, or that is_refusal; r->answer is read. */
    int (*refusal)(const struct walk *r, const struct walk_phase *p, struct err *why);
    /* Does an answer with 2xx refuse all the same? NULL: none does. */
    bool (*is_refusal)(const struct walk *r);
    bool follows; /* redirects on the same host */
};

int walk_step(struct walk *r, struct err *e); /* see tracker_driver.step and .look */
int walk_look(struct walk *r, struct err *e);
/* Likewise, for a talk of the driver's own, about neither a fact nor a change. */
int walk_own(struct walk *r, const struct walk_work *w, struct err *e);

int walk_next(struct walk *r, int64_t phase); /* STEP_SEND */
/* Done without having written anything. */
int walk_nothing(struct walk *r, const char *note);

/*
 * Writing one JSON object: walk_open, members, then walk_send (it becomes the body; STEP_SEND or -class) or walk_note
 * (it is kept for the next answers; 0 or -class).
 */
void walk_open(struct text *t, struct json_out *o);
int walk_send(struct walk *r, struct text *t, struct json_out *o, struct err *e);
int walk_note(struct walk *r, struct text *t, struct json_out *o, struct err *e);
/* What was kept; NULL when nothing was. */
const struct json *walk_noted(struct walk *r);

/* The fact that is fetched, begun when there is none yet. */
struct fact *walk_here(struct walk *r);
/* Asked for one thing by name: that it is not there, or not for us, is an answer. Fits walk_phase.refused. */
int walk_absent(struct walk *r, struct err *why);
/* What should go is gone already. Fits walk_phase.refused. */
int walk_gone(struct walk *r, struct err *why);
/* What was made is called as that member of `one` says; UNCERTAIN when it does not. */
int walk_made(struct walk *r, const struct json *one, const char *member, const char *what, struct err *e);

/* Looking: how far the clocks may be apart, and how long a request may have been on its way. */
enum { WALK_LOOK_BEFORE_MIN = 10 };
/* The phase of FACT_FILE by a whole address; another host is asked without credentials. Of a work by WALK_PLAIN. */
int walk_file_ask(struct walk *r, struct err *e);
int walk_file_take(struct walk *r, struct err *e);
int walk_file_refused(struct walk *r, struct err *why);

#endif
