#include "base/base.h"
#include "model/fact.h"

static const char *const fact_kind_words[FACT_KINDS] = {[FACT_ISSUE] = "issue",
                                                        [FACT_COMMENTS] = "comments",
                                                        [FACT_ATTACHMENTS] = "attachments",
                                                        [FACT_USERS] = "users",
                                                        [FACT_LINKED] = "linked",
                                                        [FACT_WHOAMI] = "whoami",
                                                        [FACT_HOOKS] = "hooks",
                                                        [FACT_PROJECTS] = "projects",
                                                        [FACT_PERMISSIONS] = "permissions",
                                                        [FACT_COMPONENTS] = "components",
                                                        [FACT_ISSUE_TYPES] = "issue_types",
                                                        [FACT_HEALTH] = "health",
                                                        [FACT_STATUSES] = "statuses",
                                                        [FACT_FILE] = "file",
                                                        [FACT_PERSON] = "person",
                                                        [FACT_BOARD] = "board",
                                                        [FACT_BOARD_ITEMS] = "board_items",
                                                        [FACT_ISSUES] = "issues",
                                                        [FACT_REPOSITORIES] = "repositories",
                                                        [FACT_DELIVERIES] = "deliveries",
                                                        [FACT_DELIVERY] = "delivery",
                                                        [FACT_LABELS] = "labels",
                                                        [FACT_PALETTE] = "palette",
                                                        [FACT_ACCOUNTS] = "accounts",
                                                        [FACT_MEMBERS] = "members",
                                                        [FACT_FIELDS] = "fields"};
static const struct words fact_kind_list = {fact_kind_words, FACT_KINDS};

static const char *const fact_state_words[FACT_FAILED + 1] = {[FACT_HERE] = "here",
                                                              [FACT_MISSING] = "missing",
                                                              [FACT_FORBIDDEN] = "forbidden",
                                                              [FACT_SAME] = "same",
                                                              [FACT_FAILED] = "failed"};
static const struct words fact_state_list = {fact_state_words, FACT_FAILED + 1};

static const struct field fact_key_fields[] = {
    F_WORD(struct fact_key, kind, "kind", fact_kind_list),
    F_TEXT(struct fact_key, tracker, "tracker"),
    F_TEXT(struct fact_key, ref, "ref"),
    F_TEXT(struct fact_key, by, "by"),
    F_TEXT(struct fact_key, unless, "unless"),
    F_BOOL(struct fact_key, may_fail, "may_fail"),
};
const struct field_table fact_key_table = FIELD_TABLE("fact key", struct fact_key, fact_key_fields);

static const struct field hook_fields[] = {
    F_TEXT(struct hook, id, "id"),           F_TEXT(struct hook, name, "name"),
    F_TEXT(struct hook, url, "url"),         F_TEXT(struct hook, event, "event"),
    F_TEXT(struct hook, product, "product"), F_TEXT(struct hook, component, "component"),
    F_BOOL(struct hook, enabled, "enabled"), F_INT(struct hook, errors, "errors"),
};
const struct field_table hook_table = FIELD_TABLE("hook", struct hook, hook_fields);

static const struct field linked_fields[] = {
    F_TEXT(struct linked, tracker, "tracker"),
    F_TEXT(struct linked, ref, "ref"),
    F_INT(struct linked, event, "event"),
    F_BOOL(struct linked, is_confirmed, "is_confirmed"),
};
const struct field_table linked_table = FIELD_TABLE("linked", struct linked, linked_fields);

static const struct field commit_status_fields[] = {
    F_TEXT(struct commit_status, context, "context"),
    F_TEXT(struct commit_status, state, "state"),
    F_TEXT(struct commit_status, description, "description"),
    F_TEXT(struct commit_status, url, "url"),
    F_WHEN(struct commit_status, at_ms, "at"),
};
const struct field_table commit_status_table = FIELD_TABLE("commit status", struct commit_status, commit_status_fields);

static const struct field board_field_fields[] = {
    F_TEXT(struct board_field, id, "id"),
    F_TEXT(struct board_field, name, "name"),
    F_TEXT(struct board_field, type, "type"),
};
const struct field_table board_field_table = FIELD_TABLE("board field", struct board_field, board_field_fields);

static const struct field board_value_fields[] = {
    F_TEXT(struct board_value, field, "field"),
    F_TEXT(struct board_value, value, "value"),
};
const struct field_table board_value_table = FIELD_TABLE("board value", struct board_value, board_value_fields);

static const struct field board_item_fields[] = {
    F_TEXT(struct board_item, id, "id"),
    F_TEXT(struct board_item, board, "board"),
    F_MANY(struct board_item, values, "values", board_value_table),
};
const struct field_table board_item_table = FIELD_TABLE("board item", struct board_item, board_item_fields);

static const struct field hook_delivery_fields[] = {
    F_TEXT(struct hook_delivery, id, "id"),
    F_TEXT(struct hook_delivery, guid, "guid"),
    F_TEXT(struct hook_delivery, event, "event"),
    F_TEXT(struct hook_delivery, action, "action"),
    F_TEXT(struct hook_delivery, repository, "repository"),
    F_WHEN(struct hook_delivery, at_ms, "at"),
    F_INT(struct hook_delivery, status, "status"),
    F_BOOL(struct hook_delivery, is_again, "is_again"),
};
const struct field_table hook_delivery_table = FIELD_TABLE("delivery", struct hook_delivery, hook_delivery_fields);

static const struct field label_fields[] = {
    F_TEXT(struct label, name, "name"),
    F_TEXT(struct label, color, "color"),
    F_TEXT(struct label, description, "description"),
};
const struct field_table label_table = FIELD_TABLE("label", struct label, label_fields);

static const struct field fact_fields[] = {
    F_ONE(struct fact, key, "key", fact_key_table),
    F_WORD(struct fact, state, "state", fact_state_list),
    F_TEXT(struct fact, why, "why"),
    F_TEXT(struct fact, class, "class"),
    F_ONE(struct fact, issue, "issue", issue_table),
    F_MANY(struct fact, comments, "comments", comment_table),
    F_MANY(struct fact, attachments, "attachments", attachment_table),
    F_MANY(struct fact, people, "people", person_table),
    F_MANY(struct fact, names, "names", named_table),
    F_MANY(struct fact, hooks, "hooks", hook_table),
    F_MANY(struct fact, links, "links", linked_table),
    F_MANY(struct fact, statuses, "statuses", commit_status_table),
    F_MANY(struct fact, fields, "fields", board_field_table),
    F_MANY(struct fact, items, "items", board_item_table),
    F_MANY(struct fact, issues, "issues", issue_table),
    F_MANY(struct fact, deliveries, "deliveries", hook_delivery_table),
    F_MANY(struct fact, labels, "labels", label_table),
    F_TEXT(struct fact, text, "text"),
    F_TEXT(struct fact, tag, "tag"),
};
const struct field_table fact_table = FIELD_TABLE("fact", struct fact, fact_fields);

const char *fact_kind_name(enum fact_kind kind)
{
    return kind < FACT_KINDS ? fact_kind_words[kind] : "unknown";
}

bool fact_key_same(const struct fact_key *a, const struct fact_key *b)
{
    return a->kind == b->kind && text_same(a->tracker, b->tracker) && text_same(a->ref, b->ref) &&
           text_same(a->by, b->by) && text_same(a->unless, b->unless);
}

const struct fact *facts_find(const struct facts *f, const struct fact_key *key)
{
    for (size_t i = 0; i < f->n; i++)
        if (fact_key_same(&f->v[i]->key, key))
            return f->v[i];
    return NULL;
}

void facts_add(struct arena *a, struct facts *f, struct fact *fact)
{
    struct many list = {f->v, f->n};
    *(struct fact **)many_add(a, &list, sizeof(struct fact *)) = fact;
    *f = (struct facts){list.v, list.n};
}
