#include "base/base.h"
#include "base/utf8.h"

/* What may follow each first byte: the length, and the bounds of the second byte (Unicode, table 3-7). */
struct utf8_lead {
    unsigned char last, length, low, high; /* up to this first byte */
};
static const struct utf8_lead utf8_leads[] = {{0x7F, 1, 0, 0},       {0xC1, 0, 0, 0},       {0xDF, 2, 0x80, 0xBF},
                                              {0xE0, 3, 0xA0, 0xBF}, {0xEC, 3, 0x80, 0xBF}, {0xED, 3, 0x80, 0x9F},
                                              {0xEF, 3, 0x80, 0xBF}, {0xF0, 4, 0x90, 0xBF}, {0xF3, 4, 0x80, 0xBF},
                                              {0xF4, 4, 0x80, 0x8F}, {0xFF, 0, 0, 0}};

static unsigned char utf8_byte(struct str s, size_t at)
{
    return (unsigned char)s.p[at];
}

static bool utf8_follows(struct str s, size_t at)
{
    return (utf8_byte(s, at) & 0xC0) == 0x80;
}

size_t utf8_step(struct str s)
{
    if (s.n == 0)
        return 0;
    const struct utf8_lead *l = utf8_leads;
    while (utf8_byte(s, 0) > l->last)
        l++;
    if (l->length < 2)
        return l->length;
    if (s.n < l->length || utf8_byte(s, 1) < l->low || utf8_byte(s, 1) > l->high)
        return 0;
    for (size_t i = 2; i < l->length; i++)
        if (!utf8_follows(s, i))
            return 0;
    return l->length;
}

bool utf8_valid(struct str s)
{
    for (size_t at = 0; at < s.n;) {
        size_t n = utf8_byte(s, at) < 0x80 ? 1 : utf8_step((struct str){s.p + at, s.n - at});
        if (!n)
            return false;
        at += n;
    }
    return true;
}

size_t utf8_points(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += !utf8_follows(s, i);
    return n;
}

size_t utf8_units(struct str s)
{
    size_t n = utf8_points(s);
    for (size_t i = 0; i < s.n; i++)
        n += utf8_byte(s, i) >= 0xF0; /* beyond the basic plane: a pair */
    return n;
}

uint32_t utf8_next(struct str s, size_t *at)
{
    size_t n = utf8_step((struct str){s.p + *at, s.n - *at});
    if (!n) {
        *at += 1;
        return 0xFFFD;
    }
    uint32_t point = utf8_byte(s, *at) & (n == 1 ? 0x7FU : 0x7FU >> n);
    for (size_t i = 1; i < n; i++)
        point = point << 6 | (utf8_byte(s, *at + i) & 0x3FU);
    *at += n;
    return point;
}

size_t utf8_put(char out[4], uint32_t point)
{
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)(lead[n] | point);
    return n;
}

size_t utf8_prefix(struct str s, size_t points)
{
    size_t at = 0;
    for (size_t n = 0; at < s.n; at++)
        if (!utf8_follows(s, at) && n++ == points)
            break;
    return at;
}
