#include "base/base.h"
#include "cli/rescan.h"
#include "api/verb.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/source.h"
#include "io/file.h"
#include "io/loop.h"

enum {
    RESCAN_DETACH = ASK_OWN,
    RESCAN_DRY, /* up to here of all these commands */
    RESCAN_ALL,
    RESCAN_SINCE,
    RESCAN_UNTIL,
    RESCAN_FORCE
};
enum {
    RESCAN_FIRST_MS = 50,         /* between two looks at the job, at first… */
    RESCAN_LAST_MS = 200,         /* …and at last */
    RESCAN_PARKED_MS = 60 * 1000, /* how long those are waited for that will be tried again */
    RESCAN_PAGE = 200,
    RESCAN_TEXT_BYTES = 256 * 1024 * 1024,
    RESCAN_ANSWER_BYTES = 64 * 1024 * 1024
};

struct rescan_kind { /* what a command asks for */
    const char *kind;
    const char *targets; /* for people */
};

struct rescan_call {
    const struct rescan_kind *kind;
    const struct command_line *line;
    const char *socket;
    struct progress progress;
    int64_t id;
    int64_t parked_us; /* since when there is nothing else to wait for; 0: there is */
};

/* --- questions --- */

/* EXIT_DONE with the answer, which lives in the arena; else it was complained. */
static enum exit_code rescan_put(struct rescan_call *c, struct arena *a, const struct http_request *question,
                                 const struct json **ret)
{
    struct http_response r;
    struct err e = {0};
    enum exit_code result = ask_daemon(a, c->socket, question, &c->progress, &r);
    if (result != EXIT_DONE || json_parse(a, r.body, ret, &e) == 0)
        return result;
    progress_clear(&c->progress);
    complain("%s: %s", c->kind->kind, e.text);
    return EXIT_FAILED;
}

static enum exit_code rescan_look(struct rescan_call *c, struct arena *a, int64_t after, int limit,
                                  const struct json **ret)
{
    const struct http_request question = {
        .method = "GET",
        .url = arena_fmt(a, "/api/v1/jobs/%" PRId64 "?after=%" PRId64 "&limit=%d", c->id, after, limit),
    };
    return rescan_put(c, a, &question, ret);
}

/* The body of the question; NULL after a complaint. */
static const char *rescan_body(const struct command_line *line, const struct rescan_kind *kind)
{
    static const struct {
        int option;
        const char *name;
    } rows[] = {{RESCAN_ALL, "all"},
                {RESCAN_SINCE, "since"},
                {RESCAN_UNTIL, "until"},
                {RESCAN_DRY, "dry_run"},
                {RESCAN_FORCE, "force"}};
    const struct verb *v = verb_find("rescan");
    AUTO(text_auto) struct text body;
    struct json_out o;
    struct verb_value value;
    struct err e = {0};
    text_init(&body, RESCAN_TEXT_BYTES);
    json_start(&o, &body);
    json_open(&o, NULL, '{');
    json_put_text(&o, "kind", kind->kind);
    json_put_text(&o, "target", line->rest[0]);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *given = line->values[rows[i].option];
        for (size_t k = 0; given && k < VERB_ARGS && v->args[k].name; k++) {
            if (strcmp(v->args[k].name, rows[i].name) != 0)
                continue;
            given = v->args[k].type == VERB_SWITCH ? "true" : given;
            if (verb_value_read(&v->args[k], given, &value, &e) < 0) {
                complain("%s: %s", kind->kind, e.text);
                return NULL;
            }
            json_put_text(&o, rows[i].name, given);
        }
    }
    json_close(&o);
    return arena_text(line->arena, text_z(&body));
}

/* --- waiting --- */

struct rescan_pause {
    struct loop *loop;
    struct loop_timer timer;
};

static void rescan_pause_over(struct loop_timer *t)
{
    loop_stop(CONTAINER(t, struct rescan_pause, timer)->loop);
}

static void rescan_pause(int64_t ms)
{
    struct rescan_pause p = {.loop = loop_new()};
    loop_timer_start(p.loop, &p.timer, ms, rescan_pause_over);
    loop_run(p.loop);
    loop_timer_stop(&p.timer);
    loop_free(p.loop);
}

static int64_t rescan_number(const struct json *v, const char *path)
{
    int64_t n = 0;
    return json_int(json_path(v, path), &n) ? n : 0;
}

/* Only those are left that wait for a time, for a while now: they are not worth waiting for. */
static bool rescan_is_stuck(struct rescan_call *c, const struct json *job, bool is_running)
{
    int64_t left = rescan_number(job, "left");
    if (!is_running || left == 0 || left != rescan_number(job, "verdicts.parked")) {
        c->parked_us = 0;
        return false;
    }
    int64_t now = clock_mono_us();
    c->parked_us = c->parked_us ? c->parked_us : now;
    return now - c->parked_us > RESCAN_PARKED_MS * INT64_C(1000);
}

/* Until it has ended, or only waits. */
static enum exit_code rescan_watch(struct rescan_call *c)
{
    int64_t pause = RESCAN_FIRST_MS;
    for (;;) {
        AUTO(arena_auto) struct arena *a = arena_new(RESCAN_ANSWER_BYTES);
        const struct json *answer;
        enum exit_code result = rescan_look(c, a, 0, 0, &answer);
        if (result != EXIT_DONE)
            return result;
        const struct json *job = json_get(answer, "job");
        const char *state = json_text(json_get(job, "state"));
        bool is_listing = text_same(state, "listing"), is_running = text_same(state, "running");
        int64_t events = rescan_number(job, "events"), left = rescan_number(job, "left");
        progress_at(&c->progress, events - left, is_listing ? 0 : events);
        if (!(is_listing || is_running || text_same(state, "cancelling")) || rescan_is_stuck(c, job, is_running))
            return EXIT_DONE;
        rescan_pause(pause);
        pause = pause * 2 < RESCAN_LAST_MS ? pause * 2 : RESCAN_LAST_MS;
    }
}

/* --- the result --- */

static enum exit_code rescan_judge(const struct rescan_call *c, const struct json *job)
{
    const char *state = json_text(json_get(job, "state")), *note = json_text(json_get(job, "note"));
    int64_t left = rescan_number(job, "left");
    int64_t bad = rescan_number(job, "verdicts.expired") + rescan_number(job, "verdicts.dropped");
    if (!text_same(state, "done") && !text_same(state, "running")) {
        complain("%s: %s%s%s", c->kind->kind, state ? state : "", note ? ": " : "", note ? note : "");
        return EXIT_FAILED;
    }
    if (left > 0)
        complain("%s: %" PRId64 " wait to be tried again; \"lockstep jobs\" tells how far it is", c->kind->kind, left);
    return bad > 0 || left > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* Page by page; as JSON all in one object. */
static enum exit_code rescan_result(struct rescan_call *c)
{
    bool is_json = c->line->values[ASK_JSON] != NULL;
    int64_t after = 0;
    AUTO(text_auto) struct text all;
    struct json_out o;
    text_init(&all, RESCAN_TEXT_BYTES);
    json_start(&o, &all);
    if (is_json)
        json_open(&o, NULL, '{');
    if (is_json)
        json_open(&o, "items", '[');
    for (;;) {
        AUTO(arena_auto) struct arena *a = arena_new(RESCAN_TEXT_BYTES);
        const struct json *answer;
        enum exit_code result = rescan_look(c, a, after, RESCAN_PAGE, &answer);
        if (result != EXIT_DONE)
            return result;
        after = rescan_number(answer, "next_after");
        JSON_EACH (item, json_get(answer, "items"))
            if (is_json)
                json_put(&o, NULL, item);
        if (!is_json)
            show_job_items(answer, &all);
        if (after > 0)
            continue;
        if (is_json) {
            json_close(&o);
            json_put(&o, "job", json_get(answer, "job"));
            json_close(&o);
            text_addc(&all, '\n');
        } else {
            show_job(json_get(answer, "job"), &all);
        }
        out_write(text_str(&all));
        return rescan_judge(c, json_get(answer, "job"));
    }
}

static enum exit_code rescan_start(struct rescan_call *c, const char *body, const struct json **ret)
{
    const struct http_request question = {
        .method = "POST", .url = "/api/v1/jobs", .body = str_of(body), .effect = HTTP_CREATE};
    enum exit_code result = rescan_put(c, c->line->arena, &question, ret);
    c->id = result == EXIT_DONE ? rescan_number(*ret, "id") : 0;
    return result;
}

static enum exit_code rescan_detached(const struct rescan_call *c, const struct json *answer)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, RESCAN_TEXT_BYTES);
    json_start(&o, &t);
    if (c->line->values[ASK_JSON])
        json_put(&o, NULL, answer);
    else
        text_addf(&t, "job %" PRId64 ": \"lockstep jobs %" PRId64 "\" tells how far it is", c->id, c->id);
    text_addc(&t, '\n');
    out_write(text_str(&t));
    return EXIT_DONE;
}

static enum exit_code rescan_run(const struct command *command, const struct command_line *line)
{
    const struct rescan_kind *kind = command->own;
    struct rescan_call c = {.kind = kind, .line = line};
    const struct json *answer = NULL;
    if (line->n_rest != 1) {
        complain("%s: needs one target, %s", command->name, kind->targets);
        return EXIT_USAGE;
    }
    const char *body = rescan_body(line, kind);
    if (!body)
        return EXIT_USAGE;
    c.socket = ask_where(line);
    if (!c.socket)
        return EXIT_FAILED;
    progress_start(&c.progress, command->name, !line->values[ASK_JSON] && !line->values[RESCAN_DETACH]);
    enum exit_code result = rescan_start(&c, body, &answer);
    if (result == EXIT_DONE && line->values[RESCAN_DETACH])
        return rescan_detached(&c, answer);
    if (result == EXIT_DONE)
        result = rescan_watch(&c);
    progress_clear(&c.progress);
    return result == EXIT_DONE ? rescan_result(&c) : result;
}

#define RESCAN_COMMON                                                                                                  \
    ASK_OPTIONS, {"detach", NULL, "do not wait for it: lockstep jobs tells how far it is"},                            \
    {                                                                                                                  \
        "dry-run", NULL, "write nothing, tell what would be done"                                                      \
    }

const struct command rescan_command = {
    .name = "rescan",
    .operands = "TARGET",
    .help = "look at pull requests again, as if something had just happened to each, and tell what came of it",
    .options = {RESCAN_COMMON,
                {"all", NULL, "closed ones too"},
                {"since", "DAY", "those opened then or later: 2026-11-20"},
                {"until", "DAY", "and until then, that day included"},
                {"force", NULL, "look also at what has not changed since the last time"}},
    .run = rescan_run,
    .own = &(const struct rescan_kind){"rescan", "github:OWNER/REPO, github:OWNER/REPO#1 or github:OWNER"},
};
const struct command sync_labels_command = {
    .name = "sync-labels",
    .operands = "TARGET",
    .help = "make the labels of repositories as the bridge's labels_file says, and tell what came of it",
    .options = {RESCAN_COMMON},
    .run = rescan_run,
    .own = &(const struct rescan_kind){"labels", "github:OWNER/REPO or github:OWNER"},
};
const struct command sync_users_command = {
    .name = "sync-users",
    .operands = "TRACKER",
    .help = "put the users of a Jira into its groups, by the domains of their mail addresses, and tell what came of it",
    .options = {RESCAN_COMMON},
    .run = rescan_run,
    .own = &(const struct rescan_kind){"users", "the name of a tracker"},
};
