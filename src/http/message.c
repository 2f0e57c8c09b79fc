#include "base/base.h"

#include "http/message.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/text.h"

const char *http_header_get(const struct http_headers *h, const char *name)
{
    for (size_t i = 0; i < h->n; i++)
        if (text_same_nocase(h->v[i].name, name))
            return h->v[i].value;
    return NULL;
}

/* The list is copied, so any array will do as its start; lists are short. */
static void http_header_append(struct arena *a, struct http_headers *h, struct http_header added)
{
    struct http_header *v = ARENA_ARRAY(a, struct http_header, h->n + 1);
    if (h->n)
        memcpy(v, h->v, h->n * sizeof *v);
    v[h->n] = added;
    *h = (struct http_headers){v, h->n + 1};
}

void http_header_add(struct arena *a, struct http_headers *h, const char *name, const char *value)
{
    http_header_append(a, h, (struct http_header){arena_text(a, name), arena_text(a, value), false});
}

void http_header_add_secret(struct arena *a, struct http_headers *h, const char *name, const char *value)
{
    http_header_append(a, h, (struct http_header){arena_text(a, name), arena_text(a, value), true});
}

const char *http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {423, "Locked"},
        {424, "Failed Dependency"},
        {425, "Too Early"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {451, "Unavailable For Legal Reasons"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
        {511, "Network Authentication Required"},
    };
    for (size_t i = 0; i < COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

static bool http_is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void http_escape(struct text *to, const char *s)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (http_is_alnum(*s) || *s == '-' || *s == '.' || *s == '_' || *s == '~') {
            text_addc(to, *s);
            continue;
        }
        text_addc(to, '%');
        text_addc(to, digits[c >> 4]);
        text_addc(to, digits[c & 15]);
    }
}

/* The byte of %XX at the start of s; 0 when there is none. %00 would end the text early, so it stays as it is. */
static int http_percent(struct str s)
{
    if (s.n < 3 || s.p[0] != '%' || hex_digit(s.p[1]) < 0 || hex_digit(s.p[2]) < 0)
        return 0;
    return hex_digit(s.p[1]) * 16 + hex_digit(s.p[2]);
}

char *http_unescape(struct arena *a, struct str s, bool plus)
{
    char *out = arena_bytes(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int byte = http_percent((struct str){s.p + i, s.n - i});
        if (byte > 0) {
            out[n++] = (char)byte;
            i += 2;
        } else {
            out[n++] = plus && s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    out[n] = '\0';
    return out;
}

/* Cut s at the first of the bytes `ends`; the rest begins at that byte. */
static struct str http_until(struct str s, const char *ends, struct str *ret_rest)
{
    size_t n = 0;
    while (n < s.n && !strchr(ends, s.p[n]))
        n++;
    *ret_rest = (struct str){s.p + n, s.n - n};
    return (struct str){s.p, n};
}

static struct str http_skip(struct str s, size_t n)
{
    return n < s.n ? (struct str){s.p + n, s.n - n} : (struct str){s.p + s.n, 0};
}

const char *http_query(struct arena *a, const char *url, const char *name)
{
    struct str rest;
    http_until(str_of(url), "?#", &rest);
    if (rest.n == 0 || rest.p[0] != '?')
        return NULL;
    struct str fragment;
    rest = http_until(http_skip(rest, 1), "#", &fragment);
    while (rest.n > 0) {
        struct str pair = http_until(rest, "&", &rest);
        rest = http_skip(rest, 1);
        struct str value;
        struct str key = http_until(pair, "=", &value);
        if (strcmp(http_unescape(a, key, true), name) == 0)
            return http_unescape(a, http_skip(value, 1), true);
    }
    return NULL;
}

char *http_join(struct arena *a, const char *base, const char *path)
{
    size_t n = strlen(base);
    while (n > 0 && base[n - 1] == '/')
        n--;
    return arena_fmt(a, "%.*s%s", (int)n, base, path);
}

/* Hosts are names, IPv4 addresses and, in brackets, IPv6 addresses; anything else would fool a comparison. */
static bool url_host_is_good(struct str host)
{
    if (host.n == 0)
        return false;
    bool bracketed = host.p[0] == '[';
    if (bracketed && (host.n < 4 || host.p[host.n - 1] != ']'))
        return false;
    struct str inner = bracketed ? (struct str){host.p + 1, host.n - 2} : host;
    for (size_t i = 0; i < inner.n; i++) {
        char c = inner.p[i];
        bool is_good = bracketed ? hex_digit(c) >= 0 || c == ':' || c == '.'
                                 : http_is_alnum(c) || c == '-' || c == '.' || c == '_' || (unsigned char)c >= 0x80;
        if (!is_good)
            return false;
    }
    return true;
}

static bool url_port_parse(struct str port, int *ret)
{
    int n = 0;
    for (size_t i = 0; i < port.n; i++) {
        if (port.p[i] < '0' || port.p[i] > '9')
            return false;
        n = n * 10 + (port.p[i] - '0');
        if (n > 65535)
            return false;
    }
    *ret = n;
    return true;
}

/* user:password@host:port; the user is dropped, the host is what follows the last @. */
static bool url_authority_parse(struct arena *a, struct str s, struct url *ret)
{
    for (size_t i = s.n; i > 0; i--) {
        if (s.p[i - 1] == '@') {
            s = http_skip(s, i);
            break;
        }
    }
    size_t host_n = s.n;
    for (size_t i = s.n; i > 0 && s.p[i - 1] != ']'; i--)
        if (s.p[i - 1] == ':')
            host_n = i - 1;
    struct str host = {s.p, host_n};
    if (!url_host_is_good(host) || !url_port_parse(http_skip(s, host_n + 1), &ret->port))
        return false;
    ret->host = text_lower(a, arena_str(a, host));
    return true;
}

/* White space, control bytes and backslashes, which some readers take for a slash, are in no URL. */
static bool url_bytes_are_good(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '\\')
            return false;
    return true;
}

bool url_parse(struct arena *a, const char *text, struct url *ret)
{
    struct url url = {0};
    const char *colon = text ? strstr(text, "://") : NULL;
    if (!colon || !url_bytes_are_good(text))
        return false;
    url.scheme = text_lower(a, arena_str(a, (struct str){text, (size_t)(colon - text)}));
    if (strcmp(url.scheme, "http") != 0 && strcmp(url.scheme, "https") != 0)
        return false;
    struct str rest = str_of(colon + 3);
    if (!url_authority_parse(a, http_until(rest, "/?#", &rest), &url))
        return false;
    struct str path = http_until(rest, "?#", &rest);
    url.path = path.n ? arena_str(a, path) : "/";
    struct str query = {"", 0};
    if (rest.n && rest.p[0] == '?')
        query = http_until(http_skip(rest, 1), "#", &rest);
    url.query = arena_str(a, query);
    url.fragment = arena_str(a, http_skip(rest, 1));
    *ret = url;
    return true;
}

/* What follows the scheme in Authorization, NULL when it is another scheme or there is none. */
static const char *http_credentials(const struct http_headers *h, const char *scheme)
{
    const char *value = http_header_get(h, "Authorization");
    size_t n = strlen(scheme);
    if (!value || strlen(value) <= n || value[n] != ' ')
        return NULL;
    for (size_t i = 0; i < n; i++)
        if ((value[i] | 0x20) != scheme[i])
            return NULL;
    value += n;
    while (*value == ' ')
        value++;
    return value;
}

const char *http_basic_password(struct arena *a, const struct http_headers *h)
{
    const char *encoded = http_credentials(h, "basic");
    struct str pair;
    struct err e;
    if (!encoded || base64_read(a, str_trim(str_of(encoded)), &pair, &e) != 0)
        return NULL;
    const char *colon = pair.n ? memchr(pair.p, ':', pair.n) : NULL;
    if (!colon)
        return NULL;
    return arena_str(a, http_skip(pair, (size_t)(colon - pair.p) + 1));
}

const char *http_bearer(struct arena *a, const struct http_headers *h)
{
    const char *token = http_credentials(h, "bearer");
    return token ? arena_str(a, str_trim(str_of(token))) : NULL;
}
