/* Rules that make the sandbox misbehave. The first rule that matches and is not used up counts. */
#include "base/base.h"

#include "sandbox/sandbox_private.h"

enum { FAULTS_MAX = 200, FAULT_HEADERS = 32 };
static const int64_t FAULT_HANG_MS = 3600000;

static const struct fault_kind_row {
    const char *name;
    enum sandbox_fault_kind kind;
    bool apply; /* default: has the request taken effect? */
} fault_kinds[] = {
    {"status", SANDBOX_FAULT_STATUS, false},  {"hang", SANDBOX_FAULT_HANG, false},
    {"close", SANDBOX_FAULT_CLOSE, false},    {"cut", SANDBOX_FAULT_CUT, true},
    {"late", SANDBOX_FAULT_LATE, true},       {"slow", SANDBOX_FAULT_SLOW, true},
    {"headers", SANDBOX_FAULT_HEADERS, true},
};

static const struct fault_kind_row *fault_kind_by_name(const char *name)
{
    for (size_t i = 0; name && i < COUNT(fault_kinds); i++)
        if (strcmp(fault_kinds[i].name, name) == 0)
            return &fault_kinds[i];
    return NULL;
}

static const char *fault_kind_name(enum sandbox_fault_kind kind)
{
    for (size_t i = 0; i < COUNT(fault_kinds); i++)
        if (fault_kinds[i].kind == kind)
            return fault_kinds[i].name;
    return "none";
}

void sandbox_faults_clear(struct sandbox_faults *f)
{
    for (size_t i = 0; i < f->n; i++) {
        struct sandbox_fault *it = &f->v[i];
        mem_free(it->service);
        mem_free(it->method);
        mem_free(it->glob);
        mem_free(it->body);
        mem_free(it->contains);
        for (size_t h = 0; h < it->headers.n; h++)
            mem_free(it->headers.v[h]);
        mem_free(it->headers.v);
    }
    mem_free(f->v);
    *f = (struct sandbox_faults){0};
}

bool sandbox_glob(const char *glob, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text) {
        if (*glob == '*') {
            star = glob++;
            retry = text;
        } else if (*glob == '?' || *glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

/* The path counts as a whole, or without "/jira", "/bugzilla" or "/github". */
static bool fault_is_for(const struct sandbox_fault *f, const struct sandbox_call *c)
{
    if (f->service && strcmp(f->service, sandbox_service_name(c->service)) != 0)
        return false;
    if (f->method && !text_same_nocase(f->method, c->request->method))
        return false;
    if (f->contains &&
        (!c->request->body.n || !memmem(c->request->body.p, c->request->body.n, f->contains, strlen(f->contains))))
        return false;
    if (!f->glob)
        return true;
    const char *below = c->path + 1 + strcspn(c->path + 1, "/");
    return sandbox_glob(f->glob, c->path) || sandbox_glob(f->glob, below);
}

const struct sandbox_fault *sandbox_faults_match(struct sandbox_faults *f, const struct sandbox_call *c)
{
    for (size_t i = 0; i < f->n; i++) {
        struct sandbox_fault *it = &f->v[i];
        bool is_spent = it->times && it->fired >= it->times;
        if (is_spent || !fault_is_for(it, c) || it->seen++ < it->after)
            continue;
        it->fired++;
        return it;
    }
    return NULL;
}

static const char *fault_default_body(const struct sandbox_fault *f, struct sandbox_call *c)
{
    if (c->service == SANDBOX_JIRA)
        return arena_fmt(c->arena, "{\"errorMessages\":[\"%s\"],\"errors\":{}}", http_reason(f->status));
    if (c->service == SANDBOX_GITHUB)
        return arena_fmt(
            c->arena, "{\"message\":\"%s\",\"documentation_url\":\"https://docs.github.com/rest\",\"status\":\"%d\"}",
            http_reason(f->status), f->status);
    return arena_fmt(c->arena, "{\"error\":true,\"code\":32000,\"message\":\"%s\"}", http_reason(f->status));
}

void sandbox_faults_headers(const struct sandbox_fault *f, struct sandbox_call *c)
{
    for (size_t i = 0; i + 1 < f->headers.n; i += 2)
        http_header_add(c->arena, &c->headers, f->headers.v[i], f->headers.v[i + 1]);
}

void sandbox_faults_answer(const struct sandbox_fault *f, struct sandbox_call *c)
{
    c->headers = (struct http_headers){0};
    bool has_body = f->status != 204 && f->status != 304;
    struct text *out = sandbox_plain(c, f->status, has_body ? "application/json;charset=UTF-8" : NULL);
    if (has_body)
        text_addz(out, f->body ? f->body : fault_default_body(f, c));
    if (f->retry_after >= 0)
        http_header_add(c->arena, &c->headers, "Retry-After", arena_fmt(c->arena, "%" PRId64, f->retry_after));
    sandbox_faults_headers(f, c);
}

static void fault_show(struct json_out *o, const struct sandbox_fault *f)
{
    json_open(o, NULL, '{');
    json_put_text(o, "kind", fault_kind_name(f->kind));
    json_put_text(o, "service", f->service);
    json_put_text(o, "method", f->method);
    json_put_text(o, "path", f->glob);
    json_put_text(o, "contains", f->contains);
    json_put_int(o, "after", f->after);
    json_put_int(o, "times", f->times);
    json_put_int(o, "status", f->status);
    json_put_int(o, "delay_ms", f->delay_ms);
    json_put_bool(o, "apply", f->apply);
    json_put_int(o, "seen", f->seen);
    json_put_int(o, "fired", f->fired);
    json_close(o);
}

void sandbox_faults_get(struct sandbox_call *c)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "faults", '[');
    for (size_t i = 0; i < c->s->faults.n; i++)
        fault_show(o, &c->s->faults.v[i]);
    json_close(o);
    json_close(o);
}

static int64_t fault_number(const struct json *rule, const char *key, int64_t otherwise)
{
    int64_t n = otherwise;
    return sandbox_body_int(json_get(rule, key), &n) && n >= 0 ? n : otherwise;
}

static void fault_add_header(struct sandbox_fault *f, const char *name, const char *value)
{
    SANDBOX_ADD(&f->headers, mem_text(name));
    SANDBOX_ADD(&f->headers, mem_text(value));
}

static void fault_read_texts(struct sandbox_fault *f, const struct json *rule)
{
    sandbox_set_text(&f->service, json_text(json_get(rule, "service")));
    sandbox_set_text(&f->method, json_text(json_get(rule, "method")));
    sandbox_set_text(&f->glob, json_text(json_get(rule, "path")));
    sandbox_set_text(&f->contains, json_text(json_get(rule, "contains")));
    sandbox_set_text(&f->body, json_text(json_get(rule, "body")));
    JSON_EACH (it, json_get(rule, "headers"))
        if (json_text(it) && f->headers.n < 2 * FAULT_HEADERS)
            fault_add_header(f, json_key(it), json_text(it));
}

static struct sandbox_fault fault_read(const struct fault_kind_row *kind, const struct json *rule)
{
    struct sandbox_fault f = {.kind = kind->kind, .apply = json_bool(json_get(rule, "apply"), kind->apply)};
    f.after = fault_number(rule, "after", 0);
    f.times = fault_number(rule, "times", 1);
    f.status = (int)fault_number(rule, "status", 503);
    if (f.status < 200 || f.status > 599)
        f.status = 503;
    f.retry_after = fault_number(rule, "retry_after", -1);
    f.delay_ms = fault_number(rule, "delay_ms", kind->kind == SANDBOX_FAULT_HANG ? FAULT_HANG_MS : 1000);
    if (f.delay_ms > FAULT_HANG_MS)
        f.delay_ms = FAULT_HANG_MS;
    fault_read_texts(&f, rule);
    return f;
}

static bool faults_are_known(struct sandbox_call *c, const struct json *rules)
{
    JSON_EACH (it, rules)
        if (!fault_kind_by_name(json_text(json_get(it, "kind")))) {
            text_addz(sandbox_plain(c, 400, "text/plain"), "kind: status, hang, close, cut, late, slow or headers\n");
            return false;
        }
    return true;
}

/* A list of rules, or one; they are added behind those that are there. */
void sandbox_faults_post(struct sandbox_call *c)
{
    struct sandbox_faults *f = &c->s->faults;
    bool is_list = json_kind(c->body) == JSON_ARRAY;
    if (!is_list && !fault_kind_by_name(json_text(json_get(c->body, "kind")))) {
        text_addz(sandbox_plain(c, 400, "text/plain"), "expected a rule or a list of rules with a known kind\n");
        return;
    }
    if (is_list && !faults_are_known(c, c->body))
        return;
    size_t more = is_list ? json_count(c->body) : 1;
    if (f->n + more > FAULTS_MAX) {
        text_addz(sandbox_plain(c, 400, "text/plain"), "too many rules\n");
        return;
    }
    f->v = mem_grow(f->v, f->n + more, sizeof *f->v);
    for (const struct json *it = is_list ? json_first(c->body) : c->body; it; it = is_list ? json_next(it) : NULL) {
        const struct fault_kind_row *kind = fault_kind_by_name(json_text(json_get(it, "kind")));
        if (kind)
            f->v[f->n++] = fault_read(kind, it);
    }
    sandbox_faults_get(c);
}

void sandbox_faults_delete(struct sandbox_call *c)
{
    sandbox_faults_clear(&c->s->faults);
    sandbox_release_held(c->s);
    sandbox_empty(c, 204);
}
