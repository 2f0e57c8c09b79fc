/*
 * cron.h: times of day as cron writes them: "M H D M W", minute, hour, day of the month, month, day of the week (0 and
 * 7 are Sunday). Each is *, or a list of numbers, ranges and steps: "0,30", "9-17", "0-59/5". When both kinds of days
 * are given, either does. In UTC. Pure.
 */
#ifndef BASE_CRON_H
#define BASE_CRON_H

#include "base/base.h"

struct cron { /* a bit for each number */
    uint64_t minutes;
    uint64_t hours, days, months, weekdays;
    bool is_either; /* of the two kinds of days */
};

/* INPUT says which part is wrong; so is what never comes, as the 30th of February. */
int cron_parse(const char *text, struct cron *ret, struct err *e);
/* The first time after that, ms since 1970. */
int64_t cron_next(const struct cron *c, int64_t after_ms);

#endif
