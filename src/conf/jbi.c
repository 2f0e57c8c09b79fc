/*
 * An action file is read by rows, as lockstep.yaml is, but the rows differ: types are JBI's (strict strings, maps of
 * strings, lists of steps), unknown keys only warn, and defaults are YAML so that they go through the same readers and
 * stand in the manual as people would write them. Each entry is judged by itself.
 */
#include "base/base.h"

#include "conf/jbi_private.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/text.h"

enum { JBI_ACTIONS_MAX = 10000, JBI_CHARS_MAX = 32767 };

/* ---- words ---- */

static const char *const jbi_group_names[JBI_GROUPS] = {
    [JBI_NEW] = "new",
    [JBI_EXISTING] = "existing",
    [JBI_COMMENT] = "comment",
    [JBI_ATTACHMENT] = "attachment",
};
/* As action files write them. */
static const char *const jbi_step_names[JBI_STEPS] = {
    [JBI_CREATE_ISSUE] = "create_issue",
    [JBI_MAYBE_DELETE_DUPLICATE] = "maybe_delete_duplicate",
    [JBI_ADD_LINK_TO_BUGZILLA] = "add_link_to_bugzilla",
    [JBI_ADD_LINK_TO_JIRA] = "add_link_to_jira",
    [JBI_UPDATE_ISSUE_SUMMARY] = "update_issue_summary",
    [JBI_ADD_JIRA_COMMENTS_FOR_CHANGES] = "add_jira_comments_for_changes",
    [JBI_MAYBE_ASSIGN_JIRA_USER] = "maybe_assign_jira_user",
    [JBI_MAYBE_UPDATE_ISSUE_PRIORITY] = "maybe_update_issue_priority",
    [JBI_MAYBE_UPDATE_ISSUE_RESOLUTION] = "maybe_update_issue_resolution",
    [JBI_MAYBE_UPDATE_ISSUE_SEVERITY] = "maybe_update_issue_severity",
    [JBI_MAYBE_UPDATE_ISSUE_POINTS] = "maybe_update_issue_points",
    [JBI_MAYBE_UPDATE_ISSUE_STATUS] = "maybe_update_issue_status",
    [JBI_MAYBE_UPDATE_ISSUE_TYPE] = "maybe_update_issue_type",
    [JBI_MAYBE_UPDATE_COMPONENTS] = "maybe_update_components",
    [JBI_SYNC_WHITEBOARD_LABELS] = "sync_whiteboard_labels",
    [JBI_SYNC_KEYWORDS_LABELS] = "sync_keywords_labels",
    [JBI_CREATE_COMMENT] = "create_comment",
    [JBI_MAYBE_ADD_PHABRICATOR_LINK] = "maybe_add_phabricator_link",
    [JBI_SYNC_DEPENDENCIES] = "sync_dependencies",
    [JBI_SYNC_SEE_ALSO] = "sync_see_also",
    [JBI_SYNC_DUPLICATES] = "sync_duplicates",
    [JBI_SYNC_REGRESSIONS] = "sync_regressions",
};
static const char *const jbi_brackets_words[] = {"no", "yes", "both"};

const char *jbi_group_name(enum jbi_group group)
{
    return jbi_group_names[group];
}

const char *jbi_step_name(enum jbi_step step)
{
    return jbi_step_names[step];
}

/* Its index; -1 when it is none of them. */
static int jbi_word(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, words[i]) == 0)
            return (int)i;
    return -1;
}

const struct jbi_pair *jbi_map_get(const struct jbi_map *m, const char *from)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->v[i].from, from ? from : "") == 0)
            return &m->v[i];
    return NULL;
}

/* ---- rows ---- */

struct jbi_table;
typedef void jbi_reading(const struct jbi_at *at, void *to);
static jbi_reading jbi_read_text, jbi_read_bool, jbi_read_chars, jbi_read_brackets, jbi_read_texts, jbi_read_contacts,
    jbi_read_map, jbi_read_map_or_null, jbi_read_map_of_int, jbi_read_steps;

/* One key of the file. */
struct jbi_row {
    const char *name;
    jbi_reading *read; /* NULL: a map, by sub */
    const struct jbi_table *sub;
    size_t at;
    bool required;
    const char *otherwise; /* YAML */
    const char *type, *help;
};
struct jbi_table {
    const struct jbi_row *rows;
    size_t n;
};

#define JBI_ROW(n, m, f, t, def, h)                                                                                    \
    {                                                                                                                  \
        n, f, NULL, offsetof(struct jbi_action, m), false, def, t, h                                                   \
    }
#define JBI_MUST(n, m, f, t, h)                                                                                        \
    {                                                                                                                  \
        n, f, NULL, offsetof(struct jbi_action, m), true, NULL, t, h                                                   \
    }
#define JBI_SUB(n, must, table, h)                                                                                     \
    {                                                                                                                  \
        n, NULL, &(table), 0, must, NULL, "map", h                                                                     \
    }

static const struct jbi_row jbi_component_rows[] = {
    JBI_ROW("use_bug_component", use_bug_component, jbi_read_bool, "true or false", "true",
            "Use the bug's component as a component of the issue"),
    JBI_ROW("use_bug_product", use_bug_product, jbi_read_bool, "true or false", "false", "Use the bug's product too"),
    JBI_ROW("use_bug_component_with_product_prefix", use_bug_component_with_product_prefix, jbi_read_bool,
            "true or false", "false", "Use PRODUCT::COMPONENT"),
    JBI_ROW("create_components", create_components, jbi_read_bool, "true or false", "false",
            "Create components that the project lacks"),
    JBI_ROW("set_custom_components", custom_components, jbi_read_texts, "list of texts", "[]",
            "Components that every issue gets"),
};
static const struct jbi_table jbi_components = {jbi_component_rows, COUNT(jbi_component_rows)};

static const struct jbi_row jbi_step_rows[] = {
    JBI_ROW("new", steps[JBI_NEW], jbi_read_steps, "list of steps",
            "[create_issue, maybe_delete_duplicate, add_link_to_bugzilla, add_link_to_jira, sync_whiteboard_labels]",
            "What is done when a bug gets its issue"),
    JBI_ROW("existing", steps[JBI_EXISTING], jbi_read_steps, "list of steps",
            "[update_issue_summary, sync_whiteboard_labels, add_jira_comments_for_changes]",
            "What is done when a bug that has an issue changes"),
    JBI_ROW("comment", steps[JBI_COMMENT], jbi_read_steps, "list of steps", "[create_comment]",
            "What is done for a new comment"),
    JBI_ROW("attachment", steps[JBI_ATTACHMENT], jbi_read_steps, "list of steps",
            "[create_comment, maybe_add_phabricator_link]", "What is done for an attachment"),
};
static const struct jbi_table jbi_step_groups = {jbi_step_rows, COUNT(jbi_step_rows)};

static const struct jbi_row jbi_parameter_rows[] = {
    JBI_MUST("jira_project_key", project, jbi_read_text, "text", "Key of the Jira project"),
    JBI_SUB("steps", false, jbi_step_groups,
            "The steps of each kind of event; a group that is missing keeps its default"),
    JBI_ROW("jira_char_limit", char_limit, jbi_read_chars, "number from 1 to 32767", "32667",
            "Longest description or comment, in characters, after conversion"),
    JBI_SUB("jira_components", false, jbi_components, "Which components an issue gets"),
    JBI_ROW("jira_priority_field", priority_field, jbi_read_text, "text", "priority", "Jira's field for the priority"),
    JBI_ROW("jira_resolution_field", resolution_field, jbi_read_text, "text", "resolution",
            "Jira's field for the resolution"),
    JBI_ROW("jira_severity_field", severity_field, jbi_read_text, "text", "customfield_10319",
            "Jira's field for the severity"),
    JBI_ROW("jira_cf_fx_points_field", points_field, jbi_read_text, "text", "customfield_10037",
            "Jira's field for the points"),
    JBI_ROW("labels_brackets", brackets, jbi_read_brackets, "no, yes or both", "no",
            "Whether labels made from the whiteboard keep their brackets"),
    JBI_ROW("status_map", status_map, jbi_read_map, "map of texts to texts", "{}",
            "Bugzilla's status or resolution to Jira's status"),
    JBI_ROW("resolution_map", resolution_map, jbi_read_map, "map of texts to texts", "{}",
            "Bugzilla's resolution to Jira's"),
    JBI_ROW("priority_map", priority_map, jbi_read_map, "map of texts to texts",
            "{\"\": \"None\", \"--\": \"None\", P1: P1, P2: P2, P3: P3, P4: P4, P5: P5}",
            "Bugzilla's priority to Jira's"),
    JBI_ROW("severity_map", severity_map, jbi_read_map_or_null, "map of texts to texts or null",
            "{\"\": null, \"--\": null, S1: S1, S2: S2, S3: S3, S4: S4, N/A: N/A}", "Bugzilla's severity to Jira's"),
    JBI_ROW("cf_fx_points_map", points_map, jbi_read_map_of_int, "map of quoted texts to whole numbers",
            "{\"---\": 0, \"\": 0, \"?\": 0, \"1\": 1, \"2\": 2, \"3\": 3, \"5\": 5, \"7\": 7, \"8\": 8, \"12\": 12, "
            "\"13\": 13, \"15\": 15}",
            "Bugzilla's points to Jira's"),
    JBI_ROW("issue_type_map", issue_type_map, jbi_read_map, "map of texts to texts", "{task: Task, defect: Bug}",
            "Bugzilla's type to Jira's; any other is a Task"),
    JBI_ROW("linked_project_excludes", linked_project_excludes, jbi_read_texts, "list of texts", "[BZFFX]",
            "Projects whose issues are never linked to"),
};
static const struct jbi_table jbi_parameters = {jbi_parameter_rows, COUNT(jbi_parameter_rows)};

static const struct jbi_row jbi_action_rows[] = {
    JBI_MUST("whiteboard_tag", tag, jbi_read_text, "text", "The tag in the whiteboard, without brackets"),
    JBI_MUST("bugzilla_user_id", contacts, jbi_read_contacts, "number, list of numbers, or tbd",
             "Who answers for the action; for information"),
    JBI_MUST("description", description, jbi_read_text, "text", "What the action is for"),
    JBI_ROW("enabled", enabled, jbi_read_bool, "true or false", "true", "Whether the action is carried out"),
    JBI_SUB("parameters", true, jbi_parameters, "See below"),
};
static const struct jbi_table jbi_action_table = {jbi_action_rows, COUNT(jbi_action_rows)};

/* The rows in the order in which they are declared. */
static void jbi_docs_table(const struct jbi_table *t, const char *under, void (*each)(void *, const struct jbi_doc *),
                           void *ctx)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct jbi_row *row = &t->rows[i];
        struct jbi_doc doc = {under, row->name, row->type, row->otherwise, row->help, row->required};
        each(ctx, &doc);
    }
}

void jbi_docs(void (*each)(void *ctx, const struct jbi_doc *doc), void *ctx)
{
    jbi_docs_table(&jbi_action_table, "", each, ctx);
    jbi_docs_table(&jbi_parameters, "parameters", each, ctx);
    jbi_docs_table(&jbi_components, "parameters.jira_components", each, ctx);
    jbi_docs_table(&jbi_step_groups, "parameters.steps", each, ctx);
}

/* ---- places ---- */

/* Place of a member, for messages. */
static const char *jbi_key(const struct jbi_at *at, const char *name)
{
    return problem_key(at->r->arena, at->key, name);
}

struct jbi_at jbi_member(const struct jbi_at *map, const char *name)
{
    return (struct jbi_at){map->r, yaml_get(map->node, name), jbi_key(map, name)};
}

/* Member i of a list. */
static struct jbi_at jbi_item(const struct jbi_at *list, size_t i)
{
    return (struct jbi_at){list->r, list->node->items[i], arena_fmt(list->r->arena, "%s[%zu]", list->key, i)};
}

/* What is wrong in a value that is not of the expected type. */
static void jbi_refuse_type(const struct jbi_at *at, const char *expected)
{
    const char *got = yaml_kind_name(at->node);
    if (at->node->kind == YAML_SCALAR && !yaml_is_null(at->node))
        got = arena_fmt(at->r->arena, "%s %s", got, problem_quote(at->r->arena, at->node->text));
    jbi_refuse(at, NULL, "expected %s, got %s", expected, got);
}

/* True, or a problem. */
static bool jbi_is(const struct jbi_at *at, enum yaml_kind kind, const char *expected)
{
    if (at->node->kind == kind)
        return true;
    jbi_refuse_type(at, expected);
    return false;
}

/* ---- one value ---- */

/* A string by YAML 1.2; NULL when it is none. */
static const char *jbi_text(const struct jbi_at *at)
{
    int64_t n;
    bool b;
    if (yaml_is_text(at->node))
        return at->node->text;
    bool quoting_helps = yaml_int(at->node, &n) || yaml_bool(at->node, &b);
    jbi_refuse_type(at, quoting_helps ? "a text (put it in quotes)" : "a text");
    return NULL;
}

/* Refused values leave NULL behind; the action is not used then. */
static void jbi_read_text(const struct jbi_at *at, void *to)
{
    const char **text = to;
    *text = jbi_text(at);
}

/* yes and no are words in YAML 1.2, and JBI refuses them here. */
static void jbi_read_bool(const struct jbi_at *at, void *to)
{
    if (!yaml_bool(at->node, to))
        jbi_refuse_type(at, "true or false");
}

/* Jira's own limit is the highest; JBI would accept more and then fail on each event. */
static void jbi_read_chars(const struct jbi_at *at, void *to)
{
    int64_t *n = to;
    if (!yaml_int(at->node, n) || *n < 1 || *n > JBI_CHARS_MAX)
        jbi_refuse_type(at, "a whole number from 1 to 32767");
}

/* Here `no` is a word, which is why the file is not YAML 1.1. */
static void jbi_read_brackets(const struct jbi_at *at, void *to)
{
    enum jbi_brackets *brackets = to;
    const char *text = yaml_is_text(at->node) ? at->node->text : "";
    int word = jbi_word(text, jbi_brackets_words, COUNT(jbi_brackets_words));
    if (word < 0 && *text)
        jbi_refuse(at, problem_near(text, jbi_brackets_words, COUNT(jbi_brackets_words)),
                   "expected no, yes or both, got %s", problem_quote(at->r->arena, text));
    else if (word < 0)
        jbi_refuse_type(at, "no, yes or both");
    else
        *brackets = (enum jbi_brackets)word;
}

/* A list that is given replaces the default as a whole. */
static void jbi_read_texts(const struct jbi_at *at, void *to)
{
    struct texts *texts = to;
    if (!jbi_is(at, YAML_LIST, "a list of texts"))
        return;
    *texts = (struct texts){.v = arena_array(at->r->arena, at->node->n + 1, sizeof *texts->v)};
    for (size_t i = 0; i < at->node->n; i++) {
        struct jbi_at item = jbi_item(at, i);
        const char *text = jbi_text(&item);
        if (text)
            texts->v[texts->n++] = text;
    }
}

/* One number, several, or `tbd`: kept as texts, since they are only shown. */
static void jbi_read_contacts(const struct jbi_at *at, void *to)
{
    struct texts *texts = to;
    bool is_list = at->node->kind == YAML_LIST;
    size_t n = is_list ? at->node->n : 1;
    int64_t number;
    *texts = (struct texts){.v = arena_array(at->r->arena, n + 1, sizeof *texts->v)};
    for (size_t i = 0; i < n; i++) {
        struct jbi_at item = is_list ? jbi_item(at, i) : *at;
        bool is_tbd = !is_list && yaml_is_text(item.node) && strcmp(item.node->text, "tbd") == 0;
        if (!is_tbd && !yaml_int(item.node, &number)) {
            jbi_refuse_type(&item, is_list ? "a user's number" : "a user's number, a list of them, or tbd");
            continue;
        }
        if (is_tbd)
            yaml_warning(at->r->problems, item.node, item.key, NULL, "the contact is still to be decided");
        texts->v[texts->n++] = item.node->text;
    }
}

/* ---- maps ---- */

typedef void jbi_pair_reading(const struct jbi_at *at, struct jbi_pair *pair);

static void jbi_pair_text(const struct jbi_at *at, struct jbi_pair *pair)
{
    pair->to = jbi_text(at);
}

/* null clears the field in Jira. */
static void jbi_pair_text_or_null(const struct jbi_at *at, struct jbi_pair *pair)
{
    if (!yaml_is_null(at->node))
        pair->to = jbi_text(at);
}

/* The text is kept beside the number, for messages and pages. */
static void jbi_pair_int(const struct jbi_at *at, struct jbi_pair *pair)
{
    pair->to = at->node->text;
    if (!yaml_int(at->node, &pair->number))
        jbi_refuse_type(at, "a whole number");
}

/* A map that is given replaces the default as a whole. Keys like 1 would be numbers, never equal to a field's text. */
static void jbi_read_pairs(const struct jbi_at *at, struct jbi_map *map, jbi_pair_reading *value)
{
    if (!jbi_is(at, YAML_MAP, "a map"))
        return;
    *map = (struct jbi_map){.v = ARENA_ARRAY(at->r->arena, struct jbi_pair, at->node->n + 1)};
    for (size_t i = 0; i < at->node->n; i++) {
        const struct yaml *key = at->node->items[2 * i];
        struct jbi_at name = {at->r, key, jbi_key(at, key->text)};
        struct jbi_at item = {at->r, at->node->items[2 * i + 1], name.key};
        struct jbi_pair *pair = &map->v[map->n++];
        pair->from = key->text;
        if (!yaml_is_text(key))
            jbi_refuse(&name, NULL, "keys are texts; put this one in quotes: %s",
                       problem_quote(at->r->arena, key->text));
        value(&item, pair);
    }
}

static void jbi_read_map(const struct jbi_at *at, void *to)
{
    jbi_read_pairs(at, to, jbi_pair_text);
}

static void jbi_read_map_or_null(const struct jbi_at *at, void *to)
{
    jbi_read_pairs(at, to, jbi_pair_text_or_null);
}

static void jbi_read_map_of_int(const struct jbi_at *at, void *to)
{
    jbi_read_pairs(at, to, jbi_pair_int);
}

/* A step may stand in any group, and more than once. */
static void jbi_read_steps(const struct jbi_at *at, void *to)
{
    struct jbi_steps *list = to;
    if (!jbi_is(at, YAML_LIST, "a list of steps"))
        return;
    *list = (struct jbi_steps){.v = ARENA_ARRAY(at->r->arena, enum jbi_step, at->node->n + 1)};
    for (size_t i = 0; i < at->node->n; i++) {
        struct jbi_at item = jbi_item(at, i);
        const char *text = yaml_is_text(item.node) ? item.node->text : NULL;
        int step = text ? jbi_word(text, jbi_step_names, JBI_STEPS) : -1;
        if (!text)
            jbi_refuse_type(&item, "the name of a step");
        else if (step < 0)
            jbi_refuse(&item, problem_near(text, jbi_step_names, JBI_STEPS), "unknown step %s",
                       problem_quote(at->r->arena, text));
        else
            list->v[list->n++] = (enum jbi_step)step;
    }
}

/* ---- tables ---- */

/* Files in use have such keys, so refusing them would refuse those files. */
static void jbi_warn_unknown(const struct jbi_table *t, const struct jbi_at *at)
{
    const char **names = arena_array(at->r->arena, t->n, sizeof *names);
    for (size_t i = 0; i < t->n; i++)
        names[i] = t->rows[i].name;
    for (size_t i = 0; i < at->node->n; i++) {
        const struct yaml *key = at->node->items[2 * i];
        if (jbi_word(key->text, names, t->n) < 0)
            yaml_warning(at->r->problems, key, jbi_key(at, key->text), problem_near(key->text, names, t->n),
                         "unknown key, ignored");
    }
}

/* An action with nothing but defaults, which every action begins as. */
static void jbi_read_defaults(const struct jbi_table *t, const struct jbi_reader *r, char *action)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct jbi_row *row = &t->rows[i];
        if (row->sub)
            jbi_read_defaults(row->sub, r, action);
        if (!row->otherwise)
            continue;
        struct jbi_at at = {r, yaml_read(r->arena, "default", str_of(row->otherwise), r->problems), ""};
        check(at.node != NULL);
        row->read(&at, action + row->at);
    }
}

/* Members that the map does not have keep what they are. */
static void jbi_read_table(const struct jbi_table *t, const struct jbi_at *at, char *action)
{
    bool is_map = at->node && at->node->kind == YAML_MAP;
    if (at->node && !is_map)
        jbi_refuse_type(at, "a map");
    if (is_map)
        jbi_warn_unknown(t, at);
    for (size_t i = 0; i < t->n; i++) {
        const struct jbi_row *row = &t->rows[i];
        struct jbi_at member = jbi_member(at, row->name);
        if (!member.node && is_map && row->required)
            jbi_refuse(&(struct jbi_at){at->r, at->node, member.key}, NULL, "is required: %s", row->type);
        if (row->sub)
            jbi_read_table(row->sub, &member, action);
        else if (member.node)
            row->read(&member, action + row->at);
    }
}

/* ---- the file ---- */

/* False: another action has this tag. */
static bool jbi_tag_is_new(struct map *tags, const struct jbi_at *at, struct jbi_action *action)
{
    struct jbi_at tag = jbi_member(at, "whiteboard_tag");
    if (!action->tag)
        return true;
    if (action->tag[0] == '\0') {
        jbi_refuse(&tag, NULL, "the tag may not be empty");
        return true;
    }
    uint64_t hash = hash_stable(str_of(text_lower(at->r->arena, action->tag)));
    const struct jbi_action *other = map_get(tags, hash);
    if (!other)
        (void)map_put(tags, hash, action);
    else
        jbi_refuse(&tag, NULL, "the action in line %d has the tag %s already (case does not matter)", other->line,
                   problem_quote(at->r->arena, other->tag));
    return !other;
}

/* Good entries are copied to ret; the others stay behind only to be named in messages. */
static void jbi_read_list(const struct jbi_at *list, struct map *tags, struct jbi_actions *ret)
{
    size_t n = list->node->n;
    struct jbi_action *all = ARENA_ARRAY(list->r->arena, struct jbi_action, n), defaults = {0};
    ret->v = ARENA_ARRAY(list->r->arena, struct jbi_action, n);
    jbi_read_defaults(&jbi_action_table, list->r, (char *)&defaults);
    for (size_t i = 0; i < n; i++) {
        struct jbi_at at = jbi_item(list, i);
        struct jbi_action *action = &all[i];
        size_t errors = list->r->problems->errors;
        *action = defaults;
        action->line = at.node->line;
        jbi_read_table(&jbi_action_table, &at, (char *)action);
        if (list->r->problems->errors == errors)
            jbi_check_action(&at, action);
        if (jbi_tag_is_new(tags, &at, action) && list->r->problems->errors == errors)
            ret->v[ret->n++] = *action;
    }
}

void jbi_read(struct arena *a, const char *file, struct str content, struct problems *p, struct jbi_actions *ret)
{
    struct jbi_reader r = {a, p};
    size_t errors = p->errors;
    struct jbi_at list = {&r, yaml_read(a, file, content, p), ""};
    *ret = (struct jbi_actions){0};
    if (p->errors > errors)
        return;
    if (!list.node || (list.node->kind == YAML_LIST && list.node->n == 0)) {
        problem_add(p, (struct problem){.file = file, .text = "the file needs at least one action"});
        return;
    }
    if (!jbi_is(&list, YAML_LIST, "a list of actions"))
        return;
    if (list.node->n > JBI_ACTIONS_MAX) {
        jbi_refuse(&list, NULL, "at most %d actions, got %zu", JBI_ACTIONS_MAX, list.node->n);
        return;
    }
    struct map *tags = map_new();
    jbi_read_list(&list, tags, ret);
    map_free(tags);
}
