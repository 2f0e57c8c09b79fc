#include "base/base.h"
#include "engine/trace.h"
#include "base/arena.h"
#include "base/when.h"
#include "engine/redact.h"

enum { TRACE_BODY_BYTES = 16 * 1024, TRACE_EXCHANGES_BYTES = 1024 * 1024, TRACE_SCRATCH_BYTES = 256 * 1024 * 1024 };

void trace_init(struct trace *t, const struct redact *redact)
{
    *t = (struct trace){.redact = redact};
    text_init(&t->exchanges, TRACE_EXCHANGES_BYTES);
}

void trace_free(struct trace *t)
{
    text_free(&t->exchanges);
}

/* The URL without its query when a credential is in it. */
static struct str trace_url(const struct http_request *r)
{
    const char *query = r->url_is_secret ? strchr(r->url, '?') : NULL;
    return query ? (struct str){r->url, (size_t)(query - r->url)} : str_of(r->url);
}

static void trace_put(const struct trace *t, struct json_out *o, const char *key, struct str s)
{
    AUTO(arena_auto) struct arena *a = arena_new(TRACE_SCRATCH_BYTES);
    if (s.n > 0)
        json_put_str(o, key, redact_text(t->redact, a, s));
}

/* Redacted before it is cut, so that a cut never leaves a piece of a secret. */
static void trace_put_body(const struct trace *t, struct json_out *o, const char *key, struct str body)
{
    AUTO(arena_auto) struct arena *a = arena_new(TRACE_SCRATCH_BYTES);
    struct str shown = redact_text(t->redact, a, body);
    if (shown.n > TRACE_BODY_BYTES) {
        json_put_int(o, "cut_bytes", (int64_t)(shown.n - TRACE_BODY_BYTES));
        shown.n = TRACE_BODY_BYTES;
    }
    if (shown.n > 0)
        json_put_str(o, key, shown);
}

static void trace_answer(const struct trace *t, struct json_out *o, const struct http_response *r)
{
    json_open(o, "answer", '{');
    json_put_int(o, "status", r->status);
    trace_put_body(t, o, "body", r->body);
    json_close(o);
}

static void trace_exchange_write(const struct trace *t, const struct exchange *x, struct json_out *o)
{
    char at[WHEN_TEXT_BYTES];
    json_put_text(o, "tracker", x->tracker);
    json_put_text(o, "purpose", x->purpose);
    json_put_text(o, "at", when_text(x->at_ms, at));
    json_put_int(o, "took_ms", x->took_ms);
    json_put_text(o, "method", x->request->method);
    trace_put(t, o, "url", trace_url(x->request));
    trace_put_body(t, o, "body", x->request->body);
    if (x->response)
        trace_answer(t, o, x->response);
    if (x->error)
        trace_put(t, o, "error", str_of(x->error->text));
}

void trace_exchange(struct trace *t, const struct exchange *x)
{
    size_t before = t->exchanges.n;
    struct json_out o;
    json_start(&o, &t->exchanges);
    if (t->n_exchanges > 0)
        text_addc(&t->exchanges, ',');
    json_open(&o, NULL, '{');
    trace_exchange_write(t, x, &o);
    json_close(&o);
    if (text_full(&t->exchanges)) { /* a part of an item is no JSON: leave it out and count it */
        text_cut(&t->exchanges, before);
        t->n_dropped++;
        return;
    }
    t->n_exchanges++;
}

static void trace_put_facts(struct json_out *o, const struct facts *facts)
{
    json_open(o, "facts", '[');
    for (size_t i = 0; i < facts->n; i++) {
        json_open(o, NULL, '{');
        field_write(&fact_table, facts->v[i], o);
        json_close(o);
    }
    json_close(o);
}

static void trace_put_object(struct json_out *o, const char *key, const struct field_table *t, const void *of)
{
    if (!of)
        return;
    json_open(o, key, '{');
    field_write(t, of, o);
    json_close(o);
}

void trace_write(const struct trace *t, const struct trace_parts *parts, struct text *to)
{
    AUTO(arena_auto) struct arena *a = arena_new(TRACE_SCRATCH_BYTES);
    AUTO(text_auto) struct text whole;
    text_init(&whole, to->max);
    struct json_out o;
    json_start(&o, &whole);
    json_open(&o, NULL, '{');
    if (parts->facts)
        trace_put_facts(&o, parts->facts);
    trace_put_object(&o, "decision", &decision_table, parts->decision);
    json_open(&o, "effects", '[');
    for (size_t i = 0; parts->effects && i < parts->effects->n; i++)
        json_put_text(&o, NULL, parts->effects->v[i]);
    json_close(&o);
    json_open(&o, "exchanges", '[');
    if (t->exchanges.n > 0)
        json_put_raw(&o, NULL, text_str(&t->exchanges));
    json_close(&o);
    json_put_int(&o, "exchanges_left_out", (int64_t)t->n_dropped);
    json_close(&o);
    text_add(to, text_full(&whole) ? STR("{\"error\":\"the trace was too large to keep\"}")
                                   : redact_text(t->redact, a, text_str(&whole)));
}
