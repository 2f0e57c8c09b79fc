/*
 * fact.h: what a tracker says now, fetched for one attempt, recorded in its trace so that deciding can be repeated.
 */
#ifndef MODEL_FACT_H
#define MODEL_FACT_H

#include "model/issue.h"

/* Kinds. `ref` of the key says of what; the member that holds the answer follows the arrow. */
enum fact_kind {
    FACT_ISSUE,        /* ref: issue → issue */
    FACT_COMMENTS,     /* ref: issue → comments, oldest first */
    FACT_ATTACHMENTS,  /* ref: issue → attachments, without their content */
    FACT_USERS,        /* ref: mail address → people who match */
    FACT_LINKED,       /* from our store: issues linked with `ref`; tracker is ref's own → refs, see struct linked */
    FACT_WHOAMI,       /* ref "" → people[0], the account of our credentials */
    FACT_HOOKS,        /* ref: "", "OWNER/REPO", organisation or a driver's own_place → hooks that point at us */
    FACT_PROJECTS,     /* ref "" → names: keys of the projects we may see */
    FACT_PERMISSIONS,  /* ref: permission words joined by commas → names: projects where we have them all */
    FACT_COMPONENTS,   /* ref: project → names */
    FACT_ISSUE_TYPES,  /* ref: project → names */
    FACT_HEALTH,       /* ref "" → text: what the server says of itself */
    FACT_STATUSES,     /* ref: "OWNER/REPO@COMMIT" → statuses, newest first */
    FACT_FILE,         /* ref: "OWNER/REPO:PATH" on the default branch, or a whole address → text */
    FACT_PERSON,       /* ref: login → people[0] */
    FACT_BOARD,        /* ref: "ORG:NUMBER" → text: the board's own id; fields */
    FACT_BOARD_ITEMS,  /* ref: issue → items: its places on boards */
    FACT_ISSUES,       /* ref: "OWNER/REPO open" and "OWNER/REPO pulls": open and all pull requests, whole, oldest
                          first; "OWNER/REPO all": issues too, newest change first; "since MS" (Bugzilla): oldest change
                          first; "since MS" by projects (Jira): newest change first, with their past; or a further
                          page's → issues, as far as a list shows them; text: the next page's ref */
    FACT_REPOSITORIES, /* ref: organisation, or a driver's own_place → names */
    FACT_DELIVERIES, /* ref: "PLACE/hooks/ID", of a place of FACT_HOOKS, or the address of a further page → deliveries,
                        newest first; text: the next page's address */
    FACT_DELIVERY,   /* ref: "PLACE/hooks/ID/deliveries/ID" → text: the body as it was sent; names: its headers */
    FACT_LABELS,     /* ref: "OWNER/REPO" → names of all labels that its issues may have */
    FACT_PALETTE,    /* ref: "OWNER/REPO" → labels: the same with all that there is to them, always fresh */
    FACT_ACCOUNTS, /* ref: "0", or as the page before said → people, the active ones; text: the next page's ref (Jira)
                    */
    FACT_MEMBERS,  /* ref: "0 GROUP", or as the page before said → people in it; text: the next page's ref (Jira) */
    FACT_FIELDS,   /* ref "" → fields of issues, type: "string", "number", "option", "array of option"… (Jira) */
    FACT_KINDS
};
const char *fact_kind_name(enum fact_kind kind); /* "issue", "comments"… */

enum fact_state {
    FACT_HERE,
    FACT_MISSING,   /* the tracker says there is no such thing */
    FACT_FORBIDDEN, /* it may exist; we may not see it although our credentials are good */
    FACT_SAME,      /* what it was when it bore the tag `unless`: nothing else is filled */
    FACT_FAILED     /* it could not be had now, for an error of that class: only of those that may fail */
};

struct fact_key {
    enum fact_kind kind;
    const char *tracker;
    const char *ref;    /* never NULL */
    const char *by;     /* COMMENTS: only what these logins wrote, joined by commas; NULL: everybody. ISSUE: what is to
                           be read beside the usual ("description"; Jira). ISSUES: of which projects, joined by commas
                           (Jira). Else NULL */
    const char *unless; /* ISSUES: the tag that the answer had when it was read last; NULL: read it */
    bool may_fail; /* that it cannot be had is a fact as well (FACT_FAILED), with which part of the work can be done */
};
bool fact_key_same(const struct fact_key *a, const struct fact_key *b);

struct hook { /* a webhook as its tracker describes it */
    const char *id, *name, *url, *event, *product, *component;
    bool enabled;
    int64_t errors;
};

struct linked { /* one link of FACT_LINKED */
    const char *tracker, *ref;
    int64_t event;     /* the event that made it */
    bool is_confirmed; /* the other side has been told (see_also written or seen) */
};

struct commit_status { /* what somebody said of a commit */
    const char *context, *state, *description, *url;
    int64_t at_ms;
};

struct board_field { /* a column of a board. type as GitHub names it: TEXT, NUMBER, DATE, SINGLE_SELECT… */
    const char *id, *name, *type;
};

struct board_value { /* by the field's name; numbers as text, dates as YYYY-MM-DD */
    const char *field, *value;
};

struct board_item { /* an issue's place on a board */
    const char *id;
    const char *board;  /* "ORG:NUMBER" */
    struct many values; /* struct board_value */
};

struct label {
    const char *name, *color, *description; /* color: "d73a4a" */
};

struct hook_delivery { /* one try at a webhook's delivery, as its sender remembers it */
    const char *id;
    const char *guid; /* the same for each try */
    const char *event, *action;
    const char *repository;
    int64_t at_ms;
    int64_t status; /* HTTP; 0: no answer */
    bool is_again;  /* a redelivery */
};

struct fact {
    struct fact_key key;
    enum fact_state state;
    const char *why;   /* the tracker's words when it is not HERE */
    const char *class; /* FAILED: the word of the error's class */
    struct issue issue;
    struct many comments;    /* struct comment */
    struct many attachments; /* struct attachment */
    struct many people;      /* struct person */
    struct many names;       /* struct named */
    struct many hooks;       /* struct hook */
    struct many links;       /* struct linked */
    struct many statuses;    /* struct commit_status */
    struct many fields;      /* struct board_field */
    struct many items;       /* struct board_item */
    struct many issues;      /* struct issue */
    struct many deliveries;  /* struct hook_delivery */
    struct many labels;      /* struct label */
    const char *text;
    const char *tag; /* names this state of the answer, for fact_key.unless */
};

extern const struct field_table fact_key_table, hook_table, linked_table, commit_status_table, board_field_table,
    board_value_table, board_item_table, hook_delivery_table, label_table, fact_table;

struct facts { /* those of one attempt */
    struct fact **v;
    size_t n;
};
const struct fact *facts_find(const struct facts *f, const struct fact_key *key); /* NULL: not fetched */
void facts_add(struct arena *a, struct facts *f, struct fact *fact);

#endif
