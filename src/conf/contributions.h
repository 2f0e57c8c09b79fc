/*
 * contributions.h: what a bridge of kind github-contributions is told: its options, and the files of the bot that it
 * replaces (Open edX's openedx-webhooks), read unchanged: the people file (CSV or YAML), the organisations, the Jira
 * info file and the mapping that each Jira's company keeps. Pure. An unknown key is a warning; one bad entry never
 * takes the others with it.
 */
#ifndef CONF_CONTRIBUTIONS_H
#define CONF_CONTRIBUTIONS_H

#include "conf/opt.h"
#include "conf/template.h"
#include "conf/tickets.h"
#include "model/field.h"

struct conf_brought;

/* --- people --- */

struct contributor {
    const char *login;       /* lower case */
    const char *institution; /* NULL: none */
    bool is_signed;          /* there is an agreement */
    bool is_core;            /* core contributor */
};
struct people { /* by login */
    struct contributor *v;
    size_t n;
};
/* CSV: columns are known by their names, in any order, more of them are fine; the last line of a login counts. A file
 * called .yaml or .yml: `login: {institution: Acme, agreement: institution, core_contributor: true}`, each optional. */
void people_read(struct arena *a, const char *file, struct str content, struct problems *p, struct people *ret);
const struct contributor *people_find(const struct people *all, const char *login); /* case does not count; or NULL */

struct org {
    const char *key, *name; /* institutions are known by either */
    struct texts
        internal_orgs; /* GitHub organisations that its people are internal to; "*": all (the old `internal`) */
};
struct orgs {
    struct org *v;
    size_t n;
};
void orgs_read(struct arena *a, const char *file, struct str content, struct problems *p, struct orgs *ret);
bool orgs_internal(const struct orgs *all, const char *institution, const char *github_org);

/* --- labels --- */

enum { WANTED_LABELS_MAX = 1000 };

struct wanted_label {                /* a label that repositories shall have, or shall not */
    const char *name;                /* case does not count */
    const char *color, *description; /* NULL: as they are */
    bool is_deleted;
    int line;
};
struct wanted_labels {
    struct wanted_label *v;
    size_t n;
};
/* `name: {color: d73a4a, description: A text}`, or `name: {delete: true}`. What is wrong in it is refused. */
void wanted_labels_read(struct arena *a, const char *file, struct str content, struct problems *p,
                        struct wanted_labels *ret);
const struct wanted_label *wanted_labels_find(const struct wanted_labels *all, const char *name); /* or NULL */

/* --- Jira by label --- */

struct jira_nick {       /* one entry of the Jira info file */
    const char *nick;    /* as written; compared without case */
    const char *tracker; /* of kind jira, made from this entry: "jira-acme"; NULL: the entry is not usable, see why */
    const char *why;
    const char *server;                /* its address */
    const char *mapping;               /* file or address of its mapping */
    const char *mapping_text;          /* what is in it when it is a file; NULL: it is read when it is needed */
    const char *description, *contact; /* contact may be NULL */
    const struct yaml *options;        /* what its tracker is made of: kind, url, user, token */
};
struct jira_nicks {
    struct jira_nick *v;
    size_t n;
};
void jira_info_read(struct arena *a, const char *file, struct str content, struct problems *p, struct jira_nicks *ret);
const struct jira_nick *jira_nick_find(const struct jira_nicks *all, const char *nick); /* or NULL */

struct jira_place { /* where issues of a repository go; a member that nobody names is NULL */
    const char *project, *type;
};
/*
 * The mapping file's word for OWNER/REPO: its defaults, overlaid by the first entry that matches, whatever is wrong
 * with the others. INPUT: it says nothing that can be used, with the place.
 */
int jira_mapping(struct arena *a, const char *file, struct str content, const char *repository, struct jira_place *ret,
                 struct err *e);
/* Is all of it as it should be? INPUT: it is not, with the place. warnings, or NULL, gets the keys that nobody knows.
 */
int jira_mapping_check(struct arena *a, const char *file, struct str content, struct problems *warnings, struct err *e);

/* --- the bridge --- */

enum contrib_text {                           /* files of `templates`, each with a default of ours: NAME.md */
                    CONTRIB_WELCOME,          /* "welcome" */
                    CONTRIB_WELCOME_CLOSED,   /* "welcome_closed" */
                    CONTRIB_BLENDED,          /* "blended" */
                    CONTRIB_NO_CONTRIBUTIONS, /* "no_contributions" */
                    CONTRIB_NEED_CLA,         /* "need_cla": part of the welcome */
                    CONTRIB_FIRST_TIME,       /* "first_time": part of the welcome */
                    CONTRIB_DRAFT,            /* "draft": part of the welcome and of blended */
                    CONTRIB_SURVEY,           /* "survey" */
                    CONTRIB_JIRA_ISSUE,       /* "jira_issue" */
                    CONTRIB_NO_JIRA_SERVER,   /* "no_jira_server" */
                    CONTRIB_NO_JIRA_MAPPING,  /* "no_jira_mapping" */
                    CONTRIB_TICKET,           /* "ticket": of ticket mode */
                    CONTRIB_TEXTS
};
const char *contrib_text_name(enum contrib_text t);
const char *contrib_text_help(enum contrib_text t);
/* What the texts may name in {{…}}; ends in a row without name. All texts may name all of them; flags are "yes" or "".
 */
extern const struct contrib_variable {
    const char *name, *help;
} contrib_variables[];

struct contrib_status { /* state and description of the agreement's commit status; the names are the bot's */
    const char *good, *bad, *bot, *private, *no_contributions; /* descriptions */
};
struct contrib_labels {
    const char *outside, *blended, *core;
    struct texts prune_closed; /* taken off when closed or merged */
    struct texts prune_merged; /* taken off when merged */
};
struct contrib_projects {
    const char *ospr, *blended; /* "ORG:NUMBER"; NULL: none */
};
struct contrib_fields { /* names of the board's fields */
    const char *opened, *owner, *closed;
};
enum { CONTRIB_PLAIN, CONTRIB_WIKI };

struct contributions {
    /* Options. */
    const char *people_file, *orgs_file, *jira_info, *templates; /* `people`, `orgs` in the file */
    const char *labels_file;                                     /* NULL: no label sync */
    struct contrib_projects projects;
    struct texts private_orgs; /* whose private repositories need no agreement: edx */
    struct texts closed_orgs;  /* that take no contributions: edx */
    struct texts accounts;     /* logins whose comments are ours as well: of the bot before */
    const char *group_prefix;  /* put before an owner that is a group: "openedx/" */
    const char *boards_annotation;
    const char *status_context, *agreement_url;
    struct contrib_status status;
    struct contrib_labels labels;
    struct contrib_fields fields;
    struct tickets tickets;
    const char *jira_label;   /* what a label that asks for an issue begins with: "jira:" */
    const char *jira_mark;    /* the label of issues made: "from-GitHub" */
    const char *jira_ask;     /* where to ask for a Jira that is not known */
    const char *survey_url;   /* NULL: no survey */
    const char *rescan_since; /* pull requests made before are not rescanned: "2018-01-01" */
    int description;          /* CONTRIB_PLAIN, CONTRIB_WIKI: the text of a pull request in Jira */
    /* Read from the files. */
    struct people people;
    struct orgs orgs;
    struct jira_nicks nicks;
    struct wanted_labels wanted_labels;
    struct template *texts[CONTRIB_TEXTS];
};
extern const struct opt_table contributions_table;
/* Reads the files that the options name; see conf_kind.check. */
void contributions_check(void *of, const struct yaml *at, const struct opt_read *r);
/* The trackers of the Jira info file; see conf_kind.brings. */
bool contributions_brings(void *of, size_t i, struct conf_brought *ret);

#endif
