#include "base/base.h"
#include "base/secret.h"

struct secret {
    size_t n;
    char p[]; /* terminated */
};

struct secret *secret_new(struct str value)
{
    struct secret *s = mem_zero(sizeof *s + value.n + 1);
    s->n = value.n;
    if (value.n)
        memcpy(s->p, value.p, value.n);
    return s;
}

void secret_free(struct secret *s)
{
    if (!s)
        return;
    mem_wipe(s, sizeof *s + s->n);
    mem_free(s);
}

void secret_auto(struct secret **s)
{
    secret_free(*s);
}

bool secret_same(const struct secret *s, struct str given)
{
    if (!s || s->n == 0)
        return false;
    volatile unsigned char differs = s->n != given.n;
    for (size_t i = 0; i < given.n; i++) {
        size_t in_range = (size_t)0 - (size_t)(i < s->n); /* all ones or 0: the same reads whatever matches */
        differs = (unsigned char)(differs | (s->p[i & in_range] ^ given.p[i]));
    }
    return differs == 0;
}

struct str secret_reveal(const struct secret *s)
{
    return s ? (struct str){s->p, s->n} : STR("");
}
