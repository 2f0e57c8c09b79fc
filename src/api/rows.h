/* rows.h: members and rows that several answers share. */
#ifndef API_ROWS_H
#define API_ROWS_H

#include "base/base.h"

struct engine;
struct event_row;
struct json_out;
struct many;

void rows_put_time(struct json_out *o, const char *key, int64_t ms);       /* ISO 8601, UTC; nothing for 0 */
void rows_put_some(struct json_out *o, const char *key, const char *text); /* nothing for NULL and "" */
/* An event's members, with what only the lanes and the trackers' breakers know of one that has not ended. */
void rows_put_event(struct json_out *o, const struct event_row *row, const struct engine *g);
void rows_put_audit(struct json_out *o, const struct many *rows); /* audit_record, as the array "audit" */

#endif
