/*
 * scenario.h: one event decided against a world of facts, for tests. Texts are JSON in which ' stands for " and ` for
 * '. The world is asked as the engine does it: decide, fetch what it needs, decide again.
 */
#ifndef TEST_RULE_SCENARIO_H
#define TEST_RULE_SCENARIO_H

#include "base/base.h"

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "rule/decide.h"

#define FACT(kind, tracker, ref, rest) "{'key':{'kind':'" kind "','tracker':'" tracker "','ref':'" ref "'}," rest "},"
#define BUG_OF(ref, members)           FACT("issue", "bugzilla", ref, "'issue':{'ref':'" ref "'," members "}")
/* Here the given members go before the usual ones: the first of two equal keys counts. */
#define BUG(members)       BUG_OF("12", members ",'whiteboard':'[dev]','summary':'Boom','status':'NEW'")
#define NO_BUG(ref, state) FACT("issue", "bugzilla", ref, "'state':'" state "','why':'You cannot see bug " ref ".'")
#define COMMENTS(list)     FACT("comments", "bugzilla", "12", "'comments':[" list "]")
#define ATTACHMENTS(list)  FACT("attachments", "bugzilla", "12", "'attachments':[" list "]")
#define LINKED(list)       FACT("linked", "bugzilla", "12", "'links':[" list "]")
#define ISSUE_OF(key, members)                                                                                         \
    FACT("issue", "jira", key, "'issue':{" members ",'ref':'" key "','project':'DEV','summary':'Boom'}")
#define ISSUE(members)    ISSUE_OF("DEV-7", members)
#define USERS(mail, list) FACT("users", "jira", mail, "'people':[" list "]")
#define SEE_DEV7          "'see_also':['https://jira.example.org/browse/DEV-7']"
#define FIRST_COMMENT     "{'id':'100','number':0,'author':'r@x.org','text':'It **breaks**.'}"

#define EVENT(members)                                                                                                 \
    "{" members ",'id':45,'tracker':'bugzilla','source':'webhook','happened':'2026-08-01T10:00:00Z','target':'bug',"   \
    "'action':'modify','routing':'bug.modify','actor':{'login':'p@x.org'},"                                            \
    "'issue':{'ref':'12','whiteboard':'[dev]'}}"
#define DELTA(field, removed, added) "{'field':'" field "','removed':'" removed "','added':'" added "'}"
#define DELTAS(list)                 "'deltas':[" list "]"

struct scenario {
    const char *name;
    const char *params; /* lines of the action's `parameters`; a whole file if it begins with a dash; NULL: none */
    const char *event;
    const char *world;  /* facts, each ending in a comma */
    const char *expect; /* parts of the decision; also "verdict", and "unit" for the only unit's parts */
    const char *asked;  /* what was needed: "issue:bugzilla:12 linked:bugzilla:12 | comments:bugzilla:12"; NULL: any */
};

enum { SCENARIO_BYTES = 64 << 20, SCENARIO_ROUNDS = 8 };

static inline const struct json *scenario_json(struct arena *a, const char *quoted)
{
    char *text = arena_text(a, quoted);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p == '`' ? '\'' : *p;
    const struct json *v = NULL;
    struct err e = {0};
    if (json_parse(a, str_of(text), &v, &e) != 0)
        fail_msg("%s in %s", e.text, text);
    return v;
}

static inline int scenario_read(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    (void)path, (void)e;
    *ret = str_of(arena_text(a, ctx));
    return 0;
}

static inline const char *scenario_bug_url(const struct conf_tracker *conf, struct arena *a, const char *ref)
{
    return arena_fmt(a, "%s/show_bug.cgi?id=%s", conf->url, ref);
}

static inline const char *scenario_bug_ref(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    const char *prefix = scenario_bug_url(conf, a, "");
    return text_starts(url, prefix) ? arena_text(a, url + strlen(prefix)) : NULL;
}

static inline const char *scenario_issue_url(const struct conf_tracker *conf, struct arena *a, const char *ref)
{
    return arena_fmt(a, "%s/browse/%s", conf->url, ref);
}

static inline const char *scenario_issue_ref(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    const char *prefix = scenario_issue_url(conf, a, "");
    return text_starts(url, prefix) ? arena_text(a, url + strlen(prefix)) : NULL;
}

static const struct conf_tracker scenario_bugzilla = {.name = "bugzilla", .url = "https://bugs.example.org"};
static const struct conf_tracker scenario_jira = {.name = "jira", .url = "https://jira.example.org"};
static const struct rule_urls scenario_bug_urls = {scenario_bug_url, scenario_bug_ref};
static const struct rule_urls scenario_issue_urls = {scenario_issue_url, scenario_issue_ref};

static inline const char *scenario_actions(struct arena *a, const char *params)
{
    if (params && params[0] == '-')
        return params;
    return arena_fmt(a,
                     "- whiteboard_tag: dev\n  bugzilla_user_id: 1\n  description: test\n  parameters:\n"
                     "    jira_project_key: DEV\n%s",
                     params ? params : "");
}

/* A bridge whose action file has this content. */
static inline struct conf_bridge scenario_bridge(struct arena *a, const char *actions)
{
    struct jbi_bridge *own = ARENA_NEW(a, struct jbi_bridge);
    own->actions = "actions.yaml";
    own->phabricator_url = "https://phab.example.org";
    struct problems problems;
    problems_init(&problems, a);
    union {
        const char *from;
        void *to;
    } ctx = {.from = actions};
    struct conf_source source = {.read = scenario_read, .ctx = ctx.to};
    struct opt_read r = {.arena = a, .problems = &problems, .source = &source, .key = "bridges[0]"};
    (rule_bugzilla_to_jira.kind.check)(own, NULL, &r); /* not the macro */
    if (problems.errors) {
        struct text t;
        text_init(&t, 10000);
        for (size_t i = 0; i < problems.n; i++)
            problem_write(&problems.v[i], &t);
        fail_msg("%s", text_z(&t));
    }
    return (struct conf_bridge){.name = "bugzilla-to-jira",
                                .kind = &rule_bugzilla_to_jira.kind,
                                .from = &scenario_bugzilla,
                                .to = &scenario_jira,
                                .own = own};
}

/* Does `got` have all that `want` has? A null wants nothing there; lists are wanted whole. */
static inline void scenario_compare(const char *where, struct arena *a, const struct json *want, const struct json *got)
{
    enum json_kind kind = json_kind(want);
    if (kind == JSON_NULL) {
        if (json_kind(got) != JSON_ABSENT)
            fail_msg("%s: should not be there", where);
        return;
    }
    bool is_empty = json_kind(got) == JSON_ABSENT && kind == JSON_ARRAY && json_count(want) == 0;
    if (is_empty || (kind == JSON_BOOL && !json_bool(want, true) && json_kind(got) == JSON_ABSENT))
        return;
    if (kind != json_kind(got))
        fail_msg("%s: %s expected, not %s", where, json_kind_name(kind), json_kind_name(json_kind(got)));
    int64_t n = 0, m = 0;
    if (kind == JSON_STRING && !text_same(json_text(want), json_text(got)))
        fail_msg("%s: expected\n%s\nnot\n%s", where, json_text(want), json_text(got));
    if (kind == JSON_BOOL && json_bool(want, false) != json_bool(got, false))
        fail_msg("%s: the other truth", where);
    if (kind == JSON_NUMBER && (!json_int(want, &n) || !json_int(got, &m) || n != m))
        fail_msg("%s: expected %" PRId64 ", not %" PRId64, where, n, m);
    if (kind == JSON_OBJECT)
        JSON_EACH (member, want)
            scenario_compare(arena_fmt(a, "%s.%s", where, json_key(member)), a, member,
                             json_get(got, json_key(member)));
    if (kind != JSON_ARRAY)
        return;
    if (json_count(want) != json_count(got))
        fail_msg("%s: expected %zu items, not %zu", where, json_count(want), json_count(got));
    const struct json *other = json_first(got);
    size_t i = 0;
    JSON_EACH (item, want) {
        scenario_compare(arena_fmt(a, "%s[%zu]", where, i++), a, item, other);
        other = json_next(other);
    }
}

static inline struct fact *scenario_fact(struct arena *a, const struct json *world, const struct fact_key *key)
{
    JSON_EACH (item, world) {
        if (json_kind(item) == JSON_NULL)
            continue;
        struct fact *fact = ARENA_NEW(a, struct fact);
        struct err e = {0};
        if (field_read(&fact_table, item, a, fact, &e) != 0)
            fail_msg("fact: %s", e.text);
        if (fact_key_same(&fact->key, key))
            return fact;
    }
    return NULL;
}

/* Decide until nothing is needed. What was asked for goes to `asked`. */
static inline struct decision scenario_decide_by(const char *name, struct arena *a, const struct conf_bridge *bridge,
                                                 const struct rule_kind *kind, const struct event *ev,
                                                 const struct json *world, struct text *asked)
{
    struct facts facts = {0};
    for (unsigned round = 0; round < SCENARIO_ROUNDS; round++) {
        struct decision d = {0};
        const struct rule_question q = {bridge, scenario_bug_urls, scenario_issue_urls, ev, &facts, a};
        kind->decide(&q, &d);
        if (!d.needs.n)
            return d;
        text_addz(asked, round ? " |" : "");
        const struct fact_key *needs = d.needs.v;
        for (size_t i = 0; i < d.needs.n; i++) {
            text_addf(asked, "%s%s:%s:%s", asked->n ? " " : "", fact_kind_name(needs[i].kind), needs[i].tracker,
                      needs[i].ref);
            struct fact *fact = scenario_fact(a, world, &needs[i]);
            if (!fact && needs[i].kind == FACT_LINKED) {
                fact = ARENA_NEW(a, struct fact); /* no links unless the scenario has some */
                fact->key = needs[i];
            }
            if (!fact)
                fail_msg("%s: the world lacks %s:%s:%s", name, fact_kind_name(needs[i].kind), needs[i].tracker,
                         needs[i].ref);
            facts_add(a, &facts, fact);
        }
    }
    fail_msg("still not decided; asked for %s", text_z(asked));
    return (struct decision){0};
}

static inline struct decision scenario_decide(const char *name, struct arena *a, const struct conf_bridge *bridge,
                                              const struct event *ev, const struct json *world, struct text *asked)
{
    return scenario_decide_by(name, a, bridge, rule_kind(bridge), ev, world, asked);
}

/* The decision as JSON, with "verdict", "why" and, when there is one unit, "unit". */
static inline const struct json *scenario_result(struct arena *a, const struct decision *d)
{
    struct text t;
    struct json_out o;
    text_init(&t, SCENARIO_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    field_write(&decision_table, d, &o);
    const struct unit *units = d->units.v;
    bool wrote = false;
    for (size_t i = 0; i < d->units.n; i++)
        wrote = wrote || units[i].changes.n;
    const char *why = NULL;
    json_put_text(&o, "verdict", verdict_name(decision_verdict(d, wrote, &why, a)));
    if (why)
        json_put_text(&o, "why", why);
    if (d->units.n == 1) {
        json_open(&o, "unit", '{');
        field_write(&unit_table, units, &o);
        json_close(&o);
    }
    json_close(&o);
    const struct json *v = NULL;
    struct err e = {0};
    if (json_parse(a, text_str(&t), &v, &e) != 0)
        fail_msg("%s", e.text);
    text_free(&t);
    return v;
}

static inline void scenario_run(const struct scenario *s)
{
    struct arena *a = arena_new(SCENARIO_BYTES);
    struct conf_bridge bridge = scenario_bridge(a, scenario_actions(a, s->params));
    struct event ev = {0};
    struct err e = {0};
    if (field_read(&event_table, scenario_json(a, s->event), a, &ev, &e) != 0)
        fail_msg("%s: %s", s->name, e.text);
    const struct json *world = scenario_json(a, arena_fmt(a, "[%snull]", s->world ? s->world : ""));
    struct text asked;
    text_init(&asked, 10000);
    struct decision d = scenario_decide(s->name, a, &bridge, &ev, world, &asked);
    scenario_compare(s->name, a, scenario_json(a, s->expect), scenario_result(a, &d));
    if (s->asked && strcmp(s->asked, text_z(&asked)) != 0)
        fail_msg("%s: expected to be asked for\n%s\nnot\n%s", s->name, s->asked, text_z(&asked));
    text_free(&asked);
    arena_free(a);
}

static inline void scenario_run_all(const struct scenario *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        scenario_run(&v[i]);
}

#endif
