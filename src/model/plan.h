/*
 * plan.h: what a rule wants done: units (one for each action that matched), each with an ordered list of changes.
 * Data only; made by rule/decide, carried out by engine/apply, kept in the trace.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "model/fact.h"

enum change_kind {
    CHANGE_CREATE,       /* a new issue: project, fields, labels to `add` → its ref */
    CHANGE_DELETE,       /* the issue */
    CHANGE_FIELDS,       /* set fields */
    CHANGE_LABELS,       /* add and remove labels */
    CHANGE_STATUS,       /* bring it to the status `name` by the workflow; text: comment to add on the way; fields: what
                            transitions may need; via, may_search: by several of them */
    CHANGE_ASSIGN,       /* assignee is account `name` (NULL: nobody); may_refuse + `or_nobody`: unassign if refused */
    CHANGE_COMPONENTS,   /* components become add + what is there − remove; `may_create` makes missing ones */
    CHANGE_COMMENT,      /* add a comment: text */
    CHANGE_WEB_LINK,     /* attach a web address: global_id, url, name (title), icon, is_resolved */
    CHANGE_SEE_ALSO,     /* put the address of `other` into the issue's own links list */
    CHANGE_LINK,         /* link type `name`: issue is inward, `other` outward */
    CHANGE_UNLINK,       /* remove that link */
    CHANGE_EDIT_COMMENT, /* comment `id` becomes text (and data) */
    CHANGE_REMOVE_COMMENT, /* comment `id` */
    CHANGE_COMMIT_STATUS,  /* of commit `id`: context `name`, state `value`, text, url (NULL: none) */
    CHANGE_BOARD_ADD, /* put the issue, `content` in the board's own words, on the board `id` (name: "ORG:NUMBER") → its
                         item */
    CHANGE_BOARD_FIELD, /* on the board `id`, of item `other`: fields[0], whose field is the board's id of it; name: the
                           field's */
    CHANGE_LABEL_SET,   /* in the repository `issue`, the label `id` (NULL: a new one) becomes `name`, of the color
                           `value`, described by text; NULL: as it is */
    CHANGE_LABEL_DELETE, /* in the repository `issue`, the label `id` */
    CHANGE_HOOK, /* the webhook `id` of `project` (OWNER/REPO, or an organisation; id NULL: a new one) leads to `url`,
                    is enabled and tells of the events `add` → its id */
    CHANGE_REMOVE_HOOK, /* the webhook `id` of `project` */
    CHANGE_PING_HOOK,   /* let it send a ping */
    CHANGE_GROUP_ADD,   /* put the user `id` into the group `name` */
    CHANGE_KINDS
};
const char *change_kind_name(enum change_kind kind); /* "create", "web_link"… */

enum value_kind {
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_NULL,
    VALUE_NAME,    /* {"name": v} */
    VALUE_OPTION,  /* {"value": v} */
    VALUE_NAMES,   /* [{"name": v}] */
    VALUE_OPTIONS, /* [{"value": v}] */
    VALUE_DATE,    /* text: YYYY-MM-DD */
    VALUE_KINDS
};
const char *value_kind_name(enum value_kind kind);

struct field_value {
    const char *field; /* in the tracker's own API */
    enum value_kind kind;
    const char *text;
    int64_t number;
};

/*
 * An issue named in a plan: `ref`, or, when ref is NULL, the one that the change at index `made_by` of the same unit
 * creates. The engine resolves it before a driver sees the change.
 */
struct target {
    const char *tracker;
    const char *ref;
    size_t made_by;
};

struct change {
    enum change_kind kind;
    const char *step; /* the rule's step that asked for it */
    struct target issue;
    struct target other;
    const char *marker; /* names the effect of CREATE and COMMENT for ever, e.g. "bugzilla:12#c3"; else NULL */
    bool may_refuse;    /* the tracker's refusal (INPUT, MISSING) becomes a note, not a failure */
    bool or_nobody, may_create, is_resolved;
    bool may_search; /* of STATUS: other issues may be asked which way there is */
    bool may_exist;  /* of CREATE: a store that was lost may have made it; it is looked for first */
    const char *project;
    const char *name;
    const char *text;
    const char *data; /* of a comment: JSON hidden in it; `${ref}` and `${url}` in text and data are those of `other` */
    const char *id, *content, *value;
    const char *url, *icon, *global_id;
    struct many fields; /* struct field_value */
    struct texts add, remove;
    struct texts via; /* of STATUS: statuses to pass through, in order */
};

enum verdict { /* of an event; the order is severity, worst last; the numbers are stored */
               VERDICT_UNCHANGED,
               VERDICT_APPLIED,
               VERDICT_DISCARDED,
               VERDICT_DROPPED,
               VERDICT_EXPIRED,
               VERDICT_QUEUED, /* from here on: not ended */
               VERDICT_RUNNING,
               VERDICT_BEHIND,
               VERDICT_PARKED,
               VERDICTS
};
const char *verdict_name(enum verdict v);
bool verdict_parse(const char *name, enum verdict *ret);
static inline bool verdict_ended(enum verdict v)
{
    return v < VERDICT_QUEUED;
}

struct unit {         /* one rule applied to one event */
    const char *rule; /* "bugzilla-to-jira[devtest]" */
    bool matched;
    const char *reason; /* why it did not match, or why it is discarded: with no changes */
    bool discarded;
    const char
        *fails; /* the word of an error's class: it cannot be carried out now, for `reason`, and is tried again */
    const char *operation; /* "create", "update", "comment", "attachment"; NULL when discarded */
    const char *target;    /* "jira:DEV-1": the linked issue; NULL when there is none yet, or it is not known */
    bool is_learnt;        /* the trackers themselves tell of that link: our store shall know of it too */
    struct many changes;   /* struct change */
    struct texts notes;    /* "status FOO is not in status_map": applied, with a note */
    struct texts undone;   /* what the trackers left undone, as it was carried out: no part of the decision */
};

struct decision {
    struct many units;  /* struct unit */
    const char *reason; /* when no unit matched: why, for the event's verdict */
    struct many needs;  /* struct fact_key: facts to fetch before deciding again; when n > 0 the rest is unfinished */
};

extern const struct field_table field_value_table, target_table, change_table, unit_table, decision_table;

#endif
