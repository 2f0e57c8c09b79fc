#include "base/base.h"
#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

/* Under AddressSanitizer what was not handed out cannot be touched, and a gap follows each piece. */
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP = 16 };
#define ARENA_HIDE(p, n) __asan_poison_memory_region((p), (n))
#define ARENA_SHOW(p, n) __asan_unpoison_memory_region((p), (n))
#else
enum { ARENA_GAP = 0 };
#define ARENA_HIDE(p, n) ((void)(p), (void)(n))
#define ARENA_SHOW(p, n) ((void)(p), (void)(n))
#endif

enum { ARENA_ALIGN = 16, ARENA_FIRST = 4096, ARENA_MOST = 1 << 20, ARENA_FEW = 128 };

struct arena_block {
    struct arena_block *before;
    size_t room, used;
    _Alignas(ARENA_ALIGN) char data[];
};

struct arena {
    size_t max, used;
    struct arena_block *top; /* the block that is being filled; the others hang behind it */
};

static struct arena_block *arena_block_new(size_t room, struct arena_block *before)
{
    struct arena_block *b = mem_grow(NULL, sizeof *b + room, 1);
    b->before = before;
    b->room = room;
    b->used = 0;
    ARENA_HIDE(b->data, room);
    return b;
}

static struct arena_block *arena_block_free(struct arena_block *b)
{
    struct arena_block *before = b->before;
    ARENA_SHOW(b->data, b->room);
    mem_free(b);
    return before;
}

struct arena *arena_new(size_t max_bytes)
{
    struct arena *a = mem_zero(sizeof *a);
    a->max = max_bytes;
    a->top = arena_block_new(ARENA_FIRST - sizeof(struct arena_block), NULL);
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct arena_block *b = a->top; b;)
        b = arena_block_free(b);
    mem_free(a);
}

void arena_auto(struct arena **a)
{
    arena_free(*a);
}

void arena_reset(struct arena *a)
{
    while (a->top->before)
        a->top = arena_block_free(a->top);
    ARENA_HIDE(a->top->data, a->top->room);
    a->top->used = 0;
    a->used = 0;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

size_t arena_room(const struct arena *a)
{
    return (a->max - a->used) & ~(size_t)(ARENA_ALIGN - 1);
}

static __attribute__((noreturn, cold)) void arena_over(const struct arena *a, size_t n)
{
    (void)fprintf(stderr, "lockstep: arena of %zu bytes cannot give %zu more (%zu used)\n", a->max, n, a->used);
    abort();
}

static void arena_grow(struct arena *a, size_t step)
{
    size_t room = 2 * (a->top->room + sizeof *a->top);
    if (room > ARENA_MOST)
        room = ARENA_MOST;
    room -= sizeof *a->top;
    a->top = arena_block_new(step > room ? step : room, a->top);
}

void *arena_bytes(struct arena *a, size_t n)
{
    if (n > arena_room(a))
        arena_over(a, n);
    size_t rounded = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    size_t step = rounded + ARENA_GAP;
    if (step > a->top->room - a->top->used)
        arena_grow(a, step);
    void *p = a->top->data + a->top->used;
    a->top->used += step;
    a->used += rounded;
    ARENA_SHOW(p, n);
    return p;
}

void *arena_zero(struct arena *a, size_t n)
{
    void *p = arena_bytes(a, n);
    memset(p, 0, n);
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t item)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, item, &bytes))
        arena_over(a, SIZE_MAX);
    return arena_zero(a, bytes);
}

char *arena_text(struct arena *a, const char *text)
{
    return text ? arena_str(a, str_of(text)) : NULL;
}

char *arena_str(struct arena *a, struct str s)
{
    char *p = arena_bytes(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

char *arena_fmt(struct arena *a, const char *format, ...)
{
    char few[ARENA_FEW]; /* mostly it is: then it is written once */
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(few, sizeof few, format, args);
    va_end(args);
    check(n >= 0);
    char *p = arena_bytes(a, (size_t)n + 1);
    if ((size_t)n < sizeof few)
        memcpy(p, few, (size_t)n + 1);
    else
        (void)vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p;
}
