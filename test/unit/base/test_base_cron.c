/* Times as cron writes them: what is one, what is refused, and which comes next. */
#include "base/base.h"
#include "unit.h"
#include "base/cron.h"
#include "base/when.h"

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(when_parse(text, &ms, NULL), 0);
    return ms;
}

static void test_next(void **state)
{
    (void)state;
    static const struct {
        const char *cron, *after, *next;
    } rows[] = {
        {"* * * * *", "2026-11-20T17:02:36Z", "2026-11-20T17:03:00Z"},
        {"* * * * *", "2026-11-20T17:02:00Z", "2026-11-20T17:03:00Z"},
        {"30 4 * * *", "2026-11-20T17:02:36Z", "2026-11-21T04:30:00Z"},
        {"0,30 9-17 * * *", "2026-11-20T17:02:36Z", "2026-11-20T17:30:00Z"},
        {"*/20 * * * *", "2026-11-20T17:41:00Z", "2026-11-20T18:00:00Z"},
        {"10-59/25 * * * *", "2026-11-20T17:11:00Z", "2026-11-20T17:35:00Z"},
        {"5/30 * * * *", "2026-11-20T17:11:00Z", "2026-11-20T17:35:00Z"},
        {"0 0 1 1 *", "2026-11-20T17:11:00Z", "2027-01-01T00:00:00Z"},
        {"0 0 * * 1", "2026-11-20T17:11:00Z", "2026-11-23T00:00:00Z"},
        {"0 0 * * 0", "2026-11-20T17:11:00Z", "2026-11-22T00:00:00Z"},
        {"0 0 * * 7", "2026-11-20T17:11:00Z", "2026-11-22T00:00:00Z"},
        {"0 0 25 * 1", "2026-11-20T17:11:00Z", "2026-11-23T00:00:00Z"}, /* either kind of day */
        {"0 0 25 * 1", "2026-11-23T17:11:00Z", "2026-11-25T00:00:00Z"},
        {"0 0 29 2 *", "2096-11-20T17:11:00Z", "2104-02-29T00:00:00Z"},
        {"  0\t12 * *  * ", "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cron c;
        char got[WHEN_TEXT_BYTES], want[WHEN_TEXT_BYTES];
        assert_int_equal(cron_parse(rows[i].cron, &c, NULL), 0);
        assert_string_equal(when_text(cron_next(&c, at(rows[i].after)), got), when_text(at(rows[i].next), want));
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *cron, *word;
    } rows[] = {
        {"", "minute"},
        {"* * * *", "day of the week"},
        {"* * * * * *", "more than five"},
        {"60 * * * *", "minute"},
        {"* 24 * * *", "hour"},
        {"* * 0 * *", "day of the month"},
        {"* * * 13 *", "its month"},
        {"* * * * 8", "day of the week"},
        {"1,,2 * * * *", "minute"},
        {"1, * * * *", "minute"},
        {"*/0 * * * *", "minute"},
        {"5-1 * * * *", "minute"},
        {"a * * * *", "minute"},
        {"*/ * * * *", "minute"},
        {"99999999999999999999 * * * *", "minute"},
        {"0 0 30 2 *", "never"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cron c;
        struct err e = {0};
        assert_int_equal(cron_parse(rows[i].cron, &c, &e), -ERR_INPUT);
        assert_non_null(strstr(e.text, rows[i].word));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_next), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
