/* deed_private.h: what the files of the deeds share. */
#ifndef ENGINE_DEED_PRIVATE_H
#define ENGINE_DEED_PRIVATE_H

#include "engine/deed.h"

int deed_begin(struct engine *g, struct deed *d, struct err *e);
/* Into the batch, and a line into the log. */
int deed_audit(struct deed *d, const char *verb, int64_t event, const char *note, struct err *e);

#endif
