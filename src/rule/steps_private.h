/*
 * steps_private.h: one action at work on one event, as the steps see it.
 *
 * A step reads the fresh bug and, when there is one, the fresh Jira issue, and adds changes to the unit. It runs again
 * from nothing whenever a fact was missing, so it may go on planning after rule_need gave NULL: an unfinished decision
 * is thrown away. All lives in the arena of the attempt.
 */
#ifndef RULE_STEPS_PRIVATE_H
#define RULE_STEPS_PRIVATE_H

#include "rule/decide.h"
#include "rule/plan_private.h"

struct rule_case {
    struct arena *a;
    const struct conf_bridge *bridge;
    const struct jbi_bridge *own;
    const struct rule_urls *from, *to;
    const struct event *ev;
    const struct facts *facts;
    struct decision *decision; /* takes the needs */
    const struct issue *bug;   /* fresh, and open to everybody */

    const struct jbi_action *action;
    struct unit *unit;
    enum jbi_group group;
    bool is_new;                         /* the unit's first change creates the issue */
    const char *key;                     /* of the Jira issue; NULL when no attempt has made it yet */
    size_t former;                       /* issues of this project that were linked once and are no longer */
    const struct issue *issue;           /* the Jira issue, fresh; NULL when is_new or not yet fetched */
    const struct comment *comment;       /* fresh and public; NULL when the event carries none */
    const struct attachment *attachment; /* the same */
    const char *step;                    /* name of the running step */
    size_t related;                      /* related bugs read so far */
};

/* The fact, or NULL after adding it to what the decision needs. */
const struct fact *rule_need(struct rule_case *c, enum fact_kind kind, const char *tracker, const char *ref);

/* A change to the Jira issue, at the end of the unit. Good until the next call. */
struct change *rule_change(struct rule_case *c, enum change_kind kind);
void rule_field(struct rule_case *c, struct change *change, struct field_value v);
void rule_note(struct rule_case *c, const char *text); /* each text once */
struct target rule_issue(const struct rule_case *c);   /* the Jira issue as a target */

/* The Jira key in an address, or NULL when it is not one of the configured Jira's. */
const char *rule_key(const struct rule_case *c, const char *url);
/* Is it an issue of that project, by its key? Case counts. */
bool rule_key_in(const char *key, const char *project);

/*
 * Full: bring everything over, as for a new issue. So it is on create, and for an event that cannot say what changed
 * (found by a reconciler, asked for by a person).
 */
bool rule_full(const struct rule_case *c);
/* Full, or the event says that this field changed. */
bool rule_touched(const struct rule_case *c, const char *field);

/* Markdown as Jira markup, such that it and `before` stay within the action's and Jira's limits of length. */
const char *rule_body(const struct rule_case *c, const char *markdown, const char *before);
/* Who acted, for people: a login or "unknown". */
const char *rule_actor(const struct rule_case *c);

void step_create_issue(struct rule_case *c);
void step_delete_duplicate(struct rule_case *c);
void step_link_to_bugzilla(struct rule_case *c);
void step_link_to_jira(struct rule_case *c);
void step_summary(struct rule_case *c);
void step_comments_for_changes(struct rule_case *c);
void step_assign(struct rule_case *c);
void step_priority(struct rule_case *c);
void step_resolution(struct rule_case *c);
void step_severity(struct rule_case *c);
void step_points(struct rule_case *c);
void step_status(struct rule_case *c);
void step_type(struct rule_case *c);
void step_components(struct rule_case *c);
void step_whiteboard_labels(struct rule_case *c);
void step_keywords_labels(struct rule_case *c);
void step_comment(struct rule_case *c);
void step_phabricator_link(struct rule_case *c);
void step_dependencies(struct rule_case *c);
void step_see_also(struct rule_case *c);
void step_duplicates(struct rule_case *c);
void step_regressions(struct rule_case *c);

#endif
