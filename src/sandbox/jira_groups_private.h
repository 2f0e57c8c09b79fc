/* jira_groups_private.h: users and groups of the pretend Jira: jira_groups.c. */
#ifndef SANDBOX_JIRA_GROUPS_PRIVATE_H
#define SANDBOX_JIRA_GROUPS_PRIVATE_H

#include "sandbox/jira_private.h"

struct sj_group {
    char *name;
    struct sandbox_words members; /* accounts */
};
struct sj_group *sj_group_find(const struct sj_site *j, const char *name);
void sj_groups_free(struct sj_site *j);
void sj_control_user(struct sandbox_call *c);
void sj_control_group_get(struct sandbox_call *c);
void sj_control_group_put(struct sandbox_call *c);

#endif
