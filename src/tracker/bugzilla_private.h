/* bugzilla_private.h: the halves of the Bugzilla driver: bugzilla.c asks, bugzilla_hook.c is told. */
#ifndef TRACKER_BUGZILLA_PRIVATE_H
#define TRACKER_BUGZILLA_PRIVATE_H

#include "tracker/driver.h"

int bugzilla_verify(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e);
int bugzilla_decode(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                    struct err *e);
void bugzilla_identify(const struct event *ev, struct text *to);

#endif
