#include "base/base.h"
#include "base/utf8.h"
#include "unit.h"

static int inner(struct err *e)
{
    return fail_code(e, ERR_TRANSIENT, 503, "HTTP %d", 503);
}

static void test_fill(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(inner(&e), -ERR_TRANSIENT);
    assert_int_equal(e.class, ERR_TRANSIENT);
    assert_int_equal(e.code, 503);
    assert_int_equal(e.retry_at_ms, 0);
    assert_string_equal(e.text, "HTTP 503");
    assert_non_null(strstr(e.file, "test_base_err.c"));
    assert_true(e.line > 0);
    assert_int_equal(inner(NULL), -ERR_TRANSIENT);
}

static void test_within(void **state)
{
    (void)state;
    struct err e = {0};
    (void)inner(&e);
    e.retry_at_ms = 7;
    assert_int_equal(err_within(&e, "create %s", "issue"), -ERR_TRANSIENT);
    assert_int_equal(err_within(&e, "lane %d", 1), -ERR_TRANSIENT);
    assert_string_equal(e.text, "lane 1: create issue: HTTP 503");
    assert_int_equal(e.retry_at_ms, 7);
    assert_int_equal(e.code, 503);
    assert_int_equal(err_within(NULL, "x"), -ERR_BUG);
}

static void test_own_text_as_argument(void **state)
{
    (void)state;
    struct err e = {0};
    (void)fail(&e, ERR_INPUT, "inner");
    (void)fail(&e, ERR_PERMANENT, "given up: %s", e.text);
    assert_string_equal(e.text, "given up: inner");
    (void)err_within(&e, "again %s", e.text);
    assert_string_equal(e.text, "again given up: inner: given up: inner");
}

/* Whatever the length, what is cut stays terminated and valid UTF-8, and keeps its beginning. */
static void test_cut(void **state)
{
    (void)state;
    char words[ERR_TEXT_BYTES + 64];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(words, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof words; i += 3)
            memcpy(words + i, "€", 3);
        words[sizeof words - 1 - (sizeof words - 1 - shift) % 3] = '\0';
        struct err e = {0};
        (void)fail(&e, ERR_INPUT, "%s", words);
        assert_in_range(strlen(e.text), ERR_TEXT_BYTES - 4, ERR_TEXT_BYTES - 1);
        assert_true(utf8_valid(str_of(e.text)));
        (void)err_within(&e, "y");
        assert_in_range(strlen(e.text), ERR_TEXT_BYTES - 4, ERR_TEXT_BYTES - 1);
        assert_true(utf8_valid(str_of(e.text)));
        assert_memory_equal(e.text, "y: ", 3);
        (void)err_within(&e, "%s", words);
        assert_true(utf8_valid(str_of(e.text)));
        assert_true(strlen(e.text) < ERR_TEXT_BYTES);
    }
}

static void test_names(void **state)
{
    (void)state;
    for (int i = ERR_NONE; i < ERR_CLASSES; i++)
        assert_int_equal(err_class_parse(err_class_name((enum err_class)i)), i);
    assert_string_equal(err_class_name(ERR_UNCERTAIN), "uncertain");
    assert_int_equal(err_class_parse("nonsense"), ERR_NONE);
    assert_int_equal(err_class_parse(NULL), ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fill), cmocka_unit_test(test_within),
                                       cmocka_unit_test(test_own_text_as_argument), cmocka_unit_test(test_cut),
                                       cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
