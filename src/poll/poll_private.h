/* poll_private.h: what the files of poll share: the jobs that have not ended. */
#ifndef POLL_POLL_PRIVATE_H
#define POLL_POLL_PRIVATE_H

#include "base/list.h"
#include "base/text.h"
#include "engine/deed.h"
#include "engine/engine.h"
#include "engine/question.h"
#include "io/loop.h"
#include "poll/poll.h"

enum {
    POLL_LISTING_MAX = 2, /* jobs that list at the same time */
    POLL_JOBS_MAX = 1000, /* that have not ended */
    POLL_AHEAD = 2000,    /* events of a job that wait for their turn before it lists on */
    POLL_ARENA_BYTES = 256 << 20,
    POLL_NOTE_BYTES = 2000,
    POLL_PAGE_MAX = 1000, /* issues that one page shows */
};

struct job_place {          /* where a job is; written with each step that it takes */
    const char *repository; /* that is being listed; NULL: the first */
    const char *page;       /* address of its page that comes next; NULL: the first */
    int64_t number;         /* of that page, from 1 */
    bool is_fresh;          /* some page of it was not as it was known */
    bool is_again;          /* it is being listed for the second time, see rescan.c */
    bool is_cancelled;      /* its events are being dropped */
    int64_t failed;         /* once it is done: events that were not carried out */
};

struct job_run {      /* a job that has not ended */
    struct list link; /* of all, oldest first */
    struct poll *poll;
    struct arena *arena; /* for its texts */
    struct job job;
    const struct job_kind *kind;
    struct job_ask what;
    struct job_place place;
    bool is_listing;            /* one of POLL_LISTING_MAX */
    struct loop_timer timer;    /* when it goes on, or looks how far its events are */
    bool is_waiting_for_a_time; /* to list on */
    struct question question;
    struct texts repositories; /* to list, in the order of their names; once known */
    bool has_repositories;
    size_t repository;               /* at which of them it is */
    const struct page_cursor *known; /* what the page that is asked for was last time; NULL: not known */
    int64_t tries, first_try_ms;     /* of what fails now */
    struct text notes;               /* what could not be looked at */
    struct store_wait wait;
    bool is_writing;  /* waits for the disk, or for events to be taken in */
    struct job_step { /* what becomes true when that is done */
        struct job_place place;
        int64_t found, skipped;
        struct job_page_cursor {
            const char *name; /* NULL: none */
            const char *value;
        } cursor;
        int64_t ids[POLL_PAGE_MAX];
        size_t n_ids, n_open;
        bool is_last; /* nothing is left to be listed */
        struct err error;
    } step;
    struct job_drop *drops;      /* cancel.c */
    struct job_members *members; /* users.c */
};

struct poll {
    struct poll_parts parts;
    struct list runs;
    size_t n_runs;
    struct schedules *schedules;
    struct reconciler *reconciler;
    bool is_stopping;
};

extern const struct field_table job_place_table, job_ask_table;

struct job_kind { /* one that can be asked for */
    const char *name;
    /* Fills tracker and target of ret. INPUT: it cannot be done. */
    int (*accept)(const struct config *c, const struct job_ask *what, struct job *ret, struct arena *a, struct err *e);
    void (*go_on)(struct job_run *r); /* one step, which leads to the next */
};
extern const struct job_kind job_rescan, job_labels, job_users;

/* jobs.c */
int job_run_add(struct poll *p, const struct job *j, struct job_run **ret,
                struct err *e); /* after it is in the store */
void job_run_free(struct job_run *r);
struct job_run *job_run_find(const struct poll *p, int64_t job);
/* Into the batch: its state, with the place and the counts of the step. */
int job_run_put(struct job_run *r, const struct job_step *s, struct err *e);
void job_run_note(struct job_run *r, const char *what, const char *why);
void job_run_end(struct job_run *r, enum job_state state); /* on disk as soon as can be; forgets it then */
void job_run_fail(struct job_run *r, const char *why);
void job_run_listed(struct job_run *r); /* all its events are in the journal, and that is on disk */
void jobs_go_on(struct poll *p);        /* let those list that may */
/* Not now: again when the policy says. True; false: trying again is useless. */
bool job_run_later(struct job_run *r, const struct err *e);
void job_run_pause(struct job_run *r, int64_t for_ms);

const struct job_kind *job_kind_find(const char *name); /* NULL: there is none */

/* step.c: what one page shows becomes events, which are on disk together with the place behind it. */
struct job_step *job_step_begin(struct job_run *r); /* its place is where the job is */
/* One event more, of the tracker and about the issue that it names; completed with what all events of a job have. */
void job_step_tell(struct job_run *r, struct event *ev);
void job_step_end(struct job_run *r); /* all were told: r goes on, or is put off, when that is on disk */
size_t job_step_told(const struct job_run *r);

/* rescan.c */
/* The configured tracker that the target names, and what is behind its colon, to ret. INPUT. */
int job_target(const struct config *c, const struct job_ask *what, struct job *ret, struct arena *a, struct err *e);
void job_take_repositories(struct job_run *r, const struct fact *f);
void job_ask_fact(struct job_run *r, const struct fact_key *want,
                  void (*done)(struct question *q, const struct fact *f, const struct err *e));
/* Where the place is among the repositories as they are now; one that has gone since leaves its place to the next. */
void job_find_place(struct job_run *r);

/* cursor.c: what the pages of a list were when they were looked at. */
struct page_cursor {
    const char *tag, *next;
    int64_t found;    /* how many events it made */
    const char *with; /* program and configuration that looked */
    int64_t job;
};
const char *cursor_name(const struct job_run *r);
/* That page, if this job has read it before, or it is sure that all on it was done with this configuration; else NULL.
 */
const struct page_cursor *cursor_read(struct job_run *r);
void cursor_step(struct job_run *r, const struct fact *page, int64_t found, struct job_page_cursor *ret);

/* users.c */
void users_free(struct job_run *r);

/* cancel.c */
void cancel_go_on(struct job_run *r);
void cancel_free(struct job_run *r);

/* schedule.c */
struct schedules *schedules_new(struct poll *p);
void schedules_free(struct schedules *s);
void schedules_start(struct schedules *s); /* of the configuration as it is now */

#endif
