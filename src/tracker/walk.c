#include "base/base.h"

#include "tracker/walk_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

enum { WALK_TURN = 1000, WALK_TURNS_MOST = 5 }; /* redirects so far are counted in the thousands of the phase */

int walk_next(struct walk *r, int64_t phase)
{
    r->st->phase = phase;
    return STEP_SEND;
}

int walk_nothing(struct walk *r, const char *note)
{
    r->ret->unchanged = true;
    r->ret->note = note;
    return STEP_DONE;
}

/* --- bodies and notes --- */

void walk_open(struct text *t, struct json_out *o)
{
    text_init(t, TRACKER_BODY_BYTES);
    json_start(o, t);
    json_open(o, NULL, '{');
}

int walk_send(struct walk *r, struct text *t, struct json_out *o, struct err *e)
{
    json_close(o);
    int rc = tracker_body(r->arena, r->next, t, e);
    return rc < 0 ? rc : STEP_SEND;
}

int walk_note(struct walk *r, struct text *t, struct json_out *o, struct err *e)
{
    json_close(o);
    if (text_full(t) || t->n > TRACKER_NOTE_BYTES)
        return fail(e, ERR_PERMANENT, "more must be remembered between two requests than %d bytes", TRACKER_NOTE_BYTES);
    r->st->note = arena_str(r->arena, text_str(t));
    return 0;
}

const struct json *walk_noted(struct walk *r)
{
    const struct json *note = NULL;
    if (!r->st->note || json_parse(r->arena, str_of(r->st->note), &note, NULL) < 0)
        return NULL;
    return note;
}

/* --- common ends --- */

struct fact *walk_here(struct walk *r)
{
    if (!r->ret->fact)
        r->ret->fact = tracker_fact(r->arena, FACT_HERE, NULL);
    return r->ret->fact;
}

int walk_absent(struct walk *r, struct err *why)
{
    int status = r->prev->status;
    if (status != 404 && status != 410 && status != 451 && status != 403)
        return -(int)why->class;
    r->ret->fact = tracker_fact(r->arena, status == 403 ? FACT_FORBIDDEN : FACT_MISSING, why->text);
    return STEP_DONE;
}

int walk_gone(struct walk *r, struct err *why)
{
    return why->class == ERR_MISSING ? walk_nothing(r, NULL) : -(int)why->class;
}

int walk_made(struct walk *r, const struct json *one, const char *member, const char *what, struct err *e)
{
    int64_t number = 0;
    const struct json *named = json_get(one, member);
    const char *ref = json_text(named);
    if (json_int(named, &number))
        ref = arena_fmt(r->arena, "%" PRId64, number);
    if (text_blank(ref))
        return fail(e, ERR_UNCERTAIN, "%s: the answer does not say what was made", what);
    r->ret->ref = arena_text(r->arena, ref);
    return STEP_DONE;
}

/* --- files by their address, which may be anywhere --- */

/* Nothing else is ever asked of another host than the tracker's own. */
static bool walk_is_elsewhere(const struct walk *r)
{
    const struct fact_key *want = r->c->want;
    return want && want->kind == FACT_FILE && strstr(want->ref, "://") &&
           !tracker_is_own(r->c->conf, r->arena, want->ref);
}

/* What another host refuses is no reason to hold the tracker. */
static int walk_refused_elsewhere(const struct walk *r, const struct walk_phase *p, struct err *why)
{
    struct http_request sent = {.method = p->method, .effect = p->effect};
    int rc = tracker_refusal(&sent, r->prev, p->what, NULL, why);
    why->class = rc == -ERR_LIMITED || rc == -ERR_TRANSIENT ? ERR_TRANSIENT : ERR_MISSING;
    return -(int)why->class;
}

int walk_file_ask(struct walk *r, struct err *e)
{
    const char *url = r->c->want->ref;
    if (!text_starts(url, "https://") && !text_starts(url, "http://"))
        return fail(e, ERR_CONFIG, "%.200s is no http or https address", url);
    r->next->url = url; /* sign shows our credentials to the tracker alone */
    r->next->is_apart = true;
    return STEP_SEND;
}

int walk_file_take(struct walk *r, struct err *e)
{
    (void)e;
    walk_here(r)->text = arena_str(r->arena, r->prev->body);
    return STEP_DONE;
}

int walk_file_refused(struct walk *r, struct err *why)
{
    if (!walk_is_elsewhere(r))
        return walk_absent(r, why);
    r->ret->fact = tracker_fact(r->arena, FACT_MISSING, why->text);
    return STEP_DONE;
}

/* --- from phase to phase --- */

static int walk_ask(struct walk *r, const struct walk_phase *p, struct err *why)
{
    *r->next = (struct http_request){.method = p->method, .effect = p->effect};
    const char *accept = walk_is_elsewhere(r) ? "*/*" : r->work->accept ? r->work->accept : r->kind->accept;
    http_header_add(r->arena, &r->next->headers, "Accept", accept);
    return p->ask(r, why);
}

/* Where a redirect leads, when it stays with the tracker's own host; else NULL. */
static const char *walk_location(const struct walk *r)
{
    struct url home, there;
    const char *base = r->c->conf->url, *to = http_header_get(&r->prev->headers, "Location");
    int status = r->prev->status;
    bool is_redirect = status == 301 || status == 302 || status == 307 || status == 308;
    if (!r->kind->follows || !is_redirect || text_blank(to) || !url_parse(r->arena, base, &home))
        return NULL;
    if (to[0] == '/' && to[1] != '/') {
        const char *path = strchr(strstr(base, "://") + 3, '/');
        to = arena_fmt(r->arena, "%.*s%s", (int)(path ? (size_t)(path - base) : strlen(base)), base, to);
    }
    return tracker_at_home(r->arena, base, to, &there) && text_same(home.scheme, there.scheme) ? to : NULL;
}

/* The same request at another address: nothing has happened yet. 0: it leads nowhere. */
static int walk_redirected(struct walk *r, const struct walk_phase *p, struct err *why)
{
    const char *to = walk_location(r);
    if (!to || r->st->phase / WALK_TURN >= WALK_TURNS_MOST)
        return 0;
    int rc = walk_ask(r, p, why);
    if (rc != STEP_SEND)
        return rc;
    if (!tracker_is_own(r->c->conf, r->arena, r->next->url)) /* another host does not say what we ask of ours */
        return 0;
    r->next->url = to;
    r->st->phase += WALK_TURN;
    return rc;
}

static int walk_take(struct walk *r, const struct walk_phase *p, struct err *why)
{
    bool is_good = r->prev->status >= 200 && r->prev->status < 300;
    if (is_good && r->work->accept)
        return p->take(r, why);
    if (r->prev->body.n > 0 && json_parse(r->arena, r->prev->body, &r->answer, NULL) < 0)
        r->answer = NULL;
    if (!is_good || (r->kind->is_refusal && r->kind->is_refusal(r))) {
        int rc = walk_is_elsewhere(r) ? walk_refused_elsewhere(r, p, why) : r->kind->refusal(r, p, why);
        bool is_refused = rc == -ERR_INPUT || rc == -ERR_MISSING;
        return is_refused && p->refused ? p->refused(r, why) : rc;
    }
    if (!p->take)
        return STEP_DONE;
    bool is_empty = r->prev->body.n == 0 && (p->effect == HTTP_IDEMPOTENT || r->prev->status == 204);
    if (r->answer || is_empty)
        return p->take(r, why);
    if (p->effect == HTTP_CREATE)
        return fail(why, ERR_UNCERTAIN, "%s: HTTP %d, but the answer cannot be read", p->what, r->prev->status);
    return tracker_answer(r->arena, r->prev, p->what, &r->answer, why);
}

static int walk_on(struct walk *r, const struct walk_work *w, struct err *why)
{
    struct tracker_state *st = r->st;
    int64_t at = st->phase % WALK_TURN;
    r->work = w;
    if (w->n == 0)
        return fail(why, ERR_BUG, "%s has no %s", r->kind->name,
                    r->c->want ? fact_kind_name(r->c->want->kind) : change_kind_name(r->c->change->kind));
    if (!r->prev) { /* the beginning, or once more after a crash: everything that takes several steps reads first */
        *st = (struct tracker_state){0};
    } else if (at < 0 || (size_t)at >= w->n) {
        return fail(why, ERR_BUG, "%s: there is no phase %" PRId64, r->kind->name, st->phase);
    } else {
        int rc = walk_redirected(r, &w->phases[at], why);
        if (rc != 0)
            return rc;
        rc = walk_take(r, &w->phases[at], why);
        if (rc != STEP_SEND)
            return rc;
    }
    return walk_ask(r, &w->phases[st->phase % WALK_TURN], why);
}

int walk_step(struct walk *r, struct err *e)
{
    struct err why = {0};
    const struct tracker_call *c = r->c;
    const struct walk_work *w = c->want ? &r->kind->facts[c->want->kind] : &r->kind->changes[c->change->kind];
    return tracker_outcome(c, walk_on(r, w, &why), &why, r->ret, e);
}

int walk_own(struct walk *r, const struct walk_work *w, struct err *e)
{
    struct err why = {0};
    int rc = walk_on(r, w, &why);
    if (rc < 0 && e)
        *e = why;
    return rc;
}

int walk_look(struct walk *r, struct err *e)
{
    if (text_blank(r->c->change->marker))
        return fail(e, ERR_BUG, "look: the change bears no marker");
    return walk_own(r, &r->kind->looks[r->c->change->kind], e);
}
