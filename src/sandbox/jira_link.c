/* Remote links, and links between issues. */
#include "base/base.h"

#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_private.h"

static struct sj_remote *remote_by_global_id(const struct sj_issue *i, const char *global_id)
{
    for (size_t n = 0; global_id && n < i->remotes.n; n++)
        if (text_same(i->remotes.v[n]->global_id, global_id))
            return i->remotes.v[n];
    return NULL;
}

static void remote_remove(struct sj_issue *i, struct sj_remote *gone)
{
    size_t kept = 0;
    for (size_t n = 0; n < i->remotes.n; n++)
        if (i->remotes.v[n] != gone)
            i->remotes.v[kept++] = i->remotes.v[n];
    i->remotes.n = kept;
    sj_remote_free(gone);
}

void sj_remote_list(struct sandbox_call *c)
{
    const struct sj_issue *i = sj_asked_issue(c);
    const char *global_id = http_query(c->arena, c->request->url, "globalId");
    if (!i)
        return;
    if (!text_blank(global_id)) {
        const struct sj_remote *r = remote_by_global_id(i, global_id);
        if (!r) {
            sj_error(c, 404, arena_fmt(c->arena, "No remote issue link with globalId '%s' exists.", global_id));
            return;
        }
        sandbox_json(c, 200);
        sj_put_remote(c, i, r);
        return;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '[');
    for (size_t n = 0; n < i->remotes.n; n++)
        sj_put_remote(c, i, i->remotes.v[n]);
    json_close(o);
}

static bool remote_is_fine(struct sandbox_call *c)
{
    struct sj_errors e = {0};
    const struct json *object = json_get(c->body, "object");
    const char *global_id = json_text(json_get(c->body, "globalId"));
    if (json_kind(object) != JSON_OBJECT)
        sj_errors_add(&e, "object", "'object' is required.");
    else if (text_blank(json_text(json_get(object, "title"))))
        sj_errors_add(&e, "title", "'title' is required.");
    else if (text_blank(json_text(json_get(object, "url"))))
        sj_errors_add(&e, "url", "'url' is required.");
    else if (!text_starts(json_text(json_get(object, "url")), "http"))
        sj_errors_add(&e, "url", "The URL is not valid.");
    if (global_id && strlen(global_id) > SJ_GLOBAL_ID_BYTES)
        sj_errors_add(&e, "globalId", "'globalId' must be at most 255 characters.");
    if (e.n)
        sj_errors_reply(c, &e);
    return e.n == 0;
}

/* Fields that are not given become null, on an update too. */
static void remote_fill(struct sandbox_call *c, struct sj_remote *r)
{
    mem_free(r->application);
    mem_free(r->object);
    r->application = sj_json_text(json_get(c->body, "application"));
    r->object = sj_json_text(json_get(c->body, "object"));
    sandbox_set_text(&r->global_id, json_text(json_get(c->body, "globalId")));
    sandbox_set_text(&r->relationship, json_text(json_get(c->body, "relationship")));
}

void sj_remote_post(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    sandbox_touch(c, i);
    if (!sj_may(i->project, SJ_LINK_ISSUES)) {
        sj_error(c, 403, "No Link Issue Permission for issue.");
        return;
    }
    if (!remote_is_fine(c))
        return;
    struct sj_remote *r = remote_by_global_id(i, json_text(json_get(c->body, "globalId")));
    bool is_new = !r;
    if (is_new && i->remotes.n >= SJ_LINKS) {
        sj_error(c, 413, "The issue has reached the limit of 2000 remote links.");
        return;
    }
    if (is_new) {
        r = mem_zero(sizeof *r);
        r->id = 10000 + ++c->s->jira->links_made;
        SANDBOX_ADD(&i->remotes, r);
    }
    remote_fill(c, r);
    struct json_out *o = sandbox_json(c, is_new ? 201 : 200);
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)r->id);
    json_put_text(o, "self", sj_self(c, arena_fmt(c->arena, "issue/%s/remotelink", i->key), sj_id(c, r->id)));
    json_close(o);
}

void sj_remote_delete(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    const char *global_id = http_query(c->arena, c->request->url, "globalId");
    if (!i)
        return;
    sandbox_touch(c, i);
    struct sj_remote *r = remote_by_global_id(i, global_id);
    if (text_blank(global_id)) {
        sj_error(c, 400, "'globalId' query parameter is required.");
    } else if (!r) {
        sj_error(c, 404, arena_fmt(c->arena, "No remote issue link with globalId '%s' exists.", global_id));
    } else {
        remote_remove(i, r);
        sandbox_empty(c, 204);
    }
}

void sj_remote_delete_one(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    sandbox_touch(c, i);
    for (size_t n = 0; n < i->remotes.n; n++) {
        if (strcmp(sj_id(c, i->remotes.v[n]->id), c->part[1]) != 0)
            continue;
        remote_remove(i, i->remotes.v[n]);
        sandbox_empty(c, 204);
        return;
    }
    sj_error(c, 404, "No remote issue link with this id exists.");
}

static struct sj_issue *link_end(struct sandbox_call *c, const char *name)
{
    const struct json *end = json_get(c->body, name);
    const char *key = json_text(json_get(end, "key"));
    if (!key)
        key = json_text(json_get(end, "id"));
    struct sj_issue *i = sj_issue_find(c->s->jira, c->arena, key);
    return i && !i->is_deleted && sj_may(i->project, SJ_BROWSE_PROJECTS) ? i : NULL;
}

static bool link_exists(size_t type, const struct sj_issue *inward, const struct sj_issue *outward)
{
    for (size_t n = 0; n < inward->links.n; n++) {
        const struct sj_link *l = inward->links.v[n];
        if (l->type == type && l->inward == inward && l->outward == outward)
            return true;
    }
    return false;
}

/* A second link of the same kind between the same issues is answered as made, and is not made. */
static void link_create(struct sandbox_call *c, size_t type, struct sj_issue *inward, struct sj_issue *outward)
{
    struct sj_site *j = c->s->jira;
    if (!link_exists(type, inward, outward)) {
        struct sj_link *l = mem_zero(sizeof *l);
        *l = (struct sj_link){10000 + ++j->links_made, type, inward, outward};
        sj_issue_link(j, l);
        inward->updated_ms = outward->updated_ms = c->now_ms;
    }
    sandbox_empty(c, 201);
}

void sj_link_post(struct sandbox_call *c)
{
    struct sj_issue *inward = link_end(c, "inwardIssue"), *outward = link_end(c, "outwardIssue");
    const struct json *wanted = json_get(c->body, "type");
    int type = sj_link_type_find(c->s->jira, wanted);
    const char *name = json_text(json_get(wanted, "name"));
    if (inward)
        sandbox_touch(c, inward);
    if (outward)
        sandbox_touch(c, outward);
    if (json_kind(wanted) != JSON_OBJECT)
        sj_error(c, 400, "The issue link type is required.");
    else if (type < 0)
        sj_error(c, 404, arena_fmt(c->arena, "No issue link type with name '%s' found.", name ? name : ""));
    else if (!json_get(c->body, "inwardIssue") || !json_get(c->body, "outwardIssue"))
        sj_error(c, 400, "Both 'inwardIssue' and 'outwardIssue' are required.");
    else if (!inward || !outward)
        sj_error(c, 404, "Issue does not exist or you do not have permission to see it.");
    else if (inward == outward)
        sj_error(c, 400, "You cannot link an issue to itself.");
    else if (!sj_may(inward->project, SJ_LINK_ISSUES))
        sj_error(c, 404, "No Link Issue Permission for issue.");
    else if (inward->links.n >= SJ_LINKS || outward->links.n >= SJ_LINKS)
        sj_error(c, 413, "The issue has reached the limit of 2000 issue links.");
    else
        link_create(c, (size_t)type, inward, outward);
}

static struct sj_link *link_asked(struct sandbox_call *c)
{
    int64_t id = 0;
    const char *text = c->part[0];
    for (const char *p = text; *p >= '0' && *p <= '9' && id < INT64_MAX / 20; p++)
        id = id * 10 + (*p - '0');
    struct sj_link *l = map_get(c->s->jira->by_link, (uint64_t)id);
    if (text[strspn(text, "0123456789")])
        sj_error(c, 400, arena_fmt(c->arena, "The issue link id '%s' is not valid.", text));
    else if (!l)
        sj_error(c, 404, arena_fmt(c->arena, "No issue link with id '%s' exists.", text));
    else
        return l;
    return NULL;
}

static void link_put_end(struct sandbox_call *c, const char *name, const struct sj_issue *i)
{
    struct json_out *o = &c->json;
    json_open(o, name, '{');
    json_put_text(o, "id", sj_id(c, i->id));
    json_put_text(o, "key", i->key);
    json_put_text(o, "self", sj_self(c, "issue", sj_id(c, i->id)));
    json_close(o);
}

static void link_put_type(struct sandbox_call *c, const char *key, size_t type)
{
    const struct sj_link_type *t = &c->s->jira->link_types.v[type];
    struct json_out *o = &c->json;
    json_open(o, key, '{');
    json_put_text(o, "id", sj_id(c, 10000 + type));
    json_put_text(o, "name", t->name);
    json_put_text(o, "inward", t->inward);
    json_put_text(o, "outward", t->outward);
    json_put_text(o, "self", sj_self(c, "issueLinkType", sj_id(c, 10000 + type)));
    json_close(o);
}

void sj_link_get(struct sandbox_call *c)
{
    const struct sj_link *l = link_asked(c);
    if (!l)
        return;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "id", sj_id(c, l->id));
    json_put_text(o, "self", sj_self(c, "issueLink", sj_id(c, l->id)));
    link_put_type(c, "type", l->type);
    link_put_end(c, "inwardIssue", l->inward);
    link_put_end(c, "outwardIssue", l->outward);
    json_close(o);
}

void sj_link_delete(struct sandbox_call *c)
{
    struct sj_link *l = link_asked(c);
    if (!l)
        return;
    sandbox_touch(c, l->inward);
    sandbox_touch(c, l->outward);
    sj_issue_unlink(c->s->jira, l);
    sandbox_empty(c, 204);
}

void sj_link_types(struct sandbox_call *c)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "issueLinkTypes", '[');
    for (size_t n = 0; n < c->s->jira->link_types.n; n++)
        link_put_type(c, NULL, n);
    json_close(o);
    json_close(o);
}
