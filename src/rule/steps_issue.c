/* The issue as such: making it, its links to and from the bug, summary, type, status, assignee. */
#include "base/base.h"
#include "rule/steps_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "rule/markup.h"

static const char *issuestep_summary(const struct rule_case *c)
{
    return plan_summary(c->a, c->bug->summary, c->action->char_limit > 0 ? (size_t)c->action->char_limit : SIZE_MAX);
}

static void issuestep_set_summary(struct rule_case *c)
{
    const char *summary = issuestep_summary(c);
    if (text_blank(summary) || (c->issue && text_same(c->issue->summary, summary)))
        return;
    rule_field(c, rule_change(c, CHANGE_FIELDS), (struct field_value){"summary", VALUE_TEXT, summary, 0});
}

static const char *issuestep_type(const struct rule_case *c)
{
    const struct jbi_pair *type = jbi_map_get(&c->action->issue_type_map, c->bug->type);
    return type && type->to ? type->to : "Task";
}

/* The bug's description in Jira's markup. It is comment 0, and may be private though the bug is not. */
static const char *issuestep_description(struct rule_case *c, const struct fact *comments)
{
    const struct comment *v = comments->comments.v;
    const struct comment *first = comments->comments.n ? v : NULL;
    for (size_t i = 0; i < comments->comments.n && first->number != 0; i++)
        if (v[i].number == 0)
            first = &v[i];
    if (first && first->number <= 0 && !first->is_private)
        return rule_body(c, first->text, "");
    rule_note(c, "the bug has no public description");
    return "";
}

/*
 * Names the creation for ever. A person who takes the issue's address out of see_also and leaves the tag asks for
 * another issue; that one needs a name of its own.
 */
static const char *issuestep_marker(const struct rule_case *c)
{
    const char *marker =
        arena_fmt(c->a, "%s:%s>%s:%s", c->bridge->from->name, c->bug->ref, c->bridge->to->name, c->action->project);
    return c->former ? arena_fmt(c->a, "%s#%zu", marker, c->former + 1) : marker;
}

void step_create_issue(struct rule_case *c)
{
    if (!c->is_new) {
        issuestep_set_summary(c);
        return;
    }
    const struct fact *comments = rule_need(c, FACT_COMMENTS, c->bridge->from->name, c->bug->ref);
    if (!comments)
        return;
    struct change *create = rule_change(c, CHANGE_CREATE);
    create->project = c->action->project;
    create->marker = issuestep_marker(c);
    const char *summary = issuestep_summary(c);
    if (text_blank(summary))
        summary = arena_fmt(c->a, "Bug %s", c->bug->ref);
    rule_field(c, create, (struct field_value){"summary", VALUE_TEXT, summary, 0});
    rule_field(c, create, (struct field_value){"issuetype", VALUE_NAME, issuestep_type(c), 0});
    rule_field(c, create, (struct field_value){"description", VALUE_TEXT, issuestep_description(c, comments), 0});
}

/*
 * It deleted what this very event had created when see_also named another issue by then. Here the bug is read in the
 * same attempt that decides, a bug whose see_also names an issue creates none, and a creation is never repeated; an
 * issue that people may have begun to work on is not deleted.
 */
void step_delete_duplicate(struct rule_case *c)
{
    (void)c;
}

void step_link_to_bugzilla(struct rule_case *c)
{
    const char *url = c->from->issue_url(c->bridge->from, c->a, c->bug->ref);
    struct change *link = rule_change(c, CHANGE_WEB_LINK);
    link->global_id = c->bug->ref;
    link->url = link->name = url;
    link->icon = arena_fmt(c->a, "%s/favicon.ico", c->bridge->from->url);
}

void step_link_to_jira(struct rule_case *c)
{
    for (size_t i = 0; c->key && i < c->bug->see_also.n; i++)
        if (text_same(rule_key(c, c->bug->see_also.v[i]), c->key))
            return;
    struct change *link = rule_change(c, CHANGE_SEE_ALSO);
    link->other = link->issue;
    link->issue = (struct target){.tracker = c->bridge->from->name, .ref = c->bug->ref};
}

void step_summary(struct rule_case *c)
{
    if (!c->is_new && rule_touched(c, "summary"))
        issuestep_set_summary(c);
}

void step_type(struct rule_case *c)
{
    if (c->group != JBI_EXISTING || !rule_touched(c, "type"))
        return;
    const char *type = issuestep_type(c);
    if (!c->issue || !text_same(c->issue->type, type))
        rule_field(c, rule_change(c, CHANGE_FIELDS), (struct field_value){"issuetype", VALUE_NAME, type, 0});
}

void step_status(struct rule_case *c)
{
    const char *resolution = c->bug->resolution;
    bool is_open = text_blank(resolution) || text_same(resolution, "---");
    const char *source = is_open ? c->bug->status : resolution;
    const struct jbi_pair *status = jbi_map_get(&c->action->status_map, source);
    if (!status || !status->to) {
        rule_note(c, arena_fmt(c->a, "%s \"%s\" is not in status_map", is_open ? "status" : "resolution",
                               source ? source : ""));
        return;
    }
    if (c->group != JBI_NEW && c->group != JBI_EXISTING)
        return;
    if (!rule_touched(c, "status") && !rule_touched(c, "resolution"))
        return;
    if (c->issue && c->issue->status && text_same_nocase(c->issue->status, status->to))
        return;
    struct change *change = rule_change(c, CHANGE_STATUS);
    change->name = status->to;
    if (!text_same(status->to, "Cancelled"))
        return;
    change->text = "Issue was cancelled.";
    rule_field(c, change, (struct field_value){"resolution", VALUE_NAME, "Invalid", 0});
}

/* The one account with the assignee's mail address. False: not known yet. */
static bool issuestep_account(struct rule_case *c, const char *mail, const char **ret)
{
    const struct fact *users = rule_need(c, FACT_USERS, c->bridge->to->name, mail);
    if (!users)
        return false;
    const struct person *people = users->people.v;
    *ret = users->state == FACT_HERE && users->people.n == 1 ? people[0].id : NULL;
    if (!*ret)
        rule_note(c, arena_fmt(c->a, "%s has no single account for %s", c->bridge->to->name, mail));
    return true;
}

void step_assign(struct rule_case *c)
{
    bool full = rule_full(c);
    if (!full && (c->group != JBI_EXISTING || !rule_touched(c, "assigned_to")))
        return;
    const char *mail = c->bug->assignee, *account = NULL;
    bool is_nobody = text_blank(mail) || text_same(mail, "nobody@mozilla.org");
    if (!is_nobody && !issuestep_account(c, mail, &account))
        return;
    /* Only an event that says the assignee changed may take an assignee away. */
    if ((full && !account) || (c->issue && text_same(c->issue->assignee, account)))
        return;
    struct change *change = rule_change(c, CHANGE_ASSIGN);
    change->name = account;
    change->may_refuse = account != NULL;
    change->or_nobody = account && !full;
}
