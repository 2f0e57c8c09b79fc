#include "base/base.h"
#include "io/user.h"
#include "base/arena.h"

#include <pwd.h>
#include <unistd.h>

enum { USER_ENTRY_BYTES = 16 * 1024 };

const char *user_name(struct arena *a, int64_t uid)
{
    struct passwd entry, *found = NULL;
    char *room = arena_bytes(a, USER_ENTRY_BYTES);
    if (getpwuid_r((uid_t)uid, &entry, room, USER_ENTRY_BYTES, &found) == 0 && found)
        return arena_text(a, found->pw_name);
    return arena_fmt(a, "user %" PRId64, uid);
}
