/* jira_history_private.h: what becomes known of what was done to issues of the pretend Jira. */
#ifndef SANDBOX_JIRA_HISTORY_PRIVATE_H
#define SANDBOX_JIRA_HISTORY_PRIVATE_H

#include "sandbox/jira_private.h"

/* jira_hooks.c: what a request does to the issue that its path names, or makes, is noted and told to webhooks. */
struct sj_before {
    struct sj_issue *issue; /* NULL: none is named */
    size_t status, had;
    const char *summary, *key;
};
void sj_hooks_before(const struct sandbox_call *c, const char *key, struct sj_before *ret);
void sj_hooks_after(struct sandbox_call *c, const struct sj_before *was);
void sj_hooks_free(struct sj_site *j);
void sj_control_hooks_get(struct sandbox_call *c);
void sj_control_hooks_put(struct sandbox_call *c);
void sj_control_move(struct sandbox_call *c);

/* jira_history.c: what was done to an issue, for its changelog. */
void sj_history_add(struct sandbox_call *c, struct sj_issue *i, const struct sj_before *was);
void sj_history_clear(struct sj_issue *i);
void sj_put_changelog(struct sandbox_call *c, const struct sj_issue *i);

#endif
