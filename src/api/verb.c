#include "base/base.h"
#include "api/verb.h"
#include "api/deeds.h"
#include "api/events.h"
#include "api/gaps.h"
#include "api/jobs.h"
#include "base/text.h"
#include "base/when.h"
#include "conf/problem.h"

enum { VERB_WORDS = 10, VERB_WORDS_BYTES = 256 };

const struct verb verbs[] = {
    {
        .name = "events",
        .method = "GET",
        .path = "/events",
        .help = "list events, newest first",
        .args = {{"verdict", VERB_VERDICT, VERB_OPTION, 0, 0, NULL,
                  "only with this verdict: applied, unchanged, discarded, expired, dropped; pending, or one of queued, "
                  "running, behind, parked"},
                 {"dead", VERB_SWITCH, VERB_OPTION, 0, 0, NULL, "only dead letters: those that expired"},
                 {"subject", VERB_TEXT, VERB_OPTION, 0, 0, NULL, "only about this issue, as in bugzilla:1709"},
                 {"before", VERB_NUMBER, VERB_OPTION, 0, INT64_MAX, NULL, "only ids below"},
                 {"after", VERB_NUMBER, VERB_OPTION, 0, INT64_MAX, NULL, "only ids above"},
                 {"limit", VERB_NUMBER, VERB_OPTION, 1, 1000, "50", "at most so many (50)"}},
        .begin = events_begin,
        .read = events_read,
        .answer = events_answer,
    },
    {
        .name = "explain",
        .method = "GET",
        .path = "/events/{id}",
        .help = "tell what became of an event and why: rules, facts, plan, exchanges, verdict, what people did",
        .args = {{"id", VERB_NUMBER, VERB_IN_PATH, 1, INT64_MAX, NULL, "the event"}},
        .read = explain_read,
        .answer = explain_answer,
    },
    {
        .name = "retry",
        .method = "POST",
        .path = "/events/{id}/retry",
        .help = "try a parked event now; for one behind it, the one that it waits for",
        .args = {{"id", VERB_NUMBER, VERB_IN_PATH, 1, INT64_MAX, NULL, "the event"}},
        .act = retry_act,
        .answer = retry_answer,
    },
    {
        .name = "replay",
        .method = "POST",
        .path = "/events/{id}/replay",
        .help = "run ended events again, as new ones: those with these IDs, or those that the options choose",
        .args = {{"id", VERB_NUMBER, VERB_IN_PATH, 1, INT64_MAX, NULL, "the event"},
                 {"edit", VERB_FILE, VERB_OPTION, 1, 0, NULL, "with this body instead of its own"}},
        .act = replay_act,
        .answer = replay_answer,
    },
    {
        .name = "replay",
        .method = "POST",
        .path = "/replay",
        .help = "run ended events again, those that the options choose and that were not replayed yet",
        .args = {{"rule", VERB_TEXT, VERB_OPTION, 1, 200, NULL,
                  "those that matched this rule, as explain names it, or the tag in its brackets"},
                 {"since", VERB_TIME, VERB_REQUIRED, 0, 0, NULL, "those received then or later: 2026-11-20T17:00:00Z"},
                 {"until", VERB_TIME, VERB_OPTION, 0, 0, NULL, "and before then"},
                 {"verdict", VERB_END, VERB_OPTION, 0, 0, NULL,
                  "those that ended so: applied, unchanged, discarded, expired, dropped"},
                 {"after", VERB_NUMBER, VERB_OPTION, 0, INT64_MAX, NULL, "ids above, to go on where a call ended"},
                 {"limit", VERB_NUMBER, VERB_OPTION, 1, 10 * 1000, "1000", "at most so many, the oldest (1000)"},
                 {"dry-run", VERB_SWITCH, VERB_OPTION, 0, 0, NULL, "only list them"}},
        .read = choice_read,
        .act = choice_act,
        .answer = choice_answer,
    },
    {
        .name = "drop",
        .method = "POST",
        .path = "/events/{id}/drop",
        .help = "end events that have not ended; what waits behind them goes on",
        .args = {{"id", VERB_NUMBER, VERB_IN_PATH, 1, INT64_MAX, NULL, "the event"},
                 {"reason", VERB_TEXT, VERB_REQUIRED, 1, 500, NULL, "why, for those who ask later"}},
        .act = drop_act,
        .answer = drop_answer,
    },
    {
        .name = "rescan",
        .method = "POST",
        .path = "/jobs",
        .help = "look at pull requests again, as if something had just happened to each; or at labels of repositories",
        .status = 202,
        .args = {{"kind", VERB_JOB, VERB_OPTION, 0, 0, "rescan", "what to do: rescan, labels, users"},
                 {"target", VERB_TEXT, VERB_REQUIRED, 1, 400, NULL,
                  "of what: github:OWNER/REPO, github:OWNER/REPO#1, github:OWNER"},
                 {"all", VERB_SWITCH, VERB_OPTION, 0, 0, NULL, "closed ones too"},
                 {"since", VERB_TIME, VERB_OPTION, 0, 0, NULL, "those opened then or later: 2026-11-20"},
                 {"until", VERB_TIME, VERB_OPTION, 0, 0, NULL, "and before then; a day is meant to its end"},
                 {"dry_run", VERB_SWITCH, VERB_OPTION, 0, 0, NULL, "write nothing, tell what would be done"},
                 {"force", VERB_SWITCH, VERB_OPTION, 0, 0, NULL,
                  "look also at what has not changed since the last time"}},
        .act = job_ask_act,
        .answer = job_ask_answer,
        .place = job_ask_place,
    },
    {
        .name = "jobs",
        .method = "GET",
        .path = "/jobs/{id}",
        .help = "list jobs, newest first; with an ID tell how far that one is and what became of each issue",
        .args = {{"id", VERB_NUMBER, VERB_IN_PATH, 1, INT64_MAX, NULL, "the job"},
                 {"after", VERB_NUMBER, VERB_OPTION, 0, INT64_MAX, NULL, "only events with ids above"},
                 {"limit", VERB_NUMBER, VERB_OPTION, 0, 1000, "100", "at most so many (100)"}},
        .read = job_one_read,
        .answer = job_one_answer,
    },
    {
        .name = "jobs",
        .method = "GET",
        .path = "/jobs",
        .help = "list jobs, newest first",
        .args = {{"before", VERB_NUMBER, VERB_OPTION, 0, INT64_MAX, NULL, "only ids below"},
                 {"limit", VERB_NUMBER, VERB_OPTION, 1, 1000, "100", "at most so many (100)"}},
        .read = job_list_read,
        .answer = job_list_answer,
    },
    {
        .name = "cancel",
        .method = "POST",
        .path = "/jobs/{id}/cancel",
        .help = "end a job: it lists no more, and its events that have not begun to write are dropped",
        .status = 202,
        .args = {{"id", VERB_NUMBER, VERB_IN_PATH, 1, INT64_MAX, NULL, "the job"}},
        .act = job_cancel_act,
        .answer = job_cancel_answer,
    },
    {
        .name = "hooks",
        .method = "GET",
        .path = "/hooks",
        .help = "list the webhooks of repositories and organisations, and how ours stand",
        .args = {{"target", VERB_TEXT, VERB_OPTION, 1, 300, NULL,
                  "of what: github:OWNER/REPO, github:ORG; without it all repositories that events came from"}},
        .act = hooks_look_act,
        .answer = hooks_answer,
    },
    {
        .name = "hooks",
        .method = "POST",
        .path = "/hooks",
        .help = "set our webhook, once, or let it send a ping",
        .args = {{"target", VERB_TEXT, VERB_REQUIRED, 1, 300, NULL, "of what: github:OWNER/REPO, github:ORG"},
                 {"do", VERB_HOOK_DEED, VERB_REQUIRED, 0, 0, NULL, "install or ping"},
                 {"dry-run", VERB_SWITCH, VERB_OPTION, 0, 0, NULL, "change nothing, tell what would be done"}},
        .act = hooks_do_act,
        .answer = hooks_answer,
    },
    {
        .name = "gaps",
        .method = "GET",
        .path = "/gaps",
        .help =
            "tell since when nothing that trackers say happened is missing, what was missed, and how their webhooks "
            "stand",
        .answer = gaps_answer,
    },
    {
        .name = "audit",
        .method = "GET",
        .path = "/audit",
        .help = "list what people did, newest first",
        .args = {{"event", VERB_NUMBER, VERB_OPTION, 1, INT64_MAX, NULL, "only to this event"},
                 {"before", VERB_NUMBER, VERB_OPTION, 0, INT64_MAX, NULL, "only audit ids below"},
                 {"limit", VERB_NUMBER, VERB_OPTION, 1, 1000, "50", "at most so many (50)"}},
        .read = audit_read,
        .answer = audit_answer,
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

static int verb_read_text(const struct verb_arg *arg, struct verb_value *v, struct err *e)
{
    size_t n = strlen(v->text);
    if ((int64_t)n < arg->low || str_trim(str_of(v->text)).n < (size_t)(arg->low > 0))
        return fail(e, ERR_INPUT, "%s: expected a text", arg->name);
    if (arg->high > 0 && (int64_t)n > arg->high)
        return fail(e, ERR_INPUT, "%s: expected at most %" PRId64 " bytes, got %zu", arg->name, arg->high, n);
    return 0;
}

static int verb_read_number(const struct verb_arg *arg, struct verb_value *v, struct err *e)
{
    if (verb_number(v->text, &v->number) == 0 && v->number >= arg->low && v->number <= arg->high)
        return 0;
    if (arg->high == INT64_MAX)
        return fail(e, ERR_INPUT, "%s: expected a number, %" PRId64 " or more, got \"%s\"", arg->name, arg->low,
                    v->text);
    return fail(e, ERR_INPUT, "%s: expected a number from %" PRId64 " to %" PRId64 ", got \"%s\"", arg->name, arg->low,
                arg->high, v->text);
}

/* A day alone is its beginning. */
static int verb_read_time(const struct verb_arg *arg, struct verb_value *v, struct err *e)
{
    char day[sizeof "2026-11-20T00:00:00Z"];
    bool is_day = strlen(v->text) == strlen("2026-11-20") && v->text[4] == '-';
    snprintf(day, sizeof day, "%sT00:00:00Z", is_day ? v->text : "");
    return when_parse(is_day ? day : v->text, &v->number, e) < 0 ? err_within(e, "%s", arg->name) : 0;
}

static int verb_read_switch(const struct verb_arg *arg, struct verb_value *v, struct err *e)
{
    v->number = strcmp(v->text, "true") == 0;
    if (v->number || strcmp(v->text, "false") == 0)
        return 0;
    return fail(e, ERR_INPUT, "%s: expected true or false, got \"%s\"", arg->name, v->text);
}

static int verb_read_word(const struct verb_arg *arg, struct verb_value *v, struct err *e)
{
    static const char *const words[][VERB_WORDS + 1] = {
        [VERB_VERDICT] = {"applied", "unchanged", "discarded", "expired", "dropped", "pending", "queued", "running",
                          "behind", "parked"},
        [VERB_END] = {"applied", "unchanged", "discarded", "expired", "dropped"},
        [VERB_JOB] = {"rescan", "labels", "users"},
        [VERB_HOOK_DEED] = {"install", "ping"},
    };
    const char *const *valid = words[arg->type];
    char all[VERB_WORDS_BYTES] = "";
    size_t n = 0, at = 0;
    for (; valid[n]; n++) {
        if (strcmp(valid[n], v->text) == 0)
            return 0;
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%s", n ? ", " : "", valid[n]);
        check(at < sizeof all);
    }
    const char *near = problem_near(v->text, valid, n);
    return fail(e, ERR_INPUT, "%s: expected one of %s; got \"%.40s\"%s%s%s", arg->name, all, v->text,
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

int verb_value_read(const struct verb_arg *arg, const char *text, struct verb_value *ret, struct err *e)
{
    static int (*const read[])(const struct verb_arg *arg, struct verb_value *v, struct err *e) = {
        [VERB_TEXT] = verb_read_text,     [VERB_NUMBER] = verb_read_number, [VERB_TIME] = verb_read_time,
        [VERB_SWITCH] = verb_read_switch, [VERB_FILE] = verb_read_text,     [VERB_VERDICT] = verb_read_word,
        [VERB_END] = verb_read_word,      [VERB_JOB] = verb_read_word,      [VERB_HOOK_DEED] = verb_read_word,
    };
    struct verb_value v = {.text = text};
    int rc = read[arg->type](arg, &v, e);
    if (rc < 0)
        return rc;
    *ret = v;
    return 0;
}
