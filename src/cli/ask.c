#include "base/base.h"
#include "cli/ask.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "http/client.h"
#include "io/loop.h"

enum { ASK_TIMEOUT_MS = 60 * 1000 };

struct ask {
    struct loop *loop;
    struct http_response *response;
    struct err *error;
    int result;
};

const char *ask_socket(struct arena *a, const char *store_url)
{
    const char *path = strchr(store_url, ':');
    return arena_fmt(a, "%s.sock", path ? path + 1 : store_url);
}

static void ask_answered(void *ctx, const struct http_response *r, const struct err *e)
{
    struct ask *ask = ctx;
    if (r)
        *ask->response = *r;
    else if (ask->error)
        *ask->error = *e;
    ask->result = r ? 0 : -(int)e->class;
    loop_stop(ask->loop);
}

const char *ask_where(const struct command_line *line)
{
    const char *store;
    struct err e = {0};
    if (line->values[ASK_SOCKET])
        return line->values[ASK_SOCKET];
    if (source_store(line->arena, line->values[ASK_CONFIG], &store, &e) == 0)
        return ask_socket(line->arena, store);
    complain("%s", e.text);
    return NULL;
}

static int ask_put(struct arena *a, const char *socket_path, const struct http_request *question,
                   struct http_response *ret, struct err *e)
{
    struct loop *loop = loop_new();
    struct http_client *client = http_client_new(loop);
    http_client_use_unix(client, socket_path);
    struct http_request r = *question;
    r.url = http_join(a, "http://lockstep", question->url);
    if (r.body.n > 0)
        http_header_add(a, &r.headers, "Content-Type", "application/json");
    struct ask ask = {.loop = loop, .response = ret, .error = e};
    http_send(client, &r, ASK_TIMEOUT_MS, a, ask_answered, &ask);
    loop_run(loop);
    http_client_free(client);
    loop_free(loop);
    return ask.result;
}

enum exit_code ask_daemon(struct arena *a, const char *socket_path, const struct http_request *question,
                          struct progress *p, struct http_response *ret)
{
    const struct json *problem;
    struct err e = {0}, bad = {0};
    int rc = ask_put(a, socket_path, question, ret, &e);
    if (rc == 0 && ret->status < 300)
        return EXIT_DONE;
    if (p)
        progress_clear(p);
    if (rc < 0) {
        complain("no daemon answers at %s (%s); is \"lockstep serve\" running, and may you ask it?", socket_path,
                 e.text);
        return EXIT_FAILED;
    }
    const char *detail = json_parse(a, ret->body, &problem, &bad) == 0 ? json_text(json_get(problem, "detail")) : NULL;
    complain("%s", detail ? detail : "the daemon refused");
    return EXIT_REFUSED;
}
