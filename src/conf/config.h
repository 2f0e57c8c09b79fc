/*
 * config.h: lockstep.yaml as an immutable, counted snapshot. A unit of work keeps the snapshot that it began with.
 *
 * What a tracker or bridge of some kind may say is told by tables that the program hands in (struct conf_kinds), since
 * conf does not know drivers or rules.
 */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include "base/cron.h"
#include "conf/opt.h"

/* A tracker that a bridge brings along: one of a file of its own, read as if it stood under `trackers`. */
struct conf_brought {
    const char *name;           /* the tracker's */
    const char *key;            /* where it stands, for messages: "Acme" */
    const struct yaml *options; /* a map as under `trackers`; NULL: it is not usable, pass over it */
    const char **ret_tracker;   /* set to its name when it can be used… */
    const char **ret_why;       /* …and this to the reason when it cannot, which is a warning */
};

struct conf_pacing { /* of writes to a tracker, where the configuration gives it no rate; 0: as of reads */
    int64_t per_second, at_once;
    int64_t creations; /* an hour */
};

/* A kind of tracker or bridge. Its struct begins zeroed and is filled by the table. */
struct conf_kind {
    const char *name;
    const struct opt_table *opts;
    /* More than a table can say: read further files, compare members. May be NULL. */
    void (*check)(void *of, const struct yaml *at, const struct opt_read *r);
    const char *help;          /* one line for the manual page; may be NULL */
    struct conf_pacing writes; /* of a tracker */
    const char *from, *to;     /* of a bridge: the kinds of tracker that it works between; NULL: any */
    bool may_lack_to;          /* of a bridge: `to` may be left out */
    /* Of a bridge: the i-th tracker that it brings along, asked for after the check; false: no more. May be NULL. */
    bool (*brings)(void *of, size_t i, struct conf_brought *ret);
};
struct conf_kinds {
    const struct conf_kind *const *trackers; /* NULL-terminated */
    const struct conf_kind *const *bridges;
};

/* Durations are ms, sizes bytes; texts live as long as the snapshot. */
struct conf_server {
    const char *listen;
    const char *public_url;
    int64_t body_limit;
    int64_t connections;
    int64_t request_timeout;
    int64_t refresh;
    struct secret *api_key;
};
struct conf_retry {
    int64_t first, factor, cap, give_up;
    int64_t every; /* 0, or the fixed pause of `retry: {every: 12h}` */
};
struct conf_retention {
    int64_t events, traces;
};

struct conf_tracker {
    const char *name; /* [a-z0-9][a-z0-9_-]*, at most 40 */
    const struct conf_kind *kind;
    const char *url;
    struct rate rate;
    struct rate creations;
    int64_t concurrency;
    int64_t timeout;
    struct secrets hook_key; /* what an incoming webhook must bear; several for rotation */
    void *own;               /* the kind's struct */
    int line;
    const struct yaml *brought; /* the options that a bridge brought along; NULL: it stands under `trackers` */
};
struct conf_bridge {
    const char *name; /* "bugzilla-to-jira", or given by `name:`; unique */
    const struct conf_kind *kind;
    const struct conf_tracker *from;
    const struct conf_tracker *to; /* NULL: left out, where the kind allows it */
    int64_t reconcile;
    void *own;
    int line;
};

struct conf_job {                /* what is to be done again and again */
    const char *rescan, *labels; /* "github:OWNER", "github:OWNER/REPO"; one of these is given… */
    const char *users;           /* "jira" */
    const char *kind, *target;   /* …"rescan", "labels" or "users", and what it says: "github:OWNER", "jira:users" */
    int64_t every;               /* 0: by cron */
    const char *cron_text;
    struct cron cron;
    bool all, force;
};

struct config {
    const char *file;
    uint64_t digest;     /* of all that was read: the same as long as no file and no variable has changed */
    uint64_t own_digest; /* of this file alone */
    const char *store;   /* "sqlite:PATH", PATH beside the configuration file unless it was absolute */
    struct conf_server server;
    struct conf_retry retry;
    struct conf_retention retention;
    struct conf_tracker **trackers; /* those of the file, then those that bridges bring along */
    size_t n_trackers;
    struct conf_bridge *bridges;
    size_t n_bridges;
    struct conf_job *jobs;
    size_t n_jobs;
};

enum { CONFIG_BYTES = 1 << 30 /* what a snapshot may take */ };

/*
 * Read file and all that it names. Problems are added to p (whose arena the caller owns). NULL when one is an error.
 * The snapshot is owned by the caller: config_put gives it back.
 */
struct config *config_read(const char *file, const struct conf_kinds *kinds, const struct conf_source *source,
                           struct problems *p);
/* Only where its store is, for programs that talk to its daemon and have none of its secrets; NULL with problems. */
const char *config_read_store(struct arena *a, const char *file, const struct conf_source *source, struct problems *p);
struct config *config_get(struct config *c); /* one more holder */
void config_put(struct config *c);           /* NULL is fine */

const struct conf_tracker *config_tracker(const struct config *c, const char *name);

/* The tables, for the manual page; conf_table is the file's top level. */
extern const struct opt_table conf_table, conf_server_table, conf_retry_table, conf_retention_table, conf_tracker_table,
    conf_bridge_table, conf_job_table;

#endif
