/* Changes at GitHub, but for those of boards. */
#include "base/base.h"

#include "tracker/github_private.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"

/* "/repos/OWNER/REPO/issues/12" + end. */
static int ghchange_to(struct walk *r, const char *end, struct err *e)
{
    struct github_ref of;
    if (github_ref_of(r, &of, e) < 0)
        return -ERR_INPUT;
    return github_to(r, arena_fmt(r->arena, "/repos/%s/issues/%" PRId64 "%s", of.repository, of.number, end));
}

/* The repository of the issue, or the one that a creation names. */
static int ghchange_to_repository(struct walk *r, const char *end, struct err *e)
{
    struct github_ref of;
    const struct change *c = r->c->change;
    const char *ref = text_blank(c->issue.ref) ? c->project : c->issue.ref;
    if (!github_ref_read(r->arena, ref, &of))
        return fail(e, ERR_INPUT, "\"%.200s\" is no repository: expected OWNER/REPO", ref ? ref : "");
    return github_to(r, arena_fmt(r->arena, "/repos/%s%s", of.repository, end));
}

/*
 * What people read, then our marker, and at the very end the data: a JSON text in base64, in the form of the bot
 * before, which looks for it there.
 */
static void ghchange_put_body(struct walk *r, struct json_out *o, const char *text)
{
    AUTO(text_auto) struct text t = {0};
    const struct change *c = r->c->change;
    text_init(&t, TRACKER_BODY_BYTES);
    text_addz(&t, text);
    if (c->marker)
        text_addf(&t, "\n%s\n", github_marker_text(r->arena, c->marker));
    if (c->data)
        text_addf(&t, "\n<!-- data: %s -->\n", base64_text(r->arena, str_of(c->data)));
    json_put_text(o, "body", text_z(&t));
}

/* How many there were: a blank one would have the whole request refused. */
static size_t ghchange_put_labels(struct json_out *o, const struct texts *labels)
{
    size_t n = 0;
    json_open(o, "labels", '[');
    for (size_t i = 0; i < labels->n; i++)
        if (!text_blank(labels->v[i])) {
            json_put_text(o, NULL, labels->v[i]);
            n++;
        }
    json_close(o);
    return n;
}

/* --- issues --- */

static void ghchange_put_fields(struct walk *r, struct json_out *o)
{
    bool is_new = r->c->change->kind == CHANGE_CREATE, has_body = false;
    MANY_EACH(const struct field_value, v, &r->c->change->fields)
    {
        bool is_body = is_new && text_same(v->field, "body");
        has_body |= is_body;
        if (is_body)
            ghchange_put_body(r, o, v->text);
        else
            tracker_put_value(o, v);
    }
    if (is_new && !has_body)
        ghchange_put_body(r, o, NULL);
}

static int ghchange_create_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    if (ghchange_to_repository(r, "/issues", e) < 0)
        return -ERR_INPUT;
    walk_open(&t, &o);
    ghchange_put_fields(r, &o);
    if (r->c->change->add.n)
        ghchange_put_labels(&o, &r->c->change->add);
    return walk_send(r, &t, &o, e);
}

static int ghchange_create_take(struct walk *r, struct err *e)
{
    struct issue made = {0};
    if (github_issue_read(r->arena, r->answer, r->c->change->project, &made, e) < 0)
        return fail(e, ERR_UNCERTAIN, "create issue: the answer does not say what was made");
    r->ret->ref = made.ref;
    return STEP_DONE;
}

static int ghchange_fields_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    if (r->c->change->fields.n == 0)
        return walk_nothing(r, NULL);
    if (ghchange_to(r, "", e) < 0)
        return -ERR_INPUT;
    walk_open(&t, &o);
    ghchange_put_fields(r, &o);
    return walk_send(r, &t, &o, e);
}

/* --- labels: those to add at once, those to remove one by one --- */

enum { GHLABELS_ADD, GHLABELS_REMOVE };

/* How many of those to remove are done with. */
static int64_t ghlabels_done(struct walk *r)
{
    int64_t n = 0;
    json_int(json_get(walk_noted(r), "done"), &n);
    return n;
}

static int ghlabels_note(struct walk *r, int64_t done, bool is_changed, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    walk_open(&t, &o);
    json_put_int(&o, "done", done);
    json_put_bool(&o, "is_changed", is_changed);
    int rc = walk_note(r, &t, &o, e);
    return rc < 0 ? rc : walk_next(r, GHLABELS_REMOVE);
}

static int ghlabels_remove_ask(struct walk *r, struct err *e)
{
    const struct texts *goes = &r->c->change->remove;
    int64_t at = ghlabels_done(r);
    if (at < 0 || (size_t)at >= goes->n) {
        r->ret->unchanged = !json_bool(json_get(walk_noted(r), "is_changed"), false);
        return STEP_DONE;
    }
    return ghchange_to(r, arena_fmt(r->arena, "/labels/%s", tracker_escape(r->arena, goes->v[at])), e);
}

static int ghlabels_remove_take(struct walk *r, struct err *e)
{
    return ghlabels_note(r, ghlabels_done(r) + 1, true, e);
}

static int ghlabels_remove_refused(struct walk *r, struct err *why)
{
    bool is_changed = json_bool(json_get(walk_noted(r), "is_changed"), false);
    return why->class == ERR_MISSING ? ghlabels_note(r, ghlabels_done(r) + 1, is_changed, why) : -(int)why->class;
}

static int ghlabels_add_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    walk_open(&t, &o);
    if (ghchange_put_labels(&o, &r->c->change->add) > 0)
        return ghchange_to(r, "/labels", e) < 0 ? -(int)ERR_INPUT : walk_send(r, &t, &o, e);
    r->next->method = "DELETE";
    r->st->phase = GHLABELS_REMOVE;
    return ghlabels_remove_ask(r, e);
}

static int ghlabels_add_take(struct walk *r, struct err *e)
{
    return ghlabels_note(r, 0, true, e);
}

/* --- comments --- */

static int ghcomment_body(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    walk_open(&t, &o);
    ghchange_put_body(r, &o, r->c->change->text);
    return walk_send(r, &t, &o, e);
}

static int ghcomment_add_ask(struct walk *r, struct err *e)
{
    return ghchange_to(r, "/comments", e) < 0 ? -(int)ERR_INPUT : ghcomment_body(r, e);
}

static int ghcomment_add_take(struct walk *r, struct err *e)
{
    return walk_made(r, r->answer, "id", "add comment", e);
}

static int ghcomment_to(struct walk *r, struct err *e)
{
    const char *id = r->c->change->id;
    if (text_blank(id))
        return fail(e, ERR_BUG, "no comment is named");
    return ghchange_to_repository(r, arena_fmt(r->arena, "/issues/comments/%s", tracker_escape(r->arena, id)), e);
}

static int ghcomment_edit_ask(struct walk *r, struct err *e)
{
    int rc = ghcomment_to(r, e);
    return rc < 0 ? rc : ghcomment_body(r, e);
}

/* --- the status of a commit --- */

static int ghchange_status_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    if (text_blank(c->id))
        return fail(e, ERR_BUG, "set commit status: no commit is named");
    if (ghchange_to_repository(r, arena_fmt(r->arena, "/statuses/%s", tracker_escape(r->arena, c->id)), e) < 0)
        return -ERR_INPUT;
    walk_open(&t, &o);
    json_put_text(&o, "state", c->value);
    json_put_text(&o, "context", c->name);
    if (c->text)
        json_put_text(&o, "description", c->text);
    if (c->url)
        json_put_text(&o, "target_url", c->url);
    return walk_send(r, &t, &o, e);
}

/* --- labels of a repository --- */

enum { GHPALETTE_CREATE, GHPALETTE_CHANGE };

static int ghpalette_body(struct walk *r, const char *name_as, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    walk_open(&t, &o);
    if (!text_same(c->id, c->name))
        json_put_text(&o, name_as, c->name);
    if (c->value)
        json_put_text(&o, "color", c->value);
    if (c->text)
        json_put_text(&o, "description", c->text);
    return walk_send(r, &t, &o, e);
}

/* The label as it is called now. */
static int ghpalette_to(struct walk *r, struct err *e)
{
    const char *id = r->c->change->id;
    if (text_blank(id))
        return fail(e, ERR_BUG, "no label is named");
    return ghchange_to_repository(r, arena_fmt(r->arena, "/labels/%s", tracker_escape(r->arena, id)), e);
}

static int ghpalette_change_ask(struct walk *r, struct err *e)
{
    int rc = ghpalette_to(r, e);
    return rc < 0 ? rc : ghpalette_body(r, "new_name", e);
}

static int ghpalette_create_ask(struct walk *r, struct err *e)
{
    if (r->c->change->id) {
        r->next->method = "PATCH";
        r->st->phase = GHPALETTE_CHANGE;
        return ghpalette_change_ask(r, e);
    }
    return ghchange_to_repository(r, "/labels", e) < 0 ? -(int)ERR_INPUT : ghpalette_body(r, "name", e);
}

/* Somebody else made it, or took it away, since the labels were read: they are to be read again. */
static int ghpalette_refused(struct walk *r, struct err *why)
{
    bool is_there = strstr(why->text, "already_exists") != NULL;
    bool is_gone = r->c->change->id && why->class == ERR_MISSING;
    return is_there || is_gone ? fail(why, ERR_CONFLICT, "%.300s", arena_text(r->arena, why->text)) : -(int)why->class;
}

/* --- webhooks --- */

static int ghhook_to(struct walk *r, const char *end, struct err *e)
{
    const struct change *c = r->c->change;
    const char *owner = github_owner(r, c->project, e), *id = c->id ? tracker_escape(r->arena, c->id) : NULL;
    if (!owner)
        return -ERR_INPUT;
    return github_to(r, arena_fmt(r->arena, "/%s/hooks%s%s%s", owner, id ? "/" : "", id ? id : "", end));
}

/* The first of the secrets is what a webhook is given; the others are those of before. */
static int ghhook_put_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    const struct github_conf *own = r->c->conf->own;
    if (own->hook_secret.n == 0)
        return fail(e, ERR_INPUT, "set webhook: no hook_secret is configured");
    if (ghhook_to(r, "", e) < 0)
        return -ERR_INPUT;
    r->next->method = c->id ? "PATCH" : "POST";
    r->next->effect = c->id ? HTTP_IDEMPOTENT : HTTP_CREATE;
    walk_open(&t, &o);
    if (!c->id)
        json_put_text(&o, "name", "web");
    json_put_bool(&o, "active", true);
    json_open(&o, "events", '[');
    for (size_t i = 0; i < c->add.n; i++)
        json_put_text(&o, NULL, c->add.v[i]);
    json_close(&o);
    json_open(&o, "config", '{');
    json_put_text(&o, "url", c->url);
    json_put_text(&o, "content_type", "json");
    json_put_text(&o, "insecure_ssl", "0");
    json_put_str(&o, "secret", secret_reveal(own->hook_secret.v[0]));
    json_close(&o);
    return walk_send(r, &t, &o, e);
}

static int ghhook_put_take(struct walk *r, struct err *e)
{
    return walk_made(r, r->answer, "id", "set webhook", e);
}

static int ghhook_remove_ask(struct walk *r, struct err *e)
{
    return r->c->change->id ? ghhook_to(r, "", e) : fail(e, ERR_BUG, "remove webhook: none is named");
}

static int ghhook_ping_ask(struct walk *r, struct err *e)
{
    return r->c->change->id ? ghhook_to(r, "/pings", e) : fail(e, ERR_BUG, "ping webhook: none is named");
}

/* --- the lists --- */

static const struct walk_phase ghchange_create[] = {
    {"create issue", "POST", HTTP_CREATE, ghchange_create_ask, ghchange_create_take, NULL}};
static const struct walk_phase ghchange_fields[] = {
    {"set fields", "PATCH", HTTP_IDEMPOTENT, ghchange_fields_ask, NULL, NULL}};
static const struct walk_phase ghchange_labels[] = {
    [GHLABELS_ADD] = {"add labels", "POST", HTTP_IDEMPOTENT, ghlabels_add_ask, ghlabels_add_take, NULL},
    [GHLABELS_REMOVE] = {"remove label", "DELETE", HTTP_IDEMPOTENT, ghlabels_remove_ask, ghlabels_remove_take,
                         ghlabels_remove_refused}};
static const struct walk_phase ghchange_comment[] = {
    {"add comment", "POST", HTTP_CREATE, ghcomment_add_ask, ghcomment_add_take, NULL}};
static const struct walk_phase ghchange_edit_comment[] = {
    {"edit comment", "PATCH", HTTP_IDEMPOTENT, ghcomment_edit_ask, NULL, NULL}};
static const struct walk_phase ghchange_remove_comment[] = {
    {"remove comment", "DELETE", HTTP_IDEMPOTENT, ghcomment_to, NULL, walk_gone}};
/* Sent twice it stands there twice, and means the same. */
static const struct walk_phase ghchange_status[] = {
    {"set commit status", "POST", HTTP_IDEMPOTENT, ghchange_status_ask, NULL, NULL}};

static const struct walk_phase ghchange_label_set[] = {
    [GHPALETTE_CREATE] = {"create label", "POST", HTTP_IDEMPOTENT, ghpalette_create_ask, NULL, ghpalette_refused},
    [GHPALETTE_CHANGE] = {"change label", "PATCH", HTTP_IDEMPOTENT, ghpalette_change_ask, NULL, ghpalette_refused}};
static const struct walk_phase ghchange_label_delete[] = {
    {"delete label", "DELETE", HTTP_IDEMPOTENT, ghpalette_to, NULL, walk_gone}};

static const struct walk_phase ghchange_hook[] = {
    {"set webhook", "POST", HTTP_CREATE, ghhook_put_ask, ghhook_put_take, NULL}};
static const struct walk_phase ghchange_remove_hook[] = {
    {"remove webhook", "DELETE", HTTP_IDEMPOTENT, ghhook_remove_ask, NULL, walk_gone}};
static const struct walk_phase ghchange_ping_hook[] = {
    {"ping webhook", "POST", HTTP_IDEMPOTENT, ghhook_ping_ask, NULL, NULL}};

const struct walk_work github_changes[CHANGE_KINDS] = {
    [CHANGE_HOOK] = WALK_WORK(ghchange_hook),
    [CHANGE_REMOVE_HOOK] = WALK_WORK(ghchange_remove_hook),
    [CHANGE_PING_HOOK] = WALK_WORK(ghchange_ping_hook),
    [CHANGE_CREATE] = WALK_WORK(ghchange_create),
    [CHANGE_FIELDS] = WALK_WORK(ghchange_fields),
    [CHANGE_LABELS] = WALK_WORK(ghchange_labels),
    [CHANGE_COMMENT] = WALK_WORK(ghchange_comment),
    [CHANGE_EDIT_COMMENT] = WALK_WORK(ghchange_edit_comment),
    [CHANGE_REMOVE_COMMENT] = WALK_WORK(ghchange_remove_comment),
    [CHANGE_COMMIT_STATUS] = WALK_WORK(ghchange_status),
    [CHANGE_BOARD_ADD] = WALK_WORK(github_board_add),
    [CHANGE_BOARD_FIELD] = WALK_WORK(github_board_field),
    [CHANGE_LABEL_SET] = WALK_WORK(ghchange_label_set),
    [CHANGE_LABEL_DELETE] = WALK_WORK(ghchange_label_delete),
};
