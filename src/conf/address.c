/*
 * Addresses to listen on, checked before anything is opened: a typing error is a problem of the configuration with its
 * line, not a refusal of the operating system after the start. Whether a host exists is not looked up here.
 */
#include "base/base.h"

#include "conf/address.h"

#include "base/arena.h"
#include "base/text.h"

/* A socket's path has room for 107 bytes and a terminator on Linux. */
enum { ADDRESS_UNIX_BYTES = 107, ADDRESS_HOST_BYTES = 253, ADDRESS_PORT_MAX = 65535 };

/* Five digits at most, so that the number cannot overflow; 0 lets the system choose. */
static bool address_is_port(const char *s)
{
    int n = 0;
    if (*s == '\0' || strnlen(s, 6) > 5)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        n = 10 * n + (*s - '0');
    }
    return n <= ADDRESS_PORT_MAX;
}

/* All n bytes are letters, digits or one of `others`. */
static bool address_is_of(const char *s, size_t n, const char *others)
{
    for (size_t i = 0; i < n; i++) {
        bool is_letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');
        if (!is_letter && !(s[i] >= '0' && s[i] <= '9') && !strchr(others, s[i]))
            return false;
    }
    return true;
}

static bool address_is_v6(const char *s, size_t n)
{
    return n >= 4 && s[0] == '[' && s[n - 1] == ']' && memchr(s, ':', n) && address_is_of(s + 1, n - 2, ":.%");
}

bool address_is_listen(const char *s)
{
    if (text_starts(s, "unix:")) {
        size_t n = strlen(s + strlen("unix:"));
        return n > 0 && n <= ADDRESS_UNIX_BYTES;
    }
    const char *colon = strrchr(s, ':');
    if (!colon || colon == s || !address_is_port(colon + 1))
        return false;
    size_t n = (size_t)(colon - s);
    return n <= ADDRESS_HOST_BYTES && (address_is_v6(s, n) || address_is_of(s, n, ".-"));
}

const char *address_with_port(struct arena *a, const char *s, const char *port)
{
    const char *colon = strrchr(s, ':');
    return colon ? arena_fmt(a, "%.*s:%s", (int)(colon - s), s, port) : s;
}
