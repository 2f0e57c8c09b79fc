/*
 * Ticket mode: each pull request from outside has one issue in Jira, its ticket. Title and text are kept in step; being
 * closed, merged or opened again moves it, once: a status that people give it afterwards stays. What people do to it
 * otherwise is respected too: moved to another project it is followed, deleted it is not made again. A comment of ours
 * keeps what must be known later, should our store be lost: its key, the state that it was last moved for, and the
 * status before closing. Jira's status becomes the pull request's label.
 */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

enum { TICKET_DATA_BYTES = 4 * 1024 };

static struct change *ticket_change(struct contrib_case *c, enum change_kind kind, const struct ticket *t)
{
    struct change *change = contrib_change(c, kind);
    change->issue = (struct target){.tracker = c->bridge->to->name, .ref = t->key};
    return change;
}

static bool ticket_is_over(const struct contrib_case *c)
{
    return c->state == CONTRIB_CLOSED || c->state == CONTRIB_MERGED;
}

static const char *ticket_state(const struct contrib_case *c)
{
    return c->state == CONTRIB_MERGED ? "merged" : c->state == CONTRIB_CLOSED ? "closed" : "open";
}

static const char *ticket_first_status(const struct contrib_case *c)
{
    const struct tickets *own = &c->own->tickets;
    if (c->is_draft)
        return own->draft;
    if (!c->author.is_signed)
        return own->no_agreement;
    return c->author.is_core ? own->draft : own->first;
}

static const char *ticket_project(const struct contrib_case *c)
{
    const struct tickets *own = &c->own->tickets;
    return c->is_blended && !text_blank(own->blended_project) ? own->blended_project : own->project;
}

/* --- what our comment keeps --- */

static const char *ticket_data(const struct contrib_case *c, const char *key, const char *before)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, TICKET_DATA_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "ticket", key);
    json_put_text(&o, "state", ticket_state(c));
    json_put_bool(&o, "draft", c->is_draft);
    if (before)
        json_put_text(&o, "jira-pre-close", before);
    json_close(&o);
    return arena_text(c->a, text_z(&t));
}

/* t->key NULL: of the issue that the unit's first change makes. */
static void ticket_tell(struct contrib_case *c, const struct ticket *t, const char *before)
{
    const struct contrib_more more = {.key = "${ref}", .jira_url = "${url}"};
    struct change *change = contrib_change(c, CHANGE_COMMENT);
    change->other = (struct target){.tracker = c->bridge->to->name, .ref = t->key};
    change->text = contrib_text(c, CONTRIB_TICKET, &more);
    change->data = ticket_data(c, "${ref}", before);
    change->marker = contrib_marker(c, arena_fmt(c->a, ">%s/told", c->bridge->to->name));
}

/* The same words, other data. */
static void ticket_tell_again(struct contrib_case *c, const struct ticket *t, const char *before)
{
    const char *text = t->told->comment->text, *end = strstr(text, "\n<!-- data: ");
    const char *data = ticket_data(c, t->key, before);
    AUTO(text_auto) struct text was;
    struct json_out o;
    text_init(&was, TICKET_DATA_BYTES);
    json_start(&o, &was);
    json_put(&o, NULL, t->told->data);
    if (!end || text_same(text_z(&was), data))
        return;
    struct change *change = contrib_change(c, CHANGE_EDIT_COMMENT);
    change->id = t->told->comment->id;
    change->text = arena_str(c->a, (struct str){text, (size_t)(end - text)});
    change->data = data;
}

/* --- moving it --- */

static bool ticket_moves(struct contrib_case *c, const struct ticket *t, const char *from, const char *to)
{
    const struct tickets *own = &c->own->tickets;
    struct many fields = {0};
    struct texts via = {0};
    bool is_known =
        !ticket_is_over(c) ||
        ticket_put_fields(c, c->state == CONTRIB_MERGED ? &own->merged_fields : &own->closed_fields, &fields);
    is_known = ticket_put_fields(c, &own->transition_fields, &fields) && is_known;
    bool is_planned = tickets_way(own, c->a, from, to, &via);
    struct change *change = ticket_change(c, CHANGE_STATUS, t);
    change->name = to;
    change->via = via;
    change->may_search = own->search && !is_planned;
    change->fields = fields;
    return is_known;
}

/* Has the state of the pull request changed since the ticket was last moved for it? What nobody has noted, the event
 * says; of one that is merely looked at, only that it is over. */
static bool ticket_is_news(const struct contrib_case *c, const struct ticket *t)
{
    const char *told = ticket_told_text(t, "state"), *action = c->ev->action;
    bool is_hook = c->ev->source == SOURCE_WEBHOOK && text_same(c->ev->target, "pull_request");
    if (is_hook && text_same(action, ticket_is_over(c) ? "closed" : "reopened"))
        return true;
    if (told)
        return !text_same(told, ticket_state(c));
    return c->ev->source != SOURCE_WEBHOOK && ticket_is_over(c);
}

/* Out of draft, and nobody has moved it on. */
static bool ticket_is_ready(const struct contrib_case *c, const struct ticket *t)
{
    bool was = t->told && json_bool(json_get(t->told->data, "draft"), false);
    bool is_told = was || text_same(c->ev->action, "ready_for_review") || event_delta(c->ev, "title");
    return is_told && !c->is_draft && !ticket_is_over(c) && text_same_nocase(t->issue->status, c->own->tickets.draft);
}

/* The status that closing took it from, by our comment or by one of the bot before us. */
static const char *ticket_before(const struct contrib_case *c, const struct ticket *t)
{
    const char *before = ticket_told_text(t, "jira-pre-close");
    MANY_EACH(const struct contrib_said, said, &c->said)
    if (!before)
        before = json_text(json_get(said->data, "jira-pre-close"));
    return before;
}

/* The status that it should be brought to; NULL: it stays. */
static const char *ticket_goal(const struct contrib_case *c, const struct ticket *t)
{
    const struct tickets *own = &c->own->tickets;
    if (ticket_is_ready(c, t) && !ticket_is_news(c, t))
        return ticket_first_status(c);
    if (!ticket_is_news(c, t))
        return NULL;
    if (ticket_is_over(c))
        return c->state == CONTRIB_MERGED ? own->merged : own->closed;
    const char *before = ticket_before(c, t);
    return before ? before : own->reopened;
}

/* True: its status changes. */
static bool ticket_bring(struct contrib_case *c, const struct ticket *t)
{
    const char *goal = ticket_goal(c, t), *now = t->issue->status;
    bool moves = goal && now && !text_same_nocase(goal, now);
    const char *before = ticket_is_over(c) ? ticket_before(c, t) : NULL;
    if (moves && ticket_is_over(c))
        before = now;
    if (moves && !ticket_moves(c, t, now, goal))
        return true;
    if (t->told)
        ticket_tell_again(c, t, before);
    return moves;
}

/* --- title and text --- */

/* Jira has its own line ends, and none at the end. */
static bool ticket_same_text(struct arena *a, const char *one, const char *two)
{
    const char *texts[2] = {one, two};
    for (size_t i = 0; i < COUNT(texts); i++) {
        char *copy = arena_text(a, texts[i] ? texts[i] : ""), *to = copy;
        for (const char *p = copy; *p; p++)
            if (*p != '\r')
                *to++ = *p;
        *to = '\0';
        texts[i] = arena_str(a, str_trim(str_of(copy)));
    }
    return text_same(texts[0], texts[1]);
}

static const char *ticket_summary(const struct contrib_case *c)
{
    const char *summary = plan_summary(c->a, c->issue->summary, SIZE_MAX);
    return text_blank(summary) ? c->issue->ref : summary;
}

static void ticket_copy(struct contrib_case *c, const struct ticket *t)
{
    const struct {
        const char *field, *ours, *theirs;
    } rows[] = {{"summary", ticket_summary(c), t->issue->summary},
                {"description", contrib_description(c), t->issue->description}};
    struct many fields = {0};
    for (size_t i = 0; i < COUNT(rows); i++)
        if (!ticket_same_text(c->a, rows[i].ours, rows[i].theirs))
            *MANY_ADD(c->a, &fields, struct field_value) =
                (struct field_value){.field = rows[i].field, .kind = VALUE_TEXT, .text = rows[i].ours};
    if (fields.n)
        ticket_change(c, CHANGE_FIELDS, t)->fields = fields;
}

/* --- the label --- */

/* Labels that mean nothing any more once it is over are taken off by others. */
static bool ticket_is_pruned(const struct contrib_case *c, const char *label)
{
    const struct contrib_labels *own = &c->own->labels;
    const struct texts *lists[] = {&own->prune_closed, c->state == CONTRIB_MERGED ? &own->prune_merged : NULL};
    for (size_t i = 0; ticket_is_over(c) && i < COUNT(lists); i++)
        for (size_t k = 0; lists[i] && k < lists[i]->n; k++)
            if (text_same_nocase(lists[i]->v[k], label))
                return true;
    return false;
}

/* As the repository spells it; NULL: it has no such label. */
static const char *ticket_spelling(const struct fact *labels, const char *label)
{
    MANY_EACH(const struct named, n, &labels->names)
    if (text_same_nocase(n->name, label))
        return n->name;
    return NULL;
}

void ticket_label(struct contrib_case *c, const char *status)
{
    const struct tickets *own = &c->own->tickets;
    const char *wanted = text_blank(status) ? NULL : tickets_label(own, c->a, status), *add = NULL;
    struct texts remove = {0};
    if (text_blank(status))
        return;
    if (wanted && !contrib_labelled(c->issue, wanted) && !ticket_is_pruned(c, wanted)) {
        const struct fact *labels = contrib_need(c, FACT_LABELS, c->issue->project);
        add = labels ? ticket_spelling(labels, wanted) : NULL;
    }
    for (size_t i = 0; i < c->issue->labels.n; i++)
        if (tickets_says_status(own, c->issue->labels.v[i]) && !text_same_nocase(c->issue->labels.v[i], wanted))
            texts_add(c->a, &remove, c->issue->labels.v[i]);
    if (!add && remove.n == 0)
        return;
    struct change *change = contrib_change(c, CHANGE_LABELS);
    change->remove = remove;
    if (add)
        texts_add(c->a, &change->add, add);
}

/* --- all of it --- */

static void ticket_create(struct contrib_case *c)
{
    const struct ticket none = {0};
    const struct tickets *own = &c->own->tickets;
    struct many fields = {0};
    bool is_known = ticket_put_values(c, &fields);
    struct change *create = contrib_change(c, CHANGE_CREATE);
    create->issue = (struct target){.tracker = c->bridge->to->name};
    create->project = ticket_project(c);
    create->may_exist = true;
    create->marker = contrib_marker(c, arena_fmt(c->a, ">%s", c->bridge->to->name));
    plan_field(c->a, create, (struct field_value){"issuetype", VALUE_NAME, own->type, 0});
    plan_field(c->a, create, (struct field_value){"summary", VALUE_TEXT, ticket_summary(c), 0});
    plan_field(c->a, create, (struct field_value){"description", VALUE_TEXT, contrib_description(c), 0});
    MANY_EACH(const struct field_value, v, &fields)
    plan_field(c->a, create, *v);
    c->unit->operation = "create";
    if (!is_known)
        return;
    ticket_tell(c, &none, NULL);
    ticket_moves(c, &none, own->first, ticket_first_status(c)); /* where the workflow begins, if as the old bot's */
}

static void ticket_keep(struct contrib_case *c, const struct ticket *t)
{
    const char *project = t->issue->project;
    if (!text_blank(project) && c->author.class == CONTRIB_OSPR && !text_same_nocase(project, ticket_project(c)))
        contrib_note(c, arena_fmt(c->a, "%s stays in project %s, though it would be made in %s now", t->key, project,
                                  ticket_project(c)));
    ticket_copy(c, t);
    if (!ticket_bring(c, t))
        ticket_label(c, t->issue->status);
    if (!t->is_told && c->talk && c->talk->state == FACT_HERE)
        ticket_tell(c, t, NULL);
}

/* Read the ticket. Moved to another project it has another key; by the old one Jira still finds it. */
static bool ticket_read(struct contrib_case *c, struct ticket *t)
{
    const struct fact_key key = {
        .kind = FACT_ISSUE, .tracker = c->bridge->to->name, .ref = t->key, .by = "description"};
    const struct fact *f = plan_need(c->a, c->facts, c->decision, &key);
    c->unit->target = arena_fmt(c->a, "%s:%s", c->bridge->to->name, t->key);
    if (!f)
        return false;
    if (f->state == FACT_MISSING)
        contrib_note(c, arena_fmt(c->a, "%s is not there any more: it is not made again", t->key));
    else if (f->state != FACT_HERE)
        contrib_note(c, arena_fmt(c->a, "%s may not be seen by us: it is left alone", t->key));
    if (f->state != FACT_HERE)
        return false;
    if (!text_blank(f->issue.ref) && !text_same(f->issue.ref, t->key)) {
        contrib_note(c, arena_fmt(c->a, "%s is called %s now", t->key, f->issue.ref));
        t->key = f->issue.ref;
        t->is_learnt = true;
        c->unit->target = arena_fmt(c->a, "%s:%s", c->bridge->to->name, t->key);
    }
    t->issue = &f->issue;
    c->unit->is_learnt = t->is_learnt;
    return true;
}

static void ticket_plan(struct contrib_case *c, const struct fact *linked)
{
    struct ticket t;
    ticket_find(c, linked, &t);
    if (t.key) {
        if (ticket_read(c, &t))
            ticket_keep(c, &t);
    } else if (c->author.class != CONTRIB_OSPR) {
        contrib_note(c, "no ticket: it is not from outside");
    } else if (!c->talk) {
        /* still to be read */
    } else if (c->talk->state != FACT_HERE) {
        contrib_fails(c, ERR_TRANSIENT, "our comments cannot be read: a ticket might be made twice");
    } else if (t.elsewhere) {
        contrib_note(c, arena_fmt(c->a, "its ticket is on another server, and left alone: %s", t.elsewhere));
    } else if (ticket_is_over(c)) {
        contrib_note(c, "no ticket is made for what is closed already");
    } else {
        ticket_create(c);
    }
}

void contrib_ticket(struct contrib_case *c)
{
    struct unit unit;
    if (text_blank(c->own->tickets.project) || !c->bridge->to)
        return;
    const struct fact *linked = contrib_need(c, FACT_LINKED, c->ref);
    contrib_begin(c, &unit, "ticket", "update");
    if (linked)
        ticket_plan(c, linked);
    contrib_end(c);
}
