/* serve.c: the command `serve`: the daemon until a signal ends it. */
#include "base/base.h"
#include "base/log.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "io/file.h"
#include "io/loop.h"

enum { SERVE_CONFIG, SERVE_LOG, SERVE_LEVEL };

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
    struct config *config = command_config(line->values[SERVE_CONFIG], &warnings);
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
