/* Links between Jira issues from relations between bugs. */
#include "base/base.h"

#include "scenario.h"

#define IN_NEW(more)      "    steps:\n      new: [create_issue, " more "]\n"
#define IN_EXISTING(more) "    steps:\n      existing: [" more "]\n"
#define MODIFY            EVENT("'action':'modify'")
#define LINKED_BUG(bug, issue)                                                                                         \
    BUG(SEE_DEV7 "," bug)                                                                                              \
    ISSUE(issue)
#define NEW_BUG(members) BUG(members) COMMENTS(FIRST_COMMENT)
#define KEYS_OF(ref, keys)                                                                                             \
    BUG_OF(ref, "'see_also':['https://elsewhere.org/browse/DEV-66','https://jira.example.org/browse/" keys "']")
#define NOTHING "{'unit':{'changes':[],'notes':[]},'verdict':'unchanged'}"
#define LINK(type, inward, outward)                                                                                    \
    "{'kind':'link','name':'" type "','may_refuse':true,'issue':{'tracker':'jira','ref':'" inward                      \
    "'},'other':{'tracker':'jira','ref':'" outward "'}}"
#define UNLINK(type, inward, outward)                                                                                  \
    "{'kind':'unlink','name':'" type "','issue':{'ref':'" inward "'},'other':{'ref':'" outward "'}}"
#define CHANGES(list)              "{'unit':{'changes':[" list "],'notes':[]}}"
#define TWO(a, b)                  CHANGES(a "," b)
#define THERE(type, inward, other) "{'type':'" type "','is_inward':" inward ",'other':'" other "'}"

#define DEPENDENCIES "sync_dependencies"

static const struct scenario dependencies[] = {
    {"create", IN_NEW(DEPENDENCIES), MODIFY,
     NEW_BUG("'depends_on':['3'],'blocks':['4']") KEYS_OF("3", "DEV-3") KEYS_OF("4", "OPS-4"),
     "{'unit':{'changes':[{'kind':'create'},"
     "{'kind':'link','name':'Blocks','issue':{'ref':'DEV-3'},'other':{'tracker':'jira','ref':null}},"
     "{'kind':'link','name':'Blocks','issue':{'tracker':'jira','ref':null},'other':{'ref':'OPS-4'}}]}}",
     "issue:bugzilla:12 linked:bugzilla:12 | comments:bugzilla:12 issue:bugzilla:3 issue:bugzilla:4"},
    {"update", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("depends_on", "", "3") "," DELTA("blocks", "", "4"))),
     LINKED_BUG("'depends_on':['3'],'blocks':['4']", "'id':'1'") KEYS_OF("3", "DEV-3") KEYS_OF("4", "OPS-4"),
     TWO(LINK("Blocks", "DEV-3", "DEV-7"), LINK("Blocks", "DEV-7", "OPS-4")),
     "issue:bugzilla:12 linked:bugzilla:12 | issue:jira:DEV-7 issue:bugzilla:3 issue:bugzilla:4"},
    {"one field touched", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("blocks", "", "4"))),
     LINKED_BUG("'depends_on':['3'],'blocks':['4']", "'id':'1'") KEYS_OF("4", "OPS-4"),
     CHANGES(LINK("Blocks", "DEV-7", "OPS-4")), NULL},
    {"not touched", IN_EXISTING(DEPENDENCIES), MODIFY, LINKED_BUG("'depends_on':['3']", "'id':'1'"), NOTHING, NULL},
    {"there already", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("depends_on", "", "3"))),
     LINKED_BUG("'depends_on':['3']", "'links':[" THERE("Blocks", "true", "DEV-3") "]") KEYS_OF("3", "DEV-3"), NOTHING,
     NULL},
    {"there the other way round", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("depends_on", "", "3"))),
     LINKED_BUG("'depends_on':['3']", "'links':[" THERE("Blocks", "false", "DEV-3") "]") KEYS_OF("3", "DEV-3"),
     CHANGES(LINK("Blocks", "DEV-3", "DEV-7")), NULL},
    {"removed", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("depends_on", "3, 5", ""))),
     LINKED_BUG("'id':'12'", "'links':[" THERE("Blocks", "true", "DEV-3") "]") KEYS_OF("3", "DEV-3")
         KEYS_OF("5", "DEV-5"),
     CHANGES(UNLINK("Blocks", "DEV-3", "DEV-7")), NULL},
    {"removed and back again", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("depends_on", "3", ""))),
     LINKED_BUG("'depends_on':['3']", "'links':[" THERE("Blocks", "true", "DEV-3") "]") KEYS_OF("3", "DEV-3"), NOTHING,
     NULL},
    {"removed, but another bug has the same issue", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("blocks", "3", "4"))),
     LINKED_BUG("'blocks':['4']", "'links':[" THERE("Blocks", "false", "DEV-3") "]") KEYS_OF("3", "DEV-3")
         KEYS_OF("4", "DEV-3"),
     NOTHING, NULL},
    {"not accessible, private, without issues", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("blocks", "", "3"))),
     LINKED_BUG("'blocks':['3','4','5','6']", "'id':'1'") NO_BUG("3", "forbidden") NO_BUG("4", "missing")
         BUG_OF("5", "'is_private':true,'see_also':['https://jira.example.org/browse/SEC-1']") BUG_OF("6", "'id':'6'"),
     "{'unit':{'changes':[],'notes':['bug 3 is not accessible: no links for it','bug 4 is not accessible: no links for "
     "it',"
     "'bug 5 is not accessible: no links for it']},'verdict':'unchanged'}",
     NULL},
    {"a private bug's link may go", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("blocks", "5", ""))),
     LINKED_BUG("'id':'12'", "'links':[" THERE("Blocks", "false", "DEV-5") "]")
         BUG_OF("5", "'groups':['sec'],'see_also':['https://jira.example.org/browse/DEV-5']"),
     CHANGES(UNLINK("Blocks", "DEV-7", "DEV-5")), NULL},
    {"excluded project, own issue, own bug", IN_EXISTING(DEPENDENCIES), EVENT(DELTAS(DELTA("blocks", "", "3"))),
     LINKED_BUG("'blocks':['3','4','12']", "'id':'1'") KEYS_OF("3", "BZFFX-1") KEYS_OF("4", "DEV-7"), NOTHING, NULL},
    {"excludes none", "    linked_project_excludes: []\n" IN_EXISTING(DEPENDENCIES),
     EVENT(DELTAS(DELTA("blocks", "", "3"))), LINKED_BUG("'blocks':['3']", "'id':'1'") KEYS_OF("3", "BZFFX-1"),
     CHANGES(LINK("Blocks", "DEV-7", "BZFFX-1")), NULL},
    {"comment", "    steps:\n      comment: [" DEPENDENCIES "]\n", EVENT("'target':'comment'"),
     LINKED_BUG("'blocks':['3']", "'id':'1'"), NOTHING, NULL},
    {"found by a reconciler", IN_EXISTING(DEPENDENCIES), EVENT("'is_recovered':true"),
     LINKED_BUG("'blocks':['3']", "'id':'1'") KEYS_OF("3", "OPS-3"), CHANGES(LINK("Blocks", "DEV-7", "OPS-3")), NULL},
};

static const struct scenario others[] = {
    {"duplicate of", IN_EXISTING("sync_duplicates"), EVENT(DELTAS(DELTA("dupe_of", "", "3"))),
     LINKED_BUG("'dupe_of':'3'", "'id':'1'") KEYS_OF("3", "DEV-3"), CHANGES(LINK("Duplicate", "DEV-7", "DEV-3")), NULL},
    {"no duplicate any more", IN_EXISTING("sync_duplicates"), EVENT(DELTAS(DELTA("dupe_of", "3", ""))),
     LINKED_BUG("'id':'12'", "'links':[" THERE("Duplicate", "false", "DEV-3") "]") KEYS_OF("3", "DEV-3"),
     CHANGES(UNLINK("Duplicate", "DEV-7", "DEV-3")), NULL},
    {"duplicates", IN_EXISTING("sync_duplicates"), EVENT(DELTAS(DELTA("duplicates", "", "3"))),
     LINKED_BUG("'duplicates':['3']", "'id':'1'") KEYS_OF("3", "DEV-3"), CHANGES(LINK("Duplicate", "DEV-3", "DEV-7")),
     NULL},
    {"duplicates, created without changes", IN_NEW("sync_duplicates"), MODIFY, NEW_BUG("'duplicates':['3']"),
     "{'unit':{'changes':[{'kind':'create'}]}}", NULL},
    {"duplicates, created with changes", IN_NEW("sync_duplicates"), EVENT(DELTAS(DELTA("priority", "", "P1"))),
     NEW_BUG("'duplicates':['3']") KEYS_OF("3", "DEV-3"),
     "{'unit':{'changes':[{'kind':'create'},{'name':'Duplicate'}]}}", NULL},
    {"regressions", IN_EXISTING("sync_regressions"),
     EVENT(DELTAS(DELTA("regressions", "", "3") "," DELTA("regressed_by", "", "4"))),
     LINKED_BUG("'regressions':['3'],'regressed_by':['4']", "'id':'1'") KEYS_OF("3", "DEV-3") KEYS_OF("4", "DEV-4"),
     TWO(LINK("Problem/Incident", "DEV-7", "DEV-3"), LINK("Problem/Incident", "DEV-4", "DEV-7")), NULL},
};

#define SEE        "sync_see_also"
#define JIRA       "https://jira.example.org/browse/"
#define BUGS       "https://bugs.example.org/show_bug.cgi?id="
#define ALSO(urls) "'see_also':['" JIRA "DEV-7'," urls "]"

static const struct scenario see_also[] = {
    {"added: smaller key inward", IN_EXISTING(SEE),
     EVENT(DELTAS(DELTA("see_also", "", JIRA "AAA-1, " JIRA "OPS-1, " BUGS "3, https://x.org/1"))),
     BUG(ALSO("'" JIRA "AAA-1','" JIRA "OPS-1','" BUGS "3','https://x.org/1','" JIRA "ZZZ-1'")) ISSUE("'id':'1'")
         KEYS_OF("3", "DEV-9"),
     "{'unit':{'changes':[" LINK("Relates", "AAA-1", "DEV-7") "," LINK("Relates", "DEV-7", "OPS-1") "," LINK(
         "Relates", "DEV-7", "DEV-9") "]}}",
     NULL},
    {"added, gone since", IN_EXISTING(SEE), EVENT(DELTAS(DELTA("see_also", "", JIRA "OPS-1"))),
     LINKED_BUG("'id':'12'", "'id':'1'"), NOTHING, NULL},
    {"there, whichever way", IN_EXISTING(SEE), EVENT(DELTAS(DELTA("see_also", "", JIRA "OPS-1"))),
     BUG(ALSO("'" JIRA "OPS-1'")) ISSUE("'links':[" THERE("Relates", "true", "OPS-1") "]"), NOTHING, NULL},
    {"removed", IN_EXISTING(SEE), EVENT(DELTAS(DELTA("see_also", JIRA "OPS-1, " BUGS "3", ""))),
     LINKED_BUG("'id':'12'", "'links':[" THERE("Relates", "true", "OPS-1") "]") KEYS_OF("3", "OPS-3"),
     CHANGES(UNLINK("Relates", "DEV-7", "OPS-1")), NULL},
    {"removed and back again", IN_EXISTING(SEE), EVENT(DELTAS(DELTA("see_also", JIRA "OPS-1", ""))),
     BUG(ALSO("'" JIRA "OPS-1'")) ISSUE("'links':[" THERE("Relates", "true", "OPS-1") "]"), NOTHING, NULL},
    {"created: the new issue's number is not known", IN_NEW(SEE), MODIFY,
     NEW_BUG("'see_also':['" JIRA "AAA-1','" JIRA "OPS-1','" JIRA "DEVX-2']"),
     "{'unit':{'changes':[{'kind':'create'},{'issue':{'ref':'AAA-1'},'other':{'ref':null}},"
     "{'issue':{'ref':null},'other':{'ref':'OPS-1'}},{'issue':{'ref':null},'other':{'ref':'DEVX-2'}}]}}",
     NULL},
    {"created: within the project the known one goes first", IN_NEW("sync_dependencies, " SEE), MODIFY,
     NEW_BUG("'see_also':['" BUGS "3']") KEYS_OF("3", "DEV-9"),
     "{'unit':{'changes':[{'kind':'create'},{'issue':{'ref':'DEV-9'},'other':{'ref':null}}]}}", NULL},
};

static void test_dependencies(void **state)
{
    (void)state;
    scenario_run_all(dependencies, COUNT(dependencies));
}

static void test_others(void **state)
{
    (void)state;
    scenario_run_all(others, COUNT(others));
}

static void test_see_also(void **state)
{
    (void)state;
    scenario_run_all(see_also, COUNT(see_also));
}

/* A bug with thousands of relations asks for a bounded number of others, and says so. */
static void test_bounded(void **state)
{
    (void)state;
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct text refs, world;
    text_init(&refs, 1 << 20);
    text_init(&world, 1 << 20);
    for (unsigned i = 100; i < 5100; i++)
        text_addf(&refs, "%s'%u'", i > 100 ? "," : "", i);
    for (unsigned i = 100; i < 300; i++)
        text_addf(&world, FACT("issue", "bugzilla", "%u", "'issue':{'ref':'%u'}"), i, i);
    struct scenario s = {
        .name = "many",
        .params = IN_EXISTING(DEPENDENCIES),
        .event = EVENT(DELTAS(DELTA("blocks", "", "x"))),
        .world =
            arena_fmt(a, "%s%s", arena_fmt(a, LINKED_BUG("'blocks':[%s]", "'id':'1'"), text_z(&refs)), text_z(&world)),
        .expect = "{'unit':{'changes':[],'notes':['only the first 200 related bugs are looked at']}}",
    };
    scenario_run(&s);
    text_free(&refs);
    text_free(&world);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dependencies), cmocka_unit_test(test_others),
                                       cmocka_unit_test(test_see_also), cmocka_unit_test(test_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
