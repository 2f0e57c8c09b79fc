/* verbs.h: verbs as commands: the same rows as the API's, asked of the daemon. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/command.h"

struct verb;
struct conf_kinds;

/* The command that asks this verb, and the other rows of its name, which come behind it. */
void verb_command(const struct verb *v, struct command *ret);

#endif
