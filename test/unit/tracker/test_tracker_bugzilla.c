/* Conversations with Bugzilla: Mozilla's and stock; credentials; addresses. */
#include "base/base.h"

#include "talk.h"

#define BUGZILLA "https://bugzilla.example"
#define AUTO_KEY "api_key: k&y\n"

#define ASK(what, of) .want = {.kind = (what), .tracker = "bugzilla", .ref = (of)}
#define GET(path)     "GET", "/rest/" path, "", HTTP_READ
#define KNOWN                                                                                                          \
    {                                                                                                                  \
        GET("whoami"), 200, "{\"id\":7,\"name\":\"bot@x.org\",\"real_name\":\"Bot\"}"                                  \
    }
#define NO_RESOURCE 404, "{\"error\":true,\"code\":32614,\"message\":\"There is no such resource.\"}"
#define STRANGER                                                                                                       \
    {                                                                                                                  \
        GET("whoami"), NO_RESOURCE                                                                                     \
    }
#define FAULT(n, text) "{\"error\":true,\"code\":" n ",\"message\":\"" text "\",\"documentation\":\"x\"}"
#define BUG(more)      200, "{\"bugs\":[{\"id\":12,\"creator\":\"a@x.org\",\"summary\":\"S\"" more "}],\"faults\":[]}"

static void holds_missing(const struct fact *f)
{
    assert_int_equal(f->state, FACT_MISSING);
    assert_non_null(f->why);
}

static void holds_forbidden(const struct fact *f)
{
    assert_int_equal(f->state, FACT_FORBIDDEN);
    assert_non_null(f->why);
}

static void holds_bug(const struct fact *f)
{
    const struct issue *i = &f->issue;
    assert_int_equal(f->state, FACT_HERE);
    assert_string_equal(i->ref, "12");
    assert_string_equal(i->type, "defect");
    assert_string_equal(i->product, "P");
    assert_string_equal(i->component, "C");
    assert_string_equal(i->whiteboard, "[tag]");
    assert_string_equal(i->status, "RESOLVED");
    assert_string_equal(i->resolution, "DUPLICATE");
    assert_string_equal(i->priority, "--");
    assert_string_equal(i->severity, "S1");
    assert_string_equal(i->points, "---");
    assert_string_equal(i->creator, "a@x.org");
    assert_string_equal(i->assignee, "nobody@mozilla.org");
    assert_string_equal(i->dupe_of, "13");
    assert_int_equal(i->changed_ms, 1795194156000);
    assert_int_equal(i->keywords.n, 2);
    assert_int_equal(i->see_also.n, 1);
    assert_string_equal(i->depends_on.v[1], "2");
    assert_string_equal(i->blocks.v[0], "3");
    assert_string_equal(i->duplicates.v[0], "4");
    assert_string_equal(i->regressions.v[0], "5");
    assert_string_equal(i->regressed_by.v[0], "6");
    assert_false(i->is_private);
}

static void holds_plain(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_string_equal(f->issue.ref, "12");
    assert_false(f->issue.is_private);
}

static void holds_private(const struct fact *f)
{
    assert_string_equal(f->issue.ref, "12");
    assert_true(f->issue.is_private);
}

static void holds_one_attachment(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->attachments.n, 1);
    assert_string_equal(((const struct attachment *)f->attachments.v)->id, "77");
}

static const struct talk bugs[] = {
    {.name = "bug",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"),
               BUG(",\"type\":\"defect\",\"product\":\"P\",\"component\":\"C\",\"whiteboard\":\"[tag]\",\"status\":"
                   "\"RESOLVED\",\"resolution\":\"DUPLICATE\",\"priority\":\"--\",\"severity\":\"S1\","
                   "\"cf_fx_points\":\"---\",\"assigned_to\":\"nobody@mozilla.org\",\"dupe_of\":13,"
                   "\"last_change_time\":\"2026-11-20T17:02:36Z\",\"keywords\":[\"a\",\"b\"],\"see_also\":[\"https://"
                   "x\"],\"depends_on\":[1,2],\"blocks\":[3],\"duplicates\":[4],\"regressions\":[5],\"regressed_by\":"
                   "[6],\"groups\":[],\"alias\":null")}},
     .rc = STEP_DONE,
     .holds = holds_bug},
    {.name = "bug in a group",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), BUG(",\"groups\":[\"core-security\"]")}},
     .rc = STEP_DONE,
     .holds = holds_private},
    {.name = "bug said to be private",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), BUG(",\"is_private\":true")}},
     .rc = STEP_DONE,
     .holds = holds_private},
    {.name = "bug by an alias that is a list, as stock has it",
     ASK(FACT_ISSUE, "a b/c"),
     .said = {{GET("bug/a%20b%2Fc"), BUG(",\"alias\":[]")}},
     .rc = STEP_DONE,
     .holds = holds_plain},
    {.name = "no such bug",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 404, FAULT("101", "Bug #12 does not exist.")}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "left out in silence",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 200, "{\"bugs\":[],\"faults\":[]}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "200 with an error",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 200, FAULT("104", "odd field")}},
     .rc = -ERR_INPUT,
     .error = "read bug: Bugzilla error 104: odd field"},
    {.name = "a wrong key is 400",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 400, FAULT("306", "The API key you specified is invalid.")}},
     .rc = -ERR_AUTH},
    {.name = "wrong login", ASK(FACT_ISSUE, "12"), .said = {{GET("bug/12"), 401, FAULT("300", "x")}}, .rc = -ERR_AUTH},
    {.name = "unknown transient",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 400, FAULT("32000", "x")}},
     .rc = -ERR_TRANSIENT},
    {.name = "Mozilla's limit is HTML",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 429, "<html>"}},
     .rc = -ERR_LIMITED},
    {.name = "maintenance", ASK(FACT_ISSUE, "12"), .said = {{GET("bug/12"), 200, "<html>"}}, .rc = -ERR_TRANSIENT},
    {.name = "down", ASK(FACT_ISSUE, "12"), .said = {{GET("bug/12"), 502, ""}}, .rc = -ERR_TRANSIENT},
    {.name = "no access, and our key is good",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 401, FAULT("102", "You are not authorized to access bug #12.")}, KNOWN},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "no access, and our key is not",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 401, FAULT("102", "x")}, {GET("whoami"), 401, FAULT("410", "log in")}},
     .rc = -ERR_AUTH},
    {.name = "something in between says 404, and our key is good",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 404, "<html>"}, KNOWN},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "no Bugzilla there",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 404, "<html>"}, {GET("whoami"), 404, "<html>"}, {GET("bug/12?api_key="), 404, "<html>"}},
     .rc = -ERR_CONFIG,
     .error = "url"},
    {.name = "no bug is named", ASK(FACT_ISSUE, ""), .rc = -ERR_BUG},
    {.name = "Bugzilla has no projects", ASK(FACT_PROJECTS, ""), .rc = -ERR_BUG},
};

/* Stock 5.0 and 5.2: the header is ignored. */
static const struct talk stock[] = {
    {.name = "stock: not for strangers",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 401, FAULT("102", "x")}, STRANGER, {GET("bug/12?api_key="), BUG(",\"groups\":[\"g\"]")}},
     .rc = STEP_DONE,
     .holds = holds_private},
    {.name = "stock: not for us either",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 401, FAULT("102", "x")}, STRANGER, {GET("bug/12?api_key="), 401, FAULT("102", "x")}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "stock: strangers see no addresses",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 200, "{\"bugs\":[{\"id\":12,\"creator\":\"a\",\"assigned_to\":\"b\"}]}"},
              STRANGER,
              {GET("bug/12?api_key="), BUG("")}},
     .rc = STEP_DONE,
     .holds = holds_plain},
    {.name = "logins without addresses, and we are known",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 200, "{\"bugs\":[{\"id\":12,\"creator\":\"a\",\"assigned_to\":\"b\"}]}"},
              KNOWN,
              {GET("bug/12"), 200, "{\"bugs\":[{\"id\":12,\"creator\":\"a\",\"assigned_to\":\"b\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_plain},
    {.name = "stock: attachments that are not for strangers",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET("bug/12/attachment?exclude_fields=data"), 401, FAULT("102", "x")},
              STRANGER,
              {GET("bug/12/attachment?exclude_fields=data&api_key="), 200,
               "{\"bugs\":{\"12\":[{\"id\":77,\"creator\":\"a@x.org\"}]}}"}},
     .rc = STEP_DONE,
     .holds = holds_one_attachment},
    {.name = "stock: attachments as strangers see them",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET("bug/12/attachment?exclude_fields=data"), 200,
               "{\"bugs\":{\"12\":[{\"id\":77,\"creator\":\"a\"}]}}"},
              STRANGER,
              {GET("bug/12/attachment?exclude_fields=data&api_key="), 200,
               "{\"bugs\":{\"12\":[{\"id\":77,\"creator\":\"a@x.org\"}]}}"}},
     .rc = STEP_DONE,
     .holds = holds_one_attachment},
    {.name = "stock: wrong key",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 401, FAULT("102", "x")}, STRANGER, {GET("bug/12?api_key="), 400, FAULT("306", "x")}},
     .rc = -ERR_AUTH},
};

static const struct change a_link = {
    .kind = CHANGE_SEE_ALSO, .issue = {"bugzilla", "12", 0}, .other = {"jira", "JB-7", 0}};
static const struct change a_soft_link = {
    .kind = CHANGE_SEE_ALSO, .issue = {"bugzilla", "12", 0}, .other = {"jira", "JB-7", 0}, .may_refuse = true};
#define LINK      .change = &a_link, .other_url = "https://j.example/browse/JB-7"
#define LINK_BODY "{\"see_also\":{\"add\":[\"https://j.example/browse/JB-7\"]}}", HTTP_IDEMPOTENT
#define PUT_LINK  "PUT", "/rest/bug/12", LINK_BODY

static const struct talk changes[] = {
    {.name = "see also",
     LINK,
     .said = {{PUT_LINK, 200,
               "{\"bugs\":[{\"id\":12,\"changes\":{\"see_also\":{\"added\":\"x\",\"removed\":\"\"}}}]}"}},
     .rc = STEP_DONE},
    {.name = "see also is there",
     LINK,
     .said = {{PUT_LINK, 200, "{\"bugs\":[{\"id\":12,\"changes\":{}}]}"}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "see also at stock",
     LINK,
     .said = {{PUT_LINK, 401, FAULT("410", "You must log in.")},
              STRANGER,
              {"PUT", "/rest/bug/12?api_key=", LINK_BODY, 200, "{\"bugs\":[{\"changes\":{\"see_also\":{}}}]}"}},
     .rc = STEP_DONE},
    {.name = "log in, says one who knows us",
     LINK,
     .said = {{PUT_LINK, 401, FAULT("410", "You must log in.")}, KNOWN},
     .rc = -ERR_AUTH},
    {.name = "the bug is gone", LINK, .said = {{PUT_LINK, 404, FAULT("101", "gone")}}, .rc = -ERR_MISSING},
    {.name = "the bug became private", LINK, .said = {{PUT_LINK, 401, FAULT("102", "no")}, KNOWN}, .rc = -ERR_MISSING},
    {.name = "may not edit", LINK, .said = {{PUT_LINK, 401, FAULT("115", "no")}}, .rc = -ERR_INPUT},
    {.name = "an address that Bugzilla does not take",
     .change = &a_soft_link,
     .other_url = "https://j.example/browse/JB-7",
     .said = {{PUT_LINK, 400, FAULT("112", "bad URL")}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "bad URL"},
    {.name = "no address", .change = &a_link, .rc = -ERR_BUG},
    {.name = "gateway", LINK, .said = {{PUT_LINK, 504, ""}}, .rc = -ERR_UNCERTAIN},
    {.name = "Bugzilla makes no issues", .change = &(const struct change){.kind = CHANGE_CREATE}, .rc = -ERR_BUG},
};

static void holds_comments(const struct fact *f)
{
    const struct comment *c = f->comments.v;
    assert_int_equal(f->comments.n, 2);
    assert_string_equal(c[0].id, "100");
    assert_string_equal(c[0].text, "the text");
    assert_string_equal(c[0].author, "a@x.org");
    assert_int_equal(c[0].number, 0);
    assert_int_equal(c[1].number, -1);
    assert_true(c[1].is_private);
    assert_int_equal(c[0].at_ms, 1795194156000);
}

static void holds_attachments(const struct fact *f)
{
    const struct attachment *v = f->attachments.v;
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->attachments.n, 2);
    assert_string_equal(v[0].id, "77");
    assert_string_equal(v[0].description, "A patch");
    assert_string_equal(v[0].file_name, "a.patch");
    assert_string_equal(v[0].content_type, "text/plain");
    assert_int_equal(v[0].at_ms, 1795194156000);
    assert_true(v[0].is_obsolete && v[0].is_patch && !v[0].is_private);
    assert_string_equal(v[1].id, "78");
    assert_true(v[1].is_private && !v[1].is_obsolete && !v[1].is_patch);
}

static void holds_no_attachment(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->attachments.n, 0);
}

static void holds_bot(const struct fact *f)
{
    const struct person *who = f->people.v;
    assert_int_equal(f->people.n, 1);
    assert_string_equal(who->id, "7");
    assert_string_equal(who->login, "bot@x.org");
}

static void holds_login(const struct fact *f)
{
    const struct person *who = f->people.v;
    assert_string_equal(who->id, "bot@x.org");
    assert_string_equal(who->login, "bot@x.org");
}

static void holds_unknown(const struct fact *f)
{
    const struct person *who = f->people.v;
    assert_string_equal(who->id, "unknown");
    assert_null(who->login);
}

static void holds_hooks(const struct fact *f)
{
    const struct hook *h = f->hooks.v;
    assert_int_equal(f->hooks.n, 2);
    assert_string_equal(h[0].id, "3");
    assert_string_equal(h[0].url, "https://l/hooks/test");
    assert_true(h[0].enabled);
    assert_int_equal(h[0].errors, 2);
    assert_string_equal(h[1].id, "4");
    assert_false(h[1].enabled);
}

static void holds_version(const struct fact *f)
{
    assert_string_equal(f->text, "Bugzilla 5.2");
}

#define ASK_WHO     ASK(FACT_WHOAMI, "")
#define ATTACHMENTS "bug/12/attachment?exclude_fields=data"
#define VALID       "GET", "/rest/valid_login?login=unknown&api_key=", "", HTTP_READ

static const struct talk others[] = {
    {.name = "comments",
     ASK(FACT_COMMENTS, "12"),
     .said = {{GET("bug/12/comment"), 200,
               "{\"bugs\":{\"12\":{\"comments\":[{\"id\":100,\"count\":0,\"text\":\"the text\",\"creator\":\"a@x.org\","
               "\"time\":\"2026-11-20T17:02:36Z\",\"is_private\":false},{\"id\":101,\"text\":\"\",\"is_private\":true,"
               "\"creator\":\"b@x.org\"}]}},\"comments\":{}}"}},
     .rc = STEP_DONE,
     .holds = holds_comments},
    {.name = "attachments",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET(ATTACHMENTS), 200,
               "{\"bugs\":{\"12\":[{\"id\":77,\"bug_id\":12,\"summary\":\"A patch\",\"file_name\":\"a.patch\","
               "\"content_type\":\"text/plain\",\"creator\":\"a@x.org\",\"creation_time\":\"2026-11-20T17:02:36Z\","
               "\"is_private\":0,\"is_obsolete\":1,\"is_patch\":1,\"flags\":[]},{\"id\":78,\"is_private\":true,"
               "\"is_obsolete\":false,\"creator\":\"b@x.org\"}]},\"attachments\":{}}"}},
     .rc = STEP_DONE,
     .holds = holds_attachments},
    {.name = "no attachments",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET(ATTACHMENTS), 200, "{\"bugs\":{\"12\":[]},\"attachments\":{}}"}},
     .rc = STEP_DONE,
     .holds = holds_no_attachment},
    {.name = "attachments of no bug",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET(ATTACHMENTS), 404, FAULT("101", "Bug #12 does not exist.")}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "attachments of a bug that we may not see",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET(ATTACHMENTS), 401, FAULT("102", "no")}, KNOWN},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "attachments with a wrong key",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET(ATTACHMENTS), 400, FAULT("306", "no")}},
     .rc = -ERR_AUTH},
    {.name = "attachments, later",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET(ATTACHMENTS), 502, ""}},
     .rc = -ERR_TRANSIENT},
    {.name = "an attachment that cannot be read",
     ASK(FACT_ATTACHMENTS, "12"),
     .said = {{GET(ATTACHMENTS), 200, "{\"bugs\":{\"12\":[{\"id\":77,\"is_private\":\"perhaps\"}]}}"}},
     .rc = -ERR_INPUT,
     .error = "read attachments"},
    {.name = "who we are", ASK_WHO, .said = {KNOWN}, .rc = STEP_DONE, .holds = holds_bot},
    {.name = "nobody knows us", ASK_WHO, .said = {{GET("whoami"), 200, "{\"id\":0}"}}, .rc = -ERR_AUTH},
    {.name = "who we are at stock: the key at least is good",
     ASK_WHO,
     .said = {STRANGER, {VALID, 200, "{\"result\":false}"}},
     .rc = STEP_DONE,
     .holds = holds_unknown},
    {.name = "who we are at stock: the key is not",
     ASK_WHO,
     .said = {STRANGER, {VALID, 400, FAULT("306", "no")}},
     .rc = -ERR_AUTH},
    {.name = "no Bugzilla at all",
     ASK_WHO,
     .said = {{GET("whoami"), 404, "<html>"}, {VALID, 404, "<html>"}},
     .rc = -ERR_CONFIG,
     .error = "url"},
    {.name = "webhooks",
     ASK(FACT_HOOKS, ""),
     .said = {{GET("webhooks/list"), 200,
               "{\"webhooks\":[{\"id\":3,\"name\":\"n\",\"url\":\"https://l/hooks/test\",\"event\":\"create,change\","
               "\"product\":\"Any\",\"component\":\"Any\",\"enabled\":true,\"errors\":2},{\"id\":4,\"url\":"
               "\"http://old/x/bugzilla_webhook?a\",\"enabled\":0},{\"id\":5,\"url\":\"https://l/hooks/other\"},{"
               "\"id\":6,\"url\":null}]}"}},
     .rc = STEP_DONE,
     .holds = holds_hooks},
    {.name = "webhooks at stock",
     ASK(FACT_HOOKS, ""),
     .said = {{GET("webhooks/list"), NO_RESOURCE}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "version",
     ASK(FACT_HEALTH, ""),
     .said = {{GET("version"), 200, "{\"version\":\"5.2\"}"}},
     .rc = STEP_DONE,
     .holds = holds_version},
};

#define SINCE(at, offset)                                                                                              \
    GET("bug?last_change_time=" at "&order=changeddate,bug_id&limit=500&offset=" offset                                \
        "&include_fields=id,summary,whiteboard,product,component,groups,creation_time,last_change_time")

static void holds_changed(const struct fact *f)
{
    const struct issue *v = f->issues.v;
    assert_int_equal(f->issues.n, 2);
    assert_string_equal(v[0].ref, "12");
    assert_string_equal(v[0].whiteboard, "[tag]");
    assert_int_equal(v[0].changed_ms, 1795194156000);
    assert_false(v[0].is_private);
    assert_true(v[1].is_private);
    assert_null(f->text);
}

static const struct talk changed[] = {
    {.name = "changed bugs",
     ASK(FACT_ISSUES, "since 1795194156000"),
     .said = {{SINCE("2026-11-20T17:02:36Z", "0"), 200,
               "{\"bugs\":[{\"id\":12,\"whiteboard\":\"[tag]\",\"groups\":[],\"last_change_time\":"
               "\"2026-11-20T17:02:36Z\"},{\"id\":13,\"groups\":[\"g\"]}]}"}},
     .rc = STEP_DONE,
     .holds = holds_changed},
    {.name = "not since a time", ASK(FACT_ISSUES, "since yesterday"), .rc = -ERR_INPUT, .error = "since MS"},
    {.name = "not since anything", ASK(FACT_ISSUES, "o/r all"), .rc = -ERR_INPUT, .error = "since MS"},
    {.name = "not from a number", ASK(FACT_ISSUES, "since 5 -1"), .rc = -ERR_INPUT, .error = "since MS"},
};

/* A full page leads on from its last change; when all of it is of one time, by number. */
static void test_changed_pages(void **state)
{
    static const struct {
        const char *ref, *path, *last, *next;
    } rows[] = {
        {"since 1795194156000", "2026-11-20T17:02:36Z&order=changeddate,bug_id&limit=500&offset=0&",
         "2026-11-20T17:02:40Z", "since 1795194160000"},
        {"since 1795194156000", "2026-11-20T17:02:36Z&order=changeddate,bug_id&limit=500&offset=0&",
         "2026-11-20T17:02:36Z", "since 1795194156000 500"},
        {"since 1795194156000 500", "2026-11-20T17:02:36Z&order=changeddate,bug_id&limit=500&offset=500&",
         "2026-11-20T17:02:36Z", "since 1795194156000 1000"},
        {"since 1795194156000 500", "2026-11-20T17:02:36Z&order=changeddate,bug_id&limit=500&offset=500&",
         "2026-11-20T17:02:37Z", "since 1795194157000"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct place p;
        struct err e = {0};
        struct tracker_state st = {0};
        struct tracker_result ret = {0};
        struct http_request next = {0};
        AUTO(text_auto) struct text body;
        place_open(&p, &tracker_bugzilla, BUGZILLA, AUTO_KEY);
        const struct fact_key want = {.kind = FACT_ISSUES, .tracker = "test", .ref = rows[i].ref};
        const struct tracker_call c = {.conf = &p.conf, .arena = p.arena, .now_ms = TALK_NOW_MS, .want = &want};
        text_init(&body, 1 << 20);
        text_addz(&body, "{\"bugs\":[");
        for (int n = 0; n < 500; n++)
            text_addf(&body, "%s{\"id\":%d,\"last_change_time\":\"%s\"}", n ? "," : "", n + 1,
                      n < 499 ? "2026-11-20T17:02:36Z" : rows[i].last);
        text_addz(&body, "]}");
        const struct http_response answer = {.status = 200, .body = text_str(&body), .received_ms = TALK_NOW_MS};
        assert_int_equal(tracker_bugzilla.step(&c, &st, NULL, &next, &ret, &e), STEP_SEND);
        assert_non_null(strstr(next.url, rows[i].path));
        assert_int_equal(tracker_bugzilla.step(&c, &st, &answer, &next, &ret, &e), STEP_DONE);
        assert_int_equal(ret.fact->issues.n, 500);
        assert_string_equal(ret.fact->text, rows[i].next);
        place_close(&p, &tracker_bugzilla);
    }
}

static const struct talk by_query[] = {
    {.name = "key in the query: changed bugs",
     ASK(FACT_ISSUES, "since 1795194156000"),
     .said = {{"GET",
               "/rest/bug?last_change_time=2026-11-20T17:02:36Z&order=changeddate,bug_id&limit=500&offset=0"
               "&include_fields=id,summary,whiteboard,product,component,groups,creation_time,last_change_time&api_key=",
               "", HTTP_READ, 200, "{\"bugs\":[]}"}},
     .rc = STEP_DONE},
    {.name = "key in the query: no access is certain",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12?api_key="), 401, FAULT("102", "x")}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "key in the query: login is checked",
     ASK_WHO,
     .said = {{GET("whoami?api_key="), NO_RESOURCE},
              {"GET", "/rest/valid_login?login=bot%40x.org&api_key=", "", HTTP_READ, 200, "{\"result\":true}"}},
     .rc = STEP_DONE,
     .holds = holds_login},
    {.name = "key in the query: the login is another's",
     ASK_WHO,
     .said = {{GET("whoami?api_key="), NO_RESOURCE},
              {"GET", "/rest/valid_login?login=bot%40x.org&api_key=", "", HTTP_READ, 200, "{\"result\":false}"}},
     .rc = -ERR_AUTH,
     .error = "bot@x.org"},
};
static const struct talk by_header[] = {
    {.name = "key in the header alone, at stock",
     ASK(FACT_ISSUE, "12"),
     .said = {{GET("bug/12"), 401, FAULT("102", "x")}, STRANGER},
     .rc = -ERR_CONFIG,
     .error = "api_key_in"},
};

static void talks(const char *yaml, const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_bugzilla, BUGZILLA, yaml);
    talk_all(&tracker_bugzilla, &p.conf, t, n);
    place_close(&p, &tracker_bugzilla);
}

#define TALKS(test, yaml, table)                                                                                       \
    static void test(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        talks(yaml, table, COUNT(table));                                                                              \
    }
TALKS(test_bug, AUTO_KEY, bugs)
TALKS(test_stock, AUTO_KEY, stock)
TALKS(test_see_also, AUTO_KEY, changes)
TALKS(test_others, AUTO_KEY, others)
TALKS(test_changed, AUTO_KEY, changed)
TALKS(test_by_query, AUTO_KEY "api_key_in: query\nlogin: bot@x.org", by_query)
TALKS(test_by_header, AUTO_KEY "api_key_in: header", by_header)

static void test_sign(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_bugzilla, BUGZILLA, AUTO_KEY);
    struct http_request r = {.method = "GET", .url = BUGZILLA "/rest/bug/12"};
    tracker_bugzilla.sign(&p.conf, NULL, 0, p.arena, &r);
    assert_string_equal(http_header_get(&r.headers, "x-bugzilla-api-key"), "k&y");
    assert_true(r.headers.v[0].is_secret);
    assert_false(r.url_is_secret);
    assert_string_equal(r.url, BUGZILLA "/rest/bug/12");

    r = (struct http_request){.method = "GET", .url = BUGZILLA "/rest/bug/12?api_key="};
    tracker_bugzilla.sign(&p.conf, NULL, 0, p.arena, &r);
    assert_int_equal(r.headers.n, 0);
    assert_true(r.url_is_secret);
    assert_string_equal(r.url, BUGZILLA "/rest/bug/12?api_key=k%26y");

    r = (struct http_request){.method = "GET", .url = "https://elsewhere.example/rest/bug/12?api_key="};
    tracker_bugzilla.sign(&p.conf, NULL, 0, p.arena, &r);
    assert_string_equal(r.url, "https://elsewhere.example/rest/bug/12?api_key=");
    place_close(&p, &tracker_bugzilla);
}

/* Mozilla blocks an address for an hour, and each further request prolongs it. */
static void test_blocked(void **state)
{
    (void)state;
    static const struct {
        const char *after;
        int64_t pause_ms;
    } rows[] = {{NULL, 3600000}, {"90", 90000}, {"0", 1000}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct place p;
        place_open(&p, &tracker_bugzilla, BUGZILLA, AUTO_KEY);
        struct fact_key want = {.kind = FACT_ISSUE, .tracker = "bugzilla", .ref = "12"};
        struct tracker_call c = {.conf = &p.conf, .arena = p.arena, .want = &want};
        struct tracker_state st = {0};
        struct tracker_result ret = {0};
        struct http_request next;
        struct http_response r = {.status = 429, .body = STR("<html>"), .received_ms = TALK_NOW_MS};
        struct err e = {0};
        if (rows[i].after)
            http_header_add(p.arena, &r.headers, "Retry-After", rows[i].after);
        assert_int_equal(tracker_bugzilla.step(&c, &st, NULL, &next, &ret, &e), STEP_SEND);
        assert_int_equal(tracker_bugzilla.step(&c, &st, &r, &next, &ret, &e), -ERR_LIMITED);
        assert_int_equal(e.retry_at_ms, TALK_NOW_MS + rows[i].pause_ms);
        place_close(&p, &tracker_bugzilla);
    }
}

static void test_query_warns(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_bugzilla, BUGZILLA, AUTO_KEY "api_key_in: query");
    assert_int_equal(p.problems.n, 1);
    assert_true(p.problems.v[0].is_warning);
    place_close(&p, &tracker_bugzilla);
}

static const struct {
    const char *url, *ref;
} addresses[] = {
    {BUGZILLA "/show_bug.cgi?id=12", "12"},
    {BUGZILLA ":443/show_bug.cgi?ctype=xml&id=12#c3", "12"},
    {BUGZILLA "/12", "12"},
    {BUGZILLA "/show_bug.cgi?id=12x", NULL},
    {BUGZILLA "/show_bug.cgi?id=012", NULL},
    {BUGZILLA "/show_bug.cgi?id=", NULL},
    {BUGZILLA "/buglist.cgi", NULL},
    {BUGZILLA, NULL},
    {"http://bugzilla.example/show_bug.cgi?id=12", NULL},
    {"https://other.example/show_bug.cgi?id=12", NULL},
    {"bug 12", NULL},
    {NULL, NULL},
};

static void test_addresses(void **state)
{
    (void)state;
    struct place p;
    place_open(&p, &tracker_bugzilla, BUGZILLA, AUTO_KEY);
    for (size_t i = 0; i < COUNT(addresses); i++) {
        const char *ref = tracker_bugzilla.issue_ref(&p.conf, p.arena, addresses[i].url);
        if (!text_same(ref, addresses[i].ref))
            talk_fail("%s: %s", addresses[i].url ? addresses[i].url : "NULL", ref ? ref : "(none)");
    }
    assert_string_equal(tracker_bugzilla.issue_url(&p.conf, p.arena, "12"), BUGZILLA "/show_bug.cgi?id=12");
    place_close(&p, &tracker_bugzilla);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bug),       cmocka_unit_test(test_stock),    cmocka_unit_test(test_see_also),
        cmocka_unit_test(test_others),    cmocka_unit_test(test_by_query), cmocka_unit_test(test_by_header),
        cmocka_unit_test(test_sign),      cmocka_unit_test(test_blocked),  cmocka_unit_test(test_query_warns),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_changed),  cmocka_unit_test(test_changed_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
