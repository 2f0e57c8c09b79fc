/*
 * demo.c: the command `demo`: a sandbox and a daemon in one process; recorded deliveries of Bugzilla are played through
 * them one after the other, then what people do at GitHub; what became of each is printed. Everything goes over HTTP,
 * as with real trackers.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/source.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/demo_private.h"
#include "http/client.h"
#include "io/file.h"
#include "sandbox/sandbox.h"

enum { DEMO_ONCE, DEMO_EXAMPLES, DEMO_LOG };
enum { DEMO_ARENA_BYTES = 256 * 1024 * 1024, DEMO_TEXT_BYTES = 1024 * 1024, DEMO_KEY_BYTES = 16 };

/* --- setting up --- */

static int demo_read_deliveries(struct demo *d, const char *name, struct err *e)
{
    struct str file;
    const char *path = arena_fmt(d->arena, "%s/%s", d->examples, name);
    int rc = file_read(d->arena, path, DEMO_ARENA_BYTES / 8, &file, e);
    if (rc < 0)
        return rc;
    return deliveries_read(d->arena, file, &d->deliveries, e) < 0 ? err_within(e, "%s", path) : 0;
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
    const char *examples =
        d->examples[0] == '/' ? d->examples : arena_fmt(d->arena, "%s/%s", folder_current(d->arena), d->examples);
    const char *yaml = arena_fmt(
        d->arena,
        "server: {listen: \"127.0.0.1:0\", api_key: %s}\n"
        "store: sqlite:lockstep.db\n"
        "trackers:\n"
        "  bugzilla: {kind: bugzilla, url: %s/bugzilla, api_key: sandbox-bugzilla-key, hook_key: %s}\n"
        "  jira: {kind: jira, url: %s/jira, user: bot@example.org, token: sandbox-jira-token}\n"
        "  github: {kind: github, url: %s/github/api, token: sandbox-github-token, hook_secret: %s, rate: 100/s}\n"
        "bridges:\n"
        "  - {kind: bugzilla-to-jira, from: bugzilla, to: jira, actions: %s/actions.yaml}\n"
        "  - {kind: github-contributions, from: github, people: %s/people.csv, orgs: %s/orgs.yaml,\n"
        "     jira_info: jira-info.yaml, projects: {ospr: \"openedx:19\"}, reconcile: 1s}\n",
        key, d->sandbox_url, key, d->sandbox_url, d->sandbox_url, key, examples, examples, examples);
    /* As examples/jira-info.yaml, but with the sandbox's address. */
    const char *info = arena_fmt(d->arena,
                                 "Acme: {server: %s/jira, email: bot@example.org, token: sandbox-jira-token,\n"
                                 "  mapping: jira-mapping.yaml, description: Acme's Jira}\n",
                                 d->sandbox_url);
    static const char mapping[] = "defaults: {type: Task}\nrepos: [{name: 'openedx/*', project: DEV}]\n";
    rc = file_write(arena_fmt(d->arena, "%s/lockstep.yaml", d->folder), str_of(yaml), e);
    if (rc == 0)
        rc = file_write(arena_fmt(d->arena, "%s/jira-info.yaml", d->folder), str_of(info), e);
    return rc < 0 ? rc : file_write(arena_fmt(d->arena, "%s/jira-mapping.yaml", d->folder), str_of(mapping), e);
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
    int rc = demo_read_deliveries(d, "deliveries.http", e);
    if (rc == 0)
        rc = demo_read_deliveries(d, "github.http", e);
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
    printf("A pretend Bugzilla, Jira and GitHub, and lockstep between them. Played is what %s/deliveries.http and\n"
           "github.http hold, by the rules of actions.yaml, people.csv and orgs.yaml beside them.\n\n",
           d->examples);
    printf("%6s  %-21s %-26s %-10s %-21s %9s\n", "EVENT", "ISSUE", "WHAT", "VERDICT", "TARGET", "TIME");
    loop_signal_start(d->loop, &d->interrupt, SIGNAL_INT, demo_interrupted);
    loop_signal_start(d->loop, &d->term, SIGNAL_TERM, demo_terminated);
    demo_next(d);
    loop_run(d->loop);
    loop_signal_stop(&d->interrupt);
    loop_signal_stop(&d->term);
}

static void demo_stopped(void *ctx)
{
    loop_stop(((struct demo *)ctx)->loop);
}

static void demo_tear_down(struct demo *d)
{
    loop_timer_stop(&d->ask);
    http_client_free(d->client);
    if (d->daemon) {
        daemon_stop(d->daemon, demo_stopped, d);
        loop_run(d->loop);
    }
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
