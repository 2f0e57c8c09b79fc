#include "base/base.h"
#include "api/gaps.h"
#include "api/rows.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "poll/hooks.h"
#include "poll/poll.h"
#include "poll/reconcile.h"

static void gaps_put_place(const struct place_view *p, struct json_out *o)
{
    const struct place_state *s = &p->state;
    json_open(o, NULL, '{');
    json_put_text(o, "place", p->name);
    json_put_text(o, "hook", gap_hook_name(s->hook));
    rows_put_time(o, "complete_until", s->until_ms);
    rows_put_time(o, "checked", s->checked_ms);
    json_put_int(o, "missed", s->missed);
    json_put_int(o, "recovered", s->recovered);
    if (s->is_gone)
        json_put_bool(o, "gone", true);
    rows_put_some(o, "trouble", s->trouble);
    rows_put_some(o, "note", s->note);
    json_close(o);
}

static void gaps_put_tracker(const struct gaps_view *v, struct json_out *o)
{
    json_open(o, NULL, '{');
    json_put_text(o, "tracker", v->tracker);
    rows_put_time(o, "complete_since", v->since_ms);
    rows_put_time(o, "complete_until", v->until_ms);
    rows_put_time(o, "checked", v->checked_ms);
    json_put_int(o, "missed", v->missed);
    json_put_int(o, "recovered", v->recovered);
    json_open(o, "places", '[');
    MANY_EACH(const struct place_view, p, &v->places)
    gaps_put_place(p, o);
    json_close(o);
    json_close(o);
}

void gaps_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    struct many trackers = {0};
    reconciler_view(poll_reconciler(c->poll), c->arena, &trackers);
    json_open(o, "trackers", '[');
    MANY_EACH(const struct gaps_view, v, &trackers)
    gaps_put_tracker(v, o);
    json_close(o);
}

/* --- webhooks --- */

struct hooks_call {
    struct hooks_deed deed;
    struct verb_call *call;
};

static void hooks_acted(struct hooks_deed *d, const struct err *e)
{
    struct verb_call *c = CONTAINER(d, struct hooks_call, deed)->call;
    c->acted(c, e);
}

static struct hooks_call *hooks_call_new(struct verb_call *c)
{
    struct hooks_call *h = ARENA_NEW(c->arena, struct hooks_call);
    h->call = c;
    h->deed = (struct hooks_deed){
        .target = c->args[HOOKS_ARG_TARGET].text, .who = c->who, .arena = c->arena, .done = hooks_acted};
    c->found = h;
    return h;
}

void hooks_look_act(struct verb_call *c, struct engine *g)
{
    (void)g;
    hooks_do(poll_reconciler(c->poll), &hooks_call_new(c)->deed);
}

void hooks_do_act(struct verb_call *c, struct engine *g)
{
    const char *what = c->args[HOOKS_ARG_DO].text;
    struct hooks_deed *d = &hooks_call_new(c)->deed;
    struct err e = {0};
    (void)g;
    d->is_dry = c->args[HOOKS_ARG_DRY].number;
    d->what = text_same(what, "install") ? HOOKS_INSTALL : HOOKS_PING;
    if (text_same(what, "install") || text_same(what, "ping")) {
        hooks_do(poll_reconciler(c->poll), d);
        return;
    }
    fail(&e, ERR_INPUT, "do: expected install or ping, got \"%.20s\"", what);
    c->acted(c, &e);
}

static void hooks_put_rows(const struct hooks_place *p, struct json_out *o)
{
    json_open(o, "hooks", '[');
    MANY_EACH(const struct hooks_row, h, &p->rows)
    {
        json_open(o, NULL, '{');
        json_put_text(o, "id", h->id);
        json_put_text(o, "url", h->url);
        json_put_text(o, "events", h->events);
        json_put_bool(o, "enabled", h->is_enabled);
        json_put_bool(o, "failing", h->is_failing);
        json_put_bool(o, "ours", h->is_ours);
        json_close(o);
    }
    json_close(o);
}

static void hooks_put_place(const struct hooks_place *p, struct json_out *o)
{
    json_open(o, NULL, '{');
    json_put_text(o, "tracker", p->tracker);
    json_put_text(o, "place", p->name);
    json_put_text(o, "state", gap_hook_name(p->state));
    rows_put_some(o, "by", p->by);
    rows_put_some(o, "trouble", p->trouble);
    json_open(o, "lacks", '[');
    for (size_t i = 0; i < p->lacks.n; i++)
        json_put_text(o, NULL, p->lacks.v[i]);
    json_close(o);
    hooks_put_rows(p, o);
    json_open(o, "steps", '[');
    MANY_EACH(const struct hooks_step, s, &p->steps)
    {
        json_open(o, NULL, '{');
        json_put_text(o, "what", s->what);
        rows_put_some(o, "id", s->id);
        rows_put_some(o, "url", s->change.url);
        json_close(o);
    }
    json_close(o);
    json_close(o);
}

void hooks_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    const struct hooks_deed *d = &((const struct hooks_call *)c->found)->deed;
    json_put_bool(o, "dry_run", d->is_dry);
    json_open(o, "places", '[');
    MANY_EACH(const struct hooks_place, p, &d->places)
    hooks_put_place(p, o);
    json_close(o);
}
