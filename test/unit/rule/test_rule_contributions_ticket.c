/* Ticket mode: which ticket goes with a pull request, what is made, copied, moved, labelled, and what is left alone. */
#include "base/base.h"

#include "contributions.h"

#define T                     "{project: OSPR, blended_project: BLENDED}"
#define BRIEF                 "(From https://github.com/openedx/demo/pull/5 by https://github.com/tania)\\n------\\n\\nIt **adds**."
#define TICKET(all)           "{'of':{'ticket':{" all "}}}"
#define NOTHING               "'changes':[],'fails':null"
#define LINK_OSPR             LINKS("{'tracker':'jira','ref':'OSPR-7','event':44}")
#define JIRA_ISSUE(ref, rest) "{'key':{'kind':'issue','tracker':'jira','ref':'" ref "','by':'description'}," rest "},"
#define STANDS(status)        STANDS_WITH("OSPR-7", "'status':'" status "'")
#define STANDS_WITH(ref, members)                                                                                      \
    JIRA_ISSUE("OSPR-7", "'issue':{" members ",'ref':'" ref "','project':'OSPR','status':'Needs Triage','summary':"    \
                         "'Add a thing','description':'" BRIEF "'}")
#define KNOWN(data)    SAID(BY_US("3", "Ticket [OSPR-7](u).<<{'ticket':'OSPR-7'," data "}>>"))
#define OPEN           "'state':'open','draft':false"
#define TOLD(data)     "'text':'Ticket [OSPR-7](u).','id':'3','data':'{\\\"ticket\\\":\\\"OSPR-7\\\"," data "}'"
#define TOLD_OPEN      TOLD("\\\"state\\\":\\\"open\\\",\\\"draft\\\":false")
#define EDIT(told)     "{'kind':'edit_comment','issue':{'tracker':'github','ref':'openedx/demo#5'}," told "}"
#define MOVE(to, more) "{'kind':'status','issue':{'tracker':'jira','ref':'OSPR-7'},'name':'" to "'" more "}"
#define LABELS(list)   FACT("labels", "github", "openedx/demo", "'names':[" list "]")
#define NAME(n)        "{'name':'" n "'}"
#define SIGNED         "'creator':'signer'"
#define CLOSE          ON("pull_request", "closed")
#define REOPEN         ON("pull_request", "reopened")
#define EDITED         ON("pull_request", "edited")
#define SYNC           ON("pull_request", "synchronize")
#define RESCAN                                                                                                         \
    "{'id':45,'tracker':'github','source':'person','target':'pull_request','action':'rescan',"                         \
    "'issue':{'ref':'openedx/demo#5'}}"

#define CREATE(members)                                                                                                \
    "{'kind':'create','issue':{'tracker':'jira','ref':null},'marker':'github:openedx/demo#5>jira'" members "}"
#define TELLS(members)                                                                                                 \
    "{'kind':'comment','issue':{'tracker':'github','ref':'openedx/demo#5'},'other':{'tracker':'jira','ref':null,"      \
    "'made_by':null},'marker':'github:openedx/demo#5>jira/told','text':'Ticket [${ref}](${url}).','data':'"            \
    "{\\\"ticket\\\":\\\"${ref}\\\",\\\"state\\\":\\\"open\\\",\\\"draft\\\":" members "}'}"
#define BEGINS(status) "{'kind':'status','issue':{'tracker':'jira','ref':null},'name':'" status "','may_search':true}"

static const struct contrib_scenario creates[] = {
    {"made, told and brought to its first status", OPENED, PULL(SIGNED),
     TICKET("'operation':'create','target':null,'changes':[" CREATE(
         ",'project':'OSPR','fields':[{'field':'issuetype','kind':'name','text':'Pull Request Review'},"
         "{'field':'summary','kind':'text','text':'Add a thing'},"
         "{'field':'description','kind':'text','text':'(From https://github.com/openedx/demo/pull/5 by "
         "https://github.com/signer)\\n------\\n\\nIt **adds**.'}]") "," TELLS("false") "," BEGINS("Needs Triage") "]"),
     NULL, T},
    {"no agreement", OPENED, "", TICKET("'changes':[{},{}," BEGINS("Community Manager Review") "]"), NULL, T},
    {"a core contributor`s", OPENED, PULL("'creator':'core'"),
     TICKET("'changes':[{},{}," BEGINS("Waiting on Author") "]"), NULL, T},
    {"a draft", OPENED, PULL(NO_DRAFT("'is_draft':true")),
     TICKET("'changes':[{}," TELLS("true") "," BEGINS("Waiting on Author") "]"), NULL, T},
    {"jointly funded", OPENED, PULL("'summary':'Add [BD-12]'"),
     TICKET("'changes':[" CREATE(",'project':'BLENDED'") ",{},{}]"), NULL, T},
    {"jointly funded, and one project", OPENED, PULL("'summary':'Add [BD-12]'"),
     TICKET("'changes':[" CREATE(",'project':'OSPR'") ",{},{}]"), NULL, "{project: OSPR}"},
    {"from inside: none", OPENED, PULL("'creator':'boss'"),
     TICKET(NOTHING ",'notes':['no ticket: it is not from outside']"), NULL, T},
    {"closed already: none", CLOSE, PULL(CLOSED "," OUTSIDE),
     TICKET(NOTHING ",'notes':['no ticket is made for what is closed already']"), NULL, T},
    {"no ticket mode", OPENED, "", "{'of':{'ticket':null}}", NULL, NULL},
    {"comments that cannot be read: nothing is made", OPENED,
     "{'key':{'kind':'comments','tracker':'github','ref':'openedx/demo#5','by':'bot,oldbot'},'state':'forbidden'},",
     TICKET("'changes':[],'fails':'transient'"), NULL, T},
    {"further fields, by name or id, as their types want them", OPENED,
     PULL(SIGNED ",'pull':{'head':'abc','added':10,'deleted':2}")
         FACT("fields", "jira", "",
              "'fields':[" FIELD_OF("URL", "string") "," FIELD_OF("Lines", "number") "," FIELD_OF(
                  "Customer", "array of option") "," FIELD_OF("Team", "option") "," FIELD_OF("Odd", "user") "]"),
     TICKET("'changes':[" CREATE(
         ",'fields':[{},{},{},{'field':'F_URL','kind':'text','text':'https://github.com/openedx/demo/pull/5'},"
         "{'field':'F_Lines','kind':'number','number':10},{'field':'F_Customer','kind':'options','text':'x signer'},"
         "{'field':'F_Team','kind':'option','text':'5'}]") ",{},{}],'notes':["
                                                           "'field \\\"Odd\\\" is of type user, which cannot be "
                                                           "written from a text','Jira has no field \\\"None\\\"']"),
     NULL,
     "{project: OSPR, fields: {url: '{{url}}', F_Lines: '{{added}}', Customer: 'x {{author}}', Team: '{{number}}', "
     "Odd: x, None: x, Customer2: '{{institution}}'}}"},
    {"the author`s name", OPENED,
     PULL(SIGNED) FACT("fields", "jira", "", "'fields':[" FIELD_OF("Who", "string") "]")
         GH("person", "signer", "'people':[{'login':'signer','name':'Sue'}]"),
     TICKET("'changes':[" CREATE(",'fields':[{},{},{},{'field':'F_Who','text':'Sue'}]") ",{},{}]"), NULL,
     "{project: OSPR, fields: {Who: '{{author_name}}'}}"},
};

static const struct contrib_scenario known[] = {
    {"by our store", SYNC, LINK_OSPR STANDS("Needs Triage") KNOWN(OPEN) LABELS(""),
     TICKET(NOTHING ",'target':'jira:OSPR-7','is_learnt':false"), NULL, T},
    {"by our comment, when the store is lost: learnt again", SYNC, KNOWN(OPEN) STANDS("Needs Triage") LABELS(""),
     TICKET(NOTHING ",'target':'jira:OSPR-7','is_learnt':true"), NULL, T},
    {"by the old bot`s first comment", SYNC,
     SAID(BY_OLD(
         "3", "<!-- comment:external_pr -->See [OSPR-7](https://jira.example.org/browse/OSPR-7).<<{'draft':false}>>"))
         STANDS("Needs Triage") LABELS(""),
     TICKET(NOTHING ",'target':'jira:OSPR-7','is_learnt':true"), NULL, T},
    {"somebody else`s comment is no word of ours", OPENED,
     SAID("{'id':'3','author':'mallory','text':'<!-- comment:external_pr -->https://jira.example.org/browse/OSPR-7'}"),
     TICKET("'operation':'create'"), NULL, T},
    {"an issue that a label asked for is no ticket", OPENED,
     SAID(BY_US("3", "Made https://jira.example.org/browse/WEB-4.<<{'jira_issues':[{'nick':'x','key':'WEB-4'}]}>>")),
     TICKET("'operation':'create'"), NULL, T},
    {"on another server: left alone", OPENED,
     SAID(BY_OLD("3", "<!-- comment:external_pr -->See https://old.example.net/browse/OSPR-7.<<{'draft':false}>>")),
     TICKET(NOTHING ",'notes':['its ticket is on another server, and left alone: "
                    "https://old.example.net/browse/OSPR-7']"),
     NULL, T},
    {"told nowhere: it is told", SYNC, LINK_OSPR STANDS("Needs Triage") LABELS(""),
     TICKET("'changes':[{'kind':'comment','other':{'tracker':'jira','ref':'OSPR-7'},'marker':'github:openedx/demo#5>"
            "jira/told'}]"),
     NULL, T},
    {"deleted by hand: not made again", SYNC, LINK_OSPR KNOWN(OPEN) JIRA_ISSUE("OSPR-7", "'state':'missing'"),
     TICKET(NOTHING ",'notes':['OSPR-7 is not there any more: it is not made again']"), NULL, T},
    {"not to be seen by us", SYNC, LINK_OSPR KNOWN(OPEN) JIRA_ISSUE("OSPR-7", "'state':'forbidden'"),
     TICKET(NOTHING ",'notes':['OSPR-7 may not be seen by us: it is left alone']"), NULL, T},
    {"moved by hand: followed by its new name", SYNC,
     LINK_OSPR KNOWN(OPEN) JIRA_ISSUE("OSPR-7", "'issue':{'ref':'NEW-1','project':'NEW','status':'Needs Triage',"
                                                "'summary':'Old','description':'" BRIEF "'}") LABELS(""),
     TICKET("'target':'jira:NEW-1','is_learnt':true,'changes':[{'kind':'fields','issue':{'ref':'NEW-1'}},"
            "{'kind':'edit_comment','data':'{\\\"ticket\\\":\\\"NEW-1\\\",\\\"state\\\":\\\"open\\\",\\\"draft\\\":"
            "false}'}],'notes':['OSPR-7 is called NEW-1 now','NEW-1 stays in project NEW, though it would be made in "
            "OSPR now']"),
     NULL, T},
    {"[BD-n] gained later: a note", SYNC,
     LINK_OSPR PULL("'summary':'Add [BD-1]'") KNOWN(OPEN) STANDS_WITH("OSPR-7", "'summary':'Add [BD-1]'") LABELS(""),
     TICKET(NOTHING ",'notes':['OSPR-7 stays in project OSPR, though it would be made in BLENDED now']"), NULL, T},
    {"internal by now: still kept in step", CLOSE, LINK_OSPR PULL(CLOSED) STANDS("Needs Triage"),
     TICKET("'changes':[" MOVE("Rejected", "") "]"), NULL, T},
};

static const struct contrib_scenario texts[] = {
    {"title and text follow", EDITED,
     LINK_OSPR PULL("'summary':'New','description':'Text.'") KNOWN(OPEN) STANDS("Needs Triage") LABELS(""),
     TICKET("'changes':[{'kind':'fields','issue':{'tracker':'jira','ref':'OSPR-7'},'fields':[{'field':'summary','text':"
            "'New'},{'field':'description','text':'(From https://github.com/openedx/demo/pull/5 by "
            "https://github.com/tania)\\n------\\n\\nText.'}]}]"),
     NULL, T},
    {"only what differs", EDITED, LINK_OSPR PULL("'summary':'New'") KNOWN(OPEN) STANDS("Needs Triage") LABELS(""),
     TICKET("'changes':[{'kind':'fields','fields':[{'field':'summary'}]}]"), NULL, T},
    {"line ends of Jira`s own do not differ", EDITED,
     LINK_OSPR KNOWN(OPEN) STANDS_WITH("OSPR-7", "'description':'(From https://github.com/openedx/demo/pull/5 by "
                                                 "https://github.com/tania)\\r\\n------\\r\\n\\r\\nIt **adds**.\\r\\n'")
         LABELS(""),
     TICKET(NOTHING), NULL, T},
};

#define PRE(status) "\\\"state\\\":\\\"closed\\\",\\\"draft\\\":false,\\\"jira-pre-close\\\":\\\"" status "\\\""
static const struct contrib_scenario moves[] = {
    {"closed", CLOSE, LINK_OSPR PULL(CLOSED "," OUTSIDE) KNOWN(OPEN) STANDS("Engineering Review"),
     TICKET("'changes':[" MOVE("Rejected", ",'may_search':true") "," EDIT(TOLD(PRE("Engineering Review"))) "]"), NULL,
     T},
    {"merged", CLOSE, LINK_OSPR PULL(MERGED "," OUTSIDE) KNOWN(OPEN) STANDS("Engineering Review"),
     TICKET(
         "'changes':[" MOVE("Merged", "") ",{'data':'{\\\"ticket\\\":\\\"OSPR-7\\\",\\\"state\\\":\\\"merged\\\","
                                          "\\\"draft\\\":false,\\\"jira-pre-close\\\":\\\"Engineering Review\\\"}'}]"),
     NULL, T},
    {"closed, and there already", CLOSE, LINK_OSPR PULL(CLOSED "," OUTSIDE) KNOWN(OPEN) STANDS("rejected") LABELS(""),
     TICKET("'changes':[{'kind':'edit_comment','data':'{\\\"ticket\\\":\\\"OSPR-7\\\",\\\"state\\\":\\\"closed\\\","
            "\\\"draft\\\":false}'}]"),
     NULL, T},
    {"closed, and moved on by hand: it stays", SYNC,
     LINK_OSPR PULL(CLOSED "," OUTSIDE) KNOWN("'state':'closed','draft':false") STANDS("Product Review") LABELS(""),
     TICKET(NOTHING), NULL, T},
    {"closed while nobody told us", RESCAN, LINK_OSPR PULL(CLOSED "," OUTSIDE) KNOWN(OPEN) STANDS("Product Review"),
     TICKET("'changes':[" MOVE("Rejected", "") ",{}]"), NULL, T},
    {"closed while nobody told us, and no comment keeps anything", RESCAN,
     LINK_OSPR PULL(CLOSED "," OUTSIDE) STANDS("Product Review"), TICKET("'changes':[" MOVE("Rejected", "") ",{}]"),
     NULL, T},
    {"opened again: to the status before", REOPEN,
     LINK_OSPR KNOWN("'state':'closed','draft':false,'jira-pre-close':'Engineering Review'") STANDS("Rejected"),
     TICKET("'changes':[" MOVE("Engineering Review", "") "," EDIT(TOLD_OPEN) "]"), NULL, T},
    {"opened again, by what the old bot`s survey kept", REOPEN,
     LINK_OSPR SAID(BY_OLD(
         "3", "<!-- comment:external_pr "
              "-->https://jira.example.org/browse/OSPR-7<<{'draft':false}>>") "," BY_OLD("4", "<!-- comment:end_survey "
                                                                                              "--><<{'jira-pre-close':'"
                                                                                              "Product Review'}>>"))
         STANDS("Rejected"),
     TICKET("'changes':[" MOVE("Product Review", "") "]"), NULL, T},
    {"opened again, and nobody knows the status before", REOPEN,
     LINK_OSPR KNOWN("'state':'closed','draft':false") STANDS("Rejected"),
     TICKET("'changes':[" MOVE("Community Manager Review", "") "," EDIT(TOLD_OPEN) "]"), NULL, T},
    {"rejected by hand while it is open: it stays", SYNC, LINK_OSPR KNOWN(OPEN) STANDS("Rejected") LABELS(""),
     TICKET(NOTHING), NULL, T},
    {"rejected by hand, and looked at: it stays", RESCAN, LINK_OSPR KNOWN(OPEN) STANDS("Rejected") LABELS(""),
     TICKET(NOTHING), NULL, T},
    {"out of draft", ON("pull_request", "ready_for_review"),
     LINK_OSPR PULL(SIGNED) KNOWN("'state':'open','draft':true") STANDS_WITH(
         "OSPR-7", "'status':'Waiting on Author','description':'(From https://github.com/openedx/demo/pull/5"
                   " by https://github.com/signer)\\n------\\n\\nIt **adds**.'"),
     TICKET("'changes':[" MOVE("Needs Triage", "") "," EDIT(TOLD_OPEN) "]"), NULL, T},
    {"out of draft, and moved on already", ON("pull_request", "ready_for_review"),
     LINK_OSPR KNOWN("'state':'open','draft':true") STANDS("Product Review") LABELS(""),
     TICKET("'changes':[" EDIT(TOLD_OPEN) "]"), NULL, T},
    {"by the way that is configured, with the fields that it may need", CLOSE,
     LINK_OSPR PULL(MERGED "," OUTSIDE) KNOWN(OPEN) STANDS("Needs Triage")
         FACT("fields", "jira", "", "'fields':[{'id':'resolution','name':'Resolution','type':'resolution'}]"),
     TICKET("'changes':[" MOVE("Merged", ",'via':['Product Review','Engineering Review'],'may_search':false,'fields':["
                                         "{'field':'resolution','kind':'name','text':'Done'}]") ",{}]"),
     NULL,
     "{project: OSPR, transitions: {needs triage: [Rejected, Product Review], Product Review: Engineering Review, "
     "Engineering Review: [Needs Triage, Merged]}, merged_fields: {Resolution: Done}, transition_fields: "
     "{resolution: Other}}"},
    {"no way is configured, and nobody may be asked", CLOSE,
     LINK_OSPR PULL(MERGED "," OUTSIDE) KNOWN(OPEN) STANDS("Elsewhere"),
     TICKET("'changes':[" MOVE("Merged", ",'via':[],'may_search':false") ",{}]"), NULL,
     "{project: OSPR, search: false, transitions: {Needs Triage: Merged}}"},
};

#define SET(add_, remove_)                                                                                             \
    "'changes':[{'kind':'labels','issue':{'tracker':'github','ref':'openedx/demo#5'},'add':[" add_                     \
    "],'remove':[" remove_ "]}]"
static const struct contrib_scenario labels[] = {
    {"put on, as the repository spells it, in place of the former", SYNC,
     LINK_OSPR PULL("'labels':['needs triage','bug']") KNOWN(OPEN) STANDS("Product Review")
         LABELS(NAME("bug") "," NAME("Product review")),
     TICKET(SET("'Product review'", "'needs triage'")), NULL, T},
    {"none is made: the former goes all the same", SYNC,
     LINK_OSPR PULL("'labels':['needs triage','bug']") KNOWN(OPEN) STANDS("Product Review") LABELS(NAME("bug")),
     TICKET(SET("", "'needs triage'")), NULL, T},
    {"there already", SYNC, LINK_OSPR PULL("'labels':['Needs triage']") KNOWN(OPEN) STANDS("Needs Triage"),
     TICKET(NOTHING), NULL, T},
    {"a status that is no label", SYNC, LINK_OSPR PULL("'labels':['bug']") KNOWN(OPEN) STANDS("In Limbo"),
     TICKET(NOTHING), NULL, T},
    {"a label of its own name", SYNC, LINK_OSPR KNOWN(OPEN) STANDS("In Limbo") LABELS(NAME("limbo")),
     TICKET(SET("'limbo'", "")), NULL, "{project: OSPR, labels: {in limbo: limbo}}"},
    {"what is pruned from closed ones is not put back", SYNC,
     LINK_OSPR PULL(CLOSED "," OUTSIDE) KNOWN("'state':'closed','draft':false") STANDS("Waiting on Author"),
     TICKET(NOTHING), NULL, T},
};

#define JIRA_SAYS(action, ref, deltas)                                                                                 \
    "{'id':46,'tracker':'jira','source':'webhook','target':'issue','action':'" action "','routing':'issue." action     \
    "','issue':{'ref':'" ref "'},'deltas':[" deltas "]}"
#define UPDATED       JIRA_SAYS("updated", "OSPR-7", "{'field':'status','removed':'A','added':'B'}")
#define OF_PULL(key)  FACT("linked", "jira", key, "'links':[{'tracker':'github','ref':'openedx/demo#5','event':1}]")
#define STOOD(status) FACT("issue", "jira", "OSPR-7", "'issue':{'ref':'OSPR-7','status':'" status "'}")
static const struct contrib_scenario heard[] = {
    {"its status becomes the label", UPDATED,
     OF_PULL("OSPR-7") PULL("'labels':['needs triage']") STOOD("Product Review") LABELS(NAME("product review")),
     TICKET("'target':'github:openedx/demo#5'," SET("'product review'", "'needs triage'")),
     "linked:jira:OSPR-7 | issue:jira:OSPR-7 issue:github:openedx/demo#5 | labels:github:openedx/demo", T},
    {"an echo of our own comes to nothing", UPDATED, OF_PULL("OSPR-7") PULL("'labels':['merged']") STOOD("Merged"),
     "{'verdict':'unchanged','of':{'ticket':{" NOTHING "}}}", NULL, T},
    {"no ticket of ours", UPDATED, "", "{'verdict':'discarded','why':'OSPR-7 is no ticket of a pull request'}", NULL,
     T},
    {"a bug`s issue is no ticket", UPDATED,
     FACT("linked", "jira", "OSPR-7", "'links':[{'tracker':'bugzilla','ref':'5','event':1}]"),
     "{'verdict':'discarded','why':'OSPR-7 is no ticket of a pull request'}", NULL, T},
    {"deleted", JIRA_SAYS("deleted", "OSPR-7", ""),
     OF_PULL("OSPR-7") FACT("issue", "jira", "OSPR-7", "'state':'missing'"),
     "{'verdict':'unchanged','why':'OSPR-7 is not there any more: it is not made again','of':{'ticket':{" NOTHING "}}}",
     NULL, T},
    {"moved: known by its former name, and learnt",
     JIRA_SAYS("updated", "NEW-1", "{'field':'Key','removed':'OSPR-7','added':'NEW-1'}"),
     OF_PULL("OSPR-7") FACT("issue", "jira", "NEW-1", "'issue':{'ref':'NEW-1','status':'Merged'}")
         PULL("'labels':['merged']"),
     TICKET(NOTHING ",'is_learnt':true,'target':'github:openedx/demo#5'"), NULL, T},
    {"a comment there",
     "{'id':46,'tracker':'jira','source':'webhook','target':'comment','action':'created','routing':"
     "'comment.created','issue':{'ref':'OSPR-7'}}",
     "", "{'verdict':'discarded','why':'comment.created: not of interest'}", NULL, T},
    {"the pull request is gone", UPDATED,
     OF_PULL("OSPR-7") STOOD("Merged") GH("issue", "openedx/demo#5", "'state':'missing','why':'HTTP 404'"),
     "{'verdict':'discarded','why':'HTTP 404'}", NULL, T},
};

#define RUN(test, table)                                                                                               \
    static void test(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        contrib_run_all(table, COUNT(table));                                                                          \
    }
RUN(test_creates, creates)
RUN(test_known, known)
RUN(test_texts, texts)
RUN(test_moves, moves)
RUN(test_labels, labels)
RUN(test_heard, heard)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_creates), cmocka_unit_test(test_known),  cmocka_unit_test(test_texts),
        cmocka_unit_test(test_moves),   cmocka_unit_test(test_labels), cmocka_unit_test(test_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
