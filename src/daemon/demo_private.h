/*
 * demo_private.h: the parts of the demo: demo.c sets it up, demo_play.c plays deliveries, demo_watch.c does what people
 * do at the pretend GitHub and watches what follows, demo_show.c prints.
 */
#ifndef DAEMON_DEMO_PRIVATE_H
#define DAEMON_DEMO_PRIVATE_H

#include "daemon/deliveries.h"
#include "io/loop.h"

struct config;
struct daemon;
struct http_client;
struct json;
struct sandbox;

struct demo {
    struct loop *loop;
    struct arena *arena;
    struct sandbox *sandbox;
    struct daemon *daemon;
    struct config *config;
    struct http_client *client;
    struct loop_signal interrupt, term;
    struct loop_timer ask;
    const char *program, *folder, *examples, *sandbox_url, *url, *key;
    struct many deliveries;
    size_t at;        /* the delivery that is being played */
    int64_t event;    /* its id; or the newest event before what people do now */
    int64_t newest;   /* the newest of what followed */
    size_t followed;  /* how many events followed from that so far */
    int64_t grown_ms; /* since when there are so many */
    int64_t sent_us, began_ms;
    bool is_duplicate, once;
    size_t unexpected;
    struct err error; /* why it cannot go on */
};

struct delivery *demo_delivery(const struct demo *d); /* the one that is being played */
void demo_next(struct demo *d);                       /* play the one that comes now, or end */
void demo_broken(struct demo *d, const char *what, const struct http_response *r, const struct err *e);
/* Ended, or parked, which is as far as it gets by itself. */
bool demo_is_over(const char *verdict);
bool demo_gave_up(const struct demo *d); /* it takes too long */
void demo_ask(struct demo *d, const char *path,
              void (*done)(void *ctx, const struct http_response *r, const struct err *e));

void demo_watch(struct demo *d); /* the request of the delivery is for the sandbox */

/* One event as a line, and what its delivery shows; verdict: as it is to be called. */
void demo_show_row(const struct json *row, const char *verdict, int64_t took_us);
void demo_show_why(const struct demo *d);
void demo_show_end(struct demo *d, const struct json *row, bool is_expected);
void demo_show_changes(const struct json *answer); /* what was changed; of explain */
void demo_show_urls(const struct demo *d);

#endif
