/* The listener: one request in, faults applied, handed to its service, logged, answered. */
#include "base/base.h"

#include "sandbox/sandbox.h"

#include "sandbox/sandbox_private.h"
#include "sandbox/serve_private.h"

enum { SANDBOX_CONNECTIONS = 4096, SANDBOX_HEADER_BYTES = 64 * 1024 };
static const int64_t SANDBOX_REQUEST_MS = 7200000, SANDBOX_IDLE_MS = 600000;
static const size_t SANDBOX_ARENA_BYTES = (size_t)2 * 1024 * 1024 * 1024;

/* An answer, or a whole request, that waits for its time. */
struct sandbox_held {
    struct loop_timer timer;
    struct list link;
    struct sandbox *s;
    struct http_exchange *x;
    enum { HELD_SERVE, HELD_REPLY, HELD_CUT } then;
    const struct http_request *request;
    int status;
    struct http_headers headers;
    struct text body;
};

static void sandbox_serve(struct sandbox *s, struct http_exchange *x, const struct http_request *r,
                          const struct sandbox_fault *fault);

static void held_free(void *p)
{
    struct sandbox_held *h = p;
    text_free(&h->body);
    mem_free(h);
}

static void held_end(struct sandbox_held *h)
{
    loop_timer_stop(&h->timer);
    list_remove(&h->link);
    struct http_exchange *x = h->x;
    if (h->then == HELD_SERVE)
        sandbox_serve(h->s, x, h->request, NULL);
    else if (h->then == HELD_REPLY)
        http_reply(x, h->status, &h->headers, text_str(&h->body));
    else
        http_cut(x);
    loop_free_later(h->s->loop, h, held_free);
}

static void held_fire(struct loop_timer *t)
{
    held_end(CONTAINER(t, struct sandbox_held, timer));
}

static struct sandbox_held *held_new(struct sandbox *s, struct http_exchange *x, int64_t delay_ms)
{
    struct sandbox_held *h = mem_zero(sizeof *h);
    h->s = s;
    h->x = x;
    text_init(&h->body, SANDBOX_ANSWER_BYTES);
    list_add(&s->held, &h->link);
    loop_timer_start(s->loop, &h->timer, delay_ms, held_fire);
    return h;
}

static void held_reply(struct sandbox_call *c, struct http_exchange *x, int64_t delay_ms)
{
    struct sandbox_held *h = held_new(c->s, x, delay_ms);
    struct arena *a = http_exchange_arena(x);
    h->then = HELD_REPLY;
    h->status = c->status;
    for (size_t i = 0; i < c->headers.n; i++)
        http_header_add(a, &h->headers, arena_text(a, c->headers.v[i].name), arena_text(a, c->headers.v[i].value));
    text_add(&h->body, text_str(c->out));
}

void sandbox_release_held(struct sandbox *s)
{
    LIST_EACH (it, &s->held) {
        struct sandbox_held *h = CONTAINER(it, struct sandbox_held, link);
        if (h->then == HELD_CUT)
            held_end(h);
    }
}

static const char *sandbox_path_below(const char *path, const char *prefix)
{
    return text_starts(path, prefix) ? path + strlen(prefix) : NULL;
}

static enum sandbox_service sandbox_service_of(const char *path)
{
    if (text_starts(path, "/jira"))
        return SANDBOX_JIRA;
    if (text_starts(path, "/github"))
        return SANDBOX_GITHUB;
    return text_starts(path, "/bugzilla") ? SANDBOX_BUGZILLA : SANDBOX_CONTROL;
}

/* The Host header, if it is a plain name and port. */
static const char *sandbox_base(struct sandbox_call *c)
{
    const char *host = http_header_get(&c->request->headers, "Host");
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    if (text_blank(host) || strlen(host) > 200 || host[strspn(host, plain)])
        return c->s->base;
    return arena_fmt(c->arena, "http://%s", host);
}

static void sandbox_call_init(struct sandbox_call *c, struct sandbox *s, const struct http_request *r)
{
    arena_reset(s->arena);
    text_reset(&s->out);
    *c = (struct sandbox_call){.s = s, .arena = s->arena, .request = r, .status = 500, .out = &s->out};
    c->path = arena_str(s->arena, (struct str){r->url, strcspn(r->url, "?#")});
    if (c->path[0] != '/')
        c->path = "/";
    c->service = sandbox_service_of(c->path);
    c->is_write = strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0;
    c->is_write &= !sg_is_query(c);
    c->now_ms = loop_now_ms(s->loop);
    c->base = sandbox_base(c);
}

static void sandbox_not_found(struct sandbox_call *c, bool is_known)
{
    text_addz(sandbox_plain(c, is_known ? 405 : 404, "text/plain"), is_known ? "method not allowed\n" : "not found\n");
}

static void sandbox_control(struct sandbox_call *c, const char *below)
{
    struct err e = {0};
    bool is_known = false;
    if (c->request->body.n && json_parse(c->arena, c->request->body, &c->body, &e) != 0)
        text_addf(sandbox_plain(c, 400, "text/plain"), "%s\n", e.text);
    else if (!sandbox_run_route(c, sandbox_control_routes, sandbox_control_count, below, &is_known))
        sandbox_not_found(c, is_known);
}

static void sandbox_dispatch(struct sandbox_call *c)
{
    static const char *const versions[] = {"/jira/rest/api/2/", "/jira/rest/api/3/", "/jira/rest/api/latest/"};
    bool is_known = false;
    for (size_t i = 0; i < COUNT(versions); i++) {
        const char *below = sandbox_path_below(c->path, versions[i]);
        if (below) {
            c->adf = i == 1;
            sj_serve(c, below);
            return;
        }
    }
    const char *below = sandbox_path_below(c->path, "/bugzilla/rest/");
    const char *github = sandbox_path_below(c->path, "/github/api/");
    const char *control = sandbox_path_below(c->path, "/_sandbox/");
    if (below)
        sb_serve(c, below);
    else if (github)
        sg_serve(c, github);
    else if (control)
        sandbox_control(c, control);
    else if (!sandbox_run_route(c, sandbox_page_routes, sandbox_page_count, c->path + 1, &is_known))
        sandbox_not_found(c, is_known);
}

bool sandbox_run_route(struct sandbox_call *c, const struct sandbox_route *rows, size_t n, const char *below,
                       bool *ret_known)
{
    const struct sandbox_route *row = sandbox_route_find(rows, n, below, c, ret_known);
    if (!row)
        return false;
    if (row->flags & SANDBOX_READS)
        c->is_write = false;
    row->handle(c);
    return true;
}

static const char *sandbox_query_of(const struct sandbox_call *c)
{
    const char *mark = strchr(c->request->url, '?');
    return mark ? mark + 1 : "";
}

static struct sandbox_entry *sandbox_note_in(struct sandbox_log *l, const struct sandbox_call *c)
{
    struct sandbox_entry *e = sandbox_log_add(l);
    e->at_ms = c->now_ms;
    e->service = c->service;
    e->status = c->status;
    e->method = mem_text(c->request->method);
    e->path = mem_text(c->path);
    e->query = mem_text(sandbox_query_of(c));
    e->body = c->request->body.n ? mem_text(arena_str(c->arena, c->request->body)) : NULL;
    return e;
}

/* What has been asked, in both logs. An answer is withheld when the client never gets all of it. */
static void sandbox_note(struct sandbox_call *c, const struct sandbox_fault *fault, int real_status)
{
    if (c->service == SANDBOX_CONTROL)
        return;
    struct sandbox *s = c->s;
    bool is_run = !fault || fault->apply;
    bool is_whole = !fault || fault->kind == SANDBOX_FAULT_SLOW || fault->kind == SANDBOX_FAULT_HEADERS;
    bool is_withheld = !is_whole && (is_run || fault->kind != SANDBOX_FAULT_STATUS);
    struct sandbox_entry *e = sandbox_note_in(&s->exchanges, c);
    e->applied = is_run && real_status < 400;
    e->withheld = is_withheld;
    e->answer = c->out->n ? mem_text(text_z(c->out)) : NULL;
    sandbox_log_weigh(&s->exchanges, e);
    if (!c->is_write)
        return;
    e = sandbox_note_in(&s->writes, c);
    e->status = is_run ? real_status : c->status;
    e->applied = is_run && real_status < 400;
    e->withheld = is_withheld;
    sandbox_log_weigh(&s->writes, e);
    for (size_t i = 0; i < SANDBOX_TOUCHED; i++)
        sandbox_touched(c->touched[i], e->seq);
}

static void sandbox_send(struct sandbox_call *c, struct http_exchange *x)
{
    if (c->type)
        http_header_add(c->arena, &c->headers, "Content-Type", c->type);
    if (c->s->settings.latency_ms > 0 && c->service != SANDBOX_CONTROL)
        held_reply(c, x, c->s->settings.latency_ms);
    else
        http_reply(x, c->status, &c->headers, text_str(c->out));
}

static void sandbox_send_faulty(struct sandbox_call *c, struct http_exchange *x, const struct sandbox_fault *f)
{
    if (f->kind == SANDBOX_FAULT_HANG) {
        held_new(c->s, x, f->delay_ms)->then = HELD_CUT;
        return;
    }
    if (f->kind == SANDBOX_FAULT_CLOSE) {
        http_cut(x);
        return;
    }
    if (c->type)
        http_header_add(c->arena, &c->headers, "Content-Type", c->type);
    if (f->kind == SANDBOX_FAULT_LATE || f->kind == SANDBOX_FAULT_SLOW)
        held_reply(c, x, f->delay_ms);
    else if (f->kind == SANDBOX_FAULT_CUT)
        http_reply_cut(x, c->status, &c->headers, text_str(c->out), c->out->n / 2);
    else
        http_reply(x, c->status, &c->headers, text_str(c->out));
}

static void sandbox_serve(struct sandbox *s, struct http_exchange *x, const struct http_request *r,
                          const struct sandbox_fault *fault)
{
    struct sandbox_call c;
    sandbox_call_init(&c, s, r);
    bool is_run = !fault || fault->apply;
    if (is_run && sandbox_limits_take(&c))
        sandbox_dispatch(&c);
    int real_status = c.status;
    sandbox_limits_headers(&c);
    if (fault && fault->kind == SANDBOX_FAULT_HEADERS)
        sandbox_faults_headers(fault, &c);
    if (fault && (!is_run || fault->kind == SANDBOX_FAULT_STATUS))
        sandbox_faults_answer(fault, &c);
    sandbox_note(&c, fault, real_status);
    if (fault)
        sandbox_send_faulty(&c, x, fault);
    else
        sandbox_send(&c, x);
}

static void sandbox_request(void *ctx, struct http_exchange *x, const struct http_request *r)
{
    struct sandbox *s = ctx;
    s->requests++;
    struct sandbox_call c;
    sandbox_call_init(&c, s, r);
    const struct sandbox_fault *fault = c.service == SANDBOX_CONTROL ? NULL : sandbox_faults_match(&s->faults, &c);
    if (fault && fault->kind == SANDBOX_FAULT_SLOW && fault->apply) {
        struct sandbox_held *h = held_new(s, x, fault->delay_ms);
        h->then = HELD_SERVE;
        h->request = r;
        return;
    }
    sandbox_serve(s, x, r, fault);
}

static const struct sandbox_settings sandbox_usual = {.hook_retry_ms = 5000,
                                                      .hook_error_limit = 100,
                                                      .jira_window_ms = 1000,
                                                      .github_window_ms = 3600000,
                                                      .github_writes_ms = 60000};

int sandbox_reset(struct sandbox *s, const struct json *seed, struct err *e)
{
    struct arena *a = arena_new(SANDBOX_ARENA_BYTES);
    int rc = seed ? 0 : json_parse(a, str_of(s->seed), &seed, e);
    if (rc == 0 && json_kind(seed) != JSON_OBJECT)
        rc = fail(e, ERR_INPUT, "expected a JSON object");
    if (rc == 0) {
        sj_site_free(s->jira);
        sb_site_free(s->bugzilla);
        sg_site_free(s->github);
        sandbox_faults_clear(&s->faults);
        sandbox_release_held(s);
        sandbox_log_free(&s->writes);
        sandbox_log_free(&s->exchanges);
        sandbox_log_init(&s->writes, SANDBOX_WRITES, SANDBOX_WRITES_BYTES);
        sandbox_log_init(&s->exchanges, SANDBOX_EXCHANGES, SANDBOX_EXCHANGES_BYTES);
        s->settings = sandbox_usual;
        s->window = (struct sandbox_window){0};
        memset(s->github_windows, 0, sizeof s->github_windows);
        sandbox_settings_read(&s->settings, json_get(seed, "settings"));
        s->jira = sj_site_new(s, json_get(seed, "jira"));
        s->bugzilla = sb_site_new(s, json_get(seed, "bugzilla"));
        s->github = sg_site_new(s, json_get(seed, "github"));
    }
    arena_free(a);
    return rc;
}

static char *sandbox_own_base(const char *listen, int port)
{
    struct text t;
    text_init(&t, 512);
    const char *colon = strrchr(listen, ':');
    bool is_any = text_starts(listen, "0.0.0.0") || text_starts(listen, "[::]");
    if (text_starts(listen, "unix:") || !colon || colon == listen || is_any)
        text_addz(&t, "http://localhost");
    else
        text_addf(&t, "http://%.*s", (int)(colon - listen), listen);
    if (port)
        text_addf(&t, ":%d", port);
    char *base = mem_text(text_z(&t));
    text_free(&t);
    return base;
}

int sandbox_new(struct sandbox **ret, struct loop *loop, const struct sandbox_conf *conf, struct err *e)
{
    struct sandbox *s = mem_zero(sizeof *s);
    s->loop = loop;
    s->arena = arena_new(SANDBOX_ARENA_BYTES);
    s->seed = conf->seed ? mem_text(conf->seed) : sandbox_seed_text();
    text_init(&s->out, SANDBOX_ANSWER_BYTES);
    list_init(&s->held);
    struct http_server_conf server = {.listen = conf->listen,
                                      .header_bytes = SANDBOX_HEADER_BYTES,
                                      .body_bytes = SANDBOX_BODY_BYTES,
                                      .connections = SANDBOX_CONNECTIONS,
                                      .request_ms = SANDBOX_REQUEST_MS,
                                      .idle_ms = SANDBOX_IDLE_MS,
                                      .body = sandbox_request,
                                      .ctx = s};
    int rc = http_server_new(&s->server, loop, &server, e);
    if (rc == 0) {
        s->base = sandbox_own_base(conf->listen, http_server_port(s->server));
        rc = sandbox_reset(s, NULL, e);
        if (rc != 0)
            rc = err_within(e, "sandbox seed");
    }
    if (rc == 0)
        *ret = s;
    else
        sandbox_free(s);
    return rc;
}

void sandbox_free(struct sandbox *s)
{
    if (!s)
        return;
    LIST_EACH (it, &s->held) {
        struct sandbox_held *h = CONTAINER(it, struct sandbox_held, link);
        loop_timer_stop(&h->timer);
        list_remove(it);
        loop_free_later(s->loop, h, held_free);
    }
    http_server_free(s->server);
    sj_site_free(s->jira);
    sb_site_free(s->bugzilla);
    sg_site_free(s->github);
    sandbox_faults_clear(&s->faults);
    sandbox_log_free(&s->writes);
    sandbox_log_free(&s->exchanges);
    text_free(&s->out);
    arena_free(s->arena);
    mem_free(s->base);
    mem_free(s->seed);
    mem_free(s);
}

int sandbox_port(const struct sandbox *s)
{
    return http_server_port(s->server);
}
