/*
 * survey.h: a store whose last owner was cut off is looked through on the pool, while it is served; what is found is
 * logged, and the store knows it from then on (store_damage). One that is broken off begins anew at the next start.
 */
#ifndef DAEMON_SURVEY_H
#define DAEMON_SURVEY_H

#include "base/base.h"

struct survey;
struct loop;
struct store;

/* NULL: nothing is to be looked through. The store must last until it is freed. */
struct survey *survey_start(struct loop *loop, struct store *store, const char *url);
void survey_cancel(struct survey *c); /* NULL is fine, as below */
bool survey_busy(const struct survey *c);
void survey_free(struct survey *c); /* when it is not busy */

#endif
