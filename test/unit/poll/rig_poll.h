/*
 * rig_poll.h: poll over a real store and pretend trackers: questions wait for the test's answers, events go straight
 * into the store, and a crash forgets all that is not on disk.
 */
#ifndef UNIT_POLL_RIG_POLL_H
#define UNIT_POLL_RIG_POLL_H

#include "../store/unit_store.h"
#include "base/text.h"
#include "conf/config.h"
#include "engine/deed.h"
#include "engine/engine.h"
#include "engine/question.h"
#include "io/loop.h"
#include "poll/poll.h"
#include "poll/reconcile.h"
#include "rule/decide.h"
#include "tracker/driver.h"

/* What poll asks of the engine and of the kinds of trackers and bridges. */
#define question_ask      rig_question_ask
#define question_cancel   rig_question_cancel
#define engine_tell       rig_engine_tell
#define engine_picture    rig_engine_picture
#define engine_config     rig_engine_config
#define tracker_driver(t) rig_tracker_driver(t)
#define rule_kind(b)      rig_rule_kind(b)
#define deed_drop         rig_deed_drop
#define reconciler_start  rig_reconciler_start
#define engine_call_off   rig_engine_call_off

enum { RIG_QUESTIONS = 8 };

static struct rig {
    struct place *place;
    struct loop *loop;
    struct poll *poll;
    struct config config;
    struct conf_tracker github, *trackers[1];
    struct conf_bridge bridge;
    struct conf_kind kind;
    struct conf_job jobs[2];
    struct question *open[RIG_QUESTIONS];
    struct text asked; /* "issues o/r open\n" */
    int pictures;
    enum err_class refuses; /* events */
    int64_t job;
    struct err said;
} rig;

static void rig_question_ask(struct engine *g, struct question *q, const struct fact_key *want)
{
    (void)g;
    text_addf(&rig.asked, "%s %s%s%s\n", fact_kind_name(want->kind), want->ref, want->unless ? " unless " : "",
              want->unless ? want->unless : "");
    q->want = *want;
    q->want.tracker = arena_text(rig.place->a, want->tracker);
    q->want.ref = arena_text(rig.place->a, want->ref);
    for (size_t i = 0; i < RIG_QUESTIONS; i++)
        if (!rig.open[i]) {
            rig.open[i] = q;
            return;
        }
    fail_msg("too many questions");
}

static void rig_question_cancel(struct question *q)
{
    for (size_t i = 0; i < RIG_QUESTIONS; i++)
        if (rig.open[i] == q)
            rig.open[i] = NULL;
}

static void rig_engine_tell(struct engine *g, const struct event *ev, const char *identity,
                            const struct intake_told *told)
{
    (void)g;
    struct entry en = {.tracker = ev->tracker,
                       .source = ev->source,
                       .received_ms = ev->happened_ms,
                       .kind = ev->routing,
                       .subject = ev->issue.ref,
                       .headers = "{}",
                       .body = str_of(ev->is_dry ? "dry" : "real")};
    uint64_t key = hash_stable(str_of(identity));
    struct err e = {0};
    memcpy(en.dedup, &key, sizeof key);
    if (rig.refuses) {
        err_fill(&e, rig.refuses, 0, __FILE__, __LINE__, "no");
        told->done(told->ctx, NULL, &e);
        return;
    }
    int rc = store_add_event(rig.place->s, &en, &e);
    assert_true(rc >= 0);
    const struct receipt receipt = {en.id, rc == 0};
    told->done(told->ctx, &receipt, NULL);
}

static void rig_engine_picture(struct engine *g, const struct fact *f)
{
    (void)g;
    (void)f;
    rig.pictures++;
}

static const struct config *rig_engine_config(const struct engine *g)
{
    (void)g;
    return &rig.config;
}

static const struct tracker_driver *rig_tracker_driver(const struct conf_tracker *t)
{
    static const struct tracker_driver lists = {.can = TRACKER_LIST}, other = {.can = 0};
    return strcmp(t->name, "github") == 0 ? &lists : &other;
}

static bool rig_rescans(const struct conf_bridge *b, const struct issue *i)
{
    (void)b;
    return i->created_ms >= 1000;
}

static bool rig_syncs(const struct conf_bridge *b)
{
    return b->name != NULL; /* one with a labels file */
}

static const struct rule_kind *rig_rule_kind(const struct conf_bridge *b)
{
    static const struct rule_kind kind = {.rescans = rig_rescans, .syncs_labels = rig_syncs};
    (void)b;
    return &kind;
}

static bool rig_engine_call_off(struct engine *g, int64_t event, const char *reason)
{
    (void)g;
    (void)event;
    (void)reason;
    return false;
}

static void rig_deed_drop(struct engine *g, struct deed *d, int64_t event, const char *reason)
{
    (void)g;
    const struct attempt_record r = {.event = event,
                                     .number = 1,
                                     .started_ms = 1,
                                     .ended_ms = 1,
                                     .verdict = VERDICT_DROPPED,
                                     .reason = reason,
                                     .trace = STR("{}")};
    struct err e = {0};
    d->done(d, store_add_attempt(rig.place->s, &r, &e) < 0 ? &e : NULL);
}

/* It has tests of its own. */
static void rig_reconciler_start(struct reconciler *r)
{
    (void)r;
}

/* --- the life of it --- */

static void rig_start(void)
{
    struct err e = {0};
    const struct poll_parts parts = {.loop = rig.loop, .store = rig.place->s, .version = "1"};
    rig.poll = poll_new(&parts);
    if (poll_start(rig.poll, &e) < 0)
        fail_msg("%s", e.text);
}

static void rig_commit(void)
{
    while (store_dirty(rig.place->s))
        store_commit(rig.place->s);
}

/* As after kill -9: what is not on disk is gone. */
static void rig_crash(void)
{
    struct store *s = rig.place->s;
    store_fault(s, 1, EIO); /* what it would still commit */
    store_commit(s);
    poll_free(TAKE(rig.poll));
    memset(rig.open, 0, sizeof rig.open);
    store_close(TAKE(rig.place->s));
    place_open(rig.place);
    rig_start();
}

static int rig_make(void **state)
{
    rig = (struct rig){0};
    assert_int_equal(place_make(state), 0);
    rig.place = *state;
    rig.loop = loop_new();
    rig.kind.name = "github";
    rig.github = (struct conf_tracker){.name = "github", .kind = &rig.kind};
    rig.trackers[0] = &rig.github;
    rig.bridge = (struct conf_bridge){.from = &rig.github};
    rig.config = (struct config){.trackers = rig.trackers,
                                 .n_trackers = 1,
                                 .bridges = &rig.bridge,
                                 .n_bridges = 1,
                                 .jobs = rig.jobs,
                                 .digest = 7,
                                 .retry = {.first = 1000, .factor = 2, .cap = 10000, .give_up = 60000}};
    text_init(&rig.asked, 1 << 20);
    rig_start();
    return 0;
}

static int rig_drop(void **state)
{
    rig_commit();
    poll_stop(rig.poll);
    poll_free(rig.poll);
    text_free(&rig.asked);
    int rc = place_drop(state);
    loop_free(rig.loop);
    return rc;
}
#define RIG_TEST(f) cmocka_unit_test_setup_teardown(f, rig_make, rig_drop)

/* --- people and trackers --- */

static void rig_said(struct poll_deed *d, const struct err *e)
{
    rig.said = e ? *e : (struct err){0};
    rig.job = d->job;
}

static struct poll_deed rig_deed;

static int64_t rig_rescan(const struct job_ask *what)
{
    rig_deed = (struct poll_deed){.who = "ada", .done = rig_said};
    poll_ask(rig.poll, &rig_deed, what);
    rig_commit();
    return rig.said.class ? -(int64_t)rig.said.class : rig.job;
}

/* What was asked since this was called last. */
static const char *rig_asked(void)
{
    const char *asked = arena_text(rig.place->a, text_z(&rig.asked));
    text_reset(&rig.asked);
    return asked;
}

__attribute__((returns_nonnull)) static struct question *rig_question(void)
{
    for (size_t i = 0; i < RIG_QUESTIONS; i++)
        if (rig.open[i]) {
            struct question *q = rig.open[i];
            rig.open[i] = NULL;
            return q;
        }
    fail_msg("nothing was asked");
    abort();
}

static void rig_answer(const struct fact *f)
{
    struct question *q = rig_question();
    struct fact answer = *f;
    answer.key = q->want;
    q->done(q, &answer, NULL);
}

static void rig_answer_error(enum err_class class)
{
    struct err e = {0};
    struct question *q = rig_question();
    err_fill(&e, class, 0, __FILE__, __LINE__, "so it said");
    q->done(q, NULL, &e);
}

/* A page of n pull requests from that number on. */
static struct fact rig_page(int first, int n, const char *next, const char *tag)
{
    struct fact f = {.text = next, .tag = tag};
    for (int i = 0; i < n; i++) {
        struct issue *one = MANY_ADD(rig.place->a, &f.issues, struct issue);
        *one = (struct issue){.ref = arena_fmt(rig.place->a, "o/r#%d", first + i),
                              .type = "pull request",
                              .pull = {.head = "c0ffee"},
                              .created_ms = 1000 * (first + i)};
    }
    return f;
}

static struct job rig_job(int64_t id)
{
    struct job j;
    struct err e = {0};
    rig_commit();
    assert_int_equal(store_get_job(rig.place->s, id, rig.place->a, &j, &e), 0);
    return j;
}

static struct job_left rig_left(int64_t id)
{
    struct job_left left = {0};
    struct err e = {0};
    assert_int_equal(store_job_left(rig.place->s, id, &left, &e), 0);
    return left;
}

/* All its events end so. */
static void rig_end_events(int64_t job, enum verdict v)
{
    struct many ids = {0};
    struct err e = {0};
    const struct job_events want = {.job = job, .limit = 1000};
    assert_int_equal(store_job_pending(rig.place->s, &want, rig.place->a, &ids, &e), 0);
    MANY_EACH(const int64_t, id, &ids)
    {
        const struct attempt_record r = {
            .event = *id, .number = 1, .started_ms = 1, .ended_ms = 1, .verdict = v, .trace = STR("{}")};
        assert_int_equal(store_add_attempt(rig.place->s, &r, &e), 0);
    }
    rig_commit();
}

/* Ours again, for the sources that the tests include. */
#undef fail
#define fail(e, class, ...) err_fill((e), (class), 0, __FILE__, __LINE__, __VA_ARGS__)

#endif
