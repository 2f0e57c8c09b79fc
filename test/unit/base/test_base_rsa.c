#include "base/base.h"
#include "base/rsa.h"
#include "base/arena.h"
#include "unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

enum { PEM_BYTES = 8192 };

static char private_key[PEM_BYTES], public_key[PEM_BYTES], other_key[PEM_BYTES], short_key[PEM_BYTES],
    locked_key[PEM_BYTES], curve_key[PEM_BYTES];

static void pem_of(BIO *bio, char *to)
{
    int n = BIO_read(bio, to, PEM_BYTES - 1);
    assert_true(n > 0);
    to[n] = '\0';
    BIO_free_all(bio);
}

static void write_key(EVP_PKEY *key, const char *passphrase, char *to_private, char *to_public)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER *how = passphrase ? EVP_aes_256_cbc() : NULL;
    assert_non_null(key);
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, how, NULL, 0, NULL, (void *)(uintptr_t)passphrase), 1);
    pem_of(bio, to_private);
    if (to_public) {
        bio = BIO_new(BIO_s_mem());
        assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
        pem_of(bio, to_public);
    }
    EVP_PKEY_free(key);
}

static int make_keys(void **state)
{
    (void)state;
    write_key(EVP_RSA_gen(2048), NULL, private_key, public_key);
    write_key(EVP_RSA_gen(2048), NULL, other_key, NULL);
    write_key(EVP_RSA_gen(1024), NULL, short_key, NULL);
    write_key(EVP_RSA_gen(2048), "secret", locked_key, NULL);
    write_key(EVP_EC_gen("P-256"), NULL, curve_key, NULL);
    return 0;
}

static void test_keys(void **state)
{
    (void)state;
    const struct {
        const char *key, *error; /* NULL: it is good */
    } rows[] = {{private_key, NULL},
                {other_key, NULL},
                {short_key, "less than 2048 bits"},
                {locked_key, "without a passphrase"},
                {curve_key, "not a private key of RSA"},
                {public_key, "not a private key of RSA"},
                {"", "not a private key of RSA"},
                {"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n", "not a private key of RSA"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err e = {0};
        assert_int_equal(rsa_check(str_of(rows[i].key), &e), rows[i].error ? -ERR_INPUT : 0);
        assert_true(rows[i].error ? strstr(e.text, rows[i].error) != NULL : e.class == ERR_NONE);
    }
}

static void test_signatures(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct str signature, other, text = STR("what is signed");
    struct err e = {0};
    assert_int_equal(rsa_sign(a, str_of(private_key), text, &signature, &e), 0);
    assert_int_equal(rsa_sign(a, str_of(other_key), text, &other, &e), 0);
    assert_int_equal(signature.n, 256);
    assert_true(rsa_verify(str_of(public_key), text, signature));
    assert_false(rsa_verify(str_of(public_key), text, other));
    assert_false(rsa_verify(str_of(public_key), STR("what is not"), signature));
    assert_false(rsa_verify(str_of(public_key), text, (struct str){signature.p, signature.n - 1}));
    assert_false(rsa_verify(str_of(public_key), text, (struct str){0}));
    assert_false(rsa_verify(str_of(private_key), text, signature));
    assert_false(rsa_verify((struct str){0}, text, signature));
    assert_int_equal(rsa_sign(a, str_of(short_key), text, &signature, &e), -ERR_INPUT);
    assert_int_equal(rsa_sign(a, str_of(private_key), (struct str){0}, &signature, &e), 0);
    assert_true(rsa_verify(str_of(public_key), (struct str){0}, signature));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys), cmocka_unit_test(test_signatures)};
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
