/* Opening: schemas, other owners, other files; and what is there after a process was killed. */
#include "base/base.h"
#include "unit_store.h"
#include "store/damage.h"

static void test_second_owner(void **state)
{
    struct place *p = *state;
    struct store *second = NULL;
    assert_int_equal(store_open(&second, p->url, &p->e), -ERR_CONFIG);
    assert_non_null(strstr(p->e.text, "store is in use by another process"));
    assert_null(second);
    place_add(p, 1); /* the first goes on */
    store_commit(p->s);
}

static void set_schema(struct place *p, int64_t number)
{
    AUTO(db_auto) struct db *d = NULL;
    assert_int_equal(db_open(&d, p->url, DB_WRITE, &p->e), 0);
    assert_int_equal(db_set_schema(d, number, &p->e), 0);
}

static void test_newer_schema(void **state)
{
    struct place *p = *state;
    struct store_reader *r = NULL;
    store_close(TAKE(p->s));
    set_schema(p, 7);
    assert_int_equal(store_open(&p->s, p->url, &p->e), -ERR_CONFIG);
    assert_non_null(strstr(p->e.text, "has schema 7, this program knows 5: use a newer lockstep"));
    assert_non_null(strstr(p->e.text, "t.db"));
    assert_int_equal(store_reader_open(&r, p->url, &p->e), -ERR_CONFIG);
    assert_non_null(strstr(p->e.text, "schema 7"));
    set_schema(p, STORE_SCHEMA);
    place_open(p);
}

static void test_reader_before_the_daemon(void **state)
{
    struct place *p = *state;
    struct store_reader *r = NULL;
    const char *url = arena_fmt(p->a, "sqlite:%s/empty.db", p->folder);
    assert_int_equal(store_reader_open(&r, url, &p->e), -ERR_CONFIG);
    struct db *d = NULL;
    assert_int_equal(db_open(&d, url, DB_WRITE, &p->e), 0);
    db_close(d);
    assert_int_equal(store_reader_open(&r, url, &p->e), -ERR_CONFIG);
    assert_non_null(strstr(p->e.text, "schema 0"));
    assert_null(r);
}

static void test_not_a_database(void **state)
{
    struct place *p = *state;
    struct store *s = NULL;
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    const char *path = arena_fmt(p->a, "%s/notes.db", p->folder);
    assert_int_equal(file_write(path,
                                STR("These are the notes of somebody else, long enough to be looked at; "
                                    "they are not a database, and nobody may overwrite them."),
                                &p->e),
                     0);
    const char *url = arena_fmt(p->a, "sqlite:%s", path);
    assert_int_equal(store_open(&s, url, &p->e), -ERR_PERMANENT);
    assert_non_null(strstr(p->e.text, "not a database"));
    assert_int_equal(store_reader_open(&r, url, &p->e), -ERR_PERMANENT);
    struct str still;
    assert_int_equal(file_read(p->a, path, 1000, &still, &p->e), 0);
    assert_memory_equal(still.p, "These are", 9);
}

/* A migration that fails leaves no half schema. */
static void test_migration_undone(void **state)
{
    struct place *p = *state;
    AUTO(db_auto) struct db *d = NULL;
    struct store *s = NULL;
    const char *url = arena_fmt(p->a, "sqlite:%s/other.db", p->folder);
    assert_int_equal(db_open(&d, url, DB_WRITE, &p->e), 0);
    assert_int_equal(db_exec(d, "CREATE TABLE event (id)", &p->e), 0); /* in the way of ours */
    db_close(TAKE(d));
    assert_int_equal(store_open(&s, url, &p->e), -ERR_BUG);
    assert_non_null(strstr(p->e.text, "to schema 1"));
    assert_non_null(strstr(p->e.text, "restore a backup"));
    assert_int_equal(db_open(&d, url, DB_WRITE, &p->e), 0);
    int64_t number = -1;
    assert_int_equal(db_schema(d, &number, &p->e), 0);
    assert_int_equal(number, 0);
    assert_int_equal(db_exec(d, "CREATE TABLE meta (key)", &p->e), 0); /* was undone with the rest */
}

/* --- killed in the middle --- */

struct told_batch { /* tells the parent which ids are durable */
    struct store_wait wait;
    int64_t ids[40];
    size_t n;
    int pipe;
};

static void told_batch_durable(struct store_wait *w, const struct err *e)
{
    struct told_batch *b = CONTAINER(w, struct told_batch, wait);
    if (e || write(b->pipe, b->ids, b->n * sizeof b->ids[0]) != (ssize_t)(b->n * sizeof b->ids[0]))
        _exit(1);
}

/* Writes for ever: events in batches of many sizes, and ends every third event of each batch. */
__attribute__((noreturn)) static void child_writes(struct place *p, int64_t number, int pipe)
{
    if (store_open(&p->s, p->url, &p->e) < 0)
        _exit(2);
    for (size_t size = 1;; size = size % COUNT(((struct told_batch *)NULL)->ids) + 1) {
        struct told_batch b = {.wait = {.durable = told_batch_durable}, .pipe = pipe};
        for (; b.n < size; number++) {
            struct entry en = place_entry(p, number);
            if (store_add_event(p->s, &en, &p->e) != 1)
                _exit(3);
            b.ids[b.n++] = en.id;
            if (en.id % 3 == 0 && place_attempt(p, en.id, 1, VERDICT_APPLIED) != 0)
                _exit(4);
        }
        store_when_durable(p->s, &b.wait);
        store_commit(p->s);
        arena_reset(p->a);
    }
}

/* Reads what the child says; kills it when it has said enough. Returns how many ids are in `ids`. */
static size_t read_and_kill(int from, pid_t child, int64_t *ids, size_t enough, size_t room)
{
    size_t bytes = 0;
    bool is_killed = false;
    for (;;) {
        ssize_t n = read(from, (char *)ids + bytes, room * sizeof *ids - bytes);
        if (n <= 0)
            break;
        bytes += (size_t)n;
        if (!is_killed && bytes >= enough * sizeof *ids)
            is_killed = kill(child, SIGKILL) == 0;
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return bytes / sizeof *ids;
}

static int count_pending(void *ctx, const struct pending *p)
{
    assert_int_not_equal(p->id % 3, 0);
    ++*(size_t *)ctx;
    return 0;
}

static void test_killed(void **state)
{
    enum { ROOM = 20000 };
    struct place *p = *state;
    int64_t *ids = arena_zero(p->a, ROOM * sizeof *ids), newest = 0;
    const char *folder = mem_text(p->folder), *url = mem_text(p->url); /* the child empties the arena */
    p->folder = folder;
    p->url = url;
    for (size_t round = 0; round < 12; round++) {
        int pipes[2];
        store_close(TAKE(p->s));
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            close(pipes[0]);
            child_writes(p, (int64_t)(round * 1000000), pipes[1]);
        }
        close(pipes[1]);
        size_t n = read_and_kill(pipes[0], child, ids, 1 + round * 37, ROOM);
        close(pipes[0]);
        assert_true(n > round * 37);
        place_open(p); /* the lock went with the child */
        size_t pending = 0;
        assert_int_equal(store_each_pending(p->s, count_pending, &pending, &p->e), 0);
        assert_true(pending >= n / 2);
        for (size_t i = 0; i < n; i++) {
            assert_true(place_has(p, ids[i]));
            assert_true(ids[i] > newest);
            newest = ids[i];
        }
        assert_true(place_add(p, (int64_t)(round * 1000000 + 900000) * 3 + 1) > newest);
        struct attempt_record r = {.number = 1, .verdict = VERDICT_APPLIED};
        r.event = newest; /* ended by the child if a third one; else not */
        assert_int_equal(store_add_attempt(p->s, &r, &p->e), newest % 3 == 0 ? -ERR_CONFLICT : 0);
        store_fault(p->s, 1, EIO); /* this round's own additions are given up */
        store_commit(p->s);
        store_fault(p->s, 0, 0);
    }
    store_close(TAKE(p->s));
    p->folder = arena_text(p->a, folder);
    mem_free((void *)(uintptr_t)folder);
    mem_free((void *)(uintptr_t)url);
}

/* --- looked through --- */

/* A store as its owner leaves it who is killed. */
static void cut_off(struct place *p)
{
    pid_t child = fork();
    if (child == 0) {
        if (store_open(&p->s, p->url, &p->e) < 0)
            _exit(2);
        (void)place_add(p, 1000);
        store_commit(p->s);
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void test_unchecked(void **state)
{
    struct place *p = *state;
    assert_false(store_unchecked(p->s));
    store_close(TAKE(p->s));
    cut_off(p);
    for (int round = 0; round < 2; round++) { /* also after a clean end */
        place_open(p);
        assert_true(store_unchecked(p->s));
        store_close(TAKE(p->s));
    }
    place_open(p);
    assert_int_equal(store_set_checked(p->s, &p->e), 0);
    assert_false(store_unchecked(p->s));
    store_commit(p->s);
    place_reopen(p);
    assert_false(store_unchecked(p->s));
    assert_null(store_damage(p->s));
    store_note_damage(p->s, &(struct err){.text = "something"});
    assert_string_equal(store_damage(p->s), "something");
    place_reopen(p);
    assert_true(store_unchecked(p->s));
    assert_null(store_damage(p->s));
}

static bool go_twice(const struct store_going *g)
{
    static int asked;
    (void)g;
    return ++asked <= 2;
}

/* What SQLite finds in order, and is not. */
static void test_check(void **state)
{
    struct place *p = *state;
    static const struct {
        const char *change, *says; /* says NULL: nothing */
    } rows[] = {
        {"UPDATE meta SET value = 0", NULL},
        {"UPDATE event SET body = 'x' WHERE id IN (2, 300)",
         "2 events are not what was taken in, the first is event 2"},
        {"DELETE FROM event WHERE id = 300", "from 257 to 512 there are 143, but 144 that wait or have ended"},
        {"DELETE FROM queue WHERE id = 5", "from 1 to 256"},
        {"DELETE FROM outcome WHERE event = 300", "from 257 to 512"},
    };
    for (int64_t n = 1; n <= 400; n++)
        assert_int_equal(place_attempt(p, place_add(p, n), 1, n == 5 ? VERDICT_PARKED : VERDICT_APPLIED), 0);
    store_close(TAKE(p->s));
    struct str whole;
    const char *path = strchr(p->url, ':') + 1;
    assert_int_equal(file_read(p->a, path, 8 << 20, &whole, &p->e), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(db_auto) struct db *d = NULL;
        AUTO(store_reader_auto) struct store_reader *r = NULL;
        struct store_checked found;
        assert_int_equal(file_write(path, whole, &p->e), 0);
        assert_int_equal(db_open(&d, p->url, DB_WRITE, &p->e), 0);
        assert_int_equal(db_exec(d, rows[i].change, &p->e), 0);
        assert_int_equal(store_reader_open(&r, p->url, &p->e), 0);
        int rc = store_check(r, NULL, &found, &p->e);
        if (rc != (rows[i].says ? -ERR_PERMANENT : 0) || (rc < 0 && !strstr(p->e.text, rows[i].says)))
            fail_msg("%s: %d %s", rows[i].change, rc, p->e.text);
        if (rc == 0) {
            assert_int_equal(found.events, 400);
            assert_int_equal(store_check(r, &(struct store_going){go_twice}, &found, &p->e), -ERR_TRANSIENT);
        }
    }
    assert_int_equal(store_check_file(path, &p->e), -ERR_PERMANENT);
    place_open(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_second_owner),
        PLACE_TEST(test_newer_schema),
        PLACE_TEST(test_reader_before_the_daemon),
        PLACE_TEST(test_not_a_database),
        PLACE_TEST(test_migration_undone),
        PLACE_TEST(test_killed),
        PLACE_TEST(test_unchecked),
        PLACE_TEST(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
