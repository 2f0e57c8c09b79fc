/*
 * template.h: texts with variables, as operators write them: {{name}}; {{#name}}…{{/name}} when it is there;
 * {{^name}}…{{/name}} when it is not; {{! a remark }}. Nothing is escaped; a line that holds only a section's tag or
 * a remark leaves no line; line breaks at the very end do not count. A tag stands in one line. At most 64 KiB. Pure.
 */
#ifndef CONF_TEMPLATE_H
#define CONF_TEMPLATE_H

#include "base/base.h"

struct arena;
struct problems;
struct text;

struct template_value {
    const char *name;
    const char *text; /* NULL or "": not there */
};
struct template_values {
    const struct template_value *v;
    size_t n;
};

struct template; /* in the arena it was read into */
/*
 * known: names that may be used; others are problems with the nearest valid word, as are sections that do not close,
 * each with line and column. NULL when there is one.
 */
struct template *template_read(struct arena *a, const char *file, struct str content, const char *const *known,
                               size_t n_known, struct problems *p);
void template_write(const struct template *t, const struct template_values *values, struct text *to);

#endif
