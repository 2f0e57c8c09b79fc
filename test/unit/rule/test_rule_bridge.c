/* The options of a bridge, its table of steps, and what a decision comes to. */
#include "base/base.h"
#include "rule/steps.h"

#include "conf/yaml.h"
#include "scenario.h"

struct files { /* what a source reads */
    const char *path, *content;
};

static int bridge_file(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    const struct files *files = ctx;
    if (!text_ends(path, files->path))
        return fail_code(e, ERR_MISSING, 0, "no such file"); /* cmocka has a fail of its own */
    *ret = str_of(arena_text(a, files->content));
    return 0;
}

/* Read a bridge's map and check it, as config does. */
static void bridge_read(struct arena *a, const char *yaml, struct problems *p, struct jbi_bridge *ret)
{
    struct files files = {"rules.yaml", "- whiteboard_tag: dev\n  bugzilla_user_id: 1\n  description: d\n"
                                        "  parameters:\n    jira_project_key: DEV\n"};
    struct conf_source source = {.read = bridge_file, .ctx = &files};
    problems_init(p, a);
    const struct yaml *map = yaml_read(a, "lockstep.yaml", str_of(yaml), p);
    struct opt_read r = {.arena = a, .problems = p, .source = &source, .key = "bridges[0]"};
    const struct conf_kind *kind = rule_conf_kinds[0];
    *ret = (struct jbi_bridge){0};
    opts_read(kind->opts, map, &r, ret);
    (kind->check)(ret, map, &r);
}

static void test_options(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct problems p;
    struct jbi_bridge own;
    bridge_read(a, "actions: rules.yaml\n", &p, &own);
    assert_int_equal(p.errors, 0);
    assert_int_equal(own.rules.n, 1);
    assert_string_equal(own.rules.v[0].tag, "dev");
    assert_string_equal(own.phabricator_url, "https://phabricator.services.mozilla.com");
    assert_int_equal(own.line_breaks, JBI_LINES_JOIN);

    bridge_read(a, "actions: rules.yaml\nline_breaks: keep\nphabricator_url: https://p.org/\n", &p, &own);
    assert_int_equal(p.errors, 0);
    assert_int_equal(own.line_breaks, JBI_LINES_KEEP);
    assert_string_equal(own.phabricator_url, "https://p.org");
    arena_free(a);
}

static void test_refusals(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct problems p;
    struct jbi_bridge own;
    bridge_read(a, "line_breaks: keep\nactions: absent.yaml\n", &p, &own);
    assert_int_equal(p.errors, 1);
    assert_string_equal(p.v[0].key, "bridges[0].actions");
    assert_int_equal(p.v[0].line, 2);
    assert_non_null(strstr(p.v[0].text, "no such file"));

    bridge_read(a, "line_breaks: keep\n", &p, &own);
    assert_int_equal(p.errors, 1); /* said once, by the table */
    bridge_read(a, "actions: rules.yaml\nline_breaks: some\n", &p, &own);
    assert_int_equal(p.errors, 1);
    arena_free(a);
}

static void test_kinds(void **state)
{
    (void)state;
    size_t n = 0;
    while (rule_kinds[n]) {
        struct conf_bridge bridge = {.kind = rule_conf_kinds[n]};
        assert_ptr_equal(rule_kind(&bridge), rule_kinds[n]);
        assert_ptr_equal(rule_conf_kinds[n], &rule_kinds[n]->kind);
        n++;
    }
    assert_null(rule_conf_kinds[n]);
    assert_null(rule_kind(&(struct conf_bridge){.kind = NULL}));
}

static void test_every_step_has_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < JBI_STEPS; i++) {
        assert_non_null(rule_steps[i].run);
        assert_true(rule_steps[i].help && strlen(rule_steps[i].help) > 10);
        for (size_t k = 0; k < i; k++)
            assert_ptr_not_equal(rule_steps[i].run, rule_steps[k].run);
    }
}

static void test_verdicts(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    const char *reason = "x", *notes[] = {"one", "two"};
    struct unit units[] = {{.rule = "r[a]", .matched = false, .reason = "no", .discarded = true},
                           {.rule = "r[b]", .matched = true},
                           {.rule = "r[c]", .matched = true, .notes = {notes, 1}, .undone = {notes + 1, 1}},
                           {.rule = "r[d]", .matched = true, .discarded = true, .reason = "why"},
                           {.rule = "r[e]", .matched = true, .discarded = true, .reason = "why"},
                           {.rule = "r[f]", .matched = true, .discarded = true, .reason = "else"}};
    struct decision d = {.units = {units, 0}};
    assert_int_equal(decision_verdict(&d, false, &reason, a), VERDICT_DISCARDED);
    assert_string_equal(reason, "no rule is for this event");
    d.units.n = 1;
    d.reason = "private";
    assert_int_equal(decision_verdict(&d, false, &reason, a), VERDICT_DISCARDED);
    assert_string_equal(reason, "private");
    d.units.n = 2;
    assert_int_equal(decision_verdict(&d, false, &reason, a), VERDICT_UNCHANGED);
    assert_string_equal(reason, "nothing to change");
    assert_int_equal(decision_verdict(&d, true, &reason, a), VERDICT_APPLIED);
    assert_null(reason);
    d.units.n = 3;
    assert_int_equal(decision_verdict(&d, false, &reason, a), VERDICT_UNCHANGED);
    assert_string_equal(reason, "one; two");
    assert_int_equal(decision_verdict(&d, true, &reason, a), VERDICT_APPLIED);
    d.units.n = 4;
    assert_int_equal(decision_verdict(&d, true, &reason, a), VERDICT_DISCARDED);
    assert_string_equal(reason, "why");
    d.units.n = 5;
    assert_int_equal(decision_verdict(&d, true, &reason, a), VERDICT_DISCARDED);
    assert_string_equal(reason, "why");
    d.units.n = 6;
    assert_int_equal(decision_verdict(&d, true, &reason, a), VERDICT_DISCARDED);
    assert_string_equal(reason, "r[d]: why; r[e]: why; r[f]: else");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_options), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_kinds), cmocka_unit_test(test_every_step_has_a_row),
                                       cmocka_unit_test(test_verdicts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
