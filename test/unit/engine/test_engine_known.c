#include "base/base.h"
#include "../base/unit.h"
#include "base/arena.h"
#include "base/text.h"
#include "engine/known.h"

enum { MINUTE = 60 * 1000 };

static struct fact of(enum fact_kind kind, const char *ref, const char *text)
{
    return (struct fact){.key = {.kind = kind, .tracker = "github", .ref = ref}, .text = text};
}

static const char *got(struct known *k, struct arena *a, enum fact_kind kind, const char *ref, int64_t at)
{
    const struct fact *f = known_get(k, &(const struct fact_key){.kind = kind, .tracker = "github", .ref = ref}, at, a);
    return f ? f->text ? f->text : "none" : "unknown";
}

static void test_for_a_while(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct known k;
    known_init(&k);
    const struct fact file = of(FACT_FILE, "o/r:f", "text"), issue = of(FACT_ISSUE, "o/r#1", "text");
    known_put(&k, &file, 1000);
    known_put(&k, &issue, 1000);
    assert_string_equal(got(&k, a, FACT_FILE, "o/r:f", 1000 + 15 * MINUTE - 1), "text");
    assert_string_equal(got(&k, a, FACT_FILE, "o/r:g", 1000), "unknown");
    assert_string_equal(got(&k, a, FACT_ISSUE, "o/r#1", 1000), "unknown");
    assert_string_equal(got(&k, a, FACT_FILE, "o/r:f", 1000 + 15 * MINUTE), "unknown");
    assert_int_equal(k.bytes, 0);
    known_free(&k);
}

static void test_for_as_long_as_told(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct known k = {0};
    const struct fact issue = of(FACT_ISSUE, "o/r#1", "text"), other = of(FACT_ISSUE, "o/r#2", "text");
    known_remove(&k, &issue.key); /* before it holds anything */
    known_init(&k);
    known_put_for(&k, &issue, 0, MINUTE);
    known_put_for(&k, &other, 0, MINUTE);
    assert_string_equal(got(&k, a, FACT_ISSUE, "o/r#1", MINUTE - 1), "text");
    known_remove(&k, &issue.key);
    assert_string_equal(got(&k, a, FACT_ISSUE, "o/r#1", 1), "unknown");
    assert_string_equal(got(&k, a, FACT_ISSUE, "o/r#2", MINUTE), "unknown");
    known_free(&k);
}

static void test_again_and_forgotten(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct known k;
    known_init(&k);
    const struct fact first = of(FACT_BOARD, "o:1", "first"), second = of(FACT_BOARD, "o:1", "second");
    known_put(&k, &first, 0);
    known_put(&k, &second, 1);
    assert_string_equal(got(&k, a, FACT_BOARD, "o:1", 2), "second");
    known_forget(&k);
    assert_string_equal(got(&k, a, FACT_BOARD, "o:1", 2), "unknown");
    known_free(&k);
}

static void test_bounded(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 26);
    struct known k;
    known_init(&k);
    char *text = arena_bytes(a, 200001);
    memset(text, 'x', 200000);
    text[200000] = '\0';
    for (int i = 0; i < 100; i++) {
        const struct fact f = of(FACT_FILE, arena_fmt(a, "o/r:%d", i), text);
        known_put(&k, &f, 0);
    }
    assert_true(k.bytes <= 16 * 1024 * 1024 && k.bytes > 15 * 1024 * 1024);
    assert_string_equal(got(&k, a, FACT_FILE, "o/r:0", 1), "unknown");
    assert_string_equal(got(&k, a, FACT_FILE, "o/r:99", 1), text);
    char *large = arena_bytes(a, 300001);
    memset(large, 'x', 300000);
    large[300000] = '\0';
    const struct fact f = of(FACT_FILE, "o/r:99", large);
    known_put(&k, &f, 0); /* too much to be kept: what was known before is not so any more */
    assert_string_equal(got(&k, a, FACT_FILE, "o/r:99", 1), "unknown");
    known_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_for_a_while),
        cmocka_unit_test(test_for_as_long_as_told),
        cmocka_unit_test(test_again_and_forgotten),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
