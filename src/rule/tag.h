/* tag.h: does a whiteboard carry a tag? Pure, linear in the whiteboard. */
#ifndef RULE_TAG_H
#define RULE_TAG_H

#include "base/base.h"

/* `[tag]` or `[tag-anything]` anywhere in the whiteboard, the tag without ASCII case. NULL and "" carry none. */
bool tag_in(const char *whiteboard, const char *tag);

#endif
