#include "conf_test.h"

#include "conf/template.h"

static const char *const known[] = {"author", "owner", "draft", "empty", "missing"};
static const struct template_value given[] = {
    {"author", "ann"}, {"owner", "{{author}}"}, {"draft", "yes"}, {"empty", ""}, {"missing", NULL}};

/* What is written, or what is wrong with it. */
static const char *write_template(struct arena *a, struct str content)
{
    struct problems p;
    struct text t;
    struct template_values values = {given, COUNT(given)};
    problems_init(&p, a);
    const struct template *x = template_read(a, "t.md", content, known, COUNT(known), &p);
    assert_true((x == NULL) == (p.errors > 0));
    if (!x)
        return problems_text(&p);
    text_init(&t, 1 << 20);
    template_write(x, &values, &t);
    const char *ret = arena_text(a, text_z(&t));
    text_free(&t);
    return ret;
}

static const struct {
    const char *content, *expect;
} cases[] = {
    {"", ""},
    {"plain } text {\n\nmore\n\n", "plain } text {\n\nmore"},
    {"Hi {{author}}, {{ author }}!", "Hi ann, ann!"},
    {"{{owner}}", "{{author}}"}, /* a value is not read again */
    {"[{{empty}}{{missing}}]", "[]"},
    {"{{#draft}}A{{/draft}}{{^draft}}B{{/draft}}", "A"},
    {"{{#empty}}A{{/empty}}{{^empty}}B{{/empty}}{{^missing}}C{{/missing}}", "BC"},
    {"{{#draft}}a{{#empty}}b{{/empty}}c{{^empty}}{{author}}{{/empty}}{{/draft}}d", "acannd"},
    {"{{#empty}}a{{#draft}}b{{/draft}}c{{/empty}}d", "d"},
    {"{{#empty}}{{/empty}}{{#draft}}{{/draft}}x", "x"},
    /* Lines of their own. */
    {"a\n{{#draft}}\nb\n{{/draft}}\nc\n", "a\nb\nc"},
    {"a\r\n  {{#empty}}\t\r\nb\r\n{{/empty}}\r\nc", "a\r\nc"},
    {"{{! a\nremark }}\na {{!another}}b", "a b"},
    {"{{#draft}}\nx\n{{/draft}}", "x\n"},
    {"{{empty}}\nx", "\nx"},
    {"a {{#draft}}\nb {{/draft}}\nc", "a \nb \nc"},
    {"{{#draft}}{{#author}}\nb\n{{/author}}{{/draft}}\n", "\nb\n"},
    {"\xef\xbb\xbf{{#draft}}\nx{{/draft}}", "x"},
    /* Mistakes. */
    {"ä {{autor}}\n{{^drafd}}{{/drafd}}", "t.md:1:3: there is no variable \"autor\"; did you mean \"author\"?\n"
                                          "t.md:2:1: there is no variable \"drafd\"; did you mean \"draft\"?\n"},
    {"{{zzz}}{{}}{{#}}{{/}}", "t.md:1:1: there is no variable \"zzz\"\nt.md:1:8: there is no variable \"\"\n"
                              "t.md:1:12: there is no variable \"\"\n"},
    {"a\nb {{author\n}}", "t.md:2:3: the tag that begins here has no closing }} in its line\n"},
    {"x {{", "t.md:1:3: the tag that begins here has no closing }} in its line\n"},
    {"{{{author}}}", "t.md:1:1: there is no variable \"{author\"; did you mean \"author\"?\n"},
    {"\n{{#draft}}\n{{^owner}}", "t.md:3:1: the section \"owner\" that begins here does not end\n"
                                 "t.md:2:1: the section \"draft\" that begins here does not end\n"},
    {"{{/draft}}", "t.md:1:1: no section \"draft\" is open here\n"},
    {"{{#draft}}{{/owner}}", "t.md:1:11: the section that is open here is not \"owner\"; did you mean \"draft\"?\n"},
    {"a\n\xff", "t.md:2:1: not UTF-8; save the file as UTF-8\n"},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
        assert_string_equal(write_template(a, str_of(cases[i].content)), cases[i].expect);
    }
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    assert_string_equal(write_template(a, STR("a\0")), "t.md:1:2: not UTF-8; save the file as UTF-8\n");
}

static void test_size(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text t;
    text_init(&t, 1 << 20);
    while (t.n + 22 < 64 << 10) /* sections in sections */
        text_addz(&t, "{{#draft}}");
    assert_non_null(strstr(write_template(a, text_str(&t)), "does not end\n"));
    text_reset(&t);
    while (t.n <= 64 << 10)
        text_addz(&t, "12345678");
    assert_string_equal(write_template(a, text_str(&t)), "t.md:1:1: the text is longer than 64 KiB\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
