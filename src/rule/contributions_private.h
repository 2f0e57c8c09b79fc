/*
 * contributions_private.h: one pull request (or issue) of a bridge github-contributions, as its rules see it.
 *
 * The state that it should be in is computed from fresh facts and compared with the one that it is in; the event says
 * only where to look. Each subject (status, labels, first comment, a board, a Jira) is a unit of its own. A rule runs
 * again from nothing whenever a fact was missing, so it may go on planning without. All lives in the attempt's arena.
 */
#ifndef RULE_CONTRIBUTIONS_PRIVATE_H
#define RULE_CONTRIBUTIONS_PRIVATE_H

#include "conf/contributions.h"
#include "rule/decide.h"
#include "rule/plan_private.h"

struct json;

enum contrib_class { CONTRIB_BOT, CONTRIB_PRIVATE, CONTRIB_INTERNAL, CONTRIB_REFUSED, CONTRIB_OSPR };
enum contrib_state { CONTRIB_OPEN, CONTRIB_REOPENED, CONTRIB_CLOSED, CONTRIB_MERGED };

struct contrib_author { /* what a pull request is, by itself, its author and its repository */
    enum contrib_class class;
    const char *why;    /* for people: "the author is not in the people file" */
    bool is_by_closing; /* internal only since it was closed without the label of an outside one */
    bool is_signed, is_core, is_first_time;
};

struct contrib_catalog { /* catalog-info.yaml */
    bool is_known;       /* false: it cannot be read now for what it says */
    bool is_person;      /* the owner is one: its login */
    const char *owner;   /* NULL: none */
    const char *lifecycle;
    const char *boards;  /* names of more boards, joined by commas; NULL: none */
    const char *trouble; /* for people; NULL: none */
};

/* What a comment of ours is, by marks in its text; a comment may be several. */
enum {
    SAID_WELCOME = 1,
    SAID_WELCOME_CLOSED = 2,
    SAID_BLENDED = 4,
    SAID_NO_CONTRIBUTIONS = 8,
    SAID_NEED_CLA = 16,
    SAID_DRAFT = 32,
    SAID_FIRST = 63, /* all of these are parts of the first comment */
    SAID_SURVEY = 64,
    SAID_NO_JIRA_SERVER = 128,
    SAID_NO_JIRA_MAPPING = 256
};
struct contrib_said {
    const struct comment *comment;
    unsigned kinds;
    const struct json *data;  /* hidden in it, as the bot before us had it; NULL: none that can be read */
    const struct json *facts; /* likewise, what a comment of ours tells of beside */
};

struct contrib_case {
    struct arena *a;
    const struct conf_bridge *bridge;
    const struct contributions *own;
    const struct rule_urls *from, *to;
    const struct event *ev;
    const struct facts *facts;
    struct decision *decision;

    const char *tracker;       /* the bridge's `from` */
    const char *ref;           /* as the event has it: what links and markers are named by */
    const struct issue *issue; /* fresh; NULL: not yet */
    bool is_pull;
    struct contrib_author author; /* from here on of pull requests only */
    enum contrib_state state;
    bool is_draft;
    bool is_blended; /* of class ospr, and its title names a project */
    struct contrib_catalog catalog;
    const struct fact *talk; /* comments of ours; NULL: not asked for, or not yet */
    struct many said;        /* struct contrib_said, oldest first */

    struct unit *unit; /* the one that is being planned */
    const char *step;
};

/* --- what is asked --- */
const struct fact *contrib_need(struct contrib_case *c, enum fact_kind kind, const char *ref);
/* Likewise, for what only the unit under way needs: NULL also when it cannot be had now, and then the unit fails. */
const struct fact *contrib_want(struct contrib_case *c, const char *tracker, enum fact_kind kind, const char *ref);
bool contrib_here(const struct fact *f); /* fetched, and there */

/* --- what is planned --- */
/* Begin a unit named after the bridge and `of`; contrib_end puts it into the decision. */
void contrib_begin(struct contrib_case *c, struct unit *unit, const char *of, const char *operation);
void contrib_end(struct contrib_case *c);
/* A change to the pull request, at the end of the unit. Good until the next call. */
struct change *contrib_change(struct contrib_case *c, enum change_kind kind);
void contrib_note(struct contrib_case *c, const char *text);
/* The unit cannot be carried out now: it is tried again, others go on. */
void contrib_fails(struct contrib_case *c, enum err_class class, const char *why);
/* "github:o/r#5", followed by what is said of it: the name of an effect. */
const char *contrib_marker(const struct contrib_case *c, const char *what);

/* --- contributions_class.c --- */
void contrib_classify(const struct contrib_case *c, const struct issue *issue, struct contrib_author *ret);
const char *contrib_class_name(enum contrib_class class);
bool contrib_title_draft(const char *title);                        /* WIP or wip as a word */
bool contrib_title_blended(const char *title);                      /* [BD-12] */
const char *contrib_owner(struct arena *a, const char *repository); /* of "OWNER/REPO" */
/* There is a label of that name, whatever its case: GitHub has only one then. */
bool contrib_labelled(const struct issue *issue, const char *label);
/* The nick that a label asks a Jira issue by; NULL when it is no such label. */
const char *contrib_label_nick(const struct contrib_case *c, const char *label);
bool contrib_asks_jira(const struct contrib_case *c, const struct issue *issue);

/* --- contributions_catalog.c --- */
void contrib_read_catalog(const struct contrib_case *c, const struct fact *file, struct contrib_catalog *ret);

/* --- contributions_said.c --- */
void contrib_read_said(struct contrib_case *c, const char *login);
unsigned contrib_said_kinds(const struct contrib_case *c);         /* of all comments */
const char *contrib_said_marks(struct arena *a, unsigned kinds);   /* a line for each */
const char *contrib_said_facts(struct arena *a, const char *json); /* the line that hides them */
/* Is the nick in that list of any comment's data ("jira_errors", "jira_issues")? ret_key: of the issue; may be NULL. */
bool contrib_said_nick(const struct contrib_case *c, const char *list, const char *nick, const char **ret_key);

/* --- contributions_palette.c: the labels of a repository, by the labels file --- */
bool contrib_is_sync(const struct event *ev);
/* Why there is nothing to do, else NULL: planned, or something is to be asked first. */
const char *contrib_palette(struct contrib_case *c);

/* --- contributions_text.c --- */
struct contrib_more { /* what texts about a Jira know beside the pull request */
    const char *key, *jira_url, *nick, *description, *contact;
};
const char *contrib_text(const struct contrib_case *c, enum contrib_text which, const struct contrib_more *more);

/* --- contributions_jira.c --- */
/* What an issue in Jira says of the pull request: where it is from, and its text. */
const char *contrib_description(const struct contrib_case *c);
/* What is wrong with the mapping of a Jira, as it was read; NULL: nothing. */
const char *contrib_mapping_fault(struct arena *a, const struct jira_nick *nick, const struct fact *f);

/* --- tickets: contributions_ticket.c, _ticket_find.c, _ticket_fields.c --- */
struct ticket {                      /* the issue in the bridge's `to` that goes with the pull request */
    const char *key;                 /* NULL: none is known */
    const char *elsewhere;           /* our comment names one on another server */
    bool is_learnt;                  /* our store did not know it, or not by that key */
    bool is_told;                    /* a comment names it */
    const struct contrib_said *told; /* the comment of ours that keeps what is known of it; NULL: none does */
    const struct issue *issue;       /* fresh; NULL: not yet, or it cannot be seen */
};
/* By our store, by the data in our comments, and by the link in the first comment of the bot before us. */
void ticket_find(struct contrib_case *c, const struct fact *linked, struct ticket *ret);
const char *ticket_told_text(const struct ticket *t, const char *key); /* a member of what the comment keeps, or NULL */
/* Those of the configuration, by the names of Jira's: each that it has is added. False: still to be asked. */
bool ticket_put_fields(struct contrib_case *c, const struct opt_pairs *pairs, struct many *to);
bool ticket_put_values(struct contrib_case *c, struct many *to);
/* The pull request's label says the ticket's status. */
void ticket_label(struct contrib_case *c, const char *status);
/* An event of the Jira of the tickets. Why it is of none, else NULL. */
const char *ticket_heard(struct contrib_case *c);

/* --- the units --- */
void contrib_status(struct contrib_case *c);
void contrib_labels(struct contrib_case *c);
void contrib_comment(struct contrib_case *c); /* the first comment, and the survey */
void contrib_boards(struct contrib_case *c);
void contrib_jira(struct contrib_case *c);
void contrib_ticket(struct contrib_case *c);

#endif
