/* What Mozilla's Bugzilla tells: webhook deliveries. Stock Bugzilla has none. */
#include "base/base.h"

#include "tracker/bugzilla_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "tracker/tracker_private.h"

/* --- who says so --- */

int bugzilla_verify(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e)
{
    const char *given = http_header_get(&r->headers, "X-Api-Key");
    return tracker_key(&conf->hook_key, text_blank(given) ? http_basic_password(a, &r->headers) : given, e);
}

/* --- what they say --- */

struct bzhook_ids { /* whole numbers that others treat as names */
    int64_t hook, bug, user, comment, attachment;
};
static const struct field bzhook_id_rows[] = {
    F_INT_MUST(struct bzhook_ids, hook, "webhook_id"),         F_INT_MUST(struct bzhook_ids, bug, "bug.id"),
    F_INT(struct bzhook_ids, user, "event.user.id"),           F_INT(struct bzhook_ids, comment, "bug.comment.id"),
    F_INT(struct bzhook_ids, attachment, "bug.attachment.id"),
};
static const struct field_table bzhook_ids = FIELD_TABLE("webhook", struct bzhook_ids, bzhook_id_rows);

static const struct field bzhook_delta_rows[] = {
    F_TEXT_MUST(struct delta, field, "field"),
    F_TEXT_MUST(struct delta, removed, "removed"),
    F_TEXT_MUST(struct delta, added, "added"),
};
static const struct field_table bzhook_delta = FIELD_TABLE("change", struct delta, bzhook_delta_rows);

static const struct field bzhook_event_rows[] = {
    F_TEXT_MUST(struct event, hook_name, "webhook_name"),
    F_TEXT_MUST(struct event, action, "event.action"),
    F_PLAIN(struct event, happened_ms, "event.time", FIELD_WHEN, int64_t, true),
    F_TEXT(struct event, target, "event.target"),
    F_TEXT(struct event, routing, "event.routing_key"),
    F_TEXT(struct event, actor.login, "event.user.login"),
    F_TEXT(struct event, actor.name, "event.user.real_name"),
    F_MANY(struct event, deltas, "event.changes", bzhook_delta),
};
static const struct field_table bzhook_event = FIELD_TABLE("webhook", struct event, bzhook_event_rows);

static const struct field bzhook_comment_rows[] = {
    F_TEXT(struct comment, text, "body"),
    F_INT(struct comment, number, "number"),
    F_BOOL(struct comment, is_private, "is_private"),
    F_WHEN(struct comment, at_ms, "creation_time"),
};
static const struct field_table bzhook_comment = FIELD_TABLE("bug.comment", struct comment, bzhook_comment_rows);

/* A private attachment comes with its number and the flag alone. */
static const struct field bzhook_attachment_rows[] = {
    F_TEXT(struct attachment, content_type, "content_type"), F_TEXT(struct attachment, description, "description"),
    F_TEXT(struct attachment, file_name, "file_name"),       F_BOOL(struct attachment, is_private, "is_private"),
    F_BOOL(struct attachment, is_obsolete, "is_obsolete"),   F_BOOL(struct attachment, is_patch, "is_patch"),
    F_WHEN(struct attachment, at_ms, "creation_time"),
};
static const struct field_table bzhook_attachment =
    FIELD_TABLE("bug.attachment", struct attachment, bzhook_attachment_rows);

static const char *bzhook_number(struct arena *a, int64_t n)
{
    return arena_fmt(a, "%" PRId64, n);
}

/* An object, or nothing at all; anything else is refused. */
static int bzhook_part(const struct json *root, const char *path, bool *ret_here, struct err *e)
{
    const struct json *part = json_path(root, path);
    enum json_kind kind = json_kind(part);
    if (kind != JSON_ABSENT && kind != JSON_NULL && kind != JSON_OBJECT)
        return fail(e, ERR_INPUT, "%s: expected an object, got %s", path, json_kind_name(kind));
    *ret_here = kind == JSON_OBJECT;
    return 0;
}

/* Times are texts; a bare number may be anything. */
static int bzhook_times(const struct json *root, struct err *e)
{
    static const char *const paths[] = {"event.time", "bug.comment.creation_time", "bug.attachment.creation_time"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        enum json_kind kind = json_kind(json_path(root, paths[i]));
        if (kind != JSON_ABSENT && kind != JSON_NULL && kind != JSON_STRING)
            return fail(e, ERR_INPUT, "%s: expected a time, got %s", paths[i], json_kind_name(kind));
    }
    if (text_blank(json_text(json_path(root, paths[0]))))
        return fail(e, ERR_INPUT, "%s: expected a time", paths[0]);
    return 0;
}

static int bzhook_user(struct arena *a, const struct json *root, const struct bzhook_ids *ids, struct event *ret,
                       struct err *e)
{
    bool here = false;
    if (bzhook_part(root, "event.user", &here, e) < 0)
        return -ERR_INPUT;
    if (!here)
        return 0;
    if (!ids->user || !ret->actor.login)
        return fail(e, ERR_INPUT, "event.user: expected id and login");
    ret->actor.id = bzhook_number(a, ids->user);
    return 0;
}

static int bzhook_comment_read(struct arena *a, const struct json *root, const struct bzhook_ids *ids,
                               struct event *ret, struct err *e)
{
    const char *path = "bug.comment";
    if (bzhook_part(root, path, &ret->has_comment, e) < 0)
        return -ERR_INPUT;
    ret->comment.number = -1;
    if (!ret->has_comment)
        return 0;
    if (field_read(&bzhook_comment, json_path(root, path), a, &ret->comment, e) < 0)
        return err_within(e, "%s", path);
    ret->comment.id = ids->comment ? bzhook_number(a, ids->comment) : NULL;
    ret->comment.author = ret->actor.login;
    return 0;
}

static int bzhook_attachment_read(struct arena *a, const struct json *root, const struct bzhook_ids *ids,
                                  struct event *ret, struct err *e)
{
    const char *path = "bug.attachment";
    if (bzhook_part(root, path, &ret->has_attachment, e) < 0)
        return -ERR_INPUT;
    if (!ret->has_attachment)
        return 0;
    if (!ids->attachment)
        return fail(e, ERR_INPUT, "%s.id: expected a number", path);
    if (field_read(&bzhook_attachment, json_path(root, path), a, &ret->attachment, e) < 0)
        return err_within(e, "%s", path);
    ret->attachment.id = bzhook_number(a, ids->attachment);
    return 0;
}

static int bzhook_bug_read(struct arena *a, const struct json *root, const struct bzhook_ids *ids, struct event *ret,
                           struct err *e)
{
    if (field_read(&bugzilla_issue, json_get(root, "bug"), a, &ret->issue, e) < 0)
        return err_within(e, "bug");
    if (ids->bug <= 0)
        return fail(e, ERR_INPUT, "bug.id: expected a number above 0, got %" PRId64, ids->bug);
    ret->issue.ref = bzhook_number(a, ids->bug);
    ret->issue.is_private |= ret->issue.groups.n > 0;
    return 0;
}

int bugzilla_decode(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                    struct err *e)
{
    const struct json *root = NULL;
    struct bzhook_ids ids = {0};
    (void)conf;
    if (json_parse(a, r->body, &root, e) < 0)
        return err_within(e, "webhook");
    if (json_kind(root) != JSON_OBJECT)
        return fail(e, ERR_INPUT, "webhook: expected an object, got %s", json_kind_name(json_kind(root)));
    if (field_read(&bzhook_ids, root, a, &ids, e) < 0 || field_read(&bzhook_event, root, a, ret, e) < 0 ||
        bzhook_times(root, e) < 0 || bzhook_bug_read(a, root, &ids, ret, e) < 0 ||
        bzhook_user(a, root, &ids, ret, e) < 0 || bzhook_comment_read(a, root, &ids, ret, e) < 0 ||
        bzhook_attachment_read(a, root, &ids, ret, e) < 0)
        return -ERR_INPUT;
    ret->hook = bzhook_number(a, ids.hook);
    return 0;
}

/* --- which delivery it is --- */

void bugzilla_identify(const struct event *ev, struct text *to)
{
    const char *const texts[] = {ev->target,      ev->action,     ev->routing,      ev->actor.id,
                                 ev->actor.login, ev->comment.id, ev->attachment.id};
    const struct delta *d = ev->deltas.v;
    struct json_out o;
    json_start(&o, to);
    json_open(&o, NULL, '[');
    json_put_text(&o, NULL, ev->hook);
    json_put_text(&o, NULL, ev->issue.ref);
    json_put_int(&o, NULL, ev->happened_ms);
    for (size_t i = 0; i < COUNT(texts); i++)
        json_put_text(&o, NULL, texts[i]);
    json_open(&o, NULL, '[');
    for (size_t i = 0; i < ev->deltas.n; i++) {
        json_put_text(&o, NULL, d[i].field);
        json_put_text(&o, NULL, d[i].removed);
        json_put_text(&o, NULL, d[i].added);
    }
    json_close(&o);
    json_close(&o);
}
