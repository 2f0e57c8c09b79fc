/* Conversations with Jira about what has changed since a time. */
#include "base/base.h"

#include "talk.h"

#define CLOUD             "user: bot@example.com\ntoken: t\n"
#define SERVER            "token: t\ndeployment: server\n"
#define ASK(of, projects) .want = {.kind = FACT_ISSUES, .tracker = "jira", .ref = (of), .by = (projects)}
#define BODY(projects, minutes, rest)                                                                                  \
    "{\"jql\":\"(project in (" projects ") OR creator = currentUser()) AND updated >= \\\"-" minutes                   \
    "m\\\" ORDER BY updated DESC\",\"maxResults\":100,\"fields\":[\"project\",\"issuetype\",\"summary\",\"status\","   \
    "\"updated\"]," rest "}"
#define TWO "\\\"OSPR\\\", \\\"A \\\\\\\"B\\\\\\\"\\\""
#define ONE "\\\"OSPR\\\""
#define AT_CLOUD(projects, minutes, rest)                                                                              \
    "POST", "/rest/api/3/search/jql", BODY(projects, minutes, "\"expand\":\"changelog\"" rest), HTTP_READ
#define AT_SERVER(minutes, start)                                                                                      \
    "POST", "/rest/api/2/search", BODY(ONE, minutes, "\"expand\":[\"changelog\"],\"startAt\":" start), HTTP_READ
#define UPDATED ",\"updated\":\"2026-11-18T12:00:00.500+0100\""
#define LOG     ",\"changelog\":{\"histories\":["

static const struct issue *issue_at(const struct fact *f, size_t i)
{
    assert_true(i < f->issues.n);
    return (const struct issue *)f->issues.v + i;
}

static const struct issue_change *past_at(const struct issue *i, size_t n)
{
    assert_true(n < i->past.n);
    return (const struct issue_change *)i->past.v + n;
}

static void holds_past(const struct fact *f)
{
    assert_int_equal(f->issues.n, 3);
    const struct issue *one = issue_at(f, 0);
    assert_string_equal(one->ref, "OSPR-2");
    assert_string_equal(one->status, "Done");
    assert_int_equal(one->changed_ms, 1794999600500);
    assert_int_equal(one->past.n, 3);
    assert_string_equal(past_at(one, 0)->field, "Key");
    assert_string_equal(past_at(one, 0)->removed, "OLD-1");
    assert_string_equal(past_at(one, 0)->by, "ann");
    assert_string_equal(past_at(one, 2)->added, "Done");
    assert_string_equal(past_at(one, 2)->by, "5b:1");
    assert_true(past_at(one, 0)->at_ms < past_at(one, 1)->at_ms);
    assert_int_equal(issue_at(f, 1)->past.n, 0);
    assert_int_equal(issue_at(f, 2)->past.n, 1); /* who does not show the past leaves it open */
    assert_int_equal(past_at(issue_at(f, 2), 0)->at_ms, 1794999600500);
    assert_string_equal(past_at(issue_at(f, 2), 0)->field, "status");
    assert_string_equal(f->text, "since 1794999700000 16 cloud to ken");
}

static void holds_none(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->issues.n, 0);
    assert_null(f->text);
}

static void holds_server_page(const struct fact *f)
{
    assert_int_equal(f->issues.n, 1);
    assert_string_equal(f->text, "since 1794999700000 16 server 2");
}

static void holds_other_kind(const struct fact *f)
{
    assert_int_equal(f->issues.n, 1);
    assert_string_equal(f->text, "since 1794999700000 16 server 1");
}

static const struct talk cloud[] = {
    {.name = "a page, with the past",
     ASK("since 1794999700000", "OSPR,A \"B\""),
     .said = {{AT_CLOUD(TWO, "16", ""), 200,
               "{\"issues\":[{\"key\":\"OSPR-2\",\"fields\":{\"status\":{\"name\":\"Done\"}" UPDATED "}" LOG
               "{\"created\":\"2026-11-18T12:00:00.500+0100\",\"author\":{\"accountId\":\"5b:1\"},\"items\":[{\"field\""
               ":\"labels\"},{\"field\":\"status\",\"fromString\":\"To Do\",\"toString\":\"Done\"}]},"
               "{\"created\":\"2026-11-17T12:00:00.500+0100\",\"author\":{\"name\":\"ann\"},\"items\":[{\"field\":"
               "\"Key\",\"fromString\":\"OLD-1\",\"toString\":\"OSPR-2\"}]}]}},"
               "{\"key\":\"OSPR-3\",\"fields\":{\"summary\":\"S\"" UPDATED "}" LOG "]}},"
               "{\"key\":\"OSPR-4\",\"fields\":{\"status\":{\"name\":\"To Do\"}" UPDATED "}}],"
               "\"nextPageToken\":\"to ken\",\"isLast\":false}"}},
     .rc = STEP_DONE,
     .holds = holds_past},
    {.name = "a further page, as old as the first",
     ASK("since 1794999700000 99 cloud to ken", "OSPR"),
     .said = {{AT_CLOUD(ONE, "99", ",\"nextPageToken\":\"to ken\""), 200,
               "{\"issues\":[],\"nextPageToken\":\"x\",\"isLast\":true}"}},
     .rc = STEP_DONE,
     .holds = holds_none},
    {.name = "a time to come",
     ASK("since 1999999999999", "OSPR"),
     .said = {{AT_CLOUD(ONE, "11", ""), 200, "{\"issues\":[]}"}},
     .rc = STEP_DONE,
     .holds = holds_none},
    {.name = "a project that is not there",
     ASK("since 1794999700000", "OSPR"),
     .said = {{AT_CLOUD(ONE, "16", ""), 400, "{\"errorMessages\":[\"The value 'OSPR' does not exist\"]}"}},
     .rc = -ERR_INPUT,
     .error = "list changed issues: HTTP 400 Bad Request: The value 'OSPR' does not exist"},
    {.name = "no such search",
     ASK("since 1794999700000", "OSPR"),
     .said = {{AT_CLOUD(ONE, "16", ""), 404, ""}, {AT_SERVER("16", "0"), 404, ""}},
     .rc = -ERR_CONFIG,
     .error = "is deployment right? it is cloud"},
    {.name = "taken for Cloud, but a Server",
     ASK("since 1794999700000", "OSPR"),
     .said = {{AT_CLOUD(ONE, "16", ""), 404, ""},
              {AT_SERVER("16", "0"), 200, "{\"total\":2,\"issues\":[{\"key\":\"A-1\",\"fields\":{}}]}"}},
     .rc = STEP_DONE,
     .holds = holds_other_kind},
    {.name = "and its next page",
     ASK("since 1794999700000 16 server 1", "OSPR"),
     .said = {{AT_SERVER("16", "1"), 200, "{\"total\":1,\"issues\":[]}"}},
     .rc = STEP_DONE,
     .holds = holds_none},
    {.name = "no list",
     ASK("since 1794999700000", "OSPR"),
     .said = {{AT_CLOUD(ONE, "16", ""), 200, "{}"}},
     .rc = -ERR_TRANSIENT,
     .error = "has no issues"},
    {.name = "a past that is none",
     ASK("since 1794999700000", "OSPR"),
     .said =
         {{AT_CLOUD(ONE, "16", ""), 200,
           "{\"issues\":[{\"key\":\"A-1\",\"fields\":{},\"changelog\":{\"histories\":[{\"created\":\"never\"}]}}]}"}},
     .rc = -ERR_INPUT,
     .error = "list changed issues"},
    {.name = "no time", ASK("since", "OSPR"), .rc = -ERR_INPUT, .error = "expected since MS"},
    {.name = "half a page", ASK("since 1 2", "OSPR"), .rc = -ERR_INPUT, .error = "expected since MS"},
    {.name = "a page of another kind", ASK("since 1 2 3", "OSPR"), .rc = -ERR_INPUT, .error = "expected since MS"},
    {.name = "no project", ASK("since 1", NULL), .rc = -ERR_BUG, .error = "no project is named"},
};

static const struct talk server[] = {
    {.name = "a page",
     ASK("since 1794999700000", "OSPR"),
     .said =
         {{AT_SERVER("16", "0"), 200,
           "{\"startAt\":0,\"total\":9,\"issues\":[{\"key\":\"A-1\",\"fields\":{}},{\"key\":\"A-2\",\"fields\":{}}]}"}},
     .rc = STEP_DONE},
    {.name = "a further one",
     ASK("since 1794999700000 16 server 1", "OSPR"),
     .said = {{AT_SERVER("16", "1"), 200, "{\"total\":3,\"issues\":[{\"key\":\"A-2\",\"fields\":{}}]}"}},
     .rc = STEP_DONE,
     .holds = holds_server_page},
    {.name = "said to be one: no other way is tried",
     ASK("since 1794999700000", "OSPR"),
     .said = {{AT_SERVER("16", "0"), 404, ""}},
     .rc = -ERR_CONFIG,
     .error = "it is server"},
    {.name = "the last",
     ASK("since 1794999700000 16 server 3", "OSPR"),
     .said = {{AT_SERVER("16", "3"), 200, "{\"total\":3,\"issues\":[]}"}},
     .rc = STEP_DONE,
     .holds = holds_none},
};

static void talks(const char *yaml, const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_jira, "https://example.net/jira", yaml);
    talk_all(&tracker_jira, &p.conf, t, n);
    place_close(&p, &tracker_jira);
}

static void test_cloud(void **state)
{
    (void)state;
    talks(CLOUD, cloud, COUNT(cloud));
}

static void test_server(void **state)
{
    (void)state;
    talks(SERVER, server, COUNT(server));
}

static void test_hooked(void **state)
{
    static const struct {
        const char *yaml;
        bool is_hooked;
    } rows[] = {{SERVER, false}, {SERVER "hook_secret: s\n", true}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct place p;
        place_open(&p, &tracker_jira, "https://example.net/jira", rows[i].yaml);
        assert_int_equal(tracker_jira.is_hooked(&p.conf), rows[i].is_hooked);
        place_close(&p, &tracker_jira);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cloud), cmocka_unit_test(test_server),
                                       cmocka_unit_test(test_hooked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
