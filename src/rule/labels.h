/*
 * labels.h: Jira labels from what Bugzilla has. Pure. A label has no white space (each becomes a full stop), is never
 * empty and has at most 255 characters; doubles are left out; at most LABELS_MAX come out.
 */
#ifndef RULE_LABELS_H
#define RULE_LABELS_H

#include "conf/jbi.h"

enum { LABELS_MAX = 200, LABEL_UNITS = 255 };

/* "bugzilla" first, then those of the whiteboard: `[a b] [c]` gives a.b and c, in the wanted form. */
void labels_of_whiteboard(struct arena *a, const char *whiteboard, enum jbi_brackets brackets, struct texts *ret);
/* Those of a comma-separated list of keywords, and of a list. */
void labels_of_words(struct arena *a, const char *words, struct texts *ret);
void labels_of_texts(struct arena *a, const struct texts *words, struct texts *ret);

#endif
