/* Deliveries of strangers in Jira's name: decode never crashes, and what it takes can be identified. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "tracker/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text name = {0};
    const struct conf_tracker conf = {.name = "jira"};
    const struct http_request r = {.method = "POST", .url = "/", .body = {(const char *)data, size}};
    struct event ev = {0};
    struct err e = {0};
    int rc = tracker_jira.decode(&conf, a, &r, &ev, &e);
    if (rc < 0) {
        check(rc == -ERR_INPUT && e.class == ERR_INPUT && e.text[0] != '\0');
        return 0;
    }
    check(ev.issue.ref && ev.target && ev.action && ev.routing && ev.hook);
    text_init(&name, 1 << 20);
    tracker_jira.identify(&ev, &name);
    check(name.n > 0 && !text_full(&name));
    return 0;
}
