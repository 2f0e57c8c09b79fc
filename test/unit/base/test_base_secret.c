#include "base/base.h"
#include "base/secret.h"
#include "unit.h"

static void test_same(void **state)
{
    (void)state;
    AUTO(secret_auto) struct secret *s = secret_new(STR("k\0ey"));
    static const struct {
        struct str given;
        bool same;
    } rows[] = {{STR("k\0ey"), true},  {STR("k\0ez"), false}, {STR("k\0e"), false}, {STR("k\0eyy"), false},
                {STR("j\0ey"), false}, {STR(""), false},      {STR("k"), false},    {STR("k\0eyk\0ey"), false}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(secret_same(s, rows[i].given), rows[i].same);
    assert_false(secret_same(s, (struct str){NULL, 0}));
    assert_str_is(secret_reveal(s), "k\0ey");
}

static void test_nothing_never_matches(void **state)
{
    (void)state;
    AUTO(secret_auto) struct secret *empty = secret_new(STR(""));
    assert_false(secret_same(empty, STR("")));
    assert_false(secret_same(empty, STR("x")));
    assert_false(secret_same(NULL, STR("")));
    assert_int_equal(secret_reveal(NULL).n, 0);
    assert_string_equal(secret_reveal(empty).p, "");
    secret_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same), cmocka_unit_test(test_nothing_never_matches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
