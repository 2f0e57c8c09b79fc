/*
 * users.c: users of a tracker whose mail is of a certain domain → an event for each who is not in the group of that
 * domain yet. Who is in the groups is read first, and again after a crash.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/text.h"
#include "poll/poll_private.h"
#include "tracker/driver.h"

enum { USERS_PAGES_MAX = 100000 };

struct job_members {
    struct opt_pairs groups; /* as they were when the job began, or began again */
    struct map *all;         /* of what users_key gives */
    size_t group;            /* that is being read */
    const char *page;        /* of it that comes next; NULL: the first */
    bool has_mail;           /* some user shows an address */
};

static const struct opt_pairs *users_groups(const struct conf_tracker *t)
{
    const struct tracker_driver *d = tracker_driver(t);
    return (d->can & TRACKER_USERS) ? d->groups(t) : NULL;
}

/* NAME, or NAME:users as jobs have it. */
static int users_accept(const struct config *c, const struct job_ask *what, struct job *ret, struct arena *a,
                        struct err *e)
{
    size_t n = strcspn(what->target, ":");
    const char *name = arena_str(a, (struct str){what->target, n});
    const struct conf_tracker *t = config_tracker(c, name);
    const struct opt_pairs *groups = t ? users_groups(t) : NULL;
    if (!t || (what->target[n] && strcmp(what->target + n, ":users") != 0))
        return fail(e, ERR_INPUT, "there is no tracker \"%.60s\"", what->target);
    if (!groups)
        return fail(e, ERR_INPUT, "%s is of kind %s, whose users cannot be listed", t->name, t->kind->name);
    if (groups->n == 0)
        return fail(e, ERR_INPUT, "%s has no groups, so that no user belongs into one", t->name);
    if (what->all || what->is_forced || what->since_ms || what->until_ms)
        return fail(e, ERR_INPUT, "all, since, until and force are for rescans");
    ret->tracker = name;
    ret->target = "users";
    return 0;
}

void users_free(struct job_run *r)
{
    if (r->members)
        map_free(r->members->all);
}

/* --- who is in the groups --- */

static uint64_t users_key(struct job_run *r, const char *group, const char *id)
{
    return hash_stable(str_of(arena_fmt(r->arena, "%s\n%s", group, id)));
}

static bool users_begin(struct job_run *r)
{
    const struct conf_tracker *t = config_tracker(engine_config(r->poll->parts.engine), r->job.tracker);
    const struct opt_pairs *groups = t ? users_groups(t) : NULL;
    if (!groups)
        return false;
    struct job_members *m = ARENA_NEW(r->arena, struct job_members);
    m->groups.v = ARENA_ARRAY(r->arena, struct opt_pair, groups->n + 1);
    m->groups.n = groups->n;
    for (size_t i = 0; i < groups->n; i++) {
        m->groups.v[i].name = arena_text(r->arena, groups->v[i].name);
        for (size_t k = 0; k < groups->v[i].values.n; k++)
            texts_add(r->arena, &m->groups.v[i].values, arena_text(r->arena, groups->v[i].values.v[k]));
    }
    m->all = map_new();
    r->members = m;
    return true;
}

static void users_take_members(struct job_run *r, const struct fact *f)
{
    struct job_members *m = r->members;
    MANY_EACH(const struct person, p, &f->people)
    map_put(m->all, users_key(r, m->groups.v[m->group].name, p->id), m);
    m->page = arena_text(r->arena, f->text);
    m->group += !m->page;
    r->kind->go_on(r);
}

/* --- users --- */

/* "ada@UBC.ca" is of "@ubc.ca", and of "ubc.ca"; "ada@mail.ubc.ca" is not. */
static bool users_is_of(const char *mail, const char *domain)
{
    const char *at = mail ? strrchr(mail, '@') : NULL;
    return at && text_same_nocase(at + 1, domain + (domain[0] == '@'));
}

static void users_tell(struct job_run *r, const struct person *p)
{
    const struct job_members *m = r->members;
    struct event ev = {
        .target = "user",
        .action = "sync",
        .routing = "user.sync",
        .issue = {.ref = arena_fmt(r->arena, "user/%s", p->id), .id = p->id},
    };
    for (size_t i = 0; i < m->groups.n; i++) {
        bool is_of = false;
        for (size_t k = 0; k < m->groups.v[i].values.n; k++)
            is_of = is_of || users_is_of(p->mail, m->groups.v[i].values.v[k]);
        if (is_of && !map_get(m->all, users_key(r, m->groups.v[i].name, p->id)))
            texts_add(r->arena, &ev.issue.groups, m->groups.v[i].name);
    }
    if (ev.issue.groups.n > 0)
        job_step_tell(r, &ev);
}

static void users_take_page(struct job_run *r, const struct fact *f)
{
    struct job_step *s = job_step_begin(r);
    MANY_EACH(const struct person, p, &f->people)
    {
        r->members->has_mail = r->members->has_mail || !text_blank(p->mail);
        if (job_step_told(r) < POLL_PAGE_MAX)
            users_tell(r, p);
    }
    s->place.page = arena_text(r->arena, f->text);
    s->place.number++;
    s->is_last = !f->text || s->place.number > USERS_PAGES_MAX;
    if (s->is_last && !r->members->has_mail)
        job_run_note(r, r->job.tracker, "no mail address of any user may be seen");
    job_step_end(r);
}

static void users_answered(struct question *q, const struct fact *f, const struct err *e)
{
    struct job_run *r = CONTAINER(q, struct job_run, question);
    const struct job_members *m = r->members;
    if (e && !job_run_later(r, e))
        job_run_fail(r, e->text);
    else if (!e && f->state == FACT_HERE && f->key.kind == FACT_MEMBERS)
        users_take_members(r, f);
    else if (!e && f->state == FACT_HERE)
        users_take_page(r, f);
    else if (!e)
        job_run_fail(r, arena_fmt(r->arena, "%s: %s", m->group < m->groups.n ? m->groups.v[m->group].name : "users",
                                  text_blank(f->why) ? "is not there, or may not be seen" : f->why));
}

static void users_go_on(struct job_run *r)
{
    if (r->poll->is_stopping)
        return;
    if (!r->members && !users_begin(r)) {
        job_run_fail(r, "the tracker is not configured any more");
        return;
    }
    const struct job_members *m = r->members;
    struct fact_key want = {.kind = FACT_ACCOUNTS, .tracker = r->job.tracker};
    want.ref = r->place.page ? r->place.page : "0";
    if (m->group < m->groups.n) {
        want.kind = FACT_MEMBERS;
        want.ref = m->page ? m->page : arena_fmt(r->arena, "0 %s", m->groups.v[m->group].name);
    }
    job_ask_fact(r, &want, users_answered);
}

const struct job_kind job_users = {"users", users_accept, users_go_on};
