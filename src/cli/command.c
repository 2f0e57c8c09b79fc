#include "base/base.h"
#include "cli/command.h"
#include "base/arena.h"
#include "base/text.h"
#include "cli/ask.h"
#include "io/file.h"

enum { COMMAND_TEXT_BYTES = 1024 * 1024, COMMAND_ARENA_BYTES = 64 * 1024 * 1024, COMMAND_COLUMN = 24 };

void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("lockstep: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

static size_t command_count(const struct command *commands)
{
    size_t n = 0;
    while (commands[n].name)
        n++;
    return n;
}

static const struct command *command_find(const struct command *commands, const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* --- help --- */

static const char *command_option_text(struct arena *a, const struct command_option *o)
{
    return arena_fmt(a, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
}

static bool command_asks_daemon(const struct command *c)
{
    return c->options[ASK_SOCKET].name && strcmp(c->options[ASK_SOCKET].name, "socket") == 0;
}

void command_help_one(const struct command *c, struct text *to)
{
    AUTO(arena_auto) struct arena *a = arena_new(COMMAND_ARENA_BYTES);
    text_addf(to, "usage: lockstep %s%s%s%s\n\n%s\n", c->name, c->options[0].name ? " [options]" : "",
              c->operands ? " " : "", c->operands ? c->operands : "", c->help);
    if (c->options[0].name)
        text_addz(to, "\noptions:\n");
    for (const struct command_option *o = c->options; o->name; o++)
        text_addf(to, "  %-*s%s\n", COMMAND_COLUMN, command_option_text(a, o), o->help);
}

void command_help(const struct command *commands, struct text *to)
{
    text_addz(to, "lockstep keeps bug trackers in step.\n\nusage: lockstep COMMAND [options]\n");
    for (int asks = 0; asks < 2; asks++) {
        text_addz(to, asks ? "\ncommands that ask the running daemon:\n" : "\ncommands:\n");
        for (const struct command *c = commands; c->name; c++)
            if (command_asks_daemon(c) == asks)
                text_addf(to, "  %-*s%s\n", COMMAND_COLUMN, c->name, c->help);
    }
    text_addz(to,
              "\n\"lockstep COMMAND --help\" tells more. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the "
              "daemon.\n");
}

/* A word in roff: hyphens that can be copied, no control lines. */
static void command_roff(struct text *to, const char *s)
{
    for (; *s; s++) {
        if (*s == '-' || *s == '\\')
            text_addc(to, '\\');
        text_addc(to, *s);
    }
}

static void command_man_options(const struct command_option *o, size_t most, struct text *to)
{
    for (size_t i = 0; i < most && o[i].name; i++) {
        text_addz(to, ".TP\n\\fB\\-\\-");
        command_roff(to, o[i].name);
        text_addf(to, "\\fR \\fI%s\\fR\n", o[i].value ? o[i].value : "");
        command_roff(to, o[i].help);
        text_addc(to, '\n');
    }
}

static void command_man_one(const struct command *c, struct text *to)
{
    size_t common = command_asks_daemon(c) ? ASK_OWN : 0;
    text_addf(to, ".SS lockstep %s%s%s\n", c->name, c->operands ? " " : "", c->operands ? c->operands : "");
    command_roff(to, c->help);
    text_addc(to, '\n');
    command_man_options(c->options + common, COMMAND_OPTIONS - common, to);
}

static void command_man_all(const struct command *commands, bool asks, struct text *to)
{
    for (const struct command *c = commands; c->name; c++)
        if (command_asks_daemon(c) == asks)
            command_man_one(c, to);
}

void command_man(const struct command *commands, struct text *to)
{
    text_addz(to, ".TH LOCKSTEP 1\n.SH NAME\nlockstep \\- keeps bug trackers in step\n.SH SYNOPSIS\n"
                  ".B lockstep\n.I COMMAND\n[options]\n.SH DESCRIPTION\nA daemon that receives trackers' webhooks, "
                  "applies rules, writes to other trackers, and can prove that nothing was lost. "
                  "Its configuration is described in \\fBlockstep.yaml\\fR(5).\n.SH COMMANDS\n");
    static const struct command common = {.options = {ASK_OPTIONS}};
    command_man_all(commands, false, to);
    text_addz(to, ".SH COMMANDS THAT ASK THE RUNNING DAEMON\nAll of them take these options:\n");
    command_man_options(common.options, ASK_OWN, to);
    command_man_all(commands, true, to);
    text_addz(to, ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 3 refused by the daemon.\n"
                  ".SH ENVIRONMENT\n.TP\n\\fBPORT\\fR\noverrides the port of server.listen\n"
                  ".TP\n\\fBDATABASE_URL\\fR\noverrides store\n"
                  ".SH SEE ALSO\n\\fBlockstep.yaml\\fR(5)\n");
}

/* --- reading a command line --- */

static int command_unknown_option(const struct command *c, const char *given)
{
    const char *names[COMMAND_OPTIONS];
    size_t n = 0;
    for (const struct command_option *o = c->options; o->name; o++)
        names[n++] = o->name;
    const char *near = text_nearest(given, names, n);
    complain("%s: unknown option --%s%s%s%s", c->name, given, near ? "; did you mean --" : "", near ? near : "",
             near ? "?" : "");
    return -1;
}

/* One "--name value", "--name=value" or "--switch"; moves *at to its last word. */
static int command_read_option(const struct command *c, struct command_line *line, int *at, char **argv)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++) {
        const struct command_option *o = &c->options[i];
        if (!str_same((struct str){name, n}, str_of(o->name)))
            continue;
        if (!o->value && equals) {
            complain("%s: --%s takes no value", c->name, o->name);
            return -1;
        }
        line->values[i] = !o->value ? "" : equals ? equals + 1 : argv[*at + 1];
        if (!line->values[i]) {
            complain("%s: --%s needs a value: %s", c->name, o->name, o->value);
            return -1;
        }
        *at += o->value && !equals;
        return 0;
    }
    return command_unknown_option(c, arena_str(line->arena, (struct str){name, n}));
}

static int command_read(const struct command *c, struct command_line *line, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        bool is_option = strncmp(argv[i], "--", 2) == 0 && argv[i][2];
        if (is_option && command_read_option(c, line, &i, argv) < 0)
            return -1;
        if (is_option)
            continue;
        if (!c->operands) {
            complain("%s: unexpected \"%s\"", c->name, argv[i]);
            return -1;
        }
        line->rest[line->n_rest++] = argv[i];
    }
    return 0;
}

static bool command_wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static enum exit_code command_unknown(const struct command *commands, const char *name)
{
    AUTO(arena_auto) struct arena *a = arena_new(COMMAND_ARENA_BYTES);
    size_t n = command_count(commands);
    const char **names = ARENA_ARRAY(a, const char *, n);
    for (size_t i = 0; i < n; i++)
        names[i] = commands[i].name;
    const char *near = text_nearest(name, names, n);
    complain("unknown command \"%s\"%s%s%s", name, near ? "; did you mean \"" : "", near ? near : "",
             near ? "\"?" : "");
    return EXIT_USAGE;
}

enum exit_code command_main(const struct command *commands, int argc, char **argv)
{
    AUTO(text_auto) struct text help;
    text_init(&help, COMMAND_TEXT_BYTES);
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        const struct command *asked = argc > 2 ? command_find(commands, argv[2]) : NULL;
        if (asked)
            command_help_one(asked, &help);
        else
            command_help(commands, &help);
        out_write(text_str(&help));
        return argc > 1 ? EXIT_DONE : EXIT_USAGE;
    }
    const struct command *c = command_find(commands, strcmp(name, "--version") == 0 ? "version" : name);
    if (!c)
        return command_unknown(commands, name);
    if (command_wants_help(argc - 2, argv + 2)) {
        command_help_one(c, &help);
        out_write(text_str(&help));
        return EXIT_DONE;
    }
    AUTO(arena_auto) struct arena *a = arena_new(COMMAND_ARENA_BYTES);
    struct command_line line = {.arena = a, .program = argv[0], .rest = ARENA_ARRAY(a, const char *, (size_t)argc)};
    if (command_read(c, &line, argc - 2, argv + 2) < 0)
        return EXIT_USAGE;
    return c->run(c, &line);
}
