/* rig.h: a sandbox on loopback, and a client that waits for each answer. */
#ifndef TEST_SANDBOX_RIG_H
#define TEST_SANDBOX_RIG_H

#include "base/base.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "http/client.h"
#include "http/server.h"
#include "io/loop.h"
#include "sandbox/sandbox.h"

#include <setjmp.h>
#include <cmocka.h>

enum who {
    NOBODY,
    JIRA_BOT,
    JIRA_WRONG,
    BUGZILLA_BOT,
    BUGZILLA_PRIVILEGED,
    BUGZILLA_WRONG,
    GITHUB_BOT,
    GITHUB_READER,
    GITHUB_WRONG
};

struct rig {
    struct loop *loop;
    struct sandbox *sandbox;
    struct http_client *client;
    struct arena *arena;
    struct http_headers more; /* to be sent with each request */
    /* of the last answer */
    int status; /* 0: none; then class and text of the error are in e */
    const struct http_response *response;
    const struct json *json;
    const char *body;
    struct err e;
};

static inline void rig_open_seed(struct rig *r, const char *seed)
{
    struct err e = {0};
    *r = (struct rig){.loop = loop_new(), .arena = arena_new((size_t)1 << 30)};
    if (sandbox_new(&r->sandbox, r->loop, &(struct sandbox_conf){.listen = "127.0.0.1:0", .seed = seed}, &e) != 0)
        fail_msg("%s", e.text);
    r->client = http_client_new(r->loop);
}

static inline void rig_open(struct rig *r)
{
    rig_open_seed(r, NULL);
}

static inline void rig_close(struct rig *r)
{
    http_client_free(r->client);
    sandbox_free(r->sandbox);
    arena_free(r->arena);
    loop_free(r->loop);
}

static inline void rig_done(void *ctx, const struct http_response *response, const struct err *e)
{
    struct rig *r = ctx;
    r->response = response;
    r->status = response ? response->status : 0;
    r->body = response ? arena_str(r->arena, response->body) : "";
    if (e)
        r->e = *e;
    loop_stop(r->loop);
}

static inline void rig_sign(struct rig *r, struct http_headers *h, enum who who)
{
    static const char *const keys[] = {[BUGZILLA_BOT] = "sandbox-bugzilla-key",
                                       [BUGZILLA_PRIVILEGED] = "sandbox-privileged-key",
                                       [BUGZILLA_WRONG] = "no-such-key",
                                       [GITHUB_BOT] = "Bearer sandbox-github-token",
                                       [GITHUB_READER] = "token sandbox-reader-token",
                                       [GITHUB_WRONG] = "Bearer no-such-token"};
    const char *login = who == JIRA_BOT ? "bot@example.org:sandbox-jira-token" : "bot@example.org:wrong";
    if (who == JIRA_BOT || who == JIRA_WRONG)
        http_header_add(r->arena, h, "Authorization",
                        arena_fmt(r->arena, "Basic %s", base64_text(r->arena, str_of(login))));
    else if (who >= GITHUB_BOT)
        http_header_add(r->arena, h, "Authorization", keys[who]);
    else if (who != NOBODY)
        http_header_add(r->arena, h, "X-Bugzilla-API-Key", keys[who]);
}

static inline const char *rig_url(struct rig *r, const char *path)
{
    return arena_fmt(r->arena, "http://127.0.0.1:%d%s", sandbox_port(r->sandbox), path);
}

/* Send, and run the loop until the answer or the error is there. */
static inline int ask_as(struct rig *r, enum who who, const char *method, const char *path, const char *body)
{
    enum http_effect effect = strcmp(method, "POST") == 0 ? HTTP_CREATE : HTTP_READ;
    struct http_request q = {.method = method, .url = rig_url(r, path), .body = str_of(body), .effect = effect};
    rig_sign(r, &q.headers, who);
    if (body)
        http_header_add(r->arena, &q.headers, "Content-Type", "application/json");
    for (size_t i = 0; i < r->more.n; i++)
        http_header_add(r->arena, &q.headers, r->more.v[i].name, r->more.v[i].value);
    r->json = NULL;
    r->e = (struct err){0};
    http_send(r->client, &q, 3000, r->arena, rig_done, r);
    loop_run(r->loop);
    if (r->response && r->response->body.n && r->response->body.p[0] != '<')
        (void)json_parse(r->arena, r->response->body, &r->json, NULL);
    return r->status;
}

/* "jira:issue/KEY", "bugzilla:bug/1" and "github:user" as the built-in bots; "/_sandbox/…" as nobody. */
static inline int ask(struct rig *r, const char *method, const char *path, const char *body)
{
    const char *rest = strchr(path, ':');
    if (rest && text_starts(path, "jira:"))
        return ask_as(r, JIRA_BOT, method, arena_fmt(r->arena, "/jira/rest/api/2/%s", rest + 1), body);
    if (rest && text_starts(path, "bugzilla:"))
        return ask_as(r, BUGZILLA_BOT, method, arena_fmt(r->arena, "/bugzilla/rest/%s", rest + 1), body);
    if (rest && text_starts(path, "github:"))
        return ask_as(r, GITHUB_BOT, method, arena_fmt(r->arena, "/github/api/%s", rest + 1), body);
    return ask_as(r, NOBODY, method, path, body);
}

static inline const char *said(struct rig *r, const char *path)
{
    const char *text = json_text(json_path(r->json, path));
    return text ? text : "(none)";
}

static inline int64_t number(struct rig *r, const char *path)
{
    int64_t n = -1;
    (void)json_int(json_path(r->json, path), &n);
    return n;
}

/* Run the loop for a while; for what happens by timers. */
struct rig_wait {
    struct loop_timer timer;
    struct loop *loop;
};
static inline void rig_waited(struct loop_timer *t)
{
    loop_stop(CONTAINER(t, struct rig_wait, timer)->loop);
}
static inline void rig_turns(struct rig *r, int64_t ms)
{
    struct rig_wait w = {.loop = r->loop};
    loop_timer_start(r->loop, &w.timer, ms, rig_waited);
    loop_run(r->loop);
    loop_timer_stop(&w.timer);
}

#endif
