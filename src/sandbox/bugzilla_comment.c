/* Comments and attachments. */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"

void sb_comment_list(struct sandbox_call *c)
{
    const struct sb_bug *bug = sb_asked_bug(c, c->part[0]);
    int64_t since = INT64_MIN;
    if (!bug)
        return;
    const char *text = http_query(c->arena, c->request->url, "new_since");
    if (text && when_parse(text, &since, NULL) != 0)
        since = INT64_MIN;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "bugs", '{');
    json_open(o, arena_fmt(c->arena, "%" PRIu64, bug->id), '{');
    json_open(o, "comments", '[');
    for (size_t i = 0; i < bug->comments.n; i++) {
        const struct sb_comment *m = bug->comments.v[i];
        if (m->at_ms > since && (!m->is_private || sb_is_insider(c)))
            sb_put_comment(c, bug, m);
    }
    json_close(o);
    json_close(o);
    json_close(o);
    json_open(o, "comments", '{');
    json_close(o);
    json_close(o);
}

static struct sb_comment *comment_make(struct sandbox_call *c, struct sb_bug *bug, const char *text)
{
    struct sb_comment *m = sb_comment_add(c->s->bugzilla, bug, c->bugzilla_user, text);
    m->is_private = json_bool(json_get(c->body, "is_private"), false);
    sb_bug_touch(c->s->bugzilla, bug, c->now_ms);
    return m;
}

void sb_comment_post(struct sandbox_call *c)
{
    struct sb_bug *bug = sb_logged_in(c) ? sb_asked_bug(c, c->part[0]) : NULL;
    const char *text = json_text(json_get(c->body, "comment"));
    if (!bug)
        return;
    if (text_blank(text)) {
        sb_error(c, 50, "The function Bug.add_comment requires a comment argument, and that argument was not set.");
        return;
    }
    if (strlen(text) > SB_COMMENT_BYTES) {
        sb_error(c, 114, "Comments cannot be longer than 65535 characters.");
        return;
    }
    struct sb_comment *m = comment_make(c, bug, text);
    sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_COMMENT, .comment = m});
    struct json_out *o = sandbox_json(c, 201);
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)m->id);
    json_close(o);
}

void sb_attachment_list(struct sandbox_call *c)
{
    const struct sb_bug *bug = sb_asked_bug(c, c->part[0]);
    if (!bug)
        return;
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "bugs", '{');
    json_open(o, arena_fmt(c->arena, "%" PRIu64, bug->id), '[');
    for (size_t i = 0; i < bug->attachments.n; i++)
        if (!bug->attachments.v[i]->is_private || sb_is_insider(c))
            sb_put_attachment(c, bug->attachments.v[i]);
    json_close(o);
    json_close(o);
    json_open(o, "attachments", '{');
    json_close(o);
    json_close(o);
}

static bool attachment_is_complete(struct sandbox_call *c)
{
    static const char *const required[] = {"data", "file_name", "summary"};
    for (size_t i = 0; i < COUNT(required); i++) {
        if (!text_blank(json_text(json_get(c->body, required[i]))))
            continue;
        sb_error(c, 50,
                 arena_fmt(c->arena,
                           "The function Bug.add_attachment requires a %s argument, and that argument was not set.",
                           required[i]));
        return false;
    }
    return true;
}

/* The content itself is not kept. */
static struct sb_attachment *attachment_make(struct sandbox_call *c, struct sb_bug *bug)
{
    const char *type = json_text(json_get(c->body, "content_type"));
    struct sb_attachment *m = sb_attachment_add(c->s->bugzilla, bug, 0);
    m->file_name = mem_text(json_text(json_get(c->body, "file_name")));
    m->description = mem_text(json_text(json_get(c->body, "summary")));
    m->content_type = mem_text(type ? type : "text/plain");
    m->is_private = json_bool(json_get(c->body, "is_private"), false);
    m->is_patch = json_bool(json_get(c->body, "is_patch"), false);
    m->author = c->bugzilla_user;
    m->at_ms = c->now_ms;
    return m;
}

void sb_attachment_post(struct sandbox_call *c)
{
    struct sb_bug *bug = sb_logged_in(c) ? sb_asked_bug(c, c->part[0]) : NULL;
    if (!bug || !attachment_is_complete(c))
        return;
    struct sb_attachment *m = attachment_make(c, bug);
    const char *text = json_text(json_get(c->body, "comment"));
    if (!text_blank(text)) {
        struct sb_comment *said = comment_make(c, bug, text);
        said->attachment = m->id;
        sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_COMMENT, .comment = said});
    }
    sb_bug_touch(c->s->bugzilla, bug, c->now_ms);
    sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_ATTACHMENT, .attachment = m});
    struct json_out *o = sandbox_json(c, 201);
    json_open(o, NULL, '{');
    json_open(o, "ids", '[');
    json_put_int(o, NULL, (int64_t)m->id);
    json_close(o);
    json_close(o);
}

static void attachment_set_flag(struct sandbox_call *c, const char *name, bool *at, struct sb_changes *to)
{
    const struct json *v = json_get(c->body, name);
    int64_t n = *at;
    bool wanted = json_kind(v) == JSON_BOOL ? json_bool(v, *at) : json_int(v, &n) ? n != 0 : *at;
    if (wanted == *at)
        return;
    to->v[to->n++] = (struct sb_change){name, *at ? "1" : "0", wanted ? "1" : "0"};
    *at = wanted;
}

void sb_attachment_put(struct sandbox_call *c)
{
    struct sb_site *b = c->s->bugzilla;
    struct sb_changes changes = {0};
    if (!sb_logged_in(c))
        return;
    uint64_t id = sb_number(c->part[0]);
    struct sb_attachment *m = id ? map_get(b->attachments, id) : NULL;
    struct sb_bug *bug = m ? sb_bug_find(b, m->bug) : NULL;
    if (!bug || !sb_can_see(c, bug)) {
        sb_error(c, 100, arena_fmt(c->arena, "The attachment id %s is invalid.", c->part[0]));
        return;
    }
    attachment_set_flag(c, "is_obsolete", &m->is_obsolete, &changes);
    attachment_set_flag(c, "is_private", &m->is_private, &changes);
    attachment_set_flag(c, "is_patch", &m->is_patch, &changes);
    if (changes.n) {
        sb_bug_touch(b, bug, c->now_ms);
        sb_event_send(
            c, &(struct sb_event){.bug = bug, .kind = SB_ON_ATTACHMENT_CHANGE, .attachment = m, .changes = &changes});
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "attachments", '[');
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)m->id);
    json_put_text(o, "last_change_time", sb_time(c, c->now_ms));
    json_open(o, "changes", '{');
    for (size_t i = 0; i < changes.n; i++) {
        json_open(o, changes.v[i].field, '{');
        json_put_text(o, "removed", changes.v[i].removed);
        json_put_text(o, "added", changes.v[i].added);
        json_close(o);
    }
    json_close(o);
    json_close(o);
    json_close(o);
    json_close(o);
}
