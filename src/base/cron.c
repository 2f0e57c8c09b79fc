#include "base/base.h"
#include "base/cron.h"
#include "base/text.h"
#include "base/when.h"

enum {
    CRON_MINUTE_MS = 60 * 1000,
    CRON_DAY_MINUTES = 24 * 60,
    CRON_DAYS_MAX = 366 * 9 /* a leap day may be 8 years off */
};

static const struct cron_part {
    const char *name;
    int64_t low, high;
} cron_parts[] = {
    {"minute", 0, 59}, {"hour", 0, 23}, {"day of the month", 1, 31}, {"month", 1, 12}, {"day of the week", 0, 7},
};

/* "5", "9-17", "*", each with "/step"; moves *at behind it. */
static bool cron_range(const struct cron_part *p, struct str s, uint64_t *bits)
{
    const char *slash = memchr(s.p, '/', s.n);
    struct str range = {s.p, slash ? (size_t)(slash - s.p) : s.n};
    const char *dash = memchr(range.p, '-', range.n);
    int64_t low = p->low, high = p->high, step = 1;
    if (slash && (!str_int((struct str){slash + 1, s.n - range.n - 1}, &step) || step < 1))
        return false;
    if (!str_same(range, STR("*"))) {
        struct str first = {range.p, dash ? (size_t)(dash - range.p) : range.n};
        if (!str_int(first, &low))
            return false;
        high = slash ? p->high : low;
        if (dash && !str_int((struct str){dash + 1, range.n - first.n - 1}, &high))
            return false;
    }
    if (low < p->low || high > p->high || low > high)
        return false;
    for (int64_t i = low; i <= high; i += step)
        *bits |= UINT64_C(1) << i;
    return true;
}

static bool cron_list(const struct cron_part *p, struct str s, uint64_t *bits)
{
    *bits = 0;
    while (s.n > 0) {
        const char *comma = memchr(s.p, ',', s.n);
        size_t n = comma ? (size_t)(comma - s.p) : s.n;
        if (n == 0 || !cron_range(p, (struct str){s.p, n}, bits))
            return false;
        if (comma && n + 1 == s.n)
            return false;
        s = comma ? (struct str){comma + 1, s.n - n - 1} : (struct str){s.p, 0};
    }
    return *bits != 0;
}

static bool cron_has(uint64_t bits, int64_t i)
{
    return bits >> i & 1;
}

/* Month and day of the month as the date's text has them. */
static bool cron_is_day(const struct cron *c, int64_t day)
{
    char date[WHEN_TEXT_BYTES];
    when_text(day * CRON_DAY_MINUTES * CRON_MINUTE_MS, date);
    int64_t month = (date[5] - '0') * 10 + date[6] - '0', number = (date[8] - '0') * 10 + date[9] - '0';
    int64_t weekday = ((day + 4) % 7 + 7) % 7; /* 1 January 1970 was a Thursday */
    bool is_number = cron_has(c->days, number), is_weekday = cron_has(c->weekdays, weekday);
    return cron_has(c->months, month) && (c->is_either ? is_number || is_weekday : is_number && is_weekday);
}

int64_t cron_next(const struct cron *c, int64_t after_ms)
{
    int64_t minute = after_ms / CRON_MINUTE_MS + 1, first = minute / CRON_DAY_MINUTES;
    for (int64_t day = first; day < first + CRON_DAYS_MAX; day++) {
        if (!cron_is_day(c, day))
            continue;
        for (int64_t i = day == first ? minute % CRON_DAY_MINUTES : 0; i < CRON_DAY_MINUTES; i++)
            if (cron_has(c->hours, i / 60) && cron_has(c->minutes, i % 60))
                return (day * CRON_DAY_MINUTES + i) * CRON_MINUTE_MS;
    }
    return INT64_MAX;
}

int cron_parse(const char *text, struct cron *ret, struct err *e)
{
    struct cron c = {0};
    uint64_t *const bits[] = {&c.minutes, &c.hours, &c.days, &c.months, &c.weekdays};
    struct str word[COUNT(cron_parts)];
    const char *at = text + strspn(text, " \t");
    for (size_t i = 0; i < COUNT(cron_parts); i++) {
        word[i] = (struct str){at, strcspn(at, " \t")};
        at += word[i].n;
        at += strspn(at, " \t");
        if (!cron_list(&cron_parts[i], word[i], bits[i]))
            return fail(
                e, ERR_INPUT,
                "\"%.100s\" is not a time like \"30 4 * * 1\" (minute, hour, day of the month, month, day of the "
                "week): its %s",
                text, cron_parts[i].name);
    }
    if (*at)
        return fail(e, ERR_INPUT, "\"%.100s\" has more than five parts", text);
    c.weekdays |= c.weekdays >> 7 & 1;
    c.is_either = word[2].p[0] != '*' && word[4].p[0] != '*';
    if (cron_next(&c, 0) == INT64_MAX)
        return fail(e, ERR_INPUT, "\"%.100s\" never comes", text);
    *ret = c;
    return 0;
}
