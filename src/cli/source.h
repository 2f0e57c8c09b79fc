/*
 * source.h: where a program's configuration comes from: files, http(s) addresses, the environment. Blocking: for
 * start-up, for the command line, and for a reload's job on the pool.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "conf/config.h"

extern const struct conf_source conf_source_system;

/* Every kind of tracker and bridge that lockstep knows. */
extern const struct conf_kinds conf_kinds_all;

/* Read a configuration and write its problems to `to` as people read them. NULL when one is an error. */
struct config *source_config(const char *file, struct text *to, size_t *ret_warnings);

/* The store of this configuration file (NULL: lockstep.yaml), also where its secrets are not set. */
int source_store(struct arena *a, const char *file, const char **ret, struct err *e);

#endif
