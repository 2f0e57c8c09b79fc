#include "base/base.h"
#include "model/issue.h"
#include "same.h"

static void test_tables(void **state)
{
    (void)state;
    const struct field_table *tables[] = {&person_table,     &comment_table,      &attachment_table, &named_table,
                                          &issue_link_table, &issue_change_table, &issue_table};
    for (size_t i = 0; i < COUNT(tables); i++) {
        same_covers(tables[i]);
        same_round_trips(tables[i]);
    }
}

/* -1 says that the number is unknown, 0 is the description. */
static void test_comment_numbers(void **state)
{
    (void)state;
    for (int64_t n = -1; n < 3; n++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        struct comment to = {0};
        same_again(&comment_table, &(const struct comment){.id = "1", .number = n}, &to, a, &t);
        assert_int_equal(to.number, n);
    }
}

static void test_text_form(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    struct issue from = {.ref = "JB-7", .is_private = true, .changed_ms = 1000}, to = {0};
    MANY_ADD(a, &from.components, struct named)->name = "Core";
    texts_add(a, &from.labels, "bugzilla");
    same_again(&issue_table, &from, &to, a, &t);
    assert_string_equal(text_z(&t), "{\"ref\":\"JB-7\",\"is_private\":true,\"changed\":\"1970-01-01T00:00:01.000Z\","
                                    "\"labels\":[\"bugzilla\"],\"components\":[{\"name\":\"Core\"}]}");
    assert_true(same(&issue_table, &from, &to));
}

/* Members that share a word, which same_covers cannot tell apart. */
static void test_flags(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    struct attachment to = {0};
    same_again(&attachment_table, &(const struct attachment){.is_private = true, .is_obsolete = true, .is_patch = true},
               &to, a, &t);
    assert_true(to.is_private && to.is_obsolete && to.is_patch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables), cmocka_unit_test(test_comment_numbers),
                                       cmocka_unit_test(test_text_form), cmocka_unit_test(test_flags)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
