/* Signatures of webhooks: an HMAC of the body as it was sent, under a secret that the sender shares with us. */
#include "base/base.h"

#include "tracker/tracker_private.h"

#include "base/digest.h"
#include "base/secret.h"
#include "base/text.h"

static const struct signature_kind {
    const char *prefix;
    size_t bytes;
    void (*sign)(struct str key, struct str body, uint8_t *ret);
} signature_kinds[] = {
    [TRACKER_SHA256] = {"sha256=", SHA256_BYTES, hmac_sha256}, [TRACKER_SHA1] = {"sha1=", SHA1_BYTES, hmac_sha1}};

/* "sha256=HEX": the bytes; false when it is anything else. */
static bool signature_given(const struct signature_kind *s, const char *text, uint8_t ret[SHA256_BYTES])
{
    size_t prefix = strlen(s->prefix);
    if (!text_starts(text, s->prefix) || strlen(text) != prefix + 2 * s->bytes)
        return false;
    for (size_t i = 0; i < s->bytes; i++) {
        int high = hex_digit(text[prefix + 2 * i]), low = hex_digit(text[prefix + 2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Every secret is tried to the end: the time must not tell which one matched, or how far. */
static bool signature_matches(const struct signature_kind *s, const struct secrets *secrets, struct str body,
                              const uint8_t given[SHA256_BYTES])
{
    bool is_known = false;
    for (size_t i = 0; i < secrets->n; i++) {
        uint8_t ours[SHA256_BYTES] = {0};
        volatile uint8_t differs = secret_reveal(secrets->v[i]).n == 0;
        s->sign(secret_reveal(secrets->v[i]), body, ours);
        for (size_t j = 0; j < s->bytes; j++)
            differs = (uint8_t)(differs | (ours[j] ^ given[j]));
        is_known |= differs == 0;
    }
    return is_known;
}

int tracker_signed(enum tracker_signature kind, const struct secrets *secrets, const char *text, struct str body,
                   struct err *e)
{
    const struct signature_kind *s = &signature_kinds[kind];
    uint8_t given[SHA256_BYTES] = {0};
    if (!signature_given(s, text, given))
        return fail(e, ERR_AUTH, "malformed signature: expected %s and %zu hexadecimal digits", s->prefix,
                    2 * s->bytes);
    return signature_matches(s, secrets, body, given) ? 0 : fail(e, ERR_AUTH, "incorrect signature");
}

int tracker_key(const struct secrets *keys, const char *given, struct err *e)
{
    bool is_known = false, is_ascii = true;
    if (keys->n == 0)
        return fail(e, ERR_AUTH, "no hook_key configured");
    if (text_blank(given))
        return fail(e, ERR_AUTH, "no key given");
    for (size_t i = 0; i < keys->n; i++) /* all of them: the time must not tell which one matched */
        is_known |= secret_same(keys->v[i], str_of(given));
    for (const char *p = given; *p; p++)
        is_ascii &= (unsigned char)*p < 0x80;
    return is_known && is_ascii ? 0 : fail(e, ERR_AUTH, "incorrect key");
}
