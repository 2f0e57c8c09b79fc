/* bugzilla_private.h: the state of the pretend Bugzilla and what its files share. */
#ifndef SANDBOX_BUGZILLA_PRIVATE_H
#define SANDBOX_BUGZILLA_PRIVATE_H

#include "sandbox/sandbox_private.h"

struct http_client;
struct http_call;

enum { SB_COMMENT_BYTES = 65535, SB_BUGS = 1000000, SB_QUEUE = 200000, SB_CHANGES = 64, SB_HISTORY = 500 };

/* Single texts of a bug, kept as REST gives them; a field that was never set has its row's value. */
enum sb_text {
    SB_SUMMARY,
    SB_WHITEBOARD,
    SB_STATUS,
    SB_RESOLUTION,
    SB_PRIORITY,
    SB_SEVERITY,
    SB_PRODUCT,
    SB_COMPONENT,
    SB_VERSION,
    SB_OP_SYS,
    SB_PLATFORM,
    SB_TARGET_MILESTONE,
    SB_TYPE,
    SB_URL,
    SB_ASSIGNED_TO,
    SB_QA_CONTACT,
    SB_CLASSIFICATION,
    SB_ALIAS,
    SB_CF_FX_POINTS,
    SB_CF_FIRST, /* the other custom fields, in sb_texts */
    SB_TEXTS = SB_CF_FIRST + 15
};
struct sb_text_row {
    const char *name, *hook; /* in REST; in webhooks, NULL: the same */
    const char *initial;
    bool is_folded; /* an empty selection: "---" in REST, "" in webhooks */
    bool is_mozilla, is_fixed;
};
extern const struct sb_text_row sb_texts[SB_TEXTS];
int sb_text_find(const char *name); /* by either name; -1 */

enum sb_list {
    SB_KEYWORDS,
    SB_GROUPS,
    SB_SEE_ALSO,
    SB_CC,
    SB_DEPENDS_ON,
    SB_BLOCKS,
    SB_REGRESSED_BY,
    SB_REGRESSIONS,
    SB_DUPLICATES,
    SB_LISTS
};
struct sb_list_row {
    const char *name;
    bool is_id; /* numbers of bugs */
    int mirror; /* the list of the other bug that says the same; -1 */
    bool is_mozilla, is_fixed;
};
extern const struct sb_list_row sb_lists[SB_LISTS];
int sb_list_find(const char *name);

struct sb_user {
    uint64_t id;
    char *login, *real_name, *api_key;
    bool is_privileged; /* sees private bugs and comments */
};
struct sb_comment {
    uint64_t id, number, attachment; /* attachment 0: none */
    char *text;
    struct sb_user *author;
    bool is_private;
    int64_t at_ms;
};
struct sb_attachment {
    uint64_t id, bug;
    char *file_name, *description, *content_type;
    struct sb_user *author;
    bool is_private, is_obsolete, is_patch;
    int64_t at_ms;
};
struct sb_bug {
    uint64_t id, dupe_of;
    char *texts[SB_TEXTS];
    struct sandbox_words lists[SB_LISTS];
    struct sb_user *creator;
    int64_t created_ms, changed_ms, resolved_ms;
    struct list by_change; /* in the site's list, the last changed one last */
    SANDBOX_LIST(struct sb_comment *) comments;
    SANDBOX_LIST(struct sb_attachment *) attachments;
    SANDBOX_LIST(char *) history; /* JSON */
};

enum { SB_ON_CREATE = 1, SB_ON_CHANGE = 2, SB_ON_COMMENT = 4, SB_ON_ATTACHMENT = 8, SB_ON_ATTACHMENT_CHANGE = 16 };
struct sb_delivery {
    struct list link;
    int64_t tries;
    size_t n;
    char body[];
};
struct sb_hook {
    struct sb_site *site;
    int64_t id;
    char *name, *url, *header, *key, *product, *component;
    unsigned events;
    bool is_enabled, is_delivering; /* not delivering: events are dropped in silence */
    struct list queue;
    size_t n_queue;
    int64_t delivered, dropped, refused;
    bool is_failing;
    struct http_call *call; /* under way */
    struct arena *arena;    /* of its answer */
    struct loop_timer timer;
};

struct sb_site {
    struct sandbox *s;
    bool is_stock;
    bool is_unordered; /* by_change is: somebody set times of change by hand */
    uint64_t last_bug, last_comment, last_attachment, last_user;
    struct map *by_id, *by_login, *attachments;
    struct list by_change;
    struct sandbox_words statuses;
    SANDBOX_LIST(struct sb_user *) users;
    SANDBOX_LIST(struct sb_hook *) hooks;
    struct http_client *client;
};

/* bugzilla_site.c */
struct sb_bug *sb_bug_find(const struct sb_site *b, uint64_t id);
struct sb_bug *sb_bug_new(struct sb_site *b, uint64_t id, int64_t now_ms); /* id 0: the next one */
void sb_bug_touch(struct sb_site *b, struct sb_bug *bug, int64_t now_ms);
const char *sb_bug_text(const struct sb_bug *bug, enum sb_text t);
bool sb_bug_is_private(const struct sb_bug *bug);
bool sb_is_open(const char *status);
struct sb_user *sb_user_find(const struct sb_site *b, const char *login);
struct sb_user *sb_user_ensure(struct sb_site *b, const char *login);
struct sb_comment *sb_comment_add(struct sb_site *b, struct sb_bug *bug, struct sb_user *by, const char *text);
/* id 0: the next one. Its texts are still to be set. */
struct sb_attachment *sb_attachment_add(struct sb_site *b, struct sb_bug *bug, uint64_t id);
/* Take over what a JSON of a bug says, in the form of REST or of a webhook; with its comments when it has some. */
void sb_bug_fill(struct sb_site *b, struct sb_bug *bug, const struct json *from);
uint64_t sb_number(const char *text); /* 0: not a number */

/* bugzilla_serve.c */
void sb_error(struct sandbox_call *c, int code, const char *message);
/* The bug of that number or alias, if it can be seen; otherwise NULL and the error is answered. */
struct sb_bug *sb_asked_bug(struct sandbox_call *c, const char *ref);
bool sb_can_see(const struct sandbox_call *c, const struct sb_bug *bug);
bool sb_is_insider(const struct sandbox_call *c);
bool sb_logged_in(struct sandbox_call *c); /* false: 410 is answered */
const char *sb_time(struct sandbox_call *c, int64_t ms);
const char *sb_hook_time(struct sandbox_call *c, int64_t ms); /* without zone */

/* bugzilla_render.c */
void sb_put_bug(struct sandbox_call *c, const struct sb_bug *bug);
void sb_put_comment(struct sandbox_call *c, const struct sb_bug *bug, const struct sb_comment *m);
void sb_put_attachment(struct sandbox_call *c, const struct sb_attachment *m);
void sb_put_list(struct json_out *o, const char *key, const struct sandbox_words *words, bool is_id);

/* bugzilla_change.c */
struct sb_change {
    const char *field, *removed, *added;
};
struct sb_changes {
    struct sb_change v[SB_CHANGES];
    size_t n;
    uint64_t related[SB_CHANGES]; /* bugs on the other side */
    struct sb_change mirrored[SB_CHANGES];
    size_t n_related;
};
bool sb_change_is_fine(struct sandbox_call *c, const struct sb_bug *bug, const struct json *body);
void sb_change_apply(struct sandbox_call *c, struct sb_bug *bug, const struct json *body, struct sb_changes *ret);
void sb_put_changes(struct json_out *o, const struct sb_changes *changes, bool is_folded);

/* bugzilla_event.c: what webhooks are told. */
struct sb_event {
    const struct sb_bug *bug;
    unsigned kind;                    /* SB_ON_… */
    const struct sb_changes *changes; /* of a modify event */
    const struct sb_comment *comment; /* at most one of these two */
    const struct sb_attachment *attachment;
    uint64_t source;        /* indirect change: the bug that was edited; 0: none */
    const char *former_bug; /* JSON to send instead of the bug, when it has just been hidden */
    const char *former_product, *former_component;
};
void sb_event_send(struct sandbox_call *c, const struct sb_event *ev);
const char *sb_event_bug_json(struct sandbox_call *c, const struct sb_bug *bug);

/* bugzilla_hooks.c */
void sb_hooks_read(struct sb_site *b, const struct json *list); /* replaces all */
void sb_hooks_free(struct sb_site *b);
bool sb_hook_wants(const struct sb_hook *h, const struct sb_event *ev);
void sb_hook_push(struct sb_hook *h, struct str body);
void sb_hooks_show(struct sandbox_call *c); /* for control: with counts and addresses */

/* Handlers. */
void sb_bug_get(struct sandbox_call *c);
void sb_bug_search(struct sandbox_call *c);
void sb_bug_put(struct sandbox_call *c);
void sb_bug_post(struct sandbox_call *c);
void sb_bug_history(struct sandbox_call *c);
void sb_comment_list(struct sandbox_call *c);
void sb_comment_post(struct sandbox_call *c);
void sb_attachment_list(struct sandbox_call *c);
void sb_attachment_post(struct sandbox_call *c);
void sb_attachment_put(struct sandbox_call *c);
void sb_whoami(struct sandbox_call *c);
void sb_valid_login(struct sandbox_call *c);
void sb_version(struct sandbox_call *c);
void sb_hook_list(struct sandbox_call *c);

#endif
