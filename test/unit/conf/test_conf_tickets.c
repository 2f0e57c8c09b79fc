/* Options of ticket mode: what is refused, which ways there are through a workflow, which labels say a status. */
#include "conf_test.h"

#include "conf/tickets.h"

struct reading {
    struct arena *arena;
    struct problems problems;
    struct tickets tickets;
};

/* yaml: a bridge's map. */
static void read_bridge(struct reading *x, const char *yaml)
{
    struct fakes none = {NULL, NULL};
    struct conf_source source = fake_source(&none);
    x->arena = arena_new(16 << 20);
    problems_init(&x->problems, x->arena);
    const struct yaml *map = yaml_read(x->arena, "f", str_of(yaml), &x->problems);
    struct opt_read r = {.arena = x->arena, .problems = &x->problems, .source = &source, .key = "bridges[0].tickets"};
    x->tickets = (struct tickets){0};
    opts_read(&tickets_table, yaml_get(map, "tickets"), &r, &x->tickets);
    r.key = "bridges[0]";
    tickets_check(&x->tickets, map, &r);
}

static const struct {
    const char *yaml, *problems;
} refusals[] = {
    {"{to: jira}", ""},
    {"{to: jira, tickets: {project: OSPR}}", ""},
    {"{to: jira, tickets: {project: OSPR, fields: {URL: '{{url}}'}, transitions: {A: B, B: [C, D]}}}", ""},
    {"{tickets: {project: OSPR}}", "f:1:21: bridges[0].tickets.project: needs `to` on the bridge: the Jira that the "
                                   "tickets are made in\n"},
    {"{to: jira, tickets: {type: Task}}",
     "f:1:21: bridges[0].tickets.project: is required: the key of a Jira project\n"},
    {"{to: jira, tickets: {project: OSPR, closed: ''}}",
     "f:1:45: bridges[0].tickets.closed: expected a text of 1 to 255 bytes\n"},
    {"{to: jira, tickets: {project: OSPR, first: x, typo: y}}",
     "f:1:47: bridges[0].tickets.typo: unknown option of tickets; did you mean \"type\"?\n"},
    {"{to: jira, tickets: {project: OSPR, transitions: [A]}}",
     "f:1:50: bridges[0].tickets.transitions: expected a map of names to texts or lists of texts, got a list\n"},
    {"{to: jira, tickets: {project: OSPR, transitions: {A: {B: C}}}}",
     "f:1:54: bridges[0].tickets.transitions.A: expected a map of names to texts or lists of texts, got a map\n"},
    {"{to: jira, tickets: {project: OSPR, fields: {URL: [a, b]}}}",
     "f:1:45: bridges[0].tickets.fields: expected one text for URL\n"},
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct reading x;
        read_bridge(&x, refusals[i].yaml);
        assert_problems(&x.problems, refusals[i].problems);
        arena_free(x.arena);
    }
}

static void test_a_value_names_what_there_is(void **state)
{
    (void)state;
    struct reading x;
    read_bridge(&x, "{to: jira, tickets: {project: OSPR, fields: {URL: '{{uri}}'}}}");
    assert_non_null(strstr(problems_text(&x.problems), "uri"));
    assert_non_null(strstr(problems_text(&x.problems), "did you mean \"url\"?"));
    arena_free(x.arena);
}

static const struct {
    const char *from, *to, *way; /* way: "", or statuses each with a > behind; NULL: none */
} ways[] = {
    {"A", "B", ""},       {"a", "b", ""},   {"A", "C", "B>"},     {"A", "D", "X>"},
    {"A", "F", "X>D>E>"}, {"A", "G", NULL}, {"B", "A", NULL},     {"Nowhere", "A", NULL},
    {"A", "A", NULL},     {"L", "L", ""},   {"X", "G", "D>E>F>"},
};

static void test_ways(void **state)
{
    (void)state;
    struct reading x;
    read_bridge(&x, "{to: jira, tickets: {project: P, transitions: {A: [B, X], B: [C], C: [D], X: D, D: [X, E], E: "
                    "[F], F: G, L: [L]}}}");
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct texts way = {0};
        const char *all = "";
        bool is = tickets_way(&x.tickets, x.arena, ways[i].from, ways[i].to, &way);
        for (size_t k = 0; k < way.n; k++)
            all = arena_fmt(x.arena, "%s%s>", all, way.v[k]);
        if (is != (ways[i].way != NULL) || (is && strcmp(all, ways[i].way) != 0))
            fail_msg("%s to %s: %d %s", ways[i].from, ways[i].to, is, all);
    }
    arena_free(x.arena);
}

static void test_labels(void **state)
{
    (void)state;
    struct reading x;
    read_bridge(&x, "{to: jira, tickets: {project: P, labels: {In Limbo: 'status: limbo'}}}");
    const struct tickets *t = &x.tickets;
    assert_string_equal(tickets_label(t, x.arena, "Needs Triage"), "needs triage");
    assert_string_equal(tickets_label(t, x.arena, "in limbo"), "status: limbo");
    assert_null(tickets_label(t, x.arena, "Bug"));
    assert_true(tickets_says_status(t, "Needs Triage") && tickets_says_status(t, "STATUS: limbo"));
    assert_false(tickets_says_status(t, "in limbo") || tickets_says_status(t, "bug"));
    arena_free(x.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_a_value_names_what_there_is), cmocka_unit_test(test_ways),
                                       cmocka_unit_test(test_labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
