#include "base/base.h"
#include "api/jobs.h"
#include "api/rows.h"
#include "api/plan_words.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "engine/engine.h"
#include "http/message.h"
#include "poll/poll.h"
#include "tracker/driver.h"

enum {
    JOBS_SCRATCH_BYTES = 512 * 1024 * 1024, /* one trace, parsed */
    JOBS_LINE_BYTES = 4096,
    JOBS_FORM_BYTES = 64 * 1024,
    JOBS_DAY_MS = 24 * 60 * 60 * 1000
};

struct job_call {
    struct poll_deed deed;
    struct verb_call *call;
};

static void job_acted(struct poll_deed *d, const struct err *e)
{
    struct verb_call *c = CONTAINER(d, struct job_call, deed)->call;
    c->acted(c, e);
}

static struct job_call *job_call_new(struct verb_call *c)
{
    struct job_call *j = ARENA_NEW(c->arena, struct job_call);
    j->call = c;
    j->deed = (struct poll_deed){.who = c->who, .done = job_acted};
    c->found = j;
    return j;
}

/* --- asking for one --- */

/* The day itself is meant as well, when only a day is given. */
static int64_t job_until(const struct verb_value *v)
{
    bool is_day = v->text && strlen(v->text) == strlen("2026-11-20");
    return v->number + (is_day ? JOBS_DAY_MS : 0);
}

void job_ask_act(struct verb_call *c, struct engine *g)
{
    (void)g;
    struct job_call *j = job_call_new(c);
    const struct verb_value *args = c->args;
    const struct job_ask what = {
        .kind = args[JOB_ASK_KIND].text,
        .target = args[JOB_ASK_TARGET].text,
        .all = args[JOB_ASK_ALL].number,
        .is_dry = args[JOB_ASK_DRY].number,
        .is_forced = args[JOB_ASK_FORCE].number,
        .since_ms = args[JOB_ASK_SINCE].number,
        .until_ms = job_until(&args[JOB_ASK_UNTIL]),
    };
    poll_ask(c->poll, &j->deed, &what);
}

const char *job_ask_place(const struct verb_call *c)
{
    const struct job_call *j = c->found;
    return arena_fmt(c->arena, "/api/v1/jobs/%" PRId64, j->deed.job);
}

void job_ask_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    const struct job_call *j = c->found;
    json_put_int(o, "id", j->deed.job);
    json_put_text(o, "place", job_ask_place(c));
}

/* --- cancelling one --- */

void job_cancel_act(struct verb_call *c, struct engine *g)
{
    (void)g;
    struct job_call *j = job_call_new(c);
    j->deed.job = c->args[0].number;
    poll_cancel(c->poll, &j->deed);
}

void job_cancel_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    json_put_int(o, "id", c->args[0].number);
    json_put_text(o, "state", "cancelling");
}

/* --- looking --- */

static void job_put_figures(const struct job_row *row, const struct engine *g, struct json_out *o)
{
    const struct job *j = &row->job;
    int64_t left = 0;
    json_open(o, "verdicts", '{');
    for (size_t v = 0; v < VERDICTS; v++) {
        left += verdict_ended((enum verdict)v) ? 0 : row->verdicts[v];
        if (row->verdicts[v] > 0)
            json_put_int(o, verdict_name((enum verdict)v), row->verdicts[v]);
    }
    json_close(o);
    int64_t took_ms = (j->ended_ms ? j->ended_ms : engine_now_ms(g)) - j->began_ms;
    double rate = took_ms > 0 ? (double)(row->events - left) * 1000 / (double)took_ms : 0;
    json_put_int(o, "events", row->events);
    json_put_int(o, "left", left);
    json_put_real(o, "per_second", rate);
    if (j->state == JOB_RUNNING && rate > 0)
        json_put_int(o, "seconds_left", (int64_t)((double)left / rate) + 1);
}

static bool job_is_cancelling(const struct job *j, struct arena *a)
{
    const struct json *place = NULL;
    struct err e = {0};
    return j->state < JOB_DONE && j->place && json_parse(a, str_of(j->place), &place, &e) == 0 &&
           json_bool(json_get(place, "cancelled"), false);
}

static void job_put(const struct job_row *row, const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    const struct job *j = &row->job;
    json_put_int(o, "id", j->id);
    json_put_text(o, "kind", j->kind);
    json_put_text(o, "target", arena_fmt(c->arena, "%s:%s", j->tracker, j->target));
    json_put_text(o, "who", j->who);
    json_put_text(o, "state", job_is_cancelling(j, c->arena) ? "cancelling" : job_state_name(j->state));
    if (j->options)
        json_put_raw(o, "options", str_of(j->options));
    rows_put_time(o, "began", j->began_ms);
    rows_put_time(o, "ended", j->ended_ms);
    json_put_int(o, "found", j->found);
    json_put_int(o, "skipped", j->skipped);
    rows_put_some(o, "note", j->note);
    job_put_figures(row, g, o);
}

int job_list_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    const struct job_page page = {.before = c->args[JOB_LIST_BEFORE].number,
                                  .limit = (int)c->args[JOB_LIST_LIMIT].number};
    struct many *rows = ARENA_NEW(c->arena, struct many);
    c->found = rows;
    return store_list_jobs(r, &page, c->arena, rows, e);
}

void job_list_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    json_open(o, "jobs", '[');
    MANY_EACH(const struct job_row, row, (const struct many *)c->found)
    {
        json_open(o, NULL, '{');
        job_put(row, c, g, o);
        json_close(o);
    }
    json_close(o);
}

/* --- one, with what became of each issue --- */

struct job_item {
    struct event_row row;
    struct texts plan, notes;
};
struct job_found {
    struct job_row row;
    struct many items; /* struct job_item */
};

struct job_reading {
    struct verb_call *call;
    struct arena *scratch;
};

static void job_read_unit(const struct job_reading *at, const struct json *from, struct job_item *item)
{
    struct arena *a = at->call->arena;
    struct unit u = {0};
    struct err e = {0};
    if (field_read(&unit_table, from, at->scratch, &u, &e) < 0 || !u.matched)
        return;
    MANY_EACH(const struct change, c, &u.changes)
    {
        AUTO(text_auto) struct text t;
        text_init(&t, JOBS_LINE_BYTES);
        plan_words(c, item->row.subject, &t);
        texts_add(a, &item->plan, arena_text(a, text_z(&t)));
    }
    const struct texts *const all[] = {&u.notes, &u.undone};
    for (size_t k = 0; k < COUNT(all); k++)
        for (size_t i = 0; i < all[k]->n; i++)
            texts_add(a, &item->notes, arena_text(a, all[k]->v[i]));
}

/* The plan of its last attempt. */
static int job_read_item(const struct job_reading *at, struct store_reader *r, struct job_item *item, struct err *e)
{
    struct event_story story = {0};
    const struct json *trace = NULL;
    arena_reset(at->scratch);
    int rc = store_read_event(r, item->row.id, at->scratch, &story, e);
    if (rc < 0)
        return rc;
    const struct attempt_row *attempts = story.attempts.v;
    struct str last = story.attempts.n > 0 ? attempts[story.attempts.n - 1].trace : (struct str){NULL, 0};
    struct err damaged = {0};
    if (last.p && json_parse(at->scratch, last, &trace, &damaged) == 0)
        JSON_EACH (unit, json_path(trace, "decision.units"))
            job_read_unit(at, unit, item);
    return 0;
}

static int job_read_items(struct verb_call *c, struct store_reader *r, struct job_found *found, struct err *e)
{
    AUTO(arena_auto) struct arena *scratch = arena_new(JOBS_SCRATCH_BYTES);
    const struct job_events want = {c->args[JOB_ONE_ID].number, c->args[JOB_ONE_AFTER].number,
                                    (int)c->args[JOB_ONE_LIMIT].number};
    const struct job_reading at = {c, scratch};
    struct many ids = {0}, rows = {0};
    int rc = want.limit > 0 ? store_job_events(r, &want, c->arena, &ids, e) : 0;
    if (rc == 0 && ids.n > 0)
        rc = store_list_ids(r, ids.v, ids.n, c->arena, &rows, e);
    MANY_EACH(const struct event_row, row, &rows)
    if (rc == 0) {
        struct job_item *item = MANY_ADD(c->arena, &found->items, struct job_item);
        item->row = *row;
        rc = job_read_item(&at, r, item, e);
    }
    return rc;
}

int job_one_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    struct job_found *found = ARENA_NEW(c->arena, struct job_found);
    c->found = found;
    int rc = store_read_job(r, c->args[JOB_ONE_ID].number, c->arena, &found->row, e);
    return rc < 0 ? rc : job_read_items(c, r, found, e);
}

static void job_put_texts(struct json_out *o, const char *key, const struct texts *all)
{
    if (all->n == 0)
        return;
    json_open(o, key, '[');
    for (size_t i = 0; i < all->n; i++)
        json_put_text(o, NULL, all->v[i]);
    json_close(o);
}

void job_one_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    const struct job_found *found = c->found;
    int64_t last = 0;
    json_open(o, "job", '{');
    job_put(&found->row, c, g, o);
    json_close(o);
    json_open(o, "items", '[');
    MANY_EACH(const struct job_item, item, &found->items)
    {
        json_open(o, NULL, '{');
        rows_put_event(o, &item->row, g);
        job_put_texts(o, "plan", &item->plan);
        job_put_texts(o, "notes", &item->notes);
        json_close(o);
        last = item->row.id;
    }
    json_close(o);
    if ((int64_t)found->items.n == c->args[JOB_ONE_LIMIT].number && last > 0)
        json_put_int(o, "next_after", last);
}

/* --- the old bot's form --- */

static const struct conf_tracker *job_form_tracker(const struct config *c)
{
    for (size_t i = 0; i < c->n_bridges; i++)
        if (strcmp(c->bridges[i].from->kind->name, "github") == 0)
            return c->bridges[i].from;
    return NULL;
}

/* Checked in a browser, a box is "on"; people's scripts send 1 or true. */
static bool job_form_is_set(const char *value)
{
    static const char *const off[] = {"", "0", "false", "off", "no"};
    for (size_t i = 0; i < COUNT(off); i++)
        if (!value || strcasecmp(value, off[i]) == 0)
            return false;
    return true;
}

int job_form(const struct config *c, struct arena *a, struct str form, struct str *ret, struct err *e)
{
    static const struct {
        const char *field, *arg;
        bool is_switch;
    } rows[] = {{"allpr", "all", true},
                {"dry_run", "dry_run", true},
                {"force", "force", true},
                {"earliest", "since", false},
                {"latest", "until", false}};
    const char *query = arena_fmt(a, "?%s", arena_str(a, form));
    const char *repo = http_query(a, query, "repo");
    const struct conf_tracker *t = job_form_tracker(c);
    if (!t)
        return fail(e, ERR_INPUT, "no bridge follows a tracker of kind github");
    if (text_blank(repo))
        return fail(e, ERR_INPUT, "repo is missing: OWNER/REPO, or all:OWNER");
    AUTO(text_auto) struct text body;
    struct json_out o;
    text_init(&body, JOBS_FORM_BYTES);
    json_start(&o, &body);
    json_open(&o, NULL, '{');
    json_put_text(&o, "target", arena_fmt(a, "%s:%s", t->name, text_starts(repo, "all:") ? repo + 4 : repo));
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *value = http_query(a, query, rows[i].field);
        if (rows[i].is_switch)
            json_put_bool(&o, rows[i].arg, job_form_is_set(value));
        else if (!text_blank(value))
            json_put_text(&o, rows[i].arg, value);
    }
    json_close(&o);
    if (text_full(&body))
        return fail(e, ERR_INPUT, "the form is too large");
    *ret = (struct str){arena_str(a, text_str(&body)), body.n};
    return 0;
}

/* The only one that has groups; NULL: there is none, or more than one. */
static const char *job_users_tracker(const struct config *c)
{
    const char *only = NULL;
    for (size_t i = 0; i < c->n_trackers; i++) {
        const struct tracker_driver *d = tracker_driver(c->trackers[i]);
        if (!(d->can & TRACKER_USERS) || d->groups(c->trackers[i])->n == 0)
            continue;
        if (only)
            return NULL;
        only = c->trackers[i]->name;
    }
    return only;
}

int job_users_form(const struct config *c, struct arena *a, struct str form, struct str *ret, struct err *e)
{
    const char *given = http_query(a, arena_fmt(a, "?%s", arena_str(a, form)), "tracker");
    const char *tracker = text_blank(given) ? job_users_tracker(c) : given;
    if (!tracker)
        return fail(e, ERR_INPUT, "tracker is missing: there is not exactly one with groups");
    AUTO(text_auto) struct text body;
    struct json_out o;
    text_init(&body, JOBS_FORM_BYTES);
    json_start(&o, &body);
    json_open(&o, NULL, '{');
    json_put_text(&o, "kind", "users");
    json_put_text(&o, "target", tracker);
    json_close(&o);
    if (text_full(&body))
        return fail(e, ERR_INPUT, "the form is too large");
    *ret = (struct str){arena_str(a, text_str(&body)), body.n};
    return 0;
}
