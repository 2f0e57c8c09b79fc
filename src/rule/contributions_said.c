/* Comments of ours, and of the bot before us: what each of them is, and the data hidden in it. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

/* Marks are the old bot's; phrases are of the time before it had marks. The first row of a kind is what we write. */
static const struct said_mark {
    unsigned kind;
    const char *mark;
} said_marks[] = {
    {SAID_WELCOME, "<!-- comment:external_pr -->"},
    {SAID_WELCOME_CLOSED, "<!-- comment:welcome_closed -->"},
    {SAID_BLENDED, "<!-- comment:welcome-blended -->"},
    {SAID_NO_CONTRIBUTIONS, "<!-- comment:no-contributions -->"},
    {SAID_NEED_CLA, "<!-- comment:no_cla -->"},
    {SAID_DRAFT, "<!-- comment:end_of_wip -->"},
    {SAID_SURVEY, "<!-- comment:end_survey -->"},
    {SAID_NO_JIRA_SERVER, "<!-- comment:no-jira-server -->"},
    {SAID_NO_JIRA_MAPPING, "<!-- comment:no-jira-mapping -->"},
    {SAID_SURVEY, "<!-- comment:no_survey_needed -->"},
    {SAID_WELCOME, "Feel free to add as much of the following information to the ticket"},
    {SAID_NEED_CLA, "We can't start reviewing your pull request until you've submitted"},
};
static const char said_facts[] = "<!-- facts: ";
static const char said_no_survey[] = "<!-- comment:no_survey_needed -->";

const char *contrib_said_marks(struct arena *a, unsigned kinds)
{
    const char *ret = "";
    for (size_t i = 0; i < COUNT(said_marks); i++) {
        unsigned kind = said_marks[i].kind;
        ret = kinds & kind ? arena_fmt(a, "%s%s\n", ret, said_marks[i].mark) : ret;
        kinds &= ~kind;
        if (kind == SAID_WELCOME_CLOSED && strstr(ret, said_marks[i].mark))
            ret = arena_fmt(a, "%s%s\n", ret, said_no_survey);
    }
    return ret;
}

const char *contrib_said_facts(struct arena *a, const char *json)
{
    return arena_fmt(a, "\n%s%s -->", said_facts, base64_text(a, str_of(json)));
}

/* A survey is also known by the address of its form. */
static bool said_asks_survey(const struct contrib_case *c, const char *text)
{
    const char *url = c->own->survey_url;
    return !text_blank(url) && strstr(text, arena_str(c->a, (struct str){url, strcspn(url, "?#{")}));
}

static unsigned said_kinds(const struct contrib_case *c, const struct comment *comment)
{
    unsigned kinds = 0;
    const char *text = comment->text ? comment->text : "";
    for (size_t i = 0; i < COUNT(said_marks); i++)
        if (!(kinds & said_marks[i].kind) && strstr(text, said_marks[i].mark))
            kinds |= said_marks[i].kind;
    return said_asks_survey(c, text) ? kinds | SAID_SURVEY : kinds;
}

/* The first such element counts; what cannot be read is none. */
static const struct json *said_hidden(struct arena *a, const char *text, const char *begin)
{
    const char *at = text ? strstr(text, begin) : NULL;
    const char *from = at ? at + strlen(begin) : NULL, *end = from ? strstr(from, "-->") : NULL;
    if (!end)
        return NULL;
    struct str code = str_trim((struct str){from, (size_t)(end - from)}), plain = {0};
    const struct json *v = NULL;
    bool is_good = base64_read(a, code, &plain, NULL) == 0 && json_parse(a, plain, &v, NULL) == 0;
    return is_good ? v : NULL;
}

/* Is it one of the names in a list parted by commas? */
static bool said_by_one_of(const char *names, const char *author)
{
    size_t n = text_blank(author) ? 0 : strlen(author);
    while (n && *names) {
        size_t one = strcspn(names, ",");
        if (one == n && strncasecmp(names, author, n) == 0)
            return true;
        names += names[one] ? one + 1 : one;
    }
    return false;
}

/* Anybody can write our marks into a comment: only those of these accounts count. */
void contrib_read_said(struct contrib_case *c, const char *logins)
{
    const struct comment *v = c->talk->comments.v;
    for (size_t i = 0; i < c->talk->comments.n; i++)
        if (said_by_one_of(logins, v[i].author))
            *MANY_ADD(c->a, &c->said, struct contrib_said) =
                (struct contrib_said){.comment = &v[i],
                                      .kinds = said_kinds(c, &v[i]),
                                      .data = said_hidden(c->a, v[i].text, "<!-- data: "),
                                      .facts = said_hidden(c->a, v[i].text, said_facts)};
}

unsigned contrib_said_kinds(const struct contrib_case *c)
{
    unsigned kinds = 0;
    MANY_EACH(const struct contrib_said, said, &c->said)
    kinds |= said->kinds;
    return kinds;
}

bool contrib_said_nick(const struct contrib_case *c, const char *list, const char *nick, const char **ret_key)
{
    MANY_EACH(const struct contrib_said, said, &c->said)
    JSON_EACH (item, json_get(said->data, list)) {
        const char *name = json_kind(item) == JSON_STRING ? json_text(item) : json_text(json_get(item, "nick"));
        if (!name || !text_same_nocase(name, nick))
            continue;
        if (ret_key)
            *ret_key = json_text(json_get(item, "key"));
        return true;
    }
    return false;
}
