/* Labels from the whiteboard and the keywords: single adds and removals, never the whole set. */
#include "base/base.h"
#include "rule/steps_private.h"

#include "rule/labels.h"

static int labelstep_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Plan what is not so already. A label that is to be added is not removed. */
static void labelstep_change(struct rule_case *c, const struct texts *wanted, const struct texts *gone)
{
    struct texts add = {0}, remove = {0};
    for (size_t i = 0; i < wanted->n; i++)
        if (!c->issue || !texts_have(&c->issue->labels, wanted->v[i]))
            texts_add(c->a, &add, wanted->v[i]);
    for (size_t i = 0; i < gone->n; i++)
        if (!texts_have(wanted, gone->v[i]) && (!c->issue || texts_have(&c->issue->labels, gone->v[i])))
            texts_add(c->a, &remove, gone->v[i]);
    if (remove.n)
        qsort(remove.v, remove.n, sizeof remove.v[0], labelstep_order);
    if (wanted->n == LABELS_MAX)
        rule_note(c, "only the first 200 labels are kept in step");
    if (!add.n && !remove.n)
        return;
    struct change *change = rule_change(c, CHANGE_LABELS);
    change->add = add;
    change->remove = remove;
    change->may_refuse = true;
}

void step_whiteboard_labels(struct rule_case *c)
{
    if (c->group == JBI_EXISTING && !rule_touched(c, "whiteboard"))
        return;
    struct texts wanted = {0}, gone = {0};
    const struct delta *delta = c->group == JBI_EXISTING ? event_delta(c->ev, "whiteboard") : NULL;
    labels_of_whiteboard(c->a, c->bug->whiteboard, c->action->brackets, &wanted);
    if (delta)
        labels_of_whiteboard(c->a, delta->removed, c->action->brackets, &gone);
    labelstep_change(c, &wanted, &gone);
}

void step_keywords_labels(struct rule_case *c)
{
    if (c->group == JBI_EXISTING && !rule_touched(c, "keywords"))
        return;
    struct texts now = {0}, added = {0}, wanted = {0}, gone = {0};
    const struct delta *delta = c->group == JBI_EXISTING ? event_delta(c->ev, "keywords") : NULL;
    labels_of_texts(c->a, &c->bug->keywords, &now);
    if (delta) {
        labels_of_words(c->a, delta->added, &added);
        labels_of_words(c->a, delta->removed, &gone);
    }
    /* Of what an event added only that counts which is still there; what has come back since is not removed. */
    for (size_t i = 0; i < now.n; i++)
        if (!delta || texts_have(&added, now.v[i]) || texts_have(&gone, now.v[i]))
            texts_add(c->a, &wanted, now.v[i]);
    labelstep_change(c, &wanted, &gone);
}
