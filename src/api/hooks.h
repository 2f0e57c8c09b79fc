/* hooks.h: webhooks: POST /hooks/{tracker}, and the addresses of the programs that lockstep takes the place of. */
#ifndef API_HOOKS_H
#define API_HOOKS_H

#include "http/server.h"

struct conf_tracker;
struct engine;

/* The tracker that a hook path means, NULL when it is none: "/hooks/bugzilla", "/bugzilla_webhook". */
const struct conf_tracker *hooks_tracker(const struct engine *g, struct arena *a, const char *path);
/* Refuses at once what the headers suffice to refuse. */
void hooks_head(struct engine *g, const struct conf_tracker *t, struct http_exchange *x, const struct http_request *r);
/* 200 {"id": …} once the delivery is on disk; 401; 503 when the store cannot take it. */
void hooks_body(struct engine *g, const struct conf_tracker *t, struct http_exchange *x, const struct http_request *r);

#endif
