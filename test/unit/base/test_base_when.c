#include "base/base.h"
#include "base/when.h"
#include "unit.h"

static const struct when_row {
    const char *text;
    int64_t ms;
} good[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-20T17:02:36.123Z", INT64_C(1795194156123)},
    {"2026-11-20 17:02:36", INT64_C(1795194156000)},
    {"2026-11-20T17:02:36", INT64_C(1795194156000)},
    {"2026-11-20T17:02:36.1Z", INT64_C(1795194156100)},
    {"2026-11-20T17:02:36.1239999Z", INT64_C(1795194156123)},
    {"2026-11-20T18:02:36.123+01:00", INT64_C(1795194156123)},
    {"2026-11-20T11:32:36.123-0530", INT64_C(1795194156123)},
    {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
    {"1969-12-31T23:59:59.999Z", -1},
    {"0000-01-01T00:00:00Z", INT64_C(-62167219200000)},
    {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
    {"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
    {"1795194156", INT64_C(1795194156000)},
    {"0", 0},
};
static const char *const bad[] = {"",
                                  "yesterday",
                                  "2026-11-20",
                                  "2026-11-20T17:02",
                                  "2026-11-20T17:02:36z",
                                  "2026-11-20T17:02:36.Z",
                                  "2026-11-20T17:02:36+1",
                                  "2026-11-20T17:02:36+01:0",
                                  "2026-11-20T17:02:36+24:00",
                                  "2026-11-20T17:02:36ZZ",
                                  "2026-11-20T17:02:36 Z",
                                  "2026-13-20T17:02:36Z",
                                  "2026-00-20T17:02:36Z",
                                  "2026-11-31T17:02:36Z",
                                  "2026-02-29T17:02:36Z",
                                  "1900-02-29T17:02:36Z",
                                  "2026-11-00T17:02:36Z",
                                  "2026-11-20T24:00:00Z",
                                  "2026-11-20T17:60:36Z",
                                  "2026-11-20T17:02:61Z",
                                  "-5",
                                  "99999999999999",
                                  "99999999999999999999999",
                                  "1795194156.5"};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t ms = 1;
        assert_int_equal(when_parse(good[i].text, &ms, NULL), 0);
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ms = 77;
        struct err e = {0};
        assert_int_equal(when_parse(bad[i], &ms, &e), -ERR_INPUT);
        assert_int_equal(ms, 77);
    }
}

/* Every day of some eight hundred years, both ways; each day follows the one before. */
static void test_every_day(void **state)
{
    (void)state;
    char buf[WHEN_TEXT_BYTES];
    for (int64_t day = -200000; day < 200000; day += 1) {
        int64_t ms = day * 86400000 + 12345678, back = 0;
        assert_int_equal(when_parse(when_text(ms, buf), &back, NULL), 0);
        assert_int_equal(back, ms);
    }
}

static void test_text(void **state)
{
    (void)state;
    char buf[WHEN_TEXT_BYTES];
    assert_string_equal(when_text(INT64_C(1795194156123), buf), "2026-11-20T17:02:36.123Z");
    assert_string_equal(when_text(-1, buf), "1969-12-31T23:59:59.999Z");
    assert_string_equal(when_text(INT64_MAX, buf), "9999-12-31T23:59:59.999Z");
    assert_string_equal(when_text(INT64_MIN, buf), "0000-01-01T00:00:00.000Z");
}

static void test_http(void **state)
{
    (void)state;
    int64_t ms = 0;
    assert_int_equal(when_parse_http("Sun, 06 Nov 1994 08:49:37 GMT", &ms, NULL), 0);
    assert_int_equal(ms, INT64_C(784111777000));
    static const char *const wrong[] = {"",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "Son, 06 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nob 1994 08:49:37 GMT",
                                        "Sun, 31 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:37 GMTx",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "S"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(when_parse_http(wrong[i], &ms, NULL), -ERR_INPUT);
}

static void test_durations(void **state)
{
    (void)state;
    static const struct when_row rows[] = {{"30s", 30000},
                                           {"12h", 43200000},
                                           {"7d", 604800000},
                                           {"250ms", 250},
                                           {"5m", 300000},
                                           {"1h30m", 5400000},
                                           {"1d2h3m4s5ms", 93784005},
                                           {"0", 0},
                                           {"90", 90000},
                                           {"0s", 0},
                                           {"9223372036854775807ms", INT64_MAX}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ms = -1;
        assert_int_equal(duration_parse(rows[i].text, &ms, NULL), 0);
        assert_int_equal(ms, rows[i].ms);
    }
    static const char *const wrong[] = {"",
                                        "s",
                                        "-5s",
                                        "1.5h",
                                        "5 s",
                                        "5x",
                                        "30m1h",
                                        "1h1h",
                                        "1h30",
                                        "1hour",
                                        "5M",
                                        "5s ",
                                        " 5s",
                                        "9223372036854775808ms",
                                        "9223372036854775807s",
                                        "9223372036854775807ms1",
                                        "106751991168d"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        int64_t ms = -1;
        assert_int_equal(duration_parse(wrong[i], &ms, NULL), -ERR_INPUT);
        assert_int_equal(ms, -1);
    }
}

static void test_duration_text(void **state)
{
    (void)state;
    static const struct when_row rows[] = {{"0s", 0},          {"12h", 43200000},        {"1h30m", 5400000},
                                           {"250ms", 250},     {"7d", 604800000},        {"1d1ms", 86400001},
                                           {"-1m30s", -90000}, {"1d2h3m4s5ms", 93784005}};
    char buf[WHEN_TEXT_BYTES];
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(duration_text(rows[i].ms, buf), rows[i].text);
    int64_t back = 0;
    assert_int_equal(duration_parse(duration_text(INT64_MAX, buf), &back, NULL), 0);
    assert_int_equal(back, INT64_MAX);
    (void)duration_text(INT64_MIN, buf);
    assert_int_equal(buf[0], '-');
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct when_row rows[] = {{"25MiB", 26214400}, {"64KiB", 65536},    {"1GiB", 1073741824},
                                           {"512", 512},        {"512B", 512},       {"1kB", 1000},
                                           {"3MB", 3000000},    {"2GB", 2000000000}, {"0", 0}};
    int64_t n = -1;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(size_parse(rows[i].text, &n, NULL), 0);
        assert_int_equal(n, rows[i].ms);
    }
    static const char *const wrong[] = {"", "MiB", "-1", "1.5MiB", "1 MiB", "1mib", "1MiB1", "9223372036854775807KiB"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(size_parse(wrong[i], &n, NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse),     cmocka_unit_test(test_every_day),
                                       cmocka_unit_test(test_text),      cmocka_unit_test(test_http),
                                       cmocka_unit_test(test_durations), cmocka_unit_test(test_duration_text),
                                       cmocka_unit_test(test_sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
