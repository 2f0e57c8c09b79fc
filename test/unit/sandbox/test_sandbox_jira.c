#include "rig.h"

#define CREATE(fields) "{\"fields\":{\"project\":{\"key\":\"JB\"},\"issuetype\":{\"name\":\"Task\"}" fields "}}"

static const char *make_issue(struct rig *r, const char *summary)
{
    const char *body = arena_fmt(r->arena, CREATE(",\"summary\":\"%s\""), summary);
    assert_int_equal(ask(r, "POST", "jira:issue?updateHistory=false", body), 201);
    return arena_text(r->arena, said(r, "key"));
}

static void test_login(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask_as(&r, JIRA_WRONG, "GET", "/jira/rest/api/2/myself", NULL), 401);
    assert_string_equal(http_header_get(&r.response->headers, "X-Seraph-LoginReason"), "AUTHENTICATED_FAILED");
    assert_int_equal(ask_as(&r, NOBODY, "GET", "/jira/rest/api/2/myself", NULL), 401);
    assert_int_equal(ask(&r, "GET", "jira:myself", NULL), 200);
    assert_string_equal(said(&r, "emailAddress"), "bot@example.org");
    assert_int_equal(ask_as(&r, NOBODY, "GET", "/jira/rest/api/2/serverInfo", NULL), 200);
    assert_string_equal(said(&r, "deploymentType"), "Cloud");
    assert_int_equal(ask(&r, "GET", "jira:nothing/here", NULL), 404);
    assert_int_equal(ask(&r, "PATCH", "jira:issue/DEV-1", "{}"), 405);
    rig_close(&r);
}

static void test_bearer(UNUSED void **state)
{
    struct rig r;
    rig_open_seed(&r, "{\"jira\":{\"deployment\":\"Server\",\"users\":[{\"accountId\":\"bot\",\"token\":\"t\","
                      "\"bearer\":true}],\"projects\":[{\"key\":\"A\"}],\"issues\":[{\"project\":\"A\",\"summary\":"
                      "\"one\"},{\"project\":\"A\",\"summary\":\"two\"}]}}");
    struct http_request q = {.method = "GET",
                             .url = rig_url(&r, "/jira/rest/api/2/search?jql=project%3DA&maxResults=1")};
    http_header_add(r.arena, &q.headers, "Authorization", "Bearer t");
    http_send(r.client, &q, 3000, r.arena, rig_done, &r);
    loop_run(r.loop);
    assert_int_equal(r.status, 200);
    assert_int_equal(json_parse(r.arena, r.response->body, &r.json, NULL), 0);
    assert_int_equal(number(&r, "total"), 2);
    assert_int_equal(json_count(json_get(r.json, "issues")), 1);
    assert_string_equal(said(&r, "issues.0.fields.summary"), "two");
    rig_close(&r);
}

static char *repeat(struct rig *r, char c, size_t n)
{
    char *text = arena_zero(r->arena, n + 1);
    memset(text, c, n);
    return text;
}

static void test_create_refused(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    const struct {
        const char *body, *field, *message;
    } rows[] = {
        {CREATE(""), "summary", "You must specify a summary of the issue."},
        {CREATE(",\"summary\":\"  \""), "summary", "You must specify a summary of the issue."},
        {CREATE(",\"summary\":\"a\\nb\""), "summary", "The summary is invalid because it contains newline characters."},
        {arena_fmt(r.arena, CREATE(",\"summary\":\"%s\""), repeat(&r, 'x', 256)), "summary",
         "Summary can't exceed 255 characters."},
        {CREATE(",\"summary\":1"), "summary", "Operation value must be a string"},
        {"{\"fields\":{\"summary\":\"s\",\"issuetype\":{\"name\":\"Task\"},\"project\":{\"key\":\"ABSENT\"}}}",
         "project", "Specify a valid project ID or key"},
        {"{\"fields\":{\"summary\":\"s\",\"issuetype\":{\"name\":\"Task\"},\"project\":{\"key\":\"NOPERM\"}}}",
         "project", "You cannot create issues in this project."},
        {"{\"fields\":{\"summary\":\"s\",\"project\":{\"key\":\"JB\"},\"issuetype\":{\"name\":\"Nonsense\"}}}",
         "issuetype", "Specify a valid issue type"},
        {"{\"fields\":{\"summary\":\"s\",\"project\":{\"key\":\"JB\"}}}", "issuetype", "Specify an issue type"},
        {CREATE(",\"summary\":\"s\",\"labels\":[\"a b\"]"), "labels",
         "The label 'a b' contains spaces which is invalid."},
        {CREATE(",\"summary\":\"s\",\"customfield_9\":1"), "customfield_9",
         "Field 'customfield_9' cannot be set. It is not on the appropriate screen, or unknown."},
        {CREATE(",\"summary\":\"s\",\"customfield_10319\":{\"value\":\"S9\"}"), "customfield_10319",
         "Option value 'S9' is not valid"},
        {CREATE(",\"summary\":\"s\",\"customfield_10037\":\"5\""), "customfield_10037",
         "Operation value must be a number"},
        {CREATE(",\"summary\":\"s\",\"priority\":{\"name\":\"P9\"}"), "priority", "Priority name 'P9' is not valid"},
        {CREATE(",\"summary\":\"s\",\"components\":[{\"name\":\"Nope\"}]"), "components",
         "Component name 'Nope' is not valid"},
        {CREATE(",\"summary\":\"s\",\"assignee\":{\"accountId\":\"712020:gone\"}"), "assignee",
         "User '712020:gone' cannot be assigned issues."},
        {arena_fmt(r.arena, CREATE(",\"summary\":\"s\",\"description\":\"%s\""), repeat(&r, 'x', 32768)), "description",
         "The entered text is too long. It exceeds the allowed limit of 32,767 characters."},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(ask(&r, "POST", "jira:issue", rows[i].body), 400);
        assert_string_equal(said(&r, arena_fmt(r.arena, "errors.%s", rows[i].field)), rows[i].message);
        assert_int_equal(json_count(json_get(r.json, "errorMessages")), 0);
    }
    assert_int_equal(ask(&r, "POST", "jira:issue", "{broken"), 400);
    assert_int_equal(ask(&r, "GET", "/_sandbox/state", NULL), 200);
    assert_int_equal(number(&r, "jira.issues"), 3); /* those of the seed */
    rig_close(&r);
}

static void test_create_at_limits(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_string_equal(make_issue(&r, repeat(&r, 'x', 255)), "JB-1");
    assert_int_equal(
        ask(&r, "POST", "jira:issue",
            arena_fmt(r.arena, CREATE(",\"summary\":\"s\",\"description\":\"%s\""), repeat(&r, 'x', 32767))),
        201);
    assert_int_equal(ask(&r, "POST", "jira:issue",
                         "{\"fields\":{\"project\":{\"key\":\"devtest\"},\"summary\":\"s\","
                         "\"issuetype\":{\"name\":\"bug\"}}}"),
                     201);
    assert_string_equal(said(&r, "key"), "DevTest-1");
    rig_close(&r);
}

static void test_issue(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(
        ask(&r, "POST", "jira:issue",
            "{\"fields\":{\"project\":{\"key\":\"JB\"},\"issuetype\":{\"name\":\"Bug\"},\"summary\":\" It breaks \","
            "\"description\":\"h1. How\",\"labels\":[\"bugzilla\",\"x\"],\"priority\":{\"name\":\"P1\"},"
            "\"customfield_10319\":{\"value\":\"S2\"},\"customfield_10037\":5,"
            "\"components\":[{\"name\":\"Main\"}],\"assignee\":{\"accountId\":\"712020:ada\"}},"
            "\"properties\":[{\"key\":\"lockstep\",\"value\":{\"marker\":\"m1\"}}]}"),
        201);
    assert_string_equal(said(&r, "key"), "JB-1");
    const char *id = said(&r, "id");
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1?properties=lockstep", NULL), 200);
    assert_string_equal(said(&r, "id"), id);
    const struct {
        const char *path, *text;
    } rows[] = {{"fields.summary", "It breaks"},
                {"fields.description", "h1. How"},
                {"fields.status.name", "Backlog"},
                {"fields.status.statusCategory.key", "new"},
                {"fields.issuetype.name", "Bug"},
                {"fields.project.key", "JB"},
                {"fields.priority.name", "P1"},
                {"fields.labels.1", "x"},
                {"fields.components.0.name", "Main"},
                {"fields.assignee.accountId", "712020:ada"},
                {"fields.creator.accountId", "712020:bot"},
                {"fields.customfield_10319.value", "S2"},
                {"properties.lockstep.marker", "m1"}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(said(&r, rows[i].path), rows[i].text);
    assert_int_equal(number(&r, "fields.customfield_10037"), 5);
    assert_int_equal(json_kind(json_path(r.json, "fields.resolution")), JSON_NULL);
    const char *created = said(&r, "fields.created");
    assert_int_equal(strlen(created), strlen("2026-01-02T10:00:00.000+0000"));
    assert_true(text_ends(created, "+0000"));
    assert_int_equal(ask(&r, "GET", "jira:issue/jb-1?fields=summary,status", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "fields")), 2);
    assert_int_equal(ask(&r, "GET", arena_fmt(r.arena, "jira:issue/%s?fields=-description", id), NULL), 200);
    assert_null(json_path(r.json, "fields.description"));
    assert_string_equal(said(&r, "key"), "JB-1");
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-99", NULL), 404);
    assert_string_equal(said(&r, "errorMessages.0"), "Issue does not exist or you do not have permission to see it.");
    rig_close(&r);
}

static void test_update(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    make_issue(&r, "one");
    const struct {
        const char *body;
        int status;
        const char *field;
    } rows[] = {
        {"{\"fields\":{\"summary\":\"two\",\"labels\":[\"a\",\"b\"]}}", 204, NULL},
        {"{\"update\":{\"labels\":[{\"add\":\"c\"},{\"remove\":\"a\"},{\"add\":\"b\"}]}}", 204, NULL},
        {"{\"update\":{\"components\":[{\"add\":{\"name\":\"Main\"}},{\"add\":{\"name\":\"Performance\"}}]}}", 204,
         NULL},
        {"{\"update\":{\"components\":[{\"remove\":{\"name\":\"Main\"}}],\"summary\":[{\"set\":\"three\"}]}}", 204,
         NULL},
        {"{\"fields\":{\"assignee\":null}}", 204, NULL},
        {"{\"update\":{\"labels\":[{\"add\":\"a b\"}]}}", 400, "labels"},
        {"{\"update\":{\"labels\":[{\"add\":\"\"}]}}", 400, "labels"},
        {"{\"update\":{\"summary\":[{\"add\":\"x\"}]}}", 400, "summary"},
        {"{\"fields\":{\"labels\":[]},\"update\":{\"labels\":[{\"add\":\"x\"}]}}", 400, "labels"},
        {"{\"fields\":{\"summary\":\"kept out\",\"status\":{\"name\":\"Done\"}}}", 400, "status"},
        {"{\"fields\":{\"project\":{\"key\":\"DEV\"}}}", 400, "project"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(ask(&r, "PUT", "jira:issue/JB-1?notifyUsers=true", rows[i].body), rows[i].status);
        if (rows[i].field)
            assert_non_null(json_get(json_get(r.json, "errors"), rows[i].field));
        else
            assert_int_equal(r.response->body.n, 0);
    }
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1", NULL), 200);
    assert_string_equal(said(&r, "fields.summary"), "three");
    assert_int_equal(json_count(json_path(r.json, "fields.labels")), 2);
    assert_string_equal(said(&r, "fields.labels.0"), "b");
    assert_string_equal(said(&r, "fields.labels.1"), "c");
    assert_int_equal(json_count(json_path(r.json, "fields.components")), 1);
    assert_string_equal(said(&r, "fields.components.0.name"), "Performance");
    assert_int_equal(ask(&r, "PUT", "jira:issue/NOPERM-1", "{\"fields\":{\"summary\":\"x\"}}"), 403);
    assert_int_equal(ask(&r, "PUT", "jira:issue/JB-77", "{\"fields\":{\"summary\":\"x\"}}"), 404);
    assert_int_equal(ask(&r, "DELETE", "jira:issue/NOPERM-1", NULL), 403);
    assert_int_equal(ask(&r, "DELETE", "jira:issue/JB-1?deleteSubtasks=true", NULL), 204);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1", NULL), 404);
    assert_int_equal(ask(&r, "GET", "/_sandbox/jira/issues/JB-1", NULL), 200);
    assert_true(json_bool(json_get(r.json, "deleted"), false));
    assert_string_equal(make_issue(&r, "after"), "JB-2"); /* numbers are not used again */
    rig_close(&r);
}

static void test_comments(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    make_issue(&r, "one");
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            ask(&r, "POST", "jira:issue/JB-1/comment?expand=properties",
                arena_fmt(r.arena, "{\"body\":\"c%d\",\"properties\":[{\"key\":\"k\",\"value\":%d}]}", i, i)),
            201);
    assert_string_equal(said(&r, "body"), "c4");
    assert_int_equal(number(&r, "properties.0.value"), 4);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/comment?startAt=1&maxResults=2", NULL), 200);
    assert_int_equal(number(&r, "total"), 5);
    assert_int_equal(json_count(json_get(r.json, "comments")), 2);
    assert_string_equal(said(&r, "comments.0.body"), "c1");
    assert_null(json_path(r.json, "comments.0.properties"));
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/comment?orderBy=-created&expand=properties&maxResults=1", NULL),
                     200);
    assert_string_equal(said(&r, "comments.0.body"), "c4");
    assert_string_equal(said(&r, "comments.0.properties.0.key"), "k");
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/comment?orderBy=author", NULL), 400);
    assert_int_equal(ask(&r, "POST", "jira:issue/JB-1/comment", "{\"body\":\" \"}"), 400);
    assert_string_equal(said(&r, "errors.comment"), "Comment body can not be empty!");
    assert_int_equal(ask(&r, "POST", "jira:issue/NOPERM-1/comment", "{\"body\":\"x\"}"), 403);
    assert_int_equal(ask(&r, "POST", "jira:issue/JB-9/comment", "{\"body\":\"x\"}"), 404);
    rig_close(&r);
}

static void test_transitions(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    make_issue(&r, "one");
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/transitions?expand=transitions.fields", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "transitions")), 6); /* all but Backlog, where it is */
    assert_string_equal(said(&r, "transitions.0.to.name"), "To Do");
    assert_non_null(json_path(r.json, "transitions.5.fields.resolution"));
    const char *cancel = said(&r, "transitions.5.id"), *todo = said(&r, "transitions.0.id");
    const struct {
        const char *body;
        const char *message;
    } refused[] = {
        {"{\"transition\":{\"id\":null}}", "Missing 'transition' identifier"},
        {"{}", "Missing 'transition' identifier"},
        {"{\"transition\":{\"id\":\"999\"}}", "Transition id '999' is not valid for this issue."},
        {"{\"transition\":{\"id\":\"11\"}}", "Transition id '11' is not valid for this issue."},
    };
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_int_equal(ask(&r, "POST", "jira:issue/JB-1/transitions", refused[i].body), 400);
        assert_string_equal(said(&r, "errorMessages.0"), refused[i].message);
    }
    assert_int_equal(
        ask(&r, "POST", "jira:issue/JB-1/transitions",
            arena_fmt(r.arena, "{\"transition\":{\"id\":\"%s\"},\"fields\":{\"resolution\":{\"name\":\"Invalid\"}}}",
                      todo)),
        400);
    assert_non_null(json_path(r.json, "errors.resolution"));
    assert_int_equal(ask(&r, "POST", "jira:issue/JB-1/transitions",
                         arena_fmt(r.arena,
                                   "{\"transition\":{\"id\":%s},\"fields\":{\"resolution\":{\"name\":\"Invalid\"}},"
                                   "\"update\":{\"comment\":[{\"add\":{\"body\":\"Issue was cancelled.\"}}]}}",
                                   cancel)),
                     204);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1", NULL), 200);
    assert_string_equal(said(&r, "fields.status.name"), "Cancelled");
    assert_string_equal(said(&r, "fields.resolution.name"), "Invalid");
    assert_string_equal(said(&r, "fields.comment.comments.0.body"), "Issue was cancelled.");
    assert_int_equal(ask(&r, "POST", "jira:issue/JB-1/transitions", "{\"transition\":{\"id\":\"11\"}}"), 204);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1", NULL), 200);
    assert_int_equal(json_kind(json_path(r.json, "fields.resolution")), JSON_NULL);
    rig_close(&r);
}

/* A workflow with steps, and one that needs a field. */
static void test_strict_workflow(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "jira:issue",
                         "{\"fields\":{\"project\":{\"key\":\"OPS\"},\"summary\":\"s\","
                         "\"issuetype\":{\"name\":\"Task\"}}}"),
                     201);
    assert_int_equal(ask(&r, "GET", "jira:issue/OPS-1/transitions", NULL), 200);
    assert_int_equal(json_count(json_get(r.json, "transitions")), 2); /* Start, Cancel */
    assert_int_equal(ask(&r, "POST", "jira:issue/OPS-1/transitions", "{\"transition\":{\"id\":\"31\"}}"), 400);
    assert_int_equal(ask(&r, "POST", "jira:issue/OPS-1/transitions", "{\"transition\":{\"id\":\"11\"}}"), 204);
    assert_int_equal(ask(&r, "POST", "jira:issue/OPS-1/transitions", "{\"transition\":{\"id\":\"21\"}}"), 204);
    assert_int_equal(ask(&r, "POST", "jira:issue/OPS-1/transitions", "{\"transition\":{\"id\":\"31\"}}"), 400);
    assert_string_equal(said(&r, "errors.resolution"), "Resolution is required.");
    assert_int_equal(ask(&r, "POST", "jira:issue/OPS-1/transitions",
                         "{\"transition\":{\"id\":\"31\"},\"fields\":{\"resolution\":{\"name\":\"Fixed\"}}}"),
                     204);
    rig_close(&r);
}

static void test_remote_links(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    make_issue(&r, "one");
    const char *link = "{\"globalId\":\"7\",\"relationship\":\"mentioned in\",\"object\":{\"url\":\"http://b/7\","
                       "\"title\":\"Bug 7\",\"status\":{\"resolved\":false}}}";
    assert_int_equal(ask(&r, "POST", "jira:issue/JB-1/remotelink", link), 201);
    int64_t id = number(&r, "id");
    assert_int_equal(ask(&r, "POST", "jira:issue/JB-1/remotelink",
                         "{\"globalId\":\"7\",\"object\":{\"url\":\"http://b/7\",\"title\":\"New\"}}"),
                     200);
    assert_int_equal(number(&r, "id"), id);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/remotelink?globalId=7", NULL), 200);
    assert_string_equal(said(&r, "object.title"), "New");
    assert_null(json_get(r.json, "relationship"));
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/remotelink", NULL), 200);
    assert_int_equal(json_count(r.json), 1);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/remotelink?globalId=8", NULL), 404);
    assert_int_equal(ask(&r, "POST", "jira:issue/JB-1/remotelink", "{\"object\":{\"url\":\"http://b/7\"}}"), 400);
    assert_string_equal(said(&r, "errors.title"), "'title' is required.");
    assert_int_equal(ask(&r, "DELETE", "jira:issue/JB-1/remotelink", NULL), 400);
    assert_int_equal(ask(&r, "DELETE", "jira:issue/JB-1/remotelink?globalId=7", NULL), 204);
    assert_int_equal(ask(&r, "DELETE", "jira:issue/JB-1/remotelink?globalId=7", NULL), 404);
    rig_close(&r);
}

#define LINK(type, in, out)                                                                                            \
    "{\"type\":{\"name\":\"" type "\"},\"inwardIssue\":{\"key\":\"" in "\"},\"outwardIssue\":{\"key\":\"" out "\"}}"

static void test_issue_links(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    make_issue(&r, "one");
    make_issue(&r, "two");
    const struct {
        const char *body;
        int status;
    } rows[] = {{LINK("Blocks", "JB-1", "JB-2"), 201},
                {LINK("Blocks", "JB-1", "JB-2"), 201},
                {LINK("Nonsense", "JB-1", "JB-2"), 404},
                {LINK("Blocks", "JB-1", "JB-9"), 404},
                {LINK("Blocks", "JB-1", "JB-1"), 400},
                {"{\"type\":{\"name\":\"Blocks\"}}", 400},
                {"{}", 400}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(ask(&r, "POST", "jira:issueLink", rows[i].body), rows[i].status);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-2?fields=issuelinks", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "fields.issuelinks")), 1); /* the second was not made */
    assert_string_equal(said(&r, "fields.issuelinks.0.inwardIssue.key"), "JB-1");
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1?fields=issuelinks", NULL), 200);
    assert_string_equal(said(&r, "fields.issuelinks.0.outwardIssue.key"), "JB-2");
    const char *id = arena_text(r.arena, said(&r, "fields.issuelinks.0.id"));
    assert_int_equal(ask(&r, "GET", arena_fmt(r.arena, "jira:issueLink/%s", id), NULL), 200);
    assert_int_equal(ask(&r, "DELETE", arena_fmt(r.arena, "jira:issueLink/%s", id), NULL), 204);
    assert_int_equal(ask(&r, "DELETE", arena_fmt(r.arena, "jira:issueLink/%s", id), NULL), 404);
    assert_int_equal(ask(&r, "DELETE", "jira:issueLink/abc", NULL), 400);
    assert_int_equal(ask(&r, "POST", "jira:issueLink", LINK("Relates", "JB-1", "JB-2")), 201);
    assert_int_equal(ask(&r, "DELETE", "jira:issue/JB-2", NULL), 204);
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1?fields=issuelinks", NULL), 200);
    assert_int_equal(json_count(json_path(r.json, "fields.issuelinks")), 0);
    rig_close(&r);
}

static void test_projects(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "GET", "jira:project/search?keys=JB&keys=DEV&expand=issueTypes", NULL), 200);
    assert_int_equal(number(&r, "total"), 2);
    assert_true(json_bool(json_get(r.json, "isLast"), false));
    assert_string_equal(said(&r, "values.0.issueTypes.1.name"), "Bug");
    assert_int_equal(ask(&r, "GET", "jira:project/search?startAt=2&maxResults=2", NULL), 200);
    assert_int_equal(number(&r, "total"), 6);
    assert_string_equal(said(&r, "values.0.key"), "DEV");
    assert_false(json_bool(json_get(r.json, "isLast"), true));
    assert_int_equal(ask(&r, "GET", "jira:project/JB", NULL), 200);
    assert_int_equal(ask(&r, "GET", "jira:project/XX", NULL), 404);
    assert_int_equal(ask(&r, "GET", "jira:project/JB/components", NULL), 200);
    assert_int_equal(json_count(r.json), 4);
    assert_int_equal(ask(&r, "POST", "jira:component/", "{\"name\":\"New\",\"project\":\"JB\"}"), 201);
    assert_int_equal(ask(&r, "POST", "jira:component/", "{\"name\":\"New\",\"project\":\"JB\"}"), 400);
    assert_int_equal(ask(&r, "POST", "jira:component", "{\"name\":\"New\",\"project\":\"NOPERM\"}"), 403);
    assert_int_equal(ask(&r, "POST", "jira:permissions/project",
                         "{\"permissions\":[\"ADD_COMMENTS\",\"CREATE_ISSUES\",\"DELETE_ISSUES\",\"EDIT_ISSUES\"]}"),
                     200);
    assert_int_equal(json_count(json_get(r.json, "projects")), 5);
    assert_int_equal(ask(&r, "POST", "jira:permissions/project", "{\"permissions\":[\"FLY\"]}"), 400);
    assert_int_equal(
        ask(&r, "GET", "jira:mypermissions?projectKey=NOPERM&permissions=EDIT_ISSUES,BROWSE_PROJECTS", NULL), 200);
    assert_false(json_bool(json_path(r.json, "permissions.EDIT_ISSUES.havePermission"), true));
    assert_true(json_bool(json_path(r.json, "permissions.BROWSE_PROJECTS.havePermission"), false));
    assert_int_equal(ask(&r, "GET", "jira:user/search?query=ada@example.org", NULL), 200);
    assert_int_equal(json_count(r.json), 1);
    assert_string_equal(said(&r, "0.accountId"), "712020:ada");
    assert_int_equal(ask(&r, "GET", "jira:user/search?query=gone@example.org", NULL), 200);
    assert_int_equal(json_count(r.json), 0);
    assert_int_equal(ask(&r, "GET", "jira:user/search", NULL), 400);
    rig_close(&r);
}

static void test_properties(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "PUT", "jira:issue/DEV-1/properties/a.b", "{\"x\":1}"), 201);
    assert_int_equal(ask(&r, "PUT", "jira:issue/DEV-1/properties/a.b", "{\"x\":2}"), 200);
    assert_int_equal(ask(&r, "GET", "jira:issue/DEV-1/properties/a.b", NULL), 200);
    assert_int_equal(number(&r, "value.x"), 2);
    assert_int_equal(ask(&r, "GET", "jira:issue/DEV-1/properties", NULL), 200);
    assert_string_equal(said(&r, "keys.0.key"), "a.b");
    assert_int_equal(ask(&r, "GET", "jira:issue/DEV-1/properties/none", NULL), 404);
    assert_int_equal(ask(&r, "DELETE", "jira:issue/DEV-1/properties/a.b", NULL), 204);
    assert_int_equal(ask(&r, "DELETE", "jira:issue/DEV-1/properties/a.b", NULL), 404);
    rig_close(&r);
}

static int search(struct rig *r, const char *jql, const char *more)
{
    const char *body = arena_fmt(r->arena, "{\"jql\":\"%s\"%s}", jql, more);
    return ask_as(r, JIRA_BOT, "POST", "/jira/rest/api/3/search/jql", body);
}

static void test_search(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    for (int i = 0; i < 5; i++)
        make_issue(&r, arena_fmt(r.arena, "number %d", i));
    assert_int_equal(ask(&r, "PUT", "jira:issue/JB-3",
                         "{\"fields\":{\"labels\":[\"here\"]},"
                         "\"properties\":[{\"key\":\"p\",\"value\":\"v\"}]}"),
                     204);
    const struct {
        const char *jql;
        size_t n;
    } rows[] = {
        {"project = JB", 5},
        {"project = \\\"JB\\\" AND created >= \\\"-5m\\\" AND creator = currentUser() ORDER BY created DESC", 5},
        {"project = JB AND created <= -5m", 0},
        {"project in (JB, DEV) and labels = here", 1},
        {"key in (JB-1, JB-2, JB-99)", 2},
        {"project = JB AND labels != here", 4},
        {"project = JB AND assignee is EMPTY", 5},
        {"summary ~ \\\"number 4\\\"", 1},
        {"(labels = here OR key = JB-1) AND project = JB", 2},
        {"project = JB AND (created <= -5m OR labels = here)", 1},
        {"(labels = here OR creator = currentUser()) AND created >= -5m AND project = JB ORDER BY updated DESC", 5},
        {"status = backlog AND project not in (DEV, WEB, NOPERM)", 5}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(search(&r, rows[i].jql, ""), 200);
        assert_int_equal(json_count(json_get(r.json, "issues")), rows[i].n);
        assert_null(json_path(r.json, "issues.0.fields"));
    }
    assert_int_equal(search(&r, "project = JB ORDER BY created ASC", ",\"maxResults\":2,\"fields\":[\"summary\"]"),
                     200);
    assert_string_equal(said(&r, "issues.0.fields.summary"), "number 0");
    assert_false(json_bool(json_get(r.json, "isLast"), true));
    const char *token = said(&r, "nextPageToken");
    assert_int_equal(search(&r, "project = JB ORDER BY created ASC",
                            arena_fmt(r.arena, ",\"maxResults\":10,\"nextPageToken\":\"%s\"", token)),
                     200);
    assert_int_equal(json_count(json_get(r.json, "issues")), 3);
    assert_true(json_bool(json_get(r.json, "isLast"), false));
    assert_int_equal(search(&r, "key = JB-3", ",\"properties\":[\"p\"]"), 200);
    assert_string_equal(said(&r, "issues.0.properties.p"), "v");
    static const char *const wrong[] = {"",
                                        "order by created",
                                        "project = NOSUCH",
                                        "flavour = sweet",
                                        "project JB",
                                        "project = JB OR project = DEV",
                                        "(project = JB OR project = DEV",
                                        "created >= yesterday"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(search(&r, wrong[i], ""), 400);
    assert_int_equal(ask(&r, "GET", "jira:search?jql=project%3DJB", NULL), 410);
    rig_close(&r);
}

/* What was done to an issue, newest first, where it is asked for; and changes are found as late as issues. */
static void test_search_history(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    make_issue(&r, "one");
    for (int i = 2; i < 4; i++)
        assert_int_equal(
            ask(&r, "PUT", "jira:issue/JB-1", arena_fmt(r.arena, "{\"fields\":{\"summary\":\"name %d\"}}", i)), 204);
    assert_int_equal(search(&r, "project = JB", ""), 200);
    assert_int_equal(json_kind(json_path(r.json, "issues.0.changelog")), JSON_ABSENT);
    assert_int_equal(search(&r, "project = JB AND updated >= -1m", ",\"expand\":\"changelog\""), 200);
    const struct json *log = json_path(r.json, "issues.0.changelog.histories");
    assert_int_equal(json_count(log), 2);
    assert_string_equal(json_text(json_path(log, "0.items.0.fromString")), "name 2");
    assert_string_equal(json_text(json_path(log, "1.items.0.fromString")), "one");
    assert_string_equal(json_text(json_path(log, "1.items.0.field")), "summary");
    assert_non_null(json_text(json_path(log, "0.author.accountId")));
    assert_int_equal(ask(&r, "POST", "/_sandbox/settings", "{\"index_lag_ms\":60000}"), 200);
    assert_int_equal(search(&r, "project = JB AND updated >= -1m", ""), 200);
    assert_int_equal(json_count(json_get(r.json, "issues")), 0);
    rig_close(&r);
}

/* Search lags behind writes, except for the ids that are to be reconciled. */
static void test_search_lag(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    assert_int_equal(ask(&r, "POST", "/_sandbox/settings", "{\"index_lag_ms\":60000}"), 200);
    make_issue(&r, "fresh");
    const char *id = said(&r, "id");
    assert_int_equal(search(&r, "project = JB", ""), 200);
    assert_int_equal(json_count(json_get(r.json, "issues")), 0);
    assert_int_equal(search(&r, "project = JB", arena_fmt(r.arena, ",\"reconcileIssues\":[%s]", id)), 200);
    assert_int_equal(json_count(json_get(r.json, "issues")), 1);
    rig_close(&r);
}

/* Documents instead of markup. */
static void test_api_3(UNUSED void **state)
{
    struct rig r;
    rig_open(&r);
    make_issue(&r, "one");
    assert_int_equal(ask_as(&r, JIRA_BOT, "POST", "/jira/rest/api/3/issue/JB-1/comment", "{\"body\":\"text\"}"), 400);
    assert_int_equal(
        ask_as(&r, JIRA_BOT, "POST", "/jira/rest/api/3/issue/JB-1/comment",
               "{\"body\":{\"type\":\"doc\",\"version\":1,\"content\":[{\"type\":\"paragraph\",\"content\":"
               "[{\"type\":\"text\",\"text\":\"a\"}]},{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\","
               "\"text\":\"b\"}]}]}}"),
        201);
    assert_string_equal(said(&r, "body.content.1.content.0.text"), "b");
    assert_int_equal(ask(&r, "GET", "jira:issue/JB-1/comment", NULL), 200);
    assert_string_equal(said(&r, "comments.0.body"), "a\nb");
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login),           cmocka_unit_test(test_bearer),
        cmocka_unit_test(test_create_refused),  cmocka_unit_test(test_create_at_limits),
        cmocka_unit_test(test_issue),           cmocka_unit_test(test_update),
        cmocka_unit_test(test_comments),        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_strict_workflow), cmocka_unit_test(test_remote_links),
        cmocka_unit_test(test_issue_links),     cmocka_unit_test(test_projects),
        cmocka_unit_test(test_properties),      cmocka_unit_test(test_search),
        cmocka_unit_test(test_search_lag),      cmocka_unit_test(test_search_history),
        cmocka_unit_test(test_api_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
