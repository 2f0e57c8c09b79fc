#include "base/base.h"

#include "io/file.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/loop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void file_close_auto(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

const char *errno_text(int number, char buf[ERRNO_TEXT_BYTES])
{
    return strerror_r(number, buf, ERRNO_TEXT_BYTES);
}

static int file_fail(struct err *e, const char *what, const char *path)
{
    char buf[ERRNO_TEXT_BYTES];
    int number = errno;
    bool is_missing = number == ENOENT && strcmp(what, "read") == 0;
    return fail_code(e, is_missing ? ERR_MISSING : ERR_CONFIG, number, "cannot %s %s: %s", what, path,
                     errno_text(number, buf));
}

/* The size that fstat tells is only a guess: a pipe or a file in /proc has none. */
int file_read(struct arena *a, const char *path, size_t max_bytes, struct str *ret, struct err *e)
{
    AUTO(file_close_auto) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return file_fail(e, "read", path);
    size_t room = st.st_size > 0 ? (size_t)st.st_size + 1 : 4096;
    size_t n = 0;
    AUTO(mem_free_auto) char *bytes = NULL;
    for (;;) {
        if (room > max_bytes + 1)
            room = max_bytes + 1;
        bytes = mem_grow(bytes, room, 1);
        ssize_t got = read(fd, bytes + n, room - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_fail(e, "read", path);
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > max_bytes)
            return fail(e, ERR_CONFIG, "cannot read %s: it is larger than %zu bytes", path, max_bytes);
        if (n == room)
            room *= 2;
    }
    *ret = (struct str){arena_str(a, (struct str){bytes, n}), n};
    return 0;
}

static bool file_write_all(int fd, struct str s)
{
    while (s.n > 0) {
        ssize_t done = write(fd, s.p, s.n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        s.p += done;
        s.n -= (size_t)done;
    }
    return true;
}

/* A rename is durable only when the folder that holds the name is, too. */
static bool file_sync_folder(struct arena *a, const char *path)
{
    AUTO(file_close_auto) int fd = open(path_beside(a, path, "."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

static int file_fill(int fd, const char *path, struct str content, struct err *e)
{
    struct stat old;
    if (stat(path, &old) == 0 && fchmod(fd, old.st_mode & 07777) != 0)
        return file_fail(e, "write", path);
    if (!file_write_all(fd, content) || fsync(fd) != 0)
        return file_fail(e, "write", path);
    return 0;
}

int file_write(const char *path, struct str content, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 * 1024);
    char *temporary = arena_fmt(a, "%s.XXXXXX", path);
    AUTO(file_close_auto) int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return file_fail(e, "write", path);
    int r = file_fill(fd, path, content, e);
    if (r == 0 && rename(temporary, path) != 0)
        r = file_fail(e, "write", path);
    if (r != 0)
        unlink(temporary);
    else if (!file_sync_folder(a, path))
        r = file_fail(e, "sync the folder of", path);
    return r;
}

int file_settle(const char *from, const char *to, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 * 1024);
    AUTO(file_close_auto) int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return file_fail(e, "sync", from);
    if (rename(from, to) != 0)
        return file_fail(e, "write", to);
    return file_sync_folder(a, to) ? 0 : file_fail(e, "sync the folder of", to);
}

/* Where the file system knows no such locks, nobody can be waited for. */
int folder_hold(const char *path, int *ret_fd, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 * 1024);
    const char *folder = path_beside(a, path, ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return file_fail(e, "open the folder of", path);
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR) {
    }
    *ret_fd = fd;
    return 0;
}

void folder_release(const int *fd)
{
    file_close_auto(fd);
}

void file_remove(const char *path)
{
    (void)unlink(path);
}

const char *env_get(const char *name)
{
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody changes the environment */
}

char *path_beside(struct arena *a, const char *beside, const char *path)
{
    const char *slash = beside ? strrchr(beside, '/') : NULL;
    if (path[0] == '/' || !slash)
        return arena_text(a, path);
    return arena_fmt(a, "%.*s%s", (int)(slash - beside + 1), beside, path);
}

bool path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

char *folder_current(struct arena *a)
{
    char *path = getcwd(NULL, 0);
    char *copy = arena_text(a, path ? path : ".");
    free(path);
    return copy;
}

int folder_temp(struct arena *a, const char *prefix, const char **ret, struct err *e)
{
    const char *top = env_get("TMPDIR");
    char *path = arena_fmt(a, "%s/%s.XXXXXX", text_blank(top) ? "/tmp" : top, prefix);
    if (!mkdtemp(path))
        return file_fail(e, "create the folder", path);
    *ret = path;
    return 0;
}

void folder_remove(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *f = readdir(d); f; f = readdir(d)) { /* NOLINT(concurrency-mt-unsafe): d is ours alone */
        if (strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0)
            unlinkat(dirfd(d), f->d_name, 0);
    }
    closedir(d);
    rmdir(path);
}

static void file_log_write(void *ctx, struct str line)
{
    file_write_all((int)(intptr_t)ctx, line);
}

static int64_t file_log_now(UNUSED void *ctx)
{
    return clock_now_ms();
}

struct log_sink log_fd_sink(int fd)
{
    return (struct log_sink){file_log_write, file_log_now, (void *)(intptr_t)fd};
}

void out_write(struct str s)
{
    file_write_all(STDOUT_FILENO, s);
}

bool out_is_terminal(void)
{
    return isatty(STDOUT_FILENO);
}

static unsigned file_columns(int fd)
{
    enum { COLUMNS_UNSAID = 80 };
    struct winsize size = {0};
    const char *kind = env_get("TERM");
    if (!isatty(fd) || (kind && strcmp(kind, "dumb") == 0))
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS_UNSAID;
}

unsigned err_columns(void)
{
    return file_columns(STDERR_FILENO);
}

unsigned out_columns(void)
{
    return file_columns(STDOUT_FILENO);
}
