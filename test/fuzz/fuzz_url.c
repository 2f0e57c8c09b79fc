/* Addresses, queries and escapes from strangers. Build with -fsanitize=fuzzer,address,undefined. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "http/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What url_parse lets through is plain enough to be compared and shown. */
static void fuzz_url(struct arena *a, const char *s)
{
    struct url u;
    if (!url_parse(a, s, &u))
        return;
    check(u.host[0] != '\0' && !strpbrk(u.host, "@/?#\\ "));
    check(u.path[0] == '/' && !strpbrk(u.path, "?#"));
    check(!strchr(u.query, '#'));
    check(u.port >= 0 && u.port <= 65535);
}

static void fuzz_escape(struct arena *a, const char *s)
{
    AUTO(text_auto) struct text t;
    text_init(&t, 3 * strlen(s));
    http_escape(&t, s);
    check(!text_full(&t));
    check(strcmp(http_unescape(a, text_str(&t), true), s) == 0);
    check(strlen(http_unescape(a, str_of(s), false)) <= strlen(s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 * 1024 * 1024);
    const char *s = arena_str(a, (struct str){(const char *)data, n});
    struct http_headers h = {0};
    fuzz_url(a, s);
    fuzz_escape(a, s);
    http_query(a, s, "a");
    http_header_add(a, &h, "Authorization", s);
    http_basic_password(a, &h);
    http_bearer(a, &h);
    return 0;
}
