/*
 * tracker_private.h: what the drivers share beside driver.h. Pure; results live in the arena of the call.
 */
#ifndef TRACKER_TRACKER_PRIVATE_H
#define TRACKER_TRACKER_PRIVATE_H

#include "tracker/driver.h"

struct json;
struct json_out;

enum { TRACKER_BODY_BYTES = 4 * 1024 * 1024, TRACKER_NOTE_BYTES = 256 * 1024 };

/* The answer as a tree; TRANSIENT when it is not JSON, since that is a proxy or a maintenance page speaking. */
int tracker_answer(struct arena *a, const struct http_response *r, const char *what, const struct json **ret,
                   struct err *e);

/* Percent-encoded, for a part of a path or a value of a query. */
const char *tracker_escape(struct arena *a, const char *s);

/* Give the request a JSON body; INPUT when it did not fit its maximum. The text is copied. */
int tracker_body(struct arena *a, struct http_request *r, const struct text *json, struct err *e);

/* Take `text` apart when it is an address on the same host and port as `base`. */
bool tracker_at_home(struct arena *a, const char *base, const char *text, struct url *ret);

/* Is that address the tracker's own? Credentials go to no other: each driver's sign asks first. */
bool tracker_is_own(const struct conf_tracker *conf, struct arena *a, const char *text);

/* The value of a field, as a member of the object that is being written. */
void tracker_put_value(struct json_out *o, const struct field_value *v);

/* An empty fact in that state; `why` is copied. */
struct fact *tracker_fact(struct arena *a, enum fact_state state, const char *why);

/*
 * signature.c: is `text`, as a header says it ("sha256=HEX"), the signature of that body under one of the secrets? And
 * is that key one of ours? AUTH otherwise. Constant time.
 */
enum tracker_signature { TRACKER_SHA256, TRACKER_SHA1 };
int tracker_signed(enum tracker_signature kind, const struct secrets *secrets, const char *text, struct str body,
                   struct err *e);
int tracker_key(const struct secrets *keys, const char *given, struct err *e);

/* limits.c: when an answer that is LIMITED wants to be asked again; never at once, never later than in a day. */
int64_t tracker_retry_at(const struct http_response *r);

/*
 * How a step ends. rc < 0 with `why`: a refusal (INPUT, MISSING) of a change that may be refused becomes DONE with a
 * note; anything else is handed to e.
 */
int tracker_outcome(const struct tracker_call *c, int rc, const struct err *why, struct tracker_result *ret,
                    struct err *e);

#endif
