#include "base/base.h"
#include "base/json.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

/*
 * Reading copies the text into the arena, once, and unescapes strings where they stand, so that a value costs a node
 * and nothing else. Numbers are only looked at, and made when somebody asks.
 */
struct json {
    const struct json *next; /* the next item or member */
    const char *key;         /* of a member, terminated */
    uint32_t n_key;
    enum json_kind kind;
    union {
        const struct json *first;
        const char *text; /* a string, terminated; or a number, behind which something else stands */
        bool yes;
    };
};

enum {
    JSON_NUMBER_MAX = 63,
    JSON_SHORT = 15, /* digits that any double holds */
    JSON_ESCAPE = 6, /* bytes of \u0000 */
    JSON_NODES = 32, /* asked for at once */
    JSON_WORD = 8    /* zeroes behind the text: it is read by so many bytes, and 0 goes on nowhere */
};

struct json_read {
    char *at, *end;
    struct arena *arena;
    struct json *spare;
    size_t n_spare;
    unsigned depth;
    const char *wrong; /* what is, at this place */
};

static bool json_wrong(struct json_read *r, const char *what)
{
    r->wrong = what;
    return false;
}

static void *json_room(struct json_read *r, size_t n)
{
    if (n <= arena_room(r->arena))
        return arena_bytes(r->arena, n);
    r->wrong = "too much for the memory allowed";
    return NULL;
}

static struct json *json_node(struct json_read *r)
{
    if (!r->n_spare) {
        r->spare = json_room(r, JSON_NODES * sizeof *r->spare);
        if (!r->spare)
            return NULL;
        r->n_spare = JSON_NODES;
    }
    r->n_spare--;
    *r->spare = (struct json){.kind = JSON_NULL};
    return r->spare++;
}

static void json_skip_space(struct json_read *r)
{
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')
        r->at++;
}

static bool json_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool json_digits(struct json_read *r)
{
    const char *from = r->at;
    while (json_is_digit(*r->at))
        r->at++;
    return r->at > from;
}

static bool json_read_number(struct json_read *r, struct json *v)
{
    v->kind = JSON_NUMBER;
    v->text = r->at;
    r->at += *r->at == '-';
    bool ok = true;
    if (*r->at == '0')
        r->at++;
    else
        ok = json_digits(r);
    if (ok && *r->at == '.') {
        r->at++;
        ok = json_digits(r);
    }
    if (ok && (*r->at | 0x20) == 'e') {
        r->at++;
        r->at += *r->at == '+' || *r->at == '-';
        ok = json_digits(r);
    }
    if (!ok || json_is_digit(*r->at) || *r->at == '.')
        return json_wrong(r, "not a number");
    return r->at - v->text <= JSON_NUMBER_MAX || json_wrong(r, "a number too long");
}

/* The 16 bits of \uXXXX at this place, or -1. */
static int json_unit(const char *at)
{
    int unit = 0;
    if (at[0] != '\\' || at[1] != 'u')
        return -1;
    for (size_t i = 2; i < JSON_ESCAPE; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* What our texts cannot hold becomes U+FFFD. */
static bool json_read_unit(struct json_read *r, char **to)
{
    int unit = json_unit(r->at);
    if (unit < 0)
        return json_wrong(r, "not an escape");
    r->at += JSON_ESCAPE;
    uint32_t point = (uint32_t)unit;
    bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
    int next = high ? json_unit(r->at) : -1;
    if (next >= 0xDC00 && next < 0xE000) {
        r->at += JSON_ESCAPE;
        point = 0x10000 + ((point - 0xD800) << 10) + ((uint32_t)next - 0xDC00);
    } else if (unit == 0 || high || low) {
        point = 0xFFFD;
    }
    *to += utf8_put(*to, point);
    return true;
}

static bool json_read_escape(struct json_read *r, char **to)
{
    static const char names[] = "\"\\/bfnrt", letters[] = "\"\\/\b\f\n\r\t";
    if (r->at[1] == 'u')
        return json_read_unit(r, to);
    const char *name = r->at[1] ? strchr(names, r->at[1]) : NULL;
    if (!name)
        return json_wrong(r, "not an escape");
    *(*to)++ = letters[name - names];
    r->at += 2;
    return true;
}

/* Eight bytes, the first in the lowest place. */
static uint64_t json_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, JSON_WORD);
    return le64toh(word);
}

/*
 * Marks bytes that are not plain (quotes, backslashes, control characters, and beyond ASCII) by their highest bit. What
 * is marked above the lowest of them may be wrong: a byte that was borrowed from.
 */
static uint64_t json_special(uint64_t word)
{
    const uint64_t ones = UINT64_MAX / 255, quotes = word ^ '"' * ones, slashes = word ^ '\\' * ones;
    return (((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes) | (word - ' ' * ones) | word) & 0x80 * ones;
}

/* Over what stands for itself, which is most of what is read. */
static void json_skip_plain(struct json_read *r)
{
    for (;;) {
        uint64_t special = json_special(json_word(r->at));
        if (!special) {
            r->at += JSON_WORD;
            continue;
        }
        r->at += __builtin_ctzll(special) / 8;
        size_t n = (unsigned char)*r->at < 0x80 ? 0 : utf8_step((struct str){r->at, (size_t)(r->end - r->at)});
        if (!n)
            return;
        r->at += n;
    }
}

static bool json_wrong_in_string(struct json_read *r)
{
    if (r->at == r->end)
        return json_wrong(r, "a string without end");
    return json_wrong(r, (unsigned char)*r->at < 0x20 ? "a control character in a string" : "not UTF-8");
}

static bool json_read_string(struct json_read *r, struct str *ret)
{
    char *from = ++r->at, *to = from;
    for (;;) {
        const char *plain = r->at;
        json_skip_plain(r);
        size_t n = (size_t)(r->at - plain);
        if (to != plain)
            memmove(to, plain, n);
        to += n;
        if (*r->at == '"')
            break;
        if (*r->at != '\\')
            return json_wrong_in_string(r);
        if (!json_read_escape(r, &to))
            return false;
    }
    r->at++;
    *to = '\0';
    *ret = (struct str){from, (size_t)(to - from)};
    return true;
}

static bool json_read_key(struct json_read *r, struct json *v)
{
    struct str key;
    if (*r->at != '"')
        return json_wrong(r, "unexpected");
    if (!json_read_string(r, &key))
        return false;
    v->key = key.p;
    v->n_key = (uint32_t)key.n;
    json_skip_space(r);
    if (*r->at != ':')
        return json_wrong(r, "unexpected");
    r->at++;
    json_skip_space(r);
    return true;
}

static bool json_read_word(struct json_read *r, struct json *v)
{
    static const struct {
        struct str word;
        enum json_kind kind;
        bool yes;
    } words[] = {{STR("null"), JSON_NULL, false}, {STR("true"), JSON_BOOL, true}, {STR("false"), JSON_BOOL, false}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (strncmp(r->at, words[i].word.p, words[i].word.n) == 0) {
            r->at += words[i].word.n;
            v->kind = words[i].kind;
            v->yes = words[i].yes;
            return true;
        }
    return json_wrong(r, "unexpected");
}

static bool json_read_value(struct json_read *r, struct json *v);

static bool json_read_comma(struct json_read *r)
{
    if (*r->at != ',')
        return false;
    r->at++;
    json_skip_space(r);
    return true;
}

static bool json_read_items(struct json_read *r, struct json *v, char close)
{
    const struct json **link = &v->first;
    do {
        struct json *item = json_node(r);
        if (!item || (close == '}' && !json_read_key(r, item)) || !json_read_value(r, item))
            return false;
        *link = item;
        link = &item->next;
        json_skip_space(r);
    } while (json_read_comma(r));
    return *r->at == close || json_wrong(r, "unexpected");
}

static bool json_read_inner(struct json_read *r, struct json *v, enum json_kind kind, char close)
{
    v->kind = kind;
    v->first = NULL;
    if (++r->depth > JSON_DEPTH)
        return json_wrong(r, "nested too deeply");
    r->at++;
    json_skip_space(r);
    if (*r->at != close && !json_read_items(r, v, close))
        return false;
    r->at++;
    r->depth--;
    return true;
}

static bool json_read_value(struct json_read *r, struct json *v)
{
    struct str s;
    switch (*r->at) {
    case '{':
        return json_read_inner(r, v, JSON_OBJECT, '}');
    case '[':
        return json_read_inner(r, v, JSON_ARRAY, ']');
    case '"':
        if (!json_read_string(r, &s))
            return false;
        v->kind = JSON_STRING;
        v->text = s.p;
        return true;
    case '-':
    case '0' ... '9':
        return json_read_number(r, v);
    default:
        return json_read_word(r, v);
    }
}

static bool json_read_all(struct json_read *r, const struct json **ret)
{
    struct json *v = json_node(r);
    json_skip_space(r);
    if (!v || !json_read_value(r, v))
        return false;
    json_skip_space(r);
    if (r->at != r->end)
        return json_wrong(r, "more than one value");
    *ret = v;
    return true;
}

int json_parse(struct arena *a, struct str s, const struct json **ret, struct err *e)
{
    struct json_read r = {.arena = a, .wrong = "empty"};
    char *from = s.n == 0 ? NULL : json_room(&r, s.n < UINT32_MAX ? s.n + JSON_WORD : SIZE_MAX);
    if (from) {
        memcpy(from, s.p, s.n);
        memset(from + s.n, 0, JSON_WORD);
        r.at = from;
        r.end = from + s.n;
        if (json_read_all(&r, ret))
            return 0;
    }
    return fail(e, ERR_INPUT, "not JSON at byte %zu: %s", (size_t)(r.at - from), r.wrong);
}

enum json_kind json_kind(const struct json *v)
{
    return v ? v->kind : JSON_ABSENT;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JSON_ABSENT] = "nothing",  [JSON_NULL] = "null",      [JSON_BOOL] = "a boolean",  [JSON_NUMBER] = "a number",
        [JSON_STRING] = "a string", [JSON_ARRAY] = "an array", [JSON_OBJECT] = "an object"};
    return kind < COUNT(names) ? names[kind] : "nothing";
}

static const struct json *json_member(const struct json *v, struct str name)
{
    if (json_kind(v) != JSON_OBJECT)
        return NULL;
    const struct json *m = v->first;
    while (m && (m->n_key != name.n || memcmp(m->key, name.p, name.n) != 0))
        m = m->next;
    return m;
}

const struct json *json_get(const struct json *v, const char *key)
{
    return json_member(v, str_of(key));
}

static const struct json *json_part(const struct json *v, struct str part)
{
    int64_t index;
    if (json_kind(v) != JSON_ARRAY)
        return json_member(v, part);
    if (!str_int(part, &index) || index < 0)
        return NULL;
    const struct json *item = v->first;
    while (item && index-- > 0)
        item = item->next;
    return item;
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
    return json_kind(v) == JSON_STRING ? v->text : NULL;
}

bool json_bool(const struct json *v, bool otherwise)
{
    return json_kind(v) == JSON_BOOL ? v->yes : otherwise;
}

bool json_real(const struct json *v, double *ret)
{
    if (json_kind(v) != JSON_NUMBER)
        return false;
    *ret = strtod(v->text, NULL);
    return true;
}

/* Most numbers are whole and short. */
static bool json_short(const struct json *v, int64_t *ret)
{
    if (json_kind(v) != JSON_NUMBER)
        return false;
    int64_t n = 0;
    const char *first = v->text + (v->text[0] == '-'), *p = first;
    while (json_is_digit(*p) && p - first < JSON_SHORT)
        n = 10 * n + (*p++ - '0');
    if (json_is_digit(*p) || *p == '.' || (*p | 0x20) == 'e')
        return false;
    *ret = first > v->text ? -n : n;
    return true;
}

bool json_int(const struct json *v, int64_t *ret)
{
    const double limit = 9007199254740992.0; /* 2^53: from here on neighbours fall together */
    double d;
    if (json_short(v, ret))
        return true;
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
    return kind == JSON_ARRAY || kind == JSON_OBJECT ? v->first : NULL;
}

const struct json *json_next(const struct json *item)
{
    return item ? item->next : NULL;
}

const char *json_key(const struct json *member)
{
    return member ? member->key : NULL;
}
