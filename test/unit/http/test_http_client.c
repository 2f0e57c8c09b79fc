#include "rig.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/un.h>
#include <sys/wait.h>

/* A client under test, what its calls ended with, and a pretend server of raw connections. */
struct outcome {
    struct site *site;
    int times;
    int status;
    enum err_class class;
    char text[ERR_TEXT_BYTES];
    struct http_response response;
};

enum { SITE_PEERS = 8 };

struct site {
    struct rig rig;
    struct http_client *client;
    int listener;
    int port;
    struct loop_poll accepting;
    struct peer peers[SITE_PEERS];
    size_t peers_n;
    struct peer *asked;
    struct http_server *server;
    size_t served;
};

static void site_on_accept(struct loop_poll *p)
{
    struct site *s = CONTAINER(p, struct site, accepting);
    int fd = accept(s->listener, NULL, NULL);
    if (fd < 0)
        return;
    assert_true(s->peers_n < SITE_PEERS);
    peer_open_fd(&s->peers[s->peers_n++], &s->rig, fd);
}

static void site_listen(struct site *s, int backlog)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof to;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, &to, sizeof to), 0);
    assert_int_equal(listen(s->listener, backlog), 0);
    assert_int_equal(getsockname(s->listener, &to, &n), 0);
    s->port = ntohs(to.sin_port);
}

static void site_open(struct site *s)
{
    *s = (struct site){0};
    rig_open(&s->rig);
    s->client = http_client_new(s->rig.loop);
    site_listen(s, 16);
    loop_poll_start(s->rig.loop, &s->accepting, s->listener, site_on_accept);
}

static void site_close(struct site *s)
{
    loop_poll_stop(&s->accepting);
    close(s->listener);
    for (size_t i = 0; i < s->peers_n; i++)
        peer_close(&s->peers[i]);
    http_client_free(s->client);
    http_server_free(s->server);
    rig_close(&s->rig);
}

static void on_done(void *ctx, const struct http_response *r, const struct err *e)
{
    struct outcome *o = ctx;
    o->times++;
    assert_true((r != NULL) != (e != NULL));
    if (r) {
        o->status = r->status;
        o->response = *r;
    } else {
        o->class = e->class;
        memcpy(o->text, e->text, sizeof o->text);
    }
}

static struct http_call *site_send_to(struct site *s, struct outcome *o, struct http_request r, int64_t timeout_ms)
{
    *o = (struct outcome){.site = s};
    struct http_call *call = http_send(s->client, &r, timeout_ms, s->rig.arena, on_done, o);
    assert_int_equal(o->times, 0);
    return call;
}

static struct http_call *site_send(struct site *s, struct outcome *o, struct http_request r, int64_t timeout_ms)
{
    r.url = arena_fmt(s->rig.arena, "http://127.0.0.1:%d%s", s->port, r.url ? r.url : "/path?secret=word");
    return site_send_to(s, o, r, timeout_ms);
}

static bool outcome_is_there(void *ctx)
{
    const struct outcome *o = ctx;
    return o->times > 0;
}

static void await(struct outcome *o)
{
    rig_until(&o->site->rig, outcome_is_there, o);
    assert_int_equal(o->times, 1);
    assert_null(strstr(o->text, "word"));
}

static bool peer_has_come(void *ctx)
{
    const struct site *s = ctx;
    return s->peers_n > 0;
}

/* The n-th connection, once `requests` requests have come on it. */
static struct peer *site_peer(struct site *s, size_t n, size_t requests)
{
    while (s->peers_n <= n)
        rig_wait_ms(&s->rig, 0);
    peer_await(&s->peers[n], requests);
    return &s->peers[n];
}

static void peer_hang_up(struct peer *c)
{
    while (c->sent < c->out.n)
        rig_wait_ms(c->rig, 0);
    shutdown(c->fd, SHUT_WR);
}

static struct http_request get(void)
{
    return (struct http_request){.method = "GET"};
}

static struct http_request create(void)
{
    return (struct http_request){.method = "POST", .body = STR("{\"new\":1}"), .effect = HTTP_CREATE};
}

static void test_one_exchange(UNUSED void **state)
{
    struct site s;
    struct outcome o;
    struct http_request r = {.method = "GET"};
    site_open(&s);
    http_header_add_secret(s.rig.arena, &r.headers, "Authorization", "Bearer token");
    http_header_add(s.rig.arena, &r.headers, "X-Odd", "a\r\nInjected: b");
    http_header_add(s.rig.arena, &r.headers, "X-Empty", "");
    site_send(&s, &o, r, 5000);
    struct peer *c = site_peer(&s, 0, 1);
    assert_non_null(strstr(c->in.p, "GET /path?secret=word HTTP/1.1\r\n"));
    assert_non_null(strstr(c->in.p, "\r\nAuthorization: Bearer token\r\n"));
    assert_non_null(strstr(c->in.p, "\r\nAccept-Encoding: gzip\r\n"));
    assert_non_null(strstr(c->in.p, "\r\nUser-Agent: lockstep\r\n"));
    assert_non_null(strstr(c->in.p, "\r\nX-Odd: a  Injected: b\r\n"));
    assert_non_null(strstr(c->in.p, "\r\nX-Empty:\r\n"));
    peer_say(c, "HTTP/1.1 100 Continue\r\nX: interim\r\n\r\nHTTP/1.1 429 Slow Down\r\nRetry-After:  7 \r\nX:\r\n"
                "Content-Length: 5\r\n\r\nhello");
    await(&o);
    assert_int_equal(o.status, 429);
    assert_string_equal(o.response.body.p, "hello");
    assert_int_equal(o.response.headers.n, 3);
    assert_string_equal(http_header_get(&o.response.headers, "retry-after"), "7");
    assert_string_equal(http_header_get(&o.response.headers, "x"), "");
    assert_in_range(o.response.received_ms, clock_now_ms() - 5000, clock_now_ms() + 5);
    site_close(&s);
}

/* Has a request come on any of the connections? */
static bool site_was_asked(void *ctx)
{
    struct site *s = ctx;
    s->asked = NULL;
    for (size_t i = 0; i < s->peers_n; i++)
        if (peer_messages(&s->peers[i]) > 0)
            s->asked = &s->peers[i];
    return s->asked != NULL;
}

/* What each method puts on the wire. */
static void test_methods(UNUSED void **state)
{
    static const struct {
        const char *method, *body, *wanted, *unwanted;
        enum http_effect effect;
    } rows[] = {
        {"GET", "", "GET ", "Content-Length", HTTP_READ},
        {"POST", "abc", "Content-Length: 3\r\n", "Content-Type", HTTP_READ},
        {"POST", "", "Content-Length: 0\r\n", "Expect", HTTP_IDEMPOTENT},
        {"POST", "", "Content-Length: 0\r\n", "Expect", HTTP_CREATE},
        {"PUT", "abc", "PUT ", "Expect", HTTP_IDEMPOTENT},
        {"POST", "abcd", "Content-Length: 4\r\n", "Expect", HTTP_CREATE},
        {"PATCH", "", "PATCH ", "Expect", HTTP_IDEMPOTENT},
        {"DELETE", "", "DELETE ", "Content-Length", HTTP_IDEMPOTENT},
        {"DELETE", "x", "Content-Length: 1\r\n", "Expect", HTTP_IDEMPOTENT},
        {"HEAD", "", "HEAD ", "Content-Length", HTTP_READ},
        {"GET", "", "GET ", "Content-Length", HTTP_READ},
    };
    struct site s;
    site_open(&s);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome o;
        struct http_request r = {.method = rows[i].method, .body = str_of(rows[i].body), .effect = rows[i].effect};
        site_send(&s, &o, r, 5000);
        rig_until(&s.rig, site_was_asked, &s);
        struct peer *c = s.asked;
        size_t n = strlen(rows[i].method);
        if (strncmp(c->in.p, rows[i].method, n) != 0 || c->in.p[n] != ' ' || !strstr(c->in.p, rows[i].wanted) ||
            strstr(c->in.p, rows[i].unwanted))
            fail_msg("row %zu: %s", i, c->in.p);
        assert_string_equal(strstr(c->in.p, "\r\n\r\n") + 4, rows[i].body);
        text_reset(&c->in);
        peer_say(c, "HTTP/1.1 204 No Content\r\n\r\n");
        await(&o);
        assert_int_equal(o.status, 204);
    }
    site_close(&s);
}

/* What the other side does with a request, and what the call ends with. */
static void test_classes(UNUSED void **state)
{
    static const struct {
        const char *answer; /* then the end; NULL: silence */
        enum err_class class;
        int status;
    } rows[] = {
        {"", ERR_UNCERTAIN, 0},
        {NULL, ERR_UNCERTAIN, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", ERR_UNCERTAIN, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ERR_UNCERTAIN, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ERR_UNCERTAIN, 0},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", ERR_UNCERTAIN, 0},
        {"HTTP/1.1 200", ERR_UNCERTAIN, 0},
        {"garbage", ERR_UNCERTAIN, 0},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", ERR_NONE, 200},
        {"HTTP/1.0 503 No\r\n\r\n", ERR_NONE, 503},
        {"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", ERR_NONE, 302},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct site s;
        struct outcome o;
        site_open(&s);
        site_send(&s, &o, i % 2 ? create() : get(), rows[i].answer ? 5000 : 100);
        struct peer *c = site_peer(&s, 0, 1);
        if (rows[i].answer) {
            peer_say(c, rows[i].answer);
            peer_hang_up(c);
        }
        await(&o);
        if (o.class != rows[i].class || o.status != rows[i].status)
            fail_msg("row %zu: %s %d %s", i, err_class_name(o.class), o.status, o.text);
        if (o.class)
            assert_non_null(strstr(o.text, "127.0.0.1: "));
        assert_int_equal(s.peers_n, 1);
        site_close(&s);
    }
}

static void test_nothing_sent(UNUSED void **state)
{
    static const struct {
        const char *url;
        enum err_class class;
    } rows[] = {
        {"http://host.invalid/?secret=word", ERR_TRANSIENT},
        {"http://127.0.0.1:1/?secret=word", ERR_TRANSIENT},
        {"https://127.0.0.1:1/?secret=word", ERR_TRANSIENT},
        {"ftp://127.0.0.1/?secret=word", ERR_CONFIG},
        {"127.0.0.1/?secret=word", ERR_CONFIG},
        {"http://127.0.0.1:99999/?secret=word", ERR_CONFIG},
        {"http:///?secret=word", ERR_CONFIG},
        {"", ERR_CONFIG},
    };
    struct site s;
    site_open(&s);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome o;
        struct http_request r = create();
        r.url = rows[i].url;
        site_send_to(&s, &o, r, 5000);
        await(&o);
        if (o.class != rows[i].class)
            fail_msg("row %zu: %s %s", i, err_class_name(o.class), o.text);
    }
    site_close(&s);
}

static void test_tls_with_a_plain_server(UNUSED void **state)
{
    struct site s;
    struct outcome o;
    struct http_request r = create();
    site_open(&s);
    r.url = arena_fmt(s.rig.arena, "https://127.0.0.1:%d/?secret=word", s.port);
    site_send_to(&s, &o, r, 5000);
    rig_until(&s.rig, peer_has_come, &s);
    peer_say(&s.peers[0], "HTTP/1.1 400 Bad Request\r\n\r\n");
    await(&o);
    assert_int_equal(o.class, ERR_TRANSIENT);
    site_close(&s);
}

/* The openssl program with its output on `out`, or 0 when it is not installed. */
static pid_t openssl_start(const char *const *argv, int out)
{
    pid_t pid = 0;
    posix_spawn_file_actions_t io;
    posix_spawn_file_actions_init(&io);
    posix_spawn_file_actions_adddup2(&io, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&io, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid, "openssl", &io, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
        pid = 0;
    posix_spawn_file_actions_destroy(&io);
    return pid;
}

/* The port from its line "ACCEPT 127.0.0.1:43210". */
static int openssl_port(int from)
{
    char said[1024] = "";
    size_t n = 0;
    while (n < sizeof said - 1) {
        ssize_t got = read(from, said + n, sizeof said - 1 - n);
        if (got <= 0)
            return 0;
        n += (size_t)got;
        const char *colon = strstr(said, "ACCEPT 127.0.0.1:");
        if (colon && strchr(colon, '\n'))
            return (int)strtol(colon + 17, NULL, 10);
    }
    return 0;
}

static void test_untrusted_certificate(UNUSED void **state)
{
    struct site s;
    struct outcome o;
    struct err e;
    const char *folder;
    int out[2], status;
    site_open(&s);
    assert_int_equal(folder_temp(s.rig.arena, "lockstep-test", &folder, &e), 0);
    assert_int_equal(pipe(out), 0);
    char *key = arena_fmt(s.rig.arena, "%s/key", folder), *cert = arena_fmt(s.rig.arena, "%s/cert", folder);
    const char *const make[] = {"openssl", "req", "-x509",   "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
                                "-days",   "2",   "-keyout", key,       "-out",     cert,     NULL};
    const char *const serve[] = {"openssl", "s_server", "-www",  "-accept", "127.0.0.1:0",
                                 "-key",    key,        "-cert", cert,      NULL};
    pid_t pid = openssl_start(make, out[1]);
    if (pid == 0) {
        close(out[0]);
        close(out[1]);
        folder_remove(folder);
        site_close(&s);
        skip();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    pid = openssl_start(serve, out[1]);
    close(out[1]);
    struct http_request r = create();
    r.url = arena_fmt(s.rig.arena, "https://127.0.0.1:%d/?secret=word", openssl_port(out[0]));
    site_send_to(&s, &o, r, 10000);
    await(&o);
    if (o.class != ERR_CONFIG || !strstr(o.text, "certificate"))
        fail_msg("%s", o.text);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    close(out[0]);
    folder_remove(folder);
    site_close(&s);
}

/* A listener whose queue is full leaves a new connection without an answer. */
static void test_timeout_while_connecting(UNUSED void **state)
{
    struct site s;
    struct outcome o;
    int waiting[4];
    site_open(&s);
    loop_poll_stop(&s.accepting);
    close(s.listener);
    site_listen(&s, 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)s.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (size_t i = 0; i < COUNT(waiting); i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        UNUSED int r = connect(waiting[i], &to, sizeof to);
    }
    site_send(&s, &o, create(), 200);
    await(&o);
    assert_int_equal(o.class, ERR_TRANSIENT);
    assert_string_equal(o.text, "127.0.0.1: no connection in time");
    for (size_t i = 0; i < COUNT(waiting); i++)
        close(waiting[i]);
    site_close(&s);
}

static void test_answer_too_large(UNUSED void **state)
{
    static const struct {
        size_t bytes;
        int status;
    } rows[] = {{HTTP_ANSWER_MAX_BYTES, 200}, {HTTP_ANSWER_MAX_BYTES + 1, 0}};
    AUTO(mem_free_auto) char *zeros = mem_zero(HTTP_ANSWER_MAX_BYTES + 1);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct site s;
        struct outcome o;
        site_open(&s);
        site_send(&s, &o, get(), 20000);
        struct peer *c = site_peer(&s, 0, 1);
        text_addf(&c->out, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", rows[i].bytes);
        text_add(&c->out, (struct str){zeros, rows[i].bytes});
        await(&o);
        assert_int_equal(o.status, rows[i].status);
        assert_int_equal(o.class, rows[i].status ? ERR_NONE : ERR_UNCERTAIN);
        if (rows[i].status)
            assert_int_equal(o.response.body.n, rows[i].bytes);
        site_close(&s);
    }
}

static void test_headers_too_large(UNUSED void **state)
{
    struct site s;
    struct outcome o;
    site_open(&s);
    site_send(&s, &o, get(), 5000);
    struct peer *c = site_peer(&s, 0, 1);
    peer_say(c, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10000; i++)
        peer_say(c, "X-Header: 12345678\r\n");
    peer_say(c, "\r\n");
    await(&o);
    assert_int_equal(o.class, ERR_UNCERTAIN);
    site_close(&s);
}

/*
 * A kept connection that dies without an answer: what only reads is sent again, what creates is not, for the first
 * sending may have worked.
 */
static void test_dead_kept_connection(UNUSED void **state)
{
    for (int creates = 0; creates <= 1; creates++) {
        struct site s;
        struct outcome o;
        site_open(&s);
        site_send(&s, &o, get(), 5000);
        struct peer *c = site_peer(&s, 0, 1);
        peer_say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await(&o);
        site_send(&s, &o, creates ? create() : get(), 5000);
        site_peer(&s, 0, 2);
        peer_hang_up(c);
        if (creates) {
            await(&o);
            assert_int_equal(o.class, ERR_UNCERTAIN);
            rig_wait_ms(&s.rig, 20);
            for (size_t i = 1; i < s.peers_n; i++) /* libcurl connects before it learns that it must not */
                assert_int_equal(s.peers[i].in.n, 0);
        } else {
            c = site_peer(&s, 1, 1);
            peer_say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            await(&o);
            assert_int_equal(o.status, 200);
        }
        site_close(&s);
    }
}

static void test_cancel(UNUSED void **state)
{
    struct site s;
    struct outcome cancelled, at_once, other;
    site_open(&s);
    struct http_call *call = site_send(&s, &cancelled, get(), 200);
    http_cancel(site_send(&s, &at_once, get(), 200));
    site_peer(&s, 0, 1);
    http_cancel(call);
    site_send(&s, &other, get(), 300);
    await(&other);
    assert_int_equal(other.class, ERR_UNCERTAIN);
    assert_int_equal(cancelled.times, 0);
    assert_int_equal(at_once.times, 0);
    site_close(&s);
}

static void test_free_with_calls_under_way(UNUSED void **state)
{
    struct site s;
    struct outcome a, b;
    site_open(&s);
    site_send(&s, &a, get(), 5000);
    site_peer(&s, 0, 1);
    site_send(&s, &b, create(), 5000);
    site_close(&s);
    assert_int_equal(a.times + b.times, 0);
}

/* Against our own server */

static void site_on_body(void *ctx, struct http_exchange *x, const struct http_request *r)
{
    struct site *s = ctx;
    s->served++;
    http_reply(x, 201, NULL, r->body);
}

static void site_serve(struct site *s, const char *listen)
{
    struct err e = {0};
    struct http_server_conf conf = {.listen = listen,
                                    .header_bytes = 8192,
                                    .body_bytes = 10 * 1024 * 1024,
                                    .connections = 1000,
                                    .request_ms = 20000,
                                    .idle_ms = 20000,
                                    .body = site_on_body,
                                    .ctx = s};
    if (http_server_new(&s->server, s->rig.loop, &conf, &e) != 0)
        fail_msg("%s", e.text);
}

static bool all_are_served(void *ctx)
{
    const struct outcome *o = ctx;
    for (size_t i = 0; i < 600; i++)
        if (o[i].times == 0)
            return false;
    return true;
}

/* Three waves of 600 calls at once, alternately with bodies that libcurl may and may not send again. */
static void test_many_calls(UNUSED void **state)
{
    static struct outcome o[600];
    struct site s;
    site_open(&s);
    site_serve(&s, "127.0.0.1:0");
    s.port = http_server_port(s.server);
    for (int wave = 0; wave < 3; wave++) {
        for (size_t i = 0; i < 600; i++) {
            struct http_request r = create();
            r.effect = i % 2 ? HTTP_CREATE : HTTP_IDEMPOTENT;
            site_send(&s, &o[i], r, 20000);
        }
        rig_until(&s.rig, all_are_served, o);
        for (size_t i = 0; i < 600; i++) {
            if (o[i].times != 1 || o[i].status != 201)
                fail_msg("%zu: %s", i, o[i].text);
            assert_string_equal(o[i].response.body.p, "{\"new\":1}");
        }
    }
    assert_int_equal(s.served, 1800);
    site_close(&s);
}

static void test_large_body(UNUSED void **state)
{
    struct site s;
    struct outcome o;
    site_open(&s);
    site_serve(&s, "127.0.0.1:0");
    s.port = http_server_port(s.server);
    size_t n = 5 * 1024 * 1024;
    AUTO(mem_free_auto) char *bytes = mem_zero(n);
    memset(bytes, 'x', n);
    for (int i = HTTP_READ; i <= HTTP_CREATE; i++) {
        site_send(&s, &o, (struct http_request){.method = "POST", .body = {bytes, n}, .effect = (enum http_effect)i},
                  20000);
        await(&o);
        assert_int_equal(o.status, 201);
        assert_true(str_same(o.response.body, (struct str){bytes, n}));
    }
    site_close(&s);
}

static void test_unix_socket(UNUSED void **state)
{
    struct site s;
    struct outcome o;
    struct err e;
    const char *folder;
    site_open(&s);
    assert_int_equal(folder_temp(s.rig.arena, "lockstep-test", &folder, &e), 0);
    const char *path = arena_fmt(s.rig.arena, "%s/s", folder);
    for (int i = 0; i < 2; i++) {
        site_serve(&s, arena_fmt(s.rig.arena, "unix:%s", path));
        struct http_server *second = NULL;
        struct http_server_conf conf = {.listen = arena_fmt(s.rig.arena, "unix:%s", path)};
        assert_int_equal(http_server_new(&second, s.rig.loop, &conf, &e), -ERR_CONFIG);
        assert_non_null(strstr(e.text, "another process listens there"));
        http_client_use_unix(s.client, path);
        site_send(&s, &o, create(), 5000);
        await(&o);
        assert_int_equal(o.status, 201);
        assert_int_equal(http_server_port(s.server), 0);
        http_server_free(s.server);
        s.server = NULL;
        assert_false(path_exists(path));
    }
    /* left behind by a process that was killed: it is replaced */
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof at.sun_path);
    memcpy(at.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, &at, sizeof at), 0);
    close(fd);
    site_send(&s, &o, create(), 5000);
    await(&o);
    assert_int_equal(o.class, ERR_TRANSIENT);
    site_serve(&s, arena_fmt(s.rig.arena, "unix:%s", path));
    http_client_use_unix(s.client, NULL);
    site_send(&s, &o, get(), 5000);
    peer_say(site_peer(&s, 0, 1), "HTTP/1.1 204 No Content\r\n\r\n");
    await(&o);
    assert_int_equal(o.status, 204);
    http_server_free(s.server);
    s.server = NULL;
    folder_remove(folder);
    assert_false(path_exists(folder));
    site_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_exchange),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_nothing_sent),
        cmocka_unit_test(test_tls_with_a_plain_server),
        cmocka_unit_test(test_untrusted_certificate),
        cmocka_unit_test(test_timeout_while_connecting),
        cmocka_unit_test(test_answer_too_large),
        cmocka_unit_test(test_headers_too_large),
        cmocka_unit_test(test_dead_kept_connection),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_free_with_calls_under_way),
        cmocka_unit_test(test_many_calls),
        cmocka_unit_test(test_large_body),
        cmocka_unit_test(test_unix_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
