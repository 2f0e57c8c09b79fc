/*
 * base.h: what every file of lockstep sees first.
 *
 * Brings the standard headers that need no operating system, the attributes and ownership macros of the house,
 * and poisons the functions that nobody may call. Includes nothing of ours but base/err.h and base/mem.h.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef sprintf
#undef strtok
#pragma GCC poison strcpy strcat strncpy sprintf strtok gmtime localtime ctime atoi

#define MUST_USE     __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define UNUSED       __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Scope guard: AUTO(x_auto) struct x *p = …; releases p on every way out, unless TAKE moved it to another owner. */
#define AUTO(f) __attribute__((cleanup(f)))
#define TAKE(p)                                                                                                        \
    __extension__({                                                                                                    \
        __typeof__(&(p)) take_at_ = &(p);                                                                              \
        __typeof__(p) take_it_ = *take_at_;                                                                            \
        *take_at_ = NULL;                                                                                              \
        take_it_;                                                                                                      \
    })

/* The object that holds this member. */
#define CONTAINER(ptr, type, member)                                                                                   \
    __extension__({                                                                                                    \
        const __typeof__(((type *)(uintptr_t)sizeof(type))->member) *container_at_ = (ptr);                            \
        (type *)(uintptr_t)((uintptr_t)container_at_ - offsetof(type, member));                                        \
    })

/* A test that stays in release: going on would damage what is durable. Never has side effects. */
#define check(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))
__attribute__((noreturn, cold)) void check_failed(const char *cond, const char *file, int line);

/* Bytes that somebody else owns; not terminated. */
struct str {
    const char *p;
    size_t n;
};
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_same(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equality of texts in which NULL equals only NULL. */
static inline bool text_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* A missing text and an empty one are both blank. */
static inline bool text_blank(const char *a)
{
    return !a || a[0] == '\0';
}

#include "base/err.h"
#include "base/mem.h"

#endif
