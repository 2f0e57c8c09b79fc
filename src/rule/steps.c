#include "base/base.h"
#include "rule/steps.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "rule/markup.h"
#include "rule/steps_private.h"

const struct rule_step rule_steps[JBI_STEPS] = {
    [JBI_CREATE_ISSUE] = {"create the issue with summary, type and description; on a linked one set the summary",
                          step_create_issue},
    [JBI_MAYBE_DELETE_DUPLICATE] = {"nothing: an issue is created once, and never for a bug that has one",
                                    step_delete_duplicate},
    [JBI_ADD_LINK_TO_BUGZILLA] = {"put a web link to the bug on the issue", step_link_to_bugzilla},
    [JBI_ADD_LINK_TO_JIRA] = {"put the issue's address into the bug's see_also", step_link_to_jira},
    [JBI_UPDATE_ISSUE_SUMMARY] = {"when the bug's summary changed, set the issue's", step_summary},
    [JBI_ADD_JIRA_COMMENTS_FOR_CHANGES] = {"comment on changes of status, resolution and assignee",
                                           step_comments_for_changes},
    [JBI_MAYBE_ASSIGN_JIRA_USER] = {"assign the issue to the one account that has the bug's assignee's mail address",
                                    step_assign},
    [JBI_MAYBE_UPDATE_ISSUE_PRIORITY] = {"set the priority by priority_map", step_priority},
    [JBI_MAYBE_UPDATE_ISSUE_RESOLUTION] = {"set the resolution by resolution_map", step_resolution},
    [JBI_MAYBE_UPDATE_ISSUE_SEVERITY] = {"set the severity by severity_map", step_severity},
    [JBI_MAYBE_UPDATE_ISSUE_POINTS] = {"set the points by cf_fx_points_map", step_points},
    [JBI_MAYBE_UPDATE_ISSUE_STATUS] = {"bring the issue to the status that status_map gives for the bug's resolution or"
                                       " status",
                                       step_status},
    [JBI_MAYBE_UPDATE_ISSUE_TYPE] = {"when the bug's type changed, set the issue's by issue_type_map", step_type},
    [JBI_MAYBE_UPDATE_COMPONENTS] = {"add the components that jira_components asks for; remove those of the bug's"
                                     " former component and product",
                                     step_components},
    [JBI_SYNC_WHITEBOARD_LABELS] = {"labels from the whiteboard's tags", step_whiteboard_labels},
    [JBI_SYNC_KEYWORDS_LABELS] = {"labels from the keywords", step_keywords_labels},
    [JBI_CREATE_COMMENT] = {"copy a public comment; describe a public attachment", step_comment},
    [JBI_MAYBE_ADD_PHABRICATOR_LINK] = {"put a web link to an attached Phabricator revision on the issue",
                                        step_phabricator_link},
    [JBI_SYNC_DEPENDENCIES] = {"Blocks links for depends_on and blocks", step_dependencies},
    [JBI_SYNC_SEE_ALSO] = {"Relates links for see_also", step_see_also},
    [JBI_SYNC_DUPLICATES] = {"Duplicate links for dupe_of and duplicates", step_duplicates},
    [JBI_SYNC_REGRESSIONS] = {"Problem/Incident links for regressions and regressed_by", step_regressions},
};

const struct fact *rule_need(struct rule_case *c, enum fact_kind kind, const char *tracker, const char *ref)
{
    return plan_need(c->a, c->facts, c->decision,
                     &(const struct fact_key){.kind = kind, .tracker = tracker, .ref = ref});
}

struct target rule_issue(const struct rule_case *c)
{
    return (struct target){.tracker = c->bridge->to->name, .ref = c->is_new ? NULL : c->key};
}

struct change *rule_change(struct rule_case *c, enum change_kind kind)
{
    struct change *change = plan_change(c->a, c->unit, kind);
    change->step = c->step;
    change->issue = rule_issue(c);
    return change;
}

void rule_field(struct rule_case *c, struct change *change, struct field_value v)
{
    plan_field(c->a, change, v);
}

void rule_note(struct rule_case *c, const char *text)
{
    plan_note(c->a, c->unit, text);
}

const char *rule_key(const struct rule_case *c, const char *url)
{
    return c->to->issue_ref(c->bridge->to, c->a, url);
}

bool rule_key_in(const char *key, const char *project)
{
    size_t n = strlen(project);
    return key && strncmp(key, project, n) == 0 && key[n] == '-';
}

bool rule_full(const struct rule_case *c)
{
    bool is_mute = c->ev->deltas.n == 0 && (c->ev->is_recovered || c->ev->source != SOURCE_WEBHOOK);
    return c->group == JBI_NEW || (c->group == JBI_EXISTING && is_mute);
}

bool rule_touched(const struct rule_case *c, const char *field)
{
    return rule_full(c) || event_delta(c->ev, field);
}

const char *rule_body(const struct rule_case *c, const char *markdown, const char *before)
{
    unsigned flags = c->own->line_breaks == JBI_LINES_KEEP ? MARKUP_KEEP_LINES : 0;
    const char *body = markup_to_jira(c->a, markdown ? markdown : "", flags);
    size_t used = utf8_units(str_of(before));
    size_t fits = plan_points(str_of(body), used < JIRA_BODY_UNITS ? JIRA_BODY_UNITS - used : 0);
    size_t asked = c->action->char_limit > 0 ? (size_t)c->action->char_limit : 0;
    size_t taken = utf8_points(str_of(before));
    asked = asked > taken ? asked - taken : 0;
    return markup_cut(c->a, body, asked < fits ? asked : fits);
}

const char *rule_actor(const struct rule_case *c)
{
    if (!text_blank(c->ev->actor.login))
        return c->ev->actor.login;
    return c->comment && !text_blank(c->comment->author) ? c->comment->author : "unknown";
}
