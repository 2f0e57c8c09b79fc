/* unit.h: what the unit tests of base share: cmocka, and a check that a call ends the program. */
#ifndef UNIT_BASE_UNIT_H
#define UNIT_BASE_UNIT_H

#include "base/base.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka has a macro called as ours; ours stays. */
#pragma push_macro("fail")
#undef fail
#include <cmocka.h>
#undef fail
#pragma pop_macro("fail")

#define assert_str_is(s, literal)                                                                                      \
    do {                                                                                                               \
        struct str is_ = (s);                                                                                          \
        assert_int_equal(is_.n, sizeof(literal) - 1);                                                                  \
        assert_memory_equal(is_.p, literal, sizeof(literal) - 1);                                                      \
    } while (0)

/* Runs f in a child; true when it ended by abort(). */
static inline bool dies(void (*f)(void))
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, 2);
        f();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
