#include "base/base.h"

void check_failed(const char *cond, const char *file, int line)
{
    (void)fprintf(stderr, "lockstep: %s:%d: check failed: %s\n", file, line, cond);
    abort();
}
