/*
 * echo.c: the daemon's HTTP server without anything behind it: every complete request is answered {"id":1} from within
 * the handler. What the daemon does with a delivery beyond this is the price of keeping it.
 */
#include "base/base.h"
#include "http/server.h"
#include "io/loop.h"

static void echo_body(void *ctx, struct http_exchange *x, const struct http_request *r)
{
    (void)ctx;
    (void)r;
    http_reply_json(x, 200, STR("{\"id\":1}"));
}

int main(int argc, char **argv)
{
    struct loop *loop = loop_new();
    struct http_server *server;
    struct err e = {0};
    const struct http_server_conf conf = {
        .listen = argc > 1 ? argv[1] : "127.0.0.1:0",
        .header_bytes = 8 * 1024,
        .body_bytes = 25 * 1024 * 1024,
        .connections = 1024,
        .request_ms = 30000,
        .idle_ms = 120000,
        .body = echo_body,
    };
    if (http_server_new(&server, loop, &conf, &e) < 0) {
        (void)fprintf(stderr, "bench-echo: %s\n", e.text);
        return 1;
    }
    loop_run(loop);
    return 0;
}
