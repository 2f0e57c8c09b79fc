#include "base/base.h"
#include "engine/simulate.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/engine_private.h"

enum { SIM_TEXT_BYTES = 64 * 1024 * 1024, SIM_TABLE_CELLS = 1024 * 1024 };

static const char *const simulated_words[SIMULATED] = {
    [SIM_SAME] = "same",          [SIM_DIFFERENT] = "different", [SIM_FACTS] = "facts_missing",
    [SIM_TRACKER] = "no_tracker", [SIM_NO_TRACE] = "no_trace",   [SIM_UNDECIDED] = "undecided",
    [SIM_DAMAGED] = "damaged",
};

const char *simulated_name(enum simulated s)
{
    return s < SIMULATED ? simulated_words[s] : "unknown";
}

/* --- what was recorded --- */

struct sim_recorded {
    struct facts facts;
    struct decision decision;
};

static int sim_read_facts(struct arena *a, const struct json *list, struct facts *ret, struct err *e)
{
    JSON_EACH (item, list) {
        struct fact *f = ARENA_NEW(a, struct fact);
        int rc = field_read(&fact_table, item, a, f, e);
        if (rc < 0)
            return rc;
        if (!f->key.ref)
            f->key.ref = "";
        facts_add(a, ret, f);
    }
    return 0;
}

static int sim_read(struct arena *a, struct str trace, struct sim_recorded *ret, struct err *e)
{
    const struct json *root = NULL;
    int rc = json_parse(a, trace, &root, e);
    if (rc == 0 && json_get(root, "error"))
        rc = fail(e, ERR_MISSING, "the trace was not kept");
    if (rc == 0)
        rc = sim_read_facts(a, json_get(root, "facts"), &ret->facts, e);
    if (rc == 0 && json_get(root, "decision"))
        rc = field_read(&decision_table, json_get(root, "decision"), a, &ret->decision, e);
    return rc;
}

/* Did the attempt come as far as a decision? An empty one is that of a tracker without bridges, or there was none. */
static bool sim_had_decided(const struct decision *d, enum verdict v)
{
    bool is_empty = d->units.n == 0 && !d->reason;
    return d->needs.n == 0 && (!is_empty || v < VERDICT_DROPPED);
}

/* --- deciding again --- */

/* As a decision looks when it has been recorded and read back: without secrets, and in the same form. */
static void sim_as_recorded(const struct sim_case *c, struct decision *d)
{
    AUTO(text_auto) struct text t;
    const struct json *root = NULL;
    struct decision back = {0};
    struct err e = {0};
    text_init(&t, SIM_TEXT_BYTES);
    field_write_whole(&decision_table, d, &t);
    int rc = json_parse(c->arena, redact_text(c->redact, c->arena, text_str(&t)), &root, &e);
    if (rc == 0)
        rc = field_read(&decision_table, root, c->arena, &back, &e);
    if (rc == 0)
        *d = back;
}

/* What a configuration makes of it: SAME (decided), FACTS or TRACKER. */
static enum simulated sim_decide(const struct sim_case *c, const struct config *config, const struct facts *facts,
                                 struct decision *ret)
{
    const struct entry *raw = &c->history->raw;
    const struct conf_tracker *t = config_tracker(config, raw->tracker);
    struct event *ev = NULL;
    struct err e = {0};
    if (!t)
        return SIM_TRACKER;
    if (entry_event(t, c->arena, raw, &ev, &e) < 0) {
        entry_undecodable(c->arena, &e, ret);
    } else {
        const struct gather_case g = {config, t, ev, facts, c->arena};
        gather_ask_rules(&g, ret);
    }
    if (ret->needs.n > 0)
        return SIM_FACTS;
    sim_as_recorded(c, ret);
    return SIM_SAME;
}

/* --- two lists of texts --- */

struct sim_lists {
    const struct texts *before, *after;
    size_t head, n, m; /* equal at the start; what is left of each without the equal end */
    struct texts *removed, *added;
    struct arena *arena;
};

static bool sim_equal(const struct sim_lists *l, size_t i, size_t k)
{
    return strcmp(l->before->v[l->head + i], l->after->v[l->head + k]) == 0;
}

/* The longest common part of two tails, for each pair of them; NULL when that table would be too large. */
static unsigned *sim_table(const struct sim_lists *l)
{
    size_t width = l->m + 1;
    if (l->n + 1 > SIM_TABLE_CELLS / width)
        return NULL;
    unsigned *common = ARENA_ARRAY(l->arena, unsigned, (l->n + 1) * width);
    for (size_t i = l->n; i-- > 0;)
        for (size_t k = l->m; k-- > 0;) {
            unsigned down = common[(i + 1) * width + k], right = common[i * width + k + 1];
            common[i * width + k] = sim_equal(l, i, k) ? common[(i + 1) * width + k + 1] + 1
                                    : down > right     ? down
                                                       : right;
        }
    return common;
}

static void sim_walk(const struct sim_lists *l)
{
    const unsigned *common = sim_table(l);
    size_t width = l->m + 1;
    for (size_t i = 0, k = 0; i < l->n || k < l->m;) {
        bool both = common && i < l->n && k < l->m;
        if (both && sim_equal(l, i, k)) {
            i++;
            k++;
        } else if (i < l->n && (!both || common[(i + 1) * width + k] >= common[i * width + k + 1])) {
            texts_add(l->arena, l->removed, l->before->v[l->head + i++]);
        } else {
            texts_add(l->arena, l->added, l->after->v[l->head + k++]);
        }
    }
}

static void sim_compare(struct arena *a, const struct texts *before, const struct texts *after, struct texts *removed,
                        struct texts *added)
{
    struct sim_lists l = {.before = before, .after = after, .removed = removed, .added = added, .arena = a};
    size_t least = before->n < after->n ? before->n : after->n, tail = 0;
    while (l.head < least && strcmp(before->v[l.head], after->v[l.head]) == 0)
        l.head++;
    while (tail < least - l.head && strcmp(before->v[before->n - 1 - tail], after->v[after->n - 1 - tail]) == 0)
        tail++;
    l.n = before->n - l.head - tail;
    l.m = after->n - l.head - tail;
    sim_walk(&l);
}

/* --- two decisions --- */

static struct texts sim_changes(struct arena *a, const struct unit *u)
{
    struct texts all = {0};
    const struct change *v = u ? u->changes.v : NULL;
    for (size_t i = 0; u && i < u->changes.n; i++) {
        AUTO(text_auto) struct text t;
        text_init(&t, SIM_TEXT_BYTES);
        field_write_whole(&change_table, &v[i], &t);
        texts_add(a, &all, arena_text(a, text_z(&t)));
    }
    return all;
}

static bool sim_same_head(const struct unit *b, const struct unit *a)
{
    return b->discarded == a->discarded && text_same(b->operation, a->operation) && text_same(b->target, a->target) &&
           text_same(b->reason, a->reason);
}

/* NULL unless it matched: what did not match does nothing, whatever the reason. */
static const struct unit *sim_matched(const struct unit *u)
{
    return u && u->matched ? u : NULL;
}

static void sim_add_unit(const struct sim_case *c, const struct unit *before, const struct unit *after,
                         struct simulation *ret)
{
    const struct unit *b = sim_matched(before), *a = sim_matched(after);
    const struct texts none = {0};
    struct sim_unit u = {.before = before, .after = after};
    if (!b && !a)
        return;
    struct texts was = sim_changes(c->arena, b), is = sim_changes(c->arena, a);
    sim_compare(c->arena, &was, &is, &u.removed, &u.added);
    sim_compare(c->arena, b ? &b->notes : &none, a ? &a->notes : &none, &u.notes_gone, &u.notes_new);
    size_t n = u.removed.n + u.added.n + u.notes_gone.n + u.notes_new.n;
    if (n > 0 || !b || !a || !sim_same_head(b, a))
        *MANY_ADD(c->arena, &ret->units, struct sim_unit) = u;
}

/* Its rule's unit in the other decision. Names of rules are unique. */
static const struct unit *sim_find(const struct decision *d, const struct unit *u)
{
    const struct unit *v = d->units.v;
    for (size_t i = 0; i < d->units.n; i++)
        if (text_same(v[i].rule, u->rule))
            return &v[i];
    return NULL;
}

static void sim_differences(const struct sim_case *c, const struct decision *before, const struct decision *after,
                            struct simulation *ret)
{
    const struct unit *b = before->units.v, *a = after->units.v;
    for (size_t i = 0; i < before->units.n; i++)
        sim_add_unit(c, &b[i], sim_find(after, &b[i]), ret);
    for (size_t i = 0; i < after->units.n; i++)
        if (!sim_find(before, &a[i]))
            sim_add_unit(c, NULL, &a[i], ret);
    /* When rules were asked, and none matched, the reason is but a list of them. */
    bool were_asked = before->units.n > 0 && after->units.n > 0;
    if (!were_asked && !text_same(before->reason, after->reason)) {
        ret->reason_differs = true;
        ret->before = before->reason;
        ret->after = after->reason;
    }
    if (ret->units.n > 0 || ret->reason_differs)
        ret->what = SIM_DIFFERENT;
}

/* SIM_SAME: the event was decided, and was says how. */
static enum simulated sim_recall(const struct sim_case *c, struct sim_recorded *was)
{
    struct err e = {0};
    if (c->history->raw.is_damaged)
        return SIM_DAMAGED;
    if (!config_tracker(c->config, c->history->raw.tracker))
        return SIM_TRACKER;
    if (c->history->row.attempts == (c->history->row.verdict == VERDICT_DROPPED))
        return SIM_UNDECIDED;
    if (!c->history->trace.n || sim_read(c->arena, c->history->trace, was, &e) < 0)
        return SIM_NO_TRACE;
    return sim_had_decided(&was->decision, c->history->row.verdict) ? SIM_SAME : SIM_UNDECIDED;
}

void simulate(const struct sim_case *c, struct simulation *ret)
{
    struct sim_recorded was = {0};
    struct decision after = {0};
    *ret = (struct simulation){.what = sim_recall(c, &was)};
    if (ret->what == SIM_SAME && c->against)
        ret->what = sim_decide(c, c->against, &was.facts, &was.decision);
    ret->missing = was.decision.needs;
    if (ret->what == SIM_SAME) {
        ret->what = sim_decide(c, c->config, &was.facts, &after);
        ret->missing = after.needs;
    }
    if (ret->what == SIM_SAME)
        sim_differences(c, &was.decision, &after, ret);
}

/* --- as JSON --- */

/* A unit without what is told by differences. */
static void sim_write_head(const struct unit *u, const char *key, struct json_out *o)
{
    if (!u)
        return;
    const struct unit head = {.matched = u->matched,
                              .discarded = u->discarded,
                              .operation = u->operation,
                              .target = u->target,
                              .reason = u->reason};
    json_open(o, key, '{');
    field_write(&unit_table, &head, o);
    json_close(o);
}

static void sim_write_texts(const struct texts *t, bool is_json, const char *key, struct json_out *o)
{
    json_open(o, key, '[');
    for (size_t i = 0; i < t->n; i++)
        if (is_json)
            json_put_raw(o, NULL, str_of(t->v[i]));
        else
            json_put_text(o, NULL, t->v[i]);
    json_close(o);
}

static void sim_write_unit(const struct sim_unit *u, struct json_out *o)
{
    bool was = sim_matched(u->before), is = sim_matched(u->after);
    json_open(o, NULL, '{');
    json_put_text(o, "rule", u->before ? u->before->rule : u->after->rule);
    json_put_text(o, "what", was && is ? "changed" : was ? "removed" : "added");
    sim_write_head(u->before, "before", o);
    sim_write_head(u->after, "after", o);
    sim_write_texts(&u->removed, true, "removed", o);
    sim_write_texts(&u->added, true, "added", o);
    sim_write_texts(&u->notes_gone, false, "notes_removed", o);
    sim_write_texts(&u->notes_new, false, "notes_added", o);
    json_close(o);
}

static void sim_write_difference(const struct simulation *s, struct json_out *o)
{
    json_open(o, "units", '[');
    MANY_EACH(const struct sim_unit, u, &s->units)
    sim_write_unit(u, o);
    json_close(o);
    if (!s->reason_differs)
        return;
    json_open(o, "reason", '{');
    json_put_text(o, "before", s->before);
    json_put_text(o, "after", s->after);
    json_close(o);
}

void simulation_write(const struct simulation *s, struct json_out *o)
{
    json_put_text(o, "result", simulated_name(s->what));
    if (s->what == SIM_DIFFERENT)
        sim_write_difference(s, o);
    if (s->what != SIM_FACTS)
        return;
    json_open(o, "missing", '[');
    MANY_EACH(const struct fact_key, k, &s->missing)
    {
        json_open(o, NULL, '{');
        field_write(&fact_key_table, k, o);
        json_close(o);
    }
    json_close(o);
}
