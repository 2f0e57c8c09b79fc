/*
 * demo_watch.c: what people do at the pretend GitHub, and what follows from it: its webhooks tell the daemon, whose
 * changes there are told in turn, until nothing happens any more.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "daemon/demo_private.h"
#include "http/client.h"

enum { WATCH_ASK_MS = 20, WATCH_QUIET_MS = 150, WATCH_TIMEOUT_MS = 10 * 1000, WATCH_TEXT_BYTES = 1024 * 1024 };

/* ${lockstep}, ${sandbox} and ${key} in a recorded body stand for what is only known now. */
static struct str watch_fill(const struct demo *d, struct str body)
{
    const struct {
        const char *word, *value;
    } words[] = {{"${lockstep}", d->url}, {"${sandbox}", d->sandbox_url}, {"${key}", d->key}};
    AUTO(text_auto) struct text t;
    text_init(&t, WATCH_TEXT_BYTES);
    for (size_t at = 0, step; at < body.n; at += step) {
        step = 0;
        for (size_t i = 0; i < COUNT(words) && step == 0; i++)
            if (strncmp(body.p + at, words[i].word, strlen(words[i].word)) == 0) {
                text_addz(&t, words[i].value);
                step = strlen(words[i].word);
            }
        if (step == 0)
            text_addc(&t, body.p[at]);
        step += step == 0;
    }
    return (struct str){arena_str(d->arena, text_str(&t)), t.n};
}

/* --- what followed, as it stands when all is quiet --- */

static const struct json *watch_newest(const struct json *answer, int64_t *ret)
{
    const struct json *row = json_first(json_get(answer, "events"));
    (void)json_int(json_get(row, "id"), ret);
    return row;
}

/* The first of them, which comes last in the list. */
static const struct json *watch_first(const struct json *answer)
{
    const struct json *row = NULL;
    JSON_EACH (one, json_get(answer, "events"))
        row = one;
    return row;
}

static void watch_explained(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    const struct json *answer;
    struct err bad = {0};
    if (!r || r->status != 200 || json_parse(d->arena, r->body, &answer, &bad) < 0) {
        demo_broken(d, "asking what was done", r, e);
        return;
    }
    demo_show_changes(answer);
    const struct json *row = json_get(answer, "event");
    const char *expect = demo_delivery(d)->expect;
    bool is_expected = !expect || text_same(json_text(json_get(row, "verdict")), expect);
    demo_show_end(d, row, is_expected);
    if (d->followed > 1)
        printf("        → %zu more deliver%s of what this changed: nothing to do\n", d->followed - 1,
               d->followed == 2 ? "y tells" : "ies tell");
    d->unexpected += !is_expected;
    d->event = d->newest;
    d->at++;
    demo_next(d);
}

static void watch_show(struct demo *d, const struct json *answer)
{
    int64_t first = 0;
    const struct json *row = watch_first(answer);
    (void)json_int(json_get(row, "id"), &first);
    demo_show_row(row, json_text(json_get(row, "verdict")), (d->grown_ms - d->began_ms) * 1000);
    demo_show_why(d);
    demo_ask(d, arena_fmt(d->arena, "events/%" PRId64, first), watch_explained);
}

static bool watch_is_quiet(struct demo *d, const struct json *answer)
{
    size_t n = 0;
    bool all_over = true;
    JSON_EACH (row, json_get(answer, "events")) {
        n++;
        all_over = all_over && demo_is_over(json_text(json_get(row, "verdict")));
    }
    if (n != d->followed || !all_over) {
        d->followed = n;
        d->grown_ms = loop_mono_ms(d->loop);
    }
    return n > 0 && all_over && loop_mono_ms(d->loop) - d->grown_ms >= WATCH_QUIET_MS;
}

static void watch_again(struct loop_timer *t);

static void watch_told(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    const struct json *answer;
    struct err bad = {0};
    if (!r || r->status != 200 || json_parse(d->arena, r->body, &answer, &bad) < 0) {
        demo_broken(d, "asking what followed", r, e);
    } else if (watch_is_quiet(d, answer)) {
        watch_newest(answer, &d->newest);
        watch_show(d, answer);
    } else if (demo_gave_up(d)) {
        fail(&bad, ERR_TRANSIENT, "nothing came of it");
        demo_broken(d, demo_delivery(d)->request.url, NULL, &bad);
    } else {
        loop_timer_start(d->loop, &d->ask, WATCH_ASK_MS, watch_again);
    }
}

static void watch_again(struct loop_timer *t)
{
    struct demo *d = CONTAINER(t, struct demo, ask);
    demo_ask(d, arena_fmt(d->arena, "events?limit=100&after=%" PRId64, d->event), watch_told);
}

static void watch_done(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    const char *expect = demo_delivery(d)->expect;
    if (!r || r->status >= 300) {
        demo_broken(d, demo_delivery(d)->request.url, r, e);
    } else if (text_same(expect, "nothing")) {
        d->at++;
        demo_next(d);
    } else {
        d->followed = 0;
        watch_again(&d->ask);
    }
}

void demo_watch(struct demo *d)
{
    struct http_request r = demo_delivery(d)->request;
    r.url = http_join(d->arena, d->sandbox_url, r.url);
    r.body = watch_fill(d, r.body);
    d->sent_us = clock_mono_us();
    d->began_ms = loop_mono_ms(d->loop);
    http_send(d->client, &r, WATCH_TIMEOUT_MS, d->arena, watch_done, d);
}
