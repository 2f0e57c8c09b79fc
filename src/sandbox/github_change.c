/* What people and programs do to issues and pull requests: the change itself, then the hooks are told of it. */
#include "base/base.h"

#include "sandbox/github_private.h"

static struct sg_event change_event(struct sg_issue *i, const char *action)
{
    return (struct sg_event){
        .name = i->is_pull ? "pull_request" : "issues", .action = action, .repo = i->repo, .issue = i};
}

void sg_change_tell(struct sandbox_call *c, struct sg_issue *i, const char *action)
{
    struct sg_event ev = change_event(i, action);
    sg_event_send(c, &ev);
}

void sg_change_text(struct sandbox_call *c, struct sg_issue *i, const char *key, const char *text)
{
    char **at = strcmp(key, "title") == 0 ? &i->title : &i->body;
    if (text_same(*at, text))
        return;
    struct sg_event ev = change_event(i, "edited");
    ev.from_key = key;
    ev.from = arena_text(c->arena, *at);
    sandbox_set_text(at, text);
    sg_issue_touch(i, c->now_ms);
    sg_event_send(c, &ev);
}

void sg_change_state(struct sandbox_call *c, struct sg_issue *i, bool is_closed, bool is_merged)
{
    if (i->is_closed == is_closed || i->is_merged)
        return;
    i->is_closed = is_closed;
    i->is_merged = is_closed && is_merged && i->is_pull;
    i->closed_ms = is_closed ? c->now_ms : 0;
    sg_issue_touch(i, c->now_ms);
    sg_change_tell(c, i, is_closed ? "closed" : "reopened");
}

void sg_change_draft(struct sandbox_call *c, struct sg_issue *i, bool is_draft)
{
    if (!i->is_pull || i->is_draft == is_draft)
        return;
    i->is_draft = is_draft;
    sg_issue_touch(i, c->now_ms);
    sg_change_tell(c, i, is_draft ? "converted_to_draft" : "ready_for_review");
}

void sg_change_push(struct sandbox_call *c, struct sg_issue *i, const char *sha)
{
    if (!i->is_pull)
        return;
    struct sg_event ev = change_event(i, "synchronize");
    ev.before = arena_text(c->arena, i->head_sha);
    sg_issue_push(c->s->github, i, sha);
    sg_issue_touch(i, c->now_ms);
    sg_event_send(c, &ev);
}

bool sg_change_label(struct sandbox_call *c, struct sg_issue *i, const char *name)
{
    struct sg_label *label = sg_label_ensure(c->s->github, i->repo, name);
    if (i->labels.n >= SG_LABELS || !sandbox_words_add(&i->labels, label->name))
        return false;
    struct sg_event ev = change_event(i, "labeled");
    ev.label = label;
    sg_issue_touch(i, c->now_ms);
    sg_event_send(c, &ev);
    return true;
}

bool sg_change_unlabel(struct sandbox_call *c, struct sg_issue *i, const char *name)
{
    const struct sg_label *label = sg_label_find(i->repo, name);
    if (!label || !sandbox_words_remove(&i->labels, label->name))
        return false;
    struct sg_event ev = change_event(i, "unlabeled");
    ev.label = label;
    sg_issue_touch(i, c->now_ms);
    sg_event_send(c, &ev);
    return true;
}

static const char *change_label_name(const struct json *it)
{
    return json_text(it) ? json_text(it) : sg_text(it, "name", NULL);
}

void sg_change_labels(struct sandbox_call *c, struct sg_issue *i, const struct json *wanted)
{
    struct sandbox_words former = {0}, now = {0};
    JSON_EACH (it, wanted)
        sandbox_words_add(&now, change_label_name(it));
    sandbox_words_copy(&former, &i->labels);
    for (size_t n = 0; n < former.n; n++)
        if (sandbox_words_find(&now, former.v[n]) < 0)
            sg_change_unlabel(c, i, former.v[n]);
    for (size_t n = 0; n < now.n; n++)
        sg_change_label(c, i, now.v[n]);
    sandbox_words_clear(&former);
    sandbox_words_clear(&now);
}

static struct sg_event change_comment_event(struct sg_comment *m, const char *action)
{
    return (struct sg_event){
        .name = "issue_comment", .action = action, .repo = m->issue->repo, .issue = m->issue, .comment = m};
}

struct sg_comment *sg_change_comment(struct sandbox_call *c, struct sg_issue *i, const char *body)
{
    struct sg_comment *m = sg_comment_add(c->s->github, i, c->github_user, body);
    struct sg_event ev = change_comment_event(m, "created");
    sg_issue_touch(i, c->now_ms);
    sg_event_send(c, &ev);
    return m;
}

void sg_change_comment_text(struct sandbox_call *c, struct sg_comment *m, const char *body)
{
    struct sg_event ev = change_comment_event(m, "edited");
    ev.from_key = "body";
    ev.from = arena_text(c->arena, m->body);
    sandbox_set_text(&m->body, body);
    m->updated_ms = c->now_ms;
    sg_issue_touch(m->issue, c->now_ms);
    sg_event_send(c, &ev);
}

void sg_change_uncomment(struct sandbox_call *c, struct sg_comment *m)
{
    struct sg_event ev = change_comment_event(m, "deleted");
    sg_comment_remove(c->s->github, m);
    sg_issue_touch(m->issue, c->now_ms);
    sg_event_send(c, &ev);
    sg_comment_free(m);
}
