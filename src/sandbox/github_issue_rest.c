/* Issues, pull requests, their labels and comments over REST. */
#include "base/base.h"

#include "sandbox/github_handlers_private.h"
#include "sandbox/github_private.h"

static struct sg_issue *rest_asked_pull(struct sandbox_call *c)
{
    struct sg_issue *i = sg_asked_issue(c);
    if (i && i->is_pull)
        return i;
    if (i)
        sg_error(c, 404, "Not Found");
    return NULL;
}

static struct sg_issue *rest_written_issue(struct sandbox_call *c)
{
    return sg_may_write(c, "repo") ? sg_asked_issue(c) : NULL;
}

struct rest_list {
    bool is_pulls, by_update, is_newest_first;
    int state; /* 1 open, 2 closed, 3 all */
    int64_t since;
};

static bool rest_query_is(struct sandbox_call *c, const char *name, const char *value)
{
    return text_same(http_query(c->arena, c->request->url, name), value);
}

static struct rest_list rest_list_read(struct sandbox_call *c, bool is_pulls)
{
    struct rest_list l = {.is_pulls = is_pulls, .state = 1, .since = INT64_MIN};
    const char *since = http_query(c->arena, c->request->url, "since");
    bool is_by_creation = !http_query(c->arena, c->request->url, "sort") || rest_query_is(c, "sort", "created");
    l.by_update = rest_query_is(c, "sort", "updated");
    l.is_newest_first = rest_query_is(c, "direction", "desc") ||
                        (!rest_query_is(c, "direction", "asc") && (is_by_creation || !is_pulls));
    if (rest_query_is(c, "state", "all"))
        l.state = 3;
    else if (rest_query_is(c, "state", "closed"))
        l.state = 2;
    if (!since || is_pulls || when_parse(since, &l.since, NULL) != 0)
        l.since = INT64_MIN;
    return l;
}

static bool rest_list_wants(const struct rest_list *l, const struct sg_issue *i)
{
    bool is_state = l->state & (i->is_closed ? 2 : 1);
    return is_state && !i->is_deleted && (i->is_pull || !l->is_pulls) && i->updated_ms / 1000 * 1000 >= l->since;
}

/* The next one in the order that was asked for; NULL behind the last. `i` NULL: the first. */
static const struct sg_issue *rest_list_next(const struct rest_list *l, const struct sg_repo *r,
                                             const struct sg_issue *i, size_t at)
{
    if (!l->by_update)
        return at < r->issues.n ? r->issues.v[l->is_newest_first ? r->issues.n - 1 - at : at] : NULL;
    const struct list *link = i ? &i->by_change : &r->by_change;
    link = l->is_newest_first ? link->prev : link->next;
    return link == &r->by_change ? NULL : CONTAINER(link, const struct sg_issue, by_change);
}

static void rest_list_put(struct sandbox_call *c, bool is_pulls)
{
    const struct sg_repo *r = sg_asked_repo(c);
    struct sg_page p = sg_page_read(c);
    struct rest_list l = rest_list_read(c, is_pulls);
    size_t total = 0, at = 0;
    if (!r)
        return;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (const struct sg_issue *i = rest_list_next(&l, r, NULL, 0); i; i = rest_list_next(&l, r, i, ++at)) {
        if (!rest_list_wants(&l, i))
            continue;
        bool is_on_page = total >= p.first && total < p.end;
        total++;
        if (is_on_page && is_pulls)
            sg_put_pull(c, &c->json, NULL, i, false);
        else if (is_on_page)
            sg_put_issue(c, &c->json, NULL, i);
    }
    json_close(&c->json);
    sg_page_links(c, &p, total);
}

void sg_pull_list(struct sandbox_call *c)
{
    rest_list_put(c, true);
}

void sg_issue_list(struct sandbox_call *c)
{
    rest_list_put(c, false);
}

void sg_pull_get(struct sandbox_call *c)
{
    const struct sg_issue *i = rest_asked_pull(c);
    if (i)
        sg_put_pull(c, sandbox_json(c, 200), NULL, i, true);
}

void sg_issue_get(struct sandbox_call *c)
{
    const struct sg_issue *i = sg_asked_issue(c);
    if (i)
        sg_put_issue(c, sandbox_json(c, 200), NULL, i);
}

void sg_issue_post(struct sandbox_call *c)
{
    struct sg_repo *r = sg_may_write(c, "repo") ? sg_asked_repo(c) : NULL;
    if (!r)
        return;
    if (text_blank(sg_text(c->body, "title", NULL))) {
        sg_invalid(c, "Issue", "title", "missing_field", NULL);
        return;
    }
    struct sg_issue *i = sg_issue_new(c->s->github, r, false, c->body);
    i->author = c->github_user;
    sg_change_tell(c, i, "opened");
    sg_put_issue(c, sandbox_json(c, 201), NULL, i);
}

/* What of the body is there is changed. False: an error is answered. */
static bool rest_patch(struct sandbox_call *c, struct sg_issue *i)
{
    const char *state = sg_text(c->body, "state", NULL), *title = sg_text(c->body, "title", NULL);
    const struct json *body = json_get(c->body, "body"), *labels = json_get(c->body, "labels");
    if (state && strcmp(state, "open") != 0 && strcmp(state, "closed") != 0) {
        sg_invalid(c, i->is_pull ? "PullRequest" : "Issue", "state", "invalid", NULL);
        return false;
    }
    if (title)
        sg_change_text(c, i, "title", title);
    if (body)
        sg_change_text(c, i, "body", json_text(body));
    if (labels)
        sg_change_labels(c, i, labels);
    if (state)
        sg_change_state(c, i, strcmp(state, "closed") == 0, false);
    return true;
}

void sg_issue_patch(struct sandbox_call *c)
{
    struct sg_issue *i = rest_written_issue(c);
    if (i && rest_patch(c, i))
        sg_put_issue(c, sandbox_json(c, 200), NULL, i);
}

void sg_pull_patch(struct sandbox_call *c)
{
    struct sg_issue *i = sg_may_write(c, "repo") ? rest_asked_pull(c) : NULL;
    if (i && rest_patch(c, i))
        sg_put_pull(c, sandbox_json(c, 200), NULL, i, true);
}

/* --- labels of an issue --- */

void sg_issue_labels(struct sandbox_call *c)
{
    const struct sg_issue *i = sg_asked_issue(c);
    struct sg_page p = sg_page_read(c);
    if (!i)
        return;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t n = p.first; n < i->labels.n && n < p.end; n++) {
        const struct sg_label *label = sg_label_find(i->repo, i->labels.v[n]);
        if (label)
            sg_put_label(c, &c->json, NULL, i->repo, label);
    }
    json_close(&c->json);
    sg_page_links(c, &p, i->labels.n);
}

/* The list of the body, whose names are all texts; NULL: an error is answered. */
static const struct json *rest_label_names(struct sandbox_call *c)
{
    const struct json *list = json_kind(c->body) == JSON_ARRAY ? c->body : json_get(c->body, "labels");
    if (json_kind(list) != JSON_ARRAY) {
        sg_error(c, 422, "Invalid request.\n\nFor 'anyOf/0', nil is not an array.");
        return NULL;
    }
    JSON_EACH (it, list)
        if (text_blank(json_text(it)) && text_blank(sg_text(it, "name", NULL))) {
            sg_invalid(c, "Label", "name", "invalid", NULL);
            return NULL;
        }
    return list;
}

static void rest_answer_labels(struct sandbox_call *c, const struct sg_issue *i)
{
    sg_put_labels(c, sandbox_json(c, 200), NULL, i);
}

void sg_issue_labels_post(struct sandbox_call *c)
{
    struct sg_issue *i = rest_written_issue(c);
    const struct json *names = i ? rest_label_names(c) : NULL;
    if (!names)
        return;
    JSON_EACH (it, names)
        sg_change_label(c, i, json_text(it) ? json_text(it) : sg_text(it, "name", ""));
    rest_answer_labels(c, i);
}

void sg_issue_labels_put(struct sandbox_call *c)
{
    struct sg_issue *i = rest_written_issue(c);
    const struct json *names = i ? rest_label_names(c) : NULL;
    if (!names)
        return;
    sg_change_labels(c, i, names);
    rest_answer_labels(c, i);
}

void sg_issue_labels_delete(struct sandbox_call *c)
{
    struct sg_issue *i = rest_written_issue(c);
    if (!i)
        return;
    sg_change_labels(c, i, NULL);
    sandbox_empty(c, 204);
}

void sg_issue_label_delete(struct sandbox_call *c)
{
    struct sg_issue *i = rest_written_issue(c);
    if (i && !sg_change_unlabel(c, i, c->part[3]))
        sg_error(c, 404, "Label does not exist");
    else if (i)
        rest_answer_labels(c, i);
}

/* --- comments --- */

static struct sg_comment *rest_asked_comment(struct sandbox_call *c)
{
    const struct sg_repo *r = c->is_write && !sg_may_write(c, "repo") ? NULL : sg_asked_repo(c);
    uint64_t id = sg_digits(c->part[2]);
    struct sg_comment *m = id ? map_get(c->s->github->comments, id) : NULL;
    if (r && m && m->issue->repo == r)
        return m;
    if (r)
        sg_error(c, 404, "Not Found");
    return NULL;
}

void sg_comment_list(struct sandbox_call *c)
{
    const struct sg_issue *i = sg_asked_issue(c);
    struct sg_page p = sg_page_read(c);
    const char *since = http_query(c->arena, c->request->url, "since");
    int64_t since_ms = INT64_MIN;
    size_t total = 0;
    if (!i)
        return;
    if (!since || when_parse(since, &since_ms, NULL) != 0)
        since_ms = INT64_MIN;
    json_open(sandbox_json(c, 200), NULL, '[');
    for (size_t n = 0; n < i->comments.n; n++) {
        if (i->comments.v[n]->updated_ms / 1000 * 1000 < since_ms)
            continue;
        if (total >= p.first && total < p.end)
            sg_put_comment(c, &c->json, NULL, i->comments.v[n]);
        total++;
    }
    json_close(&c->json);
    sg_page_links(c, &p, total);
}

static bool rest_body_is_fine(struct sandbox_call *c)
{
    const char *body = sg_text(c->body, "body", "");
    if (str_trim(str_of(body)).n == 0)
        sg_invalid(c, "IssueComment", "body", "missing_field", "body can't be blank");
    else if (strlen(body) > SG_BODY_BYTES)
        sg_invalid(c, "IssueComment", "body", "custom", "body is too long (maximum is 65536 characters)");
    else
        return true;
    return false;
}

void sg_comment_post(struct sandbox_call *c)
{
    struct sg_issue *i = rest_written_issue(c);
    if (i && i->is_locked) {
        sg_error(c, 403, "Unable to create comment because issue is locked.");
        return;
    }
    if (i && rest_body_is_fine(c))
        sg_put_comment(c, sandbox_json(c, 201), NULL, sg_change_comment(c, i, sg_text(c->body, "body", "")));
}

void sg_comment_get(struct sandbox_call *c)
{
    const struct sg_comment *m = rest_asked_comment(c);
    if (m)
        sg_put_comment(c, sandbox_json(c, 200), NULL, m);
}

void sg_comment_patch(struct sandbox_call *c)
{
    struct sg_comment *m = rest_asked_comment(c);
    if (!m || !rest_body_is_fine(c))
        return;
    sg_change_comment_text(c, m, sg_text(c->body, "body", ""));
    sg_put_comment(c, sandbox_json(c, 200), NULL, m);
}

void sg_comment_delete(struct sandbox_call *c)
{
    struct sg_comment *m = rest_asked_comment(c);
    if (!m)
        return;
    sg_change_uncomment(c, m);
    sandbox_empty(c, 204);
}
