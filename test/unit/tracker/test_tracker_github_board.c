/* Conversations with GitHub about boards, and about what is asked along with them. */
#include "base/base.h"

#include "talk.h"

#define OWN "token: s3cret\nhook_secret: k\n"
#define API "https://api.github.com"

#define ASK(kind_of, of) .want = {.kind = kind_of, .tracker = "github", .ref = of}
#define REF              "openedx/edx-platform#12"

#define AT(type, list, i) (assert_true((i) < (list).n), (const type *)(list).v + (i))

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

static void holds_here(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
}

/* --- boards --- */

#define READ_BOARD                                                                                                     \
    "{\"query\":\"query OrgProjectMetadata($orgname:String!,$number:Int!){organization(login:$orgname){projectV2("     \
    "number:$number){id fields(first:100){nodes{... on ProjectV2FieldCommon{id name dataType}}}}}}\","                 \
    "\"variables\":{\"orgname\":\"openedx\",\"number\":19}}"
#define PLACES_OF(variable, member, after, value)                                                                      \
    "{\"query\":\"query ProjectsForPr($owner:String!,$name:String!,$number:Int!,$after:String" variable                \
    "){repository(owner:$owner,name:$name){" member                                                                    \
    "pullRequest(number:$number){projectItems(first:100,after:$after){pageInfo{hasNextPage "                           \
    "endCursor}nodes{id project{number owner{...on Organization{login}...on User{login}}}fieldValues(first:100){"      \
    "nodes{...on ProjectV2ItemFieldTextValue{text}...on ProjectV2ItemFieldNumberValue{number}...on "                   \
    "ProjectV2ItemFieldDateValue{date}...on ProjectV2ItemFieldSingleSelectValue{name}...on "                           \
    "ProjectV2ItemFieldIterationValue{title}...on ProjectV2ItemFieldValueCommon{field{...on "                          \
    "ProjectV2FieldCommon{name}}}}}}}}}}\",\"variables\":{\"owner\":\"openedx\",\"name\":\"edx-platform\",\"number\":" \
    "12,\"after\":" after value "}}"
#define PLACES(after) PLACES_OF("", "", after, "")
#define PLACES_AND_STATUSES                                                                                            \
    PLACES_OF(",$commit:GitObjectID!",                                                                                 \
              "object(oid:$commit){...on Commit{status{contexts{context state description targetUrl createdAt}}}}",    \
              "null", ",\"commit\":\"" COMMIT "\"")
#define COMMIT        "0123456789abcdef0123456789abcdef01234567"
#define GRAPHQL(body) "POST", "/graphql", body, HTTP_READ

static void holds_board(const struct fact *f)
{
    assert_string_equal(f->text, "PVT_1");
    assert_int_equal(f->fields.n, 2);
    assert_string_equal(AT(struct board_field, f->fields, 1)->name, "Date opened");
    assert_string_equal(AT(struct board_field, f->fields, 1)->type, "DATE");
}

static void holds_items(const struct fact *f)
{
    assert_int_equal(f->items.n, 2);
    const struct board_item *i = AT(struct board_item, f->items, 0);
    assert_string_equal(i->board, "openedx:19");
    assert_string_equal(i->id, "PVTI_1");
    assert_int_equal(i->values.n, 3);
    assert_string_equal(AT(struct board_value, i->values, 0)->field, "Date opened");
    assert_string_equal(AT(struct board_value, i->values, 0)->value, "2026-11-20");
    assert_string_equal(AT(struct board_value, i->values, 1)->value, "3");
    assert_string_equal(AT(struct board_value, i->values, 2)->value, "2.5");
    assert_string_equal(AT(struct board_item, f->items, 1)->board, "edx:9");
}

static void holds_one_item(const struct fact *f)
{
    assert_int_equal(f->items.n, 1);
}

#define ITEMS(nodes, page)                                                                                             \
    "{\"data\":{\"repository\":{\"pullRequest\":{\"projectItems\":{\"nodes\":[" nodes "]" page "}}}}"
#define ITEM(id, org, number, values)                                                                                  \
    "{\"id\":\"" id "\",\"project\":{\"number\":" number ",\"owner\":{\"login\":\"" org                                \
    "\"}},\"fieldValues\":{\"nodes\":[" values "]}}"

static const struct talk boards[] = {
    {.name = "a board",
     ASK(FACT_BOARD, "openedx:19"),
     .said = {{GRAPHQL(READ_BOARD), 200,
               "{\"data\":{\"organization\":{\"projectV2\":{\"id\":\"PVT_1\",\"fields\":{\"nodes\":[{\"id\":\"F1\","
               "\"name\":\"Title\",\"dataType\":\"TITLE\"},{},null,{\"id\":\"F2\",\"name\":\"Date opened\","
               "\"dataType\":\"DATE\"}]}}}}}"}},
     .rc = STEP_DONE,
     .holds = holds_board},
    {.name = "no board",
     ASK(FACT_BOARD, "openedx:19"),
     .said = {{GRAPHQL(READ_BOARD), 200,
               "{\"data\":{\"organization\":null},\"errors\":[{\"type\":\"NOT_FOUND\",\"message\":\"Could not "
               "resolve\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "no board, and no word about it",
     ASK(FACT_BOARD, "openedx:19"),
     .said = {{GRAPHQL(READ_BOARD), 200, "{\"data\":{\"organization\":{\"projectV2\":null}}}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
    {.name = "a token without the scope: boards are not for us, all else goes on",
     ASK(FACT_BOARD, "openedx:19"),
     .said = {{GRAPHQL(READ_BOARD), 200,
               "{\"errors\":[{\"type\":\"INSUFFICIENT_SCOPES\",\"message\":\"Your token has not been granted\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "GraphQL's allowance is spent",
     ASK(FACT_BOARD, "openedx:19"),
     .said = {{GRAPHQL(READ_BOARD), 200, "{\"errors\":[{\"type\":\"RATE_LIMITED\",\"message\":\"API rate limit\"}]}"}},
     .rc = -ERR_LIMITED,
     .error = "API rate limit"},
    {.name = "GitHub has had enough",
     ASK(FACT_BOARD, "openedx:19"),
     .said = {{GRAPHQL(READ_BOARD), 200, "{\"errors\":[{\"message\":\"Something went wrong while executing\"}]}"}},
     .rc = -ERR_TRANSIENT},
    {.name = "a query that it does not understand",
     ASK(FACT_BOARD, "openedx:19"),
     .said = {{GRAPHQL(READ_BOARD), 200, "{\"errors\":[{\"message\":\"Field 'x' doesn't exist\"}]}"}},
     .rc = -ERR_INPUT,
     .error = "doesn't exist"},
    {.name = "not a board's name", ASK(FACT_BOARD, "openedx"), .rc = -ERR_INPUT, .error = "ORG:NUMBER"},
    {.name = "places, two pages",
     ASK(FACT_BOARD_ITEMS, REF),
     .said = {{GRAPHQL(PLACES("null")), 200,
               ITEMS(ITEM("PVTI_1", "openedx", "19",
                          "{\"date\":\"2026-11-20\",\"field\":{\"name\":\"Date opened\"}},{},null,{\"number\":3,"
                          "\"field\":{\"name\":\"N\"}},{\"number\":2.5,\"field\":{\"name\":\"M\"}},{\"text\":null,"
                          "\"field\":{\"name\":\"E\"}}"),
                     ",\"pageInfo\":{\"hasNextPage\":true,\"endCursor\":\"c\"}") "}"},
              {GRAPHQL(PLACES("\"c\"")), 200,
               ITEMS(ITEM("PVTI_2", "edx", "9", ""), ",\"pageInfo\":{\"hasNextPage\":false,\"endCursor\":\"d\"}") "}"}},
     .rc = STEP_DONE,
     .holds = holds_items},
    {.name = "a board of another organisation is hidden from us",
     ASK(FACT_BOARD_ITEMS, REF),
     .said = {{GRAPHQL(PLACES("null")), 200,
               ITEMS("null,{\"id\":\"x\",\"project\":null}," ITEM("PVTI_1", "openedx", "19", ""),
                     "") ",\"errors\":[{"
                         "\"type\":\"FORBIDDEN\",\"message\":\"SAML\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_one_item},
    {.name = "no pull request",
     ASK(FACT_BOARD_ITEMS, REF),
     .said = {{GRAPHQL(PLACES("null")), 200, "{\"data\":{\"repository\":{\"pullRequest\":null}}}"}},
     .rc = STEP_DONE,
     .holds = holds_missing},
};

/* --- places and statuses in one question --- */

#define ALONG .also = {.kind = FACT_STATUSES, .tracker = "github", .ref = "openedx/edx-platform@" COMMIT}
#define BOTH(commit, pull, errors)                                                                                     \
    "{\"data\":{\"repository\":{\"object\":" commit ",\"pullRequest\":" pull "}}" errors "}"
#define COMMIT_WITH(contexts) "{\"status\":{\"contexts\":[" contexts "]}}"
#define NO_PLACES             "{\"projectItems\":{\"nodes\":[]}}"
#define WRONG(path)           ",\"errors\":[{\"type\":\"FORBIDDEN\",\"path\":[" path "],\"message\":\"SAML\"}]"
#define CLA                                                                                                            \
    "{\"context\":\"cla\",\"state\":\"FAILURE\",\"description\":\"Sign\",\"targetUrl\":\"https://x.example/\","        \
    "\"createdAt\":\"2026-11-20T10:00:00Z\"}"

static void holds_contexts(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->statuses.n, 2); /* newest first */
    const struct commit_status *s = AT(struct commit_status, f->statuses, 0);
    assert_string_equal(s->context, "ci");
    assert_string_equal(s->state, "success");
    assert_null(s->description);
    assert_null(s->url);
    s = AT(struct commit_status, f->statuses, 1);
    assert_string_equal(s->context, "cla");
    assert_string_equal(s->state, "failure");
    assert_string_equal(s->description, "Sign");
    assert_string_equal(s->url, "https://x.example/");
    assert_int_equal(s->at_ms, 1795168800000);
}

static void holds_no_statuses(const struct fact *f)
{
    assert_int_equal(f->state, FACT_HERE);
    assert_int_equal(f->statuses.n, 0);
}

static const struct talk along[] = {
    {.name = "both",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200,
               BOTH(COMMIT_WITH(CLA ",{\"context\":\"ci\",\"state\":\"SUCCESS\",\"description\":null,\"targetUrl\":"
                                    "null,\"createdAt\":\"2026-11-20T11:00:00Z\"}"),
                    NO_PLACES, "")}},
     .rc = STEP_DONE,
     .holds = holds_here,
     .holds_also = holds_contexts},
    {.name = "nobody has said anything of the commit; further pages are of places alone",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200,
               BOTH("{\"status\":null}",
                    "{\"projectItems\":{\"nodes\":[],\"pageInfo\":{\"hasNextPage\":true,\"endCursor\":\"c\"}}}", "")},
              {GRAPHQL(PLACES("\"c\"")), 200, ITEMS(ITEM("PVTI_2", "edx", "9", ""), "") "}"}},
     .rc = STEP_DONE,
     .holds = holds_one_item,
     .holds_also = holds_no_statuses},
    {.name = "a board is hidden from us",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200,
               BOTH(COMMIT_WITH(""), NO_PLACES, WRONG("\"repository\",\"pullRequest\",\"projectItems\",\"nodes\",0"))}},
     .rc = STEP_DONE,
     .holds = holds_here,
     .holds_also = holds_no_statuses},
    {.name = "all boards are hidden from us",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200,
               BOTH(COMMIT_WITH(""), "null", WRONG("\"repository\",\"pullRequest\""))}},
     .rc = STEP_DONE,
     .holds = holds_forbidden,
     .holds_also = holds_no_statuses},
    {.name = "statuses are hidden from us: null does not mean that there are none",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200,
               BOTH("{\"status\":null}", NO_PLACES, WRONG("\"repository\",\"object\",\"status\""))}},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "nor does an error that names no place",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200,
               BOTH("{\"status\":null}", NO_PLACES, ",\"errors\":[{\"type\":\"FORBIDDEN\"}]")}},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "no such commit, or something else of that name",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200, BOTH("null", NO_PLACES, "")}},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "odd statuses",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200, BOTH(COMMIT_WITH(CLA ",null"), NO_PLACES, "")}},
     .rc = STEP_DONE,
     .holds = holds_here},
    {.name = "the token may ask for neither in this way",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200, "{\"errors\":[{\"type\":\"INSUFFICIENT_SCOPES\"}]}"}},
     .rc = STEP_DONE,
     .holds = holds_forbidden},
    {.name = "the first page was good",
     ASK(FACT_BOARD_ITEMS, REF),
     ALONG,
     .said = {{GRAPHQL(PLACES_AND_STATUSES), 200,
               BOTH(COMMIT_WITH(""),
                    "{\"projectItems\":{\"nodes\":[],\"pageInfo\":{\"hasNextPage\":true,\"endCursor\":\"c\"}}}", "")},
              {GRAPHQL(PLACES("\"c\"")), 502, ""}},
     .rc = -ERR_TRANSIENT,
     .error = "502",
     .holds_also = holds_no_statuses},
};

static const struct {
    enum fact_kind want, also;
    const char *want_ref, *also_ref;
    bool joins;
} joins[] = {
    {FACT_BOARD_ITEMS, FACT_STATUSES, "o/r#1", "o/r@" COMMIT, true},
    {FACT_STATUSES, FACT_BOARD_ITEMS, "o/r@" COMMIT, "o/r#1", false},
    {FACT_BOARD_ITEMS, FACT_STATUSES, "o/r#1", "o/re@" COMMIT, false},
    {FACT_BOARD_ITEMS, FACT_STATUSES, "o/re#1", "o/r@" COMMIT, false},
    {FACT_BOARD_ITEMS, FACT_STATUSES, "o/r#1", "o/r@main", false},
    {FACT_BOARD_ITEMS, FACT_STATUSES, "o/r#1", "o/r@" COMMIT "x", false},
    {FACT_BOARD_ITEMS, FACT_STATUSES, "o/r#1", "o/r", false},
    {FACT_BOARD_ITEMS, FACT_COMMENTS, "o/r#1", "o/r@" COMMIT, false},
    {FACT_COMMENTS, FACT_STATUSES, "o/r#1", "o/r@" COMMIT, false},
};

static void test_joins(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(joins); i++) {
        const struct fact_key want = {.kind = joins[i].want, .tracker = "github", .ref = joins[i].want_ref},
                              also = {.kind = joins[i].also, .tracker = "github", .ref = joins[i].also_ref};
        if (tracker_github.joins(&want, &also) != joins[i].joins)
            talk_fail("[%zu] %s and %s", i, want.ref, also.ref);
    }
}

static void talks(const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_github, API, OWN);
    talk_all(&tracker_github, &p.conf, t, n);
    place_close(&p, &tracker_github);
}

static void test_boards(void **state)
{
    (void)state;
    talks(boards, COUNT(boards));
}

static void test_along(void **state)
{
    (void)state;
    talks(along, COUNT(along));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boards),
        cmocka_unit_test(test_along),
        cmocka_unit_test(test_joins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
