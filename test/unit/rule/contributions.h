/*
 * contributions.h: one event of a repository decided against a world of facts, for tests. As in scenario.h, texts are
 * JSON with ' for " and ` for '; and "<<…>>" stands for data hidden in a comment. What a scenario does not say of the
 * world is usual: an open pull request from outside, a repository without catalog-info.yaml, a board, no comments.
 */
#ifndef TEST_RULE_CONTRIBUTIONS_H
#define TEST_RULE_CONTRIBUTIONS_H

#include "scenario.h"

#include "base/digest.h"
#include "conf/contributions.h"
#include "rule/contributions_private.h"

#define GH(kind, ref, rest)    FACT(kind, "github", ref, rest)
#define HEAD                   "openedx/demo@abc"
#define PULL_REF(ref, members) GH("issue", ref, "'issue':{" members PULL_REST(ref) "}")
/* Here the given members go before the usual ones: the first of two equal keys counts. */
#define PULL(members) PULL_REF("openedx/demo#5", members ",")
#define PULL_REST(ref)                                                                                                 \
    "'ref':'" ref "','id':'PR_5','url':'https://github.com/openedx/demo/pull/5','project':'openedx/demo',"             \
    "'type':'pull request','status':'open','summary':'Add a thing','description':'It **adds**.','creator':'tania',"    \
    "'creator_kind':'User','created':'2026-08-01T10:00:00Z','pull':{'head':'abc'}"
#define NO_DRAFT(members)   "'pull':{'head':'abc'," members "}"
#define CLOSED              "'status':'closed','closed':'2026-08-03T23:30:00Z'"
#define MERGED              "'status':'merged','closed':'2026-08-04T10:00:00Z','pull':{'head':'abc','merged':'2026-08-02T09:00:00Z'}"
#define OUTSIDE             "'labels':['open-source-contribution']"
#define STATUSES(list)      GH("statuses", HEAD, "'statuses':[" list "]")
#define CATALOG(text)       GH("file", "openedx/demo:catalog-info.yaml", "'text':'" text "'")
#define ITEMS(list)         GH("board_items", "openedx/demo#5", "'items':[" list "]")
#define BOARD(name, fields) GH("board", name, "'text':'PVT_" name "','fields':[" fields "]")
#define SAID(list)          SAID_OF("openedx/demo#5", list)
#define SAID_OF(ref, list)                                                                                             \
    "{'key':{'kind':'comments','tracker':'github','ref':'" ref "','by':'bot,oldbot'},'comments':[" list "]},"
#define BY_US(id, text)    "{'id':'" id "','author':'bot','text':'" text "'}"
#define BY_OLD(id, text)   "{'id':'" id "','author':'oldbot','text':'" text "'}"
#define LINKS(list)        GH("linked", "openedx/demo#5", "'links':[" list "]")
#define MAPPING(text)      FACT("file", "jira-acme", "https://acme.example/map.yaml", "'text':'" text "'")
#define FIELD_OF(name, ty) "{'id':'F_" name "','name':'" name "','type':'" ty "'}"
#define OSPR_FIELDS                                                                                                    \
    FIELD_OF("Date opened", "DATE")                                                                                    \
    "," FIELD_OF("Repo Owner / Owning Team", "TEXT") "," FIELD_OF("Date merged/closed", "DATE")

static const char usual_world[] =
    PULL("'ref':'openedx/demo#5'") "{'key':{'kind':'whoami','tracker':'github','ref':''},"
                                   "'people':[{'id':'1','login':'bot'}]}," SAID("") STATUSES("")
                                       GH("file", "openedx/demo:catalog-info.yaml", "'state':'missing'") ITEMS("")
                                           BOARD("openedx:19", OSPR_FIELDS) BOARD("edx:9", "") BOARD("openedx:23", "");

#define ON(target, action) ON_BY(target, action, "'login':'tania'")
#define ON_BY(target, action, who)                                                                                     \
    "{'id':45,'tracker':'github','source':'webhook','happened':'2026-08-01T10:00:00Z','target':'" target               \
    "','action':'" action "','routing':'" target "." action "','actor':{" who "},"                                     \
    "'issue':{'ref':'openedx/demo#5','project':'openedx/demo','type':'pull request','creator':'tania',"                \
    "'creator_kind':'User'}}"
#define OPENED  ON("pull_request", "opened")
#define LABELED ON("pull_request", "labeled")

#define CLA_URL                  "https://agreement.example"
#define GOOD_TEXT                "The author is authorized to contribute"
#define BAD_TEXT                 "We need a signed Contributor Agreement"
#define STATUS(state, text, url) "{'context':'openedx/cla','state':'" state "','description':'" text "','url':" url "}"
#define STATUS_BAD               STATUS("failure", BAD_TEXT, "'" CLA_URL "'")
#define STATUS_GOOD              STATUS("success", GOOD_TEXT, "'" CLA_URL "'")

struct contrib_scenario {
    const char *name;
    const char *event;
    const char *world;  /* facts that are not as usual, each ending in a comma */
    const char *expect; /* parts of the decision; also "verdict", "why", and "of": units by what is in their brackets */
    const char *asked;  /* what was needed, in rounds; NULL: any */
    const char *option; /* what is different: see contrib_tune; "{…}": ticket mode with those options; NULL: nothing */
};

static struct contributor contrib_people[] = {
    {"boss", "Axim", true, false}, {"core", NULL, true, true},        {"former", "Gone Ltd", true, false},
    {"fresh", NULL, false, false}, {"guest", "Guest", true, false},   {"insider", "Inside", true, false},
    {"signer", NULL, true, false}, {"vendor", "Vendor", true, false},
};
static const char *contrib_axim[] = {"openedx", "edx"}, *contrib_guest[] = {"other"}, *contrib_vendor[] = {"*"};
static struct org contrib_orgs[] = {
    {"Axim", NULL, {contrib_axim, 2}},
    {"Guest", NULL, {contrib_guest, 1}},
    {"inside", "Inside", {contrib_axim, 1}},
    {"Vendor", NULL, {contrib_vendor, 1}},
};
static struct jira_nick contrib_nicks[] = {
    {.nick = "Acme",
     .tracker = "jira-acme",
     .server = "https://acme.example",
     .mapping = "https://acme.example/map.yaml",
     .description = "Acme's Jira",
     .contact = "Ann"},
    {.nick = "home",
     .tracker = "jira-home",
     .mapping = "m.yaml",
     .mapping_text = "defaults: {project: H, type: Bug}\n"},
    {.nick = "broken", .why = "token is missing"},
};
static struct wanted_label contrib_wanted[] = {
    {.name = "bug", .color = "d73a4a", .description = "Broken"},
    {.name = "Needs Test Run", .color = "ffffff"},
    {.name = "any"},
    {.name = "plain", .description = ""},
    {.name = "wip", .is_deleted = true},
};
static const char *contrib_private[] = {"edx"}, *contrib_accounts[] = {"oldbot"};
static const char *contrib_closed_labels[] = {"waiting on author", "needs test run"},
                  *contrib_merged_labels[] = {"inactive"};
static const char *const contrib_templates[CONTRIB_TEXTS] = {
    [CONTRIB_WELCOME] = "Hello @{{author}}.{{#maintained}} Owner {{owner}}.{{/maintained}}{{#no_maintainer}} New."
                        "{{/no_maintainer}}{{#unmaintained}} None.{{/unmaintained}}{{#need_cla}} {{need_cla}}"
                        "{{/need_cla}}{{#first_time}} {{first_time}}{{/first_time}}{{#draft}} {{draft}}{{/draft}}",
    [CONTRIB_WELCOME_CLOSED] =
        "Over {{#merged}}merged{{/merged}}{{^merged}}closed{{/merged}}.{{draft}}{{need_cla}}{{first_time}}",
    [CONTRIB_BLENDED] = "Blended.{{#draft}} {{draft}}{{/draft}}{{need_cla}}{{first_time}}",
    [CONTRIB_NO_CONTRIBUTIONS] = "No.",
    [CONTRIB_NEED_CLA] = "Sign at {{agreement_url}}.",
    [CONTRIB_FIRST_TIME] = "Your first.",
    [CONTRIB_DRAFT] = "A draft.",
    [CONTRIB_SURVEY] = "Survey {{survey_url}} for {{repo}} {{number}}.",
    [CONTRIB_JIRA_ISSUE] = "Made [{{key}}]({{jira_url}}) in {{description}}.",
    [CONTRIB_NO_JIRA_SERVER] = "No Jira {{nick}}; ask {{ask}}.",
    [CONTRIB_NO_JIRA_MAPPING] =
        "No project for {{repo}} in {{description}}.{{#contact}} Contact {{contact}}.{{/contact}}",
    [CONTRIB_TICKET] = "Ticket [{{key}}]({{jira_url}}).",
};
/* What a scenario changes in the configuration. */
static inline void contrib_tune(struct contributions *own, const char *option)
{
    if (text_same(option, "wiki"))
        own->description = CONTRIB_WIKI;
    else if (text_same(option, "survey"))
        own->survey_url = "https://forms.example/f?r={repo}&n={number}&a={author}&o={opened}&c={closed}&m={merged}&{x}";
    else if (text_same(option, "no boards"))
        own->projects = (struct contrib_projects){NULL, NULL};
    else if (text_same(option, "labels file"))
        own->labels_file = "labels.yaml";
    else if (text_same(option, "other words"))
        own->texts[CONTRIB_WELCOME] = own->texts[CONTRIB_NO_CONTRIBUTIONS];
    else if (option && option[0] != '{')
        fail_msg("no option %s", option);
}

/* Read as they are in life, so that the defaults are those. */
static inline void contrib_tickets(struct arena *a, struct contributions *own, const char *option)
{
    struct problems problems;
    const struct conf_source source = {0};
    problems_init(&problems, a);
    const char *text = arena_fmt(a, "{to: jira, tickets: %s}", option);
    const struct yaml *map = yaml_read(a, "test.yaml", str_of(text), &problems);
    const struct opt_read r = {.arena = a, .problems = &problems, .source = &source, .key = "tickets"};
    opts_read(&tickets_table, yaml_get(map, "tickets"), &r, &own->tickets);
    tickets_check(&own->tickets, map, &r);
    if (problems.n)
        fail_msg("%s: %s", option, problems.v[0].text);
}

static inline struct contributions *contrib_options(struct arena *a, const char *option)
{
    struct contributions *own = ARENA_NEW(a, struct contributions);
    *own = (struct contributions){
        .projects = {"openedx:19", "edx:9"},
        .private_orgs = {contrib_private, 1},
        .closed_orgs = {contrib_private, 1},
        .accounts = {contrib_accounts, 1},
        .group_prefix = "openedx/",
        .boards_annotation = "openedx.org/add-to-projects",
        .status_context = "openedx/cla",
        .agreement_url = CLA_URL,
        .status = {GOOD_TEXT, BAD_TEXT, "Bots don't need contributor agreements",
                   "No contributor agreement is needed in a private repo", "No outside contributions"},
        .labels = {"open-source-contribution",
                   "blended",
                   "core contributor",
                   {contrib_closed_labels, 2},
                   {contrib_merged_labels, 1}},
        .fields = {"Date opened", "Repo Owner / Owning Team", "Date merged/closed"},
        .jira_label = "jira:",
        .jira_mark = "from-GitHub",
        .jira_ask = "here",
        .people = {contrib_people, COUNT(contrib_people)},
        .orgs = {contrib_orgs, COUNT(contrib_orgs)},
        .nicks = {contrib_nicks, COUNT(contrib_nicks)},
        .wanted_labels = {contrib_wanted, COUNT(contrib_wanted)},
    };
    struct problems problems;
    problems_init(&problems, a);
    const char *names[64];
    size_t n = 0;
    while (contrib_variables[n].name && n < COUNT(names)) {
        names[n] = contrib_variables[n].name;
        n++;
    }
    for (size_t i = 0; i < CONTRIB_TEXTS; i++)
        own->texts[i] = template_read(a, "text", str_of(contrib_templates[i]), names, n, &problems);
    if (problems.n)
        fail_msg("template: %s", problems.v[0].text);
    contrib_tune(own, option);
    if (option && option[0] == '{')
        contrib_tickets(a, own, option);
    return own;
}

/* "<<{…}>>" → the element that hides it, "<<facts{…}>>" the other one; quotes are replaced here already, so that they
 * are in the data. */
static inline const char *contrib_hide(struct arena *a, const char *text)
{
    char *all = arena_text(a, text);
    const char *ret = text ? "" : NULL;
    for (char *p = all, *from, *to; p; p = to ? to + 2 : NULL) {
        from = strstr(p, "<<");
        to = from ? strstr(from, ">>") : NULL;
        if (!to)
            return arena_fmt(a, "%s%s", ret, p);
        *from = *to = '\0';
        for (char *q = from + 2; *q; q++)
            *q = *q == '\'' ? '"' : *q;
        const char *json = strchr(from + 2, '{');
        bool is_facts = json && text_starts(from + 2, "facts");
        ret = is_facts ? arena_fmt(a, "%s%s\\n<!-- facts: %s -->", ret, p, base64_text(a, str_of(json)))
                       : arena_fmt(a, "%s%s\\n<!-- data: %s -->\\n", ret, p, base64_text(a, str_of(from + 2)));
    }
    return ret;
}

/* The decision as scenario_result has it, and "of". */
static inline const struct json *contrib_result(struct arena *a, const struct decision *d)
{
    struct text t;
    struct json_out o;
    text_init(&t, SCENARIO_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    JSON_EACH (member, scenario_result(a, d))
        json_put(&o, json_key(member), member);
    json_open(&o, "of", '{');
    const struct unit *units = d->units.v;
    for (size_t i = 0; i < d->units.n; i++) {
        const char *from = strchr(units[i].rule, '[');
        assert_non_null(from);
        assert_true(text_starts(units[i].rule, "contributions["));
        json_open(&o, arena_str(a, (struct str){from + 1, strlen(from) - 2}), '{');
        field_write(&unit_table, &units[i], &o);
        json_close(&o);
    }
    json_close(&o);
    json_close(&o);
    const struct json *v = NULL;
    struct err e = {0};
    if (json_parse(a, text_str(&t), &v, &e) != 0)
        fail_msg("%s", e.text);
    text_free(&t);
    return v;
}

static const struct conf_tracker contrib_github = {.name = "github", .url = "https://api.github.com"};

static inline struct decision contrib_decide(const struct contrib_scenario *s, struct arena *a,
                                             const struct conf_bridge *bridge, struct text *asked)
{
    struct event ev = {0};
    struct err e = {0};
    if (field_read(&event_table, scenario_json(a, s->event), a, &ev, &e) != 0)
        fail_msg("%s: %s", s->name, e.text);
    const char *world = arena_fmt(a, "[%s%snull]", s->world ? s->world : "", usual_world);
    const struct json *facts = scenario_json(a, contrib_hide(a, world));
    return scenario_decide_by(s->name, a, bridge, &rule_github_contributions, &ev, facts, asked);
}

static inline void contrib_run(const struct contrib_scenario *s)
{
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct conf_bridge bridge = {
        .name = "contributions", .from = &contrib_github, .own = contrib_options(a, s->option)};
    if (s->option && s->option[0] == '{')
        bridge.to = &scenario_jira;
    struct text asked;
    text_init(&asked, 10000);
    struct decision d = contrib_decide(s, a, &bridge, &asked);
    scenario_compare(s->name, a, scenario_json(a, contrib_hide(a, s->expect)), contrib_result(a, &d));
    if (s->asked && strcmp(s->asked, text_z(&asked)) != 0)
        fail_msg("%s: expected to be asked for\n%s\nnot\n%s", s->name, s->asked, text_z(&asked));
    text_free(&asked);
    arena_free(a);
}

static inline void contrib_run_all(const struct contrib_scenario *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        contrib_run(&v[i]);
}

#endif
