#include "base/base.h"

#include "http/client.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "http/client_private.h"
#include "io/loop.h"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CLIENT_CONNECTIONS = 512, /* kept open */
    CLIENT_HEAD_BYTES = 64 * 1024,
    CLIENT_SPARE_BYTES = 64 * 1024, /* a larger buffer is not kept for the next call */
    CLIENT_SCRATCH_BYTES = 256 * 1024 * 1024,
    CLIENT_EVENTS = 64
};

struct http_client {
    struct loop *loop;
    CURLM *multi;
    int epoll; /* libcurl's sockets; itself watched by the loop */
    struct loop_poll poll;
    struct loop_timer timer;
    struct loop_hook hook;
    bool is_due; /* libcurl wants to be called at once */
    struct list calls;
    struct list spare;
    char *unix_path;
};

struct http_call {
    struct list link;
    struct http_client *client;
    CURL *easy;
    struct arena *scratch; /* the copy of the request */
    struct text head, body;
    struct str upload; /* sent once and never again */
    size_t uploaded;
    struct arena *arena; /* the caller's */
    void (*done)(void *ctx, const struct http_response *response, const struct err *e);
    void *ctx;
    const char *host;
    char detail[CURL_ERROR_SIZE];
};

/* Sockets and time of libcurl on our loop */

static bool client_check_done(struct http_client *c);

static int client_on_socket(UNUSED CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    struct http_client *c = ctx;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event ev = {.data.fd = fd};
    ev.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    if (epoll_ctl(c->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) != 0)
        return -1;
    curl_multi_assign(c->multi, fd, c);
    return 0;
}

static int client_flags(uint32_t events)
{
    return (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
           (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
}

/* A bounded number of events a turn; what is left makes the descriptor ready again. */
static void client_on_ready(struct loop_poll *p)
{
    struct http_client *c = CONTAINER(p, struct http_client, poll);
    struct epoll_event v[CLIENT_EVENTS];
    int running;
    int n = epoll_wait(c->epoll, v, CLIENT_EVENTS, 0);
    for (int i = 0; i < n; i++)
        curl_multi_socket_action(c->multi, v[i].data.fd, client_flags(v[i].events), &running);
    client_check_done(c);
}

static void client_on_timer(struct loop_timer *t)
{
    struct http_client *c = CONTAINER(t, struct http_client, timer);
    c->is_due = true; /* at the end of this turn */
}

static int client_on_timeout(UNUSED CURLM *multi, long after_ms, void *ctx)
{
    struct http_client *c = ctx;
    loop_timer_stop(&c->timer);
    c->is_due = after_ms == 0;
    if (after_ms > 0)
        loop_timer_start(c->loop, &c->timer, after_ms, client_on_timer);
    else if (after_ms == 0)
        loop_again(c->loop);
    return 0;
}

/* A call that ended here may have made work for a hook that has had its turn. */
static bool client_on_turn(struct loop_hook *h)
{
    struct http_client *c = CONTAINER(h, struct http_client, hook);
    if (!c->is_due)
        return false;
    int running;
    c->is_due = false;
    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    return client_check_done(c) || c->is_due;
}

/* Calls, which are used again with their handles and buffers */

static size_t client_on_head(const char *bytes, size_t size, size_t n, void *ctx)
{
    struct http_call *call = ctx;
    struct str line = {bytes, size * n};
    if (line.n >= 5 && memcmp(line.p, "HTTP/", 5) == 0)
        text_reset(&call->head); /* an interim answer, 100 Continue, came before */
    text_add(&call->head, line);
    return text_full(&call->head) ? 0 : line.n;
}

static size_t client_on_body(const char *bytes, size_t size, size_t n, void *ctx)
{
    struct http_call *call = ctx;
    text_add(&call->body, (struct str){bytes, size * n});
    return text_full(&call->body) ? 0 : size * n;
}

static size_t client_on_upload(char *to, size_t size, size_t n, void *ctx)
{
    struct http_call *call = ctx;
    size_t left = call->upload.n - call->uploaded;
    size_t part = size * n < left ? size * n : left;
    if (part)
        memcpy(to, call->upload.p + call->uploaded, part);
    call->uploaded += part;
    return part;
}

/* libcurl sends again by itself when a kept connection dies; what creates something must not be sent twice. */
static int client_on_rewind(void *ctx, UNUSED curl_off_t offset, UNUSED int origin)
{
    const struct http_call *call = ctx;
    return call->uploaded == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static struct http_call *call_make(struct http_client *c)
{
    struct http_call *call = mem_zero(sizeof *call);
    call->client = c;
    call->scratch = arena_new(CLIENT_SCRATCH_BYTES);
    text_init(&call->head, CLIENT_HEAD_BYTES);
    text_init(&call->body, HTTP_ANSWER_MAX_BYTES);
    call->easy = curl_easy_init();
    check(call->easy);
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, client_on_head);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, client_on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L); /* allocated anew for each sending */
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, client_on_upload);
    curl_easy_setopt(easy, CURLOPT_READDATA, call);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, client_on_rewind);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, call);
    return call;
}

static struct http_call *call_take(struct http_client *c)
{
    struct http_call *call = NULL;
    if (list_empty(&c->spare)) {
        call = call_make(c);
    } else {
        call = CONTAINER(c->spare.next, struct http_call, link);
        list_remove(&call->link);
    }
    list_add(&c->calls, &call->link);
    return call;
}

static void call_reset_text(struct text *t)
{
    size_t max = t->max;
    if (t->room > CLIENT_SPARE_BYTES) {
        text_free(t);
        text_init(t, max);
    }
    text_reset(t);
}

static void call_put(struct http_call *call)
{
    call_reset_text(&call->head);
    call_reset_text(&call->body);
    arena_reset(call->scratch);
    call->upload = (struct str){NULL, 0};
    call->uploaded = 0;
    call->detail[0] = '\0';
    list_remove(&call->link);
    list_push(&call->client->spare, &call->link);
}

static void call_free(struct http_call *call)
{
    list_remove(&call->link);
    curl_easy_cleanup(call->easy);
    arena_free(call->scratch);
    text_free(&call->head);
    text_free(&call->body);
    mem_free(call);
}

/* Requests */

/* A line break in a value would begin another header. */
static void call_set_header(struct http_call *call, struct curl_slist ***end, char *line)
{
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ')
            *p = ' ';
    struct curl_slist *item = ARENA_NEW(call->scratch, struct curl_slist);
    item->data = line;
    **end = item;
    *end = &item->next;
}

/* "Name:" without a value takes away what libcurl would send by itself; "Name;" sends an empty value. */
static void call_set_headers(struct http_call *call, const struct http_request *r)
{
    struct curl_slist *list = NULL;
    struct curl_slist **end = &list;
    struct arena *a = call->scratch;
    for (size_t i = 0; i < r->headers.n; i++) {
        const struct http_header *h = &r->headers.v[i];
        char *line = text_blank(h->value) ? arena_fmt(a, "%s;", h->name) : arena_fmt(a, "%s: %s", h->name, h->value);
        call_set_header(call, &end, line);
    }
    if (!http_header_get(&r->headers, "User-Agent"))
        call_set_header(call, &end, arena_text(a, "User-Agent: lockstep"));
    if (!http_header_get(&r->headers, "Content-Type"))
        call_set_header(call, &end, arena_text(a, "Content-Type:"));
    call_set_header(call, &end, arena_text(a, "Expect:"));
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, list);
}

/* Does a request of that method carry a body even when it is empty? Then its length 0 is said. */
static bool call_has_body(const struct http_request *r)
{
    return r->body.n > 0 || text_same(r->method, "POST") || text_same(r->method, "PUT") ||
           text_same(r->method, "PATCH");
}

static void call_set_body(struct http_call *call, const struct http_request *r)
{
    CURL *easy = call->easy;
    call->upload = (struct str){arena_str(call->scratch, r->body), r->body.n};
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->effect == HTTP_CREATE && r->body.n ? NULL : call->upload.p);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, text_same(r->method, "POST") ? NULL : r->method);
}

static void call_set_method(struct http_call *call, const struct http_request *r)
{
    CURL *easy = call->easy;
    bool has_body = call_has_body(r);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, r->effect == HTTP_CREATE && r->body.n == 0 ? 1L : 0L);
    if (text_same(r->method, "HEAD")) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (has_body) {
        call_set_body(call, r);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, text_same(r->method, "GET") ? NULL : r->method);
    }
}

struct http_call *http_send(struct http_client *c, const struct http_request *r, int64_t timeout_ms,
                            struct arena *arena,
                            void (*done)(void *ctx, const struct http_response *response, const struct err *e),
                            void *ctx)
{
    struct http_call *call = call_take(c);
    struct url url;
    call->arena = arena;
    call->done = done;
    call->ctx = ctx;
    bool is_url = url_parse(call->scratch, r->url, &url);
    call->host = is_url ? url.host : "not an address";
    curl_easy_setopt(call->easy, CURLOPT_URL, is_url ? r->url : ""); /* libcurl would guess, here it refuses */
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)(timeout_ms > 0 ? timeout_ms : 1));
    curl_easy_setopt(call->easy, CURLOPT_UNIX_SOCKET_PATH, c->unix_path);
    call_set_headers(call, r);
    call_set_method(call, r);
    check(curl_multi_add_handle(c->multi, call->easy) == CURLM_OK);
    return call;
}

void http_cancel(struct http_call *call)
{
    curl_multi_remove_handle(call->client->multi, call->easy);
    call_put(call);
}

/* Answers */

static size_t head_count(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

static struct str head_line(struct str *rest)
{
    const char *end = memchr(rest->p, '\n', rest->n);
    struct str line = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t used = end ? line.n + 1 : line.n;
    *rest = (struct str){rest->p + used, rest->n - used};
    return line;
}

/* Each "Name: value" line; the status line and the empty one have no name. */
static void call_read_headers(const struct http_call *call, struct http_headers *ret)
{
    struct arena *a = call->arena;
    struct str rest = text_str(&call->head);
    ret->v = ARENA_ARRAY(a, struct http_header, head_count(rest) + 1);
    while (rest.n > 0) {
        struct str line = head_line(&rest);
        const char *colon = memchr(line.p, ':', line.n);
        if (!colon || colon == line.p)
            continue;
        size_t n = (size_t)(colon - line.p);
        struct str value = str_trim((struct str){colon + 1, line.n - n - 1});
        ret->v[ret->n++] =
            (struct http_header){.name = arena_str(a, (struct str){line.p, n}), .value = arena_str(a, value)};
    }
}

static void call_answer(struct http_call *call, struct http_response *ret)
{
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    *ret = (struct http_response){.status = (int)status, .received_ms = loop_now_ms(call->client->loop)};
    call_read_headers(call, &ret->headers);
    ret->body = (struct str){arena_str(call->arena, text_str(&call->body)), call->body.n};
}

/* Once libcurl has a connection it begins to send; later than that, nobody knows what arrived. */
static bool call_was_sent(const struct http_call *call)
{
    curl_off_t began_us = 0;
    long bytes = 0;
    curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &began_us);
    curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &bytes);
    return began_us > 0 || bytes > 0;
}

/* The call can be used again by what `done` sends: all that is needed of it is taken first. */
static void call_end(struct http_call *call, CURLcode code)
{
    struct err e;
    struct http_response *response = NULL;
    void (*done)(void *, const struct http_response *, const struct err *) = call->done;
    void *ctx = call->ctx;
    if (code == CURLE_OK) {
        response = ARENA_NEW(call->arena, struct http_response);
        call_answer(call, response);
    } else {
        client_fail((int)code, call_was_sent(call), call->host, call->detail, &e);
    }
    curl_multi_remove_handle(call->client->multi, call->easy);
    call_put(call);
    done(ctx, response, response ? NULL : &e);
}

/* True when a call ended. */
static bool client_check_done(struct http_client *c)
{
    int left;
    bool has_ended = false;
    for (CURLMsg *m = curl_multi_info_read(c->multi, &left); m; m = curl_multi_info_read(c->multi, &left)) {
        struct http_call *call = NULL;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
        call_end(call, code);
        has_ended = true;
    }
    return has_ended;
}

/* The client */

struct http_client *http_client_new(struct loop *loop)
{
    check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    struct http_client *c = mem_zero(sizeof *c);
    c->loop = loop;
    c->multi = curl_multi_init();
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    check(c->multi && c->epoll >= 0);
    list_init(&c->calls);
    list_init(&c->spare);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, client_on_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, client_on_timeout);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)CLIENT_CONNECTIONS);
    loop_poll_start(loop, &c->poll, c->epoll, client_on_ready);
    c->hook.turn = client_on_turn;
    loop_hook_add(loop, &c->hook);
    return c;
}

void http_client_free(struct http_client *c)
{
    if (!c)
        return;
    LIST_EACH (it, &c->calls) {
        http_cancel(CONTAINER(it, struct http_call, link));
    }
    LIST_EACH (it, &c->spare) {
        call_free(CONTAINER(it, struct http_call, link));
    }
    curl_multi_cleanup(c->multi);
    loop_timer_stop(&c->timer);
    loop_poll_stop(&c->poll);
    loop_hook_remove(c->loop, &c->hook);
    close(c->epoll);
    mem_free(c->unix_path);
    mem_free(c);
    curl_global_cleanup();
}

void http_client_use_unix(struct http_client *c, const char *socket_path)
{
    mem_free(c->unix_path);
    c->unix_path = socket_path ? mem_text(socket_path) : NULL;
}
