#include "base/base.h"
#include "base/text.h"
#include "base/arena.h"

#include <fnmatch.h>

enum { TEXT_FIRST = 64, TEXT_WORD_MAX = 64 };

void text_init(struct text *t, size_t max_bytes)
{
    *t = (struct text){.max = max_bytes};
}

void text_free(struct text *t)
{
    mem_free(t->p);
    *t = (struct text){.max = t->max};
}

void text_auto(struct text *t)
{
    text_free(t);
}

void text_reset(struct text *t)
{
    text_cut(t, 0);
    t->full = false;
}

/* Makes room for up to n bytes more and a terminator; returns how many of the n may be added. */
static size_t text_more(struct text *t, size_t n)
{
    if (n > t->max - t->n) {
        n = t->max - t->n;
        t->full = true;
    }
    size_t want = t->n + n + 1;
    if (want > t->room) {
        size_t room = t->room ? 2 * t->room : TEXT_FIRST;
        if (room > t->max + 1)
            room = t->max + 1;
        t->room = room > want ? room : want;
        t->p = mem_grow(t->p, t->room, 1);
    }
    return n;
}

void text_add(struct text *t, struct str s)
{
    size_t n = text_more(t, s.n);
    if (n)
        memcpy(t->p + t->n, s.p, n);
    t->n += n;
    t->p[t->n] = '\0';
}

void text_addz(struct text *t, const char *s)
{
    if (s)
        text_add(t, str_of(s));
}

void text_addc(struct text *t, char c)
{
    if (t->n + 1 < t->room && t->n < t->max) {
        t->p[t->n++] = c;
        t->p[t->n] = '\0';
    } else {
        text_add(t, (struct str){&c, 1});
    }
}

void text_addf(struct text *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    if (!t->p)
        (void)text_more(t, 0);
    size_t left = t->room - t->n;
    int n = vsnprintf(t->p + t->n, left, format, args);
    va_end(args);
    check(n >= 0);
    if ((size_t)n < left) {
        t->n += (size_t)n;
    } else {
        size_t fits = text_more(t, (size_t)n);
        (void)vsnprintf(t->p + t->n, fits + 1, format, again);
        t->n += fits;
    }
    va_end(again);
}

void text_cut(struct text *t, size_t n)
{
    if (n >= t->n)
        return;
    t->n = n;
    t->p[n] = '\0';
}

bool text_full(const struct text *t)
{
    return t->full;
}

const char *text_z(const struct text *t)
{
    return t->p ? t->p : "";
}

static char text_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char *text_lower(struct arena *a, const char *s)
{
    char *copy = arena_text(a, s);
    for (char *p = copy; p && *p; p++)
        *p = text_fold(*p);
    return copy;
}

static bool text_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.n && text_is_space(s.p[s.n - 1]))
        s.n--;
    while (s.n && text_is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool str_int(struct str s, int64_t *ret)
{
    size_t at = s.n && s.p[0] == '-' ? 1 : 0;
    bool negative = at == 1;
    if (at == s.n)
        return false;
    int64_t sum = 0;
    for (; at < s.n; at++) {
        int digit = s.p[at] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, negative ? -digit : digit, &sum))
            return false;
    }
    *ret = sum;
    return true;
}

bool text_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool text_matches(const char *s, const char *pattern)
{
    return fnmatch(pattern, s, FNM_NOESCAPE) == 0;
}

bool text_same_nocase(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && text_fold(*a) == text_fold(*b)) {
        a++;
        b++;
    }
    return text_fold(*a) == text_fold(*b);
}

/* Edit distance between texts of at most TEXT_WORD_MAX bytes, by one row of the usual matrix. */
static size_t text_distance(struct str a, struct str b)
{
    size_t row[TEXT_WORD_MAX + 1];
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = corner + (text_fold(a.p[i - 1]) != text_fold(b.p[j - 1]));
            corner = row[j];
            best = best < corner + 1 ? best : corner + 1;
            row[j] = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
        }
    }
    return row[b.n];
}

const char *text_nearest(const char *word, const char *const *words, size_t n)
{
    struct str given = str_of(word);
    if (given.n > TEXT_WORD_MAX)
        return NULL;
    size_t best = given.n / 3 > 2 ? given.n / 3 : 2;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        struct str candidate = str_of(words[i]);
        if (candidate.n > TEXT_WORD_MAX)
            continue;
        size_t d = text_distance(given, candidate);
        if (d < best || (d == best && !nearest)) {
            best = d;
            nearest = words[i];
        }
    }
    return nearest;
}
