/*
 * exchange.c: requests sent to a tracker by the daemon's HTTP client and nothing else: no journal, no rules, no trace.
 * With one chain at a time it is what a worker that waits for each answer can do; with many, what the exchanges cost.
 *
 * bench-exchange BASE FILE N MANY: FILE is a JSON list of chains, each the exchanges of one event: a list of
 * {"method", "path", "body", "authorization"}. Plays N chains, from the list in turn, MANY of them side by side, the
 * requests of a chain one after the other. Tells {"us": …, "failed": …}.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "http/client.h"
#include "io/file.h"
#include "io/loop.h"

enum { EXCHANGE_ARENA_BYTES = 64 * 1024 * 1024, EXCHANGE_TIMEOUT_MS = 10000 };

struct exchange_bench {
    struct loop *loop;
    struct http_client *client;
    const char *base;
    const struct json *chains, *next; /* next: the chain to begin, NULL behind the last */
    int64_t to_begin, running, failed;
};

struct chain {
    struct exchange_bench *bench;
    struct arena *arena;
    const struct json *at; /* the request that is under way */
};

static void chain_send(struct chain *c);

static bool chain_begin(struct chain *c)
{
    struct exchange_bench *b = c->bench;
    if (b->to_begin == 0)
        return false;
    b->to_begin--;
    if (!b->next)
        b->next = json_first(b->chains);
    c->at = json_first(b->next);
    b->next = json_next(b->next);
    arena_reset(c->arena);
    chain_send(c);
    return true;
}

static void chain_answered(void *ctx, const struct http_response *response, const struct err *e)
{
    struct chain *c = ctx;
    struct exchange_bench *b = c->bench;
    if (e || response->status >= 400)
        b->failed++;
    c->at = json_next(c->at);
    if (c->at) {
        chain_send(c);
    } else if (!chain_begin(c)) {
        arena_free(c->arena);
        mem_free(c);
        if (--b->running == 0)
            loop_stop(b->loop);
    }
}

static void chain_send(struct chain *c)
{
    struct arena *a = c->arena;
    struct http_request r = {
        .method = json_text(json_get(c->at, "method")),
        .url = http_join(a, c->bench->base, json_text(json_get(c->at, "path"))),
        .body = str_of(json_text(json_get(c->at, "body"))),
    };
    http_header_add(a, &r.headers, "Accept", "application/json");
    http_header_add(a, &r.headers, "Content-Type", "application/json");
    http_header_add(a, &r.headers, "X-Bugzilla-Api-Key", "sandbox-bugzilla-key");
    http_header_add(a, &r.headers, "Authorization", json_text(json_get(c->at, "authorization")));
    http_send(c->bench->client, &r, EXCHANGE_TIMEOUT_MS, a, chain_answered, c);
}

static void exchange_start(struct exchange_bench *b, int64_t many)
{
    for (; many > 0 && b->to_begin > 0; many--) {
        struct chain *c = mem_zero(sizeof *c);
        *c = (struct chain){.bench = b, .arena = arena_new(EXCHANGE_ARENA_BYTES)};
        b->running++;
        chain_begin(c);
    }
}

static int exchange_read(struct exchange_bench *b, struct arena *a, const char *file, struct err *e)
{
    struct str s;
    int rc = file_read(a, file, EXCHANGE_ARENA_BYTES / 8, &s, e);
    if (rc == 0)
        rc = json_parse(a, s, &b->chains, e);
    if (rc < 0)
        return rc;
    return json_first(json_first(b->chains)) ? 0 : fail(e, ERR_INPUT, "%s: expected a list of chains", file);
}

int main(int argc, char **argv)
{
    AUTO(arena_auto) struct arena *a = arena_new(EXCHANGE_ARENA_BYTES);
    struct exchange_bench b = {.loop = loop_new()};
    struct err e = {0};
    if (argc != 5 || exchange_read(&b, a, argv[2], &e) < 0) {
        (void)fprintf(stderr, "bench-exchange BASE FILE N MANY: %s\n", e.text);
        return 1;
    }
    b.base = argv[1];
    b.client = http_client_new(b.loop);
    b.to_begin = strtoll(argv[3], NULL, 10);
    int64_t began_us = clock_mono_us();
    exchange_start(&b, strtoll(argv[4], NULL, 10));
    loop_run(b.loop);
    printf("{\"us\":%" PRId64 ",\"failed\":%" PRId64 "}\n", clock_mono_us() - began_us, b.failed);
    http_client_free(b.client);
    loop_free(b.loop);
    return 0;
}
