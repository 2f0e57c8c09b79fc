/*
 * redact.h: the configured secrets, so that none is ever shown. Every text that came from outside and goes into a
 * trace, a log line or an answer passes redact_text. Loop thread.
 */
#ifndef ENGINE_REDACT_H
#define ENGINE_REDACT_H

#include "conf/config.h"

struct arena;
struct redact;

__attribute__((returns_nonnull)) struct redact *redact_new(void);
/* Learn the secrets (of 4 bytes and more) of a configuration; those of former ones stay known. */
void redact_config(struct redact *r, const struct config *c);
/* Learn one that ends some time, by a clock of the caller's; those that have ended by now are forgotten. */
void redact_learn(struct redact *r, struct str secret, int64_t now, int64_t until);
void redact_free(struct redact *r); /* NULL is fine */
/*
 * s with each secret replaced by ***, also one that is escaped for an address or for JSON, is inside of base64, or was
 * cut, and each line of those that have several; s itself when there is none. What was JSON still is.
 */
struct str redact_text(const struct redact *r, struct arena *a, struct str s);

#endif
