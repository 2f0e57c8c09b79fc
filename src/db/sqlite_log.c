/*
 * sqlite_log.c: has the log of a store lost what was committed? SQLite takes a log up to the first frame that is not in
 * order, as after a power cut; so one that was damaged or cut short loses what its owner had promised, without a word.
 * But the shared-memory file beside it tells, unless the machine was restarted, how many frames had been committed:
 * always behind their sync. Offsets are those of SQLite's file format and of its walIndexHdr.
 */
#include "base/base.h"
#include "db/sqlite_private.h"
#include "base/arena.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    LOG_HEADER = 32,
    LOG_FRAME = 24,
    LOG_SALT = 8, /* bytes, at 16 of the header and 8 of each frame */
    LOG_INDEX = 48,
    LOG_INDEX_BYTES = 2 * LOG_INDEX + 4, /* the header twice, then how many frames are in the database already */
    LOG_PAGE_MAX = 65536
};

struct log_scan {
    int fd;
    bool is_big; /* order of bytes in what is summed up */
    uint32_t page_bytes, sum[2];
    uint8_t salt[LOG_SALT];
    uint8_t *frame;
};

static uint32_t log_word(const uint8_t *p, bool is_big)
{
    return is_big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                  : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* In the order of this machine, as shared memory is. */
static uint32_t log_native(const uint8_t *p)
{
    uint32_t n;
    memcpy(&n, p, sizeof n);
    return n;
}

/* Sums wrap around on purpose. */
static uint32_t log_add(uint32_t a, uint32_t b, uint32_t c)
{
    return (uint32_t)((uint64_t)a + b + c);
}

static void log_sum(uint32_t sum[2], const uint8_t *p, size_t n, bool is_big)
{
    for (size_t i = 0; i < n; i += 8) {
        sum[0] = log_add(sum[0], log_word(p + i, is_big), sum[1]);
        sum[1] = log_add(sum[1], log_word(p + i + 4, is_big), sum[0]);
    }
}

static bool log_read_header(struct log_scan *s)
{
    uint8_t h[LOG_HEADER];
    if (s->fd < 0 || pread(s->fd, h, sizeof h, 0) != (ssize_t)sizeof h)
        return false;
    uint32_t magic = log_word(h, true);
    s->is_big = magic & 1;
    s->page_bytes = log_word(h + 8, true);
    memcpy(s->salt, h + 16, LOG_SALT);
    log_sum(s->sum, h, LOG_HEADER - 8, s->is_big);
    return (magic & ~1U) == 0x377f0682 && s->page_bytes >= 512 && s->page_bytes <= LOG_PAGE_MAX &&
           s->sum[0] == log_word(h + 24, true) && s->sum[1] == log_word(h + 28, true);
}

/* The next frame, when it is in order. */
static bool log_read_frame(struct log_scan *s, off_t at, bool *ret_commits)
{
    size_t n = LOG_FRAME + s->page_bytes;
    const uint8_t *f = s->frame;
    if (pread(s->fd, s->frame, n, at) != (ssize_t)n || memcmp(f + 8, s->salt, LOG_SALT) != 0)
        return false;
    log_sum(s->sum, f, 8, s->is_big);
    log_sum(s->sum, f + LOG_FRAME, s->page_bytes, s->is_big);
    *ret_commits = log_word(f + 4, true) != 0;
    return s->sum[0] == log_word(f + 16, true) && s->sum[1] == log_word(f + 20, true);
}

/* How many frames SQLite will take: up to the last that commits. */
static uint32_t log_committed(struct log_scan *s)
{
    uint32_t committed = 0;
    bool commits = false;
    s->frame = mem_zero(LOG_FRAME + LOG_PAGE_MAX);
    for (uint32_t n = 0; log_read_frame(s, LOG_HEADER + (off_t)n * (LOG_FRAME + s->page_bytes), &commits); n++)
        committed = commits ? n + 1 : committed;
    mem_free(TAKE(s->frame));
    return committed;
}

/* What the shared memory knows: how many frames were committed and are not in the database; 0 when it does not know. */
static uint32_t log_promised(int fd, uint8_t salt[LOG_SALT])
{
    uint8_t x[LOG_INDEX_BYTES];
    uint32_t sum[2] = {0, 0};
    const uint16_t one = 1;
    bool is_big = *(const uint8_t *)&one == 0;
    if (fd < 0 || pread(fd, x, sizeof x, 0) != (ssize_t)sizeof x || memcmp(x, x + LOG_INDEX, LOG_INDEX) != 0 || !x[12])
        return 0;
    log_sum(sum, x, LOG_INDEX - 8, is_big);
    if (sum[0] != log_native(x + 40) || sum[1] != log_native(x + 44))
        return 0;
    memcpy(salt, x + 32, LOG_SALT);
    uint32_t frames = log_native(x + 16);
    return frames > log_native(x + 2 * LOG_INDEX) ? frames : 0;
}

static int log_open(struct arena *a, const char *path, const char *end)
{
    return open(arena_fmt(a, "%s%s", path, end), O_RDONLY | O_CLOEXEC);
}

int sqlite_log_check(const char *path, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 * 1024);
    struct log_scan s = {.fd = log_open(a, path, "-wal")};
    uint8_t salt[LOG_SALT];
    int shared = log_open(a, path, "-shm");
    uint32_t promised = log_promised(shared, salt), there = promised;
    if (promised > 0)
        there = !log_read_header(&s) ? 0 : memcmp(salt, s.salt, LOG_SALT) != 0 ? promised : log_committed(&s);
    if (s.fd >= 0)
        close(s.fd);
    if (shared >= 0)
        close(shared);
    if (there >= promised)
        return 0;
    return fail(e, ERR_PERMANENT,
                "store %s: its log %s-wal is damaged: of %u pages that were committed %u are there; keep copies of all "
                "three files, then restore a backup, or remove %s-shm to go on without what is lost",
                path, path, promised, there, path);
}
