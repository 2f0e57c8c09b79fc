/*
 * GitHub's limits, as far as control sets them: so many requests in a window (GraphQL has a window of its own), told in
 * the headers of every answer, and so many writes in a window, of which nothing is told until it is over.
 */
#include "base/base.h"

#include "sandbox/github_handlers_private.h"
#include "sandbox/github_private.h"

static const int64_t SG_USUAL_LIMIT = 5000;

static bool limit_is_graphql(const struct sandbox_call *c)
{
    return text_ends(c->path, "/graphql");
}

static struct sandbox_window *limit_window(struct sandbox_call *c, size_t which, int64_t length_ms)
{
    struct sandbox_window *w = &c->s->github_windows[which];
    if (c->now_ms >= w->until_ms)
        *w = (struct sandbox_window){.until_ms = c->now_ms + length_ms};
    return w;
}

static struct sandbox_window *limit_primary(struct sandbox_call *c)
{
    return limit_window(c, limit_is_graphql(c), c->s->settings.github_window_ms);
}

static void limit_refuse_primary(struct sandbox_call *c)
{
    const char *message = "API rate limit exceeded for user ID 1.";
    if (!limit_is_graphql(c)) {
        sg_error(c, 403, message);
        return;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "errors", '[');
    json_open(o, NULL, '{');
    json_put_text(o, "type", "RATE_LIMITED");
    json_put_text(o, "message", message);
    json_close(o);
    json_close(o);
    json_close(o);
}

static void limit_refuse_writes(struct sandbox_call *c, const struct sandbox_window *w)
{
    int64_t left_ms = w->until_ms - c->now_ms;
    sg_error(c, 403,
             "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
             "Please retry your request again later.");
    http_header_add(c->arena, &c->headers, "Retry-After", arena_fmt(c->arena, "%" PRId64, 1 + left_ms / 1000));
}

bool sg_limits_take(struct sandbox_call *c)
{
    const struct sandbox_settings *set = &c->s->settings;
    struct sandbox_window *w = limit_primary(c);
    if (++w->used > set->github_limit && set->github_limit > 0) {
        limit_refuse_primary(c);
        return false;
    }
    if (set->github_writes <= 0 || !c->is_write || limit_is_graphql(c))
        return true;
    w = limit_window(c, 2, set->github_writes_ms);
    if (++w->used <= set->github_writes)
        return true;
    limit_refuse_writes(c, w);
    return false;
}

void sg_limits_give_back(struct sandbox_call *c)
{
    struct sandbox_window *w = limit_primary(c);
    w->used -= w->used > 0;
}

/* Without a limit of control's the usual one is shown, hardly used. */
static void limit_figures(struct sandbox_call *c, const struct sandbox_window *w, int64_t figures[4])
{
    int64_t set = c->s->settings.github_limit, limit = set ? set : SG_USUAL_LIMIT;
    int64_t used = set ? (w->used < limit ? w->used : limit) : 1;
    figures[0] = limit;
    figures[1] = limit - used;
    figures[2] = used;
    figures[3] = (w->until_ms + 999) / 1000;
}

static const char *const limit_names[] = {"limit", "remaining", "used", "reset"};

void sg_limits_headers(struct sandbox_call *c)
{
    int64_t figures[4];
    limit_figures(c, limit_primary(c), figures);
    for (size_t i = 0; i < COUNT(limit_names); i++)
        http_header_add(c->arena, &c->headers, arena_fmt(c->arena, "X-RateLimit-%s", limit_names[i]),
                        arena_fmt(c->arena, "%" PRId64, figures[i]));
    http_header_add(c->arena, &c->headers, "X-RateLimit-Resource", limit_is_graphql(c) ? "graphql" : "core");
}

static void limit_put(struct sandbox_call *c, const char *name, size_t window)
{
    int64_t figures[4];
    limit_figures(c, limit_window(c, window, c->s->settings.github_window_ms), figures);
    json_open(&c->json, name, '{');
    for (size_t i = 0; i < COUNT(limit_names); i++)
        json_put_int(&c->json, limit_names[i], figures[i]);
    json_close(&c->json);
}

void sg_rate_limit(struct sandbox_call *c)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "resources", '{');
    limit_put(c, "core", 0);
    limit_put(c, "search", 0);
    limit_put(c, "graphql", 1);
    json_close(o);
    limit_put(c, "rate", 0);
    json_close(o);
}
