/* The kinds of bridges and their options. */
#include "base/base.h"
#include "rule/decide.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/when.h"
#include "conf/contributions.h"
#include "rule/decide_private.h"
#include "rule/health.h"
#include "rule/tag.h"

static const char *const bridge_lines[] = {[JBI_LINES_JOIN] = "join", [JBI_LINES_KEEP] = "keep", NULL};

static const struct opt bridge_jbi_rows[] = {
    OPTION_PATH(struct jbi_bridge, actions, OPT_REQUIRED | OPT_RELOAD, NULL,
                "Action file in the format of Mozilla's Jira Bugzilla Integration: a path or an address"),
    OPTION_URL(struct jbi_bridge, phabricator_url, OPT_RELOAD, "https://phabricator.services.mozilla.com",
               "Base address of the Phabricator whose revisions are attached to bugs"),
    OPTION_WORD(struct jbi_bridge, line_breaks, OPT_RELOAD, "join", bridge_lines,
                "What becomes of a single line break in a comment: joined to one line, or kept"),
};
static const struct opt_table bridge_jbi_table =
    OPT_TABLE_OF("bridge bugzilla-to-jira", struct jbi_bridge, bridge_jbi_rows);

/* Read the action file; its problems are ours. */
static void bridge_jbi_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    struct jbi_bridge *bridge = of;
    if (text_blank(bridge->actions))
        return; /* refused by the table */
    struct err e = {0};
    struct str content = {0};
    if (r->source->read(r->source->ctx, r->arena, bridge->actions, &content, &e) == 0) {
        jbi_read(r->arena, bridge->actions, content, r->problems, &bridge->rules);
        return;
    }
    const struct yaml *value = yaml_get(at, "actions");
    yaml_problem(r->problems, value ? value : at, arena_fmt(r->arena, "%s.actions", r->key), NULL,
                 "cannot read \"%s\": %s", bridge->actions, e.text);
}

/* Private bugs are never told of. */
static bool bridge_jbi_concerns(const struct conf_bridge *b, const struct issue *i)
{
    const struct jbi_actions *rules = &((const struct jbi_bridge *)b->own)->rules;
    for (size_t n = 0; n < rules->n && !i->is_private; n++)
        if (rules->v[n].enabled && tag_in(i->whiteboard, rules->v[n].tag))
            return true;
    return false;
}

const struct rule_kind rule_bugzilla_to_jira = {
    .kind = {.name = "bugzilla-to-jira",
             .opts = &bridge_jbi_table,
             .check = bridge_jbi_check,
             .from = "bugzilla",
             .to = "jira"},
    .decide = decide_bugzilla_to_jira,
    .concerns = bridge_jbi_concerns,
    .health = jbi_health,
};

/* The option is a day, which its check has seen to. */
static int64_t bridge_rescan_since(const struct contributions *own)
{
    char beginning[WHEN_TEXT_BYTES];
    int64_t ms = 0;
    snprintf(beginning, sizeof beginning, "%.10sT00:00:00Z", own->rescan_since ? own->rescan_since : "");
    return when_parse(beginning, &ms, NULL) == 0 ? ms : 0;
}

static bool bridge_is_asked_for_jira(const struct contributions *own, const struct issue *i)
{
    for (size_t n = 0; n < i->labels.n; n++)
        if (strncasecmp(i->labels.v[n], own->jira_label, strlen(own->jira_label)) == 0)
            return true;
    return false;
}

/* Those of people who are internal are most of them, and nothing but a label asks for more than a status there. */
static bool bridge_contributions_rescans(const struct conf_bridge *b, const struct issue *i)
{
    const struct contributions *own = b->own;
    return i->created_ms >= bridge_rescan_since(own) &&
           (!contributions_internal(own, i) || bridge_is_asked_for_jira(own, i));
}

/* All pull requests; of other issues those whose labels ask for something. */
static bool bridge_contributions_concerns(const struct conf_bridge *b, const struct issue *i)
{
    return text_same(i->type, "pull request") || bridge_is_asked_for_jira(b->own, i);
}

static bool bridge_syncs_labels(const struct conf_bridge *b)
{
    const struct contributions *own = b->own;
    return own->labels_file != NULL;
}

/* Tickets: their status is the label of their pull requests, by their keys they are known. */
static void bridge_contributions_follows(const struct conf_bridge *b, struct arena *a, struct texts *ret)
{
    const struct tickets *own = &((const struct contributions *)b->own)->tickets;
    const char *const projects[] = {own->project, own->blended_project};
    for (size_t i = 0; i < COUNT(projects) && !text_blank(own->project); i++)
        if (!text_blank(projects[i]) && !texts_have(ret, projects[i]))
            texts_add(a, ret, projects[i]);
}

const struct rule_kind rule_github_contributions = {
    .kind = {.name = "github-contributions",
             .opts = &contributions_table,
             .check = contributions_check,
             .brings = contributions_brings,
             .help = "Looks after pull requests as Open edX's bot does, and makes issues in Jira where a label asks "
                     "for one; needs no tracker in to",
             .from = "github",
             .to = "jira",
             .may_lack_to = true},
    .hears_to = true,
    .decide = decide_contributions,
    .hook_events = "pull_request,issue_comment,issues",
    .concerns = bridge_contributions_concerns,
    .health = contrib_health,
    .judges = contrib_judges,
    .rescans = bridge_contributions_rescans,
    .follows = bridge_contributions_follows,
    .follows_fields = "status,Key",
    .syncs_labels = bridge_syncs_labels,
};
const struct rule_kind *const rule_kinds[] = {&rule_bugzilla_to_jira, &rule_github_contributions, NULL};
const struct conf_kind *const rule_conf_kinds[] = {&rule_bugzilla_to_jira.kind, &rule_github_contributions.kind, NULL};

const struct rule_kind *rule_kind(const struct conf_bridge *b)
{
    for (size_t i = 0; rule_kinds[i]; i++)
        if (b->kind == &rule_kinds[i]->kind)
            return rule_kinds[i];
    return NULL;
}
