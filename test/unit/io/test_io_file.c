#include "base/base.h"

#include "base/arena.h"
#include "io/file.h"

#include <setjmp.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

struct place {
    struct arena *arena;
    const char *folder;
};

static int open_place(void **state)
{
    static struct place p;
    struct err e;
    p.arena = arena_new(16 * 1024 * 1024);
    assert_int_equal(folder_temp(p.arena, "lockstep-test", &p.folder, &e), 0);
    *state = &p;
    return 0;
}

static int close_place(void **state)
{
    struct place *p = *state;
    folder_remove(p->folder);
    assert_false(path_exists(p->folder));
    arena_free(p->arena);
    return 0;
}

static void test_write_and_read(void **state)
{
    struct place *p = *state;
    struct str s;
    struct err e;
    const char *path = path_beside(p->arena, arena_fmt(p->arena, "%s/other", p->folder), "file");
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {{"hello\n", 6}, {"", 0}, {"a\0b", 3}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(file_write(path, (struct str){rows[i].bytes, rows[i].n}, &e), 0);
        assert_int_equal(file_read(p->arena, path, 100, &s, &e), 0);
        assert_true(str_same(s, (struct str){rows[i].bytes, rows[i].n}));
        assert_int_equal(s.p[s.n], '\0');
    }
    assert_true(path_exists(path));
}

static void test_write_keeps_the_mode(void **state)
{
    struct place *p = *state;
    struct stat st;
    struct err e;
    const char *path = arena_fmt(p->arena, "%s/mode", p->folder);
    assert_int_equal(file_write(path, STR("x"), &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(file_write(path, STR("y"), &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

static void test_read_limit(void **state)
{
    struct place *p = *state;
    const char *path = arena_fmt(p->arena, "%s/large", p->folder);
    struct err e;
    struct str s = {NULL, 7};
    char *bytes = arena_zero(p->arena, 100001);
    assert_int_equal(file_write(path, (struct str){bytes, 100001}, &e), 0);
    assert_int_equal(file_read(p->arena, path, 100000, &s, &e), -ERR_CONFIG);
    assert_non_null(strstr(e.text, "larger than 100000 bytes"));
    assert_int_equal(s.n, 7);
    assert_int_equal(file_read(p->arena, path, 100001, &s, &e), 0);
    assert_int_equal(s.n, 100001);
}

/* Files that do not tell their size. */
static void test_read_without_size(void **state)
{
    struct place *p = *state;
    struct err e;
    struct str s;
    assert_int_equal(file_read(p->arena, "/proc/self/status", 100000, &s, &e), 0);
    assert_non_null(strstr(s.p, "Pid:"));
    assert_int_equal(file_read(p->arena, "/dev/zero", 100000, &s, &e), -ERR_CONFIG);
    assert_int_equal(file_read(p->arena, "/dev/null", 100000, &s, &e), 0);
    assert_int_equal(s.n, 0);
}

static void test_failures(void **state)
{
    struct place *p = *state;
    struct err e;
    struct str s;
    const char *none = arena_fmt(p->arena, "%s/none", p->folder);
    assert_int_equal(file_read(p->arena, none, 10, &s, &e), -ERR_MISSING);
    assert_string_equal(e.text, arena_fmt(p->arena, "cannot read %s: No such file or directory", none));
    assert_int_equal(file_read(p->arena, p->folder, 10, &s, &e), -ERR_CONFIG);
    assert_non_null(strstr(e.text, "Is a directory"));
    assert_int_equal(file_write(arena_fmt(p->arena, "%s/x", none), STR("x"), &e), -ERR_CONFIG);
    assert_int_equal(file_write(p->folder, STR("x"), &e), -ERR_CONFIG); /* and leaves nothing beside it */
    assert_false(path_exists(none));
}

static void test_path_beside(void **state)
{
    struct place *p = *state;
    static const struct {
        const char *beside, *path, *wanted;
    } rows[] = {{"/etc/a.yaml", "b", "/etc/b"}, {"/etc/a.yaml", "/b", "/b"},
                {"a.yaml", "b", "b"},           {"/a", "b", "/b"},
                {"x/y/z", "../b", "x/y/../b"},  {NULL, "b", "b"}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(path_beside(p->arena, rows[i].beside, rows[i].path), rows[i].wanted);
}

static void test_environment(UNUSED void **state)
{
    assert_int_equal(setenv("LOCKSTEP_TEST", "value", 1), 0);
    assert_string_equal(env_get("LOCKSTEP_TEST"), "value");
    assert_int_equal(unsetenv("LOCKSTEP_TEST"), 0);
    assert_null(env_get("LOCKSTEP_TEST"));
}

static void test_log_sink(UNUSED void **state)
{
    int fd[2];
    char got[6] = "";
    assert_int_equal(pipe(fd), 0);
    struct log_sink sink = log_fd_sink(fd[1]);
    sink.write(sink.ctx, STR("line\n"));
    assert_int_equal(read(fd[0], got, 5), 5);
    assert_string_equal(got, "line\n");
    assert_in_range(sink.now_ms(sink.ctx), 1700000000000, 4000000000000);
    close(fd[0]);
    close(fd[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read), cmocka_unit_test(test_write_keeps_the_mode),
        cmocka_unit_test(test_read_limit),     cmocka_unit_test(test_read_without_size),
        cmocka_unit_test(test_failures),       cmocka_unit_test(test_path_beside),
        cmocka_unit_test(test_environment),    cmocka_unit_test(test_log_sink),
    };
    return cmocka_run_group_tests(tests, open_place, close_place);
}
