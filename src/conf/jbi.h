/*
 * jbi.h: the action files of Mozilla's Jira Bugzilla Integration, read unchanged: every parameter, default and
 * validation; unknown keys are warnings (the shipped files have some), unknown steps and wrong types are refused, and a
 * refused entry does not hide the others. Pure; contract: JBI's own documentation and behaviour, state of August 2026.
 */
#ifndef CONF_JBI_H
#define CONF_JBI_H

#include "conf/opt.h"
#include "model/field.h"

enum jbi_group { JBI_NEW, JBI_EXISTING, JBI_COMMENT, JBI_ATTACHMENT, JBI_GROUPS };
const char *jbi_group_name(enum jbi_group group); /* "new", "existing"… */

/* Every step name that an action file may use; the same order as rule/steps.c's table. */
enum jbi_step {
    JBI_CREATE_ISSUE,
    JBI_MAYBE_DELETE_DUPLICATE,
    JBI_ADD_LINK_TO_BUGZILLA,
    JBI_ADD_LINK_TO_JIRA,
    JBI_UPDATE_ISSUE_SUMMARY,
    JBI_ADD_JIRA_COMMENTS_FOR_CHANGES,
    JBI_MAYBE_ASSIGN_JIRA_USER,
    JBI_MAYBE_UPDATE_ISSUE_PRIORITY,
    JBI_MAYBE_UPDATE_ISSUE_RESOLUTION,
    JBI_MAYBE_UPDATE_ISSUE_SEVERITY,
    JBI_MAYBE_UPDATE_ISSUE_POINTS,
    JBI_MAYBE_UPDATE_ISSUE_STATUS,
    JBI_MAYBE_UPDATE_ISSUE_TYPE,
    JBI_MAYBE_UPDATE_COMPONENTS,
    JBI_SYNC_WHITEBOARD_LABELS,
    JBI_SYNC_KEYWORDS_LABELS,
    JBI_CREATE_COMMENT,
    JBI_MAYBE_ADD_PHABRICATOR_LINK,
    JBI_SYNC_DEPENDENCIES,
    JBI_SYNC_SEE_ALSO,
    JBI_SYNC_DUPLICATES,
    JBI_SYNC_REGRESSIONS,
    JBI_STEPS
};
const char *jbi_step_name(enum jbi_step step); /* "create_issue"… */

enum jbi_brackets { JBI_BRACKETS_NO, JBI_BRACKETS_YES, JBI_BRACKETS_BOTH };

struct jbi_pair { /* one entry of a map */
    const char *from;
    const char *to; /* NULL: null in the file */
    int64_t number; /* cf_fx_points_map */
};
struct jbi_map {
    struct jbi_pair *v;
    size_t n;
};
const struct jbi_pair *jbi_map_get(const struct jbi_map *m, const char *from); /* NULL: not in it; from NULL is "" */

struct jbi_action {
    const char *tag;
    struct texts contacts; /* bugzilla_user_id as texts; "tbd" possible */
    const char *description;
    bool enabled;
    const char *project;
    struct jbi_steps {
        enum jbi_step *v;
        size_t n;
    } steps[JBI_GROUPS];
    int64_t char_limit;
    bool use_bug_component, use_bug_product, use_bug_component_with_product_prefix, create_components;
    struct texts custom_components;
    const char *priority_field, *resolution_field, *severity_field, *points_field;
    enum jbi_brackets brackets;
    struct jbi_map status_map, resolution_map, priority_map, severity_map, points_map, issue_type_map;
    struct texts linked_project_excludes;
    int line; /* in its file */
};
struct jbi_actions {
    struct jbi_action *v;
    size_t n;
};

/* One key of the file, for manuals. */
struct jbi_doc {
    const char *under; /* "", "parameters", "parameters.steps"… */
    const char *name, *type;
    const char *otherwise; /* YAML; NULL: none */
    const char *help;
    bool required;
};
void jbi_docs(void (*each)(void *ctx, const struct jbi_doc *doc), void *ctx);

/* Read an action file's content. Problems are added; entries without errors are in ret even when others have some. */
void jbi_read(struct arena *a, const char *file, struct str content, struct problems *p, struct jbi_actions *ret);

#endif
