#include "base/base.h"
#include "model/fact.h"
#include "same.h"

static void test_tables(void **state)
{
    (void)state;
    const struct field_table *tables[] = {&fact_key_table, &hook_table, &linked_table, &label_table, &fact_table};
    for (size_t i = 0; i < COUNT(tables); i++) {
        same_covers(tables[i]);
        same_round_trips(tables[i]);
    }
}

static void test_kinds(void **state)
{
    (void)state;
    static const char *const names[FACT_KINDS] = {
        "issue",    "comments",    "attachments", "users",       "linked",       "whoami",     "hooks",
        "projects", "permissions", "components",  "issue_types", "health",       "statuses",   "file",
        "person",   "board",       "board_items", "issues",      "repositories", "deliveries", "delivery",
        "labels",   "palette",     "accounts",    "members",     "fields"};
    for (int i = 0; i < FACT_KINDS; i++)
        assert_string_equal(fact_kind_name((enum fact_kind)i), names[i]);
}

static void test_states(void **state)
{
    (void)state;
    for (int i = FACT_HERE; i <= FACT_FAILED; i++) {
        AUTO(arena_auto) struct arena *a = arena_new(1 << 16);
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        const struct fact from = {
            .key = {.kind = FACT_USERS, .tracker = "jira", .ref = ""}, .state = (enum fact_state)i, .why = "because"};
        struct fact to = {0};
        same_again(&fact_table, &from, &to, a, &t);
        assert_true(fact_key_same(&from.key, &to.key));
        assert_int_equal(to.state, i);
    }
}

static void test_keys(void **state)
{
    (void)state;
    const struct fact_key key = {.kind = FACT_ISSUE, .tracker = "jira", .ref = "JB-7"};
    const struct fact_key others[] = {{.kind = FACT_COMMENTS, .tracker = "jira", .ref = "JB-7"},
                                      {.kind = FACT_ISSUE, .tracker = "jira2", .ref = "JB-7"},
                                      {.kind = FACT_ISSUE, .tracker = "jira", .ref = "JB-8"},
                                      {.kind = FACT_ISSUE, .tracker = "jira", .ref = ""}};
    assert_true(fact_key_same(&key, &(const struct fact_key){.kind = FACT_ISSUE, .tracker = "jira", .ref = "JB-7"}));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(fact_key_same(&key, &others[i]));
}

static void test_find(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct facts facts = {0};
    struct fact_key key = {.kind = FACT_ISSUE, .tracker = "jira", .ref = "JB-0"};
    assert_null(facts_find(&facts, &key));
    for (int i = 0; i < 100; i++) {
        struct fact *fact = ARENA_NEW(a, struct fact);
        fact->key = (struct fact_key){.kind = FACT_ISSUE, .tracker = "jira", .ref = arena_fmt(a, "JB-%d", i)};
        facts_add(a, &facts, fact);
    }
    for (int i = 0; i < 100; i++) {
        key.ref = arena_fmt(a, "JB-%d", i);
        assert_ptr_equal(facts_find(&facts, &key), facts.v[i]);
    }
    key.kind = FACT_COMMENTS;
    assert_null(facts_find(&facts, &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables), cmocka_unit_test(test_kinds),
                                       cmocka_unit_test(test_states), cmocka_unit_test(test_keys),
                                       cmocka_unit_test(test_find)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
