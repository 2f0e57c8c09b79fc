/* What people are told of a plan, and what the old bot's form asks. */
#include "base/base.h"
#include "../base/unit.h"
#include "api/jobs.h"
#include "api/plan_words.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/config.h"

static void test_words(void **state)
{
    (void)state;
    const char *names[] = {"blended", "outside"};
    const struct field_value summary = {.field = "summary", .text = "Fix it"};
    const struct field_value day = {.field = "d", .kind = VALUE_DATE, .text = "2026-11-20"};
    const struct field_value five = {.field = "n", .kind = VALUE_NUMBER, .number = 5};
    const struct target own = {.tracker = "github", .ref = "o/r#1"};
    const struct {
        struct change change;
        const char *words;
    } rows[] = {
        {{.kind = CHANGE_LABELS, .issue = own, .add = {names, 2}}, "labels: add blended, outside"},
        {{.kind = CHANGE_LABELS, .issue = own, .add = {names, 1}, .remove = {names + 1, 1}},
         "labels: add blended; remove outside"},
        {{.kind = CHANGE_COMMENT, .issue = own, .text = "<!-- comment:external_pr -->\n\nThanks\nmore"},
         "comment: add \"Thanks\""},
        {{.kind = CHANGE_COMMENT, .issue = own, .text = "<!-- never closed"}, "comment: add \"<!-- never closed\""},
        {{.kind = CHANGE_COMMENT, .issue = own}, "comment: add \"\""},
        {{.kind = CHANGE_EDIT_COMMENT, .issue = own, .id = "7", .text = "Hi"}, "comment 7: becomes \"Hi\""},
        {{.kind = CHANGE_REMOVE_COMMENT, .issue = own, .id = "7"}, "comment 7: remove"},
        {{.kind = CHANGE_COMMIT_STATUS, .issue = own, .name = "openedx/cla", .value = "failure", .text = "Sign"},
         "status openedx/cla: failure, \"Sign\""},
        {{.kind = CHANGE_BOARD_ADD, .issue = own, .name = "openedx:19"}, "board item: put it on openedx:19"},
        {{.kind = CHANGE_BOARD_FIELD, .issue = own, .name = "Opened", .fields = {(void *)(uintptr_t)&day, 1}},
         "board item: Opened = \"2026-11-20\""},
        {{.kind = CHANGE_BOARD_FIELD, .issue = own, .name = "Size", .fields = {(void *)(uintptr_t)&five, 1}},
         "board item: Size = 5"},
        {{.kind = CHANGE_CREATE,
          .issue = {.tracker = "jira-acme"},
          .project = "PAY",
          .fields = {(void *)(uintptr_t)&summary, 1}},
         "project PAY of jira-acme: create an issue \"Fix it\""},
        {{.kind = CHANGE_STATUS, .issue = {.tracker = "jira", .ref = "DEV-1"}, .name = "Done"},
         "status Done (jira:DEV-1)"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        plan_words(&rows[i].change, "github:o/r#1", &t);
        assert_string_equal(text_z(&t), rows[i].words);
    }
}

static void test_long_words(void **state)
{
    (void)state;
    char text[300] = "";
    for (size_t i = 0; i + 3 < sizeof text; i += 2)
        memcpy(text + i, "é", 3);
    const struct change c = {.kind = CHANGE_COMMENT, .text = text};
    AUTO(text_auto) struct text t;
    text_init(&t, 1000);
    plan_words(&c, "", &t);
    assert_true(t.n < 120 && text_ends(text_z(&t), "é…\""));
}

static void test_form(void **state)
{
    (void)state;
    static const struct {
        const char *form, *body;
    } rows[] = {
        {"repo=o%2Fr", "{\"target\":\"github:o/r\",\"all\":false,\"dry_run\":false,\"force\":false}"},
        {"repo=all:o&allpr=on", "{\"target\":\"github:o\",\"all\":true,\"dry_run\":false,\"force\":false}"},
        {"repo=o/r&dry_run=1&earliest=2026-01-01&latest=&inline=1",
         "{\"target\":\"github:o/r\",\"all\":false,\"dry_run\":true,\"force\":false,\"since\":\"2026-01-01\"}"},
        {"allpr=on", NULL},
        {"", NULL},
    };
    struct conf_kind kind = {.name = "github"};
    struct conf_tracker github = {.name = "github", .kind = &kind};
    struct conf_bridge bridge = {.from = &github};
    struct config c = {.bridges = &bridge, .n_bridges = 1};
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str body;
        struct err e = {0};
        int rc = job_form(&c, a, str_of(rows[i].form), &body, &e);
        if (rows[i].body)
            assert_string_equal(rc == 0 ? body.p : e.text, rows[i].body);
        else
            assert_int_equal(rc, -ERR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_long_words),
                                       cmocka_unit_test(test_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
