#include "base/base.h"
#include "engine/redact.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/utf8.h"

enum {
    REDACT_MIN_BYTES = 4,
    REDACT_LINE_BYTES = 32, /* lines of a key in PEM have more, the last one perhaps less */
    REDACT_PART_BYTES = 8,  /* the beginning of a secret that was cut is one as well from here on */
    REDACT_TEXT_MAX = 64 * 1024 * 1024,
    REDACT_ARENA_BYTES = 16 * 1024 * 1024
};

struct needle {
    struct str text; /* wiped when freed; p NULL: forgotten, its place is free */
    int64_t until;   /* INT64_MAX: for ever */
    size_t next;     /* one that begins with the same byte: its place + 1; 0: none */
};
struct redact {
    struct needle *v;
    size_t n;
    size_t first[UINT8_MAX + 1]; /* by the byte with which a needle begins: its place + 1 */
};

static struct needle *redact_find(const struct redact *r, struct str needle)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i].text.p && str_same(r->v[i].text, needle))
            return &r->v[i];
    return NULL;
}

static void redact_wipe(struct needle *one)
{
    char *copy = (char *)(uintptr_t)one->text.p;
    if (copy)
        mem_wipe(copy, one->text.n);
    mem_free(copy);
    one->text = (struct str){0};
}

static size_t redact_place(struct redact *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (!r->v[i].text.p)
            return i;
    r->v = mem_grow(r->v, r->n + 1, sizeof *r->v);
    return r->n++;
}

static void redact_add(struct redact *r, struct str needle, int64_t until)
{
    struct needle *known = redact_find(r, needle);
    if (known && known->until < until)
        known->until = until;
    if (needle.n < REDACT_MIN_BYTES || known)
        return;
    char *copy = mem_zero(needle.n + 1);
    memcpy(copy, needle.p, needle.n);
    size_t *first = &r->first[(unsigned char)needle.p[0]], place = redact_place(r);
    r->v[place] = (struct needle){{copy, needle.n}, until, *first};
    *first = place + 1;
}

static void redact_forget(struct redact *r, int64_t now)
{
    for (size_t i = 0; i < COUNT(r->first); i++)
        for (size_t *at = &r->first[i]; *at > 0;) {
            struct needle *one = &r->v[*at - 1];
            if (one->until >= now) {
                at = &one->next;
                continue;
            }
            *at = one->next;
            redact_wipe(one);
        }
}

/*
 * Inside of base64, as in an Authorization header that is quoted back, a secret has one of three forms, by where in a
 * group of three bytes it begins; the characters that also depend on its neighbours are left out.
 */
static void redact_add_base64(struct redact *r, struct str plain, int64_t until)
{
    enum { GROUP = 3 };
    static const size_t head[GROUP] = {0, 2, 3};
    AUTO(arena_auto) struct arena *a = arena_new(REDACT_ARENA_BYTES);
    for (size_t before = 0; before < GROUP; before++) {
        char *shifted = arena_bytes(a, before + plain.n);
        memset(shifted, 0, before);
        memcpy(shifted + before, plain.p, plain.n);
        char *text = base64_text(a, (struct str){shifted, before + plain.n});
        size_t end = (before + plain.n) * 8 / 6;
        if (end >= head[before] + REDACT_PART_BYTES)
            redact_add(r, (struct str){text + head[before], end - head[before]}, until);
        mem_wipe(text, strlen(text));
        mem_wipe(shifted, before + plain.n);
    }
}

/* Of a key in PEM also each line: in JSON, or in an answer that was cut, they are no longer one text. */
static void redact_add_lines(struct redact *r, struct str plain)
{
    for (size_t at = 0; at < plain.n;) {
        const char *end = memchr(plain.p + at, '\n', plain.n - at);
        size_t n = end ? (size_t)(end - plain.p) - at : plain.n - at;
        struct str line = str_trim((struct str){plain.p + at, n});
        if (line.n >= REDACT_LINE_BYTES && line.n < plain.n && line.p[0] != '-')
            redact_add(r, line, INT64_MAX);
        at += n + 1;
    }
}

static void redact_add_secret(struct redact *r, const struct secret *s)
{
    redact_add(r, secret_reveal(s), INT64_MAX);
    redact_add_base64(r, secret_reveal(s), INT64_MAX);
    redact_add_lines(r, secret_reveal(s));
}

void redact_learn(struct redact *r, struct str secret, int64_t now, int64_t until)
{
    const struct needle *known = redact_find(r, secret);
    if (known && known->until >= until)
        return;
    redact_forget(r, now);
    redact_add(r, secret, until);
    redact_add_base64(r, secret, until);
}

static void redact_add_table(struct redact *r, const struct opt_table *t, const void *of)
{
    for (size_t i = 0; i < t->n; i++) {
        const void *at = (const char *)of + t->opts[i].at;
        if (t->opts[i].type == OPT_SECRET && *(struct secret *const *)at)
            redact_add_secret(r, *(struct secret *const *)at);
        const struct secrets *many = at;
        for (size_t k = 0; t->opts[i].type == OPT_SECRETS && k < many->n; k++)
            redact_add_secret(r, many->v[k]);
        if (t->opts[i].type == OPT_TABLE)
            redact_add_table(r, t->opts[i].sub, at);
    }
}

struct redact *redact_new(void)
{
    return mem_zero(sizeof(struct redact));
}

void redact_config(struct redact *r, const struct config *c)
{
    redact_add_table(r, &conf_server_table, &c->server);
    for (size_t i = 0; i < c->n_trackers; i++) {
        redact_add_table(r, &conf_tracker_table, c->trackers[i]);
        redact_add_table(r, c->trackers[i]->kind->opts, c->trackers[i]->own);
    }
}

void redact_free(struct redact *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++)
        redact_wipe(&r->v[i]);
    mem_free(r->v);
    mem_free(r);
}

static bool redact_may_begin(const struct redact *r, char c)
{
    return r->first[(unsigned char)c] > 0 || c == '\\' || c == '%' || c == '+';
}

/* --- finding: a secret as it is, or escaped for an address or for JSON --- */

/* The value of n hex digits; -1 when they are none. */
static int redact_hex(struct str s, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        const char *digits = "0123456789abcdef";
        const char *at = i < s.n && s.p[i] ? strchr(digits, s.p[i] | 0x20) : NULL;
        if (!at)
            return -1;
        value = value * 16 + (int)(at - digits);
    }
    return value;
}

/* The character that \uXXXX at the start of s writes, as UTF-8; 0: there is none. */
static size_t redact_point(struct str s, char utf8[4])
{
    bool is_one = s.n > 2 && s.p[0] == '\\' && s.p[1] == 'u';
    int point = is_one ? redact_hex((struct str){s.p + 2, s.n - 2}, 4) : -1;
    return point > 0 && (point < 0xd800 || point > 0xdfff) ? utf8_put(utf8, (uint32_t)point) : 0;
}

/* The byte that an escape at the start of s begins with; that of s when it is none. */
static unsigned char redact_lead(struct str s)
{
    char utf8[4];
    int hex = s.p[0] == '%' ? redact_hex((struct str){s.p + 1, s.n - 1}, 2) : -1;
    if (hex >= 0)
        return (unsigned char)hex;
    if (s.p[0] == '\\' && redact_point(s, utf8) > 0)
        return (unsigned char)utf8[0];
    bool is_plain = s.p[0] != '\\' || s.n == 1 || !s.p[1] || !strchr("\"\\/", s.p[1]);
    return (unsigned char)(s.p[0] == '+' ? ' ' : is_plain ? s.p[0] : s.p[1]);
}

struct redact_step { /* how far one character goes */
    size_t text, needle;
};

static struct redact_step redact_step(struct str s, struct str needle)
{
    char c = needle.p[0], utf8[4];
    if (s.p[0] == c && c != '\\')
        return (struct redact_step){1, 1};
    size_t point = redact_point(s, utf8);
    if (point > 0 && point <= needle.n && memcmp(utf8, needle.p, point) == 0)
        return (struct redact_step){6, point};
    if (s.p[0] == '%' && redact_hex((struct str){s.p + 1, s.n - 1}, 2) == (unsigned char)c)
        return (struct redact_step){3, 1};
    if (s.p[0] == '\\' && s.n > 1 && s.p[1] == c && strchr("\"\\/", c))
        return (struct redact_step){2, 1};
    bool is_same = s.p[0] == c || (c == ' ' && s.p[0] == '+');
    return (struct redact_step){is_same, is_same};
}

/* How many bytes at the start of s are the needle, or a good part of its beginning; 0: none. */
static size_t redact_match(struct str s, struct str needle)
{
    size_t at = 0, done = 0;
    if (s.n >= needle.n && memcmp(s.p, needle.p, needle.n) == 0)
        return needle.n;
    while (at < s.n && done < needle.n) {
        struct redact_step step =
            redact_step((struct str){s.p + at, s.n - at}, (struct str){needle.p + done, needle.n - done});
        if (step.text == 0)
            break;
        at += step.text;
        done += step.needle;
    }
    bool is_part = done >= REDACT_PART_BYTES && (done >= needle.n / 2 || at == s.n);
    return done == needle.n || is_part ? at : 0;
}

static size_t redact_longest_of(const struct redact *r, size_t place, struct str s)
{
    size_t longest = 0;
    for (; place > 0; place = r->v[place - 1].next) {
        size_t n = redact_match(s, r->v[place - 1].text);
        longest = n > longest ? n : longest;
    }
    return longest;
}

static size_t redact_longest(const struct redact *r, struct str s)
{
    unsigned char raw = (unsigned char)s.p[0];
    size_t plain = redact_longest_of(r, r->first[raw], s);
    if (raw != '%' && raw != '\\' && raw != '+')
        return plain;
    size_t escaped = redact_longest_of(r, r->first[redact_lead(s)], s);
    return plain > escaped ? plain : escaped;
}

struct str redact_text(const struct redact *r, struct arena *a, struct str s)
{
    AUTO(text_auto) struct text out;
    text_init(&out, REDACT_TEXT_MAX);
    size_t copied = 0;
    bool is_escaped = false; /* by a backslash, which must go with the letter that it belongs to */
    for (size_t i = 0; i < s.n;) {
        size_t n = redact_may_begin(r, s.p[i]) ? redact_longest(r, (struct str){s.p + i, s.n - i}) : 0;
        if (n == 0) {
            is_escaped = !is_escaped && s.p[i] == '\\';
            i++;
            continue;
        }
        text_add(&out, (struct str){s.p + copied, i - is_escaped - copied});
        text_addz(&out, "***");
        i += n;
        copied = i;
        is_escaped = false;
    }
    if (copied == 0)
        return s;
    text_add(&out, (struct str){s.p + copied, s.n - copied});
    return (struct str){arena_str(a, text_str(&out)), out.n};
}
