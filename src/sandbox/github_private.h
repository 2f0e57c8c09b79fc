/*
 * github_private.h: the state of the pretend GitHub and what its files share. Logins, names of repositories and of
 * labels are found without regard to case, as there. Nothing but hooks and comments is freed before the site is.
 */
#ifndef SANDBOX_GITHUB_PRIVATE_H
#define SANDBOX_GITHUB_PRIVATE_H

#include "sandbox/sandbox_private.h"

struct http_client;

enum {
    SG_BODY_BYTES = 65536,
    SG_STATUSES = 1000, /* of one context on one commit */
    SG_KEPT = 20000,    /* deliveries of one hook whose bodies are kept */
    SG_PAGE_MAX = 100,
    SG_ISSUES = 1000000,
    SG_LABELS = 100, /* on one issue */
    SG_FIRST_ID = 1000000
};

struct sg_user { /* organisations too */
    uint64_t id;
    char *login, *name, *type, *token;
    struct sandbox_words scopes; /* of the token */
    SANDBOX_LIST(struct sg_repo *) repos;
    SANDBOX_LIST(struct sg_board *) boards;
};
struct sg_label {
    uint64_t id;
    char *name, *color, *description;
};
struct sg_status {
    uint64_t id;
    char *state, *description, *target, *context;
    struct sg_user *creator;
    int64_t at_ms;
};
struct sg_commit {
    char *sha;
    SANDBOX_LIST(struct sg_status *) statuses; /* oldest first */
};
struct sg_file {
    char *path, *text;
};
struct sg_comment {
    uint64_t id;
    struct sg_issue *issue;
    struct sg_user *author;
    char *body;
    int64_t created_ms, updated_ms;
};
struct sg_issue { /* pull requests too */
    struct sg_repo *repo;
    uint64_t id, number;
    char *title, *body, *association; /* no body: NULL */
    struct sg_user *author;
    bool is_pull, is_draft, is_closed, is_merged, is_locked, is_deleted, is_fork_gone;
    char *head_sha, *head_ref, *base_ref;
    int64_t created_ms, updated_ms, closed_ms;
    struct list by_change; /* in the repository's list, the last changed one last */
    struct sandbox_words labels;
    SANDBOX_LIST(struct sg_comment *) comments;
    SANDBOX_LIST(struct sg_item *) items;
};
struct sg_repo {
    uint64_t id, numbers, commits_made;
    struct sg_user *owner;
    char *name, *full, *description, *branch;
    bool is_private, is_archived;
    int64_t created_ms, updated_ms;
    struct map *by_number, *commits;
    struct list by_change;
    SANDBOX_LIST(struct sg_issue *) issues; /* oldest first */
    SANDBOX_LIST(struct sg_label *) labels;
    SANDBOX_LIST(struct sg_file) files;
};
struct sg_field { /* a column of a board */
    uint64_t id;
    char *name, *type; /* TEXT, NUMBER, DATE, SINGLE_SELECT */
    struct sandbox_words options;
};
struct sg_item {
    uint64_t id;
    struct sg_board *board;
    struct sg_issue *issue;
    SANDBOX_LIST(char *) values; /* by the field's place; NULL: none */
};
struct sg_board {
    uint64_t id;
    struct sg_user *owner;
    int64_t number;
    char *title;
    bool is_hidden; /* from every token */
    SANDBOX_LIST(struct sg_field *) fields;
    SANDBOX_LIST(struct sg_item *) items;
};

struct sg_installation {
    uint64_t id;
    struct sg_user *account;
    bool is_suspended;
};
struct sg_app {
    uint64_t id;
    char *slug, *client_id, *public_key;
    struct sg_user *bot;
    int64_t lifetime_ms, created_ms; /* of what is granted; of the App */
    SANDBOX_LIST(struct sg_installation) installations;
};
struct sg_granted {
    char *token;
    struct sg_app *app;
    int64_t expires_ms;
};

struct sg_site {
    struct sandbox *s;
    uint64_t last_id;
    struct map *by_login, *by_token, *by_name, *by_id, *issues, *comments, *boards, *items; /* by_name, by_id: repos */
    SANDBOX_LIST(struct sg_user *) users;
    SANDBOX_LIST(struct sg_repo *) repos;
    SANDBOX_LIST(struct sg_hook *) hooks;
    SANDBOX_LIST(struct sg_app *) apps;
    SANDBOX_LIST(struct sg_granted) granted; /* oldest first */
    struct http_client *client;
};

/* github_site.c */
struct sg_user *sg_user_find(const struct sg_site *g, const char *login); /* NULL is fine */
struct sg_user *sg_user_ensure(struct sg_site *g, const char *login);
struct sg_user *sg_user_fill(struct sg_site *g, const char *login, const struct json *from);
struct sg_repo *sg_repo_find(const struct sg_site *g, const char *full);
struct sg_repo *sg_repo_ensure(struct sg_site *g, const char *full); /* NULL: not OWNER/NAME */
void sg_repo_fill(struct sg_site *g, struct sg_repo *r, const struct json *from);
void sg_repo_rename(struct sg_site *g, struct sg_repo *r, const char *full); /* the former name stays known */
const char *sg_file_text(const struct sg_repo *r, const char *path);
void sg_file_put(struct sg_repo *r, const char *path, const char *text); /* text NULL: none any more */
struct sg_label *sg_label_find(const struct sg_repo *r, const char *name);
struct sg_label *sg_label_ensure(struct sg_site *g, struct sg_repo *r, const char *name);
void sg_label_remove(struct sg_repo *r, struct sg_label *label); /* also from all issues */
struct sg_commit *sg_commit_find(const struct sg_repo *r, const char *sha);
struct sg_commit *sg_commit_ensure(struct sg_repo *r, const char *sha);
const char *sg_text(const struct json *from, const char *key, const char *otherwise);
int64_t sg_when(const struct json *from, const char *key, int64_t otherwise);
uint64_t sg_id(struct sg_site *g);    /* the next one */
uint64_t sg_digits(const char *text); /* 0: not a number */

/* github_issue.c: issues and pull requests as state; telling nobody. */
struct sg_issue *sg_issue_find(const struct sg_repo *r, uint64_t number);
struct sg_issue *sg_issue_new(struct sg_site *g, struct sg_repo *r, bool is_pull, const struct json *from);
void sg_issue_touch(struct sg_issue *i, int64_t now_ms);
void sg_issue_push(struct sg_site *g, struct sg_issue *i, const char *sha); /* a new head; NULL: made up */
struct sg_comment *sg_comment_add(struct sg_site *g, struct sg_issue *i, struct sg_user *by, const char *body);
void sg_comment_remove(struct sg_site *g, struct sg_comment *m);
void sg_comment_free(struct sg_comment *m);
struct sg_status *sg_status_add(struct sg_site *g, struct sg_commit *at, struct sg_user *by, const struct json *from);
void sg_issue_free(struct sg_issue *i);

/* github_serve.c */
void sg_error(struct sandbox_call *c, int status, const char *message);
/* 422; code "missing_field", "invalid", "custom"…; message may be NULL. */
void sg_invalid(struct sandbox_call *c, const char *resource, const char *field, const char *code, const char *message);
bool sg_has_scope(const struct sandbox_call *c, const char *scope);
bool sg_can_see(const struct sandbox_call *c, const struct sg_repo *r);
/* What the path names, if it is there and may be seen; otherwise NULL and the error is answered. */
struct sg_repo *sg_asked_repo(struct sandbox_call *c);
struct sg_issue *sg_asked_issue(struct sandbox_call *c);
/* For what changes something: false, and the error is answered, when nobody is logged in or has the scope. */
bool sg_may_write(struct sandbox_call *c, const char *scope);
struct sg_page {
    size_t first, end, size, number; /* first, end: of all that match */
};
struct sg_page sg_page_read(struct sandbox_call *c);
void sg_page_links(struct sandbox_call *c, const struct sg_page *p, size_t total);
void sg_link_add(struct sandbox_call *c, const char *param, const char *value, const char *rel);
const char *sg_time(struct sandbox_call *c, int64_t ms); /* NULL for 0 */

/* github_render.c: objects as REST and hooks have them. */
const char *sg_node(struct arena *a, const char *kind, uint64_t id);
uint64_t sg_node_read(const char *kind, const char *node); /* 0: not such a one */
const char *sg_repo_url(struct sandbox_call *c, const struct sg_repo *r);
const char *sg_html_url(struct sandbox_call *c, const struct sg_issue *i);
void sg_put_user(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_user *u);
void sg_put_profile(struct sandbox_call *c, const struct sg_user *u, bool is_self);
void sg_put_repo(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_repo *r);
void sg_put_label(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_repo *r,
                  const struct sg_label *label);
void sg_put_labels(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_issue *i);
void sg_put_comment(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_comment *m);
void sg_put_status(struct sandbox_call *c, const struct sg_repo *r, const struct sg_commit *at,
                   const struct sg_status *s);
void sg_put_issue(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_issue *i);
void sg_put_pull(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_issue *i, bool is_whole);

/* github_change.c: what people and programs do, told to the hooks. The sender is c->github_user. */
struct sg_event {
    const char *name, *action; /* "pull_request", "labeled"; action NULL: none */
    struct sg_repo *repo;
    const struct sg_issue *issue;
    const struct sg_comment *comment;
    const struct sg_label *label;
    const char *from_key, *from;  /* what an edit has changed, and what it was */
    const char *before;           /* synchronize: the former head */
    const char *review, *said;    /* state and text of a review */
    const struct sg_hook *pinged; /* ping */
};
void sg_change_tell(struct sandbox_call *c, struct sg_issue *i, const char *action);
void sg_change_text(struct sandbox_call *c, struct sg_issue *i, const char *key, const char *text);
void sg_change_state(struct sandbox_call *c, struct sg_issue *i, bool is_closed, bool is_merged);
void sg_change_draft(struct sandbox_call *c, struct sg_issue *i, bool is_draft);
void sg_change_push(struct sandbox_call *c, struct sg_issue *i, const char *sha);
bool sg_change_label(struct sandbox_call *c, struct sg_issue *i, const char *name);   /* false when it was there */
bool sg_change_unlabel(struct sandbox_call *c, struct sg_issue *i, const char *name); /* false when it was not */
void sg_change_labels(struct sandbox_call *c, struct sg_issue *i, const struct json *wanted); /* exactly these */
struct sg_comment *sg_change_comment(struct sandbox_call *c, struct sg_issue *i, const char *body);
void sg_change_comment_text(struct sandbox_call *c, struct sg_comment *m, const char *body);
void sg_change_uncomment(struct sandbox_call *c, struct sg_comment *m);

/* github_event.c: the body that hooks get, and whom it is told. */
void sg_event_send(struct sandbox_call *c, const struct sg_event *ev);
const char *sg_event_body(struct sandbox_call *c, const struct sg_event *ev);

/* github_app.c: who asks as an App, or with what it was granted; false, and the error is answered, when it may not. */
bool sg_app_login(struct sandbox_call *c, const char *below, const char *token, bool *ret_is_app);
struct sg_app *sg_app_find(const struct sg_site *g, const char *slug);
void sg_apps_free(struct sg_site *g);

/* github_board.c, github_graphql.c */
struct sg_board *sg_board_find(const struct sg_site *g, const char *org, int64_t number);
struct sg_board *sg_board_fill(struct sg_site *g, const char *org, int64_t number, const struct json *from);
struct sg_item *sg_item_ensure(struct sg_site *g, struct sg_board *b, struct sg_issue *i);
const char *sg_item_value(const struct sg_item *item, size_t field); /* NULL: none */
void sg_item_set(struct sg_item *item, size_t field, const char *value);
void sg_board_free(struct sg_board *b);
void sg_graphql(struct sandbox_call *c);

#endif
