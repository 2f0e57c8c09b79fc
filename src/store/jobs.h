/*
 * jobs.h: long work that people or schedules ask for, in steps that survive a crash; and where those who look for gaps
 * have got to. Owners, threads and errors as in store.h.
 */
#ifndef STORE_JOBS_H
#define STORE_JOBS_H

#include "store/store.h"

enum job_state {              /* the numbers are stored */
                 JOB_LISTING, /* still finding what to do */
                 JOB_RUNNING, /* all its events are in the journal; some have not ended */
                 JOB_DONE,
                 JOB_FAILED,    /* see note */
                 JOB_CANCELLED, /* its events that are in the journal are not taken back */
                 JOB_STATES
};
const char *job_state_name(enum job_state s);

struct job {
    int64_t id;          /* set when it is added */
    const char *kind;    /* "rescan" */
    const char *tracker; /* what it is about */
    const char *target;  /* "openedx/edx-platform" */
    const char *options; /* JSON, by its kind */
    const char *who;     /* asked: a user of this machine, the name of a credential, "schedule" */
    enum job_state state;
    const char *place; /* JSON: where listing goes on after a crash; NULL: at the beginning */
    int64_t found;     /* so far: of what is to be looked at */
    int64_t skipped;   /* of these, without an event, since nothing has changed */
    const char *note;  /* why it failed, or what could not be looked at */
    int64_t began_ms, ended_ms;
};

/* MISSING: there is no such job. */
int store_add_job(struct store *s, struct job *j, struct err *e);
int store_put_job(struct store *s, const struct job *j, struct err *e); /* all but id, kind, tracker, target, who */
int store_get_job(struct store *s, int64_t id, struct arena *a, struct job *ret, struct err *e);
/* The event does this job's work for this issue. 1: from now on, 0: it did before. */
int store_add_job_event(struct store *s, int64_t job, int64_t event, struct err *e);
/* Those that have not ended, oldest first. What `each` returns other than 0 ends the walk and is returned. */
int store_each_job(struct store *s, int (*each)(void *ctx, const struct job *j), void *ctx, struct err *e);
struct job_left {
    int64_t events; /* that have not ended */
    int64_t parked; /* of these, by their own fault or with what is before them: they wait for a time */
    int64_t failed; /* that ended without being carried out: expired, dropped */
};
int store_job_left(struct store *s, int64_t job, struct job_left *ret, struct err *e);
struct job_events;
/* Ids of its events that have not ended, in order: int64_t. */
int store_job_pending(struct store *s, const struct job_events *want, struct arena *a, struct many *ret, struct err *e);

struct job_row {
    struct job job;
    int64_t events;             /* in the journal */
    int64_t verdicts[VERDICTS]; /* how many of them stand so; pending ones are QUEUED or PARKED */
};
struct job_page {
    int64_t before; /* ids below; 0: the newest */
    int limit;      /* 1..1000 */
};
/* Newest first; job_row. */
int store_list_jobs(struct store_reader *r, const struct job_page *page, struct arena *a, struct many *ret,
                    struct err *e);
int store_read_job(struct store_reader *r, int64_t id, struct arena *a, struct job_row *ret, struct err *e);
struct job_events {
    int64_t job;
    int64_t after; /* ids above */
    int limit;     /* 1..1000 */
};
/* Ids of a job's events, in order: int64_t. */
int store_job_events(struct store_reader *r, const struct job_events *want, struct arena *a, struct many *ret,
                     struct err *e);

/* A word that somebody left to go on by, such as the last delivery seen of a hook: 1; 0: there is none; -class. */
int store_get_cursor(struct store *s, const char *name, struct arena *a, const char **ret, struct err *e);
/* Those whose names begin with this prefix, which ends in a slash. As store_each_job. */
int store_each_cursor(struct store *s, const char *prefix, int (*each)(void *ctx, const char *name, const char *value),
                      void *ctx, struct err *e);
int store_put_cursor(struct store *s, const char *name, const char *value, struct err *e); /* value NULL: forget */

#endif
