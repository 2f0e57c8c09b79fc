/* Any bytes as a comment text: refused with a place, or written, never longer than its parts allow. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "conf/problem.h"
#include "conf/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const known[] = {"a", "b", "author"};
    static const struct template_value given[] = {{"a", "{{#b}}"}, {"b", ""}, {"author", "ann"}};
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    AUTO(text_auto) struct text t;
    struct problems p;
    text_init(&t, 1 << 20);
    problems_init(&p, a);
    const struct template *x = template_read(a, "t.md", (struct str){(const char *)data, n}, known, COUNT(known), &p);
    check((x == NULL) == (p.errors > 0));
    for (size_t i = 0; i < p.n; i++)
        check(p.v[i].is_warning || (p.v[i].line > 0 && p.v[i].column > 0));
    if (x)
        template_write(x, &(struct template_values){given, COUNT(given)}, &t);
    check(t.n <= 2 * n);
    return 0;
}
