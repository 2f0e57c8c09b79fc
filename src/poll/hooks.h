/*
 * hooks.h: looking after the webhooks of places (OWNER/REPO, or an organisation): which there are, whether ours works,
 * installing it, pinging it. What it finds and does is told place by place. Loop thread.
 */
#ifndef POLL_HOOKS_H
#define POLL_HOOKS_H

#include "engine/question.h"
#include "model/plan.h"
#include "poll/gaps.h"
#include "store/store.h"

struct arena;
struct reconciler;

enum hooks_do {
    HOOKS_LIST,
    HOOKS_INSTALL, /* ours is there once, works and tells of what is needed: made, edited, doubles removed */
    HOOKS_PING,
    HOOKS_DOS
};

struct hooks_row { /* a webhook */
    const char *id, *url, *events;
    bool is_enabled, is_failing, is_ours;
};
struct hooks_step {   /* what was done, or with is_dry would be */
    const char *what; /* "create", "edit", "remove", "ping" */
    const char *id;   /* NULL: not known yet */
    struct change change;
};
struct hooks_place {
    const char *tracker, *name;
    enum gap_hook state;
    const char *by;      /* the place whose webhook tells of this one, too; NULL: none is known */
    struct texts lacks;  /* events that bridges need and ours does not tell of */
    struct many rows;    /* struct hooks_row */
    struct many steps;   /* struct hooks_step */
    const char *trouble; /* why not all could be done; NULL: it could */
};

struct hooks_deed {     /* a member of who asks, zeroed and filled as follows */
    const char *target; /* "github:OWNER/REPO", "github:ORG" (LIST: and its repositories, if it has none); NULL: all
                           repositories that the reconciler knows, and what our credentials have of their own (LIST) */
    const char *who;
    enum hooks_do what;
    bool is_dry;
    struct arena *arena;                                     /* for what is found */
    void (*done)(struct hooks_deed *d, const struct err *e); /* once, perhaps at once. e: the target is none */

    struct many places; /* the answer: struct hooks_place */
    /* Private. */
    struct reconciler *reconciler;
    struct config *config;
    struct question question;
    struct store_wait wait;
    size_t at, step;
};
void hooks_do(struct reconciler *r, struct hooks_deed *d);

#endif
