/*
 * demo.c: the command `demo`: a sandbox and a daemon in one process, and recorded deliveries played through them one
 * after the other; what became of each is printed. Everything goes over HTTP, as with real trackers.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cli/source.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/deliveries.h"
#include "http/client.h"
#include "io/file.h"
#include "io/loop.h"
#include "model/plan.h"
#include "sandbox/sandbox.h"

enum { DEMO_ONCE, DEMO_EXAMPLES, DEMO_LOG };
enum {
    DEMO_ARENA_BYTES = 256 * 1024 * 1024,
    DEMO_TEXT_BYTES = 1024 * 1024,
    DEMO_TIMEOUT_MS = 10 * 1000,
    DEMO_ASK_MS = 5,
    DEMO_GIVE_UP_MS = 20 * 1000,
    DEMO_KEY_BYTES = 16
};

struct demo {
    struct loop *loop;
    struct arena *arena;
    struct sandbox *sandbox;
    struct daemon *daemon;
    struct config *config;
    struct http_client *client;
    struct loop_signal interrupt, term;
    struct loop_timer ask;
    const char *program, *folder, *examples, *sandbox_url, *url, *key;
    struct many deliveries;
    size_t at;     /* the delivery that is being played */
    int64_t event; /* its id */
    int64_t sent_us, began_ms;
    bool is_duplicate, once;
    size_t unexpected;
    struct err error; /* why it cannot go on */
};

static void demo_next(struct demo *d);

static struct delivery *demo_delivery(const struct demo *d)
{
    return (struct delivery *)d->deliveries.v + d->at;
}

static void demo_broken(struct demo *d, const char *what, const struct http_response *r, const struct err *e)
{
    if (r)
        fail(&d->error, ERR_PERMANENT, "%s: HTTP %d: %.200s", what, r->status, r->body.p ? r->body.p : "");
    else
        fail(&d->error, ERR_PERMANENT, "%s: %s", what, e->text);
    loop_stop(d->loop);
}

static void demo_send(struct demo *d, struct http_request *r,
                      void (*done)(void *ctx, const struct http_response *r, const struct err *e))
{
    http_header_add_secret(d->arena, &r->headers, "X-Api-Key", d->key);
    http_send(d->client, r, DEMO_TIMEOUT_MS, d->arena, done, d);
}

/* --- what is printed --- */

static const char *const demo_colours[VERDICTS] = {
    [VERDICT_APPLIED] = "\033[32m", [VERDICT_UNCHANGED] = "\033[36m", [VERDICT_DISCARDED] = "\033[33m",
    [VERDICT_PARKED] = "\033[31m",  [VERDICT_EXPIRED] = "\033[31m",
};

static void demo_print_row(struct demo *d, const char *verdict, const struct json *row, bool is_expected)
{
    enum verdict v = VERDICTS;
    char issue[32], time[32];
    const struct delivery *del = demo_delivery(d);
    const char *subject = json_text(json_get(row, "subject")), *target = json_text(json_get(row, "target"));
    const char *reason = json_text(json_get(row, "reason"));
    bool colour = out_is_terminal() && verdict_parse(verdict, &v) && demo_colours[v];
    snprintf(issue, sizeof issue, "%s", subject ? subject : "");
    snprintf(time, sizeof time, "%.1f ms", (double)(clock_mono_us() - d->sent_us) / 1000.0);
    printf("%6" PRId64 "  %-14s %-26.26s %s%-10s%s %-12s %9s%s\n", d->event, issue,
           json_text(json_get(row, "kind")) ? json_text(json_get(row, "kind")) : "", colour ? demo_colours[v] : "",
           verdict, colour ? "\033[0m" : "", target ? target : "-", time, is_expected ? "" : "   NOT AS EXPECTED");
    if (del->why)
        printf("        %s\n", del->why);
    if (reason)
        printf("        → %s\n", reason);
    if (!is_expected)
        printf("        expected %s; see: lockstep explain %" PRId64 "\n", del->expect, d->event);
}

static void demo_print_urls(const struct demo *d)
{
    printf("\nlockstep     %s/__heartbeat__   %s/metrics\n", d->url, d->url);
    printf("             %s events --config %s/lockstep.yaml\n", d->program, d->folder);
    printf("             %s explain 2 --config %s/lockstep.yaml\n", d->program, d->folder);
    printf("Jira         %s/jira/          (pretend)\n", d->sandbox_url);
    printf("Bugzilla     %s/bugzilla/      (pretend)\n", d->sandbox_url);
}

static void demo_end(struct demo *d)
{
    size_t n = d->deliveries.n;
    printf("\n%zu deliveries, %zu as expected, %zu not\n", n, n - d->unexpected, d->unexpected);
    if (d->once) {
        loop_stop(d->loop);
        return;
    }
    demo_print_urls(d);
    printf("\nRunning until Ctrl-C.\n");
    fflush(stdout);
}

/* --- one delivery: put the bug into the sandbox, send, ask until it has ended --- */

static void demo_ask_again(struct loop_timer *t);

/* Ended, or parked, which is as far as it gets by itself. */
static bool demo_is_over(const char *verdict)
{
    enum verdict v;
    return verdict && verdict_parse(verdict, &v) && (verdict_ended(v) || v == VERDICT_PARKED);
}

static void demo_told(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    const struct json *answer;
    struct err bad = {0};
    if (!r || r->status != 200 || json_parse(d->arena, r->body, &answer, &bad) < 0) {
        demo_broken(d, "asking for the event", r, e);
        return;
    }
    const struct json *row = json_get(answer, "event");
    const char *verdict = json_text(json_get(row, "verdict"));
    bool gave_up = loop_mono_ms(d->loop) - d->began_ms > DEMO_GIVE_UP_MS;
    if (!demo_is_over(verdict) && !gave_up) {
        loop_timer_start(d->loop, &d->ask, DEMO_ASK_MS, demo_ask_again);
        return;
    }
    const char *shown = d->is_duplicate ? "duplicate" : verdict;
    const char *expect = demo_delivery(d)->expect;
    bool is_expected = expect ? text_same(shown, expect) : !gave_up;
    d->unexpected += !is_expected;
    demo_print_row(d, shown, row, is_expected);
    d->at++;
    demo_next(d);
}

static void demo_ask_again(struct loop_timer *t)
{
    struct demo *d = CONTAINER(t, struct demo, ask);
    struct http_request r = {.method = "GET",
                             .url = arena_fmt(d->arena, "%s/api/v1/events/%" PRId64, d->url, d->event)};
    demo_send(d, &r, demo_told);
}

static void demo_posted(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    const struct json *answer;
    struct err bad = {0};
    if (!r || r->status != 200 || json_parse(d->arena, r->body, &answer, &bad) < 0 ||
        !json_int(json_get(answer, "id"), &d->event)) {
        demo_broken(d, "sending the delivery", r, e);
        return;
    }
    d->is_duplicate = json_bool(json_get(answer, "duplicate"), false);
    demo_ask_again(&d->ask);
}

static void demo_post(struct demo *d)
{
    struct http_request r = demo_delivery(d)->request;
    r.url = http_join(d->arena, d->url, r.url);
    d->sent_us = clock_mono_us();
    d->began_ms = loop_mono_ms(d->loop);
    demo_send(d, &r, demo_posted);
}

static void demo_seeded(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    if (!r || r->status >= 300)
        demo_broken(d, "putting the bug into the sandbox", r, e);
    else
        demo_post(d);
}

/* The bug as the delivery shows it, so that the sandbox's Bugzilla says the same; its links are the sandbox's own. */
static struct str demo_bug(struct demo *d, const struct json *bug)
{
    AUTO(text_auto) struct text t;
    text_init(&t, DEMO_TEXT_BYTES);
    struct json_out o;
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    JSON_EACH (member, bug)
        if (strcmp(json_key(member), "see_also") != 0)
            json_put(&o, json_key(member), member);
    json_close(&o);
    return (struct str){arena_str(d->arena, text_str(&t)), t.n};
}

static void demo_next(struct demo *d)
{
    const struct json *payload;
    struct err e = {0};
    int64_t id;
    fflush(stdout);
    if (d->at == d->deliveries.n) {
        demo_end(d);
        return;
    }
    if (json_parse(d->arena, demo_delivery(d)->request.body, &payload, &e) < 0 ||
        !json_int(json_path(payload, "bug.id"), &id)) {
        demo_post(d); /* the daemon is to say what is wrong with it */
        return;
    }
    struct http_request r = {
        .method = "PUT",
        .url = arena_fmt(d->arena, "%s/_sandbox/bugzilla/bugs/%" PRId64, d->sandbox_url, id),
        .body = demo_bug(d, json_get(payload, "bug")),
    };
    http_header_add(d->arena, &r.headers, "Content-Type", "application/json");
    http_send(d->client, &r, DEMO_TIMEOUT_MS, d->arena, demo_seeded, d);
}

/* --- setting up --- */

static int demo_read_deliveries(struct demo *d, struct err *e)
{
    struct str file;
    const char *path = arena_fmt(d->arena, "%s/deliveries.http", d->examples);
    int rc = file_read(d->arena, path, DEMO_ARENA_BYTES / 8, &file, e);
    if (rc == 0)
        rc = deliveries_read(d->arena, file, &d->deliveries, e);
    return rc < 0 ? err_within(e, "%s", path) : 0;
}

static int demo_start_sandbox(struct demo *d, struct err *e)
{
    const struct sandbox_conf conf = {.listen = "127.0.0.1:0"};
    int rc = sandbox_new(&d->sandbox, d->loop, &conf, e);
    if (rc == 0)
        d->sandbox_url = arena_fmt(d->arena, "http://127.0.0.1:%d", sandbox_port(d->sandbox));
    return rc;
}

static int demo_write_config(struct demo *d, struct err *e)
{
    uint8_t bytes[DEMO_KEY_BYTES];
    char key[2 * DEMO_KEY_BYTES + 1];
    random_bytes(bytes, sizeof bytes);
    hex_write(bytes, sizeof bytes, key);
    d->key = arena_text(d->arena, key);
    int rc = folder_temp(d->arena, "lockstep-demo", &d->folder, e);
    if (rc < 0)
        return rc;
    const char *actions =
        d->examples[0] == '/' ? d->examples : arena_fmt(d->arena, "%s/%s", folder_current(d->arena), d->examples);
    const char *yaml =
        arena_fmt(d->arena,
                  "server: {listen: \"127.0.0.1:0\", api_key: %s}\n"
                  "store: sqlite:lockstep.db\n"
                  "trackers:\n"
                  "  bugzilla: {kind: bugzilla, url: %s/bugzilla, api_key: sandbox-bugzilla-key, hook_key: %s}\n"
                  "  jira: {kind: jira, url: %s/jira, user: bot@example.org, token: sandbox-jira-token}\n"
                  "bridges:\n"
                  "  - {kind: bugzilla-to-jira, from: bugzilla, to: jira, actions: %s/actions.yaml}\n",
                  key, d->sandbox_url, key, d->sandbox_url, actions);
    return file_write(arena_fmt(d->arena, "%s/lockstep.yaml", d->folder), str_of(yaml), e);
}

static int demo_start_daemon(struct demo *d, struct err *e)
{
    size_t warnings;
    AUTO(text_auto) struct text problems;
    text_init(&problems, DEMO_TEXT_BYTES);
    d->config = source_config(arena_fmt(d->arena, "%s/lockstep.yaml", d->folder), &problems, &warnings);
    if (!d->config)
        return fail(e, ERR_CONFIG, "%.400s", text_z(&problems));
    int rc = daemon_new(&d->daemon, d->loop, d->config, e);
    if (rc == 0)
        d->url = daemon_address(d->daemon);
    return rc;
}

static int demo_set_up(struct demo *d, struct err *e)
{
    int rc = demo_read_deliveries(d, e);
    if (rc == 0)
        rc = demo_start_sandbox(d, e);
    if (rc == 0)
        rc = demo_write_config(d, e);
    if (rc == 0)
        rc = demo_start_daemon(d, e);
    return rc;
}

static void demo_interrupted(struct loop_signal *s, int number)
{
    (void)number;
    loop_stop(CONTAINER(s, struct demo, interrupt)->loop);
}

static void demo_terminated(struct loop_signal *s, int number)
{
    (void)number;
    loop_stop(CONTAINER(s, struct demo, term)->loop);
}

static void demo_play(struct demo *d)
{
    printf("Playing %zu deliveries from %s/deliveries.http through %s/actions.yaml.\n\n", d->deliveries.n, d->examples,
           d->examples);
    printf("%6s  %-14s %-26s %-10s %-12s %9s\n", "EVENT", "ISSUE", "WHAT", "VERDICT", "TARGET", "TIME");
    loop_signal_start(d->loop, &d->interrupt, SIGNAL_INT, demo_interrupted);
    loop_signal_start(d->loop, &d->term, SIGNAL_TERM, demo_terminated);
    demo_next(d);
    loop_run(d->loop);
    loop_signal_stop(&d->interrupt);
    loop_signal_stop(&d->term);
}

static void demo_tear_down(struct demo *d)
{
    loop_timer_stop(&d->ask);
    http_client_free(d->client);
    daemon_free(d->daemon);
    sandbox_free(d->sandbox);
    config_put(d->config);
    if (d->folder)
        folder_remove(d->folder);
    loop_free(d->loop);
    arena_free(d->arena);
}

enum exit_code command_demo(const struct command *c, const struct command_line *line)
{
    (void)c;
    static struct log_sink sink;
    struct demo d = {
        .loop = loop_new(),
        .arena = arena_new(DEMO_ARENA_BYTES),
        .program = line->program,
        .once = line->values[DEMO_ONCE] != NULL,
        .examples = line->values[DEMO_EXAMPLES] ? line->values[DEMO_EXAMPLES] : "examples",
    };
    sink = log_fd_sink(2);
    log_to(&sink, LOG_TEXT, line->values[DEMO_LOG] ? LOG_INFO : LOG_ERROR);
    d.client = http_client_new(d.loop);
    if (demo_set_up(&d, &d.error) == 0)
        demo_play(&d);
    if (d.error.class != ERR_NONE)
        complain("%s", d.error.text);
    bool is_well = d.error.class == ERR_NONE && d.unexpected == 0;
    demo_tear_down(&d);
    return is_well ? EXIT_DONE : EXIT_FAILED;
}
