/*
 * problem.h: everything that is wrong with a configuration, collected rather than stopped at: file, line, column, key,
 * what was expected, the nearest valid word. Pure.
 */
#ifndef CONF_PROBLEM_H
#define CONF_PROBLEM_H

#include "base/base.h"

struct arena;
struct text;

struct problem {
    const char *file;
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
void problem_add(struct problems *p, struct problem one); /* texts are copied */
/* "actions.yaml:12:9: [0].parameters.steps.new[1]: unknown step "create_isue"; did you mean "create_issue"?" and a
 * newline. */
void problem_write(const struct problem *one, struct text *to);

#endif
