/* reconcile_private.h: what the files of the reconciler share. */
#ifndef POLL_RECONCILE_PRIVATE_H
#define POLL_RECONCILE_PRIVATE_H

#include "base/list.h"
#include "engine/engine.h"
#include "engine/question.h"
#include "poll/reconcile.h"

enum {
    RECONCILE_TICK_MS = 100,
    RECONCILE_DELAY_MS = 10 * 1000,     /* after a start, at least, */
    RECONCILE_PARTS = 500,              /* and such a part of the interval */
    RECONCILE_HOUR_MS = 60 * 60 * 1000, /* how often webhooks are asked for, and logs where nothing changed */
    RECONCILE_BYTES = 512 << 20,
    RECONCILE_PAGES = 60,    /* of one list in one look */
    RECONCILE_FETCHES = 200, /* deliveries read in one look */
    RECONCILE_TELLS = 500,   /* events told in one look */
    RECONCILE_CURSOR_BYTES = 64 * 1024
};

struct place {
    char *name;
    struct arena *arena; /* of the texts of its state */
    struct place_state state;
    bool is_odd, is_troubled; /* it was said that its webhook is out of order, or that it cannot be looked at */
};

struct source { /* a tracker that a bridge reads */
    struct list link;
    struct reconciler *reconciler;
    char *tracker;
    int64_t interval_ms, grace_ms;
    struct place **places;
    size_t n_places, room;
    int64_t walked;   /* id up to which the journal was searched for places */
    int64_t since_ms; /* nothing that it tells of is missing since then */
    int64_t due_mono_ms;
    int64_t cycle_mono_ms;       /* when places are to be looked for in the journal again */
    bool is_fed;                 /* a bridge reads it */
    bool is_begun;               /* a cycle has begun since the start */
    bool is_cut;                 /* of what was looked at last, some cannot be */
    size_t hasty;                /* so many places are to be looked at without pauses */
    struct sightings_job survey; /* looks for places */
    bool is_surveying;
    struct inspection *inspection; /* NULL: none is under way */
};

struct reconciler {
    struct reconciler_parts parts;
    struct list sources;
    struct loop_timer tick;
    bool is_stopping;
};

struct place *source_place(struct source *s, const char *name); /* the one of that name, made if need be */
bool source_knows(const struct source *s, const char *place);
const char *source_own(const struct source *s); /* the place of our credentials' own webhook; NULL: they have none */
const char *source_stand_in(const struct source *s, const char *place); /* see reconciler_stand_in */
/* Its state, into the batch. */
void source_put_place(const struct source *s, const char *name, const struct place_state *state);
const char *source_cursor(struct arena *a, const struct source *s, const char *place);

/* --- inspect.c: one look at one place --- */
struct inspection;
void inspect_start(struct source *s, struct place *p);
bool inspect_surveys(const struct inspection *i); /* a job of the pool is under way */
void inspect_cancel(struct inspection *i);        /* ends when what it waits for is done: the disk, the pool */
void inspect_forget(struct inspection *i);        /* what it waits for will not be told any more */
/* It has ended: the place's state is as it found it. What ended it, or NULL. */
void source_inspected(struct source *s, struct place *p, const struct err *e);

/* --- follow.c: issues in trackers that bridges write to --- */
struct follow { /* such a tracker */
    const struct config *config;
    const struct conf_tracker *tracker;
    struct store *store;
};
bool follow_is_any(const struct conf_bridge *b, const struct conf_tracker *t); /* t may be NULL */
/* Of which projects, joined by commas. NULL: none. */
const char *follow_projects(const struct follow *w, struct arena *a);
/* When a field that matters was changed last; 0: never, as far as the past shows. */
int64_t follow_changed(const struct follow *w, const struct issue *i);
/* Those changes since then, and of its key all. Copies. */
struct many follow_past(const struct follow *w, const struct issue *i, int64_t since_ms, struct arena *a);
/* Adds the issues that it is written to for (struct linked), by its key or one that it had. */
int follow_links(const struct follow *w, const struct issue *i, struct arena *a, struct many *ret, struct err *e);

#endif
