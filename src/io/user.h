/* user.h: users of this machine. Any thread; may block, so not on the loop. */
#ifndef IO_USER_H
#define IO_USER_H

#include "base/base.h"

struct arena;

/* The user's name, or "user 1000" when it has none. */
const char *user_name(struct arena *a, int64_t uid);

#endif
