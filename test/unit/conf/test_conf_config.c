#include "conf_test.h"

#include "base/secret.h"
#include "conf/config.h"
#include "conf/docs.h"
#include "conf/jbi.h"

/* Kinds as drivers and rules declare them. */
struct pretend {
    struct secret *api_key, *token;
    const char *user;
    bool was_checked;
};
static const struct opt bugzilla_opts[] = {OPTION_SECRET(struct pretend, api_key, OPT_REQUIRED, "Key of our account")};
static const struct opt jira_opts[] = {
    OPTION_TEXT(struct pretend, user, 0, NULL, "Account"),
    OPTION_SECRET(struct pretend, token, OPT_REQUIRED, "Its token"),
};
static const struct opt_table bugzilla_table = OPT_TABLE_OF("tracker bugzilla", struct pretend, bugzilla_opts);
static const struct opt_table jira_table = OPT_TABLE_OF("tracker jira", struct pretend, jira_opts);

static void pretend_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    struct pretend *p = of;
    p->was_checked = true;
    if (text_same(p->user, "refused"))
        yaml_problem(r->problems, yaml_get(at, "user"), "user", NULL, "refused by the check of %s", r->key);
}
static const struct conf_kind bugzilla_kind = {.name = "bugzilla", .opts = &bugzilla_table};
static const struct conf_kind jira_kind = {
    .name = "jira", .opts = &jira_table, .check = pretend_check, .help = "Jira, Cloud or Data Center"};

struct bridge {
    const char *actions;
    struct jbi_actions rules;
};
static const struct opt bridge_opts[] = {OPTION_PATH(struct bridge, actions, OPT_REQUIRED, NULL, "The action file")};
static const struct opt_table bridge_table = OPT_TABLE_OF("bridge bugzilla-to-jira", struct bridge, bridge_opts);

static void bridge_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    struct bridge *b = of;
    struct str content;
    struct err e = {0};
    if (r->source->read(r->source->ctx, r->arena, b->actions, &content, &e))
        yaml_problem(r->problems, yaml_get(at, "actions"), "actions", NULL, "%s", e.text);
    else
        jbi_read(r->arena, b->actions, content, r->problems, &b->rules);
}
static const struct conf_kind bridge_kind = {
    .name = "bugzilla-to-jira", .opts = &bridge_table, .check = bridge_check, .from = "bugzilla", .to = "jira"};

static const struct conf_kind *const tracker_kinds[] = {&bugzilla_kind, &jira_kind, NULL};
static const struct conf_kind *const bridge_kinds[] = {&bridge_kind, NULL};
static const struct conf_kinds kinds = {tracker_kinds, bridge_kinds};

#define TRACKERS                                                                                                       \
    "trackers:\n"                                                                                                      \
    "  bz: {kind: bugzilla, url: 'https://bz.example/', api_key: k}\n"                                                 \
    "  jira: {kind: jira, url: 'https://j.example', token: t}\n"
#define BRIDGE "bridges: [{kind: bugzilla-to-jira, from: bz, to: jira, actions: actions.yaml}]\n"
#define PLAIN  TRACKERS BRIDGE

static const char actions[] =
    "- {whiteboard_tag: t, bugzilla_user_id: 1, description: d, parameters: {jira_project_key: T}}";

struct reading {
    struct arena *arena;
    struct problems problems;
    struct config *config;
};

static void read_config(struct reading *x, const char *content, const struct fake *env)
{
    const struct fake files[] = {
        {"etc/lockstep.yaml", content}, {"etc/actions.yaml", actions}, {"etc/bad.yaml", "- {}\n- 1\n"}, {NULL, NULL}};
    struct fakes f = {files, env};
    struct conf_source source = fake_source(&f);
    x->arena = arena_new(64 << 20);
    problems_init(&x->problems, x->arena);
    x->config = config_read("etc/lockstep.yaml", &kinds, &source, &x->problems);
    assert_true((x->config == NULL) == (x->problems.errors > 0));
}

static void end_config(struct reading *x)
{
    config_put(x->config);
    arena_free(x->arena);
}

static void test_defaults(void **state)
{
    (void)state;
    struct reading x;
    read_config(&x, PLAIN, NULL);
    assert_problems(&x.problems, "");
    const struct config *c = x.config;
    assert_string_equal(c->file, "etc/lockstep.yaml");
    assert_string_equal(c->store, "sqlite:etc/lockstep.db");
    assert_string_equal(c->server.listen, "127.0.0.1:8080");
    assert_null(c->server.public_url);
    assert_null(c->server.api_key);
    assert_int_equal(c->server.body_limit, 25 << 20);
    assert_int_equal(c->server.connections, 1024);
    assert_int_equal(c->retry.first, 30000);
    assert_int_equal(c->retry.factor, 2);
    assert_int_equal(c->retry.cap, 12 * 3600000);
    assert_int_equal(c->retry.give_up, 7 * 86400000);
    assert_int_equal(c->retry.every, 0);
    assert_true(c->retention.events == 90 * INT64_C(86400000) && c->retention.traces == 30 * INT64_C(86400000));
    assert_int_equal(c->n_trackers, 2);
    const struct conf_tracker *bz = config_tracker(c, "bz"), *jira = config_tracker(c, "jira");
    assert_ptr_equal(bz->kind, &bugzilla_kind);
    assert_string_equal(bz->url, "https://bz.example");
    assert_int_equal(bz->concurrency, 8);
    assert_int_equal(bz->timeout, 10000);
    assert_int_equal(bz->line, 2);
    assert_true(bz->rate.per_second == 0);
    assert_int_equal(bz->hook_key.n, 0);
    const struct pretend *own = bz->own;
    assert_true(str_same(secret_reveal(own->api_key), STR("k")));
    assert_false(own->was_checked);
    own = jira->own;
    assert_true(own->was_checked);
    assert_null(config_tracker(c, "github"));
    assert_int_equal(c->n_bridges, 1);
    assert_ptr_equal(c->bridges[0].from, bz);
    assert_ptr_equal(c->bridges[0].to, jira);
    assert_string_equal(c->bridges[0].name, "bugzilla-to-jira");
    assert_int_equal(c->bridges[0].reconcile, 300000);
    assert_int_equal(c->bridges[0].line, 4);
    const struct bridge *b = c->bridges[0].own;
    assert_string_equal(b->actions, "etc/actions.yaml");
    assert_int_equal(b->rules.n, 1);
    end_config(&x);
}

static void test_values(void **state)
{
    (void)state;
    static const struct fake env[] = {{"KEY", "s3cret"}, {NULL, NULL}};
    struct reading x;
    read_config(
        &x,
        "server: {listen: 'unix:run/x.sock', public_url: 'https://l.example/', body_limit: 1MiB, api_key: '${KEY}'}\n"
        "store: sqlite:/var/lib/l.db\nretention: {events: 1d, traces: 2d}\nretry: {every: 12h, give_up: 7d}\n"
        "watches: []\nusers: {}\nsinks: ~\n"
        "trackers:\n"
        "  b_1: &b {kind: bugzilla, url: 'http://b', api_key: '${KEY}', rate: 10/s, concurrency: 2, timeout: 5s,\n"
        "        hook_key: [one, '${KEY}']}\n"
        "  b-2: {<<: *b, url: 'http://b2'}\n"
        "  j: {kind: jira, url: 'http://j', token: t, user: u}\n"
        "bridges:\n"
        "- &br {kind: bugzilla-to-jira, from: b_1, to: j, actions: actions.yaml}\n"
        "- {<<: *br, from: b-2, reconcile: 1m}\n"
        "- {<<: *br, name: third}\n"
        "- *br\n",
        env);
    assert_problems(&x.problems, "");
    const struct config *c = x.config;
    assert_string_equal(c->server.listen, "unix:etc/run/x.sock");
    assert_string_equal(c->server.public_url, "https://l.example");
    assert_true(str_same(secret_reveal(c->server.api_key), STR("s3cret")));
    assert_string_equal(c->store, "sqlite:/var/lib/l.db");
    assert_int_equal(c->retry.every, 12 * 3600000);
    assert_int_equal(c->n_trackers, 3);
    const struct conf_tracker *t = config_tracker(c, "b-2");
    assert_string_equal(t->url, "http://b2");
    assert_int_equal(t->rate.burst, 10);
    assert_int_equal(t->concurrency, 2);
    assert_int_equal(t->timeout, 5000);
    assert_int_equal(t->hook_key.n, 2);
    assert_true(secret_same(t->hook_key.v[1], STR("s3cret")));
    assert_int_equal(c->n_bridges, 4);
    assert_string_equal(c->bridges[0].name, "bugzilla-to-jira");
    assert_string_equal(c->bridges[1].name, "bugzilla-to-jira-2");
    assert_string_equal(c->bridges[2].name, "third");
    assert_string_equal(c->bridges[3].name, "bugzilla-to-jira-3");
    assert_int_equal(c->bridges[1].reconcile, 60000);
    assert_ptr_equal(config_get(x.config), x.config);
    config_put(x.config); /* still held */
    assert_int_equal(c->n_bridges, 4);
    end_config(&x);
}

static void test_overrides(void **state)
{
    (void)state;
    static const struct {
        const char *content, *port, *url, *listen, *store, *problems;
    } cases[] = {
        {PLAIN, "9000", NULL, "127.0.0.1:9000", "sqlite:etc/lockstep.db", ""},
        {PLAIN, "", "", "127.0.0.1:8080", "sqlite:etc/lockstep.db", ""},
        {"server: {listen: '[::1]:1'}\n" PLAIN, "2", NULL, "[::1]:2", "sqlite:etc/lockstep.db", ""},
        {"server: {listen: 'unix:/x'}\n" PLAIN, "2", NULL, "unix:/x", "sqlite:etc/lockstep.db", ""},
        {"store: sqlite:a.db\n" PLAIN, NULL, "sqlite:///b/c.db", "127.0.0.1:8080", "sqlite:/b/c.db", ""},
        {PLAIN, "70000", NULL, NULL, NULL,
         "etc/lockstep.yaml: server.listen: the port or path that results is not valid; $PORT is a number up to 65535, "
         "and the path of a unix socket has at most 107 bytes\n"},
        {PLAIN, NULL, "postgresql://u:p@h/d", NULL, NULL,
         "etc/lockstep.yaml: store: $DATABASE_URL: PostgreSQL is not supported yet; use sqlite:PATH\n"},
        {"store: mysql://x\n" PLAIN, NULL, "mysql://u:p@h", NULL, NULL,
         "etc/lockstep.yaml:1:8: store: $DATABASE_URL: expected sqlite:PATH\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fake env[] = {{"PORT", cases[i].port}, {"DATABASE_URL", cases[i].url}, {NULL, NULL}};
        struct reading x;
        read_config(&x, cases[i].content, env);
        assert_problems(&x.problems, cases[i].problems);
        if (x.config) {
            assert_string_equal(x.config->server.listen, cases[i].listen);
            assert_string_equal(x.config->store, cases[i].store);
        }
        end_config(&x);
    }
}

#define AT "etc/lockstep.yaml"

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *content, *problems;
    } cases[] = {
        {"", AT ": the file is empty; it needs trackers and bridges\n"},
        {"[a]", AT ":1:1: expected a map, got a list\n"},
        {"a: 1\na: 2\n", AT ":2:1: a: the key is there already, in line 1\n"},
        {PLAIN "serve: {}\n", AT ":5:1: serve: unknown option of the configuration; did you mean \"server\"?\n"},
        {PLAIN "bridge: {}\n", AT ":5:1: bridge: unknown option of the configuration; did you mean \"bridges\"?\n"},
        {PLAIN "watches: [a]\nusers: {a: 1}\nsinks: x\nresponders:\nassertions: {}\n",
         AT ":5:1: watches: not supported yet\n" AT ":6:1: users: not supported yet\n" AT
            ":7:1: sinks: not supported yet\n"},
        {PLAIN "server: {listen: 80}\n",
         AT ":5:18: server.listen: expected HOST:PORT, [IPV6]:PORT or unix:PATH, got \"80\"\n"},
        {PLAIN "server: {listen: [80]}\n", AT ":5:18: server.listen: expected a text, got a list\n"},
        {PLAIN "server: 1\n", AT ":5:9: server: expected a map, got a number\n"},
        {PLAIN "store: postgresql://h/d\n", AT ":5:8: store: PostgreSQL is not supported yet; use sqlite:PATH\n"},
        {PLAIN "store: 'sqlite:'\n", AT ":5:8: store: expected sqlite:PATH\n"},
        {PLAIN "store: []\n", AT ":5:8: store: expected a text, got a list\n"},
        {PLAIN "retry: {every: 12h, first: 30s, cap: 1h, factor: 2}\n",
         AT ":5:28: retry.first: excludes retry.every; give one or the other\n" AT
            ":5:50: retry.factor: excludes retry.every; give one or the other\n" AT
            ":5:38: retry.cap: excludes retry.every; give one or the other\n"},
        {PLAIN "retry: {first: 1h, cap: 30m}\n", AT ":5:25: retry.cap: must not be shorter than retry.first\n"},
        {BRIDGE, AT ":1:1: trackers: is required: a map of names to trackers, got nothing\n" AT
                    ":1:42: bridges[0].from: there is no tracker \"bz\"\n" AT
                    ":1:50: bridges[0].to: there is no tracker \"jira\"\n"},
        {"trackers: {}\n",
         AT ":1:11: trackers: is required: a map of names to trackers, got an empty one\n" AT
            ":1:1: warning: bridges: there is none: events are kept, and nothing follows from them\n"},
        {TRACKERS "  Jira: {}\n  x: 1\n  y: {}\n  z: {kind: jirra}\n  w: {kind: ''}\n" BRIDGE, AT
         ":4:3: trackers.Jira: expected a name of at most 40 small letters, digits, - and _ that begins with a letter "
         "or digit\n" AT ":5:6: trackers.x: expected a map with the tracker's options, got a number\n" AT
         ":6:6: trackers.y.kind: is required: the kind of tracker\n" AT
         ":7:13: trackers.z.kind: unknown kind \"jirra\"; expected one of bugzilla, jira; did you mean \"jira\"?\n" AT
         ":8:13: trackers.w.kind: unknown kind \"\"; expected one of bugzilla, jira\n"},
        {TRACKERS "  z: {kind: jira, tokn: 1, timout: 1s, hook_kye: x, rate: 5}\n" BRIDGE,
         AT ":4:19: trackers.z.tokn: unknown option of a tracker; did you mean \"token\"?\n" AT
            ":4:28: trackers.z.timout: unknown option of a tracker; did you mean \"timeout\"?\n" AT
            ":4:40: trackers.z.hook_kye: unknown option of a tracker; did you mean \"hook_key\"?\n" AT
            ":4:6: trackers.z.url: is required: an http or https address without user, query and fragment\n" AT
            ":4:59: trackers.z.rate: expected a rate such as 10/s, 600/m or 1000/h, got \"5\"\n" AT
            ":4:6: trackers.z.token: is required: a secret, which may not be empty\n"},
        {TRACKERS "  z: {kind: jira, url: 'http://x', user: refused, token: '${T}'}\n" BRIDGE,
         AT ":4:58: trackers.z.token: the environment variable T is not set\n"},
        {TRACKERS "  z: {kind: jira, url: 'x', user: refused, token: t}\n" BRIDGE,
         AT ":4:24: trackers.z.url: expected an http or https address without user, query and fragment, got \"x\"\n" AT
            ":4:35: user: refused by the check of trackers.z\n"},
        {TRACKERS "bridges: {}\n", AT ":4:10: bridges: expected a list of bridges, got a map\n"},
        {TRACKERS "bridges:\n- 1\n- {}\n- {kind: bugzilla-to-jirra}\n- {kind: bugzilla-to-jira}\n", AT
         ":5:3: bridges[0]: expected a map with the bridge's options, got a number\n" AT
         ":6:3: bridges[1].kind: is required: the kind of bridge\n" AT
         ":7:10: bridges[2].kind: unknown kind \"bugzilla-to-jirra\"; expected one of bugzilla-to-jira; did you mean "
         "\"bugzilla-to-jira\"?\n" AT ":8:3: bridges[3].from: is required: a text\n" AT
         ":8:3: bridges[3].actions: is required: a file or an http or https address\n" AT
         ":8:3: bridges[3].to: is required: the name of a tracker\n"},
        {TRACKERS
         "bridges:\n- &b {kind: bugzilla-to-jira, name: n, from: jira, to: jirra, actions: bad.yaml, acton: 1}\n"
         "- {<<: *b, name: n, from: bz, to: bz, acton: ~}\n",
         AT ":5:82: bridges[0].acton: unknown option of a bridge; did you mean \"actions\"?\n" AT
            ":5:46: bridges[0].from: expected a tracker of kind bugzilla, jira is of kind jira\n" AT
            ":5:56: bridges[0].to: there is no tracker \"jirra\"; did you mean \"jira\"?\n"
            "etc/bad.yaml:1:3: [0].whiteboard_tag: is required: text\n"
            "etc/bad.yaml:1:3: [0].bugzilla_user_id: is required: number, list of numbers, or tbd\n"
            "etc/bad.yaml:1:3: [0].description: is required: text\n"
            "etc/bad.yaml:1:3: [0].parameters: is required: map\n"
            "etc/bad.yaml:2:3: [1]: expected a map, got a number \"1\"\n" AT
            ":6:39: bridges[1].acton: unknown option of a bridge; did you mean \"actions\"?\n" AT
            ":6:18: bridges[1].name: another bridge has this name\n" AT
            ":6:35: bridges[1].to: expected a tracker of kind jira, bz is of kind bugzilla\n"
            "etc/bad.yaml:1:3: [0].whiteboard_tag: is required: text\n"
            "etc/bad.yaml:1:3: [0].bugzilla_user_id: is required: number, list of numbers, or tbd\n"
            "etc/bad.yaml:1:3: [0].description: is required: text\n"
            "etc/bad.yaml:1:3: [0].parameters: is required: map\n"
            "etc/bad.yaml:2:3: [1]: expected a map, got a number \"1\"\n"},
        {TRACKERS "bridges: [{kind: bugzilla-to-jira, from: bz, to: jira, actions: no.yaml, name: A}]\n",
         AT ":4:80: bridges[0].name: expected a name of at most 40 small letters, digits, - and _\n" AT
            ":4:65: actions: cannot read etc/no.yaml: No such file or directory\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reading x;
        read_config(&x, cases[i].content, NULL);
        assert_problems(&x.problems, cases[i].problems);
        end_config(&x);
    }
}

static void test_missing_file(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct fakes f = {0};
    struct conf_source source = fake_source(&f);
    struct problems p;
    problems_init(&p, a);
    assert_null(config_read("no.yaml", &kinds, &source, &p));
    assert_problems(&p, "cannot read no.yaml: No such file or directory\n");
    config_put(NULL);
}

static const struct fake example_env[] = {
    {"BUGZILLA_API_KEY", "b"}, {"JBI_API_KEY", "h"}, {"JIRA_USERNAME", "u"}, {"JIRA_API_KEY", "j"}, {NULL, NULL}};

static void test_example(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    const char *project = getenv("PROJECT");
    assert_non_null(project);
    const struct fake files[] = {{"examples/lockstep.yaml", project_file(a, "examples/lockstep.yaml")},
                                 {"examples/actions.yaml", project_file(a, "examples/actions.yaml")},
                                 {NULL, NULL}};
    struct fakes f = {files, example_env};
    struct conf_source source = fake_source(&f);
    struct problems p;
    problems_init(&p, a);
    struct config *c = config_read("examples/lockstep.yaml", &kinds, &source, &p);
    assert_problems(&p, "");
    const struct bridge *b = c->bridges[0].own;
    assert_int_equal(b->rules.n, 3);
    assert_string_equal(b->rules.v[0].project, "DEV");
    assert_string_equal(b->rules.v[1].project, "WEB");
    assert_string_equal(b->rules.v[2].project, "OPS");
    assert_int_equal(b->rules.v[0].brackets, JBI_BRACKETS_BOTH);
    config_put(c);
}

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

static void test_docs(void **state)
{
    (void)state;
    AUTO(text_auto) struct text man;
    AUTO(text_auto) struct text md;
    text_init(&man, 1 << 20);
    text_init(&md, 1 << 20);
    conf_docs_man(&man, &kinds);
    conf_docs_markdown(&md, &kinds);
    const struct opt_table *tables[] = {&conf_server_table,  &conf_retry_table,  &conf_retention_table,
                                        &conf_tracker_table, &conf_bridge_table, &jira_table,
                                        &bridge_table};
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 0; i < tables[t]->n; i++) {
            const struct opt *o = &tables[t]->opts[i];
            char row[100];
            assert_true(strlen(o->help) > 3 && o->help[strlen(o->help) - 1] != '.');
            (void)snprintf(row, sizeof row, "| `%s` | ", o->name);
            assert_true(count_of(text_z(&md), row) >= 1);
            (void)snprintf(row, sizeof row, "\\fB%s\\fR\n", o->name);
            assert_true(count_of(text_z(&man), row) >= 1);
        }
    }
    for (int i = 0; i < JBI_STEPS; i++)
        assert_non_null(strstr(text_z(&man), jbi_step_name((enum jbi_step)i)));
    assert_non_null(
        strstr(text_z(&man), ".SH NAME\nlockstep.yaml \\- configuration of lockstep\n.SH \"DESCRIPTION\"\n"));
    assert_non_null(strstr(text_z(&man), ".SS \"kind: jira\"\nJira, Cloud or Data Center.\n.TP\n\\fBuser\\fR\n"));
    assert_non_null(strstr(text_z(&md),
                           "| `timeout` | a duration such as 30s, 5m, 12h or 7d, from 100ms to 10m | `10s` | "
                           "Longest time for one request. |\n"));
    assert_non_null(strstr(text_z(&md), "| `jira_project_key` | text | required | Key of the Jira project. |\n"));
    assert_false(text_full(&man) || text_full(&md));
    /* The example of the page is a configuration that can be read. */
    const char *begin = strstr(text_z(&md), "```yaml\n"), *end = begin ? strstr(begin, "\n```\n") : NULL;
    assert_non_null(end);
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    const struct fake files[] = {{"lockstep.yaml", arena_str(a, (struct str){begin + 8, (size_t)(end - begin) - 8})},
                                 {"actions.yaml", actions},
                                 {"jira.token", "t\n"},
                                 {NULL, NULL}};
    struct fakes f = {files, example_env};
    struct conf_source source = fake_source(&f);
    struct problems p;
    problems_init(&p, a);
    struct config *c = config_read("lockstep.yaml", &kinds, &source, &p);
    assert_problems(&p, "");
    config_put(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),       cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_missing_file), cmocka_unit_test(test_example),
        cmocka_unit_test(test_docs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
