#include "base/base.h"
#include "cli/verbs.h"
#include "api/verb.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/show.h"
#include "conf/config.h"
#include "io/file.h"
#include "cli/source.h"

enum { VERBS_PATH_BYTES = 64 * 1024, VERBS_SHOWN_BYTES = 256 * 1024 * 1024 };
enum { VERBS_CONFIG, VERBS_SOCKET, VERBS_JSON, VERBS_OWN };

static const struct {
    const char *name;
    void (*show)(const struct json *answer, struct text *to);
} verbs_shown[] = {{"events", show_events}, {"explain", show_explain}};

static void verbs_print(const struct verb *v, struct arena *a, struct str body)
{
    const struct json *answer;
    struct err e = {0};
    AUTO(text_auto) struct text shown;
    text_init(&shown, VERBS_SHOWN_BYTES);
    bool parsed = json_parse(a, body, &answer, &e) == 0;
    for (size_t i = 0; parsed && i < COUNT(verbs_shown); i++)
        if (strcmp(verbs_shown[i].name, v->name) == 0)
            verbs_shown[i].show(answer, &shown);
    out_write(shown.n > 0 ? text_str(&shown) : body);
}

/* The daemon's own words when it refuses. */
static enum exit_code verbs_refused(struct arena *a, const struct http_response *r)
{
    const struct json *problem;
    struct err e = {0};
    const char *detail = json_parse(a, r->body, &problem, &e) == 0 ? json_text(json_get(problem, "detail")) : NULL;
    complain("%s", detail ? detail : "the daemon refused");
    return EXIT_REFUSED;
}

/* As many words as the path wants; -1 after a complaint. */
static int verbs_count(const struct verb *v, const struct command_line *line)
{
    size_t wanted = 0;
    for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++)
        wanted += v->args[i].in_path;
    if (line->n_rest == wanted)
        return 0;
    if (line->n_rest > wanted)
        complain("%s: unexpected \"%s\"", v->name, line->rest[wanted]);
    else
        complain("%s: needs an ID", v->name);
    return -1;
}

/* The path with its arguments; -1 after a complaint. */
static int verbs_path(const struct verb *v, const struct command_line *line, struct text *path)
{
    size_t rest = 0;
    char separator = '?';
    text_addz(path, "/api/v1");
    text_add(path, (struct str){v->path, strcspn(v->path, "{")});
    for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++) {
        const struct verb_arg *arg = &v->args[i];
        const char *given = arg->in_path ? line->rest[rest++] : line->values[VERBS_OWN + i];
        struct verb_value value;
        struct err e = {0};
        if (!given)
            continue;
        if (verb_value_read(arg, given, &value, &e) < 0) {
            complain("%s: %s", v->name, e.text);
            return -1;
        }
        if (!arg->in_path)
            text_addf(path, "%c%s=", separator, arg->name);
        separator = arg->in_path ? separator : '&';
        http_escape(path, given);
    }
    return 0;
}

static enum exit_code verbs_run(const struct command *c, const struct command_line *line)
{
    const struct verb *v = c->own;
    struct arena *a = line->arena;
    struct err e = {0};
    const char *socket = line->values[VERBS_SOCKET];
    AUTO(text_auto) struct text path;
    text_init(&path, VERBS_PATH_BYTES);
    if (verbs_count(v, line) < 0 || verbs_path(v, line, &path) < 0)
        return EXIT_USAGE;
    if (!socket && source_socket(a, line->values[VERBS_CONFIG], &socket, &e) < 0) {
        complain("%s", e.text);
        return EXIT_FAILED;
    }
    struct http_response r;
    if (ask_get(a, socket, text_z(&path), &r, &e) < 0) {
        complain("no daemon answers at %s: %s", socket, e.text);
        return EXIT_FAILED;
    }
    if (r.status != 200)
        return verbs_refused(a, &r);
    if (line->values[VERBS_JSON])
        out_write(r.body);
    else
        verbs_print(v, a, r.body);
    return EXIT_DONE;
}

void verb_command(const struct verb *v, struct command *ret)
{
    *ret = (struct command){.name = v->name, .help = v->help, .run = verbs_run, .own = v};
    ret->options[VERBS_CONFIG] =
        (struct command_option){"config", "FILE", "the daemon's configuration (lockstep.yaml)"};
    ret->options[VERBS_SOCKET] = (struct command_option){"socket", "PATH", "its socket, instead of --config"};
    ret->options[VERBS_JSON] = (struct command_option){"json", NULL, "print the answer as JSON"};
    for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++) {
        const struct verb_arg *arg = &v->args[i];
        if (arg->in_path)
            ret->operands = "ID";
        else
            ret->options[VERBS_OWN + i] = (struct command_option){arg->name, "VALUE", arg->help};
    }
}
