/* decide_private.h: the decide function of each kind of bridge, for their table. */
#ifndef RULE_DECIDE_PRIVATE_H
#define RULE_DECIDE_PRIVATE_H

#include "rule/decide.h"

int decide_bugzilla_to_jira(const struct conf_bridge *b, const struct rule_urls *from, const struct rule_urls *to,
                            const struct event *ev, const struct facts *facts, struct arena *a, struct decision *ret,
                            struct err *e);

#endif
