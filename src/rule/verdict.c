/* What a carried-out decision comes to. */
#include "base/base.h"
#include "rule/decide.h"

#include "base/arena.h"
#include "base/text.h"

enum { VERDICT_REASON_BYTES = 2000 };

static void verdict_say(struct text *t, const char *what)
{
    if (t->n)
        text_addz(t, "; ");
    text_addz(t, what);
}

/* Why units were discarded: the reason alone when it is one, else with the rules' names. */
static void verdict_discards(const struct decision *d, struct text *t)
{
    const struct unit *v = d->units.v, *first = NULL;
    bool differ = false;
    for (size_t i = 0; i < d->units.n; i++) {
        if (!v[i].matched || !v[i].discarded)
            continue;
        differ = differ || (first && !text_same(first->reason, v[i].reason));
        first = first ? first : &v[i];
    }
    for (size_t i = 0; differ && i < d->units.n; i++) {
        if (!v[i].matched || !v[i].discarded)
            continue;
        verdict_say(t, v[i].rule);
        text_addf(t, ": %s", v[i].reason);
    }
    if (!differ && first)
        verdict_say(t, first->reason);
}

static void verdict_notes(const struct decision *d, struct text *t)
{
    const struct unit *v = d->units.v;
    for (size_t i = 0; i < d->units.n; i++) {
        for (size_t k = 0; v[i].matched && k < v[i].notes.n; k++)
            verdict_say(t, v[i].notes.v[k]);
        for (size_t k = 0; v[i].matched && k < v[i].undone.n; k++)
            verdict_say(t, v[i].undone.v[k]);
        if (v[i].matched && v[i].fails)
            verdict_say(t, v[i].reason);
    }
}

enum verdict decision_verdict(const struct decision *d, bool wrote, const char **ret_reason, struct arena *a)
{
    const struct unit *v = d->units.v;
    size_t matched = 0, discarded = 0;
    for (size_t i = 0; i < d->units.n; i++) {
        matched += v[i].matched;
        discarded += v[i].matched && v[i].discarded;
    }
    if (!matched) {
        *ret_reason = d->reason ? d->reason : "no rule is for this event";
        return VERDICT_DISCARDED;
    }
    AUTO(text_auto) struct text t;
    text_init(&t, VERDICT_REASON_BYTES);
    if (discarded)
        verdict_discards(d, &t);
    else
        verdict_notes(d, &t);
    enum verdict verdict = discarded ? VERDICT_DISCARDED : wrote ? VERDICT_APPLIED : VERDICT_UNCHANGED;
    if (verdict == VERDICT_UNCHANGED && !t.n)
        text_addz(&t, "nothing to change");
    *ret_reason = t.n ? arena_text(a, text_z(&t)) : NULL;
    return verdict;
}
