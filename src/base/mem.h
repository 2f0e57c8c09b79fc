/*
 * mem.h: the allocator. Out of memory aborts with a message (the journal is durable, the supervisor restarts us), so
 * no caller tests for NULL; whatever a stranger can size is bounded before it is allocated. Any thread.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/base.h"

__attribute__((malloc, returns_nonnull)) void *mem_zero(size_t bytes);     /* zeroed; release with mem_free */
__attribute__((malloc, returns_nonnull)) char *mem_text(const char *text); /* a copy */
/* Room for n items; aborts when n * item overflows. old may be NULL; the added bytes are not zeroed. */
__attribute__((returns_nonnull)) void *mem_grow(void *old, size_t n, size_t item);
void mem_free(void *p);           /* NULL is fine */
void mem_free_auto(void *at);     /* for AUTO: at is the address of the pointer */
void mem_wipe(void *p, size_t n); /* zero in a way that the compiler keeps */

#endif
