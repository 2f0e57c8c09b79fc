/* deeds.h: the verbs by which people do something about events, and the record of them. */
#ifndef API_DEEDS_H
#define API_DEEDS_H

#include "api/verb.h"

void retry_act(struct verb_call *c, struct engine *g);
void retry_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
void drop_act(struct verb_call *c, struct engine *g);
void drop_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
void replay_act(struct verb_call *c, struct engine *g);
void replay_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

/* Many events at once, chosen by rule, time and verdict. */
enum { CHOICE_RULE, CHOICE_SINCE, CHOICE_UNTIL, CHOICE_VERDICT, CHOICE_AFTER, CHOICE_LIMIT, CHOICE_DRY_RUN };
int choice_read(struct verb_call *c, struct store_reader *r, struct err *e);
void choice_act(struct verb_call *c, struct engine *g);
void choice_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

int audit_read(struct verb_call *c, struct store_reader *r, struct err *e);
void audit_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

#endif
