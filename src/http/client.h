/*
 * client.h: the HTTP client, over libcurl's multi interface on our loop. It does not retry, does not judge a status and
 * follows no redirect. HTTP/1.1 with kept connections, TLS verified with the system's certificates.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/message.h"

struct loop;
struct http_client;
struct http_call;

enum { HTTP_ANSWER_MAX_BYTES = 32 * 1024 * 1024 };

__attribute__((returns_nonnull)) struct http_client *http_client_new(struct loop *loop);
void http_client_free(struct http_client *c); /* cancels what is under way without calling back; NULL is fine */

/*
 * Send. The request is copied as needed before this returns. `done` is called once, from the loop, never from within
 * http_send. On an answer of any status: response in `arena`, e NULL. Otherwise response NULL and e:
 * CONFIG when it is no http(s) URL or the certificate is not trusted; TRANSIENT when nothing can have reached the other
 * side (no name, no connection in time, TLS failed); UNCERTAIN when the request may have been received and the answer
 * is missing, cut, too large or late. The text names the host and the problem, never the query or a header.
 *
 * When a kept connection turns out to be dead, libcurl tries again on a new one, except for HTTP_CREATE, which is never
 * sent twice. The arena must have room for the answer.
 */
struct http_call *http_send(struct http_client *c, const struct http_request *r, int64_t timeout_ms,
                            struct arena *arena,
                            void (*done)(void *ctx, const struct http_response *response, const struct err *e),
                            void *ctx);
void http_cancel(struct http_call *call); /* done will not be called */
/* Write all that is over a unix socket instead of TCP (the host in the URL is ignored); NULL: TCP again. */
void http_client_use_unix(struct http_client *c, const char *socket_path);

#endif
