/* labels.c: repositories → an event for each, by which its labels become as the bridge's labels file says. */
#include "base/base.h"
#include "base/arena.h"
#include "base/text.h"
#include "poll/poll_private.h"
#include "rule/decide.h"

static bool labels_are_known(const struct config *c, const char *tracker)
{
    for (size_t i = 0; i < c->n_bridges; i++) {
        const struct conf_bridge *b = &c->bridges[i];
        if (strcmp(b->from->name, tracker) == 0 && rule_kind(b)->syncs_labels && rule_kind(b)->syncs_labels(b))
            return true;
    }
    return false;
}

static int labels_check(const struct config *c, const struct job_ask *what, struct job *ret, struct arena *a,
                        struct err *e)
{
    int rc = job_target(c, what, ret, a, e);
    if (rc < 0)
        return rc;
    if (strchr(ret->target, '#'))
        return fail(e, ERR_INPUT, "\"%.200s\" is an issue: labels are those of %s:OWNER/REPO or %s:OWNER", what->target,
                    ret->tracker, ret->tracker);
    if (what->all || what->is_forced || what->since_ms || what->until_ms)
        return fail(e, ERR_INPUT, "all, since, until and force are for rescans");
    return labels_are_known(c, ret->tracker)
               ? 0
               : fail(e, ERR_INPUT, "no bridge that follows %s has a labels_file", ret->tracker);
}

static void labels_tell(struct job_run *r, const char *repository)
{
    struct event ev = {
        .target = "labels",
        .action = "sync",
        .routing = "labels.sync",
        .issue = {.ref = repository, .project = repository},
    };
    job_step_tell(r, &ev);
}

/* From the place on, as many as one step may have. */
static void labels_tell_all(struct job_run *r)
{
    struct job_step *s = job_step_begin(r);
    size_t i = r->place.repository ? r->repository : r->repositories.n;
    for (; i < r->repositories.n && job_step_told(r) < POLL_PAGE_MAX; i++)
        labels_tell(r, r->repositories.v[i]);
    s->is_last = i == r->repositories.n;
    s->place.repository = s->is_last ? NULL : r->repositories.v[i];
    job_step_end(r);
}

static void labels_answered(struct question *q, const struct fact *f, const struct err *e)
{
    struct job_run *r = CONTAINER(q, struct job_run, question);
    if (e && !job_run_later(r, e))
        job_run_fail(r, e->text);
    else if (!e && f->state == FACT_HERE)
        job_take_repositories(r, f);
    else if (!e)
        job_run_fail(r, arena_fmt(r->arena, "%s: %s", r->job.target,
                                  text_blank(f->why) ? "is not there, or may not be seen" : f->why));
}

static void labels_go_on(struct job_run *r)
{
    if (r->poll->is_stopping)
        return;
    if (!r->has_repositories && strchr(r->job.target, '/')) {
        texts_add(r->arena, &r->repositories, r->job.target);
        r->has_repositories = true;
    }
    if (!r->has_repositories) {
        const struct fact_key want = {.kind = FACT_REPOSITORIES, .tracker = r->job.tracker, .ref = r->job.target};
        job_ask_fact(r, &want, labels_answered);
        return;
    }
    job_find_place(r);
    labels_tell_all(r);
}

const struct job_kind job_labels = {"labels", labels_check, labels_go_on};
