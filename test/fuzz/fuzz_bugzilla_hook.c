/* Deliveries of strangers: decode never crashes, and what it takes can be identified, the same each time. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "tracker/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_identify(const struct event *ev, struct text *to)
{
    text_init(to, 64 << 20);
    tracker_bugzilla.identify(ev, to);
    check(!text_full(to) && to->n > 2 && to->p[0] == '[');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text one = {0}, two = {0};
    const struct conf_tracker conf = {.name = "bugzilla"};
    const struct http_request r = {.method = "POST", .url = "/", .body = {(const char *)data, size}};
    struct event ev = {0}, again = {0};
    struct err e = {0};
    int rc = tracker_bugzilla.decode(&conf, a, &r, &ev, &e);
    if (rc < 0) {
        check(rc == -ERR_INPUT && e.class == ERR_INPUT && e.text[0] != '\0');
        return 0;
    }
    check(!text_blank(ev.issue.ref) && !text_blank(ev.hook) && ev.action);
    check(tracker_bugzilla.decode(&conf, a, &r, &again, &e) == 0);
    fuzz_identify(&ev, &one);
    fuzz_identify(&again, &two);
    check(str_same(text_str(&one), text_str(&two)));
    return 0;
}
