/*
 * inspect.c: one look at one place, in steps: its webhook, what it shows of its issues, the log of deliveries, what the
 * journal has of all this; then the missing deliveries, the journal once more, and what has changed without any.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/metrics.h"
#include "engine/redact.h"
#include "poll/reconcile_private.h"
#include "rule/decide.h"
#include "store/jobs.h"
#include "tracker/driver.h"

struct inspection {
    struct source *source;
    struct place *place;
    struct config *config; /* held */
    const struct conf_tracker *tracker;
    const struct tracker_driver *driver;
    struct follow follow; /* it, perhaps */
    const char *projects; /* it is followed, in these; NULL: it is read */
    int64_t lag_ms;       /* what is younger may not be listed yet */
    struct arena *arena;
    struct place_state now; /* the place's, as it will be */
    int64_t began_ms;
    struct question question;
    struct sightings_job survey;
    bool is_waiting;   /* for the disk, or for the pool… */
    bool is_surveying; /* …which it is */
    bool is_cancelled;
    int pages, fetched;

    struct many issues; /* struct issue: those that changed, in the order of their changes once they are judged */
    const char *tag;    /* of their first page */
    bool is_same, has_log;
    struct many deliveries; /* struct hook_delivery, oldest first once they are judged */
    size_t at;              /* which of them is next */
    int64_t taken, told;
    int64_t reach_ms;     /* what is later was not looked at; its clock; INT64_MAX: all was */
    int64_t newest_ms;    /* the newest change that was listed; its clock */
    bool is_cut;          /* some of what was to be looked at cannot be */
    bool is_counted;      /* what is told was missed */
    struct many comments; /* struct comment: to be told of after their issue */
    size_t comment;
};

static void inspect_next_delivery(struct inspection *i);
static void inspect_next_issue(struct inspection *i);
static void inspect_first_issue(struct inspection *i);
static void inspect_tell_issue(struct inspection *i);
static void inspect_issues(struct inspection *i);
static void inspect_log(struct inspection *i);
static void inspect_compare(struct inspection *i);

static void inspect_free(struct inspection *i)
{
    sightings_free(&i->survey.found);
    config_put(i->config);
    arena_free(i->arena);
    mem_free(i);
}

static bool inspect_is_whole(const struct inspection *i) /* the place is all of the tracker */
{
    return i->place->name[0] == '\0';
}

static bool inspect_has_issues(const struct inspection *i) /* an organisation has none of its own */
{
    return inspect_is_whole(i) || strchr(i->place->name, '/');
}

static bool inspect_is_newest_first(const struct inspection *i) /* the list of issues */
{
    return !inspect_is_whole(i) || i->projects;
}

/* No webhook was ever heard of what is followed: nobody has promised to tell. */
static bool inspect_is_polled(const struct inspection *i)
{
    return i->projects && i->now.hook != GAP_HOOK_HEARD;
}

static struct engine *inspect_engine(const struct inspection *i)
{
    return i->source->reconciler->parts.engine;
}

/* --- the end --- */

static void inspect_say(const struct inspection *i)
{
    const struct place_state *was = &i->place->state;
    if (i->now.missed > was->missed)
        log_line(LOG_WARNING, "reconcile", "no webhook told of it", LOG_STR("tracker", i->source->tracker),
                 LOG_STR("place", i->place->name), LOG_INT("missed", i->now.missed - was->missed),
                 LOG_INT("recovered", i->now.recovered - was->recovered));
    else if (i->now.recovered > was->recovered)
        log_line(LOG_INFO, "reconcile", "found by polling", LOG_STR("tracker", i->source->tracker),
                 LOG_INT("recovered", i->now.recovered - was->recovered));
}

static void inspect_keep(struct inspection *i)
{
    struct place *p = i->place;
    struct arena *arena = arena_new(RECONCILE_BYTES);
    source_put_place(i->source, p->name, &i->now);
    p->state = place_state_copy(arena, &i->now);
    arena_free(p->arena);
    p->arena = arena;
}

static void inspect_end(struct inspection *i, const struct err *e)
{
    struct source *s = i->source;
    struct place *p = i->place;
    if (i->is_cancelled) {
        s->inspection = NULL;
        inspect_free(i);
        return;
    }
    i->now.checked_ms = i->began_ms;
    i->now.trouble =
        e ? redact_text(engine_redact(inspect_engine(i)), i->arena, str_of(arena_text(i->arena, e->text))).p : NULL;
    inspect_say(i);
    inspect_keep(i);
    s->inspection = NULL;
    s->is_cut = i->is_cut;
    source_inspected(s, p, e);
    inspect_free(i);
}

/* All was looked at, up to what is younger than a webhook may take. */
static void inspect_done(struct inspection *i)
{
    bool is_all = i->reach_ms == INT64_MAX;
    int64_t until = is_all ? i->began_ms - i->lag_ms : i->reach_ms;
    if (until > i->now.until_ms && until >= i->now.first_ms)
        i->now.until_ms = until;
    i->now.tag = is_all ? i->tag : NULL;
    inspect_end(i, NULL);
}

static void inspect_ask(struct inspection *i, enum fact_kind kind, const char *ref, const char *unless,
                        void (*done)(struct question *q, const struct fact *f, const struct err *e))
{
    const struct fact_key want = {
        .kind = kind, .tracker = i->source->tracker, .ref = ref, .unless = unless, .by = i->projects};
    i->question.done = done;
    question_ask(inspect_engine(i), &i->question, &want);
}

/* --- the webhook --- */

static void inspect_take_hooks(struct inspection *i, const struct fact *f)
{
    const struct hook *ours = NULL;
    i->now.hooks_read_ms = i->began_ms;
    i->now.note = f->state == FACT_HERE ? NULL : arena_fmt(i->arena, "webhooks: %s", f->why ? f->why : "no answer");
    if (inspect_is_whole(i))
        i->now.hook = gap_worst_hook(f);
    else
        i->now.hook = gap_our_hook(i->arena, i->tracker, i->config->server.public_url, f, &ours);
    if (f->state == FACT_HERE)
        i->now.hook_id = ours ? arena_text(i->arena, ours->id) : NULL;
}

/* "o/a, o/b… (7)" of those of which nothing was ever told; NULL: there are none. */
static const char *inspect_unheard(const struct inspection *i, const struct fact *f)
{
    enum { UNHEARD_BYTES = 150 };
    AUTO(text_auto) struct text t = {0};
    size_t n = 0, room = 0;
    text_init(&t, RECONCILE_CURSOR_BYTES);
    MANY_EACH(const struct named, one, &f->names)
    {
        if (source_knows(i->source, one->name) || source_stand_in(i->source, one->name))
            continue;
        if (t.n < UNHEARD_BYTES)
            text_addf(&t, "%s%.100s", n ? ", " : "", one->name);
        else
            room++;
        n++;
    }
    return n == 0 ? NULL : arena_fmt(i->arena, "%s%s (%zu)", text_z(&t), room ? "…" : "", n);
}

static void inspect_told_repositories(struct question *q, const struct fact *f, const struct err *e)
{
    struct inspection *i = CONTAINER(q, struct inspection, question);
    if (e && e->class != ERR_INPUT && e->class != ERR_MISSING) {
        inspect_end(i, e);
        return;
    }
    const char *unheard = f && f->state == FACT_HERE ? inspect_unheard(i, f) : NULL;
    if (unheard)
        i->now.note = arena_fmt(i->arena, "%s%sno webhook is known to tell of %s", i->now.note ? i->now.note : "",
                                i->now.note ? "; " : "", unheard);
    inspect_issues(i);
}

/* Without a webhook that leads here an organisation, or App, may have repositories of which nothing can be told. */
static bool inspect_may_be_deaf(const struct inspection *i)
{
    const char *name = i->place->name;
    return !inspect_has_issues(i) && i->now.hook != GAP_HOOK_WORKING && (i->driver->can & TRACKER_LIST) &&
           !source_stand_in(i->source, name);
}

/* Without the rights to see webhooks there is still what the issues show. */
static void inspect_told_hooks(struct question *q, const struct fact *f, const struct err *e)
{
    struct inspection *i = CONTAINER(q, struct inspection, question);
    struct fact none = {.state = FACT_FORBIDDEN, .why = e ? e->text : NULL};
    if (e && e->class != ERR_INPUT && e->class != ERR_MISSING && e->class != ERR_CONFIG) {
        inspect_end(i, e);
        return;
    }
    inspect_take_hooks(i, f ? f : &none);
    if (inspect_may_be_deaf(i))
        inspect_ask(i, FACT_REPOSITORIES, i->place->name, NULL, inspect_told_repositories);
    else
        inspect_issues(i);
}

static void inspect_hooks(struct inspection *i)
{
    bool is_fine = i->now.hook == GAP_HOOK_WORKING || i->now.hook == GAP_HOOK_UNKNOWN || i->now.hook == GAP_HOOK_NONE;
    bool is_fresh = is_fine && i->now.hooks_read_ms > 0 && i->began_ms - i->now.hooks_read_ms < RECONCILE_HOUR_MS;
    if (!(i->driver->can & TRACKER_HOOK_LIST) || (is_fresh && !inspect_is_whole(i)))
        inspect_issues(i);
    else
        inspect_ask(i, FACT_HOOKS, i->place->name, NULL, inspect_told_hooks);
}

/* --- what the issues show --- */

static struct issue inspect_issue_copy(struct arena *a, const struct issue *i)
{
    struct issue copy = {
        .ref = arena_text(a, i->ref),
        .url = arena_text(a, i->url),
        .project = arena_text(a, i->project),
        .is_private = i->is_private,
        .summary = arena_text(a, i->summary),
        .type = arena_text(a, i->type),
        .product = arena_text(a, i->product),
        .component = arena_text(a, i->component),
        .whiteboard = arena_text(a, i->whiteboard),
        .status = arena_text(a, i->status),
        .creator = arena_text(a, i->creator),
        .creator_kind = arena_text(a, i->creator_kind),
        .created_ms = i->created_ms,
        .changed_ms = i->changed_ms,
    };
    for (size_t n = 0; n < i->labels.n; n++)
        texts_add(a, &copy.labels, arena_text(a, i->labels.v[n]));
    return copy;
}

/* What the store cannot tell now will be told by it when the event is worked on. */
static bool inspect_is_followed(const struct inspection *i, const struct issue *issue)
{
    struct many links = {0};
    struct err e = {0};
    return follow_links(&i->follow, issue, i->arena, &links, &e) < 0 || links.n > 0;
}

/* Would any bridge be told of it? */
static bool inspect_concerns(const struct inspection *i, const struct issue *issue)
{
    if (i->projects)
        return inspect_is_followed(i, issue);
    for (size_t n = 0; n < i->config->n_bridges; n++) {
        const struct conf_bridge *b = &i->config->bridges[n];
        if (b->from == i->tracker && (!rule_kind(b)->concerns || rule_kind(b)->concerns(b, issue)))
            return true;
    }
    return false;
}

static bool inspect_is_listed(const struct inspection *i, const char *ref)
{
    MANY_EACH(const struct issue, it, &i->issues)
    if (text_same(it->ref, ref))
        return true;
    return false;
}

/* Up to where the list was read before, and a bit further back. */
static int64_t inspect_known(const struct inspection *i)
{
    return i->now.updated_ms - GAP_OVERLAP_MS - i->lag_ms;
}

static void inspect_take_issue(struct inspection *i, const struct issue *one)
{
    int64_t grace = inspect_is_polled(i) ? 0 : i->source->grace_ms;
    int64_t young = i->began_ms - grace - (i->projects ? 0 : GAP_SECOND_MS); /* what is followed tells milliseconds */
    int64_t at = i->projects ? follow_changed(&i->follow, one) : one->changed_ms;
    if (at < inspect_known(i) || at <= i->now.floor_ms || !one->ref || !inspect_concerns(i, one))
        return;
    if (at > young) { /* its webhook may still be on its way */
        i->reach_ms = at - 1 < i->reach_ms ? at - 1 : i->reach_ms;
    } else if (!inspect_is_listed(i, one->ref)) {
        struct issue *copy = MANY_ADD(i->arena, &i->issues, struct issue);
        *copy = inspect_issue_copy(i->arena, one);
        copy->changed_ms = at;
        copy->past = follow_past(&i->follow, one, inspect_known(i), i->arena);
    }
}

/* Of the page what is of interest. True: all of it is older than what is known, so no more pages are needed. */
static bool inspect_take_issues(struct inspection *i, const struct fact *f)
{
    int64_t oldest = INT64_MAX;
    bool is_first = i->now.updated_ms == 0;
    MANY_EACH(const struct issue, one, &f->issues)
    {
        oldest = one->changed_ms < oldest ? one->changed_ms : oldest;
        i->newest_ms = one->changed_ms > i->newest_ms ? one->changed_ms : i->newest_ms;
        if (!is_first)
            inspect_take_issue(i, one);
    }
    return is_first || oldest < inspect_known(i);
}

/* The newest change that a list shows, by the tracker's clock: where the next look begins. */
static void inspect_baseline(struct inspection *i, const struct fact *f)
{
    int64_t newest = 1;
    MANY_EACH(const struct issue, one, &f->issues)
    newest = one->changed_ms > newest ? one->changed_ms : newest;
    i->now.updated_ms = newest;
    i->now.floor_ms = newest - 1;
}

/* A list is longer than one look goes. From the oldest on the next look goes on; from the newest on the rest is lost.
 */
static void inspect_bound(struct inspection *i, bool is_newest_first, const char *what)
{
    if (!is_newest_first) {
        i->reach_ms = i->newest_ms < i->reach_ms ? i->newest_ms : i->reach_ms;
        return;
    }
    i->is_cut = true;
    i->now.note =
        arena_fmt(i->arena, "more %s than %d pages show: the older ones were not looked at", what, RECONCILE_PAGES);
}

static void inspect_told_issues(struct question *q, const struct fact *f, const struct err *e)
{
    struct inspection *i = CONTAINER(q, struct inspection, question);
    bool is_newest_first = inspect_is_newest_first(i);
    i->now.is_gone = (f && f->state == FACT_MISSING) || (e && e->class == ERR_MISSING);
    if (e || !f || (f->state != FACT_HERE && f->state != FACT_SAME)) {
        struct err why = {0};
        fail(&why, ERR_MISSING, "%s", f && f->why ? f->why : "it cannot be seen");
        inspect_end(i, e ? e : &why);
        return;
    }
    i->is_same = f->state == FACT_SAME;
    if (f->tag && i->pages == 0)
        i->tag = arena_text(i->arena, f->tag);
    bool is_enough = inspect_take_issues(i, f) && is_newest_first;
    if (is_newest_first && i->now.updated_ms == 0)
        inspect_baseline(i, f);
    if (f->text && !is_enough && ++i->pages < RECONCILE_PAGES) {
        inspect_ask(i, FACT_ISSUES, arena_text(i->arena, f->text), NULL, inspect_told_issues);
        return;
    }
    if (f->text && !is_enough)
        inspect_bound(i, is_newest_first, "issues");
    inspect_log(i);
}

/*
 * Of a tracker as a whole our clock has to do for a beginning; times there are whole seconds. Tickets may have been
 * made and moved before they were first looked at.
 */
static void inspect_issues(struct inspection *i)
{
    i->pages = 0;
    if (!inspect_has_issues(i)) {
        inspect_log(i);
    } else if (!inspect_is_whole(i)) {
        inspect_ask(i, FACT_ISSUES, arena_fmt(i->arena, "%s all", i->place->name), i->now.tag, inspect_told_issues);
    } else {
        if (i->now.updated_ms == 0) {
            int64_t before = i->projects ? RECONCILE_HOUR_MS : 0;
            i->now.updated_ms = (i->began_ms - before) / 1000 * 1000;
            i->now.floor_ms = i->now.updated_ms - 1;
        }
        inspect_ask(i, FACT_ISSUES, arena_fmt(i->arena, "since %" PRId64, inspect_known(i)), NULL, inspect_told_issues);
    }
}

/* --- the log of deliveries --- */

static struct hook_delivery inspect_delivery_copy(struct arena *a, const struct hook_delivery *d)
{
    struct hook_delivery copy = *d;
    copy.id = arena_text(a, d->id);
    copy.guid = arena_text(a, d->guid);
    copy.event = arena_text(a, d->event);
    copy.action = arena_text(a, d->action);
    copy.repository = NULL;
    return copy;
}

static void inspect_told_log(struct question *q, const struct fact *f, const struct err *e)
{
    struct inspection *i = CONTAINER(q, struct inspection, question);
    int64_t known = i->now.log_ms - GAP_LOG_OVERLAP_MS, newest = 0;
    if (e) {
        i->now.hooks_read_ms = 0;
        inspect_end(i, e);
        return;
    }
    if (f->state != FACT_HERE) { /* the webhook was removed, or our rights were */
        i->now.hooks_read_ms = 0;
        i->now.hook = GAP_HOOK_UNKNOWN;
        i->now.note = arena_fmt(i->arena, "log of deliveries: %s", f->why ? f->why : "no answer");
        inspect_compare(i);
        return;
    }
    i->has_log = true;
    MANY_EACH(const struct hook_delivery, d, &f->deliveries)
    {
        newest = d->at_ms > newest ? d->at_ms : newest;
        if (d->at_ms >= known && d->id && d->guid)
            *MANY_ADD(i->arena, &i->deliveries, struct hook_delivery) = inspect_delivery_copy(i->arena, d);
    }
    bool is_more = f->text && newest >= known;
    if (is_more && ++i->pages < RECONCILE_PAGES) {
        inspect_ask(i, FACT_DELIVERIES, arena_text(i->arena, f->text), NULL, inspect_told_log);
        return;
    }
    if (is_more)
        inspect_bound(i, true, "deliveries");
    inspect_compare(i);
}

/* Where no issue has changed there is nothing to be missed, so that the log need not be read each time. */
static void inspect_log(struct inspection *i)
{
    bool is_fresh = i->began_ms - i->now.log_read_ms < RECONCILE_HOUR_MS;
    i->pages = 0;
    if (i->is_same && is_fresh) {
        i->tag = i->now.tag;
        inspect_done(i);
    } else if ((i->driver->can & TRACKER_LOG) && i->now.hook_id) {
        inspect_ask(i, FACT_DELIVERIES, arena_fmt(i->arena, "%s/hooks/%s", i->place->name, i->now.hook_id), NULL,
                    inspect_told_log);
    } else {
        inspect_compare(i);
    }
}

/* --- the journal --- */

/* False: there is nothing more to be done, and the inspection is gone. */
static bool inspect_goes_on(struct inspection *i, const struct err *e)
{
    i->is_waiting = i->is_surveying = false;
    if (!e && !i->is_cancelled)
        return true;
    inspect_end(i, e);
    return false;
}

static int inspect_by_time(const void *a, const void *b)
{
    const struct hook_delivery *one = a, *two = b;
    return (one->at_ms > two->at_ms) - (one->at_ms < two->at_ms);
}

static int inspect_by_change(const void *a, const void *b)
{
    const struct issue *one = a, *two = b;
    return (one->changed_ms > two->changed_ms) - (one->changed_ms < two->changed_ms);
}

/* What may be in the journal of all that was listed came in no earlier than this. */
static int64_t inspect_window(const struct inspection *i)
{
    int64_t since = i->began_ms;
    MANY_EACH(const struct hook_delivery, d, &i->deliveries)
    since = d->at_ms < since ? d->at_ms : since;
    MANY_EACH(const struct issue, one, &i->issues)
    since = one->changed_ms < since ? one->changed_ms : since;
    return since > GAP_LOG_OVERLAP_MS ? since - GAP_LOG_OVERLAP_MS : 1;
}

bool inspect_surveys(const struct inspection *i)
{
    return i->is_surveying;
}

static void inspect_survey(struct inspection *i, void (*done)(struct sightings_job *j, const struct err *e))
{
    const struct sightings_want want = {
        .tracker = i->tracker->name,
        .hook_header = i->driver->hook_header,
        .delivery_header = i->driver->delivery_header,
        .since_ms = inspect_window(i),
        .others = i->projects != NULL,
    };
    i->at = 0;
    i->is_waiting = i->is_surveying = true;
    i->survey.done = done;
    sightings_look(i->source->reconciler->parts.loop, &i->survey, i->source->reconciler->parts.store_url, &want);
}

static void inspect_judge_deliveries(struct sightings_job *j, const struct err *e)
{
    struct inspection *i = CONTAINER(j, struct inspection, survey);
    if (!inspect_goes_on(i, e))
        return;
    if (i->projects && i->survey.found.is_told && i->driver->is_hooked(i->tracker))
        i->now.hook = GAP_HOOK_HEARD;
    inspect_next_delivery(i);
}

static void inspect_judge_issues(struct sightings_job *j, const struct err *e)
{
    struct inspection *i = CONTAINER(j, struct inspection, survey);
    if (inspect_goes_on(i, e))
        inspect_next_issue(i);
}

/* All that is to be compared is known. */
static void inspect_compare(struct inspection *i)
{
    if (i->deliveries.n > 0)
        qsort(i->deliveries.v, i->deliveries.n, sizeof(struct hook_delivery), inspect_by_time);
    if (i->issues.n > 0)
        qsort(i->issues.v, i->issues.n, sizeof(struct issue), inspect_by_change);
    if (i->deliveries.n > 0 || i->issues.n > 0)
        inspect_survey(i, inspect_judge_deliveries);
    else
        inspect_next_delivery(i);
}

/* --- deliveries that the journal has not --- */

static const struct hook_delivery *inspect_delivery(const struct inspection *i)
{
    return (const struct hook_delivery *)i->deliveries.v + i->at;
}

static void inspect_passed_delivery(struct inspection *i)
{
    const struct hook_delivery *d = inspect_delivery(i);
    sightings_note_delivery(&i->survey.found, i->now.hook_id, d->guid);
    i->now.log_ms = d->at_ms > i->now.log_ms ? d->at_ms : i->now.log_ms;
    i->at++;
}

static void inspect_count(struct inspection *i, bool is_recovered)
{
    struct metrics *m = i->source->reconciler->parts.metrics;
    if (!inspect_is_polled(i)) {
        i->now.missed++;
        metrics_add(m, METRIC_MISSED, i->source->tracker, NULL, 1);
    }
    if (!is_recovered)
        return;
    i->now.recovered++;
    metrics_add(m, METRIC_RECOVERED, i->source->tracker, NULL, 1);
}

static void inspect_taken(void *ctx, const struct receipt *receipt, const struct err *e)
{
    struct inspection *i = ctx;
    if (!inspect_goes_on(i, e))
        return;
    if (!receipt->is_duplicate) {
        inspect_count(i, true);
        i->taken++;
    }
    inspect_passed_delivery(i);
    inspect_next_delivery(i);
}

/* The log holds JSON, also of those that are sent as a form. */
static void inspect_take_delivery(struct inspection *i, const struct fact *f)
{
    char id[UUID_TEXT_BYTES];
    struct http_request r = {.method = "POST", .url = "", .body = str_of(arena_text(i->arena, f->text))};
    MANY_EACH(const struct named, h, &f->names)
    if (!text_same_nocase(h->id, "Content-Type"))
        http_header_add(i->arena, &r.headers, h->id, h->name);
    http_header_add(i->arena, &r.headers, "Content-Type", "application/json");
    const char *hook = http_header_get(&r.headers, i->driver->hook_header);
    i->now.hook_id = hook ? hook : i->now.hook_id; /* see own_place */
    const struct intake_delivery d = {.request = &r, .request_id = uuid_text(id), .is_recovered = true};
    i->is_waiting = true;
    engine_take(inspect_engine(i), i->tracker, &d, &(struct intake_told){inspect_taken, i});
}

static void inspect_told_delivery(struct question *q, const struct fact *f, const struct err *e)
{
    struct inspection *i = CONTAINER(q, struct inspection, question);
    const struct hook_delivery *d = inspect_delivery(i);
    if (e && e->class != ERR_INPUT) {
        inspect_end(i, e);
    } else if (!e && f->state == FACT_HERE && f->text) {
        inspect_take_delivery(i, f);
    } else {
        i->now.note = arena_fmt(i->arena, "delivery %s: %s", d->guid, e ? e->text : f->why ? f->why : "no content");
        if (d->at_ms > i->place->state.log_ms) /* else it was counted before */
            inspect_count(i, false);
        inspect_passed_delivery(i);
        inspect_next_delivery(i);
    }
}

static void inspect_next_delivery(struct inspection *i)
{
    while (i->at < i->deliveries.n && sightings_delivery(&i->survey.found, i->now.hook_id, inspect_delivery(i)->guid))
        inspect_passed_delivery(i);
    if (i->at < i->deliveries.n && i->fetched++ < RECONCILE_FETCHES) {
        const char *ref =
            arena_fmt(i->arena, "%s/hooks/%s/deliveries/%s", i->place->name, i->now.hook_id, inspect_delivery(i)->id);
        inspect_ask(i, FACT_DELIVERY, ref, NULL, inspect_told_delivery);
        return;
    }
    if (i->at < i->deliveries.n)
        i->reach_ms = inspect_delivery(i)->at_ms - 1 < i->reach_ms ? inspect_delivery(i)->at_ms - 1 : i->reach_ms;
    if (i->has_log)
        i->now.log_read_ms = i->began_ms;
    if (i->taken > 0 && i->issues.n > 0)
        inspect_survey(i, inspect_judge_issues);
    else
        inspect_first_issue(i);
}

/* --- what has changed without a delivery --- */

static const struct issue *inspect_issue(const struct inspection *i)
{
    return (const struct issue *)i->issues.v + i->at;
}

static void inspect_told_next(struct inspection *i);

static void inspect_told(void *ctx, const struct receipt *receipt, const struct err *e)
{
    struct inspection *i = ctx;
    if (!inspect_goes_on(i, e))
        return;
    if (!receipt->is_duplicate && i->is_counted)
        inspect_count(i, true);
    i->told += !receipt->is_duplicate;
    inspect_told_next(i);
}

static void inspect_tell(struct inspection *i, struct event *ev, const char *identity)
{
    char id[UUID_TEXT_BYTES];
    ev->tracker = i->tracker->name;
    ev->source = SOURCE_POLL;
    ev->request_id = uuid_text(id);
    ev->is_recovered = true;
    i->is_waiting = true;
    engine_tell(inspect_engine(i), ev, identity, &(struct intake_told){inspect_told, i});
}

static void inspect_tell_comment(struct inspection *i)
{
    const struct comment *c = (const struct comment *)i->comments.v + i->comment++;
    struct event ev = {
        .target = "comment",
        .action = "create",
        .happened_ms = c->at_ms,
        .actor.login = c->author,
        .has_comment = true,
        .comment = *c,
        .issue = *inspect_issue(i),
    };
    inspect_tell(i, &ev, arena_fmt(i->arena, "%s#c%s", ev.issue.ref, c->id));
}

/* Those of others that came since its last event; the first is the description. */
static void inspect_take_comments(struct inspection *i, const struct fact *f)
{
    const struct sighting *seen = sightings_issue(&i->survey.found, inspect_issue(i)->ref);
    int64_t since = seen ? seen->received_ms : i->place->state.updated_ms;
    MANY_EACH(const struct comment, c, &f->comments)
    if (c->at_ms > since && c->at_ms > i->now.floor_ms && c->number != 0 && !c->is_private && c->id)
        *MANY_ADD(i->arena, &i->comments, struct comment) = (struct comment){
            .id = arena_text(i->arena, c->id),
            .number = c->number,
            .author = arena_text(i->arena, c->author),
            .text = arena_text(i->arena, c->text),
            .at_ms = c->at_ms,
        };
}

static void inspect_told_comments(struct question *q, const struct fact *f, const struct err *e)
{
    struct inspection *i = CONTAINER(q, struct inspection, question);
    if (e && e->class != ERR_INPUT && e->class != ERR_MISSING) {
        inspect_end(i, e);
        return;
    }
    if (f && f->state == FACT_HERE)
        inspect_take_comments(i, f);
    inspect_tell_issue(i);
}

/* What is told of is read anew by the rules, but for comments, each of which is an event. */
static bool inspect_wants_comments(const struct inspection *i)
{
    return inspect_is_whole(i) && (i->driver->can & TRACKER_COMMENTS);
}

/* As its webhook would have told. */
static void inspect_put_past(struct inspection *i, const struct issue *issue, struct event *ev)
{
    ev->target = "issue";
    ev->action = "updated";
    ev->issue.past = (struct many){0};
    MANY_EACH(const struct issue_change, one, &issue->past)
    {
        ev->actor.id = one->by;
        *MANY_ADD(i->arena, &ev->deltas, struct delta) = (struct delta){one->field, one->removed, one->added};
    }
}

static void inspect_tell_issue(struct inspection *i)
{
    const struct issue *issue = inspect_issue(i);
    struct event ev = {.happened_ms = issue->changed_ms, .action = "recovered", .issue = *issue};
    ev.target = text_same(issue->type, "pull request") ? "pull_request" : "issues";
    if (i->projects) {
        inspect_put_past(i, issue, &ev);
    } else if (inspect_is_whole(i)) {
        ev.target = "bug";
        ev.action = "modify";
    }
    inspect_tell(i, &ev, arena_fmt(i->arena, "%s@%" PRId64, issue->ref, issue->changed_ms));
}

static void inspect_told_next(struct inspection *i)
{
    if (i->comment < i->comments.n) {
        inspect_tell_comment(i);
        return;
    }
    i->comments.n = i->comment = 0;
    i->at++;
    inspect_next_issue(i);
}

static void inspect_passed_issues(struct inspection *i)
{
    int64_t reached = i->newest_ms < i->reach_ms ? i->newest_ms : i->reach_ms;
    i->now.updated_ms = reached > i->now.updated_ms ? reached : i->now.updated_ms;
    inspect_done(i);
}

static enum gap inspect_gap(const struct inspection *i)
{
    struct many links = {0};
    struct err e = {0};
    if (!i->projects)
        return gap_of_issue(&i->survey.found, inspect_issue(i), i->has_log);
    (void)(follow_links(&i->follow, inspect_issue(i), i->arena, &links, &e) < 0);
    return gap_of_followed(&i->survey.found, inspect_issue(i), &links, i->arena);
}

static void inspect_next_issue(struct inspection *i)
{
    enum gap gap = GAP_NONE;
    while (i->at < i->issues.n && (gap = inspect_gap(i)) == GAP_NONE)
        i->at++;
    if (i->at < i->issues.n && i->told >= RECONCILE_TELLS) {
        int64_t left = inspect_issue(i)->changed_ms - 1;
        i->reach_ms = left < i->reach_ms ? left : i->reach_ms;
        i->at = i->issues.n;
    }
    i->is_counted = gap == GAP_MISSED;
    if (i->at == i->issues.n)
        inspect_passed_issues(i);
    else if (inspect_wants_comments(i))
        inspect_ask(i, FACT_COMMENTS, inspect_issue(i)->ref, NULL, inspect_told_comments);
    else
        inspect_tell_issue(i);
}

static void inspect_first_issue(struct inspection *i)
{
    i->at = 0;
    inspect_next_issue(i);
}

/* --- beginning and giving up --- */

/* Is it followed? Nobody shows its webhooks; without anything to prove itself by, none can be there. */
static void inspect_follow(struct inspection *i)
{
    if (!(i->driver->can & TRACKER_FOLLOW))
        return;
    i->follow = (struct follow){i->config, i->tracker, i->source->reconciler->parts.store};
    i->projects = follow_projects(&i->follow, i->arena);
    i->lag_ms = i->driver->look_lag_ms(i->tracker);
    if (i->now.hook != GAP_HOOK_HEARD || !i->driver->is_hooked(i->tracker))
        i->now.hook = GAP_HOOK_NONE;
}

void inspect_start(struct source *s, struct place *p)
{
    struct engine *g = s->reconciler->parts.engine;
    struct inspection *i = mem_zero(sizeof *i);
    *i = (struct inspection){
        .source = s,
        .place = p,
        .config = engine_hold_config(g),
        .arena = arena_new(RECONCILE_BYTES),
        .began_ms = loop_now_ms(s->reconciler->parts.loop),
        .reach_ms = INT64_MAX,
    };
    i->tracker = config_tracker(i->config, s->tracker);
    i->driver = tracker_driver(i->tracker);
    i->now = place_state_copy(i->arena, &p->state);
    inspect_follow(i);
    if (!i->now.first_ms)
        i->now.first_ms = i->began_ms;
    s->inspection = i;
    inspect_hooks(i);
}

void inspect_cancel(struct inspection *i)
{
    i->is_cancelled = true;
    if (i->is_waiting) /* for the disk, or for the pool, which tell */
        return;
    i->source->inspection = NULL;
    question_cancel(&i->question);
    inspect_free(i);
}

void inspect_forget(struct inspection *i)
{
    question_cancel(&i->question);
    inspect_free(i);
}
