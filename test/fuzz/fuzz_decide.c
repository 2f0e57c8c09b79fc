/*
 * fuzz_decide.c: bytes → {"event": …, "facts": […]} → decide, whatever the trackers say. A fact that is needed is the
 * given one with its key, else any of its kind, else missing. Asserts that deciding comes to an end and that what it
 * plans can be written.
 */
#include "base/base.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "rule/decide.h"
#include "rule/health.h"

enum { FUZZ_BYTES = 512 << 20, FUZZ_ROUNDS = 8 };

static const char fuzz_actions[] =
    "- whiteboard_tag: dev\n  bugzilla_user_id: 1\n  description: d\n  parameters:\n    jira_project_key: DEV\n"
    "    labels_brackets: both\n    jira_char_limit: 60\n    status_map: {NEW: Backlog, FIXED: Cancelled}\n"
    "    resolution_map: {FIXED: Done}\n    jira_components: {use_bug_product: true, set_custom_components: [Own],\n"
    "      use_bug_component_with_product_prefix: true}\n    steps:\n      new: &steps [create_issue,\n"
    "        maybe_delete_duplicate, add_link_to_bugzilla, add_link_to_jira, update_issue_summary,\n"
    "        add_jira_comments_for_changes, maybe_assign_jira_user, maybe_update_issue_priority,\n"
    "        maybe_update_issue_severity, maybe_update_issue_points, maybe_update_issue_status,\n"
    "        maybe_update_issue_resolution, maybe_update_issue_type, maybe_update_components,\n"
    "        sync_whiteboard_labels, sync_keywords_labels, create_comment, maybe_add_phabricator_link,\n"
    "        sync_dependencies, sync_see_also, sync_duplicates, sync_regressions]\n"
    "      existing: *steps\n      comment: *steps\n      attachment: *steps\n"
    "- whiteboard_tag: ops\n  bugzilla_user_id: tbd\n  description: d\n  parameters:\n    jira_project_key: OPS\n";

static int fuzz_read(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    (void)ctx, (void)a, (void)path, (void)e;
    *ret = str_of(fuzz_actions);
    return 0;
}

static const char *fuzz_url(const struct conf_tracker *conf, struct arena *a, const char *ref)
{
    return arena_fmt(a, "%s/%s", conf->url, ref);
}

static const char *fuzz_ref(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    const char *prefix = fuzz_url(conf, a, "");
    return text_starts(url, prefix) && url[strlen(prefix)] ? arena_text(a, url + strlen(prefix)) : NULL;
}

static const struct conf_tracker fuzz_bugzilla = {.name = "b", .url = "b:"};
static const struct conf_tracker fuzz_jira = {.name = "j", .url = "j:"};
static const struct rule_urls fuzz_urls = {fuzz_url, fuzz_ref};

static struct conf_bridge fuzz_bridge(struct arena *a)
{
    struct jbi_bridge *own = ARENA_NEW(a, struct jbi_bridge);
    struct problems problems;
    problems_init(&problems, a);
    struct conf_source source = {.read = fuzz_read};
    struct opt_read r = {.arena = a, .problems = &problems, .source = &source, .key = ""};
    own->actions = "actions.yaml";
    own->phabricator_url = "p:";
    (rule_bugzilla_to_jira.kind.check)(own, NULL, &r);
    check(problems.errors == 0 && own->rules.n == 2);
    return (struct conf_bridge){
        .name = "f", .kind = &rule_bugzilla_to_jira.kind, .from = &fuzz_bugzilla, .to = &fuzz_jira, .own = own};
}

static struct fact *fuzz_fact(struct arena *a, const struct many *given, const struct fact_key *key)
{
    struct fact *v = given->v, *fact = ARENA_NEW(a, struct fact);
    fact->state = FACT_MISSING;
    for (size_t i = given->n; i-- > 0;)
        if (v[i].key.kind == key->kind)
            *fact = v[i];
    for (size_t i = 0; i < given->n; i++)
        if (fact_key_same(&v[i].key, key))
            *fact = v[i];
    fact->key = *key;
    return fact;
}

static bool fuzz_input(struct arena *a, struct str s, struct event *ev, struct many *given)
{
    const struct json *in = NULL;
    struct err e = {0};
    if (json_parse(a, s, &in, &e) != 0 || field_read(&event_table, json_get(in, "event"), a, ev, &e) != 0)
        return false;
    JSON_EACH (item, json_get(in, "facts")) {
        struct fact fact = {0};
        if (given->n < 1000 && field_read(&fact_table, item, a, &fact, &e) == 0)
            *MANY_ADD(a, given, struct fact) = fact;
    }
    return true;
}

static void fuzz_write(struct arena *a, const struct decision *d)
{
    struct text t;
    struct json_out o;
    const char *why = NULL;
    (void)decision_verdict(d, true, &why, a);
    text_init(&t, FUZZ_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    field_write(&decision_table, d, &o);
    json_close(&o);
    check(!text_full(&t));
    text_free(&t);
}

static void fuzz_decide(struct arena *a, const struct event *ev, const struct many *given)
{
    struct conf_bridge bridge = fuzz_bridge(a);
    struct facts facts = {0};
    struct decision d;
    unsigned round = 0;
    do {
        check(round++ < FUZZ_ROUNDS);
        d = (struct decision){0};
        const struct rule_question q = {&bridge, fuzz_urls, fuzz_urls, ev, &facts, a};
        rule_bugzilla_to_jira.decide(&q, &d);
        const struct fact_key *needs = d.needs.v;
        for (size_t i = 0; i < d.needs.n; i++)
            facts_add(a, &facts, fuzz_fact(a, given, &needs[i]));
    } while (d.needs.n);
    fuzz_write(a, &d);
    struct health_report report = {0};
    jbi_health(&bridge, &facts, a, &report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena *a = arena_new(FUZZ_BYTES);
    struct event ev = {0};
    struct many given = {0};
    if (fuzz_input(a, (struct str){(const char *)bytes, n}, &ev, &given))
        fuzz_decide(a, &ev, &given);
    arena_free(a);
    return 0;
}
