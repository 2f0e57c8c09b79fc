/* Conversations with GitHub: every change, and looking for what was lost. */
#include "base/base.h"

#include "talk.h"

#define OWN "token: t\nhook_secret: k\n"
#define API "https://api.github.com"

#define REF   "openedx/edx-platform#12"
#define ISSUE "/repos/openedx/edx-platform/issues/12"
#define TEXTS(...)                                                                                                     \
    {                                                                                                                  \
        (const char *[]){__VA_ARGS__}, COUNT(((const char *[]){__VA_ARGS__}))                                          \
    }
#define FIELDS(...)                                                                                                    \
    {                                                                                                                  \
        (struct field_value[]){__VA_ARGS__}, COUNT(((struct field_value[]){__VA_ARGS__}))                              \
    }
#define DID(k, ...)                                                                                                    \
    .change = &(const struct change)                                                                                   \
    {                                                                                                                  \
        .kind = k, .issue = {"github", REF, 0}, __VA_ARGS__                                                            \
    }
#define WHOLE(k, ...)                                                                                                  \
    .change = &(const struct change)                                                                                   \
    {                                                                                                                  \
        .kind = k, __VA_ARGS__                                                                                         \
    }
#define NEXT(page)     "<" API page ">; rel=\"next\""
#define MARKED         "<!-- lockstep: jira%3AX%2D1%3Egithub%3Ao%2Fr%231 -->"
#define MARKER         "jira:X-1>github:o/r#1"
#define ADDED(labels)  "POST", ISSUE "/labels", "{\"labels\":[" labels "]}", HTTP_IDEMPOTENT
#define REMOVED(label) "DELETE", ISSUE "/labels/" label, "", HTTP_IDEMPOTENT

static const struct talk labels[] = {
    {.name = "labels come and go one by one",
     DID(CHANGE_LABELS, .add = TEXTS("a", "", "Ä b"), .remove = TEXTS("needs test run", "x/y", "gone")),
     .said = {{ADDED("\"a\",\"Ä b\""), 200, "[]"},
              {REMOVED("needs%20test%20run"), 200, "[]"},
              {REMOVED("x%2Fy"), 200, "[{\"name\":\"a\"}]"},
              {REMOVED("gone"), 404, "{\"message\":\"Label does not exist\"}"}},
     .rc = STEP_DONE},
    {.name = "none to add",
     DID(CHANGE_LABELS, .remove = TEXTS("a", "b")),
     .said = {{REMOVED("a"), 404, ""}, {REMOVED("b"), 200, "[]"}},
     .rc = STEP_DONE},
    {.name = "all are gone already",
     DID(CHANGE_LABELS, .add = TEXTS(""), .remove = TEXTS("a")),
     .said = {{REMOVED("a"), 404, ""}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "nothing", DID(CHANGE_LABELS), .rc = STEP_DONE, .unchanged = true},
    {.name = "too long",
     DID(CHANGE_LABELS, .add = TEXTS("a"), .may_refuse = true),
     .said = {{ADDED("\"a\""), 422,
               "{\"message\":\"Validation Failed\",\"errors\":[{\"message\":\"name is too long\"}]}"}},
     .rc = STEP_DONE,
     .note = "name is too long",
     .unchanged = true},
    {.name = "nobody's", WHOLE(CHANGE_LABELS, .issue = {"github", NULL, 0}, .add = TEXTS("a")), .rc = -ERR_INPUT},
};

#define SAYING(body, effect_of) ISSUE "/comments", "{\"body\":\"" body "\"}", effect_of
#define EDITED                  "PATCH", "/repos/openedx/edx-platform/issues/comments/77"

static const struct talk comments[] = {
    {.name = "comment with everything",
     DID(CHANGE_COMMENT, .text = "Hi\n<!-- comment:external_pr -->", .data = "{\"draft\":false}", .marker = MARKER),
     .said = {{"POST",
               SAYING("Hi\\n<!-- comment:external_pr -->\\n" MARKED "\\n\\n<!-- data: eyJkcmFmdCI6ZmFsc2V9 -->\\n",
                      HTTP_CREATE),
               201, "{\"id\":77}"}},
     .rc = STEP_DONE,
     .ref = "77"},
    {.name = "marker that would end the comment",
     DID(CHANGE_COMMENT, .text = "", .marker = "a-->b\n"),
     .said = {{"POST", SAYING("\\n<!-- lockstep: a%2D%2D%3Eb%0A -->\\n", HTTP_CREATE), 201, "{\"id\":78}"}},
     .rc = STEP_DONE,
     .ref = "78"},
    {.name = "comment whose answer is unreadable",
     DID(CHANGE_COMMENT, .text = "t"),
     .said = {{"POST", SAYING("t", HTTP_CREATE), 201, "<html>"}},
     .rc = -ERR_UNCERTAIN},
    {.name = "comment whose answer names nothing",
     DID(CHANGE_COMMENT, .text = "t"),
     .said = {{"POST", SAYING("t", HTTP_CREATE), 201, "{}"}},
     .rc = -ERR_UNCERTAIN},
    {.name = "comment on a locked issue",
     DID(CHANGE_COMMENT, .text = "t"),
     .said = {{"POST", SAYING("t", HTTP_CREATE), 403,
               "{\"message\":\"Unable to create comment because issue is locked.\"}"}},
     .rc = -ERR_INPUT,
     .error = "locked"},
    {.name = "edit",
     DID(CHANGE_EDIT_COMMENT, .id = "77", .text = "new", .data = "{}"),
     .said = {{EDITED, "{\"body\":\"new\\n<!-- data: e30= -->\\n\"}", HTTP_IDEMPOTENT, 200, "{\"id\":77}"}},
     .rc = STEP_DONE},
    {.name = "edit what is gone",
     DID(CHANGE_EDIT_COMMENT, .id = "77", .text = "new"),
     .said = {{EDITED, "{\"body\":\"new\"}", HTTP_IDEMPOTENT, 404, "{\"message\":\"Not Found\"}"}},
     .rc = -ERR_MISSING},
    {.name = "remove",
     DID(CHANGE_REMOVE_COMMENT, .id = "77"),
     .said = {{"DELETE", "/repos/openedx/edx-platform/issues/comments/77", "", HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "remove what is gone",
     DID(CHANGE_REMOVE_COMMENT, .id = "77"),
     .said = {{"DELETE", "/repos/openedx/edx-platform/issues/comments/77", "", HTTP_IDEMPOTENT, 404, ""}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "remove nothing", DID(CHANGE_REMOVE_COMMENT), .rc = -ERR_BUG},
};

#define LABEL(k, ...)                                                                                                  \
    .change = &(const struct change)                                                                                   \
    {                                                                                                                  \
        .kind = k, .issue = {"github", "o/r", 0}, __VA_ARGS__                                                          \
    }
#define PALETTE "/repos/o/r/labels"

static const struct talk palette[] = {
    {.name = "a new one",
     LABEL(CHANGE_LABEL_SET, .name = "bug", .value = "d73a4a", .text = "D"),
     .said = {{"POST", PALETTE, "{\"name\":\"bug\",\"color\":\"d73a4a\",\"description\":\"D\"}", HTTP_IDEMPOTENT, 201,
               "{}"}},
     .rc = STEP_DONE},
    {.name = "made by somebody else meanwhile",
     LABEL(CHANGE_LABEL_SET, .name = "bug"),
     .said = {{"POST", PALETTE, "{\"name\":\"bug\"}", HTTP_IDEMPOTENT, 422,
               "{\"message\":\"Validation Failed\",\"errors\":[{\"resource\":\"Label\",\"code\":\"already_exists\","
               "\"field\":\"name\"}]}"}},
     .rc = -ERR_CONFLICT,
     .error = "already_exists"},
    {.name = "in no repository of ours",
     LABEL(CHANGE_LABEL_SET, .name = "bug"),
     .said = {{"POST", PALETTE, "{\"name\":\"bug\"}", HTTP_IDEMPOTENT, 404, "{\"message\":\"Not Found\"}"}},
     .rc = -ERR_MISSING},
    {.name = "refused",
     LABEL(CHANGE_LABEL_SET, .name = "bug", .value = "x"),
     .said = {{"POST", PALETTE, "{\"name\":\"bug\",\"color\":\"x\"}", HTTP_IDEMPOTENT, 422,
               "{\"message\":\"Validation Failed\"}"}},
     .rc = -ERR_INPUT},
    {.name = "another color",
     LABEL(CHANGE_LABEL_SET, .id = "a/b c", .name = "a/b c", .value = "000000"),
     .said = {{"PATCH", PALETTE "/a%2Fb%20c", "{\"color\":\"000000\"}", HTTP_IDEMPOTENT, 200, "{}"}},
     .rc = STEP_DONE},
    {.name = "another spelling, no description",
     LABEL(CHANGE_LABEL_SET, .id = "Bug", .name = "bug", .text = ""),
     .said = {{"PATCH", PALETTE "/Bug", "{\"new_name\":\"bug\",\"description\":\"\"}", HTTP_IDEMPOTENT, 200, "{}"}},
     .rc = STEP_DONE},
    {.name = "deleted by somebody else meanwhile",
     LABEL(CHANGE_LABEL_SET, .id = "bug", .name = "bug", .value = "000000"),
     .said = {{"PATCH", PALETTE "/bug", "{\"color\":\"000000\"}", HTTP_IDEMPOTENT, 404, "{}"}},
     .rc = -ERR_CONFLICT},
    {.name = "delete",
     LABEL(CHANGE_LABEL_DELETE, .id = "wip"),
     .said = {{"DELETE", PALETTE "/wip", "", HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "delete what is gone",
     LABEL(CHANGE_LABEL_DELETE, .id = "wip"),
     .said = {{"DELETE", PALETTE "/wip", "", HTTP_IDEMPOTENT, 404, ""}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "delete none", LABEL(CHANGE_LABEL_DELETE), .rc = -ERR_BUG},
};

/* Of a place, not of an issue. */
#define HOOKED(what, ...)                                                                                              \
    .change = &(const struct change)                                                                                   \
    {                                                                                                                  \
        .kind = (what), .project = "o/r", __VA_ARGS__                                                                  \
    }
#define HOOK_BODY(name)                                                                                                \
    "{" name "\"active\":true,\"events\":[\"issues\",\"push\"],\"config\":{\"url\":\"https://l/hooks/g\","             \
    "\"content_type\":\"json\",\"insecure_ssl\":\"0\",\"secret\":\"k\"}}"

static const char *hook_events[] = {"issues", "push"};

static const struct talk hooks[] = {
    {.name = "new webhook",
     HOOKED(CHANGE_HOOK, .url = "https://l/hooks/g", .add = {hook_events, 2}),
     .said = {{"POST", "/repos/o/r/hooks", HOOK_BODY("\"name\":\"web\","), HTTP_CREATE, 201, "{\"id\":7}"}},
     .ref = "7",
     .rc = STEP_DONE},
    {.name = "edit of a webhook",
     HOOKED(CHANGE_HOOK, .id = "7", .url = "https://l/hooks/g", .add = {hook_events, 2}),
     .said = {{"PATCH", "/repos/o/r/hooks/7", HOOK_BODY(""), HTTP_IDEMPOTENT, 200, "{\"id\":7}"}},
     .ref = "7",
     .rc = STEP_DONE},
    {.name = "webhook of an organisation",
     .change = &(const struct change){.kind = CHANGE_PING_HOOK, .project = "o", .id = "7"},
     .said = {{"POST", "/orgs/o/hooks/7/pings", "", HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "webhook of nothing",
     .change = &(const struct change){.kind = CHANGE_HOOK, .project = "o/r#1"},
     .rc = -ERR_INPUT,
     .error = "neither a repository"},
    {.name = "remove webhook",
     HOOKED(CHANGE_REMOVE_HOOK, .id = "7"),
     .said = {{"DELETE", "/repos/o/r/hooks/7", "", HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "remove a webhook that is gone",
     HOOKED(CHANGE_REMOVE_HOOK, .id = "7"),
     .said = {{"DELETE", "/repos/o/r/hooks/7", "", HTTP_IDEMPOTENT, 404, ""}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "remove no webhook", HOOKED(CHANGE_REMOVE_HOOK), .rc = -ERR_BUG},
    {.name = "ping no webhook", HOOKED(CHANGE_PING_HOOK), .rc = -ERR_BUG},
};

#define STATUS(body) "POST", "/repos/openedx/edx-platform/statuses/abc", body, HTTP_IDEMPOTENT

static const struct talk others[] = {
    {.name = "status of a commit",
     DID(CHANGE_COMMIT_STATUS, .id = "abc", .name = "openedx/cla", .value = "success", .text = "D",
         .url = "https://x/"),
     .said = {{STATUS("{\"state\":\"success\",\"context\":\"openedx/cla\",\"description\":\"D\",\"target_url\":"
                      "\"https://x/\"}"),
               201, "{\"id\":1}"}},
     .rc = STEP_DONE},
    {.name = "status without an address, of a commit that is gone",
     DID(CHANGE_COMMIT_STATUS, .id = "abc", .name = "c", .value = "failure"),
     .said = {{STATUS("{\"state\":\"failure\",\"context\":\"c\"}"), 422, "{\"message\":\"No commit found for SHA\"}"}},
     .rc = -ERR_INPUT,
     .error = "No commit found"},
    {.name = "status of no commit", DID(CHANGE_COMMIT_STATUS, .name = "c"), .rc = -ERR_BUG},
    {.name = "renamed repository",
     DID(CHANGE_COMMIT_STATUS, .id = "abc", .name = "c", .value = "failure"),
     .header = "Location",
     .value = API "/repositories/7/statuses/abc",
     .said = {{STATUS("{\"state\":\"failure\",\"context\":\"c\"}"), 301, ""},
              {"POST", "/repositories/7/statuses/abc", "{\"state\":\"failure\",\"context\":\"c\"}", HTTP_IDEMPOTENT,
               201, "{}"}},
     .rc = STEP_DONE},
    {.name = "fields",
     DID(CHANGE_FIELDS, .fields = FIELDS({"title", VALUE_TEXT, "T", 0}, {"milestone", VALUE_NULL, NULL, 0})),
     .said = {{"PATCH", ISSUE, "{\"title\":\"T\",\"milestone\":null}", HTTP_IDEMPOTENT, 200, "{}"}},
     .rc = STEP_DONE},
    {.name = "no fields", DID(CHANGE_FIELDS), .rc = STEP_DONE, .unchanged = true},
    {.name = "issue",
     WHOLE(CHANGE_CREATE, .project = "o/r", .marker = MARKER, .add = TEXTS("l"),
           .fields = FIELDS({"title", VALUE_TEXT, "T", 0}, {"body", VALUE_TEXT, "B", 0})),
     .said = {{"POST", "/repos/o/r/issues", "{\"title\":\"T\",\"body\":\"B\\n" MARKED "\\n\",\"labels\":[\"l\"]}",
               HTTP_CREATE, 201, "{\"number\":5,\"repository_url\":\"" API "/repos/O/R\"}"}},
     .rc = STEP_DONE,
     .ref = "O/R#5"},
    {.name = "issue in no repository", WHOLE(CHANGE_CREATE, .project = "o"), .rc = -ERR_INPUT, .error = "OWNER/REPO"},
    {.name = "what GitHub has not", DID(CHANGE_STATUS, .name = "x"), .rc = -ERR_BUG, .error = "GitHub has no status"},
};

#define GRAPHQL(query, variables)                                                                                      \
    "POST", "/graphql", "{\"query\":\"" query "\",\"variables\":{" variables "}}", HTTP_IDEMPOTENT
#define ADD_ITEM                                                                                                       \
    GRAPHQL("mutation AddProjectItem($projectId:ID!,$prNodeId:ID!){addProjectV2ItemById(input:{projectId:$projectId,"  \
            "contentId:$prNodeId}){item{id}}}",                                                                        \
            "\"projectId\":\"PVT\",\"prNodeId\":\"PR_1\"")
#define SET(type, member, value)                                                                                       \
    GRAPHQL(                                                                                                           \
        "mutation UpdateProjectItem($projectId:ID!,$itemId:ID!,$fieldId:ID!,$value:" type                              \
        "!){updateProjectV2ItemFieldValue(input:{projectId:$projectId,itemId:$itemId,fieldId:$fieldId,value:{" member  \
        ":$value}}){projectV2Item{id}}}",                                                                              \
        "\"projectId\":\"PVT\",\"itemId\":\"PVTI\",\"fieldId\":\"F\",\"value\":" value)
#define CLEAR                                                                                                          \
    GRAPHQL("mutation ClearProjectItem($projectId:ID!,$itemId:ID!,$fieldId:ID!){clearProjectV2ItemFieldValue(input:{"  \
            "projectId:$projectId,itemId:$itemId,fieldId:$fieldId}){projectV2Item{id}}}",                              \
            "\"projectId\":\"PVT\",\"itemId\":\"PVTI\",\"fieldId\":\"F\"")
#define FIELD(kind_of, text_of, number_of)                                                                             \
    DID(CHANGE_BOARD_FIELD, .id = "PVT", .name = "Date opened", .other = {"github", "PVTI", 0},                        \
        .fields = FIELDS({"F", kind_of, text_of, number_of}))
#define DONE_WELL 200, "{\"data\":{\"updateProjectV2ItemFieldValue\":{\"projectV2Item\":{\"id\":\"PVTI\"}}}}"

static const struct talk boards[] = {
    {.name = "add",
     DID(CHANGE_BOARD_ADD, .id = "PVT", .content = "PR_1", .name = "openedx:19"),
     .said = {{ADD_ITEM, 200, "{\"data\":{\"addProjectV2ItemById\":{\"item\":{\"id\":\"PVTI\"}}}}"}},
     .rc = STEP_DONE,
     .ref = "PVTI"},
    {.name = "add, not allowed to",
     DID(CHANGE_BOARD_ADD, .id = "PVT", .content = "PR_1", .may_refuse = true),
     .said = {{ADD_ITEM, 200, "{\"errors\":[{\"type\":\"FORBIDDEN\",\"message\":\"does not have permission\"}]}"}},
     .rc = STEP_DONE,
     .note = "does not have permission",
     .unchanged = true},
    {.name = "add to nothing", DID(CHANGE_BOARD_ADD, .content = "PR_1"), .rc = -ERR_BUG},
    {.name = "date",
     FIELD(VALUE_DATE, "2026-11-20", 0),
     .said = {{SET("Date", "date", "\"2026-11-20\""), DONE_WELL}},
     .rc = STEP_DONE},
    {.name = "number",
     FIELD(VALUE_NUMBER, NULL, 7),
     .said = {{SET("Float", "number", "7"), DONE_WELL}},
     .rc = STEP_DONE},
    {.name = "text",
     FIELD(VALUE_TEXT, "A \"b\"", 0),
     .said = {{SET("String", "text", "\"A \\\"b\\\"\""), DONE_WELL}},
     .rc = STEP_DONE},
    {.name = "nothing", FIELD(VALUE_NULL, NULL, 0), .said = {{CLEAR, DONE_WELL}}, .rc = STEP_DONE},
    {.name = "field that is gone",
     FIELD(VALUE_TEXT, "x", 0),
     .said = {{SET("String", "text", "\"x\""), 200,
               "{\"data\":{\"updateProjectV2ItemFieldValue\":null},\"errors\":[{\"type\":\"NOT_FOUND\",\"message\":"
               "\"Could not resolve\"}]}"}},
     .rc = -ERR_MISSING,
     .error = "Could not resolve"},
    {.name = "limited: that, whatever else is said",
     FIELD(VALUE_TEXT, "x", 0),
     .said = {{SET("String", "text", "\"x\""), 200,
               "{\"errors\":[{\"type\":\"NOT_FOUND\"},{\"type\":\"RATE_LIMITED\",\"message\":\"API rate limit\"},"
               "{\"type\":\"FORBIDDEN\"}]}"}},
     .rc = -ERR_LIMITED},
};

#define SINCE  (TALK_NOW_MS - 30000)
#define LOOKED "GET", ISSUE "/comments?per_page=100&since=2026-11-18T10:56:10Z", "", HTTP_READ
#define LOST   DID(CHANGE_COMMENT, .text = "t", .marker = MARKER), .look_since = SINCE
#define LOOK_ALL                                                                                                       \
    "GET", "/repos/o/r/issues?state=all&sort=created&direction=desc&per_page=100&since=2026-11-18T10:56:10Z"

static const struct talk looks[] = {
    {.name = "a lost comment, on the second page",
     LOST,
     .said = {{LOOKED, 200, "[{\"id\":1,\"body\":null},{\"id\":2,\"body\":\"" MARKER "\"}]"},
              {"GET", "/2", "", HTTP_READ, 200, "[{\"id\":3,\"body\":\"t\\n" MARKED "\\n\"}]"}},
     .links = {NEXT("/2")},
     .rc = STEP_DONE,
     .ref = "3"},
    {.name = "a comment that never arrived", LOST, .said = {{LOOKED, 200, "[]"}}, .rc = STEP_DONE},
    {.name = "no list", LOST, .said = {{LOOKED, 200, "{}"}}, .rc = -ERR_TRANSIENT},
    {.name = "the issue is gone", LOST, .said = {{LOOKED, 404, ""}}, .rc = -ERR_MISSING},
    {.name = "no marker", DID(CHANGE_COMMENT, .text = "t"), .look_since = SINCE, .rc = -ERR_BUG, .error = "no marker"},
    {.name = "a lost issue",
     WHOLE(CHANGE_CREATE, .project = "o/r", .marker = MARKER),
     .look_since = SINCE,
     .said = {{LOOK_ALL, "", HTTP_READ, 200,
               "[{\"number\":6,\"body\":\"x\"},{\"number\":5,\"body\":\"" MARKED "\",\"repository_url\":\"" API
               "/repos/o/r\"}]"}},
     .rc = STEP_DONE,
     .ref = "o/r#5"},
};

static void talks(const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_github, API, OWN);
    talk_all(&tracker_github, &p.conf, t, n);
    place_close(&p, &tracker_github);
}

#define TALKS(test, table)                                                                                             \
    static void test(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        talks(table, COUNT(table));                                                                                    \
    }
TALKS(test_labels, labels)
TALKS(test_comments, comments)
TALKS(test_others, others)
TALKS(test_hooks, hooks)
TALKS(test_palette, palette)
TALKS(test_boards, boards)
TALKS(test_looks, looks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels),  cmocka_unit_test(test_comments), cmocka_unit_test(test_others),
        cmocka_unit_test(test_hooks),   cmocka_unit_test(test_boards),   cmocka_unit_test(test_looks),
        cmocka_unit_test(test_palette),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
