/* What people did: the record, replays, dead letters and their retention. */
#include "base/base.h"
#include "unit_store.h"
#include "store/people.h"

static void test_pending_and_hasten(void **state)
{
    struct place *p = *state;
    struct pending got;
    int64_t parked = place_add(p, 1), fresh = place_add(p, 2), ended = place_add(p, 3);
    assert_int_equal(place_attempt(p, parked, 1, VERDICT_PARKED), 0); /* until 5001 */
    assert_int_equal(place_attempt(p, ended, 1, VERDICT_APPLIED), 0);
    assert_int_equal(store_get_pending(p->s, parked, &got, &p->e), 1);
    assert_int_equal(got.id, parked);
    assert_int_equal(got.attempts, 1);
    assert_int_equal(got.why, ERR_TRANSIENT);
    assert_int_equal(got.retry_at_ms, 5001);
    assert_int_equal(store_hasten(p->s, parked, 9000, &p->e), 0); /* later: it stays */
    assert_int_equal(store_hasten(p->s, fresh, 10, &p->e), 0);    /* not parked: likewise */
    assert_int_equal(place_pending(p).retry_at_ms[0], 5001);
    assert_int_equal(store_hasten(p->s, parked, 400, &p->e), 0);
    assert_int_equal(place_pending(p).retry_at_ms[0], 400);
    assert_int_equal(place_pending(p).retry_at_ms[1], 0);
    assert_int_equal(store_get_pending(p->s, ended, &got, &p->e), 0);
    assert_int_equal(store_get_pending(p->s, 4711, &got, &p->e), -ERR_MISSING);
    assert_non_null(strstr(p->e.text, "no event 4711"));
}

static void audit(struct place *p, const char *verb, int64_t event, int64_t at_ms)
{
    const struct audit_record r = {.at_ms = at_ms, .who = "ada", .verb = verb, .event = event, .note = "why"};
    assert_int_equal(store_add_audit(p->s, &r, &p->e), 0);
}

static size_t audited(struct store_reader *r, struct place *p, struct audit_filter f, const struct audit_record **ret)
{
    struct many rows;
    assert_int_equal(store_list_audit(r, &f, p->a, &rows, &p->e), 0);
    *ret = rows.v;
    return rows.n;
}

static void test_audit(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    const struct audit_record *v;
    place_add(p, 1);
    audit(p, "retry", 1, 10);
    audit(p, "drop", 2, 20);
    audit(p, "replay", 1, 30);
    store_commit(p->s);
    assert_int_equal(store_reader_open(&r, p->url, &p->e), 0);
    assert_int_equal(audited(r, p, (struct audit_filter){.limit = 10}, &v), 3);
    assert_string_equal(v[0].verb, "replay");
    assert_string_equal(v[2].verb, "retry");
    assert_string_equal(v[2].who, "ada");
    assert_string_equal(v[2].note, "why");
    assert_int_equal(v[2].at_ms, 10);
    assert_int_equal(audited(r, p, (struct audit_filter){.event = 1, .limit = 10}, &v), 2);
    assert_int_equal(audited(r, p, (struct audit_filter){.before = v[0].id, .limit = 10}, &v), 2);
    assert_int_equal(audited(r, p, (struct audit_filter){.limit = 1}, &v), 1);
    assert_int_equal(audited(r, p, (struct audit_filter){.event = 9, .limit = 10}, &v), 0);
    struct event_story story;
    assert_int_equal(store_read_event(r, 1, p->a, &story, &p->e), 0);
    assert_int_equal(story.audit.n, 2);
    assert_int_equal(store_prune(p->s, 25, 0, 10, &p->e), 2); /* what was done before then */
    store_commit(p->s);
    assert_int_equal(audited(r, p, (struct audit_filter){.limit = 10}, &v), 1);
}

/* Received long ago, but ended only now: a dead letter is kept for its time from its end. */
static void test_dead_letters_are_kept_from_their_end(void **state)
{
    struct place *p = *state;
    int64_t expired = place_add(p, 1), dropped = place_add(p, 2), fine = place_add(p, 3); /* at 1000, 2000, 3000 */
    assert_int_equal(place_attempt(p, expired, 8000, VERDICT_EXPIRED), 0); /* ended at 100 × id + number */
    assert_int_equal(place_attempt(p, dropped, 9000, VERDICT_DROPPED), 0);
    assert_int_equal(place_attempt(p, fine, 9500, VERDICT_APPLIED), 0);
    assert_int_equal(store_add_replay(p->s, dropped, expired, &p->e), 0);
    assert_int_equal(store_prune(p->s, 8000, 0, 10, &p->e), 1);
    assert_false(place_has(p, fine));
    assert_true(place_has(p, expired) && place_has(p, dropped));
    assert_int_equal(store_prune(p->s, 8101, 0, 10, &p->e), 1);
    assert_true(!place_has(p, expired) && place_has(p, dropped));
    assert_int_equal(store_prune(p->s, INT64_MAX, 0, 10, &p->e), 1);
    assert_false(place_has(p, dropped));
    assert_int_equal(store_add_replay(p->s, dropped, expired, &p->e), 0); /* its row went with it */
}

struct seen_ended {
    int64_t ids[32];
    size_t n, stop_after, traces;
};
static int seen_each(void *ctx, const struct event_row *row, struct str trace)
{
    struct seen_ended *s = ctx;
    s->traces += trace.p != NULL;
    s->ids[s->n++] = row->id;
    return s->n == s->stop_after;
}

static struct seen_ended ended(struct store_reader *r, struct place *p, struct ended_filter f, size_t stop_after)
{
    struct seen_ended s = {.stop_after = stop_after};
    assert_int_equal(store_each_ended(r, &f, seen_each, &s, &p->e), stop_after > 0);
    return s;
}

static void test_each_ended(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    for (int64_t i = 1; i <= 20; i++) {
        int64_t id = place_add(p, i); /* received at 1000 × i */
        if (i != 7)
            assert_int_equal(place_attempt(p, id, 1, i % 2 ? VERDICT_EXPIRED : VERDICT_APPLIED), 0);
    }
    assert_int_equal(store_add_replay(p->s, 20, 9, &p->e), 0);
    store_commit(p->s);
    assert_int_equal(store_reader_open(&r, p->url, &p->e), 0);
    struct seen_ended s = ended(r, p, (struct ended_filter){0}, 0);
    assert_int_equal(s.n, 18); /* but the pending and the replayed one */
    assert_int_equal(s.traces, 18);
    assert_int_equal(s.ids[0], 1);
    assert_int_equal(s.ids[17], 20);
    s = ended(r, p, (struct ended_filter){.since_ms = 5000, .verdict = "expired"}, 0);
    assert_int_equal(s.n, 6);
    assert_int_equal(s.ids[0], 5);
    assert_int_equal(s.ids[1], 11);
    assert_int_equal(ended(r, p, (struct ended_filter){.since_ms = 5001}, 2).ids[0], 6);
    assert_int_equal(ended(r, p, (struct ended_filter){.after = 17}, 0).n, 3);
    assert_int_equal(ended(r, p, (struct ended_filter){.since_ms = 20000}, 0).n, 1);
    assert_int_equal(ended(r, p, (struct ended_filter){.since_ms = 20001}, 0).n, 0);
    const struct ended_filter wrong = {.verdict = "parked"};
    assert_int_equal(store_each_ended(r, &wrong, seen_each, &s, &p->e), -ERR_INPUT);
    struct many rows;
    const int64_t ids[] = {12, 4711, 3};
    assert_int_equal(store_list_ids(r, ids, COUNT(ids), p->a, &rows, &p->e), 0);
    assert_int_equal(rows.n, 2);
    assert_int_equal(((const struct event_row *)rows.v)[0].id, 12);
    assert_int_equal(((const struct event_row *)rows.v)[1].id, 3);
}

/* A full disk while a replay is written: nothing of the batch is left. */
static void test_people_and_a_full_disk(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    const struct audit_record *v;
    int64_t old = place_add(p, 1);
    assert_int_equal(place_attempt(p, old, 1, VERDICT_EXPIRED), 0);
    store_commit(p->s);
    store_fault(p->s, 1, ENOSPC);
    int64_t again = place_add(p, 2);
    (void)(store_add_replay(p->s, again, old, &p->e) < 0);
    store_commit(p->s);
    store_fault(p->s, 0, 0);
    assert_false(place_has(p, again));
    audit(p, "replay", old, 5);
    store_commit(p->s);
    assert_int_equal(store_reader_open(&r, p->url, &p->e), 0);
    assert_int_equal(audited(r, p, (struct audit_filter){.limit = 10}, &v), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_pending_and_hasten),
        PLACE_TEST(test_audit),
        PLACE_TEST(test_dead_letters_are_kept_from_their_end),
        PLACE_TEST(test_each_ended),
        PLACE_TEST(test_people_and_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
