/*
 * secret.h: a text that must not be shown: wiped when freed, compared in constant time, printed as ***.
 *
 * The type is opaque so that no formatter takes it by accident; secret_reveal is the only way out and is called where
 * a request is signed, nowhere else.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/base.h"

struct secret;

__attribute__((returns_nonnull)) struct secret *secret_new(struct str value);
void secret_free(struct secret *s); /* NULL is fine */
void secret_auto(struct secret **s);
/* Constant time in the given length; NULL and an empty secret never match. */
bool secret_same(const struct secret *s, struct str given);
struct str secret_reveal(const struct secret *s); /* borrowed, terminated; NULL gives an empty str */

#endif
