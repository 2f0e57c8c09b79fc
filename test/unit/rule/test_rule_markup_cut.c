/* Cutting: within the limit, on a word, with no macro left open. */
#include "base/base.h"
#include "rule/markup.h"

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

struct cut {
    const char *text;
    size_t limit;
    const char *result;
};

static void test_words(void **state)
{
    (void)state;
    static const struct cut cuts[] = {
        {"aaa bbb ccc", 11, "aaa bbb ccc"},
        {"aaa bbb ccc", 100, "aaa bbb ccc"},
        {"aaa bbb ccc", 10, "aaa bbb"},
        {"aaa bbb ccc", 9, "aaa bbb"},
        {"aaa bbb ccc", 8, "aaa"}, /* exactly between words: the last one goes too */
        {"aaa bbb ccc", 7, "aaa"},
        {"aaa bbb ccc", 4, "aaa"},
        {"aaa bbb ccc", 3, "aaa"},
        {"aaa bbb ccc", 2, "aa"},
        {"aaa bbb ccc", 0, ""},
        {"aaa\n\nbbb ccc", 8, "aaa"},
        {"äöü ß€😀x yy", 8, "äöü"},
        {"äöüß€😀xyz", 6, "äöüß€😀"},
        {"日本\xe3\x80\x80語語語", 5, "日本"},
        {"aaa\xc2\xa0"
         "bbbb",
         6, "aaa"},
        {"   ", 2, ""},
        {"", 0, ""},
        {"", 5, ""},
        {" aa bb", 5, " aa"},
        {"à à à", 4, "à"},
    };
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(cuts); i++) {
        assert_string_equal(text_cut_words(a, cuts[i].text, cuts[i].limit), cuts[i].result);
        assert_string_equal(markup_cut(a, cuts[i].text, cuts[i].limit), cuts[i].result);
    }
}

static void test_macros(void **state)
{
    (void)state;
    static const struct cut cuts[] = {
        {"{quote}\naa bb cc dd\n{quote}", 27, "{quote}\naa bb cc dd\n{quote}"},
        {"{quote}\naa bb cc dd ee\n{quote}", 26, "{quote}\naa bb cc\n{quote}"},
        {"{quote}\naa bb cc dd ee ff\n{quote}", 21, "{quote}\naa\n{quote}"},
        {"x y {noformat}\naa bb cc dd ee{noformat}", 33, "x y {noformat}\naa bb\n{noformat}"},
        {"x y {noformat}\naa bb cc dd ee{noformat} z", 40, "x y {noformat}\naa bb cc dd\n{noformat}"},
        {"x y\n{code:c++}\naa bb cc dd\n{code}", 32, "x y\n{code:c++}\naa bb cc\n{code}"},
        {"{quote}\n{code}\naa bb cc dd\n{code}\n{quote}", 40, "{quote}\n{code}\naa bb cc\n{code}\n{quote}"},
        {"{quote}\na\n{quote}\nbb cc dd", 22, "{quote}\na\n{quote}\nbb"},
        {"{code}\na b\n{code}\nbb cc dd", 22, "{code}\na b\n{code}\nbb"},
        /* A macro that has no room for its end, or nothing in it, is not begun. */
        {"x y {noformat}\naa bb cc dd ee{noformat}", 20, "x y"},
        {"x y\n{noformat}\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{noformat}", 40, "x y"},
        {"{code:java}\nlonglonglong\n{code}", 20, ""},
        {"{quote}abcdefghijklmnopqrstuvwxyz{quote}", 20, "{quote}abcde\n{quote}"},
        /* What is no tag is left alone. */
        {"\\{code\\} aa bb cc dd", 14, "\\{code\\} aa"},
        {"{{a}} {*}b{*} aa bb", 18, "{{a}} {*}b{*} aa"},
        {"{noformat}\n{code}\n{noformat} aa bb cc", 34, "{noformat}\n{code}\n{noformat} aa"},
        {"{codex} aa bb", 12, "{codex} aa"},
        /* A hard cut does not tear. */
        {"abc{quote}defg", 8, "abc"},
        {"aaaa\\*bbb", 5, "aaaa"},
        {"aaaa&bsol;\\\\bb", 11, "aaaa&bsol;"},
        {"aaaa{{bbbbbbb}}", 9, "aaaa"},
    };
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(cuts); i++)
        assert_string_equal(markup_cut(a, cuts[i].text, cuts[i].limit), cuts[i].result);
}

static size_t cut_count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
        n++;
    return n;
}

/* Every limit over a text with all of them: within the limit, tags in pairs. */
static void test_every_limit(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    const char *text = markup_to_jira(a,
                                      "> one\n>\n> two `a b`\n>\n> ```\n> plain text ü\n> ```\n\n"
                                      "```java\nint x = 1;\n```\n\n> a\n>\n> - b {x} 😀\n\nend **of** it",
                                      0);
    size_t whole = utf8_points(str_of(text));
    assert_true(whole > 100);
    for (size_t limit = 0; limit <= whole + 1; limit++) {
        const char *cut = markup_cut(a, text, limit);
        assert_true(utf8_valid(str_of(cut)));
        assert_true(utf8_points(str_of(cut)) <= limit);
        assert_int_equal(cut_count(cut, "{quote}") % 2, 0);
        assert_int_equal(cut_count(cut, "{noformat}") % 2, 0);
        assert_int_equal(cut_count(cut, "{code:java}"), cut_count(cut, "{code}"));
    }
    assert_string_equal(markup_cut(a, text, whole), text);
}

static void test_long(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text t;
    text_init(&t, 4 << 20);
    for (size_t i = 0; i < 1 << 18; i++)
        text_addz(&t, i % 1000 == 0 ? "{quote}" : "{ab");
    const char *cut = markup_cut(a, text_z(&t), 500000);
    assert_true(strlen(cut) <= 500000 && strlen(cut) > 400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_macros),
                                       cmocka_unit_test(test_every_limit), cmocka_unit_test(test_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
