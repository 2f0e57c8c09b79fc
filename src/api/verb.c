#include "base/base.h"
#include "api/verb.h"
#include "api/events.h"
#include "base/text.h"
#include "base/when.h"

const struct verb verbs[] = {
    {
        .name = "events",
        .method = "GET",
        .path = "/events",
        .help = "list events, newest first",
        .args = {{"verdict", VERB_TEXT, false, 0, 0, NULL,
                  "only with this verdict: applied, unchanged, discarded, expired, dropped, parked, pending"},
                 {"subject", VERB_TEXT, false, 0, 0, NULL, "only about this issue, as in bugzilla:1709"},
                 {"before", VERB_NUMBER, false, 0, INT64_MAX, NULL, "only ids below"},
                 {"after", VERB_NUMBER, false, 0, INT64_MAX, NULL, "only ids above"},
                 {"limit", VERB_NUMBER, false, 1, 1000, "50", "at most so many"}},
        .read = events_read,
        .answer = events_answer,
    },
    {
        .name = "explain",
        .method = "GET",
        .path = "/events/{id}",
        .help = "tell what became of an event and why: rules, facts, plan, exchanges, verdict",
        .args = {{"id", VERB_NUMBER, true, 1, INT64_MAX, NULL, "the event"}},
        .read = explain_read,
        .answer = explain_answer,
    },
    {.name = NULL},
};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *v = verbs; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

static int verb_number(const char *text, int64_t *ret)
{
    int64_t n = 0;
    if (text[0] == '\0')
        return -1;
    for (const char *p = text; *p; p++)
        if (*p < '0' || *p > '9' || __builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
            return -1;
    *ret = n;
    return 0;
}

int verb_value_read(const struct verb_arg *arg, const char *text, struct verb_value *ret, struct err *e)
{
    struct verb_value v = {.text = text};
    if (arg->type == VERB_NUMBER && (verb_number(text, &v.number) < 0 || v.number < arg->low || v.number > arg->high))
        return fail(e, ERR_INPUT, "%s: expected a number from %" PRId64 " to %" PRId64 ", got \"%s\"", arg->name,
                    arg->low, arg->high, text);
    if (arg->type == VERB_TIME && when_parse(text, &v.number, e) < 0)
        return err_within(e, "%s", arg->name);
    *ret = v;
    return 0;
}
