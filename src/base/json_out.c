#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"

void json_start(struct json_out *o, struct text *to)
{
    *o = (struct json_out){.to = to};
}

static void json_out_line(struct json_out *o)
{
    if (!o->indent)
        return;
    text_addc(o->to, '\n');
    for (unsigned i = 0; i < o->depth * o->indent; i++)
        text_addc(o->to, ' ');
}

static void json_out_unit(struct json_out *o, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";
    const char escape[] = {'\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
    text_add(o->to, (struct str){escape, sizeof escape});
}

static void json_out_wide(struct json_out *o, uint32_t point)
{
    if (point >= 0x10000) {
        json_out_unit(o, 0xD800 + ((point - 0x10000) >> 10));
        point = 0xDC00 + ((point - 0x10000) & 0x3FF);
    }
    json_out_unit(o, point);
}

static void json_out_special(struct json_out *o, unsigned char c)
{
    static const char letters[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
    const char *at = c ? strchr(letters, c) : NULL;
    if (!at) {
        json_out_unit(o, c);
        return;
    }
    text_addc(o->to, '\\');
    text_addc(o->to, names[at - letters]);
}

/* Bytes that stand for themselves inside a string; so does 0x7F, unless all beyond the printable is to be escaped. */
static const bool json_out_plain[256] = {[' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... 0x7E] = true};

static size_t json_out_skip(struct str s, size_t at, bool ascii)
{
    while (at < s.n && (json_out_plain[(unsigned char)s.p[at]] || (s.p[at] == 0x7F && !ascii)))
        at++;
    return at;
}

static void json_out_string(struct json_out *o, struct str s)
{
    text_addc(o->to, '"');
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        at = json_out_skip(s, at, o->ascii);
        if (at > from)
            text_add(o->to, (struct str){s.p + from, at - from});
        if (at == s.n)
            break;
        if ((unsigned char)s.p[at] < 0x80) {
            json_out_special(o, (unsigned char)s.p[at++]);
            continue;
        }
        from = at;
        bool valid = utf8_step((struct str){s.p + at, s.n - at}) > 0;
        uint32_t point = utf8_next(s, &at);
        if (o->ascii)
            json_out_wide(o, point);
        else
            text_add(o->to, valid ? (struct str){s.p + from, at - from} : STR("\xEF\xBF\xBD"));
    }
    text_addc(o->to, '"');
}

/* What comes before each value. */
static void json_out_item(struct json_out *o, const char *key)
{
    if (o->comma)
        text_addc(o->to, ',');
    if (o->depth)
        json_out_line(o);
    o->comma = true;
    if (!key)
        return;
    json_out_string(o, str_of(key));
    text_add(o->to, o->indent ? STR(": ") : STR(":"));
}

void json_open(struct json_out *o, const char *key, char bracket)
{
    check(o->depth < sizeof o->close);
    json_out_item(o, key);
    text_addc(o->to, bracket);
    o->close[o->depth++] = bracket == '{' ? '}' : ']';
    o->comma = false;
}

void json_close(struct json_out *o)
{
    check(o->depth > 0);
    o->depth--;
    if (o->comma)
        json_out_line(o);
    text_addc(o->to, o->close[o->depth]);
    o->comma = true;
}

void json_put_text(struct json_out *o, const char *key, const char *text)
{
    if (text)
        json_put_str(o, key, str_of(text));
    else
        json_put_null(o, key);
}

void json_put_str(struct json_out *o, const char *key, struct str s)
{
    json_out_item(o, key);
    json_out_string(o, s);
}

void json_put_int(struct json_out *o, const char *key, int64_t n)
{
    json_out_item(o, key);
    text_addf(o->to, "%" PRId64, n);
}

void json_put_real(struct json_out *o, const char *key, double d)
{
    if (!__builtin_isfinite(d)) {
        json_put_null(o, key);
        return;
    }
    char buf[32];
    for (int digits = 15; digits <= 17; digits++) { /* more digits only where 15 give another number back */
        (void)snprintf(buf, sizeof buf, "%.*g", digits, d);
        double again = strtod(buf, NULL);
        if (!(again < d) && !(again > d))
            break;
    }
    json_put_raw(o, key, str_of(buf));
}

void json_put_bool(struct json_out *o, const char *key, bool b)
{
    json_put_raw(o, key, b ? STR("true") : STR("false"));
}

void json_put_null(struct json_out *o, const char *key)
{
    json_put_raw(o, key, STR("null"));
}

static void json_put_inner(struct json_out *o, const char *key, const struct json *v, bool object)
{
    json_open(o, key, object ? '{' : '[');
    JSON_EACH (item, v)
        json_put(o, object ? json_key(item) : NULL, item);
    json_close(o);
}

static void json_put_number(struct json_out *o, const char *key, const struct json *v)
{
    int64_t n;
    double d = 0;
    if (json_int(v, &n)) {
        json_put_int(o, key, n);
        return;
    }
    (void)json_real(v, &d);
    json_put_real(o, key, d);
}

void json_put(struct json_out *o, const char *key, const struct json *v)
{
    switch (json_kind(v)) {
    case JSON_ABSENT:
    case JSON_NULL:
        json_put_null(o, key);
        break;
    case JSON_BOOL:
        json_put_bool(o, key, json_bool(v, false));
        break;
    case JSON_NUMBER:
        json_put_number(o, key, v);
        break;
    case JSON_STRING:
        json_put_text(o, key, json_text(v));
        break;
    case JSON_ARRAY:
        json_put_inner(o, key, v, false);
        break;
    case JSON_OBJECT:
        json_put_inner(o, key, v, true);
        break;
    }
}

void json_put_raw(struct json_out *o, const char *key, struct str json)
{
    json_out_item(o, key);
    text_add(o->to, json);
}
