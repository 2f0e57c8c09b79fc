/*
 * message.h: HTTP requests and answers as data. No I/O. Everything lives in the arena of the unit of work.
 */
#ifndef HTTP_MESSAGE_H
#define HTTP_MESSAGE_H

#include "base/base.h"

struct arena;

struct http_header {
    const char *name; /* compared without case */
    const char *value;
    bool is_secret; /* value shown as *** wherever it is shown */
};
struct http_headers {
    struct http_header *v;
    size_t n;
};
const char *http_header_get(const struct http_headers *h, const char *name); /* first of that name, or NULL */
void http_header_add(struct arena *a, struct http_headers *h, const char *name, const char *value);
void http_header_add_secret(struct arena *a, struct http_headers *h, const char *name, const char *value);

/* What sending it does at the other end; decides what a lost answer means (tracker/driver.h). */
enum http_effect {
    HTTP_READ,       /* nothing: ask again */
    HTTP_IDEMPOTENT, /* sending it twice is the same as once */
    HTTP_CREATE      /* each sending makes another: look before sending again */
};

struct http_request {
    const char *method;
    const char *url; /* absolute for the client; path with query for a server's incoming request */
    struct http_headers headers;
    struct str body;
    enum http_effect effect;
    bool url_is_secret; /* a credential is in the query (stock Bugzilla): show the path only */
    bool is_apart;      /* what becomes of it tells nothing of the tracker: it may be another host that is asked */
};

struct http_response {
    int status;
    struct http_headers headers;
    struct str body;     /* terminated one byte behind its end */
    int64_t received_ms; /* wall clock, so that drivers can read Retry-After without a clock */
};

/* Standard reason phrase, "Not Found"; "" when unknown. */
const char *http_reason(int status);

/* Path and query helpers; results in the arena. */
struct text;
void http_escape(struct text *to, const char *s);              /* percent-encode all but unreserved */
char *http_unescape(struct arena *a, struct str s, bool plus); /* %XX and, with plus, + as a space; bad % stays */
/* One query parameter of a path "…?a=b&c=d", unescaped; NULL when absent. */
const char *http_query(struct arena *a, const char *url, const char *name);
/* base without trailing slashes + path. */
char *http_join(struct arena *a, const char *base, const char *path);

struct url { /* of an absolute http(s) URL; scheme and host in lower case, user and password dropped */
    const char *scheme, *host, *path, *query, *fragment;
    int port; /* 0: none given. An absent path is "/", an absent query or fragment "" */
};
/* false when text is not an absolute http or https URL with a host. */
bool url_parse(struct arena *a, const char *text, struct url *ret);

/* The password of "Authorization: Basic …", or NULL; and the token of "Bearer …". */
const char *http_basic_password(struct arena *a, const struct http_headers *h);
const char *http_bearer(struct arena *a, const struct http_headers *h);

#endif
