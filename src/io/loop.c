#include "base/base.h"

#include "io/loop.h"

#include <signal.h>
#include <uv.h>

struct loop_freed {
    void *p;
    void (*free_it)(void *p);
};

struct loop {
    uv_loop_t uv;
    uv_prepare_t end_of_turn;
    uv_idle_t dont_block;
    struct loop_hook *hooks;
    struct loop_hook *hook_next; /* where the walk over the hooks goes on */
    bool running, again;
    int64_t wall_offset_ms;   /* wall clock minus uv_now */
    uv_timer_t *spare_timers; /* stopped, chained by their data */
    struct loop_freed *freed;
    size_t freed_n, freed_room;
};

int64_t clock_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

/* Both clocks are cut to milliseconds: a difference of one is no change, and following it would run backwards. */
static void loop_set_wall(struct loop *l)
{
    int64_t offset = clock_now_ms() - clock_mono_us() / 1000, moved = offset - l->wall_offset_ms;
    if (moved < -1 || moved > 1)
        l->wall_offset_ms = offset;
}

/* libuv reads its clock when a poll returns; the wall clock follows it, so both stand still during a turn. */
int64_t loop_now_ms(const struct loop *l)
{
    return l->running ? (int64_t)uv_now(&l->uv) + l->wall_offset_ms : clock_now_ms();
}

int64_t loop_mono_ms(const struct loop *l)
{
    return l->running ? (int64_t)uv_now(&l->uv) : clock_mono_us() / 1000;
}

void *loop_uv(struct loop *l)
{
    return &l->uv;
}

/* What is freed may itself ask for more to be freed. */
static void loop_run_frees(struct loop *l)
{
    for (size_t i = 0; i < l->freed_n; i++)
        l->freed[i].free_it(l->freed[i].p);
    l->freed_n = 0;
}

static bool loop_run_hooks(struct loop *l)
{
    bool again = false;
    for (struct loop_hook *h = l->hooks; h; h = l->hook_next) {
        l->hook_next = h->next;
        again |= h->turn(h);
    }
    return again;
}

static void loop_on_idle(UNUSED uv_idle_t *h)
{
}

/* libuv prepares to poll after the timers: here the turn ends. An active idle handle keeps the poll from blocking. */
static void loop_on_end_of_turn(uv_prepare_t *h)
{
    struct loop *l = h->data;
    bool again = loop_run_hooks(l);
    loop_run_frees(l);
    if (again || l->again)
        uv_idle_start(&l->dont_block, loop_on_idle);
    else
        uv_idle_stop(&l->dont_block);
    l->again = false;
    loop_set_wall(l);
}

struct loop *loop_new(void)
{
    struct loop *l = mem_zero(sizeof *l);
    check(uv_loop_init(&l->uv) == 0);
    uv_prepare_init(&l->uv, &l->end_of_turn);
    uv_idle_init(&l->uv, &l->dont_block);
    l->end_of_turn.data = l;
    uv_prepare_start(&l->end_of_turn, loop_on_end_of_turn);
    signal(SIGPIPE, SIG_IGN);
    return l;
}

static void loop_on_closed(uv_handle_t *h)
{
    mem_free(h);
}

static void loop_close_member(void *handle)
{
    uv_close(handle, NULL);
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    loop_run_frees(l);
    while (l->spare_timers) {
        uv_timer_t *t = l->spare_timers;
        l->spare_timers = t->data;
        uv_close((uv_handle_t *)t, loop_on_closed);
    }
    loop_close_member(&l->end_of_turn);
    loop_close_member(&l->dont_block);
    for (int i = 0; i < 100 && uv_loop_alive(&l->uv); i++)
        uv_run(&l->uv, UV_RUN_NOWAIT); /* for the callbacks of what was closed */
    check(uv_loop_close(&l->uv) == 0);
    mem_free(l->freed);
    mem_free(l);
}

void loop_run(struct loop *l)
{
    uv_update_time(&l->uv);
    loop_set_wall(l);
    l->running = true;
    uv_run(&l->uv, UV_RUN_DEFAULT);
    l->running = false;
    loop_run_frees(l);
}

void loop_stop(struct loop *l)
{
    uv_stop(&l->uv);
}

void loop_again(struct loop *l)
{
    l->again = true;
}

/* Timers: handles are lent out while a timer runs, so that the owner may be freed as soon as it is stopped. */

static void loop_timer_release(struct loop_timer *t)
{
    uv_timer_t *uv = t->uv;
    struct loop *l = CONTAINER(uv->loop, struct loop, uv);
    uv->data = l->spare_timers;
    l->spare_timers = uv;
    t->uv = NULL;
}

static void loop_on_timer(uv_timer_t *uv)
{
    struct loop_timer *t = uv->data;
    loop_timer_release(t);
    t->fire(t);
}

static uv_timer_t *loop_timer_handle(struct loop *l)
{
    uv_timer_t *uv = l->spare_timers;
    if (uv) {
        l->spare_timers = uv->data;
        return uv;
    }
    uv = mem_zero(sizeof *uv);
    uv_timer_init(&l->uv, uv);
    return uv;
}

void loop_timer_start(struct loop *l, struct loop_timer *t, int64_t after_ms, void (*fire)(struct loop_timer *t))
{
    if (!l->running)
        uv_update_time(&l->uv);
    uv_timer_t *uv = t->uv ? t->uv : loop_timer_handle(l);
    uv->data = t;
    t->uv = uv;
    t->fire = fire;
    uv_timer_start(uv, loop_on_timer, after_ms > 0 ? (uint64_t)after_ms : 0, 0);
}

void loop_timer_stop(struct loop_timer *t)
{
    if (!t->uv)
        return;
    uv_timer_stop(t->uv);
    loop_timer_release(t);
}

void loop_hook_add(struct loop *l, struct loop_hook *h)
{
    struct loop_hook **end = &l->hooks;
    while (*end)
        end = &(*end)->next;
    h->next = NULL;
    *end = h;
}

void loop_hook_remove(struct loop *l, struct loop_hook *h)
{
    if (l->hook_next == h)
        l->hook_next = h->next;
    for (struct loop_hook **at = &l->hooks; *at; at = &(*at)->next) {
        if (*at == h) {
            *at = h->next;
            return;
        }
    }
}

static void loop_on_poll(uv_poll_t *uv, UNUSED int status, UNUSED int events)
{
    struct loop_poll *p = uv->data;
    p->ready(p);
}

void loop_poll_start(struct loop *l, struct loop_poll *p, int fd, void (*ready)(struct loop_poll *p))
{
    uv_poll_t *uv = mem_zero(sizeof *uv);
    check(uv_poll_init(&l->uv, uv, fd) == 0);
    uv->data = p;
    p->uv = uv;
    p->ready = ready;
    check(uv_poll_start(uv, UV_READABLE, loop_on_poll) == 0);
}

static void loop_close_handle(void **at)
{
    if (!*at)
        return;
    uv_close(*at, loop_on_closed);
    *at = NULL;
}

void loop_poll_stop(struct loop_poll *p)
{
    loop_close_handle(&p->uv);
}

static void loop_on_signal(uv_signal_t *uv, int number)
{
    struct loop_signal *s = uv->data;
    s->got(s, number);
}

void loop_signal_start(struct loop *l, struct loop_signal *s, int number, void (*got)(struct loop_signal *, int))
{
    loop_signal_stop(s);
    uv_signal_t *uv = mem_zero(sizeof *uv);
    uv_signal_init(&l->uv, uv);
    uv->data = s;
    s->uv = uv;
    s->got = got;
    check(uv_signal_start(uv, loop_on_signal, number) == 0);
}

void loop_signal_stop(struct loop_signal *s)
{
    loop_close_handle(&s->uv);
}

void loop_signal_ignore(int number)
{
    signal(number, SIG_IGN);
}

static void loop_on_work(uv_work_t *w)
{
    struct loop_job *j = w->data;
    j->work(j);
}

static void loop_on_work_done(uv_work_t *w, UNUSED int status)
{
    struct loop_job *j = w->data;
    j->uv = NULL;
    mem_free(w);
    j->done(j);
}

void loop_job_start(struct loop *l, struct loop_job *j)
{
    uv_work_t *w = mem_zero(sizeof *w);
    w->data = j;
    j->uv = w;
    check(uv_queue_work(&l->uv, w, loop_on_work, loop_on_work_done) == 0);
}

void loop_free_later(struct loop *l, void *p, void (*free_it)(void *p))
{
    if (l->freed_n == l->freed_room) {
        l->freed_room = l->freed_room ? 2 * l->freed_room : 16;
        l->freed = mem_grow(l->freed, l->freed_room, sizeof *l->freed);
    }
    l->freed[l->freed_n++] = (struct loop_freed){p, free_it};
}
