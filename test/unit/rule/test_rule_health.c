#include "base/base.h"
#include "rule/health.h"

#include "scenario.h"

#define ACTIONS                                                                                                        \
    "- whiteboard_tag: a\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n    jira_project_key: AAA\n"         \
    "    jira_components: {set_custom_components: [Own, Other]}\n"                                                     \
    "- whiteboard_tag: b\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n    jira_project_key: BBB\n"         \
    "    issue_type_map: {defect: Story}\n"                                                                            \
    "- whiteboard_tag: c\n  enabled: false\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n"                  \
    "    jira_project_key: OFF\n"
#define WHOAMI      FACT("whoami", "bugzilla", "", "'people':[{'id':'1'}]")
#define HOOK(m)     "{'id':'1','name':'lockstep','enabled':true,'product':'Core','component':'Any'" m "}"
#define HOOKS(l)    FACT("hooks", "bugzilla", "", "'hooks':[" l "]")
#define HEALTHY     FACT("health", "jira", "", "'text':'{}'")
#define NAMED2      "'names':[{'name':'AAA'},{'name':'BBB'}]"
#define SEEN(n)     FACT("projects", "jira", "", n)
#define MAY(n)      FACT("permissions", "jira", "ADD_COMMENTS,CREATE_ISSUES,DELETE_ISSUES,EDIT_ISSUES", n)
#define PARTS(n)    FACT("components", "jira", "AAA", n)
#define TYPES(p, n) FACT("issue_types", "jira", p, n)
#define PARTS_OK    PARTS("'names':[{'name':'Own'},{'name':'Other'}]")
#define TYPES_OK    TYPES("AAA", "'names':[{'name':'Task'},{'name':'Bug'}]") TYPES("BBB", "'names':[{'name':'Story'}]")
#define GONE        "'state':'missing','why':'connection refused'"
#define JIRA_OK     HEALTHY SEEN(NAMED2) MAY(NAMED2) PARTS_OK TYPES_OK
#define BUGZ_OK     WHOAMI HOOKS(HOOK(""))

/* What is amiss, as "check:level:id id". */
static const struct {
    const char *name, *world, *amiss;
} rows[] = {
    {"all is well", BUGZ_OK JIRA_OK, ""},
    {"Bugzilla's key", FACT("whoami", "bugzilla", "", "'people':[]") HOOKS(HOOK("")) JIRA_OK,
     "bugzilla.up:40:bugzilla.login "},
    {"Bugzilla is down", FACT("whoami", "bugzilla", "", GONE) FACT("hooks", "bugzilla", "", GONE) JIRA_OK,
     "bugzilla.up:40:bugzilla.login bugzilla.all_webhooks_enabled:40:bugzilla.webhooks.fetch "},
    {"no webhook", WHOAMI HOOKS("") JIRA_OK, "bugzilla.all_webhooks_enabled:30:bugzilla.webhooks.empty "},
    {"webhook with errors", WHOAMI HOOKS(HOOK(",'errors':3")) JIRA_OK,
     "bugzilla.all_webhooks_enabled:30:bugzilla.webhooks.errors "},
    {"webhook disabled", WHOAMI HOOKS(HOOK(",'errors':3") ",{'name':'x'}") JIRA_OK,
     "bugzilla.all_webhooks_enabled:40:bugzilla.webhooks.errors,bugzilla.webhooks.disabled "},
    {"Jira is down", BUGZ_OK FACT("health", "jira", "", GONE) SEEN(GONE) MAY("'state':'forbidden'"),
     "jira.up:40:jira.server.down jira.all_projects_are_visible:40:jira.visible.error "
     "jira.all_projects_have_permissions:40:jira.permitted.error "
     "jira.all_project_custom_components_exist:40:jira.components.error "
     "jira.all_project_issue_types_exist:40:jira.projects.error "},
    {"Jira's empty answer", BUGZ_OK FACT("health", "jira", "", "'text':''") SEEN(NAMED2) MAY(NAMED2) PARTS_OK TYPES_OK,
     "jira.up:40:login.fail "},
    {"a project that is not visible",
     BUGZ_OK HEALTHY SEEN("'names':[{'name':'BBB'}]") MAY("'names':[{'name':'BBB'}]") TYPES_OK,
     "jira.all_projects_are_visible:30:jira.projects.missing "
     "jira.all_projects_have_permissions:30:jira.permitted.missing "},
    {"components and types",
     BUGZ_OK HEALTHY SEEN(NAMED2) MAY(NAMED2) PARTS("'names':[{'name':'Own'}]") TYPES("AAA", "'names':[{'name':'Bug'}]")
         TYPES("BBB", GONE),
     "jira.all_project_custom_components_exist:30:jira.components.missing "
     "jira.all_project_issue_types_exist:40:jira.types.missing,jira.projects.error "},
    {"components cannot be listed", BUGZ_OK HEALTHY SEEN(NAMED2) MAY(NAMED2) PARTS("'state':'forbidden'") TYPES_OK,
     "jira.all_project_custom_components_exist:40:jira.components.error "},
};

static void health_round(struct arena *a, const struct conf_bridge *bridge, const struct json *world,
                         struct facts *facts, struct health_report *ret)
{
    *ret = (struct health_report){0};
    jbi_health(bridge, facts, a, ret);
    const struct fact_key *needs = ret->needs.v;
    for (size_t i = 0; i < ret->needs.n; i++) {
        struct fact *fact = scenario_fact(a, world, &needs[i]);
        if (!fact)
            fail_msg("the world lacks %s:%s:%s", fact_kind_name(needs[i].kind), needs[i].tracker, needs[i].ref);
        facts_add(a, facts, fact);
    }
}

static const char *health_amiss(struct arena *a, const struct health_report *report)
{
    AUTO(text_auto) struct text t;
    text_init(&t, 10000);
    const struct health_check *checks = report->checks.v;
    for (size_t i = 0; i < report->checks.n; i++) {
        if (checks[i].level == HEALTH_OK)
            continue;
        text_addf(&t, "%s:%d:", checks[i].name, (int)checks[i].level);
        const struct health_message *messages = checks[i].messages.v;
        for (size_t k = 0; k < checks[i].messages.n; k++)
            text_addf(&t, "%s%s", k ? "," : "", messages[k].id);
        text_addc(&t, ' ');
    }
    return arena_text(a, text_z(&t));
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *a = arena_new(SCENARIO_BYTES);
        struct conf_bridge bridge = scenario_bridge(a, ACTIONS);
        const struct json *world = scenario_json(a, arena_fmt(a, "[%snull]", rows[i].world));
        struct facts facts = {0};
        struct health_report report;
        for (unsigned round = 0; round < 3; round++)
            health_round(a, &bridge, world, &facts, &report);
        assert_int_equal(report.needs.n, 0);
        assert_int_equal(report.checks.n, 7);
        const char *amiss = health_amiss(a, &report);
        if (strcmp(amiss, rows[i].amiss) != 0)
            fail_msg("%s: %s", rows[i].name, amiss);
        arena_free(a);
    }
}

/* Without facts: everything is asked for once, and nothing is claimed. */
static void test_needs(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct conf_bridge bridge = scenario_bridge(a, ACTIONS);
    struct health_report report = {0};
    jbi_health(&bridge, &(struct facts){0}, a, &report);
    assert_int_equal(report.checks.n, 0);
    assert_int_equal(report.needs.n, 5);
    arena_free(a);
}

/* Two bridges: each check once, with the messages of both and the worse level. */
static void test_two_bridges(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct conf_bridge bridge = scenario_bridge(a, ACTIONS);
    const struct json *world = scenario_json(a, arena_fmt(a, "[%snull]",
                                                          WHOAMI HOOKS("") HEALTHY SEEN(NAMED2) MAY(NAMED2)
                                                              PARTS_OK TYPES("AAA", GONE) TYPES("BBB", GONE)));
    struct facts facts = {0};
    struct health_report report;
    for (unsigned round = 0; round < 3; round++)
        health_round(a, &bridge, world, &facts, &report);
    jbi_health(&bridge, &facts, a, &report);
    assert_int_equal(report.checks.n, 7);
    assert_string_equal(health_amiss(a, &report),
                        "bugzilla.all_webhooks_enabled:30:bugzilla.webhooks.empty,bugzilla.webhooks.empty "
                        "jira.all_project_issue_types_exist:40:jira.projects.error,jira.projects.error,"
                        "jira.projects.error,jira.projects.error ");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_needs),
                                       cmocka_unit_test(test_two_bridges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
