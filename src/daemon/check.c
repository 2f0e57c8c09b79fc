/* check.c: the command `check`: a configuration, and with --online what its trackers say to it. */
#include "base/base.h"
#include "base/arena.h"
#include "base/text.h"
#include "cli/source.h"
#include "daemon/commands.h"
#include "engine/engine.h"
#include "engine/metrics.h"
#include "engine/question.h"
#include "engine/redact.h"
#include "http/client.h"
#include "io/loop.h"
#include "rule/decide.h"
#include "tracker/driver.h"

enum { CHECK_CONFIG, CHECK_ONLINE };
enum { CHECK_TEXT_BYTES = 16 * 1024 * 1024 };

struct check_online {
    struct loop *loop;
    struct engine *engine;
    const struct config *config;
    size_t next; /* of the trackers that no bridge's checks ask */
    struct question question;
    bool failed;
};

struct config *command_config(const char *file, size_t *ret_warnings)
{
    AUTO(text_auto) struct text problems;
    text_init(&problems, CHECK_TEXT_BYTES);
    struct config *c = source_config(file ? file : "lockstep.yaml", &problems, ret_warnings);
    fputs(text_z(&problems), stderr);
    return c;
}

static void check_say(struct check_online *o, enum health_level level, const char *name)
{
    printf("%-8s %s\n", level == HEALTH_OK ? "ok" : level == HEALTH_WARNING ? "warning" : "error", name);
    o->failed = o->failed || level == HEALTH_ERROR;
}

/* --- trackers that no bridge's checks ask: are our credentials good there? --- */

static bool check_is_asked(const struct config *c, const struct conf_tracker *t)
{
    for (size_t i = 0; i < c->n_bridges; i++)
        if (rule_kind(&c->bridges[i]) == &rule_bugzilla_to_jira && (c->bridges[i].from == t || c->bridges[i].to == t))
            return true;
    return false;
}

static void check_next(struct check_online *o);

/* One that a file of others brings along is a warning, as is all that is wrong with it. */
static void check_answered(struct question *q, const struct fact *f, const struct err *e)
{
    struct check_online *o = CONTAINER(q, struct check_online, question);
    const struct conf_tracker *t = o->config->trackers[o->next++];
    const struct person *people = f ? f->people.v : NULL;
    bool is_good = f && f->state == FACT_HERE && f->people.n > 0;
    AUTO(arena_auto) struct arena *a = arena_new(CHECK_TEXT_BYTES);
    check_say(o, is_good ? HEALTH_OK : t->brought ? HEALTH_WARNING : HEALTH_ERROR, arena_fmt(a, "%s.up", t->name));
    const char *why = is_good ? people[0].login : f ? f->why : e->text;
    if (!text_blank(why))
        printf("         %s%s\n", is_good ? "as " : "", redact_text(engine_redact(o->engine), a, str_of(why)).p);
    check_next(o);
}

static void check_next(struct check_online *o)
{
    while (o->next < o->config->n_trackers && check_is_asked(o->config, o->config->trackers[o->next]))
        o->next++;
    if (o->next == o->config->n_trackers) {
        loop_stop(o->loop);
        return;
    }
    const struct fact_key who = {.kind = FACT_WHOAMI, .tracker = o->config->trackers[o->next]->name, .ref = ""};
    o->question = (struct question){.done = check_answered};
    question_ask(o->engine, &o->question, &who);
}

/* --- the bridges' own checks --- */

static void check_report(void *ctx, const struct health_report *report)
{
    struct check_online *o = ctx;
    const struct health_check *checks = report->checks.v;
    for (size_t i = 0; i < report->checks.n; i++) {
        const struct health_message *m = checks[i].messages.v;
        check_say(o, checks[i].level, checks[i].name);
        for (size_t k = 0; k < checks[i].messages.n; k++)
            printf("         %s: %s%s%s\n", m[k].id, m[k].text, m[k].why ? ": " : "", m[k].why ? m[k].why : "");
    }
    check_next(o);
}

/* Once, without a store. */
static enum exit_code check_trackers(struct config *config)
{
    struct check_online o = {.loop = loop_new(), .config = config};
    struct http_client *client = http_client_new(o.loop);
    struct metrics *metrics = metrics_new();
    const struct engine_parts parts = {o.loop, NULL, client, metrics};
    tracker_drivers_check();
    o.engine = engine_new(&parts, config);
    engine_check_health(o.engine, check_report, &o);
    loop_run(o.loop);
    engine_free(o.engine);
    metrics_free(metrics);
    http_client_free(client);
    loop_free(o.loop);
    return o.failed ? EXIT_FAILED : EXIT_DONE;
}

enum exit_code command_check(const struct command *c, const struct command_line *line)
{
    (void)c;
    size_t warnings;
    struct config *config = command_config(line->values[CHECK_CONFIG], &warnings);
    if (!config)
        return EXIT_FAILED;
    printf("%s: fine: %zu tracker%s, %zu bridge%s, %zu warning%s\n", config->file, config->n_trackers,
           config->n_trackers == 1 ? "" : "s", config->n_bridges, config->n_bridges == 1 ? "" : "s", warnings,
           warnings == 1 ? "" : "s");
    fflush(stdout);
    enum exit_code result = line->values[CHECK_ONLINE] ? check_trackers(config) : EXIT_DONE;
    config_put(config);
    return result;
}
