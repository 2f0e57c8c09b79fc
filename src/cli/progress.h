/*
 * progress.h: how far long work is: one line on standard error, drawn again as the work goes on, and cleared at its
 * end. Only on a terminal; elsewhere every call is a no-op.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/base.h"

struct text;

enum progress_unit { PROGRESS_COUNT, PROGRESS_BYTES };
struct progress {
    const char *what; /* "backup" */
    enum progress_unit unit;
    int64_t total; /* 0: not known */
    int64_t done;

    /* Private. */
    unsigned columns; /* 0: no terminal */
    int64_t began_us, drawn_us;
    bool is_drawn;
};

/* `what` stays the caller's. is_wanted false: as if there was no terminal. */
void progress_start(struct progress *p, const char *what, bool is_wanted);
bool progress_shows(const struct progress *p);
void progress_at(struct progress *p, int64_t done, int64_t total); /* draws, unless it has done so just before */
/* Off the terminal, before something else is written there, and at the end. */
void progress_clear(struct progress *p);

/* The line after so long, without an end of line, less than `columns` wide. Pure. */
void progress_line(const struct progress *p, int64_t took_ms, unsigned columns, struct text *to);

#endif
