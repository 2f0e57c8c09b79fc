/*
 * simulate.h: what another configuration would have made of an event, decided on the facts that its last attempt
 * recorded. Pure: no network, no store, no clock. Where the facts do not suffice it says which ones are missing.
 */
#ifndef ENGINE_SIMULATE_H
#define ENGINE_SIMULATE_H

#include "conf/config.h"
#include "model/plan.h"
#include "store/store.h"

struct json_out;
struct redact;

enum simulated {
    SIM_SAME,      /* nothing differs */
    SIM_DIFFERENT, /* units or the reason differ */
    SIM_FACTS,     /* the recorded facts do not suffice: `missing`, of which there may be more behind them */
    SIM_TRACKER,   /* the configuration has no tracker of that name */
    SIM_NO_TRACE,  /* pruned, or it was too large to keep */
    SIM_DAMAGED,   /* the store does not hold what was taken in */
    SIM_UNDECIDED, /* there was no attempt yet, or the last one ended before it had decided */
    SIMULATED
};
const char *simulated_name(enum simulated s); /* "same", "different", "facts_missing"… */

struct sim_case {
    const struct config *config;
    const struct config *against; /* NULL: the recorded decision is what is compared with */
    const struct redact *redact;  /* the secrets of these configurations, which recorded decisions have not */
    const struct history *history;
    struct arena *arena;
};

struct sim_unit {                      /* a rule that matched by one of the two, and differs */
    const struct unit *before, *after; /* NULL: there is no such rule */
    struct texts removed, added;       /* changes as JSON, in order */
    struct texts notes_gone, notes_new;
};

struct simulation {
    enum simulated what;
    struct many missing; /* fact_key, of FACTS */
    struct many units;   /* sim_unit, of DIFFERENT */
    bool reason_differs; /* why no rule was asked, of DIFFERENT: */
    const char *before, *after;
};

/* Everything in ret is in the case's arena, which must have room for what a few attempts take. */
void simulate(const struct sim_case *c, struct simulation *ret);
/* As members of an object. */
void simulation_write(const struct simulation *s, struct json_out *o);

#endif
