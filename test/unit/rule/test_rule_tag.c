#include "base/base.h"
#include "rule/tag.h"

#include <setjmp.h>

#include <cmocka.h>

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *whiteboard, *tag;
        bool found;
    } rows[] = {
        {"[tag]", "tag", true},
        {"[tag-]", "tag", true},
        {"[tag-x-y]", "tag", true},
        {"[TaG]", "tAg", true},
        {"a [b] [tag] c", "tag", true},
        {"[[tag]", "tag", true},
        {"[x][tag-[y]", "tag", true},
        {"[tag-x\ny]", "tag", true},
        {"[tagx] [tag]", "tag", true},
        {"[tag [tag]", "tag", true},
        {"[nimbus-sdk]", "nimbus", true},
        {"[x-tag]", "tag", false},
        {"[tagx]", "tag", false},
        {"tag", "tag", false},
        {"[tag", "tag", false},
        {"[tag-", "tag", false},
        {"[tag-x", "tag", false},
        {"] [tag-x", "tag", false},
        {"[ tag]", "tag", false},
        {"[tag ]", "tag", false},
        {"", "tag", false},
        {NULL, "tag", false},
        {"[]", "", false},
        {"[axb]", "a.b", false}, /* a tag is literal text */
        {"[a.b]", "a.b", true},
        {"[a+]", "a+", true},
        {"[tag", "tag]", false},
        {"[a]b-", "a]b", false},
        {"[a]b-]", "a]b", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (tag_in(rows[i].whiteboard, rows[i].tag) != rows[i].found)
            fail_msg("%s in %s", rows[i].tag, rows[i].whiteboard);
}

static char *test_repeat(const char *unit, size_t bytes)
{
    char *all = mem_zero(bytes + 1);
    size_t n = strlen(unit);
    for (size_t i = 0; i < bytes; i++)
        all[i] = unit[i % n];
    return all;
}

/* An expression with a starred group takes longer than the universe has for these. */
static void test_hostile(void **state)
{
    (void)state;
    static const char *const units[] = {"[", "-", "[-", "[devtest-", "[devtest--", "-]", "[devtes"};
    for (size_t i = 0; i < COUNT(units); i++) {
        AUTO(mem_free_auto) char *all = test_repeat(units[i], 1 << 20);
        assert_false(tag_in(all, "devtest"));
    }
    AUTO(mem_free_auto) char *all = test_repeat("[devtest-", 1 << 20);
    all[(1 << 20) - 1] = ']';
    assert_true(tag_in(all, "devtest"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_hostile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
