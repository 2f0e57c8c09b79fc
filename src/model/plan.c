#include "base/base.h"
#include "model/plan.h"

static const char *const change_kind_words[CHANGE_KINDS] = {[CHANGE_CREATE] = "create",
                                                            [CHANGE_DELETE] = "delete",
                                                            [CHANGE_FIELDS] = "fields",
                                                            [CHANGE_LABELS] = "labels",
                                                            [CHANGE_STATUS] = "status",
                                                            [CHANGE_ASSIGN] = "assign",
                                                            [CHANGE_COMPONENTS] = "components",
                                                            [CHANGE_COMMENT] = "comment",
                                                            [CHANGE_WEB_LINK] = "web_link",
                                                            [CHANGE_SEE_ALSO] = "see_also",
                                                            [CHANGE_LINK] = "link",
                                                            [CHANGE_UNLINK] = "unlink",
                                                            [CHANGE_EDIT_COMMENT] = "edit_comment",
                                                            [CHANGE_REMOVE_COMMENT] = "remove_comment",
                                                            [CHANGE_COMMIT_STATUS] = "commit_status",
                                                            [CHANGE_BOARD_ADD] = "board_add",
                                                            [CHANGE_BOARD_FIELD] = "board_field",
                                                            [CHANGE_LABEL_SET] = "label_set",
                                                            [CHANGE_LABEL_DELETE] = "label_delete",
                                                            [CHANGE_HOOK] = "hook",
                                                            [CHANGE_REMOVE_HOOK] = "remove_hook",
                                                            [CHANGE_PING_HOOK] = "ping_hook",
                                                            [CHANGE_GROUP_ADD] = "group_add"};
static const struct words change_kind_list = {change_kind_words, CHANGE_KINDS};

static const char *const value_kind_words[VALUE_KINDS] = {
    [VALUE_TEXT] = "text",     [VALUE_NUMBER] = "number", [VALUE_NULL] = "null",       [VALUE_NAME] = "name",
    [VALUE_OPTION] = "option", [VALUE_NAMES] = "names",   [VALUE_OPTIONS] = "options", [VALUE_DATE] = "date"};
static const struct words value_kind_list = {value_kind_words, VALUE_KINDS};

static const char *const verdict_words[VERDICTS] = {
    [VERDICT_UNCHANGED] = "unchanged", [VERDICT_APPLIED] = "applied", [VERDICT_DISCARDED] = "discarded",
    [VERDICT_DROPPED] = "dropped",     [VERDICT_EXPIRED] = "expired", [VERDICT_QUEUED] = "queued",
    [VERDICT_RUNNING] = "running",     [VERDICT_BEHIND] = "behind",   [VERDICT_PARKED] = "parked"};
static const struct words verdict_list = {verdict_words, VERDICTS};

static const struct field field_value_fields[] = {
    F_TEXT(struct field_value, field, "field"),
    F_WORD(struct field_value, kind, "kind", value_kind_list),
    F_TEXT(struct field_value, text, "text"),
    F_INT(struct field_value, number, "number"),
};
const struct field_table field_value_table = FIELD_TABLE("field value", struct field_value, field_value_fields);

static const struct field target_fields[] = {
    F_TEXT(struct target, tracker, "tracker"),
    F_TEXT(struct target, ref, "ref"),
    F_COUNT(struct target, made_by, "made_by"),
};
const struct field_table target_table = FIELD_TABLE("target", struct target, target_fields);

static const struct field change_fields[] = {
    F_WORD(struct change, kind, "kind", change_kind_list),
    F_TEXT(struct change, step, "step"),
    F_ONE(struct change, issue, "issue", target_table),
    F_ONE(struct change, other, "other", target_table),
    F_TEXT(struct change, marker, "marker"),
    F_BOOL(struct change, may_refuse, "may_refuse"),
    F_BOOL(struct change, or_nobody, "or_nobody"),
    F_BOOL(struct change, may_create, "may_create"),
    F_BOOL(struct change, is_resolved, "is_resolved"),
    F_BOOL(struct change, may_search, "may_search"),
    F_BOOL(struct change, may_exist, "may_exist"),
    F_TEXT(struct change, project, "project"),
    F_TEXT(struct change, name, "name"),
    F_TEXT(struct change, text, "text"),
    F_TEXT(struct change, data, "data"),
    F_TEXT(struct change, id, "id"),
    F_TEXT(struct change, content, "content"),
    F_TEXT(struct change, value, "value"),
    F_TEXT(struct change, url, "url"),
    F_TEXT(struct change, icon, "icon"),
    F_TEXT(struct change, global_id, "global_id"),
    F_MANY(struct change, fields, "fields", field_value_table),
    F_TEXTS(struct change, add, "add"),
    F_TEXTS(struct change, remove, "remove"),
    F_TEXTS(struct change, via, "via"),
};
const struct field_table change_table = FIELD_TABLE("change", struct change, change_fields);

static const struct field unit_fields[] = {
    F_TEXT(struct unit, rule, "rule"),           F_BOOL(struct unit, matched, "matched"),
    F_TEXT(struct unit, reason, "reason"),       F_BOOL(struct unit, discarded, "discarded"),
    F_TEXT(struct unit, fails, "fails"),         F_TEXT(struct unit, operation, "operation"),
    F_TEXT(struct unit, target, "target"),       F_MANY(struct unit, changes, "changes", change_table),
    F_BOOL(struct unit, is_learnt, "is_learnt"), F_TEXTS(struct unit, notes, "notes"),
    F_TEXTS(struct unit, undone, "undone"),
};
const struct field_table unit_table = FIELD_TABLE("unit", struct unit, unit_fields);

static const struct field decision_fields[] = {
    F_MANY(struct decision, units, "units", unit_table),
    F_TEXT(struct decision, reason, "reason"),
    F_MANY(struct decision, needs, "needs", fact_key_table),
};
const struct field_table decision_table = FIELD_TABLE("decision", struct decision, decision_fields);

const char *change_kind_name(enum change_kind kind)
{
    return kind < CHANGE_KINDS ? change_kind_words[kind] : "unknown";
}

const char *value_kind_name(enum value_kind kind)
{
    return kind < VALUE_KINDS ? value_kind_words[kind] : "unknown";
}

const char *verdict_name(enum verdict v)
{
    return v < VERDICTS ? verdict_words[v] : "unknown";
}

bool verdict_parse(const char *name, enum verdict *ret)
{
    int place = words_find(&verdict_list, name);
    if (place < 0)
        return false;
    *ret = (enum verdict)place;
    return true;
}
