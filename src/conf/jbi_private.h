/* jbi_private.h: the rows of an action file, and one reading of it, shared by jbi.c and jbi_check.c. */
#ifndef CONF_JBI_PRIVATE_H
#define CONF_JBI_PRIVATE_H

#include "conf/jbi.h"

struct jbi_reader {
    struct arena *arena;
    struct problems *problems;
};
/* A place in the file that is being read. */
struct jbi_at {
    const struct jbi_reader *r;
    const struct yaml *node;
    const char *key; /* "[0].parameters.status_map" */
};

PRINTF(3, 4) void jbi_refuse(const struct jbi_at *at, const char *near, const char *format, ...);
struct jbi_at jbi_member(const struct jbi_at *map, const char *name); /* node NULL when absent */
/* What compares several members of an action: order of steps, maps that steps need. */
void jbi_check_action(const struct jbi_at *at, const struct jbi_action *action);

#endif
