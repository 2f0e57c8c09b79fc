/*
 * talk.h: conversations with a driver as tables: the request that must come, the answer that is given. Each finished
 * exchange is also appended as a JSON line to the file named by $EXCHANGES, for test/contract/jira_openapi.py.
 */
#ifndef TEST_TALK_H
#define TEST_TALK_H

#include <setjmp.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "conf/opt.h"
#include "tracker/driver.h"

struct exchange {
    const char *method;
    const char *target; /* behind the tracker's address, or a whole one */
    const char *body;   /* JSON that must be sent, "" none */
    enum http_effect effect;
    int status;
    const char *answer;
};

struct talk {
    const char *name;
    const struct change *change;
    struct fact_key want, also; /* also: when it has a ref */
    const char *other_url;
    int64_t look_since; /* not 0: look, not step */
    bool is_first;      /* that look */
    struct exchange said[17];
    const char *header, *value; /* a header of each answer */
    const char *links[17];      /* the header Link of the answer at that place */
    int rc;                     /* STEP_DONE or -class */
    const char *note;           /* part of the note; NULL: there must be none */
    const char *ref;            /* of what was made or found; NULL: none */
    bool unchanged;
    const char *error;                                                        /* part of the error's text */
    void (*holds)(const struct fact *f), (*holds_also)(const struct fact *f); /* also NULL: there must be none */
};

enum { TALK_NOW = 1795000000 };
#define TALK_NOW_MS ((int64_t)TALK_NOW * 1000)

#define talk_fail(...)                                                                                                 \
    do {                                                                                                               \
        print_error(__VA_ARGS__);                                                                                      \
        print_error("\n");                                                                                             \
        fail();                                                                                                        \
    } while (0)

struct place { /* a configured tracker */
    struct arena *arena;
    struct problems problems;
    struct conf_tracker conf;
};

/* Its own options are read from YAML, as they are in life. */
UNUSED static void place_open(struct place *p, const struct tracker_driver *d, const char *url, const char *yaml)
{
    const struct conf_source source = {0};
    p->arena = arena_new(16 << 20);
    problems_init(&p->problems, p->arena);
    const struct yaml *map = yaml_read(p->arena, "test.yaml", str_of(yaml), &p->problems);
    const struct opt_read r = {
        .arena = p->arena, .problems = &p->problems, .source = &source, .key = "trackers.test", .ignore = NULL};
    p->conf = (struct conf_tracker){.name = "test", .kind = &d->kind, .url = url};
    p->conf.own = arena_zero(p->arena, d->kind.opts->size);
    opts_read(d->kind.opts, map, &r, p->conf.own);
    if (p->problems.errors)
        talk_fail("options: %s", p->problems.v[0].text);
    if (d->kind.check)
        (d->kind.check)(p->conf.own, map, &r);
}

UNUSED static void place_close(struct place *p, const struct tracker_driver *d)
{
    opts_release(d->kind.opts, p->conf.own);
    arena_free(p->arena);
}

static void talk_record(const struct http_request *r, const struct exchange *x)
{
    const char *file = getenv("EXCHANGES");
    FILE *f = file ? fopen(file, "a") : NULL;
    if (!f)
        return;
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    text_init(&t, 1 << 20);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "method", r->method);
    json_put_text(&o, "url", r->url);
    if (r->body.n)
        json_put_raw(&o, "body", r->body);
    json_put_int(&o, "status", x->status);
    json_close(&o);
    fprintf(f, "%s\n", text_z(&t));
    fclose(f);
}

/* JSON written anew, so that spaces and escapes do not matter. */
static const char *talk_json(struct arena *a, struct str s)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct json *v = NULL;
    struct err e = {0};
    if (json_parse(a, s, &v, &e) < 0)
        talk_fail("not JSON: %s in %.*s", e.text, (int)s.n, s.p);
    text_init(&t, 1 << 20);
    json_start(&o, &t);
    json_put(&o, NULL, v);
    return arena_text(a, text_z(&t));
}

static void talk_compare(struct arena *a, const struct talk *t, const struct conf_tracker *conf, size_t i,
                         const struct http_request *r)
{
    const struct exchange *x = &t->said[i];
    if (!x->method)
        talk_fail("%s: one exchange too many: %s %s", t->name, r->method, r->url);
    const char *url = strstr(x->target, "://") ? x->target : arena_fmt(a, "%s%s", conf->url, x->target);
    if (strcmp(r->method, x->method) != 0 || strcmp(r->url, url) != 0)
        talk_fail("%s [%zu]: sent %s %s, expected %s %s", t->name, i, r->method, r->url, x->method, url);
    if (r->effect != x->effect)
        talk_fail("%s [%zu]: effect %d, expected %d", t->name, i, (int)r->effect, (int)x->effect);
    const char *want = x->body && x->body[0] ? talk_json(a, str_of(x->body)) : "";
    const char *sent = r->body.n ? talk_json(a, r->body) : "";
    if (strcmp(want, sent) != 0)
        talk_fail("%s [%zu]: sent body\n%s\nexpected\n%s", t->name, i, sent, want);
    if (r->body.n && !text_same(http_header_get(&r->headers, "Content-Type"), "application/json"))
        talk_fail("%s [%zu]: no Content-Type", t->name, i);
}

static void talk_answer(struct arena *a, const struct talk *t, size_t i, struct http_response *ret)
{
    const struct exchange *x = &t->said[i];
    *ret = (struct http_response){.status = x->status, .received_ms = TALK_NOW_MS};
    ret->body = str_of(arena_text(a, x->answer ? x->answer : ""));
    if (t->header)
        http_header_add(a, &ret->headers, t->header, t->value);
    if (t->links[i])
        http_header_add(a, &ret->headers, "Link", t->links[i]);
}

static void talk_part(const struct talk *t, const char *what, const char *got, const char *part)
{
    if (!part ? got != NULL : !got || !strstr(got, part))
        talk_fail("%s: %s is \"%s\", expected \"%s\"", t->name, what, got ? got : "(none)", part ? part : "(none)");
}

static void talk_judge_also(const struct talk *t, const struct tracker_result *ret)
{
    if (!ret->also != !t->holds_also)
        talk_fail("%s: what was asked along is %s", t->name, ret->also ? "there" : "not there");
    if (ret->also)
        t->holds_also(ret->also);
}

static void talk_judge(const struct talk *t, int rc, const struct tracker_result *ret, const struct err *e)
{
    if (rc != t->rc)
        talk_fail("%s: ended with %d (%s %s), expected %d", t->name, rc, err_class_name(e->class), e->text, t->rc);
    talk_judge_also(t, ret);
    if (rc < 0) {
        talk_part(t, "error", e->text, t->error ? t->error : "");
        assert_int_equal(rc, -(int)e->class);
        return;
    }
    talk_part(t, "note", ret->note, t->note);
    if (!text_same(ret->ref, t->ref))
        talk_fail("%s: ref is %s, expected %s", t->name, ret->ref ? ret->ref : "(none)", t->ref ? t->ref : "(none)");
    if (ret->unchanged != t->unchanged)
        talk_fail("%s: unchanged is %d", t->name, ret->unchanged);
    if (!t->change && !ret->fact)
        talk_fail("%s: no fact", t->name);
    if (t->holds)
        t->holds(ret->fact);
}

static void talk_run(const struct tracker_driver *d, const struct conf_tracker *conf, const struct talk *t)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    struct tracker_call c = {.conf = conf, .arena = a, .now_ms = TALK_NOW_MS, .change = t->change};
    struct tracker_state st = {0};
    struct tracker_result ret = {0};
    struct http_request next = {0};
    struct http_response answer, *prev = NULL;
    struct err e = {0};
    c.want = t->change ? NULL : &t->want;
    c.also = t->also.ref ? &t->also : NULL;
    c.other_url = t->other_url;
    c.since_ms = c.until_ms = t->look_since;
    c.is_first = t->is_first;
    if (t->is_first)
        c.until_ms = TALK_NOW_MS;
    for (size_t i = 0;; i++) {
        int rc = t->look_since ? d->look(&c, &st, prev, &next, &ret, &e) : d->step(&c, &st, prev, &next, &ret, &e);
        if (rc != STEP_SEND) {
            if (t->said[i].method)
                talk_fail("%s: ended before %s %s (%s %s)", t->name, t->said[i].method, t->said[i].target, e.text,
                          ret.note ? ret.note : "");
            talk_judge(t, rc, &ret, &e);
            return;
        }
        talk_compare(a, t, conf, i, &next);
        talk_record(&next, &t->said[i]);
        talk_answer(a, t, i, &answer);
        prev = &answer;
        st.note = arena_text(a, st.note);
    }
}

UNUSED static void talk_all(const struct tracker_driver *d, const struct conf_tracker *conf, const struct talk *t,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        talk_run(d, conf, &t[i]);
}

#endif
