/* Comments at Jira, and the web link of a Phabricator revision. */
#include "base/base.h"
#include "rule/steps_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "rule/markup.h"

enum { COMMENT_BYTES = 256 * 1024 };

/* Add a comment whose marker names its cause, the same for every event and webhook that tells of that cause. */
static void commentstep_add(struct rule_case *c, const char *cause, const char *text)
{
    struct change *comment = rule_change(c, CHANGE_COMMENT);
    comment->text = text;
    comment->marker = arena_fmt(c->a, "%s:%s#%s>%s:%s", c->bridge->from->name, c->bug->ref, cause, c->bridge->to->name,
                                c->action->project);
}

static void commentstep_copy(struct rule_case *c)
{
    if (!c->comment) {
        rule_note(c, "the event carries no comment");
        return;
    }
    const char *before = arena_fmt(c->a, "*%s* commented: \n", rule_actor(c));
    const char *body = rule_body(c, c->comment->text, before);
    if (text_blank(body))
        return;
    const char *cause =
        c->comment->id ? arena_fmt(c->a, "c%s", c->comment->id) : arena_fmt(c->a, "n%" PRId64, c->comment->number);
    commentstep_add(c, cause, arena_fmt(c->a, "%s%s", before, body));
}

/* What was done to an attachment, from "attachment.modify:is_obsolete": "modified". */
static const char *commentstep_verb(const struct rule_case *c)
{
    const char *routing = c->ev->routing ? c->ev->routing : c->ev->action;
    struct str verb = str_of(text_blank(routing) ? "create" : routing);
    const char *colon = memchr(verb.p, ':', verb.n);
    if (colon)
        verb.n = (size_t)(colon - verb.p);
    const char *dot = memrchr(verb.p, '.', verb.n);
    if (dot) {
        verb.n -= (size_t)(dot + 1 - verb.p);
        verb.p = dot + 1;
    }
    return str_same(verb, STR("modify")) ? "modified" : arena_fmt(c->a, "%sd", arena_str(c->a, verb));
}

/* The revision's address when the attachment is a request for review at Phabricator; else NULL. */
static const char *commentstep_revision(const struct rule_case *c)
{
    const struct attachment *at = c->attachment;
    if (!at->content_type || !strstr(at->content_type, "phabricator-request") || !at->file_name)
        return NULL;
    for (const char *d = strchr(at->file_name, 'D'); d; d = strchr(d + 1, 'D')) {
        size_t digits = strspn(d + 1, "0123456789");
        if (digits)
            return arena_fmt(c->a, "%s/%s", c->own->phabricator_url, arena_str(c->a, (struct str){d, digits + 1}));
    }
    return NULL;
}

static void commentstep_attachment(struct rule_case *c)
{
    if (!c->attachment) {
        rule_note(c, "the event carries no attachment");
        return;
    }
    const struct attachment *at = c->attachment;
    const char *verb = commentstep_verb(c), *revision = commentstep_revision(c);
    const char *text = arena_fmt(c->a, "*%s* %s an attachment:\n*Description*: %s\n*Filename*: %s (%s)%s%s",
                                 rule_actor(c), verb, at->description ? at->description : "",
                                 at->file_name ? at->file_name : "", at->content_type ? at->content_type : "",
                                 revision ? "\n*Phabricator URL*: " : "", revision ? revision : "");
    size_t limit = plan_points(str_of(text), JIRA_BODY_UNITS);
    commentstep_add(c, arena_fmt(c->a, "a%s:%s@%" PRId64, at->id ? at->id : "", verb, c->ev->happened_ms),
                    markup_cut(c->a, text, limit));
}

void step_comment(struct rule_case *c)
{
    if (c->group == JBI_COMMENT)
        commentstep_copy(c);
    else if (c->group == JBI_ATTACHMENT)
        commentstep_attachment(c);
}

void step_phabricator_link(struct rule_case *c)
{
    const char *revision = c->group == JBI_ATTACHMENT && c->attachment ? commentstep_revision(c) : NULL;
    if (!revision)
        return;
    const struct attachment *at = c->attachment;
    const char *title = text_blank(at->description) ? revision : at->description;
    struct change *link = rule_change(c, CHANGE_WEB_LINK);
    link->global_id = arena_fmt(c->a, "%s-%s", c->bug->ref, at->id ? at->id : "");
    link->url = revision;
    link->name = at->is_obsolete ? arena_fmt(c->a, "Abandoned - %s", title) : title;
}

/* Python's json.dumps(…, indent=4) of what the two kinds of comments hold. */
static const char *commentstep_json(const struct rule_case *c, bool of_status)
{
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, COMMENT_BYTES);
    json_start(&o, &t);
    o.indent = 4;
    o.ascii = true;
    json_open(&o, NULL, '{');
    if (of_status) {
        json_put_text(&o, "modified by", rule_actor(c));
        json_put_text(&o, "resolution", c->bug->resolution ? c->bug->resolution : "");
        json_put_text(&o, "status", c->bug->status ? c->bug->status : "");
    } else {
        json_put_text(&o, "assignee", c->bug->assignee ? c->bug->assignee : "");
    }
    json_close(&o);
    return arena_text(c->a, text_z(&t));
}

static bool commentstep_is(const struct delta *d, bool of_status)
{
    return of_status ? text_same(d->field, "status") || text_same(d->field, "resolution")
                     : text_same(d->field, "assigned_to") || text_same(d->field, "assignee");
}

/*
 * What changed, and when, as a name: the same from every webhook that tells of it, another one for each change, and
 * the same in every attempt, though the comment's text shows the bug as it is by then.
 */
static const char *commentstep_cause(const struct rule_case *c, bool of_status)
{
    const struct delta *v = c->ev->deltas.v;
    uint64_t hash = 0;
    for (size_t i = 0; i < c->ev->deltas.n; i++) {
        const char *parts[] = {v[i].field, v[i].removed, v[i].added};
        for (size_t k = 0; commentstep_is(&v[i], of_status) && k < COUNT(parts); k++)
            hash = hash * 31 + hash_stable(str_of(parts[k]));
    }
    return arena_fmt(c->a, "%s@%" PRId64 "-%016" PRIx64, of_status ? "status" : "assignee", c->ev->happened_ms, hash);
}

void step_comments_for_changes(struct rule_case *c)
{
    const struct delta *v = c->ev->deltas.v;
    bool done[2] = {false, false}; /* a change of status and resolution is one thing to say */
    for (size_t i = 0; i < c->ev->deltas.n; i++) {
        bool of_status = commentstep_is(&v[i], true);
        if ((!of_status && !commentstep_is(&v[i], false)) || done[of_status])
            continue;
        done[of_status] = true;
        commentstep_add(c, commentstep_cause(c, of_status), commentstep_json(c, of_status));
    }
}
