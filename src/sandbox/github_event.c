/* What GitHub's hooks are told, in the shape that it sends, and which of them. */
#include "base/base.h"

#include "sandbox/github_hooks_private.h"

static void event_put_review(struct sandbox_call *c, struct json_out *o, const struct sg_event *ev)
{
    const struct sg_issue *i = ev->issue;
    const char *url = sg_html_url(c, i);
    const char *pull = arena_fmt(c->arena, "%s/pulls/%" PRIu64, sg_repo_url(c, i->repo), i->number);
    json_open(o, "review", '{');
    json_put_int(o, "id", (int64_t)(i->id * 10));
    json_put_text(o, "node_id", sg_node(c->arena, "PRR", i->id * 10));
    sg_put_user(c, o, "user", c->github_user);
    json_put_text(o, "body", ev->said);
    json_put_text(o, "commit_id", i->head_sha);
    json_put_text(o, "submitted_at", sg_time(c, c->now_ms));
    json_put_text(o, "state", ev->review);
    json_put_text(o, "html_url", url);
    json_put_text(o, "pull_request_url", pull);
    json_put_text(o, "author_association", "MEMBER");
    json_open(o, "_links", '{');
    json_open(o, "html", '{');
    json_put_text(o, "href", url);
    json_close(o);
    json_open(o, "pull_request", '{');
    json_put_text(o, "href", pull);
    json_close(o);
    json_close(o);
    json_close(o);
}

static void event_put_changes(struct json_out *o, const struct sg_event *ev)
{
    json_open(o, "changes", '{');
    if (ev->from_key) {
        json_open(o, ev->from_key, '{');
        json_put_text(o, "from", ev->from ? ev->from : "");
        json_close(o);
    }
    json_close(o);
}

static void event_put_ping(struct sandbox_call *c, struct json_out *o, const struct sg_event *ev)
{
    json_put_text(o, "zen", "Keep it logically awesome.");
    json_put_int(o, "hook_id", (int64_t)ev->pinged->id);
    sg_put_hook(c, o, "hook", ev->pinged);
}

/* A comment of a pull request comes with its issue, not with the pull request. */
static void event_put_subject(struct sandbox_call *c, struct json_out *o, const struct sg_event *ev)
{
    bool is_pull = text_starts(ev->name, "pull_request");
    if (!ev->issue)
        return;
    if (text_same(ev->name, "pull_request"))
        json_put_int(o, "number", (int64_t)ev->issue->number);
    if (is_pull)
        sg_put_pull(c, o, "pull_request", ev->issue, !ev->review);
    else
        sg_put_issue(c, o, "issue", ev->issue);
}

static void event_put_org(struct sandbox_call *c, struct json_out *o, const struct sg_user *org)
{
    static const char *const below[] = {"repos", "events", "hooks", "issues", "members", "public_members"};
    const char *url = arena_fmt(c->arena, "%s/github/api/orgs/%s", c->base, org->login);
    json_open(o, "organization", '{');
    json_put_text(o, "login", org->login);
    json_put_int(o, "id", (int64_t)org->id);
    json_put_text(o, "node_id", sg_node(c->arena, "O", org->id));
    json_put_text(o, "url", url);
    for (size_t i = 0; i < COUNT(below); i++)
        json_put_text(o, arena_fmt(c->arena, "%s_url", below[i]),
                      arena_fmt(c->arena, "%s/%s%s", url, below[i], i < 4 ? "" : "{/member}"));
    json_put_text(o, "avatar_url", arena_fmt(c->arena, "%s/github/avatars/%" PRIu64, c->base, org->id));
    json_put_text(o, "description", "");
    json_close(o);
}

static void event_put_members(struct sandbox_call *c, struct json_out *o, const struct sg_event *ev)
{
    const struct sg_user *org = ev->repo ? ev->repo->owner : ev->pinged ? ev->pinged->org : NULL;
    if (ev->action)
        json_put_text(o, "action", ev->action);
    event_put_subject(c, o, ev);
    if (ev->comment)
        sg_put_comment(c, o, "comment", ev->comment);
    if (ev->label)
        sg_put_label(c, o, "label", ev->repo, ev->label);
    if (ev->review)
        event_put_review(c, o, ev);
    if (text_same(ev->action, "edited"))
        event_put_changes(o, ev);
    if (ev->before) {
        json_put_text(o, "before", ev->before);
        json_put_text(o, "after", ev->issue->head_sha);
    }
    if (ev->pinged)
        event_put_ping(c, o, ev);
    if (ev->repo)
        sg_put_repo(c, o, "repository", ev->repo);
    if (org && text_same(org->type, "Organization"))
        event_put_org(c, o, org);
    sg_put_user(c, o, "sender", c->github_user ? c->github_user : sg_user_ensure(c->s->github, "ghost"));
}

const char *sg_event_body(struct sandbox_call *c, const struct sg_event *ev)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, SANDBOX_BODY_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    event_put_members(c, &o, ev);
    json_close(&o);
    return arena_text(c->arena, text_z(&t));
}

void sg_event_send(struct sandbox_call *c, const struct sg_event *ev)
{
    const struct sg_site *g = c->s->github;
    const char *body = NULL;
    for (size_t i = 0; i < g->hooks.n && !c->is_quiet; i++) {
        struct sg_hook *h = g->hooks.v[i];
        if (!sg_hook_hears_of(h, ev->repo) || !sg_hook_wants(h, ev->name))
            continue;
        body = body ? body : sg_event_body(c, ev);
        sg_hook_push(c, h, ev, body);
    }
}
