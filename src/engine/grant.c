#include "base/base.h"
#include "engine/grant.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/secret.h"
#include "engine/metrics.h"
#include "engine/redact.h"
#include "engine/remote.h"
#include "engine/work.h"
#include "http/client.h"

enum {
    GRANT_ARENA_BYTES = 64 * 1024 * 1024,
    GRANT_EARLY_MS = 5 * 60 * 1000, /* before it expires: what is sent then is still taken */
    GRANT_AGAIN_MS = 30 * 1000,     /* after a failure, while the old one still serves */
    GRANT_SHOWN_MS = 60 * 60 * 1000 /* how long after its end it may still be quoted to us */
};

struct grant {
    const struct work_tools *tools;
    struct remote *remote;
    struct config *config; /* held */
    const struct conf_tracker *conf;
    struct secret *token; /* NULL: none */
    uint64_t number;
    int64_t renew_mono_ms, end_mono_ms; /* of the token */
    /* The talk under way; arena NULL: none. */
    struct arena *arena;
    struct tracker_call call;
    struct tracker_state state;
    struct tracker_result result;
    struct http_request request;
    struct http_call *http;
    int64_t sent_mono_ms;
    unsigned exchanges;
};

struct grant *grant_new(const struct work_tools *tools, struct remote *r, struct config *config,
                        const struct conf_tracker *conf)
{
    const struct tracker_driver *d = tracker_driver(conf);
    if (!d->is_granted || !d->is_granted(conf))
        return NULL;
    struct grant *g = mem_zero(sizeof *g);
    *g = (struct grant){.tools = tools, .remote = r, .config = config_get(config), .conf = conf};
    return g;
}

static void grant_hang_up(struct grant *g)
{
    arena_free(g->arena);
    g->arena = NULL;
    g->http = NULL;
}

bool grant_free(struct grant *g)
{
    if (!g)
        return false;
    bool was_talking = g->http != NULL;
    if (was_talking)
        http_cancel(g->http);
    grant_hang_up(g);
    secret_free(g->token);
    config_put(g->config);
    mem_free(g);
    return was_talking;
}

static void grant_drop(struct grant *g)
{
    secret_free(g->token);
    g->token = NULL;
}

/* Early enough, but of a token that lives for less than that only in the second half of its life. */
static void grant_keep(struct grant *g)
{
    int64_t now = loop_mono_ms(g->tools->loop), left = g->result.expires_ms - loop_now_ms(g->tools->loop);
    int64_t early = left < 2 * GRANT_EARLY_MS ? left / 2 : GRANT_EARLY_MS;
    struct str token = str_of(g->result.token);
    grant_drop(g);
    g->token = secret_new(token);
    g->number++;
    g->end_mono_ms = now + left;
    g->renew_mono_ms = g->end_mono_ms - early;
    redact_learn(g->tools->redact, token, now, g->end_mono_ms + GRANT_SHOWN_MS);
    log_line(LOG_INFO, "engine", "credentials granted", LOG_STR("tracker", g->remote->name),
             LOG_INT("seconds", left / 1000));
}

static bool grant_still_serves(const struct grant *g, const struct err *e)
{
    bool may_pass = e->class == ERR_TRANSIENT || e->class == ERR_LIMITED;
    return g->token && may_pass && loop_mono_ms(g->tools->loop) + GRANT_AGAIN_MS < g->end_mono_ms;
}

/* Those who wait are told, except when the old one will do for a while. */
static void grant_failed(struct grant *g, const struct err *why)
{
    struct err e = *why;
    if (e.class == ERR_UNCERTAIN)
        e.class = ERR_TRANSIENT; /* granted or not: there may be many */
    err_within(&e, "%s credentials", g->remote->name);
    grant_hang_up(g);
    if (e.class == ERR_LIMITED)
        remote_pause(g->remote, e.retry_at_ms);
    remote_outcome(g->remote, &e);
    if (grant_still_serves(g, &e)) {
        g->renew_mono_ms = loop_mono_ms(g->tools->loop) + GRANT_AGAIN_MS;
        return;
    }
    grant_drop(g);
    remote_refuse(g->remote, &e);
}

void grant_hide(const struct grant *g, const struct http_request *r)
{
    const char *shown = g ? http_header_get(&r->headers, "Authorization") : NULL;
    const char *word = shown ? strrchr(shown, ' ') : NULL;
    if (!word)
        return;
    int64_t now = loop_mono_ms(g->tools->loop);
    redact_learn(g->tools->redact, str_of(word + 1), now, now + GRANT_SHOWN_MS);
}

static void grant_answered(void *ctx, const struct http_response *r, const struct err *e);

static void grant_send(struct grant *g)
{
    const struct tracker_driver *d = tracker_driver(g->conf);
    d->sign(g->conf, NULL, g->call.now_ms, g->arena, &g->request);
    grant_hide(g, &g->request);
    g->sent_mono_ms = loop_mono_ms(g->tools->loop);
    g->http = http_send(g->tools->client, &g->request, g->conf->timeout, g->arena, grant_answered, g);
}

/* False: the talk is over, well or not. */
static bool grant_step(struct grant *g, const struct http_response *prev)
{
    struct err e = {0};
    g->call.now_ms = loop_now_ms(g->tools->loop);
    g->request = (struct http_request){0};
    int rc = tracker_driver(g->conf)->grant(&g->call, &g->state, prev, &g->request, &g->result, &e);
    if (rc == STEP_SEND && g->exchanges++ < DRIVER_STEPS) {
        grant_send(g);
        return true;
    }
    if (rc == STEP_DONE && g->result.expires_ms > g->call.now_ms) {
        grant_keep(g);
        grant_hang_up(g);
        remote_outcome(g->remote, NULL);
        return false;
    }
    if (rc == STEP_DONE)
        fail(&e, ERR_CONFIG, "what was granted has expired already: is this machine's clock right?");
    else if (rc == STEP_SEND)
        fail(&e, ERR_BUG, "the driver took more than %d exchanges", DRIVER_STEPS);
    grant_failed(g, &e);
    return false;
}

static void grant_answered(void *ctx, const struct http_response *r, const struct err *e)
{
    struct grant *g = ctx;
    struct remote *remote = g->remote;
    bool goes_on = false;
    g->http = NULL;
    metrics_exchange(g->tools->metrics, remote->name, r ? r->status : 0,
                     loop_mono_ms(g->tools->loop) - g->sent_mono_ms);
    if (r)
        goes_on = grant_step(g, r);
    else
        grant_failed(g, e);
    if (!goes_on)
        remote_finish(remote, false);
}

static bool grant_begin(struct grant *g)
{
    g->arena = arena_new(GRANT_ARENA_BYTES);
    g->call = (struct tracker_call){.conf = g->conf, .arena = g->arena};
    g->state = (struct tracker_state){0};
    g->result = (struct tracker_result){0};
    g->exchanges = 0;
    return grant_step(g, NULL);
}

bool grant_is_ready(struct grant *g)
{
    if (!g || (g->token && loop_mono_ms(g->tools->loop) < g->renew_mono_ms))
        return true;
    if (g->arena)
        return false;
    remote_take(g->remote);
    if (!grant_begin(g)) /* nothing was asked: the driver failed */
        remote_finish(g->remote, false);
    return false;
}

const struct secret *grant_token(const struct grant *g, uint64_t *ret_number)
{
    *ret_number = g && g->token ? g->number : 0;
    return g ? g->token : NULL;
}

void grant_spoil(struct grant *g, uint64_t number)
{
    if (g && g->number == number)
        grant_drop(g);
}
