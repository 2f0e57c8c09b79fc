#include "conf_test.h"

#include "conf/contributions.h"

#define GOOD "server: https://acme.example/, email: e@x, token: S3CRET, mapping: m.yaml, description: Acme's Jira"

static struct jira_nicks read_info(struct arena *a, const char *file, const char *content, const char *problems)
{
    struct problems p;
    struct jira_nicks all;
    problems_init(&p, a);
    jira_info_read(a, file, str_of(content), &p, &all);
    assert_problems(&p, problems);
    return all;
}

static const char *option(const struct jira_nick *nick, const char *name)
{
    const struct yaml *y = yaml_get(nick->options, name);
    return y ? y->text : NULL;
}

static void test_good(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    struct jira_nicks all = read_info(a, "etc/info.yaml",
                                      "Acme: {" GOOD ", contact: Ann}\n"
                                      "Big Corp.:\n"
                                      "  server: http://${X}\n"
                                      "  email: ${MAIL}\n"
                                      "  token: a${B\n"
                                      "  mapping: https://x.example/m.yaml\n"
                                      "  description: d\n",
                                      "");
    assert_int_equal(all.n, 2);
    const struct jira_nick *acme = jira_nick_find(&all, "aCME"), *big = jira_nick_find(&all, "big corp.");
    assert_ptr_equal(acme, &all.v[0]);
    assert_ptr_equal(big, &all.v[1]);
    assert_null(jira_nick_find(&all, "acm"));
    assert_string_equal(acme->tracker, "jira-acme");
    assert_null(acme->why);
    assert_string_equal(acme->server, "https://acme.example/");
    assert_string_equal(acme->mapping, "etc/m.yaml");
    assert_string_equal(acme->description, "Acme's Jira");
    assert_string_equal(acme->contact, "Ann");
    assert_string_equal(option(acme, "kind"), "jira");
    assert_string_equal(option(acme, "user"), "e@x");
    assert_string_equal(option(acme, "token"), "S3CRET");
    assert_int_equal(yaml_get(acme->options, "token")->column, 58);
    assert_string_equal(big->tracker, "jira-big-corp-");
    assert_string_equal(big->mapping, "https://x.example/m.yaml");
    assert_null(big->contact);
    /* A variable may stand for what is secret, where the file is ours; never in an address. */
    assert_string_equal(option(big, "url"), "http://$${X}");
    assert_string_equal(option(big, "user"), "${MAIL}");
    all = read_info(a, "https://x.example/info.yaml",
                    "A: {server: 'http://a', email: '${MAIL}', token: '${T}', mapping: m, description: d}\n", "");
    assert_string_equal(option(&all.v[0], "user"), "$${MAIL}");
    assert_string_equal(option(&all.v[0], "token"), "$${T}");
}

static void test_bad(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    struct jira_nicks all = read_info(
        a, "info.yaml",
        "Acme: {" GOOD "}\n"
        "ACME: {" GOOD "}\n"
        "a-b: {" GOOD ", tokn: 1, contact: []}\n"
        "A.B: {" GOOD "}\n"
        "C: 7\n"
        "D: {server: 'https://u:S3CRET@d', email: , token: [S3CRET], mapping: '', contact: c}\n"
        "E: {" GOOD "}\n",
        "info.yaml:2:1: warning: ACME: there is \"Acme\" already, and both would be called jira-acme; issues for it "
        "cannot be made\n"
        "info.yaml:3:108: warning: a-b.tokn: unknown key; did you mean \"token\"?\n"
        "info.yaml:3:126: warning: a-b.contact: expected a text, got a list; it is ignored\n"
        "info.yaml:4:1: warning: A.B: there is \"a-b\" already, and both would be called jira-a-b; issues for it "
        "cannot be made\n"
        "info.yaml:5:4: warning: C: expected a map, got a number; issues for it cannot be made\n"
        "info.yaml:6:42: warning: D.email: is required; issues for it cannot be made\n"
        "info.yaml:6:51: warning: D.token: expected a text, got a list; issues for it cannot be made\n"
        "info.yaml:6:70: warning: D.mapping: is required; issues for it cannot be made\n"
        "info.yaml:6:1: warning: D.description: is required; issues for it cannot be made\n"
        "info.yaml:6:13: warning: D.server: expected an http or https address without user, query and fragment; "
        "issues for it cannot be made\n");
    assert_int_equal(all.n, 7);
    static const char *const trackers[] = {"jira-acme", NULL, "jira-a-b", NULL, NULL, NULL, "jira-e"};
    for (size_t i = 0; i < COUNT(trackers); i++) {
        assert_true(text_same(all.v[i].tracker, trackers[i]));
        assert_true((all.v[i].why == NULL) == (trackers[i] != NULL));
    }
    assert_string_equal(all.v[5].why, "D.email: is required");
    assert_ptr_equal(jira_nick_find(&all, "acme"), &all.v[0]);
    (void)read_info(a, "i", "- a\n", "i:1:1: expected a map of names to Jira sites, got a list\n");
    (void)read_info(a, "i", "a: 1\na: 2\n", "i:2:1: a: the key is there already, in line 1\n");
    assert_int_equal(read_info(a, "i", "", "").n, 0);
}

#define MAP                                                                                                            \
    "defaults: {type: Task}\nrepos:\n- {name: acme/billing, project: PAY, type: Story}\n- {name: 'acme/*', project: "  \
    "WEB}\n- {name: 'on/[ab]?', project: no, type: 1}\n- 7\n- {project: X}\n- {name: []}\n- {name: '*/bad', project: " \
    "[]}\n"

/* "PAY/Story", or what is wrong. */
static const char *map_to(struct arena *a, const char *content, const char *repository)
{
    struct jira_place place = {"untouched", NULL};
    struct err e = {0};
    int rc = jira_mapping(a, "m.yaml", str_of(content), repository, &place, &e);
    assert_true(rc == 0 || (rc == -ERR_INPUT && text_same(place.project, "untouched")));
    return rc ? arena_text(a, e.text)
              : arena_fmt(a, "%s/%s", place.project ? place.project : "-", place.type ? place.type : "-");
}

static void test_mapping(void **state)
{
    (void)state;
    static const struct {
        const char *content, *repository, *expect;
    } cases[] = {
        {MAP, "acme/billing", "PAY/Story"},
        {MAP, "acme/billing/x", "WEB/Task"}, /* a star crosses slashes */
        {MAP, "Acme/billing", "-/Task"},
        {MAP, "on/a1", "no/1"},
        {MAP, "on/c1", "-/Task"},
        {MAP, "x/bad", "m.yaml:9:28: project: expected a text, got a list"},
        {"", "a/b", "-/-"},
        {"defaults: {project: P, type: T, extra: 1}\n", "a/b", "P/T"},
        {"defaults: {project: P, type: T}\nrepos: [{name: '*', project: , type: ''}]\n", "a/b", "P/T"},
        {"defaults:\nrepos:\n", "a/b", "-/-"},
        {"[]", "a/b", "m.yaml:1:1: mapping: expected a map with defaults and repos, got a list"},
        {"defaults: x\n", "a/b", "m.yaml:1:11: defaults: expected a map, got a text"},
        {"repos: {}\n", "a/b", "m.yaml:1:8: repos: expected a list, got a map"},
        {"defaults: {type: {}}\n", "a/b", "m.yaml:1:18: type: expected a text, got a map"},
        {"repos:\n  - name: *\n    project: INBOX\n", "a/b",
         "m.yaml:2:11: a text that begins with * needs quotes: \"*\""},
        {"a: 1\na: 2\n", "a/b", "m.yaml:2:1: a: the key is there already, in line 1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
        assert_string_equal(map_to(a, cases[i].content, cases[i].repository), cases[i].expect);
    }
}

/* What is wrong; else the warnings. */
static const char *map_checked(struct arena *a, const char *content)
{
    AUTO(text_auto) struct text said;
    struct problems p;
    struct err e = {0};
    problems_init(&p, a);
    text_init(&said, 4096);
    if (jira_mapping_check(a, "m.yaml", str_of(content), &p, &e) < 0) {
        assert_int_equal(p.n, 0);
        return arena_text(a, e.text);
    }
    for (size_t i = 0; i < p.n; i++)
        problem_write(&p.v[i], &said);
    assert_int_equal(p.errors, 0);
    return arena_text(a, text_z(&said));
}

static void test_mapping_check(void **state)
{
    (void)state;
    static const struct {
        const char *content, *expect;
    } cases[] = {
        {"defaults: {project: P}\nrepos: [{name: '*'}, {name: 1, type: T}]\n", ""},
        {"defaults:\nrepos:\n", ""},
        {"defaults: {projekt: P, name: x}\nrepos: [{name: '*'}, {name: 1, typ: T}]\nmore: 1\n",
         "m.yaml:3:1: warning: more: unknown key\n"
         "m.yaml:1:12: warning: defaults.projekt: unknown key; did you mean \"project\"?\n"
         "m.yaml:1:24: warning: defaults.name: unknown key\n"
         "m.yaml:2:32: warning: repos[1].typ: unknown key; did you mean \"type\"?\n"},
        {"", "m.yaml: expected a map with defaults and repos, got nothing"},
        {"a: 1\na: 2\n", "m.yaml:2:1: a: the key is there already, in line 1"},
        {"defaults: x\n", "m.yaml:1:11: defaults: expected a map, got a text"},
        {"repos: [{name: a, project: P}, 7]\n",
         "m.yaml:1:32: repos: expected a map with name, project and type, got a number"},
        {"repos:\n- {project: X}\n", "m.yaml:2:3: name: is required"},
        {"repos:\n- {name: []}\n", "m.yaml:2:10: name: expected a text, got a list"},
        {"repos:\n- {name: a, type: {}}\n", "m.yaml:2:19: type: expected a text, got a map"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
        assert_string_equal(map_checked(a, cases[i].content), cases[i].expect);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_mapping_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
