#include "base/base.h"
#include "model/issue.h"

static const struct field person_fields[] = {
    F_TEXT(struct person, id, "id"),
    F_TEXT(struct person, login, "login"),
    F_TEXT(struct person, name, "name"),
    F_TEXT(struct person, mail, "mail"),
};
const struct field_table person_table = FIELD_TABLE("person", struct person, person_fields);

static const struct field comment_fields[] = {
    F_TEXT(struct comment, id, "id"),         F_INT(struct comment, number, "number"),
    F_TEXT(struct comment, author, "author"), F_TEXT(struct comment, text, "text"),
    F_TEXT(struct comment, marker, "marker"), F_BOOL(struct comment, is_private, "is_private"),
    F_WHEN(struct comment, at_ms, "at"),
};
const struct field_table comment_table = FIELD_TABLE("comment", struct comment, comment_fields);

static const struct field attachment_fields[] = {
    F_TEXT(struct attachment, id, "id"),
    F_TEXT(struct attachment, content_type, "content_type"),
    F_TEXT(struct attachment, description, "description"),
    F_TEXT(struct attachment, file_name, "file_name"),
    F_BOOL(struct attachment, is_private, "is_private"),
    F_BOOL(struct attachment, is_obsolete, "is_obsolete"),
    F_BOOL(struct attachment, is_patch, "is_patch"),
    F_WHEN(struct attachment, at_ms, "at"),
};
const struct field_table attachment_table = FIELD_TABLE("attachment", struct attachment, attachment_fields);

static const struct field named_fields[] = {
    F_TEXT(struct named, id, "id"),
    F_TEXT(struct named, name, "name"),
};
const struct field_table named_table = FIELD_TABLE("named", struct named, named_fields);

static const struct field issue_link_fields[] = {
    F_TEXT(struct issue_link, id, "id"),
    F_TEXT(struct issue_link, type, "type"),
    F_BOOL(struct issue_link, is_inward, "is_inward"),
    F_TEXT(struct issue_link, other, "other"),
};
const struct field_table issue_link_table = FIELD_TABLE("issue link", struct issue_link, issue_link_fields);

static const struct field issue_change_fields[] = {
    F_WHEN(struct issue_change, at_ms, "at"),    F_TEXT(struct issue_change, by, "by"),
    F_TEXT(struct issue_change, field, "field"), F_TEXT(struct issue_change, removed, "removed"),
    F_TEXT(struct issue_change, added, "added"),
};
const struct field_table issue_change_table = FIELD_TABLE("change", struct issue_change, issue_change_fields);

static const struct field pull_fields[] = {
    F_BOOL(struct pull, is_draft, "is_draft"),
    F_TEXT(struct pull, head, "head"),
    F_TEXT(struct pull, association, "association"),
    F_WHEN(struct pull, merged_ms, "merged"),
    F_INT(struct pull, added, "added"),
    F_INT(struct pull, deleted, "deleted"),
};
const struct field_table pull_table = FIELD_TABLE("pull request", struct pull, pull_fields);

static const struct field issue_fields[] = {
    F_TEXT(struct issue, ref, "ref"),
    F_TEXT(struct issue, id, "id"),
    F_TEXT(struct issue, url, "url"),
    F_TEXT(struct issue, project, "project"),
    F_BOOL(struct issue, is_private, "is_private"),
    F_TEXT(struct issue, summary, "summary"),
    F_TEXT(struct issue, description, "description"),
    F_TEXT(struct issue, type, "type"),
    F_TEXT(struct issue, product, "product"),
    F_TEXT(struct issue, component, "component"),
    F_TEXT(struct issue, whiteboard, "whiteboard"),
    F_TEXT(struct issue, status, "status"),
    F_TEXT(struct issue, resolution, "resolution"),
    F_TEXT(struct issue, priority, "priority"),
    F_TEXT(struct issue, severity, "severity"),
    F_TEXT(struct issue, points, "points"),
    F_TEXT(struct issue, creator, "creator"),
    F_TEXT(struct issue, creator_kind, "creator_kind"),
    F_TEXT(struct issue, assignee, "assignee"),
    F_TEXT(struct issue, dupe_of, "dupe_of"),
    F_WHEN(struct issue, created_ms, "created"),
    F_WHEN(struct issue, closed_ms, "closed"),
    F_WHEN(struct issue, changed_ms, "changed"),
    F_TEXTS(struct issue, keywords, "keywords"),
    F_TEXTS(struct issue, labels, "labels"),
    F_TEXTS(struct issue, see_also, "see_also"),
    F_TEXTS(struct issue, groups, "groups"),
    F_TEXTS(struct issue, depends_on, "depends_on"),
    F_TEXTS(struct issue, blocks, "blocks"),
    F_TEXTS(struct issue, duplicates, "duplicates"),
    F_TEXTS(struct issue, regressions, "regressions"),
    F_TEXTS(struct issue, regressed_by, "regressed_by"),
    F_MANY(struct issue, components, "components", named_table),
    F_MANY(struct issue, links, "links", issue_link_table),
    F_MANY(struct issue, past, "past", issue_change_table),
    F_ONE(struct issue, pull, "pull", pull_table),
};
const struct field_table issue_table = FIELD_TABLE("issue", struct issue, issue_fields);
