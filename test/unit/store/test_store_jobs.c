/* Jobs and cursors: what was asked for is there after a crash, and what became of a job's events is counted. */
#include "base/base.h"
#include "unit_store.h"
#include "base/text.h"
#include "store/jobs.h"

static struct job added(struct place *p, const char *target)
{
    struct job j = {.kind = "rescan",
                    .tracker = "github",
                    .target = target,
                    .options = "{\"all\":true}",
                    .who = "ada",
                    .began_ms = 5000};
    assert_int_equal(store_add_job(p->s, &j, &p->e), 0);
    return j;
}

static int each_target(void *ctx, const struct job *j)
{
    struct text *t = ctx;
    text_addf(t, "%" PRId64 ":%s:%s ", j->id, j->target, j->place ? j->place : "");
    return 0;
}

static const char *open_jobs(struct place *p)
{
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    assert_int_equal(store_each_job(p->s, each_target, &t, &p->e), 0);
    return arena_text(p->a, text_z(&t));
}

static void test_goes_on(void **state)
{
    struct place *p = *state;
    struct job first = added(p, "o/r"), second = added(p, "o");
    assert_int_equal(first.id, 1);
    assert_int_equal(second.id, 2);
    first.place = "{\"page\":3}";
    first.found = 300;
    assert_int_equal(store_put_job(p->s, &first, &p->e), 0);
    second.state = JOB_FAILED;
    second.note = "no such organisation";
    assert_int_equal(store_put_job(p->s, &second, &p->e), 0);
    place_reopen(p);
    assert_string_equal(open_jobs(p), "1:o/r:{\"page\":3} ");
    struct job got;
    assert_int_equal(store_get_job(p->s, 2, p->a, &got, &p->e), 0);
    assert_string_equal(got.note, "no such organisation");
    assert_string_equal(got.who, "ada");
    assert_int_equal(store_get_job(p->s, 3, p->a, &got, &p->e), -ERR_MISSING);
}

static void ended(struct place *p, int64_t event, enum verdict v)
{
    const struct attempt_record r = {.event = event,
                                     .number = 1,
                                     .started_ms = 1,
                                     .ended_ms = 2,
                                     .verdict = v,
                                     .retry_at_ms = 9,
                                     .trace = STR("{}")};
    assert_int_equal(store_add_attempt(p->s, &r, &p->e), 0);
}

static void test_counts(void **state)
{
    struct place *p = *state;
    struct job j = added(p, "o/r");
    struct job_left left = {0};
    for (int i = 1; i <= 4; i++) {
        int64_t event = place_add(p, i);
        assert_int_equal(store_add_job_event(p->s, j.id, event, &p->e), 1);
        assert_int_equal(store_add_job_event(p->s, j.id, event, &p->e), 0); /* told twice is once */
    }
    ended(p, 1, VERDICT_APPLIED);
    ended(p, 2, VERDICT_UNCHANGED);
    ended(p, 3, VERDICT_PARKED);
    store_commit(p->s);
    assert_int_equal(store_job_left(p->s, j.id, &left, &p->e), 0);
    assert_int_equal(left.events, 2);
    assert_int_equal(left.parked, 1);
    assert_int_equal(left.failed, 0);
    struct many pending = {0};
    assert_int_equal(
        store_job_pending(p->s, &(const struct job_events){.job = j.id, .limit = 10}, p->a, &pending, &p->e), 0);
    assert_int_equal(pending.n, 2);
    assert_int_equal(((const int64_t *)pending.v)[0], 3);
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    assert_int_equal(store_reader_open(&r, p->url, &p->e), 0);
    struct many jobs = {0}, events = {0};
    assert_int_equal(store_list_jobs(r, &(const struct job_page){.limit = 10}, p->a, &jobs, &p->e), 0);
    assert_int_equal(jobs.n, 1);
    const struct job_row *row = jobs.v;
    assert_int_equal(row->events, 4);
    assert_int_equal(row->verdicts[VERDICT_APPLIED] + row->verdicts[VERDICT_UNCHANGED], 2);
    assert_int_equal(row->verdicts[VERDICT_PARKED], 1);
    assert_int_equal(row->verdicts[VERDICT_QUEUED], 1);
    assert_int_equal(store_job_events(r, &(const struct job_events){j.id, 1, 2}, p->a, &events, &p->e), 0);
    assert_int_equal(events.n, 2);
    assert_int_equal(((const int64_t *)events.v)[0], 2);
    ended(p, 4, VERDICT_EXPIRED);
    assert_int_equal(store_job_left(p->s, j.id, &left, &p->e), 0);
    assert_int_equal(left.events, 1);
    assert_int_equal(left.failed, 1);
}

static void test_cursors(void **state)
{
    struct place *p = *state;
    const char *got = NULL;
    assert_int_equal(store_get_cursor(p->s, "hook/1", p->a, &got, &p->e), 0);
    assert_int_equal(store_put_cursor(p->s, "hook/1", "77", &p->e), 0);
    assert_int_equal(store_put_cursor(p->s, "hook/1", "78", &p->e), 0);
    store_commit(p->s);
    place_reopen(p);
    assert_int_equal(store_get_cursor(p->s, "hook/1", p->a, &got, &p->e), 1);
    assert_string_equal(got, "78");
    assert_int_equal(store_put_cursor(p->s, "hook/1", NULL, &p->e), 0);
    assert_int_equal(store_get_cursor(p->s, "hook/1", p->a, &got, &p->e), 0);
}

static int cursor_names(void *ctx, const char *name, const char *value)
{
    struct text *t = ctx;
    text_addf(t, "%s=%s ", name, value);
    return strcmp(name, "a/z") == 0 ? 7 : 0;
}

static void test_cursors_of_one_kind(void **state)
{
    static const char *const names[] = {"a", "a/", "a/b/c", "a/x", "a0", "ab/c", "A/x"};
    struct place *p = *state;
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(store_put_cursor(p->s, names[i], "1", &p->e), 0);
    assert_int_equal(store_each_cursor(p->s, "a/", cursor_names, &t, &p->e), 0);
    assert_string_equal(text_z(&t), "a/=1 a/b/c=1 a/x=1 ");
    assert_int_equal(store_put_cursor(p->s, "a/z", "1", &p->e), 0);
    assert_int_equal(store_each_cursor(p->s, "a/", cursor_names, &t, &p->e), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {PLACE_TEST(test_goes_on), PLACE_TEST(test_counts), PLACE_TEST(test_cursors),
                                       PLACE_TEST(test_cursors_of_one_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
