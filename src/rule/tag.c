#include "base/base.h"
#include "rule/tag.h"

bool tag_in(const char *whiteboard, const char *tag)
{
    if (text_blank(whiteboard) || text_blank(tag))
        return false;
    size_t n = strlen(tag);
    const char *last = strrchr(whiteboard, ']');
    for (const char *at = strchr(whiteboard, '['); at && last && at < last; at = strchr(at + 1, '[')) {
        if (strncasecmp(at + 1, tag, n) != 0)
            continue;
        /* The last bracket lies behind, so a dash is sure to be followed by one. */
        const char *next = at + 1 + n;
        if (*next == ']' || (*next == '-' && next < last))
            return true;
    }
    return false;
}
