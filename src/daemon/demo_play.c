/* demo_play.c: recorded deliveries, one after the other: the bug is put into the sandbox, the delivery sent, its end
 * awaited. */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "daemon/demo_private.h"
#include "http/client.h"
#include "model/plan.h"

enum { PLAY_TEXT_BYTES = 1024 * 1024, PLAY_TIMEOUT_MS = 10 * 1000, PLAY_ASK_MS = 5, PLAY_GIVE_UP_MS = 20 * 1000 };

struct delivery *demo_delivery(const struct demo *d)
{
    return (struct delivery *)d->deliveries.v + d->at;
}

void demo_broken(struct demo *d, const char *what, const struct http_response *r, const struct err *e)
{
    if (r)
        fail(&d->error, ERR_PERMANENT, "%s: HTTP %d: %.200s", what, r->status, r->body.p ? r->body.p : "");
    else
        fail(&d->error, ERR_PERMANENT, "%s: %s", what, e->text);
    loop_stop(d->loop);
}

static void demo_send(struct demo *d, struct http_request *r,
                      void (*done)(void *ctx, const struct http_response *r, const struct err *e))
{
    http_header_add_secret(d->arena, &r->headers, "X-Api-Key", d->key);
    http_send(d->client, r, PLAY_TIMEOUT_MS, d->arena, done, d);
}

static void demo_end(struct demo *d)
{
    size_t n = 0;
    MANY_EACH(const struct delivery, one, &d->deliveries)
    n += !text_same(one->expect, "nothing");
    printf("\n%zu deliveries, %zu as expected, %zu not\n", n, n - d->unexpected, d->unexpected);
    if (d->once) {
        loop_stop(d->loop);
        return;
    }
    demo_show_urls(d);
    printf("\nRunning until Ctrl-C.\n");
    fflush(stdout);
}

/* --- one delivery: put the bug into the sandbox, send, ask until it has ended --- */

static void demo_ask_again(struct loop_timer *t);

void demo_ask(struct demo *d, const char *path,
              void (*done)(void *ctx, const struct http_response *r, const struct err *e))
{
    struct http_request r = {.method = "GET", .url = arena_fmt(d->arena, "%s/api/v1/%s", d->url, path)};
    demo_send(d, &r, done);
}

bool demo_gave_up(const struct demo *d)
{
    return loop_mono_ms(d->loop) - d->began_ms > PLAY_GIVE_UP_MS;
}

bool demo_is_over(const char *verdict)
{
    enum verdict v;
    return verdict && verdict_parse(verdict, &v) && (verdict_ended(v) || v == VERDICT_PARKED);
}

static void demo_told(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    const struct json *answer;
    struct err bad = {0};
    if (!r || r->status != 200 || json_parse(d->arena, r->body, &answer, &bad) < 0) {
        demo_broken(d, "asking for the event", r, e);
        return;
    }
    const struct json *row = json_get(answer, "event");
    const char *verdict = json_text(json_get(row, "verdict"));
    bool gave_up = demo_gave_up(d);
    if (!demo_is_over(verdict) && !gave_up) {
        loop_timer_start(d->loop, &d->ask, PLAY_ASK_MS, demo_ask_again);
        return;
    }
    const char *shown = d->is_duplicate ? "duplicate" : verdict;
    const char *expect = demo_delivery(d)->expect;
    bool is_expected = expect ? text_same(shown, expect) : !gave_up;
    d->unexpected += !is_expected;
    demo_show_row(row, shown, clock_mono_us() - d->sent_us);
    demo_show_why(d);
    if (!d->is_duplicate)
        demo_show_changes(answer);
    demo_show_end(d, row, is_expected);
    d->at++;
    demo_next(d);
}

static void demo_ask_again(struct loop_timer *t)
{
    struct demo *d = CONTAINER(t, struct demo, ask);
    demo_ask(d, arena_fmt(d->arena, "events/%" PRId64, d->event), demo_told);
}

static void demo_posted(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    const struct json *answer;
    struct err bad = {0};
    if (!r || r->status != 200 || json_parse(d->arena, r->body, &answer, &bad) < 0 ||
        !json_int(json_get(answer, "id"), &d->event)) {
        demo_broken(d, "sending the delivery", r, e);
        return;
    }
    d->is_duplicate = json_bool(json_get(answer, "duplicate"), false);
    demo_ask_again(&d->ask);
}

static void demo_post(struct demo *d)
{
    struct http_request r = demo_delivery(d)->request;
    r.url = http_join(d->arena, d->url, r.url);
    d->sent_us = clock_mono_us();
    d->began_ms = loop_mono_ms(d->loop);
    demo_send(d, &r, demo_posted);
}

static void demo_seeded(void *ctx, const struct http_response *r, const struct err *e)
{
    struct demo *d = ctx;
    if (!r || r->status >= 300)
        demo_broken(d, "putting the bug into the sandbox", r, e);
    else
        demo_post(d);
}

/* The bug as the delivery shows it, so that the sandbox's Bugzilla says the same; its links are the sandbox's own. */
static struct str demo_bug(struct demo *d, const struct json *bug)
{
    AUTO(text_auto) struct text t;
    text_init(&t, PLAY_TEXT_BYTES);
    struct json_out o;
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    JSON_EACH (member, bug)
        if (strcmp(json_key(member), "see_also") != 0)
            json_put(&o, json_key(member), member);
    json_close(&o);
    return (struct str){arena_str(d->arena, text_str(&t)), t.n};
}

void demo_next(struct demo *d)
{
    const struct json *payload;
    struct err e = {0};
    int64_t id;
    fflush(stdout);
    if (d->at == d->deliveries.n) {
        demo_end(d);
        return;
    }
    if (text_starts(demo_delivery(d)->request.url, "/_sandbox/")) {
        demo_watch(d);
        return;
    }
    if (json_parse(d->arena, demo_delivery(d)->request.body, &payload, &e) < 0 ||
        !json_int(json_path(payload, "bug.id"), &id)) {
        demo_post(d); /* the daemon is to say what is wrong with it */
        return;
    }
    struct http_request r = {
        .method = "PUT",
        .url = arena_fmt(d->arena, "%s/_sandbox/bugzilla/bugs/%" PRId64, d->sandbox_url, id),
        .body = demo_bug(d, json_get(payload, "bug")),
    };
    http_header_add(d->arena, &r.headers, "Content-Type", "application/json");
    http_send(d->client, &r, PLAY_TIMEOUT_MS, d->arena, demo_seeded, d);
}
