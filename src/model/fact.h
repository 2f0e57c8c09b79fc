/*
 * fact.h: what a tracker says now, fetched for one attempt, recorded in its trace so that deciding can be repeated.
 */
#ifndef MODEL_FACT_H
#define MODEL_FACT_H

#include "model/issue.h"

/* Kinds. `ref` of the key says of what; the member that holds the answer follows the arrow. */
enum fact_kind {
    FACT_ISSUE,       /* ref: issue → issue */
    FACT_COMMENTS,    /* ref: issue → comments, oldest first */
    FACT_ATTACHMENTS, /* ref: issue → attachments, without their content */
    FACT_USERS,       /* ref: mail address → people who match */
    FACT_LINKED,      /* from our store: issues linked with `ref`; tracker is ref's own → refs, see struct linked */
    FACT_WHOAMI,      /* ref "" → people[0], the account of our credentials */
    FACT_HOOKS,       /* ref "" → hooks, the webhooks that point at us */
    FACT_PROJECTS,    /* ref "" → names: keys of the projects we may see */
    FACT_PERMISSIONS, /* ref: permission words joined by commas → names: projects where we have them all */
    FACT_COMPONENTS,  /* ref: project → names */
    FACT_ISSUE_TYPES, /* ref: project → names */
    FACT_HEALTH,      /* ref "" → text: what the server says of itself */
    FACT_KINDS
};
const char *fact_kind_name(enum fact_kind kind); /* "issue", "comments"… */

enum fact_state {
    FACT_HERE,
    FACT_MISSING,  /* the tracker says there is no such thing */
    FACT_FORBIDDEN /* it may exist; we may not see it although our credentials are good */
};

struct fact_key {
    enum fact_kind kind;
    const char *tracker;
    const char *ref; /* never NULL */
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

struct fact {
    struct fact_key key;
    enum fact_state state;
    const char *why; /* the tracker's words when it is not HERE */
    struct issue issue;
    struct many comments;    /* struct comment */
    struct many attachments; /* struct attachment */
    struct many people;      /* struct person */
    struct many names;       /* struct named */
    struct many hooks;       /* struct hook */
    struct many links;       /* struct linked */
    const char *text;
};

extern const struct field_table fact_key_table, hook_table, linked_table, fact_table;

struct facts { /* those of one attempt */
    struct fact **v;
    size_t n;
};
const struct fact *facts_find(const struct facts *f, const struct fact_key *key); /* NULL: not fetched */
void facts_add(struct arena *a, struct facts *f, struct fact *fact);

#endif
