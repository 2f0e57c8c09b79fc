#include "base/base.h"
#include "base/rsa.h"
#include "base/arena.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/* Nobody is there to be asked: without this OpenSSL would ask at the terminal. */
static int rsa_no_passphrase(UNUSED char *to, UNUSED int size, UNUSED int is_writing, UNUSED void *ctx)
{
    return -1;
}

/* The key, owned by the caller; NULL when it is none of RSA's. What OpenSSL noted of it is dropped. */
static EVP_PKEY *rsa_read(struct str pem, bool is_private)
{
    check(pem.n <= INT_MAX);
    BIO *from = BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n);
    check(from != NULL);
    EVP_PKEY *key = is_private ? PEM_read_bio_PrivateKey(from, NULL, rsa_no_passphrase, NULL)
                               : PEM_read_bio_PUBKEY(from, NULL, rsa_no_passphrase, NULL);
    BIO_free_all(from);
    if (key && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

/* NULL, and e: it is none that can sign. */
static EVP_PKEY *rsa_open(struct str pem, struct err *e)
{
    EVP_PKEY *key = rsa_read(pem, true);
    if (!key) {
        (void)fail(e, ERR_INPUT, "not a private key of RSA in PEM, without a passphrase");
    } else if (EVP_PKEY_get_bits(key) < RSA_LEAST_BITS) {
        (void)fail(e, ERR_INPUT, "an RSA key of less than %d bits", RSA_LEAST_BITS);
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

int rsa_check(struct str key, struct err *e)
{
    EVP_PKEY *parsed = rsa_open(key, e);
    EVP_PKEY_free(parsed);
    return parsed ? 0 : -ERR_INPUT;
}

int rsa_sign(struct arena *a, struct str key, struct str text, struct str *ret, struct err *e)
{
    EVP_PKEY *parsed = rsa_open(key, e);
    if (!parsed)
        return -ERR_INPUT;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = (size_t)EVP_PKEY_get_size(parsed);
    uint8_t *out = arena_bytes(a, n);
    bool is_signed = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, parsed) == 1 &&
                     EVP_DigestSign(ctx, out, &n, (const uint8_t *)(text.n ? text.p : ""), text.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(parsed);
    ERR_clear_error();
    if (!is_signed)
        return fail(e, ERR_INPUT, "this RSA key cannot sign");
    *ret = (struct str){(const char *)out, n};
    return 0;
}

bool rsa_verify(struct str public_key, struct str text, struct str signature)
{
    EVP_PKEY *key = rsa_read(public_key, false);
    EVP_MD_CTX *ctx = key ? EVP_MD_CTX_new() : NULL;
    bool is_theirs = ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                     EVP_DigestVerify(ctx, (const uint8_t *)(signature.n ? signature.p : ""), signature.n,
                                      (const uint8_t *)(text.n ? text.p : ""), text.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_theirs;
}
