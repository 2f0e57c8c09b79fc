#include "rig.h"

#include "base/list.h"

#include <zlib.h>

/* What the handler does is said by the path; what it saw is counted. */
struct site {
    struct rig rig;
    struct http_server *server;
    struct peer peer;
    struct http_exchange *held[600];
    size_t held_n;
    size_t heads, bodies;
    char *body;
    size_t body_n;
    char *url, *method;
    const char *seen_header;
    bool is_peer_open;
};

static void site_on_head(void *ctx, struct http_exchange *x, const struct http_request *r)
{
    struct site *s = ctx;
    s->heads++;
    assert_int_equal(r->body.n, 0);
    http_exchange_set(x, s);
    if (strcmp(r->url, "/refused") == 0)
        http_reply_problem(x, 401, "who are you?");
}

static void site_on_body(void *ctx, struct http_exchange *x, const struct http_request *r)
{
    struct site *s = ctx;
    s->bodies++;
    assert_ptr_equal(http_exchange_get(x), s);
    assert_false(http_exchange_answered(x));
    s->body = arena_str(s->rig.arena, r->body);
    s->body_n = r->body.n;
    s->url = arena_text(s->rig.arena, r->url);
    s->method = arena_text(s->rig.arena, r->method);
    s->seen_header = arena_text(s->rig.arena, http_header_get(&r->headers, "x-TEST"));
    if (strncmp(r->url, "/hold", 5) == 0) {
        s->held[s->held_n++] = x;
        if (strcmp(r->url, "/hold-soon") == 0)
            http_exchange_soon(x);
        return;
    }
    struct http_headers h = {0};
    http_header_add(http_exchange_arena(x), &h, "X-Answer", "yes");
    http_reply(x, 200, &h, r->body);
    assert_true(http_exchange_answered(x));
    http_reply(x, 500, NULL, STR("an answer after the answer"));
}

static const struct http_server_conf site_conf = {
    .listen = "127.0.0.1:0",
    .header_bytes = 8192,
    .body_bytes = 100000,
    .connections = 600,
    .request_ms = 5000,
    .idle_ms = 5000,
    .head = site_on_head,
    .body = site_on_body,
};

static void site_open_with(struct site *s, struct http_server_conf conf)
{
    struct err e = {0};
    *s = (struct site){0};
    rig_open(&s->rig);
    conf.ctx = s;
    if (http_server_new(&s->server, s->rig.loop, &conf, &e) != 0)
        fail_msg("%s", e.text);
    if (http_server_port(s->server)) {
        peer_open(&s->peer, &s->rig, http_server_port(s->server));
        s->is_peer_open = true;
    }
}

static void site_open(struct site *s)
{
    site_open_with(s, site_conf);
}

static void site_close(struct site *s)
{
    if (s->is_peer_open)
        peer_close(&s->peer);
    http_server_free(s->server);
    rig_close(&s->rig);
}

static void test_one_exchange(UNUSED void **state)
{
    struct site s;
    site_open(&s);
    peer_say(&s.peer, "POST /a%20b?c=d%26 HTTP/1.1\r\nHost: h\r\nX-Test: some value\r\nContent-Length: 5\r\n\r\nhello");
    peer_await(&s.peer, 1);
    assert_int_equal(peer_status(&s.peer), 200);
    assert_non_null(strstr(s.peer.in.p, "X-Answer: yes\r\n"));
    assert_non_null(strstr(s.peer.in.p, "\r\n\r\nhello"));
    assert_string_equal(s.url, "/a%20b?c=d%26");
    assert_string_equal(s.method, "POST");
    assert_string_equal(s.seen_header, "some value");
    assert_int_equal(s.heads, 1);
    assert_int_equal(s.bodies, 1);
    assert_int_equal(http_server_open(s.server), 1);
    site_close(&s);
}

/* Requests that come one after another on one connection, in whatever pieces. */
static void test_framing(UNUSED void **state)
{
    static const struct {
        const char *request;
        size_t answers;
        int status;
        const char *body; /* of the last request; NULL: none was handled */
        bool closes;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", 1, 200, "", false},
        {"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n", 2, 200, "", false},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabPOST / HTTP/1.1\r\nHost: h\r\nContent-Length: "
         "3\r\n\r\ncdeGET / HTTP/1.1\r\nHost: h\r\n\r\n",
         3, 200, "", false},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n", 1,
         200, "abcdefg", false},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: x\r\n\r\n", 1, 200, "", false},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 1, 200, "", false},
        {"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 1, 200, "x", true},
        {"GET / HTTP/1.0\r\n\r\n", 1, 200, "", true},
        {"POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", 1, 200, "x", true},
        {"POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", 1, 401, NULL, true},
        {"GET /refused HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 2, 401, "", false},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n", 1, 413, NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n", 1, 413, NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", 1, 413, NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 1, 400, NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 1, 400, NULL,
         true},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 1, 501, NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", 1, 400, NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc", 1, 415, NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot a zip", 1, 400, NULL,
         true},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\x1f\x8b\b       ", 1, 400,
         NULL, true},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", 1, 200, "abc",
         false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct site s;
        site_open(&s);
        peer_say(&s.peer, rows[i].request);
        peer_await(&s.peer, rows[i].answers);
        if (peer_status(&s.peer) != rows[i].status)
            fail_msg("row %zu: %s", i, s.peer.in.p);
        if (rows[i].body)
            assert_string_equal(s.body, rows[i].body);
        else
            assert_int_equal(s.bodies, 0);
        if (rows[i].closes)
            peer_await_end(&s.peer);
        assert_int_equal(s.peer.is_over, rows[i].closes);
        assert_false(s.peer.was_reset);
        site_close(&s);
    }
}

/* Each byte for itself: no state between two reads is lost. */
static void test_byte_by_byte(UNUSED void **state)
{
    static const char request[] =
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    struct site s;
    site_open(&s);
    for (size_t i = 0; i < sizeof request - 1; i++) {
        text_addc(&s.peer.out, request[i]);
        rig_wait_ms(&s.rig, 0);
    }
    peer_await(&s.peer, 1);
    assert_string_equal(s.body, "abc");
    site_close(&s);
}

static bool peer_got_continue(void *ctx)
{
    const struct peer *c = ctx;
    return strstr(text_z(&c->in), "100 Continue\r\n\r\n") != NULL;
}

static void test_expect(UNUSED void **state)
{
    struct site s;
    site_open(&s);
    peer_say(&s.peer, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    rig_until(&s.rig, peer_got_continue, &s.peer);
    assert_int_equal(s.bodies, 0);
    peer_say(&s.peer, "abc");
    peer_await(&s.peer, 2);
    assert_string_equal(s.body, "abc");
    site_close(&s);
}

static void test_head_method(UNUSED void **state)
{
    struct site s;
    site_open(&s);
    peer_say(&s.peer, "HEAD /hold HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    while (s.held_n == 0)
        rig_wait_ms(&s.rig, 0);
    http_reply_json(s.held[0], 200, STR("{\"a\":1}"));
    peer_await_end(&s.peer);
    assert_non_null(strstr(s.peer.in.p, "Content-Length: 7"));
    assert_null(strstr(s.peer.in.p, "{\"a\""));
    site_close(&s);
}

static void test_problem(UNUSED void **state)
{
    struct site s;
    site_open(&s);
    peer_say(&s.peer, "GET /refused HTTP/1.1\r\nHost: h\r\n\r\n");
    peer_await(&s.peer, 1);
    assert_non_null(strstr(s.peer.in.p, "Content-Type: application/problem+json\r\n"));
    assert_non_null(strstr(s.peer.in.p, "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
                                        "\"detail\":\"who are you?\"}"));
    site_close(&s);
}

static void test_large_headers(UNUSED void **state)
{
    static const struct {
        size_t bytes;
        int status;
    } rows[] = {{7000, 200}, {8300, 431}, {20000, 431}, {200000, 431}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct site s;
        site_open(&s);
        peer_say(&s.peer, "GET / HTTP/1.1\r\nHost: h\r\nX-Long: ");
        for (size_t n = 0; n < rows[i].bytes; n++)
            text_addc(&s.peer.out, 'x');
        peer_say(&s.peer, "\r\n\r\n");
        s.peer.wanted = 1;
        rig_until(&s.rig, peer_has_wanted, &s.peer);
        assert_int_equal(peer_status(&s.peer), rows[i].status);
        site_close(&s);
    }
}

/* The client hears the refusal even while it is still sending. */
static void test_too_large_while_sending(UNUSED void **state)
{
    static const char *const heads[] = {
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2dc6c0\r\n",
        "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n",
    };
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct site s;
        struct http_server_conf conf = site_conf;
        conf.body_bytes = i == 2 ? 10000000 : 100000;
        site_open_with(&s, conf);
        peer_say(&s.peer, heads[i]);
        for (size_t n = 0; n < 3000000; n++)
            text_addc(&s.peer.out, 'x');
        peer_await_end(&s.peer);
        assert_int_equal(peer_status(&s.peer), i == 2 ? 401 : 413);
        assert_false(s.peer.was_reset);
        assert_int_equal(s.bodies, 0);
        site_close(&s);
    }
}

static void test_body_at_the_limit(UNUSED void **state)
{
    struct site s;
    site_open(&s);
    peer_say(&s.peer, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n");
    for (size_t n = 0; n < 100000; n++)
        text_addc(&s.peer.out, (char)('a' + n % 26));
    peer_say(&s.peer, "\r\n0\r\n\r\nPOST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    for (size_t n = 0; n < 100000; n++)
        text_addc(&s.peer.out, (char)('a' + n % 26));
    peer_await(&s.peer, 2);
    assert_int_equal(s.body_n, 100000);
    assert_int_equal(s.body[99999], 'a' + 99999 % 26);
    site_close(&s);
}

static void say_gzip(struct peer *c, struct str plain, int copies, bool is_chunked)
{
    size_t room = 1000 + plain.n;
    AUTO(mem_free_auto) char *packed = mem_zero(room);
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.n;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    text_addf(&c->out, "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\n");
    if (is_chunked)
        text_addf(&c->out, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", n * (size_t)copies);
    else
        text_addf(&c->out, "Content-Length: %zu\r\n\r\n", n * (size_t)copies);
    for (int i = 0; i < copies; i++)
        text_add(&c->out, (struct str){packed, n});
    if (is_chunked)
        text_addz(&c->out, "\r\n0\r\n\r\n");
}

static void test_gzip(UNUSED void **state)
{
    static char zeros[100001];
    static const struct {
        size_t bytes;
        int copies;
        bool is_chunked;
        int status;
    } rows[] = {{1000, 1, false, 200},   {1000, 1, true, 200},   {1000, 3, false, 200},  {100000, 1, false, 200},
                {100001, 1, false, 413}, {100001, 1, true, 413}, {60000, 2, false, 413}, {0, 1, false, 200}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct site s;
        site_open(&s);
        say_gzip(&s.peer, (struct str){zeros, rows[i].bytes}, rows[i].copies, rows[i].is_chunked);
        peer_await(&s.peer, 1);
        assert_int_equal(peer_status(&s.peer), rows[i].status);
        if (rows[i].status == 200)
            assert_int_equal(s.body_n, rows[i].bytes * (size_t)rows[i].copies);
        site_close(&s);
    }
}

/* A small body that unpacks to a thousand times its size is cut at the limit. */
static void test_gzip_bomb(UNUSED void **state)
{
    struct site s;
    size_t n = 32 * 1024 * 1024;
    site_open(&s);
    AUTO(mem_free_auto) char *zeros = mem_zero(n);
    say_gzip(&s.peer, (struct str){zeros, n}, 1, false);
    peer_await(&s.peer, 1);
    assert_int_equal(peer_status(&s.peer), 413);
    assert_int_equal(s.bodies, 0);
    site_close(&s);
}

static void test_garbage(UNUSED void **state)
{
    static const struct {
        const char *p;
        size_t n;
    } rows[] = {
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15},
        {"hello\r\n\r\n", 9},
        {"GET\r\n\r\n", 7},
        {"GET / SMTP/9\r\n\r\n", 16},
        {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 28},
        {"\0\0\0\0\r\n\r\n", 8},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct site s;
        site_open(&s);
        text_add(&s.peer.out, (struct str){rows[i].p, rows[i].n});
        rig_wait_ms(&s.rig, 20);
        shutdown(s.peer.fd, SHUT_WR);
        peer_await_end(&s.peer);
        if (peer_status(&s.peer) != 0 && peer_status(&s.peer) / 100 != 4 && peer_status(&s.peer) != 505)
            fail_msg("row %zu: %s", i, s.peer.in.p);
        assert_int_equal(s.bodies, 0);
        site_close(&s);
    }
}

static bool site_holds_one(void *ctx)
{
    const struct site *s = ctx;
    return s->held_n == 1;
}

static bool site_has_none_open(void *ctx)
{
    const struct site *s = ctx;
    return http_server_open(s->server) == 0;
}

static void test_client_gone_while_held(UNUSED void **state)
{
    for (int soon = 0; soon < 2; soon++) {
        struct site s;
        site_open(&s);
        peer_say(&s.peer, soon ? "POST /hold-soon HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                               : "POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
        rig_until(&s.rig, site_holds_one, &s);
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(s.peer.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        peer_close(&s.peer);
        rig_wait_ms(&s.rig, 5);
        assert_int_equal(http_server_open(s.server), !soon);
        /* Its exchange is not lent to another request before it is answered. */
        peer_open(&s.peer, &s.rig, http_server_port(s.server));
        peer_say(&s.peer, "GET /hold-soon HTTP/1.1\r\nHost: h\r\n\r\n");
        while (s.held_n < 2)
            rig_wait_ms(&s.rig, 0);
        http_reply_json(s.held[0], 200, STR("{\"for\":\"nobody\"}"));
        http_reply_json(s.held[1], 200, STR("{}"));
        peer_await(&s.peer, 1);
        assert_non_null(strstr(s.peer.in.p, "\r\n\r\n{}"));
        site_close(&s);
    }
}

static void test_client_gone_mid_body(UNUSED void **state)
{
    struct site s;
    site_open(&s);
    peer_say(&s.peer, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\nabc");
    while (s.heads == 0)
        rig_wait_ms(&s.rig, 0);
    peer_close(&s.peer);
    s.is_peer_open = false;
    rig_until(&s.rig, site_has_none_open, &s);
    assert_int_equal(s.bodies, 0);
    site_close(&s);
}

static void test_free_while_held(UNUSED void **state)
{
    static const char *const requests[] = {"GET /hold HTTP/1.1\r\nHost: h\r\n\r\n",
                                           "GET /hold-soon HTTP/1.1\r\nHost: h\r\n\r\n"};
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct site s;
        site_open(&s);
        peer_say(&s.peer, requests[i]);
        rig_until(&s.rig, site_holds_one, &s);
        site_close(&s);
    }
}

static void test_free_with_answer_not_yet_sent(UNUSED void **state)
{
    struct site s;
    site_open(&s);
    peer_say(&s.peer, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    rig_until(&s.rig, site_holds_one, &s);
    http_reply_json(s.held[0], 200, STR("{}"));
    site_close(&s);
}

/* A slow sender is cut whatever it drips; one that waits between requests has another limit. */
static void test_deadlines(UNUSED void **state)
{
    static const struct {
        const char *begin, *drip;
        int64_t request_ms, idle_ms;
    } rows[] = {
        {"", "", 60, 2000},                                                             /* says nothing */
        {"", "G", 60, 2000},                                                            /* the request line */
        {"GET / HTTP/1.1\r\nX: ", "x", 60, 2000},                                       /* a header */
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n", "x", 60, 2000}, /* the body */
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "", 2000, 60},                            /* nothing after an answer */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct site s;
        struct http_server_conf conf = site_conf;
        conf.request_ms = rows[i].request_ms;
        conf.idle_ms = rows[i].idle_ms;
        site_open_with(&s, conf);
        int64_t began = clock_mono_us();
        peer_say(&s.peer, rows[i].begin);
        while (!s.peer.is_over && clock_mono_us() - began < 5000000) {
            peer_say(&s.peer, rows[i].drip);
            rig_wait_ms(&s.rig, 5);
        }
        assert_true(s.peer.is_over);
        assert_in_range(clock_mono_us() - began, 50000, 1500000);
        rig_until(&s.rig, site_has_none_open, &s);
        site_close(&s);
    }
}

/* What a handler takes its time for is not cut. */
static void test_slow_answer(UNUSED void **state)
{
    struct site s;
    struct http_server_conf conf = site_conf;
    conf.request_ms = conf.idle_ms = 40;
    site_open_with(&s, conf);
    peer_say(&s.peer, "POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    rig_until(&s.rig, site_holds_one, &s);
    rig_wait_ms(&s.rig, 150);
    http_reply_json(s.held[0], 200, STR("{}"));
    peer_await(&s.peer, 1);
    site_close(&s);
}

/* A client that does not read its answer does not keep its connection. */
static void test_slow_reader(UNUSED void **state)
{
    struct site s;
    struct http_server_conf conf = site_conf;
    conf.request_ms = conf.idle_ms = 100;
    site_open_with(&s, conf);
    loop_poll_stop(&s.peer.poll);
    peer_say(&s.peer, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    rig_until(&s.rig, site_holds_one, &s);
    size_t n = 32 * 1024 * 1024;
    AUTO(mem_free_auto) char *bytes = mem_zero(n);
    http_reply(s.held[0], 200, NULL, (struct str){bytes, n});
    rig_until(&s.rig, site_has_none_open, &s);
    site_close(&s);
}

static void test_many_connections(UNUSED void **state)
{
    enum { N = 300, ROUNDS = 3 };
    static struct peer peers[N];
    struct site s;
    site_open(&s);
    for (size_t i = 0; i < N; i++)
        peer_open(&peers[i], &s.rig, http_server_port(s.server));
    for (size_t round = 1; round <= ROUNDS; round++) {
        for (size_t i = 0; i < N; i++)
            peer_say(&peers[i], i % 2 ? "POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                                      : "POST /hold-soon HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
        while (s.held_n < N)
            rig_wait_ms(&s.rig, 0);
        for (size_t i = 0; i < N; i++)
            http_reply_json(s.held[i], 200, STR("{\"id\":1}"));
        s.held_n = 0;
        for (size_t i = 0; i < N; i++)
            peer_await(&peers[i], round);
    }
    assert_int_equal(http_server_open(s.server), N + 1);
    assert_int_equal(s.bodies, N * ROUNDS);
    for (size_t i = 0; i < N; i++)
        peer_close(&peers[i]);
    site_close(&s);
}

/* Beyond its number of connections the server accepts when one ends. */
static void test_connection_limit(UNUSED void **state)
{
    struct site s;
    struct peer second;
    struct http_server_conf conf = site_conf;
    conf.connections = 1;
    site_open_with(&s, conf);
    peer_say(&s.peer, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    peer_await(&s.peer, 1);
    peer_open(&second, &s.rig, http_server_port(s.server));
    peer_say(&second, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    rig_wait_ms(&s.rig, 30);
    assert_int_equal(peer_messages(&second), 0);
    peer_close(&s.peer);
    s.is_peer_open = false;
    peer_await(&second, 1);
    peer_close(&second);
    site_close(&s);
}

static void test_stop_accepting(UNUSED void **state)
{
    struct site s;
    struct peer idle;
    site_open(&s);
    int port = http_server_port(s.server);
    peer_open(&idle, &s.rig, port);
    peer_say(&idle, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    peer_await(&idle, 1);
    peer_say(&s.peer, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    rig_until(&s.rig, site_holds_one, &s);
    http_server_stop_accepting(s.server);
    peer_await_end(&idle);
    assert_false(s.peer.is_over);
    http_reply_json(s.held[0], 200, STR("{}"));
    peer_await_end(&s.peer);
    assert_int_equal(peer_status(&s.peer), 200);
    assert_non_null(strstr(s.peer.in.p, "Connection: close"));
    rig_until(&s.rig, site_has_none_open, &s);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, &to, sizeof to), -1);
    close(fd);
    peer_close(&idle);
    site_close(&s);
}

static void test_addresses(UNUSED void **state)
{
    static const struct {
        const char *listen, *error; /* NULL: fine */
    } rows[] = {
        {"127.0.0.1:0", NULL},
        {"[::1]:0", NULL},
        {"localhost:0", NULL},
        {":0", NULL},
        {"127.0.0.1", "expected HOST:PORT"},
        {"127.0.0.1:http", "expected HOST:PORT"},
        {"127.0.0.1:65536", "expected HOST:PORT"},
        {"127.0.0.1:", "expected HOST:PORT"},
        {"::1:0", "expected HOST:PORT"},
        {"192.0.2.1:0", "Cannot assign requested address"},
        {"unix:", "1 to 107 bytes"},
        {"unix:/nonexistent/x", "No such file or directory"},
        {"unix:/dev/null", "another file"},
    };
    struct rig r;
    rig_open(&r);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_server *s = NULL;
        struct err e = {0};
        struct http_server_conf conf = site_conf;
        conf.listen = rows[i].listen;
        int got = http_server_new(&s, r.loop, &conf, &e);
        assert_int_equal(got, rows[i].error ? -ERR_CONFIG : 0);
        if (rows[i].error) {
            assert_null(s);
            assert_non_null(strstr(e.text, "cannot listen on "));
            if (!strstr(e.text, rows[i].error))
                fail_msg("%s", e.text);
        } else {
            assert_true(http_server_port(s) > 0);
        }
        http_server_free(s);
    }
    rig_close(&r);
}

static void test_address_in_use(UNUSED void **state)
{
    struct site s;
    struct http_server *second = NULL;
    struct err e = {0};
    site_open(&s);
    struct http_server_conf conf = site_conf;
    conf.listen = arena_fmt(s.rig.arena, "127.0.0.1:%d", http_server_port(s.server));
    assert_int_equal(http_server_new(&second, s.rig.loop, &conf, &e), -ERR_CONFIG);
    assert_non_null(strstr(e.text, "Address already in use"));
    site_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_exchange),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_expect),
        cmocka_unit_test(test_head_method),
        cmocka_unit_test(test_problem),
        cmocka_unit_test(test_large_headers),
        cmocka_unit_test(test_too_large_while_sending),
        cmocka_unit_test(test_body_at_the_limit),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_gzip_bomb),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_client_gone_while_held),
        cmocka_unit_test(test_client_gone_mid_body),
        cmocka_unit_test(test_free_while_held),
        cmocka_unit_test(test_free_with_answer_not_yet_sent),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_slow_answer),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_many_connections),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_stop_accepting),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_address_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
