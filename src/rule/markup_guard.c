/*
 * markup_guard.c: what must be known of a document before it is parsed. Some are made to be dear: the parser fills
 * every row of a table up to the width of its head, reads a paragraph again for each line that could begin a table, and
 * walks all open quotes and lists for each line. It drops notes that nothing refers to, and text of references that are
 * more than a plain name.
 */
#include "base/base.h"

#include "rule/markup_private.h"

#include "base/map.h"

enum {
    MKGUARD_LEVELS = 2 * MARKUP_DEPTH, /* quotes and lists begun on one line */
    MKGUARD_COLUMNS = 1000,
    MKGUARD_CELLS = 100 * 1000,
    MKGUARD_REREAD = 32 << 20 /* bytes */
};

struct mkguard {
    size_t paragraph; /* offset of the line after the last blank one */
    size_t columns;   /* of the table that may be open; 0 none */
    size_t widest, cells, reread;
};

/* Quotes and list items that the line begins. */
static size_t mkguard_levels(struct str line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.n;) {
        char c = line.p[i];
        size_t digits = 0;
        while (i + digits < line.n && digits < 10 && line.p[i + digits] >= '0' && line.p[i + digits] <= '9')
            digits++;
        bool is_blank = c == ' ' || c == '\t';
        if (!is_blank && c != '>' && digits == 0 && !strchr("-+*", c))
            break;
        n += !is_blank;
        i += digits > 0 ? digits + 1 : 1;
    }
    return n;
}

static bool mkguard_is_rule(struct str line)
{
    char c = line.n > 0 ? line.p[line.n - 1] : '\0';
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] != c && line.p[i] != ' ' && line.p[i] != '\t')
            return false;
    return c == '-' || c == '*' || c == '_';
}

static bool mkguard_consists_of(struct str line, const char *set)
{
    size_t i = 0;
    while (i < line.n && line.p[i] != '\0' && strchr(set, line.p[i]))
        i++;
    return i == line.n;
}

static size_t mkguard_count(struct str line, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < line.n; i++)
        n += line.p[i] == c;
    return n;
}

static void mkguard_table_line(struct mkguard *g, struct str all, struct str line)
{
    size_t pipes = mkguard_count(line, '|');
    size_t at = (size_t)(line.p - all.p);
    g->widest = pipes > g->widest ? pipes : g->widest;
    g->cells += g->columns;
    if (mkguard_consists_of(line, " \t>")) {
        g->paragraph = at + line.n + 1;
        g->columns = 0;
    } else if (mkguard_consists_of(line, "|:- \t>*+0123456789.)")) { /* the line below a head, in any list or quote */
        g->reread += at - g->paragraph;
        g->columns = pipes + 1 > g->columns ? pipes + 1 : g->columns;
    }
}

enum { MKGUARD_DEFINED = 1, MKGUARD_REFERRED = 2, MKGUARD_LABEL = 40 };

/* Length of the plain label at the start of s, which follows "[^"; 0 when it is none. */
static size_t mkguard_label(struct str s)
{
    size_t n = 0;
    while (n < s.n && n < MKGUARD_LABEL && (markup_alnum(s, n) || strchr("-_.", s.p[n])))
        n++;
    return n < s.n && s.p[n] == ']' ? n : 0;
}

/* Is every note plainly named, defined and referred to? */
static bool mkguard_has_plain_notes(struct str s)
{
    struct map *labels = map_new();
    bool is_plain = true;
    for (size_t at = 0; is_plain && at < s.n;) {
        const char *mark = memmem(s.p + at, s.n - at, "[^", 2);
        if (!mark)
            break;
        at = (size_t)(mark - s.p) + 2;
        size_t n = mkguard_label((struct str){s.p + at, s.n - at});
        uint64_t key = hash_stable((struct str){s.p + at, n});
        bool is_definition = at + n + 1 < s.n && s.p[at + n + 1] == ':';
        uintptr_t seen = (uintptr_t)map_get(labels, key) | (is_definition ? MKGUARD_DEFINED : MKGUARD_REFERRED);
        map_put(labels, key, (void *)seen);
        is_plain = n > 0;
    }
    uint64_t key;
    void *seen;
    is_plain &= map_count(labels) > 0;
    for (size_t at = 0; map_next(labels, &at, &key, &seen);)
        is_plain &= (uintptr_t)seen != MKGUARD_DEFINED;
    map_free(labels);
    return is_plain;
}

struct markup_cost markup_cost(struct str s)
{
    struct mkguard g = {0};
    struct markup_cost cost = {.has_notes = mkguard_has_plain_notes(s)};
    for (size_t at = 0; at < s.n;) {
        const char *end = memchr(s.p + at, '\n', s.n - at);
        struct str line = {s.p + at, (end ? (size_t)(end - s.p) : s.n) - at};
        mkguard_table_line(&g, s, line);
        cost.is_too_deep |= mkguard_levels(line) > MKGUARD_LEVELS && !mkguard_is_rule(line);
        at += line.n + 1;
    }
    cost.has_huge_tables = g.widest > MKGUARD_COLUMNS || g.cells > MKGUARD_CELLS || g.reread > MKGUARD_REREAD;
    return cost;
}
