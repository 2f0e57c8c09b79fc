/*
 * when.h: times as int64 milliseconds since 1970 UTC; reading and writing their formats. No clock here: io/loop.h has
 * the only one.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/base.h"

enum { WHEN_TEXT_BYTES = 32 };

/* "2026-11-20T17:02:36.123Z"; returns buf. */
const char *when_text(int64_t ms, char buf[WHEN_TEXT_BYTES]);
/*
 * ISO 8601 with T or a space, fraction optional, zone Z, ±hh:mm, ±hhmm (Jira) or none (UTC); ERR_INPUT otherwise.
 * A text of digits is seconds since 1970 (Bugzilla's webhooks allow it).
 */
int when_parse(const char *text, int64_t *ret_ms, struct err *e);

/* HTTP date (RFC 9110, the preferred form), for Retry-After. */
int when_parse_http(const char *text, int64_t *ret_ms, struct err *e);

/* "30s", "12h", "7d", "2w", "250ms", "1h30m"; a bare number is seconds. ERR_INPUT otherwise or when it overflows. */
int duration_parse(const char *text, int64_t *ret_ms, struct err *e);
/* The shortest exact form: "12h", "1h30m", "250ms". Returns buf. */
const char *duration_text(int64_t ms, char buf[WHEN_TEXT_BYTES]);

/* "25MiB", "64KiB", "1GiB", "512" (bytes), also kB MB GB (powers of ten). */
int size_parse(const char *text, int64_t *ret_bytes, struct err *e);

#endif
