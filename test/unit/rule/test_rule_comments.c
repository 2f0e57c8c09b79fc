/* Comments, attachments, Phabricator links, comments for changes; and who may read what. */
#include "base/base.h"

#include "scenario.h"

#define COMMENT_EVENT(comment) EVENT("'target':'comment','has_comment':true,'comment':{" comment "}")
#define COMMENTED(comments)                                                                                            \
    BUG(SEE_DEV7)                                                                                                      \
    COMMENTS(comments)                                                                                                 \
    ISSUE("'id':'1'")
#define ONE(change) "{'unit':{'changes':[{" change "}],'notes':[]},'verdict':'applied'}"
#define NOTHING     "{'unit':{'changes':[]},'verdict':'unchanged'}"
#define REFUSED(reason)                                                                                                \
    "{'unit':{'discarded':true,'operation':null,'changes':[],'reason':'" reason "'},'verdict':'discarded'}"
#define THIRD "{'id':'103','number':3,'author':'q@x.org','text':'So *it* is.'}"
#define MARK3 "'marker':'bugzilla:12#c103>jira:DEV'"

static const struct scenario comments[] = {
    {"plain", NULL, COMMENT_EVENT("'id':'103','number':3,'text':'So *it* is.'"), COMMENTED(FIRST_COMMENT "," THIRD),
     "{'unit':{'operation':'comment','notes':[],'changes':[{'kind':'comment','step':'create_comment'," MARK3
     ",'issue':{'tracker':'jira','ref':'DEV-7'},'text':'*p@x.org* commented: \\nSo _it_ is.'}]},'verdict':'applied'}",
     "issue:bugzilla:12 linked:bugzilla:12 comments:bugzilla:12 | issue:jira:DEV-7"},
    {"without a body in the payload", NULL, COMMENT_EVENT("'id':'103'"), COMMENTED(THIRD),
     ONE(MARK3 ",'text':'*p@x.org* commented: \\nSo _it_ is.'"), NULL},
    {"without a body in the bug's comments", NULL, COMMENT_EVENT("'id':'103','text':'said'"),
     COMMENTED("{'id':'103','number':3}"), ONE(MARK3 ",'text':'*p@x.org* commented: \\nsaid'"), NULL},
    {"found by its number, the same marker", NULL, COMMENT_EVENT("'number':3,'text':'x'"),
     COMMENTED(FIRST_COMMENT "," THIRD), ONE(MARK3), NULL},
    {"through another webhook, the same marker", NULL,
     EVENT("'id':99,'hook':'other','target':'comment','has_comment':true,'comment':{'id':'103','number':3}"),
     COMMENTED(THIRD), ONE(MARK3), NULL},
    {"edited since", NULL, COMMENT_EVENT("'id':'103','number':3,'text':'my password is'"),
     COMMENTED("{'id':'103','number':3,'text':'edited'}"), ONE("'text':'*p@x.org* commented: \\nedited'"), NULL},
    {"emptied since", NULL, COMMENT_EVENT("'id':'103','number':3,'text':'my password is'"),
     COMMENTED("{'id':'103','number':3,'text':' '}"), NOTHING, NULL},
    {"private by now", NULL, COMMENT_EVENT("'id':'103','number':3,'text':'x'"),
     COMMENTED("{'id':'103','number':3,'text':'x','is_private':true}"), REFUSED("private comments are not supported"),
     NULL},
    {"hidden from us by now", NULL, COMMENT_EVENT("'id':'103','number':3,'text':'x'"), COMMENTED(FIRST_COMMENT),
     REFUSED("the comment is not there, or not for everybody"), NULL},
    {"comments forbidden", NULL, COMMENT_EVENT("'id':'103','number':3,'text':'x'"),
     BUG(SEE_DEV7) ISSUE("'id':'1'") FACT("comments", "bugzilla", "12", "'state':'forbidden'"),
     REFUSED("the comment is not there, or not for everybody"), NULL},
    {"the description", NULL, COMMENT_EVENT("'id':'100','number':0,'text':'It breaks.'"), COMMENTED(FIRST_COMMENT),
     REFUSED("comment 0 is the description, which is set when the issue is created"), NULL},
    {"no comment at all", NULL, EVENT("'target':'comment'"), BUG(SEE_DEV7) ISSUE("'id':'1'"),
     "{'unit':{'changes':[],'notes':['the event carries no comment']},'verdict':'unchanged'}", NULL},
    {"an author when nobody acted", NULL,
     EVENT("'actor':{},'target':'comment','has_comment':true,'comment':{'id':'103'}"), COMMENTED(THIRD),
     ONE("'text':'*q@x.org* commented: \\nSo _it_ is.'"), NULL},
    {"nobody known", NULL, EVENT("'actor':{},'target':'comment','has_comment':true,'comment':{'id':'103'}"),
     COMMENTED("{'id':'103','number':3,'text':'x'}"), ONE("'text':'*unknown* commented: \\nx'"), NULL},
    {"cut with what stands before it", "    jira_char_limit: 31\n", COMMENT_EVENT("'id':'103'"),
     COMMENTED("{'id':'103','number':3,'text':'one two three'}"), ONE("'text':'*p@x.org* commented: \\none two'"),
     NULL},
    {"no room at all", "    jira_char_limit: 3\n", COMMENT_EVENT("'id':'103'"), COMMENTED(THIRD), NOTHING, NULL},
};

#define ATTACHED(attachment)                                                                                           \
    EVENT("'target':'attachment','action':'create','routing':'attachment.create','has_attachment':true,"               \
          "'attachment':{'id':'77'," attachment "}")
#define ON_ISSUE     BUG(SEE_DEV7) ISSUE("'id':'1'")
#define WITH(others) ON_ISSUE ATTACHMENTS(others)
#define NOW(members) WITH("{'id':'76','description':'Another'},{'id':'77'," members "}")
#define PATCH        "'content_type':'text/plain','description':'A patch','file_name':'a.patch'"
#define REVIEW                                                                                                         \
    "'content_type':'text/x-phabricator-request','description':'Bug 12 - "                                             \
    "Fix','file_name':'phabricator-D262912-url.txt'"
#define TIME      "1785578400000"
#define NOT_THERE "the attachment is not there, or not for everybody"
#define ATTACHMENT_REFUSED(reason)                                                                                     \
    "{'unit':{'discarded':true,'operation':null,'target':'jira:DEV-7','changes':[],'reason':'" reason                  \
    "'},'verdict':'discarded','why':'" reason "'}"

static const struct scenario attachments[] = {
    {"plain", NULL, ATTACHED(PATCH), NOW(PATCH),
     "{'unit':{'operation':'attachment','changes':[{'kind':'comment',"
     "'marker':'bugzilla:12#a77:created@" TIME ">jira:DEV','text':'*p@x.org* created an attachment:\\n"
     "*Description*: A patch\\n*Filename*: a.patch (text/plain)'}]}}",
     "issue:bugzilla:12 linked:bugzilla:12 attachments:bugzilla:12 | issue:jira:DEV-7"},
    {"as it is by now", NULL, ATTACHED("'is_obsolete':true," REVIEW), NOW(PATCH),
     ONE("'text':'*p@x.org* created an attachment:\\n*Description*: A patch\\n*Filename*: a.patch (text/plain)'"),
     NULL},
    {"a revision by now, and abandoned", "    steps:\n      attachment: [maybe_add_phabricator_link]\n",
     ATTACHED(PATCH), NOW("'is_obsolete':true," REVIEW), ONE("'global_id':'12-77','name':'Abandoned - Bug 12 - Fix'"),
     NULL},
    {"what the payload had and the attachment has not", NULL, ATTACHED(PATCH), NOW("'file_name':''"),
     ONE("'text':'*p@x.org* created an attachment:\\n*Description*: \\n*Filename*:  ()'"), NULL},
    {"private by now", NULL, ATTACHED(PATCH), NOW("'is_private':true," PATCH),
     ATTACHMENT_REFUSED("private attachments are not supported"), NULL},
    {"hidden from us by now", NULL, ATTACHED(PATCH), WITH("{'id':'76'}"), ATTACHMENT_REFUSED(NOT_THERE), NULL},
    {"none at all", NULL, ATTACHED(PATCH), WITH(""), ATTACHMENT_REFUSED(NOT_THERE), NULL},
    {"attachments forbidden", NULL, ATTACHED(PATCH),
     ON_ISSUE FACT("attachments", "bugzilla", "12", "'state':'forbidden'"), ATTACHMENT_REFUSED(NOT_THERE), NULL},
    {"attachments missing", NULL, ATTACHED(PATCH), ON_ISSUE FACT("attachments", "bugzilla", "12", "'state':'missing'"),
     ATTACHMENT_REFUSED(NOT_THERE), NULL},
    {"judged even where no step reads it", "    steps:\n      attachment: [maybe_update_components]\n", ATTACHED(PATCH),
     NOW("'is_private':true"), ATTACHMENT_REFUSED("private attachments are not supported"), NULL},
    {"not asked for when the event is of the bug", NULL, EVENT("'has_attachment':true,'attachment':{'id':'77'}"),
     ON_ISSUE, NOTHING, "issue:bugzilla:12 linked:bugzilla:12 | issue:jira:DEV-7"},
    {"modified", NULL,
     EVENT("'target':'attachment','routing':'attachment.modify:is_obsolete','has_attachment':true,"
           "'attachment':{'id':'77'," PATCH "}"),
     NOW(PATCH),
     ONE("'marker':'bugzilla:12#a77:modified@" TIME ">jira:DEV','text':'*p@x.org* modified an attachment:\\n"
         "*Description*: A patch\\n*Filename*: a.patch (text/plain)'"),
     NULL},
    {"no routing", NULL,
     EVENT("'target':'attachment','routing':null,'action':'create','has_attachment':true,'attachment':{'id':'77'}"),
     WITH("{'id':'77'}"), ONE("'text':'*p@x.org* created an attachment:\\n*Description*: \\n*Filename*:  ()'"), NULL},
    {"a revision", NULL, ATTACHED(REVIEW), NOW(REVIEW),
     "{'unit':{'changes':[{'kind':'comment','text':'*p@x.org* created an attachment:\\n*Description*: Bug 12 - Fix\\n"
     "*Filename*: phabricator-D262912-url.txt (text/x-phabricator-request)\\n"
     "*Phabricator URL*: https://phab.example.org/D262912'},"
     "{'kind':'web_link','step':'maybe_add_phabricator_link','global_id':'12-77','url':'https://phab.example.org/"
     "D262912',"
     "'name':'Bug 12 - Fix','icon':null,'is_resolved':false,'issue':{'ref':'DEV-7'}}]}}",
     NULL},
    {"an abandoned revision", "    steps:\n      attachment: [maybe_add_phabricator_link]\n",
     ATTACHED("'is_obsolete':true," REVIEW), NOW("'is_obsolete':true," REVIEW),
     ONE("'name':'Abandoned - Bug 12 - Fix'"), NULL},
    {"a revision without a description", "    steps:\n      attachment: [maybe_add_phabricator_link]\n",
     ATTACHED(REVIEW), NOW("'content_type':'text/x-phabricator-request','file_name':'DD1'"),
     ONE("'name':'https://phab.example.org/D1','url':'https://phab.example.org/D1'"), NULL},
    {"a request without a number", "    steps:\n      attachment: [maybe_add_phabricator_link]\n", ATTACHED(REVIEW),
     NOW("'content_type':'text/x-phabricator-request','file_name':'phabricator-D.txt'"), NOTHING, NULL},
    {"another type", "    steps:\n      attachment: [maybe_add_phabricator_link]\n", ATTACHED(REVIEW),
     NOW("'content_type':'text/plain','file_name':'D1'"), NOTHING, NULL},
    {"no attachment", NULL, EVENT("'target':'attachment'"), ON_ISSUE,
     "{'unit':{'changes':[],'notes':['the event carries no attachment']}}", NULL},
    {"listed where it does nothing", "    steps:\n      existing: [maybe_add_phabricator_link, create_comment]\n",
     EVENT("'action':'modify'"), ON_ISSUE, NOTHING, NULL},
};

#define CHANGES   "    steps:\n      existing: [add_jira_comments_for_changes]\n"
#define TO_FIXED  DELTA("status", "NEW", "RESOLVED") "," DELTA("resolution", "", "FIXED")
#define FIXED_BUG BUG(SEE_DEV7 ",'status':'RESOLVED','resolution':'FIXED','assignee':'\\u00e4@x.org'") ISSUE("'id':'1'")
#define FIXED_TEXT                                                                                                     \
    "{\\n    \\\"modified by\\\": \\\"p@x.org\\\",\\n    \\\"resolution\\\": \\\"FIXED\\\",\\n"                        \
    "    \\\"status\\\": \\\"RESOLVED\\\"\\n}"

static const struct scenario changes[] = {
    {"status and resolution: once", CHANGES, EVENT(DELTAS(TO_FIXED)), FIXED_BUG,
     ONE("'kind':'comment','text':'" FIXED_TEXT "'"), NULL},
    {"resolution alone", CHANGES, EVENT(DELTAS(DELTA("resolution", "", "FIXED"))), FIXED_BUG,
     ONE("'text':'" FIXED_TEXT "'"), NULL},
    {"assignee, escaped, in order", CHANGES,
     EVENT(DELTAS(DELTA("assigned_to", "a", "b") "," DELTA("priority", "a", "b") "," TO_FIXED)), FIXED_BUG,
     "{'unit':{'changes':[{'text':'{\\n    \\\"assignee\\\": \\\"\\\\u00e4@x.org\\\"\\n}'},{'text':'" FIXED_TEXT
     "'}]}}",
     NULL},
    {"nobody known", CHANGES, EVENT("'actor':{}," DELTAS(DELTA("status", "NEW", "ASSIGNED"))),
     BUG(SEE_DEV7 ",'status':'ASSIGNED'") ISSUE("'id':'1'"),
     ONE("'text':'{\\n    \\\"modified by\\\": \\\"unknown\\\",\\n    \\\"resolution\\\": \\\"\\\",\\n"
         "    \\\"status\\\": \\\"ASSIGNED\\\"\\n}'"),
     NULL},
    {"other fields", CHANGES, EVENT(DELTAS(DELTA("summary", "a", "b"))), FIXED_BUG, NOTHING, NULL},
};

static void test_comments(void **state)
{
    (void)state;
    scenario_run_all(comments, COUNT(comments));
}

static void test_attachments(void **state)
{
    (void)state;
    scenario_run_all(attachments, COUNT(attachments));
}

static void test_changes(void **state)
{
    (void)state;
    scenario_run_all(changes, COUNT(changes));
}

/* The marker of the only change of this event. */
static const char *marker_of(struct arena *a, const char *params, const char *event, const char *world)
{
    struct conf_bridge bridge = scenario_bridge(a, scenario_actions(a, params));
    struct event ev = {0};
    struct err e = {0};
    assert_int_equal(field_read(&event_table, scenario_json(a, event), a, &ev, &e), 0);
    AUTO(text_auto) struct text asked;
    text_init(&asked, 10000);
    struct decision d =
        scenario_decide(event, a, &bridge, &ev, scenario_json(a, arena_fmt(a, "[%snull]", world)), &asked);
    const struct unit *unit = d.units.v;
    assert_int_equal(unit->changes.n, 1);
    return ((const struct change *)unit->changes.v)->marker;
}

/* The same change seen twice is one comment, in whatever state the bug is by then; two changes are two. */
static void test_change_markers(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    const char *first = marker_of(a, CHANGES, EVENT(DELTAS(TO_FIXED)), FIXED_BUG);
    const char *again = marker_of(a, CHANGES, EVENT("'id':99,'hook':'other'," DELTAS(TO_FIXED)),
                                  BUG(SEE_DEV7 ",'status':'REOPENED'") ISSUE("'id':'1'"));
    const char *other = marker_of(a, CHANGES, EVENT(DELTAS(DELTA("status", "NEW", "ASSIGNED"))), FIXED_BUG);
    const char *later = marker_of(a, CHANGES, EVENT("'happened':'2026-08-01T10:00:01Z'," DELTAS(TO_FIXED)), FIXED_BUG);
    const char *assigned = marker_of(a, CHANGES, EVENT(DELTAS(DELTA("assigned_to", "a", "b"))), FIXED_BUG);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    assert_string_not_equal(first, later);
    assert_string_not_equal(first, assigned);
    arena_free(a);
}

static void test_kept_lines(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct conf_bridge bridge = scenario_bridge(a, scenario_actions(a, NULL));
    ((struct jbi_bridge *)bridge.own)->line_breaks = JBI_LINES_KEEP;
    struct event ev = {0};
    struct err e = {0};
    assert_int_equal(field_read(&event_table, scenario_json(a, COMMENT_EVENT("'id':'103'")), a, &ev, &e), 0);
    AUTO(text_auto) struct text asked;
    text_init(&asked, 10000);
    const char *world = COMMENTED("{'id':'103','number':3,'text':'a\\nb'}");
    struct decision d =
        scenario_decide("kept", a, &bridge, &ev, scenario_json(a, arena_fmt(a, "[%snull]", world)), &asked);
    const struct unit *unit = d.units.v;
    assert_string_equal(((const struct change *)unit->changes.v)->text, "*p@x.org* commented: \na\nb");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_comments), cmocka_unit_test(test_attachments),
                                       cmocka_unit_test(test_changes), cmocka_unit_test(test_change_markers),
                                       cmocka_unit_test(test_kept_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
