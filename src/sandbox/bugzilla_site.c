/* The state of the pretend Bugzilla: made from a seed; bugs, people, comments. */
#include "base/base.h"

#include "http/client.h"
#include "sandbox/bugzilla_private.h"
#include "sandbox/serve_private.h"

uint64_t sb_number(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    if (n == 0 || n > 15 || text[strspn(text, "0123456789")])
        return 0;
    uint64_t id = 0;
    for (; *text; text++)
        id = id * 10 + (uint64_t)(*text - '0');
    return id;
}

struct sb_bug *sb_bug_find(const struct sb_site *b, uint64_t id)
{
    return id ? map_get(b->by_id, id) : NULL;
}

struct sb_bug *sb_bug_new(struct sb_site *b, uint64_t id, int64_t now_ms)
{
    struct sb_bug *bug = mem_zero(sizeof *bug);
    bug->id = id ? id : b->last_bug + 1;
    if (bug->id > b->last_bug)
        b->last_bug = bug->id;
    bug->created_ms = bug->changed_ms = now_ms;
    bug->creator = b->users.v[0];
    list_add(&b->by_change, &bug->by_change);
    map_put(b->by_id, bug->id, bug);
    return bug;
}

void sb_bug_touch(struct sb_site *b, struct sb_bug *bug, int64_t now_ms)
{
    bug->changed_ms = now_ms;
    list_remove(&bug->by_change);
    list_add(&b->by_change, &bug->by_change);
}

const char *sb_bug_text(const struct sb_bug *bug, enum sb_text t)
{
    return bug->texts[t] ? bug->texts[t] : sb_texts[t].initial;
}

bool sb_bug_is_private(const struct sb_bug *bug)
{
    return bug->lists[SB_GROUPS].n > 0;
}

bool sb_is_open(const char *status)
{
    static const char *const closed[] = {"RESOLVED", "VERIFIED", "CLOSED"};
    for (size_t i = 0; i < COUNT(closed); i++)
        if (strcmp(closed[i], status) == 0)
            return false;
    return true;
}

struct sb_user *sb_user_find(const struct sb_site *b, const char *login)
{
    struct sb_user *u = login ? map_get(b->by_login, hash_stable(str_of(login))) : NULL;
    return u && strcmp(u->login, login) == 0 ? u : NULL;
}

struct sb_user *sb_user_ensure(struct sb_site *b, const char *login)
{
    struct sb_user *u = sb_user_find(b, login);
    if (u)
        return u;
    u = mem_zero(sizeof *u);
    u->id = ++b->last_user;
    u->login = mem_text(login);
    u->real_name = mem_text("");
    SANDBOX_ADD(&b->users, u);
    map_put(b->by_login, hash_stable(str_of(login)), u);
    return u;
}

struct sb_comment *sb_comment_add(struct sb_site *b, struct sb_bug *bug, struct sb_user *by, const char *text)
{
    struct sb_comment *m = mem_zero(sizeof *m);
    m->id = ++b->last_comment;
    m->number = bug->comments.n;
    m->text = mem_text(text);
    m->author = by ? by : b->users.v[0];
    m->at_ms = loop_now_ms(b->s->loop);
    SANDBOX_ADD(&bug->comments, m);
    return m;
}

static int64_t site_when(const struct json *from, const char *key, int64_t otherwise)
{
    int64_t ms = otherwise;
    const char *text = json_text(json_get(from, key));
    return text && when_parse(text, &ms, NULL) == 0 ? ms : otherwise;
}

static void site_fill_comment(struct sb_site *b, struct sb_bug *bug, const struct json *from)
{
    const char *text = json_text(json_get(from, "text")), *author = json_text(json_get(from, "creator"));
    if (!text)
        text = json_text(json_get(from, "body"));
    struct sb_comment *m = sb_comment_add(b, bug, author ? sb_user_ensure(b, author) : NULL, text ? text : "");
    int64_t id = 0;
    if (json_int(json_get(from, "id"), &id) && id > 0) {
        m->id = (uint64_t)id;
        b->last_comment = m->id > b->last_comment ? m->id : b->last_comment;
    }
    if (json_int(json_get(from, "number"), &id) && id >= 0)
        m->number = (uint64_t)id;
    m->is_private = json_bool(json_get(from, "is_private"), false);
    m->at_ms = site_when(from, "creation_time", m->at_ms);
}

/* The one comment that a delivery's bug bears; there once, however often it is put. */
static void site_fill_delivered(struct sb_site *b, struct sb_bug *bug, const struct json *from)
{
    int64_t id = 0;
    if (!json_int(json_get(from, "id"), &id))
        return;
    for (size_t i = 0; i < bug->comments.n; i++)
        if (bug->comments.v[i]->id == (uint64_t)id)
            return;
    site_fill_comment(b, bug, from);
}

static void site_clear_comments(struct sb_bug *bug)
{
    for (size_t i = 0; i < bug->comments.n; i++) {
        mem_free(bug->comments.v[i]->text);
        mem_free(bug->comments.v[i]);
    }
    mem_free(bug->comments.v);
    bug->comments.v = NULL;
    bug->comments.n = bug->comments.room = 0;
}

static void site_attachment_free(struct sb_attachment *m)
{
    mem_free(m->file_name);
    mem_free(m->description);
    mem_free(m->content_type);
    mem_free(m);
}

static void site_clear_attachments(struct sb_site *b, struct sb_bug *bug)
{
    for (size_t i = 0; i < bug->attachments.n; i++) {
        struct sb_attachment *m = bug->attachments.v[i];
        if (map_get(b->attachments, m->id) == m)
            map_remove(b->attachments, m->id);
        site_attachment_free(m);
    }
    mem_free(bug->attachments.v);
    bug->attachments.v = NULL;
    bug->attachments.n = bug->attachments.room = 0;
}

struct sb_attachment *sb_attachment_add(struct sb_site *b, struct sb_bug *bug, uint64_t id)
{
    struct sb_attachment *m = mem_zero(sizeof *m);
    m->id = id ? id : b->last_attachment + 1;
    if (m->id > b->last_attachment)
        b->last_attachment = m->id;
    m->bug = bug->id;
    m->author = bug->creator;
    m->at_ms = loop_now_ms(b->s->loop);
    SANDBOX_ADD(&bug->attachments, m);
    map_put(b->attachments, m->id, m);
    return m;
}

static struct sb_attachment *site_attachment(struct sb_site *b, struct sb_bug *bug, uint64_t id)
{
    for (size_t i = 0; i < bug->attachments.n; i++)
        if (bug->attachments.v[i]->id == id)
            return bug->attachments.v[i];
    return sb_attachment_add(b, bug, id);
}

/* true and false in a webhook, 1 and 0 in REST. */
static bool site_flag(const struct json *from, const char *key, bool otherwise)
{
    int64_t n = otherwise;
    const struct json *v = json_get(from, key);
    return json_int(v, &n) ? n != 0 : json_bool(v, otherwise);
}

/* The attachment becomes what it is said to be, in REST's words or a webhook's. */
static void site_fill_attachment(struct sb_site *b, struct sb_bug *bug, const struct json *from)
{
    int64_t id = 0;
    if (!json_int(json_get(from, "id"), &id) || id <= 0)
        return;
    struct sb_attachment *m = site_attachment(b, bug, (uint64_t)id);
    const char *summary = json_text(json_get(from, "summary")), *creator = json_text(json_get(from, "creator"));
    const struct {
        char **at;
        const char *now, *otherwise;
    } texts[] = {{&m->file_name, json_text(json_get(from, "file_name")), ""},
                 {&m->description, summary ? summary : json_text(json_get(from, "description")), ""},
                 {&m->content_type, json_text(json_get(from, "content_type")), "text/plain"}};
    for (size_t i = 0; i < COUNT(texts); i++)
        if (texts[i].now || !*texts[i].at)
            sandbox_set_text(texts[i].at, texts[i].now ? texts[i].now : texts[i].otherwise);
    m->is_private = site_flag(from, "is_private", m->is_private);
    m->is_obsolete = site_flag(from, "is_obsolete", m->is_obsolete);
    m->is_patch = site_flag(from, "is_patch", m->is_patch);
    m->author = creator ? sb_user_ensure(b, creator) : m->author;
    m->at_ms = site_when(from, "creation_time", m->at_ms);
}

static void site_fill_list(struct sandbox_words *words, const struct json *list, bool is_id)
{
    sandbox_words_clear(words);
    if (!is_id) {
        sandbox_words_read(words, list);
        return;
    }
    JSON_EACH (it, list) {
        int64_t id = 0;
        struct text t;
        if (!sandbox_body_int(it, &id))
            continue;
        text_init(&t, 32);
        text_addf(&t, "%" PRId64, id);
        sandbox_words_add(words, text_z(&t));
        text_free(&t);
    }
}

static void site_fill_fields(struct sb_bug *bug, const struct json *from)
{
    JSON_EACH (it, from) {
        int text = sb_text_find(json_key(it)), list = sb_list_find(json_key(it));
        if (text >= 0 && json_text(it))
            sandbox_set_text(&bug->texts[text], json_text(it));
        else if (list >= 0 && json_kind(it) == JSON_ARRAY)
            site_fill_list(&bug->lists[list], it, sb_lists[list].is_id);
    }
}

/* A see-also in the seed may begin with $BASE, this sandbox's own address. */
static void site_fill_base(const struct sb_site *b, struct sb_bug *bug)
{
    struct sandbox_words *urls = &bug->lists[SB_SEE_ALSO];
    for (size_t i = 0; i < urls->n; i++) {
        struct text t;
        if (!text_starts(urls->v[i], "$BASE"))
            continue;
        text_init(&t, 4096);
        text_addf(&t, "%s%s", b->s->base, urls->v[i] + 5);
        sandbox_set_text(&urls->v[i], text_z(&t));
        text_free(&t);
    }
}

void sb_bug_fill(struct sb_site *b, struct sb_bug *bug, const struct json *from)
{
    int64_t dupe_of = 0;
    const char *creator = json_text(json_get(from, "creator"));
    site_fill_fields(bug, from);
    site_fill_base(b, bug);
    if (json_int(json_get(from, "dupe_of"), &dupe_of) && dupe_of > 0)
        bug->dupe_of = (uint64_t)dupe_of;
    if (creator)
        bug->creator = sb_user_ensure(b, creator);
    if (json_kind(json_get(from, "is_private")) == JSON_BOOL && !json_get(from, "groups")) {
        sandbox_words_clear(&bug->lists[SB_GROUPS]);
        if (json_bool(json_get(from, "is_private"), false))
            sandbox_words_add(&bug->lists[SB_GROUPS], "core-security");
    }
    if (json_get(from, "comments"))
        site_clear_comments(bug);
    JSON_EACH (it, json_get(from, "comments"))
        site_fill_comment(b, bug, it);
    site_fill_delivered(b, bug, json_get(from, "comment"));
    if (json_get(from, "attachments"))
        site_clear_attachments(b, bug);
    JSON_EACH (it, json_get(from, "attachments"))
        site_fill_attachment(b, bug, it);
    site_fill_attachment(b, bug, json_get(from, "attachment"));
    bug->created_ms = site_when(from, "creation_time", bug->created_ms);
    bug->changed_ms = site_when(from, "last_change_time", bug->changed_ms);
    if (json_get(from, "last_change_time"))
        b->is_unordered = true;
    bug->resolved_ms = site_when(from, "cf_last_resolved", bug->resolved_ms);
}

static void site_bug_free(struct sb_site *b, struct sb_bug *bug)
{
    site_clear_comments(bug);
    site_clear_attachments(b, bug);
    for (size_t i = 0; i < bug->history.n; i++)
        mem_free(bug->history.v[i]);
    mem_free(bug->history.v);
    for (size_t i = 0; i < SB_TEXTS; i++)
        mem_free(bug->texts[i]);
    for (size_t i = 0; i < SB_LISTS; i++)
        sandbox_words_clear(&bug->lists[i]);
    mem_free(bug);
}

static void site_read_bug(struct sb_site *b, const struct json *it)
{
    int64_t id = 0;
    if (!json_int(json_get(it, "id"), &id) || id <= 0 || sb_bug_find(b, (uint64_t)id))
        return;
    struct sb_bug *bug = sb_bug_new(b, (uint64_t)id, loop_now_ms(b->s->loop));
    sb_bug_fill(b, bug, it);
    if (bug->comments.n == 0)
        sb_comment_add(b, bug, bug->creator, "");
}

static void site_read_user(struct sb_site *b, const struct json *it)
{
    const char *login = json_text(json_get(it, "login")), *name = json_text(json_get(it, "real_name"));
    if (!login)
        return;
    struct sb_user *u = sb_user_ensure(b, login);
    sandbox_set_text(&u->real_name, name ? name : "");
    sandbox_set_text(&u->api_key, json_text(json_get(it, "api_key")));
    u->is_privileged = json_bool(json_get(it, "privileged"), false);
}

struct sb_site *sb_site_new(struct sandbox *s, const struct json *seed)
{
    struct sb_site *b = mem_zero(sizeof *b);
    b->s = s;
    b->by_id = map_new();
    b->by_login = map_new();
    b->attachments = map_new();
    b->client = http_client_new(s->loop);
    list_init(&b->by_change);
    b->is_stock = text_same(json_text(json_get(seed, "flavour")), "stock");
    JSON_EACH (it, json_get(seed, "users"))
        site_read_user(b, it);
    sb_user_ensure(b, "nobody@mozilla.org");
    sandbox_words_read(&b->statuses, json_get(seed, "statuses"));
    JSON_EACH (it, json_get(seed, "bugs"))
        site_read_bug(b, it);
    sb_hooks_read(b, json_get(seed, "webhooks"));
    return b;
}

void sb_site_free(struct sb_site *b)
{
    if (!b)
        return;
    sb_hooks_free(b);
    http_client_free(b->client);
    LIST_EACH (it, &b->by_change)
        site_bug_free(b, CONTAINER(it, struct sb_bug, by_change));
    for (size_t i = 0; i < b->users.n; i++) {
        mem_free(b->users.v[i]->login);
        mem_free(b->users.v[i]->real_name);
        mem_free(b->users.v[i]->api_key);
        mem_free(b->users.v[i]);
    }
    mem_free(b->users.v);
    sandbox_words_clear(&b->statuses);
    map_free(b->by_id);
    map_free(b->by_login);
    map_free(b->attachments);
    mem_free(b);
}
