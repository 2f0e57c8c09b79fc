/* events.h: the verbs over the journal: a list of events, and one of them explained. */
#ifndef API_EVENTS_H
#define API_EVENTS_H

#include "api/verb.h"

void events_begin(struct verb_call *c, const struct engine *g);
int events_read(struct verb_call *c, struct store_reader *r, struct err *e);
void events_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
int explain_read(struct verb_call *c, struct store_reader *r, struct err *e);
void explain_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

#endif
