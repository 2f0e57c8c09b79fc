#include "base/base.h"
#include "engine/metrics.h"
#include "base/map.h"
#include "base/text.h"

enum { METRIC_SERIES_MAX = 5000, METRIC_KEY_BYTES = 400 };

struct metric_row {
    const char *name, *type, *help;
    const char *labels[2];
};

static const struct metric_row metric_rows[METRICS] = {
    [METRIC_EVENTS] = {"lockstep_events_total",
                       "counter",
                       "Deliveries received, by what became of them at the door.",
                       {"tracker", "result"}},
    [METRIC_VERDICTS] = {"lockstep_verdicts_total",
                         "counter",
                         "Events that ended, by verdict.",
                         {"tracker", "verdict"}},
    [METRIC_ATTEMPT_ERRORS] = {"lockstep_attempt_errors_total",
                               "counter",
                               "Attempts that failed, by class of error.",
                               {"class", NULL}},
    [METRIC_EXCHANGES] = {"lockstep_exchanges_total",
                          "counter",
                          "HTTP requests sent to trackers, by kind of answer.",
                          {"tracker", "answer"}},
    [METRIC_EXCHANGE_SECONDS] = {"lockstep_exchange_seconds_total",
                                 "counter",
                                 "Time spent waiting for trackers' answers.",
                                 {"tracker", NULL}},
    [METRIC_LIMITS] = {"lockstep_limits_total",
                       "counter",
                       "Answers that told of a limit: near (go slower), of one issue (its lane waits), of the tracker.",
                       {"tracker", "limit"}},
    [METRIC_PAUSE] = {"lockstep_pause_seconds",
                      "gauge",
                      "For how long a tracker still wants to be left alone.",
                      {"tracker", NULL}},
    [METRIC_CREATIONS] = {"lockstep_creations",
                          "gauge",
                          "Where new issues and comments are limited: how many there may be in the tracker's time, how "
                          "many there were, how many events wait for their turn.",
                          {"tracker", "state"}},
    [METRIC_STEPS] = {"lockstep_steps_total",
                      "counter",
                      "Changes carried out, by the step that asked for them.",
                      {"step", "outcome"}},
    [METRIC_OPERATIONS] = {"lockstep_operations_total",
                           "counter",
                           "Units carried out, by operation.",
                           {"operation", NULL}},
    [METRIC_RULES] = {"lockstep_rules_total",
                      "counter",
                      "Units that matched, by rule and outcome.",
                      {"rule", "outcome"}},
    [METRIC_LANES] = {"lockstep_lanes", "gauge", "Lanes with unfinished events, by state.", {"state", NULL}},
    [METRIC_PENDING] = {"lockstep_pending_events", "gauge", "Events that have not ended.", {NULL, NULL}},
    [METRIC_OLDEST_SECONDS] = {"lockstep_oldest_pending_seconds",
                               "gauge",
                               "Age of the oldest event that has not ended.",
                               {NULL, NULL}},
    [METRIC_HOOK_ERRORS] = {"lockstep_hook_errors",
                            "gauge",
                            "Deliveries that wait at the sender, by webhook.",
                            {"tracker", "hook"}},
    [METRIC_BREAKER] = {"lockstep_breaker_open",
                        "gauge",
                        "1 while a tracker is not asked, since asking is pointless.",
                        {"tracker", NULL}},
    [METRIC_HEALTH] = {"lockstep_health",
                       "gauge",
                       "Last result of a health check: 0 ok, 1 warning, 2 error.",
                       {"check", NULL}},
    [METRIC_MISSED] = {"lockstep_missed_events_total",
                       "counter",
                       "What happened at a tracker without its webhook telling us.",
                       {"tracker", NULL}},
    [METRIC_RECOVERED] = {"lockstep_recovered_events_total",
                          "counter",
                          "Events that were put into the journal since no webhook told of them.",
                          {"tracker", NULL}},
    [METRIC_COMPLETE_SINCE] = {"lockstep_complete_since_seconds",
                               "gauge",
                               "The time since which nothing that the tracker tells of is missing, until the next one.",
                               {"tracker", NULL}},
    [METRIC_COMPLETE_UNTIL] = {"lockstep_complete_until_seconds",
                               "gauge",
                               "The time until which nothing that the tracker tells of is missing.",
                               {"tracker", NULL}},
    [METRIC_CONFIG_REFUSED] = {"lockstep_configuration_refused",
                               "gauge",
                               "1 when the configuration, or a file that it names, was refused when it was read last: "
                               "what was read before stays.",
                               {NULL, NULL}},
    [METRIC_CONFIG_READS] =
        {"lockstep_configuration_reads_total",
         "counter",
         "How often the configuration was read again: taken, refused, same, or waiting, since the file "
         "itself has changed and nobody said so.",
         {"outcome", NULL}},
    [METRIC_STORE_DAMAGED] = {"lockstep_store_damaged",
                              "gauge",
                              "1 when the store was found to be damaged since the start.",
                              {NULL, NULL}},
    [METRIC_STORE_UNCHECKED] = {"lockstep_store_unchecked",
                                "gauge",
                                "1 until a store whose last owner was cut off has been looked through.",
                                {NULL, NULL}},
    [METRIC_CONNECTIONS] = {"lockstep_connections", "gauge", "Open incoming connections.", {NULL, NULL}},
    [METRIC_START_TIME] = {"lockstep_start_time_seconds",
                           "gauge",
                           "When the daemon started, seconds since 1970.",
                           {NULL, NULL}},
};

struct metric_series {
    struct metric_series *next; /* of the same metric, newest first */
    double value;
    char labels[]; /* as written: {tracker="jira",answer="2xx"} */
};
struct metrics {
    struct map *by_name; /* hash of metric and labels → series */
    struct metric_series *first[METRICS];
    size_t n;
};

struct metrics *metrics_new(void)
{
    struct metrics *m = mem_zero(sizeof *m);
    m->by_name = map_new();
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < METRICS; i++)
        for (struct metric_series *s = m->first[i], *next; s; s = next) {
            next = s->next;
            mem_free(s);
        }
    map_free(m->by_name);
    mem_free(m);
}

/* A label's value with the escapes of the text format. */
static void metric_label(struct text *to, const char *name, const char *value)
{
    text_addf(to, "%s%s=\"", to->n ? "," : "", name);
    for (const char *p = value ? value : ""; *p; p++) {
        if (*p == '\\' || *p == '"')
            text_addc(to, '\\');
        if (*p == '\n')
            text_addz(to, "\\n");
        else
            text_addc(to, *p);
    }
    text_addc(to, '"');
}

static uint64_t metric_key(enum metric which, const char *label1, const char *label2)
{
    char key[METRIC_KEY_BYTES];
    size_t n = 0;
    const char *parts[] = {label1 ? label1 : "", label2 ? label2 : ""};
    key[n++] = (char)which;
    for (size_t i = 0; i < COUNT(parts); i++)
        for (const char *p = parts[i]; n < sizeof key - 1 && (p == parts[i] || p[-1]); p++)
            key[n++] = *p;
    return hash_stable((struct str){key, n});
}

/* Series are few; beyond the bound a new one is not counted rather than growing without end. */
static struct metric_series *metric_series(struct metrics *m, enum metric which, const char *label1, const char *label2)
{
    uint64_t key = metric_key(which, label1, label2);
    struct metric_series *s = map_get(m->by_name, key);
    if (s || m->n >= METRIC_SERIES_MAX)
        return s;
    const struct metric_row *row = &metric_rows[which];
    AUTO(text_auto) struct text labels;
    text_init(&labels, METRIC_KEY_BYTES);
    if (row->labels[0])
        metric_label(&labels, row->labels[0], label1);
    if (row->labels[1])
        metric_label(&labels, row->labels[1], label2);
    s = mem_zero(sizeof *s + labels.n + 1);
    memcpy(s->labels, text_z(&labels), labels.n);
    s->next = m->first[which];
    m->first[which] = s;
    map_put(m->by_name, key, s);
    m->n++;
    return s;
}

void metrics_add(struct metrics *m, enum metric which, const char *label1, const char *label2, double by)
{
    struct metric_series *s = metric_series(m, which, label1, label2);
    if (s)
        s->value += by;
}

void metrics_set(struct metrics *m, enum metric which, const char *label1, const char *label2, double to)
{
    struct metric_series *s = metric_series(m, which, label1, label2);
    if (s)
        s->value = to;
}

double metrics_get(const struct metrics *m, enum metric which, const char *label1, const char *label2)
{
    const struct metric_series *s = map_get(m->by_name, metric_key(which, label1, label2));
    return s ? s->value : 0;
}

void metrics_exchange(struct metrics *m, const char *tracker, int status, int64_t took_ms)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    size_t class = status >= 100 && status < 600 ? (size_t)status / 100 : 0;
    metrics_add(m, METRIC_EXCHANGES, tracker, classes[class], 1);
    metrics_add(m, METRIC_EXCHANGE_SECONDS, tracker, NULL, (double)took_ms / 1000);
}

void metrics_write(const struct metrics *m, struct text *to)
{
    for (size_t i = 0; i < METRICS; i++) {
        const struct metric_row *row = &metric_rows[i];
        text_addf(to, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, row->type);
        for (const struct metric_series *s = m->first[i]; s; s = s->next)
            text_addf(to, s->labels[0] ? "%s{%s} %.15g\n" : "%s%s %.15g\n", row->name, s->labels, s->value);
    }
}
