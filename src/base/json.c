#include "base/base.h"
#include "base/json.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

#include <cjson/cJSON.h>

/*
 * Reading is done by cJSON, which is fast and lax. A pass before it refuses what cJSON would wrongly take (control
 * characters, 01, \uZZZZ, deep nesting…) and mends what our texts cannot hold; cJSON then finds the remaining errors.
 */

/* cJSON's allocator has no context: the arena of the parse that runs on this thread. */
static _Thread_local struct arena *json_arena;
static _Thread_local bool json_starved;

static void *json_allocate(size_t n)
{
    json_starved = n > arena_room(json_arena);
    return json_starved ? NULL : arena_bytes(json_arena, n);
}

static void json_release(void *p)
{
    (void)p; /* the arena is freed whole */
}

__attribute__((constructor)) static void json_install(void)
{
    cJSON_Hooks hooks = {json_allocate, json_release};
    cJSON_InitHooks(&hooks);
}

static const cJSON *json_inside(const struct json *v)
{
    return (const cJSON *)(const void *)v;
}

static const struct json *json_outside(const cJSON *v)
{
    return (const struct json *)(const void *)v;
}

struct json_scan {
    struct str s;
    size_t at;
    unsigned depth;
    char *mended; /* a copy in which escapes were replaced; else NULL */
    struct arena *arena;
    const char *wrong;
};

enum { JSON_NUMBER_MAX = 63 /* cJSON's */, JSON_ESCAPE = 6 /* bytes of \u0000 */ };

static unsigned char json_at(const struct json_scan *s, size_t at)
{
    return at < s->s.n ? (unsigned char)s->s.p[at] : 0;
}

static bool json_wrong(struct json_scan *s, const char *what)
{
    s->wrong = what;
    return false;
}

static bool json_is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool json_digits(struct json_scan *s)
{
    size_t from = s->at;
    while (json_is_digit(json_at(s, s->at)))
        s->at++;
    return s->at > from;
}

static bool json_scan_number(struct json_scan *s)
{
    size_t from = s->at;
    s->at += json_at(s, s->at) == '-';
    bool ok = true;
    if (json_at(s, s->at) == '0')
        s->at++;
    else
        ok = json_digits(s);
    if (ok && json_at(s, s->at) == '.') {
        s->at++;
        ok = json_digits(s);
    }
    if (ok && (json_at(s, s->at) | 0x20) == 'e') {
        s->at++;
        s->at += json_at(s, s->at) == '+' || json_at(s, s->at) == '-';
        ok = json_digits(s);
    }
    if (!ok || json_is_digit(json_at(s, s->at)) || json_at(s, s->at) == '.')
        return json_wrong(s, "not a number");
    return s->at - from <= JSON_NUMBER_MAX || json_wrong(s, "a number too long");
}

/* The 16 bits of \uXXXX at this place, or -1. */
static int json_unit(const struct json_scan *s, size_t at)
{
    int unit = 0;
    if (json_at(s, at) != '\\' || json_at(s, at + 1) != 'u')
        return -1;
    for (size_t i = 2; i < JSON_ESCAPE; i++) {
        int digit = hex_digit((char)json_at(s, at + i));
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool json_mend(struct json_scan *s)
{
    if (!s->mended) {
        if (s->s.n > arena_room(s->arena))
            return json_wrong(s, "too much for the memory allowed");
        s->mended = arena_bytes(s->arena, s->s.n);
        memcpy(s->mended, s->s.p, s->s.n);
    }
    memcpy(s->mended + s->at, "\\ufffd", JSON_ESCAPE);
    s->at += JSON_ESCAPE;
    return true;
}

static bool json_scan_escape(struct json_scan *s)
{
    if (json_at(s, s->at + 1) != 'u') {
        s->at += 2; /* cJSON knows which letters there are */
        return true;
    }
    int unit = json_unit(s, s->at);
    if (unit < 0)
        return json_wrong(s, "not an escape");
    bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
    int next = high ? json_unit(s, s->at + JSON_ESCAPE) : -1;
    if (next >= 0xDC00 && next < 0xE000) {
        s->at += 2 * (size_t)JSON_ESCAPE;
        return true;
    }
    if (unit == 0 || high || low)
        return json_mend(s);
    s->at += JSON_ESCAPE;
    return true;
}

/* What stands between values; letters are left to cJSON. */
static const bool json_between[256] = {
    [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, [':'] = true, [','] = true, ['a' ... 'z'] = true};

/* Bytes that stand for themselves inside a string and need no look: most of what is read. */
static const bool json_plain[256] = {[' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... 0x7F] = true};

static size_t json_skip_plain(struct str s, size_t at)
{
    while (at < s.n && json_plain[(unsigned char)s.p[at]])
        at++;
    return at;
}

static bool json_scan_string(struct json_scan *s)
{
    s->at++;
    while ((s->at = json_skip_plain(s->s, s->at)) < s->s.n) {
        unsigned char c = (unsigned char)s->s.p[s->at];
        if (c == '"') {
            s->at++;
            return true;
        }
        if (c < 0x20)
            return json_wrong(s, "a control character in a string");
        if (c == '\\') {
            if (!json_scan_escape(s))
                return false;
            continue;
        }
        size_t n = utf8_step((struct str){s->s.p + s->at, s->s.n - s->at});
        if (!n)
            return json_wrong(s, "not UTF-8");
        s->at += n;
    }
    return json_wrong(s, "a string without end");
}

static bool json_scan_one(struct json_scan *s)
{
    unsigned char c = (unsigned char)s->s.p[s->at];
    if (c == '"')
        return json_scan_string(s);
    if (c == '-' || json_is_digit(c))
        return json_scan_number(s);
    if (c == '{' || c == '[') {
        if (++s->depth > JSON_DEPTH)
            return json_wrong(s, "nested too deeply");
    } else if (c == '}' || c == ']') {
        s->depth -= s->depth > 0;
    } else if (!json_between[c]) {
        return json_wrong(s, "unexpected");
    }
    s->at++;
    return true;
}

static int json_fail(size_t at, const char *why, struct err *e)
{
    return fail(e, ERR_INPUT, "not JSON at byte %zu: %s", at, why);
}

int json_parse(struct arena *a, struct str s, const struct json **ret, struct err *e)
{
    struct json_scan scan = {.s = s, .arena = a};
    while (scan.at < s.n)
        if (!json_scan_one(&scan))
            return json_fail(scan.at, scan.wrong, e);
    if (s.n == 0)
        return json_fail(0, "empty", e);
    const char *from = scan.mended ? scan.mended : s.p, *end = from;
    json_arena = a;
    json_starved = false;
    const cJSON *v = cJSON_ParseWithLengthOpts(from, s.n, &end, false);
    json_arena = NULL;
    size_t at = (size_t)(end - from);
    if (!v)
        return json_fail(at, json_starved ? "too much for the memory allowed" : "unexpected", e);
    while (at < s.n && strchr(" \t\r\n", from[at]))
        at++;
    if (at < s.n)
        return json_fail(at, "more than one value", e);
    *ret = json_outside(v);
    return 0;
}

enum json_kind json_kind(const struct json *v)
{
    switch (v ? json_inside(v)->type & 0xFF : cJSON_Invalid) {
    case cJSON_NULL:
        return JSON_NULL;
    case cJSON_False:
    case cJSON_True:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_ABSENT;
    }
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JSON_ABSENT] = "nothing",  [JSON_NULL] = "null",      [JSON_BOOL] = "a boolean",  [JSON_NUMBER] = "a number",
        [JSON_STRING] = "a string", [JSON_ARRAY] = "an array", [JSON_OBJECT] = "an object"};
    return kind < COUNT(names) ? names[kind] : "nothing";
}

const struct json *json_get(const struct json *v, const char *key)
{
    if (json_kind(v) != JSON_OBJECT)
        return NULL;
    const cJSON *m = json_inside(v)->child;
    while (m && strcmp(m->string, key) != 0)
        m = m->next;
    return json_outside(m);
}

/* Many names are looked for among many, and most differ early: no call is worth it. */
static bool json_is_named(const cJSON *m, struct str name)
{
    size_t i = 0;
    while (i < name.n && m->string[i] == name.p[i])
        i++;
    return i == name.n && m->string[i] == '\0';
}

static const struct json *json_part(const struct json *v, struct str part)
{
    int64_t index;
    if (json_kind(v) == JSON_ARRAY) {
        if (!str_int(part, &index) || index < 0)
            return NULL;
        const struct json *item = json_first(v);
        while (item && index-- > 0)
            item = json_next(item);
        return item;
    }
    if (json_kind(v) != JSON_OBJECT)
        return NULL;
    for (const cJSON *m = json_inside(v)->child; m; m = m->next)
        if (json_is_named(m, part))
            return json_outside(m);
    return NULL;
}

const struct json *json_path(const struct json *v, const char *path)
{
    while (v) {
        size_t n = (size_t)(strchrnul(path, '.') - path);
        v = json_part(v, (struct str){path, n});
        if (path[n] == '\0')
            break;
        path += n + 1;
    }
    return v;
}

const char *json_text(const struct json *v)
{
    return json_kind(v) == JSON_STRING ? json_inside(v)->valuestring : NULL;
}

bool json_bool(const struct json *v, bool otherwise)
{
    return json_kind(v) == JSON_BOOL ? (json_inside(v)->type & 0xFF) == cJSON_True : otherwise;
}

bool json_real(const struct json *v, double *ret)
{
    if (json_kind(v) != JSON_NUMBER)
        return false;
    *ret = json_inside(v)->valuedouble;
    return true;
}

bool json_int(const struct json *v, int64_t *ret)
{
    const double limit = 9007199254740992.0; /* 2^53: from here on neighbours fall together */
    double d;
    if (!json_real(v, &d) || !(d > -limit && d < limit))
        return false;
    int64_t n = (int64_t)d;
    if ((double)n < d || (double)n > d)
        return false;
    *ret = n;
    return true;
}

size_t json_count(const struct json *v)
{
    size_t n = 0;
    JSON_EACH (item, v)
        n++;
    return n;
}

const struct json *json_first(const struct json *v)
{
    enum json_kind kind = json_kind(v);
    return kind == JSON_ARRAY || kind == JSON_OBJECT ? json_outside(json_inside(v)->child) : NULL;
}

const struct json *json_next(const struct json *item)
{
    return item ? json_outside(json_inside(item)->next) : NULL;
}

const char *json_key(const struct json *member)
{
    return member ? json_inside(member)->string : NULL;
}
