/* A bridge of GitHub contributions as the configuration reads it, with its files. */
#include "conf_test.h"

#include "base/secret.h"
#include "conf/config.h"
#include "conf/contributions.h"
#include "conf/docs.h"

struct pretend {
    const char *user;
    struct secret *token;
    struct secrets hook_secret;
};
static const struct opt pretend_opts[] = {
    OPTION_TEXT(struct pretend, user, 0, NULL, "Account"),
    OPTION_SECRET(struct pretend, token, OPT_REQUIRED, "Its token"),
    OPTION_SECRETS(struct pretend, hook_secret, 0, "What signs its hooks"),
};
static const struct opt_table pretend_table = OPT_TABLE_OF("tracker", struct pretend, pretend_opts);

static void pretend_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    const struct pretend *p = of;
    if (text_same(p->user, "refused"))
        yaml_problem(r->problems, yaml_get(at, "user"), r->key, NULL, "refused by the check");
}
static const struct conf_kind github_kind = {.name = "github", .opts = &pretend_table};
static const struct conf_kind jira_kind = {.name = "jira", .opts = &pretend_table, .check = pretend_check};
static const struct conf_kind bridge_kind = {.name = "github-contributions",
                                             .opts = &contributions_table,
                                             .check = contributions_check,
                                             .brings = contributions_brings,
                                             .from = "github",
                                             .to = "jira",
                                             .may_lack_to = true};
static const struct conf_kind *const tracker_kinds[] = {&github_kind, &jira_kind, NULL};
static const struct conf_kind *const bridge_kinds[] = {&bridge_kind, NULL};
static const struct conf_kinds kinds = {tracker_kinds, bridge_kinds};

#define TRACKERS                                                                                                       \
    "trackers:\n  github: {kind: github, url: 'https://api.github.example', token: t}\n"                               \
    "  jira: {kind: jira, url: 'https://j', token: t}\n"
#define BRIDGE "bridges:\n- {kind: github-contributions, from: github, people: people.csv"
#define ENTRY  "server: 'https://a.example', token: '${TOKEN}', mapping: 'https://m.example/m', description: d"

struct reading {
    struct arena *arena;
    struct problems problems;
    struct config *config;
    const struct contributions *own; /* of the first bridge */
};

static void read_all(struct reading *x, const struct fake *files)
{
    static const struct fake env[] = {{"TOKEN", "s3cret"}, {NULL, NULL}};
    struct fakes f = {files, env};
    struct conf_source source = fake_source(&f);
    x->arena = arena_new(64 << 20);
    problems_init(&x->problems, x->arena);
    x->config = config_read("etc/lockstep.yaml", &kinds, &source, &x->problems);
    x->own = x->config && x->config->n_bridges ? x->config->bridges[0].own : NULL;
}

static void end_all(struct reading *x)
{
    config_put(x->config);
    arena_free(x->arena);
}

static const char people[] = "GitHub Username,Account Name\nann,Acme\n";

static const char *write_text(struct arena *a, const struct contributions *c, enum contrib_text which, const char *set)
{
    const struct template_value v[] = {{"author", "ann"},
                                       {"repo", "o/r"},
                                       {"need_cla", "CLA PART"},
                                       {"draft", "DRAFT"},
                                       {"agreement_url", "AGREE"},
                                       {set, "yes"},
                                       {"jira_url", "ADDR"},
                                       {"key", "K-1"},
                                       {"nick", "Acme"}};
    struct text t;
    text_init(&t, 1 << 20);
    template_write(c->texts[which], &(struct template_values){v, COUNT(v)}, &t);
    const char *ret = arena_text(a, text_z(&t));
    text_free(&t);
    return ret;
}

/* What the bot that it replaces had fixed in its code. */
static void test_defaults(void **state)
{
    (void)state;
    const struct fake files[] = {
        {"etc/lockstep.yaml", TRACKERS BRIDGE "}\n"}, {"etc/people.csv", people}, {NULL, NULL}};
    struct reading x;
    read_all(&x, files);
    assert_problems(&x.problems, "");
    const struct contributions *c = x.own;
    assert_null(x.config->bridges[0].to);
    assert_string_equal(c->status_context, "openedx/cla");
    assert_string_equal(c->status.good, "The author is authorized to contribute");
    assert_string_equal(c->status.bot, "Bots don't need contributor agreements");
    assert_string_equal(c->labels.outside, "open-source-contribution");
    assert_int_equal(c->labels.prune_closed.n, 5);
    assert_string_equal(c->labels.prune_closed.v[3], "waiting for eng review");
    assert_int_equal(c->labels.prune_merged.n, 5);
    assert_string_equal(c->labels.prune_merged.v[4], "needs rescoping");
    assert_true(c->private_orgs.n == 1 && text_same(c->private_orgs.v[0], "edx"));
    assert_true(c->closed_orgs.n == 1 && text_same(c->closed_orgs.v[0], "edx"));
    assert_int_equal(c->accounts.n, 0);
    assert_string_equal(c->fields.closed, "Date merged/closed");
    assert_string_equal(c->boards_annotation, "openedx.org/add-to-projects");
    assert_string_equal(c->jira_label, "jira:");
    assert_string_equal(c->jira_mark, "from-GitHub");
    assert_string_equal(c->rescan_since, "2018-01-01");
    assert_true(!c->projects.ospr && !c->survey_url && !c->jira_ask && c->description == CONTRIB_PLAIN);
    assert_int_equal(c->people.n, 1);
    assert_int_equal(x.config->n_trackers, 2);
    end_all(&x);
}

static size_t times(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

/* Folded sections always close; what is not asked for is not said. */
static void test_our_texts(void **state)
{
    (void)state;
    const struct fake files[] = {
        {"etc/lockstep.yaml", TRACKERS BRIDGE "}\n"}, {"etc/people.csv", people}, {NULL, NULL}};
    static const char *const sets[] = {"maintained", "no_maintainer", "unmaintained", "merged", "first_time"};
    struct reading x;
    read_all(&x, files);
    for (int t = 0; t < CONTRIB_TEXTS; t++) {
        assert_string_not_equal(contrib_text_name((enum contrib_text)t), "unknown");
        for (size_t i = 0; i < COUNT(sets); i++) {
            const char *text = write_text(x.arena, x.own, (enum contrib_text)t, sets[i]);
            assert_int_equal(times(text, "<details>"), times(text, "</details>"));
            assert_int_equal(times(text, "{{"), 0);
            assert_int_equal(times(text, "\n\n\n"), 0);
            assert_true(strlen(text) > 20 && strlen(text) < 10000);
        }
    }
    const char *welcome = write_text(x.arena, x.own, CONTRIB_WELCOME, "no_maintainer");
    assert_non_null(strstr(welcome, "@ann"));
    assert_non_null(strstr(welcome, "no maintainer yet"));
    assert_non_null(strstr(welcome, "\n\nCLA PART\n\nDRAFT\n\n"));
    assert_int_equal(times(welcome, "@"), 1);
    assert_null(strstr(welcome, "looked after"));
    assert_non_null(strstr(write_text(x.arena, x.own, CONTRIB_NEED_CLA, ""), "](AGREE)"));
    assert_non_null(strstr(write_text(x.arena, x.own, CONTRIB_JIRA_ISSUE, ""), "[K-1](ADDR)"));
    assert_null(strstr(write_text(x.arena, x.own, CONTRIB_BLENDED, ""), "technical lead"));
    end_all(&x);
}

/* Folders are tried name by name; a mistake has its place. */
static void test_own_texts(void **state)
{
    (void)state;
    const struct fake good[] = {{"etc/lockstep.yaml", TRACKERS BRIDGE ", templates: texts/}\n"},
                                {"etc/people.csv", people},
                                {"etc/texts/jira_issue.md", "Made {{key}}.\n"},
                                {NULL, NULL}};
    struct reading x;
    read_all(&x, good);
    assert_problems(&x.problems, "");
    assert_string_equal(write_text(x.arena, x.own, CONTRIB_JIRA_ISSUE, ""), "Made K-1.");
    assert_non_null(strstr(write_text(x.arena, x.own, CONTRIB_WELCOME, ""), "@ann"));
    end_all(&x);
    const struct fake bad[] = {{"etc/lockstep.yaml",
                                TRACKERS BRIDGE ", templates: texts}\n- {kind: github-contributions, from: github, "
                                                "people: people.csv, templates: txets}\n"},
                               {"etc/people.csv", people},
                               {"etc/texts/welcome.md", "Hi {{autor}}\n"},
                               {"etc/texts/survey.md", "{{#merged}}\n"},
                               {NULL, NULL}};
    read_all(&x, bad);
    assert_problems(&x.problems,
                    "etc/texts/welcome.md:1:4: there is no variable \"autor\"; did you mean \"author\"?\n"
                    "etc/texts/survey.md:1:1: the section \"merged\" that begins here does not end\n"
                    "etc/lockstep.yaml:6:77: bridges[1].templates: there is no etc/txets/welcome.md, nor any of the "
                    "other texts\n");
    end_all(&x);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct fake files[] = {
        {"etc/lockstep.yaml", TRACKERS
         "bridges:\n"
         "- {kind: github-contributions, from: github}\n"
         "- kind: github-contributions\n"
         "  from: jira\n"
         "  to: github\n"
         "  people: no.csv\n"
         "  orgs: no.yaml\n"
         "  projects: {ospr: openedx, blended: 'edx:0', osrp: x}\n"
         "  labels: {core: '', prune_closed: {}}\n"
         "  status_context: ''\n"
         "  agreement_url: ftp://x\n"
         "  survey_url: https://ok/?a=b#c\n"
         "  rescan_since: yesterday\n"
         "- kind: github-contributions\n"
         "  from: github\n"
         "  people: people.csv\n"
         "  labels: {core: ''}\n"
         "  projects: {ospr: openedx, blended: 'edx:0'}\n"
         "  agreement_url: ftp://x\n"
         "  rescan_since: yesterday\n"
         "  jira_info: no.yaml\n"
         "  description: html\n"
         "  survey: https://x\n"
         "- kind: github-contributions\n"
         "  from: github\n"
         "  people: people.csv\n"
         "  labels: {core: ''}\n"
         "  projects: {ospr: openedx, blended: 'edx:0'}\n"
         "  status: {bad: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
         "123456789012345678901234567890123456789012345678901234567}\n"
         "  agreement_url: ftp://x\n"
         "  rescan_since: 2018-1-1\n"
         "  jira_info: no.yaml\n"},
        {"etc/people.csv", people},
        {NULL, NULL}};
    struct reading x;
    read_all(&x, files);
    assert_null(x.config);
#define AT "etc/lockstep.yaml:"
    assert_problems(
        &x.problems, AT
        "5:3: bridges[0].people: is required: a file or an http or https address\n" AT
        "11:47: bridges[1].projects.osrp: unknown option of projects; did you mean \"ospr\"?\n" AT
        "12:36: bridges[1].labels.prune_closed: expected a text or a list of texts, none of them empty, got a map\n" AT
        "7:9: bridges[1].from: expected a tracker of kind github, jira is of kind jira\n" AT
        "8:7: bridges[1].to: expected a tracker of kind jira, github is of kind github\n" AT
        "26:3: bridges[2].survey: unknown option of a bridge\n" AT
        "25:16: bridges[2].description: expected one of plain, wiki, got \"html\"\n" AT
        "30:18: bridges[3].labels.core: expected a text of 1 to 50 bytes\n" AT
        "32:17: bridges[3].status.bad: expected a text of 1 to 140 bytes\n" AT
        "31:20: bridges[3].projects.ospr: expected ORG:NUMBER such as openedx:19, got \"openedx\"\n" AT
        "31:38: bridges[3].projects.blended: expected ORG:NUMBER such as openedx:19, got \"edx:0\"\n" AT
        "33:18: bridges[3].agreement_url: expected an http or https address, got \"ftp://x\"\n" AT
        "34:17: bridges[3].rescan_since: expected a day such as 2018-01-01, got \"2018-1-1\"\n" AT
        "35:14: bridges[3].jira_info: cannot read etc/no.yaml: No such file or directory\n");
    end_all(&x);
}

static void test_labels_file(void **state)
{
    (void)state;
    static const struct {
        const char *content, *expect;
    } rows[] = {
        {"bug: {color: d73a4a}\n", ""},
        {"bug: {color: red}\n",
         "etc/labels.yaml:1:14: bug.color: expected six hexadecimal digits such as d73a4a, got \"red\"\n"},
        {"a: {color: ffffff}\nBlended: {delete: true}\n",
         "etc/lockstep.yaml:5:79: bridges[0].labels_file: line 2 of it deletes \"Blended\", which labels.blended puts "
         "on pull requests\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct fake files[] = {{"etc/lockstep.yaml", TRACKERS BRIDGE ", labels_file: labels.yaml}\n"},
                                     {"etc/people.csv", people},
                                     {"etc/labels.yaml", rows[i].content},
                                     {NULL, NULL}};
        struct reading x = {0};
        read_all(&x, files);
        assert_string_equal(problems_text(&x.problems), rows[i].expect);
        assert_true(rows[i].expect[0] || x.own->wanted_labels.n == 1);
        end_all(&x);
    }
}

/* Trackers that the Jira info file brings along. */
static void test_brings(void **state)
{
    (void)state;
    const struct fake files[] = {
        {"etc/lockstep.yaml", TRACKERS BRIDGE ", jira_info: info.yaml}\n- {kind: github-contributions, from: github, "
                                              "people: people.csv, jira_info: info.yaml, to: jira}\n"},
        {"etc/people.csv", people},
        {"etc/info.yaml", "Acme: {email: e, " ENTRY "}\nBad: {email: refused, " ENTRY "}\nWorse: {}\n"
                          "Unset: {email: '${NO}', " ENTRY "}\nLast: {email: e, " ENTRY "}\n"},
        {NULL, NULL}};
    struct reading x;
    read_all(&x, files);
    assert_non_null(x.config);
    const char *said = problems_text(&x.problems);
    assert_int_equal(times(said, "etc/info.yaml:2:14: warning: Bad: refused by the check\n"), 2);
    assert_int_equal(times(said, "etc/info.yaml:4:16: warning: Unset.user: the environment variable NO is not set\n"),
                     2);
    assert_int_equal(times(said, "etc/info.yaml:3:1: warning: Worse.server: is required"), 2);
    assert_int_equal(times(said, "s3cret"), 0);
    const struct config *c = x.config;
    assert_int_equal(c->n_trackers, 4);
    const struct conf_tracker *acme = config_tracker(c, "jira-acme"), *last = config_tracker(c, "jira-last");
    assert_ptr_equal(c->trackers[2], acme);
    assert_ptr_equal(c->bridges[0].from, c->trackers[0]);
    assert_ptr_equal(c->bridges[1].to, c->trackers[1]);
    assert_string_equal(acme->url, "https://a.example");
    assert_ptr_equal(acme->kind, &jira_kind);
    assert_int_equal(acme->concurrency, 8);
    const struct pretend *own = acme->own;
    assert_string_equal(own->user, "e");
    assert_true(str_same(secret_reveal(own->token), STR("s3cret")));
    for (size_t i = 0; i < 2; i++) { /* both bridges know the same ones */
        const struct contributions *b = c->bridges[i].own;
        assert_ptr_equal(b->nicks.v[0].tracker, i ? acme->name : b->nicks.v[0].tracker);
        assert_string_equal(b->nicks.v[4].tracker, last->name);
        const struct jira_nick *bad = jira_nick_find(&b->nicks, "bad");
        assert_null(bad->tracker);
        assert_string_equal(bad->why, "Bad: refused by the check");
        assert_string_equal(b->nicks.v[3].why, "Unset.user: the environment variable NO is not set");
        assert_string_equal(b->nicks.v[2].why, "Worse.server: is required");
    }
    end_all(&x);
}

/* A configuration whose info file has n entries. */
static void read_many(struct reading *x, unsigned n)
{
    AUTO(text_auto) struct text info;
    text_init(&info, 1 << 20);
    for (unsigned i = 0; i < n; i++)
        text_addf(&info, "n%u: {email: e, " ENTRY "}\n", i);
    const struct fake files[] = {{"etc/lockstep.yaml", TRACKERS BRIDGE ", jira_info: info.yaml, to: jira}\n"},
                                 {"etc/people.csv", people},
                                 {"etc/info.yaml", text_z(&info)},
                                 {NULL, NULL}};
    read_all(x, files);
}

/* Many of them: those that bridges point at stay where they are. */
static void test_brings_many(void **state)
{
    (void)state;
    struct reading x;
    read_many(&x, 198);
    assert_problems(&x.problems, "");
    assert_int_equal(x.config->n_trackers, 200);
    assert_string_equal(x.config->bridges[0].to->name, "jira");
    assert_ptr_equal(x.config->bridges[0].from, config_tracker(x.config, "github"));
    assert_non_null(config_tracker(x.config, "jira-n197"));
    end_all(&x);
    read_many(&x, 199);
    assert_problems(&x.problems,
                    "etc/lockstep.yaml:5:3: bridges[0]: there are more than 200 trackers, with those of its files\n");
    end_all(&x);
}

static void test_brings_taken(void **state)
{
    (void)state;
    const struct fake files[] = {{"etc/lockstep.yaml", TRACKERS
                                  "  jira-acme: {kind: jira, url: 'https://j', token: t}\n" BRIDGE
                                  ", jira_info: info.yaml}\n- {kind: github-contributions, from: github, people: "
                                  "people.csv, jira_info: other.yaml}\n"},
                                 {"etc/people.csv", people},
                                 {"etc/info.yaml", "Acme: {email: e, " ENTRY "}\nB: {email: e, " ENTRY "}\n"},
                                 {"etc/other.yaml", "b: {email: other, " ENTRY "}\n"},
                                 {NULL, NULL}};
    struct reading x;
    read_all(&x, files);
    assert_null(x.config);
    assert_problems(
        &x.problems,
        "etc/info.yaml:1:1: Acme: its tracker would be jira-acme, a name that one under trackers has already "
        "(line 4); rename either\n"
        "etc/other.yaml:1:1: warning: b: its tracker would be jira-b, as that of another entry "
        "(etc/info.yaml line 2); it is not used\n");
    end_all(&x);
}

/* Every variable that ours use is documented, and every option has its line in the manual. */
static void test_docs(void **state)
{
    (void)state;
    AUTO(text_auto) struct text md;
    text_init(&md, 1 << 20);
    conf_docs_markdown(&md, &kinds);
    assert_non_null(strstr(text_z(&md), "| `people` | a file or an http or https address | required | "));
    assert_non_null(
        strstr(text_z(&md), "| `private_orgs` | a text or a list of texts, none of them empty | `[edx]` | "));
    for (int i = 0; i < CONTRIB_TEXTS; i++)
        assert_non_null(strstr(text_z(&md), contrib_text_name((enum contrib_text)i)));
    for (size_t i = 0; contrib_variables[i].name; i++) {
        char row[100];
        (void)snprintf(row, sizeof row, "\n- `%s`: ", contrib_variables[i].name);
        assert_non_null(strstr(text_z(&md), row));
    }
}

static void test_example(void **state)
{
    (void)state;
    static const char *const names[] = {"examples/github.yaml", "examples/people.csv", "examples/orgs.yaml",
                                        "examples/jira-info.yaml"};
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    struct fake files[COUNT(names) + 1] = {{NULL, NULL}};
    for (size_t i = 0; i < COUNT(names); i++)
        files[i] = (struct fake){names[i], project_file(a, names[i])};
    const struct fake env[] = {
        {"GITHUB_PERSONAL_TOKEN", "g"}, {"GITHUB_WEBHOOKS_SECRET", "s"}, {"ACME_TOKEN", "t"}, {NULL, NULL}};
    struct fakes f = {files, env};
    struct conf_source source = fake_source(&f);
    struct problems p;
    problems_init(&p, a);
    struct config *c = config_read("examples/github.yaml", &kinds, &source, &p);
    assert_problems(&p, "");
    const struct contributions *b = c->bridges[0].own;
    assert_true(people_find(&b->people, "octocat")->is_core);
    assert_true(orgs_internal(&b->orgs, people_find(&b->people, "octocat")->institution, "openedx"));
    assert_string_equal(config_tracker(c, "jira-acme")->url, "https://acme.atlassian.net");
    assert_string_equal(b->projects.ospr, "openedx:19");
    struct jira_place place;
    struct err e = {0};
    const char *mapping = project_file(a, "examples/jira-mapping.yaml");
    assert_int_equal(jira_mapping(a, "m", str_of(mapping), "acme/billing", &place, &e), 0);
    assert_string_equal(place.project, "PAY");
    config_put(c);
}

/* A mapping that is a file is read with the rest; what is wrong in it is refused. */
static void test_mapping_files(void **state)
{
    (void)state;
    struct fake files[] = {{"etc/lockstep.yaml", TRACKERS BRIDGE ", jira_info: info.yaml}\n"},
                           {"etc/people.csv", people},
                           {"etc/info.yaml", "Acme: {server: 'https://a', email: e, token: t, mapping: m.yaml, "
                                             "description: d}\nB: {" ENTRY ", email: e}\n"},
                           {"etc/m.yaml", "defaults: {project: P}\n"},
                           {NULL, NULL}};
    struct reading x;
    read_all(&x, files);
    assert_problems(&x.problems, "");
    assert_string_equal(x.own->nicks.v[0].mapping_text, "defaults: {project: P}\n");
    assert_null(x.own->nicks.v[1].mapping_text);
    end_all(&x);
    files[3].content = "repos:\n- {name: *}\n";
    read_all(&x, files);
    assert_null(x.config);
    assert_problems(&x.problems, "etc/info.yaml:1:1: Acme.mapping: etc/m.yaml:2:10: a text that begins with * needs "
                                 "quotes: \"*\"\n");
    end_all(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_our_texts),   cmocka_unit_test(test_own_texts),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_brings),      cmocka_unit_test(test_labels_file),
        cmocka_unit_test(test_mapping_files), cmocka_unit_test(test_brings_many), cmocka_unit_test(test_brings_taken),
        cmocka_unit_test(test_docs),          cmocka_unit_test(test_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
