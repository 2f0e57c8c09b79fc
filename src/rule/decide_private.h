/* decide_private.h: the decide function of each kind of bridge, for their table. */
#ifndef RULE_DECIDE_PRIVATE_H
#define RULE_DECIDE_PRIVATE_H

#include "rule/decide.h"

void decide_bugzilla_to_jira(const struct rule_question *q, struct decision *ret);
void decide_contributions(const struct rule_question *q, struct decision *ret);
bool contrib_judges(const struct conf_bridge *b, const struct fact *f, struct arena *a, const char **ret_fault);

struct contributions;
/* Is its author of an institution that is internal to the repository's owner? */
bool contributions_internal(const struct contributions *own, const struct issue *i);

#endif
