/*
 * sandbox.h: pretend Jira and Bugzilla, in memory, on one HTTP listener: Jira below /jira, Bugzilla below /bugzilla,
 * control below /_sandbox (its paths are listed at the top of control.c). Real paths, bodies and error bodies; pages to
 * look at; faults on demand; a log of every write.
 *
 * All runs on the loop. The built-in seed's Jira takes Basic bot@example.org:sandbox-jira-token; its Bugzilla takes the
 * key sandbox-bugzilla-key, and sandbox-privileged-key for what is private. Its webhook is listed but sends nothing
 * until control sets webhooks that do. Writes over Bugzilla's REST tell the webhooks; what control puts does not,
 * unless ?hooks=1 asks for it.
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
