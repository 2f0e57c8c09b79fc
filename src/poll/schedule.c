/*
 * schedule.c: jobs that nobody has to ask for. When each is due is kept over restarts; one that is overdue at a start,
 * and one that is new, begins within a minute, not all at once. One that has not ended is not begun again.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/cron.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "poll/poll_private.h"

enum { SCHEDULES_LOOK_MS = 60 * 1000, SCHEDULES_SPREAD_MS = 60 * 1000 };

struct schedule {
    struct schedules *all;
    struct conf_job what; /* of the configuration that is held */
    const char *cursor;
    int64_t next_ms;
    struct poll_deed deed;
    bool is_asking;
};

struct schedules {
    struct poll *poll;
    struct arena *arena;
    struct schedule *v;
    size_t n, asking;
    bool is_stale; /* the configuration has changed while one was asking */
    struct loop_timer timer;
};

struct schedules *schedules_new(struct poll *p)
{
    struct schedules *s = mem_zero(sizeof *s);
    s->poll = p;
    return s;
}

void schedules_free(struct schedules *s)
{
    loop_timer_stop(&s->timer);
    arena_free(s->arena);
    mem_free(s);
}

static int64_t schedule_spread(int64_t period_ms)
{
    uint32_t random;
    int64_t most = period_ms > 0 && period_ms < SCHEDULES_SPREAD_MS ? period_ms : SCHEDULES_SPREAD_MS;
    random_bytes(&random, sizeof random);
    return (int64_t)((double)random / (double)UINT32_MAX * (double)most);
}

static int64_t schedule_after(const struct schedule *one, int64_t now_ms)
{
    return one->what.every > 0 ? now_ms + one->what.every : cron_next(&one->what.cron, now_ms);
}

static void schedule_keep(struct schedule *one)
{
    struct err e = {0};
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, one->next_ms);
    if (store_put_cursor(one->all->poll->parts.store, one->cursor, number, &e) < 0)
        log_line(LOG_WARNING, "poll", "when a job is due next cannot be kept", LOG_STR("error", e.text));
}

/* As it was kept, but no later than a period from now: the clock may have been set, or the period changed. */
static void schedule_load(struct schedule *one, int64_t now_ms)
{
    const char *kept = NULL;
    struct err e = {0};
    int64_t latest = schedule_after(one, now_ms);
    bool is_kept = store_get_cursor(one->all->poll->parts.store, one->cursor, one->all->arena, &kept, &e) == 1 &&
                   str_int(str_of(kept), &one->next_ms);
    if (is_kept && one->next_ms > latest)
        one->next_ms = latest;
    if (!is_kept && one->what.every == 0)
        one->next_ms = latest;
    else if (!is_kept || one->next_ms <= now_ms)
        one->next_ms = now_ms + schedule_spread(one->what.every);
}

/* The same job, begun earlier; one whose events all wait for a time is not in the way. */
static bool schedule_is_under_way(const struct schedule *one)
{
    struct poll *p = one->all->poll;
    LIST_EACH (it, &p->runs) {
        const struct job_run *r = CONTAINER(it, struct job_run, link);
        const char *target = one->what.target;
        size_t n = strlen(r->job.tracker);
        struct job_left left = {0};
        struct err e = {0};
        bool is_same = strcmp(r->job.who, "schedule") == 0 && strcmp(r->job.kind, one->what.kind) == 0 &&
                       strncmp(target, r->job.tracker, n) == 0 && target[n] == ':' &&
                       strcmp(target + n + 1, r->job.target) == 0 && r->what.all == one->what.all;
        if (!is_same)
            continue;
        if (r->job.state == JOB_LISTING || store_job_left(p->parts.store, r->job.id, &left, &e) < 0 ||
            left.events > left.parked)
            return true;
    }
    return false;
}

static void schedule_asked(struct poll_deed *d, const struct err *e)
{
    struct schedule *one = CONTAINER(d, struct schedule, deed);
    struct schedules *s = one->all;
    one->is_asking = false;
    s->asking--;
    if (e)
        log_line(LOG_WARNING, "poll", "a job that is due cannot begin", LOG_STR("kind", one->what.kind),
                 LOG_STR("target", one->what.target), LOG_STR("error", e->text));
    if (s->is_stale && s->asking == 0)
        schedules_start(s);
}

static void schedule_begin(struct schedule *one, int64_t now_ms)
{
    const struct job_ask what = {
        .kind = one->what.kind, .target = one->what.target, .all = one->what.all, .is_forced = one->what.force};
    one->next_ms = schedule_after(one, now_ms);
    schedule_keep(one);
    if (one->is_asking || schedule_is_under_way(one)) {
        log_line(LOG_INFO, "poll", "a job that is due has not ended since the last time",
                 LOG_STR("kind", one->what.kind), LOG_STR("target", one->what.target));
        return;
    }
    one->is_asking = true;
    one->all->asking++;
    one->deed = (struct poll_deed){.who = "schedule", .done = schedule_asked};
    poll_ask(one->all->poll, &one->deed, &what);
}

static void schedules_due(struct loop_timer *t)
{
    struct schedules *s = CONTAINER(t, struct schedules, timer);
    struct loop *loop = s->poll->parts.loop;
    int64_t now = loop_now_ms(loop), pause = SCHEDULES_LOOK_MS;
    if (s->poll->is_stopping || s->n == 0)
        return;
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].next_ms <= now)
            schedule_begin(&s->v[i], now);
        int64_t left = s->v[i].next_ms - now;
        pause = left < pause ? left : pause;
    }
    loop_timer_start(loop, &s->timer, pause > 0 ? pause : 1, schedules_due);
}

void schedules_start(struct schedules *s)
{
    const struct config *c = engine_config(s->poll->parts.engine);
    int64_t now = loop_now_ms(s->poll->parts.loop);
    s->is_stale = s->asking > 0; /* what is being asked is still needed */
    if (s->is_stale)
        return;
    arena_free(TAKE(s->arena));
    s->arena = arena_new(POLL_ARENA_BYTES);
    s->n = c->n_jobs;
    s->v = ARENA_ARRAY(s->arena, struct schedule, c->n_jobs + 1);
    for (size_t i = 0; i < s->n; i++) {
        struct schedule *one = &s->v[i];
        *one = (struct schedule){.all = s, .what = c->jobs[i]};
        one->what.kind = arena_text(s->arena, c->jobs[i].kind);
        one->what.target = arena_text(s->arena, c->jobs[i].target);
        one->cursor =
            arena_fmt(s->arena, "schedule/%s/%s%s", one->what.kind, one->what.target, one->what.all ? "/all" : "");
        schedule_load(one, now);
        schedule_keep(one);
    }
    schedules_due(&s->timer);
}
