/* People, repositories, files, labels, statuses of commits. */
#include "base/base.h"

#include "base/digest.h"
#include "sandbox/github_handlers_private.h"
#include "sandbox/github_private.h"

enum { SG_DESCRIPTION_BYTES = 140 };

void sg_me(struct sandbox_call *c)
{
    if (c->github_app)
        sg_error(c, 403, "Resource not accessible by integration");
    else if (c->github_user)
        sg_put_profile(c, c->github_user, true);
    else
        sg_error(c, 401, "Requires authentication");
}

void sg_user_get(struct sandbox_call *c)
{
    const struct sg_user *u = sg_user_find(c->s->github, c->part[0]);
    if (u)
        sg_put_profile(c, u, false);
    else
        sg_error(c, 404, "Not Found");
}

void sg_meta(struct sandbox_call *c)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_bool(o, "verifiable_password_authentication", false);
    json_open(o, "hooks", '[');
    json_put_text(o, NULL, "127.0.0.0/8");
    json_close(o);
    json_close(o);
}

void sg_zen(struct sandbox_call *c)
{
    text_addz(sandbox_plain(c, 200, "text/plain;charset=utf-8"), "Keep it logically awesome.");
}

void sg_repo_get(struct sandbox_call *c)
{
    const struct sg_repo *r = sg_asked_repo(c);
    if (r)
        sg_put_repo(c, sandbox_json(c, 200), NULL, r);
}

void sg_repo_list(struct sandbox_call *c)
{
    const struct sg_user *u = sg_user_find(c->s->github, c->part[0]);
    struct sg_page p = sg_page_read(c);
    size_t total = 0;
    if (!u || !text_same(u->type, "Organization")) {
        sg_error(c, 404, "Not Found");
        return;
    }
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t i = 0; i < u->repos.n; i++) {
        if (!sg_can_see(c, u->repos.v[i]))
            continue;
        if (total >= p.first && total < p.end)
            sg_put_repo(c, &c->json, NULL, u->repos.v[i]);
        total++;
    }
    json_close(&c->json);
    sg_page_links(c, &p, total);
}

/* In lines of sixty characters, as GitHub writes it. */
static const char *repo_base64(struct sandbox_call *c, const char *text)
{
    AUTO(text_auto) struct text t;
    const char *plain = base64_text(c->arena, str_of(text));
    text_init(&t, SANDBOX_BODY_BYTES);
    for (size_t n = strlen(plain); n > 0;) {
        size_t line = n < 60 ? n : 60;
        text_addf(&t, "%.*s\n", (int)line, plain);
        plain += line;
        n -= line;
    }
    return arena_text(c->arena, text_z(&t));
}

static void repo_put_file(struct sandbox_call *c, const struct sg_repo *r, const char *path, const char *text)
{
    const char *url = arena_fmt(c->arena, "%s/contents/%s?ref=%s", sg_repo_url(c, r), path, r->branch);
    const char *html = arena_fmt(c->arena, "%s/github/%s/blob/%s/%s", c->base, r->full, r->branch, path);
    const char *sha = arena_fmt(c->arena, "%040" PRIx64, checksum(str_of(text), 0));
    const char *git = arena_fmt(c->arena, "%s/git/blobs/%s", sg_repo_url(c, r), sha);
    const char *name = strrchr(path, '/');
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "name", name ? name + 1 : path);
    json_put_text(o, "path", path);
    json_put_text(o, "sha", sha);
    json_put_int(o, "size", (int64_t)strlen(text));
    json_put_text(o, "url", url);
    json_put_text(o, "html_url", html);
    json_put_text(o, "git_url", git);
    json_put_text(o, "download_url", html);
    json_put_text(o, "type", "file");
    json_put_text(o, "content", repo_base64(c, text));
    json_put_text(o, "encoding", "base64");
    json_open(o, "_links", '{');
    json_put_text(o, "self", url);
    json_put_text(o, "git", git);
    json_put_text(o, "html", html);
    json_close(o);
    json_close(o);
}

void sg_contents(struct sandbox_call *c)
{
    const struct sg_repo *r = sg_asked_repo(c);
    const char *accept = http_header_get(&c->request->headers, "Accept");
    const char *text = r ? sg_file_text(r, c->part[2]) : NULL;
    if (r && !text)
        sg_error(c, 404, "Not Found");
    else if (r && accept && strstr(accept, "raw"))
        text_addz(sandbox_plain(c, 200, "application/vnd.github.raw+json; charset=utf-8"), text);
    else if (r)
        repo_put_file(c, r, c->part[2], text);
}

static struct sg_label *repo_asked_label(struct sandbox_call *c, struct sg_repo **ret)
{
    struct sg_repo *r = c->is_write && !sg_may_write(c, "repo") ? NULL : sg_asked_repo(c);
    struct sg_label *label = r ? sg_label_find(r, c->part[2]) : NULL;
    if (r && !label)
        sg_error(c, 404, "Not Found");
    *ret = r;
    return label;
}

void sg_label_list(struct sandbox_call *c)
{
    const struct sg_repo *r = sg_asked_repo(c);
    struct sg_page p = sg_page_read(c);
    if (!r)
        return;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t i = p.first; i < r->labels.n && i < p.end; i++)
        sg_put_label(c, &c->json, NULL, r, r->labels.v[i]);
    json_close(&c->json);
    sg_page_links(c, &p, r->labels.n);
}

void sg_label_get(struct sandbox_call *c)
{
    struct sg_repo *r = NULL;
    const struct sg_label *label = repo_asked_label(c, &r);
    if (label)
        sg_put_label(c, sandbox_json(c, 200), NULL, r, label);
}

static void repo_label_set(struct sandbox_call *c, struct sg_label *label)
{
    const char *color = sg_text(c->body, "color", NULL), *description = sg_text(c->body, "description", NULL);
    if (color)
        sandbox_set_text(&label->color, color);
    if (description)
        sandbox_set_text(&label->description, description);
}

void sg_label_post(struct sandbox_call *c)
{
    struct sg_repo *r = sg_may_write(c, "repo") ? sg_asked_repo(c) : NULL;
    const char *name = sg_text(c->body, "name", NULL);
    if (!r)
        return;
    if (text_blank(name)) {
        sg_invalid(c, "Label", "name", "missing_field", NULL);
    } else if (sg_label_find(r, name)) {
        sg_invalid(c, "Label", "name", "already_exists", NULL);
    } else {
        struct sg_label *label = sg_label_ensure(c->s->github, r, name);
        repo_label_set(c, label);
        sg_put_label(c, sandbox_json(c, 201), NULL, r, label);
    }
}

static void repo_label_rename(struct sg_repo *r, struct sg_label *label, const char *name)
{
    for (size_t i = 0; i < r->issues.n; i++) {
        int at = sandbox_words_find(&r->issues.v[i]->labels, label->name);
        if (at >= 0)
            sandbox_set_text(&r->issues.v[i]->labels.v[at], name);
    }
    sandbox_set_text(&label->name, name);
}

void sg_label_patch(struct sandbox_call *c)
{
    struct sg_repo *r = NULL;
    struct sg_label *label = repo_asked_label(c, &r);
    const char *name = sg_text(c->body, "new_name", NULL);
    if (!label)
        return;
    repo_label_set(c, label);
    if (!text_blank(name) && strcmp(name, label->name) != 0)
        repo_label_rename(r, label, name);
    sg_put_label(c, sandbox_json(c, 200), NULL, r, label);
}

void sg_label_delete(struct sandbox_call *c)
{
    struct sg_repo *r = NULL;
    struct sg_label *label = repo_asked_label(c, &r);
    if (!label)
        return;
    sg_label_remove(r, label);
    sandbox_empty(c, 204);
}

/* A commit, or the tip of the default branch by a name: only commits of pull requests are known here. */
void sg_status_list(struct sandbox_call *c)
{
    const struct sg_repo *r = sg_asked_repo(c);
    const struct sg_commit *at = r ? sg_commit_find(r, c->part[2]) : NULL;
    struct sg_page p = sg_page_read(c);
    size_t n = at ? at->statuses.n : 0;
    if (!r)
        return;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t i = p.first; i < n && i < p.end; i++)
        sg_put_status(c, r, at, at->statuses.v[n - 1 - i]);
    json_close(&c->json);
    sg_page_links(c, &p, n);
}

static bool repo_status_is_fine(struct sandbox_call *c, const struct sg_commit *at)
{
    static const char *const states[] = {"error", "failure", "pending", "success"};
    const char *state = sg_text(c->body, "state", ""), *context = sg_text(c->body, "context", "default");
    size_t same = 0;
    bool is_known = false;
    for (size_t i = 0; i < COUNT(states); i++)
        is_known |= strcmp(states[i], state) == 0;
    for (size_t i = 0; i < at->statuses.n; i++)
        same += text_same(at->statuses.v[i]->context, context);
    if (!is_known)
        sg_invalid(c, "Status", "state", "custom", "state is not included in the list");
    else if (strlen(sg_text(c->body, "description", "")) > SG_DESCRIPTION_BYTES)
        sg_invalid(c, "Status", "description", "custom", "description is too long (maximum is 140 characters)");
    else if (same >= SG_STATUSES)
        sg_invalid(c, "Status", "base", "custom", "This SHA and context has reached the maximum number of statuses.");
    else
        return true;
    return false;
}

void sg_status_post(struct sandbox_call *c)
{
    struct sg_repo *r = sg_may_write(c, "repo") ? sg_asked_repo(c) : NULL;
    struct sg_commit *at = r ? sg_commit_find(r, c->part[2]) : NULL;
    if (r && !at)
        sg_error(c, 422, arena_fmt(c->arena, "No commit found for SHA: %s", c->part[2]));
    if (!at || !repo_status_is_fine(c, at))
        return;
    const struct sg_status *s = sg_status_add(c->s->github, at, c->github_user, c->body);
    sandbox_json(c, 201);
    sg_put_status(c, r, at, s);
}
