#include "base/base.h"
#include "poll/reconcile.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/metrics.h"
#include "poll/reconcile_private.h"
#include "store/jobs.h"
#include "tracker/driver.h"

/* --- places --- */

static void place_free(struct place *p)
{
    arena_free(p->arena);
    mem_free(p->name);
    mem_free(p);
}

static struct place *source_find(const struct source *s, const char *name)
{
    for (size_t i = 0; i < s->n_places; i++)
        if (text_same_nocase(s->places[i]->name, name))
            return s->places[i];
    return NULL;
}

struct place *source_place(struct source *s, const char *name)
{
    struct place *p = source_find(s, name);
    if (p)
        return p;
    if (s->n_places == s->room) {
        s->room = s->room ? 2 * s->room : 16;
        s->places = mem_grow(s->places, s->room, sizeof(struct place *));
    }
    p = mem_zero(sizeof *p);
    p->name = mem_text(name);
    s->places[s->n_places++] = p;
    return p;
}

const char *source_cursor(struct arena *a, const struct source *s, const char *place)
{
    return arena_fmt(a, "reconcile/%s/%s", s->tracker, place);
}

void source_put_place(const struct source *s, const char *name, const struct place_state *state)
{
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_CURSOR_BYTES);
    AUTO(text_auto) struct text t;
    struct err e = {0};
    text_init(&t, RECONCILE_CURSOR_BYTES);
    field_write_whole(&place_state_table, state, &t);
    if (store_put_cursor(s->reconciler->parts.store, source_cursor(a, s, name), text_z(&t), &e) < 0)
        log_line(LOG_ERROR, "reconcile", "where it got to cannot be kept", LOG_STR("tracker", s->tracker),
                 LOG_STR("error", e.text));
}

/* A repository; and its owner, whose webhook may stand for it. */
static void source_add_repository(struct source *s, const char *name)
{
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_CURSOR_BYTES);
    const char *const names[] = {name, arena_str(a, (struct str){name, strcspn(name, "/")})};
    for (size_t i = 0; i < COUNT(names); i++)
        if (!source_find(s, names[i])) {
            const struct place *p = source_place(s, names[i]);
            source_put_place(s, p->name, &p->state);
        }
}

/* --- sources --- */

static const struct conf_tracker *source_conf(const struct source *s)
{
    return config_tracker(engine_config(s->reconciler->parts.engine), s->tracker);
}

static const struct tracker_driver *source_driver(const struct source *s)
{
    const struct conf_tracker *t = source_conf(s);
    return t ? tracker_driver(t) : NULL;
}

static int source_load_place(void *ctx, const char *name, const char *value)
{
    struct source *s = ctx;
    const struct json *root = NULL;
    struct err e = {0};
    const char *place = name + strlen("reconcile/") + strlen(s->tracker) + 1;
    struct place *p = source_place(s, place);
    p->arena = arena_new(RECONCILE_BYTES);
    if (json_parse(p->arena, str_of(value), &root, &e) < 0 ||
        field_read(&place_state_table, root, p->arena, &p->state, &e) < 0)
        p->state = (struct place_state){0}; /* it is looked at as if for the first time */
    return 0;
}

static int64_t source_load_number(const struct source *s, const char *what)
{
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_CURSOR_BYTES);
    const char *value = NULL;
    int64_t n = 0;
    struct err e = {0};
    if (store_get_cursor(s->reconciler->parts.store, arena_fmt(a, "%s/%s", what, s->tracker), a, &value, &e) != 1 ||
        !str_int(str_of(value), &n))
        return 0;
    return n;
}

static void source_keep_number(const struct source *s, const char *what, int64_t n)
{
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_CURSOR_BYTES);
    struct err e = {0};
    if (store_put_cursor(s->reconciler->parts.store, arena_fmt(a, "%s/%s", what, s->tracker),
                         arena_fmt(a, "%" PRId64, n), &e) < 0)
        log_line(LOG_ERROR, "reconcile", "where it got to cannot be kept", LOG_STR("tracker", s->tracker),
                 LOG_STR("error", e.text));
}

const char *source_own(const struct source *s)
{
    const struct tracker_driver *d = source_driver(s);
    return d && d->own_place ? d->own_place(source_conf(s)) : NULL;
}

const char *source_stand_in(const struct source *s, const char *place)
{
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_CURSOR_BYTES);
    const char *const others[] = {arena_str(a, (struct str){place, strcspn(place, "/")}), source_own(s)};
    for (size_t i = 0; i < COUNT(others); i++) {
        const struct place *p = others[i] && !text_same_nocase(others[i], place) ? source_find(s, others[i]) : NULL;
        if (p && p->state.hook == GAP_HOOK_WORKING)
            return p->name;
    }
    return NULL;
}

bool source_knows(const struct source *s, const char *place)
{
    return source_find(s, place) != NULL;
}

static void source_free(struct source *s)
{
    if (s->inspection)
        inspect_forget(s->inspection);
    for (size_t i = 0; i < s->n_places; i++)
        place_free(s->places[i]);
    sightings_free(&s->survey.found);
    mem_free(s->places);
    mem_free(s->tracker);
    mem_free(s);
}

static struct source *source_new(struct reconciler *r, const char *tracker)
{
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_CURSOR_BYTES);
    struct err e = {0};
    struct source *s = mem_zero(sizeof *s);
    s->reconciler = r;
    s->tracker = mem_text(tracker);
    list_add(&r->sources, &s->link);
    s->walked = source_load_number(s, "reconcile-walked");
    s->since_ms = source_load_number(s, "reconcile-since");
    if (store_each_cursor(r->parts.store, source_cursor(a, s, ""), source_load_place, s, &e) < 0)
        log_line(LOG_ERROR, "reconcile", "where it got to cannot be read", LOG_STR("tracker", tracker),
                 LOG_STR("error", e.text));
    return s;
}

static struct source *source_of(struct reconciler *r, const char *tracker)
{
    LIST_EACH (it, &r->sources) {
        struct source *s = CONTAINER(it, struct source, link);
        if (text_same(s->tracker, tracker))
            return s;
    }
    return source_new(r, tracker);
}

static int64_t reconcile_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void reconcile_feed(struct reconciler *r, const char *tracker, const struct conf_bridge *b)
{
    struct source *s = source_of(r, tracker);
    s->interval_ms = s->is_fed ? reconcile_least(s->interval_ms, b->reconcile) : b->reconcile;
    s->grace_ms = reconcile_least(s->interval_ms, GAP_GRACE_MS);
    s->is_fed = true;
}

/* The trackers that bridges read or follow now, each as often as the most eager of them says. */
static void reconcile_sources(struct reconciler *r)
{
    const struct config *c = engine_config(r->parts.engine);
    LIST_EACH (it, &r->sources)
        CONTAINER(it, struct source, link)->is_fed = false;
    for (size_t i = 0; i < c->n_bridges; i++) {
        const struct conf_bridge *b = &c->bridges[i];
        if (tracker_driver(b->from)->can & (TRACKER_SINCE | TRACKER_LOG))
            reconcile_feed(r, b->from->name, b);
        if (follow_is_any(b, b->to))
            reconcile_feed(r, b->to->name, b);
    }
}

static void source_view(const struct source *s, struct arena *a, struct gaps_view *ret);

static void reconcile_tick(struct loop_timer *t);

/* --- which place is next --- */

static int64_t source_now(const struct source *s)
{
    return loop_mono_ms(s->reconciler->parts.loop);
}

/* The one that was looked at the longest ago. */
static struct place *source_next(const struct source *s)
{
    struct place *next = NULL;
    for (size_t i = 0; i < s->n_places; i++)
        if (!next || s->places[i]->state.checked_ms < next->state.checked_ms)
            next = s->places[i];
    return next;
}

/* Webhooks of a tracker that is followed cannot be looked at: one that has told of something is there. */
static void source_heard(struct source *s)
{
    struct place *p = source_find(s, "");
    const struct tracker_driver *d = source_driver(s);
    if (!p || !d || !(d->can & TRACKER_FOLLOW) || p->state.hook == GAP_HOOK_HEARD)
        return;
    p->state.hook = GAP_HOOK_HEARD;
    source_put_place(s, p->name, &p->state);
}

static void source_surveyed(struct sightings_job *j, const struct err *e)
{
    struct source *s = CONTAINER(j, struct source, survey);
    s->is_surveying = false;
    if (e)
        log_line(LOG_ERROR, "reconcile", "the journal cannot be searched for repositories",
                 LOG_STR("tracker", s->tracker), LOG_STR("error", e->text));
    for (size_t i = 0; !e && !s->reconciler->is_stopping && i < j->found.places.n; i++)
        source_add_repository(s, j->found.places.v[i]);
    if (!e && !s->reconciler->is_stopping && j->found.is_told)
        source_heard(s);
    if (!e && !s->reconciler->is_stopping && j->found.last > s->walked) {
        s->walked = j->found.last;
        source_keep_number(s, "reconcile-walked", s->walked);
    }
    sightings_free(&j->found);
}

/* What sent something is a place from then on. */
static void source_survey(struct source *s)
{
    const struct sightings_want want = {.tracker = s->tracker, .after = s->walked};
    s->is_surveying = true;
    s->survey.done = source_surveyed;
    sightings_look(s->reconciler->parts.loop, &s->survey, s->reconciler->parts.store_url, &want);
}

/* Those whose repositories jobs look at, also when they have not sent anything yet. */
static void source_add_organisations(struct source *s)
{
    const struct config *c = engine_config(s->reconciler->parts.engine);
    size_t n = strlen(s->tracker);
    for (size_t i = 0; i < c->n_jobs; i++) {
        const char *target = c->jobs[i].target;
        if (!c->jobs[i].users && strncmp(target, s->tracker, n) == 0 && target[n] == ':' && !strchr(target, '/'))
            source_place(s, target + n + 1);
    }
}

static void source_cycle(struct source *s)
{
    s->cycle_mono_ms = source_now(s) + s->interval_ms;
    const struct tracker_driver *d = source_driver(s);
    if (source_own(s))
        source_place(s, source_own(s));
    source_add_organisations(s);
    if (d && (d->can & (TRACKER_SINCE | TRACKER_FOLLOW)))
        source_place(s, "");
    if (!d || !(d->can & TRACKER_SINCE))
        source_survey(s);
}

static void source_turn(struct source *s)
{
    if (s->inspection || s->is_surveying || !s->is_fed || source_now(s) < s->due_mono_ms)
        return;
    if (source_now(s) >= s->cycle_mono_ms) {
        source_cycle(s);
        return;
    }
    struct place *p = source_next(s);
    s->due_mono_ms = source_now(s) + s->interval_ms;
    if (!p)
        return;
    if (!s->is_begun)
        s->hasty = s->n_places;
    s->is_begun = true;
    inspect_start(s, p);
}

/* Places are looked at one after the other, so that each has its turn once an interval; at first without pauses. */
static void source_pause(struct source *s)
{
    if (s->hasty > 0)
        s->hasty--;
    s->due_mono_ms = source_now(s) + (s->hasty > 0 ? 0 : s->interval_ms / (int64_t)s->n_places);
    if (s->hasty > 0)
        loop_timer_start(s->reconciler->parts.loop, &s->reconciler->tick, 1, reconcile_tick);
}

/* What it says of issues counts; of an organisation only if there is a webhook of it. */
static bool place_counts(const struct place *p)
{
    bool has_issues = p->name[0] == '\0' || strchr(p->name, '/');
    return !p->state.is_gone && (has_issues || p->state.hook_id);
}

static void source_complete(struct source *s)
{
    int64_t since = 0;
    for (size_t i = 0; i < s->n_places; i++) {
        const struct place *p = s->places[i];
        if (place_counts(p) && p->state.until_ms == 0)
            return;
        since = place_counts(p) && p->state.first_ms > since ? p->state.first_ms : since;
    }
    if (s->since_ms == 0 && since > 0)
        s->since_ms = since;
}

static bool place_is_odd(const struct place *p)
{
    return p->state.hook == GAP_HOOK_DISABLED || p->state.hook == GAP_HOOK_FAILING;
}

static void source_tell(const struct source *s, struct place *p, const struct err *e)
{
    bool is_odd = place_is_odd(p);
    if (is_odd && !p->is_odd)
        log_line(LOG_WARNING, "reconcile", "a webhook is out of order", LOG_STR("tracker", s->tracker),
                 LOG_STR("place", p->name), LOG_STR("hook", gap_hook_name(p->state.hook)));
    p->is_odd = is_odd;
    if (e && !p->is_troubled)
        log_line(LOG_WARNING, "reconcile", "gaps cannot be looked for", LOG_STR("tracker", s->tracker),
                 LOG_STR("place", p->name), LOG_STR("error", p->state.trouble));
    p->is_troubled = e != NULL;
}

static void source_measure(const struct source *s)
{
    struct metrics *m = s->reconciler->parts.metrics;
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_BYTES);
    struct gaps_view view;
    source_view(s, a, &view);
    if (view.since_ms > 0 && view.until_ms > 0) {
        metrics_set(m, METRIC_COMPLETE_SINCE, s->tracker, NULL, (double)view.since_ms / 1000);
        metrics_set(m, METRIC_COMPLETE_UNTIL, s->tracker, NULL, (double)view.until_ms / 1000);
    }
}

void source_inspected(struct source *s, struct place *p, const struct err *e)
{
    int64_t since = s->since_ms;
    source_tell(s, p, e);
    source_complete(s);
    if (s->is_cut)
        s->since_ms = loop_now_ms(s->reconciler->parts.loop);
    s->is_cut = false;
    if (s->since_ms != since)
        source_keep_number(s, "reconcile-since", s->since_ms);
    source_measure(s);
    source_pause(s);
}

/* --- the reconciler --- */

static void reconcile_tick(struct loop_timer *t)
{
    struct reconciler *r = CONTAINER(t, struct reconciler, tick);
    reconcile_sources(r);
    LIST_EACH (it, &r->sources)
        source_turn(CONTAINER(it, struct source, link));
    loop_timer_start(r->parts.loop, &r->tick, RECONCILE_TICK_MS, reconcile_tick);
}

struct reconciler *reconciler_new(const struct reconciler_parts *parts)
{
    struct reconciler *r = mem_zero(sizeof *r);
    r->parts = *parts;
    list_init(&r->sources);
    return r;
}

void reconciler_free(struct reconciler *r)
{
    if (!r)
        return;
    loop_timer_stop(&r->tick);
    LIST_EACH (it, &r->sources)
        source_free(CONTAINER(it, struct source, link));
    mem_free(r);
}

/* At first what senders kept comes by itself; and who looks seldom is in no hurry at a start either. */
static int64_t source_first_look(const struct source *s)
{
    int64_t part = s->interval_ms / RECONCILE_PARTS;
    return reconcile_least(s->interval_ms, part > RECONCILE_DELAY_MS ? part : RECONCILE_DELAY_MS);
}

void reconciler_start(struct reconciler *r)
{
    reconcile_sources(r);
    LIST_EACH (it, &r->sources) {
        struct source *s = CONTAINER(it, struct source, link);
        s->due_mono_ms = source_now(s) + source_first_look(s);
        source_measure(s);
    }
    loop_timer_start(r->parts.loop, &r->tick, RECONCILE_TICK_MS, reconcile_tick);
}

void reconciler_stop(struct reconciler *r)
{
    r->is_stopping = true;
    loop_timer_stop(&r->tick);
    LIST_EACH (it, &r->sources) {
        struct source *s = CONTAINER(it, struct source, link);
        if (s->inspection)
            inspect_cancel(s->inspection);
    }
}

bool reconciler_busy(const struct reconciler *r)
{
    LIST_EACH (it, &r->sources) {
        const struct source *s = CONTAINER(it, struct source, link);
        if (s->is_surveying || (s->inspection && inspect_surveys(s->inspection)))
            return true;
    }
    return false;
}

/* --- for people --- */

static void source_view(const struct source *s, struct arena *a, struct gaps_view *ret)
{
    struct gaps_view v = {.tracker = arena_text(a, s->tracker), .until_ms = INT64_MAX, .checked_ms = INT64_MAX};
    for (size_t i = 0; i < s->n_places; i++) {
        const struct place *p = s->places[i];
        *MANY_ADD(a, &v.places, struct place_view) =
            (struct place_view){arena_text(a, p->name), place_state_copy(a, &p->state)};
        v.missed += p->state.missed;
        v.recovered += p->state.recovered;
        if (!place_counts(p))
            continue;
        v.until_ms = reconcile_least(v.until_ms, p->state.until_ms);
        v.checked_ms = reconcile_least(v.checked_ms, p->state.checked_ms);
    }
    v.until_ms = v.until_ms == INT64_MAX ? 0 : v.until_ms;
    v.checked_ms = v.checked_ms == INT64_MAX ? 0 : v.checked_ms;
    v.since_ms = v.until_ms > 0 ? s->since_ms : 0;
    *ret = v;
}

void reconciler_view(const struct reconciler *r, struct arena *a, struct many *ret)
{
    LIST_EACH (it, &r->sources) {
        const struct source *s = CONTAINER(it, struct source, link);
        if (s->is_fed)
            source_view(s, a, MANY_ADD(a, ret, struct gaps_view));
    }
}

void reconciler_note_place(struct reconciler *r, const char *tracker, const char *name)
{
    LIST_EACH (it, &r->sources) {
        struct source *s = CONTAINER(it, struct source, link);
        if (!text_same(s->tracker, tracker))
            continue;
        if (strchr(name, '/'))
            source_add_repository(s, name);
        struct place *p = source_place(s, name);
        p->state.hooks_read_ms = 0;
        p->state.log_read_ms = 0;
        source_put_place(s, p->name, &p->state);
    }
}

const char *reconciler_stand_in(const struct reconciler *r, const char *tracker, const char *name)
{
    LIST_EACH (it, &r->sources) {
        const struct source *s = CONTAINER(it, struct source, link);
        if (text_same(s->tracker, tracker))
            return source_stand_in(s, name);
    }
    return NULL;
}

static void place_health(const struct source *s, const struct place *p, struct arena *a, struct health_check *to)
{
    const char *name = p->name[0] ? p->name : s->tracker;
    if (place_is_odd(p))
        *MANY_ADD(a, &to->messages, struct health_message) = (struct health_message){
            .id = arena_fmt(a, "%s.webhook.%s", s->tracker, gap_hook_name(p->state.hook)),
            .text = arena_fmt(a, "the webhook of %s is %s", name, gap_hook_name(p->state.hook))};
    if (p->state.trouble)
        *MANY_ADD(a, &to->messages, struct health_message) = (struct health_message){
            .id = arena_fmt(a, "%s.gaps.unknown", s->tracker),
            .text = arena_fmt(a, "gaps of %s cannot be looked for: %s", name, p->state.trouble)};
}

void reconciler_health(const struct reconciler *r, struct arena *a, struct health_report *ret)
{
    LIST_EACH (it, &r->sources) {
        const struct source *s = CONTAINER(it, struct source, link);
        struct health_check check = {.name = arena_fmt(a, "%s.complete", s->tracker)};
        if (!s->is_fed)
            continue;
        for (size_t i = 0; i < s->n_places; i++)
            place_health(s, s->places[i], a, &check);
        check.level = check.messages.n > 0 ? HEALTH_WARNING : HEALTH_OK;
        *MANY_ADD(a, &ret->checks, struct health_check) = check;
    }
}
