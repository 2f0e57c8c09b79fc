/* utf8.h: UTF-8 as data: validity, counting, cutting. Pure. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/base.h"

/* Valid UTF-8: no overlong forms, surrogates or values over U+10FFFF. NUL bytes are valid. */
bool utf8_valid(struct str s);
/* Bytes of the valid character at the start of s; 0 when there is none. */
size_t utf8_step(struct str s);
/* Number of code points / of UTF-16 units (Jira counts these) in valid UTF-8. */
size_t utf8_points(struct str s);
size_t utf8_units(struct str s);
/* The code point at *at (which must be < s.n of valid UTF-8); moves *at past it. */
uint32_t utf8_next(struct str s, size_t *at);
/* Write the code point; returns the bytes written (1..4). */
size_t utf8_put(char out[4], uint32_t point);
/* Length in bytes of the longest prefix of at most `points` code points. */
size_t utf8_prefix(struct str s, size_t points);

#endif
