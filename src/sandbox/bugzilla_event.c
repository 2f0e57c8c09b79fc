/* What webhooks are told of a change, in the form that bugzilla.mozilla.org sends: keys in order, times without zone.
 */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"

static void event_person(struct sandbox_call *c, struct json_out *o, const char *key, const char *login)
{
    const struct sb_user *u = sb_user_find(c->s->bugzilla, login);
    json_open(o, key, '{');
    json_put_int(o, "id", u ? (int64_t)u->id : 0);
    json_put_text(o, "login", login);
    json_put_text(o, "real_name", u ? u->real_name : "");
    json_close(o);
}

static void event_text(struct json_out *o, const struct sb_bug *bug, enum sb_text t)
{
    const struct sb_text_row *row = &sb_texts[t];
    const char *text = sb_bug_text(bug, t);
    bool is_empty = strcmp(text, "---") == 0 || strcmp(text, "--") == 0;
    json_put_text(o, row->hook ? row->hook : row->name, row->is_folded && is_empty ? "" : text);
}

static void event_comment(struct sandbox_call *c, struct json_out *o, const struct sb_comment *m, bool is_reduced)
{
    json_open(o, "comment", '{');
    if (!is_reduced && !m->is_private) {
        json_put_text(o, "body", m->text);
        json_put_text(o, "creation_time", sb_hook_time(c, m->at_ms));
    }
    json_put_int(o, "id", (int64_t)m->id);
    json_put_bool(o, "is_private", m->is_private);
    if (!is_reduced && !m->is_private)
        json_put_int(o, "number", (int64_t)m->number);
    json_close(o);
}

static void event_attachment(struct sandbox_call *c, struct json_out *o, const struct sb_attachment *m, bool is_reduced)
{
    bool is_whole = !is_reduced && !m->is_private;
    json_open(o, "attachment", '{');
    if (is_whole) {
        json_put_text(o, "content_type", m->content_type);
        json_put_text(o, "creation_time", sb_hook_time(c, m->at_ms));
        json_put_text(o, "description", m->description);
        json_put_text(o, "file_name", m->file_name);
        json_open(o, "flags", '[');
        json_close(o);
    }
    json_put_int(o, "id", (int64_t)m->id);
    if (is_whole) {
        json_put_bool(o, "is_obsolete", m->is_obsolete);
        json_put_bool(o, "is_patch", m->is_patch);
    }
    json_put_bool(o, "is_private", m->is_private);
    json_close(o);
}

/* A comment or attachment in the bug; the change of a bug has an empty "bug" instead, as recorded. */
static void event_target(struct sandbox_call *c, struct json_out *o, const struct sb_event *ev, bool is_reduced)
{
    if (ev->attachment)
        event_attachment(c, o, ev->attachment, is_reduced);
    if (!ev->attachment && !ev->comment && !is_reduced) {
        json_open(o, "bug", '{');
        json_close(o);
    }
}

static void event_custom_fields(struct sandbox_call *c, struct json_out *o, const struct sb_bug *bug)
{
    event_text(o, bug, SB_CF_FX_POINTS);
    json_put_text(o, "cf_last_resolved", bug->resolved_ms ? sb_hook_time(c, bug->resolved_ms) : NULL);
    for (int i = SB_CF_FIRST; i < SB_TEXTS; i++)
        event_text(o, bug, (enum sb_text)i);
}

static void event_rest(struct sandbox_call *c, struct json_out *o, const struct sb_bug *bug)
{
    static const enum sb_text before[] = {SB_OP_SYS,  SB_PLATFORM,   SB_PRIORITY,
                                          SB_PRODUCT, SB_QA_CONTACT, SB_RESOLUTION};
    static const enum sb_text after[] = {SB_SEVERITY, SB_STATUS, SB_SUMMARY, SB_TARGET_MILESTONE,
                                         SB_TYPE,     SB_URL,    SB_VERSION, SB_WHITEBOARD};
    event_text(o, bug, SB_COMPONENT);
    json_put_text(o, "creation_time", sb_hook_time(c, bug->created_ms));
    json_put_text(o, "creator", bug->creator->login);
    event_person(c, o, "creator_detail", bug->creator->login);
    json_open(o, "flags", '[');
    json_close(o);
    json_put_int(o, "id", (int64_t)bug->id);
    json_put_bool(o, "is_private", false);
    sb_put_list(o, "keywords", &bug->lists[SB_KEYWORDS], false);
    json_put_text(o, "last_change_time", sb_hook_time(c, bug->changed_ms));
    for (size_t i = 0; i < COUNT(before); i++)
        event_text(o, bug, before[i]);
    sb_put_list(o, "see_also", &bug->lists[SB_SEE_ALSO], false);
    for (size_t i = 0; i < COUNT(after); i++)
        event_text(o, bug, after[i]);
}

static void event_public_bug(struct sandbox_call *c, struct json_out *o, const struct sb_event *ev)
{
    const struct sb_bug *bug = ev->bug;
    const char *assignee = sb_bug_text(bug, SB_ASSIGNED_TO);
    event_text(o, bug, SB_ALIAS);
    json_put_text(o, "assigned_to", assignee);
    event_person(c, o, "assigned_to_detail", assignee);
    event_target(c, o, ev, false);
    event_custom_fields(c, o, bug);
    event_text(o, bug, SB_CLASSIFICATION);
    if (ev->comment)
        event_comment(c, o, ev->comment, false);
    event_rest(c, o, bug);
}

/* Of something private only that it exists. */
static void event_reduced_bug(struct sandbox_call *c, struct json_out *o, const struct sb_event *ev)
{
    event_target(c, o, ev, true);
    if (ev->comment)
        event_comment(c, o, ev->comment, true);
    json_put_int(o, "id", (int64_t)ev->bug->id);
    json_put_bool(o, "is_private", sb_bug_is_private(ev->bug));
}

static void event_bug(struct sandbox_call *c, struct json_out *o, const struct sb_event *ev)
{
    bool is_hidden = sb_bug_is_private(ev->bug) || (ev->comment && ev->comment->is_private) ||
                     (ev->attachment && ev->attachment->is_private);
    if (ev->former_bug) {
        json_put_raw(o, "bug", str_of(ev->former_bug));
        return;
    }
    json_open(o, "bug", '{');
    if (is_hidden)
        event_reduced_bug(c, o, ev);
    else
        event_public_bug(c, o, ev);
    json_close(o);
}

const char *sb_event_bug_json(struct sandbox_call *c, const struct sb_bug *bug)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, SANDBOX_BODY_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    event_public_bug(c, &o, &(struct sb_event){.bug = bug, .kind = SB_ON_CHANGE});
    json_close(&o);
    return arena_text(c->arena, text_z(&t));
}

static const char *event_routing_key(struct sandbox_call *c, const struct sb_event *ev, const char *target)
{
    AUTO(text_auto) struct text t;
    text_init(&t, 4096);
    text_addf(&t, "%s.modify:", target);
    for (size_t i = 0; i < ev->changes->n; i++)
        text_addf(&t, "%s%s", i ? "," : "", ev->changes->v[i].field);
    return arena_text(c->arena, text_z(&t));
}

static void event_head(struct sandbox_call *c, struct json_out *o, const struct sb_event *ev)
{
    bool is_make = ev->kind == SB_ON_CREATE || ev->kind == SB_ON_COMMENT || ev->kind == SB_ON_ATTACHMENT;
    bool shows_changes =
        !is_make && (ev->former_bug || !sb_bug_is_private(ev->bug)) && !(ev->attachment && ev->attachment->is_private);
    const char *target = ev->comment ? "comment" : ev->attachment ? "attachment" : "bug";
    const struct sb_user *by = c->bugzilla_user ? c->bugzilla_user : c->s->bugzilla->users.v[0];
    json_open(o, "event", '{');
    json_put_text(o, "action", is_make ? "create" : "modify");
    if (shows_changes) {
        json_open(o, "changes", '[');
        sb_put_changes(o, ev->changes, true);
        json_close(o);
    }
    if (ev->source) {
        json_open(o, "indirect_change", '{');
        json_put_int(o, "source_bug_id", (int64_t)ev->source);
        json_put_text(o, "type", "related");
        json_close(o);
    }
    json_put_text(o, "routing_key",
                  is_make ? arena_fmt(c->arena, "%s.create", target) : event_routing_key(c, ev, target));
    json_put_text(o, "target", target);
    json_put_text(o, "time", sb_hook_time(c, c->now_ms));
    event_person(c, o, "user", by->login);
    json_close(o);
}

static void event_deliver(struct sandbox_call *c, struct sb_hook *h, const struct sb_event *ev)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, SANDBOX_BODY_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    event_bug(c, &o, ev);
    event_head(c, &o, ev);
    json_put_int(&o, "webhook_id", h->id);
    json_put_text(&o, "webhook_name", h->name);
    json_close(&o);
    sb_hook_push(h, text_str(&t));
}

void sb_event_send(struct sandbox_call *c, const struct sb_event *ev)
{
    const struct sb_site *b = c->s->bugzilla;
    for (size_t i = 0; i < b->hooks.n; i++)
        if (sb_hook_wants(b->hooks.v[i], ev))
            event_deliver(c, b->hooks.v[i], ev);
}
