/*
 * github_private.h: the parts of the GitHub driver: github.c says who we are and how GitHub refuses, github_hook.c is
 * told, github_fetch.c, github_board.c, github_change.c and github_look.c have the lists of work; github_app.c is who
 * we are when we are a GitHub App.
 */
#ifndef TRACKER_GITHUB_PRIVATE_H
#define TRACKER_GITHUB_PRIVATE_H

#include "model/field.h"
#include "tracker/walk_private.h"

struct github_conf {
    struct secret *token;
    const char *app_id; /* instead of the token, with the key */
    struct secret *private_key;
    int64_t installation; /* 0: the only one */
    struct secrets hook_secret;
    bool allow_sha1;
    const char *html;
    int64_t search_lag;
};

/* "OWNER/REPO#12", taken apart; texts are escaped and may stand in a path. */
struct github_ref {
    const char *repository; /* "OWNER/REPO" */
    const char *owner, *name;
    int64_t number; /* 0: of the repository itself */
};
bool github_ref_read(struct arena *a, const char *ref, struct github_ref *ret);
/* The one that the fact or change is about; INPUT when it is none, or a mere repository's. */
int github_ref_of(struct walk *r, struct github_ref *ret, struct err *e);

/* "repos/OWNER/REPO" or "orgs/ORG", escaped, of OWNER/REPO or ORG; NULL: it is neither, which is INPUT. */
const char *github_owner(struct walk *r, const char *ref, struct err *e);
/* The request goes to this path below the REST root; its parts are escaped already. Returns STEP_SEND. */
int github_to(struct walk *r, const char *path);
/* Is this address one of the tracker's own? Others are asked without credentials, and what they say is not GitHub's. */
bool github_is_home(const struct walk *r, const char *url);

/* --- as an App (github_app.c) --- */

void github_app_check(const struct github_conf *own, const struct yaml *at, const struct opt_read *r);
bool github_is_app(const struct conf_tracker *conf);
/* Is this asked as the App itself, not as its installation? And what proves that we are the App; NULL: nothing can. */
bool github_is_app_path(const struct conf_tracker *conf, struct arena *a, const char *url);
const char *github_app_proof(const struct conf_tracker *conf, struct arena *a, int64_t now_ms);
extern const struct walk_work github_app_grant, github_app_found; /* of a known installation; of the only one */
/* The place of the App's own webhook, "@app": no login looks like that. NULL: we are no App. */
const char *github_app_place(const struct conf_tracker *conf);
bool github_is_app_place(const char *ref);
int github_app_hook_ask(struct walk *r, struct err *e);
int github_app_hook_take(struct walk *r, struct err *e);
int github_app_hook_refused(struct walk *r, struct err *why);
int github_app_events_take(struct walk *r, struct err *e);
/* Who we are: the App says its name, and the account that comments bear has one made of it. */
int github_app_who_ask(struct walk *r, struct err *e);
int github_app_who_take(struct walk *r, struct err *e);
int github_app_bot_ask(struct walk *r, struct err *e);
int github_app_bot_refused(struct walk *r, struct err *why);

/* --- lists --- */

/* The page that follows, at home; NULL: this is the last. An address elsewhere is no page of ours. */
const char *github_next_page(const struct walk *r);
/* Lists that are read to their end: is a further page to be asked for? Then r->next->url is its address. */
bool github_page(struct walk *r);
/* The page is read: the next one, or DONE; INPUT when there are more than can be read. */
int github_further(struct walk *r, struct err *e);

const char *github_words(const struct walk *r, const struct json *list); /* of a list of texts: "a,b" */

/* --- how GitHub writes things (github_hook.c) --- */

/* An issue, or a pull request, as REST and webhooks show it. INPUT when it is no object, or has no number. */
int github_issue_read(struct arena *a, const struct json *from, const char *repository, struct issue *ret,
                      struct err *e);
extern const struct field_table github_comment, github_person;
#define GITHUB_PULL  "pull request"
#define GITHUB_ISSUE "issue"

/* Our marker, as it stands in a comment's text; `at` borrows. NULL: there is none. */
const char *github_marker_text(struct arena *a, const char *marker);
const char *github_marker_find(struct arena *a, const char *text);

int github_verify(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e);
int github_decode(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                  struct err *e);
void github_identify(const struct event *ev, struct text *to);

/* --- the lists of work --- */

extern const struct walk_work github_facts[FACT_KINDS], github_changes[CHANGE_KINDS], github_looks[CHANGE_KINDS];
/* Those of boards (github_board.c). */
extern const struct walk_phase github_board_read[1], github_board_items[1], github_board_add[1], github_board_field[1];

/* The places of a pull request, and the statuses of a commit in the same repository, are one question. */
bool github_joins(const struct fact_key *want, const struct fact_key *also);
void github_sort_statuses(struct many *all); /* struct commit_status: newest first */

#endif
