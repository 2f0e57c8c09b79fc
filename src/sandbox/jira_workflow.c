/* Transitions: those that the project's workflow allows from the issue's status. */
#include "base/base.h"

#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_private.h"

/* Already there: not offered, as where a workflow has no loop. */
static bool workflow_offers(const struct sj_move *m, const struct sj_issue *i)
{
    return m->to != i->status && (m->from >> i->status & 1);
}

static const struct sj_move *workflow_find(const struct sj_issue *i, uint64_t id)
{
    for (size_t n = 0; n < i->project->moves.n; n++)
        if (i->project->moves.v[n].id == id && workflow_offers(&i->project->moves.v[n], i))
            return &i->project->moves.v[n];
    return NULL;
}

static void workflow_put_screen(struct sandbox_call *c, const struct sj_move *m)
{
    struct json_out *o = &c->json;
    const struct sandbox_words *names = &c->s->jira->resolutions;
    json_open(o, "fields", '{');
    if (m->has_resolution) {
        json_open(o, "resolution", '{');
        json_put_bool(o, "required", m->needs_resolution);
        json_open(o, "schema", '{');
        json_put_text(o, "type", "resolution");
        json_put_text(o, "system", "resolution");
        json_close(o);
        json_put_text(o, "name", "Resolution");
        json_put_text(o, "key", "resolution");
        json_open(o, "operations", '[');
        json_put_text(o, NULL, "set");
        json_close(o);
        json_open(o, "allowedValues", '[');
        for (size_t i = 0; i < names->n; i++)
            sj_put_named(c, NULL, "resolution", (int)i, names->v[i]);
        json_close(o);
        json_put_bool(o, "hasDefaultValue", false);
        json_close(o);
    }
    json_close(o);
}

static void workflow_put(struct sandbox_call *c, const struct sj_move *m, bool with_fields)
{
    struct json_out *o = &c->json;
    json_open(o, NULL, '{');
    json_put_text(o, "id", sj_id(c, m->id));
    json_put_text(o, "name", m->name);
    sj_put_status(c, m->to, "to");
    json_put_bool(o, "hasScreen", m->has_resolution);
    json_put_bool(o, "isGlobal", m->from == UINT32_MAX);
    json_put_bool(o, "isInitial", false);
    json_put_bool(o, "isAvailable", true);
    json_put_bool(o, "isConditional", false);
    json_put_bool(o, "isLooped", false);
    if (with_fields)
        workflow_put_screen(c, m);
    json_close(o);
}

void sj_put_transitions(struct sandbox_call *c, const struct sj_issue *i, bool with_fields, const char *only)
{
    json_open(&c->json, "transitions", '[');
    bool may = sj_may(i->project, SJ_TRANSITION_ISSUES);
    for (size_t n = 0; may && n < i->project->moves.n; n++) {
        const struct sj_move *m = &i->project->moves.v[n];
        if (workflow_offers(m, i) && (!only || strcmp(only, sj_id(c, m->id)) == 0))
            workflow_put(c, m, with_fields);
    }
    json_close(&c->json);
}

void sj_transition_list(struct sandbox_call *c)
{
    const struct sj_issue *i = sj_asked_issue(c);
    if (!i)
        return;
    const char *expand = http_query(c->arena, c->request->url, "expand");
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "expand", "transitions");
    sj_put_transitions(c, i, expand && strstr(expand, "transitions.fields"),
                       http_query(c->arena, c->request->url, "transitionId"));
    json_close(o);
}

/* Entering a status of category done resolves, leaving it takes the resolution away. */
void sj_issue_move(struct sj_site *j, struct sj_issue *i, size_t status, int64_t now_ms)
{
    bool is_done = strcmp(j->statuses.v[status].category, "done") == 0;
    i->status = status;
    i->updated_ms = now_ms;
    if (!is_done) {
        i->resolution = -1;
    } else if (i->resolution < 0 && j->resolutions.n) {
        i->resolution = 0;
        i->resolved_ms = now_ms;
    }
}

static void workflow_apply(struct sandbox_call *c, struct sj_issue *i, const struct sj_move *m)
{
    struct sj_draft d;
    sj_draft_init(&d, c, i->project, i);
    d.is_screen = true;
    d.has_screen_resolution = m->has_resolution;
    sj_draft_read(&d, c->body);
    if (m->needs_resolution && (!d.has_resolution || d.resolution < 0))
        sj_errors_add(&d.errors, "resolution", "Resolution is required.");
    if (d.errors.n) {
        sj_errors_reply(c, &d.errors);
    } else {
        sj_draft_apply(&d, i);
        sj_issue_move(c->s->jira, i, m->to, c->now_ms);
        sandbox_empty(c, 204);
    }
    sj_draft_clear(&d);
}

void sj_transition_post(struct sandbox_call *c)
{
    struct sj_issue *i = sj_asked_issue(c);
    int64_t id = 0;
    if (!i)
        return;
    sandbox_touch(c, i);
    const struct json *wanted = json_path(c->body, "transition.id");
    const struct sj_move *m = NULL;
    if (sandbox_body_int(wanted, &id) && sj_may(i->project, SJ_TRANSITION_ISSUES))
        m = workflow_find(i, (uint64_t)id);
    if (json_kind(wanted) == JSON_ABSENT || json_kind(wanted) == JSON_NULL)
        sj_error(c, 400, "Missing 'transition' identifier");
    else if (m)
        workflow_apply(c, i, m);
    else if (json_text(wanted) && !sandbox_body_int(wanted, &id))
        sj_error(c, 400, "'transition' identifier must be an integer");
    else
        sj_error(c, 400, arena_fmt(c->arena, "Transition id '%" PRId64 "' is not valid for this issue.", id));
}
