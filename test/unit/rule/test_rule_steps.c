/* Each step that sets something on the issue, in each operation that it knows. */
#include "base/base.h"

#include "scenario.h"

#define IN_NEW(more)      "    steps:\n      new: [create_issue, " more "]\n"
#define IN_EXISTING(more) "    steps:\n      existing: [" more "]\n"
#define MODIFY            EVENT("'action':'modify'")
#define CHANGED(field)    EVENT(DELTAS(DELTA(field, "x", "y")))
#define NEW_BUG(members)  BUG(members) COMMENTS(FIRST_COMMENT)
#define LINKED_BUG(bug, issue)                                                                                         \
    BUG(SEE_DEV7 "," bug)                                                                                              \
    ISSUE(issue)
#define NOTHING                 "{'unit':{'changes':[],'notes':[]},'verdict':'unchanged','why':'nothing to change'}"
#define ONE(change)             "{'unit':{'changes':[{" change "}],'notes':[]},'verdict':'applied'}"
#define AND_ONE(change)         "{'unit':{'changes':[{'kind':'create'},{" change ",'issue':{'tracker':'jira','ref':null}}]}}"
#define ONLY_CREATES            "{'unit':{'changes':[{'kind':'create'}]}}"
#define NOTED(note)             "{'unit':{'changes':[],'notes':['" note "']},'verdict':'unchanged','why':'" note "'}"
#define SETS(field, kind, text) "'kind':'fields','fields':[{'field':'" field "','kind':'" kind "','text':'" text "'}]"
#define TEN                     "1234567890"
#define FIFTY                   TEN TEN TEN TEN TEN
#define LONG256                 FIFTY FIFTY FIFTY FIFTY " 23456789 " TEN TEN TEN TEN "123456"
#define LONG210                 FIFTY FIFTY FIFTY FIFTY " 23456789"
#define EMOJI10                                                                                                        \
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"                                 \
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"

static const struct scenario creating[] = {
    {"all defaults", NULL, EVENT("'action':'create'"), NEW_BUG("'type':'defect','whiteboard':'[dev] [x y]'"),
     "{'unit':{'operation':'create','notes':[],'changes':["
     "{'kind':'create','step':'create_issue','marker':'bugzilla:12>jira:DEV','project':'DEV',"
     "'issue':{'tracker':'jira','ref':null},'fields':["
     "{'field':'summary','kind':'text','text':'Boom'},{'field':'issuetype','kind':'name','text':'Bug'},"
     "{'field':'description','kind':'text','text':'It *breaks*.'}]},"
     "{'kind':'web_link','step':'add_link_to_bugzilla','issue':{'tracker':'jira','ref':null},'global_id':'12',"
     "'url':'https://bugs.example.org/show_bug.cgi?id=12','name':'https://bugs.example.org/show_bug.cgi?id=12',"
     "'icon':'https://bugs.example.org/favicon.ico','is_resolved':false},"
     "{'kind':'see_also','step':'add_link_to_jira','issue':{'tracker':'bugzilla','ref':'12'},"
     "'other':{'tracker':'jira','ref':null}},"
     "{'kind':'labels','step':'sync_whiteboard_labels','issue':{'tracker':'jira','ref':null},"
     "'add':['bugzilla','dev','x.y'],'remove':[],'may_refuse':true}]},'verdict':'applied'}",
     "issue:bugzilla:12 linked:bugzilla:12 | comments:bugzilla:12"},
    {"type that is not in the map", NULL, MODIFY, NEW_BUG("'type':'enhancement'"),
     "{'unit':{'changes':[{'fields':[{},{'text':'Task'},{}]},{},{},{}]}}", NULL},
    {"map of types", "    issue_type_map: {enhancement: Story}\n" IN_NEW("maybe_delete_duplicate"), MODIFY,
     NEW_BUG("'type':'enhancement'"), "{'unit':{'changes':[{'fields':[{},{'text':'Story'},{}]}]}}", NULL},
    {"first whatever its place", "    steps:\n      new: [add_link_to_bugzilla, create_issue]\n", MODIFY,
     NEW_BUG("'id':'12'"), "{'unit':{'changes':[{'kind':'create'},{'kind':'web_link'}]}}", NULL},
    {"long summary", IN_NEW("maybe_delete_duplicate"), MODIFY, NEW_BUG("'summary':'" LONG256 "'"),
     "{'unit':{'changes':[{'fields':[{'text':'" LONG210 "'},{},{}]}]}}", NULL},
    {"line breaks in a summary", IN_NEW("maybe_delete_duplicate"), MODIFY, NEW_BUG("'summary':' a\\nb\\u0001c\\t'"),
     "{'unit':{'changes':[{'fields':[{'text':'a b c'},{},{}]}]}}", NULL},
    {"summary in units of 16 bits", IN_NEW("maybe_delete_duplicate"), MODIFY,
     NEW_BUG(
         "'summary':'" EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10
         " " EMOJI10 "'"),
     "{'unit':{'changes':[{'fields':[{'text':'" EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10 EMOJI10
         EMOJI10 EMOJI10 EMOJI10 "'},{},{}]}]}}",
     NULL},
    {"half a character has room", IN_NEW("maybe_delete_duplicate"), MODIFY,
     NEW_BUG("'summary':'" FIFTY FIFTY FIFTY FIFTY FIFTY "1234" EMOJI10 "'"),
     "{'unit':{'changes':[{'fields':[{'text':'" FIFTY FIFTY FIFTY FIFTY FIFTY "1234'},{},{}]}]}}", NULL},
    {"no summary", IN_NEW("maybe_delete_duplicate"), MODIFY, NEW_BUG("'summary':''"),
     "{'unit':{'changes':[{'fields':[{'text':'Bug 12'},{},{}]}]}}", NULL},
    {"description cut", "    jira_char_limit: 9\n" IN_NEW("maybe_delete_duplicate"), MODIFY,
     BUG("'id':'12'") COMMENTS("{'id':'1','number':0,'text':'one two three'}"),
     "{'unit':{'changes':[{'fields':[{},{},{'text':'one two'}]}]}}", NULL},
    {"private description", IN_NEW("maybe_delete_duplicate"), MODIFY,
     BUG("'id':'12'")
         COMMENTS("{'id':'1','number':0,'text':'secret','is_private':true},{'id':'2','number':1,'text':'x'}"),
     "{'unit':{'changes':[{'fields':[{},{},{'text':''}]}],'notes':['the bug has no public description']}}", NULL},
    {"description that is hidden from us", IN_NEW("maybe_delete_duplicate"), MODIFY,
     BUG("'id':'12'") COMMENTS("{'id':'2','number':1,'text':'a later comment'}"),
     "{'unit':{'changes':[{'fields':[{},{},{'text':''}]}],'notes':['the bug has no public description']}}", NULL},
    {"no comments", IN_NEW("maybe_delete_duplicate"), MODIFY, BUG("'id':'12'") COMMENTS(""),
     "{'unit':{'changes':[{'fields':[{},{},{'text':''}]}]}}", NULL},
    {"comments without numbers", IN_NEW("maybe_delete_duplicate"), MODIFY,
     BUG("'id':'12'") COMMENTS("{'id':'1','number':-1,'text':'first'},{'id':'2','number':-1,'text':'second'}"),
     "{'unit':{'changes':[{'fields':[{},{},{'text':'first'}]}]}}", NULL},
};

static const struct scenario summary[] = {
    {"changed", NULL, CHANGED("summary"), LINKED_BUG("'summary':'New'", "'id':'1'"),
     ONE("'step':'update_issue_summary','issue':{'ref':'DEV-7'}," SETS("summary", "text", "New")), NULL},
    {"so already", NULL, CHANGED("summary"), LINKED_BUG("'id':'12'", "'id':'1'"), NOTHING, NULL},
    {"so already, as cut", NULL, CHANGED("summary"), LINKED_BUG("'summary':'" LONG256 "'", "'summary':'" LONG210 "'"),
     NOTHING, NULL},
    {"cut by the action's limit", "    jira_char_limit: 9\n", CHANGED("summary"),
     LINKED_BUG("'summary':'one two three'", "'id':'1'"), ONE(SETS("summary", "text", "one two")), NULL},
    {"not changed", NULL, CHANGED("product"), LINKED_BUG("'summary':'New'", "'id':'1'"), NOTHING, NULL},
    {"a new issue has it", IN_NEW("update_issue_summary"), CHANGED("summary"), NEW_BUG("'id':'12'"), ONLY_CREATES,
     NULL},
    {"both sides' link is there", IN_EXISTING("add_link_to_jira"), MODIFY, LINKED_BUG("'id':'12'", "'id':'1'"), NOTHING,
     NULL},
};

#define ASSIGNS "maybe_assign_jira_user"
#define ANNA    USERS("anna@x.org", "{'id':'a1','name':'Anna'}")

static const struct scenario assignee[] = {
    {"create", IN_NEW(ASSIGNS), MODIFY, NEW_BUG("'assignee':'anna@x.org'") ANNA,
     AND_ONE("'kind':'assign','name':'a1','may_refuse':true,'or_nobody':false"),
     "issue:bugzilla:12 linked:bugzilla:12 | comments:bugzilla:12 users:jira:anna@x.org"},
    {"create for nobody", IN_NEW(ASSIGNS), MODIFY, NEW_BUG("'assignee':'nobody@mozilla.org'"), ONLY_CREATES, NULL},
    {"create, not found", IN_NEW(ASSIGNS), MODIFY, NEW_BUG("'assignee':'bob@x.org'") USERS("bob@x.org", ""),
     "{'unit':{'changes':[{'kind':'create'}],'notes':['jira has no single account for bob@x.org']},"
     "'verdict':'applied','why':'jira has no single account for bob@x.org'}",
     NULL},
    {"create, two found", IN_NEW(ASSIGNS), MODIFY,
     NEW_BUG("'assignee':'bob@x.org'") USERS("bob@x.org", "{'id':'b1'},{'id':'b2'}"), ONLY_CREATES, NULL},
    {"create, users forbidden", IN_NEW(ASSIGNS), MODIFY,
     NEW_BUG("'assignee':'bob@x.org'") FACT("users", "jira", "bob@x.org", "'state':'forbidden','people':[{'id':'b'}]"),
     ONLY_CREATES, NULL},
    {"update", IN_EXISTING(ASSIGNS), CHANGED("assigned_to"), LINKED_BUG("'assignee':'anna@x.org'", "'id':'1'") ANNA,
     ONE("'kind':'assign','issue':{'ref':'DEV-7'},'name':'a1','may_refuse':true,'or_nobody':true"), NULL},
    {"update, so already", IN_EXISTING(ASSIGNS), CHANGED("assigned_to"),
     LINKED_BUG("'assignee':'anna@x.org'", "'assignee':'a1'") ANNA, NOTHING, NULL},
    {"update, not changed", IN_EXISTING(ASSIGNS), CHANGED("product"), LINKED_BUG("'assignee':'anna@x.org'", "'id':'1'"),
     NOTHING, NULL},
    {"update, nobody now", IN_EXISTING(ASSIGNS), CHANGED("assigned_to"),
     LINKED_BUG("'assignee':'nobody@mozilla.org'", "'assignee':'a1'"), ONE("'kind':'assign','name':null"), NULL},
    {"update, nobody as before", IN_EXISTING(ASSIGNS), CHANGED("assigned_to"),
     LINKED_BUG("'assignee':'nobody@mozilla.org'", "'id':'1'"), NOTHING, NULL},
    {"update, not found", IN_EXISTING(ASSIGNS), CHANGED("assigned_to"),
     LINKED_BUG("'assignee':'bob@x.org'", "'assignee':'a1'") USERS("bob@x.org", ""),
     "{'unit':{'changes':[{'kind':'assign','name':null}],'notes':['jira has no single account for bob@x.org']}}", NULL},
    {"a reconciled event takes no assignee away", IN_EXISTING(ASSIGNS), EVENT("'is_recovered':true"),
     LINKED_BUG("'assignee':'nobody@mozilla.org'", "'assignee':'a1'"), NOTHING, NULL},
    {"comment", "    steps:\n      comment: [" ASSIGNS "]\n", EVENT("'target':'comment'"),
     LINKED_BUG("'assignee':'anna@x.org'", "'id':'1'"), NOTHING, NULL},
};

#define PRIORITY   "maybe_update_issue_priority"
#define RESOLUTION "maybe_update_issue_resolution"
#define SEVERITY   "maybe_update_issue_severity"
#define POINTS     "maybe_update_issue_points"
#define FIXED      "    resolution_map: {FIXED: Done}\n"

static const struct scenario mapped[] = {
    {"priority, create", IN_NEW(PRIORITY), MODIFY, NEW_BUG("'priority':'P1'"), AND_ONE(SETS("priority", "name", "P1")),
     NULL},
    {"priority, create, none", IN_NEW(PRIORITY), MODIFY, NEW_BUG("'priority':''"), ONLY_CREATES, NULL},
    {"priority, create, three dashes", IN_NEW(PRIORITY), MODIFY, NEW_BUG("'priority':'---'"), ONLY_CREATES, NULL},
    {"priority, create, two dashes", IN_NEW(PRIORITY), MODIFY, NEW_BUG("'priority':'--'"),
     AND_ONE(SETS("priority", "name", "None")), NULL},
    {"priority, update", IN_EXISTING(PRIORITY), CHANGED("priority"), LINKED_BUG("'priority':'P2'", "'priority':'P1'"),
     ONE(SETS("priority", "name", "P2")), NULL},
    {"priority, update, so already", IN_EXISTING(PRIORITY), CHANGED("priority"),
     LINKED_BUG("'priority':'P2'", "'priority':'P2'"), NOTHING, NULL},
    {"priority, update, none", IN_EXISTING(PRIORITY), CHANGED("priority"), LINKED_BUG("'id':'12'", "'priority':'P1'"),
     ONE(SETS("priority", "name", "None")), NULL},
    {"priority, update, not changed", IN_EXISTING(PRIORITY), MODIFY, LINKED_BUG("'priority':'P2'", "'id':'1'"), NOTHING,
     NULL},
    {"priority, not in the map", IN_EXISTING(PRIORITY), CHANGED("priority"), LINKED_BUG("'priority':'P9'", "'id':'1'"),
     NOTED("priority \\\"P9\\\" is not in priority_map"), NULL},
    {"priority under another name", "    jira_priority_field: customfield_1\n" IN_EXISTING(PRIORITY),
     CHANGED("priority"), LINKED_BUG("'priority':'P2'", "'priority':'P2'"), ONE(SETS("customfield_1", "name", "P2")),
     NULL},
    {"priority, with a comment", "    steps:\n      comment: [" PRIORITY "]\n", EVENT("'target':'comment'"),
     LINKED_BUG("'priority':'P2'", "'priority':'P1'"),
     "{'unit':{'operation':'comment','changes':[{" SETS("priority", "name", "P2") "}]}}", NULL},
    {"resolution", FIXED IN_EXISTING(RESOLUTION), CHANGED("resolution"), LINKED_BUG("'resolution':'FIXED'", "'id':'1'"),
     ONE(SETS("resolution", "name", "Done")), NULL},
    {"resolution, create", FIXED IN_NEW(RESOLUTION), MODIFY, NEW_BUG("'resolution':'FIXED'"),
     AND_ONE(SETS("resolution", "name", "Done")), NULL},
    {"resolution, so already", FIXED IN_EXISTING(RESOLUTION), CHANGED("resolution"),
     LINKED_BUG("'resolution':'FIXED'", "'resolution':'Done'"), NOTHING, NULL},
    {"resolution, reopened", FIXED IN_EXISTING(RESOLUTION), CHANGED("resolution"),
     LINKED_BUG("'resolution':''", "'id':'1'"), NOTED("resolution \\\"\\\" is not in resolution_map"), NULL},
    {"severity", IN_EXISTING(SEVERITY), CHANGED("severity"), LINKED_BUG("'severity':'S2'", "'id':'1'"),
     ONE(SETS("customfield_10319", "option", "S2")), NULL},
    {"severity, create", IN_NEW(SEVERITY), MODIFY, NEW_BUG("'severity':'S2'"),
     AND_ONE(SETS("customfield_10319", "option", "S2")), NULL},
    {"severity, taken away", IN_EXISTING(SEVERITY), CHANGED("severity"), LINKED_BUG("'severity':'--'", "'id':'1'"),
     ONE("'kind':'fields','fields':[{'field':'customfield_10319','kind':'null','text':null}]"), NULL},
    {"points", IN_EXISTING(POINTS), CHANGED("cf_fx_points"), LINKED_BUG("'points':'13'", "'id':'1'"),
     ONE("'kind':'fields','fields':[{'field':'customfield_10037','kind':'number','number':13}]"), NULL},
    {"points, create, a question mark", IN_NEW(POINTS), MODIFY, NEW_BUG("'points':'?'"),
     AND_ONE("'kind':'fields','fields':[{'kind':'number'}]"), NULL},
    {"points, create, three dashes", IN_NEW(POINTS), MODIFY, NEW_BUG("'points':'---'"), ONLY_CREATES, NULL},
    {"points, not in the map", IN_EXISTING(POINTS), CHANGED("cf_fx_points"), LINKED_BUG("'points':'4'", "'id':'1'"),
     NOTED("cf_fx_points \\\"4\\\" is not in cf_fx_points_map"), NULL},
};

#define STATUSES "    status_map: {NEW: Backlog, FIXED: Done, INVALID: Cancelled}\n"
#define STATUS   "maybe_update_issue_status"

static const struct scenario status[] = {
    {"create", STATUSES IN_NEW(STATUS), MODIFY, NEW_BUG("'id':'12'"),
     AND_ONE("'kind':'status','name':'Backlog','text':null,'fields':[]"), NULL},
    {"update by resolution", STATUSES IN_EXISTING(STATUS), CHANGED("resolution"),
     LINKED_BUG("'status':'RESOLVED','resolution':'FIXED'", "'status':'Backlog'"), ONE("'kind':'status','name':'Done'"),
     NULL},
    {"update by status", STATUSES IN_EXISTING(STATUS), CHANGED("status"),
     LINKED_BUG("'resolution':''", "'status':'Done'"), ONE("'kind':'status','name':'Backlog'"), NULL},
    {"there already", STATUSES IN_EXISTING(STATUS), CHANGED("status"),
     LINKED_BUG("'resolution':''", "'status':'BACKLOG'"), NOTHING, NULL},
    {"not changed", STATUSES IN_EXISTING(STATUS), CHANGED("product"), LINKED_BUG("'id':'12'", "'status':'Done'"),
     NOTHING, NULL},
    {"not in the map, not changed", STATUSES IN_EXISTING(STATUS), CHANGED("product"),
     LINKED_BUG("'status':'ASSIGNED'", "'id':'1'"), NOTED("status \\\"ASSIGNED\\\" is not in status_map"), NULL},
    {"resolution not in the map", STATUSES IN_EXISTING(STATUS), CHANGED("status"),
     LINKED_BUG("'status':'NEW','resolution':'MOVED'", "'id':'1'"),
     NOTED("resolution \\\"MOVED\\\" is not in status_map"), NULL},
    {"cancelled", STATUSES IN_EXISTING(STATUS), CHANGED("status"), LINKED_BUG("'resolution':'INVALID'", "'id':'1'"),
     ONE("'kind':'status','name':'Cancelled','text':'Issue was cancelled.',"
         "'fields':[{'field':'resolution','kind':'name','text':'Invalid'}]"),
     NULL},
    {"comment", STATUSES "    steps:\n      comment: [" STATUS "]\n", EVENT("'target':'comment'"),
     LINKED_BUG("'id':'12'", "'status':'Done'"), NOTHING, NULL},
    {"tag came", STATUSES IN_NEW(STATUS), EVENT(DELTAS(DELTA("whiteboard", "", "[dev]"))),
     LINKED_BUG("'id':'12'", "'status':'Done'"), ONE("'kind':'status','name':'Backlog','issue':{'ref':'DEV-7'}"), NULL},
};

#define TYPE "maybe_update_issue_type"

static const struct scenario type[] = {
    {"changed", IN_EXISTING(TYPE), CHANGED("type"), LINKED_BUG("'type':'defect'", "'type':'Task'"),
     ONE(SETS("issuetype", "name", "Bug")), NULL},
    {"so already", IN_EXISTING(TYPE), CHANGED("type"), LINKED_BUG("'type':'defect'", "'type':'Bug'"), NOTHING, NULL},
    {"unknown", IN_EXISTING(TYPE), CHANGED("type"), LINKED_BUG("'type':'other'", "'type':'Bug'"),
     ONE(SETS("issuetype", "name", "Task")), NULL},
    {"not changed", IN_EXISTING(TYPE), MODIFY, LINKED_BUG("'type':'defect'", "'type':'Task'"), NOTHING, NULL},
    {"create", IN_NEW(TYPE), CHANGED("type"), NEW_BUG("'type':'defect'"), ONLY_CREATES, NULL},
};

#define PARTS               "maybe_update_components"
#define COMPONENT(settings) "    jira_components: {" settings "}\n"
#define NOW(list)           "'components':[" list "]"

static const struct scenario components[] = {
    {"create", IN_NEW(PARTS), MODIFY, NEW_BUG("'component':'UI','product':'Core'"),
     AND_ONE("'kind':'components','add':['UI'],'remove':[],'may_create':false,'may_refuse':true"), NULL},
    {"all kinds",
     COMPONENT("use_bug_product: true, use_bug_component_with_product_prefix: true, create_components: true,"
               " set_custom_components: [Own, UI]") IN_EXISTING(PARTS),
     MODIFY, LINKED_BUG("'component':'UI','product':'Core'", NOW("{'name':'Theirs'}")),
     ONE("'kind':'components','add':['Own','UI','Core','Core::UI'],'remove':[],'may_create':true"), NULL},
    {"some are there", COMPONENT("set_custom_components: [Own]") IN_EXISTING(PARTS), MODIFY,
     LINKED_BUG("'component':'UI'", NOW("{'name':'Theirs'},{'name':'UI'}")),
     ONE("'kind':'components','add':['Own'],'remove':[]"), NULL},
    {"all are there, people's own stay", IN_EXISTING(PARTS), MODIFY,
     LINKED_BUG("'component':'UI'", NOW("{'name':'Theirs'},{'name':'UI'}")), NOTHING, NULL},
    {"moved",
     COMPONENT("use_bug_component: true, use_bug_product: true, use_bug_component_with_product_prefix: true")
         IN_EXISTING(PARTS),
     EVENT(DELTAS(DELTA("component", "DOM", "UI") "," DELTA("product", "Old", "Core"))),
     LINKED_BUG("'component':'UI','product':'Core'",
                NOW("{'name':'DOM'},{'name':'Theirs'},{'name':'Old::DOM'},{'name':'Core'}")),
     ONE("'add':['UI','Core::UI'],'remove':['DOM','Old::DOM']"), NULL},
    {"moved to where its name is the product's",
     COMPONENT("use_bug_component: true, use_bug_product: true") IN_EXISTING(PARTS),
     EVENT(DELTAS(DELTA("component", "Core", "UI"))),
     LINKED_BUG("'component':'UI','product':'Core'", NOW("{'name':'Core'}")), ONE("'add':['UI'],'remove':[]"), NULL},
    {"none wanted", COMPONENT("use_bug_component: false") IN_EXISTING(PARTS),
     EVENT(DELTAS(DELTA("component", "DOM", "UI"))), LINKED_BUG("'component':'UI'", NOW("{'name':'DOM'}")), NOTHING,
     NULL},
    {"attachment", "    steps:\n      attachment: [" PARTS "]\n", EVENT("'target':'attachment'"),
     LINKED_BUG("'component':'UI'", "'id':'1'"), ONE("'kind':'components','add':['UI']"), NULL},
};

#define BOARD "sync_whiteboard_labels"
#define WORDS "sync_keywords_labels"

static const struct scenario labels[] = {
    {"update", IN_EXISTING(BOARD), EVENT(DELTAS(DELTA("whiteboard", "[dev] [b] [a]", "[dev] [c]"))),
     LINKED_BUG("'whiteboard':'[dev] [c]'", "'labels':['bugzilla','a','b','dev','mine']"),
     ONE("'kind':'labels','add':['c'],'remove':['a','b'],'may_refuse':true"), NULL},
    {"so already", IN_EXISTING(BOARD), EVENT(DELTAS(DELTA("whiteboard", "[dev] [a]", "[dev]"))),
     LINKED_BUG("'id':'12'", "'labels':['bugzilla','dev']"), NOTHING, NULL},
    {"an old event does not undo newer data", IN_EXISTING(BOARD),
     EVENT(DELTAS(DELTA("whiteboard", "[dev] [a]", "[dev] [b]"))),
     LINKED_BUG("'whiteboard':'[dev] [a] [c]'", "'labels':['bugzilla','a','dev']"), ONE("'add':['c'],'remove':[]"),
     NULL},
    {"not changed", IN_EXISTING(BOARD), MODIFY, LINKED_BUG("'id':'12'", "'id':'1'"), NOTHING, NULL},
    {"with brackets", "    labels_brackets: yes\n" IN_NEW(BOARD), MODIFY, NEW_BUG("'whiteboard':'[dev]  '"),
     AND_ONE("'add':['bugzilla','[dev]']"), NULL},
    {"both", "    labels_brackets: both\n" IN_NEW(BOARD), MODIFY, NEW_BUG("'id':'12'"),
     AND_ONE("'add':['bugzilla','dev','[dev]']"), NULL},
    {"comment", "    steps:\n      comment: [" BOARD "]\n", EVENT("'target':'comment'"),
     LINKED_BUG("'id':'12'", "'labels':['dev']"), ONE("'add':['bugzilla'],'remove':[]"), NULL},
    {"keywords, create", IN_NEW(WORDS), MODIFY, NEW_BUG("'keywords':['perf','']"),
     AND_ONE("'add':['perf'],'remove':[]"), NULL},
    {"keywords, create, none", IN_NEW(WORDS), MODIFY, NEW_BUG("'id':'12'"), ONLY_CREATES, NULL},
    {"keywords, the last removed", IN_EXISTING(WORDS), EVENT(DELTAS(DELTA("keywords", "perf", ""))),
     LINKED_BUG("'keywords':[]", "'labels':['perf','x']"), ONE("'add':[],'remove':['perf']"), NULL},
    {"keywords, added", IN_EXISTING(WORDS), EVENT(DELTAS(DELTA("keywords", "", "perf, crash"))),
     LINKED_BUG("'keywords':['crash','old','perf']", "'labels':['perf']"), ONE("'add':['crash'],'remove':[]"), NULL},
    {"keywords, removed and back again", IN_EXISTING(WORDS), EVENT(DELTAS(DELTA("keywords", "perf", "crash"))),
     LINKED_BUG("'keywords':['perf']", "'labels':['perf']"), NOTHING, NULL},
    {"keywords, not changed", IN_EXISTING(WORDS), MODIFY, LINKED_BUG("'keywords':['perf']", "'id':'1'"), NOTHING, NULL},
};

#define STEPS_TEST(table)                                                                                              \
    static void test_##table(void **state)                                                                             \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        scenario_run_all(table, COUNT(table));                                                                         \
    }
STEPS_TEST(creating)
STEPS_TEST(summary)
STEPS_TEST(assignee)
STEPS_TEST(mapped)
STEPS_TEST(status)
STEPS_TEST(type)
STEPS_TEST(components)
STEPS_TEST(labels)

/* An action that lists every step in every group plans something or nothing, and never stumbles. */
static void test_every_step(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    static const char *const targets[] = {"bug", "comment", "attachment"};
    for (int i = 0; i < JBI_STEPS; i++) {
        const char *step = jbi_step_name((enum jbi_step)i);
        for (int group = 0; group < JBI_GROUPS; group++) {
            const char *params = arena_fmt(a,
                                           "    status_map: {NEW: Backlog}\n    resolution_map: {A: B}\n    steps:\n   "
                                           "   %s: [create_issue, %s]\n",
                                           jbi_group_name((enum jbi_group)group), step);
            bool is_new = group == JBI_NEW;
            struct scenario s = {
                .name = step,
                .params = params,
                .event = arena_fmt(a, EVENT("'target':'%s'"), targets[group < 2 ? 0 : group - 1]),
                .world = is_new ? NEW_BUG("'id':'12'") : LINKED_BUG("'id':'12'", "'id':'1'"),
                .expect = "{'unit':{'matched':true,'discarded':false}}",
            };
            scenario_run(&s);
        }
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_creating), cmocka_unit_test(test_summary),    cmocka_unit_test(test_assignee),
        cmocka_unit_test(test_mapped),   cmocka_unit_test(test_status),     cmocka_unit_test(test_type),
        cmocka_unit_test(test_labels),   cmocka_unit_test(test_components), cmocka_unit_test(test_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
