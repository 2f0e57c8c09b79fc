/* show.h: answers of verbs for people to read. Pure: JSON in, text out. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "base/json.h"
#include "base/text.h"

void show_events(const struct json *answer, struct text *to);
void show_explain(const struct json *answer, struct text *to);

#endif
