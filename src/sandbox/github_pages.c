/* Pages of the pretend GitHub: what there is, and one pull request or issue. */
#include "base/base.h"

#include "sandbox/github_handlers_private.h"
#include "sandbox/github_private.h"
#include "sandbox/pages_private.h"

enum { SG_PAGE_ROWS = 200 };

static const char *ghpage_state(const struct sg_issue *i)
{
    return i->is_merged ? "merged" : i->is_closed ? "closed" : i->is_draft ? "draft" : "open";
}

static void ghpage_line(struct sandbox_call *c, const struct sg_issue *i)
{
    struct text *t = c->out;
    text_addz(t, "<tr><td>");
    page_link(t, sg_html_url(c, i), arena_fmt(c->arena, "%s#%" PRIu64, i->repo->full, i->number));
    text_addf(t, "</td><td>%s %s</td><td>", ghpage_state(i), i->is_pull ? "pull request" : "issue");
    page_text(t, i->title);
    text_addz(t, "</td><td>");
    page_text(t, i->author->login);
    text_addz(t, "</td></tr>");
}

void sg_page_home(struct sandbox_call *c)
{
    const struct sg_site *g = c->s->github;
    struct text *t = page_begin(c, 200, "Sandbox GitHub");
    size_t rows = 0;
    text_addz(t, "<p>The last changed first.</p><table><thead><tr><th>Number</th><th>State</th><th>Title</th>"
                 "<th>Author</th></tr></thead>");
    for (size_t r = 0; r < g->repos.n; r++) {
        const struct list *all = &g->repos.v[r]->by_change;
        for (const struct list *it = all->prev; it != all && rows < SG_PAGE_ROWS; it = it->prev, rows++)
            ghpage_line(c, CONTAINER(it, const struct sg_issue, by_change));
    }
    text_addz(t, "</table>");
    page_end(t);
}

static void ghpage_status(struct sandbox_call *c, const struct sg_issue *i)
{
    const struct sg_commit *at = sg_commit_find(i->repo, i->head_sha);
    struct sandbox_words seen = {0};
    for (size_t n = at ? at->statuses.n : 0; n > 0; n--) {
        const struct sg_status *s = at->statuses.v[n - 1];
        if (sandbox_words_add(&seen, s->context))
            page_row(c->out, s->context, arena_fmt(c->arena, "%s: %s", s->state, s->description ? s->description : ""));
    }
    sandbox_words_clear(&seen);
}

static void ghpage_boards(struct sandbox_call *c, const struct sg_issue *i)
{
    for (size_t n = 0; n < i->items.n; n++) {
        const struct sg_item *item = i->items.v[n];
        const struct sg_board *b = item->board;
        page_row(c->out, "Board", arena_fmt(c->arena, "%s:%" PRId64 " %s", b->owner->login, b->number, b->title));
        for (size_t f = 0; f < b->fields.n; f++)
            if (sg_item_value(item, f))
                page_row(c->out, b->fields.v[f]->name, sg_item_value(item, f));
    }
}

void sg_page_issue(struct sandbox_call *c)
{
    const struct sg_repo *r = sg_repo_find(c->s->github, arena_fmt(c->arena, "%s/%s", c->part[0], c->part[1]));
    const struct sg_issue *i = r ? sg_issue_find(r, sg_digits(c->part[2])) : NULL;
    if (!i || i->is_deleted) {
        page_missing(c, "No such pull request or issue");
        return;
    }
    struct text *t = page_begin(c, 200, arena_fmt(c->arena, "%s#%" PRIu64 ": %s", r->full, i->number, i->title));
    text_addz(t, "<table>");
    page_row(t, "State", ghpage_state(i));
    page_row(t, "Author", i->author->login);
    page_tags(t, "Labels", &i->labels);
    if (i->is_pull) {
        page_row(t, "Head", i->head_sha);
        ghpage_status(c, i);
    }
    ghpage_boards(c, i);
    text_addz(t, "</table><h2>Comments</h2>");
    page_said(c, i->author->login, i->created_ms, i->body);
    for (size_t n = 0; n < i->comments.n; n++)
        page_said(c, i->comments.v[n]->author->login, i->comments.v[n]->created_ms, i->comments.v[n]->body);
    page_end(t);
}

/* A file as it is, for whoever reads public files without GitHub's interface. */
void sg_page_raw(struct sandbox_call *c)
{
    const struct sg_repo *r = sg_repo_find(c->s->github, arena_fmt(c->arena, "%s/%s", c->part[0], c->part[1]));
    const char *text = r && !r->is_private ? sg_file_text(r, c->part[2]) : NULL;
    text_addz(sandbox_plain(c, text ? 200 : 404, "text/plain; charset=utf-8"), text ? text : "404: Not Found");
}
