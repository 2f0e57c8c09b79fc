/* Rescans: what is listed, what a crash leaves, what is skipped, how they end. */
#include "base/base.h"
#include "rig_poll.h"
#include "poll/cancel.c"
#include "poll/cursor.c"
#include "poll/jobs.c"
#include "poll/labels.c"
#include "poll/poll.c"
#include "poll/rescan.c"
#include "poll/schedule.c"
#include "poll/step.c"

static const struct job_ask whole = {.kind = "rescan", .target = "github:o/r"};

/* Its timer runs out. */
static void due(int64_t job)
{
    struct job_run *r = job_run_find(rig.poll, job);
    check(r);
    loop_timer_stop(&r->timer);
    r->timer.fire(&r->timer);
    rig_commit();
}

static void page(int first, int n, const char *next, const char *tag)
{
    const struct fact f = rig_page(first, n, next, tag);
    rig_answer(&f);
    rig_commit();
}

static void same(const char *asked)
{
    assert_string_equal(rig_asked(), asked);
    rig_answer(&(const struct fact){.state = FACT_SAME});
    rig_commit();
}

static void test_pages(void **state)
{
    (void)state;
    int64_t job = rig_rescan(&whole);
    assert_int_equal(job, 1);
    assert_string_equal(rig_asked(), "issues o/r open\n");
    page(1, 3, "page2", "t1");
    assert_string_equal(rig_asked(), "issues page2\n");
    assert_int_equal(rig_job(job).state, JOB_LISTING);
    page(4, 2, NULL, "t2");
    same("issues o/r open unless t1\n"); /* some might have moved meanwhile */
    same("issues page2 unless t2\n");
    assert_string_equal(rig_asked(), "");
    assert_int_equal(rig_job(job).state, JOB_RUNNING);
    assert_int_equal(rig_job(job).found, 5);
    assert_int_equal(rig.pictures, 5);
    due(job); /* its events have not ended */
    assert_int_equal(rig_job(job).state, JOB_RUNNING);
    rig_end_events(job, VERDICT_UNCHANGED);
    due(job);
    assert_int_equal(rig_job(job).state, JOB_DONE);
    assert_null(job_run_find(rig.poll, job));
}

/* The first is closed while the list is read: the fourth comes to be on the first page, which was read already. */
static void test_moved_up(void **state)
{
    (void)state;
    int64_t job = rig_rescan(&whole);
    page(1, 3, "page2", "t1");
    rig_asked();
    page(5, 1, NULL, "t2");
    assert_string_equal(rig_asked(), "issues o/r open unless t1\n");
    page(2, 3, "page2", "t3");
    rig_asked();
    rig_crash();
    same("issues page2 unless t2\n");
    assert_int_equal(rig_job(job).state, JOB_RUNNING);
    assert_int_equal(rig_job(job).found, 5);
    assert_int_equal(rig_job(job).skipped, 0);
    rig_end_events(job, VERDICT_UNCHANGED);
    due(job);
    rig_rescan(&whole); /* what it found is known from the second reading, and nothing has changed since */
    same("issues o/r open unless t3\n");
    same("issues page2 unless t2\n");
    assert_string_equal(rig_asked(), "");
    const struct job_ask all = {.kind = "rescan", .target = "github:o/r", .all = true};
    rig_rescan(&all); /* whom nobody leaves */
    page(1, 3, "page2", "t1");
    page(4, 1, NULL, "t2");
    assert_string_equal(rig_asked(), "issues o/r pulls\nissues page2\n");
}

/* A crash before the commit that ends each step, and one behind it: each issue has one event. */
static void test_crash_anywhere(void **state)
{
    struct place *p = *state;
    for (int when = 0; when < 12; when++) {
        const struct fact pages[] = {rig_page(1, 3, "p2", NULL), rig_page(4, 3, "p3", NULL),
                                     rig_page(7, 1, NULL, NULL)};
        int64_t job = rig_rescan(&whole);
        for (int i = 0; i < 6; i++) {
            rig_answer(&pages[i % 3]);
            if (when == 2 * i)
                rig_crash();
            if (when == 2 * i)
                rig_answer(&pages[i % 3]); /* the same page again */
            rig_commit();
            if (when == 2 * i + 1)
                rig_crash();
        }
        assert_int_equal(rig_job(job).found, 7);
        assert_int_equal(rig_job(job).state, JOB_RUNNING);
        assert_int_equal(rig_left(job).events, 7);
        rig_end_events(job, VERDICT_APPLIED);
        due(job);
        assert_int_equal(rig_job(job).state, JOB_DONE);
        struct many all = {0};
        AUTO(store_reader_auto) struct store_reader *r = NULL;
        assert_int_equal(store_reader_open(&r, p->url, &p->e), 0);
        assert_int_equal(store_job_events(r, &(const struct job_events){job, 0, 100}, p->a, &all, &p->e), 0);
        assert_int_equal(all.n, 7);
    }
}

/* Events that were stored before the crash, while their job did not know of them yet. */
static void test_crash_between(void **state)
{
    (void)state;
    int64_t job = rig_rescan(&whole);
    struct question *q = rig_question();
    const struct fact first = rig_page(1, 2, NULL, NULL);
    const struct event ev = {
        .tracker = "github", .happened_ms = rig_job(job).began_ms, .issue = {.ref = "o/r#1"}, .routing = "rescan"};
    const struct intake_told nobody = {step_told, &(struct job_run){.step.n_open = 9}};
    rig_engine_tell(NULL, &ev, "job/1/o/r#1", &nobody);
    rig_commit();
    (void)q;
    rig_crash();
    rig_answer(&first);
    assert_int_equal(rig_job(job).found, 2);
    assert_int_equal(rig_left(job).events, 2);
    struct pending_list all = place_pending(rig.place);
    assert_int_equal(all.n, 2);
}

static void test_filters(void **state)
{
    struct place *p = *state;
    const struct job_ask some = {
        .kind = "rescan", .target = "github:o/r", .all = true, .since_ms = 3000, .until_ms = 6000};
    int64_t job = rig_rescan(&some);
    assert_string_equal(rig_asked(), "issues o/r pulls\n");
    page(1, 9, NULL, "t");
    assert_int_equal(rig_job(job).found, 3); /* 3, 4, 5 */
    const char *kept = NULL;
    assert_int_equal(store_get_cursor(p->s, "rescan/github/o/r/all/1", p->a, &kept, &p->e), 0);
    int64_t other = rig_rescan(&whole);
    struct fact f = rig_page(0, 3, NULL, NULL);
    ((struct issue *)f.issues.v)[2].type = "issue";
    rig_answer(&f);
    assert_int_equal(rig_job(other).found, 1); /* the first is too old for the bridge, the last is no pull request */
}

static int64_t done(const char *tag, enum verdict v)
{
    int64_t job = rig_rescan(&whole);
    page(1, 3, NULL, tag);
    rig_end_events(job, v);
    due(job);
    assert_int_equal(rig_job(job).state, JOB_DONE);
    rig_asked();
    return job;
}

static void test_unchanged(void **state)
{
    (void)state;
    done("tag", VERDICT_UNCHANGED);
    for (int i = 0; i < 2; i++) {
        int64_t job = rig_rescan(&whole);
        assert_string_equal(rig_asked(), "issues o/r open unless tag\n");
        rig_answer(&(const struct fact){.state = FACT_SAME});
        rig_commit();
        due(job);
        assert_int_equal(rig_job(job).found, 3);
        assert_int_equal(rig_job(job).skipped, 3);
        assert_int_equal(rig_job(job).state, JOB_DONE);
        assert_int_equal(rig_left(job).events, 0);
    }
}

static void test_looked_at_again(void **state)
{
    (void)state;
    const struct job_ask forced = {.kind = "rescan", .target = "github:o/r", .is_forced = true};
    const struct job_ask dry = {.kind = "rescan", .target = "github:o/r", .is_dry = true};
    done("tag", VERDICT_EXPIRED); /* not all was carried out */
    rig_rescan(&whole);
    assert_string_equal(rig_asked(), "issues o/r open\n");
    page(1, 3, NULL, "tag");
    rig_rescan(&whole); /* while that one has not ended */
    assert_string_equal(rig_asked(), "issues o/r open\n");
    page(1, 3, NULL, "tag");
    done("tag", VERDICT_DISCARDED);
    rig_rescan(&forced);
    assert_string_equal(rig_asked(), "issues o/r open\n");
    page(1, 3, NULL, "tag");
    done("tag", VERDICT_UNCHANGED);
    rig_rescan(&dry);
    assert_string_equal(rig_asked(), "issues o/r open\n");
    page(1, 3, NULL, "other");
    rig_rescan(&whole); /* a dry run leaves no word */
    assert_string_equal(rig_asked(), "issues o/r open unless tag\n");
    rig_answer(&(const struct fact){.state = FACT_SAME});
    rig.config.digest = 8;
    rig_rescan(&whole);
    assert_string_equal(rig_asked(), "issues o/r open\n");
}

static void test_organisation(void **state)
{
    struct place *p = *state;
    const struct job_ask all = {.kind = "rescan", .target = "github:o"};
    struct fact names = {0};
    *MANY_ADD(p->a, &names.names, struct named) = (struct named){.name = "o/c"};
    *MANY_ADD(p->a, &names.names, struct named) = (struct named){.name = "a"};
    *MANY_ADD(p->a, &names.names, struct named) = (struct named){.name = "o/b"};
    int64_t job = rig_rescan(&all);
    assert_string_equal(rig_asked(), "repositories o\n");
    rig_answer(&names);
    assert_string_equal(rig_asked(), "issues o/a open\n");
    page(1, 1, "a2", NULL);
    rig_crash();
    assert_string_equal(rig_asked(), "issues a2\nrepositories o\n"); /* what was asked before the crash, too */
    rig_answer(&names);
    assert_string_equal(rig_asked(), "issues a2\n");
    page(2, 1, NULL, NULL);
    assert_string_equal(rig_asked(), "issues o/a open\n");
    page(1, 1, "a2", NULL);
    page(2, 1, NULL, NULL);
    assert_string_equal(rig_asked(), "issues a2\nissues o/b open\n");
    rig_answer(&(const struct fact){.state = FACT_MISSING, .why = "gone"});
    rig_commit();
    assert_string_equal(rig_asked(), "issues o/c open\n");
    page(3, 1, NULL, NULL);
    assert_int_equal(rig_job(job).state, JOB_RUNNING);
    assert_int_equal(rig_job(job).found, 3);
    assert_string_equal(rig_job(job).note, "o/b: gone");
}

static void test_single(void **state)
{
    (void)state;
    const struct job_ask one = {.kind = "rescan", .target = "github:o/r#7"};
    int64_t job = rig_rescan(&one);
    assert_string_equal(rig_asked(), "issue o/r#7\n");
    const struct fact f = {.issue = {.ref = "o/r#7", .type = "pull request", .created_ms = 1}};
    rig_answer(&f);
    assert_int_equal(rig_job(job).state, JOB_RUNNING);
    assert_int_equal(rig_left(job).events, 1);
}

static void test_not_there(void **state)
{
    (void)state;
    static const char *const targets[] = {"github:o", "github:o/r", "github:o/r#1"};
    for (size_t i = 0; i < COUNT(targets); i++) {
        int64_t job = rig_rescan(&(const struct job_ask){.kind = "rescan", .target = targets[i]});
        rig_answer(&(const struct fact){.state = FACT_MISSING, .why = "Not Found"});
        assert_int_equal(rig_job(job).state, JOB_FAILED);
        assert_non_null(strstr(rig_job(job).note, "Not Found"));
    }
}

static void test_waits(void **state)
{
    (void)state;
    int64_t job = rig_rescan(&whole);
    rig_answer_error(ERR_TRANSIENT);
    assert_string_equal(rig_job(job).note, "waits: so it said");
    assert_int_equal(rig_job(job).state, JOB_LISTING);
    rig_asked();
    due(job);
    assert_string_equal(rig_asked(), "issues o/r open\n");
    rig.refuses = ERR_TRANSIENT; /* the store is full */
    page(1, 2, NULL, NULL);
    assert_int_equal(rig_job(job).found, 0);
    rig.refuses = ERR_NONE;
    due(job);
    page(1, 2, NULL, NULL);
    assert_int_equal(rig_job(job).found, 2);
    assert_null(rig_job(job).note);
    int64_t other = rig_rescan(&whole);
    rig_answer_error(ERR_CONFIG);
    assert_int_equal(rig_job(other).state, JOB_FAILED);
}

static void test_two_at_a_time(void **state)
{
    (void)state;
    int64_t jobs[3];
    for (int i = 0; i < 3; i++)
        jobs[i] = rig_rescan(&whole);
    assert_string_equal(rig_asked(), "issues o/r open\nissues o/r open\n");
    page(1, 1, NULL, NULL);
    assert_string_equal(rig_asked(), "issues o/r open\n");
    assert_int_equal(rig_job(jobs[0]).state, JOB_RUNNING);
}

static void test_cancel(void **state)
{
    (void)state;
    int64_t job = rig_rescan(&whole);
    page(1, 100, "p2", NULL);
    struct poll_deed d = {.who = "ada", .done = rig_said, .job = job};
    poll_cancel(rig.poll, &d);
    rig_commit();
    assert_int_equal(rig.said.class, ERR_NONE);
    assert_int_equal(rig_job(job).state, JOB_CANCELLED);
    assert_int_equal(rig_left(job).events, 0);
    assert_int_equal(rig_left(job).failed, 100);
    poll_cancel(rig.poll, &d);
    assert_int_equal(rig.said.class, ERR_CONFLICT);
    d.job = 99;
    poll_cancel(rig.poll, &d);
    assert_int_equal(rig.said.class, ERR_MISSING);
}

static void test_cancelled_goes_on_after_a_crash(void **state)
{
    (void)state;
    int64_t job = rig_rescan(&whole);
    page(1, 3, "p2", NULL);
    struct poll_deed d = {.who = "ada", .done = rig_said, .job = job};
    poll_cancel(rig.poll, &d);
    store_commit(rig.place->s); /* that it is not wanted is on disk; nothing is dropped yet */
    rig_crash();
    rig_commit();
    assert_int_equal(rig_job(job).state, JOB_CANCELLED);
    assert_int_equal(rig_left(job).failed, 3);
}

static void test_targets(void **state)
{
    (void)state;
    static const struct {
        const char *target, *word;
    } rows[] = {
        {"github", "not a target"},       {"github:", "not a target"},      {"github:/r", "not a target"},
        {"github:o/", "not a target"},    {"github:o/r/x", "not a target"}, {"github:o/r#", "not a target"},
        {"github:o/r#0", "not a target"}, {"github:o/r#x", "not a target"}, {"github:o#1", "not a target"},
        {"gitlab:o/r", "no tracker"},     {"github:o r", "not a target"},   {"", "not a target"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rig_rescan(&(const struct job_ask){.kind = "rescan", .target = rows[i].target}), -ERR_INPUT);
        assert_non_null(strstr(rig.said.text, rows[i].word));
    }
    const struct job_ask backwards = {.kind = "rescan", .target = "github:o/r", .since_ms = 5, .until_ms = 5};
    assert_int_equal(rig_rescan(&backwards), -ERR_INPUT);
    rig.config.n_bridges = 0;
    assert_int_equal(rig_rescan(&whole), -ERR_INPUT);
}

/* --- labels --- */

/* o/r000 and so on, in another order than that of their names. */
static void repositories(int n)
{
    struct fact f = {0};
    for (int i = n; i-- > 0;)
        MANY_ADD(rig.place->a, &f.names, struct named)->name = arena_fmt(rig.place->a, "o/r%04d", i);
    rig_answer(&f);
    rig_commit();
}

static void test_labels(void **state)
{
    (void)state;
    const struct job_ask one = {.kind = "labels", .target = "github:o/r", .is_dry = true};
    const struct job_ask all = {.kind = "labels", .target = "github:o"};
    rig.bridge.name = "with a labels file";
    int64_t job = rig_rescan(&one);
    assert_string_equal(rig_asked(), "");
    assert_int_equal(rig_job(job).state, JOB_RUNNING);
    assert_int_equal(rig_job(job).found, 1);
    assert_string_equal(rig_job(job).kind, "labels");
    job = rig_rescan(&all);
    assert_string_equal(rig_asked(), "repositories o\n");
    repositories(3);
    assert_int_equal(rig_job(job).found, 3);
    assert_int_equal(rig_left(job).events, 3);
    rig_end_events(job, VERDICT_APPLIED);
    due(job);
    assert_int_equal(rig_job(job).state, JOB_DONE);
    job = rig_rescan(&all);
    rig_answer(&(const struct fact){.state = FACT_MISSING, .why = "Not Found"});
    assert_int_equal(rig_job(job).state, JOB_FAILED);
    assert_string_equal(rig_job(job).note, "o: Not Found");
}

/* More than one step can tell; a crash between the two leaves none out, and tells none twice. */
static void test_labels_of_many(void **state)
{
    (void)state;
    const struct job_ask all = {.kind = "labels", .target = "github:o"};
    for (int crash = 0; crash < 2; crash++) {
        rig.bridge.name = "with a labels file";
        int64_t job = rig_rescan(&all);
        struct fact f = {0};
        for (int i = 0; i < POLL_PAGE_MAX + 5; i++)
            MANY_ADD(rig.place->a, &f.names, struct named)->name = arena_fmt(rig.place->a, "o/r%04d", i);
        rig_answer(&f);
        if (crash) {
            store_commit(rig.place->s);
            rig_crash();
            rig_answer(&f);
        }
        rig_commit();
        assert_int_equal(rig_job(job).state, JOB_RUNNING);
        assert_int_equal(rig_job(job).found, POLL_PAGE_MAX + 5);
        assert_int_equal(rig_left(job).events, POLL_PAGE_MAX + 5);
        rig_end_events(job, VERDICT_APPLIED);
        rig_end_events(job, VERDICT_APPLIED);
        due(job);
    }
}

static void test_labels_refused(void **state)
{
    (void)state;
    static const struct {
        struct job_ask ask;
        const char *word;
    } rows[] = {
        {{.kind = "labels", .target = "github:o/r#1"}, "is an issue"},
        {{.kind = "labels", .target = "github:o/r", .all = true}, "for rescans"},
        {{.kind = "labels", .target = "github:o/r", .since_ms = 1}, "for rescans"},
        {{.kind = "labels", .target = "gitlab:o/r"}, "no tracker"},
        {{.kind = "everything", .target = "github:o/r"}, "no jobs of kind \"everything\""},
    };
    assert_int_equal(rig_rescan(&(const struct job_ask){.kind = "labels", .target = "github:o/r"}), -ERR_INPUT);
    assert_non_null(strstr(rig.said.text, "labels_file"));
    rig.bridge.name = "with a labels file";
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rig_rescan(&rows[i].ask), -ERR_INPUT);
        assert_non_null(strstr(rig.said.text, rows[i].word));
    }
}

/* --- schedules --- */

static void schedule(int64_t every)
{
    rig.jobs[0] = (struct conf_job){.kind = "rescan", .target = "github:o/r", .every = every, .all = true};
    rig.config.n_jobs = 1;
    poll_reload(rig.poll);
    rig_commit();
}

static void schedules_run(int64_t at_ms)
{
    struct schedules *s = rig.poll->schedules;
    s->v[0].next_ms = at_ms;
    schedules_due(&s->timer);
    rig_commit();
}

static int64_t next(void)
{
    return rig.poll->schedules->v[0].next_ms;
}

static void test_schedule(void **state)
{
    (void)state;
    int64_t now = loop_now_ms(rig.loop), hour = 60 * 60 * 1000;
    schedule(hour);
    assert_true(next() >= now && next() <= now + 60 * 1000); /* soon, but not at once */
    assert_string_equal(rig_asked(), "");
    schedules_run(now);
    assert_string_equal(rig_asked(), "issues o/r pulls\n");
    assert_string_equal(rig_job(1).who, "schedule");
    assert_in_range(next(), now + hour, now + hour + 5000);
    schedules_run(now); /* it lists still */
    assert_string_equal(rig_asked(), "");
    page(1, 2, NULL, NULL);
    schedules_run(now); /* its events have not ended */
    assert_string_equal(rig_asked(), "");
    rig_end_events(1, VERDICT_PARKED);
    schedules_run(now); /* they only wait for a time */
    assert_string_equal(rig_asked(), "issues o/r pulls\n");
}

static void test_schedule_kept(void **state)
{
    (void)state;
    int64_t now = loop_now_ms(rig.loop), hour = 60 * 60 * 1000;
    schedule(24 * hour);
    schedules_run(now);
    rig_asked();
    rig_crash();
    assert_in_range(next(), now + 24 * hour, now + 24 * hour + 5000);
    schedule(hour); /* sooner now */
    assert_true(next() <= loop_now_ms(rig.loop) + hour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_pages),           RIG_TEST(test_moved_up),
        RIG_TEST(test_crash_anywhere),  RIG_TEST(test_crash_between),
        RIG_TEST(test_filters),         RIG_TEST(test_unchanged),
        RIG_TEST(test_looked_at_again), RIG_TEST(test_organisation),
        RIG_TEST(test_single),          RIG_TEST(test_not_there),
        RIG_TEST(test_waits),           RIG_TEST(test_two_at_a_time),
        RIG_TEST(test_cancel),          RIG_TEST(test_cancelled_goes_on_after_a_crash),
        RIG_TEST(test_targets),         RIG_TEST(test_labels),
        RIG_TEST(test_labels_of_many),  RIG_TEST(test_labels_refused),
        RIG_TEST(test_schedule),        RIG_TEST(test_schedule_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
