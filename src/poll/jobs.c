/* jobs.c: the life of a job: it waits for its turn, lists, waits for its events, and ends. */
#include "base/base.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/retry.h"
#include "poll/poll_private.h"

enum { JOBS_AGAIN_MS = 5000, JOBS_LOOK_MS = 50, JOBS_EVENTS_A_MS = 20, JOBS_WRITTEN_BYTES = 64 * 1024 };

static const struct field job_place_fields[] = {
    F_TEXT(struct job_place, repository, "repository"), F_TEXT(struct job_place, page, "page"),
    F_INT(struct job_place, number, "number"),          F_BOOL(struct job_place, is_cancelled, "cancelled"),
    F_BOOL(struct job_place, is_fresh, "fresh"),        F_BOOL(struct job_place, is_again, "again"),
    F_INT(struct job_place, failed, "failed"),
};
const struct field_table job_place_table = FIELD_TABLE("place", struct job_place, job_place_fields);

static const struct field job_ask_fields[] = {
    F_BOOL(struct job_ask, all, "all"),         F_BOOL(struct job_ask, is_dry, "dry_run"),
    F_BOOL(struct job_ask, is_forced, "force"), F_WHEN(struct job_ask, since_ms, "since"),
    F_WHEN(struct job_ask, until_ms, "until"),
};
const struct field_table job_ask_table = FIELD_TABLE("rescan", struct job_ask, job_ask_fields);

static const struct job_kind *const job_kinds[] = {&job_rescan, &job_labels, &job_users};

const struct job_kind *job_kind_find(const char *name)
{
    for (size_t i = 0; i < COUNT(job_kinds); i++)
        if (text_same(job_kinds[i]->name, name))
            return job_kinds[i];
    return NULL;
}

/* --- in memory --- */

static int job_run_read(struct job_run *r, const char *written, const struct field_table *t, void *to, struct err *e)
{
    const struct json *root = NULL;
    if (!written)
        return 0;
    int rc = json_parse(r->arena, str_of(written), &root, e);
    return rc < 0 ? rc : field_read(t, root, r->arena, to, e);
}

int job_run_add(struct poll *p, const struct job *j, struct job_run **ret, struct err *e)
{
    struct job_run *r = mem_zero(sizeof *r);
    r->poll = p;
    r->arena = arena_new(POLL_ARENA_BYTES);
    r->job = *j;
    r->kind = job_kind_find(j->kind);
    const char **const texts[] = {&r->job.kind,  &r->job.tracker, &r->job.target, &r->job.options,
                                  &r->job.place, &r->job.who,     &r->job.note};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = arena_text(r->arena, *texts[i]);
    text_init(&r->notes, POLL_NOTE_BYTES);
    list_add(&p->runs, &r->link);
    p->n_runs++;
    int rc = r->kind ? 0 : fail(e, ERR_CONFIG, "this program knows no jobs of kind \"%.60s\"", j->kind);
    if (rc == 0)
        rc = job_run_read(r, j->options, &job_ask_table, &r->what, e);
    if (rc == 0)
        rc = job_run_read(r, j->place, &job_place_table, &r->place, e);
    if (rc < 0) {
        job_run_free(r);
        return err_within(e, "job %" PRId64, j->id);
    }
    *ret = r;
    return 0;
}

void job_run_free(struct job_run *r)
{
    question_cancel(&r->question);
    loop_timer_stop(&r->timer);
    cancel_free(r);
    users_free(r);
    list_remove(&r->link);
    r->poll->n_runs--;
    text_free(&r->notes);
    arena_free(r->arena);
    mem_free(r);
}

struct job_run *job_run_find(const struct poll *p, int64_t job)
{
    LIST_EACH (it, &p->runs)
        if (CONTAINER(it, struct job_run, link)->job.id == job)
            return CONTAINER(it, struct job_run, link);
    return NULL;
}

/* --- on disk --- */

static const char *job_run_written(struct job_run *r, const struct field_table *t, const void *from)
{
    AUTO(text_auto) struct text text;
    text_init(&text, JOBS_WRITTEN_BYTES);
    field_write_whole(t, from, &text);
    return arena_text(r->arena, text_z(&text));
}

int job_run_put(struct job_run *r, const struct job_step *s, struct err *e)
{
    struct job j = r->job;
    j.place = job_run_written(r, &job_place_table, &s->place);
    j.found = s->found;
    j.skipped = s->skipped;
    j.note = r->notes.n > 0 ? text_z(&r->notes) : r->job.note;
    return store_put_job(r->poll->parts.store, &j, e);
}

void job_run_note(struct job_run *r, const char *what, const char *why)
{
    text_addf(&r->notes, "%s%s: %s", r->notes.n > 0 ? "; " : "", what, why);
}

static void job_run_ended(struct store_wait *w, const struct err *e);

static void job_run_end_again(struct loop_timer *t)
{
    struct job_run *r = CONTAINER(t, struct job_run, timer);
    job_run_end(r, r->job.state);
}

static void job_run_ended(struct store_wait *w, const struct err *e)
{
    struct job_run *r = CONTAINER(w, struct job_run, wait);
    struct poll *p = r->poll;
    r->is_writing = false;
    if (e) {
        loop_timer_start(p->parts.loop, &r->timer, JOBS_AGAIN_MS, job_run_end_again);
        return;
    }
    bool is_bad = r->job.state == JOB_FAILED && strcmp(r->job.who, "schedule") == 0;
    log_line(is_bad ? LOG_WARNING : LOG_INFO, "poll", "job ended", LOG_INT("job", r->job.id),
             LOG_STR("kind", r->job.kind), LOG_STR("tracker", r->job.tracker), LOG_STR("target", r->job.target),
             LOG_STR("state", job_state_name(r->job.state)), LOG_INT("found", r->job.found),
             LOG_INT("skipped", r->job.skipped), LOG_STR("note", text_z(&r->notes)));
    job_run_free(r);
    jobs_go_on(p);
}

void job_run_end(struct job_run *r, enum job_state state)
{
    struct err e = {0};
    const struct job_step as_it_is = {.place = r->place, .found = r->job.found, .skipped = r->job.skipped};
    loop_timer_stop(&r->timer);
    r->is_listing = false;
    r->is_writing = true;
    r->job.state = state;
    r->job.note = NULL;
    r->job.ended_ms = loop_now_ms(r->poll->parts.loop);
    r->wait.durable = job_run_ended;
    if (job_run_put(r, &as_it_is, &e) < 0)
        job_run_ended(&r->wait, &e);
    else
        store_when_durable(r->poll->parts.store, &r->wait);
}

void job_run_fail(struct job_run *r, const char *why)
{
    text_addf(&r->notes, "%s%s", r->notes.n > 0 ? "; " : "", why);
    job_run_end(r, JOB_FAILED);
}

/* --- its events --- */

static void job_run_look(struct loop_timer *t)
{
    struct job_run *r = CONTAINER(t, struct job_run, timer);
    struct loop *loop = r->poll->parts.loop;
    struct job_left left = {0};
    struct err e = {0};
    if (store_job_left(r->poll->parts.store, r->job.id, &left, &e) < 0) {
        loop_timer_start(loop, &r->timer, JOBS_AGAIN_MS, job_run_look);
        return;
    }
    int64_t pause = JOBS_LOOK_MS + left.events / JOBS_EVENTS_A_MS;
    if (left.events > 0) {
        loop_timer_start(loop, &r->timer, pause < JOBS_AGAIN_MS ? pause : JOBS_AGAIN_MS, job_run_look);
        return;
    }
    r->place.failed = left.failed;
    job_run_end(r, JOB_DONE);
}

void job_run_listed(struct job_run *r)
{
    r->is_listing = false;
    loop_timer_start(r->poll->parts.loop, &r->timer, JOBS_LOOK_MS, job_run_look);
    jobs_go_on(r->poll);
}

/* --- its turn --- */

static void job_run_due(struct loop_timer *t)
{
    struct job_run *r = CONTAINER(t, struct job_run, timer);
    r->is_waiting_for_a_time = false;
    jobs_go_on(r->poll);
}

void job_run_pause(struct job_run *r, int64_t for_ms)
{
    r->is_listing = false;
    r->is_waiting_for_a_time = true;
    loop_timer_start(r->poll->parts.loop, &r->timer, for_ms, job_run_due);
    jobs_go_on(r->poll);
}

static bool job_run_is_curable(enum err_class class)
{
    static const bool curable[ERR_CLASSES] = {
        [ERR_AUTH] = true, [ERR_CONFLICT] = true, [ERR_LIMITED] = true, [ERR_TRANSIENT] = true, [ERR_UNCERTAIN] = true};
    return curable[class];
}

bool job_run_later(struct job_run *r, const struct err *e)
{
    const struct conf_retry *policy = &engine_config(r->poll->parts.engine)->retry;
    int64_t mono = loop_mono_ms(r->poll->parts.loop), now = loop_now_ms(r->poll->parts.loop), at_ms = 0;
    struct retry_case c = {.error = e, .attempts = ++r->tries, .now_ms = now};
    if (r->tries == 1)
        r->first_try_ms = mono;
    c.age_ms = mono - r->first_try_ms;
    random_bytes(&c.random, sizeof c.random);
    if (!job_run_is_curable(e->class) || retry_decide(policy, &c, &at_ms) == RETRY_EXPIRE)
        return false;
    r->job.note = arena_fmt(r->arena, "waits: %s", e->text);
    const struct job_step as_it_is = {.place = r->place, .found = r->job.found, .skipped = r->job.skipped};
    struct err unwritten = {0};
    (void)(job_run_put(r, &as_it_is, &unwritten) < 0); /* it is only told */
    log_line(LOG_INFO, "poll", "job waits", LOG_INT("job", r->job.id), LOG_STR("class", err_class_name(e->class)),
             LOG_STR("reason", e->text));
    job_run_pause(r, at_ms > now ? at_ms - now : 1);
    return true;
}

/* Those that list, or may: not the ones that wait for a time, for the disk, or for their events. */
static bool job_run_may_list(const struct job_run *r)
{
    return r->job.state == JOB_LISTING && !r->is_listing && !r->is_waiting_for_a_time && !r->is_writing &&
           !r->place.is_cancelled;
}

void jobs_go_on(struct poll *p)
{
    size_t listing = 0;
    if (p->is_stopping)
        return;
    LIST_EACH (it, &p->runs)
        listing += CONTAINER(it, struct job_run, link)->is_listing;
    for (struct list *it = p->runs.next; it != &p->runs && listing < POLL_LISTING_MAX; it = it->next) {
        struct job_run *r = CONTAINER(it, struct job_run, link);
        if (!job_run_may_list(r))
            continue;
        r->is_listing = true;
        listing++;
        r->kind->go_on(r);
    }
}
