/*
 * api.h: everything that lockstep answers over HTTP: webhooks, health, metrics, and the verbs below /api/v1. Routes are
 * rows (api.c), verbs are rows (verb.h). Loop thread; long reads go to the pool.
 *
 * Access: webhooks by their tracker's key; health, version, metrics and robots by anybody; the API by the operator:
 * over the unix socket beside the store without more, over TCP with server.api_key (X-Api-Key, Bearer, or Basic
 * password).
 */
#ifndef API_API_H
#define API_API_H

#include "http/server.h"

struct api;
struct engine;
struct loop;
struct metrics;
struct poll;

struct api_parts { /* given, not owned */
    struct loop *loop;
    struct engine *engine;
    struct metrics *metrics;
    struct poll *poll;
    const char *store_url; /* pool jobs open their own readers */
    const char *version, *commit;
    unsigned (*connections)(void *ctx); /* open ones, for the metrics */
    void *ctx;
};
__attribute__((returns_nonnull)) struct api *api_new(const struct api_parts *parts);
void api_free(struct api *a); /* no job may be under way: see api_busy; NULL is fine */
bool api_busy(const struct api *a);

/* For struct http_server_conf; ctx is the struct api. */
void api_head(void *ctx, struct http_exchange *x, const struct http_request *r);
void api_body(void *ctx, struct http_exchange *x, const struct http_request *r);

#endif
