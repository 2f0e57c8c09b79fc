/* step.c: one step of a job: events, the place behind them, and how far it is, all in one commit. */
#include "base/base.h"
#include "base/arena.h"
#include "base/text.h"
#include "poll/poll_private.h"

static void step_durable(struct store_wait *w, const struct err *e)
{
    struct job_run *r = CONTAINER(w, struct job_run, wait);
    r->is_writing = false;
    if (e && !r->place.is_cancelled) {
        r->job.state = JOB_LISTING;
        if (!job_run_later(r, e))
            job_run_fail(r, e->text);
        return;
    }
    if (!e) {
        bool is_cancelled = r->place.is_cancelled;
        r->place = r->step.place;
        r->place.is_cancelled = is_cancelled;
        r->job.found = r->step.found;
        r->job.skipped = r->step.skipped;
        r->tries = 0;
    }
    if (r->place.is_cancelled)
        cancel_go_on(r);
    else if (r->job.state == JOB_RUNNING)
        job_run_listed(r);
    else
        r->kind->go_on(r);
}

static int step_write(struct job_run *r, struct err *e)
{
    struct store *s = r->poll->parts.store;
    int rc = 0;
    for (size_t i = 0; rc >= 0 && i < r->step.n_ids; i++) {
        rc = store_add_job_event(s, r->job.id, r->step.ids[i], e);
        r->step.found += rc == 1;
    }
    if (rc >= 0 && r->step.cursor.name)
        rc = store_put_cursor(s, r->step.cursor.name, r->step.cursor.value, e);
    return rc < 0 ? rc : job_run_put(r, &r->step, e);
}

/* All that is to become true is known: into the batch, together. */
static void step_store(struct job_run *r)
{
    struct err e = r->step.error;
    r->wait.durable = step_durable;
    r->job.note = NULL;
    r->job.state = r->step.is_last ? JOB_RUNNING : JOB_LISTING;
    if (e.class != ERR_NONE || step_write(r, &e) < 0)
        step_durable(&r->wait, &e);
    else
        store_when_durable(r->poll->parts.store, &r->wait);
}

static void step_told(void *ctx, const struct receipt *receipt, const struct err *e)
{
    struct job_run *r = ctx;
    if (e)
        r->step.error = *e;
    else
        r->step.ids[r->step.n_ids++] = receipt->id;
    if (--r->step.n_open == 0)
        step_store(r);
}

/* An extra in n_open keeps the last answer from going on while others are being told. */
struct job_step *job_step_begin(struct job_run *r)
{
    r->step = (struct job_step){.place = r->place, .found = r->job.found, .skipped = r->job.skipped, .n_open = 1};
    r->is_writing = true;
    return &r->step;
}

size_t job_step_told(const struct job_run *r)
{
    return r->step.n_open + r->step.n_ids - 1;
}

void job_step_tell(struct job_run *r, struct event *ev)
{
    check(job_step_told(r) < POLL_PAGE_MAX);
    ev->tracker = r->job.tracker;
    ev->source = strcmp(r->job.who, "schedule") == 0 ? SOURCE_CLOCK : SOURCE_PERSON;
    ev->request_id = arena_fmt(r->arena, "job-%" PRId64, r->job.id);
    ev->is_dry = r->what.is_dry;
    ev->happened_ms = r->job.began_ms; /* the same each time, as the identity is */
    r->step.n_open++;
    engine_tell(r->poll->parts.engine, ev, arena_fmt(r->arena, "job/%" PRId64 "/%s", r->job.id, ev->issue.ref),
                &(const struct intake_told){step_told, r});
}

void job_step_end(struct job_run *r)
{
    if (--r->step.n_open == 0)
        step_store(r);
}
