#include "base/base.h"

#include "http/server_private.h"

#include "base/arena.h"
#include "io/file.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 1024 };

static int listen_fail(const char *address, const char *why, struct err *e)
{
    return fail(e, ERR_CONFIG, "cannot listen on %s: %s", address, why);
}

static int listen_fail_errno(const char *address, struct err *e)
{
    char buf[ERRNO_TEXT_BYTES];
    return listen_fail(address, errno_text(errno, buf), e);
}

static int listen_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return fd;
}

/* Does somebody accept on that path? Then it is not stale. */
static bool listen_is_alive(const struct sockaddr_un *to)
{
    int fd = listen_socket(AF_UNIX);
    bool is_alive = fd >= 0 && (connect(fd, to, sizeof *to) == 0 || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return is_alive;
}

static int listen_unix(struct listener *l, const char *address, const char *path, struct err *e)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct stat st;
    if (path[0] == '\0' || strlen(path) >= sizeof to.sun_path)
        return listen_fail(address, "the path of a socket has 1 to 107 bytes", e);
    memcpy(to.sun_path, path, strlen(path) + 1);
    if (lstat(path, &st) == 0) {
        if (!S_ISSOCK(st.st_mode))
            return listen_fail(address, "there is another file of that name", e);
        if (listen_is_alive(&to))
            return listen_fail(address, "another process listens there", e);
        unlink(path);
    }
    l->fd = listen_socket(AF_UNIX);
    /* Linux takes the mode of the socket for the name it binds, so nobody else can come in between. */
    if (l->fd < 0 || fchmod(l->fd, 0600) != 0 || bind(l->fd, &to, sizeof to) != 0)
        return listen_fail_errno(address, e);
    l->unix_path = mem_text(path);
    if (chmod(path, 0600) != 0 || listen(l->fd, LISTEN_BACKLOG) != 0)
        return listen_fail_errno(address, e);
    return 0;
}

/* "host:port", "[v6]:port", ":port" and "*:port" for all addresses. */
static bool listen_split(struct arena *a, const char *address, const char **ret_host, const char **ret_port)
{
    const char *colon = strrchr(address, ':');
    if (!colon || colon[1] == '\0')
        return false;
    struct str host = {address, (size_t)(colon - address)};
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = (struct str){host.p + 1, host.n - 2};
    else if (host.n > 0 && memchr(host.p, ':', host.n))
        return false;
    bool is_any = host.n == 0 || str_same(host, STR("*"));
    *ret_host = is_any ? NULL : arena_str(a, host);
    *ret_port = colon + 1;
    return true;
}

static int listen_bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at = {0};
    socklen_t n = sizeof at;
    if (getsockname(fd, &at.any, &n) != 0)
        return 0;
    return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}

static bool listen_port_is_good(const char *port)
{
    int n = 0;
    for (const char *p = port; *p; p++) {
        if (*p < '0' || *p > '9' || n > 6553)
            return false;
        n = n * 10 + (*p - '0');
    }
    return n <= 65535;
}

static int listen_tcp(struct listener *l, const char *address, struct err *e)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 * 1024);
    const char *host, *port;
    if (!listen_split(a, address, &host, &port) || !listen_port_is_good(port))
        return listen_fail(address, "expected HOST:PORT, [IPV6]:PORT or unix:PATH", e);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int r = getaddrinfo(host, port, &hints, &found);
    if (r != 0)
        return listen_fail(address, gai_strerror(r), e);
    l->fd = listen_socket(found->ai_family);
    bool is_bound = l->fd >= 0 && bind(l->fd, found->ai_addr, found->ai_addrlen) == 0;
    r = errno;
    freeaddrinfo(found);
    errno = r;
    if (!is_bound || listen(l->fd, LISTEN_BACKLOG) != 0)
        return listen_fail_errno(address, e);
    l->port = listen_bound_port(l->fd);
    return 0;
}

int listener_open(struct listener *l, const char *address, struct err *e)
{
    *l = (struct listener){.fd = -1};
    bool is_unix = strncmp(address, "unix:", 5) == 0;
    int r = is_unix ? listen_unix(l, address, address + 5, e) : listen_tcp(l, address, e);
    if (r != 0)
        listener_close(l);
    return r;
}

void listener_close(struct listener *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    if (l->unix_path)
        unlink(l->unix_path);
    mem_free(l->unix_path);
    l->unix_path = NULL;
}
