/*
 * ask.h: put one question to the daemon over the unix socket beside its store, and wait for the answer. For the command
 * line: runs a loop of its own, and complains on standard error.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/command.h"
#include "http/message.h"

struct progress;

/* The socket that belongs to a store url. */
const char *ask_socket(struct arena *a, const char *store_url);

/* The options by which a command finds its daemon; the first of its own. */
enum { ASK_CONFIG, ASK_SOCKET, ASK_JSON, ASK_OWN };
#define ASK_OPTIONS                                                                                                    \
    {"config", "FILE", "the daemon's configuration (lockstep.yaml)"},                                                  \
        {"socket", "PATH", "its socket, instead of --config"},                                                         \
    {                                                                                                                  \
        "json", NULL, "print the same facts as JSON"                                                                   \
    }
/* The socket that they name; NULL after a complaint. */
const char *ask_where(const struct command_line *line);

/*
 * url: the path, as in "/api/v1/events?limit=5". A body is JSON. DONE with an answer whose status is below 300; else it
 * was complained in the daemon's own words, off the progress line (which may be NULL).
 */
enum exit_code ask_daemon(struct arena *a, const char *socket_path, const struct http_request *question,
                          struct progress *p, struct http_response *ret);

#endif
