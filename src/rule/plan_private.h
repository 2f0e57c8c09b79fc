/*
 * plan_private.h: what the rules of every bridge ask and plan with. All lives in the arena of the decision.
 */
#ifndef RULE_PLAN_PRIVATE_H
#define RULE_PLAN_PRIVATE_H

#include "model/plan.h"

enum { JIRA_BODY_UNITS = 32767, JIRA_SUMMARY_UNITS = 255 }; /* of a description or comment, of a summary */

/* The fact, or NULL after adding it to what the decision needs. */
const struct fact *plan_need(struct arena *a, const struct facts *known, struct decision *d,
                             const struct fact_key *key);
/* A change at the end of the unit. Good until the next call. */
struct change *plan_change(struct arena *a, struct unit *unit, enum change_kind kind);
void plan_field(struct arena *a, struct change *change, struct field_value v);
void plan_note(struct arena *a, struct unit *unit, const char *text); /* each text once */

/* How many code points of s, from its start, fit into that many UTF-16 units, in which Jira counts. */
size_t plan_points(struct str s, size_t units);
/* One line for Jira's summary, cut at a word: at most that many code points, and no more than Jira takes. */
const char *plan_summary(struct arena *a, const char *text, size_t limit);

#endif
