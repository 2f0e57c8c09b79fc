/* The first comment, what makes it be written again, and the survey. */
#include "base/base.h"

#include "contributions.h"

#define COMMENT(all) "{'of':{'comment':{" all "}}}"
#define NOTHING      COMMENT("'changes':[],'notes':[]")
#define NO_UNIT      "{'of':{'comment':null}}"
#define M(mark)      "<!-- comment:" mark " -->\\n"
#define WELCOME      M("external_pr")
#define NO_CLA       M("no_cla")
#define DRAFT        M("end_of_wip")
#define BLENDED_MARK M("welcome-blended")
#define CLOSED_MARKS WELCOME M("welcome_closed") M("no_survey_needed")
#define ISLAND(rest) "{\\\"draft\\\":" rest "}"
#define FACTS(all)   "<<facts{" all "}>>"
#define USUAL        FACTS("'first_time':false,'owner':null,'upkeep':'none'")
#define WRITES(t, d)                                                                                                   \
    COMMENT("'changes':[{'kind':'comment','issue':{'tracker':'github','ref':'openedx/demo#5'},'text':'" t              \
            "','data':'" d "','marker':'github:openedx/demo#5/first','id':null}]")
#define EDITS(id, t, d, why)                                                                                           \
    COMMENT("'changes':[{'kind':'edit_comment','id':'" id "','text':'" t "','data':'" d "','marker':null}],"           \
            "'notes':['the first comment is written again: " why "']")
#define KINDS_CHANGED "what it has to tell has changed"
#define SIGNED        "'creator':'signer'"
#define IS_DRAFT      "'pull':{'head':'abc','is_draft':true}"
#define SIGN          " Sign at https://agreement.example."

static const struct contrib_scenario first[] = {
    {"welcome", OPENED, NULL, WRITES(WELCOME NO_CLA "Hello @tania. None." SIGN USUAL, ISLAND("false")), NULL, NULL},
    {"welcome, signed", OPENED, PULL(SIGNED), WRITES(WELCOME "Hello @signer. None." USUAL, ISLAND("false")), NULL,
     NULL},
    {"welcome, and the catalog cannot be read: to be corrected once it can", OPENED, PULL(SIGNED) CATALOG("{"),
     WRITES(WELCOME "Hello @signer. None." USUAL, ISLAND("false")), NULL, NULL},
    {"welcome, a draft", OPENED, PULL(SIGNED "," IS_DRAFT),
     WRITES(WELCOME DRAFT "Hello @signer. None. A draft." USUAL, ISLAND("true")), NULL, NULL},
    {"welcome, a draft by its title", OPENED, PULL(SIGNED ",'summary':'wip: x'"),
     WRITES(WELCOME DRAFT "Hello @signer. None. A draft." USUAL, ISLAND("true")), NULL, NULL},
    {"welcome, the first time", OPENED, PULL(SIGNED ",'pull':{'head':'abc','association':'FIRST_TIMER'}"),
     WRITES(WELCOME "Hello @signer. None. Your first." FACTS("'first_time':true,'owner':null,'upkeep':'none'"),
            ISLAND("false")),
     NULL, NULL},
    {"welcome, owned", OPENED, PULL(SIGNED) CATALOG("spec: {owner: `group:x`}\\n"),
     WRITES(WELCOME "Hello @signer. Owner \\u0060openedx/x\\u0060." FACTS(
                "'first_time':false,'owner':'openedx/x','upkeep':'maintained'"),
            ISLAND("false")),
     NULL, NULL},
    {"welcome, owned by a strange name", OPENED, PULL(SIGNED) CATALOG("spec: {owner: a\\u0060b}\\n"),
     COMMENT("'changes':[{'text':'" WELCOME "Hello @signer. Owner \\u0060a`b\\u0060." FACTS(
         "'first_time':false,'owner':'a`b','upkeep':'maintained'") "'}]"),
     NULL, NULL},
    {"closed and never greeted, a draft and a first one", ON("pull_request", "closed"),
     PULL("'pull':{'head':'abc','is_draft':true,'association':'FIRST_TIMER'}," CLOSED "," OUTSIDE),
     WRITES(CLOSED_MARKS "Over closed.", ISLAND("true")), NULL, NULL},
    {"blended and a first one", OPENED, PULL("'summary':'[BD-1] x','pull':{'head':'abc','association':'FIRST_TIMER'}"),
     WRITES(BLENDED_MARK "Blended.", ISLAND("false")), NULL, NULL},
    {"closed and never greeted", ON("pull_request", "closed"), PULL(CLOSED "," OUTSIDE),
     WRITES(CLOSED_MARKS "Over closed.", ISLAND("false")), NULL, NULL},
    {"merged and never greeted", ON("pull_request", "closed"), PULL(MERGED "," OUTSIDE),
     WRITES(CLOSED_MARKS "Over merged.", ISLAND("false")), NULL, NULL},
    {"blended: no word of the agreement", OPENED, PULL("'summary':'[BD-1] x'"),
     WRITES(BLENDED_MARK "Blended.", ISLAND("false")), NULL, NULL},
    {"blended, a draft", OPENED, PULL("'summary':'[BD-1] x'," IS_DRAFT),
     WRITES(BLENDED_MARK DRAFT "Blended. A draft.", ISLAND("true")), NULL, NULL},
    {"refused", OPENED, PULL("'project':'edx/demo'") GH("statuses", "edx/demo@abc", "'statuses':[]"),
     WRITES(M("no-contributions") "No.", ISLAND("false")), NULL, NULL},
    {"refused, and blended by its title", OPENED,
     PULL("'project':'edx/demo','summary':'[BD-1] x'") GH("statuses", "edx/demo@abc", "'statuses':[]"),
     WRITES(M("no-contributions") "No.", ISLAND("false")), NULL, NULL},
    {"refused, closed", OPENED,
     PULL("'project':'edx/demo'," CLOSED "," OUTSIDE) GH("statuses", "edx/demo@abc", "'statuses':[]"), NO_UNIT, NULL,
     NULL},
    {"internal", OPENED, PULL("'creator':'boss'"), NO_UNIT, NULL, NULL},
    {"a bot", OPENED, PULL("'creator_kind':'Bot'"), NO_UNIT, NULL, NULL},
    {"others may bear our marks: they are not ours", OPENED,
     PULL(SIGNED) SAID("{'id':'1','author':'mallory','text':'" WELCOME "'}"),
     WRITES(WELCOME "Hello @signer. None." USUAL, ISLAND("false")), NULL, NULL},
    {"a comment about a Jira is not the first one", OPENED,
     PULL(SIGNED) SAID(BY_OLD("1", "Made.<<{'jira_issues':[{'nick':'acme','key':'A-1'}]}>>")),
     WRITES(WELCOME "Hello @signer. None." USUAL, ISLAND("false")), NULL, NULL},
    {"nor is one that told of a missing Jira", OPENED,
     PULL(SIGNED) SAID(BY_OLD("1", M("no-jira-server") "No.<<{'jira_errors':['acme']}>>")),
     WRITES(WELCOME "Hello @signer. None." USUAL, ISLAND("false")), NULL, NULL},
    {"nobody knows who we are", OPENED, GH("whoami", "", "'state':'forbidden'"),
     COMMENT("'changes':[],'notes':['no comment: which of those that are there are ours cannot be read']"), NULL, NULL},
    {"comments that cannot be read", OPENED,
     "{'key':{'kind':'comments','tracker':'github','ref':'openedx/demo#5','by':'bot,oldbot'},'state':'missing'},",
     COMMENT("'changes':[],'notes':['no comment: which of those that are there are ours cannot be read']"), NULL, NULL},
};

#define OLD(text)   PULL(SIGNED) SAID(BY_OLD("7", text))
#define OLD_WELCOME WELCOME "Old words.<<{'draft': false}>>"
#define TOLD(facts) PULL(SIGNED) SAID(BY_US("8", WELCOME "x" facts "<<{'draft':false}>>"))

static const struct contrib_scenario again[] = {
    {"the old bot's: it stays", OPENED, OLD(OLD_WELCOME), NOTHING, NULL, NULL},
    {"our words have changed: it stays", OPENED, OLD(OLD_WELCOME), NOTHING, NULL, "other words"},
    {"ours: it stays", OPENED, TOLD(USUAL), NOTHING, NULL, NULL},
    {"the old bot's, an owner by now: it cannot tell", OPENED, OLD(OLD_WELCOME) CATALOG("spec: {owner: x}\\n"), NOTHING,
     NULL, NULL},
    {"ours, an owner by now", OPENED, TOLD(USUAL) CATALOG("spec: {owner: x}\\n"),
     EDITS("8",
           WELCOME
           "Hello @signer. Owner \\u0060x\\u0060." FACTS("'first_time':false,'owner':'x','upkeep':'maintained'"),
           ISLAND("false"), "the repository`s owner has changed"),
     NULL, NULL},
    {"ours, in production by now", OPENED, TOLD(USUAL) CATALOG("spec: {lifecycle: production}\\n"),
     COMMENT("'changes':[{'kind':'edit_comment'}]"), NULL, NULL},
    {"ours, and the catalog cannot be read: it stays", OPENED,
     TOLD(FACTS("'owner':'x','upkeep':'maintained'")) CATALOG("{"), COMMENT("'changes':[]"), NULL, NULL},
    {"ours, no longer the first time", OPENED, TOLD(FACTS("'first_time':true")),
     COMMENT("'changes':[{'kind':'edit_comment'}],'notes':['the first comment is written again: the author is known by"
             " now']"),
     NULL, NULL},
    {"a draft by now", ON("pull_request", "converted_to_draft"),
     PULL(SIGNED "," IS_DRAFT) SAID(BY_OLD("7", OLD_WELCOME)),
     EDITS("7", WELCOME DRAFT "Hello @signer. None. A draft." USUAL, ISLAND("true"), KINDS_CHANGED), NULL, NULL},
    {"no draft any more", ON("pull_request", "ready_for_review"), OLD(WELCOME DRAFT "x<<{'draft': true}>>"),
     EDITS("7", WELCOME "Hello @signer. None." USUAL, ISLAND("false"), KINDS_CHANGED), NULL, NULL},
    {"no draft any more, of one that is refused", OPENED,
     PULL("'project':'edx/demo'") GH("statuses", "edx/demo@abc", "'statuses':[]")
         SAID(BY_OLD("7", M("no-contributions") "x<<{'draft': true}>>")),
     EDITS("7", M("no-contributions") "No.", ISLAND("false"), "it is no draft any more"), NULL, NULL},
    {"signed by now", ON("issue_comment", "created"), OLD(WELCOME NO_CLA "x<<{'draft': false}>>"),
     EDITS("7", WELCOME "Hello @signer. None." USUAL, ISLAND("false"), KINDS_CHANGED), NULL, NULL},
    {"signed no more", OPENED, SAID(BY_OLD("7", OLD_WELCOME)),
     EDITS("7", WELCOME NO_CLA "Hello @tania. None." SIGN USUAL, ISLAND("false"), KINDS_CHANGED), NULL, NULL},
    {"blended by now", ON("pull_request", "edited"), PULL("'summary':'[BD-1] x'") SAID(BY_OLD("7", OLD_WELCOME)),
     EDITS("7", BLENDED_MARK "Blended.", ISLAND("false"), KINDS_CHANGED), NULL, NULL},
    {"known by its phrase, from before there were marks", OPENED,
     OLD("Feel free to add as much of the following information to the ticket."), NOTHING, NULL, NULL},
    {"both phrases", OPENED,
     SAID(BY_OLD("7", "Feel free to add as much of the following information to the ticket. "
                      "We can`t start reviewing your pull request until you`ve submitted")),
     NOTHING, NULL, NULL},
    {"data that cannot be read count as none", OPENED, OLD(WELCOME "x\\n<!-- data: !!!! -->\\n"), NOTHING, NULL, NULL},
    {"data that are no object", OPENED, OLD(WELCOME "x<<[1]>>"), NOTHING, NULL, NULL},
    {"known by the marker that we left, its text is a person`s by now", OPENED,
     PULL(SIGNED) SAID("{'id':'8','author':'bot','text':'gone','marker':'github:openedx/demo#5/first'}"),
     EDITS("8", WELCOME "Hello @signer. None." USUAL, ISLAND("false"), KINDS_CHANGED), NULL, NULL},
    {"the first with such a mark, not the first of all", OPENED,
     PULL(SIGNED "," IS_DRAFT) SAID(BY_OLD("1", "hi") "," BY_OLD("2", "x<<{'jira_issues':[]}>>") "," BY_OLD(
         "3", OLD_WELCOME) "," BY_US("4", WELCOME)),
     COMMENT("'changes':[{'kind':'edit_comment','id':'3'}]"), NULL, NULL},
    {"closed: nothing is touched", ON("pull_request", "closed"),
     PULL(CLOSED "," OUTSIDE) SAID(BY_OLD("7", OLD_WELCOME)), NOTHING, NULL, NULL},
    {"closed, and told of a missing Jira: nothing", ON("pull_request", "closed"),
     PULL(CLOSED "," OUTSIDE) SAID(BY_OLD("7", M("no-jira-mapping"))), NOTHING, NULL, NULL},
    {"closed, and only an issue in a Jira told of", ON("pull_request", "closed"),
     PULL(CLOSED "," OUTSIDE) SAID(BY_OLD("7", "x<<{'jira_issues':[]}>>")), COMMENT("'changes':[{'kind':'comment'}]"),
     NULL, NULL},
    {"opened again after it was greeted as closed", ON("pull_request", "reopened"),
     OLD(CLOSED_MARKS "Over.<<{'draft': false}>>"),
     EDITS("7", WELCOME "Hello @signer. None." USUAL, ISLAND("false"), KINDS_CHANGED), NULL, NULL},
};

#define ENDS(members) ON("pull_request", "closed"), PULL(members "," OUTSIDE "," SIGNED) SAID(BY_OLD("7", OLD_WELCOME))
#define ASKS(at, day, merged)                                                                                          \
    COMMENT("'changes':[{'kind':'comment','text':'" M("end_survey") "Survey https://forms.example/f?r=openedx%2Fdemo"  \
                                                                    "&n=5&a=signer&o=2026-08-01&c=" day "&m=" merged   \
                                                                    "&{x} for openedx/demo 5.',"                       \
                                                                    "'marker':'github:openedx/demo#5/survey@" at       \
                                                                    "'}]")

static const struct contrib_scenario survey[] = {
    {"asked when closed", ENDS(CLOSED), ASKS("1785799800000", "2026-08-03", "No"), NULL, "survey"},
    {"asked when merged", ENDS(MERGED), ASKS("1785837600000", "2026-08-04", "Yes"), NULL, "survey"},
    {"off", ENDS(CLOSED), NOTHING, NULL, NULL},
    {"open", OPENED, OLD(OLD_WELCOME), NOTHING, NULL, "survey"},
    {"asked already", ON("pull_request", "closed"),
     PULL(CLOSED "," OUTSIDE) SAID(BY_OLD("7", OLD_WELCOME) "," BY_OLD("9", M("end_survey"))), NOTHING, NULL, "survey"},
    {"asked already, known by the form", ON("pull_request", "closed"),
     PULL(CLOSED "," OUTSIDE) SAID(BY_OLD("7", OLD_WELCOME) "," BY_OLD("9", "see https://forms.example/f?y=2")),
     NOTHING, NULL, "survey"},
    {"never greeted while open: none is needed", ON("pull_request", "closed"), PULL(CLOSED "," OUTSIDE),
     WRITES(CLOSED_MARKS "Over closed.", ISLAND("false")), NULL, "survey"},
    {"greeted as closed: none is needed", ON("pull_request", "closed"),
     PULL(CLOSED "," OUTSIDE) SAID(BY_OLD("7", CLOSED_MARKS)), NOTHING, NULL, "survey"},
    {"taken back", ON("pull_request", "reopened"),
     PULL(SIGNED) SAID(BY_OLD("7", OLD_WELCOME) "," BY_OLD("9", M("end_survey"))),
     COMMENT("'changes':[{'kind':'remove_comment','id':'9'}]"), NULL, NULL},
    {"not taken back by another event", OPENED,
     PULL(SIGNED) SAID(BY_OLD("7", OLD_WELCOME) "," BY_OLD("9", M("end_survey"))), NOTHING, NULL, NULL},
    {"the first comment is none", ON("pull_request", "reopened"), OLD(CLOSED_MARKS "x<<{'draft': false}>>"),
     COMMENT("'changes':[{'kind':'edit_comment','id':'7'}]"), NULL, NULL},
};

static void test_first(void **state)
{
    (void)state;
    contrib_run_all(first, COUNT(first));
}

static void test_again(void **state)
{
    (void)state;
    contrib_run_all(again, COUNT(again));
}

static void test_survey(void **state)
{
    (void)state;
    contrib_run_all(survey, COUNT(survey));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_first), cmocka_unit_test(test_again),
                                       cmocka_unit_test(test_survey)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
