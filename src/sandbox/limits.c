/* Jira's limit: so many requests in a window, told in the headers of each answer; beyond it 429 until the next one. */
#include "base/base.h"

#include "sandbox/sandbox_private.h"

static bool limit_counts(const struct sandbox_call *c)
{
    return c->service == SANDBOX_JIRA && c->s->settings.jira_limit > 0;
}

static void limit_refuse(struct sandbox_call *c)
{
    int64_t left_ms = c->s->window.until_ms - c->now_ms;
    struct json_out *o = sandbox_json(c, 429);
    json_open(o, NULL, '{');
    json_put_text(o, "message", "Rate limit exceeded.");
    json_close(o);
    http_header_add(c->arena, &c->headers, "Retry-After", arena_fmt(c->arena, "%" PRId64, 1 + left_ms / 1000));
    http_header_add(c->arena, &c->headers, "RateLimit-Reason", "jira-quota-tenant-based");
}

bool sandbox_limits_take(struct sandbox_call *c)
{
    struct sandbox_window *w = &c->s->window;
    if (!limit_counts(c))
        return true;
    if (c->now_ms >= w->until_ms)
        *w = (struct sandbox_window){.until_ms = c->now_ms + c->s->settings.jira_window_ms};
    if (w->used++ < c->s->settings.jira_limit)
        return true;
    limit_refuse(c);
    return false;
}

void sandbox_limits_headers(struct sandbox_call *c)
{
    const struct sandbox_window *w = &c->s->window;
    char reset[WHEN_TEXT_BYTES];
    int64_t limit = c->s->settings.jira_limit, left = w->used < limit ? limit - w->used : 0;
    if (!limit_counts(c))
        return;
    http_header_add(c->arena, &c->headers, "X-RateLimit-Limit", arena_fmt(c->arena, "%" PRId64, limit));
    http_header_add(c->arena, &c->headers, "X-RateLimit-Remaining", arena_fmt(c->arena, "%" PRId64, left));
    http_header_add(c->arena, &c->headers, "X-RateLimit-Reset", arena_text(c->arena, when_text(w->until_ms, reset)));
    http_header_add(c->arena, &c->headers, "X-RateLimit-NearLimit", 5 * left < limit ? "true" : "false");
}
