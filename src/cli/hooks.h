/* hooks.h: the command that looks after webhooks. */
#ifndef CLI_HOOKS_H
#define CLI_HOOKS_H

#include "cli/command.h"

extern const struct command hooks_command;

#endif
