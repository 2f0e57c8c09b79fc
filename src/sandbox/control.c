/*
 * Control, below /_sandbox: look into the services, set them up, make them misbehave.
 *
 *   GET  state                    counts, settings
 *   POST reset                    begin anew; the body, if any, is a seed
 *   GET, POST settings            {latency_ms, index_lag_ms, hook_retry_ms, hook_error_limit, jira_limit,
 *                                 jira_window_ms, github_limit, github_window_ms, github_writes, github_writes_ms};
 *                                 POST latency {ms}
 *   GET, PUT bugzilla/bugs/ID     a bug as REST or a webhook has it, with comments, attachments; ?hooks=1 tells hooks
 *   GET, PUT bugzilla/webhooks    a list of {id, name, url, header, key, product, component, event, enabled, deliver}
 *   PUT  jira/users/ID            {name, email ("": hidden), active, type}; GET, PUT jira/groups/NAME {members}
 *   GET  jira/issues(/KEY)        all that is known of issues, deleted ones too, with the writes they got
 *   github/…                      see github_control.c
 *   GET  writes, exchanges        ?after=N&limit=M
 *   GET, POST, DELETE faults      see faults.c
 *   POST fill                     {bugs, issues, project}: many, for measuring
 */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"
#include "sandbox/github_handlers_private.h"
#include "sandbox/jira_groups_private.h"
#include "sandbox/jira_history_private.h"

enum { CONTROL_PAGE = 200, CONTROL_FILL = 200000 };

static void control_refuse(struct sandbox_call *c, const char *message)
{
    text_addf(sandbox_plain(c, 400, "text/plain"), "%s\n", message);
}

static const struct {
    const char *name;
    size_t place;
    int64_t max;
    bool is_other_name;
} control_settings[] = {
    {"latency_ms", offsetof(struct sandbox_settings, latency_ms), 600000, false},
    {"ms", offsetof(struct sandbox_settings, latency_ms), 600000, true},
    {"index_lag_ms", offsetof(struct sandbox_settings, index_lag_ms), 86400000, false},
    {"hook_retry_ms", offsetof(struct sandbox_settings, hook_retry_ms), 3600000, false},
    {"hook_error_limit", offsetof(struct sandbox_settings, hook_error_limit), 1000000, false},
    {"jira_limit", offsetof(struct sandbox_settings, jira_limit), 1000000, false},
    {"jira_window_ms", offsetof(struct sandbox_settings, jira_window_ms), 3600000, false},
    {"github_limit", offsetof(struct sandbox_settings, github_limit), 1000000, false},
    {"github_window_ms", offsetof(struct sandbox_settings, github_window_ms), 86400000, false},
    {"github_writes", offsetof(struct sandbox_settings, github_writes), 1000000, false},
    {"github_writes_ms", offsetof(struct sandbox_settings, github_writes_ms), 3600000, false},
};

static void control_put_settings(struct sandbox_call *c, const char *key)
{
    struct json_out *o = &c->json;
    json_open(o, key, '{');
    for (size_t i = 0; i < COUNT(control_settings); i++)
        if (!control_settings[i].is_other_name)
            json_put_int(o, control_settings[i].name,
                         *(const int64_t *)(const void *)((const char *)&c->s->settings + control_settings[i].place));
    json_close(o);
}

void sandbox_settings_read(struct sandbox_settings *to, const struct json *from)
{
    for (size_t i = 0; i < COUNT(control_settings); i++) {
        int64_t n = 0, max = control_settings[i].max;
        if (sandbox_body_int(json_get(from, control_settings[i].name), &n) && n >= 0)
            *(int64_t *)(void *)((char *)to + control_settings[i].place) = n < max ? n : max;
    }
}

static void control_settings_get(struct sandbox_call *c)
{
    sandbox_json(c, 200);
    control_put_settings(c, NULL);
}

static void control_settings_post(struct sandbox_call *c)
{
    sandbox_settings_read(&c->s->settings, c->body);
    control_settings_get(c);
}

static int64_t control_waiting(const struct sb_site *b)
{
    int64_t n = 0;
    for (size_t i = 0; i < b->hooks.n; i++)
        n += (int64_t)b->hooks.v[i]->n_queue;
    return n;
}

static void control_state(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    const struct sb_site *b = c->s->bugzilla;
    size_t deleted = 0, comments = 0;
    for (size_t i = 0; i < j->issues.n; i++) {
        deleted += j->issues.v[i]->is_deleted;
        comments += j->issues.v[i]->comments.n;
    }
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "requests", (int64_t)c->s->requests);
    json_put_int(o, "writes", (int64_t)c->s->writes.last);
    json_put_int(o, "exchanges", (int64_t)c->s->exchanges.last);
    json_open(o, "jira", '{');
    json_put_int(o, "projects", (int64_t)j->projects.n);
    json_put_int(o, "issues", (int64_t)(j->issues.n - deleted));
    json_put_int(o, "deleted", (int64_t)deleted);
    json_put_int(o, "comments", (int64_t)comments);
    json_put_int(o, "links", (int64_t)map_count(j->by_link));
    json_close(o);
    json_open(o, "bugzilla", '{');
    json_put_text(o, "flavour", b->is_stock ? "stock" : "mozilla");
    json_put_int(o, "bugs", (int64_t)map_count(b->by_id));
    json_put_int(o, "comments", (int64_t)b->last_comment);
    json_put_int(o, "waiting_deliveries", control_waiting(b));
    json_close(o);
    sg_control_state(c, o);
    control_put_settings(c, "settings");
    json_close(o);
}

static void control_reset(struct sandbox_call *c)
{
    struct err e = {0};
    if (c->body && json_kind(c->body) != JSON_OBJECT)
        control_refuse(c, "a seed is a JSON object");
    else if (sandbox_reset(c->s, c->body, &e) != 0)
        control_refuse(c, e.text);
    else
        sandbox_empty(c, 204);
}

/* Control sees all. */
static void control_show_bug(struct sandbox_call *c, const struct sb_bug *bug, int status)
{
    c->bugzilla_user = c->s->bugzilla->users.v[0];
    json_open(sandbox_json(c, status), NULL, '{');
    json_open(&c->json, "bugs", '[');
    sb_put_bug(c, bug);
    json_close(&c->json);
    json_open(&c->json, "comments", '[');
    for (size_t i = 0; i < bug->comments.n; i++)
        sb_put_comment(c, bug, bug->comments.v[i]);
    json_close(&c->json);
    json_open(&c->json, "attachments", '[');
    for (size_t i = 0; i < bug->attachments.n; i++)
        sb_put_attachment(c, bug->attachments.v[i]);
    json_close(&c->json);
    json_close(&c->json);
}

static void control_bug_get(struct sandbox_call *c)
{
    const struct sb_bug *bug = sb_bug_find(c->s->bugzilla, sb_number(c->part[0]));
    if (bug)
        control_show_bug(c, bug, 200);
    else
        text_addz(sandbox_plain(c, 404, "text/plain"), "no such bug\n");
}

static void control_tell_new(struct sandbox_call *c, const struct sb_bug *bug)
{
    for (size_t i = 0; i < bug->comments.n; i++)
        sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_COMMENT, .comment = bug->comments.v[i]});
    sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_CREATE});
}

/* Of a bug that was there, what differs in its single fields. */
static void control_tell_changed(struct sandbox_call *c, const struct sb_bug *bug, const char *const *former)
{
    struct sb_changes changes = {0};
    for (int i = 0; i < SB_TEXTS; i++) {
        const char *now = sb_bug_text(bug, (enum sb_text)i);
        if (strcmp(former[i], now) != 0 && changes.n < SB_CHANGES)
            changes.v[changes.n++] = (struct sb_change){sb_texts[i].name, former[i], now};
    }
    if (changes.n)
        sb_event_send(c, &(struct sb_event){.bug = bug, .kind = SB_ON_CHANGE, .changes = &changes});
}

static void control_bug_put(struct sandbox_call *c)
{
    struct sb_site *b = c->s->bugzilla;
    uint64_t id = sb_number(c->part[0]);
    const char *hooks = http_query(c->arena, c->request->url, "hooks");
    const char *former[SB_TEXTS];
    if (id == 0 || json_kind(c->body) != JSON_OBJECT || map_count(b->by_id) >= SB_BUGS) {
        control_refuse(c, "expected a number in the path and a bug in the body");
        return;
    }
    struct sb_bug *bug = sb_bug_find(b, id);
    bool is_new = !bug;
    if (is_new)
        bug = sb_bug_new(b, id, c->now_ms);
    else
        sb_bug_touch(b, bug, c->now_ms);
    for (int i = 0; i < SB_TEXTS; i++)
        former[i] = arena_text(c->arena, sb_bug_text(bug, (enum sb_text)i));
    sb_bug_fill(b, bug, c->body);
    if (bug->comments.n == 0)
        sb_comment_add(b, bug, bug->creator, "");
    if (hooks && strcmp(hooks, "0") != 0 && is_new)
        control_tell_new(c, bug);
    else if (hooks && strcmp(hooks, "0") != 0)
        control_tell_changed(c, bug, former);
    control_show_bug(c, bug, is_new ? 201 : 200);
}

static void control_hooks_put(struct sandbox_call *c)
{
    const struct json *list = json_kind(c->body) == JSON_ARRAY ? c->body : json_get(c->body, "webhooks");
    if (json_kind(list) != JSON_ARRAY) {
        control_refuse(c, "expected a list of webhooks");
        return;
    }
    sb_hooks_read(c->s->bugzilla, list);
    sb_hooks_show(c);
}

static void control_put_history(struct sandbox_call *c, const struct sj_issue *i)
{
    struct json_out *o = &c->json;
    json_open(o, "writes", '[');
    for (size_t n = 0; n < i->writes.n; n++) {
        const struct sandbox_entry *e = sandbox_log_get(&c->s->writes, i->writes.v[n]);
        if (e) {
            sandbox_log_entry(o, e, false);
            continue;
        }
        json_open(o, NULL, '{');
        json_put_int(o, "seq", (int64_t)i->writes.v[n]);
        json_close(o);
    }
    json_close(o);
}

static void control_put_issue(struct sandbox_call *c, const struct sj_issue *i)
{
    const struct sj_fields all = {.is_all = true};
    struct json_out *o = &c->json;
    sj_put_issue(c, i, &all, NULL);
    json_put_bool(o, "deleted", i->is_deleted);
    sj_put_properties(c, i, "*all");
    json_open(o, "comments", '[');
    for (size_t n = 0; n < i->comments.n; n++)
        sj_put_comment(c, i, i->comments.v[n], true);
    json_close(o);
    json_open(o, "remotelinks", '[');
    for (size_t n = 0; n < i->remotes.n; n++)
        sj_put_remote(c, i, i->remotes.v[n]);
    json_close(o);
    control_put_history(c, i);
    json_close(o);
}

static void control_issue_list(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    size_t start = (size_t)sandbox_query_int(c, "start", 0, INT32_MAX);
    size_t limit = (size_t)sandbox_query_int(c, "limit", CONTROL_PAGE, 10000);
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_int(o, "total", (int64_t)j->issues.n);
    json_open(o, "issues", '[');
    for (size_t i = start; i < j->issues.n && i - start < limit; i++)
        control_put_issue(c, j->issues.v[i]);
    json_close(o);
    json_close(o);
}

static void control_issue_get(struct sandbox_call *c)
{
    const struct sj_issue *i = sj_issue_find(c->s->jira, c->arena, c->part[0]);
    if (!i) {
        text_addz(sandbox_plain(c, 404, "text/plain"), "no such issue\n");
        return;
    }
    sandbox_json(c, 200);
    control_put_issue(c, i);
}

static void fill_bug(struct sandbox_call *c)
{
    struct sb_site *b = c->s->bugzilla;
    struct sb_bug *bug = sb_bug_new(b, 0, c->now_ms);
    sandbox_set_text(&bug->texts[SB_SUMMARY], arena_fmt(c->arena, "Bug number %" PRIu64, bug->id));
    sb_comment_add(b, bug, NULL, "Made to fill the sandbox.");
}

static void fill_issue(struct sandbox_call *c, struct sj_project *p)
{
    struct sj_issue *i = sj_issue_new(c->s->jira, p, c->now_ms);
    i->summary = mem_text("Made to fill the sandbox");
    i->creator = i->reporter = c->s->jira->users.n ? c->s->jira->users.v[0] : NULL;
}

static void control_fill(struct sandbox_call *c)
{
    int64_t bugs = 0, issues = 0;
    struct sj_project *p = sj_project_find(c->s->jira, c->arena, json_text(json_get(c->body, "project")));
    (void)json_int(json_get(c->body, "bugs"), &bugs);
    (void)json_int(json_get(c->body, "issues"), &issues);
    if (bugs > CONTROL_FILL || issues > CONTROL_FILL || (issues > 0 && !p)) {
        control_refuse(c, "at most 200000 at once; issues need a project that exists");
        return;
    }
    for (int64_t i = 0; i < bugs && map_count(c->s->bugzilla->by_id) < SB_BUGS; i++)
        fill_bug(c);
    for (int64_t i = 0; p && i < issues && c->s->jira->issues.n < SJ_ISSUES; i++)
        fill_issue(c, p);
    sandbox_empty(c, 204);
}

const struct sandbox_route sandbox_control_routes[] = {
    {"GET", "state", control_state, 0},
    {"POST", "reset", control_reset, 0},
    {"GET", "settings", control_settings_get, 0},
    {"POST", "settings", control_settings_post, 0},
    {"POST", "latency", control_settings_post, 0},
    {"GET", "bugzilla/bugs/{}", control_bug_get, 0},
    {"PUT", "bugzilla/bugs/{}", control_bug_put, 0},
    {"GET", "bugzilla/webhooks", sb_hooks_show, 0},
    {"PUT", "bugzilla/webhooks", control_hooks_put, 0},
    {"GET", "jira/webhooks", sj_control_hooks_get, 0},
    {"PUT", "jira/webhooks", sj_control_hooks_put, 0},
    {"POST", "jira/issues/{}/move", sj_control_move, 0},
    {"PUT", "jira/users/{}", sj_control_user, 0},
    {"GET", "jira/groups/{}", sj_control_group_get, 0},
    {"PUT", "jira/groups/{}", sj_control_group_put, 0},
    {"GET", "jira/issues", control_issue_list, 0},
    {"GET", "jira/issues/{}", control_issue_get, 0},
    {"PUT", "github/users/{}", sg_control_user, 0},
    {"PUT", "github/apps/{}", sg_control_app, 0},
    {"DELETE", "github/apps/{}/tokens", sg_control_app_withdraw, 0},
    {"GET", "github/repos/{}/{}", sg_control_repo_get, 0},
    {"PUT", "github/repos/{}/{}", sg_control_repo_put, 0},
    {"POST", "github/repos/{}/{}/rename", sg_control_rename, 0},
    {"PUT", "github/repos/{}/{}/files/{...}", sg_control_file_put, 0},
    {"DELETE", "github/repos/{}/{}/files/{...}", sg_control_file_delete, 0},
    {"GET", "github/repos/{}/{}/issues", sg_control_issues, 0},
    {"GET", "github/repos/{}/{}/issues/{}", sg_control_issue, 0},
    {"POST", "github/repos/{}/{}/issues/{}/{}", sg_control_act, 0},
    {"POST", "github/repos/{}/{}/{}", sg_control_open, 0},
    {"GET", "github/boards/{}/{}", sg_control_board_get, 0},
    {"PUT", "github/boards/{}/{}", sg_control_board_put, 0},
    {"GET", "github/hooks", sg_control_hooks, 0},
    {"POST", "github/hooks", sg_control_hook_post, 0},
    {"PUT", "github/hooks/{}", sg_control_hook_put, 0},
    {"DELETE", "github/hooks/{}", sg_control_hook_delete, 0},
    {"GET", "github/hooks/{}/deliveries", sg_control_deliveries, 0},
    {"POST", "github/hooks/{}/deliveries/{}", sg_control_redeliver, 0},
    {"POST", "github/fill", sg_control_fill, 0},
    {"GET", "writes", sandbox_traffic_writes, 0},
    {"GET", "exchanges", sandbox_traffic_exchanges, 0},
    {"GET", "faults", sandbox_faults_get, 0},
    {"POST", "faults", sandbox_faults_post, 0},
    {"DELETE", "faults", sandbox_faults_delete, 0},
    {"POST", "fill", control_fill, 0},
};
const size_t sandbox_control_count = COUNT(sandbox_control_routes);
