/*
 * rsa.h: signatures by RSA with SHA-256 (RS256), over OpenSSL. Keys are PEM without a passphrase. Any thread.
 */
#ifndef BASE_RSA_H
#define BASE_RSA_H

#include "base/base.h"

enum { RSA_LEAST_BITS = 2048 };

struct arena;

/* Is this a private key that can sign? INPUT otherwise; the text says nothing of what the key holds. */
int rsa_check(struct str key, struct err *e);
/* The signature of `text`, in the arena. INPUT as rsa_check. */
int rsa_sign(struct arena *a, struct str key, struct str text, struct str *ret, struct err *e);
/* Did the owner of that public key sign this? */
bool rsa_verify(struct str public_key, struct str text, struct str signature);

#endif
