/* The engine's contract: values, transactions, errors by class, one writer, faults of the disk. */
#include "base/base.h"
#include "db/db.h"
#include "base/arena.h"
#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka has a macro called as ours. */
#undef fail
#include <cmocka.h>

struct place {
    struct arena *a;
    const char *folder;
    struct err e;
};

static int place_make(void **state)
{
    struct place *p = mem_zero(sizeof *p);
    p->a = arena_new(64 << 20);
    assert_int_equal(folder_temp(p->a, "db-test", &p->folder, &p->e), 0);
    *state = p;
    return 0;
}

static int place_drop(void **state)
{
    struct place *p = *state;
    folder_remove(p->folder);
    arena_free(p->a);
    mem_free(p);
    return 0;
}

static const char *place_path(struct place *p, const char *name)
{
    return arena_fmt(p->a, "%s/%s", p->folder, name);
}

static const char *place_url(struct place *p, const char *name)
{
    return arena_fmt(p->a, "sqlite:%s", place_path(p, name));
}

static struct db *place_open(struct place *p, enum db_mode mode)
{
    struct db *d = NULL;
    if (db_open(&d, place_url(p, "t.db"), mode, &p->e) < 0)
        fail_msg("%s", p->e.text);
    return d;
}

static void place_write(struct place *p, const char *name, const char *bytes, size_t n)
{
    assert_int_equal(file_write(place_path(p, name), (struct str){bytes, n}, &p->e), 0);
}

static int64_t one_int(struct db *d, const char *sql)
{
    AUTO(db_stmt_auto) struct db_stmt *s = NULL;
    struct err e = {.class = ERR_NONE};
    if (db_prepare(d, sql, &s, &e) < 0 || db_next(s, &e) != 1)
        fail_msg("%s", e.text);
    return db_int(s, 0);
}

static void test_values(void **state)
{
    struct place *p = *state;
    AUTO(db_auto) struct db *d = place_open(p, DB_WRITE);
    AUTO(db_stmt_auto) struct db_stmt *put = NULL;
    AUTO(db_stmt_auto) struct db_stmt *get = NULL;
    assert_int_equal(db_exec(d, "CREATE TABLE t (i, s, b, n, z); CREATE TABLE u (i)", &p->e), 0);
    assert_int_equal(db_prepare(d, "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)", &put, &p->e), 0);
    db_bind_int(put, 1, INT64_MIN);
    db_bind_str(put, 2, (struct str){"abcdef", 3});
    db_bind_blob(put, 3, (struct str){"a\0b", 3});
    db_bind_null(put, 4);
    db_bind_str(put, 5, (struct str){NULL, 0});
    assert_int_equal(db_run(put, &p->e), 0);
    assert_int_equal(db_changes(d), 1);
    assert_int_equal(db_run(put, &p->e), 0); /* what was bound is forgotten: all null */
    assert_int_equal(db_prepare(d, "SELECT i, s, b, n, z FROM t", &get, &p->e), 0);
    for (int round = 0; round < 2; round++) { /* the end resets */
        assert_int_equal(db_next(get, &p->e), 1);
        assert_true(db_int(get, 0) == INT64_MIN);
        assert_string_equal(db_text(get, 1).p, "abc");
        assert_int_equal(db_text(get, 1).n, 3);
        assert_int_equal(db_blob(get, 2).n, 3);
        assert_memory_equal(db_blob(get, 2).p, "a\0b", 3);
        assert_null(db_text(get, 3).p);
        assert_string_equal(db_text(get, 4).p, "");
        assert_int_equal(db_next(get, &p->e), 1);
        assert_null(db_text(get, 1).p);
        assert_null(db_blob(get, 2).p);
        assert_int_equal(db_int(get, 0), 0);
        assert_int_equal(db_next(get, &p->e), 0);
    }
    assert_true(db_bytes(d) >= 3 * 16384);
}

static void test_transactions(void **state)
{
    struct place *p = *state;
    AUTO(db_auto) struct db *d = place_open(p, DB_WRITE);
    assert_int_equal(db_exec(d, "CREATE TABLE t (i INTEGER PRIMARY KEY)", &p->e), 0);
    assert_false(db_in_transaction(d));
    db_rollback(d);
    assert_int_equal(db_begin(d, &p->e), 0);
    assert_true(db_in_transaction(d));
    assert_int_equal(db_exec(d, "INSERT INTO t VALUES (1)", &p->e), 0);
    assert_int_equal(db_exec(d, "INSERT INTO t VALUES (1)", &p->e), -ERR_CONFLICT);
    assert_true(db_in_transaction(d));
    assert_int_equal(db_set_schema(d, 7, &p->e), 0);
    db_rollback(d);
    assert_int_equal(one_int(d, "SELECT count(*) FROM t"), 0);
    int64_t number = 1;
    assert_int_equal(db_schema(d, &number, &p->e), 0);
    assert_int_equal(number, 0);
    assert_int_equal(db_begin(d, &p->e), 0);
    assert_int_equal(db_exec(d, "INSERT INTO t VALUES (2)", &p->e), 0);
    assert_int_equal(db_set_schema(d, 7, &p->e), 0);
    assert_int_equal(db_commit(d, &p->e), 0);
    assert_int_equal(one_int(d, "SELECT count(*) FROM t"), 1);
    assert_int_equal(db_schema(d, &number, &p->e), 0);
    assert_int_equal(number, 7);
    assert_int_equal(db_exec(d, "SELEKT", &p->e), -ERR_BUG);
    AUTO(db_stmt_auto) struct db_stmt *s = NULL;
    assert_int_equal(db_prepare(d, "SELECT i FROM absent", &s, &p->e), -ERR_BUG);
    assert_non_null(strstr(p->e.text, "absent"));
}

static void test_one_writer_many_readers(void **state)
{
    struct place *p = *state;
    struct db *second = NULL;
    {
        AUTO(db_auto) struct db *d = place_open(p, DB_WRITE);
        assert_int_equal(db_exec(d, "CREATE TABLE t (i); INSERT INTO t VALUES (5)", &p->e), 0);
        assert_int_equal(db_open(&second, place_url(p, "t.db"), DB_WRITE, &p->e), -ERR_CONFIG);
        assert_non_null(strstr(p->e.text, "store is in use by another process"));
        assert_non_null(strstr(p->e.text, "t.db"));
        assert_null(second);
        AUTO(db_auto) struct db *r1 = place_open(p, DB_READ);
        AUTO(db_auto) struct db *r2 = place_open(p, DB_READ);
        assert_int_equal(db_begin(r1, &p->e), 0);
        assert_int_equal(one_int(r1, "SELECT i FROM t"), 5);
        assert_int_equal(db_exec(d, "UPDATE t SET i = 6", &p->e), 0);
        assert_int_equal(one_int(r1, "SELECT i FROM t"), 5); /* a steady picture */
        assert_int_equal(one_int(r2, "SELECT i FROM t"), 6);
        db_rollback(r1);
        assert_int_equal(one_int(r1, "SELECT i FROM t"), 6);
        assert_int_equal(db_exec(r1, "UPDATE t SET i = 7", &p->e), -ERR_CONFIG);
        struct stat st;
        static const char *const files[] = {"t.db", "t.db-wal", "t.db-lock"};
        for (size_t i = 0; i < COUNT(files); i++) {
            assert_int_equal(stat(place_path(p, files[i]), &st), 0);
            assert_int_equal(st.st_mode & 0777, 0600);
        }
    }
    AUTO(db_auto) UNUSED struct db *d = place_open(p, DB_WRITE); /* the lock went with its owner */
    AUTO(db_auto) struct db *r = place_open(p, DB_READ);
    assert_int_equal(one_int(r, "SELECT i FROM t"), 6);
}

static void test_reader_alone(void **state)
{
    struct place *p = *state;
    struct db *d = place_open(p, DB_WRITE);
    assert_int_equal(db_exec(d, "CREATE TABLE t (i); INSERT INTO t VALUES (5)", &p->e), 0);
    db_close(d);
    AUTO(db_auto) struct db *r = place_open(p, DB_READ);
    assert_int_equal(one_int(r, "SELECT i FROM t"), 5);
}

static void test_refused(void **state)
{
    struct place *p = *state;
    char noise[4096];
    memset(noise, '#', sizeof noise);
    place_write(p, "text.db", noise, sizeof noise);
    const struct {
        const char *url;
        enum db_mode mode;
        int class;
        const char *says;
    } rows[] = {
        {"mysql://x:secret@y", DB_WRITE, ERR_CONFIG, "sqlite:PATH"},
        {"sqlite", DB_WRITE, ERR_CONFIG, "sqlite:PATH"},
        {"sqlite:", DB_WRITE, ERR_CONFIG, "path of a file"},
        {place_url(p, "no/such/t.db"), DB_WRITE, ERR_CONFIG, "No such file"},
        {place_url(p, "absent.db"), DB_READ, ERR_CONFIG, "No such file"},
        {place_url(p, "text.db"), DB_WRITE, ERR_PERMANENT, "not a database; give another path"},
        {arena_fmt(p->a, "sqlite:%s", p->folder), DB_WRITE, ERR_CONFIG, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct db *d = NULL;
        struct err e = {.class = ERR_NONE};
        assert_int_equal(db_open(&d, rows[i].url, rows[i].mode, &e), -rows[i].class);
        assert_null(d);
        if (!strstr(e.text, rows[i].says))
            fail_msg("%s: \"%s\" lacks \"%s\"", rows[i].url, e.text, rows[i].says);
        assert_null(strstr(e.text, "secret"));
    }
    unlink(arena_fmt(p->a, "%s-lock", p->folder));
}

/* A page in the middle is overwritten. What an owner left who was cut off stays as it was, until it is trusted. */
static void test_damaged(void **state)
{
    struct place *p = *state;
    struct db *d = place_open(p, DB_WRITE);
    assert_int_equal(db_exec(d,
                             "CREATE TABLE t (i INTEGER PRIMARY KEY, s); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL"
                             " SELECT n + 1 FROM c WHERE n < 500) INSERT INTO t SELECT n, hex(zeroblob(400)) FROM c",
                             &p->e),
                     0);
    db_close(d);
    int fd = open(place_path(p, "t.db"), O_WRONLY);
    char noise[16384];
    memset(noise, '#', sizeof noise);
    assert_int_equal(pwrite(fd, noise, sizeof noise, 5 * 16384), sizeof noise);
    close(fd);
    place_write(p, "t.db-wal", noise, 32);
    for (int round = 0; round < 2; round++) {
        d = place_open(p, DB_WRITE);
        assert_true(db_was_cut(d));
        assert_null(db_damage(d));
        assert_int_equal(db_check(d, NULL, &p->e), -ERR_PERMANENT);
        assert_non_null(strstr(p->e.text, "restore a backup"));
        assert_int_equal(db_check(d, "t", &p->e), -ERR_PERMANENT);
        AUTO(db_stmt_auto) struct db_stmt *s = NULL;
        assert_int_equal(db_prepare(d, "SELECT count(s) FROM t WHERE s > ''", &s, &p->e), 0);
        assert_int_equal(db_next(s, &p->e), -ERR_PERMANENT);
        assert_non_null(strstr(db_damage(d), "restore a backup"));
        db_finish(TAKE(s));
        db_close(d);
    }
    d = place_open(p, DB_WRITE);
    assert_int_equal(db_trust(d, &p->e), 0);
    db_close(d);
    d = place_open(p, DB_WRITE);
    assert_false(db_was_cut(d));
    db_close(d);
}

/* Where there was a store, a file that is gone or empty is not taken for a new one. */
static void test_vanished(void **state)
{
    struct place *p = *state;
    struct db *d = place_open(p, DB_WRITE);
    assert_int_equal(db_exec(d, "CREATE TABLE t (i)", &p->e), 0);
    db_close(d);
    assert_int_equal(unlink(place_path(p, "t.db")), 0); /* nobody trusted it yet, so there was none */
    d = place_open(p, DB_WRITE);
    assert_int_equal(db_trust(d, &p->e), 0);
    db_close(d);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(round ? unlink(place_path(p, "t.db")) : truncate(place_path(p, "t.db"), 0), 0);
        d = NULL;
        assert_int_equal(db_open(&d, place_url(p, "t.db"), DB_WRITE, &p->e), -ERR_PERMANENT);
        assert_non_null(strstr(p->e.text, "is gone or empty"));
    }
    assert_int_equal(unlink(place_path(p, "t.db-lock")), 0);
    db_close(place_open(p, DB_WRITE));
}

static void place_copy(struct place *p, const char *from, const char *to)
{
    struct str s;
    assert_int_equal(file_read(p->a, place_path(p, from), 4 << 20, &s, &p->e), 0);
    place_write(p, to, s.p, s.n);
}

/* The log of a store that is copied while it is in use, as a killed owner leaves it: whole it is taken, else refused.
 */
static void test_damaged_log(void **state)
{
    struct place *p = *state;
    static const struct {
        const char *what;
        off_t keep, noise; /* bytes to keep of the log, where to write noise; -1: not at all */
        int class;
    } rows[] = {
        {"whole", -1, -1, 0},
        {"cut short by a page", 3 * 16408 + 32, -1, ERR_PERMANENT},
        {"empty", 0, -1, ERR_PERMANENT},
        {"its header", -1, 16, ERR_PERMANENT},
        {"a page in the middle", -1, 2 * 16408 + 5000, ERR_PERMANENT},
        {"the head of a frame", -1, 32 + 16408, ERR_PERMANENT},
        {"behind its end", -1, 200 * 16408, 0},
    };
    AUTO(db_auto) struct db *d = place_open(p, DB_WRITE);
    for (int i = 0; i < 5; i++)
        assert_int_equal(db_exec(d, i ? "INSERT INTO t VALUES (zeroblob(20000))" : "CREATE TABLE t (b)", &p->e), 0);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (enum db_mode mode = DB_WRITE; mode <= DB_READ; mode++) {
            struct db *copy = NULL;
            place_copy(p, "t.db", "c.db");
            place_copy(p, "t.db-wal", "c.db-wal");
            place_copy(p, "t.db-shm", "c.db-shm");
            if (rows[i].keep >= 0)
                assert_int_equal(truncate(place_path(p, "c.db-wal"), rows[i].keep), 0);
            if (rows[i].noise >= 0) {
                int fd = open(place_path(p, "c.db-wal"), O_WRONLY);
                assert_int_equal(pwrite(fd, "noise", 5, rows[i].noise), 5);
                close(fd);
            }
            int rc = db_open(&copy, place_url(p, "c.db"), mode, &p->e);
            if (rc != -rows[i].class)
                fail_msg("%s: %d: %s", rows[i].what, rc, p->e.text);
            if (rc == 0)
                assert_int_equal(one_int(copy, "SELECT count(*) FROM t"), 4);
            else
                assert_non_null(strstr(p->e.text, "remove"));
            db_close(copy);
        }
    /* On a new machine, or after a restart of this one, nobody knows better. */
    place_copy(p, "t.db", "c.db");
    place_copy(p, "t.db-wal", "c.db-wal");
    assert_int_equal(truncate(place_path(p, "c.db-wal"), 5 * 16408), 0);
    unlink(place_path(p, "c.db-shm"));
    struct db *copy = NULL;
    assert_int_equal(db_open(&copy, place_url(p, "c.db"), DB_WRITE, &p->e), 0);
    assert_true(one_int(copy, "SELECT count(*) FROM t") < 4);
    db_close(copy);
}

/* Permissions bind everybody but root. */
static void test_read_only_folder(void **state)
{
    struct place *p = *state;
    assert_int_equal(chmod(p->folder, 0555), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct db *d = NULL;
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(2);
        int rc = db_open(&d, place_url(p, "t.db"), DB_WRITE, &p->e);
        _exit(rc == -ERR_CONFIG && strstr(p->e.text, "Permission denied") ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(chmod(p->folder, 0700), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Whatever write or sync fails, the statement says so, nothing of it is there, and the next one works. */
static void test_faults(void **state)
{
    struct place *p = *state;
    AUTO(db_auto) struct db *d = place_open(p, DB_WRITE);
    static const int errors[] = {ENOSPC, EIO};
    unsigned failed = 0;
    assert_int_equal(db_exec(d, "CREATE TABLE t (i INTEGER PRIMARY KEY, b)", &p->e), 0);
    int64_t rows = 0;
    for (unsigned n = 1; n <= 40; n++) {
        int error = errors[n % 2];
        db_fault(d, n, error);
        int rc = db_exec(d, "INSERT INTO t (b) VALUES (zeroblob(100000))", &p->e);
        db_fault(d, 0, 0);
        if (rc == 0) {
            rows++;
        } else {
            failed++;
            assert_int_equal(rc, -ERR_TRANSIENT);
            assert_true(p->e.code == ENOSPC || p->e.code == EIO);
            assert_false(db_in_transaction(d));
        }
        assert_int_equal(one_int(d, "SELECT count(*) FROM t"), rows);
        assert_int_equal(db_exec(d, "INSERT INTO t (b) VALUES (1)", &p->e), 0);
        rows++;
    }
    assert_true(failed >= 5);
    assert_true(failed < 40);
    AUTO(db_stmt_auto) struct db_stmt *check_stmt = NULL;
    assert_int_equal(db_prepare(d, "PRAGMA integrity_check", &check_stmt, &p->e), 0);
    assert_int_equal(db_next(check_stmt, &p->e), 1);
    assert_string_equal(db_text(check_stmt, 0).p, "ok");
}

static void test_fault_code(void **state)
{
    struct place *p = *state;
    AUTO(db_auto) struct db *d = place_open(p, DB_WRITE);
    assert_int_equal(db_exec(d, "CREATE TABLE t (i)", &p->e), 0);
    static const int errors[] = {ENOSPC, EIO};
    for (size_t i = 0; i < COUNT(errors); i++) {
        db_fault(d, 1, errors[i]);
        assert_int_equal(db_exec(d, "INSERT INTO t VALUES (1)", &p->e), -ERR_TRANSIENT);
        assert_int_equal(p->e.code, errors[i]);
        assert_int_equal(db_exec(d, "INSERT INTO t VALUES (1)", &p->e), -ERR_TRANSIENT); /* until it is switched off */
        db_fault(d, 0, 0);
        assert_int_equal(db_exec(d, "INSERT INTO t VALUES (1)", &p->e), 0);
    }
    assert_int_equal(one_int(d, "SELECT count(*) FROM t"), COUNT(errors));
}

int main(void)
{
#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, place_make, place_drop)
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_values),       PLACE_TEST(test_transactions), PLACE_TEST(test_one_writer_many_readers),
        PLACE_TEST(test_reader_alone), PLACE_TEST(test_refused),      PLACE_TEST(test_damaged),
        PLACE_TEST(test_vanished),     PLACE_TEST(test_damaged_log),  PLACE_TEST(test_read_only_folder),
        PLACE_TEST(test_faults),       PLACE_TEST(test_fault_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
