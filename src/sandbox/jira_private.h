/*
 * jira_private.h: the state of the pretend Jira and what its files share. Names are found without regard to case, as
 * in Jira. Issues are never freed before the site is: a deleted one is marked, so that its history can still be read.
 */
#ifndef SANDBOX_JIRA_PRIVATE_H
#define SANDBOX_JIRA_PRIVATE_H

#include "sandbox/sandbox_private.h"

enum {
    SJ_SUMMARY_UNITS = 255,
    SJ_TEXT_UNITS = 32767,
    SJ_LABEL_UNITS = 255,
    SJ_GLOBAL_ID_BYTES = 255,
    SJ_PROPERTY_BYTES = 32768,
    SJ_COMMENTS = 5000,
    SJ_LINKS = 2000,
    SJ_ISSUES = 1000000,
    SJ_STATUSES = 32, /* bits of a mask */
    SJ_ERRORS = 32
};

enum sj_permission {
    SJ_BROWSE_PROJECTS = 1,
    SJ_CREATE_ISSUES = 2,
    SJ_EDIT_ISSUES = 4,
    SJ_ADD_COMMENTS = 8,
    SJ_DELETE_ISSUES = 16,
    SJ_TRANSITION_ISSUES = 32,
    SJ_LINK_ISSUES = 64,
    SJ_ASSIGN_ISSUES = 128,
    SJ_RESOLVE_ISSUES = 256,
    SJ_ADMINISTER_PROJECTS = 512
};
struct sj_permission_row {
    const char *name, *title;
    unsigned bit;
};
extern const struct sj_permission_row sj_permissions[];
extern const size_t sj_permission_count;

struct sj_user {
    char *account_id, *email, *name, *authorization; /* the header that proves it; NULL: cannot log in */
    char *type;                                      /* "atlassian", "app" */
    bool is_active;
};
struct sj_status {
    char *name;
    const char *category; /* "new", "indeterminate", "done" */
};
struct sj_link_type {
    char *name, *inward, *outward;
};
enum sj_kind { SJ_OPTION, SJ_NAMED, SJ_NUMBER, SJ_TEXT, SJ_ANY };
struct sj_field { /* a custom field */
    char *id, *name;
    enum sj_kind kind;
    struct sandbox_words values; /* allowed ones; empty: any */
};
struct sj_move { /* a transition */
    uint64_t id;
    char *name;
    uint32_t from; /* mask of statuses */
    size_t to;
    bool has_resolution, needs_resolution;
};
struct sj_component {
    uint64_t id;
    char *name, *description;
};
struct sj_project {
    uint64_t id;
    char *key, *name;
    struct sandbox_words types;
    unsigned permissions;
    size_t initial; /* status */
    uint64_t numbers;
    SANDBOX_LIST(struct sj_component *) components;
    SANDBOX_LIST(struct sj_move) moves;
    SANDBOX_LIST(struct sj_issue *) issues;
};
struct sj_property {
    char *key, *json;
};
struct sj_properties {
    struct sj_property *v;
    size_t n, room;
};
struct sj_comment {
    uint64_t id;
    struct sj_user *author;
    char *body, *visibility; /* visibility: JSON or NULL */
    int64_t created_ms, updated_ms;
    struct sj_properties properties;
};
struct sj_remote {
    uint64_t id;
    char *global_id, *relationship; /* NULL when not given */
    char *application, *object;     /* JSON */
};
struct sj_link {
    uint64_t id;
    size_t type;
    struct sj_issue *inward, *outward;
};
struct sj_change { /* what somebody did to one field of an issue */
    uint64_t id;
    int64_t at_ms;
    struct sj_user *by; /* NULL: who keeps the sandbox */
    const char *field;
    char *from, *to;
};
struct sj_issue {
    uint64_t id;
    struct sj_project *project;
    char *key, *summary, *description;
    size_t type, status;
    int priority, resolution; /* -1: none */
    struct sj_user *assignee, *reporter, *creator;
    int64_t created_ms, updated_ms, resolved_ms;
    bool is_deleted;
    struct sandbox_words labels, former; /* former: keys that it had in other projects */
    char **custom;                       /* JSON of each custom field, or NULL */
    struct sj_properties properties;
    SANDBOX_LIST(struct sj_component *) components;
    SANDBOX_LIST(struct sj_comment *) comments;
    SANDBOX_LIST(struct sj_remote *) remotes;
    SANDBOX_LIST(struct sj_link *) links;
    SANDBOX_LIST(struct sj_change) history;
    SANDBOX_LIST(uint64_t) writes; /* sequence numbers in the log of writes */
};
struct sj_hook;
struct sj_site {
    struct sandbox *s;
    struct http_client *client; /* NULL until there are webhooks */
    SANDBOX_LIST(struct sj_hook *) hooks;
    bool is_cloud;
    uint64_t ids, comments, links_made;
    SANDBOX_LIST(struct sj_user *) users;
    SANDBOX_LIST(struct sj_group *) groups;
    SANDBOX_LIST(struct sj_status) statuses;
    SANDBOX_LIST(struct sj_link_type) link_types;
    SANDBOX_LIST(struct sj_field) fields;
    SANDBOX_LIST(struct sj_project *) projects;
    SANDBOX_LIST(struct sj_issue *) issues; /* by id, so by time of creation */
    struct sandbox_words priorities, resolutions;
    struct map *by_key, *by_id, *by_link, *by_login, *by_project;
};

/* jira_site.c */
struct sj_project *sj_project_find(const struct sj_site *j, struct arena *a, const char *key_or_id);
struct sj_issue *sj_issue_find(const struct sj_site *j, struct arena *a, const char *key_or_id); /* deleted ones too */
struct sj_user *sj_user_find(const struct sj_site *j, const char *account_id);
struct sj_user *sj_user_ensure(struct sj_site *j, const char *account_id);
struct sj_component *sj_component_find(const struct sj_project *p, const struct json *by_id_or_name);
struct sj_component *sj_component_new(struct sj_site *j, struct sj_project *p, const char *name, const char *about);
int sj_status_find(const struct sj_site *j, const char *name);
int sj_link_type_find(const struct sj_site *j, const struct json *by_id_or_name);
struct sj_issue *sj_issue_new(struct sj_site *j, struct sj_project *p, int64_t now_ms);
void sj_issue_rename(struct sj_site *j, struct sj_issue *i, struct sj_project *to); /* it moves there */
void sj_issue_link(struct sj_site *j, struct sj_link *link);
void sj_issue_unlink(struct sj_site *j, struct sj_link *link);
void sj_properties_put(struct sj_properties *p, const char *key, struct str json, bool *ret_new);
const struct sj_property *sj_properties_get(const struct sj_properties *p, const char *key);
bool sj_properties_remove(struct sj_properties *p, const char *key);
void sj_properties_clear(struct sj_properties *p);
void sj_comment_free(struct sj_comment *m);
void sj_remote_free(struct sj_remote *r);
char *sj_json_text(const struct json *v); /* owned; NULL for an absent value or null */

/* jira_serve.c: answers. */
void sj_error(struct sandbox_call *c, int status, const char *message);
struct sj_errors {
    const char *field[SJ_ERRORS], *message[SJ_ERRORS];
    size_t n;
};
void sj_errors_add(struct sj_errors *e, const char *field, const char *message);
void sj_errors_reply(struct sandbox_call *c, const struct sj_errors *e); /* 400 */
bool sj_may(const struct sj_project *p, unsigned permission);
/* The issue that the path names, if it can be seen; otherwise NULL and 404 is answered. */
struct sj_issue *sj_asked_issue(struct sandbox_call *c);
const char *sj_self(struct sandbox_call *c, const char *what, const char *id); /* BASE/rest/api/2/what/id */
const char *sj_id(struct sandbox_call *c, uint64_t id);
const char *sj_time(struct sandbox_call *c, int64_t ms);
/* A text field as the API gives and takes it: wiki markup, or a document in API 3. */
void sj_put_rich(struct sandbox_call *c, const char *key, const char *text);
const char *sj_read_rich(struct sandbox_call *c, const struct json *v); /* NULL: of the wrong kind */

/* jira_render.c */
struct sj_fields { /* which fields an answer holds */
    struct sandbox_words only, without;
    bool is_all;
};
void sj_fields_read(struct sj_fields *f, const char *list, bool otherwise_all);
void sj_fields_clear(struct sj_fields *f);
/* Leaves the object open, for what the caller adds. */
void sj_put_issue(struct sandbox_call *c, const struct sj_issue *i, const struct sj_fields *f, const char *key);
void sj_put_user(struct sandbox_call *c, const struct sj_user *u, const char *key);
void sj_put_status(struct sandbox_call *c, size_t status, const char *key);
void sj_put_named(struct sandbox_call *c, const char *key, const char *what, int id, const char *name);
void sj_put_component(struct sandbox_call *c, const struct sj_project *p, const struct sj_component *m, bool is_full);
void sj_put_project_head(struct sandbox_call *c, const struct sj_project *p); /* members that it has everywhere */
void sj_put_comment(struct sandbox_call *c, const struct sj_issue *i, const struct sj_comment *m, bool with_properties);
void sj_put_remote(struct sandbox_call *c, const struct sj_issue *i, const struct sj_remote *r);
void sj_put_type(struct sandbox_call *c, const struct sj_project *p, size_t type, const char *key);

/* jira_draft.c: what a request wants of an issue; checked as a whole, then applied. */
struct sj_draft {
    struct sandbox_call *c;
    struct sj_project *project;
    struct sj_issue *issue; /* NULL: a new one */
    struct sj_errors errors;
    bool has_summary, has_description, has_type, has_assignee, has_reporter, has_priority, has_resolution, has_labels,
        has_components;
    const char *summary, *description;
    size_t type;
    struct sj_user *assignee, *reporter;
    int priority, resolution;
    struct sandbox_words labels;
    SANDBOX_LIST(struct sj_component *) components;
    const char **custom;     /* JSON by field; NULL: untouched */
    const char *comments[8]; /* of update.comment */
    size_t n_comments;
    bool is_screen; /* of a transition: only what is on its screen */
    bool has_screen_resolution;
};
void sj_draft_init(struct sj_draft *d, struct sandbox_call *c, struct sj_project *p, struct sj_issue *i);
void sj_draft_read(struct sj_draft *d, const struct json *body); /* fields and update */
void sj_draft_apply(struct sj_draft *d, struct sj_issue *i);
void sj_draft_clear(struct sj_draft *d);

struct sj_comment *sj_comment_add(struct sandbox_call *c, struct sj_issue *i, const char *body);
/* NULL when it is fine, else the message. */
const char *sj_text_problem(const char *text);
void sj_issue_move(struct sj_site *j, struct sj_issue *i, size_t status, int64_t now_ms);
void sj_put_transitions(struct sandbox_call *c, const struct sj_issue *i, bool with_fields, const char *only);
/* Those that the list names; nothing when it names none. */
void sj_put_properties(struct sandbox_call *c, const struct sj_issue *i, const char *list);
bool sj_properties_read(struct sandbox_call *c, struct sj_properties *to, const struct json *list);

#endif
