/* digest.h: hashes, encodings and random bytes, over OpenSSL; and a checksum. Any thread. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/base.h"

enum { SHA256_BYTES = 32, SHA1_BYTES = 20, UUID_TEXT_BYTES = 37 };

struct arena;

void sha256(struct str s, uint8_t ret[SHA256_BYTES]);
/* HMAC-SHA256 (used by webhook signatures). */
void hmac_sha256(struct str key, struct str s, uint8_t ret[SHA256_BYTES]);
void hmac_sha1(struct str key, struct str s, uint8_t ret[SHA1_BYTES]); /* of old webhooks only */
void hex_write(const uint8_t *bytes, size_t n, char *ret /* 2 n + 1 */);
char *base64_text(struct arena *a, struct str s); /* standard alphabet, padded */
int base64_read(struct arena *a, struct str s, struct str *ret, struct err *e);
/* The alphabet of addresses, without padding, as JSON web tokens have it. */
char *base64url_text(struct arena *a, struct str s);
int base64url_read(struct arena *a, struct str s, struct str *ret, struct err *e);
/*
 * Finds damage, not malice: XXH3, the same in every process and version. What is summed up before goes in as `with`,
 * 0 at first, so that many pieces have one sum.
 */
uint64_t checksum(struct str s, uint64_t with);
void random_bytes(void *to, size_t n);
const char *uuid_text(char buf[UUID_TEXT_BYTES]); /* a random version-4 UUID */

#endif
