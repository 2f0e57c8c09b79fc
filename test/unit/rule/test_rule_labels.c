#include "base/base.h"
#include "rule/labels.h"

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

enum { LABELS_BYTES = 64 << 20 };

static const char *labels_join(struct arena *a, const struct texts *t)
{
    struct text all;
    text_init(&all, LABELS_BYTES);
    for (size_t i = 0; i < t->n; i++) {
        text_addz(&all, i ? "|" : "");
        text_addz(&all, t->v[i]);
    }
    const char *joined = arena_text(a, text_z(&all));
    text_free(&all);
    return joined;
}

static void test_whiteboard(void **state)
{
    (void)state;
    static const struct {
        const char *whiteboard;
        enum jbi_brackets brackets;
        const char *labels;
    } rows[] = {
        {"[dev]", JBI_BRACKETS_NO, "bugzilla|dev"},
        {"[dev]", JBI_BRACKETS_YES, "bugzilla|[dev]"},
        {"[a] [b c]", JBI_BRACKETS_BOTH, "bugzilla|a|b.c|[a]|[b.c]"},
        {"foo [bar]", JBI_BRACKETS_NO, "bugzilla|foo.bar"},
        {"[a] [b]  ", JBI_BRACKETS_NO, "bugzilla|a|b"}, /* once an empty label that Jira refused */
        {"[a]   [ ] [] b", JBI_BRACKETS_BOTH, "bugzilla|a|b|[a]|[b]"},
        {"[a][a] [bugzilla]", JBI_BRACKETS_NO, "bugzilla|a"},
        {"[a\tb\xc2\xa0"
         "c\xe3\x80\x80]",
         JBI_BRACKETS_NO, "bugzilla|a.b.c"},
        {"[a  b]", JBI_BRACKETS_NO, "bugzilla|a..b"},
        {"", JBI_BRACKETS_BOTH, "bugzilla"},
        {NULL, JBI_BRACKETS_NO, "bugzilla"},
        {"plain", JBI_BRACKETS_NO, "bugzilla|plain"},
        {"[x", JBI_BRACKETS_NO, "bugzilla|x"},
    };
    struct arena *a = arena_new(LABELS_BYTES);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct texts t = {0};
        labels_of_whiteboard(a, rows[i].whiteboard, rows[i].brackets, &t);
        assert_string_equal(labels_join(a, &t), rows[i].labels);
    }
    arena_free(a);
}

static void test_words(void **state)
{
    (void)state;
    struct arena *a = arena_new(LABELS_BYTES);
    struct texts t = {0};
    labels_of_words(a, " perf, ,regression,,two words, perf", &t);
    assert_string_equal(labels_join(a, &t), "perf|regression|two.words");
    t = (struct texts){0};
    labels_of_words(a, "", &t);
    labels_of_words(a, NULL, &t);
    assert_int_equal(t.n, 0);
    const char *words[] = {"perf", "", "a b"};
    labels_of_texts(a, &(struct texts){words, COUNT(words)}, &t);
    assert_string_equal(labels_join(a, &t), "perf|a.b");
    arena_free(a);
}

static void test_bounds(void **state)
{
    (void)state;
    struct arena *a = arena_new(LABELS_BYTES);
    char *board = arena_bytes(a, (1 << 20) + 1);
    memset(board, 'x', 1 << 20);
    board[1 << 20] = '\0';
    struct texts t = {0};
    labels_of_whiteboard(a, board, JBI_BRACKETS_BOTH, &t);
    assert_int_equal(t.n, 3);
    assert_int_equal(strlen(t.v[1]), LABEL_UNITS);
    assert_int_equal(strlen(t.v[2]), LABEL_UNITS);
    assert_int_equal(t.v[2][LABEL_UNITS - 1], ']');

    struct text emoji;
    text_init(&emoji, 1 << 20);
    for (unsigned i = 0; i < 300; i++)
        text_addz(&emoji, "\xf0\x9f\x98\x80");
    t = (struct texts){0};
    labels_of_whiteboard(a, text_z(&emoji), JBI_BRACKETS_NO, &t);
    assert_int_equal(utf8_units(str_of(t.v[1])), LABEL_UNITS - 1);
    assert_true(utf8_valid(str_of(t.v[1])));
    text_free(&emoji);

    struct text many;
    text_init(&many, 1 << 20);
    for (unsigned i = 0; i < 100000; i++)
        text_addf(&many, "[%u]", i);
    size_t used = arena_used(a);
    t = (struct texts){0};
    labels_of_whiteboard(a, text_z(&many), JBI_BRACKETS_BOTH, &t);
    assert_int_equal(t.n, LABELS_MAX);
    text_reset(&many);
    for (unsigned i = 0; i < 200000; i++)
        text_addz(&many, "[a][]");
    t = (struct texts){0};
    labels_of_whiteboard(a, text_z(&many), JBI_BRACKETS_BOTH, &t);
    assert_string_equal(labels_join(a, &t), "bugzilla|a|[a]");
    assert_true(arena_used(a) - used < 64 << 10);
    text_free(&many);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_whiteboard), cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_bounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
