/*
 * ask.h: put one question to the daemon over the unix socket beside its store, and wait for the answer. For the command
 * line: runs a loop of its own.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "http/message.h"

/* The socket that belongs to a store url. */
const char *ask_socket(struct arena *a, const char *store_url);

/* path as in "/api/v1/events?limit=5". TRANSIENT when nobody answers there. */
int ask_get(struct arena *a, const char *socket_path, const char *path, struct http_response *ret, struct err *e);

#endif
