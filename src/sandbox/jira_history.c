/* The changelog of an issue: who changed which of its fields when. */
#include "base/base.h"

#include "sandbox/jira_history_private.h"

enum { SJ_HISTORY_SHOWN = 20 }; /* searches show no more of it */

static void history_add(struct sandbox_call *c, struct sj_issue *i, const char *field, const char *from, const char *to)
{
    if (text_same(from, to))
        return;
    const struct sj_change one = {.id = i->history.n + 1,
                                  .at_ms = c->now_ms,
                                  .by = c->jira_user,
                                  .field = field,
                                  .from = mem_text(from),
                                  .to = mem_text(to)};
    SANDBOX_ADD(&i->history, one);
}

void sj_history_add(struct sandbox_call *c, struct sj_issue *i, const struct sj_before *was)
{
    const struct sj_site *j = c->s->jira;
    history_add(c, i, "status", j->statuses.v[was->status].name, j->statuses.v[i->status].name);
    history_add(c, i, "summary", was->summary, i->summary);
    history_add(c, i, "Key", was->key, i->key);
}

void sj_history_clear(struct sj_issue *i)
{
    for (size_t n = 0; n < i->history.n; n++) {
        mem_free(i->history.v[n].from);
        mem_free(i->history.v[n].to);
    }
    mem_free(i->history.v);
}

static void history_put(struct sandbox_call *c, const struct sj_change *one)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_text(o, "id", sj_id(c, one->id));
    if (one->by)
        sj_put_user(c, one->by, "author");
    json_put_text(o, "created", sj_time(c, one->at_ms));
    json_open(o, "items", '[');
    json_open(o, NULL, '{');
    json_put_text(o, "field", one->field);
    json_put_text(o, "fieldtype", "jira");
    json_put_text(o, "fromString", one->from);
    json_put_text(o, "toString", one->to);
    json_close(o);
    json_close(o);
    json_close(o);
}

/* Cloud shows the newest first, and only some; Server all of them, the oldest first. */
void sj_put_changelog(struct sandbox_call *c, const struct sj_issue *i)
{
    struct json_out *o = &c->json;
    bool is_cloud = c->s->jira->is_cloud;
    size_t n = i->history.n, shown = is_cloud && n > SJ_HISTORY_SHOWN ? SJ_HISTORY_SHOWN : n;
    json_open(o, "changelog", '{');
    json_put_int(o, "startAt", 0);
    json_put_int(o, "maxResults", (int64_t)shown);
    json_put_int(o, "total", (int64_t)n);
    json_open(o, "histories", '[');
    for (size_t at = 0; at < shown; at++)
        history_put(c, &i->history.v[is_cloud ? n - 1 - at : at]);
    json_close(o);
    json_close(o);
}
