/* Logs of what came in: rings, so that the sandbox may run for weeks. */
#include "base/base.h"

#include "sandbox/sandbox_private.h"

enum { TRAFFIC_PAGE = 1000 };

static void log_entry_drop(struct sandbox_log *l, struct sandbox_entry *e)
{
    l->bytes -= e->bytes;
    mem_free(e->method);
    mem_free(e->path);
    mem_free(e->query);
    mem_free(e->body);
    mem_free(e->answer);
    *e = (struct sandbox_entry){0};
    l->n--;
}

static struct sandbox_entry *log_entry_at(const struct sandbox_log *l, uint64_t seq)
{
    return &l->v[seq % l->room];
}

static void log_drop_oldest(struct sandbox_log *l)
{
    log_entry_drop(l, log_entry_at(l, l->last - l->n + 1));
}

void sandbox_log_init(struct sandbox_log *l, size_t entries, size_t max_bytes)
{
    *l = (struct sandbox_log){.room = entries, .max_bytes = max_bytes};
    l->v = mem_zero(entries * sizeof *l->v);
}

void sandbox_log_free(struct sandbox_log *l)
{
    while (l->n)
        log_drop_oldest(l);
    mem_free(l->v);
    *l = (struct sandbox_log){0};
}

struct sandbox_entry *sandbox_log_add(struct sandbox_log *l)
{
    if (l->n == l->room)
        log_drop_oldest(l);
    l->n++;
    struct sandbox_entry *e = log_entry_at(l, ++l->last);
    *e = (struct sandbox_entry){.seq = l->last};
    return e;
}

static size_t log_text_bytes(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

void sandbox_log_weigh(struct sandbox_log *l, struct sandbox_entry *e)
{
    e->bytes = log_text_bytes(e->path) + log_text_bytes(e->query) + log_text_bytes(e->body) + log_text_bytes(e->answer);
    l->bytes += e->bytes;
    while (l->bytes > l->max_bytes && l->n > 1)
        log_drop_oldest(l);
}

const struct sandbox_entry *sandbox_log_get(const struct sandbox_log *l, uint64_t seq)
{
    if (seq == 0 || seq > l->last || seq + l->n <= l->last)
        return NULL;
    return log_entry_at(l, seq);
}

/* A body is shown as JSON when it is JSON, else as text. */
static void log_put_body(struct json_out *o, const char *key, const char *body)
{
    struct arena *a = arena_new(SIZE_MAX / 2);
    const struct json *tree = NULL;
    if (body && json_parse(a, str_of(body), &tree, NULL) == 0)
        json_put(o, key, tree);
    else
        json_put_text(o, key, body);
    arena_free(a);
}

void sandbox_log_entry(struct json_out *o, const struct sandbox_entry *e, bool with_answer)
{
    char time[WHEN_TEXT_BYTES];
    json_open(o, NULL, '{');
    json_put_int(o, "seq", (int64_t)e->seq);
    json_put_text(o, "time", when_text(e->at_ms, time));
    json_put_text(o, "service", sandbox_service_name(e->service));
    json_put_text(o, "method", e->method);
    json_put_text(o, "path", e->path);
    json_put_text(o, "query", e->query);
    log_put_body(o, "body", e->body);
    json_put_int(o, "status", e->status);
    json_put_bool(o, "applied", e->applied);
    json_put_bool(o, "withheld", e->withheld);
    if (with_answer)
        log_put_body(o, "answer", e->answer);
    json_close(o);
}

static void traffic_list(struct sandbox_call *c, const struct sandbox_log *l, const char *name, bool with_answer)
{
    uint64_t after = (uint64_t)sandbox_query_int(c, "after", 0, INT64_MAX);
    int64_t limit = sandbox_query_int(c, "limit", TRAFFIC_PAGE, 100 * TRAFFIC_PAGE);
    uint64_t oldest = l->last - l->n + 1;
    uint64_t seq = after + 1 > oldest ? after + 1 : oldest;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "last", (int64_t)l->last);
    json_put_int(o, "oldest", l->n ? (int64_t)oldest : 0);
    json_open(o, name, '[');
    for (; seq <= l->last && limit > 0; seq++, limit--)
        sandbox_log_entry(o, log_entry_at(l, seq), with_answer);
    json_close(o);
    json_put_bool(o, "more", seq <= l->last);
    json_close(o);
}

void sandbox_traffic_writes(struct sandbox_call *c)
{
    traffic_list(c, &c->s->writes, "writes", false);
}

void sandbox_traffic_exchanges(struct sandbox_call *c)
{
    traffic_list(c, &c->s->exchanges, "exchanges", true);
}
