/* What is a gap, and whose webhook it is. */
#include "base/base.h"
#include <setjmp.h>
#undef fail
#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "conf/config.h"
#include "poll/gaps.h"
#include "store/store.h"

static const struct conf_kind github = {.name = "github"}, bugzilla = {.name = "bugzilla"};
static const struct conf_tracker tracker = {.name = "gh", .kind = &github}, other = {.name = "bz", .kind = &bugzilla};
static const struct sightings_want want = {
    .tracker = "gh", .hook_header = "X-GitHub-Hook-ID", .delivery_header = "X-GitHub-Delivery"};

static void saw(struct sightings *s, struct event_head h)
{
    static int64_t last;
    h.id = ++last;
    h.tracker = h.tracker ? h.tracker : "gh";
    sightings_add(s, &want, &h);
}

/* An issue that changed at 10000, by what came of it before and after. */
static void test_issues(void **state)
{
    static const struct {
        const char *name;
        struct event_head seen[2];
        bool has_log;
        enum gap gap;
    } rows[] = {
        {"never heard of", {{.subject = "gh:o/r#2", .received_ms = 20000}}, true, GAP_MISSED},
        {"of another tracker", {{.tracker = "x", .subject = "x:o/r#1", .received_ms = 20000}}, true, GAP_MISSED},
        {"told before", {{.subject = "gh:o/r#1", .received_ms = 9000}}, true, GAP_MISSED},
        {"told at that time", {{.subject = "gh:o/r#1", .received_ms = 10000}}, true, GAP_NONE},
        {"told after", {{.subject = "gh:o/r#1", .received_ms = 10001, .verdict = VERDICT_QUEUED}}, false, GAP_NONE},
        {"told after, but only to say what would be done",
         {{.subject = "gh:o/r#1",
           .received_ms = 10001,
           .headers = "{\"Lockstep-Event\":\"dry\"}",
           .verdict = VERDICT_UNCHANGED}},
         true,
         GAP_MISSED},
        {"the newest counts",
         {{.subject = "gh:o/r#1", .received_ms = 10001}, {.subject = "gh:o/r#1", .received_ms = 500}},
         true,
         GAP_NONE},
        {"discarded, and there is a log",
         {{.subject = "gh:o/r#1", .received_ms = 11000, .verdict = VERDICT_DISCARDED}},
         true,
         GAP_NONE},
        {"discarded, and there is none",
         {{.subject = "gh:o/r#1", .received_ms = 11000, .verdict = VERDICT_DISCARDED}},
         false,
         GAP_MISSED},
        {"an event that ended then may have changed it",
         {{.subject = "gh:o/r#1", .received_ms = 9000, .verdict = VERDICT_APPLIED, .ended_ms = 9500}},
         true,
         GAP_ECHO},
        {"one that ended long before has not",
         {{.subject = "gh:o/r#1", .received_ms = 5000, .verdict = VERDICT_APPLIED, .ended_ms = 6000}},
         true,
         GAP_MISSED},
        {"nor has one that changed nothing",
         {{.subject = "gh:o/r#1", .received_ms = 9000, .verdict = VERDICT_UNCHANGED, .ended_ms = 9500}},
         true,
         GAP_MISSED},
    };
    (void)state;
    const struct issue issue = {.ref = "o/r#1", .changed_ms = 10000};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sightings s;
        sightings_init(&s);
        for (size_t n = 0; n < COUNT(rows[i].seen) && rows[i].seen[n].subject; n++)
            saw(&s, rows[i].seen[n]);
        if (gap_of_issue(&s, &issue, rows[i].has_log) != rows[i].gap)
            fail_msg("%s", rows[i].name);
        sightings_free(&s);
    }
}

/* A ticket of gh2:o/r#1 that changed at 10000, by what came of it and of that. */
static void test_followed(void **state)
{
    static const struct {
        const char *name;
        struct event_head seen[2];
        enum gap gap;
    } rows[] = {
        {"never heard of", {{.subject = ""}}, GAP_MISSED},
        {"told after", {{.subject = "gh:K-1", .received_ms = 10000}}, GAP_NONE},
        {"told after, and discarded",
         {{.subject = "gh:K-1", .received_ms = 10000, .verdict = VERDICT_DISCARDED}},
         GAP_MISSED},
        {"its end has been looked at since",
         {{.tracker = "gh2", .subject = "gh2:o/r#1", .received_ms = 10000, .verdict = VERDICT_UNCHANGED}},
         GAP_NONE},
        {"another issue has",
         {{.tracker = "gh2", .subject = "gh2:o/r#2", .received_ms = 10000, .verdict = VERDICT_UNCHANGED}},
         GAP_MISSED},
        {"its end was worked on then",
         {{.tracker = "gh2",
           .subject = "gh2:o/r#1",
           .received_ms = 5000,
           .verdict = VERDICT_APPLIED,
           .ended_ms = 8001}},
         GAP_ECHO},
        {"its end was worked on long before",
         {{.tracker = "gh2",
           .subject = "gh2:o/r#1",
           .received_ms = 5000,
           .verdict = VERDICT_APPLIED,
           .ended_ms = 7000}},
         GAP_MISSED},
        {"its end is being worked on",
         {{.tracker = "gh2", .subject = "gh2:o/r#1", .received_ms = 5000, .verdict = VERDICT_QUEUED}},
         GAP_ECHO},
    };
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    const struct issue issue = {.ref = "K-1", .changed_ms = 10000};
    struct linked link = {.tracker = "gh2", .ref = "o/r#1"};
    const struct many links = {&link, 1};
    const struct sightings_want both = {.tracker = "gh", .others = true};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sightings s;
        sightings_init(&s);
        for (size_t n = 0; n < COUNT(rows[i].seen) && rows[i].seen[n].subject; n++) {
            struct event_head h = rows[i].seen[n];
            h.tracker = h.tracker ? h.tracker : "gh";
            sightings_add(&s, &both, &h);
        }
        if (gap_of_followed(&s, &issue, &links, a) != rows[i].gap)
            fail_msg("%s", rows[i].name);
        sightings_free(&s);
    }
}

static void test_told(void **state)
{
    (void)state;
    struct sightings s;
    sightings_init(&s);
    saw(&s, (struct event_head){.subject = "gh:o/r#1", .source = SOURCE_POLL});
    saw(&s, (struct event_head){.tracker = "x", .subject = "x:o/r#1", .source = SOURCE_WEBHOOK});
    assert_false(s.is_told);
    saw(&s, (struct event_head){.subject = "gh:o/r#1", .source = SOURCE_WEBHOOK});
    assert_true(s.is_told);
    sightings_free(&s);
}

static void test_deliveries(void **state)
{
    (void)state;
    struct sightings s;
    sightings_init(&s);
    saw(&s, (struct event_head){.subject = "gh:o/r#1",
                                .headers = "{\"x-github-hook-id\":\"7\",\"X-GitHub-Delivery\":\"a-b\"}"});
    saw(&s, (struct event_head){.subject = "gh:o/r", .headers = "{\"X-GitHub-Delivery\":\"c-d\"}"});
    saw(&s, (struct event_head){.subject = "gh:o", .headers = "[1"});
    saw(&s, (struct event_head){.subject = "gh:o/q", .headers = NULL});
    saw(&s, (struct event_head){.subject = "", .headers = "{}"});
    saw(&s, (struct event_head){.subject = "ghx:o/z", .headers = "{}"});
    assert_true(sightings_delivery(&s, "7", "a-b"));
    assert_false(sightings_delivery(&s, "8", "a-b")); /* two webhooks may send different things under one name */
    assert_false(sightings_delivery(&s, "7", "c-d"));
    assert_true(sightings_delivery(&s, "", "c-d"));
    sightings_note_delivery(&s, "7", "c-d");
    assert_true(sightings_delivery(&s, "7", "c-d"));
    assert_int_equal(s.places.n, 2);
    assert_string_equal(s.places.v[0], "o/r");
    assert_string_equal(s.places.v[1], "o/q");
    sightings_free(&s);
}

static void test_places(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    assert_string_equal(gap_place(a, "o/r#12"), "o/r");
    assert_string_equal(gap_place(a, "o/r"), "o/r");
    assert_null(gap_place(a, "o"));
    assert_null(gap_place(a, "12"));
    assert_null(gap_place(a, "a#b/c"));
}

static void test_our_address(void **state)
{
    static const struct {
        const struct conf_tracker *of;
        const char *home, *url;
        bool is_ours;
    } rows[] = {
        {&tracker, NULL, "https://l.example/hooks/gh", true},
        {&tracker, NULL, "https://l.example/below/hooks/gh", true},
        {&tracker, NULL, "https://l.example/github/hook-receiver", true},
        {&tracker, NULL, "https://l.example/hooks/bz", false},
        {&tracker, NULL, "https://l.example/bugzilla_webhook", false},
        {&other, NULL, "https://l.example/bugzilla_webhook", true},
        {&tracker, "https://l.example", "https://l.example/hooks/gh", true},
        {&tracker, "https://l.example/", "https://L.Example/hooks/gh", true},
        {&tracker, "https://l.example", "https://m.example/hooks/gh", false},
        {&tracker, "https://l.example", "https://l.example:8443/hooks/gh", false},
        {&tracker, NULL, "not an address", false},
        {&tracker, NULL, NULL, false},
    };
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++)
        if (gap_is_our_hook(a, rows[i].of, rows[i].home, rows[i].url) != rows[i].is_ours)
            fail_msg("%s", rows[i].url);
}

#define OURS "https://l.example/hooks/gh"

static void test_our_hook(void **state)
{
    static const struct {
        struct hook v[3];
        enum fact_state is;
        enum gap_hook state;
        const char *id;
    } rows[] = {
        {{{.id = "1", .url = OURS, .enabled = true}}, FACT_HERE, GAP_HOOK_WORKING, "1"},
        {{{.id = "1", .url = OURS, .enabled = true, .errors = 1}}, FACT_HERE, GAP_HOOK_FAILING, "1"},
        {{{.id = "1", .url = OURS}}, FACT_HERE, GAP_HOOK_DISABLED, "1"},
        {{{.id = "1", .url = "https://x.example/", .enabled = true}}, FACT_HERE, GAP_HOOK_NONE, NULL},
        {{{.id = "1", .url = OURS, .enabled = true}, {.id = "2", .url = OURS, .enabled = true}},
         FACT_HERE,
         GAP_HOOK_WORKING,
         "2"},
        {{{.id = "1", .url = OURS, .enabled = true}, {.id = "2", .url = OURS}}, FACT_HERE, GAP_HOOK_WORKING, "1"},
        {{{.id = "1", .url = OURS}, {.id = "2", .url = OURS}}, FACT_HERE, GAP_HOOK_DISABLED, "2"},
        {{{.id = NULL}}, FACT_FORBIDDEN, GAP_HOOK_UNKNOWN, NULL},
        {{{.id = NULL}}, FACT_MISSING, GAP_HOOK_UNKNOWN, NULL},
    };
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fact f = {.state = rows[i].is};
        const struct hook *ours;
        for (size_t n = 0; n < COUNT(rows[i].v) && rows[i].v[n].id; n++)
            *MANY_ADD(a, &f.hooks, struct hook) = rows[i].v[n];
        assert_int_equal(gap_our_hook(a, &tracker, NULL, &f, &ours), rows[i].state);
        assert_true(text_same(ours ? ours->id : NULL, rows[i].id));
    }
}

static void test_worst_hook(void **state)
{
    (void)state;
    struct hook v[] = {{.enabled = true}, {.enabled = false}, {.enabled = true, .errors = 2}};
    assert_int_equal(gap_worst_hook(&(struct fact){.hooks = {v, 3}}), GAP_HOOK_DISABLED);
    assert_int_equal(gap_worst_hook(&(struct fact){.hooks = {v, 1}}), GAP_HOOK_WORKING);
    assert_int_equal(gap_worst_hook(&(struct fact){.hooks = {v + 2, 1}}), GAP_HOOK_FAILING);
    assert_int_equal(gap_worst_hook(&(struct fact){.state = FACT_HERE}), GAP_HOOK_NONE);
    assert_int_equal(gap_worst_hook(&(struct fact){.state = FACT_MISSING}), GAP_HOOK_UNKNOWN);
}

/* What is written is what is read. */
static void test_kept(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    AUTO(text_auto) struct text t;
    struct json_out o;
    struct err e = {0};
    const struct json *root = NULL;
    const struct place_state was = {.first_ms = 1795194156123,
                                    .until_ms = 1795194156124,
                                    .updated_ms = 1795194156000,
                                    .missed = 3,
                                    .recovered = 2,
                                    .hook = GAP_HOOK_FAILING,
                                    .hook_id = "7",
                                    .tag = "W/\"x\"",
                                    .is_gone = true};
    struct place_state is = {0};
    text_init(&t, 10000);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    field_write(&place_state_table, &was, &o);
    json_close(&o);
    assert_int_equal(json_parse(a, text_str(&t), &root, &e), 0);
    assert_int_equal(field_read(&place_state_table, root, a, &is, &e), 0);
    is = place_state_copy(a, &is);
    assert_int_equal(is.first_ms, was.first_ms);
    assert_int_equal(is.until_ms, was.until_ms);
    assert_int_equal(is.updated_ms, was.updated_ms);
    assert_int_equal(is.hook, GAP_HOOK_FAILING);
    assert_string_equal(is.hook_id, "7");
    assert_string_equal(is.tag, was.tag);
    assert_null(is.trouble);
    assert_true(is.is_gone);
    assert_int_equal(json_parse(a, STR("{}"), &root, &e), 0);
    is = (struct place_state){0};
    assert_int_equal(field_read(&place_state_table, root, a, &is, &e), 0);
    assert_int_equal(is.hook, GAP_HOOK_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issues),     cmocka_unit_test(test_followed),   cmocka_unit_test(test_told),
        cmocka_unit_test(test_deliveries), cmocka_unit_test(test_places),     cmocka_unit_test(test_our_address),
        cmocka_unit_test(test_our_hook),   cmocka_unit_test(test_worst_hook), cmocka_unit_test(test_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
