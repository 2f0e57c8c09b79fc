/*
 * disk.c: a disk that can fail, for the store's files. Loaded into the daemon by LD_PRELOAD; see soak.py.
 *
 * It remembers each write and truncation of the database and its log until the file is synced. A power cut takes back
 * all that was not synced, then does a random part of it after all (disks keep no order), deletes what no directory
 * sync has made lasting, and ends the process. Calls can also fail, or kill the process before or after they are done.
 *
 *   DISK_CONTROL  a FIFO with commands, one a line      DISK_PLAN  a command to begin with
 *   DISK_LOG      a file: a line for each power cut     DISK_HEIR  a file: what a killed life leaves not synced
 *
 *   OP FROM COUNT ACTION   from the FROM-th OP from now (1: the next), COUNT times (0: until heal); OP: write, sync,
 *                          rename; ACTION: kill, cut (before the call), killed, cutted (after it), tear (half a write,
 *                          then kill), EIO, ENOSPC, short (half a write, from then on ENOSPC)
 *   cut                    the power goes now
 *   heal                   forget all rules
 *
 * Not modelled: what a process that is killed from outside left in the page cache, which is taken to be on disk (one
 * that is killed here hands it down to the next); deletions, which are taken to last; the shared-memory file, which a
 * reboot removes and SQLite makes anew.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DISK_FDS = 4096, DISK_FILES = 16, DISK_PATH = 512, DISK_EXIT = 137 };

struct disk_change { /* not synced */
    struct disk_change *before;
    int file;
    bool is_cut; /* a truncation to `at` */
    off_t at, size_before;
    size_t n_old, n_new;
    char *old, *new;
};

enum disk_op { DISK_WRITE, DISK_SYNC, DISK_RENAME, DISK_OPS };
static const char *const disk_op_names[] = {"write", "sync", "rename"};

static struct {
    pthread_mutex_t lock;
    int file_of[DISK_FDS]; /* 1-based; 0: not ours */
    struct {
        char path[DISK_PATH];
        bool is_new; /* and its directory not synced since */
    } files[DISK_FILES];
    int n_files;
    struct disk_change *newest;
    struct {
        unsigned long from, count;
        char action[16];
    } rules[DISK_OPS];
    unsigned random;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .rules = {{.action = ""}}};

#define REAL(name) ((__typeof__(&name))disk_real(#name))

static void *disk_real(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);
    if (!f)
        abort();
    return f;
}

/* --- the power goes --- */

static bool disk_chance(void)
{
    return rand_r(&disk.random) & 1;
}

static void disk_undo(int fd, const struct disk_change *c)
{
    if (REAL(pwrite64)(fd, c->old, c->n_old, c->at) != (ssize_t)c->n_old || REAL(ftruncate64)(fd, c->size_before) != 0)
        abort();
}

static bool disk_redo(int fd, const struct disk_change *c)
{
    if (disk_chance())
        return false;
    size_t n = disk_chance() ? c->n_new : c->n_new / 2 / 512 * 512; /* a torn write ends at a sector */
    if (c->is_cut ? REAL(ftruncate64)(fd, c->at) != 0 : REAL(pwrite64)(fd, c->new, n, c->at) != (ssize_t)n)
        abort();
    return true;
}

static int disk_reopen(int file)
{
    return REAL(open64)(disk.files[file - 1].path, O_RDWR);
}

static void disk_say(size_t all, size_t kept)
{
    const char *path = getenv("DISK_LOG");
    char line[128];
    int n = snprintf(line, sizeof line, "cut: %zu changes were not synced, %zu of them kept\n", all, kept);
    int fd = path ? REAL(open64)(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (fd >= 0 && REAL(write)(fd, line, (size_t)n) != n)
        abort();
}

static _Noreturn void disk_cut(void)
{
    size_t all = 0, kept = 0;
    struct disk_change *oldest = NULL;
    for (struct disk_change *c = disk.newest, *next; c; c = next) {
        int fd = disk_reopen(c->file);
        if (fd >= 0) { /* else it was deleted since */
            disk_undo(fd, c);
            REAL(close)(fd);
        }
        next = c->before;
        c->before = oldest; /* turned round, to be done again in order */
        oldest = c;
        all++;
    }
    for (struct disk_change *c = oldest; c; c = c->before) {
        int fd = disk_reopen(c->file);
        if (fd >= 0) {
            kept += disk_redo(fd, c);
            REAL(close)(fd);
        }
    }
    for (int i = 0; i < disk.n_files; i++)
        if (disk.files[i].is_new)
            REAL(unlink)(disk.files[i].path);
    disk_say(all, kept);
    _exit(DISK_EXIT);
}

/* Not synced, though the next life will read it: that life's disk must know. */
static void disk_hand_down(void)
{
    const char *path = getenv("DISK_HEIR");
    struct disk_change *oldest = NULL;
    FILE *to = path ? fopen(path, "w") : NULL;
    for (struct disk_change *c = disk.newest, *next; to && c; c = next) {
        next = c->before;
        c->before = oldest;
        oldest = c;
    }
    for (struct disk_change *c = oldest; c; c = c->before) {
        fwrite(disk.files[c->file - 1].path, DISK_PATH, 1, to);
        fwrite(c, sizeof *c, 1, to);
        fwrite(c->old, 1, c->n_old, to);
        fwrite(c->new, 1, c->n_new, to);
    }
    if (to)
        fclose(to);
}

static int disk_file(const char *path);

static void disk_inherit(void)
{
    const char *path = getenv("DISK_HEIR");
    FILE *from = path ? fopen(path, "r") : NULL;
    char file[DISK_PATH];
    struct disk_change c;
    while (from && fread(file, DISK_PATH, 1, from) == 1 && fread(&c, sizeof c, 1, from) == 1) {
        struct disk_change *copy = malloc(sizeof c);
        c.file = disk_file(file);
        c.old = malloc(c.n_old + 1);
        c.new = malloc(c.n_new + 1);
        if (fread(c.old, 1, c.n_old, from) != c.n_old || fread(c.new, 1, c.n_new, from) != c.n_new)
            abort();
        c.before = disk.newest;
        *copy = c;
        disk.newest = copy;
    }
    if (from) {
        fclose(from);
        unlink(path);
    }
}

static _Noreturn void disk_die(void)
{
    disk_hand_down();
    for (;;)
        kill(getpid(), SIGKILL);
}

/* --- rules --- */

static void disk_command(const char *line)
{
    char op[16] = "", action[16] = "";
    unsigned long from = 0, count = 0;
    pthread_mutex_lock(&disk.lock);
    if (strncmp(line, "cut", 3) == 0)
        disk_cut();
    if (strncmp(line, "heal", 4) == 0)
        memset(disk.rules, 0, sizeof disk.rules);
    if (sscanf(line, "%15s %lu %lu %15s", op, &from, &count, action) == 4)
        for (int i = 0; i < DISK_OPS; i++)
            if (strcmp(op, disk_op_names[i]) == 0) {
                disk.rules[i].from = from;
                disk.rules[i].count = count ? count : (unsigned long)-1;
                snprintf(disk.rules[i].action, sizeof disk.rules[i].action, "%s", action);
            }
    pthread_mutex_unlock(&disk.lock);
}

/* The action that is due at this call; "": none. */
static const char *disk_due(enum disk_op op)
{
    if (disk.rules[op].from > 1) {
        disk.rules[op].from--;
        return "";
    }
    if (disk.rules[op].count == 0)
        return "";
    disk.rules[op].count--;
    return disk.rules[op].action;
}

/* Before the call: dies, or returns true with errno set. */
static bool disk_fails(const char *action)
{
    if (strcmp(action, "kill") == 0)
        disk_die();
    if (strcmp(action, "cut") == 0)
        disk_cut();
    if (strcmp(action, "EIO") != 0 && strcmp(action, "ENOSPC") != 0)
        return false;
    errno = strcmp(action, "EIO") == 0 ? EIO : ENOSPC;
    return true;
}

static void disk_after(const char *action)
{
    if (strcmp(action, "killed") == 0)
        disk_die();
    if (strcmp(action, "cutted") == 0)
        disk_cut();
}

static void *disk_listen(void *path)
{
    int fd = REAL(open64)(path, O_RDWR | O_CLOEXEC); /* for writing too, so that it has no end */
    FILE *from = fdopen(fd, "r");
    char line[128];
    while (from && fgets(line, sizeof line, from))
        disk_command(line);
    return NULL;
}

__attribute__((constructor)) static void disk_begin(void)
{
    const char *plan = getenv("DISK_PLAN");
    char *control = getenv("DISK_CONTROL");
    pthread_t thread;
    sigset_t all, before;
    disk.random = (unsigned)getpid() ^ (unsigned)time(NULL);
    disk_inherit();
    if (plan)
        disk_command(plan);
    if (!control)
        return;
    sigfillset(&all); /* the daemon's signals are the daemon's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, disk_listen, control) != 0)
        abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- files --- */

static bool disk_ends(const char *path, const char *end)
{
    size_t n = strlen(path), e = strlen(end);
    return n >= e && strcmp(path + n - e, end) == 0;
}

static bool disk_is_ours(const char *path)
{
    static const char *const ends[] = {".db", ".db-wal", ".db-journal", ".db.part", ".db.part-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (disk_ends(path, ends[i]))
            return true;
    return false;
}

static int disk_file(const char *path)
{
    for (int i = 0; i < disk.n_files; i++)
        if (strcmp(disk.files[i].path, path) == 0)
            return i + 1;
    if (disk.n_files == DISK_FILES || strlen(path) >= DISK_PATH)
        abort();
    strcpy(disk.files[disk.n_files].path, path);
    return ++disk.n_files;
}

static int disk_open(const char *path, int flags, mode_t mode)
{
    struct stat st;
    bool is_ours = disk_is_ours(path), was_there = is_ours && stat(path, &st) == 0;
    int fd = REAL(open64)(path, flags, mode);
    if (!is_ours || fd < 0 || fd >= DISK_FDS)
        return fd;
    pthread_mutex_lock(&disk.lock);
    disk.file_of[fd] = disk_file(path);
    if (!was_there)
        disk.files[disk.file_of[fd] - 1].is_new = true;
    pthread_mutex_unlock(&disk.lock);
    return fd;
}

static int disk_of(int fd)
{
    return fd >= 0 && fd < DISK_FDS ? disk.file_of[fd] : 0;
}

/* Remember what a change of [at, at+n) or, for a truncation, of all behind `at` takes away. Not for O_WRONLY files. */
static struct disk_change *disk_note(int fd, off_t at, size_t n, bool is_cut)
{
    struct stat st;
    struct disk_change *c = calloc(1, sizeof *c);
    if (fstat(fd, &st) != 0)
        abort();
    size_t behind = st.st_size > at ? (size_t)(st.st_size - at) : 0;
    c->file = disk_of(fd);
    c->is_cut = is_cut;
    c->at = at;
    c->size_before = st.st_size;
    c->n_old = is_cut || n > behind ? behind : n;
    c->old = malloc(c->n_old + 1);
    if (pread(fd, c->old, c->n_old, at) != (ssize_t)c->n_old)
        abort();
    c->before = disk.newest;
    disk.newest = c;
    return c;
}

static ssize_t disk_write(int fd, const void *from, size_t n, off_t at)
{
    const char *action = disk_due(DISK_WRITE);
    if (disk_fails(action))
        return -1;
    bool is_half = strcmp(action, "tear") == 0 || strcmp(action, "short") == 0;
    if (is_half)
        n = n / 2 + 1;
    struct disk_change *c = disk_note(fd, at, n, false);
    c->new = malloc(n);
    memcpy(c->new, from, n);
    c->n_new = n;
    ssize_t done = REAL(pwrite64)(fd, from, n, at);
    if (done != (ssize_t)n)
        abort();
    if (strcmp(action, "tear") == 0)
        disk_die();
    if (is_half) { /* what is missing finds no room */
        strcpy(disk.rules[DISK_WRITE].action, "ENOSPC");
        disk.rules[DISK_WRITE].count += disk.rules[DISK_WRITE].count == 0;
    }
    disk_after(action);
    return done;
}

static void disk_forget(int file)
{
    for (struct disk_change **at = &disk.newest; *at;) {
        struct disk_change *c = *at;
        if (c->file != file) {
            at = &c->before;
            continue;
        }
        *at = c->before;
        free(c->old);
        free(c->new);
        free(c);
    }
}

static int disk_sync(int fd, int (*real)(int))
{
    struct stat st;
    pthread_mutex_lock(&disk.lock);
    int file = disk_of(fd), rc;
    const char *action = file ? disk_due(DISK_SYNC) : "";
    if (disk_fails(action)) {
        int why = errno;
        pthread_mutex_unlock(&disk.lock);
        errno = why;
        return -1;
    }
    rc = real(fd);
    if (rc == 0 && file)
        disk_forget(file);
    else if (rc == 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        for (int i = 0; i < disk.n_files; i++)
            disk.files[i].is_new = false;
    disk_after(action);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

/* --- what programs call --- */

#define DISK_OPEN(name)                                                                                                \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;                                        \
        va_end(more);                                                                                                  \
        return disk_open(path, flags, mode);                                                                           \
    }
DISK_OPEN(open)
DISK_OPEN(open64)

int close(int fd)
{
    if (fd >= 0 && fd < DISK_FDS)
        disk.file_of[fd] = 0;
    return REAL(close)(fd);
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at)
{
    if (!disk_of(fd))
        return REAL(pwrite64)(fd, from, n, at);
    pthread_mutex_lock(&disk.lock);
    ssize_t done = disk_write(fd, from, n, at);
    int why = errno;
    pthread_mutex_unlock(&disk.lock);
    errno = why;
    return done;
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at)
{
    return pwrite64(fd, from, n, at);
}

ssize_t write(int fd, const void *from, size_t n)
{
    if (!disk_of(fd))
        return REAL(write)(fd, from, n);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = pwrite64(fd, from, n, at);
    if (done > 0)
        lseek(fd, at + done, SEEK_SET);
    return done;
}

int ftruncate64(int fd, off64_t to)
{
    pthread_mutex_lock(&disk.lock);
    if (disk_of(fd))
        disk_note(fd, to, 0, true);
    int rc = REAL(ftruncate64)(fd, to);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

int ftruncate(int fd, off_t to)
{
    return ftruncate64(fd, to);
}

int fsync(int fd)
{
    return disk_sync(fd, REAL(fsync));
}

int fdatasync(int fd)
{
    return disk_sync(fd, REAL(fdatasync));
}

/* Only the store's folder counts: other programs' renames are not ours. */
int rename(const char *from, const char *to)
{
    pthread_mutex_lock(&disk.lock);
    const char *action = disk_due(DISK_RENAME);
    bool fails = disk_fails(action);
    int why = errno, rc = fails ? -1 : REAL(rename)(from, to);
    if (fails)
        errno = why;
    disk_after(action);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}
