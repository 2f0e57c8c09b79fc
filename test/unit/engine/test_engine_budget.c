/* Budgets of creations: never more in any window, and who waits is told of a time of his own. */
#include "base/base.h"
#include "../base/unit.h"
#include "engine/budget.h"

enum { HOUR = 60 * 60 * 1000, START = 10 * HOUR, MINUTE = 60 * 1000 };

static struct budget of(int64_t most)
{
    struct budget b = {0};
    budget_configure(&b, most, HOUR);
    return b;
}

/* A creation that is answered at once; 0 when it has a place, else its time. */
static int64_t create(struct budget *b, int64_t event, int64_t now)
{
    int64_t at = 0, place = budget_take(b, event, now, &at);
    if (place >= 0)
        budget_answered(b, (size_t)place, now);
    return at;
}

static void test_each_waits_for_a_place_of_its_own(void **state)
{
    (void)state;
    struct budget b = of(2);
    assert_int_equal(budget_used(&b, START), 0);
    assert_int_equal(create(&b, 1, START), 0);
    assert_int_equal(create(&b, 2, START + 1000), 0);
    for (int round = 0; round < 2; round++) { /* asking again changes nothing */
        assert_int_equal(create(&b, 3, START + 2000), START + HOUR);
        assert_int_equal(create(&b, 4, START + 2000), START + HOUR + 1000);
        assert_int_equal(create(&b, 5, START + 2000), START + 2 * HOUR);
    }
    assert_int_equal(b.n_promises, 3);
    assert_int_equal(create(&b, 6, START + HOUR), START + 2 * HOUR + 1000); /* not before those who wait */
    assert_int_equal(create(&b, 3, START + HOUR + 5), 0);
    assert_int_equal(create(&b, 4, START + HOUR + 1000), 0);
    assert_int_equal(create(&b, 5, START + 2 * HOUR), START + 2 * HOUR + 5); /* the place came free that much later */
    assert_int_equal(create(&b, 5, START + 2 * HOUR + 5), 0);
    assert_int_equal(b.n_promises, 1);
    budget_free(&b);
}

static void test_a_promise_that_nobody_claims_is_void(void **state)
{
    (void)state;
    struct budget b = of(1);
    create(&b, 1, START);
    assert_int_equal(create(&b, 2, START), START + HOUR);
    assert_int_equal(create(&b, 3, START + HOUR), START + 2 * HOUR);
    assert_int_equal(create(&b, 4, START + HOUR + MINUTE), START + 2 * HOUR + HOUR);
    assert_int_equal(create(&b, 3, START + HOUR + MINUTE), 0); /* 2 is gone, and 3 is the next */
    budget_free(&b);
}

static void test_what_is_on_its_way_keeps_its_place(void **state)
{
    (void)state;
    struct budget b = of(1);
    int64_t at = 0, place = budget_take(&b, 1, START, &at);
    assert_int_equal(place, 0);
    assert_int_equal(create(&b, 2, START + 3 * HOUR), START + 4 * HOUR);
    budget_answered(&b, 0, START + 3 * HOUR + 1);
    assert_int_equal(create(&b, 2, START + 4 * HOUR), START + 4 * HOUR + 1);
    assert_int_equal(create(&b, 2, START + 4 * HOUR + 1), 0);
    budget_free(&b);
}

static void test_what_was_not_sent_gives_it_back(void **state)
{
    (void)state;
    struct budget b = of(1);
    int64_t at = 0;
    assert_int_equal(budget_take(&b, 1, START, &at), 0);
    budget_return(&b, 0);
    assert_int_equal(create(&b, 2, START), 0);
    budget_free(&b);
}

static void test_places_of_before_a_start_and_a_limit_that_changes(void **state)
{
    (void)state;
    struct budget b = of(3);
    budget_answered(&b, 7, START - MINUTE);
    budget_answered(&b, 2, START - 2 * HOUR);
    assert_int_equal(budget_used(&b, START), 1);
    budget_configure(&b, 1, HOUR);
    assert_int_equal(create(&b, 1, START), START - MINUTE + HOUR);
    budget_configure(&b, 2, HOUR);
    assert_int_equal(create(&b, 1, START), 0);
    budget_configure(&b, 1, HOUR);
    assert_int_equal(budget_used(&b, START), 2);
    assert_int_equal(create(&b, 2, START), START + HOUR);
    budget_free(&b);
}

/* Whoever asks and however long it takes: answers of any window are at most so many. */
static void test_never_more_in_any_window(void **state)
{
    (void)state;
    enum { MOST = 20, EVENTS = 400, STEP = 20 * 1000 };
    struct budget b = of(MOST);
    int64_t sent[EVENTS], due[EVENTS], n = 0;
    uint32_t random = 7;
    for (int i = 0; i < EVENTS; i++)
        due[i] = START;
    for (int64_t now = START; n < EVENTS && now < START + 30 * HOUR; now += STEP)
        for (int i = 0; i < EVENTS; i++) {
            int64_t at = 0, place;
            if (due[i] > now || (place = budget_take(&b, i, now, &at)) < 0) {
                due[i] = at ? at : due[i];
                continue;
            }
            random = random * 1664525 + 1013904223;
            sent[n++] = now;
            budget_answered(&b, (size_t)place, now + random % 1000);
            due[i] = INT64_MAX;
        }
    assert_int_equal(n, EVENTS);
    for (int64_t i = MOST; i < n; i++)
        assert_true(sent[i] - sent[i - MOST] >= HOUR);
    assert_true(sent[n - 1] < START + (EVENTS / MOST) * (int64_t)(HOUR + MINUTE));
    assert_true(b.n_places <= MOST);
    budget_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_waits_for_a_place_of_its_own),
        cmocka_unit_test(test_a_promise_that_nobody_claims_is_void),
        cmocka_unit_test(test_what_is_on_its_way_keeps_its_place),
        cmocka_unit_test(test_what_was_not_sent_gives_it_back),
        cmocka_unit_test(test_places_of_before_a_start_and_a_limit_that_changes),
        cmocka_unit_test(test_never_more_in_any_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
