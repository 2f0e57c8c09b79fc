/*
 * Which ticket goes with a pull request. Our store knows; when it is lost, our comment does; and of the time before us
 * the old bot's first comment, which has the ticket as a link.
 */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

static const char ticket_browse[] = "/browse/";

const char *ticket_told_text(const struct ticket *t, const char *key)
{
    return t->told ? json_text(json_get(t->told->data, key)) : NULL;
}

static const char *find_linked(const struct contrib_case *c, const struct fact *linked)
{
    const char *ret = NULL;
    MANY_EACH(const struct linked, link, &linked->links)
    if (text_same(link->tracker, c->bridge->to->name))
        ret = link->ref; /* the last: moved, it has a new name */
    return ret;
}

static void find_told(struct contrib_case *c, struct ticket *t)
{
    MANY_EACH(const struct contrib_said, said, &c->said)
    if (!text_blank(json_text(json_get(said->data, "ticket"))))
        t->told = said;
}

/* Where the address that has `at` in it begins and ends: it stands between spaces, brackets, quotes. */
static const char *find_address(struct arena *a, const char *text, const char *at)
{
    static const char edges[] = " \t\r\n()[]<>\"'`|";
    const char *from = at, *to = at;
    while (from > text && !strchr(edges, from[-1]))
        from--;
    to += strcspn(to, edges);
    while (to > at && strchr(".,;:!?", to[-1]))
        to--;
    return arena_str(a, (struct str){from, (size_t)(to - from)});
}

/* "OSPR-12" and the like: other pages of a host may lie below /browse/ too. */
static bool find_is_key(const char *url)
{
    const char *key = strrchr(url, '/') + 1, *dash = strrchr(key, '-');
    return dash && dash > key && dash[1] && dash[1 + strspn(dash + 1, "0123456789")] == '\0';
}

static void find_in_text(struct contrib_case *c, const char *text, struct ticket *t)
{
    for (const char *at = text; at && (at = strstr(at, ticket_browse)); at += strlen(ticket_browse)) {
        const char *url = find_address(c->a, text, at);
        const char *key = c->to->issue_ref(c->bridge->to, c->a, url);
        if (key && !t->key)
            t->key = key;
        else if (!key && !t->elsewhere && opts_is_address(url) && find_is_key(url))
            t->elsewhere = url;
    }
}

/* Comments about issues that labels asked for are no tickets. */
static void find_first(struct contrib_case *c, struct ticket *t)
{
    MANY_EACH(const struct contrib_said, said, &c->said)
    if ((said->kinds & SAID_FIRST) && !json_get(said->data, "jira_issues"))
        find_in_text(c, said->comment->text, t);
}

void ticket_find(struct contrib_case *c, const struct fact *linked, struct ticket *ret)
{
    struct ticket first = {0};
    const char *known = find_linked(c, linked);
    *ret = (struct ticket){0};
    find_told(c, ret);
    find_first(c, &first);
    ret->is_told = ret->told || first.key;
    ret->key = known ? known : ret->told ? ticket_told_text(ret, "ticket") : first.key;
    ret->is_learnt = ret->key && !known;
    ret->elsewhere = ret->key ? NULL : first.elsewhere;
}
