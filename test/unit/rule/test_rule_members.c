#include "base/base.h"
#include "rule/members.h"

#include "base/arena.h"

#include <setjmp.h>

#include <cmocka.h>

static void test_members(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    const char *groups[] = {"g", "h"};
    struct event ev = {.tracker = "jira",
                       .source = SOURCE_CLOCK,
                       .target = "user",
                       .action = "sync",
                       .issue = {.ref = "user/ada", .id = "ada", .groups = {groups, 2}}};
    struct decision d = {0};
    assert_true(members_decide(&ev, a, &d));
    assert_int_equal(d.units.n, 1);
    const struct unit *u = d.units.v;
    const struct change *c = u->changes.v;
    assert_true(u->matched && u->changes.n == 2);
    assert_int_equal(c[1].kind, CHANGE_GROUP_ADD);
    assert_string_equal(c[1].name, "h");
    assert_string_equal(c[1].id, "ada");
    assert_string_equal(c[1].issue.ref, "user/ada");
}

/* Whoever can send webhooks cannot put people into groups. */
static void test_others(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    const struct event others[] = {
        {.source = SOURCE_WEBHOOK, .target = "user", .action = "sync"},
        {.source = SOURCE_PERSON, .target = "user", .action = "created"},
        {.source = SOURCE_PERSON, .target = "labels", .action = "sync"},
        {.source = SOURCE_PERSON},
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        struct decision d = {0};
        assert_false(members_decide(&others[i], a, &d));
        assert_int_equal(d.units.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_members), cmocka_unit_test(test_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
