/*
 * A label "jira:NICK" asks for an issue in the Jira of that name, once. That it was made is known by the store's links
 * and by the data in our comments, whichever is left. A nick or a repository that cannot be served is told once; when
 * the configuration can serve it, it is. The mapping is the company's own: while it is not usable, the engine gives us
 * the last version that was.
 */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "rule/decide_private.h"
#include "rule/markup.h"

enum {
    ORDER_NICKS_MOST = 100, /* so many labels may an issue have at GitHub */
    ORDER_DATA_BYTES = 4 * 1024,
    ORDER_SCRATCH_BYTES = 64 << 20
};

struct order {
    const char *nick;              /* as the label has it */
    const char *small;             /* in small letters, for names of effects */
    const struct jira_nick *entry; /* NULL: not configured */
    struct jira_place place;
};

/* --- telling --- */

/* {"jira_errors": ["acme"]}, or {"jira_issues": [{"nick": "acme", "key": "…"}]} */
static const char *order_data(const struct contrib_case *c, const struct order *order, const char *list,
                              const char *key)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, ORDER_DATA_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_open(&o, list, '[');
    if (key) {
        json_open(&o, NULL, '{');
        json_put_text(&o, "nick", order->nick);
        json_put_text(&o, "key", key);
        json_close(&o);
    } else {
        json_put_text(&o, NULL, order->nick);
    }
    json_close(&o);
    json_close(&o);
    return arena_text(c->a, text_z(&t));
}

static const char *order_text(const struct contrib_case *c, const struct order *order, enum contrib_text which)
{
    struct contrib_more more = {.nick = order->nick, .key = "${ref}", .jira_url = "${url}"};
    if (order->entry) {
        more.description = order->entry->description;
        more.contact = order->entry->contact;
    }
    return contrib_text(c, which, &more);
}

/* That it cannot be: told once, whatever the cause was then. */
static void order_tell_error(struct contrib_case *c, const struct order *order, unsigned kind, const char *why)
{
    bool no_server = kind == SAID_NO_JIRA_SERVER;
    contrib_note(c, why);
    if (contrib_said_nick(c, "jira_errors", order->nick, NULL))
        return;
    struct change *change = contrib_change(c, CHANGE_COMMENT);
    change->text = arena_fmt(c->a, "%s%s", contrib_said_marks(c->a, kind),
                             order_text(c, order, no_server ? CONTRIB_NO_JIRA_SERVER : CONTRIB_NO_JIRA_MAPPING));
    change->data = order_data(c, order, "jira_errors", NULL);
    change->marker =
        contrib_marker(c, arena_fmt(c->a, ">jira:%s/%s", order->small, no_server ? "no-server" : "no-mapping"));
}

static const char *order_marker(const struct contrib_case *c, const struct order *order, const char *what)
{
    return contrib_marker(c, arena_fmt(c->a, ">%s%s", order->entry->tracker, what));
}

/* ref NULL: of the issue that the unit's first change makes. */
static void order_tell_issue(struct contrib_case *c, const struct order *order, const char *ref)
{
    struct change *change = contrib_change(c, CHANGE_COMMENT);
    change->other = (struct target){.tracker = order->entry->tracker, .ref = ref};
    change->text = order_text(c, order, CONTRIB_JIRA_ISSUE);
    change->data = order_data(c, order, "jira_issues", "${ref}");
    change->marker = order_marker(c, order, "/told");
}

/* --- making --- */

/* Where the author is seen, beside the issue: https://github.com/LOGIN. */
static const char *order_author_url(const struct contrib_case *c, const char *url)
{
    static const char bot[] = "[bot]";
    const char *login = text_blank(c->issue->creator) ? "ghost" : c->issue->creator;
    const char *at = strstr(url, arena_fmt(c->a, "/%s/", c->issue->project));
    const char *base = at ? arena_str(c->a, (struct str){url, (size_t)(at - url)}) : "";
    if (text_ends(login, bot))
        return arena_fmt(c->a, "%s/apps/%s", base, arena_str(c->a, (struct str){login, strlen(login) - strlen(bot)}));
    return arena_fmt(c->a, "%s/%s", base, login);
}

const char *contrib_description(const struct contrib_case *c)
{
    const char *url = c->issue->url;
    if (text_blank(url))
        url = c->from->issue_url(c->bridge->from, c->a, c->issue->ref);
    const char *head = arena_fmt(c->a, "(From %s by %s)\n------\n\n", url, order_author_url(c, url));
    const char *body = c->issue->description ? c->issue->description : "";
    bool is_wiki = c->own->description == CONTRIB_WIKI;
    size_t used = utf8_units(str_of(head)), room = used < JIRA_BODY_UNITS ? JIRA_BODY_UNITS - used : 0;
    if (is_wiki)
        body = markup_to_jira(c->a, body, 0);
    size_t fits = plan_points(str_of(body), room);
    if (fits < utf8_points(str_of(body)))
        body = is_wiki ? markup_cut(c->a, body, fits) : text_cut_words(c->a, body, fits);
    return arena_fmt(c->a, "%s%s", head, body);
}

static void order_create(struct contrib_case *c, const struct order *order)
{
    const char *summary = plan_summary(c->a, c->issue->summary, SIZE_MAX);
    struct change *create = contrib_change(c, CHANGE_CREATE);
    create->issue = (struct target){.tracker = order->entry->tracker};
    create->project = order->place.project;
    create->may_exist = true;
    create->marker = order_marker(c, order, "");
    if (!text_blank(c->own->jira_mark))
        texts_add(c->a, &create->add, c->own->jira_mark);
    plan_field(c->a, create, (struct field_value){"issuetype", VALUE_NAME, order->place.type, 0});
    plan_field(c->a, create,
               (struct field_value){"summary", VALUE_TEXT, text_blank(summary) ? c->issue->ref : summary, 0});
    plan_field(c->a, create, (struct field_value){"description", VALUE_TEXT, contrib_description(c), 0});
    c->unit->operation = "create";
    order_tell_issue(c, order, NULL);
}

/* --- where --- */

const char *contrib_mapping_fault(struct arena *a, const struct jira_nick *nick, const struct fact *f)
{
    AUTO(arena_auto) struct arena *scratch = arena_new(ORDER_SCRATCH_BYTES);
    struct err e = {0};
    if (f->state == FACT_HERE && f->why)
        return arena_fmt(a, "%s; what it said before is used", f->why);
    if (f->state != FACT_HERE)
        return arena_fmt(a, "the mapping of %s cannot be read: %s", nick->nick,
                         text_blank(f->why) ? "it is not there" : f->why);
    if (jira_mapping_check(scratch, nick->mapping, str_of(f->text ? f->text : ""), NULL, &e) < 0)
        return arena_fmt(a, "the mapping of %s: %s", nick->nick, e.text);
    return NULL;
}

bool contrib_judges(const struct conf_bridge *b, const struct fact *f, struct arena *a, const char **ret_fault)
{
    const struct contributions *own = b->own;
    for (size_t i = 0; i < own->nicks.n; i++) {
        const struct jira_nick *nick = &own->nicks.v[i];
        if (!nick->tracker || !text_same(nick->tracker, f->key.tracker) || !text_same(nick->mapping, f->key.ref))
            continue;
        *ret_fault = contrib_mapping_fault(a, nick, f);
        return true;
    }
    return false;
}

/* What the mapping says. NULL: not yet, or the unit cannot go on now. */
static const char *order_read_mapping(struct contrib_case *c, const struct order *order)
{
    const struct jira_nick *entry = order->entry;
    if (entry->mapping_text)
        return entry->mapping_text;
    const struct fact *file = contrib_want(c, entry->tracker, FACT_FILE, entry->mapping);
    if (!file)
        return NULL;
    if (!contrib_here(file)) {
        contrib_fails(c, ERR_CONFIG, contrib_mapping_fault(c->a, entry, file));
        return NULL;
    }
    if (file->why)
        contrib_note(c, contrib_mapping_fault(c->a, entry, file));
    return file->text ? file->text : "";
}

/* Into order->place. False: not yet, or the unit cannot go on now. */
static bool order_read_place(struct contrib_case *c, struct order *order)
{
    const char *text = order_read_mapping(c, order);
    if (!text)
        return false;
    AUTO(arena_auto) struct arena *scratch = arena_new(ORDER_SCRATCH_BYTES);
    struct err e = {0};
    struct jira_place place = {0};
    if (jira_mapping(scratch, order->entry->mapping, str_of(text), c->issue->project, &place, &e) < 0) {
        contrib_fails(c, ERR_CONFIG, arena_fmt(c->a, "the mapping of %s: %s", order->entry->nick, e.text));
        return false;
    }
    order->place = (struct jira_place){arena_text(c->a, place.project), arena_text(c->a, place.type)};
    return true;
}

static const char *order_linked(const struct fact *linked, const struct order *order)
{
    MANY_EACH(const struct linked, link, &linked->links)
    if (text_same(link->tracker, order->entry->tracker))
        return link->ref;
    return NULL;
}

/* No comment tells of an issue in that Jira; the comments are known, and so are the links. */
static void order_serve(struct contrib_case *c, struct order *order, const struct fact *linked)
{
    const char *made = order_linked(linked, order);
    if (made) {
        c->unit->target = arena_fmt(c->a, "%s:%s", order->entry->tracker, made);
        contrib_note(c, arena_fmt(c->a, "%s was made, and no comment tells of it yet", made));
        order_tell_issue(c, order, made);
    } else if (order_read_place(c, order)) {
        if (text_blank(order->place.project) || text_blank(order->place.type))
            order_tell_error(c, order, SAID_NO_JIRA_MAPPING,
                             arena_fmt(c->a, "the mapping of %s has no %s for %s", order->entry->nick,
                                       text_blank(order->place.project) ? "project" : "type", c->issue->project));
        else
            order_create(c, order);
    }
}

static void order_plan(struct contrib_case *c, struct order *order)
{
    const char *key = NULL;
    const struct fact *linked = order->entry ? contrib_need(c, FACT_LINKED, c->ref) : NULL;
    if (!c->talk)
        return;
    if (c->talk->state != FACT_HERE) {
        contrib_fails(c, ERR_TRANSIENT, "our comments cannot be read: an issue might be made twice");
    } else if (contrib_said_nick(c, "jira_issues", order->nick, &key)) {
        if (order->entry && order->entry->tracker && !text_blank(key))
            c->unit->target = arena_fmt(c->a, "%s:%s", order->entry->tracker, key);
        contrib_note(c, arena_fmt(c->a, "jira:%s: there is %s", order->nick, text_blank(key) ? "an issue" : key));
    } else if (!order->entry) {
        order_tell_error(c, order, SAID_NO_JIRA_SERVER,
                         arena_fmt(c->a, "no Jira is configured by the nick %s", order->nick));
    } else if (!order->entry->tracker) {
        contrib_fails(c, ERR_CONFIG,
                      arena_fmt(c->a, "the Jira %s is not usable: %s", order->entry->nick,
                                order->entry->why ? order->entry->why : "its entry has errors"));
    } else if (linked) {
        order_serve(c, order, linked);
    }
}

/* The same nick may be asked for by two labels that differ in case. */
static bool order_is_new(const struct texts *nicks, const char *nick)
{
    for (size_t i = 0; i < nicks->n; i++)
        if (text_same_nocase(nicks->v[i], nick))
            return false;
    return nicks->n < ORDER_NICKS_MOST;
}

void contrib_jira(struct contrib_case *c)
{
    struct texts nicks = {0};
    for (size_t i = 0; i < c->issue->labels.n; i++) {
        const char *nick = contrib_label_nick(c, c->issue->labels.v[i]);
        if (!nick || !order_is_new(&nicks, nick))
            continue;
        texts_add(c->a, &nicks, nick);
        struct unit unit;
        struct order order = {
            .nick = nick, .small = text_lower(c->a, nick), .entry = jira_nick_find(&c->own->nicks, nick)};
        contrib_begin(c, &unit, arena_fmt(c->a, "jira:%s", nick), "comment");
        order_plan(c, &order);
        contrib_end(c);
    }
}
