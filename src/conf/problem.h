/*
 * problem.h: everything that is wrong with a configuration, collected rather than stopped at: file, line, column, key,
 * what was expected, the nearest valid word. Pure.
 */
#ifndef CONF_PROBLEM_H
#define CONF_PROBLEM_H

#include "base/base.h"

struct arena;
struct text;

enum { PROBLEMS_MAX = 1000 };

struct problem {
    const char *file; /* "": the text says it */
    int line, column; /* from 1; 0: the file as a whole */
    const char *key;  /* "trackers.jira.rate", "[2].parameters.steps.new[0]"; may be empty */
    const char *text; /* "expected a duration such as 30s, got \"soon\"" */
    const char *near; /* the nearest valid word, or NULL */
    bool is_warning;
};
struct problems {
    struct arena *arena;
    struct problem *v;
    size_t n, room;
    size_t errors; /* how many of them are not warnings */
};
void problems_init(struct problems *p, struct arena *a);
/* Texts are copied. Beyond PROBLEMS_MAX only the count of errors goes on, and the last one kept says so. */
void problem_add(struct problems *p, struct problem one);
/* A value from outside, quoted for a message and cut when it is long. */
const char *problem_quote(struct arena *a, const char *value);
/* "under.name", for the key of a problem; the name is cut when it is long. */
const char *problem_key(struct arena *a, const char *under, const char *name);
/* The nearest of the words, or NULL. For words from outside, which may be of any length. */
const char *problem_near(const char *word, const char *const *words, size_t n);
/* "actions.yaml:12:9: [0].parameters.steps.new[1]: unknown step "create_isue"; did you mean "create_issue"?" and a
 * newline. */
void problem_write(const struct problem *one, struct text *to);

#endif
