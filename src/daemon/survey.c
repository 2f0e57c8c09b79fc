#include "base/base.h"
#include "daemon/survey.h"
#include "base/log.h"
#include "io/loop.h"
#include "store/damage.h"

struct survey {
    struct loop_job job;
    struct loop *loop;
    struct store *store; /* the loop's */
    char *url;
    struct store_going going;
    bool is_cancelled; /* asked on the pool: only by the two functions below */
    bool is_busy;
    int64_t began_us;
    struct store_checked found;
    struct err error; /* class NONE: it is in order */
};

static bool survey_is_cancelled(const struct survey *c)
{
    return __atomic_load_n(&c->is_cancelled, __ATOMIC_RELAXED);
}

void survey_cancel(struct survey *c)
{
    if (c)
        __atomic_store_n(&c->is_cancelled, true, __ATOMIC_RELAXED);
}

static bool survey_goes_on(const struct store_going *g)
{
    return !survey_is_cancelled(CONTAINER(g, struct survey, going));
}

static void survey_work(struct loop_job *j)
{
    struct survey *c = CONTAINER(j, struct survey, job);
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    struct err e = {.class = ERR_NONE};
    int rc = store_reader_open(&r, c->url, &e);
    if (rc == 0)
        rc = store_check(r, &c->going, &c->found, &e);
    if (rc < 0)
        c->error = e;
}

static void survey_settle(struct survey *c)
{
    struct err e = {.class = ERR_NONE};
    if (store_set_checked(c->store, &e) < 0)
        log_line(LOG_WARNING, "store", "it is in order, which cannot be noted; the next start looks again",
                 LOG_STR("error", e.text));
    else
        log_line(LOG_INFO, "store", "looked through after an unclean end: it is in order",
                 LOG_INT("events", c->found.events), LOG_INT("took_ms", (clock_mono_us() - c->began_us) / 1000));
}

/*
 * A damaged store goes on being served. What comes in is added at the right edge of its tables, away from what was
 * there; refusing it would lose it for certain, since most senders do not send again.
 */
static void survey_done(struct loop_job *j)
{
    struct survey *c = CONTAINER(j, struct survey, job);
    c->is_busy = false;
    if (survey_is_cancelled(c)) {
        log_line(LOG_INFO, "store", "the look through the store was broken off; the next start begins anew");
    } else if (c->error.class == ERR_NONE) {
        survey_settle(c);
    } else if (c->error.class == ERR_PERMANENT) {
        store_note_damage(c->store, &c->error);
        log_line(LOG_ERROR, "store", "the store is damaged; it goes on taking deliveries, and removes no records",
                 LOG_STR("damage", c->error.text),
                 LOG_STR("do", "stop the daemon, copy the store with its -wal and -shm, then restore a backup or save "
                               "what sqlite3's .recover can read; see \"When the store is damaged\" in "
                               "docs/operating.md"));
    } else {
        log_line(LOG_WARNING, "store", "the store cannot be looked through; the next start tries again",
                 LOG_STR("error", c->error.text));
    }
}

struct survey *survey_start(struct loop *loop, struct store *store, const char *url)
{
    if (!store_unchecked(store))
        return NULL;
    struct survey *c = mem_zero(sizeof *c);
    c->job = (struct loop_job){.work = survey_work, .done = survey_done};
    c->loop = loop;
    c->store = store;
    c->url = mem_text(url);
    c->going.go_on = survey_goes_on;
    c->is_busy = true;
    c->began_us = clock_mono_us();
    loop_job_start(loop, &c->job);
    return c;
}

bool survey_busy(const struct survey *c)
{
    return c && c->is_busy;
}

void survey_free(struct survey *c)
{
    if (!c)
        return;
    mem_free(c->url);
    mem_free(c);
}
