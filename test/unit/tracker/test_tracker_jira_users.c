/* Conversations with Jira about users and groups. */
#include "base/base.h"

#include "talk.h"

#define CLOUD  "user: bot@example.com\ntoken: t\n"
#define SERVER "token: t\n"

#define ASK(what, of) .want = {.kind = (what), .tracker = "jira", .ref = (of)}
#define GET(path)     "GET", "/rest/api/2/" path, "", HTTP_READ
#define ADD(user, group)                                                                                               \
    .change = &(const struct change)                                                                                   \
    {                                                                                                                  \
        .kind = CHANGE_GROUP_ADD, .issue = {"jira", "user/" user, 0}, .id = user, .name = group                        \
    }
#define ADDED(body) "POST", "/rest/api/2/group/user?groupname=a%20%26%20b", body, HTTP_IDEMPOTENT

static const struct person *user_at(const struct fact *f, size_t i)
{
    assert_true(i < f->people.n);
    return (const struct person *)f->people.v + i;
}

static void holds_users(const struct fact *f)
{
    assert_int_equal(f->people.n, 2);
    assert_string_equal(user_at(f, 0)->id, "712020:ada");
    assert_string_equal(user_at(f, 0)->mail, "ada@ubc.ca");
    assert_null(user_at(f, 1)->mail);
    assert_string_equal(f->text, "600");
}

static void holds_end(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->people.n, 0);
    assert_null(f->text);
}

static void holds_server_users(const struct fact *f)
{
    assert_int_equal(f->people.n, 1);
    assert_string_equal(user_at(f, 0)->id, "ada");
    assert_string_equal(f->text, "200");
}

static void holds_members(const struct fact *f)
{
    assert_int_equal(f->people.n, 2);
    assert_string_equal(f->text, "52 a & b");
}

static void holds_last_members(const struct fact *f)
{
    assert_int_equal(f->people.n, 1);
    assert_null(f->text);
}

static void holds_no_group(const struct fact *f)
{
    assert_int_equal(f->state, FACT_MISSING);
    assert_non_null(strstr(f->why, "does not exist"));
}

static const struct talk cloud[] = {
    {.name = "a page of users",
     ASK(FACT_ACCOUNTS, "400"),
     .said = {{GET("users/search?startAt=400&maxResults=200"), 200,
               "[{\"accountId\":\"712020:ada\",\"accountType\":\"atlassian\",\"emailAddress\":\"ada@ubc.ca\","
               "\"active\":true},"
               "{\"accountId\":\"712020:hidden\",\"accountType\":\"atlassian\",\"active\":true},"
               "{\"accountId\":\"712020:gone\",\"accountType\":\"atlassian\",\"active\":false},"
               "{\"accountId\":\"712020:app\",\"accountType\":\"app\",\"active\":true},{\"active\":true}]"}},
     .rc = STEP_DONE,
     .holds = holds_users},
    {.name = "behind the last user",
     ASK(FACT_ACCOUNTS, "0"),
     .said = {{GET("users/search?startAt=0&maxResults=200"), 200, "[]"}},
     .rc = STEP_DONE,
     .holds = holds_end},
    {.name = "no list",
     ASK(FACT_ACCOUNTS, "0"),
     .said = {{GET("users/search?startAt=0&maxResults=200"), 200, "{}"}},
     .rc = -ERR_TRANSIENT},
    {.name = "members",
     ASK(FACT_MEMBERS, "50 a & b"),
     .said = {{GET("group/member?groupname=a%20%26%20b&includeInactiveUsers=true&startAt=50&maxResults=50"), 200,
               "{\"isLast\":false,\"values\":[{\"accountId\":\"1\",\"active\":false},{\"accountId\":\"2\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_members},
    {.name = "the last members",
     ASK(FACT_MEMBERS, "0 g"),
     .said = {{GET("group/member?groupname=g&includeInactiveUsers=true&startAt=0&maxResults=50"), 200,
               "{\"isLast\":true,\"values\":[{\"accountId\":\"1\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_last_members},
    {.name = "no such group",
     ASK(FACT_MEMBERS, "0 g"),
     .said = {{GET("group/member?groupname=g&includeInactiveUsers=true&startAt=0&maxResults=50"), 404,
               "{\"errorMessages\":[\"The group named 'g' does not exist\"]}"}},
     .rc = STEP_DONE,
     .holds = holds_no_group},
    {.name = "members of no group", ASK(FACT_MEMBERS, "0"), .rc = -ERR_BUG},
    {.name = "added",
     ADD("712020:ada", "a & b"),
     .said = {{ADDED("{\"accountId\":\"712020:ada\"}"), 201, "{\"name\":\"a & b\"}"}},
     .rc = STEP_DONE},
    {.name = "a member already",
     ADD("ada", "a & b"),
     .said = {{ADDED("{\"accountId\":\"ada\"}"), 400,
               "{\"errorMessages\":[\"Cannot add user. 'ada' is already a member of 'a & b'\"]}"}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "refused",
     ADD("ada", "a & b"),
     .said = {{ADDED("{\"accountId\":\"ada\"}"), 403, "{\"errorMessages\":[\"You may not\"]}"}},
     .rc = -ERR_INPUT,
     .error = "You may not"},
    {.name = "into no group", ADD("ada", ""), .rc = -ERR_BUG},
};

static const struct talk server[] = {
    {.name = "users of Server",
     ASK(FACT_ACCOUNTS, "0"),
     .said = {{GET("user/search?username=.&includeActive=true&includeInactive=false&startAt=0&maxResults=200"), 200,
               "[{\"name\":\"ada\",\"emailAddress\":\"ada@ubc.ca\",\"active\":true}]"}},
     .rc = STEP_DONE,
     .holds = holds_server_users},
    {.name = "added at Server",
     ADD("ada", "a & b"),
     .said = {{ADDED("{\"name\":\"ada\"}"), 201, "{}"}},
     .rc = STEP_DONE},
};

static void talk_of(const char *yaml, const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_jira, "https://example.net", yaml);
    talk_all(&tracker_jira, &p.conf, t, n);
    place_close(&p, &tracker_jira);
}

static void test_cloud(void **state)
{
    (void)state;
    talk_of(CLOUD, cloud, COUNT(cloud));
}

static void test_server(void **state)
{
    (void)state;
    talk_of(SERVER, server, COUNT(server));
}

static void test_groups(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_jira, "https://example.net", CLOUD "groups: {g: '@ubc.ca', h: [a.example, b.example]}\n");
    const struct opt_pairs *groups = tracker_jira.groups(&p.conf);
    assert_int_equal(groups->n, 2);
    assert_string_equal(groups->v[0].values.v[0], "@ubc.ca");
    assert_int_equal(groups->v[1].values.n, 2);
    assert_int_equal(p.problems.n, 0);
    place_close(&p, &tracker_jira);
    place_open(&p, &tracker_jira, "https://example.net", CLOUD "groups: {g: ubc, h: '@a.example @b.example'}\n");
    assert_int_equal(p.problems.errors, 2);
    place_close(&p, &tracker_jira);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cloud), cmocka_unit_test(test_server),
                                       cmocka_unit_test(test_groups)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
