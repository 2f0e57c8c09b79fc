/*
 * One event of a repository: whether it concerns a pull request or an issue that asks for a Jira issue, what has to be
 * known for it, and which units follow.
 */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "rule/decide_private.h"

/* --- asking and planning --- */

const struct fact *contrib_need(struct contrib_case *c, enum fact_kind kind, const char *ref)
{
    return plan_need(c->a, c->facts, c->decision,
                     &(const struct fact_key){.kind = kind, .tracker = c->tracker, .ref = ref});
}

const struct fact *contrib_want(struct contrib_case *c, const char *tracker, enum fact_kind kind, const char *ref)
{
    const struct fact_key key = {.kind = kind, .tracker = tracker, .ref = ref, .may_fail = true};
    const struct fact *f = plan_need(c->a, c->facts, c->decision, &key);
    if (!f || f->state != FACT_FAILED)
        return f;
    contrib_fails(c, err_class_parse(f->class), f->why);
    return NULL;
}

bool contrib_here(const struct fact *f)
{
    return f && f->state == FACT_HERE;
}

void contrib_begin(struct contrib_case *c, struct unit *unit, const char *of, const char *operation)
{
    *unit = (struct unit){
        .rule = arena_fmt(c->a, "%s[%s]", c->bridge->name, of),
        .matched = true,
        .operation = operation,
    };
    c->unit = unit;
    c->step = operation;
}

void contrib_end(struct contrib_case *c)
{
    *MANY_ADD(c->a, &c->decision->units, struct unit) = *c->unit;
    c->unit = NULL;
}

struct change *contrib_change(struct contrib_case *c, enum change_kind kind)
{
    struct change *change = plan_change(c->a, c->unit, kind);
    change->step = c->step;
    change->issue = (struct target){.tracker = c->tracker, .ref = c->issue->ref};
    return change;
}

void contrib_note(struct contrib_case *c, const char *text)
{
    plan_note(c->a, c->unit, text);
}

void contrib_fails(struct contrib_case *c, enum err_class class, const char *why)
{
    c->unit->fails = err_class_name(class);
    c->unit->reason = why;
    c->unit->changes = (struct many){0};
}

const char *contrib_marker(const struct contrib_case *c, const char *what)
{
    return arena_fmt(c->a, "%s:%s%s", c->tracker, c->ref, what);
}

/* --- which events --- */

/* What leads to work, by the webhook's event and its action. No action: all of them. */
static const struct contrib_event {
    const char *target, *action;
    bool is_comment; /* may be our own, which tells us nothing */
} contrib_events[] = {
    {"pull_request", "opened", false},
    {"pull_request", "edited", false},
    {"pull_request", "closed", false},
    {"pull_request", "synchronize", false},
    {"pull_request", "ready_for_review", false},
    {"pull_request", "converted_to_draft", false},
    {"pull_request", "reopened", false},
    {"pull_request", "enqueued", false},
    {"pull_request", "labeled", false},
    {"pull_request", "unlabeled", false},
    {"pull_request_review", "edited", false},
    {"pull_request_review_comment", "edited", false},
    {"issue_comment", NULL, true},
    {"issues", NULL, false},
};

static const struct contrib_event *contrib_event_find(const struct event *ev)
{
    for (size_t i = 0; i < COUNT(contrib_events); i++)
        if (text_same(ev->target, contrib_events[i].target) &&
            (!contrib_events[i].action || text_same(ev->action, contrib_events[i].action)))
            return &contrib_events[i];
    return NULL;
}

static const char *contrib_event_name(const struct contrib_case *c)
{
    const struct event *ev = c->ev;
    if (!text_blank(ev->routing))
        return ev->routing;
    return text_blank(ev->target) ? "the event" : ev->target;
}

/* Why the event alone rules itself out, without asking anybody; else NULL. */
static const char *contrib_idle(const struct contrib_case *c)
{
    const struct event *ev = c->ev;
    bool is_asked = ev->source != SOURCE_WEBHOOK; /* a rescan, a gap that was found: whatever there is to do */
    if (text_same(ev->target, "ping"))
        return "ping: the webhook reaches us";
    if (!is_asked && !contrib_event_find(ev))
        return arena_fmt(c->a, "%s: not of interest", contrib_event_name(c));
    if (text_blank(ev->issue.ref) || !strchr(ev->issue.ref, '#'))
        return arena_fmt(c->a, "%s: it names no pull request", contrib_event_name(c));
    if (!is_asked && text_same(ev->issue.type, "issue") && !contrib_asks_jira(c, &ev->issue))
        return arena_fmt(c->a, "%s: an issue without a label %sNICK", contrib_event_name(c), c->own->jira_label);
    return NULL;
}

static bool contrib_same_person(const struct person *a, const struct person *b)
{
    if (!text_blank(a->id) && !text_blank(b->id))
        return text_same(a->id, b->id);
    return !text_blank(a->login) && !text_blank(b->login) && text_same_nocase(a->login, b->login);
}

/* Why a comment's event is not worked on: it is our own. `asked`: that is not known yet. */
static const char *contrib_echo(struct contrib_case *c, bool *asked)
{
    const struct contrib_event *row = c->ev->source == SOURCE_WEBHOOK ? contrib_event_find(c->ev) : NULL;
    if (!row || !row->is_comment)
        return NULL;
    const struct fact *who = contrib_need(c, FACT_WHOAMI, "");
    *asked = !who;
    bool is_ours = contrib_here(who) && who->people.n && contrib_same_person(who->people.v, &c->ev->actor);
    return is_ours ? arena_fmt(c->a, "%s: a comment of our own", contrib_event_name(c)) : NULL;
}

/* --- what it is --- */

static enum contrib_state contrib_state_of(const struct contrib_case *c)
{
    if (text_same(c->issue->status, "merged") || c->issue->pull.merged_ms)
        return CONTRIB_MERGED;
    if (text_same(c->issue->status, "closed"))
        return CONTRIB_CLOSED;
    return text_same(c->ev->action, "reopened") ? CONTRIB_REOPENED : CONTRIB_OPEN;
}

/* Are comments of ours read for it? */
static bool contrib_talks(const struct contrib_case *c, const struct issue *issue, const struct contrib_author *author)
{
    bool is_open = !text_same(issue->status, "closed") && !text_same(issue->status, "merged");
    return author->class == CONTRIB_OSPR || (author->class == CONTRIB_REFUSED && is_open) ||
           contrib_asks_jira(c, issue);
}

/* The event's own picture tells what is likely to be asked for, so that it can be asked for together. */
static void contrib_ask_early(struct contrib_case *c)
{
    struct contrib_author author = {0};
    contrib_classify(c, &c->ev->issue, &author);
    if (contrib_talks(c, &c->ev->issue, &author))
        contrib_need(c, FACT_WHOAMI, "");
}

/* Read the pull request or issue into c->issue. Why it is not worked on, else NULL; c->issue may be still to come. */
static const char *contrib_read_issue(struct contrib_case *c)
{
    const struct fact *f = contrib_need(c, FACT_ISSUE, c->ref);
    if (!f) {
        contrib_ask_early(c);
        return NULL;
    }
    if (f->state != FACT_HERE)
        return text_blank(f->why) ? "the pull request is not accessible" : f->why;
    struct issue *copy = ARENA_NEW(c->a, struct issue);
    *copy = f->issue;
    if (text_blank(copy->ref))
        copy->ref = c->ref;
    if (text_blank(copy->project))
        copy->project = arena_str(c->a, (struct str){copy->ref, strcspn(copy->ref, "#")});
    c->is_pull = text_same(copy->type, "pull request");
    if (!c->is_pull && !contrib_asks_jira(c, copy))
        return arena_fmt(c->a, "an issue without a label %sNICK", c->own->jira_label);
    c->issue = copy;
    return NULL;
}

static void contrib_read_pull(struct contrib_case *c)
{
    contrib_classify(c, c->issue, &c->author);
    c->state = contrib_state_of(c);
    c->is_draft = c->issue->pull.is_draft || contrib_title_draft(c->issue->summary);
    c->is_blended = c->author.class == CONTRIB_OSPR && contrib_title_blended(c->issue->summary);
    if (c->author.class != CONTRIB_OSPR)
        return;
    const struct fact *file = contrib_need(c, FACT_FILE, arena_fmt(c->a, "%s:catalog-info.yaml", c->issue->project));
    if (file)
        contrib_read_catalog(c, file, &c->catalog);
}

/* Comments by our account, and by those of the bot before us. */
static void contrib_read_talk(struct contrib_case *c)
{
    static const struct contrib_author internal = {.class = CONTRIB_INTERNAL};
    if (!contrib_talks(c, c->issue, c->is_pull ? &c->author : &internal))
        return;
    const struct fact *who = contrib_need(c, FACT_WHOAMI, "");
    if (!who)
        return;
    static const struct fact nobody_knows = {.state = FACT_FORBIDDEN};
    const struct person *me = contrib_here(who) && who->people.n ? who->people.v : NULL;
    if (!me || text_blank(me->login)) {
        c->talk = &nobody_knows; /* what we said before cannot be told from what others say */
        return;
    }
    const char *by = me->login;
    for (size_t i = 0; i < c->own->accounts.n; i++)
        by = arena_fmt(c->a, "%s,%s", by, c->own->accounts.v[i]);
    const struct fact_key key = {.kind = FACT_COMMENTS, .tracker = c->tracker, .ref = c->issue->ref, .by = by};
    c->talk = plan_need(c->a, c->facts, c->decision, &key);
    if (c->talk)
        contrib_read_said(c, by);
}

/* --- all of it --- */

static void contrib_units(struct contrib_case *c)
{
    if (c->is_pull) {
        contrib_read_pull(c);
        contrib_read_talk(c);
        contrib_status(c);
        contrib_labels(c);
        contrib_comment(c);
        contrib_boards(c);
        contrib_ticket(c);
    } else {
        contrib_read_talk(c);
    }
    contrib_jira(c);
}

void decide_contributions(const struct rule_question *q, struct decision *ret)
{
    struct contrib_case c = {
        .a = q->arena,
        .bridge = q->bridge,
        .own = q->bridge->own,
        .from = &q->from,
        .to = &q->to,
        .ev = q->event,
        .facts = q->facts,
        .decision = ret,
        .tracker = q->bridge->from->name,
        .ref = q->event->issue.ref,
    };
    const char *why = NULL;
    bool asked = false;
    if (!text_same(q->event->tracker, c.tracker)) {
        why = ticket_heard(&c);
        ret->reason = ret->reason ? ret->reason : why;
        return;
    }
    if (contrib_is_sync(q->event)) {
        why = contrib_palette(&c);
        ret->reason = ret->reason ? ret->reason : why;
        return;
    }
    why = contrib_idle(&c);
    if (!why)
        why = contrib_echo(&c, &asked);
    if (!why && !asked)
        why = contrib_read_issue(&c);
    if (c.issue)
        contrib_units(&c);
    if (!ret->reason)
        ret->reason = why;
}
