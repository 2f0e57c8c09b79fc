/* show_jobs.c: jobs, and what became of each issue. */
#include "base/base.h"
#include "cli/show_private.h"

enum { SHOW_JOB_POINTS = 400, SHOW_JOB_TARGET = 36 };

/* "3 applied, 9 unchanged" */
static void show_verdicts(const struct json *verdicts, struct text *to)
{
    int64_t n;
    JSON_EACH (v, verdicts)
        if (json_int(v, &n))
            text_addf(to, "%s%" PRId64 " %s", v == json_first(verdicts) ? "" : ", ", n, json_key(v));
}

/* "3 applied, 9 unchanged; what went wrong" */
static void show_job_result(const struct json *job, struct text *to)
{
    const char *note = show_text(job, "note");
    show_verdicts(json_get(job, "verdicts"), to);
    if (show_number(job, "skipped") > 0)
        text_addf(to, "%s%" PRId64 " not looked at", to->n > 0 ? ", " : "", show_number(job, "skipped"));
    text_addf(to, "%s%s", note[0] && to->n > 0 ? "; " : "", note);
}

static void show_job_rows(const struct json *jobs, struct text *to)
{
    static const struct show_column columns[] = {
        {.title = "JOB", .path = "id", .most = 19},
        {.title = "BEGAN", .path = "began", .most = 19, .is_time = true},
        {.title = "WHO", .path = "who", .most = 16},
        {.title = "WHAT", .path = "kind", .most = 8},
        {.title = "TARGET", .path = "target", .most = SHOW_JOB_TARGET},
        {.title = "STATE", .path = "state", .most = 10},
        {.title = "RESULT", .write = show_job_result, .most = SHOW_JOB_POINTS},
    };
    show_table(jobs, columns, COUNT(columns), to);
}

static void show_job_item(const struct json *item, struct text *to)
{
    const char *reason = show_text(item, "reason");
    show_padded(to, show_text(item, "subject"), SHOW_JOB_TARGET);
    text_addf(to, "  event %-7" PRId64 " %s", show_number(item, "id"), show_text(item, "verdict"));
    text_addz(to, reason[0] ? ": " : "");
    show_cut(to, reason, SHOW_JOB_POINTS);
    text_addc(to, '\n');
    JSON_EACH (line, json_get(item, "plan")) {
        text_addz(to, "    ");
        show_cut(to, json_text(line) ? json_text(line) : "", SHOW_JOB_POINTS);
        text_addc(to, '\n');
    }
    JSON_EACH (line, json_get(item, "notes")) {
        if (json_text(line) && strstr(reason, json_text(line)))
            continue; /* it was said */
        text_addz(to, "    note: ");
        show_cut(to, json_text(line) ? json_text(line) : "", SHOW_JOB_POINTS);
        text_addc(to, '\n');
    }
}

void show_job(const struct json *job, struct text *to)
{
    int64_t skipped = show_number(job, "skipped");
    text_addf(to, "job %" PRId64 ", %s of %s: %s", show_number(job, "id"), show_text(job, "kind"),
              show_text(job, "target"), show_text(job, "state"));
    text_addf(to, "%s; %" PRId64 " found%s", json_bool(json_path(job, "options.dry_run"), false) ? " (dry run)" : "",
              show_number(job, "found"), json_count(json_get(job, "verdicts")) > 0 ? ", " : "");
    show_verdicts(json_get(job, "verdicts"), to);
    if (skipped > 0)
        text_addf(to, ", %" PRId64 " not looked at: they have not changed since the last time", skipped);
    if (show_number(job, "seconds_left") > 0)
        text_addf(to, "; about %" PRId64 " s left", show_number(job, "seconds_left"));
    text_addc(to, '\n');
    if (show_text(job, "note")[0]) {
        text_addz(to, "note: ");
        show_cut(to, show_text(job, "note"), SHOW_JOB_POINTS);
        text_addc(to, '\n');
    }
}

void show_job_items(const struct json *answer, struct text *to)
{
    JSON_EACH (item, json_get(answer, "items"))
        show_job_item(item, to);
}

void show_jobs(const struct json *answer, struct text *to)
{
    show_job_items(answer, to);
    if (show_number(answer, "next_after") > 0)
        text_addf(to, "more: --after %" PRId64 "\n", show_number(answer, "next_after"));
    if (json_get(answer, "job"))
        show_job(json_get(answer, "job"), to);
    show_job_rows(json_get(answer, "jobs"), to);
    if (to->n == 0)
        text_addz(to, "there are no jobs\n");
}

void show_cancel(const struct json *answer, struct text *to)
{
    text_addf(to, "job %" PRId64 ": it lists no more, and its events that have not begun to write are dropped\n",
              show_number(answer, "id"));
}
