/* Conversations with Jira about ways through its workflow: planned ones, those that are looked for, and dead ends. */
#include "base/base.h"

#include "talk.h"

#define TEXTS(...)                                                                                                     \
    {                                                                                                                  \
        .v = (const char *[]){__VA_ARGS__}, .n = COUNT(((const char *[]){__VA_ARGS__}))                                \
    }
#define FIELDS(...)                                                                                                    \
    {                                                                                                                  \
        .v = (struct field_value[]){__VA_ARGS__}, .n = COUNT(((struct field_value[]){__VA_ARGS__}))                    \
    }
#define BRING(to, ...)                                                                                                 \
    &(const struct change)                                                                                             \
    {                                                                                                                  \
        .kind = CHANGE_STATUS, .issue = {"jira", "OSPR-7", 0}, .name = to, __VA_ARGS__                                 \
    }
#define READ(more) "GET", "/rest/api/2/issue/OSPR-7?fields=status" more, "", HTTP_READ
#define IS(status) READ(""), 200, "{\"fields\":{\"status\":{\"name\":\"" status "\"}}}"
#define STANDS(status)                                                                                                 \
    READ(",issuetype,project"), 200,                                                                                   \
        "{\"fields\":{\"status\":{\"name\":\"" status                                                                  \
        "\"},\"issuetype\":{\"name\":\"Pull Request Review\"},\"project\":{\"key\":\"OSPR\"}}}"
#define OFFERS_OF(key, list)                                                                                           \
    "GET", "/rest/api/2/issue/" key "/transitions?expand=transitions.fields", "", HTTP_READ, 200,                      \
        "{\"transitions\":[" list "]}"
#define OFFERS(list)        OFFERS_OF("OSPR-7", list)
#define TO(id, to)          "{\"id\":\"" id "\",\"to\":{\"name\":\"" to "\"}}"
#define NEEDS(id, to, more) "{\"id\":\"" id "\",\"to\":{\"name\":\"" to "\"},\"fields\":{" more "}}"
#define RESOLUTION          "\"resolution\":{\"required\":true,\"name\":\"Resolution\"}"
#define POST(body)          "POST", "/rest/api/2/issue/OSPR-7/transitions", body, HTTP_CREATE, 204, ""
#define POST_ID(id)         POST("{\"transition\":{\"id\":\"" id "\"}}")
#define ASK(status, keys)                                                                                              \
    "POST", "/rest/api/3/search/jql",                                                                                  \
        "{\"jql\":\"project = \\\"OSPR\\\" AND issuetype = \\\"Pull Request Review\\\" AND status = \\\"" status       \
        "\\\" ORDER BY created DESC\",\"maxResults\":1,\"fields\":[\"status\"]}",                                      \
        HTTP_READ, 200, "{\"issues\":[" keys "]}"
#define KEY(key) "{\"key\":\"" key "\"}"

static const struct talk planned[] = {
    {.name = "two hops, as planned",
     .change = BRING("Merged", .via = TEXTS("Product Review", "Engineering Review")),
     .said = {{IS("Needs Triage")},
              {OFFERS(TO("1", "Product Review") "," TO("2", "Rejected"))},
              {POST_ID("1")},
              {IS("Product Review")},
              {OFFERS(TO("3", "Engineering Review"))},
              {POST_ID("3")},
              {IS("Engineering Review")},
              {OFFERS(TO("4", "Merged"))},
              {POST_ID("4")}},
     .rc = STEP_DONE},
    {.name = "what is offered at once needs no way",
     .change = BRING("Merged", .via = TEXTS("Product Review")),
     .said = {{IS("Needs Triage")}, {OFFERS(TO("1", "Product Review") "," TO("9", "merged"))}, {POST_ID("9")}},
     .rc = STEP_DONE},
    {.name = "begun again in the middle of the way",
     .change = BRING("Merged", .via = TEXTS("Product Review", "Engineering Review")),
     .said = {{IS("Engineering Review")}, {OFFERS(TO("1", "Product Review") "," TO("4", "Merged"))}, {POST_ID("4")}},
     .rc = STEP_DONE},
    {.name = "never back along the way",
     .change = BRING("Merged", .via = TEXTS("Product Review", "Engineering Review")),
     .said = {{IS("Engineering Review")}, {OFFERS(TO("1", "Product Review"))}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "status \"Merged\" is not offered from \"Engineering Review\"; offered: Product Review"},
    {.name = "it is there already",
     .change = BRING("Merged", .via = TEXTS("Product Review")),
     .said = {{IS("Merged")}},
     .rc = STEP_DONE,
     .unchanged = true},
    {.name = "somebody brought it there meanwhile",
     .change = BRING("Merged", .via = TEXTS("Product Review")),
     .said = {{IS("Needs Triage")}, {OFFERS(TO("1", "Product Review"))}, {POST_ID("1")}, {IS("Merged")}},
     .rc = STEP_DONE},
    {.name = "a dead end on the way: it says where, and whence",
     .change = BRING("Merged", .via = TEXTS("Product Review")),
     .said = {{IS("Needs Triage")},
              {OFFERS(TO("1", "Product Review"))},
              {POST_ID("1")},
              {IS("Product Review")},
              {OFFERS(TO("5", "Needs Triage"))}},
     .rc = STEP_DONE,
     .note = "status \"Merged\" is not offered from \"Product Review\"; offered: Needs Triage; it came from "
             "\"Needs Triage\""},
    {.name = "fields go to the hop whose screen has them, the comment to the last",
     .change = BRING("Merged", .text = "Merged.", .via = TEXTS("Review"),
                     .fields = FIELDS({"resolution", VALUE_NAME, "Done", 0}, {"duedate", VALUE_TEXT, "x", 0})),
     .said = {{IS("Open")},
              {OFFERS(NEEDS("1", "Review", "\"duedate\":{\"required\":true}"))},
              {POST("{\"transition\":{\"id\":\"1\"},\"fields\":{\"duedate\":\"x\"}}")},
              {IS("Review")},
              {OFFERS(NEEDS("2", "Merged", RESOLUTION))},
              {POST("{\"transition\":{\"id\":\"2\"},\"fields\":{\"resolution\":{\"name\":\"Done\"}},"
                    "\"update\":{\"comment\":[{\"add\":{\"body\":\"Merged.\"}}]}}")}},
     .rc = STEP_DONE},
    {.name = "a required field that nobody configured is named",
     .change = BRING("Merged", .via = TEXTS("Review")),
     .said = {{IS("Open")}, {OFFERS(NEEDS("2", "Merged", RESOLUTION) "," TO("3", "Closed"))}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "Merged needs the field resolution (Resolution), which is not configured"},
    {.name = "one with a default of Jira's is not needed",
     .change = BRING("Merged", .via = TEXTS("Review")),
     .said = {{IS("Open")},
              {OFFERS(NEEDS("2", "Merged", "\"resolution\":{\"required\":true,\"hasDefaultValue\":true}"))},
              {POST_ID("2")}},
     .rc = STEP_DONE},
    {.name = "refused in the middle",
     .change = BRING("Merged", .via = TEXTS("Review")),
     .said = {{IS("Open")},
              {OFFERS(TO("1", "Review"))},
              {"POST", "/rest/api/2/issue/OSPR-7/transitions", "{\"transition\":{\"id\":\"1\"}}", HTTP_CREATE, 400,
               "{\"errorMessages\":[\"No reviewer\"]}"}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "status \"Review\" was refused from \"Open\": "},
};

static const struct talk searches[] = {
    {.name = "the way is learnt from other issues, nearest first, before anything moves",
     .change = BRING("Merged", .may_search = true),
     .said = {{STANDS("Open")},
              {OFFERS(TO("1", "Blocked") "," TO("2", "Review"))},
              {ASK("Blocked", KEY("OSPR-3"))},
              {OFFERS_OF("OSPR-3", TO("5", "Open"))},
              {ASK("Review", KEY("OSPR-4"))},
              {OFFERS_OF("OSPR-4", TO("6", "Open") "," TO("7", "Merged"))},
              {OFFERS(TO("1", "Blocked") "," TO("2", "Review"))},
              {POST_ID("2")},
              {STANDS("Review")},
              {OFFERS(TO("7", "Merged"))},
              {POST_ID("7")}},
     .rc = STEP_DONE},
    {.name = "no other issue is there: it stays",
     .change = BRING("Merged", .may_search = true),
     .said = {{STANDS("Open")}, {OFFERS(TO("1", "Review"))}, {ASK("Review", "")}, {OFFERS(TO("1", "Review"))}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "status \"Merged\" is not offered from \"Open\"; offered: Review"},
    {.name = "five hops are too many",
     .change = BRING("Merged", .may_search = true),
     .said = {{STANDS("A")},
              {OFFERS(TO("1", "B"))},
              {ASK("B", KEY("OSPR-2"))},
              {OFFERS_OF("OSPR-2", TO("2", "C"))},
              {ASK("C", KEY("OSPR-3"))},
              {OFFERS_OF("OSPR-3", TO("3", "D"))},
              {ASK("D", KEY("OSPR-4"))},
              {OFFERS_OF("OSPR-4", TO("4", "E"))},
              {OFFERS(TO("1", "B"))}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "not offered from \"A\""},
    {.name = "an issue that is gone tells nothing",
     .change = BRING("Merged", .may_search = true),
     .said = {{STANDS("Open")},
              {OFFERS(TO("1", "Review"))},
              {ASK("Review", KEY("OSPR-4"))},
              {"GET", "/rest/api/2/issue/OSPR-4/transitions?expand=transitions.fields", "", HTTP_READ, 404, "{}"},
              {OFFERS(TO("1", "Review"))}},
     .rc = STEP_DONE,
     .unchanged = true,
     .note = "not offered from \"Open\""},
};

static void ways(const struct talk *t, size_t n)
{
    struct place p;
    place_open(&p, &tracker_jira, "https://example.net", "user: bot@example.com\ntoken: t\n");
    talk_all(&tracker_jira, &p.conf, t, n);
    place_close(&p, &tracker_jira);
}

static void test_planned(void **state)
{
    (void)state;
    ways(planned, COUNT(planned));
}

static void test_searches(void **state)
{
    (void)state;
    ways(searches, COUNT(searches));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_planned), cmocka_unit_test(test_searches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
