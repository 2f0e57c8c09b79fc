#include "base/base.h"
#include "base/when.h"
#include "base/text.h"

enum { WHEN_SECOND = 1000, WHEN_MINUTE = 60 * WHEN_SECOND, WHEN_HOUR = 60 * WHEN_MINUTE, WHEN_DAY = 24 * WHEN_HOUR };

/* The years that have four digits. */
static const int64_t when_first_ms = INT64_C(-62167219200000), when_last_ms = INT64_C(253402300799999);

struct when_parts {
    int64_t year, month, day, hour, minute, second, ms, zone_minutes;
};

/* Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap day comes last. */
static int64_t when_days(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t era = (y >= 0 ? y : y - 399) / 400, in_era = y - era * 400;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static void when_date(int64_t days, struct when_parts *ret)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, day = days - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t in_year = day - (365 * year + year / 4 - year / 100), m = (5 * in_year + 2) / 153;
    ret->day = in_year - (153 * m + 2) / 5 + 1;
    ret->month = m < 10 ? m + 3 : m - 9;
    ret->year = year + era * 400 + (ret->month <= 2);
}

static bool when_valid(const struct when_parts *p)
{
    if (p->month < 1 || p->month > 12 || p->day < 1 || p->hour > 23 || p->minute > 59 || p->second > 60)
        return false;
    int64_t next_year = p->month == 12 ? p->year + 1 : p->year, next_month = p->month % 12 + 1;
    return p->day <= when_days(next_year, next_month, 1) - when_days(p->year, p->month, 1);
}

static int64_t when_ms(const struct when_parts *p)
{
    int64_t minutes = (when_days(p->year, p->month, p->day) * 24 + p->hour) * 60 + p->minute - p->zone_minutes;
    return minutes * WHEN_MINUTE + p->second * WHEN_SECOND + p->ms;
}

static char *when_digits(char *to, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return to + digits;
}

const char *when_text(int64_t ms, char buf[WHEN_TEXT_BYTES])
{
    ms = ms < when_first_ms ? when_first_ms : ms > when_last_ms ? when_last_ms : ms;
    int64_t days = (ms >= 0 ? ms : ms - WHEN_DAY + 1) / WHEN_DAY, rest = ms - days * WHEN_DAY;
    struct when_parts p;
    when_date(days, &p);
    const struct {
        int64_t value;
        int digits;
        char behind;
    } parts[] = {{p.year, 4, '-'},
                 {p.month, 2, '-'},
                 {p.day, 2, 'T'},
                 {rest / WHEN_HOUR, 2, ':'},
                 {rest / WHEN_MINUTE % 60, 2, ':'},
                 {rest / WHEN_SECOND % 60, 2, '.'},
                 {rest % WHEN_SECOND, 3, 'Z'}};
    char *to = buf;
    for (size_t i = 0; i < COUNT(parts); i++) {
        to = when_digits(to, parts[i].value, parts[i].digits);
        *to++ = parts[i].behind;
    }
    *to = '\0';
    return buf;
}

static bool when_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly that many digits at *at, which moves past them. */
static bool when_number(const char **at, int digits, int64_t *ret)
{
    int64_t sum = 0;
    for (int i = 0; i < digits; i++) {
        if (!when_is_digit(**at))
            return false;
        sum = 10 * sum + (*(*at)++ - '0');
    }
    *ret = sum;
    return true;
}

static bool when_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static bool when_fraction(const char **at, int64_t *ret_ms)
{
    if (!when_char(at, '.'))
        return true;
    if (!when_is_digit(**at))
        return false;
    int64_t unit = 100;
    for (; when_is_digit(**at); (*at)++, unit /= 10)
        *ret_ms += unit * (**at - '0');
    return true;
}

static bool when_zone(const char **at, int64_t *ret_minutes)
{
    if (**at == '\0' || when_char(at, 'Z'))
        return true;
    int64_t sign = **at == '-' ? -1 : 1, hours, minutes;
    if (!when_char(at, '+') && !when_char(at, '-'))
        return false;
    if (!when_number(at, 2, &hours))
        return false;
    (void)when_char(at, ':');
    if (!when_number(at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_minutes = sign * (60 * hours + minutes);
    return true;
}

static bool when_clock(const char **at, struct when_parts *p)
{
    return when_number(at, 2, &p->hour) && when_char(at, ':') && when_number(at, 2, &p->minute) && when_char(at, ':') &&
           when_number(at, 2, &p->second);
}

static bool when_iso(const char *at, struct when_parts *p)
{
    return when_number(&at, 4, &p->year) && when_char(&at, '-') && when_number(&at, 2, &p->month) &&
           when_char(&at, '-') && when_number(&at, 2, &p->day) && (when_char(&at, 'T') || when_char(&at, ' ')) &&
           when_clock(&at, p) && when_fraction(&at, &p->ms) && when_zone(&at, &p->zone_minutes) && *at == '\0' &&
           when_valid(p);
}

int when_parse(const char *text, int64_t *ret_ms, struct err *e)
{
    int64_t seconds;
    if (when_is_digit(text[0]) && str_int(str_of(text), &seconds)) {
        if (seconds > when_last_ms / WHEN_SECOND)
            return fail(e, ERR_INPUT, "time %.40s is too far in the future", text);
        *ret_ms = seconds * WHEN_SECOND;
        return 0;
    }
    struct when_parts p = {0};
    if (!when_iso(text, &p))
        return fail(e, ERR_INPUT, "'%.40s' is not a time like 2026-11-20T17:02:36Z", text);
    *ret_ms = when_ms(&p);
    return 0;
}

/* One of n words of three letters at *at, counted from 1; 0 when it is none of them. */
static int64_t when_word(const char **at, const char *words)
{
    for (int64_t i = 0; words[3 * i]; i++)
        if (strncmp(*at, words + 3 * i, 3) == 0) {
            *at += 3;
            return i + 1;
        }
    return 0;
}

static bool when_http(const char *at, struct when_parts *p)
{
    if (!when_word(&at, "MonTueWedThuFriSatSun") || !when_char(&at, ',') || !when_char(&at, ' ') ||
        !when_number(&at, 2, &p->day) || !when_char(&at, ' '))
        return false;
    p->month = when_word(&at, "JanFebMarAprMayJunJulAugSepOctNovDec");
    return when_char(&at, ' ') && when_number(&at, 4, &p->year) && when_char(&at, ' ') && when_clock(&at, p) &&
           strcmp(at, " GMT") == 0 && when_valid(p);
}

int when_parse_http(const char *text, int64_t *ret_ms, struct err *e)
{
    struct when_parts p = {0};
    if (!when_http(text, &p))
        return fail(e, ERR_INPUT, "'%.40s' is not a date like Sun, 06 Nov 1994 08:49:37 GMT", text);
    *ret_ms = when_ms(&p);
    return 0;
}

struct when_unit {
    const char *name;
    int64_t size;
};
static const struct when_unit when_units[] = {{"w", 7 * WHEN_DAY}, {"d", WHEN_DAY},    {"h", WHEN_HOUR},
                                              {"m", WHEN_MINUTE},  {"s", WHEN_SECOND}, {"ms", 1}};
static const struct when_unit when_sizes[] = {
    {"B", 1},         {"KiB", 1 << 10},          {"MiB", 1 << 20},
    {"GiB", 1 << 30}, {"TiB", INT64_C(1) << 40}, {"kB", 1000},
    {"MB", 1000000},  {"GB", 1000000000},        {"TB", INT64_C(1000000000000)}};

/* A number and the letters behind it; *at moves past both. */
static bool when_measure(const char **at, int64_t *ret, struct str *ret_unit)
{
    size_t digits = strspn(*at, "0123456789");
    if (!digits || !str_int((struct str){*at, digits}, ret))
        return false;
    const char *unit = *at + digits;
    size_t n = 0;
    while ((unit[n] >= 'a' && unit[n] <= 'z') || (unit[n] >= 'A' && unit[n] <= 'Z'))
        n++;
    *ret_unit = (struct str){unit, n};
    *at = unit + n;
    return true;
}

static const struct when_unit *when_unit(struct str name, const struct when_unit *units, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_same(name, str_of(units[i].name)))
            return &units[i];
    return NULL;
}

/* Parts in falling order, "1h30m", or one bare number of seconds. */
static bool when_duration(const char *text, int64_t *ret)
{
    const char *at = text;
    const struct when_unit *from = when_units, *end = when_units + COUNT(when_units);
    int64_t sum = 0;
    do {
        int64_t n;
        struct str name;
        bool first = at == text;
        if (!when_measure(&at, &n, &name))
            return false;
        if (first && name.n == 0 && *at == '\0')
            name = STR("s");
        const struct when_unit *u = when_unit(name, from, (size_t)(end - from));
        if (!u || __builtin_mul_overflow(n, u->size, &n) || __builtin_add_overflow(sum, n, &sum))
            return false;
        from = u + 1;
    } while (*at);
    *ret = sum;
    return true;
}

int duration_parse(const char *text, int64_t *ret_ms, struct err *e)
{
    if (!when_duration(text, ret_ms))
        return fail(e, ERR_INPUT, "'%.40s' is not a duration like 250ms, 30s, 1h30m or 7d", text);
    return 0;
}

/* Days are what people count in, so weeks are only read. */
const char *duration_text(int64_t ms, char buf[WHEN_TEXT_BYTES])
{
    uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    size_t at = 0;
    if (ms < 0)
        buf[at++] = '-';
    for (size_t i = 1; i < COUNT(when_units); i++) {
        uint64_t n = left / (uint64_t)when_units[i].size;
        left %= (uint64_t)when_units[i].size;
        if (n && at < WHEN_TEXT_BYTES)
            at += (size_t)snprintf(buf + at, WHEN_TEXT_BYTES - at, "%" PRIu64 "%s", n, when_units[i].name);
    }
    if (ms == 0)
        memcpy(buf, "0s", sizeof "0s");
    return buf;
}

int size_parse(const char *text, int64_t *ret_bytes, struct err *e)
{
    const char *at = text;
    int64_t n;
    struct str name;
    bool valid = when_measure(&at, &n, &name) && *at == '\0';
    const struct when_unit *u = valid ? when_unit(name.n ? name : STR("B"), when_sizes, COUNT(when_sizes)) : NULL;
    if (!u || __builtin_mul_overflow(n, u->size, &n))
        return fail(e, ERR_INPUT, "'%.40s' is not a size like 512, 64KiB or 25MiB", text);
    *ret_bytes = n;
    return 0;
}
