/* jobs.h: the verbs over long work: ask for it, look at it, cancel it. */
#ifndef API_JOBS_H
#define API_JOBS_H

#include "api/verb.h"
#include "http/message.h"

struct config;

enum { JOB_ASK_KIND, JOB_ASK_TARGET, JOB_ASK_ALL, JOB_ASK_SINCE, JOB_ASK_UNTIL, JOB_ASK_DRY, JOB_ASK_FORCE };
void job_ask_act(struct verb_call *c, struct engine *g);
void job_ask_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
const char *job_ask_place(const struct verb_call *c); /* where to look, for the Location of the answer */
enum { JOB_LIST_BEFORE, JOB_LIST_LIMIT };
int job_list_read(struct verb_call *c, struct store_reader *r, struct err *e);
void job_list_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
enum { JOB_ONE_ID, JOB_ONE_AFTER, JOB_ONE_LIMIT };
int job_one_read(struct verb_call *c, struct store_reader *r, struct err *e);
void job_one_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);
void job_cancel_act(struct verb_call *c, struct engine *g);
void job_cancel_answer(const struct verb_call *c, const struct engine *g, struct json_out *o);

/* The old bot's form for a rescan, as the body of the verb; INPUT says what is wrong with it. */
int job_form(const struct config *c, struct arena *a, struct str form, struct str *ret, struct err *e);
/* Likewise the one for users of Jira, which says nothing, or `tracker`. */
int job_users_form(const struct config *c, struct arena *a, struct str form, struct str *ret, struct err *e);

#endif
