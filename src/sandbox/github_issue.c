/* Issues and pull requests as state, their comments, the statuses of commits. */
#include "base/base.h"

#include "base/digest.h"
#include "sandbox/github_private.h"

struct sg_issue *sg_issue_find(const struct sg_repo *r, uint64_t number)
{
    return number ? map_get(r->by_number, number) : NULL;
}

/* Into the place that its time of change gives it: the last, unless times were set by hand. */
static void issue_place(struct sg_issue *i)
{
    struct list *after = i->repo->by_change.prev;
    while (after != &i->repo->by_change && CONTAINER(after, struct sg_issue, by_change)->updated_ms > i->updated_ms)
        after = after->prev;
    list_push(after, &i->by_change);
}

void sg_issue_touch(struct sg_issue *i, int64_t now_ms)
{
    i->updated_ms = now_ms > i->updated_ms ? now_ms : i->updated_ms;
    list_remove(&i->by_change);
    issue_place(i);
}

void sg_issue_push(struct sg_site *g, struct sg_issue *i, const char *sha)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1], seed[96];
    uint64_t words[] = {sg_id(g), i->number, ++i->repo->commits_made};
    memcpy(seed, words, sizeof words);
    sha256((struct str){seed, sizeof words}, digest);
    hex_write(digest, 20, hex);
    sandbox_set_text(&i->head_sha, sha ? sha : hex);
    (void)sg_commit_ensure(i->repo, i->head_sha);
}

static void issue_fill_times(struct sg_issue *i, const struct json *from)
{
    i->created_ms = sg_when(from, "created_at", i->created_ms);
    i->updated_ms = sg_when(from, "updated_at", i->created_ms);
    i->is_merged = i->is_pull && json_bool(json_get(from, "merged"), false);
    i->is_closed = i->is_merged || text_same(sg_text(from, "state", "open"), "closed");
    if (i->is_closed)
        i->closed_ms = sg_when(from, "closed_at", i->updated_ms);
}

static void issue_fill_pull(struct sg_site *g, struct sg_issue *i, const struct json *from)
{
    i->is_draft = json_bool(json_get(from, "draft"), false);
    i->is_fork_gone = json_bool(json_get(from, "fork_gone"), false);
    i->head_ref = mem_text(sg_text(from, "head", "change"));
    i->base_ref = mem_text(sg_text(from, "base", i->repo->branch));
    sg_issue_push(g, i, sg_text(from, "sha", NULL));
}

static void issue_fill_comments(struct sg_site *g, struct sg_issue *i, const struct json *from)
{
    JSON_EACH (it, from) {
        const char *author = sg_text(it, "author", NULL);
        struct sg_comment *m =
            sg_comment_add(g, i, author ? sg_user_ensure(g, author) : i->author, sg_text(it, "body", ""));
        m->created_ms = m->updated_ms = sg_when(it, "created_at", m->created_ms);
    }
}

struct sg_issue *sg_issue_new(struct sg_site *g, struct sg_repo *r, bool is_pull, const struct json *from)
{
    int64_t number = 0;
    struct sg_issue *i = mem_zero(sizeof *i);
    if (!json_int(json_get(from, "number"), &number) || number <= 0 || sg_issue_find(r, (uint64_t)number))
        number = (int64_t)r->numbers + 1;
    i->repo = r;
    i->id = sg_id(g);
    i->number = (uint64_t)number;
    r->numbers = i->number > r->numbers ? i->number : r->numbers;
    i->is_pull = is_pull;
    i->title = mem_text(sg_text(from, "title", "A change"));
    i->body = sg_text(from, "body", NULL) ? mem_text(sg_text(from, "body", NULL)) : NULL;
    i->author = sg_user_ensure(g, sg_text(from, "author", "ghost"));
    i->association = mem_text(sg_text(from, "association", i->author == r->owner ? "OWNER" : "CONTRIBUTOR"));
    i->is_locked = json_bool(json_get(from, "locked"), false);
    i->created_ms = loop_now_ms(g->s->loop);
    issue_fill_times(i, from);
    JSON_EACH (it, json_get(from, "labels"))
        if (!text_blank(json_text(it)))
            sandbox_words_add(&i->labels, sg_label_ensure(g, r, json_text(it))->name);
    if (is_pull)
        issue_fill_pull(g, i, from);
    SANDBOX_ADD(&r->issues, i);
    map_put(r->by_number, i->number, i);
    map_put(g->issues, i->id, i);
    issue_place(i);
    issue_fill_comments(g, i, json_get(from, "comments"));
    return i;
}

struct sg_comment *sg_comment_add(struct sg_site *g, struct sg_issue *i, struct sg_user *by, const char *body)
{
    struct sg_comment *m = mem_zero(sizeof *m);
    m->id = sg_id(g);
    m->issue = i;
    m->author = by;
    m->body = mem_text(body);
    m->created_ms = m->updated_ms = loop_now_ms(g->s->loop);
    SANDBOX_ADD(&i->comments, m);
    map_put(g->comments, m->id, m);
    return m;
}

void sg_comment_free(struct sg_comment *m)
{
    mem_free(m->body);
    mem_free(m);
}

void sg_comment_remove(struct sg_site *g, struct sg_comment *m)
{
    struct sg_issue *i = m->issue;
    size_t at = 0;
    map_remove(g->comments, m->id);
    while (i->comments.v[at] != m)
        at++;
    for (i->comments.n--; at < i->comments.n; at++)
        i->comments.v[at] = i->comments.v[at + 1];
}

struct sg_status *sg_status_add(struct sg_site *g, struct sg_commit *at, struct sg_user *by, const struct json *from)
{
    struct sg_status *s = mem_zero(sizeof *s);
    const char *description = sg_text(from, "description", NULL), *target = sg_text(from, "target_url", NULL);
    s->id = sg_id(g);
    s->state = mem_text(sg_text(from, "state", "pending"));
    s->context = mem_text(sg_text(from, "context", "default"));
    s->description = description ? mem_text(description) : NULL;
    s->target = target ? mem_text(target) : NULL;
    s->creator = by;
    s->at_ms = loop_now_ms(g->s->loop);
    SANDBOX_ADD(&at->statuses, s);
    return s;
}

void sg_issue_free(struct sg_issue *i)
{
    for (size_t n = 0; n < i->comments.n; n++)
        sg_comment_free(i->comments.v[n]);
    char *const texts[] = {i->title, i->body, i->association, i->head_sha, i->head_ref, i->base_ref};
    for (size_t n = 0; n < COUNT(texts); n++)
        mem_free(texts[n]);
    sandbox_words_clear(&i->labels);
    mem_free(i->comments.v);
    mem_free(i->items.v);
    mem_free(i);
}
