/*
 * opt.h: options are rows. Parser, defaults, messages, manual pages and reload rules all read the same row.
 *
 * A table describes the members of one struct that starts zeroed. Reading fills it from a YAML map: unknown keys are
 * problems with the nearest valid word, absent ones take their default, `${NAME}` and `${file:PATH}` inside texts are
 * replaced (an unset variable is a problem). Values live in the given arena; secrets are owned by the struct and are
 * released by opts_release.
 */
#ifndef CONF_OPT_H
#define CONF_OPT_H

#include "conf/yaml.h"
#include "model/field.h"

struct secret;

/* Where configuration comes from; given by the program, so that conf itself does no I/O. */
struct conf_source {
    /* Content of a file, or of an http(s) URL, in the arena. MISSING: there is none. */
    int (*read)(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e);
    const char *(*env)(void *ctx, const char *name); /* NULL: unset */
    void *ctx;
};

enum opt_type {
    OPT_TEXT,     /* const char * */
    OPT_SECRET,   /* struct secret * */
    OPT_SECRETS,  /* struct secrets: one or a list */
    OPT_MAP,      /* struct opt_pairs: texts by names, one or a list each */
    OPT_TEXTS,    /* struct texts: one or a list, which may be empty; the default is written "[one, two]" */
    OPT_BOOL,     /* bool */
    OPT_INT,      /* int64_t within low..high */
    OPT_DURATION, /* int64_t ms within low..high */
    OPT_SIZE,     /* int64_t bytes within low..high */
    OPT_RATE,     /* struct rate: "10/s", "600/m", "1000/h" */
    OPT_WORD,     /* int: index into words */
    OPT_URL,      /* const char *: http(s), stored without trailing slashes */
    OPT_PATH,     /* const char *: file or URL, made relative to the file it stands in */
    OPT_TABLE     /* a struct inside, by sub */
};
struct secrets {
    struct secret **v;
    size_t n;
};
struct opt_pair {
    const char *name;
    struct texts values;
};
struct opt_pairs { /* in the order of the file */
    struct opt_pair *v;
    size_t n;
};
struct rate {
    double per_second; /* 0: unlimited */
    int64_t burst;
    int64_t most, window_ms; /* the same as "at most so many in such a time" */
};

enum { OPT_REQUIRED = 1, OPT_RELOAD = 2 /* a reload changes it without a restart */ };

struct opt_table;
struct opt {
    const char *name;
    enum opt_type type;
    unsigned flags;
    size_t at;
    const char *otherwise;    /* the default as an operator writes it; NULL: zero or absent */
    int64_t low, high;        /* INT as is, DURATION in ms, SIZE in bytes; both 0: no bound but ≥ 0 */
    const char *const *words; /* WORD: NULL-terminated */
    const struct opt_table *sub;
    const char *help; /* one line, no full stop */
};
struct opt_table {
    const char *name; /* "server", "tracker jira" */
    size_t size;
    const struct opt *opts;
    size_t n;
};

#define OPT_IS(s, m, type) (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((s *)0)->m), type) ? 1 : -1]))
#define OPT_ROW_AS(name, s, m, ctype, otype, flag, def, lo, hi, w, t, h)                                               \
    {                                                                                                                  \
        (name), otype, (flag), offsetof(s, m) + OPT_IS(s, m, ctype), (def), (lo), (hi), (w), (t), "" h                 \
    }
#define OPT_ROW(s, m, ...)                      OPT_ROW_AS(#m, s, m, __VA_ARGS__)
#define OPTION_TEXT(s, m, flag, def, h)         OPT_ROW(s, m, const char *, OPT_TEXT, flag, def, 0, 0, NULL, NULL, h)
#define OPTION_BOOL(s, m, flag, def, h)         OPT_ROW(s, m, bool, OPT_BOOL, flag, def, 0, 0, NULL, NULL, h)
#define OPTION_INT(s, m, flag, def, lo, hi, h)  OPT_ROW(s, m, int64_t, OPT_INT, flag, def, lo, hi, NULL, NULL, h)
#define OPTION_TIME(s, m, flag, def, lo, hi, h) OPT_ROW(s, m, int64_t, OPT_DURATION, flag, def, lo, hi, NULL, NULL, h)
#define OPTION_SIZE(s, m, flag, def, lo, hi, h) OPT_ROW(s, m, int64_t, OPT_SIZE, flag, def, lo, hi, NULL, NULL, h)
#define OPTION_RATE(s, m, flag, def, h)         OPT_ROW(s, m, struct rate, OPT_RATE, flag, def, 0, 0, NULL, NULL, h)
#define OPTION_WORD(s, m, flag, def, w, h)      OPT_ROW(s, m, int, OPT_WORD, flag, def, 0, 0, w, NULL, h)
#define OPTION_URL(s, m, flag, def, h)          OPT_ROW(s, m, const char *, OPT_URL, flag, def, 0, 0, NULL, NULL, h)
#define OPTION_PATH(s, m, flag, def, h)         OPT_ROW(s, m, const char *, OPT_PATH, flag, def, 0, 0, NULL, NULL, h)
/* When the struct has another name for it than the file. */
#define OPTION_PATH_AS(n, s, m, flag, def, h)                                                                          \
    OPT_ROW_AS(n, s, m, const char *, OPT_PATH, flag, def, 0, 0, NULL, NULL, h)
#define OPTION_TEXTS(s, m, flag, def, h) OPT_ROW(s, m, struct texts, OPT_TEXTS, flag, def, 0, 0, NULL, NULL, h)
#define OPTION_MAP(s, m, flag, h)        OPT_ROW(s, m, struct opt_pairs, OPT_MAP, flag, NULL, 0, 0, NULL, NULL, h)
#define OPTION_TABLE(s, m, t, h)                                                                                       \
    {                                                                                                                  \
#m, OPT_TABLE, 0, offsetof(s, m), NULL, 0, 0, NULL, &(t), "" h                                                 \
    }

#define OPTION_SECRET(s, m, flag, h)  OPT_ROW(s, m, struct secret *, OPT_SECRET, flag, NULL, 0, 0, NULL, NULL, h)
#define OPTION_SECRETS(s, m, flag, h) OPT_ROW(s, m, struct secrets, OPT_SECRETS, flag, NULL, 0, 0, NULL, NULL, h)

#define OPT_TABLE_OF(title, s, rows)                                                                                   \
    {                                                                                                                  \
        (title), sizeof(s), (rows), COUNT(rows)                                                                        \
    }

struct opt_read { /* what reading needs beside the table */
    struct arena *arena;
    struct problems *problems;
    const struct conf_source *source;
    const char *key;           /* dotted path of the map, "trackers.jira" */
    const char *const *ignore; /* keys read elsewhere, valid words too; NULL-terminated; may be NULL */
};
/* map may be NULL: all defaults. Problems are added; the struct is usable only when none was an error. */
void opts_read(const struct opt_table *t, const struct yaml *map, const struct opt_read *r, void *to);
void opts_release(const struct opt_table *t, void *of); /* wipes and frees its secrets */
/*
 * Replace `${NAME}`, `${NAME:-default}` and `${file:PATH}` in a text; `$${` stands for `${` itself. Problems at `at`,
 * and then "". The result may be secret: it does not belong in messages.
 */
const char *opts_expand(const struct yaml *at, const char *key, const struct opt_read *r);
/* http(s), with a host, without user, query and fragment: what an OPT_URL may be. */
bool opts_is_address(const char *s);
/* path, unless it is absolute or an http(s) address: then beside the file. */
const char *opts_beside(struct arena *a, const char *file, const char *path);
/* "a duration such as 30s, from 1s to 7d": what a value must look like, for messages and manuals. */
struct text;
void opt_expected(const struct opt *o, struct text *to);

#endif
