/* What is said in comments: the operator's templates, filled with what is known of the pull request. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/when.h"
#include "http/message.h"

enum { SAY_BYTES = 60 * 1024 /* GitHub takes 65,536 characters, and marks and data come on top */, SAY_VALUES = 32 };

struct say_values {
    struct template_value v[SAY_VALUES];
    size_t n;
};

static void say_put(struct say_values *to, const char *name, const char *text)
{
    check(to->n < SAY_VALUES);
    to->v[to->n++] = (struct template_value){name, text};
}

static void say_flag(struct say_values *to, const char *name, bool is)
{
    say_put(to, name, is ? "yes" : NULL);
}

static const char *say_write(const struct contrib_case *c, enum contrib_text which, const struct say_values *values)
{
    AUTO(text_auto) struct text t;
    text_init(&t, SAY_BYTES);
    const struct template_values all = {values->v, values->n};
    if (c->own->texts[which])
        template_write(c->own->texts[which], &all, &t);
    return arena_str(c->a, str_trim(text_str(&t)));
}

/* --- the survey's address --- */

static const char *say_day(const struct contrib_case *c, int64_t ms)
{
    enum { DAY_CHARS = 10 };
    char buf[WHEN_TEXT_BYTES];
    return ms ? arena_str(c->a, (struct str){when_text(ms, buf), DAY_CHARS}) : NULL;
}

/* What stands in braces is what we know already: {repo}, {merged}… */
static const char *say_survey(const struct contrib_case *c, const char *number)
{
    const struct template_value known[] = {
        {"{repo}", c->issue->project},
        {"{number}", number},
        {"{author}", c->issue->creator},
        {"{opened}", say_day(c, c->issue->created_ms)},
        {"{closed}", say_day(c, c->issue->closed_ms)},
        {"{merged}", c->state == CONTRIB_MERGED ? "Yes" : "No"},
    };
    AUTO(text_auto) struct text t;
    text_init(&t, SAY_BYTES);
    for (const char *p = c->own->survey_url; p && *p;) {
        size_t i = 0;
        while (i < COUNT(known) && !text_starts(p, known[i].name))
            i++;
        if (i < COUNT(known) && known[i].text)
            http_escape(&t, known[i].text);
        else if (i == COUNT(known))
            text_addc(&t, *p);
        p += i < COUNT(known) ? strlen(known[i].name) : 1;
    }
    return arena_text(c->a, text_z(&t));
}

/* --- values --- */

/* In code style nobody of that name is notified. */
static const char *say_code(const struct contrib_case *c, const char *name)
{
    char *ret = text_blank(name) ? NULL : arena_fmt(c->a, "`%s`", name);
    for (char *p = ret ? ret + 1 : NULL; p && p[1]; p++)
        *p = *p == '`' ? '\'' : *p;
    return ret;
}

static void say_pull(const struct contrib_case *c, struct say_values *to)
{
    const struct contrib_catalog *catalog = &c->catalog;
    const char *hash = strrchr(c->issue->ref, '#'), *number = hash ? hash + 1 : NULL;
    bool is_owned = !text_blank(catalog->owner), is_new = text_same(catalog->lifecycle, "production");
    say_put(to, "author", c->issue->creator);
    say_put(to, "repo", c->issue->project);
    say_put(to, "number", number);
    say_put(to, "title", c->issue->summary);
    say_put(to, "url", c->issue->url);
    say_put(to, "owner", say_code(c, catalog->owner));
    say_flag(to, "owner_is_person", is_owned && catalog->is_person);
    say_flag(to, "maintained", is_owned);
    say_flag(to, "no_maintainer", !is_owned && is_new);
    say_flag(to, "unmaintained", !is_owned && !is_new);
    say_flag(to, "merged", c->state == CONTRIB_MERGED);
    say_put(to, "agreement_url", c->own->agreement_url);
    say_put(to, "survey_url", say_survey(c, number));
}

static void say_jira(const struct contrib_case *c, const struct contrib_more *more, struct say_values *to)
{
    say_put(to, "ask", c->own->jira_ask);
    say_put(to, "key", more->key);
    say_put(to, "jira_url", more->jira_url);
    say_put(to, "nick", more->nick);
    say_put(to, "description", more->description);
    say_put(to, "contact", more->contact);
}

/* Parts of the first comment are texts of their own, and values of those that have such parts. */
static void say_parts(const struct contrib_case *c, enum contrib_text in, struct say_values *to)
{
    const struct say_values plain = *to;
    bool in_welcome = in == CONTRIB_WELCOME;
    const struct {
        const char *name;
        enum contrib_text text;
        bool is_due;
    } parts[] = {
        {"need_cla", CONTRIB_NEED_CLA, in_welcome && !c->author.is_signed},
        {"first_time", CONTRIB_FIRST_TIME, in_welcome && c->author.is_first_time},
        {"draft", CONTRIB_DRAFT, (in_welcome || in == CONTRIB_BLENDED) && c->is_draft},
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        say_put(to, parts[i].name, parts[i].is_due ? say_write(c, parts[i].text, &plain) : NULL);
}

const char *contrib_text(const struct contrib_case *c, enum contrib_text which, const struct contrib_more *more)
{
    struct say_values values = {.n = 0};
    say_pull(c, &values);
    if (more)
        say_jira(c, more, &values);
    say_parts(c, which, &values);
    return say_write(c, which, &values);
}
