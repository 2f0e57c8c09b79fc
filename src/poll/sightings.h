/*
 * sightings.h: what the journal has of a tracker, for those who compare it with what the tracker says. Read on the
 * pool, from the index of events alone, never from their bodies.
 */
#ifndef POLL_SIGHTINGS_H
#define POLL_SIGHTINGS_H

#include "io/loop.h"
#include "model/field.h"

struct sighting {        /* of an issue: 0 where there was none */
    int64_t received_ms; /* its newest event */
    int64_t heeded_ms;   /* its newest event that was not discarded */
    int64_t applied_ms;  /* when an event last ended that may have written to it */
    bool is_open;        /* one has not ended */
};
struct sightings {
    struct arena *arena;
    struct map *deliveries, *issues, *named;
    struct texts places; /* repositories that sent something */
    bool is_told;        /* by a webhook of the tracker */
    int64_t last;        /* id of the newest event that was looked at */
};
void sightings_init(struct sightings *s);
void sightings_free(struct sightings *s);                                           /* zeroed is fine */
const struct sighting *sightings_issue(const struct sightings *s, const char *ref); /* NULL: no event of it */
bool sightings_delivery(const struct sightings *s, const char *hook, const char *guid);
void sightings_note_delivery(struct sightings *s, const char *hook, const char *guid);

struct event_head;
struct sightings_want {
    const char *tracker;
    const char *hook_header, *delivery_header; /* NULL: its deliveries have no names */
    int64_t after;                             /* ids above */
    int64_t since_ms;                          /* received then or later; 0: at any time */
    bool others;                               /* issues of other trackers too: as "TRACKER:REF" */
};
/* One event more; those of other trackers are passed over unless they are wanted. */
void sightings_add(struct sightings *s, const struct sightings_want *want, const struct event_head *h);

struct sightings_job { /* a member of who asks, which lives until done */
    void (*done)(struct sightings_job *j, const struct err *e);
    struct sightings found; /* to be freed by who asked */

    /* Private. */
    struct loop_job job;
    struct sightings_want want;
    const char *store_url;
    struct err error;
};
/* What the want points to lives until done. */
void sightings_look(struct loop *loop, struct sightings_job *j, const char *store_url,
                    const struct sightings_want *want);

#endif
