/*
 * sandbox.h: pretend Jira and Bugzilla, in memory, on one HTTP listener: Jira below /jira, Bugzilla below /bugzilla,
 * control below /_sandbox. Real paths, bodies and error bodies; pages to look at; faults on demand; a log of every
 * write.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/base.h"

struct loop;
struct sandbox;

struct sandbox_conf {
    const char *listen; /* as for http/server.h; port 0 picks one */
    const char *seed;   /* JSON text of projects, bugs… to begin with; NULL: the built-in one */
};
int sandbox_new(struct sandbox **ret, struct loop *loop, const struct sandbox_conf *conf, struct err *e);
void sandbox_free(struct sandbox *s); /* NULL is fine */
int sandbox_port(const struct sandbox *s);

#endif
