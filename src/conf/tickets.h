/*
 * tickets.h: what ticket mode of a bridge github-contributions is told: one issue in Jira for each pull request from
 * outside, kept in step with it. Pure.
 */
#ifndef CONF_TICKETS_H
#define CONF_TICKETS_H

#include "conf/opt.h"

struct template;

struct ticket_field { /* a field of Jira that tickets are made with */
    const char *name; /* as people see it, or its id */
    const char *source;
    struct template *value;
};
/* What the values of `fields` may name in {{…}}; ends in a row without name. */
extern const struct ticket_variable {
    const char *name, *help;
} ticket_variables[];

struct tickets {
    /* Options. */
    const char *project;         /* NULL: no ticket mode */
    const char *blended_project; /* NULL: as project */
    const char *type;
    const char *first, *no_agreement, *draft, *closed, *merged, *reopened; /* statuses */
    struct opt_pairs fields;                                               /* a Jira field → its value */
    struct opt_pairs transitions;                                          /* a status → those that it leads to */
    bool search; /* ask other tickets which way there is, where transitions tell none */
    struct opt_pairs transition_fields, closed_fields, merged_fields; /* a Jira field → its value */
    struct opt_pairs labels;                                          /* a status → its label */
    struct texts status_labels;                                       /* labels that say a status */
    /* Made of them. */
    struct ticket_field *values;
    size_t n_values;
};
extern const struct opt_table tickets_table;
/* bridge: the map that has `tickets` and `to`. */
void tickets_check(struct tickets *t, const struct yaml *bridge, const struct opt_read *r);

/* The first text of that name, whatever its case; NULL: there is none. */
const char *tickets_one(const struct opt_pairs *pairs, const char *name);
/* The label that says that status, in small letters unless it is configured; NULL: none says it. */
const char *tickets_label(const struct tickets *t, struct arena *a, const char *status);
/* Does that label say a status? */
bool tickets_says_status(const struct tickets *t, const char *label);
/*
 * The shortest way that `transitions` know from one status to the other, of at most 4: the statuses between them.
 * False: they know none.
 */
bool tickets_way(const struct tickets *t, struct arena *a, const char *from, const char *to, struct texts *ret);

#endif
