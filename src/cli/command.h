/*
 * command.h: the command line as rows: commands, their options, and the help and manual page made from them.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the daemon.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/base.h"

struct arena;
struct text;

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3 };
enum { COMMAND_OPTIONS = 16 };

struct command_option {
    const char *name;  /* "config": --config F; NULL ends the list */
    const char *value; /* name of its value in help; NULL: a switch */
    const char *help;
};
struct command_line { /* what was given, in the order of the command's options */
    struct arena *arena;
    const char *program;                 /* how it was called, "build/lockstep" */
    const char *values[COMMAND_OPTIONS]; /* NULL: not given; a switch is "" */
    const char **rest;                   /* positional arguments */
    size_t n_rest;
};
struct command {
    const char *name;
    const char *operands; /* "ID", shown in help; NULL: none */
    const char *help;     /* one line */
    struct command_option options[COMMAND_OPTIONS];
    enum exit_code (*run)(const struct command *c, const struct command_line *line);
    const void *own; /* for run: the verb of a command that is one */
};

/* Find and run the command of argv. `commands` ends with a name NULL. */
enum exit_code command_main(const struct command *commands, int argc, char **argv);

void command_help(const struct command *commands, struct text *to); /* all */
void command_help_one(const struct command *c, struct text *to);    /* one */
void command_man(const struct command *commands, struct text *to);  /* lockstep(1) in roff */

PRINTF(1, 2) void complain(const char *format, ...); /* "lockstep: …" on standard error */

#endif
