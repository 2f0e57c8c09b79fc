/* Bugs: read, search, create, change. */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"

enum { BUG_PAGE_MAX = 10000 };

static void bugs_begin(struct sandbox_call *c)
{
    json_open(sandbox_json(c, 200), NULL, '{');
    json_open(&c->json, "bugs", '[');
}

static void bugs_end(struct sandbox_call *c)
{
    json_close(&c->json);
    json_open(&c->json, "faults", '[');
    json_close(&c->json);
    json_close(&c->json);
}

void sb_bug_get(struct sandbox_call *c)
{
    const struct sb_bug *bug = sb_asked_bug(c, c->part[0]);
    if (!bug)
        return;
    bugs_begin(c);
    sb_put_bug(c, bug);
    bugs_end(c);
}

/* Unknown and hidden ones are left out in silence. */
static void search_by_id(struct sandbox_call *c, const struct sandbox_words *ids)
{
    bugs_begin(c);
    for (size_t i = 0; i < ids->n; i++) {
        const struct sb_bug *bug = sb_bug_find(c->s->bugzilla, sb_number(ids->v[i]));
        if (bug && sb_can_see(c, bug))
            sb_put_bug(c, bug);
    }
    bugs_end(c);
}

struct bug_search {
    struct sandbox_call *c;
    struct sandbox_words texts[SB_TEXTS];
    const char *whiteboard, *summary;
    int64_t changed_ms, created_ms;
    SANDBOX_LIST(const struct sb_bug *) found;
};

static bool search_matches(const struct bug_search *q, const struct sb_bug *bug)
{
    if (!sb_can_see(q->c, bug) || bug->changed_ms < q->changed_ms || bug->created_ms < q->created_ms)
        return false;
    if (q->whiteboard && !strcasestr(sb_bug_text(bug, SB_WHITEBOARD), q->whiteboard))
        return false;
    if (q->summary && !strcasestr(sb_bug_text(bug, SB_SUMMARY), q->summary))
        return false;
    for (size_t i = 0; i < SB_TEXTS; i++)
        if (q->texts[i].n && sandbox_words_find(&q->texts[i], sb_bug_text(bug, (enum sb_text)i)) < 0)
            return false;
    return true;
}

static int64_t search_time(struct sandbox_call *c, const char *name)
{
    int64_t ms = INT64_MIN;
    const char *text = http_query(c->arena, c->request->url, name);
    if (text && when_parse(text, &ms, NULL) != 0)
        return INT64_MIN;
    return ms;
}

static int search_by_number(const void *a, const void *b)
{
    const struct sb_bug *const *x = a, *const *y = b;
    return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static int search_by_change(const void *a, const void *b)
{
    const struct sb_bug *const *x = a, *const *y = b;
    if ((*x)->changed_ms != (*y)->changed_ms)
        return (*x)->changed_ms < (*y)->changed_ms ? -1 : 1;
    return search_by_number(a, b);
}

static void search_read(struct bug_search *q, struct sandbox_call *c)
{
    static const enum sb_text fields[] = {SB_PRODUCT,  SB_COMPONENT, SB_STATUS,  SB_RESOLUTION,
                                          SB_PRIORITY, SB_SEVERITY,  SB_VERSION, SB_ASSIGNED_TO};
    q->c = c;
    for (size_t i = 0; i < COUNT(fields); i++)
        sandbox_query_all(c, sb_texts[fields[i]].name, &q->texts[fields[i]]);
    q->whiteboard = http_query(c->arena, c->request->url, "whiteboard");
    q->summary = http_query(c->arena, c->request->url, "summary");
    q->changed_ms = search_time(c, "last_change_time");
    q->created_ms = search_time(c, "creation_time");
}

/* The last changed ones come first in the walk, and a bound on the time of change ends it. */
static void search_walk(struct bug_search *q, const struct sb_site *b)
{
    for (const struct list *it = b->by_change.prev; it != &b->by_change; it = it->prev) {
        const struct sb_bug *bug = CONTAINER(it, const struct sb_bug, by_change);
        if (bug->changed_ms < q->changed_ms && !b->is_unordered)
            break;
        if (search_matches(q, bug))
            SANDBOX_ADD(&q->found, bug);
    }
    const char *order = http_query(q->c->arena, q->c->request->url, "order");
    bool is_by_change = order && (strstr(order, "change") || strstr(order, "delta_ts"));
    if (q->found.n)
        qsort(q->found.v, q->found.n, sizeof *q->found.v, is_by_change ? search_by_change : search_by_number);
}

void sb_bug_search(struct sandbox_call *c)
{
    struct sandbox_words ids = {0};
    struct bug_search q = {0};
    sandbox_query_all(c, "id", &ids);
    if (ids.n) {
        search_by_id(c, &ids);
        sandbox_words_clear(&ids);
        return;
    }
    search_read(&q, c);
    search_walk(&q, c->s->bugzilla);
    size_t limit = (size_t)sandbox_query_int(c, "limit", BUG_PAGE_MAX, BUG_PAGE_MAX);
    size_t offset = (size_t)sandbox_query_int(c, "offset", 0, INT32_MAX);
    bugs_begin(c);
    for (size_t i = offset; i < q.found.n && i - offset < limit; i++)
        sb_put_bug(c, q.found.v[i]);
    bugs_end(c);
    for (size_t i = 0; i < SB_TEXTS; i++)
        sandbox_words_clear(&q.texts[i]);
    mem_free(q.found.v);
}

static void bug_remember(struct sandbox_call *c, struct sb_bug *bug, const struct sb_changes *changes)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, SANDBOX_BODY_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "when", sb_time(c, c->now_ms));
    json_put_text(&o, "who", c->bugzilla_user ? c->bugzilla_user->login : "");
    json_open(&o, "changes", '[');
    for (size_t i = 0; i < changes->n; i++) {
        json_open(&o, NULL, '{');
        json_put_text(&o, "field_name", changes->v[i].field);
        json_put_text(&o, "removed", changes->v[i].removed);
        json_put_text(&o, "added", changes->v[i].added);
        json_close(&o);
    }
    json_close(&o);
    json_close(&o);
    if (bug->history.n < SB_HISTORY)
        SANDBOX_ADD(&bug->history, mem_text(text_z(&t)));
}

void sb_bug_history(struct sandbox_call *c)
{
    const struct sb_bug *bug = sb_asked_bug(c, c->part[0]);
    if (!bug)
        return;
    json_open(sandbox_json(c, 200), NULL, '{');
    json_open(&c->json, "bugs", '[');
    json_open(&c->json, NULL, '{');
    json_put_int(&c->json, "id", (int64_t)bug->id);
    json_open(&c->json, "history", '[');
    for (size_t i = 0; i < bug->history.n; i++)
        json_put_raw(&c->json, NULL, str_of(bug->history.v[i]));
    json_close(&c->json);
    json_close(&c->json);
    json_close(&c->json);
    json_close(&c->json);
}

static void put_tell_comment(struct sandbox_call *c, struct sb_bug *bug)
{
    const struct json *comment = json_get(c->body, "comment");
    const char *text = json_text(json_get(comment, "body"));
    if (text_blank(text))
        return;
    struct sb_comment *m = sb_comment_add(c->s->bugzilla, bug, c->bugzilla_user, text);
    m->is_private = json_bool(json_get(comment, "is_private"), false);
    sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_COMMENT, .comment = m});
}

/* The other ends of what was linked, mirrored see-alsos among them. */
static void put_tell_related(struct sandbox_call *c, const struct sb_bug *bug, const struct sb_changes *changes)
{
    for (size_t i = 0; i < changes->n_related; i++) {
        const struct sb_bug *other = sb_bug_find(c->s->bugzilla, changes->related[i]);
        struct sb_changes one = {.n = 1, .v = {changes->mirrored[i]}};
        bool is_indirect = strcmp(changes->mirrored[i].field, "see_also") != 0;
        if (other && !sb_bug_is_private(other))
            sb_event_send(
                c, &(struct sb_event){
                       .bug = other, .kind = SB_ON_CHANGE, .changes = &one, .source = is_indirect ? bug->id : 0});
    }
}

/* One that becomes hidden is told twice: as it was, then reduced. */
static void put_tell_change(struct sandbox_call *c, struct sb_event ev)
{
    struct sb_changes hidden = {.n = 1, .v = {{"is_private", "0", "1"}}};
    if (ev.former_bug && sb_bug_is_private(ev.bug)) {
        struct sb_event first = ev;
        first.changes = &hidden;
        sb_event_send(c, &first);
    }
    ev.former_bug = NULL;
    if (ev.changes->n)
        sb_event_send(c, &ev);
}

static void put_answer(struct sandbox_call *c, const struct sb_bug *bug, const struct sb_changes *changes)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_open(o, "bugs", '[');
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)bug->id);
    if (c->s->bugzilla->is_stock) {
        json_open(o, "alias", '[');
        json_close(o);
    } else {
        json_put_text(o, "alias", text_blank(bug->texts[SB_ALIAS]) ? NULL : bug->texts[SB_ALIAS]);
    }
    json_put_text(o, "last_change_time", sb_time(c, bug->changed_ms));
    json_open(o, "changes", '{');
    for (size_t i = 0; i < changes->n; i++) {
        json_open(o, changes->v[i].field, '{');
        json_put_text(o, "removed", changes->v[i].removed);
        json_put_text(o, "added", changes->v[i].added);
        json_close(o);
    }
    json_close(o);
    json_close(o);
    json_close(o);
    json_close(o);
}

static void put_apply(struct sandbox_call *c, struct sb_bug *bug)
{
    struct sb_changes changes = {0};
    struct sb_event ev = {.bug = bug, .kind = SB_ON_CHANGE, .changes = &changes};
    ev.former_product = arena_text(c->arena, sb_bug_text(bug, SB_PRODUCT));
    ev.former_component = arena_text(c->arena, sb_bug_text(bug, SB_COMPONENT));
    if (json_get(c->body, "groups") && !sb_bug_is_private(bug))
        ev.former_bug = sb_event_bug_json(c, bug);
    sb_change_apply(c, bug, c->body, &changes);
    bool has_comment = !text_blank(json_text(json_path(c->body, "comment.body")));
    if (changes.n)
        bug_remember(c, bug, &changes);
    if (changes.n || has_comment)
        sb_bug_touch(c->s->bugzilla, bug, c->now_ms);
    put_tell_comment(c, bug);
    put_tell_change(c, ev);
    put_tell_related(c, bug, &changes);
    put_answer(c, bug, &changes);
}

void sb_bug_put(struct sandbox_call *c)
{
    if (!sb_logged_in(c))
        return;
    struct sb_bug *bug = sb_asked_bug(c, c->part[0]);
    if (bug && json_kind(c->body) != JSON_OBJECT)
        sb_error(c, 32000, "The body must be a JSON object.");
    else if (bug && sb_change_is_fine(c, bug, c->body))
        put_apply(c, bug);
}

static bool post_is_complete(struct sandbox_call *c)
{
    static const char *const required[] = {"product", "component", "summary", "version"};
    for (size_t i = 0; i < COUNT(required); i++) {
        if (!text_blank(json_text(json_get(c->body, required[i]))))
            continue;
        sb_error(c, 50,
                 arena_fmt(c->arena, "The function Bug.create requires a %s argument, and that argument was not set.",
                           required[i]));
        return false;
    }
    return true;
}

void sb_bug_post(struct sandbox_call *c)
{
    struct sb_site *b = c->s->bugzilla;
    struct sb_bug none = {0};
    struct sb_changes changes = {0};
    if (!sb_logged_in(c) || !post_is_complete(c) || !sb_change_is_fine(c, &none, c->body))
        return;
    if (map_count(b->by_id) >= SB_BUGS) {
        sb_error(c, 32000, "The sandbox holds no more bugs.");
        return;
    }
    const char *text = json_text(json_get(c->body, "description"));
    struct sb_bug *bug = sb_bug_new(b, 0, c->now_ms);
    bug->creator = c->bugzilla_user;
    sb_change_apply(c, bug, c->body, &changes);
    struct sb_comment *first = sb_comment_add(b, bug, c->bugzilla_user, text ? text : "");
    sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_COMMENT, .comment = first});
    sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_CREATE});
    put_tell_related(c, bug, &changes);
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "id", (int64_t)bug->id);
    json_close(o);
}
