#include "base/base.h"
#include "../base/unit.h"
#include "engine/retry.h"

static const struct conf_retry house = {
    .first = 30000, .factor = 2, .cap = 43200000, .give_up = 604800000}; /* 30 s, doubling, 12 h, 7 days */
static const struct conf_retry record = {.every = 43200000, .give_up = 604800000};

static const struct {
    const char *name;
    const struct conf_retry *policy;
    enum err_class class;
    int64_t attempts, age_ms, retry_in_ms;
    uint32_t random;
    int64_t expect_in_ms; /* -1: expires */
} cases[] = {
    {"first, longest jitter", &house, ERR_TRANSIENT, 1, 0, 0, UINT32_MAX, 30000},
    {"first, shortest jitter", &house, ERR_TRANSIENT, 1, 0, 0, 0, 1},
    {"third doubles twice", &house, ERR_TRANSIENT, 3, 0, 0, UINT32_MAX, 120000},
    {"capped", &house, ERR_TRANSIENT, 20, 0, 0, UINT32_MAX, 43200000},
    {"no overflow", &house, ERR_TRANSIENT, INT64_MAX, 0, 0, UINT32_MAX, 43200000},
    {"a refusal is tried again, people repair", &house, ERR_INPUT, 1, 0, 0, UINT32_MAX, 30000},
    {"a limit says when", &house, ERR_LIMITED, 1, 0, 90000, 0, 90000},
    {"a limit that is over by now", &house, ERR_LIMITED, 1, 0, -1, UINT32_MAX, 0},
    {"a limit that says nothing backs off", &house, ERR_LIMITED, 1, 0, 0, UINT32_MAX, 30000},
    {"what passes by a time that is known", &house, ERR_TRANSIENT, 7, 0, 500, UINT32_MAX, 500},
    {"a conflict at once", &house, ERR_CONFLICT, 3, 0, 0, UINT32_MAX, 0},
    {"conflicts without end back off", &house, ERR_CONFLICT, 4, 0, 0, UINT32_MAX, 240000},
    {"never later than the end", &house, ERR_TRANSIENT, 20, 604799000, 0, UINT32_MAX, 1000},
    {"the end", &house, ERR_TRANSIENT, 20, 604800000, 0, UINT32_MAX, -1},
    {"permanent", &house, ERR_PERMANENT, 1, 0, 0, UINT32_MAX, -1},
    {"our own limit is no failure", &house, ERR_PACED, 1, 604800001, 90000, 0, 90000},
    {"the decision record: every 12 h", &record, ERR_TRANSIENT, 9, 0, 0, 7, 43200000},
    {"the decision record: 7 days", &record, ERR_TRANSIENT, 15, 604800001, 0, 7, -1},
};

static void test_policy(void **state)
{
    (void)state;
    enum { NOW = 1000000000 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err error = {.class = cases[i].class,
                            .retry_at_ms = cases[i].retry_in_ms ? NOW + cases[i].retry_in_ms : 0};
        const struct retry_case c = {&error, cases[i].attempts, cases[i].age_ms, NOW, cases[i].random};
        int64_t at = -1;
        enum retry_what what = retry_decide(cases[i].policy, &c, &at);
        int64_t got = what == RETRY_EXPIRE ? -1 : at - NOW;
        if (got != cases[i].expect_in_ms)
            print_error("%s:\n", cases[i].name);
        assert_int_equal(got, cases[i].expect_in_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_policy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
