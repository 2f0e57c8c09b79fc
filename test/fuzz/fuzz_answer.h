/* fuzz_answer.h: a conversation with a driver whose other side is made of the fuzzer's bytes. */
#ifndef FUZZ_ANSWER_H
#define FUZZ_ANSWER_H

#include "base/arena.h"
#include "base/secret.h"
#include "base/text.h"
#include "tracker/driver.h"

struct fuzz_in {
    const uint8_t *p;
    size_t n;
};

static unsigned fuzz_byte(struct fuzz_in *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

static struct str fuzz_body(struct arena *a, struct fuzz_in *in)
{
    const uint8_t *end = in->n ? memchr(in->p, 0, in->n) : NULL;
    size_t n = end ? (size_t)(end - in->p) : in->n;
    struct str s = {(const char *)in->p, n};
    in->p += end ? n + 1 : n;
    in->n -= end ? n + 1 : n;
    return (struct str){arena_str(a, s), n};
}

struct fuzz_talk {
    const struct tracker_call *c;
    bool looks;
    struct tracker_state st;
    struct tracker_result ret;
    struct http_request next;
    struct http_response answer; /* to be filled each time */
    bool has_answer;
};

/* One step. False: it has ended, properly. */
static bool fuzz_goes_on(const struct tracker_driver *d, struct fuzz_talk *f)
{
    struct err e = {0};
    const struct http_response *prev = f->has_answer ? &f->answer : NULL;
    int rc = f->looks ? d->look(f->c, &f->st, prev, &f->next, &f->ret, &e)
                      : d->step(f->c, &f->st, prev, &f->next, &f->ret, &e);
    f->has_answer = true;
    if (rc < 0)
        check((enum err_class) - rc == e.class && e.text[0] != '\0');
    return rc == STEP_SEND;
}

#endif
