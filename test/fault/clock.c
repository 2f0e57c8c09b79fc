/*
 * clock.c: clocks that somebody sets, and time that passes in a moment. Loaded into the daemon by LD_PRELOAD.
 *
 *   CLOCK_FILE  a file of two lines, written by rename: by how many ms the wall clock is set, and how many ms have
 *               passed, which both clocks show. Both are 0 until it is there.
 *
 * It is read again when it is another one. Not modelled: the kernel's own waits, so that a sleeping loop
 * learns of time that passed only when something wakes it; the vDSO, which nobody calls by himself.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct {
    _Atomic(int64_t) file, set_ms, passed_ms; /* file: what tells one from the next */
} clocks;

static int (*clock_real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void clock_begin(void)
{
    clock_real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (!clock_real)
        abort();
}

static void clock_read(const char *path, int64_t file)
{
    char text[64] = "";
    long long set = 0, passed = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0 || sscanf(text, "%lld %lld", &set, &passed) != 2)
        abort();
    close(fd);
    atomic_store(&clocks.set_ms, set);
    atomic_store(&clocks.passed_ms, passed);
    atomic_store(&clocks.file, file);
}

static void clock_look(void)
{
    const char *path = getenv("CLOCK_FILE");
    struct stat st;
    if (!path || stat(path, &st) != 0)
        return;
    int64_t file = (int64_t)st.st_ino << 32 ^ st.st_mtim.tv_nsec;
    if (file != atomic_load(&clocks.file))
        clock_read(path, file);
}

static void clock_add(struct timespec *t, int64_t ms)
{
    int64_t ns = t->tv_nsec + ms % 1000 * 1000000;
    t->tv_sec += (time_t)(ms / 1000 + (ns >= 1000000000) - (ns < 0));
    t->tv_nsec = (long)(ns < 0 ? ns + 1000000000 : ns % 1000000000);
}

/* --- what programs call --- */

int clock_gettime(clockid_t which, struct timespec *t)
{
    if (!clock_real) /* before our beginning */
        clock_begin();
    int rc = clock_real(which, t);
    if (rc != 0)
        return rc;
    clock_look();
    if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)
        clock_add(t, atomic_load(&clocks.set_ms) + atomic_load(&clocks.passed_ms));
    if (which == CLOCK_MONOTONIC || which == CLOCK_MONOTONIC_COARSE || which == CLOCK_BOOTTIME)
        clock_add(t, atomic_load(&clocks.passed_ms));
    return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = (suseconds_t)(now.tv_nsec / 1000);
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
