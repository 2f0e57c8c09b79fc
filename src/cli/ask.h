/*
 * ask.h: put one question to the daemon over the unix socket beside its store, and wait for the answer. For the command
 * line: runs a loop of its own.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "http/message.h"

/* The socket that belongs to a store url. */
const char *ask_socket(struct arena *a, const char *store_url);

/* url: the path, as in "/api/v1/events?limit=5". A body is JSON. TRANSIENT when nobody answers there. */
int ask_daemon(struct arena *a, const char *socket_path, const struct http_request *question, struct http_response *ret,
               struct err *e);

#endif
