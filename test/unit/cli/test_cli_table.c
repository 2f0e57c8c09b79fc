/* Tables for people: widths by content, columns with nothing in them, and what is cut. */
#include "base/base.h"
#include "../base/unit.h"
#include "base/arena.h"
#include "cli/show_private.h"

static const char rows[] = "[{\"id\":7,\"at\":\"2026-11-20T17:02:36.123Z\",\"of\":\"github:openedx/edx-platform#1\"},"
                           "{\"id\":12,\"of\":\"bugzilla:1\",\"why\":\"so\\u001bit is\"}]";

static const struct show_column columns[] = {
    {.title = "N", .path = "id", .most = 19},      {.title = "WHEN", .path = "at", .most = 19, .is_time = true},
    {.title = "NONE", .path = "none", .most = 10}, {.title = "OF", .path = "of", .most = 12, .keeps_end = true},
    {.title = "WHY", .path = "why", .most = 5},
};

static void shown(const char *json, size_t n, const char *expected)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 * 1024);
    AUTO(text_auto) struct text t;
    const struct json *v;
    struct err e = {0};
    text_init(&t, 4096);
    assert_int_equal(json_parse(a, str_of(json), &v, &e), 0);
    show_table(v, columns, n, &t);
    assert_string_equal(text_z(&t), expected);
}

static void test_columns(void **state)
{
    (void)state;
    shown(rows, COUNT(columns),
          "N   WHEN                 OF            WHY\n"
          "7   2026-11-20T17:02:36  …-platform#1\n"
          "12                       bugzilla:1    so it…\n");
    shown(rows, 3, "N   WHEN\n7   2026-11-20T17:02:36\n12\n");
    shown("[]", COUNT(columns), "");
}

static void test_lines_that_fit(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 4096);
    show_fit(&t, str_of("äöüß\nabcd\nabcde\n\n"), 4);
    assert_string_equal(text_z(&t), "äöüß\nabcd\nabc…\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_lines_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
