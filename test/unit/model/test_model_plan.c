#include "base/base.h"
#include "model/plan.h"
#include "same.h"

static void test_tables(void **state)
{
    (void)state;
    const struct field_table *tables[] = {&field_value_table, &target_table, &change_table, &unit_table,
                                          &decision_table};
    for (size_t i = 0; i < COUNT(tables); i++) {
        same_covers(tables[i]);
        same_round_trips(tables[i]);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const changes[CHANGE_KINDS] = {
        "create",       "delete",         "fields",        "labels",    "status",      "assign",
        "components",   "comment",        "web_link",      "see_also",  "link",        "unlink",
        "edit_comment", "remove_comment", "commit_status", "board_add", "board_field", "label_set",
        "label_delete", "hook",           "remove_hook",   "ping_hook", "group_add"};
    static const char *const values[] = {"text", "number", "null", "name", "option", "names", "options", "date"};
    for (int i = 0; i < CHANGE_KINDS; i++)
        assert_string_equal(change_kind_name((enum change_kind)i), changes[i]);
    for (int i = 0; i < VALUE_KINDS; i++)
        assert_string_equal(value_kind_name((enum value_kind)i), values[i]);
}

/* The numbers are stored: they must not move. */
static void test_verdicts(void **state)
{
    (void)state;
    static const char *const names[VERDICTS] = {"unchanged", "applied", "discarded", "dropped", "expired",
                                                "queued",    "running", "behind",    "parked"};
    for (int i = 0; i < VERDICTS; i++) {
        enum verdict v = VERDICTS;
        assert_string_equal(verdict_name((enum verdict)i), names[i]);
        assert_true(verdict_parse(names[i], &v));
        assert_int_equal(v, i);
        assert_int_equal(verdict_ended((enum verdict)i), i <= 4);
    }
    enum verdict v = VERDICT_PARKED;
    assert_false(verdict_parse("nonsense", &v));
    assert_false(verdict_parse(NULL, &v));
    assert_int_equal(v, VERDICT_PARKED);
}

/* An issue that a change of the same unit makes: no ref, and the change's index, which may be 0. */
static void test_target_made_by(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        struct change to = {0};
        same_again(&change_table, &(const struct change){.kind = CHANGE_LINK, .issue = {"jira", NULL, i}}, &to, a, &t);
        assert_int_equal(to.kind, CHANGE_LINK);
        assert_string_equal(to.issue.tracker, "jira");
        assert_null(to.issue.ref);
        assert_int_equal(to.issue.made_by, i);
        assert_null(to.other.tracker);
    }
}

/* Members that share a word, which same_covers cannot tell apart. */
static void test_flags(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    struct change to = {0};
    same_again(&change_table,
               &(const struct change){
                   .may_refuse = true, .or_nobody = true, .may_create = true, .is_resolved = true, .may_exist = true},
               &to, a, &t);
    assert_true(to.may_refuse && to.or_nobody && to.may_create && to.is_resolved && to.may_exist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_verdicts), cmocka_unit_test(test_target_made_by),
                                       cmocka_unit_test(test_flags)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
