/*
 * rescan.c: lists of issues → events. One page after the other; the events of a page are on disk before the place is.
 *
 * What is closed while its list is read makes those behind it move up, over the edge of a page that was read already.
 * So a list of open ones that has several pages is read twice, unless nothing on it has changed: by then those that
 * moved are on the page before, and a page that is the same costs a conditional request. No issue gets two events.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/text.h"
#include "poll/poll_private.h"
#include "rule/decide.h"
#include "tracker/driver.h"

enum { RESCAN_AHEAD_MS = 250 };

/* --- what is asked for --- */

/* A word of the characters that GitHub's names have; how long it is. */
static size_t rescan_word(const char *at)
{
    return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
}

/* OWNER, OWNER/REPO or OWNER/REPO#NUMBER. */
static bool rescan_is_target(const char *s)
{
    size_t owner = rescan_word(s), name = s[owner] == '/' ? rescan_word(s + owner + 1) : 0;
    if (owner == 0 || owner + name > 300)
        return false;
    const char *end = s + owner + (s[owner] == '/') + name;
    int64_t number = 0;
    if (name > 0 && *end == '#')
        return str_int(str_of(end + 1), &number) && number > 0;
    return *end == '\0' && (name > 0 || s[owner] == '\0');
}

static bool rescan_is_read(const struct config *c, const struct conf_tracker *t)
{
    for (size_t i = 0; i < c->n_bridges; i++)
        if (c->bridges[i].from == t)
            return true;
    return false;
}

int job_target(const struct config *c, const struct job_ask *what, struct job *ret, struct arena *a, struct err *e)
{
    size_t n = strcspn(what->target, ":");
    const char *name = arena_str(a, (struct str){what->target, n}), *rest = what->target + n + (what->target[n] == ':');
    const struct conf_tracker *t = what->target[n] == ':' ? config_tracker(c, name) : NULL;
    if (what->target[n] == ':' && !t)
        return fail(e, ERR_INPUT, "there is no tracker \"%.60s\"", name);
    if (!t || !rescan_is_target(rest))
        return fail(e, ERR_INPUT,
                    "\"%.200s\" is not a target like github:OWNER/REPO, github:OWNER/REPO#1 or github:OWNER",
                    what->target);
    if (!(tracker_driver(t)->can & TRACKER_LIST))
        return fail(e, ERR_INPUT, "%s is of kind %s, whose issues cannot be rescanned", t->name, t->kind->name);
    if (!rescan_is_read(c, t))
        return fail(e, ERR_INPUT, "no bridge follows %s", t->name);
    ret->tracker = arena_text(a, name);
    ret->target = arena_text(a, rest);
    return 0;
}

static int rescan_check(const struct config *c, const struct job_ask *what, struct job *ret, struct arena *a,
                        struct err *e)
{
    if (what->until_ms && what->until_ms <= what->since_ms)
        return fail(e, ERR_INPUT, "until is not later than since");
    return job_target(c, what, ret, a, e);
}

/* Does any bridge say that it is worth looking at? */
static bool rescan_is_worth(const struct job_run *r, const struct issue *i)
{
    const struct config *c = engine_config(r->poll->parts.engine);
    for (size_t k = 0; k < c->n_bridges; k++) {
        const struct conf_bridge *b = &c->bridges[k];
        if (strcmp(b->from->name, r->job.tracker) == 0 && (!rule_kind(b)->rescans || rule_kind(b)->rescans(b, i)))
            return true;
    }
    return false;
}

static bool rescan_is_single(const struct job_run *r)
{
    return strchr(r->job.target, '#') != NULL;
}

static bool rescan_wants(const struct job_run *r, const struct issue *i)
{
    if (rescan_is_single(r))
        return true;
    return (!i->type || strcmp(i->type, "pull request") == 0) && i->created_ms >= r->what.since_ms &&
           (r->what.until_ms == 0 || i->created_ms < r->what.until_ms) && rescan_is_worth(r, i);
}

static void rescan_tell(struct job_run *r, const struct issue *i)
{
    bool is_pull = !i->type || strcmp(i->type, "pull request") == 0;
    const struct fact picture = {.key = {.kind = FACT_ISSUE, .tracker = r->job.tracker, .ref = i->ref}, .issue = *i};
    struct event ev = {
        .target = is_pull ? "pull_request" : "issues",
        .action = "rescan",
        .routing = "rescan",
        .issue = *i,
    };
    ev.issue.description = NULL; /* long, and fetched when it is needed */
    job_step_tell(r, &ev);
    if (!is_pull || i->pull.head) /* all of it, not only what it has as an issue */
        engine_picture(r->poll->parts.engine, &picture);
}

/* --- one page --- */

static bool rescan_is_to_be_read_again(const struct job_run *r)
{
    const struct job_place *place = &r->step.place;
    return place->number > 1 && place->is_fresh && !place->is_again && !r->what.all;
}

/* Behind this page: its next one, or the first once more, or the next repository, or the end. */
static void rescan_advance(struct job_run *r, const char *next)
{
    struct job_place *place = &r->step.place;
    size_t following = r->repository + 1;
    if (!text_blank(next)) {
        place->page = arena_text(r->arena, next);
        place->number++;
        return;
    }
    place->is_again = rescan_is_to_be_read_again(r);
    place->is_fresh = false;
    place->page = NULL;
    place->number = 1;
    if (!place->is_again)
        place->repository = following < r->repositories.n ? r->repositories.v[following] : NULL;
    r->step.is_last = !place->repository;
}

/* One event for each of these that is wanted. */
static int64_t rescan_tell_all(struct job_run *r, const struct issue *v, size_t n)
{
    for (size_t i = 0; i < n && job_step_told(r) < POLL_PAGE_MAX; i++)
        if (rescan_wants(r, &v[i]))
            rescan_tell(r, &v[i]);
    return (int64_t)job_step_told(r);
}

static void rescan_take_page(struct job_run *r, const struct fact *f)
{
    struct job_step *s = job_step_begin(r);
    s->place.is_fresh = true;
    rescan_advance(r, f->text);
    int64_t found = rescan_tell_all(r, f->issues.v, f->issues.n);
    cursor_step(r, f, found, &s->cursor);
    job_step_end(r);
}

static void rescan_take_one(struct job_run *r, const struct fact *f)
{
    job_step_begin(r)->is_last = true;
    (void)rescan_tell_all(r, &f->issue, 1);
    job_step_end(r);
}

static void rescan_skip_page(struct job_run *r, const struct page_cursor *c)
{
    struct job_step *s = job_step_begin(r);
    int64_t found = r->place.is_again ? 0 : c->found; /* those are counted */
    rescan_advance(r, c->next);
    s->found += found;
    s->skipped += found;
    job_step_end(r);
}

/* --- questions --- */

static int rescan_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By their names, so that a place among them can be found again. */
void job_take_repositories(struct job_run *r, const struct fact *f)
{
    MANY_EACH(const struct named, one, &f->names)
    texts_add(r->arena, &r->repositories,
              strchr(one->name, '/') ? arena_text(r->arena, one->name)
                                     : arena_fmt(r->arena, "%s/%s", r->job.target, one->name));
    if (r->repositories.n > 1)
        qsort(r->repositories.v, r->repositories.n, sizeof *r->repositories.v, rescan_order);
    r->has_repositories = true;
    r->kind->go_on(r);
}

/* The tracker does not show it: the end of the job, unless it is one of many repositories. */
static void rescan_refused(struct job_run *r, const struct fact_key *want, const char *said)
{
    bool is_one_of_many = want->kind == FACT_ISSUES && !strchr(r->job.target, '/');
    const char *why = text_blank(said) ? "is not there, or may not be seen" : said;
    if (!is_one_of_many) {
        job_run_fail(r, arena_fmt(r->arena, "%s: %s", r->job.target, why));
        return;
    }
    job_run_note(r, r->repositories.v[r->repository], why);
    (void)job_step_begin(r);
    rescan_advance(r, NULL);
    job_step_end(r);
}

static void rescan_answered(struct question *q, const struct fact *f, const struct err *e)
{
    struct job_run *r = CONTAINER(q, struct job_run, question);
    if (e && (e->class == ERR_MISSING || e->class == ERR_INPUT)) {
        rescan_refused(r, &q->want, e->text);
    } else if (e) {
        if (!job_run_later(r, e))
            job_run_fail(r, e->text);
    } else if (f->state == FACT_MISSING || f->state == FACT_FORBIDDEN) {
        rescan_refused(r, &f->key, f->why);
    } else if (f->state == FACT_SAME) {
        rescan_skip_page(r, r->known);
    } else if (f->key.kind == FACT_REPOSITORIES) {
        job_take_repositories(r, f);
    } else if (f->key.kind == FACT_ISSUE) {
        rescan_take_one(r, f);
    } else {
        rescan_take_page(r, f);
    }
}

void job_ask_fact(struct job_run *r, const struct fact_key *want,
                  void (*done)(struct question *q, const struct fact *f, const struct err *e))
{
    r->question.done = done;
    question_ask(r->poll->parts.engine, &r->question, want);
}

static void rescan_ask(struct job_run *r, enum fact_kind kind, const char *ref, const char *unless)
{
    const struct fact_key want = {.kind = kind, .tracker = r->job.tracker, .ref = ref, .unless = unless};
    job_ask_fact(r, &want, rescan_answered);
}

static void rescan_ask_page(struct job_run *r)
{
    const char *first = arena_fmt(r->arena, "%s %s", r->place.repository, r->what.all ? "pulls" : "open");
    r->known = cursor_read(r);
    rescan_ask(r, FACT_ISSUES, r->place.page ? r->place.page : first, r->known ? r->known->tag : NULL);
}

void job_find_place(struct job_run *r)
{
    struct job_place *place = &r->place;
    while (place->repository && r->repository < r->repositories.n &&
           strcmp(r->repositories.v[r->repository], place->repository) < 0)
        r->repository++;
    const char *here = r->repository < r->repositories.n ? r->repositories.v[r->repository] : NULL;
    if (!text_same(place->repository, here))
        *place = (struct job_place){.repository = here, .number = 1, .is_cancelled = place->is_cancelled};
}

/* Many of its events wait for their turn: those that come next would only grow old. */
static bool rescan_is_ahead(struct job_run *r)
{
    struct job_left left = {0};
    struct err e = {0};
    return store_job_left(r->poll->parts.store, r->job.id, &left, &e) == 0 && left.events - left.parked > POLL_AHEAD;
}

static void rescan_go_on(struct job_run *r)
{
    bool is_repository = strchr(r->job.target, '/') != NULL;
    if (r->poll->is_stopping)
        return;
    if (rescan_is_single(r)) {
        rescan_ask(r, FACT_ISSUE, r->job.target, NULL);
    } else if (!r->has_repositories && is_repository) {
        texts_add(r->arena, &r->repositories, r->job.target);
        r->has_repositories = true;
        rescan_go_on(r);
    } else if (!r->has_repositories) {
        rescan_ask(r, FACT_REPOSITORIES, r->job.target, NULL);
    } else if (rescan_is_ahead(r)) {
        job_run_pause(r, RESCAN_AHEAD_MS);
    } else {
        job_find_place(r);
        if (r->place.repository)
            rescan_ask_page(r);
        else {
            job_step_begin(r)->is_last = true;
            job_step_end(r);
        }
    }
}

const struct job_kind job_rescan = {"rescan", rescan_check, rescan_go_on};
