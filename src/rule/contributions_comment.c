/*
 * The first comment, which greets and tells what to do, and the survey at the end. It is written again only when a fact
 * in it has changed, never because the words of it have: an edit of every open pull request helps nobody.
 */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

enum { GREET_FACTS_BYTES = 4 * 1024 };

static bool greet_is_over(const struct contrib_case *c)
{
    return c->state == CONTRIB_CLOSED || c->state == CONTRIB_MERGED;
}

static unsigned greet_kinds(const struct contrib_case *c)
{
    unsigned draft = c->is_draft ? SAID_DRAFT : 0;
    if (c->author.class == CONTRIB_REFUSED)
        return SAID_NO_CONTRIBUTIONS;
    if (c->is_blended)
        return SAID_BLENDED | draft;
    if (greet_is_over(c))
        return SAID_WELCOME | SAID_WELCOME_CLOSED;
    return SAID_WELCOME | draft | (c->author.is_signed ? 0 : SAID_NEED_CLA);
}

static enum contrib_text greet_text(unsigned kinds)
{
    if (kinds & SAID_NO_CONTRIBUTIONS)
        return CONTRIB_NO_CONTRIBUTIONS;
    if (kinds & SAID_BLENDED)
        return CONTRIB_BLENDED;
    return kinds & SAID_WELCOME_CLOSED ? CONTRIB_WELCOME_CLOSED : CONTRIB_WELCOME;
}

/* --- the facts in it --- */

static const char *greet_upkeep(const struct contrib_case *c)
{
    if (!text_blank(c->catalog.owner))
        return "maintained";
    return text_same(c->catalog.lifecycle, "production") ? "new" : "none";
}

/* What only the greeting of an open contribution tells. */
static bool greet_tells_owner(unsigned kinds)
{
    return (kinds & (SAID_WELCOME | SAID_WELCOME_CLOSED)) == SAID_WELCOME;
}

/* For the bot before us, in its words. */
static const char *greet_data(const struct contrib_case *c)
{
    return c->is_draft ? "{\"draft\":true}" : "{\"draft\":false}";
}

/* What else it tells of, for ourselves. */
static const char *greet_facts(const struct contrib_case *c, unsigned kinds)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    if (!greet_tells_owner(kinds))
        return "";
    text_init(&t, GREET_FACTS_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_bool(&o, "first_time", c->author.is_first_time);
    json_put_text(&o, "owner", c->catalog.owner);
    json_put_text(&o, "upkeep", greet_upkeep(c));
    json_close(&o);
    return contrib_said_facts(c->a, text_z(&t));
}

static bool greet_differs_bool(const struct json *data, const char *key, bool now)
{
    const struct json *was = json_get(data, key);
    return json_kind(was) == JSON_BOOL && json_bool(was, now) != now;
}

/* Only what it tells of is compared: comments of the bot before us tell less. */
static bool greet_owner_differs(const struct contrib_case *c, const struct json *facts)
{
    const char *upkeep = json_text(json_get(facts, "upkeep"));
    if (!c->catalog.is_known || !upkeep)
        return false;
    return !text_same(upkeep, greet_upkeep(c)) || !text_same(json_text(json_get(facts, "owner")), c->catalog.owner);
}

static const char *greet_news(const struct contrib_case *c, const struct contrib_said *first, unsigned kinds)
{
    if ((first->kinds & SAID_FIRST) != kinds)
        return "what it has to tell has changed";
    if (greet_differs_bool(first->data, "draft", c->is_draft))
        return c->is_draft ? "it is a draft now" : "it is no draft any more";
    if (!greet_tells_owner(kinds))
        return NULL;
    if (greet_owner_differs(c, first->facts))
        return "the repository's owner has changed";
    return greet_differs_bool(first->facts, "first_time", c->author.is_first_time) ? "the author is known by now"
                                                                                   : NULL;
}

/* --- which one it is --- */

static const struct contrib_said *greet_find(const struct contrib_case *c, const char *marker)
{
    MANY_EACH(const struct contrib_said, said, &c->said)
    if ((said->kinds & SAID_FIRST) || text_same(said->comment->marker, marker))
        return said;
    return NULL;
}

static void greet_write(struct contrib_case *c, enum change_kind kind, unsigned kinds, const char *name)
{
    struct change *change = contrib_change(c, kind);
    change->text = arena_fmt(c->a, "%s%s%s", contrib_said_marks(c->a, kinds), contrib_text(c, greet_text(kinds), NULL),
                             greet_facts(c, kinds));
    change->data = greet_data(c);
    if (kind == CHANGE_EDIT_COMMENT)
        change->id = name;
    else
        change->marker = name;
}

static void greet_plan(struct contrib_case *c)
{
    const char *marker = contrib_marker(c, "/first");
    const struct contrib_said *first = greet_find(c, marker);
    unsigned kinds = greet_kinds(c);
    if (greet_is_over(c) && (first || contrib_said_kinds(c)))
        return;
    if (!first) {
        greet_write(c, CHANGE_COMMENT, kinds, marker);
        return;
    }
    const char *news = greet_news(c, first, kinds);
    if (!news)
        return;
    contrib_note(c, arena_fmt(c->a, "the first comment is written again: %s", news));
    greet_write(c, CHANGE_EDIT_COMMENT, kinds, first->comment->id);
}

/* --- the survey --- */

/* Asked once for each time that it is closed, of those whom we greeted. */
static void survey_ask(struct contrib_case *c)
{
    if (text_blank(c->own->survey_url) || !greet_is_over(c) || c->is_blended)
        return;
    unsigned kinds = contrib_said_kinds(c);
    if (!(kinds & SAID_WELCOME) || (kinds & SAID_SURVEY))
        return;
    struct change *change = contrib_change(c, CHANGE_COMMENT);
    change->text =
        arena_fmt(c->a, "%s%s", contrib_said_marks(c->a, SAID_SURVEY), contrib_text(c, CONTRIB_SURVEY, NULL));
    change->marker = contrib_marker(c, arena_fmt(c->a, "/survey@%" PRId64, c->issue->closed_ms));
}

/* Opened again, it has no end that could be asked about. The first comment may say that none is needed: it stays. */
static void survey_take_back(struct contrib_case *c)
{
    if (c->state != CONTRIB_REOPENED)
        return;
    MANY_EACH(const struct contrib_said, said, &c->said)
    if ((said->kinds & SAID_SURVEY) && !(said->kinds & SAID_FIRST))
        contrib_change(c, CHANGE_REMOVE_COMMENT)->id = said->comment->id;
}

void contrib_comment(struct contrib_case *c)
{
    bool is_ospr = c->author.class == CONTRIB_OSPR;
    if (!is_ospr && (c->author.class != CONTRIB_REFUSED || greet_is_over(c)))
        return;
    struct unit unit;
    contrib_begin(c, &unit, "comment", "comment");
    if (!c->talk) {
        /* still to be read */
    } else if (c->talk->state != FACT_HERE) {
        contrib_note(c, "no comment: which of those that are there are ours cannot be read");
    } else {
        greet_plan(c);
        survey_ask(c);
        survey_take_back(c);
    }
    contrib_end(c);
}
