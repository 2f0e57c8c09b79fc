/* events.h: the verbs over the journal: a list of events, and one of them explained. */
#ifndef API_EVENTS_H
#define API_EVENTS_H

#include "api/verb.h"

struct event_row;

void events_begin(struct verb_call *c, const struct engine *g);
int events_read(struct verb_call *c, struct store_reader *r, struct err *e);
void events_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
int explain_read(struct verb_call *c, struct store_reader *r, struct err *e);
void explain_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

/* For other answers: an event's members, a time unless it is 0, a text unless it is blank. */
void events_put_row(struct json_out *o, const struct event_row *row, const struct engine *g);
void events_put_time(struct json_out *o, const char *key, int64_t ms);
void events_put_some(struct json_out *o, const char *key, const char *text);

#endif
