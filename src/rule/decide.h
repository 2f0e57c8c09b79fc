/*
 * decide.h: event + configuration + facts → plan. Pure: no I/O, no clock. When a fact is missing the decision names it
 * in `needs` (several at once where it can); the engine fetches them and calls again. So recorded facts replay.
 */
#ifndef RULE_DECIDE_H
#define RULE_DECIDE_H

#include "conf/config.h"
#include "conf/jbi.h"
#include "model/event.h"
#include "model/plan.h"

struct health_report;

/* Options of `kind: bugzilla-to-jira`. */
struct jbi_bridge {
    const char *actions; /* file or URL */
    const char *phabricator_url;
    int line_breaks;          /* JBI_LINES_JOIN, JBI_LINES_KEEP */
    struct jbi_actions rules; /* read from `actions` by the kind's check */
};
enum { JBI_LINES_JOIN, JBI_LINES_KEEP };

/* How rules read and write addresses of issues without knowing drivers. */
struct rule_urls {
    const char *(*issue_url)(const struct conf_tracker *conf, struct arena *a, const char *ref);
    const char *(*issue_ref)(const struct conf_tracker *conf, struct arena *a, const char *url);
};

struct rule_question { /* one event put to one bridge */
    const struct conf_bridge *bridge;
    struct rule_urls from, to; /* `to` is empty when the bridge has none */
    const struct event *event;
    const struct facts *facts; /* known so far */
    struct arena *arena;       /* for the decision */
};

struct rule_kind {
    struct conf_kind kind;
    bool hears_to; /* events of the tracker in `to` are put to it too */
    /* Adds this bridge's units (or needs) to ret. */
    void (*decide)(const struct rule_question *q, struct decision *ret);
    const char *hook_events; /* what its webhook has to tell of, joined by commas; NULL: it does not say */
    /* Might it be told of this issue, by what a list shows of it? NULL: it might be told of any. */
    bool (*concerns)(const struct conf_bridge *b, const struct issue *i);
    /* Projects of `to` whose issues it must hear of when somebody changes certain fields of them: adds them. The
       fields, joined by commas. NULL: none. */
    void (*follows)(const struct conf_bridge *b, struct arena *a, struct texts *ret);
    const char *follows_fields;
    /* Adds this bridge's health checks (or needs) to ret: rule/health.h. NULL: it has none. */
    void (*health)(const struct conf_bridge *b, const struct facts *facts, struct arena *a, struct health_report *ret);
    /*
     * Is this FACT_FILE one that is to be as it was when it was usable last while it is not usable? Then *ret_fault is
     * what is wrong with it, or NULL. NULL: there is no such file.
     */
    bool (*judges)(const struct conf_bridge *b, const struct fact *f, struct arena *a, const char **ret_fault);
    /* Is it worth looking at again, when all of a repository are? NULL: all are. */
    bool (*rescans)(const struct conf_bridge *b, const struct issue *i);
    /* Does it know which labels repositories shall have? NULL: no. */
    bool (*syncs_labels)(const struct conf_bridge *b);
};
extern const struct rule_kind rule_bugzilla_to_jira, rule_github_contributions;
extern const struct rule_kind *const rule_kinds[];      /* NULL-terminated */
extern const struct conf_kind *const rule_conf_kinds[]; /* the same as kinds of bridges */
const struct rule_kind *rule_kind(const struct conf_bridge *b);

/* The worst verdict of the units, given which of them wrote something; and its reason. */
enum verdict decision_verdict(const struct decision *d, bool wrote, const char **ret_reason, struct arena *a);

#endif
