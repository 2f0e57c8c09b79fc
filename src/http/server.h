/*
 * server.h: the HTTP server, over libmicrohttpd in external epoll mode on our loop.
 *
 * For each request the handler is called twice at most: `head` when the headers are there (it may answer at once, which
 * refuses the body: 401, 413…) and `body` when all of it is. Neither may block. An answer may be given later, from the
 * loop thread, by http_reply; until then the connection is suspended. An exchange given to `body` stays until it is
 * answered, even when its client has gone, but not beyond http_server_free; one given to `head` alone may end any time,
 * so keep no pointer to it. Bodies with Content-Encoding: gzip arrive inflated; chunked bodies, Expect: 100-continue,
 * pipelining and Connection: close are handled here.
 *
 * Limits: header_bytes (431), body limit (413, also for inflated size, answered before reading when Content-Length says
 * so), connections (beyond: not accepted until one ends), request_ms for a whole request from its request line on and
 * idle_ms until that line is there (the connection is cut; a new one has the shorter of the two for its first line).
 * The time that the handler takes does not count. Not HTTP: 400; other content encodings than gzip: 415.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/message.h"

struct loop;
struct http_server;
struct http_exchange; /* one request being answered; owned by the server */

struct http_server_conf {
    const char *listen; /* "127.0.0.1:8080", "[::1]:0", "unix:PATH" (mode 0600, a stale socket is replaced) */
    size_t header_bytes;
    size_t body_bytes;
    unsigned connections;
    int64_t request_ms, idle_ms;
    bool is_private; /* only the owner of the process comes here: a control socket, never what a proxy forwards to */
    /* The request lives as long as the exchange; body is empty in head. */
    void (*head)(void *ctx, struct http_exchange *x, const struct http_request *r); /* may be NULL */
    void (*body)(void *ctx, struct http_exchange *x, const struct http_request *r);
    void *ctx;
};

/* ERR_CONFIG when the address cannot be parsed or bound ("cannot listen on 127.0.0.1:80: Permission denied"). */
int http_server_new(struct http_server **ret, struct loop *loop, const struct http_server_conf *conf, struct err *e);
void http_server_free(struct http_server *s);           /* cuts what is open; NULL is fine */
void http_server_stop_accepting(struct http_server *s); /* open connections end after their answer */
unsigned http_server_open(const struct http_server *s); /* connections */
int http_server_port(const struct http_server *s);      /* the bound port, 0 for a unix socket */

/* Of three bodies and 64 MiB. Freed when the answer has been sent or the client has gone. */
struct arena *http_exchange_arena(struct http_exchange *x);
void *http_exchange_get(const struct http_exchange *x); /* a pointer for the handler's own use, NULL at first */
void http_exchange_set(struct http_exchange *x, void *mine);
bool http_exchange_answered(const struct http_exchange *x);
/* For `body`: the answer comes at the end of this turn, and nothing of the request is needed for it. Spares suspending.
 */
void http_exchange_soon(struct http_exchange *x);
bool http_exchange_is_private(const struct http_exchange *x); /* came to a server that is */
int64_t http_exchange_user(const struct http_exchange *x);    /* the user at a unix socket's other end; -1: not known */
/* Answer. Headers and body are copied. A client that has gone meanwhile is no error. At most once. */
void http_reply(struct http_exchange *x, int status, const struct http_headers *headers, struct str body);
void http_reply_json(struct http_exchange *x, int status, struct str json);
/* For pretend servers that fail: close without an answer; or after the head and the first bytes of the body. */
void http_cut(struct http_exchange *x);
void http_reply_cut(struct http_exchange *x, int status, const struct http_headers *headers, struct str body,
                    size_t bytes);
/* RFC 9457: {"type": "about:blank", "title": reason, "status": …, "detail": …}, application/problem+json. */
void http_reply_problem(struct http_exchange *x, int status, const char *detail);

#endif
