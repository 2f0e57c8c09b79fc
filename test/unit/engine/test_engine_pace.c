/* The pace of one tracker: when the next request may go. */
#include "base/base.h"
#include "../base/unit.h"
#include "engine/pace.h"

enum { START = 1000000 };

/* Ask as fast as it lets us, `each` ms an answer, from *now on until a time; how many were sent. */
static int drive(struct pace *p, int64_t *now, int64_t until, int64_t each)
{
    int n = 0;
    while (*now < until) {
        int64_t wait = pace_delay(p, *now);
        if (wait > 0) {
            *now += wait < until - *now ? wait : until - *now;
            continue;
        }
        pace_sent(p, *now);
        n++;
        *now += each;
    }
    return n;
}

static void test_without_limits(void **state)
{
    (void)state;
    struct pace p = {0};
    int64_t now = START;
    pace_configure(&p, (struct rate){0}, now);
    assert_int_equal(drive(&p, &now, START + 1000, 10), 100);
}

static void test_our_rate(void **state)
{
    (void)state;
    struct pace p = {0};
    int64_t now = START;
    pace_configure(&p, (struct rate){.per_second = 10, .burst = 5}, now);
    int n = drive(&p, &now, START + 10000, 1);
    assert_true(n >= 103 && n <= 105);
}

static void test_pause(void **state)
{
    (void)state;
    struct pace p = {0};
    pace_configure(&p, (struct rate){0}, START);
    pace_pause(&p, START + 500);
    pace_pause(&p, START + 200); /* an earlier end shortens nothing */
    assert_int_equal(pace_delay(&p, START), 500);
    pace_configure(&p, (struct rate){0}, START); /* nor does another configuration */
    assert_int_equal(pace_delay(&p, START + 499), 1);
    assert_int_equal(pace_delay(&p, START + 500), 0);
}

/* What is left lasts until there is more, and then the pace is as before. */
static void test_a_said_gap(void **state)
{
    (void)state;
    struct pace p = {0};
    int64_t now = START;
    pace_configure(&p, (struct rate){0}, now);
    drive(&p, &now, START + 100, 10);
    assert_true(pace_slow(&p, 200, START + 2100, now));
    assert_false(pace_slow(&p, 0, 0, now)); /* a word without figures changes no figures */
    assert_int_equal(drive(&p, &now, START + 2100, 10), 10);
    assert_int_equal(drive(&p, &now, START + 3100, 10), 100);
}

static void test_the_gap_ends_with_the_time(void **state)
{
    (void)state;
    struct pace p = {0};
    pace_configure(&p, (struct rate){0}, START);
    pace_sent(&p, START);
    pace_slow(&p, 3600001, START + 3600000, START);
    assert_int_equal(pace_delay(&p, START), 3600000);
    pace_slow(&p, 100, START + 1000, START); /* the newest word counts */
    assert_int_equal(pace_delay(&p, START), 100);
}

static void test_halving(void **state)
{
    (void)state;
    struct pace p = {0};
    int64_t now = START;
    pace_configure(&p, (struct rate){0}, now);
    assert_int_equal(drive(&p, &now, START + 10000, 50), 200);
    assert_true(pace_slow(&p, 0, 0, now));
    int half = drive(&p, &now, now + PACE_WHILE_MS, 50);
    assert_true(half >= 95 && half <= 105);
    assert_true(pace_slow(&p, 0, 0, now)); /* near still */
    int quarter = drive(&p, &now, now + PACE_WHILE_MS, 50);
    assert_true(quarter >= 45 && quarter <= 55);
    assert_int_equal(drive(&p, &now, now + 10000, 50), 200); /* no word: as fast as ever */
}

static void test_halving_is_bounded(void **state)
{
    (void)state;
    struct pace p = {0};
    pace_configure(&p, (struct rate){0}, START);
    for (int i = 0; i < 100; i++)
        pace_sent(&p, START); /* all at once */
    pace_slow(&p, 0, 0, START);
    assert_int_equal(pace_delay(&p, START), PACE_LEAST_MS);
    for (int64_t i = 1; i < 100; i++)
        pace_sent(&p, START + i * 3600 * 1000); /* one an hour */
    int64_t now = START + INT64_C(99) * 3600 * 1000;
    pace_slow(&p, 0, 0, now);
    assert_in_range(pace_delay(&p, now), 1, PACE_MOST_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_limits),
        cmocka_unit_test(test_our_rate),
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_a_said_gap),
        cmocka_unit_test(test_the_gap_ends_with_the_time),
        cmocka_unit_test(test_halving),
        cmocka_unit_test(test_halving_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
