/* rescan.h: the commands that ask for a job, watch it and tell what came of it. */
#ifndef CLI_RESCAN_H
#define CLI_RESCAN_H

#include "cli/command.h"

extern const struct command rescan_command, sync_labels_command, sync_users_command;

#endif
