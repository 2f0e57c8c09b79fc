/*
 * One event of a bug: whether it may be looked at at all, which actions it concerns, which operation each of them
 * performs. What then happens is in the steps. The event itself decides only what changed; everything else is read from
 * the bug as it is now.
 */
#include "base/base.h"
#include "rule/decide.h"

#include "base/arena.h"
#include "base/text.h"
#include "rule/decide_private.h"
#include "rule/steps.h"
#include "rule/steps_private.h"
#include "rule/tag.h"

static const char decide_private_bug[] = "private bugs are not supported";
static const char decide_private_comment[] = "private comments are not supported";
static const char decide_private_attachment[] = "private attachments are not supported";

static bool decide_target_is(const struct event *ev, const char *target)
{
    return text_same(ev->target, target);
}

/* Why the event alone rules itself out, without asking anybody; else NULL. */
static const char *decide_event(const struct event *ev)
{
    if (text_blank(ev->issue.ref))
        return "the event names no bug";
    /* The event of hiding a bug still shows it as it was, public. */
    const struct delta *hidden = event_delta(ev, "is_private");
    bool is_hidden = hidden && (text_same(hidden->added, "1") || text_same(hidden->added, "true"));
    if (ev->issue.is_private || ev->issue.groups.n || is_hidden)
        return decide_private_bug;
    if (decide_target_is(ev, "comment") && ev->has_comment && ev->comment.is_private)
        return decide_private_comment;
    if (decide_target_is(ev, "attachment") && ev->has_attachment && ev->attachment.is_private)
        return decide_private_attachment;
    return NULL;
}

static bool decide_tagged(const struct rule_case *c, const char *whiteboard)
{
    const struct jbi_actions *rules = &c->own->rules;
    for (size_t i = 0; i < rules->n; i++)
        if (rules->v[i].enabled && tag_in(whiteboard, rules->v[i].tag))
            return true;
    return false;
}

/* Ask for what is sure to be read once an action matches. */
static void decide_ask(struct rule_case *c)
{
    rule_need(c, FACT_LINKED, c->bridge->from->name, c->ev->issue.ref);
    if (decide_target_is(c->ev, "comment") && c->ev->has_comment)
        rule_need(c, FACT_COMMENTS, c->bridge->from->name, c->ev->issue.ref);
    if (decide_target_is(c->ev, "attachment") && c->ev->has_attachment)
        rule_need(c, FACT_ATTACHMENTS, c->bridge->from->name, c->ev->issue.ref);
}

/* Read the bug into c->bug. Why it rules the event out, else NULL; then c->bug may be still to be fetched. */
static const char *decide_bug(struct rule_case *c)
{
    const struct fact *bug = rule_need(c, FACT_ISSUE, c->bridge->from->name, c->ev->issue.ref);
    if (!bug) {
        if (decide_tagged(c, c->ev->issue.whiteboard))
            decide_ask(c);
        return NULL;
    }
    if (bug->state != FACT_HERE)
        return text_blank(bug->why) ? "the bug is not accessible" : bug->why;
    if (bug->issue.is_private || bug->issue.groups.n)
        return decide_private_bug;
    struct issue *copy = ARENA_NEW(c->a, struct issue);
    *copy = bug->issue;
    copy->ref = c->ev->issue.ref; /* whatever the tracker calls it */
    c->bug = copy;
    return NULL;
}

/* The issue of the action's project that see_also names: the one that is `ours` if it is there, else the first. */
static const char *decide_seen(const struct rule_case *c, const char *ours)
{
    const char *first = NULL;
    for (size_t i = 0; i < c->bug->see_also.n; i++) {
        const char *key = rule_key(c, c->bug->see_also.v[i]);
        if (!rule_key_in(key, c->action->project))
            continue;
        if (ours && text_same(key, ours))
            return key;
        if (!first)
            first = key;
    }
    return first;
}

/*
 * The linked issue into c->key, and whether this event makes it. see_also rules: who takes an address out unlinks. A
 * link that we made and could not yet write there counts until it is confirmed; one made by this same event means that
 * an earlier attempt got as far as that, and the same creation is planned again, which is known by its marker.
 */
static void decide_link(struct rule_case *c, const struct fact *linked)
{
    const struct linked *v = linked->links.v;
    const char *ours = NULL, *made = NULL;
    for (size_t i = 0; i < linked->links.n; i++) {
        if (!text_same(v[i].tracker, c->bridge->to->name) || !rule_key_in(v[i].ref, c->action->project))
            continue;
        if (v[i].event == c->ev->id && c->ev->id)
            made = v[i].ref;
        else if (!v[i].is_confirmed)
            ours = v[i].ref;
        else
            c->former++;
    }
    const char *seen = decide_seen(c, made);
    c->is_new = made && (!seen || text_same(seen, made));
    if (made && !c->is_new)
        rule_note(c, arena_fmt(c->a, "%s was created by this event, but see_also names %s", made, seen));
    c->key = c->is_new ? made : seen ? seen : ours;
    c->is_new = c->is_new || !c->key;
}

/* Did the event bring the action's tag into the whiteboard? */
static bool decide_tag_came(const struct rule_case *c)
{
    const struct delta *d = event_delta(c->ev, "whiteboard");
    return d && !tag_in(d->removed, c->action->tag) && tag_in(d->added, c->action->tag);
}

/* The group of steps that the event calls for, or why there is none. */
static const char *decide_group(struct rule_case *c)
{
    const char *target = c->ev->target;
    if (text_same(target, "bug"))
        c->group = c->is_new || decide_tag_came(c) ? JBI_NEW : JBI_EXISTING;
    else if (text_same(target, "comment") && !c->is_new)
        c->group = JBI_COMMENT;
    else if (text_same(target, "attachment") && !c->is_new)
        c->group = JBI_ATTACHMENT;
    else
        return arena_fmt(c->a, "ignore event target '%s'", target ? target : "None");
    return NULL;
}

/* The project of a Jira key: all before its last dash. */
static const char *decide_project(struct arena *a, const struct issue *issue)
{
    if (!text_blank(issue->project) || !issue->ref)
        return issue->project;
    const char *dash = strrchr(issue->ref, '-');
    return dash ? arena_str(a, (struct str){issue->ref, (size_t)(dash - issue->ref)}) : issue->ref;
}

/* Read the linked Jira issue into c->issue. Why it cannot be worked on, else NULL. */
static const char *decide_issue(struct rule_case *c)
{
    const struct fact *issue = rule_need(c, FACT_ISSUE, c->bridge->to->name, c->key);
    if (!issue)
        return NULL;
    if (issue->state != FACT_HERE)
        return arena_fmt(c->a, "ignore unreadable issue %s", c->key);
    const char *project = decide_project(c->a, &issue->issue);
    if (!text_same(project, c->action->project))
        return arena_fmt(c->a, "ignore linked project '%s' (!='%s')", project ? project : "None", c->action->project);
    c->issue = &issue->issue;
    if (!text_blank(issue->issue.ref))
        c->key = issue->issue.ref;
    return NULL;
}

/* Find the event's comment among the bug's comments of now. */
static const struct comment *decide_find_comment(const struct fact *comments, const struct comment *wanted)
{
    const struct comment *v = comments->comments.v;
    for (size_t i = 0; i < comments->comments.n; i++)
        if (wanted->id ? text_same(v[i].id, wanted->id) : wanted->number >= 0 && v[i].number == wanted->number)
            return &v[i];
    return NULL;
}

/* Read the event's comment into c->comment. Why it is not copied, else NULL. */
static const char *decide_comment(struct rule_case *c)
{
    if (!c->ev->has_comment)
        return NULL;
    const struct fact *comments = rule_need(c, FACT_COMMENTS, c->bridge->from->name, c->bug->ref);
    if (!comments)
        return NULL;
    const struct comment *comment = decide_find_comment(comments, &c->ev->comment);
    if (!comment)
        return "the comment is not there, or not for everybody";
    if (comment->is_private)
        return decide_private_comment;
    if (comment->number == 0)
        return "comment 0 is the description, which is set when the issue is created";
    struct comment *copy = ARENA_NEW(c->a, struct comment);
    *copy = *comment;
    if (!copy->text)
        copy->text = c->ev->comment.text;
    c->comment = copy;
    return NULL;
}

static const struct attachment *decide_find_attachment(const struct fact *attachments, const char *id)
{
    const struct attachment *v = attachments->attachments.v;
    for (size_t i = 0; i < attachments->attachments.n; i++)
        if (id && text_same(v[i].id, id))
            return &v[i];
    return NULL;
}

/* Read the event's attachment into c->attachment. Why it is not told of, else NULL. */
static const char *decide_attachment(struct rule_case *c)
{
    if (!c->ev->has_attachment)
        return NULL;
    const struct fact *attachments = rule_need(c, FACT_ATTACHMENTS, c->bridge->from->name, c->bug->ref);
    if (!attachments)
        return NULL;
    const struct attachment *attachment = decide_find_attachment(attachments, c->ev->attachment.id);
    if (!attachment)
        return "the attachment is not there, or not for everybody";
    if (attachment->is_private)
        return decide_private_attachment;
    c->attachment = attachment;
    return NULL;
}

static bool decide_lists(const struct rule_case *c, enum jbi_step step)
{
    for (size_t i = 0; i < c->action->steps[c->group].n; i++)
        if (c->action->steps[c->group].v[i] == step)
            return true;
    return false;
}

static void decide_step(struct rule_case *c, enum jbi_step step)
{
    c->step = jbi_step_name(step);
    rule_steps[step].run(c);
}

/* A new issue is created first, wherever its step stands: all others need it. */
static void decide_steps(struct rule_case *c)
{
    if (c->is_new)
        decide_step(c, JBI_CREATE_ISSUE);
    for (size_t i = 0; i < c->action->steps[c->group].n; i++) {
        enum jbi_step step = c->action->steps[c->group].v[i];
        if (step != JBI_CREATE_ISSUE || !c->is_new)
            decide_step(c, step);
    }
}

/* What the action does about the event, or why it does nothing. */
static const char *decide_unit(struct rule_case *c)
{
    decide_ask(c);
    struct fact_key key = {.kind = FACT_LINKED, .tracker = c->bridge->from->name, .ref = c->bug->ref};
    const struct fact *linked = facts_find(c->facts, &key);
    if (!linked)
        return NULL;
    decide_link(c, linked);
    const char *why = decide_group(c);
    if (!why && c->is_new && !decide_lists(c, JBI_CREATE_ISSUE))
        why = "there is no issue, and the action's steps for new ones do not create it";
    if (!why && !c->is_new)
        why = decide_issue(c);
    if (!why && c->group == JBI_COMMENT)
        why = decide_comment(c);
    if (!why && c->group == JBI_ATTACHMENT)
        why = decide_attachment(c);
    if (!why)
        decide_steps(c);
    return why;
}

static const char *const decide_operations[JBI_GROUPS] = {
    [JBI_NEW] = "create", [JBI_EXISTING] = "update", [JBI_COMMENT] = "comment", [JBI_ATTACHMENT] = "attachment"};

/* One action as a unit of the decision. True when it concerns the bug. */
static bool decide_action(const struct rule_case *all, const struct jbi_action *action)
{
    struct rule_case c = *all;
    struct unit unit = {.rule = arena_fmt(c.a, "%s[%s]", c.bridge->name, action->tag)};
    unit.matched = action->enabled && tag_in(c.bug->whiteboard, action->tag);
    if (unit.matched) {
        c.action = action;
        c.unit = &unit;
        unit.reason = decide_unit(&c);
        unit.discarded = unit.reason != NULL;
        unit.operation = unit.discarded ? NULL : decide_operations[c.group];
        if (!c.is_new && c.key)
            unit.target = arena_fmt(c.a, "%s:%s", c.bridge->to->name, c.key);
    } else {
        unit.reason = action->enabled ? "the whiteboard does not have its tag" : "the action is not enabled";
    }
    *(struct unit *)many_add(c.a, &c.decision->units, sizeof unit) = unit;
    return unit.matched;
}

static const char *decide_no_tag(const struct rule_case *c)
{
    enum { TAGS_BYTES = 8 * 1024 };
    AUTO(text_auto) struct text t;
    text_init(&t, TAGS_BYTES);
    text_addz(&t, "no bug whiteboard matching action tags: ");
    for (size_t i = 0; i < c->own->rules.n; i++) {
        text_addz(&t, i ? ", " : "");
        text_addz(&t, c->own->rules.v[i].tag);
    }
    return arena_text(c->a, text_z(&t));
}

/* Each action is a unit of its own: one that fails or is discarded does not stop the others. */
static const char *decide_actions(const struct rule_case *c)
{
    bool any = false;
    for (size_t i = 0; i < c->own->rules.n; i++)
        any = decide_action(c, &c->own->rules.v[i]) || any;
    return any ? NULL : decide_no_tag(c);
}

void decide_bugzilla_to_jira(const struct rule_question *q, struct decision *ret)
{
    if (!text_same(q->event->tracker, q->bridge->from->name))
        return;
    struct rule_case c = {
        .a = q->arena,
        .bridge = q->bridge,
        .own = q->bridge->own,
        .from = &q->from,
        .to = &q->to,
        .ev = q->event,
        .facts = q->facts,
        .decision = ret,
    };
    const char *why = decide_event(q->event);
    if (!why)
        why = decide_bug(&c);
    if (c.bug)
        why = decide_actions(&c);
    if (!ret->reason)
        ret->reason = why;
}
