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

enum { HOOKS_CONFIG, HOOKS_SOCKET, HOOKS_JSON, HOOKS_DRY };
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

/* EXIT_DONE with the answer; else it was complained. */
static enum exit_code hooks_ask(const struct command_line *line, const char *socket, const struct hooks_word *w,
                                struct http_response *r, const struct json **ret)
{
    struct http_request question;
    struct err e = {0};
    hooks_question(line, w, &question);
    int rc = ask_daemon(line->arena, socket, &question, r, &e);
    if (rc == 0)
        rc = json_parse(line->arena, r->body, ret, &e);
    if (rc < 0) {
        complain("no daemon answers at %s: %s", socket, e.text);
        return EXIT_FAILED;
    }
    if (r->status < 300)
        return EXIT_DONE;
    const char *detail = json_text(json_get(*ret, "detail"));
    complain("%s", detail ? detail : "the daemon refused");
    return EXIT_REFUSED;
}

/* What could not be done or seen fails; what is not as it should be fails a check. */
static enum exit_code hooks_judge(const struct hooks_word *w, const struct json *answer)
{
    JSON_EACH (p, json_get(answer, "places")) {
        bool is_fine = text_same(json_text(json_get(p, "state")), "working") && json_count(json_get(p, "lacks")) == 0;
        if (json_get(p, "trouble") || (w->is_judging && !is_fine))
            return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static enum exit_code hooks_run(const struct command *command, const struct command_line *line)
{
    const struct hooks_word *w = hooks_word(line);
    const char *socket = line->values[HOOKS_SOCKET];
    const struct json *answer = NULL;
    struct http_response r;
    struct err e = {0};
    if (!w || line->n_rest > 2 || (w->needs_target && line->n_rest < 2)) {
        complain("%s: expected list [TARGET], check [TARGET], install TARGET or ping TARGET; a target is "
                 "github:OWNER/REPO or github:ORG",
                 command->name);
        return EXIT_USAGE;
    }
    if (!socket && source_socket(line->arena, line->values[HOOKS_CONFIG], &socket, &e) < 0) {
        complain("%s", e.text);
        return EXIT_FAILED;
    }
    enum exit_code result = hooks_ask(line, socket, w, &r, &answer);
    if (result != EXIT_DONE)
        return result;
    AUTO(text_auto) struct text t;
    text_init(&t, HOOKS_BYTES);
    if (line->values[HOOKS_JSON])
        text_add(&t, r.body);
    else
        show_hooks(answer, strcmp(w->name, "list") == 0, &t);
    out_write(text_str(&t));
    return hooks_judge(w, answer);
}

const struct command hooks_command = {
    .name = "hooks",
    .operands = "list|check|install|ping [TARGET]",
    .help = "look after the webhooks of repositories (github:OWNER/REPO) and organisations (github:ORG)",
    .options = {{"config", "FILE", "the daemon's configuration (lockstep.yaml)"},
                {"socket", "PATH", "its socket, instead of --config"},
                {"json", NULL, "print one JSON object"},
                {"dry-run", NULL, "install, ping: change nothing, tell what would be done"}},
    .run = hooks_run,
};
