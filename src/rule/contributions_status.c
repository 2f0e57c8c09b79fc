/* The agreement's commit status, on the commit at the pull request's tip. */
#include "base/base.h"
#include "rule/contributions_private.h"

#include "base/arena.h"
#include "base/text.h"

enum standing { STANDING_GOOD, STANDING_BAD, STANDING_BOT, STANDING_PRIVATE, STANDING_REFUSED };
static const struct standing_row {
    const char *state;
    size_t text; /* in struct contrib_status */
    bool has_url;
} standing_rows[] = {
    [STANDING_GOOD] = {"success", offsetof(struct contrib_status, good), true},
    [STANDING_BAD] = {"failure", offsetof(struct contrib_status, bad), true},
    [STANDING_BOT] = {"success", offsetof(struct contrib_status, bot), false},
    [STANDING_PRIVATE] = {"success", offsetof(struct contrib_status, private), true},
    [STANDING_REFUSED] = {"failure", offsetof(struct contrib_status, no_contributions), false},
};

static enum standing standing_of(const struct contrib_author *author)
{
    static const enum standing by_class[] = {[CONTRIB_BOT] = STANDING_BOT,
                                             [CONTRIB_PRIVATE] = STANDING_PRIVATE,
                                             [CONTRIB_INTERNAL] = STANDING_GOOD,
                                             [CONTRIB_REFUSED] = STANDING_REFUSED};
    if (author->class != CONTRIB_OSPR)
        return by_class[author->class];
    return author->is_signed ? STANDING_GOOD : STANDING_BAD;
}

/* The newest of our context: they come newest first. */
static const struct commit_status *standing_now(const struct contrib_case *c, const struct fact *statuses)
{
    MANY_EACH(const struct commit_status, status, &statuses->statuses)
    if (text_same(status->context, c->own->status_context))
        return status;
    return NULL;
}

/* GitHub has null where we have none. */
static bool standing_same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static void standing_say_class(struct contrib_case *c)
{
    contrib_note(c, arena_fmt(c->a, "class %s%s: %s", contrib_class_name(c->author.class),
                              c->is_blended ? " (blended)" : "", c->author.why));
    if (c->catalog.trouble)
        contrib_note(c, c->catalog.trouble);
}

static void standing_plan(struct contrib_case *c, const struct fact *statuses)
{
    const struct standing_row *row = &standing_rows[standing_of(&c->author)];
    const void *at = (const char *)&c->own->status + row->text;
    const char *text = *(const char *const *)at;
    const char *url = row->has_url ? c->own->agreement_url : NULL;
    const struct commit_status *now = standing_now(c, statuses);
    if (now && text_same(now->state, row->state) && standing_same_text(now->description, text) &&
        standing_same_text(now->url, url))
        return;
    bool is_bad = now && !text_same(now->state, "success");
    if (is_bad && c->author.is_by_closing) {
        contrib_note(c, "its status stays: that it was closed is no agreement");
        return;
    }
    struct change *change = contrib_change(c, CHANGE_COMMIT_STATUS);
    change->id = c->issue->pull.head;
    change->name = c->own->status_context;
    change->value = row->state;
    change->text = text;
    change->url = url;
}

void contrib_status(struct contrib_case *c)
{
    struct unit unit;
    contrib_begin(c, &unit, "status", "update");
    standing_say_class(c);
    const char *head = c->issue->pull.head;
    if (text_blank(head)) {
        contrib_note(c, "no status: the commit at its tip is not known");
    } else {
        const struct fact *statuses = contrib_need(c, FACT_STATUSES, arena_fmt(c->a, "%s@%s", c->issue->project, head));
        if (contrib_here(statuses))
            standing_plan(c, statuses);
        else if (statuses)
            contrib_note(c, arena_fmt(c->a, "no status: commit %s is not there", head));
    }
    contrib_end(c);
}
