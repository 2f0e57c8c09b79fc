#include "base/base.h"
#include "cli/hooks.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/show.h"
#include "cli/source.h"
#include "http/message.h"
#include "io/file.h"

enum { HOOKS_DRY = ASK_OWN };
enum { HOOKS_BYTES = 64 * 1024 * 1024 };

static const struct hooks_word {
    const char *name;
    bool is_asking;  /* changes nothing */
    bool is_judging; /* fails unless all is as it should be */
    bool needs_target;
} hooks_words[] = {
    {"list", true, false, false},
    {"check", true, true, false},
    {"install", false, false, true},
    {"ping", false, false, true},
};

static const struct hooks_word *hooks_word(const struct command_line *line)
{
    for (size_t i = 0; line->n_rest > 0 && i < COUNT(hooks_words); i++)
        if (strcmp(line->rest[0], hooks_words[i].name) == 0)
            return &hooks_words[i];
    return NULL;
}

static void hooks_question(const struct command_line *line, const struct hooks_word *w, struct http_request *ret)
{
    const char *target = line->n_rest > 1 ? line->rest[1] : NULL;
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, HOOKS_BYTES);
    if (w->is_asking) {
        text_addz(&t, "/api/v1/hooks");
        if (target)
            text_addz(&t, "?target=");
        if (target)
            http_escape(&t, target);
        *ret = (struct http_request){.method = "GET", .url = arena_text(line->arena, text_z(&t))};
        return;
    }
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "target", target);
    json_put_text(&o, "do", w->name);
    if (line->values[HOOKS_DRY])
        json_put_bool(&o, "dry-run", true);
    json_close(&o);
    *ret = (struct http_request){.method = "POST",
                                 .url = "/api/v1/hooks",
                                 .effect = HTTP_CREATE,
                                 .body = str_of(arena_text(line->arena, text_z(&t)))};
}

/* What could not be done or seen fails; what is not as it should be fails a check. */
static enum exit_code hooks_judge(const struct hooks_word *w, const struct json *answer)
{
    JSON_EACH (p, json_get(answer, "places")) {
        bool is_fine = text_same(json_text(json_get(p, "state")), "working") && json_count(json_get(p, "lacks")) == 0;
        is_fine |= text_same(json_text(json_get(p, "state")), "none") && json_get(p, "by");
        if (json_get(p, "trouble") || (w->is_judging && !is_fine))
            return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static enum exit_code hooks_run(const struct command *command, const struct command_line *line)
{
    const struct hooks_word *w = hooks_word(line);
    const struct json *answer;
    struct http_request question;
    struct http_response r;
    struct err e = {0};
    if (!w || line->n_rest > 2 || (w->needs_target && line->n_rest < 2)) {
        complain("%s: expected list [TARGET], check [TARGET], install TARGET or ping TARGET; a target is "
                 "github:OWNER/REPO or github:ORG",
                 command->name);
        return EXIT_USAGE;
    }
    const char *socket = ask_where(line);
    if (!socket)
        return EXIT_FAILED;
    hooks_question(line, w, &question);
    enum exit_code result = ask_daemon(line->arena, socket, &question, NULL, &r);
    if (result == EXIT_DONE && json_parse(line->arena, r.body, &answer, &e) < 0) {
        complain("%s: %s", command->name, e.text);
        result = EXIT_FAILED;
    }
    if (result != EXIT_DONE)
        return result;
    AUTO(text_auto) struct text t;
    text_init(&t, HOOKS_BYTES);
    if (line->values[ASK_JSON])
        text_addf(&t, "%s\n", r.body.p);
    else
        show_hooks(answer, strcmp(w->name, "list") == 0, &t);
    out_write(text_str(&t));
    return hooks_judge(w, answer);
}

const struct command hooks_command = {
    .name = "hooks",
    .operands = "list|check|install|ping [TARGET]",
    .help = "look after the webhooks of repositories (github:OWNER/REPO) and organisations (github:ORG)",
    .options = {ASK_OPTIONS, {"dry-run", NULL, "install, ping: change nothing, tell what would be done"}},
    .run = hooks_run,
};
