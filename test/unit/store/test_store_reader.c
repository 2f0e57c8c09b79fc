/* Lists, single events and figures, read beside the loop; and what retention takes away. */
#include "base/base.h"
#include "base/text.h"
#include "unit_store.h"

static struct store_reader *reader_of(struct place *p)
{
    struct store_reader *r = NULL;
    if (store_reader_open(&r, p->url, &p->e) < 0)
        fail_msg("%s", p->e.text);
    return r;
}

/* Ids of a list, "5 3 1". */
static const char *listed(struct place *p, struct store_reader *r, const struct event_filter *f)
{
    struct many m = {NULL, 0};
    AUTO(text_auto) struct text t;
    text_init(&t, 10000);
    if (store_list_events(r, f, p->a, &m, &p->e) < 0)
        fail_msg("%s", p->e.text);
    const struct event_row *row = m.v;
    for (size_t i = 0; i < m.n; i++)
        text_addf(&t, "%s%" PRId64, i ? " " : "", row[i].id);
    return arena_text(p->a, text_z(&t));
}

/* Events 1 to 24: of each eight, number 1 is applied, 2 discarded, 3 parked, the others wait. */
static void fill(struct place *p)
{
    for (int64_t i = 1; i <= 24; i++) {
        int64_t id = place_add(p, i);
        assert_int_equal(id, i);
        if (i % 8 == 1)
            assert_int_equal(place_attempt(p, id, 1, VERDICT_APPLIED), 0);
        if (i % 8 == 2)
            assert_int_equal(place_attempt(p, id, 1, VERDICT_DISCARDED), 0);
        if (i % 8 == 3)
            assert_int_equal(place_attempt(p, id, 1, VERDICT_PARKED), 0);
    }
    store_commit(p->s);
}

static int head_seen(void *ctx, const struct event_head *h)
{
    struct text *t = ctx;
    text_addf(t, "%" PRId64 "%s ", h->id, verdict_ended(h->verdict) ? verdict_name(h->verdict) : "");
    return h->id == 20 ? 7 : 0;
}

static void test_heads(void **state)
{
    static const struct {
        int64_t after, since_ms;
        const char *seen;
        int rc;
    } rows[] = {
        {16, 0, "17applied 18discarded 19 20 ", 7},
        {0, 17000, "17applied 18discarded 19 20 ", 7},
        {18, 17000, "19 20 ", 7},
        {16, 19000, "19 20 ", 7},
        {21, 0, "22 23 24 ", 0},
        {0, 25000, "", 0},
    };
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    fill(p);
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(text_auto) struct text t;
        text_init(&t, 10000);
        assert_int_equal(store_each_head(r, rows[i].after, rows[i].since_ms, head_seen, &t, &p->e), rows[i].rc);
        assert_string_equal(text_z(&t), rows[i].seen);
    }
}

static int head_counted(void *ctx, const struct event_head *h)
{
    int64_t *n = ctx;
    assert_int_equal(h->id, *n + 1);
    *n = h->id;
    return 0;
}

/* More than one bite. */
static void test_many_heads(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    int64_t n = 0;
    for (int64_t i = 1; i <= 2100; i++)
        place_add(p, i);
    store_commit(p->s);
    assert_int_equal(store_each_head(r, 0, 0, head_counted, &n, &p->e), 0);
    assert_int_equal(n, 2100);
}

static void test_filters(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    fill(p);
    static const struct {
        struct event_filter f;
        const char *ids;
    } rows[] = {
        {{.limit = 5}, "24 23 22 21 20"},
        {{.limit = 0}, "24"},
        {{.limit = 3, .before = 11}, "10 9 8"},
        {{.limit = 1000, .after = 20}, "24 23 22 21"},
        {{.limit = 1000, .after = 8, .before = 12}, "11 10 9"},
        {{.limit = 1000, .verdict = "applied"}, "17 9 1"},
        {{.limit = 2, .verdict = "discarded"}, "18 10"},
        {{.limit = 1000, .verdict = "unchanged"}, ""},
        {{.limit = 1000, .verdict = "parked"}, "19 11 3"},
        {{.limit = 4, .verdict = "pending"}, "24 23 22 21"},
        {{.limit = 4, .verdict = "queued", .before = 21}, "20 16 15 14"},
        {{.limit = 1000, .subject = "bugzilla:9"}, "19 9"},
        {{.limit = 1000, .subject = "bugzilla:9", .verdict = "applied"}, "9"},
        {{.limit = 1000, .subject = "bugzilla:9", .verdict = "pending"}, "19"},
        {{.limit = 1, .subject = "bugzilla:3", .before = 20}, "13"},
        {{.limit = 1000, .subject = "bugzilla:99"}, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(listed(p, r, &rows[i].f), rows[i].ids);
    static const char *const refused[] = {"running", "behind", "nonsense", ""};
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct many m = {NULL, 0};
        struct event_filter f = {.limit = 1, .verdict = refused[i]};
        assert_int_equal(store_list_events(r, &f, p->a, &m, &p->e), -ERR_INPUT);
    }
}

static void test_rows(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    fill(p);
    struct many m = {NULL, 0};
    struct event_filter f = {.limit = 3, .before = 4};
    assert_int_equal(store_list_events(r, &f, p->a, &m, &p->e), 0);
    const struct event_row *row = m.v; /* 3 parked, 2 discarded, 1 applied */
    assert_int_equal(m.n, 3);
    assert_int_equal(row[0].verdict, VERDICT_PARKED);
    assert_int_equal(row[0].retry_at_ms, 5001);
    assert_int_equal(row[0].attempts, 1);
    assert_int_equal(row[0].ended_ms, 0);
    assert_string_equal(row[0].reason, "because");
    assert_int_equal(row[1].verdict, VERDICT_DISCARDED);
    assert_int_equal(row[1].ended_ms, 201);
    assert_int_equal(row[1].retry_at_ms, 0);
    assert_string_equal(row[2].target, "jira:JB-7");
    assert_string_equal(row[2].tracker, "bugzilla");
    assert_string_equal(row[2].kind, "bug.modify:status");
    assert_string_equal(row[2].subject, "bugzilla:1");
    assert_string_equal(row[2].request_id, "r");
    assert_int_equal(row[2].received_ms, 1000);
    assert_int_equal(row[2].source, SOURCE_WEBHOOK);
    assert_true(row[2].lane == hash_stable(STR("bugzilla:1")));
}

static void test_one_event(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    struct event_story story;
    place_add(p, 1);
    int64_t id = place_add(p, 2);
    for (int64_t n = 1; n <= 1200; n++)
        assert_int_equal(place_attempt(p, id, n, n < 1200 ? VERDICT_PARKED : VERDICT_APPLIED), 0);
    assert_int_equal(place_attempt(p, id - 1, 1, VERDICT_APPLIED), 0);
    assert_int_equal(store_read_event(r, id, p->a, &story, &p->e), -ERR_MISSING); /* not committed */
    store_commit(p->s);
    assert_int_equal(store_read_event(r, id, p->a, &story, &p->e), 0);
    assert_int_equal(story.row.verdict, VERDICT_APPLIED);
    assert_int_equal(story.row.attempts, 1200);
    assert_string_equal(story.raw.body.p, "{\"number\":2}");
    const struct attempt_row *a = story.attempts.v;
    assert_int_equal(story.attempts.n, STORE_ATTEMPTS_READ);
    assert_int_equal(a[0].number, 201);
    assert_int_equal(a[999].number, 1200);
    assert_int_equal(a[0].verdict, VERDICT_PARKED);
    assert_int_equal(a[0].retry_at_ms, 5201);
    assert_string_equal(a[0].class, "transient");
    assert_null(a[999].class);
    assert_int_equal(a[999].retry_at_ms, 0);
    assert_int_equal(a[999].started_ms, 200);
    assert_int_equal(a[999].ended_ms, 1400);
    assert_string_equal(a[999].trace.p, "{\"facts\":[]}");
    static const int64_t absent[] = {0, -1, 3, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT(absent); i++)
        assert_int_equal(store_read_event(r, absent[i], p->a, &story, &p->e), -ERR_MISSING);
}

/* Large traces: the newest are given as far as they fit. */
static void test_traces_bounded(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    struct event_story story;
    int64_t id = place_add(p, 1);
    for (int64_t n = 1; n <= 5; n++) {
        struct attempt_record rec = {.event = id, .number = n, .verdict = VERDICT_PARKED};
        rec.trace = (struct str){arena_zero(p->a, 5 << 20), 5 << 20};
        assert_int_equal(store_add_attempt(p->s, &rec, &p->e), 0);
    }
    store_commit(p->s);
    assert_int_equal(store_read_event(r, id, p->a, &story, &p->e), 0);
    const struct attempt_row *a = story.attempts.v;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(a[i].number, i + 1);
        assert_int_equal(a[i].trace.n, i < 2 ? 0 : 5 << 20);
    }
    assert_int_equal(place_pending(p).retry_at_ms[0], 1); /* parked without a time is still parked */
}

static void test_figures(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    struct store_figures c;
    assert_int_equal(store_counts(r, &c, &p->e), 0);
    assert_int_equal(c.pending, 0);
    assert_int_equal(c.last_id, 0);
    assert_int_equal(c.oldest_pending_ms, 0);
    fill(p);
    assert_int_equal(store_counts(r, &c, &p->e), 0);
    assert_int_equal(c.pending, 18);
    assert_int_equal(c.parked, 3);
    assert_int_equal(c.oldest_pending_ms, 3000);
    assert_int_equal(c.last_id, 24);
    assert_true(c.bytes >= 8 * 16384);
}

static void test_prune_events(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    struct effect f = {.key = "9/0/1", .event = 9, .state = EFFECT_DONE}, made = {.key = "bugzilla:9", .event = 9};
    struct effect other = {.key = "90/0/1", .event = 90}, back;
    fill(p);
    assert_int_equal(store_put_effect(p->s, &f, &p->e), 0);
    assert_int_equal(store_put_effect(p->s, &made, &p->e), 0);
    assert_int_equal(store_put_effect(p->s, &other, &p->e), 0);
    assert_int_equal(store_prune(p->s, 11000, 0, 2, &p->e), 2); /* bounded: the two oldest that have ended */
    store_commit(p->s);
    struct event_filter all = {.limit = 1000, .before = 12};
    assert_string_equal(listed(p, r, &all), "11 10 9 8 7 6 5 4 3");
    assert_int_equal(store_prune(p->s, 11000, 0, 100, &p->e), 2);
    assert_int_equal(store_prune(p->s, 11000, 0, 100, &p->e), 0);
    store_commit(p->s);
    assert_string_equal(listed(p, r, &all), "11 8 7 6 5 4 3"); /* pending ones stay, however old */
    struct event_story story;
    assert_int_equal(store_read_event(r, 11, p->a, &story, &p->e), 0);
    assert_int_equal(story.attempts.n, 1); /* its neighbour 10 went with its own only */
    assert_int_equal(store_get_effect(p->s, f.key, p->a, &back, &p->e), 0);
    assert_int_equal(store_get_effect(p->s, made.key, p->a, &back, &p->e), 1);
    assert_int_equal(store_get_effect(p->s, other.key, p->a, &back, &p->e), 1);
    struct entry replayed = place_entry(p, 9);
    assert_int_equal(store_add_event(p->s, &replayed, &p->e), 0);
    assert_int_equal(replayed.id, 9);
    assert_int_equal(place_attempt(p, 9, 2, VERDICT_APPLIED), -ERR_MISSING);
    assert_int_equal(store_prune(p->s, INT64_MAX, 0, INT_MAX, &p->e), 2);
}

static void test_prune_keeps_ids(void **state)
{
    struct place *p = *state;
    int64_t id = place_add(p, 1);
    assert_int_equal(place_attempt(p, id, 1, VERDICT_APPLIED), 0);
    store_commit(p->s);
    store_fault(p->s, 1, EIO); /* what is not committed is not believed */
    assert_int_equal(store_prune(p->s, INT64_MAX, 0, 10, &p->e), 1);
    store_commit(p->s);
    store_fault(p->s, 0, 0);
    assert_int_equal(store_prune(p->s, INT64_MAX, 0, 10, &p->e), 1);
    place_reopen(p);
    assert_false(place_has(p, id));
    assert_true(place_add(p, 2) > id);
}

static void test_prune_traces(void **state)
{
    struct place *p = *state;
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    struct event_story story;
    fill(p);
    /* attempts end at 100 × event + 1: events 1, 2, 3, 9, 10, 11 are older than 1150 */
    assert_int_equal(store_prune(p->s, 0, 1150, 4, &p->e), 4);
    assert_int_equal(store_prune(p->s, 0, 1150, 4, &p->e), 2);
    assert_int_equal(store_prune(p->s, 0, 1150, 4, &p->e), 0);
    store_commit(p->s);
    static const struct {
        int64_t event;
        bool has_trace;
    } rows[] = {{1, false}, {3, false}, {11, false}, {17, true}, {19, true}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(store_read_event(r, rows[i].event, p->a, &story, &p->e), 0);
        const struct attempt_row *a = story.attempts.v;
        assert_int_equal(a[0].trace.p != NULL, rows[i].has_trace);
        assert_string_equal(a[0].reason, "because");
    }
    assert_int_equal(place_attempt(p, 19, 2, VERDICT_APPLIED), 0);
    assert_int_equal(store_prune(p->s, 0, INT64_MAX, 100, &p->e), 4);
}

struct history_seen {
    struct text ids; /* "5:applied:T ", T when it has a trace */
    int64_t stop_at;
};

static int history_each(void *ctx, const struct history *h)
{
    struct history_seen *seen = ctx;
    text_addf(&seen->ids, "%" PRId64 ":%s%s ", h->row.id, verdict_name(h->row.verdict), h->trace.n ? ":T" : "");
    assert_int_equal(h->raw.id, h->row.id);
    assert_int_equal(h->raw.received_ms, 1000 * h->row.id);
    assert_string_equal(h->raw.headers, "{\"a\":\"b\"}");
    assert_string_equal(h->raw.request_id, "r");
    assert_true(h->raw.body.n > 0 && memcmp(h->raw.body.p, "{\"number\":", 10) == 0);
    return h->row.id == seen->stop_at ? 7 : 0;
}

static void assert_history(struct place *p, int64_t since_ms, int64_t until_ms, int64_t stop_at, const char *ids)
{
    AUTO(store_reader_auto) struct store_reader *r = reader_of(p);
    struct history_seen seen = {.stop_at = stop_at};
    text_init(&seen.ids, 100000);
    assert_int_equal(store_each_event(r, since_ms, until_ms, history_each, &seen, &p->e), stop_at ? 7 : 0);
    assert_string_equal(text_z(&seen.ids), ids);
    text_free(&seen.ids);
}

static void test_history(void **state)
{
    struct place *p = *state;
    assert_history(p, 0, INT64_MAX, 0, "");
    fill(p);
    assert_int_equal(place_attempt(p, 3, 2, VERDICT_DROPPED), 0); /* its first attempt is what it was tried with */
    assert_int_equal(place_attempt(p, 4, 1, VERDICT_DROPPED), 0); /* never tried */
    store_commit(p->s);
    assert_history(p, 1000, 5000, 0, "1:applied:T 2:discarded:T 3:dropped:T 4:dropped ");
    assert_history(p, 5000, 12000, 0, "5:queued 6:queued 7:queued 8:queued 9:applied:T 10:discarded:T 11:parked:T ");
    assert_history(p, 8500, 9500, 0, "9:applied:T ");
    assert_history(p, 23001, INT64_MAX, 0, "24:queued ");
    assert_history(p, 25000, INT64_MAX, 0, "");
    assert_history(p, 9000, 8000, 0, "");
    assert_history(p, 0, INT64_MAX, 2, "1:applied:T 2:discarded:T ");
}

/* More than one bite, and beyond. */
static void test_long_history(void **state)
{
    struct place *p = *state;
    struct text all;
    text_init(&all, 100000);
    for (int64_t i = 1; i <= 200; i++) {
        place_add(p, i);
        text_addf(&all, "%" PRId64 ":queued ", i);
    }
    store_commit(p->s);
    assert_history(p, 0, INT64_MAX, 0, text_z(&all));
    text_cut(&all, (size_t)(strstr(text_z(&all), "129:") - text_z(&all)));
    assert_history(p, 0, 129000, 0, text_z(&all)); /* exactly two bites */
    text_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_filters),      PLACE_TEST(test_heads),        PLACE_TEST(test_many_heads),
        PLACE_TEST(test_rows),         PLACE_TEST(test_one_event),    PLACE_TEST(test_traces_bounded),
        PLACE_TEST(test_figures),      PLACE_TEST(test_prune_events), PLACE_TEST(test_prune_keeps_ids),
        PLACE_TEST(test_prune_traces), PLACE_TEST(test_history),      PLACE_TEST(test_long_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
