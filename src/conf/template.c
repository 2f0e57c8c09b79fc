/*
 * A template is read once into a row of parts; a section knows where it ends, so writing is one loop without
 * recursion. All problems of a file are collected.
 */
#include "base/base.h"

#include "conf/template.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"
#include "conf/problem.h"
#include "model/field.h"

enum { TEMPLATE_BYTES = 64 << 10 };

enum template_kind { TEMPLATE_TEXT, TEMPLATE_VALUE, TEMPLATE_IF, TEMPLATE_UNLESS, TEMPLATE_END, TEMPLATE_REMARK };

struct template_part {
    enum template_kind kind;
    struct str text;  /* TEXT */
    const char *name; /* the others */
    size_t end;       /* IF, UNLESS: the part behind the section */
    size_t place;     /* in the file */
};
struct template
{
    struct many parts; /* of struct template_part */
};

struct template_reader {
    struct arena *arena;
    struct problems *problems;
    const char *file;
    struct str s;
    const char *const *known;
    size_t n_known;
    struct template *to;
    struct many open; /* of size_t: sections that have not ended yet, by part */
    size_t n_open;
};

/* ---- problems ---- */

/* Columns count characters, as editors do. */
static void template_problem(const struct template_reader *r, size_t place, const char *near, const char *text)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < place; i++) {
        if (r->s.p[i] != '\n')
            continue;
        line++;
        start = i + 1;
    }
    struct str before = {r->s.p + start, place - start};
    size_t column = 1 + (utf8_valid(before) ? utf8_points(before) : before.n);
    problem_add(
        r->problems,
        (struct problem){.file = r->file, .line = (int)line, .column = (int)column, .text = text, .near = near});
}

/* Content that no template may have; false: refused. */
static bool template_check(const struct template_reader *r)
{
    if (r->s.n > TEMPLATE_BYTES) {
        template_problem(r, 0, NULL, "the text is longer than 64 KiB");
        return false;
    }
    for (size_t i = 0; i < r->s.n;) {
        size_t n = utf8_step((struct str){r->s.p + i, r->s.n - i});
        if (n == 0 || r->s.p[i] == '\0') {
            template_problem(r, i, NULL, "not UTF-8; save the file as UTF-8");
            return false;
        }
        i += n;
    }
    return true;
}

/* ---- reading ---- */

static struct template_part *template_add(struct template_reader *r, enum template_kind kind, size_t place)
{
    struct template_part *part = MANY_ADD(r->arena, &r->to->parts, struct template_part);
    part->kind = kind;
    part->place = place;
    return part;
}

static struct template_part *template_part_at(const struct template *t, size_t i)
{
    return (struct template_part *)t->parts.v + i;
}

/* Where `what` stands at or after i; the text's end when it does not. */
static size_t template_find(struct str s, size_t i, const char *what)
{
    const char *at = i < s.n ? memmem(s.p + i, s.n - i, what, strlen(what)) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

/* A tag as it stands in the text: from the first brace to behind the last. */
struct template_tag {
    enum template_kind kind;
    size_t from, to;
    const char *name;
};

/* False when it does not close on its line (remarks: at all). */
static bool template_tag_read(const struct template_reader *r, size_t from, struct template_tag *ret)
{
    static const char signs[] = {
        [TEMPLATE_IF] = '#', [TEMPLATE_UNLESS] = '^', [TEMPLATE_END] = '/', [TEMPLATE_REMARK] = '!'};
    size_t close = template_find(r->s, from, "}}");
    struct str inside = {r->s.p + from + 2, close - from - 2};
    *ret = (struct template_tag){TEMPLATE_VALUE, from, close + 2, NULL};
    if (close == r->s.n)
        return false;
    bool is_one_line = inside.n == 0 || !memchr(inside.p, '\n', inside.n);
    inside = str_trim(inside);
    for (size_t i = TEMPLATE_IF; inside.n && i < COUNT(signs); i++)
        if (inside.p[0] == signs[i])
            ret->kind = (enum template_kind)i;
    if (ret->kind != TEMPLATE_VALUE)
        inside = str_trim((struct str){inside.p + 1, inside.n - 1});
    ret->name = arena_str(r->arena, inside);
    return ret->kind == TEMPLATE_REMARK || is_one_line;
}

/* The name is one of those known; else a problem. */
static void template_check_name(const struct template_reader *r, const struct template_tag *tag)
{
    for (size_t i = 0; i < r->n_known; i++)
        if (strcmp(r->known[i], tag->name) == 0)
            return;
    template_problem(r, tag->from, problem_near(tag->name, r->known, r->n_known),
                     arena_fmt(r->arena, "there is no variable %s", problem_quote(r->arena, tag->name)));
}

/* The section that is open at the moment; NULL: none. */
static struct template_part *template_section(const struct template_reader *r)
{
    const size_t *open = r->open.v;
    return r->n_open ? template_part_at(r->to, open[r->n_open - 1]) : NULL;
}

static void template_section_begin(struct template_reader *r, const struct template_tag *tag)
{
    if (r->n_open == r->open.n)
        (void)MANY_ADD(r->arena, &r->open, size_t);
    ((size_t *)r->open.v)[r->n_open++] = r->to->parts.n;
    template_add(r, tag->kind, tag->from)->name = tag->name;
}

static void template_section_end(struct template_reader *r, const struct template_tag *tag)
{
    struct template_part *section = template_section(r);
    if (!section) {
        template_problem(r, tag->from, NULL,
                         arena_fmt(r->arena, "no section %s is open here", problem_quote(r->arena, tag->name)));
        return;
    }
    if (strcmp(section->name, tag->name) != 0)
        template_problem(
            r, tag->from, section->name,
            arena_fmt(r->arena, "the section that is open here is not %s", problem_quote(r->arena, tag->name)));
    section->end = r->to->parts.n;
    r->n_open--;
}

static void template_tag_add(struct template_reader *r, const struct template_tag *tag)
{
    if (tag->kind != TEMPLATE_REMARK && tag->kind != TEMPLATE_END)
        template_check_name(r, tag);
    if (tag->kind == TEMPLATE_VALUE)
        template_add(r, TEMPLATE_VALUE, tag->from)->name = tag->name;
    else if (tag->kind == TEMPLATE_END)
        template_section_end(r, tag);
    else if (tag->kind != TEMPLATE_REMARK)
        template_section_begin(r, tag);
}

static void template_text_add(struct template_reader *r, size_t from, size_t to)
{
    if (from < to)
        template_add(r, TEMPLATE_TEXT, from)->text = (struct str){r->s.p + from, to - from};
}

/* Widen a tag that shows nothing and stands alone on its line to the whole line, with its break. */
static void template_tag_alone(const struct template_reader *r, struct template_tag *tag, size_t least)
{
    struct str s = r->s;
    size_t from = tag->from, to = tag->to;
    while (from > least && (s.p[from - 1] == ' ' || s.p[from - 1] == '\t'))
        from--;
    while (to < s.n && (s.p[to] == ' ' || s.p[to] == '\t' || s.p[to] == '\r'))
        to++;
    if ((from > 0 && s.p[from - 1] != '\n') || (to < s.n && s.p[to] != '\n') || tag->kind == TEMPLATE_VALUE)
        return;
    tag->from = from;
    tag->to = to < s.n ? to + 1 : to;
}

static void template_parse(struct template_reader *r)
{
    for (size_t at = 0; at < r->s.n;) {
        struct template_tag tag;
        size_t brace = template_find(r->s, at, "{{");
        if (brace == r->s.n) {
            template_text_add(r, at, brace);
            return;
        }
        if (!template_tag_read(r, brace, &tag)) {
            template_problem(r, brace, NULL, "the tag that begins here has no closing }} in its line");
            return;
        }
        struct template_tag line = tag;
        template_tag_alone(r, &line, at);
        template_text_add(r, at, line.from);
        template_tag_add(r, &tag);
        at = line.to;
    }
}

struct template *template_read(struct arena *a, const char *file, struct str content, const char *const *known,
                               size_t n_known, struct problems *p)
{
    struct template_reader r = {.arena = a, .problems = p, .file = file, .known = known, .n_known = n_known};
    size_t errors = p->errors;
    if (content.n >= 3 && memcmp(content.p, "\xef\xbb\xbf", 3) == 0)
        content = (struct str){content.p + 3, content.n - 3};
    while (content.n && (content.p[content.n - 1] == '\n' || content.p[content.n - 1] == '\r'))
        content.n--;
    r.s = content;
    if (!template_check(&r))
        return NULL;
    r.s.p = arena_str(a, content);
    r.to = ARENA_NEW(a, struct template);
    template_parse(&r);
    for (; r.n_open; r.n_open--) {
        const struct template_part *section = template_section(&r);
        template_problem(&r, section->place, NULL,
                         arena_fmt(a, "the section %s that begins here does not end", problem_quote(a, section->name)));
    }
    return p->errors == errors ? r.to : NULL;
}

/* ---- writing ---- */

/* "" when it is not there. */
static const char *template_value(const struct template_values *values, const char *name)
{
    for (size_t i = 0; i < values->n; i++)
        if (strcmp(values->v[i].name, name) == 0)
            return values->v[i].text ? values->v[i].text : "";
    return "";
}

/* A value is written as it is: tags in it are text. */
void template_write(const struct template *t, const struct template_values *values, struct text *to)
{
    for (size_t i = 0; i < t->parts.n; i++) {
        const struct template_part *part = template_part_at(t, i);
        const char *value = part->name ? template_value(values, part->name) : "";
        if (part->kind == TEMPLATE_TEXT)
            text_add(to, part->text);
        else if (part->kind == TEMPLATE_VALUE)
            text_addz(to, value);
        else if ((part->kind == TEMPLATE_IF) == (value[0] == '\0'))
            i = part->end - 1;
    }
}
