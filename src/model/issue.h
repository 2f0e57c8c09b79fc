/*
 * issue.h: an issue and its parts in neutral words. A driver fills what its service has; the rest stays NULL, 0 or
 * empty. Data only; everything lives in the arena of the unit of work. In our own tables a row is called as its member,
 * but times, which are written as texts, without `_ms`.
 */
#ifndef MODEL_ISSUE_H
#define MODEL_ISSUE_H

#include "model/field.h"

struct person {
    const char *id; /* accountId, user number… */
    const char *login;
    const char *name;
    const char *mail; /* of FACT_ACCOUNTS and FACT_MEMBERS only */
};

struct comment {
    const char *id;
    int64_t number; /* place on the issue from 0 (Bugzilla: 0 is the description); -1 unknown */
    const char *author;
    const char *text;   /* in the service's own markup */
    const char *marker; /* the marker that lockstep left on it; else NULL */
    bool is_private;
    int64_t at_ms;
};

struct attachment {
    const char *id;
    const char *content_type;
    const char *description;
    const char *file_name;
    bool is_private, is_obsolete, is_patch;
    int64_t at_ms;
};

struct named { /* a component, an issue type, a status… */
    const char *id;
    const char *name;
};

struct issue_link {
    const char *id;
    const char *type;  /* "Blocks" */
    bool is_inward;    /* the other issue is the inward end ("blocks" this one) */
    const char *other; /* its ref */
};

struct issue_change { /* one field that somebody changed */
    int64_t at_ms;
    const char *by; /* a person's id */
    const char *field, *removed, *added;
};

struct pull { /* what a pull request has beyond an issue; type is "pull request" then, status may be "merged" */
    bool is_draft;
    const char *head;        /* the commit at its tip */
    const char *association; /* its author's standing in the repository: "FIRST_TIMER", "MEMBER"… */
    int64_t merged_ms;
    int64_t added, deleted; /* lines */
};

struct issue {
    const char *ref; /* what people call it: "1709", "JB-7", "openedx/edx-platform#123" */
    const char *id;  /* what never changes, where that differs (Jira; GitHub: its id in GraphQL) */
    const char *url; /* where people see it, where the tracker says so */
    const char *project;
    bool is_private; /* not open to everybody */
    const char *summary;
    const char *description;
    const char *type;
    const char *product;
    const char *component;
    const char *whiteboard;
    const char *status;
    const char *resolution;
    const char *priority;
    const char *severity;
    const char *points;
    const char *creator;
    const char *creator_kind; /* "User", "Bot" (GitHub) */
    const char *assignee;     /* login at Bugzilla, account id at Jira */
    const char *dupe_of;
    int64_t created_ms, closed_ms;
    int64_t changed_ms; /* last change */
    struct texts keywords, labels, see_also, groups;
    struct texts depends_on, blocks, duplicates, regressions, regressed_by; /* refs in the same tracker */
    struct many components;                                                 /* struct named */
    struct many links;                                                      /* struct issue_link */
    struct many past; /* struct issue_change, oldest first; only where a list shows it */
    struct pull pull;
};

extern const struct field_table person_table, comment_table, attachment_table, named_table, issue_link_table,
    issue_change_table, pull_table;
extern const struct field_table issue_table; /* our own names, for traces and the API */

#endif
