/* What kind of contribution a pull request is, by its author, its repository, its title and its labels. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"
#include "rule/decide_private.h"

enum { CLASS_OWNER_BYTES = 256 };

static const char *const class_names[] = {[CONTRIB_BOT] = "bot",
                                          [CONTRIB_PRIVATE] = "private",
                                          [CONTRIB_INTERNAL] = "internal",
                                          [CONTRIB_REFUSED] = "refused",
                                          [CONTRIB_OSPR] = "ospr"};

const char *contrib_class_name(enum contrib_class class)
{
    return class_names[class];
}

/* --- titles --- */

/* Letters beyond ASCII are of a word, too. */
static bool class_in_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80);
}

static bool class_has_word(const char *title, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(title, word); at; at = strstr(at + 1, word))
        if ((at == title || !class_in_word(at[-1])) && !class_in_word(at[n]))
            return true;
    return false;
}

bool contrib_title_draft(const char *title)
{
    return title && (class_has_word(title, "WIP") || class_has_word(title, "wip"));
}

static const char *class_skip(const char *p, const char *set)
{
    return p + strspn(p, set);
}

bool contrib_title_blended(const char *title)
{
    static const char white[] = " \t\n\r\f\v";
    for (const char *at = title ? strchr(title, '[') : NULL; at; at = strchr(at + 1, '[')) {
        const char *p = class_skip(at + 1, white);
        if (!text_starts(p, "BD"))
            continue;
        p = class_skip(p + 2, white);
        if (*p != '-')
            continue;
        p = class_skip(p + 1, white);
        const char *end = class_skip(p, "0123456789");
        if (end > p && *class_skip(end, white) == ']')
            return true;
    }
    return false;
}

/* --- names --- */

const char *contrib_owner(struct arena *a, const char *repository)
{
    return arena_str(a, (struct str){repository, strcspn(repository, "/")});
}

static bool class_is_one_of(const struct texts *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (text_same_nocase(names->v[i], name))
            return true;
    return false;
}

bool contrib_labelled(const struct issue *issue, const char *label)
{
    return !text_blank(label) && class_is_one_of(&issue->labels, label);
}

const char *contrib_label_nick(const struct contrib_case *c, const char *label)
{
    size_t n = text_blank(c->own->jira_label) ? 0 : strlen(c->own->jira_label);
    if (!n || !label || strncasecmp(label, c->own->jira_label, n) != 0)
        return NULL;
    return label[n] ? label + n : NULL;
}

bool contrib_asks_jira(const struct contrib_case *c, const struct issue *issue)
{
    for (size_t i = 0; i < issue->labels.n; i++)
        if (contrib_label_nick(c, issue->labels.v[i]))
            return true;
    return false;
}

/* --- classes --- */

struct class_case {
    const struct contrib_case *c;
    const struct issue *issue;
    const char *owner; /* of the base repository */
    const struct contributor *person;
    struct contrib_author *ret;
};

static bool class_is_bot(const struct class_case *k)
{
    k->ret->why = "the author is a bot";
    return text_same(k->issue->creator_kind, "Bot");
}

static bool class_is_private(const struct class_case *k)
{
    k->ret->why = arena_fmt(k->c->a, "a private repository of %s needs no agreement", k->owner);
    return k->issue->is_private && class_is_one_of(&k->c->own->private_orgs, k->owner);
}

static const char *class_repository(const struct issue *issue)
{
    return issue->project ? issue->project : issue->ref ? issue->ref : "";
}

static const struct contributor *class_person(const struct contributions *own, const struct issue *issue)
{
    return text_blank(issue->creator) ? NULL : people_find(&own->people, issue->creator);
}

static bool class_is_of_internal(const struct contributions *own, const struct contributor *who, const char *owner)
{
    return who && !text_blank(who->institution) && orgs_internal(&own->orgs, who->institution, owner);
}

bool contributions_internal(const struct contributions *own, const struct issue *i)
{
    char owner[CLASS_OWNER_BYTES];
    const char *repository = class_repository(i);
    snprintf(owner, sizeof owner, "%.*s", (int)strcspn(repository, "/"), repository);
    return class_is_of_internal(own, class_person(own, i), owner);
}

static bool class_is_internal(const struct class_case *k)
{
    struct contrib_author *ret = k->ret;
    const struct contributions *own = k->c->own;
    if (class_is_of_internal(own, k->person, k->owner)) {
        ret->why =
            arena_fmt(k->c->a, "the author's institution, %s, is internal to %s", k->person->institution, k->owner);
        return true;
    }
    bool is_over = text_same(k->issue->status, "closed") || text_same(k->issue->status, "merged");
    ret->is_by_closing = is_over && !contrib_labelled(k->issue, own->labels.outside);
    ret->why = arena_fmt(k->c->a, "it is closed, and was never given the label %s", own->labels.outside);
    return ret->is_by_closing;
}

static bool class_is_refused(const struct class_case *k)
{
    k->ret->why = arena_fmt(k->c->a, "%s takes no contributions from outside", k->owner);
    return class_is_one_of(&k->c->own->closed_orgs, k->owner);
}

static bool class_org_known(const struct orgs *all, const char *institution)
{
    for (size_t i = 0; i < all->n; i++)
        if (text_same(all->v[i].key, institution) || text_same(all->v[i].name, institution))
            return true;
    return false;
}

static bool class_is_ospr(const struct class_case *k)
{
    const char *institution = k->person ? k->person->institution : NULL;
    const char *agreement = k->ret->is_signed ? "has signed an agreement" : "has signed no agreement";
    if (!k->person)
        k->ret->why = "the author is not in the people file";
    else if (text_blank(institution))
        k->ret->why = arena_fmt(k->c->a, "the author belongs to no institution and %s", agreement);
    else if (!class_org_known(&k->c->own->orgs, institution))
        k->ret->why =
            arena_fmt(k->c->a, "the author's institution, %s, is not in orgs; the author %s", institution, agreement);
    else
        k->ret->why = arena_fmt(k->c->a, "the author's institution, %s, is not internal to %s; the author %s",
                                institution, k->owner, agreement);
    return true;
}

/* The first that says yes decides; each says why. */
static bool (*const class_tests[])(const struct class_case *k) = {
    [CONTRIB_BOT] = class_is_bot,         [CONTRIB_PRIVATE] = class_is_private, [CONTRIB_INTERNAL] = class_is_internal,
    [CONTRIB_REFUSED] = class_is_refused, [CONTRIB_OSPR] = class_is_ospr,
};

static bool class_first_time(const char *association)
{
    return text_same(association, "FIRST_TIMER") || text_same(association, "FIRST_TIME_CONTRIBUTOR");
}

void contrib_classify(const struct contrib_case *c, const struct issue *issue, struct contrib_author *ret)
{
    const struct class_case k = {
        .c = c,
        .issue = issue,
        .owner = contrib_owner(c->a, class_repository(issue)),
        .person = class_person(c->own, issue),
        .ret = ret,
    };
    *ret = (struct contrib_author){
        .is_signed = k.person && k.person->is_signed,
        .is_core = k.person && k.person->is_core,
        .is_first_time = class_first_time(issue->pull.association),
    };
    for (unsigned i = 0; i < COUNT(class_tests); i++) {
        ret->class = (enum contrib_class)i;
        if (class_tests[i](&k))
            return;
    }
}
