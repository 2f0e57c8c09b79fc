#include "conf_test.h"

#include "conf/contributions.h"

/* The labels as text, "bug=d73a4a 'Broken' wip- ", then what was said about the file. */
static const char *read_labels(struct arena *a, const char *content)
{
    struct problems p;
    struct wanted_labels all;
    struct text t;
    problems_init(&p, a);
    text_init(&t, 1 << 20);
    wanted_labels_read(a, "l.yaml", str_of(content), &p, &all);
    for (size_t i = 0; i < all.n; i++) {
        const struct wanted_label *l = &all.v[i];
        text_addf(&t, "%s%s%s", l->name, l->is_deleted ? "-" : "=", l->color ? l->color : "");
        if (l->description)
            text_addf(&t, "'%s'", l->description);
        text_addz(&t, " ");
    }
    text_addf(&t, "\n%s", problems_text(&p));
    const char *ret = arena_text(a, text_z(&t));
    text_free(&t);
    return ret;
}

#define TEN     "0123456789"
#define FIFTY   TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY

static void test_files(void **state)
{
    (void)state;
    static const struct {
        const char *content, *expect;
    } cases[] = {
        {"", "\n"},
        {"{}", "\n"},
        {"bug: {color: d73a4a, description: Broken}\nwip: {delete: true}\n", "bug=d73a4a'Broken' wip- \n"},
        /* What YAML takes for numbers; the # that people write; what is empty. */
        {"a: {color: 000000}\nb: {color: \"#1E90FF\", description: ''}\nc: {color: 1e1000}\nd:\ne: {delete: false}\n",
         "a=000000 b=1E90FF'' c=1e1000 d= e= \n"},
        {"42: {color: ffffff}\n\"" FIFTY "\": {description: " HUNDRED "}\n", "42=ffffff " FIFTY "='" HUNDRED "' \n"},
        {"[bug]", "\nl.yaml:1:1: expected a map of at most 1000 labels, got a list\n"},
        {"a: {color: red}", "a= \nl.yaml:1:12: a.color: expected six hexadecimal digits such as d73a4a, got \"red\"\n"},
        {"a: {color: '##12345'}",
         "a= \nl.yaml:1:12: a.color: expected six hexadecimal digits such as d73a4a, got \"##12345\"\n"},
        {"a: {color: [1]}", "a= \nl.yaml:1:12: a.color: expected six hexadecimal digits such as d73a4a, got a list\n"},
        {"a: {description: " HUNDRED "0}",
         "a= \nl.yaml:1:18: a.description: expected one line of at most 100 characters\n"},
        {"a: {description: \"two\\nlines\"}",
         "a= \nl.yaml:1:18: a.description: expected one line of at most 100 characters\n"},
        {"a: {delete: perhaps}", "a= \nl.yaml:1:13: a.delete: expected true or false, got \"perhaps\"\n"},
        {"a: {delete: true, color: ffffff}",
         "a-ffffff \nl.yaml:1:1: warning: a: it is deleted: its color and description are of no use\n"},
        {"a: red", "a= \nl.yaml:1:4: a: expected {color, description} or {delete: true}, got a text\n"},
        {"a: {colour: ffffff}", "a= \nl.yaml:1:5: warning: a.colour: unknown key; did you mean \"color\"?\n"},
        {"Bug:\nbug:\n", "Bug= bug= \nl.yaml:2:1: bug: is there already, as \"Bug\"\n"},
        {FIFTY "0:", FIFTY "0= \nl.yaml:1:1: " FIFTY "0: expected the name of a label, of at most 50 characters\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
        assert_string_equal(read_labels(a, cases[i].content), cases[i].expect);
    }
}

static void test_find(void **state)
{
    (void)state;
    struct wanted_label v[] = {{.name = "Bug"}, {.name = "wip"}};
    const struct wanted_labels all = {v, COUNT(v)};
    assert_ptr_equal(wanted_labels_find(&all, "bug"), &v[0]);
    assert_ptr_equal(wanted_labels_find(&all, "WIP"), &v[1]);
    assert_null(wanted_labels_find(&all, "bugs"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_find)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
