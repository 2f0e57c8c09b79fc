/* serve.c: the commands `serve` and `check`. */
#include "base/base.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/source.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "engine/engine.h"
#include "engine/metrics.h"
#include "http/client.h"
#include "io/file.h"
#include "io/loop.h"
#include "tracker/driver.h"

enum { SERVE_CONFIG, SERVE_LOG, SERVE_LEVEL };
enum { CHECK_CONFIG, CHECK_ONLINE };
enum { SERVE_TEXT_BYTES = 16 * 1024 * 1024 };

struct serve {
    struct loop *loop;
    struct daemon *daemon;
    struct loop_signal term, interrupt, hangup;
    bool is_stopping;
};

static void serve_stopped(void *ctx)
{
    struct serve *s = ctx;
    loop_stop(s->loop);
}

static void serve_stop(struct serve *s)
{
    if (s->is_stopping)
        return;
    s->is_stopping = true;
    log_line(LOG_INFO, "daemon", "stopping");
    daemon_stop(s->daemon, serve_stopped, s);
}

static void serve_term(struct loop_signal *sig, int number)
{
    (void)number;
    serve_stop(CONTAINER(sig, struct serve, term));
}

static void serve_interrupt(struct loop_signal *sig, int number)
{
    (void)number;
    serve_stop(CONTAINER(sig, struct serve, interrupt));
}

static void serve_hangup(struct loop_signal *sig, int number)
{
    (void)number;
    daemon_reload(CONTAINER(sig, struct serve, hangup)->daemon);
}

static int serve_log(const struct command_line *line)
{
    const char *format = line->values[SERVE_LOG] ? line->values[SERVE_LOG] : "json";
    const char *word = line->values[SERVE_LEVEL] ? line->values[SERVE_LEVEL] : "info";
    enum log_level level;
    struct err e = {0};
    static struct log_sink sink;
    if (log_level_parse(word, &level, &e) < 0) {
        complain("--log-level: %s", e.text);
        return -1;
    }
    if (strcmp(format, "json") != 0 && strcmp(format, "text") != 0) {
        complain("--log: expected json or text, got \"%s\"", format);
        return -1;
    }
    sink = log_fd_sink(2);
    log_to(&sink, strcmp(format, "json") == 0 ? LOG_JSON : LOG_TEXT, level);
    return 0;
}

/* NULL after telling on standard error what is wrong. */
static struct config *serve_config(const struct command_line *line, size_t *ret_warnings)
{
    const char *file = line->values[SERVE_CONFIG] ? line->values[SERVE_CONFIG] : "lockstep.yaml";
    AUTO(text_auto) struct text problems;
    text_init(&problems, SERVE_TEXT_BYTES);
    struct config *c = source_config(file, &problems, ret_warnings);
    fputs(text_z(&problems), stderr);
    return c;
}

static void serve_signals(struct serve *s)
{
    loop_signal_start(s->loop, &s->term, SIGNAL_TERM, serve_term);
    loop_signal_start(s->loop, &s->interrupt, SIGNAL_INT, serve_interrupt);
    loop_signal_start(s->loop, &s->hangup, SIGNAL_HUP, serve_hangup);
}

/* To be told again changes nothing, down to the last moment. */
static void serve_signals_end(struct serve *s)
{
    loop_signal_stop(&s->term);
    loop_signal_stop(&s->interrupt);
    loop_signal_stop(&s->hangup);
    loop_signal_ignore(SIGNAL_TERM);
    loop_signal_ignore(SIGNAL_INT);
    loop_signal_ignore(SIGNAL_HUP);
}

enum exit_code command_serve(const struct command *c, const struct command_line *line)
{
    (void)c;
    size_t warnings;
    if (serve_log(line) < 0)
        return EXIT_USAGE;
    struct config *config = serve_config(line, &warnings);
    if (!config)
        return EXIT_FAILED;
    struct serve s = {.loop = loop_new()};
    struct err e = {0};
    int rc = daemon_new(&s.daemon, s.loop, config, &e);
    if (rc < 0) {
        complain("%s", e.text);
    } else {
        serve_signals(&s);
        daemon_announce(s.daemon);
        log_line(LOG_INFO, "daemon", "ready", LOG_STR("address", daemon_address(s.daemon)),
                 LOG_STR("store", config->store), LOG_STR("version", daemon_version));
        loop_run(s.loop);
        daemon_free(s.daemon);
        serve_signals_end(&s);
        log_line(LOG_INFO, "daemon", "stopped");
    }
    loop_free(s.loop);
    config_put(config);
    return rc < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* --- check --- */

struct check_online {
    struct loop *loop;
    bool failed;
};

static void check_report(void *ctx, const struct health_report *report)
{
    struct check_online *o = ctx;
    const struct health_check *checks = report->checks.v;
    for (size_t i = 0; i < report->checks.n; i++) {
        const struct health_message *m = checks[i].messages.v;
        printf("%-8s %s\n",
               checks[i].level == HEALTH_OK        ? "ok"
               : checks[i].level == HEALTH_WARNING ? "warning"
                                                   : "error",
               checks[i].name);
        for (size_t k = 0; k < checks[i].messages.n; k++)
            printf("         %s: %s\n", m[k].id, m[k].text);
        o->failed = o->failed || checks[i].level == HEALTH_ERROR;
    }
    loop_stop(o->loop);
}

/* The daemon's own health checks, once, without a store. */
static enum exit_code check_trackers(struct config *config)
{
    struct check_online o = {.loop = loop_new()};
    struct http_client *client = http_client_new(o.loop);
    struct metrics *metrics = metrics_new();
    const struct engine_parts parts = {o.loop, NULL, client, metrics};
    tracker_drivers_check();
    struct engine *g = engine_new(&parts, config);
    engine_check_health(g, check_report, &o);
    loop_run(o.loop);
    engine_free(g);
    metrics_free(metrics);
    http_client_free(client);
    loop_free(o.loop);
    return o.failed ? EXIT_FAILED : EXIT_DONE;
}

enum exit_code command_check(const struct command *c, const struct command_line *line)
{
    (void)c;
    size_t warnings;
    struct config *config = serve_config(line, &warnings);
    if (!config)
        return EXIT_FAILED;
    printf("%s: fine: %zu tracker%s, %zu bridge%s, %zu warning%s\n", config->file, config->n_trackers,
           config->n_trackers == 1 ? "" : "s", config->n_bridges, config->n_bridges == 1 ? "" : "s", warnings,
           warnings == 1 ? "" : "s");
    fflush(stdout);
    enum exit_code result = line->values[CHECK_ONLINE] ? check_trackers(config) : EXIT_DONE;
    config_put(config);
    return result;
}
