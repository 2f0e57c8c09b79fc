#include "base/base.h"
#include "base/digest.h"
#include "base/arena.h"
#include "unit.h"

static void expect_hex(const uint8_t bytes[SHA256_BYTES], const char *hex)
{
    char buf[2 * SHA256_BYTES + 1];
    hex_write(bytes, SHA256_BYTES, buf);
    assert_string_equal(buf, hex);
}

static void test_sha256(void **state)
{
    (void)state;
    uint8_t sum[SHA256_BYTES];
    sha256(STR("abc"), sum); /* FIPS 180-2 */
    expect_hex(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256((struct str){NULL, 0}, sum);
    expect_hex(sum, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_hmac(void **state)
{
    (void)state;
    uint8_t sum[SHA256_BYTES];
    hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), sum); /* RFC 4231, case 2 */
    expect_hex(sum, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    hmac_sha256(STR(""), STR(""), sum);
    expect_hex(sum, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    char text[2 * SHA1_BYTES + 1];
    hmac_sha1(STR("Jefe"), STR("what do ya want for nothing?"), sum); /* RFC 2202, case 2 */
    hex_write(sum, SHA1_BYTES, text);
    assert_string_equal(text, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

static void test_base64(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    static const struct {
        struct str plain;
        const char *coded;
    } rows[] = {{STR(""), ""},
                {STR("f"), "Zg=="},
                {STR("fo"), "Zm8="},
                {STR("foo"), "Zm9v"},
                {STR("foob"), "Zm9vYg=="},
                {STR("fooba"), "Zm9vYmE="},
                {STR("\xFB\xFF\xFE\0"), "+//+AA=="}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str back;
        assert_string_equal(base64_text(a, rows[i].plain), rows[i].coded);
        assert_int_equal(base64_read(a, str_of(rows[i].coded), &back, NULL), 0);
        assert_true(str_same(back, rows[i].plain));
    }
    static const struct str wrong[] = {STR("Zg="),  STR("Z"),     STR("Zg==Zg=="), STR("Z==="),
                                       STR("===="), STR("Zm9-"),  STR("Zm 9"),     STR("Zh=="),
                                       STR("Zm9="), STR("Zm9\0"), STR("=Zm9"),     STR("Zm9v\n")};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct str back;
        struct err e = {0};
        assert_int_equal(base64_read(a, wrong[i], &back, &e), -ERR_INPUT);
    }
}

static void test_base64url(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    static const struct {
        struct str plain;
        const char *coded;
    } rows[] = {
        {STR(""), ""}, {STR("f"), "Zg"}, {STR("fo"), "Zm8"}, {STR("foo"), "Zm9v"}, {STR("\xFB\xFF\xFE"), "-__-"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str back;
        assert_string_equal(base64url_text(a, rows[i].plain), rows[i].coded);
        assert_int_equal(base64url_read(a, str_of(rows[i].coded), &back, NULL), 0);
        assert_true(str_same(back, rows[i].plain));
    }
    static const struct str wrong[] = {STR("Zg=="), STR("Z"), STR("Zm9vZ"), STR("+//+"), STR("Zm\0v"), STR("Zh")};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct str back;
        assert_int_equal(base64url_read(a, wrong[i], &back, NULL), -ERR_INPUT);
    }
}

static void test_uuid(void **state)
{
    (void)state;
    char a[UUID_TEXT_BYTES], b[UUID_TEXT_BYTES];
    for (int i = 0; i < 100; i++) {
        assert_ptr_equal(uuid_text(a), a);
        assert_int_equal(strlen(a), UUID_TEXT_BYTES - 1);
        assert_int_equal(strspn(a, "0123456789abcdef-"), UUID_TEXT_BYTES - 1);
        assert_true(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
        assert_int_equal(a[14], '4');
        assert_non_null(strchr("89ab", a[19]));
        assert_string_not_equal(a, uuid_text(b));
    }
}

static void test_random(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    random_bytes(a, 0);
}

/* Stored in files, so the values are for ever. */
static void test_checksum(void **state)
{
    (void)state;
    assert_true(checksum((struct str){NULL, 0}, 0) == UINT64_C(0x2d06800538d394c2));
    uint64_t sum = checksum(STR("lockstep"), 0);
    assert_true(sum != checksum(STR("lockstep"), 1));
    assert_true(checksum(STR("ab"), checksum(STR("c"), 0)) != checksum(STR("b"), checksum(STR("ca"), 0)));
    char body[3000];
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)(i % 251);
    sum = checksum((struct str){body, sizeof body}, 7);
    for (size_t i = 0; i < sizeof body; i++) {
        body[i] = (char)(body[i] ^ 1);
        assert_true(checksum((struct str){body, sizeof body}, 7) != sum);
        body[i] = (char)(body[i] ^ 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_checksum),  cmocka_unit_test(test_sha256),
                                       cmocka_unit_test(test_hmac),      cmocka_unit_test(test_base64),
                                       cmocka_unit_test(test_base64url), cmocka_unit_test(test_uuid),
                                       cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
