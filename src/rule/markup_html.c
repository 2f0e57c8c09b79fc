/* markup_html.c: telling HTML's tags from text, and the text of HTML blocks. */
#include "base/base.h"

#include "rule/markup_private.h"

#include <cmark-gfm/houdini.h>

enum { MKHTML_NAME_BYTES = 16 };

/* Names that end a line, that set a cell apart, and that do neither. Each begins and ends with a blank. */
static const char mkhtml_lines[] =
    " address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li link main menu menuitem meta "
    "nav "
    "noframes noscript ol optgroup option p pre script search section style summary table tbody textarea tfoot thead "
    "title tr ul ";
static const char mkhtml_spaces[] = " td th ";
static const char mkhtml_inlines[] =
    " a abbr acronym area audio b base basefont bdi bdo big button canvas cite code col colgroup data datalist del dfn "
    "em embed font i iframe img input ins kbd label map mark math meter object output param picture progress q rp rt "
    "ruby s samp select slot small source span strike strong sub sup svg template time track tt u var video wbr ";

static bool mkhtml_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool mkhtml_starts(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

/* What a tag of this name does; the name is lower case between blanks. */
static enum markup_tag mkhtml_by_name(const char *name)
{
    if (strcmp(name, " br ") == 0)
        return TAG_BREAK;
    if (strstr(mkhtml_lines, name))
        return TAG_LINE;
    if (strstr(mkhtml_spaces, name))
        return TAG_SPACE;
    return strstr(mkhtml_inlines, name) ? TAG_DROP : TAG_TEXT;
}

static enum markup_tag mkhtml_comment(struct str s, size_t *ret_length)
{
    const char *end = memmem(s.p + 4, s.n - 4, "-->", 3);
    if (!end)
        return TAG_TEXT;
    *ret_length = (size_t)(end - s.p) + 3;
    return TAG_DROP;
}

enum markup_tag markup_tag(struct str s, size_t *ret_length)
{
    *ret_length = 1;
    if (mkhtml_starts(s, "<!--"))
        return mkhtml_comment(s, ret_length);
    char name[MKHTML_NAME_BYTES + 3] = " ";
    size_t from = s.n > 1 && s.p[1] == '/' ? 2 : 1, at = from;
    while (at < s.n && at - from < MKHTML_NAME_BYTES &&
           (mkhtml_is_alpha(s.p[at]) || (s.p[at] >= '1' && s.p[at] <= '6'))) {
        name[1 + at - from] = (char)(s.p[at] | 0x20);
        at++;
    }
    name[1 + at - from] = ' ';
    if (at == from || at == s.n || !strchr(" \t\n\r\f/>", s.p[at]))
        return TAG_TEXT;
    while (at < s.n && s.p[at] != '>' && s.p[at] != '<')
        at++;
    enum markup_tag tag = at < s.n && s.p[at] == '>' ? mkhtml_by_name(name) : TAG_TEXT;
    if (tag != TAG_TEXT)
        *ret_length = at + 1;
    return tag;
}

/* Text between tags: entities become their characters. */
static void mkhtml_decode(struct text *ret, struct str s)
{
    cmark_strbuf plain;
    cmark_strbuf_init(cmark_get_default_mem_allocator(), &plain, 0);
    houdini_unescape_html_f(&plain, (const uint8_t *)s.p, (bufsize_t)s.n);
    text_add(ret, (struct str){(const char *)plain.ptr, (size_t)plain.size});
    cmark_strbuf_free(&plain);
}

void markup_html_text(struct text *ret, struct str html)
{
    size_t from = 0; /* of the text that is not written yet */
    bool has_comment_end = true;
    for (size_t at = 0; at < html.n;) {
        struct str rest = {html.p + at, html.n - at};
        const char *next = memchr(rest.p, '<', rest.n);
        if (!next)
            break;
        at = (size_t)(next - html.p);
        rest = (struct str){next, html.n - at};
        size_t length = 1;
        enum markup_tag tag = TAG_TEXT;
        if (has_comment_end || !mkhtml_starts(rest, "<!--"))
            tag = markup_tag(rest, &length);
        has_comment_end &= tag != TAG_TEXT || !mkhtml_starts(rest, "<!--");
        if (tag != TAG_TEXT) {
            mkhtml_decode(ret, (struct str){html.p + from, at - from});
            if (tag != TAG_DROP)
                text_addc(ret, tag == TAG_SPACE ? ' ' : '\n');
            from = at + length;
        }
        at += length;
    }
    mkhtml_decode(ret, (struct str){html.p + from, html.n - from});
}
