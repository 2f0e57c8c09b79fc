/* What the Jira of the tickets tells: a ticket's status becomes its pull request's label. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"

/* The issue's other ends in our store, by its key, or by the one that it had before it was moved. */
static const struct fact *heard_linked(struct contrib_case *c, const char *key)
{
    return plan_need(c->a, c->facts, c->decision,
                     &(const struct fact_key){.kind = FACT_LINKED, .tracker = c->bridge->to->name, .ref = key});
}

static bool heard_is_of_pull(const struct contrib_case *c, const struct linked *l)
{
    return text_same(l->tracker, c->tracker) && strchr(l->ref, '#');
}

/* The ticket as it is now. NULL: not yet, or there is nothing to read. */
static const struct issue *heard_read(struct contrib_case *c)
{
    const struct fact_key key = {.kind = FACT_ISSUE, .tracker = c->bridge->to->name, .ref = c->ev->issue.ref};
    const struct fact *f = plan_need(c->a, c->facts, c->decision, &key);
    if (f && f->state != FACT_HERE)
        contrib_note(c, arena_fmt(c->a, "%s is not there any more: it is not made again", c->ev->issue.ref));
    return contrib_here(f) ? &f->issue : NULL;
}

static const char *heard_pull(struct contrib_case *c, const struct fact *pull)
{
    if (pull->state != FACT_HERE)
        return text_blank(pull->why) ? "the pull request is not accessible" : pull->why;
    struct issue *copy = ARENA_NEW(c->a, struct issue);
    *copy = pull->issue;
    copy->ref = text_blank(copy->ref) ? c->ref : copy->ref;
    copy->project = arena_str(c->a, (struct str){copy->ref, strcspn(copy->ref, "#")});
    c->issue = copy;
    c->is_pull = true;
    if (text_same(copy->status, "merged") || copy->pull.merged_ms)
        c->state = CONTRIB_MERGED;
    else
        c->state = text_same(copy->status, "closed") ? CONTRIB_CLOSED : CONTRIB_OPEN;
    return NULL;
}

static void heard_one(const struct contrib_case *all, const char *ref, bool is_moved)
{
    struct contrib_case c = *all;
    struct unit unit;
    c.ref = ref;
    contrib_begin(&c, &unit, "ticket", "update");
    unit.target = arena_fmt(c.a, "%s:%s", c.tracker, ref);
    unit.is_learnt = is_moved;
    const struct issue *ticket = heard_read(&c);
    const struct fact *pull = contrib_need(&c, FACT_ISSUE, ref);
    const char *why = pull ? heard_pull(&c, pull) : NULL;
    unit.discarded = why != NULL;
    unit.reason = why;
    if (why)
        unit.operation = NULL;
    else if (ticket && c.issue)
        ticket_label(&c, ticket->status);
    contrib_end(&c);
}

static bool heard_all(struct contrib_case *c, const struct fact *linked, bool is_moved)
{
    bool any = false;
    MANY_EACH(const struct linked, l, &linked->links)
    if (heard_is_of_pull(c, l)) {
        heard_one(c, l->ref, is_moved);
        any = true;
    }
    return any;
}

const char *ticket_heard(struct contrib_case *c)
{
    const struct event *ev = c->ev;
    const struct delta *moved = event_delta(ev, "Key");
    if (text_blank(c->own->tickets.project))
        return NULL;
    if (text_blank(ev->issue.ref) || !text_same(ev->target, "issue"))
        return arena_fmt(c->a, "%s: not of interest", text_blank(ev->routing) ? "the event" : ev->routing);
    const struct fact *linked = heard_linked(c, ev->issue.ref);
    if (!linked || heard_all(c, linked, false))
        return NULL;
    const struct fact *before = moved && !text_blank(moved->removed) ? heard_linked(c, moved->removed) : NULL;
    if (moved && !text_blank(moved->removed) && (!before || heard_all(c, before, true)))
        return NULL;
    return arena_fmt(c->a, "%s is no ticket of a pull request", ev->issue.ref);
}
