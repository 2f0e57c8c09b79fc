/* plan_words.h: what is to be changed, in a line for people: "labels: add blended". Pure. */
#ifndef API_PLAN_WORDS_H
#define API_PLAN_WORDS_H

#include "model/plan.h"

struct text;

/* subject: the issue that the event is about, "github:o/r#1", which need not be named again. */
void plan_words(const struct change *c, const char *subject, struct text *to);
/* Where that begins which people see of a comment: behind what HTML hides at its head. */
const char *plan_seen(const char *text);

#endif
