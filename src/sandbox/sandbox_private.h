/*
 * sandbox_private.h: what the files of the sandbox share: one request being served, the routes, the logs, the faults.
 *
 * All runs on the loop thread. Handlers are synchronous: they read a struct sandbox_call, change the state of their
 * service and write the answer into it; sending, faults, delays and logs are done once, in sandbox.c.
 */
#ifndef SANDBOX_PRIVATE_H
#define SANDBOX_PRIVATE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/list.h"
#include "base/map.h"
#include "base/text.h"
#include "base/when.h"
#include "http/server.h"
#include "io/loop.h"
#include "sandbox/sandbox.h"

enum {
    SANDBOX_BODY_BYTES = 4 * 1024 * 1024,
    SANDBOX_ANSWER_BYTES = 64 * 1024 * 1024,
    SANDBOX_PARTS = 4,
    SANDBOX_TOUCHED = 2,
    SANDBOX_WRITES = 200000,                   /* kept in the log of writes */
    SANDBOX_WRITES_BYTES = 256 * 1024 * 1024,  /* their bodies */
    SANDBOX_EXCHANGES = 2000,                  /* kept in the log of all requests */
    SANDBOX_EXCHANGES_BYTES = 32 * 1024 * 1024 /* their bodies and answers */
};

struct sj_site;
struct sj_issue;
struct sj_user;
struct sb_site;
struct sb_user;
struct sg_app;
struct sg_site;
struct sg_user;

/* A growing list of items of any type. */
#define SANDBOX_LIST(type)                                                                                             \
    struct {                                                                                                           \
        type *v;                                                                                                       \
        size_t n, room;                                                                                                \
    }
#define SANDBOX_ADD(list, item)                                                                                        \
    do {                                                                                                               \
        if ((list)->n == (list)->room) {                                                                               \
            (list)->room = (list)->room ? (list)->room * 2 : 4;                                                        \
            (list)->v = mem_grow((list)->v, (list)->room, sizeof *(list)->v);                                          \
        }                                                                                                              \
        (list)->v[(list)->n++] = (item);                                                                               \
    } while (0)

/* words.c: an ordered set of texts; owns them. */
struct sandbox_words {
    char **v;
    size_t n, room;
};
void sandbox_words_clear(struct sandbox_words *w);
bool sandbox_words_has(const struct sandbox_words *w, const char *word);
bool sandbox_words_add(struct sandbox_words *w, const char *word);    /* false when it was there */
bool sandbox_words_remove(struct sandbox_words *w, const char *word); /* false when it was not */
void sandbox_words_copy(struct sandbox_words *to, const struct sandbox_words *from);
/* Place of a word, compared without ASCII case; -1 when absent. */
int sandbox_words_find(const struct sandbox_words *w, const char *word);
void sandbox_words_read(struct sandbox_words *w, const struct json *list); /* adds the texts of an array */
/* Split at commas, trimmed, empty pieces dropped. */
void sandbox_words_split(struct sandbox_words *w, const char *list);
char *sandbox_words_join(struct arena *a, const struct sandbox_words *w, const char *between);
void sandbox_set_text(char **at, const char *text); /* replace an owned text; text may be NULL */

enum sandbox_service { SANDBOX_JIRA, SANDBOX_BUGZILLA, SANDBOX_GITHUB, SANDBOX_CONTROL };
const char *sandbox_service_name(enum sandbox_service service);

/* One request. */
struct sandbox_call {
    struct sandbox *s;
    struct arena *arena; /* until the answer is written */
    const struct http_request *request;
    const char *path; /* without the query */
    enum sandbox_service service;
    bool is_write;
    int64_t now_ms;
    const char *base;                          /* "http://127.0.0.1:8090" as the client wrote it */
    const char *part[SANDBOX_PARTS];           /* what each {} of the route's pattern matched */
    const struct json *body;                   /* NULL when there is none */
    bool adf;                                  /* Jira's API 3: documents instead of wiki markup */
    struct sj_user *jira_user;                 /* who asks; NULL: nobody */
    struct sb_user *bugzilla_user;             /* the same */
    struct sg_user *github_user;               /* the same */
    struct sg_app *github_app;                 /* likewise, itself or by what was granted to it */
    bool is_quiet;                             /* GitHub's hooks are not told */
    struct sj_issue *touched[SANDBOX_TOUCHED]; /* issues that the write was about */

    int status; /* the answer */
    const char *type;
    struct text *out;
    struct json_out json;
    struct http_headers headers;
};

enum {
    SANDBOX_READS = 1 /* a POST that changes nothing */
};
struct sandbox_route {
    const char *method, *pattern; /* "issue/{}/comment"; each {} is one part of the path, unescaped, {...} the rest */
    void (*handle)(struct sandbox_call *c);
    unsigned flags;
};
/*
 * The row for a method and a path below the service; NULL when none: then *ret_known says whether another method would
 * have matched. Fills c->part.
 */
const struct sandbox_route *sandbox_route_find(const struct sandbox_route *rows, size_t n, const char *path,
                                               struct sandbox_call *c, bool *ret_known);

/* Begin an answer, forgetting what was written before. */
struct json_out *sandbox_json(struct sandbox_call *c, int status);
struct text *sandbox_plain(struct sandbox_call *c, int status, const char *type);
void sandbox_empty(struct sandbox_call *c, int status);
const char *sandbox_time(struct sandbox_call *c, int64_t ms); /* with seconds and Z */
void sandbox_touch(struct sandbox_call *c, struct sj_issue *issue);
void sandbox_touched(struct sj_issue *issue, uint64_t seq); /* note a write in the issue's history; NULL is fine */
int64_t sandbox_query_int(struct sandbox_call *c, const char *name, int64_t otherwise, int64_t max);
/* All values of a parameter that may be repeated, or hold a list with commas. */
void sandbox_query_all(struct sandbox_call *c, const char *name, struct sandbox_words *to);
bool sandbox_body_int(const struct json *v, int64_t *ret); /* a number or a text of digits */
char *sandbox_fold(struct arena *a, const char *text);     /* upper case, for keys */

/* One entry of a log. */
struct sandbox_entry {
    uint64_t seq;
    int64_t at_ms;
    enum sandbox_service service;
    int status;
    bool applied, withheld;
    char *method, *path, *query, *body, *answer;
    size_t bytes;
};
/* traffic.c: logs as rings with a limit in entries and in bytes. */
struct sandbox_log {
    struct sandbox_entry *v;
    size_t room, n, max_bytes, bytes;
    uint64_t last; /* sequence number of the newest */
};
void sandbox_log_init(struct sandbox_log *l, size_t entries, size_t max_bytes);
void sandbox_log_free(struct sandbox_log *l);
/* The next entry to fill in; the caller then calls sandbox_log_weigh. */
struct sandbox_entry *sandbox_log_add(struct sandbox_log *l);
void sandbox_log_weigh(struct sandbox_log *l, struct sandbox_entry *e);
const struct sandbox_entry *sandbox_log_get(const struct sandbox_log *l, uint64_t seq); /* NULL when dropped */
void sandbox_log_entry(struct json_out *o, const struct sandbox_entry *e, bool with_answer);
void sandbox_traffic_writes(struct sandbox_call *c);
void sandbox_traffic_exchanges(struct sandbox_call *c);

/* faults.c */
enum sandbox_fault_kind {
    SANDBOX_FAULT_NONE,
    SANDBOX_FAULT_STATUS, /* another answer */
    SANDBOX_FAULT_HANG,   /* no answer, the connection stays open until delay_ms */
    SANDBOX_FAULT_CLOSE,  /* no answer, the connection is cut */
    SANDBOX_FAULT_CUT,    /* half of the answer, then the connection is cut */
    SANDBOX_FAULT_LATE,   /* takes effect at once, answered after delay_ms */
    SANDBOX_FAULT_SLOW,   /* takes effect and is answered after delay_ms */
    SANDBOX_FAULT_HEADERS /* takes effect, and the answer has more headers */
};
struct sandbox_fault {
    enum sandbox_fault_kind kind;
    char *service, *method, *glob, *contains, *body; /* contains: what a request's body must hold */
    int64_t after, times, seen, fired;               /* times 0: for ever */
    int status;
    int64_t retry_after, delay_ms; /* -1: not given */
    bool apply;
    SANDBOX_LIST(char *) headers; /* name, value, name, value… */
};
struct sandbox_faults {
    struct sandbox_fault *v;
    size_t n;
};
void sandbox_faults_clear(struct sandbox_faults *f);
const struct sandbox_fault *sandbox_faults_match(struct sandbox_faults *f, const struct sandbox_call *c);
void sandbox_faults_answer(const struct sandbox_fault *f, struct sandbox_call *c);  /* the rule's own status and body */
void sandbox_faults_headers(const struct sandbox_fault *f, struct sandbox_call *c); /* the rule's own headers */
bool sandbox_glob(const char *glob, const char *text);                              /* * is anything, ? one character */
void sandbox_faults_get(struct sandbox_call *c);
void sandbox_faults_post(struct sandbox_call *c);
void sandbox_faults_delete(struct sandbox_call *c);

struct sandbox_settings {
    int64_t latency_ms;    /* before each answer */
    int64_t index_lag_ms;  /* after which Jira's search finds a new issue */
    int64_t hook_retry_ms; /* first pause after a refused delivery; then five times more, at most 180 times the first */
    int64_t hook_error_limit; /* tries of one delivery after which the webhook is switched off */
    int64_t jira_limit;       /* requests that Jira answers in a window; 0: all of them */
    int64_t jira_window_ms;   /* how long a window is */
    int64_t github_limit;     /* the same of GitHub's REST, and of its GraphQL */
    int64_t github_window_ms;
    int64_t github_writes; /* writes that it allows in a window: its secondary limit */
    int64_t github_writes_ms;
};

/* limits.c: the requests of the present window of Jira's limit. */
struct sandbox_window {
    int64_t until_ms, used;
};
/* Count one request of Jira's. False: it is over the limit, and the answer says so. */
bool sandbox_limits_take(struct sandbox_call *c);
void sandbox_limits_headers(struct sandbox_call *c); /* what is left, into any answer of Jira's */

struct sandbox {
    struct loop *loop;
    struct http_server *server;
    char *base, *seed;
    struct arena *arena;
    struct text out;
    struct sj_site *jira;
    struct sb_site *bugzilla;
    struct sg_site *github;
    struct sandbox_settings settings;
    struct sandbox_faults faults;
    struct sandbox_window window, github_windows[3]; /* REST, GraphQL, writes */
    struct sandbox_log writes, exchanges;
    struct list held; /* answers that wait */
    uint64_t requests;
};

/* sandbox.c: begin anew from a seed; on an error nothing has changed. NULL: the one it was started with. */
int sandbox_reset(struct sandbox *s, const struct json *seed, struct err *e);
void sandbox_release_held(struct sandbox *s); /* cut what hangs */
/* seed.c: the built-in seed; owned by the caller. */
char *sandbox_seed_text(void);
/* control.c, pages.c: their routes. */
extern const struct sandbox_route sandbox_control_routes[], sandbox_page_routes[];
extern const size_t sandbox_control_count, sandbox_page_count;
void sandbox_settings_read(struct sandbox_settings *to, const struct json *from);

#endif
