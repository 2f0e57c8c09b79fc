/*
 * Problems are collected in an arena. What comes from the file itself is cut where it enters a message, and control
 * characters are escaped where a message leaves, so that a hostile file can neither flood nor repaint a terminal.
 */
#include "base/base.h"

#include "conf/problem.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

/* How much of a value people need to see to find it. */
enum { PROBLEM_QUOTE_POINTS = 60, PROBLEM_QUOTE_BYTES = 4 * (PROBLEM_QUOTE_POINTS + 1) };

void problems_init(struct problems *p, struct arena *a)
{
    *p = (struct problems){.arena = a};
}

/* Doubles; what it leaves behind in the arena is less than what it holds. */
static void problem_room(struct problems *p)
{
    if (p->n < p->room)
        return;
    size_t room = p->room ? 2 * p->room : 16;
    struct problem *v = ARENA_ARRAY(p->arena, struct problem, room);
    if (p->n)
        memcpy(v, p->v, p->n * sizeof *v);
    p->v = v;
    p->room = room;
}

/* Errors beyond the maximum count too: they decide whether the configuration can be used. */
void problem_add(struct problems *p, struct problem one)
{
    p->errors += !one.is_warning;
    if (p->n >= PROBLEMS_MAX)
        return;
    if (p->n == PROBLEMS_MAX - 1)
        one = (struct problem){.file = one.file, .text = "there are more problems than are shown", .is_warning = true};
    problem_room(p);
    p->v[p->n++] = (struct problem){
        .file = arena_text(p->arena, one.file ? one.file : ""),
        .line = one.line,
        .column = one.column,
        .key = arena_text(p->arena, one.key ? one.key : ""),
        .text = arena_text(p->arena, one.text ? one.text : ""),
        .near = arena_text(p->arena, one.near),
        .is_warning = one.is_warning,
    };
}

const char *problem_quote(struct arena *a, const char *value)
{
    struct str s = {value, value ? strnlen(value, PROBLEM_QUOTE_BYTES) : 0};
    size_t n = utf8_prefix(s, PROBLEM_QUOTE_POINTS);
    if (!utf8_valid((struct str){s.p, n}))
        return "what is not UTF-8";
    return arena_fmt(a, "\"%.*s%s\"", (int)n, value ? value : "", n < s.n ? "…" : "");
}

const char *problem_key(struct arena *a, const char *under, const char *name)
{
    size_t n = utf8_prefix(str_of(name), PROBLEM_QUOTE_POINTS);
    return arena_fmt(a, "%s%s%.*s", under, under[0] ? "." : "", (int)n, name);
}

const char *problem_near(const char *word, const char *const *words, size_t n)
{
    return strnlen(word, PROBLEM_QUOTE_POINTS + 1) > PROBLEM_QUOTE_POINTS ? NULL : text_nearest(word, words, n);
}

/* How many bytes the control character at s has, up to U+009F; 0: it is none. */
static size_t problem_control(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] == 0xc2 && u[1] >= 0x80 && u[1] < 0xa0)
        return 2;
    return u[0] < 0x20 || u[0] == 0x7f ? 1 : 0;
}

/* Control characters could forge lines or colours on a terminal. */
static void problem_write_safe(struct text *to, const char *s)
{
    while (*s) {
        size_t n = problem_control(s);
        if (n == 0)
            text_addc(to, *s++);
        for (; n > 0; n--)
            text_addf(to, "\\x%02x", (unsigned char)*s++);
    }
}

/* The form that editors and compilers know, so that people can jump to the place. */
void problem_write(const struct problem *one, struct text *to)
{
    problem_write_safe(to, one->file);
    if (one->line)
        text_addf(to, ":%d:%d", one->line, one->column);
    text_addf(to, "%s%s", one->file[0] ? ": " : "", one->is_warning ? "warning: " : "");
    if (!text_blank(one->key)) {
        problem_write_safe(to, one->key);
        text_addz(to, ": ");
    }
    problem_write_safe(to, one->text);
    if (one->near) {
        text_addz(to, "; did you mean \"");
        problem_write_safe(to, one->near);
        text_addz(to, "\"?");
    }
    text_addc(to, '\n');
}
