#include "base/base.h"
#include "../base/unit.h"
#include "engine/breaker.h"

enum { FIRST_MS = 30000 };
static const struct err refused = {.class = ERR_AUTH, .text = "HTTP 401"};
static const struct err down = {.class = ERR_TRANSIENT, .text = "HTTP 503"};
static const struct err picky = {.class = ERR_INPUT, .text = "HTTP 400"};

static void test_refused_credentials_open_it_at_once(void **state)
{
    (void)state;
    struct breaker b;
    breaker_reset(&b, FIRST_MS);
    assert_true(breaker_allows(&b, 0));
    assert_true(breaker_outcome(&b, &refused, 1000));
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_string_equal(b.text, "HTTP 401");
    assert_false(breaker_allows(&b, 1000 + FIRST_MS - 1));
    assert_true(breaker_allows(&b, 1000 + FIRST_MS));
    assert_false(breaker_allows(&b, 1000 + FIRST_MS)); /* one probe */
    assert_true(breaker_outcome(&b, NULL, 40000));
    assert_int_equal(b.state, BREAKER_CLOSED);
    assert_int_equal(b.pause_ms, FIRST_MS);
}

static void test_a_failing_probe_doubles_the_pause(void **state)
{
    (void)state;
    struct breaker b;
    int64_t now = 0, pause = FIRST_MS;
    breaker_reset(&b, FIRST_MS);
    breaker_outcome(&b, &refused, now);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(b.probe_ms - now, pause);
        now = b.probe_ms;
        assert_true(breaker_allows(&b, now));
        assert_false(breaker_outcome(&b, &down, now)); /* it was open before */
        pause = 2 * pause < BREAKER_CAP_MS ? 2 * pause : BREAKER_CAP_MS;
    }
    assert_int_equal(pause, BREAKER_CAP_MS);
}

static void test_a_share_of_failures_opens_it(void **state)
{
    (void)state;
    struct breaker b;
    breaker_reset(&b, FIRST_MS);
    for (int i = 0; i < BREAKER_LEAST - 1; i++)
        assert_false(breaker_outcome(&b, &down, i)); /* too few to mean anything */
    assert_true(breaker_outcome(&b, &down, 10));
    breaker_reset(&b, FIRST_MS);
    for (int i = 0; i < 9; i++)
        assert_false(breaker_outcome(&b, i < 5 ? &down : NULL, i));
    assert_false(breaker_outcome(&b, NULL, 9)); /* what goes well never opens it */
    assert_true(breaker_outcome(&b, &down, 10));
    breaker_reset(&b, FIRST_MS);
    for (int i = 0; i < 100; i++) /* one in three */
        assert_false(breaker_outcome(&b, i % 3 ? NULL : &down, i));
    for (int i = 0; i < 100; i++) /* refusals are answers */
        assert_false(breaker_outcome(&b, &picky, i));
    assert_int_equal(b.state, BREAKER_CLOSED);
}

static void test_late_outcomes(void **state)
{
    (void)state;
    struct breaker b;
    breaker_reset(&b, FIRST_MS);
    breaker_outcome(&b, &refused, 0);
    assert_false(breaker_outcome(&b, &refused, 5)); /* sent before it opened: no longer pause for it */
    assert_int_equal(b.probe_ms, FIRST_MS);
    assert_true(breaker_outcome(&b, NULL, 6)); /* it works after all */
    assert_true(breaker_allows(&b, 6));
}

static void test_a_probe_given_up(void **state)
{
    (void)state;
    struct breaker b;
    breaker_reset(&b, FIRST_MS);
    breaker_unprobed(&b);
    assert_int_equal(b.state, BREAKER_CLOSED);
    breaker_outcome(&b, &refused, 0);
    assert_true(breaker_allows(&b, FIRST_MS));
    breaker_unprobed(&b);
    assert_true(breaker_allows(&b, FIRST_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_credentials_open_it_at_once),
        cmocka_unit_test(test_a_failing_probe_doubles_the_pause),
        cmocka_unit_test(test_a_share_of_failures_opens_it),
        cmocka_unit_test(test_late_outcomes),
        cmocka_unit_test(test_a_probe_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
