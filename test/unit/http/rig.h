/* rig.h: one loop with a server under test and raw sockets that talk to it; waits are for events, with a guard. */
#ifndef TEST_HTTP_RIG_H
#define TEST_HTTP_RIG_H

#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "http/client.h"
#include "http/server.h"
#include "io/file.h"
#include "io/loop.h"

#include <setjmp.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RIG_GUARD_MS = 20000, RIG_TEXT_BYTES = 64 * 1024 * 1024 };

struct rig {
    struct loop *loop;
    struct loop_hook hook;
    struct loop_timer guard;
    bool (*reached)(void *ctx);
    void *ctx;
    bool is_late;
    struct arena *arena;
};

static inline bool rig_on_turn(struct loop_hook *h)
{
    struct rig *r = CONTAINER(h, struct rig, hook);
    if (r->reached && r->reached(r->ctx))
        loop_stop(r->loop);
    return false;
}

static inline void rig_on_guard(struct loop_timer *t)
{
    struct rig *r = CONTAINER(t, struct rig, guard);
    r->is_late = true;
    loop_stop(r->loop);
}

/* Run the loop until it is so. */
static inline void rig_until(struct rig *r, bool (*reached)(void *ctx), void *ctx)
{
    if (reached(ctx))
        return;
    r->reached = reached;
    r->ctx = ctx;
    r->is_late = false;
    loop_timer_start(r->loop, &r->guard, RIG_GUARD_MS, rig_on_guard);
    loop_run(r->loop);
    loop_timer_stop(&r->guard);
    r->reached = NULL;
    assert_false(r->is_late);
}

static inline bool rig_timer_is_over(void *ctx)
{
    const struct loop_timer *t = ctx;
    return t->uv == NULL;
}

static inline void rig_on_timer(UNUSED struct loop_timer *t)
{
}

static inline void rig_wait_ms(struct rig *r, int64_t ms)
{
    struct loop_timer t = {0};
    loop_timer_start(r->loop, &t, ms, rig_on_timer);
    rig_until(r, rig_timer_is_over, &t);
}

static inline void rig_open(struct rig *r)
{
    *r = (struct rig){.loop = loop_new(), .arena = arena_new(256 * 1024 * 1024)};
    r->hook.turn = rig_on_turn;
    loop_hook_add(r->loop, &r->hook);
}

static inline void rig_close(struct rig *r)
{
    loop_hook_remove(r->loop, &r->hook);
    loop_free(r->loop);
    arena_free(r->arena);
}

/* A raw connection: sends in the background, keeps all that comes. */
struct peer {
    struct rig *rig;
    int fd;
    struct loop_poll poll;
    struct loop_hook hook;
    struct text out, in;
    size_t sent;
    bool is_over; /* end or reset */
    bool was_reset;
    size_t wanted;
};

static inline void peer_on_ready(struct loop_poll *p)
{
    struct peer *c = CONTAINER(p, struct peer, poll);
    char bytes[16384];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0) {
        text_add(&c->in, (struct str){bytes, (size_t)n});
        return;
    }
    if (n < 0 && errno == EAGAIN)
        return;
    c->is_over = true;
    c->was_reset = n < 0;
    loop_poll_stop(&c->poll);
}

static inline bool peer_on_turn(struct loop_hook *h)
{
    struct peer *c = CONTAINER(h, struct peer, hook);
    if (c->sent == c->out.n)
        return false;
    ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0)
        c->sent += (size_t)n;
    else if (errno != EAGAIN)
        c->sent = c->out.n;
    return true;
}

static inline void peer_open_fd(struct peer *c, struct rig *r, int fd)
{
    *c = (struct peer){.rig = r, .fd = fd};
    text_init(&c->out, RIG_TEXT_BYTES);
    text_init(&c->in, RIG_TEXT_BYTES);
    loop_poll_start(r->loop, &c->poll, fd, peer_on_ready);
    c->hook.turn = peer_on_turn;
    loop_hook_add(r->loop, &c->hook);
}

static inline void peer_open(struct peer *c, struct rig *r, int port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, &to, sizeof to), 0);
    peer_open_fd(c, r, fd);
}

static inline void peer_close(struct peer *c)
{
    loop_poll_stop(&c->poll);
    loop_hook_remove(c->rig->loop, &c->hook);
    close(c->fd);
    text_free(&c->out);
    text_free(&c->in);
}

static inline void peer_say(struct peer *c, const char *s)
{
    text_addz(&c->out, s);
}

static inline bool peer_is_over(void *ctx)
{
    const struct peer *c = ctx;
    return c->is_over;
}

/* How many complete answers, or requests, are in what came? They carry Content-Length, or have no body. */
static inline size_t peer_messages(const struct peer *c)
{
    size_t n = 0;
    const char *at = text_z(&c->in), *end = at + c->in.n;
    for (;; n++) {
        const char *head_end = strstr(at, "\r\n\r\n");
        if (!head_end)
            return n;
        const char *length = strcasestr(at, "Content-Length: ");
        size_t body = length && length < head_end ? strtoul(length + 16, NULL, 10) : 0;
        if ((size_t)(end - head_end - 4) < body)
            return n;
        at = head_end + 4 + body;
    }
}

static inline bool peer_has_wanted(void *ctx)
{
    const struct peer *c = ctx;
    return c->is_over || peer_messages(c) >= c->wanted;
}

static inline void peer_await(struct peer *c, size_t messages)
{
    c->wanted = messages;
    rig_until(c->rig, peer_has_wanted, c);
    assert_int_equal(peer_messages(c), messages);
}

static inline void peer_await_end(struct peer *c)
{
    rig_until(c->rig, peer_is_over, c);
}

/* The status of the first answer; 0 when there is none. */
static inline int peer_status(const struct peer *c)
{
    const char *in = text_z(&c->in);
    return strncmp(in, "HTTP/1.", 7) == 0 ? (int)strtol(in + 9, NULL, 10) : 0;
}

#endif
