/*
 * jira_private.h: the parts of the Jira driver. A piece of work (a fact, a change, a look) is a list of phases; each
 * phase is one request and what its answer means. jira.c walks them; jira_fetch.c, jira_change.c and jira_look.c have
 * the lists.
 */
#ifndef TRACKER_JIRA_PRIVATE_H
#define TRACKER_JIRA_PRIVATE_H

#include "tracker/driver.h"

struct json;
struct json_out;
struct text;

struct jira_conf {
    const char *user;
    struct secret *token;
    int api;
    int deployment;
    int64_t search_lag;
};
bool jira_is_cloud(const struct conf_tracker *conf);

struct jira_run {
    const struct tracker_call *c;
    struct arena *arena; /* of the call */
    bool is_cloud;
    struct tracker_state *st;
    const struct http_response *prev;
    const struct json *answer; /* of prev; NULL when it has no body */
    struct http_request *next;
    struct tracker_result *ret;
};

struct jira_phase {
    const char *what; /* "create issue", for messages */
    const char *method;
    enum http_effect effect;
    /* Completes r->next. STEP_SEND; STEP_DONE when there is nothing to ask; or -class. */
    int (*ask)(struct jira_run *r, struct err *e);
    /* The answer is good. STEP_DONE; STEP_SEND after setting r->st->phase (and note); or -class. NULL: done. */
    int (*take)(struct jira_run *r, struct err *e);
    /* Jira refused (INPUT, MISSING) for the reason in why. As take; -class of why to let it stand. NULL: it stands. */
    int (*refused)(struct jira_run *r, struct err *why);
};
struct jira_work {
    const struct jira_phase *phases;
    size_t n;
};
#define JIRA_WORK(rows)                                                                                                \
    {                                                                                                                  \
        (rows), COUNT(rows)                                                                                            \
    }

extern const struct jira_work jira_facts[FACT_KINDS], jira_changes[CHANGE_KINDS], jira_looks[CHANGE_KINDS];

/* The property of issues and comments that bears our marker. */
#define JIRA_MARKER_KEY "lockstep"

/* The request goes to this path below the REST root; its parts are escaped already. Returns STEP_SEND. */
int jira_to(struct jira_run *r, const char *path);
/* The escaped key of the issue in question. */
const char *jira_key(struct jira_run *r);
int jira_next(struct jira_run *r, int64_t phase); /* STEP_SEND */

/*
 * Writing one JSON object: jira_open, members, then jira_send (it becomes the body; STEP_SEND or -class) or jira_note
 * (it is kept for the next answers; 0 or -class).
 */
void jira_open(struct text *t, struct json_out *o);
int jira_send(struct jira_run *r, struct text *t, struct json_out *o, struct err *e);
int jira_note(struct jira_run *r, struct text *t, struct json_out *o, struct err *e);
/* What was kept; NULL when nothing was. */
const struct json *jira_noted(struct jira_run *r);

/* Is there a link of that type in a list of issuelinks whose other end is `other` on that side? Its id, or NULL. */
const char *jira_link_id(const struct json *links, const char *type, const char *other, bool is_inward);

#endif
