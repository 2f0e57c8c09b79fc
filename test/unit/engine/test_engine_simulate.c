/* Recorded events under another configuration: what is compared, what is told, what is missing. */
#include "engine/simulate.c"

#include "../rule/scenario.h"
#include "engine/trace.h"
#include "rule/decide.h"
#include "tracker/driver.h"

#define TRACKERS                                                                                                       \
    "store: sqlite:x.db\ntrackers:\n  bugzilla: {kind: bugzilla, url: 'https://bugs.example.org', api_key: "           \
    "planted-secret, hook_key: k}\n  jira: {kind: jira, url: 'https://jira.example.org', token: planted-token}\n"
#define BRIDGE "bridges:\n  - {kind: bugzilla-to-jira, from: bugzilla, to: jira, actions: actions.yaml}\n"
#define STEPS  "    steps:\n      existing: [maybe_update_issue_status, maybe_update_issue_priority"
#define MAPS   "]\n    status_map: {RESOLVED: Done}\n"
#define OLD    STEPS MAPS
#define ACTION "- whiteboard_tag: dev\n  bugzilla_user_id: 1\n  description: test\n"
#define DEV    "  parameters:\n    jira_project_key: DEV\n"
#define WORLD                                                                                                          \
    BUG("'status':'RESOLVED','priority':'P1','assignee':'ada@x.org'," SEE_DEV7)                                        \
    LINKED("") ISSUE("'status':'To Do'")
#define HEAD_OF(op) "'matched':true,'discarded':false,'operation':'" op "','target':'jira:DEV-7'"
#define STATUS(name)                                                                                                   \
    "{'kind':'status','step':'maybe_update_issue_status','issue':{'tracker':'jira','ref':'DEV-7'},'name':'" name "'}"
#define PRIORITY(name)                                                                                                 \
    "{'kind':'fields','step':'maybe_update_issue_priority','fields':[{'field':'priority','text':'" name "'}]}"
#define DIFFERENT(what, rest)                                                                                          \
    "{'result':'different','units':[{'rule':'bugzilla-to-jira[dev]','what':'" what "'," rest "}]}"
#define CHANGED(removed, added)                                                                                        \
    DIFFERENT("changed",                                                                                               \
              "'before':{" HEAD_OF("update") "},'after':{" HEAD_OF("update") "},'removed':[" removed                   \
                                                                             "],'added':[" added                       \
                                                                             "],'notes_removed':[],'notes_added':[]")
#define SAME "{'result':'same','units':null,'missing':null,'reason':null}"

static const char payload[] =
    "{\"webhook_id\":1,\"webhook_name\":\"w\",\"event\":{\"action\":\"modify\",\"target\":\"bug\","
    "\"routing_key\":\"bug.modify:status\",\"time\":\"2026-11-20T10:00:00\","
    "\"changes\":[{\"field\":\"status\",\"removed\":\"NEW\",\"added\":\"RESOLVED\"},"
    "{\"field\":\"priority\",\"removed\":\"P2\",\"added\":\"P1\"},"
    "{\"field\":\"assigned_to\",\"removed\":\"\",\"added\":\"ada@x.org\"},"
    "{\"field\":\"summary\",\"removed\":\"\",\"added\":\"Boom\"}]},"
    "\"bug\":{\"id\":12,\"is_private\":false,\"whiteboard\":\"[dev]\",\"summary\":\"Boom planted-secret\"}}";

struct sources {
    const char *yaml, *actions;
};

static int source_of_test(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    const struct sources *s = ctx;
    (void)e;
    *ret = str_of(arena_text(a, text_ends(path, "actions.yaml") ? s->actions : s->yaml));
    return 0;
}

static const char *no_env(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

static struct config *config_of(struct arena *a, const char *yaml, const char *params)
{
    const struct conf_kinds kinds = {tracker_kinds, rule_conf_kinds};
    struct sources s = {yaml ? yaml : TRACKERS BRIDGE, scenario_actions(a, params)};
    const struct conf_source source = {source_of_test, no_env, &s};
    struct problems p;
    problems_init(&p, a);
    struct config *c = config_read("/x/lockstep.yaml", &kinds, &source, &p);
    if (!c)
        fail_msg("%s: %s", p.v[0].key, p.v[0].text);
    return c;
}

struct sim_test {
    const char *name;
    const char *params;      /* of the new configuration's action, or a whole action file */
    const char *yaml;        /* NULL: the usual trackers and bridge */
    const char *world;       /* NULL: WORLD */
    const char *expect;      /* parts of the result */
    const char *old;         /* NULL: OLD */
    const char *body, *lost; /* NULL: payload; instead of a trace */
    int64_t attempts;        /* 0: one */
    enum verdict verdict;
    bool against; /* the old configuration decides too, and what was recorded is something else */
};

static void record(struct arena *a, const struct sim_test *t, struct config *config, struct history *h, struct text *to)
{
    struct sim_recorded was = {0};
    struct event *ev = NULL;
    struct err e = {0};
    struct redact *redact = redact_new();
    struct trace trace;
    redact_config(redact, config);
    const struct json *world = scenario_json(a, arena_fmt(a, "[%snull]", t->world ? t->world : WORLD));
    JSON_EACH (item, world) {
        struct fact *f = ARENA_NEW(a, struct fact);
        if (json_kind(item) != JSON_OBJECT)
            continue;
        assert_int_equal(field_read(&fact_table, item, a, f, &e), 0);
        facts_add(a, &was.facts, f);
    }
    const struct conf_tracker *tracker = config_tracker(config, "bugzilla");
    if (entry_event(tracker, a, &h->raw, &ev, &e) == 0)
        gather_ask_rules(&(struct gather_case){config, tracker, ev, &was.facts, a}, &was.decision);
    else
        entry_undecodable(a, &e, &was.decision);
    if (t->against)
        was.decision = (struct decision){.reason = "something else"};
    trace_init(&trace, redact);
    trace_write(&trace, &(struct trace_parts){.facts = &was.facts, .decision = &was.decision}, to);
    trace_free(&trace);
    redact_free(redact);
    h->trace = t->lost ? str_of(t->lost) : text_str(to);
}

static void run_one(const struct sim_test *t)
{
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct config *old = config_of(a, NULL, t->old ? t->old : OLD), *new = config_of(a, t->yaml, t->params);
    struct redact *redact = redact_new();
    struct simulation found;
    struct text trace, result;
    struct json_out o;
    redact_config(redact, new);
    text_init(&trace, 1 << 20);
    text_init(&result, 1 << 20);
    struct history h = {.row = {.id = 45,
                                .tracker = "bugzilla",
                                .attempts = t->attempts < 0 ? 0
                                            : t->attempts   ? t->attempts
                                                            : 1,
                                .verdict = t->verdict},
                        .raw = {.id = 45,
                                .tracker = "bugzilla",
                                .headers = "{}",
                                .body = str_of(t->body ? t->body : payload),
                                .received_ms = 1000}};
    record(a, t, old, &h, &trace);
    simulate(&(struct sim_case){new, t->against ? old : NULL, redact, &h, a}, &found);
    json_start(&o, &result);
    json_open(&o, NULL, '{');
    simulation_write(&found, &o);
    json_close(&o);
    const struct json *got = NULL;
    struct err e = {0};
    assert_int_equal(json_parse(a, text_str(&result), &got, &e), 0);
    assert_null(strstr(text_z(&result), "planted"));
    scenario_compare(t->name, a, scenario_json(a, t->expect), got);
    text_free(&trace);
    text_free(&result);
    redact_free(redact);
    config_put(old);
    config_put(new);
    arena_free(a);
}

static const struct sim_test tests[] = {
    {.name = "the same", .params = OLD, .expect = SAME},
    {.name = "another map",
     .params = STEPS "]\n    status_map: {RESOLVED: Closed}\n",
     .expect = CHANGED(STATUS("Done"), STATUS("Closed"))},
    {.name = "nothing in the map",
     .params = STEPS "]\n    status_map: {OTHER: Done}\n",
     .expect = DIFFERENT("changed",
                         "'removed':[" STATUS("Done") "],'added':[],'notes_removed':[],"
                                                      "'notes_added':['status \\'RESOLVED\\' is not in status_map']")},
    {.name = "a step less",
     .params = "    steps:\n      existing: [maybe_update_issue_priority" MAPS,
     .expect = CHANGED(STATUS("Done"), "")},
    {.name = "a step more",
     .params = STEPS ", add_link_to_bugzilla" MAPS,
     .expect = "{'result':'different','units':[{'removed':[],'added':[{'kind':'web_link','global_id':'12'}],"
               "'notes_added\':[]}]}",
     .world = BUG("'status':'RESOLVED','priority':'P1'," SEE_DEV7) LINKED("") ISSUE("'status':'To Do'")},
    {.name = "the other order",
     .params = "    steps:\n      existing: [maybe_update_issue_priority, maybe_update_issue_status" MAPS,
     .expect = CHANGED(STATUS("Done"), STATUS("Done"))},
    {.name = "disabled",
     .params = ACTION "  enabled: false\n" DEV OLD,
     .expect = DIFFERENT("removed", "'before':{" HEAD_OF("update") "},'after':{'matched':false,'reason':"
                                                                   "'the action is not enabled'},'removed':[" STATUS(
                                                                       "Done") "," PRIORITY("P1") "],'added':[]")},
    {.name = "another tag",
     .params = "- whiteboard_tag: other\n  bugzilla_user_id: 1\n  description: test\n" DEV OLD,
     .expect = DIFFERENT("removed", "'before':{" HEAD_OF("update") "},'after':null,'removed':[" STATUS(
                                        "Done") "," PRIORITY("P1") "],'added':[]")},
    {.name = "the tag again",
     .old = "- whiteboard_tag: other\n  bugzilla_user_id: 1\n  description: test\n" DEV OLD,
     .params = OLD,
     .expect = DIFFERENT("added", "'before':null,'after':{" HEAD_OF("update") "},'removed':[],'added':[" STATUS(
                                      "Done") "," PRIORITY("P1") "]")},
    {.name = "another project",
     .params = ACTION "  parameters:\n    jira_project_key: WEB\n" OLD,
     .expect = "{'result':'facts_missing','missing':[{'kind':'comments','tracker':'bugzilla','ref':'12'}]}"},
    {.name = "another project, whose issues are not made",
     .params = ACTION "  parameters:\n    jira_project_key: WEB\n    steps:\n      new: [add_link_to_bugzilla]\n",
     .expect = DIFFERENT("changed", "'after':{'discarded':true,'operation':null,'target':null,'reason':'there is no "
                                    "issue, and the action`s steps for new ones do not create it'},'removed':[" STATUS(
                                        "Done") "," PRIORITY("P1") "],'added':[]")},
    {.name = "a rule that is for others",
     .params = ACTION DEV OLD "- whiteboard_tag: web\n  bugzilla_user_id: 1\n"
                              "  description: test\n  parameters:\n    jira_project_key: WEB\n",
     .expect = SAME},
    {.name = "discarded in both, by other words",
     .world = BUG("'whiteboard':'[none]'"),
     .expect = SAME,
     .params = "- whiteboard_tag: other\n  bugzilla_user_id: 1\n  description: test\n" DEV OLD},
    {.name = "private in both", .world = BUG("'is_private':true"), .params = "", .expect = SAME},
    {.name = "no bridge any more",
     .world = BUG("'is_private':true"),
     .yaml = TRACKERS "bridges: []\n",
     .params = "",
     .expect = "{'result':'different','units':[],'reason':{'before':'private bugs are not supported'}}"},

    {.name = "a person is missing",
     .params = STEPS ", maybe_assign_jira_user" MAPS,
     .expect = "{'result':'facts_missing','missing':[{'kind':'users','tracker':'jira','ref':'ada@x.org'}]}"},
    {.name = "several are missing",
     .old = ACTION "  enabled: false\n" DEV OLD,
     .world = BUG(SEE_DEV7),
     .params = OLD,
     .expect = "{'result':'facts_missing','units':null,'missing':[{'kind':'linked','tracker':'bugzilla','ref':'12'}]}"},
    {.name = "no tracker of that name",
     .params = "",
     .expect = "{'result':'no_tracker'}",
     .yaml =
         "store: sqlite:x.db\ntrackers:\n  other: {kind: bugzilla, url: 'https://b.example.org', api_key: abcdef}\n"},
    {.name = "pruned", .params = OLD, .lost = "", .expect = "{'result':'no_trace'}"},
    {.name = "cut", .params = OLD, .lost = "{\"facts\":[", .expect = "{'result':'no_trace'}"},
    {.name = "no trace at all",
     .params = OLD,
     .lost = "[]",
     .verdict = VERDICT_PARKED,
     .expect = "{'result':'undecided'}"},
    {.name = "facts of another shape", .params = OLD, .lost = "{\"facts\":[7]}", .expect = "{'result':'no_trace'}"},
    {.name = "too large",
     .params = OLD,
     .lost = "{\"error\":\"the trace was too large to keep\"}",
     .expect = "{'result':'no_trace'}"},
    {.name = "never tried",
     .params = OLD,
     .lost = "",
     .attempts = -1,
     .verdict = VERDICT_QUEUED,
     .expect = "{'result':'undecided'}"},
    {.name = "dropped before it was tried",
     .params = OLD,
     .lost = "",
     .verdict = VERDICT_DROPPED,
     .expect = "{'result':'undecided'}"},
    {.name = "dropped after it was tried", .params = OLD, .attempts = 2, .verdict = VERDICT_DROPPED, .expect = SAME},
    {.name = "not decided then",
     .params = OLD,
     .world = LINKED(""),
     .verdict = VERDICT_PARKED,
     .expect = "{'result':'undecided'}"},
    {.name = "failed before it was decoded",
     .params = OLD,
     .lost = "{\"facts\":[],\"decision\":{}}",
     .verdict = VERDICT_EXPIRED,
     .expect = "{'result':'undecided'}"},
    {.name = "undecodable in both", .params = OLD, .body = "{", .expect = SAME},
    {.name = "undecodable then",
     .params = OLD,
     .lost = "{\"facts\":[],\"decision\":{\"reason\":\"undecodable: webhook\"}}",
     .expect = "{'result':'facts_missing'}"},
    {.name = "a secret in what was said",
     .params = "    steps:\n      existing: [update_issue_summary]\n",
     .old = "    steps:\n      existing: [update_issue_summary]\n",
     .expect = SAME,
     .world = BUG("'summary':'New planted-secret'," SEE_DEV7) LINKED("") ISSUE("'status':'To Do'")},
    {.name = "what trackers left undone is no decision",
     .params = OLD,
     .lost = "{\"facts\":[],\"decision\":{\"units\":[{\"rule\":\"gone\",\"undone\":[\"x\"]}]}}",
     .expect = "{'result':'facts_missing'}"},

    {.name = "against the old one",
     .params = STEPS "]\n    status_map: {RESOLVED: Closed}\n",
     .against = true,
     .expect = CHANGED(STATUS("Done"), STATUS("Closed"))},
    {.name = "against the same one", .params = OLD, .against = true, .expect = SAME},
    {.name = "against one that misses facts",
     .old = STEPS ", maybe_assign_jira_user" MAPS,
     .params = OLD,
     .against = true,
     .expect = "{'result':'facts_missing','missing':[{'kind':'users','tracker':'jira','ref':'ada@x.org'}]}"},
};

static void test_simulate(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tests); i++)
        run_one(&tests[i]);
}

/* --- two lists --- */

static struct texts letters(struct arena *a, const char *s)
{
    struct texts t = {0};
    for (; *s; s++)
        texts_add(a, &t, arena_fmt(a, "%c", *s));
    return t;
}

static void test_compare(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *removed, *added;
    } rows[] = {
        {"", "", "", ""},         {"abc", "abc", "", ""},         {"", "abc", "", "abc"},   {"abc", "", "abc", ""},
        {"abc", "axc", "b", "x"}, {"abcd", "ad", "bc", ""},       {"ad", "abcd", "", "bc"}, {"aaa", "aa", "a", ""},
        {"ab", "ba", "a", "a"},   {"abcde", "xbyd", "ace", "xy"}, {"aab", "abb", "a", "b"}, {"abab", "baba", "a", "a"},
    };
    struct arena *a = arena_new(SCENARIO_BYTES);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct texts removed = {0}, added = {0}, before = letters(a, rows[i].before), after = letters(a, rows[i].after);
        const struct texts want_removed = letters(a, rows[i].removed), want_added = letters(a, rows[i].added);
        sim_compare(a, &before, &after, &removed, &added);
        assert_int_equal(removed.n, want_removed.n);
        assert_int_equal(added.n, want_added.n);
        for (size_t k = 0; k < removed.n; k++)
            assert_string_equal(removed.v[k], want_removed.v[k]);
        for (size_t k = 0; k < added.n; k++)
            assert_string_equal(added.v[k], want_added.v[k]);
    }
    arena_free(a);
}

/* Beyond the table's bound all of both is told, and nothing is lost. */
static void test_long_lists(void **state)
{
    (void)state;
    enum { LONG = 2000 };
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct texts before = {0}, after = {0}, removed = {0}, added = {0};
    texts_add(a, &before, "first");
    texts_add(a, &after, "first");
    for (int i = 0; i < LONG; i++) {
        texts_add(a, &before, arena_fmt(a, "%d", i));
        texts_add(a, &after, arena_fmt(a, "%d", i + 1));
    }
    sim_compare(a, &before, &after, &removed, &added);
    assert_int_equal(removed.n, LONG);
    assert_int_equal(added.n, LONG);
    assert_string_equal(added.v[LONG - 1], "2000");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_simulate),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_long_lists),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
