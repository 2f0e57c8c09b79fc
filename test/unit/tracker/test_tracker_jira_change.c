/* Conversations with Jira: every change, and looking for what was lost. */
#include "base/base.h"

#include "talk.h"

#define DID(kind_, ...)                                                                                                \
    &(const struct change)                                                                                             \
    {                                                                                                                  \
        .kind = kind_, .issue = {"jira", "JB-7", 0}, __VA_ARGS__                                                       \
    }
#define TEXTS(...)                                                                                                     \
    {                                                                                                                  \
        .v = (const char *[]){__VA_ARGS__}, .n = COUNT(((const char *[]){__VA_ARGS__}))                                \
    }
#define FIELDS(...)                                                                                                    \
    {                                                                                                                  \
        .v = (struct field_value[]){__VA_ARGS__}, .n = COUNT(((struct field_value[]){__VA_ARGS__}))                    \
    }

static const struct change a_create = {
    .kind = CHANGE_CREATE,
    .issue = {"jira", NULL, 0},
    .project = "JB",
    .marker = "bugzilla:12#create",
    .fields = FIELDS({"summary", VALUE_TEXT, "Crash \"on\" start é", 0}, {"issuetype", VALUE_NAME, "Bug", 0},
                     {"customfield_10319", VALUE_OPTION, "S1", 0}, {"customfield_10037", VALUE_NUMBER, NULL, 8},
                     {"duedate", VALUE_NULL, NULL, 0}),
};
#define CREATE_SENT                                                                                                    \
    "{\"fields\":{\"project\":{\"key\":\"JB\"},\"summary\":\"Crash \\\"on\\\" start é\",\"issuetype\":{\"name\":"     \
    "\"Bug\"},\"customfield_10319\":{\"value\":\"S1\"},\"customfield_10037\":8,\"duedate\":null},"                     \
    "\"properties\":[{\"key\":\"lockstep\",\"value\":{\"marker\":\"bugzilla:12#create\"}}]}"
#define CREATE_ASKED "POST", "/rest/api/2/issue?updateHistory=false", CREATE_SENT, HTTP_CREATE

static const struct change a_create_with_labels = {
    .kind = CHANGE_CREATE,
    .issue = {"jira", NULL, 0},
    .project = "JB",
    .fields = FIELDS({"summary", VALUE_TEXT, "Boom", 0}),
    .add = TEXTS("from-GitHub", "b"),
};

static const struct talk creates[] = {
    {.name = "create with labels",
     .change = &a_create_with_labels,
     .said = {{"POST", "/rest/api/2/issue?updateHistory=false",
               "{\"fields\":{\"project\":{\"key\":\"JB\"},\"summary\":\"Boom\",\"labels\":[\"from-GitHub\",\"b\"]}}",
               HTTP_CREATE, 201, "{\"key\":\"JB-7\"}"}},
     .rc = STEP_DONE,
     .ref = "JB-7"},
    {.name = "create",
     .change = &a_create,
     .said = {{CREATE_ASKED, 201, "{\"id\":\"10\",\"key\":\"JB-7\",\"self\":\"x\"}"}},
     .rc = STEP_DONE,
     .ref = "JB-7"},
    {.name = "create answers a list",
     .change = &a_create,
     .said = {{CREATE_ASKED, 201, "[{\"id\":\"10\",\"key\":\"JB-7\"}]"}},
     .rc = STEP_DONE,
     .ref = "JB-7"},
    {.name = "create says nothing",
     .change = &a_create,
     .said = {{CREATE_ASKED, 201, "<html>"}},
     .rc = -ERR_UNCERTAIN,
     .error = "cannot be read"},
    {.name = "create without a key", .change = &a_create, .said = {{CREATE_ASKED, 201, "{}"}}, .rc = -ERR_UNCERTAIN},
    {.name = "create at a gateway that gave up",
     .change = &a_create,
     .said = {{CREATE_ASKED, 504, ""}},
     .rc = -ERR_UNCERTAIN},
    {.name = "create fails inside", .change = &a_create, .said = {{CREATE_ASKED, 500, ""}}, .rc = -ERR_UNCERTAIN},
    {.name = "create refused",
     .change = &a_create,
     .said = {{CREATE_ASKED, 400,
               "{\"errorMessages\":[\"no\"],\"errors\":{\"summary\":\"too long\",\"priority\":\"required\"}}"}},
     .rc = -ERR_INPUT,
     .error = "create issue: HTTP 400 Bad Request: no; summary: too long; priority: required"},
    {.name = "create limited",
     .change = &a_create,
     .said = {{CREATE_ASKED, 429, ""}},
     .header = "Retry-After",
     .value = "0",
     .rc = -ERR_LIMITED},
    {.name = "create with bad credentials",
     .change = &a_create,
     .said = {{CREATE_ASKED, 401, "Client must be authenticated to access this resource."}},
     .rc = -ERR_AUTH},
    {.name = "create without the right to",
     .change = &a_create,
     .said = {{CREATE_ASKED, 403, "{\"errorMessages\":[\"You may not.\"],\"errors\":{}}"}},
     .rc = -ERR_INPUT,
     .error = "You may not."},
    {.name = "a CAPTCHA is wanted",
     .change = &a_create,
     .said = {{CREATE_ASKED, 403, "{\"errorMessages\":[\"no\"]}"}},
     .header = "X-Authentication-Denied-Reason",
     .value = "CAPTCHA_CHALLENGE; login-url=x",
     .rc = -ERR_AUTH,
     .error = "CAPTCHA_CHALLENGE"},
    {.name = "create without a project", .change = &(const struct change){.kind = CHANGE_CREATE}, .rc = -ERR_BUG},
};

#define PUT_FIELDS "PUT", "/rest/api/2/issue/JB-7?notifyUsers=true"
#define PUT_LABELS "PUT", "/rest/api/2/issue/JB-7"
#define COMMENT    "/rest/api/2/issue/JB-7/comment"
#define WEB        "/rest/api/2/issue/JB-7/remotelink"

static const struct talk simple[] = {
    {.name = "fields",
     .change = DID(CHANGE_FIELDS, .fields = FIELDS({"summary", VALUE_TEXT, "S", 0}, {"priority", VALUE_NULL, NULL, 0})),
     .said = {{PUT_FIELDS, "{\"fields\":{\"summary\":\"S\",\"priority\":null}}", HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "no fields", .change = DID(CHANGE_FIELDS), .rc = STEP_DONE, .unchanged = true},
    {.name = "fields of a named value that is null",
     .change = DID(CHANGE_FIELDS, .fields = FIELDS({"priority", VALUE_NAME, NULL, 0})),
     .said = {{PUT_FIELDS, "{\"fields\":{\"priority\":null}}", HTTP_IDEMPOTENT, 200, ""}},
     .rc = STEP_DONE},
    {.name = "labels",
     .change = DID(CHANGE_LABELS, .add = TEXTS("bugzilla", "[a]", ""), .remove = TEXTS("b")),
     .said = {{PUT_LABELS, "{\"update\":{\"labels\":[{\"add\":\"bugzilla\"},{\"add\":\"[a]\"},{\"remove\":\"b\"}]}}",
               HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "blank labels", .change = DID(CHANGE_LABELS, .add = TEXTS("")), .rc = STEP_DONE, .unchanged = true},
    {.name = "labels refused",
     .change = DID(CHANGE_LABELS, .may_refuse = true, .add = TEXTS("a b")),
     .said = {{PUT_LABELS, "{\"update\":{\"labels\":[{\"add\":\"a b\"}]}}", HTTP_IDEMPOTENT, 400,
               "{\"errors\":{\"labels\":\"contains spaces\"}}"}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "labels: contains spaces"},
    {.name = "labels refused, which must not be",
     .change = DID(CHANGE_LABELS, .add = TEXTS("a b")),
     .said = {{PUT_LABELS, "{\"update\":{\"labels\":[{\"add\":\"a b\"}]}}", HTTP_IDEMPOTENT, 400, "{}"}},
     .rc = -ERR_INPUT},
    {.name = "may be refused, but the network fails",
     .change = DID(CHANGE_LABELS, .may_refuse = true, .add = TEXTS("a")),
     .said = {{PUT_LABELS, "{\"update\":{\"labels\":[{\"add\":\"a\"}]}}", HTTP_IDEMPOTENT, 503, ""}},
     .rc = -ERR_TRANSIENT},
    {.name = "comment",
     .change = DID(CHANGE_COMMENT, .text = "*x* commented:\nhi 😀", .marker = "bugzilla:12#c3"),
     .said = {{"POST", COMMENT,
               "{\"body\":\"*x* commented:\\nhi 😀\",\"properties\":[{\"key\":\"lockstep\",\"value\":{\"marker\":"
               "\"bugzilla:12#c3\"}}]}",
               HTTP_CREATE, 201, "{\"id\":\"501\"}"}},
     .rc = STEP_DONE,
     .ref = "501"},
    {.name = "web link",
     .change = DID(CHANGE_WEB_LINK, .url = "https://b/show_bug.cgi?id=1", .name = "T", .icon = "https://b/favicon.ico",
                   .global_id = "1"),
     .said = {{"POST", WEB,
               "{\"object\":{\"url\":\"https://b/show_bug.cgi?id=1\",\"title\":\"T\",\"status\":{\"resolved\":false},"
               "\"icon\":{\"url16x16\":\"https://b/favicon.ico\",\"title\":\"https://b/favicon.ico\"}},"
               "\"globalId\":\"1\"}",
               HTTP_IDEMPOTENT, 201, "{\"id\":1}"}},
     .rc = STEP_DONE},
    {.name = "web link without a title or an icon",
     .change = DID(CHANGE_WEB_LINK, .url = "https://p/D1", .global_id = "1-2", .is_resolved = true),
     .said = {{"POST", WEB,
               "{\"object\":{\"url\":\"https://p/D1\",\"title\":\"https://p/D1\",\"status\":{\"resolved\":true}},"
               "\"globalId\":\"1-2\"}",
               HTTP_IDEMPOTENT, 200, "{\"id\":1}"}},
     .rc = STEP_DONE},
    {.name = "delete",
     .change = DID(CHANGE_DELETE),
     .said = {{"DELETE", "/rest/api/2/issue/JB-7?deleteSubtasks=true", "", HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "delete what is gone",
     .change = DID(CHANGE_DELETE),
     .said = {{"DELETE", "/rest/api/2/issue/JB-7?deleteSubtasks=true", "", HTTP_IDEMPOTENT, 404, "{}"}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "Jira has no see_also", .change = DID(CHANGE_SEE_ALSO), .rc = -ERR_BUG, .error = "see_also"},
};

#define GET_STATUS  "GET", "/rest/api/2/issue/JB-7?fields=status", "", HTTP_READ
#define IS_BACKLOG  200, "{\"key\":\"JB-7\",\"fields\":{\"status\":{\"name\":\"Backlog\"}}}"
#define GET_OFFERS  "GET", "/rest/api/2/issue/JB-7/transitions?expand=transitions.fields", "", HTTP_READ
#define POST_STATUS "POST", "/rest/api/2/issue/JB-7/transitions"
#define OFFERS                                                                                                         \
    200,                                                                                                               \
        "{\"transitions\":[{\"id\":\"11\",\"name\":\"Go\",\"to\":{\"name\":\"In Progress\"}},{\"id\":\"21\",\"name\":" \
        "\"End\",\"to\":{\"name\":\"Done\"},\"fields\":{\"resolution\":{\"required\":true}}}]}"

static const struct talk statuses[] = {
    {.name = "status",
     .change = DID(CHANGE_STATUS, .name = "in progress"),
     .said = {{GET_STATUS, IS_BACKLOG},
              {GET_OFFERS, OFFERS},
              {POST_STATUS, "{\"transition\":{\"id\":\"11\"}}", HTTP_CREATE, 204, ""}},
     .rc = STEP_DONE},
    {.name = "status is there already",
     .change = DID(CHANGE_STATUS, .name = "BACKLOG"),
     .said = {{GET_STATUS, IS_BACKLOG}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "status is not offered",
     .change = DID(CHANGE_STATUS, .name = "Closed"),
     .said = {{GET_STATUS, IS_BACKLOG}, {GET_OFFERS, OFFERS}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "status \"Closed\" is not offered from \"Backlog\"; offered: In Progress, Done"},
    {.name = "nothing is offered",
     .change = DID(CHANGE_STATUS, .name = "Closed"),
     .said = {{GET_STATUS, IS_BACKLOG}, {GET_OFFERS, 200, "{\"transitions\":[]}"}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "offered: nothing"},
    {.name = "fields on the screen, and a comment",
     .change = DID(CHANGE_STATUS, .name = "Done", .text = "Issue was cancelled.",
                   .fields = FIELDS({"resolution", VALUE_NAME, "Invalid", 0}, {"priority", VALUE_NAME, "P1", 0})),
     .said = {{GET_STATUS, IS_BACKLOG},
              {GET_OFFERS, OFFERS},
              {POST_STATUS,
               "{\"transition\":{\"id\":\"21\"},\"fields\":{\"resolution\":{\"name\":\"Invalid\"}},\"update\":{"
               "\"comment\":[{\"add\":{\"body\":\"Issue was cancelled.\"}}]}}",
               HTTP_CREATE, 204, ""}},
     .rc = STEP_DONE},
    {.name = "fields that are on no screen",
     .change = DID(CHANGE_STATUS, .name = "In Progress", .fields = FIELDS({"resolution", VALUE_NAME, "Invalid", 0})),
     .said = {{GET_STATUS, IS_BACKLOG},
              {GET_OFFERS, OFFERS},
              {POST_STATUS, "{\"transition\":{\"id\":\"11\"}}", HTTP_CREATE, 204, ""}},
     .rc = STEP_DONE},
    {.name = "a required field is missing",
     .change = DID(CHANGE_STATUS, .name = "Done"),
     .said = {{GET_STATUS, IS_BACKLOG},
              {GET_OFFERS, OFFERS},
              {POST_STATUS, "{\"transition\":{\"id\":\"21\"}}", HTTP_CREATE, 400,
               "{\"errorMessages\":[],\"errors\":{\"resolution\":\"Resolution is required.\"}}"}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "resolution: Resolution is required."},
    {.name = "somebody else was faster",
     .change = DID(CHANGE_STATUS, .name = "Done"),
     .said = {{GET_STATUS, IS_BACKLOG},
              {GET_OFFERS, OFFERS},
              {POST_STATUS, "{\"transition\":{\"id\":\"21\"}}", HTTP_CREATE, 409, "{}"}},
     .rc = -ERR_CONFLICT},
    {.name = "the issue is gone",
     .change = DID(CHANGE_STATUS, .name = "Done"),
     .said = {{GET_STATUS, 404, "{\"errorMessages\":[\"Issue does not exist\"]}"}},
     .rc = -ERR_MISSING,
     .error = "Issue does not exist"},
};

#define ASSIGN(v) "{\"fields\":{\"assignee\":" v "}}"

static const struct talk assigns[] = {
    {.name = "assign",
     .change = DID(CHANGE_ASSIGN, .name = "5b:1"),
     .said = {{PUT_FIELDS, ASSIGN("{\"accountId\":\"5b:1\"}"), HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "assign nobody",
     .change = DID(CHANGE_ASSIGN),
     .said = {{PUT_FIELDS, ASSIGN("null"), HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
    {.name = "assign refused",
     .change = DID(CHANGE_ASSIGN, .name = "x", .may_refuse = true),
     .said = {{PUT_FIELDS, ASSIGN("{\"accountId\":\"x\"}"), HTTP_IDEMPOTENT, 400,
               "{\"errors\":{\"assignee\":\"cannot be assigned\"}}"}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "cannot be assigned"},
    {.name = "assign refused, nobody instead",
     .change = DID(CHANGE_ASSIGN, .name = "x", .may_refuse = true, .or_nobody = true),
     .said = {{PUT_FIELDS, ASSIGN("{\"accountId\":\"x\"}"), HTTP_IDEMPOTENT, 400,
               "{\"errors\":{\"assignee\":\"cannot be assigned\"}}"},
              {PUT_FIELDS, ASSIGN("null"), HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE,
     .note = "cannot be assigned; unassigned instead"},
    {.name = "assign in an issue that is gone",
     .change = DID(CHANGE_ASSIGN, .name = "x", .or_nobody = true),
     .said = {{PUT_FIELDS, ASSIGN("{\"accountId\":\"x\"}"), HTTP_IDEMPOTENT, 404, ""}},
     .rc = -ERR_MISSING},
};
static const struct talk server_assigns[] = {
    {.name = "assign at Server",
     .change = DID(CHANGE_ASSIGN, .name = "fred"),
     .said = {{PUT_FIELDS, ASSIGN("{\"name\":\"fred\"}"), HTTP_IDEMPOTENT, 204, ""}},
     .rc = STEP_DONE},
};

#define GET_PARTS  "GET", "/rest/api/2/project/JB/components", "", HTTP_READ
#define PROJECT_AB 200, "[{\"id\":\"1\",\"name\":\"A\"},{\"id\":\"2\",\"name\":\"B\"}]"
#define GET_HAS    "GET", "/rest/api/2/issue/JB-7?fields=components", "", HTTP_READ
#define HAS(v)     200, "{\"fields\":{\"components\":[" v "]}}"
#define SET(v)     PUT_FIELDS, "{\"fields\":{\"components\":[" v "]}}", HTTP_IDEMPOTENT
#define MAKE(name) "POST", "/rest/api/2/component", "{\"name\":\"" name "\",\"project\":\"JB\"}", HTTP_IDEMPOTENT

static const struct talk components[] = {
    {.name = "components are added to those of people",
     .change = DID(CHANGE_COMPONENTS, .project = "JB", .add = TEXTS("A")),
     .said = {{GET_PARTS, PROJECT_AB},
              {GET_HAS, HAS("{\"id\":\"9\",\"name\":\"theirs\"}")},
              {SET("{\"id\":\"9\"},{\"id\":\"1\"}"), 204, ""}},
     .rc = STEP_DONE},
    {.name = "components are there already; the project is in the key",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("b", "A")),
     .said = {{GET_PARTS, PROJECT_AB}, {GET_HAS, HAS("{\"id\":\"1\",\"name\":\"A\"},{\"id\":\"2\",\"name\":\"B\"}")}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "a component leaves",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("A"), .remove = TEXTS("old", "A")),
     .said = {{GET_PARTS, PROJECT_AB},
              {GET_HAS, HAS("{\"id\":\"7\",\"name\":\"old\"},{\"id\":\"1\",\"name\":\"A\"}")},
              {SET("{\"id\":\"1\"}"), 204, ""}},
     .rc = STEP_DONE},
    {.name = "one is missing",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("A", "Z"), .may_refuse = true),
     .said = {{GET_PARTS, PROJECT_AB}, {GET_HAS, HAS("")}, {SET("{\"id\":\"1\"}"), 204, ""}},
     .rc = STEP_DONE,
     .note = "project JB has no component \"Z\""},
    {.name = "all are missing",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("Y", "Z")),
     .said = {{GET_PARTS, PROJECT_AB}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "\"Y\", \"Z\""},
    {.name = "missing ones are made, also when others exist",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("Y", "A", "Z"), .may_create = true),
     .said = {{GET_PARTS, PROJECT_AB},
              {GET_HAS, HAS("")},
              {MAKE("Y"), 201, "{\"id\":\"21\",\"name\":\"Y\"}"},
              {MAKE("Z"), 201, "{\"id\":\"22\",\"name\":\"Z\"}"},
              {SET("{\"id\":\"1\"},{\"id\":\"21\"},{\"id\":\"22\"}"), 204, ""}},
     .rc = STEP_DONE},
    {.name = "making one is refused",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("Y", "Z"), .may_create = true),
     .said = {{GET_PARTS, PROJECT_AB},
              {GET_HAS, HAS("")},
              {MAKE("Y"), 403, "{\"errorMessages\":[\"You may not\"]}"},
              {MAKE("Z"), 201, "{\"id\":\"22\"}"},
              {GET_PARTS, PROJECT_AB},
              {SET("{\"id\":\"22\"}"), 204, ""}},
     .rc = STEP_DONE,
     .note = "project JB has no component \"Y\""},
    {.name = "making one is refused because somebody else just did",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("Y", "Z"), .may_create = true),
     .said = {{GET_PARTS, PROJECT_AB},
              {GET_HAS, HAS("")},
              {MAKE("Y"), 400, "{\"errors\":{\"name\":\"is there already\"}}"},
              {MAKE("Z"), 400, "{\"errors\":{\"name\":\"is not nice\"}}"},
              {GET_PARTS, 200, "[{\"id\":\"21\",\"name\":\"Y\"}]"},
              {SET("{\"id\":\"21\"}"), 204, ""}},
     .rc = STEP_DONE,
     .note = "project JB has no component \"Z\""},
    {.name = "components are not on the screen",
     .change = DID(CHANGE_COMPONENTS, .add = TEXTS("A"), .may_refuse = true),
     .said = {{GET_PARTS, PROJECT_AB},
              {GET_HAS, HAS("")},
              {SET("{\"id\":\"1\"}"), 400, "{\"errors\":{\"components\":\"not on the screen\"}}"}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "not on the screen"},
    {.name = "nothing is wanted",
     .change = DID(CHANGE_COMPONENTS),
     .said = {{GET_PARTS, PROJECT_AB}},
     .rc = STEP_DONE,
     .unchanged = true},
};

#define LINKED(kind_, type_) DID(kind_, .name = type_, .other = {"jira", "JB-9", 0})
#define POST_LINK(type)                                                                                                \
    "POST", "/rest/api/2/issueLink",                                                                                   \
        "{\"type\":{\"name\":\"" type "\"},\"inwardIssue\":{\"key\":\"JB-7\"},\"outwardIssue\":{\"key\":\"JB-9\"}}",   \
        HTTP_IDEMPOTENT
#define LINKS_OF(key)   "GET", "/rest/api/2/issue/" key "?fields=issuelinks", "", HTTP_READ
#define LINKS(v)        200, "{\"fields\":{\"issuelinks\":[" v "]}}"
#define BLOCKS          "\"type\":{\"name\":\"Blocks\",\"inward\":\"is blocked by\",\"outward\":\"blocks\"}"
#define RELATES         "\"type\":{\"name\":\"Relates\",\"inward\":\"relates to\",\"outward\":\"relates to\"}"
#define DELETE_LINK(id) "DELETE", "/rest/api/2/issueLink/" id, "", HTTP_IDEMPOTENT
#define SOME_400        400, "{\"errorMessages\":[\"Cannot link\"]}"

static const struct talk links[] = {
    {.name = "link",
     .change = LINKED(CHANGE_LINK, "Blocks"),
     .said = {{POST_LINK("Blocks"), 201, ""}},
     .rc = STEP_DONE},
    {.name = "link exists",
     .change = LINKED(CHANGE_LINK, "Blocks"),
     .said = {{POST_LINK("Blocks"), SOME_400},
              {LINKS_OF("JB-7"), LINKS("{\"id\":\"1\"," BLOCKS ",\"outwardIssue\":{\"key\":\"JB-9\"}}")}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "link exists the other way round, which is another link",
     .change = LINKED(CHANGE_LINK, "Blocks"),
     .said = {{POST_LINK("Blocks"), SOME_400},
              {LINKS_OF("JB-7"), LINKS("{\"id\":\"1\"," BLOCKS ",\"inwardIssue\":{\"key\":\"JB-9\"}}")}},
     .rc = -ERR_INPUT,
     .error = "Cannot link"},
    {.name = "a link that reads the same both ways",
     .change = LINKED(CHANGE_LINK, "Relates"),
     .said = {{POST_LINK("Relates"), SOME_400},
              {LINKS_OF("JB-7"), LINKS("{\"id\":\"1\"," RELATES ",\"inwardIssue\":{\"key\":\"JB-9\"}}")}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "link refused for another reason",
     .change = DID(CHANGE_LINK, .name = "Nope", .other = {"jira", "JB-9", 0}, .may_refuse = true),
     .said = {{POST_LINK("Nope"), SOME_400}, {LINKS_OF("JB-7"), LINKS("")}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "Cannot link"},
    {.name = "unlink",
     .change = LINKED(CHANGE_UNLINK, "Blocks"),
     .said = {{LINKS_OF("JB-9"),
               LINKS("{\"id\":\"1\"," RELATES ",\"inwardIssue\":{\"key\":\"JB-7\"}},{\"id\":\"2\"," BLOCKS
                     ",\"inwardIssue\":{\"key\":\"JB-8\"}},{\"id\":\"3\"," BLOCKS
                     ",\"outwardIssue\":{\"key\":\"JB-7\"}},{\"id\":\"4\"," BLOCKS
                     ",\"inwardIssue\":{\"key\":\"JB-7\"}}")},
              {DELETE_LINK("4"), 204, ""}},
     .rc = STEP_DONE},
    {.name = "unlink what is not linked",
     .change = LINKED(CHANGE_UNLINK, "Blocks"),
     .said = {{LINKS_OF("JB-9"), LINKS("")}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "unlink, and somebody was faster",
     .change = LINKED(CHANGE_UNLINK, "Blocks"),
     .said = {{LINKS_OF("JB-9"), LINKS("{\"id\":\"4\"," BLOCKS ",\"inwardIssue\":{\"key\":\"JB-7\"}}")},
              {DELETE_LINK("4"), 404, "{}"}},
     .rc = STEP_DONE,
     .unchanged = true},
};

/* --- look --- */

#define MINUTES(n) (TALK_NOW_MS - (n)*INT64_C(60000))
#define SEARCH_BODY(window, more)                                                                                      \
    "{\"jql\":\"project = \\\"JB\\\" AND " window                                                                      \
    " AND creator = currentUser() ORDER BY created DESC\",\"maxResults\":100,\"fields\":[\"summary\"]," more "}"
#define SEARCH(window) "POST", "/rest/api/3/search/jql", SEARCH_BODY(window, "\"properties\":[\"lockstep\"]"), HTTP_READ
#define SEARCH_NEXT(window)                                                                                            \
    "POST", "/rest/api/3/search/jql", SEARCH_BODY(window, "\"properties\":[\"lockstep\"],\"nextPageToken\":\"t1\""),   \
        HTTP_READ
#define PROPERTY(key) "GET", "/rest/api/2/issue/" key "/properties/lockstep", "", HTTP_READ
#define SAME          "\"fields\":{\"summary\":\" Crash \\\"on\\\" start é\"}"
#define MARK(v)       "{\"key\":\"lockstep\",\"value\":{\"marker\":\"" v "\"}}"
#define LAST_5        "created >= \\\"-15m\\\""

static const struct talk looks[] = {
    {.name = "found in the search",
     .change = &a_create,
     .look_since = MINUTES(5),
     .said = {{SEARCH(LAST_5), 200,
               "{\"issues\":[{\"key\":\"JB-8\"},{\"key\":\"JB-7\",\"properties\":{\"lockstep\":{\"marker\":"
               "\"bugzilla:12#create\"}}}],\"isLast\":true}"}},
     .rc = STEP_DONE,
     .ref = "JB-7"},
    {.name = "found by its property, on the second page",
     .change = &a_create,
     .look_since = MINUTES(5),
     .said = {{SEARCH(LAST_5), 200, "{\"issues\":[{\"key\":\"JB-9\"," SAME "}],\"nextPageToken\":\"t1\"}"},
              {SEARCH_NEXT(LAST_5), 200,
               "{\"issues\":[{\"key\":\"JB-8\",\"fields\":{\"summary\":\"another\"}},{\"key\":\"JB-7\"," SAME
               "}],\"isLast\":true}"},
              {PROPERTY("JB-9"), 404, "{}"},
              {PROPERTY("JB-7"), 200, MARK("bugzilla:12#create")}},
     .rc = STEP_DONE,
     .ref = "JB-7"},
    {.name = "not there: the marker is another's",
     .change = &a_create,
     .look_since = MINUTES(5),
     .said = {{SEARCH(LAST_5), 200, "{\"issues\":[{\"key\":\"JB-9\"," SAME "}],\"isLast\":true}"},
              {PROPERTY("JB-9"), 200, MARK("bugzilla:99#create")}},
     .rc = STEP_DONE},
    {.name = "long ago: both ends of the time are asked for",
     .change = &a_create,
     .look_since = MINUTES(600),
     .said = {{SEARCH("created >= \\\"-610m\\\" AND created <= \\\"-570m\\\""), 200,
               "{\"issues\":[],\"isLast\":true}"}},
     .rc = STEP_DONE},
    {.name = "the search is refused: that is no answer",
     .change = &a_create,
     .look_since = MINUTES(5),
     .said = {{SEARCH(LAST_5), 410, "{\"errorMessages\":[\"The requested API has been removed\"]}"},
              {"POST", "/rest/api/2/search", SEARCH_BODY(LAST_5, "\"startAt\":0"), HTTP_READ, 404, "<html>"}},
     .rc = -ERR_CONFIG,
     .error = "deployment"},
    {.name = "it is a Server, which nobody said",
     .change = &a_create,
     .look_since = MINUTES(5),
     .said = {{SEARCH(LAST_5), 404, "<html>"},
              {"POST", "/rest/api/2/search", SEARCH_BODY(LAST_5, "\"startAt\":0"), HTTP_READ, 200,
               "{\"startAt\":0,\"total\":1,\"issues\":[{\"key\":\"JB-7\"," SAME "}]}"},
              {PROPERTY("JB-7"), 200, MARK("bugzilla:12#create")}},
     .rc = STEP_DONE,
     .ref = "JB-7"},
    {.name = "the search answers something else",
     .change = &a_create,
     .look_since = MINUTES(5),
     .said = {{SEARCH(LAST_5), 200, "{}"}},
     .rc = -ERR_TRANSIENT},
};

/* Nobody says that it was ever begun. */
#define FIRST(more) SEARCH(LAST_5 more)
#define WORDS       " AND summary ~ \\\"Crash\\\" AND summary ~ \\\"start\\\""
#define NO_WORDS(t) DID(CHANGE_CREATE, .project = "JB", .marker = "m", .fields = FIELDS({"summary", VALUE_TEXT, t, 0}))

static const struct talk first_looks[] = {
    {.name = "one search when there is none",
     .change = &a_create,
     .look_since = MINUTES(5),
     .is_first = true,
     .said = {{FIRST(WORDS), 200,
               "{\"issues\":[{\"key\":\"JB-8\",\"properties\":{\"lockstep\":{\"marker\":\"x\"}}}]}"}},
     .rc = STEP_DONE},
    {.name = "found",
     .change = &a_create,
     .look_since = MINUTES(5),
     .is_first = true,
     .said = {{FIRST(WORDS), 200, "{\"issues\":[{\"key\":\"JB-9\"," SAME "}],\"isLast\":true}"},
              {PROPERTY("JB-9"), 200, MARK("bugzilla:12#create")}},
     .rc = STEP_DONE,
     .ref = "JB-9"},
    {.name = "a summary without a word that every index has",
     .change = NO_WORDS("Fix a_long_name, node.js' error: their tests"),
     .look_since = MINUTES(5),
     .is_first = true,
     .said = {{FIRST(" AND summary ~ \\\"tests\\\""), 200, "{\"issues\":[]}"}},
     .rc = STEP_DONE},
    {.name = "nor any",
     .change = NO_WORDS("\"x\" (#12)"),
     .look_since = MINUTES(5),
     .is_first = true,
     .said = {{FIRST(""), 200, "{\"issues\":[]}"}},
     .rc = STEP_DONE},
    {.name = "the search is refused: then nobody knows",
     .change = &a_create,
     .look_since = MINUTES(5),
     .is_first = true,
     .said = {{FIRST(WORDS), 400, "{\"errorMessages\":[\"The value 'JB' does not exist for the field 'project'.\"]}"}},
     .rc = STEP_DONE,
     .note = "is not known for sure"},
    {.name = "that the search fails is no answer",
     .change = &a_create,
     .look_since = MINUTES(5),
     .is_first = true,
     .said = {{FIRST(WORDS), 500, "{}"}},
     .rc = -ERR_TRANSIENT},
};

#define COMMENTS_FROM(n)                                                                                               \
    "GET", "/rest/api/2/issue/JB-7/comment?expand=properties&orderBy=-created&startAt=" n "&maxResults=100", "",       \
        HTTP_READ
#define LOST_COMMENT DID(CHANGE_COMMENT, .text = "x", .marker = "bugzilla:12#c3")
#define SAID(id, at, mark)                                                                                             \
    "{\"id\":\"" id "\",\"created\":\"" at "\",\"properties\":[{\"key\":\"x\",\"value\":1},{\"key\":\"lockstep\","     \
    "\"value\":{\"marker\":\"" mark "\"}}]}"

static const struct talk comment_looks[] = {
    {.name = "comment found",
     .change = LOST_COMMENT,
     .look_since = MINUTES(5),
     .said = {{COMMENTS_FROM("0"), 200,
               "{\"total\":2,\"comments\":[{\"id\":\"1\"}," SAID("2", "2026-11-18T10:00:00.000+0000",
                                                                 "bugzilla:12#c3") "]}"}},
     .rc = STEP_DONE,
     .ref = "2"},
    {.name = "comment on the second page",
     .change = LOST_COMMENT,
     .look_since = MINUTES(5),
     .said = {{COMMENTS_FROM("0"), 200,
               "{\"total\":2,\"comments\":[" SAID("1", "2036-01-01T00:00:00.000+0000", "y") "]}"},
              {COMMENTS_FROM("1"), 200,
               "{\"total\":2,\"comments\":[" SAID("2", "2036-01-01T00:00:00.000+0000", "bugzilla:12#c3") "]}"}},
     .rc = STEP_DONE,
     .ref = "2"},
    {.name = "older comments are not read",
     .change = LOST_COMMENT,
     .look_since = MINUTES(5),
     .said = {{COMMENTS_FROM("0"), 200,
               "{\"total\":900,\"comments\":[" SAID("2", "2010-01-02T00:00:00.000+0000",
                                                    "y") "," SAID("1", "2010-01-01T00:00:00.000+0000", "y") "]}"}},
     .rc = STEP_DONE},
    {.name = "the issue is gone",
     .change = LOST_COMMENT,
     .look_since = MINUTES(5),
     .said = {{COMMENTS_FROM("0"), 404, "{}"}},
     .rc = -ERR_MISSING},
    {.name = "no marker", .change = DID(CHANGE_COMMENT, .text = "x"), .look_since = MINUTES(5), .rc = -ERR_BUG},
};

static const struct talk server_looks[] = {
    {.name = "search at Server",
     .change = &a_create,
     .look_since = MINUTES(5),
     .said = {{"POST", "/rest/api/2/search", SEARCH_BODY(LAST_5, "\"startAt\":0"), HTTP_READ, 200,
               "{\"startAt\":0,\"total\":2,\"issues\":[{\"key\":\"JB-9\"," SAME "}]}"},
              {"POST", "/rest/api/2/search", SEARCH_BODY(LAST_5, "\"startAt\":1"), HTTP_READ, 200,
               "{\"startAt\":1,\"total\":2,\"issues\":[{\"key\":\"JB-7\"," SAME "}]}"},
              {PROPERTY("JB-9"), 404, ""},
              {PROPERTY("JB-7"), 200, MARK("bugzilla:12#create")}},
     .rc = STEP_DONE,
     .ref = "JB-7"},
};

#define CLOUD  "user: bot@example.com\ntoken: t\n"
#define SERVER "token: t\n"

static void talks(const char *yaml, const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_jira, "https://example.net/jira", yaml);
    talk_all(&tracker_jira, &p.conf, t, n);
    place_close(&p, &tracker_jira);
}

#define TALKS(test, yaml, table)                                                                                       \
    static void test(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        talks(yaml, table, COUNT(table));                                                                              \
    }
TALKS(test_create, CLOUD, creates)
TALKS(test_simple_changes, CLOUD, simple)
TALKS(test_status, CLOUD, statuses)
TALKS(test_assign, CLOUD, assigns)
TALKS(test_assign_server, SERVER, server_assigns)
TALKS(test_components, CLOUD, components)
TALKS(test_links, CLOUD, links)
TALKS(test_look_issue, CLOUD, looks)
TALKS(test_first_look, CLOUD, first_looks)
TALKS(test_look_comment, CLOUD, comment_looks)
TALKS(test_look_server, SERVER, server_looks)

/* 80 missing components: made until the exchanges run out, the rest is told. */
static void test_many_components(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_jira, "https://example.net", CLOUD);
    const char *names[80];
    for (size_t i = 0; i < COUNT(names); i++)
        names[i] = arena_fmt(p.arena, "C%zu", i);
    struct change c = *DID(CHANGE_COMPONENTS, .may_create = true);
    c.add = (struct texts){names, COUNT(names)};
    struct tracker_call call = {.conf = &p.conf, .arena = p.arena, .change = &c};
    struct tracker_state st = {0};
    struct tracker_result ret = {0};
    struct http_request next;
    struct http_response answer, *prev = NULL;
    struct err e = {0};
    int sent = 0, rc;
    while ((rc = tracker_jira.step(&call, &st, prev, &next, &ret, &e)) == STEP_SEND) {
        sent++;
        answer = (struct http_response){.status = strcmp(next.method, "POST") == 0 ? 201 : 200};
        answer.body = str_of(sent == 1 ? "[]" : arena_fmt(p.arena, "{\"id\":\"%d\",\"fields\":{}}", sent));
        prev = &answer;
    }
    assert_int_equal(rc, STEP_DONE);
    assert_int_equal(sent, DRIVER_STEPS - 1); /* one more, had any been refused */
    assert_non_null(strstr(ret.note, "\"C79\""));
    assert_null(strstr(ret.note, "\"C0\""));
    place_close(&p, &tracker_jira);
}

/* After a crash in the middle the work begins again and reads first. */
static void test_restart(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_jira, "https://example.net", CLOUD);
    struct tracker_call call = {.conf = &p.conf, .arena = p.arena, .change = DID(CHANGE_STATUS, .name = "Done")};
    struct tracker_state st = {.phase = 2, .note = "{\"status\":\"Backlog\",\"id\":\"21\"}"};
    struct tracker_result ret = {0};
    struct http_request next = {0};
    assert_int_equal(tracker_jira.step(&call, &st, NULL, &next, &ret, NULL), STEP_SEND);
    assert_string_equal(next.url, "https://example.net/rest/api/2/issue/JB-7?fields=status");
    assert_int_equal(st.phase, 0);
    struct http_response answer = {.status = 200};
    st.phase = 99;
    assert_int_equal(tracker_jira.step(&call, &st, &answer, &next, &ret, NULL), -ERR_BUG);
    place_close(&p, &tracker_jira);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),        cmocka_unit_test(test_simple_changes),
        cmocka_unit_test(test_status),        cmocka_unit_test(test_assign),
        cmocka_unit_test(test_assign_server), cmocka_unit_test(test_components),
        cmocka_unit_test(test_links),         cmocka_unit_test(test_look_issue),
        cmocka_unit_test(test_look_comment),  cmocka_unit_test(test_look_server),
        cmocka_unit_test(test_first_look),    cmocka_unit_test(test_many_components),
        cmocka_unit_test(test_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
