/*
 * Bringing an issue to a status by the project's workflow, which Jira shows only from where the issue stands: what is
 * offered there, and what it needs. When the change allows several transitions, the way is the one that it plans
 * (`via`), or is looked for: another issue of the same project and type that stands in a status which is offered tells
 * what is offered from there, and so on, nearest first. Nothing is moved before the whole way is known. Each hop begins
 * by reading, so that it may begin again at any point. Where no way leads on, that is said and the issue stays.
 */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "tracker/tracker_private.h"

enum { STATUS_READ, STATUS_OFFERS, STATUS_OTHER, STATUS_OTHER_OFFERS, STATUS_POST };
enum { HOP_MOST = 4, HOP_PLACES_MOST = 24, HOP_TEXT_BYTES = 2048 };

struct hop_place { /* a status that can be reached */
    const char *status;
    int64_t from; /* the place before it; -1: where the issue stands */
    int64_t hops;
};

struct hop_state { /* remembered between the requests */
    const char *status, *type, *project;
    const char *id, *to; /* the transition that is sent, and where it leads */
    const char *other;   /* the issue that is asked what it is offered */
    struct texts screen; /* fields of that transition's screen */
    struct texts been;   /* statuses that the issue has had on the way */
    struct texts way;    /* found: statuses to pass through */
    struct many places;  /* struct hop_place: seen while looking for a way */
    int64_t at;          /* the one that is being asked about */
    bool is_searched;
};

/* --- remembering --- */

static int hop_save(struct walk *r, const struct hop_state *s, int64_t phase, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const char *const texts[][2] = {{"status", s->status}, {"type", s->type}, {"project", s->project},
                                    {"id", s->id},         {"to", s->to},     {"other", s->other}};
    walk_open(&t, &o);
    for (size_t i = 0; i < COUNT(texts); i++)
        json_put_text(&o, texts[i][0], texts[i][1]);
    jira_put_texts(&o, "screen", &s->screen);
    jira_put_texts(&o, "been", &s->been);
    jira_put_texts(&o, "way", &s->way);
    json_open(&o, "places", '[');
    MANY_EACH(const struct hop_place, p, &s->places)
    {
        json_open(&o, NULL, '[');
        json_put_text(&o, NULL, p->status);
        json_put_int(&o, NULL, p->from);
        json_put_int(&o, NULL, p->hops);
        json_close(&o);
    }
    json_close(&o);
    json_put_int(&o, "at", s->at);
    json_put_bool(&o, "is_searched", s->is_searched);
    return walk_note(r, &t, &o, e) < 0 ? -(int)ERR_PERMANENT : walk_next(r, phase);
}

static struct hop_state hop_load(struct walk *r)
{
    struct hop_state s = {0};
    const struct json *note = walk_noted(r);
    const struct {
        const char *key, **to;
    } texts[] = {{"status", &s.status}, {"type", &s.type}, {"project", &s.project},
                 {"id", &s.id},         {"to", &s.to},     {"other", &s.other}};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].to = json_text(json_get(note, texts[i].key));
    jira_read_texts(r, json_get(note, "screen"), &s.screen);
    jira_read_texts(r, json_get(note, "been"), &s.been);
    jira_read_texts(r, json_get(note, "way"), &s.way);
    JSON_EACH (one, json_get(note, "places")) {
        struct hop_place *p = MANY_ADD(r->arena, &s.places, struct hop_place);
        p->status = json_text(json_first(one));
        json_int(json_path(one, "1"), &p->from);
        json_int(json_path(one, "2"), &p->hops);
    }
    json_int(json_get(note, "at"), &s.at);
    s.is_searched = json_bool(json_get(note, "is_searched"), false);
    return s;
}

/* --- what is offered --- */

static bool hop_is_planned(const struct change *c)
{
    return c->via.n > 0 || c->may_search;
}

static const char *hop_to(const struct json *offer)
{
    return json_text(json_path(offer, "to.name"));
}

static bool hop_has_field(const struct change *c, const char *field)
{
    MANY_EACH(const struct field_value, v, &c->fields)
    if (text_same(v->field, field))
        return true;
    return false;
}

/* The first field that the transition needs and the change has not. Of a single hop Jira itself is the judge. */
static const char *hop_lacks(const struct walk *r, const struct json *offer)
{
    if (!hop_is_planned(r->c->change))
        return NULL;
    JSON_EACH (field, json_get(offer, "fields")) {
        bool is_needed =
            json_bool(json_get(field, "required"), false) && !json_bool(json_get(field, "hasDefaultValue"), false);
        if (is_needed && !hop_has_field(r->c->change, json_key(field)))
            return json_key(field);
    }
    return NULL;
}

static bool hop_is_open(const struct walk *r, const struct json *offer)
{
    return hop_to(offer) && json_text(json_get(offer, "id")) && json_bool(json_get(offer, "isAvailable"), true) &&
           !hop_lacks(r, offer);
}

static const struct json *hop_offer(const struct walk *r, const char *status)
{
    JSON_EACH (one, json_get(r->answer, "transitions"))
        if (hop_is_open(r, one) && text_same_nocase(hop_to(one), status))
            return one;
    return NULL;
}

static bool hop_in(const struct texts *t, const char *status)
{
    for (size_t i = 0; i < t->n; i++)
        if (text_same_nocase(t->v[i], status))
            return true;
    return false;
}

/* The offer that leads furthest along the way; what lies behind the issue's own status is behind it. */
static const struct json *hop_along(const struct walk *r, const struct hop_state *s, const struct texts *way)
{
    for (size_t i = way->n; i > 0 && !text_same_nocase(way->v[i - 1], s->status); i--) {
        const struct json *offer = hop_in(&s->been, way->v[i - 1]) ? NULL : hop_offer(r, way->v[i - 1]);
        if (offer)
            return offer;
    }
    return NULL;
}

/* --- where it ends --- */

static void hop_say_offers(const struct walk *r, struct text *t)
{
    bool is_first = true;
    JSON_EACH (one, json_get(r->answer, "transitions")) {
        const char *to = hop_to(one);
        text_addf(t, "%s%s", is_first ? "" : ", ", to ? to : "?");
        is_first = false;
    }
    text_addz(t, is_first ? "nothing" : "");
}

static void hop_say_lacking(const struct walk *r, struct text *t)
{
    JSON_EACH (one, json_get(r->answer, "transitions")) {
        const char *field = hop_lacks(r, one), *name = NULL;
        if (!field)
            continue;
        name = json_text(json_path(json_get(json_get(one, "fields"), field), "name"));
        text_addf(t, "; %s needs the field %s (%s), which is not configured", hop_to(one) ? hop_to(one) : "?", field,
                  name ? name : field);
    }
}

/* The workflow as it stands does not lead there: a person must see why. r->answer: what is offered from s->status. */
static int hop_not_offered(struct walk *r, const struct hop_state *s)
{
    AUTO(text_auto) struct text t = {0};
    text_init(&t, HOP_TEXT_BYTES);
    text_addf(&t, "status \"%s\" is not offered from \"%s\"; offered: ", r->c->change->name, s->status);
    hop_say_offers(r, &t);
    hop_say_lacking(r, &t);
    if (s->been.n > 1)
        text_addf(&t, "; it came from \"%s\"", s->been.v[0]);
    walk_nothing(r, arena_text(r->arena, text_z(&t)));
    r->ret->unchanged = s->been.n < 2;
    return STEP_DONE;
}

/* --- the issue as it is --- */

static int hop_read_ask(struct walk *r, struct err *e)
{
    (void)e;
    const char *more = r->c->change->may_search ? ",issuetype,project" : "";
    return jira_to(r, arena_fmt(r->arena, "issue/%s?fields=status%s", jira_key(r), more));
}

static int hop_read_take(struct walk *r, struct err *e)
{
    struct hop_state s = hop_load(r);
    const char *now = json_text(json_path(r->answer, "fields.status.name"));
    if (!now)
        return fail(e, ERR_TRANSIENT, "read status: the answer holds none");
    if (text_same_nocase(now, r->c->change->name)) {
        r->ret->unchanged = s.been.n == 0;
        return STEP_DONE;
    }
    s.status = now;
    s.type = json_text(json_path(r->answer, "fields.issuetype.name"));
    s.project = json_text(json_path(r->answer, "fields.project.key"));
    if (!hop_in(&s.been, now))
        texts_add(r->arena, &s.been, now);
    return hop_save(r, &s, STATUS_OFFERS, e);
}

/* --- the next hop --- */

static int hop_offers_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, arena_fmt(r->arena, "issue/%s/transitions?expand=transitions.fields", jira_key(r)));
}

static int hop_go(struct walk *r, struct hop_state *s, const struct json *offer, struct err *e)
{
    s->id = json_text(json_get(offer, "id"));
    s->to = hop_to(offer);
    s->screen = (struct texts){0};
    JSON_EACH (field, json_get(offer, "fields"))
        texts_add(r->arena, &s->screen, json_key(field));
    return hop_save(r, s, STATUS_POST, e);
}

static bool hop_knows(const struct hop_state *s, const char *status)
{
    MANY_EACH(const struct hop_place, p, &s->places)
    if (text_same_nocase(p->status, status))
        return true;
    return hop_in(&s->been, status);
}

/* What r->answer offers from the place `from` becomes places to ask about. */
static void hop_add_places(struct walk *r, struct hop_state *s, int64_t from, int64_t hops)
{
    JSON_EACH (one, json_get(r->answer, "transitions"))
        if (hops < HOP_MOST && s->places.n < HOP_PLACES_MOST && hop_is_open(r, one) && !hop_knows(s, hop_to(one)))
            *MANY_ADD(r->arena, &s->places, struct hop_place) = (struct hop_place){hop_to(one), from, hops};
}

/* Ask on about the next place; there is none: back to what is offered, to say so. */
static int hop_search(struct walk *r, struct hop_state *s, struct err *e)
{
    s->is_searched = (size_t)s->at >= s->places.n;
    return hop_save(r, s, s->is_searched ? STATUS_OFFERS : STATUS_OTHER, e);
}

static int hop_offers_take(struct walk *r, struct err *e)
{
    struct hop_state s = hop_load(r);
    const struct change *c = r->c->change;
    const struct json *offer = hop_offer(r, c->name);
    if (!offer)
        offer = hop_along(r, &s, &c->via);
    if (!offer)
        offer = hop_along(r, &s, &s.way);
    if (offer && s.been.n <= HOP_MOST)
        return hop_go(r, &s, offer, e);
    if (c->may_search && !s.is_searched && s.been.n == 1 && s.type && s.project) {
        hop_add_places(r, &s, -1, 1);
        return hop_search(r, &s, e);
    }
    return hop_not_offered(r, &s);
}

/* --- looking for a way --- */

static const struct hop_place *hop_place_at(const struct hop_state *s, int64_t at)
{
    return at >= 0 && (size_t)at < s->places.n ? (const struct hop_place *)s->places.v + at : NULL;
}

static int hop_other_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0}, jql = {0};
    struct json_out o;
    struct hop_state s = hop_load(r);
    const struct hop_place *p = hop_place_at(&s, s.at);
    if (!p)
        return fail(e, ERR_BUG, "look for a way: no status is left to ask about");
    const struct {
        const char *what, *value;
    } terms[] = {{"project = ", s.project}, {" AND issuetype = ", s.type}, {" AND status = ", p->status}};
    text_init(&jql, TRACKER_BODY_BYTES);
    for (size_t i = 0; i < COUNT(terms); i++) {
        text_addz(&jql, terms[i].what);
        jira_put_quoted(&jql, terms[i].value);
    }
    text_addz(&jql, " ORDER BY created DESC");
    jira_to_search(r, jira_is_cloud(r->c->conf));
    walk_open(&t, &o);
    json_put_text(&o, "jql", text_z(&jql));
    json_put_int(&o, "maxResults", 1);
    json_open(&o, "fields", '[');
    json_put_text(&o, NULL, "status");
    json_close(&o);
    return walk_send(r, &t, &o, e);
}

static int hop_other_take(struct walk *r, struct err *e)
{
    struct hop_state s = hop_load(r);
    s.other = json_text(json_get(json_first(json_get(r->answer, "issues")), "key"));
    if (s.other)
        return hop_save(r, &s, STATUS_OTHER_OFFERS, e);
    s.at++;
    return hop_search(r, &s, e);
}

static int hop_other_offers_ask(struct walk *r, struct err *e)
{
    (void)e;
    const char *key = tracker_escape(r->arena, hop_load(r).other);
    return jira_to(r, arena_fmt(r->arena, "issue/%s/transitions?expand=transitions.fields", key));
}

static void hop_found(struct walk *r, struct hop_state *s)
{
    const struct hop_place *back[HOP_MOST];
    size_t n = 0;
    for (const struct hop_place *p = hop_place_at(s, s->at); p && n < HOP_MOST; p = hop_place_at(s, p->from))
        back[n++] = p;
    while (n > 0)
        texts_add(r->arena, &s->way, back[--n]->status);
    s->is_searched = true;
}

static int hop_other_offers_take(struct walk *r, struct err *e)
{
    struct hop_state s = hop_load(r);
    const struct hop_place *p = hop_place_at(&s, s.at);
    if (!p)
        return fail(e, ERR_BUG, "look for a way: no status was asked about");
    if (hop_offer(r, r->c->change->name)) {
        hop_found(r, &s);
        return hop_save(r, &s, STATUS_OFFERS, e);
    }
    hop_add_places(r, &s, s.at, p->hops + 1);
    s.at++;
    return hop_search(r, &s, e);
}

/* That issue went meanwhile, or is not for us: it says nothing. */
static int hop_other_refused(struct walk *r, struct err *why)
{
    struct hop_state s = hop_load(r);
    s.at++;
    return hop_search(r, &s, why);
}

/* --- the transition --- */

/* Fields may be set on the way only if they are on the transition's screen. */
static void hop_put_on_screen(struct walk *r, const struct hop_state *s, struct json_out *o)
{
    bool is_open = false;
    MANY_EACH(const struct field_value, v, &r->c->change->fields)
    {
        if (!texts_have(&s->screen, v->field))
            continue;
        if (!is_open)
            json_open(o, "fields", '{');
        is_open = true;
        tracker_put_value(o, v);
    }
    if (is_open)
        json_close(o);
}

static int hop_post_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct hop_state s = hop_load(r);
    const struct change *c = r->c->change;
    jira_to(r, arena_fmt(r->arena, "issue/%s/transitions", jira_key(r)));
    walk_open(&t, &o);
    jira_put_named(&o, "transition", "id", s.id);
    hop_put_on_screen(r, &s, &o);
    if (!text_blank(c->text) && text_same_nocase(s.to, c->name)) {
        json_open(&o, "update", '{');
        json_open(&o, "comment", '[');
        json_open(&o, NULL, '{');
        jira_put_named(&o, "add", "body", c->text);
        json_close(&o);
        json_close(&o);
        json_close(&o);
    }
    return walk_send(r, &t, &o, e);
}

static int hop_post_take(struct walk *r, struct err *e)
{
    (void)e;
    struct hop_state s = hop_load(r);
    return text_same_nocase(s.to, r->c->change->name) ? STEP_DONE : walk_next(r, STATUS_READ);
}

/* The workflow wants something that we do not have, such as a required field: a person must see what. */
static int hop_post_refused(struct walk *r, struct err *why)
{
    struct hop_state s = hop_load(r);
    if (why->class != ERR_INPUT)
        return -(int)why->class;
    walk_nothing(
        r, arena_fmt(r->arena, "status \"%s\" was refused from \"%s\": %s", s.to ? s.to : "", s.status, why->text));
    r->ret->unchanged = s.been.n < 2;
    return STEP_DONE;
}

const struct walk_phase jira_status[] = {
    [STATUS_READ] = {"read status", "GET", HTTP_READ, hop_read_ask, hop_read_take, NULL},
    [STATUS_OFFERS] = {"read transitions", "GET", HTTP_READ, hop_offers_ask, hop_offers_take, NULL},
    [STATUS_OTHER] = {"look for another issue", "POST", HTTP_READ, hop_other_ask, hop_other_take, hop_other_refused},
    [STATUS_OTHER_OFFERS] = {"read its transitions", "GET", HTTP_READ, hop_other_offers_ask, hop_other_offers_take,
                             hop_other_refused},
    /* Sent twice it would be refused from where it has led, or comment twice. */
    [STATUS_POST] = {"set status", "POST", HTTP_CREATE, hop_post_ask, hop_post_take, hop_post_refused}};
