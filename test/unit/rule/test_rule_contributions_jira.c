/* Labels that ask for an issue in a Jira, on pull requests and on issues. */
#include "base/base.h"

#include "contributions.h"
#include "rule/health.h"

#define ASKED(label)    "'labels':['open-source-contribution','" label "']"
#define JIRA(of, all)   "{'of':{'jira:" of "':{" all "}}}"
#define ACME(all)       JIRA("acme", all)
#define NOTHING         "'changes':[],'fails':null"
#define MAPPED          MAPPING("defaults: {type: Task}\\nrepos:\\n- {name: openedx/demo, project: WEB}\\n")
#define FROM(url, body) "(From " url " by https://github.com/tania)\\n------\\n\\n" body
#define PR_URL          "https://github.com/openedx/demo/pull/5"
#define CREATE(members)                                                                                                \
    "{'kind':'create','issue':{'tracker':'jira-acme','ref':null},'marker':'github:openedx/demo#5>jira-acme'," members  \
    "}"
#define FIELDS(type, summary, description)                                                                             \
    "'fields':[{'field':'issuetype','kind':'name','text':'" type "'},"                                                 \
    "{'field':'summary','kind':'text','text':'" summary "'},"                                                          \
    "{'field':'description','kind':'text','text':'" description "'}]"
#define TOLD(ref_)                                                                                                     \
    "{'kind':'comment','issue':{'tracker':'github','ref':'openedx/demo#5'},'other':{'tracker':'jira-acme'" ref_ "},"   \
    "'text':'Made [${ref}](${url}) in Acme`s Jira.','marker':'github:openedx/demo#5>jira-acme/told',"                  \
    "'data':'{\\\"jira_issues\\\":[{\\\"nick\\\":\\\"acme\\\",\\\"key\\\":\\\"${ref}\\\"}]}'}"
#define MAKES(description)                                                                                             \
    "'operation':'create','target':null,'changes':[" CREATE(                                                           \
        "'project':'WEB','add':['from-GitHub'],'remove':[]," FIELDS(                                                   \
            "Task", "Add a thing", description)) "," TOLD(",'ref':null,'made_by':null") "]"
#define MAKES_USUAL   MAKES(FROM(PR_URL, "It **adds**."))
#define MADE_COMMENT  BY_OLD("3", "Made.<<{'jira_issues':[{'nick':'ACME','key':'WEB-4'}]}>>")
#define ERROR_COMMENT BY_OLD("3", "None.<<{'jira_errors':['acme']}>>")
#define NO_SERVER(nick)                                                                                                \
    "'changes':[{'kind':'comment','text':'<!-- comment:no-jira-server -->\\nNo Jira " nick "; ask here.',"             \
    "'data':'{\\\"jira_errors\\\":[\\\"" nick "\\\"]}','marker':'github:openedx/demo#5>jira:zed/no-server'}]"
#define NO_MAPPING                                                                                                     \
    "'changes':[{'kind':'comment','text':'<!-- comment:no-jira-mapping -->\\nNo project for openedx/demo in Acme`s"    \
    " Jira. Contact Ann.','data':'{\\\"jira_errors\\\":[\\\"acme\\\"]}',"                                              \
    "'marker':'github:openedx/demo#5>jira:acme/no-mapping'}]"
#define ASKS PULL(ASKED("jira:acme"))

static const struct contrib_scenario pulls[] = {
    {"made and told", LABELED, ASKS MAPPED, ACME(MAKES_USUAL),
     "issue:github:openedx/demo#5 whoami:github: | file:github:openedx/demo:catalog-info.yaml"
     " comments:github:openedx/demo#5 statuses:github:" HEAD " board_items:github:openedx/demo#5"
     " linked:github:openedx/demo#5 | board:github:openedx:19 file:jira-acme:https://acme.example/map.yaml",
     NULL},
    {"whatever the class", LABELED, PULL("'creator':'boss'," ASKED("jira:acme")) MAPPED, ACME("'operation':'create'"),
     NULL, NULL},
    {"a bot`s", LABELED, PULL("'creator':'renovate[bot]','creator_kind':'Bot'," ASKED("jira:acme")) MAPPED,
     ACME("'changes':[" CREATE(FIELDS("Task", "Add a thing",
                                      "(From " PR_URL " by https://github.com/apps/renovate)\\n"
                                      "------\\n\\nIt **adds**.")) ",{}]"),
     NULL, NULL},
    {"nobody`s any more", LABELED, PULL("'creator':null," ASKED("jira:acme")) MAPPED,
     ACME("'changes':[" CREATE(FIELDS("Task", "Add a thing",
                                      "(From " PR_URL " by https://github.com/ghost)\\n------\\n"
                                      "\\nIt **adds**.")) ",{}]"),
     NULL, NULL},
    {"closed", LABELED, PULL(CLOSED "," ASKED("jira:acme")) MAPPED, ACME(MAKES_USUAL), NULL, NULL},
    {"in wiki markup", LABELED, ASKS MAPPED, ACME(MAKES(FROM(PR_URL, "It *adds*."))), NULL, "wiki"},
    {"no text", LABELED, PULL("'description':null," ASKED("jira:acme")) MAPPED, ACME(MAKES(FROM(PR_URL, ""))), NULL,
     NULL},
    {"several lines in its title", LABELED, PULL("'summary':' Add\\r\\na\\tthing\\n'," ASKED("jira:acme")) MAPPED,
     ACME("'changes':[{'fields':[{},{'text':'Add  a thing'},{}]},{}]"), NULL, NULL},
    {"no title", LABELED, PULL("'summary':' '," ASKED("jira:acme")) MAPPED,
     ACME("'changes':[{'fields':[{},{'text':'openedx/demo#5'},{}]},{}]"), NULL, NULL},
    {"told by the old bot, in other letters", LABELED, ASKS SAID(MADE_COMMENT),
     ACME(NOTHING ",'target':'jira-acme:WEB-4','notes':['jira:acme: there is WEB-4']"), NULL, NULL},
    {"told, though its Jira is not configured any more", LABELED,
     PULL(ASKED("jira:zed")) SAID(BY_OLD("3", "x<<{'jira_issues':[{'nick':'zed','key':'Z-1'}]}>>")),
     JIRA("zed", NOTHING), NULL, NULL},
    {"told by somebody else: that is no word of ours", LABELED,
     ASKS MAPPED SAID("{'id':'3','author':'mallory','text':'x<<{'jira_issues':[{'nick':'acme','key':'X-1'}]}>>'}"),
     ACME(MAKES_USUAL), NULL, NULL},
    {"made, and not told", LABELED, ASKS LINKS("{'tracker':'jira-acme','ref':'WEB-4','event':44}"),
     ACME("'operation':'comment','target':'jira-acme:WEB-4','changes':[" TOLD(
         ",'ref':'WEB-4'") "],'notes':['WEB-4 was made, and no comment tells of it yet']"),
     NULL, NULL},
    {"linked in another Jira", LABELED, ASKS MAPPED LINKS("{'tracker':'jira-other','ref':'WEB-4','event':44}"),
     ACME(MAKES_USUAL), NULL, NULL},
    {"two labels that differ in case: one issue", LABELED, PULL("'labels':['jira:acme','jira:ACME']") MAPPED,
     "{'of':{'jira:acme':{" MAKES_USUAL "},'jira:ACME':null}}", NULL, NULL},
    {"a nick without case", LABELED, PULL(ASKED("jira:aCMe")) MAPPED,
     JIRA("aCMe", "'changes':[" CREATE("'project':'WEB'") ",{'marker':'github:openedx/demo#5>jira-acme/told'}]"), NULL,
     NULL},
    {"a mapping that is a file of ours", LABELED, PULL(ASKED("jira:home")),
     JIRA("home", "'changes':[{'kind':'create','project':'H','issue':{'tracker':'jira-home'}},{}]"), NULL, NULL},
    {"no nick", LABELED, PULL(ASKED("jira:")), "{'of':{'jira:':null}}", NULL, NULL},
    {"unknown nick", LABELED, PULL(ASKED("jira:zed")),
     JIRA("zed", NO_SERVER("zed") ",'notes':['no Jira is configured by the nick zed']"), NULL, NULL},
    {"unknown nick, told", LABELED, PULL(ASKED("jira:zed")) SAID(BY_OLD("3", "x<<{'jira_errors':['Zed']}>>")),
     JIRA("zed", NOTHING), NULL, NULL},
    {"told that there is none, and there is one by now", LABELED, ASKS MAPPED SAID(ERROR_COMMENT), ACME(MAKES_USUAL),
     NULL, NULL},
    {"no project", LABELED, ASKS MAPPING("defaults: {type: Task}\\n"),
     ACME(NO_MAPPING ",'notes':['the mapping of Acme has no project for openedx/demo']"), NULL, NULL},
    {"no type", LABELED, ASKS MAPPING("defaults: {project: X}\\n"),
     ACME(NO_MAPPING ",'notes':['the mapping of Acme has no type for openedx/demo']"), NULL, NULL},
    {"no project, told", LABELED, ASKS MAPPING("defaults: {type: Task}\\n") SAID(ERROR_COMMENT), ACME(NOTHING), NULL,
     NULL},
    {"defaults alone suffice", LABELED, ASKS MAPPING("defaults: {type: Story, project: X}\\n"),
     ACME("'changes':[" CREATE("'project':'X'") ",{}]"), NULL, NULL},
};

#define FAILS(why) "'changes':[],'fails':'config','reason':'" why "'"
static const struct contrib_scenario failures[] = {
    {"an entry with errors: its label waits, the rest is done", LABELED, PULL(ASKED("jira:Broken")),
     "{'why':'class ospr: the author is not in the people file; the Jira broken is not usable: token is missing',"
     "'of':{'jira:Broken':{" FAILS(
         "the Jira broken is not usable: token is missing") "},'status':{'fails':null,'changes':[{}]},'comment':{'"
                                                            "changes':[{}]}}}",
     NULL, NULL},
    {"a mapping that is not there", LABELED,
     ASKS FACT("file", "jira-acme", "https://acme.example/map.yaml", "'state':'missing','why':'HTTP 404'"),
     ACME(FAILS("the mapping of Acme cannot be read: HTTP 404")), NULL, NULL},
    {"a mapping as it was when it was usable last", LABELED,
     ASKS FACT("file", "jira-acme", "https://acme.example/map.yaml",
               "'text':'defaults: {type: Story, project: X}\\n','why':'HTTP 404'"),
     ACME("'fails':null,'changes':[" CREATE("'project':'X'") ",{}],"
                                                             "'notes':['HTTP 404; what it said before is used']"),
     NULL, NULL},
    {"one Jira fails, the other is served", LABELED, PULL("'labels':['jira:broken','jira:acme']") MAPPED,
     "{'of':{'jira:broken':{'fails':'config'},'jira:acme':{" MAKES_USUAL "}}}", NULL, NULL},
    {"comments that cannot be read: nothing is made", LABELED,
     ASKS MAPPED "{'key':{'kind':'comments','tracker':'github','ref':'openedx/demo#5','by':'bot,oldbot'},"
                 "'state':'forbidden'},",
     ACME("'changes':[],'fails':'transient'"), NULL, NULL},
    {"a mapping that is not YAML", LABELED, ASKS MAPPING("repos:\\n- name: *\\n"),
     ACME("'changes':[],'fails':'config'"), NULL, NULL},
};

#define ON_ISSUE(target, action, members)                                                                              \
    "{'tracker':'github','source':'webhook','target':'" target "','action':'" action "','actor':{'login':'tania'},"    \
    "'issue':{'ref':'openedx/demo#6','type':'issue'," members "}}"
#define ISSUE_6                                                                                                        \
    GH("issue", "openedx/demo#6",                                                                                      \
       "'issue':{'ref':'openedx/demo#6','type':'issue','project':'openedx/demo','creator':'tania','summary':'Broken'," \
       "'url':'https://github.com/openedx/demo/issues/6','labels':['bug','jira:acme'],'status':'open'}")               \
    SAID_OF("openedx/demo#6", "")

static const struct contrib_scenario issues[] = {
    {"an issue", ON_ISSUE("issues", "labeled", "'labels':['jira:acme']"), ISSUE_6 MAPPED,
     "{'units':[{'rule':'contributions[jira:acme]','changes':[{'kind':'create',"
     "'marker':'github:openedx/demo#6>jira-acme'," FIELDS(
         "Task", "Broken",
         "(From https://github.com/openedx/demo/"
         "issues/6 by https://github.com/tania)\\n------\\n\\n") "},{'kind':'comment','issue':{'ref':'openedx/"
                                                                 "demo#6'}}]}],"
                                                                 "'verdict':'applied'}",
     "issue:github:openedx/demo#6 whoami:github: | comments:github:openedx/demo#6 linked:github:openedx/demo#6 |"
     " file:jira-acme:https://acme.example/map.yaml",
     NULL},
    {"a comment on an issue", ON_ISSUE("issue_comment", "created", "'labels':['Jira:ACME']"), ISSUE_6 MAPPED,
     "{'units':[{'operation':'create'}]}", NULL, NULL},
    {"an issue that was made", ON_ISSUE("issues", "edited", "'labels':['jira:acme']"),
     GH("linked", "openedx/demo#6", "'links':[{'tracker':'jira-acme','ref':'WEB-9'}]") ISSUE_6,
     "{'units':[{'operation':'comment','target':'jira-acme:WEB-9','changes':[{'kind':'comment'}]}]}", NULL, NULL},
};

/* Jira counts in UTF-16 and takes so much; a title or text of any length is cut, not refused. */
static void test_lengths(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    char *title = arena_zero(a, 4 * 300 + 1), *body = arena_zero(a, 50001);
    for (size_t i = 0; i < 300; i++)
        memcpy(title + 4 * i, "😀", 4);
    memset(body, 'x', 50000);
    const char *world = arena_fmt(a, PULL("'summary':'%s','description':'%s'," ASKED("jira:acme")) MAPPED, title, body);
    const struct contrib_scenario s = {"long", LABELED, world, NULL, NULL, NULL};
    const struct conf_bridge bridge = {
        .name = "contributions", .from = &contrib_github, .own = contrib_options(a, NULL)};
    struct text asked;
    text_init(&asked, 10000);
    struct decision d = contrib_decide(&s, a, &bridge, &asked);
    size_t seen = 0;
    MANY_EACH(const struct unit, unit, &d.units)
    {
        const struct change *create = unit->changes.v;
        if (!unit->changes.n || create->kind != CHANGE_CREATE)
            continue;
        const struct field_value *fields = create->fields.v;
        assert_int_equal(strlen(fields[1].text), 127 * 4);
        assert_int_equal(strlen(fields[2].text), 32767);
        seen++;
    }
    assert_int_equal(seen, 1);
    text_free(&asked);
    arena_free(a);
}

/* Which files are judged, and what is wrong with them; "-": nothing. */
static void test_judged(void **state)
{
    (void)state;
    static const struct {
        const char *tracker, *ref, *text, *fault;
        enum fact_state is;
    } rows[] = {
        {"jira-acme", "https://acme.example/map.yaml", "defaults: {type: T}", "-", FACT_HERE},
        {"jira-acme", "https://acme.example/map.yaml", "repos: [{name: other/x, project: []}]",
         "the mapping of Acme: https://acme.example/map.yaml:1:34: project: expected a text, got a list", FACT_HERE},
        {"jira-acme", "https://acme.example/map.yaml", NULL,
         "the mapping of Acme: https://acme.example/map.yaml: expected a map with defaults and repos, got nothing",
         FACT_HERE},
        {"jira-acme", "https://acme.example/map.yaml", NULL, "the mapping of Acme cannot be read: it is not there",
         FACT_MISSING},
        {"jira-acme", "https://acme.example/other.yaml", "]", NULL, FACT_HERE},
        {"jira-home", "https://acme.example/map.yaml", "]", NULL, FACT_HERE},
        {"github", "openedx/demo:catalog-info.yaml", "]", NULL, FACT_HERE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(SCENARIO_BYTES);
        const struct conf_bridge bridge = {.from = &contrib_github, .own = contrib_options(a, NULL)};
        const struct fact f = {.key = {.kind = FACT_FILE, .tracker = rows[i].tracker, .ref = rows[i].ref},
                               .state = rows[i].is,
                               .text = rows[i].text};
        const char *fault = NULL;
        assert_int_equal(rule_github_contributions.judges(&bridge, &f, a, &fault), rows[i].fault != NULL);
        assert_string_equal(fault ? fault : "-", rows[i].fault ? rows[i].fault : "-");
    }
}

/* Mappings at addresses are asked for; the one that is a file of ours was read with the configuration. */
static void test_health(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(SCENARIO_BYTES);
    struct contributions *own = contrib_options(a, NULL);
    const struct conf_bridge bridge = {.from = &contrib_github, .own = own};
    struct health_report none = {0}, first = {0}, then = {0};
    struct facts facts = {0};
    rule_github_contributions.health(&bridge, &facts, a, &none);
    assert_int_equal(none.checks.n + none.needs.n, 0);
    own->jira_info = "info.yaml";
    rule_github_contributions.health(&bridge, &facts, a, &first);
    const struct fact_key *needs = first.needs.v;
    assert_int_equal(first.checks.n, 0);
    assert_int_equal(first.needs.n, 1);
    struct fact f = {.key = needs[0], .text = "defaults: {project: P}", .why = "HTTP 404"};
    assert_string_equal(f.key.ref, "https://acme.example/map.yaml");
    facts_add(a, &facts, &f);
    rule_github_contributions.health(&bridge, &facts, a, &then);
    assert_int_equal(then.needs.n, 0);
    const struct health_check *check = then.checks.v;
    assert_string_equal(check->name, "jira.all_sites_are_usable");
    assert_int_equal(check->level, HEALTH_WARNING);
    const struct health_message *said = check->messages.v;
    assert_int_equal(check->messages.n, 2);
    assert_string_equal(said[0].id, "jira.site.Acme");
    assert_string_equal(said[0].text, "its mapping is not usable");
    assert_string_equal(said[0].why, "HTTP 404; what it said before is used");
    assert_string_equal(said[1].text, "it is not usable");
    assert_string_equal(said[1].why, "token is missing");
}

static void test_pulls(void **state)
{
    (void)state;
    contrib_run_all(pulls, COUNT(pulls));
}

static void test_failures(void **state)
{
    (void)state;
    contrib_run_all(failures, COUNT(failures));
}

static void test_issues(void **state)
{
    (void)state;
    contrib_run_all(issues, COUNT(issues));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_judged), cmocka_unit_test(test_health),
                                       cmocka_unit_test(test_pulls),  cmocka_unit_test(test_failures),
                                       cmocka_unit_test(test_issues), cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
