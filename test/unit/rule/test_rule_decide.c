/* Which events concern which actions, and what they are taken for; links, needs, reasons. */
#include "base/base.h"

#include "scenario.h"

#define NO_LABELS "    steps:\n      new: [create_issue]\n      existing: [update_issue_summary]\n"
#define PLAIN_BUG BUG("'id':'12'")
#define TAG_CAME  DELTAS(DELTA("whiteboard", "", "[dev]"))
#define DISCARDED(reason)                                                                                              \
    "{'units':[{'rule':'bugzilla-to-jira[dev]','matched':true,'discarded':true,'reason':'" reason "','changes':[],"    \
    "'operation':null}],'reason':null,'verdict':'discarded','why':'" reason "'}"
#define REFUSED(reason) "{'units':[],'reason':'" reason "','verdict':'discarded','why':'" reason "'}"
#define CREATES         "{'unit':{'operation':'create','changes':[{'kind':'create','marker':'bugzilla:12>jira:DEV'}]}}"
#define UPDATES         "{'unit':{'operation':'update','target':'jira:DEV-7','changes':[]},'verdict':'unchanged'}"
#define FIRST_ASKED     "issue:bugzilla:12 linked:bugzilla:12"

static const struct scenario refused[] = {
    {"private in the payload", NULL, EVENT("'issue':{'ref':'12','is_private':true}"), "",
     REFUSED("private bugs are not supported"), ""},
    {"groups in the payload", NULL, EVENT("'issue':{'ref':'12','groups':['core-security'],'whiteboard':'[dev]'}"), "",
     REFUSED("private bugs are not supported"), ""},
    {"being hidden", NULL, EVENT(DELTAS(DELTA("is_private", "0", "1"))), "", REFUSED("private bugs are not supported"),
     ""},
    {"private by now", NULL, EVENT("'action':'create'"), BUG("'is_private':true"),
     REFUSED("private bugs are not supported"), FIRST_ASKED},
    {"in a group by now", NULL, EVENT("'action':'create'"), BUG("'groups':['core-security']"),
     REFUSED("private bugs are not supported"), FIRST_ASKED},
    {"not accessible", NULL, EVENT("'action':'create'"), NO_BUG("12", "forbidden"), REFUSED("You cannot see bug 12."),
     FIRST_ASKED},
    {"gone", NULL, EVENT("'issue':{'ref':'12'}"), NO_BUG("12", "missing"), REFUSED("You cannot see bug 12."),
     "issue:bugzilla:12"},
    {"no words for it", NULL, EVENT("'action':'create'"), FACT("issue", "bugzilla", "12", "'state':'missing'"),
     REFUSED("the bug is not accessible"), NULL},
    {"no bug at all", NULL, EVENT("'issue':{'whiteboard':'[dev]'}"), "", REFUSED("the event names no bug"), ""},
    {"private comment", NULL, EVENT("'target':'comment','has_comment':true,'comment':{'id':'5','is_private':true}"), "",
     REFUSED("private comments are not supported"), ""},
    {"private attachment with its content", NULL,
     EVENT("'target':'attachment','has_attachment':true,'attachment':{'id':'5','is_private':true,'description':'x'}"),
     "", REFUSED("private attachments are not supported"), ""},
    {"no tag", NULL, EVENT("'issue':{'ref':'12','whiteboard':'[other]'}"), BUG("'whiteboard':'[other]'"),
     "{'units':[{'rule':'bugzilla-to-jira[dev]','matched':false,'reason':'the whiteboard does not have its tag'}],"
     "'reason':'no bug whiteboard matching action tags: dev','verdict':'discarded'}",
     "issue:bugzilla:12"},
    {"a tag that has been removed since", NULL, EVENT(TAG_CAME), BUG("'whiteboard':''"),
     "{'reason':'no bug whiteboard matching action tags: dev','verdict':'discarded'}", FIRST_ASKED},
    {"another tracker's event", NULL, EVENT("'tracker':'github'"), "",
     "{'units':[],'reason':null,'verdict':'discarded','why':'no rule is for this event'}", ""},
    {"comment on a bug without an issue", NULL, EVENT("'target':'comment'"), PLAIN_BUG,
     DISCARDED("ignore event target `comment`"), NULL},
    {"attachment on a bug without an issue", NULL, EVENT("'target':'attachment'"), PLAIN_BUG,
     DISCARDED("ignore event target `attachment`"), NULL},
    {"unknown target", NULL, EVENT("'target':'flag'"), BUG(SEE_DEV7), DISCARDED("ignore event target `flag`"), NULL},
    {"no target", NULL, EVENT("'target':null"), PLAIN_BUG, DISCARDED("ignore event target `None`"), NULL},
    {"unreadable issue", NULL, EVENT("'action':'modify'"),
     BUG(SEE_DEV7) FACT("issue", "jira", "DEV-7", "'state':'missing'"), DISCARDED("ignore unreadable issue DEV-7"),
     NULL},
    {"forbidden issue", NULL, EVENT("'action':'modify'"),
     BUG(SEE_DEV7) FACT("issue", "jira", "DEV-7", "'state':'forbidden'"), DISCARDED("ignore unreadable issue DEV-7"),
     NULL},
    {"moved to another project", NULL, EVENT("'action':'modify'"),
     BUG(SEE_DEV7) FACT("issue", "jira", "DEV-7", "'issue':{'ref':'OPS-3','project':'OPS'}"),
     DISCARDED("ignore linked project `OPS` (!=`DEV`)"), NULL},
    {"moved, told by its key alone", NULL, EVENT("'action':'modify'"),
     BUG(SEE_DEV7) FACT("issue", "jira", "DEV-7", "'issue':{'ref':'OPS-3'}"),
     DISCARDED("ignore linked project `OPS` (!=`DEV`)"), NULL},
    {"steps that cannot create", "    steps:\n      new: [add_link_to_jira]\n", EVENT("'action':'create'"), PLAIN_BUG,
     "{'unit':{'discarded':true,'changes':[]},'verdict':'discarded'}", NULL},
};

static const struct scenario links[] = {
    {"created for any modification", NO_LABELS, EVENT("'action':'modify'"), PLAIN_BUG COMMENTS(FIRST_COMMENT), CREATES,
     FIRST_ASKED " | comments:bugzilla:12"},
    {"the payload lacks the tag, the bug has it", NO_LABELS, EVENT("'issue':{'ref':'12'}"),
     PLAIN_BUG COMMENTS(FIRST_COMMENT), CREATES, "issue:bugzilla:12 | linked:bugzilla:12 | comments:bugzilla:12"},
    {"linked", NO_LABELS, EVENT("'action':'modify'"), BUG(SEE_DEV7) ISSUE("'id':'1'"), UPDATES,
     FIRST_ASKED " | issue:jira:DEV-7"},
    {"first of several", NO_LABELS, EVENT("'action':'modify'"),
     BUG("'see_also':['no address','https://jira.example.org/browse/DEVX-1','https://jira.example.org/browse/DEV-7',"
         "'https://jira.example.org/browse/DEV-8']") ISSUE("'id':'1'"),
     UPDATES, FIRST_ASKED " | issue:jira:DEV-7"},
    {"another Jira's key does not count", NO_LABELS, EVENT("'action':'modify'"),
     BUG("'see_also':['https://other.atlassian.net/browse/DEV-7']") COMMENTS(FIRST_COMMENT), CREATES, NULL},
    {"case counts", NO_LABELS, EVENT("'action':'modify'"),
     BUG("'see_also':['https://jira.example.org/browse/dev-7']") COMMENTS(FIRST_COMMENT), CREATES, NULL},
    {"tag came: a full resync", NO_LABELS, EVENT(TAG_CAME), BUG(SEE_DEV7) ISSUE("'summary':'Old'"),
     "{'unit':{'operation':'create','changes':[{'kind':'fields','step':'create_issue','issue':{'ref':'DEV-7'},"
     "'fields':[{'field':'summary','kind':'text','text':'Boom'}]}]},'verdict':'applied'}",
     NULL},
    {"tag was there before", NO_LABELS, EVENT(DELTAS(DELTA("whiteboard", "[dev]", "[dev] [x]"))),
     BUG(SEE_DEV7) ISSUE("'summary':'Old'"), UPDATES, NULL},
    {"a link that could not be told yet", NO_LABELS, EVENT("'action':'modify'"),
     PLAIN_BUG LINKED("{'tracker':'jira','ref':'DEV-7','event':44}") ISSUE("'id':'1'"), UPDATES,
     FIRST_ASKED " | issue:jira:DEV-7"},
    {"see_also before our own record", NO_LABELS, EVENT("'action':'modify'"),
     BUG("'see_also':['https://jira.example.org/browse/DEV-8']") LINKED("{'tracker':'jira','ref':'DEV-7','event':44}")
         ISSUE_OF("DEV-8", "'id':'2'"),
     "{'unit':{'operation':'update','target':'jira:DEV-8','changes':[]},'verdict':'unchanged'}", NULL},
    {"a link of another project", NO_LABELS, EVENT("'action':'modify'"),
     PLAIN_BUG LINKED("{'tracker':'jira','ref':'OPS-7','event':44},{'tracker':'gh','ref':'DEV-1','event':44}")
         COMMENTS(FIRST_COMMENT),
     CREATES, NULL},
    {"unlinked by a person: another issue, under another name", NO_LABELS, EVENT("'action':'modify'"),
     PLAIN_BUG LINKED("{'tracker':'jira','ref':'DEV-7','event':44,'is_confirmed':true}") COMMENTS(FIRST_COMMENT),
     "{'unit':{'operation':'create','changes':[{'kind':'create','marker':'bugzilla:12>jira:DEV#2'}]}}", NULL},
    {"made by this event: the same creation again", NO_LABELS, EVENT("'action':'create'"),
     PLAIN_BUG LINKED("{'tracker':'jira','ref':'DEV-7','event':45}") COMMENTS(FIRST_COMMENT), CREATES, NULL},
    {"made by this event and told already: the rest goes on", NULL, EVENT("'action':'create'"),
     BUG(SEE_DEV7) LINKED("{'tracker':'jira','ref':'DEV-7','event':45,'is_confirmed':true}") COMMENTS(FIRST_COMMENT),
     "{'unit':{'operation':'create','changes':[{'kind':'create','marker':'bugzilla:12>jira:DEV'},{'kind':'web_link'},"
     "{'kind':'labels'}]}}",
     NULL},
    {"made by this event, but a person linked another", NO_LABELS, EVENT("'action':'create'"),
     BUG("'see_also':['https://jira.example.org/browse/DEV-8']") LINKED("{'tracker':'jira','ref':'DEV-7','event':45}")
         ISSUE_OF("DEV-8", "'id':'2'"),
     "{'unit':{'operation':'update','changes':[],"
     "'notes':['DEV-7 was created by this event, but see_also names DEV-8']},'verdict':'unchanged'}",
     NULL},
    {"moved within the project: the new key", "    steps:\n      existing: [add_link_to_bugzilla, add_link_to_jira]\n",
     EVENT("'action':'modify'"),
     BUG(SEE_DEV7) FACT("issue", "jira", "DEV-7", "'issue':{'ref':'DEV-70','project':'DEV'}"),
     "{'unit':{'changes':[{'kind':'web_link','issue':{'ref':'DEV-70'}},{'kind':'see_also'}]}}", NULL},
    {"found by a reconciler: all that differs",
     "    steps:\n      existing: [update_issue_summary, sync_whiteboard_labels]\n", EVENT("'is_recovered':true"),
     BUG(SEE_DEV7) ISSUE("'summary':'Old','labels':['bugzilla']"),
     "{'unit':{'operation':'update','changes':[{'kind':'fields'},{'kind':'labels','add':['dev'],'remove':[]}]}}", NULL},
};

#define TWO_ACTIONS                                                                                                    \
    "- whiteboard_tag: a\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n    jira_project_key: AAA\n"         \
    "- whiteboard_tag: off\n  enabled: false\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n"                \
    "    jira_project_key: OFF\n"                                                                                      \
    "- whiteboard_tag: b\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n    jira_project_key: BBB\n"
#define TWO_LINKS "'see_also':['https://jira.example.org/browse/AAA-1','https://jira.example.org/browse/BBB-2']"

static const struct scenario several[] = {
    {"all at once", TWO_ACTIONS, EVENT("'issue':{'ref':'12','whiteboard':'[a] [b]'}"),
     BUG("'whiteboard':'[a][off][b]'," TWO_LINKS) FACT("issue", "jira", "AAA-1", "'issue':{'ref':'AAA-1'}")
         FACT("issue", "jira", "BBB-2", "'issue':{'ref':'BBB-2'}"),
     "{'units':[{'rule':'bugzilla-to-jira[a]','operation':'update'},"
     "{'rule':'bugzilla-to-jira[off]','matched':false,'reason':'the action is not enabled'},"
     "{'rule':'bugzilla-to-jira[b]','operation':'update'}],'verdict':'unchanged'}",
     FIRST_ASKED " | issue:jira:AAA-1 issue:jira:BBB-2"},
    {"one is discarded, the other works on", TWO_ACTIONS,
     EVENT("'issue':{'ref':'12','whiteboard':'[a]'}," DELTAS(DELTA("summary", "x", "y"))),
     BUG("'whiteboard':'[a][b]'," TWO_LINKS) FACT("issue", "jira", "AAA-1", "'state':'missing'")
         FACT("issue", "jira", "BBB-2", "'issue':{'ref':'BBB-2'}"),
     "{'units':[{'discarded':true,'reason':'ignore unreadable issue AAA-1'},{'matched':false},"
     "{'discarded':false,'changes':[{'kind':'fields'}]}],'verdict':'discarded',"
     "'why':'ignore unreadable issue AAA-1'}",
     NULL},
    {"both discarded", TWO_ACTIONS, EVENT("'issue':{'ref':'12','whiteboard':'[a]'}"),
     BUG("'whiteboard':'[a][b]'," TWO_LINKS) FACT("issue", "jira", "AAA-1", "'state':'missing'")
         FACT("issue", "jira", "BBB-2", "'state':'missing'"),
     "{'verdict':'discarded','why':'bugzilla-to-jira[a]: ignore unreadable issue AAA-1; "
     "bugzilla-to-jira[b]: ignore unreadable issue BBB-2'}",
     NULL},
    {"only one that is not enabled", TWO_ACTIONS, EVENT("'issue':{'ref':'12','whiteboard':'[off]'}"),
     BUG("'whiteboard':'[off]'"),
     "{'units':[{'matched':false},{'matched':false},{'matched':false}],"
     "'reason':'no bug whiteboard matching action tags: a, off, b'}",
     "issue:bugzilla:12"},
    {"one creates, one updates", TWO_ACTIONS, EVENT("'issue':{'ref':'12','whiteboard':'[a]'}"),
     BUG("'whiteboard':'[a][b]','see_also':['https://jira.example.org/browse/BBB-2']") COMMENTS(FIRST_COMMENT)
         FACT("issue", "jira", "BBB-2", "'issue':{'ref':'BBB-2'}"),
     "{'units':[{'operation':'create'},{'matched':false},{'operation':'update','changes':[]}],'verdict':'applied'}",
     FIRST_ASKED " | comments:bugzilla:12 issue:jira:BBB-2"},
};

static void test_refused(void **state)
{
    (void)state;
    scenario_run_all(refused, COUNT(refused));
}

static void test_links(void **state)
{
    (void)state;
    scenario_run_all(links, COUNT(links));
}

static void test_several(void **state)
{
    (void)state;
    scenario_run_all(several, COUNT(several));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused), cmocka_unit_test(test_links),
                                       cmocka_unit_test(test_several)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
