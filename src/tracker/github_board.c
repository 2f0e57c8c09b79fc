/*
 * Boards ("projects", version 2), which only GraphQL knows: their columns, the places of a pull request on them, and
 * the changes to both; along with the places, the statuses of a commit. The operations bear the names that the bot
 * before used.
 */
#include "base/base.h"

#include "tracker/github_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

enum { GHBOARD_COMMIT_CHARS = 40 };

#define GHBOARD_NAMED "... on ProjectV2FieldCommon{id name dataType}"

static const char ghboard_metadata[] =
    "query OrgProjectMetadata($orgname:String!,$number:Int!){organization(login:$orgname){projectV2(number:$number){id "
    "fields(first:100){nodes{" GHBOARD_NAMED "}}}}}";
#define GHBOARD_PLACES(variable, member)                                                                               \
    "query ProjectsForPr($owner:String!,$name:String!,$number:Int!,$after:String" variable                             \
    "){repository(owner:$owner,name:$name){" member                                                                    \
    "pullRequest(number:$number){projectItems(first:100,after:$after){pageInfo{hasNextPage endCursor}nodes{id "        \
    "project{number owner{...on Organization{login}...on User{login}}}fieldValues(first:100){nodes{"                   \
    "...on ProjectV2ItemFieldTextValue{text}...on ProjectV2ItemFieldNumberValue{number}"                               \
    "...on ProjectV2ItemFieldDateValue{date}...on ProjectV2ItemFieldSingleSelectValue{name}"                           \
    "...on ProjectV2ItemFieldIterationValue{title}"                                                                    \
    "...on ProjectV2ItemFieldValueCommon{field{...on ProjectV2FieldCommon{name}}}}}}}}}}"
static const char ghboard_places[] = GHBOARD_PLACES("", "");
static const char ghboard_places_and_statuses[] = GHBOARD_PLACES(
    ",$commit:GitObjectID!",
    "object(oid:$commit){...on Commit{status{contexts{context state description targetUrl createdAt}}}}");
static const char ghboard_add[] = "mutation AddProjectItem($projectId:ID!,$prNodeId:ID!){addProjectV2ItemById("
                                  "input:{projectId:$projectId,contentId:$prNodeId}){item{id}}}";
#define GHBOARD_UPDATE(type, member)                                                                                   \
    "mutation UpdateProjectItem($projectId:ID!,$itemId:ID!,$fieldId:ID!,$value:" type                                  \
    "!){updateProjectV2ItemFieldValue(input:{projectId:$projectId,itemId:$itemId,fieldId:$fieldId,value:{" member      \
    ":$value}}){projectV2Item{id}}}"
static const char ghboard_clear[] =
    "mutation ClearProjectItem($projectId:ID!,$itemId:ID!,$fieldId:ID!){clearProjectV2ItemFieldValue("
    "input:{projectId:$projectId,itemId:$itemId,fieldId:$fieldId}){projectV2Item{id}}}";

/* --- asking --- */

/* Beside the REST root: https://api.github.com/graphql, https://HOST/api/graphql of https://HOST/api/v3. */
static void ghboard_open(struct walk *r, const char *query, struct text *t, struct json_out *o)
{
    const char *url = r->c->conf->url;
    size_t n = strlen(url) - (text_ends(url, "/api/v3") ? strlen("/v3") : 0);
    r->next->url = http_join(r->arena, arena_str(r->arena, (struct str){url, n}), "/graphql");
    walk_open(t, o);
    json_put_text(o, "query", query);
    json_open(o, "variables", '{');
}

static int ghboard_send(struct walk *r, struct text *t, struct json_out *o, struct err *e)
{
    json_close(o);
    return walk_send(r, t, o, e);
}

/* The answer says that there is no such thing without calling it an error. */
static int ghboard_none(struct walk *r, const char *what)
{
    r->ret->fact = tracker_fact(r->arena, FACT_MISSING, what);
    return STEP_DONE;
}

/* Refused in GraphQL's words: what is not there, or not for us, is an answer; all else is our mistake. */
static int ghboard_absent(struct walk *r, struct err *why)
{
    bool is_forbidden = false;
    JSON_EACH (one, json_get(r->answer, "errors")) {
        const char *type = json_text(json_get(one, "type"));
        is_forbidden |= text_same(type, "FORBIDDEN") || text_same(type, "INSUFFICIENT_SCOPES");
    }
    if (why->class != ERR_MISSING && !is_forbidden)
        return walk_absent(r, why);
    r->ret->fact = tracker_fact(r->arena, is_forbidden ? FACT_FORBIDDEN : FACT_MISSING, why->text);
    return STEP_DONE;
}

/* --- a board and its columns --- */

static const struct field ghboard_field_rows[] = {
    F_TEXT(struct board_field, id, "id"),
    F_TEXT(struct board_field, name, "name"),
    F_TEXT(struct board_field, type, "dataType"),
};
static const struct field_table ghboard_field_table = FIELD_TABLE("field", struct board_field, ghboard_field_rows);

static int ghboard_read_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    int64_t number = 0;
    const char *ref = r->c->want->ref, *colon = strrchr(ref, ':');
    if (!colon || colon == ref || !str_int(str_of(colon + 1), &number) || number <= 0)
        return fail(e, ERR_INPUT, "\"%.200s\" is no board: expected ORG:NUMBER", ref);
    ghboard_open(r, ghboard_metadata, &t, &o);
    json_put_str(&o, "orgname", (struct str){ref, (size_t)(colon - ref)});
    json_put_int(&o, "number", number);
    return ghboard_send(r, &t, &o, e);
}

static int ghboard_read_take(struct walk *r, struct err *e)
{
    const struct json *board = json_path(r->answer, "data.organization.projectV2");
    const char *id = json_text(json_get(board, "id"));
    if (!id)
        return ghboard_none(r, "there is no such board, or we may not see it");
    struct fact *f = walk_here(r);
    f->text = id;
    JSON_EACH (one, json_path(board, "fields.nodes"))
        if (json_text(json_get(one, "id")) &&
            field_read(&ghboard_field_table, one, r->arena, MANY_ADD(r->arena, &f->fields, struct board_field), e) < 0)
            return err_within(e, "read board");
    return STEP_DONE;
}

/* --- the statuses of a pull request's commit, asked for along with its places --- */

static const struct field ghboard_status_rows[] = {
    F_TEXT(struct commit_status, context, "context"),         F_TEXT(struct commit_status, state, "state"),
    F_TEXT(struct commit_status, description, "description"), F_TEXT(struct commit_status, url, "targetUrl"),
    F_WHEN(struct commit_status, at_ms, "createdAt"),
};
static const struct field_table ghboard_status_table = FIELD_TABLE("status", struct commit_status, ghboard_status_rows);

bool github_joins(const struct fact_key *want, const struct fact_key *also)
{
    const char *commit = also->kind == FACT_STATUSES ? strrchr(also->ref, '@') : NULL;
    size_t n = commit ? (size_t)(commit - also->ref) : 0;
    if (want->kind != FACT_BOARD_ITEMS || !commit || strncmp(want->ref, also->ref, n) != 0 || want->ref[n] != '#')
        return false;
    size_t digits = strspn(commit + 1, "0123456789abcdef");
    return digits >= GHBOARD_COMMIT_CHARS && commit[1 + digits] == '\0';
}

/* Where something could not be had there is null, which elsewhere means that there is none: so errors must be about the
 * pull request alone. */
static bool ghboard_has_statuses(const struct walk *r)
{
    JSON_EACH (one, json_get(r->answer, "errors"))
        if (!text_same(json_text(json_path(one, "path.1")), "pullRequest"))
            return false;
    return json_kind(json_path(r->answer, "data.repository.object.status")) != JSON_ABSENT;
}

/* The newest of each context, as REST would show them. What is odd is left to REST. */
static void ghboard_statuses_take(struct walk *r)
{
    if (!r->c->also || r->ret->also || !ghboard_has_statuses(r))
        return;
    struct fact *f = tracker_fact(r->arena, FACT_HERE, NULL);
    JSON_EACH (one, json_path(r->answer, "data.repository.object.status.contexts")) {
        struct commit_status *to = MANY_ADD(r->arena, &f->statuses, struct commit_status);
        if (field_read(&ghboard_status_table, one, r->arena, to, NULL) < 0 || !to->state)
            return;
        to->state = text_lower(r->arena, to->state);
    }
    github_sort_statuses(&f->statuses);
    r->ret->also = f;
}

/* --- the places of a pull request --- */

/* Each type of value has a member of its own. */
static const struct field ghboard_value_rows[] = {
    F_TEXT(struct board_value, field, "field.name"), F_TEXT(struct board_value, value, "text"),
    F_TEXT(struct board_value, value, "number"),     F_TEXT(struct board_value, value, "date"),
    F_TEXT(struct board_value, value, "name"),       F_TEXT(struct board_value, value, "title"),
};
static const struct field_table ghboard_value_table = FIELD_TABLE("value", struct board_value, ghboard_value_rows);

static int ghboard_items_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct github_ref of;
    const char *ref = r->c->want->ref, *slash = strchr(ref, '/'), *hash = strchr(ref, '#');
    if (github_ref_of(r, &of, e) < 0 || !slash || !hash)
        return -ERR_INPUT;
    const char *after = json_text(json_get(walk_noted(r), "after"));
    const char *commit = r->c->also && !after ? strrchr(r->c->also->ref, '@') : NULL;
    ghboard_open(r, commit ? ghboard_places_and_statuses : ghboard_places, &t, &o);
    json_put_str(&o, "owner", (struct str){ref, (size_t)(slash - ref)});
    json_put_str(&o, "name", (struct str){slash + 1, (size_t)(hash - slash - 1)});
    json_put_int(&o, "number", of.number);
    json_put_text(&o, "after", after);
    if (commit)
        json_put_text(&o, "commit", commit + 1);
    return ghboard_send(r, &t, &o, e);
}

static int ghboard_item(struct walk *r, const struct json *one, struct fact *f, struct err *e)
{
    int64_t number = 0;
    const char *owner = json_text(json_path(one, "project.owner.login"));
    if (!json_text(json_get(one, "id")) || !owner || !json_int(json_path(one, "project.number"), &number))
        return 0; /* on a board that we may not see */
    struct board_item *to = MANY_ADD(r->arena, &f->items, struct board_item);
    to->id = json_text(json_get(one, "id"));
    to->board = arena_fmt(r->arena, "%s:%" PRId64, owner, number);
    JSON_EACH (value, json_path(one, "fieldValues.nodes")) {
        struct board_value v = {0};
        if (json_kind(value) != JSON_OBJECT)
            continue;
        if (field_read(&ghboard_value_table, value, r->arena, &v, e) < 0)
            return err_within(e, "read places on boards");
        if (v.field && v.value)
            *MANY_ADD(r->arena, &to->values, struct board_value) = v;
    }
    return 0;
}

static int ghboard_items_take(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    ghboard_statuses_take(r);
    struct json_out o;
    const struct json *items = json_path(r->answer, "data.repository.pullRequest.projectItems");
    const char *after = json_text(json_path(items, "pageInfo.endCursor"));
    if (json_kind(items) != JSON_OBJECT)
        return ghboard_none(r, "there is no such pull request, or we may not see it");
    JSON_EACH (one, json_get(items, "nodes"))
        if (ghboard_item(r, one, walk_here(r), e) < 0)
            return -ERR_INPUT;
    walk_here(r);
    if (!after || !json_bool(json_path(items, "pageInfo.hasNextPage"), false))
        return STEP_DONE;
    walk_open(&t, &o);
    json_put_text(&o, "after", after);
    int rc = walk_note(r, &t, &o, e);
    return rc < 0 ? rc : walk_next(r, 0);
}

/* Boards of another organisation may be hidden from us: those that are not, count. */
static int ghboard_items_refused(struct walk *r, struct err *why)
{
    bool is_partial = why->class == ERR_INPUT &&
                      json_kind(json_path(r->answer, "data.repository.pullRequest.projectItems")) == JSON_OBJECT;
    if (is_partial)
        return ghboard_items_take(r, why);
    ghboard_statuses_take(r);
    return ghboard_absent(r, why);
}

/* --- changes --- */

static int ghboard_add_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    if (text_blank(c->id) || text_blank(c->content))
        return fail(e, ERR_BUG, "add to board: the board or what to add is not named");
    ghboard_open(r, ghboard_add, &t, &o);
    json_put_text(&o, "projectId", c->id);
    json_put_text(&o, "prNodeId", c->content);
    return ghboard_send(r, &t, &o, e);
}

static int ghboard_add_take(struct walk *r, struct err *e)
{
    return walk_made(r, json_path(r->answer, "data.addProjectV2ItemById.item"), "id", "add to board", e);
}

static const char *ghboard_update(enum value_kind kind)
{
    if (kind == VALUE_NUMBER)
        return GHBOARD_UPDATE("Float", "number");
    return kind == VALUE_DATE ? GHBOARD_UPDATE("Date", "date") : GHBOARD_UPDATE("String", "text");
}

static int ghboard_field_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    const struct field_value *v = c->fields.v;
    if (text_blank(c->id) || text_blank(c->other.ref) || c->fields.n != 1 || text_blank(v->field))
        return fail(e, ERR_BUG, "set board field: the board, the item or the field is not named");
    bool clears = v->kind == VALUE_NULL || (v->kind != VALUE_NUMBER && !v->text);
    ghboard_open(r, clears ? ghboard_clear : ghboard_update(v->kind), &t, &o);
    json_put_text(&o, "projectId", c->id);
    json_put_text(&o, "itemId", c->other.ref);
    json_put_text(&o, "fieldId", v->field);
    if (!clears) {
        struct field_value named = *v;
        named.field = "value";
        tracker_put_value(&o, &named);
    }
    return ghboard_send(r, &t, &o, e);
}

/* --- the lists of work --- */

const struct walk_phase github_board_read[1] = {
    {"read board", "POST", HTTP_READ, ghboard_read_ask, ghboard_read_take, ghboard_absent}};
const struct walk_phase github_board_items[1] = {
    {"read places on boards", "POST", HTTP_READ, ghboard_items_ask, ghboard_items_take, ghboard_items_refused}};
/* What is on a board already stays there, and is told again. */
const struct walk_phase github_board_add[1] = {
    {"add to board", "POST", HTTP_IDEMPOTENT, ghboard_add_ask, ghboard_add_take, NULL}};
const struct walk_phase github_board_field[1] = {
    {"set board field", "POST", HTTP_IDEMPOTENT, ghboard_field_ask, NULL, NULL}};
