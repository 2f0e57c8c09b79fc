/* gaps.h: the verbs about what trackers told and what they did not. Rows are in verb.c. */
#ifndef API_GAPS_H
#define API_GAPS_H

#include "api/verb.h"

void gaps_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

#endif
