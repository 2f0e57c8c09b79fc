#include "base/base.h"
#include "base/mem.h"

static __attribute__((noreturn, cold)) void mem_out(size_t bytes)
{
    (void)fprintf(stderr, "lockstep: out of memory (%zu bytes)\n", bytes);
    abort();
}

void *mem_zero(size_t bytes)
{
    void *p = calloc(1, bytes ? bytes : 1);
    if (!p)
        mem_out(bytes);
    return p;
}

char *mem_text(const char *text)
{
    size_t n = strlen(text) + 1;
    return memcpy(mem_grow(NULL, n, 1), text, n);
}

void *mem_grow(void *old, size_t n, size_t item)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, item, &bytes))
        mem_out(SIZE_MAX);
    void *p = realloc(old, bytes ? bytes : 1);
    if (!p)
        mem_out(bytes);
    return p;
}

void mem_free(void *p)
{
    free(p);
}

void mem_free_auto(void *at)
{
    void *p;
    memcpy(&p, at, sizeof p);
    free(p);
}

void mem_wipe(void *p, size_t n)
{
    if (n)
        explicit_bzero(p, n);
}
