#include "base/base.h"
#include "api/gaps.h"
#include "api/events.h"
#include "base/json.h"
#include "poll/poll.h"
#include "poll/reconcile.h"

static void gaps_put_place(const struct place_view *p, struct json_out *o)
{
    const struct place_state *s = &p->state;
    json_open(o, NULL, '{');
    json_put_text(o, "place", p->name);
    json_put_text(o, "hook", gap_hook_name(s->hook));
    events_put_time(o, "complete_until", s->until_ms);
    events_put_time(o, "checked", s->checked_ms);
    json_put_int(o, "missed", s->missed);
    json_put_int(o, "recovered", s->recovered);
    if (s->is_gone)
        json_put_bool(o, "gone", true);
    events_put_some(o, "trouble", s->trouble);
    events_put_some(o, "note", s->note);
    json_close(o);
}

static void gaps_put_tracker(const struct gaps_view *v, struct json_out *o)
{
    json_open(o, NULL, '{');
    json_put_text(o, "tracker", v->tracker);
    events_put_time(o, "complete_since", v->since_ms);
    events_put_time(o, "complete_until", v->until_ms);
    events_put_time(o, "checked", v->checked_ms);
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
