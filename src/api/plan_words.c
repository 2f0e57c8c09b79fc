#include "base/base.h"
#include "api/plan_words.h"
#include "base/text.h"

enum { PLAN_WORDS_BYTES = 80 };

const char *plan_seen(const char *text)
{
    const char *at = text ? text : "";
    for (;;) {
        at += strspn(at, " \t\r\n");
        const char *end = strncmp(at, "<!--", 4) == 0 ? strstr(at, "-->") : NULL;
        if (!end)
            return at;
        at = end + 3;
    }
}

static void plan_quote(struct text *to, const char *text)
{
    const char *seen = plan_seen(text);
    struct str line = {seen, strcspn(seen, "\r\n")};
    size_t n = line.n < PLAN_WORDS_BYTES ? line.n : PLAN_WORDS_BYTES;
    while (n < line.n && n > 0 && ((unsigned char)line.p[n] & 0xc0) == 0x80) /* not within a character */
        n--;
    text_addz(to, "\"");
    text_add(to, (struct str){line.p, n});
    text_addz(to, n < line.n ? "…\"" : "\"");
}

static void plan_list(struct text *to, const char *verb, const struct texts *list)
{
    for (size_t i = 0; i < list->n; i++)
        text_addf(to, "%s%s", i ? ", " : verb, list->v[i]);
}

static void plan_labels(const struct change *c, struct text *to)
{
    text_addz(to, "labels:");
    plan_list(to, " add ", &c->add);
    text_addz(to, c->add.n > 0 && c->remove.n > 0 ? ";" : "");
    plan_list(to, " remove ", &c->remove);
}

static void plan_value(struct text *to, const struct field_value *v)
{
    if (v->kind == VALUE_NUMBER)
        text_addf(to, "%" PRId64, v->number);
    else
        plan_quote(to, v->text);
}

static void plan_create(const struct change *c, struct text *to)
{
    text_addf(to, "project %s of %s: create an issue", c->project ? c->project : "", c->issue.tracker);
    MANY_EACH(const struct field_value, v, &c->fields)
    if (text_same(v->field, "summary")) {
        text_addc(to, ' ');
        plan_value(to, v);
    }
}

static void plan_comment(const struct change *c, struct text *to)
{
    text_addz(to, "comment: add ");
    plan_quote(to, c->text);
}

static void plan_edit_comment(const struct change *c, struct text *to)
{
    text_addf(to, "comment %s: becomes ", c->id ? c->id : "");
    plan_quote(to, c->text);
}

static void plan_remove_comment(const struct change *c, struct text *to)
{
    text_addf(to, "comment %s: remove", c->id ? c->id : "");
}

static void plan_commit_status(const struct change *c, struct text *to)
{
    text_addf(to, "status %s: %s, ", c->name ? c->name : "", c->value ? c->value : "");
    plan_quote(to, c->text);
}

static void plan_board_add(const struct change *c, struct text *to)
{
    text_addf(to, "board item: put it on %s", c->name ? c->name : "");
}

static void plan_board_field(const struct change *c, struct text *to)
{
    text_addf(to, "board item: %s = ", c->name ? c->name : "");
    MANY_EACH(const struct field_value, v, &c->fields)
    plan_value(to, v);
}

static void plan_label_set(const struct change *c, struct text *to)
{
    text_addf(to, "label %s: %s", c->id ? c->id : c->name, c->id ? "becomes" : "create");
    if (c->id && !text_same(c->id, c->name))
        text_addf(to, " %s", c->name);
    if (c->value)
        text_addf(to, " #%s", c->value);
    if (!c->text)
        return;
    text_addc(to, ' ');
    plan_quote(to, c->text);
}

static void plan_label_delete(const struct change *c, struct text *to)
{
    text_addf(to, "label %s: delete", c->id ? c->id : "");
}

static void plan_group_add(const struct change *c, struct text *to)
{
    text_addf(to, "group %s: add the user", c->name ? c->name : "");
}

static void plan_other(const struct change *c, struct text *to)
{
    text_addz(to, change_kind_name(c->kind));
    if (c->name)
        text_addf(to, " %s", c->name);
    if (c->text) {
        text_addc(to, ' ');
        plan_quote(to, c->text);
    }
    MANY_EACH(const struct field_value, v, &c->fields)
    {
        text_addf(to, " %s = ", v->field);
        plan_value(to, v);
    }
}

void plan_words(const struct change *c, const char *subject, struct text *to)
{
    static void (*const words[CHANGE_KINDS])(const struct change *c, struct text *to) = {
        [CHANGE_CREATE] = plan_create,
        [CHANGE_LABELS] = plan_labels,
        [CHANGE_COMMENT] = plan_comment,
        [CHANGE_EDIT_COMMENT] = plan_edit_comment,
        [CHANGE_REMOVE_COMMENT] = plan_remove_comment,
        [CHANGE_COMMIT_STATUS] = plan_commit_status,
        [CHANGE_BOARD_ADD] = plan_board_add,
        [CHANGE_BOARD_FIELD] = plan_board_field,
        [CHANGE_LABEL_SET] = plan_label_set,
        [CHANGE_LABEL_DELETE] = plan_label_delete,
        [CHANGE_GROUP_ADD] = plan_group_add,
    };
    size_t n = c->issue.tracker ? strlen(c->issue.tracker) : 0;
    bool is_own = n > 0 && strncmp(subject, c->issue.tracker, n) == 0 && text_same(subject + n + 1, c->issue.ref);
    if (c->kind < CHANGE_KINDS && words[c->kind])
        words[c->kind](c, to);
    else
        plan_other(c, to);
    if (c->issue.ref && !is_own)
        text_addf(to, " (%s:%s)", c->issue.tracker, c->issue.ref);
}
