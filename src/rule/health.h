/*
 * health.h: what a bridge asks of its trackers before it can work, as checks over facts. Pure; the engine fetches what
 * `needs` names on a schedule and keeps the last results for /__heartbeat__ and `lockstep check --online`. Names of
 * checks, ids and levels of messages are those of JBI's heartbeat, which monitors read.
 */
#ifndef RULE_HEALTH_H
#define RULE_HEALTH_H

#include "conf/config.h"
#include "model/fact.h"

enum health_level { HEALTH_OK = 0, HEALTH_WARNING = 30, HEALTH_ERROR = 40 };
struct health_message {
    const char *id; /* "jira.projects.missing" */
    const char *text;
    const char *why; /* for the operator alone, since it may name what is somebody's own; NULL: the text says it */
};
struct health_check {
    const char *name; /* "jira.all_projects_are_visible" */
    enum health_level level;
    struct many messages; /* struct health_message */
};
struct health_report {
    struct many checks; /* struct health_check */
    struct many needs;  /* struct fact_key */
};
/*
 * A fact that could not be fetched is present with state FORBIDDEN or MISSING and `why`. Adds to ret. Checks of a
 * bugzilla-to-jira bridge: bugzilla.up, bugzilla.all_webhooks_enabled, jira.up, jira.all_projects_are_visible,
 * jira.all_projects_have_permissions, jira.all_project_custom_components_exist, jira.all_project_issue_types_exist.
 */
void jbi_health(const struct conf_bridge *b, const struct facts *facts, struct arena *a, struct health_report *ret);
/* Of a bridge github-contributions with a Jira info file: jira.all_sites_are_usable, with their mappings. */
void contrib_health(const struct conf_bridge *b, const struct facts *facts, struct arena *a, struct health_report *ret);

#endif
