/* bugzilla_private.h: the halves of the Bugzilla driver: bugzilla.c asks, bugzilla_hook.c is told. */
#ifndef TRACKER_BUGZILLA_PRIVATE_H
#define TRACKER_BUGZILLA_PRIVATE_H

#include "model/field.h"
#include "tracker/driver.h"

extern const struct field_table bugzilla_issue; /* a bug, as webhooks and answers show it */
int bugzilla_verify(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e);
int bugzilla_decode(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                    struct err *e);
void bugzilla_identify(const struct event *ev, struct text *to);

#endif
