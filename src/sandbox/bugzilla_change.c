/* What an update wants of a bug: checked first, then applied, with the differences as a result. */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"

static const char *change_text_of(const struct json *body, const char *key, const char *otherwise)
{
    const char *text = json_text(json_get(body, key));
    return text ? text : otherwise;
}

static bool change_refuse(struct sandbox_call *c, int code, const char *message)
{
    sb_error(c, code, message);
    return false;
}

static bool change_status_is_fine(struct sandbox_call *c, const struct sb_bug *bug, const struct json *body)
{
    const struct sandbox_words *known = &c->s->bugzilla->statuses;
    const char *status = change_text_of(body, "status", sb_bug_text(bug, SB_STATUS));
    const char *given = json_text(json_get(body, "resolution"));
    bool is_duplicate = json_kind(json_get(body, "dupe_of")) == JSON_NUMBER;
    const char *former = sb_is_open(sb_bug_text(bug, SB_STATUS)) ? "" : sb_bug_text(bug, SB_RESOLUTION);
    if (known->n && !sandbox_words_has(known, status))
        return change_refuse(c, 51, arena_fmt(c->arena, "There is no status named '%s'.", status));
    if (!sb_is_open(status) && text_blank(given ? given : former) && !is_duplicate)
        return change_refuse(c, 121, arena_fmt(c->arena, "A valid resolution is required to mark bugs as %s.", status));
    if (sb_is_open(status) && !text_blank(given) && !is_duplicate)
        return change_refuse(c, 122, "You cannot set a resolution for open bugs.");
    return true;
}

static bool change_duplicate_is_fine(struct sandbox_call *c, const struct sb_bug *bug, const struct json *body)
{
    int64_t id = 0;
    const struct json *v = json_get(body, "dupe_of");
    if (json_kind(v) == JSON_ABSENT || json_kind(v) == JSON_NULL)
        return true;
    if (!sandbox_body_int(v, &id) || !sb_bug_find(c->s->bugzilla, (uint64_t)id))
        return change_refuse(c, 101, arena_fmt(c->arena, "Bug #%" PRId64 " does not exist.", id));
    if ((uint64_t)id == bug->id)
        return change_refuse(c, 118, arena_fmt(c->arena, "You can't mark a bug as a duplicate of itself."));
    return true;
}

static bool change_url_is_fine(struct sandbox_call *c, const char *url)
{
    struct url parts;
    if (url && url_parse(c->arena, url, &parts))
        return true;
    return change_refuse(c, 112, arena_fmt(c->arena, "%s is not a valid URL to a bug.", url ? url : "(null)"));
}

static bool change_related_is_fine(struct sandbox_call *c, const struct sb_bug *bug, const struct json *v)
{
    int64_t id = 0;
    if (!sandbox_body_int(v, &id) || !sb_bug_find(c->s->bugzilla, (uint64_t)id))
        return change_refuse(c, 101, arena_fmt(c->arena, "Bug #%" PRId64 " does not exist.", id));
    if ((uint64_t)id == bug->id)
        return change_refuse(c, 116, "You can't make a bug block itself or depend on itself.");
    return true;
}

static bool change_items_are_fine(struct sandbox_call *c, const struct sb_bug *bug, int list, const struct json *items)
{
    JSON_EACH (it, items) {
        if (sb_lists[list].is_id && !change_related_is_fine(c, bug, it))
            return false;
        if (list == SB_SEE_ALSO && !change_url_is_fine(c, json_text(it)))
            return false;
    }
    return true;
}

static bool change_lists_are_fine(struct sandbox_call *c, const struct sb_bug *bug, const struct json *body)
{
    JSON_EACH (it, body) {
        int list = sb_list_find(json_key(it));
        if (list < 0)
            continue;
        const struct json *items = json_kind(it) == JSON_ARRAY ? it : json_get(it, "add");
        if (!change_items_are_fine(c, bug, list, items) || !change_items_are_fine(c, bug, list, json_get(it, "set")))
            return false;
    }
    return true;
}

bool sb_change_is_fine(struct sandbox_call *c, const struct sb_bug *bug, const struct json *body)
{
    const char *comment = json_text(json_path(body, "comment.body"));
    if (comment && strlen(comment) > SB_COMMENT_BYTES)
        return change_refuse(c, 114, "Comments cannot be longer than 65535 characters.");
    if (json_text(json_get(body, "summary")) && str_trim(str_of(json_text(json_get(body, "summary")))).n == 0)
        return change_refuse(c, 107, "You must enter a summary for this bug.");
    return change_status_is_fine(c, bug, body) && change_duplicate_is_fine(c, bug, body) &&
           change_lists_are_fine(c, bug, body);
}

static void change_add(struct sb_changes *to, const char *field, const char *removed, const char *added)
{
    if (to->n < SB_CHANGES)
        to->v[to->n++] = (struct sb_change){field, removed, added};
}

static void change_set_text(struct sandbox_call *c, struct sb_bug *bug, enum sb_text t, const char *value,
                            struct sb_changes *to)
{
    const char *former = arena_text(c->arena, sb_bug_text(bug, t));
    if (strcmp(former, value) == 0)
        return;
    sandbox_set_text(&bug->texts[t], value);
    if (t == SB_ASSIGNED_TO && *value)
        sb_user_ensure(c->s->bugzilla, value);
    change_add(to, sb_texts[t].name, former, value);
}

/* The bug of this Bugzilla that a see-also URL names; NULL when it names none. */
static struct sb_bug *change_bug_of_url(struct sandbox_call *c, const char *url)
{
    const char *const bases[] = {c->base, c->s->base};
    for (size_t i = 0; i < COUNT(bases); i++) {
        const char *start = arena_fmt(c->arena, "%s/bugzilla/show_bug.cgi?id=", bases[i]);
        if (text_starts(url, start))
            return sb_bug_find(c->s->bugzilla, sb_number(url + strlen(start)));
    }
    return NULL;
}

/* Say the same on the other bug, and remember that for its own event. */
static void change_mirror(struct sandbox_call *c, const struct sb_bug *bug, int list, const char *item,
                          struct sb_changes *to, bool is_add)
{
    int mirror = sb_lists[list].mirror;
    bool is_id = sb_lists[list].is_id;
    if (mirror < 0)
        return;
    struct sb_bug *other = is_id ? sb_bug_find(c->s->bugzilla, sb_number(item)) : change_bug_of_url(c, item);
    const char *own = is_id ? arena_fmt(c->arena, "%" PRIu64, bug->id)
                            : arena_fmt(c->arena, "%s/bugzilla/show_bug.cgi?id=%" PRIu64, c->base, bug->id);
    if (!other || other == bug || to->n_related == SB_CHANGES)
        return;
    bool is_changed =
        is_add ? sandbox_words_add(&other->lists[mirror], own) : sandbox_words_remove(&other->lists[mirror], own);
    if (!is_changed)
        return;
    sb_bug_touch(c->s->bugzilla, other, c->now_ms);
    to->related[to->n_related] = other->id;
    to->mirrored[to->n_related++] = (struct sb_change){sb_lists[mirror].name, is_add ? "" : own, is_add ? own : ""};
}

static const char *change_item_text(struct sandbox_call *c, const struct json *v, bool is_id)
{
    int64_t id = 0;
    if (is_id)
        return sandbox_body_int(v, &id) ? arena_fmt(c->arena, "%" PRId64, id) : NULL;
    return json_text(v);
}

struct change_list {
    struct sandbox_call *c;
    struct sb_bug *bug;
    int list;
    struct sb_changes *to;
    struct sandbox_words removed, added;
};

static void change_list_add(struct change_list *l, const char *item)
{
    if (!sandbox_words_add(&l->bug->lists[l->list], item))
        return;
    sandbox_words_add(&l->added, item);
    change_mirror(l->c, l->bug, l->list, item, l->to, true);
}

static void change_list_remove(struct change_list *l, const char *item)
{
    if (!sandbox_words_remove(&l->bug->lists[l->list], item))
        return;
    sandbox_words_add(&l->removed, item);
    change_mirror(l->c, l->bug, l->list, item, l->to, false);
}

static bool change_is_among(const struct change_list *l, const struct json *items, const char *word)
{
    JSON_EACH (it, items)
        if (text_same(change_item_text(l->c, it, sb_lists[l->list].is_id), word))
            return true;
    return false;
}

static void change_list_set(struct change_list *l, const struct json *items)
{
    struct sandbox_words former = {0};
    sandbox_words_copy(&former, &l->bug->lists[l->list]);
    for (size_t i = 0; i < former.n; i++)
        if (!change_is_among(l, items, former.v[i]))
            change_list_remove(l, former.v[i]);
    JSON_EACH (it, items)
        change_list_add(l, change_item_text(l->c, it, sb_lists[l->list].is_id));
    sandbox_words_clear(&former);
}

static void change_a_list(struct change_list *l, const struct json *wanted)
{
    bool is_id = sb_lists[l->list].is_id;
    if (json_kind(wanted) == JSON_ARRAY)
        change_list_set(l, wanted);
    else if (json_get(wanted, "set"))
        change_list_set(l, json_get(wanted, "set"));
    JSON_EACH (it, json_get(wanted, "remove"))
        change_list_remove(l, change_item_text(l->c, it, is_id));
    JSON_EACH (it, json_get(wanted, "add"))
        change_list_add(l, change_item_text(l->c, it, is_id));
    if (l->added.n || l->removed.n)
        change_add(l->to, sb_lists[l->list].name, sandbox_words_join(l->c->arena, &l->removed, ", "),
                   sandbox_words_join(l->c->arena, &l->added, ", "));
    sandbox_words_clear(&l->added);
    sandbox_words_clear(&l->removed);
}

/* A duplicate is resolved as such; the other bug lists it. */
static void change_duplicate(struct sandbox_call *c, struct sb_bug *bug, const struct json *v, struct sb_changes *to)
{
    int64_t id = 0;
    if (!sandbox_body_int(v, &id) || (uint64_t)id == bug->dupe_of)
        return;
    const char *former = bug->dupe_of ? arena_fmt(c->arena, "%" PRIu64, bug->dupe_of) : "";
    struct sb_bug *original = sb_bug_find(c->s->bugzilla, (uint64_t)id);
    bug->dupe_of = (uint64_t)id;
    change_add(to, "dupe_of", former, arena_fmt(c->arena, "%" PRId64, id));
    if (original)
        sandbox_words_add(&original->lists[SB_DUPLICATES], arena_fmt(c->arena, "%" PRIu64, bug->id));
    if (sb_is_open(sb_bug_text(bug, SB_STATUS)))
        change_set_text(c, bug, SB_STATUS, "RESOLVED", to);
    change_set_text(c, bug, SB_RESOLUTION, "DUPLICATE", to);
}

static void change_resolution_follows(struct sandbox_call *c, struct sb_bug *bug, bool was_open, struct sb_changes *to)
{
    bool is_open = sb_is_open(sb_bug_text(bug, SB_STATUS));
    if (is_open && !text_blank(sb_bug_text(bug, SB_RESOLUTION)))
        change_set_text(c, bug, SB_RESOLUTION, "", to);
    if (is_open && bug->dupe_of)
        bug->dupe_of = 0;
    if (was_open && !is_open) {
        const char *former = bug->resolved_ms ? sb_hook_time(c, bug->resolved_ms) : "";
        bug->resolved_ms = c->now_ms;
        if (!c->s->bugzilla->is_stock)
            change_add(to, "cf_last_resolved", former, sb_hook_time(c, c->now_ms));
    }
}

void sb_change_apply(struct sandbox_call *c, struct sb_bug *bug, const struct json *body, struct sb_changes *ret)
{
    bool was_open = sb_is_open(sb_bug_text(bug, SB_STATUS));
    JSON_EACH (it, body) {
        int text = sb_text_find(json_key(it)), list = sb_list_find(json_key(it));
        struct change_list l = {.c = c, .bug = bug, .list = list, .to = ret};
        if (text >= 0 && !sb_texts[text].is_fixed && json_text(it))
            change_set_text(c, bug, (enum sb_text)text, json_text(it), ret);
        else if (list >= 0 && !sb_lists[list].is_fixed)
            change_a_list(&l, it);
    }
    change_duplicate(c, bug, json_get(body, "dupe_of"), ret);
    change_resolution_follows(c, bug, was_open, ret);
}

static const char *change_folded(const char *field, const char *value)
{
    int text = sb_text_find(field);
    bool is_empty = strcmp(value, "---") == 0 || strcmp(value, "--") == 0;
    return text >= 0 && sb_texts[text].is_folded && is_empty ? "" : value;
}

void sb_put_changes(struct json_out *o, const struct sb_changes *changes, bool is_folded)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct sb_change *it = &changes->v[i];
        json_open(o, NULL, '{');
        json_put_text(o, "added", is_folded ? change_folded(it->field, it->added) : it->added);
        json_put_text(o, "field", it->field);
        json_put_text(o, "removed", is_folded ? change_folded(it->field, it->removed) : it->removed);
        json_close(o);
    }
}
