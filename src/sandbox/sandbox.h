/*
 * sandbox.h: pretend Jira, Bugzilla and GitHub, in memory, on one HTTP listener: Jira below /jira, Bugzilla below
 * /bugzilla, GitHub's REST and GraphQL below /github/api and its pages below /github, control below /_sandbox (its
 * paths are listed at the top of control.c and of github_control.c). Real paths, bodies and error bodies; pages to look
 * at; faults on demand; a log of every write.
 *
 * All runs on the loop. The built-in seed's Jira takes Basic bot@example.org:sandbox-jira-token; its Bugzilla takes the
 * key sandbox-bugzilla-key, and sandbox-privileged-key for what is private. Its webhook is listed but sends nothing
 * until control sets webhooks that do. Writes over Bugzilla's REST tell the webhooks; what control puts does not,
 * unless ?hooks=1 asks for it. Its GitHub takes the token sandbox-github-token, and sandbox-reader-token for what is
 * public alone; it has no hooks until somebody makes some, and then they are told whatever happens, by control too,
 * unless that asks for quiet.
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
