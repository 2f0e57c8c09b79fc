/* gaps.h: the verbs about what trackers told and what they did not. Rows are in verb.c. */
#ifndef API_GAPS_H
#define API_GAPS_H

#include "api/verb.h"

enum { HOOKS_ARG_TARGET, HOOKS_ARG_DO, HOOKS_ARG_DRY };
void hooks_look_act(struct verb_call *c, struct engine *g);
void hooks_do_act(struct verb_call *c, struct engine *g);
void hooks_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
void gaps_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

#endif
