/* Deliveries of strangers: neither verify nor decode crashes, and what is taken can be identified, the same each time.
 */
#include "base/base.h"

#include "base/arena.h"
#include "base/secret.h"
#include "base/text.h"
#include "tracker/driver.h"
#include "tracker/github_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_decode(struct arena *a, const struct conf_tracker *conf, const struct http_request *r)
{
    AUTO(text_auto) struct text one = {0}, two = {0};
    struct event ev = {0}, again = {0};
    struct err e = {0};
    int rc = tracker_github.decode(conf, a, r, &ev, &e);
    if (rc < 0) {
        check(rc == -ERR_INPUT && e.class == ERR_INPUT && e.text[0] != '\0');
        return;
    }
    check(ev.issue.ref && ev.hook && ev.action && ev.routing && !text_blank(ev.delivery));
    check(tracker_github.decode(conf, a, r, &again, &e) == 0 && again.happened_ms == ev.happened_ms);
    text_init(&one, 64 << 20);
    text_init(&two, 64 << 20);
    tracker_github.identify(&ev, &one);
    tracker_github.identify(&again, &two);
    check(!text_full(&one) && str_same(text_str(&one), text_str(&two)));
    (void)tracker_github.issue_url(conf, a, ev.issue.ref);
}

/* The first line is the signature, the rest the body: as JSON, and as a form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    AUTO(secret_auto) struct secret *secret = secret_new(STR("k"));
    struct github_conf own = {.hook_secret = {&secret, 1}, .allow_sha1 = size % 2};
    const struct conf_tracker conf = {.name = "github", .url = "https://api.github.com", .own = &own};
    const char *end = size ? memchr(data, '\n', size) : NULL;
    size_t line = end ? (size_t)(end - (const char *)data) : 0;
    struct http_request r = {.method = "POST", .url = "/", .body = {(const char *)data, size}};
    struct err e = {0};
    if (end) {
        r.body = (struct str){end + 1, size - line - 1};
        http_header_add(a, &r.headers, size % 3 ? "X-Hub-Signature-256" : "X-Hub-Signature",
                        arena_str(a, (struct str){(const char *)data, line}));
    }
    check(tracker_github.verify(&conf, a, &r, &e) <= 0);
    http_header_add(a, &r.headers, "X-GitHub-Event", "issues");
    fuzz_decode(a, &conf, &r);
    http_header_add(a, &r.headers, "Content-Type", "application/x-www-form-urlencoded");
    fuzz_decode(a, &conf, &r);
    return 0;
}
