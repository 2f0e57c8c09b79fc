#include "base/base.h"
#include "engine/redact.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/secret.h"
#include "base/text.h"
#include "http/message.h"

enum { REDACT_MIN_BYTES = 4, REDACT_TEXT_MAX = 64 * 1024 * 1024 };

struct redact {
    struct str *v; /* needles; wiped when freed */
    size_t n;
};

static bool redact_knows(const struct redact *r, struct str needle)
{
    for (size_t i = 0; i < r->n; i++)
        if (str_same(r->v[i], needle))
            return true;
    return false;
}

static void redact_add(struct redact *r, struct str needle)
{
    if (needle.n < REDACT_MIN_BYTES || redact_knows(r, needle))
        return;
    r->v = mem_grow(r->v, r->n + 1, sizeof *r->v);
    char *copy = mem_zero(needle.n + 1);
    memcpy(copy, needle.p, needle.n);
    r->v[r->n++] = (struct str){copy, needle.n};
}

/* A secret as it is and as it may be quoted back: escaped in a query. */
static void redact_add_secret(struct redact *r, const struct secret *s)
{
    struct str plain = secret_reveal(s);
    AUTO(text_auto) struct text escaped;
    text_init(&escaped, 3 * plain.n + 1);
    http_escape(&escaped, plain.p);
    redact_add(r, plain);
    if (!str_same(plain, text_str(&escaped)))
        redact_add(r, text_str(&escaped));
}

static void redact_add_table(struct redact *r, const struct opt_table *t, const void *of)
{
    for (size_t i = 0; i < t->n; i++) {
        const void *at = (const char *)of + t->opts[i].at;
        if (t->opts[i].type == OPT_SECRET && *(struct secret *const *)at)
            redact_add_secret(r, *(struct secret *const *)at);
        const struct secrets *many = at;
        for (size_t k = 0; t->opts[i].type == OPT_SECRETS && k < many->n; k++)
            redact_add_secret(r, many->v[k]);
        if (t->opts[i].type == OPT_TABLE)
            redact_add_table(r, t->opts[i].sub, at);
    }
}

struct redact *redact_new(void)
{
    return mem_zero(sizeof(struct redact));
}

void redact_config(struct redact *r, const struct config *c)
{
    redact_add_table(r, &conf_server_table, &c->server);
    for (size_t i = 0; i < c->n_trackers; i++) {
        redact_add_table(r, &conf_tracker_table, &c->trackers[i]);
        redact_add_table(r, c->trackers[i].kind->opts, c->trackers[i].own);
    }
}

void redact_free(struct redact *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++) {
        char *copy = (char *)(uintptr_t)r->v[i].p;
        mem_wipe(copy, r->v[i].n);
        mem_free(copy);
    }
    mem_free(r->v);
    mem_free(r);
}

static struct str redact_one(struct arena *a, struct str s, struct str needle)
{
    const char *hit = memmem(s.p, s.n, needle.p, needle.n);
    if (!hit)
        return s;
    AUTO(text_auto) struct text out;
    text_init(&out, REDACT_TEXT_MAX);
    for (; hit; hit = memmem(s.p, s.n, needle.p, needle.n)) {
        text_add(&out, (struct str){s.p, (size_t)(hit - s.p)});
        text_addz(&out, "***");
        s.n -= (size_t)(hit - s.p) + needle.n;
        s.p = hit + needle.n;
    }
    text_add(&out, s);
    return (struct str){arena_str(a, text_str(&out)), out.n};
}

struct str redact_text(const struct redact *r, struct arena *a, struct str s)
{
    for (size_t i = 0; s.n > 0 && i < r->n; i++)
        s = redact_one(a, s, r->v[i]);
    return s;
}
