#include "base/base.h"
#include "cli/source.h"
#include "base/arena.h"
#include "base/text.h"
#include "http/client.h"
#include "io/file.h"
#include "io/loop.h"
#include "rule/decide.h"
#include "tracker/driver.h"

enum { SOURCE_BYTES = 16 * 1024 * 1024, SOURCE_TIMEOUT_MS = 10 * 1000, SOURCE_ARENA_BYTES = 512 * 1024 * 1024 };

const struct conf_kinds conf_kinds_all = {tracker_kinds, rule_conf_kinds};

struct source_fetch {
    struct loop *loop;
    struct str body;
    struct err *error;
    const char *url;
    int result;
};

static void source_fetched(void *ctx, const struct http_response *r, const struct err *e)
{
    struct source_fetch *f = ctx;
    if (!r && f->error)
        *f->error = *e;
    if (!r)
        f->result = -(int)e->class;
    else if (r->status != 200)
        f->result = fail_code(f->error, r->status == 404 ? ERR_MISSING : ERR_CONFIG, r->status, "%s answers HTTP %d",
                              f->url, r->status);
    else
        f->body = r->body;
    loop_stop(f->loop);
}

static int source_read_url(struct arena *a, const char *url, struct str *ret, struct err *e)
{
    struct loop *loop = loop_new();
    struct http_client *client = http_client_new(loop);
    const struct http_request r = {.method = "GET", .url = url};
    struct source_fetch f = {.loop = loop, .error = e, .url = url};
    http_send(client, &r, SOURCE_TIMEOUT_MS, a, source_fetched, &f);
    loop_run(loop);
    http_client_free(client);
    loop_free(loop);
    if (f.result == 0)
        *ret = f.body;
    return f.result;
}

static int source_read(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    (void)ctx;
    if (text_starts(path, "http://") || text_starts(path, "https://"))
        return source_read_url(a, path, ret, e);
    return file_read(a, path, SOURCE_BYTES, ret, e);
}

static const char *source_env(void *ctx, const char *name)
{
    (void)ctx;
    return env_get(name);
}

const struct conf_source conf_source_system = {source_read, source_env, NULL};

struct config *source_config(const char *file, struct text *to, size_t *ret_warnings)
{
    AUTO(arena_auto) struct arena *a = arena_new(SOURCE_ARENA_BYTES);
    struct problems p;
    problems_init(&p, a);
    struct config *c = config_read(file, &conf_kinds_all, &conf_source_system, &p);
    for (size_t i = 0; i < p.n; i++)
        problem_write(&p.v[i], to);
    *ret_warnings = p.n - p.errors;
    return c;
}

int source_store(struct arena *a, const char *file, const char **ret, struct err *e)
{
    struct problems p;
    problems_init(&p, a);
    file = file ? file : "lockstep.yaml";
    const char *store = config_read_store(a, file, &conf_source_system, &p);
    if (store) {
        *ret = store;
        return 0;
    }
    AUTO(text_auto) struct text t;
    text_init(&t, SOURCE_BYTES);
    if (p.n > 0)
        problem_write(&p.v[0], &t);
    return fail(e, ERR_CONFIG, "%s", p.n > 0 ? arena_str(a, str_trim(text_str(&t))) : "there is no store");
}
