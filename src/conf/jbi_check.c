/* What JBI demands across the members of an action. */
#include "base/base.h"

#include "conf/jbi_private.h"

#include "base/arena.h"

/* Values in the message have been cut by problem_quote, so the buffer is long enough. */
void jbi_refuse(const struct jbi_at *at, const char *near, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    yaml_problem(at->r->problems, at->node, at->key, near, "%s", line);
}

/* Place of a step in a group; n when it is not in it. */
static size_t jbi_step_place(const struct jbi_action *action, enum jbi_group group, enum jbi_step step)
{
    size_t i = 0;
    while (i < action->steps[group].n && action->steps[group].v[i] != step)
        i++;
    return i;
}

static bool jbi_has_step(const struct jbi_action *action, enum jbi_group group, enum jbi_step step)
{
    return jbi_step_place(action, group, step) < action->steps[group].n;
}

/* Jira's transitions set a status and may demand a resolution: JBI wants them in this order. */
static void jbi_check_order(const struct jbi_at *parameters, const struct jbi_action *action, enum jbi_group group)
{
    size_t status = jbi_step_place(action, group, JBI_MAYBE_UPDATE_ISSUE_STATUS);
    size_t resolution = jbi_step_place(action, group, JBI_MAYBE_UPDATE_ISSUE_RESOLUTION);
    struct jbi_at steps = jbi_member(parameters, "steps"), at = jbi_member(&steps, jbi_group_name(group));
    if (status < action->steps[group].n && resolution < status)
        jbi_refuse(&at, NULL, "maybe_update_issue_resolution must come after maybe_update_issue_status");
}

/* A step of `new` or `existing` that does nothing without its map. */
static void jbi_check_map(const struct jbi_at *parameters, const struct jbi_action *action, enum jbi_step step,
                          const char *name, const struct jbi_map *map)
{
    struct jbi_at at = jbi_member(parameters, name);
    if (map->n > 0 || !(jbi_has_step(action, JBI_NEW, step) || jbi_has_step(action, JBI_EXISTING, step)))
        return;
    if (!at.node)
        at.node = parameters->node;
    jbi_refuse(&at, NULL, "the step %s needs a %s that is not empty", jbi_step_name(step), name);
}

/* Called only for an action whose members are all good. */
void jbi_check_action(const struct jbi_at *at, const struct jbi_action *action)
{
    struct jbi_at parameters = jbi_member(at, "parameters");
    for (int group = 0; group < JBI_GROUPS; group++)
        jbi_check_order(&parameters, action, (enum jbi_group)group);
    jbi_check_map(&parameters, action, JBI_MAYBE_UPDATE_ISSUE_STATUS, "status_map", &action->status_map);
    jbi_check_map(&parameters, action, JBI_MAYBE_UPDATE_ISSUE_RESOLUTION, "resolution_map", &action->resolution_map);
}
