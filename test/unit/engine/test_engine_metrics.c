#include "base/base.h"
#include "../base/unit.h"
#include "base/text.h"
#include "engine/metrics.h"

static void test_series(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    metrics_add(m, METRIC_EVENTS, "bugzilla", "accepted", 1);
    metrics_add(m, METRIC_EVENTS, "bugzilla", "accepted", 2);
    metrics_add(m, METRIC_EVENTS, "bugzilla", "refused", 1);
    metrics_add(m, METRIC_EVENTS, "b\"ugz\\illa\n", "accepted", 1);
    metrics_exchange(m, "jira", 204, 1500);
    metrics_exchange(m, "jira", 0, 500);
    assert_true(metrics_get(m, METRIC_EVENTS, "bugzilla", "accepted") == 3);
    assert_true(metrics_get(m, METRIC_EXCHANGES, "jira", "none") == 1);
    assert_true(metrics_get(m, METRIC_EXCHANGE_SECONDS, "jira", NULL) == 2);
    struct text t;
    text_init(&t, 100000);
    metrics_write(m, &t);
    assert_non_null(strstr(t.p, "lockstep_events_total{tracker=\"bugzilla\",result=\"accepted\"} 3\n"));
    assert_non_null(strstr(t.p, "{tracker=\"b\\\"ugz\\\\illa\\n\",result=\"accepted\"} 1\n"));
    assert_non_null(strstr(t.p, "# TYPE lockstep_lanes gauge\n"));
    text_free(&t);
    metrics_free(m);
}

static void test_series_are_bounded(void **state)
{
    (void)state;
    char name[32];
    struct metrics *m = metrics_new();
    for (int i = 0; i < 6000; i++) {
        snprintf(name, sizeof name, "tracker%d", i);
        metrics_add(m, METRIC_EVENTS, name, "accepted", 1);
    }
    assert_true(metrics_get(m, METRIC_EVENTS, "tracker0", "accepted") == 1);
    assert_true(metrics_get(m, METRIC_EVENTS, "tracker5999", "accepted") == 0);
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_series), cmocka_unit_test(test_series_are_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
