#include "base/base.h"
#include "api/verb.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/hooks.h"
#include "cli/rescan.h"
#include "cli/source.h"
#include "cli/verbs.h"
#include "conf/docs.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "io/file.h"

enum { MAIN_COMMANDS = 32, MAIN_TEXT_BYTES = 4 * 1024 * 1024 };

static const struct command main_commands[] = {
    {.name = "serve",
     .help = "run the daemon",
     .options = {{"config", "FILE", "its configuration (lockstep.yaml)"},
                 {"log", "json|text", "format of the log on standard error (json)"},
                 {"log-level", "LEVEL", "error, warning, info or debug (info)"}},
     .run = command_serve},
    {.name = "check",
     .help = "read a configuration and report everything that is wrong with it",
     .options = {{"config", "FILE", "the configuration (lockstep.yaml)"},
                 {"online", NULL, "also ask the trackers: credentials, webhooks, projects, permissions, issue types"}},
     .run = command_check},
    {.name = "simulate",
     .help = "decide recorded events again with another configuration and show what would differ; writes nothing",
     .options = {{"config", "FILE", "the new configuration (lockstep.yaml)"},
                 {"against", "FILE", "compare with what this one decides now, not with what was decided then"},
                 {"store", "URL", "where the events are, sqlite:PATH (the store of --against, else of --config)"},
                 {"since", "TIME", "events received then or later: 12h or 7d ago, or 2026-11-20T17:00:00Z (7d)"},
                 {"until", "TIME", "and before then"},
                 {"most", "N", "show at most so many events; all of them are counted (1000)"},
                 {"json", NULL, "print one JSON object"}},
     .run = command_simulate},
    {.name = "sandbox",
     .operands = "[fault]",
     .help = "pretend Jira, Bugzilla and GitHub to try a configuration on; \"sandbox fault\" makes a running one "
             "misbehave",
     .options = {{"listen", "HOST:PORT", "where (127.0.0.1:8100)"},
                 {"seed", "FILE", "projects, users and bugs to begin with, as JSON"},
                 {"url", "URL", "fault: the running sandbox (http://127.0.0.1:8100)"},
                 {"fault", "JSON",
                  "fault: the rule, e.g. {\"service\":\"jira\",\"kind\":\"status\",\"status\":503,\"times\":2}"},
                 {"clear", NULL, "fault: remove all rules"}},
     .run = command_sandbox},
    {.name = "demo",
     .help = "start a sandbox and a daemon, play deliveries through them, tell what happened",
     .options = {{"once", NULL, "end when all is played; exit 0 only if every event ended as expected"},
                 {"examples", "FOLDER", "folder with actions.yaml and deliveries.http (examples)"},
                 {"log", NULL, "show the daemon's log too"}},
     .run = command_demo},
    {.name = "backup",
     .operands = "FILE",
     .help = "copy the whole store to a new file, beside a running daemon or without one",
     .options = {{"config", "FILE", "the configuration that names the store (lockstep.yaml)"}},
     .run = command_backup},
    {.name = "docs",
     .operands = "lockstep.1|lockstep.yaml.5",
     .help = "print a manual page, made from the program's own tables",
     .run = command_docs},
    {.name = "version", .help = "print the version", .run = command_version},
};

/* The commands of this program and those that are verbs of the daemon, as one table. */
static bool main_has(const struct command *all, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i].name, name) == 0)
            return true;
    return false;
}

static const struct command *main_table(void)
{
    static struct command all[MAIN_COMMANDS];
    size_t n = 0;
    for (; n < COUNT(main_commands); n++)
        all[n] = main_commands[n];
    all[n++] = rescan_command;
    all[n++] = sync_labels_command;
    all[n++] = sync_users_command;
    all[n++] = hooks_command;
    for (const struct verb *v = verbs; v->name; v++)
        if (verb_find(v->name) == v && !main_has(all, n, v->name)) /* rows of one name are one command */
            verb_command(v, &all[n++]);
    check(n < MAIN_COMMANDS);
    return all;
}

enum exit_code command_docs(const struct command *c, const struct command_line *line)
{
    AUTO(text_auto) struct text page;
    text_init(&page, MAIN_TEXT_BYTES);
    const char *which = line->n_rest == 1 ? line->rest[0] : "";
    if (strcmp(which, "lockstep.1") == 0)
        command_man(main_table(), &page);
    else if (strcmp(which, "lockstep.yaml.5") == 0)
        conf_docs_man(&page, &conf_kinds_all);
    else {
        complain("%s: expected %s", c->name, c->operands);
        return EXIT_USAGE;
    }
    out_write(text_str(&page));
    return EXIT_DONE;
}

enum exit_code command_version(const struct command *c, const struct command_line *line)
{
    (void)c;
    (void)line;
    printf("lockstep %s %s\n", daemon_version, daemon_commit);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    return (int)command_main(main_table(), argc, argv);
}
