/* The labels that a repository has, and those that it shall have. What nobody speaks of stays as it is. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/text.h"

static const struct label *palette_find(const struct fact *f, const char *name)
{
    MANY_EACH(const struct label, l, &f->labels)
    if (text_same_nocase(l->name, name))
        return l;
    return NULL;
}

static struct change *palette_change(struct contrib_case *c, enum change_kind kind, const struct label *there)
{
    struct change *change = plan_change(c->a, c->unit, kind);
    change->step = c->step;
    change->issue = (struct target){.tracker = c->tracker, .ref = c->ref};
    change->id = there ? there->name : NULL;
    return change;
}

/* GitHub says of a label without a description that it has none, or an empty one. */
static bool palette_described(const struct label *there, const char *description)
{
    return text_same(there->description ? there->description : "", description);
}

static void palette_set(struct contrib_case *c, const struct wanted_label *want, const struct label *there)
{
    bool is_color = want->color && !(there && text_same_nocase(there->color, want->color));
    bool is_words = want->description && !(there && palette_described(there, want->description));
    if (there && !is_color && !is_words && text_same(there->name, want->name))
        return;
    struct change *change = palette_change(c, CHANGE_LABEL_SET, there);
    change->name = want->name;
    change->value = is_color ? want->color : NULL;
    change->text = is_words ? want->description : NULL;
}

bool contrib_is_sync(const struct event *ev)
{
    return ev->source != SOURCE_WEBHOOK && text_same(ev->target, "labels") && text_same(ev->action, "sync");
}

const char *contrib_palette(struct contrib_case *c)
{
    const struct wanted_labels *wanted = &c->own->wanted_labels;
    if (text_blank(c->own->labels_file))
        return "the bridge has no labels_file";
    const struct fact *f = contrib_need(c, FACT_PALETTE, c->ref);
    if (!f)
        return NULL;
    if (f->state != FACT_HERE)
        return text_blank(f->why) ? "the repository is not accessible" : f->why;
    struct unit unit;
    contrib_begin(c, &unit, "label sync", "update");
    for (size_t i = 0; i < wanted->n; i++) {
        const struct label *there = palette_find(f, wanted->v[i].name);
        if (!wanted->v[i].is_deleted)
            palette_set(c, &wanted->v[i], there);
        else if (there)
            palette_change(c, CHANGE_LABEL_DELETE, there);
    }
    contrib_end(c);
    return NULL;
}
