#include "base/base.h"
#include "../base/unit.h"
#include "base/text.h"
#include "cli/progress.h"

#include <unistd.h>

#define MINUTES(n) (INT64_C(60000) * (n))

static const struct {
    const char *name;
    enum progress_unit unit;
    int64_t done, total, took_ms;
    unsigned columns;
    const char *expect;
} lines[] = {
    {"nothing yet", PROGRESS_COUNT, 0, 40, 0, 60, "replay [....................................]   0 % 0 of 40"},
    {"no rate in the first second", PROGRESS_COUNT, 10, 40, 999, 60,
     "replay [########...........................]  25 % 10 of 40"},
    {"rate and what is left", PROGRESS_COUNT, 10, 40, 1000, 60,
     "replay [####...............]  25 % 10 of 40, 10/s, 3 s left"},
    {"all", PROGRESS_COUNT, 40, 40, 4000, 50, "replay [###################] 100 % 40 of 40, 10/s"},
    {"more than all", PROGRESS_COUNT, 50, 40, 5000, 50, "replay [###################] 100 % 50 of 40, 10/s"},
    {"a few a second", PROGRESS_COUNT, 5, 0, 2000, 50, "replay 5, 2.5/s"},
    {"the total is not known", PROGRESS_COUNT, 50, 0, 5000, 50, "replay 50, 10/s"},
    {"nothing, and no total", PROGRESS_COUNT, 0, 0, 5000, 50, "replay 0"},
    {"a total below nothing", PROGRESS_COUNT, 3, -1, 0, 50, "replay 3"},
    {"no room for a bar", PROGRESS_COUNT, 10, 40, 1000, 46, "replay  25 % 10 of 40, 10/s, 3 s left"},
    {"no room for all", PROGRESS_COUNT, 10, 40, 1000, 20, "replay  25 % 10 of "},
    {"no room", PROGRESS_COUNT, 10, 40, 1000, 1, ""},
    {"no columns", PROGRESS_COUNT, 10, 40, 1000, 0, ""},
    {"minutes", PROGRESS_COUNT, 10, 40, MINUTES(1), 50, "replay  25 % 10 of 40, 10/min, 3 min 00 s left"},
    {"hours", PROGRESS_COUNT, 10, 40, MINUTES(25), 50, "replay  25 % 10 of 40, 0.4/min, 1 h 15 min left"},
    {"years are not told", PROGRESS_COUNT, 1, INT64_C(1) << 52, MINUTES(1), 50,
     "replay   0 % 1 of 4503599627370496, 1.0/min"},
    {"bytes", PROGRESS_BYTES, 1023, 0, 0, 50, "replay 1023 B"},
    {"more of them", PROGRESS_BYTES, INT64_C(3) << 29, INT64_C(3) << 31, 10000, 60,
     "replay  25 % 1.5 GiB of 6.0 GiB, 154 MiB/s, 30 s left"},
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        const struct progress p = {
            .what = "replay", .unit = lines[i].unit, .done = lines[i].done, .total = lines[i].total};
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        progress_line(&p, lines[i].took_ms, lines[i].columns, &t);
        if (strcmp(text_z(&t), lines[i].expect) != 0)
            print_error("%s:\n", lines[i].name);
        assert_string_equal(text_z(&t), lines[i].expect);
        assert_true(t.n == 0 || t.n < lines[i].columns);
    }
}

/* Standard error is a pipe: nothing may come through it. */
static void test_without_a_terminal_nothing_is_written(void **state)
{
    (void)state;
    int ends[2], kept = dup(STDERR_FILENO);
    struct progress p;
    char c;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    progress_start(&p, "replay", true);
    bool shows = progress_shows(&p);
    progress_at(&p, 1, 2);
    progress_clear(&p);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    assert_false(shows);
    assert_int_equal(read(ends[0], &c, 1), 0);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_without_a_terminal_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
