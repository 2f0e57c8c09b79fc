/*
 * simulate.c: the command `simulate`: recorded events decided again with another configuration. It opens the store for
 * reading, beside a running daemon or without one, and asks no tracker.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/source.h"
#include "daemon/commands.h"
#include "engine/redact.h"
#include "engine/simulate.h"
#include "io/file.h"
#include "io/loop.h"

enum {
    SIMULATE_CONFIG,
    SIMULATE_AGAINST,
    SIMULATE_STORE,
    SIMULATE_SINCE,
    SIMULATE_UNTIL,
    SIMULATE_MOST,
    SIMULATE_JSON
};
enum {
    SIMULATE_TEXT_BYTES = 256 * 1024 * 1024,
    SIMULATE_FLUSH_BYTES = 64 * 1024,
    SIMULATE_ARENA_BYTES = 1024 * 1024 * 1024, /* of one event, as for an attempt */
    SIMULATE_RULES = 1000
};

struct simulate_rule {
    const char *name;
    int64_t events; /* in which it differs */
};

struct simulate_run {
    struct config *config, *against;
    struct redact *redact;
    struct arena *keep;    /* names of rules */
    struct arena *scratch; /* of one event */
    int64_t since_ms, until_ms, most;
    bool is_json;

    struct progress progress;
    int64_t first_id, last_id;
    struct text out;
    struct json_out json;
    int64_t told, left_out;
    int64_t counts[SIMULATED];
    struct simulate_rule rules[SIMULATE_RULES];
    size_t n_rules;
};

static void simulate_flush(struct simulate_run *s, size_t above)
{
    if (s->out.n <= above)
        return;
    progress_clear(&s->progress);
    out_write(text_str(&s->out));
    text_reset(&s->out);
}

/* --- counting --- */

static void simulate_count_rule(struct simulate_run *s, const char *name)
{
    size_t i = 0;
    while (i < s->n_rules && strcmp(s->rules[i].name, name) != 0)
        i++;
    if (i == SIMULATE_RULES)
        return;
    if (i == s->n_rules)
        s->rules[s->n_rules++].name = arena_text(s->keep, name);
    s->rules[i].events++;
}

static void simulate_count(struct simulate_run *s, const struct simulation *found)
{
    s->counts[found->what]++;
    MANY_EACH(const struct sim_unit, u, &found->units)
    simulate_count_rule(s, u->before ? u->before->rule : u->after->rule);
}

static int64_t simulate_total(const struct simulate_run *s)
{
    int64_t n = 0;
    for (size_t i = 0; i < SIMULATED; i++)
        n += s->counts[i];
    return n;
}

/* --- one event --- */

static void simulate_write(const struct event_row *row, const struct simulation *found, struct json_out *o)
{
    char at[WHEN_TEXT_BYTES];
    json_open(o, NULL, '{');
    json_put_int(o, "id", row->id);
    json_put_text(o, "tracker", row->tracker);
    json_put_text(o, "subject", row->subject);
    json_put_text(o, "kind", row->kind);
    json_put_text(o, "received", when_text(row->received_ms, at));
    json_put_text(o, "verdict", verdict_name(row->verdict));
    simulation_write(found, o);
    json_close(o);
}

/* The same words for people as for programs: shown from what JSON has. */
static void simulate_show(struct simulate_run *s, const struct event_row *row, const struct simulation *found)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    const struct json *event = NULL;
    struct err e = {0};
    text_init(&t, SIMULATE_TEXT_BYTES);
    json_start(&o, &t);
    simulate_write(row, found, &o);
    if (json_parse(s->scratch, text_str(&t), &event, &e) == 0)
        show_simulated(event, &s->out);
}

/* By ids, which have few gaps; how many there are before a time nobody has counted. */
static void simulate_tell(struct simulate_run *s, int64_t id)
{
    if (s->first_id == 0)
        s->first_id = id;
    progress_at(&s->progress, id - s->first_id + 1, s->until_ms == INT64_MAX ? s->last_id - s->first_id + 1 : 0);
}

static int simulate_each(void *ctx, const struct history *h)
{
    struct simulate_run *s = ctx;
    struct simulation found;
    arena_reset(s->scratch);
    simulate_tell(s, h->row.id);
    const struct sim_case c = {s->config, s->against, s->redact, h, s->scratch};
    simulate(&c, &found);
    simulate_count(s, &found);
    if (found.what != SIM_DIFFERENT && found.what != SIM_FACTS && found.what != SIM_TRACKER)
        return 0;
    if (s->told == s->most) {
        s->left_out++;
        return 0;
    }
    s->told++;
    if (s->is_json)
        simulate_write(&h->row, &found, &s->json);
    else
        simulate_show(s, &h->row, &found);
    simulate_flush(s, SIMULATE_FLUSH_BYTES);
    return 0;
}

/* --- all of them --- */

static void simulate_put_time(struct simulate_run *s, const char *key, int64_t ms)
{
    char at[WHEN_TEXT_BYTES];
    json_put_text(&s->json, key, ms == INT64_MAX ? NULL : when_text(ms, at));
}

static void simulate_begin(struct simulate_run *s)
{
    if (!s->is_json)
        return;
    json_start(&s->json, &s->out);
    json_open(&s->json, NULL, '{');
    json_put_text(&s->json, "config", s->config->file);
    json_put_text(&s->json, "against", s->against ? s->against->file : NULL);
    simulate_put_time(s, "since", s->since_ms);
    simulate_put_time(s, "until", s->until_ms);
    json_open(&s->json, "events", '[');
}

static void simulate_end_json(struct simulate_run *s)
{
    struct json_out *o = &s->json;
    json_close(o);
    json_put_int(o, "left_out", s->left_out);
    json_open(o, "counts", '{');
    json_put_int(o, "looked_at", simulate_total(s));
    for (unsigned i = 0; i < SIMULATED; i++)
        json_put_int(o, simulated_name((enum simulated)i), s->counts[i]);
    json_close(o);
    json_open(o, "rules", '{');
    for (size_t i = 0; i < s->n_rules; i++)
        json_put_int(o, s->rules[i].name, s->rules[i].events);
    json_close(o);
    json_close(o);
    text_addc(&s->out, '\n');
}

static void simulate_end_text(struct simulate_run *s)
{
    static const char *const words[SIMULATED] = {
        [SIM_SAME] = "the same",
        [SIM_DIFFERENT] = "different",
        [SIM_FACTS] = "whose recorded facts do not suffice",
        [SIM_TRACKER] = "of a tracker that is not configured",
        [SIM_NO_TRACE] = "without a trace, which is kept for retention.traces",
        [SIM_DAMAGED] = "that the store does not hold as they were taken in",
        [SIM_UNDECIDED] = "for which nothing was decided yet",
    };
    char at[WHEN_TEXT_BYTES];
    if (s->left_out > 0)
        text_addf(&s->out, "and %" PRId64 " more events; --most shows them\n", s->left_out);
    text_addf(&s->out, "%s%" PRId64 " events since %s\n", s->told ? "\n" : "", simulate_total(s),
              when_text(s->since_ms, at));
    for (size_t i = 0; i < SIMULATED; i++)
        if (s->counts[i] > 0 || i <= SIM_DIFFERENT)
            text_addf(&s->out, "%8" PRId64 "  %s\n", s->counts[i], words[i]);
    for (size_t i = 0; i < s->n_rules; i++)
        text_addf(&s->out, "%s%8" PRId64 "  %s\n", i ? "" : "rules that differ, and in how many events\n",
                  s->rules[i].events, s->rules[i].name);
}

static enum exit_code simulate_run(struct simulate_run *s, const char *store)
{
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    struct store_figures figures;
    struct err e = {0};
    int rc = store_reader_open(&r, store, &e);
    if (rc == 0)
        rc = store_counts(r, &figures, &e);
    if (rc == 0) {
        simulate_begin(s);
        s->last_id = figures.last_id;
        progress_start(&s->progress, "simulate", !s->is_json);
        rc = store_each_event(r, s->since_ms, s->until_ms, simulate_each, s, &e);
        progress_clear(&s->progress);
    }
    if (rc < 0) {
        complain("simulate: %s", e.text);
        return EXIT_FAILED;
    }
    if (s->is_json)
        simulate_end_json(s);
    else
        simulate_end_text(s);
    simulate_flush(s, 0);
    return EXIT_DONE;
}

/* --- the command line --- */

/* So long ago, or a time. */
static int simulate_time(const char *option, const char *given, int64_t *ret)
{
    int64_t ago = 0;
    int64_t now = clock_now_ms();
    struct err e = {0};
    if (!given)
        return 0;
    if (duration_parse(given, &ago, &e) == 0) {
        *ret = ago < now ? now - ago : 0;
        return 0;
    }
    if (when_parse(given, ret, &e) == 0)
        return 0;
    complain("simulate: --%s: expected a duration such as 7d or a time such as 2026-11-20T17:00:00Z, got \"%.100s\"",
             option, given);
    return -1;
}

static int simulate_options(struct simulate_run *s, const struct command_line *line)
{
    const char *since = line->values[SIMULATE_SINCE], *most = line->values[SIMULATE_MOST];
    s->until_ms = INT64_MAX;
    s->most = 1000;
    s->is_json = line->values[SIMULATE_JSON] != NULL;
    if (simulate_time("since", since ? since : "7d", &s->since_ms) < 0 ||
        simulate_time("until", line->values[SIMULATE_UNTIL], &s->until_ms) < 0)
        return -1;
    if (most && (!str_int(str_of(most), &s->most) || s->most < 0)) {
        complain("simulate: --most: expected a number from 0, got \"%.100s\"", most);
        return -1;
    }
    return 0;
}

static struct config *simulate_config(struct simulate_run *s, const char *file)
{
    size_t warnings;
    struct config *c = command_config(file, &warnings);
    if (c)
        redact_config(s->redact, c);
    return c;
}

static enum exit_code simulate_configured(struct simulate_run *s, const struct command_line *line)
{
    const char *file = line->values[SIMULATE_CONFIG], *against = line->values[SIMULATE_AGAINST];
    const char *store = line->values[SIMULATE_STORE];
    s->config = simulate_config(s, file);
    s->against = s->config && against ? simulate_config(s, against) : NULL;
    if (!s->config || (against && !s->against))
        return EXIT_FAILED;
    if (!store)
        store = s->against ? s->against->store : s->config->store;
    return simulate_run(s, store);
}

enum exit_code command_simulate(const struct command *c, const struct command_line *line)
{
    (void)c;
    AUTO(arena_auto) struct arena *keep = arena_new(SIMULATE_TEXT_BYTES);
    AUTO(arena_auto) struct arena *scratch = arena_new(SIMULATE_ARENA_BYTES);
    struct simulate_run *s = ARENA_NEW(keep, struct simulate_run);
    s->keep = keep;
    s->scratch = scratch;
    if (simulate_options(s, line) < 0)
        return EXIT_USAGE;
    text_init(&s->out, SIMULATE_TEXT_BYTES);
    s->redact = redact_new();
    enum exit_code result = simulate_configured(s, line);
    redact_free(s->redact);
    config_put(s->config);
    config_put(s->against);
    text_free(&s->out);
    return result;
}
