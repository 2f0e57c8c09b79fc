#include "base/base.h"
#include "daemon/daemon.h"
#include "api/api.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/source.h"
#include "daemon/survey.h"
#include "engine/engine.h"
#include "engine/metrics.h"
#include "http/client.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/service.h"
#include "poll/poll.h"
#include "store/store.h"
#include "tracker/driver.h"

enum {
    DAEMON_STOP_MS = 10 * 1000,
    DAEMON_DRAIN_MS = 10,
    DAEMON_LINGER_MS = 5,
    DAEMON_HEADER_BYTES = 8 * 1024, /* each connection holds that much, and it is cleared for each request */
    DAEMON_REQUEST_MS = 30 * 1000,
    DAEMON_IDLE_MS = 120 * 1000,
    DAEMON_WRAP_BYTES = 1024 * 1024,
    DAEMON_LOCAL_CONNECTIONS = 64,
    DAEMON_ARENA_BYTES = 1024 * 1024,
    DAEMON_PROBLEM_BYTES = 1024 * 1024
};

struct daemon {
    struct loop *loop;
    struct config *config;
    struct arena *arena; /* for what lives as long as the daemon */
    struct store *store;
    struct http_client *client;
    struct metrics *metrics;
    struct engine *engine;
    struct poll *poll;
    struct api *api;
    struct http_server *server; /* where trackers and people come */
    struct survey *survey;
    struct http_server *control; /* the unix socket beside the store */
    struct loop_hook commit;
    struct loop_timer linger; /* ends a batch that only verdicts wait for */
    bool is_lingering, is_commit_due;
    struct loop_timer deadline;
    struct loop_timer alive; /* feeds the supervisor's watchdog: from the loop, so that a stuck one is noticed */
    void (*stopped)(void *ctx);
    void *stopped_ctx;
    bool is_reloading, is_over;
    bool is_reload_due;        /* it was asked for while another one was under way */
    uint64_t refused;          /* checksum of what was wrong with the configuration when it was read last; 0: nothing */
    struct loop_timer refresh; /* looks whether files that the configuration names have changed */
};

/* --- boot: a table of parts, started in order and stopped in reverse --- */

static int daemon_start_store(struct daemon *d, struct err *e)
{
    return store_open(&d->store, d->config->store, e);
}

static void daemon_stop_store(struct daemon *d)
{
    store_close(d->store);
}

static int daemon_start_client(struct daemon *d, struct err *e)
{
    (void)e;
    d->client = http_client_new(d->loop);
    return 0;
}

static void daemon_stop_client(struct daemon *d)
{
    http_client_free(d->client);
}

static int daemon_start_metrics(struct daemon *d, struct err *e)
{
    (void)e;
    d->metrics = metrics_new();
    metrics_set(d->metrics, METRIC_START_TIME, NULL, NULL, (double)loop_now_ms(d->loop) / 1000);
    return 0;
}

static void daemon_stop_metrics(struct daemon *d)
{
    metrics_free(d->metrics);
}

static int daemon_start_engine(struct daemon *d, struct err *e)
{
    const struct engine_parts parts = {d->loop, d->store, d->client, d->metrics};
    tracker_drivers_check();
    d->engine = engine_new(&parts, d->config);
    return engine_start(d->engine, e);
}

static void daemon_stop_engine(struct daemon *d)
{
    engine_free(d->engine);
}

static int daemon_start_poll(struct daemon *d, struct err *e)
{
    const char *version = arena_fmt(d->arena, "%s %s", daemon_version, daemon_commit);
    const struct poll_parts parts = {d->loop, d->store, d->engine, d->metrics, d->config->store, version};
    d->poll = poll_new(&parts);
    return poll_start(d->poll, e);
}

static void daemon_stop_poll(struct daemon *d)
{
    poll_free(d->poll);
}

static void daemon_linger_over(struct loop_timer *t)
{
    struct daemon *d = CONTAINER(t, struct daemon, linger);
    d->is_lingering = false;
    d->is_commit_due = true;
}

static void daemon_linger(struct daemon *d)
{
    if (!d->is_lingering)
        loop_timer_start(d->loop, &d->linger, DAEMON_LINGER_MS, daemon_linger_over);
    d->is_lingering = true;
}

/*
 * The one commit of a turn, behind all that wrote in it and before the replies that wait for it. Verdicts, which nobody
 * outside waits for, stay a moment to share the way to disk with the next delivery.
 */
static bool daemon_commit_turn(struct loop_hook *h)
{
    struct daemon *d = CONTAINER(h, struct daemon, commit);
    if (!store_dirty(d->store))
        return false;
    if (!store_hurried(d->store) && !d->is_commit_due) {
        daemon_linger(d);
        return false;
    }
    loop_timer_stop(&d->linger);
    d->is_lingering = d->is_commit_due = false;
    store_commit(d->store);
    return true;
}

static int daemon_start_commit(struct daemon *d, struct err *e)
{
    (void)e;
    d->commit.turn = daemon_commit_turn;
    loop_hook_add(d->loop, &d->commit);
    return 0;
}

static void daemon_stop_commit(struct daemon *d)
{
    while (store_dirty(d->store)) /* who waits ends while the engine is there, and may write once more as it does */
        store_commit(d->store);
    loop_timer_stop(&d->linger);
    loop_hook_remove(d->loop, &d->commit);
}

static unsigned daemon_connections(void *ctx)
{
    const struct daemon *d = ctx;
    return d->server ? http_server_open(d->server) : 0;
}

static int daemon_start_api(struct daemon *d, struct err *e)
{
    (void)e;
    const struct api_parts parts = {
        .loop = d->loop,
        .engine = d->engine,
        .metrics = d->metrics,
        .poll = d->poll,
        .store_url = d->config->store,
        .version = daemon_version,
        .commit = daemon_commit,
        .connections = daemon_connections,
        .ctx = d,
    };
    d->api = api_new(&parts);
    return 0;
}

static void daemon_stop_api(struct daemon *d)
{
    api_free(d->api);
}

static int daemon_start_control(struct daemon *d, struct err *e)
{
    const struct http_server_conf conf = {
        .listen = arena_fmt(d->arena, "unix:%s", ask_socket(d->arena, d->config->store)),
        .header_bytes = DAEMON_HEADER_BYTES,
        .body_bytes = (size_t)d->config->server.body_limit + DAEMON_WRAP_BYTES, /* a replay's body in JSON */
        .connections = DAEMON_LOCAL_CONNECTIONS,
        .request_ms = DAEMON_REQUEST_MS,
        .idle_ms = DAEMON_IDLE_MS,
        .is_private = true,
        .head = api_head,
        .body = api_body,
        .ctx = d->api,
    };
    return http_server_new(&d->control, d->loop, &conf, e);
}

static void daemon_stop_control(struct daemon *d)
{
    http_server_free(d->control);
}

static int daemon_start_server(struct daemon *d, struct err *e)
{
    const struct conf_server *s = &d->config->server;
    const struct http_server_conf conf = {
        .listen = s->listen,
        .header_bytes = DAEMON_HEADER_BYTES,
        .body_bytes = (size_t)s->body_limit,
        .connections = (unsigned)s->connections,
        .request_ms = s->request_timeout,
        .idle_ms = DAEMON_IDLE_MS,
        .head = api_head,
        .body = api_body,
        .ctx = d->api,
    };
    return http_server_new(&d->server, d->loop, &conf, e);
}

static void daemon_stop_server(struct daemon *d)
{
    http_server_free(d->server);
}

static int daemon_start_survey(struct daemon *d, struct err *e)
{
    (void)e;
    d->survey = survey_start(d->loop, d->store, d->config->store);
    return 0;
}

static void daemon_stop_survey(struct daemon *d)
{
    survey_free(TAKE(d->survey));
}

static const struct daemon_part {
    const char *name;
    int (*start)(struct daemon *d, struct err *e);
    void (*stop)(struct daemon *d); /* fine when it was not started */
} daemon_parts[] = {
    {"store", daemon_start_store, daemon_stop_store},
    {"client", daemon_start_client, daemon_stop_client},
    {"metrics", daemon_start_metrics, daemon_stop_metrics},
    {"engine", daemon_start_engine, daemon_stop_engine},
    {"poll", daemon_start_poll, daemon_stop_poll},
    {"commit", daemon_start_commit, daemon_stop_commit},
    {"api", daemon_start_api, daemon_stop_api},
    {"control socket", daemon_start_control, daemon_stop_control},
    {"server", daemon_start_server, daemon_stop_server},
    {"survey", daemon_start_survey, daemon_stop_survey},
};

static void daemon_stop_parts(struct daemon *d, size_t n)
{
    while (n > 0)
        daemon_parts[--n].stop(d);
    config_put(d->config);
    arena_free(d->arena);
    mem_free(d);
}

static void daemon_refresh_later(struct daemon *d);

int daemon_new(struct daemon **ret, struct loop *loop, struct config *config, struct err *e)
{
    struct daemon *d = mem_zero(sizeof *d);
    d->loop = loop;
    d->config = config_get(config);
    d->arena = arena_new(DAEMON_ARENA_BYTES);
    for (size_t i = 0; i < COUNT(daemon_parts); i++) {
        int rc = daemon_parts[i].start(d, e);
        if (rc < 0) {
            daemon_stop_parts(d, i);
            return rc;
        }
    }
    daemon_refresh_later(d);
    *ret = d;
    return 0;
}

void daemon_free(struct daemon *d)
{
    if (!d)
        return;
    loop_timer_stop(&d->deadline);
    loop_timer_stop(&d->alive);
    loop_timer_stop(&d->refresh);
    daemon_stop_parts(d, COUNT(daemon_parts));
}

/* --- the supervisor --- */

static void daemon_alive(struct loop_timer *t)
{
    struct daemon *d = CONTAINER(t, struct daemon, alive);
    service_alive();
    loop_timer_start(d->loop, t, service_watchdog_ms() / 2, daemon_alive);
}

void daemon_announce(struct daemon *d)
{
    service_ready();
    if (service_watchdog_ms() > 0)
        daemon_alive(&d->alive);
}

/* --- shutdown --- */

/* The pool's jobs hold parts of the daemon; they are short and cannot be cut. */
static bool daemon_is_busy(const struct daemon *d)
{
    return api_busy(d->api) || d->is_reloading || survey_busy(d->survey) || poll_busy(d->poll) ||
           store_hurried(d->store); /* somebody waits for the end of this turn */
}

/* With the last answer the door is closed: whoever came in now would wait for what is being taken apart. */
static void daemon_drain(struct loop_timer *t)
{
    struct daemon *d = CONTAINER(t, struct daemon, deadline);
    if (daemon_is_busy(d)) {
        loop_timer_start(d->loop, &d->deadline, DAEMON_DRAIN_MS, daemon_drain);
        return;
    }
    d->is_over = true;
    http_server_free(TAKE(d->server));
    http_server_free(TAKE(d->control));
    d->stopped(d->stopped_ctx);
}

/* By a timer: who tells that nothing is under way any more may himself be a part that goes. */
static void daemon_idle(void *ctx)
{
    struct daemon *d = ctx;
    if (!d->is_over)
        loop_timer_start(d->loop, &d->deadline, 0, daemon_drain);
}

static void daemon_deadline(struct loop_timer *t)
{
    struct daemon *d = CONTAINER(t, struct daemon, deadline);
    log_line(LOG_WARNING, "daemon", "exchanges under way are cut, their events stay in the journal");
    daemon_idle(d);
}

void daemon_stop(struct daemon *d, void (*stopped)(void *ctx), void *ctx)
{
    d->stopped = stopped;
    d->stopped_ctx = ctx;
    loop_timer_stop(&d->refresh);
    service_stopping();
    survey_cancel(d->survey);
    http_server_stop_accepting(d->server);
    loop_timer_start(d->loop, &d->deadline, DAEMON_STOP_MS, daemon_deadline);
    poll_stop(d->poll);
    engine_stop(d->engine, daemon_idle, d);
}

/* --- reload --- */

struct daemon_reload_job {
    struct loop_job job;
    struct daemon *daemon;
    char *file;
    struct config *config;
    struct text problems;
    size_t warnings;
    bool is_refresh; /* nobody asked: only what the file names may have changed */
};

static void daemon_reload_work(struct loop_job *j)
{
    struct daemon_reload_job *job = CONTAINER(j, struct daemon_reload_job, job);
    job->config = source_config(job->file, &job->problems, &job->warnings);
}

/* A word for the metric. Somebody may be half-way through changing the file itself. */
static const char *daemon_reload_outcome(const struct daemon_reload_job *job)
{
    const struct config *now = job->daemon->config;
    if (!job->config)
        return "refused";
    if (!job->is_refresh)
        return "taken";
    return job->config->own_digest != now->own_digest ? "waiting"
           : job->config->digest == now->digest       ? "same"
                                                      : "taken";
}

static void daemon_reload_take(struct daemon *d, struct daemon_reload_job *job)
{
    engine_reload(d->engine, job->config);
    poll_reload(d->poll);
    config_put(d->config);
    d->config = TAKE(job->config);
    log_line(LOG_INFO, "daemon", job->is_refresh ? "files of the configuration read again" : "configuration read again",
             LOG_INT("warnings", (int64_t)job->warnings), LOG_STR("problems", text_z(&job->problems)));
}

/* Once for each change; whoever asks for it is told again. */
static void daemon_reload_refused(struct daemon *d, const struct daemon_reload_job *job)
{
    uint64_t refused = job->config ? 0 : checksum(text_str(&job->problems), 1);
    if (refused && (refused != d->refused || !job->is_refresh))
        log_line(LOG_ERROR, "daemon", "the new configuration is refused, the old one stays",
                 LOG_STR("problems", text_z(&job->problems)));
    if (!refused && d->refused)
        log_line(LOG_INFO, "daemon", "the configuration is sound again");
    metrics_set(d->metrics, METRIC_CONFIG_REFUSED, NULL, NULL, refused != 0);
    d->refused = refused;
}

static void daemon_reload_done(struct loop_job *j)
{
    struct daemon_reload_job *job = CONTAINER(j, struct daemon_reload_job, job);
    struct daemon *d = job->daemon;
    d->is_reloading = false;
    if (!job->is_refresh)
        service_ready();
    const char *outcome = daemon_reload_outcome(job);
    metrics_add(d->metrics, METRIC_CONFIG_READS, outcome, NULL, 1);
    daemon_reload_refused(d, job);
    if (strcmp(outcome, "taken") == 0)
        daemon_reload_take(d, job);
    config_put(job->config);
    text_free(&job->problems);
    mem_free(job->file);
    mem_free(job);
    daemon_refresh_later(d);
    if (d->is_reload_due)
        daemon_reload(d);
}

static void daemon_read_again(struct daemon *d, bool is_refresh)
{
    d->is_reload_due = d->is_reloading && (d->is_reload_due || !is_refresh);
    if (d->is_reloading || d->stopped)
        return;
    d->is_reloading = true;
    if (!is_refresh)
        service_reloading();
    struct daemon_reload_job *job = mem_zero(sizeof *job);
    job->is_refresh = is_refresh;
    job->job = (struct loop_job){.work = daemon_reload_work, .done = daemon_reload_done};
    job->daemon = d;
    job->file = mem_text(d->config->file);
    text_init(&job->problems, DAEMON_PROBLEM_BYTES);
    loop_job_start(d->loop, &job->job);
}

void daemon_reload(struct daemon *d)
{
    daemon_read_again(d, false);
}

static void daemon_refresh(struct loop_timer *t)
{
    daemon_read_again(CONTAINER(t, struct daemon, refresh), true);
}

static void daemon_refresh_later(struct daemon *d)
{
    if (d->config->server.refresh > 0 && !d->stopped)
        loop_timer_start(d->loop, &d->refresh, d->config->server.refresh, daemon_refresh);
}

/* --- addresses --- */

int daemon_port(const struct daemon *d)
{
    return http_server_port(d->server);
}

const char *daemon_address(const struct daemon *d)
{
    const char *listen = d->config->server.listen;
    const char *colon = strrchr(listen, ':');
    int port = daemon_port(d);
    if (port == 0)
        return listen;
    return arena_fmt(d->arena, "http://%.*s:%d", (int)(colon - listen), listen, port);
}
