/* Values of Jira's fields: called in the configuration as people see them, written as each field's type wants it. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"

enum { FIELD_VALUE_BYTES = 32 * 1024 };

static const struct fill_type { /* how a field of that type is written */
    const char *type;
    enum value_kind kind;
} fill_types[] = {
    {"string", VALUE_TEXT},
    {"date", VALUE_TEXT},
    {"datetime", VALUE_TEXT},
    {"any", VALUE_TEXT},
    {"number", VALUE_NUMBER},
    {"option", VALUE_OPTION},
    {"resolution", VALUE_NAME},
    {"priority", VALUE_NAME},
    {"version", VALUE_NAME},
    {"securitylevel", VALUE_NAME},
    {"array of option", VALUE_OPTIONS},
    {"array of version", VALUE_NAMES},
    {"array of component", VALUE_NAMES},
};

static const struct board_field *fill_find(const struct fact *fields, const char *name)
{
    const struct board_field *by_name = NULL;
    MANY_EACH(const struct board_field, f, &fields->fields)
    {
        if (text_same(f->id, name))
            return f;
        if (!by_name && text_same_nocase(f->name, name))
            by_name = f;
    }
    return by_name;
}

/* Why the value cannot be written, else NULL. */
static const char *fill_value(const struct contrib_case *c, const struct board_field *f, const char *text,
                              struct field_value *ret)
{
    size_t i = 0;
    while (i < COUNT(fill_types) && !text_same(fill_types[i].type, f->type))
        i++;
    if (i == COUNT(fill_types))
        return arena_fmt(c->a, "field \"%s\" is of type %s, which cannot be written from a text", f->name, f->type);
    *ret = (struct field_value){.field = f->id, .kind = fill_types[i].kind, .text = text};
    if (ret->kind != VALUE_NUMBER)
        return NULL;
    ret->text = NULL;
    return str_int(str_of(text), &ret->number) ? NULL
                                               : arena_fmt(c->a, "field \"%s\": \"%s\" is no number", f->name, text);
}

static bool fill_has(const struct many *fields, const char *id)
{
    MANY_EACH(const struct field_value, v, fields)
    if (text_same(v->field, id))
        return true;
    return false;
}

static const struct fact *fill_known(struct contrib_case *c)
{
    return plan_need(c->a, c->facts, c->decision,
                     &(const struct fact_key){.kind = FACT_FIELDS, .tracker = c->bridge->to->name, .ref = ""});
}

static void fill_put(struct contrib_case *c, const struct fact *known, const char *name, const char *text,
                     struct many *to)
{
    struct field_value v = {0};
    const struct board_field *f = fill_find(known, name);
    const char *why = f ? NULL : arena_fmt(c->a, "Jira has no field \"%s\"", name);
    if (text_blank(text) || (f && fill_has(to, f->id)))
        return;
    if (!why)
        why = fill_value(c, f, text, &v);
    if (why)
        contrib_note(c, why);
    else
        *MANY_ADD(c->a, to, struct field_value) = v;
}

bool ticket_put_fields(struct contrib_case *c, const struct opt_pairs *pairs, struct many *to)
{
    const struct fact *known = pairs->n ? fill_known(c) : NULL;
    for (size_t i = 0; known && i < pairs->n; i++)
        fill_put(c, known, pairs->v[i].name, pairs->v[i].values.n ? pairs->v[i].values.v[0] : NULL, to);
    return known || pairs->n == 0;
}

/* --- values that name the pull request --- */

/* Their login, unless a value wants the name and the account has one. False: still to be asked. */
static bool fill_author(struct contrib_case *c, const char **ret)
{
    const struct tickets *own = &c->own->tickets;
    bool wants = false;
    *ret = c->issue->creator;
    for (size_t i = 0; i < own->n_values; i++)
        wants |= strstr(own->values[i].source, "author_name") != NULL;
    if (!wants || text_blank(c->issue->creator))
        return true;
    const struct fact *who = contrib_need(c, FACT_PERSON, c->issue->creator);
    const struct person *person = contrib_here(who) && who->people.n ? who->people.v : NULL;
    *ret = person && !text_blank(person->name) ? person->name : *ret;
    return who != NULL;
}

bool ticket_put_values(struct contrib_case *c, struct many *to)
{
    const struct tickets *own = &c->own->tickets;
    const char *author = NULL, *hash = strrchr(c->issue->ref, '#');
    const struct fact *known = own->n_values ? fill_known(c) : NULL;
    bool has_author = fill_author(c, &author);
    if (!own->n_values || !known || !has_author)
        return own->n_values == 0;
    const struct contributor *who = people_find(&c->own->people, c->issue->creator ? c->issue->creator : "");
    const struct template_value v[] = {
        {"url", c->issue->url},
        {"repo", c->issue->project},
        {"number", hash ? hash + 1 : NULL},
        {"title", c->issue->summary},
        {"author", c->issue->creator},
        {"author_name", author},
        {"institution", who ? who->institution : NULL},
        {"added", arena_fmt(c->a, "%" PRId64, c->issue->pull.added)},
        {"deleted", arena_fmt(c->a, "%" PRId64, c->issue->pull.deleted)},
    };
    const struct template_values values = {v, COUNT(v)};
    for (size_t i = 0; i < own->n_values; i++) {
        AUTO(text_auto) struct text t;
        text_init(&t, FIELD_VALUE_BYTES);
        if (own->values[i].value)
            template_write(own->values[i].value, &values, &t);
        fill_put(c, known, own->values[i].name, arena_str(c->a, str_trim(text_str(&t))), to);
    }
    return true;
}
