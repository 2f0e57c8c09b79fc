/* markup_escape.c: plain text into wiki markup, so that no character of it comes alive. */
#include "base/base.h"

#include "rule/markup_private.h"

#include <cmark-gfm/utf8.h>

#include "base/utf8.h"

enum { MKESCAPE_FORMULA_BYTES = 200, MKESCAPE_NAME_BYTES = 40, MKESCAPE_SLUG_BYTES = 512 };

static const char mkescape_specials[] = "!&(*+-[]^_|~";

static const char *const mkescape_smileys[] = {":)", ":(", ":D", ":P", ";)"};
static const char *const mkescape_icons[] = {"(y)",  "(n)",  "(i)",  "(/)",   "(x)",    "(!)",
                                             "(+)",  "(-)",  "(?)",  "(*)",   "(on)",   "(*r)",
                                             "(*g)", "(*b)", "(*y)", "(off)", "(flag)", "(flagoff)"};

/* A run being written. */
struct mkescape {
    struct markup *m;
    struct markup_run run;
    size_t at;
};

static bool mkescape_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool mkescape_is_ascii_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool mkescape_is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

enum markup_edge markup_edge_of(char c)
{
    if (mkescape_is_space(c))
        return EDGE_SPACE;
    return mkescape_is_one_of(c, mkescape_specials) || mkescape_is_one_of(c, "{}\\:;?") ? EDGE_OTHER : EDGE_WORD;
}

/* Symbols and pictures; cmark's own table knows the punctuation. */
static bool mkescape_is_symbol(uint32_t point)
{
    static const uint32_t ranges[][2] = {{0x80, 0xa9},     {0xab, 0xb4},      {0xb6, 0xb9},     {0xbb, 0xbf},
                                         {0xd7, 0xd7},     {0xf7, 0xf7},      {0x2000, 0x206f}, {0x20a0, 0x20bf},
                                         {0x2190, 0x2bff}, {0x3000, 0x3004},  {0xe000, 0xf8ff}, {0xfe00, 0xfe0f},
                                         {0xfff0, 0xffff}, {0x1f000, 0x1faff}};
    for (size_t i = 0; i < COUNT(ranges); i++)
        if (point >= ranges[i][0] && point <= ranges[i][1])
            return true;
    return cmark_utf8proc_is_punctuation((int32_t)point) || cmark_utf8proc_is_space((int32_t)point);
}

/* The code point at *at, moving past it; U+FFFD for what is not UTF-8. */
static uint32_t mkescape_next(struct str s, size_t *at)
{
    int32_t point = -1;
    size_t left = s.n - *at;
    int n = cmark_utf8proc_iterate((const uint8_t *)s.p + *at, (bufsize_t)(left < 4 ? left : 4), &point);
    *at += n > 0 ? (size_t)n : 1;
    return n > 0 && point >= 0 ? (uint32_t)point : 0xfffd;
}

bool markup_alnum(struct str s, size_t at)
{
    if (at >= s.n)
        return false;
    if ((unsigned char)s.p[at] < 0x80)
        return mkescape_is_ascii_alnum(s.p[at]);
    return !mkescape_is_symbol(mkescape_next(s, &at));
}

bool markup_at_start(const struct markup *m)
{
    size_t i = m->out.n;
    while (i > m->start && m->out.p[i - 1] == ' ')
        i--;
    return i == m->start || m->out.p[i - 1] == '\n';
}

static enum markup_edge mkescape_before(const struct mkescape *w)
{
    return w->at == 0 ? w->run.before : markup_edge_of(w->run.text.p[w->at - 1]);
}

static enum markup_edge mkescape_after(const struct mkescape *w)
{
    return w->at + 1 >= w->run.text.n ? w->run.after : markup_edge_of(w->run.text.p[w->at + 1]);
}

/* The byte at this distance; NUL outside of the run. */
static char mkescape_peek(const struct mkescape *w, size_t ahead)
{
    return ahead < w->run.text.n - w->at ? w->run.text.p[w->at + ahead] : '\0';
}

static struct str mkescape_rest(const struct mkescape *w)
{
    return (struct str){w->run.text.p + w->at, w->run.text.n - w->at};
}

/* Length of the word of the list that stands here with no letter or digit behind it; 0 when none does. */
static size_t mkescape_match(const struct mkescape *w, const char *const *words, size_t n)
{
    struct str rest = mkescape_rest(w);
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(words[i]);
        if (length <= rest.n && memcmp(rest.p, words[i], length) == 0 && !markup_alnum(rest, length))
            return length;
    }
    return 0;
}

/* Does "&name;" or "&#12;" stand here? */
static bool mkescape_is_entity(const struct mkescape *w)
{
    size_t i = mkescape_peek(w, 1) == '#' ? 2 : 1;
    size_t first = i;
    while (i - first < MKESCAPE_NAME_BYTES && mkescape_is_ascii_alnum(mkescape_peek(w, i)))
        i++;
    return i > first && mkescape_peek(w, i) == ';';
}

/* Between two ordinary characters, or alone between two spaces, a special character is plain text to Jira too. */
static bool mkescape_is_tame(const struct mkescape *w)
{
    enum markup_edge before = mkescape_before(w), after = mkescape_after(w);
    return before == after && before != EDGE_OTHER && !(before == EDGE_SPACE && markup_at_start(w->m));
}

static void mkescape_special(struct mkescape *w, char c)
{
    bool forced = (c == '|' && (w->m->in_cell || w->m->in_link)) || ((c == '[' || c == ']') && w->m->in_link) ||
                  (c == '&' && mkescape_is_entity(w));
    if (forced || !mkescape_is_tame(w))
        text_addc(&w->m->out, '\\');
    text_addc(&w->m->out, c);
}

/* A backslash before what Jira lets be escaped by one would vanish, and the other character come alive. */
static void mkescape_backslash(struct mkescape *w)
{
    bool is_plain = mkescape_is_tame(w) && !mkescape_is_one_of(mkescape_peek(w, 1), "#%@");
    text_addz(&w->m->out, is_plain ? "\\" : "&bsol;");
}

/* A name of the table between colons becomes the emoji; not in "std::x::y" or "10:30:45". */
static bool mkescape_emoji(struct mkescape *w)
{
    if (w->run.is_code || (w->at > 0 && w->run.text.p[w->at - 1] == ':'))
        return false;
    size_t n = 1;
    while (n <= MKESCAPE_NAME_BYTES &&
           (mkescape_is_ascii_alnum(mkescape_peek(w, n)) || mkescape_is_one_of(mkescape_peek(w, n), "_+-")))
        n++;
    if (n == 1 || mkescape_peek(w, n) != ':' || mkescape_peek(w, n + 1) == ':')
        return false;
    const char *emoji = markup_emoji((struct str){w->run.text.p + w->at + 1, n - 1});
    text_addz(&w->m->out, emoji);
    w->at += emoji ? n + 1 : 0;
    return emoji;
}

/* A smiley or an icon, of which only the first character gets a backslash. */
static bool mkescape_icon(struct mkescape *w, char c)
{
    size_t n = c == '(' ? mkescape_match(w, mkescape_icons, COUNT(mkescape_icons))
                        : mkescape_match(w, mkescape_smileys, COUNT(mkescape_smileys));
    if (n > 0) {
        text_addc(&w->m->out, '\\');
        text_add(&w->m->out, (struct str){w->run.text.p + w->at, n});
    }
    w->at += n;
    return n > 0;
}

/* Does it read as a formula? Prices and shell variables must not. */
static bool mkescape_is_formula(struct str s)
{
    bool has_letter = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!mkescape_is_ascii_alnum(c) && !mkescape_is_one_of(c, " +-=<>/.,()!'"))
            return false;
        has_letter |= mkescape_is_ascii_alnum(c) && (c < '0' || c > '9');
    }
    return has_letter && s.p[0] != ' ' && s.p[s.n - 1] != ' ';
}

/* $x$ or $$x$$ with nothing but letters, digits and plain operators is set in italics; all else stays as it is. */
static bool mkescape_formula(struct mkescape *w)
{
    struct str rest = mkescape_rest(w);
    if (w->run.is_code || (w->at > 0 && (mkescape_is_ascii_alnum(rest.p[-1]) || rest.p[-1] == '$')))
        return false;
    size_t signs = mkescape_peek(w, 1) == '$' ? 2 : 1;
    size_t end = signs;
    while (end < rest.n && end < MKESCAPE_FORMULA_BYTES && rest.p[end] != '$')
        end++;
    struct str formula = {rest.p + signs, end - signs};
    char second = mkescape_peek(w, end + 1), last = mkescape_peek(w, end + signs);
    if (mkescape_peek(w, end) != '$' || (signs == 2 && second != '$') || last == '$' || mkescape_is_ascii_alnum(last) ||
        formula.n == 0 || !mkescape_is_formula(formula))
        return false;
    const char *mark = mkescape_before(w) == EDGE_WORD ? "{_}" : "_";
    text_addz(&w->m->out, mark);
    markup_text(w->m, (struct markup_run){.text = formula, .is_code = true});
    text_addz(&w->m->out, mark);
    w->at += end + signs;
    return true;
}

/* "h1." and "bq." make blocks at the start of a line; Jira has no backslash for the full stop. */
static void mkescape_stop(struct mkescape *w)
{
    struct text *out = &w->m->out;
    bool is_block = false;
    if (out->n >= w->m->start + 2) {
        const char *p = out->p + out->n - 2;
        if ((p[0] == 'h' && p[1] >= '1' && p[1] <= '6') || (p[0] == 'b' && p[1] == 'q')) {
            size_t n = out->n;
            out->n -= 2;
            is_block = markup_at_start(w->m);
            out->n = n;
        }
    }
    text_addz(out, is_block ? "&#46;" : ".");
}

static void mkescape_hash(struct mkescape *w)
{
    char next = mkescape_peek(w, 1);
    bool is_marker = next == '\0' || mkescape_is_space(next) || mkescape_is_one_of(next, "#*-");
    if (is_marker && markup_at_start(w->m))
        text_addc(&w->m->out, '\\');
    text_addc(&w->m->out, '#');
}

static void mkescape_space(struct mkescape *w)
{
    if (w->at == 0 || !mkescape_is_space(w->run.text.p[w->at - 1]))
        text_addc(&w->m->out, ' ');
}

/* One character that may need care; sets w->at past it. */
static void mkescape_one(struct mkescape *w, char c)
{
    if (c == ':' && mkescape_emoji(w))
        return;
    if (c == '$' && mkescape_formula(w))
        return;
    if (mkescape_is_one_of(c, "(:;") && mkescape_icon(w, c))
        return;
    if (mkescape_is_space(c))
        mkescape_space(w);
    else if (c == '{' || c == '}' || (c == '?' && mkescape_peek(w, 1) == '?'))
        text_addf(&w->m->out, "\\%c", c);
    else if (c == '\\')
        mkescape_backslash(w);
    else if (c == '#')
        mkescape_hash(w);
    else if (c == '.')
        mkescape_stop(w);
    else if (mkescape_is_one_of(c, mkescape_specials))
        mkescape_special(w, c);
    else
        text_addc(&w->m->out, c);
    w->at++;
}

void markup_text(struct markup *m, struct markup_run run)
{
    struct mkescape w = {.m = m, .run = run};
    while (w.at < run.text.n) {
        size_t from = w.at;
        while (w.at < run.text.n &&
               (mkescape_is_ascii_alnum(run.text.p[w.at]) || (unsigned char)run.text.p[w.at] >= 0x80))
            w.at++;
        text_add(&m->out, (struct str){run.text.p + from, w.at - from});
        if (w.at < run.text.n)
            mkescape_one(&w, run.text.p[w.at]);
    }
}

void markup_attr(struct markup *m, struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (mkescape_is_space(c))
            text_addc(&m->out, ' ');
        else if (mkescape_is_one_of(c, "!|,{}[]\\"))
            text_addf(&m->out, "&#%d;", c);
        else
            text_addc(&m->out, c);
    }
}

void markup_url(struct markup *m, struct str url, bool is_image)
{
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        bool ends_it = c <= ' ' || c == 0x7f || mkescape_is_one_of((char)c, "|[]{}\\") || (is_image && c == '!');
        bool is_sigil = i == 0 && (c == '~' || c == '^'); /* a person, an attachment */
        if (ends_it || is_sigil)
            text_addf(&m->out, "%%%02X", (unsigned)c);
        else
            text_addc(&m->out, (char)c);
    }
}

/* The lower-case form of a code point when it is a single code point too. */
static void mkescape_add_lower(struct text *out, struct str one)
{
    cmark_strbuf folded;
    cmark_strbuf_init(cmark_get_default_mem_allocator(), &folded, 0);
    cmark_utf8proc_case_fold(&folded, (const uint8_t *)one.p, (bufsize_t)one.n);
    struct str lower = {(const char *)folded.ptr, (size_t)folded.size};
    text_add(out, utf8_points(lower) == 1 ? lower : one);
    cmark_strbuf_free(&folded);
}

void markup_slug(struct text *ret, struct str title)
{
    for (size_t at = 0; at < title.n && ret->n < MKESCAPE_SLUG_BYTES;) {
        size_t from = at;
        uint32_t point = mkescape_next(title, &at);
        if (mkescape_is_space((char)(point < 0x80 ? point : 'x')))
            text_addc(ret, '-');
        else if (point < 0x80 && (mkescape_is_ascii_alnum((char)point) || point == '_' || point == '-'))
            text_addc(ret, (char)(point >= 'A' && point <= 'Z' ? point + ('a' - 'A') : point));
        else if (point >= 0x80 && !mkescape_is_symbol(point))
            mkescape_add_lower(ret, (struct str){title.p + from, at - from});
    }
}
