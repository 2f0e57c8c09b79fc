/*
 * cursor.c: which pages of a list have been looked at as they are now. The tracker says by a tag that a page is the
 * same; that everything on it was done is what the job says that read it, once it has ended.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "poll/poll_private.h"

enum { CURSOR_BYTES = 16 * 1024 };

static const struct field page_cursor_fields[] = {
    F_TEXT(struct page_cursor, tag, "tag"),    F_TEXT(struct page_cursor, next, "next"),
    F_INT(struct page_cursor, found, "found"), F_TEXT(struct page_cursor, with, "with"),
    F_INT(struct page_cursor, job, "job"),
};
static const struct field_table page_cursor_table = FIELD_TABLE("cursor", struct page_cursor, page_cursor_fields);

/* Only whole, real rescans say that all of a page was done. */
static bool cursor_counts(const struct job_run *r)
{
    return !r->what.is_dry && r->what.since_ms == 0 && r->what.until_ms == 0 && !strchr(r->job.target, '#');
}

const char *cursor_name(const struct job_run *r)
{
    return arena_fmt(r->arena, "rescan/%s/%s/%s/%" PRId64, r->job.tracker, r->repositories.v[r->repository],
                     r->what.all ? "all" : "open", r->place.number);
}

static const char *cursor_with(const struct job_run *r)
{
    return arena_fmt(r->arena, "%016" PRIx64 " %s", engine_config(r->poll->parts.engine)->digest,
                     r->poll->parts.version);
}

/* All its events were carried out. */
static bool cursor_is_sure(struct job_run *r, int64_t job)
{
    struct job j = {0};
    struct job_place place = {0};
    const struct json *root = NULL;
    struct err e = {0};
    return store_get_job(r->poll->parts.store, job, r->arena, &j, &e) == 0 && j.state == JOB_DONE && j.place &&
           json_parse(r->arena, str_of(j.place), &root, &e) == 0 &&
           field_read(&job_place_table, root, r->arena, &place, &e) == 0 && place.failed == 0;
}

static const struct page_cursor *cursor_get(struct job_run *r)
{
    const char *value = NULL;
    const struct json *root = NULL;
    struct err e = {0};
    struct page_cursor *c = ARENA_NEW(r->arena, struct page_cursor);
    if (store_get_cursor(r->poll->parts.store, cursor_name(r), r->arena, &value, &e) != 1)
        return NULL;
    bool is_good = json_parse(r->arena, str_of(value), &root, &e) == 0 &&
                   field_read(&page_cursor_table, root, r->arena, c, &e) == 0 && c->tag;
    return is_good ? c : NULL;
}

const struct page_cursor *cursor_read(struct job_run *r)
{
    bool is_ignored = r->what.is_dry || r->what.is_forced || strchr(r->job.target, '#');
    const struct page_cursor *c = cursor_get(r);
    if (c && r->place.is_again && c->job == r->job.id)
        return c;
    return c && !is_ignored && text_same(c->with, cursor_with(r)) && cursor_is_sure(r, c->job) ? c : NULL;
}

void cursor_step(struct job_run *r, const struct fact *page, int64_t found, struct job_page_cursor *ret)
{
    *ret = (struct job_page_cursor){0};
    if (!cursor_counts(r))
        return;
    const struct page_cursor c = {page->tag, page->text, found, cursor_with(r), r->job.id};
    AUTO(text_auto) struct text t;
    text_init(&t, CURSOR_BYTES);
    field_write_whole(&page_cursor_table, &c, &t);
    ret->name = cursor_name(r);
    ret->value = page->tag && !text_full(&t) ? arena_text(r->arena, text_z(&t)) : NULL;
}
