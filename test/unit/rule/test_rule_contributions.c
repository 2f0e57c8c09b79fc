/* Which events of a repository lead to work, what class a pull request is of, and its commit status. */
#include "base/base.h"

#include "contributions.h"

#define DISCARDED(why)   "{'units':[],'verdict':'discarded','why':'" why "'}"
#define WORKED_ON        "{'of':{'status':{'matched':true}}}"
#define STATUS_UNIT(all) "{'of':{'status':{" all "}}}"
#define SETS(state, text, url)                                                                                         \
    "'changes':[{'kind':'commit_status','issue':{'tracker':'github','ref':'openedx/demo#5'},'id':'abc',"               \
    "'name':'openedx/cla','value':'" state "','text':'" text "','url':" url "}]"
#define SETS_GOOD   SETS("success", GOOD_TEXT, "'" CLA_URL "'")
#define SETS_BAD    SETS("failure", BAD_TEXT, "'" CLA_URL "'")
#define CLASS(note) "'notes':['class " note "']"
#define BY(login)   "'creator':'" login "'"
#define ON_ISSUE(members)                                                                                              \
    "{'id':45,'tracker':'github','source':'webhook','target':'issues','action':'labeled'," members "}"
#define EDX(members)                                                                                                   \
    PULL(members ",'project':'edx/demo'")                                                                              \
    GH("statuses", "edx/demo@abc", "'statuses':[]") GH("file", "edx/demo:catalog-info.yaml", "'state':'missing'")
#define ONLY_STATUS(all) "{'of':{'status':{" all "},'labels':null,'comment':null,'board openedx:19':null}}"

static const struct contrib_scenario events[] = {
    {"opened", OPENED, NULL, WORKED_ON, NULL, NULL},
    {"edited", ON("pull_request", "edited"), NULL, WORKED_ON, NULL, NULL},
    {"closed", ON("pull_request", "closed"), NULL, WORKED_ON, NULL, NULL},
    {"pushed to", ON("pull_request", "synchronize"), NULL, WORKED_ON, NULL, NULL},
    {"ready", ON("pull_request", "ready_for_review"), NULL, WORKED_ON, NULL, NULL},
    {"a draft", ON("pull_request", "converted_to_draft"), NULL, WORKED_ON, NULL, NULL},
    {"reopened", ON("pull_request", "reopened"), NULL, WORKED_ON, NULL, NULL},
    {"enqueued", ON("pull_request", "enqueued"), NULL, WORKED_ON, NULL, NULL},
    {"labelled", LABELED, NULL, WORKED_ON, NULL, NULL},
    {"unlabelled", ON("pull_request", "unlabeled"), NULL, WORKED_ON, NULL, NULL},
    {"a review edited", ON("pull_request_review", "edited"), NULL, WORKED_ON, NULL, NULL},
    {"a remark edited", ON("pull_request_review_comment", "edited"), NULL, WORKED_ON, NULL, NULL},
    {"a comment", ON("issue_comment", "created"), NULL, WORKED_ON, NULL, NULL},
    {"a comment deleted", ON("issue_comment", "deleted"), NULL, WORKED_ON, NULL, NULL},
    {"assigned", ON("pull_request", "assigned"), NULL, DISCARDED("pull_request.assigned: not of interest"), "", NULL},
    {"a review", ON("pull_request_review", "submitted"), NULL,
     DISCARDED("pull_request_review.submitted: not of interest"), "", NULL},
    {"a remark", ON("pull_request_review_comment", "created"), NULL,
     DISCARDED("pull_request_review_comment.created: not of interest"), "", NULL},
    {"a push has no action", "{'tracker':'github','source':'webhook','target':'push','issue':{'ref':'openedx/demo'}}",
     NULL, DISCARDED("push: not of interest"), "", NULL},
    {"a ping", "{'tracker':'github','source':'webhook','target':'ping','issue':{'ref':''}}", NULL,
     DISCARDED("ping: the webhook reaches us"), "", NULL},
    {"an event without a name", "{'tracker':'github','source':'webhook'}", NULL,
     DISCARDED("the event: not of interest"), "", NULL},
    {"no number",
     "{'tracker':'github','source':'webhook','target':'pull_request','action':'opened','issue':{'ref':'o/r'}}", NULL,
     DISCARDED("pull_request: it names no pull request"), "", NULL},
    {"an issue", ON_ISSUE("'issue':{'ref':'openedx/demo#5','type':'issue','labels':['bug']}"), NULL,
     DISCARDED("issues: an issue without a label jira:NICK"), "", NULL},
    {"a comment on an issue",
     "{'tracker':'github','source':'webhook','target':'issue_comment','action':'created',"
     "'issue':{'ref':'openedx/demo#5','type':'issue'}}",
     NULL, DISCARDED("issue_comment: an issue without a label jira:NICK"), "", NULL},
    {"an issue that had a label", ON_ISSUE("'issue':{'ref':'openedx/demo#5','type':'issue','labels':['jira:acme']}"),
     PULL("'type':'issue'"), DISCARDED("an issue without a label jira:NICK"), NULL, NULL},
    {"our own comment", ON_BY("issue_comment", "created", "'id':'1','login':'bot'"), NULL,
     DISCARDED("issue_comment.created: a comment of our own"), "whoami:github:", NULL},
    {"our own comment, by name", ON_BY("issue_comment", "edited", "'login':'Bot'"), NULL,
     DISCARDED("issue_comment.edited: a comment of our own"), NULL, NULL},
    {"our name, but another's number", ON_BY("issue_comment", "edited", "'id':'2','login':'bot'"), NULL, WORKED_ON,
     NULL, NULL},
    {"our own label: it comes to nothing by itself", ON_BY("pull_request", "labeled", "'id':'1','login':'bot'"), NULL,
     WORKED_ON, NULL, NULL},
    {"a rescan", "{'tracker':'github','source':'person','target':'pull','issue':{'ref':'openedx/demo#5'}}", NULL,
     WORKED_ON, NULL, NULL},
    {"a rescan of an issue", "{'tracker':'github','source':'clock','target':'pull','issue':{'ref':'openedx/demo#5'}}",
     PULL("'type':'issue'"), DISCARDED("an issue without a label jira:NICK"), NULL, NULL},
    {"gone", OPENED, GH("issue", "openedx/demo#5", "'state':'missing','why':'Not Found'"), DISCARDED("Not Found"), NULL,
     NULL},
    {"gone without words", OPENED, GH("issue", "openedx/demo#5", "'state':'forbidden'"),
     DISCARDED("the pull request is not accessible"), NULL, NULL},
    {"of another tracker", "{'tracker':'jira','target':'pull_request','action':'opened'}", NULL,
     DISCARDED("no rule is for this event"), "", NULL},
};

#define FIRST_ASKED "issue:github:openedx/demo#5 whoami:github:"
static const struct contrib_scenario classes[] = {
    {"bot", OPENED, PULL("'creator_kind':'Bot','creator':'boss'"),
     ONLY_STATUS(
         CLASS("bot: the author is a bot") "," SETS("success", "Bots don`t need contributor agreements", "null")),
     NULL, NULL},
    {"private", OPENED, EDX("'is_private':true"),
     ONLY_STATUS(CLASS("private: a private repository of edx needs no agreement") "," SETS(
         "success", "No contributor agreement is needed in a private repo", "'" CLA_URL "'")),
     NULL, NULL},
    {"private, of an organisation that is not listed", OPENED, PULL("'is_private':true"),
     STATUS_UNIT(CLASS("ospr: the author is not in the people file") "," SETS_BAD), NULL, NULL},
    {"internal", OPENED, PULL(BY("Boss")),
     ONLY_STATUS(CLASS("internal: the author`s institution, Axim, is internal to openedx") "," SETS_GOOD), NULL, NULL},
    {"internal by the second name of the institution", OPENED, PULL(BY("insider")),
     ONLY_STATUS(CLASS("internal: the author`s institution, Inside, is internal to openedx") "," SETS_GOOD), NULL,
     NULL},
    {"internal everywhere, by the old key", OPENED, PULL(BY("vendor")), ONLY_STATUS(SETS_GOOD), NULL, NULL},
    {"internal elsewhere", OPENED, PULL(BY("guest")),
     STATUS_UNIT(CLASS("ospr: the author`s institution, Guest, is not internal to openedx; the author has signed an"
                       " agreement") "," SETS_GOOD),
     NULL, NULL},
    {"of an institution that is not in orgs", OPENED, PULL(BY("former")),
     STATUS_UNIT(CLASS("ospr: the author`s institution, Gone Ltd, is not in orgs; the author has signed an agreement")),
     NULL, NULL},
    {"closed, never labelled: as it was when its author had not left", OPENED, PULL(CLOSED),
     ONLY_STATUS(CLASS("internal: it is closed, and was never given the label open-source-contribution") "," SETS_GOOD),
     NULL, NULL},
    {"merged, never labelled", OPENED, PULL(MERGED), ONLY_STATUS(SETS_GOOD), NULL, NULL},
    {"closed and labelled", OPENED, PULL(CLOSED "," OUTSIDE),
     STATUS_UNIT(CLASS("ospr: the author is not in the people file") "," SETS_BAD), NULL, NULL},
    {"refused", OPENED, EDX(BY("signer")),
     "{'of':{'status':{" CLASS("refused: edx takes no contributions from outside") "," SETS(
         "failure", "No outside contributions", "null") "},'labels':null,'comment':{},'board openedx:19':null}}",
     NULL, NULL},
    {"signed", OPENED, PULL(BY("signer")),
     STATUS_UNIT(CLASS("ospr: the author belongs to no institution and has signed an agreement") "," SETS_GOOD), NULL,
     NULL},
    {"not signed", OPENED, PULL(BY("fresh")),
     STATUS_UNIT(CLASS("ospr: the author belongs to no institution and has signed no agreement") "," SETS_BAD), NULL,
     NULL},
    {"capitals in a login", OPENED, PULL(BY("SIGNER")), STATUS_UNIT(SETS_GOOD), NULL, NULL},
    {"nobody any more", OPENED, PULL("'creator':null"), STATUS_UNIT(SETS_BAD), NULL, NULL},
    {"blended", OPENED, PULL("'summary':'[ BD - 12 ] Thing'"),
     STATUS_UNIT(CLASS("ospr (blended): the author is not in the people file") "," SETS_BAD), NULL, NULL},
    {"an internal one is not blended", OPENED, PULL(BY("boss") ",'summary':'[BD-12] Thing'"),
     ONLY_STATUS(CLASS("internal: the author`s institution, Axim, is internal to openedx")), NULL, NULL},
    {"a bot costs two requests", OPENED, PULL("'creator_kind':'Bot'"), WORKED_ON,
     FIRST_ASKED " | statuses:github:" HEAD, NULL},
    {"a bot that the event shows to be one",
     "{'tracker':'github','source':'webhook','target':'pull_request','action':'opened',"
     "'issue':{'ref':'openedx/demo#5','project':'openedx/demo','creator_kind':'Bot'}}",
     PULL("'creator_kind':'Bot'"), WORKED_ON, "issue:github:openedx/demo#5 | statuses:github:" HEAD, NULL},
    {"one from outside costs six and what its board needs", OPENED, NULL, WORKED_ON,
     FIRST_ASKED " | file:github:openedx/demo:catalog-info.yaml comments:github:openedx/demo#5 statuses:github:" HEAD
                 " board_items:github:openedx/demo#5 | board:github:openedx:19",
     NULL},
};

#define KEEPS "'changes':[]"
static const struct contrib_scenario statuses[] = {
    {"as it should be", OPENED, STATUSES(STATUS_BAD), STATUS_UNIT(KEEPS), NULL, NULL},
    {"the newest counts", OPENED, STATUSES(STATUS_GOOD "," STATUS_BAD), STATUS_UNIT(SETS_BAD), NULL, NULL},
    {"another context does not", OPENED, STATUSES("{'context':'ci','state':'success'}," STATUS_BAD), STATUS_UNIT(KEEPS),
     NULL, NULL},
    {"another state", OPENED, STATUSES(STATUS("success", BAD_TEXT, "'" CLA_URL "'")), STATUS_UNIT(SETS_BAD), NULL,
     NULL},
    {"another description", OPENED, STATUSES(STATUS("failure", "Old words", "'" CLA_URL "'")), STATUS_UNIT(SETS_BAD),
     NULL, NULL},
    {"another address", OPENED, STATUSES(STATUS("failure", BAD_TEXT, "null")), STATUS_UNIT(SETS_BAD), NULL, NULL},
    {"no address is no address", OPENED,
     PULL("'creator_kind':'Bot'") STATUSES(STATUS("success", "Bots don`t need contributor agreements", "null")),
     STATUS_UNIT(KEEPS), NULL, NULL},
    {"an empty one is none", OPENED,
     PULL("'creator_kind':'Bot'") STATUSES(STATUS("success", "Bots don`t need contributor agreements", "''")),
     STATUS_UNIT(KEEPS), NULL, NULL},
    {"signed by now", OPENED, PULL(BY("signer")) STATUSES(STATUS_BAD), STATUS_UNIT(SETS_GOOD), NULL, NULL},
    {"signed after it was closed", ON("issue_comment", "created"),
     PULL(CLOSED "," OUTSIDE "," BY("signer")) STATUSES(STATUS_BAD), STATUS_UNIT(SETS_GOOD), NULL, NULL},
    {"closing is no agreement", ON("pull_request", "closed"), PULL(CLOSED) STATUSES(STATUS_BAD),
     STATUS_UNIT(KEEPS ",'notes':['class internal: it is closed, and was never given the label"
                       " open-source-contribution','its status stays: that it was closed is no agreement']"),
     NULL, NULL},
    {"nor for one that was refused", ON("pull_request", "closed"),
     GH("statuses", "edx/demo@abc", "'statuses':[" STATUS("failure", "No outside contributions", "null") "]")
         EDX(CLOSED),
     STATUS_UNIT(KEEPS), NULL, NULL},
    {"nor is merging", ON("pull_request", "closed"), PULL(MERGED) STATUSES(STATUS("pending", "", "null")),
     STATUS_UNIT(KEEPS), NULL, NULL},
    {"closed with an older success before the failure", ON("pull_request", "closed"),
     PULL(CLOSED) STATUSES(STATUS_BAD "," STATUS_GOOD), STATUS_UNIT(KEEPS), NULL, NULL},
    {"no head", OPENED, PULL("'pull':{'head':null}"),
     STATUS_UNIT(KEEPS ",'notes':['class ospr: the author is not in the people file',"
                       "'no status: the commit at its tip is not known']"),
     NULL, NULL},
    {"a commit that is gone", OPENED, GH("statuses", HEAD, "'state':'missing'"),
     STATUS_UNIT(KEEPS ",'notes':['class ospr: the author is not in the people file',"
                       "'no status: commit abc is not there']"),
     NULL, NULL},
    {"nothing to do at all", OPENED, PULL(BY("boss")) STATUSES(STATUS_GOOD),
     "{'verdict':'unchanged','why':'class internal: the author`s institution, Axim, is internal to openedx'}", NULL,
     NULL},
};

static const struct {
    const char *title;
    bool is_draft, is_blended;
} titles[] = {
    {NULL, false, false},       {"", false, false},          {"WIP", true, false},         {"WIP: x", true, false},
    {"[wip] x", true, false},   {"x (WIP)", true, false},    {"Wip x", false, false},      {"WIPE x", false, false},
    {"rewip", false, false},    {"x_WIP", false, false},     {"éWIP", false, false},       {"swip wip", true, false},
    {"[BD-12]", false, true},   {"x [BD-1] y", false, true}, {"[ BD - 12 ]", false, true}, {"[bd-12]", false, false},
    {"[BD-]", false, false},    {"[BD-1x]", false, false},   {"BD-12", false, false},      {"[BD 12]", false, false},
    {"[x[BD-12]", false, true}, {"[BD-12] WIP", true, true}, {"[BD-12", false, false},     {"[[[[", false, false},
    {"[XBD-12]", false, false}, {"[BD--12]", false, false},
};

static void test_events(void **state)
{
    (void)state;
    contrib_run_all(events, COUNT(events));
}

static void test_classes(void **state)
{
    (void)state;
    contrib_run_all(classes, COUNT(classes));
}

static void test_statuses(void **state)
{
    (void)state;
    contrib_run_all(statuses, COUNT(statuses));
}

static void test_titles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(titles); i++) {
        if (contrib_title_draft(titles[i].title) != titles[i].is_draft)
            fail_msg("%s: draft?", titles[i].title);
        if (contrib_title_blended(titles[i].title) != titles[i].is_blended)
            fail_msg("%s: blended?", titles[i].title);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_events), cmocka_unit_test(test_classes),
                                       cmocka_unit_test(test_statuses), cmocka_unit_test(test_titles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
