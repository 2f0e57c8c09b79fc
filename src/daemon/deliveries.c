#include "base/base.h"
#include "daemon/deliveries.h"
#include "base/arena.h"
#include "base/text.h"

enum { DELIVERIES_MAX = 10000 };

struct deliveries_reader {
    struct arena *arena;
    struct str left;
    int line;
};

static bool deliveries_line(struct deliveries_reader *r, struct str *ret)
{
    if (r->left.n == 0)
        return false;
    const char *end = memchr(r->left.p, '\n', r->left.n);
    size_t n = end ? (size_t)(end - r->left.p) : r->left.n;
    size_t skip = end ? n + 1 : n;
    *ret = (struct str){r->left.p, n > 0 && r->left.p[n - 1] == '\r' ? n - 1 : n};
    r->left = (struct str){r->left.p + skip, r->left.n - skip};
    r->line++;
    return true;
}

static void deliveries_comment(struct deliveries_reader *r, struct str line, struct delivery *d)
{
    struct str text = str_trim((struct str){line.p + 1, line.n - 1});
    const char *word = arena_str(r->arena, text);
    if (text_starts(word, "expect:"))
        d->expect = arena_str(r->arena, str_trim(str_of(word + strlen("expect:"))));
    else
        d->why = word;
}

static int deliveries_headers(struct deliveries_reader *r, struct delivery *d, struct err *e)
{
    struct str line;
    while (deliveries_line(r, &line) && line.n > 0) {
        const char *colon = memchr(line.p, ':', line.n);
        if (!colon)
            return fail(e, ERR_INPUT, "line %d: expected a header", r->line);
        size_t n = (size_t)(colon - line.p);
        const char *name = arena_str(r->arena, (struct str){line.p, n});
        if (text_same_nocase(name, "Host") || text_same_nocase(name, "Content-Length"))
            continue;
        http_header_add(r->arena, &d->request.headers, name,
                        arena_str(r->arena, str_trim((struct str){colon + 1, line.n - n - 1})));
    }
    return 0;
}

/* The body runs to the line of dashes, without the line break before it. */
static void deliveries_body(struct deliveries_reader *r, struct delivery *d)
{
    struct str line;
    const char *start = r->left.p, *end = start;
    while (deliveries_line(r, &line) && !str_same(line, STR("----")))
        end = line.p + line.n;
    d->request.body = (struct str){start, (size_t)(end - start)};
}

/* "POST /path HTTP/1.1" */
static int deliveries_request(struct deliveries_reader *r, struct str line, struct delivery *d, struct err *e)
{
    char *words = arena_str(r->arena, line);
    char *path = strchr(words, ' ');
    char *version = path ? strchr(path + 1, ' ') : NULL;
    if (!version)
        return fail(e, ERR_INPUT, "line %d: expected METHOD PATH HTTP/1.1", r->line);
    *path = *version = '\0';
    d->request.method = words;
    d->request.url = path + 1;
    int rc = deliveries_headers(r, d, e);
    if (rc == 0)
        deliveries_body(r, d);
    return rc;
}

int deliveries_read(struct arena *a, struct str file, struct many *ret, struct err *e)
{
    struct deliveries_reader r = {.arena = a, .left = file};
    struct delivery d = {0};
    struct str line;
    while (deliveries_line(&r, &line)) {
        if (line.n == 0)
            continue;
        if (line.p[0] == '#') {
            deliveries_comment(&r, line, &d);
            continue;
        }
        if (ret->n == DELIVERIES_MAX)
            return fail(e, ERR_INPUT, "more than %d deliveries", DELIVERIES_MAX);
        int rc = deliveries_request(&r, line, &d, e);
        if (rc < 0)
            return rc;
        *MANY_ADD(a, ret, struct delivery) = d;
        d = (struct delivery){0};
    }
    return 0;
}
