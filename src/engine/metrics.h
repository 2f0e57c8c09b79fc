/*
 * metrics.h: counters and gauges, as rows; written in Prometheus' text format. Loop thread.
 */
#ifndef ENGINE_METRICS_H
#define ENGINE_METRICS_H

#include "base/base.h"

struct text;
struct metrics;

enum metric {
    METRIC_EVENTS,           /* tracker, result: accepted, duplicate, refused */
    METRIC_VERDICTS,         /* bridge rule is not a label: too many; tracker, verdict */
    METRIC_ATTEMPT_ERRORS,   /* class */
    METRIC_EXCHANGES,        /* tracker, status class */
    METRIC_EXCHANGE_SECONDS, /* tracker: sum */
    METRIC_LIMITS,           /* tracker, limit: near, issue, tracker */
    METRIC_PAUSE,            /* tracker */
    METRIC_CREATIONS,        /* tracker, state: most, used, waiting */
    METRIC_STEPS,            /* step, outcome: applied, unchanged, noted */
    METRIC_OPERATIONS,       /* operation */
    METRIC_RULES,            /* rule, outcome */
    METRIC_LANES,            /* state: ready, running, parked */
    METRIC_PENDING,
    METRIC_OLDEST_SECONDS,
    METRIC_HOOK_ERRORS,    /* tracker, hook */
    METRIC_BREAKER,        /* tracker: 1 open */
    METRIC_HEALTH,         /* check: 0 ok, 1 warning, 2 error */
    METRIC_MISSED,         /* tracker */
    METRIC_RECOVERED,      /* tracker */
    METRIC_COMPLETE_SINCE, /* tracker */
    METRIC_COMPLETE_UNTIL, /* tracker */
    METRIC_CONFIG_REFUSED,
    METRIC_CONFIG_READS,
    METRIC_STORE_DAMAGED,
    METRIC_STORE_UNCHECKED,
    METRIC_CONNECTIONS,
    METRIC_START_TIME,
    METRICS
};

__attribute__((returns_nonnull)) struct metrics *metrics_new(void);
void metrics_free(struct metrics *m); /* NULL is fine */
/* Label values in the order of the metric's row; those that it has not are NULL. */
void metrics_add(struct metrics *m, enum metric which, const char *label1, const char *label2, double by);
void metrics_set(struct metrics *m, enum metric which, const char *label1, const char *label2, double to);
void metrics_exchange(struct metrics *m, const char *tracker, int status, int64_t took_ms);
double metrics_get(const struct metrics *m, enum metric which, const char *label1, const char *label2);
void metrics_write(const struct metrics *m, struct text *to);

#endif
