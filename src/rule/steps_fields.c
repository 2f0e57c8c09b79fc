/* Fields set through a map of the action, and components. */
#include "base/base.h"
#include "rule/steps_private.h"

#include "base/arena.h"

struct fieldstep {       /* one field */
    const char *changed; /* its name in the event */
    const char *source;  /* the bug's value */
    const char *map_name;
    const struct jbi_map *map;
    const char *field; /* at Jira */
    enum value_kind kind;
    const char *now; /* the issue's value; NULL when we cannot tell */
};

static void fieldstep_set(struct rule_case *c, const struct fieldstep *s)
{
    const char *source = s->source ? s->source : "";
    bool full = rule_full(c);
    if (full && (source[0] == '\0' || strcmp(source, "---") == 0))
        return;
    if (c->group == JBI_EXISTING && !rule_touched(c, s->changed))
        return;
    const struct jbi_pair *pair = jbi_map_get(s->map, source);
    if (!pair) {
        rule_note(c, arena_fmt(c->a, "%s \"%s\" is not in %s", s->changed, source, s->map_name));
        return;
    }
    struct field_value v = {.field = s->field, .kind = VALUE_NULL};
    if (s->kind == VALUE_NUMBER) {
        v.kind = VALUE_NUMBER;
        v.number = pair->number;
    } else if (pair->to) {
        v.kind = s->kind;
        v.text = pair->to;
        if (text_same(s->now, pair->to))
            return;
    }
    rule_field(c, rule_change(c, CHANGE_FIELDS), v);
}

/* The issue's value of a field that we know only under Jira's own name. */
static const char *fieldstep_now(const char *field, const char *name, const char *value)
{
    return text_same(field, name) ? value : NULL;
}

void step_priority(struct rule_case *c)
{
    const struct jbi_action *action = c->action;
    const char *now = c->issue ? c->issue->priority : NULL;
    fieldstep_set(c, &(struct fieldstep){"priority", c->bug->priority, "priority_map", &action->priority_map,
                                         action->priority_field, VALUE_NAME,
                                         fieldstep_now(action->priority_field, "priority", now)});
}

void step_resolution(struct rule_case *c)
{
    const struct jbi_action *action = c->action;
    const char *now = c->issue ? c->issue->resolution : NULL;
    fieldstep_set(c, &(struct fieldstep){"resolution", c->bug->resolution, "resolution_map", &action->resolution_map,
                                         action->resolution_field, VALUE_NAME,
                                         fieldstep_now(action->resolution_field, "resolution", now)});
}

void step_severity(struct rule_case *c)
{
    fieldstep_set(c, &(struct fieldstep){"severity", c->bug->severity, "severity_map", &c->action->severity_map,
                                         c->action->severity_field, VALUE_OPTION, NULL});
}

void step_points(struct rule_case *c)
{
    fieldstep_set(c, &(struct fieldstep){"cf_fx_points", c->bug->points, "cf_fx_points_map", &c->action->points_map,
                                         c->action->points_field, VALUE_NUMBER, NULL});
}

static bool fieldstep_has(const struct many *components, const char *name)
{
    const struct named *v = components->v;
    for (size_t i = 0; i < components->n; i++)
        if (text_same(v[i].name, name))
            return true;
    return false;
}

static void fieldstep_name(struct arena *a, struct texts *names, const char *name)
{
    if (!text_blank(name) && !texts_have(names, name))
        texts_add(a, names, name);
}

/* The components that a bug in this product and component asks for. */
static void fieldstep_components(const struct rule_case *c, const char *product, const char *component,
                                 struct texts *ret)
{
    if (c->action->use_bug_component)
        fieldstep_name(c->a, ret, component);
    if (c->action->use_bug_product)
        fieldstep_name(c->a, ret, product);
    if (c->action->use_bug_component_with_product_prefix && !text_blank(product) && !text_blank(component))
        fieldstep_name(c->a, ret, arena_fmt(c->a, "%s::%s", product, component));
}

/* Components of ours that the bug has left. People's own ones are never touched. */
static void fieldstep_left(const struct rule_case *c, const struct texts *wanted, struct texts *ret)
{
    const struct delta *product = event_delta(c->ev, "product"), *component = event_delta(c->ev, "component");
    if (!product && !component)
        return;
    struct texts former = {0};
    fieldstep_components(c, product ? product->removed : c->bug->product,
                         component ? component->removed : c->bug->component, &former);
    for (size_t i = 0; i < former.n; i++)
        if (!texts_have(wanted, former.v[i]) && (!c->issue || fieldstep_has(&c->issue->components, former.v[i])))
            texts_add(c->a, ret, former.v[i]);
}

void step_components(struct rule_case *c)
{
    struct texts wanted = {0}, add = {0}, remove = {0};
    for (size_t i = 0; i < c->action->custom_components.n; i++)
        fieldstep_name(c->a, &wanted, c->action->custom_components.v[i]);
    fieldstep_components(c, c->bug->product, c->bug->component, &wanted);
    for (size_t i = 0; i < wanted.n; i++)
        if (!c->issue || !fieldstep_has(&c->issue->components, wanted.v[i]))
            texts_add(c->a, &add, wanted.v[i]);
    if (!c->is_new)
        fieldstep_left(c, &wanted, &remove);
    if (!add.n && !remove.n)
        return;
    struct change *change = rule_change(c, CHANGE_COMPONENTS);
    change->add = add;
    change->remove = remove;
    change->may_create = c->action->create_components;
    change->may_refuse = true;
}
