#include "base/base.h"

#include "http/server_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SERVER_POOL_BYTES = 4096,              /* of a connection, beside the headers of its requests */
    SERVER_READ_BYTES = 4096,              /* the steps in which its read buffer grows */
    SERVER_ARENA_BYTES = 64 * 1024 * 1024, /* for the handlers, beside the body */
    SERVER_ARENA_ANSWER_BYTES = 1024 * 1024,
    SERVER_PROBLEM_BYTES = 8 * 1024,
    SERVER_TICK_MIN_MS = 5,
    SERVER_TICK_MAX_MS = 1000,
    SERVER_STATUS_CUT = -1, /* of an exchange that ends without an answer */
};

/* Connections that wait for the same thing, the longest waiting one first. */
struct wait_line {
    struct list conns;
    int64_t limit_ms;
};

struct http_server {
    struct loop *loop;
    struct http_server_conf conf;
    struct MHD_Daemon *mhd;
    struct listener listener;
    struct loop_poll poll;
    struct loop_hook hook;
    struct loop_timer tick;
    struct wait_line fresh;     /* accepted, nothing heard yet */
    struct wait_line idle;      /* between two requests */
    struct wait_line receiving; /* from the request line on */
    struct list suspended;      /* exchanges that wait for http_reply */
    struct list replied;        /* exchanges to resume at the end of the turn */
    struct list left;           /* exchanges to be answered though the client has gone */
    struct list spare;          /* exchanges to use again, with their arenas */
    struct drain drain;
    unsigned open;
    bool is_ticking, is_stopping;
    bool was_asked; /* a handler was called in this run */
};

struct conn {
    struct http_server *server;
    struct list link; /* in a wait_line */
    int64_t since_ms;
    int fd;
    bool must_drain;
};

struct http_exchange {
    struct http_server *server;
    struct conn *conn; /* NULL once the client has gone */
    struct MHD_Connection *mhd;
    struct list link; /* suspended, replied, left or spare */
    struct arena *arena;
    struct http_request request;
    struct body body;
    struct MHD_Response *response; /* until it is queued */
    int status;                    /* 0: not answered */
    bool has_begun, has_body, was_handled, is_suspended;
    bool is_soon; /* the answer comes too soon for suspending */
    void *mine;
};

/* Waiting and its limits */

static void conn_wait(struct conn *c, struct wait_line *w)
{
    if (list_linked(&c->link))
        list_remove(&c->link);
    c->since_ms = loop_mono_ms(c->server->loop);
    list_add(&w->conns, &c->link);
}

static void conn_wait_no_more(struct conn *c)
{
    if (list_linked(&c->link))
        list_remove(&c->link);
}

/* The socket is only shut here: libmicrohttpd then reads its end and closes it. */
static void conn_cut(struct conn *c)
{
    conn_wait_no_more(c);
    shutdown(c->fd, SHUT_RDWR);
}

static void wait_line_open(struct wait_line *w, int64_t limit_ms)
{
    list_init(&w->conns);
    w->limit_ms = limit_ms;
}

static void wait_line_cut(struct wait_line *w, int64_t until_ms)
{
    LIST_EACH (it, &w->conns) {
        struct conn *c = CONTAINER(it, struct conn, link);
        if (c->since_ms + w->limit_ms > until_ms)
            return;
        conn_cut(c);
    }
}

static void server_run(struct http_server *s)
{
    MHD_run(s->mhd);
}

static void server_tick_start(struct http_server *s);

static void server_on_tick(struct loop_timer *t)
{
    struct http_server *s = CONTAINER(t, struct http_server, tick);
    int64_t now = loop_mono_ms(s->loop);
    s->is_ticking = false;
    wait_line_cut(&s->fresh, now);
    wait_line_cut(&s->idle, now);
    wait_line_cut(&s->receiving, now);
    drain_tick(&s->drain);
    server_run(s);
    server_tick_start(s);
}

/* Limits are held to a quarter of the shorter one, or a second. */
static void server_tick_start(struct http_server *s)
{
    if (s->is_ticking || (s->open == 0 && list_empty(&s->drain.open)))
        return;
    int64_t every = s->fresh.limit_ms / 4;
    every = every < SERVER_TICK_MIN_MS ? SERVER_TICK_MIN_MS : every;
    every = every > SERVER_TICK_MAX_MS ? SERVER_TICK_MAX_MS : every;
    loop_timer_start(s->loop, &s->tick, every, server_on_tick);
    s->is_ticking = true;
}

/* Exchanges */

static struct http_exchange *exchange_take(struct conn *c, struct MHD_Connection *mhd)
{
    struct http_server *s = c->server;
    struct http_exchange *x;
    if (list_empty(&s->spare)) {
        x = mem_zero(sizeof *x);
        x->arena = arena_new(3 * s->conf.body_bytes + SERVER_ARENA_BYTES);
    } else {
        x = CONTAINER(s->spare.next, struct http_exchange, link);
        list_remove(&x->link);
    }
    *x = (struct http_exchange){.server = s, .conn = c, .mhd = mhd, .arena = x->arena};
    return x;
}

static void exchange_put(struct http_exchange *x)
{
    if (list_linked(&x->link))
        list_remove(&x->link);
    if (x->response)
        MHD_destroy_response(x->response);
    x->response = NULL;
    body_close(&x->body);
    arena_reset(x->arena);
    list_push(&x->server->spare, &x->link);
}

/* Who will answer it does not know that nobody waits any more. */
static void exchange_leave(struct http_exchange *x)
{
    x->conn = NULL;
    list_add(&x->server->left, &x->link);
}

struct arena *http_exchange_arena(struct http_exchange *x)
{
    return x->arena;
}

void *http_exchange_get(const struct http_exchange *x)
{
    return x->mine;
}

void http_exchange_set(struct http_exchange *x, void *mine)
{
    x->mine = mine;
}

bool http_exchange_answered(const struct http_exchange *x)
{
    return x->status != 0;
}

void http_exchange_soon(struct http_exchange *x)
{
    x->is_soon = true;
}

bool http_exchange_is_private(const struct http_exchange *x)
{
    return x->server->conf.is_private;
}

int64_t http_exchange_user(const struct http_exchange *x)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (x->server->listener.port != 0 || !x->conn || getsockopt(x->conn->fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
        return -1;
    return (int64_t)peer.uid;
}

/* Answers */

/* The arena holds what is usual; a large answer, which it may have no room for, libmicrohttpd copies. */
static struct MHD_Response *reply_response(struct http_exchange *x, struct str body)
{
    bool is_large = body.n > SERVER_ARENA_ANSWER_BYTES;
    void *bytes = is_large ? (void *)(uintptr_t)body.p : arena_str(x->arena, body);
    struct MHD_Response *r =
        MHD_create_response_from_buffer(body.n, bytes, is_large ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT);
    check(r);
    return r;
}

static void reply_resume(struct http_exchange *x)
{
    if (!x->conn) {
        exchange_put(x);
    } else if (x->is_suspended) {
        list_remove(&x->link);
        list_add(&x->server->replied, &x->link);
        loop_again(x->server->loop);
    }
}

void http_reply(struct http_exchange *x, int status, const struct http_headers *headers, struct str body)
{
    if (x->status != 0)
        return;
    x->status = status;
    x->response = reply_response(x, body);
    for (size_t i = 0; headers && i < headers->n; i++)
        MHD_add_response_header(x->response, headers->v[i].name, headers->v[i].value);
    if (x->server->is_stopping)
        MHD_add_response_header(x->response, "Connection", "close");
    reply_resume(x);
}

/* Of a body that ends too early: as many bytes as there are, then an error, which makes libmicrohttpd cut. */
static ssize_t reply_on_part(void *part, uint64_t at, char *to, size_t room)
{
    const struct str *body = part;
    if (at >= body->n)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = body->n - (size_t)at < room ? body->n - (size_t)at : room;
    memcpy(to, body->p + at, n);
    return (ssize_t)n;
}

void http_reply_cut(struct http_exchange *x, int status, const struct http_headers *headers, struct str body,
                    size_t bytes)
{
    if (x->status != 0)
        return;
    x->status = status;
    struct str *part = ARENA_NEW(x->arena, struct str);
    part->n = bytes < body.n ? bytes : body.n;
    part->p = arena_str(x->arena, (struct str){body.p, part->n});
    x->response = MHD_create_response_from_callback(body.n + 1, SERVER_READ_BYTES, reply_on_part, part, NULL);
    check(x->response);
    for (size_t i = 0; headers && i < headers->n; i++)
        MHD_add_response_header(x->response, headers->v[i].name, headers->v[i].value);
    reply_resume(x);
}

void http_cut(struct http_exchange *x)
{
    if (x->status != 0)
        return;
    x->status = SERVER_STATUS_CUT;
    reply_resume(x);
}

static void reply_of_type(struct http_exchange *x, int status, const char *type, struct str body)
{
    struct http_headers headers = {0};
    http_header_add(http_exchange_arena(x), &headers, "Content-Type", type);
    http_reply(x, status, &headers, body);
}

void http_reply_json(struct http_exchange *x, int status, struct str json)
{
    reply_of_type(x, status, "application/json", json);
}

static void server_problem(struct text *to, int status, const char *detail)
{
    struct json_out o;
    json_start(&o, to);
    json_open(&o, NULL, '{');
    json_put_text(&o, "type", "about:blank");
    json_put_text(&o, "title", http_reason(status));
    json_put_int(&o, "status", status);
    json_put_text(&o, "detail", detail ? detail : "");
    json_close(&o);
}

void http_reply_problem(struct http_exchange *x, int status, const char *detail)
{
    AUTO(text_auto) struct text body;
    text_init(&body, SERVER_PROBLEM_BYTES + 8 * strlen(detail ? detail : ""));
    server_problem(&body, status, detail);
    reply_of_type(x, status, "application/problem+json", text_str(&body));
}

static enum MHD_Result exchange_queue(struct http_exchange *x)
{
    if (x->status == SERVER_STATUS_CUT) {
        conn_wait_no_more(x->conn);
        return MHD_NO;
    }
    enum MHD_Result r = MHD_queue_response(x->mhd, (unsigned)x->status, x->response);
    MHD_destroy_response(x->response);
    x->response = NULL;
    conn_wait_no_more(x->conn);
    return r;
}

static const char *refusal_detail(int status)
{
    switch (status) {
    case 400:
        return "the body is not what its headers say";
    case 413:
        return "the body is too large";
    case 415:
        return "of content encodings only gzip is understood";
    case 431:
        return "the headers are too large";
    case 501:
        return "of transfer encodings only chunked is understood";
    default:
        return "";
    }
}

/*
 * libmicrohttpd queues no answer while a body arrives. The answer is short and nothing else is under way on the
 * connection, so it is written past it, and the connection is closed.
 */
static enum MHD_Result exchange_refuse_midway(struct http_exchange *x, int status)
{
    AUTO(text_auto) struct text body;
    AUTO(text_auto) struct text answer;
    text_init(&body, SERVER_PROBLEM_BYTES);
    text_init(&answer, 2 * SERVER_PROBLEM_BYTES);
    server_problem(&body, status, refusal_detail(status));
    text_addf(&answer,
              "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
              "Connection: close\r\n\r\n%s",
              status, http_reason(status), body.n, text_z(&body));
    x->status = status;
    x->conn->must_drain = true;
    send(x->conn->fd, answer.p, answer.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    return MHD_NO;
}

/* Requests */

struct header_walk {
    struct http_header *v;
    size_t n, room;
};

/* The texts live in the connection's own memory until the request has been answered. */
static enum MHD_Result exchange_on_header(void *to, UNUSED enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct header_walk *w = to;
    if (w->n < w->room)
        w->v[w->n++] = (struct http_header){.name = name, .value = value ? value : ""};
    return MHD_YES;
}

static void exchange_read_headers(struct http_exchange *x)
{
    int n = MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, NULL, NULL);
    struct header_walk w = {.room = n > 0 ? (size_t)n : 0};
    w.v = ARENA_ARRAY(x->arena, struct http_header, w.room + 1);
    MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, exchange_on_header, &w);
    x->request.headers = (struct http_headers){w.v, w.n};
}

static size_t exchange_head_bytes(const struct http_exchange *x)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

/* -1 when there is none; libmicrohttpd has refused what is not a number. */
static int64_t length_of_body(const struct http_headers *h)
{
    const char *text = http_header_get(h, "Content-Length");
    if (!text)
        return -1;
    int64_t n = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (n > INT64_MAX / 10 - 1)
            return INT64_MAX;
        n = n * 10 + (*text - '0');
    }
    return n;
}

/* How the body is framed and coded: 0, or the status that refuses it. */
static int exchange_open_body(struct http_exchange *x)
{
    const struct http_headers *h = &x->request.headers;
    const char *transfer = http_header_get(h, "Transfer-Encoding");
    const char *coding = http_header_get(h, "Content-Encoding");
    int64_t length = length_of_body(h);
    x->has_body = transfer || length > 0;
    if (!x->has_body)
        return 0;
    if (transfer && length >= 0) /* two framings: a proxy before us may have believed the other one */
        return 400;
    if (transfer && !text_same_nocase(transfer, "chunked"))
        return 501;
    int status = body_open(&x->body, x->arena, length, x->server->conf.body_bytes);
    if (status != 0 || text_blank(coding) || text_same_nocase(coding, "identity"))
        return status;
    if (!text_same_nocase(coding, "gzip") && !text_same_nocase(coding, "x-gzip"))
        return 415;
    return body_gzip(&x->body, x->arena);
}

/* An answer to the head refuses the body, which closes the connection; without a body it waits for the end. */
static enum MHD_Result exchange_on_head(struct http_exchange *x, const char *method)
{
    const struct http_server_conf *conf = &x->server->conf;
    x->has_begun = true;
    x->request.method = method;
    exchange_read_headers(x);
    int status = exchange_open_body(x);
    if (exchange_head_bytes(x) > conf->header_bytes)
        status = 431;
    if (status != 0)
        http_reply_problem(x, status, refusal_detail(status));
    else if (conf->head)
        conf->head(conf->ctx, x, &x->request);
    x->server->was_asked = true;
    if (x->status == 0 || !x->has_body)
        return MHD_YES;
    x->conn->must_drain = true;
    return exchange_queue(x);
}

static enum MHD_Result exchange_on_body(struct http_exchange *x, struct str piece)
{
    int status = body_add(&x->body, piece);
    return status == 0 ? MHD_YES : exchange_refuse_midway(x, status);
}

/* Called when the request is complete; again when the connection has been resumed, or in each run if it is not
 * suspended. */
static enum MHD_Result exchange_on_end(struct http_exchange *x)
{
    const struct http_server_conf *conf = &x->server->conf;
    conn_wait_no_more(x->conn);
    if (x->status == 0 && !x->was_handled) {
        x->was_handled = x->server->was_asked = true;
        int status = x->has_body ? body_end(&x->body, &x->request.body) : 0;
        if (status != 0)
            http_reply_problem(x, status, refusal_detail(status));
        else
            conf->body(conf->ctx, x, &x->request);
    }
    if (x->status != 0)
        return exchange_queue(x);
    if (x->is_soon)
        return MHD_YES;
    x->is_suspended = true;
    list_add(&x->server->suspended, &x->link);
    MHD_suspend_connection(x->mhd);
    return MHD_YES;
}

/* The callbacks of libmicrohttpd */

static enum MHD_Result server_on_request(UNUSED void *ctx, UNUSED struct MHD_Connection *mhd, UNUSED const char *path,
                                         const char *method, UNUSED const char *version, const char *bytes, size_t *n,
                                         void **exchange)
{
    struct http_exchange *x = *exchange;
    if (!x->has_begun)
        return exchange_on_head(x, method);
    if (*n == 0)
        return exchange_on_end(x);
    struct str piece = {bytes, *n};
    *n = 0;
    return exchange_on_body(x, piece);
}

/* The first sign of a request: its line has been read. */
static void *server_on_line(UNUSED void *ctx, const char *uri, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *c = info->socket_context;
    struct http_exchange *x = exchange_take(c, mhd);
    x->request.url = arena_text(x->arena, uri ? uri : "");
    conn_wait(c, &c->server->receiving);
    return x;
}

static void server_on_completed(UNUSED void *ctx, UNUSED struct MHD_Connection *mhd, void **exchange,
                                UNUSED enum MHD_RequestTerminationCode why)
{
    struct http_exchange *x = *exchange;
    if (!x)
        return;
    *exchange = NULL;
    if (x->server->is_stopping)
        conn_cut(x->conn);
    else
        conn_wait(x->conn, &x->server->idle);
    if (x->is_soon && x->status == 0)
        exchange_leave(x);
    else
        exchange_put(x);
}

static void server_on_opened(struct http_server *s, struct MHD_Connection *mhd, void **mine)
{
    struct conn *c = mem_zero(sizeof *c);
    c->server = s;
    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    conn_wait(c, &s->fresh);
    s->open++;
    *mine = c;
    server_tick_start(s);
}

static void server_on_closed(struct http_server *s, void **mine)
{
    struct conn *c = *mine;
    if (c->must_drain)
        drain_take(&s->drain, c->fd);
    conn_wait_no_more(c);
    s->open--;
    mem_free(c);
    *mine = NULL;
}

static void server_on_connection(void *ctx, struct MHD_Connection *mhd, void **mine,
                                 enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        server_on_opened(ctx, mhd, mine);
    else
        server_on_closed(ctx, mine);
}

/* Its messages are about clients that misbehave; the bare format says enough, and holds nothing of theirs. */
static void server_on_log(UNUSED void *ctx, const char *format, UNUSED va_list args)
{
    log_line(LOG_DEBUG, "http", "libmicrohttpd", LOG_STR("text", format));
}

/* The turns of the loop */

/* A run finds out what has come, the next one reads it: so that it is in this turn's commit. */
static void server_on_ready(struct loop_poll *p)
{
    struct http_server *s = CONTAINER(p, struct http_server, poll);
    server_run(s);
    server_run(s);
}

static void server_resume(struct list *exchanges)
{
    LIST_EACH (it, exchanges) {
        struct http_exchange *x = CONTAINER(it, struct http_exchange, link);
        list_remove(it);
        x->is_suspended = false;
        MHD_resume_connection(x->mhd);
    }
}

static bool server_is_pending(struct http_server *s)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    return MHD_get_timeout(s->mhd, &wait_ms) == MHD_YES && wait_ms == 0;
}

/*
 * All answers of a turn leave in one run. True when libmicrohttpd has more to do at once, or a request has come that
 * may have made work for a hook that has had its turn.
 */
static bool server_on_turn(struct loop_hook *h)
{
    struct http_server *s = CONTAINER(h, struct http_server, hook);
    if (list_empty(&s->replied) && !server_is_pending(s))
        return false;
    s->was_asked = false;
    server_resume(&s->replied);
    server_run(s);
    return s->was_asked || server_is_pending(s);
}

static bool server_start(struct http_server *s)
{
    int64_t longest = s->conf.idle_ms > s->conf.request_ms ? s->conf.idle_ms : s->conf.request_ms;
    size_t pool = s->conf.header_bytes + s->conf.header_bytes / 4 + SERVER_POOL_BYTES;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    /* libmicrohttpd's own timeout is there for clients that do not read their answer. */
    s->mhd = MHD_start_daemon(
        flags, 0, NULL, NULL, server_on_request, s, MHD_OPTION_EXTERNAL_LOGGER, server_on_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, s->listener.fd, MHD_OPTION_CONNECTION_LIMIT, s->conf.connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, pool, MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)SERVER_READ_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(longest / 1000 + 2), MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_URI_LOG_CALLBACK, server_on_line, s, MHD_OPTION_NOTIFY_COMPLETED, server_on_completed, s,
        MHD_OPTION_NOTIFY_CONNECTION, server_on_connection, s, MHD_OPTION_END);
    return s->mhd != NULL;
}

static struct http_server *server_make(struct loop *loop, const struct http_server_conf *conf)
{
    struct http_server *s = mem_zero(sizeof *s);
    s->loop = loop;
    s->conf = *conf;
    s->conf.listen = NULL;
    int64_t shorter = conf->idle_ms < conf->request_ms ? conf->idle_ms : conf->request_ms;
    wait_line_open(&s->fresh, shorter);
    wait_line_open(&s->idle, conf->idle_ms);
    wait_line_open(&s->receiving, conf->request_ms);
    list_init(&s->suspended);
    list_init(&s->replied);
    list_init(&s->left);
    list_init(&s->spare);
    drain_init(&s->drain, loop);
    return s;
}

int http_server_new(struct http_server **ret, struct loop *loop, const struct http_server_conf *conf, struct err *e)
{
    struct http_server *s = server_make(loop, conf);
    int r = listener_open(&s->listener, conf->listen, e);
    if (r == 0 && !server_start(s)) {
        listener_close(&s->listener);
        r = fail(e, ERR_CONFIG, "cannot listen on %s: the HTTP library refuses", conf->listen);
    }
    if (r != 0) {
        mem_free(s);
        return r;
    }
    int fd = MHD_get_daemon_info(s->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    loop_poll_start(loop, &s->poll, fd, server_on_ready);
    s->hook.turn = server_on_turn;
    loop_hook_add(loop, &s->hook);
    *ret = s;
    return 0;
}

void http_server_stop_accepting(struct http_server *s)
{
    if (s->is_stopping)
        return;
    s->is_stopping = true;
    MHD_quiesce_daemon(s->mhd);
    listener_close(&s->listener);
    wait_line_cut(&s->fresh, INT64_MAX);
    wait_line_cut(&s->idle, INT64_MAX);
}

/* libmicrohttpd cannot stop while connections are suspended. */
void http_server_free(struct http_server *s)
{
    if (!s)
        return;
    http_server_stop_accepting(s);
    loop_poll_stop(&s->poll);
    loop_hook_remove(s->loop, &s->hook);
    loop_timer_stop(&s->tick);
    server_resume(&s->suspended);
    server_resume(&s->replied);
    MHD_stop_daemon(s->mhd);
    LIST_EACH (it, &s->left)
        exchange_put(CONTAINER(it, struct http_exchange, link));
    drain_close(&s->drain);
    LIST_EACH (it, &s->spare) {
        struct http_exchange *x = CONTAINER(it, struct http_exchange, link);
        arena_free(x->arena);
        mem_free(x);
    }
    mem_free(s);
}

unsigned http_server_open(const struct http_server *s)
{
    return s->open;
}

int http_server_port(const struct http_server *s)
{
    return s->listener.port;
}
