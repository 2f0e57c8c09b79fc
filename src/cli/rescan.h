/* rescan.h: the command that asks for a rescan, watches it and tells what came of it. */
#ifndef CLI_RESCAN_H
#define CLI_RESCAN_H

#include "cli/command.h"

extern const struct command rescan_command;

#endif
