/* Conversations with Jira: every fact; credentials; addresses. */
#include "base/base.h"

#include "talk.h"

#define CLOUD  "user: bot@example.com\ntoken: t\n"
#define SERVER "token: t\n"
#define JIRA   "https://example.net/jira"

#define ASK(what, of) .want = {.kind = (what), .tracker = "jira", .ref = (of)}
#define FIELDS                                                                                                         \
    "?updateHistory=true&fields=project,issuetype,summary,status,resolution,priority,labels,components,assignee,"      \
    "creator,issuelinks,security,updated"
#define GET(path) "GET", "/rest/api/2/" path, "", HTTP_READ

static const struct named *name_at(const struct fact *f, size_t i)
{
    assert_true(i < f->names.n);
    return (const struct named *)f->names.v + i;
}

static const struct person *person_at(const struct fact *f, size_t i)
{
    assert_true(i < f->people.n);
    return (const struct person *)f->people.v + i;
}

static void holds_missing(const struct fact *f)
{
    assert_int_equal(f->state, FACT_MISSING);
    assert_non_null(f->why);
}

static void holds_forbidden(const struct fact *f)
{
    assert_int_equal(f->state, FACT_FORBIDDEN);
    assert_non_null(strstr(f->why, "not for you"));
}

static void holds_issue(const struct fact *f)
{
    const struct issue *i = &f->issue;
    assert_int_equal(f->state, FACT_HERE);
    assert_string_equal(i->ref, "NEW-3");
    assert_string_equal(i->id, "10");
    assert_string_equal(i->project, "NEW");
    assert_string_equal(i->type, "Bug");
    assert_string_equal(i->summary, "S");
    assert_string_equal(i->status, "Backlog");
    assert_null(i->resolution);
    assert_string_equal(i->priority, "P1");
    assert_string_equal(i->assignee, "5b:1");
    assert_int_equal(i->labels.n, 2);
    assert_string_equal(i->labels.v[1], "[b]");
    assert_int_equal(i->components.n, 1);
    assert_string_equal(((const struct named *)i->components.v)->name, "C");
    assert_int_equal(i->changed_ms, 1795168800123);
    assert_false(i->is_private);
    assert_int_equal(i->links.n, 2);
    const struct issue_link *l = i->links.v;
    assert_true(!l[0].is_inward && l[1].is_inward);
    assert_string_equal(l[0].other, "JB-9");
    assert_string_equal(l[0].type, "Blocks");
    assert_string_equal(l[1].id, "2");
}

static void holds_sparse(const struct fact *f)
{
    assert_string_equal(f->issue.ref, "JB-7");
    assert_null(f->issue.assignee);
    assert_true(f->issue.is_private);
}

static const struct talk issues[] = {
    {.name = "issue, moved meanwhile",
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 200,
               "{\"id\":\"10\",\"key\":\"NEW-3\",\"fields\":{\"project\":{\"key\":\"NEW\"},\"issuetype\":{\"name\":"
               "\"Bug\"},\"summary\":\"S\",\"status\":{\"name\":\"Backlog\"},\"resolution\":null,\"priority\":{"
               "\"name\":\"P1\"},\"labels\":[\"a\",\"[b]\"],\"components\":[{\"id\":\"1\",\"name\":\"C\"}],"
               "\"assignee\":{\"accountId\":\"5b:1\",\"displayName\":\"X\"},\"security\":null,\"updated\":"
               "\"2026-11-20T12:00:00.123+0200\",\"issuelinks\":[{\"id\":\"1\",\"type\":{\"name\":\"Blocks\"},"
               "\"outwardIssue\":{\"key\":\"JB-9\"}},{\"id\":\"2\",\"type\":{\"name\":\"Relates\"},\"inwardIssue\":{"
               "\"key\":\"JB-8\"}},{\"id\":\"3\"}]}}"}},
     .rc = STEP_DONE,
     .holds = holds_issue},
    {.name = "issue with hardly anything, at a security level",
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 200,
               "{\"key\":\"JB-7\",\"fields\":{\"assignee\":null,\"security\":{\"id\":\"1\"}}}"}},
     .rc = STEP_DONE,
     .holds = holds_sparse},
    {.name = "issue that is not there",
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 404, "{\"errorMessages\":[\"Issue does not exist\"],\"errors\":{}}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "issue that is not for us",
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 403, "{\"errorMessages\":[\"not for you\"]}"}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "issue: a proxy refuses", /* without a word of Jira */
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 403, "<html>"}},
     .rc = -ERR_AUTH},
    {.name = "issue: wrong key of ours",
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 401, ""}},
     .rc = -ERR_AUTH},
    {.name = "issue: maintenance page",
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 200, "<html>"}},
     .rc = -ERR_TRANSIENT},
    {.name = "issue: without a key",
     ASK(FACT_ISSUE, "JB-7"),
     .said = {{GET("issue/JB-7" FIELDS), 200, "{\"fields\":{}}"}},
     .rc = -ERR_INPUT,
     .error = "key"},
    {.name = "issue: a ref that is no key",
     ASK(FACT_ISSUE, "../x?y"),
     .said = {{GET("issue/..%2Fx%3Fy" FIELDS), 404, ""}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "Jira's comments are not read", ASK(FACT_COMMENTS, "JB-7"), .rc = -ERR_BUG, .error = "comments"},
};

static void holds_two(const struct fact *f)
{
    assert_int_equal(f->people.n, 2);
}

static void holds_open(const struct fact *f)
{
    assert_int_equal(f->people.n, 1);
    assert_string_equal(person_at(f, 0)->id, "2");
    assert_string_equal(person_at(f, 0)->login, "A.B@x.org");
    assert_string_equal(person_at(f, 0)->name, "A");
}

static void holds_nobody(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->people.n, 0);
}

static void holds_fred(const struct fact *f)
{
    assert_string_equal(person_at(f, 0)->id, "fred");
}

static void holds_myself(const struct fact *f)
{
    assert_string_equal(person_at(f, 0)->id, "5b:9");
    assert_string_equal(person_at(f, 0)->name, "Bot");
}

#define USERS     GET("user/search?includeActive=true&includeInactive=false&startAt=0&maxResults=50&query=a.b%40x.org")
#define ASK_USERS ASK(FACT_USERS, "a.b@x.org")

static const struct talk people[] = {
    {.name = "users: hidden addresses are ambiguous",
     ASK_USERS,
     .said = {{USERS, 200, "[{\"accountId\":\"1\"},{\"accountId\":\"2\",\"emailAddress\":\"\"}]"}},
     .rc = STEP_DONE,
     .holds = holds_two},
    {.name = "users: a shown address decides; inactive ones and others do not count",
     ASK_USERS,
     .said = {{USERS, 200,
               "[{\"accountId\":\"1\"},{\"accountId\":\"2\",\"emailAddress\":\"A.B@x.org\",\"displayName\":\"A\"},"
               "{\"accountId\":\"3\",\"emailAddress\":\"a.b@x.org.uk\"},{\"accountId\":\"4\",\"active\":false,"
               "\"emailAddress\":\"a.b@x.org\"}]"}},
     .rc = STEP_DONE,
     .holds = holds_open},
    {.name = "users: none", ASK_USERS, .said = {{USERS, 200, "[]"}}, .rc = STEP_DONE, .holds = holds_nobody},
    {.name = "users: not for us",
     ASK_USERS,
     .said = {{USERS, 403, "{\"errorMessages\":[\"not for you\"]}"}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "users: no Jira there", ASK_USERS, .said = {{USERS, 404, "<html>"}}, .rc = -ERR_CONFIG, .error = "url"},
    {.name = "who we are",
     ASK(FACT_WHOAMI, ""),
     .said = {{GET("myself"), 200, "{\"accountId\":\"5b:9\",\"displayName\":\"Bot\"}"}},
     .rc = STEP_DONE,
     .holds = holds_myself},
    {.name = "nobody knows us", ASK(FACT_WHOAMI, ""), .said = {{GET("myself"), 200, "{}"}}, .rc = -ERR_AUTH},
};
static const struct talk server_people[] = {
    {.name = "users at Server",
     ASK_USERS,
     .said = {{GET("user/search?includeActive=true&includeInactive=false&startAt=0&maxResults=50&username=a.b%40x.org"),
               200, "[{\"name\":\"fred\",\"key\":\"k\",\"emailAddress\":\"a.b@x.org\"}]"}},
     .rc = STEP_DONE,
     .holds = holds_fred},
};

static void holds_three(const struct fact *f)
{
    assert_int_equal(f->names.n, 3);
    assert_string_equal(name_at(f, 0)->name, "A");
    assert_string_equal(name_at(f, 2)->name, "C");
}

static void holds_types(const struct fact *f)
{
    assert_int_equal(f->names.n, 2);
    assert_string_equal(name_at(f, 1)->name, "Task");
    assert_string_equal(name_at(f, 1)->id, "2");
}

#define PROJECTS(start) GET("project/search?startAt=" start "&maxResults=100")

static const struct talk projects[] = {
    {.name = "projects, paged to the end",
     ASK(FACT_PROJECTS, ""),
     .said = {{PROJECTS("0"), 200, "{\"isLast\":false,\"values\":[{\"key\":\"A\"},{\"key\":\"B\"}]}"},
              {PROJECTS("2"), 200, "{\"isLast\":true,\"values\":[{\"key\":\"C\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_three},
    {.name = "projects: an empty page ends it",
     ASK(FACT_PROJECTS, ""),
     .said = {{PROJECTS("0"), 200, "{\"isLast\":false,\"values\":[{\"key\":\"A\"},{\"key\":\"B\"},{\"key\":\"C\"}]}"},
              {PROJECTS("3"), 200, "{\"isLast\":false,\"values\":[]}"}},
     .rc = STEP_DONE,
     .holds = holds_three},
    {.name = "permissions",
     ASK(FACT_PERMISSIONS, "ADD_COMMENTS, CREATE_ISSUES"),
     .said = {{"POST", "/rest/api/2/permissions/project", "{\"permissions\":[\"ADD_COMMENTS\",\"CREATE_ISSUES\"]}",
               HTTP_READ, 200, "{\"projects\":[{\"id\":1,\"key\":\"A\"},{\"key\":\"B\"},{\"key\":\"C\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_three},
    {.name = "components",
     ASK(FACT_COMPONENTS, "JB"),
     .said = {{GET("project/JB/components"), 200, "[{\"name\":\"A\"},{\"name\":\"B\"},{\"name\":\"C\"}]"}},
     .rc = STEP_DONE,
     .holds = holds_three},
    {.name = "components of no project",
     ASK(FACT_COMPONENTS, "JB"),
     .said = {{GET("project/JB/components"), 404, "{}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "issue types",
     ASK(FACT_ISSUE_TYPES, "JB"),
     .said = {{GET("project/search?keys=JB&expand=issueTypes"), 200,
               "{\"values\":[{\"key\":\"X\"},{\"key\":\"JB\",\"issueTypes\":[{\"id\":\"1\",\"name\":\"Bug\"},{"
               "\"id\":\"2\",\"name\":\"Task\"}]}]}"}},
     .rc = STEP_DONE,
     .holds = holds_types},
    {.name = "issue types of no project",
     ASK(FACT_ISSUE_TYPES, "JB"),
     .said = {{GET("project/search?keys=JB&expand=issueTypes"), 200, "{\"values\":[]}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
};
static void holds_fields(const struct fact *f)
{
    static const char *const rows[][3] = {
        {"summary", "Summary", "string"}, {"customfield_1", "Customer", "array of option"}, {"issuekey", "Key", ""}};
    const struct board_field *v = f->fields.v;
    assert_int_equal(f->fields.n, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(v[i].id, rows[i][0]);
        assert_string_equal(v[i].name, rows[i][1]);
        assert_string_equal(v[i].type, rows[i][2]);
    }
}

static const struct talk fields[] = {
    {.name = "fields",
     ASK(FACT_FIELDS, ""),
     .said = {{GET("field"), 200,
               "[{\"id\":\"summary\",\"name\":\"Summary\",\"schema\":{\"type\":\"string\"}},"
               "{\"id\":\"customfield_1\",\"name\":\"Customer\",\"schema\":{\"type\":\"array\",\"items\":"
               "\"option\"}},{\"id\":\"issuekey\",\"name\":\"Key\"},{\"id\":\"x\"}]"}},
     .rc = STEP_DONE,
     .holds = holds_fields},
};

static const struct talk server_projects[] = {
    {.name = "projects of Server",
     ASK(FACT_PROJECTS, ""),
     .said = {{GET("project"), 200, "[{\"key\":\"A\"},{\"key\":\"B\"},{\"key\":\"C\"}]"}},
     .rc = STEP_DONE,
     .holds = holds_three},
    {.name = "issue types of Server",
     ASK(FACT_ISSUE_TYPES, "JB"),
     .said = {{GET("project/JB"), 200,
               "{\"issueTypes\":[{\"id\":\"1\",\"name\":\"Bug\"},{\"id\":\"2\",\"name\":\"Task\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_types},
};

static void holds_healthy(const struct fact *f)
{
    assert_string_equal(f->text, "Jira 1001.0.0 (Cloud)");
}

static void holds_ill(const struct fact *f)
{
    assert_string_equal(f->text, "Jira 9.4 (Server); health check failed: Database");
}

static void holds_no_text(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_null(f->text);
}

#define HEALTH     GET("serverInfo?doHealthCheck=true")
#define ASK_HEALTH ASK(FACT_HEALTH, "")

static const struct talk healths[] = {
    {.name = "healthy",
     ASK_HEALTH,
     .said = {{HEALTH, 200, "{\"version\":\"1001.0.0\",\"deploymentType\":\"Cloud\"}"}},
     .rc = STEP_DONE,
     .holds = holds_healthy},
    {.name = "ill",
     ASK_HEALTH,
     .said = {{HEALTH, 200,
               "{\"version\":\"9.4\",\"healthChecks\":[{\"name\":\"Disk\",\"passed\":true},{\"name\":\"Database\","
               "\"passed\":false}]}"}},
     .rc = STEP_DONE,
     .holds = holds_ill},
    {.name = "empty", ASK_HEALTH, .said = {{HEALTH, 200, "{}"}}, .rc = STEP_DONE, .holds = holds_no_text},
    {.name = "down", ASK_HEALTH, .said = {{HEALTH, 502, "<html>"}}, .rc = -ERR_TRANSIENT},
    {.name = "moved",
     ASK_HEALTH,
     .said = {{HEALTH, 302, ""}},
     .header = "Location",
     .value = "https://elsewhere.example/login",
     .rc = -ERR_CONFIG,
     .error = "https://elsewhere.example/login"},
};

static void holds_file(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_string_equal(f->text, "defaults: {type: Task}\n");
}

#define ASK_FILE  ASK(FACT_FILE, JIRA "/map.yaml")
#define FILE_SENT "GET", "/map.yaml", "", HTTP_READ
static const struct talk files[] = {
    {.name = "file at an address",
     ASK_FILE,
     .said = {{FILE_SENT, 200, "defaults: {type: Task}\n"}},
     .rc = STEP_DONE,
     .holds = holds_file},
    {.name = "no such file",
     ASK_FILE,
     .said = {{FILE_SENT, 404, "not found"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "file at a server that is down", ASK_FILE, .said = {{FILE_SENT, 503, ""}}, .rc = -ERR_TRANSIENT},
    {.name = "what another host refuses does not hold the tracker",
     ASK(FACT_FILE, "https://files.example/m.yaml"),
     .said = {{"GET", "https://files.example/m.yaml", "", HTTP_READ, 401, "<html>"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "what another host limits neither",
     ASK(FACT_FILE, "https://files.example/m.yaml"),
     .said = {{"GET", "https://files.example/m.yaml", "", HTTP_READ, 429, ""}},
     .rc = -ERR_TRANSIENT},
    {.name = "no address",
     ASK(FACT_FILE, "map.yaml"),
     .rc = -ERR_CONFIG,
     .error = "map.yaml is no http or https address"},
};

static void talks(const char *yaml, const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_jira, JIRA, yaml);
    talk_all(&tracker_jira, &p.conf, t, n);
    place_close(&p, &tracker_jira);
}

#define TALKS(test, yaml, table)                                                                                       \
    static void test(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        talks(yaml, table, COUNT(table));                                                                              \
    }
TALKS(test_issue, CLOUD, issues)
TALKS(test_fields, CLOUD, fields)
TALKS(test_people, CLOUD, people)
TALKS(test_people_server, SERVER, server_people)
TALKS(test_projects, CLOUD, projects)
TALKS(test_projects_server, SERVER, server_projects)
TALKS(test_health, CLOUD, healths)
TALKS(test_files, CLOUD, files)

static const struct {
    const char *url, *yaml;
    const char *query, *authorization;
} logins[] = {
    {JIRA, "user: bot@example.com\ntoken: s3cret", "query=", "Basic Ym90QGV4YW1wbGUuY29tOnMzY3JldA=="},
    {JIRA, "token: s3cret", "username=", "Bearer s3cret"},
    {"https://x.atlassian.net", "token: s3cret", "query=", "Bearer s3cret"},
    {"https://x.atlassian.net.evil.example", "token: s3cret", "username=", "Bearer s3cret"},
    {"https://x.atlassian.net:443/a", "token: s3cret\napi: 2", "query=", "Bearer s3cret"},
    {JIRA, "user: u\ntoken: s3cret\ndeployment: server", "username=", "Basic dTpzM2NyZXQ="},
    {JIRA, "token: s3cret\ndeployment: cloud", "query=", "Bearer s3cret"},
};

static void test_sign_and_deployment(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(logins); i++) {
        struct place p;
        place_open(&p, &tracker_jira, logins[i].url, logins[i].yaml);
        struct fact_key want = {.kind = FACT_USERS, .tracker = "jira", .ref = "a@b"};
        struct tracker_call c = {.conf = &p.conf, .arena = p.arena, .want = &want};
        struct tracker_state st = {0};
        struct tracker_result ret = {0};
        struct http_request next;
        assert_int_equal(tracker_jira.step(&c, &st, NULL, &next, &ret, NULL), STEP_SEND);
        assert_non_null(strstr(next.url, logins[i].query));
        tracker_jira.sign(&p.conf, NULL, 0, p.arena, &next);
        assert_string_equal(http_header_get(&next.headers, "authorization"), logins[i].authorization);
        assert_true(next.headers.v[next.headers.n - 1].is_secret);
        assert_false(next.url_is_secret);
        assert_null(strstr(next.url, "s3cret"));
        next = (struct http_request){.url = "https://elsewhere.example/rest/api/2/user"};
        tracker_jira.sign(&p.conf, NULL, 0, p.arena, &next);
        assert_int_equal(next.headers.n, 0);
        place_close(&p, &tracker_jira);
    }
}

static const struct {
    const char *url, *ref;
} addresses[] = {
    {"https://example.net/jira/browse/JB-7", "JB-7"},
    {"https://example.net:443/jira/browse/JB-7/", "JB-7"},
    {"https://EXAMPLE.net/jira/browse/A_1-20//?focusedCommentId=3#c", "A_1-20"},
    {"https://example.net/projects/JB/issues/JB-7", "JB-7"},
    {"http://example.net/browse/JB-7", NULL}, /* another port */
    {"https://example.net:8443/browse/JB-7", NULL},
    {"https://other.net/browse/JB-7", NULL},
    {"https://example.net.evil/browse/JB-7", NULL},
    {"https://user@other.net/https://example.net/browse/JB-7", NULL},
    {"https://example.net/browse/DevTest-7", "DevTest-7"},
    {"https://example.net/browse/_B-7", NULL},
    {"https://example.net/browse/-7", NULL},
    {"https://example.net/browse/JB-", NULL},
    {"https://example.net/browse/JB-0", NULL},
    {"https://example.net/browse/JB-7x", NULL},
    {"https://example.net/browse/7-7", NULL},
    {"https://example.net/", NULL},
    {"https://example.net", NULL},
    {"JB-7", NULL},
    {"", NULL},
    {NULL, NULL},
};

static void test_addresses(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_jira, JIRA, CLOUD);
    for (size_t i = 0; i < COUNT(addresses); i++) {
        const char *ref = tracker_jira.issue_ref(&p.conf, p.arena, addresses[i].url);
        if (!text_same(ref, addresses[i].ref))
            talk_fail("%s: %s", addresses[i].url, ref ? ref : "(none)");
    }
    assert_string_equal(tracker_jira.issue_url(&p.conf, p.arena, "JB-7"), JIRA "/browse/JB-7");
    place_close(&p, &tracker_jira);
}

static void test_search_lag(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_jira, JIRA, CLOUD);
    assert_int_equal(tracker_jira.look_lag_ms(&p.conf), 60000);
    place_close(&p, &tracker_jira);
    place_open(&p, &tracker_jira, JIRA, CLOUD "search_lag: 0s\n");
    assert_int_equal(tracker_jira.look_lag_ms(&p.conf), 0);
    place_close(&p, &tracker_jira);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),     cmocka_unit_test(test_issue),
        cmocka_unit_test(test_people),     cmocka_unit_test(test_people_server),
        cmocka_unit_test(test_projects),   cmocka_unit_test(test_projects_server),
        cmocka_unit_test(test_health),     cmocka_unit_test(test_files),
        cmocka_unit_test(test_addresses),  cmocka_unit_test(test_sign_and_deployment),
        cmocka_unit_test(test_search_lag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
