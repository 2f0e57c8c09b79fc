#include "base/base.h"
#include "base/digest.h"
#include "base/arena.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <xxhash.h>

enum { DIGEST_UUID_BYTES = 16 };

static const char digest_hex[] = "0123456789abcdef";
static const char digest_base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void sha256(struct str s, uint8_t ret[SHA256_BYTES])
{
    check(EVP_Digest(s.n ? s.p : "", s.n, ret, NULL, EVP_sha256(), NULL) == 1);
}

static void digest_hmac(const EVP_MD *how, struct str key, struct str s, uint8_t *ret)
{
    check(key.n <= INT_MAX);
    check(HMAC(how, key.n ? key.p : "", (int)key.n, (const uint8_t *)(s.n ? s.p : ""), s.n, ret, NULL) != NULL);
}

void hmac_sha256(struct str key, struct str s, uint8_t ret[SHA256_BYTES])
{
    digest_hmac(EVP_sha256(), key, s, ret);
}

void hmac_sha1(struct str key, struct str s, uint8_t ret[SHA1_BYTES])
{
    digest_hmac(EVP_sha1(), key, s, ret);
}

uint64_t checksum(struct str s, uint64_t with)
{
    return XXH3_64bits_withSeed(s.n ? s.p : "", s.n, with);
}

void hex_write(const uint8_t *bytes, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++) {
        ret[2 * i] = digest_hex[bytes[i] >> 4];
        ret[2 * i + 1] = digest_hex[bytes[i] & 15];
    }
    ret[2 * n] = '\0';
}

char *base64_text(struct arena *a, struct str s)
{
    check(s.n <= SIZE_MAX / 2);
    size_t groups = (s.n + 2) / 3;
    char *out = arena_bytes(a, 4 * groups + 1), *to = out;
    for (size_t i = 0; i < s.n; i += 3) {
        size_t have = s.n - i < 3 ? s.n - i : 3;
        uint32_t bits = 0;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < have ? (unsigned char)s.p[i + j] : 0U);
        for (unsigned j = 0; j < 4; j++)
            *to++ = j <= have ? digest_base64[bits >> (18 - 6 * j) & 63] : '=';
    }
    *to = '\0';
    return out;
}

/* The four characters of a group as 24 bits; how many bytes they stand for, 0 when they are no group. */
static size_t base64_group(const char *p, bool last, uint32_t *ret)
{
    size_t bytes = !last || p[3] != '=' ? 3 : p[2] != '=' ? 2 : 1;
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *at = i <= bytes && p[i] ? strchr(digest_base64, p[i]) : NULL;
        if (i <= bytes && !at)
            return 0;
        bits = bits << 6 | (at ? (uint32_t)(at - digest_base64) : 0);
    }
    *ret = bits;
    return bits & ((1U << (24 - 8 * bytes)) - 1) ? 0 : bytes;
}

int base64_read(struct arena *a, struct str s, struct str *ret, struct err *e)
{
    if (s.n % 4 != 0)
        return fail(e, ERR_INPUT, "not base64: %zu characters are no multiple of 4", s.n);
    char *out = arena_bytes(a, s.n / 4 * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i += 4) {
        uint32_t bits;
        size_t bytes = base64_group(s.p + i, i + 4 == s.n, &bits);
        if (!bytes)
            return fail(e, ERR_INPUT, "not base64 at character %zu", i);
        for (size_t j = 0; j < bytes; j++)
            out[n++] = (char)(bits >> (16 - 8 * j) & 0xFF);
    }
    out[n] = '\0';
    *ret = (struct str){out, n};
    return 0;
}

/* Both alphabets differ in two characters; one of the other kind becomes one that is in neither. */
static char digest_swap(char c, const char *from, const char *to)
{
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : c && strchr(to, c) ? '!' : c;
}

char *base64url_text(struct arena *a, struct str s)
{
    char *text = base64_text(a, s), *at = text;
    for (; *at && *at != '='; at++)
        *at = digest_swap(*at, "+/", "-_");
    *at = '\0';
    return text;
}

int base64url_read(struct arena *a, struct str s, struct str *ret, struct err *e)
{
    size_t padded = (s.n + 3) / 4 * 4;
    char *text = arena_bytes(a, padded + 1);
    for (size_t i = 0; i < padded; i++)
        text[i] = i >= s.n ? '=' : s.p[i] == '=' ? '!' : digest_swap(s.p[i], "-_", "+/");
    return base64_read(a, (struct str){text, padded}, ret, e);
}

void random_bytes(void *to, size_t n)
{
    check(n <= INT_MAX);
    check(RAND_bytes(to, (int)n) == 1);
}

/* These are names, not secrets: asking for many at once costs little more than for one. */
static void uuid_bytes(uint8_t ret[DIGEST_UUID_BYTES])
{
    static _Thread_local uint8_t drawn[64 * DIGEST_UUID_BYTES];
    static _Thread_local size_t left;
    if (!left) {
        random_bytes(drawn, sizeof drawn);
        left = sizeof drawn;
    }
    left -= DIGEST_UUID_BYTES;
    memcpy(ret, drawn + left, DIGEST_UUID_BYTES);
}

const char *uuid_text(char buf[UUID_TEXT_BYTES])
{
    uint8_t b[DIGEST_UUID_BYTES];
    uuid_bytes(b);
    b[6] = (uint8_t)((b[6] & 0x0F) | 0x40); /* version 4 */
    b[8] = (uint8_t)((b[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
    char *to = buf;
    for (size_t i = 0; i < sizeof b; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        hex_write(b + i, 1, to);
        to += 2;
    }
    return buf;
}
