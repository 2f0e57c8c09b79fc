/* Looking for a comment or an issue whose creation's answer was lost, by our marker in its text. */
#include "base/base.h"

#include "tracker/github_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"

enum { GHLOOK_MINUTE_MS = 60 * 1000 };

/* Nothing of ours is older; both lists know only of changes since. "": who knows. */
static const char *ghlook_since(const struct walk *r)
{
    char buf[WHEN_TEXT_BYTES];
    int64_t at = r->c->since_ms - (int64_t)WALK_LOOK_BEFORE_MIN * GHLOOK_MINUTE_MS;
    if (r->c->since_ms <= 0)
        return "";
    return arena_fmt(r->arena, "&since=%.19sZ", when_text(at > 0 ? at : 0, buf));
}

static int ghlook_comment_ask(struct walk *r, struct err *e)
{
    struct github_ref of;
    if (github_page(r))
        return STEP_SEND;
    if (github_ref_of(r, &of, e) < 0)
        return -ERR_INPUT;
    return github_to(r, arena_fmt(r->arena, "/repos/%s/issues/%" PRId64 "/comments?per_page=100%s", of.repository,
                                  of.number, ghlook_since(r)));
}

static int ghlook_issue_ask(struct walk *r, struct err *e)
{
    struct github_ref of;
    const char *project = r->c->change->project;
    if (github_page(r))
        return STEP_SEND;
    if (!github_ref_read(r->arena, project, &of) || of.number)
        return fail(e, ERR_INPUT, "look: \"%.200s\" is no repository", project ? project : "");
    return github_to(r, arena_fmt(r->arena, "/repos/%s/issues?state=all&sort=created&direction=desc&per_page=100%s",
                                  of.repository, ghlook_since(r)));
}

/* The one of the page that is ours, or NULL. */
static const struct json *ghlook_ours(const struct walk *r)
{
    const char *marker = github_marker_text(r->arena, r->c->change->marker);
    JSON_EACH (one, r->answer) {
        const char *body = json_text(json_get(one, "body"));
        if (body && strstr(body, marker))
            return one;
    }
    return NULL;
}

static int ghlook_comment_take(struct walk *r, struct err *e)
{
    const struct json *ours = ghlook_ours(r);
    if (json_kind(r->answer) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "look: the answer has no comments");
    return ours ? walk_made(r, ours, "id", "look for the comment", e) : github_further(r, e);
}

static int ghlook_issue_take(struct walk *r, struct err *e)
{
    struct issue found = {0};
    const struct json *ours = ghlook_ours(r);
    if (json_kind(r->answer) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "look: the answer has no issues");
    if (!ours)
        return github_further(r, e);
    if (github_issue_read(r->arena, ours, r->c->change->project, &found, e) < 0)
        return err_within(e, "look for the issue");
    r->ret->ref = found.ref;
    return STEP_DONE;
}

static const struct walk_phase ghlook_issue[] = {
    {"look for the issue", "GET", HTTP_READ, ghlook_issue_ask, ghlook_issue_take, NULL}};
static const struct walk_phase ghlook_comment[] = {
    {"look for the comment", "GET", HTTP_READ, ghlook_comment_ask, ghlook_comment_take, NULL}};

const struct walk_work github_looks[CHANGE_KINDS] = {
    [CHANGE_CREATE] = WALK_WORK(ghlook_issue),
    [CHANGE_COMMENT] = WALK_WORK(ghlook_comment),
};
