/*
 * GraphQL, as far as boards need it. Nothing is parsed: which of six operations it is tells the query by the names of
 * fields in it, and all values are taken from the variables (or from members of a variable `input`). An answer has
 * all that the operation may ask for, in GitHub's shape, whatever the query leaves out.
 *
 *   projectItems                     boards on which a pull request (or issue) is, with the values there; with
 *                                    `object` too: the statuses of the commit in $commit, the newest of each context
 *   projectV2 with fields            a board's number in GraphQL and its fields
 *   projectV2 without                its number alone
 *   addProjectV2ItemById             put something on a board
 *   updateProjectV2ItemFieldValue    set a value of an item
 *   clearProjectV2ItemFieldValue     take it away
 */
#include "base/base.h"

#include "sandbox/github_private.h"
#include "sandbox/serve_private.h"

/* A variable, under the first of the names that is there. */
static const struct json *graphql_variable(const struct sandbox_call *c, const char *const names[], size_t n)
{
    const struct json *variables = json_get(c->body, "variables");
    const struct json *const places[] = {json_get(variables, "input"), variables};
    for (size_t p = 0; p < COUNT(places); p++)
        for (size_t i = 0; i < n; i++)
            if (json_get(places[p], names[i]))
                return json_get(places[p], names[i]);
    return NULL;
}
#define GRAPHQL_VARIABLE(c, ...)                                                                                       \
    graphql_variable((c), (const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))

static const char *graphql_query(const struct sandbox_call *c)
{
    return sg_text(c->body, "query", "");
}

static struct json_out *graphql_begin(struct sandbox_call *c)
{
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    return o;
}

static void graphql_put_errors(struct json_out *o, const char *type, const char *message, const char *outer,
                               const char *inner)
{
    json_open(o, "errors", '[');
    json_open(o, NULL, '{');
    json_put_text(o, "type", type);
    json_open(o, "path", '[');
    json_put_text(o, NULL, outer);
    if (inner)
        json_put_text(o, NULL, inner);
    json_close(o);
    json_open(o, "locations", '[');
    json_open(o, NULL, '{');
    json_put_int(o, "line", 1);
    json_put_int(o, "column", 1);
    json_close(o);
    json_close(o);
    json_put_text(o, "message", message);
    json_close(o);
    json_close(o);
}

/* An error is a 200; `outer` and `inner` name the place where the data are null; inner may be NULL. */
static void graphql_error(struct sandbox_call *c, const char *type, const char *message, const char *outer,
                          const char *inner)
{
    struct json_out *o = graphql_begin(c);
    json_open(o, "data", '{');
    if (inner) {
        json_open(o, outer, '{');
        json_put_null(o, inner);
        json_close(o);
    } else {
        json_put_null(o, outer);
    }
    json_close(o);
    graphql_put_errors(o, type, message, outer, inner);
    json_close(o);
}

static const char *graphql_field_node(struct sandbox_call *c, const struct sg_field *f)
{
    return sg_node(c->arena, strcmp(f->type, "SINGLE_SELECT") == 0 ? "PVTSSF" : "PVTF", f->id);
}

/* The number of an option is made from its place, as GitHub's are eight hexadecimal digits. */
static const char *graphql_option_id(struct sandbox_call *c, const struct sg_field *f, size_t option)
{
    return arena_fmt(c->arena, "%08" PRIx64, (f->id * 131 + option * 7919) & 0xffffffff);
}

static void graphql_put_field(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_field *f)
{
    bool is_choice = strcmp(f->type, "SINGLE_SELECT") == 0;
    json_open(o, key, '{');
    json_put_text(o, "__typename", is_choice ? "ProjectV2SingleSelectField" : "ProjectV2Field");
    json_put_text(o, "id", graphql_field_node(c, f));
    json_put_text(o, "name", f->name);
    json_put_text(o, "dataType", f->type);
    if (is_choice) {
        json_open(o, "options", '[');
        for (size_t i = 0; i < f->options.n; i++) {
            json_open(o, NULL, '{');
            json_put_text(o, "id", graphql_option_id(c, f, i));
            json_put_text(o, "name", f->options.v[i]);
            json_close(o);
        }
        json_close(o);
    }
    json_close(o);
}

static const struct graphql_type {
    const char *type, *typename, *key, *words;
} graphql_types[] = {
    {"TEXT", "ProjectV2ItemFieldTextValue", "text", "text"},
    {"NUMBER", "ProjectV2ItemFieldNumberValue", "number", "number"},
    {"DATE", "ProjectV2ItemFieldDateValue", "date", "date"},
    {"SINGLE_SELECT", "ProjectV2ItemFieldSingleSelectValue", "singleSelectOptionId", "single select option Id"}};

static const struct graphql_type *graphql_type_of(const struct sg_field *f)
{
    for (size_t i = 0; i < COUNT(graphql_types); i++)
        if (strcmp(graphql_types[i].type, f->type) == 0)
            return &graphql_types[i];
    return NULL;
}

static void graphql_put_value(struct sandbox_call *c, struct json_out *o, const struct sg_field *f, const char *value)
{
    const struct graphql_type *type = graphql_type_of(f);
    int at = sandbox_words_find(&f->options, value);
    if (!type)
        return;
    json_open(o, NULL, '{');
    json_put_text(o, "__typename", type->typename);
    graphql_put_field(c, o, "field", f);
    if (strcmp(f->type, "SINGLE_SELECT") == 0) {
        json_put_text(o, "name", value);
        json_put_text(o, "optionId", at < 0 ? "" : graphql_option_id(c, f, (size_t)at));
    } else if (strcmp(f->type, "NUMBER") == 0) {
        json_put_raw(o, type->key, str_of(value));
    } else {
        json_put_text(o, type->key, value);
    }
    json_close(o);
}

static void graphql_put_page(struct json_out *o, size_t total)
{
    json_put_int(o, "totalCount", (int64_t)total);
    json_open(o, "pageInfo", '{');
    json_put_bool(o, "hasNextPage", false);
    json_put_null(o, "endCursor");
    json_close(o);
}

static void graphql_put_board(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_board *b)
{
    json_open(o, key, '{');
    json_put_text(o, "id", sg_node(c->arena, "PVT", b->id));
    json_put_int(o, "number", b->number);
    json_put_text(o, "title", b->title);
    json_put_bool(o, "closed", false);
    json_open(o, "owner", '{');
    json_put_text(o, "__typename", "Organization");
    json_put_text(o, "login", b->owner->login);
    json_close(o);
    json_open(o, "fields", '{');
    graphql_put_page(o, b->fields.n);
    json_open(o, "nodes", '[');
    for (size_t i = 0; i < b->fields.n; i++)
        graphql_put_field(c, o, NULL, b->fields.v[i]);
    json_close(o);
    json_close(o);
    json_close(o);
}

static void graphql_put_item(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_item *item)
{
    const struct sg_board *b = item->board;
    json_open(o, key, '{');
    json_put_text(o, "id", sg_node(c->arena, "PVTI", item->id));
    json_put_bool(o, "isArchived", false);
    graphql_put_board(c, o, "project", b);
    json_open(o, "fieldValues", '{');
    graphql_put_page(o, item->values.n);
    json_open(o, "nodes", '[');
    for (size_t i = 0; i < b->fields.n; i++)
        if (sg_item_value(item, i))
            graphql_put_value(c, o, b->fields.v[i], sg_item_value(item, i));
    json_close(o);
    json_close(o);
    json_close(o);
}

/* Is there a newer one of the same context? */
static bool graphql_is_outdated(const struct sg_commit *at, size_t i)
{
    for (size_t later = i + 1; later < at->statuses.n; later++)
        if (strcmp(at->statuses.v[later]->context, at->statuses.v[i]->context) == 0)
            return true;
    return false;
}

static void graphql_put_status(struct sandbox_call *c, struct json_out *o, const struct sg_status *s)
{
    json_open(o, NULL, '{');
    json_put_text(o, "id", sg_node(c->arena, "SC", s->id));
    json_put_text(o, "context", s->context);
    json_put_text(o, "state", sandbox_fold(c->arena, s->state));
    json_put_text(o, "description", s->description);
    json_put_text(o, "targetUrl", s->target);
    json_put_text(o, "createdAt", sg_time(c, s->at_ms));
    json_close(o);
}

/* A commit that nobody said anything of has no status. */
static void graphql_put_commit(struct sandbox_call *c, struct json_out *o, const struct sg_repo *r)
{
    const struct sg_commit *at = sg_commit_find(r, json_text(GRAPHQL_VARIABLE(c, "commit")));
    if (!at) {
        json_put_null(o, "object");
        return;
    }
    json_open(o, "object", '{');
    json_put_text(o, "__typename", "Commit");
    json_put_text(o, "oid", at->sha);
    if (at->statuses.n == 0) {
        json_put_null(o, "status");
    } else {
        json_open(o, "status", '{');
        json_open(o, "contexts", '[');
        for (size_t i = 0; i < at->statuses.n; i++)
            if (!graphql_is_outdated(at, i))
                graphql_put_status(c, o, at->statuses.v[i]);
        json_close(o);
        json_close(o);
    }
    json_close(o);
}

/* Items of boards that we may not see are null, and an error says so beside the data. */
static void graphql_put_items(struct sandbox_call *c, const struct sg_issue *i)
{
    bool is_partial = false;
    struct json_out *o = graphql_begin(c);
    json_open(o, "data", '{');
    json_open(o, "repository", '{');
    if (strstr(graphql_query(c), "object("))
        graphql_put_commit(c, o, i->repo);
    json_open(o, i->is_pull ? "pullRequest" : "issue", '{');
    json_put_text(o, "id", sg_node(c->arena, i->is_pull ? "PR" : "I", i->id));
    json_open(o, "projectItems", '{');
    graphql_put_page(o, i->items.n);
    json_open(o, "nodes", '[');
    for (size_t n = 0; n < i->items.n; n++) {
        is_partial |= i->items.v[n]->board->is_hidden;
        if (i->items.v[n]->board->is_hidden)
            json_put_null(o, NULL);
        else
            graphql_put_item(c, o, NULL, i->items.v[n]);
    }
    for (int depth = 0; depth < 5; depth++)
        json_close(o);
    if (is_partial)
        graphql_put_errors(o, "FORBIDDEN",
                           "Resource protected by organization SAML enforcement. You must grant your Personal Access "
                           "token access to this organization.",
                           "repository", i->is_pull ? "pullRequest" : "issue");
    json_close(o);
}

static void graphql_items(struct sandbox_call *c, UNUSED const char *operation)
{
    int64_t number = 0;
    const char *owner = json_text(GRAPHQL_VARIABLE(c, "owner", "orgname", "login", "org"));
    const char *name = json_text(GRAPHQL_VARIABLE(c, "name", "repo", "repository"));
    const char *full = arena_fmt(c->arena, "%s/%s", owner ? owner : "", name ? name : "");
    const struct sg_repo *r = sg_repo_find(c->s->github, full);
    (void)json_int(GRAPHQL_VARIABLE(c, "number", "pr"), &number);
    if (!r || !sg_can_see(c, r)) {
        graphql_error(c, "NOT_FOUND",
                      arena_fmt(c->arena, "Could not resolve to a Repository with the name '%s'.", full), "repository",
                      NULL);
        return;
    }
    const char *inner = strstr(graphql_query(c), "pullRequest") ? "pullRequest" : "issue";
    const struct sg_issue *i = number > 0 ? sg_issue_find(r, (uint64_t)number) : NULL;
    if (i && !i->is_deleted && i->is_pull == (inner[0] == 'p'))
        graphql_put_items(c, i);
    else
        graphql_error(c, "NOT_FOUND",
                      arena_fmt(c->arena, "Could not resolve to %s with the number of %" PRId64 ".",
                                inner[0] == 'p' ? "a PullRequest" : "an Issue", number),
                      "repository", inner);
}

static void graphql_board(struct sandbox_call *c, UNUSED const char *operation)
{
    int64_t number = 0;
    const char *org = json_text(GRAPHQL_VARIABLE(c, "owner", "orgname", "login", "org"));
    (void)json_int(GRAPHQL_VARIABLE(c, "number", "project"), &number);
    const struct sg_user *u = sg_user_find(c->s->github, org);
    const struct sg_board *b = sg_board_find(c->s->github, org, number);
    if (!u || !text_same(u->type, "Organization")) {
        graphql_error(
            c, "NOT_FOUND",
            arena_fmt(c->arena, "Could not resolve to an Organization with the login of '%s'.", org ? org : ""),
            "organization", NULL);
    } else if (!b || b->is_hidden) {
        graphql_error(c, "NOT_FOUND",
                      arena_fmt(c->arena, "Could not resolve to a ProjectV2 with the number %" PRId64 ".", number),
                      "organization", "projectV2");
    } else {
        struct json_out *o = graphql_begin(c);
        json_open(o, "data", '{');
        json_open(o, "organization", '{');
        graphql_put_board(c, o, "projectV2", b);
        json_close(o);
        json_close(o);
        json_close(o);
    }
}

static void graphql_answer_item(struct sandbox_call *c, const char *operation, const char *key,
                                const struct sg_item *item)
{
    struct json_out *o = graphql_begin(c);
    json_open(o, "data", '{');
    json_open(o, operation, '{');
    graphql_put_item(c, o, key, item);
    json_put_null(o, "clientMutationId");
    json_close(o);
    json_close(o);
    json_close(o);
}

static void graphql_unknown(struct sandbox_call *c, const char *operation, const char *node)
{
    graphql_error(c, "NOT_FOUND",
                  arena_fmt(c->arena, "Could not resolve to a node with the global id of '%s'", node ? node : ""),
                  operation, NULL);
}

static void *graphql_node(const struct map *m, const char *kind, const char *node)
{
    uint64_t id = sg_node_read(kind, node);
    return id ? map_get(m, id) : NULL;
}

static void graphql_add(struct sandbox_call *c, const char *operation)
{
    struct sg_site *g = c->s->github;
    const char *board = json_text(GRAPHQL_VARIABLE(c, "projectId", "project"));
    const char *content = json_text(GRAPHQL_VARIABLE(c, "contentId", "prNodeId", "content"));
    struct sg_board *b = graphql_node(g->boards, "PVT", board);
    struct sg_issue *i = graphql_node(g->issues, "PR", content);
    i = i ? i : graphql_node(g->issues, "I", content);
    if (!b || !i || i->is_deleted) {
        graphql_unknown(c, operation, b ? content : board);
        return;
    }
    graphql_answer_item(c, operation, "item", sg_item_ensure(g, b, i));
}

/* Which key of the value the query sets, and the value: {"date": …} in a variable, or `value: {date: $value}`. */
static const struct json *graphql_given(struct sandbox_call *c, const struct graphql_type **ret)
{
    const struct json *value = GRAPHQL_VARIABLE(c, "value");
    *ret = NULL;
    for (size_t i = 0; i < COUNT(graphql_types); i++) {
        const char *key = graphql_types[i].key;
        if (json_kind(value) == JSON_OBJECT && json_get(value, key)) {
            *ret = &graphql_types[i];
            return json_get(value, key);
        }
        if (json_kind(value) != JSON_OBJECT && strstr(graphql_query(c), arena_fmt(c->arena, "{%s:", key)))
            *ret = &graphql_types[i];
        if (json_kind(value) != JSON_OBJECT && strstr(graphql_query(c), arena_fmt(c->arena, "{ %s:", key)))
            *ret = &graphql_types[i];
    }
    return value;
}

/* The value as it is kept; NULL: not a value of this field. */
static const char *graphql_value(struct sandbox_call *c, const struct sg_field *f, const struct graphql_type *given,
                                 const struct json *value)
{
    const char *text = json_text(value);
    int64_t day = 0;
    double number = 0;
    if (!given || strcmp(given->type, f->type) != 0)
        return NULL;
    if (strcmp(f->type, "NUMBER") == 0)
        return json_real(value, &number) ? arena_fmt(c->arena, "%.15g", number) : NULL;
    if (strcmp(f->type, "DATE") == 0)
        return text && strlen(text) == 10 && when_parse(arena_fmt(c->arena, "%sT00:00:00Z", text), &day, NULL) == 0
                   ? text
                   : NULL;
    if (strcmp(f->type, "SINGLE_SELECT") != 0)
        return text;
    for (size_t i = 0; i < f->options.n; i++)
        if (text_same(graphql_option_id(c, f, i), text))
            return f->options.v[i];
    return NULL;
}

/* The item and the place of its field that a mutation names; NULL: an error is answered. */
static struct sg_item *graphql_asked_item(struct sandbox_call *c, const char *operation, size_t *ret_at)
{
    struct sg_site *g = c->s->github;
    const char *board = json_text(GRAPHQL_VARIABLE(c, "projectId", "project"));
    const char *node = json_text(GRAPHQL_VARIABLE(c, "itemId", "item"));
    const char *field = json_text(GRAPHQL_VARIABLE(c, "fieldId", "field"));
    const struct sg_board *b = graphql_node(g->boards, "PVT", board);
    struct sg_item *item = graphql_node(g->items, "PVTI", node);
    size_t at = 0;
    while (b && at < b->fields.n && !text_same(graphql_field_node(c, b->fields.v[at]), field))
        at++;
    *ret_at = at;
    if (b && item && item->board == b && at < b->fields.n)
        return item;
    graphql_unknown(c, operation, !b ? board : !item || item->board != b ? node : field);
    return NULL;
}

static void graphql_set(struct sandbox_call *c, const char *operation)
{
    size_t at = 0;
    struct sg_item *item = graphql_asked_item(c, operation, &at);
    const struct graphql_type *given = NULL;
    const struct json *raw = graphql_given(c, &given);
    if (!item)
        return;
    const struct sg_field *f = item->board->fields.v[at];
    const struct graphql_type *wanted = graphql_type_of(f);
    const char *value = graphql_value(c, f, given, raw), *words = wanted ? wanted->words : "known";
    if (!value) {
        graphql_error(c, "VALIDATION",
                      arena_fmt(c->arena, "Did not receive a %s value to update a field of type %s", words, words),
                      operation, NULL);
        return;
    }
    sg_item_set(item, at, value);
    graphql_answer_item(c, operation, "projectV2Item", item);
}

static void graphql_clear(struct sandbox_call *c, const char *operation)
{
    size_t at = 0;
    struct sg_item *item = graphql_asked_item(c, operation, &at);
    if (!item)
        return;
    sg_item_set(item, at, NULL);
    graphql_answer_item(c, operation, "projectV2Item", item);
}

static bool graphql_may(struct sandbox_call *c)
{
    if (!c->github_user) {
        sg_error(c, 401, "This endpoint requires you to be authenticated.");
        return false;
    }
    if (sg_has_scope(c, "project") || (!c->is_write && sg_has_scope(c, "read:project")))
        return true;
    struct json_out *o = graphql_begin(c);
    json_open(o, "errors", '[');
    json_open(o, NULL, '{');
    json_put_text(o, "type", "INSUFFICIENT_SCOPES");
    json_put_text(o, "message",
                  arena_fmt(c->arena,
                            "Your token has not been granted the required scopes to execute this query. The 'id' field "
                            "requires one of the following scopes: ['%s'], but your token has only been granted the: "
                            "['%s'] scopes.",
                            c->is_write ? "project" : "read:project",
                            sandbox_words_join(c->arena, &c->github_user->scopes, "', '")));
    json_close(o);
    json_close(o);
    json_close(o);
    return false;
}

bool sg_is_query(const struct sandbox_call *c)
{
    struct str body = c->request->body;
    return strcmp(c->path, "/github/api/graphql") == 0 && (!body.n || !memmem(body.p, body.n, "mutation", 8));
}

void sg_graphql(struct sandbox_call *c)
{
    static const struct {
        const char *name;
        void (*run)(struct sandbox_call *c, const char *operation);
    } rows[] = {{"addProjectV2ItemById", graphql_add},
                {"updateProjectV2ItemFieldValue", graphql_set},
                {"clearProjectV2ItemFieldValue", graphql_clear},
                {"projectItems", graphql_items},
                {"projectV2", graphql_board}};
    const char *query = graphql_query(c);
    size_t i = 0;
    while (i < COUNT(rows) && !strstr(query, rows[i].name))
        i++;
    if (text_blank(query))
        sg_error(c, 400, "A query attribute must be specified and must be a string.");
    else if (i == COUNT(rows))
        sg_error(c, 400, "The sandbox knows only what github_graphql.c lists.");
    else if (graphql_may(c))
        rows[i].run(c, rows[i].name);
}
