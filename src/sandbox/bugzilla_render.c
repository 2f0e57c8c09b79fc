/* How bugs, comments and attachments look in REST answers. */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"

struct render_choice { /* include_fields and exclude_fields */
    struct sandbox_words only, without;
};

static bool render_has(const struct render_choice *r, const char *field)
{
    bool is_all = r->only.n == 0 || sandbox_words_has(&r->only, "_default") || sandbox_words_has(&r->only, "_all");
    return (is_all || sandbox_words_has(&r->only, field)) && !sandbox_words_has(&r->without, field);
}

/* Who has not logged in sees no addresses. */
static const char *render_login(struct sandbox_call *c, const char *login)
{
    return c->bugzilla_user ? login : arena_str(c->arena, (struct str){login, strcspn(login, "@")});
}

static void render_person(struct sandbox_call *c, const char *key, const char *login)
{
    const struct sb_user *u = sb_user_find(c->s->bugzilla, login);
    const char *shown = render_login(c, login);
    struct json_out *o = &c->json;
    json_open(o, key, '{');
    json_put_int(o, "id", u ? (int64_t)u->id : 0);
    json_put_text(o, "name", shown);
    json_put_text(o, "real_name", u ? u->real_name : "");
    if (!c->s->bugzilla->is_stock)
        json_put_text(o, "nick", arena_str(c->arena, (struct str){login, strcspn(login, "@")}));
    if (c->bugzilla_user)
        json_put_text(o, "email", login);
    json_close(o);
}

void sb_put_list(struct json_out *o, const char *key, const struct sandbox_words *words, bool is_id)
{
    json_open(o, key, '[');
    for (size_t i = 0; i < words->n; i++) {
        if (is_id)
            json_put_raw(o, NULL, str_of(words->v[i]));
        else
            json_put_text(o, NULL, words->v[i]);
    }
    json_close(o);
}

static void render_texts(struct sandbox_call *c, const struct sb_bug *bug, const struct render_choice *r)
{
    bool is_stock = c->s->bugzilla->is_stock;
    for (int i = 0; i < SB_TEXTS; i++) {
        const struct sb_text_row *row = &sb_texts[i];
        const char *text = sb_bug_text(bug, (enum sb_text)i);
        if (!render_has(r, row->name) || (is_stock && row->is_mozilla) || i == SB_ALIAS)
            continue;
        if (i == SB_ASSIGNED_TO || i == SB_QA_CONTACT)
            text = render_login(c, text);
        json_put_text(&c->json, row->name, text);
    }
    if (!render_has(r, "alias"))
        return;
    if (is_stock) {
        json_open(&c->json, "alias", '[');
        json_close(&c->json);
    } else {
        json_put_text(&c->json, "alias", text_blank(bug->texts[SB_ALIAS]) ? NULL : bug->texts[SB_ALIAS]);
    }
}

static void render_lists(struct sandbox_call *c, const struct sb_bug *bug, const struct render_choice *r)
{
    for (int i = 0; i < SB_LISTS; i++)
        if (render_has(r, sb_lists[i].name) && !(c->s->bugzilla->is_stock && sb_lists[i].is_mozilla))
            sb_put_list(&c->json, sb_lists[i].name, &bug->lists[i], sb_lists[i].is_id);
    if (!render_has(r, "cc_detail"))
        return;
    json_open(&c->json, "cc_detail", '[');
    for (size_t i = 0; i < bug->lists[SB_CC].n; i++)
        render_person(c, NULL, bug->lists[SB_CC].v[i]);
    json_close(&c->json);
}

static void render_people(struct sandbox_call *c, const struct sb_bug *bug, const struct render_choice *r)
{
    const char *assignee = sb_bug_text(bug, SB_ASSIGNED_TO);
    if (render_has(r, "creator"))
        json_put_text(&c->json, "creator", render_login(c, bug->creator->login));
    if (render_has(r, "creator_detail"))
        render_person(c, "creator_detail", bug->creator->login);
    if (render_has(r, "assigned_to_detail"))
        render_person(c, "assigned_to_detail", assignee);
}

static void render_empty_list(struct sandbox_call *c, const struct render_choice *r, const char *name)
{
    if (!render_has(r, name))
        return;
    json_open(&c->json, name, '[');
    json_close(&c->json);
}

static void render_flags(struct sandbox_call *c, const struct sb_bug *bug, const struct render_choice *r)
{
    const struct {
        const char *name;
        bool value;
    } rows[] = {{"is_open", sb_is_open(sb_bug_text(bug, SB_STATUS))},
                {"is_confirmed", strcmp(sb_bug_text(bug, SB_STATUS), "UNCONFIRMED") != 0},
                {"is_creator_accessible", true},
                {"is_cc_accessible", true}};
    for (size_t i = 0; i < COUNT(rows); i++)
        if (render_has(r, rows[i].name))
            json_put_bool(&c->json, rows[i].name, rows[i].value);
    render_empty_list(c, r, "flags");
}

static void render_rest(struct sandbox_call *c, const struct sb_bug *bug, const struct render_choice *r)
{
    struct json_out *o = &c->json;
    if (render_has(r, "dupe_of") && bug->dupe_of)
        json_put_int(o, "dupe_of", (int64_t)bug->dupe_of);
    else if (render_has(r, "dupe_of"))
        json_put_null(o, "dupe_of");
    if (render_has(r, "creation_time"))
        json_put_text(o, "creation_time", sb_time(c, bug->created_ms));
    if (render_has(r, "last_change_time"))
        json_put_text(o, "last_change_time", sb_time(c, bug->changed_ms));
    if (c->s->bugzilla->is_stock) {
        if (render_has(r, "deadline"))
            json_put_null(o, "deadline");
        return;
    }
    if (render_has(r, "cf_last_resolved"))
        json_put_text(o, "cf_last_resolved", bug->resolved_ms ? sb_time(c, bug->resolved_ms) : NULL);
    if (render_has(r, "comment_count"))
        json_put_int(o, "comment_count", (int64_t)bug->comments.n);
    if (render_has(r, "votes"))
        json_put_int(o, "votes", 0);
    render_empty_list(c, r, "mentors");
    render_empty_list(c, r, "mentors_detail");
}

void sb_put_bug(struct sandbox_call *c, const struct sb_bug *bug)
{
    struct render_choice r = {0};
    sandbox_words_split(&r.only, http_query(c->arena, c->request->url, "include_fields"));
    sandbox_words_split(&r.without, http_query(c->arena, c->request->url, "exclude_fields"));
    json_open(&c->json, NULL, '{');
    if (render_has(&r, "id"))
        json_put_int(&c->json, "id", (int64_t)bug->id);
    render_texts(c, bug, &r);
    render_lists(c, bug, &r);
    render_people(c, bug, &r);
    render_flags(c, bug, &r);
    render_rest(c, bug, &r);
    json_close(&c->json);
    sandbox_words_clear(&r.only);
    sandbox_words_clear(&r.without);
}

void sb_put_comment(struct sandbox_call *c, const struct sb_bug *bug, const struct sb_comment *m)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)m->id);
    json_put_int(o, "bug_id", (int64_t)bug->id);
    if (m->attachment)
        json_put_int(o, "attachment_id", (int64_t)m->attachment);
    else
        json_put_null(o, "attachment_id");
    json_put_int(o, "count", (int64_t)m->number);
    json_put_text(o, "text", m->text);
    json_put_text(o, "raw_text", m->text);
    json_put_text(o, "creator", render_login(c, m->author->login));
    json_put_text(o, "author", render_login(c, m->author->login));
    json_put_text(o, "time", sb_time(c, m->at_ms));
    json_put_text(o, "creation_time", sb_time(c, m->at_ms));
    json_put_bool(o, "is_private", m->is_private);
    json_put_bool(o, "is_markdown", true);
    json_open(o, "tags", '[');
    json_close(o);
    json_close(o);
}

void sb_put_attachment(struct sandbox_call *c, const struct sb_attachment *m)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)m->id);
    json_put_int(o, "bug_id", (int64_t)m->bug);
    json_put_text(o, "file_name", m->file_name);
    json_put_text(o, "summary", m->description);
    json_put_text(o, "content_type", m->content_type);
    json_put_text(o, "creator", render_login(c, m->author->login));
    json_put_text(o, "creation_time", sb_time(c, m->at_ms));
    json_put_text(o, "last_change_time", sb_time(c, m->at_ms));
    json_put_int(o, "is_private", m->is_private);
    json_put_int(o, "is_obsolete", m->is_obsolete);
    json_put_int(o, "is_patch", m->is_patch);
    json_open(o, "flags", '[');
    json_close(o);
    json_close(o);
}
