/*
 * gaps.h: what is a gap: something that a tracker says has happened and of which the journal has nothing. Pure.
 *
 * A place is what is looked at by itself: a repository, an organisation (for its webhook), what our credentials have of
 * their own (likewise), or "", the whole of a tracker that tells of its changes in one list.
 */
#ifndef POLL_GAPS_H
#define POLL_GAPS_H

#include "model/fact.h"
#include "poll/sightings.h"

struct conf_tracker;

enum {
    GAP_SECOND_MS = 1000,           /* trackers tell times in whole seconds: what they tell is over by the end of it */
    GAP_OVERLAP_MS = 2 * 60 * 1000, /* lists are read that much further back than they were read before */
    GAP_LOG_OVERLAP_MS = 10 * 60 * 1000, /* likewise, logs of deliveries, which may be late by some tries */
    GAP_GRACE_MS = 2 * 60 * 1000         /* a webhook may take that long */
};

enum gap_hook {                   /* how it stands with the webhook that points at us */
                GAP_HOOK_UNKNOWN, /* nobody let us look */
                GAP_HOOK_NONE,
                GAP_HOOK_HEARD, /* it cannot be looked at, but has told of something */
                GAP_HOOK_WORKING,
                GAP_HOOK_FAILING,
                GAP_HOOK_DISABLED,
                GAP_HOOKS
};
const char *gap_hook_name(enum gap_hook h);

struct place_state {       /* of one place; in the store as JSON. Times by the tracker's clock are said to be */
    int64_t first_ms;      /* looked at since */
    int64_t until_ms;      /* all that the tracker says happened before is in the journal; 0: never yet */
    int64_t checked_ms;    /* when it was looked at last, whatever came of it */
    int64_t floor_ms;      /* changes before are of no interest; its clock */
    int64_t updated_ms;    /* the newest change that was looked at; its clock */
    int64_t log_ms;        /* the newest delivery that was looked at; its clock */
    int64_t log_read_ms;   /* when the log was read last */
    int64_t hooks_read_ms; /* when the webhooks were asked for last */
    int64_t missed, recovered;
    enum gap_hook hook;
    const char *hook_id;
    const char *tag;     /* of the first page of issues, when all on it was looked at */
    const char *trouble; /* why it could not be looked at; NULL: it could */
    const char *note;    /* worth saying, though it was looked at */
    bool is_gone;        /* there is no such place any more, or not for us */
};
extern const struct field_table place_state_table;
/* A copy that lives in that arena. */
struct place_state place_state_copy(struct arena *a, const struct place_state *s);

/* "OWNER/REPO" of a ref in it; NULL: it has none. */
const char *gap_place(struct arena *a, const char *ref);

/* Does this address of a webhook lead to us? public_url may be NULL. */
bool gap_is_our_hook(struct arena *a, const struct conf_tracker *t, const char *public_url, const char *url);
/* Ours among those of a FACT_HOOKS: the newest that is enabled, or else the newest. *ret_hook: NULL when there is none.
 */
enum gap_hook gap_our_hook(struct arena *a, const struct conf_tracker *t, const char *public_url, const struct fact *f,
                           const struct hook **ret_hook);
/* Webhooks that stand for the whole tracker: the worst of them. */
enum gap_hook gap_worst_hook(const struct fact *f);

enum gap {
    GAP_NONE,
    GAP_ECHO,  /* changed since the last event, perhaps by ourselves: to be looked at, nothing was missed */
    GAP_MISSED /* changed since the last event */
};
/*
 * An issue that has changed. An event that came in later has read it as it is, so nothing is missed then; without a log
 * of deliveries that says what else was sent, only if it was not discarded for what it was.
 */
enum gap gap_of_issue(const struct sightings *s, const struct issue *i, bool has_log);
/*
 * An issue that a bridge writes to, which has changed at i->changed_ms; links: struct linked, those that it is written
 * to for. An event of theirs has read it too; or has changed it, and what follows from that may be left to be done.
 */
enum gap gap_of_followed(const struct sightings *s, const struct issue *i, const struct many *links, struct arena *a);

#endif
