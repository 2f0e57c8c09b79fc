/* commands.h: what each command that is not a verb does. */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include "cli/command.h"

/* In the order of their rows in main.c; the options' order there is that of the enums in each file. */
enum exit_code command_serve(const struct command *c, const struct command_line *line);
enum exit_code command_check(const struct command *c, const struct command_line *line);
enum exit_code command_simulate(const struct command *c, const struct command_line *line);
enum exit_code command_sandbox(const struct command *c, const struct command_line *line);
enum exit_code command_demo(const struct command *c, const struct command_line *line);
enum exit_code command_backup(const struct command *c, const struct command_line *line);
enum exit_code command_docs(const struct command *c, const struct command_line *line);
enum exit_code command_version(const struct command *c, const struct command_line *line);

/* The configuration (NULL: lockstep.yaml); NULL after telling on standard error what is wrong with it. */
struct config;
struct config *command_config(const char *file, size_t *ret_warnings);

#endif
