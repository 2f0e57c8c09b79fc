/* config_jobs.c: `jobs`: work that is to be done again and again. */
#include "base/base.h"

#include "conf/config_private.h"

#include "base/arena.h"

enum { CONF_JOBS_MAX = 1000 };

static const struct opt conf_job_opts[] = {
    OPTION_TEXT(struct conf_job, rescan, OPT_RELOAD, NULL,
                "Pull requests to look at again: github:OWNER, or github:OWNER/REPO"),
    OPTION_TEXT(struct conf_job, labels, OPT_RELOAD, NULL,
                "In place of rescan: repositories whose labels become as the bridge's labels_file says"),
    OPTION_TEXT(struct conf_job, users, OPT_RELOAD, NULL,
                "In place of rescan: a tracker whose users are put into its groups, by their mail addresses"),
    OPTION_TIME(struct conf_job, every, OPT_RELOAD, NULL, 1000, INT64_C(366) * 86400 * 1000,
                "How often; one that has not ended by then is not begun again"),
    OPT_ROW_AS(
        "cron", struct conf_job, cron_text, const char *, OPT_TEXT, OPT_RELOAD, NULL, 0, 0, NULL, NULL,
        "When, in place of every: minute, hour, day of the month, month, day of the week, in UTC: \"30 4 * * 1\""),
    OPTION_BOOL(struct conf_job, all, OPT_RELOAD, "false", "Look at what is closed as well"),
    OPTION_BOOL(struct conf_job, force, OPT_RELOAD, "false", "Look also at what has not changed since the last time"),
};
const struct opt_table conf_job_table = OPT_TABLE_OF("a job", struct conf_job, conf_job_opts);

static void conf_check_job_time(const struct opt_read *r, const struct yaml *map, struct conf_job *job)
{
    const struct yaml *cron = yaml_get(map, "cron");
    const char *key = arena_fmt(r->arena, "%s.cron", r->key);
    struct err e = {0};
    if (!job->cron_text == !job->every)
        yaml_problem(r->problems, map, r->key, NULL, "expected either every or cron");
    else if (job->cron_text && cron && cron_parse(job->cron_text, &job->cron, &e) < 0)
        yaml_problem(r->problems, cron, key, NULL, "%s", e.text);
}

/* Exactly one of what can be done: its name. NULL, with a problem, otherwise. */
static const char *conf_check_job_kind(const struct opt_read *r, const struct yaml *map, struct conf_job *job)
{
    const struct {
        const char *name, *target;
    } rows[] = {{"rescan", job->rescan}, {"labels", job->labels}, {"users", job->users}};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!yaml_get(map, rows[i].name))
            continue;
        job->kind = rows[i].name;
        job->target = rows[i].target;
        n++;
    }
    if (n != 1)
        yaml_problem(r->problems, map, r->key, NULL, "expected one of rescan, labels and users");
    else if (strcmp(job->kind, "rescan") != 0 && (job->all || job->force))
        yaml_problem(r->problems, map, r->key, NULL, "all and force are for rescans");
    if (n == 1 && job->users)
        job->target = arena_fmt(r->arena, "%s:users", job->users);
    return n == 1 ? job->kind : NULL;
}

static void conf_check_job_target(const struct conf_reader *c, const struct opt_read *r, const struct yaml *map,
                                  struct conf_job *job)
{
    const char *kind = conf_check_job_kind(r, map, job);
    const struct yaml *at = kind ? yaml_get(map, kind) : NULL;
    if (!job->target || !at) /* refused already */
        return;
    const char *key = arena_fmt(r->arena, "%s.%s", r->key, kind), *colon = strchr(job->target, ':');
    if (!colon || !colon[1])
        yaml_problem(r->problems, at, key, NULL, "expected TRACKER:OWNER or TRACKER:OWNER/REPO, got %s",
                     problem_quote(r->arena, at->text));
    else if (!config_tracker(c->config, arena_str(r->arena, (struct str){job->target, (size_t)(colon - job->target)})))
        yaml_problem(r->problems, at, key, NULL, "there is no tracker of that name: %s",
                     problem_quote(r->arena, at->text));
}

static void conf_read_job(const struct conf_reader *c, const struct yaml *map, size_t place, struct conf_job *job)
{
    struct opt_read r = c->read;
    r.key = arena_fmt(r.arena, "jobs[%zu]", place);
    if (map->kind != YAML_MAP) {
        yaml_problem(r.problems, map, r.key, NULL, "expected a map with the job's options, got %s",
                     yaml_kind_name(map));
        return;
    }
    opts_read(&conf_job_table, map, &r, job);
    conf_check_job_time(&r, map, job);
    conf_check_job_target(c, &r, map, job);
}

void conf_read_jobs(struct conf_reader *c)
{
    const struct yaml *all = yaml_get(c->root, "jobs");
    if (yaml_is_null(all))
        return;
    if (all->kind != YAML_LIST || all->n > CONF_JOBS_MAX) {
        yaml_problem(c->read.problems, all, "jobs", NULL, "expected a list of at most %d jobs", CONF_JOBS_MAX);
        return;
    }
    c->config->jobs = ARENA_ARRAY(c->read.arena, struct conf_job, all->n + 1);
    for (size_t i = 0; i < all->n; i++)
        conf_read_job(c, all->items[i], i, &c->config->jobs[i]);
    c->config->n_jobs = all->n;
}
