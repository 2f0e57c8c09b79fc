/* Bugzilla's front: who asks, routes, errors. */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"
#include "sandbox/serve_private.h"

static const struct sandbox_route sb_routes[] = {
    {"GET", "bug", sb_bug_search, 0},
    {"POST", "bug", sb_bug_post, 0},
    {"GET", "bug/{}", sb_bug_get, 0},
    {"PUT", "bug/{}", sb_bug_put, 0},
    {"GET", "bug/{}/comment", sb_comment_list, 0},
    {"POST", "bug/{}/comment", sb_comment_post, 0},
    {"GET", "bug/{}/history", sb_bug_history, 0},
    {"GET", "bug/{}/attachment", sb_attachment_list, 0},
    {"POST", "bug/{}/attachment", sb_attachment_post, 0},
    {"PUT", "bug/attachment/{}", sb_attachment_put, 0},
    {"GET", "valid_login", sb_valid_login, 0},
    {"GET", "version", sb_version, 0},
};
/* Only in Mozilla's flavour. */
static const struct sandbox_route sb_mozilla_routes[] = {
    {"GET", "whoami", sb_whoami, 0},
    {"GET", "webhooks/list", sb_hook_list, 0},
};

/* The status of an error follows from its number. */
static int serve_status_of(int code)
{
    static const struct {
        int low, high, status;
    } rows[] = {{51, 51, 404},   {101, 101, 404},     {102, 102, 401}, {106, 106, 401},
                {109, 110, 401}, {113, 113, 401},     {115, 115, 401}, {120, 120, 401},
                {300, 304, 401}, {32614, 32614, 404}, {410, 410, 401}, {504, 505, 401}};
    for (size_t i = 0; i < COUNT(rows); i++)
        if (code >= rows[i].low && code <= rows[i].high)
            return rows[i].status;
    return 400;
}

void sb_error(struct sandbox_call *c, int code, const char *message)
{
    struct json_out *o = sandbox_json(c, serve_status_of(code));
    json_open(o, NULL, '{');
    json_put_bool(o, "error", true);
    json_put_int(o, "code", code);
    json_put_text(o, "message", message);
    json_put_text(o, "documentation",
                  c->s->bugzilla->is_stock ? "https://bugzilla.readthedocs.org/en/5.0/api/"
                                           : "https://bmo.readthedocs.io/en/latest/api/");
    json_close(o);
}

bool sb_is_insider(const struct sandbox_call *c)
{
    return c->bugzilla_user && c->bugzilla_user->is_privileged;
}

bool sb_can_see(const struct sandbox_call *c, const struct sb_bug *bug)
{
    return !sb_bug_is_private(bug) || sb_is_insider(c) || (c->bugzilla_user && c->bugzilla_user == bug->creator);
}

bool sb_logged_in(struct sandbox_call *c)
{
    if (c->bugzilla_user)
        return true;
    sb_error(c, 410, "You must log in before using this part of Bugzilla.");
    return false;
}

struct sb_bug *sb_asked_bug(struct sandbox_call *c, const char *ref)
{
    struct sb_bug *bug = sb_bug_find(c->s->bugzilla, sb_number(ref));
    if (bug && sb_can_see(c, bug))
        return bug;
    if (bug && c->bugzilla_user)
        sb_error(c, 102, arena_fmt(c->arena, "You are not authorized to access bug #%s.", ref));
    else if (bug)
        sb_error(c, 102,
                 arena_fmt(c->arena,
                           "You are not authorized to access bug #%s. To see this bug, you must first log in to an "
                           "account with the appropriate permissions.",
                           ref));
    else if (sb_number(ref))
        sb_error(c, 101, arena_fmt(c->arena, "Bug #%s does not exist.", ref));
    else
        sb_error(c, 100, arena_fmt(c->arena, "'%s' is not a valid bug number nor an alias to a bug.", ref));
    return NULL;
}

const char *sb_hook_time(struct sandbox_call *c, int64_t ms)
{
    char time[WHEN_TEXT_BYTES];
    return arena_fmt(c->arena, "%.19s", when_text(ms, time));
}

const char *sb_time(struct sandbox_call *c, int64_t ms)
{
    return sandbox_time(c, ms);
}

/* The stock one reads no header. A parameter may stand in the query or in the body. */
static const char *serve_key(struct sandbox_call *c)
{
    static const char *const names[] = {"Bugzilla_api_key", "api_key"};
    const char *key = NULL;
    if (!c->s->bugzilla->is_stock) {
        key = http_header_get(&c->request->headers, "X-BUGZILLA-API-KEY");
        if (!key)
            key = http_bearer(c->arena, &c->request->headers);
    }
    for (size_t i = 0; i < COUNT(names) && !key; i++) {
        key = http_query(c->arena, c->request->url, names[i]);
        if (!key)
            key = json_text(json_get(c->body, names[i]));
    }
    return key;
}

static bool serve_login(struct sandbox_call *c)
{
    const struct sb_site *b = c->s->bugzilla;
    const char *key = serve_key(c);
    for (size_t i = 0; key && i < b->users.n; i++)
        if (text_same(b->users.v[i]->api_key, key))
            c->bugzilla_user = b->users.v[i];
    if (!key || c->bugzilla_user)
        return true;
    sb_error(c, 306, "The API key you specified is invalid. Please check that you typed it correctly.");
    return false;
}

void sb_serve(struct sandbox_call *c, const char *below)
{
    bool is_known = false;
    struct err e = {0};
    if (c->request->body.n && json_parse(c->arena, c->request->body, &c->body, &e) != 0) {
        sb_error(c, 32000, arena_fmt(c->arena, "malformed JSON string, %s", e.text));
        return;
    }
    if (!serve_login(c))
        return;
    if (sandbox_run_route(c, sb_routes, COUNT(sb_routes), below, &is_known))
        return;
    if (!c->s->bugzilla->is_stock &&
        sandbox_run_route(c, sb_mozilla_routes, COUNT(sb_mozilla_routes), below, &is_known))
        return;
    sb_error(c, 32614, arena_fmt(c->arena, "The API resource '/%s' could not be found.", below));
}

void sb_whoami(struct sandbox_call *c)
{
    if (!sb_logged_in(c))
        return;
    const struct sb_user *u = c->bugzilla_user;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)u->id);
    json_put_text(o, "name", u->login);
    json_put_text(o, "real_name", u->real_name);
    json_put_text(o, "nick", arena_str(c->arena, (struct str){u->login, strcspn(u->login, "@")}));
    json_put_bool(o, "mfa_status", false);
    json_open(o, "groups", '[');
    if (u->is_privileged)
        json_put_text(o, NULL, "core-security");
    json_close(o);
    json_close(o);
}

void sb_valid_login(struct sandbox_call *c)
{
    const char *login = http_query(c->arena, c->request->url, "login");
    if (text_blank(login)) {
        sb_error(c, 50, "The function User.valid_login requires a login argument, and that argument was not set.");
        return;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_bool(o, "result", c->bugzilla_user && text_same_nocase(c->bugzilla_user->login, login));
    json_close(o);
}

void sb_version(struct sandbox_call *c)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "version", c->s->bugzilla->is_stock ? "5.0.4" : "20260817.1");
    json_close(o);
}
