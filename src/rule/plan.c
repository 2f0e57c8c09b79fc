#include "base/base.h"
#include "rule/plan_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"
#include "rule/markup.h"

const struct fact *plan_need(struct arena *a, const struct facts *known, struct decision *d, const struct fact_key *key)
{
    const struct fact *fact = facts_find(known, key);
    if (fact)
        return fact;
    const struct fact_key *asked = d->needs.v;
    for (size_t i = 0; i < d->needs.n; i++)
        if (fact_key_same(&asked[i], key))
            return NULL;
    *MANY_ADD(a, &d->needs, struct fact_key) = *key;
    return NULL;
}

struct change *plan_change(struct arena *a, struct unit *unit, enum change_kind kind)
{
    struct change *change = MANY_ADD(a, &unit->changes, struct change);
    change->kind = kind;
    return change;
}

void plan_field(struct arena *a, struct change *change, struct field_value v)
{
    *MANY_ADD(a, &change->fields, struct field_value) = v;
}

void plan_note(struct arena *a, struct unit *unit, const char *text)
{
    if (!texts_have(&unit->notes, text))
        texts_add(a, &unit->notes, text);
}

size_t plan_points(struct str s, size_t units)
{
    size_t points = 0, at = 0;
    while (at < s.n) {
        size_t takes = utf8_next(s, &at) > 0xffff ? 2 : 1;
        if (takes > units)
            break;
        units -= takes;
        points++;
    }
    return points;
}

/* Without line breaks and other control characters, at both ends without white space. */
static const char *plan_one_line(struct arena *a, const char *text)
{
    char *line = arena_text(a, text ? text : "");
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    return arena_str(a, str_trim(str_of(line)));
}

const char *plan_summary(struct arena *a, const char *text, size_t limit)
{
    const char *line = plan_one_line(a, text);
    size_t most = plan_points(str_of(line), JIRA_SUMMARY_UNITS);
    return text_cut_words(a, line, limit < most ? limit : most);
}
