#include "base/base.h"

#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_private.h"

enum { COMMENT_PAGE = 100, COMMENT_PAGE_MAX = 5000 };

struct sj_comment *sj_comment_add(struct sandbox_call *c, struct sj_issue *i, const char *body)
{
    struct sj_comment *m = mem_zero(sizeof *m);
    m->id = 10000 + ++c->s->jira->comments;
    m->author = c->jira_user;
    m->body = mem_text(body);
    m->created_ms = m->updated_ms = c->now_ms;
    i->updated_ms = c->now_ms;
    SANDBOX_ADD(&i->comments, m);
    return m;
}

static bool comment_expands_properties(struct sandbox_call *c)
{
    const char *expand = http_query(c->arena, c->request->url, "expand");
    return expand && strstr(expand, "properties");
}

/* "created", "-created", "+created". */
static bool comment_order(struct sandbox_call *c, bool *ret_newest_first)
{
    const char *order = http_query(c->arena, c->request->url, "orderBy");
    *ret_newest_first = order && order[0] == '-';
    if (order && (order[0] == '-' || order[0] == '+' || order[0] == ' '))
        order++;
    return text_blank(order) || strcmp(order, "created") == 0;
}

void sj_comment_list(struct sandbox_call *c)
{
    bool is_newest_first = false;
    const struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    if (!comment_order(c, &is_newest_first)) {
        sj_error(c, 400, "Unable to order by the given field. Allowed: created, -created, +created.");
        return;
    }
    bool with_properties = comment_expands_properties(c);
    size_t start = (size_t)sandbox_query_int(c, "startAt", 0, INT32_MAX);
    size_t max = (size_t)sandbox_query_int(c, "maxResults", COMMENT_PAGE, COMMENT_PAGE_MAX);
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "startAt", (int64_t)start);
    json_put_int(o, "maxResults", (int64_t)max);
    json_put_int(o, "total", (int64_t)i->comments.n);
    json_open(o, "comments", '[');
    for (size_t n = start; n < i->comments.n && n - start < max; n++) {
        size_t at = is_newest_first ? i->comments.n - 1 - n : n;
        sj_put_comment(c, i, i->comments.v[at], with_properties);
    }
    json_close(o);
    json_close(o);
}

void sj_comment_get(struct sandbox_call *c)
{
    const struct sj_issue *i = sj_asked_issue(c);
    for (size_t n = 0; i && n < i->comments.n; n++) {
        if (strcmp(sj_id(c, i->comments.v[n]->id), c->part[1]) != 0)
            continue;
        sandbox_json(c, 200);
        sj_put_comment(c, i, i->comments.v[n], comment_expands_properties(c));
        return;
    }
    if (i)
        sj_error(c, 404, arena_fmt(c->arena, "Can not find a comment for the id: %s.", c->part[1]));
}

static const char *comment_problem(const char *body)
{
    if (!body || str_trim(str_of(body)).n == 0)
        return "Comment body can not be empty!";
    return sj_text_problem(body);
}

static void comment_create(struct sandbox_call *c, struct sj_issue *i, const char *body)
{
    struct sj_properties properties = {0};
    if (!sj_properties_read(c, &properties, json_get(c->body, "properties"))) {
        sj_properties_clear(&properties);
        return;
    }
    struct sj_comment *m = sj_comment_add(c, i, body);
    m->properties = properties;
    m->visibility = sj_json_text(json_get(c->body, "visibility"));
    sandbox_json(c, 201);
    sj_put_comment(c, i, m, comment_expands_properties(c));
}

void sj_comment_post(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    sandbox_touch(c, i);
    const char *body = sj_read_rich(c, json_get(c->body, "body"));
    const char *problem = comment_problem(body);
    if (!sj_may(i->project, SJ_ADD_COMMENTS)) {
        sj_error(c, 403, "You do not have the permission to comment on this issue.");
    } else if (problem) {
        struct sj_errors errors = {0};
        sj_errors_add(&errors, "comment", problem);
        sj_errors_reply(c, &errors);
    } else if (i->comments.n >= SJ_COMMENTS) {
        sj_error(c, 413, "The issue has reached the limit of 5000 comments.");
    } else {
        comment_create(c, i, body);
    }
}
