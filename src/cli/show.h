/* show.h: answers of verbs for people to read. Pure: JSON in, text out. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "base/json.h"
#include "base/text.h"

void show_events(const struct json *answer, struct text *to);
void show_explain(const struct json *answer, struct text *to);
void show_retry(const struct json *answer, struct text *to);
void show_replay(const struct json *answer, struct text *to); /* of one event, or of those that were chosen */
void show_drop(const struct json *answer, struct text *to);
void show_simulated(const struct json *event, struct text *to); /* one event of a simulation */
void show_audit(const struct json *answer, struct text *to);
void show_jobs(const struct json *answer, struct text *to); /* all, or one with its items */
void show_job(const struct json *job, struct text *to);
void show_job_items(const struct json *answer, struct text *to);
/* Of a plan: "status jira:DEV-7 → Done"; then: " →". */
void show_change(struct text *to, const struct json *change, const char *then);
void show_hooks(const struct json *answer, bool is_list, struct text *to);
void show_gaps(const struct json *answer, struct text *to);
void show_cancel(const struct json *answer, struct text *to);

/* A table's lines, none longer than so many characters. */
void show_fit(struct text *to, struct str table, size_t columns);

#endif
