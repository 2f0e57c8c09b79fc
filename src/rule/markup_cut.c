/* markup_cut.c: shortening to a service's limit, on a word, without leaving a macro open. */
#include "base/base.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "rule/markup.h"

enum { MKCUT_TAG_BYTES = 80 /* the longest opening tag that the renderer writes is shorter */ };

/* The macros that swallow what follows until they are closed. */
enum mkcut_macro { MKCUT_CODE, MKCUT_PLAIN, MKCUT_QUOTE, MKCUT_NONE };
static const struct mkcut_close {
    const char *name, *close;
} mkcut_macros[] = {{"code", "\n{code}"}, {"noformat", "\n{noformat}"}, {"quote", "\n{quote}"}};

/* A place that is open at the end of a text: where its tag begins and ends. */
struct mkcut_place {
    enum mkcut_macro macro;
    size_t from, to;
};
struct mkcut_state {
    struct mkcut_place quote, raw; /* raw: {code} or {noformat}, in which only its own end has a meaning */
};

static bool mkcut_is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/*
 * Length of the text without its last word and the white space around it; of the single word when there is no other.
 * So it is cut even when the last word is complete: nobody can see that it is.
 */
static size_t mkcut_before_last_word(struct str s)
{
    size_t end = 0, before = 0;
    bool in_word = false;
    for (size_t at = 0; at < s.n;) {
        bool is_space = mkcut_is_space(utf8_next(s, &at));
        if (!is_space && !in_word)
            before = end;
        if (!is_space)
            end = at;
        in_word = !is_space;
    }
    return before > 0 ? before : end;
}

static size_t mkcut_words(struct str s, size_t limit)
{
    size_t n = utf8_prefix(s, limit);
    return n == s.n ? n : mkcut_before_last_word((struct str){s.p, n});
}

static enum mkcut_macro mkcut_tag(struct str s, size_t at, size_t *ret_to)
{
    for (enum mkcut_macro i = MKCUT_CODE; i < MKCUT_NONE; i++) {
        size_t n = strlen(mkcut_macros[i].name), end = at + 1 + n;
        if (end >= s.n || memcmp(s.p + at + 1, mkcut_macros[i].name, n) != 0 || !strchr("}:", s.p[end]))
            continue;
        size_t room = s.n - end < MKCUT_TAG_BYTES ? s.n - end : MKCUT_TAG_BYTES;
        const char *close = memchr(s.p + end, '}', room);
        if (close && !memchr(s.p + end, '\n', (size_t)(close - s.p) - end)) {
            *ret_to = (size_t)(close - s.p) + 1;
            return i;
        }
    }
    return MKCUT_NONE;
}

/* A brace outside of raw text: what opens or closes, and where to go on. */
static size_t mkcut_brace(struct mkcut_state *st, struct str s, size_t at)
{
    struct mkcut_place place = {.from = at, .to = at + 1};
    if (at + 1 < s.n && s.p[at + 1] == '{')
        return at + 2;
    place.macro = mkcut_tag(s, at, &place.to);
    if (place.macro == MKCUT_QUOTE && st->quote.macro == MKCUT_QUOTE)
        st->quote.macro = MKCUT_NONE;
    else if (place.macro == MKCUT_QUOTE)
        st->quote = place;
    else if (place.macro != MKCUT_NONE)
        st->raw = place;
    return place.to;
}

static struct mkcut_state mkcut_scan(struct str s)
{
    struct mkcut_state st = {.quote.macro = MKCUT_NONE, .raw.macro = MKCUT_NONE};
    for (size_t at = 0; at < s.n;) {
        if (st.raw.macro != MKCUT_NONE) {
            size_t to = at + 1;
            if (s.p[at] == '{' && mkcut_tag(s, at, &to) == st.raw.macro)
                st.raw.macro = MKCUT_NONE;
            at = to;
        } else if (s.p[at] == '{') {
            at = mkcut_brace(&st, s, at);
        } else {
            at += s.p[at] == '\\' ? 2 : 1;
        }
    }
    return st;
}

static size_t mkcut_trimmed(struct str s)
{
    size_t n = s.n;
    while (n > 0 && (unsigned char)s.p[n - 1] < 0x80 && mkcut_is_space((unsigned char)s.p[n - 1]))
        n--;
    return n;
}

/* Without a tag or an escape that a cut within a word has torn. */
static size_t mkcut_untorn(struct str s)
{
    size_t n = s.n, slashes = 0;
    while (slashes < n && s.p[n - 1 - slashes] == '\\')
        slashes++;
    n -= slashes % 2;
    for (size_t i = n; i > 0 && n - i < MKCUT_TAG_BYTES && s.p[i - 1] != '}' && s.p[i - 1] != '\n'; i--)
        if (s.p[i - 1] == '{' && (i < 2 || s.p[i - 2] != '\\'))
            return i > 1 && s.p[i - 2] == '{' ? i - 2 : i - 1;
    return n;
}

/* At most `limit` code points with every macro that is opened at least begun, or not opened at all. */
static size_t mkcut_at(struct str s, size_t limit, struct mkcut_state *ret)
{
    size_t n = mkcut_words(s, limit);
    if (n == utf8_prefix(s, limit))
        n = mkcut_untorn((struct str){s.p, n});
    for (;;) {
        struct mkcut_state st = mkcut_scan((struct str){s.p, n});
        const struct mkcut_place *last = st.raw.macro != MKCUT_NONE ? &st.raw : &st.quote;
        if (last->macro == MKCUT_NONE || last->to < n) {
            *ret = st;
            return n;
        }
        n = mkcut_trimmed((struct str){s.p, last->from});
    }
}

static const char *mkcut_close(enum mkcut_macro macro)
{
    return macro == MKCUT_NONE ? "" : mkcut_macros[macro].close;
}

const char *markup_cut(struct arena *a, const char *text, size_t limit)
{
    struct str s = str_of(text);
    if (!s.p || utf8_prefix(s, limit) == s.n)
        return arena_str(a, s);
    /* A shorter text may have another macro open, which may need a longer end: each round leaves more room. */
    for (size_t room = 0; room <= limit;) {
        struct mkcut_state st;
        size_t n = mkcut_at(s, limit - room, &st);
        const char *raw = mkcut_close(st.raw.macro), *quote = mkcut_close(st.quote.macro);
        size_t need = strlen(raw) + strlen(quote);
        if (utf8_points((struct str){s.p, n}) + need <= limit)
            return arena_fmt(a, "%.*s%s%s", (int)n, s.p, raw, quote);
        room = need > room ? need : room + 1;
    }
    return arena_text(a, "");
}

const char *text_cut_words(struct arena *a, const char *text, size_t limit)
{
    struct str s = str_of(text);
    return arena_str(a, (struct str){s.p, mkcut_words(s, limit)});
}
