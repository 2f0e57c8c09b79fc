/*
 * deliveries.h: recorded webhook deliveries as a file: HTTP requests parted by lines of four dashes. Comment lines
 * before a request say what it shows and, after "expect:", how it must end. Pure.
 */
#ifndef DAEMON_DELIVERIES_H
#define DAEMON_DELIVERIES_H

#include "http/message.h"
#include "model/field.h"

struct delivery {
    const char *why;             /* may be NULL */
    const char *expect;          /* a verdict, or "duplicate"; NULL: any that is an end */
    struct http_request request; /* url is the path; Host and Content-Length are left out */
};
/* Adds struct delivery to ret. INPUT names the line. */
int deliveries_read(struct arena *a, struct str file, struct many *ret, struct err *e);

#endif
