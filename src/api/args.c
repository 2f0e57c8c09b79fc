#include "base/base.h"
#include "api/args.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "conf/problem.h"

enum { ARGS_TEXT_BYTES = 64 * 1024 * 1024 };

const char *args_match(struct arena *a, const struct verb *v, const char *path)
{
    struct str given = {path, strcspn(path, "?")};
    size_t head = strcspn(v->path, "{");
    const char *tail = v->path[head] ? strchr(v->path + head, '}') + 1 : "";
    size_t n = strlen(tail);
    if (!v->path[head])
        return str_same(given, str_of(v->path)) ? "" : NULL;
    if (given.n <= head + n || memcmp(path, v->path, head) != 0 || memcmp(path + given.n - n, tail, n) != 0)
        return NULL;
    struct str inside = {path + head, given.n - head - n};
    return memchr(inside.p, '/', inside.n) ? NULL : http_unescape(a, inside, false);
}

/* A misspelt name would go unheard, and the answer would look like one to what was meant. */
static int args_check_name(const struct verb *v, struct arena *a, const char *name, struct err *e)
{
    const char *names[VERB_ARGS];
    size_t n = 0;
    for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++)
        if (v->args[i].place != VERB_IN_PATH)
            names[n++] = v->args[i].name;
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return 0;
    const char *near = problem_near(name, names, n);
    return fail(e, ERR_INPUT, "%s knows no %s%s%s%s", v->name, problem_quote(a, name), near ? "; did you mean \"" : "",
                near ? near : "", near ? "\"?" : "");
}

static int args_check_query(const struct verb *v, struct arena *a, const char *url, struct err *e)
{
    const char *p = strchr(url, '?');
    for (p = p ? p + 1 : ""; *p; p += strcspn(p, "&") + (p[strcspn(p, "&")] == '&')) {
        const char *name = http_unescape(a, (struct str){p, strcspn(p, "=&")}, true);
        int rc = name[0] ? args_check_name(v, a, name, e) : 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The body, NULL when there is none. */
static int args_body(const struct verb *v, struct arena *a, struct str body, const struct json **ret, struct err *e)
{
    *ret = NULL;
    if (str_trim(body).n == 0)
        return 0;
    if (json_parse(a, body, ret, e) < 0)
        return err_within(e, "the body is not JSON");
    if (json_kind(*ret) != JSON_OBJECT)
        return fail(e, ERR_INPUT, "the body: expected an object, got %s", json_kind_name(json_kind(*ret)));
    JSON_EACH (member, *ret) {
        int rc = args_check_name(v, a, json_key(member), e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* A member as the text that the query would hold. NULL: absent. */
static const char *args_member(struct arena *a, const struct json *v)
{
    if (json_kind(v) == JSON_ABSENT || json_kind(v) == JSON_NULL)
        return NULL;
    if (json_text(v))
        return json_text(v);
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, ARGS_TEXT_BYTES);
    json_start(&o, &t);
    json_put(&o, NULL, v);
    return arena_text(a, text_z(&t));
}

static int args_value(const struct verb_arg *arg, const char *given, struct verb_value *ret, struct err *e)
{
    if (!given && arg->place == VERB_REQUIRED)
        return fail(e, ERR_INPUT, "%s is missing: %s", arg->name, arg->help);
    given = given ? given : arg->otherwise;
    return given ? verb_value_read(arg, given, ret, e) : 0;
}

int args_read(const struct verb *v, struct verb_call *c, const struct http_request *r, const char *in_path,
              struct err *e)
{
    const struct json *body = NULL;
    bool in_query = strcmp(v->method, "GET") == 0;
    int rc = in_query ? args_check_query(v, c->arena, r->url, e) : args_body(v, c->arena, r->body, &body, e);
    for (size_t i = 0; rc == 0 && i < VERB_ARGS && v->args[i].name; i++) {
        const struct verb_arg *arg = &v->args[i];
        const char *given = arg->place == VERB_IN_PATH ? in_path
                            : in_query                 ? http_query(c->arena, r->url, arg->name)
                                                       : args_member(c->arena, json_get(body, arg->name));
        rc = args_value(arg, arena_text(c->arena, given), &c->args[i], e);
    }
    return rc;
}
