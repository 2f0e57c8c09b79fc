#include "conf_test.h"

#include "conf/jbi.h"

#define HEAD(tag)                                                                                                      \
    "- whiteboard_tag: " tag "\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n    jira_project_key: P\n"
#define ACTION(tag) HEAD(tag)

struct reading {
    struct arena *arena;
    struct problems problems;
    struct jbi_actions actions;
};

static void read_jbi(struct reading *x, const char *content)
{
    x->arena = arena_new(256 << 20);
    problems_init(&x->problems, x->arena);
    jbi_read(x->arena, "f", str_of(content), &x->problems, &x->actions);
}

static void assert_texts(const struct texts *t, const char *joined)
{
    char all[500] = "";
    size_t at = 0;
    for (size_t i = 0; i < t->n; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%s", i ? "," : "", t->v[i]);
    assert_string_equal(all, joined);
}

static void assert_steps(const struct jbi_action *a, enum jbi_group group, const char *joined)
{
    struct texts t = {0};
    const char *names[JBI_STEPS * 2];
    t.v = names;
    for (size_t i = 0; i < a->steps[group].n; i++)
        names[t.n++] = jbi_step_name(a->steps[group].v[i]);
    assert_texts(&t, joined);
}

static void assert_map(const struct jbi_map *m, const char *joined)
{
    char all[1000] = "";
    size_t at = 0;
    for (size_t i = 0; i < m->n; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%s=%s", i ? "," : "", m->v[i].from,
                               m->v[i].to ? m->v[i].to : "(null)");
    assert_string_equal(all, joined);
}

static void test_defaults(void **state)
{
    (void)state;
    struct reading x;
    read_jbi(&x, ACTION("t"));
    assert_problems(&x.problems, "");
    assert_int_equal(x.actions.n, 1);
    const struct jbi_action *a = &x.actions.v[0];
    assert_string_equal(a->tag, "t");
    assert_texts(&a->contacts, "1");
    assert_string_equal(a->description, "d");
    assert_true(a->enabled);
    assert_string_equal(a->project, "P");
    assert_steps(a, JBI_NEW,
                 "create_issue,maybe_delete_duplicate,add_link_to_bugzilla,add_link_to_jira,sync_whiteboard_labels");
    assert_steps(a, JBI_EXISTING, "update_issue_summary,sync_whiteboard_labels,add_jira_comments_for_changes");
    assert_steps(a, JBI_COMMENT, "create_comment");
    assert_steps(a, JBI_ATTACHMENT, "create_comment,maybe_add_phabricator_link");
    assert_int_equal(a->char_limit, 32667);
    assert_true(a->use_bug_component);
    assert_false(a->use_bug_product || a->use_bug_component_with_product_prefix || a->create_components);
    assert_int_equal(a->custom_components.n, 0);
    assert_string_equal(a->priority_field, "priority");
    assert_string_equal(a->resolution_field, "resolution");
    assert_string_equal(a->severity_field, "customfield_10319");
    assert_string_equal(a->points_field, "customfield_10037");
    assert_int_equal(a->brackets, JBI_BRACKETS_NO);
    assert_map(&a->status_map, "");
    assert_map(&a->resolution_map, "");
    assert_map(&a->priority_map, "=None,--=None,P1=P1,P2=P2,P3=P3,P4=P4,P5=P5");
    assert_map(&a->severity_map, "=(null),--=(null),S1=S1,S2=S2,S3=S3,S4=S4,N/A=N/A");
    assert_map(&a->points_map, "---=0,=0,?=0,1=1,2=2,3=3,5=5,7=7,8=8,12=12,13=13,15=15");
    assert_map(&a->issue_type_map, "task=Task,defect=Bug");
    assert_texts(&a->linked_project_excludes, "BZFFX");
    assert_int_equal(jbi_map_get(&a->points_map, "13")->number, 13);
    assert_int_equal(jbi_map_get(&a->points_map, NULL)->number, 0);
    assert_string_equal(jbi_map_get(&a->priority_map, NULL)->to, "None");
    assert_null(jbi_map_get(&a->severity_map, "--")->to);
    assert_null(jbi_map_get(&a->status_map, "NEW"));
    assert_int_equal(a->line, 1);
    arena_free(x.arena);
}

static void test_values(void **state)
{
    (void)state;
    struct reading x;
    read_jbi(&x, "- whiteboard_tag: \"1\"\n"
                 "  bugzilla_user_id: [12, 0x10]\n"
                 "  description: on\n"
                 "  enabled: false\n"
                 "  parameters:\n"
                 "    jira_project_key: no\n"
                 "    jira_char_limit: 32767\n"
                 "    labels_brackets: no\n"
                 "    jira_components: {use_bug_component: false, use_bug_product: true, create_components: true,\n"
                 "      use_bug_component_with_product_prefix: true, set_custom_components: [yes, \"2\"]}\n"
                 "    jira_priority_field: a\n"
                 "    jira_resolution_field: b\n"
                 "    jira_severity_field: c\n"
                 "    jira_cf_fx_points_field: d\n"
                 "    status_map: {NEW: no, '': x}\n"
                 "    resolution_map: {FIXED: Done}\n"
                 "    priority_map: {}\n"
                 "    severity_map: {S1: ~, S2: High}\n"
                 "    cf_fx_points_map: {\"1\": -5}\n"
                 "    issue_type_map: {task: Story}\n"
                 "    linked_project_excludes: []\n"
                 "    steps:\n"
                 "      new: [maybe_update_issue_status, maybe_update_issue_resolution]\n"
                 "      comment: []\n"
                 "- whiteboard_tag: second\n"
                 "  bugzilla_user_id: tbd\n"
                 "  description: d\n"
                 "  parameters: {jira_project_key: P, labels_brackets: \"yes\"}\n");
    assert_problems(&x.problems, "f:26:21: warning: [1].bugzilla_user_id: the contact is still to be decided\n");
    assert_int_equal(x.actions.n, 2);
    const struct jbi_action *a = &x.actions.v[0];
    assert_string_equal(a->tag, "1");
    assert_texts(&a->contacts, "12,0x10");
    assert_false(a->enabled);
    assert_string_equal(a->description, "on");
    assert_string_equal(a->project, "no");
    assert_int_equal(a->char_limit, 32767);
    assert_int_equal(a->brackets, JBI_BRACKETS_NO);
    assert_true(!a->use_bug_component && a->use_bug_product && a->create_components &&
                a->use_bug_component_with_product_prefix);
    assert_texts(&a->custom_components, "yes,2");
    assert_string_equal(a->priority_field, "a");
    assert_string_equal(a->resolution_field, "b");
    assert_string_equal(a->severity_field, "c");
    assert_string_equal(a->points_field, "d");
    assert_map(&a->status_map, "NEW=no,=x");
    assert_map(&a->priority_map, "");
    assert_map(&a->severity_map, "S1=(null),S2=High");
    assert_int_equal(a->points_map.n, 1);
    assert_int_equal(a->points_map.v[0].number, -5);
    assert_map(&a->issue_type_map, "task=Story");
    assert_int_equal(a->linked_project_excludes.n, 0);
    assert_steps(a, JBI_NEW, "maybe_update_issue_status,maybe_update_issue_resolution");
    assert_steps(a, JBI_EXISTING, "update_issue_summary,sync_whiteboard_labels,add_jira_comments_for_changes");
    assert_steps(a, JBI_COMMENT, "");
    /* One action's values are not the next one's defaults. */
    const struct jbi_action *b = &x.actions.v[1];
    assert_texts(&b->contacts, "tbd");
    assert_true(b->enabled && b->use_bug_component);
    assert_int_equal(b->brackets, JBI_BRACKETS_YES);
    assert_map(&b->status_map, "");
    assert_int_equal(b->priority_map.n, 7);
    assert_texts(&b->linked_project_excludes, "BZFFX");
    assert_steps(b, JBI_COMMENT, "create_comment");
    assert_int_equal(b->line, 25);
    arena_free(x.arena);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *content, *problems;
        size_t left; /* actions that can be used */
    } cases[] = {
        {"", "f: the file needs at least one action\n", 0},
        {"[]", "f: the file needs at least one action\n", 0},
        {"a: 1", "f:1:1: expected a list of actions, got a map\n", 0},
        {"- 1\n- ~\n- []\n",
         "f:1:3: [0]: expected a map, got a number \"1\"\nf:2:3: [1]: expected a map, got nothing\n"
         "f:3:3: [2]: expected a map, got a list\n",
         0},
        {"- {}\n",
         "f:1:3: [0].whiteboard_tag: is required: text\n"
         "f:1:3: [0].bugzilla_user_id: is required: number, list of numbers, or tbd\n"
         "f:1:3: [0].description: is required: text\nf:1:3: [0].parameters: is required: map\n",
         0},
        {"- whiteboard_tag: 12\n  bugzilla_user_id: someone\n  description: true\n  enabled: yes\n  parameters: {}\n",
         "f:1:19: [0].whiteboard_tag: expected a text (put it in quotes), got a number \"12\"\n"
         "f:2:21: [0].bugzilla_user_id: expected a user's number, a list of them, or tbd, got a text \"someone\"\n"
         "f:3:16: [0].description: expected a text (put it in quotes), got a boolean \"true\"\n"
         "f:4:12: [0].enabled: expected true or false, got a text \"yes\"\n"
         "f:5:15: [0].parameters.jira_project_key: is required: text\n",
         0},
        {"- whiteboard_tag: ''\n  bugzilla_user_id: [1, tbd, ~]\n  description: d\n  parameters: {jira_project_key: "
         "P}\n",
         "f:2:25: [0].bugzilla_user_id[1]: expected a user's number, got a text \"tbd\"\n"
         "f:2:30: [0].bugzilla_user_id[2]: expected a user's number, got nothing\n"
         "f:1:19: [0].whiteboard_tag: the tag may not be empty\n",
         0},
        /* One bad entry does not take the others with it. */
        {ACTION("a") HEAD("b") "    jira_char_limit: 0\n" ACTION("c"),
         "f:11:22: [1].parameters.jira_char_limit: expected a whole number from 1 to 32767, got a number \"0\"\n", 2},
        {ACTION("Tag") ACTION("x") ACTION("tAG"),
         "f:11:19: [2].whiteboard_tag: the action in line 1 has the tag \"Tag\" already (case does not matter)\n", 2},
        {HEAD("x") "    jira_char_limit: 32768\n" ACTION("X") ACTION("y"),
         "f:6:22: [0].parameters.jira_char_limit: expected a whole number from 1 to 32767, got a number \"32768\"\n"
         "f:7:19: [1].whiteboard_tag: the action in line 1 has the tag \"x\" already (case does not matter)\n",
         1},
        {HEAD("a") "    steps:\n      new: [create_isue, update_issue, 1, [a], logging]\n      changes: [x]\n",
         "f:8:7: warning: [0].parameters.steps.changes: unknown key, ignored\n"
         "f:7:13: [0].parameters.steps.new[0]: unknown step \"create_isue\"; did you mean \"create_issue\"?\n"
         "f:7:26: [0].parameters.steps.new[1]: unknown step \"update_issue\"; did you mean \"create_issue\"?\n"
         "f:7:40: [0].parameters.steps.new[2]: expected the name of a step, got a number \"1\"\n"
         "f:7:43: [0].parameters.steps.new[3]: expected the name of a step, got a list\n"
         "f:7:48: [0].parameters.steps.new[4]: unknown step \"logging\"\n",
         0},
        {HEAD("a") "    steps: {new: create_issue, existing: ~, comment: {}}\n",
         "f:6:18: [0].parameters.steps.new: expected a list of steps, got a text \"create_issue\"\n"
         "f:6:42: [0].parameters.steps.existing: expected a list of steps, got nothing\n"
         "f:6:54: [0].parameters.steps.comment: expected a list of steps, got a map\n",
         0},
        {HEAD("a") "    steps: [create_issue]\n", "f:6:12: [0].parameters.steps: expected a map, got a list\n", 0},
        {HEAD("a") "    steps: {comment: [maybe_update_issue_resolution, maybe_update_issue_status]}\n",
         "f:6:22: [0].parameters.steps.comment: maybe_update_issue_resolution must come after "
         "maybe_update_issue_status\n",
         0},
        {HEAD("a") "    steps: {new: [maybe_update_issue_status], existing: [maybe_update_issue_resolution]}\n"
                   "    resolution_map: {}\n",
         "f:5:5: [0].parameters.status_map: the step maybe_update_issue_status needs a status_map that is not empty\n"
         "f:7:21: [0].parameters.resolution_map: the step maybe_update_issue_resolution needs a resolution_map that is "
         "not empty\n",
         0},
        {HEAD("a") "    steps: {comment: [maybe_update_issue_status]}\n", "", 1},
        {HEAD("a") "    labels_brackets: bth\n",
         "f:6:22: [0].parameters.labels_brackets: expected no, yes or both, got \"bth\"; did you mean \"both\"?\n", 0},
        {HEAD("a") "    labels_brackets: true\n",
         "f:6:22: [0].parameters.labels_brackets: expected no, yes or both, got a boolean \"true\"\n", 0},
        {HEAD("a") "    status_map: {NEW: true, A: 1, B: ~, C: [], 1: x}\n    severity_map: {S1: 2, true: x}\n"
                   "    cf_fx_points_map: {1: 1, \"2\": \"2\", \"3\": 3.5}\n",
         "f:6:23: [0].parameters.status_map.NEW: expected a text (put it in quotes), got a boolean \"true\"\n"
         "f:6:32: [0].parameters.status_map.A: expected a text (put it in quotes), got a number \"1\"\n"
         "f:6:38: [0].parameters.status_map.B: expected a text, got nothing\n"
         "f:6:44: [0].parameters.status_map.C: expected a text, got a list\n"
         "f:6:48: [0].parameters.status_map.1: keys are texts; put this one in quotes: \"1\"\n"
         "f:7:24: [0].parameters.severity_map.S1: expected a text (put it in quotes), got a number \"2\"\n"
         "f:7:27: [0].parameters.severity_map.true: keys are texts; put this one in quotes: \"true\"\n"
         "f:8:24: [0].parameters.cf_fx_points_map.1: keys are texts; put this one in quotes: \"1\"\n"
         "f:8:35: [0].parameters.cf_fx_points_map.2: expected a whole number, got a text \"2\"\n"
         "f:8:45: [0].parameters.cf_fx_points_map.3: expected a whole number, got a number \"3.5\"\n",
         0},
        {HEAD("a") "    jira_components: {use_bug_product: no, set_custom_components: Main}\n",
         "f:6:40: [0].parameters.jira_components.use_bug_product: expected true or false, got a text \"no\"\n"
         "f:6:67: [0].parameters.jira_components.set_custom_components: expected a list of texts, got a text "
         "\"Main\"\n",
         0},
        {HEAD("a") "    linked_project_excludes: [A, 1]\n",
         "f:6:34: [0].parameters.linked_project_excludes[1]: expected a text (put it in quotes), got a number \"1\"\n",
         0},
        /* What JBI ignores in silence is a warning. */
        {"- whiteboard_tg: x\n  whiteboard_tag: a\n  bugzilla_user_id: 1\n  description: d\n"
         "  parameters: {jira_project_key: P, status_mpa: {}, jira_components: {use_bug_componet: true}}\n",
         "f:1:3: warning: [0].whiteboard_tg: unknown key, ignored; did you mean \"whiteboard_tag\"?\n"
         "f:5:37: warning: [0].parameters.status_mpa: unknown key, ignored; did you mean \"status_map\"?\n"
         "f:5:71: warning: [0].parameters.jira_components.use_bug_componet: unknown key, ignored; did you mean "
         "\"use_bug_component\"?\n",
         1},
        {ACTION("a") "    jira_project_key: Q\n", "f:6:5: jira_project_key: the key is there already, in line 5\n", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reading x;
        read_jbi(&x, cases[i].content);
        assert_problems(&x.problems, cases[i].problems);
        assert_int_equal(x.actions.n, cases[i].left);
        arena_free(x.arena);
    }
}

/* Anchors and merges, as people use them to share parameters. */
static void test_merge(void **state)
{
    (void)state;
    struct reading x;
    read_jbi(&x, "- whiteboard_tag: a\n  bugzilla_user_id: 1\n  description: d\n"
                 "  parameters: &p\n    jira_project_key: A\n    status_map: &s {NEW: Open}\n    jira_char_limit: 10\n"
                 "- whiteboard_tag: b\n  bugzilla_user_id: 1\n  description: d\n"
                 "  parameters:\n    <<: *p\n    jira_project_key: B\n    resolution_map: *s\n");
    assert_problems(&x.problems, "");
    const struct jbi_action *b = &x.actions.v[1];
    assert_string_equal(b->project, "B");
    assert_int_equal(b->char_limit, 10);
    assert_map(&b->status_map, "NEW=Open");
    assert_map(&b->resolution_map, "NEW=Open");
    arena_free(x.arena);
}

static void test_many(void **state)
{
    (void)state;
    for (int n = 10000; n <= 10001; n++) {
        struct reading x;
        struct text t;
        text_init(&t, YAML_BYTES);
        for (int i = 0; i < n; i++)
            text_addf(
                &t, "- {whiteboard_tag: t%d, bugzilla_user_id: 1, description: d, parameters: {jira_project_key: P}}\n",
                i);
        read_jbi(&x, text_z(&t));
        assert_problems(&x.problems, n == 10000 ? "" : "f:1:1: at most 10000 actions, got 10001\n");
        assert_int_equal(x.actions.n, n == 10000 ? 10000 : 0);
        arena_free(x.arena);
        text_free(&t);
    }
}

/* Aliases cannot make the reading of one long text take memory without end. */
static void test_long_words(void **state)
{
    (void)state;
    struct reading x;
    struct text t;
    text_init(&t, YAML_BYTES);
    text_addz(&t, "- &a {whiteboard_tag: x, parameters: {status_map: {? ");
    for (int i = 0; i < 100000; i++)
        text_addz(&t, "0123456789");
    text_addz(&t, " : ~}}}\n");
    for (int i = 0; i < 9000; i++)
        text_addz(&t, "- *a\n");
    read_jbi(&x, text_z(&t));
    assert_int_equal(x.actions.n, 0);
    assert_int_equal(x.problems.n, PROBLEMS_MAX);
    assert_true(arena_used(x.arena) < (64 << 20));
    arena_free(x.arena);
    text_free(&t);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < JBI_STEPS; i++)
        assert_non_null(jbi_step_name((enum jbi_step)i));
    assert_string_equal(jbi_step_name(JBI_SYNC_REGRESSIONS), "sync_regressions");
    assert_string_equal(jbi_group_name(JBI_NEW), "new");
    assert_string_equal(jbi_group_name(JBI_ATTACHMENT), "attachment");
}

/* The files that JBI's own people use, where they are at hand. */
static void test_given(void **state)
{
    (void)state;
    struct reading x;
    AUTO(arena_auto) struct arena *a = arena_new(8 << 20);
    const char *local = project_file(a, "../shared/data/jbi/config.local.yaml");
    const char *nonprod = project_file(a, "../shared/data/jbi/config.nonprod.yaml");
    if (!local || !nonprod) {
        print_message("no shared/data/jbi beside the project: skipped\n");
        skip();
    }
    read_jbi(&x, local);
    assert_problems(&x.problems, "f:4:21: warning: [0].bugzilla_user_id: the contact is still to be decided\n");
    assert_int_equal(x.actions.n, 1);
    assert_string_equal(x.actions.v[0].tag, "devtest");
    assert_string_equal(x.actions.v[0].project, "DevTest");
    assert_texts(&x.actions.v[0].custom_components, "Main");
    assert_true(x.actions.v[0].use_bug_component);
    arena_free(x.arena);

    read_jbi(&x, nonprod);
    assert_int_equal(x.problems.errors, 0);
    assert_int_equal(x.problems.n, 3); /* three contacts to be decided */
    assert_int_equal(x.actions.n, 7);
    static const char *const tags[] = {"nonprodtest", "fxcm", "fxdroid", "fxp", "sp3", "dataplatform", "dataquality"};
    for (size_t i = 0; i < COUNT(tags); i++) {
        assert_string_equal(x.actions.v[i].tag, tags[i]);
        assert_string_equal(x.actions.v[i].project, "JB");
        assert_int_equal(x.actions.v[i].brackets, JBI_BRACKETS_BOTH);
        assert_steps(&x.actions.v[i], JBI_ATTACHMENT, "create_comment,maybe_add_phabricator_link");
    }
    const struct jbi_action *first = &x.actions.v[0], *last = &x.actions.v[6];
    assert_texts(&first->contacts, "644672");
    assert_steps(first, JBI_NEW,
                 "create_issue,maybe_delete_duplicate,maybe_update_components,add_link_to_bugzilla,add_link_to_jira,"
                 "maybe_assign_jira_user,maybe_update_issue_severity,sync_whiteboard_labels,sync_keywords_labels");
    assert_int_equal(first->status_map.n, 0);
    assert_string_equal(jbi_map_get(&last->status_map, "REOPENED")->to, "In Progress");
    assert_int_equal(last->status_map.n, 14);
    assert_texts(&last->custom_components, "Data Quality");
    arena_free(x.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_values), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_merge),    cmocka_unit_test(test_many),   cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
