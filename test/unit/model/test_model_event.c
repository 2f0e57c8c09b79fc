#include "base/base.h"
#include "model/event.h"
#include "same.h"

static void test_tables(void **state)
{
    (void)state;
    same_covers(&delta_table);
    same_covers(&event_table);
    same_round_trips(&delta_table);
    same_round_trips(&event_table);
}

static void test_sources(void **state)
{
    (void)state;
    static const char *const names[SOURCES] = {"webhook", "poll", "clock", "person"};
    for (int i = 0; i < SOURCES; i++)
        assert_string_equal(event_source_name((enum event_source)i), names[i]);
    for (int i = 0; i < SOURCES; i++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        struct event to = {0};
        same_again(&event_table, &(const struct event){.source = (enum event_source)i}, &to, a, &t);
        assert_int_equal(to.source, i);
        assert_string_equal(text_z(&t), arena_fmt(a, "{\"source\":\"%s\"}", names[i]));
    }
}

static void test_delta(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    struct event ev = {0};
    assert_null(event_delta(&ev, "status"));
    *MANY_ADD(a, &ev.deltas, struct delta) = (struct delta){"status", "NEW", "ASSIGNED"};
    *MANY_ADD(a, &ev.deltas, struct delta) = (struct delta){"resolution", "", "FIXED"};
    assert_string_equal(event_delta(&ev, "resolution")->added, "FIXED");
    assert_string_equal(event_delta(&ev, "status")->removed, "NEW");
    assert_null(event_delta(&ev, "Status"));
}

/* Members that share a word, which same_covers cannot tell apart. */
static void test_flags(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    struct event to = {0};
    same_again(
        &event_table,
        &(const struct event){.source = SOURCE_POLL, .is_recovered = true, .has_comment = true, .has_attachment = true},
        &to, a, &t);
    assert_true(to.source == SOURCE_POLL && to.is_recovered && to.has_comment && to.has_attachment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables), cmocka_unit_test(test_sources),
                                       cmocka_unit_test(test_delta), cmocka_unit_test(test_flags)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
