/*
 * jira_private.h: the parts of the Jira driver. jira_fetch.c, jira_change.c, jira_status.c, jira_since.c and
 * jira_look.c have the lists of work; jira_hook.c is told.
 */
#ifndef TRACKER_JIRA_PRIVATE_H
#define TRACKER_JIRA_PRIVATE_H

#include "tracker/walk_private.h"

struct jira_conf {
    struct secrets hook_secret;
    const char *user;
    struct secret *token;
    int api;
    int deployment;
    int64_t search_lag;
    struct opt_pairs groups;
};
bool jira_is_cloud(const struct conf_tracker *conf);
bool jira_is_guessed(const struct conf_tracker *conf); /* nobody says whether it is */

extern const struct field_table jira_issue, jira_person; /* as webhooks and answers show them */
int jira_verify(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e);
int jira_decode(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                struct err *e);
void jira_identify(const struct event *ev, struct text *to);

extern const struct walk_phase jira_status[5]; /* that of CHANGE_STATUS */
/* Those of users and groups (jira_users.c). */
extern const struct walk_phase jira_accounts[1], jira_members[1], jira_group_add[1];
extern const struct walk_phase jira_since[1]; /* that of FACT_ISSUES */
extern const struct walk_work jira_facts[FACT_KINDS], jira_changes[CHANGE_KINDS], jira_looks[CHANGE_KINDS];

/* The property of issues and comments that bears our marker. */
#define JIRA_MARKER_KEY "lockstep"

/* The request goes to this path below the REST root; its parts are escaped already. Returns STEP_SEND. */
int jira_to(struct walk *r, const char *path);
/* The escaped key of the issue in question. */
const char *jira_key(struct walk *r);

/* "member": {"name": "value"} */
void jira_put_named(struct json_out *o, const char *member, const char *name, const char *value);
/* "member": [text…], for what is noted between requests, and read back. */
void jira_put_texts(struct json_out *o, const char *member, const struct texts *t);
void jira_read_texts(struct walk *r, const struct json *list, struct texts *to);
/* The text between the quotes of a JQL value, with them. */
void jira_put_quoted(struct text *t, const char *value);
/* Where searches go, which are POSTs: Cloud has another place than Server. */
int jira_to_search(struct walk *r, bool is_cloud);

/* Is there a link of that type in a list of issuelinks whose other end is `other` on that side? Its id, or NULL. */
const char *jira_link_id(const struct json *links, const char *type, const char *other, bool is_inward);

#endif
