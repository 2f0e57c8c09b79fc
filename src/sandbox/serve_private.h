/* serve_private.h: how sandbox.c hands a request to a service. Each writes an answer in any case. */
#ifndef SANDBOX_SERVE_PRIVATE_H
#define SANDBOX_SERVE_PRIVATE_H

#include "sandbox/sandbox_private.h"

/* `below` is the path behind /jira/rest/api/N/, /bugzilla/rest/ or /github/api/. */
void sj_serve(struct sandbox_call *c, const char *below);
void sb_serve(struct sandbox_call *c, const char *below);
void sg_serve(struct sandbox_call *c, const char *below);
/* Look up, note whether it is a write, log in nobody, run; false when there is no such route. */
bool sandbox_run_route(struct sandbox_call *c, const struct sandbox_route *rows, size_t n, const char *below,
                       bool *ret_known);

/* The states of the services: made from a seed, replaced as a whole. */
struct sj_site *sj_site_new(struct sandbox *s, const struct json *seed);
void sj_site_free(struct sj_site *j);
struct sb_site *sb_site_new(struct sandbox *s, const struct json *seed);
void sb_site_free(struct sb_site *b);
struct sg_site *sg_site_new(struct sandbox *s, const struct json *seed);
void sg_site_free(struct sg_site *g);
bool sg_is_query(const struct sandbox_call *c); /* GraphQL that only reads, though it is a POST */

#endif
