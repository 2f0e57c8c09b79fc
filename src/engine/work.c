#include "base/base.h"
#include "engine/work.h"
#include "base/arena.h"
#include "base/log.h"
#include "engine/grant.h"
#include "engine/metrics.h"
#include "engine/trace.h"
#include "http/client.h"

static void work_step(struct work *w, const struct http_response *prev);

static const char *work_purpose(const struct work *w)
{
    const struct fact_key *want = w->call.want, *also = w->call.also;
    if (w->kind == WORK_FETCH)
        return arena_fmt(w->call.arena, "fact %s%s%s%s%s", fact_kind_name(want->kind), also ? " and " : "",
                         also ? fact_kind_name(also->kind) : "", want->ref[0] ? " " : "", want->ref);
    return arena_fmt(w->call.arena, "%s %s", w->kind == WORK_LOOK ? "look for" : "change",
                     change_kind_name(w->call.change->kind));
}

static void work_end(struct work *w, const struct err *e)
{
    w->done(w, e);
}

/* Everything that is known of an exchange that has ended, in the trace and the metrics. */
static void work_record(struct work *w, const struct http_response *r, const struct err *e)
{
    const struct exchange x = {
        .tracker = w->remote->name,
        .purpose = work_purpose(w),
        .request = &w->request,
        .response = r,
        .error = e,
        .at_ms = w->sent_ms,
        .took_ms = loop_mono_ms(w->tools->loop) - w->sent_mono_ms,
    };
    metrics_exchange(w->tools->metrics, w->remote->name, r ? r->status : 0, x.took_ms);
    if (w->trace)
        trace_exchange(w->trace, &x);
}

/* No answer: to a question that is TRANSIENT whatever happened; to a write the client says whether it may have arrived.
 */
static void work_unanswered(struct work *w, const struct err *why)
{
    struct err e = *why;
    if (e.class == ERR_UNCERTAIN && w->request.effect == HTTP_READ)
        e.class = ERR_TRANSIENT;
    err_within(&e, "%s %s", w->remote->name, work_purpose(w));
    if (!w->request.is_apart)
        remote_outcome(w->remote, &e);
    work_end(w, &e);
}

static void work_too_large(struct work *w)
{
    struct err e; /* what it did is done, all the same */
    enum err_class class = w->request.effect == HTTP_CREATE ? ERR_UNCERTAIN : ERR_PERMANENT;
    fail(&e, class, "%s sent more than one attempt may read", w->remote->name);
    work_end(w, &e);
}

/* 401 for what was granted: it may have been withdrawn, and nothing was done. Once more with another one. */
static bool work_is_to_renew(const struct work *w, const struct http_response *r)
{
    return r && r->status == 401 && w->pass > 0 && !w->was_renewed;
}

static void work_renew(struct work *w)
{
    grant_spoil(w->remote->grant, w->pass);
    w->was_renewed = true;
    remote_ask(w->remote, &w->turn);
}

static void work_answered(void *ctx, const struct http_response *r, const struct err *e)
{
    struct work *w = ctx;
    struct remote *remote = w->remote;
    bool was_write = w->turn.has_passed;
    w->http = NULL;
    work_record(w, r, e);
    if (!r)
        work_unanswered(w, e);
    else if (work_is_to_renew(w, r))
        work_renew(w);
    else if (r->body.n > *w->bytes_left)
        work_too_large(w);
    else {
        *w->bytes_left -= r->body.n;
        work_step(w, r);
    }
    remote_finish(remote,
                  was_write); /* last: the answer may have asked for a pause, and nobody is to slip in before it */
}

/* The signed copy lives only as long as the sending needs it; traces see the request without credentials. */
static void work_send(struct remote_turn *t)
{
    struct work *w = CONTAINER(t, struct work, turn);
    struct arena *a = w->call.arena;
    struct http_request signed_request = w->request;
    signed_request.headers.v = ARENA_ARRAY(a, struct http_header, w->request.headers.n + 1);
    if (w->request.headers.n > 0)
        memcpy(signed_request.headers.v, w->request.headers.v, w->request.headers.n * sizeof(struct http_header));
    w->sent_ms = loop_now_ms(w->tools->loop);
    const struct secret *pass = grant_token(w->remote->grant, &w->pass);
    tracker_driver(w->call.conf)->sign(w->call.conf, pass, w->sent_ms, a, &signed_request);
    grant_hide(w->remote->grant, &signed_request);
    w->sent_mono_ms = loop_mono_ms(w->tools->loop);
    w->http = http_send(w->tools->client, &signed_request, w->call.conf->timeout, a, work_answered, w);
}

static int work_ask_driver(struct work *w, const struct http_response *prev, struct err *e)
{
    const struct tracker_driver *d = tracker_driver(w->call.conf);
    w->call.now_ms = loop_now_ms(w->tools->loop);
    w->request = (struct http_request){0};
    if (w->kind == WORK_LOOK)
        return d->look(&w->call, &w->state, prev, &w->request, &w->result, e);
    return d->step(&w->call, &w->state, prev, &w->request, &w->result, e);
}

static void work_held(struct work *w)
{
    struct err e = {0};
    const struct breaker *b = &w->remote->breaker;
    w->is_held = true;
    /* Of the class that opened it, but for one thing: it is certain that nothing was sent. */
    fail(&e, b->why == ERR_UNCERTAIN ? ERR_TRANSIENT : b->why, "%s is not asked for now: %s", w->remote->name, b->text);
    work_end(w, &e);
}

static void work_failed(struct work *w, struct err *e)
{
    err_within(e, "%s %s", w->remote->name, work_purpose(w));
    work_end(w, e);
}

/* There are no credentials to send it with, so it is certain that nothing was sent. */
static void work_refused(struct remote_turn *t, const struct err *e)
{
    struct work *w = CONTAINER(t, struct work, turn);
    struct err why = *e;
    work_failed(w, &why);
}

static void work_ask(struct work *w)
{
    bool was_open = w->remote->breaker.state == BREAKER_OPEN;
    if (!w->request.is_apart && !remote_allows(w->remote) && !w->ignores_breaker) {
        work_held(w);
        return;
    }
    w->is_probe = was_open && w->remote->breaker.state == BREAKER_PROBING;
    w->turn.is_write = w->request.effect != HTTP_READ;
    remote_ask(w->remote, &w->turn);
}

/* What an answer tells of limits holds everybody who asks this tracker, except when it is of one issue: its lane. */
static void work_heed_limits(struct work *w, const struct http_response *r, const struct err *e)
{
    struct tracker_limits l;
    const char *limit = NULL;
    tracker_limits(r, &l);
    if (e->class == ERR_LIMITED) {
        limit = l.is_of_issue ? "issue" : "tracker";
        if (!l.is_of_issue)
            remote_pause(w->remote, e->retry_at_ms);
    } else if (l.is_near) {
        limit = "near";
        if (remote_slow(w->remote, l.gap_ms, l.until_ms))
            log_line(LOG_INFO, "engine", "near a limit, slower", LOG_STR("tracker", w->remote->name),
                     LOG_INT("gap_ms", w->remote->pace.gap_ms));
    }
    if (limit)
        metrics_add(w->tools->metrics, METRIC_LIMITS, w->remote->name, limit, 1);
}

static void work_step(struct work *w, const struct http_response *prev)
{
    struct err e = {0};
    bool is_of_tracker = prev && !w->request.is_apart;
    int rc = work_ask_driver(w, prev, &e);
    if (is_of_tracker) {
        work_heed_limits(w, prev, &e);
        remote_outcome(w->remote, rc < 0 ? &e : NULL);
    }
    if (rc == STEP_SEND && w->exchanges++ < DRIVER_STEPS) {
        work_ask(w);
        return;
    }
    if (rc == STEP_DONE) {
        work_end(w, NULL);
        return;
    }
    if (rc >= 0)
        fail(&e, ERR_BUG, "the driver took more than %d exchanges", DRIVER_STEPS);
    work_failed(w, &e);
}

void work_start(struct work *w)
{
    w->state = (struct tracker_state){0};
    w->result = (struct tracker_result){0};
    w->turn = (struct remote_turn){.granted = work_send, .refused = work_refused};
    w->exchanges = 0;
    w->is_held = w->is_probe = w->was_renewed = false;
    w->http = NULL;
    work_step(w, NULL);
}

void work_cancel(struct work *w)
{
    if (w->is_probe)
        breaker_unprobed(&w->remote->breaker);
    if (w->http) {
        http_cancel(w->http);
        w->http = NULL;
        remote_finish(w->remote, w->turn.has_passed);
        return;
    }
    remote_give_up(w->remote, &w->turn);
}
