#include "base/base.h"

#include "base/text.h"
#include "io/loop.h"

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

/* What happened, in order, as letters. */
struct diary {
    struct loop *loop;
    struct text text;
    int turns_left;
    struct loop_timer guard;
    struct loop_hook *victim;
};

static struct diary diary;

static void guard_on_fire(UNUSED struct loop_timer *t)
{
    text_addz(&diary.text, "LATE");
    loop_stop(diary.loop);
}

static int open_diary(UNUSED void **state)
{
    diary = (struct diary){.loop = loop_new()};
    text_init(&diary.text, 4096);
    loop_timer_start(diary.loop, &diary.guard, 10000, guard_on_fire);
    return 0;
}

static int close_diary(UNUSED void **state)
{
    loop_timer_stop(&diary.guard);
    loop_free(diary.loop);
    text_free(&diary.text);
    return 0;
}

static void note(const char *what)
{
    text_addz(&diary.text, what);
}

struct item {
    char name[8];
    struct loop_timer timer;
    struct loop_hook hook;
};

static void item_on_timer(struct loop_timer *t)
{
    struct item *i = CONTAINER(t, struct item, timer);
    note(i->name);
}

static void stop_on_timer(UNUSED struct loop_timer *t)
{
    loop_stop(diary.loop);
}

static void test_timers_in_order(UNUSED void **state)
{
    struct item late = {.name = "late "}, soon = {.name = "soon "}, never = {.name = "never "}, end = {.name = "end"};
    loop_timer_start(diary.loop, &late.timer, 20, item_on_timer);
    loop_timer_start(diary.loop, &soon.timer, 1, item_on_timer);
    loop_timer_start(diary.loop, &never.timer, 2, item_on_timer);
    loop_timer_stop(&never.timer);
    loop_timer_stop(&never.timer);
    loop_timer_start(diary.loop, &end.timer, 1, stop_on_timer);
    loop_timer_start(diary.loop, &end.timer, 30, stop_on_timer); /* moves it */
    loop_run(diary.loop);
    assert_string_equal(text_z(&diary.text), "soon late ");
    loop_timer_stop(&end.timer); /* after it fired */
}

static void owned_on_timer(struct loop_timer *t)
{
    note("fired ");
    mem_free(CONTAINER(t, struct item, timer));
}

/* The owner of a timer may go when it has been stopped, or in its own callback. */
static void test_timer_owner_freed(UNUSED void **state)
{
    struct item *stopped = mem_zero(sizeof *stopped), *fired = mem_zero(sizeof *fired), end = {.name = ""};
    loop_timer_start(diary.loop, &stopped->timer, 1, item_on_timer);
    loop_timer_stop(&stopped->timer);
    mem_free(stopped);
    loop_timer_start(diary.loop, &fired->timer, 1, owned_on_timer);
    loop_timer_start(diary.loop, &end.timer, 5, stop_on_timer);
    loop_run(diary.loop);
    assert_string_equal(text_z(&diary.text), "fired ");
}

static void again_on_timer(struct loop_timer *t)
{
    note("x");
    if (diary.text.n < 5)
        loop_timer_start(diary.loop, t, 0, again_on_timer);
    else
        loop_stop(diary.loop);
}

static void test_timer_starts_itself(UNUSED void **state)
{
    struct item i = {.name = ""};
    loop_timer_start(diary.loop, &i.timer, -5, again_on_timer);
    loop_run(diary.loop);
    assert_string_equal(text_z(&diary.text), "xxxxx");
}

static bool item_on_turn(struct loop_hook *h)
{
    struct item *i = CONTAINER(h, struct item, hook);
    note(i->name);
    return false;
}

static bool count_on_turn(UNUSED struct loop_hook *h)
{
    note(".");
    if (--diary.turns_left == 0)
        loop_stop(diary.loop);
    return diary.turns_left > 0;
}

static void freed_on_turn(void *p)
{
    note(p);
}

static bool remove_on_turn(UNUSED struct loop_hook *h)
{
    loop_hook_remove(diary.loop, diary.victim);
    loop_free_later(diary.loop, (void *)(uintptr_t) "-", freed_on_turn);
    return false;
}

/* In the order of adding; deferred frees after the last; a hook that says so keeps the next turn from blocking. */
static void test_hooks(UNUSED void **state)
{
    struct item a = {.name = "a", .hook = {.turn = item_on_turn}}, b = {.name = "b", .hook = {.turn = item_on_turn}};
    struct loop_hook removing = {.turn = remove_on_turn}, counting = {.turn = count_on_turn};
    diary.turns_left = 3;
    diary.victim = &b.hook;
    loop_hook_add(diary.loop, &a.hook);
    loop_hook_add(diary.loop, &removing);
    loop_hook_add(diary.loop, &b.hook); /* gone before its first turn */
    loop_hook_add(diary.loop, &counting);
    loop_run(diary.loop);
    assert_string_equal(text_z(&diary.text), "a.-a.-a.-");
    loop_hook_remove(diary.loop, &counting);
    loop_hook_remove(diary.loop, &counting);
}

static bool remove_itself_on_turn(struct loop_hook *h)
{
    loop_hook_remove(diary.loop, h);
    note("once ");
    return false;
}

static void test_hook_removes_itself(UNUSED void **state)
{
    struct loop_hook itself = {.turn = remove_itself_on_turn}, counting = {.turn = count_on_turn};
    diary.turns_left = 2;
    loop_hook_add(diary.loop, &itself);
    loop_hook_add(diary.loop, &counting);
    loop_run(diary.loop);
    assert_string_equal(text_z(&diary.text), "once ..");
}

static void free_more(void *p)
{
    note("f");
    if (diary.text.n < 40)
        loop_free_later(diary.loop, p, free_more);
}

static void test_free_may_free_more(UNUSED void **state)
{
    struct item end = {.name = ""};
    loop_free_later(diary.loop, &diary, free_more);
    loop_timer_start(diary.loop, &end.timer, 0, stop_on_timer);
    loop_run(diary.loop);
    assert_int_equal(diary.text.n, 40);
}

static void again_on_fire(UNUSED struct loop_timer *t)
{
    loop_again(diary.loop);
}

static bool second_turn(UNUSED struct loop_hook *h)
{
    note(".");
    return false;
}

/* Without loop_again the loop would sleep until the guard. */
static void test_again(UNUSED void **state)
{
    struct item i = {.name = ""};
    struct loop_hook hook = {.turn = second_turn};
    loop_timer_start(diary.loop, &i.timer, 0, again_on_fire);
    loop_hook_add(diary.loop, &hook);
    struct item end = {.name = ""};
    loop_timer_start(diary.loop, &end.timer, 50, stop_on_timer);
    loop_run(diary.loop);
    assert_in_range(diary.text.n, 3, 6);
    loop_hook_remove(diary.loop, &hook);
}

struct pipe_watch {
    struct loop_poll poll;
    int fd[2];
};

static void pipe_on_ready(struct loop_poll *p)
{
    struct pipe_watch *w = CONTAINER(p, struct pipe_watch, poll);
    char byte[2] = "";
    assert_int_equal(read(w->fd[0], byte, 1), 1);
    note(byte);
    if (byte[0] == 'c')
        loop_stop(diary.loop);
}

static void test_poll(UNUSED void **state)
{
    struct pipe_watch w;
    assert_int_equal(pipe(w.fd), 0);
    loop_poll_start(diary.loop, &w.poll, w.fd[0], pipe_on_ready);
    assert_int_equal(write(w.fd[1], "abc", 3), 3);
    loop_run(diary.loop);
    assert_string_equal(text_z(&diary.text), "abc");
    loop_poll_stop(&w.poll);
    loop_poll_stop(&w.poll);
    close(w.fd[0]);
    close(w.fd[1]);
}

static void on_signal(struct loop_signal *s, int number)
{
    note(number == SIGUSR1 ? "usr1 " : "?");
    loop_signal_stop(s);
    loop_stop(diary.loop);
}

static void test_signal(UNUSED void **state)
{
    struct loop_signal s = {0};
    loop_signal_start(diary.loop, &s, SIGUSR1, on_signal);
    kill(getpid(), SIGUSR1);
    loop_run(diary.loop);
    assert_string_equal(text_z(&diary.text), "usr1 ");
    kill(getpid(), SIGPIPE); /* ignored */
}

struct sum {
    struct loop_job job;
    int from, to;
    long result;
};

static void sum_work(struct loop_job *j)
{
    struct sum *s = CONTAINER(j, struct sum, job);
    for (int i = s->from; i <= s->to; i++)
        s->result += i;
}

static void sum_done(struct loop_job *j)
{
    const struct sum *s = CONTAINER(j, struct sum, job);
    text_addf(&diary.text, "%ld ", s->result);
    if (--diary.turns_left == 0)
        loop_stop(diary.loop);
}

static void test_jobs(UNUSED void **state)
{
    struct sum sums[8];
    diary.turns_left = COUNT(sums);
    for (size_t i = 0; i < COUNT(sums); i++) {
        sums[i] = (struct sum){.job = {NULL, sum_work, sum_done}, .from = 1, .to = 100};
        loop_job_start(diary.loop, &sums[i].job);
    }
    loop_run(diary.loop);
    for (size_t i = 0; i < COUNT(sums); i++)
        assert_int_equal(sums[i].result, 5050);
}

static void clock_on_fire(UNUSED struct loop_timer *t)
{
    int64_t wall = loop_now_ms(diary.loop), mono = loop_mono_ms(diary.loop);
    int64_t began = clock_mono_us();
    assert_in_range(clock_now_ms() - wall + 100, 0, 1100);
    while (clock_mono_us() - began < 5000) {
    }
    assert_int_equal(loop_now_ms(diary.loop), wall); /* stands still in a turn */
    assert_int_equal(loop_mono_ms(diary.loop), mono);
    loop_stop(diary.loop);
}

static void test_clocks(UNUSED void **state)
{
    struct item i = {.name = ""};
    int64_t before = loop_mono_ms(diary.loop);
    assert_in_range(loop_now_ms(diary.loop), 1700000000000, 4000000000000);
    loop_timer_start(diary.loop, &i.timer, 20, clock_on_fire);
    loop_run(diary.loop);
    assert_in_range(loop_mono_ms(diary.loop) - before, 18, 5000);
}

struct clock_walk {
    struct loop_hook hook;
    struct loop_timer timer;
    int64_t last_ms;
    int turns;
};

static void clock_on_wait(UNUSED struct loop_timer *t)
{
}

/* Every other turn ends anywhere within a millisecond and is followed by a wait, the others are over at once. */
static bool clock_on_turn(struct loop_hook *h)
{
    struct clock_walk *w = CONTAINER(h, struct clock_walk, hook);
    int64_t began = clock_mono_us(), now = loop_now_ms(diary.loop);
    bool is_long = --w->turns % 2;
    assert_true(now >= w->last_ms);
    w->last_ms = now;
    while (is_long && clock_mono_us() - began < w->turns * 617 % 1000) {
    }
    if (w->turns <= 0)
        loop_stop(diary.loop);
    else if (is_long)
        loop_timer_start(diary.loop, &w->timer, 1, clock_on_wait);
    return !is_long;
}

static void test_clock_never_runs_backwards(UNUSED void **state)
{
    struct clock_walk w = {.hook.turn = clock_on_turn, .turns = 500};
    loop_hook_add(diary.loop, &w.hook);
    loop_run(diary.loop);
    loop_hook_remove(diary.loop, &w.hook);
    assert_int_equal(w.turns, 0);
}

/* After a stop the loop can run again, and a timer waits its whole time even if the loop stood still before. */
static void test_run_again(UNUSED void **state)
{
    struct item i = {.name = ""};
    loop_timer_start(diary.loop, &i.timer, 0, stop_on_timer);
    loop_run(diary.loop);
    int64_t began = clock_mono_us();
    while (clock_mono_us() - began < 30000) {
    }
    began = clock_mono_us();
    loop_timer_start(diary.loop, &i.timer, 20, stop_on_timer);
    loop_run(diary.loop);
    assert_in_range(clock_mono_us() - began, 15000, 5000000);
}

#define DIARY_TEST(f) cmocka_unit_test_setup_teardown(f, open_diary, close_diary)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIARY_TEST(test_timers_in_order),
        DIARY_TEST(test_timer_owner_freed),
        DIARY_TEST(test_timer_starts_itself),
        DIARY_TEST(test_hooks),
        DIARY_TEST(test_hook_removes_itself),
        DIARY_TEST(test_free_may_free_more),
        DIARY_TEST(test_again),
        DIARY_TEST(test_poll),
        DIARY_TEST(test_signal),
        DIARY_TEST(test_jobs),
        DIARY_TEST(test_clocks),
        DIARY_TEST(test_clock_never_runs_backwards),
        DIARY_TEST(test_run_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
