/* Links between Jira issues, from the relations between their bugs. */
#include "base/base.h"
#include "rule/steps_private.h"

#include "base/arena.h"
#include "base/text.h"

enum { RELATED_BUGS_MAX = 200, LINKED_KEYS_MAX = 500 };

struct linkstep { /* one field of the bug */
    const char *field;
    const char *type;
    const struct texts *now; /* bugs or, for see_also, addresses */
    bool ours_inward;        /* our issue is the inward end: it blocks, duplicates, causes */
    bool is_see_also;        /* addresses; only those that the event added; the ends are ordered by name */
};

static void linkstep_key(const struct rule_case *c, const char *key, struct texts *keys)
{
    const char *dash = strchr(key, '-');
    const char *project = dash ? arena_str(c->a, (struct str){key, (size_t)(dash - key)}) : key;
    bool is_ours = text_same(key, c->key);
    if (!is_ours && keys->n < LINKED_KEYS_MAX && !texts_have(&c->action->linked_project_excludes, project) &&
        !texts_have(keys, key))
        texts_add(c->a, keys, key);
}

/*
 * The Jira issues of another bug. What a private bug is linked with is no one's business; but a link that is to go may
 * be looked up there.
 */
static void linkstep_bug(struct rule_case *c, const char *ref, bool is_gone, struct texts *keys)
{
    if (text_blank(ref) || text_same(ref, c->bug->ref))
        return;
    if (c->related >= RELATED_BUGS_MAX) {
        rule_note(c, "only the first 200 related bugs are looked at");
        return;
    }
    c->related++;
    const struct fact *bug = rule_need(c, FACT_ISSUE, c->bridge->from->name, ref);
    if (!bug)
        return;
    bool is_private = bug->issue.is_private || bug->issue.groups.n > 0;
    if (bug->state != FACT_HERE || (is_private && !is_gone)) {
        rule_note(c, arena_fmt(c->a, "bug %s is not accessible: no links for it", ref));
        return;
    }
    for (size_t i = 0; i < bug->issue.see_also.n; i++) {
        const char *key = rule_key(c, bug->issue.see_also.v[i]);
        if (key)
            linkstep_key(c, key, keys);
    }
}

/* The Jira issues behind one item of the field. */
static void linkstep_item(struct rule_case *c, const struct linkstep *s, const char *item, bool is_gone,
                          struct texts *keys)
{
    if (!s->is_see_also) {
        linkstep_bug(c, item, is_gone, keys);
        return;
    }
    const char *key = rule_key(c, item);
    const char *bug = key ? NULL : c->from->issue_ref(c->bridge->from, c->a, item);
    if (key)
        linkstep_key(c, key, keys);
    else if (bug)
        linkstep_bug(c, bug, is_gone, keys);
}

static struct texts linkstep_split(struct arena *a, const char *list)
{
    struct texts items = {0};
    while (list && *list) {
        size_t n = strcspn(list, ",");
        struct str item = str_trim((struct str){list, n});
        if (item.n && items.n < RELATED_BUGS_MAX)
            texts_add(a, &items, arena_str(a, item));
        list += list[n] ? n + 1 : n;
    }
    return items;
}

/* Is our issue the inward end of the link with this one? */
static bool linkstep_inward(const struct rule_case *c, const struct linkstep *s, const char *key)
{
    if (!s->is_see_also)
        return s->ours_inward;
    /* The number of an issue that is yet to be made is not known: within a project it counts as the later one. */
    return strcmp(c->is_new ? c->action->project : c->key, key) < 0 &&
           !(c->is_new && rule_key_in(key, c->action->project));
}

static bool linkstep_exists(const struct rule_case *c, const struct linkstep *s, const char *key, bool ours_inward)
{
    const struct issue_link *v = c->issue ? c->issue->links.v : NULL;
    for (size_t i = 0; c->issue && i < c->issue->links.n; i++)
        if (text_same(v[i].type, s->type) && text_same(v[i].other, key) &&
            (s->is_see_also || v[i].is_inward != ours_inward))
            return true;
    return false;
}

static void linkstep_plan(struct rule_case *c, const struct linkstep *s, const char *key, enum change_kind kind)
{
    bool ours_inward = linkstep_inward(c, s, key);
    bool exists = linkstep_exists(c, s, key, ours_inward);
    if (exists != (kind == CHANGE_UNLINK))
        return;
    struct target theirs = {.tracker = c->bridge->to->name, .ref = key};
    struct change *change = rule_change(c, kind);
    change->name = s->type;
    change->may_refuse = true;
    change->other = ours_inward ? theirs : change->issue;
    if (!ours_inward)
        change->issue = theirs;
}

static void linkstep_run(struct rule_case *c, const struct linkstep *s)
{
    if ((c->group != JBI_NEW && c->group != JBI_EXISTING) || !rule_touched(c, s->field))
        return;
    const struct delta *delta = c->group == JBI_EXISTING ? event_delta(c->ev, s->field) : NULL;
    struct texts wanted = {0}, gone = {0};
    struct texts added = linkstep_split(c->a, delta ? delta->added : NULL);
    struct texts removed = linkstep_split(c->a, delta ? delta->removed : NULL);
    for (size_t i = 0; i < s->now->n; i++)
        if (!s->is_see_also || !delta || texts_have(&added, s->now->v[i]))
            linkstep_item(c, s, s->now->v[i], false, &wanted);
    for (size_t i = 0; i < removed.n; i++)
        if (!texts_have(s->now, removed.v[i]))
            linkstep_item(c, s, removed.v[i], true, &gone);
    for (size_t i = 0; i < gone.n; i++)
        if (!texts_have(&wanted, gone.v[i]))
            linkstep_plan(c, s, gone.v[i], CHANGE_UNLINK);
    for (size_t i = 0; i < wanted.n; i++)
        linkstep_plan(c, s, wanted.v[i], CHANGE_LINK);
}

void step_dependencies(struct rule_case *c)
{
    linkstep_run(c, &(struct linkstep){"depends_on", "Blocks", &c->bug->depends_on, false, false});
    linkstep_run(c, &(struct linkstep){"blocks", "Blocks", &c->bug->blocks, true, false});
}

void step_see_also(struct rule_case *c)
{
    linkstep_run(c, &(struct linkstep){"see_also", "Relates", &c->bug->see_also, false, true});
}

void step_duplicates(struct rule_case *c)
{
    if (c->group == JBI_NEW && c->ev->deltas.n == 0)
        return;
    const char *original = c->bug->dupe_of;
    struct texts one = {.v = &original, .n = text_blank(original) ? 0 : 1};
    linkstep_run(c, &(struct linkstep){"dupe_of", "Duplicate", &one, true, false});
    linkstep_run(c, &(struct linkstep){"duplicates", "Duplicate", &c->bug->duplicates, false, false});
}

void step_regressions(struct rule_case *c)
{
    linkstep_run(c, &(struct linkstep){"regressions", "Problem/Incident", &c->bug->regressions, true, false});
    linkstep_run(c, &(struct linkstep){"regressed_by", "Problem/Incident", &c->bug->regressed_by, false, false});
}
