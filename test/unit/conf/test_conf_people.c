#include "conf_test.h"

#include "conf/contributions.h"

#include <time.h>

#define HEAD "First Name,Account Name,GitHub Username,Is Core Contributor\n"

/* The people as text, "octocat=Acme!+", then what was said about the file. */
static const char *read_people(struct arena *a, const char *file, struct str content)
{
    struct problems p;
    struct people all;
    struct text t;
    problems_init(&p, a);
    text_init(&t, 1 << 20);
    people_read(a, file, content, &p, &all);
    for (size_t i = 0; i < all.n; i++)
        text_addf(&t, "%s=%s%s%s ", all.v[i].login, all.v[i].institution ? all.v[i].institution : "",
                  all.v[i].is_signed ? "!" : "", all.v[i].is_core ? "+" : "");
    text_addf(&t, "\n%s", problems_text(&p));
    const char *ret = arena_text(a, text_z(&t));
    text_free(&t);
    return ret;
}

static void test_csv(void **state)
{
    (void)state;
    static const struct {
        const char *content, *expect;
    } cases[] = {
        {HEAD "Ann,Acme,Octocat,1\nBob,Individual Contributors,bob,0\nCy,,cy,\n", "bob=! cy= octocat=Acme!+ \n"},
        /* As the old bot's export: more columns, another order. */
        {"First Name,Last Name,Number of Active Ind. CLA Contracts,Title,Account Name,Number of Active Entity CLA "
         "Contracts,GitHub Username,Is Core Contributor\nA,B,1,Dr,\"Acme, Inc.\",2,ab,1\n",
         "ab=Acme, Inc.!+ \n"},
        /* Without the column that may be missing; capitals and spaces in the header; a byte order mark; CR LF. */
        {"\xef\xbb\xbf"
         "GITHUB USERNAME , account name\r\nA-b_c,X\r\n@d[bot],Y\r\n",
         "a-b_c=X! d[bot]=Y! \n"},
        {"GitHub Username,Account Name\rann,X\rbob,", "ann=X! bob= \n"},
        {"GitHub Username,Account Name\r\n\r\na,X,\r\nb,X\r\n",
         "b=X! \nf.csv:3:1: warning: expected 2 columns, as in the header, got 3; the line is left out\n"},
        {HEAD "\n  \n,,,\nA,\"An \"\"odd\"\"\nname\",a,true", "a=An \"odd\"\nname!+ \n"},
        {HEAD, "\nf.csv: warning: the file names nobody: nobody has an agreement\n"},
        {"", "\nf.csv: the file is empty; its first line must name the columns\n"},
        {"\n\n", "\nf.csv: the file is empty; its first line must name the columns\n"},
        {"GitHub Name,Acount Name\na,b\n",
         "\nf.csv:1:1: there is no column \"GitHub Username\"; the nearest is \"GitHub Name\"\n"
         "f.csv:1:1: there is no column \"Account Name\"; the nearest is \"Acount Name\"\n"},
        {"\nx;y\na;b\n", "\nf.csv:2:1: there is no column \"GitHub Username\"\nf.csv:2:1: there is no column \"Account "
                         "Name\"\n"},
        {HEAD "A,Acme, Inc.,a,1\nB,X,b\nC,X,c,0\nD,X,not a login,0\n",
         "c=X! \nf.csv:2:1: warning: expected 4 columns, as in the header, got 5; the line is left out\n"
         "f.csv:3:1: warning: expected 4 columns, as in the header, got 3; the line is left out\n"
         "f.csv:5:1: warning: expected a login of GitHub, got \"not a login\"; the line is left out\n"},
        {HEAD "A,X,a,0\nB,\"Y\ny\",b,0\nA,Z,A,1\nA,,a,\n",
         "a= b=Y\ny! \nf.csv:5:1: warning: a is there already, in line 2; this line counts\n"
         "f.csv:6:1: warning: a is there already, in line 5; this line counts\n"},
        {HEAD "A,say \"hi\",a,0\nB,\"X\"y,b,0\nC,X,c,0\n",
         "c=X! \nf.csv:2:1: warning: a quote inside a value must be doubled; the line is left out\n"
         "f.csv:3:1: warning: a quote inside a value must be doubled; the line is left out\n"},
        {HEAD "A,X,a,0\nB,\"X,b,0\nC,X,c,0\n", "a=X! \nf.csv:3:1: the quotes that open here do not close\n"},
        {"\"GitHub Username,x\n", "\nf.csv:1:1: the quotes that open here do not close\n"},
        {"a\"b,x\nc\n", "\nf.csv:1:1: a quote inside a value must be doubled; the line is left out\n"},
        {HEAD "A,X,a,0\nB,\xff,b,0\n", "\nf.csv:3:1: not UTF-8; save the file as UTF-8\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
        assert_string_equal(read_people(a, "f.csv", str_of(cases[i].content)), cases[i].expect);
    }
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    assert_string_equal(read_people(a, "f.csv", STR("a\0b,c\n")), "\nf.csv:1:1: not UTF-8; save the file as UTF-8\n");
}

static void test_yaml(void **state)
{
    (void)state;
    static const struct {
        const char *content, *expect;
    } cases[] = {
        {"Octocat: {institution: Acme, core_contributor: true}\nbob: {agreement: individual}\ncy:\n"
         "dee: {institution: Acme, agreement: none}\n",
         "bob=! cy= dee=Acme octocat=Acme!+ \n"},
        {"", "\np.yaml: warning: the file names nobody: nobody has an agreement\n"},
        {"- a\n", "\np.yaml:1:1: expected a map of logins, got a list\n"},
        {"a: {\n", "\np.yaml:2:1: not valid YAML: did not find expected node content, while parsing a flow node from "
                   "line 2 on\n"},
        {"a b: {}\nc: 1\nd: {institution: []}\ne: {agreement: signed}\nf: {core_contributor: 1}\n"
         "g: {agrement: individual}\nh: {agreement: individal}\nA: {}\na: {agreement: individual}\n",
         "a=! g= \np.yaml:1:1: warning: a b: expected a login of GitHub; the entry is left out\n"
         "p.yaml:2:4: warning: c: expected a map; the entry is left out\n"
         "p.yaml:3:18: warning: d.institution: expected a text, got a list; the entry is left out\n"
         "p.yaml:4:16: warning: e.agreement: expected none, individual or institution; the entry is left out\n"
         "p.yaml:5:23: warning: f.core_contributor: expected true or false; the entry is left out\n"
         "p.yaml:6:5: warning: g.agrement: unknown key; did you mean \"agreement\"?\n"
         "p.yaml:7:16: warning: h.agreement: expected none, individual or institution; the entry is left out; did you "
         "mean \"individual\"?\n"
         "p.yaml:9:1: warning: a is there already, in line 8; this line counts\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
        assert_string_equal(read_people(a, "p.yaml", str_of(cases[i].content)), cases[i].expect);
    }
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    assert_string_equal(read_people(a, "https://x.example/p.yml?ref=main", STR("a: {}\n")), "a= \n");
}

/* Ten thousand people are found, whatever the capitals, and reading them takes a moment only. */
static void test_many(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text t;
    struct problems p;
    struct people all;
    text_init(&t, 16 << 20);
    text_addz(&t, HEAD);
    for (unsigned i = 0; i < 10000; i++)
        text_addf(&t, "First name %u,\"Institution, number %u\",User-%u,%u\n", i, i % 100, (i * 7919) % 10000, i % 2);
    problems_init(&p, a);
    clock_t begin = clock();
    people_read(a, "f.csv", text_str(&t), &p, &all);
    double ms = 1000.0 * (double)(clock() - begin) / CLOCKS_PER_SEC;
    print_message("10,000 people: %.1f ms\n", ms);
    assert_problems(&p, "");
    assert_int_equal(all.n, 10000);
    for (unsigned i = 0; i < 10000; i++) {
        const struct contributor *who = people_find(&all, arena_fmt(a, "USER-%u", i));
        assert_non_null(who);
        assert_string_equal(who->login, arena_fmt(a, "user-%u", i));
    }
    assert_null(people_find(&all, "user-10000"));
    assert_null(people_find(&all, ""));
    assert_null(people_find(&all, NULL));
    assert_null(people_find(&(struct people){0}, "a"));
}

static void test_orgs(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    struct problems p;
    struct orgs all;
    problems_init(&p, a);
    orgs_read(a, "o.yaml",
              STR("Acme:\n  name: Acme Inc.\n  internal-ghorgs: [openEdx, acme]\n  contact: {name: n, email: e}\n"
                  "  committer: true\nOld: {internal: true}\nOlder: {internal: yes}\nNone: {internal: no}\nBare:\n"
                  "One: {internal-ghorgs: solo}\n"),
              &p, &all);
    assert_problems(&p, "");
    assert_true(orgs_internal(&all, "Acme", "openedx") && orgs_internal(&all, "Acme Inc.", "ACME"));
    assert_true(orgs_internal(&all, "Old", "any") && orgs_internal(&all, "Older", "any"));
    assert_true(orgs_internal(&all, "One", "solo"));
    assert_false(orgs_internal(&all, "Acme", "edx") || orgs_internal(&all, "acme", "openedx"));
    assert_false(orgs_internal(&all, "None", "edx") || orgs_internal(&all, "Bare", "edx"));
    assert_false(orgs_internal(&all, NULL, "openedx") || orgs_internal(&all, "Nobody", "openedx"));
    orgs_read(a, "o.yaml",
              STR("A: {nmae: x, internal-ghorgs: {}, internal: maybe, name: []}\nB: 1\n"
                  "C: {internal-ghorgs: [[], c]}\n"),
              &p, &all);
    assert_problems(&p,
                    "o.yaml:1:5: warning: A.nmae: unknown key; did you mean \"name\"?\n"
                    "o.yaml:1:58: warning: A.name: expected a text, got a list; it is ignored\n"
                    "o.yaml:1:31: warning: A.internal-ghorgs: expected a list of organisations at GitHub, got a map; "
                    "it is ignored\n"
                    "o.yaml:1:45: warning: A.internal: expected true or false, got a text; it is ignored\n"
                    "o.yaml:2:4: warning: B: expected a map, got a number; it is ignored\n"
                    "o.yaml:3:23: warning: C.internal-ghorgs: expected the name of an organisation at GitHub, got a "
                    "list; it is ignored\n");
    assert_true(orgs_internal(&all, "C", "c"));
    problems_init(&p, a);
    orgs_read(a, "o.yaml", STR("[]"), &p, &all);
    orgs_read(a, "o.yaml", STR("a: b: c"), &p, &all);
    orgs_read(a, "o.yaml", STR(""), &p, &all);
    assert_int_equal(all.n, 0);
    assert_problems(&p, "o.yaml:1:1: expected a map of organisations, got a list\n"
                        "o.yaml:1:5: not valid YAML: mapping values are not allowed in this context\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_yaml),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_orgs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
