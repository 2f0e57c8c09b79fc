#include "base/base.h"
#include "rule/health.h"

#include "base/arena.h"
#include "base/text.h"
#include "conf/jbi.h"
#include "rule/contributions_private.h"
#include "rule/decide.h"

struct checkup { /* one round */
    struct arena *a;
    const struct conf_bridge *bridge;
    const struct jbi_actions *rules;
    const struct facts *facts;
    struct health_report *ret;
    struct health_check check; /* the one that is being made; in ret only once its facts are here */
};

static const struct fact *checkup_need(struct checkup *h, enum fact_kind kind, const char *tracker, const char *ref)
{
    struct fact_key key = {.kind = kind, .tracker = tracker, .ref = ref};
    const struct fact *fact = facts_find(h->facts, &key);
    if (fact)
        return fact;
    const struct fact_key *asked = h->ret->needs.v;
    for (size_t i = 0; i < h->ret->needs.n; i++)
        if (fact_key_same(&asked[i], &key))
            return NULL;
    *(struct fact_key *)many_add(h->a, &h->ret->needs, sizeof key) = key;
    return NULL;
}

static void checkup_tell(struct checkup *h, enum health_level level, const struct health_message *message)
{
    *MANY_ADD(h->a, &h->check.messages, struct health_message) = *message;
    if (level > h->check.level)
        h->check.level = level;
}

static void checkup_say(struct checkup *h, enum health_level level, const char *id, const char *text)
{
    checkup_tell(h, level, &(struct health_message){.id = id, .text = text});
}

static const char *checkup_why(const struct fact *fact)
{
    return text_blank(fact->why) ? "no answer" : fact->why;
}

static bool checkup_names(const struct fact *fact, const char *name)
{
    const struct named *v = fact->names.v;
    for (size_t i = 0; i < fact->names.n; i++)
        if (text_same(v[i].name, name))
            return true;
    return false;
}

/* The projects of the actions that run, each once. */
static struct texts checkup_projects(const struct checkup *h)
{
    struct texts projects = {0};
    for (size_t i = 0; i < h->rules->n; i++)
        if (h->rules->v[i].enabled && !texts_have(&projects, h->rules->v[i].project))
            texts_add(h->a, &projects, h->rules->v[i].project);
    return projects;
}

static const char *checkup_list(const struct checkup *h, const struct texts *words)
{
    enum { LIST_BYTES = 4096 };
    AUTO(text_auto) struct text t;
    text_init(&t, LIST_BYTES);
    for (size_t i = 0; i < words->n; i++) {
        text_addz(&t, i ? ", " : "");
        text_addz(&t, words->v[i]);
    }
    return arena_text(h->a, text_z(&t));
}

/* The checks. Each returns false while a fact is missing. */

static bool checkup_bugzilla_up(struct checkup *h)
{
    const struct fact *whoami = checkup_need(h, FACT_WHOAMI, h->bridge->from->name, "");
    if (!whoami)
        return false;
    const struct person *people = whoami->people.v;
    if (whoami->state != FACT_HERE || !whoami->people.n || text_blank(people[0].id))
        checkup_say(h, HEALTH_ERROR, "bugzilla.login",
                    arena_fmt(h->a, "Bugzilla does not say who we are: %s", checkup_why(whoami)));
    return true;
}

static const char *checkup_hook_name(const struct checkup *h, const struct hook *hook)
{
    return arena_fmt(h->a, "webhook %s (%s, %s)", hook->name ? hook->name : "", hook->product ? hook->product : "",
                     hook->component ? hook->component : "");
}

static bool checkup_webhooks(struct checkup *h)
{
    const struct fact *hooks = checkup_need(h, FACT_HOOKS, h->bridge->from->name, "");
    if (!hooks)
        return false;
    if (hooks->state != FACT_HERE) {
        checkup_say(h, HEALTH_ERROR, "bugzilla.webhooks.fetch",
                    arena_fmt(h->a, "the webhooks cannot be listed: %s", checkup_why(hooks)));
        return true;
    }
    if (!hooks->hooks.n)
        checkup_say(h, HEALTH_WARNING, "bugzilla.webhooks.empty", "no webhook points at us");
    const struct hook *v = hooks->hooks.v;
    for (size_t i = 0; i < hooks->hooks.n; i++) {
        if (!v[i].enabled)
            checkup_say(h, HEALTH_ERROR, "bugzilla.webhooks.disabled",
                        arena_fmt(h->a, "%s is disabled", checkup_hook_name(h, &v[i])));
        if (v[i].errors > 0)
            checkup_say(h, HEALTH_WARNING, "bugzilla.webhooks.errors",
                        arena_fmt(h->a, "%s has %" PRId64 " errors", checkup_hook_name(h, &v[i]), v[i].errors));
    }
    return true;
}

static bool checkup_jira_up(struct checkup *h)
{
    const struct fact *health = checkup_need(h, FACT_HEALTH, h->bridge->to->name, "");
    if (!health)
        return false;
    if (health->state != FACT_HERE)
        checkup_say(h, HEALTH_ERROR, "jira.server.down", arena_fmt(h->a, "Jira is not there: %s", checkup_why(health)));
    else if (text_blank(health->text))
        checkup_say(h, HEALTH_ERROR, "login.fail", "Jira's answer is empty: does it accept our account?");
    return true;
}

/* A warning that names the projects of ours that the fact does not name, an error when it could not be fetched. */
static bool checkup_all_projects(struct checkup *h, const struct fact *fact, const char *error_id,
                                 const char *missing_id)
{
    if (!fact)
        return false;
    struct texts projects = checkup_projects(h), missing = {0};
    if (fact->state != FACT_HERE) {
        checkup_say(h, HEALTH_ERROR, error_id, arena_fmt(h->a, "the projects cannot be listed: %s", checkup_why(fact)));
        return true;
    }
    for (size_t i = 0; i < projects.n; i++)
        if (!checkup_names(fact, projects.v[i]))
            texts_add(h->a, &missing, projects.v[i]);
    if (missing.n)
        checkup_say(h, HEALTH_WARNING, missing_id, arena_fmt(h->a, "projects: %s", checkup_list(h, &missing)));
    return true;
}

static bool checkup_visible(struct checkup *h)
{
    return checkup_all_projects(h, checkup_need(h, FACT_PROJECTS, h->bridge->to->name, ""), "jira.visible.error",
                                "jira.projects.missing");
}

static bool checkup_permitted(struct checkup *h)
{
    return checkup_all_projects(
        h,
        checkup_need(h, FACT_PERMISSIONS, h->bridge->to->name, "ADD_COMMENTS,CREATE_ISSUES,DELETE_ISSUES,EDIT_ISSUES"),
        "jira.permitted.error", "jira.permitted.missing");
}

struct checkup_wants { /* what a project must have */
    enum fact_kind kind;
    const char *what, *error_id, *missing_id;
    void (*add)(struct arena *a, const struct jbi_action *action, struct texts *ret);
};

static void checkup_wants_components(struct arena *a, const struct jbi_action *action, struct texts *ret)
{
    for (size_t i = 0; i < action->custom_components.n; i++)
        if (!texts_have(ret, action->custom_components.v[i]))
            texts_add(a, ret, action->custom_components.v[i]);
}

static void checkup_wants_types(struct arena *a, const struct jbi_action *action, struct texts *ret)
{
    for (size_t i = 0; i < action->issue_type_map.n; i++)
        if (action->issue_type_map.v[i].to && !texts_have(ret, action->issue_type_map.v[i].to))
            texts_add(a, ret, action->issue_type_map.v[i].to);
}

static bool checkup_project_has(struct checkup *h, const struct checkup_wants *w, const char *project)
{
    struct texts wanted = {0}, missing = {0};
    for (size_t i = 0; i < h->rules->n; i++)
        if (h->rules->v[i].enabled && text_same(h->rules->v[i].project, project))
            w->add(h->a, &h->rules->v[i], &wanted);
    if (!wanted.n)
        return true;
    const struct fact *there = checkup_need(h, w->kind, h->bridge->to->name, project);
    if (!there)
        return false;
    if (there->state != FACT_HERE) {
        checkup_say(h, HEALTH_ERROR, w->error_id,
                    arena_fmt(h->a, "the %s of %s cannot be listed: %s", w->what, project, checkup_why(there)));
        return true;
    }
    for (size_t i = 0; i < wanted.n; i++)
        if (!checkup_names(there, wanted.v[i]))
            texts_add(h->a, &missing, wanted.v[i]);
    if (missing.n)
        checkup_say(h, HEALTH_WARNING, w->missing_id,
                    arena_fmt(h->a, "%s lacks the %s %s", project, w->what, checkup_list(h, &missing)));
    return true;
}

/* Over the projects that we may see; the others are told of by jira.all_projects_are_visible. */
static bool checkup_each_project(struct checkup *h, const struct checkup_wants *w)
{
    const struct fact *visible = checkup_need(h, FACT_PROJECTS, h->bridge->to->name, "");
    if (!visible)
        return false;
    if (visible->state != FACT_HERE) {
        checkup_say(h, HEALTH_ERROR, w->error_id,
                    arena_fmt(h->a, "the projects cannot be listed: %s", checkup_why(visible)));
        return true;
    }
    struct texts projects = checkup_projects(h);
    bool all = true;
    for (size_t i = 0; i < projects.n; i++)
        if (checkup_names(visible, projects.v[i]))
            all = checkup_project_has(h, w, projects.v[i]) && all;
    return all;
}

static bool checkup_components(struct checkup *h)
{
    return checkup_each_project(h, &(struct checkup_wants){FACT_COMPONENTS, "components", "jira.components.error",
                                                           "jira.components.missing", checkup_wants_components});
}

static bool checkup_types(struct checkup *h)
{
    return checkup_each_project(h, &(struct checkup_wants){FACT_ISSUE_TYPES, "issue types", "jira.projects.error",
                                                           "jira.types.missing", checkup_wants_types});
}

/* Others keep them: one that is not usable must not take the heartbeat with it. */
static bool checkup_sites(struct checkup *h)
{
    const struct contributions *own = h->bridge->own;
    bool all = true;
    for (size_t i = 0; i < own->nicks.n; i++) {
        const struct jira_nick *nick = &own->nicks.v[i];
        const char *why = nick->why;
        if (nick->tracker && !nick->mapping_text) {
            const struct fact *f = checkup_need(h, FACT_FILE, nick->tracker, nick->mapping);
            all = all && f;
            why = f ? contrib_mapping_fault(h->a, nick, f) : NULL;
        }
        if (why)
            checkup_tell(h, HEALTH_WARNING,
                         &(struct health_message){arena_fmt(h->a, "jira.site.%s", nick->nick),
                                                  nick->tracker ? "its mapping is not usable" : "it is not usable",
                                                  why});
    }
    return all;
}

struct checkup_row {
    const char *name;
    bool (*run)(struct checkup *h);
};
static const struct checkup_row checkup_jbi[] = {
    {"bugzilla.up", checkup_bugzilla_up},
    {"bugzilla.all_webhooks_enabled", checkup_webhooks},
    {"jira.up", checkup_jira_up},
    {"jira.all_projects_are_visible", checkup_visible},
    {"jira.all_projects_have_permissions", checkup_permitted},
    {"jira.all_project_custom_components_exist", checkup_components},
    {"jira.all_project_issue_types_exist", checkup_types},
};
static const struct checkup_row checkup_contrib[] = {{"jira.all_sites_are_usable", checkup_sites}};

/* Put a finished check into the report; several bridges share the names. */
static void checkup_report_check(struct checkup *h)
{
    struct health_check *v = h->ret->checks.v, *same = NULL;
    for (size_t i = 0; i < h->ret->checks.n; i++)
        if (text_same(v[i].name, h->check.name))
            same = &v[i];
    if (!same) {
        *(struct health_check *)many_add(h->a, &h->ret->checks, sizeof *same) = h->check;
        return;
    }
    const struct health_message *messages = h->check.messages.v;
    for (size_t i = 0; i < h->check.messages.n; i++)
        *(struct health_message *)many_add(h->a, &same->messages, sizeof *messages) = messages[i];
    if (h->check.level > same->level)
        same->level = h->check.level;
}

static void checkup_run(struct checkup *h, const struct checkup_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        h->check = (struct health_check){.name = rows[i].name, .level = HEALTH_OK};
        if (rows[i].run(h))
            checkup_report_check(h);
    }
}

void jbi_health(const struct conf_bridge *b, const struct facts *facts, struct arena *a, struct health_report *ret)
{
    const struct jbi_bridge *own = b->own;
    struct checkup h = {.a = a, .bridge = b, .rules = &own->rules, .facts = facts, .ret = ret};
    checkup_run(&h, checkup_jbi, COUNT(checkup_jbi));
}

void contrib_health(const struct conf_bridge *b, const struct facts *facts, struct arena *a, struct health_report *ret)
{
    const struct contributions *own = b->own;
    struct checkup h = {.a = a, .bridge = b, .facts = facts, .ret = ret};
    if (own->jira_info)
        checkup_run(&h, checkup_contrib, COUNT(checkup_contrib));
}
