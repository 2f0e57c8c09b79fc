/* Labels of contributions from outside. Single ones are added and removed, so that nobody's are lost. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/text.h"

/* Did the event bring that label, or take it away? Then it is let be: a program that answers us would never end. */
static bool tags_is_news(const struct contrib_case *c, const char *name)
{
    MANY_EACH(const struct delta, d, &c->ev->deltas)
    if (text_same(d->field, "labels") && text_same_nocase(d->added ? d->added : d->removed, name))
        return true;
    return false;
}

/* All labels of the names that it has, as they are spelled on it. */
static void tags_remove(struct contrib_case *c, struct change *change, const char *const *names, size_t n)
{
    const struct texts *labels = &c->issue->labels;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; !text_blank(names[i]) && k < labels->n; k++)
            if (text_same_nocase(labels->v[k], names[i]) && !texts_have(&change->remove, labels->v[k]) &&
                !tags_is_news(c, names[i]))
                texts_add(c->a, &change->remove, labels->v[k]);
}

static void tags_add(struct contrib_case *c, struct change *change, const char *name)
{
    if (!text_blank(name) && !contrib_labelled(c->issue, name) && !tags_is_news(c, name))
        texts_add(c->a, &change->add, name);
}

void contrib_labels(struct contrib_case *c)
{
    if (c->author.class != CONTRIB_OSPR)
        return;
    const struct contrib_labels *own = &c->own->labels;
    struct unit unit;
    struct change change = {0};
    contrib_begin(c, &unit, "labels", "update");
    tags_add(c, &change, c->is_blended ? own->blended : own->outside);
    tags_remove(c, &change, c->is_blended ? &own->outside : &own->blended, 1);
    if (c->author.is_core)
        tags_add(c, &change, own->core);
    if (c->state == CONTRIB_CLOSED || c->state == CONTRIB_MERGED)
        tags_remove(c, &change, own->prune_closed.v, own->prune_closed.n);
    if (c->state == CONTRIB_MERGED)
        tags_remove(c, &change, own->prune_merged.v, own->prune_merged.n);
    if (change.add.n + change.remove.n) {
        struct change *planned = contrib_change(c, CHANGE_LABELS);
        planned->add = change.add;
        planned->remove = change.remove;
    }
    contrib_end(c);
}
