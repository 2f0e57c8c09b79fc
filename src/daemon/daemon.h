/*
 * daemon.h: the parts put together, booted in order, reloaded, and stopped in reverse order. Used by `serve` and
 * `demo`.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "conf/config.h"

struct daemon;
struct loop;

/* Boots; takes a hold of the configuration. Errors are those of the part that cannot start. */
int daemon_new(struct daemon **ret, struct loop *loop, struct config *config, struct err *e);
void daemon_announce(struct daemon *d); /* to a supervisor, if there is one: ready, and from then on alive */
void daemon_free(struct daemon *d);     /* cuts what is under way; NULL is fine */
/* Take no more deliveries, finish or save what is under way within 10 s, then call `stopped`. */
void daemon_stop(struct daemon *d, void (*stopped)(void *ctx), void *ctx);
/* Read the configuration again, on the pool; one that is refused changes nothing and is logged. */
void daemon_reload(struct daemon *d);

int daemon_port(const struct daemon *d);            /* 0: unix socket */
const char *daemon_address(const struct daemon *d); /* "http://127.0.0.1:8080" */

extern const char daemon_version[], daemon_commit[];

#endif
