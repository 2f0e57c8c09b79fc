/*
 * Control of the pretend GitHub, below /_sandbox/github. What people do there is told to the hooks, unless the body
 * says "quiet": true; "by" is who does it.
 *
 *   PUT    users/LOGIN                  {name, type, token, scopes}
 *   GET, PUT repos/O/R                  {private, archived, description, default_branch, labels, files: {PATH: TEXT}}
 *   POST   repos/O/R/rename             {to}: the former name redirects
 *   PUT, DELETE repos/O/R/files/PATH    {text}
 *   POST   repos/O/R/pulls, …/issues    {title, body, author, labels, draft, association, head, base, sha, number,
 *                                       fork_gone, created_at, updated_at, comments: [{author, body, created_at}]}
 *   GET    repos/O/R/issues(/N)         all that is known of one, or of all (?start=&limit=)
 *   POST   repos/O/R/issues/N/WHAT      see control_acts
 *   GET, PUT boards/ORG/N               {title, hidden, fields: [NAME or {name, type, options}]}
 *   GET, POST hooks                     {repo, org or app, url, secret, events, active, content_type, and as below}
 *   PUT, DELETE hooks/ID, hooks/last    {lose: N, forget: N, twice: N, hold: N, delay_ms, parallel, active}: the next N
 *                                       fail, never were, come twice, wait and then come in reverse order
 *   GET    hooks/ID/deliveries          all of them, whole; POST hooks/ID/deliveries/ID: again
 *   POST   fill                         {repo, pulls, issues, author}: many, in silence
 */
#include "base/base.h"

#include "sandbox/github_handlers_private.h"
#include "sandbox/github_hooks_private.h"

enum { SG_CONTROL_PAGE = 200, SG_FILL = 200000 };

static void ghcontrol_refuse(struct sandbox_call *c, int status, const char *message)
{
    text_addf(sandbox_plain(c, status, "text/plain"), "%s\n", message);
}

static int64_t ghcontrol_waiting(const struct sg_hook *h)
{
    return (int64_t)(h->n_queue + h->n_held + h->n_late) + h->flying;
}

void sg_control_state(struct sandbox_call *c, struct json_out *o)
{
    const struct sg_site *g = c->s->github;
    int64_t waiting = 0;
    for (size_t i = 0; i < g->hooks.n; i++)
        waiting += ghcontrol_waiting(g->hooks.v[i]);
    json_open(o, "github", '{');
    json_put_int(o, "repos", (int64_t)g->repos.n);
    json_put_int(o, "issues", (int64_t)map_count(g->issues));
    json_put_int(o, "comments", (int64_t)map_count(g->comments));
    json_put_int(o, "items", (int64_t)map_count(g->items));
    json_put_int(o, "waiting_deliveries", waiting);
    json_close(o);
}

/* Who acts, and whether it is told. */
static void ghcontrol_begin(struct sandbox_call *c)
{
    c->github_user = sg_user_ensure(c->s->github, sg_text(c->body, "by", sg_text(c->body, "author", "ghost")));
    c->is_quiet = json_bool(json_get(c->body, "quiet"), false);
}

void sg_control_user(struct sandbox_call *c)
{
    const struct sg_user *u = sg_user_fill(c->s->github, c->part[0], c->body);
    sg_put_user(c, sandbox_json(c, 200), NULL, u);
}

static const char *ghcontrol_full(struct sandbox_call *c)
{
    return arena_fmt(c->arena, "%s/%s", c->part[0], c->part[1]);
}

static struct sg_repo *ghcontrol_repo(struct sandbox_call *c)
{
    struct sg_repo *r = sg_repo_find(c->s->github, ghcontrol_full(c));
    if (!r)
        ghcontrol_refuse(c, 404, "no such repository");
    return r;
}

static struct sg_issue *ghcontrol_issue(struct sandbox_call *c)
{
    const struct sg_repo *r = ghcontrol_repo(c);
    struct sg_issue *i = r ? sg_issue_find(r, sg_digits(c->part[2])) : NULL;
    if (r && !i)
        ghcontrol_refuse(c, 404, "no such pull request or issue");
    return i;
}

static void ghcontrol_show_repo(struct sandbox_call *c, const struct sg_repo *r)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    sg_put_repo(c, o, "repository", r);
    json_open(o, "labels", '[');
    for (size_t i = 0; i < r->labels.n; i++)
        json_put_text(o, NULL, r->labels.v[i]->name);
    json_close(o);
    json_open(o, "files", '{');
    for (size_t i = 0; i < r->files.n; i++)
        json_put_text(o, r->files.v[i].path, r->files.v[i].text);
    json_close(o);
    json_put_int(o, "issues", (int64_t)r->issues.n);
    json_close(o);
}

void sg_control_repo_get(struct sandbox_call *c)
{
    const struct sg_repo *r = ghcontrol_repo(c);
    if (r)
        ghcontrol_show_repo(c, r);
}

void sg_control_repo_put(struct sandbox_call *c)
{
    struct sg_repo *r = sg_repo_ensure(c->s->github, ghcontrol_full(c));
    if (!r) {
        ghcontrol_refuse(c, 400, "expected OWNER/NAME");
        return;
    }
    sg_repo_fill(c->s->github, r, c->body);
    ghcontrol_show_repo(c, r);
}

void sg_control_rename(struct sandbox_call *c)
{
    struct sg_repo *r = ghcontrol_repo(c);
    if (!r)
        return;
    sg_repo_rename(c->s->github, r, sg_text(c->body, "to", ""));
    ghcontrol_show_repo(c, r);
}

void sg_control_file_put(struct sandbox_call *c)
{
    struct sg_repo *r = ghcontrol_repo(c);
    if (!r)
        return;
    sg_file_put(r, c->part[2], sg_text(c->body, "text", ""));
    sandbox_empty(c, 204);
}

void sg_control_file_delete(struct sandbox_call *c)
{
    struct sg_repo *r = ghcontrol_repo(c);
    if (!r)
        return;
    sg_file_put(r, c->part[2], NULL);
    sandbox_empty(c, 204);
}

/* --- pull requests and issues --- */

static void ghcontrol_put_item(struct sandbox_call *c, const struct sg_item *item)
{
    struct json_out *o = &c->json;
    const struct sg_board *b = item->board;
    json_open(o, NULL, '{');
    json_put_text(o, "id", sg_node(c->arena, "PVTI", item->id));
    json_put_text(o, "board", arena_fmt(c->arena, "%s:%" PRId64, b->owner->login, b->number));
    json_put_text(o, "issue", arena_fmt(c->arena, "%s#%" PRIu64, item->issue->repo->full, item->issue->number));
    json_open(o, "values", '{');
    for (size_t i = 0; i < b->fields.n; i++)
        if (sg_item_value(item, i))
            json_put_text(o, b->fields.v[i]->name, sg_item_value(item, i));
    json_close(o);
    json_close(o);
}

static void ghcontrol_put_whole(struct sandbox_call *c, const struct sg_issue *i)
{
    struct json_out *o = &c->json;
    const struct sg_commit *at = i->is_pull ? sg_commit_find(i->repo, i->head_sha) : NULL;
    json_open(o, NULL, '{');
    json_put_text(o, "ref", arena_fmt(c->arena, "%s#%" PRIu64, i->repo->full, i->number));
    json_put_bool(o, "deleted", i->is_deleted);
    if (i->is_pull)
        sg_put_pull(c, o, "pull", i, true);
    else
        sg_put_issue(c, o, "issue", i);
    json_open(o, "labels", '[');
    for (size_t n = 0; n < i->labels.n; n++)
        json_put_text(o, NULL, i->labels.v[n]);
    json_close(o);
    json_open(o, "comments", '[');
    for (size_t n = 0; n < i->comments.n; n++)
        sg_put_comment(c, o, NULL, i->comments.v[n]);
    json_close(o);
    json_open(o, "statuses", '[');
    for (size_t n = at ? at->statuses.n : 0; n > 0; n--)
        sg_put_status(c, i->repo, at, at->statuses.v[n - 1]);
    json_close(o);
    json_open(o, "items", '[');
    for (size_t n = 0; n < i->items.n; n++)
        ghcontrol_put_item(c, i->items.v[n]);
    json_close(o);
    json_close(o);
}

void sg_control_issues(struct sandbox_call *c)
{
    const struct sg_repo *r = ghcontrol_repo(c);
    size_t start = (size_t)sandbox_query_int(c, "start", 0, INT32_MAX);
    size_t limit = (size_t)sandbox_query_int(c, "limit", SG_CONTROL_PAGE, 10000);
    if (!r)
        return;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "total", (int64_t)r->issues.n);
    json_open(o, "issues", '[');
    for (size_t i = start; i < r->issues.n && i - start < limit; i++)
        ghcontrol_put_whole(c, r->issues.v[i]);
    json_close(o);
    json_close(o);
}

static void ghcontrol_show(struct sandbox_call *c, const struct sg_issue *i, int status)
{
    sandbox_json(c, status);
    ghcontrol_put_whole(c, i);
}

void sg_control_issue(struct sandbox_call *c)
{
    const struct sg_issue *i = ghcontrol_issue(c);
    if (i)
        ghcontrol_show(c, i, 200);
}

void sg_control_open(struct sandbox_call *c)
{
    struct sg_site *g = c->s->github;
    bool is_pull = text_same(c->part[2], "pulls");
    struct sg_repo *r = sg_repo_ensure(g, ghcontrol_full(c));
    if (!r || (!is_pull && !text_same(c->part[2], "issues")) || map_count(g->issues) >= SG_ISSUES) {
        ghcontrol_refuse(c, 404, "expected repos/OWNER/NAME/pulls or issues");
        return;
    }
    ghcontrol_begin(c);
    struct sg_issue *i = sg_issue_new(g, r, is_pull, c->body);
    sg_change_tell(c, i, "opened");
    ghcontrol_show(c, i, 201);
}

static bool act_edit(struct sandbox_call *c, struct sg_issue *i)
{
    const struct json *body = json_get(c->body, "body");
    if (sg_text(c->body, "title", NULL))
        sg_change_text(c, i, "title", sg_text(c->body, "title", NULL));
    if (body)
        sg_change_text(c, i, "body", json_text(body));
    return true;
}

static bool act_close(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_state(c, i, true, false);
    return true;
}

static bool act_merge(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_state(c, i, true, true);
    return i->is_pull;
}

static bool act_reopen(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_state(c, i, false, false);
    return true;
}

static bool act_label(struct sandbox_call *c, struct sg_issue *i)
{
    const char *name = sg_text(c->body, "name", NULL);
    if (!text_blank(name))
        sg_change_label(c, i, name);
    return !text_blank(name);
}

static bool act_unlabel(struct sandbox_call *c, struct sg_issue *i)
{
    return sg_change_unlabel(c, i, sg_text(c->body, "name", NULL));
}

static bool act_push(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_push(c, i, sg_text(c->body, "sha", NULL));
    return i->is_pull;
}

static bool act_draft(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_draft(c, i, true);
    return i->is_pull;
}

static bool act_ready(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_draft(c, i, false);
    return i->is_pull;
}

static bool act_tell(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_tell(c, i, arena_text(c->arena, sg_text(c->body, "action", "assigned")));
    return true;
}

static bool act_comment(struct sandbox_call *c, struct sg_issue *i)
{
    sg_change_comment(c, i, sg_text(c->body, "body", ""));
    return true;
}

static struct sg_comment *act_asked_comment(struct sandbox_call *c, const struct sg_issue *i)
{
    int64_t id = 0;
    (void)json_int(json_get(c->body, "id"), &id);
    struct sg_comment *m = id > 0 ? map_get(c->s->github->comments, (uint64_t)id) : NULL;
    return m && m->issue == i ? m : NULL;
}

static bool act_edit_comment(struct sandbox_call *c, struct sg_issue *i)
{
    struct sg_comment *m = act_asked_comment(c, i);
    if (m)
        sg_change_comment_text(c, m, sg_text(c->body, "body", ""));
    return m;
}

static bool act_delete_comment(struct sandbox_call *c, struct sg_issue *i)
{
    struct sg_comment *m = act_asked_comment(c, i);
    if (m)
        sg_change_uncomment(c, m);
    return m;
}

static bool act_review(struct sandbox_call *c, struct sg_issue *i)
{
    struct sg_event ev = {.name = "pull_request_review", .repo = i->repo, .issue = i};
    ev.action = sg_text(c->body, "action", "submitted");
    ev.review = sg_text(c->body, "state", "approved");
    ev.said = sg_text(c->body, "body", NULL);
    if (i->is_pull)
        sg_event_send(c, &ev);
    return i->is_pull;
}

static bool act_status(struct sandbox_call *c, struct sg_issue *i)
{
    if (i->is_pull)
        (void)sg_status_add(c->s->github, sg_commit_ensure(i->repo, i->head_sha), c->github_user, c->body);
    return i->is_pull;
}

static bool act_board(struct sandbox_call *c, struct sg_issue *i)
{
    int64_t number = 0;
    (void)json_int(json_get(c->body, "number"), &number);
    struct sg_board *b = sg_board_find(c->s->github, sg_text(c->body, "org", NULL), number);
    if (b)
        (void)sg_item_ensure(c->s->github, b, i);
    return b;
}

static bool act_delete(UNUSED struct sandbox_call *c, struct sg_issue *i)
{
    i->is_deleted = true;
    return true;
}

static const struct {
    const char *name;
    bool (*act)(struct sandbox_call *c, struct sg_issue *i);
} control_acts[] = {
    {"edit", act_edit}, /* title, body */
    {"close", act_close},
    {"merge", act_merge},
    {"reopen", act_reopen},
    {"label", act_label}, /* name */
    {"unlabel", act_unlabel},
    {"push", act_push}, /* sha */
    {"draft", act_draft},
    {"ready", act_ready},
    {"tell", act_tell}, /* action: an event that changes nothing here, as "enqueued" */
    {"comment", act_comment},
    {"edit_comment", act_edit_comment}, /* id, body */
    {"delete_comment", act_delete_comment},
    {"review", act_review}, /* state, body, action */
    {"status", act_status}, /* state, context, description, target_url */
    {"board", act_board},   /* org, number: put on it */
    {"delete", act_delete},
};

void sg_control_act(struct sandbox_call *c)
{
    struct sg_issue *i = ghcontrol_issue(c);
    if (!i)
        return;
    ghcontrol_begin(c);
    for (size_t n = 0; n < COUNT(control_acts); n++) {
        if (strcmp(control_acts[n].name, c->part[3]) != 0)
            continue;
        if (control_acts[n].act(c, i))
            ghcontrol_show(c, i, 200);
        else
            ghcontrol_refuse(c, 400, "that cannot be done there");
        return;
    }
    ghcontrol_refuse(c, 404, "no such act");
}

/* --- boards --- */

static void ghcontrol_show_board(struct sandbox_call *c, const struct sg_board *b)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "id", sg_node(c->arena, "PVT", b->id));
    json_put_text(o, "title", b->title);
    json_open(o, "fields", '{');
    for (size_t i = 0; i < b->fields.n; i++)
        json_put_text(o, b->fields.v[i]->name, b->fields.v[i]->type);
    json_close(o);
    json_open(o, "items", '[');
    for (size_t i = 0; i < b->items.n; i++)
        ghcontrol_put_item(c, b->items.v[i]);
    json_close(o);
    json_close(o);
}

void sg_control_board_get(struct sandbox_call *c)
{
    const struct sg_board *b = sg_board_find(c->s->github, c->part[0], (int64_t)sg_digits(c->part[1]));
    if (b)
        ghcontrol_show_board(c, b);
    else
        ghcontrol_refuse(c, 404, "no such board");
}

void sg_control_board_put(struct sandbox_call *c)
{
    uint64_t number = sg_digits(c->part[1]);
    if (number)
        ghcontrol_show_board(c, sg_board_fill(c->s->github, c->part[0], (int64_t)number, c->body));
    else
        ghcontrol_refuse(c, 400, "expected the number of a board");
}

/* --- hooks --- */

static void ghcontrol_hook_behaviour(struct sg_hook *h, const struct json *from)
{
    const struct {
        const char *key;
        int64_t *at;
    } rows[] = {{"lose", &h->lose}, {"forget", &h->forget},     {"twice", &h->twice},
                {"hold", &h->hold}, {"delay_ms", &h->delay_ms}, {"parallel", &h->parallel}};
    for (size_t i = 0; i < COUNT(rows); i++)
        (void)json_int(json_get(from, rows[i].key), rows[i].at);
    h->parallel = h->parallel < 1 ? 1 : h->parallel > 64 ? 64 : h->parallel;
    h->is_active = json_bool(json_get(from, "active"), h->is_active);
}

static void ghcontrol_put_hook(struct sandbox_call *c, const struct sg_hook *h)
{
    struct json_out *o = &c->json;
    int64_t sent = 0, fine = 0;
    for (size_t i = 0; i < h->log.n; i++) {
        sent += h->log.v[i]->words != NULL;
        fine += h->log.v[i]->status >= 200 && h->log.v[i]->status < 300;
    }
    json_open(o, NULL, '{');
    sg_put_hook(c, o, "hook", h);
    json_put_int(o, "id", (int64_t)h->id);
    json_put_text(o, "of", sg_hook_owner(h));
    json_put_int(o, "known", (int64_t)h->log.n);
    json_put_int(o, "sent", sent);
    json_put_int(o, "fine", fine);
    json_put_int(o, "waiting", ghcontrol_waiting(h));
    json_close(o);
}

void sg_hook_put(struct sandbox_call *c, const struct json *from)
{
    struct sg_site *g = c->s->github;
    const char *org = sg_text(from, "org", NULL), *url = sg_text(from, "url", "");
    struct sg_app *app = sg_app_find(g, sg_text(from, "app", ""));
    struct sg_repo *r = org || app ? NULL : sg_repo_ensure(g, sg_text(from, "repo", ""));
    if (!org && !r && (!app || sg_hook_of_app(g, app))) {
        if (c->out)
            ghcontrol_refuse(c, 400, "a hook needs a repo, an org, or an App that has none");
        return;
    }
    struct sg_hook *h = sg_hook_new(g, r, org ? sg_user_ensure(g, org) : NULL, c->now_ms);
    h->app = r || org ? NULL : app;
    sandbox_set_text(&h->url, text_starts(url, "$BASE") ? arena_fmt(c->arena, "%s%s", c->base, url + 5) : url);
    sandbox_set_text(&h->secret, sg_text(from, "secret", NULL));
    h->is_form = text_same(sg_text(from, "content_type", "json"), "form");
    sandbox_words_clear(&h->events);
    sandbox_words_read(&h->events, json_get(from, "events"));
    if (!h->events.n)
        sandbox_words_add(&h->events, "*");
    if (h->org)
        sandbox_set_text(&h->org->type, "Organization");
    ghcontrol_hook_behaviour(h, from);
    if (!c->out)
        return;
    sandbox_json(c, 201);
    ghcontrol_put_hook(c, h);
}

void sg_control_hook_post(struct sandbox_call *c)
{
    sg_hook_put(c, c->body);
}

void sg_control_hooks(struct sandbox_call *c)
{
    const struct sg_site *g = c->s->github;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "hooks", '[');
    for (size_t i = 0; i < g->hooks.n; i++)
        ghcontrol_put_hook(c, g->hooks.v[i]);
    json_close(o);
    json_close(o);
}

static struct sg_hook *ghcontrol_hook(struct sandbox_call *c)
{
    const struct sg_site *g = c->s->github;
    bool is_last = text_same(c->part[0], "last") && g->hooks.n > 0;
    struct sg_hook *h = is_last ? g->hooks.v[g->hooks.n - 1] : sg_hook_find(c->s->github, sg_digits(c->part[0]));
    if (!h)
        ghcontrol_refuse(c, 404, "no such hook");
    return h;
}

void sg_control_hook_put(struct sandbox_call *c)
{
    struct sg_hook *h = ghcontrol_hook(c);
    if (!h)
        return;
    ghcontrol_hook_behaviour(h, c->body);
    sandbox_json(c, 200);
    ghcontrol_put_hook(c, h);
}

void sg_control_hook_delete(struct sandbox_call *c)
{
    struct sg_hook *h = ghcontrol_hook(c);
    if (!h)
        return;
    sg_hook_free(h);
    sandbox_empty(c, 204);
}

void sg_control_deliveries(struct sandbox_call *c)
{
    const struct sg_hook *h = ghcontrol_hook(c);
    if (!h)
        return;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "deliveries", '[');
    for (size_t i = 0; i < h->log.n; i++)
        sg_put_delivery(c, h->log.v[i], h->log.v[i]->body != NULL);
    json_close(o);
    json_close(o);
}

void sg_control_redeliver(struct sandbox_call *c)
{
    const struct sg_hook *h = ghcontrol_hook(c);
    const struct sg_delivery *d = h ? sg_delivery_find(h, sg_digits(c->part[1])) : NULL;
    if (d && d->body)
        sg_hook_again(c, d);
    if (h && d)
        sandbox_empty(c, 204);
    else if (h)
        ghcontrol_refuse(c, 404, "no such delivery");
}

void sg_control_fill(struct sandbox_call *c)
{
    struct sg_site *g = c->s->github;
    struct sg_repo *r = sg_repo_ensure(g, sg_text(c->body, "repo", ""));
    int64_t pulls = 0, issues = 0;
    (void)json_int(json_get(c->body, "pulls"), &pulls);
    (void)json_int(json_get(c->body, "issues"), &issues);
    if (!r || pulls > SG_FILL || issues > SG_FILL) {
        ghcontrol_refuse(c, 400, "at most 200000 at once, in the repo OWNER/NAME");
        return;
    }
    for (int64_t i = 0; i < pulls + issues && map_count(g->issues) < SG_ISSUES; i++)
        (void)sg_issue_new(g, r, i < pulls, c->body);
    sandbox_empty(c, 204);
}
