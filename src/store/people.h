/*
 * people.h: what people did, and what they choose from when they do it: the part of the store behind engine/deed.h.
 * Owners, threads and errors as in store.h.
 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "store/store.h"

struct audit_record {
    int64_t id; /* set when it is read */
    int64_t at_ms;
    const char *who;  /* a user of this machine, or the name of a credential */
    const char *verb; /* "retry", "drop"… */
    int64_t event;
    const char *note; /* why, or what came of it; may be NULL */
};
int store_add_audit(struct store *s, const struct audit_record *r, struct err *e);
/* This event is that earlier one, run again. */
int store_add_replay(struct store *s, int64_t event, int64_t original, struct err *e);

struct audit_filter {
    int64_t event;  /* 0: of any */
    int64_t before; /* ids below; 0: newest */
    int limit;      /* 1..1000 */
};
/* What people did, audit_record, newest first. */
int store_list_audit(struct store_reader *r, const struct audit_filter *f, struct arena *a, struct many *ret,
                     struct err *e);

/*
 * Ended events that were not replayed yet, with the trace of their last attempt (p NULL: it has none), oldest first.
 * What `each` returns other than 0 ends the walk and is returned. Row and trace live until `each` returns.
 */
struct ended_filter {
    int64_t after;       /* ids above */
    int64_t since_ms;    /* received then or later */
    const char *verdict; /* NULL: any */
};
int store_each_ended(struct store_reader *r, const struct ended_filter *f,
                     int (*each)(void *ctx, const struct event_row *row, struct str trace), void *ctx, struct err *e);

#endif
