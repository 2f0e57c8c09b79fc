/*
 * err.h: errors as values.
 *
 * A function that can fail returns 0 or a negative class and takes a struct err * last; the struct is untouched on
 * success. `return fail(e, ERR_INPUT, "…")` at the source, `return err_within(e, "…")` on the way up, which prepends
 * context and keeps the class. Whoever ends the unit of work logs it, once. Any thread; no globals.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/base.h"

enum err_class {
    ERR_NONE,
    ERR_BUG,       /* our own mistake: drop the unit of work, report */
    ERR_CONFIG,    /* a person must act */
    ERR_INPUT,     /* the other side sent nonsense, or refused what we sent as nonsense: never retry unchanged */
    ERR_AUTH,      /* credential refused */
    ERR_MISSING,   /* the thing is gone */
    ERR_CONFLICT,  /* somebody changed it: gather and decide again */
    ERR_LIMITED,   /* again at retry_at_ms */
    ERR_PACED,     /* likewise, by a limit of our own: nothing has failed */
    ERR_TRANSIENT, /* again with back-off */
    ERR_UNCERTAIN, /* sent, no answer: look before sending again */
    ERR_PERMANENT, /* dead letter */
    ERR_CLASSES
};

enum { ERR_TEXT_BYTES = 512 };

struct err {
    enum err_class class;
    int code;            /* errno, HTTP status or the provider's number; 0 none */
    int64_t retry_at_ms; /* ms since 1970; LIMITED, PACED, and TRANSIENT where it is known */
    const char *file;    /* where it arose */
    int line;
    char text[ERR_TEXT_BYTES]; /* outermost context first: "lane bugzilla:1: create issue: HTTP 503" */
};

/* Lower-case word of a class, "transient"; and back, ERR_NONE when unknown. */
const char *err_class_name(enum err_class class);
enum err_class err_class_parse(const char *name);

/* Fill e (may be NULL) and return -class. */
#define fail(e, class, ...)            err_fill((e), (class), 0, __FILE__, __LINE__, __VA_ARGS__)
#define fail_code(e, class, code, ...) err_fill((e), (class), (code), __FILE__, __LINE__, __VA_ARGS__)
__attribute__((format(printf, 6, 7), cold)) int err_fill(struct err *e, enum err_class class, int code,
                                                         const char *file, int line, const char *format, ...);

/* Prepend "context: " and return -class of e (e must hold an error; a NULL e returns -ERR_BUG). */
PRINTF(2, 3) int err_within(struct err *e, const char *format, ...);

#endif
