/* Objects as GitHub's REST and hooks show them. Addresses and what never varies come from tables. */
#include "base/base.h"

#include "sandbox/github_private.h"

struct render_row {
    const char *key, *tail;
};

static const struct render_row render_user[] = {
    {"url", ""},
    {"followers_url", "/followers"},
    {"following_url", "/following{/other_user}"},
    {"gists_url", "/gists{/gist_id}"},
    {"starred_url", "/starred{/owner}{/repo}"},
    {"subscriptions_url", "/subscriptions"},
    {"organizations_url", "/orgs"},
    {"repos_url", "/repos"},
    {"events_url", "/events{/privacy}"},
    {"received_events_url", "/received_events"},
};

static const struct render_row render_repo[] = {
    {"url", ""},
    {"forks_url", "/forks"},
    {"keys_url", "/keys{/key_id}"},
    {"collaborators_url", "/collaborators{/collaborator}"},
    {"teams_url", "/teams"},
    {"hooks_url", "/hooks"},
    {"issue_events_url", "/issues/events{/number}"},
    {"events_url", "/events"},
    {"assignees_url", "/assignees{/user}"},
    {"branches_url", "/branches{/branch}"},
    {"tags_url", "/tags"},
    {"blobs_url", "/git/blobs{/sha}"},
    {"git_tags_url", "/git/tags{/sha}"},
    {"git_refs_url", "/git/refs{/sha}"},
    {"trees_url", "/git/trees{/sha}"},
    {"statuses_url", "/statuses/{sha}"},
    {"languages_url", "/languages"},
    {"stargazers_url", "/stargazers"},
    {"contributors_url", "/contributors"},
    {"subscribers_url", "/subscribers"},
    {"subscription_url", "/subscription"},
    {"commits_url", "/commits{/sha}"},
    {"git_commits_url", "/git/commits{/sha}"},
    {"comments_url", "/comments{/number}"},
    {"issue_comment_url", "/issues/comments{/number}"},
    {"contents_url", "/contents/{+path}"},
    {"compare_url", "/compare/{base}...{head}"},
    {"merges_url", "/merges"},
    {"archive_url", "/{archive_format}{/ref}"},
    {"downloads_url", "/downloads"},
    {"issues_url", "/issues{/number}"},
    {"pulls_url", "/pulls{/number}"},
    {"milestones_url", "/milestones{/number}"},
    {"notifications_url", "/notifications{?since,all,participating}"},
    {"labels_url", "/labels{/name}"},
    {"releases_url", "/releases{/id}"},
    {"deployments_url", "/deployments"},
};
static const struct render_row render_html[] = {
    {"html_url", ""}, {"svn_url", ""}, {"clone_url", ".git"}, {"git_url", ".git"}, {"ssh_url", ".git"}};
static const char *const render_repo_counts[] = {
    "size",  "stargazers_count", "watchers_count", "forks_count",      "open_issues_count", "open_issues",
    "forks", "watchers",         "network_count",  "subscribers_count"};
static const char *const render_repo_nulls[] = {"homepage", "language", "mirror_url", "license"};
static const struct {
    const char *key;
    bool is_so;
} render_repo_flags[] = {
    {"fork", false},      {"has_issues", true},    {"has_projects", true},     {"has_wiki", true},
    {"has_pages", false}, {"has_downloads", true}, {"has_discussions", false}, {"disabled", false}};

static void render_urls(struct sandbox_call *c, struct json_out *o, const char *base, const struct render_row *rows,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        json_put_text(o, rows[i].key, arena_fmt(c->arena, "%s%s", base, rows[i].tail));
}

const char *sg_node(struct arena *a, const char *kind, uint64_t id)
{
    return arena_fmt(a, "%s_kwDO%09" PRIu64, kind, id);
}

uint64_t sg_node_read(const char *kind, const char *node)
{
    size_t n = strlen(kind);
    if (!node || strncmp(node, kind, n) != 0 || !text_starts(node + n, "_kwDO"))
        return 0;
    const char *digits = node + n + strlen("_kwDO");
    return sg_digits(digits + strspn(digits, "0"));
}

const char *sg_repo_url(struct sandbox_call *c, const struct sg_repo *r)
{
    return arena_fmt(c->arena, "%s/github/api/repos/%s", c->base, r->full);
}

const char *sg_html_url(struct sandbox_call *c, const struct sg_issue *i)
{
    return arena_fmt(c->arena, "%s/github/%s/%s/%" PRIu64, c->base, i->repo->full, i->is_pull ? "pull" : "issues",
                     i->number);
}

static void render_user_members(struct sandbox_call *c, struct json_out *o, const struct sg_user *u)
{
    json_put_text(o, "login", u->login);
    json_put_int(o, "id", (int64_t)u->id);
    json_put_text(o, "node_id", sg_node(c->arena, "U", u->id));
    json_put_text(o, "avatar_url", arena_fmt(c->arena, "%s/github/avatars/%" PRIu64, c->base, u->id));
    json_put_text(o, "gravatar_id", "");
    render_urls(c, o, arena_fmt(c->arena, "%s/github/api/users/%s", c->base, u->login), render_user,
                COUNT(render_user));
    json_put_text(o, "html_url", arena_fmt(c->arena, "%s/github/%s", c->base, u->login));
    json_put_text(o, "type", u->type);
    json_put_bool(o, "site_admin", false);
}

void sg_put_user(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_user *u)
{
    if (!u) {
        json_put_null(o, key);
        return;
    }
    json_open(o, key, '{');
    render_user_members(c, o, u);
    json_put_text(o, "user_view_type", "public");
    json_close(o);
}

void sg_put_profile(struct sandbox_call *c, const struct sg_user *u, bool is_self)
{
    static const char *const nulls[] = {"company", "location", "email", "hireable", "bio", "twitter_username"};
    static const char *const counts[] = {"public_repos", "public_gists", "followers", "following"};
    static const char *const own[] = {"private_gists", "total_private_repos", "owned_private_repos", "disk_usage",
                                      "collaborators"};
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    render_user_members(c, o, u);
    json_put_text(o, "user_view_type", is_self ? "private" : "public");
    json_put_text(o, "name", u->name);
    json_put_text(o, "blog", "");
    for (size_t i = 0; i < COUNT(nulls); i++)
        json_put_null(o, nulls[i]);
    for (size_t i = 0; i < COUNT(counts); i++)
        json_put_int(o, counts[i], 0);
    json_put_text(o, "created_at", "2020-01-01T00:00:00Z");
    json_put_text(o, "updated_at", "2020-01-01T00:00:00Z");
    for (size_t i = 0; is_self && i < COUNT(own); i++)
        json_put_int(o, own[i], 0);
    if (is_self)
        json_put_bool(o, "two_factor_authentication", true);
    json_close(o);
}

/* `fork`: whose copy it is; NULL: the repository itself. */
static void render_repo_object(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_repo *r,
                               const struct sg_user *fork)
{
    const struct sg_user *owner = fork ? fork : r->owner;
    const char *full = fork ? arena_fmt(c->arena, "%s/%s", fork->login, r->name) : r->full;
    json_open(o, key, '{');
    json_put_int(o, "id", (int64_t)(fork ? r->id * 1000 + fork->id % 1000 : r->id));
    json_put_text(o, "node_id", sg_node(c->arena, "R", fork ? r->id * 1000 + fork->id % 1000 : r->id));
    json_put_text(o, "name", r->name);
    json_put_text(o, "full_name", full);
    json_put_bool(o, "private", r->is_private);
    sg_put_user(c, o, "owner", owner);
    json_put_text(o, "description", r->description);
    json_put_text(o, "visibility", r->is_private ? "private" : "public");
    render_urls(c, o, arena_fmt(c->arena, "%s/github/api/repos/%s", c->base, full), render_repo, COUNT(render_repo));
    render_urls(c, o, arena_fmt(c->arena, "%s/github/%s", c->base, full), render_html, COUNT(render_html));
    json_put_text(o, "created_at", sg_time(c, r->created_ms));
    json_put_text(o, "updated_at", sg_time(c, r->updated_ms));
    json_put_text(o, "pushed_at", sg_time(c, r->updated_ms));
    json_put_bool(o, "archived", r->is_archived);
    json_put_text(o, "default_branch", r->branch);
    for (size_t i = 0; i < COUNT(render_repo_counts); i++)
        json_put_int(o, render_repo_counts[i], 0);
    for (size_t i = 0; i < COUNT(render_repo_nulls); i++)
        json_put_null(o, render_repo_nulls[i]);
    for (size_t i = 0; i < COUNT(render_repo_flags); i++)
        json_put_bool(o, render_repo_flags[i].key, render_repo_flags[i].is_so || (i == 0 && fork));
    json_open(o, "topics", '[');
    json_close(o);
    json_close(o);
}

void sg_put_repo(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_repo *r)
{
    render_repo_object(c, o, key, r, NULL);
}

void sg_put_label(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_repo *r,
                  const struct sg_label *label)
{
    struct text url;
    text_init(&url, 4096);
    text_addf(&url, "%s/labels/", sg_repo_url(c, r));
    http_escape(&url, label->name);
    json_open(o, key, '{');
    json_put_int(o, "id", (int64_t)label->id);
    json_put_text(o, "node_id", sg_node(c->arena, "LA", label->id));
    json_put_text(o, "url", text_z(&url));
    json_put_text(o, "name", label->name);
    json_put_text(o, "color", label->color);
    json_put_bool(o, "default", false);
    json_put_text(o, "description", label->description ? label->description : "");
    json_close(o);
    text_free(&url);
}

void sg_put_labels(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_issue *i)
{
    json_open(o, key, '[');
    for (size_t n = 0; n < i->labels.n; n++) {
        const struct sg_label *label = sg_label_find(i->repo, i->labels.v[n]);
        if (label)
            sg_put_label(c, o, NULL, i->repo, label);
    }
    json_close(o);
}

/* Nobody ever reacts here. */
static void render_reactions(struct sandbox_call *c, struct json_out *o, const char *url)
{
    static const char *const kinds[] = {"total_count", "+1",    "-1",     "laugh", "hooray",
                                        "confused",    "heart", "rocket", "eyes"};
    json_open(o, "reactions", '{');
    json_put_text(o, "url", arena_fmt(c->arena, "%s/reactions", url));
    for (size_t i = 0; i < COUNT(kinds); i++)
        json_put_int(o, kinds[i], 0);
    json_close(o);
}

void sg_put_comment(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_comment *m)
{
    const struct sg_issue *i = m->issue;
    const char *repo = sg_repo_url(c, i->repo);
    const char *url = arena_fmt(c->arena, "%s/issues/comments/%" PRIu64, repo, m->id);
    json_open(o, key, '{');
    json_put_text(o, "url", url);
    json_put_text(o, "html_url", arena_fmt(c->arena, "%s#issuecomment-%" PRIu64, sg_html_url(c, i), m->id));
    json_put_text(o, "issue_url", arena_fmt(c->arena, "%s/issues/%" PRIu64, repo, i->number));
    json_put_int(o, "id", (int64_t)m->id);
    json_put_text(o, "node_id", sg_node(c->arena, "IC", m->id));
    sg_put_user(c, o, "user", m->author);
    json_put_text(o, "created_at", sg_time(c, m->created_ms));
    json_put_text(o, "updated_at", sg_time(c, m->updated_ms));
    json_put_text(o, "author_association", m->author == i->author ? i->association : "MEMBER");
    json_put_text(o, "body", m->body);
    json_put_null(o, "performed_via_github_app");
    render_reactions(c, o, url);
    json_close(o);
}

void sg_put_status(struct sandbox_call *c, const struct sg_repo *r, const struct sg_commit *at,
                   const struct sg_status *s)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_text(o, "url", arena_fmt(c->arena, "%s/statuses/%s", sg_repo_url(c, r), at->sha));
    json_put_text(o, "avatar_url", arena_fmt(c->arena, "%s/github/avatars/%" PRIu64, c->base, s->creator->id));
    json_put_int(o, "id", (int64_t)s->id);
    json_put_text(o, "node_id", sg_node(c->arena, "SC", s->id));
    json_put_text(o, "state", s->state);
    json_put_text(o, "description", s->description);
    json_put_text(o, "target_url", s->target);
    json_put_text(o, "context", s->context);
    json_put_text(o, "created_at", sg_time(c, s->at_ms));
    json_put_text(o, "updated_at", sg_time(c, s->at_ms));
    sg_put_user(c, o, "creator", s->creator);
    json_close(o);
}

/* What issues and pull requests have in common. */
static void render_common(struct sandbox_call *c, struct json_out *o, const struct sg_issue *i)
{
    const char *issue = arena_fmt(c->arena, "%s/issues/%" PRIu64, sg_repo_url(c, i->repo), i->number);
    json_put_text(o, "html_url", sg_html_url(c, i));
    json_put_text(o, "comments_url", arena_fmt(c->arena, "%s/comments", issue));
    json_put_int(o, "number", (int64_t)i->number);
    json_put_text(o, "title", i->title);
    sg_put_user(c, o, "user", i->author);
    sg_put_labels(c, o, "labels", i);
    json_put_text(o, "state", i->is_closed ? "closed" : "open");
    json_put_bool(o, "locked", i->is_locked);
    json_put_text(o, "active_lock_reason", NULL);
    json_put_null(o, "assignee");
    json_open(o, "assignees", '[');
    json_close(o);
    json_put_null(o, "milestone");
    json_put_text(o, "created_at", sg_time(c, i->created_ms));
    json_put_text(o, "updated_at", sg_time(c, i->updated_ms));
    json_put_text(o, "closed_at", i->is_closed ? sg_time(c, i->closed_ms) : NULL);
    json_put_text(o, "author_association", i->association);
    json_put_text(o, "body", i->body);
    if (i->is_pull)
        json_put_bool(o, "draft", i->is_draft);
}

static void render_pull_links(struct sandbox_call *c, struct json_out *o, const struct sg_issue *i)
{
    const char *pull = arena_fmt(c->arena, "%s/pulls/%" PRIu64, sg_repo_url(c, i->repo), i->number);
    json_open(o, "pull_request", '{');
    json_put_text(o, "url", pull);
    json_put_text(o, "html_url", sg_html_url(c, i));
    json_put_text(o, "diff_url", arena_fmt(c->arena, "%s.diff", sg_html_url(c, i)));
    json_put_text(o, "patch_url", arena_fmt(c->arena, "%s.patch", sg_html_url(c, i)));
    json_put_text(o, "merged_at", i->is_merged ? sg_time(c, i->closed_ms) : NULL);
    json_close(o);
}

void sg_put_issue(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_issue *i)
{
    static const struct render_row rows[] = {{"url", ""}, {"labels_url", "/labels{/name}"}, {"events_url", "/events"}};
    const char *repo = sg_repo_url(c, i->repo);
    json_open(o, key, '{');
    json_put_int(o, "id", (int64_t)i->id);
    json_put_text(o, "node_id", sg_node(c->arena, i->is_pull ? "PR" : "I", i->id));
    json_put_text(o, "repository_url", repo);
    render_urls(c, o, arena_fmt(c->arena, "%s/issues/%" PRIu64, repo, i->number), rows, COUNT(rows));
    render_common(c, o, i);
    json_put_int(o, "comments", (int64_t)i->comments.n);
    if (i->is_pull)
        render_pull_links(c, o, i);
    render_reactions(c, o, arena_fmt(c->arena, "%s/issues/%" PRIu64, repo, i->number));
    json_put_text(o, "state_reason", i->is_closed && !i->is_pull ? "completed" : NULL);
    json_close(o);
}

static void render_branch(struct sandbox_call *c, struct json_out *o, const struct sg_issue *i, bool is_head)
{
    const struct sg_user *owner = is_head ? i->author : i->repo->owner;
    const char *ref = is_head ? i->head_ref : i->base_ref;
    bool is_gone = is_head && i->is_fork_gone;
    json_open(o, is_head ? "head" : "base", '{');
    json_put_text(o, "label", arena_fmt(c->arena, "%s:%s", owner->login, ref));
    json_put_text(o, "ref", ref);
    json_put_text(o, "sha", is_head ? i->head_sha : "6dcb09b5b57875f334f61aebed695e2e4193db5e");
    sg_put_user(c, o, "user", is_gone ? NULL : owner);
    if (is_gone)
        json_put_null(o, "repo");
    else
        render_repo_object(c, o, "repo", i->repo, is_head && owner != i->repo->owner ? owner : NULL);
    json_close(o);
}

static void render_see(struct sandbox_call *c, struct json_out *o, const struct sg_issue *i)
{
    const char *repo = sg_repo_url(c, i->repo);
    const struct render_row rows[] = {
        {"self", arena_fmt(c->arena, "%s/pulls/%" PRIu64, repo, i->number)},
        {"html", sg_html_url(c, i)},
        {"issue", arena_fmt(c->arena, "%s/issues/%" PRIu64, repo, i->number)},
        {"comments", arena_fmt(c->arena, "%s/issues/%" PRIu64 "/comments", repo, i->number)},
        {"review_comments", arena_fmt(c->arena, "%s/pulls/%" PRIu64 "/comments", repo, i->number)},
        {"review_comment", arena_fmt(c->arena, "%s/pulls/comments{/number}", repo)},
        {"commits", arena_fmt(c->arena, "%s/pulls/%" PRIu64 "/commits", repo, i->number)},
        {"statuses", arena_fmt(c->arena, "%s/statuses/%s", repo, i->head_sha)}};
    json_open(o, "_links", '{');
    for (size_t n = 0; n < COUNT(rows); n++) {
        json_open(o, rows[n].key, '{');
        json_put_text(o, "href", rows[n].tail);
        json_close(o);
    }
    json_close(o);
    for (size_t n = 5; n < COUNT(rows); n++)
        json_put_text(o, arena_fmt(c->arena, "%s_url", rows[n].key), rows[n].tail);
    json_put_text(o, "url", rows[0].tail);
    json_put_text(o, "issue_url", rows[2].tail);
    json_put_text(o, "review_comments_url", rows[4].tail);
}

/* What only the answer about one pull request, and hooks, have. */
static void render_pull_rest(struct sandbox_call *c, struct json_out *o, const struct sg_issue *i)
{
    json_put_bool(o, "merged", i->is_merged);
    json_put_bool(o, "mergeable", !i->is_closed);
    json_put_null(o, "rebaseable");
    json_put_text(o, "mergeable_state", i->is_draft ? "draft" : "clean");
    sg_put_user(c, o, "merged_by", i->is_merged ? i->repo->owner : NULL);
    json_put_int(o, "comments", (int64_t)i->comments.n);
    json_put_int(o, "review_comments", 0);
    json_put_bool(o, "maintainer_can_modify", true);
    json_put_int(o, "commits", 1);
    json_put_int(o, "additions", 10);
    json_put_int(o, "deletions", 2);
    json_put_int(o, "changed_files", 1);
}

void sg_put_pull(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_issue *i, bool is_whole)
{
    json_open(o, key, '{');
    json_put_int(o, "id", (int64_t)i->id);
    json_put_text(o, "node_id", sg_node(c->arena, "PR", i->id));
    render_common(c, o, i);
    json_put_text(o, "diff_url", arena_fmt(c->arena, "%s.diff", sg_html_url(c, i)));
    json_put_text(o, "patch_url", arena_fmt(c->arena, "%s.patch", sg_html_url(c, i)));
    json_put_text(o, "merged_at", i->is_merged ? sg_time(c, i->closed_ms) : NULL);
    json_put_text(o, "merge_commit_sha", i->is_merged ? i->head_sha : NULL);
    json_open(o, "requested_reviewers", '[');
    json_close(o);
    json_open(o, "requested_teams", '[');
    json_close(o);
    render_see(c, o, i);
    render_branch(c, o, i, true);
    render_branch(c, o, i, false);
    json_put_null(o, "auto_merge");
    if (is_whole)
        render_pull_rest(c, o, i);
    json_close(o);
}
