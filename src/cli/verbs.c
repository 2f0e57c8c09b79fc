#include "base/base.h"
#include "cli/verbs.h"
#include "api/verb.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cli/ask.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/source.h"
#include "conf/config.h"
#include "io/file.h"

enum { VERBS_PATH_BYTES = 64 * 1024, VERBS_SHOWN_BYTES = 256 * 1024 * 1024, VERBS_FILE_BYTES = 25 * 1024 * 1024 };
enum { VERBS_LEAST_COLUMNS = 120 };
enum { VERBS_SLICE = 100 }; /* events that one question replays while somebody watches */

static const struct {
    const char *name;
    void (*show)(const struct json *answer, struct text *to);
    bool is_table;
} verbs_shown[] = {
    {"events", show_events, true},  {"explain", show_explain, false}, {"retry", show_retry, false},
    {"replay", show_replay, false}, {"drop", show_drop, false},       {"audit", show_audit, true},
    {"jobs", show_jobs, true},      {"cancel", show_cancel, false},   {"gaps", show_gaps, false},
};

/* On a terminal a table's lines are not broken, unless it is so narrow that too much would be lost. */
static void verbs_print_table(struct text *shown)
{
    size_t columns = out_columns() < VERBS_LEAST_COLUMNS ? VERBS_LEAST_COLUMNS : out_columns();
    AUTO(text_auto) struct text fitted;
    text_init(&fitted, VERBS_SHOWN_BYTES);
    show_fit(&fitted, text_str(shown), columns);
    out_write(text_str(&fitted));
}

static void verbs_print(const struct verb *v, struct arena *a, struct str body)
{
    const struct json *answer;
    struct err e = {0};
    bool is_table = false;
    AUTO(text_auto) struct text shown;
    text_init(&shown, VERBS_SHOWN_BYTES);
    bool parsed = json_parse(a, body, &answer, &e) == 0;
    for (size_t i = 0; parsed && i < COUNT(verbs_shown); i++)
        if (strcmp(verbs_shown[i].name, v->name) == 0) {
            verbs_shown[i].show(answer, &shown);
            is_table = verbs_shown[i].is_table;
        }
    if (is_table && out_columns() > 0)
        verbs_print_table(&shown);
    else
        out_write(shown.n > 0 ? text_str(&shown) : body);
}

/* --- the question --- */

struct verbs_asked { /* what was given, for one row */
    const struct command *command;
    const struct command_line *line;
    const struct verb *verb;
    const char *socket;
    struct progress *progress;
};

static bool verbs_wants_id(const struct verb *v)
{
    return strchr(v->path, '{') != NULL;
}

/* Of the rows of this name the one that wants an ID, or the one that does not; NULL: there is none. */
static const struct verb *verbs_row(const struct verb *first, bool wants_id)
{
    for (const struct verb *v = first; v->name; v++)
        if (strcmp(v->name, first->name) == 0 && verbs_wants_id(v) == wants_id)
            return v;
    return NULL;
}

static const struct verb_arg *verbs_arg(const struct verb *v, const char *name)
{
    for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++)
        if (strcmp(v->args[i].name, name) == 0)
            return &v->args[i];
    return NULL;
}

/* As many words as the row wants, and no option of another row; -1 after a complaint. */
static int verbs_check(const struct verbs_asked *q)
{
    const struct verb *v = q->verb;
    size_t n = q->line->n_rest, most = !verbs_wants_id(v) ? 0 : v->act ? SIZE_MAX : 1;
    if (n > most) {
        complain("%s: unexpected \"%s\"", v->name, q->line->rest[most]);
        return -1;
    }
    if (n == 0 && verbs_wants_id(v)) {
        complain("%s: needs an ID", v->name);
        return -1;
    }
    for (size_t i = ASK_OWN; i < COMMAND_OPTIONS && q->command->options[i].name; i++)
        if (q->line->values[i] && !verbs_arg(v, q->command->options[i].name)) {
            complain("%s: --%s %s", v->name, q->command->options[i].name, n ? "is not for IDs" : "needs an ID");
            return -1;
        }
    return 0;
}

/* The content of a file, for JSON; NULL after a complaint. */
static const char *verbs_file(const struct verbs_asked *q, const char *path)
{
    struct str content;
    struct err e = {0};
    if (file_read(q->line->arena, path, VERBS_FILE_BYTES, &content, &e) < 0)
        complain("%s: %s", q->verb->name, e.text);
    else if (!utf8_valid(content) || memchr(content.p, '\0', content.n))
        complain("%s: %s is not UTF-8 text", q->verb->name, path);
    else
        return content.p;
    return NULL;
}

/* What was given for an argument, *ret NULL: nothing; -1 after a complaint. */
static int verbs_value(const struct verbs_asked *q, const struct verb_arg *arg, const char *id, const char **ret)
{
    const char *given = arg->place == VERB_IN_PATH ? id : NULL;
    struct verb_value value;
    struct err e = {0};
    for (size_t i = ASK_OWN; i < COMMAND_OPTIONS && q->command->options[i].name; i++)
        if (strcmp(q->command->options[i].name, arg->name) == 0)
            given = q->line->values[i];
    if (given && arg->type == VERB_SWITCH)
        given = "true";
    if (given && arg->type == VERB_FILE && !(given = verbs_file(q, given)))
        return -1;
    if (!given && arg->place == VERB_REQUIRED) {
        complain("%s: %s--%s is missing: %s", q->verb->name,
                 verbs_row(q->verb, true) == q->verb ? "" : "without an ID, ", arg->name, arg->help);
        return -1;
    }
    if (given && verb_value_read(arg, given, &value, &e) < 0) {
        complain("%s: %s", q->verb->name, e.text);
        return -1;
    }
    *ret = given;
    return 0;
}

static void verbs_put_path(const struct verb *v, const char *id, struct text *path)
{
    size_t head = strcspn(v->path, "{");
    text_addz(path, "/api/v1");
    text_add(path, (struct str){v->path, head});
    if (!v->path[head])
        return;
    http_escape(path, id);
    text_addz(path, strchr(v->path, '}') + 1);
}

static void verbs_put_member(struct json_out *o, const struct verb_arg *arg, const char *given)
{
    int64_t n;
    if (arg->type == VERB_SWITCH)
        json_put_bool(o, arg->name, true);
    else if (arg->type == VERB_NUMBER && str_int(str_of(given), &n))
        json_put_int(o, arg->name, n);
    else
        json_put_text(o, arg->name, given);
}

/* -1 after a complaint. */
static int verbs_question(const struct verbs_asked *q, const char *id, struct http_request *ret)
{
    const struct verb *v = q->verb;
    bool is_read = strcmp(v->method, "GET") == 0;
    char separator = '?';
    AUTO(text_auto) struct text path;
    AUTO(text_auto) struct text body;
    struct json_out o;
    text_init(&path, VERBS_PATH_BYTES);
    text_init(&body, 2 * VERBS_FILE_BYTES);
    verbs_put_path(v, id, &path);
    json_start(&o, &body);
    json_open(&o, NULL, '{');
    for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++) {
        const char *given = NULL;
        if (verbs_value(q, &v->args[i], id, &given) < 0)
            return -1;
        if (!given || v->args[i].place == VERB_IN_PATH)
            continue;
        if (is_read) {
            text_addf(&path, "%c%s=", separator, v->args[i].name);
            http_escape(&path, given);
            separator = '&';
        } else {
            verbs_put_member(&o, &v->args[i], given);
        }
    }
    json_close(&o);
    *ret = (struct http_request){.method = v->method,
                                 .url = arena_text(q->line->arena, text_z(&path)),
                                 .effect = is_read ? HTTP_READ : HTTP_CREATE};
    if (!is_read)
        ret->body = str_of(arena_text(q->line->arena, text_z(&body)));
    return 0;
}

/* --- asking --- */

static enum exit_code verbs_ask(const struct verbs_asked *q, const struct http_request *question)
{
    struct arena *a = q->line->arena;
    struct http_response r;
    enum exit_code result = ask_daemon(a, q->socket, question, q->progress, &r);
    if (result != EXIT_DONE)
        return result;
    progress_clear(q->progress);
    if (!q->line->values[ASK_JSON])
        verbs_print(q->verb, a, r.body);
    else
        out_write(str_of(arena_fmt(a, "%s\n", r.body.p)));
    return EXIT_DONE;
}

/* One after the other; what is refused does not stop the rest, but makes itself heard at the end. */
static enum exit_code verbs_ask_all(const struct verbs_asked *q, const struct http_request *questions, size_t n)
{
    enum exit_code worst = EXIT_DONE;
    for (size_t i = 0; i < n; i++) {
        if (n > 1)
            progress_at(q->progress, (int64_t)i, (int64_t)n);
        enum exit_code one = verbs_ask(q, &questions[i]);
        if (one != EXIT_DONE && one != EXIT_REFUSED)
            return one;
        worst = one > worst ? one : worst;
    }
    return worst;
}

/* --- many in slices, so that it can be told how far it is --- */

struct verbs_slices {
    struct verbs_asked asked;
    struct command_line line; /* of one slice */
    int64_t total, done, after;
    struct json_out out; /* the answer as it would be had all been asked at once */
};

static size_t verbs_place(const struct command *c, const char *name)
{
    size_t i = ASK_OWN;
    while (c->options[i].name && strcmp(c->options[i].name, name) != 0)
        i++;
    return i;
}

/* Where the value of this option stands. */
static const char **verbs_option(struct verbs_slices *s, const char *name)
{
    return &s->line.values[verbs_place(s->asked.command, name)];
}

/* For a verb that acts on a choice of events and can be asked to go on where it ended, unless it is not to act. */
static bool verbs_has_slices(const struct verbs_asked *q)
{
    const struct verb *v = q->verb;
    return v->act && verbs_arg(v, "after") && verbs_arg(v, "limit") && verbs_arg(v, "dry-run") &&
           !q->line->values[verbs_place(q->command, "dry-run")];
}

/* One question with the options of s->line; its answer. */
static enum exit_code verbs_slice_put(struct verbs_slices *s, const struct json **ret)
{
    struct http_request question;
    struct http_response r;
    struct err e = {0};
    if (verbs_question(&s->asked, "", &question) < 0)
        return EXIT_USAGE;
    enum exit_code result = ask_daemon(s->line.arena, s->asked.socket, &question, s->asked.progress, &r);
    if (result != EXIT_DONE || json_parse(s->line.arena, r.body, ret, &e) == 0)
        return result;
    progress_clear(s->asked.progress);
    complain("%s: %s", s->asked.verb->name, e.text);
    return EXIT_FAILED;
}

static enum exit_code verbs_slice(struct verbs_slices *s)
{
    const struct json *answer;
    int64_t left = s->total - s->done;
    progress_at(s->asked.progress, s->done, s->total);
    *verbs_option(s, "limit") = arena_fmt(s->line.arena, "%" PRId64, left < VERBS_SLICE ? left : VERBS_SLICE);
    if (s->after > 0)
        *verbs_option(s, "after") = arena_fmt(s->line.arena, "%" PRId64, s->after);
    enum exit_code result = verbs_slice_put(s, &answer);
    if (result != EXIT_DONE)
        return result;
    JSON_EACH (row, json_get(answer, "events")) {
        json_put(&s->out, NULL, row);
        s->done++;
    }
    if (!json_int(json_get(answer, "next_after"), &s->after)) /* others took some of them meanwhile */
        s->total = s->done;
    return EXIT_DONE;
}

/* A dry run tells how many there are. */
static enum exit_code verbs_slice_all(struct verbs_slices *s)
{
    static const char *const same[] = {"looked_at", "without_trace", "next_after"};
    const struct json *all;
    progress_at(s->asked.progress, 0, 0);
    *verbs_option(s, "dry-run") = "";
    enum exit_code result = verbs_slice_put(s, &all);
    if (result != EXIT_DONE)
        return result;
    *verbs_option(s, "dry-run") = NULL;
    s->total = (int64_t)json_count(json_get(all, "events"));
    json_open(&s->out, NULL, '{');
    json_open(&s->out, "events", '[');
    while (result == EXIT_DONE && s->done < s->total)
        result = verbs_slice(s);
    json_close(&s->out);
    for (size_t i = 0; i < COUNT(same); i++)
        if (json_get(all, same[i]))
            json_put(&s->out, same[i], json_get(all, same[i]));
    json_close(&s->out);
    return result;
}

/* What was done is shown, also when not all of it could be. */
static enum exit_code verbs_ask_slices(const struct verbs_asked *q)
{
    AUTO(text_auto) struct text merged;
    struct verbs_slices s = {.asked = *q, .line = *q->line};
    s.asked.line = &s.line;
    text_init(&merged, VERBS_SHOWN_BYTES);
    json_start(&s.out, &merged);
    enum exit_code result = verbs_slice_all(&s);
    progress_clear(q->progress);
    if (result == EXIT_DONE || s.done > 0)
        verbs_print(q->verb, q->line->arena, text_str(&merged));
    return result;
}

static enum exit_code verbs_run(const struct command *c, const struct command_line *line)
{
    const struct verb *first = c->own, *row = verbs_row(first, line->n_rest > 0);
    struct progress progress;
    struct verbs_asked q = {c, line, row ? row : first, NULL, &progress};
    size_t n = line->n_rest > 0 ? line->n_rest : 1;
    struct http_request *questions = ARENA_ARRAY(line->arena, struct http_request, n);
    if (verbs_check(&q) < 0)
        return EXIT_USAGE;
    for (size_t i = 0; i < n; i++) /* all of them, before any is asked */
        if (verbs_question(&q, line->n_rest > 0 ? line->rest[i] : "", &questions[i]) < 0)
            return EXIT_USAGE;
    q.socket = ask_where(line);
    if (!q.socket)
        return EXIT_FAILED;
    progress_start(&progress, q.verb->name, !line->values[ASK_JSON]);
    enum exit_code result =
        progress_shows(&progress) && verbs_has_slices(&q) ? verbs_ask_slices(&q) : verbs_ask_all(&q, questions, n);
    progress_clear(&progress);
    return result;
}

/* --- the command --- */

static void verbs_add_options(const struct verb *v, struct command *c)
{
    static const char *const values[] = {
        [VERB_TEXT] = "TEXT",    [VERB_NUMBER] = "N", [VERB_TIME] = "TIME", [VERB_FILE] = "FILE",
        [VERB_VERDICT] = "WORD", [VERB_END] = "WORD", [VERB_JOB] = "WORD",  [VERB_HOOK_DEED] = "WORD"};
    size_t n = 0;
    while (c->options[n].name)
        n++;
    for (size_t i = 0; i < VERB_ARGS && v->args[i].name; i++) {
        const struct verb_arg *arg = &v->args[i];
        if (arg->place == VERB_IN_PATH || c->options[verbs_place(c, arg->name)].name)
            continue;
        check(n < COMMAND_OPTIONS - 1);
        c->options[n++] = (struct command_option){arg->name, values[arg->type], arg->help};
    }
}

void verb_command(const struct verb *v, struct command *ret)
{
    const struct verb *with = verbs_row(v, true), *without = verbs_row(v, false);
    *ret = (struct command){.name = v->name, .help = v->help, .options = {ASK_OPTIONS}, .run = verbs_run, .own = v};
    ret->operands = !with ? NULL : without ? "[ID...]" : with->act ? "ID..." : "ID";
    if (with)
        verbs_add_options(with, ret);
    if (without)
        verbs_add_options(without, ret);
}
