#include "base/base.h"
#include "poll/poll.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "poll/poll_private.h"
#include "poll/reconcile.h"
#include "store/people.h"

enum { POLL_OPTIONS_BYTES = 4096 };

struct poll *poll_new(const struct poll_parts *parts)
{
    struct poll *p = mem_zero(sizeof *p);
    p->parts = *parts;
    list_init(&p->runs);
    p->schedules = schedules_new(p);
    p->reconciler = reconciler_new(&(struct reconciler_parts){.loop = parts->loop,
                                                              .store = parts->store,
                                                              .engine = parts->engine,
                                                              .metrics = parts->metrics,
                                                              .store_url = parts->store_url});
    return p;
}

void poll_free(struct poll *p)
{
    if (!p)
        return;
    schedules_free(p->schedules);
    reconciler_free(p->reconciler);
    LIST_EACH (it, &p->runs)
        job_run_free(CONTAINER(it, struct job_run, link));
    mem_free(p);
}

void poll_stop(struct poll *p)
{
    p->is_stopping = true;
    reconciler_stop(p->reconciler);
    LIST_EACH (it, &p->runs)
        question_cancel(&CONTAINER(it, struct job_run, link)->question);
}

void poll_reload(struct poll *p)
{
    schedules_start(p->schedules);
}

/* One that cannot be read any more must not keep the daemon from its work. */
static int poll_load(void *ctx, const struct job *j)
{
    struct poll *p = ctx;
    struct job_run *r;
    struct err e = {0};
    if (job_run_add(p, j, &r, &e) < 0)
        log_line(LOG_ERROR, "poll", "a job cannot be gone on with", LOG_INT("job", j->id), LOG_STR("error", e.text));
    return 0;
}

int poll_start(struct poll *p, struct err *e)
{
    int rc = store_each_job(p->parts.store, poll_load, p, e);
    if (rc < 0)
        return rc;
    LIST_EACH (it, &p->runs) {
        struct job_run *r = CONTAINER(it, struct job_run, link);
        if (r->place.is_cancelled)
            cancel_go_on(r);
        else if (r->job.state == JOB_RUNNING)
            job_run_listed(r);
    }
    jobs_go_on(p);
    schedules_start(p->schedules);
    reconciler_start(p->reconciler);
    return 0;
}

bool poll_busy(const struct poll *p)
{
    return reconciler_busy(p->reconciler);
}

struct reconciler *poll_reconciler(const struct poll *p)
{
    return p->reconciler;
}

/* --- what people ask --- */

static int poll_audit(struct poll_deed *d, const char *verb, const struct job *j, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(POLL_OPTIONS_BYTES * 16);
    const struct audit_record r = {
        .at_ms = loop_now_ms(d->poll->parts.loop),
        .who = d->who,
        .verb = verb,
        .note = arena_fmt(a, "job %" PRId64 ": %s %s:%s %s", j->id, j->kind, j->tracker, j->target, j->options),
    };
    if (strcmp(d->who, "schedule") == 0)
        return 0;
    log_line(LOG_INFO, "poll", "done by a person", LOG_STR("who", d->who), LOG_STR("verb", verb), LOG_INT("job", j->id),
             LOG_STR("tracker", j->tracker), LOG_STR("target", j->target));
    return store_add_audit(d->poll->parts.store, &r, e);
}

static void poll_ask_durable(struct store_wait *w, const struct err *e)
{
    struct poll_deed *d = CONTAINER(w, struct poll_deed, wait);
    struct job_run *r = d->run;
    struct poll *p = d->poll;
    if (e)
        job_run_free(r);
    else
        r->is_writing = false;
    d->done(d, e);
    jobs_go_on(p);
}

static const char *poll_options(struct arena *a, const struct job_ask *what)
{
    AUTO(text_auto) struct text t;
    text_init(&t, POLL_OPTIONS_BYTES);
    field_write_whole(&job_ask_table, what, &t);
    return arena_text(a, text_z(&t));
}

static int poll_ask_write(struct poll_deed *d, const struct job_ask *what, struct err *e)
{
    struct poll *p = d->poll;
    AUTO(arena_auto) struct arena *a = arena_new(POLL_OPTIONS_BYTES * 16);
    struct job j = {.who = d->who, .began_ms = loop_now_ms(p->parts.loop)};
    if (p->is_stopping)
        return fail(e, ERR_TRANSIENT, "shutting down");
    if (p->n_runs >= POLL_JOBS_MAX)
        return fail(e, ERR_TRANSIENT, "there are %d jobs that have not ended", POLL_JOBS_MAX);
    const struct job_kind *kind = job_kind_find(what->kind);
    if (!kind)
        return fail(e, ERR_INPUT, "there are no jobs of kind \"%.60s\"", what->kind);
    j.kind = kind->name;
    int rc = kind->accept(engine_config(p->parts.engine), what, &j, a, e);
    j.options = poll_options(a, what);
    if (rc == 0)
        rc = store_add_job(p->parts.store, &j, e);
    if (rc == 0)
        rc = poll_audit(d, j.kind, &j, e);
    d->job = j.id;
    return rc < 0 ? rc : job_run_add(p, &j, &d->run, e);
}

void poll_ask(struct poll *p, struct poll_deed *d, const struct job_ask *what)
{
    struct err e = {0};
    d->poll = p;
    d->wait.durable = poll_ask_durable;
    if (poll_ask_write(d, what, &e) < 0) {
        d->done(d, &e);
        return;
    }
    d->run->is_writing = true;
    store_when_durable(p->parts.store, &d->wait);
}

static void poll_cancel_durable(struct store_wait *w, const struct err *e)
{
    struct poll_deed *d = CONTAINER(w, struct poll_deed, wait);
    struct job_run *r = job_run_find(d->poll, d->job); /* it may have ended meanwhile */
    if (!e && r && r->job.state < JOB_DONE && !r->is_writing && !r->drops)
        cancel_go_on(r);
    else if (e && r)
        r->place.is_cancelled = r->step.place.is_cancelled = false;
    d->done(d, e);
}

static int poll_cancel_write(struct poll_deed *d, struct err *e)
{
    struct poll *p = d->poll;
    AUTO(arena_auto) struct arena *a = arena_new(POLL_ARENA_BYTES);
    struct job j;
    struct job_run *r = job_run_find(p, d->job);
    int rc = store_get_job(p->parts.store, d->job, a, &j, e);
    if (rc < 0)
        return rc;
    if (!r || r->job.state >= JOB_DONE)
        return fail(e, ERR_CONFLICT, "job %" PRId64 " has ended", d->job);
    if (p->is_stopping)
        return fail(e, ERR_TRANSIENT, "shutting down");
    r->place.is_cancelled = r->step.place.is_cancelled = true;
    const struct job_step step = {.place = r->place, .found = r->job.found, .skipped = r->job.skipped};
    rc = job_run_put(r, &step, e);
    return rc < 0 ? rc : poll_audit(d, "cancel", &j, e);
}

void poll_cancel(struct poll *p, struct poll_deed *d)
{
    struct err e = {0};
    d->poll = p;
    d->wait.durable = poll_cancel_durable;
    if (poll_cancel_write(d, &e) < 0)
        d->done(d, &e);
    else
        store_when_durable(p->parts.store, &d->wait);
}
