/* One request: its route, its parameters, its answer. */
#include "base/base.h"

#include "sandbox/sandbox_private.h"

const char *sandbox_service_name(enum sandbox_service service)
{
    static const char *const names[] = {[SANDBOX_JIRA] = "jira",
                                        [SANDBOX_BUGZILLA] = "bugzilla",
                                        [SANDBOX_GITHUB] = "github",
                                        [SANDBOX_CONTROL] = "sandbox"};
    return names[service];
}

/* One part of pattern and path, up to the next slash. */
static bool call_part_matches(const char **pattern, const char **path, struct sandbox_call *c, size_t *part)
{
    size_t np = strcspn(*pattern, "/"), n = strcspn(*path, "/");
    bool is_rest = strcmp(*pattern, "{...}") == 0;
    bool is_hole = is_rest || (np == 2 && memcmp(*pattern, "{}", 2) == 0);
    n = is_rest ? strlen(*path) : n;
    if (is_hole && n > 0 && *part < SANDBOX_PARTS)
        c->part[(*part)++] = http_unescape(c->arena, (struct str){*path, n}, false);
    else if (is_hole || np != n || memcmp(*pattern, *path, n) != 0)
        return false;
    *pattern += np;
    *path += n;
    return true;
}

static bool call_pattern_matches(const char *pattern, const char *path, struct sandbox_call *c)
{
    size_t part = 0;
    while (call_part_matches(&pattern, &path, c, &part)) {
        bool more_path = path[0] == '/' && path[1];
        if (!*pattern || !more_path)
            return !*pattern && !more_path;
        pattern++;
        path++;
    }
    return false;
}

const struct sandbox_route *sandbox_route_find(const struct sandbox_route *rows, size_t n, const char *path,
                                               struct sandbox_call *c, bool *ret_known)
{
    const char *method = strcmp(c->request->method, "HEAD") == 0 ? "GET" : c->request->method;
    *ret_known = false;
    for (size_t i = 0; i < n; i++) {
        if (!call_pattern_matches(rows[i].pattern, path, c))
            continue;
        if (strcmp(rows[i].method, method) == 0)
            return &rows[i];
        *ret_known = true;
    }
    return NULL;
}

struct text *sandbox_plain(struct sandbox_call *c, int status, const char *type)
{
    text_reset(c->out);
    c->status = status;
    c->type = type;
    return c->out;
}

struct json_out *sandbox_json(struct sandbox_call *c, int status)
{
    json_start(&c->json, sandbox_plain(c, status, "application/json;charset=UTF-8"));
    return &c->json;
}

void sandbox_empty(struct sandbox_call *c, int status)
{
    sandbox_plain(c, status, NULL);
}

const char *sandbox_time(struct sandbox_call *c, int64_t ms)
{
    char time[WHEN_TEXT_BYTES];
    return arena_fmt(c->arena, "%.19sZ", when_text(ms, time));
}

void sandbox_touch(struct sandbox_call *c, struct sj_issue *issue)
{
    for (size_t i = 0; i < SANDBOX_TOUCHED; i++) {
        if (c->touched[i] == issue)
            return;
        if (!c->touched[i]) {
            c->touched[i] = issue;
            return;
        }
    }
}

bool sandbox_body_int(const struct json *v, int64_t *ret)
{
    if (json_int(v, ret))
        return true;
    const char *text = json_text(v);
    if (text_blank(text) || strlen(text) > 15 || text[strspn(text, "0123456789")])
        return false;
    int64_t n = 0;
    for (; *text; text++)
        n = n * 10 + (*text - '0');
    *ret = n;
    return true;
}

int64_t sandbox_query_int(struct sandbox_call *c, const char *name, int64_t otherwise, int64_t max)
{
    const char *text = http_query(c->arena, c->request->url, name);
    if (text_blank(text) || strlen(text) > 15 || text[strspn(text, "0123456789")])
        return otherwise;
    int64_t n = 0;
    for (; *text; text++)
        n = n * 10 + (*text - '0');
    return n < max ? n : max;
}

char *sandbox_fold(struct arena *a, const char *text)
{
    char *copy = arena_text(a, text);
    for (char *p = copy; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    return copy;
}

void sandbox_query_all(struct sandbox_call *c, const char *name, struct sandbox_words *to)
{
    const char *at = strchr(c->request->url, '?');
    size_t n = strlen(name);
    while (at) {
        at++;
        if (strncmp(at, name, n) == 0 && at[n] == '=') {
            struct str value = {at + n + 1, strcspn(at + n + 1, "&#")};
            sandbox_words_split(to, http_unescape(c->arena, value, true));
        }
        at = strchr(at, '&');
    }
}
