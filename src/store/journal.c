/* journal.c: events come in, once each, and are read back. */
#include "base/base.h"
#include "store/store.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/map.h"
#include "store/store_private.h"

int64_t subject_hash(const char *subject)
{
    return (int64_t)hash_stable(str_of(subject));
}

/* A text that is missing is not one that is empty; no text has that byte. */
static uint64_t journal_sum_text(const char *text, uint64_t with)
{
    return checksum(text ? str_of(text) : STR("\xff"), with);
}

/* Of all that is added but the lane, which nothing reads there once the event is in its queue. Never 0: 0 is unknown.
 */
static uint64_t journal_sum(const struct entry *en)
{
    const int64_t numbers[] = {en->id, (int64_t)en->source, en->is_recovered, en->received_ms};
    char bytes[sizeof numbers];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(unsigned char)((uint64_t)numbers[i / 8] >> (8 * (i % 8)));
    uint64_t sum = checksum((struct str){bytes, sizeof bytes}, 0);
    const char *const texts[] = {en->tracker, en->request_id, en->kind ? en->kind : "", en->subject ? en->subject : "",
                                 en->headers};
    for (size_t i = 0; i < COUNT(texts); i++)
        sum = journal_sum_text(texts[i], sum);
    sum = checksum(en->body, sum);
    return sum ? sum : 1;
}

bool journal_is_damaged(const struct entry *en, int64_t sum)
{
    return sum != 0 && sum != (int64_t)journal_sum(en);
}

int journal_damaged(int64_t id, struct err *e)
{
    return fail(e, ERR_PERMANENT,
                "event %" PRId64 " is damaged: the store does not hold what was taken in; look for it in a backup", id);
}

static struct str journal_key(const struct entry *en)
{
    return (struct str){(const char *)en->dedup, sizeof en->dedup};
}

/* 1 and the id when this delivery is there already, in this batch or before; 0; -class. */
static int journal_find_seen(struct store *s, const struct entry *en, int64_t *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_FIND_SEEN, &st, e);
    if (rc < 0)
        return rc;
    db_bind_blob(st, 1, journal_key(en));
    rc = db_next(st, e);
    if (rc == 1) {
        *ret = db_int(st, 0);
        db_reset(st);
    }
    return rc;
}

static int journal_add_row(struct store *s, const struct entry *en, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_EVENT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, en->id);
    db_bind_text(st, 2, en->tracker);
    db_bind_int(st, 3, (int64_t)en->source);
    db_bind_text(st, 4, en->request_id);
    db_bind_int(st, 5, en->is_recovered);
    db_bind_int(st, 6, en->received_ms);
    db_bind_text(st, 7, en->kind ? en->kind : "");
    db_bind_text(st, 8, en->subject ? en->subject : "");
    db_bind_int(st, 9, (int64_t)en->lane);
    db_bind_text(st, 10, en->headers);
    db_bind_blob(st, 11, en->body);
    db_bind_int(st, 12, (int64_t)journal_sum(en));
    return store_run(s, st, e);
}

static int journal_add_queue(struct store *s, const struct entry *en, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_QUEUE, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, en->id);
    db_bind_int(st, 2, (int64_t)en->lane);
    db_bind_int(st, 3, subject_hash(en->subject ? en->subject : ""));
    return store_run(s, st, e);
}

static int journal_add_seen(struct store *s, const struct entry *en, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_write(s, SQL_ADD_SEEN, &st, e);
    if (rc < 0)
        return rc;
    db_bind_blob(st, 1, journal_key(en));
    db_bind_int(st, 2, en->id);
    return store_run(s, st, e);
}

int store_add_event(struct store *s, struct entry *en, struct err *e)
{
    int64_t earlier = 0;
    int rc = journal_find_seen(s, en, &earlier, e);
    if (rc == 1)
        en->id = earlier;
    if (rc != 0)
        return rc == 1 ? 0 : rc;
    rc = store_lane_of(s, en->lane, &en->lane, e);
    if (rc < 0)
        return rc;
    struct entry row = *en;
    row.id = ++s->last_id; /* spent even if this fails: an id that anybody saw is never another event's */
    /* Only the first can fail for the row's own sake, and then nothing of it is there. */
    rc = journal_add_row(s, &row, e);
    if (rc == 0)
        rc = journal_add_queue(s, &row, e);
    if (rc == 0)
        rc = journal_add_seen(s, &row, e);
    if (rc < 0)
        return rc;
    en->id = row.id;
    return 1;
}

void journal_row(struct db_stmt *st, struct arena *a, struct entry *ret)
{
    *ret = (struct entry){
        .id = db_int(st, 0),
        .tracker = row_text(st, 1, a),
        .source = (enum event_source)db_int(st, 2),
        .request_id = row_text(st, 3, a),
        .is_recovered = db_int(st, 4) != 0,
        .received_ms = db_int(st, 5),
        .kind = row_text(st, 6, a),
        .subject = row_text(st, 7, a),
        .lane = (uint64_t)db_int(st, 8),
        .headers = row_text(st, 9, a),
        .body = db_blob(st, 10),
    };
    ret->is_damaged = journal_is_damaged(ret, db_int(st, 11));
}

int journal_read(struct store_link *l, int64_t id, struct arena *a, struct entry *ret, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(l, SQL_GET_EVENT, &st, e);
    if (rc < 0)
        return rc;
    db_bind_int(st, 1, id);
    rc = db_next(st, e);
    if (rc == 0)
        return fail(e, ERR_MISSING, "there is no event %" PRId64, id);
    if (rc < 0)
        return rc;
    journal_row(st, a, ret);
    ret->body.p = arena_str(a, ret->body);
    db_reset(st);
    return 0;
}

static int journal_damaged_here(struct store *s, int64_t id, struct err *e)
{
    struct err why = {.class = ERR_NONE};
    int rc = journal_damaged(id, &why);
    store_note_damage(s, &why);
    if (e)
        *e = why;
    return rc;
}

int store_get_event(struct store *s, int64_t id, struct arena *a, struct entry *ret, struct err *e)
{
    struct entry en = {.id = 0};
    int rc = journal_read(&s->link, id, a, &en, e);
    if (rc == 0 && en.is_damaged)
        rc = journal_damaged_here(s, id, e);
    if (rc == 0)
        *ret = en;
    return rc;
}

struct pending pending_row(struct db_stmt *st)
{
    return (struct pending){.id = db_int(st, 0),
                            .lane = (uint64_t)db_int(st, 1),
                            .attempts = db_int(st, 2),
                            .retry_at_ms = db_int(st, 3),
                            .why = err_class_parse(db_text(st, 4).p)};
}

int store_each_pending(struct store *s, int (*each)(void *ctx, const struct pending *p), void *ctx, struct err *e)
{
    struct db_stmt *st = NULL;
    int rc = store_stmt(&s->link, SQL_EACH_PENDING, &st, e);
    if (rc < 0)
        return rc;
    while ((rc = db_next(st, e)) == 1) {
        const struct pending p = pending_row(st);
        rc = each(ctx, &p);
        if (rc != 0)
            break;
    }
    db_reset(st);
    return rc;
}

int store_oldest_pending(struct store *s, int64_t *ret_ms, struct err *e)
{
    return store_first_int(&s->link, SQL_OLDEST_PENDING, ret_ms, e);
}
