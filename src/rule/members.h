/* members.h: users of a tracker who shall be in groups of it; no bridge has to do with it. Pure. */
#ifndef RULE_MEMBERS_H
#define RULE_MEMBERS_H

#include "model/event.h"
#include "model/plan.h"

/* The event says who, and into which groups: decided into ret. False: it is another kind of event. */
bool members_decide(const struct event *ev, struct arena *a, struct decision *ret);

#endif
