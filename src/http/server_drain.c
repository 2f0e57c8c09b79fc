#include "base/base.h"

#include "http/server_private.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRAIN_MS = 2000, DRAIN_BYTES = 64 * 1024 * 1024, DRAIN_MAX = 64 };

struct drained {
    struct list link;
    struct drain *of;
    struct loop_poll poll;
    int fd;
    int64_t until_ms;
    size_t bytes_left;
};

void drain_init(struct drain *l, struct loop *loop)
{
    *l = (struct drain){.loop = loop};
    list_init(&l->open);
}

static void drained_end(struct drained *g)
{
    list_remove(&g->link);
    g->of->n--;
    loop_poll_stop(&g->poll);
    close(g->fd);
    loop_free_later(g->of->loop, g, mem_free);
}

static void drained_on_ready(struct loop_poll *p)
{
    struct drained *g = CONTAINER(p, struct drained, poll);
    char dropped[16 * 1024];
    ssize_t n = recv(g->fd, dropped, sizeof dropped, MSG_DONTWAIT);
    if (n <= 0 || (size_t)n > g->bytes_left) {
        drained_end(g);
        return;
    }
    g->bytes_left -= (size_t)n;
}

void drain_take(struct drain *l, int fd)
{
    int copy = l->n < DRAIN_MAX ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (copy < 0)
        return;
    struct drained *g = mem_zero(sizeof *g);
    *g = (struct drained){.of = l, .fd = copy, .until_ms = loop_mono_ms(l->loop) + DRAIN_MS, .bytes_left = DRAIN_BYTES};
    list_add(&l->open, &g->link);
    l->n++;
    shutdown(copy, SHUT_WR);
    loop_poll_start(l->loop, &g->poll, copy, drained_on_ready);
}

void drain_tick(struct drain *l)
{
    LIST_EACH (it, &l->open) {
        struct drained *g = CONTAINER(it, struct drained, link);
        if (g->until_ms <= loop_mono_ms(l->loop))
            drained_end(g);
    }
}

void drain_close(struct drain *l)
{
    LIST_EACH (it, &l->open) {
        drained_end(CONTAINER(it, struct drained, link));
    }
}
