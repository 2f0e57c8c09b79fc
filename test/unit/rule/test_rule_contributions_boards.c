/* Labels of contributions from outside, catalog-info.yaml, and the boards that they are put on. */
#include "base/base.h"

#include "contributions.h"

#define LABELS(list)       PULL("'labels':[" list "]")
#define LABEL_UNIT(all)    "{'of':{'labels':{" all "}}}"
#define LABELLED(add, rem) LABEL_UNIT("'changes':[{'kind':'labels','add':[" add "],'remove':[" rem "]}]")
#define NO_LABELS          LABEL_UNIT("'changes':[]")
#define BLENDED            "'summary':'[BD-12] Thing'"
#define EVERY_LABEL        "'open-source-contribution','waiting on author','Needs Test Run','inactive','theirs'"

static const struct contrib_scenario labels[] = {
    {"none yet", OPENED, LABELS("'theirs'"), LABELLED("'open-source-contribution'", ""), NULL, NULL},
    {"there", OPENED, LABELS("'theirs','open-source-contribution'"), NO_LABELS, NULL, NULL},
    {"there in other letters", OPENED, LABELS("'Open-Source-Contribution'"), NO_LABELS, NULL, NULL},
    {"blended", OPENED, PULL(BLENDED ",'labels':['open-source-contribution']"),
     LABELLED("'blended'", "'open-source-contribution'"), NULL, NULL},
    {"blended no more", OPENED, LABELS("'Blended'"), LABELLED("'open-source-contribution'", "'Blended'"), NULL, NULL},
    {"a core contributor", OPENED, PULL("'creator':'core'"),
     LABELLED("'open-source-contribution','core contributor'", ""), NULL, NULL},
    {"a core contributor's, there", OPENED,
     PULL("'creator':'core','labels':['Core Contributor','open-source-contribution']"), NO_LABELS, NULL, NULL},
    {"set by hand: it stays", OPENED, LABELS("'core contributor','open-source-contribution'"), NO_LABELS, NULL, NULL},
    {"open: none is taken off", OPENED, LABELS(EVERY_LABEL), NO_LABELS, NULL, NULL},
    {"closed", ON("pull_request", "closed"), PULL(CLOSED ",'labels':[" EVERY_LABEL "]"),
     LABELLED("", "'waiting on author','Needs Test Run'"), NULL, NULL},
    {"merged", ON("pull_request", "closed"), PULL(MERGED ",'labels':[" EVERY_LABEL "]"),
     LABELLED("", "'waiting on author','Needs Test Run','inactive'"), NULL, NULL},
    {"internal: none of our business", OPENED, PULL("'creator':'boss','labels':['blended']"),
     "{'of':{'labels':null,'comment':null,'board openedx:19':null}}", NULL, NULL},
};

#define BOARD_UNIT(name, all) "{'of':{'board " name "':{" all "}}}"
#define ADDS(name)                                                                                                     \
    "{'kind':'board_add','issue':{'ref':'openedx/demo#5'},'id':'PVT_" name "','content':'PR_5','name':'" name "'}"
#define SET(field, kind_, text_, other_)                                                                               \
    "{'kind':'board_field','issue':{'ref':'openedx/demo#5'},'id':'PVT_openedx:19','name':'" field                      \
    "','other':{'tracker':'github'" other_ "},'fields':[{'field':'F_" field "','kind':'" kind_ "','text':'" text_      \
    "'}]}"
#define SET_DAY(field, day, other_) SET(field, "date", day, other_)
#define SET_OWNER(owner, other_)    SET("Repo Owner / Owning Team", "text", owner, other_)
#define MADE                        ",'ref':null"
#define THERE                       ",'ref':'PVTI_1'"
#define VALUE(field, value)         "{'field':'" field "','value':'" value "'}"
#define ITEM(values)                ITEMS("{'id':'PVTI_1','board':'OpenEdx:19','values':[" values "]}")
#define OPENED_VALUE                VALUE("Date opened", "2026-08-01")
#define OWNED(owner)                CATALOG("spec:\\n  owner: " owner "\\n")
#define ANNOTATED(boards)           CATALOG("metadata:\\n  annotations:\\n    openedx.org/add-to-projects: " boards "\\n")
#define PERSON(rest)                GH("person", "ann", rest)

static const struct contrib_scenario boards[] = {
    {"put on it, with its fields", OPENED, OWNED("group:team-x"),
     BOARD_UNIT("openedx:19", "'changes':[" ADDS("openedx:19") "," SET_DAY(
                                  "Date opened", "2026-08-01", MADE) "," SET_OWNER("openedx/team-x", MADE) "]"),
     NULL, NULL},
    {"nothing to write: the board is not read", OPENED, ITEM(OPENED_VALUE),
     BOARD_UNIT("openedx:19", "'changes':[],'notes':[]"),
     "issue:github:openedx/demo#5 whoami:github: | file:github:openedx/demo:catalog-info.yaml"
     " comments:github:openedx/demo#5 statuses:github:" HEAD " board_items:github:openedx/demo#5",
     NULL},
    {"a day is a day", OPENED, ITEM(VALUE("Date opened", "2026-08-01T10:00:00Z")),
     BOARD_UNIT("openedx:19", "'changes':[]"), NULL, NULL},
    {"another value", OPENED, ITEM(VALUE("Date opened", "2026-07-31")),
     BOARD_UNIT("openedx:19", "'changes':[" SET_DAY("Date opened", "2026-08-01", THERE) "]"), NULL, NULL},
    {"an owner as it is", OPENED, OWNED("team-y") ITEM(OPENED_VALUE),
     BOARD_UNIT("openedx:19", "'changes':[" SET_OWNER("team-y", THERE) "]"), NULL, NULL},
    {"a person owns it", OPENED, OWNED("user:ann") ITEM(OPENED_VALUE) PERSON("'people':[{'login':'ann','name':'Ann'}]"),
     BOARD_UNIT("openedx:19", "'changes':[" SET_OWNER("Ann (@ann)", THERE) "]"), NULL, NULL},
    {"a person without a name", OPENED, OWNED("user:ann") ITEM(OPENED_VALUE) PERSON("'people':[{'login':'ann'}]"),
     BOARD_UNIT("openedx:19", "'changes':[" SET_OWNER("@ann", THERE) "]"), NULL, NULL},
    {"a person whom nobody knows", OPENED, OWNED("user:ann") ITEM(OPENED_VALUE) PERSON("'state':'missing'"),
     BOARD_UNIT("openedx:19", "'changes':[],'notes':['the owner, @ann, is not known to the tracker']"), NULL, NULL},
    {"closed", ON("pull_request", "closed"), PULL(CLOSED "," OUTSIDE) OWNED("team-y") ITEM(""),
     BOARD_UNIT("openedx:19", "'changes':[" SET_DAY("Date merged/closed", "2026-08-03", THERE) "]"), NULL, NULL},
    {"merged", ON("pull_request", "closed"), PULL(MERGED "," OUTSIDE) ITEM(""),
     BOARD_UNIT("openedx:19", "'changes':[" SET_DAY("Date merged/closed", "2026-08-02", THERE) "]"), NULL, NULL},
    {"merged, nobody says when", ON("pull_request", "closed"), PULL("'status':'merged'," OUTSIDE) ITEM(""),
     BOARD_UNIT("openedx:19", "'changes':[],'notes':['board openedx:19: no day for the field Date merged/closed']"),
     NULL, NULL},
    {"reopened", ON("pull_request", "reopened"), ITEM(""), BOARD_UNIT("openedx:19", "'changes':[],'notes':[]"), NULL,
     NULL},
    {"reopened, and closed again since", ON("pull_request", "reopened"), PULL(CLOSED "," OUTSIDE) ITEM(""),
     BOARD_UNIT("openedx:19", "'changes':[{'kind':'board_field'}]"), NULL, NULL},
    {"no such field", OPENED, ITEM("") BOARD("openedx:19", ""),
     BOARD_UNIT("openedx:19", "'changes':[],'notes':['board openedx:19 has no field Date opened']"), NULL, NULL},
    {"a field of another type", OPENED, ITEM("") BOARD("openedx:19", FIELD_OF("Date opened", "SINGLE_SELECT")),
     BOARD_UNIT("openedx:19", "'changes':[],'notes':['board openedx:19: the field Date opened is of type"
                              " SINGLE_SELECT']"),
     NULL, NULL},
    {"a day as a text", OPENED, ITEM("") BOARD("openedx:19", FIELD_OF("Date opened", "TEXT")),
     BOARD_UNIT("openedx:19", "'changes':[" SET("Date opened", "text", "2026-08-01", THERE) "]"), NULL, NULL},
    {"a board that is not there", OPENED, GH("board", "openedx:19", "'state':'missing','why':'Could not resolve'"),
     BOARD_UNIT("openedx:19", "'changes':[],'notes':['board openedx:19 is not there for us: Could not resolve']"), NULL,
     NULL},
    {"places that cannot be had now: only the board waits", OPENED,
     GH("board_items", "openedx/demo#5", "'state':'failed','class':'transient','why':'HTTP 503'"),
     "{'of':{'board openedx:19':{'fails':'transient','reason':'HTTP "
     "503','changes':[]},'labels':{'changes':[{'kind':'labels'}]}}}",
     NULL, NULL},
    {"an owner who cannot be asked for now", OPENED,
     OWNED("user:ann") ITEM(OPENED_VALUE) PERSON("'state':'failed','class':'limited','why':'HTTP 429'"),
     BOARD_UNIT("openedx:19", "'fails':'limited','reason':'HTTP 429'"), NULL, NULL},
    {"places that cannot be read", OPENED, GH("board_items", "openedx/demo#5", "'state':'forbidden'"),
     BOARD_UNIT("openedx:19", "'changes':[],'notes':['board openedx:19: the places on boards cannot be read']"), NULL,
     NULL},
    {"blended: its own board, without fields", OPENED, PULL(BLENDED) BOARD("edx:9", OSPR_FIELDS),
     "{'of':{'board edx:9':{'changes':[" ADDS("edx:9") "]},'board openedx:19':null}}", NULL, NULL},
    {"the repository's own boards", OPENED,
     ANNOTATED("openedx:23 , openedx:19,,edx:9") BOARD("openedx:23", OSPR_FIELDS),
     "{'units':[{},{},{},{},{},{}],'of':{'board openedx:23':{'changes':[" ADDS(
         "openedx:23") "]},'board edx:9':{'changes':[" ADDS("edx:9") "]},"
                                                                     "'board openedx:19':{}}}",
     NULL, NULL},
    {"not of a draft", OPENED, PULL("'pull':{'head':'abc','is_draft':true}") ANNOTATED("openedx:23"),
     "{'of':{'board openedx:19':{},'board openedx:23':null}}", NULL, NULL},
    {"not of one that says so in its title", OPENED, PULL("'summary':'WIP thing'") ANNOTATED("openedx:23"),
     "{'of':{'board openedx:23':null}}", NULL, NULL},
    {"names that are none", OPENED, ANNOTATED("openedx, :3, a:b"),
     "{'of':{'board openedx:19':{},'board':{'changes':[],'notes':["
     "'catalog-info.yaml: \\\"openedx\\\" is no board, ORG:NUMBER',"
     "'catalog-info.yaml: \\\":3\\\" is no board, ORG:NUMBER',"
     "'catalog-info.yaml: \\\"a:b\\\" is no board, ORG:NUMBER']}}}",
     NULL, NULL},
    {"no boards configured: the rest is done all the same", OPENED, NULL,
     "{'of':{'status':{'changes':[{}]},'labels':{'changes':[{}]},'comment':{'changes':[{}]},'board openedx:19':null}}",
     NULL, "no boards"},
    {"no boards configured, but the repository has one", OPENED, ANNOTATED("openedx:23"),
     "{'of':{'board openedx:23':{'changes':[" ADDS("openedx:23") "]}}}", NULL, "no boards"},
};

#define GREETS(text, upkeep, note_)                                                                                    \
    "{'of':{'status':{'notes':['class ospr: the author is not in the people file'" note_ "],'changes':[{}]},"          \
    "'comment':{'changes':[{'text':'<!-- comment:external_pr -->\\n<!-- comment:no_cla -->\\nHello @tania." text       \
    " Sign at https://agreement.example.<<facts{'first_time':false,'owner':null,'upkeep':'" upkeep                     \
    "'}>>'}]},'board openedx:19':{'changes':[{},{}]}}}"

static const struct contrib_scenario catalogs[] = {
    {"none", OPENED, NULL, GREETS(" None.", "none", ""), NULL, NULL},
    {"empty", OPENED, CATALOG(""), GREETS(" None.", "none", ""), NULL, NULL},
    {"without spec", OPENED, CATALOG("kind: Component\\n"), GREETS(" None.", "none", ""), NULL, NULL},
    {"without lifecycle", OPENED, CATALOG("spec: {type: x}\\n"), GREETS(" None.", "none", ""), NULL, NULL},
    {"production, without an owner", OPENED, CATALOG("spec: {lifecycle: production}\\n"), GREETS(" New.", "new", ""),
     NULL, NULL},
    {"experimental, without an owner", OPENED, CATALOG("spec: {lifecycle: experimental, owner: }\\n"),
     GREETS(" None.", "none", ""), NULL, NULL},
    {"spec is a list", OPENED, CATALOG("spec: [1]\\nmetadata: x\\n"), GREETS(" None.", "none", ""), NULL, NULL},
    {"owner is a map", OPENED, CATALOG("spec: {owner: {a: b}}\\n"), GREETS(" None.", "none", ""), NULL, NULL},
    {"an owner without a name", OPENED, CATALOG("spec: {owner: `group:`}\\n"), GREETS(" None.", "none", ""), NULL,
     NULL},
    {"not YAML", OPENED, CATALOG("spec: [\\n"),
     GREETS(" None.", "none",
            ",'catalog-info.yaml:2:1: not valid YAML: did not find expected node content, while parsing a"
            " flow node from line 2 on'"),
     NULL, NULL},
    {"no map", OPENED, CATALOG("just words\\n"), GREETS(" None.", "none", ",'catalog-info.yaml: it cannot be read'"),
     NULL, NULL},
};
static const struct contrib_scenario owners[] = {
    {"another kind of owner", OPENED, OWNED("users:x"),
     "{'of':{'board openedx:19':{'changes':[{},{},{'fields':[{'text':'users:x'}]}]}}}", NULL, NULL},
    {"a list of colons", OPENED, OWNED("a:b:c"),
     "{'of':{'status':{'notes':['class ospr: the author is not in the people file','catalog-info.yaml: the owner"
     " \\\"a:b:c\\\" is neither a group nor a user']},'comment':{'changes':[{}]},'board openedx:19':{'changes':[{},{},"
     "{'fields':[{'text':'a:b:c'}]}]}}}",
     NULL, NULL},
};

#define SYNC_BY(source)                                                                                                \
    "{'id':45,'tracker':'github','source':'" source "','target':'labels','action':'sync','routing':'labels.sync',"     \
    "'issue':{'ref':'openedx/demo'}}"
#define SYNC           SYNC_BY("person")
#define COLORS(list)   GH("palette", "openedx/demo", "'labels':[" list "]")
#define L(name, rest)  "{'name':'" name "'" rest "}"
#define SYNCED(list)   "{'of':{'label sync':{'changes':[" list "]}}}"
#define SETS(id, rest) "{'kind':'label_set','issue':{'tracker':'github','ref':'openedx/demo'},'id':" id "," rest "}"
#define AS_THEY_SHALL                                                                                                  \
    L("Needs Test Run", ",'color':'FFFFFF','description':'Theirs'")                                                    \
    "," L("any", ",'color':'123456'") "," L("plain", ",'color':'123456'") "," L("theirs", ",'color':'654321'")

static const struct contrib_scenario palettes[] = {
    {"all is there", SYNC, COLORS(L("bug", ",'color':'d73a4a','description':'Broken'") "," AS_THEY_SHALL), SYNCED(""),
     "palette:github:openedx/demo", "labels file"},
    {"none is there", SYNC, COLORS(""),
     SYNCED(SETS("null", "'name':'bug','value':'d73a4a','text':'Broken'") "," SETS(
         "null",
         "'name':'Needs Test "
         "Run','value':'ffffff','"
         "text':null") "," SETS("null", "'name':'any','value':null") "," SETS("null", "'name':'plain','text':''")),
     NULL, "labels file"},
    {"another color", SYNC, COLORS(L("bug", ",'color':'000000','description':'Broken'") "," AS_THEY_SHALL),
     SYNCED(SETS("'bug'", "'name':'bug','value':'d73a4a','text':null")), NULL, "labels file"},
    {"another description", SYNC, COLORS(L("bug", ",'color':'d73a4a'") "," AS_THEY_SHALL),
     SYNCED(SETS("'bug'", "'name':'bug','value':null,'text':'Broken'")), NULL, "labels file"},
    {"another spelling", SYNC, COLORS(L("BUG", ",'color':'d73a4a','description':'Broken'") "," AS_THEY_SHALL),
     SYNCED(SETS("'BUG'", "'name':'bug','value':null,'text':null")), NULL, "labels file"},
    {"one that shall not be", SYNC,
     COLORS(L("bug", ",'color':'d73a4a','description':'Broken'") "," L("WIP", "") "," AS_THEY_SHALL),
     SYNCED("{'kind':'label_delete','issue':{'tracker':'github','ref':'openedx/demo'},'id':'WIP'}"), NULL,
     "labels file"},
    {"no such repository", SYNC, GH("palette", "openedx/demo", "'state':'missing','why':'Not Found'"),
     "{'verdict':'discarded','why':'Not Found'}", NULL, "labels file"},
    {"no file", SYNC, "", "{'verdict':'discarded','why':'the bridge has no labels_file'}", "", NULL},
    {"not by a webhook", SYNC_BY("webhook"), "",
     "{'verdict':'discarded','why':'labels.sync: not of interest','of':{'label sync':null}}", "", "labels file"},
};

static void test_palettes(void **state)
{
    (void)state;
    contrib_run_all(palettes, COUNT(palettes));
}

static void test_labels(void **state)
{
    (void)state;
    contrib_run_all(labels, COUNT(labels));
}

static void test_boards(void **state)
{
    (void)state;
    contrib_run_all(boards, COUNT(boards));
}

static void test_catalogs(void **state)
{
    (void)state;
    contrib_run_all(catalogs, COUNT(catalogs));
    contrib_run_all(owners, COUNT(owners));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_labels), cmocka_unit_test(test_palettes),
                                       cmocka_unit_test(test_boards), cmocka_unit_test(test_catalogs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
