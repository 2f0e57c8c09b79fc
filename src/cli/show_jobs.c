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
    if (json_count(verdicts) == 0)
        text_addz(to, "nothing yet");
}

static void show_job_row(const struct json *job, struct text *to)
{
    text_addf(to, "%-5" PRId64 " %.19s  ", show_number(job, "id"), show_text(job, "began"));
    show_padded(to, show_text(job, "who"), 12);
    text_addf(to, "  %-8s ", show_text(job, "kind"));
    show_padded(to, show_text(job, "target"), SHOW_JOB_TARGET);
    text_addf(to, "  %-10s ", show_text(job, "state"));
    show_verdicts(json_get(job, "verdicts"), to);
    if (show_text(job, "note")[0])
        text_addz(to, "; ");
    show_cut(to, show_text(job, "note"), SHOW_JOB_POINTS);
    text_addc(to, '\n');
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
    text_addf(to, "%s; %" PRId64 " found, ", json_bool(json_path(job, "options.dry_run"), false) ? " (dry run)" : "",
              show_number(job, "found"));
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
    JSON_EACH (job, json_get(answer, "jobs"))
        show_job_row(job, to);
    if (to->n == 0)
        text_addz(to, "there are no jobs\n");
}

void show_cancel(const struct json *answer, struct text *to)
{
    text_addf(to, "job %" PRId64 ": it lists no more, and its events that have not begun to write are dropped\n",
              show_number(answer, "id"));
}
