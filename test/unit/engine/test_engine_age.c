#include "base/base.h"
#include "../base/unit.h"
#include "engine/age.h"

#define HOUR (INT64_C(60) * 60 * 1000)
#define DAY  (24 * HOUR)
#define YEAR (365 * DAY)
#define BORN (50 * YEAR)

static const struct {
    const char *name;
    int64_t up, set, since; /* how long we run, by how much the clock was set meanwhile, and a time after our start */
    int64_t age, tried;     /* tried: held against seven days */
} ages[] = {
    {"nothing was set", 2 * HOUR, 0, HOUR, HOUR, HOUR},
    {"from before the start", 2 * HOUR, 0, -DAY, DAY + 2 * HOUR, DAY + 2 * HOUR},
    {"set forward, from before that", 2 * HOUR, 10 * DAY, HOUR, HOUR, HOUR},
    {"set forward, from after that", 2 * HOUR, 10 * DAY, 10 * DAY + HOUR, HOUR, HOUR},
    {"set back, from before that", 2 * HOUR, -10 * DAY, HOUR, HOUR, HOUR},
    {"set back, from after that", 2 * HOUR, -10 * DAY, -10 * DAY + HOUR, HOUR, HOUR},
    {"set forward a little: too young, never too old", 3 * DAY, DAY, 2 * DAY, DAY, DAY},
    {"a boot in 1970, then the right time", 8 * DAY, 55 * YEAR, 55 * YEAR + DAY, 7 * DAY, 7 * DAY},
    {"a boot in the future, then the right time", 8 * DAY, -10 * YEAR, -10 * YEAR + DAY, 7 * DAY, 7 * DAY},
    {"set back before the start: counts from there", 3 * HOUR, 0, YEAR, 3 * HOUR, 3 * HOUR},
    {"too old at the start: an hour is left", 0, 0, -YEAR, YEAR, 7 * DAY - HOUR},
    {"that hour is over", HOUR, 0, -YEAR, YEAR + HOUR, 7 * DAY},
};

static void test_ages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ages); i++) {
        const struct age_clocks c = {BORN, ages[i].up, BORN + ages[i].up + ages[i].set};
        int64_t age = age_ms(&c, BORN + ages[i].since), tried = age_tried_ms(&c, BORN + ages[i].since, 7 * DAY);
        if (age != ages[i].age || tried != ages[i].tried)
            print_error("%s:\n", ages[i].name);
        assert_int_equal(age, ages[i].age);
        assert_int_equal(tried, ages[i].tried);
    }
}

static const struct {
    const char *name;
    int64_t up, set, since, least, most;
} spans[] = {
    {"nothing was set", 2 * HOUR, 0, HOUR, HOUR, HOUR},
    {"set forward", 2 * HOUR, 10 * DAY, HOUR, HOUR, 10 * DAY + HOUR},
    {"set back a little", 5 * HOUR, -HOUR, 2 * HOUR, 2 * HOUR, 3 * HOUR},
    {"set back", 2 * HOUR, -10 * DAY, HOUR, HOUR, HOUR},
    {"from an earlier run", 2 * HOUR, 0, -HOUR, 2 * HOUR, 3 * HOUR + DAY},
    {"from a time that has not come: any", 2 * HOUR, 0, YEAR, 2 * HOUR, BORN + 2 * HOUR},
};

static void test_spans(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(spans); i++) {
        const struct age_clocks c = {BORN, spans[i].up, BORN + spans[i].up + spans[i].set};
        struct age_span got = age_span(&c, BORN + spans[i].since);
        if (got.least != spans[i].least || got.most != spans[i].most)
            print_error("%s:\n", spans[i].name);
        assert_int_equal(got.least, spans[i].least);
        assert_int_equal(got.most, spans[i].most);
    }
}

static void test_short_policies_have_half_of_it(void **state)
{
    (void)state;
    const struct age_clocks c = {BORN, 0, BORN};
    assert_int_equal(age_tried_ms(&c, BORN - DAY, HOUR), HOUR / 2);
}

static void test_forgetting_goes_by_the_clock_that_is_behind(void **state)
{
    (void)state;
    int64_t now = 0;
    const struct age_clocks young = {BORN, HOUR - 1, BORN + HOUR - 1}, forward = {BORN, HOUR, BORN + YEAR},
                            back = {BORN, HOUR, BORN - YEAR};
    assert_false(age_may_forget(&young, &now));
    assert_true(age_may_forget(&forward, &now));
    assert_int_equal(now, BORN + HOUR);
    assert_true(age_may_forget(&back, &now));
    assert_int_equal(now, BORN - YEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ages),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_short_policies_have_half_of_it),
        cmocka_unit_test(test_forgetting_goes_by_the_clock_that_is_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
